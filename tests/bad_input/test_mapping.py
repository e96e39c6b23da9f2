"""Spreadsheets and mappings of an import that are refused: one file a message."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
import yaml
from openpyxl import Workbook

from forecasting.sources.importing import import_file
from forecasting.sources.mapped_table import read_mapped
from forecasting.sources.mapping import load_mapping
from forecasting.sources.store import Store

UNTIL = pd.Period("2024-12", "M")
MAPPING = {
    "source": "si-mnz",
    "title": "Applications",
    "publisher": "Ministry",
    "dataset": "monthly table",
    "licence": "for tests",
    "frequency": "M",
    "unit": "persons",
    "kind": "flow",
    "header": 2,
    "period": {"columns": ["Mesec"]},
    "values": [{"column": "Prošnje"}],
    "keys": {"geo": "SI"},
    "thousands": ".",
    "missing": ["-"],
}
TITLE = ["Prošnje po mesecih"]
HEADER = ["Mesec", "Prošnje"]
FINE = ["julij 2024", 455]
SHEET = "prosnje.xlsx, sheet 'MNZ'"
MEND = "write a number, or name it under 'missing' in the mapping"
SIGNS = "mend the cell, or the keys 'decimal' and 'thousands' of the mapping"


@pytest.fixture
def refused(tmp_path, monkeypatch, in_every_language):
    """Return a function that writes a workbook and a mapping, and gives the faults found."""
    monkeypatch.chdir(tmp_path)

    def faults(*rows, change=lambda sheet: None, **changes):
        workbook = Workbook()
        workbook.active.title = "MNZ"
        for row in rows:
            workbook.active.append(row)
        change(workbook.active)
        workbook.save("prosnje.xlsx")
        content = yaml.safe_dump({**MAPPING, **changes}, sort_keys=False)
        (tmp_path / "prosnje.yaml").write_text(content, encoding="utf-8")
        path, mapping = (tmp_path / f"prosnje.{e}" for e in ("xlsx", "yaml"))
        return in_every_language(
            lambda: read_mapped(
                path.relative_to(tmp_path), load_mapping(mapping.relative_to(tmp_path)), until=UNTIL
            )
        )

    return faults


def percent(sheet):
    sheet["B4"].number_format = "0 %"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["avgust 2024", "okoli 30"],
         f"cell B4: 'okoli 30' is no number; expected: a number such as 1.234; {MEND}"),
        (["avgust 2024", dt.datetime(2024, 8, 1)],
         f"cell B4: 2024-08-01 is no number; expected: a number such as 1.234; {MEND}"),
        (["avgust 2024", True],
         f"cell B4: 'True' is no number; expected: a number such as 1.234; {MEND}"),
        (["avgust 2024", "1,234.5"],
         "cell B4: '1,234.5' has other signs than the mapping says; expected: a number such as "
         f"1.234; {SIGNS}"),
        (["avgust 2024", "12.34"],
         "cell B4: '12.34' has other signs than the mapping says; expected: a number such as "
         f"1.234; {SIGNS}"),
        (["avgust 2024", 1.234],
         "cell B4: '1.234' is not whole; expected: whole numbers; if the figures are no counts, "
         "write whole: false into the mapping"),
        (["avgust 2024", -3],
         "cell B4: '-3' is negative; expected: whole numbers, 0 or more"),
        (["avgust 2024", "12 %"],
         "cell B4: '12 %' is a percentage; expected: figures in the unit of the mapping; if the "
         "column holds percentages, write unit: percent into the mapping"),
        (["avgust 2024", "#REF!"],
         "cell B4: '#REF!' is the error of a formula; mend the formula, or write its value"),
        (["avgust 2024", "=B3+1"],
         "cell B4: a formula without a value; write its value"),
        (["8/24", 512],
         "cell A4: '8/24' is no period; expected: a month such as 2024-07 or 2024M07 or 7/2024 or "
         "7. 2024 or julij 2024 or jul. 2024 or 1. 7. 2024"),
        ([None, 512],
         "cell A4: an empty cell is no period; expected: a month such as 2024-07 or 2024M07 or "
         "7/2024 or 7. 2024 or julij 2024 or jul. 2024 or 1. 7. 2024"),
        (["julij 2024", 512],
         f"cell B4: SI 2024-07 stands twice; expected: each figure once; it stands in {SHEET}, "
         "cell B3 too"),
        (["januar 2025", 512],
         "cell B4: 2025-01 has not come yet; expected: figures up to 2024-12: counted, not "
         "forecast"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named(refused, row, message):
    assert refused(TITLE, HEADER, FINE, row) == [f"{SHEET}, {message}"]


def test_a_cell_shown_as_a_percentage_is_refused(refused):
    (line,) = refused(TITLE, HEADER, FINE, ["avgust 2024", 0.3], change=percent)
    assert line.startswith(f"{SHEET}, cell B4: '0.3' is a percentage; ")


def test_a_figure_in_merged_cells_is_refused(refused):
    lines = refused(
        TITLE, HEADER, FINE, ["avgust 2024", None], change=lambda sheet: sheet.merge_cells("B3:B4")
    )
    assert f"{SHEET}, cell B3: merged cells B3:B4; split them, a value in each" in lines


@pytest.mark.parametrize(
    ("title", "header"),
    [("Prejemniki (v tisočih)", "Prošnje"), ("Prošnje po mesecih", "Prošnje (v 1.000)")],
)
def test_figures_in_thousands_must_be_declared(refused, title, header):
    (line,) = refused([title], ["Mesec", header], FINE, values=[{"column": header}])
    assert line.endswith(
        "may mean figures in thousands or millions; expected: a key 'scale' in the mapping; write "
        "scale: 1000, or scale: 1 if the figures are not"
    )


def test_a_month_in_another_form_than_declared_is_refused(refused):
    (line,) = refused(
        TITLE, HEADER, FINE, ["8/2024", 512], period={"columns": ["Mesec"], "form": "names"}
    )
    assert line.endswith("'8/2024' is no period; expected: a month such as julij 2024 or jul. 2024")


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [("Q", "a quarter such as 2024-Q3 or 3. 2024"), ("Y", "a year with four digits")],
)
def test_another_frequency_than_declared_is_refused(refused, frequency, expected):
    (line,) = refused(TITLE, HEADER, FINE, frequency=frequency)
    assert line == f"{SHEET}, cell A3: 'julij 2024' is no period; expected: {expected}"


def test_a_column_that_is_not_there_is_named_with_those_that_are(refused):
    assert refused(TITLE, ["Mesec", "Vloge"], FINE) == [
        f"{SHEET}: no column 'Prošnje'; expected: 'Mesec', 'Vloge'; mend the header in the "
        "mapping, or the key 'header'"
    ]


def test_a_column_that_stands_twice_is_refused(refused):
    (line,) = refused(TITLE, ["Mesec", "Prošnje", "Prošnje"], [*FINE, 3])
    assert line.startswith(f"{SHEET}: column 'Prošnje' stands twice; ")


def test_a_row_of_headers_that_is_empty_is_refused(refused):
    assert refused(TITLE, HEADER, FINE, header=9) == [
        f"{SHEET}: row 9 is empty; expected: the headers; mend the key 'header' of the mapping"
    ]


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(refused):
    assert refused(TITLE, HEADER, FINE, sheet="2024") == [
        "prosnje.xlsx: no sheet '2024'; expected: 'MNZ'"
    ]


def test_of_several_sheets_one_must_be_named(refused):
    def more(sheet):
        sheet.parent.create_sheet("2023").append(["nekaj"])

    assert refused(TITLE, HEADER, FINE, change=more) == [
        "prosnje.xlsx: sheets 'MNZ' and '2023' with values; name one of them in the mapping, key "
        "'sheet'"
    ]


def test_a_word_without_a_code_is_refused(refused):
    keys = {"geo": "SI", "citizen": {"column": "Država", "codes": {"Sirija": "SY"}}}
    rows = [
        ["Država", *HEADER],
        ["Sirija", *FINE],
        ["Sudan", "avgust 2024", 3],
        [None, "9/2024", 4],
    ]
    advice = "add it under 'codes' in the mapping, or under 'skip' if it is a total"
    assert refused(TITLE, *rows, keys=keys) == [
        f"{SHEET}, cell A4: 'Sudan' has no code; expected: Sirija; {advice}",
        f"{SHEET}, cell A5: is empty; expected: Sirija; {advice}",
    ]


def test_a_total_beside_the_months_must_be_ignored_by_name(refused):
    across = {
        "period": {"across": True},
        "values": [],
        "keys": {"citizen": {"column": "Država"}},
    }
    (line,) = refused(TITLE, ["Država", "jan. 2024", "Skupaj"], ["Sirija", 3, 3], **across)
    assert line.startswith(f"{SHEET}, cell C2: 'Skupaj' is no period; ")
    assert line.endswith("; or name the column under 'ignore' in the mapping")


def test_a_file_without_figures_is_refused(refused):
    assert refused(TITLE, HEADER) == [
        f"{SHEET}: no figures; expected: rows with figures below the headers; compare the keys "
        "'header' and 'skip' of the mapping with the file"
    ]


def test_all_faults_are_named_at_once(refused):
    lines = refused(TITLE, HEADER, ["julij 2024", "okoli 30"], ["avgusta", 3], ["9/2024", "#N/A"])
    assert [line.split(": ")[0] for line in lines] == [
        f"{SHEET}, cell B3", f"{SHEET}, cell A4", f"{SHEET}, cell B5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frequenc": "M"}, "key 'frequenc': is not a key of a mapping"),
        ({"frequency": "W"}, "key 'frequency': found 'W'; expected: 'M', 'Q' or 'Y'"),
        ({"source": "Prošnje 2024"},
         "key 'source': found 'Prošnje 2024'; expected: lower-case letters, digits and hyphens"),
        ({"period": {}},
         "key 'period': no place; expected: either 'columns', or 'across: true'"),
        ({"period": {"columns": ["Mesec"], "across": True}},
         "key 'period': both 'columns' and 'across'; expected: either 'columns', or 'across: "
         "true'"),
        ({"values": []},
         "key 'values': no column of figures; expected: columns of figures, or periods across in "
         "the headers"),
        ({"period": {"across": True}},
         "key 'values': columns of figures; expected: columns of figures, or periods across in "
         "the headers"),
        ({"thousands": ",", "decimal": ","},
         "key 'thousands': the decimal sign; expected: another sign than that of decimals"),
        ({"keys": {}},
         "key 'keys': is empty; expected: what the figures are about, such as geo: SI"),
        ({"keys": {"Geo": "SI"}},
         "key 'keys': column 'Geo'; expected: each name once, of lower-case letters, digits and _, "
         "none of period, value, flag"),
        ({"keys": {"value": "SI"}},
         "key 'keys': column 'value'; expected: each name once, of lower-case letters, digits and "
         "_, none of period, value, flag"),
        ({"values": [{"column": "A", "keys": {"b": "x"}}, {"column": "B"}]},
         "key 'values.B': keys nothing; expected: the keys of the first column: b"),
        ({"feeds": [{"dataset": "detention-counts"}]},
         "key 'feeds.detention-counts': 'detention-counts' is not a series; expected: a series"),
        ({"feeds": [{"dataset": "asylum-applicants", "where": {"citizen": "TOTAL"}}]},
         "key 'feeds.asylum-applicants': columns citizen, geo; expected: each of geo once, under "
         "'where' or as 'series'"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_by_its_key(refused, changes, message):
    assert refused(TITLE, HEADER, FINE, **changes) == [f"prosnje.yaml, {message}"]


def test_figures_a_thousand_times_as_low_as_those_held_are_refused(
    tmp_path, monkeypatch, in_every_language
):
    monkeypatch.chdir(tmp_path)
    mapping = tmp_path / "prosnje.yaml"
    mapping.write_text(yaml.safe_dump({**MAPPING, "header": 1, "whole": False}), encoding="utf-8")
    path, store = tmp_path / "prosnje.csv", Store(tmp_path / "store")

    def write(scale):
        rows = [
            f"{month}/2023;{str((50_000 + month) / scale).replace('.', ',')}"
            for month in range(1, 7)
        ]
        path.write_text("\n".join(["Mesec;Prošnje", *rows]), encoding="utf-8")

    write(1)
    import_file(path, mapping, store)
    write(1000)
    (line,) = in_every_language(lambda: import_file(path, mapping, store))
    assert "SI, 2023-01: 50001 -> 50.001" in line
    assert len(store.vintages("si-mnz")) == 1


def test_a_part_of_a_reference_data_set_cannot_replace_the_whole(
    tmp_path, monkeypatch, in_every_language
):
    monkeypatch.chdir(tmp_path)
    mapping, path = tmp_path / "prosnje.yaml", tmp_path / "prosnje.csv"
    content = {**MAPPING, "header": 1, "feeds": [{"dataset": "asylum-applicants"}]}
    mapping.write_text(yaml.safe_dump(content), encoding="utf-8")
    path.write_text("Mesec;Prošnje\n7/2024;455\n", encoding="utf-8")
    store = Store(tmp_path / "store")
    (line,) = in_every_language(lambda: import_file(path, mapping, store))
    assert "no figures any more for geo FI" in line
    assert store.vintages("si-mnz") == []
