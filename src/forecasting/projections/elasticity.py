r"""By how much a caseload moves with another series: an elasticity with its standard error.

.. math:: r_t = \sum_{i=1}^{p} \phi_i r_{t-i} + \beta d_{t-l} + e_t, \qquad
          \varepsilon = \frac{\beta}{1 - \sum_i \phi_i}

with r and d the changes of the logarithms, less their season, p a year and one period, and l the
lead from 0 to a year with the smallest sum of squares. The standard error of the ratio is that of
the delta method.

Source: an autoregressive distributed lag model, Hendry, Pagan and Sargan (1984), Dynamic
specification, Handbook of Econometrics 2, chapter 18, doi:10.1016/S1573-4412(84)02010-9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import ModelError
from forecasting.models.changes import changes_of
from forecasting.series import RegularSeries

_SPARE = 10
"""Changes to be explained beyond the number of coefficients."""


@dataclass(frozen=True)
class Elasticity:
    """Log change of a caseload per log change of another series, in the long run.

    Attributes
    ----------
    value, standard_error : float
    lead : int
        Periods by which the other series leads.
    """

    value: float
    standard_error: float
    lead: int


def estimate_elasticity(series: RegularSeries, driver: RegularSeries) -> Elasticity:
    """Estimate the elasticity of a series to another one over the periods that both have.

    Parameters
    ----------
    series, driver : RegularSeries
        Without gaps, above 0.

    Raises
    ------
    ModelError
        If they have too few periods in common, or the changes of the series keep all their
        momentum, so that there is no long run.
    """
    own, other = changes_of(series), changes_of(driver)
    target = pd.Series(own.values, index=series.periods[1:])
    moved = pd.Series(other.values, index=driver.periods[1:])
    lags, tried = range(1, series.season_length + 2), range(series.season_length + 1)
    past = pd.DataFrame({-lag: target.shift(lag) for lag in lags})
    leads = pd.DataFrame({lead: moved.shift(lead, freq=driver.periods.freq) for lead in tried})
    table = past.join(leads).assign(target=target).dropna()  # the same months for every lead
    if len(table) < len(lags) + 1 + _SPARE:
        raise ModelError(
            f"{series.series_id}: {len(table)} changes in common with {driver.series_id}, too few "
            "to tell how it moves with it"
        )
    fits = {lead: _fit(table, [*(-each for each in lags), lead]) for lead in tried}
    lead = min(fits, key=lambda each: fits[each][2])
    return _long_run(*fits[lead][:2], lead=lead, name=series.series_id)


def _fit(table: pd.DataFrame, columns: list[int]) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, their covariance, and the sum of squares."""
    matrix, target = table[columns].to_numpy(), table["target"].to_numpy()
    coefficients = np.linalg.lstsq(matrix, target, rcond=None)[0]
    errors = target - matrix @ coefficients
    squares = float(errors @ errors)
    free = len(target) - len(columns)
    return coefficients, squares / free * np.linalg.pinv(matrix.T @ matrix), squares


def _long_run(
    coefficients: np.ndarray, covariance: np.ndarray, *, lead: int, name: str
) -> Elasticity:
    left = 1 - float(coefficients[:-1].sum())
    if left <= 0:
        raise ModelError(f"{name}: its changes keep all their momentum, there is no long run")
    value = float(coefficients[-1]) / left
    slope = np.append(np.full(len(coefficients) - 1, value / left), 1 / left)
    return Elasticity(value, float(np.sqrt(slope @ covariance @ slope)), lead)
