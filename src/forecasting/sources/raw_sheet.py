"""A sheet as somebody else laid it out: every row, title rows and merged cells included."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages.messages import all_of, one_of, say
from forecasting.sources.spreadsheet import (
    ENDINGS,
    Cell,
    Faults,
    check_size,
    clean,
    open_workbook,
    sheet_rows,
)
from forecasting.sources.spreadsheet_layout import folded
from forecasting.tables import read_as_text, read_bytes, read_text, row_place

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_DELIMITERS = (";", "\t", ",")


@dataclass(frozen=True)
class RawSheet:
    """The rows of a sheet, none of them taken for a header.

    Attributes
    ----------
    where : str
        File and sheet.
    rows : mapping of int to tuple of Cell
        The rows that are not empty, by their number; the value of merged cells stands in each.
    merged : mapping of tuple of int to str
        The cells they were, such as ``B3:B5``, by number of the row and place in it.
    """

    where: str
    rows: Mapping[int, tuple[Cell, ...]]
    merged: Mapping[tuple[int, int], str] = field(default_factory=dict)


def read_raw_sheet(path: Path, faults: Faults, *, sheet: str, header: int) -> RawSheet:
    """Read every row of a sheet.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8 with semicolons, tabs or commas.
    faults : Faults
        Formulas without a value are added.
    sheet : str
        Its name, whatever the case; empty: the only one with values. A CSV file has none.
    header : int
        Number of the row with the headers; in a CSV file it shows what divides the columns.

    Raises
    ------
    InputError
        If the file cannot be read, has no such sheet, or several where none is named.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(
            say("a file '{ending}'", ending=path.suffix),
            where=str(path),
            expected=say("an XLSX or CSV file"),
            action=say("save the sheet in one of these formats"),
        )
    return _read_csv(path, header) if ending == ".csv" else _read_xlsx(path, faults, sheet)


def _read_csv(path: Path, header: int) -> RawSheet:
    text = read_text(path)
    line = next(iter(text.splitlines()[header - 1 :]), "")
    delimiter = max(_DELIMITERS, key=line.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = {}
    for values in lines:
        where = row_place(path, lines.line_num)
        cells = tuple(
            Cell(clean(read_as_text(value.strip())), _column_place(where, number))
            for number, value in enumerate(values, start=1)
        )
        if any(cell.value is not None for cell in cells):
            rows[lines.line_num] = cells
    return RawSheet(str(path), rows)


def _column_place(where: str, number: int) -> str:
    return say("{place}, column {number}", place=where, number=number)


def _read_xlsx(path: Path, faults: Faults, name: str) -> RawSheet:
    content = read_bytes(path, expected=say("an XLSX or CSV file"))
    values, formulas = (open_workbook(content, path, values=each) for each in (True, False))
    sheet = _chosen(values, path, name)
    check_size(sheet, path)
    where = say("{path}, sheet '{name}'", path=path, name=sheet.title)
    rows = sheet_rows(sheet, formulas[sheet.title], where, faults)
    return _unmerged(sheet, where, rows)


def _chosen(workbook: Workbook, path: Path, name: str) -> Worksheet:
    for sheet in workbook.worksheets:
        if name and folded(sheet.title) == folded(name):
            return sheet
    filled = [
        sheet
        for sheet in workbook.worksheets
        if sheet.sheet_state == "visible"
        and any(clean(v) is not None for row in sheet.iter_rows(values_only=True) for v in row)
    ]
    titles = [f"'{sheet.title}'" for sheet in filled]
    if not filled:
        raise InputError(say("no sheet with values"), where=str(path))
    if name:
        raise InputError(
            say("no sheet '{name}'", name=name), where=str(path), expected=one_of(titles)
        )
    if len(filled) > 1:
        raise InputError(
            say("sheets {names} with values", names=all_of(titles)),
            where=str(path),
            action=say("name one of them in the mapping, key 'sheet'"),
        )
    return filled[0]


def _unmerged(sheet: Worksheet, where: str, rows: Mapping[int, tuple[Cell, ...]]) -> RawSheet:
    """Give each of the cells that are merged the value of the first."""
    ranges = {
        (row, column - 1): merged
        for merged in sheet.merged_cells.ranges
        for row, column in merged.cells
    }
    filled = {number: list(cells) for number, cells in rows.items()}
    for (row, place), merged in ranges.items():
        if row in rows and merged.min_row in rows:
            value = rows[merged.min_row][merged.min_col - 1].value
            filled[row][place] = dataclasses.replace(rows[row][place], value=value)
    return RawSheet(
        where,
        {number: tuple(cells) for number, cells in filled.items()},
        {cell: str(merged) for cell, merged in ranges.items()},
    )
