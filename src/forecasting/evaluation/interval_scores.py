r"""Scores of central intervals: interval score, coverage and width.

Every function gives one score per case and averages nothing. The interval score is proper, lower is
better; coverage and width describe calibration and sharpness and are not to be minimised.

Symbols: outcome :math:`y`, interval :math:`[l, u]` of `level` percent, :math:`\alpha = 1 -
\text{level} / 100`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from forecasting.errors import InputError
from forecasting.evaluation.inputs import check_same_shape, finite_array, scale_for


def interval_score(
    lower: ArrayLike, upper: ArrayLike, outcome: ArrayLike, *, level: float
) -> np.ndarray:
    r"""Interval score (Winkler score) of a central interval.

    :math:`(u - l) + \frac{2}{\alpha} (l - y) 1\{y < l\} + \frac{2}{\alpha} (y - u) 1\{y > u\}`

    Parameters
    ----------
    lower, upper, outcome : array_like
        Shape ``(...)``.
    level : float
        Percent the interval promises to cover, between 0 and 100.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``, the width of the interval or more.

    Raises
    ------
    InputError
        If a lower limit is above the upper one, the level cannot be used, the shapes differ, or a
        value is not finite.

    References
    ----------
    Winkler (1972), doi:10.1080/01621459.1972.10481224; Gneiting and Raftery (2007),
    doi:10.1198/016214506000001437.
    """
    if not 0 < level < 100:
        raise InputError(f"level {level}", expected="percent, above 0 and below 100")
    low, high = _limits(lower, upper)
    known = finite_array(outcome, "outcome")
    check_same_shape(interval=low, outcome=known)
    outside = np.maximum(low - known, 0) + np.maximum(known - high, 0)
    return np.asarray((high - low) + outside * 2 / (1 - level / 100))


def msis(
    lower: ArrayLike, upper: ArrayLike, outcome: ArrayLike, *, level: float, scale: ArrayLike
) -> np.ndarray:
    """Scaled interval score: `interval_score` over the scale of the series, a pure number.

    Its mean over the cases of a series is the mean scaled interval score (MSIS) of the M4
    competition, which took 95 for `level`.

    Parameters
    ----------
    lower, upper, outcome : array_like
        Shape ``(...)``.
    level : float
        Percent the interval promises to cover, between 0 and 100.
    scale : array_like
        `seasonal_scale` of the history known at the origin; broadcast to ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``.

    Raises
    ------
    InputError
        As `interval_score`, or if a scale is not above 0.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos (2020), doi:10.1016/j.ijforecast.2019.04.014.
    """
    score = interval_score(lower, upper, outcome, level=level)
    return np.asarray(score / scale_for(scale, score.shape))


def interval_coverage(lower: ArrayLike, upper: ArrayLike, outcome: ArrayLike) -> np.ndarray:
    """Whether the outcome lies in the interval, its limits included: 1 or 0.

    Parameters
    ----------
    lower, upper, outcome : array_like
        Shape ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``; the mean over cases is the share covered.

    Raises
    ------
    InputError
        If a lower limit is above the upper one, the shapes differ, or a value is not finite.
    """
    low, high = _limits(lower, upper)
    known = finite_array(outcome, "outcome")
    check_same_shape(interval=low, outcome=known)
    return np.asarray((low <= known) & (known <= high), dtype=float)


def interval_width(lower: ArrayLike, upper: ArrayLike) -> np.ndarray:
    """Width of the interval.

    Parameters
    ----------
    lower, upper : array_like
        Shape ``(...)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``, 0 or more.

    Raises
    ------
    InputError
        If a lower limit is above the upper one, the shapes differ, or a value is not finite.
    """
    low, high = _limits(lower, upper)
    return np.asarray(high - low)


def _limits(lower: ArrayLike, upper: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    low, high = finite_array(lower, "lower"), finite_array(upper, "upper")
    check_same_shape(lower=low, upper=high)
    if (low > high).any():
        raise InputError(
            f"the lower limit above the upper one in {np.count_nonzero(low > high)} of {low.size} "
            "cases",
            expected="lower <= upper",
        )
    return low, high
