"""Occupancy and backlog in a briefing: persons against places, those who wait, and how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.briefing.blocks import Block, Column, Figure, Heading, Table, Text
from forecasting.briefing.charts import Band
from forecasting.briefing.drawing import BANDS, NAVY, ORANGE
from forecasting.briefing.pages.scenario_material import ScenarioMaterial, at_end, estimate
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.briefing.sheet import Key
from forecasting.briefing.stocks.panel_charts import Panel, panel_chart
from forecasting.briefing.words import DASH
from forecasting.forecasts.summary import Estimate
from forecasting.paths import interval, periods_of, quantile
from forecasting.projections.projection import CentreProjection
from forecasting.scenarios import config_of

LEVELS = (50, 80)
HEIGHT_MM = 54.0


@dataclass(frozen=True, eq=False)
class Stock:
    """One stock as its chart and its row of the table show it.

    Attributes
    ----------
    name : str
    unit : str
    paths : xarray.DataArray
    places : numpy.ndarray or None
        Shape ``(n_periods,)``.
    note : str
        What its configuration states.
    """

    name: str
    unit: str
    paths: xr.DataArray
    places: np.ndarray | None
    note: str

    @property
    def periods(self) -> pd.PeriodIndex:
        """Projected months."""
        return periods_of(self.paths)


def stocks_blocks(material: ScenarioMaterial, words: ScenarioWords) -> tuple[Block, ...]:
    """Show the stocks of the reference; nothing where the chain has none."""
    if not material.has_stocks:
        return ()
    heading = words.language.gettext("Occupancy and backlog")
    if not material.base.centres:
        heading = words.language.gettext("Backlog")
    return (
        Heading(heading),
        stocks_figure(material, words),
        stocks_table(material, words),
    )


def stocks_figure(material: ScenarioMaterial, words: ScenarioWords) -> Figure:
    """Draw every stock of the reference side by side."""
    language, stocks = words.language, _stocks(material, words)
    middle, wide = (language.percent(level / 100) for level in LEVELS)
    keys = [
        Key(language.gettext("median"), "line", NAVY),
        Key(language.gettext("{level} of the paths").format(level=middle), "fill", BANDS[0]),
        Key(language.gettext("{level} of the paths").format(level=wide), "fill", BANDS[1]),
    ]
    if any(each.places is not None for each in stocks):
        keys.append(Key(language.gettext("places"), "line", ORANGE))
    return Figure(
        id="stocks",
        caption=_finding(material, words),
        alt=_alt(stocks, words),
        svg=panel_chart([_panel(each) for each in stocks], keys, language, height_mm=HEIGHT_MM),
        note=_rests_on(stocks, words),
    )


def stocks_table(material: ScenarioMaterial, words: ScenarioWords) -> Table:
    """Write each stock at the ends of some years, against its places."""
    language = words.language
    months = _months(material)
    rows: list[list[Text]] = [
        [
            each.name,
            *[_at(each.paths, month, words) for month in months],
            DASH if each.places is None else words.counts.count(each.places[-1]),
        ]
        for each in _stocks(material, words)
    ]
    places = [_over(centre, words) for centre in material.base.centres]
    for row, over in zip(rows, [*places, *[DASH] * len(rows)], strict=False):
        row.append(over)
    backlog = material.base.backlog
    if backlog is not None:
        name = language.gettext("Wait of the last to come, months")
        waits = [_at(backlog.wait_of_last_arrival, month, words, short=True) for month in months]
        rows.append([name, *waits, DASH, DASH])
    columns = [Column(language.gettext("Reference"), width=1.0)]
    columns += [Column(language.short_month(month), "right") for month in months]
    if material.base.centres:
        end = language.short_month(months[-1])
        columns.append(Column(language.gettext("Places, {month}").format(month=end), "right"))
        columns.append(Column(language.gettext("Over places"), "right"))
    else:
        rows = [row[: len(columns)] for row in rows]
    caption = language.gettext(
        "Present and waiting: median, in brackets the middle {level} of the paths"
    )
    return Table(
        caption.format(level=language.percent(0.8)),
        columns,
        rows,
        (),
        _table_note(material, words),
    )


def _stocks(material: ScenarioMaterial, words: ScenarioWords) -> list[Stock]:
    base, chain = material.base, material.base.scenario.chain
    configs = {each.id: each.config for each in chain.centres}
    found = [
        Stock(
            words.things[each.name],
            words.language.gettext("persons"),
            each.present,
            each.capacity,
            stated(configs[each.name], words),
        )
        for each in base.centres
    ]
    if base.backlog is not None and chain.backlog is not None:
        name = words.language.gettext("Applications pending")
        found.append(
            Stock(
                name,
                words.language.gettext("cases"),
                base.backlog.backlog,
                None,
                stated(chain.backlog, words),
            )
        )
    return found


def stated(config: str, words: ScenarioWords) -> str:
    """Return the assumptions that a configuration states; nothing where it states none."""
    note = config_of(config, "stocks").get("note")
    return words.note(note) if isinstance(note, dict) else ""


def _panel(stock: Stock) -> Panel:
    bands = [Band(level, *interval(stock.paths, level).to_numpy()) for level in LEVELS]
    highest = [float(bands[0].upper.max()), 0.6 * float(bands[1].upper.max())]
    if stock.places is not None:
        highest.append(float(stock.places.max()))
    return Panel(
        title=stock.name,
        detail=stock.unit,
        x=stock.periods,
        line=quantile(stock.paths, [0.5]).to_numpy()[0],
        bands=bands,
        level=None,
        top=1.08 * max(highest),
        steps=stock.places,
    )


def _finding(material: ScenarioMaterial, words: ScenarioWords) -> str:
    """Say where the first centre stands against its places, or how many wait."""
    language, base = words.language, material.base
    centre = next((each for each in base.centres if each.capacity is not None), None)
    if centre is not None and centre.capacity is not None:
        return language.gettext(
            "{name}: {persons} at the end of {month} in the median, {places}"
        ).format(
            name=words.things[centre.name],
            persons=words.persons(estimate(at_end(centre.present)).median),
            month=language.month(periods_of(centre.present)[-1]),
            places=words.places(float(centre.capacity[-1])),
        )
    if base.backlog is None:
        return language.gettext("Persons present at the end of each month")
    return language.gettext("{n} applications pending at the end of {month} in the median").format(
        n=words.about(estimate(at_end(base.backlog.backlog)).median),
        month=language.month(periods_of(base.backlog.backlog)[-1]),
    )


def _ever_over(centre: CentreProjection) -> float:
    if centre.over is None:
        return 0.0
    return float((centre.over.to_numpy() > 0).any(axis=1).mean())


def _over(centre: CentreProjection, words: ScenarioWords) -> str:
    return DASH if centre.over is None else words.share(_ever_over(centre))


def _months(material: ScenarioMaterial) -> list[pd.Period]:
    """First and last end of a year that every stock has reached."""
    base = material.base
    held = [each.present for each in base.centres]
    if base.backlog is not None:
        held.append(base.backlog.backlog)
    starts, ends = zip(*[(periods_of(p)[0], periods_of(p)[-1]) for p in held], strict=True)
    months = pd.period_range(max(starts) + 1, min(ends), freq="M")
    decembers = [month for month in months if month.month == 12] or [months[-1]]
    return sorted({decembers[0], decembers[-1]})


def _at(paths: xr.DataArray, month: pd.Period, words: ScenarioWords, *, short: bool = False) -> str:
    place = month.ordinal - periods_of(paths)[0].ordinal
    found = estimate(paths.to_numpy()[:, place])
    write = words.months if short else words.about
    return words.language.gettext("{median} ({lower} to {upper})").format(
        median=write(found.median), lower=write(found.lower), upper=write(found.upper)
    )


def _table_note(material: ScenarioMaterial, words: ScenarioWords) -> str:
    if not material.base.centres:
        return ""
    return words.language.gettext(
        "Over places: share of the paths with more persons than places promised at the end of "
        "some month."
    )


def _rests_on(stocks: list[Stock], words: ScenarioWords) -> str:
    """Every assumption that a configuration states, with the stock it belongs to."""
    template = words.language.gettext("{name}: {note}")
    said = [template.format(name=each.name, note=each.note) for each in stocks if each.note]
    return " ".join(said)


def _alt(stocks: list[Stock], words: ScenarioWords) -> str:
    language = words.language
    template = language.gettext("{name}: {range} at the end of {month}, median {median}")
    ends = []
    for each in stocks:
        found: Estimate = estimate(at_end(each.paths))
        said = template.format(
            name=each.name,
            range=words.level_range(80, found.lower, found.upper),
            month=language.month(each.periods[-1]),
            median=words.about(found.median),
        )
        if each.places is not None:
            said += ", " + words.places(float(each.places[-1]))
        ends.append(said)
    return language.gettext("Small charts of stocks under the reference. {ends}.").format(
        ends="; ".join(ends)
    )
