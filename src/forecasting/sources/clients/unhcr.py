"""UNHCR's population API, version 1: figures by year as pages of JSON.

``asylum-applications`` and ``population`` answer with ``page``, ``maxPages`` and ``items``; an item
names the year, the country of asylum (``coa_iso``), further codes and the figures. A dash is no
figure. Parameters: ``coa`` and ``coo`` with codes divided by commas, ``cf_type=ISO`` for ISO codes,
``yearFrom`` and ``yearTo``, ``limit`` and ``page``.

Source: https://api.unhcr.org/docs/refugee-statistics.html.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecasting.languages.messages import say
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

PAGE_ITEMS = 1000
MOST_PAGES = 500
MISSING = frozenset({"-", ""})

_Item = dict[str, Any]


def fetch(
    source: Source, transport: Transport, folder: Path, newest: Vintage | None
) -> Fetched | None:
    """Ask UNHCR for a source; see `forecasting.sources.fetching`.

    Raises
    ------
    InputError
        If there is no answer, an item lacks a column, or the pages do not fit together.
    """
    import pandas as pd

    query = _query(source)
    rows: list[tuple[object, ...]] = []
    digest = hashlib.sha256()
    for answer, items in _pages(source, query, transport, folder):
        digest.update(answer.sha256.encode())
        rows.extend(_cell(item, source, answer) for item in items)
    cells = pd.DataFrame(rows, columns=[*source.key, "period", "value"]).assign(flag="")
    staged = stage_cells(cells, source.key, folder)
    return Fetched(staged, query.full, answer.retrieved, digest.hexdigest())


def _query(source: Source) -> Query:
    """Parameters of every page: the selection, and the years up to this one."""
    selected = {name: ",".join(codes) for name, codes in source.select.items() if codes}
    last = {"yearTo": str(datetime.now(UTC).year)} if "yearFrom" in source.query else {}
    address = f"{source.address.rstrip('/')}/{source.dataset}/"
    return Query(address, {**last, **source.query, **selected, "limit": str(PAGE_ITEMS)})


def _pages(
    source: Source, query: Query, transport: Transport, folder: Path
) -> Iterator[tuple[Answer, list[_Item]]]:
    page, last = 1, 1
    while page <= last:
        asked = Query(query.address, {**query.parameters, "page": str(page)})
        target = folder / f"page-{page}"
        answer, content = ask_json(transport, asked, target, source.limits)
        items, pages = content.get("items"), content.get("maxPages")
        if not isinstance(items, list) or not isinstance(pages, int):
            raise changed(answer, say("keys {names}", names=", ".join(content)), "items, maxPages")
        if pages > MOST_PAGES or (page > 1 and pages != last) or (not items and pages > 1):
            raise unexpected(
                answer,
                say("page {page} of {pages} does not fit the others", page=page, pages=pages),
            )
        last = pages
        yield answer, items
        page += 1


def _cell(item: _Item, source: Source, answer: Answer) -> tuple[object, ...]:
    """Key, period and figure of an item."""
    names = [*source.key, "period", "value"]
    fields = [source.columns.get(name, name) for name in names]
    lacking = [name for name in fields if not isinstance(item, dict) or name not in item]
    if lacking:
        raise changed(answer, say("no column {names}", names=", ".join(lacking)), ", ".join(fields))
    *key, year, figure = (item[name] for name in fields)
    period = period_text(str(year), source.frequency)
    value = number(figure, missing=MISSING)
    if period is None or value is None:
        raise changed(
            answer,
            say("{year}: {value}", year=year, value=repr(figure)),
            say("a year and a number"),
        )
    return (*map(str, key), period, value)
