"""Eurostat's dissemination API, SDMX 2.1: tables as compressed SDMX-CSV.

A selection is asked for by its key, ``M.PER.TOTAL+UA.T...``; a table without a selection is the
file that Eurostat prepares for downloads. What takes longer is answered by a queue number, which is
asked for until the data are there. The answer is never held in memory: it is written as it is sent,
and DuckDB turns it into Parquet.

Sources: Eurostat, "API SDMX 2.1 - data query", "Asynchronous API" (user guide of the Data Browser).
"""

from __future__ import annotations

import csv
import gzip
import logging
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.schemas import key_place
from forecasting.sources.definitions import Source
from forecasting.sources.fetching import Fetched
from forecasting.sources.http import Answer, Query, Transport, place
from forecasting.sources.sql import columns, quoted, text, texts
from forecasting.sources.vintage_queries import connect

if TYPE_CHECKING:
    import duckdb

    from forecasting.sources.store import Vintage

PARAMETERS = {"format": "SDMX-CSV", "compressed": "true"}
LEADING = ("DATAFLOW", "LAST UPDATE")
MARKS = ("OBS_FLAG", "CONF_STATUS")
"""Columns that an answer may have or not."""

_VALUE = "nullif(nullif(trim(\"OBS_VALUE\"), ''), ':')"  # nothing, or a colon, is no value
_PREPARED = frozenset({"freq", "unit"})  # a selection of these alone is the whole table
_QUEUE_SECONDS = 10.0
_START = 65536
_LONGEST_ROW = 4096
_EXCERPT = 200
_GZIP = b"\x1f\x8b"

logger = logging.getLogger(__name__)


def fetch(
    source: Source, transport: Transport, folder: Path, newest: Vintage | None
) -> Fetched | None:
    """Ask Eurostat for a source; see `forecasting.sources.fetching`.

    Raises
    ------
    InputError
        If there is no answer, or it is not the table asked for as SDMX-CSV; with what to do.
    """
    query = Query(_address(source), PARAMETERS)
    answer = transport.fetch(query, folder / "answer", limits=source.limits, newest=newest)
    if answer is None:
        return None
    answer = _waited_for(answer, source, transport, folder)
    staged = folder / "staged.parquet"
    _stage(answer, source, staged, folder)
    return Fetched(
        staged,
        query.full,
        answer.retrieved,
        answer.sha256,
        answer.etag,
        answer.last_modified,
    )


def _address(source: Source) -> str:
    """Address of a table, with the key of the selection where there is one."""
    for name, codes in source.select.items():
        if name not in source.key and len(codes) != 1:
            raise InputError(
                say("{number} codes of '{name}'", number=len(codes) or say("all"), name=name),
                where=key_place(source.id, "select"),
                expected=say("one code, or '{name}' among the columns of the key", name=name),
            )
    lacking = set(source.key) - set(source.select)
    if lacking:
        raise InputError(
            say("no dimension {names}", names=", ".join(sorted(lacking))),
            where=key_place(source.id, "select"),
            expected=say("all dimensions of the table, in the publisher's order"),
        )
    table = f"{source.address.rstrip('/')}/{source.dataset}"
    if not any(codes for name, codes in source.select.items() if name not in _PREPARED):
        return table
    return f"{table}/{'.'.join('+'.join(codes) for codes in source.select.values())}"


def _waited_for(answer: Answer, source: Source, transport: Transport, folder: Path) -> Answer:
    """Return the answer, or what it says is being prepared once that is there."""
    start = _start(answer.path)
    number = _element(start, "id") if _element(start, "status") else ""
    if not number:
        return answer
    if not re.fullmatch(r"[A-Za-z0-9-]{1,128}", number):
        raise _unreadable(answer, say("a queue number of another form"))
    base = f"{source.address.split('/sdmx/')[0]}/1.0/async"
    until = time.monotonic() + source.limits.minutes * 60
    while (status := _element(start, "status")) in {"SUBMITTED", "PROCESSING"}:
        if time.monotonic() + _QUEUE_SECONDS > until:
            raise InputError(
                say("the publisher is still preparing the answer"),
                where=place(answer.address),
                action=say("try again later, or ask for less under 'select' in the definition"),
            )
        time.sleep(_QUEUE_SECONDS)
        asked = transport.fetch(
            Query(f"{base}/status/{number}"), folder / "status", limits=source.limits
        )
        start = _start(asked.path) if asked else ""
    if status != "AVAILABLE":
        raise InputError(
            say("the publisher gave up preparing the answer: {status}", status=status or "?"),
            where=place(answer.address),
            action=say("try again later; until then the newest vintage held is used"),
        )
    ready = transport.fetch(Query(f"{base}/data/{number}"), folder / "answer", limits=source.limits)
    return replace(cast(Answer, ready), address=answer.address)


def _stage(answer: Answer, source: Source, staged: Path, folder: Path) -> None:
    """Turn the CSV into Parquet, row by row, and hold it against what was asked for."""
    import duckdb

    header = _header(answer, source)
    table = _csv_table(answer.path, header)
    marks = [f"coalesce({quoted(name)}, '')" for name in MARKS if name in header]
    flag = f"trim(concat_ws(' ', {', '.join(marks)}))" if marks else "''"
    asked = _asked(source)
    statement = f"""
        COPY (
            SELECT {columns(source.key)}, "TIME_PERIOD" AS period,
                CASE WHEN {asked} THEN CAST({_VALUE} AS DOUBLE) ELSE error('other') END AS value,
                {flag} AS flag
            FROM {table}
        ) TO {text(staged)} (FORMAT parquet, COMPRESSION zstd)"""  # noqa: S608
    with connect(folder / "spill") as connection:
        try:
            connection.execute(statement)
        except (duckdb.ConversionException, duckdb.InvalidInputException) as problem:
            _explain(connection, answer, source, f"FROM {table} WHERE NOT ({asked})")
            _explain(
                connection,
                answer,
                source,
                f"FROM {table} WHERE TRY_CAST({_VALUE} AS DOUBLE) IS NULL AND {_VALUE} IS NOT NULL",
            )
            raise _unreadable_table(answer, problem) from None
        except duckdb.Error as problem:
            raise _unreadable_table(answer, problem) from None


def _asked(source: Source) -> str:
    """Write the condition that a row is of the table and the codes asked for."""
    tests = [f'contains(upper("DATAFLOW"), {text(f":{source.dataset.upper()}(")})']
    for name, codes in source.select.items():
        if codes:
            tests.append(f"coalesce({quoted(name)}, '') IN ({texts(codes)})")
    return " AND ".join(tests)


def _explain(
    connection: duckdb.DuckDBPyConnection, answer: Answer, source: Source, rest: str
) -> None:
    """Name the first row that is not as asked for, if there is one."""
    import duckdb

    try:
        found = connection.execute(f"SELECT * {rest} LIMIT 1").fetchone()
    except duckdb.Error:
        return
    if not found:
        return
    row = ",".join(str(cell or "") for cell in found)
    wanted = [source.dataset.upper(), *("+".join(codes) or "*" for codes in source.select.values())]
    raise InputError(
        say("a row of something else: {row}", row=row[:_EXCERPT]),
        where=place(answer.address),
        expected=say("{wanted}, and a number as value", wanted=" ".join(wanted)),
        action=say(
            "compare 'dataset' and 'select' in the definition with what the publisher has now"
        ),
    )


def _csv_table(path: Path, header: list[str]) -> str:
    types = ", ".join(f"{text(name)}: 'VARCHAR'" for name in header)
    kind = "gzip" if _is_gzip(path) else "none"
    return (
        f"read_csv({text(path)}, header=true, auto_detect=false, delim=',', quote='\"',"
        f" escape='\"', columns={{{types}}}, compression='{kind}', max_line_size={_LONGEST_ROW},"
        " nullstr='')"
    )


def _header(answer: Answer, source: Source) -> list[str]:
    """Return the columns of the answer if they are those of the table."""
    start = _start(answer.path)
    if not start.strip():
        raise _unreadable(answer, say("an empty answer"))
    if start.lstrip().startswith(("<", "{")):
        raise _unreadable(answer, _markup_words(start))
    header = next(csv.reader([start.splitlines()[0]]))
    needed = [*LEADING, *source.select, "TIME_PERIOD", "OBS_VALUE"]
    missing = [name for name in needed if name not in header]
    other = [name for name in header if name not in {*needed, *MARKS}]
    if missing or other or len(set(header)) != len(header):
        found = say("columns {names}", names=", ".join(header))
        if missing:
            found = say("no column {names}", names=", ".join(missing))
        if other:
            found = say("{found}, unknown column {names}", found=found, names=", ".join(other))
        raise InputError(
            found,
            where=place(answer.address),
            expected=", ".join([*needed, *MARKS]),
            action=say("the publisher has changed the table; adapt 'select' in the definition"),
        )
    return header


def _markup_words(start: str) -> str:
    if fault := _element(start, "faultstring"):
        return say("a fault: {words}", words=fault[:_EXCERPT])
    if re.search(r"<(!doctype\s+html|html)\b", start, re.IGNORECASE):
        return say("a page for a browser (HTML)")
    return say("XML or JSON")


def _element(start: str, name: str) -> str:
    """Text of an element of a short XML answer; names of spaces do not count."""
    if not start.lstrip().startswith("<"):
        return ""
    found = re.search(rf"<(?:[\w-]+:)?{name}[^>]*>([^<]*)<", start)
    return found[1].strip() if found else ""


def _unreadable(answer: Answer, found: str) -> InputError:
    return InputError(
        found,
        where=place(answer.address),
        expected=say("a table as SDMX-CSV"),
        action=say("try again later; until then the newest vintage held is used"),
    )


def _unreadable_table(answer: Answer, problem: Exception) -> InputError:
    logger.info("%s: %s", place(answer.address), problem)
    return _unreadable(answer, say("cannot be read as CSV"))


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _GZIP


def _start(path: Path) -> str:
    """Return the first characters of an answer, decompressed."""
    with path.open("rb") as file:
        try:
            content = gzip.GzipFile(fileobj=file) if _is_gzip(path) else file
            return content.read(_START).decode("utf-8", errors="replace")
        except (OSError, EOFError):
            return ""
