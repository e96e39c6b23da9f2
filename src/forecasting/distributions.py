"""Assumptions as numbers or distributions, and the one map from uniforms to their values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from forecasting.errors import InputError
from forecasting.languages.messages import all_of, say
from forecasting.schemas import Number, Strict

FORMS = {
    "triangular": "{triangular: [low, mode, high]}",
    "uniform": "{uniform: [low, high]}",
    "beta": "{beta: [a, b]}",
}
"""How each form is written."""


class Distribution(Strict):
    """What is known of an assumption; exactly one form is given.

    Attributes
    ----------
    triangular : tuple of three numbers
        Low, mode and high: low <= mode <= high and low < high.
    uniform : tuple of two numbers
        Low and high: low < high.
    beta : tuple of two numbers
        Parameters a and b of a beta distribution on [0, 1], both above 0.
    """

    triangular: tuple[Number, ...] | None = None
    uniform: tuple[Number, ...] | None = None
    beta: tuple[Number, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.keys() <= FORMS.keys():
            raise _fault(", ".join(map(str, given)), _any_form())
        return given

    @model_validator(mode="after")
    def _usable(self) -> Distribution:
        given = self.model_dump(exclude_none=True)
        if len(given) != 1:
            raise _fault(all_of(list(given)) if given else say("no form"), _any_form())
        ((form, numbers),) = given.items()
        if len(numbers) != FORMS[form].count(",") + 1:
            raise _fault(str(self), FORMS[form])
        if not all(math.isfinite(number) for number in numbers):
            raise _fault(str(self), say("finite numbers"))
        if form == "beta" and min(numbers) <= 0:
            raise _fault(str(self), say("a and b above 0"))
        if form != "beta" and (list(numbers) != sorted(numbers) or numbers[0] == numbers[-1]):
            order = "low <= mode <= high, low < high" if form == "triangular" else "low < high"
            raise _fault(str(self), order)
        return self

    def __str__(self) -> str:
        ((form, numbers),) = self.model_dump(exclude_none=True).items()
        return f"{{{form}: [{', '.join(format(number, 'g') for number in numbers)}]}}"

    @property
    def low(self) -> float:
        """Smallest value."""
        return float((self.triangular or self.uniform or (0,))[0])

    @property
    def high(self) -> float:
        """Largest value."""
        return float((self.triangular or self.uniform or (1,))[-1])

    @property
    def mean(self) -> float:
        """Expected value: (low + mode + high) / 3, (low + high) / 2, or a / (a + b)."""
        if self.beta:
            return float(self.beta[0] / sum(self.beta))
        numbers = self.triangular or self.uniform or ()
        return float(sum(numbers) / len(numbers))

    def ppf(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles at levels `u` in [0, 1], in the shape of `u`; see `draw`."""
        u = np.asarray(u, dtype=float)
        if self.triangular:
            return _triangular_ppf(u, *(float(number) for number in self.triangular))
        if self.uniform:
            return np.asarray(self.low + (self.high - self.low) * u)
        from scipy.special import betaincinv

        return np.asarray(betaincinv(*(self.beta or ()), u))


Uncertain = Number | Distribution
"""A value of an assumption: a number, or a distribution where it is not known."""


def draw(value: Uncertain, u: np.ndarray) -> np.ndarray:
    """Map uniforms to values of an assumption.

    Random and quasi-random (Sobol) uniforms go through the same map, the quantile function.

    Parameters
    ----------
    value : int, float or Distribution
    u : numpy.ndarray
        Uniforms on [0, 1], of any shape.

    Returns
    -------
    numpy.ndarray
        In the shape of `u`; a number is repeated.
    """
    if isinstance(value, Distribution):
        return value.ppf(u)
    return np.full(np.shape(u), float(value))


def central(value: Uncertain) -> float:
    """Return a number as it is, and the mean of a distribution."""
    return value.mean if isinstance(value, Distribution) else float(value)


def check_range(value: Uncertain, low: float, high: float, *, where: str) -> None:
    """Refuse an assumption that is, or can come to be, outside an allowed range.

    Parameters
    ----------
    value : int, float or Distribution
    low, high : float
        The range, both ends allowed; `high` may be infinite.
    where : str
        File and key, for the message.

    Raises
    ------
    InputError
        Naming the value, the range and what to do.
    """
    if isinstance(value, Distribution):
        least, most, found = value.low, value.high, str(value)
    else:
        least, most, found = float(value), float(value), f"{value:g}"
    if low <= least and most <= high and math.isfinite(most):
        return
    raise InputError(
        found,
        where=where,
        expected=_allowed(low, high, whole=isinstance(value, Distribution)),
        action=say("write 30 percent as 0.3") if (low, high) == (0, 1) else None,
    )


def _allowed(low: float, high: float, *, whole: bool) -> str:
    """Write a range, of a distribution as a whole or of a number."""
    if math.isinf(high):
        if whole:
            return say("{low} or more for the whole distribution", low=f"{low:g}")
        return say("{low} or more", low=f"{low:g}")
    ends = {"low": f"{low:g}", "high": f"{high:g}"}
    if whole:
        return say("{low} to {high} for the whole distribution", **ends)
    return say("{low} to {high}", **ends)


def _any_form() -> str:
    return say("one of {names}", names=", ".join(FORMS.values()))


def _fault(found: str, expected: str) -> PydanticCustomError:
    """Make an error that `schemas.stated` words as found and expected."""
    return PydanticCustomError("stated", "{found}", {"found": found, "expected": expected})


def _triangular_ppf(u: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    width = high - low
    below = low + np.sqrt(u * width * (mode - low))
    above = high - np.sqrt((1 - u) * width * (high - mode))
    return np.asarray(np.where(u < (mode - low) / width, below, above))
