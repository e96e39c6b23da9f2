"""Long tables, one value per row: faults named by row, files written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from forecasting.errors import InputError, describe_os_error
from forecasting.languages.messages import library_words, one_of, say, say_n

if TYPE_CHECKING:
    from openpyxl.cell import Cell

SERIES_COLUMNS = ("series_id", "period", "value")
"""Columns of an input file of series."""

FORECAST_COLUMNS = (
    "series_id",
    "origin",
    "period",
    "horizon",
    "model",
    "output_type",
    "quantile_level",
    "value",
    "flag",
)
"""Columns of a forecast table; follows the long format of the hubverse (output_type, value)."""

QUANTILE_LEVELS = (0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99)
"""The 23 quantile levels of a forecast table."""

TABLE_ENDINGS = (".csv", ".xlsx", ".json")
MISSING_MARKS = frozenset({"", "na", "nan", ":"})

_FORMULA = re.compile(r"'*[=+\-@\t\n＝＋－＠]", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def read_rows(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a CSV file with exactly these columns as text, with the line number of each row.

    Parameters
    ----------
    path : pathlib.Path
        UTF-8, comma-separated, first line the header.
    columns : sequence of str
        Columns expected, in any order.

    Returns
    -------
    pandas.DataFrame
        All columns as text, stripped; the index ``row`` is the line in the file.

    Raises
    ------
    InputError
        If the file is missing, empty, not UTF-8, or has other columns.
    """
    lines = csv.reader(io.StringIO(read_text(path), newline=""))
    header = [name.strip() for name in next(lines, [])]
    _check_header(path, header, columns)
    rows, numbers = [], []
    for cells in _cells(lines, path):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise InputError(
                say_n("{n} values", "{n} values", len(cells)),
                where=row_place(path, lines.line_num),
                expected=say(
                    "{number}, one per column: {names}",
                    number=len(header),
                    names=", ".join(header),
                ),
            )
        rows.append([read_as_text(cell.strip()) for cell in cells])
        numbers.append(lines.line_num)
    if not rows:
        raise InputError(
            say("a header and no rows"), where=str(path), expected=say("one row per value")
        )
    return pd.DataFrame(rows, columns=header, index=pd.Index(numbers, name="row"), dtype=object)


def written_as_text(text: str) -> str:
    """Write a text for a CSV file so that no spreadsheet program takes it for a formula.

    A text that begins with ``= + - @``, their wide forms, a tab or a line break gets an apostrophe
    in front, as somebody would type it into a spreadsheet; so does one that begins so after
    apostrophes, which makes `read_as_text` exact. A number such as ``-5`` stays a number. Every
    line break is written as a line feed: programs begin a row at a bare carriage return.

    References
    ----------
    OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    is_formula = _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
    return f"'{text}" if is_formula else text


def read_as_text(text: str) -> str:
    """Undo `written_as_text`: ``'=1+1`` is ``=1+1``; every other text is what it is."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def put_text(cell: Cell, text: str) -> None:
    """Put a text into a cell of a workbook as text, also one that begins like a formula.

    Raises
    ------
    InputError
        If it holds a control character, which a workbook cannot.
    """
    with _no_control_characters():
        cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = _FORMULA.match(text) is not None


@contextmanager
def _no_control_characters() -> Iterator[None]:
    """Say in words what a workbook cannot hold."""
    from openpyxl.utils.exceptions import IllegalCharacterError

    try:
        yield
    except IllegalCharacterError as problem:
        text = str(problem).removesuffix(" cannot be used in worksheets.")
        raise InputError(
            say("{value} holds a control character", value=ascii(text)),
            expected=say("text that a workbook can hold"),
        ) from None


def _cells(lines: Any, path: Path) -> Iterator[list[str]]:
    try:
        yield from lines
    except csv.Error as problem:  # an unclosed quote swallows the rest of the file
        raise InputError(
            library_words(str(problem), otherwise=say("cannot be read as CSV")),
            where=say("{path}, up to row {row}", path=path, row=lines.line_num),
            expected=say("quotes that are closed in the same cell"),
        ) from None


def row_place(path: Path, row: object) -> str:
    """Name a row of a file in a message."""
    return say("{path}, row {row}", path=path, row=row)


def parse_number(text: str, *, where: str) -> float:
    """Read a number with a decimal point; an empty cell, ``NaN`` or ``:`` is missing (NaN).

    Raises
    ------
    InputError
        If the text is not a number.
    """
    if text.lower() in MISSING_MARKS:
        return math.nan
    try:
        return float(text) if "_" not in text else float("not a number")
    except ValueError:
        raise InputError(
            say("value '{text}' is not a number", text=text),
            where=where,
            expected=say("a number such as {examples}", examples=one_of(["1234", "12.5"])),
            action=say("write 12.5, not 12,5") if "," in text else None,
        ) from None


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV, XLSX or JSON, by the ending of the file; whole or not at all.

    JSON is a list of one object per row, an empty cell ``null``. A text is a text in each of them,
    also one that begins with ``=``: in CSV it has an apostrophe in front; see `written_as_text`.

    Raises
    ------
    InputError
        For another ending.
    OutputError
        If the file cannot be written.
    """
    check_table_path(path)
    ending = path.suffix.lower()
    if ending == ".csv":
        content = _without_formulas(frame).to_csv(index=False, lineterminator="\n").encode()
    elif ending == ".json":
        content = _records(frame)
    else:
        content = _workbook(frame)
    write_bytes(content, path)
    return path


def _without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts, the names of its columns too, are no formulas in CSV."""
    changed = frame.copy(deep=False)
    for name in frame:
        if pd.api.types.is_numeric_dtype(frame[name].dtype):
            continue
        texts = _changed_as_text(frame[name].unique())
        if texts:
            changed[name] = frame[name].astype(object).map(partial(_looked_up, texts))
    return changed.rename(columns=_changed_as_text(frame.columns))


def _changed_as_text(values: Iterable[Any]) -> dict[str, str]:
    texts = {value: written_as_text(value) for value in values if isinstance(value, str)}
    return {text: written for text, written in texts.items() if text != written}


def _looked_up(texts: Mapping[str, str], value: Any) -> Any:
    return texts.get(value, value) if isinstance(value, str) else value


def _records(frame: pd.DataFrame) -> bytes:
    """Write a table as JSON, numbers with all their digits."""

    def plain(value: Any) -> Any:
        return value.item() if hasattr(value, "item") else str(value)

    filled = frame.astype(object).where(frame.notna(), None)
    rows = filled.to_dict("records")
    text = json.dumps(rows, ensure_ascii=False, indent=1, default=plain, allow_nan=False)
    return f"{text}\n".encode()


def _workbook(frame: pd.DataFrame) -> bytes:
    """Write a table as a workbook: text stays text, and the same table gives the same bytes."""
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        with _no_control_characters():
            frame.to_excel(writer, index=False, sheet_name="table")
        sheet = writer.sheets["table"]
        sheet.freeze_panes = "A2"
        for column in sheet.columns:
            widest = max(len(str(cell.value or "")) for cell in column)
            sheet.column_dimensions[column[0].column_letter].width = min(60, widest + 2)
            for cell in column:
                if isinstance(cell.value, str):
                    put_text(cell, cell.value)
    return without_dates(buffer.getvalue())


def without_dates(workbook: bytes) -> bytes:
    """Replace the times of writing that a workbook carries."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"1980-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return copy.getvalue()


def check_table_path(path: Path, *, endings: Sequence[str] = TABLE_ENDINGS) -> None:
    """Refuse a table file whose ending or folder will not do, before the work begins."""
    if path.suffix.lower() not in endings:
        known = one_of([part for part in (", ".join(endings[:-1]), endings[-1]) if part])
        raise InputError(
            say("output file '{name}'", name=path.name),
            expected=say("a name that ends in {endings}", endings=known),
        )
    if not path.parent.is_dir():
        raise InputError(
            say("folder '{folder}' does not exist", folder=path.parent),
            where=str(path),
            action=say("make it first"),
        )


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file through a temporary neighbour, so that a reader sees the old or the new one."""
    temporary: str | None = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as problem:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise describe_os_error(problem, path) from problem


def read_text(path: Path) -> str:
    """Read a file of text in UTF-8, refused where it is missing, empty or in another encoding."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = content.count(b"\n", 0, problem.start) + 1
        raise InputError(
            say("byte {byte} is not UTF-8", byte=f"0x{content[problem.start]:02x}"),
            where=row_place(path, row),
            expected=say("text in UTF-8"),
            action=say("save the file as 'CSV UTF-8'"),
        ) from None


def read_bytes(path: Path, *, expected: str | None = None) -> bytes:
    """Read a file, refused where it is missing or empty; expected by default: a CSV file."""
    expected = expected or say("a CSV file")
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise InputError(say("is a folder"), where=str(path), expected=expected) from None
    except (FileNotFoundError, ValueError):  # the latter of a text that can be no name
        raise InputError(say("no such file"), where=str(path), expected=expected) from None
    except OSError as problem:
        words = library_words(
            f"cannot be read ({problem.strerror})", otherwise=say("cannot be read")
        )
        raise InputError(words, where=str(path)) from None
    if not content.strip():
        raise InputError(
            say("the file is empty"), where=str(path), expected=say("a header and rows")
        )
    return content


def _check_header(path: Path, header: list[str], columns: Sequence[str]) -> None:
    if sorted(header) == sorted(columns):
        return
    expected, where = ",".join(columns), row_place(path, 1)
    if len(header) == 1 and ";" in header[0]:
        raise InputError(
            say("header '{text}' is separated by semicolons", text=header[0]),
            where=where,
            expected=say("commas: {names}", names=expected),
        )
    parts = []
    if missing := [repr(name) for name in columns if name not in header]:
        parts.append(
            say_n(
                "column {names} missing",
                "column {names} missing",
                len(missing),
                names=", ".join(missing),
            )
        )
    if unknown := [repr(name) for name in header if name not in columns]:
        parts.append(
            say_n(
                "column {names} not known",
                "column {names} not known",
                len(unknown),
                names=", ".join(unknown),
            )
        )
    raise InputError(
        "; ".join(parts or [say("a column stands twice")]),
        where=where,
        expected=say("the columns {names}", names=expected),
    )
