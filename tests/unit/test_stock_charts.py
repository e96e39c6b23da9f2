"""Charts of the reports on stocks: words in place, nothing cut, data that do not fit refused."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from forecasting.briefing.charts import Band
from forecasting.briefing.drawing import BLUE, NAVY
from forecasting.briefing.sheet import End, Key
from forecasting.briefing.stocks.occupancy_chart import (
    DayDot,
    OccupancyChart,
    Step,
    occupancy_chart,
)
from forecasting.briefing.stocks.panel_charts import Panel, panel_chart
from forecasting.briefing.stocks.value_charts import (
    BarPanel,
    HeatChart,
    HeatPanel,
    bar_chart,
    heat_chart,
)
from forecasting.errors import InputError
from forecasting.languages import Language

ENGLISH = Language("en")
PERIODS = pd.period_range("2025-01", "2029-12", freq="M")
TEXT = re.compile(
    r"<!-- (?P<text>.*?) -->\s*<g [^>]*?"
    r'transform="translate\((?P<x>[-\d.]+) (?P<y>[-\d.]+)\) scale\((?P<scale>[\d.]+) '
)


def bands(scale=1.0):
    middle = scale * np.linspace(10, 14, len(PERIODS))
    return [Band(level, middle - w * scale, middle + w * scale) for level, w in ((50, 3), (80, 8))]


def occupancy(*, days=4, close=False, scale=1.0):
    counts = [
        DayDot(v, str(v), str(y)) for v, y in ((47, 2008), (165, 2015), (152, 2016), (1, 2022))
    ]
    later = 62 if close else 120
    steps = [
        Step(PERIODS[0], PERIODS[-2], 60 * scale, "60 places until November 2029"),
        Step(PERIODS[-1], PERIODS[-1], later * scale, f"{later} places from December 2029 on"),
    ]
    own = bands(scale)
    ends = [End(float(b.upper[-1]), f"{b.level}%", BLUE, "normal") for b in own]
    return OccupancyChart(
        counts[:days], PERIODS, own[0].lower + 3, own, steps,
        [*ends, End(12, "median 12", NAVY, "bold")],
        ("counted on a day", "projection, end of the month"), "persons present", 185 * scale,
    )  # fmt: skip


def heat(*, rows=5, framed=True):
    shades = np.linspace(0, 1, rows * 5).reshape(rows, 5)
    texts = [[f"{1000 * v:,.0f}" for v in row] for row in shades]
    panel = HeatPanel("persons, median", texts, shades, shades > 0.8)
    other = replace(panel, title="more than 60 present, %", framed=np.zeros(shades.shape, bool))
    key = "as many as were counted on 20 October 2015 (165), or more" if framed else ""
    names = [f"× {f}" for f in (0.5, 1, 2, 4, 8)]
    return HeatChart(
        names[:rows], names, "arrivals", "length of stay", [panel, other], (1, 1), "as assumed", key
    )


def panels(top=30.0):
    own = Panel("wait of the last to come, months", "19.8 (0.0–71.3)", PERIODS, bands()[0].lower,
                bands(), 6.0, top)  # fmt: skip
    shares = Panel("enough in every month", "by probability; 80%: 170", np.array([0.5, 0.8, 0.9]),
                   np.array([90.0, 170.0, 290.0]), [], 53.9, 300.0, dot=(0.8, 170.0))  # fmt: skip
    return [own, shares]


KEYS = [Key("median", "line", "#12304F"), Key("50%", "fill", "#7FA8D1")]
CHARTS = {
    "occupancy": lambda: occupancy_chart(occupancy(), ENGLISH),
    "occupancy, no days": lambda: occupancy_chart(occupancy(days=0), ENGLISH),
    "occupancy, two steps close": lambda: occupancy_chart(occupancy(close=True), ENGLISH),
    "occupancy, thousands": lambda: occupancy_chart(occupancy(days=0, scale=1e3), ENGLISH),
    "heat": lambda: heat_chart(heat(), ENGLISH),
    "heat, one row": lambda: heat_chart(heat(rows=1, framed=False), ENGLISH),
    "panels": lambda: panel_chart(panels(), KEYS, ENGLISH),
    "panels, cut": lambda: panel_chart(panels(8.0), KEYS, ENGLISH),
    "bars": lambda: bar_chart(
        ["elsewhere, then back", "waiting outside"],
        [BarPanel("nights without a place", [410.0, 2410.0], ["410", "2,410"]),
         BarPanel("mean wait of the admitted", [None, 9.6], ["none", "9.6 days"])],
        ENGLISH,
    ),
}  # fmt: skip


def boxes(svg):
    """Left, top, right, bottom of every text, measured as semibold."""
    font = FontProperties(family="Source Sans Pro", weight="semibold")
    placed = {}
    for found in TEXT.finditer(svg):
        x, y = float(found["x"]), float(found["y"])
        width = TextPath((0, 0), found["text"], size=9, prop=font).get_extents().width
        placed[found["text"], x, y] = (x, y - 6.0, x + width, y + 1.0)
    return placed


@pytest.mark.parametrize("name", CHARTS)
def test_no_two_texts_touch_and_none_leaves_the_page(name):
    svg = CHARTS[name]()
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    assert width == pytest.approx(170 / 25.4 * 72, abs=0.1)
    placed = boxes(svg)
    assert len(placed) >= 8
    for (left, top, right, bottom), key in ((box, key) for key, box in placed.items()):
        assert min(left, top) > -1, key
        assert right < width + 1, key
        assert bottom < height + 1, key
    for a, b in combinations(placed, 2):
        one, two = placed[a], placed[b]
        apart = one[2] < two[0] or two[2] < one[0] or one[3] < two[1] or two[3] < one[1]
        assert apart, (a, b)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_the_same_text_every_time(name):
    assert CHARTS[name]() == CHARTS[name]()


def test_lines_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="60 finite values"):
        occupancy_chart(replace(occupancy(), median=np.ones(3)), ENGLISH)
    with pytest.raises(InputError, match="finite values"):
        panel_chart([replace(panels()[0], line=np.full(60, np.nan))], KEYS, ENGLISH)


def test_cells_that_do_not_fit_are_refused():
    chart = heat()
    with pytest.raises(InputError, match=r"panel 'persons, median'.*cells \(4, 5\)"):
        heat_chart(replace(chart, rows=chart.rows[:4]), ENGLISH)
    bad = replace(chart.panels[0], shades=chart.panels[0].shades + 1)
    with pytest.raises(InputError, match="shades of panel"):
        heat_chart(replace(chart, panels=[bad]), ENGLISH)


def test_bars_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"has 1 bars.*expected: 2, one per row"):
        bar_chart(["a", "b"], [BarPanel("p", [1.0], ["1"])], ENGLISH)
