"""How far the targets have come, as a table of the report."""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.progress_lines import amount
from forecasting.briefing.targets.words import TargetWords
from forecasting.briefing.words import DASH
from forecasting.programmes.achieved import is_deliverable
from forecasting.programmes.progress import Progress
from forecasting.programmes.progress_table import light_word, round_final, rule_text


def achieved_table(results: Sequence[Progress], words: TargetWords) -> Table:
    """Achieved against the target: share, expected final value, probability and light.

    Parameters
    ----------
    results : sequence of Progress
        Those without a value are left out; one that is withheld has its mark.
    words : TargetWords
    """
    language = words.language
    known = [found for found in results if found.achieved is not None or found.mark]
    columns = [
        Column(language.gettext("Code")),
        Column(language.gettext("Indicator"), width=1.0),
        Column(language.gettext("Achieved"), "right"),
        Column(language.gettext("Target"), "right"),
        Column(language.gettext("Share of target"), "right"),
        Column(language.gettext("Expected"), "right"),
        Column(language.gettext("Probability"), "right"),
        Column(language.gettext("Light")),
    ]
    caption = language.gettext("Progress up to {date}").format(
        date=language.short_date(results[0].cut_off)
    )
    note = " ".join(dict.fromkeys(rule_text(found, language) for found in known))
    return Table(caption, columns, [_row(found, words) for found in known], (), note)


def _row(found: Progress, words: TargetWords) -> list[Text]:
    language, unit = words.language, found.indicator.unit

    def value(number: float | None) -> str:
        return DASH if number is None else words.value(number, unit)

    def with_unit(number: float | None) -> str:
        return DASH if number is None else amount(found, number, words.counts)

    achieved = None if found.achieved is None else found.achieved.value
    withheld = achieved is None and found.mark
    bare = found.target is not None and not is_deliverable(found.indicator)
    return [
        found.indicator.code,
        words.counts.text(found.indicator.label),
        withheld or (value(achieved) if bare else with_unit(achieved)),
        with_unit(found.target),
        DASH if found.share is None else language.percent(found.share),
        value(round_final(found, found.expected)),
        DASH if found.probability is None else words.share(found.probability),
        DASH if found.light is None else light_word(found.light, language),
    ]
