"""Forecasts as a long table, one value per row, and many series at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.engines import LOCAL, Engine
from forecasting.errors import ForecastingError
from forecasting.forecasts.batch import Case, Crew, Settings, hold_against_outcome
from forecasting.forecasts.calibration import PastCase
from forecasting.forecasts.pool import Forecast, check_request
from forecasting.paths import quantile
from forecasting.periods import format_period, parse_period
from forecasting.series import RegularSeries, series_from_rows
from forecasting.tables import FORECAST_COLUMNS, QUANTILE_LEVELS, SERIES_COLUMNS, read_rows


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
        ``pool``, ``fast``, one model, or several joined by ``+``.
    n_paths, seed : int
        See `forecasting.forecast`.
    missing : {"error", "interpolate", "cut", "keep"}
        See `forecasting.make_series`.
    panel : {"batch", "asylum"}
        See `forecasting.forecasts.batch.Settings`.
    """

    horizon: int
    origin: str | None = None
    model: str = "pool"
    n_paths: int = 1000
    seed: int = 1
    missing: str = "error"
    panel: str = "batch"

    @property
    def settings(self) -> Settings:
        """What all series have in common."""
        return Settings(self.horizon, self.model, self.n_paths, self.seed, self.panel)


def forecast_table(result: Forecast) -> pd.DataFrame:
    """Write a forecast as a long table.

    Returns
    -------
    pandas.DataFrame
        Columns `forecasting.tables.FORECAST_COLUMNS`; for each period the mean and 23 quantiles.
    """
    means = result.paths.to_numpy().mean(axis=0)
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
    engine: Engine = LOCAL,
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
    engine : Engine
        Where the forecasts are made; the results are the same.

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
        horizon=options.horizon, model=options.model, n_paths=options.n_paths, seed=options.seed
    )
    origin = None if options.origin is None else parse_period(options.origin, where="origin")
    batch, problems = read_batch(path, missing=options.missing, origin=origin)
    tables = [_error_row(name, options, problem) for name, problem in problems.items()]
    with Crew(batch, options.settings, cases=len(batch), jobs=jobs, engine=engine) as crew:
        cases = [Case(index, series.origin) for index, series in enumerate(batch)]
        past = crew.a_horizon_before(cases) if crew.calibrates else []
        steps = len(past) + len(cases)
        learned: list[PastCase] = []
        for done, found in enumerate(crew.run(hold_against_outcome, past), start=1):
            if isinstance(found, PastCase):
                learned.append(found)
            if on_done:
                on_done(done, steps)
        if learned:
            cases = _calibrated(crew, cases, learned)
        for done, (series, found) in enumerate(
            zip(batch, crew.run(_as_table, cases), strict=True), start=len(past) + 1
        ):
            failed = isinstance(found, ForecastingError)
            tables.append(_error_row(series.series_id, options, found) if failed else found)
            if on_done:
                on_done(done, steps)
    result = pd.concat(tables, ignore_index=True)
    refused = result[result["flag"].str.startswith("error:")]
    return result, list(refused["flag"].str.removeprefix("error: "))


def read_batch(
    path: Path, *, missing: str, origin: pd.Period | None = None
) -> tuple[list[RegularSeries], dict[str, ForecastingError]]:
    """Read every series of a CSV file; one that cannot be used does not stop the others.

    Returns
    -------
    batch : list of RegularSeries
        In the order of the file, cut after `origin` if there is one.
    problems : dict of str to ForecastingError
        By ``series_id``.

    Raises
    ------
    InputError
        If the file as a whole cannot be used.
    """
    batch, problems = [], {}
    rows = read_rows(path, SERIES_COLUMNS)
    for name, group in rows.groupby("series_id", sort=False):
        try:
            series = series_from_rows(group, path, missing=missing)
            batch.append(series if origin is None else series.until(origin))
        except ForecastingError as problem:
            problems[str(name)] = problem
    return batch, problems


def _calibrated(crew: Crew, cases: list[Case], past: list[PastCase]) -> list[Case]:
    origins = {case.origin for case in cases}
    at = {origin: crew.calibration_at(past, origin) for origin in origins}
    return [Case(case.index, case.origin, at[case.origin]) for case in cases]


def _as_table(result: Forecast, _: RegularSeries) -> pd.DataFrame:
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
