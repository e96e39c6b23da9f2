"""What many series went through: past situations and the log changes that followed them.

A *situation* is one series at one past period, described by its momentum and its volatility; what
followed is the path of its changes on the log(1 + y) scale, without season. The analogue model
(`forecasting.models.analogue`) draws from the situations that resemble the present one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.periods import SEASON_LENGTH
from forecasting.series import RegularSeries

FEATURES = ("momentum_quarter", "momentum_year", "momentum_two_years", "volatility")
"""What describes a situation: see `features_of`."""

YEARS_FOLLOWED = 3
"""How many years of changes are kept after a situation."""

MAX_SITUATIONS = 20_000
"""More than these are thinned out evenly; they add time and no skill."""

MIN_SITUATIONS = 60
"""Fewer situations than this say nothing about what follows."""

MIN_SERIES = 5
"""Fewer series than this are no panel: a series alone has little to learn from itself."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Past situations of many series.

    Attributes
    ----------
    frequency : {"M", "Q"}
        Of all series.
    origins : numpy.ndarray, shape (n,)
        Ordinal of the last period known in each situation.
    features : numpy.ndarray, shape (n, 4)
        `FEATURES` of each situation.
    changes : numpy.ndarray, shape (n, periods)
        log(1 + y) of each following period without season, minus its level in the situation; NaN
        where it was not yet known.
    """

    frequency: str
    origins: np.ndarray
    features: np.ndarray
    changes: np.ndarray

    def ended_by(self, origin: pd.Period, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Situations whose next `length` periods were known at `origin`.

        Returns
        -------
        features : numpy.ndarray, shape (k, 4)
        changes : numpy.ndarray, shape (k, length)
        """
        return _ended_by(self, origin.ordinal, length)

    def upward(self, origin: pd.Period, horizon: int) -> np.ndarray:
        """How far up the reference class reached: 95 % quantile of the changes above their median.

        The reference class are all situations of the panel, whatever they looked like, that had run
        their course by `origin` (Kahneman and Tversky 1979; Flyvbjerg 2008,
        doi:10.1080/09654310701747936). Few surges are in it, so the quantile is a cautious one.

        Returns
        -------
        numpy.ndarray, shape (horizon,)
            On the log(1 + y) scale; 0 where fewer than 60 situations are known, and beyond the
            periods kept as at their end.
        """
        kept = _upward(self, origin.ordinal)
        return np.pad(kept, (0, max(0, horizon - len(kept))), mode="edge")[:horizon]


@lru_cache(maxsize=8)
def _ended_by(panel: Panel, origin: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    known = panel.origins + length <= origin
    known &= np.isfinite(panel.changes[:, length - 1])
    return panel.features[known], panel.changes[known, :length]


@lru_cache(maxsize=8)
def _upward(panel: Panel, origin: int) -> np.ndarray:
    reach = np.zeros(panel.changes.shape[1])
    for length in range(1, len(reach) + 1):
        last = panel.changes[panel.origins + length <= origin, length - 1]
        last = last[np.isfinite(last)]
        if len(last) < MIN_SITUATIONS:
            break
        reach[length - 1 :] = np.quantile(last, 0.95) - np.median(last)
    return reach


def make_panel(panel: Iterable[RegularSeries], *, until: pd.Period) -> Panel:
    """Collect the situations of many series as they were known at the end of a period.

    Parameters
    ----------
    panel : iterable of RegularSeries
        Of the frequency of `until`; others, and series with gaps by then, are left out.
    until : pandas.Period
        Nothing after it is looked at.

    Raises
    ------
    InputError
        If the periods are neither months nor quarters.
    """
    frequency = str(until.freqstr)[0]
    if frequency not in ("M", "Q"):
        raise InputError(f"a panel of frequency '{frequency}'", expected="months or quarters")
    season = SEASON_LENGTH[frequency]
    parts = [
        _situations(series.values[:until], season)
        for series in panel
        if series.frequency == frequency and series.values[:until].notna().all()
    ]
    parts = [part for part in parts if len(part[0])]
    if not parts:
        nothing = np.empty((0, YEARS_FOLLOWED * season))
        return Panel(frequency, np.empty(0, dtype=int), np.empty((0, len(FEATURES))), nothing)
    origins, features, changes = (np.concatenate(column) for column in zip(*parts, strict=True))
    thin = slice(None, None, -(-len(origins) // MAX_SITUATIONS))
    return Panel(frequency, origins[thin], features[thin], changes[thin])


def _situations(values: pd.Series, season: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    followed, first = YEARS_FOLLOWED * season, shortest_history(season) - 1
    z, _ = without_season(np.log1p(values.to_numpy(dtype=float)), season)
    ends = np.arange(first, len(z) - 1)
    if not len(ends):
        return np.empty(0, dtype=int), np.empty((0, len(FEATURES))), np.empty((0, followed))
    windows = np.lib.stride_tricks.sliding_window_view(z, first + 1)[: len(ends)]
    padded = np.append(z, np.full(followed, np.nan))
    after = np.lib.stride_tricks.sliding_window_view(padded, followed)[ends + 1]
    levels = windows[:, -_quarter(season) :].mean(axis=1, keepdims=True)
    origins = pd.PeriodIndex(values.index[ends]).asi8
    return origins, features_of(windows, season), after - levels


def shortest_history(season: int) -> int:
    """Observations that the features of one situation need."""
    return 2 * season + _quarter(season)


def features_of(z: np.ndarray, season: int) -> np.ndarray:
    """Describe situations by what was known at their end.

    Momentum is the level (mean of the last quarter) minus the level a quarter, a year and two years
    before; volatility the log of the median absolute change over two years.

    Parameters
    ----------
    z : numpy.ndarray, shape (n, at least `shortest_history`)
        log(1 + y) without season, the last period known in the last column.
    season : int
        Periods in a year.

    Returns
    -------
    numpy.ndarray, shape (n, 4)
    """
    quarter, last = _quarter(season), z.shape[1]

    def level(before: int) -> np.ndarray:
        return np.asarray(z[:, last - before - quarter : last - before].mean(axis=1))

    steps = np.abs(np.diff(z[:, last - 2 * season - 1 :], axis=1))
    volatility = np.log(np.median(steps, axis=1) + 0.02)
    now = level(0)
    momenta = [now - level(before) for before in (quarter, season, 2 * season)]
    return np.column_stack([*momenta, volatility])


def level_of(z: np.ndarray, season: int) -> np.ndarray:
    """Mean of the last quarter, shape ``(n,)``: what changes are counted from."""
    return np.asarray(z[:, -_quarter(season) :].mean(axis=1))


def without_season(z: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Take the season out, as far as it is more than noise.

    Mean deviation of each season from a centred moving average, shrunk by the share of its variance
    that noise alone would bring (Miller and Williams 2003, doi:10.1016/S0169-2070(02)00077-8).

    Parameters
    ----------
    z : numpy.ndarray, shape (n,)
    season : int

    Returns
    -------
    numpy.ndarray, shape (n,)
        Without season.
    numpy.ndarray, shape (season,)
        What was taken off; entry 0 belongs to the first observation.
    """
    if len(z) < 3 * season:
        return z, np.zeros(season)
    half = season // 2
    weights = np.r_[0.5, np.ones(season - 1), 0.5] / season
    deviation = z[half : len(z) - half] - np.convolve(z, weights, "valid")
    place = np.arange(half, len(z) - half) % season
    effect = np.bincount(place, deviation) / np.bincount(place)
    effect -= effect.mean()
    noise = np.var(deviation - effect[place]) / (len(deviation) / season)
    effect *= max(0.0, 1 - noise / max(effect.var(), 1e-12))
    return z - effect[np.arange(len(z)) % season], effect


def _quarter(season: int) -> int:
    return max(1, season // 4)
