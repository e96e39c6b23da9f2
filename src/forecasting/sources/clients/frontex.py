"""Frontex: the workbook of monthly detections of irregular border crossings.

Its name changes every month, so that it is looked for on the page that links to it; its sheet has a
row for each route, border and nationality and a column for each month, ``JAN2009`` and on. Rows
that agree in the columns of the key are added up. Detections are not persons: who crosses twice is
counted twice.

Where the site lets no program in, download the workbook in a browser and name it as ``file`` under
``query`` in a copy of the definition.

Source: https://www.frontex.europa.eu/what-we-do/monitoring-and-risk-analysis/migratory-map/.
"""

from __future__ import annotations

import html
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urljoin, urlsplit

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.definitions import Source
from forecasting.sources.fetching import Fetched
from forecasting.sources.http import Answer, Query, Transport, place
from forecasting.sources.spreadsheet import UNREADABLE
from forecasting.sources.spreadsheet_layout import folded
from forecasting.sources.staging import stage_cells
from forecasting.sources.vintage_files import file_sha256
from forecasting.tables import read_bytes

if TYPE_CHECKING:
    from forecasting.sources.store import Vintage

DETAILS = ("route", "border_type", "nationality")
"""Columns before the months; those that are not in the key are added up."""

_LINK = re.compile(r"""href\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(rf"({'|'.join(_MONTHS)})\s?([0-9]{{4}})", re.IGNORECASE)
_HEADER_WITHIN = 10

_Row = tuple[Any, ...]


def fetch(
    source: Source, transport: Transport, folder: Path, newest: Vintage | None
) -> Fetched | None:
    """Take the newest workbook; see `forecasting.sources.fetching`.

    Raises
    ------
    InputError
        If it cannot be had, or has another sheet, other columns, or a cell that is no number.
    """
    if "file" in source.query:
        path = Path(source.query["file"])
        read_bytes(path, expected=say("an XLSX file"))
        now = datetime.now(UTC).replace(microsecond=0)
        answer: Answer | None = Answer(path, path.name, now, file_sha256(path))
    else:
        answer = _download(source, transport, folder, newest)
    if answer is None:
        return None
    staged = _stage(answer, source, folder)
    return Fetched(
        staged,
        answer.address,
        answer.retrieved,
        answer.sha256,
        answer.etag,
        answer.last_modified,
    )


def _download(
    source: Source, transport: Transport, folder: Path, newest: Vintage | None
) -> Answer | None:
    try:
        address = source.address
        if not address.lower().endswith(".xlsx"):
            page = transport.fetch(Query(address), folder / "page", limits=source.limits)
            address = _link(cast(Answer, page), source)
        target = folder / "answer.xlsx"
        return transport.fetch(Query(address), target, limits=source.limits, newest=newest)
    except InputError as problem:
        advice = say(
            "or download the workbook in a browser, and name it as 'file' under 'query' in a "
            "copy of the definition"
        )
        action = f"{problem.action}; {advice}" if problem.action else advice
        raise InputError(
            problem.found, where=problem.where, expected=problem.expected, action=action
        ) from None


def _link(page: Answer, source: Source) -> str:
    """Address of the newest workbook that the page links to, by the day in its name."""
    pattern = source.query["link"]
    text = page.path.read_text(encoding="utf-8", errors="replace")
    found = {
        urljoin(place(page.address), html.unescape(link)): _day(link)
        for link in _LINK.findall(text)
        if fnmatchcase(PurePosixPath(unquote(urlsplit(link).path)).name, pattern)
    }
    if not found:
        raise InputError(
            say("no link to a file {pattern}", pattern=pattern), where=place(page.address)
        )
    return max(found, key=lambda link: found[link])


def _day(link: str) -> str:
    """Digits of the name of a file: the day of its publication."""
    return re.sub(r"[^0-9]", "", PurePosixPath(link).name)


def _stage(answer: Answer, source: Source, folder: Path) -> Path:
    import pandas as pd

    rows = _rows(answer, source)
    where = _where(answer)
    header = next(rows)
    months = _months(header, source, where)
    places = [_detail_names(source).index(_detail(source, name)) for name in source.key]
    figures: Counter[tuple[str, ...]] = Counter()
    for number, row in enumerate(rows, start=1):
        details = row[: len(DETAILS)]
        if all(cell is None for cell in row):
            continue
        if not all(isinstance(cell, str) and cell.strip() for cell in details):
            raise _changed(where, say("row {row} below the headers", row=number), source)
        key = tuple(details[at].strip() for at in places)
        for at, month in months.items():
            if (value := row[at]) is not None:
                figures[(*key, month)] += _count(value, where, f"{number}, {header[at]}")
    cells = pd.DataFrame(
        [(*cell, value, "") for cell, value in figures.items()],
        columns=[*source.key, "period", "value", "flag"],
    )
    return stage_cells(cells, source.key, folder)


def _count(value: object, where: str, cell: str) -> int:
    is_count = isinstance(value, int | float) and not isinstance(value, bool)
    if is_count and value >= 0 and float(value).is_integer():  # type: ignore[operator, arg-type]
        return int(value)  # type: ignore[call-overload, no-any-return]
    raise InputError(
        say("{value} is no number", value=repr(value)),
        where=say("{place}, row {row}", place=where, row=cell),
        expected=say("whole numbers, 0 or more"),
    )


def _rows(answer: Answer, source: Source) -> Iterator[_Row]:
    """Header and rows of the sheet; what stands above is left out."""
    from openpyxl import load_workbook

    where = _where(answer)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that concern looks only
            workbook = load_workbook(answer.path, read_only=True, data_only=True)
    except UNREADABLE:
        raise InputError(
            say("cannot be read as XLSX"),
            where=where,
            expected=say("the workbook of the publisher"),
            action=say("try again later; until then the newest vintage held is used"),
        ) from None
    if source.dataset not in workbook.sheetnames:
        found = say("sheets {names}", names=", ".join(workbook.sheetnames))
        raise _changed(where, found, source)
    rows: Iterator[_Row] = workbook[source.dataset].iter_rows(values_only=True)
    names = list(map(folded, _detail_names(source)))
    for _, row in zip(range(_HEADER_WITHIN), rows, strict=False):
        if [folded(str(cell)) for cell in row[: len(DETAILS)]] == names:
            yield row
            yield from rows
            return
    raise _changed(where, say("no row with the headers"), source)


def _months(header: _Row, source: Source, where: str) -> dict[int, str]:
    """Month by place; every column after the details is one, each month follows the one before."""
    import pandas as pd

    months: dict[int, str] = {}
    for at, cell in enumerate(header[len(DETAILS) :], start=len(DETAILS)):
        if cell is None:
            continue
        found = _MONTH.fullmatch(str(cell).strip())
        month = f"{found[2]}-{_MONTHS.index(found[1].lower()) + 1:02d}" if found else None
        last = months[max(months)] if months else None
        if month is None or (last and str(pd.Period(last, freq="M") + 1) != month):
            raise _changed(where, say("column '{name}'", name=cell), source)
        months[at] = month
    if not months:
        raise _changed(where, say("no month among the headers"), source)
    return months


def _where(answer: Answer) -> str:
    return place(answer.address) if "://" in answer.address else answer.address


def _detail(source: Source, name: str) -> str:
    return source.columns.get(name, name)


def _detail_names(source: Source) -> Sequence[str]:
    return [_detail(source, name) for name in DETAILS]


def _changed(where: str, found: str, source: Source) -> InputError:
    return InputError(
        found,
        where=where,
        expected=say(
            "sheet '{sheet}' with the columns {names} and a column for every month",
            sheet=source.dataset,
            names=", ".join([*_detail_names(source), "JAN2009"]),
        ),
        action=say("the publisher has changed the table; adapt the definition of the source"),
    )
