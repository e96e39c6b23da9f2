"""Calendar periods: months, quarters and years as text and as `pandas.Period`."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say

SEASON_LENGTH = {"M": 12, "Q": 4, "Y": 1}
"""Periods in a year, by frequency."""

FREQUENCY_NAMES = {"M": "monthly", "Q": "quarterly", "Y": "annual"}

_PATTERNS = {
    "M": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    "Q": re.compile(r"(\d{4})-Q([1-4])"),
    "Y": re.compile(r"(\d{4})"),
}


def parse_period(text: str, *, where: str | None = None) -> pd.Period:
    """Read a period written as ``2024-09``, ``2024-Q3`` or ``2024``.

    Parameters
    ----------
    text : str
        The period as text.
    where : str, optional
        Named in the error message.

    Returns
    -------
    pandas.Period
        With frequency ``M``, ``Q-DEC`` or ``Y-DEC``.

    Raises
    ------
    InputError
        If the text has none of the three forms.
    """
    period = _period(text.strip())
    if period is None:
        raise InputError(
            say("'{text}' is not a period", text=text),
            where=where,
            expected=say("YYYY-MM, YYYY-Qn or YYYY"),
        )
    return period


@lru_cache(maxsize=4096)
def _period(text: str) -> pd.Period | None:
    """Read a period; the files of a batch repeat the same few hundred."""
    for frequency, pattern in _PATTERNS.items():
        match = pattern.fullmatch(text)
        if match:
            year = int(match[1])
            if frequency == "M":
                return pd.Period(year=year, month=int(match[2]), freq="M")
            if frequency == "Q":
                return pd.Period(year=year, quarter=int(match[2]), freq="Q-DEC")
            return pd.Period(year=year, freq="Y-DEC")
    return None


def parse_month(text: str, *, where: str | None = None) -> pd.Period:
    """Read a month written as ``2024-09``.

    Raises
    ------
    InputError
        If the text is not of the form ``YYYY-MM``.
    """
    if not _PATTERNS["M"].fullmatch(text.strip()):
        raise InputError(
            say("'{text}' is not a month", text=text), where=where, expected=say("YYYY-MM")
        )
    return parse_period(text, where=where)


def last_second(month: pd.Period) -> dt.datetime:
    """Return the last second of a month, in UTC."""
    end: dt.datetime = month.end_time.floor("s").to_pydatetime()
    return end.replace(tzinfo=dt.UTC)


def format_period(period: pd.Period) -> str:
    """Write a period the way `parse_period` reads it."""
    frequency = frequency_of(period)
    if frequency == "M":
        return f"{period.year:04d}-{period.month:02d}"
    if frequency == "Q":
        return f"{period.year:04d}-Q{period.quarter}"
    return f"{period.year:04d}"


def frequency_of(period: pd.Period | pd.PeriodIndex) -> str:
    """Return ``M``, ``Q`` or ``Y`` for a period or an index of periods."""
    return str(period.freqstr)[0]


def following(origin: pd.Period, horizon: int) -> pd.PeriodIndex:
    """Return the `horizon` periods that come after `origin`."""
    return pd.period_range(origin + 1, periods=horizon, name="period")


def months_between(start: pd.Period, end: pd.Period) -> int:
    """Count the periods from `start` to `end`, both included (0 if `end` is before `start`)."""
    return max(0, int(end.ordinal - start.ordinal) + 1)
