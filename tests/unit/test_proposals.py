"""Published values re-derived exactly, and proposals read off the same sample paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.briefing.material import TargetMaterial
from forecasting.errors import InputError
from forecasting.forecasts import forecast
from forecasting.forecasts.summary import persons_by_month
from forecasting.languages import Language
from forecasting.locations import data_dir
from forecasting.paths import make_paths
from forecasting.programmes.catalogue import load_programme
from forecasting.programmes.derivation import (
    count_persons,
    forecast_inputs,
    indicator_paths,
    inputs_used,
    published_trace,
)
from forecasting.programmes.proposals import propose_targets
from forecasting.programmes.table import targets_table
from forecasting.programmes.target_request import TargetRequest, propose_all
from forecasting.series import read_series

NAME = "si-amif-2021-2027"
SHIPPED = data_dir() / "programmes" / f"{NAME}.yaml"


@pytest.fixture(scope="module")
def programme():
    return load_programme(NAME)


@pytest.fixture(scope="module")
def series():
    return read_series("asylum-applicants/SI")


@pytest.fixture(scope="module")
def result(series):
    return forecast(series, horizon=63, n_paths=400)


@pytest.fixture(scope="module")
def persons(result):
    return persons_by_month(result)


@pytest.fixture(scope="module")
def proposals(programme, persons, series):
    found = propose_targets(programme, persons, origin=series.origin)
    return {(p.indicator.code, p.point): p for p in found}


def flat_persons(rates, start="2022-01", months=96):
    """One path per rate: that many persons in every month."""
    values = np.repeat(np.asarray(rates, dtype=float)[:, None], months, axis=1)
    return make_paths(values, pd.period_range(start, periods=months, freq="M"), unit="persons")


def rederived(programme):
    return {
        (p.indicator.code, p.point): p.rederived
        for p in propose_targets(programme, None)
        if p.rederived is not None
    }


# published values


PUBLISHED = [
    (
        "O.1.1", "milestone", 10_644,
        "10,644 persons + 0 persons = 10,644 persons",
    ),
    (
        "O.1.1", "target", 185_490,
        "17,740 persons + 167,750 persons = 185,490 persons",
    ),
    (
        "O.1.1.1", "milestone", 10_644,
        "3 years × 3,548 applications per year = 10,644 applications",
    ),
    (
        "O.1.1.1", "target", 17_740,
        "5 years × 3,548 applications per year = 17,740 applications",
    ),
    (
        "O.1.1.2", "target", 167_750,
        "3.5 years × 20,000 persons per year + 6,720,000 EUR / (600 EUR per person per month × "
        "4 months) + 2,100 persons + 30 persons × 42 months / 6 months + 92,640 persons = "
        "167,750 persons",
    ),
    ("O.1.2", "target", 170, "80 persons + 90 persons = 170 persons"),
    ("O.1.3", "target", 420, "70 places + 50 places + 300 places = 420 places"),
    ("O.1.3.1", "target", 70, "70 places"),
    (
        "O.2.3", "milestone", 5040,
        "3 years × 1,600 persons per year + 3 years × 30 persons per year + "
        "3 years × 50 persons per year = 5,040 persons",
    ),
    ("O.2.3.1", "milestone", 4800, "3 years × 1,600 persons per year = 4,800 persons"),
    ("O.2.3.2", "milestone", 90, "3 years × 30 persons per year = 90 persons"),
    ("O.2.3.3", "milestone", 150, "3 years × 50 persons per year = 150 persons"),
    ("O.3.1", "target", 80, "50 persons + 30 persons = 80 persons"),
    ("O.3.2", "target", 451, "400 items + 1 item + 50 items = 451 items"),
    ("O.4.2", "milestone", 25, "50 persons × 50% = 25 persons"),
    ("O.4.2", "target", 25, "50 persons × 50% = 25 persons"),
    ("R.4.3", "target", 5, "5 persons"),
    ("R.4.4", "target", 25, "50 persons × 50% = 25 persons"),
    ("R.1.5", "target", 141, "80 persons × 75% + 90 persons × 90% = 141 persons"),
    ("R.1.6", "target", 141, "80 persons × 75% + 90 persons × 90% = 141 persons"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "point", "value", "trace"), PUBLISHED)
def test_a_published_value_is_rederived_exactly_with_its_trace(
    programme, proposals, code, point, value, trace
):
    proposal = proposals[code, point]
    assert (proposal.published, proposal.rederived, proposal.difference) == (value, value, 0)
    written = published_trace(programme, programme.indicator(code), point, Language("en"))
    assert written == trace


def test_the_trace_of_a_published_value_in_slovenian(programme):
    trace = published_trace(programme, programme.indicator("R.1.5"), "target", Language("sl"))
    assert trace == "80 oseb × 75\u00a0% + 90 oseb × 90\u00a0% = 141 oseb"


def test_these_are_all_values_that_the_document_calculates(programme):
    known = {(code, point) for code, point, _, _ in PUBLISHED}
    assert set(rederived(programme)) == known | {("R.2.8", "target")}


def test_a_published_value_that_its_inputs_do_not_give_is_shown_with_the_recorded_reason(proposals):
    proposal = proposals["R.2.8", "target"]
    assert (proposal.published, proposal.rederived, proposal.difference) == (10_000, 10_200, 200)
    assert proposal.explained.amount == 200


@pytest.mark.parametrize(
    ("code", "point", "value"),
    [
        ("O.1.1.2", "milestone", 0),
        ("O.1.1.3", "milestone", 2000),
        ("O.1.1.3", "target", 30_290),
        ("O.1.2", "milestone", 75),
    ],
)
def test_a_value_without_calculation_is_published_but_not_rederived(proposals, code, point, value):
    proposal = proposals[code, point]
    assert (proposal.published, proposal.rederived, proposal.difference) == (value, None, None)


def test_a_longer_stay_moves_the_two_values_it_enters_and_nothing_else(programme, tmp_path):
    """6,720,000 / (600 x 4) - 6,720,000 / (600 x 5) = 2,800 - 2,240 persons."""
    text = SHIPPED.read_text(encoding="utf-8")
    before = "stay_in_reception:\n    value: 4\n"
    assert text.count(before) == 1
    copy = tmp_path / "own.yaml"
    begins = text.index(before)
    own = text[begins:].replace(before, before.replace("4", "5"))
    own = own.replace("quality: given", "quality: assumed", 1)
    copy.write_text(text[:begins] + own, encoding="utf-8")
    old, new = rederived(programme), rederived(load_programme(str(copy)))
    moved = {key: new[key] - old[key] for key in old if new[key] != old[key]}
    assert moved == {("O.1.1.2", "target"): -560, ("O.1.1", "target"): -560}
    differing = [p for p in propose_targets(load_programme(str(copy)), None) if p.difference]
    assert {p.indicator.code: p.difference for p in differing} == {
        "O.1.1": -560, "O.1.1.2": -560, "R.2.8": 200,
    }  # fmt: skip


def test_a_briefing_shows_the_indicators_the_programme_chose_and_their_inputs(programme, proposals):
    targets = TargetMaterial(programme, tuple(proposals.values()))
    shown = list(dict.fromkeys(p.indicator.code for p in targets.shown))
    assert shown == ["O.1.1", "O.1.1.1", "O.1.1.2", "O.1.1.3", "O.1.2", "R.1.5", "R.1.6"]
    used = inputs_used(programme, [programme.indicator(code) for code in shown])
    assert used == list(programme.inputs.values())[:21]
    everything = programme.model_copy(update={"in_briefing": ()})
    assert len(TargetMaterial(everything, targets.proposals).shown) == len(proposals)


# counting


def test_counting_begins_in_january_2022(programme, persons, series):
    counted = indicator_paths(programme, programme.indicator("O.1.1.1"), persons)
    periods = counted.indexes["period"]
    assert (str(periods[0]), str(periods[-1])) == ("2022-01", "2029-12")
    assert (counted[:, 0] == series.values["2022-01"]).all()


def test_observed_months_are_facts_on_every_path(programme, persons, series):
    for code in ("O.1.1", "O.1.1.1", "O.1.1.2", "O.1.1.3"):
        counted = indicator_paths(programme, programme.indicator(code), persons)
        known = counted.to_numpy()[:, counted.indexes["period"] <= series.origin]
        assert (known == known[0]).all()
    total = float(series.values["2022-01":].sum())
    legal = indicator_paths(programme, programme.indicator("O.1.1.1"), persons)
    assert (legal.sel(period=series.origin) == total).all()
    assert legal.sel(period="2024-10").std() > 0


def test_an_operation_that_starts_later_counts_later(programme, persons):
    counted = count_persons(persons, pd.Period("2026-07", "M"), programme)
    assert (counted.sel(period=counted.indexes["period"] < pd.Period("2026-07", "M")) == 0).all()
    assert (counted.sel(period="2026-07") == persons.sel(period="2026-07")).all()


@pytest.mark.parametrize(("start", "months"), [("2022-02", 95), ("2022-01", 95)])
def test_paths_that_do_not_cover_the_counting_are_refused(programme, start, months):
    with pytest.raises(InputError, match="expected: 2022-01 to 2029-12"):
        count_persons(flat_persons([1], start, months), pd.Period("2022-01", "M"), programme)


def test_coverage_and_share_are_applied_path_by_path(programme):
    known = indicator_paths(programme, programme.indicator("O.1.1.3"), flat_persons([10, 100]))
    expected = np.array([960, 9600]) * 2000 / 10644
    np.testing.assert_allclose(known.to_numpy()[:, -1], expected, rtol=1e-12)


def test_a_plan_quantity_has_no_paths(programme, proposals, persons):
    assert indicator_paths(programme, programme.indicator("O.1.2"), persons) is None
    proposal = proposals["O.1.2", "target"]
    assert (proposal.draws, proposal.probability, proposal.passing) == (None, None, None)
    assert dict(proposal.proposals) == {}


# facts and passing


@pytest.mark.parametrize(
    ("point", "published", "month"),
    [("milestone", 10_644, "2023-08"), ("target", 17_740, "2024-09")],
)
def test_values_that_the_counts_have_passed_are_facts(proposals, series, point, published, month):
    proposal = proposals["O.1.1.1", point]
    assert proposal.is_fact
    assert proposal.probability == 1
    assert str(proposal.reached) == month
    assert proposal.passing.interval == (pd.Period(month, "M"), pd.Period(month, "M"))
    counted = series.values["2022-01":].cumsum()
    assert str(counted.index[(counted >= published).argmax()]) == month


def test_before_it_was_counted_the_same_value_was_no_fact(programme):
    found = propose_all(programme, TargetRequest(as_of="2021-12", n_paths=200))
    proposal = next(p for p in found if (p.indicator.code, p.point) == ("O.1.1.1", "target"))
    assert not proposal.is_fact
    assert proposal.reached is None
    assert proposal.observed == 0
    assert 0 < proposal.probability < 1


def test_passing_follows_from_constant_paths(programme):
    origin = pd.Period("2021-12", "M")
    found = propose_targets(programme, flat_persons([1774, 887, 100]), origin=origin)
    proposal = next(p for p in found if (p.indicator.code, p.point) == ("O.1.1.1", "target"))
    assert proposal.probability == pytest.approx(2 / 3)
    assert proposal.passing.share_reached == pytest.approx(2 / 3)
    assert proposal.passing.interval == (pd.Period("2022-10", "M"), None)
    assert str(proposal.passing.median) == "2023-08"


# proposals


def test_a_higher_value_is_never_more_probable(programme, persons, series):
    probabilities = []
    for target in (18_200, 25_000, 40_000, 80_000, 400_000):
        indicators = [
            i.model_copy(
                update={
                    "published": i.published
                    | {"4.0": i.published["4.0"].model_copy(update={"target": target})}
                }
            )
            if i.code == "O.1.1.1"
            else i
            for i in programme.indicators
        ]
        changed = programme.model_copy(update={"indicators": tuple(indicators)})
        found = propose_targets(changed, persons, origin=series.origin)
        probabilities += [p.probability for p in found if p.indicator.code == "O.1.1.1"][1:]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[0] > 0.9
    assert probabilities[-1] < 0.5


def test_a_surer_proposal_is_never_higher(programme, persons, series):
    levels = (0.1, 0.3, 0.5, 0.8, 0.9, 0.99)
    found = propose_targets(programme, persons, origin=series.origin, probabilities=levels)
    for proposal in found:
        if proposal.draws is not None and not proposal.indicator.parent:
            values = [proposal.proposals[level] for level in levels]
            assert values == sorted(values, reverse=True)
            assert values[0] > values[-1] or proposal.point == "milestone"


def test_a_proposal_is_attained_with_its_probability(proposals):
    for code in ("O.1.1", "O.1.1.3"):
        proposal = proposals[code, "target"]
        for probability, value in proposal.proposals.items():
            assert value % proposal.indicator.rounding == 0
            assert np.mean(proposal.draws >= value) >= probability
            step = proposal.indicator.rounding
            assert np.mean(proposal.draws >= value + step) < probability + 0.01


def test_the_parts_add_up_to_the_total(proposals):
    for point in ("milestone", "target"):
        total = proposals["O.1.1", point]
        parts = [proposals[code, point] for code in total.indicator.parts]
        assert len(parts) == 2
        for probability, value in total.proposals.items():
            assert sum(part.proposals[probability] for part in parts) == value


def test_all_parts_are_met_together_no_more_often_than_each(proposals):
    for point in ("milestone", "target"):
        total = proposals["O.1.1", point]
        parts = [proposals[code, point] for code in total.indicator.parts]
        for probability, joint in total.joint.items():
            each = [np.mean(part.draws >= part.proposals[probability]) for part in parts]
            assert joint <= min(each)
            assert joint >= sum(each) - 1
            lower, unique, upper = total.unique[probability]
            assert lower <= unique <= upper == total.proposals[probability]
            assert unique == lower  # everybody in the smaller part is in the larger one too


def test_joint_attainment_looks_at_the_same_path(programme):
    """Parts that move together are met together."""
    persons = flat_persons([100, 200, 300, 400, 500])
    found = propose_targets(
        programme, persons, origin=pd.Period("2021-12", "M"), probabilities=[0.6]
    )
    total = next(p for p in found if (p.indicator.code, p.point) == ("O.1.1", "target"))
    assert total.proposals[0.6] == 300 * 96 + 300 * 42
    assert total.joint[0.6] == pytest.approx(0.6)


@pytest.mark.parametrize("probability", [0, 1, -0.5, 1.5, float("nan")])
def test_a_probability_outside_0_and_1_is_refused(programme, probability):
    with pytest.raises(InputError, match="expected: between 0 and 1"):
        propose_all(programme, TargetRequest(probability=probability))


def test_inputs_of_a_forecast_formula_are_listed(programme):
    named = [forecast_inputs(programme, programme.indicator(code)) for code in ("O.1.1.3", "O.1.1")]
    assert [entry.value for entry in named[0]] == [2000, 10644]
    assert named[1] == []


# the table


def test_the_table_has_one_row_per_value(programme, proposals, result):
    frame = targets_table(programme, list(proposals.values()), Language("en"), result)
    assert len(frame) == len(proposals) == 26 * 2 + 15
    row = frame.set_index(["indicator", "point"]).loc[("O.1.1.1", "target")]
    assert row["published"] == row["rederived"] == 17_740
    assert row["published_trace"].endswith("= 17,740 applications")
    assert row["passed_median"] == "2024-09"
    assert row["proposal_p80"] == proposals["O.1.1.1", "target"].proposals[0.8]
    slovenian = targets_table(programme, list(proposals.values()), Language("sl"), result)
    assert frame["name"].tolist() != slovenian["name"].tolist()


def test_the_table_says_what_it_rests_on(programme, proposals, result):
    frame = targets_table(programme, list(proposals.values()), Language("en"), result)
    row = frame.set_index(["indicator", "point"]).loc[("O.1.1.1", "target")]
    assert (row["origin"], row["data_as_of"], row["n_paths"]) == ("2024-09", "2024-11-27", 400)
    assert row["tested_window_months_p80"] == 60
    assert 0 < row["tested_met_p80"] < 1
    proposal = proposals["O.1.1.1", "target"]
    assert row["attained_p80"] == (proposal.draws >= row["proposal_p80"]).mean()


def test_the_sampling_error_is_that_of_repeated_draws(proposals):
    from dataclasses import replace

    rng = np.random.default_rng(1)
    proposal = next(iter(proposals.values()))
    drawn = [replace(proposal, draws=rng.normal(1000, 100, 400)) for _ in range(300)]
    targets = [np.sort(p.draws)[80] for p in drawn]
    errors = [p.sampling_error(0.8) for p in drawn]
    assert np.mean(errors) == pytest.approx(np.std(targets), rel=0.15)


def test_proposals_do_not_depend_on_what_was_proposed_before(programme, persons, series, proposals):
    again = propose_targets(programme, persons, origin=series.origin)
    for proposal in again:
        first = proposals[proposal.indicator.code, proposal.point]
        assert replace(first, draws=None, persons=None) == replace(
            proposal, draws=None, persons=None
        )
