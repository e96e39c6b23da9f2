"""Recipients, or what they cost, over time: figures, bands, and the basic amount below them.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, and what a
chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.briefing.charts import Band, Size
from forecasting.briefing.drawing import (
    BLUE,
    GAP,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    SHADE,
    chart_style,
    period_ends,
    period_starts,
    text_width,
)
from forecasting.briefing.flows.time_charts import stack_labels
from forecasting.briefing.score_charts import CHANCE
from forecasting.briefing.sheet import AXIS, FOOT, WIDTH_MM, End, Sheet, axis_width, widest
from forecasting.briefing.stocks.panel_charts import check_lines, draw_paths

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

PANEL_MM, STRIP_MM = 46.0, 12.0


@dataclass(frozen=True)
class Fan:
    """Figures and what may follow them.

    Parameters
    ----------
    observed : pandas.Series
        By month; may be empty, a missing value is a gap in the line.
    periods : pandas.PeriodIndex
        Months after it.
    median : array of shape (n_periods,)
    bands : sequence of Band
        The narrowest first.
    """

    observed: pd.Series
    periods: pd.PeriodIndex
    median: np.ndarray
    bands: Sequence[Band]

    @property
    def span(self) -> tuple[float, float]:
        """First and last moment, as years with a fraction."""
        first = self.observed.index[0] if len(self.observed) else self.periods[0]
        ends = pd.PeriodIndex([first, self.periods[-1]])
        return float(period_starts(ends)[0]), float(period_ends(ends)[1])

    @property
    def top(self) -> float:
        """Value above all that is drawn."""
        drawn = [self.observed.to_numpy(dtype=float), *(band.upper for band in self.bands)]
        return 1.05 * float(np.nanmax(np.concatenate(drawn)))


@dataclass(frozen=True)
class Amounts:
    """The basic amount, a strip of steps below the fan.

    Parameters
    ----------
    values : pandas.Series
        By month, at most from the first to the last month of the fan.
    known_until : pandas.Period
        Later ones are an assumption.
    title : str
    """

    values: pd.Series
    known_until: pd.Period
    title: str


@dataclass(frozen=True)
class Span:
    """A time that is marked: first and last month, and its name."""

    first: pd.Period
    last: pd.Period
    name: str


@dataclass(frozen=True)
class CaseloadChart:
    """A fan above the basic amount.

    Parameters
    ----------
    fan : Fan
    amounts : Amounts
    unit : str
        Title of the value axis.
    ahead : str
        Word beside the line where the figures end.
    median_text : str
    band_texts : sequence of str
        At the right end of the upper edges.
    mark : str
        Written large at the top: what the reader must not overlook; may be empty.
    epidemic : Span or None
    """

    fan: Fan
    amounts: Amounts
    unit: str
    ahead: str
    median_text: str
    band_texts: Sequence[str]
    mark: str = ""
    epidemic: Span | None = None


def caseload_chart(data: CaseloadChart, language: Language, *, panel_mm: float = PANEL_MM) -> str:
    """Draw figures and bands, and under them the steps of the basic amount.

    Raises
    ------
    InputError
        If arrays differ in length, or a value is not finite.
    """
    check_lines(data.fan.periods, data.fan.median, data.fan.bands)
    with chart_style():
        left = axis_width(data.fan.top, language)
        right = WIDTH_MM * POINTS_PER_MM - widest([data.median_text, *data.band_texts], "bold")
        right -= 3 * GAP
        steps, rows = _steps(data, left, right)
        strip = FOOT + STRIP_MM * POINTS_PER_MM
        floor = strip + LINE_HEIGHT * (max(rows) + 1) + LINE_HEIGHT + 2 * GAP
        ceiling = floor + panel_mm * POINTS_PER_MM
        height = ceiling + 2 * LINE_HEIGHT + GAP
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        axes = sheet.panel(left, floor, right, ceiling)
        draw_fan(sheet, axes, data.fan, data.fan.top)
        axes.tick_params(axis="x", bottom=False, labelbottom=False)
        _write_heads(sheet, axes, data)
        _mark_epidemic(sheet, axes, data.epidemic)
        _write_ends(sheet, axes, data)
        below = sheet.panel(left, FOOT, right, strip)
        _draw_amounts(sheet, below, data, steps, rows)
        return sheet.svg()


def draw_fan(sheet: Sheet, axes: Axes, fan: Fan, top: float) -> None:
    """Draw figures, median and bands; values stand at the ends of their months."""
    low, high = fan.span
    axes.set_xlim(low, high)
    axes.set_ylim(0, top)
    sheet.value_axis(axes)
    origin = float(period_starts(fan.periods)[0])
    axes.axvspan(origin, high, color=SHADE, linewidth=0, zorder=0)
    observed = fan.observed
    x, median, bands = period_ends(fan.periods), fan.median, fan.bands
    if len(observed):
        axes.plot(
            period_ends(pd.PeriodIndex(observed.index)), observed, color=NAVY, linewidth=1.6,
            zorder=5,
        )  # fmt: skip
        axes.axvline(origin, color=AXIS, linewidth=0.8, zorder=3)
        last = float(observed.iloc[-1])
        x, median = np.append(origin, x), np.append(last, median)
        bands = [
            Band(each.level, np.append(last, each.lower), np.append(last, each.upper))
            for each in bands
        ]
    draw_paths(axes, x, median, bands)


def _steps(
    data: CaseloadChart, left: float, right: float
) -> tuple[list[tuple[float, float, str]], list[int]]:
    """Place, value and words of each step of the amount, and the row its words stand in."""
    values = data.amounts.values
    new = values[values.diff() != 0]
    low, high = data.fan.span
    places = period_starts(pd.PeriodIndex(new.index))
    starts = [left + (place - low) / (high - low) * (right - left) for place in places]
    texts = [f"{value:.2f}" for value in new]
    rows = stack_labels(starts, [text_width(text) + GAP for text in texts])
    steps = list(zip([float(p) for p in places], [float(v) for v in new], texts, strict=True))
    return steps, rows


def _draw_amounts(
    sheet: Sheet,
    axes: Axes,
    data: CaseloadChart,
    steps: Sequence[tuple[float, float, str]],
    rows: Sequence[int],
) -> None:
    amounts, (low, high) = data.amounts, data.fan.span
    top = 1.05 * float(amounts.values.max())
    axes.set_xlim(low, high)
    axes.set_ylim(0, top)
    axes.set_yticks([])
    sheet.year_axis(axes)
    edges = np.append(period_starts(pd.PeriodIndex(amounts.values.index)), high)
    axes.stairs(amounts.values, edges, fill=True, color=CHANCE, linewidth=0, zorder=1)
    known = float(period_ends(pd.PeriodIndex([amounts.known_until]))[0])
    for chosen, line in ((edges[1:] <= known + 1e-6, "-"), (edges[1:] > known, (0, (2, 1.5)))):
        shown = np.where(chosen, amounts.values, np.nan)
        axes.stairs(shown, edges, baseline=None, color=ORANGE, linewidth=1.4, linestyle=line)
    ceiling = sheet.place(axes, low, top)[1]
    for (place, value, text), row in zip(steps, rows, strict=True):
        x, y = sheet.place(axes, place, value)
        words = ceiling + LINE_HEIGHT * (row + 0.5)
        sheet.line([x, x], [y, words + 4.0], color=ORANGE, linewidth=0.7)
        sheet.write(x + 2.5, words, sheet.language.number(float(text), 2), color=ORANGE)
    title = ceiling + LINE_HEIGHT * (max(rows) + 1) + LINE_HEIGHT / 2 + 2.0
    sheet.write(0.0, title, amounts.title)


def _write_heads(sheet: Sheet, axes: Axes, data: CaseloadChart) -> None:
    """Write unit and mark in the top line, and in the next one what begins at the origin."""
    sheet.write(0.0, sheet.height - LINE_HEIGHT / 2, data.unit)
    write_mark(sheet, data.mark)
    origin = float(period_starts(data.fan.periods)[0])
    x, top = sheet.place(axes, origin, axes.get_ylim()[1])
    sheet.write(x + 3.0, top + LINE_HEIGHT / 2 + 1.0, f"{data.ahead} →")


def write_mark(sheet: Sheet, mark: str) -> None:
    """Write what must not be overlooked at the top right of a chart."""
    style = {"color": ORANGE, "weight": "bold", "ha": "right"}
    sheet.write(sheet.width, sheet.height - LINE_HEIGHT / 2, mark, **style)


def _mark_epidemic(sheet: Sheet, axes: Axes, span: Span | None) -> None:
    if span is None:
        return
    edges = period_starts(pd.PeriodIndex([span.first, span.last + 1]))
    low, high = axes.get_xlim()
    start, end = max(edges[0], low), min(edges[1], high)
    if start >= end:
        return
    axes.axvspan(start, end, color=CHANCE, linewidth=0, zorder=0)
    x, top = sheet.place(axes, (start + end) / 2, axes.get_ylim()[1])
    sheet.write(x, top + LINE_HEIGHT / 2 + 1.0, span.name, ha="center")


def _write_ends(sheet: Sheet, axes: Axes, data: CaseloadChart) -> None:
    fan = data.fan
    ends = [End(float(fan.median[-1]), data.median_text, NAVY, "bold")]
    ends += [
        End(float(band.upper[-1]), text, BLUE, "normal")
        for band, text in zip(fan.bands, data.band_texts, strict=True)
    ]
    edge = axes.get_xlim()[1]
    low, high = (sheet.place(axes, edge, value)[1] for value in (0.0, axes.get_ylim()[1]))
    sheet.write_ends(axes, ends, low=low, high=high)
