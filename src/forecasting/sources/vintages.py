"""Vintages: a table as it was published on several days, one row per new or changed cell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.periods import parse_month
from forecasting.tables import parse_number, read_rows, row_place

VINTAGE_COLUMNS = ("vintage", "date", "geo", "value")
"""Columns of a file of vintages: day of the table, reference month, country, count."""


def read_vintages(path: Path) -> pd.DataFrame:
    """Read a file of vintages.

    Parameters
    ----------
    path : pathlib.Path
        CSV with the columns ``vintage,date,geo,value``: the day on which a value was first seen
        (``YYYY-MM-DD``), the month it counts (``YYYY-MM``), the country and the value. A cell that
        did not change is not repeated; the vintages of a cell stand in increasing order.

    Returns
    -------
    pandas.DataFrame
        Columns ``vintage`` (datetime.date), ``geo``, ``period`` (pandas.Period, monthly) and
        ``value`` (float), in the order of the file.

    Raises
    ------
    InputError
        For other columns, a day or month that cannot be read, a value that is missing or negative,
        a vintage before the end of the month it counts, and vintages of a cell that stand twice or
        out of order; with the row.
    """
    rows = read_rows(path, VINTAGE_COLUMNS)
    newest: dict[tuple[str, pd.Period], dt.date] = {}
    table = []
    for row, cells in rows.iterrows():
        where = row_place(path, row)
        day = _parse_day(str(cells["vintage"]), where)
        month = parse_month(str(cells["date"]), where=where)
        if day <= month.end_time.date():
            raise InputError(
                say("vintage {day} of {month}", day=day, month=month),
                where=where,
                expected=say("a day after the month's end"),
            )
        geo = str(cells["geo"])
        _check_order(newest.get((geo, month)), day, f"{where}, {geo} {month}")
        newest[geo, month] = day
        table.append((day, geo, month, _parse_count(str(cells["value"]), where)))
    return pd.DataFrame(table, columns=["vintage", "geo", "period", "value"])


def as_published(vintages: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Return the table as it stood on a day.

    Parameters
    ----------
    vintages : pandas.DataFrame
        See `read_vintages`.
    day : datetime.date
        Its end; everything published by then is known.

    Returns
    -------
    pandas.DataFrame
        Columns ``geo``, ``period``, ``value`` and ``vintage``, the day since when the value has
        stood; one row per cell that had been published, sorted by country and month.

    Raises
    ------
    InputError
        If the day lies before the first vintage.
    """
    known = vintages[vintages["vintage"] <= day]
    if known.empty:
        raise InputError(
            say("nothing known on {day}", day=day),
            expected=say("{day} or later", day=vintages["vintage"].min()),
        )
    last = known.sort_values("vintage", kind="stable").groupby(["geo", "period"]).last()
    return last.reset_index()[["geo", "period", "value", "vintage"]]


def _check_order(earlier: dt.date | None, day: dt.date, where: str) -> None:
    if earlier is None or day > earlier:
        return
    found = say("vintage {day} after {earlier}", day=day, earlier=earlier)
    if day == earlier:
        found = say("vintage {day} stands twice", day=day)
    raise InputError(found, where=where, expected=say("increasing vintages of a cell, each once"))


def _parse_day(text: str, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(
            say("'{text}' is not a day", text=text), where=where, expected=say("YYYY-MM-DD")
        ) from None


def _parse_count(text: str, where: str) -> float:
    value = parse_number(text, where=where)
    if not 0 <= value < float("inf"):
        raise InputError(
            say("value '{text}'", text=text), where=where, expected=say("a count, 0 or more")
        )
    return value
