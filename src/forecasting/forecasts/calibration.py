"""Calibration: intervals as wide as the past has shown them to need, months kept together.

Every month's draws are mapped, in order, to calibrated ones: the path that was highest stays the
highest, so the dependence over months, and with it the spread of sums, survives. On the log(1 + y)
scale a draw lies ``a`` half-widths of the 80 % interval away from the median; inside the interval
``a`` is multiplied by a factor, beyond it the excess is stretched once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import xarray as xr

from forecasting.paths import make_paths, periods_of
from forecasting.periods import SEASON_LENGTH, frequency_of
from forecasting.sources.reference import SHAPES, check_hash, find_dataset
from forecasting.tables import read_rows

BLOCKS = ((1, 3), (4, 6), (7, 12), (13, 24), (25, 36), (37, 72))
"""Horizons in months whose cases are pooled. A factor holds at the end of its block; between two
ends it is interpolated."""

SERIES_FOR_HALF_WEIGHT = 300
"""With so many series their own past counts as much as the factors that ship."""

DATASET = "calibration-factors"
SURGE_MONTHS = (18, 30)
"""Between these horizons the reference class comes in; the months before are calibrated well."""

WIDEST_SURGE = 3.0

INNER, OUTER = 0.8, 0.95
RANGE = (0.3, 3.0)
NO_WIDTH = 1e-6
"""Least half-width on the log(1 + y) scale; draws as close as that have no spread to be scaled."""


@dataclass(frozen=True)
class Calibration:
    """Factors for each of `BLOCKS`.

    Attributes
    ----------
    inner : tuple of float
        Multiplies the distance from the median.
    tail : tuple of float
        Multiplies what lies beyond the 80 % interval once more.
    """

    inner: tuple[float, ...]
    tail: tuple[float, ...]

    def apply(self, paths: xr.DataArray, *, upward: np.ndarray | None = None) -> xr.DataArray:
        """Map every period's draws to calibrated ones, in the same order; same dims.

        Parameters
        ----------
        paths : xarray.DataArray
            Dims ``(path, period)``.
        upward : numpy.ndarray, optional
            Shape ``(n_periods,)``: how far up the reference class reached
            (`forecasting.models.panel.Panel.upward`). From 18 to 30 months ahead on, the upper half
            of the 80 % interval is widened to it where it is narrower, at most threefold.
        """
        z = np.log1p(paths.to_numpy())
        shape = Shape.of(z)
        horizons = _in_months(paths)
        inner, tail = (
            np.interp(horizons, [last for _, last in BLOCKS], factors)
            for factors in (self.inner, self.tail)
        )
        distance = shape.distance(z)
        beyond = np.sign(distance) * np.maximum(np.abs(distance) - 1, 0)
        stretched = distance + beyond * (tail - 1)
        down, up = inner * shape.down, inner * shape.up
        if upward is not None:
            least = upward * np.interp(horizons, SURGE_MONTHS, (0, 1))
            up = up * np.clip(least / up, 1, WIDEST_SURGE)
        mapped = shape.median + stretched * np.where(distance > 0, up, down)
        values = np.clip(np.expm1(np.minimum(mapped, 50)), 0, None)
        return make_paths(
            values, periods_of(paths), unit=paths.attrs["unit"], kind=paths.attrs["kind"]
        )


@dataclass(frozen=True)
class Shape:
    """Median and half-widths of the 80 % interval per period, on the log(1 + y) scale."""

    median: np.ndarray
    down: np.ndarray
    up: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray) -> Shape:
        """Measure draws of shape ``(path, period)``."""
        low, median, high = _quantiles(z, [0.1, 0.5, 0.9])
        return cls(median, np.maximum(median - low, NO_WIDTH), np.maximum(high - median, NO_WIDTH))

    def distance(self, z: np.ndarray) -> np.ndarray:
        """Signed distance from the median in half-widths, same shape as `z`."""
        away = z - self.median
        return np.asarray(np.where(away > 0, away / self.up, away / self.down))


@dataclass(frozen=True)
class PastCase:
    """One uncalibrated forecast of the past, held against its outcome.

    Attributes
    ----------
    series_id : str
    origin : int
        Ordinal of its origin.
    season_length : int
    distance : numpy.ndarray, shape (horizon,)
        Of the outcome from the median, in half-widths of the 80 % interval; NaN if not known or
        where the draws have no spread.
    outer : numpy.ndarray, shape (horizon,)
        Distance that 95 % of the draws stay within.
    """

    series_id: str
    origin: int
    season_length: int
    distance: np.ndarray
    outer: np.ndarray


def past_case(series_id: str, paths: xr.DataArray, outcome: np.ndarray) -> PastCase:
    """Measure an uncalibrated forecast against its outcome, shape ``(at most horizon,)``."""
    z = np.log1p(paths.to_numpy())
    shape = Shape.of(z)
    known = np.full(z.shape[1], np.nan)
    known[: len(outcome)] = np.log1p(outcome)
    known[np.minimum(shape.down, shape.up) <= NO_WIDTH] = np.nan
    return PastCase(
        series_id,
        periods_of(paths)[0].ordinal - 1,
        SEASON_LENGTH[frequency_of(periods_of(paths))],
        shape.distance(known),
        _quantiles(np.abs(shape.distance(z)), [OUTER])[0],
    )


def _quantiles(draws: np.ndarray, levels: list[float]) -> np.ndarray:
    """Quantiles over paths; sorted first, which numpy does far faster than it selects."""
    return np.asarray(np.quantile(np.sort(draws, axis=0), levels, axis=0))


def fit_calibration(
    cases: Iterable[PastCase], prior: Calibration, *, known_at: int | None = None
) -> Calibration:
    """Pool past cases over series and blocks of horizons, and shrink towards a prior.

    Per block, the factor is the distance that 80 % of the outcomes stayed within, in half-widths;
    the tail that of 95 %, relative to the draws. Both sides have the same factor, because one
    shock shared by many series decides on which side the outcomes of a few years lie.
    With n series the weight is n / (n + 300) on the log scale: series are counted, not origins,
    because neighbouring origins of one series see the same shocks.

    Parameters
    ----------
    cases : iterable of PastCase
    prior : Calibration
        Taken where there is no case.
    known_at : int, optional
        Ordinal of a period: outcomes after it are not looked at.
    """
    cases = list(cases)
    columns = []
    for block, (first, last) in enumerate(BLOCKS):
        inner, tail = prior.inner[block], prior.tail[block]
        distance, outer, n_series = _pooled(cases, first, last, known_at)
        if len(distance):
            weight = n_series / (n_series + SERIES_FOR_HALF_WEIGHT)
            held = max(float(np.quantile(distance, INNER)), RANGE[0])
            reach = float(np.quantile(distance, OUTER))
            stretch = (reach / held - 1) / max(outer - 1, 0.1)
            inner, tail = _shrunk(held, inner, weight), _shrunk(stretch, tail, weight)
        columns.append((inner, tail))
    return Calibration(*(tuple(column) for column in zip(*columns, strict=True)))


def _pooled(
    cases: list[PastCase], first: int, last: int, known_at: int | None
) -> tuple[np.ndarray, float, int]:
    distances, outers, names = [], [], set()
    for case in cases:
        months = np.arange(1, len(case.distance) + 1) * 12 / case.season_length
        inside = (months >= first) & (months <= last) & np.isfinite(case.distance)
        if known_at is not None:
            inside &= case.origin + np.arange(1, len(months) + 1) <= known_at
        if inside.any():
            distances.append(np.abs(case.distance[inside]))
            outers.append(case.outer[inside])
            names.add(case.series_id)
    if not distances:
        return np.empty(0), 1.0, 0
    return np.concatenate(distances), float(np.concatenate(outers).mean()), len(names)


def _shrunk(found: float, prior: float, weight: float) -> float:
    held = min(max(found, RANGE[0]), RANGE[1])
    return float(np.exp(weight * np.log(held) + (1 - weight) * np.log(prior)))


def _in_months(paths: xr.DataArray) -> np.ndarray:
    per_year = SEASON_LENGTH[frequency_of(periods_of(paths))]
    return np.arange(1, paths.sizes["period"] + 1) * 12 / per_year


@cache
def shipped_calibration(model: str) -> Calibration | None:
    """Factors that ship with the suite for the pool or for one model; None if it has none.

    Measured on ten countries' asylum applicants by ``benchmarks/accuracy/calibration.py``.
    """
    dataset = find_dataset(DATASET)
    check_hash(dataset)
    rows = read_rows(dataset.path, SHAPES[dataset.shape])
    own = rows[rows["model"] == model].astype({"first_month": int}).sort_values("first_month")
    if own.empty:
        return None
    return Calibration(*(tuple(own[name].astype(float)) for name in ("inner", "tail")))
