"""The tables of a briefing: published against proposed, where values come from, assumptions."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.material import (
    ATTAINMENT_LEVEL,
    HEADLINE_PROBABILITY,
    OUTTURN_DATASETS,
    Material,
    TargetMaterial,
)
from forecasting.briefing.words import DASH, Words
from forecasting.forecasts.outturn import Outturn
from forecasting.languages import Language
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.derivation import forecast_trace, inputs_used, published_trace
from forecasting.programmes.proposals import PROPOSAL_PROBABILITIES, Proposal
from forecasting.programmes.reliability import ATTAINMENT
from forecasting.sources.reference import find_dataset

MOST_YEARS = 10
"""Columns a table of years has room for: the first ones and the last."""


def proposals_table(targets: TargetMaterial, words: Words) -> Table:
    """Published values beside what would be proposed, for indicators driven by the forecast."""
    language = words.language
    driven = [proposal for proposal in targets.proposals if proposal.draws is not None]
    rows = [_proposal_row(proposal, words) for proposal in driven]
    columns = [
        Column(language.gettext("Indicator"), width=2.9),
        Column(language.gettext("End of"), "right"),
        Column(language.gettext("Published"), "right"),
        Column(language.gettext("Probability"), "right"),
        Column(language.gettext("Passed"), width=2.4),
        *[Column(f"P{round(100 * p)}", "right") for p in PROPOSAL_PROBABILITIES],
    ]
    caption = language.gettext(
        "Published values, the probability that they are met, and proposals "
        "by attainment probability (persons)"
    )
    emphasis = [i for i, p in enumerate(driven) if p is targets.headline]
    note = _proposals_note(driven, targets.headline, words)
    return Table(caption, columns, rows, emphasis, note)


def derivations_table(targets: TargetMaterial, words: Words) -> Table:
    """How each value arises: as published, and from the forecast."""
    language, programme = words.language, targets.programme
    rows = []
    for proposal in targets.shown:
        name = f"{proposal.indicator.code} {words.point(proposal.point)} {proposal.date.year}"
        rows.append([
            name,
            _as_published(programme, proposal, words),
            _from_forecast(programme, proposal, words),
        ])  # fmt: skip
    columns = [
        Column(language.gettext("Value")),
        Column(language.gettext("As published"), width=1.0),
        Column(language.gettext("From the forecast"), width=1.0),
    ]
    caption = language.gettext("Calculations as published and from the forecast")
    note = language.gettext("Source: {source}.").format(source=words.text(programme.source))
    return Table(caption, columns, rows, (), note)


def assumptions_table(targets: TargetMaterial, words: Words) -> Table:
    """Every input of the calculations shown, with value, quality and source."""
    language = words.language
    indicators = [proposal.indicator for proposal in targets.shown]
    rows = [
        [
            words.text(given.label),
            words.quantity(given.quantity),
            words.quality(given.quality),
            words.text(given.source) + (f"; {words.text(given.note)}" if given.note else ""),
        ]
        for given in inputs_used(targets.programme, indicators)
    ]
    columns = [
        Column(language.gettext("Assumption"), width=3.4),
        Column(language.gettext("Value"), "right", width=2.6),
        Column(language.gettext("Quality")),
        Column(language.gettext("Source"), width=3.0),
    ]
    caption = language.gettext("Inputs; each can be changed in the programme file")
    note = language.gettext(
        "Printed: stands in the document. Our reading: of a sentence, or of how a printed value "
        "arises. Implied: the remainder that makes a printed value come out; there is no evidence. "
        "Codes are places in the document."
    )
    return Table(caption, columns, rows, (), note)


def years_table(material: Material) -> Table:
    """Totals of the calendar years: facts, then median and 80 % interval."""
    language, words, years = material.language, Words(material.language), material.summary.years
    if len(years) > MOST_YEARS:
        years = (*years[: MOST_YEARS - 1], years[-1])
    kinds = {
        "lower": language.gettext("one path in ten below"),
        "median": language.gettext("median"),
        "upper": language.gettext("one path in ten above"),
    }
    rows = [
        [label, *[_year_value(getattr(year.total, kind), year.is_fact, words) for year in years]]
        for kind, label in kinds.items()
    ]
    columns = [Column(language.gettext("Applicants"), width=2.0)]
    columns += [Column(str(year.year), "right") for year in years]
    caption = language.gettext("Applicants per calendar year")
    partial = next((year for year in years if 0 < year.observed_months < 12), None)
    note = ""
    if partial:
        note = language.gettext("{year} joins {n} observed months with the paths.").format(
            year=partial.year, n=partial.observed_months
        )
    return Table(caption, columns, rows, [1], note)


def reliability_table(material: Material) -> Table:
    """Tested reliability of the target rule by window and probability."""
    language, words = material.language, Words(material.language)
    windows = sorted({entry.window_months for entry in material.attainment})
    rows: list[list[Text]] = []
    for months in windows:
        own = {e.probability: e for e in material.attainment if e.window_months == months}
        tested = [own[p] for p in PROPOSAL_PROBABILITIES]
        shares = [
            f"{language.percent(e.met)} ({words.count(round(100 * e.lower))}–"
            f"{words.count(round(100 * e.upper))})"
            for e in tested
        ]
        rows.append([
            language.ngettext("{n} month", "{n} months", months).format(n=months),
            words.count(tested[0].cases), *shares, language.percent(tested[0].practice_met),
        ])  # fmt: skip
    columns = [
        Column(language.gettext("Window"), width=1.3),
        Column(language.gettext("Cases"), "right"),
        *[Column(f"P{round(100 * p)}", "right") for p in PROPOSAL_PROBABILITIES],
        Column(language.gettext("Practice: last year × n"), "right"),
    ]
    caption = language.gettext("Share of past targets that were met")
    note = language.gettext(
        "Origins since {month} in {countries} countries; in brackets an interval of {level} from "
        "resampling origins."
    ).format(
        month=language.month(material.attainment[0].first_origin),
        countries=material.attainment[0].countries,
        level=language.percent(ATTAINMENT_LEVEL),
    )
    return Table(caption, columns, rows, (), note)


def outturns_table(material: Material) -> Table:
    """Counts of the ministry beside our figures and forecast."""
    language, words = material.language, Words(material.language)
    rows = [
        [
            _span(outturn, language),
            words.count(outturn.counted),
            _own(outturn, words),
            language.gettext("forecast")
            if outturn.forecast_months
            else language.gettext("observed"),
        ]
        for outturn in material.outturns
    ]
    columns = [
        Column(language.gettext("Period"), width=1.6),
        Column(language.gettext("Ministry"), "right"),
        Column(language.gettext("Eurostat or forecast"), "right", width=2.4),
        Column("", width=1.0),
    ]
    caption = language.gettext("Check against the ministry's own count")
    note = language.gettext(
        "The ministry counts by its own definition; its figures are a check and enter no "
        "calculation. Forecast: median and interval of {level}; months observed by then are facts."
    ).format(level=language.percent(0.8))
    return Table(caption, columns, rows, (), note)


def models_table(material: Material) -> Table:
    """Members of the pool with the paths they gave, or why they gave none."""
    language, words = material.language, Words(material.language)
    rows = [
        [words.model(member.name), words.count(member.n_paths) if member.n_paths else DASH]
        for member in material.result.members
    ]
    columns = [
        Column(language.gettext("Model"), width=1.0),
        Column(language.gettext("Paths"), "right"),
    ]
    unused = [
        f"{words.model(member.name)} ({words.member_status(member.status, 0)})"
        for member in material.result.members
        if not member.n_paths
    ]
    note = language.gettext("Without paths: {named}.").format(named=language.join(unused))
    caption = language.gettext("Models used")
    return Table(caption, columns, rows, (), note if unused else "")


def vintages_table(material: Material) -> Table:
    """Sources of the figures, with the day as of which they stand here."""
    language, dataset = material.language, material.dataset
    rows = [
        [
            language.gettext("{source}, {start} to {end}").format(
                source=dataset.source,
                start=language.short_month(material.result.series.periods[0]),
                end=language.short_month(material.summary.origin),
            ),
            language.short_date(dataset.as_of),
        ]
    ]
    if material.outturns:
        counted = find_dataset(OUTTURN_DATASETS[material.geo])
        rows.append([language.gettext("Ministry, totals"), language.short_date(counted.as_of)])
    if material.targets:
        version = material.targets.headline.version
        name = language.gettext("Programme, version {version}").format(version=version.version)
        rows.append([name, language.short_date(version.date)])
    record = find_dataset(ATTAINMENT)
    rows.append([language.gettext("Record of past targets"), language.short_date(record.as_of)])
    columns = [
        Column(language.gettext("Source"), width=1.0),
        Column(language.gettext("As of"), "right"),
    ]
    return Table(language.gettext("Data and their vintage"), columns, rows)


def _proposal_row(proposal: Proposal, words: Words) -> list[Text]:
    indicator, language = proposal.indicator, words.language
    label = indicator.code
    if proposal.point == "milestone":
        label += f" {words.text(indicator.label)}"
    proposed = [words.count(proposal.proposals[p]) for p in PROPOSAL_PROBABILITIES]
    published = (
        language.gettext("not given")
        if proposal.published is None
        else words.count(proposal.published)
    )
    if proposal.probability is None:
        probability = DASH
    elif proposal.is_fact:
        probability = language.gettext("reached")
    else:
        probability = words.share(proposal.probability)
    passed = words.passing(proposal)
    return [label, str(proposal.date.year), published, probability, passed, *proposed]


def _proposals_note(driven: list[Proposal], headline: Proposal, words: Words) -> Text:
    language = words.language
    n_paths = max(len(proposal.draws) for proposal in driven if proposal.draws is not None)
    sentences = [
        language.gettext(
            "P80: attained on {share} of {n} joint sample paths; whoever applies again counts "
            "again. Passed: median, in brackets the middle {share} of the paths. Other random "
            "numbers would move the P80 of {code} by about {error}."
        ).format(
            n=words.count(n_paths),
            share=language.percent(HEADLINE_PROBABILITY),
            code=headline.indicator.code,
            error=words.about(headline.sampling_error(HEADLINE_PROBABILITY)),
        )
    ]
    due = [proposal for proposal in driven if proposal.point == "target"]
    for total in (proposal for proposal in due if proposal.joint):
        own = [part for part in due if part.indicator.code in total.indicator.parts]
        sentences.append(_total_note(total, own, words))
    noted = {p.indicator.code: p.indicator for p in driven if p.indicator.from_forecast}
    for code, indicator in noted.items():
        rule = indicator.from_forecast
        if rule is not None and rule.note is not None:
            sentences.append(f"{code}: {words.text(rule.note)}.")
    return " ".join(sentences)


def _total_note(total: Proposal, parts: list[Proposal], words: Words) -> str:
    language, p = words.language, HEADLINE_PROBABILITY
    lower, unique, upper = total.unique[p]
    attained = [f"{part.indicator.code} {words.share(part.attained[p])}" for part in parts]
    return language.gettext(
        "The parts of {code} share out its target; on the paths they attain their P80 with "
        "{attained}, together with {joint}. With persons in both parts counted once, the P80 "
        "target of {year} is {unique} (bounds {lower} to {upper})."
    ).format(
        code=total.indicator.code,
        attained=language.join(attained),
        joint=words.share(total.joint[p]),
        year=total.date.year,
        unique=words.count(unique),
        lower=words.count(lower),
        upper=words.count(upper),
    )


def _as_published(programme: Programme, proposal: Proposal, words: Words) -> Text:
    language = words.language
    trace = published_trace(programme, proposal.indicator, proposal.point, language)
    if trace is None:
        published = proposal.published
        value = language.gettext("not given") if published is None else words.count(published)
        template = language.gettext("{value}; the document gives no calculation")
        return template.format(value=value)
    if proposal.difference and proposal.published is not None:
        template = language.gettext("{trace}; published {value}, difference {difference}")
        return template.format(
            trace=trace,
            value=words.count(proposal.published),
            difference=words.count(proposal.difference),
        )
    return trace


def _from_forecast(programme: Programme, proposal: Proposal, words: Words) -> Text:
    language, indicator = words.language, proposal.indicator
    if proposal.persons is None or indicator.from_forecast is None:
        return language.gettext("does not follow from this forecast")
    if indicator.parts:
        return language.gettext("sum of {parts} on each path").format(
            parts=language.join(list(indicator.parts))
        )
    starts = indicator.from_forecast.starts or programme.counting_starts
    if starts > proposal.date:
        return language.gettext("nothing to count: operations begin {in_month}").format(
            in_month=language.in_month(starts)
        )
    trace = forecast_trace(programme, indicator, proposal.persons, language)
    span = language.gettext("{start} to {end}").format(
        start=language.short_month(starts), end=language.short_month(proposal.date)
    )
    return f"{span}: {trace}"


def _year_value(value: float, is_fact: bool, words: Words) -> str:
    return words.count(value) if is_fact else words.about(value)


def _span(outturn: Outturn, language: Language) -> str:
    if outturn.start == pd.Period(f"{outturn.end.year}-01", "M") and outturn.end.month == 12:
        return str(outturn.end.year)
    return language.gettext("{start} to {end}").format(
        start=language.short_month(outturn.start), end=language.short_month(outturn.end)
    )


def _own(outturn: Outturn, words: Words) -> str:
    if not outturn.forecast_months:
        return words.count(Fraction(outturn.own.median))
    return f"{words.about(outturn.own.median)} ({words.range(outturn.own)})"
