"""What a page says of one forecast: recent figures, bands, years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts.pool import Forecast
from forecasting.paths import annual, interval, quantile, with_observed

BAND_LEVELS = (50, 80, 95)
"""Levels of the intervals shown, in percent of the paths."""


@dataclass(frozen=True)
class Estimate:
    """Median and 80 % interval of a quantity over the paths."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True)
class YearTotal:
    """Total of one calendar year: a fact where every month is observed, else an estimate."""

    year: int
    total: Estimate
    observed_months: int

    @property
    def is_fact(self) -> bool:
        """Whether the year is over and observed."""
        return self.observed_months == 12


@dataclass(frozen=True)
class ForecastSummary:
    """Numbers of one monthly forecast, as a page quotes them.

    Attributes
    ----------
    origin : pandas.Period
        Last observed month.
    last : float
        Value of that month.
    year_before : float
        Value of the same month a year before.
    last_year : float
        Total of the twelve months up to the origin.
    year_before_last : float
        Total of the twelve months before those.
    median : numpy.ndarray
        Median of the paths, month by month, shape ``(horizon,)``.
    bands : dict of int to numpy.ndarray
        Interval by level in percent, shape ``(2, horizon)``.
    years : tuple of YearTotal
        Calendar years from the last observed one on; the year of the origin joins facts and paths.
    """

    origin: pd.Period
    last: float
    year_before: float
    last_year: float
    year_before_last: float
    median: np.ndarray
    bands: dict[int, np.ndarray]
    years: tuple[YearTotal, ...]


def summarise(result: Forecast) -> ForecastSummary:
    """Summarise a monthly forecast of a flow with at least two years of observations."""
    observed = result.series.values
    return ForecastSummary(
        origin=result.origin,
        last=float(observed.iloc[-1]),
        year_before=float(observed.iloc[-13]),
        last_year=float(observed.iloc[-12:].sum()),
        year_before_last=float(observed.iloc[-24:-12].sum()),
        median=quantile(result.paths, [0.5]).to_numpy()[0],
        bands={level: interval(result.paths, level).to_numpy() for level in BAND_LEVELS},
        years=_years(result),
    )


def persons_by_month(result: Forecast) -> xr.DataArray:
    """Facts followed by paths: the observed months stand in front, the same on every path."""
    return with_observed(result.paths, result.series.values)


def span_estimate(result: Forecast, start: pd.Period, end: pd.Period) -> Estimate:
    """Total over the months from `start` to `end`, facts and paths joined."""
    joined = persons_by_month(result)
    months = joined.indexes["period"]
    totals = joined.to_numpy()[:, (months >= start) & (months <= end)].sum(axis=1)
    return _estimate(totals)


@dataclass(frozen=True)
class Pace:
    """Total of the first months of the paths, relative to the pace of the last twelve months.

    Attributes
    ----------
    months : int
        How many months.
    lower, upper : float
        Middle 80 % of the paths; 1 is the pace of the last twelve months.
    """

    months: int
    lower: float
    upper: float


def pace_ahead(result: Forecast, months: int) -> Pace:
    """Compare the paths with the last year, over at most `months` months.

    Raises
    ------
    InputError
        If nothing was counted in the last twelve months, or one of them is missing: there is no
        pace to compare with.
    """
    months = min(months, result.paths.sizes["period"])
    first = result.origin + 1
    total = span_estimate(result, first, first + months - 1)
    pace = float(result.series.values.iloc[-12:].sum(skipna=False)) * months / 12
    if not pace > 0:
        raise InputError(
            "nothing was counted in the last twelve months, or a month of them is missing",
            where=result.series.series_id,
            expected="a pace that the paths can be compared with",
        )
    return Pace(months, total.lower / pace, total.upper / pace)


def _years(result: Forecast) -> tuple[YearTotal, ...]:
    joined = persons_by_month(result)
    months = pd.PeriodIndex(joined.indexes["period"])
    first, last = result.origin.year - 1, months[-1].year - (months[-1].month < 12)
    totals = annual(joined.sel(period=(months.year >= first) & (months.year <= last)))
    return tuple(
        YearTotal(
            year=period.year,
            total=_estimate(totals.sel(period=period).to_numpy()),
            observed_months=min(
                12, max(0, (result.origin - pd.Period(f"{period.year}-01", "M")).n + 1)
            ),
        )
        for period in totals.indexes["period"]
    )


def _estimate(draws: np.ndarray) -> Estimate:
    lower, median, upper = np.quantile(draws, [0.1, 0.5, 0.9], method="inverted_cdf")
    return Estimate(float(median), float(lower), float(upper))
