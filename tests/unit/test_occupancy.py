"""Occupancy against closed forms, scipy's distributions and its own simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from forecasting.paths import make_paths
from forecasting.stocks import occupancy
from forecasting.stocks.arrivals import Arrivals, constant_arrivals
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.initial_stock import (
    InitialStock,
    draw_remaining,
    initial_numbers,
    initial_presence,
    stock_from_entries,
)
from forecasting.stocks.length_of_stay import (
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Weibull,
    presence_weights,
)
from forecasting.stocks.occupancy import Group, expected_occupancy, simulate_occupancy

EMPTY = InitialStock(0)
STEADY = InitialStock(240, "equilibrium")
STAY = Lognormal(4, 1.2)


def months(n, start="2025-01"):
    return pd.period_range(start, periods=n, freq="M")


def constant(value, n, *, stay=STAY, initial=EMPTY, kind="rate", name="all", **options):
    return Group(name, constant_arrivals(value, months(n), kind=kind, **options), stay, initial)


def varying(values, *, stay=STAY, initial=EMPTY, kind="rate", name="all", **options):
    values = np.atleast_2d(np.asarray(values, dtype=float))
    paths = make_paths(values, months(values.shape[1]), unit="persons")
    return Group(name, Arrivals(paths, kind, **options), stay, initial)


def mean_of(*groups):
    horizon = groups[0].arrivals.paths.sizes["period"]
    return expected_occupancy(groups, horizon).mean.to_numpy()


def variance_of(*groups):
    horizon = groups[0].arrivals.paths.sizes["period"]
    return expected_occupancy(groups, horizon).variance.to_numpy()


# Means


@pytest.mark.parametrize(
    "stay", [Lognormal(4, 1.2), Gamma(2, 2), Exponential(4), Weibull(0.8, 3.5)], ids=repr
)
def test_the_stock_settles_at_arrivals_times_stay(stay):
    """Little's law."""
    stock = 237.93 if isinstance(stay, Weibull) else 240
    assert mean_of(constant(60, 600, stay=stay))[-1] == pytest.approx(stock, rel=2e-4)


def test_a_stock_that_fills_up_from_empty():
    found = mean_of(constant(60, 12, stay=Exponential(4)))
    assert found[[0, 5, 11]] == pytest.approx([53.087812, 186.448762, 228.051104], abs=1e-5)


@pytest.mark.parametrize(("rate", "mean"), [(60, 4), (7, 0.3), (400, 11)])
def test_an_exponential_stock_fills_up_as_its_equation_says(rate, mean):
    expected = rate * mean * (1 - np.exp(-np.arange(1, 31) / mean))
    assert mean_of(constant(rate, 30, stay=Exponential(mean))) == pytest.approx(expected)


def test_a_fixed_stay_of_four_months():
    found = mean_of(constant(60, 5, stay=Fixed(4)))
    assert found == pytest.approx([60, 120, 180, 240, 240], abs=1e-9)


def test_arrivals_that_grow_by_the_same_number():
    """At a rate u at the time u the stock lags by half the mean square stay: 200 x 4 - 24 / 2."""
    ramp = varying(np.arange(200) + 0.5, stay=Gamma(2, 2))
    assert mean_of(ramp)[-1] == pytest.approx(788, abs=0.1)


@pytest.mark.parametrize("stay", [STAY, Gamma(2, 2), Exponential(4)], ids=repr)
def test_a_stock_in_equilibrium_stays_there(stay):
    found = mean_of(constant(60, 84, stay=stay, initial=STEADY))
    assert np.abs(found - 240).max() < 1e-9


def test_a_stock_in_equilibrium_leaves_later_than_one_that_has_just_come():
    old = constant(0, 6, stay=Gamma(2, 2), initial=InitialStock(200, "equilibrium"))
    fresh = constant(0, 6, stay=Gamma(2, 2), initial=InitialStock(200, "fresh"))
    assert mean_of(old)[-1] == pytest.approx(24.8935, abs=1e-4)
    assert mean_of(fresh)[-1] == pytest.approx(39.83, abs=0.005)


def test_those_present_whose_age_is_known():
    ages = np.array([0.5, 3.0, 3.0, 7.25])
    group = constant(0, 8, stay=Gamma(2, 2), initial=InitialStock(4, "known", ages))
    survival = stats.gamma(2, scale=2).sf
    left = survival(ages[:, None] + np.arange(1, 9)) / survival(ages)[:, None]
    assert mean_of(group) == pytest.approx(left.sum(axis=0))
    assert variance_of(group) == pytest.approx((left * (1 - left)).sum(axis=0))


# What happened before the start


def observed_before(values, n=12):
    """Arrivals observed before the first projected month, and the same history as one run."""
    past = np.asarray(values, dtype=float)
    observed = pd.Series(past, pd.period_range(end="2024-12", periods=len(past), freq="M"))
    return observed, np.concatenate([past, np.zeros(n)])


def test_a_stock_from_observed_arrivals_is_the_same_run_begun_earlier():
    observed, whole = observed_before(np.random.default_rng(2).poisson(60, 50))
    later = constant(0, 12, initial=InitialStock(None, "back_calculated"), observed=observed)
    earlier = varying(whole, kind="count")
    assert mean_of(later) == pytest.approx(mean_of(earlier)[-12:])
    assert variance_of(later) == pytest.approx(variance_of(earlier)[-12:])
    start = expected_occupancy([later], 12).initial
    assert start == pytest.approx(mean_of(earlier)[49:50])
    drawn = simulate_occupancy([later], 12, n_paths=4_000, seed=1).to_numpy()
    error = np.sqrt(variance_of(later) / 4_000)
    assert (np.abs(drawn.mean(axis=0) - mean_of(later)) < 4.5 * error).all()
    assert drawn.var(axis=0) == pytest.approx(variance_of(later), rel=0.1)


def test_a_count_with_back_calculated_ages_leaves_as_its_cohorts_do():
    observed, whole = observed_before(np.linspace(10, 110, 50).round())
    initial = InitialStock(300, "back_calculated")
    found = mean_of(constant(0, 12, initial=initial, observed=observed))
    reference = mean_of(varying(whole, kind="count"))
    assert found == pytest.approx(300 * reference[-12:] / reference[49])


def test_equal_arrivals_for_long_make_ages_in_equilibrium():
    observed, _ = observed_before(np.full(400, 60))
    back = constant(0, 24, initial=InitialStock(240, "back_calculated"), observed=observed)
    assert mean_of(back) == pytest.approx(mean_of(constant(0, 24, initial=STEADY)), rel=1e-3)


def test_ages_are_counted_by_the_calendar():
    initial = stock_from_entries(
        ["2024-12-31", "2024-12-01", pd.Timestamp("2024-11-15 18:30"), "2023-02-14"],
        pd.Period("2025-01", "M"),
    )
    assert initial.count == 4
    days = [0.5 / 31, 30.5 / 31, 1 + 15.5 / 30, 22 + 14.5 / 28]
    assert initial.known_ages == pytest.approx(days)
    quarter = stock_from_entries(["2024-12-31"], pd.Period("2025Q1", "Q"))
    assert quarter.known_ages == pytest.approx([0.5 / 92])
    assert stock_from_entries([], pd.Period("2025-01", "M")) == EMPTY


@pytest.mark.parametrize(
    ("initial", "past"),
    [
        (InitialStock(40_000, "equilibrium"), None),
        (InitialStock(40_000, "fresh"), None),
        (InitialStock(40_000, "known", np.repeat([0.0, 2.5], 20_000)), None),
        (InitialStock(40_000, "back_calculated"), [5, 80, 10, 0, 40] * 8),
        (InitialStock(None, "back_calculated"), [500, 8_000, 1_000, 0, 4_000] * 8),
    ],
    ids=lambda value: getattr(value, "ages", None),
)
def test_remaining_stays_agree_with_the_chance_of_being_present(initial, past):
    observed = None if past is None else observed_before(past)[0]
    stays = draw_remaining(initial, STAY, np.random.default_rng(4), observed=observed)
    presence = initial_presence(initial, STAY, 6, observed)
    numbers = initial_numbers(initial, observed)
    mean, variance = numbers @ presence, numbers @ (presence * (1 - presence))
    present = (stays[:, None] > np.arange(7)).sum(axis=0)
    assert (np.abs(present - mean) <= 4.5 * np.sqrt(variance)).all()


# Variance


def test_counts_taken_for_rates_add_their_chance_twice():
    counts = np.random.default_rng(1).poisson(60, (10_000, 84))
    as_counts, as_rates = varying(counts, kind="count"), varying(counts, kind="rate")
    assert variance_of(as_counts)[-1] == pytest.approx(240, rel=0.08)
    assert variance_of(as_rates)[-1] == pytest.approx(358, rel=0.08)
    drawn = simulate_occupancy([as_counts], 84, n_paths=10_000, seed=1)[:, -1]
    assert drawn.var() == pytest.approx(240, rel=0.08)


def test_arrivals_more_dispersed_than_poisson():
    group = constant(60, 84, dispersion=8)
    squares = (presence_weights(STAY, 84) ** 2).sum()
    assert variance_of(group)[-1] == pytest.approx(240 + 7 * 60 * squares, rel=1e-3)
    assert variance_of(group)[-1] == pytest.approx(1_082, rel=0.001)
    drawn = simulate_occupancy([group], 84, n_paths=4_000, seed=2)[:, -1]
    assert drawn.var() == pytest.approx(1_082, rel=0.08)


CASES = {
    "rates": varying(np.linspace(5, 80, 24), initial=InitialStock(100, "equilibrium")),
    "dispersed": varying(np.linspace(80, 5, 24), stay=Gamma(2, 3), dispersion=5),
    "counts": varying(np.arange(24) * 3, kind="count", initial=InitialStock(60, "fresh")),
    "fractions": varying(np.full(24, 1.4), kind="count", stay=Fixed(3.5)),
    "known ages": constant(
        9, 24, initial=InitialStock(90, "known", np.tile(np.arange(30) / 4, 3)), stay=Gamma(2, 2)
    ),
    "rates by path": varying(
        np.random.default_rng(3).gamma(4, 10, (6_000, 1)) + np.zeros(24), stay=Weibull(0.8, 3.5)
    ),
    "stays by path": constant(30, 24, stay=[Exponential(2), Exponential(5), Fixed(6)]),
}


@pytest.mark.parametrize("case", CASES)
def test_simulated_paths_have_the_analytic_mean_and_variance(case):
    group, n_paths = CASES[case], 6_000
    expected = expected_occupancy([group], 24)
    drawn = simulate_occupancy([group], 24, n_paths=n_paths, seed=11)
    error = np.sqrt(expected.variance / n_paths)
    assert (np.abs(drawn.mean("path") - expected.mean) <= 4.5 * error + 1e-9).all()
    spread = drawn - expected.mean
    error_of_square = (spread**2).std("path") / np.sqrt(n_paths)
    off = np.abs((spread**2).mean("path") - expected.variance)
    assert (off <= 4.5 * error_of_square + 1e-9).all()


@pytest.mark.parametrize("case", CASES)
def test_simulated_paths_are_over_capacity_as_often_as_the_analytic_chance(case):
    group, n_paths = CASES[case], 6_000
    capacity = np.maximum(np.floor(mean_of(group)), 1)
    expected = exceedance([group], 24, capacity=capacity)
    over = simulate_occupancy([group], 24, n_paths=n_paths, seed=12) - capacity
    chance = expected.probability.to_numpy()
    # a fraction of a count that is rounded is exact to the second order only
    slack = 0.01 if case == "fractions" else 1e-9
    error = np.sqrt(chance * (1 - chance) / n_paths)
    assert (np.abs((over > 0).mean("path") - chance) <= 4.5 * error + slack).all()
    persons = over.clip(0)
    error = persons.std("path") / np.sqrt(n_paths)
    off = np.abs(persons.mean("path") - expected.overflow_mean)
    assert (off <= 4.5 * error + slack).all()


@pytest.mark.parametrize("stay", [STAY, Fixed(3.5), Weibull(0.8, 3.5)], ids=repr)
def test_the_months_of_a_path_depend_on_each_other_as_they_should(stay):
    """Poisson arrivals: Cov(N_t, N_t+h) = rate x sum over k of w_k+h."""
    group, n_paths = constant(60, 30, stay=stay), 8_000
    drawn = simulate_occupancy([group], 30, n_paths=n_paths, seed=6).to_numpy()
    found = np.cov(drawn[:, 11:], rowvar=False)[0]
    weights = presence_weights(stay, 30)
    expected = 60 * np.array([weights[lag : lag + 12].sum() for lag in range(19)])
    error = np.sqrt((expected[0] ** 2 + expected**2) / n_paths)
    assert (np.abs(found - expected) < 4.5 * error).all()


# Chance of being over capacity


def chance_over(capacity, *groups):
    horizon = groups[0].arrivals.paths.sizes["period"]
    return exceedance(groups, horizon, capacity=capacity)


def test_a_poisson_stock_of_240_against_its_capacity():
    group = constant(60, 120, stay=Exponential(4))
    found = chance_over(265, group)
    assert found.probability[-1] == pytest.approx(0.0516915, abs=1e-6)
    assert found.overflow_mean[-1] == pytest.approx(0.3770592, abs=1e-6)
    assert found.probability[-1] > 0.05 > chance_over(266, group).probability[-1]


@pytest.mark.parametrize(
    ("rate", "capacity"), [(0, 1), (0.2, 1), (5, 12), (60, 150), (20_000, 8e4)]
)
def test_a_poisson_stock_agrees_with_scipy(rate, capacity):
    group = constant(rate, 20, stay=Gamma(2, 2))
    found, mean = chance_over(capacity, group), mean_of(group)
    reference = stats.poisson(mean)
    overflow = mean * stats.poisson.sf(capacity - 1, mean) - capacity * reference.sf(capacity)
    assert found.probability.to_numpy() == pytest.approx(reference.sf(capacity), abs=1e-8)
    assert found.overflow_mean.to_numpy() == pytest.approx(overflow, abs=1e-5)


def test_poisson_chances_are_mixed_over_paths():
    rates = np.random.default_rng(8).gamma(9, 3, (400, 10))
    group = varying(rates, stay=Exponential(3))
    means = expected_occupancy([group], 10).conditional_mean.to_numpy()
    reference = stats.poisson.sf(75, means).mean(axis=0)
    assert chance_over(75, group).probability.to_numpy() == pytest.approx(reference, abs=1e-8)


def test_those_left_of_the_initial_stock_are_binomial():
    group = constant(5, 6, stay=Gamma(2, 2), initial=InitialStock(70, "equilibrium"))
    left = 1 - Gamma(2, 2).integrated_survival(np.arange(1.0, 7)) / 4
    new = mean_of(constant(5, 6, stay=Gamma(2, 2)))
    numbers = np.arange(71)[:, None]
    reference = (stats.binom.pmf(numbers, 70, left) * stats.poisson.sf(40 - numbers, new)).sum(0)
    assert chance_over(40, group).probability.to_numpy() == pytest.approx(reference, abs=1e-8)


@pytest.mark.parametrize(("rate", "dispersion"), [(60, 8), (3, 2), (0.5, 12)])
def test_dispersed_arrivals_agree_with_the_negative_binomial(rate, dispersion):
    """With a fixed stay of three months the stock is the sum of three months' arrivals."""
    group = constant(rate, 6, stay=Fixed(3), dispersion=dispersion)
    size = np.minimum(np.arange(1, 7), 3) * rate / (dispersion - 1)
    reference = stats.nbinom.sf(rate * 4, size, 1 / dispersion)
    found = chance_over(rate * 4, group).probability.to_numpy()
    assert found == pytest.approx(reference, abs=1e-8)


def test_counts_agree_with_the_binomial():
    group = varying([[40, 0, 0, 0], [0, 30, 0, 0]], kind="count", stay=Exponential(4))
    weights = presence_weights(Exponential(4), 4)
    first, second = stats.binom.sf(20, 40, weights), stats.binom.sf(20, 30, weights)
    reference = (first + np.concatenate([[0], second[:3]])) / 2
    assert chance_over(20, group).probability.to_numpy() == pytest.approx(reference, abs=1e-8)


def test_a_fraction_of_a_count_is_a_chance():
    """Half a person more or less every month of a fixed stay: binomial over three months."""
    group = constant(2.5, 6, kind="count", stay=Fixed(3))
    found = chance_over(8, group).probability.to_numpy()
    assert found == pytest.approx([0, 0, 0.125, 0.125, 0.125, 0.125], abs=1e-8)
    assert variance_of(group) == pytest.approx([0.25, 0.5, 0.75, 0.75, 0.75, 0.75])


def autoregressive(n_paths, n_months, *, sigma=0.3, rho=0.9, mean=60):
    """Rates whose logarithm is a stationary AR(1) with standard deviation sigma."""
    rng = np.random.default_rng(5)
    log = rng.normal(0, sigma, (n_paths, n_months))
    for month in range(1, n_months):
        log[:, month] = rho * log[:, month - 1] + np.sqrt(1 - rho**2) * log[:, month]
    return mean * np.exp(log - sigma**2 / 2)


def test_persistence_of_arrivals_matters_most():
    """Mean 240 and 266 places in all three cases."""
    poisson = constant(60, 36, initial=STEADY)
    dispersed = constant(60, 36, initial=STEADY, dispersion=8)
    persistent = varying(autoregressive(4_000, 36), initial=STEADY)
    cases = (poisson, dispersed, persistent)
    assert [mean_of(group)[-1] for group in cases] == pytest.approx([240, 240, 240], rel=0.01)
    found = [float(chance_over(266, group).probability[-1]) for group in cases]
    assert found == pytest.approx([0.045, 0.20, 0.29], abs=0.015)


def test_capacity_may_change_from_month_to_month():
    group = constant(60, 12)
    places = np.where(np.arange(12) < 6, 60, 120)
    found = chance_over(places, group).probability
    assert (found[:6] == chance_over(60, group).probability[:6]).all()
    assert (found[6:] == chance_over(120, group).probability[6:]).all()


# Groups and draws of the stay


def test_groups_add_up():
    returns = constant(
        20, 24, name="returns", stay=Exponential(1.5), initial=InitialStock(9, "fresh")
    )
    families = varying(
        np.arange(24), name="families", stay=Gamma(2, 3), dispersion=3, initial=InitialStock(0)
    )
    both = (returns, families)
    assert mean_of(*both) == pytest.approx(mean_of(returns) + mean_of(families))
    assert variance_of(*both) == pytest.approx(variance_of(returns) + variance_of(families))
    drawn = simulate_occupancy(both, 24, n_paths=4_000, seed=1)
    error = np.sqrt(variance_of(*both) / 4_000)
    assert (np.abs(drawn.mean("path") - mean_of(*both)) < 4.5 * error).all()
    over = (drawn > 120).mean("path")
    assert np.abs(over - chance_over(120, *both).probability).max() < 4.5 * 0.5 / np.sqrt(4_000)


def test_two_halves_of_poisson_arrivals_are_the_whole():
    whole = constant(60, 24, initial=STEADY)
    half = InitialStock(120, "equilibrium")
    halves = [constant(30, 24, name=name, initial=half) for name in ("one", "other")]
    assert variance_of(*halves) == pytest.approx(variance_of(whole))
    found = chance_over(250, *halves).probability.to_numpy()
    assert found == pytest.approx(chance_over(250, whole).probability.to_numpy(), abs=1e-8)


def test_path_i_of_a_group_belongs_to_path_i_of_the_others():
    """Groups whose paths move in opposite directions: no uncertainty is left in the sum."""
    up = np.repeat([[10.0], [20.0], [30.0]], 12, axis=1)
    opposite = varying(up, name="up"), varying(40 - up, name="down")
    paths = expected_occupancy(opposite, 12).conditional_mean
    assert paths.to_numpy() == pytest.approx(np.tile(mean_of(constant(40, 12)), (3, 1)))
    assert variance_of(*opposite) == pytest.approx(mean_of(constant(40, 12)))
    together = varying(up, name="up"), varying(up, name="also up")
    assert variance_of(*together)[-1] > variance_of(*opposite)[-1] + 100


def test_each_draw_of_the_stay_holds_on_its_paths():
    draws = (Fixed(1), Fixed(3))
    arrivals = np.arange(1.0, 6)[:, None] * np.ones(6)
    group = varying(arrivals, stay=draws, kind="count")
    found = expected_occupancy([group], 6).conditional_mean.to_numpy()[:, -1]
    assert found.tolist() == [1, 6, 3, 12, 5]
    drawn = simulate_occupancy([group], 6, n_paths=5, seed=1).to_numpy()[:, -1]
    assert drawn.tolist() == [1, 6, 3, 12, 5]


def test_one_path_of_arrivals_runs_once_for_each_draw_of_the_stay():
    draws = [Exponential(mean) for mean in (2, 4, 9)]
    group = constant(60, 24, stay=draws, initial=InitialStock(50, "equilibrium"))
    alone = [constant(60, 24, stay=draw, initial=group.initial) for draw in draws]
    expected = expected_occupancy([group], 24)
    means = np.array([mean_of(one) for one in alone])
    assert expected.conditional_mean.to_numpy() == pytest.approx(means)
    within = np.mean([variance_of(one) for one in alone], axis=0)
    assert expected.variance.to_numpy() == pytest.approx(within + means.var(axis=0))
    chances = [chance_over(240, one).probability.to_numpy() for one in alone]
    found = chance_over(240, group).probability.to_numpy()
    assert found == pytest.approx(np.mean(chances, axis=0), abs=1e-8)


# The paths themselves


def test_the_paths_are_whole_numbers_of_persons_at_the_end_of_each_period():
    drawn = simulate_occupancy([CASES["fractions"]], 12, n_paths=50, seed=1)
    assert drawn.dims == ("path", "period")
    assert drawn.attrs == {"unit": "persons", "kind": "stock"}
    assert drawn.indexes["period"].equals(months(12))
    assert (drawn % 1 == 0).all()


def test_the_same_seed_gives_the_same_paths():
    first, again, other = (
        simulate_occupancy([CASES["dispersed"]], 24, n_paths=100, seed=seed) for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)


@pytest.mark.parametrize("case", ["dispersed", "fractions", "known ages", "stays by path"])
def test_neither_the_chunks_nor_the_number_of_paths_changes_a_path(case, monkeypatch):
    group = CASES[case]
    whole = simulate_occupancy([group], 24, n_paths=100, seed=1)
    fewer = simulate_occupancy([group], 24, n_paths=31, seed=1)
    monkeypatch.setattr(occupancy, "_CELLS", 7 * 60 * 26)
    in_chunks = simulate_occupancy([group], 24, n_paths=100, seed=1)
    assert in_chunks.equals(whole)
    assert fewer.equals(whole[:31])


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one():
    group = CASES["rates"]
    assert expected_occupancy([group], 9).mean.equals(expected_occupancy([group], 24).mean[:9])


def test_twice_the_arrivals_are_twice_the_stock():
    once, twice = constant(30, 24), constant(60, 24)
    assert mean_of(twice) == pytest.approx(2 * mean_of(once))
    drawn = [
        simulate_occupancy([group], 24, n_paths=2_000, seed=1).mean().item()
        for group in (once, twice)
    ]
    assert drawn[1] == pytest.approx(2 * drawn[0], rel=0.01)


def test_the_inputs_are_not_changed():
    group = CASES["counts"]
    before = group.arrivals.paths.copy(deep=True)
    simulate_occupancy([group], 24, n_paths=10, seed=1)
    exceedance([group], 24, capacity=100)
    assert group.arrivals.paths.identical(before)
