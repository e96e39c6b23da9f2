r"""A monitor of breaks: abrupt level shifts, and single periods out of line.

The counts y are put on a scale that is the logarithm for large counts and on which the noise of
small and rounded counts does not grow,

    g(y) = 2 asinh(phi sqrt(y + 3/8 + r^2 / 12)),

the variance-stabilising transformation of counts whose variance is mu + phi^2 mu^2 (Anscombe 1948,
doi:10.1093/biomet/35.3-4.246); r is the multiple to which the publisher rounds. There g follows a
level that wanders, a fixed season and noise. In its differences a level shift is one pulse and an
outlier is a pulse and its opposite, so the t-value of either at every period comes out of one
generalised least squares fit; these are the auxiliary residuals of Harvey and Koopman (1992,
doi:10.1080/07350015.1992.10509913). The strongest one is taken out and the rest judged again, as in
Chen and Liu (1993, doi:10.2307/2290724). What makes it bear surges: the share of the noise is
estimated with the largest changes clipped, and a t-value counts in units of the ordinary size of
the changes, over the whole series and around the period.

What is found is abrupt. Whether the counting changed or the world did, figures alone cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.series.regular import RegularSeries
from forecasting.series.shifts import (
    ScaledCounts,
    Shift,
    count_at,
    robust_spread,
    scale_counts,
    search_shifts,
)

THRESHOLD = 4.6
"""Strength from which a change is reported; see docs/adr/0012-breaks.md for the false alarms."""

SHORTEST = 24
"""Periods that a series needs to tell an abrupt change from an ordinary one."""

ADVICE = {
    "level_shift": "abrupt level shift: check whether the counting changed; the figures alone do "
    "not tell a change in counting from a sudden real one",
    "outlier": "single period out of line: check the figure",
    "newest": "abrupt change in the newest figures: later ones will show whether it is a level "
    "shift or a single period out of line",
}

_SHAPES = {"level_shift": "step", "outlier": "pulse"}
_BESIDE = 6  # periods beside a shift whose median is the level there
_RAMP = 3  # periods to either side in which a slower change would show
_SHARPNESS = 0.6  # share of the change around it that an abrupt change makes up by itself


@dataclass(frozen=True)
class Break:
    """A change that ordinary changes of the series do not explain.

    Attributes
    ----------
    period : pandas.Period
        The first period of a shifted level, or the period out of line.
    kind : {"level_shift", "outlier"}
        Whether the change stays.
    size : float
        Factor of the counts (plus one) with the change relative to those without it.
    strength : float
        t-value, in units of the ordinary changes; negative for a fall.
    advice : str
        One of `ADVICE`: what to check.
    """

    period: pd.Period
    kind: str
    size: float
    strength: float
    advice: str

    @property
    def shape(self) -> str:
        """``step`` or ``pulse``: the shape of its effect as an intervention in a model."""
        return _SHAPES[self.kind]


def find_breaks(series: RegularSeries, *, threshold: float = THRESHOLD) -> tuple[Break, ...]:
    """Find abrupt level shifts and single outlying periods.

    A change that takes several periods (a surge) is not reported. The newest period can always be
    an outlier still; its advice says so.

    Parameters
    ----------
    series : RegularSeries
        Counts, at least 24 periods; missing values are allowed.
    threshold : float
        Absolute strength from which a change is reported.

    Returns
    -------
    tuple of Break
        By period; at most 12.

    Raises
    ------
    InputError
        If the series is shorter than 24 periods.
    """
    if len(series.values) < SHORTEST:
        raise InputError(
            f"{len(series.values)} observations",
            where=series.series_id,
            expected=f"{SHORTEST} or more, to tell a break from ordinary changes",
        )
    scaled = scale_counts(series)
    shifts = search_shifts(scaled, threshold)
    found = [
        _describe(series, scaled, shift)
        for shift in shifts
        if (_stands_out(scaled, shift, shifts) if shift.outlier else _is_sharp(scaled, shift))
    ]
    return tuple(sorted(found, key=lambda each: each.period))


def _describe(series: RegularSeries, scaled: ScaledCounts, shift: Shift) -> Break:
    kind = "outlier" if shift.outlier else "level_shift"
    newest = not shift.outlier and shift.at == len(scaled.levels) - 1
    advice = ADVICE["newest" if newest else kind]
    return Break(series.periods[shift.at], kind, _size(scaled, shift), shift.strength, advice)


def _size(scaled: ScaledCounts, shift: Shift) -> float:
    """Factor at the outlier, or at the level on the lower side of the shift."""
    levels, at, effect = scaled.levels, shift.at, shift.effect
    if shift.outlier:
        without = levels[at] - effect
    elif effect > 0:
        without = np.median(levels[max(0, at - _BESIDE) : at])
    else:
        without = np.median(levels[at : at + _BESIDE]) - effect
    return (1 + count_at(without + effect, scaled)) / (1 + count_at(without, scaled))


def _is_sharp(scaled: ScaledCounts, shift: Shift) -> bool:
    """Whether a level shift is abrupt, not a part of a slower change in the same direction."""
    around = np.arange(max(0, shift.at - 1 - _RAMP), min(len(scaled.changes), shift.at + _RAMP))
    same_way = np.sign(shift.effect) * scaled.changes - robust_spread(scaled.changes)
    own = same_way[shift.at - 1]
    return bool(0 < own >= _SHARPNESS * np.maximum(same_way[around], 0).sum())


def _stands_out(scaled: ScaledCounts, shift: Shift, shifts: list[Shift]) -> bool:
    """Whether an outlier differs from both sides, other outliers there taken out."""
    cleaned = np.concatenate([[0.0], np.cumsum(scaled.changes)])
    for other in shifts:
        if other.outlier and other.at != shift.at:
            cleaned[other.at] -= other.effect
    steps = np.sign(shift.effect) * (cleaned[shift.at] - cleaned[[shift.at - 1, shift.at + 1]])
    return bool((steps >= abs(shift.effect) / 2).all())
