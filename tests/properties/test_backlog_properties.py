"""Identities of the backlog and of the capacity that it needs, for any numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting.paths import make_paths
from forecasting.stocks.backlog import BacklogInputs, project_backlog
from forecasting.stocks.backlog_config import OUTPUTS
from forecasting.stocks.staffing import needed_capacity

COUNTS = st.floats(0, 1e4, allow_subnormal=False)
RATES = st.one_of(st.just(0.0), st.floats(1e-12, 0.99))
SHARES = st.one_of(st.just(0.0), st.floats(0, 0.4))


@st.composite
def queues(draw, *, priority=SHARES):
    """Inputs of up to three paths over up to ten months that are not refused."""
    horizon = draw(st.integers(1, 10))
    shape = (draw(st.integers(1, 3)), horizon)
    inflow = draw(arrays.arrays(float, shape, elements=COUNTS))
    capacity = draw(arrays.arrays(float, horizon, elements=COUNTS))
    priority_share = draw(priority)
    capacity[-1] = max(capacity[-1], 1.0) + priority_share * inflow.sum()
    periods = pd.period_range("2024-01", periods=horizon, freq="M")
    weights = draw(arrays.arrays(float, draw(st.integers(1, 5)), elements=st.floats(0.1, 9)))
    return BacklogInputs(
        make_paths(inflow, periods, unit="persons"),
        capacity,
        exit_rate=draw(RATES),
        initial_backlog=draw(st.integers(0, 10_000)),
        initial_ages=weights / weights.sum(),
        priority_share=priority_share,
        limit_months=draw(st.floats(0.1, 24)),
    )


@given(queues())
def test_what_comes_in_is_decided_leaves_or_waits(inputs):
    result = project_backlog(inputs)
    backlog = result.backlog.to_numpy()
    start = np.full((len(backlog), 1), float(inputs.initial_backlog))
    change = np.diff(np.hstack([start, backlog]), axis=1)
    went = result.decisions.to_numpy() + result.exits.to_numpy()
    np.testing.assert_allclose(went + change, inputs.inflow.to_numpy(), rtol=0, atol=1e-9)


@given(queues())
def test_nothing_is_negative_nor_beyond_its_bounds(inputs):
    result = project_backlog(inputs)
    for found in (getattr(result, name) for name in OUTPUTS):
        assert np.isfinite(found.to_numpy()).all()
        assert (found.to_numpy() >= 0).all()
    assert (result.share_over_limit.to_numpy() <= 1).all()
    assert (result.decisions.to_numpy() <= inputs.capacity + 1e-9).all()
    oldest = len(inputs.initial_ages) + np.arange(1, inputs.horizon + 1)
    assert (result.wait_of_those_waiting.to_numpy() <= oldest + 1e-9).all()


@given(queues())
def test_eight_times_the_cases_and_the_capacity_wait_as_long(inputs):
    result = project_backlog(inputs)
    larger = project_backlog(
        BacklogInputs(
            inputs.inflow.copy(data=inputs.inflow.to_numpy() * 8),
            inputs.capacity * 8,
            inputs.exit_rate,
            inputs.initial_backlog * 8,
            initial_ages=inputs.initial_ages,
            priority_share=inputs.priority_share,
            limit_months=inputs.limit_months,
        )
    )
    backlog = result.backlog.to_numpy()
    np.testing.assert_allclose(larger.backlog.to_numpy(), backlog * 8, rtol=1e-9, atol=1e-6)
    some = backlog > 0.1  # where nearly nobody waits a wait is rounding
    for name in ("wait_of_those_waiting", "share_over_limit"):
        found, expected = getattr(larger, name).to_numpy(), getattr(result, name).to_numpy()
        np.testing.assert_allclose(found[some], expected[some], atol=1e-4)


@given(queues(), st.floats(1, 1e3))
def test_more_capacity_leaves_fewer_waiting_and_for_less_long(inputs, more):
    before = project_backlog(inputs)
    after = project_backlog(
        BacklogInputs(
            inputs.inflow,
            inputs.capacity + more,
            inputs.exit_rate,
            inputs.initial_backlog,
            initial_ages=inputs.initial_ages,
            priority_share=inputs.priority_share,
            limit_months=inputs.limit_months,
        )
    )
    for name in ("backlog", "wait_of_last_arrival"):
        less = getattr(before, name).to_numpy() - getattr(after, name).to_numpy()
        assert less.min() >= -1e-6


@given(queues())
def test_priority_changes_nobodys_total(inputs):
    plain = BacklogInputs(
        inputs.inflow,
        inputs.capacity,
        inputs.exit_rate,
        inputs.initial_backlog,
        initial_ages=inputs.initial_ages,
    )
    result, without = project_backlog(inputs), project_backlog(plain)
    for name in ("backlog", "decisions", "exits"):
        np.testing.assert_array_equal(getattr(result, name), getattr(without, name))
    longer = result.wait_of_last_arrival.to_numpy() - without.wait_of_last_arrival.to_numpy()
    assert longer.min() >= -1e-6


@settings(deadline=None)
@given(queues(priority=st.just(0.0)), st.floats(0.5, 12))
def test_the_needed_capacity_is_just_enough(inputs, limit):
    """With it the last arrival of the month waits for the limit at most, with less for longer."""
    needed = needed_capacity(
        inputs.inflow,
        initial_backlog=inputs.initial_backlog,
        exit_rate=inputs.exit_rate,
        limit_months=limit,
    ).to_numpy()
    month = int(needed[0].argmax())
    assume(needed[0, month] > 1)

    def wait(capacity):
        own = BacklogInputs(
            inputs.inflow,
            np.full(inputs.horizon, capacity),
            inputs.exit_rate,
            inputs.initial_backlog,
            initial_ages=inputs.initial_ages,
        )
        return project_backlog(own).wait_of_last_arrival.to_numpy()[0]

    assert wait(needed[0, month] * (1 + 1e-9)).max() <= limit + 1e-6
    assert wait(needed[0, month] * 0.999)[month] > limit
