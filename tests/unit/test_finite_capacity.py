"""Centres with limited places: closed forms, hand-made cases, and the same queue in Ciw."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals, constant_arrivals
from forecasting.stocks.erlang import erlang_b, erlang_c
from forecasting.stocks.finite_capacity import simulate_queue
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Exponential, Fixed, Gamma, Lognormal
from forecasting.stocks.occupancy import Group, expected_occupancy
from forecasting.stocks.places import RULES, admit, make_places

NOBODY = InitialStock(0)


def months(n):
    return pd.period_range("2025-01", periods=n, freq="M")


def group(rate, stay, horizon, initial=NOBODY, *, name="all"):
    return Group(name, constant_arrivals(rate, months(horizon), kind="rate"), stay, initial)


def steady(load, stay, horizon):
    """Arrivals and initial stock that keep `load` persons present on average."""
    initial = InitialStock(round(load), "equilibrium")
    return group(load / stay.mean, stay, horizon, initial)


def present_only(count, stay, horizon):
    """Persons who entered at the start, and nobody after them."""
    return group(0, stay, horizon, InitialStock(count, "fresh"))


@pytest.mark.parametrize(("load", "places", "share"), [(100, 100, 0.0757005), (10, 12, 0.1197392)])
def test_erlang_b(load, places, share):
    assert erlang_b(load, places) == pytest.approx(share, abs=1e-6)


def test_erlang_c():
    assert erlang_c(90, 100) == pytest.approx(0.2169405, abs=1e-6)


@pytest.mark.parametrize(("load", "places"), [(0.0, 3), (0.3, 1), (2.5, 4), (7.0, 9)])
def test_erlang_forms_are_their_sums(load, places):
    terms = [load**k / math.factorial(k) for k in range(places + 1)]
    assert erlang_b(load, places) == pytest.approx(terms[-1] / sum(terms))
    queued = terms[-1] * places / (places - load)
    assert erlang_c(load, places) == pytest.approx(queued / (sum(terms[:-1]) + queued))


# stays short against the month, so that few months hold many of them
@pytest.mark.parametrize(
    ("load", "places", "stay", "horizon"),
    [
        (100, 100, Exponential(0.1), 1500),
        (100, 100, Lognormal(0.1, 1.2), 1500),
        (10, 12, Exponential(0.1), 2500),
        (10, 12, Fixed(0.1), 2500),
        (30, 25, Gamma(2, 0.05), 1500),
    ],
)
def test_share_turned_away_is_that_of_erlang_b_whatever_the_stay(load, places, stay, horizon):
    found = simulate_queue([steady(load, stay, horizon)], places, "loss", n_paths=1, seed=1)
    blocked, arrivals = found.blocked[:, 20:].sum(), found.arrivals[:, 20:].sum()
    assert float(blocked / arrivals) == pytest.approx(erlang_b(load, places), abs=0.004)
    assert not found.outside.any()
    assert not found.nights_outside.any()


@pytest.mark.parametrize(("load", "places", "n_paths"), [(90, 100, 3), (8, 12, 5)])
def test_share_that_waits_is_that_of_erlang_c(load, places, n_paths):
    stay = Exponential(0.05)
    found = simulate_queue([steady(load, stay, 1000)], places, "wait", n_paths=n_paths, seed=2)
    late = [paths[:, 20:].sum().item() for paths in (found.blocked, found.arrivals)]
    expected = erlang_c(load, places)
    assert late[0] / late[1] == pytest.approx(expected, abs=0.004)
    wait = float(found.waiting_mean()[20:].mean())
    assert wait == pytest.approx(expected * stay.mean / (places - load), rel=0.1)


def test_overflow_is_that_of_the_poisson_stock():
    from scipy.stats import poisson

    stock = np.arange(1000)
    expected = float(np.maximum(stock - 62, 0) @ poisson.pmf(stock, 60))
    found = simulate_queue(
        [steady(60, Lognormal(4, 1.2), 400)], 62, "overflow_return", n_paths=40, seed=1
    )
    late = found.outside[:, 60:]
    assert float(late.mean()) == pytest.approx(expected, rel=0.06)
    nights = float(found.nights_outside[:, 60:].mean())
    assert nights == pytest.approx(365.25 / 12 * float(late.mean()), rel=0.01)


def test_rules_differ_in_person_nights_by_more_than_a_factor_of_three():
    persons = [steady(240, Lognormal(4, 1.2), 84)]
    nights = {
        rule: float(simulate_queue(persons, 266, rule, n_paths=60, seed=1).nights_outside.mean())
        for rule in RULES
    }
    order = sorted(nights, key=lambda rule: nights[rule])
    assert order == ["loss", "overflow_return", "wait", "overflow_stay"]
    assert nights["overflow_stay"] > 3 * nights["overflow_return"] > 0


def test_nights_outside_are_exact_within_the_month():
    # one place for three persons who stay 2.5 months; a second one from February
    persons = [present_only(3, Fixed(2.5), 4)]
    found = simulate_queue(persons, [1, 2, 2, 2], "overflow_return", n_paths=1, seed=1)
    np.testing.assert_allclose(found.nights_outside, [[2 * 31, 28, 0.5 * 31, 0]], rtol=1e-12)
    np.testing.assert_array_equal(found.inside, [[1, 2, 0, 0]])
    np.testing.assert_array_equal(found.outside, [[2, 1, 0, 0]])
    np.testing.assert_array_equal(found.departures, [[0, 0, 3, 0]])
    found = simulate_queue(persons, [1, 2, 2, 2], "overflow_stay", n_paths=1, seed=1)
    np.testing.assert_allclose(found.nights_outside, [[2 * 31, 2 * 28, 31, 0]], rtol=1e-12)
    np.testing.assert_array_equal(found.inside, [[1, 1, 0, 0]])


def test_new_places_go_to_those_who_wait():
    arrived, stays = np.array([0.1, 0.2, 0.3, 0.4, 5.5]), np.array([4.0, 1, 3, 1, 2])
    found = admit(arrived, stays, make_places(np.array([1, 1, 2, 2])), "wait")
    np.testing.assert_allclose(found.entered, [0.1, 2, 3, 4.1, 5.5])
    np.testing.assert_allclose(found.left, [4.1, 3, 6, 5.1, 7.5])


def test_nobody_is_put_out_when_places_close():
    # three places, two of them closed from month 1: the first two to leave are not followed
    arrived, stays = np.array([0.1, 0.2, 0.3, 0.9, 1.5]), np.array([9.0, 3, 2, 1, 1])
    found = admit(arrived, stays, make_places(np.array([3, 1])), "wait")
    np.testing.assert_allclose(found.entered, [0.1, 0.2, 0.3, 9.1, 10.1])


@pytest.mark.parametrize("rule", ["wait", "loss"])
def test_a_crowded_start_is_not_refilled_until_below_capacity(rule):
    stays = np.array([1.0, 2, 3, 4])
    persons = np.array([0.0, 0, 0, 0, 2.5, 3.5]), np.array([*stays, 5, 5])
    found = admit(*persons, make_places(np.full(9, 2), present=4), rule)
    np.testing.assert_array_equal(found.entered[:4], 0)
    np.testing.assert_allclose(found.entered[4:], [3, 4] if rule == "wait" else [np.inf, 3.5])


def test_surplus_of_the_initial_stock_by_rule():
    for rule in RULES:
        found = simulate_queue([present_only(5, Fixed(9), 2)], 3, rule, n_paths=2, seed=1)
        inside = 3 if rule.startswith("overflow") else 5
        np.testing.assert_array_equal(found.inside, np.full((2, 2), inside))
        np.testing.assert_array_equal(found.outside, np.full((2, 2), 5 - inside))


def test_the_first_group_has_no_right_to_the_places_before_the_second():
    persons = [
        group(0, Fixed(9), 1, InitialStock(10, "fresh"), name="long"),
        group(0, Fixed(0.5), 1, InitialStock(10, "fresh"), name="short"),
    ]
    found = simulate_queue(persons, 10, "overflow_stay", n_paths=100, seed=1)
    assert float(found.inside.mean()) == pytest.approx(5, abs=0.5)


def test_time_waited_is_time_spent_outside():
    paths = make_paths(np.array([[40.0, 25, *[0] * 10]]), months(12), unit="persons")
    persons = Group("all", Arrivals(paths, "count"), Exponential(1), NOBODY)
    found = simulate_queue([persons], 20, "wait", n_paths=20, seed=1)
    assert not found.outside[:, -1].any()
    days = found.nights_outside["period"].to_index().days_in_month.to_numpy()
    np.testing.assert_allclose((found.nights_outside / days).sum(), found.waiting_total.sum())
    waits = found.waiting_mean()
    assert list(waits["period"].to_index()) == list(months(2))
    assert float(waits[0]) == pytest.approx(float(found.waiting_total[:, 0].mean()) / 40)
    np.testing.assert_array_equal(found.arrivals[:, :3], [[40, 25, 0]] * 20)


def test_ample_places_give_the_expected_occupancy():
    persons = [
        group(30, Lognormal(4, 1.2), 12, InitialStock(100, "equilibrium"), name="returns"),
        group(10, Gamma(2, 1), 12, InitialStock(9, "fresh"), name="families"),
    ]
    found = simulate_queue(persons, 500, "wait", n_paths=400, seed=1)
    expected = expected_occupancy(persons, 12)
    error = np.sqrt(expected.variance.to_numpy() / 400)
    gap = found.inside.mean("path").to_numpy() - expected.mean.to_numpy()
    assert (np.abs(gap) < 4 * error).all()
    spread = found.inside.var("path").to_numpy() / expected.variance.to_numpy()
    assert spread.mean() == pytest.approx(1, abs=0.1)


def test_a_stock_counted_from_earlier_arrivals_differs_from_path_to_path():
    before = pd.Series([10, 10, 10], pd.period_range(end="2024-12", periods=3, freq="M"))
    arrivals = constant_arrivals(0, months(1), kind="rate", observed=before)
    persons = Group("all", arrivals, Fixed(2.5), InitialStock(None, "back_calculated"))
    found = simulate_queue([persons], 15, "overflow_stay", n_paths=50, seed=1)
    start = (found.inside + found.outside + found.departures).to_numpy()
    assert start.min() >= 20
    assert start.max() <= 30
    assert len(np.unique(start)) > 3
    # of the ten of October half remain, of whom everybody has left by the middle of January
    assert start.mean() == pytest.approx(25, abs=0.8)


def test_draws_of_the_stay_take_turns_over_the_paths():
    persons = present_only(10, (Fixed(0.5), Fixed(5.5)), 3)
    found = simulate_queue([persons], 10, "wait", n_paths=4, seed=1)
    np.testing.assert_array_equal(found.inside[:, 0], [0, 10, 0, 10])


def test_each_path_has_its_own_arrivals():
    paths = make_paths(np.array([[5.0, 0], [0, 7]]), months(2), unit="persons")
    persons = Group("all", Arrivals(paths, "count"), Fixed(9), NOBODY)
    found = simulate_queue([persons], 100, "loss", n_paths=2, seed=1)
    np.testing.assert_array_equal(found.inside, [[5, 5], [0, 7]])


def test_the_array_of_capacities_sets_the_horizon():
    found = simulate_queue([group(5, Fixed(1), 9)], [3, 4], "loss", n_paths=1, seed=1)
    assert list(found.inside["period"].to_index()) == list(months(2))


def test_same_seed_same_paths_and_other_seed_other_paths():
    persons = [group(20, Exponential(2), 12)]
    first, again, other = (
        simulate_queue(persons, 30, "wait", n_paths=3, seed=seed) for seed in (1, 1, 2)
    )
    assert first.inside.identical(again.inside)
    assert not first.inside.identical(other.inside)


def test_progress_is_reported_every_hundred_paths_and_at_the_end():
    calls = []
    simulate_queue(
        [group(1, Fixed(1), 1)], 1, "loss", n_paths=250, seed=1,
        on_done=lambda done, total: calls.append((done, total)),
    )  # fmt: skip
    assert calls == [(100, 250), (200, 250), (250, 250)]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_everybody_enters_at_the_moment_at_which_ciw_lets_them_in(rule):
    ciw = pytest.importorskip("ciw", reason="Ciw is not installed (extra 'test')")
    rng = np.random.default_rng(3)
    arrived, stays = np.sort(rng.uniform(0, 24, 600)), rng.lognormal(0, 1, 600)
    found = admit(arrived, stays, make_places(np.array([30])), rule)
    assert 50 < (found.entered > arrived).sum() < 580
    np.testing.assert_allclose(found.entered, entries_in_ciw(ciw, arrived, stays, 30, rule))


def entries_in_ciw(ciw, arrived, stays, places, rule):
    """Entry of each person in a Ciw model of the same queue, infinite where there is none."""

    class Stay(ciw.dists.Distribution):
        def sample(self, t=None, ind=None):
            return stays[ind.id_number - 1]

    class Remainder(ciw.dists.Distribution):
        def sample(self, t=None, ind=None):
            return stays[ind.id_number - 1] - (t - ind.arrival_date)

    options = {}
    if rule in ("loss", "overflow_stay"):
        options["queue_capacities"] = [0]
    if rule == "overflow_return":
        options["reneging_time_distributions"] = [Stay()]
    gaps = [*np.diff(arrived, prepend=0.0).tolist(), 1e9]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential(gaps)],
        service_distributions=[Remainder() if rule == "overflow_return" else Stay()],
        number_of_servers=[places],
        **options,
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1e6)
    entered = np.full(len(arrived), np.inf)
    for record in simulation.get_all_records():
        if record.record_type == "service":
            entered[record.id_number - 1] = record.service_start_date
    return entered
