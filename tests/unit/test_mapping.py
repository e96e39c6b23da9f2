"""The general import: periods, numbers and layouts as ministries write them, and the vintage."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from forecasting.sources.importing import import_file
from forecasting.sources.mapped_numbers import NumberForm, number_of, says_scaled
from forecasting.sources.mapped_periods import PeriodForm, read_period
from forecasting.sources.mapped_table import read_mapped
from forecasting.sources.mapping import load_mapping
from forecasting.sources.spreadsheet import Cell
from forecasting.sources.store import Store

DOCS = Path(__file__).parents[2] / "docs"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNTIL = pd.Period("2024-12", "M")
MAPPING = {
    "source": "si-example",
    "title": "Applications",
    "publisher": "Ministry",
    "dataset": "monthly table",
    "licence": "for tests",
    "frequency": "M",
    "unit": "persons",
    "kind": "flow",
    "header": 1,
    "period": {"columns": ["Mesec"]},
    "values": [{"column": "Prošnje"}],
    "keys": {"geo": "SI"},
    "thousands": ".",
    "missing": ["-"],
}
ROWS = [["Mesec", "Prošnje"], ["julij 2024", 455], ["avgust 2024", 512]]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a mapping and a workbook, and gives their paths."""

    def write(rows=ROWS, *, merged=(), **changes):
        workbook = Workbook()
        for row in rows:
            workbook.active.append(row)
        for cells in merged:
            workbook.active.merge_cells(cells)
        workbook.save(tmp_path / "prosnje.xlsx")
        mapping = tmp_path / "prosnje.yaml"
        mapping.write_text(
            yaml.safe_dump({**MAPPING, **changes}, sort_keys=False), encoding="utf-8"
        )
        return tmp_path / "prosnje.xlsx", mapping

    return write


@pytest.fixture
def figures(written):
    """Return a function that gives the figures of a workbook by key and period."""

    def read(rows=ROWS, **changes):
        path, mapping = written(rows, **changes)
        cells = read_mapped(path, load_mapping(mapping), until=UNTIL)
        names = [name for name in cells if name not in {"value", "flag"}]
        return {tuple(row[n] for n in names): row["value"] for row in cells.to_dict("records")}

    return read


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2024-07", "iso"),
        ("2024M07", "iso"),
        ("7/2024", "numbers"),
        ("7. 2024", "numbers"),
        ("07.2024", "numbers"),
        ("julij 2024", "names"),
        ("Julij 2024", "names"),
        ("julija 2024", "names"),
        ("jul. 2024", "names"),
        ("2024 julij", "names"),
        ("JUL2024", "names"),
        ("heinäkuu 2024", "names"),
        ("juli 2024", "names"),
        ("1. 7. 2024", "dates"),
        (dt.datetime(2024, 7, 31), "dates"),
    ],
)
def test_a_month_is_read_in_its_form_and_in_no_other(text, form):
    cells = [Cell(text, "A1")]
    for tried in ("iso", "numbers", "names", "dates"):
        found = read_period(cells, PeriodForm("M", tried))
        assert found == (pd.Period("2024-07", "M") if tried == form else None), tried
    assert read_period(cells, PeriodForm("M")) == pd.Period("2024-07", "M")


@pytest.mark.parametrize("text", ["7/24", "julij", "13/2024", "2024-00", "jul 24", 7.2024, None])
def test_what_may_be_another_month_is_none(text):
    assert read_period([Cell(text, "A1")], PeriodForm("M")) is None


def test_year_and_month_may_stand_apart_or_the_year_in_the_mapping():
    july = pd.Period("2024-07", "M")
    assert read_period([Cell(2024, "A1"), Cell("julij", "B1")], PeriodForm("M")) == july
    assert read_period([Cell(2024.0, "A1"), Cell(7, "B1")], PeriodForm("M")) == july
    assert read_period([Cell("julij", "A1")], PeriodForm("M", year=2024)) == july


@pytest.mark.parametrize(
    "text", ["2024-Q3", "Q3 2024", "3. četrtletje 2024", "III 2024", "III. čet. 2024"]
)
def test_a_quarter_is_read(text):
    assert read_period([Cell(text, "A1")], PeriodForm("Q")) == pd.Period("2024Q3", "Q-DEC")


@given(
    value=st.integers(0, 10**9),
    cents=st.integers(0, 99),
    signs=st.sampled_from([(",", "."), (",", " "), (".", ","), (",", ""), (".", "'")]),
)
def test_a_number_written_with_its_signs_is_read_back(value, cents, signs):
    decimal, thousands = signs
    form = NumberForm(decimal, thousands, frozenset(), 1, whole=False, percent=False)
    text = f"{value:,}".replace(",", thousands) + f"{decimal}{cents:02d}"
    assert number_of(Cell(text, "A1"), form) == float(f"{value}.{cents:02d}")
    assert number_of(Cell(f"-{text}", "A1"), form) == -float(f"{value}.{cents:02d}")
    assert number_of(Cell(f"{value}", "A1"), form) == value


def test_figures_in_thousands_become_persons_exactly():
    form = NumberForm(",", ".", frozenset(), 1000, whole=True, percent=False)
    assert number_of(Cell("54,201", "A1"), form) == 54201
    assert number_of(Cell(54.201, "A1"), form) == 54201


def test_a_percentage_counts_as_it_is_shown():
    form = NumberForm(",", "", frozenset(), 1, whole=False, percent=True)
    assert number_of(Cell(0.125, "A1", is_percentage=True), form) == 12.5
    assert number_of(Cell("12,5 %", "A1"), form) == 12.5
    assert number_of(Cell(12.5, "A1"), form) == 12.5


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("Izdatki v tisočih evrov", True),
        ("DSP (v 1.000)", True),
        ("Recipients, thousands", True),
        ("v mio EUR", True),
        ("tuhatta henkilöä", True),
        ("Prošnje 2024", False),
        ("Prosilci, 1000 Ljubljana", False),
        ("Dominikanska", False),
    ],
)
def test_a_title_that_speaks_of_thousands_is_noticed(text, scaled):
    assert says_scaled(text) is scaled


def test_titles_totals_footnotes_and_empty_rows_are_left_out(figures):
    rows = [
        ["Ministrstvo za notranje zadeve"],
        [],
        ["Mesec", "Prošnje"],
        ["julij 2024", "1.455"],
        ["avgust 2024", "-"],
        [],
        ["SKUPAJ 2024", "1.455"],
        ["Vir: MNZ, 3. 9. 2024"],
    ]
    found = figures(rows, header=3, skip=["Skupaj*", "Vir:*"])
    assert found.pop(("SI", "2024-07")) == 1455
    assert pd.isna(found.pop(("SI", "2024-08")))
    assert not found


def test_months_as_columns_under_merged_years(figures):
    rows = [
        ["Država", 2023, None, 2024, None, "Skupaj"],
        [None, "nov.", "dec.", "jan.", "feb.", None],
        ["Sirija", 3, 4, 5, 6, 18],
        ["Turčija", 1, None, 2, 0, 3],
    ]
    found = figures(
        rows,
        merged=["A1:A2", "B1:C1", "D1:E1"],
        header=[1, 2],
        period={"across": True},
        values=[],
        keys={
            "geo": "SI",
            "citizen": {"column": "Država", "codes": {"Sirija": "SY", "Turčija": "TR"}},
        },
        ignore=["Skupaj"],
    )
    assert found == {
        ("SI", "SY", "2023-11"): 3, ("SI", "SY", "2023-12"): 4,
        ("SI", "SY", "2024-01"): 5, ("SI", "SY", "2024-02"): 6,
        ("SI", "TR", "2023-11"): 1, ("SI", "TR", "2024-01"): 2, ("SI", "TR", "2024-02"): 0,
    }  # fmt: skip


@pytest.mark.parametrize("merged", [["A2:A3"], []])
def test_a_year_that_stands_once_holds_for_the_months_below(figures, merged):
    rows = [["Leto", "Mesec", "Prošnje"], [2024, "julij", 455], [None, "avgust", 512]]
    found = figures(rows, merged=merged, period={"columns": ["Leto", "Mesec"]}, fill_down=["Leto"])
    assert found == {("SI", "2024-07"): 455, ("SI", "2024-08"): 512}


def test_columns_of_figures_carry_their_own_keys(figures):
    found = figures(
        [["Mesec", "Prve", "Ponovne"], ["7/2024", 400, 55]],
        values=[
            {"column": "Prve", "keys": {"applicant": "first"}},
            {"column": "ponovne ", "keys": {"applicant": "repeat"}},
        ],
    )
    assert found == {("SI", "first", "2024-07"): 400, ("SI", "repeat", "2024-07"): 55}


def test_the_sheet_is_chosen_by_its_name(written, tmp_path):
    path, mapping = written(sheet="letos")
    workbook = Workbook()
    workbook.active.append(["nekaj", "drugega"])
    sheet = workbook.create_sheet("Letos")
    for row in ROWS:
        sheet.append(row)
    workbook.save(path)
    assert len(read_mapped(path, load_mapping(mapping), until=UNTIL)) == 2


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_a_csv_is_divided_as_its_row_of_headers(tmp_path, written, delimiter):
    _, mapping = written(header=2)
    path = tmp_path / "prosnje.csv"
    lines = ["Prošnje, mesečno; Ministrstvo", *(delimiter.join(map(str, row)) for row in ROWS)]
    path.write_text("\n".join(lines), encoding="utf-8")
    cells = read_mapped(path, load_mapping(mapping), until=UNTIL)
    assert list(cells["value"]) == [455, 512]


def test_an_import_is_a_vintage_and_a_second_one_names_the_revision(written, tmp_path):
    store = Store(tmp_path / "store")
    path, mapping = written()
    first = import_file(path, mapping, store)
    assert first.vintage is not None
    assert first.vintage.address == "prosnje.xlsx"
    assert first.vintage.publisher == "Ministry"
    assert first.revisions.empty
    assert import_file(path, mapping, store).vintage is None

    written([*ROWS[:1], ["julij 2024", 465], ["avgust 2024", 512]])
    second = import_file(path, mapping, store)
    assert second.revisions.to_dict("records") == [
        {"geo": "SI", "period": "2024-07", "old": 455.0, "new": 465.0}
    ]
    assert [vintage.number for vintage in store.vintages("si-example")] == [1, 2]


def test_a_file_of_another_year_adds_to_what_is_held(written, tmp_path):
    store = Store(tmp_path / "store")
    import_file(*written(), store)
    imported = import_file(*written([*ROWS[:1], ["januar 2023", 300]]), store)
    assert imported.revisions.empty
    assert list(store.cells("si-example")["value"]) == [300, 455, 512]


def test_a_dry_run_shows_the_same_and_leaves_no_trace(written, tmp_path):
    store = Store(tmp_path / "store")
    import_file(*written(), store)
    before = sorted(path for path in store.folder.rglob("*"))
    files = written([*ROWS[:1], ["julij 2024", 465], ["avgust 2024", 512]])
    dry = import_file(*files, store, dry_run=True)
    assert sorted(path for path in store.folder.rglob("*")) == before
    wet = import_file(*files, store)
    pd.testing.assert_frame_equal(dry.revisions, wet.revisions)
    assert dry.vintage is not None
    assert dry.vintage.cells == wet.vintage.cells == 1


def test_a_refused_file_leaves_no_trace(written, tmp_path):
    store = Store(tmp_path / "store")
    with pytest.raises(Exception, match="okoli 30"):
        import_file(*written([*ROWS, ["september 2024", "okoli 30"]]), store)
    assert not store.folder.exists() or not list(store.folder.rglob("*.parquet"))


def test_the_definition_is_kept_beside_the_vintages(written, tmp_path):
    from forecasting.sources.definitions import load_source

    store = Store(tmp_path / "store")
    import_file(*written(), store)
    source = load_source(store.folder / "sources" / "si-example.yaml")
    assert (source.id, source.client, source.key) == ("si-example", "file", ("geo",))


def test_the_command_shows_figures_and_revisions(run, written):
    path, mapping = written()
    dry = run("data", "import", path, "--mapping", mapping, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "si-example: 2 figures, 2024-07 to 2024-08" in dry.output
    assert "SI 2024-07: 455" in dry.output
    assert "nothing was taken in" in dry.output
    assert "2 cells new or changed" in run("data", "import", path, "--mapping", mapping).output
    written([*ROWS[:1], ["julij 2024", 465], ["avgust 2024", 512]])
    assert "SI 2024-07: 455 -> 465" in run("data", "import", path, "--mapping", mapping).output
    assert "held already" in run("data", "import", path, "--mapping", mapping).output


def test_the_command_needs_a_mapping(run, written):
    path, _ = written()
    result = run("data", "import", path)
    assert result.exit_code == 2
    assert "--mapping" in result.output


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ROWS, {"period": {"columns": ["Mesec"]}, "values": [{"column": "Prošnje"}]}),
        (
            [["naslov"], ["Leto", "Mesec", "Enota", "Prošnje"], [2024, "julij", "Celje", "1.455"]],
            {
                "header": 2,
                "period": {"columns": ["Leto", "Mesec"]},
                "values": [{"column": "Prošnje"}],
                "keys": {"key_1": {"column": "Enota"}},
            },
        ),
        (
            [["Država", "jan. 2024", "feb. 2024"], ["Sirija", 1, 2]],
            {"period": {"across": True}, "keys": {"key_1": {"column": "Država"}}},
        ),
    ],
)
def test_the_start_of_a_mapping_says_what_can_be_seen(run, written, rows, expected):
    path, _ = written(rows)
    result = run("data", "import", path, "--show-mapping")
    assert result.exit_code == 0, result.output
    content = yaml.safe_load(result.output)
    assert {name: content[name] for name in expected} == expected


def test_the_page_on_imports_shows_real_output(run, tmp_path):
    page = (DOCS / "import.md").read_text(encoding="utf-8")
    for file in (DOCS / "examples").glob("prosnje*"):
        shutil.copy(file, tmp_path)
    assert (tmp_path / "prosnje.yaml").read_text(encoding="utf-8") in page
    runs = [part for block in CONSOLE.findall(page) for part in block.split("$ ")[1:]]
    assert len(runs) == 4
    for part in runs:
        line, *expected = part.splitlines()
        found = run(*line.split()[1:]).output.splitlines()
        assert ["..." if text.startswith("new vintage") else text for text in found] == expected
