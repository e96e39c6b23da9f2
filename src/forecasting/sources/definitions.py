"""Definitions of sources: what to ask which publisher for, ``data/sources/*.yaml``."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt, StrictStr

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say
from forecasting.languages.texts import in_every_language
from forecasting.locations import data_dir, store_dir
from forecasting.names import is_plain_name
from forecasting.schemas import Strict, key_place, validate
from forecasting.sources.addresses import check_address
from forecasting.sources.yaml_files import read_yaml

FOLDER = "sources"
"""Of the definitions that ship, in ``data``, and of imported ones, in the store."""

ENDINGS = (".yaml", ".yml")
RESERVED = ("period", "value", "flag")
"""Columns that every vintage has beside its key."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")

Text = Annotated[StrictStr, Field(min_length=1)]
Codes = Annotated[tuple[Text, ...], Field(min_length=1)]


class Feed(Strict):
    """Which cells of a source are a data set of the reference figures.

    Attributes
    ----------
    dataset : str
        Its name in ``data/reference/manifest.yaml``.
    where : mapping of str to str
        The code of each key column but `series`.
    series : str, default "geo"
        The key column that names the series.
    """

    dataset: Text
    where: dict[StrictStr, Text] = Field(default_factory=dict)
    series: Text = "geo"


class Limits(Strict):
    """What an answer may be; beyond it is refused.

    Attributes
    ----------
    megabytes : int
        Largest answer, as it is sent.
    rows : int
        Most cells.
    minutes : int
        Longest time for one answer, with all repetitions of the request.
    least_share : float
        Least share of the cells held that an answer must still have.
    """

    megabytes: Annotated[StrictInt, Field(ge=1)] = 64
    rows: Annotated[StrictInt, Field(ge=1)] = 2_000_000
    minutes: Annotated[StrictInt, Field(ge=1)] = 10
    least_share: Annotated[StrictFloat, Field(ge=0, le=1)] = 0.9


class SourceFile(Strict):
    """The keys of a definition."""

    title: dict[StrictStr, Text] | Text
    publisher: Text
    dataset: Text
    client: Literal["eurostat", "unhcr", "pxweb", "frontex", "file"]
    address: StrictStr = ""
    licence: Text
    key: Codes
    frequency: Literal["M", "Q", "Y"]
    unit: Text
    kind: Literal["flow", "stock"]
    select: dict[StrictStr, tuple[Text, ...]] = Field(default_factory=dict)
    codes: dict[StrictStr, Codes] = Field(default_factory=dict)
    dropped: dict[StrictStr, Codes] = Field(default_factory=dict)
    columns: dict[StrictStr, Text] = Field(default_factory=dict)
    query: dict[StrictStr, Text] = Field(default_factory=dict)
    feeds: tuple[Feed, ...] = ()
    limits: Limits = Limits()
    note: StrictStr = ""


class Source(SourceFile):
    """What to ask a publisher for, and what the answer must look like.

    Attributes
    ----------
    id : str
        Stem of the file: lower-case letters, digits and hyphens.
    title : mapping of str to str
        What it is, in every language.
    publisher, dataset, licence, unit : str
        Who publishes it under which code, with which right to reuse, in which unit.
    client : {"eurostat", "unhcr", "pxweb", "frontex", "file"}
        Which interface the publisher has.
    address : str
        Where it answers; empty for files handed in.
    key : tuple of str
        Columns that together with the period name a cell.
    frequency : {"M", "Q", "Y"}
    kind : {"flow", "stock"}
    select : mapping of str to tuple of str
        The publisher's dimensions in the publisher's order, each with the codes asked for; none
        asks for all of them.
    codes : mapping of str to tuple of str
        Codes a key column may have; a key column that is not named may have any.
    dropped : mapping of str to tuple of str
        Codes that the publisher no longer has, so that their absence is no fault.
    columns : mapping of str to str
        The publisher's name of a column where it differs from ours.
    query : mapping of str to str
        Further parameters of the request.
    feeds : tuple of Feed
        Data sets of the reference figures that its cells continue.
    limits : Limits
    note : str
        What a reader must know.
    """

    id: Text
    title: dict[str, str]


def source_names() -> list[str]:
    """Return the names of the sources that ship with the suite."""
    return sorted(file.stem for file in (data_dir() / FOLDER).glob("*.yaml"))


def load_source(name_or_file: str | Path) -> Source:
    """Read the definition of a source.

    Parameters
    ----------
    name_or_file : str or pathlib.Path
        Name in ``data/sources``, or a YAML file of one's own.

    Raises
    ------
    InputError
        Naming file, key, what was found and what was expected.
    """
    path = _find(str(name_or_file))
    if not _ID.fullmatch(path.stem):
        raise InputError(
            say("file name '{name}'", name=path.name),
            where=str(path),
            expected=say("lower-case letters, digits and hyphens, such as my-source.yaml"),
        )
    source = build_source(read_yaml(path), path)
    _check(source, path)
    return source


def load_askable(name_or_file: str | Path) -> Source:
    """Read the definition of a source that is asked over the network; see `load_source`.

    Raises
    ------
    InputError
        If it cannot be read, or its figures are handed in as a file.
    """
    source = load_source(name_or_file)
    if source.client == "file":
        raise InputError(
            say("source '{name}' is handed in as a file", name=source.id),
            expected=one_of(source_names()),
            action=say("use {command}", command="forecasting data import"),
        )
    return source


def find_source(source_id: str) -> Source | None:
    """Return the definition of what the store holds: shipped, imported, or none that is known."""
    files = (folder / FOLDER / f"{source_id}.yaml" for folder in (data_dir(), store_dir()))
    found = next((file for file in files if file.is_file()), None)
    return None if found is None else load_source(found)


def build_source(content: object, path: Path) -> Source:
    """Make a source of the content of its file."""
    file = validate(SourceFile, _as_written(content), path, of=say("a source"))
    fields = {name: getattr(file, name) for name in type(file).model_fields}
    fields["title"] = in_every_language(file.title, key_place(path, "title"))
    return Source(id=path.stem, **fields)


def source_feeding(dataset: str) -> tuple[Source, Feed] | None:
    """Return the source that continues a data set of the reference figures, if there is one.

    One that was imported, whose definition stands in the store, goes before one that ships.

    Parameters
    ----------
    dataset : str
        Name in ``data/reference/manifest.yaml``.
    """
    imported = _feeds(store_dir() / FOLDER)
    return imported.get(dataset) or _shipped_feeds(data_dir() / FOLDER).get(dataset)


@lru_cache(maxsize=2)
def _shipped_feeds(folder: Path) -> dict[str, tuple[Source, Feed]]:
    return _feeds(folder)


def _feeds(folder: Path) -> dict[str, tuple[Source, Feed]]:
    sources = [load_source(file) for file in sorted(folder.glob("*.yaml"))]
    return {feed.dataset: (source, feed) for source in sources for feed in source.feeds}


def _as_written(content: object) -> Any:
    """Undo what YAML 1.1 makes of the code ``NO``, Norway, which is its word for false."""
    if isinstance(content, dict):
        return {key: _as_written(value) for key, value in content.items()}
    if isinstance(content, list):
        return ["NO" if each is False else _as_written(each) for each in content]
    return content


def _find(name: str) -> Path:
    if name.endswith(ENDINGS):
        return Path(name)  # that it is not there is said when it is read
    path = data_dir() / FOLDER / f"{name}.yaml"
    if _ID.fullmatch(name) and is_plain_name(name) and path.is_file():
        return path
    known = source_names()
    near = get_close_matches(name, known, n=1)
    raise InputError(
        say("source '{name}'", name=name),
        expected=say("{names}, or a file that ends in .yaml", names=", ".join(known)),
        action=say("did you mean '{name}'?", name=near[0]) if near else None,
    )


def _check(source: Source, path: Path) -> None:
    if source.client != "file":
        check_address(source.address, where=key_place(path, "address"))
    for column in source.key:
        if not _COLUMN.fullmatch(column) or column in RESERVED or source.key.count(column) > 1:
            raise InputError(
                say("column '{name}'", name=column),
                where=key_place(path, "key"),
                expected=say(
                    "each name once, of lower-case letters, digits and _, none of {names}",
                    names=", ".join(RESERVED),
                ),
            )
    for field, names in (("codes", source.codes), ("dropped", source.dropped)):
        for name in names:
            if name not in source.key:
                raise InputError(
                    say("column '{name}'", name=name),
                    where=key_place(path, field),
                    expected=one_of(source.key),
                )
    for feed in source.feeds:
        if {*feed.where, feed.series} != set(source.key) or feed.series in feed.where:
            raise InputError(
                say("columns {names}", names=", ".join([*feed.where, feed.series])),
                where=key_place(path, f"feeds.{feed.dataset}"),
                expected=say(
                    "each of {names} once, under {one} or as {other}",
                    names=", ".join(source.key),
                    one="'where'",
                    other="'series'",
                ),
            )
