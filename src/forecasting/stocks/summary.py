"""What a projection comes to, in a few lines for the terminal."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forecasting.paths import interval, periods_of
from forecasting.periods import format_period
from forecasting.stocks.backlog_config import BacklogProjection
from forecasting.stocks.duration_units import period_unit
from forecasting.stocks.occupancy_config import OccupancyProjection
from forecasting.stocks.service_level import (
    capacity_for,
    nights_cost,
    over_capacity_in_year,
    person_nights,
    whole_years,
)

_MEANINGS = {
    "pointwise": "at the end of whichever period of {year}",
    "simultaneous": "at the end of every period of {year}",
    "share_of_nights": "on this share of the nights of {year}",
}


def occupancy_lines(projection: OccupancyProjection) -> list[str]:
    """Say how many are expected, whether the places are enough, and what it costs."""
    plan, paths = projection.plan, projection.paths
    last = format_period(plan.periods[-1])
    low, high = interval(paths, 80).to_numpy()[:, -1]
    lines = [
        f"{plan.config.name}: median of {_last(paths):,.0f} persons at the end of {last}, "
        f"80 % interval {low:,.0f} to {high:,.0f}"
    ]
    years = whole_years(projection.demand)
    if plan.capacity is not None and projection.over is not None:
        chance = projection.over.probability.to_numpy()
        worst = int(np.argmax(chance))
        lines.append(
            f"chance of more persons than places: highest {_share(chance[worst])}, at the end of "
            f"{format_period(plan.periods[worst])}"
        )
        if years is not None:
            places = plan.capacity[np.isin(plan.periods, periods_of(years))]
            lines += [
                f"  at the end of any period of {year}: {_share(share)}"
                for year, share in _by_year(over_capacity_in_year(years, places))
            ]
    if projection.queue is not None:
        outside = projection.queue.nights_outside.to_numpy().sum(axis=1)
        lines.append(
            f"{plan.config.at_capacity}: {outside.mean():,.0f} person-nights without a place "
            f"up to {last}, on one path in ten more than {np.quantile(outside, 0.9):,.0f}"
        )
    wanted = plan.config.service_level
    if wanted is not None and years is not None:
        needed = capacity_for(years, float(wanted.probability), meaning=wanted.meaning)
        lines += [
            f"places for {wanted.probability:.0%} {_MEANINGS[wanted.meaning].format(year=year)}: "
            f"{places:,.0f}"
            for year, places in _by_year(needed)
        ]
    return [*lines, *_cost_lines(projection), *_stay_lines(projection)]


def _stay_lines(projection: OccupancyProjection) -> list[str]:
    """Say what was estimated where the length of stay has draws."""
    lines = []
    for group in projection.plan.groups:
        if len(group.stays) > 1:
            low, mid, high = np.quantile([stay.mean for stay in group.stays], [0.1, 0.5, 0.9])
            lines.append(
                f"mean stay of {group.name}, estimated: {mid:.2f} "
                f"{period_unit(projection.plan.config.frequency)}, "
                f"80 % interval {low:.2f} to {high:.2f}"
            )
    return lines


def _cost_lines(projection: OccupancyProjection) -> list[str]:
    unit_cost = projection.plan.config.cost_eur_per_night
    if unit_cost is None:
        return []
    nights = person_nights(projection.paths, initial=float(projection.expected.initial.mean()))
    cost = nights_cost(nights, float(unit_cost)).to_numpy().sum(axis=1)
    low, high = np.quantile(cost, [0.1, 0.9])
    return [
        f"{nights.to_numpy().sum(axis=1).mean():,.0f} person-nights, {cost.mean():,.0f} EUR, "
        f"80 % interval {low:,.0f} to {high:,.0f} EUR"
    ]


def backlog_lines(projection: BacklogProjection) -> list[str]:
    """Say how many wait, how long, and what would keep the wait within the limit."""
    result, needed, config = projection.result, projection.needed, projection.plan.config
    period = format_period(periods_of(result.backlog)[-1])
    low, high = interval(result.backlog, 80).to_numpy()[:, -1]
    lines = [
        f"{projection.plan.name}: {_last(result.backlog):,.0f} cases wait at the end of {period} "
        f"in the median, 80 % interval {low:,.0f} to {high:,.0f}",
        f"the last to come waits {_last(result.wait_of_last_arrival):.1f} months; "
        f"{_last(result.share_over_limit):.0%} of those waiting are over "
        f"{config.limit_months:g} months",
    ]
    now = projection.plan.staff.persons if projection.plan.staff else config.capacity.constant
    lines.append(
        f"within {config.limit_months:g} months from {format_period(needed.from_period)} on with "
        f"{needed.probability:.0%}: {needed.persons:,.1f} {projection.staff_unit} (now {now:g})"
    )
    if projection.places is not None:
        lines.append(f"{_last(projection.places):,.0f} reception places at the end of {period}")
    return lines


def _share(value: float) -> str:
    return "under 0.1%" if 0 < value < 0.0005 else f"{value:.1%}"


def _by_year(view: xr.DataArray) -> list[tuple[int, float]]:
    years = view.indexes["period"]
    return [(year.year, float(value)) for year, value in zip(years, view.to_numpy(), strict=True)]


def _last(paths: xr.DataArray) -> float:
    """Median of the last period."""
    return float(np.median(paths.to_numpy()[:, -1]))
