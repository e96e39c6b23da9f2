"""Quantities as words: "3,548 applications per year", "75 %", "266 2/3 persons"."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from forecasting.languages import Language
    from forecasting.programmes.quantities import Quantity
    from forecasting.programmes.units import Unit

__all__ = ["format_exact", "format_quantity", "format_unit"]

_BLANK = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def ngettext(singular: str, plural: str) -> tuple[str, str]:
    """Mark a pair of messages for the catalogues; they are translated when they are written."""
    return singular, plural


def gettext(msgid: str) -> str:
    """Mark a message for the catalogues; it is translated when it is written."""
    return msgid


class _Words(NamedTuple):
    counted: tuple[str, str]  # with a whole number
    fraction: str  # with a number that is not whole, such as 3.5
    per: str  # below the fraction line


_WORDS = {
    "EUR": _Words(
        ngettext("{number} EUR", "{number} EUR"),
        gettext("{fraction} EUR"),
        gettext("per EUR"),
    ),
    "persons": _Words(
        ngettext("{number} person", "{number} persons"),
        gettext("{fraction} persons"),
        gettext("per person"),
    ),
    "families": _Words(
        ngettext("{number} family", "{number} families"),
        gettext("{fraction} families"),
        gettext("per family"),
    ),
    "staff": _Words(
        ngettext("{number} staff member", "{number} staff members"),
        gettext("{fraction} staff members"),
        gettext("per staff member"),
    ),
    "applications": _Words(
        ngettext("{number} application", "{number} applications"),
        gettext("{fraction} applications"),
        gettext("per application"),
    ),
    "cases": _Words(
        ngettext("{number} case", "{number} cases"),
        gettext("{fraction} cases"),
        gettext("per case"),
    ),
    "operations": _Words(
        ngettext("{number} operation", "{number} operations"),
        gettext("{fraction} operations"),
        gettext("per operation"),
    ),
    "projects": _Words(
        ngettext("{number} project", "{number} projects"),
        gettext("{fraction} projects"),
        gettext("per project"),
    ),
    "packages": _Words(
        ngettext("{number} package", "{number} packages"),
        gettext("{fraction} packages"),
        gettext("per package"),
    ),
    "authorities": _Words(
        ngettext("{number} authority", "{number} authorities"),
        gettext("{fraction} authorities"),
        gettext("per authority"),
    ),
    "places": _Words(
        ngettext("{number} place", "{number} places"),
        gettext("{fraction} places"),
        gettext("per place"),
    ),
    "items": _Words(
        ngettext("{number} item", "{number} items"),
        gettext("{fraction} items"),
        gettext("per item"),
    ),
    "points": _Words(
        ngettext("{number} point", "{number} points"),
        gettext("{fraction} points"),
        gettext("per point"),
    ),
    "hours": _Words(
        ngettext("{number} hour", "{number} hours"),
        gettext("{fraction} hours"),
        gettext("per hour"),
    ),
    "days": _Words(
        ngettext("{number} day", "{number} days"),
        gettext("{fraction} days"),
        gettext("per day"),
    ),
    "nights": _Words(
        ngettext("{number} night", "{number} nights"),
        gettext("{fraction} nights"),
        gettext("per night"),
    ),
    "months": _Words(
        ngettext("{number} month", "{number} months"),
        gettext("{fraction} months"),
        gettext("per month"),
    ),
    "years": _Words(
        ngettext("{number} year", "{number} years"),
        gettext("{fraction} years"),
        gettext("per year"),
    ),
}


def format_quantity(quantity: Quantity, language: Language) -> str:
    """Write a quantity with its unit.

    Parameters
    ----------
    quantity : Quantity
        An exact value is written exactly, as a mixed number where its decimals do not end; sample
        paths as their median with the interval that holds 80 % of them.
    language : Language
        The reader's language.

    Returns
    -------
    str
        "10,644 applications", "266 2/3 persons", "18,190 persons (80 %: 17,900 to 18,500)".
    """
    scale = 100 if quantity.unit.is_percent else 1
    if isinstance(quantity.value, Fraction):
        value = quantity.value * scale
        whole = value.numerator if value.denominator == 1 else None
        return _with_unit(format_exact(value, language), whole, quantity.unit, language)
    low, median, high = np.quantile(
        quantity.value * scale, [0.1, 0.5, 0.9], method="inverted_cdf"
    ).tolist()
    decimals = _decimals(median)
    number = language.number(median, decimals)
    whole = round(median) if decimals == 0 else None
    return language.gettext("{median} ({level}: {low} to {high})").format(
        median=_with_unit(number, whole, quantity.unit, language),
        level=language.percent(0.8),
        low=language.number(low, decimals),
        high=language.number(high, decimals),
    )


def format_unit(unit: Unit, language: Language) -> str:
    """Write a unit for the column of a table: "number of persons", "EUR", "%".

    Parameters
    ----------
    unit : Unit
    language : Language
        The reader's language.

    Returns
    -------
    str
        The plural; a unit that is counted with "number of" before it.
    """
    if unit.is_percent:
        return language.percent_sign.strip()
    if not unit.powers:
        return language.gettext("number")
    many = _with_unit("", 5, unit, language).strip()  # 5: the genitive plural in Slovenian
    return language.gettext("number of {things}").format(things=many) if unit.is_counted else many


def format_exact(value: Fraction, language: Language) -> str:
    """Write an exact number: "12.5", or "266 2/3" where the decimals do not end.

    Parameters
    ----------
    value : Fraction
        The number.
    language : Language
        The reader's language.

    Returns
    -------
    str
        Every digit; nothing is rounded.
    """
    rest, decimals = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        decimals = max(decimals, count)
    if rest == 1:
        return language.number(value, decimals)
    whole, over = divmod(abs(value.numerator), value.denominator)
    text = f"{language.number(over)}/{language.number(value.denominator)}"
    if whole:
        text = f"{language.number(whole)}{_BLANK}{text}"
    return _MINUS + text if value < 0 else text


def _with_unit(number: str, whole: int | None, unit: Unit, language: Language) -> str:
    if unit.is_percent:
        return number + language.percent_sign
    above = [(_WORDS[base], exponent) for base, exponent in unit.powers if exponent > 0]
    below = [(_WORDS[base], -exponent) for base, exponent in unit.powers if exponent < 0]
    factors = [
        _counted(words, number if place == 0 else "", whole, language) + _superscript(exponent)
        for place, (words, exponent) in enumerate(above)
    ]
    divisors = [language.gettext(words.per) for words, count in below for _ in range(count)]
    return " ".join([" · ".join(factors) or number, *divisors])


def _counted(words: _Words, number: str, whole: int | None, language: Language) -> str:
    if whole is None:
        return language.gettext(words.fraction).format(fraction=number).strip()
    return language.ngettext(*words.counted, whole).format(number=number).strip()


def _superscript(exponent: int) -> str:
    return str(exponent).translate(_SUPERSCRIPTS) if exponent > 1 else ""


def _decimals(value: float) -> int:
    """Return the decimals that leave about three digits."""
    return 0 if value.is_integer() or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
