"""Changes of a series from one period to the next: their season, their usual size, their shocks.

What is usual is measured robustly, so that a shock does not hide
itself: seasonal medians, and 1.4826 times the median absolute deviation as a standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.periods import SEASON_LENGTH, following, frequency_of
from forecasting.series import RegularSeries

SHOCK = 8.0
"""A change of so many robust standard deviations is a shock. Normal changes reach 4 once in 16,000;
monthly caseloads and unemployment benefit of the Netherlands and Hawaii before 2020 reached 7.8."""

YEARS_OF_A_SHOCK = 3
"""How long a shock is taken to be still at work."""

USUAL = 4.0
"""Changes beyond so many robust standard deviations carry no momentum."""

YEARS_FOR_A_SEASON = 3
MAD = 1.4826


@dataclass(frozen=True)
class Changes:
    """Changes of a series, less their season.

    Attributes
    ----------
    values : numpy.ndarray
        From the second period on, shape ``(n - 1,)``.
    season : numpy.ndarray
        Seasonal part of a change by place in the year, shape ``(season_length,)``, mean 0.
    spread : float
        Robust standard deviation of the values; 0 for a series that seldom changes, of which none
        is then unusual.
    level : float
        Last value of the series, on the scale on which it was measured.
    origin : pandas.Period
        The last period.
    """

    values: np.ndarray
    season: np.ndarray
    spread: float
    level: float
    origin: pd.Period

    @property
    def season_length(self) -> int:
        """Periods in a year."""
        return len(self.season)

    @property
    def recent(self) -> np.ndarray:
        """Those of the last three years."""
        return self.values[-YEARS_OF_A_SHOCK * self.season_length :]

    @property
    def shocks(self) -> dict[pd.Period, float]:
        """Changes of the last three years that are shocks, by period; from six years on."""
        recent = self.recent
        if len(self.values) < 2 * len(recent):
            return {}  # too short to know what is usual
        first = self.origin - (len(recent) - 1)
        places = np.flatnonzero(np.abs(recent) > (SHOCK * self.spread or np.inf))
        return {first + int(place): float(recent[place]) for place in places}

    def clipped(self, values: np.ndarray) -> np.ndarray:
        """Changes held within what is usual; the rest of a change is taken for no momentum."""
        most = USUAL * self.spread or np.inf
        return np.asarray(np.clip(values, -most, most))

    def season_ahead(self, horizon: int) -> np.ndarray:
        """Seasonal part of the changes after the origin, shape ``(horizon,)``."""
        return self.season_at(following(self.origin, horizon))

    def season_at(self, periods: pd.PeriodIndex) -> np.ndarray:
        """Seasonal part of the changes that end in these periods, same shape."""
        return np.asarray(self.season[_places(periods)])


def changes_of(series: RegularSeries) -> Changes:
    """Measure the changes of log(1 + y) of a series without gaps."""
    return measure_changes(np.log1p(series.values.to_numpy(dtype=float)), series.periods)


def measure_changes(values: np.ndarray, periods: pd.PeriodIndex) -> Changes:
    """Measure the changes of values on a scale, one a period, at least two.

    A season is taken out from three years of changes on.
    """
    steps = np.diff(values)
    places = _places(periods[1:])
    season = np.zeros(SEASON_LENGTH[frequency_of(periods)])
    if len(steps) >= YEARS_FOR_A_SEASON * len(season) > YEARS_FOR_A_SEASON:
        season = np.array([np.median(steps[places == place]) for place in range(len(season))])
        season -= season.mean()
    left = steps - season[places]
    spread = MAD * float(np.median(np.abs(left - np.median(left))))
    return Changes(left, season, spread, float(values[-1]), periods[-1])


def _places(periods: pd.PeriodIndex) -> np.ndarray:
    """Place of each period in the year, from 0."""
    return np.asarray(periods.asi8 % SEASON_LENGTH[frequency_of(periods)])
