"""Centres of a chain: persons present under a scenario, against the places."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.languages.messages import say
from forecasting.paths import make_paths
from forecasting.periods import format_period, months_between, parse_month
from forecasting.projections.draws import Drawing, number
from forecasting.projections.flow import over_months
from forecasting.projections.projection import CentreProjection
from forecasting.scenarios import Lever, apply_arrivals, lever_values
from forecasting.scenarios.schema import CentreSource
from forecasting.stocks.coupled import CoupledGroup, couple, coupled_stock, shared_normals
from forecasting.stocks.group_source import GroupSource
from forecasting.stocks.occupancy import Group
from forecasting.stocks.occupancy_config import OccupancyConfig, OccupancyPlan, load_occupancy
from forecasting.stocks.service_level import nights_cost, overflow, person_nights


@dataclass(frozen=True, eq=False)
class CentreMaterial:
    """A centre with its groups laid out.

    Attributes
    ----------
    name : str
    plan : OccupancyPlan
        Its groups with the arrivals of the reference.
    fed : tuple of bool
        Of each group, whether its arrivals are those of the flow.
    follows : float
        Power of the change of the flow by which the other groups move; 0: they do not.
    groups : tuple of CoupledGroup
    median_flow : numpy.ndarray
        Median of the flow of the reference, 0 without one, shape ``(horizon,)``.
    normals : numpy.ndarray
        What decides over single persons, shape ``(n_paths, horizon)``.
    seed : int
        Of levers that are drawn.
    """

    name: str
    plan: OccupancyPlan
    fed: tuple[bool, ...]
    follows: float
    groups: tuple[CoupledGroup, ...]
    median_flow: np.ndarray
    normals: np.ndarray
    seed: int

    @property
    def depends_on_flow(self) -> bool:
        """Whether another flow changes anything."""
        return any(self.fed) or self.follows != 0

    @property
    def at_start(self) -> float:
        """Persons expected at the start."""
        expected = [
            own.cohorts.initial_numbers @ own.cohorts.initial_presence[:, :, 0].mean(axis=0)
            for own in self.groups
        ]
        return float(sum(expected))


def prepare_centre(
    source: CentreSource, until: pd.Period, flow: Forecast | None, drawing: Drawing
) -> CentreMaterial:
    """Read a centre, and take the arrivals that are those of the flow from it.

    Raises
    ------
    InputError
        If the configuration cannot be used, is not monthly, or begins after the last month.
    """
    plan = _load(source.config, until, flow, drawing)
    fed = tuple(_is_fed(own, flow) for own in _sources(plan))
    groups = tuple(
        _fed(group, flow) if own and flow is not None else group
        for group, own in zip(plan.groups, fed, strict=True)
    )
    horizon, median = len(plan.periods), np.zeros(len(plan.periods))
    if flow is not None:
        median = np.median(over_months(flow, flow.paths, plan.periods), axis=0)
    return CentreMaterial(
        name=source.id,
        plan=replace(plan, groups=groups),
        fed=fed,
        follows=float(source.follows_flow or 0),
        groups=couple(groups, horizon),
        median_flow=median,
        normals=shared_normals(
            drawing.n_paths, horizon, seed=[drawing.seed, zlib.crc32(source.id.encode())]
        ),
        seed=drawing.seed,
    )


def _load(config: str, until: pd.Period, flow: Forecast | None, drawing: Drawing) -> OccupancyPlan:
    """Read a configuration up to the last month of the chain."""
    start = load_occupancy(config, check_only=True).periods[0]
    horizon = months_between(start, until) if start.freqstr == "M" else 0
    if not horizon:
        raise InputError(
            say("a start in {month}", month=format_period(start)),
            where=config,
            expected=say(
                "a month up to {month}, the last one of the chain", month=format_period(until)
            ),
        )
    changes: dict[str, Any] = {"horizon": horizon, "paths": drawing.n_paths, "seed": drawing.seed}
    plan = load_occupancy(config, check_only=True, **changes)
    own = [each for each in _sources(plan) if not _is_fed(each, flow)]
    if any(each.arrivals is None or each.arrivals.forecast is not None for each in own):
        return load_occupancy(config, **changes)
    return plan


def _sources(plan: OccupancyPlan) -> tuple[GroupSource | OccupancyConfig, ...]:
    return plan.config.groups or (plan.config,)


def _is_fed(source: GroupSource | OccupancyConfig, flow: Forecast | None) -> bool:
    if flow is None or source.arrivals is None or source.arrivals.forecast is None:
        return False
    return source.arrivals.forecast.series == flow.series.series_id


def _fed(group: Group, flow: Forecast) -> Group:
    arrivals = group.arrivals
    values = over_months(flow, flow.paths, arrivals.periods)
    paths = make_paths(values, arrivals.periods, unit="persons")
    return replace(group, arrivals=replace(arrivals, paths=paths))


def project_present(
    material: CentreMaterial,
    flow: Forecast | None,
    paths: xr.DataArray | None,
    levers: Mapping[str, Sequence[Lever]],
) -> xr.DataArray:
    """Project the persons present in a centre.

    Parameters
    ----------
    material : CentreMaterial
    flow : Forecast or None
        That of the reference.
    paths : xarray.DataArray or None
        Of the flow under the scenario.
    levers : mapping of str to sequence of Lever
        On the ``arrivals`` and the ``stay`` of the centre.
    """
    groups, periods = material.groups, material.plan.periods
    moved = None
    if flow is not None and paths is not None and paths is not flow.paths:
        moved = over_months(flow, paths, periods) if material.depends_on_flow else None
    if moved is not None or levers["arrivals"]:
        groups = tuple(
            _with_arrivals(material, place, moved, levers["arrivals"])
            for place in range(len(groups))
        )
    if levers["stay"]:
        factors = np.prod([lever_values(each, periods) for each in levers["stay"]], axis=0)
        groups = tuple(group.with_stays(factors) for group in groups)
    stock = coupled_stock(groups, material.normals)
    return make_paths(stock, periods, unit="persons", kind="stock")


def _with_arrivals(
    material: CentreMaterial, place: int, moved: np.ndarray | None, levers: Sequence[Lever]
) -> CoupledGroup:
    """A group with the arrivals of the flow under the scenario, then the levers on the centre."""
    arrivals, group = material.plan.groups[place].arrivals, material.groups[place]
    values = group.cohorts.values
    if moved is not None and material.fed[place]:
        values = moved
    elif moved is not None and material.follows:
        before, after = material.median_flow, np.median(moved, axis=0)
        change = np.divide(after, before, out=np.ones_like(after), where=before > 0)
        values = values * change**material.follows
    if not levers:
        return group.with_arrivals(values, arrivals.dispersion)
    paths = make_paths(values, arrivals.periods, unit="persons")
    paths = apply_arrivals(paths, levers, seed=material.seed, n_paths=len(material.normals))
    spread = [number(each) for each in levers if each.lever == "arrivals.dispersion"]
    more = (arrivals.dispersion - 1) * float(np.prod(spread))
    return group.with_arrivals(paths.to_numpy(), 1 + more)


def hold_against_places(
    material: CentreMaterial, present: xr.DataArray, levers: Sequence[Lever]
) -> CentreProjection:
    """Count who is over the places, their nights, and what these cost.

    Parameters
    ----------
    material : CentreMaterial
    present : xarray.DataArray
        From `project_present`.
    levers : sequence of Lever
        On the capacity of the centre.

    Raises
    ------
    InputError
        If a lever acts on places that the configuration does not have, or leaves none.
    """
    plan = material.plan
    name, title = material.name, plan.config.title or {"en": plan.config.name}
    places = _places(plan, levers)
    if places is None:
        return CentreProjection(name, title, present)
    over = overflow(present, places)
    nights = person_nights(over, initial=max(material.at_start - float(places[0]), 0.0))
    price = plan.config.cost_eur_per_night
    cost = None if price is None else nights_cost(nights, float(price))
    return CentreProjection(name, title, present, places, over, nights, cost)


def _places(plan: OccupancyPlan, levers: Sequence[Lever]) -> np.ndarray | None:
    places = plan.capacity
    if not levers:
        return places
    if places is None:
        raise InputError(
            f"lever '{levers[0].label}' on a centre without a capacity",
            where=plan.config.name,
            expected="capacity in its configuration",
        )
    delay = sum(int(number(each)) for each in levers if each.lever == "capacity.delay")
    places = _delayed(plan, delay).copy() if delay else places.copy()
    for lever in levers:
        if lever.lever == "capacity.add":
            places = places + lever_values(lever, plan.periods)
    if (places <= 0).any():
        month = plan.periods[int(places.argmin())]
        raise InputError(
            say(
                "{places} places in {month}", places=f"{places.min():g}", month=format_period(month)
            ),
            where=plan.config.name,
            expected=say("above 0"),
            action=say("take fewer places away"),
        )
    return np.asarray(places)


def _delayed(plan: OccupancyPlan, months: int) -> np.ndarray:
    """Places with every step after the first one so many months later."""
    steps = plan.config.capacity
    if not isinstance(steps, tuple) or len(steps) < 2:
        raise InputError(
            "capacity.delay on places that are the same in all months",
            where=plan.config.name,
            expected="capacity with steps, such as [{from: 2025-01, places: 60}, ...]",
        )
    places = np.full(len(plan.periods), float(steps[0].places))
    for step in steps[1:]:
        places[plan.periods >= parse_month(str(step.start)) + months] = float(step.places)
    return places
