"""Appending an answer to the vintages of a source, and setting aside what is damaged."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError, OutputError
from forecasting.languages.messages import say
from forecasting.sources import vintage_queries as queries
from forecasting.sources.vintage_chain import (
    SCHEMA,
    NewerSchemaError,
    Vintage,
    open_vintage,
    refuse_broken,
)
from forecasting.sources.vintage_files import (
    foreign_files,
    list_files,
    locked_folder,
    number_of,
    publish,
    set_aside,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from forecasting.sources.definitions import Source
    from forecasting.sources.fetching import Fetched

MOST_CHANGES = 100
"""Files of changes after which everything is written once more, so that reading stays quick."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Held:
    """What a folder holds before something is appended.

    Attributes
    ----------
    state : tuple of Vintage
        Those that make the newest state that can be read; the first is whole.
    bad : tuple of pathlib.Path
        Files to be set aside.
    last : int
        Highest number that any vintage has had.
    """

    state: tuple[Vintage, ...]
    bad: tuple[Path, ...]
    last: int

    @property
    def is_newest(self) -> bool:
        """Whether the state is that of the last vintage."""
        return bool(self.state) and self.state[-1].number == self.last


def append_answer(source: Source, fetched: Fetched, folder: Path) -> Vintage | None:
    """Append what an answer changes; see `forecasting.sources.store.Store.append`."""
    import duckdb

    with locked_folder(folder) as temporary, queries.connect(temporary / "spill") as connection:
        held = _take_stock(connection, source.id, folder)
        try:
            written = _write(connection, source, fetched, held, temporary)
        except duckdb.Error as problem:
            raise OutputError(
                say("{place} cannot be written: {words}", place=folder, words=problem)
            ) from problem
        if written is not None:
            publish(written, folder, held.last + 1, _retrieved(fetched))
        for path in held.bad:
            words = say("{path}: damaged, now {target}", path=path, target=set_aside(path))
            logger.warning("%s", words)
        if written is None:
            return None
        return open_vintage(connection, source.id, list_files(folder)[-1])


def _take_stock(connection: DuckDBPyConnection, source_id: str, folder: Path) -> _Held:
    """Tell the vintages that can be used from those that cannot."""
    files, bad = list_files(folder), foreign_files(folder)
    sound: list[Vintage] = []
    for file in files:
        if file.lost:
            continue
        try:
            vintage = open_vintage(connection, source_id, file)
            refuse_broken(sound[-1] if sound else None, vintage)
        except NewerSchemaError:
            raise
        except InputError:
            bad.append(file.path)
            continue
        sound = [vintage] if vintage.whole else [*sound, vintage]
    last = max([0, *(file.number for file in files), *map(number_of, bad)])
    return _Held(tuple(sound), tuple(bad), last)


def _write(
    connection: DuckDBPyConnection,
    source: Source,
    fetched: Fetched,
    held: _Held,
    temporary: Path,
) -> Path | None:
    """Write a vintage to a temporary file; None if nothing has changed."""
    if held.state and set(held.state[-1].key) != set(source.key):
        raise InputError(
            say("key columns {names}", names=", ".join(source.key)),
            where=source.id,
            expected=say("{names}, as held", names=", ".join(held.state[-1].key)),
            action=say("give the changed source another name"),
        )
    task = queries.Comparison(
        staged=fetched.staged,
        state=tuple(vintage.path for vintage in held.state),
        key=source.key,
        span=queries.check_staged(connection, fetched.staged, source.key),
        whole=False,
        asks_all=source.client != "file",
    )
    parts = queries.write_parts(connection, task, temporary / "changes")
    cells = queries.count_rows(connection, parts)
    if not cells and held.is_newest:
        return None
    whole = not held.is_newest or len(held.state) > MOST_CHANGES
    if whole and held.state:
        parts = queries.write_parts(connection, task.everything(), temporary / "whole")
    metadata = _metadata(source, fetched, held) | {"whole": str(whole).lower(), "cells": str(cells)}
    target = temporary / "vintage.parquet"
    queries.merge_parts(connection, parts, metadata, target)
    return target


def _metadata(source: Source, fetched: Fetched, held: _Held) -> dict[str, str]:
    return {
        "schema": str(SCHEMA),
        "source": source.id,
        "number": str(held.last + 1),
        "publisher": source.publisher,
        "dataset": source.dataset,
        "address": fetched.address,
        "retrieved": _retrieved(fetched).isoformat(),
        "answer_sha256": fetched.answer_sha256,
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "previous": held.state[-1].sha256 if held.state else "",
        "key": ",".join(source.key),
    }


def _retrieved(fetched: Fetched) -> dt.datetime:
    return fetched.retrieved.astimezone(dt.UTC).replace(microsecond=0)
