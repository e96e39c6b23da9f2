"""Tornado and Sobol indices against functions whose indices are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forecasting.distributions import Distribution
from forecasting.errors import InputError
from forecasting.savings.config import load_savings, run_savings
from forecasting.savings.sensitivity import savings_sobol, sobol, tornado

UNIT = Distribution(uniform=(0, 1))
ANGLE = Distribution(uniform=(-math.pi, math.pi))
FACTORS = {
    "delivery": {"triangular": [0.2, 0.6, 1.0]},
    "deadweight": {"uniform": [0.1, 0.7]},
    "displacement": {"beta": [2, 8]},
}
MOMENTS = {  # mean and variance of the factor by which the net saving is multiplied
    "delivery": (0.6, 0.8**2 / 24),
    "deadweight": (0.6, 0.6**2 / 12),
    "displacement": (0.8, 2 * 8 / (10**2 * 11)),
}


@pytest.fixture(scope="module")
def plan():
    return load_savings("si-p61", **FACTORS)


def by_name(indices):
    return {index.name: (index.first_order, index.total_order) for index in indices}


def test_the_ishigami_function_has_its_known_indices():
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    found = by_name(
        sobol(
            lambda x: np.sin(x["a"]) + 7 * np.sin(x["b"]) ** 2 + 0.1 * x["c"] ** 4 * np.sin(x["a"]),
            {"a": ANGLE, "b": ANGLE, "c": ANGLE},
            n=2**13,
        )
    )
    assert found["a"] == pytest.approx((0.3139, 0.5576), abs=0.01)
    assert found["b"] == pytest.approx((0.4424, 0.4424), abs=0.01)
    assert found["c"] == pytest.approx((0.0, 0.2437), abs=0.01)


def test_an_additive_function_has_no_interactions():
    weights = {"a": 3.0, "b": 2.0, "c": 1.0}
    indices = sobol(
        lambda x: sum(weight * x[name] for name, weight in weights.items()),
        dict.fromkeys(weights, UNIT),
    )
    for name, (first, total) in by_name(indices).items():
        assert first == pytest.approx(weights[name] ** 2 / 14, abs=0.005)
        assert total == pytest.approx(first, abs=0.005)
    assert [index.name for index in indices] == ["a", "b", "c"]


def test_a_saving_that_is_a_product_has_the_indices_of_a_product(plan):
    """S_i = v_i / (P - 1), T_i = S_i P / (1 + v_i), with v_i = variance / mean^2, P the product."""
    squared = {name: variance / mean**2 for name, (mean, variance) in MOMENTS.items()}
    product = math.prod(1 + each for each in squared.values())
    found = by_name(savings_sobol(plan))
    for name, each in squared.items():
        first = each / (product - 1)
        assert found[name] == pytest.approx((first, first * product / (1 + each)), abs=0.01)


def test_the_same_seed_gives_the_same_indices(plan):
    assert savings_sobol(plan, n=256, seed=4) == savings_sobol(plan, n=256, seed=4)
    assert savings_sobol(plan, n=256, seed=4) != savings_sobol(plan, n=256, seed=5)


def test_the_tornado_swings_one_assumption_at_a_time(plan):
    found = tornado(plan)
    centre = math.prod(mean for mean, _ in MOMENTS.values()) * 10_238_750
    assert found.net_at_centre == pytest.approx(centre)
    deadweight = {swing.name: swing for swing in found.swings}["deadweight"]
    assert (deadweight.low, deadweight.high) == pytest.approx((0.16, 0.64))
    assert deadweight.net_at_low == pytest.approx(centre / 0.6 * 0.84)
    assert deadweight.net_at_high == pytest.approx(centre / 0.6 * 0.36)
    assert deadweight.width == pytest.approx(centre * 0.8)


def test_the_widest_swing_comes_first():
    found = tornado(load_savings("si-p61-full"))
    widths = [swing.width for swing in found.swings]
    assert widths == sorted(widths, reverse=True)
    assert {swing.name for swing in found.swings} == set(load_savings("si-p61-full").uncertain)


def test_the_full_model_is_most_sensitive_to_what_only_a_comparison_group_tells():
    first, second, *rest = savings_sobol(load_savings("si-p61-full"))
    assert (first.name, second.name) == ("deadweight", "delivery")
    assert all(index.total_order < 0.1 for index in rest)


def test_gross_and_net_are_far_from_the_cost():
    projection = run_savings(load_savings("si-p61-full", paths=5000))
    gross, net = (each.sum(axis=1) for each in (projection.savings.gross, projection.savings.net))
    assert (net < gross).all()
    assert gross.max() < projection.plan.cost_eur


def test_without_a_distribution_there_is_no_sensitivity():
    plan = load_savings("si-p61")
    for analysis in (tornado, savings_sobol):
        with pytest.raises(InputError) as caught:
            analysis(plan)
        assert str(caught.value) == (
            f"{plan.path}: every assumption is a number; expected: at least one distribution, or "
            "prior; write for example deadweight: {triangular: [0.1, 0.3, 0.5]}"
        )


def test_a_number_of_base_points_that_is_no_power_of_two_is_refused(plan):
    with pytest.raises(InputError, match="1000 base points; expected: a power of 2"):
        savings_sobol(plan, n=1000)


def test_a_saving_that_does_not_vary_has_no_indices():
    plan = load_savings("si-p61", deadweight=1, delivery={"uniform": [0.2, 0.8]})
    with pytest.raises(InputError, match="the result is the same in every draw"):
        savings_sobol(plan, n=64)
