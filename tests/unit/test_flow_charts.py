"""Charts of the report on a flow: words in place, nothing cut, data that do not fit refused."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from forecasting.briefing.flows.time_charts import (
    BreakMark,
    HistoryChart,
    TargetsChart,
    history_chart,
    stack_labels,
    targets_chart,
)
from forecasting.briefing.score_charts import (
    Dot,
    DotChart,
    DotPanel,
    RankChart,
    RankPanel,
    dot_chart,
    rank_chart,
)
from forecasting.briefing.sheet import Key
from forecasting.errors import InputError
from forecasting.languages import Language

ENGLISH = Language("en")
TEXT = re.compile(
    r"<!-- (?P<text>.*?) -->\s*<g [^>]*?"
    r'transform="translate\((?P<x>[-\d.]+) (?P<y>[-\d.]+)\) scale\((?P<scale>[\d.]+) '
)


def history(*months, stays=True, values=None):
    periods = pd.period_range("2008-01", "2024-09", freq="M", name="period")
    counts = np.linspace(900, 100, len(periods)) if values is None else values
    marks = [
        BreakMark(pd.Period(month, "M"), f"{month} ×{1.5 + i:.1f}", stays)
        for i, month in enumerate(months)
    ]
    return HistoryChart(pd.Series(counts, index=periods), marks, "persons per month")


def targets(scale=1.0):
    origins = pd.period_range("2012-12", periods=16, freq="M")
    outcome = scale * np.linspace(1_000, 20_000, 16)
    target, practice = outcome * np.tile([0.8, 1.2], 8), outcome * 0.9
    labels = ("counted 20,300", "P80: 24,000", "last year × 3: 18,000")
    return TargetsChart(
        origins, outcome, target, practice, "persons", labels, ("target met", "target missed")
    )


def dots(*, log=False, chance=True):
    own = [
        Dot(0.9, 0.7, 1.1, 0.8, "90% (80%)", strong=True),
        Dot(1.0, None, None, None, "100%"),
        None,
    ]
    panels = [DotPanel("interval of 80%", 0.8, own), DotPanel("interval of 95%", 0.95, own[::-1])]
    rows = ["months 1–3", "total of 12 months", "months 13–24"]
    keys = [Key("calibrated", "dot", "b"), Key("chance", "fill", "g"), Key("line", "line", "r")]
    return DotChart(rows, panels, (0.5, 0.7, 1.0), ENGLISH.percent, keys, chance=chance, log=log)


def ranks(shares=None):
    even = np.full(10, 0.1)
    shares = np.linspace(0, 0.2, 10) if shares is None else shares
    panel = RankPanel("months 1–12", shares, even - 0.08, even + 0.1, even)
    keys = [Key("calibrated", "fill", "b"), Key("uncalibrated", "steps", "b")]
    return RankChart([panel, panel], ("below the paths", "above the paths"), keys)


CHARTS = {
    "history": lambda: history_chart(history("2016-02", "2016-04", "2020-04"), ENGLISH),
    "history, nothing marked": lambda: history_chart(history(), ENGLISH),
    "history, crowded at the end": lambda: history_chart(
        history("2008-01", "2023-11", "2024-07", "2024-08", "2024-09", stays=False), ENGLISH
    ),
    "targets": lambda: targets_chart(targets(), ENGLISH),
    "targets, tiny": lambda: targets_chart(targets(1e-5), ENGLISH),
    "dots": lambda: dot_chart(dots(), ENGLISH),
    "dots of ratios": lambda: dot_chart(dots(log=True, chance=False), ENGLISH),
    "ranks": lambda: rank_chart(ranks(), ENGLISH),
}


def words(svg):
    return [found["text"] for found in TEXT.finditer(svg)]


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
    assert len(placed) > 8
    for a, b in combinations(placed, 2):
        (left, top, right, bottom), (l2, t2, r2, b2) = placed[a], placed[b]
        assert right <= l2 or r2 <= left or bottom <= t2 or b2 <= top, (a, b)
    for text, (left, top, right, bottom) in placed.items():
        assert left >= -1, text
        assert right <= width + 2, text
        assert 0 <= top < bottom <= height, text


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_input_gives_the_same_drawing_without_a_date(name):
    svg = CHARTS[name]()
    assert svg == CHARTS[name]()
    assert not re.search("dc:date|Matplotlib|<image|<text", svg)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("history", {"persons per month", "2016-02 ×1.5", "2020-04 ×3.5", "2016"}),
        ("targets", {"P80: 24,000", "last year × 3: 18,000", "target met", "target missed"}),
        ("dots", {"months 1–3", "interval of 95%", "90% (80%)", "calibrated", "70%"}),
        ("ranks", {"months 1–12", "below the paths", "above the paths", "uncalibrated", "10%"}),
    ],
)
def test_every_word_of_the_caller_is_on_the_chart(name, expected):
    assert expected <= set(words(CHARTS[name]()))


def test_numbers_follow_the_language():
    assert "20.000" in words(targets_chart(targets(), Language("sl")))
    assert "10\N{NO-BREAK SPACE}%" in words(rank_chart(ranks(), Language("sl")))


def test_shares_below_a_percent_keep_their_decimals():
    tiny = np.full(10, 0.001)
    panel = RankPanel("a", tiny, tiny / 2, tiny * 2, tiny)
    chart = RankChart([panel], ("low", "high"), [])
    assert {"0.1%", "0.2%"} <= {
        w.rstrip("0%") + "%" if "." in w else w for w in words(rank_chart(chart, ENGLISH))
    }


def test_a_gap_in_the_observations_is_drawn_as_a_gap():
    values = np.linspace(100, 900, 201)
    values[50] = np.nan
    chart = history("2012-03", values=values)
    assert chart.values.isna().sum() == 1
    assert "2012-03 ×1.5" in words(history_chart(chart, ENGLISH))


LABELS = st.lists(
    st.tuples(st.floats(0, 400), st.floats(1, 120)),
    min_size=1,
    max_size=12,
    unique_by=lambda p: p[0],
)


@given(LABELS)
def test_a_stacked_label_covers_no_other_label_and_no_line_that_passes_it(labels):
    starts, widths = zip(*sorted(labels), strict=True)
    rows = stack_labels(starts, widths)
    for a, b in combinations(range(len(starts)), 2):  # b stands to the right of a
        if starts[b] < starts[a] + widths[a]:
            assert rows[a] > rows[b], "the line of b ends below the label of a"


def test_labels_that_are_far_apart_share_the_lowest_row():
    assert stack_labels([0.0, 100.0, 110.0, 300.0], [50.0] * 4) == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: history_chart(history("2025-01"), ENGLISH), "break in 2025-01"),
        (
            lambda: targets_chart(
                TargetsChart(**(vars(targets()) | {"target": np.full(16, np.nan)})), ENGLISH
            ),
            "target has 0 finite values.*expected: 16",
        ),
        (
            lambda: dot_chart(
                DotChart(["a", "b"], [DotPanel("p", 1.0, [None])], (0, 1), str), ENGLISH
            ),
            "panel 'p' has 1 dots.*expected: 2",
        ),
        (
            lambda: dot_chart(
                DotChart(["a"], [DotPanel("p", 1.0, [Dot(np.nan, 0, 1)])], (0, 1), str), ENGLISH
            ),
            "not finite",
        ),
        (lambda: rank_chart(ranks(np.ones(4)), ENGLISH), "bins of 'months 1–12' that do not fit"),
    ],
)
def test_data_that_do_not_fit_are_refused(draw, message):
    with pytest.raises(InputError, match=message):
        draw()
