"""What every model must offer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from forecasting.series import RegularSeries


@runtime_checkable
class FittedModel(Protocol):
    """A model whose parameters were estimated on one series."""

    @property
    def series(self) -> RegularSeries:
        """The series it was fitted to."""
        ...

    def simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Draw joint sample paths.

        Parameters
        ----------
        horizon : int
            Periods after the last observation.
        n_paths : int
            Number of paths.
        rng : numpy.random.Generator
            The only source of randomness: the same state gives the same paths.

        Returns
        -------
        numpy.ndarray
            Shape ``(n_paths, horizon)``, never negative, in the unit of the series; the column is
            the period after the last observation. `forecasting.forecast` labels them.
        """
        ...


@runtime_checkable
class Model(Protocol):
    """A recipe that can be fitted to a series."""

    @property
    def name(self) -> str:
        """Name in tables and messages, for example ``ets-log``."""
        ...

    def minimum_length(self, season_length: int) -> int:
        """Fewest observations the model needs."""
        ...

    def fit(self, series: RegularSeries) -> FittedModel:
        """Estimate the parameters; the series is not modified.

        Raises
        ------
        ModelError
            If the series is too short or the estimation fails.
        """
        ...
