"""Isolated published counts: of single days (``dated_points``) and of months (``points``)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.periods import parse_month
from forecasting.sources.reference import SHAPES, Dataset, check_hash, find_dataset
from forecasting.tables import parse_number, read_rows, row_place

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class DayCount:
    """What was counted on one day."""

    day: dt.date
    value: int


@dataclass(frozen=True)
class MonthCount:
    """What was counted in one month.

    Attributes
    ----------
    month : pandas.Period
    value : int
    note : str
        Such as ``rounded`` or ``more than``; may be empty.
    """

    month: pd.Period
    value: int
    note: str


def read_month_counts(name: str, quantity: str) -> list[MonthCount]:
    """Read the isolated monthly counts of one quantity, in order of time.

    Parameters
    ----------
    name : str
        Name of a reference data set.
    quantity : str
        Such as ``persons_entitled``.

    Raises
    ------
    InputError
        If the data set holds no such points, or none of this quantity.
    """
    dataset, rows = _points(name, "points")
    own = rows[rows["quantity"] == quantity]
    if own.empty:
        raise _no_counts(
            say("no counts of months for '{quantity}'", quantity=quantity), dataset, rows
        )
    found = [
        MonthCount(parse_month(cells["period"]), _value(dataset, row, cells), str(cells["note"]))
        for row, cells in own.iterrows()
    ]
    return sorted(found, key=lambda count: count.month)


def read_day_counts(name: str, quantity: str) -> list[DayCount]:
    """Read the counts of single days of one quantity, in order of time.

    Parameters
    ----------
    name : str
        Name of a reference data set.
    quantity : str
        Such as ``present``; its annual values, dated by a year alone, are left out.

    Raises
    ------
    InputError
        If the data set holds no such points, or none of this quantity.
    """
    dataset, rows = _points(name, "dated_points")
    own = rows[(rows["quantity"] == quantity) & rows["date"].str.fullmatch(_DAY)]
    if own.empty:
        raise _no_counts(
            say("no counts of single days for '{quantity}'", quantity=quantity), dataset, rows
        )
    found = [
        DayCount(dt.date.fromisoformat(cells["date"]), _value(dataset, row, cells))
        for row, cells in own.iterrows()
    ]
    return sorted(found, key=lambda count: count.day)


def _points(name: str, shape: str) -> tuple[Dataset, pd.DataFrame]:
    dataset = find_dataset(name)
    if dataset.shape != shape:
        found = {
            "points": say("'{name}' holds no points", name=name),
            "dated_points": say("'{name}' holds no dated points", name=name),
        }
        raise InputError(found[shape], expected=shape)
    check_hash(dataset)
    return dataset, read_rows(dataset.path, SHAPES[shape])


def _no_counts(found: str, dataset: Dataset, rows: pd.DataFrame) -> InputError:
    return InputError(
        found, where=str(dataset.path), expected=", ".join(sorted(set(rows["quantity"])))
    )


def _value(dataset: Dataset, row: object, cells: pd.Series) -> int:
    return int(parse_number(cells["value"], where=row_place(dataset.path, row)))
