"""The charts of the report on an occupancy with caption, note and alternative text."""

from __future__ import annotations

import numpy as np

from forecasting.briefing.blocks import Figure
from forecasting.briefing.drawing import BLUE, NAVY
from forecasting.briefing.figures import band_top
from forecasting.briefing.score_charts import Dot, DotChart, DotPanel, dot_chart
from forecasting.briefing.sheet import End, round_ticks
from forecasting.briefing.stocks.occupancy_chart import (
    DayDot,
    OccupancyChart,
    Step,
    occupancy_chart,
)
from forecasting.briefing.stocks.occupancy_material import OccupancyMaterial
from forecasting.briefing.stocks.words import StockWords, stated
from forecasting.forecasts.summary import BAND_LEVELS
from forecasting.sources.reference import find_dataset
from forecasting.stocks.service_level import MEANINGS

RANGE = (0.8, 0.99)
"""Probabilities between which the line of the places needed reaches."""


def occupancy_figure(material: OccupancyMaterial, words: StockWords) -> Figure:
    """Draw the persons present against the places, beside what was counted on single days."""
    language = words.language
    most = max([places for _, places in material.steps] + [d.value for d in material.days])
    top = band_top(material.bands, 1.12 * most) or 1.05 * max(
        1.07 * most, float(material.bands[-1].upper.max())
    )
    ends = [
        End(float(b.upper[-1]), _band_end(b.level, b.upper[-1], top, words), BLUE, "normal")
        for b in material.bands
    ]
    median = language.gettext("median {value}").format(value=words.about(material.median[-1]))
    data = OccupancyChart(
        [DayDot(d.value, words.counts.count(d.value), str(d.day.year)) for d in material.days],
        material.periods,
        material.median,
        material.bands,
        _steps(material, words),
        [*ends, End(float(material.median[-1]), median, NAVY, "bold")],
        (language.gettext("counted on a day"), language.gettext("projection, end of the month")),
        language.gettext("persons present"),
        top,
    )
    caption = language.gettext("Persons present at the end of each month against the places")
    figure = Figure(
        id="occupancy",
        caption=caption,
        alt=_occupancy_alt(material, words),
        svg=occupancy_chart(data, language),
        note=_occupancy_note(material, words),
    )
    return stated(figure, words.assumptions(material.projection.plan))


def _band_end(level: int, upper: float, top: float, words: StockWords) -> str:
    share = words.language.percent(level / 100)
    if upper <= top:
        return share
    template = words.language.gettext("{level}: to {upper}")
    return template.format(level=share, upper=words.about(upper))


def _steps(material: OccupancyMaterial, words: StockWords) -> list[Step]:
    """Places with the months in which they hold, written on their lines."""
    language, found = words.language, []
    for number, (start, places) in enumerate(material.steps):
        later = material.steps[number + 1 :]
        end = later[0][0] - 1 if later else material.periods[-1]
        text = words.places(places)
        if later:
            until = language.gettext("{places} until {month}")
            text = until.format(places=text, month=language.month(end))
        elif number:
            since = language.gettext("{places} from {month} on")
            text = since.format(places=text, month=language.month(start))
        found.append(Step(start, end, places, text))
    return found


def _occupancy_note(material: OccupancyMaterial, words: StockWords) -> str:
    language = words.language
    bands = language.gettext("Bands hold {levels} of {n} paths.").format(
        levels=language.join([language.percent(level / 100) for level in BAND_LEVELS]),
        n=words.counts.count(material.n_paths),
    )
    if not material.days:
        return bands
    counted = language.gettext("Counted on {days} ({file}).").format(
        days=language.join([language.date(count.day) for count in material.days]),
        file=find_dataset(material.dataset).path.name,
    )
    return f"{bands} {counted}"


def _occupancy_alt(material: OccupancyMaterial, words: StockWords) -> str:
    language = words.language
    template = language.gettext(
        "Chart of the persons present at the end of each month, {start} to {end}. At the end: "
        "median {median}; intervals {bands}. Places: {places}."
    )
    described = template.format(
        start=language.month(material.periods[0]),
        end=language.month(material.periods[-1]),
        median=words.about(material.median[-1]),
        bands="; ".join(words.level_range(b.level, b.lower[-1], b.upper[-1])
                        for b in material.bands),
        places=words.capacity(material.steps),
    )  # fmt: skip
    counted = ""
    if material.days:
        counted = language.gettext("Counted on single days: {counts}.").format(
            counts="; ".join(f"{language.date(d.day)}: {words.counts.count(d.value)}"
                             for d in material.days)
        )  # fmt: skip
    return words.noted(described, counted)


def service_figure(material: OccupancyMaterial, probability: float, words: StockWords) -> Figure:
    """Draw the places needed under each meaning, in the first and the last whole year."""
    language = words.language
    needed = {p: material.places_for(p) for p in (RANGE[0], probability, RANGE[1])}
    chosen = sorted({0, len(material.years) - 1})
    panels = [_service_panel(index, material, needed, probability, words) for index in chosen]
    reach = max(d.upper or 0.0 for p in panels for d in p.dots if d)
    ticks = round_ticks(0.0, max(reach, *[p.reference for p in panels]), 5)
    rows = [words.meaning(m) for m in MEANINGS]
    alt = language.gettext("Dot chart of the places for a service of {share}. {places}.").format(
        share=language.percent(probability),
        places="; ".join(
            f"{material.years[i].year}, {words.meaning(m)}: "
            f"{words.about(needed[probability][m][i])}"
            for i in chosen
            for m in MEANINGS
        ),
    )
    figure = Figure(
        id="service",
        caption=language.gettext("Places for a service of {share}, by what it holds for").format(
            share=language.percent(probability)
        ),
        alt=alt,
        svg=dot_chart(DotChart(rows, panels, ticks, words.counts.count), language),
        note=language.gettext(
            "Lines reach from a service of {low} to one of {high}. Vertical line: the places "
            "there are."
        ).format(low=language.percent(RANGE[0]), high=language.percent(RANGE[1])),
    )
    return stated(figure, words.assumptions(material.projection.plan))


def _service_panel(
    index: int,
    material: OccupancyMaterial,
    needed: dict[float, dict[str, np.ndarray]],
    probability: float,
    words: StockWords,
) -> DotPanel:
    year, dots = material.years[index], []
    for meaning in MEANINGS:
        values = [float(own[meaning][index]) for own in needed.values()]
        value = float(needed[probability][meaning][index])
        dots.append(Dot(value, min(values), max(values), text=words.about(value)))
    return DotPanel(f"{year.year}: {words.places(year.places[0])}", year.places[0], dots)
