"""Spreadsheets kept by hand, XLSX or CSV: cell by cell, every fault named by its cell."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from xml.etree.ElementTree import ParseError

from forecasting.errors import InputError
from forecasting.languages.messages import all_of, say, say_n
from forecasting.tables import read_as_text, read_bytes, read_text, row_place

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

ENDINGS = (".xlsx", ".csv")
MOST_FAULTS = 20
"""Faults that are listed; of the others there is only the number."""

_MOST_ROWS = 200_000
UNREADABLE = (zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError)

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Cell:
    """A cell and where it stands.

    Attributes
    ----------
    value : object
        Text without blanks around it, number or date; None where the cell is empty.
    where : str
        File, sheet and cell, or file, row and column.
    is_percentage : bool
        Whether a workbook shows the number as a percentage: 0.9 stands for 90 %.
    """

    value: object
    where: str
    is_percentage: bool = False


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet.

    Attributes
    ----------
    where : str
        File and sheet.
    header : tuple of Cell
        The first row that is not empty.
    rows : mapping of int to tuple of Cell
        The rows below that are not empty, by their number; as long as the header.
    """

    where: str
    header: tuple[Cell, ...]
    rows: Mapping[int, tuple[Cell, ...]]


@dataclass
class Faults:
    """What is wrong with a file, to be said all at once."""

    lines: list[str] = field(default_factory=list)

    def add(
        self, found: str, *, where: str, expected: str | None = None, action: str | None = None
    ) -> None:
        """Add a fault; see `InputError`."""
        self.lines.append(str(InputError(found, where=where, expected=expected, action=action)))

    def attempt(self, action: Callable[..., _Value], *arguments: Any) -> _Value | None:
        """Return the result of a call; None, and its fault added, if it raises `InputError`."""
        try:
            return action(*arguments)
        except InputError as problem:
            self.lines.append(str(problem))
            return None

    def check(self) -> None:
        """Raise what was added.

        Raises
        ------
        InputError
            With a line for each of the first `MOST_FAULTS`, and the number of the others.
        """
        if self.lines:
            more = len(self.lines) - MOST_FAULTS
            rest = [say_n("and {n} more", "and {n} more", more)] if more > 0 else []
            raise InputError("\n".join([*self.lines[:MOST_FAULTS], *rest]))


def read_grid(path: Path, faults: Faults, *, beside: Collection[str]) -> Grid:
    """Read the sheet of a file that holds rows.

    The rows of a filter that are hidden are read as well. Of a formula the value is taken that was
    saved with it.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8 with commas or semicolons.
    faults : Faults
        Hidden sheets, formulas without a value and lines of another length are added.
    beside : collection of str
        Names, in small letters, of sheets that may stand beside the one with rows.

    Raises
    ------
    InputError
        If the file cannot be read, has no or several sheets with rows, or merged cells.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError(
            say("a file '{ending}'", ending=path.suffix),
            where=str(path),
            expected=say("an XLSX or CSV file"),
            action=say("save the sheet in one of these formats"),
        )
    if path.suffix.lower() == ".csv":
        return _read_csv(path, faults)
    return _read_workbook(path, faults, beside)


def _read_csv(path: Path, faults: Faults) -> Grid:
    text = read_text(path)
    first = text.lstrip().split("\n", maxsplit=1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] = []
    rows = {}
    for written in lines:
        cells = [read_as_text(cell.strip()) for cell in written]
        if not any(cells):
            continue
        number, where = lines.line_num, row_place(path, lines.line_num)
        if not header:
            header, head = cells, where
        elif len(cells) != len(header):
            faults.add(
                say_n("{n} values", "{n} values", len(cells)),
                where=where,
                expected=say("{number}, as above", number=len(header)),
            )
        else:
            places = [say("{place}, column '{name}'", place=where, name=name) for name in header]
            rows[number] = _cells(zip(cells, places, strict=True))
    if not header:
        raise InputError(say("no header"), where=str(path), expected=say("a header and rows"))
    return Grid(str(path), _cells((name, head) for name in header), rows)


def _read_workbook(path: Path, faults: Faults, beside: Collection[str]) -> Grid:
    content = read_bytes(path, expected=say("an XLSX or CSV file"))
    values, formulas = (open_workbook(content, path, values=each) for each in (True, False))
    for sheet in values.worksheets:
        if sheet.sheet_state != "visible":
            faults.add(
                say("hidden sheet '{name}'", name=sheet.title),
                where=str(path),
                expected=say("no hidden sheets"),
                action=say("delete it, or show it"),
            )
    sheet = _filled_sheet(values, path, beside)
    where = say("{path}, sheet '{name}'", path=path, name=sheet.title)
    for merged in sheet.merged_cells.ranges:
        faults.add(
            say("merged cells {cells}", cells=merged),
            where=where,
            action=say("split them, a value in each"),
        )
    if sheet.merged_cells.ranges:
        faults.check()
    rows = sheet_rows(sheet, formulas[sheet.title], where, faults)
    header, *_ = rows
    return Grid(where, rows.pop(header), rows)


def sheet_rows(
    sheet: Worksheet, formulas: Worksheet, where: str, faults: Faults
) -> dict[int, tuple[Cell, ...]]:
    """Return the rows with something in them, by number; `formulas` is the sheet as typed.

    Formulas without a value are added to the faults.
    """
    rows = {}
    typed = formulas.iter_rows(values_only=True)
    for number, (row, written) in enumerate(zip(sheet.iter_rows(), typed, strict=True), start=1):
        places = [say("{place}, cell {cell}", place=where, cell=c.coordinate) for c in row]
        for cell, formula, place in zip(row, written, places, strict=True):
            never = cell.value is None and cell.data_type == "n"  # not an empty text
            if never and formula is not None:
                faults.add(
                    say("a formula without a value"), where=place, action=say("write its value")
                )
        cells = tuple(
            Cell(clean(cell.value), place, "%" in cell.number_format)
            for cell, place in zip(row, places, strict=True)
        )
        if any(cell.value is not None for cell in cells):
            rows[number] = cells
    return rows


def open_workbook(content: bytes, path: Path, *, values: bool) -> Workbook:
    """Open a workbook with the values of its formulas, or with the formulas.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that concern looks only
            return load_workbook(io.BytesIO(content), data_only=values)
    except UNREADABLE:
        raise InputError(
            say("cannot be read as XLSX"),
            where=str(path),
            expected=say("a workbook without a password"),
            action=say("open it in a spreadsheet program and save it anew"),
        ) from None


def _filled_sheet(workbook: Workbook, path: Path, beside: Collection[str]) -> Worksheet:
    """Return the sheet with rows; the empty ones of a new workbook do not count."""
    visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    for sheet in visible:
        check_size(sheet, path)
    filled = [
        sheet
        for sheet in visible
        if sheet.title.strip().casefold() not in beside
        and any(clean(v) is not None for row in sheet.iter_rows(values_only=True) for v in row)
    ]
    if len(filled) != 1:
        titles = [f"'{sheet.title}'" for sheet in filled]
        raise InputError(
            say("sheets {names} with values", names=all_of(titles))
            if filled
            else say("no sheet with values"),
            where=str(path),
            expected=say("all rows in one sheet"),
        )
    return filled[0]


def check_size(sheet: Worksheet, path: Path) -> None:
    """Refuse a sheet that reaches far below any table, before it is read."""
    if sheet.max_row > _MOST_ROWS:
        raise InputError(
            say_n("{n} rows", "{n} rows", sheet.max_row),
            where=say("{path}, sheet '{name}'", path=path, name=sheet.title),
            expected=say("at most {number}", number=_MOST_ROWS),
            action=say("delete what stands far below the last row"),
        )


def _cells(pairs: Any) -> tuple[Cell, ...]:
    return tuple(Cell(clean(value), where) for value, where in pairs)


def clean(value: object) -> object:
    """Return the value of a cell; text without blanks around it, None where none is left."""
    if isinstance(value, str):
        return value.strip() or None
    return value
