"""Small multiples: one panel per scenario, its fan before that of the reference.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, and what a
chart says in words is the caller's alternative text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.charts import Size
from forecasting.briefing.drawing import (
    GAP,
    GREY,
    GRID,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    chart_style,
    period_ends,
    period_middles,
    period_starts,
    text_width,
)
from forecasting.briefing.scenarios.moved import Fan
from forecasting.briefing.sheet import (
    FOOT,
    GROUND,
    WIDTH_MM,
    Key,
    Sheet,
    axis_width,
    round_ticks,
    tick_names,
)
from forecasting.briefing.stocks.panel_charts import check_lines
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

PANEL_MM = 20.0
MOST_COLUMNS = 4
_BEHIND, _BEFORE = "#D9D9D9", "#7FA8D1"
"""Fills of the reference's band and of the scenario's, which lets the other show through."""
_BASE_LINE = "#8C8C8C"
_BETWEEN = 2.5 * GAP
_SPACE = 2.0
"""Between two words, in points."""


@dataclass(frozen=True, eq=False)
class Multiple:
    """One panel.

    Parameters
    ----------
    title : str
        Which scenario.
    finding : str
        What is to be seen.
    fan : Fan
        Under the scenario.
    peak_text : str
        Written at the top where the median is highest, if the axis ends below it.
    """

    title: str
    finding: str
    fan: Fan
    peak_text: str = ""


@dataclass(frozen=True, eq=False)
class MultiplesChart:
    """Panels on one scale, row by row.

    Parameters
    ----------
    base : Fan
        Of the reference, in every panel.
    panels : sequence of Multiple
    keys : tuple of str
        Legend: reference, scenario, and places, which may be empty.
    unit : str
        Of the value axis.
    top : float
        Of the value axis; what reaches further is cut.
    mark : str
        Written large at the top: what the reader must not overlook; may be empty.
    """

    base: Fan
    panels: Sequence[Multiple]
    keys: tuple[str, str, str]
    unit: str
    top: float
    mark: str = ""


def multiples_chart(data: MultiplesChart, language: Language) -> str:
    """Draw the panels.

    Raises
    ------
    InputError
        If there is no panel, arrays differ in length, or a value is not finite.
    """
    if not data.panels:
        raise InputError("no panels", where="chart", expected="at least one")
    for fan in (data.base, *(panel.fan for panel in data.panels)):
        for line in (fan.median, fan.lower, fan.upper):
            check_lines(fan.periods, line, ())
    with chart_style():
        return _draw(data, language)


def columns_for(count: int) -> int:
    """Return in how many columns panels stand: as even as possible, at most four in a row."""
    return math.ceil(count / math.ceil(count / MOST_COLUMNS))


def _draw(data: MultiplesChart, language: Language) -> str:
    columns = columns_for(len(data.panels))
    left = axis_width(data.top, language)
    width = (WIDTH_MM * POINTS_PER_MM - left - _BETWEEN * (columns - 1) - GAP) / columns
    heads = [
        [(line, weight) for text, weight in ((panel.title, "semibold"), (panel.finding, "normal"))
         for line in wrapped(text, width, weight)]
        for panel in data.panels
    ]  # fmt: skip
    rows = [heads[start : start + columns] for start in range(0, len(heads), columns)]
    lines = [max(map(len, row)) for row in rows]
    room = PANEL_MM * POINTS_PER_MM
    height = sum(lines) * LINE_HEIGHT + len(rows) * (room + GAP + FOOT) + LINE_HEIGHT + GAP
    height += (len(rows) - 1) * GAP + (LINE_HEIGHT if data.mark else 0.0)
    sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
    top = _write_head(sheet, data)
    for row, count in enumerate(lines):
        ceiling = top - count * LINE_HEIGHT - GAP
        for column, head in enumerate(rows[row]):
            start = left + column * (width + _BETWEEN)
            axes = sheet.panel(start, ceiling - room, start + width, ceiling)
            _draw_panel(sheet, axes, data, data.panels[row * columns + column])
            axes.tick_params(axis="y", labelleft=column == 0)
            sheet.year_axis(axes)
            for number, (line, weight) in enumerate(head):
                color = NAVY if weight == "semibold" else GREY
                y = top - LINE_HEIGHT * (number + 0.5)
                sheet.write(start, y, line, color=color, weight=weight)
        top = ceiling - room - FOOT - GAP
    return sheet.svg()


def _write_head(sheet: Sheet, data: MultiplesChart) -> float:
    """Write legend, unit and mark, and return where the panels begin."""
    y = sheet.height - LINE_HEIGHT / 2
    if data.mark:
        sheet.write(0.0, y, data.mark, color=ORANGE, weight="bold")
        y -= LINE_HEIGHT
    reference, scenario, places = data.keys
    keys = [Key(reference, "fill", _BEHIND), Key(scenario, "fill", _BEFORE)]
    sheet.legend(y, [*keys, Key(places, "line", ORANGE)] if places else keys)
    sheet.write(sheet.width, y, data.unit, ha="right")
    return y - LINE_HEIGHT / 2 - GAP


def _draw_panel(sheet: Sheet, axes: Axes, data: MultiplesChart, panel: Multiple) -> None:
    periods, fan = data.base.periods, panel.fan
    axes.set_xlim(period_starts(periods)[0], period_ends(periods)[-1])
    axes.set_ylim(0, data.top)
    ticks = round_ticks(0.0, data.top, 4)
    axes.set_yticks(ticks, tick_names(ticks, sheet.language), color=GREY)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    x = _moments(data.base)
    axes.fill_between(x, data.base.lower, data.base.upper, color=_BEHIND, linewidth=0, zorder=1)
    axes.plot(x, data.base.median, color=_BASE_LINE, linewidth=1.0, zorder=4)
    x = _moments(fan)
    axes.fill_between(x, fan.lower, fan.upper, color=_BEFORE, alpha=0.6, linewidth=0, zorder=2)
    axes.plot(x, fan.median, color=NAVY, linewidth=1.6, dashes=(4, 2), zorder=5)
    if fan.places is not None:
        edges = np.append(period_starts(fan.periods), period_ends(fan.periods)[-1])
        axes.stairs(fan.places, edges, baseline=None, color=ORANGE, linewidth=1.4, zorder=4.5)
    if fan.peak > data.top and panel.peak_text:
        _write_peak(sheet, axes, float(x[int(fan.median.argmax())]), panel.peak_text)


def _write_peak(sheet: Sheet, axes: Axes, x: float, text: str) -> None:
    """Write beside a line that leaves the panel how far it goes."""
    low, high = axes.get_xlim()
    at, y = sheet.place(axes, x, axes.get_ylim()[1])
    side = 1 if x < (low + high) / 2 else -1
    sheet.write(
        at + side * 2 * GAP, y - LINE_HEIGHT / 2, text, ha="left" if side > 0 else "right",
        color=NAVY, weight="semibold", zorder=6, bbox=GROUND,
    )  # fmt: skip


def _moments(fan: Fan) -> np.ndarray:
    """Where values stand: a year's total in its middle, a month's at its end."""
    is_year = fan.periods.freqstr.startswith("Y")
    return period_middles(fan.periods) if is_year else period_ends(fan.periods)


def wrapped(text: str, width: float, weight: str = "normal") -> list[str]:
    """Break a text into lines of a width in points; a longer word stands in a line of its own."""
    lines: list[list[str]] = []
    used = width
    for word in filter(None, text.split(" ")):
        own = text_width(word, weight)
        if lines and used + _SPACE + own <= width:
            lines[-1].append(word)
            used += _SPACE + own
        else:
            lines.append([word])
            used = own
    return [" ".join(words) for words in lines]
