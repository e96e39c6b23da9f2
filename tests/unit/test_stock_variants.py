"""Variants of stocks: other stays, arrivals, places, rules, and the staff they take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.paths import periods_of, quantile
from forecasting.sources.points import read_day_counts
from forecasting.stocks.backlog_config import load_backlog, run_backlog
from forecasting.stocks.backlog_variants import staff_sensitivity
from forecasting.stocks.config_file import find_config
from forecasting.stocks.finite_capacity import simulate_queue
from forecasting.stocks.length_of_stay import Lognormal, Mixture, Weibull
from forecasting.stocks.occupancy import expected_occupancy
from forecasting.stocks.occupancy_config import load_occupancy, run_occupancy
from forecasting.stocks.occupancy_variants import (
    ScaledStay,
    occupancy_sensitivity,
    vary_occupancy,
)
from forecasting.stocks.occupancy_years import last_year, service_by_year
from forecasting.stocks.rule_comparison import compare_rules
from forecasting.stocks.service_level import over_capacity_in_year, whole_years

CENTRE, FINLAND = "si-centre-for-foreigners", "fi-asylum-backlog"
STAYS = (
    Lognormal(0.6, 1.2),
    Weibull(0.8, 3.5),
    Mixture(((0.3, Lognormal(2, 1)), (0.7, Weibull(2, 1)))),
)


@pytest.fixture(scope="module")
def centre():
    return run_occupancy(load_occupancy(CENTRE, paths=400))


@pytest.fixture(scope="module")
def finland():
    return run_backlog(load_backlog(FINLAND, paths=200))


@pytest.mark.parametrize("stay", STAYS, ids=lambda stay: type(stay).__name__)
@given(factor=st.floats(0.05, 20), u=st.floats(0, 40))
def test_a_scaled_stay_is_the_stay_on_another_clock(stay, factor, u):
    scaled, at = ScaledStay(stay, factor), np.array([u])
    assert scaled.mean == pytest.approx(factor * stay.mean)
    assert scaled.survival(at * factor) == pytest.approx(stay.survival(at), abs=1e-9)
    expected = factor * stay.integrated_survival(at)
    assert scaled.integrated_survival(at * factor) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    for name, argument in (
        ("draw", 5),
        ("draw_residual", np.full(5, 0.3)),
        ("draw_equilibrium", 5),
    ):
        given_ = argument * factor if name == "draw_residual" else argument
        drawn = getattr(scaled, name)(given_, np.random.default_rng(1))
        plain = getattr(stay, name)(argument, np.random.default_rng(1))
        assert drawn == pytest.approx(factor * plain, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("stay", "arrivals"), [(1.0, 1.0), (2.0, 1.0), (1.0, 3.0), (0.5, 4.0)])
def test_the_mean_in_the_long_run_goes_with_the_product(centre, stay, arrivals):
    varied = vary_occupancy(centre.plan, stay_factor=stay, arrivals_factor=arrivals)
    mean = expected_occupancy(varied.groups, 60).mean.to_numpy()[-1]
    assert mean == pytest.approx(21.125 * 0.6 * stay * arrivals, rel=1e-3)
    assert (varied.stay_factor, varied.arrivals_factor) == (stay, arrivals)
    again = vary_occupancy(varied, stay_factor=2.0)
    assert again.stay_factor == 2 * stay


def test_no_change_is_the_plan_itself(centre):
    varied = run_occupancy(vary_occupancy(centre.plan))
    np.testing.assert_array_equal(varied.demand, centre.demand)
    assert centre.plan.groups[0].arrivals.dispersion == varied.plan.groups[0].arrivals.dispersion


@pytest.mark.parametrize("factor", [0.0, -1.0, np.inf, np.nan])
def test_a_factor_is_above_zero(centre, factor):
    with pytest.raises(InputError, match=r"stay times .* expected: a factor above 0"):
        vary_occupancy(centre.plan, stay_factor=factor)
    with pytest.raises(InputError, match="arrivals times"):
        vary_occupancy(centre.plan, arrivals_factor=factor)


def test_the_cell_of_the_assumptions_is_the_projection(centre):
    grid = occupancy_sensitivity(centre.plan, stay_factors=(1, 4), arrivals_factors=(1, 4))
    last = last_year(centre.demand)
    assert grid.year == 2029
    assert list(grid.over) == [60, 120]
    assert grid.median[0, 0] == np.quantile(last, 0.5, method="inverted_cdf")
    assert grid.over[60][0, 0] == float(over_capacity_in_year(last, 60)[0])
    assert (np.diff(grid.median, axis=0) > 0).all()
    assert (np.diff(grid.median, axis=1) > 0).all()
    assert (grid.over[60] >= grid.over[120]).all()


def test_a_year_against_its_places(centre):
    years = service_by_year(centre)
    assert [each.year for each in years] == [2025, 2026, 2027, 2028, 2029]
    assert years[-1].places == (60, 120)
    whole = over_capacity_in_year(whole_years(centre.demand), centre.plan.capacity).to_numpy()
    assert [each.over_in_year for each in years] == list(whole)
    tight = service_by_year(centre, 15.0)
    for own, other in zip(tight, years, strict=True):
        assert own.over_in_year >= own.over_in_period - 0.05
        assert own.over_in_year > other.over_in_year
        assert own.nights_over > 100 > other.nights_over
        assert own.median == other.median


def test_rules_are_compared_on_the_same_persons(centre):
    found = compare_rules(centre.plan, 15)
    assert [each.rule for each in found.outcomes] == [
        "overflow_return", "overflow_stay", "wait", "loss",
    ]  # fmt: skip
    assert (found.first, found.last, found.n_paths) == (2025, 2029, 400)
    by_rule = {each.rule: each for each in found.outcomes}
    assert by_rule["overflow_stay"].blocked_share == by_rule["loss"].blocked_share
    assert by_rule["loss"].nights_mean is None
    assert by_rule["wait"].nights_mean > by_rule["overflow_stay"].nights_mean
    assert by_rule["overflow_stay"].nights_mean > by_rule["overflow_return"].nights_mean
    assert by_rule["overflow_stay"].waiting_mean is None
    queue = simulate_queue(centre.plan.groups, 15, "wait", n_paths=400, seed=1)
    nights = queue.nights_outside.to_numpy().sum() / 400 / 5
    assert by_rule["wait"].nights_mean == pytest.approx(nights)
    wait = queue.waiting_total.to_numpy().sum() / queue.admitted.to_numpy().sum()
    assert by_rule["wait"].waiting_mean == pytest.approx(wait)


def test_many_persons_are_followed_on_fewer_paths(centre):
    crowded = vary_occupancy(centre.plan, arrivals_factor=20.0)
    assert compare_rules(crowded, 250).n_paths < 100


def test_staff_under_the_own_assumptions_is_the_staff_needed(finland):
    needed = finland.needed
    found = staff_sensitivity(
        finland, probabilities=(0.5, 0.8, 0.95), hours_factors=(0.5, 1, 2), exit_rates=(0.01, 0.1)
    )
    assert found.persons[1] == needed.persons
    assert found.persons_by_assumption[0] == pytest.approx(needed.persons * np.array([0.5, 1, 2]))
    assert (found.persons_by_assumption[1] < found.persons_by_assumption[0]).all()
    assert (np.diff(found.persons) > 0).all()
    own = needed.persons_by_period.to_numpy()
    assert quantile(found.by_period, [0.8]).to_numpy()[0, -len(own) :] == pytest.approx(own)
    assert periods_of(found.by_period).equals(periods_of(finland.result.backlog))


def test_a_constant_capacity_has_no_staff(finland):
    plan = replace(finland.plan, staff=None)
    with pytest.raises(InputError, match=r"a constant capacity.*staff: \{persons: 40\}"):
        staff_sensitivity(
            replace(finland, plan=plan), probabilities=(0.5,), hours_factors=(1,), exit_rates=(0,)
        )


def test_a_configuration_is_found_by_name_or_path(tmp_path):
    assert find_config(CENTRE).name == f"{CENTRE}.yaml"
    assert find_config(tmp_path / "mine.yaml") == tmp_path / "mine.yaml"
    with pytest.raises(InputError, match=r"configuration 'nowhere'; expected: fi-asylum-backlog"):
        find_config("nowhere")


def test_values_of_a_configuration_are_replaced_for_one_run():
    plan = load_occupancy(CENTRE, paths=7, capacity=33)
    assert (plan.config.paths, set(plan.capacity)) == (7, {33.0})
    assert plan.config.length_of_stay["mean"] == 0.6
    backlog = load_backlog(FINLAND, paths=10, staff_target={"probability": 0.9})
    assert backlog.config.staff_target.probability == 0.9
    assert str(backlog.config.staff_target.start) == "2026-01"
    with pytest.raises(InputError, match=r"key 'capacty': is not a key of an occupancy"):
        load_occupancy(CENTRE, capacty=33)


def test_counts_of_single_days_are_read_in_order():
    found = read_day_counts("detention-counts", "present")
    assert [(str(each.day), each.value) for each in found] == [
        ("2008-04-22", 47), ("2015-10-20", 165), ("2016-01-07", 152), ("2022-12-31", 11),
    ]  # fmt: skip
    with pytest.raises(InputError, match="no counts of single days for 'accommodated'"):
        read_day_counts("detention-counts", "accommodated")
    with pytest.raises(InputError, match="holds no dated points"):
        read_day_counts("asylum-applicants", "present")
