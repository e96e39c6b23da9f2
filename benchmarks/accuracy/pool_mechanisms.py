"""Ways to combine, widen and stretch the draws of a pool; compared by `pool_variants`.

Draws have shape ``(path, month)``. Nothing here is part of the suite: what won is in
`forecasting.forecasts.pool` and `forecasting.forecasts.calibration`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from calibration import factors

from forecasting.errors import ModelError
from forecasting.forecasts.calibration import (
    BLOCKS,
    RANGE,
    Calibration,
    PastCase,
    fit_calibration,
    shipped_calibration,
)
from forecasting.models.panel import MIN_SITUATIONS, Panel, level_of, without_season
from forecasting.series import RegularSeries

REFERENCE_MONTHS = 24
"""Windows of the reference class; longer ones had not ended by the first origins."""


def reference_class(
    series: RegularSeries, panel: Panel, horizon: int, n_paths: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw from all past situations alike, however near.

    Raises
    ------
    ModelError
        If there are fewer than 60.
    """
    season = series.season_length
    _, changes = panel.ended_by(series.origin, REFERENCE_MONTHS)
    if len(changes) < MIN_SITUATIONS:
        raise ModelError(f"{len(changes)} situations for the reference class")
    z, effect = without_season(np.log1p(series.values.to_numpy(float)), season)
    paths = np.tile(z, (n_paths, 1))
    while paths.shape[1] < len(z) + horizon:
        drawn = changes[rng.integers(len(changes), size=n_paths)]
        paths = np.hstack([paths, level_of(paths, season)[:, np.newaxis] + drawn])
    months = np.arange(len(z), len(z) + horizon)
    return np.maximum(np.expm1(paths[:, months] + effect[months % season]), 0)


# Combining the members' draws


def quantile_average(members: Sequence[np.ndarray]) -> np.ndarray:
    """Average quantiles on the log scale (Vincent), months in the order of the linear pool."""
    pooled = np.vstack(members)
    levels = (np.arange(len(pooled)) + 0.5) / len(pooled)
    quantiles = [np.quantile(np.log1p(own), levels, axis=0) for own in members]
    return np.take_along_axis(np.expm1(np.mean(quantiles, axis=0)), _ranks(pooled), axis=0)


def comonotone_average(members: Sequence[np.ndarray]) -> np.ndarray:
    """The same, with the path that is highest in one month highest in all."""
    return np.sort(quantile_average(members), axis=0)


def _ranks(draws: np.ndarray) -> np.ndarray:
    return draws.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")


# Surges: the draws of a calibrated pool changed once more


@dataclass(frozen=True)
class Jumps:
    """Lasting jumps on the log scale, `rate` a month, none in the first `after` months.

    Sizes are normal with standard deviation `size`, or, upward only, exponential with that mean.
    """

    rate: float
    size: float
    upward: bool
    after: int = 0

    def __call__(self, draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Let each path jump."""
        draw = rng.exponential if self.upward else lambda size, shape: rng.normal(0, size, shape)
        jumped = (rng.random(draws.shape) < self.rate) * draw(self.size, draws.shape)
        jumped[:, : self.after] = 0
        return np.asarray(draws * np.exp(np.cumsum(jumped, axis=1)))


@dataclass(frozen=True)
class PoolThatJumps:
    """The linear pool with jumps in its draws, before anything is calibrated."""

    jumps: Jumps

    def __call__(self, members: Sequence[np.ndarray]) -> np.ndarray:
        """Pool the draws and let each path jump."""
        return self.jumps(np.vstack(members), np.random.default_rng(1))


@dataclass(frozen=True)
class LevelShift:
    """One shift of each path, Student-t with 4 degrees of freedom, from month 13 to 36 in full."""

    spread: float

    def __call__(self, draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Shift each path."""
        share = np.clip((np.arange(draws.shape[1]) - 11) / 24, 0, 1)
        shift = rng.standard_t(4, size=(len(draws), 1)) * self.spread
        return np.asarray(draws * np.exp(shift * share))


@dataclass(frozen=True)
class Dependence:
    """Mix each path's ranks with their mean over the months; single months stay as they are."""

    share: float

    def __call__(self, draws: np.ndarray, _: np.random.Generator) -> np.ndarray:
        """Re-order the draws of every month."""
        from scipy.special import ndtri

        scores = ndtri((_ranks(draws) + 0.5) / len(draws))
        common = scores.mean(axis=1, keepdims=True)
        mixed = np.sqrt(1 - self.share) * scores + np.sqrt(self.share) * common / common.std()
        return np.take_along_axis(np.sort(draws, axis=0), _ranks(mixed), axis=0)


# Calibration: from past cases of the same pool and an origin, the factors


@dataclass(frozen=True)
class TwoSided:
    """A `Calibration` with factors of its own below and above the median."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    tail: tuple[float, ...]

    def apply(self, paths: xr.DataArray, *, upward: np.ndarray | None = None) -> xr.DataArray:
        """Calibrate each half of the draws by its own factors."""
        down = Calibration(self.lower, self.tail).apply(paths)
        up = Calibration(self.upper, self.tail).apply(paths, upward=upward)
        return up.where(paths > paths.median("path"), down)


def shipped(_: list[PastCase], __: pd.Period) -> Calibration:
    """The factors that ship."""
    found = shipped_calibration("pool")
    if found is None:
        raise ValueError("no factors ship for the pool")
    return found


def own(cases: list[PastCase], _: pd.Period) -> Calibration:
    """What would ship if this were the default pool: the rule of ``calibration.py``."""
    table = factors("pool", cases)
    return Calibration(*(tuple(table[name]) for name in ("inner", "tail")))


def shrunk(cases: list[PastCase], origin: pd.Period) -> Calibration:
    """The batch's own past, known at the origin, shrunk towards what ships."""
    return fit_calibration(cases, shipped(cases, origin), known_at=origin.ordinal)


@dataclass(frozen=True)
class Stretched:
    """The factors that ship, upwards and beyond 24 months not less than a constant."""

    least: float

    def __call__(self, cases: list[PastCase], origin: pd.Period) -> TwoSided:
        """Return the factors."""
        base = shipped(cases, origin)
        upper = [
            max(inner, self.least) if first > 24 else inner
            for (first, _), inner in zip(BLOCKS, base.inner, strict=True)
        ]
        return TwoSided(base.inner, tuple(upper), base.tail)


@dataclass(frozen=True)
class Reach:
    """`Panel.upward` with another quantile of the reference class, or a multiple of it."""

    quantile_level: float
    times: float = 1.0

    def __call__(self, panel: Panel, origin: pd.Period, horizon: int) -> np.ndarray:
        """How far up the reference class reached, shape ``(horizon,)``."""
        reach = np.zeros(horizon)
        for length in range(1, min(horizon, panel.changes.shape[1]) + 1):
            _, changes = panel.ended_by(origin, length)
            if len(changes) < MIN_SITUATIONS:
                break
            low, high = np.quantile(changes[:, -1], [0.5, self.quantile_level])
            reach[length - 1 :] = self.times * (high - low)
        return reach


@dataclass(frozen=True)
class Measured:
    """Factors of the same countries, not shrunk.

    Attributes
    ----------
    apart : bool
        Each side by its own outcomes, or both alike.
    hindsight : bool
        From all origins, or from outcomes known at the origin alone.
    """

    apart: bool
    hindsight: bool = False

    def __call__(self, cases: list[PastCase], origin: pd.Period) -> TwoSided:
        """Return the factors; 1 where nothing is known."""
        lower, upper = [], []
        for first, last in BLOCKS:
            known = [self._distances(case, first, last, origin.ordinal) for case in cases]
            distance = np.concatenate(known) if known else np.empty(0)
            if not len(distance):
                down = up = 1.0
            elif self.apart:
                down, up = -np.quantile(distance, 0.1), np.quantile(distance, 0.9)
            else:
                down = up = np.quantile(np.abs(distance), 0.8)
            lower.append(float(np.clip(down, *RANGE)))
            upper.append(float(np.clip(up, *RANGE)))
        return TwoSided(tuple(lower), tuple(upper), (1.0,) * len(BLOCKS))

    def _distances(self, case: PastCase, first: int, last: int, origin: int) -> np.ndarray:
        until = last if self.hindsight else min(last, max(origin - case.origin, 0))
        distance = case.distance[first - 1 : max(until, first - 1)]
        return np.asarray(distance[np.isfinite(distance)])
