"""Forecasts as a long table, one value per row, and many series at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.errors import ForecastingError
from forecasting.forecasts.pool import DEFAULT_POOL, Forecast, check_request, forecast
from forecasting.paths import mean, quantile
from forecasting.periods import format_period, parse_period
from forecasting.series import series_from_rows
from forecasting.tables import FORECAST_COLUMNS, QUANTILE_LEVELS, SERIES_COLUMNS, read_rows

SERIES_PER_JOB = 8
"""Fewer series than this are not worth a process of their own."""


@dataclass(frozen=True)
class BatchOptions:
    """How to forecast every series of a file.

    Attributes
    ----------
    horizon : int
        Periods after the origin.
    origin : str or None
        The last period known, the same for all series; default: the last of each.
    model : str
        ``pool`` or the name of one model.
    n_paths, seed : int
        See `forecasting.forecast`.
    missing : {"error", "interpolate", "cut"}
        See `forecasting.make_series`.
    """

    horizon: int
    origin: str | None = None
    model: str = "pool"
    n_paths: int = 1000
    seed: int = 1
    missing: str = "error"

    @property
    def models(self) -> tuple[str, ...]:
        """Members to use."""
        return DEFAULT_POOL if self.model == "pool" else (self.model,)


def forecast_table(result: Forecast) -> pd.DataFrame:
    """Write a forecast as a long table.

    Returns
    -------
    pandas.DataFrame
        Columns `forecasting.tables.FORECAST_COLUMNS`; for each period the mean and 23 quantiles.
    """
    means = mean(result.paths).to_numpy()
    quantiles = quantile(result.paths, QUANTILE_LEVELS).to_numpy()
    periods = [format_period(period) for period in result.paths.indexes["period"]]
    per_period = 1 + len(QUANTILE_LEVELS)
    horizon = len(periods)
    return pd.DataFrame(
        {
            "series_id": result.series.series_id,
            "origin": format_period(result.origin),
            "period": np.repeat(periods, per_period),
            "horizon": np.repeat(np.arange(1, horizon + 1), per_period),
            "model": result.model,
            "output_type": (["mean"] + ["quantile"] * len(QUANTILE_LEVELS)) * horizon,
            "quantile_level": [np.nan, *QUANTILE_LEVELS] * horizon,
            "value": np.vstack([means, quantiles]).T.ravel().round(6),
            "flag": np.repeat(_flags(result.flag, means, quantiles[-1]), per_period),
        }
    )


def _flags(flag: str, means: np.ndarray, highest: np.ndarray) -> list[str]:
    """Add a remark where a few paths carry the mean beyond the highest quantile."""
    remark = f"mean above the {QUANTILE_LEVELS[-1]} quantile: read the median"
    return [
        "; ".join(part for part in (flag, remark if above else "") if part)
        for above in means > highest
    ]


def forecast_file(
    path: Path,
    options: BatchOptions,
    *,
    jobs: int | None = None,
    on_done: Callable[[int, int], None] | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Forecast every series of a CSV file.

    Parameters
    ----------
    path : pathlib.Path
        Columns ``series_id,period,value``.
    options : BatchOptions
        The same for all series.
    jobs : int, optional
        Processes; default: as many as there are cores, if there is work for them.
    on_done : callable, optional
        Called with the number of series done and their total.

    Returns
    -------
    table : pandas.DataFrame
        Columns `forecasting.tables.FORECAST_COLUMNS`. A series that cannot be forecast has one row,
        whose ``flag`` begins with ``error:``.
    problems : list of str
        One message per series that cannot be forecast.

    Raises
    ------
    InputError
        If the file as a whole or an option cannot be used.
    """
    check_request(
        horizon=options.horizon, models=options.models, n_paths=options.n_paths, seed=options.seed
    )
    if options.origin is not None:
        parse_period(options.origin, where="origin")
    rows = read_rows(path, SERIES_COLUMNS)
    groups = [(path, group, options) for _, group in rows.groupby("series_id", sort=False)]
    tables = []
    for done, table in enumerate(_run(groups, jobs), start=1):
        tables.append(table)
        if on_done:
            on_done(done, len(groups))
    result = pd.concat(tables, ignore_index=True)
    failed = result[result["flag"].str.startswith("error:")]
    return result, list(failed["flag"].str.removeprefix("error: "))


def _run(
    groups: list[tuple[Path, pd.DataFrame, BatchOptions]], jobs: int | None
) -> Iterator[pd.DataFrame]:
    workers = jobs or min(os.cpu_count() or 1, len(groups) // SERIES_PER_JOB)
    if workers <= 1:
        yield from map(_forecast_group, groups)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        yield from executor.map(_forecast_group, groups, chunksize=SERIES_PER_JOB)


def _forecast_group(work: tuple[Path, pd.DataFrame, BatchOptions]) -> pd.DataFrame:
    path, rows, options = work
    try:
        series = series_from_rows(rows, path, missing=options.missing)
        if options.origin is not None:
            series = series.until(parse_period(options.origin))
        result = forecast(
            series,
            horizon=options.horizon,
            models=options.models,
            n_paths=options.n_paths,
            seed=options.seed,
        )
    except ForecastingError as problem:
        return _error_row(str(rows["series_id"].iloc[0]), options, problem)
    return forecast_table(result)


def _error_row(series_id: str, options: BatchOptions, problem: Exception) -> pd.DataFrame:
    row = dict.fromkeys(FORECAST_COLUMNS, np.nan) | {
        "series_id": series_id,
        "model": options.model,
        "flag": f"error: {problem}",
    }
    return pd.DataFrame([row], columns=list(FORECAST_COLUMNS)).astype(
        {"horizon": "Int64", "origin": object, "period": object, "output_type": object}
    )
