"""Key figures, differences, regret, robust targets and attribution of small made-up projections."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.briefing.scenarios.lines import scenario_words
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.paths import make_paths
from forecasting.programmes.targets import probability_met, target_at
from forecasting.projections import attribution, comparison
from forecasting.projections.attribution import attribute, marginal_values, shapley_values
from forecasting.projections.comparison import compare_scenarios, held_together, regret_of
from forecasting.projections.comparison_table import COLUMNS, comparison_table
from forecasting.projections.key_figures import key_figures
from forecasting.projections.projection import (
    CentreProjection,
    Projection,
    SavingsTotals,
    TargetProjection,
)
from forecasting.projections.selection import root_of
from forecasting.runs.brief_scenarios import scenario_paths
from forecasting.scenarios import load_scenario

MONTHS = pd.period_range("2025-01", periods=3, freq="M")


def scenario(name, levers=(), chain="SI"):
    runs_through = SimpleNamespace(geo=chain, is_synthetic=False)
    found = SimpleNamespace(id=name, levers=tuple(levers), chain=runs_through)
    found.only = lambda labels: scenario(
        name, [lever for lever in levers if lever.label in labels], chain
    )
    return found


def lever(label, effect=0.0, origin="mixed"):
    return SimpleNamespace(label=label, effect=effect, scenario=origin)


def flow(values, unit="persons", kind="flow"):
    return make_paths(np.asarray(values, dtype=float), MONTHS, unit=unit, kind=kind)


def target(draws, published=30, code="O.1", rounding=10):
    draws = np.asarray(draws, dtype=float)
    return TargetProjection(
        indicator=SimpleNamespace(code=code, unit="persons", rounding=rounding),
        point="target",
        date=MONTHS[-1],
        draws=draws,
        published=published,
        probability=probability_met(draws, published) if published else None,
        proposals={p: int(target_at(draws, p, rounding=rounding)) for p in (0.5, 0.8, 0.9)},
    )


def centre(present, capacity=(10, 10, 10)):
    places, persons = np.asarray(capacity, dtype=float), np.asarray(present, dtype=float)
    over = np.maximum(persons - places, 0)
    return CentreProjection(
        name="house",
        title={"en": "House"},
        present=flow(persons, kind="stock"),
        capacity=places,
        over=flow(over, kind="stock"),
        nights_over=flow(30 * over, unit="person-nights"),
        cost_eur=flow(600 * persons, unit="EUR"),
    )


def backlog(cases, wait):
    return SimpleNamespace(
        backlog=flow(cases, kind="stock"),
        wait_of_last_arrival=flow(wait, unit="months", kind="stock"),
    )


def projection(name="reference", **parts):
    return Projection(scenario(name), **parts)


BASE = projection(
    arrivals=flow([[1, 2, 3], [4, 5, 6], [0, 0, 1], [9, 9, 9]]),
    targets=(target([10, 20, 30, 40]), replace(target([1, 1, 1, 1]), point="milestone")),
    centres=(centre([[5, 11, 9], [3, 4, 5], [12, 13, 14], [9, 10, 8]]),),
    backlog=backlog([[1, 2, 3]] * 4, [[0, 1, 2], [0, 1, 4], [0, 1, 6], [0, 1, 8]]),
    recipients=flow([[100, 110, 120]] * 4, unit="families", kind="stock"),
    expenditure=flow([[10, 10, 10]] * 4, unit="EUR"),
    savings=SavingsTotals(np.array([4.0, 6.0]), np.array([1.0, 2.0]), 3.0, np.array([1.0, 1.0])),
)


def values_of(found):
    return {(each.code, each.entity): each.value for each in key_figures(found)}


def test_every_key_figure_is_the_one_computed_by_hand():
    assert values_of(BASE) == {
        ("applications_total", ""): 6,
        ("target_probability", "O.1"): 0.5,
        ("proposal", "O.1"): 10,
        ("peak_present", "house"): 10,
        ("over_capacity", "house"): 0.5,
        ("nights_without_place", "house"): 30 * (1 + 2 + 3 + 4) / 4,
        ("nights_cost", "house"): 600 * (25 + 12 + 39 + 27) / 4,
        ("waiting", ""): 3,
        ("wait_months", ""): 4,
        ("recipients", ""): 120,
        ("expenditure", ""): 30,
        ("gross_saving", ""): 5,
        ("net_saving", ""): 1.5,
    }
    units = {each.code: each.unit for each in key_figures(BASE)}
    assert units["nights_without_place"] == "person-nights"
    assert units["target_probability"] == units["over_capacity"] == "1"


def test_what_a_projection_has_not_is_left_out():
    assert key_figures(projection()) == ()
    without = replace(BASE.centres[0], capacity=None, over=None, nights_over=None, cost_eur=None)
    assert [each.code for each in key_figures(projection(centres=(without,)))] == ["peak_present"]
    assert [each.code for each in key_figures(projection(targets=(target([1], None),)))] == [
        "proposal"
    ]


def test_the_probability_of_a_target_is_the_one_of_the_projection():
    draws = [0.1 * 3, 0.3, 0.29]
    found = target(draws, published=0.3)
    assert values_of(projection(targets=(found,)))["target_probability", "O.1"] == pytest.approx(
        found.probability
    )


def test_differences_are_taken_path_by_path():
    more = replace(
        BASE,
        scenario=scenario("more"),
        arrivals=BASE.arrivals + flow([[0, 0, 0], [1, 0, 0], [10, 0, 0], [0, 0, 1]]),
        centres=(centre([[5, 11, 9], [3, 4, 15], [12, 13, 14], [9, 10, 8]]),),
    )
    found = held_together(SimpleNamespace(), [BASE, more])
    differences = {each.key: each for each in found.differences["more"]}
    total = differences["applications_total", ""]
    assert (total.reference, total.value, total.change) == (6, 11, 5)  # median of 6, 16, 11, 28
    assert (total.lower, total.upper) == (0, 10)  # of 0, 1, 10, 1
    assert total.judgement == ""
    over = differences["over_capacity", "house"]
    assert (over.reference, over.value, over.lower) == (0.5, 0.75, None)
    assert over.judgement == "worse"
    assert not differences["waiting", ""].is_moved
    assert differences["waiting", ""].judgement == ""
    assert list(found.differences) == ["more"]
    assert list(found.figures) == ["reference", "more"]


def test_less_saved_is_worse_and_less_waiting_better():
    other = replace(
        BASE,
        scenario=scenario("other"),
        savings=SavingsTotals(np.array([2.0, 3.0]), np.array([0.5, 1.0]), 3.0, np.array([1.0])),
        backlog=backlog([[1, 1, 1]] * 4, [[0, 0, 1]] * 4),
    )
    found = held_together(SimpleNamespace(), [BASE, other]).differences["other"]
    judged = {each.code: each.judgement for each in found if each.judgement}
    assert judged == {
        "waiting": "better",
        "wait_months": "better",
        "gross_saving": "worse",
        "net_saving": "worse",
    }


def test_regret_is_the_one_computed_by_hand():
    """Outcomes 10, 20, 30, 40; with p = 0.5 the loss is half the mean distance."""
    draws = np.array([10.0, 20.0, 30.0, 40.0])
    assert regret_of(20, draws, 0.5) == regret_of(25, draws, 0.5) == 0
    assert regret_of(40, draws, 0.5) == pytest.approx(0.5 * (60 / 4) - 0.5 * (40 / 4))
    # p = 0.8: loss at 10 is 0.2 x (10 + 20 + 30) / 4 = 3, at 30 0.8 x 30 / 4 + 0.2 x 10 / 4 = 6.5
    assert regret_of(10, draws, 0.8) == 0
    assert regret_of(30, draws, 0.8) == pytest.approx(3.5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=40),
    st.integers(0, 1000),
    st.sampled_from([0.5, 0.8, 0.9]),
)
def test_no_target_is_better_than_the_one_that_is_met_with_the_probability(draws, other, p):
    outcomes = np.array(draws, dtype=float)
    own = float(target_at(outcomes, p))
    assert regret_of(own, outcomes, p) == pytest.approx(0, abs=1e-9)
    assert regret_of(other, outcomes, p) >= 0


def test_the_robust_target_is_the_least_of_all_scenarios_and_has_a_price():
    reference = projection(targets=(target(range(100, 200), published=150),))
    high = projection("high", targets=(target(range(200, 300), published=150),))
    low = projection("low", targets=(target(range(50, 150), published=150),))
    (found,) = held_together(SimpleNamespace(), [reference, high, low], probability=0.8).robust
    assert (found.proposed, found.robust, found.binding, found.price) == (120, 70, "low", 50)
    held = {each.kind: each for each in found.held}
    assert held["robust"].met == {"reference": 1.0, "high": 1.0, "low": 0.8}
    assert held["robust"].least_met == ("low", 0.8)
    assert held["published"].met == {"reference": 0.5, "high": 1.0, "low": 0.0}
    assert held["published"].most_regret[0] == "low"
    assert held["proposed"].regret["reference"] == pytest.approx(0)
    assert held["robust"].regret["low"] == pytest.approx(0)
    assert not found.survives(0.8)
    (safe,) = held_together(SimpleNamespace(), [high]).robust
    assert safe.survives(0.8)
    (silent,) = held_together(
        SimpleNamespace(), [projection(targets=(target([5, 6], None),))]
    ).robust
    assert silent.survives(0.8) is None
    assert [each.kind for each in silent.held] == ["proposed", "robust"]


def test_compare_projects_the_reference_first_and_reports_progress(monkeypatch):
    monkeypatch.setattr(comparison, "project", lambda _, chosen: projection(chosen.id))
    reference = SimpleNamespace(scenario=scenario("reference"), n_paths=4)
    seen = []
    found = compare_scenarios(
        reference,
        [scenario("a"), scenario("reference"), scenario("b")],
        on_done=lambda done, all_: seen.append((done, all_)),
    )
    assert [each.scenario.id for each in found.projections] == ["reference", "a", "b"]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert found.projection("b") is found.projections[2]


def test_scenarios_that_cannot_be_compared_are_refused(monkeypatch):
    monkeypatch.setattr(comparison, "project", lambda _, chosen: projection(chosen.id))
    reference = SimpleNamespace(scenario=scenario("reference"), n_paths=4)
    with pytest.raises(InputError, match="scenario 'a' twice"):
        compare_scenarios(reference, [scenario("a"), scenario("a")])
    with pytest.raises(InputError, match="probability 1"):
        compare_scenarios(reference, [], probability=1)
    other = scenario("fi", chain="FI")
    with pytest.raises(InputError, match=r"scenario 'fi' of another chain \(FI\)"):
        compare_scenarios(reference, [other])


def test_shapley_values_of_an_additive_game_are_what_each_adds():
    gains = {"a": 1.0, "b": 10.0, "c": -4.0}
    found = shapley_values(list(gains), lambda chosen: np.array([sum(gains[p] for p in chosen)]))
    assert found[:, 0] == pytest.approx([1, 10, -4])


def test_an_interaction_is_shared_in_equal_parts():
    """Together a and b give 8 more than alone: 4 for each; c gives nothing."""

    def worth(chosen):
        return np.array([2.0 * ("a" in chosen) + 8.0 * ({"a", "b"} <= set(chosen))])

    assert shapley_values("abc", worth)[:, 0] == pytest.approx([6, 4, 0])


def test_the_glove_game_has_the_values_of_the_textbook():
    """One left and two right gloves: 2/3, 1/6, 1/6 (Shapley values of the glove game)."""

    def worth(chosen):
        return np.array([float("left" in chosen and len(chosen) > 1)])

    found = shapley_values(["left", "right", "other right"], worth)
    assert found[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_contributions_add_up_whatever_the_game(n, seed):
    rng = np.random.default_rng(seed)
    players = [f"p{i}" for i in range(n)]
    known = {}

    def worth(chosen):
        return known.setdefault(frozenset(chosen), rng.normal(0, 1e6, 3))

    for share_out in (shapley_values, marginal_values):
        total = share_out(players, worth).sum(axis=0)
        assert total == pytest.approx(worth(players) - worth(()), rel=1e-9, abs=1e-9 * 1e6)


def with_effects(monkeypatch):
    """Arrivals are the product of the levers' effects: levers that interact."""

    def project(_, chosen):
        factor = np.prod([each.effect for each in chosen.levers]) if chosen.levers else 1.0
        return projection(chosen.id, arrivals=flow(100 * factor * np.ones((2, 3))))

    monkeypatch.setattr(attribution, "project", project)


def test_a_difference_is_shared_among_levers_or_scenarios(monkeypatch):
    with_effects(monkeypatch)
    mixed = scenario(
        "mixed", [lever("a", 2.0, "one"), lever("b", 3.0, "two"), lever("c", 0.5, "one")]
    )
    by_lever = attribute(SimpleNamespace(), mixed)
    assert (by_lever.players, by_lever.method) == (("a", "b", "c"), "shapley")
    (total,) = by_lever.figures
    assert (total.key, total.reference, total.value) == (("applications_total", ""), 300, 900)
    assert sum(total.contributions) == pytest.approx(total.change, rel=1e-9)
    assert total.contributions[1] > total.contributions[0] > 0 > total.contributions[2]
    by_scenario = attribute(SimpleNamespace(), mixed, players="scenarios")
    assert by_scenario.players == ("one", "two")
    # "one" doubles and halves: alone it changes nothing, nor with "two"
    assert by_scenario.figures[0].contributions == pytest.approx((0, 600))


def test_more_than_six_levers_are_shared_in_their_order_and_it_is_said(monkeypatch):
    with_effects(monkeypatch)
    many = scenario("many", [lever(f"l{i}", 2.0) for i in range(7)])
    found = attribute(SimpleNamespace(), many)
    assert found.method == "order"
    assert found.figures[0].contributions == pytest.approx([300 * 2**i for i in range(7)])


def test_an_attribution_without_levers_or_players_is_refused():
    with pytest.raises(InputError, match="'reference' has no levers"):
        attribute(SimpleNamespace(), scenario("reference"))
    with pytest.raises(InputError, match="players 'months'"):
        attribute(SimpleNamespace(), scenario("one", [lever("a")]), players="months")


def test_the_table_has_one_value_per_row():
    more = replace(BASE, scenario=scenario("more"), arrivals=2 * BASE.arrivals)
    found = held_together(SimpleNamespace(), [BASE, more])
    table = comparison_table(found)
    assert tuple(table.columns) == COLUMNS
    assert table["value"].notna().all()

    def value(**wanted):
        rows = table
        for column, cell in wanted.items():
            rows = rows[rows[column] == cell]
        assert len(rows) == 1
        return rows["value"].iloc[0]

    assert value(scenario="more", measure="applications_total") == 12
    assert value(scenario="more", measure="applications_total_difference", output_type="point") == 6
    february = {"measure": "applications", "period": "2025-02", "quantile_level": 0.5}
    assert value(scenario="reference", **february) == 2
    assert value(measure="robust") == 10
    assert value(scenario="more", measure="published_met") == 0.5
    assert not table.duplicated(list(COLUMNS[:-1])).any()


def test_a_scenario_that_extends_a_file_elsewhere_leads_back_to_its_reference(tmp_path):
    (tmp_path / "below").mkdir()
    above, below = tmp_path / "mine.yaml", tmp_path / "below" / "more.yaml"
    above.write_text("title: Mine\nextends: [reference]\n", encoding="utf-8")
    below.write_text("title: More\nextends: [../mine.yaml]\n", encoding="utf-8")

    assert root_of(load_scenario(below)).id == "reference"


def test_a_briefing_rests_on_every_file_that_its_scenarios_extend(tmp_path):
    (tmp_path / "below").mkdir()
    above, below = tmp_path / "mine.yaml", tmp_path / "below" / "more.yaml"
    above.write_text("title: Mine\nextends: [reference]\n", encoding="utf-8")
    below.write_text("title: More\nextends: [../mine.yaml]\n", encoding="utf-8")
    paths = scenario_paths({"reference": "reference", "scenarios": str(below)})
    assert {above.resolve(), below.resolve()} <= {path.resolve() for path in paths}


def test_tables_mark_a_caseload_that_was_generated():
    chain = load_scenario("reference").chain
    assert chain.is_synthetic
    assert not chain.model_copy(update={"caseload": None}).is_synthetic
    shipped = load_scenario("reference")
    base = replace(BASE, scenario=shipped, recipients=BASE.arrivals, expenditure=BASE.arrivals)
    table = comparison_table(held_together(SimpleNamespace(), [base]))
    own = table[table["measure"].isin(["recipients", "expenditure"])]
    assert set(own["measure"]) == {"recipients", "expenditure"}
    assert set(own["entity"]) == {"synthetic"}
    others = table[~table["measure"].isin(["recipients", "expenditure"])]
    assert "synthetic" not in set(others["entity"])


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        ("en", "(synthetic figures)"),
        ("sl", "(sintetični podatki)"),
        ("sv", "(syntetiska siffror)"),
        ("fi", "(synteettisiä lukuja)"),
    ],
)
def test_a_key_figure_of_a_synthetic_caseload_is_named_so(code, mark):
    words = scenario_words(load_scenario("reference"), Language(code))
    assert words.measure("recipients").endswith(mark)
    assert words.measure("expenditure").endswith(mark)
    assert mark not in words.measure("waiting")
