"""Diebold-Mariano test of equal accuracy, for one series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecasting.errors import InputError
from forecasting.evaluation.inputs import check_same_shape, finite_array

_ROUNDING = 1e-10
"""Differences below this, relative to the losses, are those of floating point."""


@dataclass(frozen=True)
class EqualAccuracy:
    """Result of a test of equal accuracy.

    Attributes
    ----------
    statistic : float
        Below 0 where the first model had the smaller losses.
    p_value : float
        Two-sided.
    n_cases : int
        Losses compared.
    """

    statistic: float
    p_value: float
    n_cases: int


def diebold_mariano(loss_a: ArrayLike, loss_b: ArrayLike, *, horizon: int) -> EqualAccuracy:
    r"""Test whether two models have the same expected loss, with the small-sample correction.

    With the differences :math:`d_t` of the losses, their mean :math:`\bar d`, autocovariances
    :math:`\hat\gamma_k = \frac1n \sum_{t > k} (d_t - \bar d)(d_{t-k} - \bar d)` and horizon
    :math:`h`,

    .. math::

        S^* = \sqrt{\frac{n + 1 - 2h + h(h - 1)/n}{n}} \;
        \frac{\bar d}{\sqrt{\frac1n (\hat\gamma_0 + 2 \sum_{k=1}^{h-1} \hat\gamma_k)}}

    is held against Student's distribution with :math:`n - 1` degrees of freedom.

    Parameters
    ----------
    loss_a, loss_b : array_like
        Shape ``(n,)``: losses of two models (any score of which lower is better) for the same
        series, from consecutive origins, at one horizon.
    horizon : int
        The horizon, in steps between origins: errors up to ``horizon - 1`` origins apart overlap.

    Returns
    -------
    EqualAccuracy

    Raises
    ------
    InputError
        If there are no more losses than `horizon`, the losses are not two series of one length,
        their difference is constant, or the estimated variance is not above 0.

    References
    ----------
    Diebold and Mariano (1995), doi:10.1080/07350015.1995.10524599; Harvey, Leybourne and Newbold
    (1997), doi:10.1016/S0169-2070(96)00719-4.
    """
    from scipy.stats import t as student

    first, second = finite_array(loss_a, "loss_a"), finite_array(loss_b, "loss_b")
    check_same_shape(loss_a=first, loss_b=second)
    if first.ndim != 1 or not 1 <= horizon < len(first):
        raise InputError(
            f"losses of shape {first.shape} at horizon {horizon}",
            expected="one loss per origin, and more origins than the horizon, which is 1 or more",
        )
    difference, n_cases = first - second, len(first)
    smallest = _ROUNDING * float(np.abs([first, second]).max())
    error = np.sqrt(_variance_of_mean(difference, horizon, smallest))
    correction = np.sqrt((n_cases + 1 - 2 * horizon + horizon * (horizon - 1) / n_cases) / n_cases)
    statistic = float(correction * difference.mean() / error)
    p_value = float(2 * student.sf(abs(statistic), n_cases - 1))
    return EqualAccuracy(statistic, p_value, n_cases)


def _variance_of_mean(difference: np.ndarray, horizon: int, smallest: float) -> float:
    deviation = difference - difference.mean()
    if np.abs(deviation).max() <= smallest:
        raise InputError(
            f"the losses differ by the same amount, {difference.mean():g}, at every origin",
            expected="a difference that varies: without variance there is no test",
        )
    n_cases = len(deviation)
    lagged = [float(deviation[lag:] @ deviation[: n_cases - lag]) for lag in range(horizon)]
    variance = (2 * sum(lagged) - lagged[0]) / n_cases**2
    if variance <= _ROUNDING * lagged[0] / n_cases**2:
        raise InputError(
            f"the variance of the mean difference is estimated as {variance:g} from {n_cases} "
            f"losses and {horizon - 1} lags",
            expected="above 0",
            action="take more origins or a shorter horizon, or compare several series at once "
            "with forecasting.evaluation.significance.compare",
        )
    return variance
