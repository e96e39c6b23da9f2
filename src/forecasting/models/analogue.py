"""Analogue model: what followed the past situations that resemble the present one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.errors import ModelError
from forecasting.models.common import paths_from_scale, require_complete, require_observations
from forecasting.models.panel import (
    MIN_SITUATIONS,
    YEARS_FOLLOWED,
    Panel,
    features_of,
    level_of,
    shortest_history,
    without_season,
)
from forecasting.series import RegularSeries

NAME = "analogue"
NEIGHBOURS = 500
"""Most similar situations that are drawn from; at most half of those there are."""

SEARCHED = 1000
"""Situations looked at for each path once a forecast outlasts the years kept."""


@dataclass(frozen=True)
class AnalogueModel:
    """Draws the log changes that followed similar situations of a whole panel.

    A path is one window of one series as it really went on, started at the present level, so its
    months hang together. The nearest situations (standardised momentum and volatility, Euclidean
    distance) are drawn from with equal chance; beyond the years kept, the search is repeated
    from where each path has arrived. After Lorenz 1969
    (doi:10.1175/1520-0469(1969)26<636:APARBN>2.0.CO;2); learning across series: Montero-Manso and
    Hyndman 2021, doi:10.1016/j.ijforecast.2021.03.004.

    Attributes
    ----------
    panel : Panel
        Only situations whose outcome was known at a series' origin are used for it.
    """

    panel: Panel

    @property
    def name(self) -> str:
        """Name in tables and messages."""
        return NAME

    def minimum_length(self, season_length: int) -> int:
        """Fewest observations needed: two years and a quarter."""
        return shortest_history(season_length)

    def fit(self, series: RegularSeries) -> FittedAnalogue:
        """Describe the present situation; see `forecasting.models.Model`."""
        if series.frequency != self.panel.frequency:
            raise ModelError(
                f"{NAME}: {series.series_id} has frequency {series.frequency}, "
                f"the panel {self.panel.frequency}"
            )
        require_complete(NAME, series)
        require_observations(NAME, series, self.minimum_length(series.season_length))
        z = np.log1p(series.values.to_numpy(dtype=float))
        return FittedAnalogue(self.panel, series, *without_season(z, series.season_length))


@dataclass(frozen=True)
class FittedAnalogue:
    """The present situation of one series; see `forecasting.models.FittedModel`."""

    panel: Panel
    series: RegularSeries
    level_: np.ndarray
    season_: np.ndarray

    def simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Draw joint sample paths, shape ``(n_paths, horizon)``, never negative.

        Raises
        ------
        ModelError
            If fewer than 60 situations had run their course by the origin.
        """
        season = self.series.season_length
        features, changes = self._situations()
        scale = features.std(axis=0) + 1e-9
        past = features / scale
        paths = np.tile(self.level_[-shortest_history(season) - 1 :], (n_paths, 1))
        begin = paths.shape[1]
        drawn = _draw_alike(features_of(paths[:1], season)[0] / scale, past, n_paths, rng)
        while True:
            paths = np.hstack([paths, level_of(paths, season)[:, None] + changes[drawn]])
            if paths.shape[1] >= begin + horizon:
                break
            drawn = _draw_for_each(features_of(paths, season) / scale, past, rng)
        place = (len(self.level_) + np.arange(horizon)) % season
        return paths_from_scale(
            paths[:, begin : begin + horizon] + self.season_[place],
            self.series,
            scale="log",
            name=NAME,
        )

    def _situations(self) -> tuple[np.ndarray, np.ndarray]:
        """Situations followed for three years, or fewer where too few have ended."""
        found = 0
        for years in range(YEARS_FOLLOWED, 0, -1):
            length = years * self.series.season_length
            features, changes = self.panel.ended_by(self.series.origin, length)
            if len(features) >= MIN_SITUATIONS:
                return features, changes
            found = max(found, len(features))
        raise ModelError(
            f"{NAME} needs {MIN_SITUATIONS} past situations that had run their course by "
            f"{self.series.origin}, there are {found}"
        )


def _draw_alike(
    now: np.ndarray, past: np.ndarray, n_paths: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw one of the situations nearest to the present one for each path."""
    nearest = min(NEIGHBOURS, len(past) // 2)
    closest = np.argpartition(((past - now) ** 2).sum(axis=1), nearest - 1)[:nearest]
    return np.asarray(rng.choice(closest, n_paths))


def _draw_for_each(now: np.ndarray, past: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one situation for each path from those nearest to where it has arrived.

    Of a large panel a random thousand is searched, the same for all paths.
    """
    searched = rng.permutation(len(past))[:SEARCHED]
    some = past[searched]
    nearest = min(NEIGHBOURS, len(some) // 2)
    distances = (some**2).sum(axis=1) - 2 * now @ some.T  # squared, less a constant of each path
    closest = np.argpartition(distances, nearest - 1, axis=1)[:, :nearest]
    chosen = rng.integers(nearest, size=len(now))
    return np.asarray(searched[closest[np.arange(len(now)), chosen]])
