"""Lengths of stay: closed forms, the oracles that follow from the presence weights, and draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from forecasting.stocks.length_of_stay import (
    Exponential,
    Fixed,
    Gamma,
    LengthOfStay,
    Lognormal,
    Mixture,
    Weibull,
    presence_weights,
)
from forecasting.stocks.stay_config import make_length_of_stay

LOGNORMAL = Lognormal(4, 1.2)
SMOOTH = {
    "exponential": (Exponential(4), stats.expon(scale=4)),
    "weibull": (Weibull(0.8, 3.5), stats.weibull_min(0.8, scale=3.5)),
    "lognormal": (LOGNORMAL, stats.lognorm(LOGNORMAL.sigma, scale=np.exp(LOGNORMAL.mu))),
    "gamma": (Gamma(2, 2), stats.gamma(2, scale=2)),
}
smooth = pytest.mark.parametrize(("stay", "law"), SMOOTH.values(), ids=SMOOTH)
MIX = Mixture(((0.7, Exponential(1.5)), (0.3, Gamma(3, 4))))
N = 20_000


def stock(rates, stay):
    """Return the expected stock at the end of the last of the periods, from empty."""
    return float(np.asarray(rates) @ presence_weights(stay, len(rates))[::-1])


@smooth
def test_mean_survival_and_their_integral_agree_with_scipy(stay, law):
    ages = np.array([0, 0.01, 0.5, 1, 4, 13, 60])
    assert stay.mean == pytest.approx(law.mean(), rel=1e-12)
    assert stay.survival(ages) == pytest.approx(law.sf(ages), rel=1e-10)
    areas = [integrate.quad(law.sf, 0, age, epsabs=1e-11)[0] for age in ages]
    assert stay.integrated_survival(ages) == pytest.approx(areas, rel=1e-8, abs=1e-12)


@smooth
def test_draws_follow_their_laws(stay, law):
    rng = np.random.default_rng(7)
    assert stats.kstest(stay.draw(N, rng), law.cdf).pvalue > 0.01
    equilibrium = stay.draw_equilibrium(N, rng)
    shares = stay.integrated_survival(equilibrium) / stay.mean
    assert stats.kstest(shares, stats.uniform.cdf).pvalue > 0.01
    ages = rng.uniform(0, 12, N)
    residual = stay.draw_residual(ages, rng)
    assert residual.min() > 0
    assert stats.kstest(law.sf(ages + residual) / law.sf(ages), "uniform").pvalue > 0.01


def test_a_lognormal_stay_has_its_mean_and_coefficient_of_variation():
    law = SMOOTH["lognormal"][1]
    assert law.std() / law.mean() == pytest.approx(1.2)


def test_draws_of_a_mixture_follow_the_weighted_survival_at_every_age():
    rng = np.random.default_rng(8)
    ages, later = np.array([0.0, 2, 10, 30]), 3.0
    residual = MIX.draw_residual(np.repeat(ages, N), rng).reshape(4, N)
    expected = MIX.survival(ages + later) / MIX.survival(ages)
    assert (residual > later).mean(axis=1) == pytest.approx(expected, abs=0.012)
    assert expected[3] > 0.5 > expected[0]  # whoever stays long belongs to the slow part
    assert MIX.draw(N, rng).mean() == pytest.approx(MIX.mean, rel=0.03)
    assert MIX.mean == 0.7 * 1.5 + 0.3 * 12


@smooth
def test_somebody_present_for_very_long_still_has_time_to_go(stay, law):
    age = 250.0
    residual = stay.draw_residual(np.full(N, age), np.random.default_rng(1))
    still = law.logsf(age)
    expected = integrate.quad(lambda u: np.exp(law.logsf(age + u) - still), 0, np.inf)[0]
    assert residual.mean() == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("stay", [LOGNORMAL, Gamma(2, 2), Exponential(4)])
def test_littles_law(stay):
    assert stock(np.full(600, 60), stay) == pytest.approx(240, rel=2e-4)


def test_littles_law_of_a_weibull_stay():
    stay = Weibull(0.8, 3.5)
    assert stay.mean == pytest.approx(3.965511, abs=5e-7)
    assert stock(np.full(600, 60), stay) == pytest.approx(237.93, rel=2e-4)


@pytest.mark.parametrize(("month", "present"), [(1, 53.087812), (6, 186.448762), (12, 228.051104)])
def test_an_exponential_stay_from_empty(month, present):
    assert stock(np.full(month, 60), Exponential(4)) == pytest.approx(present, abs=1e-5)


def test_a_fixed_stay_from_empty():
    present = [stock(np.full(month, 60), Fixed(4)) for month in range(1, 6)]
    assert present == pytest.approx([60, 120, 180, 240, 240], abs=1e-9)


def test_a_linear_ramp_of_arrivals():
    rates = np.arange(200) + 0.5  # the rate at time t is t: its mean in the month up to t, t - 1/2
    assert stock(rates, Gamma(2, 2)) == pytest.approx(788, abs=0.1)


@smooth
def test_a_stock_in_equilibrium_stays_there(stay, law):
    months = np.arange(1, 61)
    rate = 240 / stay.mean
    remaining = 240 * (1 - stay.integrated_survival(months) / stay.mean)
    new = rate * np.cumsum(presence_weights(stay, 60))
    assert remaining + new == pytest.approx(np.full(60, 240), abs=1e-9)
    assert law.mean() * rate == pytest.approx(240)


def test_the_remaining_stay_in_equilibrium_is_not_a_fresh_one():
    stay, month = Gamma(2, 2), np.array([6.0])
    present = 200 * (1 - stay.integrated_survival(month) / stay.mean)
    assert present == pytest.approx(24.8935, abs=1e-4)
    assert 200 * stay.survival(month) == pytest.approx(39.83, abs=0.005)
    drawn = stay.draw_equilibrium(N, np.random.default_rng(3)) > 6
    assert 200 * drawn.mean() == pytest.approx(24.8935, abs=1.5)


def test_overdispersed_arrivals_by_the_squared_weights():
    variance = 240 + (8 - 1) * 60 * (presence_weights(LOGNORMAL, 600) ** 2).sum()
    assert variance == pytest.approx(1082, rel=0.005)


@pytest.mark.parametrize(
    ("spec", "stay"),
    [
        ({"distribution": "exponential", "mean": 4}, Exponential(4)),
        ({"distribution": "lognormal", "mean": 4, "cv": 1.2}, LOGNORMAL),
        ({"distribution": "weibull", "shape": 0.8, "scale": 3.5}, Weibull(0.8, 3.5)),
        ({"distribution": "gamma", "shape": 2, "scale": 2, "unit": "months"}, Gamma(2, 2)),
        ({"distribution": "fixed", "value": 1461, "unit": "days"}, Fixed(48)),
        ({"distribution": "exponential", "mean": 20, "unit": "years"}, Exponential(240)),
    ],
)
def test_a_configuration_makes_a_stay_in_months(spec, stay):
    assert make_length_of_stay(spec, where="c.yaml, length_of_stay") == stay
    assert isinstance(stay, LengthOfStay)


def test_a_configuration_makes_a_stay_in_quarters():
    spec = {"distribution": "gamma", "shape": 2, "scale": 6, "unit": "months"}
    assert make_length_of_stay(spec, where="c.yaml", frequency="Q") == Gamma(2, 2)


def test_a_configuration_makes_a_mixture():
    parts = [
        {"weight": 0.7, "distribution": "exponential", "mean": 1.5},
        {"weight": 0.3, "distribution": "gamma", "shape": 3, "scale": 4},
    ]
    assert make_length_of_stay({"distribution": "mixture", "parts": parts}, where="c.yaml") == MIX
