"""The named benchmarks at the origin of a forecast, so that its skill can be told later."""

from __future__ import annotations

import pandas as pd

from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.evaluation.scores import crps_quantiles
from forecasting.forecasts import Forecast, forecast, forecast_table
from forecasting.paths import periods_of, quantile
from forecasting.tables import QUANTILE_LEVELS

RANDOM_WALK = BENCHMARKS[0]
"""What a forecast has to beat on a page."""


def benchmark_forecast(result: Forecast, name: str, *, seed: int) -> Forecast:
    """Forecast the same series over the same periods, with as many paths, by a simple model."""
    n_paths, horizon = result.paths.sizes["path"], result.paths.sizes["period"]
    return forecast(result.series, horizon=horizon, model=name, n_paths=n_paths, seed=seed)


def benchmark_table(result: Forecast, *, seed: int) -> pd.DataFrame:
    """Forecast by every benchmark of `forecasting.evaluation.backtest.BENCHMARKS`.

    Returns
    -------
    pandas.DataFrame
        Columns `forecasting.tables.FORECAST_COLUMNS`.
    """
    tables = [forecast_table(benchmark_forecast(result, name, seed=seed)) for name in BENCHMARKS]
    return pd.concat(tables, ignore_index=True)


def ratio_to_benchmark(
    result: Forecast, observed: pd.Series, *, name: str = RANDOM_WALK, seed: int = 1
) -> float | None:
    """Mean CRPS of a forecast over that of a benchmark from the same origin; below 1 is better.

    Parameters
    ----------
    result : Forecast
        Of the past.
    observed : pandas.Series
        Counts, all of its periods among them.
    name : str
        A benchmark.
    seed : int
        Of its random numbers.

    Returns
    -------
    float or None
        None where the benchmark was exact.
    """
    own, benchmark = (
        _mean_crps(each, observed) for each in (result, benchmark_forecast(result, name, seed=seed))
    )
    return own / benchmark if benchmark else None


def _mean_crps(result: Forecast, observed: pd.Series) -> float:
    quantiles = quantile(result.paths, QUANTILE_LEVELS).to_numpy().T
    counted = observed.reindex(periods_of(result.paths)).to_numpy(dtype=float)
    return float(crps_quantiles(quantiles, QUANTILE_LEVELS, counted).mean())
