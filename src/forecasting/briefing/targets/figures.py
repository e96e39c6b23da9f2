"""The chart of the report on targets with caption, note and alternative text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from forecasting.briefing.blocks import Figure
from forecasting.briefing.targets.material import TargetsMaterial
from forecasting.briefing.targets.range_chart import RangeChart, RangeRow, range_chart
from forecasting.briefing.targets.words import TargetWords
from forecasting.programmes.proposal import Proposal

OUTER, INNER = 80, 50

MOST_ROWS = 12
"""In one chart: about a third of a page."""


def chances_figures(material: TargetsMaterial, words: TargetWords) -> tuple[Figure, ...]:
    """Draw what may be reached by each target date against the published value.

    Many indicators make several charts of about one height, on one axis.
    """
    shown, n_parts = material.shown, math.ceil(len(material.shown) / MOST_ROWS)
    rows = [_row(each, material, words) for each in shown]
    size, reach = math.ceil(len(rows) / n_parts), max(row.outer[1] for row in rows)
    figures = []
    for number in range(n_parts):
        part = slice(number * size, (number + 1) * size)
        chart = _chart(rows[part], reach, material, words)
        alt = words.noted(_alt(shown[part], words), words.under(material))
        figures.append(_figure(chart, alt, words.under(material), words))
    if n_parts == 1:
        return tuple(figures)
    return tuple(
        replace(
            each,
            id=f"{each.id}-{number}",
            caption=f"{each.caption} ({number}/{n_parts})",
            note=each.note if number == n_parts else "",
        )
        for number, each in enumerate(figures, start=1)
    )


def _chart(
    rows: list[RangeRow], reach: float, material: TargetsMaterial, words: TargetWords
) -> RangeChart:
    language = words.language
    wide, narrow = (language.percent(level / 100) for level in (OUTER, INNER))
    return RangeChart(
        rows=rows,
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
        reach=reach,
    )


def _figure(chart: RangeChart, alt: str, under: str, words: TargetWords) -> Figure:
    language = words.language
    wide, narrow = (language.percent(level / 100) for level in (OUTER, INNER))
    return Figure(
        id="chances",
        caption=language.gettext("Published targets on the distributions of what is reached"),
        alt=alt,
        svg=range_chart(chart, language),
        note=words.noted(
            language.gettext(
                "Bars hold the middle {wide} and {narrow} of the paths; an arrow: the bar goes on. "
                "The probability is the share of the paths that reach the published value."
            ).format(wide=wide, narrow=narrow),
            under,
        ),
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


def _alt(shown: Sequence[Proposal], words: TargetWords) -> str:
    language = words.language
    chances = [
        language.gettext("{code} {share}").format(
            code=each.indicator.code, share=words.chance(each)
        )
        for each in shown
    ]
    return language.gettext(
        "Bar chart: for each indicator the range of what may be reached against the published "
        "target. Probability of the published target: {chances}."
    ).format(chances=language.join(chances))
