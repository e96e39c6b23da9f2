"""Length of stay from spells: persons with an entry date, an exit date or none yet.

Whoever looks at the records of a window sees long stays too often (they are present when it begins)
and too short (they have not ended when it closes). Both are part of the likelihood: a person seen
only from age l on counts as if the stay were known to exceed l (late entry, left truncation), one
still present at age x as known to exceed x (right censoring):

    log L = sum over ended log f(x) + sum over others log S(x) - sum over all log S(l)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecasting.errors import InputError, ModelError
from forecasting.stocks.duration_units import periods_per
from forecasting.stocks.stay_curve import EXPONENTIAL_TAIL, Curve, make_curve
from forecasting.stocks.stay_estimation import (
    Objective,
    StayEstimate,
    best_estimate,
    check_exits,
    families_to_try,
)

_DAY = "%Y-%m-%d"
_HALF_DAY = 0.5
_SMALL_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class Spells:
    """Ages between which persons were seen present, shape ``(n,)`` each.

    Attributes
    ----------
    first_age : numpy.ndarray
        Age in periods from which a person was seen; 0 if from the entry on.
    last_age : numpy.ndarray
        Age in periods at the exit, or at the end of the observation.
    ended : numpy.ndarray
        Whether `last_age` is that of an exit.

    Raises
    ------
    InputError
        If an age is not finite, below 0, or the last one is not above the first.
    """

    first_age: np.ndarray
    last_age: np.ndarray
    ended: np.ndarray

    def __post_init__(self) -> None:
        if not len(self.first_age) == len(self.last_age) == len(self.ended) > 0:
            counts = f"{len(self.first_age)}, {len(self.last_age)} and {len(self.ended)}"
            raise InputError(f"{counts} values", where="spells", expected="one a person of each")
        fine = (self.first_age >= 0) & (self.last_age > self.first_age)
        wrong = np.flatnonzero(~(fine & np.isfinite(self.last_age)))
        if len(wrong):
            row = wrong[0]
            raise InputError(
                f"seen from age {self.first_age[row]:g} to {self.last_age[row]:g}",
                where=f"spell {row + 1}",
                expected="ages of 0 or more, the last above the first",
            )


def make_spells(
    dates: pd.DataFrame,
    *,
    cut_off: str | pd.Timestamp,
    frequency: str = "M",
    where: str = "spells",
) -> Spells:
    """Make spells from dates.

    Persons enter and leave in the middle of a day; the observation begins with the first moment of
    its first day and ends with the last of the cut-off. A stay that ends on the day it began
    counts as half a day.

    Parameters
    ----------
    dates : pandas.DataFrame
        One row a person: ``entry``, ``exit`` (empty: still present) and, where persons were not
        seen from their entry on, ``observed_from`` (empty: seen from the entry). Dates, or text
        ``YYYY-MM-DD``. The index names the row in messages.
    cut_off : str or pandas.Timestamp
        Last day of the observation: whoever left later was still present then.
    frequency : {"M", "Q", "Y"}
        Length of a period.
    where : str
        File of the rows, for messages.

    Returns
    -------
    Spells

    Raises
    ------
    InputError
        With the row, if a date is missing or none, an exit lies before the entry or before the
        observation began, or an entry lies after the cut-off.
    """
    end = _day(cut_off)
    for name in ("entry", "exit"):
        if name not in dates:
            raise InputError(f"column '{name}' missing", where=where, expected="entry, exit")
    entry, leave = (_dates(dates[name], where) for name in ("entry", "exit"))
    seen = _dates(dates["observed_from"], where) if "observed_from" in dates else entry
    seen = seen.fillna(entry)
    _refuse(entry.isna(), "no entry date", "YYYY-MM-DD", where)
    _refuse(entry > end, f"entry after the cut-off {end:%Y-%m-%d}", "an earlier entry", where)
    _refuse(leave < entry, "exit before the entry", "an exit on or after the entry", where)
    _refuse(leave < seen, "exit before the observation began", "only persons seen", where)
    _refuse(seen > end, "observed only after the cut-off", "an earlier observed_from", where)
    day = periods_per("days", frequency)
    ended = (leave <= end).to_numpy()
    last = (leave.where(leave <= end, end) - entry).dt.days.to_numpy(dtype=float)
    first = (seen - entry).dt.days.to_numpy(dtype=float)
    return Spells(
        first_age=day * np.maximum(first - _HALF_DAY, 0.0),
        last_age=day * np.where(ended, np.maximum(last, _HALF_DAY), last + _HALF_DAY),
        ended=ended,
    )


def estimate_from_spells(spells: Spells, *, distribution: str | None = None) -> StayEstimate:
    """Estimate a length of stay from spells by maximum likelihood.

    Parameters
    ----------
    spells : Spells
        With their late entry and censoring.
    distribution : {"exponential", "weibull", "lognormal", "gamma"}, optional
        Default: the one with the smallest Akaike criterion, 2 p - 2 log L.

    Returns
    -------
    StayEstimate

    Raises
    ------
    InputError
        If the distribution cannot be estimated.
    ModelError
        If there are too few completed stays, or they do not determine the parameters.

    References
    ----------
    J. P. Klein and M. L. Moeschberger (2003), Survival Analysis, 2nd edition, chapters 3 and 12,
    doi:10.1007/b97377.
    """
    n_exits = int(spells.ended.sum())
    seen = float((spells.last_age - spells.first_age).sum())
    return best_estimate(
        {name: _minus_log_likelihood(spells, name) for name in families_to_try(distribution)},
        n_exits=n_exits,
        rough_mean=seen / max(n_exits, 1),
    )


def product_limit(spells: Spells, *, tail: str | float | None = None) -> Curve:
    """Return the product-limit (Kaplan-Meier) survival with late entry, as a curve of steps.

    At each age x at which d persons left, of r seen present just before (first age < x <= last
    age), survival falls by the factor 1 - d/r.

    Parameters
    ----------
    spells : Spells
        With their late entry and censoring.
    tail : str or float, optional
        Needed, and used, where the longest spell has not ended: ``"exponential"`` at the mean exit
        rate since half had left (since the entry, if fewer than half have), or the longest stay in
        periods.

    Returns
    -------
    Curve

    Raises
    ------
    InputError
        If a tail is needed and missing, or not known.
    ModelError
        If all persons seen at some age left then, though others stayed longer: survival falls to
        zero there, which is accepted only where at most a twentieth was still present.

    References
    ----------
    E. L. Kaplan and P. Meier (1958), Nonparametric estimation from incomplete observations, Journal
    of the American Statistical Association 53(282), 457-481, doi:10.1080/01621459.1958.10501452.
    W.-Y. Tsai, N. P. Jewell and M.-C. Wang (1987), A note on the product-limit estimator under
    right censoring and left truncation, Biometrika 74(4), 883-886, doi:10.1093/biomet/74.4.883.
    """
    check_exits(int(spells.ended.sum()))
    exits, left = np.unique(spells.last_age[spells.ended], return_counts=True)
    seen = np.searchsorted(np.sort(spells.first_age), exits)
    present = seen - np.searchsorted(np.sort(spells.last_age), exits)
    shares = np.cumprod(1 - left / present)
    end = int(np.argmin(shares)) + 1  # nobody is seen to stay longer, or it is the last exit
    before = shares[end - 2] if end > 1 else 1.0
    longest = float(spells.last_age.max())
    if shares[end - 1] == 0 and exits[end - 1] < longest and before > _SMALL_SHARE:
        raise ModelError(
            f"all {left[end - 1]} persons seen at age {exits[end - 1]:.3g} left then, {before:.0%} "
            "of all who entered, though others stayed longer: survival cannot be followed from "
            "there; observe from an earlier day, or estimate a distribution"
        )
    return _steps(exits[:end], shares[:end], longest, tail)


def _steps(ages: np.ndarray, shares: np.ndarray, longest: float, tail: str | float | None) -> Curve:
    """Return the curve that falls to each share at its age and stays there until the next."""
    corners = np.concatenate([[0.0], np.repeat(ages, 2)])
    levels = np.concatenate([[1.0], [1.0], np.repeat(shares, 2)])[:-1]
    if shares[-1] == 0:
        return make_curve(corners, levels)
    corners, levels = np.append(corners, longest), np.append(levels, shares[-1])
    if tail != EXPONENTIAL_TAIL:
        return make_curve(corners, levels, tail=tail)
    half = int(np.searchsorted(-shares, -0.5))  # the first at which half have left
    since, share = (ages[half], shares[half]) if half < len(ages) - 1 else (0.0, 1.0)
    exit_rate = math.log(share / shares[-1]) / (longest - since)
    return Curve(tuple(corners.tolist()), tuple(levels.tolist()), 1 / exit_rate)


def _minus_log_likelihood(spells: Spells, name: str) -> Objective:
    from scipy import stats

    laws: dict[str, tuple[Any, Callable[[np.ndarray], tuple[float, ...]]]] = {
        "exponential": (stats.expon, lambda theta: (0, np.exp(theta[0]))),
        "weibull": (stats.weibull_min, lambda theta: (np.exp(theta[0]), 0, np.exp(theta[1]))),
        "lognormal": (stats.lognorm, lambda theta: (np.exp(theta[1]), 0, np.exp(theta[0]))),
        "gamma": (stats.gamma, lambda theta: (np.exp(theta[0]), 0, np.exp(theta[1]))),
    }
    law, arguments = laws[name]
    exits, present = spells.last_age[spells.ended], spells.last_age[~spells.ended]
    late = spells.first_age[spells.first_age > 0]

    def minus_log_likelihood(theta: np.ndarray) -> float:
        values = arguments(theta)
        known = law.logpdf(exits, *values).sum() + law.logsf(present, *values).sum()
        return float(law.logsf(late, *values).sum() - known)

    return minus_log_likelihood


def _day(value: str | pd.Timestamp) -> pd.Timestamp:
    day = pd.to_datetime(value, errors="coerce", format=_DAY)
    if pd.isna(day):
        raise InputError(f"'{value}' is no date", where="cut_off", expected="YYYY-MM-DD")
    return day.normalize()


def _dates(column: pd.Series, where: str) -> pd.Series:
    """Return the days of a column; an empty cell is missing."""
    given = column.notna() & (column.astype(str).str.strip() != "")
    days = pd.to_datetime(column.where(given), errors="coerce", format=_DAY)
    wrong = given & days.isna()
    text = column[wrong].iloc[0] if wrong.any() else ""
    _refuse(wrong, f"{column.name} '{text}' is no date", "YYYY-MM-DD", where)
    return days.dt.normalize()


def _refuse(wrong: pd.Series, found: str, expected: str, where: str) -> None:
    if wrong.any():
        raise InputError(found, where=f"{where}, row {wrong.idxmax()}", expected=expected)
