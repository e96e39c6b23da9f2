"""Staff and the capacity it makes, the capacity a limit needs, and the dated parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.paths import make_paths, periods_of
from forecasting.programmes.units import parse_unit
from forecasting.sources.parameters import load_parameters
from forecasting.stocks.backlog import BacklogInputs, project_backlog
from forecasting.stocks.staffing import (
    StaffPlan,
    Stage,
    needed_capacity,
    needed_staff,
    plan_from_parameters,
)

STAGES = (Stage("interview", 6, 0.5), Stage("decision", 7))
PLAN = StaffPlan(10, hours_per_month=160, availability=0.75, share=0.5, stages=STAGES)


def month(text):
    return pd.Period(text, freq="M")


def flow(*rows):
    values = np.array(rows, dtype=float)
    periods = pd.period_range("2024-01", periods=values.shape[1], freq="M")
    return make_paths(values, periods, unit="persons")


def wait(inflow, capacity, **queue):
    """Wait of the last arrival of every month under a constant capacity."""
    inputs = BacklogInputs(inflow, np.full(inflow.sizes["period"], capacity), **queue)
    return project_backlog(inputs).wait_of_last_arrival.to_numpy()


def random_flow(seed, shape):
    return flow(*np.random.default_rng(seed).uniform(100, 900, shape))


# staff to capacity


def test_capacity_of_a_plan():
    """160 h x 0.75 x 0.5 = 60 h; a case takes 6 x 0.5 + 7 = 10 h; ten persons decide 60."""
    assert PLAN.hours_per_case == 10
    assert PLAN.cases_per_person == 6
    assert PLAN.capacity(3).tolist() == [60, 60, 60]


def test_staff_may_change_from_month_to_month():
    plan = replace(PLAN, persons=np.array([10, 0, 12.5]))
    assert plan.capacity(3).tolist() == [60, 0, 75]


def test_the_plan_of_the_shipped_parameters():
    plan = plan_from_parameters(70, on=month("2024-01"))
    assert plan.hours_per_case == pytest.approx(2 + 6 * 0.85 + 10 * 0.9 + 8 * 0.3)
    assert plan.capacity(1)[0] == pytest.approx(70 * 173.3 * 0.75 * 0.8 / 18.5)


# the capacity that a limit needs


def test_needed_capacity_of_a_steady_inflow():
    """After n months at a, (a - c) n wait; c L >= (a - c) n, so c = a n / (n + L)."""
    needed = needed_capacity(flow([500] * 12), limit_months=6)
    n = np.arange(1, 13)
    np.testing.assert_allclose(needed.to_numpy()[0], 500 * n / (n + 6))
    assert needed.attrs == {"unit": "persons", "kind": "flow"}


def test_needed_capacity_after_a_wave_counts_from_the_wave_only():
    """Months without inflow before a wave do not help: capacity cannot be saved up."""
    late = needed_capacity(flow([0, 0, 0, 700]), limit_months=6).to_numpy()[0, -1]
    assert late == pytest.approx(700 / 7)


def test_needed_capacity_with_exits_and_a_start():
    """One month: (X e^-theta + a g) / (g + G) with the integrals g of e^-v and G of e^v."""
    theta, limit = 0.1, 3.0
    kept, came = np.exp(-theta), -np.expm1(-theta) / theta
    expected = (800 * kept + 300 * came) / (came + np.expm1(theta * limit) / theta)
    found = needed_capacity(
        flow([300]), initial_backlog=800, exit_rate=theta, limit_months=limit
    ).to_numpy()
    assert found[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("exit_rate", [0.0, 1e-9, 0.08, 0.5])
@pytest.mark.parametrize("limit", [0.7, 6.0])
def test_needed_capacity_is_what_bisection_finds(exit_rate, limit):
    inflow = random_flow(5, (1, 7))
    queue = {"initial_backlog": 2500, "exit_rate": exit_rate}
    needed = needed_capacity(inflow, limit_months=limit, **queue).to_numpy()[0]
    for column, found in enumerate(needed):
        low, high = 1.0, 1e4
        for _ in range(50):
            middle = (low + high) / 2
            if wait(inflow, middle, **queue)[0, column] > limit:
                low = middle
            else:
                high = middle
        assert found == pytest.approx(high, rel=1e-6)


def test_needed_capacity_with_priority_is_what_bisection_finds():
    """At most 0.2 x 900 cases a month have priority, fewer than any capacity needed here."""
    inflow = random_flow(6, (1, 6))
    queue = {"initial_backlog": 2500, "exit_rate": 0.05, "priority_share": 0.2}
    needed = needed_capacity(inflow, limit_months=2.5, **queue).to_numpy()[0]
    assert needed.min() > 180
    for column, found in enumerate(needed):
        assert wait(inflow, found * 1.0001, **queue)[0, column] < 2.5
        assert wait(inflow, found * 0.9999, **queue)[0, column] > 2.5


# the staff


def test_needed_staff_of_paths_by_hand():
    """Needs of ten paths in two months; eight of ten are enough for p = 0.8."""
    needed = flow(*[[6.0 * k, 66.0 - 6 * k] for k in range(1, 11)])
    staff = needed_staff(needed, PLAN, probability=0.8, from_period=month("2024-01"))
    # per month the eighth of 1..10 persons; both months at once: largest of k and 11 - k
    np.testing.assert_allclose(staff.persons_by_period, [8, 8])
    assert staff.persons == pytest.approx(9)
    assert staff.capacity == pytest.approx(54)
    later = needed_staff(needed, PLAN, probability=0.8, from_period=month("2024-02"))
    assert later.persons == pytest.approx(8)
    assert periods_of(later.persons_by_period).tolist() == [month("2024-02")]


def test_the_staff_keeps_its_promise():
    """With it the share of paths within the limit in every month from then on is as promised."""
    inflow = random_flow(7, (200, 12))
    queue = {"initial_backlog": 4000, "exit_rate": 0.03}
    needed = needed_capacity(inflow, limit_months=4, **queue)
    staff = needed_staff(needed, PLAN, probability=0.9, from_period=month("2024-06"))
    within = (wait(inflow, staff.capacity + 1e-6, **queue)[:, 5:] <= 4).all(axis=1)
    assert within.mean() == 0.9
    short = (wait(inflow, staff.capacity - 1e-3, **queue)[:, 5:] <= 4).all(axis=1)
    assert short.mean() == pytest.approx(0.895)
    assert (staff.persons_by_period.to_numpy() <= staff.persons).all()
    assert staff.persons_by_period.min() < staff.persons
    earlier = needed_staff(needed, PLAN, probability=0.9, from_period=month("2024-01"))
    assert earlier.persons > staff.persons


# parameters


def test_the_shipped_parameters_have_units_and_say_what_is_assumed():
    parameters = load_parameters("asylum_processing")
    for entry in parameters.entries:
        parse_unit(entry.unit)
        assert entry.note
    given = {entry.id for entry in parameters.entries if entry.quality == "given"}
    assert given == {"decision_limit", "private_accommodation_share_fi"}
    assert parameters.value("decision_limit", on=month("2024-01")) == 6


def test_the_value_of_a_month_is_the_last_one_begun(tmp_path):
    path = tmp_path / "own.yaml"
    entry = "- {{id: a, value: {}, unit: hours, valid_from: {}, source: s, quality: given}}\n"
    path.write_text(entry.format(3, "2022-01") + entry.format(1.5, "2020-03"), encoding="utf-8")
    parameters = load_parameters(str(path))
    months = ["2020-03", "2021-12", "2022-01", "2030-01"]
    assert [parameters.value("a", on=month(m)) for m in months] == [1.5, 1.5, 3, 3]
