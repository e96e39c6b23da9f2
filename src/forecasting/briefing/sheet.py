"""A sheet of paper for charts of any kind: panels, words and lines placed in points."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from forecasting.briefing.drawing import (
    GAP,
    GREY,
    GRID,
    LINE_HEIGHT,
    POINTS_PER_MM,
    TEXT_SIZE,
    spread,
    text_width,
    tick_decimals,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MplFigure

    from forecasting.briefing.charts import Size
    from forecasting.languages import Language

AXIS = "#8C8C8C"


@dataclass(frozen=True)
class Key:
    """One entry of a legend.

    Parameters
    ----------
    text : str
    kind : {"line", "dot", "ring", "diamond", "open diamond", "fill", "steps"}
        What stands before the text.
    color : str
    """

    text: str
    kind: Literal["line", "dot", "ring", "diamond", "open diamond", "fill", "steps"]
    color: str


class Sheet:
    """One chart while it is being drawn; lengths in points from the bottom left corner."""

    def __init__(self, language: Language, size: Size) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.language = language
        self.width, self.height = size.width_mm * POINTS_PER_MM, size.height_mm * POINTS_PER_MM
        self.figure: MplFigure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
        FigureCanvasAgg(self.figure)

    def panel(self, left: float, bottom: float, right: float, top: float) -> Axes:
        """Add axes of which only the bottom line is drawn."""
        box = (
            left / self.width,
            bottom / self.height,
            (right - left) / self.width,
            (top - bottom) / self.height,
        )
        axes = self.figure.add_axes(box)
        axes.set_axisbelow(True)
        axes.patch.set_visible(False)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(AXIS)
        axes.tick_params(axis="y", length=0, pad=4)
        axes.tick_params(axis="x", length=3, color=AXIS, pad=3)
        return axes

    def write(self, x: float, y: float, text: str, **options: Any) -> None:
        """Write a text, by default grey, left and in the middle of the line at `y`."""
        style: dict[str, Any] = {"ha": "left", "va": "center_baseline", "size": TEXT_SIZE}
        self.figure.text(x / self.width, y / self.height, text, **style | {"color": GREY} | options)

    def line(self, x: Sequence[float], y: Sequence[float], **options: Any) -> None:
        """Draw a line through points of the sheet."""
        from matplotlib.lines import Line2D

        drawn = Line2D([v / self.width for v in x], [v / self.height for v in y], **options)
        drawn.set_transform(self.figure.transFigure)
        self.figure.add_artist(drawn)

    def place(self, axes: Axes, x: float, y: float) -> tuple[float, float]:
        """Return where a point of a panel lies on the sheet."""
        found = axes.transData.transform((x, y))
        return float(found[0]), float(found[1])

    def legend(self, y: float, keys: Sequence[Key], *, left: float = 0.0) -> None:
        """Write a legend in one line."""
        x = left
        for key in keys:
            self._symbol(x, y, key)
            self.write(x + 18.0, y, key.text)
            x += 18.0 + text_width(key.text) + 2 * GAP

    def _symbol(self, x: float, y: float, key: Key) -> None:
        ends, middle = [x, x + 13.0], x + 6.5
        if key.kind == "fill":
            self.line(ends, [y, y], color=key.color, linewidth=7, solid_capstyle="butt")
        elif key.kind == "steps":
            corners = [x, x, x + 6.5, x + 6.5, x + 13.0, x + 13.0]
            heights = [y - 3.5, y + 3.5, y + 3.5, y, y, y - 3.5]
            self.line(corners, heights, color=key.color, linewidth=1.2)
        elif key.kind == "line":
            self.line(ends, [y, y], color=key.color, linewidth=1.4)
        else:
            shape = "D" if key.kind.endswith("diamond") else "o"
            fill = "white" if key.kind in ("ring", "open diamond") else key.color
            self.line(
                [middle], [y], color=key.color, marker=shape, markersize=5, markerfacecolor=fill
            )

    def value_axis(self, axes: Axes, *, percent: bool = False) -> None:
        """Put ticks and grid lines at round values of the vertical axis, its limits being set."""
        ticks = round_ticks(*axes.get_ylim())
        axes.set_yticks(ticks, tick_names(ticks, self.language, percent=percent), color=GREY)
        axes.grid(axis="y", color=GRID, linewidth=0.6)

    def year_axis(self, axes: Axes) -> None:
        """Put ticks between the years, a year's name in the middle of its twelve months."""
        low, high = axes.get_xlim()
        left, bottom = self.place(axes, low, axes.get_ylim()[0])
        right = self.place(axes, high, 0.0)[0]
        per_year = (right - left) / (high - low)
        room = text_width("2000") + GAP
        step = next((s for s in (1, 2, 5, 10, 20, 50) if s * per_year >= room), 100)
        years = range(math.floor(low + 1e-6), math.ceil(high - 1e-6))
        bounds = range(years.start, years.stop + 1)
        axes.set_xticks([y for y in bounds if low - 1e-6 <= y <= high + 1e-6])
        axes.tick_params(axis="x", labelbottom=False)
        for year in years:
            middle = left + (year + 0.5 - low) * per_year
            half = text_width(str(year)) / 2
            if year % step == 0 and left - GAP <= middle - half and middle + half <= right + GAP:
                self.write(middle, bottom - 5.0, str(year), ha="center", va="top")

    def write_ends(self, axes: Axes, ends: Sequence[End], *, low: float, high: float) -> None:
        """Write labels right of the values at which lines end, clear of each other.

        Parameters
        ----------
        axes : matplotlib.axes.Axes
            Its limits being set; a value outside them is labelled at the edge.
        ends : sequence of End
        low, high : float
            Lowest and highest place of a label on the sheet.
        """
        bottom, top = axes.get_ylim()
        edge = axes.get_xlim()[1]
        x = self.place(axes, edge, bottom)[0]
        wanted = [self.place(axes, edge, min(max(end.value, bottom), top))[1] for end in ends]
        places = spread(wanted, LINE_HEIGHT, low, high)
        for end, start, y in zip(ends, wanted, places, strict=True):
            if abs(y - start) > 2.0:
                self.line([x + 3.0, x + 2 * GAP], [start, y], color=AXIS, linewidth=0.6)
            self.write(x + 2.5 * GAP, y, end.text, color=end.color, weight=end.weight)

    def svg(self) -> str:
        """Return the drawing as text, the same for the same input."""
        target = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        self.figure.savefig(target, format="svg", metadata=metadata)
        text = target.getvalue()
        return text[text.index("<svg") :]


@dataclass(frozen=True)
class End:
    """Words in the right margin and the value they belong to."""

    value: float
    text: str
    color: str
    weight: str = "semibold"


def round_ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Return round values from `low` to `high`."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(nbins=count, steps=[1, 2, 5, 10]).tick_values(low, high)
    return [float(t) for t in found if low <= t <= high]


def tick_names(ticks: Sequence[float], language: Language, *, percent: bool = False) -> list[str]:
    """Write ticks with the decimals that tell them apart; shares as percentages."""
    decimals = tick_decimals(ticks)
    if percent:
        return [language.percent(t, max(0, decimals - 2)) for t in ticks]
    return [language.number(t, decimals) for t in ticks]


def axis_width(top: float, language: Language, *, percent: bool = False) -> float:
    """Return the room left of a value axis that begins at zero, for the names of its ticks."""
    return widest(tick_names(round_ticks(0.0, top), language, percent=percent)) + GAP


def widest(texts: Sequence[str], weight: str = "normal") -> float:
    """Return the width of the widest text in points."""
    return max((text_width(text, weight) for text in texts), default=0.0)


def folded(text: str, room: float, weight: str = "normal") -> list[str]:
    """Break a text at its spaces into lines of at most a width; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, weight) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


WIDTH_MM = 170.0
"""Width of a chart that fills the text of a page."""

GROUND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8}
"""Box behind words that stand on lines."""

HEAD = LINE_HEIGHT + 6.0
"""Room above a panel for one line of words."""

FOOT = LINE_HEIGHT + 5.0
"""Room below a panel for the numbers of its axis."""
