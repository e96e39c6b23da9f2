"""The backlog against closed forms, hand-computed queues and a queue followed in small steps."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from forecasting.paths import make_paths, periods_of
from forecasting.stocks.backlog import BacklogInputs, project_backlog, reception_places

NAMES = (
    "backlog",
    "decisions",
    "exits",
    "wait_of_last_arrival",
    "wait_of_those_waiting",
    "share_over_limit",
)


def flow(*rows):
    values = np.array(rows, dtype=float)
    periods = pd.period_range("2024-01", periods=values.shape[1], freq="M")
    return make_paths(values, periods, unit="persons")


def project(inflow, capacity, **options):
    horizon = len(inflow)
    inputs = BacklogInputs(flow(inflow), np.broadcast_to(capacity, (horizon,)), **options)
    result = project_backlog(inputs)
    return {name: getattr(result, name).to_numpy()[0] for name in NAMES}


def follow(inflow, capacity, inputs, *, steps=200):
    """Follow a queue of tiny cohorts step by step; first row per name as `project`."""
    horizon, beyond = len(inflow), 40
    capacity = [*capacity, *[capacity[-1]] * beyond]
    inflow = [*inflow, *[np.mean(inflow[-12:])] * beyond]
    theta, dt = inputs.get("exit_rate", 0.0), 1 / steps
    start, span = inputs["initial_backlog"], inputs["initial_backlog"] / inflow[0]
    old = round(span * steps)
    born = np.concatenate([np.arange(-old, 0), np.arange((horizon + beyond) * steps)]) * dt + dt / 2
    waiting = np.concatenate([np.full(old, start / max(old, 1)), np.zeros(len(born) - old)])
    head, decided, gone, done, rows = 0, 0.0, 0.0, np.full(len(born), np.nan), []
    for step in range((horizon + beyond) * steps):
        month, top = step // steps, old + step + 1
        ahead = min(inputs.get("priority_share", 0) * inflow[month], capacity[month]) * dt
        waiting[top - 1] = inflow[month] * dt - ahead
        leaving = waiting[head:top] * -math.expm1(-theta * dt)
        waiting[head:top] -= leaving
        gone += leaving.sum()
        able = capacity[month] * dt - ahead
        decided += ahead
        while able > 0 and head < top:
            now = min(able, waiting[head])
            waiting[head] -= now
            able -= now
            decided += now
            if waiting[head] < 1e-12:
                done[head] = (step + 0.5) * dt
                head += 1
        if top == old + (month + 1) * steps and month < horizon:
            left, age = waiting[head:top], month + 1 - born[head:top]
            late = left[age > inputs["limit_months"]].sum()
            rows.append((left.sum(), decided, gone, (left * age).sum(), late))
            decided = gone = 0.0
    backlog, decisions, exits, ages, late = np.array(rows).T
    last = done[old + steps - 1 :: steps][:horizon] - np.arange(1, horizon + 1)
    some = np.maximum(backlog, 1e-9)
    found = (backlog, decisions, exits, np.maximum(last, 0), ages / some, late / some)
    return dict(zip(NAMES, found, strict=True))


# oracles


def test_a_queue_that_grows_by_fifty_a_month():
    found = project([500] * 12, 450, initial_backlog=3000)
    np.testing.assert_allclose(found["backlog"], 3000 + 50 * np.arange(1, 13), atol=1e-9)
    assert found["wait_of_last_arrival"][-1] == pytest.approx(8.0, abs=1e-9)
    # all came in evenly at 500 a month, so the oldest of the 3,600 have waited 7.2 months
    assert found["wait_of_those_waiting"][-1] == pytest.approx(3600 / 500 / 2)
    assert found["share_over_limit"][-1] == pytest.approx(1 - 6 * 500 / 3600)


def test_a_queue_that_runs_empty_in_month_fifteen():
    found = project([400] * 18, 600, initial_backlog=3000)
    np.testing.assert_allclose(found["backlog"][:15], 3000 - 200 * np.arange(1, 16), atol=1e-9)
    assert found["backlog"][13] > 0
    np.testing.assert_allclose(found["backlog"][14:], 0, atol=1e-9)
    np.testing.assert_allclose(found["decisions"][:15], 600, atol=1e-9)
    np.testing.assert_allclose(found["decisions"][15:], 400, atol=1e-9)
    for name in NAMES[3:]:
        assert (found[name][14:] == 0).all()


def test_a_queue_that_runs_empty_within_a_month():
    """200 wait, 100 come, 500 can be decided: empty after half the month."""
    found = project([100, 100], 500, initial_backlog=200)
    np.testing.assert_allclose(found["decisions"], [0.5 * 500 + 0.5 * 100, 100], atol=1e-9)
    np.testing.assert_allclose(found["backlog"], 0, atol=1e-9)


def test_exits_alone_halve_a_queue():
    """Nobody comes, next to nothing is decided: pure decay at the hazard."""
    found = project(
        [0] * 4, 1e-9, initial_backlog=800, exit_rate=math.log(2), initial_ages=np.ones(1)
    )
    np.testing.assert_allclose(found["backlog"], [400, 200, 100, 50], atol=1e-6)
    np.testing.assert_allclose(found["exits"], [400, 200, 100, 50], atol=1e-6)


def test_exits_hold_a_queue_in_balance():
    """With a = c + theta X the queue stays as it is; the wait is log(1 + theta X / c) / theta."""
    found = project([500] * 24, 300, initial_backlog=4000, exit_rate=0.05)
    np.testing.assert_allclose(found["backlog"], 4000, rtol=1e-12)
    np.testing.assert_allclose(found["exits"], 200, rtol=1e-12)
    wait = math.log1p(0.05 * 4000 / 300) / 0.05
    np.testing.assert_allclose(found["wait_of_last_arrival"], wait, rtol=1e-12)
    # in the long run those waiting came evenly at 500 and thinned: ages from 0 to the wait
    share = (math.exp(-0.05 * 6) - math.exp(-0.05 * wait)) / -math.expm1(-0.05 * wait)
    assert found["share_over_limit"][-1] == pytest.approx(share, rel=1e-9)


def test_empty_from_the_start_to_the_end():
    found = project([0, 0, 0], 10)
    for name in NAMES:
        assert (found[name] == 0).all()


@pytest.mark.parametrize(
    ("exit_rate", "priority_share", "initial_backlog"),
    [(0.0, 0.0, 3000), (0.08, 0.0, 3000), (0.3, 0.0, 900), (0.03, 0.3, 0), (0.08, 0.2, 2000)],
)
def test_the_same_as_a_queue_followed_in_small_steps(exit_rate, priority_share, initial_backlog):
    rng = np.random.default_rng(3)
    inflow, capacity = rng.uniform(100, 900, 9), rng.uniform(200, 700, 9)
    capacity[3] = 0
    options = {
        "exit_rate": exit_rate,
        "priority_share": priority_share,
        "initial_backlog": initial_backlog,
        "limit_months": 1,
    }
    found = project(inflow, capacity, **options)
    steps = follow(inflow, capacity, options)
    for name in NAMES[:3]:
        np.testing.assert_allclose(found[name], steps[name], rtol=2e-3, atol=2)
    for name in NAMES[3:]:
        np.testing.assert_allclose(found[name], steps[name], atol=0.01)
    assert found["share_over_limit"].max() > 0.1
    assert found["wait_of_last_arrival"].max() > 1


# the start


def test_ages_given_at_the_start():
    """600 wait: 200 less than a month, 400 between two and three; none comes, 100 go a month."""
    ages = np.array([1, 0, 2]) / 3
    found = project([0, 0, 0], 100, initial_backlog=600, initial_ages=ages, limit_months=3)
    # after a month: 200 aged 1 to 2, 300 aged 3 to 3.75 (the oldest quarter of the 400 is decided)
    assert found["wait_of_those_waiting"][0] == pytest.approx((200 * 1.5 + 300 * 3.375) / 500)
    np.testing.assert_allclose(found["share_over_limit"], [300 / 500, 200 / 400, 1])


def test_without_ages_those_waiting_came_evenly_at_the_first_inflow():
    """2,000 at 400 a month: aged 0 to 5; after a month with 400 in and out still 0 to 5."""
    found = project([400], 400, initial_backlog=2000, limit_months=4)
    assert found["wait_of_those_waiting"][0] == pytest.approx(2.5)
    assert found["share_over_limit"][0] == pytest.approx(0.2)
    same = project([400], 400, initial_backlog=2000, limit_months=4, initial_ages=np.full(5, 0.2))
    for name in NAMES:
        np.testing.assert_allclose(same[name], found[name])


def test_the_start_is_as_old_on_every_path():
    """The first inflow is random, the cases that wait at the start are not."""
    inputs = BacklogInputs(flow([100], [300]), np.array([1e-6]), initial_backlog=1000)
    result = project_backlog(inputs)
    ages = result.wait_of_those_waiting.to_numpy()[:, 0]
    # 1,000 at 200 a month on average: aged 0 to 5, a month later 1 to 6
    np.testing.assert_allclose(ages, [(1000 * 3.5 + 50) / 1100, (1000 * 3.5 + 150) / 1300], 1e-6)


# later capacity, priority


def test_the_wait_uses_the_capacity_of_later_months_and_the_last_one_beyond():
    found = project([500, 0, 0, 0], np.array([100, 300, 0, 50]), limit_months=1)
    # 400 wait after the first month: 300 decided in the second, none in the third, 50 in the
    # fourth, the last 50 at the rate of the fourth month after the horizon
    np.testing.assert_allclose(found["wait_of_last_arrival"], [4, 3, 2, 1], atol=1e-9)


def test_priority_leaves_the_total_as_it_is_and_lengthens_the_queue():
    inflow, capacity = np.array([300, 900, 500, 400.0]), np.array([500, 400, 450, 450.0])
    plain = project(inflow, capacity, initial_backlog=1000)
    with_priority = project(inflow, capacity, initial_backlog=1000, priority_share=0.5)
    for name in NAMES[:3]:
        np.testing.assert_allclose(with_priority[name], plain[name])
    waits = with_priority["wait_of_last_arrival"], plain["wait_of_last_arrival"]
    assert (waits[0] > waits[1]).all()


def test_priority_beyond_the_capacity_joins_the_queue():
    """All but a tenth has priority, 270 of 300, and 100 can be decided: 200 queue up."""
    found = project([300, 0, 0], 100, priority_share=0.9, limit_months=0.5)
    assert found["decisions"][0] == 100
    assert found["backlog"][0] == 200
    # the queue gets 270 - 100 + 30 = 200 in the month and nothing is decided of it in that month
    assert found["wait_of_those_waiting"][0] == pytest.approx(0.5)
    assert found["share_over_limit"][0] == pytest.approx(0.5)
    assert found["wait_of_last_arrival"][0] == pytest.approx(2)


# shape


def test_units_kinds_and_periods():
    inflow = flow([500] * 5, [400] * 5)
    result = project_backlog(BacklogInputs(inflow, np.full(3, 450.0), initial_backlog=10))
    described = {
        name: (getattr(result, name).attrs["unit"], getattr(result, name).attrs["kind"])
        for name in NAMES
    }
    assert described == {
        "backlog": ("persons", "stock"),
        "decisions": ("persons", "flow"),
        "exits": ("persons", "flow"),
        "wait_of_last_arrival": ("months", "stock"),
        "wait_of_those_waiting": ("months", "stock"),
        "share_over_limit": ("1", "stock"),
    }
    for name in NAMES:
        assert getattr(result, name).shape == (2, 3)
        assert periods_of(getattr(result, name)).equals(periods_of(inflow)[:3])


def test_the_inputs_stay_as_they_are():
    inflow, capacity, ages = flow([500, 900]), np.array([450.0, 450.0]), np.array([0.5, 0.5])
    before = inflow.copy(deep=True), capacity.copy(), ages.copy()
    inputs = BacklogInputs(
        inflow, capacity, 0.1, 700, initial_ages=ages, priority_share=0.1, limit_months=1
    )
    project_backlog(inputs)
    assert inflow.identical(before[0])
    np.testing.assert_array_equal(capacity, before[1])
    np.testing.assert_array_equal(ages, before[2])


def test_a_path_does_not_depend_on_the_others():
    rng = np.random.default_rng(1)
    rows = rng.uniform(0, 900, (5, 8))
    options = {
        "capacity": rng.uniform(300, 500, 8),
        "exit_rate": 0.05,
        "initial_backlog": 900,
        "initial_ages": np.full(4, 0.25),
        "priority_share": 0.2,
    }
    together = project_backlog(BacklogInputs(flow(*rows), **options))
    alone = project_backlog(BacklogInputs(flow(rows[3]), **options))
    for name in NAMES:
        np.testing.assert_array_equal(
            getattr(together, name).to_numpy()[3], getattr(alone, name).to_numpy()[0]
        )


def test_reception_places_leave_out_private_accommodation():
    result = project_backlog(
        BacklogInputs(flow([500] * 12), np.full(12, 450), initial_backlog=3000)
    )
    places = reception_places(result.backlog, private_share=1 / 3)
    assert places.attrs == {"unit": "places", "kind": "stock"}
    assert places.to_numpy()[0, -1] == pytest.approx(2400)
    families = reception_places(result.backlog, private_share=0.25, persons_per_case=2)
    assert families.to_numpy()[0, -1] == pytest.approx(3600 * 2 * 0.75)
