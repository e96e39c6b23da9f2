"""The chart of an occupancy: persons present over time against the places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.charts import Band, Size
from forecasting.briefing.drawing import (
    BLUE,
    GAP,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    SHADE,
    chart_style,
    period_ends,
    period_starts,
    spread,
)
from forecasting.briefing.sheet import (
    FOOT,
    HEAD,
    WIDTH_MM,
    End,
    Sheet,
    axis_width,
    widest,
)
from forecasting.briefing.stocks.panel_charts import check_lines, draw_paths

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from forecasting.languages import Language

HEIGHT_MM = 74.0
_PER_DAY = 34.0  # points


@dataclass(frozen=True)
class DayDot:
    """What was counted on a single day.

    Parameters
    ----------
    value : float
    text : str
        Written above the dot.
    name : str
        Written below the axis.
    """

    value: float
    text: str
    name: str


@dataclass(frozen=True)
class Step:
    """Places from one period to another.

    Parameters
    ----------
    start, end : pandas.Period
    value : float
    text : str
        Written above the line.
    """

    start: pd.Period
    end: pd.Period
    value: float
    text: str


@dataclass(frozen=True)
class OccupancyChart:
    """Single days, then the paths of a stock against its places.

    Parameters
    ----------
    days : sequence of DayDot
        May be empty.
    periods : pandas.PeriodIndex
    median : array of shape (n_periods,)
    bands : sequence of Band
        The narrowest first.
    steps : sequence of Step
    ends : sequence of End
    titles : tuple of str
        Of the days, and of the paths.
    unit : str
    top : float
        Of the value axis; what reaches further is cut.
    """

    days: Sequence[DayDot]
    periods: pd.PeriodIndex
    median: np.ndarray
    bands: Sequence[Band]
    steps: Sequence[Step]
    ends: Sequence[End]
    titles: tuple[str, str]
    unit: str
    top: float


def occupancy_chart(data: OccupancyChart, language: Language) -> str:
    """Draw the persons present against the places, beside what was counted on single days.

    Raises
    ------
    InputError
        If the arrays and the periods differ in length, or a value is not finite.
    """
    check_lines(data.periods, data.median, data.bands)
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, HEIGHT_MM))
        left = axis_width(data.top, language)
        right = sheet.width - widest([end.text for end in data.ends], "semibold") - 3 * GAP
        ceiling = sheet.height - 2 * HEAD
        if data.days:
            middle = left + max(_PER_DAY * len(data.days), widest(data.titles[:1], "semibold") + 6)
            days = sheet.panel(left, FOOT, middle, ceiling)
            _draw_days(sheet, days, data)
            sheet.write(left, ceiling + HEAD / 2, data.titles[0], color=NAVY, weight="semibold")
            start = middle + 2 * GAP
        else:
            start = left
        axes = sheet.panel(start, FOOT, right, ceiling)
        axes.set_xlim(period_starts(data.periods)[0], period_ends(data.periods)[-1])
        axes.set_ylim(0, data.top)
        sheet.value_axis(axes)
        axes.tick_params(axis="y", labelleft=not data.days)
        sheet.year_axis(axes)
        axes.patch.set_visible(True)
        axes.patch.set_facecolor(SHADE)
        draw_paths(axes, period_ends(data.periods), data.median, data.bands)
        _draw_steps(sheet, axes, data.steps)
        sheet.write(start, ceiling + HEAD / 2, data.titles[1], color=NAVY, weight="semibold")
        sheet.write(0.0, sheet.height - LINE_HEIGHT / 2, data.unit)
        high = sheet.height - 2 * HEAD + LINE_HEIGHT / 2
        sheet.write_ends(axes, data.ends, low=FOOT, high=high)
        return sheet.svg()


def _draw_days(sheet: Sheet, axes: Axes, data: OccupancyChart) -> None:
    axes.set_xlim(0, len(data.days))
    axes.set_ylim(0, data.top)
    sheet.value_axis(axes)
    axes.set_xticks([])
    for place, day in enumerate(data.days):
        x = place + 0.5
        axes.plot([x, x], [0, day.value], color=BLUE, linewidth=1.2, zorder=2)
        axes.plot([x], [day.value], "o", color=NAVY, markersize=5.5, zorder=3)
        at = sheet.place(axes, x, day.value)
        sheet.write(at[0], at[1] + 9.0, day.text, ha="center", color=NAVY, weight="semibold")
        sheet.write(at[0], FOOT - 5.0, day.name, ha="center", va="top")


def _draw_steps(sheet: Sheet, axes: Axes, steps: Sequence[Step]) -> None:
    """Draw each number of places where it holds, thinner before, with its words on the line."""
    import pandas as pd

    low = axes.get_xlim()[0]
    wanted = [sheet.place(axes, low, step.value)[1] + 8.0 for step in steps]
    top = sheet.place(axes, low, axes.get_ylim()[1])[1] - 4.0
    places = spread(wanted, LINE_HEIGHT, FOOT, top)
    x = sheet.place(axes, low, 0.0)[0] + 4.0
    before: float | None = None
    for step, y in zip(steps, places, strict=True):
        begin, end = (
            float(bound(pd.PeriodIndex([period]))[0])
            for bound, period in ((period_starts, step.start), (period_ends, step.end))
        )
        axes.plot([low, begin], [step.value] * 2, color=ORANGE, linewidth=0.8, dashes=(3, 3))
        corner = [begin, begin] if before is not None else [begin]
        heights = [before, step.value] if before is not None else [step.value]
        axes.plot(
            [*corner, end], [*heights, step.value], color=ORANGE, linewidth=1.8, zorder=5,
            solid_capstyle="butt", clip_on=False,
        )  # fmt: skip
        ground = {"facecolor": SHADE, "edgecolor": "none", "alpha": 0.85, "pad": 1.0}
        sheet.write(x, y, step.text, color=ORANGE, weight="semibold", zorder=6, bbox=ground)
        before = step.value
