"""Isolated counts of single days, as a reference file of the shape ``dated_points`` holds them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from forecasting.errors import InputError
from forecasting.sources.reference import SHAPES, check_hash, find_dataset
from forecasting.tables import parse_number, read_rows

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class DayCount:
    """What was counted on one day."""

    day: dt.date
    value: int


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
    dataset = find_dataset(name)
    if dataset.shape != "dated_points":
        raise InputError(f"'{name}' holds no dated points", expected="dated_points")
    check_hash(dataset)
    rows = read_rows(dataset.path, SHAPES["dated_points"])
    own = rows[(rows["quantity"] == quantity) & rows["date"].str.fullmatch(_DAY)]
    if own.empty:
        known = ", ".join(sorted(set(rows["quantity"])))
        raise InputError(
            f"no counts of single days for '{quantity}'", where=str(dataset.path), expected=known
        )
    found = [
        DayCount(
            dt.date.fromisoformat(cells["date"]),
            int(parse_number(cells["value"], where=f"{dataset.path}, row {row}")),
        )
        for row, cells in own.iterrows()
    ]
    return sorted(found, key=lambda count: count.day)
