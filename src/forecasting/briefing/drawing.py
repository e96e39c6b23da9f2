"""How the charts are put on paper: typeface, colours, axes, and labels that keep clear of lines."""

from __future__ import annotations

import io
import math
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure
    from numpy.typing import NDArray

    from forecasting.briefing.charts import (
        BreakMark,
        ChartLabels,
        FanChart,
        Size,
    )

POINTS_PER_MM = 72 / 25.4
TEXT_SIZE = 9.0
LINE_HEIGHT = 11.5
GAP = 6.0
NAVY, ORANGE, BLUE, GREY = "#12304F", "#AD4E17", "#2F5F94", "#595959"
GRID, SHADE = "#DCDCDC", "#F5F5F2"
BANDS = ("#7FA8D1", "#B3CEE7", "#DCE8F3")
"""Fills of the bands, the narrowest first."""


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart so that neighbours are at least `gap` from each other.

    The sum of squared moves is the least possible (isotonic regression of the places less their
    share of gaps); the order is kept. If they do not fit between `low` and `high`, they stand
    `gap` apart from `low` upwards.

    Parameters
    ----------
    places : sequence of float
        Wanted places in any order.
    gap : float
        Least distance.
    low, high : float
        Bounds of the result.

    Returns
    -------
    list of float
        Places in the order given.
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    blocks: list[tuple[float, int]] = []  # mean and number of shifted places, rising
    for rank, index in enumerate(order):
        mean, count = places[index] - rank * gap, 1
        while blocks and blocks[-1][0] >= mean:
            last, n = blocks.pop()
            mean, count = (mean * count + last * n) / (count + n), count + n
        blocks.append((mean, count))
    shifted = [mean for mean, count in blocks for _ in range(count)]
    top = max(low, high - (len(places) - 1) * gap)
    moved = [min(max(s, low), top) + rank * gap for rank, s in enumerate(shifted)]
    return [place for _, place in sorted(zip(order, moved, strict=True))]


def tick_decimals(ticks: Sequence[float]) -> int:
    """Return the least number of decimals at which no two ticks read the same.

    Parameters
    ----------
    ticks : sequence of float
        Evenly spaced values at an axis.

    Returns
    -------
    int
        0 to 12: enough to write every tick exactly, up to rounding noise.
    """
    step = min((b - a for a, b in pairwise(ticks)), default=1.0)
    for decimals in range(12):
        if all(abs(t - round(t, decimals)) < step * 1e-6 for t in ticks):
            return decimals
    return 12


def _years(stamps: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Dates as years with a fraction."""
    days = np.where(stamps.is_leap_year, 366, 365)
    seconds = (stamps - stamps.normalize()).total_seconds()
    return np.asarray(stamps.year + (stamps.dayofyear - 1 + seconds / 86400) / days, dtype=float)


def period_starts(periods: pd.PeriodIndex) -> NDArray[np.float64]:
    """Return the moments at which periods begin, as years with a fraction."""
    return _years(periods.to_timestamp(how="start"))


def period_ends(periods: pd.PeriodIndex) -> NDArray[np.float64]:
    """Return the moments at which periods end, as years with a fraction."""
    return period_starts(periods + 1)


def period_middles(periods: pd.PeriodIndex) -> NDArray[np.float64]:
    """Return the middles of periods, as years with a fraction."""
    return (period_starts(periods) + period_ends(periods)) / 2


def first_start(observed: pd.PeriodIndex, periods: pd.PeriodIndex) -> float:
    """Return the moment at which a chart's first period begins."""
    return float(period_starts(observed if len(observed) else periods)[0])


@cache
def _register_fonts() -> None:
    import font_source_sans_pro
    from matplotlib import font_manager

    for name in ("SourceSansPro", "SourceSansProSemibold", "SourceSansProBold"):
        font_manager.fontManager.addfont(font_source_sans_pro.font_files_ttf[name])


@contextmanager
def chart_style() -> Iterator[None]:
    """Draw with the bundled typeface and settings that do not depend on the machine."""
    import matplotlib as mpl

    _register_fonts()
    options: dict[Any, Any] = {
        "font.family": "Source Sans Pro",
        "font.size": TEXT_SIZE,
        "svg.fonttype": "path",
        "svg.hashsalt": "briefing",
        "text.usetex": False,
        "text.parse_math": False,  # a dollar sign in a label is a dollar sign
        "axes.linewidth": 0.8,
        "lines.solid_capstyle": "round",
        "lines.solid_joinstyle": "round",
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # a reader's own settings do not change a briefing
        mpl.rcParams.update(options)
        yield


@cache
def text_width(text: str, weight: str = "normal") -> float:
    """Width in points at the chart's text size."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    font = FontProperties(family="Source Sans Pro", weight=weight)
    outline = TextPath((0, 0), text, size=TEXT_SIZE, prop=font)
    return float(outline.get_extents().width) + 1.0


@dataclass(frozen=True)
class _EndLabel:
    """A label in the right margin and the value it belongs to."""

    value: float
    text: str
    color: str
    weight: str = "normal"


class Paper:
    """One chart while it is being drawn; lengths in points from the bottom left corner."""

    def __init__(self, data: FanChart, labels: ChartLabels, size: Size) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.data, self.labels = data, labels
        self.width, self.height = size.width_mm * POINTS_PER_MM, size.height_mm * POINTS_PER_MM
        self.figure: MplFigure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
        FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.outturn: NDArray[np.float64] = np.array([])
        self.breaks: list[tuple[float, str]] = []  # place in time and label

    def draw(
        self,
        observed_x: NDArray[np.float64],
        observed: NDArray[np.float64],
        future_x: NDArray[np.float64],
        start: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> None:
        """Draw everything that is measured in data units."""
        axes, data = self.axes, self.data
        origin = float(period_starts(data.periods)[0])
        self.left_x = first_start(data.observed_periods, data.periods)
        self.right_x, self.origin = float(period_ends(data.periods)[-1]), origin
        axes.axvspan(origin, self.right_x, color=SHADE, linewidth=0, zorder=0)
        axes.axvline(origin, color="#8C8C8C", linewidth=0.8, zorder=3)
        x = np.concatenate([start[0], future_x])
        widest_first = sorted(data.bands, key=lambda b: -float(np.sum(b.upper - b.lower)))
        for band, fill in zip(widest_first, self._fills(len(widest_first)), strict=True):
            lower, upper = (np.concatenate([start[1], edge]) for edge in (band.lower, band.upper))
            axes.fill_between(x, lower, upper, color=fill, linewidth=0, zorder=1)
        median = np.concatenate([start[1], data.median])
        axes.plot(x, median, color=NAVY, linewidth=1.6, dashes=(4, 2), zorder=4)
        axes.plot(observed_x, observed, color=NAVY, linewidth=1.6, zorder=5)

    def draw_outturn(
        self,
        future_x: NDArray[np.float64],
        outturn: NDArray[np.float64],
        start: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> None:
        """Draw what was counted in the forecast periods since."""
        self.outturn = outturn
        x, values = np.concatenate([start[0], future_x]), np.concatenate([start[1], outturn])
        self.axes.plot(x, values, color=ORANGE, linewidth=1.6, zorder=6)

    def draw_breaks(self, breaks: Sequence[BreakMark]) -> None:
        """Draw a dashed line at every break; their labels stand above the drawing."""
        import pandas as pd

        for mark in breaks:
            at = pd.PeriodIndex([mark.period])
            x = float((period_starts(at) if mark.stays else period_middles(at))[0])
            self.axes.axvline(x, color=GREY, linewidth=0.7, dashes=(3, 2.5), zorder=2)
            if mark.label:
                self.breaks.append((x, mark.label))

    def finish(self) -> str:
        """Place axes and labels, and write the drawing."""
        self._limits()
        ends = sorted(self._end_labels(), key=lambda end: end.value)
        self._lay_out(ends)
        self._year_axis()
        self._heads()
        self._label_breaks()
        self._write_ends(ends)
        return self._svg()

    @staticmethod
    def _fills(count: int) -> list[str]:
        return [BANDS[min(i, len(BANDS) - 1)] for i in reversed(range(count))]

    def _limits(self) -> None:
        """Show every line; only bands may be cut, at the caller's `y_max`."""
        data = self.data
        edges = [edge for band in data.bands for edge in (band.lower, band.upper)]
        kept = np.concatenate([[0.0], data.observed, data.median, self.outturn])
        low = min(float(kept.min()), *(float(edge.min()) for edge in edges))
        top = max(float(kept.max()), *(float(edge.max()) for edge in edges)) * 1.03
        if data.y_max is not None:
            top = min(top, max(data.y_max, float(kept.max()) * 1.03))
        if top <= low:
            top = low + 1.0
        self.axes.set_xlim(self.left_x, self.right_x)
        self.axes.set_ylim(low * 1.03, top)

    def _end_labels(self) -> list[_EndLabel]:
        data, labels = self.data, self.labels
        ends = [_EndLabel(float(data.median[-1]), labels.median, NAVY, "bold")]
        for band in data.bands:
            cut = float(band.upper.max()) > self.axes.get_ylim()[1]
            words = labels.clipped.get(band.level) if cut else None
            words = words or labels.bands[band.level]
            ends.append(_EndLabel(float(band.upper[-1]), words, BLUE))
        if len(self.outturn):
            ends.append(_EndLabel(float(self.outturn[-1]), labels.outturn, ORANGE, "semibold"))
        return ends

    def _lay_out(self, ends: Sequence[_EndLabel]) -> None:
        """Give the axes what the labels around them leave free."""
        from matplotlib.ticker import MaxNLocator

        axes, language = self.axes, self.labels.language
        low, high = axes.get_ylim()
        ticks = [float(t) for t in MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(low, high)]
        ticks = [t for t in ticks if low <= t <= high]
        names = [language.number(t, tick_decimals(ticks)) for t in ticks]
        axes.set_yticks(ticks, names, color=GREY)
        self.left = max(text_width(name) for name in names) + GAP
        self.right = self.width - max(text_width(e.text, e.weight) for e in ends) - 2 * GAP
        self.bottom, self.top = LINE_HEIGHT + 5.0, self.height - LINE_HEIGHT - 6.0
        if self.breaks:
            self.top -= LINE_HEIGHT  # a row for their labels
        axes.set_position(
            (
                self.left / self.width,
                self.bottom / self.height,
                (self.right - self.left) / self.width,
                (self.top - self.bottom) / self.height,
            )
        )
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0, pad=4)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color("#8C8C8C")

    def _year_axis(self) -> None:
        """Ticks between the years, the year's name in the middle of its twelve months."""
        years = range(math.floor(self.left_x + 1e-6), math.ceil(self.right_x - 1e-6))
        per_year = (self.right - self.left) / (self.right_x - self.left_x)
        room = text_width("2000") + GAP
        step = next((s for s in (1, 2, 5, 10, 20, 50) if s * per_year >= room), 100)
        bounds = range(years.start, years.stop + 1)
        self.axes.set_xticks([y for y in bounds if self.left_x - 1e-6 <= y <= self.right_x + 1e-6])
        self.axes.tick_params(axis="x", length=3, color="#8C8C8C")
        self.axes.tick_params(axis="x", labelbottom=False)
        for year in years:
            middle = self._place(year + 0.5, 0.0)[0]
            half = text_width(str(year)) / 2
            whole = self.left - GAP <= middle - half and middle + half <= self.right + GAP
            if year % step == 0 and whole:
                self._write(
                    (middle, self.bottom - 5.0), str(year), color=GREY, ha="center", va="top"
                )

    def _heads(self) -> None:
        """Write the unit and the word at the origin into the strip above the drawing."""
        base = self.height - LINE_HEIGHT + 2.0
        self._write((0.0, base), self.labels.unit, color=GREY, va="baseline")
        line = self._place(self.origin, 0.0)[0]
        words = f"{self.labels.forecast} →"
        clear = text_width(self.labels.unit) + 2 * GAP
        x = min(max(line + 4.0, clear), self.width - text_width(words))
        self._write((x, base), words, color=GREY, va="baseline")
        if line > clear - GAP:
            self._line([line, line], [self.top, self.height - 2.0], color="#8C8C8C", linewidth=0.8)

    def _label_breaks(self) -> None:
        """Write the labels side by side in the row above the drawing, left of the origin's line."""
        if not self.breaks:
            return
        width = max(text_width(label) for _, label in self.breaks)
        wanted = [self._place(x, 0.0)[0] for x, _ in self.breaks]
        high = self._place(self.origin, 0.0)[0] - width / 2 - 2.0
        places = spread(wanted, width + 3.0, self.left, high)
        for (_, label), start, x in zip(self.breaks, wanted, places, strict=True):
            ends = [self.top, self.top + 3.0]
            self._line([start, x], ends, color=GREY, linewidth=0.7)
            self._write((x, self.top + 8.0), label, color=GREY, ha="center")

    def _write_ends(self, ends: Sequence[_EndLabel]) -> None:
        wanted = [
            min(max(self._place(self.right_x, e.value)[1], self.bottom), self.top) for e in ends
        ]
        half = LINE_HEIGHT / 2
        places = spread(wanted, LINE_HEIGHT, self.bottom - half, self.top + half)
        for end, start, y in zip(ends, wanted, places, strict=True):
            x = self.right + 2 * GAP - 1.0
            if abs(y - start) > 2.0:
                self._line([self.right + 3.5, x - 1.5], [start, y], color="#A6A6A6", linewidth=0.6)
            self._write((x, y), end.text, color=end.color, weight=end.weight)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        place = self.axes.transData.transform((x, y))
        return float(place[0]), float(place[1])

    def _write(self, place: tuple[float, float], text: str, **options: Any) -> None:
        style: dict[str, Any] = {"ha": "left", "va": "center_baseline", "size": TEXT_SIZE} | options
        self.figure.text(place[0] / self.width, place[1] / self.height, text, **style)

    def _line(self, x: Sequence[float], y: Sequence[float], **options: Any) -> None:
        from matplotlib.lines import Line2D

        line = Line2D([v / self.width for v in x], [v / self.height for v in y], **options)
        line.set_transform(self.figure.transFigure)
        self.figure.add_artist(line)

    def _svg(self) -> str:
        target = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        self.figure.savefig(target, format="svg", metadata=metadata)
        text = target.getvalue()
        return text[text.index("<svg") :]
