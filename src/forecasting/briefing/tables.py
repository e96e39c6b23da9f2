"""The tables of a briefing on the forecast alone: calendar years, and how targets did before."""

from __future__ import annotations

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.material import ATTAINMENT_LEVEL, Material
from forecasting.briefing.words import Words
from forecasting.programmes.proposals import PROPOSAL_PROBABILITIES

MOST_YEARS = 10
"""Columns a table of years has room for: the first ones and the last."""


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


def _year_value(value: float, is_fact: bool, words: Words) -> str:
    return words.count(value) if is_fact else words.about(value)
