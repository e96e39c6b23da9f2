"""From staff to decisions a month, and back: the staff that keeps the wait within a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths, periods_of, quantile
from forecasting.periods import format_period
from forecasting.stocks.backlog import held_inflow
from forecasting.stocks.backlog_inputs import check_inflow, check_queue, require_between
from forecasting.stocks.fluid import Accumulated, decayed, grown, require_finite_growth

STAGES = ("registration", "interview", "decision", "appeal")
"""Stages of the asylum procedure for which the suite has parameters."""


@dataclass(frozen=True)
class Stage:
    """A stage of the procedure.

    Attributes
    ----------
    name : str
        For example ``interview``.
    hours_per_case : float
        Working hours that a case takes at this stage.
    share_of_cases : float
        Share of all cases that reach it, 0 to 1.
    """

    name: str
    hours_per_case: float
    share_of_cases: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.hours_per_case) and self.hours_per_case > 0):
            raise InputError(
                f"{self.hours_per_case:g} hours per case",
                where=f"stage {self.name}",
                expected="above 0",
            )
        require_between(f"stage {self.name}: share of cases", self.share_of_cases, 0, 1)


@dataclass(frozen=True)
class StaffPlan:
    """The staff, and what one person gets done in a month.

    Attributes
    ----------
    persons : float or numpy.ndarray
        Full-time persons, the same in every month or one number per month, shape ``(horizon,)``.
    hours_per_month : float
        Paid hours of a full-time person.
    availability : float
        Share of the paid hours at work: without leave, sickness, training. Above 0, at most 1.
    share : float
        Share of the time at work that goes into these cases. Above 0, at most 1.
    stages : tuple of Stage
        What a case takes; each name once.
    """

    persons: float | np.ndarray
    hours_per_month: float
    availability: float
    share: float
    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        persons = np.asarray(self.persons, dtype=float)
        if not (np.isfinite(persons).all() and (persons >= 0).all()):
            raise InputError(f"{persons.tolist()} persons", expected="0 or more")
        if not 0 < self.hours_per_month <= 744:
            raise InputError(
                f"{self.hours_per_month:g} paid hours per month", expected="above 0, at most 744"
            )
        for name in ("availability", "share"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(f"{name} {getattr(self, name):g}", expected="above 0, at most 1")
        names = [stage.name for stage in self.stages]
        if len(set(names)) < len(names):
            raise InputError(f"stages {', '.join(names)}", expected="each name once")
        if not self.hours_per_case > 0:
            raise InputError("no stage that any case reaches", expected="at least one")

    @property
    def hours_per_case(self) -> float:
        """Mean hours of a case: sum over stages of hours x share of cases that reach it."""
        return sum(stage.hours_per_case * stage.share_of_cases for stage in self.stages)

    @property
    def cases_per_person(self) -> float:
        """Cases per person and month: hours x availability x share / hours per case."""
        return self.hours_per_month * self.availability * self.share / self.hours_per_case

    def capacity(self, horizon: int) -> np.ndarray:
        """Decisions per month that the staff can make, shape ``(horizon,)``.

        Raises
        ------
        InputError
            If the plan holds numbers of persons for another number of months.
        """
        persons = np.asarray(self.persons, dtype=float)
        if persons.ndim and persons.shape != (horizon,):
            raise InputError(
                f"persons of shape {persons.shape}", expected=f"one number, or {horizon} of them"
            )
        return np.broadcast_to(persons * self.cases_per_person, (horizon,)).copy()


def plan_from_parameters(persons: float | np.ndarray, *, on: pd.Period) -> StaffPlan:
    """Build a plan from the parameters of ``data/parameters/asylum_processing.yaml``.

    To change one of them: ``dataclasses.replace(plan, availability=0.8)``.

    Parameters
    ----------
    persons : float or numpy.ndarray
        See `StaffPlan`.
    on : pandas.Period
        Month whose values are taken.

    Raises
    ------
    InputError
        If a parameter has no value in that month.
    """
    from forecasting.sources.parameters import load_parameters

    parameters = load_parameters("asylum_processing")
    stages = tuple(
        Stage(
            name,
            parameters.value(f"hours_per_case_{name}", on=on),
            parameters.value(f"share_of_cases_{name}", on=on),
        )
        for name in STAGES
    )
    return StaffPlan(
        persons,
        hours_per_month=parameters.value("paid_hours_per_month", on=on),
        availability=parameters.value("availability", on=on),
        share=parameters.value("share_of_time", on=on),
        stages=stages,
    )


def needed_capacity(
    inflow: xr.DataArray,
    *,
    initial_backlog: int = 0,
    exit_rate: float = 0.0,
    limit_months: float = 6.0,
    priority_share: float = 0.0,
) -> xr.DataArray:
    r"""Smallest constant capacity with which the last arrival of each month waits within a limit.

    The backlog under a constant capacity c is the reflected solution of dX/dt = a - c - theta X::

        X_t = max over s <= t of  N(s, t) - c (1 - e^(-theta (t - s))) / theta

    with N(s, t) the cases that came between s and t and would still wait if none were decided (for
    s = 0 with the initial ones). A case that comes when X wait is decided within L if
    X <= c (e^(theta L) - 1) / theta, so that::

        c_t = max over s < t of  N(s, t)
                                 / [ (1 - e^(-theta (t - s))) / theta + (e^(theta L) - 1) / theta ]

    and t - s + L below the fraction where theta is 0. Each month's capacity would have to be there
    from the start; one that is within the limit in every month is the largest of them.

    Cases with priority that come during the wait add
    priority share x integral of a e^(theta v) over the next L months to N. Where in some month they
    alone exceed the capacity, the result is on the safe side.

    Parameters
    ----------
    inflow : xarray.DataArray
        Applications per month, dims ``(path, period)``.
    initial_backlog, exit_rate, limit_months, priority_share
        See `forecasting.stocks.backlog.BacklogInputs`.

    Returns
    -------
    xarray.DataArray
        Decisions per month, same dims.

    Raises
    ------
    InputError
        If an argument is outside its range.
    """
    check_inflow(inflow)
    check_queue(initial_backlog, exit_rate, limit_months, priority_share)
    arrivals = inflow.to_numpy()
    n_paths, horizon = arrivals.shape
    require_finite_growth(exit_rate, horizon + limit_months)
    jumping = _queue_jumpers(arrivals, exit_rate, limit_months, priority_share)
    lengths = decayed(exit_rate, np.arange(horizon + 1.0)) + grown(exit_rate, limit_months)
    came = np.zeros((n_paths, horizon))  # N(s, t), by s
    came[:, 0] = initial_backlog
    needed = np.empty((n_paths, horizon))
    for month in range(horizon):
        known = came[:, : month + 1]
        known *= np.exp(-exit_rate)
        known += arrivals[:, [month]] * decayed(exit_rate, 1.0)
        ratios = (known + jumping[:, [month]]) / lengths[month + 1 : 0 : -1]
        needed[:, month] = ratios.max(axis=1)
    return make_paths(needed, periods_of(inflow), unit=str(inflow.attrs["unit"]), kind="flow")


@dataclass(frozen=True)
class NeededStaff:
    """Staff that keeps the wait within the limit with a stated probability.

    Attributes
    ----------
    probability : float
    from_period : pandas.Period
        First month that counts.
    persons : float
        Enough in every month from then on, at once, with that probability; not rounded.
    capacity : float
        Decisions per month of so many persons.
    persons_by_period : xarray.DataArray
        Enough in that month taken by itself, dims ``(period,)``; never above `persons`.
    """

    probability: float
    from_period: pd.Period
    persons: float
    capacity: float
    persons_by_period: xr.DataArray


def needed_staff(
    needed: xr.DataArray, plan: StaffPlan, *, probability: float, from_period: pd.Period
) -> NeededStaff:
    """Staff that keeps the last arrivals within the limit with a probability, from a month on.

    The capacity is the smallest one that is enough on the stated share of the paths (inverted
    empirical distribution); for all months at once it is taken of each path's largest need.

    Parameters
    ----------
    needed : xarray.DataArray
        Result of `needed_capacity`.
    plan : StaffPlan
        For what one person gets done; its number of persons is not used.
    probability : float
        Above 0, below 1.
    from_period : pandas.Period
        First month that counts: staff is rarely enough from the first day on.

    Raises
    ------
    InputError
        If the probability is not between 0 and 1 or the month outside the paths.
    """
    if not 0 < probability < 1:
        raise InputError(f"probability {probability:g}", expected="between 0 and 1, such as 0.9")
    periods = periods_of(needed)
    if from_period not in periods:
        raise InputError(
            f"staff from {format_period(from_period)} on",
            expected=f"a month from {format_period(periods[0])} to {format_period(periods[-1])}",
        )
    counted = needed.isel(period=slice(periods.get_loc(from_period), None))
    by_period = quantile(counted, [probability]).isel(quantile_level=0, drop=True)
    worst = counted.to_numpy().max(axis=1)
    capacity = float(np.quantile(worst, probability, method="inverted_cdf"))
    persons_by_period = by_period / plan.cases_per_person
    persons_by_period.attrs = {"unit": "staff", "kind": "stock"}
    return NeededStaff(
        probability, from_period, capacity / plan.cases_per_person, capacity, persons_by_period
    )


def _queue_jumpers(
    arrivals: np.ndarray, exit_rate: float, limit_months: float, priority_share: float
) -> np.ndarray:
    """Cases with priority that come in the `limit_months` after each month, times e^(theta v)."""
    horizon = arrivals.shape[1]
    if not priority_share:
        return np.zeros((1, horizon))
    rates = np.hstack([arrivals, held_inflow(arrivals)])
    ends = np.arange(1.0, horizon + 1)
    coming = Accumulated(np.arange(horizon + 1.0), rates, exit_rate)
    later = coming.at(ends + limit_months) - coming.at(ends)
    return np.asarray(priority_share * later * np.exp(-exit_rate * ends))
