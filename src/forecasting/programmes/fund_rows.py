"""What the three tables of a fund's programme say: rows, sources, and what is too long."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from forecasting.languages import Language
from forecasting.programmes.catalogue import POINTS, Indicator, Point, Programme
from forecasting.programmes.derivation import published_trace, rederive
from forecasting.programmes.fund_columns import COLUMNS, FundTable, FundTables, Number
from forecasting.programmes.parts import InterventionShare
from forecasting.programmes.published import Value, objective_of, points_of, published_or_mark
from forecasting.programmes.quantities import quantity
from forecasting.programmes.quantity_text import format_quantity, format_unit

_NAMED = 8
"""Texts that a warning names; of the others it gives the number."""


def fund_tables(programme: Programme, *, language: str) -> FundTables:
    """Fill tables 1 to 3 from the newest published values of a catalogue.

    Parameters
    ----------
    programme : Programme
    language : str
        Language code of texts and sources.

    Returns
    -------
    FundTables
        What the document does not give is one of `MARKS`, never 0 and never empty.
    """
    words = Language(language)
    by_kind = {
        kind: [entry for entry in programme.indicators if entry.kind == kind]
        for kind in ("output", "result")
    }
    tables = (
        _table(1, [_output(entry, programme, words) for entry in by_kind["output"]]),
        _table(2, [_result(entry, programme, words) for entry in by_kind["result"]]),
        _table(3, [_share(entry, programme, words) for entry in programme.intervention_shares]),
    )
    return FundTables(
        programme=programme.id,
        language=language,
        milestone_year=programme.milestone_date.year if by_kind["output"] else None,
        target_year=programme.target_date.year,
        tables=tuple(table for table in tables if table.rows),
    )


def fund_table_warnings(programme: Programme, tables: FundTables) -> list[str]:
    """Say what the regulation's form will not take as it is, in the language of the tables.

    Returns
    -------
    list of str
        Texts longer than their column allows, tables without rows, and programmes that the
        regulation is not about. A warning, no refusal: ``ID [5]`` cannot hold O.1.1.1.
    """
    language = Language(tables.language)
    found = []
    if programme.framework != "cpr":
        found.append(
            language.gettext(
                "the catalogue is no performance framework under Regulation (EU) 2021/1060; its "
                "indicators stand in the columns of the regulation, with the years of the programme"
            )
        )
    held = {table.number for table in tables.tables}
    template = language.gettext("table {number} is left out: the programme has nothing for it")
    found += [template.format(number=number) for number in COLUMNS if number not in held]
    found += _without_column(programme, language)
    for table in tables.tables:
        found += _too_long(table, tables, language)
    return found


_Row = tuple[dict[str, Value], dict[str, str]]  # values and sources, by key of the column


def _table(number: Number, rows: Sequence[_Row]) -> FundTable:
    keys = [column.key for column in COLUMNS[number]]
    return FundTable(
        number=number,
        rows=tuple(tuple(values[key] for key in keys) for values, _ in rows),
        sources={
            (place, key): sources[key]
            for place, (_, sources) in enumerate(rows)
            for key in keys
            if key in sources
        },
    )


def _indicator(entry: Indicator, programme: Programme, language: Language) -> dict[str, Value]:
    objective = objective_of(programme, entry)
    return {
        "specific_objective": objective.code if objective else "not given",
        "id": entry.code,
        "indicator": entry.name[language.code],
        "unit": format_unit(quantity(0, entry.unit).unit, language),
        "target": published_or_mark(programme, entry.code, "target"),
    }


def _output(entry: Indicator, programme: Programme, language: Language) -> _Row:
    values = _indicator(entry, programme, language) | {
        "milestone": published_or_mark(programme, entry.code, "milestone")
    }
    return values, {point: _source(entry, programme, point, language) for point in POINTS}


def _result(entry: Indicator, programme: Programme, language: Language) -> _Row:
    values = _indicator(entry, programme, language)
    year = entry.baseline_year
    held = entry.data_source
    comments = [note[language.code] for note in (entry.not_monitored_because, entry.note) if note]
    return values | {
        "baseline": entry.baseline,
        "baseline_unit": values["unit"],
        "reference_year": "not given" if year is None else year,
        "target_unit": values["unit"],
        "data_source": held if isinstance(held, str) else held[language.code],
        "comments": "; ".join(comments) or "not given",
    }, {"target": _source(entry, programme, "target", language)}


def _share(entry: InterventionShare, programme: Programme, language: Language) -> _Row:
    template = language.gettext("{share} of the money of the objective. Source: {source}")
    source = template.format(
        share=format_quantity(quantity(entry.percent, "%"), language),
        source=programme.source[language.code],
    )
    return {
        "specific_objective": entry.objective,
        "type_of_intervention": entry.name[language.code],
        "code": entry.code,
        "amount_eur": entry.eur,
    }, {"amount_eur": source}


def _source(entry: Indicator, programme: Programme, point: Point, language: Language) -> str:
    """Say where a value stands, how it arises, and what its inputs give otherwise."""
    version = programme.published_version(None, entry.code)
    template = language.gettext("Source: {source}; version {version} of {date}")
    lines = [
        template.format(
            source=programme.source[language.code],
            version=version.version,
            date=language.date(version.date),
        )
    ]
    due = entry.milestone_date if point == "milestone" else entry.target_date
    if due is not None:
        lines.append(
            language.gettext("Due by the end of {month}").format(month=language.month(due))
        )
    trace = published_trace(programme, entry, point, language)
    if trace:
        lines.append(language.gettext("Calculation: {trace}").format(trace=trace))
    lines += _difference(entry, programme, point, language)
    if entry.not_monitored_because:
        template = language.gettext("Not monitored: {reason}")
        lines.append(template.format(reason=entry.not_monitored_because[language.code]))
    return "\n".join(lines)


def _difference(
    entry: Indicator, programme: Programme, point: Point, language: Language
) -> Iterator[str]:
    found, published = (
        rederive(programme, entry, point),
        published_or_mark(programme, entry.code, point),
    )
    if found is None or isinstance(published, str):
        return
    stated = quantity(published, entry.unit)
    if found.value == stated.value:
        return
    reasons = [
        known.reason[language.code]
        for known in programme.differences
        if (known.indicator, known.point) == (entry.code, point)
    ]
    template = language.gettext("The inputs give {value}: {reason}")
    yield template.format(
        value=format_quantity(found, language),
        reason=reasons[0] if reasons else language.gettext("not explained"),
    )


def _without_column(programme: Programme, language: Language) -> Iterator[str]:
    """Name the result indicators whose milestone has no place in table 2."""
    codes = [
        entry.code
        for entry in programme.indicators
        if entry.kind == "result" and "milestone" in points_of(entry)
    ]
    if codes:
        template = language.ngettext(
            "table 2 has no column for the milestone of {n} result indicator: {which}",
            "table 2 has no column for the milestones of {n} result indicators: {which}",
            len(codes),
        )
        yield template.format(n=len(codes), which=_named(codes))


def _named(names: Sequence[str]) -> str:
    return ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])


def _too_long(table: FundTable, tables: FundTables, language: Language) -> Iterator[str]:
    """Name the texts of each column that are longer than it allows."""
    place = [column.key for column in table.columns].index
    for column in table.columns:
        if column.limit is None:
            continue
        lengths = [
            (str(row[place("id")]), length_without_spaces(row[place(column.key)]))
            for row in table.rows
        ]
        over = [f"{code} ({length})" for code, length in lengths if length > column.limit]
        if over:
            template = language.ngettext(
                "table {number}, {column}: {n} text is too long (characters): {which}",
                "table {number}, {column}: {n} texts are too long (characters): {which}",
                len(over),
            )
            yield template.format(
                number=table.number,
                column=tables.heading(column, language),
                n=len(over),
                which=_named(over),
            )


def length_without_spaces(value: Value) -> int:
    """Count the characters of a text as the regulation does, spaces not counted."""
    return len(re.sub(r"\s", "", str(value)))
