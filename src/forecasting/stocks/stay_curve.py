"""Length of stay as a curve of survival: read from a file, or a product-limit estimate."""

# The methods of a distribution are documented once, by the protocol `LengthOfStay`.
# ruff: noqa: D102

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from forecasting.errors import InputError
from forecasting.stocks.length_of_stay import check_ages
from forecasting.stocks.stay_checks import check_mean, located
from forecasting.tables import parse_number, read_rows

EXPONENTIAL_TAIL = "exponential"

CURVE_COLUMNS = ("month", "survival")
"""Columns of a file with a curve."""

_TAILS = f"'{EXPONENTIAL_TAIL}', or a maximum stay beyond the last point"


@dataclass(frozen=True)
class Curve:
    """Stay given by its survival at some ages, linear between them.

    Two points at the same age are a step. After the last point survival falls exponentially, at
    the exit rate 1 / `tail_mean`.

    Attributes
    ----------
    ages : tuple of float
        Ages in periods from 0, not falling.
    shares : tuple of float
        Survival at these ages: 1 at age 0, not rising, within [0, 1].
    tail_mean : float
        Mean stay after the last age of those still present then, in periods; 0 if nobody is.

    Raises
    ------
    InputError
        If the points are no survival curve, it ends above zero without a tail, or has a tail
        after it reached zero.
    """

    ages: tuple[float, ...]
    shares: tuple[float, ...]
    tail_mean: float = 0.0

    def __post_init__(self) -> None:
        _check_points(np.array(self.ages), np.array(self.shares))
        if not (self.tail_mean >= 0 and math.isfinite(self.tail_mean)):
            raise InputError(f"a tail of mean {self.tail_mean:g}", expected="0 or more, finite")
        if (self.shares[-1] > 0) != (self.tail_mean > 0):
            raise InputError(
                f"a curve that ends at {self.shares[-1]:g} with a tail of mean "
                f"{self.tail_mean:g} periods",
                expected="a tail exactly where the curve ends above 0",
            )
        check_mean(self.mean)

    @property
    def mean(self) -> float:
        """Area under the curve and its tail, in periods."""
        return float(self._areas[-1] + self.shares[-1] * self.tail_mean)

    def scaled(self, factor: float) -> Curve:
        """Return the curve in a unit of which one of its own holds `factor`."""
        ages = tuple(age * factor for age in self.ages)
        return Curve(ages, self.shares, self.tail_mean * factor)

    def survival(self, u: np.ndarray) -> np.ndarray:
        u = np.asarray(u, dtype=float)
        start = _segment(self._ages, u)
        within = self._shares[start] - self._falls[start] * (u - self._ages[start])
        return np.asarray(np.where(u < self.ages[-1], within, self._tail(u)))

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        u = np.asarray(u, dtype=float)
        start = _segment(self._ages, u)
        past = u - self._ages[start]
        within = self._areas[start] + past * (self._shares[start] - self._falls[start] * past / 2)
        after = self.mean - self.tail_mean * self._tail(u)
        return np.asarray(np.where(u < self.ages[-1], within, after))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return self._age_at(1 - rng.random(n))

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        present = self.survival(ages)
        check_ages(ages, present)
        stays = self._age_at(present * (1 - rng.random(present.shape)))
        return np.asarray(np.maximum(stays - ages, 0.0))

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        remaining = self.mean * (1 - rng.random(n))
        area = self.mean - remaining
        start = _segment(self._areas, area)
        share, fall = self._shares[start], self._falls[start]
        beyond = area - self._areas[start]
        # The root of share * past - fall * past^2 / 2 = beyond, without a difference of equals.
        past = 2 * beyond / (share + np.sqrt(np.maximum(share**2 - 2 * fall * beyond, 0.0)))
        tail = self.shares[-1] * self.tail_mean
        return np.where(remaining > tail, self._ages[start] + past, self._after(remaining, tail))

    @cached_property
    def _ages(self) -> np.ndarray:
        return np.array(self.ages, dtype=float)

    @cached_property
    def _shares(self) -> np.ndarray:
        return np.array(self.shares, dtype=float)

    @cached_property
    def _falls(self) -> np.ndarray:
        """Fall of survival per period between two points; 0 for a step, where nobody is between."""
        widths = np.diff(self._ages)
        return np.where(widths > 0, -np.diff(self._shares) / np.where(widths > 0, widths, 1.0), 0.0)

    @cached_property
    def _areas(self) -> np.ndarray:
        """Area under the curve up to each point."""
        steps = np.diff(self._ages) * (self._shares[1:] + self._shares[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(steps)])

    def _tail(self, u: np.ndarray) -> np.ndarray:
        if self.tail_mean == 0:
            return np.zeros(u.shape)
        past = np.maximum(u - self.ages[-1], 0.0)
        return np.asarray(self.shares[-1] * np.exp(-past / self.tail_mean))

    def _after(self, remaining: np.ndarray, whole: float) -> np.ndarray:
        """Return the age at which `remaining` is left of what is `whole` where the tail begins."""
        if self.tail_mean == 0:
            return np.full(remaining.shape, self.ages[-1])
        return self.ages[-1] - self.tail_mean * np.log(np.minimum(remaining / whole, 1.0))

    def _age_at(self, share: np.ndarray) -> np.ndarray:
        """Return the age at which survival comes down to `share`."""
        end = np.clip(np.searchsorted(-self._shares, -share), 1, len(self.shares) - 1)
        drop = self._shares[end - 1] - self._shares[end]
        part = (self._shares[end - 1] - share) / np.where(drop > 0, drop, 1.0)
        within = self._ages[end - 1] + part * (self._ages[end] - self._ages[end - 1])
        return np.where(share >= self.shares[-1], within, self._after(share, self.shares[-1]))


def make_curve(ages: np.ndarray, shares: np.ndarray, *, tail: str | float | None = None) -> Curve:
    """Make a curve from points and a declared tail.

    Parameters
    ----------
    ages, shares : numpy.ndarray
        Ages in periods from 0 and survival at them, see `Curve`.
    tail : str or float, optional
        How a curve that ends above zero goes on: ``"exponential"`` at the exit rate of its last
        step, ln(S_1 / S_2) / (u_2 - u_1); or a number, the longest stay, at which survival has
        fallen to zero in a straight line.

    Returns
    -------
    Curve

    Raises
    ------
    InputError
        If the points are no survival curve, or the tail is missing, not known, not needed, has an
        infinite mean, or ends before the curve.
    """
    _check_points(ages, shares)
    _check_tail(ages, shares, tail)
    if tail is None:
        return Curve(_floats(ages), _floats(shares))
    if isinstance(tail, str):
        exit_rate = math.log(shares[-2] / shares[-1]) / (ages[-1] - ages[-2])
        return Curve(_floats(ages), _floats(shares), 1 / exit_rate)
    return Curve((*_floats(ages), float(tail)), (*_floats(shares), 0.0))


def read_stay_curve(path: Path, *, tail: str | float | None = None) -> Curve:
    """Read a curve from a CSV file with the columns ``month,survival``.

    Parameters
    ----------
    path : pathlib.Path
        One row a point: age in months from 0, not falling, and the share still present then.
    tail : str or float, optional
        See `make_curve`; the longest stay in months.

    Returns
    -------
    Curve
        In months.

    Raises
    ------
    InputError
        With file and row, for anything that cannot be used; see `make_curve`.
    """
    rows = read_rows(path, CURVE_COLUMNS)
    places = [f"{path}, row {row}" for row in rows.index]
    months, shares = (
        np.array(
            [
                parse_number(text, where=place)
                for text, place in zip(rows[name], places, strict=True)
            ]
        )
        for name in CURVE_COLUMNS
    )
    _check_points(months, shares, places)
    with located(str(path)):
        return make_curve(months, shares, tail=tail)


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _segment(starts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the number of the segment each value lies in."""
    places = np.searchsorted(starts, values, side="right") - 1
    return np.asarray(np.clip(places, 0, len(starts) - 2))


def _check_points(
    ages: np.ndarray, shares: np.ndarray, places: Sequence[str] | None = None
) -> None:
    """Refuse points that are no survival curve; `places` name them."""
    names = places or [f"point {number + 1}" for number in range(len(ages))]
    if len(ages) < 2 or len(shares) != len(ages):
        raise InputError(f"a curve of {len(ages)} points", where=names[0], expected="2 or more")
    if (ages[0], shares[0]) != (0, 1):
        raise InputError(
            f"a curve that begins with {shares[0]:g} at {ages[0]:g}",
            where=names[0],
            expected="survival 1 at age 0",
        )
    for place, name in enumerate(names):
        age, share = ages[place], shares[place]
        if not 0 <= share <= 1:
            raise InputError(f"survival {share:g}", where=name, expected="a share from 0 to 1")
        if not math.isfinite(age) or (place and age < ages[place - 1]):
            raise InputError(f"age {age:g}", where=name, expected=f"{ages[place - 1]:g} or more")
        if place and share > shares[place - 1]:
            raise InputError(
                f"survival rises from {shares[place - 1]:g} to {share:g}",
                where=name,
                expected="survival that does not rise",
            )


def _check_tail(ages: np.ndarray, shares: np.ndarray, tail: str | float | None) -> None:
    if shares[-1] == 0 and tail is not None:
        raise InputError(f"tail {tail!r} of a curve that reaches 0", expected="no tail")
    if shares[-1] > 0 and tail is None:
        raise InputError(
            f"the curve ends at {shares[-1]:g} and has no tail",
            expected=f"a declared tail: {_TAILS}",
        )
    if isinstance(tail, str) and tail != EXPONENTIAL_TAIL:
        raise InputError(
            f"tail '{tail}'",
            expected=_TAILS,
            action="another tail, such as a power of the age, can have an infinite mean stay",
        )
    if isinstance(tail, str) and not (shares[-2] > shares[-1] and ages[-1] > ages[-2]):
        raise InputError(
            f"an exponential tail of a curve that does not fall from {ages[-2]:g} to "
            f"{ages[-1]:g}: its mean stay would be infinite",
            expected="a last step that falls, or a maximum stay",
        )
    if isinstance(tail, int | float) and not ages[-1] < tail < math.inf:
        raise InputError(f"a maximum stay of {tail:g}", expected=f"above {ages[-1]:g}, finite")
