"""``forecasting data list`` and ``data diff``: what the store remembers, and what was revised."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecasting.cli.common import Command, print_error
from forecasting.cli.data import data_group, revision_line
from forecasting.errors import InputError
from forecasting.languages.messages import message_words, say, say_n

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.sources.store import Check, Store, Vintage

MOST_SHOWN = 20
"""Lines that are printed of a comparison."""

_CHANGES = ("revised", "gone", "new")


@data_group.command(
    "list",
    cls=Command,
    epilog="""
    forecasting data list
    forecasting data list eurostat-applicants""",
)
@click.argument("source", default="", metavar="[SOURCE]")
def list_command(source: str) -> None:
    """Show the sources: what they feed, when they were asked last, and what is held of them.

    Of SOURCE every vintage is shown, of all sources the newest. The exit code is 2 where a vintage
    is damaged.
    """
    from forecasting.sources.definitions import source_names
    from forecasting.sources.store import Store

    store = Store()
    known = sorted({*source_names(), *store.source_ids()})
    if source and source not in known:
        raise InputError(say("source '{name}'", name=source), expected=", ".join(known))
    damaged = False
    for name in [source] if source else known:
        click.echo(_title(name))
        for line in _facts(store, name):
            click.echo(f"    {line}")
        try:
            vintages = store.vintages(name)
        except InputError as problem:
            damaged = True
            print_error(str(problem))
            continue
        for line in _vintage_lines(vintages, every=bool(source)):
            click.echo(f"    {line}")
    if damaged:
        sys.exit(2)


def _title(name: str) -> str:
    from forecasting.sources.definitions import find_source

    source = find_source(name)
    if source is None:
        return name  # asked with a definition of one's own that lies elsewhere
    title = source.title[message_words().code]
    return f"{name}  {title} ({source.publisher}, {source.dataset})"


def _facts(store: Store, name: str) -> Iterator[str]:
    from forecasting.sources.definitions import find_source
    from forecasting.sources.vintage_files import DAMAGED

    source = find_source(name)
    if source is not None and source.feeds:
        yield say("feeds {names}", names=", ".join(feed.dataset for feed in source.feeds))
    yield _asked(store.last_check(name))
    if aside := list((store.source_folder(name) / DAMAGED).glob("*")):
        yield say_n(
            "{n} file set aside in {folder}",
            "{n} files set aside in {folder}",
            len(aside),
            folder=aside[0].parent,
        )


def _asked(check: Check | None) -> str:
    if check is None:
        return say("not asked yet")
    when = f"{check.when:%Y-%m-%d %H:%M}"
    if check.status == "failed":
        return say(
            "asked {when} UTC, failed since {since}: {reason}",
            when=when,
            since=check.since.date(),
            reason=check.reason,
        )
    if check.status == "new":
        return say("asked {when} UTC: new figures", when=when)
    return say("asked {when} UTC: unchanged", when=when)


def _vintage_lines(vintages: list[Vintage], *, every: bool) -> Iterator[str]:
    if not vintages:
        yield say("no vintage is held")
    elif not every:
        n = len(vintages)
        yield say_n("{n} vintage, the newest:", "{n} vintages, the newest:", n)
    for vintage in vintages if every else vintages[-1:]:
        cells = say_n("{n} cell new or changed", "{n} cells new or changed", vintage.cells)
        size = f"{math.ceil(vintage.path.stat().st_size / 1000)} kB"
        whole = say("whole table") if vintage.whole else say("changes only")
        yield f"{vintage.id}  {cells}, {whole}, {size}"


@data_group.command(
    "diff",
    cls=Command,
    epilog="""
    forecasting data diff eurostat-applicants 11 12
    forecasting data diff eurostat-applicants 2026-10-31 2026-11-30 --output revisions.csv""",
)
@click.argument("source", metavar="SOURCE")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write every difference.")
def diff_command(source: str, old: str, new: str, output: Path | None) -> None:
    """Show what changed between two vintages of SOURCE: revised, gone and new figures.

    OLD and NEW are numbers or ids as shown by forecasting data list SOURCE, or days, which stand
    for the newest vintage retrieved by then. The file is CSV, XLSX or JSON by its ending.
    """
    from forecasting.sources.store import Store, choose_vintage
    from forecasting.tables import check_table_path, write_table

    if output is not None:
        check_table_path(output)
    store = Store()
    vintages = store.vintages(source)
    first, second = (choose_vintage(vintages, text, source_id=source) for text in (old, new))
    found = _with_changes(store.revisions(source, first, second))
    counts = {name: int((found["change"] == name).sum()) for name in _CHANGES}
    click.echo(f"{source}  {first.id} -> {second.id}")
    click.echo(say("revised {revised}, gone {gone}, new {new}", **counts))
    key = [name for name in found.columns if name not in {"period", "old", "new", "change"}]
    for row in found.head(MOST_SHOWN).to_dict("records"):
        click.echo(revision_line(row, key))
    if (more := len(found) - MOST_SHOWN) > 0:
        click.echo(say_n("and {n} more", "and {n} more", more))
    if output is not None:
        click.echo(str(write_table(found, output)))


def _with_changes(revisions: pd.DataFrame) -> pd.DataFrame:
    """Say of each difference what it is; revised figures first, then the newest."""
    import numpy as np

    changes = np.select(
        [revisions["old"].isna(), revisions["new"].isna()], ["new", "gone"], "revised"
    )
    found = revisions.assign(change=changes, place=[_CHANGES.index(each) for each in changes])
    found = found.sort_values("period", ascending=False, kind="stable")
    return found.sort_values("place", kind="stable").drop(columns="place")
