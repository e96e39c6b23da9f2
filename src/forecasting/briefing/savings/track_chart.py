"""A quantity over time: bands and lines against a level, with dated points.

As in `forecasting.briefing.charts` nothing is computed here but places on the paper, and what a
chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.charts import Band, Size
from forecasting.briefing.drawing import (
    BLUE,
    GAP,
    GREY,
    LINE_HEIGHT,
    NAVY,
    ORANGE,
    POINTS_PER_MM,
    chart_style,
    text_width,
)
from forecasting.briefing.flows.time_charts import stack_labels
from forecasting.briefing.savings.bridge_chart import FOOT
from forecasting.briefing.sheet import AXIS, HEAD, WIDTH_MM, End, Sheet, axis_width, widest
from forecasting.briefing.sheet import FOOT as YEARS
from forecasting.briefing.stocks.panel_charts import check_lines, draw_paths
from forecasting.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecasting.languages import Language

HEIGHT_MM = 60.0


@dataclass(frozen=True)
class Track:
    """A line beside the bands.

    Parameters
    ----------
    x, y : array of shape (n,)
    text : str
        At its right end.
    color : str
    dashed : bool
    """

    x: np.ndarray
    y: np.ndarray
    text: str
    color: str = BLUE
    dashed: bool = False


@dataclass(frozen=True)
class Dot:
    """A point with its words above the drawing.

    Parameters
    ----------
    x, y : float
    text : str
    is_fact : bool
        A full dot; a ring is what was planned.
    """

    x: float
    y: float
    text: str
    is_fact: bool = True


@dataclass(frozen=True)
class TrackChart:
    """Paths over time.

    Parameters
    ----------
    x : array of shape (n,)
        Months of a programme, or years with a fraction.
    middle : array of shape (n,)
        Median or mean.
    bands : sequence of Band
        The narrowest first.
    middle_text : str
    band_texts : sequence of str
        At the right end of the upper edges.
    tracks : sequence of Track
    level, level_text : float or None, str
        A horizontal line to hold the paths against, and its words.
    dots : sequence of Dot
        In order of time.
    unit, x_unit : str
        Of the axes; without `x_unit` the horizontal axis is one of years.
    top : float
        Of the value axis; what reaches further is cut.
    is_titled : bool
        Whether `unit` is the title of a panel among others.
    """

    x: np.ndarray
    middle: np.ndarray
    bands: Sequence[Band]
    middle_text: str
    band_texts: Sequence[str]
    unit: str
    top: float
    x_unit: str = ""
    tracks: Sequence[Track] = ()
    level: float | None = None
    level_text: str = ""
    dots: Sequence[Dot] = ()
    is_titled: bool = False


def track_chart(panels: Sequence[TrackChart], language: Language) -> str:
    """Draw bands and lines over time, named at their right ends; panels stand side by side.

    Raises
    ------
    InputError
        If arrays differ in length, a value is not finite, or a band has no words.
    """
    for data in panels:
        _check(data)
    with chart_style():
        width = WIDTH_MM * POINTS_PER_MM / len(panels)
        frames = [
            _frame(data, number * width, width, language) for number, data in enumerate(panels)
        ]
        head = HEAD + LINE_HEIGHT * (max((r for f in frames for r in f.rows), default=-1) + 1)
        sheet = Sheet(language, Size(WIDTH_MM, HEIGHT_MM + (head - HEAD) / POINTS_PER_MM))
        for frame in frames:
            _draw(sheet, frame, head)
        return sheet.svg()


@dataclass(frozen=True)
class _Frame:
    """A panel with its place on the sheet, and where the words of its dots stand."""

    data: TrackChart
    start: float
    left: float
    right: float
    starts: Sequence[float]
    rows: Sequence[int]


def _frame(data: TrackChart, start: float, width: float, language: Language) -> _Frame:
    left = start + axis_width(_top(data), language)
    right = start + width - widest([end.text for end in _ends(data)], "bold") - 3.5 * GAP
    low, high = _span(data)
    starts = [left + (right - left) * (dot.x - low) / (high - low) for dot in data.dots]
    rows = stack_labels(starts, [text_width(dot.text) + 2 * GAP for dot in data.dots])
    return _Frame(data, start, left, right, starts, rows)


def _draw(sheet: Sheet, frame: _Frame, head: float) -> None:
    data = frame.data
    foot = FOOT if data.x_unit else YEARS
    axes = sheet.panel(frame.left, foot, frame.right, sheet.height - head)
    _axes(sheet, axes, data)
    draw_paths(axes, data.x, data.middle, data.bands)
    for track in data.tracks:
        axes.plot(
            track.x, track.y, color=track.color, linewidth=1.4, zorder=4,
            linestyle=(0, (1.5, 1.5)) if track.dashed else "-",
        )  # fmt: skip
    if data.level is not None:
        axes.axhline(data.level, color=ORANGE, linewidth=1.5, zorder=5)
    style = {"color": NAVY, "weight": "semibold"} if data.is_titled else {}
    sheet.write(frame.start, sheet.height - LINE_HEIGHT / 2, data.unit, **style)
    sheet.write((frame.left + frame.right) / 2, LINE_HEIGHT / 2, data.x_unit, ha="center")
    for dot, start, row in zip(data.dots, frame.starts, frame.rows, strict=True):
        _draw_dot(sheet, axes, dot, start, row)
    top = sheet.place(axes, 0.0, axes.get_ylim()[1])[1] + LINE_HEIGHT / 2
    sheet.write_ends(axes, _ends(data), low=foot, high=top)


def _check(data: TrackChart) -> None:
    check_lines(data.x, data.middle, data.bands)
    for track in data.tracks:
        check_lines(track.x, track.y, [])
    if len(data.bands) != len(data.band_texts):
        raise InputError(
            f"{len(data.band_texts)} words for the bands",
            where="chart",
            expected=f"{len(data.bands)}, one per band",
        )


def _span(data: TrackChart) -> tuple[float, float]:
    every = [data.x, *(track.x for track in data.tracks), np.array([d.x for d in data.dots])]
    joined = np.concatenate(every)
    return float(joined.min()), float(joined.max())


def _top(data: TrackChart) -> float:
    return max(data.top, 1.03 * (data.level or 0.0))


def _axes(sheet: Sheet, axes: Axes, data: TrackChart) -> None:
    low, high = _span(data)
    axes.set_xlim(low, high)
    axes.set_ylim(0, _top(data))
    sheet.value_axis(axes)
    if data.x_unit:
        ticks = [t for t in range(0, int(high) + 1, 12) if t >= low]
        axes.set_xticks(ticks, [sheet.language.number(t) for t in ticks], color=GREY)
    else:
        sheet.year_axis(axes)


def _draw_dot(sheet: Sheet, axes: Axes, dot: Dot, start: float, row: int) -> None:
    fill = NAVY if dot.is_fact else "white"
    axes.plot([dot.x], [dot.y], "o", color=NAVY, markersize=5.5, markerfacecolor=fill, zorder=7,
              clip_on=False)  # fmt: skip
    y = sheet.place(axes, dot.x, dot.y)[1]
    top = sheet.place(axes, dot.x, axes.get_ylim()[1])[1] + LINE_HEIGHT * (row + 0.5)
    sheet.line([start, start], [y + 3.0, top + 3.0], color=AXIS, linewidth=0.7)
    sheet.write(start + 3.0, top, dot.text)


def _ends(data: TrackChart) -> list[End]:
    """Every label in the right margin."""
    ends = [End(float(data.middle[-1]), data.middle_text, NAVY, "bold")]
    for band, text in zip(data.bands, data.band_texts, strict=True):
        ends.append(End(float(band.upper[-1]), text, BLUE, "normal"))
    ends += [End(float(line.y[-1]), line.text, line.color) for line in data.tracks]
    if data.level is not None:
        ends.append(End(data.level, data.level_text, ORANGE))
    return ends
