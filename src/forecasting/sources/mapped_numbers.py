"""Figures as ministries write them: 1.234,5 or 1 234, in thousands, as percentages, or missing."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import Decimal

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.cell_values import shown
from forecasting.sources.mapping import ImportMapping
from forecasting.sources.spreadsheet import Cell
from forecasting.sources.spreadsheet_layout import folded

PERCENT_UNITS = ("percent", "%")

_MINUS = "-\N{MINUS SIGN}"
_SIGN = "[-+\N{MINUS SIGN}]?"
_ERRORS = ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A")
_SCALED = re.compile(
    r"tisoč|thousand|tusen|tuhan|tuhat|\bmio\b|milijon|million|miljoon|miljon"
    r"|(?:\bv|\bin|\bi|[(\[])\s*1[ .,]?000\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class NumberForm:
    """How figures are written; see `forecasting.sources.mapping.ImportMapping`."""

    decimal: str
    thousands: str
    missing: frozenset[str]
    scale: int
    whole: bool
    percent: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        """A number as text."""
        group = r"\s" if self.thousands == " " else re.escape(self.thousands)
        grouped = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|" if self.thousands else ""
        return re.compile(rf"({_SIGN})({grouped}[0-9]+)(?:{re.escape(self.decimal)}([0-9]+))?")


def form_of(mapping: ImportMapping) -> NumberForm:
    """How the figures of a file are written, by its mapping."""
    return NumberForm(
        decimal=mapping.decimal,
        thousands=mapping.thousands,
        missing=frozenset(map(folded, mapping.missing)),
        scale=mapping.scale or 1,
        whole=mapping.whole,
        percent=mapping.unit.casefold() in PERCENT_UNITS,
    )


def says_scaled(text: str) -> bool:
    """Whether a title or header says that the figures below are in thousands or millions."""
    return _SCALED.search(text) is not None


def number_of(cell: Cell, form: NumberForm) -> float:
    """Read a figure in its unit; NaN where the cell says that there is none.

    Parameters
    ----------
    cell : Cell
        Not empty.
    form : NumberForm

    Raises
    ------
    InputError
        If it is no number, has another decimal or thousands sign, is shown as a percentage, is an
        error of a formula, or is negative or not whole where counts are expected.
    """
    if isinstance(cell.value, str) and folded(cell.value) in form.missing:
        return math.nan
    value = _exact(cell, form) * form.scale
    if form.whole and value != value.to_integral_value():
        raise InputError(
            say("{value} is not whole", value=shown(cell.value)),
            where=cell.where,
            expected=say("whole numbers"),
            action=say("if the figures are no counts, write whole: false into the mapping"),
        )
    if form.whole and value < 0:
        raise InputError(
            say("{value} is negative", value=shown(cell.value)),
            where=cell.where,
            expected=say("whole numbers, 0 or more"),
        )
    return float(value)


def _exact(cell: Cell, form: NumberForm) -> Decimal:
    if isinstance(cell.value, bool | dt.date | dt.time | dt.timedelta):
        raise _no_number(cell, form)
    if isinstance(cell.value, str):
        return _written(cell, cell.value, form)
    value = Decimal(repr(cell.value))
    if not value.is_finite():
        raise _no_number(cell, form)
    if cell.is_percentage and not form.percent:
        raise _percentage(cell)
    return value * 100 if cell.is_percentage else value


def _written(cell: Cell, text: str, form: NumberForm) -> Decimal:
    if text.upper() in _ERRORS:
        raise InputError(
            say("{value} is the error of a formula", value=shown(text)),
            where=cell.where,
            action=say("mend the formula, or write its value"),
        )
    if text.endswith("%"):
        if not form.percent:
            raise _percentage(cell)
        text = text[:-1].strip()
    found = form.pattern.fullmatch(text)
    if found is None:
        raise _no_number(cell, form)
    sign, whole, fraction = found.groups()
    digits = "".join(letter for letter in whole if letter.isdecimal())
    number = Decimal(f"{digits}.{fraction or 0}")
    return -number if sign and sign in _MINUS else number


def _percentage(cell: Cell) -> InputError:
    return InputError(
        say("{value} is a percentage", value=shown(cell.value)),
        where=cell.where,
        expected=say("figures in the unit of the mapping"),
        action=say("if the column holds percentages, write unit: percent into the mapping"),
    )


def _no_number(cell: Cell, form: NumberForm) -> InputError:
    other_signs = isinstance(cell.value, str) and re.fullmatch(
        rf"{_SIGN}[0-9][0-9.,'\s]*", cell.value
    )
    example = f"1{form.thousands}234{'' if form.whole else form.decimal + '5'}"
    return InputError(
        say("{value} has other signs than the mapping says", value=shown(cell.value))
        if other_signs
        else say("{value} is no number", value=shown(cell.value)),
        where=cell.where,
        expected=say("a number such as {examples}", examples=example),
        action=say("mend the cell, or the keys 'decimal' and 'thousands' of the mapping")
        if other_signs
        else say("write a number, or name it under 'missing' in the mapping"),
    )
