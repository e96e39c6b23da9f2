"""The processing backlog: applications, decisions, exits, and how long people wait.

Months, in continuous time. Within a month applications come in evenly at the rate a, decisions are
made evenly at the capacity c as long as anybody waits, and everybody who waits leaves without a
decision (withdrawal, implicit discontinuation) at the hazard theta::

    dX/dt = a - c - theta X   while X > 0;   decisions at the rate min(a, c) once X = 0

Nothing in a month comes first or last: all three run at the same time, and the equation is solved
exactly, also for the moment at which the queue runs empty. Cases are decided in the order in which
they came, those who leave do so in equal shares at every place of the queue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths, paths_like, periods_of
from forecasting.stocks.backlog_inputs import BacklogInputs, require_between
from forecasting.stocks.fluid import Accumulated, decayed

__all__ = ["BacklogInputs", "BacklogResult", "project_backlog", "reception_places"]

_NOBODY = 1e-6  # of a case; below it there is no age and no wait to speak of
_HELD_MONTHS = 12


@dataclass(frozen=True, eq=False)
class BacklogResult:
    """The projected queue, path by path; every array has the dims ``(path, period)``.

    Attributes
    ----------
    backlog : xarray.DataArray
        Cases waiting at the end of the month (stock).
    decisions, exits : xarray.DataArray
        Cases decided, and gone without a decision, in the month (flows). On every path inflow =
        decisions + exits + change in the backlog.
    inputs : BacklogInputs
    service : Accumulated
        Capacity for the queue from the start on, the last one held beyond the horizon.
    """

    backlog: xr.DataArray
    decisions: xr.DataArray
    exits: xr.DataArray
    inputs: BacklogInputs = field(repr=False)
    service: Accumulated = field(repr=False)

    @cached_property
    def wait_of_last_arrival(self) -> xr.DataArray:
        """Months until the case is decided that comes at the end of the month.

        One that is not handled ahead of the queue; with the exits ahead of it and the capacity of
        the months to come. 0 if nobody waits.
        """
        ends = self._ends
        wait = np.maximum(self.service.reached(self.service.at(ends) + self._level) - ends, 0)
        return _paths(self.inputs, np.where(self._present, wait, 0), unit="months")

    @property
    def wait_of_those_waiting(self) -> xr.DataArray:
        """Months that those waiting at the end of the month have waited so far, mean.

        0 if nobody waits.
        """
        return _paths(self.inputs, self._ages[0], unit="months")

    @property
    def share_over_limit(self) -> xr.DataArray:
        """Share of those waiting who have waited longer than the limit; 0 if nobody waits."""
        return _paths(self.inputs, self._ages[1], unit="1")

    @property
    def _ends(self) -> np.ndarray:
        return np.arange(1.0, self.inputs.horizon + 1)

    @property
    def _present(self) -> np.ndarray:
        return np.asarray(self.backlog.to_numpy() > _NOBODY)

    @property
    def _level(self) -> np.ndarray:
        """Those waiting, times e^(theta t)."""
        return np.asarray(self.backlog.to_numpy() * np.exp(self.inputs.exit_rate * self._ends))

    @cached_property
    def _ages(self) -> tuple[np.ndarray, np.ndarray]:
        inflow = self.inputs.inflow.to_numpy()[:, : self.inputs.horizon]
        queued = inflow - _ahead(self.inputs, inflow)
        return _ages(self.inputs, queued, self._level, self._present)


def project_backlog(inputs: BacklogInputs) -> BacklogResult:
    """Project the backlog on every path of the inflow.

    Between two ends of a month, with X the backlog at the first one and k = c - a,
    X(v) = X e^(-theta v) - k (1 - e^(-theta v)) / theta, until the queue is empty at
    v = log(1 + theta X / k) / theta. A case that comes when X wait is decided at the first w at
    which the integral of c e^(theta v) over the next w months is X; of those waiting, the ones who
    came within the last L months are min(X, integral of a e^(-theta age) over ages up to L).

    Parameters
    ----------
    inputs : BacklogInputs

    Returns
    -------
    BacklogResult

    Raises
    ------
    InputError
        If cases with priority take up all of the capacity held beyond the horizon on some path, so
        that the queue would never be served.
    """
    inflow = inputs.inflow.to_numpy()[:, : inputs.horizon]
    capacity = np.asarray(inputs.capacity, dtype=float)
    waiting, decided, gone = _solve(inputs, inflow, capacity)
    return BacklogResult(
        backlog=_paths(inputs, waiting),
        decisions=_paths(inputs, decided, kind="flow"),
        exits=_paths(inputs, gone, kind="flow"),
        inputs=inputs,
        service=_service(inputs, inflow, capacity - _ahead(inputs, inflow)),
    )


def reception_places(
    backlog: xr.DataArray, *, private_share: float, persons_per_case: float = 1.0
) -> xr.DataArray:
    """Reception places that a backlog implies: backlog x persons per case x (1 - private share).

    Parameters
    ----------
    backlog : xarray.DataArray
        Paths of a stock, dims ``(path, period)``.
    private_share : float
        Share of those waiting who live in private accommodation, 0 to 1; "over a third" in Finland
        (parameter ``private_accommodation_share_fi`` of ``asylum_processing``).
    persons_per_case : float
        More than 1 where the backlog counts files of families.

    Returns
    -------
    xarray.DataArray
        Same dims, unit ``places``.

    Raises
    ------
    InputError
        If the paths are a flow, or a number is outside its range.
    """
    if backlog.attrs["kind"] != "stock":
        raise InputError("reception places of a flow", expected="paths of a backlog, a stock")
    require_between("share in private accommodation", private_share, 0, 1)
    if not (np.isfinite(persons_per_case) and persons_per_case > 0):
        raise InputError(f"persons per case {persons_per_case:g}", expected="above 0")
    places = backlog.to_numpy() * (persons_per_case * (1 - private_share))
    return make_paths(places, periods_of(backlog), unit="places", kind="stock")


def held_inflow(inflow: np.ndarray) -> np.ndarray:
    """Inflow per month assumed beyond the horizon: each path's mean over its last twelve months.

    Only cases with priority need it, shape ``(n_paths, n)`` to ``(n_paths, 1)``.
    """
    return np.asarray(inflow[:, -_HELD_MONTHS:].mean(axis=1, keepdims=True))


def _ahead(inputs: BacklogInputs, inflow: np.ndarray) -> np.ndarray:
    """Cases handled ahead of the queue, as far as the capacity goes."""
    capacity = np.asarray(inputs.capacity, dtype=float)
    return np.asarray(np.minimum(inputs.priority_share * inflow, capacity))


def _solve(
    inputs: BacklogInputs, inflow: np.ndarray, capacity: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Backlog, decisions and exits, shape ``(n_paths, horizon)`` each."""
    rate, coming = inputs.exit_rate, np.ascontiguousarray(inflow.T, dtype=float)
    able = capacity[:, np.newaxis]
    surplus = able - coming
    waiting, busy = np.empty_like(coming), np.empty_like(coming)
    stays, spread = np.exp(-rate), decayed(rate, 1.0)
    now = np.full(len(inflow), float(inputs.initial_backlog))
    with np.errstate(over="ignore"):
        for month, more in enumerate(surplus):
            share = np.minimum(_months_to_empty(now, more, rate), 1.0)
            now = np.where(share < 1, 0.0, np.maximum(now * stays - more * spread, 0))
            waiting[month], busy[month] = now, share
    before = np.vstack([np.full((1, len(inflow)), float(inputs.initial_backlog)), waiting[:-1]])
    decided = able * busy + coming * (1 - busy)
    gone = np.maximum(before - waiting - surplus * busy, 0) if rate else np.zeros_like(waiting)
    waiting, decided, gone = (np.ascontiguousarray(each.T) for each in (waiting, decided, gone))
    return waiting, decided, gone


def _months_to_empty(waiting: np.ndarray, surplus: np.ndarray, exit_rate: float) -> np.ndarray:
    """Months until a queue runs empty; infinite where capacity is not above the inflow."""
    months = np.divide(waiting, surplus, out=np.full_like(waiting, np.inf), where=surplus > 0)
    return np.asarray(np.log1p(exit_rate * months) / exit_rate if exit_rate else months)


def _service(inputs: BacklogInputs, inflow: np.ndarray, served: np.ndarray) -> Accumulated:
    """Capacity left for the queue from the start on, the last one held beyond the horizon."""
    last = float(inputs.capacity[-1])
    starts = np.arange(inputs.horizon + 1.0)
    if not inputs.priority_share:  # the same on every path
        return Accumulated(starts, np.append(inputs.capacity, last)[None, :], inputs.exit_rate)
    held = last - inputs.priority_share * held_inflow(inflow)
    if (held <= 0).any():
        raise InputError(
            f"cases with priority take up all of the last capacity ({last:g} a month) on "
            f"{int((held <= 0).sum())} of {len(held)} paths, so the queue would never be served",
            expected="a last capacity above the priority share of the inflow",
        )
    return Accumulated(starts, np.hstack([served, held]), inputs.exit_rate)


def _ages(
    inputs: BacklogInputs, queued: np.ndarray, level: np.ndarray, present: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean age of those waiting and share of them beyond the limit, ``(n_paths, horizon)``."""
    ends = np.arange(1.0, inputs.horizon + 1)
    starts, rates = _initial_cohorts(inputs)
    rates = np.broadcast_to(rates, (len(queued), len(starts)))
    came = Accumulated(
        np.concatenate([starts, ends - 1]), np.hstack([rates, queued]), inputs.exit_rate
    )
    total = came.at(ends)
    head = came.reached(total - level)
    weight = np.where(present, level, 1.0)
    times = np.broadcast_to(ends, level.shape)
    age = ends - (came.first_moment(times) - came.first_moment(head)) / weight
    recent = total - came.at(ends - inputs.limit_months)
    late = np.clip(1 - recent / weight, 0, 1)
    return np.where(present, np.clip(age, 0, ends - head), 0), np.where(present, late, 0)


def _initial_cohorts(inputs: BacklogInputs) -> tuple[np.ndarray, np.ndarray]:
    """When those waiting at the start came, as begin and density of each cohort, oldest first."""
    if not inputs.initial_backlog:
        return np.empty(0), np.empty(0)
    if inputs.initial_ages is None:
        first = float(inputs.inflow.to_numpy()[:, 0].mean())
        return np.array([-inputs.initial_backlog / first]), np.array([first])
    shares = np.asarray(inputs.initial_ages, dtype=float)[::-1]
    return np.arange(-len(shares), 0.0), inputs.initial_backlog * shares / shares.sum()


def _paths(
    inputs: BacklogInputs, values: np.ndarray, *, kind: str = "stock", unit: str = ""
) -> xr.DataArray:
    inflow = inputs.inflow
    if inputs.horizon < inflow.sizes["period"]:
        inflow = inflow[:, : inputs.horizon]
    return paths_like(inflow, values, unit=unit, kind=kind)
