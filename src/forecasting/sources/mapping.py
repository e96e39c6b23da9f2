"""The mapping file of an import: what a spreadsheet of somebody else holds, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.schemas import Strict, key_place, validate
from forecasting.sources.definitions import RESERVED, Codes, Feed, Source, Text, build_source
from forecasting.sources.reference import SERIES_SHAPES, find_dataset
from forecasting.sources.yaml_files import read_yaml

_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_OF_THE_SOURCE = (
    "title", "publisher", "dataset", "licence", "frequency", "unit", "kind", "feeds", "note",
)  # fmt: skip


class PeriodPlace(Strict):
    """Where the period stands: in one or several columns of a row, or across in the headers.

    Attributes
    ----------
    columns : tuple of str
        Headers; several, such as year and month, are read as one text.
    across : bool
        Whether every column with a period as its header holds figures.
    form : {"any", "iso", "numbers", "names", "dates"}
        The only way in which months may be written: 2024-07, 7/2024, julij 2024, or date cells.
    year : int, optional
        The year of a sheet that writes only the month.
    """

    columns: tuple[Text, ...] = ()
    across: StrictBool = False
    form: Literal["any", "iso", "numbers", "names", "dates"] = "any"
    year: Annotated[StrictInt, Field(ge=1900)] | None = None


class KeyPlace(Strict):
    """A column that says what a figure is about, and the code of each of its words.

    Without codes the words themselves are the codes.
    """

    column: Text
    codes: dict[StrictStr, Text] = Field(default_factory=dict)


class ValuePlace(Strict):
    """A column of figures, and what they have in common that no other column says."""

    column: Text
    keys: dict[StrictStr, Text] = Field(default_factory=dict)


class ImportMapping(Strict):
    """The keys of a mapping file.

    Attributes
    ----------
    source : str
        Under which name the figures are remembered; the same for every file that continues them.
    title, publisher, dataset, licence, frequency, unit, kind, feeds, note
        As in a definition of a source, see `forecasting.sources.definitions.Source`.
    whole : bool
        Whether the figures are counts: whole and not negative.
    sheet : str
        Name of the sheet; empty: the only one with values.
    header : tuple of int
        Numbers of the rows with headers; the texts of several are joined.
    period : PeriodPlace
    values : tuple of ValuePlace
        Columns of figures; none where the period stands across.
    keys : mapping of str to (str or KeyPlace)
        What a figure is about: the same for all, or from a column.
    fill_down : tuple of str
        Columns in which an empty cell means the one above.
    skip : tuple of str
        Rows that are left out: one of these texts in a column of keys or of the period, such as
        ``Skupaj``; a star at its end stands for any text.
    ignore : tuple of str
        Columns that are left out where the period stands across, such as totals.
    decimal, thousands : str
        Signs in numbers that are written as text.
    missing : tuple of str
        What is written where there is no figure, such as ``-``.
    scale : int, optional
        What a figure is multiplied by to be in the unit: 1000 for figures in thousands.
    """

    source: Text
    title: dict[StrictStr, Text] | Text
    publisher: Text
    dataset: Text
    licence: Text
    frequency: Literal["M", "Q", "Y"]
    unit: Text
    kind: Literal["flow", "stock"]
    feeds: tuple[Feed, ...] = ()
    note: StrictStr = ""
    whole: StrictBool = True
    sheet: StrictStr = ""
    header: Annotated[tuple[Annotated[StrictInt, Field(ge=1)], ...], Field(min_length=1)] = (1,)
    period: PeriodPlace
    values: tuple[ValuePlace, ...] = ()
    keys: dict[StrictStr, Text | KeyPlace] = Field(default_factory=dict)
    fill_down: tuple[Text, ...] = ()
    skip: tuple[Text, ...] = ()
    ignore: tuple[Text, ...] = ()
    decimal: Literal[",", "."] = ","
    thousands: Literal["", ".", ",", " ", "'"] = ""
    missing: tuple[Text, ...] = ()
    scale: Annotated[StrictInt, Field(ge=1)] | None = None

    @property
    def key(self) -> Codes:
        """Names of the columns that say what a figure is about."""
        of_values = self.values[0].keys if self.values else {}
        return (*self.keys, *of_values)


def load_mapping(path: Path) -> ImportMapping:
    """Read a mapping file.

    Raises
    ------
    InputError
        Naming file, key, what was found and what was expected.
    """
    content = read_yaml(path)
    if isinstance(content, dict) and isinstance(content.get("header"), int):
        content = {**content, "header": [content["header"]]}
    mapping = validate(ImportMapping, content, path, of=say("a mapping"))
    _check(mapping, path)
    return mapping


def source_of(mapping: ImportMapping, path: Path) -> Source:
    """Make the definition of the source whose figures a mapping describes.

    Parameters
    ----------
    mapping : ImportMapping
    path : pathlib.Path
        Of the mapping file, for messages.
    """
    return build_source(definition_of(mapping), path.with_name(f"{mapping.source}.yaml"))


def definition_of(mapping: ImportMapping) -> dict[str, Any]:
    """Keys and values of the definition of a source of files, ready for YAML."""
    content = mapping.model_dump(mode="json", include={*_OF_THE_SOURCE})
    return {**content, "client": "file", "key": list(mapping.key)}


def _check(mapping: ImportMapping, path: Path) -> None:
    def refuse(key: str, found: str, expected: str) -> None:
        raise InputError(found, where=key_place(path, key), expected=expected)

    if not _ID.fullmatch(mapping.source):
        refuse(
            "source",
            say("found {value}", value=repr(mapping.source)),
            say("lower-case letters, digits and hyphens"),
        )
    if bool(mapping.period.columns) == mapping.period.across:
        refuse(
            "period",
            say("both 'columns' and 'across'") if mapping.period.across else say("no place"),
            say("either 'columns', or 'across: true'"),
        )
    if bool(mapping.values) == mapping.period.across:
        refuse(
            "values",
            say("columns of figures") if mapping.values else say("no column of figures"),
            say("columns of figures, or periods across in the headers"),
        )
    if mapping.decimal == mapping.thousands:
        refuse("thousands", say("the decimal sign"), say("another sign than that of decimals"))
    _check_keys(mapping, path)
    _check_feeds(mapping, path)


def _check_keys(mapping: ImportMapping, path: Path) -> None:
    names = list(mapping.key)
    for name in names:
        if not _COLUMN.fullmatch(name) or name in RESERVED or names.count(name) > 1:
            raise InputError(
                say("column '{name}'", name=name),
                where=key_place(path, "keys"),
                expected=say(
                    "each name once, of lower-case letters, digits and _, none of {names}",
                    names=", ".join(RESERVED),
                ),
            )
    if not names:
        raise InputError(
            say("is empty"),
            where=key_place(path, "keys"),
            expected=say("what the figures are about, such as {example}", example="geo: SI"),
        )
    for value in mapping.values:
        if value.keys.keys() != mapping.values[0].keys.keys():
            raise InputError(
                say("keys {names}", names=_listed(value.keys)),
                where=key_place(path, f"values.{value.column}"),
                expected=say(
                    "the keys of the first column: {names}",
                    names=_listed(mapping.values[0].keys),
                ),
            )


def _check_feeds(mapping: ImportMapping, path: Path) -> None:
    for feed in mapping.feeds:
        place = key_place(path, f"feeds.{feed.dataset}")
        if find_dataset(feed.dataset).shape not in SERIES_SHAPES:
            raise InputError(
                say("'{name}' is not a series", name=feed.dataset),
                where=place,
                expected=say("a series"),
            )
        if {*feed.where, feed.series} != {*mapping.key} or feed.series in feed.where:
            raise InputError(
                say("columns {names}", names=", ".join([*feed.where, feed.series])),
                where=place,
                expected=say(
                    "each of {names} once, under {one} or as {other}",
                    names=", ".join(mapping.key),
                    one="'where'",
                    other="'series'",
                ),
            )


def _listed(keys: Mapping[str, str]) -> str:
    return ", ".join(keys) or say("nothing")
