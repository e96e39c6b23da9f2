"""Charts of scores for the report on a flow: dots with their range in rows, and ranks in bins.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, sizes are
those of print, and what a chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.charts import Size
from forecasting.briefing.drawing import (
    BANDS,
    BLUE,
    GAP,
    GREY,
    GRID,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    chart_style,
)
from forecasting.briefing.sheet import FOOT, HEAD, WIDTH_MM, Key, Sheet, axis_width, widest
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

RANKS_MM = 60.0
ROW = LINE_HEIGHT + 4.0
CHANCE = "#E4E2DA"
"""Fill of what chance alone would do."""


@dataclass(frozen=True)
class Dot:
    """One row of a panel.

    Parameters
    ----------
    value : float
        A full dot.
    lower, upper : float or None
        Range drawn with it; None: there is none.
    beside : float or None
        A ring to compare with.
    text : str
        Written at the right end of the row.
    strong : bool
        Drawn and written in the darker colour.
    """

    value: float
    lower: float | None
    upper: float | None
    beside: float | None = None
    text: str = ""
    strong: bool = False


@dataclass(frozen=True)
class DotPanel:
    """Dots above each other.

    Parameters
    ----------
    title : str
    reference : float
        Where the vertical line stands: what was promised, or no difference.
    dots : sequence of (Dot or None)
        One per row; None leaves it empty.
    """

    title: str
    reference: float
    dots: Sequence[Dot | None]


@dataclass(frozen=True)
class DotChart:
    """Panels side by side that share their rows and their axis.

    Parameters
    ----------
    rows : sequence of str
    panels : sequence of DotPanel
    ticks : sequence of float
        Values written at the axis; the axis reaches from the first to the last, and further where a
        dot does.
    write : callable
        Writes a tick.
    keys : sequence of Key
        Legend below the titles of the panels.
    chance : bool
        Whether the range is what chance would do (a bar behind the dot) or how uncertain the value
        is (a line through it).
    log : bool
        Logarithmic axis, for ratios.
    """

    rows: Sequence[str]
    panels: Sequence[DotPanel]
    ticks: Sequence[float]
    write: Callable[[float], str]
    keys: Sequence[Key] = ()
    chance: bool = False
    log: bool = False


def dot_chart(data: DotChart, language: Language) -> str:
    """Draw panels of dots with their ranges.

    Raises
    ------
    InputError
        If a panel has not one dot per row, or a value is not finite.
    """
    _check(data)
    legend = LINE_HEIGHT + 4.0 if data.keys else 0.0
    height = FOOT + ROW * len(data.rows) + HEAD + legend
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        bold = any(dot and dot.strong for panel in data.panels for dot in panel.dots)
        left = widest(data.rows, "bold" if bold else "normal") + 2 * GAP
        texts = [widest([d.text for d in panel.dots if d], "bold") for panel in data.panels]
        gap = 2 * GAP
        room = (sheet.width - left - sum(texts) - gap * (2 * len(texts) - 1)) / len(texts)
        limits = _limits(data)
        bottom, top = FOOT, FOOT + ROW * len(data.rows)
        start = left
        for number, (panel, width) in enumerate(zip(data.panels, texts, strict=True)):
            axes = sheet.panel(start, bottom, start + room, top)
            _draw_panel(axes, panel, data, limits)
            sheet.write(start, top + HEAD / 2, panel.title, color=NAVY, weight="semibold")
            _write_rows(sheet, panel, start + room + gap + width, None if number else data.rows)
            start += room + width + 2 * gap
        sheet.legend(sheet.height - LINE_HEIGHT / 2, data.keys, left=0.0)
        return sheet.svg()


def _check(data: DotChart) -> None:
    for panel in data.panels:
        if len(panel.dots) != len(data.rows):
            raise InputError(
                f"panel {panel.title!r} has {len(panel.dots)} dots",
                where="chart",
                expected=f"{len(data.rows)}, one per row",
            )
        for dot in panel.dots:
            if dot is not None and not np.isfinite(_values(dot)).all():
                raise InputError(f"panel {panel.title!r} has a value that is not finite")


def _values(dot: Dot) -> list[float]:
    return [v for v in (dot.value, dot.lower, dot.upper, dot.beside) if v is not None]


def _limits(data: DotChart) -> tuple[float, float]:
    shown = [v for panel in data.panels for dot in panel.dots if dot for v in _values(dot)]
    return min([*data.ticks, *shown]), max([*data.ticks, *shown])


def _draw_panel(axes: Axes, panel: DotPanel, data: DotChart, limits: tuple[float, float]) -> None:
    low, high = limits
    axes.set_ylim(len(panel.dots) - 0.5, -0.5)
    if data.log:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.03, high * 1.03)
        axes.minorticks_off()
    else:
        margin = 0.03 * (high - low)
        axes.set_xlim(low - margin, high + margin)
    axes.set_xticks(list(data.ticks), [data.write(t) for t in data.ticks], color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.axvline(panel.reference, color=ORANGE, linewidth=1.1, zorder=2)
    for row, dot in enumerate(panel.dots):
        if dot is not None:
            _draw_dot(axes, row, dot, chance=data.chance)


def _draw_dot(axes: Axes, row: int, dot: Dot, *, chance: bool) -> None:
    color = NAVY if dot.strong else BLUE
    if dot.lower is not None and dot.upper is not None:
        ends = [dot.lower, dot.upper]
        if chance:
            axes.fill_between(ends, row - 0.31, row + 0.31, color=CHANCE, linewidth=0, zorder=1)
        else:
            width = 2.2 if dot.strong else 1.4
            axes.plot(ends, [row, row], color=color, linewidth=width, zorder=3)
    if dot.beside is not None:
        axes.plot(
            [dot.beside], [row], "o", color=BLUE, markersize=6.5, markerfacecolor="white", zorder=4,
            clip_on=False,
        )  # fmt: skip
    axes.plot([dot.value], [row], "o", color=color, markersize=5, zorder=5, clip_on=False)


def _write_rows(sheet: Sheet, panel: DotPanel, right: float, names: Sequence[str] | None) -> None:
    """Write the rows' texts, ending at `right`, and in front of the first panel their names."""
    count = len(panel.dots)
    for row, dot in enumerate(panel.dots):
        y = FOOT + ROW * (count - row - 0.5)
        strong = bool(dot and dot.strong)
        style = {"color": NAVY, "weight": "bold"} if strong else {}
        if names is not None:
            sheet.write(0.0, y, names[row], **style)
        if dot is not None:
            sheet.write(right, y, dot.text, ha="right", **style)


@dataclass(frozen=True)
class RankPanel:
    """Histogram of ranks from 0 to 1.

    Parameters
    ----------
    title : str
    shares : array of shape (n_bins,)
        Bars.
    lower, upper : array of shape (n_bins,)
        Range of chance behind each bar.
    beside : array of shape (n_bins,)
        Steps to compare with.
    """

    title: str
    shares: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    beside: np.ndarray


@dataclass(frozen=True)
class RankChart:
    """Histograms side by side with one value axis.

    Parameters
    ----------
    panels : sequence of RankPanel
    ends : tuple of str
        Words below the left and the right end of each axis.
    keys : sequence of Key
        Legend.
    """

    panels: Sequence[RankPanel]
    ends: tuple[str, str]
    keys: Sequence[Key]


def rank_chart(data: RankChart, language: Language) -> str:
    """Draw histograms of ranks over the range that chance would give them.

    Raises
    ------
    InputError
        If the arrays of a panel differ in length or hold a value that is not finite.
    """
    for panel in data.panels:
        arrays = (panel.shares, panel.lower, panel.upper, panel.beside)
        if len({len(a) for a in arrays}) > 1 or not np.isfinite(np.concatenate(arrays)).all():
            raise InputError(f"bins of {panel.title!r} that do not fit", where="chart")
    top = 1.08 * max(float(np.max([p.shares, p.upper, p.beside])) for p in data.panels)
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, RANKS_MM))
        left = axis_width(top, language, percent=True)
        gap, ceiling = 3 * GAP, sheet.height - 2 * HEAD
        room = (sheet.width - left - gap * (len(data.panels) - 1)) / len(data.panels)
        for number, panel in enumerate(data.panels):
            start = left + number * (room + gap)
            axes = sheet.panel(start, FOOT, start + room, ceiling)
            axes.set_xlim(0, 1)
            axes.set_ylim(0, top)
            sheet.value_axis(axes, percent=True)
            axes.tick_params(axis="y", labelleft=number == 0)
            axes.set_xticks([])
            _draw_ranks(axes, panel)
            sheet.write(start, ceiling + HEAD / 2, panel.title, color=NAVY, weight="semibold")
            sheet.write(start, LINE_HEIGHT / 2, data.ends[0])
            sheet.write(start + room, LINE_HEIGHT / 2, data.ends[1], ha="right")
        sheet.legend(sheet.height - LINE_HEIGHT / 2, data.keys)
        return sheet.svg()


def _draw_ranks(axes: Axes, panel: RankPanel) -> None:
    count = len(panel.shares)
    middles = (np.arange(count) + 0.5) / count
    axes.bar(
        middles, panel.upper - panel.lower, 0.96 / count, panel.lower, color=CHANCE, linewidth=0,
        zorder=1,
    )  # fmt: skip
    axes.bar(middles, panel.shares, 0.6 / count, color=BANDS[0], linewidth=0, zorder=2)
    axes.axhline(1 / count, color=ORANGE, linewidth=1.1, zorder=3)
    edges = np.repeat(np.linspace(0, 1, count + 1), 2)
    heights = np.concatenate([[0.0], np.repeat(panel.beside, 2), [0.0]])
    axes.plot(edges, heights, color=NAVY, linewidth=0.9, zorder=4)
