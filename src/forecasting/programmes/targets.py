"""The target rule: what may be promised, how a total is split, when a promise is passed.

Every quantile here is an order statistic, a value that really was drawn; interpolated values
are not counts that anyone attained. Numbers within 1e-9 (relative) of each other are equal, so
that 0.1 x 30 draws attain 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.programmes.quantities import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PassingPeriod",
    "allocate",
    "passing_period",
    "probability_met",
    "target_at",
    "unique_bounds",
    "unique_persons",
]


@dataclass(frozen=True)
class PassingPeriod:
    """When a value is reached, over the sample paths.

    Parameters
    ----------
    median : pandas.Period or None
        First period by whose end at least half the paths have reached the value; None if that is
        after the last period.
    interval : tuple of (pandas.Period or None, pandas.Period or None)
        The same for 10 % and 90 % of the paths.
    share_reached : float
        Share of the paths that reach the value by the last period.
    """

    median: pd.Period | None
    interval: tuple[pd.Period | None, pd.Period | None]
    share_reached: float


def target_at(
    draws: ArrayLike,
    probability: float | Fraction | Decimal | str,
    *,
    rounding: int | Fraction = 1,
) -> int | Fraction:
    """Return the largest value that is attained with a given probability, rounded down.

    The N draws are sorted upwards; the target is the one at index floor((1 - p) N), counted from
    0, rounded down to a multiple of `rounding`. At least the share p of the draws attains it, and
    before rounding no larger number is attained by that share.

    Parameters
    ----------
    draws : array_like, shape (n_draws,)
        Finite numbers.
    probability : float, Fraction, Decimal or str
        p, between 0 and 1, both excluded. A float counts as the decimal it prints as.
    rounding : int or Fraction, default 1
        What the target is a multiple of.

    Returns
    -------
    int or Fraction
        In the type of `rounding`.

    Raises
    ------
    InputError
        If there are no draws, a draw is not finite, the probability is not inside (0, 1) or the
        rounding is not above 0.

    Examples
    --------
    >>> target_at(range(1, 11), 0.8)
    3
    """
    values = np.sort(_finite(draws, "draws"))
    share = _probability(probability)
    if not isinstance(rounding, (int, Fraction)) or rounding <= 0:
        raise InputError(f"rounding {rounding!r}", expected="a whole number or Fraction above 0")
    attained = values[math.floor((1 - share) * values.size)]
    steps = Fraction(float(attained)) / rounding
    nearest = round(steps)
    is_whole = abs(steps - nearest) <= Fraction(TOLERANCE) * max(1, abs(nearest))
    return (nearest if is_whole else math.floor(steps)) * rounding


def probability_met(draws: ArrayLike, value: float | Fraction) -> float:
    """Return the share of draws that attain a value.

    Parameters
    ----------
    draws : array_like, shape (n_draws,)
        Finite numbers.
    value : float or Fraction
        The promised value.

    Returns
    -------
    float
        Share in [0, 1].

    Raises
    ------
    InputError
        If there are no draws, or a draw or the value is not finite.
    """
    return float(np.mean(_attained(_finite(draws, "draws"), value)))


def passing_period(cumulative: xr.DataArray, value: float | Fraction) -> PassingPeriod:
    """Return when the cumulative count reaches a value.

    Parameters
    ----------
    cumulative : xarray.DataArray
        Dims (path, period), with periods as `pandas.PeriodIndex`; on no path does it fall.
    value : float or Fraction
        The value to be reached.

    Returns
    -------
    PassingPeriod
        Median, interval of 10 % and 90 %, and the share of paths that reach the value at all.

    Raises
    ------
    InputError
        If the dims differ, a number is not finite, the count falls on a path, or there are no
        paths or periods.
    """
    periods, counts = _cumulative_counts(cumulative)
    reached = _attained(counts, value)
    first = np.where(reached.any(axis=1), reached.argmax(axis=1), len(periods))
    first.sort()

    def period_at(share: Fraction) -> pd.Period | None:
        place = int(first[math.ceil(share * first.size) - 1])
        return periods[place] if place < len(periods) else None

    low, median, high = (period_at(Fraction(tenths, 10)) for tenths in (1, 5, 9))
    return PassingPeriod(median, (low, high), float(np.mean(first < len(periods))))


def allocate(total: int, weights: Sequence[float | Fraction | Decimal]) -> list[int]:
    """Split a total in proportion to weights, by largest remainder.

    Each part is its exact share rounded down; what is left goes, one each, to the parts with the
    largest remainders, the first of equal ones first.

    Parameters
    ----------
    total : int
        What is split, not below 0.
    weights : sequence of int, float, Fraction or Decimal
        Not negative, at least one above 0. A float counts as the decimal it prints as.

    Returns
    -------
    list of int
        As long as `weights`; adds up to `total`.

    Raises
    ------
    InputError
        If the total is not a whole number from 0, or a weight is negative or not finite, or no
        weight is above 0.

    Examples
    --------
    >>> allocate(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = _count(total, "total")
    exact = [_exact(weight, "weight") for weight in weights]
    if any(weight < 0 for weight in exact) or not any(exact):
        raise InputError(
            f"weights {list(weights)!r}", expected="none below 0 and at least one above 0"
        )
    shares = [whole * weight / sum(exact) for weight in exact]
    parts = [math.floor(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - shares[place])
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def unique_persons(counts: Sequence[int], *, overlap: float | Fraction | Decimal | str) -> Fraction:
    """Return how many different persons several groups hold.

    The largest group counts in full; of every other group the share `overlap` has been counted
    already. An overlap of 0 gives the sum, of 1 the largest group: the two `unique_bounds`.

    Parameters
    ----------
    counts : sequence of int
        Persons in each group.
    overlap : float, Fraction, Decimal or str
        Share of each smaller group that is also in a larger one, from 0 to 1. A float counts as
        the decimal it prints as.

    Returns
    -------
    Fraction
        Exact; the caller applies the indicator's rounding rule.

    Raises
    ------
    InputError
        If there is no group, a count is not a whole number from 0 or the share is outside [0, 1].

    Examples
    --------
    >>> int(unique_persons([400, 300], overlap=0.25))
    625
    """
    most, total = unique_bounds(counts)
    share = _exact(overlap, "overlap")
    if not 0 <= share <= 1:
        raise InputError(f"overlap {overlap!r}", expected="a share from 0 to 1")
    return total - share * (total - most)


def unique_bounds(counts: Sequence[int]) -> tuple[int, int]:
    """Return the least and the greatest possible number of different persons.

    Parameters
    ----------
    counts : sequence of int
        Persons in each group.

    Returns
    -------
    tuple of (int, int)
        The largest group (all others are in it) and the sum (nobody is in two).

    Raises
    ------
    InputError
        If there is no group, or a count is not a whole number from 0.
    """
    groups = [_count(count, "count of persons") for count in counts]
    if not groups:
        raise InputError("no counts of persons", expected="one count per group")
    return max(groups), sum(groups)


def _attained(values: NDArray[np.float64], value: float | Fraction) -> NDArray[np.bool_]:
    promised = float(_exact(value, "value"))
    attained: NDArray[np.bool_] = values >= promised - TOLERANCE * max(1.0, abs(promised))
    return attained


def _cumulative_counts(cumulative: xr.DataArray) -> tuple[pd.PeriodIndex, NDArray[np.float64]]:
    if set(cumulative.dims) != {"path", "period"}:
        raise InputError(f"dims {cumulative.dims}", expected="('path', 'period')")
    periods = cumulative.indexes.get("period")
    if not isinstance(periods, pd.PeriodIndex):
        raise InputError(
            f"periods of type {type(periods).__name__}", expected="a pandas PeriodIndex"
        )
    if any(later <= earlier for earlier, later in pairwise(periods)):
        raise InputError("periods that do not follow each other in time", expected="sorted periods")
    counts = _finite(cumulative.transpose("path", "period").values, "cumulative counts", ndim=2)
    if (np.diff(counts, axis=1) < -TOLERANCE * np.maximum(1.0, counts[:, :-1])).any():
        raise InputError("cumulative counts that fall on a path", expected="sums from the start")
    return periods, counts


def _finite(values: ArrayLike, what: str, *, ndim: int = 1) -> NDArray[np.float64]:
    array = np.asarray(values)
    if array.dtype.kind not in "iuf" or array.ndim != ndim or not array.size:
        raise InputError(
            f"{what} of type {array.dtype} and shape {array.shape}",
            expected=f"numbers in {ndim} dimension{'s' * (ndim > 1)}, at least one",
        )
    floats = array.astype(np.float64)
    wrong = np.count_nonzero(~np.isfinite(floats))
    if wrong:
        raise InputError(f"{wrong} of {floats.size} {what} are not finite numbers")
    return floats


def _probability(probability: float | Fraction | Decimal | str) -> Fraction:
    share = _exact(probability, "probability")
    if not 0 < share < 1:
        raise InputError(
            f"probability {probability!r}", expected="a number between 0 and 1, both excluded"
        )
    return share


def _exact(number: object, what: str) -> Fraction:
    try:
        return Fraction(str(number))
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(f"{what} {number!r} is not a finite number") from error


def _count(number: object, what: str) -> int:
    exact = _exact(number, what)
    if exact < 0 or exact.denominator != 1:
        raise InputError(f"{what} {number!r}", expected="a whole number from 0")
    return int(exact)
