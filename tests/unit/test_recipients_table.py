"""The monthly table of social assistance: template, what is read from it, the published counts."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from forecasting.checks import check_files
from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.periods import parse_period
from forecasting.series.recipients import recipients_series
from forecasting.sources.cell_values import amount_of
from forecasting.sources.layouts import LAYOUTS, write_template
from forecasting.sources.points import MonthCount, read_month_counts
from forecasting.sources.recipients_layout import MEASURED
from forecasting.sources.recipients_points import PointComparison, check_against_points
from forecasting.sources.recipients_table import is_recipients_table, read_recipients
from forecasting.sources.spreadsheet import Cell, Faults

UNTIL = parse_period("2024-12")
ENGLISH = ["month", "recipients", "persons entitled", "entries", "exits", "expenditure (EUR)"]
ROWS = [
    ["2024-01", 48210, 77900, 2610, 2745, 21350480.5],
    ["2024-02", 47935, 77420, 2480, 2755, 21198200],
    ["2024-03", 47700, 77010, 2520, 2755, 22004310.25],
]


def save(path, rows):
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


def save_csv(path, rows, *, delimiter):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


@pytest.fixture
def table(tmp_path):
    return read_recipients(save(tmp_path / "dsp.xlsx", [ENGLISH, *ROWS]), until=UNTIL)


# the template


@pytest.mark.parametrize("code", language_codes())
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_template_can_be_filled_in_and_read_in_every_language(tmp_path, code, ending):
    words = Language(code)
    path = write_template("recipients", tmp_path / f"dsp.{ending}", words=words)
    headers = list(LAYOUTS["recipients"].headers(words).values())
    if ending == "csv":
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        delimiter = ";" if ";" in lines[0] else ","
        assert lines[0].split(delimiter) == headers
        assert len(lines) == 3
        cells = [delimiter.join(map(str, row)) for row in ROWS]
        path.write_text("\n".join([lines[0], *cells]), encoding="utf-8-sig")
    else:
        workbook = load_workbook(path)
        sheet, explanation = workbook.worksheets
        assert [cell.value for cell in sheet[1]] == headers
        assert explanation.max_row == 8
        sheet.delete_rows(2, sheet.max_row)
        for row in ROWS:
            sheet.append(row)
        workbook.save(path)
    found = read_recipients(path, until=UNTIL).table
    assert found.to_numpy().tolist() == [row[1:] for row in ROWS]


def test_the_slovenian_headers_are_those_of_the_ministry():
    headers = LAYOUTS["recipients"].headers(Language("sl"))
    assert list(headers.values()) == [
        "mesec", "prejemniki", "upravičenci", "vstopi", "izstopi", "izdatki (EUR)",
    ]  # fmt: skip


def test_the_command_writes_the_template(run):
    result = run("template", "recipients", "--output", "dsp.csv", "--language", "sl")
    assert (result.exit_code, result.output) == (0, "dsp.csv\n")
    assert Path("dsp.csv").read_bytes().startswith(b"\xef\xbb\xbfmesec;prejemniki;")
    assert run("template", "recipients", "--output", "dsp.csv").exit_code == 2
    checked = run("check", "dsp.csv")
    assert checked.exit_code == 2
    assert checked.stderr.count("an example of the template; delete the row") == 2


# what is read


def test_every_column_is_read_by_month(table):
    assert list(table.table.columns) == list(MEASURED)
    assert table.table.index.tolist() == [parse_period(row[0]) for row in ROWS]
    assert table.table.to_numpy().tolist() == [row[1:] for row in ROWS]
    assert table.source == "dsp.xlsx"


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_slovenian_csv_with_decimal_commas_gives_the_same(tmp_path, table, delimiter):
    rows = [
        ["Mesec", "PREJEMNIKI", "upravičenci", "vstopi", "izstopi", "izdatki  (EUR)"],
        ["3. 2024", "47 700", "77010", "2520", "2755", "22.004.310,25"],
        ["1. 1. 2024", "48210", "77900,0", "2610", "2745", "21350480,50"],
        ["", "", "", "", "", ""],
        ["02/2024", "47935", "77420", "2480", "2755", "21 198 200 €"],
    ]
    path = save_csv(tmp_path / "dsp.csv", rows, delimiter=delimiter)
    pd.testing.assert_frame_equal(read_recipients(path, until=UNTIL).table, table.table)


def test_a_column_that_is_left_out_or_empty_is_not_there(tmp_path):
    rows = [["mesec", "upravičenci", "vstopi"], *([row[0], row[2], None] for row in ROWS)]
    found = read_recipients(save(tmp_path / "dsp.xlsx", rows), until=UNTIL)
    assert list(found.table.columns) == ["persons_entitled"]
    with pytest.raises(InputError, match="no column 'recipients'; expected: persons_entitled"):
        found.column("recipients")


def test_the_months_up_to_today_may_be_in_the_table(tmp_path):
    today = dt.date.today()
    assert len(read_recipients(save(tmp_path / "a.xlsx", [ENGLISH[:2], [today, 5]])).table) == 1


def test_a_small_town_may_change_more_than_a_country(tmp_path):
    rows = [["month", "recipients"], *([f"2024-{m:02d}", n] for m, n in enumerate((20, 30, 18), 1))]
    found = read_recipients(save(tmp_path / "a.xlsx", rows), until=UNTIL)
    assert found.table["recipients"].tolist() == [20, 30, 18]


def test_a_column_becomes_a_series_with_its_own_unit(table):
    recipients, entitled = (recipients_series(table, key) for key in list(MEASURED)[:2])
    assert (recipients.unit, recipients.kind, recipients.source) == (
        "families",
        "stock",
        "dsp.xlsx",
    )
    assert (entitled.unit, entitled.kind) == ("persons", "stock")
    assert recipients_series(table, "exits").kind == "flow"
    assert recipients.origin == parse_period("2024-03")
    with pytest.raises(InputError, match="no column 'children'; expected: recipients, "):
        recipients_series(table, "children")


@given(cents=st.integers(0, 10**12))
def test_an_amount_is_read_back_however_it_is_written(cents):
    whole, rest = divmod(cents, 100)
    english = f"{whole:,}.{rest:02d}"
    slovenian = english.replace(",", " ").replace(".", ",").replace(" ", ".")
    written = [english, slovenian, f"{whole},{rest:02d}", f"{whole}.{rest:02d}", cents / 100]
    for text in written:
        assert amount_of(Cell(text, "A1")) == cents / 100


@given(st.text("0123456789.,- €", max_size=8))
def test_another_text_is_an_amount_or_is_refused(text):
    plain = text.strip().removesuffix("€").replace(" ", "").replace(",", ".")
    faults = Faults()
    amount = faults.attempt(amount_of, Cell(text.strip() or None, "A1"))
    if amount is None:
        assert faults.lines[0].startswith("A1: ")
    elif plain.count(".") <= 1:
        assert amount == float(plain)


# the published counts


def test_published_counts_are_read_with_their_notes():
    counts = read_month_counts("social-assistance-points", "persons_entitled")
    assert len(counts) == 7
    assert counts[4] == MonthCount(parse_period("2021-02"), 110000, "more than")
    with pytest.raises(InputError, match=r"no counts of months for 'children'.* expected: persons"):
        read_month_counts("social-assistance-points", "children")
    with pytest.raises(InputError, match="'detention-counts' holds no points; expected: points"):
        read_month_counts("detention-counts", "present")


@pytest.mark.parametrize(
    ("value", "note", "agrees"),
    [
        (100_900, "", True),
        (101_100, "", False),
        (98_900, "", False),
        (100_000, "more than", False),
        (104_000, "more than", True),
        (101_100, "rounded", False),
        (1_040, "rounded", True),
        (1_040, "", False),
    ],
)
def test_a_value_agrees_within_a_percent_or_as_the_note_allows(value, note, agrees):
    published = MonthCount(UNTIL, 100_000 if value > 5000 else 1_000, note)
    assert PointComparison("recipients", value, published).agrees is agrees


def test_a_series_is_compared_month_by_month_with_its_own_count():
    months = pd.period_range("2019-03", "2019-12", freq="M")
    found = check_against_points(pd.Series(92_000.0, months), "persons_entitled")
    assert [str(each) for each in found] == [
        "persons_entitled 2019-03: 92,000, published 91,595, +0.4 %: agrees",
        "persons_entitled 2019-10: 92,000, published 91,100 (rounded), +1.0 %: agrees",
    ]
    assert check_against_points(pd.Series(92_000.0, months), "recipients") == []


def test_the_check_of_files_says_how_a_table_agrees(tmp_path):
    rows = [["mesec", "prejemniki", "upravičenci"], ["2019-03", 54000, 93000]]
    for path in (
        save(tmp_path / "a.xlsx", rows),
        save_csv(tmp_path / "a.csv", rows, delimiter=";"),
    ):
        (report,) = check_files([path])
        assert report.problems == ()
        assert report.summary == "recipients, persons_entitled, 2019-03 to 2019-03"
        assert report.remarks == (
            "persons_entitled 2019-03: 93,000, published 91,595, +1.5 %: does not agree",
        )
    (late,) = check_files([save(tmp_path / "b.xlsx", [ENGLISH, *ROWS])])
    assert late.remarks == ("no published count falls into these months",)


def test_a_table_of_recipients_is_known_by_its_headers(tmp_path):
    other = tmp_path / "series.csv"
    other.write_text("series_id,period,value\na,2020,1\n", encoding="utf-8")
    assert not is_recipients_table(other)
    assert not is_recipients_table(tmp_path / "none.csv")
    mixed = save(tmp_path / "a.xlsx", [["mesec", "prejemniki/upravičenci"], ["2024-01", 1]])
    assert is_recipients_table(mixed)
