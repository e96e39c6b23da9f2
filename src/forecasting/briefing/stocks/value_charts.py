"""Charts of values in rows: matrices of cells, and bars.

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
    BLUE,
    GAP,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    chart_style,
    text_width,
)
from forecasting.briefing.sheet import HEAD, WIDTH_MM, Sheet, folded, widest
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

ROW = LINE_HEIGHT + 5.0
_SHADES = ("#F4F7FA", "#B3CEE7", "#5E8FC2", "#12304F")
_DARK, _LIGHT = "#1A1A1A", "#FFFFFF"


@dataclass(frozen=True)
class HeatPanel:
    """A matrix of cells.

    Parameters
    ----------
    title : str
    texts : sequence of sequence of str
        Rows of cells.
    shades : array of shape (n_rows, n_columns)
        From 0 (light) to 1 (dark).
    framed : array of bool of that shape
        Cells with a frame.
    """

    title: str
    texts: Sequence[Sequence[str]]
    shades: np.ndarray
    framed: np.ndarray


@dataclass(frozen=True)
class HeatChart:
    """Matrices side by side that share their rows and columns.

    Parameters
    ----------
    rows, columns : sequence of str
        Names; the first row stands at the bottom.
    row_title, column_title : str
    panels : sequence of HeatPanel
    base : tuple of int or None
        Row and column of a cell with a dark frame.
    base_key, framed_key : str
        Legend of the dark frame, and of the frames of `HeatPanel.framed`; empty: none.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    row_title: str
    column_title: str
    panels: Sequence[HeatPanel]
    base: tuple[int, int] | None = None
    base_key: str = ""
    framed_key: str = ""


def heat_chart(data: HeatChart, language: Language) -> str:
    """Draw matrices of shaded cells with their values.

    Raises
    ------
    InputError
        If a panel does not have one cell per row and column, or a shade is outside 0 to 1.
    """
    shape = (len(data.rows), len(data.columns))
    for panel in data.panels:
        if np.shape(panel.texts) != shape or np.shape(panel.shades) != shape:
            raise InputError(f"panel {panel.title!r}", where="chart", expected=f"cells {shape}")
        if not ((panel.shades >= 0) & (panel.shades <= 1)).all():
            raise InputError(f"shades of panel {panel.title!r}", where="chart", expected="0 to 1")
    legend = LINE_HEIGHT + 4.0 if data.base_key or data.framed_key else 0.0
    foot = 2 * LINE_HEIGHT + 4.0
    height = foot + ROW * shape[0] + HEAD + legend
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        left = max(widest(data.rows) + GAP, widest([data.row_title]) + GAP)
        room = (sheet.width - left - 2 * GAP * (len(data.panels) - 1)) / len(data.panels)
        top = foot + ROW * shape[0]
        sheet.write(0.0, top + HEAD / 2, data.row_title)
        for row, name in enumerate(data.rows):
            sheet.write(0.0, foot + ROW * (row + 0.5), name)
        for number, panel in enumerate(data.panels):
            start = left + number * (room + 2 * GAP)
            axes = sheet.panel(start, foot, start + room, top)
            _draw_cells(axes, panel, data)
            sheet.write(start, top + HEAD / 2, panel.title, color=NAVY, weight="semibold")
            for column, name in enumerate(data.columns):
                x = start + room * (column + 0.5) / shape[1]
                sheet.write(x, foot - LINE_HEIGHT / 2 - 2.0, name, ha="center")
            sheet.write(start + room / 2, LINE_HEIGHT / 2, data.column_title, ha="center")
        _write_keys(sheet, data)
        return sheet.svg()


def _write_keys(sheet: Sheet, data: HeatChart) -> None:
    x, y = 0.0, sheet.height - LINE_HEIGHT / 2
    for text, color in ((data.base_key, _DARK), (data.framed_key, ORANGE)):
        if text:
            corners = ([x, x + 12, x + 12, x, x], [y - 4, y - 4, y + 4, y + 4, y - 4])
            sheet.line(*corners, color=color, linewidth=1.5)
            sheet.write(x + 18.0, y, text)
            x += 18.0 + text_width(text) + 2 * GAP


def _draw_cells(axes: Axes, panel: HeatPanel, data: HeatChart) -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    colors = LinearSegmentedColormap.from_list("shades", _SHADES)
    axes.set_xlim(0, len(data.columns))
    axes.set_ylim(0, len(data.rows))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    for row, texts in enumerate(panel.texts):
        for column, text in enumerate(texts):
            fill = colors(float(panel.shades[row, column]))
            axes.add_patch(Rectangle((column, row), 1, 1, facecolor=fill, edgecolor="white"))
            axes.text(
                column + 0.5, row + 0.5, text, ha="center", va="center_baseline",
                color=_ink(fill[:3]),
            )  # fmt: skip
    for row, column in zip(*np.nonzero(panel.framed), strict=True):
        _frame(axes, int(row), int(column), ORANGE, 1.2)
    if data.base:
        _frame(axes, *data.base, _LIGHT, 1.2)  # stands out on a dark cell, the other on light
        _frame(axes, *data.base, _DARK, 0.0)


def _frame(axes: Axes, row: int, column: int, color: str, inset: float) -> None:
    """Draw a frame so many points inside of a cell."""
    from matplotlib.patches import Rectangle

    box = axes.get_window_extent()
    dx, dy = inset * axes.get_xlim()[1] / box.width, inset * axes.get_ylim()[1] / box.height
    axes.add_patch(
        Rectangle(
            (column + dx, row + dy),
            1 - 2 * dx,
            1 - 2 * dy,
            fill=False,
            edgecolor=color,
            linewidth=1.5,
            zorder=5,
            clip_on=False,
        )
    )


def _ink(fill: Sequence[float]) -> str:
    """Return black or white, whichever stands out more."""
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in fill]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return _LIGHT if luminance < 0.18 else _DARK


@dataclass(frozen=True)
class BarPanel:
    """Bars above each other, on a scale of their own.

    Parameters
    ----------
    title : str
    values : sequence of (float or None)
        One per row, 0 or more; None: nothing to draw.
    texts : sequence of str
        Written behind the bars.
    """

    title: str
    values: Sequence[float | None]
    texts: Sequence[str]


def bar_chart(rows: Sequence[str], panels: Sequence[BarPanel], language: Language) -> str:
    """Draw bars in rows, panel beside panel.

    Parameters
    ----------
    rows : sequence of str
        The first one stands at the top.
    panels : sequence of BarPanel
    language : Language

    Raises
    ------
    InputError
        If a panel has not one value and one text per row.
    """
    for panel in panels:
        if len(panel.values) != len(rows) or len(panel.texts) != len(rows):
            raise InputError(
                f"panel {panel.title!r} has {len(panel.values)} bars",
                where="chart",
                expected=f"{len(rows)}, one per row",
            )
    with chart_style():
        left, top = widest(rows) + 2 * GAP, 2.0 + ROW * len(rows)
        room = (WIDTH_MM * POINTS_PER_MM - left - 3 * GAP * (len(panels) - 1)) / len(panels)
        titles = ["\n".join(folded(panel.title, room, "semibold")) for panel in panels]
        head = HEAD + LINE_HEIGHT * max(title.count("\n") for title in titles)
        sheet = Sheet(language, Size(WIDTH_MM, (top + head) / POINTS_PER_MM))
        for row, name in enumerate(rows):
            sheet.write(0.0, top - ROW * (row + 0.5), name)
        for number, (panel, title) in enumerate(zip(panels, titles, strict=True)):
            start = left + number * (room + 3 * GAP)
            _draw_bars(sheet, panel, start, start + room)
            sheet.write(start, top + head / 2, title, color=NAVY, weight="semibold", va="center")
        return sheet.svg()


def _draw_bars(sheet: Sheet, panel: BarPanel, start: float, end: float) -> None:
    count = len(panel.values)
    axes = sheet.panel(start, 2.0, end, 2.0 + ROW * count)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    reach = end - start - widest(panel.texts) - GAP
    longest = max([v for v in panel.values if v], default=1.0)
    axes.set_xlim(0, end - start)
    axes.set_ylim(count, 0)
    axes.axvline(0, color=BLUE, linewidth=0.8)
    for row, (value, text) in enumerate(zip(panel.values, panel.texts, strict=True)):
        length = reach * (value or 0.0) / longest
        axes.barh(row + 0.5, length, 0.62, color=BANDS[0], linewidth=0)
        sheet.write(start + length + GAP / 2 + 1.0, 2.0 + ROW * (count - row - 0.5), text)
