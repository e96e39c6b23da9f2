"""Identities of stocks that hold for any arrivals, stay and initial stock."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.initial_stock import InitialStock, initial_presence
from forecasting.stocks.length_of_stay import (
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Mixture,
    Weibull,
    presence_weights,
)
from forecasting.stocks.occupancy import Group, expected_occupancy, simulate_occupancy
from forecasting.stocks.service_level import MEANINGS, capacity_for, over_capacity_in_year, overflow

HORIZON = 12
MONTHS = pd.period_range("2025-01", periods=HORIZON, freq="M")
MEANS = st.floats(0.2, 20)
STAYS = st.one_of(
    MEANS.map(Exponential),
    MEANS.map(Fixed),
    st.builds(Weibull, st.floats(0.5, 3), MEANS),
    st.builds(Lognormal, MEANS, st.floats(0.2, 2)),
    st.builds(Gamma, st.floats(0.5, 4), st.floats(0.2, 6)),
    st.builds(lambda a, b: Mixture(((0.3, Exponential(a)), (0.7, Fixed(b)))), MEANS, MEANS),
)
INITIAL = st.builds(InitialStock, st.integers(0, 300), st.sampled_from(["equilibrium", "fresh"]))
VALUES = st.lists(
    st.lists(st.floats(0, 100), min_size=HORIZON, max_size=HORIZON), min_size=1, max_size=4
).map(np.array)


@st.composite
def groups(draw, name="all"):
    kind = draw(st.sampled_from(["rate", "count"]))
    dispersion = draw(st.floats(1, 10)) if kind == "rate" else 1.0
    values = draw(VALUES)
    if kind == "count" and draw(st.booleans()):
        values = values.round()
    paths = make_paths(values, MONTHS, unit="persons")
    return Group(name, Arrivals(paths, kind, dispersion), draw(STAYS), draw(INITIAL))


@given(groups())
@settings(max_examples=60, deadline=None)
def test_the_conditional_mean_is_the_sum_over_cohorts(group):
    weights = presence_weights(group.stay, HORIZON)
    left = initial_presence(group.initial, group.stay, HORIZON, None).sum(axis=0)
    arrivals = group.arrivals.paths.to_numpy()
    found = expected_occupancy([group], HORIZON).conditional_mean.to_numpy()
    for path, values in enumerate(arrivals):
        new = [sum(values[j] * weights[t - j] for j in range(t + 1)) for t in range(HORIZON)]
        expected = np.array(new) + (group.initial.count or 0) * left[1:]
        np.testing.assert_allclose(found[path], expected, rtol=1e-9, atol=1e-9)


@given(VALUES, STAYS, st.floats(1, 20))
@settings(max_examples=60, deadline=None)
def test_the_variance_is_that_of_poisson_persons_and_what_dispersion_and_paths_add(
    values, stay, dispersion
):
    paths = make_paths(values, MONTHS, unit="persons")
    group = Group("all", Arrivals(paths, "rate", dispersion), stay, InitialStock(0))
    found = expected_occupancy([group], HORIZON)
    squares = presence_weights(stay, HORIZON) ** 2
    mean_rates = values.mean(axis=0)
    extra = [
        (dispersion - 1) * sum(mean_rates[j] * squares[t - j] for j in range(t + 1))
        for t in range(HORIZON)
    ]
    between = found.conditional_mean.to_numpy().var(axis=0)
    expected = found.mean.to_numpy() + extra + between
    np.testing.assert_allclose(found.variance.to_numpy(), expected, rtol=1e-9, atol=1e-9)


@given(VALUES.map(np.round), STAYS)
@settings(max_examples=60, deadline=None)
def test_counts_and_rates_have_the_same_mean_and_counts_less_variance(values, stay):
    """The difference is the chance of arriving: the sum of a w^2."""
    paths = make_paths(values, MONTHS, unit="persons")
    rates, counts = (
        expected_occupancy([Group("all", Arrivals(paths, kind), stay, InitialStock(0))], HORIZON)
        for kind in ("rate", "count")
    )
    np.testing.assert_allclose(rates.mean, counts.mean)
    squares = presence_weights(stay, HORIZON) ** 2
    arriving = [
        sum(values.mean(axis=0)[j] * squares[t - j] for j in range(t + 1)) for t in range(HORIZON)
    ]
    np.testing.assert_allclose(rates.variance - counts.variance, arriving, rtol=1e-7, atol=1e-7)


@given(groups(), st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_one_place_more_takes_in_the_chance_of_one_person_more(group, capacity):
    """E(N - c)+ - E(N - c - 1)+ = P(N > c), and the chance never rises with the places."""
    fewer, more = (exceedance([group], HORIZON, capacity=capacity + extra) for extra in (0, 1))
    # a fraction of a count is matched to the second order
    fractions = group.arrivals.kind == "count" and (group.arrivals.paths % 1).any()
    slack = 0.1 if fractions else 1e-5
    chance = fewer.probability
    assert ((chance >= 0) & (chance <= 1)).all()
    np.testing.assert_allclose(fewer.overflow_mean - more.overflow_mean, chance, atol=slack)
    assert (more.probability <= chance + slack).all()


@given(groups(), groups(name="more"), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_simulated_stocks_are_whole_and_never_more_than_everybody_who_came(one, more, seed):
    pair = [one, more]
    sizes = {group.arrivals.paths.sizes["path"] for group in pair} - {1}
    if len(sizes) > 1:
        pair = [one]
        sizes = {one.arrivals.paths.sizes["path"]} - {1}
    n_paths = sizes.pop() if sizes else 5
    drawn = simulate_occupancy(pair, HORIZON, n_paths=n_paths, seed=seed).to_numpy()
    assert drawn.shape == (n_paths, HORIZON)
    assert (drawn >= 0).all()
    assert (drawn % 1 == 0).all()
    if all(group.arrivals.kind == "count" for group in pair):
        came = sum(np.ceil(group.arrivals.paths.to_numpy()).cumsum(axis=1) for group in pair)
        assert (drawn <= came + sum(group.initial.count or 0 for group in pair)).all()


@given(STAYS, INITIAL, st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_without_arrivals_nobody_is_added(stay, initial, seed):
    paths = make_paths(np.zeros((1, HORIZON)), MONTHS, unit="persons")
    group = Group("all", Arrivals(paths, "rate"), stay, initial)
    drawn = simulate_occupancy([group], HORIZON, n_paths=20, seed=seed).to_numpy()
    assert (np.diff(drawn, axis=1, prepend=initial.count or 0) <= 0).all()
    mean = expected_occupancy([group], HORIZON).mean.to_numpy()
    assert (np.diff(mean, prepend=initial.count or 0) <= 1e-9).all()


@given(groups(), groups(name="more"))
@settings(max_examples=30, deadline=None)
def test_moments_of_groups_with_one_path_add_up(one, more):
    pair = [
        Group(group.name, Arrivals(group.arrivals.paths[:1], "rate"), group.stay, group.initial)
        for group in (one, more)
    ]
    both = expected_occupancy(pair, HORIZON)
    alone = [expected_occupancy([group], HORIZON) for group in pair]
    np.testing.assert_allclose(both.mean, sum(each.mean for each in alone), atol=1e-9)
    np.testing.assert_allclose(both.variance, sum(each.variance for each in alone), atol=1e-9)


@given(
    st.lists(st.lists(st.integers(0, 50), min_size=24, max_size=24), min_size=1, max_size=8),
    st.floats(0.02, 0.98),
)
@settings(max_examples=60, deadline=None)
def test_every_month_of_a_year_takes_most_places(values, probability):
    stock = make_paths(
        np.array(values, dtype=float),
        pd.period_range("2025-01", periods=24, freq="M"),
        unit="persons",
        kind="stock",
    )
    places = {
        meaning: capacity_for(stock, probability, meaning=meaning).to_numpy()
        for meaning in MEANINGS
    }
    assert (places["simultaneous"] >= places["pointwise"]).all()
    assert (places["pointwise"] >= places["share_of_nights"]).all()
    enough = np.maximum(np.repeat(places["simultaneous"], 12), 1)
    assert (over_capacity_in_year(stock, enough) <= 1 - probability + 1e-9).all()
    assert ((overflow(stock, enough) > 0) == (stock > enough)).all()
