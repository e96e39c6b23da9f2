"""The last official figure as a forecast: what a plan without a model carries forward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.models.common import require_complete, require_observations
from forecasting.series import RegularSeries


@dataclass(frozen=True)
class LastOfficial:
    """The last whole calendar year, carried forward without any doubt about it.

    A flow is spread evenly over the year's periods; of a stock its last figure is taken. Every path
    is the same: the benchmark states a number, not a distribution.
    """

    name: str = "last_official"

    def minimum_length(self, season_length: int) -> int:
        """Fewest observations needed: any so many hold a whole calendar year."""
        return 2 * season_length - 1

    def fit(self, series: RegularSeries) -> FittedLastOfficial:
        """Look the last whole year up; see `forecasting.models.Model`."""
        require_complete(self.name, series)
        require_observations(self.name, series, self.minimum_length(series.season_length))
        years = series.values.groupby(series.periods.year)
        whole = years.filter(lambda year: len(year) == series.season_length)
        last = whole.iloc[-series.season_length :]
        return FittedLastOfficial(
            series, float(last.iloc[-1] if series.kind == "stock" else last.mean())
        )


@dataclass(frozen=True)
class FittedLastOfficial:
    """A figure to carry forward; see `forecasting.models.FittedModel`."""

    series: RegularSeries
    figure_: float

    def simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Repeat the figure, shape ``(n_paths, horizon)``."""
        return np.full((n_paths, horizon), self.figure_)
