"""Every kind of spreadsheet that the suite reads, and the empty ones to fill in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.sources.centre_layout import MONTHLY, STAYS
from forecasting.sources.recipients_layout import RECIPIENTS_TABLE
from forecasting.sources.spreadsheet_layout import Layout, explanation_name
from forecasting.tables import check_table_path, without_dates, write_bytes

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LAYOUTS = {layout.kind: layout for layout in (STAYS, MONTHLY, RECIPIENTS_TABLE)}

_EXAMPLE_GREY = "808080"


def write_template(kind: str, path: Path, *, words: Language) -> Path:
    """Write an empty spreadsheet with headers, marked examples and an explanation.

    Parameters
    ----------
    kind : {"stays", "monthly", "recipients"}
        One row a stay, or one row a month.
    path : pathlib.Path
        An XLSX or CSV file that does not exist: one that does may hold records. A CSV file has no
        explanation.
    words : Language
        Of headers and explanation.

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
        raise InputError(f"template '{kind}'", expected=" or ".join(LAYOUTS))
    check_table_path(path)
    if path.exists():
        raise InputError(
            "the file exists", where=str(path), action="it may hold records: choose another name"
        )
    make = _text if path.suffix.lower() == ".csv" else _workbook
    write_bytes(make(LAYOUTS[kind], words), path)
    return path


def _text(layout: Layout, words: Language) -> bytes:
    """Write a CSV file the way a spreadsheet program of the language opens it."""
    buffer = io.StringIO()
    decimal_comma = words.number(0.5, 1) != "0.5"
    writer = csv.writer(buffer, delimiter=";" if decimal_comma else ",", lineterminator="\n")
    writer.writerows(_rows(layout, words))
    return buffer.getvalue().encode("utf-8-sig")


def _workbook(layout: Layout, words: Language) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.active.title = layout.sheet_name(words)
    _fill_in(workbook.active, _rows(layout, words))
    _explain(workbook.create_sheet(explanation_name(words)), layout.guidance(words))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return without_dates(buffer.getvalue())


def _rows(layout: Layout, words: Language) -> list[list[str]]:
    columns = layout.headers(words)
    examples = layout.marked_examples(words)
    return [list(columns.values()), *([row.get(key, "") for key in columns] for row in examples)]


def _fill_in(sheet: Worksheet, rows: list[list[str]]) -> None:
    from openpyxl.styles import Font

    for row in rows:
        sheet.append([text or None for text in row])
    for cells in sheet.iter_rows():
        style = Font(bold=True) if cells[0].row == 1 else Font(italic=True, color=_EXAMPLE_GREY)
        for cell in cells:
            cell.font = style
            sheet.column_dimensions[cell.column_letter].width = 24
    sheet.freeze_panes = "A2"


def _explain(sheet: Worksheet, sentences: list[str]) -> None:
    from openpyxl.styles import Alignment

    sheet.column_dimensions["A"].width = 100
    for row, sentence in enumerate(sentences, start=1):
        sheet.cell(row, 1, sentence).alignment = Alignment(wrap_text=True, vertical="top")
