"""Stock against capacity: overflow, person-nights and their cost, places for a stated service.

Every view is taken of joint paths, whole numbers of persons at the end of each period. "95 %
service" has three meanings that are places apart, so `capacity_for` has to be told which.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import paths_like, periods_of
from forecasting.periods import SEASON_LENGTH, format_period, frequency_of
from forecasting.stocks.occupancy import by_period

MEANINGS = ("pointwise", "simultaneous", "share_of_nights")
"""What a stated service may hold for."""

Capacity = float | Sequence[float] | np.ndarray
"""Places, for all periods or one number per period."""


def capacity_for(paths: xr.DataArray, probability: float, *, meaning: str) -> xr.DataArray:
    """Places needed in each calendar year for a stated service.

    Parameters
    ----------
    paths : xarray.DataArray
        Stock, dims ``(path, period)``, whole calendar years.
    probability : float
        Service wanted, above 0 and below 1.
    meaning : {"pointwise", "simultaneous", "share_of_nights"}
        ``pointwise``: in whichever period of the year, the stock is within the places with this
        probability. ``simultaneous``: it is within them at the end of every period of the year with
        this probability. ``share_of_nights``: it is within them for this share of the period ends,
        over all paths and periods of the year together.

    Returns
    -------
    xarray.DataArray
        The smallest whole number of places that gives the service, dims ``(period,)`` with years.

    Raises
    ------
    InputError
        If the meaning is none of the three, the probability is not between 0 and 1, or the paths
        are a flow or hold a part of a year.
    """
    if meaning not in MEANINGS:
        raise InputError(
            f"meaning '{meaning}' of a service of {probability:.0%}",
            expected=", ".join(MEANINGS),
            action="say what the probability is to hold for: the places differ",
        )
    if not 0 < probability < 1:
        raise InputError(f"probability {probability:g}", expected="between 0 and 1")
    values, years = _by_year(paths)
    if meaning == "simultaneous":
        values = values.max(axis=2, keepdims=True)
    elif meaning == "share_of_nights":
        values = values.transpose(0, 2, 1).reshape(-1, len(years), 1)
    places = np.quantile(values, probability, axis=0, method="inverted_cdf").max(axis=1)
    return by_period(np.ceil(places), years, "places")


def over_capacity_in_year(paths: xr.DataArray, capacity: Capacity) -> xr.DataArray:
    """Chance that the stock is over capacity at the end of any period of a calendar year.

    Parameters
    ----------
    paths : xarray.DataArray
        Stock, dims ``(path, period)``, whole calendar years.
    capacity : float or array_like
        Places, one number or one per period.

    Returns
    -------
    xarray.DataArray
        Share of the paths, dims ``(period,)`` with years.

    Raises
    ------
    InputError
        If the capacity is not above 0, or the paths are a flow or hold a part of a year.
    """
    values, years = _by_year(overflow(paths, capacity))
    return by_period((values > 0).any(axis=2).mean(axis=0), years, "1")


def overflow(paths: xr.DataArray, capacity: Capacity) -> xr.DataArray:
    """Persons over capacity on each path, 0 where there are enough places.

    Parameters
    ----------
    paths : xarray.DataArray
        Stock, dims ``(path, period)``.
    capacity : float or array_like
        Places, one number or one per period.

    Returns
    -------
    xarray.DataArray
        Stock, same dims; its mean over paths is the expected overflow.

    Raises
    ------
    InputError
        If the capacity is not above 0, or the paths are a flow.
    """
    _require_stock(paths, "overflow")
    places = check_capacity(capacity, paths.sizes["period"])
    over = np.maximum(paths.to_numpy() - places, 0)
    return paths_like(paths, over)


def occupancy_rate(paths: xr.DataArray, capacity: Capacity) -> xr.DataArray:
    """Stock over capacity on each path.

    Parameters
    ----------
    paths : xarray.DataArray
        Stock, dims ``(path, period)``.
    capacity : float or array_like
        Places, one number or one per period.

    Returns
    -------
    xarray.DataArray
        Stock of unit 1, same dims; above 1 where places are short.

    Raises
    ------
    InputError
        If the capacity is not above 0, or the paths are a flow.
    """
    _require_stock(paths, "an occupancy rate")
    places = check_capacity(capacity, paths.sizes["period"])
    return paths_like(paths, paths.to_numpy() / places, unit="1")


def person_nights(paths: xr.DataArray, *, initial: float | np.ndarray) -> xr.DataArray:
    """Nights spent in each period: mean of the stock at its begin and end, times its days.

    Parameters
    ----------
    paths : xarray.DataArray
        Stock at the end of each period (or the `overflow` of it), dims ``(path, period)``.
    initial : float or numpy.ndarray
        The same at the start of the first period: one number, or one per path.

    Returns
    -------
    xarray.DataArray
        Flow of unit person-nights, same dims.

    Raises
    ------
    InputError
        If the paths are a flow, or `initial` is below 0 or has another shape.
    """
    _require_stock(paths, "person-nights")
    start = np.asarray(initial, dtype=float)
    if start.shape not in ((), (paths.sizes["path"],)) or not (start >= 0).all():
        raise InputError(
            f"stock at the start of shape {start.shape} and lowest value {start.min():g}",
            expected="one number, or one per path, 0 or more",
        )
    ends = paths.to_numpy()
    begins = np.column_stack([np.broadcast_to(start, len(ends)), ends[:, :-1]])
    periods = periods_of(paths)
    first, last = periods.asfreq("D", how="S"), periods.asfreq("D", how="E")
    days = np.asarray(last.asi8) - np.asarray(first.asi8) + 1
    return paths_like(paths, (begins + ends) / 2 * days, unit="person-nights", kind="flow")


def nights_cost(nights: xr.DataArray, eur_per_night: float) -> xr.DataArray:
    """Cost of person-nights in EUR.

    Parameters
    ----------
    nights : xarray.DataArray
        From `person_nights`.
    eur_per_night : float
        Cost of one person for one night, 0 or more.

    Returns
    -------
    xarray.DataArray
        Flow of unit EUR, same dims.

    Raises
    ------
    InputError
        If `nights` are something else, or the cost is below 0.
    """
    if nights.attrs["unit"] != "person-nights":
        raise InputError(f"cost of nights in {nights.attrs['unit']}", expected="person-nights")
    if not 0 <= eur_per_night < np.inf:
        raise InputError(f"{eur_per_night:g} EUR per night", expected="0 or more")
    return paths_like(nights, nights.to_numpy() * eur_per_night, unit="EUR")


def whole_years(paths: xr.DataArray) -> xr.DataArray | None:
    """Return the part of paths that covers whole calendar years; None if there is none."""
    periods = periods_of(paths)
    years, counts = np.unique(periods.year, return_counts=True)
    whole = years[counts == SEASON_LENGTH[frequency_of(periods)]]
    inside = np.isin(periods.year, whole)
    return paths[:, inside] if inside.any() else None


def check_capacity(capacity: Capacity, horizon: int) -> np.ndarray:
    """Return the places of each period, shape ``(horizon,)``.

    Raises
    ------
    InputError
        If there is neither one number nor one per period, or one is not above 0.
    """
    places = np.asarray(capacity, dtype=float)
    if places.shape not in ((), (horizon,)):
        raise InputError(
            f"capacity of shape {places.shape}",
            expected=f"one number, or one for each of {horizon}",
        )
    bad = ~(np.isfinite(places) & (places > 0))
    if bad.any():
        raise InputError(f"capacity {places[bad][0]:g}", expected="places, above 0")
    return np.broadcast_to(places, (horizon,))


def _by_year(paths: xr.DataArray) -> tuple[np.ndarray, pd.PeriodIndex]:
    """Stock of shape ``(n_paths, n_years, periods per year)``, and the years."""
    _require_stock(paths, "a view by year")
    periods = periods_of(paths)
    per_year = SEASON_LENGTH[frequency_of(periods)]
    years, counts = np.unique(periods.year, return_counts=True)
    if (counts != per_year).any():
        raise InputError(
            f"stock from {format_period(periods[0])} to {format_period(periods[-1])}",
            expected="whole calendar years",
            action="cut the paths at a year's end, or put the observed stock in front",
        )
    index = pd.PeriodIndex([pd.Period(year=int(year), freq="Y-DEC") for year in years])
    return paths.to_numpy().reshape(len(paths), len(years), per_year), index


def _require_stock(paths: xr.DataArray, what: str) -> None:
    if paths.attrs["kind"] != "stock":
        raise InputError(
            f"{what} of a flow ({paths.attrs['unit']})", expected="a stock, persons present"
        )
