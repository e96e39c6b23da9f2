"""A level without a trend: what is left to say of a series after a shock.

A change beyond everything that was usual - an epidemic, a disaster, a new law - says nothing about
the months to come by its momentum. Nobody knows whether it lasts: every path draws the share of it
that passes within a year, from none to all with equal chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.models.changes import Changes, changes_of
from forecasting.models.common import paths_from_scale, require_complete, require_observations
from forecasting.series import RegularSeries

YEARS_TO_PASS = 1


@dataclass(frozen=True)
class LevelModel:
    """The last value carried forward, less the share of recent shocks that passes.

    On log(1 + y) a path is the last value, the season, and a random walk: changes of the last three
    years, taken out in stretches of a year from a random place and each multiplied by a standard
    normal number, so that months hang together and no direction is preferred (the wild bootstrap,
    in blocks; Shao 2010, doi:10.1198/jasa.2009.tm08744). The shocks of these years
    (`Changes.shocks`) pass to a share drawn for the path, in equal steps over a year.
    """

    @property
    def name(self) -> str:
        """Name in tables and messages."""
        return "level-log"

    def minimum_length(self, season_length: int) -> int:
        """Fewest observations needed: a year and two periods."""
        return season_length + 2

    def fit(self, series: RegularSeries) -> FittedLevel:
        """Measure the changes; see `forecasting.models.Model`.

        Raises
        ------
        ModelError
            If the series is too short or has gaps.
        """
        require_complete(self.name, series)
        require_observations(self.name, series, self.minimum_length(series.season_length))
        return FittedLevel(series, changes_of(series))


@dataclass(frozen=True)
class FittedLevel:
    """A fitted level; see `forecasting.models.FittedModel`."""

    series: RegularSeries
    changes_: Changes

    @property
    def passing_(self) -> float:
        """Log change of the shocks that may pass."""
        return sum(self.changes_.shocks.values())

    def simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Draw joint sample paths, shape ``(n_paths, horizon)``, never negative."""
        changes = self.changes_
        period = np.arange(1, horizon + 1)
        gone = np.minimum(period / (YEARS_TO_PASS * changes.season_length), 1)
        share = rng.random((n_paths, 1))
        walk = self._stretches(horizon, n_paths, rng) + changes.season_ahead(horizon)
        values = changes.level + np.cumsum(walk, axis=1) - share * gone * self.passing_
        return paths_from_scale(values, self.series, scale="log", name="level-log")

    def _stretches(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        usual = self.changes_.recent
        length = min(self.changes_.season_length, len(usual))
        count = -(-horizon // length)
        starts = rng.integers(len(usual) - length + 1, size=(n_paths, count))
        weights = rng.standard_normal((n_paths, count, 1))
        drawn = usual[starts[..., np.newaxis] + np.arange(length)] * weights
        return np.asarray(drawn.reshape(n_paths, -1)[:, :horizon])
