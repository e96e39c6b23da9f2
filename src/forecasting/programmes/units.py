"""Units of programme figures: what may be added, and what multiplying gives.

A unit is a product of powers of base units: ``EUR/(person*month)``. Singular and plural are one
unit. ``%`` has no dimension, as ``1`` has none; it only says how a value is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from forecasting.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BASE_UNITS", "COUNTED", "Unit", "parse_unit"]

BASE_UNITS = {  # plural: singular; a compound unit is written in this order
    "EUR": "EUR",
    "persons": "person",
    "families": "family",
    "staff": "staff",
    "applications": "application",
    "cases": "case",
    "operations": "operation",
    "projects": "project",
    "packages": "package",
    "authorities": "authority",
    "places": "place",
    "items": "item",
    "points": "point",
    "hours": "hour",
    "days": "day",
    "nights": "night",
    "months": "month",
    "years": "year",
}
COUNTED = frozenset(
    {
        "persons", "families", "staff", "applications", "cases", "operations", "projects",
        "packages", "authorities", "places", "items",
    }
)  # fmt: skip
"""Base units of things that are counted; a fraction of one is the exception."""

_BASE_OF = {word: base for base, singular in BASE_UNITS.items() for word in (base, singular)}
_ORDER = {base: place for place, base in enumerate(BASE_UNITS)}
_TOKEN = re.compile(r"\s*([^\W\d]+|[0-9]+|\S)")
_MAX_LENGTH = 100


@dataclass(frozen=True)
class Unit:
    """A product of powers of base units.

    Parameters
    ----------
    powers : tuple of (str, int)
        Base units (keys of `BASE_UNITS`) and their exponents, none of them 0, in the order of
        `BASE_UNITS`. Made by `parse_unit` or `combine`.
    is_percent : bool, default False
        Whether values are written as hundredths. Not part of equality: ``%`` and ``1`` add up.
    """

    powers: tuple[tuple[str, int], ...] = ()
    is_percent: bool = field(default=False, compare=False)

    @property
    def exponents(self) -> dict[str, int]:
        """Exponent of each base unit."""
        return dict(self.powers)

    @property
    def is_counted(self) -> bool:
        """Whether values are counts of things, such as persons or places."""
        return any(base in COUNTED and power > 0 for base, power in self.powers)

    def combine(self, other: Unit, sign: int) -> Unit:
        """Return the unit of a product (`sign` 1) or a quotient (`sign` -1).

        Parameters
        ----------
        other : Unit
            Unit of the second factor, or of the divisor.
        sign : {1, -1}
            1 to multiply, -1 to divide.

        Returns
        -------
        Unit
            A percentage of a percentage, or of a plain number, stays a percentage; the quotient
            of two percentages is a plain number.
        """
        total = self.exponents
        for base, exponent in other.powers:
            total[base] = total.get(base, 0) + sign * exponent
        powers = _ordered(total)
        if sign > 0:
            in_hundredths = self.is_percent or other.is_percent
        else:
            in_hundredths = self.is_percent and not other.is_percent
        return Unit(powers, is_percent=in_hundredths and not powers)

    def __str__(self) -> str:
        if self.is_percent:
            return "%"
        above = "*".join(base for base, exponent in self.powers for _ in range(exponent))
        below = [BASE_UNITS[base] for base, exponent in self.powers for _ in range(-exponent)]
        if not below:
            return above or "1"
        divisor = below[0] if len(below) == 1 else f"({'*'.join(below)})"
        return f"{above or '1'}/{divisor}"


def parse_unit(text: str, *, where: str | None = None) -> Unit:
    """Read a unit such as ``persons``, ``applications/year`` or ``EUR/(person*month)``.

    Parameters
    ----------
    text : str
        Base units joined by ``*`` and ``/``, with parentheses; ``1`` and ``%`` stand alone
        (``1`` also above a ``/``).
    where : str, optional
        File and key, for the error message.

    Returns
    -------
    Unit
        The unit.

    Raises
    ------
    InputError
        If the text is not a unit, or names a base unit that is not in `BASE_UNITS`.
    """
    if not isinstance(text, str):
        raise _unit_error(text, where)
    if text.strip() == "%":
        return Unit(is_percent=True)
    if len(text) > _MAX_LENGTH:
        raise InputError(
            f"unit of {len(text)} characters", where=where, expected=f"at most {_MAX_LENGTH}"
        )
    return _UnitReader(text, where).read()


def _ordered(exponents: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    present = [(base, exponent) for base, exponent in exponents.items() if exponent]
    return tuple(sorted(present, key=lambda power: _ORDER[power[0]]))


def _unit_error(text: object, where: str | None) -> InputError:
    return InputError(
        f"{text!r} is not a unit",
        where=where,
        expected="base units joined by * and /, such as 'EUR/(person*month)', or '%', or '1'",
    )


class _UnitReader:
    """Reads ``factor ((*|/) factor)*``, where a factor is a base unit, 1 or a parenthesis."""

    def __init__(self, text: str, where: str | None) -> None:
        self._text, self._where = text, where
        self._tokens = [*_TOKEN.findall(text), ""]

    def read(self) -> Unit:
        unit = self._product()
        if self._tokens != [""]:
            self._fail()
        return unit

    def _product(self) -> Unit:
        unit = self._factor()
        while self._tokens[0] in {"*", "/"}:
            sign = 1 if self._tokens.pop(0) == "*" else -1
            unit = unit.combine(self._factor(), sign)
        return unit

    def _factor(self) -> Unit:
        word = self._tokens.pop(0)
        if word == "1":
            return Unit()
        if word == "(":
            unit = self._product()
            if self._tokens.pop(0) != ")":
                self._fail()
            return unit
        if not word.isalpha():
            self._fail()
        return self._base(word)

    def _base(self, word: str) -> Unit:
        if word not in _BASE_OF:
            raise InputError(
                f"unit {word!r} is not known",
                where=self._where,
                expected=f"one of {', '.join(BASE_UNITS)}",
            )
        return Unit(((_BASE_OF[word], 1),))

    def _fail(self) -> NoReturn:
        raise _unit_error(self._text, self._where)
