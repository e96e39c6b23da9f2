"""One bad file per message of `forecasting forecast`: exit code 2, no traceback, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

HEADER = b"series_id,period,value\n"


def months(n, start="2015-01"):
    return [str(period) for period in pd.period_range(start, periods=n, freq="M")]


def rows(name, values):
    return b"".join(
        f"{name},{month},{value}\n".encode()
        for month, value in zip(months(len(values)), values, strict=True)
    )


GOOD = rows("good", [50 + (7 * i) % 12 for i in range(30)])


@pytest.fixture
def forecast(run):
    """Return a function that forecasts a file of these bytes and returns the result."""

    def invoke(content, *options):
        Path("in.csv").write_bytes(content)
        return run("forecast", "in.csv", "--horizon", 2, "--paths", 40, "-o", "out.csv", *options)

    return invoke


def errors(result):
    """Return the lines of the errors, after making sure that they are messages."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert lines
    return lines


# the file as a whole cannot be used: nothing is written


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b"id,month,n\na,2020-01,1\n",
            "in.csv, row 1: column 'series_id', 'period', 'value' missing; column 'id', 'month', "
            "'n' not known; expected: the columns series_id,period,value",
            id="wrong header",
        ),
        pytest.param(
            b"series_id;period;value\na;2020-01;1\n",
            "in.csv, row 1: header 'series_id;period;value' is separated by semicolons; "
            "expected: commas: series_id,period,value",
            id="semicolons",
        ),
        pytest.param(
            b"", "in.csv: the file is empty; expected: a header and rows", id="empty file"
        ),
        pytest.param(
            HEADER, "in.csv: a header and no rows; expected: one row per value", id="header only"
        ),
        pytest.param(
            HEADER + "č,2020-01,1\n".encode("cp1250"),
            "in.csv, row 2: byte 0xe8 is not UTF-8; expected: text in UTF-8; "
            "save the file as 'CSV UTF-8'",
            id="not UTF-8",
        ),
        pytest.param(
            "series_id,period,value\na,2020-01,1\n".encode("utf-16"),
            "in.csv, row 1: byte 0xff is not UTF-8",
            id="UTF-16",
        ),
        pytest.param(
            GOOD.replace(b"good,2015-02,57", b"good,2015-02,12,5"),
            "in.csv, row 1: ",
            id="no header",
        ),
        pytest.param(
            HEADER + GOOD.replace(b"good,2015-02,57", b"good,2015-02,12,5"),
            "in.csv, row 3: 4 values; expected: 3, one per column: series_id, period, value",
            id="decimal comma without quotes",
        ),
    ],
)
def test_a_file_that_cannot_be_read(forecast, content, message):
    (line,) = errors(forecast(content))
    assert line.startswith(f"error: {message}")
    assert not Path("out.csv").exists()


def test_a_file_that_is_not_there(run):
    result = run("forecast", "none.csv", "--horizon", 2, "-o", "out.csv")
    assert errors(result) == ["error: none.csv: no such file; expected: a CSV file"]


# one series cannot be used: it gets its own row, the others are written


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        pytest.param(
            b"bad,2020-01,5\nbad,2020-02,okoli 30\n",
            "row 33, series bad: value 'okoli 30' is not a number; "
            "expected: a number such as 1234 or 12.5",
            id="text in a number",
        ),
        pytest.param(
            b'bad,2020-01,5\nbad,2020-02,"12,5"\n',
            "row 33, series bad: value '12,5' is not a number; "
            "expected: a number such as 1234 or 12.5; write 12.5, not 12,5",
            id="decimal comma",
        ),
        pytest.param(
            b"bad,2020-01,850\nbad,2020-02,1.234\n",
            "row 33, series bad: value '1.234' may be a thousands point; expected: 1234; "
            "if a fraction is meant write 1.2340",
            id="thousands point",
        ),
        pytest.param(
            b"bad,2020-01,5\nbad,2020-01,6\n",
            "row 33, series bad: period 2020-01 stands twice; expected: each period once; "
            "remove one of the two rows",
            id="duplicate month",
        ),
        pytest.param(
            b"bad,2020-01,5\nbad,2020-03,6\n",
            "row 32, series bad: no value for 2020-02; expected: a value for every period; "
            "fill the gap at its source, or say how to treat it: ",
            id="gap",
        ),
        pytest.param(
            b"bad,2020-01,5\nbad,2020-02,\n",
            "row 32, series bad: no value for 2020-02; expected: a value for every period",
            id="empty cell",
        ),
        pytest.param(
            b"bad,2020-01,5\nbad,2020-02,-5\n",
            "row 33, series bad: value -5; expected: a count from 0 to 1e+12",
            id="negative count",
        ),
        pytest.param(
            b"bad,2020-02,5\nbad,2020-01,5\n",
            "row 33, series bad: period 2020-01 follows 2020-02; expected: increasing periods",
            id="unsorted",
        ),
        pytest.param(
            b"bad,2020-01,5\nbad,2020-Q2,5\n",
            "row 33, series bad: period 2020-Q2 after 2020-01; expected: monthly periods",
            id="mixed frequency",
        ),
        pytest.param(
            b"bad,1. 2020,5\n",
            "row 32, series bad: '1. 2020' is not a period; expected: YYYY-MM, YYYY-Qn or YYYY",
            id="another period",
        ),
        pytest.param(
            b"bad,2020-01,1\nbad,2020-02,2\n", "bad: no model can be used (", id="two months"
        ),
    ],
)
def test_one_bad_series_never_spoils_the_others(forecast, bad, message):
    result = forecast(HEADER + GOOD + bad)
    (line,) = errors(result)
    assert message in line
    assert "1 series forecast: out.csv" in result.stdout
    table = pd.read_csv("out.csv")
    assert (table["series_id"] == "good").sum() == 2 * 24
    row = table[table["series_id"] == "bad"].iloc[0]
    assert (table["series_id"] == "bad").sum() == 1
    assert row["flag"] == line
    filled = row.drop(["series_id", "model", "flag"])
    assert filled.isna().all()


def test_a_bad_series_changes_no_byte_of_the_good_one(forecast):
    forecast(HEADER + GOOD)
    alone = Path("out.csv").read_bytes()
    forecast(HEADER + b"bad,2020-01,-1\n" + GOOD)
    lines = Path("out.csv").read_bytes().splitlines(keepends=True)
    assert b"".join([lines[0], *lines[2:]]) == alone


def test_every_bad_series_has_its_own_message(forecast):
    result = forecast(HEADER + b"one,2020-01,-1\n" + GOOD + b"two,2020-01,x\n")
    first, second = errors(result)
    assert "series one: value -1" in first
    assert "series two: value 'x'" in second


def test_a_file_of_bad_series_only_is_written_too(forecast):
    errors(forecast(HEADER + b"bad,2020-01,-1\n"))
    assert len(pd.read_csv("out.csv")) == 1


# short or empty of events: it works, and says so


def test_thirteen_months_work_and_are_flagged(forecast):
    values = [30, 24, 27, 33, 25, 29, 31, 26, 28, 35, 27, 30, 29]
    result = forecast(HEADER + rows("short", values))
    assert result.exit_code == 0
    flags = pd.read_csv("out.csv")["flag"].unique().tolist()
    assert flags == [
        "fewer members: seasonal_naive-log too short: needs 14 observations, there are 13"
    ]


def test_an_all_zero_series_works_and_is_flagged(forecast):
    result = forecast(HEADER + rows("none", [0] * 36))
    assert result.exit_code == 0
    table = pd.read_csv("out.csv")
    assert len(table) == 2 * 24
    assert (table["value"] == 0).all()
    assert table["flag"].str.contains("all observations are 0").all()


def test_a_number_beyond_every_count_does_not_spoil_the_others(forecast):
    result = forecast(HEADER + GOOD + rows("bad", [1e308] * 30))
    assert "row 32, series bad: value 1e+308; expected: a count from 0" in errors(result)[0]
    flags = pd.read_csv("out.csv").groupby("series_id")["flag"].first()
    assert flags["bad"].startswith("error:")


@pytest.mark.parametrize("option", [("--paths", 0), ("--seed", -1), ("--paths", 100_001)])
def test_options_that_no_series_can_use_write_nothing(forecast, option):
    result = forecast(HEADER + GOOD, *option)
    assert result.exit_code == 2
    assert not Path("out.csv").exists()
