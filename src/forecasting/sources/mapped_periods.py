"""Periods as ministries write them: 2024-07, 7/2024, julij 2024, 3. četrtletje 2024, date cells."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say
from forecasting.sources.cell_values import day_of, shown
from forecasting.sources.spreadsheet import Cell
from forecasting.sources.spreadsheet_layout import folded, languages

EXAMPLES = {
    "iso": ("2024-07", "2024M07"),
    "numbers": ("7/2024", "7. 2024"),
    "names": ("julij 2024", "jul. 2024"),
    "dates": ("1. 7. 2024",),
}
"""How each form of a month looks, for messages."""

_ISO = re.compile(r"([0-9]{4})\s?[-/m]?\s?([0-9]{1,2})")
_NUMBERS = re.compile(r"([0-9]{1,2})\s?[-./\s]\s?([0-9]{4})")
_NAMED = re.compile(r"([^\W\d_]+)[.\s/-]*([0-9]{4})")
_NAMED_LAST = re.compile(r"([0-9]{4})[.\s/-]*([^\W\d_]+)\.?")
_QUARTER = re.compile(r"(?:([0-9]{4})\s?[-/]?\s?q([1-4])|q([1-4])\s?[-/]?\s?([0-9]{4}))")
_QUARTER_NAMED = re.compile(r"([1-4]|i{1,3}|iv)\.?\s?[^\W\d_]*\.?\s([0-9]{4})")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_YEAR = re.compile(r"([0-9]{4})\.?")


@dataclass(frozen=True)
class PeriodForm:
    """How periods are written.

    Attributes
    ----------
    frequency : {"M", "Q", "Y"}
    form : {"any", "iso", "numbers", "names", "dates"}
        Of months.
    year : int, optional
        Of cells that name only the month or quarter.
    """

    frequency: str
    form: str = "any"
    year: int | None = None


def period_of(cells: Sequence[Cell], form: PeriodForm) -> pd.Period:
    """Read a period.

    Parameters
    ----------
    cells : sequence of Cell
        At least one; the texts of several are joined.
    form : PeriodForm

    Raises
    ------
    InputError
        If it is no such period, or the year has only two digits.
    """
    period = read_period(cells, form)
    if period is None:
        value = " ".join(_text(cell) for cell in cells) if len(cells) > 1 else cells[0].value
        raise InputError(
            say("{value} is no period", value=shown(value or None)),
            where=cells[0].where,
            expected=_expected(form),
        )
    return period


def read_period(cells: Sequence[Cell], form: PeriodForm) -> pd.Period | None:
    """Read a period as `period_of` does; None if it is none."""
    value = cells[0].value
    if len(cells) == 1 and isinstance(value, dt.date):  # a datetime is one too
        is_date = form.form in {"any", "dates"}
        return pd.Period(value, freq=form.frequency) if is_date else None
    if any(isinstance(c.value, float) and not c.value.is_integer() for c in cells):
        return None  # 7.2024 as a number may have been 7.20240
    text = folded(" ".join([*map(_text, cells), *([str(form.year)] if form.year else [])]))
    if form.frequency == "Q":
        return _quarter(text)
    if form.frequency == "Y":
        found = _YEAR.fullmatch(text)
        return pd.Period(year=int(found[1]), freq="Y") if found else None
    wanted = EXAMPLES if form.form == "any" else {form.form}
    read = (_READ[name](text) for name in EXAMPLES if name in wanted)
    return next((period for period in read if period is not None), None)


def _iso(text: str) -> pd.Period | None:
    found = _ISO.fullmatch(text)
    return _monthly(found[1], int(found[2])) if found else None


def _numbers(text: str) -> pd.Period | None:
    found = _NUMBERS.fullmatch(text)
    return _monthly(found[2], int(found[1])) if found else None


def _names(text: str) -> pd.Period | None:
    if found := _NAMED.fullmatch(text):
        return _monthly(found[2], _month_names().get(found[1], 0))
    if found := _NAMED_LAST.fullmatch(text):
        return _monthly(found[1], _month_names().get(found[2], 0))
    return None


def _dates(text: str) -> pd.Period | None:
    try:
        return pd.Period(day_of(Cell(text, "")), freq="M")
    except InputError:
        return None


_READ: dict[str, Callable[[str], pd.Period | None]] = {
    "iso": _iso,
    "numbers": _numbers,
    "names": _names,
    "dates": _dates,
}


def _monthly(year: str, month: int) -> pd.Period | None:
    return pd.Period(year=int(year), month=month, freq="M") if 1 <= month <= 12 else None


def _quarter(text: str) -> pd.Period | None:
    if found := _QUARTER.fullmatch(text):
        year, number = (found[1], found[2]) if found[1] else (found[4], found[3])
    elif found := _QUARTER_NAMED.fullmatch(text):
        year, number = found[2], _ROMAN.get(found[1], found[1])
    else:
        return None
    return pd.Period(year=int(year), quarter=int(number), freq="Q-DEC")


@cache
def _month_names() -> dict[str, int]:
    """Number of the month by its name, full, short or as in "septembra", in every language."""
    names: dict[str, int] = {}
    for number in range(1, 13):
        month = pd.Period(year=2000, month=number, freq="M")
        for words in languages():
            for write in (words.month, words.short_month, words.in_month):
                name = folded(write(month)).removesuffix("2000").strip(" .")
                names[name.split()[-1]] = number
        names[month.strftime("%b").lower()] = number
    return names


def _text(cell: Cell) -> str:
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _expected(form: PeriodForm) -> str:
    if form.frequency == "Y":
        return say("a year with four digits")
    if form.frequency == "Q":
        return say("a quarter such as {examples}", examples=one_of(["2024-Q3", "3. 2024"]))
    examples = EXAMPLES if form.form == "any" else {form.form: EXAMPLES[form.form]}
    words = [text for each in examples.values() for text in each]
    return say("a month such as {examples}", examples=one_of(words))
