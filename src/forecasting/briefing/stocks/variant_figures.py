"""The charts of variants of an occupancy: other stays and arrivals, and few places."""

from __future__ import annotations

import numpy as np

from forecasting.briefing.blocks import Figure
from forecasting.briefing.stocks.occupancy_material import OccupancyMaterial
from forecasting.briefing.stocks.value_charts import (
    BarPanel,
    HeatChart,
    HeatPanel,
    bar_chart,
    heat_chart,
)
from forecasting.briefing.stocks.words import StockWords, stated
from forecasting.stocks.occupancy_variants import OccupancySensitivity
from forecasting.stocks.occupancy_years import plan_places
from forecasting.stocks.rule_comparison import RuleComparison


def sensitivity_figure(
    material: OccupancyMaterial, grid: OccupancySensitivity, words: StockWords
) -> Figure:
    """Draw the persons present and the chance of being over the places, cell by cell."""
    language = words.language
    chart = HeatChart(
        [f"× {words.plain(f)}" for f in grid.arrivals_factors],
        [f"× {words.plain(f)}" for f in grid.stay_factors],
        language.gettext("arrivals"),
        language.gettext("length of stay"),
        [_persons_panel(material, grid, words), *_chance_panels(grid, words)],
        _base(grid),
        language.gettext("as assumed") if _base(grid) else "",
        _counted(material, words),
    )
    caption = language.gettext("{year}: longer stays and more arrivals")
    note = language.gettext(
        "Right: probability in percent that at the end of any month of {year} there are more "
        "persons than that. Who is present at the start and the dispersion of the arrivals stay "
        "as they are."
    )
    figure = Figure(
        id="sensitivity",
        caption=caption.format(year=grid.year),
        alt=_sensitivity_alt(grid, words),
        svg=heat_chart(chart, language),
        note=note.format(year=grid.year),
    )
    return stated(figure, words.assumptions(material.projection.plan))


def _persons_panel(
    material: OccupancyMaterial, grid: OccupancySensitivity, words: StockWords
) -> HeatPanel:
    busiest = material.busiest
    shades = np.log1p(grid.median) / np.log1p(max(float(grid.median.max()), 1.0))
    return HeatPanel(
        words.language.gettext("persons, median"),
        [[words.about(v) for v in row] for row in grid.median],
        shades.clip(0, 1),
        grid.median >= (busiest.value if busiest else np.inf),
    )


def _chance_panels(grid: OccupancySensitivity, words: StockWords) -> list[HeatPanel]:
    title = words.language.gettext("more than {n} present, {unit}")
    return [
        HeatPanel(
            title.format(n=words.counts.count(places), unit="%"),
            [[words.cell(v) for v in row] for row in chances],
            chances,
            np.zeros(chances.shape, bool),
        )
        for places, chances in grid.over.items()
    ]


def _base(grid: OccupancySensitivity) -> tuple[int, int] | None:
    if 1.0 not in grid.arrivals_factors or 1.0 not in grid.stay_factors:
        return None
    return grid.arrivals_factors.index(1.0), grid.stay_factors.index(1.0)


def _counted(material: OccupancyMaterial, words: StockWords) -> str:
    busiest = material.busiest
    if busiest is None:
        return ""
    return words.language.gettext("as many as were counted on {date} ({n}), or more").format(
        date=words.language.date(busiest.day), n=words.counts.count(busiest.value)
    )


def _sensitivity_alt(grid: OccupancySensitivity, words: StockWords) -> str:
    language = words.language
    template = language.gettext(
        "Matrix of the persons present in the median and of the chance of more than the places in "
        "{year}, by factors of the arrivals and of the length of stay. {corners}."
    )
    cell = language.gettext("arrivals × {arrivals} and stay × {stay}: median {median}, {chances}")
    corners = [
        cell.format(
            arrivals=words.plain(grid.arrivals_factors[row]),
            stay=words.plain(grid.stay_factors[column]),
            median=words.about(grid.median[row, column]),
            chances=language.join(
                [
                    language.gettext("more than {n}: {share}").format(
                        n=words.counts.count(places), share=words.share(chances[row, column])
                    )
                    for places, chances in grid.over.items()
                ]
            ),
        )
        for row, column in ((0, 0), (-1, 0), (0, -1), (-1, -1))
    ]
    return template.format(year=grid.year, corners="; ".join(corners))


def is_stressed(material: OccupancyMaterial, comparison: RuleComparison) -> bool:
    """Whether rules are compared on other places than there are."""
    return comparison.places != int(plan_places(material.projection.plan).min())


def rules_figure(
    material: OccupancyMaterial, comparison: RuleComparison, words: StockWords
) -> Figure:
    """Draw what each rule at capacity comes to."""
    language, places = words.language, words.places(comparison.places)
    rows, panels = [words.rule(o.rule) for o in comparison.outcomes], _bars(comparison, words)
    caption = language.gettext("Four rules for {places}: the same persons, other nights")
    if is_stressed(material, comparison):
        caption = language.gettext("Stressed variant, {places}: four rules on the same persons")
    alt = language.gettext("Bar chart of four rules at capacity with {places}. {rules}.")
    described = [
        f"{row}: " + ", ".join(f"{p.title} {p.texts[i]}" for p in panels)
        for i, row in enumerate(rows)
    ]
    figure = Figure(
        id="rules",
        caption=caption.format(places=places),
        alt=alt.format(places=places, rules="; ".join(described)),
        svg=bar_chart(rows, panels, language),
        note=_rules_note(comparison, words),
    )
    return stated(figure, words.assumptions(material.projection.plan))


def _bars(comparison: RuleComparison, words: StockWords) -> list[BarPanel]:
    language, outcomes = words.language, comparison.outcomes
    dash = language.gettext("none")
    nights = [each.nights_mean for each in outcomes]
    waits = [each.waiting_mean for each in outcomes]
    return [
        BarPanel(
            language.gettext("nights without a place, a year"),
            nights,
            [dash if n is None else words.about(n) for n in nights],
        ),
        BarPanel(
            language.gettext("arrivals without a place"),
            [each.blocked_share for each in outcomes],
            [words.share(each.blocked_share) for each in outcomes],
        ),
        BarPanel(
            language.gettext("mean wait of the admitted"),
            waits,
            [dash if w is None else words.days(w) for w in waits],
        ),
    ]


def _rules_note(comparison: RuleComparison, words: StockWords) -> str:
    return words.language.gettext(
        "{n} paths, {first} to {last}, every person followed in continuous time. Wait: of all who "
        "come in, those at once included."
    ).format(n=words.counts.count(comparison.n_paths), first=comparison.first, last=comparison.last)
