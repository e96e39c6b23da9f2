"""A cell that begins like a formula is a text in every table that is written, and read back so."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.programmes.achieved import write_achieved_template
from forecasting.programmes.catalogue import load_programme
from forecasting.programmes.fund_tables import fund_tables, read_fund_tables, write_fund_tables
from forecasting.sources.spreadsheet import Faults, read_grid
from forecasting.tables import read_as_text, read_rows, write_table, written_as_text

HOSTILE = [
    "a\r=1+1", "a\n=1+1", "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"http://x\",\"y\")",
    "=cmd|' /C calc'!A0", "＝1+1", "'=1+1", "''@x", "- a list", "+386 1 234", "-5e", "#N/A", "'",
]  # fmt: skip
NUMBERS = ["-5", "+5", "-1.5", "1e-3", "-.5"]
PROGRAMME = load_programme("si-amif-2021-2027")


def table() -> pd.DataFrame:
    texts = [*HOSTILE, *NUMBERS]
    return pd.DataFrame({"=name": texts, "value": [-5.5] * len(texts)})


def test_in_csv_a_formula_has_an_apostrophe_in_front_and_a_number_is_a_number(tmp_path):
    text = write_table(table(), tmp_path / "a.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["'=name", "value"]
    assert len(rows) == len(HOSTILE) + len(NUMBERS)
    for name, value in rows:
        assert value == "-5.5"
        assert name in NUMBERS or name[0] not in "=+-@\t\r\n＝＋－＠"
    assert "\r" not in text
    assert [name for name, _ in rows[-len(NUMBERS) :]] == NUMBERS


def test_in_xlsx_every_text_is_a_text_cell_and_a_formula_has_the_quote_sign(tmp_path):
    path = write_table(table(), tmp_path / "a.xlsx")
    _, *rows = load_workbook(path).active.iter_rows()
    assert [name.value for name, _ in rows] == [*HOSTILE, *NUMBERS]
    assert {name.data_type for name, _ in rows} <= {"s", "inlineStr"}
    assert all(value.data_type == "n" and value.value == -5.5 for _, value in rows)
    assert all(name.quotePrefix for name, _ in rows if name.value[0] in "=+-@\t")
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(name) for name in book.namelist() if "/worksheets/" in name]
    assert not any(b"<f" in sheet.replace(b"<font", b"") for sheet in sheets)


@given(st.text())
def test_what_is_written_as_text_is_read_as_it_was(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    written = written_as_text(text)
    assert read_as_text(written) == lines
    assert written in (lines, f"'{lines}")


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]),
               min_size=1))  # fmt: skip
def test_our_readers_read_back_what_was_written(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("cells") / "a.csv"
    write_table(pd.DataFrame({"name": [text, "=a", "-5"], "value": [1, 2, 3]}), path)
    assert list(read_rows(path, ("name", "value"))["name"]) == [text, "=a", "-5"]


def test_a_spreadsheet_kept_by_hand_is_read_back_from_csv_too(tmp_path):
    path = write_table(table(), tmp_path / "a.csv")
    grid = read_grid(path, Faults(), beside=())
    assert [cell.value for cell in grid.header] == ["=name", "value"]
    found = [cells[0].value for cells in grid.rows.values()]
    expected = [text.replace("\r", "\n").strip() for text in [*HOSTILE, *NUMBERS]]
    assert [text.strip() for text in found] == expected


def test_a_control_character_is_refused_in_words(tmp_path):
    with pytest.raises(InputError, match=r"'a\\x07' holds a control character"):
        write_table(pd.DataFrame({"a": ["a\a"]}), tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def hostile_programme():
    """A programme with a name that is a formula."""
    first, *rest = PROGRAMME.indicators
    names = dict.fromkeys(first.name, '=HYPERLINK("http://x")')
    return PROGRAMME.model_copy(
        update={"indicators": (first.model_copy(update={"name": names}), *rest)}
    )


def test_fund_tables_keep_texts_as_texts(hostile_programme, tmp_path):
    path = tmp_path / "tables.xlsx"
    write_fund_tables(hostile_programme, path, language="en")
    cells = [c for s in load_workbook(path).worksheets for row in s.iter_rows() for c in row]
    assert any(cell.value == '=HYPERLINK("http://x")' and cell.quotePrefix for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert read_fund_tables(path) == replace(fund_tables(hostile_programme, language="en"))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_keeps_names_as_texts(hostile_programme, tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    write_achieved_template(hostile_programme, path, words=Language("en"))
    grid = read_grid(path, Faults(), beside={"explanation"})
    names = [cells[1].value for cells in grid.rows.values()]
    assert '=HYPERLINK("http://x")' in names
    if ending == "csv":
        assert "'=HYPERLINK" in path.read_text(encoding="utf-8-sig")
    else:
        sheets = load_workbook(path).worksheets
        assert not [c for s in sheets for row in s.iter_rows() for c in row if c.data_type == "f"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_computes_none_of_it(tmp_path):
    texts = [text.replace("\r", "\n") for text in [*HOSTILE, *NUMBERS]]
    book = write_table(table(), tmp_path / "book.xlsx")
    assert shown_by_libreoffice(book) == texts
    plain = write_table(table(), tmp_path / "plain.csv")
    assert shown_by_libreoffice(plain)[: len(HOSTILE)] == [*map(written_as_text, HOSTILE)]


def shown_by_libreoffice(path: Path) -> list[str]:
    """What the cells of the first column show; CSV is opened as UTF-8."""
    utf8, folder = "Text - txt - csv (StarCalc):44,34,76", path.parent
    given = [f"--infilter={utf8}"] if path.suffix == ".csv" else []
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", *given,
         "--convert-to", f"csv:{utf8}", "--outdir", str(folder / "shown"), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    text = (folder / "shown" / f"{path.stem}.csv").read_text(encoding="utf-8")
    lines = csv.reader(io.StringIO(text, newline=""))
    return [row[0].replace("\r", "\n") for row in lines][1:]
