"""Occupancy: how many persons are present at the end of each period, expected and as joint paths.

Everybody belongs to a cohort: those who arrive in one period, or those of the initial stock who are
alike in age. Persons of a cohort stay independently of each other; the chance of being present
falls from period to period. Groups (returns, asylum seekers, families) have arrivals, stay and
initial stock of their own, and path i of one belongs to path i of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths
from forecasting.periods import format_period
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.initial_stock import (
    InitialStock,
    initial_numbers,
    initial_presence,
    unseen_share,
)
from forecasting.stocks.length_of_stay import LengthOfStay, presence_weights

_MOST_UNSEEN = 0.05  # of the stock, entered before the observed arrivals it is counted from
_CELLS = 1_000_000  # numbers held at once while persons are drawn


@dataclass(frozen=True)
class Group:
    """Persons with the same arrivals, length of stay and initial stock.

    Attributes
    ----------
    name : str
        Named in error messages.
    arrivals : Arrivals
        Who comes.
    stay : LengthOfStay or sequence of LengthOfStay
        How long they stay, in periods; of several draws, draw d holds on the paths d, d + n_draws,
        and so on.
    initial : InitialStock
        Who is there at the start.

    Raises
    ------
    InputError
        If a stay is none, or observed arrivals and the initial stock do not belong together:
        a stock back-calculated without them, or from so few that many of those present would have
        entered before; or another stock beside them, which would count the same persons twice.
    """

    name: str
    arrivals: Arrivals
    stay: LengthOfStay | Sequence[LengthOfStay]
    initial: InitialStock

    def __post_init__(self) -> None:
        if not self.stays or not all(isinstance(stay, LengthOfStay) for stay in self.stays):
            raise InputError(
                f"stay {self.stay!r}", where=self._where, expected="one LengthOfStay or several"
            )
        observed = self.arrivals.observed
        if self.initial.ages != "back_calculated":
            if observed is not None:
                raise InputError(
                    f"observed arrivals beside an initial stock with ages '{self.initial.ages}'",
                    where=self._where,
                    expected="ages 'back_calculated', or no observed arrivals",
                )
            return
        unseen = float(np.mean([unseen_share(stay, observed) for stay in self.stays]))
        if unseen > _MOST_UNSEEN:
            raise InputError(
                f"{unseen:.0%} of a steady stock would have entered before the observed arrivals",
                where=self._where,
                expected=f"arrivals that reach back to all but {_MOST_UNSEEN:.0%}",
                action="give earlier arrivals, 0 where there were none",
            )

    @property
    def stays(self) -> tuple[LengthOfStay, ...]:
        """The length of stay, or its draws."""
        return tuple(self.stay) if isinstance(self.stay, Sequence) else (self.stay,)

    @property
    def _where(self) -> str:
        return f"group '{self.name}'"


@dataclass(frozen=True)
class ExpectedOccupancy:
    """What is expected of the stock at the end of each period.

    Attributes
    ----------
    conditional_mean : xarray.DataArray
        Expected stock given each path of arrivals (and draw of the stay), dims
        ``(path, period)``: paths that leave out the chance of the single persons.
    mean, variance : xarray.DataArray
        Over everything, dims ``(period,)``.
    initial : numpy.ndarray
        Expected stock at the start, shape ``(n_paths,)``.
    """

    conditional_mean: xr.DataArray
    mean: xr.DataArray
    variance: xr.DataArray
    initial: np.ndarray


@dataclass(frozen=True)
class Cohorts:
    """A group as cohorts, over the periods projected.

    Attributes
    ----------
    arrivals : Arrivals
        Of the group.
    values : numpy.ndarray
        Rates or counts of its paths, shape ``(n_paths or 1, horizon)``.
    weights : numpy.ndarray
        `presence_weights` of each draw of the stay, shape ``(n_draws, horizon)``.
    initial_numbers : numpy.ndarray
        Shape ``(n_cohorts,)``.
    initial_presence : numpy.ndarray
        Chance of being present at the start and at the end of each period, shape
        ``(n_draws, n_cohorts, horizon + 1)``.
    """

    arrivals: Arrivals
    values: np.ndarray
    weights: np.ndarray
    initial_numbers: np.ndarray
    initial_presence: np.ndarray

    @property
    def n_draws(self) -> int:
        """Number of draws of the stay."""
        return len(self.weights)

    def values_of(self, rows: np.ndarray) -> np.ndarray:
        """Rates or counts of some paths, shape ``(n, horizon)``; one path stands for all."""
        return np.asarray(self.values[rows if len(self.values) > 1 else np.zeros_like(rows)])


def make_cohorts(groups: Sequence[Group], horizon: int) -> tuple[Cohorts, ...]:
    """Check that groups can be projected together, and lay them out as cohorts.

    Parameters
    ----------
    groups : sequence of Group
        At least one.
    horizon : int
        Periods projected.

    Returns
    -------
    tuple of Cohorts
        One per group.

    Raises
    ------
    InputError
        If the horizon goes beyond the arrivals of a group, groups begin in different periods or
        have unequal numbers of paths (more than one), two have the same name, or their initial
        stock cannot be used.
    """
    _check_alignment(groups, horizon)
    return tuple(
        Cohorts(
            arrivals=group.arrivals,
            values=group.arrivals.paths.to_numpy()[:, :horizon],
            weights=np.array([presence_weights(stay, horizon) for stay in group.stays]),
            initial_numbers=initial_numbers(group.initial, group.arrivals.observed),
            initial_presence=np.array(
                [
                    initial_presence(group.initial, stay, horizon, group.arrivals.observed)
                    for stay in group.stays
                ]
            ),
        )
        for group in groups
    )


def expected_occupancy(groups: Sequence[Group], horizon: int) -> ExpectedOccupancy:
    r"""Mean and variance of the stock, by convolution of arrivals and presence.

    With :math:`w_k` the presence weights and D the dispersion, the arrivals :math:`a_j` of a path
    contribute to the end of period t the mean :math:`\sum_{j \le t} a_j w_{t-j}` and the variance

    .. math:: \sum_j a_j w_{t-j} + (D - 1) \sum_j a_j w_{t-j}^2 \quad \text{(rates)}, \qquad
              \sum_j a_j w_{t-j} (1 - w_{t-j}) + \sum_j f_j (1 - f_j) w_{t-j}^2
              \quad \text{(counts)},

    with :math:`f_j` the fraction of a count that is rounded at random. Initial cohorts of n
    persons, present with chance p, add :math:`n p` and :math:`n p (1 - p)`. The variance over
    everything adds that of the conditional means over the paths.

    Parameters
    ----------
    groups : sequence of Group
    horizon : int
        Periods projected, at most as many as the arrivals have.

    Returns
    -------
    ExpectedOccupancy
        With as many paths as the arrivals have; if they have one, as many as the stay has draws.

    Raises
    ------
    InputError
        As `make_cohorts`.

    References
    ----------
    S. G. Eick, W. A. Massey and W. Whitt (1993), The physics of the Mt/G/infinity queue, Operations
    Research 41(4), 731-742, doi:10.1287/opre.41.4.731.
    """
    cohorts = make_cohorts(groups, horizon)
    mean, variance = conditional_moments(cohorts)
    periods = groups[0].arrivals.periods[:horizon]
    return ExpectedOccupancy(
        conditional_mean=make_paths(mean[:, 1:], periods, unit="persons", kind="stock"),
        mean=by_period(mean[:, 1:].mean(axis=0), periods, "persons"),
        variance=by_period((variance.mean(axis=0) + mean.var(axis=0))[1:], periods, "persons^2"),
        initial=mean[:, 0],
    )


def conditional_moments(cohorts: Sequence[Cohorts]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the stock given each path, shape ``(n_paths, horizon + 1)`` each.

    The first column is the start.
    """
    n_paths = count_paths(cohorts)
    horizon = cohorts[0].weights.shape[1]
    mean, variance = np.zeros((2, n_paths, horizon + 1))
    for group in cohorts:
        for draw in range(group.n_draws):
            rows = slice(draw, None, group.n_draws)
            present = group.initial_presence[draw]
            mean[rows] += group.initial_numbers @ present
            variance[rows] += group.initial_numbers @ (present * (1 - present))
            values = group.values[rows] if len(group.values) > 1 else group.values
            new_mean, new_variance = _moments_of_arrivals(
                group.arrivals, values, _presence(group.weights[draw])
            )
            mean[rows, 1:] += new_mean
            variance[rows, 1:] += new_variance
    return mean, variance


def count_paths(cohorts: Sequence[Cohorts]) -> int:
    """Paths of the arrivals; if they have one, draws of the stay."""
    n_paths = max(len(group.values) for group in cohorts)
    return n_paths if n_paths > 1 else max(group.n_draws for group in cohorts)


def simulate_occupancy(
    groups: Sequence[Group], horizon: int, *, n_paths: int, seed: int
) -> xr.DataArray:
    """Draw joint paths of the stock, every person followed to the exit.

    The persons of a cohort are spread over the periods in which they may leave by one multinomial
    draw, so each path is exact in distribution over all periods together. Path i is the same
    whatever `n_paths` is.

    Parameters
    ----------
    groups : sequence of Group
        Their arrivals have one path, or `n_paths`.
    horizon : int
        Periods projected.
    n_paths : int
        Paths to draw.
    seed : int
        Same seed, same paths.

    Returns
    -------
    xarray.DataArray
        Persons present at the end of each period, whole numbers, dims ``(path, period)``; the sum
        over the groups.

    Raises
    ------
    InputError
        As `make_cohorts`, or if the number of paths is another one than the arrivals have.
    """
    cohorts = make_cohorts(groups, horizon)
    check_paths(n_paths, cohorts)
    streams = np.random.default_rng(seed).spawn(len(cohorts))
    stock = sum(
        _simulate_group(group, n_paths, rng) for group, rng in zip(cohorts, streams, strict=True)
    )
    periods = groups[0].arrivals.periods[:horizon]
    return make_paths(np.asarray(stock), periods, unit="persons", kind="stock")


def check_paths(n_paths: int, cohorts: Sequence[Cohorts]) -> None:
    """Refuse a number of paths that the arrivals do not have, unless they have one for all.

    Raises
    ------
    InputError
        If it is another number, or not above 0.
    """
    given = max(len(group.values) for group in cohorts)
    if n_paths < 1 or given not in (1, n_paths):
        raise InputError(
            f"{n_paths} paths to simulate from arrivals with {given}",
            expected="at least 1" if n_paths < 1 else f"{given}, as the arrivals have, or one path",
        )


def _simulate_group(cohorts: Cohorts, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    """Paths of one group, shape ``(n_paths, horizon)``.

    Each stream is used path by path, so that the size of the chunks changes nothing.
    """
    mixing, entering, leaving = rng.spawn(3)
    horizon = cohorts.weights.shape[1]
    n_initial = len(cohorts.initial_numbers)
    size = max(1, _CELLS // ((n_initial + horizon) * (horizon + 2)))
    stock = np.empty((n_paths, horizon))
    for first in range(0, n_paths, size):
        rows = np.arange(first, min(first + size, n_paths))
        arrived = cohorts.arrivals.draw(cohorts.values_of(rows), mixing=mixing, entering=entering)
        initial = np.broadcast_to(cohorts.initial_numbers, (len(rows), n_initial))
        chances = _exit_chances(cohorts, rows % cohorts.n_draws)
        left = leaving.multinomial(np.hstack([initial, arrived]), chances).sum(axis=1)
        gone = left.cumsum(axis=1)[:, 1:-1]
        stock[rows] = initial.sum(axis=1, keepdims=True) + arrived.cumsum(axis=1) - gone
    return stock


def _exit_chances(cohorts: Cohorts, draws: np.ndarray) -> np.ndarray:
    """Chance that a person of each cohort leaves before the start, in each period, or later.

    Shape ``(n_paths, n_cohorts, horizon + 2)``, or ``(1, ...)`` if there is one draw of the stay.
    """
    draws = draws if cohorts.n_draws > 1 else draws[:1]
    coming = np.ones((len(draws), cohorts.weights.shape[1], 1))
    arrived = np.concatenate(
        [coming, _presence(cohorts.weights[draws], before_arrival=1.0)], axis=2
    )
    present = np.concatenate([cohorts.initial_presence[draws], arrived], axis=1)
    return np.clip(-np.diff(present, axis=2, prepend=1.0, append=0.0), 0.0, 1.0)


def _presence(weights: np.ndarray, *, before_arrival: float = 0.0) -> np.ndarray:
    """Chance that an arrival of period j is present at the end of period t, shape ``(..., j, t)``.

    Parameters
    ----------
    weights : numpy.ndarray
        Presence weights, shape ``(..., horizon)``.
    before_arrival : float
        What stands where t is before j.
    """
    horizon = weights.shape[-1]
    lag = np.arange(horizon) - np.arange(horizon)[:, None]
    return np.where(lag >= 0, weights[..., np.maximum(lag, 0)], before_arrival)


def _moments_of_arrivals(
    arrivals: Arrivals, values: np.ndarray, presence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    mean = values @ presence
    if arrivals.kind == "count":
        fraction = values % 1
        rounding = (fraction * (1 - fraction)) @ presence**2 if fraction.any() else 0.0
        return mean, values @ (presence * (1 - presence)) + rounding
    if arrivals.dispersion > 1:
        return mean, mean + (arrivals.dispersion - 1) * (values @ presence**2)
    return mean, mean


def by_period(values: np.ndarray, periods: pd.PeriodIndex, unit: str) -> xr.DataArray:
    """Wrap one number per period, dims ``(period,)``."""
    return xr.DataArray(
        values, dims="period", coords={"period": periods.rename("period")}, attrs={"unit": unit}
    )


def _check_alignment(groups: Sequence[Group], horizon: int) -> None:
    names = [group.name for group in groups]
    if not names or len(set(names)) < len(names):
        raise InputError(f"groups {names}", expected="at least one, each with a name of its own")
    if horizon < 1:
        raise InputError(f"horizon {horizon}", expected="1 period or more")
    start = groups[0].arrivals.periods[0]
    for group in groups:
        periods = group.arrivals.periods
        where = f"group '{group.name}'"
        if periods[0] != start:
            raise InputError(
                f"arrivals begin in {format_period(periods[0])}",
                where=where,
                expected=f"{format_period(start)}, as those of group '{names[0]}'",
            )
        if horizon > len(periods):
            raise InputError(
                f"arrivals end in {format_period(periods[-1])}, after {len(periods)} periods",
                where=where,
                expected=f"arrivals for all {horizon} periods of the horizon",
                action="give later arrivals, or a shorter horizon",
            )
    several = {group.arrivals.paths.sizes["path"] for group in groups} - {1}
    if len(several) > 1:
        raise InputError(
            f"arrivals with {' and '.join(map(str, sorted(several)))} paths",
            expected="the same number in every group, or one path",
        )
