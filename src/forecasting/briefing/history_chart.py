"""The archive of one series drawn: forecasts as they were made, and what was counted since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.archive.history import chart_points
from forecasting.briefing.charts import Band, ChartLabels, FanChart, Size, fan_chart
from forecasting.briefing.words import Words
from forecasting.languages import Language
from forecasting.series import read_series

SHOWN_BEFORE = 36
"""Periods counted before the first forecast that are shown."""

LEVEL = 80
SIZE = Size(170.0, 56.0)


@dataclass(frozen=True)
class HistoryChart:
    """A drawing of forecasts and outturn, in one language.

    Attributes
    ----------
    svg : str
        An ``<svg>`` element, the same text for the same archive and figures.
    alt : str
        What it shows, in words.
    caption : str
        How many of the periods lie within the interval.
    """

    svg: str
    alt: str
    caption: str


def draw_history(series_id: str, language: Language, *, size: Size = SIZE) -> HistoryChart | None:
    """Draw the newest forecast of each period that has been counted since.

    Parameters
    ----------
    series_id : str
        For example ``asylum-applicants/SI``; its second part is a country by Eurostat's code.
    language : Language
    size : Size

    Returns
    -------
    HistoryChart or None
        None where no forecast of the archive can be held against a count yet.
    """
    points = _unbroken(chart_points(series_id))
    if points.empty:
        return None
    words, series = Words(language), read_series(series_id)
    periods = pd.PeriodIndex(points["period"])
    before = series.values[series.periods < periods[0]].iloc[-SHOWN_BEFORE:]
    lower, upper, median, counted = (
        points[name].to_numpy(dtype=float) for name in ("lower", "upper", "median", "counted")
    )
    inside = int(((lower <= counted) & (counted <= upper)).sum())
    data = FanChart(
        pd.PeriodIndex(before.index),
        before.to_numpy(dtype=float),
        periods,
        median,
        [Band(LEVEL, lower, upper)],
        outturn=counted,
    )
    labels = ChartLabels(
        language=language,
        unit=language.gettext("persons per month"),
        forecast=language.gettext("forecast"),
        median=language.gettext("median {value}").format(value=words.about(median[-1])),
        bands={LEVEL: language.percent(LEVEL / 100)},
        outturn=language.gettext("counted {value}").format(value=words.count(counted[-1])),
    )
    caption = language.gettext(
        "Former forecasts and what was counted since: {inside} of {n} months within the interval "
        "of {level}"
    ).format(inside=inside, n=len(points), level=language.percent(LEVEL / 100))
    return HistoryChart(
        fan_chart(data, labels, size=size), _alt(series_id, points, caption, words), caption
    )


def _unbroken(points: pd.DataFrame) -> pd.DataFrame:
    """The last periods that follow each other without a gap."""
    ordinals = np.array([period.ordinal for period in points["period"]], dtype=int)
    gaps = np.flatnonzero(np.diff(ordinals) != 1)
    return points.iloc[gaps[-1] + 1 :] if len(gaps) else points


def _alt(series_id: str, points: pd.DataFrame, caption: str, words: Words) -> str:
    language, last = words.language, points.iloc[-1]
    template = language.gettext(
        "Line chart of applicants per month, {geo}, {start} to {end}, with the forecasts made "
        "before. {caption}. Last month: counted {counted}, forecast {median} ({lower} to {upper})."
    )
    return template.format(
        geo=language.territory(series_id.partition("/")[2]),
        start=language.month(points["period"].iloc[0]),
        end=language.month(last["period"]),
        caption=caption,
        counted=words.count(last["counted"]),
        median=words.about(last["median"]),
        lower=words.about(last["lower"]),
        upper=words.about(last["upper"]),
    )
