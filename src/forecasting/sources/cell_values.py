"""Days, months, counts and amounts of a spreadsheet kept by hand, as cells or as text."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.periods import format_period
from forecasting.sources.spreadsheet import Cell, Faults

_DAY = re.compile(r"([0-9]{1,2})\.\s*([0-9]{1,2})\.\s*([0-9]{4})\.?")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9.]+)?)?")
_MONTH = re.compile(r"([0-9]{1,2})\s*[./]\s*([0-9]{4})")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_WHOLE = re.compile(r"[0-9]+(?:[.,]0{1,2})?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+(?:[.,][0-9]{1,2})?")
_DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]{1,2})?")
_GROUPED_DECIMAL = re.compile(r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,|(?:,[0-9]{3})+\.)[0-9]{1,2}")
_BLANK_WITHIN = re.compile(r"(?<=[0-9])\s(?=[0-9]{3}(?![0-9]))")
_NUMBER = re.compile(r"[-+\N{MINUS SIGN}]?[0-9][0-9.,]*")
_PERCENT = re.compile(r"([-+\N{MINUS SIGN}]?)([0-9]+(?:[.,][0-9]+)?)")


def day_of(cell: Cell) -> dt.date:
    """Read a day: a date cell, or text such as ``5. 3. 2024`` or ``2024-03-05``.

    Raises
    ------
    InputError
        If it is another value, or there is no such day.
    """
    if isinstance(cell.value, dt.datetime):
        return cell.value.date()
    if isinstance(cell.value, dt.date):
        return cell.value
    text = cell.value if isinstance(cell.value, str) else ""
    if iso := _ISO_DAY.fullmatch(text):
        year, month, day = iso.groups()
    elif written := _DAY.fullmatch(text):
        day, month, year = written.groups()
    else:
        raise _refused(
            cell,
            say("{value} is no date", value=shown(cell.value)),
            say("a date cell, or text such as 5. 3. 2024 or 2024-03-05"),
        )
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise _refused(
            cell,
            say("{value} is no day of the calendar", value=shown(cell.value)),
            say("a day that exists"),
        ) from None


def month_of(cell: Cell) -> pd.Period:
    """Read a month: a date cell within it, or text such as ``3. 2024`` or ``2024-03``.

    Raises
    ------
    InputError
        If it is another value.
    """
    text = cell.value if isinstance(cell.value, str) else ""
    if iso := _ISO_MONTH.fullmatch(text):
        year, month = iso.groups()
    elif written := _MONTH.fullmatch(text):
        month, year = written.groups()
    else:
        try:
            return pd.Period(day_of(cell), freq="M")
        except InputError:
            month, year = "0", "0"
    if not (1 <= int(month) <= 12 and int(year)):
        raise _refused(
            cell,
            say("{value} is no month", value=shown(cell.value)),
            say("a date cell, or text such as 3. 2024 or 2024-03"),
        )
    return pd.Period(year=int(year), month=int(month), freq="M")


def count_of(cell: Cell, unit: str | None = None) -> int:
    """Read a whole number of persons or another unit; as text ``1200``, ``1 200`` or ``1200,0``.

    Raises
    ------
    InputError
        If it is no number, negative, fractional, or may be written with a thousands sign.
    """
    expected = (
        say("a whole number of persons, 0 or more")
        if unit is None
        else say("a whole number of {unit}, 0 or more", unit=unit)
    )
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float | str):
        raise _no_number(cell, expected)
    text = _BLANK_WITHIN.sub("", str(cell.value))
    if _WHOLE.fullmatch(text):
        return int(re.split("[.,]", text)[0])
    if isinstance(cell.value, str) and _GROUPED.fullmatch(text):
        raise _doubtful(cell, say("digits only, such as 1200"))
    if not _NUMBER.fullmatch(text):
        raise _no_number(cell, expected)
    if text[0] in "-\N{MINUS SIGN}":
        raise _refused(cell, say("{value} is negative", value=shown(cell.value)), expected)
    raise _refused(cell, say("{value} is not whole", value=shown(cell.value)), expected)


def amount_of(cell: Cell, unit: str = "EUR") -> float:
    """Read an amount of money or another unit, as ``1200``, ``1200,50`` or ``1 200.50``.

    ``1.200,50``, with both signs, is an amount too.

    Raises
    ------
    InputError
        If it is no number, negative, or ``1.200``, which may be written with a thousands sign.
    """
    expected = say("an amount in {unit}, 0 or more, such as 1200 or 1200,50", unit=unit)
    found = say("{value} is no amount", value=shown(cell.value))
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float | str):
        raise _refused(cell, found, expected)
    if not isinstance(cell.value, str):
        if not 0 <= cell.value < math.inf:
            found = say("{value} is negative or not finite", value=shown(cell.value))
            raise _refused(cell, found, expected)
        return float(cell.value)
    text = _BLANK_WITHIN.sub("", cell.value.removesuffix("EUR").removesuffix("€").strip())
    if _GROUPED_DECIMAL.fullmatch(text):
        whole, cents = re.split("[.,](?=[0-9]{1,2}$)", text)
        return float(f"{re.sub('[.,]', '', whole)}.{cents}")
    if _GROUPED.fullmatch(text):
        raise _doubtful(cell, say("digits only, such as 1200 or 1200,50"))
    if _DECIMAL.fullmatch(text):
        return float(text.replace(",", "."))
    raise _refused(cell, found, expected)


def percentage_of(cell: Cell) -> float:
    """Read a percentage: 12.5, or as text ``12,5``, ``12.5`` or ``12,5 %``.

    A cell that a workbook shows as a percentage counts as it is shown: 0.125 is 12.5.

    Raises
    ------
    InputError
        If it is no number, or ``1.200``, which may be written with a thousands sign.
    """
    expected = say("a percentage such as 12.5 or 12,5 %")
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float | str):
        raise _no_number(cell, expected)
    if not isinstance(cell.value, str):
        if not math.isfinite(cell.value):
            raise _refused(cell, say("{value} is not finite", value=shown(cell.value)), expected)
        exact = Decimal(repr(cell.value))
        return float(exact * 100 if cell.is_percentage else exact)
    text = cell.value.removesuffix("%").strip()
    if _GROUPED.fullmatch(text.lstrip("-+\N{MINUS SIGN}")):
        raise _doubtful(cell, expected)
    if not (found := _PERCENT.fullmatch(text)):
        raise _no_number(cell, expected)
    number = float(found[2].replace(",", "."))
    return -number if found[1] in {"-", "\N{MINUS SIGN}"} else number


def add_missing_months(first: pd.Period, last: pd.Period, path: Path, faults: Faults) -> None:
    """Add the fault that a file has no row for the months from `first` to `last`."""
    found = say("no row for {month}", month=format_period(first))
    if first < last:
        found = say(
            "no row for {first} to {last}", first=format_period(first), last=format_period(last)
        )
    faults.add(found, where=str(path), expected=say("every month once"))


def shown(value: object) -> str:
    """Write the value of a cell for a message."""
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value.isoformat()
    return say("an empty cell") if value is None else f"'{value}'"


def _no_number(cell: Cell, expected: str) -> InputError:
    return _refused(cell, say("{value} is no number", value=shown(cell.value)), expected)


def _doubtful(cell: Cell, expected: str) -> InputError:
    found = say("{value} may have a thousands sign", value=shown(cell.value))
    return _refused(cell, found, expected)


def _refused(cell: Cell, found: str, expected: str) -> InputError:
    if cell.value is None:
        found = say("is empty")
    return InputError(found, where=cell.where, expected=expected)
