"""``forecasting data import``: figures from a spreadsheet, by a mapping of its columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecasting.cli.common import Command
from forecasting.cli.data import cell_name, data_group, number_text, revision_line
from forecasting.languages.messages import say, say_n

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from forecasting.sources.importing import Imported

MOST_SHOWN = 5
"""Figures, and revisions, that are shown."""


@data_group.command(
    "import",
    cls=Command,
    epilog="""
    forecasting data import prosnje.xlsx --mapping prosnje.yaml --dry-run
    forecasting data import prosnje.xlsx --mapping prosnje.yaml
    forecasting data import prosnje.xlsx --show-mapping > prosnje.yaml""",
)
@click.argument("file", metavar="FILE.xlsx|FILE.csv", type=click.Path(path_type=Path))
@click.option("--mapping", type=click.Path(path_type=Path), help="YAML file; see docs/import.md.")
@click.option("--dry-run", is_flag=True, help="Take in nothing; show what it would be.")
@click.option(
    "--show-mapping", is_flag=True, help="Print the start of a mapping for FILE, to be filled in."
)
def import_command(file: Path, mapping: Path | None, dry_run: bool, show_mapping: bool) -> None:
    """Take the figures of a spreadsheet as a vintage, all or none.

    A vintage like those of the publishers: what was taken in before stays, and revisions are named.
    The mapping says what the columns hold; it serves for every later edition of the file.
    """
    from forecasting.sources.importing import import_file
    from forecasting.sources.mapping_start import start_mapping
    from forecasting.sources.store import Store

    if show_mapping:
        click.echo(start_mapping(file), nl=False)
        return
    if mapping is None:
        raise click.UsageError("Missing option '--mapping'.")
    for line in _lines(import_file(file, mapping, Store(), dry_run=dry_run), dry_run=dry_run):
        click.echo(line)


def _lines(imported: Imported, *, dry_run: bool) -> Iterator[str]:
    cells, name = imported.cells, imported.source.id
    key = list(imported.source.key)
    figures = say_n("{n} figure", "{n} figures", len(cells))
    first, last = cells["period"].min(), cells["period"].max()
    yield say(
        "{name}: {figures}, {first} to {last}", name=name, figures=figures, first=first, last=last
    )
    for row in cells.head(MOST_SHOWN).to_dict("records"):
        yield f"    {cell_name(row, key)}: {number_text(row['value'])}"
    if len(cells) > MOST_SHOWN:
        yield "    ..."
    yield from _result(imported, dry_run=dry_run)
    yield from _revised(imported.revisions, key)


def _result(imported: Imported, *, dry_run: bool) -> Iterator[str]:
    if imported.vintage is None:
        yield say("all of it is held already: no new vintage")
        return
    changed = say_n("{n} cell new or changed", "{n} cells new or changed", imported.vintage.cells)
    if dry_run:
        yield say("would be a new vintage, {changed}; nothing was taken in", changed=changed)
    else:
        yield say("new vintage {vintage}, {changed}", vintage=imported.vintage.id, changed=changed)


def _revised(revisions: pd.DataFrame, key: Sequence[str]) -> Iterator[str]:
    for row in revisions.head(MOST_SHOWN).to_dict("records"):
        yield f"    {revision_line(row, key)}"
    if (more := len(revisions) - MOST_SHOWN) > 0:
        yield f"    {say_n('and {n} more', 'and {n} more', more)}"
