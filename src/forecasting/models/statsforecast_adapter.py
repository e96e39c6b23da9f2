"""Adapter for statsforecast: exponential smoothing, Theta, CES, ARIMA and the naive benchmarks.

The library is imported when a model is fitted, not before. Known traps of version 2.1.1 that are
dealt with here: its simulators set NumPy's global seed (it is put back), its CES paths carry no
errors (`forecasting.models.ces`), its ETS paths lose an undamped trend (`forecasting.models.ets`),
its ARIMA paths are slow (`forecasting.models.arima`), ARIMA takes a missing value for a forecast of
0 (a series with gaps is refused), and counts may come out negative (clipped at zero).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.errors import ModelError
from forecasting.models.arima import simulate_arima
from forecasting.models.ces import CesState, simulate_ces
from forecasting.models.common import (
    global_seed_kept,
    paths_from_scale,
    require_complete,
    require_observations,
    scaled_name,
    to_scale,
)
from forecasting.models.ets import EtsState, simulate_ets
from forecasting.series import RegularSeries


@dataclass(frozen=True)
class StatsforecastModel:
    """One statsforecast model on the raw or on the log(1 + y) scale.

    Attributes
    ----------
    kind : {"arima", "ets", "theta", "ces", "seasonal_naive", "random_walk", "ets_damped", \
            "ets_damped_additive"}
        Which model of the library. ``arima`` searches its orders, up to a second a series: it is
        offered, and no member of the default pool. The last two always have a trend, which fades,
        and are recipes for stocks, without a name in `get_model`; the additive one, for the log
        scale, is estimated in a fifth of the time.
    scale : {"raw", "log"}
        Scale on which it is fitted and simulated.
    """

    kind: str
    scale: str

    @property
    def name(self) -> str:
        """Name in tables and messages."""
        return scaled_name(self.kind, self.scale)

    def minimum_length(self, season_length: int) -> int:
        """Fewest observations needed.

        Seasonal naive needs a year and one period more, to have one error at all; the smoothing
        models estimate up to six parameters and fall back to a model without season by themselves.
        """
        return {"seasonal_naive": season_length + 2, "random_walk": 3}.get(self.kind, 10)

    def fit(self, series: RegularSeries) -> FittedStatsforecast:
        """Estimate the model; see `forecasting.models.Model`."""
        require_complete(self.name, series)
        require_observations(self.name, series, self.minimum_length(series.season_length))
        model = _builders()[self.kind](series.season_length)
        try:
            with warnings.catch_warnings(), global_seed_kept():
                warnings.simplefilter("ignore")
                fitted = model.fit(to_scale(series, self.scale))
        except Exception as problem:  # the library raises bare exceptions of many kinds
            raise ModelError(f"{self.name} on {series.series_id}: {problem}") from problem
        return FittedStatsforecast(self, series, fitted)


@dataclass(frozen=True)
class FittedStatsforecast:
    """A fitted statsforecast model; see `forecasting.models.FittedModel`."""

    recipe: StatsforecastModel
    series: RegularSeries
    model_: Any

    def simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Draw joint sample paths, shape ``(n_paths, horizon)``, never negative."""
        name = self.recipe.name
        with np.errstate(over="ignore", invalid="ignore"):
            try:
                values = self._simulate(horizon, n_paths, rng)
            except Exception as problem:  # as in `fit`
                raise ModelError(f"{name} on {self.series.series_id}: {problem}") from problem
        return paths_from_scale(values, self.series, scale=self.recipe.scale, name=name)

    def _simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        estimated = self.model_.model_
        if "seasontype" in estimated:
            ces = CesState.from_statsforecast(estimated)
            return simulate_ces(ces, rng.normal(0, ces.sigma, (n_paths, horizon)))
        if "components" in estimated:
            ets = EtsState.from_statsforecast(estimated)
            return simulate_ets(ets, rng.normal(0, ets.sigma, (n_paths, horizon)))
        if "arma" in estimated:
            return simulate_arima(self.model_, horizon, n_paths, rng)
        seed = int(rng.integers(2**32))
        with global_seed_kept():
            simulated = self.model_.simulate(horizon, n_paths, seed=seed)
        return np.asarray(simulated, dtype=float)


def _builders() -> dict[str, Callable[[int], Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its progress bar asks for a widget library
        from statsforecast import models as library

    return {
        # an approximate likelihood while it searches: on 201 months eight times as fast, and the
        # AICc of what it chose was within one unit
        "arima": lambda season: library.AutoARIMA(season_length=season, approximation=True),
        "ets": lambda season: library.AutoETS(season_length=season),
        "ets_damped": lambda season: library.AutoETS(season_length=season, damped=True),
        "ets_damped_additive": lambda season: library.AutoETS(
            season_length=season, model="AAZ", damped=True
        ),
        "theta": lambda season: library.DynamicOptimizedTheta(season_length=season),
        "ces": lambda season: library.AutoCES(season_length=season),
        "seasonal_naive": lambda season: library.SeasonalNaive(season_length=season),
        "random_walk": lambda _: library.Naive(),
    }
