"""Rows of a centre's spreadsheet by column, whatever its language."""

from __future__ import annotations

from pathlib import Path

from forecasting.errors import InputError
from forecasting.sources.centre_layout import (
    KINDS,
    MONTHLY,
    OPTIONAL,
    example_marks,
    explanation_names,
    folded,
    header_names,
    known_headers,
)
from forecasting.sources.spreadsheet import Cell, Faults, Grid, read_grid


def rows_of(path: Path, kind: str, faults: Faults) -> dict[int, dict[str, Cell]]:
    """Read the cells of each row by the key of their column.

    Parameters
    ----------
    path : pathlib.Path
    kind : {"stays", "monthly"}
    faults : Faults
        Columns that do not belong there and examples left in are added.

    Raises
    ------
    InputError
        With all faults so far, if the file cannot be read or a column is missing.
    """
    grid = read_grid(path, faults, beside=explanation_names())
    columns = _columns(grid, kind, faults)
    if not grid.rows:
        faults.add("a header and no rows", where=grid.where, expected="one row or more")
        faults.check()
    marks = example_marks()
    rows = {}
    for number, cells in grid.rows.items():
        row = {key: cells[place] for place, key in columns.items()}
        if any(folded(str(cell.value)).startswith(marks) for cell in row.values()):
            faults.add(
                "an example of the template",
                where=f"{grid.where}, row {number}",
                action="delete the row",
            )
        else:
            rows[number] = row
    return rows


def _columns(grid: Grid, kind: str, faults: Faults) -> dict[int, str]:
    """Key of each column by its place in the rows."""
    _refuse_other_kind(grid, kind)
    known, names = known_headers(kind), header_names(kind)
    columns: dict[int, str] = {}
    for place, cell in enumerate(grid.header):
        key = known.get(folded(str(cell.value)))
        filled = [row[place] for row in grid.rows.values() if row[place].value is not None]
        if key is not None:
            if key in columns.values():
                faults.add(f"column '{cell.value}' stands twice", where=cell.where)
            columns[place] = key
        elif cell.value is not None or filled:
            faults.add(
                f"column '{cell.value}' does not belong here"
                if cell.value is not None
                else "a value in a column without a header",
                where=cell.where if cell.value is not None else filled[0].where,
                expected=f"only {', '.join(names.values())}",
                action="delete the column"
                if kind == MONTHLY
                else "delete the column: no names, numbers or other properties of persons",
            )
    missing = set(names) - set(columns.values()) - OPTIONAL
    for key in sorted(missing):
        faults.add(f"no column {names[key]}", where=grid.header[0].where)
    if missing or len(set(columns.values())) < len(columns):
        faults.check()
    return columns


def _refuse_other_kind(grid: Grid, kind: str) -> None:
    own = known_headers(kind)
    (other,) = set(KINDS) - {kind}
    theirs = known_headers(other)
    found = [folded(str(cell.value)) for cell in grid.header]
    if not any(name in own for name in found) and sum(name in theirs for name in found) > 1:
        raise InputError(
            f"the headers of the template '{other}'",
            where=grid.where,
            expected=f"those of the template '{kind}'",
            action=f"read it as kind: {other}",
        )
