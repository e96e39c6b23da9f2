"""A programme's catalogue as lines for a terminal: its page, its indicators, its checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from forecasting.briefing.programme_money import mark_text, measure_lines, money_lines
from forecasting.briefing.words import DASH, Words
from forecasting.languages import Language
from forecasting.periods import format_period
from forecasting.programmes.achieved import read_achieved
from forecasting.programmes.audit import audit
from forecasting.programmes.catalogue import (
    Indicator,
    Point,
    Programme,
    PublishedValues,
)
from forecasting.programmes.derivation import inputs_used, published_trace
from forecasting.programmes.findings import SEVERITIES, Finding, severity_name
from forecasting.programmes.parts import Factor
from forecasting.programmes.published import points_of
from forecasting.programmes.quantities import quantity
from forecasting.programmes.quantity_text import format_quantity
from forecasting.programmes.relations import check_relations
from forecasting.programmes.stress_test import stress_test

DIFFERENCES = ("recorded-difference", "unexplained-difference")
"""Findings that repeat what the catalogue records; they are printed under their own heading."""


def list_lines(programmes: Sequence[Programme], language: Language) -> Iterator[str]:
    """Write one line per programme: id, name, period, and how much its catalogue holds."""
    rows = [
        (
            language.gettext("Programme"),
            language.gettext("Name"),
            language.gettext("Period"),
            language.gettext("Indicators"),
            language.gettext("Relations"),
            language.gettext("Differences"),
        ),
        *(_listed(programme, language) for programme in programmes),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(
            cell.rjust(width) if column > 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()


def _listed(programme: Programme, language: Language) -> tuple[str, ...]:
    recorded = [f for f in audit(programme) if f.code in DIFFERENCES]
    counts = (len(programme.indicators), len(programme.relations), len(recorded))
    period = f"{format_period(programme.counting_starts)} {DASH} "
    return (
        programme.id,
        programme.short_name[language.code],
        period + format_period(programme.target_date),
        *map(language.number, counts),
    )


def programme_lines(programme: Programme, language: Language) -> Iterator[str]:
    """Write the page of a programme: versions, objectives with factors, every indicator."""
    words = Words(language)
    yield f"{programme.id}  {words.text(programme.name)}"
    yield language.gettext("Source: {source}.").format(source=words.text(programme.source))
    yield language.gettext("{source}, {start} to {end}").format(
        source=language.gettext("Period"),
        start=language.month(programme.counting_starts),
        end=language.month(programme.target_date),
    )
    for version in programme.versions:
        yield language.gettext("version {version} of {date}: {reason}").format(
            version=version.version,
            date=language.date(version.date),
            reason=words.text(version.reason),
        )
    yield from _factors(programme.factors, words)
    for objective in programme.objectives:
        yield ""
        yield f"{objective.code}  {words.text(objective.name)}"
        for measure in programme.measures:
            if measure.objective == objective.code:
                yield f"    {measure.code}  {words.text(measure.name)}"
                yield from (f"        {line}" for line in measure_lines(measure, words))
        yield from (f"    {line}" for line in _factors(objective.factors, words))
    yield from money_lines(programme, words)
    for indicator in programme.indicators:
        yield ""
        yield from _indicator(programme, indicator, words)


def _factors(factors: Sequence[Factor], words: Words) -> Iterator[str]:
    gettext = words.language.gettext
    for each in factors:
        handling = gettext("handling: not given")
        if not isinstance(each.handling, str):
            handling = gettext("handling: {text}").format(text=words.text(each.handling))
        yield gettext("factor: {text}").format(text=words.text(each.factor))
        yield f"    {handling}"


def indicator_lines(programme: Programme, code: str, language: Language) -> Iterator[str]:
    """Write all that the catalogue holds of one indicator: versions, inputs, operations, findings.

    Raises
    ------
    InputError
        If the programme has no such indicator.
    """
    words, indicator = Words(language), programme.indicator(code)
    yield from _indicator(programme, indicator, words)
    for version, values in indicator.published.items():
        if isinstance(values, PublishedValues):
            points = ", ".join(
                f"{words.point(point)} {_value(indicator, values, point, words)}"
                for point in points_of(indicator)
            )
        else:
            points = words.language.gettext("not given")
        label = language.gettext("version {version}: {text}")
        yield "    " + label.format(version=version, text=points)
    for given in inputs_used(programme, [indicator]):
        yield (
            f"    {words.text(given.label)}: {words.quantity(given.quantity)} "
            f"({words.quality(given.quality)}; {words.text(given.source)})"
        )
    for name in indicator.operations:
        text = words.text(programme.operations[name].name)
        yield "    " + language.gettext("operation: {name}").format(name=text)
    for finding in audit(programme):
        if finding.about == code:
            yield f"    {severity_name(finding.severity, language)}: {finding.text(language)}"


def _indicator(programme: Programme, indicator: Indicator, words: Words) -> Iterator[str]:
    language = words.language
    yield f"{indicator.code}  {words.text(indicator.name)}"
    version = programme.published_version(None, indicator.code).version
    values = indicator.published.get(version)
    for point in points_of(indicator):
        value = _value(indicator, values, point, words)
        date = getattr(indicator, f"{point}_date") or programme.date_of(point)
        yield f"    {words.point(point)} {format_period(date)}: {value}"
        trace = published_trace(programme, indicator, point, language)
        if trace:
            template = language.gettext("calculation: {trace}")
            yield f"        {template.format(trace=trace)}"
    if not isinstance(indicator.data_source, str):
        template = language.gettext("Source: {source}.")
        yield "    " + template.format(source=words.text(indicator.data_source))
    if indicator.not_monitored_because:
        template = language.gettext("Not monitored: {reason}")
        yield "    " + template.format(reason=words.text(indicator.not_monitored_because))
    if indicator.note:
        yield f"    {words.text(indicator.note)}"


def _value(indicator: Indicator, values: object, point: Point, words: Words) -> str:
    """Published value with its unit, or the word that stands in its place."""
    value = getattr(values, point, None)
    if isinstance(value, int | float):
        return format_quantity(quantity(value, indicator.unit), words.language)
    if value == "done":
        return words.language.gettext("done")
    return mark_text(value or "not given", words)


def check_lines(programme: Programme, language: Language) -> Iterator[str]:
    """Write what a check of a sound catalogue says: relations, differences, findings."""
    checked = check_relations(programme)
    exact = sum(each.amount == 0 for each in checked)
    template = language.gettext(
        "{id}: rules kept; {exact} of {n} relations come out exactly; findings: {findings}"
    )
    found = audit(programme)
    open_ = [finding for finding in found if finding.code not in DIFFERENCES]
    counts = Counter(finding.severity for finding in open_)
    yield template.format(
        id=programme.id,
        exact=language.number(exact),
        n=language.number(len(checked)),
        findings=", ".join(
            f"{severity_name(each, language)} {language.number(counts[each])}"
            for each in SEVERITIES
        ),
    )
    recorded = [finding for finding in found if finding.code in DIFFERENCES]
    if recorded:
        yield "  " + language.gettext("recorded differences, published less calculated:")
    for finding in recorded:
        yield f"    {finding.about}: {finding.text(language)}"
    if open_:
        yield "  " + language.gettext("findings:")
    yield from (f"    {line}" for line in _grouped(open_, language))


def stress_lines(programme: Programme, path: Path, language: Language) -> Iterator[str]:
    """Write what the 85/65 rule of 2014-2020 would say of a file of achieved values.

    Up to the date of the milestone the values are held against the milestones, after it against
    the targets.

    Raises
    ------
    InputError
        If the file cannot be used; see `read_achieved`.
    """
    achieved = read_achieved(path, programme)
    day = achieved.cut_off
    point: Point = "milestone" if day <= programme.milestone_date.end_time.date() else "target"
    last = {value.code: value.value for value in achieved.values}
    template = language.gettext(
        "stress test by the 85/65 rule of 2014–2020, which is not in force for this programme: "
        "{point}, values of {date}"
    )
    words = Words(language)
    yield "  " + template.format(point=words.point(point), date=language.date(day))
    for found in stress_test(programme, last, point=point):
        said = language.gettext("not achieved")
        if found.achieved:
            said = language.gettext("achieved")
        elif found.failed:
            said = language.gettext("serious failure")
        yield f"    {found.objective}: {said} ({', '.join(found.indicators)})"


def _grouped(findings: Sequence[Finding], language: Language) -> Iterator[str]:
    """Write what is said of several in the same words once."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.text(language)), []).append(finding)
    for (code, text), own in groups.items():
        severity = severity_name(own[0].severity, language)
        yield f"{severity}  {code}  {', '.join(f.about for f in own)}: {text}"
