"""One forecast held against its outcome: all its scores, period by period and for totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.evaluation.interval_scores import (
    interval_coverage,
    interval_width,
    msis,
)
from forecasting.evaluation.point_scores import bias, mae, mase, seasonal_scale, smape
from forecasting.evaluation.scores import crps_samples, pinball_loss, pit
from forecasting.evaluation.skill import SCORE_COLUMNS
from forecasting.forecasts.batch import hold_against_outcome
from forecasting.forecasts.calibration import Calibration, PastCase
from forecasting.forecasts.pool import Forecast
from forecasting.forecasts.table import forecast_table
from forecasting.periods import format_period
from forecasting.series import RegularSeries
from forecasting.tables import QUANTILE_LEVELS

LEVELS = (80, 95)
"""Percent of the intervals that are scored."""


@dataclass(frozen=True)
class ScoredCase:
    """One series, model and origin.

    Attributes
    ----------
    series_id, model, origin : str
    forecasts, scores : pandas.DataFrame
        See `forecasting.evaluation.backtest.Backtest`.
    past : PastCase or None
        What a later calibration learns from it; None where none was applied to it.
    problems : tuple of str
        Metrics that could not be computed, and why.
    """

    series_id: str
    model: str
    origin: str
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    past: PastCase | None
    problems: tuple[str, ...] = ()


def score_case(
    result: Forecast, series: RegularSeries, *, calibration: Calibration | None = None
) -> ScoredCase:
    """Score a forecast against what followed.

    Metrics per horizon: ``crps``, ``pinball`` (mean over the levels of a forecast table), ``pit``,
    ``coverage_80, coverage_95, width_80, width_95``, and of the median ``mae, bias, smape``; scaled
    by the seasonal naive error up to the origin ``mase, msis_95``. Of a flow, totals over whole
    years from the origin on: ``total_crps, total_pit, total_coverage_80, total_coverage_95`` at
    horizon 12, 24, 36 and so on.

    Parameters
    ----------
    result : Forecast
    series : RegularSeries
        With the outcomes.
    calibration : Calibration, optional
        Applied to an uncalibrated forecast before it is scored.

    Raises
    ------
    InputError
        If no outcome is known, or one is missing.
    """
    past = hold_against_outcome(result, series) if calibration else None
    shown = result.calibrated(calibration) if calibration else result
    outcome = series.values[result.origin + 1 :].to_numpy(dtype=float)
    outcome = outcome[: result.paths.sizes["period"]]
    if not len(outcome) or not np.isfinite(outcome).all():
        raise InputError(
            "an outcome is missing",
            where=f"{series.series_id} after {format_period(result.origin)}",
            expected="observations to hold the forecast against",
        )
    draws = shown.paths.to_numpy()[:, : len(outcome)].T
    # sorted once: quantiles of sorted draws are far cheaper
    values, problems = _period_scores(np.sort(draws, axis=1), outcome, result.series)
    columns = [(np.arange(1, len(outcome) + 1), name, value) for name, value in values.items()]
    if series.kind == "flow":
        columns += _total_scores(draws, outcome, series.season_length)
    origin = format_period(result.origin)
    scores = pd.DataFrame(
        {
            "series_id": series.series_id,
            "model": result.model,
            "origin": origin,
            "horizon": np.concatenate([at for at, _, _ in columns]),
            "metric": np.repeat([name for _, name, _ in columns], [len(v) for _, _, v in columns]),
            "value": np.concatenate([value for _, _, value in columns]),
        },
        columns=list(SCORE_COLUMNS),
    )
    return ScoredCase(
        series.series_id,
        result.model,
        origin,
        forecast_table(shown),
        scores,
        past,
        tuple(f"{series.series_id}, origin {origin}: {problem}" for problem in problems),
    )


def _period_scores(
    draws: np.ndarray, outcome: np.ndarray, history: RegularSeries
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Scores per horizon; draws of shape ``(horizon, path)``, sorted over paths."""
    median = np.quantile(draws, 0.5, axis=1)
    levels = np.array(QUANTILE_LEVELS)
    quantiles = np.quantile(draws, levels, axis=1, method="inverted_cdf").T
    scores = {
        "crps": crps_samples(draws, outcome),
        "pinball": pinball_loss(quantiles, levels, outcome).mean(axis=-1),
        "pit": pit(draws, outcome),
        "mae": mae(median, outcome),
        "bias": bias(median, outcome),
        "smape": smape(median, outcome),
    }
    intervals = {level: _interval(draws, level) for level in LEVELS}
    for level, (lower, upper) in intervals.items():
        scores[f"coverage_{level}"] = interval_coverage(lower, upper, outcome)
        scores[f"width_{level}"] = interval_width(lower, upper)
    try:
        scale = seasonal_scale(
            history.values.dropna().to_numpy(dtype=float),
            history.season_length,
            series_id=history.series_id,
        )
    except InputError as problem:
        return scores, [f"mase and msis_95 cannot be computed: {problem}"]
    scores["mase"] = mase(median, outcome, scale=scale)
    scores["msis_95"] = msis(*intervals[95], outcome, level=95, scale=scale)
    return scores, []


def _total_scores(
    draws: np.ndarray, outcome: np.ndarray, season: int
) -> list[tuple[np.ndarray, str, np.ndarray]]:
    at = np.arange(season, len(outcome) + 1, season)
    if not len(at):
        return []
    totals, reached = np.cumsum(draws, axis=0)[at - 1], np.cumsum(outcome)[at - 1]
    columns = [
        (at, "total_crps", crps_samples(totals, reached)),
        (at, "total_pit", pit(totals, reached)),
    ]
    for level in LEVELS:
        held = interval_coverage(*_interval(totals, level), reached)
        columns.append((at, f"total_coverage_{level}", held))
    return columns


def _interval(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - level / 100) / 2
    lower, upper = np.quantile(draws, [tail, 1 - tail], axis=1)
    return lower, upper
