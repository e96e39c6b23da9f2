r"""Scores of point forecasts, and the scale of a series.

Every function gives one score per case and averages nothing; the mean over cases is what the name
of the metric says (the mean absolute error, for instance). Symbols: point forecast :math:`f`,
outcome :math:`y`. Which point of a forecast distribution scores best depends on the metric: for the
absolute and the scaled error it is the median, for percentage errors something lower, and the bias
vanishes for the mean (Gneiting 2011, doi:10.1198/jasa.2011.r10138).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from forecasting.errors import InputError
from forecasting.evaluation.inputs import check_same_shape, finite_array, scale_for


def bias(forecast: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Error :math:`f - y`: above 0 where the forecast was too high.

    Parameters
    ----------
    forecast, outcome : array_like
        Shape ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``, in the unit of the outcome.

    Raises
    ------
    InputError
        If the shapes differ or a value is not finite.
    """
    point, known = _pair(forecast, outcome)
    return np.asarray(point - known)


def mae(forecast: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Absolute error :math:`|f - y|`.

    Parameters
    ----------
    forecast, outcome : array_like
        Shape ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``, in the unit of the outcome.

    Raises
    ------
    InputError
        If the shapes differ or a value is not finite.
    """
    return np.asarray(np.abs(bias(forecast, outcome)))


def mase(forecast: ArrayLike, outcome: ArrayLike, *, scale: ArrayLike) -> np.ndarray:
    r"""Absolute scaled error :math:`|f - y| / \text{scale}`, a pure number.

    Parameters
    ----------
    forecast, outcome : array_like
        Shape ``(...)``.
    scale : array_like
        `seasonal_scale` of the history known at the origin; broadcast to ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``.

    Raises
    ------
    InputError
        If the shapes differ, a value is not finite, or a scale is not above 0.

    References
    ----------
    Hyndman and Koehler (2006), doi:10.1016/j.ijforecast.2006.03.001.
    """
    error = mae(forecast, outcome)
    return np.asarray(error / scale_for(scale, error.shape))


def smape(forecast: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    r"""Symmetric absolute percentage error :math:`200 |f - y| / (|f| + |y|)`, 0 to 200.

    The definition of the M3 and M4 competitions. Where forecast and outcome are both 0, the error
    is 0.

    Parameters
    ----------
    forecast, outcome : array_like
        Shape ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``, in percent.

    Raises
    ------
    InputError
        If the shapes differ or a value is not finite.

    References
    ----------
    Makridakis and Hibon (2000), doi:10.1016/S0169-2070(00)00057-1.
    """
    point, known = _pair(forecast, outcome)
    total = np.abs(point) + np.abs(known)
    return np.asarray(200 * np.abs(point - known) / np.where(total > 0, total, 1))


def mape(forecast: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    r"""Absolute percentage error :math:`100 |f - y| / |y|`.

    Parameters
    ----------
    forecast, outcome : array_like
        Shape ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``, in percent.

    Raises
    ------
    InputError
        If an outcome is 0, the shapes differ, or a value is not finite.

    References
    ----------
    Hyndman and Koehler (2006), doi:10.1016/j.ijforecast.2006.03.001.
    """
    point, known = _pair(forecast, outcome)
    if (known == 0).any():
        raise InputError(
            f"{np.count_nonzero(known == 0)} of {known.size} outcomes are 0, which has no "
            "percentage error",
            where="outcome",
            action="score with smape or mase",
        )
    return np.asarray(100 * np.abs(point - known) / np.abs(known))


def seasonal_scale(
    history: ArrayLike, season_length: int, *, series_id: str | None = None
) -> float:
    r"""Mean absolute difference between values one season apart, the scale of `mase` and `msis`.

    :math:`\frac{1}{n - m} \sum_{t = m + 1}^{n} |y_t - y_{t - m}|`: the error within the sample of
    the seasonal naive forecast; with :math:`m = 1`, of the random walk.

    Parameters
    ----------
    history : array_like
        Shape ``(n,)``: the values known at the origin, in the order of time.
    season_length : int
        Periods in a season, :math:`m`.
    series_id : str, optional
        Named in the error message.

    Returns
    -------
    float
        In the unit of the series, above 0.

    Raises
    ------
    InputError
        If the history is no longer than a season, repeats itself exactly (the scale would be 0),
        is not one series, or holds a value that is not finite.

    References
    ----------
    Hyndman and Koehler (2006), doi:10.1016/j.ijforecast.2006.03.001.
    """
    where = "history" if series_id is None else f"series '{series_id}'"
    values = finite_array(history, where)
    if season_length < 1:
        raise InputError(f"a season of {season_length} periods", where=where, expected="1 or more")
    if values.ndim != 1 or len(values) <= season_length:
        raise InputError(
            f"a history of shape {values.shape} has no scale",
            where=where,
            expected=f"one series of more than {season_length} values",
        )
    scale = float(np.abs(values[season_length:] - values[:-season_length]).mean())
    if scale == 0:
        raise InputError(
            f"each value equals the one {season_length} periods earlier: the scale is 0",
            where=where,
            action="score this series with a metric that is not scaled",
        )
    return scale


def _pair(forecast: ArrayLike, outcome: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    point, known = finite_array(forecast, "forecast"), finite_array(outcome, "outcome")
    check_same_shape(forecast=point, outcome=known)
    return point, known
