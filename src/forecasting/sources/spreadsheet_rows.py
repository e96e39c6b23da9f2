"""Rows of a spreadsheet kept by hand by column, whatever its language."""

from __future__ import annotations

from pathlib import Path

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.layouts import LAYOUTS
from forecasting.sources.spreadsheet import Cell, Faults, Grid, read_grid
from forecasting.sources.spreadsheet_layout import (
    Layout,
    example_marks,
    explanation_names,
    folded,
)


def rows_of(path: Path, layout: Layout, faults: Faults) -> dict[int, dict[str, Cell]]:
    """Read the cells of each row by the key of their column.

    Parameters
    ----------
    path : pathlib.Path
    layout : Layout
        What the file should look like.
    faults : Faults
        Columns that do not belong there and examples left in are added.

    Raises
    ------
    InputError
        With all faults so far, if the file cannot be read or a column is missing.
    """
    return rows_in(read_grid(path, faults, beside=explanation_names()), layout, faults)


def rows_in(grid: Grid, layout: Layout, faults: Faults) -> dict[int, dict[str, Cell]]:
    """Return the cells of each row of a sheet by the key of their column; see `rows_of`."""
    columns = _columns(grid, layout, faults)
    if not grid.rows:
        faults.add(say("a header and no rows"), where=grid.where, expected=say("one row or more"))
        faults.check()
    marks = example_marks()
    rows = {}
    for number, cells in grid.rows.items():
        row = {key: cells[place] for place, key in columns.items()}
        if any(folded(str(cell.value)).startswith(marks) for cell in row.values()):
            faults.add(
                say("an example of the template"),
                where=say("{place}, row {row}", place=grid.where, row=number),
                action=say("delete the row"),
            )
        else:
            rows[number] = row
    return rows


def _columns(grid: Grid, layout: Layout, faults: Faults) -> dict[int, str]:
    """Key of each column by its place in the rows."""
    _refuse_other_kind(grid, layout)
    words = layout.language_of(cell.value for cell in grid.header)
    known, names = layout.known_headers(), layout.header_names(words)
    columns: dict[int, str] = {}
    for place, cell in enumerate(grid.header):
        key = known.get(folded(str(cell.value)))
        filled = [row[place] for row in grid.rows.values() if row[place].value is not None]
        if key is not None:
            if key in columns.values():
                faults.add(say("column '{name}' stands twice", name=cell.value), where=cell.where)
            columns[place] = key
        elif cell.value is not None or filled:
            faults.add(
                say("column '{name}' does not belong here", name=cell.value)
                if cell.value is not None
                else say("a value in a column without a header"),
                where=cell.where if cell.value is not None else filled[0].where,
                expected=say("only {names}", names=", ".join(names.values())),
                action=layout.other_column(),
            )
    missing = set(names) - set(columns.values()) - layout.optional
    for key in sorted(missing):
        faults.add(say("no column {names}", names=names[key]), where=grid.header[0].where)
    if missing or len(set(columns.values())) < len(columns):
        faults.check()
    return columns


def _refuse_other_kind(grid: Grid, layout: Layout) -> None:
    found = {folded(str(cell.value)) for cell in grid.header}
    fitting = {kind: len(found & each.known_headers().keys()) for kind, each in LAYOUTS.items()}
    other = max(fitting, key=lambda kind: fitting[kind])
    if not fitting[layout.kind] and fitting[other] > 1:
        raise InputError(
            say("the headers of the template '{kind}'", kind=other),
            where=grid.where,
            expected=say("those of the template '{kind}'", kind=layout.kind),
            action=say("read it as kind: {kind}", kind=other),
        )
