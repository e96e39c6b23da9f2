"""Scenario files, the levers over the months, and what they do to the arrivals."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest
import yaml

from forecasting.checks import check_files
from forecasting.cli import main
from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.languages.texts import LANGUAGES_REQUIRED as LANGUAGES
from forecasting.languages.texts import lacking_languages, texts_by_language
from forecasting.locations import data_dir
from forecasting.paths import make_paths
from forecasting.scenarios import (
    LEVERS,
    apply_arrivals,
    apply_to_flow,
    drawn,
    lever_values,
    levers_on,
    load_scenario,
    scenario_forecast,
    scenario_names,
    things_of,
    without,
    write_scenario,
)
from forecasting.scenarios.load import ASSUMPTION, build_scenario
from forecasting.series import read_series
from forecasting.sources.parameters import load_parameters
from forecasting.sources.reference import read_spans
from forecasting.sources.yaml_files import read_yaml

FLOW = "asylum-applicants/SI"
CENTRE = "si-centre-for-foreigners"
MONTHS = pd.period_range("2024-10", "2031-12", freq="M")


def scenario(*levers, extends=("reference",), name="own", **keys):
    content = {"title": "Own", "extends": list(extends), "levers": list(levers), **keys}
    return build_scenario(content, Path(f"{name}.yaml"))


def lever(name, value, **keys):
    unit = LEVERS[name].unit
    return {"lever": name, "value": value, "unit": unit, **keys}


def the_values(name, value, months=MONTHS, **keys):
    (only,) = scenario(lever(name, value, **keys)).levers
    return pd.Series(lever_values(only, months), index=months)


def paths(n_paths=200, seed=3):
    values = np.random.default_rng(seed).gamma(2, 250, (n_paths, len(MONTHS)))
    return make_paths(values, MONTHS, unit="persons")


def changed(*levers, given=None, **keys):
    given = paths() if given is None else given
    return apply_to_flow(given, scenario(*levers, **keys)).to_pandas()


# --- shipped files


def test_every_scenario_of_the_issue_ships():
    assert set(scenario_names()) == {
        *("reference", "reference-fi", "pact-works", "contingency-plan", "arrivals-2015-16"),
        *("arrivals-halve", "stay-doubles", "places-delayed", "low-growth", "surge-and-delay"),
        *("activation-15", "activation-25", "activation-35"),
    }


@pytest.mark.parametrize("name", scenario_names())
def test_a_shipped_scenario_is_in_four_languages(name):
    content = read_yaml(data_dir() / "scenarios" / f"{name}.yaml")

    lacking = {key: lacking_languages(text) for key, text in texts_by_language(content)}
    assert not any(lacking.values())
    assert {"title", "text", "reason"} <= content.keys()
    for texts in (content["title"], content["text"], content["reason"]):
        assert tuple(texts) == LANGUAGES
        assert len(set(texts.values())) == len(LANGUAGES), "the same words in two languages"


@pytest.mark.parametrize("name", scenario_names())
def test_the_check_of_the_suite_holds_for_a_shipped_scenario(name):
    (report,) = check_files([data_dir() / "scenarios" / f"{name}.yaml"])

    assert (report.problems, report.remarks) == ((), ())
    assert report.summary.startswith("a scenario, ")


def test_the_pact_scenario_follows_from_its_source():
    level, surge = load_scenario("pact-works").levers
    (applications,) = (
        span.value
        for span in read_spans("ministry-applications", "SI")
        if (str(span.start), str(span.end)) == ("2024-01", "2024-12")
    )
    assert level.value == round(20_000 * applications / 44_383)
    assert surge.on == CENTRE
    assert lever_values(surge, MONTHS).sum() == pytest.approx(100)


def test_low_growth_follows_from_the_macroeconomic_outlook():
    outlook = {
        (entry.id, str(entry.valid_from)): entry.value
        for entry in load_parameters("macro_outlook").entries
    }
    growth = [outlook["gdp_growth", f"{year}-01"] for year in (2024, 2025, 2026)]
    unemployed = outlook["survey_unemployment_rate", "2026-01"]
    lost = sum(year - growth[0] for year in growth[1:])

    (only,) = load_scenario("low-growth").levers
    assert only.value == round(1 + 0.5 * lost / unemployed, 2)


def test_a_combination_has_the_levers_of_all_it_extends_once():
    combined = load_scenario("surge-and-delay")

    assert combined.parents == ("contingency-plan", "stay-doubles", "places-delayed")
    assert [each.scenario for each in combined.levers] == list(combined.parents)
    assert combined.chain == load_scenario("reference").chain
    again = scenario(extends=("surge-and-delay", "stay-doubles"))
    assert again.levers == combined.levers


def test_a_reference_has_no_levers_and_knows_its_first_month():
    reference = load_scenario("reference")

    assert reference.levers == ()
    assert reference.first_month == read_series(FLOW).origin + 1
    assert load_scenario("reference-fi").chain.centres == ()


# --- texts, labels, files


def test_a_text_in_one_language_stands_on_every_page():
    plain = scenario(title={"sl": "Moj scenarij"}, reason="Ker")
    assert set(plain.title.values()) == {"Moj scenarij"}
    assert plain.reason == dict.fromkeys(LANGUAGES, "Ker")
    assert plain.text == dict.fromkeys(LANGUAGES, "")
    two = scenario(title={"sl": "Moj", "en": "Mine"})
    assert (two.title["sl"], two.title["fi"]) == ("Moj", "Mine")


def test_a_lever_has_a_label_and_a_source_unless_the_file_says_otherwise():
    first, second = scenario(
        lever("arrivals.multiply", 2, start="2026-01", end="2026-02"),
        lever("stay.multiply", 2, on=CENTRE, source="report, page 3", quality="reading"),
    ).levers
    assert first.label == "own/arrivals.multiply"
    assert (first.source, first.quality) == (ASSUMPTION, "assumed")
    assert second.label == f"own/stay.multiply {CENTRE}"
    assert (second.source["sl"], second.quality) == ("report, page 3", "reading")


def test_levers_can_be_taken_out_and_picked():
    combined = load_scenario("surge-and-delay")
    surge, stay, delay = combined.labels

    assert combined.only([delay, surge]).labels == (surge, delay)
    assert without(combined, [stay]).labels == (surge, delay)
    assert without(combined, combined.labels).levers == ()
    with pytest.raises(InputError, match="lever 'none'"):
        without(combined, ["none"])


def test_the_key_on_is_read_as_it_is_written(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(
        "title: Own\nextends: [reference]\nlevers:\n"
        f"  - {{lever: stay.multiply, on: {CENTRE}, value: 2, unit: '1'}}\n"
    )
    assert load_scenario(file).levers[0].on == CENTRE


def test_a_scenario_extends_a_file_beside_it_before_a_shipped_one(tmp_path):
    file = tmp_path / "arrivals-halve.yaml"
    own = {"title": "A third", "extends": ["reference"], "levers": [lever("arrivals.multiply", 3)]}
    write_scenario(own, file)
    write_scenario({"title": "Child", "extends": ["arrivals-halve"]}, tmp_path / "child.yaml")

    assert load_scenario(tmp_path / "child.yaml").levers[0].value == 3
    assert load_scenario("arrivals-halve").levers[0].value == 0.5


def test_a_scenario_comes_back_from_its_file(tmp_path):
    content = {
        "title": {"en": "Own", "sl": "Moj"},
        "extends": ["reference"],
        "levers": [
            lever("arrivals.surge", {"triangular": [500, 1000, 2100]}, start="2027-03",
                  end=pd.Period("2027-05", "M"), shape="pulse"),
            *load_scenario("places-delayed").levers,
        ],
    }  # fmt: skip
    path = write_scenario(content, tmp_path / "own.yaml")
    surge, delay = load_scenario(path).levers

    assert (surge.value.low, str(surge.end), surge.shape) == (500, "2027-05", "pulse")
    assert (delay.value, delay.on) == (24, CENTRE)
    assert "persons" in path.read_text()


def test_a_file_is_not_replaced_without_being_asked(tmp_path):
    path = tmp_path / "own.yaml"
    write_scenario({"title": "First", "extends": ["reference"]}, path)
    with pytest.raises(InputError, match="the file exists"):
        write_scenario({"title": "Second", "extends": ["reference"]}, path)
    assert load_scenario(path).title["en"] == "First"
    write_scenario({"title": "Second", "extends": ["reference"]}, path, overwrite=True)
    assert load_scenario(path).title["en"] == "Second"
    assert [file.name for file in tmp_path.iterdir()] == ["own.yaml"]


def test_a_scenario_that_cannot_be_used_leaves_no_file(tmp_path):
    with pytest.raises(InputError, match="lever 'arrival'"):
        write_scenario(
            {"title": "x", "extends": ["reference"], "levers": [
                {"lever": "arrival", "value": 2, "unit": "1"}]},
            tmp_path / "own.yaml",
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_outside_the_suite_may_lack_a_language(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump({"title": {"en": "Own"}, "extends": ["arrivals-halve"]}))
    (report,) = check_files([file])

    assert report.problems == ()
    assert report.remarks == (
        f"{file}, key 'title': no text in sl, sv, fi; pages in it show the text as written",
    )


# --- what a lever acts on


def test_without_on_a_lever_on_arrivals_acts_on_the_flow_and_one_on_stays_on_all_centres():
    own = scenario(lever("arrivals.multiply", 2), lever("stay.multiply", 2))

    assert things_of(own.levers[0], own.chain) == (FLOW,)
    assert levers_on(own, "arrivals", CENTRE) == ()
    assert [each.lever for each in levers_on(own, "stay", CENTRE)] == ["stay.multiply"]
    assert levers_on(own, "stay") == levers_on(own, "stay", "si-reception-centres")


def test_without_a_flow_a_lever_on_arrivals_acts_on_the_centre(tmp_path):
    chain = {"geo": "SI", "until": "2028-12", "centres": [{"config": CENTRE}]}
    write_scenario({"title": "Centre", "chain": chain}, tmp_path / "centre.yaml")
    content = {"title": "x", "extends": ["centre"], "levers": [lever("arrivals.add", 3)]}
    own = build_scenario(content, tmp_path / "own.yaml")

    assert things_of(own.levers[0], own.chain) == (CENTRE,)
    assert str(own.first_month) == "2025-01", "the start of the configuration"


def test_coverage_acts_on_an_input_of_the_programme():
    own = scenario(lever("coverage.multiply", 0.9, on="coverage_other_support"))
    assert levers_on(own, "coverage", "coverage_other_support") == own.levers
    assert levers_on(own, "coverage", "coverage_legal_assistance") == ()


# --- values over the months


def test_a_step_holds_from_start_to_end():
    values = the_values("arrivals.multiply", 3, start="2026-01", end="2026-03")
    assert values[values != 1].to_dict() == {
        pd.Period(month, "M"): 3.0 for month in ("2026-01", "2026-02", "2026-03")
    }
    assert (the_values("arrivals.multiply", 3) == 3).all()


def test_a_ramp_rises_evenly_and_stays():
    values = the_values("unemployment.multiply", 2, start="2026-01", end="2026-04", shape="ramp")
    assert list(values["2025-12":"2026-06"]) == [1, 1.25, 1.5, 1.75, 2, 2, 2]


@pytest.mark.parametrize(
    ("end", "expected"),
    [("2026-01", [2]), ("2026-03", [1.5, 2, 1.5]), ("2026-04", [1.5, 2, 2, 1.5])],
)
def test_a_pulse_is_symmetrical_and_reaches_its_value(end, expected):
    values = the_values("staff.multiply", 2, start="2026-01", end=end, shape="pulse")
    assert list(values["2026-01":end]) == expected
    assert values.drop(values["2026-01":end].index).eq(1).all()


def test_a_decay_halves_in_its_half_life():
    values = the_values(
        "arrivals.multiply", 9, start="2026-01", shape="decay", half_life_months=6, end="2027-01"
    )
    assert list(values[["2025-12", "2026-01", "2026-07", "2027-01", "2027-02"]]) == [1, 9, 5, 3, 1]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({}, [25, 25, 25, 25]),
        ({"shape": "ramp"}, [10, 20, 30, 40]),
        ({"shape": "pulse"}, [100 / 6, 200 / 6, 200 / 6, 100 / 6]),
        ({"shape": "decay", "half_life_months": 1}, [800 / 15, 400 / 15, 200 / 15, 100 / 15]),
    ],
)
def test_the_persons_of_a_surge_add_up(shape, expected):
    values = the_values("arrivals.surge", 100, start="2026-03", end="2026-06", **shape)
    assert list(values["2026-03":"2026-06"]) == pytest.approx(expected)
    assert values.sum() == pytest.approx(100)


def test_a_surge_that_begins_before_the_months_asked_for_keeps_its_share():
    late = pd.period_range("2026-05", "2026-12", freq="M")
    values = the_values("arrivals.surge", 100, late, start="2026-03", end="2026-06")
    assert list(values[:3]) == [25, 25, 0]


def test_a_distribution_is_drawn_once_a_path_and_alike_in_every_scenario():
    uncertain = lever("arrivals.multiply", {"uniform": [1, 3]}, start="2026-01", label="a")
    (alone,) = scenario(uncertain).levers
    _, beside = scenario(lever("stay.multiply", 2), uncertain, name="other").levers
    values = lever_values(alone, MONTHS, n_paths=500, seed=7)

    assert values.shape == (500, len(MONTHS))
    assert (values[:, :15] == 1).all()
    assert (values[:, 15:] == values[:, 15:16]).all()
    assert values[:, 20].mean() == pytest.approx(2, abs=0.1)
    np.testing.assert_array_equal(values, lever_values(beside, MONTHS, n_paths=500, seed=7))
    assert not np.array_equal(values, lever_values(alone, MONTHS, n_paths=500, seed=8))
    assert (drawn(alone, n_paths=500, seed=7) == values[:, -1]).all()
    with pytest.raises(InputError, match="without a number of paths"):
        lever_values(alone, MONTHS)


# --- arrivals


def test_without_levers_the_paths_are_the_same_object():
    given = paths()
    assert apply_to_flow(given, load_scenario("reference")) is given
    assert apply_to_flow(given, load_scenario("places-delayed")) is given
    only_a_centre = scenario(lever("arrivals.multiply", 2, on=CENTRE))
    assert apply_to_flow(given, only_a_centre) is given


def test_paths_are_not_changed_in_place():
    given = paths()
    before = given.copy(deep=True)
    apply_to_flow(given, load_scenario("contingency-plan"))
    np.testing.assert_array_equal(given, before)


def test_arrivals_are_multiplied_closed_and_added_to():
    given = paths().to_pandas()
    half = changed(lever("arrivals.multiply", 0.5, start="2026-01"))
    np.testing.assert_array_equal(half.loc[:, "2026-01":], 0.5 * given.loc[:, "2026-01":])
    np.testing.assert_array_equal(half.loc[:, :"2025-12"], given.loc[:, :"2025-12"])
    np.testing.assert_allclose(changed(lever("arrivals.closure", 0.2)), 0.8 * given)
    np.testing.assert_allclose(changed(lever("arrivals.add", 40)), given + 40)
    np.testing.assert_allclose(changed(lever("arrivals.add", -300)), np.maximum(given - 300, 0))


def test_a_surge_adds_the_same_persons_to_every_path():
    more = (
        changed(lever("arrivals.surge", 2100, start="2027-03", end="2027-05")) - paths().to_pandas()
    )
    np.testing.assert_allclose(more.sum(axis=1), 2100)
    np.testing.assert_allclose(more["2027-04"], 700)


def test_a_level_is_the_median_of_every_calendar_year():
    level = changed(lever("arrivals.level", 1200, start="2026-07"))
    years = pd.PeriodIndex(level.columns).year
    per_year = level.T.groupby(years).sum().T

    assert per_year.loc[:, 2027:].median().to_numpy() == pytest.approx(1200)
    half = level.loc[:, "2026-07":"2026-12"].sum(axis=1)
    assert half.median() == pytest.approx(600), "six of twelve months"
    np.testing.assert_array_equal(level.loc[:, :"2026-06"], paths().to_pandas().loc[:, :"2026-06"])


def test_a_replay_repeats_the_growth_that_was_observed():
    factors = (apply_to_flow(paths(), load_scenario("arrivals-2015-16")) / paths()).to_pandas()
    finland = read_series("asylum-applicants/FI").values
    year_before = finland["2014-01":"2014-12"].mean()

    assert year_before == pytest.approx(302.5)
    assert factors["2027-09"].to_numpy() == pytest.approx(10_815 / 302.5)
    window = factors.loc[:, "2027-01":"2028-12"].iloc[0].to_numpy()
    np.testing.assert_allclose(window, finland["2015-01":"2016-12"] / year_before)
    outside = factors.drop(columns=pd.period_range("2027-01", "2028-12", freq="M"))
    assert (outside == 1).all(axis=None)


def test_dispersion_spreads_the_paths_about_their_median():
    some = paths() + 100
    some.attrs = paths().attrs
    given = np.log1p(some.to_pandas())
    wide = np.log1p(changed(lever("arrivals.dispersion", 1.5), given=some))
    np.testing.assert_allclose(wide.median(), given.median())
    np.testing.assert_allclose(wide.std(), 1.5 * given.std())
    none = changed(lever("arrivals.dispersion", 0))
    assert (none.std() < 1e-6 * none.mean()).all()


def test_the_order_decides_between_a_factor_and_a_sum():
    twice = lever("arrivals.multiply", 2, label="twice")
    more = lever("arrivals.add", 100, label="more")
    given = paths().to_pandas()

    first = changed(more, twice, order=["twice", "more"])
    np.testing.assert_allclose(first, 2 * given + 100)
    second = changed(twice, more, order=["more", "twice"])
    np.testing.assert_allclose(second, 2 * (given + 100))


def test_an_order_settled_by_one_scenario_holds_for_those_that_extend_it(tmp_path):
    levers = [lever("arrivals.multiply", 2, label="twice"), lever("arrivals.add", 9, label="more")]
    parent = {"title": "p", "extends": ["reference"], "levers": levers, "order": ["more", "twice"]}
    write_scenario(parent, tmp_path / "parent.yaml")
    child = {"title": "c", "extends": ["parent", "stay-doubles"]}

    assert build_scenario(child, tmp_path / "child.yaml").labels[:2] == ("more", "twice")
    turned = build_scenario(child | {"order": ["twice", "more"]}, tmp_path / "child.yaml")
    assert turned.labels[:2] == ("twice", "more")


def test_levers_that_never_meet_need_no_order():
    both = scenario(
        lever("arrivals.multiply", 2, end="2026-12"), lever("arrivals.add", 9, start="2027-01")
    )
    assert len(both.levers) == 2


def test_one_path_becomes_many_where_a_value_is_drawn():
    one = make_paths(np.full((1, len(MONTHS)), 20.0), MONTHS, unit="persons")
    levers = scenario(lever("arrivals.multiply", {"uniform": [1, 3]}, on=CENTRE)).levers
    assert apply_arrivals(one, levers, n_paths=50).shape == (50, len(MONTHS))


def test_a_forecast_under_a_scenario_keeps_everything_but_its_paths():
    series = read_series(FLOW)
    result = Forecast(series, paths(), (), "pool")
    halved = scenario_forecast(result, load_scenario("arrivals-halve"))

    np.testing.assert_array_equal(halved.paths, 0.5 * result.paths)
    assert (halved.series, halved.model, halved.paths.attrs) == (
        series, "pool", {"unit": "persons", "kind": "flow"},
    )  # fmt: skip
    assert scenario_forecast(result, load_scenario("stay-doubles")) is result
    with pytest.raises(InputError, match=r"a forecast of asylum-applicants/SI; expected: a "):
        scenario_forecast(result, load_scenario("reference-fi"))


# --- docs/scenarios.md

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
EXAMPLES = [
    block
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    if {"extends", "chain"} & yaml.safe_load(block).keys()
]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.split("\n")[0])
def test_the_examples_of_the_page_can_be_used(block, tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(block, encoding="utf-8")
    assert load_scenario(file).title["en"]


def test_the_page_has_three_worked_examples_and_their_numbers(tmp_path):
    names = ("Fewer applications", "en: A surge", "transferred")
    fewer, camp, transfers = (
        build_scenario(yaml.safe_load(block), tmp_path / "my.yaml")
        for name in names
        for block in EXAMPLES
        if name in block.split("levers")[0]
    )
    falling = lever_values(fewer.levers[0], MONTHS)[15:22]
    assert falling[[0, 5, 6]] == pytest.approx([1 - 0.25 / 6, 0.75, 0.75])
    shares = lever_values(camp.levers[0], MONTHS, n_paths=1)[0]
    assert [round(2100 * share) for share in shares[[31, 32, 34]] / shares.sum()] == [462, 367, 231]
    given = paths().to_pandas()
    then = apply_to_flow(paths(), transfers).to_pandas().loc[:, "2027-01":"2027-12"].sum(axis=1)
    assert len(given) == len(then)
    assert then.median() == pytest.approx(2539 + 12 * 30)


def test_the_table_of_the_page_is_that_of_the_levers():
    months = {"any": "any", "none": "all", "start": "`start`", "surge": "`end` required"}
    months["step"] = "`start` required"
    rows = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 7 and cells[0].startswith("`"):
            rows[cells[0].strip("`")] = cells[2:]
    assert tuple(rows) == tuple(LEVERS)
    for name, kind in LEVERS.items():
        unit, neutral, low, high, when = rows[name]
        assert unit.strip('`"') == kind.unit
        assert when == months[kind.timing]
        if kind.takes == "number":
            assert (float(low.replace(",", "")), float(high.replace(",", ""))) == (
                kind.low,
                kind.high,
            )
            assert (kind.neutral is None) == (neutral in ("none", "as configured"))
            assert kind.neutral is None or float(neutral) == kind.neutral


@pytest.mark.parametrize(
    "line", [line for line in PAGE.splitlines() if line.startswith("forecasting ")]
)
def test_the_commands_of_the_page_are_understood(line, program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(EXAMPLES[0], encoding="utf-8")
    _, verb, *arguments = shlex.split(line)
    command = main.commands[verb]
    if isinstance(command, click.Group):
        verb, *arguments = arguments
        command = command.commands[verb]
    command.make_context(verb, arguments, parent=program)
