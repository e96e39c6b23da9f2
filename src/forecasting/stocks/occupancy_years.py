"""Calendar years of an occupancy against the places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import periods_of
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.occupancy_config import OccupancyPlan, OccupancyProjection
from forecasting.stocks.service_level import (
    over_capacity_in_year,
    overflow,
    person_nights,
    whole_years,
)


@dataclass(frozen=True)
class YearService:
    """A calendar year against its places, were everybody to stay who comes.

    Attributes
    ----------
    year : int
    places : tuple of float
        The fewest and the most in its periods.
    median : float
        Persons present at the end of a period, over the paths and the periods of the year.
    over_in_period : float
        Chance of more persons than places at the end of a period, the highest one of the year;
        computed without simulation.
    over_in_year : float
        Chance of more persons than places at the end of any period of the year, over the paths.
    nights_over : float
        Expected person-nights of those over the places, over the paths.
    """

    year: int
    places: tuple[float, float]
    median: float
    over_in_period: float
    over_in_year: float
    nights_over: float


def service_by_year(
    projection: OccupancyProjection, capacity: float | None = None
) -> list[YearService]:
    """Hold every whole calendar year of a projection against its places, or others.

    Parameters
    ----------
    projection : OccupancyProjection
    capacity : float, optional
        Places in all periods instead of those of the plan.

    Raises
    ------
    InputError
        If there are no places, or no whole calendar year.
    """
    plan, demand = projection.plan, projection.demand
    places = np.broadcast_to(
        plan_places(plan) if capacity is None else float(capacity), (len(plan.periods),)
    )
    over = projection.over
    if over is None or capacity is not None:
        over = exceedance(plan.groups, len(plan.periods), capacity=places)
    at_start = max(float(projection.expected.initial.mean()) - places[0], 0.0)
    nights = person_nights(overflow(demand, places), initial=at_start).to_numpy().mean(axis=0)
    years = periods_of(require_years(demand)).year.unique()
    whole = np.isin(plan.periods.year, years)
    in_year = over_capacity_in_year(demand[:, whole], places[whole]).to_numpy()
    found = []
    for year, chance in zip(years, in_year, strict=True):
        own = plan.periods.year == year
        found.append(
            YearService(
                int(year),
                (float(places[own].min()), float(places[own].max())),
                float(np.quantile(demand[:, own], 0.5, method="inverted_cdf")),
                float(over.probability.to_numpy()[own].max()),
                float(chance),
                float(nights[own].sum()),
            )
        )
    return found


def plan_places(plan: OccupancyPlan) -> np.ndarray:
    """Return the places of each period.

    Raises
    ------
    InputError
        If the plan has none.
    """
    if plan.capacity is None:
        raise InputError(
            "no capacity", where=plan.config.name, expected="a number of places", action="give one"
        )
    return plan.capacity


def require_years(paths: xr.DataArray) -> xr.DataArray:
    """Return the part of paths that covers whole calendar years.

    Raises
    ------
    InputError
        If they cover none.
    """
    years = whole_years(paths)
    if years is None:
        raise InputError("paths of less than a calendar year", expected="January to December")
    return years


def last_year(paths: xr.DataArray) -> xr.DataArray:
    """Return the last whole calendar year of paths.

    Raises
    ------
    InputError
        If they cover none.
    """
    years = require_years(paths)
    return years[:, periods_of(years).year == periods_of(years).year.max()]
