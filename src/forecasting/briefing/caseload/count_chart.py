"""Two counts side by side, each on its own axis, with what was published of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.briefing.caseload.caseload_chart import Fan, draw_fan, write_mark
from forecasting.briefing.charts import Size
from forecasting.briefing.drawing import (
    GAP,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    chart_style,
    period_ends,
)
from forecasting.briefing.sheet import FOOT, WIDTH_MM, Key, Sheet, axis_width
from forecasting.briefing.stocks.panel_charts import check_lines

if TYPE_CHECKING:
    from forecasting.languages import Language

PANEL_MM = 48.0


@dataclass(frozen=True)
class CountPanel:
    """One count over time.

    Parameters
    ----------
    title, detail : str
        Two lines above it.
    fan : Fan
    dots : pandas.Series
        Published counts by month; those outside the fan are left out.
    """

    title: str
    detail: str
    fan: Fan
    dots: pd.Series


def count_chart(
    panels: Sequence[CountPanel], keys: Sequence[Key], language: Language, *, mark: str = ""
) -> str:
    """Draw counts side by side, from nought to the same height, each named for itself.

    Raises
    ------
    InputError
        If arrays differ in length, or a value is not finite.
    """
    for panel in panels:
        check_lines(panel.fan.periods, panel.fan.median, panel.fan.bands)
    top = max([*(p.fan.top for p in panels), *(1.05 * p.dots.max() for p in panels if len(p.dots))])
    with chart_style():
        height = FOOT + PANEL_MM * POINTS_PER_MM + 3 * LINE_HEIGHT + 3 * GAP
        sheet = Sheet(language, Size(WIDTH_MM, height / POINTS_PER_MM))
        width, ceiling = axis_width(top, language), FOOT + PANEL_MM * POINTS_PER_MM
        room = (sheet.width - GAP - (3 * GAP + width) * len(panels) + 3 * GAP) / len(panels)
        start = 0.0
        for panel in panels:
            axes = sheet.panel(start + width, FOOT, start + width + room, ceiling)
            draw_fan(sheet, axes, panel.fan, float(top))
            sheet.year_axis(axes)
            shown = _within(panel.dots, panel.fan)
            axes.plot(
                period_ends(pd.PeriodIndex(shown.index)) if len(shown) else [],
                shown.to_numpy(dtype=float), "o", color=ORANGE, markersize=6,
                markeredgecolor="white", markeredgewidth=0.9, zorder=7, clip_on=False,
            )  # fmt: skip
            sheet.write(start, ceiling + 1.5 * LINE_HEIGHT + GAP, panel.title, color=NAVY,
                        weight="semibold")  # fmt: skip
            sheet.write(start, ceiling + 0.5 * LINE_HEIGHT + GAP, panel.detail)
            start += width + room + 3 * GAP
        sheet.legend(sheet.height - LINE_HEIGHT / 2, keys)
        write_mark(sheet, mark)
        return sheet.svg()


def _within(dots: pd.Series, fan: Fan) -> pd.Series:
    low, high = fan.span
    if not len(dots):
        return dots
    places = period_ends(pd.PeriodIndex(dots.index))
    return dots[np.asarray((places >= low) & (places <= high))]
