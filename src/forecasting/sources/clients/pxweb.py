"""PxWeb, the interface of many statistical offices, version 1: JSON queries, json-stat2 answers.

A table says what variables and values it has (GET) and answers a query that names values of each
(POST). An office refuses queries for too many cells (403 or 413) and more than ten or so within ten
seconds (429): the query is divided, and the client waits between its parts.

The answer is read here, not by a library: pyjstat 2.4 does not read ``status``, the marks of cells.

Sources: Statistics Sweden, "PxWeb API 1.0, description of the API"; https://json-stat.org/full/.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.schemas import key_place
from forecasting.sources.clients.json_answers import (
    ask_json,
    changed,
    number,
    period_text,
    unexpected,
)
from forecasting.sources.definitions import Source
from forecasting.sources.fetching import Fetched
from forecasting.sources.http import Answer, Query, Transport
from forecasting.sources.staging import stage_cells

if TYPE_CHECKING:
    from forecasting.sources.store import Vintage

MOST_CELLS = 50_000
"""Cells asked for at once; the offices allow from 100,000."""

PAUSE_SECONDS = 1.1
"""Between requests: fewer than ten within ten seconds."""

_Values = dict[str, list[str]]


def fetch(
    source: Source, transport: Transport, folder: Path, newest: Vintage | None
) -> Fetched | None:
    """Ask a statistical office for a table; see `forecasting.sources.fetching`.

    Raises
    ------
    InputError
        If there is no answer, the table has other variables or lacks a code that is asked for, or
        the answer is not what was asked for.
    """
    import pandas as pd

    address = f"{source.address.rstrip('/')}/{source.dataset}"
    answer, table = ask_json(transport, Query(address), folder / "variables", source.limits)
    wanted = _wanted(answer, table, source)
    rows: list[tuple[object, ...]] = []
    digest = hashlib.sha256()
    for step, part in enumerate(_parts(wanted)):
        time.sleep(PAUSE_SECONDS)
        asked = Query(address, body=_body(part))
        answer, content = ask_json(transport, asked, folder / f"part-{step}", source.limits)
        digest.update(answer.sha256.encode())
        rows.extend(_cells(answer, content, part, source))
    cells = pd.DataFrame(rows, columns=[*source.key, "period", "value", "flag"])
    staged = stage_cells(cells, source.key, folder)
    return Fetched(staged, address, answer.retrieved, digest.hexdigest())


def _wanted(described: Answer, content: Mapping[str, Any], source: Source) -> _Values:
    """Values to ask for by variable of the table, in its order; refused where it has changed."""
    try:
        table = {
            str(each["code"]): [str(value) for value in each["values"]]
            for each in content["variables"]
        }
    except (KeyError, TypeError):
        raise changed(described, say("JSON of another form"), "title, variables") from None
    ours = {_variable(source, name): name for name in [*source.key, *source.select, "period"]}
    if table.keys() != ours.keys():
        raise changed(
            described,
            say("variables {names}", names=", ".join(table)),
            ", ".join(ours),
        )
    wanted = {code: list(source.select.get(ours[code], ())) or table[code] for code in table}
    for code, values in wanted.items():
        if ours[code] not in (*source.key, "period") and len(values) != 1:
            raise InputError(
                say("{number} codes of '{name}'", number=len(values), name=ours[code]),
                where=key_place(source.id, "select"),
                expected=say("one code, or '{name}' among the columns of the key", name=ours[code]),
            )
        if gone := sorted(set(values) - set(table[code])):
            raise changed(
                described,
                say("no code {codes} in '{name}'", codes=", ".join(gone), name=code),
                ", ".join(table[code][:10]),
            )
    return wanted


def _variable(source: Source, name: str) -> str:
    return source.columns.get(name, name)


def _parts(wanted: _Values) -> Iterator[_Values]:
    """Divide a query along its longest variable until each part is small enough."""
    if math.prod(map(len, wanted.values())) <= MOST_CELLS:
        yield wanted
        return
    longest = max(wanted, key=lambda code: len(wanted[code]))
    middle = len(wanted[longest]) // 2
    for values in (wanted[longest][:middle], wanted[longest][middle:]):
        yield from _parts({**wanted, longest: values})


def _body(part: Mapping[str, Sequence[str]]) -> dict[str, object]:
    return {
        "query": [
            {"code": code, "selection": {"filter": "item", "values": list(values)}}
            for code, values in part.items()
        ],
        "response": {"format": "json-stat2"},
    }


def _cells(
    answer: Answer, content: Mapping[str, Any], part: _Values, source: Source
) -> Iterator[tuple[object, ...]]:
    """Key, period, figure and mark of each cell of a json-stat2 answer."""
    try:
        order = [str(code) for code in content["id"]]
        codes = {code: _codes(content["dimension"][code]["category"]) for code in order}
        size, values, marks = content["size"], content["value"], content.get("status") or {}
    except (KeyError, TypeError):
        raise changed(answer, say("JSON of another form"), "json-stat2") from None
    if {code: sorted(found) for code, found in codes.items()} != {
        code: sorted(asked) for code, asked in part.items()
    }:
        raise changed(
            answer, say("other codes than asked for"), say("the variables and codes asked for")
        )
    count = math.prod(map(len, codes.values()))
    if list(size) != [len(codes[code]) for code in order] or not _fits(values, count):
        raise unexpected(answer, say("fewer figures than cells"))
    places = [order.index(_variable(source, name)) for name in source.key]
    time_place = order.index(_variable(source, "period"))
    for index, cell in enumerate(product(*(codes[code] for code in order))):
        period = period_text(cell[time_place], source.frequency)
        value = number(_at(values, index))
        if period is None or value is None:
            raise changed(
                answer,
                say("{year}: {value}", year=cell[time_place], value=repr(_at(values, index))),
                say("a period and a number"),
            )
        yield (*(cell[place] for place in places), period, value, str(_at(marks, index) or ""))


def _codes(category: Mapping[str, Any]) -> list[str]:
    """Codes of a dimension in the order of the values."""
    index = category.get("index")
    if index is None:  # one category may come with its label only
        return [str(code) for code in category["label"]]
    if isinstance(index, list):
        return [str(code) for code in index]
    return [str(code) for code in sorted(index, key=lambda code: int(index[code]))]


def _fits(values: object, count: int) -> bool:
    """Whether a list has a value for every cell, or a mapping none beyond them."""
    if isinstance(values, list):
        return len(values) == count
    return isinstance(values, dict) and all(
        place.isdecimal() and int(place) < count for place in values
    )


def _at(values: Any, index: int) -> Any:
    """Value of a cell; json-stat leaves empty ones out of a mapping."""
    if isinstance(values, str):  # one mark for all
        return values
    if isinstance(values, list):
        return values[index] if index < len(values) else None
    return values.get(str(index))
