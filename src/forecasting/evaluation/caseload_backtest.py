"""Rolling-origin backtest of the caseload forecast, beside simple models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.evaluation.skill import SCORE_COLUMNS
from forecasting.evaluation.stock_backtest import path_scores
from forecasting.models import Model, get_model
from forecasting.models.common import one_thread
from forecasting.models.statsforecast_adapter import StatsforecastModel
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.stocks.caseload import forecast_inputs
from forecasting.stocks.caseload_inputs import CaseloadInputs, bridge_gaps
from forecasting.stocks.caseload_past import PastForecasts

OURS = "caseload"
LAST = "last value"

BENCHMARK_PATHS = 5000
"""Paths of a benchmark: cheap, and its median is then that of the model."""

CHOICE_COLUMNS = ("series_id", "origin", "pool", "drivers", "reason")


def caseload_benchmarks() -> dict[str, Model]:
    """Models that the caseload forecast is held against, by name."""
    return {
        LAST: get_model("random_walk"),
        "damped ETS": StatsforecastModel("ets_damped", "raw"),
        "AutoETS": get_model("ets"),
        "Theta": get_model("theta"),
    }


@dataclass(frozen=True)
class CaseloadBacktestOptions:
    """How a backtest of a caseload is run beyond its origins and its horizon.

    Attributes
    ----------
    n_paths, seed : int
        See `forecasting.stocks.caseload.forecast_caseload`.
    on_done : callable or None
        Called with the number of origins done and their total.
    """

    n_paths: int = 1000
    seed: int = 1
    on_done: Callable[[int, int], None] | None = None


@dataclass(frozen=True)
class CaseloadBacktest:
    """What came out of a backtest of a caseload.

    Attributes
    ----------
    scores : pandas.DataFrame
        Columns `forecasting.evaluation.skill.SCORE_COLUMNS`; metrics of `stock_backtest`, at every
        horizon with an outcome.
    choices : pandas.DataFrame
        Columns `CHOICE_COLUMNS`, one row an origin: which pool, which drivers had a place, why.
    """

    scores: pd.DataFrame
    choices: pd.DataFrame


def caseload_backtest(
    caseload: CaseloadInputs,
    *,
    origins: Sequence[pd.Period],
    horizon: int,
    benchmarks: Mapping[str, Model] | None = None,
    options: CaseloadBacktestOptions | None = None,
) -> CaseloadBacktest:
    """Forecast a caseload from past origins and hold the paths against what followed.

    At every origin the series, its drivers, interventions and entries are cut there; drivers are
    forecast, their leads, the pool and its calibration found from what is left.

    Parameters
    ----------
    caseload : CaseloadInputs
        With the outcomes; a future of its drivers is not looked at.
    origins : sequence of pandas.Period
        Each with a value and, after it, at least one outcome.
    horizon : int
        Periods after each origin.
    benchmarks : mapping of str to Model, optional
        By name; default: `caseload_benchmarks`.
    options : CaseloadBacktestOptions, optional

    Raises
    ------
    InputError
        If an origin lies outside the series or leaves no outcome.
    ModelError
        If a model cannot be fitted to what was known at an origin.
    """
    options = options or CaseloadBacktestOptions()
    models = caseload_benchmarks() if benchmarks is None else dict(benchmarks)
    past = PastForecasts(caseload, options.seed)
    rows: list[tuple[object, ...]] = []
    choices: list[tuple[object, ...]] = []
    for done, origin in enumerate(origins, start=1):
        known = caseload.known_at(origin)
        ours = forecast_inputs(
            known, past, horizon=horizon, n_paths=options.n_paths, seed=options.seed
        )
        drawn = {OURS: ours.paths.to_numpy()} | _drawn(models, known, horizon, options)
        rows += _rows(caseload, origin, drawn)
        used = "+".join(driver.name for driver in ours.drivers if driver.used)
        place = (caseload.series.series_id, format_period(origin))
        choices.append((*place, ours.forecast.model, used, ours.reason))
        if options.on_done:
            options.on_done(done, len(origins))
    return CaseloadBacktest(
        pd.DataFrame(rows, columns=list(SCORE_COLUMNS)),
        pd.DataFrame(choices, columns=list(CHOICE_COLUMNS)),
    )


def _drawn(
    models: Mapping[str, Model],
    known: CaseloadInputs,
    horizon: int,
    options: CaseloadBacktestOptions,
) -> dict[str, np.ndarray]:
    series = bridge_gaps(known.series)
    found = {}
    with one_thread():
        for name, model in models.items():
            rng = np.random.default_rng([options.seed, abs(series.origin.ordinal)])
            found[name] = model.fit(series).simulate(horizon, BENCHMARK_PATHS, rng)
    return found


def _rows(
    caseload: CaseloadInputs, origin: pd.Period, drawn: Mapping[str, np.ndarray]
) -> list[tuple[object, ...]]:
    """Scores of all models at one origin, for the periods with an outcome."""
    series = caseload.series
    horizon = next(iter(drawn.values())).shape[1]
    outcome = series.values.reindex(following(origin, horizon)).to_numpy(dtype=float)
    known = np.flatnonzero(np.isfinite(outcome))
    if not len(known):
        raise InputError(
            "no outcome",
            where=f"{series.series_id} after {format_period(origin)}",
            expected="an origin before the last value",
        )
    rows: list[tuple[object, ...]] = []
    for name, values in drawn.items():
        # scores of single periods: which calendar periods they are does not matter to them
        periods = following(origin, len(known))
        paths = make_paths(values[:, known], periods, unit=series.unit, kind="stock")
        case = (series.series_id, name, format_period(origin))
        for metric, found in path_scores(paths, outcome[known]).items():
            pairs = zip(known + 1, found, strict=True)
            rows += [(*case, int(at), metric, float(value)) for at, value in pairs]
    return rows
