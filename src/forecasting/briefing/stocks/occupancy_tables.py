"""The tables of the report on an occupancy."""

from __future__ import annotations

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.stocks.occupancy_material import OccupancyMaterial
from forecasting.briefing.stocks.words import StockWords
from forecasting.errors import InputError
from forecasting.stocks.config_file import Indicator
from forecasting.stocks.occupancy_years import service_by_year
from forecasting.stocks.rule_comparison import RuleComparison
from forecasting.stocks.service_level import MEANINGS


def years_table(material: OccupancyMaterial, words: StockWords) -> Table:
    """Every whole calendar year: chance of more persons than places, and the nights over them."""
    language = words.language
    rows = [
        [
            str(each.year),
            "–".join(dict.fromkeys(words.counts.count(p) for p in each.places)),
            words.about(each.median),
            words.share(each.over_in_period),
            words.share(each.over_in_year),
            words.about(each.nights_over) if each.nights_over >= 1 else _small(words),
        ]
        for each in material.years
    ]
    columns = [
        Column(language.gettext("Year"), width=1.0),
        Column(language.gettext("Places"), "right"),
        Column(language.gettext("Median"), "right"),
        Column(language.gettext("Over, one month end"), "right"),
        Column(language.gettext("Over, any month end"), "right"),
        Column(language.gettext("Nights over capacity"), "right"),
    ]
    note = language.gettext(
        "One month end: the one of the year at which the chance is highest, computed exactly. Any "
        "month end of the year, and person-nights in a year: on {n} paths, as if everybody who "
        "comes stayed."
    ).format(n=words.counts.count(material.n_paths))
    caption = language.gettext("Chance of more persons than places, by year")
    return Table(caption, columns, rows, (len(rows) - 1,), note)


def _small(words: StockWords) -> str:
    return words.language.gettext("below {share}").format(share=words.language.number(1))


def service_table(material: OccupancyMaterial, probability: float, words: StockWords) -> Table:
    """Places needed in each year under each meaning of the service."""
    language, needed = words.language, material.places_for(probability)
    rows = [
        [words.meaning(meaning), *[words.about(v) for v in needed[meaning]]] for meaning in MEANINGS
    ]
    columns = [Column(language.gettext("It holds"), width=1.0)]
    columns += [Column(str(each.year), "right") for each in material.years]
    caption = language.gettext("Places for a service of {share}, by year")
    note = language.gettext("On {n} paths; nights are counted at the ends of the months.")
    return Table(
        caption.format(share=language.percent(probability)), columns, rows, (),
        note.format(n=words.counts.count(material.n_paths)),
    )  # fmt: skip


def rules_table(comparison: RuleComparison, words: StockWords) -> Table:
    """What each rule does, and the nights of a bad year."""
    language = words.language
    dash = language.gettext("none")
    rows: list[list[Text]] = [
        [
            words.rule(each.rule),
            words.rule_meaning(each.rule),
            dash if each.nights_high is None else words.about(each.nights_high),
        ]
        for each in comparison.outcomes
    ]
    columns = [
        Column(language.gettext("Rule")),
        Column(language.gettext("Whoever finds no place"), width=1.0),
        Column(language.gettext("One year in ten above"), "right"),
    ]
    caption = language.gettext("The rules, and the nights without a place in a bad year")
    return Table(caption, columns, rows)


def indicator_of(material: OccupancyMaterial) -> Indicator:
    """Return the indicator of a configuration.

    Raises
    ------
    InputError
        If it has none.
    """
    config = material.projection.plan.config
    if config.indicator is None:
        raise InputError("no indicator", where=config.name, expected="the key 'indicator'")
    return config.indicator


def indicator_table(material: OccupancyMaterial, probability: float, words: StockWords) -> Table:
    """How often the places that an indicator promises would be enough."""
    language, indicator = words.language, indicator_of(material)
    values = (float(indicator.milestone), float(indicator.target))
    served = [service_by_year(material.projection, places) for places in values]
    needed = material.places_for(probability)["simultaneous"]
    rows = []
    for number, year in enumerate(material.years):
        shares = [
            words.share(1 - chance)
            for own in served
            for chance in (own[number].over_in_year, own[number].over_in_period)
        ]
        rows.append(
            [str(year.year), words.about(year.median), *shares, words.about(needed[number])]
        )
    columns = [Column(language.gettext("Year")), Column(language.gettext("Median"), "right")]
    for places in values:
        for template in (language.gettext("{n}: all months"), language.gettext("{n}: one month")):
            heading = template.format(n=words.counts.count(places))
            columns.append(Column(heading, "right", width=1.0))
    enough = language.gettext("enough for {share}").format(share=language.percent(probability))
    columns.append(Column(enough, "right"))
    caption = language.gettext("{code}: how often the places would be enough")
    note = language.gettext(
        "All months: share of the paths within the places at the end of every month of the year. "
        "One month: chance of that at the least favourable month end. Last column: places that "
        "would be enough in all months of the year. The promised places are taken as the only "
        "ones. {note}"
    )
    return Table(
        caption.format(code=indicator.code), columns, rows, (),
        note.format(note=words.assumptions(material.projection.plan)).strip(),
    )  # fmt: skip
