"""The section of one indicator: selection, data, calculation, factors, forecast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from forecasting.briefing.blocks import Block, Column, Heading, Paragraph, Table, rich
from forecasting.briefing.note.material import NoteMaterial, capital, sentence
from forecasting.briefing.targets.words import TargetWords
from forecasting.briefing.words import DASH, Words
from forecasting.programmes.catalogue import Indicator, Input, Point
from forecasting.programmes.derivation import (
    forecast_trace,
    inputs_used,
    published_trace,
)
from forecasting.programmes.parts import Objective
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.proposals import HEADLINE_PROBABILITY
from forecasting.programmes.published import Value, points_of, published_or_mark
from forecasting.programmes.quantities import quantity
from forecasting.programmes.quantity_text import format_exact, format_unit
from forecasting.programmes.reliability import tested_probabilities


def section(
    indicator: Indicator, objective: Objective | None, material: NoteMaterial, words: Words
) -> Iterator[Block]:
    """Write what Article 17 asks for of one indicator."""
    yield Heading(f"{indicator.code} {words.text(indicator.name)}", 3)
    yield _values_table(indicator, material, words)
    yield from _selection(indicator, material, words)
    yield from _data(indicator, material, words)
    yield from _factors(indicator, objective, words)
    yield from _forecast(indicator, material, words)


def _kind(indicator: Indicator, words: Words) -> str:
    """Say what is counted, and of what it is a part."""
    language, unit = words.language, _unit(indicator, words)
    kind = language.gettext("Output indicator")
    if indicator.kind == "result":
        kind = language.gettext("Result indicator")
    parts = [kind, language.gettext("unit: {unit}").format(unit=unit)]
    if indicator.is_change:
        parts.append(language.gettext("change against the baseline year"))
    if indicator.parent:
        parts.append(language.gettext("part of {code}").format(code=indicator.parent))
    return "; ".join(parts) + "."


def _unit(indicator: Indicator, words: Words) -> str:
    return format_unit(quantity(0, indicator.unit).unit, words.language)


def _values_table(indicator: Indicator, material: NoteMaterial, words: Words) -> Table:
    language, rows = words.language, []
    if indicator.kind == "result":
        year = indicator.baseline_year
        label = language.gettext("baseline")
        if isinstance(year, int):
            label = f"{label} {year}"
        rows.append([label, _written(indicator.baseline, indicator, words), DASH, DASH])
    rows += [_value_row(indicator, point, material, words) for point in points_of(indicator)]
    columns = [
        Column(language.gettext("Value"), width=1.5),
        Column(language.gettext("Published"), "right", width=1.5),
        Column(language.gettext("Calculation"), width=4.6),
        Column(language.gettext("Difference"), "right", width=1.2),
    ]
    return Table(_kind(indicator, words), columns, rows)


def _value_row(
    indicator: Indicator, point: Point, material: NoteMaterial, words: Words
) -> list[str]:
    programme, language = material.programme, words.language
    trace = published_trace(programme, indicator, point, language)
    difference = material.difference(indicator, point)
    due = indicator.milestone_date if point == "milestone" else indicator.target_date
    return [
        f"{words.point(point)} {(due or programme.date_of(point)).year}",
        _written(published_or_mark(programme, indicator.code, point), indicator, words),
        trace or language.gettext("not given"),
        DASH if difference is None else format_exact(difference, language),
    ]


def _written(value: Value, indicator: Indicator, words: Words) -> str:
    if isinstance(value, str):
        return words.language.gettext(value)
    return words.quantity(quantity(value, indicator.unit))


def _selection(indicator: Indicator, material: NoteMaterial, words: Words) -> Iterator[Block]:
    """Say which measures and operations count into it, with which money; or why none does."""
    language, programme = words.language, material.programme
    texts = []
    if indicator.not_monitored_because:
        reason = words.text(indicator.not_monitored_because)
        texts.append(language.gettext("Not monitored: {reason}").format(reason=reason))
    if indicator.measures:
        measures = ", ".join(indicator.measures)
        texts.append(language.gettext("Measures: {measures}").format(measures=measures))
    if indicator.operations:
        names = "; ".join(
            words.text(programme.operations[code].name) for code in indicator.operations
        )
        texts.append(language.gettext("Operations that count into it: {names}").format(names=names))
    shares = [
        f"{share.objective} {share.code} ({words.quantity(quantity(share.percent, '%'))})"
        for share in programme.intervention_shares
        if indicator.code in share.indicators
    ]
    if shares:
        template = language.gettext("Types of intervention: {shares}")
        texts.append(template.format(shares=", ".join(shares)))
    text = ". ".join(map(sentence, texts)) or language.gettext("not given")
    yield Paragraph(rich(language.gettext("**Selection.** {text}."), text=capital(text)))


def _data(indicator: Indicator, material: NoteMaterial, words: Words) -> Iterator[Block]:
    """Name data and breakdown, then the inputs with their quality, then what does not agree."""
    language = words.language
    held = indicator.data_source
    source = language.gettext(held) if isinstance(held, str) else words.text(held)
    yield Paragraph(
        rich(
            language.gettext("**Data.** {source}. Breakdown: {breakdown}."),
            source=capital(sentence(source)),
            breakdown=_breakdown(indicator, words),
        )
    )
    inputs = inputs_used(material.programme, [indicator])
    if inputs:
        yield _inputs_table(inputs, words)
    yield Paragraph(
        rich(
            language.gettext("**Quality assurance.** {text}"),
            text=" ".join(_quality(indicator, inputs, material, words)),
        )
    )


def _breakdown(indicator: Indicator, words: Words) -> str:
    language, breakdown = words.language, indicator.breakdown
    if isinstance(breakdown, str):
        return language.gettext(breakdown)
    names = {
        "gender": language.gettext("gender"),
        "age": language.gettext("age"),
        "citizenship": language.gettext("citizenship"),
    }
    values = {
        "male": language.gettext("male"),
        "female": language.gettext("female"),
        "non-binary": language.gettext("non-binary"),
    }
    return "; ".join(
        f"{names.get(name, name)} ({', '.join(values.get(value, value) for value in given)})"
        for name, given in breakdown.items()
    )


def _inputs_table(inputs: list[Input], words: Words) -> Table:
    language = words.language
    columns = [
        Column(language.gettext("Input"), width=3.0),
        Column(language.gettext("Value"), "right", width=2.6),
        Column(language.gettext("Quality"), width=1.6),
        Column(language.gettext("Source"), width=3.0),
    ]
    rows = [
        [
            words.text(given.label),
            words.quantity(given.quantity),
            words.quality(given.quality),
            words.text(given.source) + (f"; {words.text(given.note)}" if given.note else ""),
        ]
        for given in inputs
    ]
    return Table("", columns, rows)


def _quality(
    indicator: Indicator, inputs: list[Input], material: NoteMaterial, words: Words
) -> Iterator[str]:
    language = words.language
    differences = {
        point: difference
        for point in points_of(indicator)
        if (difference := material.difference(indicator, point)) is not None
    }
    if inputs:
        counts = Counter(given.quality for given in inputs)
        listed = ", ".join(f"{words.quality(name)} {n}" for name, n in counts.items())
        yield language.gettext("Inputs by quality: {listed}.").format(listed=listed)
    if not differences and not indicator.monitored:
        yield language.gettext("Nothing is calculated: the indicator is not monitored.")
    elif not differences:
        yield language.gettext(
            "The document gives no calculation; the published value cannot be calculated again."
        )
    elif not any(differences.values()):
        yield language.gettext("What is calculated agrees with what is published.")
    for point, difference in differences.items():
        if difference:
            template = language.gettext("{value} differs from its calculation: {reason}.")
            reason = material.reason(indicator, point)
            text = words.text(reason) if reason else language.gettext("not explained")
            yield template.format(value=words.point(point), reason=sentence(text))


def _factors(indicator: Indicator, objective: Objective | None, words: Words) -> Iterator[Block]:
    """Refer to the factors of the objective, and say what the document says of this value."""
    language = words.language
    text = language.gettext("Those that concern all objectives.")
    if objective is not None and objective.factors:
        template = language.gettext(
            "Those of objective {objective} and those that concern all objectives."
        )
        text = template.format(objective=objective.code)
    rule = indicator.from_forecast
    notes = [words.text(note) for note in (indicator.note, rule.note if rule else None) if note]
    handled = language.gettext("The document names no other handling for this value.")
    if notes:
        template = language.gettext("To this value: {notes}.")
        handled = template.format(notes=sentence("; ".join(notes)))
    yield Paragraph(
        rich(language.gettext("**Factors and handling.** {text} {handled}"),
             text=text, handled=handled)
    )  # fmt: skip


def _forecast(indicator: Indicator, material: NoteMaterial, words: Words) -> Iterator[Block]:
    """Say what is proposed for each value, why, and how reliable such targets were."""
    language, target_words = words.language, TargetWords(words.language)
    if not material.driven:
        return
    driven = [each for each in material.of(indicator) if each.draws is not None]
    if not driven:
        why = next((each.unproposed for each in material.of(indicator) if each.unproposed), "")
        text = language.gettext("does not follow from this forecast")
        if why:
            text = target_words.unproposed(why)
        yield Paragraph(rich(language.gettext("**Forecast.** {text}."), text=capital(text)))
        return
    columns = [
        Column(language.gettext("Value"), width=1.7),
        Column(language.gettext("Follows from"), width=2.8),
        Column(language.gettext("Probability"), "right", width=1.3),
        *[Column(f"P{round(100 * p)}", "right", width=1.0) for p in driven[0].proposals],
        Column(language.gettext("Main reason"), width=1.5),
    ]
    rows = [_forecast_row(each, material, words) for each in driven]
    caption = language.gettext("Forecast: probability of the published value, and proposals")
    caption = f"{caption} ({_unit(indicator, words)})"
    note = " ".join(_forecast_notes(driven, material, words))
    yield Table(caption, columns, rows, note=note)


def _forecast_notes(driven: list[Proposal], material: NoteMaterial, words: Words) -> Iterator[str]:
    """Name the assumption that matters most, and what the past says of such targets."""
    language, last = words.language, driven[-1]
    if last.swings:
        template = language.gettext("Matters most for the last value: {swing}.")
        swing = TargetWords(language).swing(last.swings[0], material.programme, last.indicator.unit)
        yield template.format(swing=swing)
    if not last.indicator.from_forecast:
        yield language.gettext(
            "Not tested on the past: it follows from plans, rates and estimates."
        )
        return
    template = language.gettext("Tested on the past: {shares} of such targets were met.")
    shares = [
        f"P{round(100 * entry.probability)} {language.percent(entry.met)}"
        for entry in tested_probabilities(material.window_months)
    ]
    yield template.format(shares=", ".join(shares))


def _forecast_row(proposal: Proposal, material: NoteMaterial, words: Words) -> list[str]:
    language, indicator = words.language, proposal.indicator
    target_words, trace = TargetWords(language), None
    rule = indicator.from_forecast
    starts = rule.starts if rule and not indicator.parts else None
    if starts is not None and starts > proposal.date:
        template = language.gettext("nothing to count: operations begin {in_month}")
        trace = template.format(in_month=language.in_month(starts))
    elif proposal.persons is not None:
        trace = forecast_trace(material.programme, indicator, proposal.persons, language)
    change = proposal.changes.get(HEADLINE_PROBABILITY)
    sums = indicator.parts and language.gettext("sum of its parts")
    return [
        f"{words.point(proposal.point)} {proposal.date.year}",
        trace or sums or target_words.driver(indicator),
        target_words.chance(proposal),
        *[target_words.value(value, indicator.unit) for value in proposal.proposals.values()],
        target_words.reason(change.main) if change else DASH,
    ]
