"""The charts of a project as planned and realised, with caption, note and alternative text."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from forecasting.briefing.blocks import Figure
from forecasting.briefing.drawing import period_ends
from forecasting.briefing.savings.material import bands_of, last_estimate
from forecasting.briefing.savings.swing_charts import BulletChart, BulletRow, bullet_chart
from forecasting.briefing.savings.track_chart import Dot, TrackChart, track_chart
from forecasting.briefing.savings.words import SavingsWords
from forecasting.briefing.words import DASH
from forecasting.forecasts.summary import BAND_LEVELS
from forecasting.paths import periods_of, quantile
from forecasting.savings.pace import Inclusion
from forecasting.savings.project_schema import CostLine, Project

THOUSAND = 1000.0


def costs_figure(project: Project, words: SavingsWords) -> Figure:
    """Draw the planned and the realised cost of every task."""
    language, costs = words.language, project.costs
    rows = [_cost_row(line, words) for line in costs.lines]
    rows.append(
        BulletRow(
            language.gettext("all tasks"),
            float(costs.planned) / THOUSAND,
            float(costs.realised) / THOUSAND,
            (words.language.number(costs.planned, 2), words.language.number(costs.realised, 2)),
            strong=True,
        )
    )
    keys = language.gettext("planned"), language.gettext("realised")
    heads = language.gettext("planned, EUR"), language.gettext("realised, EUR")
    caption = language.gettext("Planned and realised costs of the project, by task")
    note = language.gettext(
        "A dash: the document gives no realised cost, which is not 0. Source: {source}."
    )
    return Figure(
        id="costs",
        caption=caption,
        alt=_costs_alt(project, rows, words),
        svg=bullet_chart(
            BulletChart(rows, keys, heads, language.gettext("thousand EUR")), language
        ),
        note=note.format(source=words.counts.text(project.source)),
    )


def _cost_row(line: CostLine, words: SavingsWords) -> BulletRow:
    planned = words.language.number(line.planned, 2)
    name, length = words.counts.text(line.task), float(line.planned) / THOUSAND
    if isinstance(line.realised, str):
        return BulletRow(name, length, None, (planned, DASH))
    realised = words.language.number(line.realised, 2)
    return BulletRow(name, length, float(line.realised) / THOUSAND, (planned, realised))


def _costs_alt(project: Project, rows: Sequence[BulletRow], words: SavingsWords) -> str:
    template = words.language.gettext("Bar chart of planned and realised costs in EUR. {rows}.")
    described = [f"{row.name}: {', '.join(row.texts)}" for row in rows]
    return template.format(rows="; ".join(described))


def inclusion_figure(project: Project, inclusion: Inclusion, words: SavingsWords) -> Figure:
    """Draw the paths of persons included against the points of the plan."""
    language, periods = words.language, periods_of(inclusion.included)
    middle, bands = quantile(inclusion.included, [0.5]).to_numpy()[0], bands_of(inclusion.included)
    data = TrackChart(
        period_ends(periods), middle, bands,
        language.gettext("median {value}").format(value=words.about(middle[-1])),
        [language.percent(band.level / 100) for band in bands],
        language.gettext("persons included since the start"),
        1.05 * max(float(bands[-1].upper.max()), inclusion.included_target),
        dots=_dots(project, words),
        level=float(inclusion.included_target),
        level_text=language.gettext("planned {value}").format(
            value=words.counts.count(inclusion.included_target)
        ),
    )  # fmt: skip
    return Figure(
        id="inclusion",
        caption=language.gettext("Persons included: counted, planned, and what may follow"),
        alt=_inclusion_alt(project, inclusion, words),
        svg=track_chart([data], language),
        note=language.gettext(
            "Full dot: counted; ring: planned. Bands hold {levels} of {n} paths. The pace from "
            "{month} on is not known; the distribution is wide."
        ).format(
            levels=language.join([language.percent(level / 100) for level in BAND_LEVELS]),
            n=words.counts.count(inclusion.included.sizes["path"]),
            month=language.month(project.inclusion.planned[-2].month + 1),
        ),
    )


def _dots(project: Project, words: SavingsWords) -> list[Dot]:
    """Return the count and the points of the plan but for the last, which is the level."""
    language, inclusion = words.language, project.inclusion
    counted = language.gettext("{n} in {month}, counted")
    planned = language.gettext("{n} by {month}, planned")
    points = [(inclusion.included_month, inclusion.included_persons, counted, True)]
    points += [(p.month, p.persons, planned, False) for p in inclusion.planned[:-1]]
    return [
        Dot(
            float(period_ends(pd.PeriodIndex([month]))[0]),
            float(persons),
            text.format(n=words.counts.count(persons), month=language.short_month(month)),
            is_fact,
        )
        for month, persons, text, is_fact in points
    ]


def _inclusion_alt(project: Project, inclusion: Inclusion, words: SavingsWords) -> str:
    language, last = words.language, last_estimate(inclusion.included)
    return language.gettext(
        "Line chart of the persons included to {month}: {dots}; planned at the end {target}. "
        "Paths: median {median}, {range}."
    ).format(
        month=language.month(periods_of(inclusion.included)[-1]),
        dots="; ".join(dot.text for dot in _dots(project, words)),
        target=words.counts.count(inclusion.included_target),
        median=words.about(last.median),
        range=words.level_range(80, last.lower, last.upper),
    )
