r"""A monitor of the length of stay: whether it still is what it was.

The mean stay is followed over rolling windows. Each window is compared with all earlier ones that
do not overlap it nor each other, back to the first one or to the last change found. With
:math:`m_i` the log mean stays, :math:`s_i` their standard errors and k earlier windows,

.. math:: z = \frac{m - \bar m}{s \sqrt{1 + 1 / k}}

where :math:`s^2` is the mean of the :math:`s_i^2` of all k + 1 windows. What is found may be abrupt
or slow; the monitor of breaks (`forecasting.series.breaks`) looks for abrupt changes only and takes
windows that overlap for a slow one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.series import RegularSeries
from forecasting.stocks.exit_rate import fit_exit_rate, rolling_exit_rates
from forecasting.stocks.stay_estimation import StayEstimate
from forecasting.stocks.survival_stock import SurvivalModel

THRESHOLD = 4.0
"""Absolute strength from which a change is reported; docs/adr/0016-stock-models.md counts the false
alarms."""

STAY_COLUMNS = ("mean_stay", "standard_error")

_NORMAL_90 = 1.2815516  # 90 % quantile of the normal distribution, the end of an 80 % interval
_SAYS_NOTHING = 0.5  # standard error of a log mean stay from which a window is left out


@dataclass(frozen=True)
class StayChange:
    """A length of stay that is no longer what it was.

    Attributes
    ----------
    period : pandas.Period
        Last period of the window in which it shows: the change began in that window or before.
    factor : float
        Mean stay of the window over that of the earlier ones.
    strength : float
        Its z-value.
    """

    period: pd.Period
    factor: float
    strength: float


def stays_from_exit_rates(
    stock: RegularSeries, inflow: RegularSeries, *, window: int | None = None
) -> pd.DataFrame:
    """Follow the mean stay, 1 / exit rate, over rolling windows.

    Where the errors of the stock last from one period to the next, with the autocorrelation r of
    those of the model one period ahead, the standard errors are larger by the root of
    (1 + r) / (1 - r).

    Parameters
    ----------
    stock, inflow : RegularSeries
    window : int, optional
        See `forecasting.stocks.exit_rate.fit_exit_rate`, also for the errors.

    Returns
    -------
    pandas.DataFrame
        Indexed by the last period of each window; columns `STAY_COLUMNS`, the mean stay in periods
        and the standard error of its logarithm.
    """
    found = rolling_exit_rates(stock, inflow, window=window)
    lasting = max(fit_exit_rate(stock, inflow, window=window).autocorrelation_, 0.0)
    errors = found["standard_error"] * np.sqrt((1 + lasting) / (1 - lasting))
    return pd.DataFrame({"mean_stay": np.exp(-found["log_theta"]), "standard_error": errors})


def stays_from_bands(
    model: SurvivalModel, stock: RegularSeries, inflow: RegularSeries
) -> pd.DataFrame:
    """Follow the mean stay estimated from leavers by length band, over rolling windows.

    Parameters
    ----------
    model : SurvivalModel
        With the leavers and the window.
    stock, inflow : RegularSeries

    Returns
    -------
    pandas.DataFrame
        See `stays_from_exit_rates`.

    Raises
    ------
    InputError, ModelError
        As `SurvivalModel`.
    """
    found = {end: model.estimate(stock, inflow, end) for end in model.window_ends(stock, inflow)}
    rows = [(each.stay.mean, _standard_error(each)) for each in found.values()]
    return pd.DataFrame(
        rows, index=pd.PeriodIndex(list(found), name="period"), columns=list(STAY_COLUMNS)
    )


def find_stay_changes(
    stays: pd.DataFrame, *, window: int, threshold: float = THRESHOLD
) -> tuple[StayChange, ...]:
    """Find the windows in which the mean stay is no longer what it was.

    A change that goes on is found again, a window later or more. A window whose standard error
    passes 0.5 says nothing and is left out.

    Parameters
    ----------
    stays : pandas.DataFrame
        Of `stays_from_exit_rates` or `stays_from_bands`.
    window : int
        Periods of a window.
    threshold : float
        Absolute strength from which a change is reported.

    Returns
    -------
    tuple of StayChange
        By period.

    Raises
    ------
    InputError
        If there are no two windows that do not overlap.
    """
    if len(stays) <= window:
        raise InputError(
            f"{len(stays)} rolling windows of {window} periods",
            expected=f"{window + 1} or more, so that two do not overlap",
        )
    means = np.log(stays["mean_stay"].to_numpy())
    errors = stays["standard_error"].to_numpy()
    changes: list[StayChange] = []
    first = 0
    for at in range(len(stays)):
        earlier = np.arange(at - window, first - 1, -window)
        earlier = earlier[errors[earlier] <= _SAYS_NOTHING]
        if not len(earlier) or errors[at] > _SAYS_NOTHING:
            continue
        moved = means[at] - means[earlier].mean()
        variance = np.mean(errors[[at, *earlier]] ** 2) * (1 + 1 / len(earlier))
        strength = moved / np.sqrt(variance)
        if abs(strength) >= threshold:
            period = stays.index[at]
            changes.append(StayChange(period, float(np.exp(moved)), float(strength)))
            first = at
    return tuple(changes)


def _standard_error(estimate: StayEstimate) -> float:
    """Of the logarithm of the mean stay."""
    lower, upper = estimate.mean_interval(80)
    return float(np.log(upper / lower)) / (2 * _NORMAL_90)
