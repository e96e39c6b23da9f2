"""Targets set at past origins by the target rule, held against what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from forecasting.errors import ForecastingError, InputError
from forecasting.evaluation.backtest import BacktestOptions, past_origins
from forecasting.evaluation.significance import block_length_for, resample_origins
from forecasting.forecasts.batch import Case, Crew, Settings
from forecasting.forecasts.pool import Forecast
from forecasting.periods import SEASON_LENGTH, format_period, frequency_of, parse_period
from forecasting.programmes.targets import target_at
from forecasting.series import RegularSeries

TARGET_COLUMNS = (
    "series_id",
    "origin",
    "window_months",
    "probability",
    "target",
    "outcome",
    "met",
)
"""Columns of the file that ``forecasting target-backtest`` writes, one row a case."""

DEFAULT_STEP = 8
"""Periods between origins: not a multiple of a year, so that origins wander over the seasons."""

LEVEL = 90
"""Percent of the interval of an attainment share."""


@dataclass(frozen=True)
class TargetBacktest:
    """Targets set at past origins, held against what was counted.

    Attributes
    ----------
    cases : pandas.DataFrame
        `TARGET_COLUMNS`, and for each case ``practice_target`` and ``practice_met`` (the last year
        times the years of the window, as the programme documents do it) and ``top_tenth``: whether
        the outcome passed the value that nine of ten paths stay below.
    problems : list of str
        One message for each case that could not be forecast.
    """

    cases: pd.DataFrame
    problems: list[str]


@dataclass(frozen=True)
class AttainmentShare:
    """How often targets were met.

    Attributes
    ----------
    share : float
        Of the cases.
    lower, upper : float
        Interval of 90 %, from resampling blocks of whole origins: series share their shocks, and
        neighbouring windows overlap.
    cases, origins, series : int
    """

    share: float
    lower: float
    upper: float
    cases: int
    origins: int
    series: int


def target_backtest(
    series: Sequence[RegularSeries],
    *,
    probability: float,
    window_months: int,
    origins: int,
    step: int = DEFAULT_STEP,
    options: BacktestOptions | None = None,
) -> TargetBacktest:
    """Set a target for the total of a window at past origins and hold it against the outcome.

    At every origin the default pool forecasts from the observations up to it alone; the target is
    the value attained with `probability` (`forecasting.target_at`).

    Parameters
    ----------
    series : sequence of RegularSeries
        Flows, with the outcomes.
    probability : float
        Attainment probability, in (0, 1).
    window_months : int
        Months that are counted, from the one after the origin.
    origins, step : int
        How many origins, and how many periods apart; the last one a window before the end.
    options : BacktestOptions, optional

    Raises
    ------
    InputError
        If a series is a stock, none is long enough for the origins, or the window holds no whole
        periods; a single series that is too short is named among the problems.
    """
    options = options or BacktestOptions()
    target_at([1.0], probability)  # refuses what is no probability, before the work begins
    for own in series:
        if own.kind != "flow":
            raise InputError(
                f"{own.series_id} is a stock", expected="a flow, whose periods can be added up"
            )
    known = [
        own.until(parse_period(options.as_of, where="as-of")) if options.as_of else own
        for own in series
    ]
    places, problems = _places(known, window_months, origins, step)
    cases = sorted((Case(*place) for place in places), key=lambda case: case.origin.ordinal)
    settings = Settings(
        max(_periods(own, window_months) for own in known),
        n_paths=options.n_paths,
        seed=options.seed,
        panel=options.panel,
    )
    task = partial(_target_case, probability=probability, window_months=window_months)
    rows = []
    with Crew(known, settings, cases=len(cases), jobs=options.jobs, engine=options.engine) as crew:
        for done, (case, found) in enumerate(
            zip(cases, crew.run(task, cases), strict=True), start=1
        ):
            if isinstance(found, ForecastingError):
                name = known[case.index].series_id
                problems.append(f"{name}, origin {format_period(case.origin)}: {found}")
            else:
                rows.append((case.index, found))
            if options.on_done:
                options.on_done(done, len(cases))
    if not rows:
        raise InputError("no target could be set: " + "; ".join(problems[:3]))
    rows.sort(key=lambda row: (row[0], row[1]["origin"]))
    return TargetBacktest(pd.DataFrame([row for _, row in rows]), problems)


def _places(
    batch: Sequence[RegularSeries], window_months: int, origins: int, step: int
) -> tuple[list[tuple[int, pd.Period]], list[str]]:
    """Origins of every series, and why a series has none."""
    places: list[tuple[int, pd.Period]] = []
    problems: list[str] = []
    for index, own in enumerate(batch):
        horizon = _periods(own, window_months)
        try:
            chosen = past_origins(own, count=origins, horizon=horizon, step=step)
        except InputError as problem:
            problems.append(str(problem))
        else:
            places += [(index, origin) for origin in chosen]
    if not places:
        raise InputError("; ".join(problems))
    return places, problems


def _periods(series: RegularSeries, window_months: int) -> int:
    """Periods of the series in a window of months."""
    periods, rest = divmod(window_months * series.season_length, 12)
    if rest or periods < 1:
        raise InputError(
            f"a window of {window_months} months",
            where=series.series_id,
            expected=f"a multiple of {12 // series.season_length} months, the period of the series",
        )
    return periods


def _target_case(
    result: Forecast, series: RegularSeries, *, probability: float, window_months: int
) -> dict[str, object]:
    periods = _periods(series, window_months)
    outcome = float(series.values[result.origin + 1 :].iloc[:periods].sum(skipna=False))
    if not np.isfinite(outcome):
        raise InputError(
            "an outcome is missing",
            where=f"{series.series_id} after {format_period(result.origin)}",
            expected=f"{periods} observations to hold the target against",
        )
    totals = result.paths.to_numpy()[:, :periods].sum(axis=1)
    target = int(target_at(totals, probability))
    last_year = result.series.values.iloc[-series.season_length :].sum()
    practice = float(last_year) * window_months / 12
    return {
        "series_id": series.series_id,
        "origin": format_period(result.origin),
        "window_months": window_months,
        "probability": probability,
        "target": target,
        "outcome": outcome,
        "met": outcome >= target,
        "practice_target": practice,
        "practice_met": outcome >= practice,
        "top_tenth": outcome > float(np.quantile(totals, 0.9)),
    }


def attainment(
    cases: pd.DataFrame, *, column: str = "met", n_draws: int = 4000, seed: int = 1
) -> AttainmentShare:
    """Return the share of cases in which a target was met, with its interval.

    Parameters
    ----------
    cases : pandas.DataFrame
        As of `TargetBacktest`, of one window.
    column : str
        ``met``, ``practice_met`` or ``top_tenth``.
    n_draws, seed : int
        Of the resampling.

    Raises
    ------
    InputError
        If the cases are of several windows, or their origins are fewer than two blocks of
        overlapping windows.
    """
    if len(set(cases["window_months"])) > 1:
        raise InputError("cases of several windows", expected="one window at a time")
    by_origin = cases.groupby("origin")[column].agg(["sum", "count"]).sort_index()
    origins = list(map(str, by_origin.index))
    season = SEASON_LENGTH[frequency_of(parse_period(origins[0], where="origin"))]
    window = int(cases["window_months"].iloc[0]) * season // 12
    drawn = resample_origins(
        len(origins), block_length=block_length_for(origins, window), n_draws=n_draws, seed=seed
    )
    met, counted = (drawn @ by_origin[name].to_numpy(dtype=float) for name in ("sum", "count"))
    tail = (1 - LEVEL / 100) / 2
    lower, upper = np.quantile(met / counted, [tail, 1 - tail])
    return AttainmentShare(
        float(cases[column].mean()),
        float(lower),
        float(upper),
        len(cases),
        len(origins),
        int(cases["series_id"].nunique()),
    )
