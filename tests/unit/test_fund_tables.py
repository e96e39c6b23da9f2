"""Tables 1 to 3: the regulation's columns, numbers as numbers, and nothing lost on the way back."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from forecasting.errors import InputError
from forecasting.programmes.catalogue import list_programmes, load_programme
from forecasting.programmes.fund_rows import length_without_spaces
from forecasting.programmes.fund_tables import fund_tables, read_fund_tables, write_fund_tables
from forecasting.programmes.published import objective_of, points_of

# Annex VI, point 2.1, to Regulation (EU) 2021/1060, typed by hand
REGULATION = {
    "Table 1": [
        "Specific objective", "ID [5]", "Indicator [255]", "Measurement unit",
        "Milestone (2024)", "Target (2029)",
    ],
    "Table 2": [
        "Specific objective", "ID [5]", "Indicator [255]", "Measurement unit", "Baseline",
        "Measurement unit for baseline", "Reference year(s)", "Target (2029)",
        "Measurement unit for target", "Source of data [200]", "Comments [200]",
    ],
    "Table 3": ["Specific objective", "Type of intervention", "Code", "Indicative amount (EUR)"],
}  # fmt: skip


@pytest.fixture(scope="module")
def amif():
    return load_programme("si-amif-2021-2027")


@pytest.fixture(scope="module", params=["en", "sl"])
def written(request, amif, tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / f"{request.param}.xlsx"
    warnings = write_fund_tables(amif, path, language=request.param)
    return request.param, path, warnings


@pytest.mark.parametrize("language", ["en", "sl"])
@pytest.mark.parametrize("name", list_programmes())
def test_every_catalogue_comes_back_as_it_was_written(name, language, tmp_path):
    programme, path = load_programme(name), tmp_path / "tables.xlsx"
    write_fund_tables(programme, path, language=language)
    assert read_fund_tables(path) == fund_tables(programme, language=language)


def test_the_columns_are_those_of_the_regulation(amif, tmp_path):
    path = tmp_path / "tables.xlsx"
    write_fund_tables(amif, path, language="en")
    book = load_workbook(path)
    assert {sheet.title: [cell.value for cell in sheet[1]] for sheet in book} == REGULATION


def test_a_slovenian_heading_has_the_official_english_one_as_comment(written):
    language, path, _ = written
    sheets = load_workbook(path).worksheets
    comments = [[cell.comment.text for cell in sheet[1]] for sheet in sheets]
    assert comments == list(REGULATION.values())
    if language == "sl":
        assert [cell.value for cell in sheets[0][1]] == [
            "Specifični cilj", "ID [5]", "Kazalnik [255]", "Merska enota", "Mejnik (2024)",
            "Ciljna vrednost (2029)",
        ]  # fmt: skip


def test_values_and_their_sources(written):
    language, path, _ = written
    outputs, results, shares = load_workbook(path).worksheets
    rows = {row[1].value: row for row in outputs.iter_rows(min_row=2)}
    assert [rows["O.1.1.1"][place].value for place in (0, 4, 5)] == ["SO1", 10644, 17740]
    assert [rows["O.2.1"][place].value for place in (0, 4, 5)] == ["SO2", 0, 0]
    assert isinstance(rows["O.1.1"][5].value, int)
    sign = "," if language == "en" else "."
    assert f"= 17{sign}740" in rows["O.1.1.1"][5].comment.text
    assert "4.0" in rows["O.1.1.1"][5].comment.text
    removed = next(row for row in results.iter_rows(min_row=2) if row[1].value == "R.3.7")
    assert [removed[place].value for place in (4, 7)] == [0, 336]
    assert removed[6].value == {"en": "not given", "sl": "ni podano"}[language]
    first = next(shares.iter_rows(min_row=2))
    assert [first[0].value, first[2].value] == ["SO1", "001"]
    assert first[3].value == {"en": "not given", "sl": "ni podano"}[language]
    assert {"en": "47.09%", "sl": "47,09\N{NO-BREAK SPACE}%"}[language] in first[3].comment.text


def test_what_the_form_cannot_hold_is_a_warning(written):
    _, _, warnings = written
    assert len(warnings) == 2
    assert "O.1.1.1 (7)" in warnings[0]
    assert "R.2.10 (6)" in warnings[1]
    assert length_without_spaces("R.2.1 0\n") == 6


def test_a_catalogue_outside_the_framework_says_so_and_loses_no_milestone_silently(tmp_path):
    programme = load_programme("xk-ranilug-2023-2025")
    warnings = write_fund_tables(programme, tmp_path / "tables.xlsx", language="en")
    assert "no performance framework" in warnings[0]
    assert warnings[1].startswith("table 3 is left out")
    with_milestone = [
        entry.code
        for entry in programme.indicators
        if entry.kind == "result" and "milestone" in points_of(entry)
    ]
    assert f"the milestones of {len(with_milestone)} result indicators: C1.1" in warnings[2]
    tables = read_fund_tables(tmp_path / "tables.xlsx")
    assert [table.number for table in tables.tables] == [1, 2]
    assert tables.target_year == 2025


def test_objectives_are_found_by_code_by_measure_and_by_parent(amif):
    plan = load_programme("xk-ranilug-2023-2025")
    assert objective_of(amif, amif.indicator("O.2.1")).code == "SO2"  # though it prints measure 1b
    assert objective_of(plan, plan.indicator("C1.1")).code == "1"
    child = replace_indicator(plan.indicator("C1.2"), code="X", measures=(), parent="C1.1")
    assert objective_of(plan, child).code == "1"
    assert objective_of(plan, replace_indicator(child, parent=None)) is None


def replace_indicator(indicator, **changes):
    return indicator.model_copy(update=changes)


@pytest.mark.parametrize("text", ["=1+1", "+386 1 000", "-5 of them", "@here", "#N/A"])
def test_text_stays_text_whatever_it_begins_with(amif, tmp_path, text):
    first = amif.indicators[0]
    changed = replace_indicator(first, name={"en": text, "sl": text})
    programme = amif.model_copy(update={"indicators": (changed, *amif.indicators[1:])})
    path = tmp_path / "tables.xlsx"
    write_fund_tables(programme, path, language="en")
    cell = load_workbook(path).worksheets[0]["C2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.quotePrefix == (text[0] in "=+-@")
    assert read_fund_tables(path) == fund_tables(programme, language="en")


def test_the_same_tables_give_the_same_bytes(amif, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_fund_tables(amif, tmp_path / name, language="en")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert zipfile.is_zipfile(tmp_path / "a.xlsx")


def test_an_edited_value_is_read(amif, tmp_path):
    path = edited(amif, tmp_path, lambda book: put(book, "F3", 18000))
    before, after = fund_tables(amif, language="sl"), read_fund_tables(path)
    changed = (*before.tables[0].rows[1][:5], 18000)
    assert after.tables[0].rows == (
        before.tables[0].rows[0], changed, *before.tables[0].rows[2:],
    )  # fmt: skip
    assert after.tables[1:] == before.tables[1:]
    assert replace(after, tables=()) == replace(before, tables=())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda book: put(book, "E2", "okoli 30"), r"'Tabela 1', cell E2: 'okoli 30'; expected: a"),
        (lambda book: put(book, "E2", "10.644,0"), r"cell E2: '10\.644,0'; expected: a number"),
        (lambda book: put(book, "E2", True), r"cell E2: 'True'; expected: a number"),
        (lambda book: put(book, "F2", "=E2*2"), r"cell F2: formula =E2\*2; write its value"),
        (lambda book: put(book, "F2", None), r"cell F2: the cell is empty; expected: a number"),
        (lambda book: put(book, "C2", None), r"cell C2: the cell is empty; expected: a text"),
        (lambda book: put(book, "B1", "Koda"), r"'Tabela 1', row 1: headings .*in their order"),
        (lambda book: book.worksheets[1].merge_cells("A2:A3"), r"'Tabela 2': merged cells A2:A3"),
        (lambda book: hide(book.worksheets[2]), r"'Tabela 3': the sheet is hidden"),
    ],
)
def test_what_cannot_be_read_is_named_by_sheet_and_cell(amif, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        read_fund_tables(edited(amif, tmp_path, change))


def test_a_file_that_is_no_workbook_is_refused(amif, tmp_path):
    path = tmp_path / "tables.xlsx"
    path.write_text("Specific objective;ID [5]\n")
    with pytest.raises(InputError, match="is no workbook"):
        read_fund_tables(path)
    with pytest.raises(InputError, match=r"a name that ends in \.xlsx"):
        write_fund_tables(amif, tmp_path / "tables.xls", language="en")


def edited(programme, folder, change):
    path = folder / "tables.xlsx"
    write_fund_tables(programme, path, language="sl")
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def put(book, cell, value):
    book.worksheets[0][cell] = value


def hide(sheet):
    sheet.sheet_state = "hidden"
