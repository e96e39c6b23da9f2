"""Write the spreadsheet that a centre fills in; `centre_records` reads it back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.sources.centre_layout import (
    KINDS,
    examples,
    explanation,
    explanation_name,
    headers,
    sheet_name,
)
from forecasting.tables import check_table_path, without_dates, write_bytes

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_EXAMPLE_GREY = "808080"


def write_centre_template(kind: str, path: Path, *, words: Language) -> Path:
    """Write an empty spreadsheet with headers, marked examples and an explanation.

    Parameters
    ----------
    kind : {"stays", "monthly"}
        One row a stay, or one row a month.
    path : pathlib.Path
        An XLSX file that does not exist: one that does may hold records.
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
    from openpyxl import Workbook

    if kind not in KINDS:
        raise InputError(f"template '{kind}'", expected=" or ".join(KINDS))
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"output file '{path.name}'", expected="a name that ends in .xlsx")
    check_table_path(path)
    if path.exists():
        raise InputError(
            "the file exists", where=str(path), action="it may hold records: choose another name"
        )
    workbook = Workbook()
    _fill_in(workbook.active, kind, words)
    _explain(workbook.create_sheet(explanation_name(words)), kind, words)
    buffer = io.BytesIO()
    workbook.save(buffer)
    write_bytes(without_dates(buffer.getvalue()), path)
    return path


def _fill_in(sheet: Worksheet, kind: str, words: Language) -> None:
    from openpyxl.styles import Font

    columns = headers(kind, words)
    sheet.title = sheet_name(kind, words)
    sheet.append(list(columns.values()))
    for row in examples(kind, words):
        sheet.append([row.get(key) for key in columns])
    for cells in sheet.iter_rows():
        style = Font(bold=True) if cells[0].row == 1 else Font(italic=True, color=_EXAMPLE_GREY)
        for cell in cells:
            cell.font = style
            sheet.column_dimensions[cell.column_letter].width = 24
    sheet.freeze_panes = "A2"


def _explain(sheet: Worksheet, kind: str, words: Language) -> None:
    from openpyxl.styles import Alignment

    sheet.column_dimensions["A"].width = 100
    for row, sentence in enumerate(explanation(kind, words), start=1):
        sheet.cell(row, 1, sentence).alignment = Alignment(wrap_text=True, vertical="top")
