"""A centre with limited places: who is inside, who is outside, who is turned away, who waits.

Every person is followed in continuous time from arrival to exit, so nothing here is an
approximation but the number of paths. The random numbers of a path do not depend on the rule or on
the capacity: two rules, or two capacities, are compared on the same persons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths
from forecasting.stocks.initial_stock import draw_remaining
from forecasting.stocks.occupancy import Cohorts, Group, check_paths, make_cohorts
from forecasting.stocks.places import OVERFLOW_RULES, RULES, Admission, admit, make_places

PATHS_PER_REPORT = 100
"""Paths between two calls of `on_done`."""

_MEASURES = {
    "inside": ("persons", "stock"),
    "outside": ("persons", "stock"),
    "arrivals": ("persons", "flow"),
    "blocked": ("persons", "flow"),
    "admitted": ("persons", "flow"),
    "departures": ("persons", "flow"),
    "waiting_total": ("person-periods", "flow"),
    "nights_outside": ("person-nights", "flow"),
}
"""Unit and kind of the paths of a `QueueResult`, in its order."""


@dataclass(frozen=True)
class QueueResult:
    """What happened in a centre with limited places, on every path and in every period.

    All have dims ``(path, period)``. Summed from the start, initial stock + `arrivals` -
    `departures` = `inside` + `outside`.

    Attributes
    ----------
    inside : xarray.DataArray
        Stock: persons in a place at the end of the period.
    outside : xarray.DataArray
        Stock: persons elsewhere (overflow) or waiting at the end of the period.
    arrivals : xarray.DataArray
        Flow: persons who arrived.
    blocked : xarray.DataArray
        Flow: arrivals who found no place.
    admitted : xarray.DataArray
        Flow: arrivals of the period who got a place, then or later, even beyond the horizon.
    departures : xarray.DataArray
        Flow: persons who left, from a place or from outside; under ``loss`` those turned away are
        among them.
    waiting_total : xarray.DataArray
        Flow: time outside before entry, added up over the `admitted`, in periods.
    nights_outside : xarray.DataArray
        Flow: person-nights spent outside, the integral of the number outside over the period times
        its days.
    """

    inside: xr.DataArray
    outside: xr.DataArray
    arrivals: xr.DataArray
    blocked: xr.DataArray
    admitted: xr.DataArray
    departures: xr.DataArray
    waiting_total: xr.DataArray
    nights_outside: xr.DataArray

    def blocked_share(self) -> xr.DataArray:
        """Share of the arrivals of all paths who found no place; dims ``(period,)``.

        Periods in which nobody arrived on any path are left out.
        """
        return _pooled_ratio(self.blocked, self.arrivals, "1")

    def waiting_mean(self) -> xr.DataArray:
        """Mean wait in periods of the admitted of all paths, by arrival; dims ``(period,)``.

        Those who found a place at once count with 0. Periods of whose arrivals nobody was admitted
        on any path are left out.
        """
        return _pooled_ratio(self.waiting_total, self.admitted, "periods")


def simulate_queue(
    groups: Sequence[Group],
    capacity: int | Sequence[int] | np.ndarray,
    rule: str,
    *,
    n_paths: int,
    seed: int,
    on_done: Callable[[int, int], None] | None = None,
) -> QueueResult:
    """Follow every person through a centre with limited places, in order of arrival.

    The initial stock has the places first. If it is more than the capacity, the surplus, drawn at
    random, begins outside where there is an outside to stay in (the two overflow rules); under
    ``wait`` and ``loss`` everybody begins inside and places are not refilled until there are fewer
    than the capacity. In the same way nobody is put out when the capacity falls.

    Parameters
    ----------
    groups : sequence of Group
        They share the places. Their arrivals have one path, or `n_paths`.
    capacity : int or array of int
        Places in all periods of the arrivals, or in each period; the array sets the horizon. A
        change takes place at the beginning of the period; what is after the horizon is as in the
        last period.
    rule : {"overflow_return", "overflow_stay", "wait", "loss"}
        What happens to an arrival who finds no place. ``overflow_return``: elsewhere until a place
        is free, in order of arrival, the stay running on meanwhile. ``overflow_stay``: elsewhere
        for the whole stay. ``wait``: waits in order of arrival, then the whole stay. ``loss``: lost
        for good.
    n_paths : int
        Paths to draw. Path i is the same whatever `n_paths` is.
    seed : int
        Same seed, same paths.
    on_done : callable, optional
        Called with the paths done and `n_paths`, every 100 paths and at the end.

    Returns
    -------
    QueueResult

    Raises
    ------
    InputError
        If the rule is unknown, a capacity is not a whole number above 0, the paths are not as many
        as the arrivals have, or as `make_cohorts`.
    """
    if rule not in RULES:
        raise InputError(f"rule '{rule}' at capacity", expected=", ".join(RULES))
    shortest = min((len(group.arrivals.periods) for group in groups), default=1)
    places = _capacity_by_period(capacity, shortest)
    cohorts = make_cohorts(groups, len(places))
    check_paths(n_paths, cohorts)
    counts = np.empty((len(_MEASURES), n_paths, len(places)))
    for path in range(n_paths):
        persons = _draw_persons(groups, cohorts, path, np.random.default_rng([seed, path]))
        counts[:, path] = _follow(persons, places, rule)
        if on_done and ((path + 1) % PATHS_PER_REPORT == 0 or path + 1 == n_paths):
            on_done(path + 1, n_paths)
    return _as_result(counts, groups[0].arrivals.periods[: len(places)])


@dataclass(frozen=True)
class _Persons:
    """The persons of one path in order of arrival: times and stays in periods, shape ``(n,)``.

    The first `n_present` of them are there at the start.
    """

    arrived: np.ndarray
    stays: np.ndarray
    n_present: int


def _draw_persons(
    groups: Sequence[Group], cohorts: Sequence[Cohorts], path: int, rng: np.random.Generator
) -> _Persons:
    times, stays, remaining = [], [], []
    for group, own in zip(groups, cohorts, strict=True):
        values = own.values_of(np.array([path]))
        arriving = group.arrivals.draw(values, mixing=rng, entering=rng)[0]
        began = np.repeat(np.arange(len(arriving)), arriving)
        times.append(np.sort(began + rng.random(len(began))))
        stay = group.stays[path % own.n_draws]
        stays.append(stay.draw(len(began), rng))
        observed = group.arrivals.observed
        remaining.append(draw_remaining(group.initial, stay, rng, observed=observed))
    present = rng.permutation(np.concatenate(remaining))
    arrived = np.concatenate(times)
    order = np.argsort(arrived, kind="stable")
    return _Persons(
        np.concatenate([np.zeros(len(present)), arrived[order]]),
        np.concatenate([present, np.concatenate(stays)[order]]),
        len(present),
    )


def _follow(persons: _Persons, capacity: np.ndarray, rule: str) -> np.ndarray:
    """Give places to the persons of one path; measures by period, shape ``(8, n_periods)``."""
    kept = 0 if rule in OVERFLOW_RULES else persons.n_present
    places = make_places(capacity, present=kept)
    admission = admit(persons.arrived, persons.stays, places, rule)
    return _measure(admission, persons.n_present, len(capacity))


def _measure(admission: Admission, n_present: int, horizon: int) -> np.ndarray:
    """Count the persons of one path by period, in the order of `_MEASURES`."""
    arrived, entered, left = admission.arrived, admission.entered, admission.left
    late = np.flatnonzero(entered > arrived)
    never = late[np.isinf(entered[late])]
    began, ended = arrived[late], np.minimum(entered[late], left[late])
    # from here on without the initial stock
    blocked = late[late >= n_present]
    waited = blocked[np.isfinite(entered[blocked])]
    arrivals = _count(arrived[n_present:], horizon)
    departures = _count(left, horizon)
    return np.array([
        np.cumsum(_count(entered, horizon) + _count(left[never], horizon) - departures),
        np.cumsum(_count(began, horizon) - _count(ended, horizon)),
        arrivals,
        _count(arrived[blocked], horizon),
        arrivals - _count(arrived[never[never >= n_present]], horizon),
        departures,
        _count(arrived[waited], horizon, entered[waited] - arrived[waited]),
        _time_since(began, horizon) - _time_since(ended, horizon),
    ])  # fmt: skip


def _count(times: np.ndarray, horizon: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Add up events by the period in which they fall, one at a boundary in the period it ends."""
    period = np.clip(np.ceil(times) - 1, 0, horizon).astype(np.intp)
    return np.asarray(np.bincount(period, weights, minlength=horizon + 1)[:horizon])


def _time_since(times: np.ndarray, horizon: int) -> np.ndarray:
    """Add up, over events, the part of each period that lies after the event."""
    events = _count(times, horizon)
    within = _count(times, horizon, np.maximum(np.ceil(times), 1) - times)
    return np.asarray(within + np.cumsum(events) - events)


def _as_result(counts: np.ndarray, periods: pd.PeriodIndex) -> QueueResult:
    days = pd.DatetimeIndex((periods + 1).to_timestamp()) - periods.to_timestamp()
    nights = counts[-1] * days.days.to_numpy()
    return QueueResult(*(
        make_paths(values, periods, unit=unit, kind=kind)
        for values, (unit, kind) in zip([*counts[:-1], nights], _MEASURES.values(), strict=True)
    ))  # fmt: skip


def _pooled_ratio(parts: xr.DataArray, wholes: xr.DataArray, unit: str) -> xr.DataArray:
    """Ratio of sums over paths, of the periods in which there is a whole."""
    part, whole = parts.sum("path"), wholes.sum("path")
    some = whole.to_numpy() > 0
    return (part[some] / whole[some]).assign_attrs(unit=unit)


def _capacity_by_period(capacity: int | Sequence[int] | np.ndarray, n_periods: int) -> np.ndarray:
    values = np.atleast_1d(np.asarray(capacity, dtype=float))
    if values.ndim != 1 or not values.size:
        raise InputError(
            f"capacity of shape {values.shape}", expected="one number, or one for each period"
        )
    bad = ~(np.isfinite(values) & (values >= 1) & (np.floor(values) == values))
    if bad.any():
        where = f" in period {bad.argmax() + 1}" if len(values) > 1 else ""
        raise InputError(
            f"capacity {values[bad.argmax()]:g}{where}",
            expected="a whole number of places, 1 or more",
        )
    return np.full(n_periods, values[0]) if np.ndim(capacity) == 0 else values
