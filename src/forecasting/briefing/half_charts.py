"""Two charts as wide as a column: isolated counts, and sums of money against a cost.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, and what a
chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecasting.briefing.charts import HALF_WIDTH, Size
from forecasting.briefing.drawing import (
    BANDS,
    GAP,
    GREY,
    GRID,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    chart_style,
    period_middles,
    text_width,
)
from forecasting.briefing.sheet import FOOT, GROUND, Key, Sheet, axis_width, widest
from forecasting.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.languages import Language

_STYLES = (("dot", NAVY, "o"), ("diamond", ORANGE, "D"))


@dataclass(frozen=True)
class PointGroup:
    """Isolated counts of one quantity, never joined into a line.

    Parameters
    ----------
    name : str
        In the legend.
    periods : pandas.PeriodIndex
    values : sequence of float
    labels : sequence of str
        Beside the points; empty: none.
    """

    name: str
    periods: pd.PeriodIndex
    values: Sequence[float]
    labels: Sequence[str]


def points_chart(groups: Sequence[PointGroup], language: Language, *, height_mm: float) -> str:
    """Draw isolated counts over the years, their labels above them.

    Raises
    ------
    InputError
        If there is no group, or there are more than two.
    """
    if not 0 < len(groups) <= len(_STYLES):
        raise InputError(f"{len(groups)} groups of points", where="chart", expected="one or two")
    top = 1.15 * max(value for group in groups for value in group.values)
    with chart_style():
        sheet = Sheet(language, Size(HALF_WIDTH.width_mm, height_mm))
        ceiling = sheet.height - LINE_HEIGHT * len(groups) - 6.0
        axes = sheet.panel(axis_width(top, language), FOOT, sheet.width - GAP, ceiling)
        years = [year for group in groups for year in group.periods.year]
        axes.set_xlim(min(years), max(years) + 1)
        axes.set_ylim(0, top)
        sheet.value_axis(axes)
        sheet.year_axis(axes)
        for number, (group, (kind, color, marker)) in enumerate(zip(groups, _STYLES, strict=False)):
            x = period_middles(group.periods)
            axes.plot(x, group.values, marker, color=color, markersize=5, zorder=4, clip_on=False)
            for place, value, label in zip(x, group.values, group.labels, strict=True):
                at = sheet.place(axes, place, value)
                half = text_width(label) / 2
                middle = min(max(at[0], half), sheet.width - half)
                sheet.write(middle, at[1] + 9.0, label, ha="center", color=color, bbox=GROUND)
            y = sheet.height - LINE_HEIGHT * (number + 0.5)
            sheet.legend(y, [Key(group.name, kind, color)])  # type: ignore[arg-type]
        return sheet.svg()


@dataclass(frozen=True)
class Sum:
    """One sum of money.

    Parameters
    ----------
    name : str
    value : float
    text : str
        Behind the bar.
    interval : tuple of float or None
        A line between these ends.
    is_cost : bool
        Whether it stands against the others.
    """

    name: str
    value: float
    text: str
    interval: tuple[float, float] | None = None
    is_cost: bool = False


def sums_chart(sums: Sequence[Sum], unit: str, language: Language, *, height_mm: float) -> str:
    """Draw sums as bars in rows, the first one at the top, under their unit."""
    with chart_style():
        sheet = Sheet(language, Size(HALF_WIDTH.width_mm, height_mm))
        left = widest([each.name for each in sums]) + 2 * GAP
        right = sheet.width - widest([each.text for each in sums], "semibold") - 2 * GAP
        top = sheet.height - LINE_HEIGHT - 4.0
        row = top / len(sums)
        axes = sheet.panel(left, top - row * len(sums), right, top)
        longest = max([each.value for each in sums] + [e.interval[1] for e in sums if e.interval])
        axes.set_xlim(0, longest or 1.0)
        axes.set_ylim(len(sums), 0)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines["bottom"].set_visible(False)
        axes.axvline(0, color=GRID, linewidth=0.8)
        for number, each in enumerate(sums):
            y, color = number + 0.5, ORANGE if each.is_cost else BANDS[0]
            axes.barh(y, each.value, 0.55, color=color, linewidth=0, zorder=2)
            end = each.value
            if each.interval is not None:
                axes.plot(each.interval, [y, y], color=NAVY, linewidth=1.6, zorder=4)
                end = max(end, each.interval[1])
            x, height = sheet.place(axes, end, y)
            sheet.write(0.0, height, each.name)
            ink = ORANGE if each.is_cost else NAVY
            sheet.write(x + GAP, height, each.text, color=ink, weight="semibold")
        sheet.write(0.0, sheet.height - LINE_HEIGHT / 2, unit, color=GREY)
        return sheet.svg()
