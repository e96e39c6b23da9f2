"""Every kind of spreadsheet that the suite reads, and the empty ones to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.languages.messages import one_of, say
from forecasting.sources.achieved_layout import ACHIEVED
from forecasting.sources.centre_layout import MONTHLY, STAYS
from forecasting.sources.recipients_layout import RECIPIENTS_TABLE
from forecasting.sources.spreadsheet_layout import Layout, explanation_name
from forecasting.tables import (
    check_table_path,
    put_text,
    without_dates,
    write_bytes,
    written_as_text,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LAYOUTS = {layout.kind: layout for layout in (STAYS, MONTHLY, RECIPIENTS_TABLE, ACHIEVED)}

_EXAMPLE_GREY = "808080"


def write_template(
    kind: str,
    path: Path,
    *,
    words: Language,
    rows: Sequence[Mapping[str, str]] = (),
) -> Path:
    """Write an empty spreadsheet with headers, marked examples and an explanation.

    Parameters
    ----------
    kind : {"stays", "monthly", "recipients", "achieved"}
        One row a stay, a month, or an indicator.
    path : pathlib.Path
        An XLSX or CSV file that does not exist: one that does may hold records. A CSV file has no
        explanation.
    words : Language
        Of headers and explanation.
    rows : sequence of mapping
        Rows to fill in, by the key of the column.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        For another kind or ending, or a file that exists.
    OutputError
        If the file cannot be written.
    """
    if kind not in LAYOUTS:
        raise InputError(say("template '{kind}'", kind=kind), expected=one_of(list(LAYOUTS)))
    check_table_path(path, endings=(".csv", ".xlsx"))
    if path.exists():
        raise InputError(
            say("the file exists"),
            where=str(path),
            action=say("it may hold records: choose another name"),
        )
    make = _text if path.suffix.lower() == ".csv" else _workbook
    write_bytes(make(LAYOUTS[kind], rows, words), path)
    return path


def _text(layout: Layout, given: Sequence[Mapping[str, str]], words: Language) -> bytes:
    """Write a CSV file the way a spreadsheet program of the language opens it."""
    buffer = io.StringIO()
    decimal_comma = words.number(0.5, 1) != "0.5"
    writer = csv.writer(buffer, delimiter=";" if decimal_comma else ",", lineterminator="\n")
    writer.writerows(map(written_as_text, row) for row in _rows(layout, given, words))
    return buffer.getvalue().encode("utf-8-sig")


def _workbook(layout: Layout, given: Sequence[Mapping[str, str]], words: Language) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.active.title = layout.sheet_name(words)
    _fill_in(workbook.active, _rows(layout, given, words), examples=not given)
    _explain(workbook.create_sheet(explanation_name(words)), layout.guidance(words))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return without_dates(buffer.getvalue())


def _rows(layout: Layout, given: Sequence[Mapping[str, str]], words: Language) -> list[list[str]]:
    columns = layout.headers(words)
    rows = given or layout.marked_examples(words)
    return [list(columns.values()), *([row.get(key, "") for key in columns] for row in rows)]


def _fill_in(sheet: Worksheet, rows: list[list[str]], *, examples: bool) -> None:
    from openpyxl.styles import Font

    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            if text:
                put_text(sheet.cell(number, place), text)
    below = Font(italic=True, color=_EXAMPLE_GREY) if examples else Font()
    for cells in sheet.iter_rows():
        style = Font(bold=True) if cells[0].row == 1 else below
        for cell in cells:
            cell.font = style
            sheet.column_dimensions[cell.column_letter].width = 24
    sheet.freeze_panes = "A2"


def _explain(sheet: Worksheet, sentences: list[str]) -> None:
    from openpyxl.styles import Alignment

    sheet.column_dimensions["A"].width = 100
    for row, sentence in enumerate(sentences, start=1):
        cell = sheet.cell(row, 1)
        put_text(cell, sentence)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
