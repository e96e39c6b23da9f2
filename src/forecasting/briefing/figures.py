"""The charts of a briefing with caption, note and alternative text, all from the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from forecasting.briefing.blocks import Figure
from forecasting.briefing.charts import (
    Band,
    BreakMark,
    ChartLabels,
    FanChart,
    Size,
    fan_chart,
)
from forecasting.briefing.material import Material
from forecasting.briefing.words import Words
from forecasting.forecasts import Forecast
from forecasting.forecasts.summary import BAND_LEVELS
from forecasting.paths import interval, quantile
from forecasting.series.breaks import Break

SHOWN_SINCE = pd.Period("2015-01", "M")
RECENT_MONTHS = 36
SIZE = Size(170.0, 48.0)
LOWER = Size(170.0, 56.0)
MOST_NAMED = 4
"""Breaks that are numbered on the chart and named in the text: the strongest ones."""


def first_shown(material: Material) -> pd.Period:
    """Return the first month of the chart of observations and forecast."""
    first = min(SHOWN_SINCE, material.summary.origin - RECENT_MONTHS)
    return max(first, material.result.series.periods[0])


def named_breaks(material: Material) -> tuple[Break, ...]:
    """Return the breaks that the chart numbers from 1 on, in order of time."""
    first = first_shown(material)
    shown = [each for each in material.breaks or () if each.period >= first]
    strongest = sorted(shown, key=lambda each: -abs(each.strength))[:MOST_NAMED]
    return tuple(each for each in shown if each in strongest)


def fan_figure(material: Material) -> Figure:
    """Draw applicants per month: observed since 2015, then the bands of the paths."""
    language, words, summary = material.language, Words(material.language), material.summary
    observed = material.result.series.values[first_shown(material) :]
    bands = [Band(level, *summary.bands[level]) for level in BAND_LEVELS]
    recent = observed.iloc[-RECENT_MONTHS:]
    top = band_top(bands, max(1.05 * float(observed.max()), 3 * float(recent.max())))
    data = FanChart(
        pd.PeriodIndex(observed.index),
        observed.to_numpy(),
        pd.PeriodIndex(material.result.paths.indexes["period"]),
        summary.median,
        bands,
        top,
        breaks=_break_marks(material),
    )
    labels = band_labels(words, bands, summary.median, top, language.gettext("persons per month"))
    caption = language.gettext(
        "Asylum applicants per month: half of the paths for {month} lie between {lower} and {upper}"
    )
    return Figure(
        id="fan",
        caption=caption.format(
            month=language.month(material.end),
            lower=words.about(bands[0].lower[-1]),
            upper=words.about(bands[0].upper[-1]),
        ),
        alt=_fan_alt(material, words, observed, bands),
        svg=fan_chart(data, labels, size=SIZE),
        note=_fan_note(material, words),
    )


def past_figure(material: Material) -> Figure:
    """Draw the forecast of a year ago and what was counted since."""
    language, words, past = material.language, Words(material.language), material.past
    before = past.result.series.values[-RECENT_MONTHS:]
    observed = pd.concat([before, past.counted])
    bands = [Band(level, *interval(past.result.paths, level).to_numpy()) for level in BAND_LEVELS]
    median = quantile(past.result.paths, [0.5]).to_numpy()[0]
    top = band_top(bands, 1.5 * float(observed.max()))
    data = FanChart(
        pd.PeriodIndex(before.index),
        before.to_numpy(),
        pd.PeriodIndex(past.counted.index),
        median,
        bands,
        top,
        outturn=past.counted.to_numpy(),
    )
    labels = replace(
        band_labels(words, bands, median, top, language.gettext("persons per month")),
        outturn=language.gettext("counted {value}").format(
            value=words.count(past.counted.iloc[-1])
        ),
    )
    caption = language.gettext(
        "The forecast of {origin} and what was counted since: {inside} of {n} months within the "
        "interval of {level}"
    )
    return Figure(
        id="past",
        caption=caption.format(
            origin=language.month(past.result.origin),
            inside=past.inside,
            n=len(past.counted),
            level=language.percent(0.8),
        ),
        alt=_past_alt(material, words),
        svg=fan_chart(data, labels, size=LOWER),
        note=_band_note(material, past.result, words),
    )


def band_top(bands: list[Band], wanted: float) -> float | None:
    """Cut the axis where the widest band would flatten everything else."""
    inner, outer = float(bands[0].upper.max()), float(bands[-1].upper.max())
    top = max(wanted, 1.1 * inner)
    return top if outer > top else None


def band_labels(
    words: Words, bands: list[Band], median: np.ndarray, top: float | None, unit: str
) -> ChartLabels:
    """Write the words of a chart with bands; a band cut at `top` says how far it reaches."""
    language = words.language
    clipped = {
        band.level: language.gettext("{level}: to {upper}").format(
            level=language.percent(band.level / 100), upper=words.about(band.upper[-1])
        )
        for band in bands
        if top is not None and band.upper.max() > top
    }
    return ChartLabels(
        language=language,
        unit=unit,
        forecast=language.gettext("forecast"),
        median=language.gettext("median {value}").format(value=words.about(median[-1])),
        bands={band.level: language.percent(band.level / 100) for band in bands},
        clipped=clipped,
    )


def _band_note(material: Material, result: Forecast, words: Words) -> str:
    language = words.language
    template = language.gettext("Bands hold {levels} of {n} joint sample paths, calibrated.")
    if result.calibration is None:
        template = language.gettext(
            "Bands hold {levels} of {n} joint sample paths, not calibrated."
        )
    bands = template.format(
        levels=language.join([language.percent(level / 100) for level in BAND_LEVELS]),
        n=words.count(result.paths.sizes["path"]),
    )
    source = language.gettext("Source: {source}, {date}.").format(
        source=material.dataset.source, date=language.short_date(material.dataset.as_of)
    )
    return f"{bands} {source}"


def _fan_note(material: Material, words: Words) -> str:
    note = _band_note(material, material.result, words)
    if not _break_marks(material):
        return note
    dashed = words.language.gettext("Dashed lines: breaks, see “Breaks”.")
    return f"{note} {dashed}"


def _break_marks(material: Material) -> tuple[BreakMark, ...]:
    numbers = {each: str(n) for n, each in enumerate(named_breaks(material), start=1)}
    first = first_shown(material)
    return tuple(
        BreakMark(each.period, numbers.get(each, ""), each.kind == "level_shift")
        for each in material.breaks or ()
        if each.period >= first
    )


def _fan_alt(material: Material, words: Words, observed: pd.Series, bands: list[Band]) -> str:
    language, summary = material.language, material.summary
    template = language.gettext(
        "Line chart of asylum applicants per month, {geo}, from {start} to {origin}, last value "
        "{last}. Forecast to {end}: median {median}; intervals {bands}."
    )
    described = template.format(
        geo=language.territory(material.geo),
        start=language.month(observed.index[0]),
        origin=language.month(summary.origin),
        last=words.count(summary.last),
        end=language.month(material.end),
        median=words.about(summary.median[-1]),
        bands=_band_words(words, bands),
    )
    marks = [language.month(mark.period) for mark in _break_marks(material)]
    if not marks:
        return described
    marked = language.gettext("Dashed lines mark breaks: {months}.")
    return f"{described} {marked.format(months=language.join(marks))}"


def _past_alt(material: Material, words: Words) -> str:
    past, language = material.past, material.language
    template = language.gettext(
        "Line chart of applicants per month with the forecast of {origin} and the counts since. "
        "Total over {n} months: forecast {median} ({range}), counted {counted}."
    )
    return template.format(
        origin=language.month(past.result.origin),
        n=len(past.counted),
        median=words.about(past.total.median),
        range=words.range(past.total),
        counted=words.count(past.counted.sum()),
    )


def _band_words(words: Words, bands: list[Band]) -> str:
    return words.language.join(
        [words.level_range(band.level, band.lower[-1], band.upper[-1]) for band in bands]
    )
