"""The models a caseload may be forecast by, and the candidate pools made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.errors import InputError, ModelError
from forecasting.forecasts.pool import DEFAULT_POOL, forecast
from forecasting.models import Drivers, Model, get_model
from forecasting.models.autoregression import AutoregressionModel
from forecasting.models.level import LevelModel
from forecasting.models.statsforecast_adapter import StatsforecastModel
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.series import RegularSeries, make_series
from forecasting.stocks.caseload_inputs import CaseloadInputs
from forecasting.stocks.exit_rate import fit_exit_rate, fit_last_value
from forecasting.stocks.fitted_stock import FittedStock
from forecasting.stocks.stock_pool import StockPool

SMOOTH, FLOW, LEVEL, ENTRIES = "smooth stock", "jumpy flow", "after a shock", "entries and exits"

TREND_MODELS: tuple[Model, ...] = (
    StatsforecastModel("ets_damped_additive", "log"),
    AutoregressionModel(),
)
"""Members for a smooth stock."""

FLOW_MODELS = ("ces", "ces-log", "seasonal_naive-log", "theta-log")
"""Members for a jumpy flow: those of the default pool that need no panel, without exponential
smoothing, which the other pool has and which takes the longest."""

DRIVER_MODELS: tuple[Model, ...] = (AutoregressionModel(), StatsforecastModel("ets", "raw"))
"""What a driver is forecast by: the first that can be fitted."""


@dataclass(frozen=True)
class EntriesModel:
    """A stock from its entries and an exit rate, pooled with the last value.

    Attributes
    ----------
    entries : RegularSeries
        New recipients of each period up to the origin; forecast by the default pool.
    """

    entries: RegularSeries

    @property
    def name(self) -> str:
        """Name in tables and messages."""
        return "entries and exit rate"

    def minimum_length(self, season_length: int) -> int:
        """Fewest observations: two windows of a year, and two periods."""
        return 2 * season_length + 2

    def fit(self, series: RegularSeries) -> FittedEntries:
        """Fit the exit rate; see `forecasting.models.Model`."""
        stock = replace(series, kind="stock")
        pool = StockPool((fit_exit_rate, fit_last_value))
        return FittedEntries(self, series, pool(stock, self.entries.until(series.origin)))


@dataclass(frozen=True)
class FittedEntries:
    """See `EntriesModel`."""

    recipe: EntriesModel
    series: RegularSeries
    stock_: FittedStock

    def simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Draw joint sample paths, shape ``(n_paths, horizon)``."""
        seed = int(rng.integers(2**31))
        known = self.recipe.entries.until(self.series.origin)
        n_entries = max(n_paths, len(DEFAULT_POOL))
        ahead = forecast(known, horizon=horizon, n_paths=n_entries, seed=seed).paths[:n_paths]
        return self.stock_.project(ahead, n_paths=n_paths, rng=rng).to_numpy()


def plain_models(inputs: CaseloadInputs) -> dict[str, tuple[Model, ...]]:
    """Candidate pools that need no driver, by name."""
    pools = {
        SMOOTH: TREND_MODELS,
        FLOW: tuple(get_model(name) for name in FLOW_MODELS),
        LEVEL: (LevelModel(),),
    }
    if inputs.entries is not None:
        pools[ENTRIES] = (EntriesModel(inputs.entries),)
    return pools


def with_future(
    drivers: Drivers, origin: pd.Period, *, horizon: int, n_paths: int, rng: np.random.Generator
) -> Drivers:
    """Forecast every driver that has no future of its own, from its last value on.

    Raises
    ------
    InputError
        If a given future ends before the horizon.
    ModelError
        If a driver cannot be forecast.
    """
    check_scenarios(drivers, origin, horizon)
    future = dict(drivers.future)
    for name in drivers.names:
        if name in future:
            continue
        known = drivers.observed[name].dropna()
        last = pd.PeriodIndex(known.index)[-1]
        needed = (origin - last).n + horizon
        values = _simulate_driver(name, known, needed, n_paths, rng)
        future[name] = make_paths(values, following(last, needed), unit="1")
    return replace(drivers, future=future)


def check_scenarios(drivers: Drivers, origin: pd.Period, horizon: int) -> None:
    """Refuse a given future of a driver that ends before the horizon.

    Raises
    ------
    InputError
        Naming the driver and where its future ends.
    """
    for name, given in drivers.future.items():
        end = given.indexes["period"][-1]
        if end < origin + horizon - drivers.lags.get(name, 0):
            raise InputError(
                f"values up to {format_period(end)}",
                where=f"driver {name}",
                expected=f"values up to {format_period(origin + horizon)}, for {horizon} periods "
                f"after {format_period(origin)}, or none after {format_period(origin)}",
                action="complete the scenario, or leave it out: the driver is then forecast",
            )


def _simulate_driver(
    name: str, known: pd.Series, horizon: int, n_paths: int, rng: np.random.Generator
) -> np.ndarray:
    if (known < 0).any():
        lowest = pd.PeriodIndex(known.index)[int(np.argmin(known))]
        raise InputError(
            f"{known.min():g} in {format_period(lowest)}",
            where=f"driver {name}",
            expected="no negative value in a driver that has to be forecast",
            action="give its future as a scenario, or use its level instead of its change",
        )
    periods = [format_period(period) for period in pd.PeriodIndex(known.index)]
    series = make_series(periods, known.to_list(), series_id=f"driver {name}", unit="1")
    problems = []
    for model in DRIVER_MODELS:
        try:
            return model.fit(series).simulate(horizon, n_paths, rng)
        except ModelError as problem:
            problems.append(str(problem))
    raise ModelError("; ".join(problems))
