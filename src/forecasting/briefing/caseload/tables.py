"""The tables of the report on a caseload."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.caseload import phrases
from forecasting.briefing.caseload.material import CaseloadMaterial
from forecasting.briefing.caseload.words import CaseloadWords
from forecasting.briefing.words import DASH
from forecasting.distributions import central
from forecasting.forecasts.summary import Estimate
from forecasting.sources.parameters import load_parameters
from forecasting.stocks.caseload_choice import DriverReport
from forecasting.stocks.caseload_plan import OUTLOOK
from forecasting.stocks.macro_outlook import UNEMPLOYMENT as OUTLOOK_RATE


def scores_table(material: CaseloadMaterial, words: CaseloadWords) -> Table:
    """Every pool and how it did in the past."""
    language = words.language
    rows: list[list[Text]] = [
        [
            words.pool(score.name),
            words.pool_meaning(score.name),
            language.number(score.ratio, 2),
            language.number(score.mape, 1),
            language.percent(score.coverage),
        ]
        for score in material.scores
    ]
    chosen = [n for n, score in enumerate(material.scores) if score.name == material.chosen]
    columns = [
        Column(language.gettext("Pool"), width=1.2),
        Column(language.gettext("What it carries on"), width=1.7),
        Column(language.gettext("CRPS ratio"), "right"),
        Column(language.gettext("Error, %"), "right"),
        Column(language.gettext("Held in {level}").format(level=language.percent(0.8)), "right"),
    ]
    caption = language.gettext("The pools at {n} past origins, one to twelve months ahead").format(
        n=material.n_origins
    )
    note = language.gettext(
        "CRPS: distance of the whole distribution from the outcome, on the log scale, here over "
        "that of the smooth stock. Error: of the median. Held: outcomes within the interval before "
        "its width is set by this record."
    )
    return Table(caption, columns, rows, chosen, note)


def drivers_table(material: CaseloadMaterial, words: CaseloadWords) -> Table:
    """Every driver that was offered, and whether it earned its place."""
    language = words.language
    rows: list[list[Text]] = [
        [
            words.driver(each.name),
            phrases.future_name(each, words),
            DASH if each.lead is None else words.limit(each.lead),
            DASH if each.ratio is None else language.number(each.ratio, 3),
            _place(each, material, words),
        ]
        for each in material.projection.caseload.drivers
    ]
    columns = [
        Column(language.gettext("Driver"), width=1.0),
        Column(language.gettext("Its future")),
        Column(language.gettext("Leads by"), "right"),
        Column(language.gettext("CRPS ratio"), "right"),
        Column(language.gettext("Place"), width=1.0),
    ]
    note = language.gettext(
        "The lead is found on the series. CRPS ratio: with the driver over without it, at past "
        "origins."
    )
    return Table(language.gettext("The drivers that were offered"), columns, rows, (), note)


def _place(driver: DriverReport, material: CaseloadMaterial, words: CaseloadWords) -> str:
    language = words.language
    if material.drives(driver.name):
        return language.gettext("used")
    if driver.ratio is not None and driver.ratio < 1:
        return language.gettext("earned, but another pool was chosen")
    return language.gettext("left out")


def years_table(material: CaseloadMaterial, words: CaseloadWords) -> Table:
    """Expenditure by year."""
    language = words.language
    rows: list[list[Text]] = [
        [
            words.span(year.first, year.last),
            words.million(year.spent.median),
            _range(year.spent, words),
            _range(year.at_mean, words),
            " · ".join(words.amount(amount) for amount in year.amounts),
        ]
        for year in material.years
    ]
    level = language.percent(0.8)
    columns = [
        Column(language.gettext("Year"), width=0.8),
        Column(language.gettext("Median"), "right"),
        Column(language.gettext("Interval of {level}").format(level=level), "right"),
        Column(language.gettext("If the factor were known"), "right", width=1.0),
        Column(language.gettext("Basic amount, EUR a month"), "right", width=1.4),
    ]
    caption = language.gettext("Expenditure by year, EUR million")
    note = language.gettext(
        "If the factor were known: the interval that is left when the household factor is its "
        "mean, {factor}."
    ).format(
        factor=language.number(central(material.projection.family["household_factor"].value), 2)
    )
    return Table(caption, columns, rows, (), note)


def _range(estimate: Estimate, words: CaseloadWords) -> str:
    return words.language.gettext("{lower} to {upper}").format(
        lower=words.million(estimate.lower), upper=words.million(estimate.upper)
    )


def amounts_table(material: CaseloadMaterial, words: CaseloadWords) -> Table:
    """The steps of the basic amount, and where each comes from."""
    language = words.language
    rows: list[list[Text]] = [
        [
            language.month(entry.valid_from),
            words.amount(float(entry.value)),
            words.quality(entry.quality),
            words.source(entry) + (f". {words.counts.text(entry.note)}" if entry.note else ""),
        ]
        for entry in material.steps
    ]
    columns = [
        Column(language.gettext("From")),
        Column(language.gettext("EUR a month"), "right"),
        Column(language.gettext("Quality")),
        Column(language.gettext("Source"), width=1.0),
    ]
    caption = language.gettext("The basic amount of the minimum income")
    return Table(caption, columns, rows)


def points_table(material: CaseloadMaterial, words: CaseloadWords) -> Table:
    """The figures beside the counts that were published."""
    language = words.language
    points = material.projection.points
    rows: list[list[Text]] = [
        [
            language.short_month(point.published.month),
            words.count(point.quantity),
            words.counts.count(point.value),
            words.counts.count(point.published.value),
            words.point_note(point.published.note),
            words.signed_percent(point.difference_percent / 100),
            language.gettext("agrees") if point.agrees else language.gettext("differs"),
        ]
        for point in points
    ]
    columns = [
        Column(language.gettext("Month"), width=0.8),
        Column(language.gettext("Count"), width=1.4),
        Column(language.gettext("In the figures"), "right"),
        Column(language.gettext("Published"), "right"),
        Column(language.gettext("As published")),
        Column(language.gettext("Difference"), "right"),
        Column(language.gettext("Verdict")),
    ]
    caption = language.gettext("The figures against the counts that were published")
    emphasis = [n for n, point in enumerate(points) if not point.agrees]
    return Table(caption, columns, rows, emphasis)


def assumptions_table(material: CaseloadMaterial, words: CaseloadWords) -> Table:
    """Every assumption with its value, distribution, source and quality."""
    language = words.language
    rows: list[list[Text]] = [
        *_family_rows(material, words),
        *_amount_rows(material, words),
        *_outlook_rows(material, words),
        *_epidemic_rows(material, words),
    ]
    columns = [
        Column(language.gettext("Assumption"), width=1.3),
        Column(language.gettext("Value"), "right"),
        Column(language.gettext("Distribution"), width=1.2),
        Column(language.gettext("Source"), width=1.3),
        Column(language.gettext("Quality")),
    ]
    caption = language.gettext("What is assumed, and how well it is known")
    note = language.gettext(
        "Unknown: no document held states it, so the distribution is wide; value: the mean. The "
        "entries stand in data/parameters."
    )
    return Table(caption, columns, rows, (), note)


def _family_rows(material: CaseloadMaterial, words: CaseloadWords) -> list[list[Text]]:
    names = {
        "household_factor": words.language.gettext("household factor: basic amounts per family"),
        "persons_per_recipient": words.language.gettext("persons entitled per recipient"),
    }
    return [
        [
            names[name],
            words.language.number(central(each.value), 2),
            words.spread(each.value),
            words.family_source(each),
            words.family_quality(each, synthetic=material.is_synthetic),
        ]
        for name, each in material.projection.family.items()
    ]


def _amount_rows(material: CaseloadMaterial, words: CaseloadWords) -> list[list[Text]]:
    language, options = words.language, material.projection.options
    known = language.short_month(material.projection.amounts.known_until)
    label = language.gettext("basic amount after {month}").format(month=known)
    if not material.is_amount_assumed:
        return []
    if options.indexation == OUTLOOK:
        entry = load_parameters("macro_outlook").entry("inflation", on=material.periods[-1])
        rise = language.gettext("inflation")
        return [[label, rise, DASH, words.source(entry), words.quality(entry.quality)]]
    if options.indexation:
        rate = words.signed_percent(float(options.indexation))
        own = language.gettext("own value")
        return [[label, rate, language.gettext("each March"), own, own]]
    assumed = language.gettext("assumed")
    suite = language.gettext("assumption of the suite")
    return [[label, language.gettext("unchanged"), DASH, suite, assumed]]


def _outlook_rows(material: CaseloadMaterial, words: CaseloadWords) -> list[list[Text]]:
    if not material.projection.options.outlook:
        return []
    language, known = words.language, load_parameters("macro_outlook")
    years = range(material.origin.year, material.periods[-1].year + 1)
    entries = [known.entry(OUTLOOK_RATE, on=pd.Period(f"{year}-01", "M")) for year in years]
    return [
        [
            language.gettext("unemployment rate, survey, {first} to {last}").format(
                first=years[0], last=years[-1]
            ),
            " · ".join(language.percent(float(entry.value), 1) for entry in entries),
            language.gettext("one path, no spread"),
            words.source(entries[-1]),
            words.quality(entries[-1].quality),
        ]
    ]


def _epidemic_rows(material: CaseloadMaterial, words: CaseloadWords) -> list[list[Text]]:
    language = words.language
    return [
        [
            language.gettext("epidemic: effect while it lasted"),
            words.signed_percent(float(np.expm1(effect))),
            words.span(each.start, each.end or material.origin),
            language.gettext("estimated on the figures"),
            DASH,
        ]
        for each, effect in material.projection.effects.items()
    ]
