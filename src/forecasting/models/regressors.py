"""The regressors of a model with drivers and interventions, observed and ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.models.drivers import Drivers
from forecasting.models.interventions import Intervention
from forecasting.periods import following
from forecasting.series import RegularSeries


@dataclass(frozen=True)
class Regressors:
    """Drivers and interventions that belong to one series, centred and scaled for the estimation.

    Attributes
    ----------
    series : RegularSeries
        The series they explain.
    drivers : Drivers or None
        Known and future values of the drivers.
    interventions : tuple of Intervention
        What happened at known periods.
    values : pandas.DataFrame
        Observed values, one column a regressor, drivers before interventions.
    """

    series: RegularSeries
    drivers: Drivers | None
    interventions: Sequence[Intervention]
    values: pd.DataFrame

    @classmethod
    def of(
        cls, series: RegularSeries, drivers: Drivers | None, interventions: Sequence[Intervention]
    ) -> Regressors:
        """Line the regressors up with a series.

        Raises
        ------
        InputError
            If a name stands twice, a driver or an intervention does not fit the series, or an
            effect cannot be told from the level or from the other effects.
        """
        names = [*(drivers.names if drivers else ()), *(each.name for each in interventions)]
        for name in names:
            if names.count(name) > 1:
                raise InputError(
                    f"'{name}' stands twice", expected="each driver and each intervention once"
                )
        values = drivers.during(series) if drivers else pd.DataFrame(index=series.periods)
        values.index = series.periods
        for each in interventions:
            each.check(series)
            values[each.name] = each.values(series.periods)
        _check_estimable(values[series.values.notna().to_numpy()], series.series_id)
        return cls(series, drivers, interventions, values)

    @property
    def names(self) -> list[str]:
        """Names of the regressors."""
        return [str(name) for name in self.values.columns]

    @property
    def spread(self) -> np.ndarray:
        """Standard deviation of each regressor, shape ``(n_regressors,)``."""
        return np.asarray(self._matrix.std(axis=0))

    def observed(self) -> np.ndarray:
        """Scaled values of the observed periods, shape ``(n_periods, n_regressors)``."""
        return self._scale(self._matrix)

    def ahead(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Scaled values of the periods ahead, shape ``(n_paths, horizon, n_regressors)``."""
        origin = self.series.origin
        columns = [each.values(following(origin, horizon)) for each in self.interventions]
        planned = np.array(columns).reshape(len(columns), horizon).T
        values = np.broadcast_to(planned, (n_paths, horizon, len(columns)))
        if self.drivers:
            driven = self.drivers.after(origin, horizon, n_paths, rng)
            values = np.concatenate([driven, values], axis=2)
        return self._scale(values)

    @property
    def _matrix(self) -> np.ndarray:
        return self.values.to_numpy(dtype=float)

    def _scale(self, values: np.ndarray) -> np.ndarray:
        scaled: np.ndarray = (values - self._matrix.mean(axis=0)) / self.spread
        return scaled


def _check_estimable(values: pd.DataFrame, series_id: str) -> None:
    for name in values.columns:
        if values[name].min() == values[name].max():
            raise InputError(
                f"{name} is {values[name].iloc[0]:g} at every observation of {series_id}",
                expected="a regressor that changes: the effect of one that does not cannot be "
                "told from the level",
            )
    matrix = values.to_numpy(dtype=float)
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    if np.linalg.matrix_rank(scaled, tol=1e-6) < scaled.shape[1]:
        raise InputError(
            f"{', '.join(map(str, values.columns))} explain each other on {series_id}",
            expected="regressors none of which follows from the others",
            action="leave one out",
        )
