"""What an auditor would write down about a programme: kinds of findings and their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import pandas as pd

from forecasting.languages import Language
from forecasting.programmes.quantities import Quantity
from forecasting.programmes.quantity_text import format_exact, format_quantity

Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")


def gettext(msgid: str) -> str:
    """Mark a message for the catalogues; it is translated when it is written."""
    return msgid


class Kind(NamedTuple):
    """A kind of finding: how grave, and what it says."""

    severity: Severity
    text: str


KINDS: Mapping[str, Kind] = {
    "part-above-total": Kind(
        "high", gettext("{point} {value}: above the {total} of {parent}, of which it is a part")
    ),
    "parts-do-not-add": Kind(
        "high", gettext("{point}: the parts give {parts}, the total is {value}")
    ),
    "remainder-without-part": Kind(
        "low", gettext("{point}: {amount} of {value} belong to no sub-indicator")
    ),
    "result-above-output": Kind(
        "high", gettext("target {value}: above the {total} of {output}, whose participants it asks")
    ),
    "measure-of-another-objective": Kind(
        "low", gettext("measure {measure} is one of {other}, the indicator one of {objective}")
    ),
    "milestone-above-target": Kind("high", gettext("milestone {value} above target {total}")),
    "reached-by-milestone": Kind(
        "medium", gettext("target {value} is to be reached by the milestone; nothing follows")
    ),
    "slow-after-milestone": Kind(
        "low",
        gettext("to the milestone {before} a year, from there to the target {after} a year"),
    ),
    "target-not-above-baseline": Kind(
        "medium", gettext("target {value}: not above the baseline {total}")
    ),
    "milestone-for-result": Kind(
        "high", gettext("a milestone for a result indicator; they are for outputs only")
    ),
    "no-breakdown": Kind("medium", gettext("persons without a breakdown by gender and age")),
    "incomplete-breakdown": Kind(
        "medium", gettext("the breakdown lacks gender or one of the ages under 18, 18–60, over 60")
    ),
    "no-data-source": Kind("medium", gettext("no data source is given")),
    "no-baseline-year": Kind("low", gettext("a baseline without its year")),
    "no-calculation": Kind("medium", gettext("{point} without its calculation")),
    "implied-input": Kind(
        "high", gettext("rests on {value} ({name}), which only makes the sum come out; no evidence")
    ),
    "target-not-monitored": Kind("high", gettext("target {value}, but not monitored")),
    "no-target": Kind("medium", gettext("monitored, but no target is given")),
    "unchanged-after-method": Kind(
        "high", gettext("version {version} changed how it arises, the target is still {value}")
    ),
    "never-revised": Kind("low", gettext("target {value} in all {n} versions that give one")),
    "large-revision": Kind(
        "medium", gettext("target {before} in version {earlier}, {after} in version {version}")
    ),
    "history-not-given": Kind(
        "low", gettext("values of earlier versions are not given: a change cannot be followed")
    ),
    "capacity-exceeded": Kind(
        "high",
        gettext("{persons} persons planned; {capacity} for {duration} at {stay} each take {most}"),
    ),
    "cost-mismatch": Kind(
        "medium", gettext("{persons} persons for {stay} cost {value} EUR, the funds are {total}")
    ),
    "cost-outlier": Kind(
        "medium", gettext("{value} EUR a person; the median of {n} measures is {total} EUR")
    ),
    "double-counting-bounds": Kind(
        "high", gettext("{point}: between {least} and {most} different persons, {value} published")
    ),
    "double-counting": Kind(
        "medium",
        gettext("one person may be counted in several operations; their persons are not given"),
    ),
    "due-after-what-it-prepares": Kind(
        "high", gettext("due on {date}, but {other}, which it prepares, already on {earlier}")
    ),
    "due-after-measure": Kind(
        "medium", gettext("target due in {date}, after the deadline of measure {other}, {earlier}")
    ),
    "due-after-programme": Kind("low", gettext("deadline {date}, after the end of the programme")),
    "money-without-indicator": Kind("low", gettext("{value} of the objective, without indicator")),
    "recorded-difference": Kind("low", gettext("{name}: a difference of {amount}; {reason}")),
    "unexplained-difference": Kind("medium", gettext("{name}: a difference of {amount}; {reason}")),
}
"""Kinds of findings by code."""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    code : str
        A key of `KINDS`.
    about : str
        Code of the indicator, measure or operation, or name of the relation.
    amount : Fraction or None
        By how much, where there is an amount, in the unit of what it is about.
    values : mapping of str to object
        What the text names: numbers, dates, months, texts by language.
    """

    code: str
    about: str
    amount: Fraction | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """How grave: high, medium or low."""
        return KINDS[self.code].severity

    def text(self, language: Language) -> str:
        """Write the finding in a language, without what it is about."""
        values: dict[str, Any] = dict(self.values)
        if self.amount is not None:
            values.setdefault("amount", self.amount)
        written = {name: _written(value, language) for name, value in values.items()}
        return language.gettext(KINDS[self.code].text).format(**written)


def severity_name(severity: Severity, language: Language) -> str:
    """Name of a severity in a language."""
    names = {
        "high": language.gettext("high"),
        "medium": language.gettext("medium"),
        "low": language.gettext("low"),
    }
    return names[severity]


def _written(value: Any, language: Language) -> str:
    if isinstance(value, int | float | Fraction):
        return format_exact(Fraction(str(value)), language)
    if isinstance(value, Quantity):
        return format_quantity(value, language)
    if isinstance(value, pd.Period):
        return language.month(value)
    if isinstance(value, dt.date):
        return language.date(value)
    if isinstance(value, Mapping):
        return str(value[language.code])
    point = {"milestone": language.gettext("milestone"), "target": language.gettext("target")}
    return point.get(value, str(value))
