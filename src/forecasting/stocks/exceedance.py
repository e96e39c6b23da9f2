"""Chance of being over capacity, and the persons expected over it, without simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.occupancy import (
    Cohorts,
    Group,
    by_period,
    conditional_moments,
    make_cohorts,
)
from forecasting.stocks.service_level import Capacity, check_capacity

_Term = Callable[[np.ndarray], np.ndarray]

_BLOCK = 8  # frequencies at once
_NEGLIGIBLE = 1e-9  # of a characteristic function


@dataclass(frozen=True)
class Exceedance:
    """The stock at the end of each period against capacity; dims ``(period,)``.

    Attributes
    ----------
    probability : xarray.DataArray
        Chance of more persons than places.
    overflow_mean : xarray.DataArray
        Expected number of persons over capacity, 0 counted where there are enough places.
    """

    probability: xr.DataArray
    overflow_mean: xr.DataArray


def exceedance(groups: Sequence[Group], horizon: int, *, capacity: Capacity) -> Exceedance:
    r"""Chance of being over capacity, the mean over the paths of the exact chance given each.

    Given a path the stock is a sum of independent persons or cohorts, so that the logarithm of its
    probability generating function is a sum over cohorts,

    .. math:: a w (z - 1), \qquad -\frac{a}{D - 1} \log(1 + (D - 1) w (1 - z)), \qquad
              n \log(1 - w + w z)

    for Poisson arrivals of rate a, negative binomial ones, and counts. Its values on the unit
    circle give the probabilities by a discrete Fourier transform (Abate and Whitt 1992,
    doi:10.1016/0167-6377(92)90050-D) over a window that leaves out about 1e-9. For counts that are
    rounded at random the function of their fractions is matched to the second order.

    Parameters
    ----------
    groups : sequence of Group
    horizon : int
        Periods projected.
    capacity : float or array_like
        Places, one number or one per period.

    Returns
    -------
    Exceedance

    Raises
    ------
    InputError
        As `make_cohorts`, or if the capacity is not above 0.
    """
    cohorts = make_cohorts(groups, horizon)
    places = check_capacity(capacity, horizon)
    mean, variance = conditional_moments(cohorts)
    widest = max(group.arrivals.dispersion for group in cohorts)
    reach = 6.5 * np.sqrt(variance) + 20 * widest - 14  # a gamma rate has an exponential tail
    result = np.array(
        [_against(cohorts, t, places[t], mean[:, t + 1], reach[:, t + 1]) for t in range(horizon)]
    )
    periods = groups[0].arrivals.periods[:horizon]
    return Exceedance(
        probability=by_period(result[:, 0], periods, "1"),
        overflow_mean=by_period(result[:, 1], periods, "persons"),
    )


def _against(
    cohorts: Sequence[Cohorts], t: int, places: float, mean: np.ndarray, reach: np.ndarray
) -> tuple[float, float]:
    """Chance of being over the places at the end of period t, and the persons over them.

    Paths whose stock is certain to be on one side of the capacity need no distribution.
    """
    near = np.abs(mean - places) <= reach
    over = np.stack([mean > places, np.maximum(mean - places, 0)])
    totals = over[:, ~near].sum(axis=1)
    if near.any():
        low = int(np.floor((mean - reach)[near].min()))
        high = int(np.ceil((mean + reach)[near].max()))
        stock = low + np.arange((high - low) // 2 * 2 + 3)  # an odd number: never z = -1
        share = _distribution(cohorts, t, np.flatnonzero(near), stock)
        over = np.stack([stock > places, np.maximum(stock - places, 0)])
        totals += near.sum() * (over @ share)
    chance, persons = totals / len(mean)
    return float(np.clip(chance, 0, 1)), float(max(persons, 0))


def _distribution(
    cohorts: Sequence[Cohorts], t: int, rows: np.ndarray, stock: np.ndarray
) -> np.ndarray:
    """Chance of each stock at the end of period t, mean over the given paths."""
    logs = [_log_generating(group, t, rows) for group in cohorts]
    angles = 2 * np.pi * np.arange(len(stock) // 2 + 1) / len(stock)
    transform = np.zeros(len(angles), dtype=complex)
    for first in range(0, len(angles), _BLOCK):
        z = np.exp(-1j * angles[first : first + _BLOCK])
        given = np.exp(sum(log(z) for log in logs))
        transform[first : first + _BLOCK] = given.mean(axis=0) * z ** -float(stock[0])
        if np.abs(given[:, -1]).max() < _NEGLIGIBLE:
            break
    return np.fft.irfft(transform, len(stock))


def _log_generating(
    cohorts: Cohorts, t: int, rows: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the logarithm of the generating function of a group given each path.

    It takes z of shape ``(n_z,)`` and gives the shape ``(n_rows, n_z)``.
    """
    factors = _factors(cohorts.arrivals, cohorts.values_of(rows)[:, : t + 1])
    parts = _by_draw(rows % cohorts.n_draws) if cohorts.n_draws > 1 else [(0, slice(None))]

    def log(z: np.ndarray) -> np.ndarray:
        result = np.empty((len(rows), len(z)), dtype=complex)
        for draw, mine in parts:
            present = cohorts.initial_presence[draw, :, t + 1]
            result[mine] = cohorts.initial_numbers @ np.log1p(np.outer(present, z - 1))
            change = np.outer(cohorts.weights[draw, t::-1], z - 1)
            for values, term in factors:
                result[mine] += _product(values[mine], term(change))
        return result

    return log


def _by_draw(draws: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return each draw of the stay with the places at which it stands."""
    order = np.argsort(draws, kind="stable")
    starts = np.flatnonzero(np.diff(draws[order], prepend=-1))
    return [(draws[places[0]], places) for places in np.split(order, starts[1:])]


def _factors(arrivals: Arrivals, values: np.ndarray) -> list[tuple[np.ndarray, _Term]]:
    """Return what the logarithm is linear in, with the term of each as a function of w (z - 1)."""
    if arrivals.kind == "count":
        fraction = values % 1
        whole = (values, np.log1p)
        return [whole, (fraction * (1 - fraction), _rounding)] if fraction.any() else [whole]
    more = arrivals.dispersion - 1
    return [(values, lambda change: -np.log1p(-more * change) / more if more else change)]


def _rounding(change: np.ndarray) -> np.ndarray:
    """Term of f (1 - f) that makes the logarithm exact for the fractions 0, 1/2 and 1."""
    return np.asarray(4 * np.log1p(change / 2) - 2 * np.log1p(change))


def _product(values: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Real matrix times complex matrix, without the imaginary zeros."""
    return np.asarray((values @ np.ascontiguousarray(terms).view(float)).view(complex))
