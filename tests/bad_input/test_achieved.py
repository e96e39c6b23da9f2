"""Spreadsheets of achieved values that are refused: one file a message."""

from __future__ import annotations

import datetime as dt

import pytest
from openpyxl import Workbook

from forecasting.errors import InputError
from forecasting.programmes.achieved import read_achieved
from forecasting.programmes.catalogue import load_programme

HEADER = ["oznaka", "kazalnik", "enota", "dosežena vrednost", "presečni datum", "vir", "opomba"]
PERSONS, PLACES, FAMILIES = "število oseb", "število mest", "število družin"
DAY = "31. 12. 2024"
UNTIL = dt.date(2026, 6, 30)
SHEET = "doseženo.xlsx, sheet 'Doseženo'"
COUNT = "expected: a whole number of persons, 0 or more"


def workbook(rows):
    book = Workbook()
    book.active.title = "Doseženo"
    for row in rows:
        book.active.append(row)
    return book


@pytest.fixture
def refused(tmp_path, monkeypatch, in_every_language):
    """Return a function that saves a workbook and gives the faults found in it."""
    monkeypatch.chdir(tmp_path)

    def faults(book, programme="si-amif-2021-2027", name="doseženo.xlsx"):
        path = (tmp_path / name).relative_to(tmp_path)
        book.save(path)
        loaded = load_programme(programme)
        return in_every_language(lambda: read_achieved(path, loaded, until=UNTIL))

    return faults


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["O.1.2", None, PERSONS, "okoli 30", DAY],
         f"cell D2: 'okoli 30' is no number; {COUNT}"),
        (["O.1.2", None, PERSONS, "about 30", DAY],
         f"cell D2: 'about 30' is no number; {COUNT}"),
        (["O.1.1", None, PERSONS, "10.644", DAY],
         "cell D2: '10.644' may have a thousands sign; expected: digits only, such as 1200"),
        (["O.1.2", None, PERSONS, "30,5", DAY], f"cell D2: '30,5' is not whole; {COUNT}"),
        (["O.1.2", None, PERSONS, 30.5, DAY], f"cell D2: '30.5' is not whole; {COUNT}"),
        (["O.1.2", None, PERSONS, -3, DAY], f"cell D2: '-3' is negative; {COUNT}"),
        (["O.1.2", None, PERSONS, None, DAY], f"cell D2: is empty; {COUNT}"),
        (["O.1.3", None, PERSONS, 45, DAY],
         "cell C2: unit 'število oseb' of O.1.3; expected: 'število mest'; "
         "give the value in the unit of the indicator"),
        (["O.1.3", None, None, 45, DAY],
         "cell C2: is empty; expected: 'število mest'; give the value in the "
         "unit of the indicator"),
        (["O.1.9", None, PERSONS, 30, DAY],
         "cell A2: 'O.1.9' is no indicator; expected: a code of si-amif-2021-2027 such as O.1.4, "
         "O.1.3, O.1.2"),
        ([None, None, PERSONS, 30, DAY],
         "cell A2: is empty; expected: a code of si-amif-2021-2027 such as O.1.1, O.1.1.1, "
         "O.1.1.2"),
        (["O.1.4", None, PLACES, 30, DAY],
         "cell A2: O.1.4 is not monitored; expected: indicators that the programme monitors; "
         "delete the row"),
        (["O.1.2", None, PERSONS, 30, None],
         "cell E2: is empty; expected: a date cell, or text such as 5. 3. 2024 or 2024-03-05"),
        (["O.1.2", None, PERSONS, 30, "konec 2024"],
         "cell E2: 'konec 2024' is no date; expected: a date cell, or text such as 5. 3. 2024 or "
         "2024-03-05"),
        (["O.1.2", None, PERSONS, 30, "31. 12. 2027"],
         "cell E2: 2027-12-31 has not come yet; expected: a day up to 2026-06-30: what was "
         "counted, not a forecast"),
        (["O.1.2", None, PERSONS, 30, "31. 12. 2021"],
         "cell E2: 2021-12-31 is before the programme; expected: 2022-01-01 to 2029-12-31"),
        (["R.1.7.2", None, FAMILIES, 1, DAY],
         "cell E2: 2024-12-31 is before the programme; expected: 2026-01-01 to 2029-12-31"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named(refused, row, message):
    assert refused(workbook([HEADER, row])) == [f"{SHEET}, {message}"]


@pytest.mark.parametrize(
    ("programme", "row", "message"),
    [
        ("xk-ranilug-2023-2025", ["C1.1", None, "%", "okoli 70", DAY],
         "cell D2: 'okoli 70' is no number; expected: a percentage such as 12.5 or 12,5 %"),
        ("xk-ranilug-2023-2025", ["C1.1", None, "%", "1.200", DAY],
         "cell D2: '1.200' may have a thousands sign; expected: a percentage such as 12.5 or "
         "12,5 %"),
        ("xk-ranilug-2023-2025", ["C1.1", None, "%", -5, DAY],
         "cell D2: '-5' is negative; expected: 0 % or more"),
        ("xk-ranilug-2023-2025", ["C1.1", None, "%", True, DAY],
         "cell D2: 'True' is no number; expected: a percentage such as 12.5 or 12,5 %"),
        ("xk-ranilug-2023-2025", ["M7.1.1", None, "izvedeno ali ni izvedeno", "skoraj", DAY],
         "cell D2: 'skoraj' for a deliverable; expected: 'izvedeno', 'ni izvedeno'"),
        ("si-social-activation", ["K3", None, "EUR", "okoli 2 mio", "31. 12. 2019"],
         "cell D2: 'okoli 2 mio' is no amount; expected: an amount in EUR, 0 or more, such as "
         "1200 or 1200,50"),
        ("si-social-activation", ["K1", None, PERSONS, 30, "31. 12. 2024"],
         "cell E2: 2024-12-31 is after the programme; expected: 2016-06-01 to 2022-09-30"),
        ("fi-amif-2021-2027", ["O.2.2", None, PERSONS, 3, DAY],
         "cell C2: unit 'število oseb' of O.2.2; expected: 'število organov'; give the value in "
         "the unit of the indicator"),
        ("si-social-care-2025-2026", ["2.5-2", None, "items", "5 stanovanj", "31. 12. 2025"],
         "cell D2: '5 stanovanj' is no number; expected: a whole number of items, 0 or more"),
    ],
)  # fmt: skip
def test_the_values_of_every_programme_are_held_to_their_unit(refused, programme, row, message):
    assert refused(workbook([HEADER, row]), programme) == [f"{SHEET}, {message}"]


def test_the_name_of_another_indicator_is_refused(refused):
    programme = load_programme("si-amif-2021-2027")
    name, own = (programme.indicator(code).name["sl"] for code in ("O.1.3", "O.1.2"))
    assert refused(workbook([HEADER, ["O.1.2", name, PERSONS, 45, DAY]])) == [
        f"{SHEET}, cell B2: the name of O.1.3 beside the code O.1.2; expected: "
        f"'{own}' in the language of the file"
    ]


def test_a_count_that_is_shown_as_a_percentage_is_refused(refused):
    book = workbook([HEADER, ["O.1.2", None, PERSONS, 3, DAY]])
    book.active["D2"].number_format = "0%"
    assert refused(book) == [
        f"{SHEET}, cell D2: '3' is shown as a percentage; expected: a number of persons; "
        "format the cell as a number"
    ]


def test_a_count_that_falls_is_refused_whatever_the_order_of_the_rows(refused):
    rows = [["O.1.2", None, PERSONS, value, day] for value, day in
            [(90, "30. 6. 2025"), (120, DAY), (130, "31. 12. 2025")]]  # fmt: skip
    assert refused(workbook([HEADER, *rows])) == [
        f"{SHEET}, cell D2: O.1.2 falls from 120 on 2024-12-31 to 90 on 2025-06-30; expected: "
        "counts since the start of the programme; if the earlier value was wrong, correct it and "
        "say so in the remark"
    ]


def test_a_deliverable_that_is_undone_is_refused(refused):
    unit = "izvedeno ali ni izvedeno"
    rows = [["M7.1.1", None, unit, "da", DAY], ["M7.1.2", None, unit, "izvedeno", DAY],
            ["M7.1.2", None, unit, "ni izvedeno", "31. 1. 2025"]]  # fmt: skip
    found = refused(workbook([HEADER, *rows]), "xk-ranilug-2023-2025")
    assert [line.split(": ", 1)[1].split(";")[0] for line in found] == [
        "'da' for a deliverable",
        "M7.1.2 falls from 1 on 2024-12-31 to 0 on 2025-01-31",
    ]


def test_a_date_that_stands_twice_is_refused(refused):
    rows = [["O.1.2", None, PERSONS, 30, day] for day in (DAY, "2024-12-31")]
    assert refused(workbook([HEADER, *rows])) == [
        f"{SHEET}, cell D3: O.1.2 on 2024-12-31 stands twice; expected: each indicator and "
        "cut-off date once"
    ]


def test_a_renamed_header_is_named_with_the_one_expected(refused):
    header = [*HEADER[:3], "realizacija", *HEADER[4:]]
    found = refused(workbook([header, ["O.1.2", None, PERSONS, 30, DAY]]))
    assert found[0].startswith(f"{SHEET}, cell D1: column 'realizacija' does not belong here; ")
    assert found[1:] == [f"{SHEET}, cell A1: no column 'dosežena vrednost'"]


def test_merged_cells_are_refused(refused):
    book = workbook([HEADER, ["O.1.2", None, PERSONS, 30, DAY], ["O.1.3", None, PLACES, 4, DAY]])
    book.active.merge_cells("E2:E3")
    assert refused(book) == [f"{SHEET}: merged cells E2:E3; split them, a value in each"]


def test_a_hidden_sheet_is_refused(refused):
    book = workbook([HEADER, ["O.1.2", None, PERSONS, 30, DAY]])
    book.create_sheet("stare vrednosti").sheet_state = "hidden"
    assert refused(book) == [
        "doseženo.xlsx: hidden sheet 'stare vrednosti'; expected: no hidden sheets; delete it, or "
        "show it"
    ]


def test_a_formula_without_a_value_is_refused(refused):
    book = workbook([HEADER, ["O.1.2", None, PERSONS, "=15+15", DAY]])
    found = refused(book)
    assert found[0] == f"{SHEET}, cell D2: a formula without a value; write its value"


def test_the_template_of_another_kind_is_refused(refused):
    book = workbook([["mesec", "prejemniki", "upravičenci"], ["2024-01", 1, 2]])
    assert refused(book) == [
        f"{SHEET}: the headers of the template 'recipients'; expected: those of the template "
        "'achieved'; read it as kind: recipients"
    ]


def test_all_faults_are_listed_at_once(refused):
    rows = [
        ["O.1.2", None, PLACES, "okoli 30", "31. 12. 2031"],
        ["O.9.9", None, PERSONS, 1, "nekoč"],
        ["O.1.3", None, PLACES, 45, DAY],
        ["O.1.3", None, PLACES, 40, "31. 12. 2025"],
    ]
    cells = [line.split("cell ")[1].split(":")[0] for line in refused(workbook([HEADER, *rows]))]
    assert sorted(cells) == ["A3", "C2", "D2", "D5", "E2", "E3"]


def test_a_template_without_any_value_is_refused(refused):
    rows = [["O.1.2", None, PERSONS, None, None, None, "še ni podatkov"]]
    assert refused(workbook([HEADER, *rows])) == [
        "doseženo.xlsx: no achieved value; expected: a value in one row or more"
    ]


def test_a_csv_file_is_named_by_row_and_column(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.csv"
    path.write_text(
        "oznaka;enota;dosežena vrednost;presečni datum\nO.1.2;število oseb;1.234;31. 12. 2024\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_achieved(path.relative_to(tmp_path), load_programme("si-amif-2021-2027"), until=UNTIL)
    assert str(caught.value) == (
        "a.csv, row 2, column 'dosežena vrednost': '1.234' may have a thousands sign; expected: "
        "digits only, such as 1200"
    )


def test_the_template_of_achieved_values_needs_a_programme(run):
    alone = run("template", "achieved", "--output", "a.xlsx")
    assert (alone.exit_code, alone.stderr) == (
        2,
        "error: no option --programme with the template 'achieved'; expected: --programme ID with "
        "the template 'achieved', and with no other\n",
    )
    other = run("template", "stays", "--programme", "si-amif-2021-2027", "--output", "a.xlsx")
    assert other.exit_code == 2
    assert other.stderr.startswith("error: the option --programme with the template 'stays'; ")
