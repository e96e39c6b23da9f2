"""The macroeconomic outlook as an assumption: drivers of a caseload, and inflation.

Annual values of ``data/parameters/macro_outlook.yaml``, made monthly by one rule: a month is the
same month of the year before, times the annual rate over that of the year before. So the season of
the last year observed stays, and the mean of a calendar year moves as the annual rate does.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.models.drivers import Drivers
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.sources.parameters import load_parameters

PARAMETERS = "macro_outlook"
UNEMPLOYMENT = "survey_unemployment_rate"
INFLATION = "inflation"


def annual_outlook(name: str, *, parameters: str = PARAMETERS) -> dict[int, float]:
    """Return an annual figure of the outlook by year.

    Parameters
    ----------
    name : str
        Such as ``survey_unemployment_rate``, ``inflation`` (year on year in December) or
        ``gdp_growth``; a share.
    parameters : str
        File with the entries; see `load_parameters`.

    Raises
    ------
    InputError
        If there is no such figure.
    """
    entries = load_parameters(parameters).entries
    found = {entry.valid_from.year: float(entry.value) for entry in entries if entry.id == name}
    if not found:
        known = ", ".join(sorted({entry.id for entry in entries}))
        raise InputError(f"'{name}' in the outlook '{parameters}'", expected=known)
    return dict(sorted(found.items()))


def outlook_drivers(
    observed: pd.DataFrame,
    *,
    horizon: int,
    lags: Mapping[str, int] | None = None,
    rate: str = UNEMPLOYMENT,
    parameters: str = PARAMETERS,
) -> Drivers:
    """Return drivers whose future follows the outlook: one path, an assumption without a spread.

    y(t) = y(t - 12) r(year of t) / r(year before)

    Parameters
    ----------
    observed : pandas.DataFrame
        Monthly drivers that move with unemployment, such as the registered unemployed or their
        rate; see `Drivers`.
    horizon : int
        Months after the last observed value of each driver.
    lags : mapping of str to int, optional
        See `Drivers`.
    rate : str
        Annual figure that they follow.
    parameters : str
        File with the entries; see `load_parameters`.

    Returns
    -------
    Drivers

    Raises
    ------
    InputError
        If fewer than twelve months were observed, or the outlook has no rate of a year needed.
    """
    rates = annual_outlook(rate, parameters=parameters)
    known = Drivers(observed, lags=lags or {})
    future = {
        name: _planned(observed[name].dropna(), horizon, rates, f"driver {name}")
        for name in known.names
    }
    return Drivers(observed, future=future, lags=known.lags)


def _planned(
    values: pd.Series, horizon: int, rates: Mapping[int, float], where: str
) -> xr.DataArray:
    observed = pd.PeriodIndex(values.index)
    if observed.freqstr != "M" or len(values) < 12:
        raise InputError(
            f"{len(values)} values of frequency {observed.freqstr}",
            where=where,
            expected="twelve months or more",
        )
    months = following(observed[-1], horizon)
    path = [*values.iloc[-12:]]
    for month in months:
        path.append(path[-12] * _ratio(month, rates, where))
    return make_paths(np.array([path[12:]]), months, unit="1", kind="stock")


def _ratio(month: pd.Period, rates: Mapping[int, float], where: str) -> float:
    for year in (month.year - 1, month.year):
        if year not in rates:
            raise InputError(
                f"no rate of {year} for {format_period(month)}",
                where=where,
                expected=f"months of {min(rates) + 1} to {max(rates)}: the outlook has "
                f"{', '.join(map(str, rates))}",
                action="choose another horizon, or leave the outlook out; the driver is then "
                "forecast",
            )
    return rates[month.year] / rates[month.year - 1]
