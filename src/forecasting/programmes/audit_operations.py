"""An auditor's questions about operations and measures: capacity, cost, deadlines, money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from statistics import median

import pandas as pd

from forecasting.programmes.audit_indicators import newest, person_bounds
from forecasting.programmes.catalogue import Indicator, Programme
from forecasting.programmes.findings import Finding
from forecasting.programmes.parts import Funding, Measure, Measured, OperationDetails
from forecasting.programmes.quantities import Quantity, quantity

FAR = 5
"""Cost per person this many times the median, or less than that part of it, stands out."""
FEWEST_COSTS = 4
"""Costs per person that a median needs."""
MONTHS_PER_YEAR = 12


def capacities(programme: Programme) -> Iterator[Finding]:
    """Compare planned persons with capacity x duration / stay, and their cost with the funds."""
    for name, operation in programme.operations.items():
        months, stay = _months(operation.duration), _months(operation.stay)
        persons, places = _number(operation.persons), _number(operation.capacity)
        if persons is None or stay is None:
            continue
        if places is not None and months is not None:
            yield from _capacity(name, operation, persons, places * months / stay)
        yield from _cost(name, operation, persons * stay, persons)


def _capacity(
    name: str, operation: OperationDetails, persons: Fraction, most: Fraction
) -> Iterator[Finding]:
    if persons > most:
        measured = {
            key: _quantity(getattr(operation, key)) for key in ("capacity", "duration", "stay")
        }
        words = measured | {"persons": persons, "most": most}
        yield Finding("capacity-exceeded", name, persons - most, words)


def _cost(
    name: str, operation: OperationDetails, person_months: Fraction, persons: Fraction
) -> Iterator[Finding]:
    unit_cost, funds = _number(operation.unit_cost), _money(operation.funding)
    is_monthly = operation.unit_cost and operation.unit_cost.unit == "EUR/(person*month)"
    if unit_cost is None or funds is None or not is_monthly:
        return
    cost = unit_cost * person_months
    if cost != funds:
        words = {"persons": persons, "stay": _quantity(operation.stay)}
        words |= {"value": cost, "total": funds}
        yield Finding("cost-mismatch", name, funds - cost, words)


def costs_per_person(programme: Programme) -> Iterator[Finding]:
    """Find measures whose money per person is far from that of the others."""
    found = {}
    for measure in programme.measures:
        funds, persons = _money(measure.funding), _persons(programme, measure)
        if funds and persons:
            found[measure.code] = funds / persons
    if len(found) < FEWEST_COSTS:
        return
    middle = median(found.values())
    for code, cost in found.items():
        if not middle / FAR <= cost <= middle * FAR:
            words = {"value": round(cost), "total": round(middle), "n": len(found)}
            yield Finding("cost-outlier", code, Fraction(round(cost)), words)


def _persons(programme: Programme, measure: Measure) -> Fraction:
    """Persons whom the outputs of one measure alone promise; parts are in their totals."""
    parts = {code for indicator in programme.indicators for code in indicator.parts}
    return sum(
        (
            newest(programme, indicator, "target") or Fraction(0)
            for indicator in programme.indicators
            if indicator.measures == (measure.code,) and indicator.kind == "output"
            if indicator.unit == "persons" and not indicator.parent and indicator.code not in parts
        ),
        Fraction(0),
    )


def double_counting(programme: Programme) -> Iterator[Finding]:
    """Find indicators of persons whose operations may count one person several times."""
    for indicator in programme.indicators:
        total = newest(programme, indicator, "target")
        is_open = indicator.unit == "persons" and indicator.monitored
        if not is_open or not total or len(indicator.operations) < 2:
            continue
        counts = [_number(programme.operations[name].persons) for name in indicator.operations]
        known = [count for count in counts if count is not None]
        if len(known) < len(counts):
            yield Finding("double-counting", indicator.code)
        else:
            yield from person_bounds(indicator, known, "target", total)


def deadlines(programme: Programme) -> Iterator[Finding]:
    """Find what is due after what it prepares, after its measure, or after the programme."""
    due = {
        measure.code: measure.deadline
        for measure in programme.measures
        if isinstance(measure.deadline, dt.date)
    }
    for measure in programme.measures:
        own = due.get(measure.code)
        if own is None:
            continue
        for other in measure.prepares:
            if other in due and own > due[other]:
                words = {"date": own, "other": other, "earlier": due[other]}
                days = Fraction((own - due[other]).days)
                yield Finding("due-after-what-it-prepares", measure.code, days, words)
        if pd.Period(own, freq="M") > programme.target_date:
            yield Finding("due-after-programme", measure.code, values={"date": own})
    for indicator in programme.indicators:
        yield from _indicator_due(indicator, due)


def _indicator_due(indicator: Indicator, due: dict[str, dt.date]) -> Iterator[Finding]:
    """Compare the month of an indicator of its own with the deadline of its only measure."""
    if indicator.target_date is None or len(indicator.measures) != 1:
        return
    (measure,) = indicator.measures
    if measure in due and indicator.target_date > pd.Period(due[measure], freq="M"):
        words = {"date": indicator.target_date, "other": measure, "earlier": due[measure]}
        yield Finding("due-after-measure", indicator.code, values=words)


def money_without_indicator(programme: Programme) -> Iterator[Finding]:
    """Find shares of an objective's money that no monitored indicator measures."""
    monitored = {each.code for each in programme.indicators if each.monitored}
    for share in programme.intervention_shares:
        if share.percent and not monitored & set(share.indicators):
            words = {"value": quantity(share.percent, "%")}
            about = f"{share.objective}/{share.code}"
            yield Finding("money-without-indicator", about, Fraction(str(share.percent)), words)


def _months(given: Measured | None) -> Fraction | None:
    value = _number(given)
    if value is None or given is None:
        return None
    return value * MONTHS_PER_YEAR if given.unit == "years" else value


def _number(given: Measured | None) -> Fraction | None:
    if given is None or isinstance(given.value, str):
        return None
    return Fraction(str(given.value))


def _quantity(given: Measured | None) -> Quantity | None:
    if given is None or isinstance(given.value, str):
        return None
    return quantity(given.value, given.unit)


def _money(funding: tuple[Funding, ...] | str | None) -> Fraction | None:
    """Sum of the amounts; None where one of them is not a number."""
    if isinstance(funding, str) or not funding:
        return None
    amounts = [each.eur for each in funding]
    if any(isinstance(amount, str) for amount in amounts):
        return None
    return sum((Fraction(str(amount)) for amount in amounts), Fraction(0))
