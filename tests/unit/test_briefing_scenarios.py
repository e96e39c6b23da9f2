"""Stocks, scenarios, targets, risks, record and assumptions of a briefing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from forecasting import (
    InputError,
    ScenarioRequest,
    compose_briefing,
    forecast,
    load_programme,
    persons_by_month,
    project_scenarios,
    propose_targets,
    read_series,
)
from forecasting.briefing.blocks import plain
from forecasting.briefing.content import Briefing
from forecasting.briefing.material import BriefingOptions
from forecasting.briefing.pages import money, risks
from forecasting.briefing.pages.scenario_material import MOST_SCENARIOS, ScenarioMaterial
from forecasting.forecasts import Forecast
from forecasting.languages import Language, language_codes
from forecasting.projections.project import project
from forecasting.sources.points import read_month_counts

CHOICE = "pact-works, contingency-plan, arrivals-halve, stay-doubles"
PROGRAMME = "si-amif-2021-2027"


@cache
def result_of(geo: str = "SI", as_of: str = "") -> Forecast:
    series = read_series(f"asylum-applicants/{geo}", as_of=as_of or None)
    horizon = pd.Period("2029-12", "M").ordinal - series.origin.ordinal
    return forecast(series, horizon=horizon, model="seasonal_naive-log", n_paths=200)


def request(scenarios: str = CHOICE) -> ScenarioRequest:
    return ScenarioRequest("reference", scenarios, PROGRAMME, "si-p61-full")


@cache
def compared(as_of: str = "", scenarios: str = CHOICE):
    return project_scenarios(result_of("SI", as_of), request(scenarios))


@cache
def briefing(language: str = "en", as_of: str = "", scenarios: str = CHOICE) -> Briefing:
    result = result_of("SI", as_of)
    known = result.series.until(result.series.origin - 12)
    past = forecast(known, horizon=12, model="seasonal_naive-log", n_paths=200)
    programme = load_programme(PROGRAMME)
    return compose_briefing(
        result,
        past,
        BriefingOptions("SI", language, as_of),
        programme=programme,
        proposals=propose_targets(programme, persons_by_month(result), origin=result.origin),
        scenarios=compared(as_of, scenarios),
    )


def table(made: Briefing, head: str):
    return next(
        each
        for each in made.blocks
        if each.block == "table" and head in [column.label for column in each.columns]
    )


def column(found, head: str) -> list[str]:
    place = [each.label for each in found.columns].index(head)
    return [plain(row[place]) for row in found.rows]


def number(text: str) -> float:
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("+", ""))


# the reference is the forecast


def test_the_reference_has_the_very_paths_of_the_briefings_forecast() -> None:
    result, base = result_of("SI", ""), compared().base
    assert base.arrivals is result.paths
    assert base.arrivals.to_numpy().tobytes() == result.paths.to_numpy().tobytes()


def test_the_targets_of_the_reference_are_the_proposals_of_the_briefing() -> None:
    programme = load_programme(PROGRAMME)
    proposals = propose_targets(programme, persons_by_month(result_of()), origin=result_of().origin)
    driven = [each for each in proposals if each.draws is not None]
    assert len(driven) == len(compared().base.targets) == 8
    for own, other in zip(driven, compared().base.targets, strict=True):
        assert own.proposals == other.proposals
        assert own.probability == other.probability
        np.testing.assert_array_equal(own.draws, other.draws)


def test_the_reference_projected_once_more_is_the_same_to_the_byte() -> None:
    comparison = compared()
    again = project(comparison.reference, comparison.base.scenario)
    for own, other in zip(again.centres, comparison.base.centres, strict=True):
        assert own.present.to_numpy().tobytes() == other.present.to_numpy().tobytes()


def test_the_recipients_are_never_the_synthetic_series() -> None:
    assert compared().base.recipients is None
    assert compared().base.scenario.chain.caseload is None


# what cannot be used


@pytest.mark.parametrize(
    ("scenarios", "message"),
    [
        ("nowhere", "scenario 'nowhere'"),
        ("reference-fi", "another chain"),
        (
            "activation-15, activation-25, activation-35, low-growth, stay-doubles",
            f"at most {MOST_SCENARIOS}",
        ),
    ],
)
def test_scenarios_that_cannot_be_shown_are_refused(scenarios: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        project_scenarios(result_of(), request(scenarios))


def test_a_reference_of_another_country_is_refused() -> None:
    with pytest.raises(InputError, match="asylum-applicants/SI"):
        project_scenarios(result_of(), ScenarioRequest("reference-fi"))


# the table of scenarios


def test_each_scenario_has_its_assumptions_and_figures() -> None:
    found = table(briefing(), "Scenario and what it assumes")
    material = ScenarioMaterial(compared(), "O.1.1.1")
    assert len(found.rows) == 5
    for row, projection in zip(found.rows, material.shown, strict=True):
        scenario = projection.scenario
        assert plain(row[0]) == f"{scenario.title['en']}. {scenario.text['en']}"
        assert abs(number(row[1]) - np.median(material.applications(projection))) < 200
    halved, base = (number(column(found, "Applications a year")[n]) for n in (3, 0))
    assert halved == pytest.approx(base / 2, abs=11)


def test_occupancy_stands_against_the_places_and_the_wait_beside_it() -> None:
    found = table(briefing(), "Scenario and what it assumes")
    present = [
        cell.split("\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}") for cell in column(found, "Reception")
    ]
    assert {places for _, places in present} == {"420"}
    assert number(present[4][0]) > 1.5 * number(present[0][0])
    waits = [float(cell) for cell in column(found, "Wait, months")]
    assert waits[4] == waits[0] > waits[3]


def test_a_scenario_that_changes_nothing_shown_is_named_and_left_out() -> None:
    made = briefing(scenarios="low-growth, arrivals-halve")
    found = table(made, "Scenario and what it assumes")
    assert len(found.rows) == 2
    assert "Left out, as nothing shown here changes: Low growth." in found.note


def test_only_scenarios_that_move_the_savings_give_them_a_column() -> None:
    moved = table(briefing(scenarios="activation-15"), "Scenario and what it assumes")
    base, less = (float(cell) for cell in column(moved, "Net savings, EUR million"))
    assert less == pytest.approx(0.6 * base, abs=0.1)
    still = table(briefing(), "Scenario and what it assumes")
    assert "Net savings: EUR" in still.note


def test_scenarios_are_projections_without_a_probability_of_their_own() -> None:
    said = next(plain(b.text) for b in briefing().scenarios if b.block == "paragraph")
    assert said.startswith("Projections under assumptions, no forecasts:")
    assert "no probability of its own" in said


# targets


def test_the_robust_target_is_met_under_every_scenario_and_has_its_price() -> None:
    found = table(briefing(), "Robust")
    material = ScenarioMaterial(compared(), "O.1.1.1")
    least = min(material.target(p).proposals[0.8] for p in material.shown)
    row = next(row for row in found.rows if str(row[0]).startswith("O.1.1.1"))
    cells = dict(zip([each.label for each in found.columns], row, strict=True))
    assert number(cells["Robust"]) == least
    assert number(cells["Price"]) == number(cells["P80"]) - least
    messages = [plain(item) for item in briefing().summary[1].items]
    (said,) = (each for each in messages if "each of the scenarios" in each)
    met = min(np.mean(material.target(p).draws >= least) for p in material.shown)
    assert said.startswith(f"{cells['Robust']} is met with at least {int(100 * met)}%")


def test_the_first_page_has_the_published_calculation() -> None:
    messages = [plain(item) for item in briefing().summary[1].items]
    said = next(each for each in messages if each.startswith("Why."))
    assert "5 years × 3,548 applications per year = 17,740 applications" in said.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "new data" in said
    assert "Applicants with legal assistance" in said


def test_milestones_that_were_reached_are_in_the_note_only() -> None:
    labels = column(table(briefing(), "Robust"), "Indicator")
    assert [label.split()[0] for label in labels] == ["O.1.1", "O.1.1.1", "O.1.1.2", "O.1.1.3"]
    assert "Milestones reached: O.1.1 10,644" in table(briefing(), "Robust").note
    early = column(table(briefing(as_of="2021-12"), "Robust"), "Indicator")
    assert "O.1.1.1 milestone 2024" in early


# stocks


def test_the_table_of_stocks_has_the_medians_of_the_projection() -> None:
    found, base = table(briefing(), "Over places"), compared().base
    assert column(found, "Reference") == [
        "Reception", "Centre for Foreigners", "Applications pending",
        "Wait of the last to come, months",
    ]  # fmt: skip
    last = np.quantile(base.centres[1].present[:, -1], 0.5, method="inverted_cdf")
    assert column(found, "Dec 2029")[1].startswith(f"{last:.0f} (")
    assert column(found, "Places, Dec 2029")[:2] == ["420", "120"]
    over = float((base.centres[1].over.to_numpy() > 0).any(axis=1).mean())
    assert column(found, "Over places")[1] == f"{100 * over:.1f}%"


def test_a_month_before_the_newest_figure_has_no_stocks_and_says_so() -> None:
    made = briefing(as_of="2021-12")
    assert compared("2021-12").base.centres == ()
    assert compared("2021-12").base.backlog is None
    paragraphs = [plain(b.text) for b in made.closing[-1].left]
    assert any("Centres and backlog are left out" in each for each in paragraphs)
    assert any("Known only later" in p and "the scenarios" in p for p in paragraphs)
    assert "stocks" not in [getattr(each, "id", "") for each in made.blocks]


# recipients


def test_recipients_are_the_published_points_only() -> None:
    made = briefing()
    figure = next(
        inner
        for each in made.stocks
        if each.block == "columns"
        for inner in each.left
        if getattr(inner, "id", "") == "points"
    )
    for count in read_month_counts("social-assistance-points", "persons_entitled"):
        assert f"{Language('en').month(count.month)} {count.value:,}" in figure.alt


def test_points_after_the_as_of_month_are_not_known() -> None:
    points = money.read_points(briefing(as_of="2021-12").material)
    assert max(each.month for each in points["persons_entitled"]) == pd.Period("2021-04", "M")
    assert money.read_points(replace(briefing().material, geo="FI")) == {}


# risks, record, assumptions


def test_each_risk_has_a_direction_and_the_difference_path_by_path() -> None:
    found = table(briefing(), "Direction")
    assert [row[1] for row in found.rows[:4]] == [
        "The Pact works", "Contingency plan activated", "Arrivals fall by half", "Stay doubles",
    ]  # fmt: skip
    assert [str(row[0]).split()[1] for row in found.rows[:4]] == [
        "lower", "higher", "lower", "higher",
    ]  # fmt: skip
    assert {str(row[0])[0] for row in found.rows} == {risks.UP, risks.DOWN}
    assert str(found.rows[1][2]).startswith("applications +2,100 (+2,100 to +2,100)")
    assert str(found.rows[4][1]).startswith("Applicants with legal assistance")


def test_the_record_says_that_it_is_the_same_method_and_no_earlier_run() -> None:
    found, past = table(briefing(), "Within"), briefing().material.past
    first = [plain(cell) for cell in found.rows[0]]
    assert first[0] == "same method, a year ago"
    assert number(first[3]) == past.counted.sum()
    assert first[4] == (
        "yes" if past.total.lower <= past.counted.sum() <= past.total.upper else "no"
    )
    assert "Same method: no run" in found.note
    assert [row[3] for row in found.rows[1:]] == ["5,634", "2,378"]


def test_every_lever_and_input_has_its_quality() -> None:
    found = table(briefing(), "Quality")
    rated = {plain(row[0]): plain(row[1]) for row in found.rows}
    assert "Applications per year 3,548" in rated["printed"].replace("\N{NO-BREAK SPACE}", " ")
    assert "Contingency plan activated: arrivals: +2,100" in rated["printed"]
    assert "The Pact works: arrivals: 2,539 persons a year" in rated["assumed"]
    assert "Stay doubles: length of stay × 2" in rated["assumed"]
    assert "forecasting programme note" in found.note


# languages


@pytest.mark.parametrize("code", language_codes())
def test_the_pages_are_written_in_every_language(code: str) -> None:
    made = briefing(code)
    assert len(made.blocks) == len(briefing().blocks)
    title = compared().others[0].scenario.title[code]
    assert any(
        plain(cell).startswith(title)
        for each in made.scenarios
        if each.block == "table"
        for row in each.rows
        for cell in row
    )
