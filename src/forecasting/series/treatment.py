"""What to do about breaks that were found: cut, model as interventions, or widen as well.

Nothing is done silently: whatever is chosen, each break leaves a note in the series, and the
observations that are kept are kept as they were published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say, say_n
from forecasting.periods import format_period
from forecasting.series.breaks import SHORTEST, Break
from forecasting.series.regular import RegularSeries
from forecasting.series.shifts import scale_counts

TREATMENTS = ("cut", "dummy", "widen")


@dataclass(frozen=True)
class Treated:
    """A series with its breaks dealt with.

    Attributes
    ----------
    series : RegularSeries
        With a note for each break.
    interventions : tuple of Break
        Breaks whose effect the model has to estimate, by their `Break.period` and `Break.shape`.
    widening : float
        Factor for the spread of the forecast on the log scale; 1 leaves it as it is.
    """

    series: RegularSeries
    interventions: tuple[Break, ...] = ()
    widening: float = 1.0


def treat_breaks(series: RegularSeries, found: Sequence[Break], *, treatment: str) -> Treated:
    """Deal with breaks in one of three ways.

    Parameters
    ----------
    series : RegularSeries
        The series in which they were found; not changed.
    found : sequence of Break
        See `find_breaks`.
    treatment : {"cut", "dummy", "widen"}
        *cut* keeps the observations from the last level shift on. *dummy* keeps all and hands the
        breaks to the model as interventions: the forecast is then made as if none were to come
        again. *widen* does the same and multiplies the spread by `widening`, so that breaks may
        come again as often as they have. A model that cannot take interventions has the breaks in
        its residuals already; it needs neither.

    Raises
    ------
    InputError
        If the treatment is unknown, a break lies outside the series, or a cut would leave fewer
        than 24 periods.
    """
    if treatment not in TREATMENTS:
        raise InputError(
            say("treatment '{name}' of breaks", name=treatment), expected=", ".join(TREATMENTS)
        )
    for each in found:
        if each.period not in series.periods:
            raise InputError(
                say("a break in {period}", period=format_period(each.period)),
                where=series.series_id,
                expected=say(
                    "{low} to {high}",
                    low=format_period(series.periods[0]),
                    high=format_period(series.origin),
                ),
                action=say("find the breaks in the series that is to be treated"),
            )
    if treatment == "cut":
        return Treated(_cut(series, found))
    factor = widening(series, found) if treatment == "widen" else 1.0
    words = "modelled as an intervention"
    words += f", spread multiplied by {factor:.2f}" if treatment == "widen" else ""
    return Treated(_noted(series, found, words), tuple(found), factor)


def widening(series: RegularSeries, found: Sequence[Break]) -> float:
    """Spread of all changes relative to the spread of those without a break; at least 1.

    Both are standard deviations of the changes from period to period on the scale of the monitor,
    season and drift taken out; the changes without a break leave out the change into each level
    shift, and into and out of each outlier.

    Raises
    ------
    InputError
        If nothing changes but the breaks.
    """
    if not found:
        return 1.0
    changes = scale_counts(series).changes
    positions = [each.period.ordinal - series.periods[0].ordinal for each in found]
    broken = {at - 1 for at in positions}
    broken |= {at for at, each in zip(positions, found, strict=True) if each.kind == "outlier"}
    ordinary = np.delete(changes, [at for at in broken if 0 <= at < len(changes)])
    spread = float(np.std(ordinary))
    if spread == 0:
        raise InputError(
            say("no changes but the breaks"),
            where=series.series_id,
            expected=say("ordinary changes to compare with"),
            action=say("use the treatment {choices}", choices=one_of(["cut", "dummy"])),
        )
    return max(1.0, float(np.std(changes)) / spread)


def _cut(series: RegularSeries, found: Sequence[Break]) -> RegularSeries:
    shifts = [each for each in found if each.kind == "level_shift"]
    if not shifts:
        return _noted(series, found, "left in: a cut is made at a level shift only")
    last = max(shifts, key=lambda each: each.period)
    kept = series.values[last.period :]
    start = format_period(last.period)
    if len(kept) < SHORTEST:
        raise InputError(
            say_n(
                "a cut before {period} leaves {n} observations",
                "a cut before {period} leaves {n} observations",
                len(kept),
                period=start,
            ),
            where=series.series_id,
            expected=say("{low} or more", low=SHORTEST),
            action=say("use the treatment {choices}", choices=one_of(["dummy", "widen"])),
        )
    note = f"cut before {start}: level shift ×{last.size:.2g} (counting may have changed)"
    later = [each for each in found if each.period > last.period]
    cut = replace(series, values=kept, notes=(*series.notes, note))
    return _noted(cut, later, "left in")


def _noted(series: RegularSeries, found: Sequence[Break], words: str) -> RegularSeries:
    notes = [f"{_words(each)}, {words}" for each in found]
    return replace(series, notes=(*series.notes, *notes))


def _words(each: Break) -> str:
    if each.kind == "outlier":
        return f"{format_period(each.period)}: single period out of line ×{each.size:.2g}"
    return f"{format_period(each.period)}: level shift ×{each.size:.2g} (counting may have changed)"
