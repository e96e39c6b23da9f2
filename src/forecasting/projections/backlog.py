"""The backlog of a chain under a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.languages.messages import say
from forecasting.paths import make_paths, paths_like, periods_of
from forecasting.periods import format_period, months_between
from forecasting.projections.draws import Drawing, number
from forecasting.projections.flow import over_months
from forecasting.scenarios import Lever, lever_values
from forecasting.stocks.backlog import BacklogResult, project_backlog
from forecasting.stocks.backlog_config import BacklogPlan, load_backlog


@dataclass(frozen=True, eq=False)
class BacklogMaterial:
    """A backlog with its inputs.

    Attributes
    ----------
    plan : BacklogPlan
        With the inflow of the reference.
    fed : bool
        Whether the inflow is the flow.
    """

    plan: BacklogPlan
    fed: bool


def prepare_backlog(
    config: str | None, until: pd.Period, flow: Forecast | None, drawing: Drawing
) -> BacklogMaterial | None:
    """Read a backlog, and take an inflow that is the flow from it; None without one.

    Raises
    ------
    InputError
        If the configuration cannot be used or begins after the last month.
    """
    if config is None:
        return None
    start = load_backlog(config, check_only=True).config.start
    horizon = months_between(start, until)
    if not horizon:
        raise InputError(
            say("a start in {month}", month=format_period(start)),
            where=config,
            expected=say(
                "a month up to {month}, the last one of the chain", month=format_period(until)
            ),
        )
    changes: dict[str, Any] = {"horizon": horizon, "paths": drawing.n_paths, "seed": drawing.seed}
    plan = load_backlog(config, check_only=True, **changes)
    source = plan.config.inflow.forecast
    if source is None:
        return BacklogMaterial(plan, fed=False)
    if flow is None or source.series != flow.series.series_id:
        return BacklogMaterial(load_backlog(config, **changes), fed=False)
    inflow = _inflow(flow, flow.paths, plan.inputs.inflow)
    return BacklogMaterial(replace(plan, inputs=replace(plan.inputs, inflow=inflow)), fed=True)


def project_waiting(
    material: BacklogMaterial,
    flow: Forecast | None,
    paths: xr.DataArray | None,
    levers: Mapping[str, Sequence[Lever]],
) -> BacklogResult:
    """Project the backlog.

    Parameters
    ----------
    material : BacklogMaterial
    flow : Forecast or None
        That of the reference.
    paths : xarray.DataArray or None
        Of the flow under the scenario.
    levers : mapping of str to sequence of Lever
        On ``staff`` and ``exit_rate``.

    Raises
    ------
    InputError
        If under the levers nobody decides in the last month, or the exit rate is 1 or more.
    """
    inputs, first = material.plan.inputs, None
    if material.fed and flow is not None and paths is not None and paths is not flow.paths:
        inputs = replace(inputs, inflow=_inflow(flow, paths, inputs.inflow))
    if flow is not None:
        first = flow.origin + 1
    periods = periods_of(inputs.inflow)[: inputs.horizon]
    for lever in levers["staff"]:
        timed = lever if lever.start is not None else lever.model_copy(update={"start": first})
        inputs = replace(inputs, capacity=inputs.capacity * lever_values(timed, periods))
    for lever in levers["exit_rate"]:
        inputs = replace(inputs, exit_rate=inputs.exit_rate * number(lever))
    try:
        return project_backlog(inputs)
    except InputError as problem:
        raise InputError(str(problem), where=material.plan.name) from None


def _inflow(flow: Forecast, paths: xr.DataArray, months: xr.DataArray) -> xr.DataArray:
    """Paths of the flow over the months of others."""
    periods = periods_of(months)
    values = over_months(flow, paths, periods)
    if len(values) == len(months):
        return paths_like(months, values)
    return make_paths(values, periods, unit=str(months.attrs["unit"]))
