"""The bridge: from one sum to another, step by step, bars above each other.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, and what a
chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

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
)
from forecasting.briefing.sheet import (
    AXIS,
    GROUND,
    HEAD,
    WIDTH_MM,
    Sheet,
    round_ticks,
    tick_names,
    widest,
)
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

ROW = LINE_HEIGHT + 5.0
FOOT = 2 * LINE_HEIGHT + 6.0
"""Room below a panel for the numbers and the unit of its axis."""


@dataclass(frozen=True)
class BridgeBar:
    """A sum, or a step towards the next one.

    Parameters
    ----------
    name : str
        Written left of it.
    value : float
        Of a sum its height, of a step what it adds, with its sign.
    text : str
        Written beside the bar.
    detail : str
        Written in the right margin.
    kind : {"sum", "step"}
        A sum begins at zero, a step where the bar before it ends.
    interval : tuple of float, optional
        Low and high of `value`: a thin line over the end of the bar.
    """

    name: str
    value: float
    text: str
    detail: str = ""
    kind: Literal["sum", "step"] = "step"
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class BridgeChart:
    """Bars from the top downwards.

    Parameters
    ----------
    bars : sequence of BridgeBar
        The first one is a sum.
    unit : str
        Below the axis.
    detail_title : str
        Above the details.
    level, level_text : float or None, str
        A value to hold against the sums: a dashed line, its words above it.
    """

    bars: Sequence[BridgeBar]
    unit: str
    detail_title: str = ""
    level: float | None = None
    level_text: str = ""


def bridge_chart(data: BridgeChart, language: Language) -> str:
    """Draw sums and the signed steps between them.

    Raises
    ------
    InputError
        If the first bar is no sum, a value is not finite, or a sum is not where the steps before
        it end.
    """
    starts = bar_starts(data.bars)
    height = FOOT + ROW * len(data.bars) + HEAD
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        left = widest([bar.name for bar in data.bars], "semibold") + 2 * GAP
        details = widest([data.detail_title, *(bar.detail for bar in data.bars)])
        right = sheet.width - (details + 2 * GAP if details else GAP)
        top = FOOT + ROW * len(data.bars)
        axes = sheet.panel(left, FOOT, right, top)
        _scale(sheet, axes, data, starts)
        for row, (bar, start) in enumerate(zip(data.bars, starts, strict=True)):
            y = top - ROW * (row + 0.5)
            weight = "semibold" if bar.kind == "sum" else "normal"
            sheet.write(0.0, y, bar.name, weight=weight, color=NAVY if bar.kind == "sum" else GREY)
            _draw_bar(sheet, axes, bar, start, row, y)
            sheet.write(sheet.width, y, bar.detail, ha="right")
        _connect(axes, data.bars, starts)
        sheet.write(sheet.width, top + HEAD / 2, data.detail_title, ha="right")
        sheet.write((left + right) / 2, LINE_HEIGHT / 2, data.unit, ha="center")
        _draw_level(sheet, axes, data, top)
        return sheet.svg()


def bar_starts(bars: Sequence[BridgeBar]) -> list[float]:
    """Return where each bar begins: a sum at zero, a step where the bar before it ends.

    Raises
    ------
    InputError
        See `bridge_chart`.
    """
    if not bars or bars[0].kind != "sum":
        raise InputError("the first bar is no sum", where="chart", expected="a sum to start from")
    starts, end = [], 0.0
    for number, bar in enumerate(bars):
        if not np.isfinite([bar.value, *(bar.interval or ())]).all():
            raise InputError(f"bar {bar.name!r} is not finite", where="chart")
        if bar.kind == "sum":
            if number and abs(bar.value - end) > 1e-6 * max(1.0, abs(end)):
                raise InputError(
                    f"sum {bar.name!r} is {bar.value:g}",
                    where="chart",
                    expected=f"{end:g}, where the steps before it end",
                )
            end = 0.0
        starts.append(end)
        end += bar.value
    return starts


def _reach(bars: Sequence[BridgeBar], starts: Sequence[float]) -> list[float]:
    ends = [start + v for bar, start in zip(bars, starts, strict=True) for v in _values(bar)]
    return [0.0, *ends]


def _values(bar: BridgeBar) -> tuple[float, ...]:
    return (bar.value, *(bar.interval or ()))


def _scale(sheet: Sheet, axes: Axes, data: BridgeChart, starts: Sequence[float]) -> None:
    """Let the axis reach over every bar, interval and level, with room for the words beside."""
    ends = [*_reach(data.bars, starts), *([data.level] if data.level is not None else [])]
    low, high = min(ends), max(ends)
    box = axes.get_window_extent()
    words = widest([bar.text for bar in data.bars], "semibold") + 2 * GAP
    high += (high - low) * words / (box.width - words) if data.level is None else 0.06 * high
    axes.set_xlim(low * 1.05, high)
    axes.set_ylim(len(data.bars), 0)
    ticks = round_ticks(low, high)
    axes.set_xticks(ticks, tick_names(ticks, sheet.language), color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.axvline(0, color=AXIS, linewidth=0.8, zorder=2)


def _draw_bar(sheet: Sheet, axes: Axes, bar: BridgeBar, start: float, row: int, y: float) -> None:
    step = BANDS[0] if bar.value >= 0 else ORANGE
    color = NAVY if bar.kind == "sum" else step
    axes.barh(row + 0.5, bar.value, 0.62, left=start, color=color, linewidth=0, zorder=3)
    reach = [start, start + bar.value]
    if bar.interval is not None:
        reach += [start + edge for edge in bar.interval]
        ink = "#8FB4DA" if bar.kind == "sum" else "#1A1A1A"
        axes.plot(reach[2:], [row + 0.5] * 2, color=ink, linewidth=1.4, zorder=4,
                  solid_capstyle="butt")  # fmt: skip
    at = sheet.place(axes, max(*reach, 0.0), row)[0]
    style = {"color": NAVY, "weight": "semibold"} if bar.kind == "sum" else {"color": "#1A1A1A"}
    sheet.write(at + GAP, y, bar.text, zorder=6, bbox=GROUND, **style)


def _connect(axes: Axes, bars: Sequence[BridgeBar], starts: Sequence[float]) -> None:
    """Join the end of every bar with the next one."""
    for row, (bar, start) in enumerate(zip(bars[:-1], starts[:-1], strict=True)):
        end = start + bar.value
        axes.plot([end, end], [row + 0.81, row + 1.19], color=AXIS, linewidth=0.8, zorder=2)


def _draw_level(sheet: Sheet, axes: Axes, data: BridgeChart, top: float) -> None:
    if data.level is None:
        return
    axes.axvline(data.level, color=ORANGE, linewidth=1.3, dashes=(4, 2), zorder=5)
    x = sheet.place(axes, data.level, 0.0)[0]
    edge = axes.get_window_extent().x1
    words = {"color": ORANGE, "weight": "semibold"}
    room = min(x + widest([data.level_text], "semibold") / 2, edge)
    sheet.write(room, top + HEAD / 2, data.level_text, ha="right", **words)
