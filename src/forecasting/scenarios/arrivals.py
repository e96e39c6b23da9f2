"""Arrivals under a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.distributions import Distribution, central
from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.languages.messages import say
from forecasting.paths import make_paths, periods_of
from forecasting.scenarios.chain import levers_on
from forecasting.scenarios.profile import drawn, lever_values, weights
from forecasting.scenarios.replay import replay_factors
from forecasting.scenarios.schema import Lever, Replay, Scenario, scenario_place

MONTHS = 12


def scenario_forecast(result: Forecast, scenario: Scenario, *, seed: int = 1) -> Forecast:
    """Return a forecast with its paths as they are under a scenario: a projection.

    Parameters
    ----------
    result : Forecast
        Of the flow of the scenario; not changed, and returned as it is if no lever acts on it.
        Under a lever ``model.flow`` it has to be made by that model already.
    scenario : Scenario
    seed : int
        Of values that are drawn.

    Raises
    ------
    InputError
        If it is a forecast of something else.
    """
    flow = scenario.chain.flow
    if flow != result.series.series_id:
        raise InputError(
            say("a forecast of {name}", name=result.series.series_id),
            where=scenario_place(scenario.id),
            expected=say("a forecast of {name}", name=flow)
            if flow
            else say("none: the chain has no flow"),
        )
    paths = apply_to_flow(result.paths, scenario, seed=seed)
    return result if paths is result.paths else replace(result, paths=paths)


def apply_to_flow(paths: xr.DataArray, scenario: Scenario, *, seed: int = 1) -> xr.DataArray:
    """Apply all levers on the arrivals of the flow, in their order.

    Parameters
    ----------
    paths : xarray.DataArray
        Persons a month, dims ``(path, period)``.
    scenario : Scenario
    seed : int
        Of values that are drawn; a lever has the same draws in every scenario.

    Returns
    -------
    xarray.DataArray
        Dims ``(path, period)``; the same object if no lever acts on the flow.
    """
    flow = scenario.chain.flow
    levers = levers_on(scenario, "arrivals", flow) if flow else ()
    return apply_arrivals(paths, levers, seed=seed)


def apply_arrivals(
    paths: xr.DataArray, levers: Sequence[Lever], *, seed: int = 1, n_paths: int | None = None
) -> xr.DataArray:
    """Apply levers on arrivals, in their order.

    Parameters
    ----------
    paths : xarray.DataArray
        Persons a month, dims ``(path, period)``; one path stands for all.
    levers : sequence of Lever
        On arrivals.
    seed : int
        Of values that are drawn.
    n_paths : int, optional
        How many are drawn for paths of one path; default: as many as there are paths.

    Returns
    -------
    xarray.DataArray
        Dims ``(path, period)``; the same object if there are no levers.
    """
    if not levers:
        return paths
    periods, given = periods_of(paths), paths.to_numpy()
    n_paths = n_paths or len(given)
    values = given
    for lever in levers:
        if lever.lever in ("arrivals.add", "arrivals.surge"):
            more = lever_values(lever, periods, n_paths=n_paths, seed=seed)
            values = np.maximum(values + more, 0)
        elif lever.lever == "arrivals.dispersion":
            values = _spread(values, central(lever.amount))
        else:
            values = values * _factors(lever, periods, given, n_paths=n_paths, seed=seed)
    return make_paths(values, periods, unit=paths.attrs["unit"], kind=paths.attrs["kind"])


def _factors(
    lever: Lever, periods: pd.PeriodIndex, reference: np.ndarray, *, n_paths: int, seed: int
) -> np.ndarray:
    """By what the arrivals of each month are multiplied."""
    if lever.lever == "arrivals.replay":
        return _replayed(lever, periods)
    if lever.lever == "arrivals.level":
        return _level_factors(lever, periods, reference, n_paths=n_paths, seed=seed)
    values = lever_values(lever, periods, n_paths=n_paths, seed=seed)
    return 1 - values if lever.lever == "arrivals.closure" else values


def _replayed(lever: Lever, periods: pd.PeriodIndex) -> np.ndarray:
    if not isinstance(lever.value, Replay) or lever.start is None:
        raise InputError(say("{lever} has no window of months", lever=lever.lever))
    observed = replay_factors(lever.value)
    steps = np.asarray(periods.asi8) - lever.start.ordinal
    inside = (steps >= 0) & (steps < len(observed))
    return np.where(inside, observed[np.clip(steps, 0, len(observed) - 1)], 1.0)


def _level_factors(
    lever: Lever, periods: pd.PeriodIndex, reference: np.ndarray, *, n_paths: int, seed: int
) -> np.ndarray:
    """Level over the median of the reference, over the months of each year in which it holds."""
    in_force = weights(lever, periods)
    years = np.asarray(periods.year)
    ratio = np.zeros(len(periods))
    for year in np.unique(years[in_force > 0]):
        months = (years == year) & (in_force > 0)
        median = float(np.median(reference[:, months].sum(axis=1)))
        if median <= 0:
            raise InputError(
                say("nobody comes in {year} under the reference", year=year),
                where=lever.label,
                expected=say("arrivals that a level can be a multiple of"),
            )
        ratio[months] = months.sum() / MONTHS / median
    level = drawn(lever, n_paths=n_paths, seed=seed)[:, np.newaxis]
    if not isinstance(lever.value, Distribution):
        level = level[:1]
    return np.asarray(1 + (level * ratio - 1) * in_force)


def _spread(values: np.ndarray, factor: float) -> np.ndarray:
    """Stretch the paths about their median, on the logarithm of 1 + y."""
    if factor == 1:
        return values
    logs = np.log1p(values)
    centre = np.median(logs, axis=0)
    return np.asarray(np.maximum(np.expm1(centre + factor * (logs - centre)), 0))
