"""The verbs of the command line: help, names, columns, files and printed lines."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.tables import QUANTILE_LEVELS

HEADER = "series_id,origin,period,horizon,model,output_type,quantile_level,value,flag"
VERBS = (
    "brief",
    "forecast",
    "targets",
    "check",
    "programme",
    "run",
    "scenario",
    "data",
    "history",
    "night",
)


def write_input(path="in.csv", n=30):
    rows = [f"a,{y}-{m:02d},{40 + 3 * m + y % 7}" for y in range(2015, 2020) for m in range(1, 13)]
    Path(path).write_text("\n".join(["series_id,period,value", *rows[:n]]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_shows_an_example(run, verb):
    result = run(verb, "--help")
    assert result.exit_code == 0
    examples = result.output.split("Examples:\n")[1].splitlines()
    assert examples
    assert all(line.startswith(f"  forecasting {verb}") for line in examples)


def test_the_examples_name_options_that_exist(run):
    for verb in VERBS:
        usage, examples = run(verb, "--help").output.split("Examples:\n")
        for option in re.findall(r" (--?[a-z-]+)", examples):
            assert re.search(rf"{option}\b", usage), (verb, option)


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("brief", "--programme --geo --as-of --language --paths --seed --output-dir"),
        ("forecast", "INPUT.csv --horizon --output --origin --model --paths --seed --jobs"),
        ("targets", "PROGRAMME --probability --as-of --output"),
        ("check", "PATH"),
        ("programme", "list show check note tables compare"),
        ("night", "PLAN --output-dir --jobs --offline --engine --scheduler"),
        ("run", "NOTEBOOK --parameter --output-dir --jobs --show"),
        ("scenario", "list show check compare attribute"),
        ("data", "refresh"),
        ("history", "SERIES --by --benchmark --replays --targets --output --chart --language"),
    ],
)
def test_the_names_of_the_contract_are_there(run, verb, options):
    text = run(verb, "--help").output
    for option in options.split():
        assert option in text


def test_the_overview_lists_every_verb_and_exit_code(run):
    text = run("--help").output
    for verb in VERBS:
        assert re.search(rf"^  {verb} ", text, re.MULTILINE)
    assert "Exit codes: 0 done, 2 bad input, 3 a notebook failed, 4 another run" in text


def test_the_version_is_printed(run):
    result = run("--version")
    assert (result.exit_code, result.output) == (0, f"forecasting {version('forecasting')}\n")
    assert run("brief", "-h").exit_code == 0


def test_an_error_is_one_line_on_stderr_without_traceback():
    """In a process of its own, as a scheduler sees it."""
    code = "from forecasting.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "forecast", "none.csv", "--horizon", "2", "-o", "o.csv"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: none.csv: no such file; expected: a CSV file\n"


# forecast


@pytest.fixture
def table(run):
    write_input()
    result = run("forecast", "in.csv", "--horizon", 3, "--output", "out.csv", "--paths", 200)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("1 series forecast: out.csv\n")
    return Path("out.csv")


def test_the_columns_of_a_forecast_are_a_contract(table):
    assert table.read_text(encoding="utf-8").splitlines()[0] == HEADER


def test_each_period_has_a_mean_and_23_quantiles(table):
    frame = pd.read_csv(table)
    assert len(frame) == 3 * 24
    assert frame["period"].drop_duplicates().tolist() == ["2017-07", "2017-08", "2017-09"]
    assert frame["horizon"].drop_duplicates().tolist() == [1, 2, 3]
    for column, value in {"series_id": "a", "origin": "2017-06", "model": "pool"}.items():
        assert frame[column].unique().tolist() == [value]
    for _, own in frame.groupby("period"):
        assert own["output_type"].tolist() == ["mean"] + ["quantile"] * 23
        assert own["quantile_level"].tolist()[1:] == list(QUANTILE_LEVELS)
        values = own["value"].to_numpy()
        assert (np.diff(values[1:]) >= 0).all()
        assert values[1] <= values[0] <= values[-1]
    assert frame["flag"].isna().all()
    means = [line for line in table.read_text(encoding="utf-8").splitlines() if ",mean," in line]
    assert all(",mean,," in line for line in means)


def test_the_same_command_writes_the_same_bytes(run, table):
    first = table.read_bytes()
    run("forecast", "in.csv", "--horizon", 3, "--output", "again.csv", "--paths", 200)
    assert Path("again.csv").read_bytes() == first
    run("forecast", "in.csv", "--horizon", 3, "--output", "x.csv", "--paths", 200, "--seed", 2)
    assert Path("x.csv").read_bytes() != first


def test_an_origin_hides_what_came_later(run):
    write_input("long.csv", 30)
    write_input("short.csv", 24)
    options = ("--horizon", 2, "--paths", 80)
    run("forecast", "long.csv", *options, "--origin", "2016-12", "--output", "a.csv")
    run("forecast", "short.csv", *options, "--output", "b.csv")
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_one_model_by_name(run):
    write_input()
    run("forecast", "in.csv", "--horizon", 1, "--model", "ets-log", "-o", "out.csv")
    assert pd.read_csv("out.csv")["model"].unique().tolist() == ["ets-log"]


def test_a_forecast_may_be_written_as_a_sheet(run, table):
    run("forecast", "in.csv", "--horizon", 3, "--output", "out.xlsx", "--paths", 200)
    pd.testing.assert_frame_equal(pd.read_excel("out.xlsx"), pd.read_csv(table), check_dtype=False)


def test_a_gap_may_be_treated_and_is_flagged(run):
    write_input()
    lines = Path("in.csv").read_text(encoding="utf-8").splitlines()
    Path("in.csv").write_text("\n".join([*lines[:20], *lines[21:]]) + "\n", encoding="utf-8")
    options = ("--horizon", 1, "--paths", 40, "-o", "out.csv")
    assert run("forecast", "in.csv", *options).exit_code == 2
    assert run("forecast", "in.csv", *options, "--missing", "interpolate").exit_code == 0
    assert pd.read_csv("out.csv")["flag"].unique().tolist() == ["filled linearly: 2016-08"]


# targets


@pytest.fixture
def targets(run):
    options = ("--paths", 200, "--probability", 0.85)
    results = [
        run("targets", "si-amif-2021-2027", *options, "--output", name)
        for name in ("t.csv", "t.xlsx", "t.json")
    ]
    assert [result.exit_code for result in results] == [0, 0, 0]
    return results[0].stdout


def test_targets_in_every_format_hold_the_same(targets):
    pd.testing.assert_frame_equal(pd.read_csv("t.csv"), pd.read_excel("t.xlsx"), check_dtype=False)
    records = pd.DataFrame(json.loads(Path("t.json").read_text(encoding="utf-8")))
    text = records.to_csv(index=False)
    pd.testing.assert_frame_equal(
        pd.read_csv("t.csv"), pd.read_csv(io.StringIO(text)), check_dtype=False
    )
    columns = pd.read_csv("t.csv").columns
    for probability in ("p50", "p80", "p85", "p90"):
        assert f"proposal_{probability}" in columns


@pytest.mark.parametrize(
    "trace",
    [
        "3 years × 3,548 applications per year = 10,644 applications",
        "5 years × 3,548 applications per year = 17,740 applications",
        "17,740 persons + 167,750 persons = 185,490 persons",
        "+ 92,640 persons = 167,750 persons",
        "80 persons + 90 persons = 170 persons",
        "80 persons × 75% + 90 persons × 90% = 141 persons",
    ],
)
def test_the_calculation_of_every_published_value_is_printed(targets, trace):
    assert trace in targets


def test_the_printed_lines_name_the_file_written(targets):
    assert "t.csv" in targets.splitlines()[-1]


def test_targets_as_of_an_earlier_month_know_no_later_facts(run):
    options = ("--paths", 100, "--as-of", "2021-12", "--language", "sl")
    result = run("targets", "si-amif-2021-2027", *options, "--output", "t.csv")
    assert result.exit_code == 0
    frame = pd.read_csv("t.csv")
    known = frame.loc[frame["observed"].notna(), "observed"]
    assert (known == 0).all()
    assert "5 let × 3.548 prošenj na leto = 17.740 prošenj" in result.stdout


# check


def test_the_shipped_data_are_in_order(run):
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.endswith("files checked, 0 problems\n")
    assert result.stderr == ""


def test_a_problem_is_printed_and_the_exit_code_is_2(run):
    Path("bad.csv").write_text("series_id,period,value\na,2020,-1\n", encoding="utf-8")
    Path("good.csv").write_text("series_id,period,value\na,2020,1\n", encoding="utf-8")
    result = run("check", "bad.csv", "good.csv")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: bad.csv, row 2, series a: value -1; expected: a count from 0 to 1e+12\n"
    )
    assert "ok     good.csv: 1 series, 1 values" in result.stdout
    assert result.stdout.endswith("2 files checked, 1 problems\n")
