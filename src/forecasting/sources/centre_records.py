"""The records of a detention or reception centre, from the spreadsheet it keeps itself.

`forecasting.sources.layouts` writes the spreadsheet; its columns stand in `centre_layout`.
A file is taken as a whole or refused with all that is wrong, each fault named by its cell. It holds
no names or numbers of persons: any other column is refused.

Nothing here is published by group. A table by group that is published goes through
`forecasting.disclosure.withhold_small_cells` first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say, say_n
from forecasting.periods import format_period
from forecasting.sources.cell_values import add_missing_months, count_of, day_of, month_of
from forecasting.sources.centre_checks import check_ends, check_groups, first_day_of
from forecasting.sources.centre_layout import MONTHLY, STAYS
from forecasting.sources.spreadsheet import Cell, Faults
from forecasting.sources.spreadsheet_rows import rows_of

LONGEST_YEARS = 20
"""A longer stay is taken for a date of birth or a slip."""

_LATEST_EXIT = dt.timedelta(days=366)  # after the cut-off: a later one is a slip


@dataclass(frozen=True, eq=False)
class CentreStays:
    """Stays in a centre.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a stay: ``entry``, ``exit`` (missing: still present) and ``group`` (may be empty),
        by the row in the file. Nobody who had left before `since`.
    since : pandas.Timestamp
        From this day on everybody who entered or was present is in the table.
    until : pandas.Timestamp
        The cut-off: last day that the records cover. Who left later was present then.
    source : str
        Name of the file.
    """

    table: pd.DataFrame
    since: pd.Timestamp
    until: pd.Timestamp
    source: str

    def arrivals(self, frequency: str = "M") -> pd.Series:
        """Count the entries of each period that the records cover as a whole.

        Parameters
        ----------
        frequency : {"M", "Q", "Y"}
            Length of a period.

        Returns
        -------
        pandas.Series
            Floats by `pandas.PeriodIndex`, without gaps, as `RegularSeries` wants them.

        Raises
        ------
        InputError
            If the records do not cover a period.
        """
        before = (self.since - pd.Timedelta(days=1)).to_period(frequency)
        after = (self.until + pd.Timedelta(days=1)).to_period(frequency)
        periods = pd.period_range(before + 1, after - 1, name="period")
        if periods.empty:
            raise InputError(
                say(
                    "records from {first} to {last}",
                    first=self.since.date(),
                    last=self.until.date(),
                ),
                where=self.source,
                expected=say(
                    "a whole period of frequency {frequency}, or several", frequency=frequency
                ),
            )
        counts: pd.Series = self.table["entry"].dt.to_period(frequency).value_counts()
        return counts.reindex(periods, fill_value=0).astype(float)

    def present(self) -> pd.Series:
        """Entry dates of those present at the end of the cut-off, for `stock_from_entries`."""
        leave = self.table["exit"]
        return self.table["entry"][leave.isna() | (leave > self.until)]

    def spells(self) -> pd.DataFrame:
        """Return the table that `forecasting.stocks.stay_spells.make_spells` takes.

        Returns
        -------
        pandas.DataFrame
            Columns ``entry, exit, observed_from``. Who entered before `since` was seen only from
            then on: of those who entered with them, some had left.
        """
        entry = self.table["entry"]
        seen = entry.where(entry > self.since, self.since)
        return self.table[["entry", "exit"]].assign(observed_from=seen)

    def of_group(self, group: str) -> CentreStays:
        """Return the stays of a group.

        Raises
        ------
        InputError
            If the file has none of that name.
        """
        known = sorted(set(self.table["group"]) - {""})
        if group not in known:
            raise InputError(
                say("group '{name}'", name=group),
                where=self.source,
                expected=", ".join(known) or say("no group"),
            )
        return replace(self, table=self.table[self.table["group"] == group])


@dataclass(frozen=True, eq=False)
class MonthlyTotals:
    """Totals of a centre by month, each a Series of floats by `pandas.PeriodIndex` without gaps.

    Attributes
    ----------
    arrivals, exits : pandas.Series
        Entries and exits of the month.
    stock : pandas.Series
        Present at its end: the stock of the month before plus entries minus exits.
    source : str
        Name of the file.
    """

    arrivals: pd.Series
    exits: pd.Series
    stock: pd.Series
    source: str


def read_stays(
    path: Path, *, until: pd.Period | dt.date, since: pd.Period | dt.date | None = None
) -> CentreStays:
    """Read the stays of a centre: a row for each, with its entry date and exit date.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8 with commas or semicolons; headers in any language of the suite.
        Columns entry date, exit date (empty: still present) and, optional, group.
    until : pandas.Period or datetime.date
        The cut-off: last day, or period, that the records cover.
    since : pandas.Period or datetime.date, optional
        First day, or period, of which everybody present is in the file. Default: the first month
        of entries, or the next if the first entry is far into it: then the file holds everybody who
        has entered since.

    Returns
    -------
    CentreStays

    Raises
    ------
    InputError
        With every fault of the file, named by its cell: a value that is no date, an exit before
        the entry, an entry after the cut-off, a stay of more than `LONGEST_YEARS` years, an
        example left in, a column that does not belong there. Or if the records seem to end before
        the cut-off, to begin after `since`, or to hold only those who were present on some day.
    """
    last = pd.Timestamp(until.end_time if isinstance(until, pd.Period) else until).normalize()
    faults = Faults()
    rows = {
        row: _stay(cells, last.date(), faults)
        for row, cells in rows_of(path, STAYS, faults).items()
    }
    faults.check()
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["entry", "exit", "group"])
    table = table.assign(entry=pd.to_datetime(table["entry"]), exit=pd.to_datetime(table["exit"]))
    where = str(path)
    check_groups(table["group"], where)
    if since is None:
        first = first_day_of(table, where)
    else:
        first = pd.Timestamp(since.start_time if isinstance(since, pd.Period) else since)
    table = table[table["exit"].isna() | (table["exit"] >= first)]
    check_ends(table, first, last, where)
    return CentreStays(table, first, last, path.name)


def read_monthly(path: Path) -> MonthlyTotals:
    """Read the monthly totals of a centre: entries, exits and persons present at the month end.

    Parameters
    ----------
    path : pathlib.Path
        As for `read_stays`. Columns month, entries, exits and present; the months in any order.

    Returns
    -------
    MonthlyTotals

    Raises
    ------
    InputError
        With every fault of the file, named by its cell: a value that is no month or no whole
        number of persons, a month that is missing or stands twice, a stock that does not follow
        from the one before.
    """
    faults = Faults()
    months: dict[pd.Period, tuple[Cell, list[int | None]]] = {}
    for cells in rows_of(path, MONTHLY, faults).values():
        month = faults.attempt(month_of, cells["month"])
        counts = [faults.attempt(count_of, cells[key]) for key in ("entries", "exits", "present")]
        if month in months:
            faults.add(
                say("{month} stands twice", month=format_period(month)),
                where=cells["month"].where,
                expected=say("each month once"),
            )
        elif month is not None:
            months[month] = cells["present"], counts
    _check_balance(months, faults, path)
    faults.check()
    values = {month: counts for month, (_, counts) in sorted(months.items())}
    table = pd.DataFrame.from_dict(values, orient="index").astype(float)
    table.index = pd.PeriodIndex(table.index, freq="M", name="period")
    entries, exits, present = (table[column].rename(None) for column in table)
    return MonthlyTotals(entries, exits, present, path.name)


def _stay(
    cells: Mapping[str, Cell], last: dt.date, faults: Faults
) -> tuple[dt.date | None, dt.date | None, str]:
    entry = faults.attempt(day_of, cells["entry"])
    leave = None if cells["exit"].value is None else faults.attempt(day_of, cells["exit"])
    if entry is not None:
        faults.attempt(_check_stay, entry, leave, last, cells)
    group = cells["group"].value if "group" in cells else None
    return entry, leave, "" if group is None else str(group)


def _check_stay(
    entry: dt.date, leave: dt.date | None, last: dt.date, cells: Mapping[str, Cell]
) -> None:
    came, left = cells["entry"].where, cells["exit"].where
    if entry > last:
        raise InputError(
            say("entry {entry} after the cut-off {last}", entry=entry, last=last),
            where=came,
            expected=say("only those who had entered by then"),
        )
    if leave is not None and leave < entry:
        raise InputError(
            say("exit {exit} before the entry {entry}", exit=leave, entry=entry),
            where=left,
            expected=say("an exit on the day of entry or later"),
        )
    if leave is not None and leave > last + _LATEST_EXIT:
        raise InputError(
            say("exit {exit}, more than a year after the cut-off {last}", exit=leave, last=last),
            where=left,
            expected=say("the day of exit, empty for those still present"),
        )
    years = ((leave or last) - entry).days / 365.25
    if years > LONGEST_YEARS:
        raise InputError(
            say_n(
                "a stay of {n} years, since {entry}",
                "a stay of {n} years, since {entry}",
                round(years),
                entry=entry,
            ),
            where=came,
            expected=say_n(
                "the day of entry, at most {n} years ago",
                "the day of entry, at most {n} years ago",
                LONGEST_YEARS,
            ),
        )


def _check_balance(
    months: Mapping[pd.Period, tuple[Cell, list[int | None]]], faults: Faults, path: Path
) -> None:
    """Refuse a missing month, and a stock that is not the one before plus entries minus exits."""
    for before, month in pairwise(sorted(months)):
        cell, counts = months[month]
        if before + 1 < month:
            add_missing_months(before + 1, month - 1, path, faults)
            continue
        (entries, exits, present), stock = counts, months[before][1][2]
        if stock is None or entries is None or exits is None or present is None:
            continue
        gap = present - (stock + entries - exits)
        if gap:
            faults.add(
                say_n(
                    "{n} present, but {sum}: a difference of {gap}",
                    "{n} present, but {sum}: a difference of {gap}",
                    present,
                    sum=f"{stock} + {entries} - {exits} = {present - gap}",
                    gap=f"{gap:+d}",
                ),
                where=cell.where,
                expected=say("those present the month before plus entries minus exits"),
            )
