"""Durations in days, months, quarters or years, brought to periods of one length."""

from __future__ import annotations

from forecasting.errors import InputError

_DAYS = {"days": 1.0, "months": 365.25 / 12, "quarters": 365.25 / 4, "years": 365.25}
_PERIODS = {"M": "months", "Q": "quarters", "Y": "years"}

UNITS = tuple(_DAYS)
"""Units of a duration."""


def periods_per(unit: str, frequency: str, *, where: str | None = None) -> float:
    """Return the length of a unit in periods, a year being 365.25 days.

    Parameters
    ----------
    unit : {"days", "months", "quarters", "years"}
        Unit of a duration.
    frequency : {"M", "Q", "Y"}
        Length of a period.
    where : str, optional
        Named in the error message.

    Raises
    ------
    InputError
        If the unit or the frequency is not known.
    """
    if unit not in _DAYS:
        raise InputError(f"unit '{unit}'", where=where, expected=" | ".join(UNITS))
    return _DAYS[unit] / _DAYS[period_unit(frequency)]


def period_unit(frequency: str) -> str:
    """Return the unit one period of which is 1: ``months`` for ``M``.

    Raises
    ------
    InputError
        If the frequency is not known.
    """
    if frequency not in _PERIODS:
        raise InputError(f"frequency '{frequency}'", expected=" | ".join(_PERIODS))
    return _PERIODS[frequency]
