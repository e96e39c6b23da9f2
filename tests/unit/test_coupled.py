"""The coupled occupancy against exact moments, exact chances, and persons followed one by one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals, constant_arrivals
from forecasting.stocks.coupled import (
    conditional_cumulants,
    couple,
    coupled_stock,
    scaled_presence,
    shared_normals,
)
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Exponential, Fixed, Lognormal
from forecasting.stocks.occupancy import (
    Group,
    conditional_moments,
    expected_occupancy,
    make_cohorts,
    simulate_occupancy,
)
from forecasting.stocks.occupancy_variants import ScaledStay

HORIZON, N_PATHS = 24, 20_000
PERIODS = pd.period_range("2025-01", periods=HORIZON, freq="M")
STAY = Lognormal(4, 1.2)


def rates(value, dispersion=1.0):
    return constant_arrivals(value, PERIODS, kind="rate", dispersion=dispersion)


def counts(n_paths, *, whole=False, level=60, seed=1):
    rng = np.random.default_rng(seed)
    logs = np.log(level) + 0.3 * rng.standard_normal((n_paths, 1))
    values = np.exp(logs + 0.1 * rng.standard_normal((n_paths, HORIZON)))
    values = np.floor(values) if whole else values
    return Arrivals(make_paths(values, PERIODS, unit="persons"), "count")


CASES = {
    "poisson": [Group("all", rates(60), STAY, InitialStock(240, "equilibrium"))],
    "variance 8": [Group("all", rates(60, 8.0), STAY, InitialStock(240, "equilibrium"))],
    "a small centre": [
        Group("all", rates(21.125, 11.1), Lognormal(0.6, 1.2), InitialStock(13, "equilibrium"))
    ],
    "counts": [Group("all", counts(N_PATHS), STAY, InitialStock(240, "equilibrium"))],
    "two groups": [
        Group("returns", rates(20, 4.0), Exponential(0.5), InitialStock(0)),
        Group("families", rates(10), STAY, InitialStock(30, "fresh")),
    ],
}


@cache
def paths_of(name):
    return stock(CASES[name])


def stock(groups, n_paths=N_PATHS, seed=3):
    return coupled_stock(couple(groups, HORIZON), shared_normals(n_paths, HORIZON, seed=seed))


@pytest.mark.parametrize("name", CASES)
def test_mean_and_variance_given_each_path_are_those_of_the_convolution(name):
    groups = CASES[name]
    moments = conditional_cumulants(couple(groups, HORIZON), N_PATHS)
    mean, variance = conditional_moments(make_cohorts(groups, HORIZON))
    np.testing.assert_allclose(moments.mean, mean[:, 1:], rtol=1e-12)
    np.testing.assert_allclose(moments.variance, variance[:, 1:], rtol=1e-10)
    np.testing.assert_allclose(np.diag(moments.covariance), variance[:, 1:].mean(axis=0), rtol=1e-3)


def test_the_third_cumulant_is_that_of_the_exact_distributions():
    # all who come stay exactly one month, half of them over the month's end: binomial thinning
    present, month = 0.5, 3
    stay = Fixed(0.5)
    groups = [Group("all", rates(20, 5.0), stay, InitialStock(0))]
    found = conditional_cumulants(couple(groups, HORIZON), 1).third[0, month]
    more = 4.0  # a negative binomial of dispersion D thinned by p has dispersion 1 + (D - 1) p
    thinned, d = 20 * present, 1 + more * present
    assert found == pytest.approx(thinned * d * (2 * d - 1))  # scipy.stats.nbinom: mu d (2 d - 1)
    counted = Arrivals(make_paths(np.full((1, HORIZON), 20.0), PERIODS, unit="persons"), "count")
    groups = [Group("all", counted, stay, InitialStock(0))]
    found = conditional_cumulants(couple(groups, HORIZON), 1).third[0, month]
    assert found == pytest.approx(20 * present * (1 - present) * (1 - 2 * present), abs=1e-12)


def test_a_fraction_rounded_at_random_has_its_third_cumulant():
    stay = Exponential(1.0)
    counted = Arrivals(make_paths(np.full((1, HORIZON), 0.3), PERIODS, unit="persons"), "count")
    groups = [Group("all", counted, stay, InitialStock(0))]
    found = conditional_cumulants(couple(groups, HORIZON), 1).third[0, 0]
    chance = 0.3 * (1 - np.exp(-1.0))  # one person or none, present with w_0 = I(1)
    assert found == pytest.approx(chance * (1 - chance) * (1 - 2 * chance))


@pytest.mark.parametrize("name", CASES)
def test_mean_and_spread_over_everything_are_exact_but_for_the_number_of_paths(name):
    found, expected = paths_of(name), expected_occupancy(CASES[name], HORIZON)
    variance = expected.variance.to_numpy()
    error = np.sqrt(variance / N_PATHS)
    assert (np.abs(found.mean(axis=0) - expected.mean.to_numpy()) < 4 * error + 0.02).all()
    np.testing.assert_allclose(found.std(axis=0), np.sqrt(variance), rtol=0.03)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("poisson", (240, 250, 266)),
        ("variance 8", (240, 266, 298, 331)),
        ("a small centre", (10, 20, 30, 40)),
        ("counts", (240, 266, 331)),
        ("two groups", (45, 60)),
    ],
)
def test_the_chance_of_too_few_places_is_that_of_the_exact_distribution(name, places):
    found = paths_of(name)
    for capacity in places:
        exact = exceedance(CASES[name], HORIZON, capacity=capacity)
        share = (found > capacity).mean(axis=0)
        noise = np.sqrt(exact.probability.to_numpy().clip(1e-4) / N_PATHS)
        assert (np.abs(share - exact.probability.to_numpy()) < 0.004 + 4 * noise).all()
        over, expected = np.maximum(found - capacity, 0), exact.overflow_mean.to_numpy()
        noise = over.std(axis=0) / np.sqrt(N_PATHS)
        assert (np.abs(over.mean(axis=0) - expected) < 0.01 + 0.03 * expected + 4 * noise).all()


@pytest.mark.parametrize("name", CASES)
def test_months_hang_together_as_those_of_persons_followed_one_by_one(name):
    own = paths_of(name)
    followed = simulate_occupancy(CASES[name], HORIZON, n_paths=N_PATHS, seed=5).to_numpy()
    for first, second in ((0, 1), (4, 7), (20, 21), (12, 22)):
        ours, theirs = (np.corrcoef(x[:, first], x[:, second])[0, 1] for x in (own, followed))
        assert ours == pytest.approx(theirs, abs=0.05)
    capacity = np.quantile(followed.max(axis=1), 0.7)
    in_any = [(x > capacity).any(axis=1).mean() for x in (own, followed)]
    assert in_any[0] == pytest.approx(in_any[1], abs=0.03)


def test_the_same_draws_give_the_same_stock_whatever_the_number_of_paths():
    few, many = stock(CASES["poisson"], 50), stock(CASES["poisson"], 80)
    np.testing.assert_array_equal(few, many[:50])


def test_more_arrivals_never_mean_fewer_persons_on_any_path():
    before = CASES["poisson"]
    after = [Group("all", rates(61), STAY, InitialStock(240, "equilibrium"))]
    difference = stock(after, 500) - stock(before, 500)
    assert difference.min() >= 0
    # the expected difference is one a month times the mean stay so far; hardly any noise beside it
    expected = np.cumsum(np.diff(STAY.integrated_survival(np.arange(HORIZON + 1.0))))
    np.testing.assert_allclose(difference.mean(axis=0), expected, atol=0.25)


def test_draw_d_of_a_stay_stands_on_the_paths_d_and_every_n_th_after_it():
    stays = (Exponential(2.0), Exponential(6.0), Exponential(4.0))
    groups = [Group("all", rates(60), stays, InitialStock(100, "fresh"))]
    moments = conditional_cumulants(couple(groups, HORIZON), 7)
    mean, variance = conditional_moments(make_cohorts(groups, HORIZON))
    for path in range(7):
        np.testing.assert_allclose(moments.mean[path], mean[path % 3, 1:])
        np.testing.assert_allclose(moments.variance[path], variance[path % 3, 1:])
    fewer = coupled_stock(couple(groups, HORIZON), shared_normals(2, HORIZON, seed=1))
    assert fewer.shape == (2, HORIZON)


def test_nobody_and_certainty_need_no_distribution():
    nobody = [Group("all", rates(0), STAY, InitialStock(0))]
    assert not stock(nobody, 10).any()
    known = Arrivals(make_paths(np.full((1, HORIZON), 7.0), PERIODS, unit="persons"), "count")
    certain = [Group("all", known, Fixed(3.0), InitialStock(0))]
    np.testing.assert_array_equal(stock(certain, 5)[:, 2:], 21.0)


def test_longer_stays_hold_for_those_who_come_in_the_months_they_are_given_for():
    factors = np.where(np.arange(HORIZON) >= 12, 2.0, 1.0)
    scaled = scaled_presence((STAY,), factors)[0]
    plain, longer = (
        couple([Group("all", rates(1), stay, InitialStock(0))], HORIZON)[0].presence[0]
        for stay in (STAY, ScaledStay(STAY, 2.0))
    )
    np.testing.assert_array_equal(scaled[:12], plain[:12])
    np.testing.assert_allclose(scaled[12:], longer[12:], rtol=1e-12)


def test_a_factor_of_one_changes_nothing():
    group = couple(CASES["poisson"], HORIZON)[0]
    np.testing.assert_array_equal(group.with_stays(np.ones(HORIZON)).presence, group.presence)
