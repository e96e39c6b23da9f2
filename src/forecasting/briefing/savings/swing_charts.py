"""Bars for sensitivity and for plans: swings about a middle value, and one bar inside another.

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
    POINTS_PER_MM,
    chart_style,
)
from forecasting.briefing.savings.bridge_chart import FOOT, ROW
from forecasting.briefing.sheet import (
    AXIS,
    GROUND,
    HEAD,
    WIDTH_MM,
    Key,
    Sheet,
    round_ticks,
    tick_names,
    widest,
)
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

LOW, HIGH = BANDS[0], NAVY


@dataclass(frozen=True)
class Swing:
    """What becomes of a result when one assumption moves and the others stay.

    Parameters
    ----------
    name : str
        The assumption.
    low, high : float
        Result at the low and at the high value of the assumption.
    low_text, high_text : str
        Those values of the assumption, written at the ends.
    detail : str
        Written in the right margin.
    """

    name: str
    low: float
    high: float
    low_text: str
    high_text: str
    detail: str = ""


@dataclass(frozen=True)
class TornadoChart:
    """Swings, the first one at the top.

    Parameters
    ----------
    swings : sequence of Swing
    middle : float
        The result with no assumption moved.
    middle_text : str
        Above its line.
    unit : str
        Below the axis.
    keys : tuple of str
        Legend: at the low, and at the high value of the assumption.
    detail_title : str
        Above the details.
    """

    swings: Sequence[Swing]
    middle: float
    middle_text: str
    unit: str
    keys: tuple[str, str]
    detail_title: str = ""


def tornado_chart(data: TornadoChart, language: Language) -> str:
    """Draw one bar per assumption, from the result at its low to that at its high value.

    Raises
    ------
    InputError
        If there is no swing, or a result is not finite.
    """
    results = [r for swing in data.swings for r in (swing.low, swing.high)]
    if not results or not np.isfinite([*results, data.middle]).all():
        raise InputError("no swings, or some not finite", where="chart", expected="finite results")
    height = FOOT + ROW * len(data.swings) + HEAD + LINE_HEIGHT + 4.0
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        left = widest([swing.name for swing in data.swings]) + 2 * GAP
        details = widest([data.detail_title, *(swing.detail for swing in data.swings)])
        right = sheet.width - (details + 2 * GAP if details else GAP)
        top = FOOT + ROW * len(data.swings)
        axes = sheet.panel(left, FOOT, right, top)
        _scale(sheet, axes, data)
        for row, swing in enumerate(data.swings):
            y = top - ROW * (row + 0.5)
            sheet.write(0.0, y, swing.name)
            _draw_swing(sheet, axes, swing, data.middle, row, y)
            sheet.write(sheet.width, y, swing.detail, ha="right")
        x = sheet.place(axes, data.middle, 0.0)[0]
        sheet.write(sheet.width, top + HEAD / 2, data.detail_title, ha="right")
        sheet.write(x, top + HEAD / 2, data.middle_text, ha="center", color=NAVY, weight="semibold")
        sheet.write((left + right) / 2, LINE_HEIGHT / 2, data.unit, ha="center")
        keys = [Key(text, "fill", c) for text, c in zip(data.keys, (LOW, HIGH), strict=True)]
        sheet.legend(sheet.height - LINE_HEIGHT / 2, keys)
        return sheet.svg()


def _scale(sheet: Sheet, axes: Axes, data: TornadoChart) -> None:
    """Leave room for the words at both ends."""
    results = [data.middle, *(r for swing in data.swings for r in (swing.low, swing.high))]
    low, high = min(results), max(results)
    words = widest([t for s in data.swings for t in (s.low_text, s.high_text)]) + 2 * GAP
    width = axes.get_window_extent().width
    per_point = max(high - low, 1e-9) / (width - 2 * words)
    axes.set_xlim(low - words * per_point, high + words * per_point)
    axes.set_ylim(len(data.swings), 0)
    ticks = round_ticks(*axes.get_xlim())
    axes.set_xticks(ticks, tick_names(ticks, sheet.language), color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.axvline(data.middle, color=AXIS, linewidth=1.0, zorder=4)


def _draw_swing(sheet: Sheet, axes: Axes, swing: Swing, middle: float, row: int, y: float) -> None:
    for result, color in ((swing.low, LOW), (swing.high, HIGH)):
        axes.barh(row + 0.5, result - middle, 0.62, left=middle, color=color, linewidth=0, zorder=3)
    ends = sorted([(swing.low, swing.low_text), (swing.high, swing.high_text)])
    for (result, text), side, ha in zip(ends, (-1, 1), ("right", "left"), strict=True):
        outer = min(result, middle) if side < 0 else max(result, middle)
        x = sheet.place(axes, outer, 0.0)[0] + side * GAP
        sheet.write(x, y, text, ha=ha, zorder=6, bbox=GROUND)


@dataclass(frozen=True)
class BulletRow:
    """A wide light bar and a narrow dark one inside it.

    Parameters
    ----------
    name : str
    outer, inner : float or None
        0 or more; None: nothing to draw.
    texts : tuple of str
        In the columns of the right margin.
    strong : bool
        Whether the row is a sum.
    """

    name: str
    outer: float | None
    inner: float | None
    texts: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True)
class BulletChart:
    """Rows, the first one at the top.

    Parameters
    ----------
    rows : sequence of BulletRow
    keys : tuple of str
        Legend: of the outer, and of the inner bars.
    heads : tuple of str
        Above the columns of texts.
    unit : str
        Below the axis.
    percent : bool
        Whether the values are shares.
    """

    rows: Sequence[BulletRow]
    keys: tuple[str, str]
    heads: tuple[str, ...]
    unit: str
    percent: bool = False


def bullet_chart(data: BulletChart, language: Language) -> str:
    """Draw pairs of bars: planned and realised, or two shares of the same.

    Raises
    ------
    InputError
        If there is no bar, one is negative or not finite, or a row has not one text per column.
    """
    values = [v for row in data.rows for v in (row.outer, row.inner) if v is not None]
    if not values or not all(np.isfinite(v) and v >= 0 for v in values):
        raise InputError("no bars, or some below 0", where="chart", expected="values of 0 or more")
    if any(len(row.texts) != len(data.heads) for row in data.rows):
        raise InputError("texts that do not fit", where="chart", expected="one per column")
    height = FOOT + ROW * len(data.rows) + HEAD
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        left = widest([row.name for row in data.rows], "semibold") + 2 * GAP
        edges = _columns(data, sheet.width)
        top = FOOT + ROW * len(data.rows)
        axes = sheet.panel(left, FOOT, edges[0], top)
        _value_axis(sheet, axes, max(values), len(data.rows), percent=data.percent)
        for number, row in enumerate(data.rows):
            _draw_bullet(sheet, axes, row, number, top - ROW * (number + 0.5), edges[1:])
        for edge, text in zip(edges[1:], data.heads, strict=True):
            sheet.write(edge, top + HEAD / 2, text, ha="right")
        sheet.write((left + edges[0]) / 2, LINE_HEIGHT / 2, data.unit, ha="center")
        keys = [Key(text, "fill", c) for text, c in zip(data.keys, (BANDS[1], NAVY), strict=True)]
        sheet.legend(top + HEAD / 2, keys)
        return sheet.svg()


def _columns(data: BulletChart, width: float) -> list[float]:
    """Right ends of the panel and of the columns of texts."""
    edges = [width]
    for number in reversed(range(len(data.heads))):
        texts = [data.heads[number], *(row.texts[number] for row in data.rows)]
        edges.insert(0, edges[0] - widest(texts, "semibold") - 2 * GAP)
    return edges


def _value_axis(sheet: Sheet, axes: Axes, high: float, count: int, *, percent: bool) -> None:
    axes.set_xlim(0, 1.03 * high or 1.0)
    axes.set_ylim(count, 0)
    ticks = round_ticks(0.0, 1.03 * high or 1.0, 5)
    axes.set_xticks(ticks, tick_names(ticks, sheet.language, percent=percent), color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.axvline(0, color=AXIS, linewidth=0.8, zorder=2)


def _draw_bullet(
    sheet: Sheet, axes: Axes, row: BulletRow, number: int, y: float, edges: Sequence[float]
) -> None:
    style = {"weight": "semibold", "color": NAVY} if row.strong else {}
    axes.barh(number + 0.5, row.outer or 0.0, 0.68, color=BANDS[1], linewidth=0, zorder=2)
    axes.barh(number + 0.5, row.inner or 0.0, 0.32, color=NAVY, linewidth=0, zorder=3)
    sheet.write(0.0, y, row.name, **style)
    for edge, text in zip(edges, row.texts, strict=True):
        sheet.write(edge, y, text, ha="right", **style)
