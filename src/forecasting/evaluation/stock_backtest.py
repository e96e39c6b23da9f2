"""Rolling-origin backtest of models of a stock: from its inflow, known or forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.evaluation.backtest import past_origins
from forecasting.evaluation.cases import LEVELS
from forecasting.evaluation.interval_scores import interval_coverage
from forecasting.evaluation.scores import crps_samples, pit
from forecasting.evaluation.skill import SCORE_COLUMNS
from forecasting.forecasts.experience import DEFAULT_EXPERIENCE, Experience
from forecasting.forecasts.pool import forecast
from forecasting.paths import make_paths
from forecasting.periods import format_period
from forecasting.series import RegularSeries
from forecasting.stocks.fitted_stock import StockModel


@dataclass(frozen=True)
class StockBacktestOptions:
    """How a backtest of a stock is run beyond its origins and its horizon.

    Attributes
    ----------
    inflow_known : bool
        Whether the models are given the inflow that came, on one path, or its forecast at the
        origin. The first tells what the model of the stock is worth, the second what a forecast of
        the stock is.
    inflow_model : str
        See `forecasting.forecast`.
    experience : Experience
        See `forecasting.forecast`.
    step : int
        Periods from one origin to the next, where their number is given.
    n_paths, seed : int
        Paths of the inflow and of the stock.
    """

    inflow_known: bool = False
    inflow_model: str = "pool"
    experience: Experience = DEFAULT_EXPERIENCE
    step: int = 1
    n_paths: int = 1000
    seed: int = 1


def stock_backtest(
    stock: RegularSeries,
    inflow: RegularSeries,
    models: Mapping[str, StockModel],
    *,
    origins: int | Sequence[pd.Period],
    horizon: int,
    options: StockBacktestOptions | None = None,
) -> pd.DataFrame:
    """Project a stock from past origins and hold the paths against what followed.

    Every model is fitted anew at every origin, to the stock and the inflow up to it alone. All
    models are given the same paths of the inflow.

    Parameters
    ----------
    stock : RegularSeries
        With the outcomes.
    inflow : RegularSeries
        Of the same frequency; its forecasts are held against nothing.
    models : mapping of str to callable
        By name, for example `forecasting.stocks.exit_rate.STOCK_MODELS`.
    origins : int or sequence of pandas.Period
        How many origins, the last one a horizon before the last outcome; or which, of those of the
        last outcomes not all may be known.
    horizon : int
        Periods after each origin.
    options : StockBacktestOptions, optional

    Returns
    -------
    pandas.DataFrame
        Columns `forecasting.evaluation.skill.SCORE_COLUMNS`, for `skill` and `compare`. Metrics at
        every horizon: ``crps``; ``mape``, the absolute error of the median in percent of the
        outcome, of 1 if that is 0; ``coverage_80, coverage_95, pit``.

    Raises
    ------
    InputError
        If there is no model, an origin lies outside the series or leaves no outcome, or a model
        refuses the series.
    ModelError
        If a model cannot be fitted to what was known at an origin.
    """
    options = options or StockBacktestOptions()
    if not models:
        raise InputError("no models", expected="one or more by name")
    last = min(stock.origin, inflow.origin)
    ended = stock.until(last)
    if isinstance(origins, int):
        origins = past_origins(ended, count=origins, horizon=horizon, step=options.step)
    rows = [
        row
        for origin in origins
        for row in _scores_at(ended, inflow, models, origin, horizon, options)
    ]
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def _scores_at(
    stock: RegularSeries,
    inflow: RegularSeries,
    models: Mapping[str, StockModel],
    origin: pd.Period,
    horizon: int,
    options: StockBacktestOptions,
) -> list[tuple[object, ...]]:
    known, came = stock.until(origin), inflow.until(origin)
    outcome = stock.values[origin + 1 :].iloc[:horizon]
    if outcome.empty or outcome.isna().any():
        raise InputError(
            "an outcome is missing",
            where=f"{stock.series_id} after {format_period(origin)}",
            expected="a stock to hold the projection against, and its inflow",
        )
    if options.inflow_known:
        values = inflow.values[outcome.index].to_numpy(dtype=float)[np.newaxis]
        ahead = make_paths(values, pd.PeriodIndex(outcome.index), unit=inflow.unit)
    else:
        ahead = _forecast(came, len(outcome), options)
    rows: list[tuple[object, ...]] = []
    for name, fit in models.items():
        rng = np.random.default_rng([options.seed, abs(origin.ordinal)])
        paths = fit(known, came).project(ahead, n_paths=options.n_paths, rng=rng)
        case = (stock.series_id, name, format_period(origin))
        for metric, values in path_scores(paths, outcome.to_numpy(dtype=float)).items():
            rows += [(*case, at, metric, value) for at, value in enumerate(values.tolist(), 1)]
    return rows


def _forecast(inflow: RegularSeries, horizon: int, options: StockBacktestOptions) -> xr.DataArray:
    return forecast(
        inflow,
        horizon=horizon,
        model=options.inflow_model,
        experience=options.experience,
        n_paths=options.n_paths,
        seed=options.seed,
    ).paths


def path_scores(paths: xr.DataArray, outcome: np.ndarray) -> dict[str, np.ndarray]:
    """Score paths period by period; the metrics are those of `stock_backtest`."""
    draws = np.sort(paths.to_numpy().T, axis=1)
    off = np.abs(np.quantile(draws, 0.5, axis=1) - outcome)
    scores = {
        "crps": crps_samples(draws, outcome),
        "mape": 100 * off / np.where(outcome > 0, outcome, 1.0),
        "pit": pit(draws, outcome),
    }
    for level in LEVELS:
        tail = (1 - level / 100) / 2
        lower, upper = np.quantile(draws, [tail, 1 - tail], axis=1)
        scores[f"coverage_{level}"] = interval_coverage(lower, upper, outcome)
    return scores
