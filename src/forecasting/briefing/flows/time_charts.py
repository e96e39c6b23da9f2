"""Charts over time for the report on a flow: a history with its breaks, and past targets.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, sizes are
those of print, and what a chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.charts import BreakMark, Size
from forecasting.briefing.drawing import (
    BLUE,
    GAP,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    chart_style,
    period_ends,
    period_middles,
    period_starts,
    text_width,
)
from forecasting.briefing.sheet import (
    FOOT,
    HEAD,
    WIDTH_MM,
    End,
    Key,
    Sheet,
    axis_width,
    widest,
)
from forecasting.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from forecasting.languages import Language

HISTORY_MM, TARGETS_MM = 56.0, 68.0


@dataclass(frozen=True)
class HistoryChart:
    """Observations and the breaks in them.

    Parameters
    ----------
    values : pandas.Series
        Indexed by a `pandas.PeriodIndex`; a missing value is a gap in the line.
    marks : sequence of BreakMark
        In order of time.
    unit : str
        Title of the value axis.
    """

    values: pd.Series
    marks: Sequence[BreakMark]
    unit: str


def history_chart(data: HistoryChart, language: Language) -> str:
    """Draw observations over time, with a named line at every break.

    A label stands in a row above those it would cover, and the sheet is as high as that takes.

    Raises
    ------
    InputError
        If a break lies outside the observations.
    """
    import pandas as pd

    periods = pd.PeriodIndex(data.values.index)
    for mark in data.marks:
        if mark.period not in periods:
            raise InputError(
                f"break in {mark.period}",
                where="chart",
                expected=f"a period from {periods[0]} to {periods[-1]}",
            )
    span = (float(period_starts(periods)[0]), float(period_ends(periods)[-1]))
    top = 1.05 * float(np.nanmax(data.values)) or 1.0
    with chart_style():
        left = axis_width(top, language)
        right, rows = _rows_of_labels(data.marks, span, left)
        head = HEAD + LINE_HEIGHT * (max(rows, default=-1) + 1)
        sheet = Sheet(language, Size(WIDTH_MM, HISTORY_MM + head / POINTS_PER_MM))
        axes = sheet.panel(left, FOOT, right, sheet.height - head)
        axes.set_xlim(*span)
        axes.set_ylim(0, top)
        sheet.value_axis(axes)
        sheet.year_axis(axes)
        axes.plot(period_middles(periods), data.values, color=NAVY, linewidth=1.4, zorder=4)
        sheet.write(0.0, sheet.height - LINE_HEIGHT / 2, data.unit)
        for mark, row in zip(data.marks, rows, strict=True):
            _draw_break(sheet, axes, data, mark, row)
        return sheet.svg()


def _rows_of_labels(
    marks: Sequence[BreakMark], span: tuple[float, float], left: float
) -> tuple[float, list[int]]:
    """Right end of the drawing so that every label has room, and the row of each label."""
    shares = [(_mark_place(mark) - span[0]) / (span[1] - span[0]) for mark in marks]
    widths = [text_width(mark.label, "semibold") + GAP for mark in marks]
    page = WIDTH_MM * POINTS_PER_MM
    ends = [left + (page - width - left) / s for s, width in zip(shares, widths, strict=True) if s]
    right = min([page - GAP, *ends])
    return right, stack_labels([left + s * (right - left) for s in shares], widths)


def stack_labels(starts: Sequence[float], widths: Sequence[float]) -> list[int]:
    """Give each label a row, counted upwards from 0, so that it covers no other label or its line.

    A label reaches to the right from `starts`, where its own line comes up to it.

    Parameters
    ----------
    starts, widths : sequence of float
        Starts ascending.

    Returns
    -------
    list of int
        One per label.
    """
    rows: list[int] = []
    for index in reversed(range(len(starts))):
        covered = [
            row
            for start, row in zip(reversed(starts[index + 1 :]), rows, strict=True)
            if start < starts[index] + widths[index]
        ]
        rows.append(max(covered, default=-1) + 1)
    return rows[::-1]


def _mark_place(mark: BreakMark) -> float:
    import pandas as pd

    at = pd.PeriodIndex([mark.period])
    return float((period_starts(at) if mark.stays else period_middles(at))[0])


def _draw_break(sheet: Sheet, axes: Axes, data: HistoryChart, mark: BreakMark, row: int) -> None:
    at = _mark_place(mark)
    x, bottom = sheet.place(axes, at, 0.0)
    y = sheet.place(axes, at, axes.get_ylim()[1])[1] + LINE_HEIGHT * (row + 0.5)
    style = {} if mark.stays else {"dashes": (2, 2)}
    sheet.line([x, x], [bottom, y + 4.0], color=ORANGE, linewidth=0.9, zorder=1, **style)
    sheet.write(x + 3.0, y, mark.label, color=ORANGE, weight="semibold")
    values = data.values.to_numpy()
    value = float(values[mark.period.ordinal - data.values.index[0].ordinal])
    if not mark.stays and np.isfinite(value):
        axes.plot(
            [at], [value], "o", color=ORANGE, markersize=5, markerfacecolor="white", zorder=5,
            clip_on=False,
        )  # fmt: skip


@dataclass(frozen=True)
class TargetsChart:
    """Targets that would have been set at past origins, and what was counted.

    Parameters
    ----------
    origins : pandas.PeriodIndex
    outcome, target, practice : array of shape (n_origins,)
    unit : str
        Title of the value axis.
    labels : tuple of str
        Words at the end of outcome, target and practice.
    keys : tuple of str
        Words of the legend: a target that was met, and one that was missed.
    """

    origins: pd.PeriodIndex
    outcome: np.ndarray
    target: np.ndarray
    practice: np.ndarray
    unit: str
    labels: tuple[str, str, str]
    keys: tuple[str, str]


def targets_chart(data: TargetsChart, language: Language) -> str:
    """Draw past targets against what was counted; a target above the line was missed.

    Raises
    ------
    InputError
        If the arrays and the origins differ in length, or a value is not finite.
    """
    lines = {"outcome": data.outcome, "target": data.target, "practice": data.practice}
    for name, values in lines.items():
        if len(values) != len(data.origins) or not np.isfinite(values).all():
            raise InputError(
                f"{name} has {int(np.isfinite(values).sum())} finite values",
                where="chart",
                expected=f"{len(data.origins)}",
            )
    x = period_ends(data.origins)
    top = 1.06 * max(float(values.max()) for values in lines.values()) or 1.0
    with chart_style():
        sheet = Sheet(language, Size(WIDTH_MM, TARGETS_MM))
        left = axis_width(top, language)
        right = sheet.width - widest(data.labels, "semibold") - 3 * GAP
        axes = sheet.panel(left, FOOT, right, sheet.height - HEAD - LINE_HEIGHT)
        axes.set_xlim(np.floor(x[0] * 4 - 1) / 4, x[-1] + 0.02 * (x[-1] - x[0]) + 0.05)
        axes.set_ylim(0, top)
        sheet.value_axis(axes)
        sheet.year_axis(axes)
        _draw_targets(axes, x, data)
        sheet.write(0.0, sheet.height - LINE_HEIGHT / 2, data.unit)
        sheet.legend(
            sheet.height - 1.5 * LINE_HEIGHT - 1.0,
            [Key(data.keys[0], "diamond", BLUE), Key(data.keys[1], "open diamond", BLUE)],
        )
        drawn = (data.outcome, data.target, data.practice)
        ends = [
            End(float(each[-1]), text, color)
            for each, text, color in zip(drawn, data.labels, (NAVY, BLUE, ORANGE), strict=True)
        ]
        sheet.write_ends(axes, ends, low=FOOT, high=sheet.height - HEAD)
        return sheet.svg()


def _draw_targets(axes: Axes, x: np.ndarray, data: TargetsChart) -> None:
    met = data.outcome >= data.target
    axes.plot(x, data.outcome, color=NAVY, linewidth=1.6, zorder=3)
    axes.plot(x, data.practice, color=ORANGE, linewidth=1.2, dashes=(3, 2), zorder=2)
    axes.plot(x, data.target, color=BLUE, linewidth=0.6, zorder=2)
    for chosen, fill in ((met, BLUE), (~met, "white")):
        axes.plot(
            x[chosen], data.target[chosen], "D", color=BLUE, markersize=5.5, markerfacecolor=fill,
            clip_on=False, zorder=5,
        )  # fmt: skip
