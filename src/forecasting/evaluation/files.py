"""Backtests of a file of series, and what is printed of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.evaluation.backtest import Backtest, BacktestOptions, backtest
from forecasting.evaluation.significance import Pairing, compare
from forecasting.evaluation.skill import skill
from forecasting.evaluation.target_backtest import (
    AttainmentShare,
    TargetBacktest,
    attainment,
    target_backtest,
)
from forecasting.forecasts.table import read_batch
from forecasting.series import RegularSeries

METRIC = "crps"


def backtest_file(
    input_csv: Path,
    *,
    models: Sequence[str],
    horizon: int,
    origins: int,
    step: int,
    missing: str,
    **options: object,
) -> Backtest:
    """Backtest every series of a CSV file; see `forecasting.evaluation.backtest.backtest`.

    A series that cannot be used is named among the problems, and the others go on.
    """
    usable, problems = _read(input_csv, missing)
    result = backtest(
        usable,
        models,
        origins=origins,
        horizon=horizon,
        step=step,
        options=BacktestOptions(**options),  # type: ignore[arg-type]
    )
    return Backtest(result.forecasts, result.scores, [*problems, *result.problems])


def target_backtest_file(
    input_csv: Path,
    *,
    probability: float,
    window: int,
    origins: int,
    step: int,
    missing: str,
    **options: object,
) -> TargetBacktest:
    """Set past targets for every series of a CSV file; see `target_backtest`."""
    usable, problems = _read(input_csv, missing)
    result = target_backtest(
        usable,
        probability=probability,
        window_months=window,
        origins=origins,
        step=step,
        options=BacktestOptions(**options),  # type: ignore[arg-type]
    )
    return TargetBacktest(result.cases, [*problems, *result.problems])


def _read(path: Path, missing: str) -> tuple[list[RegularSeries], list[str]]:
    usable, problems = read_batch(path, missing=missing)
    if not usable:
        raise InputError("; ".join(str(problem) for problem in problems.values()))
    return usable, [str(problem) for problem in problems.values()]


def skill_lines(scores: pd.DataFrame, *, benchmark: str) -> Iterator[str]:
    """Skill of every model against the benchmark, and whether it is more than chance."""
    yield f"CRPS relative to {benchmark} (geometric mean over series; below 1 is better)"
    table = skill(scores, metric=METRIC, benchmark=benchmark)
    for model, value in table.set_index("model")["value"].to_dict().items():
        verdict = "" if model == benchmark else f"  {_verdict(scores, str(model), benchmark)}"
        yield f"  {model:<20} {value:6.3f}{verdict}"


def _verdict(scores: pd.DataFrame, model: str, benchmark: str) -> str:
    try:
        found = compare(scores, Pairing(model, benchmark, METRIC))
    except InputError as problem:
        return f"no interval: {problem}"
    return f"90 % interval {found.lower:.3f} to {found.upper:.3f}: {found.verdict}"


def attainment_lines(cases: pd.DataFrame) -> Iterator[str]:
    """How often targets were met, beside the practice of the programme documents."""
    first = cases.iloc[0]
    what = f"P{first['probability'] * 100:g} targets over {first['window_months']} months"
    for text, column in (
        (f"{what} met", "met"),
        ("the last year times the years met", "practice_met"),
        ("outcome in the top tenth of the paths", "top_tenth"),
    ):
        yield f"{text}: {_share(cases, column)}"


def _share(cases: pd.DataFrame, column: str) -> str:
    share = f"{cases[column].mean():.0%} of {len(cases)} cases"
    try:
        found: AttainmentShare = attainment(cases, column=column)
    except InputError as problem:
        return f"{share}; no interval: {problem}"
    return f"{share} (90 % interval {found.lower:.0%} to {found.upper:.0%})"
