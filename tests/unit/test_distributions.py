"""Distributions of assumptions: against scipy.stats, and the words of what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from forecasting.distributions import Distribution, Uncertain, central, check_range, draw
from forecasting.errors import InputError
from forecasting.schemas import Strict, validate

LEVELS = np.linspace(0, 1, 101)
CASES = [
    ({"triangular": [0.1, 0.3, 0.5]}, stats.triang(0.5, 0.1, 0.4)),
    ({"triangular": [0, 0, 2]}, stats.triang(0, 0, 2)),
    ({"triangular": [-1, 3, 3]}, stats.triang(1, -1, 4)),
    ({"uniform": [0.2, 0.7]}, stats.uniform(0.2, 0.5)),
    ({"beta": [2, 5]}, stats.beta(2, 5)),
]


class Example(Strict):
    deadweight: Uncertain


@pytest.mark.parametrize(("form", "reference"), CASES)
def test_quantiles_and_moments_are_those_of_scipy(form, reference):
    found = Distribution(**form)
    np.testing.assert_allclose(found.ppf(LEVELS), reference.ppf(LEVELS), atol=1e-12)
    assert found.mean == pytest.approx(reference.mean(), abs=1e-12)
    assert (found.low, found.high) == pytest.approx(reference.support())


def test_quantiles_have_the_shape_of_the_levels():
    levels = np.full((3, 4), 0.5)
    assert Distribution(uniform=[0, 1]).ppf(levels).shape == (3, 4)
    np.testing.assert_array_equal(draw(0.25, levels), np.full((3, 4), 0.25))


def test_a_number_is_its_own_centre_and_a_distribution_has_its_mean():
    assert central(0.3) == 0.3
    assert central(Distribution(triangular=[0.1, 0.3, 0.8])) == pytest.approx(0.4)


def test_a_distribution_is_written_as_in_a_file():
    assert str(Distribution(triangular=[0.1, 0.3, 0.5])) == "{triangular: [0.1, 0.3, 0.5]}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"uniform": [0.5, 0.1]},
            "found {uniform: [0.5, 0.1]}; expected: low < high",
        ),
        (
            {"triangular": [0.5, 0.3, 0.1]},
            "found {triangular: [0.5, 0.3, 0.1]}; expected: low <= mode <= high, low < high",
        ),
        (
            {"triangular": [0.3, 0.3, 0.3]},
            "found {triangular: [0.3, 0.3, 0.3]}; expected: low <= mode <= high, low < high",
        ),
        (
            {"triangular": [0.1, 0.3]},
            "found {triangular: [0.1, 0.3]}; expected: {triangular: [low, mode, high]}",
        ),
        ({"beta": [0, 2]}, "found {beta: [0, 2]}; expected: a and b above 0"),
        ({"uniform": [0, math.inf]}, "found {uniform: [0, inf]}; expected: finite numbers"),
        (
            {"uniform": [0, 1], "beta": [1, 1]},
            "found uniform and beta; expected: one of {triangular: [low, mode, high]}, "
            "{uniform: [low, high]}, {beta: [a, b]}",
        ),
        ({}, "found no form; expected: one of {triangular: [low, mode, high]}"),
    ],
)
def test_what_is_no_distribution_is_refused_by_file_and_key(given, message):
    with pytest.raises(InputError) as caught:
        validate(Example, {"deadweight": given}, Path("own.yaml"), of="a test")
    assert str(caught.value).startswith(f"own.yaml, key 'deadweight': {message}")


def test_an_unknown_form_is_refused_with_those_there_are():
    with pytest.raises(InputError) as caught:
        validate(Example, {"deadweight": {"normal": [0, 1]}}, Path("own.yaml"), of="a test")
    assert str(caught.value) == (
        "own.yaml, key 'deadweight': found normal; expected: one of {triangular: [low, mode, "
        "high]}, {uniform: [low, high]}, {beta: [a, b]}"
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.2, "f.yaml, key 'd': 1.2; expected: 0 to 1; write 30 percent as 0.3"),
        (-0.1, "f.yaml, key 'd': -0.1; expected: 0 to 1; write 30 percent as 0.3"),
        (math.nan, "f.yaml, key 'd': nan; expected: 0 to 1; write 30 percent as 0.3"),
        (
            Distribution(uniform=[0.5, 1.5]),
            "f.yaml, key 'd': {uniform: [0.5, 1.5]}; expected: 0 to 1 for the whole distribution",
        ),
    ],
)
def test_a_value_outside_its_range_is_refused(value, message):
    with pytest.raises(InputError) as caught:
        check_range(value, 0, 1, where="f.yaml, key 'd'")
    assert str(caught.value).startswith(message)


def test_a_range_without_an_upper_end_still_wants_a_finite_value():
    check_range(1e9, 0, math.inf, where="f")
    with pytest.raises(InputError, match="f: inf; expected: 0 or more"):
        check_range(math.inf, 0, math.inf, where="f")
