r"""Occupancy as a smooth function of arrivals and stays, on normal draws that scenarios share.

Given a path of arrivals, mean, variance and third cumulant of the stock at each month's end are
exact. With :math:`a_j` the arrivals of month j, :math:`p_{jt}` their chance of being present at the
end of month t and D the dispersion, an arrival cohort adds

.. math:: a p, \qquad a p (1 + (D - 1) p), \qquad a p (1 + (D - 1) p)(1 + 2 (D - 1) p)

for rates (Poisson for D = 1, else negative binomial), and for a count, of which the fraction f is
rounded at random, :math:`a p`, :math:`a p - (n + f^2) p^2` and
:math:`a p - 3 (n + f^2) p^2 + 2 (n + f^3) p^3` with n its whole part. Those present at the start
add binomial cumulants. The stock of a path is the number at those three moments

.. math:: \text{mean} + \text{sd} \left(\frac z3 - \frac g{18}\right) (3 + 3h + h^2),
          \qquad h = \frac{g z}6 - \frac{g^2}{36},

the quantile of a gamma distribution of skewness g at the normal draw z (Wilson and Hilferty 1931,
doi:10.1073/pnas.17.12.684), rounded and not below 0. Over the months the draws z have the
correlation that the persons' own chance has on the mean path.

Persons followed one by one (`simulate_occupancy`) are exact, but other random numbers decide over
each of them as soon as one more comes: the difference between two scenarios is then mostly noise.
Here the same draws z stand for the same luck, and a difference is that of the moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from forecasting.stocks.length_of_stay import LengthOfStay
from forecasting.stocks.occupancy import Cohorts, Group, make_cohorts

_LATTICE = 1 / 12
"""Variance that rounding to whole persons adds (Sheppard)."""

_JITTER = 1e-9
"""On the diagonal of a correlation, which may be singular."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Cumulants of the stock at the end of each month, given the path.

    Attributes
    ----------
    mean, variance, third : numpy.ndarray
        Shape ``(n_paths or 1, horizon)``.
    covariance : numpy.ndarray
        Of the persons' own chance between months on the mean path, shape ``(horizon, horizon)``;
        filled on and above the diagonal.
    """

    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray
    covariance: np.ndarray

    @cached_property
    def factor(self) -> np.ndarray:
        """Lower triangle L of the correlation C = L L', shape ``(horizon, horizon)``."""
        spread = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
        correlation = self.covariance.T * scale[:, None] * scale  # Cholesky reads below it
        np.fill_diagonal(correlation, 1 + _JITTER)
        return np.asarray(np.linalg.cholesky(correlation))


@dataclass(frozen=True, eq=False)
class CoupledGroup:
    """A group with the presence of those who come.

    Attributes
    ----------
    cohorts : Cohorts
        From `forecasting.stocks.occupancy.make_cohorts`.
    stays : tuple of LengthOfStay
        Draw d of n holds on the paths d, d + n, and so on.
    presence : numpy.ndarray
        Chance that who comes in a month is present at the end of another, 0 before it, shape
        ``(n_draws, horizon, horizon)``: draw of the stay, month of arrival, month of counting.
    initial : Moments
        Of those present at the start, one row a draw.
    """

    cohorts: Cohorts
    stays: tuple[LengthOfStay, ...]
    presence: np.ndarray
    initial: Moments

    @property
    def varies(self) -> bool:
        """Whether the stock differs from path to path by more than the persons' own chance."""
        return len(self.cohorts.values) > 1 or len(self.presence) > 1

    def with_arrivals(self, values: np.ndarray, dispersion: float) -> CoupledGroup:
        """Return it with other arrivals, shape ``(n_paths or 1, horizon)``, and dispersion."""
        arrivals = replace(self.cohorts.arrivals, dispersion=dispersion)
        return replace(self, cohorts=replace(self.cohorts, arrivals=arrivals, values=values))

    def with_stays(self, factors: np.ndarray) -> CoupledGroup:
        """Return it with the stays of those who come in each month times a factor."""
        return replace(self, presence=scaled_presence(self.stays, factors))


def couple(groups: Sequence[Group], horizon: int) -> tuple[CoupledGroup, ...]:
    """Lay groups out for `coupled_stock`.

    Parameters
    ----------
    groups : sequence of Group
    horizon : int
        Months projected.

    Raises
    ------
    InputError
        As `forecasting.stocks.occupancy.make_cohorts`.
    """
    cohorts = make_cohorts(groups, horizon)
    return tuple(
        CoupledGroup(own, group.stays, _unscaled(own.weights), _initial_moments(own))
        for own, group in zip(cohorts, groups, strict=True)
    )


def shared_normals(n_paths: int, horizon: int, *, seed: int | Sequence[int]) -> np.ndarray:
    """Draw what decides over single persons, shape ``(n_paths, horizon)``.

    Row i is the same whatever `n_paths` is.
    """
    return np.random.default_rng(seed).standard_normal((n_paths, horizon))


def coupled_stock(groups: Sequence[CoupledGroup], normals: np.ndarray) -> np.ndarray:
    """Persons present at the end of each month on every path, whole numbers.

    Parameters
    ----------
    groups : sequence of CoupledGroup
    normals : numpy.ndarray
        Shape ``(n_paths, horizon)``; row i belongs to path i of the arrivals, and draw d of a stay
        with n draws to the paths d, d + n, and so on.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_paths, horizon)``.
    """
    moments = conditional_cumulants(groups, len(normals))
    z = normals @ moments.factor.T
    sixth = 6 * moments.variance * np.sqrt(moments.variance)
    known = moments.variance > _LATTICE
    np.divide(moments.third, sixth, out=sixth, where=known)  # of the skewness
    sixth[~known] = 0.0
    z -= sixth
    h = z * sixth
    stock = h + 3
    stock *= h
    stock += 3
    stock *= z
    stock *= np.sqrt(np.maximum(moments.variance - _LATTICE, 0.0)) / 3
    stock += moments.mean
    return np.asarray(np.maximum(np.rint(stock, out=stock), 0.0, out=stock))


def conditional_cumulants(groups: Sequence[CoupledGroup], n_paths: int) -> Moments:
    """Cumulants of the stock given each path, and the covariance over time on the mean path.

    Rows of one number for all paths are kept as one row.
    """
    n_rows = n_paths if any(group.varies for group in groups) else 1
    horizon = groups[0].cohorts.weights.shape[1]
    shape = (n_rows, horizon)
    total = Moments(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros((horizon, horizon)))
    for group in groups:
        _add(group.initial, total)
        _add_arrivals(group, total)
    return total


def scaled_presence(stays: Sequence[LengthOfStay], factors: np.ndarray) -> np.ndarray:
    r"""Presence where the stays of those who come in month j are multiplied by :math:`f_j`.

    :math:`p_{jt} = f_j [I((t - j + 1) / f_j) - I((t - j) / f_j)]`; see
    `forecasting.stocks.length_of_stay`.

    Parameters
    ----------
    stays : sequence of LengthOfStay
        The draws of the stay.
    factors : numpy.ndarray
        By month of arrival, shape ``(horizon,)``, above 0.

    Returns
    -------
    numpy.ndarray
        As `CoupledGroup.presence`.
    """
    return np.array([_by_arrival(_scaled_weights(stay, factors)) for stay in stays])


def _scaled_weights(stay: LengthOfStay, factors: np.ndarray) -> np.ndarray:
    """Weights by month of arrival and months since, shape ``(horizon, horizon)``."""
    distinct, place = np.unique(factors, return_inverse=True)
    ends = np.arange(len(factors) + 1.0)
    integrated = distinct[:, None] * stay.integrated_survival(ends / distinct[:, None])
    return np.asarray(np.clip(np.diff(integrated, axis=1), 0.0, 1.0)[place])


def _unscaled(weights: np.ndarray) -> np.ndarray:
    horizon = weights.shape[1]
    return np.array([_by_arrival(np.broadcast_to(own, (horizon, horizon))) for own in weights])


def _by_arrival(weights: np.ndarray) -> np.ndarray:
    """From months since the arrival to months of counting, 0 before the arrival."""
    months = np.arange(len(weights))
    lag = months - months[:, None]
    return np.where(lag >= 0, np.take_along_axis(weights, np.maximum(lag, 0), axis=1), 0.0)


def _initial_moments(cohorts: Cohorts) -> Moments:
    """Cumulants of those present at the start, one row a draw of the stay."""
    numbers, present = cohorts.initial_numbers.astype(float), cohorts.initial_presence[:, :, 1:]
    spread = present * (1 - present)
    both = np.array([numbers @ own - (own.T * numbers) @ own for own in present])
    return Moments(
        mean=numbers @ present,
        variance=numbers @ spread,
        third=numbers @ (spread * (1 - 2 * present)),
        covariance=np.triu(both.mean(axis=0)),
    )


def _add(part: Moments, total: Moments) -> None:
    """Add cumulants, draw d of n to the rows d, d + n, and so on."""
    n_draws, n_rows = len(part.mean), len(total.mean)
    rows = np.arange(n_rows) % n_draws if n_draws > 1 else slice(None)
    np.add(total.mean, part.mean[rows], out=total.mean)
    np.add(total.variance, part.variance[rows], out=total.variance)
    np.add(total.third, part.third[rows], out=total.third)
    np.add(total.covariance, part.covariance, out=total.covariance)


def _add_arrivals(group: CoupledGroup, total: Moments) -> None:
    values, arrivals = group.cohorts.values, group.cohorts.arrivals
    once, squared, cubed = _weights_of_powers(values, arrivals.kind, arrivals.dispersion)
    n_draws = len(group.presence)
    used = group.presence[: len(total.mean)]  # fewer paths than draws use the first ones
    for draw, present in enumerate(used):
        rows = slice(draw, None, n_draws)
        one, two, three = (own[rows] if len(own) > 1 else own for own in (once, squared, cubed))
        square = present * present
        first, second = one @ present, two @ square
        total.mean[rows] += first
        total.variance[rows] += first + second
        total.third[rows] += first + 3 * second + three @ (square * present)
        both = np.cumsum(one.mean(axis=0)[:, None] * present, axis=0)  # there by then, and later
        apart = present.T @ (two.mean(axis=0)[:, None] * present)
        np.add(total.covariance, np.triu(both + apart) / len(used), out=total.covariance)


def _weights_of_powers(
    values: np.ndarray, kind: str, dispersion: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What p, p^2 and p^3 are multiplied by: cumulants a p, a p + b p^2, a p + 3 b p^2 + c p^3."""
    if kind == "count":
        whole = np.floor(values)
        fraction = values - whole
        square = fraction * fraction
        fraction *= square
        fraction += whole
        fraction *= 2
        return values, np.negative(square + whole), fraction
    more = dispersion - 1
    return values, more * values, 2 * more**2 * values
