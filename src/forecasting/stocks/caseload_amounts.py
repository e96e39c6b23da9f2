"""What a caseload costs, and its two counts: recipients (one per family) and persons entitled.

The two counts are kept apart by their unit: recipients are in ``families``, persons entitled in
``persons``. Every result is a function of the same joint paths of recipients.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.distributions import Uncertain, check_range, draw
from forecasting.errors import InputError
from forecasting.paths import make_paths, periods_of
from forecasting.periods import format_period
from forecasting.sources.parameters import load_parameters
from forecasting.sources.recipients_layout import COUNTS, MEASURED
from forecasting.stocks.minimum_income import PARAMETERS, BasicAmounts

RECIPIENTS, PERSONS_ENTITLED = (MEASURED[count][0] for count in COUNTS)
"""Units: recipients are one per family, persons entitled every member of these families."""

_COUNTS = {RECIPIENTS: "recipients, one per family", PERSONS_ENTITLED: "persons entitled"}


def household_assumption(name: str, *, on: pd.Period) -> Uncertain:
    """Return what ``data/parameters/minimum_income.yaml`` says of families in a month.

    Parameters
    ----------
    name : {"household_factor", "persons_per_recipient"}
        Basic amounts paid per recipient and month, or persons entitled per recipient.
    on : pandas.Period
        Month.

    Raises
    ------
    InputError
        If there is no such entry.
    """
    return load_parameters(PARAMETERS).entry(name, on=on).uncertain


def expenditure_paths(
    recipients: xr.DataArray,
    amounts: BasicAmounts,
    *,
    household_factor: Uncertain,
    rng: np.random.Generator,
) -> xr.DataArray:
    """Joint paths of what is paid in each month.

    E(i, t) = R(i, t) a(t) h(i): recipients of path i in month t, the basic amount of the month, and
    the household factor of the path.

    Parameters
    ----------
    recipients : xarray.DataArray
        Months, dims ``(path, period)``, in `RECIPIENTS`.
    amounts : BasicAmounts
        EUR per month, for every month of the paths.
    household_factor : number or Distribution
        Basic amounts paid per recipient, own income deducted and the family added. A distribution
        is drawn once per path: what is not known about it does not change from month to month.
    rng : numpy.random.Generator
        The only source of randomness; one draw a path, also for a number, so that variants share
        their draws.

    Returns
    -------
    xarray.DataArray
        EUR per month, a flow: it may be added up over months.

    Raises
    ------
    InputError
        If the paths are another count, an amount is lacking, or the factor can be negative.
    """
    _require(recipients, RECIPIENTS)
    check_range(household_factor, 0, np.inf, where="household factor")
    monthly = amounts.values.reindex(periods_of(recipients))
    if monthly.isna().any():
        raise InputError(
            f"no basic amount for {format_period(monthly.index[monthly.isna()][0])}",
            expected=f"{_span(periods_of(recipients))}, the months of the paths",
        )
    factors = _per_path(household_factor, recipients, rng)
    values = recipients.to_numpy() * monthly.to_numpy() * factors
    return make_paths(values, periods_of(recipients), unit="EUR", kind="flow")


def persons_entitled_paths(
    recipients: xr.DataArray, *, persons_per_recipient: Uncertain, rng: np.random.Generator
) -> xr.DataArray:
    """Joint paths of the other count: persons entitled, drawn from recipients.

    Parameters
    ----------
    recipients : xarray.DataArray
        Dims ``(path, period)``, in `RECIPIENTS`.
    persons_per_recipient : number or Distribution
        Size of the families, 1 or more; a distribution is drawn once per path.
    rng : numpy.random.Generator
        The only source of randomness; one draw a path, also for a number, so that variants share
        their draws.

    Returns
    -------
    xarray.DataArray
        In `PERSONS_ENTITLED`, a stock.

    Raises
    ------
    InputError
        If the paths are another count, or there may be fewer persons than recipients.
    """
    _require(recipients, RECIPIENTS)
    check_range(persons_per_recipient, 1, np.inf, where="persons per recipient")
    values = recipients.to_numpy() * _per_path(persons_per_recipient, recipients, rng)
    return make_paths(values, periods_of(recipients), unit=PERSONS_ENTITLED, kind="stock")


def check_same_count(*counts: xr.DataArray) -> None:
    """Refuse to add or compare recipients and persons entitled.

    Parameters
    ----------
    *counts : xarray.DataArray
        Paths that are to be added, subtracted or shown on one axis.

    Raises
    ------
    InputError
        If their units differ.
    """
    units = [str(paths.attrs.get("unit", "")) for paths in counts]
    if len(set(units)) > 1:
        found = " and ".join(_named(unit) for unit in dict.fromkeys(units))
        raise InputError(
            f"{found} together",
            expected="one count: a family of recipients has several persons entitled",
            action="make the other count with persons_entitled_paths, and show the two apart",
        )


def check_persons_entitled(persons_entitled: xr.DataArray, recipients: xr.DataArray) -> None:
    """Refuse a pair of counts that cannot belong together.

    Raises
    ------
    InputError
        If a unit is that of the other count, the months differ, or somewhere there are fewer
        persons entitled than recipients.
    """
    _require(recipients, RECIPIENTS)
    _require(persons_entitled, PERSONS_ENTITLED)
    months = periods_of(recipients)
    if not months.equals(periods_of(persons_entitled)):
        raise InputError(
            f"persons entitled of {_span(periods_of(persons_entitled))}", expected=_span(months)
        )
    fewer = np.flatnonzero((persons_entitled.to_numpy() < recipients.to_numpy()).any(axis=0))
    if fewer.size:
        raise InputError(
            f"fewer persons entitled than recipients in {format_period(months[fewer[0]])}",
            expected="at least one person per recipient, usually 1.5 to 2",
            action="look whether the two counts are interchanged",
        )


def _require(paths: xr.DataArray, unit: str) -> None:
    found = str(paths.attrs.get("unit", ""))
    if found != unit or paths.attrs.get("kind") != "stock":
        raise InputError(
            f"paths of {_named(found)}, a {paths.attrs.get('kind')}",
            expected=f"{_named(unit)}, a stock",
            action=f"if that is what was counted, read the series with unit='{unit}', kind='stock'",
        )


def _named(unit: str) -> str:
    return f"{unit} ({_COUNTS[unit]})" if unit in _COUNTS else unit or "no unit"


def _per_path(value: Uncertain, paths: xr.DataArray, rng: np.random.Generator) -> np.ndarray:
    return draw(value, rng.random((paths.sizes["path"], 1)))


def _span(periods: pd.PeriodIndex) -> str:
    return f"{format_period(periods[0])} to {format_period(periods[-1])}"
