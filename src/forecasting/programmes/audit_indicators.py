"""An auditor's questions about indicators: parts and totals, milestones, evidence, monitoring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from forecasting.periods import months_between
from forecasting.programmes.achieved import is_deliverable
from forecasting.programmes.catalogue import (
    POINTS,
    SUM_OF_PARTS,
    Indicator,
    Point,
    Programme,
)
from forecasting.programmes.findings import Finding
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.published import objective_of
from forecasting.programmes.targets import unique_bounds

AGES = frozenset({"<18", "18-60", ">60"})
SLOW = Fraction(1, 2)
"""Pace after the milestone against the pace to it, under which a target looks low."""


def newest(programme: Programme, indicator: Indicator, point: Point) -> Fraction | None:
    """Value that the newest version publishes; None where it gives no number."""
    version = programme.published_version(None, indicator.code).version
    value = programme.published_value(indicator.code, point, version)
    return None if value is None else Fraction(str(value))


def parts_and_totals(programme: Programme) -> Iterator[Finding]:
    """Compare sub-indicators with the indicator above them, at the same point."""
    for indicator in programme.indicators:
        children = [
            other
            for other in programme.indicators
            if other.unit == indicator.unit
            and (other.parent == indicator.code or other.code in indicator.parts)
        ]
        for point in POINTS:
            total = newest(programme, indicator, point)
            found = {other.code: newest(programme, other, point) for other in children}
            known = {code: value for code, value in found.items() if value is not None}
            if total is not None and known:
                yield from _above(indicator, known, point, total)
                yield from _sum(indicator, known, point, total)


def _above(
    indicator: Indicator, parts: dict[str, Fraction], point: Point, total: Fraction
) -> Iterator[Finding]:
    for code, value in parts.items():
        if value > total:
            words = {"point": point, "value": value, "total": total, "parent": indicator.code}
            yield Finding("part-above-total", code, value - total, words)


def _sum(
    indicator: Indicator, known: dict[str, Fraction], point: Point, total: Fraction
) -> Iterator[Finding]:
    declared = [known[code] for code in indicator.parts if code in known]
    rest = total - sum(known.values())
    if indicator.parts and len(declared) == len(indicator.parts):
        parts = sum(declared, Fraction(0))
        if parts != total:
            words = {"point": point, "parts": parts, "value": total}
            yield Finding("parts-do-not-add", indicator.code, total - parts, words)
        elif indicator.unit == "persons":
            yield from person_bounds(indicator, declared, point, total)
    elif not indicator.parts and len(known) > 1 and rest > 0:
        words = {"point": point, "value": total}
        yield Finding("remainder-without-part", indicator.code, rest, words)


def person_bounds(
    indicator: Indicator, groups: Sequence[Fraction], point: Point, published: Fraction
) -> Iterator[Finding]:
    """Bounds of the different persons behind a value whose groups may share them."""
    least, most = unique_bounds([int(group) for group in groups])
    if most > least:
        words = {"point": point, "least": least, "most": most, "value": published}
        yield Finding("double-counting-bounds", indicator.code, Fraction(most - least), words)


def results_and_outputs(programme: Programme) -> Iterator[Finding]:
    """Find results that more persons give than took part in the same operations."""
    for result in (each for each in programme.indicators if each.kind == "result"):
        for output in (each for each in programme.indicators if each.kind == "output"):
            if not result.operations or (result.operations, result.unit) != (
                output.operations, output.unit,
            ):  # fmt: skip
                continue
            value, total = (newest(programme, each, "target") for each in (result, output))
            if value is not None and total is not None and value > total:
                words = {"value": value, "total": total, "output": output.code}
                yield Finding("result-above-output", result.code, value - total, words)


def objectives(programme: Programme) -> Iterator[Finding]:
    """Find indicators under a measure of another objective than their own."""
    of_measure = {measure.code: measure.objective for measure in programme.measures}
    for indicator in programme.indicators:
        own = objective_of(programme, indicator)
        for code in indicator.measures:
            if own is not None and of_measure.get(code, own.code) != own.code:
                words = {"measure": code, "other": of_measure[code], "objective": own.code}
                yield Finding("measure-of-another-objective", indicator.code, values=words)


def milestones(programme: Programme) -> Iterator[Finding]:
    """Find milestones above their target, at it, ahead of its pace, or of a result."""
    for indicator in programme.indicators:
        value, total = (newest(programme, indicator, point) for point in POINTS)
        if value is None:
            continue
        if indicator.kind == "result" and programme.framework == "cpr":
            yield Finding("milestone-for-result", indicator.code)
        if total is None or indicator.unit == "%" or "/" in indicator.unit:
            continue  # a rate does not add up from year to year
        if value > total:
            words = {"value": value, "total": total}
            yield Finding("milestone-above-target", indicator.code, value - total, words)
        elif value == total > 0:
            yield Finding("reached-by-milestone", indicator.code, values={"value": total})
        else:
            yield from _pace(programme, indicator, value, total)


def _pace(
    programme: Programme, indicator: Indicator, value: Fraction, total: Fraction
) -> Iterator[Finding]:
    milestone_date = indicator.milestone_date or programme.milestone_date
    target_date = indicator.target_date or programme.target_date
    to = months_between(programme.counting_starts, milestone_date)
    after = months_between(milestone_date + 1, target_date)
    if not to or not after:
        return
    before_pace, after_pace = value * 12 / to, (total - value) * 12 / after
    if after_pace < SLOW * before_pace:
        words = {"before": round(float(before_pace), 1), "after": round(float(after_pace), 1)}
        yield Finding("slow-after-milestone", indicator.code, values=words)


def baselines(programme: Programme) -> Iterator[Finding]:
    """Find targets that do not go beyond their baseline, and baselines without a year."""
    for indicator in programme.indicators:
        start, total = indicator.baseline, newest(programme, indicator, "target")
        if not isinstance(start, int | float):
            continue
        base = Fraction(str(start))
        if total is not None and 0 < total <= base and not indicator.is_change:
            words = {"value": total, "total": base}
            yield Finding("target-not-above-baseline", indicator.code, base - total, words)
        if indicator.kind == "result" and not isinstance(indicator.baseline_year, int):
            yield Finding("no-baseline-year", indicator.code)


def evidence(programme: Programme) -> Iterator[Finding]:
    """Find monitored indicators without breakdown, data source, target or calculation."""
    for indicator in programme.indicators:
        values = [newest(programme, indicator, point) for point in POINTS]
        if not indicator.monitored:
            yield from _unmonitored(indicator, values[1])
            continue
        if indicator.unit == "persons":
            yield from _breakdown(programme, indicator)
        if indicator.data_source == "not given":
            yield Finding("no-data-source", indicator.code)
        if values[1] is None and not is_deliverable(indicator):
            yield Finding("no-target", indicator.code)
        for point, value in zip(POINTS, values, strict=True):
            if value and indicator.formula_of(point) is None:
                yield Finding("no-calculation", indicator.code, values={"point": point})


def _unmonitored(indicator: Indicator, target: Fraction | None) -> Iterator[Finding]:
    if target:
        yield Finding("target-not-monitored", indicator.code, values={"value": target})


def _breakdown(programme: Programme, indicator: Indicator) -> Iterator[Finding]:
    given = indicator.breakdown
    if isinstance(given, str):
        if given != "not applicable":
            yield Finding("no-breakdown", indicator.code)
    elif programme.framework == "cpr" and not (
        "gender" in given and set(given.get("age", ())) >= AGES
    ):
        yield Finding("incomplete-breakdown", indicator.code)


def implied_inputs(programme: Programme) -> Iterator[Finding]:
    """Find published values that rest on an input which only makes them come out."""
    for indicator in programme.indicators:
        texts = {indicator.formula_of(point) for point in POINTS} - {None, SUM_OF_PARTS}
        names = {
            name
            for text in texts
            for name in parse_formula(str(text), indicator=indicator.code).names
        }
        for name in sorted(names & programme.inputs.keys()):
            given = programme.inputs[name]
            if given.quality == "implied":
                words = {"value": given.quantity, "name": given.label}
                yield Finding("implied-input", indicator.code, Fraction(str(given.value)), words)
