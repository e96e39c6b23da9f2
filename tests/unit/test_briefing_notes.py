"""What a briefing says of breaks, revisions, calibration and past targets."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from forecasting import (
    compose_briefing,
    forecast,
    load_programme,
    persons_by_month,
    propose_targets,
)
from forecasting.briefing import figures, notes
from forecasting.briefing.blocks import Columns, plain
from forecasting.briefing.content import Briefing
from forecasting.briefing.material import BriefingOptions, Material
from forecasting.briefing.words import Words
from forecasting.forecasts import MemberReport, experience_of
from forecasting.languages import Language
from forecasting.models import available_models
from forecasting.programmes.reliability import read_attainment
from forecasting.series import RegularSeries, make_series, read_series
from forecasting.series.breaks import ADVICE, Break, find_breaks
from forecasting.series.revisions import default_revisions, summarise_revisions

DRIVER = "asylum-applicants"


def brief(
    series: RegularSeries,
    *,
    geo: str,
    language: str = "en",
    as_of: str = "",
    model: str = "seasonal_naive-log",
) -> Briefing:
    horizon = pd.Period("2029-12", "M").ordinal - series.origin.ordinal
    result, past = (
        forecast(known, horizon=months, model=model, n_paths=100)
        for known, months in ((series, horizon), (series.until(series.origin - 12), 12))
    )
    asked = BriefingOptions(geo, language, as_of)
    if geo != "SI":
        return compose_briefing(result, past, asked)
    programme = load_programme("si-amif-2021-2027")
    proposals = propose_targets(programme, persons_by_month(result), origin=result.origin)
    return compose_briefing(result, past, asked, programme=programme, proposals=proposals)


@cache
def briefing(geo: str, language: str = "en", as_of: str = "") -> Briefing:
    series = read_series(f"{DRIVER}/{geo}", as_of=as_of or None)
    return brief(series, geo=geo, language=language, as_of=as_of)


def smooth(n_months: int) -> RegularSeries:
    """Counts with a season and noise, and no break."""
    months = pd.period_range(end="2024-09", periods=n_months, freq="M")
    noise = np.random.default_rng(1).normal(0, 0.05, n_months)
    values = 400 * np.exp(0.2 * np.sin(2 * np.pi * months.month / 12) + noise)
    return make_series([str(m) for m in months], values.round(), series_id=f"{DRIVER}/FI")


def text(material: Material) -> str:
    return plain(notes.breaks(material).text).replace("\N{NO-BREAK SPACE}", " ")


def fan(made: Briefing):
    return next(block for block in made.blocks if getattr(block, "id", "") == "fan")


def paragraphs(made: Briefing) -> list[str]:
    blocks = [
        inner
        for block in made.blocks
        for inner in ((*block.left, *block.right) if isinstance(block, Columns) else (block,))
    ]
    return [plain(block.text) for block in blocks if block.block == "paragraph"]


def breaks_of(*strengths: float, first: str = "2016-01", kind: str = "level_shift") -> tuple:
    """Breaks a month apart with these strengths."""
    start = pd.Period(first, "M")
    return tuple(
        Break(start + n, kind, 2.0, strength, ADVICE[kind]) for n, strength in enumerate(strengths)
    )


# breaks


@pytest.mark.parametrize("geo", ["SI", "FI"])
def test_every_break_found_is_named_in_the_text_and_in_the_words_for_the_chart(geo: str) -> None:
    made = briefing(geo)
    found = find_breaks(made.material.result.series)
    assert made.material.breaks == found
    assert 1 < len(found) <= figures.MOST_NAMED
    words = Words(Language("en"))
    for number, each in enumerate(found, start=1):
        month = Language("en").month(each.period)
        described = f"({number}) {month}, {words.break_kind(each.kind)}, {words.factor(each.size)}"
        assert described in text(made.material)
        assert month in fan(made).alt
    assert "Dashed lines: breaks" in plain(fan(made).note)
    assert [p for p in paragraphs(made) if p.startswith("Breaks.")] == [
        plain(notes.breaks(made.material).text)
    ]


def test_the_chart_has_a_line_for_every_break() -> None:
    lines = fan(briefing("SI")).svg.count("stroke-dasharray: 2.1,1.75")
    assert lines == len(briefing("SI").material.breaks)


def test_the_text_says_what_was_done_and_what_to_check() -> None:
    told = text(briefing("SI").material)
    assert "(1) February 2016, level shift, ×8.4" in told
    assert "(3) April 2020, single month out of line, ×0.07" in told
    assert "Nothing was cut or removed" in told
    assert "(1) and (2): Did the counting change?" in told
    assert "(3): Check the figure." in told


def test_slovenian_words_for_breaks() -> None:
    told = text(briefing("SI", "sl").material)
    assert told.startswith("Prelomi. ")
    assert "(1) februar 2016, premik ravni, ×8,4" in told
    assert "(3) april 2020, posamezen mesec, ki odstopa, ×0,07" in told


def test_a_series_without_a_break_says_so_and_marks_nothing() -> None:
    made = brief(smooth(120), geo="FI")
    assert made.material.breaks == ()
    assert text(made.material).startswith("Breaks. None was found")
    assert "Dashed" not in plain(fan(made).note) + fan(made).alt
    assert "stroke-dasharray: 2.1,1.75" not in fan(made).svg


def test_a_series_too_short_for_the_monitor_is_not_an_error() -> None:
    made = brief(smooth(23), geo="FI", model="random_walk")
    assert made.material.breaks is None
    assert text(made.material) == "Breaks. Not looked for: the series has fewer than 24 months."


def test_only_the_strongest_are_numbered_in_order_of_time() -> None:
    material = replace(briefing("FI").material, breaks=breaks_of(5.0, -9.0, 6.0, 4.7, 8.0, -7.0))
    named = figures.named_breaks(material)
    assert [each.strength for each in named] == [-9.0, 6.0, 8.0, -7.0]
    told = text(material)
    assert "(4) June 2016" in told
    assert "(5)" not in told
    assert "2 weaker or before the chart begins" in told
    assert "(1), (2), (3) and (4): Did the counting change?" in told
    figure = figures.fan_figure(material)
    assert figure.svg.count("stroke-dasharray: 2.1,1.75") == 6
    assert all(f"<!-- {n} -->" in figure.svg for n in range(1, 5))
    assert "<!-- 5 -->" not in figure.svg


def test_breaks_before_the_chart_begins_are_counted_but_not_marked() -> None:
    material = replace(briefing("FI").material, breaks=breaks_of(9.0, 9.0, first="2012-01"))
    assert figures.named_breaks(material) == ()
    assert "Abrupt changes: 2 weaker or before the chart begins." in text(material)
    figure = figures.fan_figure(material)
    assert "stroke-dasharray: 2.1,1.75" not in figure.svg
    assert "Dashed" not in plain(figure.note) + figure.alt


def test_a_break_in_the_newest_month_asks_for_later_figures() -> None:
    newest = Break(pd.Period("2024-09", "M"), "level_shift", 2.0, 6.0, ADVICE["newest"])
    told = text(replace(briefing("FI").material, breaks=(newest,)))
    assert told.endswith("(1): Later figures will show whether it stays or was a single month.")


# revisions


@pytest.mark.parametrize(("as_of", "age"), [("", 2), ("2024-10", 3)])
def test_the_vintage_tells_how_figures_as_young_were_revised(as_of: str, age: int) -> None:
    table = summarise_revisions(default_revisions())
    past = table[(table["geo"] == "all") & (table["age_months"] == age)].iloc[0]
    ratios = default_revisions().log_ratios[age]
    assert (ratios[ratios.notna() & (ratios != 0)] > 0).all()
    told = plain(notes.vintage(briefing("FI", "en", as_of).material).text)
    assert (
        f"Of {past['cases']} figures as young as the last one ({age} months; tables of 2024)"
        in told
    )
    assert f"{100 * past['revised']:.0f}% were later revised, all upwards" in told


def test_old_figures_are_not_said_to_be_revised() -> None:
    told = plain(notes.vintage(briefing("SI", "en", "2021-12").material).text)
    assert "State of knowledge: December 2021" in told
    assert "later revised" not in told


def test_a_series_of_unknown_vintage_keeps_the_plain_sentence() -> None:
    told = plain(notes.vintage(brief(smooth(60), geo="FI").material).text)
    assert told.endswith("The last months may still be revised.")


# calibration and past targets


def test_the_method_says_whether_the_intervals_are_calibrated() -> None:
    material = briefing("FI").material
    plain_members = replace(material.result, calibration=None, upward=None)
    uncalibrated = replace(material, result=plain_members)
    calibration = experience_of(DRIVER).calibration_for("pool")
    calibrated = replace(material, result=replace(material.result, calibration=calibration))
    widened = replace(
        material, result=replace(calibrated.result, upward=np.ones(material.n_months))
    )
    told = [plain(notes.method(each).text) for each in (uncalibrated, calibrated, widened)]
    assert "not calibrated" in told[0]
    assert ["calibrated: as wide as" in each for each in told] == [False, True, True]
    assert ["surges" in each for each in told] == [False, False, True]
    assert "not calibrated" in plain(figures.fan_figure(uncalibrated).note)
    assert "paths, calibrated" in plain(figures.fan_figure(calibrated).note)


def test_a_page_as_of_a_past_month_names_what_was_known_only_later() -> None:
    material = briefing("SI", "en", "2021-12").material
    calibration = experience_of(DRIVER).calibration_for("pool")
    calibrated = replace(material, result=replace(material.result, calibration=calibration))
    told = plain(notes.vintage(calibrated).text)
    things = told[told.index("Known only later") :]
    for thing in ("width of the intervals", "record of past targets", "ministry's counts"):
        assert thing in things


@pytest.mark.parametrize(("geo", "as_of"), [("SI", ""), ("SI", "2021-12"), ("FI", "")])
@pytest.mark.parametrize(("code", "start"), [("en", "Tested on the past"), ("sl", "Preverjeno")])
def test_each_briefing_has_one_line_on_how_often_such_targets_were_met(
    geo: str, as_of: str, code: str, start: str
) -> None:
    made, percent = briefing(geo, code, as_of), Language(code).percent
    lines = [plain(item) for item in made.summary[1].items if plain(item).startswith(start)]
    assert len(lines) == 1
    assert not [p for p in paragraphs(made) if start in p]
    tested = next(e for e in read_attainment() if (e.probability, e.window_months) == (0.8, 60))
    for share in (tested.met, tested.lower, tested.upper, tested.practice_met):
        assert percent(share) in lines[0]
    assert "× 5:" in lines[0]


# models


@pytest.mark.parametrize("code", ["en", "sl"])
def test_every_model_has_a_name_of_its_own(code: str) -> None:
    names = [Words(Language(code)).model(name) for name in ["analogue", *available_models()]]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "_" in name]


def test_the_method_names_the_models_used_and_those_without_paths_with_the_reason() -> None:
    material = briefing("FI").material
    members = (
        MemberReport("ets", "used", 100),
        MemberReport("ets-log", "used", 100),
        MemberReport("ces-log", "exploded", reason="x"),
    )
    shown = replace(material, result=replace(material.result, members=members))
    told = plain(notes.method(shown).text)
    assert "pool of models (exponential smoothing (ETS))" in told
    assert told.endswith(
        "Without paths: complex exponential smoothing (CES), log scale (left out: paths exploded)."
    )
    assert "Without paths" not in plain(notes.method(material).text)
