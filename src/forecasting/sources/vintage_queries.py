"""What is asked of the Parquet files of vintages, through DuckDB within a limit of memory.

A state is the last value of each cell over a run of files that begins with a whole one. A new
answer is held against it in batches of neighbouring cells, so that a table of any size takes the
same memory.
"""

# ruff: noqa: S608 - columns and files cannot be parameters; `sql` quotes them, codes are parameters

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.sql import columns, quoted, text, texts

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

REMOVED = "removed"
"""Flag of a cell that the publisher no longer has."""

MEMORY_LIMIT = "160MB"
BATCH_ROWS = 500_000
"""Cells that are compared at once."""

_VALUE = "nullif(CAST(value AS DOUBLE), 'nan'::DOUBLE)"


@dataclass(frozen=True)
class Comparison:
    """What is to be compared: an answer, and the state that it may change.

    Attributes
    ----------
    staged : pathlib.Path
        The answer as one Parquet file.
    state : tuple of pathlib.Path
        Files that make the state before; empty if there is none.
    key : tuple of str
        Columns that together with the period name a cell.
    span : tuple of str
        First and last period of the answer.
    whole : bool
        Whether everything known is written, or only what changed.
    asks_all : bool
        Whether a series that the answer does not name at all has gone.
    """

    staged: Path
    state: tuple[Path, ...]
    key: tuple[str, ...]
    span: tuple[str, str]
    whole: bool
    asks_all: bool

    def everything(self) -> Comparison:
        """Return the same, to write everything known."""
        return replace(self, whole=True)


@contextmanager
def connect(temporary: Path) -> Iterator[DuckDBPyConnection]:
    """Open DuckDB in memory; what does not fit goes to a folder, made if need be."""
    import duckdb

    settings: dict[str, Any] = {
        "memory_limit": MEMORY_LIMIT,
        "threads": 2,
        "temp_directory": str(temporary),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(config=settings)
    try:
        yield connection
    finally:
        connection.close()


def read_metadata(connection: DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Return what a file says of itself.

    Raises
    ------
    duckdb.Error
        If it cannot be read as Parquet.
    """
    query = f"SELECT decode(key), decode(value) FROM parquet_kv_metadata({files_sql([path])})"
    return dict(connection.execute(query).fetchall())


def files_sql(paths: Sequence[Path]) -> str:
    """Write file names for DuckDB, for which ``* ? [`` would stand for many names."""
    names = (re.sub(r"([*?\[])", r"[\1]", str(path)) for path in paths)
    return f"[{texts(names)}]"


def _table(paths: Sequence[Path]) -> str:
    options = "filename=true, hive_partitioning=false, union_by_name=true"
    return f"read_parquet({files_sql(paths)}, {options})"


def state_sql(paths: Sequence[Path], key: Sequence[str], condition: str = "true") -> str:
    """Write the query for the cells that stand after the last of some files, the first whole."""
    cell = columns([*key, "period"])
    if len(paths) == 1:
        return (
            f"SELECT {cell}, value, flag FROM {_table(paths)} "
            f"WHERE ({condition}) AND flag <> '{REMOVED}'"
        )
    last = (
        f"SELECT {cell}, arg_max({{'value': value, 'flag': flag}}, filename) AS newest "
        f"FROM {_table(paths)} WHERE {condition} GROUP BY {cell}"
    )
    return (
        f"SELECT {cell}, newest.value AS value, newest.flag AS flag FROM ({last}) "
        f"WHERE newest.flag <> '{REMOVED}'"
    )


def where_sql(where: Mapping[str, str], key: Sequence[str], *, place: str) -> tuple[str, list[str]]:
    """Write a condition on key columns, and the values of its parameters."""
    for name in where:
        if name not in key:
            raise InputError(
                say("column '{name}'", name=name), where=place, expected=", ".join(key)
            )
    return " AND ".join([f"{quoted(name)} = ?" for name in where] or ["true"]), list(where.values())


def cells_frame(
    connection: DuckDBPyConnection,
    paths: Sequence[Path],
    key: Sequence[str],
    where: Mapping[str, str],
) -> pd.DataFrame:
    """Return the cells of a state: the key, ``period``, ``value``, ``flag``; sorted."""
    condition, values = where_sql(where, key, place=str(paths[-1]))
    cell = columns([*key, "period"])
    query = f"{state_sql(paths, key, condition)} ORDER BY {cell}"
    return _frame(connection, query, values)


def revisions_frame(
    connection: DuckDBPyConnection, old: Sequence[Path], new: Sequence[Path], key: Sequence[str]
) -> pd.DataFrame:
    """Return the cells whose value differs between two states: the key, ``period``, old, new."""
    cell = columns([*key, "period"])
    touched = "true"
    if old[0] == new[0]:  # both go back to the same whole file: only what came after can differ
        later = sorted({*old, *new} - {old[0]}) or [old[0]]
        touched = f"({cell}) IN (SELECT ({cell}) FROM {_table(later)})"
    queries = [
        f"SELECT {cell}, value FROM ({state_sql(paths, key, touched)})" for paths in (old, new)
    ]
    query = (
        f"SELECT {cell}, o.value AS old, n.value AS new "
        f"FROM ({queries[0]}) o FULL JOIN ({queries[1]}) n USING ({cell}) "
        f"WHERE o.value IS DISTINCT FROM n.value ORDER BY {cell}"
    )
    return _frame(connection, query, [])


def history_frame(
    connection: DuckDBPyConnection,
    paths: Sequence[Path],
    key: Sequence[str],
    where: Mapping[str, str],
) -> pd.DataFrame:
    """Return every row of every file: ``filename``, the key, ``period``, ``value``."""
    condition, values = where_sql(where, key, place=str(paths[-1]))
    cell = columns([*key, "period"])
    query = (
        f"SELECT filename, {cell}, value FROM {_table(paths)} "
        f"WHERE ({condition}) AND value IS NOT NULL ORDER BY {cell}, filename"
    )
    return _frame(connection, query, values)


def _frame(connection: DuckDBPyConnection, query: str, values: Sequence[str]) -> pd.DataFrame:
    found: pd.DataFrame = connection.execute(query, list(values)).df()
    return found


def check_staged(
    connection: DuckDBPyConnection, staged: Path, key: Sequence[str]
) -> tuple[str, str]:
    """Return the first and last period of an answer.

    Raises
    ------
    InputError
        If it is empty, or a cell lacks a part of its name.
    """
    empty = " OR ".join(f"{quoted(name)} IS NULL" for name in (*key, "period"))
    query = f"SELECT count(*), min(period), max(period), count_if({empty}) FROM {_table([staged])}"
    rows, first, last, nameless = connection.execute(query).fetchall()[0]
    if not rows:
        raise InputError(say("an answer without figures"), where=str(staged))
    if nameless:
        raise InputError(
            say("a figure without {names}", names=", ".join([*key, "period"])), where=str(staged)
        )
    return str(first), str(last)


def batches(connection: DuckDBPyConnection, task: Comparison) -> tuple[str, list[str]]:
    """Divide the cells of an answer and a state into batches that fit into memory.

    Returns
    -------
    str
        The key column by which they are divided.
    list of str
        Conditions, each true for neighbouring values of that column, together for all.
    """
    tables = [_table([task.staged]), *([_table(task.state)] if task.state else [])]
    counted: dict[str, list[tuple[str, int]]] = {}
    for name in task.key:
        both = " UNION ALL ".join(f"SELECT {quoted(name)} FROM {table}" for table in tables)
        query = f"SELECT *, count(*) FROM ({both}) GROUP BY 1 ORDER BY 1"
        counted[name] = connection.execute(query).fetchall()
        if max(count for _, count in counted[name]) <= BATCH_ROWS:
            break
    column = min(counted, key=lambda name: max(count for _, count in counted[name]))
    groups: list[list[str]] = []
    size = 0
    for value, count in counted[column]:
        if not groups or size + count > BATCH_ROWS:
            groups.append([])
            size = 0
        groups[-1].append(value)
        size += count
    return column, [
        f'"{column}" BETWEEN {text(group[0])} AND {text(group[-1])}' for group in groups
    ]


def write_parts(connection: DuckDBPyConnection, task: Comparison, folder: Path) -> list[Path]:
    """Write the cells that are new, changed or gone, or all, to files in the order of the cells.

    Raises
    ------
    InputError
        If a cell stands twice in the answer.
    """
    folder.mkdir()
    column, conditions = batches(connection, task)
    order = columns(list(dict.fromkeys((column, *task.key, "period"))))
    parts = []
    for number, condition in enumerate(conditions):
        parts.append(folder / f"{number:06d}.parquet")
        _make_answer(connection, task, condition)
        query = f"{_changes_sql(task, condition)} ORDER BY {order}"
        connection.execute(f"COPY ({query}) TO {text(str(parts[-1]))} (FORMAT parquet)")
    return parts


def _make_answer(connection: DuckDBPyConnection, task: Comparison, condition: str) -> None:
    """Take a batch of the answer into memory; a cell that stands twice is refused."""
    cell = columns([*task.key, "period"])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE answer AS SELECT {cell}, {_VALUE} AS value, "
        f"coalesce(flag, '') AS flag FROM {_table([task.staged])} WHERE {condition}"
    )
    query = f"SELECT {cell} FROM answer GROUP BY {cell} HAVING count(*) > 1 LIMIT 1"
    for found in connection.execute(query).fetchall():
        raise InputError(
            say("the figure of {names} stands twice", names=", ".join(found)),
            where=str(task.staged),
            expected=say("one figure for each cell"),
        )


def count_rows(connection: DuckDBPyConnection, paths: Sequence[Path]) -> int:
    """Count the rows of some files."""
    query = f"SELECT sum(num_rows) FROM parquet_file_metadata({files_sql(paths)})"
    return int(connection.execute(query).fetchall()[0][0])


def _changes_sql(task: Comparison, condition: str) -> str:
    """Write the query for what an answer (``n``) changes in the state before (``o``)."""
    if not task.state:
        return "SELECT * FROM answer"
    key, cell = columns(task.key), columns([*task.key, "period"])
    first, last = map(text, task.span)
    gone = f"period BETWEEN {first} AND {last}"
    if not task.asks_all:
        gone += f" AND ({key}) IN (SELECT ({key}) FROM answer)"
    both = f"answer n FULL JOIN ({state_sql(task.state, task.key, condition)}) o USING ({cell})"
    if task.whole:
        return (
            f"SELECT {cell}, CASE WHEN n.flag IS NULL THEN o.value ELSE n.value END AS value, "
            f"coalesce(n.flag, o.flag) AS flag FROM {both} WHERE n.flag IS NOT NULL OR NOT ({gone})"
        )
    return (
        f"SELECT {cell}, n.value AS value, coalesce(n.flag, '{REMOVED}') AS flag FROM {both} "
        f"WHERE CASE WHEN n.flag IS NULL THEN {gone} ELSE o.flag IS NULL "
        "OR n.value IS DISTINCT FROM o.value OR n.flag <> o.flag END"
    )


def merge_parts(
    connection: DuckDBPyConnection, parts: Sequence[Path], metadata: Mapping[str, str], target: Path
) -> None:
    """Write parts one after the other into one file, with what it says of itself."""
    pairs = ", ".join(f"{columns([key])}: {text(value)}" for key, value in metadata.items())
    connection.execute(
        f"COPY (SELECT * EXCLUDE filename FROM {_table(parts)}) TO {text(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{pairs}}})"
    )
