"""Arrays handed to a score: finite numbers, and shapes that fit each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from forecasting.errors import InputError


def finite_array(values: ArrayLike, name: str) -> np.ndarray:
    """Return `values` as an array of floats, which may be the very same array.

    Raises
    ------
    InputError
        If there are none, or one is not a finite number.
    """
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError("values that are not numbers", where=name) from None
    if array.size == 0:
        raise InputError("no values", where=name, expected="at least one case to score")
    finite = np.isfinite(array)
    if not finite.all():
        first = tuple(int(place) for place in np.argwhere(~finite)[0])
        raise InputError(
            f"{np.count_nonzero(~finite)} of {array.size} values are not finite, the first at "
            f"{first}",
            where=name,
            expected="finite numbers: a case without one cannot be scored, leave it out",
        )
    return array


def check_same_shape(**arrays: np.ndarray) -> None:
    """Refuse arrays, given by their names, that differ in shape.

    Raises
    ------
    InputError
        If two shapes differ.
    """
    if len({array.shape for array in arrays.values()}) > 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InputError(f"shapes that differ: {shapes}", expected="the same shape, one per case")


def outcome_of(outcome: ArrayLike, draws: np.ndarray, name: str) -> np.ndarray:
    """Return the outcomes that go with samples or quantiles, whose last axis they lack.

    Raises
    ------
    InputError
        If the leading axes of `draws` are not those of the outcomes.
    """
    known = finite_array(outcome, "outcome")
    if draws.ndim == 0 or draws.shape[:-1] != known.shape:
        raise InputError(
            f"{name} of shape {draws.shape} beside outcomes of shape {known.shape}",
            expected=f"the shape of the outcomes, with the {name} of each case in one more axis",
        )
    return known


def scale_for(scale: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return scales that can be divided by: positive, and broadcastable to the cases.

    Raises
    ------
    InputError
        If a scale is 0 or below, or the shapes do not fit.
    """
    scales = finite_array(scale, "scale")
    if (scales <= 0).any():
        raise InputError(f"a scale of {scales.min():g}", expected="above 0, see seasonal_scale")
    try:
        return np.broadcast_to(scales, shape)
    except ValueError:
        raise InputError(
            f"scales of shape {scales.shape} beside cases of shape {shape}",
            expected="a shape that can be broadcast to that of the cases",
        ) from None
