"""Achieved values: the template of every programme, and what is read from a filled-in one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from forecasting.languages import Language, language_codes
from forecasting.programmes.achieved import (
    AchievedValue,
    is_deliverable,
    read_achieved,
    write_achieved_template,
)
from forecasting.programmes.catalogue import list_programmes, load_programme
from forecasting.programmes.units import parse_unit
from forecasting.sources.cell_values import percentage_of
from forecasting.sources.layouts import LAYOUTS
from forecasting.sources.spreadsheet import Cell, Faults

UNTIL = dt.date(2026, 6, 30)


@pytest.fixture(scope="module")
def programmes():
    return {name: load_programme(name) for name in list_programmes()}


def a_day_within(programme, indicator):
    first = indicator.monitored_from or programme.counting_starts
    return first.end_time.date()


def a_value_of(indicator, words):
    """A value as a person of that language writes it, and the number it stands for."""
    if is_deliverable(indicator):
        return words.gettext("done"), 1.0
    unit = parse_unit(indicator.unit)
    if unit.is_percent:
        return f"12,5{words.percent_sign}", 12.5
    return (7, 7.0) if unit.is_counted else ("1.234,50", 1234.5)


@pytest.mark.parametrize("code", language_codes())
@pytest.mark.parametrize("name", list_programmes())
def test_the_template_of_every_programme_can_be_filled_in_and_read(
    tmp_path, programmes, name, code
):
    programme, words = programmes[name], Language(code)
    path = write_achieved_template(programme, tmp_path / "achieved.xlsx", words=words)
    book = load_workbook(path)
    sheet, explanation = book.worksheets
    monitored = [indicator for indicator in programme.indicators if indicator.monitored]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [i.code for i in monitored]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [i.name[code] for i in monitored]
    assert explanation.max_row == 9
    for indicator, row in zip(monitored, sheet.iter_rows(min_row=2), strict=True):
        row[3].value, row[4].value = (
            a_value_of(indicator, words)[0],
            a_day_within(programme, indicator),
        )
    book.save(path)
    values = read_achieved(path, programme, until=UNTIL).values
    assert [(v.code, v.value) for v in values] == [
        (i.code, a_value_of(i, words)[1]) for i in monitored
    ]


def test_the_slovenian_csv_template_can_be_filled_in_and_read(tmp_path, programmes):
    programme = programmes["xk-ranilug-2023-2025"]
    path = write_achieved_template(programme, tmp_path / "a.csv", words=Language("sl"))
    header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    assert header == "oznaka;kazalnik;enota;dosežena vrednost;presečni datum;vir;opomba"
    filled = [row.replace("%;;;;", "%;72,5;31. 12. 2024;poročilo;delno") for row in rows[:2]]
    path.write_text("\n".join([header, *filled, *rows[2:]]), encoding="utf-8-sig")
    found = read_achieved(path, programme, until=UNTIL)
    assert found.values == (
        AchievedValue("C1.1", 72.5, dt.date(2024, 12, 31), "poročilo", "delno"),
        AchievedValue("C1.2", 72.5, dt.date(2024, 12, 31), "poročilo", "delno"),
    )
    assert (found.programme, found.source) == (programme.id, "a.csv")
    assert found.cut_off == dt.date(2024, 12, 31)


def test_the_template_is_the_same_each_time_and_never_over_a_file(run):
    arguments = ("template", "achieved", "--programme", "fi-amif-2021-2027", "--output")
    for name in ("a.xlsx", "b.xlsx"):
        assert run(*arguments, name).output == f"{name}\n"
    assert Path("a.xlsx").read_bytes() == Path("b.xlsx").read_bytes()
    assert run(*arguments, "a.xlsx").exit_code == 2


def test_an_indicator_that_is_not_monitored_is_not_in_the_template(tmp_path, programmes):
    programme = programmes["si-amif-2021-2027"]
    path = write_achieved_template(programme, tmp_path / "a.xlsx", words=Language("en"))
    codes = [row[0].value for row in load_workbook(path).worksheets[0].iter_rows(min_row=2)]
    assert len(codes) == 32
    assert "O.1.4" not in codes


def test_the_headers_of_a_language_differ_from_each_other():
    for code in language_codes():
        headers = list(LAYOUTS["achieved"].headers(Language(code)).values())
        assert len(set(headers)) == 7


def rows_of(tmp_path, programme, rows):
    book = Workbook()
    book.active.append(["code", "unit", "achieved value", "cut-off date"])
    for row in rows:
        book.active.append(row)
    path = tmp_path / "achieved.xlsx"
    book.save(path)
    return read_achieved(path, programme, until=UNTIL)


def test_several_dates_are_read_in_order_and_the_last_one_up_to_a_date_counts(tmp_path, programmes):
    rows = [["O.1.2", "persons", value, day] for value, day in
            [(130, "2025-12-31"), (90, dt.date(2024, 6, 30)), (90, "31. 12. 2024")]]  # fmt: skip
    found = rows_of(tmp_path, programmes["si-amif-2021-2027"], rows)
    assert [value.value for value in found.values] == [90, 90, 130]
    assert found.last("O.1.2", dt.date(2025, 12, 30)).value == 90
    assert found.last("O.1.2", dt.date(2025, 12, 31)).value == 130
    assert found.last("O.1.2", dt.date(2024, 6, 29)) is None
    assert found.last("O.1.3", UNTIL) is None


@pytest.mark.parametrize(
    ("name", "code", "unit"),
    [("xk-ranilug-2023-2025", "C1.1", "%"), ("si-social-activation", "K4.1", "staff")],
)
def test_a_percentage_and_a_number_of_staff_may_fall(tmp_path, programmes, name, code, unit):
    programme = programmes[name]
    first = programme.counting_starts.end_time.date()
    rows = [[code, unit, 40, first], [code, unit, 30, first + dt.timedelta(days=200)]]
    values = rows_of(tmp_path, programme, rows).values
    assert [value.value for value in values] == [40, 30]


def test_a_cell_shown_as_a_percentage_counts_as_it_is_shown(tmp_path, programmes):
    book = Workbook()
    book.active.append(["code", "unit", "achieved value", "cut-off date"])
    book.active.append(["C1.1", "%", 0.07, "2024-12-31"])
    book.active["C2"].number_format = "0%"
    book.save(tmp_path / "a.xlsx")
    found = read_achieved(tmp_path / "a.xlsx", programmes["xk-ranilug-2023-2025"], until=UNTIL)
    assert [value.value for value in found.values] == [7.0]


def test_a_change_may_be_negative(tmp_path, programmes):
    rows = [["2.12-2", "%", "−3,5", "2025-12-31"]]
    found = rows_of(tmp_path, programmes["si-social-care-2025-2026"], rows)
    assert [value.value for value in found.values] == [-3.5]


@given(tenths=st.integers(-1000, 1000))
def test_a_percentage_is_read_back_however_it_is_written(tenths):
    english, slovenian = f"{tenths / 10}", f"{tenths / 10}".replace(".", ",")
    cells = [Cell(text, "A1") for text in (english, slovenian, f"{slovenian} %", tenths / 10)]
    cells.append(Cell(tenths / 1000, "A1", is_percentage=True))
    assert {percentage_of(cell) for cell in cells} == {tenths / 10}


@given(st.text("0123456789.,- %", max_size=8))
def test_another_text_is_a_percentage_or_is_refused(text):
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    faults = Faults()
    found = faults.attempt(percentage_of, Cell(text.strip() or None, "A1"))
    if found is None:
        assert faults.lines[0].startswith("A1: ")
    else:
        assert found == float(plain)
