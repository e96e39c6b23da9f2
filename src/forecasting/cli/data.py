"""``forecasting data refresh``: new figures from the publishers, kept beside the old ones."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from forecasting.cli.common import Command, CommandGroup, main, print_error
from forecasting.languages.messages import say, say_n

if TYPE_CHECKING:
    from forecasting.sources.refresh import Refreshed
    from forecasting.sources.store import Store

MOST_SHOWN = 5
"""Revised cells that are shown for a source."""

MOST_COMPARED = 100_000
"""Cells of a vintage from which on its revisions are left to ``data diff``."""


@main.group(
    "data",
    cls=CommandGroup,
    epilog="""
    forecasting data refresh
    forecasting data refresh eurostat-applicants eurostat-pending""",
)
def data_group() -> None:
    """Published figures: fetched, remembered as vintages, compared, imported from files."""


@data_group.command(
    "refresh",
    cls=Command,
    epilog="""
    forecasting data refresh
    forecasting data refresh eurostat-applicants
    forecasting data refresh --offline""",
)
@click.argument("names", nargs=-1, metavar="[SOURCE ...]")
@click.option("--offline", is_flag=True, help="Ask nobody; say what is held.")
def refresh_command(names: tuple[str, ...], offline: bool) -> None:
    """Ask publishers for new figures; what they publish is added, never overwritten.

    SOURCE is a name in data/sources or a YAML file of one's own. Default: those that continue the
    figures of the suite, and every other of which a vintage is held. One that fails does not stop
    the others; the exit code is 2 then, and the newest vintage held goes on being used.
    """
    from forecasting.runs.progress import Progress
    from forecasting.sources.refresh import Watch, default_names, refresh
    from forecasting.sources.store import Store

    store = Store()
    chosen = list(names) or default_names(store)
    with Progress(len(chosen), "data refresh", unit="source") as progress:
        watch = Watch(on_start=progress.begin, on_part=_tell_part)
        done = refresh(chosen, store, offline=offline, watch=watch)
    for each in done:
        _print_result(each, store)
    failed = sum(each.status == "failed" for each in done)
    if failed:
        print_error(
            say_n(
                "{n} of {total} sources failed",
                "{n} of {total} sources failed",
                failed,
                total=len(done),
            )
        )
        sys.exit(2)


def _tell_part(source_id: str, words: str) -> None:
    click.echo(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {source_id}: {words}", err=True)


def _print_result(result: Refreshed, store: Store) -> None:
    held = result.vintage.id if result.vintage else say("none")
    if result.status == "new":
        changed = say_n("{n} cell new or changed", "{n} cells new or changed", result.cells)
        words = say("new vintage {vintage}, {changed}", vintage=held, changed=changed)
    elif result.status == "unchanged":
        words = say("unchanged, newest vintage {vintage}", vintage=held)
        if result.reason:
            words = f"{words} ({result.reason})"
    else:
        words = say("failed, newest vintage {vintage}", vintage=held)
    click.echo(f"{result.source_id}  {words}")
    if result.status == "failed":
        print_error(result.reason)
    for line in _revised(result, store):
        click.echo(f"    {line}")


def _revised(result: Refreshed, store: Store) -> list[str]:
    """Write what was published before and is another number now, newest first."""
    if result.previous is None or result.vintage is None or not 0 < result.cells < MOST_COMPARED:
        return []
    changes = store.revisions(result.source_id, result.previous, result.vintage)
    changes = changes.dropna(subset=["old"]).sort_values("period", ascending=False, kind="stable")
    key = [name for name in changes.columns if name not in {"period", "old", "new"}]
    shown = changes.head(MOST_SHOWN).to_dict("records")
    lines = [revision_line(row, key) for row in shown]
    if (more := len(changes) - MOST_SHOWN) > 0:
        names = f"{result.source_id} {result.previous.number} {result.vintage.number}"
        command = f"forecasting data diff {names}"
        lines.append(
            say_n("and {n} more: {command}", "and {n} more: {command}", more, command=command)
        )
    return lines


def revision_line(row: Mapping[Hashable, Any], key: Sequence[str]) -> str:
    """Write a difference: ``SI 2024-07: 455 -> 465``."""
    return f"{cell_name(row, key)}: {number_text(row['old'])} -> {number_text(row['new'])}"


def cell_name(row: Mapping[Hashable, Any], key: Sequence[str]) -> str:
    """Name a cell by its key columns and its period."""
    return " ".join(str(row[name]) for name in [*key, "period"])


def number_text(value: float) -> str:
    """Write a figure as it was published; NaN: none."""
    return say("none") if math.isnan(value) else f"{value:.15g}"
