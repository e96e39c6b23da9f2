"""Progress of a programme as a table for a file, with the rule behind each row in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from forecasting.languages import Language
from forecasting.periods import format_period
from forecasting.programmes.achieved import unit_text
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.progress import RANGE_LEVEL, Light, Progress
from forecasting.programmes.small_counts import mark_text, withhold_small_counts
from forecasting.programmes.units import parse_unit


def progress_table(
    programme: Programme,
    results: Sequence[Progress],
    language: Language,
    *,
    exact: bool = False,
) -> pd.DataFrame:
    """Write progress as a table, one row per monitored indicator; small counts are withheld.

    Parameters
    ----------
    programme : Programme
    results : sequence of Progress
        What `progress` returned.
    language : Language
        Of names, units, lights and rules.
    exact : bool
        Keep small counts, marked as internal; see `small_counts.withhold_small_counts`.

    Returns
    -------
    pandas.DataFrame
        Published values, the achieved one, what the plan asks for by its date, the share of the
        way to the target, the expected final value with its range, the probability of the target,
        the light, and the rules behind them. Empty cells: not given, or not to be had; the rule
        says why. Of a deliverable 1 is done, 0 is not done. The column ``withheld`` holds ``c``
        where a value is withheld, ``internal`` where it is not for publication.
    """
    shown = withhold_small_counts(programme, results, exact=exact)
    return pd.DataFrame([_row(programme, found, language) for found in shown])


def light_word(light: Light, language: Language) -> str:
    """Name a light in the reader's language."""
    words = {
        "green": language.gettext("green"),
        "amber": language.gettext("amber"),
        "red": language.gettext("red"),
    }
    return words[light]


def rule_text(found: Progress, language: Language) -> str:
    """Say how the expected final value and the light of an indicator arise, and what is missing."""
    if found.achieved is None and found.mark:
        return mark_text(found, language)
    if found.achieved is None:
        return language.gettext("No value by the cut-off date: nothing can be said.")
    parts = [_value_rule(found, language)]
    if found.rule not in {"paths", "draws"}:
        parts.append(language.gettext("No probability: there are no sample paths."))
    parts += [_light_rule(found, language), mark_text(found, language)]
    return " ".join(filter(None, parts))


def round_final(found: Progress, value: float | None) -> float | None:
    """Round an expected value: percentages to tenths, others as the indicator is rounded."""
    if value is None:
        return None
    if parse_unit(found.indicator.unit).is_percent:
        return round(value, 1)
    step = found.indicator.rounding
    return float(step * round(value / step))


def _value_rule(found: Progress, language: Language) -> str:
    rules, level = found.rules, language.percent(RANGE_LEVEL / 100)
    texts = {
        "paths": language.gettext(
            "Expected: the achieved value and what the sample paths add after its date; range: "
            "{level} of the paths."
        ),
        "draws": language.gettext(
            "Expected: the achieved value and, of each drawn final value, the share that the plan "
            "leaves for the time after its date; range: {level} of the draws."
        ),
        "pace": language.gettext(
            "Expected: the rest of the plan comes at the pace so far, where the plan is straight "
            "from the baseline through the milestone to the target, and straight in time without "
            "a target; range: at {slower} to {faster} of that pace, an assumption."
        ),
        "nothing due": language.gettext(
            "Expected: not calculated, since the plan asks for nothing by the date of the value."
        ),
        "met": language.gettext(
            "Expected: not calculated, since a deliverable, a number a year or a percentage "
            "without a baseline has no path to the target."
        ),
    }
    return texts[found.rule].format(
        level=level,
        slower=language.percent(rules.slower),
        faster=language.percent(rules.faster),
    )


def _light_rule(found: Progress, language: Language) -> str:
    if found.target is None:
        return language.gettext("No share and no light: the document gives no number as target.")
    if found.probability is not None:
        return language.gettext(
            "Light: green from a probability of {green} on, amber from {amber} on, red below."
        ).format(
            green=language.percent(found.rules.green), amber=language.percent(found.rules.amber)
        )
    if found.rule == "met":
        return language.gettext(
            "Light: green if the target is met, amber if it is not and its date is ahead, red if "
            "its date has passed."
        )
    if found.rule == "nothing due":
        return language.gettext("Light: green while nothing is due.")
    return language.gettext(
        "Light: green if the expected value meets the target, amber if only the better end of the "
        "range does, red if not even that."
    )


def _row(programme: Programme, found: Progress, language: Language) -> dict[str, object]:
    indicator, value = found.indicator, found.achieved
    return {
        "programme": programme.id,
        "version": found.version.version,
        "indicator": indicator.code,
        "name": indicator.name[language.code],
        "unit": unit_text(indicator, language),
        "baseline": found.baseline,
        "milestone": found.milestone,
        "milestone_date": format_period(found.milestone_date),
        "target": found.target,
        "target_date": format_period(found.target_date),
        "cut_off": str(found.cut_off),
        "value_date": None if value is None else str(value.cut_off),
        "achieved": None if value is None else value.value,
        "withheld": found.mark,
        "due": None if found.due is None else round(found.due, 1),
        "share": None if found.share is None else round(found.share, 4),
        "expected": round_final(found, found.expected),
        "lower": round_final(found, found.lower),
        "upper": round_final(found, found.upper),
        "probability": found.probability,
        "light": None if found.light is None else light_word(found.light, language),
        "rule": rule_text(found, language),
        "source": None if value is None else value.source,
        "remark": None if value is None else value.remark,
    }
