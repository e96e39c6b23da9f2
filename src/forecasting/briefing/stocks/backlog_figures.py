"""The charts of the report on a backlog with caption, note and alternative text."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.briefing.blocks import Figure
from forecasting.briefing.charts import BreakMark, ChartLabels, FanChart, fan_chart
from forecasting.briefing.drawing import BANDS, NAVY, ORANGE
from forecasting.briefing.figures import RECENT_MONTHS, band_top
from forecasting.briefing.sheet import Key
from forecasting.briefing.stocks.backlog_material import BacklogMaterial
from forecasting.briefing.stocks.panel_charts import Panel, panel_chart
from forecasting.briefing.stocks.value_charts import HeatChart, HeatPanel, heat_chart
from forecasting.briefing.stocks.words import StockWords, stated
from forecasting.forecasts.summary import BAND_LEVELS, Estimate


def backlog_figure(material: BacklogMaterial, words: StockWords) -> Figure:
    """Draw those observed waiting and the bands of the projection."""
    language, observed = words.language, material.observed
    paths = material.projection.result.backlog
    bands, median = material.bands(paths), material.median(paths)
    recent = observed.iloc[-RECENT_MONTHS:].max() if len(observed) else 0.0
    top = band_top(bands, max(1.05 * float(observed.max() if len(observed) else 0), 3 * recent))
    data = FanChart(
        pd.PeriodIndex(observed.index), observed.to_numpy(), material.periods, median, bands, top,
        breaks=_marks(material),
    )  # fmt: skip
    labels = ChartLabels(
        language=language,
        unit=language.gettext("persons waiting, end of the month"),
        forecast=language.gettext("projection"),
        median=language.gettext("median {value}").format(value=words.about(median[-1])),
        bands={band.level: language.percent(band.level / 100) for band in bands},
        clipped={
            band.level: language.gettext("{level}: to {upper}").format(
                level=language.percent(band.level / 100), upper=words.about(band.upper[-1])
            )
            for band in bands
        },
    )
    caption = language.gettext("Applications pending with the staff of now: observed and projected")
    figure = Figure(
        id="backlog",
        caption=caption,
        alt=_backlog_alt(material, words),
        svg=fan_chart(data, labels),
        note=words.noted(_bands_note(material, words), _source(material, words)),
    )
    return _stated(figure, material, words)


def _stated(figure: Figure, material: BacklogMaterial, words: StockWords) -> Figure:
    return stated(figure, words.note(material.projection.plan.config.note))


def _marks(material: BacklogMaterial) -> list[BreakMark]:
    return [BreakMark(j.found.period, str(n), True) for n, j in enumerate(material.jumps, start=1)]


def _bands_note(material: BacklogMaterial, words: StockWords) -> str:
    language = words.language
    return language.gettext("Bands hold {levels} of {n} paths.").format(
        levels=language.join([language.percent(level / 100) for level in BAND_LEVELS]),
        n=words.counts.count(material.n_paths),
    )


def _source(material: BacklogMaterial, words: StockWords) -> str:
    waiting = material.projection.plan.waiting
    if waiting is None:
        return ""
    found = words.language.gettext("Source: {source}.").format(source=waiting.source)
    if not material.jumps:
        return found
    return words.noted(words.language.gettext("Dashed lines: abrupt changes."), found)


def _backlog_alt(material: BacklogMaterial, words: StockWords) -> str:
    language, observed = words.language, material.observed
    paths = material.projection.result.backlog
    template = language.gettext(
        "Line chart of the applications pending to {end}: median {median}; intervals {bands}."
    )
    described = template.format(
        end=language.month(material.periods[-1]),
        median=words.about(material.median(paths)[-1]),
        bands="; ".join(
            words.level_range(b.level, b.lower[-1], b.upper[-1]) for b in material.bands(paths)
        ),
    )
    if not len(observed):
        return described
    before = language.gettext(
        "Observed from {start}, highest {top}, last {last} ({month}). Marked: {marks}."
    ).format(
        start=language.month(observed.index[0]),
        top=words.counts.count(observed.max()),
        last=words.counts.count(observed.iloc[-1]),
        month=language.month(observed.index[-1]),
        marks=language.join([language.month(j.found.period) for j in material.jumps])
        or language.gettext("nothing"),
    )
    return words.noted(before, described)


def waits_figure(material: BacklogMaterial, words: StockWords) -> Figure:
    """Draw how long people wait: the last to come, those waiting so far, and who over the limit."""
    language, result = words.language, material.projection.result
    titles = {
        language.gettext("wait of the last to come, months"): result.wait_of_last_arrival,
        language.gettext("waited so far, mean, months"): result.wait_of_those_waiting,
        language.gettext("share over {limit}").format(
            limit=words.limit(material.limit)
        ): result.share_over_limit,
    }
    panels = [_wait_panel(title, paths, material, words) for title, paths in titles.items()]
    keys = [*_band_keys(words), Key(words.limit(material.limit), "line", ORANGE)]
    caption = language.gettext("How long people wait with the staff of now")
    alt = language.gettext("Three small charts to {end}: {panels}.")
    described = "; ".join(f"{panel.title}: {panel.detail}" for panel in panels)
    end = language.month(material.periods[-1])
    figure = Figure(
        id="waits",
        caption=caption,
        alt=alt.format(end=end, panels=described),
        svg=panel_chart(panels, keys, language),
        note=language.gettext(
            "Above each chart: median and interval of {level} at the end of {month}. What reaches "
            "beyond the axis is cut."
        ).format(level=language.percent(0.8), month=end),
    )
    return _stated(figure, material, words)


def _band_keys(words: StockWords) -> list[Key]:
    shares = [words.language.percent(level / 100) for level in BAND_LEVELS]
    fills = [Key(share, "fill", color) for share, color in zip(shares, BANDS, strict=True)]
    return [Key(words.language.gettext("median"), "line", NAVY), *fills]


def _wait_panel(
    title: str, paths: xr.DataArray, material: BacklogMaterial, words: StockWords
) -> Panel:
    is_share = paths.attrs["unit"] == "1"
    bands, limit = material.bands(paths), material.limit
    last = material.at(paths, material.periods[-1])
    reach = max(2 * limit, 1.05 * float(bands[1].upper.max()))
    return Panel(
        title,
        estimate_text(last, is_share, words),
        material.periods,
        material.median(paths),
        bands,
        None if is_share else limit,
        1.0 if is_share else reach,
        is_share,
    )


def estimate_text(estimate: Estimate, is_share: bool, words: StockWords) -> str:
    """Write median and interval of a wait in months, or of a share: "19.8 (0.0–63.1)"."""
    write = words.language.percent if is_share else words.months
    return f"{write(estimate.median)} ({write(estimate.lower)}–{write(estimate.upper)})"


def staff_figure(material: BacklogMaterial, words: StockWords) -> Figure:
    """Draw the staff needed month by month, and for all months by probability."""
    language = words.language
    now = language.gettext("staff now {n}").format(n=words.plain(material.staff_now))
    panels = [_month_panel(material, words), _probability_panel(material, words)]
    caption = language.gettext("Staff needed for a wait within {limit}")
    note = language.gettext(
        "That staff would have to be there from {start} on. What reaches beyond the axis is cut."
    )
    figure = Figure(
        id="staff",
        caption=caption.format(limit=words.limit(material.limit)),
        alt=_staff_alt(material, words),
        svg=panel_chart(panels, [*_band_keys(words), Key(now, "line", ORANGE)], language),
        note=note.format(start=language.month(material.periods[0])),
    )
    return _stated(figure, material, words)


def _month_panel(material: BacklogMaterial, words: StockWords) -> Panel:
    paths, now = material.variants.by_period, material.staff_now
    bands = material.bands(paths)
    return Panel(
        words.language.gettext("enough in the month itself"),
        words.language.gettext("by month, paths"),
        material.periods,
        material.median(paths),
        bands,
        now,
        max(1.05 * float(bands[1].upper.max()), 1.2 * now),
    )


def _probability_panel(material: BacklogMaterial, words: StockWords) -> Panel:
    language, needed = words.language, material.projection.needed
    persons, now = material.variants.persons, material.staff_now
    detail = language.gettext("by probability; {share}: {n}").format(
        share=language.percent(needed.probability), n=words.staff(needed.persons)
    )
    return Panel(
        language.gettext("enough in every month from {month} on").format(
            month=language.short_month(needed.from_period)
        ),
        detail,
        np.array(material.variants.probabilities),
        persons,
        [],
        now,
        max(1.05 * float(persons.max()), 1.2 * now),
        dot=(needed.probability, needed.persons),
    )


def _staff_alt(material: BacklogMaterial, words: StockWords) -> str:
    language, variants = words.language, material.variants
    steps = [
        f"{language.percent(p)}: {words.staff(v)}"
        for p, v in zip(variants.probabilities, variants.persons, strict=True)
    ]
    return language.gettext(
        "Two charts of the staff needed. By probability, for every month from {month} on: {steps}. "
        "Staff now: {now}."
    ).format(
        month=language.month(variants.from_period),
        steps="; ".join(steps),
        now=words.plain(material.staff_now),
    )


def assumptions_figure(material: BacklogMaterial, words: StockWords) -> Figure:
    """Draw the staff needed by hours per case and exit rate."""
    language, variants = words.language, material.variants
    persons = variants.persons_by_assumption
    rate = material.projection.plan.inputs.exit_rate
    title = language.gettext("staff needed with probability {share}")
    panel = HeatPanel(
        title.format(share=language.percent(variants.probability)),
        [[words.staff(v) for v in row] for row in persons],
        _shades(persons),
        np.zeros(persons.shape, bool),
    )
    chart = HeatChart(
        [_rate(each, words) for each in variants.exit_rates],
        [f"× {words.plain(f)}" for f in variants.hours_factors],
        language.gettext("exit rate a month"),
        language.gettext("hours per case"),
        [panel],
        (variants.exit_rates.index(rate), variants.hours_factors.index(1.0)),
        language.gettext("as assumed"),
    )
    figure = Figure(
        id="assumptions",
        caption=language.gettext("Staff needed under other assumptions"),
        alt=_assumptions_alt(material, words),
        svg=heat_chart(chart, language),
        note=language.gettext(
            "Exit rate: hazard of leaving without a decision in a month; at {rate} {share} of "
            "those waiting leave."
        ).format(rate=language.percent(rate, 1), share=language.percent(-math.expm1(-rate), 1)),
    )
    return _stated(figure, material, words)


def _shades(values: np.ndarray) -> np.ndarray:
    """Return logarithms from 0 for the lowest to 1 for the highest."""
    logs = np.log(np.maximum(values, 1e-9))
    return np.asarray((logs - logs.min()) / max(float(np.ptp(logs)), 1e-9)).clip(0, 1)


def _rate(rate: float, words: StockWords) -> str:
    return words.language.percent(rate, 0 if abs(100 * rate % 1) < 1e-9 else 1)


def _assumptions_alt(material: BacklogMaterial, words: StockWords) -> str:
    language, variants = words.language, material.variants
    cell = language.gettext("exit rate {rate}, hours × {factor}: {n}")
    corners = [
        cell.format(
            rate=_rate(variants.exit_rates[row], words),
            factor=words.plain(variants.hours_factors[column]),
            n=words.staff(variants.persons_by_assumption[row, column]),
        )
        for row, column in ((0, 0), (-1, 0), (0, -1), (-1, -1))
    ]
    alt = language.gettext("Matrix of the staff needed by exit rate and hours per case. {corners}.")
    return alt.format(corners="; ".join(corners))
