"""Identities of lengths of stay that hold for any parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.stocks.length_of_stay import (
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Mixture,
    Weibull,
    presence_weights,
)
from forecasting.stocks.stay_curve import make_curve

SEEDS = st.integers(0, 2**32 - 1)
N = 4000
TOO_FAR = 6 * 0.5 / np.sqrt(N)  # six standard errors of a share

durations = st.floats(0.05, 12)
shapes = st.floats(0.4, 6)
simple = st.one_of(
    st.builds(Exponential, durations),
    st.builds(Weibull, shapes, durations),
    st.builds(Lognormal, durations, st.floats(0.1, 2)),
    st.builds(Gamma, shapes, durations),
    st.builds(Fixed, durations),
)


@st.composite
def curves(draw):
    steps = draw(st.lists(st.tuples(st.floats(0.1, 5), st.floats(0, 0.9)), min_size=1, max_size=6))
    ages = np.cumsum([0.0, *[step for step, _ in steps]])
    shares = np.cumprod([1.0, *[1 - fall for _, fall in steps]])
    if draw(st.booleans()):
        return make_curve(ages, shares, tail=ages[-1] + draw(durations))
    return make_curve(np.append(ages, ages[-1]), np.append(shares, 0.0))


@st.composite
def mixtures(draw):
    stays = draw(st.lists(st.one_of(simple, curves()), min_size=1, max_size=3))
    weights = np.array([draw(st.floats(0.05, 1)) for _ in stays])
    return Mixture(tuple(zip((weights / weights.sum()).tolist(), stays, strict=True)))


stays = st.one_of(simple, curves(), mixtures())


@given(stay=stays)
def test_survival_starts_at_one_and_does_not_rise(stay):
    shares = stay.survival(np.linspace(0, 40, 300))
    assert shares[0] == pytest.approx(1)
    assert (np.diff(shares) <= 1e-12).all()
    assert shares.min() >= 0


@given(stay=stays, age=st.floats(0, 40))
def test_survival_is_the_slope_of_its_integral(stay, age):
    ends = np.array([age, age + 1e-3])
    slope = np.diff(stay.integrated_survival(ends))[0] / 1e-3
    high, low = stay.survival(ends)
    assert low - 1e-9 <= slope <= high + 1e-9


@given(stay=stays)
def test_weights_add_up_to_the_mean_and_do_not_rise(stay):
    weights = presence_weights(stay, 5000)
    assert weights.sum() == pytest.approx(stay.mean, rel=1e-3)
    assert weights.sum() <= stay.mean * (1 + 1e-12)
    assert (np.diff(weights) <= 1e-9).all()
    assert weights[0] <= 1


@settings(deadline=None)
@given(stay=stays, seed=SEEDS)
def test_the_mean_of_draws_up_to_an_age_is_the_integral_up_to_it(stay, seed):
    age = 3 * stay.mean
    drawn = np.minimum(stay.draw(N, np.random.default_rng(seed)), age).mean()
    assert drawn / age == pytest.approx(stay.integrated_survival(np.array(age)) / age, abs=TOO_FAR)


@settings(deadline=None)
@given(stay=stays, seed=SEEDS)
def test_those_found_present_remain_as_the_integral_says(stay, seed):
    later = np.array(stay.mean / 2)
    drawn = stay.draw_equilibrium(N, np.random.default_rng(seed))
    share = 1 - stay.integrated_survival(later) / stay.mean
    assert (drawn > later).mean() == pytest.approx(share, abs=TOO_FAR)


@settings(deadline=None)
@given(stay=stays, seed=SEEDS, part=st.floats(0, 0.9))
def test_the_remaining_stay_is_the_stay_given_the_age(stay, seed, part):
    age, later = part * stay.mean, stay.mean / 3
    drawn = stay.draw_residual(np.full(N, age), np.random.default_rng(seed))
    before, after = stay.survival(np.array([age, age + later]))
    # A little tolerance where the later age is that of a step.
    shares = [(drawn > later * (1 + side)).mean() for side in (1e-9, -1e-9)]
    assert shares[0] - TOO_FAR <= after / before <= shares[1] + TOO_FAR


@given(curve=curves(), factor=st.floats(0.1, 10))
def test_a_curve_in_another_unit_is_the_same_curve(curve, factor):
    ages = np.linspace(0.01, 20, 50)
    scaled = curve.scaled(factor)
    assert scaled.mean == pytest.approx(factor * curve.mean)
    assert scaled.integrated_survival(ages * factor) == pytest.approx(
        factor * curve.integrated_survival(ages)
    )
