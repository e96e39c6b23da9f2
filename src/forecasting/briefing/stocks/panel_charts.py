"""Small charts side by side: paths of a quantity over months, or a curve over probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.charts import Band, Size
from forecasting.briefing.drawing import (
    BANDS,
    GAP,
    GREY,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    chart_style,
    period_ends,
    period_starts,
)
from forecasting.briefing.sheet import FOOT, WIDTH_MM, Key, Sheet, axis_width, tick_names
from forecasting.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from forecasting.languages import Language

HEIGHT_MM = 58.0


@dataclass(frozen=True)
class Panel:
    """A small chart of one quantity.

    Parameters
    ----------
    title, detail : str
        Two lines above it.
    x : pandas.PeriodIndex or array of float
        Months, at whose ends the values stand, or shares from 0 to 1.
    line : array of shape (n,)
    bands : sequence of Band
        The narrowest first.
    level : float or None
        A horizontal line to compare with.
    top : float
        Of the value axis, which begins at 0; what reaches further is cut.
    percent : bool
        Whether the values are shares.
    dot : tuple of float or None
        A point that is marked.
    steps : array of shape (n,) or None
        Values to compare with, one per month, drawn as steps.
    """

    title: str
    detail: str
    x: pd.PeriodIndex | np.ndarray
    line: np.ndarray
    bands: Sequence[Band]
    level: float | None
    top: float
    percent: bool = False
    dot: tuple[float, float] | None = None
    steps: np.ndarray | None = None


def panel_chart(
    panels: Sequence[Panel],
    keys: Sequence[Key],
    language: Language,
    *,
    height_mm: float = HEIGHT_MM,
) -> str:
    """Draw panels side by side, each on its own scale, under one legend.

    Raises
    ------
    InputError
        If the arrays of a panel differ in length, or a value is not finite.
    """
    for panel in panels:
        check_lines(panel.x, panel.line, panel.bands)
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, height_mm))
        ceiling = sheet.height - 3 * LINE_HEIGHT - 14.0
        widths = [axis_width(panel.top, language, percent=panel.percent) for panel in panels]
        room = (sheet.width - sum(widths) - 3 * GAP * (len(panels) - 1) - GAP) / len(panels)
        start = 0.0
        for panel, width in zip(panels, widths, strict=True):
            axes = sheet.panel(start + width, FOOT, start + width + room, ceiling)
            _draw_panel(sheet, axes, panel)
            sheet.write(
                start, ceiling + 1.5 * LINE_HEIGHT + 6.0, panel.title, color=NAVY,
                weight="semibold",
            )  # fmt: skip
            sheet.write(start, ceiling + 0.5 * LINE_HEIGHT + 6.0, panel.detail)
            start += width + room + 3 * GAP
        sheet.legend(sheet.height - LINE_HEIGHT / 2, keys)
        return sheet.svg()


def _draw_panel(sheet: Sheet, axes: Axes, panel: Panel) -> None:
    axes.set_ylim(0, panel.top)
    sheet.value_axis(axes, percent=panel.percent)
    if isinstance(panel.x, np.ndarray):
        x = panel.x
        margin = 0.05 * (x[-1] - x[0])
        axes.set_xlim(x[0] - margin, x[-1] + margin)
        axes.set_xticks(list(x), tick_names(list(x), sheet.language, percent=True), color=GREY)
        axes.plot(x, panel.line, color=NAVY, linewidth=1.6, zorder=4)
    else:
        x = period_ends(panel.x)
        axes.set_xlim(period_starts(panel.x)[0], x[-1])
        sheet.year_axis(axes)
        draw_paths(axes, x, panel.line, panel.bands)
        if panel.steps is not None:
            edges = np.append(period_starts(panel.x), x[-1])
            axes.stairs(panel.steps, edges, baseline=None, color=ORANGE, linewidth=1.6, zorder=5)
    if panel.level is not None:
        axes.axhline(panel.level, color=ORANGE, linewidth=1.3, zorder=3)
    if panel.dot is not None:
        axes.plot(*[[v] for v in panel.dot], "o", color=NAVY, markersize=6, zorder=6, clip_on=False)


def draw_paths(axes: Axes, x: np.ndarray, median: np.ndarray, bands: Sequence[Band]) -> None:
    """Draw bands, the widest at the back, and the median."""
    for band, fill in reversed(list(zip(bands, BANDS, strict=False))):
        axes.fill_between(x, band.lower, band.upper, color=fill, linewidth=0, zorder=1)
    axes.plot(x, median, color=NAVY, linewidth=1.6, dashes=(4, 2), zorder=4)


def check_lines(
    periods: pd.PeriodIndex | np.ndarray, median: np.ndarray, bands: Sequence[Band]
) -> None:
    """Refuse a median or a band that is not finite or does not fit the periods.

    Raises
    ------
    InputError
        If there is one.
    """
    arrays = [median, *[edge for band in bands for edge in (band.lower, band.upper)]]
    if any(len(values) != len(periods) or not np.isfinite(values).all() for values in arrays):
        raise InputError(
            "lines that do not fit the periods",
            where="chart",
            expected=f"{len(periods)} finite values each",
        )
