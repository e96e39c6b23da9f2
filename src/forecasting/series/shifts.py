"""Abrupt changes in counts: the scale on which they are looked for, and the search itself.

See `forecasting.series.breaks` for the model and its sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.series.regular import RegularSeries

_MOST = 12  # breaks taken out of one series
_PHI = 0.2  # proportional noise: below 1 / phi^2 = 25 counts the noise of counting prevails
_MAD = 1.4826  # median absolute deviation -> standard deviation of a normal distribution
_CLIP = 2.5  # largest change, in robust standard deviations, when the covariance is estimated
_NOISE_SHARES = (*np.arange(0, 0.45, 0.05), 0.43, 0.46, 0.48, 0.49, 0.495)
_LOCAL = 12  # periods to either side whose changes are the ordinary ones around a period
_SEASONS = 3  # years needed to estimate a season


@dataclass(frozen=True)
class ScaledCounts:
    """A series of n counts on the scale of the monitor.

    Attributes
    ----------
    levels : numpy.ndarray
        g(y), shape ``(n,)``; a missing value is interpolated.
    missing : numpy.ndarray
        Positions of the missing values.
    noise : numpy.ndarray
        Variance of counting and rounding, shape ``(n,)``.
    offset : float
        3/8 + r^2 / 12.
    season_length : int
        Periods in a year.
    changes : numpy.ndarray
        Differences of the levels without drift and season, shape ``(n - 1,)``.
    """

    levels: np.ndarray
    missing: np.ndarray
    noise: np.ndarray
    offset: float
    season_length: int
    changes: np.ndarray

    @property
    def seasonal(self) -> bool:
        """Whether there are enough years to estimate a season."""
        return self.season_length > 1 and len(self.levels) >= _SEASONS * self.season_length


@dataclass(frozen=True)
class Shift:
    """A change found: a step from `at` on, or a pulse at `at` if it is an outlier."""

    at: int
    outlier: bool
    effect: float
    strength: float


def scale_counts(series: RegularSeries) -> ScaledCounts:
    """Put a series on the scale of the monitor."""
    observed = series.values
    counts = observed.interpolate().to_numpy(dtype=float)
    offset = 3 / 8 + _rounded_to(counts) ** 2 / 12
    around = pd.Series(counts).rolling(7, center=True, min_periods=1).median().to_numpy()
    levels = 2 * np.arcsinh(_PHI * np.sqrt(counts + offset))
    noise = _PHI**2 / (1 + _PHI**2 * (around + offset))
    differences = np.diff(levels)
    changes = differences - np.median(differences)
    missing = np.flatnonzero(observed.isna())
    plain = ScaledCounts(levels, missing, noise, offset, series.season_length, changes)
    if plain.seasonal:
        changes = changes - _season_of(changes, plain.season_length)
    return ScaledCounts(levels, missing, noise, offset, series.season_length, changes)


def _rounded_to(counts: np.ndarray) -> float:
    """Multiple to which the counts are rounded; 0 if they are exact."""
    if (counts % 1).any():
        return 0.0
    common = float(np.gcd.reduce(counts.astype(np.int64)))
    return common if common > 1 and counts.max() > common else 0.0


def _season_of(changes: np.ndarray, season_length: int) -> np.ndarray:
    """Median change of each part of the year, repeated along the series."""
    place = np.arange(len(changes)) % season_length
    medians = np.array([np.median(changes[place == part]) for part in range(season_length)])
    return np.asarray((medians - medians.mean())[place])


def count_at(level: float, scaled: ScaledCounts) -> float:
    """Count that has a level on the scale of the monitor; 0 where no count has it."""
    return max(0.0, float(np.sinh(max(0.0, level) / 2) ** 2 / _PHI**2 - scaled.offset))


def robust_spread(values: np.ndarray) -> float:
    """Standard deviation from the median absolute deviation."""
    return float(_MAD * np.median(np.abs(values - np.median(values))))


def search_shifts(scaled: ScaledCounts, threshold: float) -> list[Shift]:
    """Find the changes of at least this strength, the strongest first, at most twelve."""
    return list(_Search.of(scaled).run(threshold))


@dataclass
class _Search:
    """The breaks not yet found: what is left of the differences when those found are fitted."""

    projection: np.ndarray  # inverse covariance, the regressors projected out
    differences: np.ndarray
    ordinary: np.ndarray  # ordinary size of a standardised change, per difference
    precision: np.ndarray  # diagonal of the first projection

    @classmethod
    def of(cls, scaled: ScaledCounts) -> _Search:
        covariance = _covariance(scaled)
        diagonal, beside = np.diag(covariance)[:, None], np.diag(covariance, 1)[:, None]
        errors, variances = _innovations(diagonal, beside, scaled.changes)
        innovations = (errors / np.sqrt(variances))[:, 0]
        weights = np.linalg.inv(covariance)
        regressors = _regressors(scaled)
        weighted = weights @ regressors
        projected = weighted @ np.linalg.pinv(regressors.T @ weighted) @ weighted.T
        projection = weights - projected
        differences = np.diff(scaled.levels)
        counting = np.sqrt((scaled.noise[1:] + scaled.noise[:-1]) / np.diag(covariance))
        ordinary = np.maximum(_ordinary_size(innovations), counting)
        return cls(projection, differences, ordinary, np.diag(projection).copy())

    def run(self, threshold: float) -> Iterator[Shift]:
        """Take out the strongest break again and again."""
        for _ in range(_MOST):
            shift = self._strongest()
            if abs(shift.strength) < threshold:
                return
            pulse = np.zeros_like(self.differences)
            pulse[shift.at - 1] = 1
            if shift.outlier:
                pulse[shift.at] = -1
            column = self.projection @ pulse
            self.projection = self.projection - np.outer(column, column) / (pulse @ column)
            yield shift

    def _strongest(self) -> Shift:
        score = self.projection @ self.differences
        precision = np.diag(self.projection)
        floor = 1e-6 * self.precision
        steps = self._best(score, precision, self.ordinary, floor, outlier=False)
        score, floor = score[:-1] - score[1:], floor[:-1] + floor[1:]
        precision = precision[:-1] + precision[1:] - 2 * np.diag(self.projection, 1)
        ordinary = np.maximum(self.ordinary[:-1], self.ordinary[1:])
        pulses = self._best(score, precision, ordinary, floor, outlier=True)
        return max(steps, pulses, key=lambda shift: abs(shift.strength))

    @staticmethod
    def _best(
        score: np.ndarray,
        precision: np.ndarray,
        ordinary: np.ndarray,
        floor: np.ndarray,
        *,
        outlier: bool,
    ) -> Shift:
        free = precision > floor  # the others are fitted already
        safe = np.where(free, precision, 1.0)
        strength = np.where(free, score / np.sqrt(safe) / ordinary, 0.0)
        best = int(np.argmax(np.abs(strength)))
        return Shift(best + 1, outlier, float(score[best] / safe[best]), float(strength[best]))


def _regressors(scaled: ScaledCounts) -> np.ndarray:
    """Drift, season and missing values in the differences, shape ``(n - 1, k)``."""
    n = len(scaled.levels)
    columns = [np.arange(n)]
    if scaled.seasonal:
        place = np.arange(n) % scaled.season_length
        columns += [place == part for part in range(1, scaled.season_length)]
    columns += [np.arange(n) == position for position in scaled.missing]
    return np.diff(np.asarray(columns, dtype=float), axis=1).T


def _covariance(scaled: ScaledCounts) -> np.ndarray:
    """Most likely covariance of the differences of a wandering level with noise.

    Of each variance of a change 2 rho is noise: rho is minus the correlation of neighbouring
    changes, at most 1/2 for a level that does not move at all.
    """
    noise, changes = scaled.noise, scaled.changes
    limit = _CLIP * max(robust_spread(changes), np.sqrt(2 * noise.mean()))
    clipped = np.clip(changes, -limit, limit)
    variance = max(float(np.mean(clipped**2)), 2 * float(noise.mean()))
    added = np.maximum(np.asarray(_NOISE_SHARES) * variance - noise.mean(), 0.0)
    moving = np.maximum(variance - 2 * (added + noise.mean()), 0.01 * variance)
    diagonal, beside = _tridiagonal(moving, noise[:, None] + added)
    errors, variances = _innovations(diagonal, beside, clipped)
    squares = (errors**2 / variances).sum(axis=0)
    factor = np.maximum(squares / len(clipped), 1.0)
    minus_twice = np.log(variances * factor).sum(axis=0) + squares / factor
    best = int(np.argmin(minus_twice))
    between = np.diag(beside[:, best], 1)
    return np.asarray(factor[best] * (np.diag(diagonal[:, best]) + between + between.T))


def _tridiagonal(moving: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Diagonal and its neighbour of the covariance of the differences, one column per candidate."""
    return moving + noise[1:] + noise[:-1], -noise[1:-1]


def _innovations(
    diagonal: np.ndarray, beside: np.ndarray, changes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One-step errors and their variances, shape ``(n - 1, n_candidates)``."""
    errors, variances = np.empty_like(diagonal), diagonal.copy()
    errors[0] = changes[0]
    for i in range(1, len(changes)):
        weight = beside[i - 1] / variances[i - 1]
        variances[i] -= weight * beside[i - 1]
        errors[i] = changes[i] - weight * errors[i - 1]
    return errors, variances


def _ordinary_size(innovations: np.ndarray) -> np.ndarray:
    """Robust standard deviation of the changes, of all and of those around."""
    around = [
        robust_spread(innovations[max(0, i - _LOCAL) : i + _LOCAL + 1])
        for i in range(len(innovations))
    ]
    return np.asarray(np.sqrt((robust_spread(innovations) ** 2 + np.square(around)) / 2))
