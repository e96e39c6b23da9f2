"""The bridge from the published saving to the net one: known stages, and sums that are exact."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.savings.bridge import STEPS, Bridge, BridgeStep, bridge_lines, build_bridge
from forecasting.savings.config import load_savings, run_savings

MIDDLE = {
    "convention": {"exit_timing": "uniform", "carry_over": True},
    "relapse": {"share_within": 0.25, "months": 12, "permanent_share": 0.4},
    "deadweight": 0.3,
    "indexation": 0.025,
    "discount": 0.03,
}


def totals(bridge):
    return {step.name: step.total for step in bridge.steps}


@pytest.fixture(scope="module")
def middle():
    return build_bridge(load_savings("si-p61", **MIDDLE))


@pytest.fixture(scope="module")
def full():
    return build_bridge(load_savings("si-p61-full", paths=4000))


def test_the_stages_of_project_p61_are_the_known_totals(middle):
    assert middle.published == Decimal("10238750.00")
    assert totals(middle)["exit_timing"] == Decimal("5119375.00")
    assert totals(middle)["carry_over"] == Decimal("22746875.00")
    assert totals(middle)["effect_lag"] == middle.net
    assert float(middle.net) == pytest.approx(11_386_256, abs=1)


def test_a_certain_step_has_no_interval(middle):
    assert all(step.low == step.change == step.high for step in middle.steps)
    changes = {step.name: step.change for step in middle.steps}
    assert {name for name, change in changes.items() if change == 0} == {
        "delivery",
        "substitution",
        "displacement",
        "effect_lag",
    }


def test_deadweight_takes_its_share_of_what_is_left(middle):
    before = totals(middle)["discount"]
    (step,) = [step for step in middle.steps if step.name == "deadweight"]
    assert float(step.change) == pytest.approx(-0.3 * float(before), abs=0.01)


def test_what_cancels_is_said(middle):
    assert middle.raised > 18_000_000
    assert middle.cancelled == -middle.lowered
    assert middle.cancelled_share == pytest.approx(
        float(2 * middle.cancelled / (middle.raised - middle.lowered))
    )
    *_, verdict = bridge_lines(middle)
    assert verdict.startswith("carry_over, indexation add 19,173,981 EUR; exit_timing, relapse, ")
    assert "97% of the changes cancel, +1,147,506 EUR remain" in verdict
    assert verdict.endswith("they are so by chance.")


def test_nothing_changes_where_everything_is_as_published():
    bridge = build_bridge(load_savings("si-p61"))
    assert bridge.net == bridge.published == Decimal("10238750.00")
    assert not any(step.change for step in bridge.steps)
    assert bridge.cancelled_share == 0
    assert bridge_lines(bridge) == []


def test_draws_end_at_the_net_saving_of_the_projection(full):
    projection = run_savings(load_savings("si-p61-full", paths=4000))
    net = projection.savings.net.sum(axis=1)
    assert float(full.net) == pytest.approx(net.mean(), abs=0.01)
    assert all(step.low <= step.high for step in full.steps)


def test_the_interval_of_a_step_is_that_of_the_draws(full):
    plan = load_savings("si-p61-full", paths=4000)
    share = plan.draw()["delivery"]
    (relapse,) = [step for step in full.steps if step.name == "relapse"]
    (delivery,) = [step for step in full.steps if step.name == "delivery"]
    assert relapse.low < delivery.total - relapse.total < 0 < share.min()
    # relapse and delivery are drawn apart, so the mean of the product is the product of the means
    expected = -(1 - share.mean()) * float(relapse.total)
    assert float(delivery.change) == pytest.approx(expected, rel=0.01)


def test_the_lines_show_the_interval_where_there_is_one(full):
    lines = bridge_lines(full)
    (relapse,) = [line for line in lines if line.startswith("relapse ")]
    (timing,) = [line for line in lines if line.startswith("exit_timing ")]
    assert "80 % -" in relapse
    assert "80 %" not in timing


shares = st.integers(0, 95).map(lambda percent: percent / 100)
rates = st.integers(-50, 100).map(lambda permille: permille / 1000)
spreads = st.tuples(shares, st.integers(1, 5)).map(
    lambda low: {"uniform": [low[0], low[0] + low[1] / 100]}
)


@settings(max_examples=40, deadline=None)
@given(
    deadweight=shares | spreads,
    displacement=shares | spreads,
    delivery=shares | spreads,
    indexation=rates,
    discount=rates,
    uniform=st.booleans(),
    carry_over=st.booleans(),
    relapse=st.sampled_from(["none", "prior", {"monthly_rate": 0.02}]),
    lag=st.sampled_from(["none", "prior"]),
)
def test_the_steps_add_up_exactly(uniform, carry_over, relapse, lag, **changes):
    timing = "uniform" if uniform else "period_start"
    plan = load_savings(
        "si-p61",
        convention={"exit_timing": timing, "carry_over": carry_over},
        relapse=relapse,
        effect_lag=lag,
        paths=20,
        **changes,
    )
    bridge = build_bridge(plan)
    assert [step.name for step in bridge.steps] == list(STEPS)
    assert bridge.published + sum(step.change for step in bridge.steps) == bridge.net
    running = bridge.published
    for step in bridge.steps:
        running += step.change
        assert running == step.total
    assert bridge.raised + bridge.lowered == bridge.net - bridge.published
    assert np.isfinite(bridge.cancelled_share)


def test_half_of_the_way_cancels_where_a_step_up_is_three_steps_down():
    def step(name, change):
        return BridgeStep(name, Decimal(change), Decimal(change), Decimal(change), Decimal(0))

    bridge = Bridge(Decimal(0), Decimal(-20), (step("relapse", -30), step("carry_over", 10)))
    assert bridge.cancelled == 10
    assert bridge.cancelled_share == 0.5
