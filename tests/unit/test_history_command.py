"""``forecasting history``: the archive on the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.archive.record import RunFacts, record_run
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.languages import Language
from forecasting.series import read_series
from forecasting.tables import FORECAST_COLUMNS, QUANTILE_LEVELS

SERIES = "asylum-applicants/SI"
PROGRAMME = "si-amif-2021-2027"


def keep(folder: Path, origin: str) -> Path:
    """Record a run whose quantiles lie around the last figure, wider for the pool."""
    start = pd.Period(origin, "M")
    last = float(read_series(SERIES).values[start])
    for name, models, width in (
        ("forecast.csv", ("pool",), 0.8), ("benchmarks.csv", BENCHMARKS, 0.4),
    ):  # fmt: skip
        rows = []
        for model in models:
            for ahead in range(1, 13):
                head = (SERIES, origin, str(start + ahead), ahead, model)
                rows.append((*head, "mean", np.nan, last, ""))
                rows += [
                    (*head, "quantile", q, last * (1 + width * (2 * q - 1)), "")
                    for q in QUANTILE_LEVELS
                ]
        pd.DataFrame(rows, columns=list(FORECAST_COLUMNS)).to_csv(folder / name, index=False)
    made = dt.datetime.combine((start + 2).start_time, dt.time(2), dt.UTC)
    facts = RunFacts(f"SI-{origin}-en-0", made, made.date(), "SI", PROGRAMME, "", 5000, 1)
    return record_run(folder, facts)


def test_an_empty_archive_says_what_fills_it(run):
    result = run("history")
    assert result.exit_code == 0
    assert "Runs in the archive: 0" in result.output
    assert "forecasting brief" in result.output


def test_what_cannot_be_scored_yet_says_when(run, tmp_path):
    keep(tmp_path, "2024-09")
    result = run("history")
    assert result.exit_code == 0
    assert f"{SERIES}: nothing can be scored yet; 2024-10 is the first period" in result.output
    assert "to be published about 2024-12" in result.output


def test_models_are_told_with_coverage_and_skill(run, tmp_path):
    keep(tmp_path, "2024-03")
    result = run("history", "--benchmark", "last_official", "--output", "cases.csv")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    heads = next(line for line in lines if "Model" in line)
    assert heads.split() == ["Model", "Series", "Cases", "80%", "95%", "CRPS"]
    assert [line.split()[0] for line in lines[lines.index(heads) + 1 :][:4]] == [
        "pool", *BENCHMARKS,
    ]  # fmt: skip
    table = pd.read_csv("cases.csv")
    assert len(table) == 4 * 6
    share = table[table["model"] == "pool"]["inside_80"].mean()
    assert Language("en").percent(share) in result.output


def test_each_horizon_has_its_lines(run, tmp_path):
    keep(tmp_path, "2024-03")
    output = run("history", SERIES, "--by", "horizon").output
    assert [line.split()[0] for line in output.splitlines() if " pool " in line] == ["1–3", "4–6"]
    assert "newest forecasts and outturn" in output
    assert "2024-09" in output


def test_a_chart_of_a_series_is_drawn(run, tmp_path):
    keep(tmp_path, "2024-03")
    result = run("history", SERIES, "--chart", "h.svg")
    assert result.exit_code == 0
    assert Path("h.svg").read_text(encoding="utf-8").startswith("<svg")


def test_targets_tell_who_proposed_what_and_from_which_data(run):
    result = run("history", "--targets", PROGRAMME, "--output", "targets.xlsx")
    assert result.exit_code == 0
    assert "17,740" in result.output
    table = pd.read_excel("targets.xlsx")
    assert {"proposed_on", "proposed_by", "data_vintage", "probability"} < set(table.columns)


def test_a_damaged_file_is_named_and_the_exit_code_says_so(run, tmp_path):
    keep(tmp_path, "2024-03")
    path = keep(tmp_path, "2024-05")
    path.write_bytes(path.read_bytes()[:-1])
    result = run("history")
    assert result.exit_code == 2
    assert "Cases scored" in result.output
    assert path.name in result.output
    assert "damaged" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("asylum-applicants/XX",), "no forecast of 'asylum-applicants/XX' in the archive"),
        (("../x",), "cannot be the name of a file"),
        (("--benchmark", "naive"), "benchmark 'naive' is not in the archive"),
        (("--chart", "h.svg"), "--chart without a series"),
        ((SERIES, "--chart", "h.png"), "expected: a name that ends in .svg"),
        (("--targets", PROGRAMME, SERIES), "--targets with a series or a chart"),
        (("--targets", "nobody"), "programme 'nobody'"),
        (("--output", "cases.txt"), "output file 'cases.txt'"),
    ],
)
def test_what_cannot_be_told_is_refused_before_anything_is_written(
    run, tmp_path, arguments, message
):
    keep(tmp_path, "2024-03")
    before = set(Path().iterdir())
    result = run("history", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert set(Path().iterdir()) == before
