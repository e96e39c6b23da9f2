"""Stays given as a curve: between its points, at its steps, and beyond its end."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.stocks.length_of_stay import Exponential, LengthOfStay, presence_weights
from forecasting.stocks.stay_config import make_length_of_stay
from forecasting.stocks.stay_curve import Curve, make_curve, read_stay_curve

AGES, SHARES = np.array([0, 1, 1, 3, 6.0]), np.array([1, 0.8, 0.5, 0.5, 0.2])
N = 40_000


def test_a_curve_is_linear_between_its_points_and_falls_at_a_step():
    curve = make_curve(AGES, SHARES, tail=12)
    assert isinstance(curve, LengthOfStay)
    ages = np.array([0, 0.5, 1 - 1e-12, 1, 2, 4.5, 9, 12, 20])
    assert curve.survival(ages) == pytest.approx([1, 0.9, 0.8, 0.5, 0.5, 0.35, 0.1, 0, 0])
    areas = [0, 0.475, 0.9, 0.9, 1.4, 0.9 + 1 + 1.5 * 0.425, 2.95 + 0.45, 3.55, 3.55]
    assert curve.integrated_survival(ages) == pytest.approx(areas)
    assert curve.mean == pytest.approx(3.55)


def test_an_exponential_tail_goes_on_at_the_last_exit_rate():
    curve = make_curve(AGES, SHARES, tail="exponential")
    mean = 3 / np.log(0.5 / 0.2)
    assert curve.survival(np.array([6.0, 6 + mean])) == pytest.approx([0.2, 0.2 / np.e])
    assert curve.mean == pytest.approx(2.95 + 0.2 * mean)
    assert curve.integrated_survival(np.array([6 + mean])) == pytest.approx(
        2.95 + 0.2 * mean * (1 - 1 / np.e)
    )


def test_a_curve_that_reaches_zero_needs_no_tail():
    assert make_curve(np.array([0, 5, 5.0]), np.array([1, 1, 0.0])).mean == 5


@pytest.mark.parametrize("tail", ["exponential", 12])
def test_draws_follow_the_curve(tail):
    curve = make_curve(AGES, SHARES, tail=tail)
    rng = np.random.default_rng(5)
    ages = np.array([0.5, 0.999, 1, 2.5, 4, 7, 11])
    drawn = {
        "stay": (curve.draw(N, rng), curve.survival(ages)),
        "equilibrium": (
            curve.draw_equilibrium(N, rng),
            1 - curve.integrated_survival(ages) / curve.mean,
        ),
        "residual": (
            curve.draw_residual(np.full(N, 2.5), rng),
            curve.survival(2.5 + ages) / curve.survival(np.array(2.5)),
        ),
        "in the tail": (
            curve.draw_residual(np.full(N, 8.0), rng),
            curve.survival(8 + ages) / curve.survival(np.array(8)),
        ),
    }
    for draws, expected in drawn.values():
        longer = (draws > ages[:, np.newaxis]).mean(axis=1)
        assert longer == pytest.approx(expected, abs=0.01)


def test_a_fine_curve_is_the_distribution_it_was_taken_from():
    ages = np.linspace(0, 24, 2401)
    curve = make_curve(ages, Exponential(4).survival(ages), tail="exponential")
    assert presence_weights(curve, 84) == pytest.approx(
        presence_weights(Exponential(4), 84), abs=1e-6
    )


def test_a_curve_is_read_from_a_file(tmp_path):
    path = tmp_path / "stay.csv"
    path.write_text("month,survival\n0,1\n1,0.8\n1,0.5\n3,0.5\n6,0.2\n", encoding="utf-8")
    assert read_stay_curve(path, tail=12) == make_curve(AGES, SHARES, tail=12)
    spec = {"distribution": "curve", "file": "stay.csv", "tail": {"maximum": 12}}
    made = make_length_of_stay(spec, where="c.yaml", folder=tmp_path, frequency="Q")
    assert isinstance(made, Curve)
    assert made.mean == pytest.approx(3.55 / 3)
