"""The chart of the report on targets with caption, note and alternative text."""

from __future__ import annotations

from forecasting.briefing.blocks import Figure
from forecasting.briefing.targets.material import TargetsMaterial
from forecasting.briefing.targets.range_chart import RangeChart, RangeRow, range_chart
from forecasting.briefing.targets.words import TargetWords
from forecasting.programmes.proposal import Proposal

OUTER, INNER = 80, 50


def chances_figure(material: TargetsMaterial, words: TargetWords) -> Figure:
    """Draw what may be reached by each target date against the published value."""
    language = words.language
    wide, narrow = (language.percent(level / 100) for level in (OUTER, INNER))
    chart = RangeChart(
        rows=[_row(each, material, words) for each in material.shown],
        keys=(
            language.gettext("{level} of the paths").format(level=wide),
            language.gettext("{level} of the paths").format(level=narrow),
            language.gettext("proposal, {share}").format(
                share=language.percent(material.probability)
            ),
            language.gettext("published"),
        ),
        heads=(language.gettext("published"), language.gettext("probability")),
        unit=language.gettext("value at the target date, in percent of the published target"),
    )
    return Figure(
        id="chances",
        caption=language.gettext("Published targets on the distributions of what is reached"),
        alt=_alt(material, words),
        svg=range_chart(chart, language),
        note=language.gettext(
            "Bars hold the middle {wide} and {narrow} of the paths; an arrow: the bar goes on. The "
            "probability is the share of the paths that reach the published value."
        ).format(wide=wide, narrow=narrow),
    )


def _row(proposal: Proposal, material: TargetsMaterial, words: TargetWords) -> RangeRow:
    published = float(proposal.published or 1)
    outer, inner = (
        (low / published, high / published)
        for low, high in (material.interval(proposal, level) for level in (OUTER, INNER))
    )
    return RangeRow(
        name=proposal.indicator.code,
        outer=outer,
        inner=inner,
        proposed=proposal.proposals[material.probability] / published,
        texts=(words.published(proposal), words.chance(proposal)),
    )


def _alt(material: TargetsMaterial, words: TargetWords) -> str:
    language = words.language
    chances = [
        language.gettext("{code} {share}").format(
            code=each.indicator.code, share=words.chance(each)
        )
        for each in material.shown
    ]
    return language.gettext(
        "Bar chart: for each indicator the range of what may be reached against the published "
        "target. Probability of the published target: {chances}."
    ).format(chances=language.join(chances))
