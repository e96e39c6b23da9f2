"""Progress: expected final value by each rule, probability, light, table and lines."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from forecasting.briefing.progress_lines import progress_lines
from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.paths import make_paths
from forecasting.programmes.achieved import (
    Achieved,
    AchievedValue,
    is_deliverable,
    write_achieved_template,
)
from forecasting.programmes.catalogue import list_programmes, load_programme
from forecasting.programmes.derivation import indicator_paths
from forecasting.programmes.drivers import DrivenBy
from forecasting.programmes.progress import (
    LIGHTS,
    ProgressRules,
    forecast_paths,
    progress,
    progress_rules,
)
from forecasting.programmes.progress_table import progress_table, rule_text
from forecasting.programmes.proposals import propose_targets
from forecasting.programmes.targets import probability_met

MILESTONE = dt.date(2023, 12, 31)
PROGRAMMES = {name: load_programme(name) for name in list_programmes()}
RANILUG, AMIF = PROGRAMMES["xk-ranilug-2023-2025"], PROGRAMMES["si-amif-2021-2027"]
CARE, ACTIVATION = PROGRAMMES["si-social-care-2025-2026"], PROGRAMMES["si-social-activation"]
FINLAND = PROGRAMMES["fi-amif-2021-2027"]


def judge(programme, *values, **options):
    """Progress by code, of values (code, value, day)."""
    achieved = Achieved(programme.id, tuple(AchievedValue(*value) for value in values), "a.xlsx")
    return {found.indicator.code: found for found in progress(programme, achieved, **options)}


def test_the_assumptions_are_those_of_the_file():
    assert progress_rules() == ProgressRules(slower=0.5, faster=1.5, green=0.8, amber=0.5)


# by pace


@pytest.mark.parametrize(
    ("value", "expected", "lower", "upper", "light"),
    [
        (64, 80, 72, 88, "red"),  # 24 of 30 points: 0.8 of 50 points
        (67, 85, 76, 94, "amber"),
        (70, 90, 80, 100, "green"),
        (88, 100, 100, 100, "green"),  # 48 of 30 points: 100 %, not 120 %
        (40, 40, 40, 40, "red"),
        (30, 70 / 3, 80 / 3, 20, "red"),
    ],
)
def test_a_percentage_goes_on_at_its_pace_between_baseline_and_target(
    value, expected, lower, upper, light
):
    found = judge(RANILUG, ("C2.1", value, MILESTONE))["C2.1"]
    assert (found.baseline, found.milestone, found.target) == (40, 70, 90)
    assert (found.rule, found.due, found.probability) == ("pace", pytest.approx(70), None)
    assert found.share == pytest.approx((value - 40) / 50)
    assert found.expected == pytest.approx(expected)
    assert (found.lower, found.upper) == pytest.approx((min(lower, upper), max(lower, upper)))
    assert found.light == light


def test_a_count_goes_on_at_its_pace_along_the_plan():
    # O.1.2: 75 by the end of 2024, 170 by the end of 2029; 50 are two thirds of 75
    found = judge(AMIF, ("O.1.2", 50, dt.date(2024, 12, 31)))["O.1.2"]
    assert (found.due, found.share) == pytest.approx((75, 50 / 170))
    assert found.expected == pytest.approx(170 * 2 / 3)
    assert (found.lower, found.upper) == pytest.approx((50 + 95 / 3, 50 + 95))
    assert found.light == "red"


def test_a_milestone_that_is_the_target_says_nothing_of_the_pace_to_it():
    # O.4.2: 25 by 2024 and by 2029; half of the days have passed on the last of 2025
    found = judge(AMIF, ("O.4.2", 10, dt.date(2025, 12, 31)))["O.4.2"]
    assert found.milestone == found.target == 25
    share = (dt.date(2025, 12, 31) - dt.date(2022, 1, 1)) / (
        dt.date(2029, 12, 31) - dt.date(2022, 1, 1)
    )
    assert found.expected == pytest.approx(10 / share)
    assert found.due == 25  # all the same it is what the document asks for


def test_an_indicator_with_its_own_dates_is_judged_by_them():
    found = judge(ACTIVATION, ("K7", 250, dt.date(2017, 5, 31)))["K7"]
    assert str(found.target_date) == "2017-05"
    assert (found.expected, found.light) == (250, "red")
    assert judge(ACTIVATION, ("K7", 500, dt.date(2018, 1, 31)))["K7"].light == "green"


def test_a_change_starts_at_nothing_at_the_end_of_its_baseline_year():
    # 2.12-2: +12 % by the end of 2026 against 2022; half of the days by the end of 2024, but the
    # programme has begun by the day of the value
    day = dt.date(2025, 12, 31)
    found = judge(CARE, ("2.12-2", 6, day))["2.12-2"]
    share = (day - dt.date(2022, 12, 31)) / (dt.date(2026, 12, 31) - dt.date(2022, 12, 31))
    assert (found.baseline, found.start) == (0, dt.date(2022, 12, 31))
    assert found.due == pytest.approx(12 * share)
    assert found.expected == pytest.approx(6 / share)


def test_without_a_target_there_is_an_expected_value_but_no_share_and_no_light():
    day = dt.date(2025, 6, 30)
    found = judge(FINLAND, ("O.1.1", 900, day))["O.1.1"]
    share = (day - dt.date(2021, 1, 1)) / (dt.date(2029, 12, 31) - dt.date(2021, 1, 1))
    assert found.expected == pytest.approx(900 / share)
    assert (found.target, found.share, found.due, found.light) == (None, None, None, None)
    assert rule_text(found, Language("en")).endswith(
        "No share and no light: the document gives no number as target."
    )


@given(day=st.dates(dt.date(2022, 2, 1), dt.date(2029, 12, 31)))
def test_who_is_on_plan_is_expected_to_meet_the_target(day):
    due = judge(AMIF, ("O.1.2", 1, day))["O.1.2"].due
    found = judge(AMIF, ("O.1.2", due, day))["O.1.2"]
    assert found.expected == pytest.approx(170)
    assert found.light == "green"
    assert found.lower <= found.expected <= found.upper


@given(
    value=st.floats(0, 500),
    more=st.floats(0, 100),
    day=st.dates(dt.date(2022, 2, 1), dt.date(2029, 12, 31)),
)
def test_a_higher_value_never_has_a_worse_light(value, more, day):
    low, high = (judge(AMIF, ("O.1.2", v, day))["O.1.2"] for v in (value, value + more))
    assert low.expected <= high.expected
    assert LIGHTS.index(high.light) <= LIGHTS.index(low.light)
    assert low.expected >= value


def test_on_the_last_day_the_achieved_value_is_the_final_one():
    found = judge(AMIF, ("O.1.2", 169, dt.date(2029, 12, 31)))["O.1.2"]
    assert (found.expected, found.lower, found.upper, found.light) == (169, 169, 169, "red")


# without a pace


@pytest.mark.parametrize(
    ("code", "value", "day", "light"),
    [
        ("1.1.1-2", 31, dt.date(2025, 12, 31), "green"),  # 30 % by the end of 2026, no baseline
        ("1.1.1-2", 29, dt.date(2025, 12, 31), "amber"),
        ("2.11-2", 100, dt.date(2025, 12, 31), "green"),  # 100 places a year
        ("2.11-2", 99, dt.date(2025, 12, 31), "amber"),
        ("1.1.2-1", 0, dt.date(2025, 12, 31), "amber"),  # done by the end of 2025
        ("1.1.2-1", 0, dt.date(2026, 1, 1), "red"),
        ("1.1.2-1", 1, dt.date(2026, 1, 1), "green"),
    ],
)
def test_what_has_no_path_is_met_or_not(code, value, day, light):
    found = judge(CARE, (code, value, day))[code]
    assert (found.rule, found.expected, found.light) == ("met", None, light)


def test_while_nothing_is_due_there_is_no_pace():
    # O.1.1.2: milestone 0 at the end of 2024
    found = judge(AMIF, ("O.1.1.2", 0, dt.date(2024, 6, 30)))["O.1.1.2"]
    assert (found.rule, found.due, found.expected, found.light) == ("nothing due", 0, None, "green")


def test_without_a_value_nothing_is_said():
    found = judge(AMIF, ("O.1.2", 50, dt.date(2024, 12, 31)), cut_off=dt.date(2024, 12, 30))
    assert len(found) == 32
    assert {f.rule for f in found.values()} == {"no value"}
    assert {(f.light, f.share, f.expected) for f in found.values()} == {(None, None, None)}


def test_values_after_the_cut_off_date_do_not_count():
    values = [("O.1.2", 50, dt.date(2024, 12, 31)), ("O.1.2", 160, dt.date(2026, 6, 30))]
    early, late = (
        judge(AMIF, *values, cut_off=day)["O.1.2"].achieved.value
        for day in (dt.date(2026, 6, 29), None)
    )
    assert (early, late) == (50, 160)


def test_the_version_is_the_one_that_held_at_the_cut_off():
    # R.3.7: version 1.0 gives 10,000, version 4.0 of October 2025 gives 336
    days = dt.date(2024, 12, 31), dt.date(2025, 12, 31)
    found = [judge(AMIF, ("R.3.7", 1, day))["R.3.7"] for day in days]
    assert [(f.version.version, f.target) for f in found] == [("1.0", 10000), ("4.0", 336)]


def test_the_values_of_another_programme_are_refused():
    with pytest.raises(InputError, match=r"achieved values of fi-amif.*expected: those of si-amif"):
        progress(AMIF, Achieved(FINLAND.id, (), "a.xlsx"))


# from paths and draws


@pytest.fixture(scope="module")
def persons():
    months = pd.period_range(AMIF.counting_starts, AMIF.target_date, freq="M")
    rng = np.random.default_rng(3)
    return make_paths(rng.poisson(rng.uniform(50, 400, (400, 1)), (400, len(months))).astype(float),
                      months, unit="persons")  # fmt: skip


def test_the_paths_add_what_comes_after_the_date_of_the_value(persons):
    day = dt.date(2026, 6, 30)
    found = judge(AMIF, ("O.1.1.1", 9000, day), paths=forecast_paths(AMIF, persons))["O.1.1.1"]
    cumulated = indicator_paths(AMIF, AMIF.indicator("O.1.1.1"), persons)
    later = cumulated.sel(period="2029-12") - cumulated.sel(period="2026-06")
    final = 9000 + later.to_numpy()
    assert found.rule == "paths"
    assert found.probability == probability_met(final, 17740)
    assert found.expected == np.sort(final)[199]
    assert (found.lower, found.upper) == (np.sort(final)[39], np.sort(final)[359])
    assert 0.1 < found.probability < 0.9
    assert found.light == ("amber" if found.probability >= 0.5 else "red")


def test_within_a_month_the_paths_run_straight(persons):
    found = {
        day: judge(
            AMIF, ("O.1.1.1", 0, dt.date(2026, 6, day)), paths=forecast_paths(AMIF, persons)
        )["O.1.1.1"].expected
        for day in (15, 30)
    }
    cumulated = indicator_paths(AMIF, AMIF.indicator("O.1.1.1"), persons).transpose("path", ...)
    end, june, may = (cumulated.sel(period=m).to_numpy() for m in ("2029-12", "2026-06", "2026-05"))
    halves = np.quantile(end - (june + may) / 2, 0.5, method="inverted_cdf")
    assert found[15] == halves
    assert found[30] == np.quantile(end - june, 0.5, method="inverted_cdf")


@given(value=st.integers(0, 17740), more=st.integers(0, 5000))
def test_what_is_achieved_more_is_expected_more(persons, value, more):
    low, high = (
        judge(AMIF, ("O.1.1.1", v, dt.date(2026, 6, 30)), paths=forecast_paths(AMIF, persons))[
            "O.1.1.1"
        ]
        for v in (value, value + more)
    )
    assert high.expected - low.expected == pytest.approx(more)
    assert high.probability >= low.probability


def test_the_last_day_leaves_nothing_to_the_paths(persons):
    found = judge(
        AMIF, ("O.1.1.1", 17740, dt.date(2029, 12, 31)), paths=forecast_paths(AMIF, persons)
    )["O.1.1.1"]
    assert (found.expected, found.probability, found.light) == (17740, 1.0, "green")


def test_paths_that_begin_after_the_value_are_refused(persons):
    paths = {"O.1.1.1": forecast_paths(AMIF, persons)["O.1.1.1"].sel(period=slice("2026-07", None))}
    with pytest.raises(InputError, match=r"value of 2026-06-30: sample paths from 2026-07 on"):
        judge(AMIF, ("O.1.1.1", 0, dt.date(2026, 6, 30)), paths=paths)


def proposal_of(code, draws, **changes):
    """The proposal of a target, with draws; the catalogue with a changed indicator."""
    indicator = AMIF.indicator(code).model_copy(update=changes)
    indicators = tuple(indicator if i.code == code else i for i in AMIF.indicators)
    programme = AMIF.model_copy(update={"indicators": indicators})
    (found,) = (
        p
        for p in propose_targets(programme, None)
        if (p.indicator.code, p.point) == (code, "target")
    )
    return programme, replace(found, draws=np.array(draws, dtype=float))


def test_draws_of_a_rate_of_the_forecast_give_the_share_that_the_plan_leaves():
    # O.1.2 at the end of 2024: 75 of 170 are due, 95 of 170 remain
    rate = DrivenBy.model_validate({"rate": {"of": "O.1.1.1", "share": ["share_vulnerable"]}})
    programme, drawn = proposal_of("O.1.2", [85, 102, 136, 170, 204], driven_by=rate)
    found = judge(programme, ("O.1.2", 75, dt.date(2024, 12, 31)), proposals=[drawn])["O.1.2"]
    assert found.rule == "draws"
    assert found.expected == pytest.approx(75 + 95 * 136 / 170)
    assert (found.lower, found.upper) == pytest.approx((75 + 95 * 0.5, 75 + 95 * 1.2))
    assert (found.probability, found.light) == (0.4, "red")


def test_draws_of_a_plan_do_not_replace_its_pace():
    programme, drawn = proposal_of("O.1.2", [85, 102, 136, 170, 204])
    found = judge(programme, ("O.1.2", 75, dt.date(2024, 12, 31)), proposals=[drawn])["O.1.2"]
    assert (found.rule, found.probability) == ("pace", None)


# what a reader gets


def everything(programme):
    """A value for each monitored indicator, half of its target."""
    values = []
    for indicator in programme.indicators:
        if indicator.monitored:
            first = indicator.monitored_from or programme.counting_starts
            day = (first + 5).end_time.date()
            values.append((indicator.code, 1 if is_deliverable(indicator) else 5, day))
    return values


@pytest.mark.parametrize("name", PROGRAMMES)
def test_every_indicator_of_every_programme_is_judged_in_every_language(name):
    programme = PROGRAMMES[name]
    found = list(judge(programme, *everything(programme)).values())
    assert [f.indicator.code for f in found] == [
        i.code for i in programme.indicators if i.monitored
    ]
    assert {f.light is None for f in found if f.target is None} <= {True}
    assert all(f.light in LIGHTS for f in found if f.target is not None)
    rules = {}
    for code in language_codes():
        words = Language(code)
        table = progress_table(programme, found, words)
        assert len(table) == len(found)
        rules[code] = set(table["rule"])
        lines = list(progress_lines(programme, found, words))
        assert len(lines) == 2 + 4 * len(found) + len(rules[code])
    assert not set.intersection(*rules.values())


def test_the_lines_say_what_the_table_says(run, tmp_path):
    template = run("template", "achieved", "--programme", RANILUG.id, "--output", "a.csv",
                   "--language", "sl")  # fmt: skip
    assert template.exit_code == 0
    path = tmp_path / "a.csv"
    text = path.read_text(encoding="utf-8-sig").splitlines()
    place = next(n for n, line in enumerate(text) if line.startswith("C2.1;"))
    text[place] = text[place].replace("%;;;;", "%;67,5;31. 12. 2023;letno poročilo;")
    path.write_text("\n".join(text), encoding="utf-8-sig")
    result = run("programme", "progress", RANILUG.id, "a.csv", "--output", "p.csv",
                 "--language", "sl")  # fmt: skip
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:2] == [
        "Načrt reintegracije, Ranilug 2023–2025, do 31. dec. 2023: vrednost ima 1 od 147 "
        "spremljanih kazalnikov",
        "zelena 0, rumena 1, rdeča 0, brez semaforja 0",
    ]
    assert [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines[3:6]] == [
        "    doseženo do 31. dec. 2023: 67,5 %; cilj do konca obdobja (dec. 2025): 90 %",
        "    delež poti do cilja: 55 %; pričakovano: 85,8 % (76,7 do 95,0); verjetnost: –",
        "    semafor: rumena",
    ]
    (row,) = pd.read_csv(tmp_path / "p.csv").dropna(subset="achieved").to_dict("records")
    assert (row["indicator"], row["achieved"], row["due"], row["target"]) == ("C2.1", 67.5, 70, 90)
    assert (row["expected"], row["lower"], row["upper"]) == (85.8, 76.7, 95.0)
    assert (row["light"], row["source"]) == ("rumena", "letno poročilo")
    assert row["rule"].startswith("Pričakovano: preostanek načrta")


def test_a_template_just_written_has_no_values_and_says_so(run, tmp_path):
    write_achieved_template(AMIF, tmp_path / "a.xlsx", words=Language("en"))
    result = run("programme", "progress", AMIF.id, "a.xlsx", "--output", "p.csv")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: a.xlsx: no achieved value; expected: a value in one row or more\n",
    )
    assert not (tmp_path / "p.csv").exists()


def test_the_command_gives_a_probability_where_there_are_paths(run, tmp_path):
    book = Workbook()
    book.active.append(["code", "unit", "achieved value", "cut-off date"])
    book.active.append(["O.1.1.1", "persons", 12000, dt.date(2025, 12, 31)])
    book.active.append(["O.1.2", "persons", 80, dt.date(2025, 12, 31)])
    book.save(tmp_path / "a.xlsx")
    result = run("programme", "progress", AMIF.id, "a.xlsx", "--output", "p.json", "--paths", 200)
    assert result.exit_code == 0, result.output
    rows = {row["indicator"]: row for row in json.loads((tmp_path / "p.json").read_text("utf-8"))}
    assert len(rows) == 32
    assert 0 < rows["O.1.1.1"]["probability"] <= 1
    assert rows["O.1.1.1"]["lower"] <= rows["O.1.1.1"]["expected"] <= rows["O.1.1.1"]["upper"]
    assert rows["O.1.1.1"]["rule"].startswith("Expected: the achieved value and what the sample")
    assert rows["O.1.2"]["probability"] is None
    assert "No probability: there are no sample paths." in rows["O.1.2"]["rule"]
    assert rows["O.1.3"]["rule"] == "No value by the cut-off date: nothing can be said."
