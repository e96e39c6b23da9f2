"""Charts: words in place, numbers in the reader's language, labels that keep clear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from forecasting.briefing.charts import (
    HALF_WIDTH,
    Band,
    BreakMark,
    ChartLabels,
    FanChart,
    Size,
    fan_chart,
)
from forecasting.briefing.drawing import LINE_HEIGHT, spread, tick_decimals
from forecasting.briefing.half_charts import PointGroup, Sum, points_chart, sums_chart
from forecasting.briefing.pages.scenario_chart import (
    QuantityPanel,
    Spread,
    scenario_chart,
    wrapped,
)
from forecasting.errors import InputError
from forecasting.languages import Language

LEVELS = (50, 80, 95)
LABELS = ChartLabels(
    language=Language("en"),
    unit="persons per month",
    forecast="forecast",
    median="median 491",
    bands={level: f"{level}%" for level in LEVELS},
    clipped={level: f"{level}%: to 9,{level}0" for level in LEVELS},
)
TEXT = re.compile(
    r"<!-- (?P<text>.*?) -->\s*<g [^>]*?"
    r'transform="translate\((?P<x>[-\d.]+) (?P<y>[-\d.]+)\) scale\((?P<scale>[\d.]+) '
)


def paths(origin: str, end: str, seed: int, volatility: float = 0.2) -> tuple[pd.PeriodIndex, ...]:
    rng = np.random.default_rng(seed)
    future = pd.period_range(pd.Period(origin, "M") + 1, end, freq="M")
    steps = rng.normal(0, volatility, (400, len(future)))
    return future, 500 * np.exp(np.cumsum(steps, axis=1) * 0.5)


def bands(draws: np.ndarray) -> list[Band]:
    return [
        Band(level, *np.quantile(draws, [0.5 - level / 200, 0.5 + level / 200], axis=0))
        for level in LEVELS
    ]


def fan(*, seed: int = 1, y_max: float | None = None, scale: float = 1.0) -> FanChart:
    observed = pd.period_range("2015-01", "2024-09", freq="M")
    future, draws = paths("2024-09", "2029-12", seed)
    values = scale * np.linspace(900, 500, len(observed))
    return FanChart(
        observed, values, future, scale * np.median(draws, axis=0), bands(scale * draws), y_max
    )


def broken(*months: str, labels: Sequence[str] = "12345") -> FanChart:
    """A fan with breaks: level shifts and single months out of line in turn."""
    marks = [
        BreakMark(pd.Period(month, "M"), label, index % 2 == 0)
        for index, (month, label) in enumerate(zip(months, labels, strict=False))
    ]
    return replace(fan(), breaks=marks)


def points(*values: float) -> str:
    months = pd.PeriodIndex(["2019-03", "2019-10", "2021-04", "2022-01"][: len(values)], freq="M")
    labels = [f"{values[0]:,.0f}", *[""] * (len(values) - 2), f"{values[-1]:,.0f}"]
    alone = pd.PeriodIndex(["2017-07"], freq="M")
    groups = [
        PointGroup("persons entitled", months, values, labels),
        PointGroup("recipients (one per family)", alone, [53_558.0], ["53,558"]),
    ]
    return points_chart(groups, Language("en"), height_mm=48)


def sums() -> str:
    rows = [
        Sum("published", 10.2, "10.2"),
        Sum("gross", 9.5, "9.5 (5.9 to 13.1)", (5.9, 13.1)),
        Sum("cost", 41.5, "41.5", is_cost=True),
    ]
    return sums_chart(rows, "EUR million", Language("en"), height_mm=48)


def scenarios(line: float | None = 420.0) -> str:
    rows = ["Reference", "Contingency plan activated", "Stay doubles"]
    found = [Spread(3_000, 250, 20_850, line), Spread(860, 79, 900, line), Spread(5_970, 0, 6_000)]
    panels = [
        QuantityPanel(title, "persons, Dec 2029", found)
        for title in ("Applications", "O.1.1.1", "Reception of asylum applicants", "Wait")
    ]
    keys = ("median", "80% of the paths", "published target, places")
    return scenario_chart(rows, panels, keys, Language("en"))


def words(svg: str) -> list[str]:
    return [found["text"] for found in TEXT.finditer(svg)]


def boxes(svg: str) -> dict[tuple[str, float, float], tuple[float, float, float, float]]:
    """Left, top, right, bottom of every text, measured as bold: never too small."""
    font = FontProperties(family="Source Sans Pro", weight="bold")
    placed = {}
    for found in TEXT.finditer(svg):
        x, y = float(found["x"]), float(found["y"])
        width = TextPath((0, 0), found["text"], size=9, prop=font).get_extents().width
        placed[found["text"], x, y] = (x, y - 6.0, x + width, y + 1.0)
    return placed


CHARTS = {
    "fan": lambda: fan_chart(fan(), LABELS),
    "fan, cut": lambda: fan_chart(fan(y_max=700), LABELS),
    "fan, half width": lambda: fan_chart(fan(), LABELS, size=HALF_WIDTH),
    "fan, breaks": lambda: fan_chart(broken("2016-02", "2016-04", "2020-04"), LABELS),
    "fan, breaks at both ends": lambda: fan_chart(
        broken("2015-01", "2015-02", "2015-03", "2024-08", "2024-09"), LABELS
    ),
    "fan, breaks, half width": lambda: fan_chart(
        broken("2015-01", "2024-07", "2024-08", "2024-09"), LABELS, size=HALF_WIDTH
    ),
    "points": lambda: points(91_595, 91_100, 111_116, 86_712),
    "sums of money": sums,
    "scenarios": scenarios,
}


@pytest.mark.parametrize("name", CHARTS)
def test_no_two_texts_touch_and_none_leaves_the_page(name: str) -> None:
    svg = CHARTS[name]()
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    placed = boxes(svg)
    assert len(placed) >= 7
    for a, b in combinations(placed, 2):
        (left, top, right, bottom), (l2, t2, r2, b2) = placed[a], placed[b]
        assert right <= l2 or r2 <= left or bottom <= t2 or b2 <= top, (a, b)
    for text, (left, top, right, bottom) in placed.items():
        assert left >= -1, text
        assert right <= width + 2, text
        assert 0 <= top < bottom <= height, text


@pytest.mark.parametrize("name", CHARTS)
def test_text_is_nine_points_at_the_scale_of_the_page(name: str) -> None:
    svg = CHARTS[name]()
    width = float(re.search(r'<svg[^>]* width="([\d.]+)pt"', svg)[1])
    expected = 81 if "half" in name or name in ("points", "sums of money") else 170
    assert width * 25.4 / 72 == pytest.approx(expected, abs=0.01)
    assert min(float(found["scale"]) for found in TEXT.finditer(svg)) >= 0.09


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_input_gives_the_same_drawing(name: str) -> None:
    assert CHARTS[name]() == CHARTS[name]()


def test_a_readers_own_settings_do_not_change_a_chart() -> None:
    import matplotlib as mpl

    before = CHARTS["fan"]()
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "none"}):
        assert CHARTS["fan"]() == before


def test_the_drawing_names_no_date_and_no_program() -> None:
    svg = CHARTS["fan"]()
    assert svg.startswith("<svg")
    assert not re.search("dc:date|Matplotlib|<image|<text", svg)


def test_every_word_of_the_caller_is_on_the_chart() -> None:
    assert {"persons per month", "forecast →", "median 491", "50%", "80%", "95%"} <= set(
        words(CHARTS["fan"]())
    )
    assert {"53,558", "91,595", "86,712", "persons entitled"} <= set(words(CHARTS["points"]()))


def test_axis_numbers_follow_the_language() -> None:
    slovenian = ChartLabels(
        Language("sl"), "osebe", "napoved", "mediana", {level: f"{level} %" for level in LEVELS}
    )
    assert "1.000" in words(fan_chart(fan(), slovenian))
    assert "1,000" in words(fan_chart(fan(), LABELS))


@pytest.mark.parametrize("scale", [0.0, 0.0004, 0.003, 1.0, 2e5])
def test_no_two_axis_numbers_read_the_same(scale: float) -> None:
    numbers = [w for w in words(fan_chart(fan(scale=scale), LABELS)) if re.fullmatch(r"[\d.,]+", w)]
    assert len(numbers) == len(set(numbers)) > 12


def test_negative_values_are_shown_with_a_minus_sign() -> None:
    chart = fan()
    lower = Band(50, chart.bands[0].lower - 2_000, chart.bands[0].upper)
    svg = fan_chart(
        FanChart(chart.observed_periods, chart.observed, chart.periods, chart.median, [lower]),
        LABELS,
    )
    assert "−1,000" in words(svg)


def test_only_a_band_that_is_cut_says_how_far_it_reaches() -> None:
    chart = fan()
    tops = {band.level: band.upper.max() for band in chart.bands}
    between = (tops[80] + tops[95]) / 2
    shown = words(fan_chart(fan(y_max=between), LABELS))
    assert "95%: to 9,950" in shown
    assert "80%" in shown
    assert "95%" not in shown


@pytest.mark.parametrize("order", [1, -1])
def test_labels_of_cut_bands_stand_in_the_order_of_the_bands(order: int) -> None:
    chart = FanChart(**(vars(fan(y_max=600)) | {"bands": fan().bands[::order]}))
    top = {text: y for text, _, y in boxes(fan_chart(chart, LABELS))}
    assert top["95%: to 9,950"] < top["80%: to 9,800"] < top["50%"]


def test_a_dollar_sign_is_no_formula() -> None:
    labels = ChartLabels(Language("en"), "$x^2$", "f", "m", LABELS.bands)
    assert "$x^2$" in words(fan_chart(fan(), labels))


@pytest.mark.parametrize("frequency", ["Q", "Y"])
def test_quarters_and_years_are_drawn(frequency: str) -> None:
    observed = pd.period_range("2010", "2023", freq=frequency)
    future = pd.period_range(observed[-1] + 1, periods=5, freq=frequency)
    ones = np.ones(5)
    chart = FanChart(observed, np.ones(len(observed)), future, ones, [Band(50, ones, 2 * ones)])
    assert "2016" in words(fan_chart(chart, LABELS))


def test_years_are_thinned_where_there_is_no_room() -> None:
    years = [int(w) for w in words(fan_chart(fan(), LABELS, size=Size(81))) if w[:2] == "20"]
    assert {b - a for a, b in pairwise(years)} == {5}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"median": np.ones(3)}, "median has 3 values"),
        ({"observed": np.full(117, np.nan)}, "observed has values that are not finite"),
        ({"bands": [Band(90, np.ones(63), np.ones(63))]}, "no label for the 90 % band"),
        ({"bands": [Band(50, np.ones(63), np.ones(2))]}, "upper edge of the 50 % band"),
    ],
)
def test_data_that_do_not_fit_are_refused(change: dict[str, object], message: str) -> None:
    chart = fan()
    with pytest.raises(InputError, match=message):
        fan_chart(FanChart(**(vars(chart) | change)), LABELS)


def dashed(svg: str) -> list[float]:
    """Places of the thin dashed lines from the bottom of the drawing to its top."""
    lines = re.findall(r'<path d="M ([\d.]+) [\d.]+ \nL ([\d.]+) [\d.]+ \n"([^>]*)>', svg)
    return [float(x) for x, end, style in lines if x == end and "stroke-dasharray" in style]


def test_every_break_has_a_dashed_line_and_its_label_beside_it() -> None:
    svg = CHARTS["fan, breaks"]()
    lines, labels = dashed(svg), {text: x for text, x, _ in boxes(svg) if text in "123"}
    assert len(lines) == len(labels) == 3
    assert lines == sorted(lines)
    for line, text in zip(lines, "123", strict=True):
        assert abs(labels[text] + 2.0 - line) < 8.0  # a digit is 4.5 points wide
    assert dashed(CHARTS["fan"]()) == []


def test_a_level_shift_stands_at_the_beginning_of_its_month_an_outlier_in_the_middle() -> None:
    month = pd.Period("2020-04", "M")
    shift, outlier = (
        dashed(fan_chart(replace(fan(), breaks=[BreakMark(month, "1", stays)]), LABELS))[0]
        for stays in (True, False)
    )
    following = dashed(fan_chart(broken("2020-05"), LABELS))[0]
    assert outlier - shift == pytest.approx((following - shift) / 2, rel=0.05)


def test_labels_of_breaks_stand_in_a_row_of_their_own_left_of_the_forecast() -> None:
    svg = CHARTS["fan, breaks at both ends"]()
    placed = boxes(svg)
    rows = {box[1] for (text, _, _), box in placed.items() if text in "12345"}
    assert len(rows) == 1
    (forecast,) = (box for (text, _, _), box in placed.items() if text == "forecast →")
    assert rows.pop() > forecast[3]
    right = max(box[2] for (text, _, _), box in placed.items() if text in "12345")
    assert right <= forecast[0]


def test_a_break_without_a_label_has_a_line_only_and_takes_no_row() -> None:
    svg = fan_chart(broken("2016-02", labels=[""]), LABELS)
    assert len(dashed(svg)) == 1
    assert words(svg) == words(CHARTS["fan"]())


@pytest.mark.parametrize("month", ["2014-12", "2024-10"])
def test_a_break_outside_the_observations_is_refused(month: str) -> None:
    with pytest.raises(InputError, match=f"break '1' in {month}"):
        fan_chart(broken(month), LABELS)


@given(st.lists(st.floats(-50, 250), min_size=1, max_size=10))
def test_spread_keeps_distance_order_and_bounds(places: list[float]) -> None:
    moved = spread(places, LINE_HEIGHT, 0.0, 200.0)
    order = sorted(range(len(places)), key=lambda i: places[i])
    assert all(moved[b] - moved[a] >= LINE_HEIGHT - 1e-6 for a, b in pairwise(order))
    assert min(moved) >= 0.0
    assert max(moved) <= 200.0 + 1e-6


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8, unique=True))
def test_spread_leaves_places_that_are_far_enough_apart(places: list[int]) -> None:
    wanted = [10.0 * place for place in places]
    assert spread(wanted, 10.0, 0.0, 200.0) == pytest.approx(wanted)


def test_spread_moves_equal_places_evenly() -> None:
    assert spread([50.0, 50.0, 50.0], 10.0, 0.0, 100.0) == [40.0, 50.0, 60.0]


def test_spread_without_room_stacks_from_below() -> None:
    assert spread([5.0, 5.0, 5.0], 10.0, 0.0, 15.0) == [0.0, 10.0, 20.0]


@pytest.mark.parametrize(
    ("ticks", "decimals"),
    [([0, 1, 2], 0), ([0, 0.5, 1], 1), ([0, 0.25], 2), ([1e6, 2e6], 0), ([0.0, 0.1 + 0.2], 1)],
)
def test_ticks_get_the_decimals_they_need(ticks: list[float], decimals: int) -> None:
    assert tick_decimals(ticks) == decimals


def test_a_scenario_has_an_orange_line_where_it_is_held_against_something() -> None:
    assert "published target, places" in words(scenarios())
    assert "published target, places" not in words(scenarios(None))


def test_what_reaches_beyond_the_axis_ends_in_an_arrow() -> None:
    with_arrow, without = (
        scenario_chart(
            ["a"],
            [QuantityPanel("t", "u", [Spread(10, 1, upper)])],
            ("m", "r", "l"),
            Language("en"),
        )
        for upper in (1_000, 11)
    )
    assert len(with_arrow) > len(without)


@pytest.mark.parametrize("upper", [float("nan"), float("inf")])
def test_a_spread_that_is_not_finite_is_refused(upper: float) -> None:
    panel = QuantityPanel("Wait", "months", [Spread(1.0, 0.0, upper)])
    with pytest.raises(InputError, match="panel 'Wait'"):
        scenario_chart(["a"], [panel], ("m", "r", "l"), Language("en"))


def test_a_title_is_broken_between_words_only() -> None:
    assert wrapped("Reception of asylum applicants", 60) == [
        "Reception of",
        "asylum",
        "applicants",
    ]
    assert wrapped("Turvapaikanhakijoiden", 10) == ["Turvapaikanhakijoiden"]


def test_three_groups_of_points_are_refused() -> None:
    group = PointGroup("a", pd.PeriodIndex(["2019-03"], freq="M"), [1.0], ["1"])
    with pytest.raises(InputError, match="3 groups"):
        points_chart([group] * 3, Language("en"), height_mm=48)
