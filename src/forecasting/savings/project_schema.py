"""The keys of a file of ``data/projects``: a project as it was planned and realised.

Amounts are decimals, sums exact; what a document leaves empty is `NOT_GIVEN`, never 0.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt, StrictStr
from pydantic_core import PydanticCustomError

from forecasting.schemas import Month, Strict
from forecasting.stocks.config_file import Localised

NotGiven = Literal["not given"]
NOT_GIVEN: NotGiven = "not given"
"""What the document leaves empty; neither 0 nor missing."""

Count = Annotated[StrictInt, Field(ge=0)]


def _decimal(value: object, pattern: str, example: str) -> object:
    if isinstance(value, str) and re.fullmatch(pattern, value):
        return Decimal(value)
    found = "nothing" if value is None else repr(value)
    raise PydanticCustomError(
        "stated", "found {found}; expected: {expected}", {"found": found, "expected": example}
    )


def _money(value: object) -> object:
    return _decimal(value, r"\d+\.\d\d", 'an amount with cents in quotes, such as "1234.50"')


def _realised(value: object) -> object:
    if value == NOT_GIVEN:
        return value
    expected = 'an amount with cents in quotes, such as "1234.50", or not given for an empty cell'
    return _decimal(value, r"\d+\.\d\d", expected)


def _exact(value: object) -> object:
    return _decimal(
        str(value) if isinstance(value, int) else value,
        r"-?\d+(\.\d+)?",
        'a whole number, or a decimal in quotes such as "0.25"',
    )


Money = Annotated[Decimal, BeforeValidator(_money)]
Realised = Annotated[Decimal | NotGiven, BeforeValidator(_realised)]
Exact = Annotated[Decimal, BeforeValidator(_exact)]


class Difference(Strict):
    """Recorded difference: the amount, stated less found, and the reason as far as it is known."""

    amount: Exact
    reason: StrictStr = Field(min_length=1)


class CostLine(Strict):
    """Planned and realised cost of a task, EUR."""

    task: Localised
    planned: Money
    realised: Realised

    @property
    def realised_eur(self) -> Decimal:
        """Realised cost, EUR; what is not given adds nothing to a sum."""
        return Decimal() if isinstance(self.realised, str) else self.realised


class Costs(Strict):
    """Cost lines with the totals printed under them."""

    tolerance_percent: Count
    planned_total: Money
    realised_total: Money
    realised_percent: Exact
    lines: tuple[CostLine, ...] = Field(min_length=1)

    @property
    def planned(self) -> Decimal:
        """Sum of the planned costs, EUR."""
        return sum((line.planned for line in self.lines), Decimal())

    @property
    def realised(self) -> Decimal:
        """Sum of the realised costs that are given, EUR."""
        return sum((line.realised_eur for line in self.lines), Decimal())

    @property
    def share_realised(self) -> Fraction:
        """Realised over planned, exact; a task without a realised cost counts as planned only."""
        return Fraction(self.realised) / Fraction(self.planned)

    @property
    def planned_without_realised(self) -> Decimal:
        """Planned cost of the tasks whose realised cost is not given, EUR."""
        empty = (line.planned for line in self.lines if line.realised == NOT_GIVEN)
        return sum(empty, Decimal())

    def beyond_tolerance(self) -> tuple[CostLine, ...]:
        """Lines whose realised cost is given and further from the plan than the tolerance."""
        return tuple(
            line
            for line in self.lines
            if line.realised != NOT_GIVEN
            and abs(line.realised_eur - line.planned) * 100 > self.tolerance_percent * line.planned
        )


class Fund(Strict):
    """Money outside the planned costs, EUR, and the day until which it lasts."""

    purpose: Localised
    eur: Money
    until: dt.date


class Phase(Strict):
    """Planned phase with the number of days printed beside its dates."""

    name: Localised
    days: Count
    start: dt.date
    end: dt.date
    difference: Difference | None = None


class Call(Strict):
    """Call for programmes: providers selected, and persons included with them."""

    published: dt.date
    programmes: Literal["long", "short", "combined"]
    applications: Count | NotGiven
    selected: Count | NotGiven
    persons: Count | NotGiven
    coverage_percent: Count | NotGiven


class PlannedInclusion(Strict):
    """Persons to be included by the end of a month, counted from the start."""

    month: Month
    persons: Count


class Inclusion(Strict):
    """Persons included so far, planned, and the share of them expected to leave assistance."""

    included_month: Month
    included_persons: Count
    planned: tuple[PlannedInclusion, ...] = Field(min_length=2)
    share_leaving: Exact
    leaving_persons: Count


class Product(Strict):
    """Product printed in the document, with its factors."""

    name: StrictStr
    factors: tuple[Exact, ...] = Field(min_length=1)
    stated: Exact
    difference: Difference | None = None


class Statement(Strict):
    """Value of a quantity at one place of the document."""

    value: Exact
    place: StrictStr


class StatedTwice(Strict):
    """Quantity that is stated at two places with two values."""

    name: StrictStr
    values: tuple[Statement, ...] = Field(min_length=2, max_length=2)
    difference: Difference


class Project(Strict):
    """A project as planned and realised: the keys of a file of ``data/projects``."""

    name: StrictStr
    title: Localised
    source: Localised
    start: dt.date
    end: dt.date
    reported: Month
    costs: Costs
    funds: tuple[Fund, ...] = ()
    phases: tuple[Phase, ...] = ()
    calls: tuple[Call, ...] = ()
    inclusion: Inclusion
    products: tuple[Product, ...] = ()
    stated_twice: tuple[StatedTwice, ...] = ()
    notes: Localised | None = None

    @property
    def funds_total(self) -> Decimal:
        """Sum of the funds outside the planned costs, EUR."""
        return sum((fund.eur for fund in self.funds), Decimal())
