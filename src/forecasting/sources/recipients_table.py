"""The monthly table of social assistance that the ministry keeps itself, XLSX or CSV.

`forecasting.sources.layouts` writes an empty one; its columns stand in `recipients_layout`. A file
is taken as a whole or refused with all that is wrong, each fault named by its cell. Recipients (one
per family) and persons entitled are two counts: they never share a column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.periods import format_period
from forecasting.sources.cell_values import add_missing_months, amount_of, count_of, month_of
from forecasting.sources.recipients_checks import check_one_count, check_two_counts
from forecasting.sources.recipients_layout import COUNTS, MEASURED, RECIPIENTS_TABLE
from forecasting.sources.spreadsheet import Cell, Faults, Grid, read_grid
from forecasting.sources.spreadsheet_layout import explanation_names, folded
from forecasting.sources.spreadsheet_rows import rows_in

_Rows = Mapping[pd.Period, Mapping[str, Cell]]
_Values = Mapping[pd.Period, float | None]


@dataclass(frozen=True, eq=False)
class RecipientsTable:
    """Social assistance by month.

    Attributes
    ----------
    table : pandas.DataFrame
        Floats by `pandas.PeriodIndex` of months without gaps; of the columns ``recipients``,
        ``persons_entitled``, ``entries``, ``exits`` and ``expenditure_eur`` those that the file
        has.
    source : str
        Name of the file.
    """

    table: pd.DataFrame
    source: str

    def column(self, key: str) -> pd.Series:
        """Return one column.

        Raises
        ------
        InputError
            If the file does not have it.
        """
        if key not in self.table:
            raise InputError(
                say("no column {names}", names=f"'{key}'"),
                where=self.source,
                expected=", ".join(self.table.columns),
            )
        return self.table[key]


def read_recipients(path: Path, *, until: pd.Period | None = None) -> RecipientsTable:
    """Read the monthly table of social assistance.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8 with commas or semicolons; headers in any language of the suite. The
        column month, recipients or persons entitled or both, and, optional, entries, exits and
        expenditure; the months in any order. A column without any value counts as left out.
    until : pandas.Period, optional
        Last month that can have been counted. Default: the month of today.

    Returns
    -------
    RecipientsTable

    Raises
    ------
    InputError
        With every fault of the file, named by its cell: a value that is no month or no number, a
        month that is missing, stands twice or has not come yet, the two counts in one column, or
        fewer persons entitled than recipients.
    """
    faults = Faults()
    grid = read_grid(path, faults, beside=explanation_names())
    _refuse_both_in_one_header(grid)
    months = _by_month(rows_in(grid, RECIPIENTS_TABLE, faults), faults)
    _check_months(months, until or pd.Period.now("M"), faults, path)
    keys = _filled(months)
    if months and not keys & set(COUNTS):
        faults.add(
            say("neither recipients nor persons entitled"),
            where=str(path),
            expected=say("a count"),
        )
    values = {key: _column(key, months, faults) for key in MEASURED if key in keys}
    _check_counts(values, months, faults)
    faults.check()
    index = pd.PeriodIndex(list(months), name="period")
    columns = {key: list(column.values()) for key, column in values.items()}
    return RecipientsTable(pd.DataFrame(columns, index=index, dtype=float), path.name)


def is_recipients_table(path: Path) -> bool:
    """Whether the headers of a file are those of this table, whatever else is wrong with it."""
    try:
        grid = read_grid(path, Faults(), beside=explanation_names())
    except InputError:
        return False
    known = RECIPIENTS_TABLE.known_headers()
    keys = {known.get(folded(str(cell.value))) for cell in grid.header}
    return bool(keys & set(COUNTS)) or any(_both_counts(cell) for cell in grid.header)


def _refuse_both_in_one_header(grid: Grid) -> None:
    for cell in grid.header:
        if _both_counts(cell):
            words = RECIPIENTS_TABLE.language_of(each.value for each in grid.header)
            names = RECIPIENTS_TABLE.header_names(words)
            raise InputError(
                say("column '{name}' holds two counts", name=cell.value),
                where=cell.where,
                expected=say(
                    "a column {recipients} and a column {entitled}",
                    recipients=names[COUNTS[0]],
                    entitled=names[COUNTS[1]],
                ),
                action=say(
                    "one per family and every person entitled are different counts: split them"
                ),
            )


def _both_counts(cell: Cell) -> bool:
    """Whether a header names recipients and persons entitled."""
    known = RECIPIENTS_TABLE.known_headers()
    text = folded(str(cell.value))
    named = {key for name, key in known.items() if re.search(rf"\b{re.escape(name)}", text)}
    return named >= set(COUNTS)


def _by_month(rows: Mapping[int, dict[str, Cell]], faults: Faults) -> _Rows:
    months: dict[pd.Period, dict[str, Cell]] = {}
    for cells in rows.values():
        month = faults.attempt(month_of, cells["month"])
        if month in months:
            faults.add(
                say("{month} stands twice", month=format_period(month)),
                where=cells["month"].where,
                expected=say("each month once"),
            )
        elif month is not None:
            months[month] = cells
    return dict(sorted(months.items()))


def _check_months(months: _Rows, until: pd.Period, faults: Faults, path: Path) -> None:
    for before, month in pairwise(months):
        if before + 1 < month:
            add_missing_months(before + 1, month - 1, path, faults)
    for month in months:
        if month > until:
            faults.add(
                say("{month} has not come yet", month=format_period(month)),
                where=months[month]["month"].where,
                expected=say(
                    "months up to {month}: what was counted, not a forecast",
                    month=format_period(until),
                ),
            )


def _check_counts(values: Mapping[str, _Values], months: _Rows, faults: Faults) -> None:
    cells = {key: {month: row[key] for month, row in months.items()} for key in values}
    for key in COUNTS:
        if key in values:
            check_one_count(values[key], cells[key], faults)
    if values.keys() >= set(COUNTS):
        recipients, entitled = (values[key] for key in COUNTS)
        check_two_counts(recipients, entitled, cells["persons_entitled"], faults)


def _filled(months: _Rows) -> set[str]:
    """Keys of the columns with a value in some row."""
    cells = [pair for row in months.values() for pair in row.items()]
    return {key for key, cell in cells if cell.value is not None} - {"month"}


def _column(key: str, months: _Rows, faults: Faults) -> _Values:
    read: Callable[[Cell], float] = amount_of if key == "expenditure_eur" else count_of
    return {month: faults.attempt(read, cells[key]) for month, cells in months.items()}
