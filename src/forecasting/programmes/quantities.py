"""A value with its unit, exact or as one number per path, and the arithmetic on it."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from forecasting.errors import InputError
from forecasting.programmes.units import Unit, parse_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Value: TypeAlias = Fraction | NDArray[np.float64]

__all__ = [
    "TOLERANCE",
    "Quantity",
    "add",
    "divide",
    "largest",
    "multiply",
    "negate",
    "quantity",
    "round_down",
    "round_to",
    "round_up",
    "smallest",
    "snap",
    "subtract",
]

TOLERANCE = 1e-9  # a float this near to a whole number (relative, above 1) is that number
_MAX_BITS = 3_400  # about 1,000 digits


@dataclass(frozen=True)
class Quantity:
    """A value with its unit.

    Parameters
    ----------
    value : Fraction or ndarray of float, shape (n_paths,)
        Exact, or one number per sample path. A percentage is held as its share: 75 % is 3/4.
    unit : Unit
        The unit.

    Raises
    ------
    InputError
        If the value is an array that is empty, not one-dimensional or not finite everywhere, or
        neither an array nor a `Fraction`.
    """

    value: Value
    unit: Unit

    def __post_init__(self) -> None:
        if not isinstance(self.value, Fraction):
            object.__setattr__(self, "value", _checked_paths(self.value, None))


def quantity(
    value: float | Fraction | Decimal | NDArray[Any],
    unit: str | Unit,
    *,
    where: str | None = None,
) -> Quantity:
    """Make a quantity from a value as it is written in a table: 75 with the unit ``%`` is 3/4.

    Parameters
    ----------
    value : int, float, Fraction, Decimal, or array of shape (n_paths,)
        A single float counts as the decimal it prints as: 0.1 is 1/10.
    unit : str or Unit
        The unit, as `parse_unit` reads it.
    where : str, optional
        File and key, for the error message.

    Returns
    -------
    Quantity
        Exact for a single number; an array is copied.

    Raises
    ------
    InputError
        If the value is not a finite number, the array is empty or not one-dimensional, or the
        unit is not known.
    """
    parsed = unit if isinstance(unit, Unit) else parse_unit(unit, where=where)
    scale = 100 if parsed.is_percent else 1
    if isinstance(value, np.ndarray) and value.ndim:
        return Quantity(_checked_paths(value, where) / scale, parsed)
    return Quantity(_exact(value, where) / scale, parsed)


def add(left: Quantity, right: Quantity) -> Quantity:
    """Return the sum of two quantities of one unit."""
    return Quantity(_apply(operator.add, left, right), _common_unit("+", left, right))


def subtract(left: Quantity, right: Quantity) -> Quantity:
    """Return the difference of two quantities of one unit."""
    return Quantity(_apply(operator.sub, left, right), _common_unit("\N{MINUS SIGN}", left, right))


def smallest(left: Quantity, right: Quantity) -> Quantity:
    """Return the smaller of two quantities of one unit, path by path."""
    unit = _common_unit("min", left, right)
    return Quantity(_apply(min, left, right, on_paths=np.minimum), unit)


def largest(left: Quantity, right: Quantity) -> Quantity:
    """Return the larger of two quantities of one unit, path by path."""
    unit = _common_unit("max", left, right)
    return Quantity(_apply(max, left, right, on_paths=np.maximum), unit)


def multiply(left: Quantity, right: Quantity) -> Quantity:
    """Return the product; units combine."""
    return Quantity(_apply(operator.mul, left, right), left.unit.combine(right.unit, 1))


def divide(left: Quantity, right: Quantity) -> Quantity:
    """Return the quotient; units combine. A divisor of 0, on any path, is an `InputError`."""
    zeros = np.count_nonzero(np.asarray(right.value) == 0)
    if zeros:
        paths = (
            f" on {zeros} of {right.value.size} paths"
            if isinstance(right.value, np.ndarray)
            else ""
        )
        raise InputError(f"division by zero{paths}", expected="a divisor that is never 0")
    return Quantity(_apply(operator.truediv, left, right), left.unit.combine(right.unit, -1))


def negate(operand: Quantity) -> Quantity:
    """Return the quantity with its sign turned."""
    return Quantity(-operand.value, operand.unit)


def round_up(operand: Quantity) -> Quantity:
    """Return the next whole number that is not smaller; refuses percentages."""
    _refuse_percentage("round_up", operand)
    value = operand.value
    up: Value = np.ceil(snap(value)) if isinstance(value, np.ndarray) else Fraction(-(-value // 1))
    return Quantity(up, operand.unit)


def round_down(operand: Quantity) -> Quantity:
    """Return the next whole number that is not larger; refuses percentages."""
    _refuse_percentage("round_down", operand)
    return Quantity(_floor(operand.value), operand.unit)


def round_to(operand: Quantity, step: Quantity) -> Quantity:
    """Return the nearest multiple of a step; from halfway between two, the higher one.

    Parameters
    ----------
    operand : Quantity
        What is rounded.
    step : Quantity
        An exact number above 0, plain or in the operand's unit. To round a percentage to whole
        per cent the step is 0.01.

    Returns
    -------
    Quantity
        In the operand's unit.

    Raises
    ------
    InputError
        If the step is not an exact number above 0, or has another unit.
    """
    if isinstance(step.value, np.ndarray) or step.value <= 0:
        raise InputError("the step of round_to is not an exact number above 0")
    if step.unit not in {Unit(), operand.unit}:
        raise InputError(
            f"the step of round_to is in {step.unit}",
            expected=f"a plain number, or one in {operand.unit}",
        )
    plain_step = Quantity(step.value, Unit())
    steps = divide(Quantity(operand.value, Unit()), plain_step)
    whole = Quantity(_floor(add(steps, Quantity(Fraction(1, 2), Unit())).value), Unit())
    return Quantity(multiply(whole, plain_step).value, operand.unit)


def snap(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move numbers within `TOLERANCE` of a whole number onto it.

    A product such as 0.1 x 30 may fall just beside 3; rounding it down must not give 2.

    Parameters
    ----------
    values : ndarray of float
        Any numbers.

    Returns
    -------
    ndarray of float
        Same shape.
    """
    nearest = np.rint(values)
    near = np.abs(values - nearest) <= TOLERANCE * np.maximum(1.0, np.abs(nearest))
    return np.where(near, nearest, values)


def _floor(value: Value) -> Value:
    return np.floor(snap(value)) if isinstance(value, np.ndarray) else Fraction(value // 1)


def _apply(
    operation: Callable[[Any, Any], Any],
    left: Quantity,
    right: Quantity,
    *,
    on_paths: Callable[[Any, Any], Any] | None = None,
) -> Value:
    if isinstance(left.value, Fraction) and isinstance(right.value, Fraction):
        return _bounded(operation(left.value, right.value))
    first, second = _floats(left.value), _floats(right.value)
    if first.ndim and second.ndim and first.size != second.size:
        raise InputError(
            f"inputs with {first.size} and with {second.size} paths",
            expected="the same paths in every input",
        )
    with np.errstate(all="ignore"):
        result: NDArray[np.float64] = (on_paths or operation)(first, second)
    return result


def _common_unit(symbol: str, left: Quantity, right: Quantity) -> Unit:
    if left.unit != right.unit:
        raise InputError(
            f"{symbol} joins {left.unit} and {right.unit}", expected="the same unit on both sides"
        )
    return right.unit if right.unit.is_percent else left.unit


def _refuse_percentage(function: str, operand: Quantity) -> None:
    if operand.unit.is_percent:
        raise InputError(
            f"{function} of a percentage, which would give 0 % or 100 %",
            expected="round_to(x, 0.01) for whole per cent",
        )


def _floats(value: Value) -> NDArray[np.float64]:
    try:
        return np.asarray(float(value) if isinstance(value, Fraction) else value, dtype=np.float64)
    except OverflowError as error:
        raise InputError("a number too large to be joined with sample paths") from error


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise InputError("a number of more than 1,000 digits")
    return value


def _checked_paths(values: NDArray[Any], where: str | None) -> NDArray[np.float64]:
    if not isinstance(values, np.ndarray):
        raise InputError(f"{values!r} is neither a Fraction nor an array", where=where)
    if values.ndim != 1 or not values.size:
        raise InputError(
            f"sample paths of shape {values.shape}", where=where, expected="one number per path"
        )
    if values.dtype.kind not in "iuf":
        raise InputError(f"sample paths of type {values.dtype}", where=where, expected="numbers")
    floats = values.astype(np.float64, copy=False)
    wrong = np.count_nonzero(~np.isfinite(floats))
    if wrong:
        raise InputError(
            f"{wrong} of {floats.size} paths are not finite numbers",
            where=where,
            expected="a finite number on every path",
        )
    return floats


def _exact(value: object, where: str | None) -> Fraction:
    number: Fraction | None = None
    try:
        if isinstance(value, (Fraction, Decimal, int)) and not isinstance(value, bool):
            number = Fraction(value)
        elif isinstance(value, (float, np.floating, np.integer)):
            number = Fraction(str(value))
    except (ValueError, OverflowError):
        pass  # not a number, or infinite
    if number is None:
        raise InputError(f"{value!r} is not a finite number", where=where, expected="a number")
    return _bounded(number)
