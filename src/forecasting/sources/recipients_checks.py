"""Whether a column of social assistance holds one count throughout, and which of the two."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import pandas as pd

from forecasting.languages.messages import message_words, say
from forecasting.periods import format_period
from forecasting.sources.spreadsheet import Cell, Faults

LOWEST, HIGHEST = 0.75, 1.35
"""From one month to the next; persons entitled are 1.5 to 2 times the recipients."""

_CHANCE = 6  # a change of fewer standard deviations of a Poisson count may be chance


def check_one_count(
    values: Mapping[pd.Period, float | None], cells: Mapping[pd.Period, Cell], faults: Faults
) -> None:
    """Add a fault for each month in which a column seems to change to the other count.

    Parameters
    ----------
    values : mapping of pandas.Period to float or None
        By month, in order; None where a cell could not be read.
    cells : mapping of pandas.Period to Cell
        Where the values stand.
    faults : Faults
        A change outside `LOWEST` to `HIGHEST` that is more than chance is added, together with the
        month in which it goes back, if it does.
    """
    jumps = _jumps(values)
    while jumps:
        month, factor = next(iter(jumps.items()))
        back = next((later for later in jumps if (jumps[later] > 1) != (factor > 1)), None)
        faults.add(
            _jump(values, month, factor, back),
            where=cells[month].where,
            expected=say(
                "one count throughout, {lowest} to {highest} times the month before",
                lowest=message_words().number(LOWEST, 2),
                highest=message_words().number(HIGHEST, 2),
            ),
            action=say(
                "put recipients and persons entitled into two columns; if the way of counting "
                "changed, import the months before and after as two files"
            ),
        )
        jumps = {later: each for later, each in jumps.items() if later not in (month, back)}


def _jump(
    values: Mapping[pd.Period, float | None],
    month: pd.Period,
    factor: float,
    back: pd.Period | None,
) -> str:
    words = {
        "value": f"{values[month]:.0f}",
        "before": f"{values[month - 1]:.0f}",
        "factor": message_words().number(factor, 2) if math.isfinite(factor) else "∞",
    }
    if back is None:
        return say("{value} after {before}, {factor} times as many", **words)
    return say(
        "{value} after {before}, {factor} times as many, and back in {month}",
        **words,
        month=format_period(back),
    )


def check_two_counts(
    recipients: Mapping[pd.Period, float | None],
    entitled: Mapping[pd.Period, float | None],
    cells: Mapping[pd.Period, Cell],
    faults: Faults,
) -> None:
    """Add a fault for each month with fewer persons entitled than recipients.

    If it is so in every month, one fault: the columns are interchanged.
    """
    pairs = {month: (recipients[month], entitled[month]) for month in recipients}
    fewer = [month for month, (families, persons) in pairs.items()
             if families is not None and persons is not None and persons < families]  # fmt: skip
    swapped = len(fewer) == len(pairs) > 1
    for month in fewer[:1] if swapped else fewer:
        counts = {"entitled": f"{entitled[month]:.0f}", "recipients": f"{recipients[month]:.0f}"}
        faults.add(
            say(
                "{entitled} persons entitled, but {recipients} recipients, and likewise in every "
                "month",
                **counts,
            )
            if swapped
            else say("{entitled} persons entitled, but {recipients} recipients", **counts),
            where=cells[month].where,
            expected=say("at least as many persons entitled as recipients, who are one per family"),
            action=say("interchange the columns") if swapped else None,
        )


def _jumps(values: Mapping[pd.Period, float | None]) -> dict[pd.Period, float]:
    """Return the factors that are out of bounds, by month; a month after a gap has none."""
    jumps = {}
    for (last, before), (month, value) in pairwise(values.items()):
        if before is None or value is None or last + 1 != month:
            continue
        factor = value / before if before else math.inf
        by_chance = abs(value - before) <= _CHANCE * math.sqrt(max(before, 1))
        if not by_chance and not LOWEST <= factor <= HIGHEST:
            jumps[month] = factor
    return jumps
