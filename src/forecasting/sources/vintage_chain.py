"""Vintages as their files say, each checked against its name and against the one before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.vintage_files import (
    VintageFile,
    check_name,
    damaged,
    vintage_id,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = 1
"""Version of the layout of vintages that this version of the suite writes and reads."""


@dataclass(frozen=True)
class Vintage:
    """A table as it was known at one retrieval.

    Attributes
    ----------
    source_id : str
    number : int
        Order of the vintages of a source, from 1.
    retrieved, known : datetime.datetime
        When it was retrieved, in UTC; and the latest retrieval up to this number, which a clock
        set back does not turn back.
    path : pathlib.Path
        Its file.
    sha256 : str
        Of the file.
    publisher, dataset, address : str
        Who published it under which code, and where it was retrieved.
    answer_sha256, etag, last_modified : str
        Of the publisher's answer.
    whole : bool
        Whether the file holds every cell, or those that are new or changed.
    cells : int
        Cells that were new, changed or gone.
    previous : str
        SHA-256 of the file before; empty in the first.
    key : tuple of str
        Columns that together with the period name a cell.
    """

    source_id: str
    number: int
    retrieved: dt.datetime
    known: dt.datetime
    path: Path
    sha256: str
    publisher: str
    dataset: str
    address: str
    answer_sha256: str
    etag: str
    last_modified: str
    whole: bool
    cells: int
    previous: str
    key: tuple[str, ...]

    @property
    def id(self) -> str:
        """Number and time of retrieval, as the name of the file begins."""
        return vintage_id(self.number, self.retrieved)

    @property
    def day(self) -> dt.date:
        """Day as of which its figures are known, in UTC."""
        return self.known.date()


class NewerSchemaError(InputError):
    """A vintage was written by a newer version of the suite: not damaged, and not to be touched."""


def choose_vintage(vintages: Sequence[Vintage], text: str, *, source_id: str) -> Vintage:
    """Return the vintage that a user means.

    Parameters
    ----------
    vintages : sequence of Vintage
        In their order.
    text : str
        A number, an id, or a day ``YYYY-MM-DD``: the newest vintage known by its end, in UTC.
    source_id : str
        Named in the message.

    Raises
    ------
    InputError
        If there is none.
    """
    try:
        day = dt.date.fromisoformat(text) if "-" in text else None
    except ValueError:
        day = None
    found = [
        each
        for each in vintages
        if (each.day <= day if day else text == each.id or text.lstrip("0") == str(each.number))
    ]
    if not found:
        raise InputError(
            say("no vintage '{text}' of {source}", text=text, source=source_id),
            expected=say("a number, an id, or a day such as {day}", day=vintages[-1].day)
            if vintages
            else say("a source of which vintages are held"),
            action=say("see {command}", command=f"forecasting data list {source_id}"),
        )
    return found[-1]


def open_vintage(connection: DuckDBPyConnection, source_id: str, file: VintageFile) -> Vintage:
    """Read what the file of a vintage says of itself.

    Raises
    ------
    NewerSchemaError
        If a newer version of the suite has written it.
    InputError
        If its content is not what its name says, or it is no vintage of this source and number.
    """
    import duckdb

    from forecasting.sources.vintage_queries import read_metadata

    sha256 = check_name(file.path)
    try:
        said = read_metadata(connection, file.path)
    except duckdb.Error as problem:
        raise damaged(file.path, say("cannot be read as Parquet")) from problem
    if said.get("schema", "").isdecimal() and int(said["schema"]) > SCHEMA:
        raise NewerSchemaError(
            say("written by a newer version of the suite: layout {n}", n=said["schema"]),
            where=str(file.path),
            expected=say("layout {n} or older", n=SCHEMA),
            action=say("install the newer version"),
        )
    own = {"schema": str(SCHEMA), "source": source_id, "number": str(file.number)}
    for name, expected in own.items():
        if said.get(name) != expected:
            words = say(
                "{name} '{found}', not '{expected}'",
                name=name,
                found=said.get(name),
                expected=expected,
            )
            raise damaged(file.path, words)
    texts = ("publisher", "dataset", "address", "answer_sha256", "etag", "last_modified")
    return Vintage(
        source_id=source_id,
        number=file.number,
        retrieved=file.retrieved,
        known=file.known,
        path=file.path,
        sha256=sha256,
        whole=said["whole"] == "true",
        cells=int(said["cells"]),
        previous=said["previous"],
        key=tuple(said["key"].split(",")),
        **{name: said[name] for name in texts},
    )


def refuse_broken(before: Vintage | None, after: Vintage) -> None:
    """Raise an `InputError` unless a vintage is whole or builds on the one before it."""
    if after.whole or (before is not None and before.sha256 == after.previous):
        return
    raise damaged(
        after.path,
        say("the vintage that it builds on, number {n}, is not there", n=after.number - 1),
    )


def open_all(
    connection: DuckDBPyConnection, source_id: str, files: Sequence[VintageFile]
) -> list[Vintage]:
    """Open the vintages of a source, each checked against the one before."""
    opened: list[Vintage] = []
    for file in files:
        vintage = open_vintage(connection, source_id, file)
        refuse_broken(opened[-1] if opened else None, vintage)
        opened.append(vintage)
    return opened


def open_state(
    connection: DuckDBPyConnection, source_id: str, files: Sequence[VintageFile]
) -> list[Vintage]:
    """Open the vintages that make the state after the last of some files: the first is whole.

    Raises
    ------
    InputError
        If one of them is damaged, missing, or was set aside.
    """
    opened: list[Vintage] = []
    for file in reversed(files):
        if file.lost and not opened:
            raise damaged(file.path, say("this vintage was damaged and set aside"))
        if file.lost:
            continue
        vintage = open_vintage(connection, source_id, file)
        if opened:
            refuse_broken(vintage, opened[0])
        opened.insert(0, vintage)
        if vintage.whole:
            return opened
    refuse_broken(None, opened[0])
    return opened
