"""Indicators that no forecast drives: plans, rates, paces and commitments, path by path."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from forecasting.briefing.listing import target_lines
from forecasting.errors import InputError
from forecasting.forecasts import forecast
from forecasting.forecasts.summary import persons_by_month
from forecasting.languages import Language
from forecasting.locations import data_dir
from forecasting.programmes.catalogue import list_programmes, load_programme
from forecasting.programmes.driven_by import (
    DesignUniforms,
    DrivenValues,
    JointUniforms,
    driver_of,
    load_delivery,
)
from forecasting.programmes.proposals import PlanDraws, propose_targets
from forecasting.programmes.reasons import Change, Swing, explain_change, widest
from forecasting.programmes.table import targets_table
from forecasting.programmes.target_request import (
    TargetRequest,
    forecast_driver,
    propose_all,
)
from forecasting.programmes.targets import probability_met
from forecasting.series import read_series
from forecasting.sources.parameters import ParameterFile

AMIF = "si-amif-2021-2027"
LEVELS = (0.5, 0.8, 0.9)


@pytest.fixture(scope="module")
def amif():
    return load_programme(AMIF)


@pytest.fixture(scope="module")
def persons():
    series = read_series("asylum-applicants/SI")
    return persons_by_month(forecast(series, horizon=63, n_paths=400))


@pytest.fixture(scope="module")
def proposed(amif, persons):
    found = propose_targets(
        amif, persons, origin=pd.Period("2024-09", "M"), plans=PlanDraws(n_paths=400)
    )
    return {(p.indicator.code, p.point): p for p in found}


def fixed(**percent):
    """Parameters without distributions."""
    known = load_delivery()
    entries = tuple(
        entry.model_copy(update={"value": percent.get(entry.id, 100), "distribution": None})
        if entry.unit == "%"
        else entry
        for entry in known.entries
    )
    return ParameterFile(known.path, entries)


def value(programme, code, point="target", **percent):
    """Value with fixed parameters and every range at its middle."""
    planned = {
        (p.indicator.code, p.point): p.rederived
        if p.rederived is not None
        else Fraction(str(p.published))
        for p in propose_targets(programme, None)
        if p.rederived is not None or p.published is not None
    }
    values = DrivenValues(programme, planned, {}, DesignUniforms(()), fixed(**percent))
    found = values.values(programme.indicator(code), point)
    return None if found is None else float(found[0])


# each kind of driver against values worked out by hand


@pytest.mark.parametrize(
    ("code", "percent", "expected"),
    [
        ("O.3.2", {"share_delivered": 80}, 0.8 * 451),
        ("O.1.3", {"share_delivered": 80}, 70 + 0.8 * (420 - 70)),  # 70 places stand already
        ("O.1.3.1", {"share_delivered": 50}, 70),
        ("O.4.2", {"share_delivered": 50}, 25),  # a commitment
        ("R.4.3", {}, 5),
        ("R.4.4", {}, 25),
        ("R.1.5", {}, 80 * 0.75 + 90 * 0.9),  # the published 141
        ("R.1.6", {"share_delivered": 50}, 0.5 * 141),
        ("R.1.5", {"rate_held": 80}, 0.8 * 141),
        ("R.1.5", {"rate_held": 200}, 170),  # no more than the participants
        ("R.2.8", {}, 17_350 * 0.6),
        ("R.2.8", {"share_delivered": 80, "rate_held": 90}, 17_350 * 0.8 * 0.6 * 0.9),
        ("R.2.9", {}, 28_565 * 0.55),
        ("R.2.10", {}, 8 * 7),
        ("R.2.10", {"pace_held": 50}, 8 * 7 / 2),
    ],
)
def test_a_value_follows_from_its_driver(amif, code, percent, expected):
    assert value(amif, code, **percent) == pytest.approx(expected)


def test_the_milestone_of_a_plan_that_stands_already_is_certain(amif):
    assert value(amif, "O.1.3", "milestone", share_delivered=50) == 45


def test_a_percent_indicator_moves_from_its_baseline():
    ranilug = load_programme("xk-ranilug-2023-2025")
    assert value(ranilug, "C1.1", share_delivered=80) == pytest.approx(40 + 0.8 * (80 - 40))
    assert value(ranilug, "C1.1", "milestone", share_delivered=50) == pytest.approx(50)
    assert value(ranilug, "C5.1", share_delivered=120) == 100  # 90 + 1.2 x 10 is no percentage
    assert value(ranilug, "C4.3") is None  # its baseline is not legible


def test_rates_of_the_other_programmes():
    care, activation = (
        load_programme(name) for name in ("si-social-care-2025-2026", "si-social-activation")
    )
    assert value(care, "1.3.2-2", share_delivered=50) == pytest.approx(0.5 * 1080)
    assert value(care, "1.3.3-3", rate_held=90) == pytest.approx(0.9 * 11)
    assert value(care, "2.12-2", share_delivered=50) == pytest.approx(6)  # a change, from 0
    assert value(activation, "K2", share_delivered=90, rate_held=50) == pytest.approx(0.45 * 3000)
    assert value(activation, "K3") == pytest.approx(10_238_750)


# draws


def test_uniforms_are_uniform_and_correlate_as_told():
    from scipy.special import ndtri
    from scipy.stats import kstest

    uniforms = JointUniforms(20_000, 2, 0.5)
    first, second = uniforms.levels("share", "a"), uniforms.levels("share", "b")
    assert kstest(first, "uniform").pvalue > 0.01
    assert np.corrcoef(ndtri(first), ndtri(second))[0, 1] == pytest.approx(0.5, abs=0.02)
    other = uniforms.levels("pace", "a")
    assert np.corrcoef(ndtri(first), ndtri(other))[0, 1] == pytest.approx(0, abs=0.02)
    np.testing.assert_array_equal(first, JointUniforms(20_000, 2, 0.5).levels("share", "a"))
    assert not np.array_equal(first, JointUniforms(20_000, 8, 0.5).levels("share", "a"))


def test_whole_things_are_delivered_by_the_binomial_law():
    from scipy.stats import binom

    n = 40_000
    drawn = JointUniforms(n, 1, 0.5).delivered(2.0, np.full(n, 0.8), "x")
    for count in range(3):
        expected = binom.pmf(count, 2, 0.8)
        bound = 4 * sqrt(expected * (1 - expected) / n)
        assert np.mean(drawn == count) == pytest.approx(expected, abs=bound)
    more = JointUniforms(5, 1, 0.5).delivered(20.0, np.full(5, 1.13), "x")
    assert more.tolist() == [22.0] * 5  # 22.6, in whole things


def test_another_indicator_changes_no_draw(amif):
    alone = amif.model_copy(
        update={"indicators": tuple(i for i in amif.indicators if i.code in {"O.3.1", "O.3.2"})}
    )
    whole = propose_targets(amif, None, plans=PlanDraws(200))
    few = propose_targets(alone, None, plans=PlanDraws(200))
    draws = {(p.indicator.code, p.point): p.draws for p in whole}
    for proposal in few:
        np.testing.assert_array_equal(
            proposal.draws, draws[proposal.indicator.code, proposal.point]
        )


def test_a_rate_goes_path_by_path_with_what_it_is_applied_to(proposed):
    participants, useful = proposed["O.1.2", "target"].draws, proposed["R.1.5", "target"].draws
    assert (useful <= participants).all()
    assert np.corrcoef(participants, useful)[0, 1] > 0.6


# proposals


@pytest.mark.parametrize("name", list_programmes())
def test_every_monitored_indicator_with_a_number_has_a_proposal(name):
    programme = load_programme(name)
    request = TargetRequest(n_paths=300, seed=3)
    found = propose_all(programme, request, result=forecast_driver(programme, request))
    for proposal in found:
        has_number = bool(proposal.published) and proposal.indicator.monitored
        if proposal.unproposed == "no baseline":
            assert not isinstance(proposal.indicator.baseline, int | float)
            continue
        assert (proposal.draws is not None) >= has_number, proposal.indicator.code
        if proposal.draws is None:
            assert proposal.unproposed
            continue
        assert len(proposal.draws) == 300
        at = [proposal.proposals[p] for p in LEVELS]
        assert at == sorted(at, reverse=True)
        if proposal.published:
            met = probability_met(proposal.draws, proposal.published)
            assert proposal.probability == met
        for p in LEVELS:
            change = proposal.changes.get(p)
            if change is not None:
                moved = proposal.proposals[p] - proposal.published
                assert sum(change.steps.values()) == pytest.approx(moved)


def test_a_forecast_is_proposed_as_without_plans(amif, persons, proposed):
    origin = pd.Period("2024-09", "M")
    for before in propose_targets(amif, persons, origin=origin):
        after = proposed[before.indicator.code, before.point]
        if before.draws is not None:
            assert after.driver == "forecast"
            assert after.proposals == before.proposals


def test_a_commitment_is_met_on_every_path(proposed):
    resettled = proposed["R.4.4", "target"]
    assert resettled.proposals == dict.fromkeys(LEVELS, 25)
    assert resettled.probability == 1
    assert resettled.swings == ()
    assert resettled.changes[0.8].main is None


def test_the_law_of_a_plan_gives_its_probability(amif):
    """P(share >= 1) of triangular(50, 90, 120) % is 20^2 / (70 x 30)."""
    n = 20_000
    found = propose_targets(amif, None, plans=PlanDraws(n))
    plan = next(p for p in found if (p.indicator.code, p.point) == ("O.2.3.1", "target"))
    expected = 400 / 2100
    assert plan.probability == pytest.approx(expected, abs=4 * sqrt(expected / n))
    # P80: (x - 50)^2 / (70 x 40) = 0.2
    assert plan.proposals[0.8] == pytest.approx(17_350 * (50 + sqrt(560)) / 100, rel=0.01)


def test_joint_attainment_is_the_share_of_paths_on_which_all_parts_hold(proposed):
    total = proposed["O.2.3", "target"]
    parts = [proposed[f"O.2.3.{n}", "target"] for n in (1, 2, 3)]
    for p in LEVELS:
        held = [part.draws >= part.proposals[p] for part in parts]
        assert total.joint[p] == np.mean(np.all(held, axis=0))
        counts = [part.proposals[p] for part in parts]
        assert total.bounds[p] == (max(counts), sum(counts))


def test_proposals_are_multiples_of_the_rounding_asked_for(amif):
    found = propose_targets(amif, None, plans=PlanDraws(100), rounding=25)
    values = [v for p in found for v in p.proposals.values()]
    assert values
    assert all(v % 25 == 0 for v in values)


def test_a_rounding_below_0_is_refused(amif):
    with pytest.raises(InputError, match="rounding -5; expected: a whole number from 0"):
        propose_targets(amif, None, rounding=-5)


def test_plans_must_have_the_paths_of_the_forecast(amif, persons):
    with pytest.raises(InputError, match=r"300 paths of plans.*expected: 400"):
        propose_targets(
            amif, persons, origin=pd.Period("2024-09", "M"), plans=PlanDraws(n_paths=300)
        )


# reasons


def test_a_change_is_split_into_steps():
    change = explain_change(32_000, 10_000, 10_200, (12_000, 30_000))
    assert change == Change(correction=200, assumption=1_800, new_data=18_000, model=2_000)
    assert change.main == "new data"
    planned = explain_change(7_000, 10_000, 10_200, None)
    assert planned == Change(correction=200, assumption=-3_200)
    assert planned.main == "assumption"
    assert explain_change(5, 5, None, None).main is None


def test_the_main_reasons_of_the_programme(proposed):
    reasons = {code: proposed[code, "target"].changes[0.8].main for code in ("O.1.1.1", "O.1.1.2")}
    assert reasons == {"O.1.1.1": "new data", "O.1.1.2": "assumption"}


def test_the_flat_pace_is_the_observed_months_and_the_last_twelve(amif, persons, proposed):
    counted = persons.sel(period=persons.indexes["period"] >= pd.Period("2022-01", "M"))
    values = counted.to_numpy()[0]
    known = counted.indexes["period"] <= pd.Period("2024-09", "M")
    flat = values[known].sum() + 63 * values[known][-12:].mean()
    change = proposed["O.1.1.1", "target"].changes[0.8]
    assert change.new_data == pytest.approx(flat - 17_740)
    assert change.assumption == pytest.approx(0, abs=1e-6)


def test_swings_of_a_plan_are_its_tenths(proposed):
    from scipy.stats import triang

    share = triang((90 - 50) / 70, loc=0.5, scale=0.7)
    (swing,) = proposed["O.1.2", "target"].swings
    assert swing.name == "share_delivered"
    assert (swing.low, swing.high) == pytest.approx((170 * share.ppf(0.1), 170 * share.ppf(0.9)))


def test_swings_of_a_rate_hold_its_base_too(proposed):
    names = [swing.name for swing in proposed["R.2.9", "target"].swings]
    assert names == ["share_delivered", "rate_held", "range"]
    low, high = 28_565 * 0.51, 28_565 * 0.59  # the tenths of 50 to 60 %
    swing = proposed["R.2.9", "target"].swings[2]
    assert swing.high / swing.low == pytest.approx(high / low)


def test_swings_of_a_forecast_move_applicants_and_inputs(proposed):
    proposal = proposed["O.1.1.3", "target"]
    swings = {swing.name: swing for swing in proposal.swings}
    median = np.quantile(proposal.persons, 0.5, method="inverted_cdf")
    share = 2000 / 10_644
    assert swings["vulnerable_at_milestone"].low == pytest.approx(0.9 * share * median)
    assert swings["vulnerable_at_milestone"].high == pytest.approx(1.1 * share * median)
    ends = np.quantile(proposal.persons, [0.1, 0.9], method="inverted_cdf") * share
    assert (swings["applicants"].low, swings["applicants"].high) == pytest.approx(tuple(ends))
    coverage = proposed["O.1.1.1", "target"].swings[-1]
    assert coverage.high == pytest.approx(median_of(proposed["O.1.1.1", "target"]))  # 100 % at most


def median_of(proposal):
    return np.quantile(proposal.persons, 0.5, method="inverted_cdf")


def test_the_widest_swing_stands_first():
    swings = [Swing("a", 1, 2), Swing("b", 5, 1), Swing("c", 3, 3)]
    assert [swing.name for swing in widest(swings)] == ["b", "a"]


# the key in the catalogue


def changed(tmp_path: Path, code: str, driver: object) -> Path:
    content = yaml.safe_load((data_dir() / "programmes" / f"{AMIF}.yaml").read_text())
    (indicator,) = (each for each in content["indicators"] if each["code"] == code)
    indicator["driven_by"] = driver
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True))
    return path


@pytest.mark.parametrize(
    ("code", "driver", "message"),
    [
        ("O.3.1", {"plan": {}, "commitment": "recamas"}, "found plan and commitment"),
        ("O.3.1", {}, "found no form; expected: one of plan, rate, pace, commitment"),
        ("O.3.1", {"commitment": "recamas"}, r"driven_by.commitment: gives items?; expected"),
        ("O.3.1", {"plan": {"reached": "nobody"}}, "driven_by.plan.reached: .*nobody"),
        ("O.3.1", {"rate": {"of": "O.9.9"}}, "'O.9.9' is not in the catalogue"),
        ("O.3.1", {"rate": {"of": "O.3.1"}}, "applied to itself"),
        ("O.1.2", {"rate": {"of": "R.1.5"}}, "applied to itself"),
        ("O.1.1.1", {"plan": {}}, "beside from_forecast"),
        ("O.3.1", {"pace": {"per_year": ["centre_staff"]}}, "driven_by.pace.per_year: gives"),
        ("O.3.1", {"rate": {"of": "O.1.2", "share": ["centre_staff"]}}, "rate.share: gives"),
        ("O.3.1", {"plan": {"delivery": "luck"}}, "'luck'"),
    ],
)
def test_a_driver_that_cannot_be_is_refused(tmp_path, code, driver, message):
    with pytest.raises(InputError, match=message):
        load_programme(str(changed(tmp_path, code, driver)))


def test_what_drives_the_indicators_of_the_programme(amif):
    kinds = {i.code: d.kind for i in amif.indicators if (d := driver_of(i))}
    assert kinds["R.1.5"] == kinds["R.2.8"] == "rate"
    assert kinds["O.4.2"] == kinds["R.4.4"] == "commitment"
    assert kinds["R.2.10"] == "pace"
    assert kinds["O.3.2"] == "plan"
    assert "O.1.1.1" not in kinds


# table and terminal


def test_the_table_says_what_drives_each_value_and_why_it_changes(amif, proposed):
    frame = targets_table(amif, list(proposed.values()), Language("en"), None).set_index(
        ["indicator", "point"]
    )
    rate = frame.loc[("R.2.8", "target")]
    assert (rate["driver"], rate["assumption"], rate["reason_p80"]) == (
        "rate", "share_delivered", "assumption",
    )  # fmt: skip
    assert rate["assumption_low"] < rate["proposal_p80"] < rate["assumption_high"]
    assert frame.loc[("O.1.4", "target"), "unproposed"] == "not monitored"
    total = frame.loc[("O.2.3", "target")]
    assert total["persons_from_p80"] == proposed["O.2.3.1", "target"].proposals[0.8]
    assert total["joint_p80"] == proposed["O.2.3", "target"].joint[0.8]


def test_the_terminal_names_the_driver_and_the_gap():
    programme = load_programme("xk-ranilug-2023-2025")
    found = propose_all(programme, TargetRequest(n_paths=100))
    for code, expected in (
        ("en", ("driven by: plan, delivered in part", "no proposal: the document gives no number",
                "no proposal: percent without a known baseline")),
        ("sl", ("odvisno od: načrt, izveden deloma", "brez predloga: dokument ne navaja števila",
                "brez predloga: odstotek brez znanega izhodišča")),
    ):  # fmt: skip
        lines = [line.strip() for line in target_lines(programme, found, Language(code), None)]
        assert set(expected) <= set(lines)
