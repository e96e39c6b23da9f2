"""What a programme's document says beside its indicators: measures, operations, money, factors.

Every value that a document leaves out is one of `NotGiven`, never 0 and never empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictInt, StrictStr

from forecasting.schemas import Month, Number, Strict

NotGiven = Literal["not given", "not legible in the scan", "not applicable"]
Quality = Literal["given", "reading", "implied", "assumed"]
LocalisedText = dict[str, StrictStr]


class Measured(Strict):
    """A number with its unit, such as a capacity or a unit cost."""

    value: Number | NotGiven
    unit: StrictStr
    note: LocalisedText | None = None


class Funding(Strict):
    """Money from one source; of one year, or of the whole period where no year is given."""

    source: LocalisedText
    eur: Number | NotGiven
    year: StrictInt | None = None
    note: LocalisedText | None = None


class Factor(Strict):
    """What may influence whether a target is met, and how the document takes it into account."""

    factor: LocalisedText
    handling: LocalisedText | NotGiven


class Objective(Strict):
    """A specific objective of the programme."""

    code: StrictStr
    name: LocalisedText
    factors: tuple[Factor, ...] = ()
    note: LocalisedText | None = None


class Measure(Strict):
    """A measure of an objective: who carries it out, with what money, until when.

    `applicants` are those who may apply where the holders are still to be selected; `parent` is the
    measure that this one is a part of; `prepares` are those that need its result. None is what the
    catalogue does not hold; what the document leaves out is ``not given``.
    """

    code: StrictStr
    objective: StrictStr
    parent: StrictStr | None = None
    name: LocalisedText
    purpose: LocalisedText | None = None
    actions: tuple[LocalisedText, ...] | NotGiven | None = None
    holders: tuple[StrictStr, ...] | NotGiven | None = None
    applicants: LocalisedText | NotGiven | None = None
    partners: tuple[StrictStr, ...] | NotGiven | None = None
    funding: tuple[Funding, ...] | NotGiven | None = None
    deadline: dt.date | NotGiven | Literal["continuous"] | None = None
    support_rate: Number | None = None
    prepares: tuple[StrictStr, ...] = ()
    note: LocalisedText | None = None


def _named(value: Any) -> Any:
    """Take a text by language for an operation of that name."""
    is_name = isinstance(value, Mapping) and "name" not in value
    return {"name": value} if is_name else value


class OperationDetails(Strict):
    """An operation that a measure pays for.

    `duration` and `stay`, of one person, are in months or years; `persons` are those planned.
    """

    name: LocalisedText
    start: Month | None = None
    end: Month | None = None
    holder: StrictStr | None = None
    capacity: Measured | None = None
    unit_cost: Measured | None = None
    duration: Measured | None = None
    stay: Measured | None = None
    persons: Measured | None = None
    funding: tuple[Funding, ...] = ()
    since: StrictStr | None = None
    measures: tuple[StrictStr, ...] = ()
    note: LocalisedText | None = None


Operation = Annotated[OperationDetails, BeforeValidator(_named)]
"""An operation; a bare text by language is its name."""


class InterventionShare(Strict):
    """Share of an objective's money that goes into one type of intervention."""

    objective: StrictStr
    code: StrictStr
    name: LocalisedText
    percent: Number
    eur: Number | NotGiven = "not given"
    indicators: tuple[StrictStr, ...] = ()


class Allocation(Strict):
    """What a programme has for one objective, by kind of support."""

    objective: StrictStr
    kind: Literal["project", "operating", "technical assistance", "total"]
    eur: Number | NotGiven


class Call(Strict):
    """A round of calls for projects: of one measure, or the total of the objective without one.

    `open_to` are the measures that may be applied for.
    """

    objective: StrictStr
    round: StrictStr
    name: LocalisedText | None = None
    measure: StrictStr | None = None
    open_to: tuple[StrictStr, ...] = ()
    date: Month | NotGiven = "not given"
    budget_eur: Number | NotGiven
    committed_eur: Number | NotGiven = "not given"
    open_eur: Number | NotGiven = "not given"
    as_of: Month | None = None
    note: LocalisedText | None = None


class SupportRate(Strict):
    """Share of the cost of a project that the fund pays, and when; in which measures."""

    percent: Number
    when: LocalisedText
    measures: tuple[StrictStr, ...] = ()


class ProgrammeRule(Strict):
    """A rule of the programme that a number hangs on."""

    code: StrictStr
    text: LocalisedText
    threshold: Measured | None = None


class RelationDifference(Strict):
    """By how much a printed value differs from what its parts give, and why."""

    amount: Number
    reason: LocalisedText


class Relation(Strict):
    """An arithmetic relation between printed numbers: a formula over the inputs, and its result.

    Attributes
    ----------
    name : str
    text : dict of str to str
        What it says, by language.
    formula : str
        Over the names of the inputs.
    stated : int or float
        As printed.
    unit : str
    difference : RelationDifference or None
        Stated less calculated, where they differ.
    place : str
        Where in the document.
    """

    name: StrictStr
    text: LocalisedText
    formula: StrictStr
    stated: Number
    unit: StrictStr
    difference: RelationDifference | None = None
    place: StrictStr = Field(min_length=1)
