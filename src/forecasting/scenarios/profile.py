"""How a lever's value runs over the months."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

from forecasting.distributions import Distribution, draw
from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.scenarios.schema import Lever, LeverSource


def weights(lever: LeverSource, periods: pd.PeriodIndex) -> np.ndarray:
    r"""How much of a lever is in force in each month, w(t) from 0 to 1.

    With :math:`s` the first and :math:`e` the last month of the lever,

    - step: 1 from s to e, else 0;
    - ramp: :math:`(t - s + 1) / (e - s + 1)` from s to e, 1 after it;
    - pulse: :math:`(\min(t - s, e - t) + 1) / (\lfloor (e - s)/2 \rfloor + 1)` from s to e,
      else 0;
    - decay: :math:`2^{-(t - s)/h}` from s to e, with h the half-life, else 0.

    Parameters
    ----------
    lever : LeverSource
        Without a start it begins with the first period, without an end it lasts.
    periods : pandas.PeriodIndex
        Months.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_periods,)``.
    """
    months = np.asarray(periods.asi8, dtype=float)
    start = float(months[0] if lever.start is None else lever.start.ordinal)
    end = np.inf if lever.end is None else float(lever.end.ordinal)
    within = (months >= start) & (months <= end)
    if lever.shape == "ramp":
        return np.clip((months - start + 1) / (end - start + 1), 0, 1)
    if lever.shape == "pulse":
        height = (end - start) // 2 + 1
        return np.where(within, np.minimum(months - start, end - months) + 1, 0) / height
    if lever.shape == "decay":
        half_life = float(lever.half_life_months or 1)
        return np.where(within, np.exp2(-np.maximum(months - start, 0) / half_life), 0)
    return within.astype(float)


def drawn(lever: Lever, *, n_paths: int, seed: int) -> np.ndarray:
    """Draw a lever's value once a path; the same for the lever in every scenario.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_paths,)``; a number is repeated.
    """
    rng = np.random.default_rng([seed, zlib.crc32(lever.label.encode())])
    return draw(lever.amount, rng.random(n_paths))


def lever_values(
    lever: Lever, periods: pd.PeriodIndex, *, n_paths: int | None = None, seed: int = 1
) -> np.ndarray:
    r"""Value of a lever in every month: :math:`v(t) = n + (v - n) w(t)`, with n the neutral value.

    Of a surge these are the persons of each month: :math:`v w(t) / \sum w`, the sum over all months
    of the lever.

    Parameters
    ----------
    lever : Lever
        One whose value is a number or a distribution, and that has a neutral value.
    periods : pandas.PeriodIndex
        Months.
    n_paths, seed : int
        Of a distribution, which is drawn once a path.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_periods,)``; of a distribution ``(n_paths, n_periods)``.

    Raises
    ------
    InputError
        If the lever has no such values, or a distribution is to be drawn without `n_paths`.
    """
    kind, amount = lever.kind, lever.amount
    if kind.neutral is None:
        raise InputError(
            say("{lever} has no values by month", lever=lever.lever), where=lever.label
        )
    in_force = _surge_shares(lever, periods) if kind.timing == "surge" else weights(lever, periods)
    if not isinstance(amount, Distribution):
        return np.asarray(kind.neutral + (amount - kind.neutral) * in_force)
    if n_paths is None:
        found = say("{value} without a number of paths", value=amount)
        raise InputError(found, where=lever.label)
    values = drawn(lever, n_paths=n_paths, seed=seed)[:, np.newaxis]
    return np.asarray(kind.neutral + (values - kind.neutral) * in_force)


def _surge_shares(lever: Lever, periods: pd.PeriodIndex) -> np.ndarray:
    """Share of a surge that comes in each month; those of all its months add up to 1."""
    months = pd.period_range(lever.start, lever.end, freq="M")
    window = (periods >= months[0]) & (periods <= months[-1])
    shares = np.where(window, weights(lever, periods), 0.0)
    return np.asarray(shares / weights(lever, months).sum())
