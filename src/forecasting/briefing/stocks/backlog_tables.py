"""The tables of the report on a backlog."""

from __future__ import annotations

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.stocks.backlog_figures import estimate_text
from forecasting.briefing.stocks.backlog_material import OWN, BacklogMaterial
from forecasting.briefing.stocks.words import StockWords
from forecasting.briefing.words import DASH
from forecasting.errors import InputError
from forecasting.forecasts.summary import Estimate


def waits_table(material: BacklogMaterial, words: StockWords) -> Table:
    """Backlog and waits at the ends of the years."""
    language, result = words.language, material.projection.result
    rows = []
    for month in material.year_ends:
        waits = [
            estimate_text(material.at(paths, month), paths.attrs["unit"] == "1", words)
            for paths in (
                result.wait_of_last_arrival, result.wait_of_those_waiting, result.share_over_limit,
            )
        ]  # fmt: skip
        rows.append(
            [
                language.short_month(month),
                _counts(material.at(result.backlog, month), words),
                *waits,
            ]
        )
    columns = [
        Column(language.gettext("End of month")),
        Column(language.gettext("Waiting"), "right", width=1.2),
        Column(language.gettext("Last to come waits"), "right", width=1.0),
        Column(language.gettext("Waited so far"), "right", width=1.0),
        Column(language.gettext("Over {limit}").format(limit=words.limit(material.limit)), "right"),
    ]
    caption = language.gettext("Persons waiting and their waits, with the staff of now")
    note = language.gettext(
        "Median and interval of {level} over {n} paths; waits in months. First come, first decided."
    ).format(level=language.percent(0.8), n=words.counts.count(material.n_paths))
    return Table(caption, columns, rows, (), note)


def _counts(estimate: Estimate, words: StockWords) -> str:
    low, high = words.about(estimate.lower), words.about(estimate.upper)
    return f"{words.about(estimate.median)} ({low}–{high})"


def stages_table(material: BacklogMaterial, words: StockWords) -> Table:
    """What a case takes, stage by stage."""
    language = words.language
    rows: list[list[Text]] = [
        [
            words.stage(each.name),
            words.plain(each.hours),
            language.percent(each.share),
            words.months(each.hours * each.share),
            _quality(each.quality, words),
        ]
        for each in material.stages
    ]
    total = words.months(material.staff.hours_per_case)
    rows.append([language.gettext("whole process"), DASH, DASH, total, DASH])
    columns = [
        Column(language.gettext("Stage"), width=1.0),
        Column(language.gettext("Hours per case"), "right"),
        Column(language.gettext("Share of cases"), "right"),
        Column(language.gettext("Hours, mean of all cases"), "right"),
        Column(language.gettext("Quality")),
    ]
    caption = language.gettext("Working hours of a case, by stage")
    return Table(caption, columns, rows, (len(rows) - 1,))


def person_table(material: BacklogMaterial, words: StockWords) -> Table:
    """What one person gets done in a month."""
    language, staff = words.language, material.staff
    hours = staff.hours_per_month * staff.availability * staff.share
    paid, at_work, on_cases = (
        _quality(material.quality(name, value), words)
        for name, value in (
            ("paid_hours_per_month", staff.hours_per_month),
            ("availability", staff.availability),
            ("share_of_time", staff.share),
        )
    )
    labels = {
        language.gettext("paid hours of a full-time person in a month"): (
            words.plain(staff.hours_per_month), paid,
        ),
        language.gettext("at work: without leave, sickness and training"): (
            language.percent(staff.availability), at_work,
        ),
        language.gettext("of the time at work, on cases"): (
            language.percent(staff.share), on_cases,
        ),
        language.gettext("hours on cases"): (words.months(hours), DASH),
        language.gettext("cases of a person in a month"): (
            words.months(staff.cases_per_person), DASH,
        ),
    }  # fmt: skip
    columns = [
        Column(language.gettext("One person"), width=1.0),
        Column(language.gettext("Value"), "right"),
        Column(language.gettext("Quality")),
    ]
    caption = language.gettext("What one person gets done in a month")
    rows = [[label, *cells] for label, cells in labels.items()]
    return Table(caption, columns, rows, (len(rows) - 1,))


def _quality(quality: str, words: StockWords) -> str:
    if quality == OWN:
        return words.language.gettext("own value")
    return words.counts.quality(quality)


def places_table(material: BacklogMaterial, words: StockWords) -> Table:
    """Reception places that the backlog implies.

    Raises
    ------
    InputError
        If the share in private accommodation is not given.
    """
    language, projection = words.language, material.projection
    places = projection.places
    if places is None:
        raise InputError(
            "no share in private accommodation",
            where=projection.plan.name,
            expected="private_share",
        )
    rows = []
    for month in material.year_ends:
        own, all_ = material.at(places, month), material.at(projection.result.backlog, month)
        rows.append(
            [
                language.short_month(month),
                words.about(own.median),
                f"{words.about(own.lower)}–{words.about(own.upper)}",
                words.about(all_.median),
            ]
        )
    columns = [
        Column(language.gettext("End of month"), width=1.0),
        Column(language.gettext("Places, median"), "right"),
        Column(
            language.gettext("Interval of {level}").format(level=language.percent(0.8)), "right"
        ),
        Column(language.gettext("If nobody lived privately"), "right"),
    ]
    caption = language.gettext("Reception places for those who wait")
    note = words.note(projection.plan.config.note)
    return Table(caption, columns, rows, (), note)
