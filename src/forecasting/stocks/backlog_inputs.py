"""What a projection of the backlog starts from, and what of it is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import periods_of
from forecasting.periods import format_period, frequency_of
from forecasting.stocks.fluid import require_finite_growth

DISCIPLINES = ("fifo",)


@dataclass(frozen=True)
class BacklogInputs:
    """What a projection of the backlog starts from; refused at once if it cannot be used.

    Attributes
    ----------
    inflow : xarray.DataArray
        Applications per month as sample paths, dims ``(path, period)``, at least as many periods as
        `capacity`; need not be whole numbers.
    capacity : numpy.ndarray
        Decisions per month that the staff can make, shape ``(horizon,)``. The last one is held
        beyond the horizon and is therefore above 0.
    exit_rate : float
        Hazard per month, 0 to below 1, of leaving the queue without a decision: of those waiting
        1 - e^(-exit_rate) leave within a month.
    initial_backlog : int
        Cases that wait at the start.
    initial_ages : numpy.ndarray or None
        Shares of them that have waited less than one month, one to two months and so on, evenly
        within each month of age; add up to 1. Default: as if they had come in evenly over the last
        ``initial_backlog / a`` months, with a the mean inflow of the first month.
    priority_share : float
        Share of the inflow that is handled ahead of the queue, without a wait, as far as the
        month's capacity goes; what is beyond it joins the queue.
    limit_months : float
        Time within which a case is to be decided.
    discipline : {"fifo"}
        Order of decisions: as the cases came.

    Raises
    ------
    InputError
        Naming the value that cannot be used.
    """

    inflow: xr.DataArray
    capacity: np.ndarray
    exit_rate: float = 0.0
    initial_backlog: int = 0
    initial_ages: np.ndarray | None = None
    priority_share: float = 0.0
    limit_months: float = 6.0
    discipline: str = "fifo"

    def __post_init__(self) -> None:
        check_inflow(self.inflow)
        _check_capacity(np.asarray(self.capacity), self.inflow)
        check_queue(self.initial_backlog, self.exit_rate, self.limit_months, self.priority_share)
        require_finite_growth(self.exit_rate, self.horizon + self.limit_months)
        if self.discipline not in DISCIPLINES:
            raise InputError(f"discipline '{self.discipline}'", expected=", ".join(DISCIPLINES))
        if self.initial_ages is not None:
            _check_ages(np.asarray(self.initial_ages))
        elif self.initial_backlog and not self.inflow.to_numpy()[:, 0].any():
            raise InputError(
                f"{self.initial_backlog} cases wait at the start and nobody comes in the first "
                "month, so their ages cannot be taken from the inflow",
                expected="initial_ages",
            )

    @property
    def horizon(self) -> int:
        """Months projected."""
        return len(self.capacity)


def check_inflow(inflow: xr.DataArray) -> None:
    """Refuse an inflow that is not monthly, not a flow, or below 0 anywhere.

    Raises
    ------
    InputError
        Naming what is wrong, and the period of a negative value.
    """
    if inflow.attrs["kind"] != "flow":
        raise InputError(f"an inflow of kind '{inflow.attrs['kind']}'", expected="a flow")
    periods = periods_of(inflow)
    if frequency_of(periods) != "M":
        raise InputError(
            f"inflow by {'quarter' if frequency_of(periods) == 'Q' else 'year'}",
            expected="monthly paths: capacity and limit are in months",
        )
    lowest = inflow.to_numpy().min(axis=0)
    if (lowest < 0).any():
        column = int(np.argmax(lowest < 0))
        raise InputError(
            f"inflow {lowest[column]:g} in {format_period(periods[column])}", expected="0 or more"
        )


def check_queue(
    initial_backlog: int, exit_rate: float, limit_months: float, priority_share: float
) -> None:
    """Refuse a start, an exit rate, a limit or a priority share outside its range.

    Raises
    ------
    InputError
        Naming the first that is.
    """
    if not (np.isfinite(initial_backlog) and initial_backlog >= 0 and initial_backlog % 1 == 0):
        raise InputError(
            f"initial backlog {initial_backlog:g}", expected="a whole number of cases, 0 or more"
        )
    if not 0 <= exit_rate < 1:
        raise InputError(
            f"exit rate {exit_rate:g}",
            expected="a hazard per month from 0 to below 1, such as 0.05",
        )
    if not (np.isfinite(limit_months) and limit_months > 0):
        raise InputError(f"limit of {limit_months:g} months", expected="above 0, such as 6")
    require_between("priority share", priority_share, 0, 1)


def require_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside its range, both ends allowed.

    Raises
    ------
    InputError
        If it is.
    """
    if not low <= value <= high:
        raise InputError(f"{name} {value:g}", expected=f"{low:g} to {high:g}")


def _check_capacity(capacity: np.ndarray, inflow: xr.DataArray) -> None:
    if capacity.ndim != 1 or not len(capacity):
        raise InputError(
            f"capacity of shape {capacity.shape}", expected="one number per month, shape (horizon,)"
        )
    if len(capacity) > inflow.sizes["period"]:
        raise InputError(
            f"capacity for {len(capacity)} months and inflow for {inflow.sizes['period']}",
            expected="an inflow at least as long as the horizon",
        )
    periods = periods_of(inflow)
    for period, value in zip(periods, capacity, strict=False):
        if not (np.isfinite(value) and value >= 0):
            raise InputError(
                f"capacity {value:g} in {format_period(period)}", expected="0 or more decisions"
            )
    if not capacity[-1] > 0:
        raise InputError(
            f"capacity 0 in {format_period(periods[len(capacity) - 1])}, the last month, which is "
            "held beyond the horizon",
            expected="a last capacity above 0: without it the last to come would wait for ever",
        )


def _check_ages(ages: np.ndarray) -> None:
    if ages.ndim != 1 or not len(ages) or not np.isfinite(ages).all() or (ages < 0).any():
        raise InputError(
            f"initial ages {ages.tolist()}", expected="shares from 0 to 1, one per month of age"
        )
    if abs(ages.sum() - 1) > 1e-6:
        raise InputError(f"initial ages that add up to {ages.sum():g}", expected="1")
