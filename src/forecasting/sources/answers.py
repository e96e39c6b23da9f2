"""What every answer of a publisher must stand before the store takes it; refused whole or taken.

An answer is compared with the cells held, which are those of the newest vintage, or of the file
that ships with the suite where there is no vintage yet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages.messages import say, say_n
from forecasting.sources.definitions import Source
from forecasting.sources.reference import SHAPES, load_manifest
from forecasting.sources.sql import columns, quoted, text
from forecasting.sources.vintage_queries import connect, files_sql

if TYPE_CHECKING:
    import duckdb

    from forecasting.sources.store import Vintage

PERIODS = {
    "M": (r"\d{4}-(0[1-9]|1[0-2])", "YYYY-MM"),
    "Q": (r"\d{4}-Q[1-4]", "YYYY-Qn"),
    "Y": (r"\d{4}", "YYYY"),
}
"""How a period is written, by frequency."""

THOUSAND = 1000.0
_NEAR = 2.0  # times: a median ratio between 1/2000 and 1/500, or between 500 and 2000, is a shift
_FEWEST = 3  # cells to compare before a shift is claimed
_SAMPLE = 200_000  # cells compared, about; of a long table every n-th
_FEW_HELD = 20  # cells held, below which their number says nothing


def check_answer(staged: Path, source: Source, held: Sequence[Vintage], folder: Path) -> None:
    """Refuse an answer that is not what the source has been so far.

    Parameters
    ----------
    staged : pathlib.Path
        See `forecasting.sources.fetching.Fetched`.
    source : Source
    held : sequence of Vintage
        The vintages held, in their order; none at first.
    folder : pathlib.Path
        For temporary files.

    Raises
    ------
    InputError
        If it is empty, too long, has a period of another form, a code that is not known or a value
        that cannot be, lacks a code or many cells of those held, or is a thousand times as high or
        low. A cell that stands twice is found by the store.
    """
    with connect(folder / "spill") as connection:
        connection.execute(f"CREATE VIEW answer AS SELECT * FROM {_table(staged)}")  # noqa: S608
        number = _count(connection, source)
        _check_periods(connection, source)
        _check_codes(connection, source)
        _check_values(connection, source)
        if _view_held(connection, source, held):
            _check_vanished(connection, source)
            _check_number(connection, source, number)
            _check_level(connection, source, number)


def _count(connection: duckdb.DuckDBPyConnection, source: Source) -> int:
    number = int(_one(connection, "SELECT count(*) FROM answer"))
    if not number or not _one(connection, "SELECT count(value) FROM answer"):
        raise InputError(
            say("an answer without figures"),
            where=source.id,
            action=say("try again later, or compare 'select' in the definition with the publisher"),
        )
    if number > source.limits.rows:
        raise InputError(
            say_n("{n} cell", "{n} cells", number),
            where=source.id,
            expected=say("at most {number}", number=source.limits.rows),
            action=say("ask for less under 'select', or raise 'limits' in the definition"),
        )
    return number


def _check_periods(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    pattern, words = PERIODS[source.frequency]
    for period in _distinct(connection, "answer", "period"):
        if not re.fullmatch(pattern, period):
            raise InputError(say("period '{text}'", text=period), where=source.id, expected=words)


def _check_codes(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    for column in source.key:
        known = source.codes.get(column) or source.select.get(column)
        found = _distinct(connection, "answer", column)
        strange = sorted(found - set(known)) if known else sorted(found & {""})
        if strange:
            raise InputError(
                say("code '{code}' in the column '{column}'", code=strange[0], column=column),
                where=source.id,
                expected=", ".join(known or ()) or say("a code"),
                action=say(
                    "if the publisher has a new code, add it to the definition of the source"
                ),
            )


def _check_values(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    lowest = "value < 0 OR" if source.unit == "persons" else ""
    named = columns([*source.key, "period", "value"])
    found = connection.execute(
        f"SELECT {named} FROM answer WHERE {lowest} NOT isfinite(value) LIMIT 1"  # noqa: S608
    ).fetchone()
    if found:
        raise InputError(
            say("value {value}", value=found[-1]),
            where=_cell(source, found[:-1]),
            expected=say("a finite number, of persons 0 or more"),
        )


def _view_held(
    connection: duckdb.DuckDBPyConnection, source: Source, held: Sequence[Vintage]
) -> bool:
    """Make the view `held` of the cells held: key, period, value and the number of the vintage."""
    if held:
        since = max((at for at, each in enumerate(held) if each.whole), default=0)
        key = columns([*source.key, "period"])
        parts = [
            f"SELECT {key}, value, {each.number} AS number FROM {_table(each.path)}"  # noqa: S608
            for each in held[since:]
        ]
    else:
        parts = list(_shipped(source))
    if parts:
        connection.execute(f"CREATE VIEW held AS {' UNION ALL '.join(parts)}")
    return bool(parts)


def _shipped(source: Source) -> list[str]:
    """Select the cells of the reference files that a source continues."""
    datasets = load_manifest()
    parts = []
    for feed in source.feeds:
        dataset = datasets.get(feed.dataset)
        if dataset is None or dataset.path.suffix != ".csv":
            continue
        series, period, value = SHAPES[dataset.shape]
        others = "".join(f", {text(code)} AS {quoted(name)}" for name, code in feed.where.items())
        table = f"read_csv({text(dataset.path)}, header=true, all_varchar=true)"
        parts.append(
            f"SELECT {quoted(series)} AS {quoted(feed.series)}{others}, {quoted(period)} AS period,"  # noqa: S608
            f" CAST({quoted(value)} AS DOUBLE) AS value, 0 AS number FROM {table}"
        )
    if parts:
        named = columns([*source.key, "period", "value", "number"])
        parts = [f"SELECT {named} FROM ({part})" for part in parts]  # noqa: S608
    return parts


def _check_vanished(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    for column in source.key:
        before = _distinct(connection, "held", column, "value IS NOT NULL")
        now = _distinct(connection, "answer", column, "value IS NOT NULL")
        gone = sorted(before - now - set(source.dropped.get(column, ())))
        if gone:
            raise InputError(
                say("no figures any more for {column} {codes}", column=column, codes=_few(gone)),
                where=source.id,
                expected=say("every code that the vintages held have"),
                action=say(
                    "if the publisher has dropped it, name it under 'dropped' in the definition"
                ),
            )


def _check_number(connection: duckdb.DuckDBPyConnection, source: Source, number: int) -> None:
    """Compare with the cells of the longest vintage held, which each cell is in at most once."""
    before = int(
        _one(connection, "SELECT max(n) FROM (SELECT count(value) AS n FROM held GROUP BY number)")
        or 0
    )
    if before >= _FEW_HELD and number < source.limits.least_share * before:
        raise InputError(
            say_n("{n} cell", "{n} cells", number),
            where=source.id,
            expected=say("about as many as held, {number} or more", number=before),
            action=say(
                "if the publisher has shortened the table, lower 'least_share' under 'limits'"
            ),
        )


def _check_level(connection: duckdb.DuckDBPyConnection, source: Source, number: int) -> None:
    """Refuse figures a thousand times as high or low as those held, code by code."""
    first, key = quoted(source.key[0]), columns([*source.key, "period"])
    every = max(1, number // _SAMPLE)
    sample = f"hash({key}) % {every} = 0" if every > 1 else "true"
    rows = connection.execute(
        f"""
        SELECT a.{first}, median(a.value / h.value) AS ratio,
            arg_min(struct_pack(period := a.period, before := h.value, now := a.value), a.period)
        FROM (SELECT * FROM answer WHERE value IS NOT NULL AND {sample}) a
        JOIN (
            SELECT {key}, arg_max(value, number) AS value FROM held WHERE {sample} GROUP BY ALL
        ) h USING ({key})
        WHERE h.value >= 1 AND a.value > 0
        GROUP BY a.{first} HAVING count(*) >= {_FEWEST} ORDER BY a.{first}
        """  # noqa: S608
    ).fetchall()
    for code, ratio, cell in rows:
        shift = ratio if ratio > 1 else 1 / ratio
        if THOUSAND / _NEAR <= shift <= THOUSAND * _NEAR:
            raise InputError(
                say(
                    "figures of another size: {code}, {period}: {before} -> {now}",
                    code=code,
                    period=cell["period"],
                    before=f"{cell['before']:g}",
                    now=f"{cell['now']:g}",
                ),
                where=source.id,
                expected=say("{unit}, not thousands or thousandths", unit=source.unit),
                action=say("if the publisher now counts in another unit, define a source for it"),
            )


def _table(path: Path) -> str:
    return f"read_parquet({files_sql([path])}, hive_partitioning=false)"


def _distinct(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, where: str = "true"
) -> set[str]:
    rows = connection.execute(
        f"SELECT DISTINCT {quoted(column)} FROM {table} WHERE {where}"  # noqa: S608
    ).fetchall()
    return {row[0] or "" for row in rows}


def _one(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return row[0] if row else 0


def _cell(source: Source, values: Sequence[object]) -> str:
    return f"{source.id}, {' '.join(map(str, values))}"


def _few(codes: Sequence[str]) -> str:
    return ", ".join([*codes[:5], *(["..."] if len(codes) > 5 else [])])
