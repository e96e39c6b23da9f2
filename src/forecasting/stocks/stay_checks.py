"""What every length of stay refuses: parameters without a finite mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from forecasting.errors import InputError


@contextmanager
def located(where: str) -> Iterator[None]:
    """Name the file and key of parameters that are refused in this block."""
    try:
        yield
    except InputError as error:
        raise InputError(
            error.found, where=where, expected=error.expected, action=error.action
        ) from None


def check_positive(name: str, value: float) -> None:
    """Refuse a parameter that is not positive and finite."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} {value:g}", expected="a number above 0, finite")


def check_mean(mean: float) -> None:
    """Refuse a mean stay too long or too short for a number."""
    if not (math.isfinite(mean) and mean > 0):
        raise InputError(
            f"a mean stay of {mean:g}",
            expected="a finite mean stay",
            action="correct its parameters",
        )
