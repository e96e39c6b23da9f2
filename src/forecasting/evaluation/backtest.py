"""Rolling-origin backtest: what would have been forecast at past origins, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd

from forecasting.engines import LOCAL, Engine
from forecasting.errors import ForecastingError, InputError
from forecasting.evaluation.cases import ScoredCase, score_case
from forecasting.forecasts.batch import Case, Crew, Settings, hold_against_outcome
from forecasting.forecasts.calibration import PastCase
from forecasting.forecasts.pool import POOLS, check_request
from forecasting.models import Model
from forecasting.periods import format_period, parse_period
from forecasting.series import RegularSeries

BENCHMARKS = ("random_walk", "seasonal_naive", "last_official")
"""Simple models that a forecast has to beat, by name."""


FEWEST = 10
"""Observations that a forecast of the past is made from at least."""


@dataclass(frozen=True)
class BacktestOptions:
    """How a backtest is run beyond its origins and its horizon.

    Attributes
    ----------
    as_of : str
        Period; observations after it are not used at all. Empty: all are.
    n_paths, seed : int
        See `forecasting.forecast`.
    panel : {"batch", "asylum"}
        See `forecasting.forecasts.batch.Settings`.
    jobs : int or None
        Processes; default: as many as there are cores.
    on_done : callable or None
        Called with the number of forecasts done and their total.
    engine : Engine
        Where the forecasts are made; the results are the same.
    """

    as_of: str = ""
    n_paths: int = 1000
    seed: int = 1
    panel: str = "batch"
    jobs: int | None = None
    on_done: Callable[[int, int], None] | None = None
    engine: Engine = LOCAL


@dataclass(frozen=True)
class Backtest:
    """What came out of a backtest.

    Attributes
    ----------
    forecasts : pandas.DataFrame
        Columns `forecasting.tables.FORECAST_COLUMNS`, for every series, model and origin.
    scores : pandas.DataFrame
        Columns ``series_id, model, origin, horizon, metric, value``; see
        `forecasting.evaluation.cases.score_case` for the metrics.
    problems : list of str
        One message for each series, model and origin that could not be forecast or scored.
    """

    forecasts: pd.DataFrame
    scores: pd.DataFrame
    problems: list[str] = field(default_factory=list)


def backtest(
    series: Sequence[RegularSeries],
    models: Sequence[str | Model] = ("pool", *BENCHMARKS),
    *,
    origins: int | Sequence[pd.Period],
    horizon: int,
    step: int = 1,
    options: BacktestOptions | None = None,
) -> Backtest:
    """Forecast every series at past origins and hold the forecasts against what followed.

    Every model is estimated anew at every origin, from the observations up to it alone; so are the
    panel of the analogue member and, in batches of a hundred series or more, the calibration.

    A recipe with drivers and interventions is used as it would have been at the origin: drivers are
    cut there and what a lag does not make known is forecast, whatever future was given with them;
    interventions that began later are left out, and an end still to come is not known.

    Parameters
    ----------
    series : sequence of RegularSeries
        With the outcomes.
    models : sequence of str or Model
        See `forecasting.forecast`; each name once. A recipe stands in the tables under its name,
        the same with drivers as without.
    origins : int or sequence of pandas.Period
        How many origins, the last one a horizon before the last observation; or which, of those of
        the last outcomes not all may be known.
    horizon : int
        Periods after each origin.
    step : int
        Periods from one origin to the next; with `origins` as a number.
    options : BacktestOptions, optional

    Raises
    ------
    InputError
        If an option or a model cannot be used, no series has enough observations for the origins
        asked for, or no forecast succeeded; a single one that did not, for example because a driver
        does not cover the series by then, is named among the problems.
    """
    options = options or BacktestOptions()
    names = [model if isinstance(model, str) else model.name for model in models]
    recipes = {model.name: model for model in models if not isinstance(model, str)}
    _check_models(names, horizon, options)
    known = [_as_of(own, options.as_of) for own in series]
    rounds, problems = _rounds(known, origins, horizon, step)
    leading = min(names, key=lambda name: (name not in POOLS, name != "pool"))
    settings = Settings(horizon, leading, options.n_paths, options.seed, options.panel, recipes)
    count = len(names) * sum(len(cases) for cases in rounds)
    done = 0
    cases = []
    with Crew(known, settings, cases=count, jobs=options.jobs, engine=options.engine) as crew:
        for scored in _run(crew, rounds, names):
            done += 1
            if options.on_done:
                options.on_done(done, count)
            if isinstance(scored, str):
                problems.append(scored)
            elif isinstance(scored, ScoredCase):
                cases.append(scored)
                problems += scored.problems
    if not cases:
        raise InputError("no forecast of the backtest succeeded: " + "; ".join(problems[:3]))
    cases.sort(key=lambda case: (case.series_id, names.index(case.model), case.origin))
    return Backtest(
        pd.concat([case.forecasts for case in cases], ignore_index=True),
        pd.concat([case.scores for case in cases], ignore_index=True),
        problems,
    )


def _check_models(names: Sequence[str], horizon: int, options: BacktestOptions) -> None:
    for name in names:
        check_request(horizon=horizon, model=name, n_paths=options.n_paths, seed=options.seed)
    if not names or len(set(names)) != len(names):
        raise InputError(f"models {', '.join(names) or 'none'}", expected="each model once")


def _as_of(series: RegularSeries, as_of: str) -> RegularSeries:
    return series.until(parse_period(as_of, where="as-of")) if as_of else series


def _rounds(
    batch: Sequence[RegularSeries],
    origins: int | Sequence[pd.Period],
    horizon: int,
    step: int,
) -> tuple[list[list[Case]], list[str]]:
    """Cases by origin, the earliest first, and why a series has none."""
    problems: list[str] = []
    if not isinstance(origins, int):
        return [
            _cases(
                (index, origin)
                for index, own in enumerate(batch)
                if own.periods[0] + (FEWEST - 1) <= origin < own.origin
            )
            for origin in sorted(origins)
        ], problems
    chosen: dict[int, list[pd.Period]] = {}
    for index, own in enumerate(batch):
        try:
            chosen[index] = past_origins(own, count=origins, horizon=horizon, step=step)
        except InputError as problem:
            problems.append(str(problem))
    if not chosen:
        raise InputError("; ".join(problems))
    return [
        _cases((index, own[place]) for index, own in chosen.items()) for place in range(origins)
    ], problems


def _cases(places: Iterable[tuple[int, pd.Period]]) -> list[Case]:
    cases = [Case(index, origin) for index, origin in places]
    return sorted(cases, key=lambda case: case.origin.ordinal)


def shortest_past(series: RegularSeries) -> int:
    """Observations that the first origin of a backtest needs: two years, at least ten."""
    return max(FEWEST, 2 * series.season_length)


def past_origins(series: RegularSeries, *, count: int, horizon: int, step: int) -> list[pd.Period]:
    """Return the last origins of a series whose next `horizon` periods are known, ascending.

    Raises
    ------
    InputError
        If there are fewer than `count` with enough observations before them.
    """
    if count < 1 or step < 1:
        raise InputError(f"{count} origins every {step} periods", expected="1 or more of each")
    last = series.origin - horizon
    first = series.periods[0] + (shortest_past(series) - 1)
    allowed = (last.ordinal - first.ordinal) // step + 1
    if allowed < count:
        raise InputError(
            f"{count} origins every {step} periods with a horizon of {horizon}",
            where=series.series_id,
            expected=f"at most {max(allowed, 0)}: {len(series.values)} observations up to "
            f"{format_period(series.origin)}, of which the first origin needs "
            f"{shortest_past(series)}",
            action="ask for fewer origins, a smaller step or a shorter horizon",
        )
    return [last - step * away for away in range(count - 1, -1, -1)]


def _run(crew: Crew, rounds: list[list[Case]], models: Sequence[str]) -> Iterable[ScoredCase | str]:
    """Score all cases; of a batch that calibrates its pool on its own past, origin by origin."""
    if not crew.calibrates:
        for model in models:
            cases = [replace(case, model=model) for cases in rounds for case in cases]
            yield from _scored(crew, cases, partial(score_case, calibration=None))
        return
    earlier = crew.run(hold_against_outcome, crew.a_horizon_before(rounds[0]))
    past = [found for found in earlier if isinstance(found, PastCase)]
    for cases in rounds:
        for origin, own in _by_origin(cases):
            for scored in _scored(
                crew,
                [replace(case, calibration=None) for case in own],
                partial(score_case, calibration=crew.calibration_at(past, origin)),
            ):
                if isinstance(scored, ScoredCase) and scored.past:
                    past.append(scored.past)
                yield scored
            for model in models:
                if model == crew.settings.model:
                    continue
                others = [replace(case, model=model) for case in own]
                yield from _scored(crew, others, partial(score_case, calibration=None))


def _by_origin(cases: list[Case]) -> Iterable[tuple[pd.Period, list[Case]]]:
    origins = sorted({case.origin for case in cases})
    return [(origin, [case for case in cases if case.origin == origin]) for origin in origins]


def _scored(
    crew: Crew, cases: list[Case], task: Callable[..., ScoredCase]
) -> Iterable[ScoredCase | str]:
    for case, found in zip(cases, crew.run(task, cases), strict=True):
        if isinstance(found, ForecastingError):
            name = crew.batch[case.index].series_id
            yield f"{name}, origin {format_period(case.origin)}: {found}"
        else:
            yield found
