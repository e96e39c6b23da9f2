"""Published values on the distributions of what will be reached, one row per indicator.

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
)
from forecasting.briefing.savings.bridge_chart import FOOT, ROW
from forecasting.briefing.sheet import HEAD, WIDTH_MM, Key, Sheet, round_ticks, tick_names, widest
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

CUT = 2.5
"""Where the axis ends at the latest, in published values."""


@dataclass(frozen=True)
class RangeRow:
    """What may be reached, as multiples of the published value.

    Parameters
    ----------
    name : str
    outer, inner : tuple of float
        Ends of the wide and of the narrow interval.
    proposed : float
        The proposal.
    texts : tuple of str
        In the columns of the right margin.
    """

    name: str
    outer: tuple[float, float]
    inner: tuple[float, float]
    proposed: float
    texts: tuple[str, ...]


@dataclass(frozen=True)
class RangeChart:
    """Rows, the first one at the top.

    Parameters
    ----------
    rows : sequence of RangeRow
    keys : tuple of str
        Legend: wide interval, narrow interval, proposal, published value.
    heads : tuple of str
        Above the columns of texts.
    unit : str
        Below the axis.
    reach : float
        What the axis holds at least, as a multiple of the published value.
    """

    rows: Sequence[RangeRow]
    keys: tuple[str, str, str, str]
    heads: tuple[str, ...]
    unit: str
    reach: float = 1.0


def range_chart(data: RangeChart, language: Language) -> str:
    """Draw one bar per indicator, the published values on one line.

    A bar that runs beyond the end of the axis is cut there and ends in an arrow.

    Raises
    ------
    InputError
        If there is no row, an end is not finite, or a row has not one text per column.
    """
    ends = [v for row in data.rows for v in (*row.outer, *row.inner, row.proposed)]
    if not ends or not np.isfinite(ends).all():
        raise InputError("no rows, or some not finite", where="chart", expected="finite ends")
    if any(len(row.texts) != len(data.heads) for row in data.rows):
        raise InputError("texts that do not fit", where="chart", expected="one per column")
    top = FOOT + ROW * len(data.rows)
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, (top + HEAD + LINE_HEIGHT + 4.0) / POINTS_PER_MM))
        left = widest([row.name for row in data.rows]) + 2 * GAP
        edges = _columns(data, sheet.width)
        axes = sheet.panel(left, FOOT, edges[0], top)
        limit = min(CUT, max(1.1, 1.03 * max(*ends, data.reach)))
        _share_axis(sheet, axes, limit, len(data.rows))
        for number, row in enumerate(data.rows):
            y = top - ROW * (number + 0.5)
            sheet.write(0.0, y, row.name)
            _draw_row(axes, row, number, limit)
            for edge, text in zip(edges[1:], row.texts, strict=True):
                sheet.write(edge, y, text, ha="right")
        for edge, text in zip(edges[1:], data.heads, strict=True):
            sheet.write(edge, top + HEAD / 2, text, ha="right")
        sheet.write((left + edges[0]) / 2, LINE_HEIGHT / 2, data.unit, ha="center")
        outer, inner, proposed, published = data.keys
        keys = [Key(outer, "fill", BANDS[1]), Key(inner, "fill", BANDS[0]),
                Key(proposed, "diamond", NAVY), Key(published, "line", ORANGE)]  # fmt: skip
        sheet.legend(sheet.height - LINE_HEIGHT / 2, keys)
        return sheet.svg()


def _columns(data: RangeChart, width: float) -> list[float]:
    """Right ends of the panel and of the columns of texts."""
    edges = [width]
    for number in reversed(range(len(data.heads))):
        texts = [data.heads[number], *(row.texts[number] for row in data.rows)]
        edges.insert(0, edges[0] - widest(texts) - 2 * GAP)
    return edges


def _share_axis(sheet: Sheet, axes: Axes, limit: float, count: int) -> None:
    axes.set_xlim(0, limit)
    axes.set_ylim(count, 0)
    ticks = round_ticks(0.0, limit)
    axes.set_xticks(ticks, tick_names(ticks, sheet.language, percent=True), color=GREY)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.axvline(1.0, color=ORANGE, linewidth=1.4, zorder=5)


def _draw_row(axes: Axes, row: RangeRow, number: int, limit: float) -> None:
    y = number + 0.5
    for (low, high), height, color in ((row.outer, 0.62, BANDS[1]), (row.inner, 0.62, BANDS[0])):
        start, end = min(low, limit), min(high, limit)
        axes.barh(y, end - start, height, left=start, color=color, linewidth=0, zorder=3)
    if row.outer[1] > limit:
        axes.plot([limit], [y], marker=">", color=BANDS[0], markersize=6, clip_on=False, zorder=6)
    if row.proposed <= limit:
        axes.plot([row.proposed], [y], marker="D", color=NAVY, markersize=4, zorder=7)
