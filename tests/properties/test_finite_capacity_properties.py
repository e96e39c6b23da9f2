"""Identities of a centre with limited places that hold for any numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.finite_capacity import simulate_queue
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Exponential, Fixed, Gamma, Lognormal
from forecasting.stocks.occupancy import Group
from forecasting.stocks.places import RULES, admit, make_places

N_PATHS = 3
AMPLE = 100_000
STAYS = st.sampled_from(
    [Exponential(2.0), Lognormal(1.5, 1.2), Gamma(2.0, 0.5), Fixed(1.3), Fixed(2.0)]
)
SEEDS = st.integers(0, 2**32 - 1)
CAPACITIES = st.lists(st.integers(1, 40), min_size=1, max_size=8).map(np.array)
any_rule = st.sampled_from(sorted(RULES))


@st.composite
def groups(draw, horizon, *, largest=60):
    """One or two groups that share the places."""
    periods = pd.period_range("2025-01", periods=horizon, freq="M")
    made = []
    for name in ["a", "b"][: draw(st.integers(1, 2))]:
        values = draw(st.lists(st.floats(0, 30), min_size=horizon, max_size=horizon))
        kind = draw(st.sampled_from(["rate", "count"]))
        paths = make_paths(np.array([values]), periods, unit="persons")
        count = draw(st.integers(0, largest))
        ages = draw(st.sampled_from(["fresh", "equilibrium"])) if count else None
        arrivals = Arrivals(paths, kind, draw(st.sampled_from([1.0, 4.0])) if kind == "rate" else 1)
        made.append(Group(name, arrivals, draw(STAYS), InitialStock(count, ages)))
    return made


@st.composite
def centres(draw, *, capacities=CAPACITIES):
    capacity = draw(capacities)
    return draw(groups(len(capacity))), capacity, draw(SEEDS)


growing = centres(capacities=CAPACITIES.map(np.sort))


def run(persons, capacity, rule, seed):
    return simulate_queue(persons, capacity, rule, n_paths=N_PATHS, seed=seed)


def unlimited(persons, capacity, seed):
    """Stock of the same persons with as many places as anybody wants."""
    return run(persons, np.full(len(capacity), AMPLE), "loss", seed).inside


def present(persons):
    return sum(own.initial.count for own in persons)


def replay(arrived, stays, capacity, rule):
    """Entry of each person, event by event, with the lists of those inside and in the queue."""
    entered = np.full(len(arrived), np.inf)
    inside, queue, places = {}, [], capacity[0]
    changes = [(float(k), 1, int(c)) for k, c in enumerate(capacity) if k]
    events = sorted([*changes, *[(time, 2, n) for n, time in enumerate(arrived)]])
    while events or inside:
        kind_of_exit = [(leave, 0, n) for n, leave in inside.items()]
        time, kind, n = min([*events[:1], *kind_of_exit])
        if kind == 0:
            del inside[n]
        else:
            events.pop(0)
        if kind == 1:
            places = n
        if kind == 2:
            queue.append(n)
        if rule == "overflow_return":
            queue = [own for own in queue if arrived[own] + stays[own] > time]
        while queue and len(inside) < places:
            own = queue.pop(0)
            entered[own] = time
            inside[own] = stays[own] + (time if rule == "wait" else arrived[own])
        if rule in ("loss", "overflow_stay"):
            queue = []
    return entered


@settings(deadline=None)
@given(CAPACITIES, any_rule, SEEDS)
def test_entries_are_those_of_a_replay_event_by_event(capacity, rule, seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(0, 150)
    arrived = np.sort(rng.uniform(0, len(capacity) + 1, n))
    stays = rng.lognormal(rng.normal(), 1, n)
    found = admit(arrived, stays, make_places(capacity), rule).entered
    np.testing.assert_allclose(found, replay(arrived, stays, capacity, rule), rtol=1e-9)


@settings(deadline=None)
@given(CAPACITIES, st.sampled_from(["wait", "overflow_return"]), SEEDS)
def test_places_are_given_in_order_of_arrival(capacity, rule, seed):
    rng = np.random.default_rng(seed)
    arrived = np.sort(rng.uniform(0, len(capacity), 100))
    found = admit(arrived, rng.exponential(2, 100), make_places(capacity), rule)
    admitted = np.isfinite(found.entered)
    assert (np.diff(found.entered[admitted]) >= 0).all()
    assert (found.entered >= arrived).all()
    assert admitted.all() or rule == "overflow_return"


@settings(deadline=None)
@given(centres(), any_rule)
def test_everybody_who_came_and_has_not_left_is_inside_or_outside(centre, rule):
    persons, capacity, seed = centre
    found = run(persons, capacity, rule, seed)
    change = (found.arrivals - found.departures).cumsum("period")
    np.testing.assert_array_equal(present(persons) + change, found.inside + found.outside)
    for paths in (found.inside, found.outside, found.departures, found.arrivals - found.admitted):
        assert (paths >= 0).all()


@settings(deadline=None)
@given(centres(), any_rule)
def test_nobody_enters_beyond_the_capacity(centre, rule):
    persons, capacity, seed = centre
    inside = run(persons, capacity, rule, seed).inside.to_numpy()
    start = present(persons)
    if rule.startswith("overflow"):
        start = min(start, capacity[0])
    before = np.hstack([np.full((N_PATHS, 1), start), inside[:, :-1]])
    assert (inside <= np.maximum(before, capacity)).all()


@settings(deadline=None)
@given(growing, st.sampled_from(["overflow_return", "overflow_stay"]))
def test_inside_and_outside_together_are_the_stock_without_a_limit(centre, rule):
    persons, capacity, seed = centre
    found = run(persons, capacity, rule, seed)
    stock = unlimited(persons, capacity, seed)
    np.testing.assert_array_equal(found.inside + found.outside, stock)
    assert (found.inside <= capacity).all()
    if rule == "overflow_return":
        np.testing.assert_array_equal(found.outside, np.maximum(stock - capacity, 0))


@settings(deadline=None)
@given(centres(), any_rule)
def test_with_more_places_than_needed_the_rule_does_not_matter(centre, rule):
    persons, capacity, seed = centre
    found = run(persons, np.full(len(capacity), AMPLE), rule, seed)
    np.testing.assert_array_equal(found.inside, unlimited(persons, capacity, seed))
    for paths in (found.outside, found.blocked, found.nights_outside, found.waiting_total):
        assert not paths.any()


@settings(deadline=None)
@given(centres(), st.sampled_from(["wait", "overflow_return"]))
def test_nobody_is_outside_while_a_place_is_free(centre, rule):
    persons, capacity, seed = centre
    found = run(persons, capacity, rule, seed)
    full = found.inside.to_numpy() >= capacity
    assert (full | (found.outside.to_numpy() == 0)).all()


@settings(deadline=None)
@given(centres(), any_rule)
def test_shares_waits_and_nights_are_within_their_bounds(centre, rule):
    persons, capacity, seed = centre
    found = run(persons, capacity, rule, seed)
    share = found.blocked_share().to_numpy()
    assert ((share >= 0) & (share <= 1)).all()
    assert (found.waiting_mean() >= 0).all()
    assert (found.waiting_total.to_numpy()[found.blocked.to_numpy() == 0] == 0).all()
    began = np.hstack([np.zeros((N_PATHS, 1)), found.outside.to_numpy()[:, :-1]])
    if not rule.startswith("overflow"):
        most = (began + found.blocked.to_numpy()) * 31
        assert (found.nights_outside.to_numpy() <= most + 1e-9).all()
    assert (found.nights_outside >= -1e-9).all()


@settings(deadline=None)
@given(centres(), any_rule)
def test_who_finds_no_place_is_admitted_later_or_not_at_all(centre, rule):
    persons, capacity, seed = centre
    found = run(persons, capacity, rule, seed)
    at_once = found.arrivals - found.blocked
    if rule == "wait":
        np.testing.assert_array_equal(found.admitted, found.arrivals)
    elif rule == "overflow_return":
        assert ((at_once <= found.admitted) & (found.admitted <= found.arrivals)).all()
    else:
        np.testing.assert_array_equal(found.admitted, at_once)
        assert not found.waiting_total.any()


@settings(deadline=None)
@given(centres(), any_rule)
def test_a_path_does_not_depend_on_how_many_there_are(centre, rule):
    persons, capacity, seed = centre
    few, more = (
        simulate_queue(persons, capacity, rule, n_paths=n, seed=seed) for n in (1, N_PATHS)
    )
    assert few.inside.identical(more.inside[:1])
    assert few.nights_outside.identical(more.nights_outside[:1])


@settings(deadline=None)
@given(centres())
def test_the_rule_does_not_change_who_arrives(centre):
    persons, capacity, seed = centre
    arrivals = [run(persons, capacity, rule, seed).arrivals for rule in RULES]
    assert all(other.identical(arrivals[0]) for other in arrivals[1:])
