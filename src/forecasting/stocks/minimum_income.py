"""The basic amount of the minimum income, month by month: policy steps, then an assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from forecasting.errors import InputError
from forecasting.periods import format_period
from forecasting.sources.parameters import Entry, ParameterFile, load_parameters

PARAMETERS = "minimum_income"
INDEXATION_MONTH = 3
"""The amount follows prices once a year, in March."""


@dataclass(frozen=True, eq=False)
class BasicAmounts:
    """Basic amount of each month.

    Attributes
    ----------
    values : pandas.Series
        EUR per month, by month.
    known_until : pandas.Period
        Amounts of later months are an assumption.
    """

    values: pd.Series
    known_until: pd.Period


def basic_amounts(
    periods: pd.PeriodIndex,
    *,
    known_until: pd.Period | None = None,
    inflation: Mapping[int, float] | None = None,
    parameters: str = PARAMETERS,
) -> BasicAmounts:
    """Return the basic amount of the minimum income in each month.

    Up to `known_until` it is the entry in force. After that it stays, or, with `inflation`, is
    multiplied each March of a year y by 1 + inflation of y - 1 and rounded to the cent. That is how
    421.89 EUR became 465.34 in March 2023, after 10.3 % in December 2022.

    Parameters
    ----------
    periods : pandas.PeriodIndex
        Months, consecutive.
    known_until : pandas.Period, optional
        Month whose knowledge is used: entries that begin later are left out. Default: the month in
        which the last entry begins.
    inflation : mapping of int to float, optional
        Year on year in December, as a share, by year; see `macro_outlook.annual_outlook`.
        Default: the last amount stays.
    parameters : str
        File with the entries of the id ``minimum_income``; see `load_parameters`.

    Returns
    -------
    BasicAmounts

    Raises
    ------
    InputError
        If a month lies before the first entry, or the inflation of a year is lacking.
    """
    if periods.freqstr != "M":
        raise InputError(f"periods of frequency {periods.freqstr}", expected="months")
    entries = load_parameters(parameters)
    known = known_until or _last_step(entries).valid_from
    amounts: dict[pd.Period, float] = {}
    for month in periods.union(pd.period_range(known, periods[-1], freq="M")):
        if month <= known:
            amounts[month] = entries.value(PARAMETERS, on=month)
            continue
        before = amounts[month - 1]
        indexed = inflation is not None and month.month == INDEXATION_MONTH
        amounts[month] = _indexed(before, month, inflation or {}) if indexed else before
    values = pd.Series(amounts).reindex(periods).rename_axis("period")
    return BasicAmounts(values, known)


def _last_step(entries: ParameterFile) -> Entry:
    own = [entry for entry in entries.entries if entry.id == PARAMETERS]
    return max(own, key=lambda entry: entry.valid_from)


def _indexed(before: float, month: pd.Period, inflation: Mapping[int, float]) -> float:
    rate = inflation.get(month.year - 1)
    if rate is None:
        raise InputError(
            f"no inflation of {month.year - 1} for the basic amount from {format_period(month)}",
            expected=", ".join(map(str, sorted(inflation))) or "a rate by year",
            action="add the year, end the horizon earlier, or leave inflation out",
        )
    return round(before * (1 + rate), 2)
