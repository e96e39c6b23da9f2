"""Scenarios in rows, quantities side by side: median and middle 80 % of the paths.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, and what a
chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.charts import Size
from forecasting.briefing.drawing import (
    BANDS,
    GAP,
    GREY,
    GRID,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    chart_style,
    text_width,
)
from forecasting.briefing.sheet import FOOT, WIDTH_MM, Key, Sheet, round_ticks, tick_names, widest
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

MOST_NAME = 130.0
"""Points that a line of a row's name takes at most."""

REACH = 1.25
"""An axis ends at so many times the highest median or line; what reaches further is cut."""


@dataclass(frozen=True)
class Spread:
    """What a quantity comes to under one scenario.

    Parameters
    ----------
    median, lower, upper : float
    line : float or None
        What it is held against under this scenario.
    """

    median: float
    lower: float
    upper: float
    line: float | None = None


@dataclass(frozen=True)
class QuantityPanel:
    """One quantity, on an axis of its own.

    Parameters
    ----------
    title, unit : str
        Two lines above it.
    spreads : sequence of Spread
        One per row.
    """

    title: str
    unit: str
    spreads: Sequence[Spread]


def scenario_chart(
    rows: Sequence[str],
    panels: Sequence[QuantityPanel],
    keys: tuple[str, str, str],
    language: Language,
) -> str:
    """Draw a range per scenario and quantity; that of the first row, the reference, is paler.

    Parameters
    ----------
    rows : sequence of str
        The first one stands at the top.
    panels : sequence of QuantityPanel
    keys : tuple of str
        Legend: median, range, line.
    language : Language

    Raises
    ------
    InputError
        If there is nothing to draw, or a panel has not one finite spread per row.
    """
    for panel in panels:
        values = [v for s in panel.spreads for v in (s.median, s.lower, s.upper)]
        if len(panel.spreads) != len(rows) or not np.isfinite(values).all():
            raise InputError(
                f"panel {panel.title!r}", where="chart", expected=f"{len(rows)} finite spreads"
            )
    if not rows or not panels:
        raise InputError("no rows or no panels", where="chart")
    with chart_style():
        names = [wrapped(name, MOST_NAME) for name in rows]
        edges = np.cumsum([0.0, *[LINE_HEIGHT * len(name) + 3.0 for name in names]])
        top, width = FOOT + float(edges[-1]), WIDTH_MM * POINTS_PER_MM
        left = widest([line for name in names for line in name], "semibold") + 2 * GAP
        room = (width - left - 3 * GAP * (len(panels) - 1) - GAP) / len(panels)
        titles = [wrapped(panel.title, room + GAP) for panel in panels]
        lines = max(map(len, titles))
        height = top + (lines + 2) * LINE_HEIGHT + 8.0
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        for number, name in enumerate(names):
            weight = "normal" if number else "semibold"
            for place, text in enumerate(name):
                middle = top - float(edges[number] + edges[number + 1]) / 2
                y = middle + LINE_HEIGHT * ((len(name) - 1) / 2 - place)
                sheet.write(0.0, y, text, color=NAVY, weight=weight)
        for place, (panel, title) in enumerate(zip(panels, titles, strict=True)):
            start = left + place * (room + 3 * GAP)
            axes = sheet.panel(start, FOOT, start + room, top)
            _draw(sheet, axes, panel, edges)
            for number, text in enumerate(reversed(title)):
                y = top + (number + 1.5) * LINE_HEIGHT + 2.0
                sheet.write(start, y, text, color=NAVY, weight="semibold")
            sheet.write(start, top + 0.5 * LINE_HEIGHT + 2.0, panel.unit)
        median, between, line = keys
        legend = [Key(median, "dot", NAVY), Key(between, "fill", BANDS[0])]
        if any(s.line is not None for panel in panels for s in panel.spreads):
            legend.append(Key(line, "line", ORANGE))
        sheet.legend(sheet.height - LINE_HEIGHT / 2, legend)
        return sheet.svg()


def wrapped(text: str, room: float) -> list[str]:
    """Break a title into lines that fit, as far as its words allow."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, "semibold") <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _ticks(limit: float, room: float, language: Language) -> list[float]:
    """Return as many round values as have room beside each other, three at most."""
    found = [round_ticks(0.0, limit, count) for count in (3, 2, 1)]
    return next((ticks for ticks in found if _length(ticks, language) <= room), [found[-1][0]])


def _length(ticks: Sequence[float], language: Language) -> float:
    return sum(text_width(name) + GAP for name in tick_names(ticks, language))


def _draw(sheet: Sheet, axes: Axes, panel: QuantityPanel, edges: np.ndarray) -> None:
    held = [s.line for s in panel.spreads if s.line is not None]
    limit = REACH * max(*[s.median for s in panel.spreads], *held, 1e-9)
    limit = min(limit, 1.05 * max(*[s.upper for s in panel.spreads], *held, 1e-9))
    axes.set_xlim(0, limit)
    axes.set_ylim(float(edges[-1]), 0)
    ticks = _ticks(limit, axes.get_window_extent().width, sheet.language)
    axes.set_xticks(ticks, tick_names(ticks, sheet.language), color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    for row, spread in enumerate(panel.spreads):
        bounds = [float(edges[row]) + 1.0, float(edges[row + 1]) - 1.0]
        y, end = sum(bounds) / 2, min(spread.upper, limit)
        fill = BANDS[0] if row else BANDS[1]
        start = min(spread.lower, limit)
        axes.barh(y, end - start, 7.5, left=start, color=fill, linewidth=0, zorder=2)
        if spread.upper > limit:
            axes.plot([limit], [y], ">", color=fill, markersize=6, clip_on=False, zorder=5)
        axes.plot([spread.median], [y], "o", color=NAVY, markersize=5, zorder=6, clip_on=False)
        if spread.line is not None:
            axes.plot([spread.line] * 2, bounds, color=ORANGE, linewidth=1.6, zorder=4)
