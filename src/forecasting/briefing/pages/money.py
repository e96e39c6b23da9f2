"""Recipients and savings in a briefing: published figures only, and what activation saves."""

from __future__ import annotations

import pandas as pd

from forecasting.briefing.blocks import Block, Columns, Figure, Heading, Paragraph, Text, rich
from forecasting.briefing.half_charts import PointGroup, points_chart
from forecasting.briefing.material import Material
from forecasting.briefing.savings.report import SavingsReport
from forecasting.briefing.words import Words
from forecasting.languages import Language
from forecasting.sources.points import MonthCount, read_month_counts

POINT_DATASETS = {"SI": "social-assistance-points"}
"""Isolated counts of recipients of social assistance, by country."""

PERSONS, RECIPIENTS = "persons_entitled", "recipients"
HEIGHT_MM = 48.0


def money_blocks(material: Material, savings: SavingsReport | None) -> tuple[Block, ...]:
    """Show recipients and savings side by side; what is not held is left out."""
    language, points = material.language, read_points(material)
    left: list[Block] = [points_figure(material, points)] if points else []
    right: list[Block] = [savings.short_figure(height_mm=HEIGHT_MM)] if savings else []
    if not left and not right:
        return ()
    texts = [recipients_text(material, points)] if points else []
    if savings:
        texts.append(savings.short_text())
    said = [Paragraph(text) for text in texts]
    if not (left and right):  # a chart as wide as a column, its words beside it
        return (Heading(_heading(bool(points), language)), Columns(left or right, said))
    return (Heading(language.gettext("Recipients and savings")), Columns(left, right), *said)


def _heading(has_points: bool, language: Language) -> str:
    return language.gettext("Recipients") if has_points else language.gettext("Savings")


def read_points(material: Material) -> dict[str, list[MonthCount]]:
    """Counts that are held for the country and were known by the as-of month, by quantity."""
    name = POINT_DATASETS.get(material.geo)
    if name is None:
        return {}
    found = {}
    for quantity in (PERSONS, RECIPIENTS):
        counts = read_month_counts(name, quantity)
        known = [each for each in counts if material.as_of is None or each.month < material.as_of]
        if known:
            found[quantity] = known
    return found if PERSONS in found else {}


def points_figure(material: Material, points: dict[str, list[MonthCount]]) -> Figure:
    """Draw the isolated counts; no line joins them."""
    language, words = material.language, Words(material.language)
    names = _names(words)
    groups = [
        PointGroup(
            names[quantity],
            pd.PeriodIndex([each.month for each in counts]),
            [float(each.value) for each in counts],
            [words.count(each.value) if each in _labelled(counts) else "" for each in counts],
        )
        for quantity, counts in points.items()
    ]
    return Figure(
        id="points",
        caption=language.gettext("Social assistance: published figures"),
        alt=_alt(points, words),
        svg=points_chart(groups, language, height_mm=HEIGHT_MM),
        note=language.gettext(
            "Isolated figures of the ministry and the employment service, as quoted by the press."
        ),
    )


def recipients_text(material: Material, points: dict[str, list[MonthCount]]) -> Text:
    """Say what is known of the recipients, and why nothing is forecast here."""
    language, words = material.language, Words(material.language)
    persons = points[PERSONS]
    last, most = persons[-1], max(persons, key=lambda each: each.value)
    template = language.gettext(
        "**Recipients.** {last} persons were entitled to cash social assistance {in_month}, the "
        "last figure published{peak}.{families} No monthly series is published, so none is "
        "forecast here; with a ministry’s table: {command}."
    )
    families = peak = ""
    if most is not last:
        peak = language.gettext("; most were {n}, {in_month}").format(
            n=words.count(most.value), in_month=language.in_month(most.month)
        )
    if RECIPIENTS in points:
        counted = points[RECIPIENTS][-1]
        families = " " + language.gettext("Families receiving it: {n} {in_month}.").format(
            n=words.count(counted.value), in_month=language.in_month(counted.month)
        )
    return rich(
        template,
        last=words.count(last.value),
        in_month=language.in_month(last.month),
        peak=peak,
        families=families,
        command="forecasting caseload",
    )


def _names(words: Words) -> dict[str, str]:
    return {
        PERSONS: words.language.gettext("persons entitled"),
        RECIPIENTS: words.language.gettext("recipients (one per family)"),
    }


def _labelled(counts: list[MonthCount]) -> list[MonthCount]:
    """The first, the last and the highest: all of them would run into each other."""
    return [counts[0], counts[-1], max(counts, key=lambda each: each.value)]


def _alt(points: dict[str, list[MonthCount]], words: Words) -> str:
    language, names = words.language, _names(words)
    template = language.gettext("{name}: {counts}")
    listed = [
        template.format(
            name=names[quantity],
            counts=", ".join(
                f"{language.month(each.month)} {words.count(each.value)}" for each in counts
            ),
        )
        for quantity, counts in points.items()
    ]
    return language.gettext("Points over the years. {points}.").format(points="; ".join(listed))
