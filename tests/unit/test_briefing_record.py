"""What a briefing says of former forecasts: its first line, and the table against the outturn."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from forecasting import (
    compose_briefing,
    forecast,
    load_programme,
    persons_by_month,
    propose_targets,
    read_series,
    save_results,
)
from forecasting.archive.former import NO_FORMER_RUNS, FormerRun, FormerRuns
from forecasting.archive.proposals import TARGET_COLUMNS
from forecasting.briefing.blocks import plain
from forecasting.briefing.content import Briefing
from forecasting.briefing.material import BriefingOptions
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.forecasts import Forecast
from forecasting.languages import Language

MODEL = "seasonal_naive-log"


@cache
def forecasts(geo: str) -> tuple[Forecast, Forecast]:
    series = read_series(f"asylum-applicants/{geo}")
    horizon = pd.Period("2029-12", "M").ordinal - series.origin.ordinal
    past = forecast(series.until(series.origin - 12), horizon=12, model=MODEL, n_paths=100)
    return forecast(series, horizon=horizon, model=MODEL, n_paths=100), past


def brief(
    geo: str = "FI", *, former: FormerRuns = NO_FORMER_RUNS, probability: float = 0.8
) -> Briefing:
    result, past = forecasts(geo)
    options = BriefingOptions(geo, probability=probability)
    if geo != "SI":
        return compose_briefing(result, past, options, former=former)
    programme = load_programme("si-amif-2021-2027")
    proposals = propose_targets(
        programme, persons_by_month(result), origin=result.origin,
        probabilities=sorted({0.5, 0.8, 0.9, probability}),
    )  # fmt: skip
    return compose_briefing(
        result, past, options, programme=programme, proposals=proposals, former=former
    )


def former_run(months: int, *, crps: float, run_id: str = "FI-2024-07-en-0") -> FormerRun:
    """A run of which so many months have been counted, the last one outside its interval."""
    series = read_series("asylum-applicants/FI")
    periods = series.periods[-months:]
    table = pd.DataFrame(
        {
            "outturn": series.values[periods],
            "median": 300.0,
            "lower_80": 200.0,
            "upper_80": 400.0,
            "inside_80": 1.0,
            "crps": crps,
            "benchmark_crps": 50.0,
        },
        index=periods,
    )
    table.iloc[-1, table.columns.get_loc("inside_80")] = 0.0
    return FormerRun(
        run_id=run_id,
        made=dt.datetime(2024, 10, 21, 2, tzinfo=dt.UTC),
        vintage=dt.date(2024, 10, 20),
        origin=series.origin - months,
        months=table,
        ahead=pd.Series({series.origin + 12: 123.0}),
    )


def held(*runs: FormerRun) -> FormerRuns:
    return replace(NO_FORMER_RUNS, last=runs[0], scored=runs)


def first_line(made: Briefing) -> str:
    first = made.blocks[0]
    assert first.block == "paragraph"
    return plain(first.text)


def record(made: Briefing):
    return next(
        each
        for each in made.blocks
        if each.block == "table" and "CRPS" in [column.label for column in each.columns]
    )


def cells(made: Briefing) -> list[list[str]]:
    return [[plain(cell) for cell in row] for row in record(made).rows]


def test_without_an_archive_the_same_method_a_year_ago_stands_in():
    made = brief()
    past = made.material.past
    line = first_line(made)
    assert line.startswith("No former briefing is in the archive.")
    assert f"{past.counted.sum():,.0f} were counted" in line
    (row,) = cells(made)
    assert row[0] == "same method, a year ago"
    assert row[-1] == Language("en").percent(made.material.past_ratio)


def test_the_first_line_and_the_row_say_the_same_of_the_last_run():
    made = brief(former=held(former_run(2, crps=40.0)))
    line, (row, past) = first_line(made), cells(made)
    counted = made.material.result.series.values.iloc[-1]
    assert "Since the last briefing (21 October 2024) 2 months were added" in line
    assert "The last forecast: 1/2 months within its 80%" in line
    assert f"300 forecast, {counted:,.0f} counted" in line
    assert "Better than the random walk (80% of its error)" in line
    assert row[3:] == [f"{counted:,.0f}", "1/2", "80%"]
    assert past[0] == "same method, a year ago"
    assert "went from 120 to" in line


def test_a_forecast_worse_than_the_random_walk_is_said_plainly():
    made = brief(former=held(former_run(3, crps=75.0)))
    assert "Worse than the random walk (150% of its error)" in first_line(made)
    (line,) = [run.text for run in made.blocks[0].text if run.bold and "Worse" in run.text]
    assert line == "Worse than the random walk"
    assert "Worse than it:" in plain(record(made).note)
    assert "21 Oct 2024" in plain(record(made).note)


def test_nothing_new_is_said_too():
    last = former_run(1, crps=40.0)
    unscored = replace(last, months=last.months.iloc[:0])
    made = brief(former=replace(held(last), last=unscored))
    assert "no month was added" in first_line(made)
    assert "The last forecast: 0/1" in first_line(made)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (None, "Earlier months may have been revised."),
        ({}, "No earlier month was revised."),
        ({"2024-07": (455, 465)}, "1 earlier month was revised: July 2024, 455 to 465."),
        (
            {"2024-05": (310, 300), "2024-07": (455, 1465)},
            "2 earlier months were revised, July 2024 the most: 455 to 1,465.",
        ),
    ],
)
def test_revisions_since_the_last_run_are_told(changes, words):
    former = held(former_run(2, crps=40.0))
    if changes is not None:
        periods = pd.PeriodIndex(list(changes), freq="M")
        rows = pd.DataFrame(list(changes.values()), index=periods, columns=["then", "now"])
        former = replace(former, revised=rows)
    assert words in first_line(brief(former=former))


def test_a_year_of_a_former_run_takes_the_place_of_the_same_method():
    made = brief(former=held(former_run(1, crps=1.0), former_run(12, crps=1.0)))
    assert [row[0] for row in cells(made)] == ["run of 21 Oct 2024"] * 2


def test_a_damaged_file_of_the_archive_is_named_on_the_page():
    made = brief(former=replace(NO_FORMER_RUNS, unreadable=("FI-2024-07-en-0",)))
    assert "left out: FI-2024-07-en-0" in plain(record(made).note)


def test_the_first_line_tells_what_moved_the_target():
    result, _ = forecasts("SI")
    row = dict.fromkeys(TARGET_COLUMNS) | {
        "indicator": "O.1.1.1", "point": "target", "published": 17740.0,
        "published_probability": 0.7, "probability": 0.8, "value": 40000.0,
    }  # fmt: skip
    last = former_run(1, crps=40.0)
    former = replace(held(last), targets=pd.DataFrame([row]))
    made = brief("SI", former=former)
    proposed = made.material.targets.headline.proposals[0.8]
    assert f"The proposal (P80) went from 40,000 to {proposed:,}." in first_line(made)
    assert result.origin == made.material.result.origin


@pytest.mark.parametrize("probability", [0.5, 0.65, 0.95])
def test_everything_follows_the_probability_asked_for(probability):
    made = brief("SI", probability=probability)
    headline = made.material.targets.headline
    messages = next(each for each in made.blocks if each.block == "messages")
    proposal = plain(messages.items[1])
    assert f"is {headline.proposals[probability]:,}, met with probability" in proposal
    table = next(
        each for each in made.blocks if "Targets of 2029" in plain(getattr(each, "caption", ""))
    )
    name = f"P{round(100 * probability)}"
    assert name in [column.label for column in table.columns]
    assert plain(table.note).startswith(f"{name}: attained on")
    assert made.material.tested.probability == {0.5: 0.5, 0.65: 0.8, 0.95: 0.9}[probability]


def test_the_benchmarks_are_saved_beside_the_forecast(tmp_path):
    written = [path.name for path in save_results(brief(), tmp_path)]
    assert written == ["content.json", "forecast.csv", "benchmarks.csv"]
    forecasts_, benchmarks = (pd.read_csv(tmp_path / name) for name in written[1:])
    assert set(benchmarks["model"]) == set(BENCHMARKS)
    assert set(benchmarks["period"]) == set(forecasts_["period"])
