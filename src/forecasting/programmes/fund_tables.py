"""Tables 1 to 3 of a fund's programme as a workbook, and read back without loss."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.fund_columns import (
    COLUMNS,
    MARKS,
    NUMBERS,
    FundColumn,
    FundTable,
    FundTables,
    Number,
)
from forecasting.programmes.fund_rows import (
    fund_table_warnings,
    fund_tables,
    length_without_spaces,
)
from forecasting.programmes.published import Value
from forecasting.tables import put_text, read_bytes, without_dates, write_bytes

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["fund_table_warnings", "fund_tables", "read_fund_tables", "write_fund_tables"]

_WIDTHS = {"indicator": 60, "data_source": 45, "comments": 60, "type_of_intervention": 60}
_WIDTH, _LINE_POINTS, _LETTERS = 18, 15, 1.1  # a letter is narrower than the digit of a width
_NAVY, _WHITE, _PALE = "12304F", "FFFFFF", "FBE9DC"
_AUTHOR = "forecasting"


def write_fund_tables(programme: Programme, path: str | Path, *, language: str) -> list[str]:
    """Write tables 1 to 3 of a programme as XLSX, one sheet each.

    Headings stand in the columns' official order, in the language of the tables; a comment on each
    gives the official English one. A comment on a value gives its source and calculation. Texts
    are text, whatever they begin with; numbers are numbers.

    Parameters
    ----------
    programme : Programme
    path : str or pathlib.Path
        Ends in ``.xlsx``.
    language : str
        Language code.

    Returns
    -------
    list of str
        What the regulation's form will not take as it is; see `fund_table_warnings`.

    Raises
    ------
    InputError
        For another ending, or a language the suite does not have.
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"output file '{path.name}'", expected="a name that ends in .xlsx")
    tables = fund_tables(programme, language=language)
    write_bytes(_workbook(tables), path)
    return fund_table_warnings(programme, tables)


def read_fund_tables(path: str | Path) -> FundTables:
    """Read what `write_fund_tables` wrote, also after somebody has edited the values.

    Returns
    -------
    FundTables
        Equal to what was written: values, sources and language.

    Raises
    ------
    InputError
        If the file is no workbook, a sheet or heading is missing or renamed, cells are merged, a
        sheet is hidden, or a cell holds something else than its column: named by sheet and cell.
    """
    path = Path(path)
    book = _load(path)
    found = [(sheet, *_recognised(sheet, path)) for sheet in book.worksheets]
    codes = {language.code for _, _, language in found}
    if len(codes) > 1:
        raise InputError("sheets in two languages", where=str(path), expected="one language")
    years = {key: year for sheet, number, language in found
             for key, year in _years(sheet, number, language).items()}  # fmt: skip
    return FundTables(
        programme=book.properties.title or "",
        language=codes.pop(),
        milestone_year=years.get("milestone"),
        target_year=years.get("target"),
        tables=tuple(_read(sheet, number, language, path) for sheet, number, language in found),
    )


def _workbook(tables: FundTables) -> bytes:
    from openpyxl import Workbook

    language, book = Language(tables.language), Workbook()
    del book[book.sheetnames[0]]
    book.properties.title = tables.programme
    book.properties.language = tables.language
    book.properties.creator = _AUTHOR
    for table in tables.tables:
        _write_table(book, table, tables, language)
    buffer = io.BytesIO()
    book.save(buffer)
    return without_dates(buffer.getvalue())


def _write_table(book: Workbook, table: FundTable, tables: FundTables, language: Language) -> None:
    from openpyxl.styles import Alignment, PatternFill

    sheet = book.create_sheet(language.gettext("Table {number}").format(number=table.number))
    _write_headings(sheet, table, tables, language)
    marks = {mark: language.gettext(mark) for mark in MARKS}
    for row, values in enumerate(table.rows):
        for place, (column, value) in enumerate(zip(table.columns, values, strict=True), start=1):
            cell = sheet.cell(row + 2, place)
            _put(cell, marks.get(value, value) if isinstance(value, str) else value)
            cell.alignment = Alignment(
                vertical="top", wrap_text=True, horizontal="right" if column.is_number else "left"
            )
            if column.limit is not None and length_without_spaces(value) > column.limit:
                cell.fill = PatternFill("solid", fgColor=_PALE)
            if (row, column.key) in table.sources:
                _comment(cell, table.sources[row, column.key])
        _fit_height(sheet, row + 2, table)


def _fit_height(sheet: Worksheet, row: int, table: FundTable) -> None:
    """Make room for texts that wrap; not every program does so when it opens a file."""
    texts = (str(sheet.cell(row, place).value) for place in range(1, len(table.columns) + 1))
    lines = (
        math.ceil(len(text) / (_LETTERS * _WIDTHS.get(column.key, _WIDTH)))
        for text, column in zip(texts, table.columns, strict=True)
    )
    sheet.row_dimensions[row].height = _LINE_POINTS * max(lines)


def _write_headings(
    sheet: Worksheet, table: FundTable, tables: FundTables, language: Language
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    english = Language("en")
    for place, column in enumerate(table.columns, start=1):
        cell = sheet.cell(1, place, tables.heading(column, language))
        cell.font = Font(name="Calibri", bold=True, color=_WHITE)
        cell.fill = PatternFill("solid", fgColor=_NAVY)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        _comment(cell, tables.heading(column, english))
        width = _WIDTHS.get(column.key, _WIDTH)
        sheet.column_dimensions[get_column_letter(place)].width = width
    _fit_height(sheet, 1, table)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _put(cell: Cell, value: Value) -> None:
    """Write a number as a number and a text as text, also one that begins with = + - or @."""
    if isinstance(value, str):
        put_text(cell, value)
        return
    cell.value = value
    cell.number_format = "#,##0" if isinstance(value, int) else "#,##0.00"


def _comment(cell: Cell, text: str) -> None:
    from openpyxl.comments import Comment

    height = 30 + 18 * sum(1 + len(line) // 55 for line in text.splitlines())
    cell.comment = Comment(text, _AUTHOR, height=height, width=380)


def _load(path: Path) -> Workbook:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    content = read_bytes(path, expected="a workbook that `write_fund_tables` wrote")
    try:
        return load_workbook(io.BytesIO(content))
    except (BadZipFile, KeyError, ValueError, OSError) as problem:
        raise InputError(
            "is no workbook", where=str(path), expected="a file in the format XLSX"
        ) from problem


def _recognised(sheet: Worksheet, path: Path) -> tuple[Number, Language]:
    """Tell by the headings of a sheet which table it is and in which language."""
    where = f"{path}, sheet '{sheet.title}'"
    if sheet.sheet_state != "visible":
        raise InputError("the sheet is hidden", where=where, action="show it or delete it")
    if sheet.merged_cells.ranges:
        cells = ", ".join(str(cells) for cells in sheet.merged_cells.ranges)
        raise InputError(f"merged cells {cells}", where=where, action="separate them")
    headings = [str(cell.value) for cell in sheet[1] if cell.value is not None]
    for code in language_codes():
        language = Language(code)
        for number in NUMBERS:
            patterns = _patterns(number, language)
            if len(patterns) == len(headings) and all(
                pattern.fullmatch(text) for pattern, text in zip(patterns, headings, strict=True)
            ):
                return number, language
    raise InputError(
        f"headings {', '.join(headings)}",
        where=f"{where}, row 1",
        expected="the columns of table 1, 2 or 3 in their order, as they were written",
    )


def _patterns(number: Number, language: Language) -> list[re.Pattern[str]]:
    """Write what each heading of a table looks like in a language, whatever its year."""
    labels = [language.gettext(column.label) for column in COLUMNS[number]]
    return [re.compile(re.escape(label).replace(r"\{year\}", "([0-9]{4})")) for label in labels]


def _years(sheet: Worksheet, number: Number, language: Language) -> dict[str, int]:
    """Read the years in the headings, by key of the column."""
    years = {}
    for column, pattern, cell in zip(
        COLUMNS[number], _patterns(number, language), sheet[1], strict=False
    ):
        found = pattern.fullmatch(str(cell.value))
        if found and found.groups():
            years[column.key] = int(found[1])
    return years


def _read(sheet: Worksheet, number: Number, language: Language, path: Path) -> FundTable:
    columns = COLUMNS[number]
    marks = {language.gettext(mark): mark for mark in MARKS}
    rows: list[tuple[Value, ...]] = []
    sources = {}
    for cells in sheet.iter_rows(min_row=2, max_col=len(columns)):
        if all(cell.value is None for cell in cells):
            continue
        where = f"{path}, sheet '{sheet.title}', cell"
        rows.append(tuple(
            _value(cell, column, marks, where) for cell, column in zip(cells, columns, strict=True)
        ))  # fmt: skip
        for cell, column in zip(cells, columns, strict=True):
            if cell.comment is not None:
                sources[len(rows) - 1, column.key] = cell.comment.text
    return FundTable(number, tuple(rows), sources)


def _value(cell: Cell, column: FundColumn, marks: Mapping[str, str], where: str) -> Value:
    value, place = cell.value, f"{where} {cell.coordinate}"
    accepted = "a number, or one of: " + ", ".join(marks)
    if value is None:
        expected = accepted if column.is_number else "a text"
        raise InputError("the cell is empty", where=place, expected=expected)
    if cell.data_type == "f":
        raise InputError(f"formula {value}", where=place, action="write its value")
    if isinstance(value, str) and value in marks:
        return marks[value]
    if not column.is_number:
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"'{value}'", where=place, expected=accepted)
    return value
