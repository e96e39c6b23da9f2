"""Forecast of a caseload: how many persons receive a benefit at the end of each period.

The candidates are a pool for a *smooth stock* (damped exponential smoothing, autoregression of
changes), the same with every driver that has earned its place, the default pool of *jumpy flows*,
and, where entries are known, the stock from *entries and exits*. Which is used is decided by a
backtest on the series' own past: the smooth stock unless another one scored at least a tenth
better. After a shock (`forecasting.models.changes`) no trend is trusted: a level is carried forward
and the shock passes to an unknown share. How this did stands in benchmarks/RESULTS.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError, ModelError
from forecasting.forecasts.pool import (
    MAX_HORIZON,
    MAX_PATHS,
    Forecast,
    ceiling_of,
    draw_members,
)
from forecasting.models import Drivers, Intervention
from forecasting.models.changes import changes_of
from forecasting.models.common import one_thread
from forecasting.paths import make_paths, quantile
from forecasting.periods import following, format_period
from forecasting.series import RegularSeries
from forecasting.stocks.caseload_choice import (
    DriverReport,
    choose_level,
    choose_pool,
    fall_back,
    offer_drivers,
)
from forecasting.stocks.caseload_inputs import CaseloadInputs, bridge_gaps, estimate_effects
from forecasting.stocks.caseload_models import check_scenarios
from forecasting.stocks.caseload_past import PastForecasts, calibrate

FEWEST_PATHS = 10


@dataclass(frozen=True)
class CaseloadForecast:
    """Joint sample paths of recipients, and how they were arrived at.

    Attributes
    ----------
    forecast : Forecast
        With the paths; its series is the one given, its model the name of the pool.
    reason : str
        Why this pool, in words.
    scores : pandas.DataFrame
        Of the candidates in the past: ``candidate, origins, crps, mape, coverage_80``; CRPS of
        log(1 + y), absolute error of the median in percent, over one to twelve months ahead. Empty
        if the past is too short.
    drivers : tuple of DriverReport
        One a driver that was offered.
    shocks : dict of pandas.Period to float
        Log changes of the last three years that are shocks.
    """

    forecast: Forecast
    reason: str
    scores: pd.DataFrame
    drivers: tuple[DriverReport, ...]
    shocks: dict[pd.Period, float]

    @property
    def paths(self) -> xr.DataArray:
        """Recipients after the origin, dims ``(path, period)``."""
        return self.forecast.paths

    def lines(self) -> list[str]:
        """What comes out, what was chosen and why, one sentence a line."""
        result = self.forecast
        end = quantile(result.paths, (0.1, 0.5, 0.9)).to_numpy()[:, -1]
        found = [
            f"{result.series.series_id}: median of {end[1]:,.0f} in "
            f"{format_period(result.paths.indexes['period'][-1])}, 80 % interval {end[0]:,.0f} to "
            f"{end[2]:,.0f}",
            f"pool {result.model}: {self.reason}",
        ]
        for driver in self.drivers:
            place = "used" if driver.used else "left out"
            found.append(f"driver {driver.name} ({driver.future}): {place}: {driver.reason}")
        return [*found, *result.series.notes]


def forecast_caseload(  # noqa: PLR0913 - what is known about one caseload, all of it named
    series: RegularSeries,
    *,
    horizon: int,
    drivers: Drivers | None = None,
    interventions: Sequence[Intervention] = (),
    entries: RegularSeries | None = None,
    n_paths: int = 1000,
    seed: int = 1,
) -> CaseloadForecast:
    """Forecast the recipients of a benefit.

    Parameters
    ----------
    series : RegularSeries
        Recipients at the end of each period; single values may be missing, the last may not.
    horizon : int
        Periods after the origin, 1 to 360.
    drivers : Drivers, optional
        Series that may move it. A future given with them is a scenario; a driver without one is
        forecast from its own past. Leads that do not stand in ``drivers.lags`` are found.
    interventions : sequence of Intervention
        What happened at known periods, the epidemic for example. The effect is taken out of the
        past and, where it ends or goes on within the horizon, put into the future.
    entries : RegularSeries, optional
        New recipients of each period, for the stock from entries and exits.
    n_paths : int
        Number of joint sample paths, at least 10.
    seed : int
        The same seed gives the same paths.

    Returns
    -------
    CaseloadForecast

    Raises
    ------
    InputError
        If the horizon, the number of paths or the seed cannot be used; if a driver, an intervention
        or the entries do not fit the series; if a scenario ends before the horizon.
    ModelError
        If no model can be fitted.
    """
    check_request(horizon=horizon, n_paths=n_paths, seed=seed)
    inputs = CaseloadInputs(replace(series, kind="stock"), drivers, tuple(interventions), entries)
    return forecast_inputs(
        inputs, PastForecasts(inputs, seed), horizon=horizon, n_paths=n_paths, seed=seed
    )


def forecast_inputs(
    inputs: CaseloadInputs, past: PastForecasts, *, horizon: int, n_paths: int, seed: int
) -> CaseloadForecast:
    """Forecast a caseload as `forecast_caseload` does, with past forecasts that may be kept.

    A backtest hands the same `past` to one origin after the other; what it holds of origins after
    that of `inputs` is not looked at.
    """
    check_inputs(inputs, horizon)
    bridged = bridge_gaps(inputs.series)
    effects = estimate_effects(bridged, inputs.interventions)
    series = effects.taken_out(bridged)
    shocks = changes_of(series).shocks if len(series.values) > series.season_length else {}
    offered = offer_drivers(inputs.drivers, series, horizon=horizon, n_paths=n_paths, seed=seed)
    if shocks:
        choice, factors = choose_level(inputs, past, offered, shocks), None
    else:
        choice = choose_pool(inputs, past, offered)
        factors = calibrate(past, [model.name for model in choice.models], series.origin)
    with one_thread():
        try:
            values, reports = draw_members(choice.models, series, horizon, n_paths, seed)
        except ModelError as problem:  # too short, or every member leaves all proportion
            choice, factors = fall_back(choice, problem), None
            values, reports = draw_members(choice.models, series, horizon, n_paths, seed)
    values = effects.put_back(np.minimum(values, ceiling_of(series)), series.origin)
    paths = make_paths(values, following(series.origin, horizon), unit=series.unit, kind="stock")
    result = Forecast(bridged, paths, reports, choice.name)
    result = result.calibrated(factors) if factors else result
    return CaseloadForecast(result, choice.reason, choice.scores, choice.drivers, shocks)


def check_request(*, horizon: int, n_paths: int, seed: int) -> None:
    """Refuse what no caseload can be forecast with, before the work begins.

    Raises
    ------
    InputError
        If the horizon, the number of paths or the seed cannot be used.
    """
    if not 1 <= horizon <= MAX_HORIZON:
        raise InputError(f"horizon {horizon}", expected=f"1 to {MAX_HORIZON} periods")
    if not FEWEST_PATHS <= n_paths <= MAX_PATHS:
        raise InputError(f"{n_paths} paths", expected=f"{FEWEST_PATHS} to {MAX_PATHS:,}")
    if seed < 0:
        raise InputError(f"seed {seed}", expected="0 or more")


def check_inputs(inputs: CaseloadInputs, horizon: int) -> None:
    """Refuse a caseload that cannot be forecast so far, before the work begins.

    Raises
    ------
    InputError
        If its last value is missing, its entries end at another period, its drivers have another
        frequency, or a scenario ends before the horizon.
    """
    series, entries = inputs.series, inputs.entries
    if pd.isna(series.values.iloc[-1]):
        raise InputError(
            f"no value for {format_period(series.origin)}, the last period",
            where=series.series_id,
            expected="a last value to forecast from",
        )
    if entries is not None and entries.origin != series.origin:
        raise InputError(
            f"entries up to {format_period(entries.origin)}",
            where=entries.series_id,
            expected=f"{format_period(series.origin)}, the last period of {series.series_id}",
        )
    if inputs.drivers is not None:
        inputs.drivers.check_frequency(series.periods.freqstr, series.series_id)
        check_scenarios(inputs.drivers, series.origin, horizon)
