"""Staff for a backlog under other assumptions: probability, hours per case, exit rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths, periods_of
from forecasting.stocks.backlog_config import BacklogPlan, BacklogProjection
from forecasting.stocks.staffing import StaffPlan, needed_capacity, needed_staff


@dataclass(frozen=True)
class StaffSensitivity:
    """Staff needed under other assumptions.

    Attributes
    ----------
    probability : float
    from_period : pandas.Period
        First month that counts.
    probabilities : tuple of float
    persons : numpy.ndarray
        By `probabilities`, other things as assumed; enough in all months at once.
    by_period : xarray.DataArray
        Paths of the staff that would be enough in each month taken by itself, dims
        ``(path, period)``.
    hours_factors, exit_rates : tuple of float
    persons_by_assumption : numpy.ndarray
        Shape ``(n_exit_rates, n_hours_factors)``, at `probability`.
    """

    probability: float
    from_period: pd.Period
    probabilities: tuple[float, ...]
    persons: np.ndarray
    by_period: xr.DataArray
    hours_factors: tuple[float, ...]
    exit_rates: tuple[float, ...]
    persons_by_assumption: np.ndarray


def staff_of(plan: BacklogPlan) -> StaffPlan:
    """Return the staff of a plan.

    Raises
    ------
    InputError
        If its capacity is a constant.
    """
    if plan.staff is None:
        raise InputError(
            "a constant capacity", where=plan.name, expected="capacity: {staff: {persons: 40}}"
        )
    return plan.staff


def staff_sensitivity(
    projection: BacklogProjection,
    *,
    probabilities: Sequence[float],
    hours_factors: Sequence[float],
    exit_rates: Sequence[float],
) -> StaffSensitivity:
    """Ask for the staff again under other probabilities, hours per case and exit rates.

    Parameters
    ----------
    projection : BacklogProjection
        With staff.
    probabilities : sequence of float
    hours_factors : sequence of float
        The hours of a case are multiplied by them.
    exit_rates : sequence of float
        Hazards per month.

    Raises
    ------
    InputError
        If the plan has no staff, or a number is outside its range.
    """
    plan, needed = projection.plan, projection.needed
    staff, start = staff_of(plan), needed.from_period
    known = _needed(plan, plan.inputs.exit_rate)
    persons = [
        needed_staff(known, staff, probability=p, from_period=start).persons for p in probabilities
    ]
    grid = [
        needed_staff(
            _needed(plan, rate), staff, probability=needed.probability, from_period=start
        ).persons
        for rate in exit_rates
    ]
    return StaffSensitivity(
        needed.probability,
        start,
        tuple(probabilities),
        np.array(persons),
        make_paths(
            known.to_numpy() / staff.cases_per_person, periods_of(known), unit="staff", kind="stock"
        ),
        tuple(hours_factors),
        tuple(exit_rates),
        np.outer(grid, hours_factors),
    )


def _needed(plan: BacklogPlan, exit_rate: float) -> xr.DataArray:
    inputs = plan.inputs
    return needed_capacity(
        inputs.inflow,
        initial_backlog=inputs.initial_backlog,
        exit_rate=exit_rate,
        limit_months=inputs.limit_months,
        priority_share=inputs.priority_share,
    )
