"""Long tables: faults named by file and row; files written whole or not at all."""

from __future__ import annotations

import errno
import json
import math
import os
import time

import numpy as np
import openpyxl
import pandas as pd
import pytest

from forecasting.errors import InputError, OutputError
from forecasting.tables import QUANTILE_LEVELS, SERIES_COLUMNS, parse_number, read_rows, write_table

FRAME = pd.DataFrame({"name": ["č", "b"], "value": [1.5, 2.0], "note": [None, "x, y"]})


@pytest.fixture
def file(tmp_path):
    return tmp_path / "in.csv"


def refusal(path):
    with pytest.raises(InputError) as caught:
        read_rows(path, SERIES_COLUMNS)
    return str(caught.value)


def test_rows_carry_the_line_of_the_file(file):
    file.write_bytes(b"value,series_id,period\n1, a ,2020-01\n\n ,,\n2,b,2020-02\n")
    rows = read_rows(file, SERIES_COLUMNS)
    assert list(rows.index) == [2, 5]
    assert rows.loc[2].to_dict() == {"value": "1", "series_id": "a", "period": "2020-01"}


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfseries_id,period,value\na,2020,1\n",
        b"series_id,period,value\r\na,2020,1\r\n",
        b'"series_id","period","value"\n"a","2020","1"\n',
    ],
)
def test_byte_order_mark_line_ends_and_quotes_do_not_matter(file, content):
    file.write_bytes(content)
    assert read_rows(file, SERIES_COLUMNS).iloc[0].tolist() == ["a", "2020", "1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "in.csv: the file is empty; expected: a header and rows"),
        (b" \n\n", "in.csv: the file is empty"),
        (b"series_id,period,value\n", "in.csv: a header and no rows; expected: one row per value"),
        (
            b"series_id;period;value\na;2020;1\n",
            "in.csv, row 1: header 'series_id;period;value' is separated by semicolons; "
            "expected: commas: series_id,period,value",
        ),
        (
            b"series,period,value\na,2020,1\n",
            "in.csv, row 1: column 'series_id' missing; column 'series' not known; "
            "expected: the columns series_id,period,value",
        ),
        (b"period,value\n2020,1\n", "row 1: column 'series_id' missing; expected"),
        (b"series_id,period,value,unit\n", "row 1: column 'unit' not known"),
        (b"series_id,period,value,value\n", "row 1: a column stands twice"),
        (
            b"series_id,period,value\na,2020,1\na,2021,1,5\n",
            "in.csv, row 3: 4 values; expected: 3, one per column: series_id, period, value",
        ),
        (
            b"series_id,period,value\na,2020,1\n\xe8,2021,2\n",
            "in.csv, row 3: byte 0xe8 is not UTF-8; expected: text in UTF-8; "
            "save the file as 'CSV UTF-8'",
        ),
    ],
)
def test_each_fault_of_a_file_has_its_message(file, content, message):
    file.write_bytes(content)
    assert message in refusal(file)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    assert refusal(tmp_path / "none.csv").endswith("none.csv: no such file; expected: a CSV file")
    assert "is a folder; expected: a CSV file" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("12.5", 12.5), ("-3", -3), ("1e3", 1000), ("0", 0)]
)
def test_numbers_have_a_decimal_point(text, number):
    assert parse_number(text, where="row 2") == number


@pytest.mark.parametrize("text", ["", "NA", "NaN", "nan", ":"])
def test_marks_of_a_missing_value(text):
    assert math.isnan(parse_number(text, where="row 2"))


@pytest.mark.parametrize("text", ["okoli 30", "1_000", "1 000", "12%", "-", "..", "3 b"])
def test_text_in_a_number_is_refused(text):
    with pytest.raises(InputError) as caught:
        parse_number(text, where="a.csv, row 2")
    assert str(caught.value) == (
        f"a.csv, row 2: value '{text}' is not a number; expected: a number such as 1234 or 12.5"
    )


def test_a_decimal_comma_gets_a_hint():
    with pytest.raises(InputError, match=r"write 12\.5, not 12,5"):
        parse_number("12,5", where="a.csv, row 2")


def test_csv_and_xlsx_hold_the_same_table(tmp_path):
    text = write_table(FRAME, tmp_path / "a.csv")
    sheet = write_table(FRAME, tmp_path / "a.XLSX")
    assert text.read_bytes() == 'name,value,note\nč,1.5,\nb,2.0,"x, y"\n'.encode()
    pd.testing.assert_frame_equal(pd.read_csv(text), pd.read_excel(sheet), check_dtype=False)


def test_json_holds_the_same_table_with_all_digits(tmp_path):
    frame = FRAME.assign(share=[0.1 + 0.2, np.nan], n=np.array([1, 2]))
    path = write_table(frame, tmp_path / "a.json")
    assert json.loads(path.read_text(encoding="utf-8")) == [
        {"name": "č", "value": 1.5, "note": None, "share": 0.1 + 0.2, "n": 1},
        {"name": "b", "value": 2.0, "note": "x, y", "share": None, "n": 2},
    ]
    assert "č" in path.read_text(encoding="utf-8")


def test_the_same_table_gives_the_same_bytes(tmp_path):
    first = write_table(FRAME, tmp_path / "a.xlsx").read_bytes()
    time.sleep(1.1)  # the times in a workbook are whole seconds
    assert write_table(FRAME, tmp_path / "b.xlsx").read_bytes() == first


def test_a_text_in_a_workbook_is_never_a_formula(tmp_path):
    path = write_table(pd.DataFrame({"a": ["=1+1"], "b": [2]}), tmp_path / "a.xlsx")
    cells = openpyxl.load_workbook(path)["table"][2]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=1+1", "s"), (2, "n")]


@pytest.mark.parametrize("name", ["a.txt", "a", "a.csv.gz", "csv"])
def test_another_ending_is_refused_and_nothing_written(tmp_path, name):
    with pytest.raises(InputError, match=r"expected: a name that ends in \.csv, \.xlsx or \.json"):
        write_table(FRAME, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist; make it first"):
        write_table(FRAME, tmp_path / "none" / "a.csv")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_whole(tmp_path, monkeypatch, name, step):
    path = tmp_path / name
    path.write_bytes(b"the old table")

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OutputError, match="no space left"):
        write_table(FRAME, path)
    assert path.read_bytes() == b"the old table"
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_folder_in_place_of_the_file_is_an_output_error(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError, match=r"a\.csv"):
        write_table(FRAME, tmp_path / "a.csv")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def test_there_are_23_quantile_levels():
    assert list(QUANTILE_LEVELS) == [
        0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
        0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99,
    ]  # fmt: skip


def test_an_unclosed_quote_in_a_long_file_is_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "series_id,period,value\n" + 'a,2020-01,"1\n' + "a,2020-02,1\n" * 20_000, encoding="utf-8"
    )
    with pytest.raises(InputError, match="row"):
        read_rows(path, ("series_id", "period", "value"))
