"""How many paths are drawn, and from which random numbers."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.errors import InputError
from forecasting.scenarios import Lever


@dataclass(frozen=True)
class Drawing:
    """How many paths are drawn, and from which random numbers.

    Attributes
    ----------
    n_paths, seed : int
        The same seed gives the same paths.
    """

    n_paths: int
    seed: int


def number(lever: Lever) -> float:
    """Return the value of a lever that takes numbers only.

    Raises
    ------
    InputError
        If it is something else.
    """
    if not isinstance(lever.value, int | float):
        raise InputError(f"{lever.value}", where=lever.label, expected="a number")
    return lever.value
