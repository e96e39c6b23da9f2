"""Draws of every member for every country and origin, each simulated once; for `pool_variants`."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from pool_mechanisms import reference_class

from forecasting.errors import ModelError
from forecasting.forecasts.batch import SHORTEST_PAST
from forecasting.forecasts.calibration import Calibration, PastCase, past_case
from forecasting.forecasts.experience import shipped_panel
from forecasting.forecasts.pool import CEILING, DEFAULT_POOL, ceiling_of, out_of_proportion
from forecasting.models import get_model
from forecasting.models.analogue import NAME as ANALOGUE
from forecasting.models.analogue import AnalogueModel
from forecasting.models.panel import Panel, make_panel
from forecasting.paths import make_paths
from forecasting.periods import following
from forecasting.series import RegularSeries

HORIZON = 60
BENCHMARK, REFERENCE, SHIPPED = "random_walk", "reference class", "analogue, situations that ship"
MEMBERS = (*DEFAULT_POOL, "ets-log", "theta", "seasonal_naive", BENCHMARK, REFERENCE, SHIPPED)


@dataclass(frozen=True)
class Variant:
    """What is scored.

    Attributes
    ----------
    members : tuple of str
    combine : callable
        Makes one set of draws of the members' draws.
    calibrate : callable or None
        Takes past cases of the same pool and an origin, gives the factors.
    upward : callable or None
        Takes the panel, the origin and the horizon; see `forecasting.models.panel.Panel.upward`.
    surge : callable or None
        Changes the calibrated draws once more.
    judged : int
        Months by which members out of proportion are told; 0 keeps them.
    ceiling : float
        Multiple of the highest observation that no path passes.
    """

    members: tuple[str, ...] = DEFAULT_POOL
    combine: Callable[[Sequence[np.ndarray]], np.ndarray] = np.vstack
    calibrate: Callable[[list[PastCase], pd.Period], Calibration] | None = None
    upward: Callable[[Panel, pd.Period, int], np.ndarray] | None = None
    surge: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    judged: int = HORIZON
    ceiling: float = CEILING


@dataclass
class Case:
    """One country at one origin.

    Attributes
    ----------
    known : RegularSeries
        Up to the origin.
    outcome : numpy.ndarray
        What followed, as far as it is known.
    panel : Panel
        Of all countries, up to the origin.
    draws : dict of str to numpy.ndarray
        By member, shape ``(path, 60)``.
    failures : dict of int to set of str
        Members that leave all proportion, by the months they are judged by.
    """

    known: RegularSeries
    outcome: np.ndarray
    panel: Panel
    draws: dict[str, np.ndarray] = field(default_factory=dict)
    failures: dict[int, set[str]] = field(
        default_factory=lambda: {0: set(), 24: set(), HORIZON: set()}
    )

    def rng(self, name: str, seed: int = 1) -> np.random.Generator:
        """Random numbers of one member or one mechanism."""
        key = zlib.crc32(f"{self.known.series_id} {name}".encode())
        return np.random.default_rng([seed, self.known.origin.ordinal, key])

    def pooled(self, variant: Variant) -> np.ndarray:
        """Draws before calibration; members that failed are left out, unless all did."""
        present = [name for name in variant.members if name in self.draws]
        sound = [name for name in present if name not in self.failures[variant.judged]]
        return self._held(variant.combine([self.draws[name] for name in sound or present]), variant)

    def past(self, variant: Variant) -> PastCase:
        """What a calibration learns from the case."""
        paths = self._as_paths(self.pooled(variant))
        return past_case(self.known.series_id, paths, self.outcome[:HORIZON])

    def final(self, variant: Variant, calibration: Calibration | None, seed: int) -> np.ndarray:
        """Draws as they would be published, shape ``(path, 60)``."""
        draws = self.pooled(variant)
        if calibration:
            upward = None
            if variant.upward:
                upward = variant.upward(self.panel, self.known.origin, HORIZON)
            draws = calibration.apply(self._as_paths(draws), upward=upward).to_numpy()
        if variant.surge:
            draws = variant.surge(draws, self.rng("surge", seed))
        return self._held(draws, variant)

    def _held(self, draws: np.ndarray, variant: Variant) -> np.ndarray:
        return np.minimum(draws, variant.ceiling / CEILING * ceiling_of(self.known))

    def _as_paths(self, draws: np.ndarray) -> xr.DataArray:
        periods = following(self.known.origin, draws.shape[1])
        return make_paths(draws, periods, unit=self.known.unit)

    def add_member(self, name: str, n_paths: int, seed: int) -> None:
        """Simulate a member, if it can be fitted, and note whether it leaves all proportion."""
        try:
            draws = self._simulated(name, n_paths, self.rng(name, seed))
        except ModelError:
            return
        self.draws[name] = draws.astype(np.float32)
        for months in (24, HORIZON):
            if out_of_proportion(name, draws[:, :months], self.known):
                self.failures[months].add(name)

    def _simulated(self, name: str, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        if name == REFERENCE:
            return reference_class(self.known, self.panel, HORIZON, n_paths, rng)
        models = {ANALOGUE: AnalogueModel(self.panel), SHIPPED: AnalogueModel(shipped_panel())}
        model = models.get(name) or get_model(name)
        return model.fit(self.known).simulate(HORIZON, n_paths, rng)


def simulate(
    origin: pd.Period, *, batch: Sequence[RegularSeries], n_paths: int, seed: int
) -> list[Case]:
    """Simulate every member for every country that has enough observations at an origin."""
    panel = make_panel(batch, until=origin)
    cases = []
    for series in batch:
        if len(series.values[:origin]) >= SHORTEST_PAST:
            outcome = series.values[origin + 1 :].to_numpy(float)
            case = Case(series.until(origin), outcome, panel)
            for name in MEMBERS:
                case.add_member(name, n_paths, seed)
            cases.append(case)
    return cases
