"""Charts of the report on savings: words in place, nothing cut, data that do not fit refused."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from forecasting.briefing.charts import Band
from forecasting.briefing.savings.bridge_chart import (
    BridgeBar,
    BridgeChart,
    bar_starts,
    bridge_chart,
)
from forecasting.briefing.savings.swing_charts import (
    BulletChart,
    BulletRow,
    Swing,
    TornadoChart,
    bullet_chart,
    tornado_chart,
)
from forecasting.briefing.savings.track_chart import Dot, Track, TrackChart, track_chart
from forecasting.errors import InputError
from forecasting.languages import Language

ENGLISH = Language("en")
TEXT = re.compile(
    r"<!-- (?P<text>.*?) -->\s*<g [^>]*?"
    r'transform="translate\((?P<x>[-\d.]+) (?P<y>[-\d.]+)\) scale\((?P<scale>[\d.]+) '
)


def bridge(level=41.5, scale=1.0):
    bars = [
        BridgeBar("as published", 10.2, "10.2", "", "sum"),
        BridgeBar("all leave evenly inside their period", -5.1, "−5.1"),
        BridgeBar("savings run on to month 60", 17.6, "+17.6"),
        BridgeBar("some come back", -7.7, "−7.7", "−9.9 to −3.2", interval=(-9.9, -3.2)),
        BridgeBar("gross", 15.0, "15.0", "11.0 to 19.9", "sum", (11.0, 19.9)),
        BridgeBar("would have left anyway", -15.5, "−15.5", "−16 to −2", interval=(-16.0, -2.0)),
        BridgeBar("net", -0.5, "−0.5", "−1.0 to 11.9", "sum", (-1.0, 11.9)),
    ]
    scaled = [
        replace(
            bar,
            value=bar.value * scale,
            interval=tuple(scale * v for v in bar.interval) if bar.interval else None,
        )
        for bar in bars
    ]
    text = f"cost {level}" if level else ""
    return BridgeChart(scaled, "EUR million", "80% of the draws", level, text)


def tornado(far=11.0):
    swings = [
        Swing("deadweight", far, 3.1, "27%", "73%", "3.1 to 11.0"),
        Swing("share that never comes back", 4.0, 9.0, "30%", "50%", "4.0 to 9.0"),
        Swing("both on one side", 7.0, 9.0, "1", "2", ""),
        Swing("nothing moves", 6.35, 6.35, "3.0%", "5.0%", ""),
    ]
    keys = ("assumption low (P10)", "assumption high (P90)")
    return TornadoChart(swings, 6.35, "middle 6.4", "net savings, EUR million", keys, "result")


def bullets(*, percent=True):
    rows = [
        BulletRow("deadweight", 0.62, 0.55, ("62%", "55%")),
        BulletRow("more realised than planned", 0.2, 0.3, ("20%", "30%")),
        BulletRow("only one of them", 0.1, None, ("10%", "–"), strong=True),
    ]
    keys = ("with interactions", "alone")
    return BulletChart(rows, keys, ("total", "first order"), "share of the variance", percent)


MONTHS = np.arange(61.0)
MEDIAN = 8 * (MONTHS / 60) ** 2


def bands(middle):
    return [Band(lv, middle * (1 - w), middle * (1 + w)) for lv, w in ((50, 0.3), (80, 0.6))]


def track(level=41.5, top=45.0):
    tracks = [
        Track(MONTHS, 2 * MEDIAN, "gross: median 16.0"),
        Track(MONTHS[::6], MEDIAN[::6], "published 10.2", "#AD4E17", dashed=True),
    ]
    return TrackChart(
        MONTHS, MEDIAN, bands(MEDIAN), "net: median 8.0", ["50%", "80%"], "EUR million", top,
        "month of the programme", tracks, level, "programme cost 41.5",
    )  # fmt: skip


def pace():
    years = 2017.8 + MONTHS / 12
    middle = 600 + 90 * MONTHS
    dots = [
        Dot(2017.8, 597, "597 in October 2017"),
        Dot(2018.2, 800, "about 800, expected in March 2018", False),
        Dot(2019.5, 1600, "1,600 by mid-2019, planned", False),
    ]
    return TrackChart(
        years, middle, bands(middle), "median 6,000", ["50%", "80%"], "persons included", 12_500.0,
        dots=dots, level=12_000.0, level_text="planned: 12,000",
    )  # fmt: skip


CHARTS = {
    "bridge": lambda: bridge_chart(bridge(), ENGLISH),
    "bridge without a level": lambda: bridge_chart(bridge(None), ENGLISH),
    "bridge beyond its level": lambda: bridge_chart(bridge(6.0), ENGLISH),
    "bridge in euros": lambda: bridge_chart(bridge(None, 1e6), ENGLISH),
    "tornado": lambda: tornado_chart(tornado(), ENGLISH),
    "tornado, one side": lambda: tornado_chart(tornado(6.4), ENGLISH),
    "bullets": lambda: bullet_chart(bullets(), ENGLISH),
    "bullets of numbers": lambda: bullet_chart(bullets(percent=False), ENGLISH),
    "track": lambda: track_chart([track()], ENGLISH),
    "track, cut": lambda: track_chart([track(None, 6.0)], ENGLISH),
    "two tracks": lambda: track_chart([track(), replace(track(None, 12.0), tracks=())], ENGLISH),
    "pace": lambda: track_chart([pace()], ENGLISH),
}


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
    assert len(placed) >= 12
    for key, (left, top, right, bottom) in placed.items():
        assert min(left, top) > -1, key
        assert right < width + 2, key  # a normal weight is narrower than measured
        assert bottom < height + 1, key
    for a, b in combinations(placed, 2):
        one, two = placed[a], placed[b]
        apart = one[2] < two[0] or two[2] < one[0] or one[3] < two[1] or two[3] < one[1]
        assert apart, (a, b)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_the_same_text_every_time(name):
    assert CHARTS[name]() == CHARTS[name]()


def test_the_words_of_every_bar_stand_on_the_chart():
    written = {text for text, _, _ in boxes(bridge_chart(bridge(), ENGLISH))}
    bars = bridge().bars
    assert {text for bar in bars for text in (bar.name, bar.text, bar.detail) if text} <= written
    assert {"EUR million", "cost 41.5", "80% of the draws"} <= written


def test_a_step_begins_where_the_bar_before_it_ends():
    starts = bar_starts(bridge().bars)
    assert starts == pytest.approx([0.0, 10.2, 5.1, 22.7, 0.0, 15.0, 0.0])


def test_a_bridge_that_does_not_meet_is_refused():
    bars = list(bridge().bars)
    with pytest.raises(InputError, match="first bar is no sum"):
        bridge_chart(replace(bridge(), bars=bars[1:]), ENGLISH)
    bars[4] = replace(bars[4], value=14.0)
    with pytest.raises(InputError, match=r"sum 'gross' is 14; .*expected: 15, where the steps"):
        bridge_chart(replace(bridge(), bars=bars), ENGLISH)
    bars[4] = replace(bars[4], value=15.0, interval=(np.nan, 1.0))
    with pytest.raises(InputError, match="'gross' is not finite"):
        bridge_chart(replace(bridge(), bars=bars), ENGLISH)


def test_swings_and_pairs_that_cannot_be_drawn_are_refused():
    with pytest.raises(InputError, match="no swings"):
        tornado_chart(replace(tornado(), swings=[]), ENGLISH)
    with pytest.raises(InputError, match="not finite"):
        tornado_chart(replace(tornado(), middle=np.inf), ENGLISH)
    with pytest.raises(InputError, match="below 0"):
        bullet_chart(replace(bullets(), rows=[BulletRow("a", -1.0, 0.0, ("", ""))]), ENGLISH)
    with pytest.raises(InputError, match="one per column"):
        bullet_chart(replace(bullets(), heads=("total",)), ENGLISH)


def test_tracks_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="61 finite values"):
        track_chart([replace(track(), middle=np.ones(3))], ENGLISH)
    short = Track(np.arange(3.0), np.ones(2), "")
    with pytest.raises(InputError, match="3 finite values"):
        track_chart([replace(track(), tracks=[short])], ENGLISH)
    with pytest.raises(InputError, match="1 words for the bands"):
        track_chart([replace(track(), band_texts=["50%"])], ENGLISH)
