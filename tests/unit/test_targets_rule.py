"""The target rule: order statistics, largest remainders, persons counted twice."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecasting.errors import InputError
from forecasting.programmes.targets import (
    PassingPeriod,
    allocate,
    passing_period,
    probability_met,
    target_at,
    unique_bounds,
    unique_persons,
)

TEN = np.arange(1, 11)


@pytest.mark.parametrize("probability", [0.8, 0.75, "0.8", Decimal("0.8"), Fraction(3, 4)])
def test_the_target_of_ten_draws_is_three(probability):
    assert target_at(TEN, probability) == 3


def test_the_index_is_exact_where_floats_are_not():
    assert int((1 - 0.8) * 10) == 1  # what floating point makes of 2
    for tenths in range(1, 10):
        assert target_at(TEN, tenths / 10) == 11 - tenths


@pytest.mark.parametrize(("probability", "expected"), [(0.9, 87), (0.8, 92), (0.5, 100)])
def test_targets_of_a_poisson_count_of_mean_100(probability, expected):
    draws = np.random.default_rng(7).poisson(100, 200_000)
    assert target_at(draws, probability) == expected


def test_the_order_of_the_draws_does_not_matter_and_they_are_not_changed():
    draws = np.array([5.0, 1.0, 3.0])
    assert target_at(draws, 0.5) == 3
    assert draws.tolist() == [5.0, 1.0, 3.0]


@pytest.mark.parametrize(
    ("draw", "rounding", "expected"),
    [
        (17_739.9, 1, 17_739),
        (17_739.9, 10, 17_730),
        (17_740, 5, 17_740),
        (-0.5, 1, -1),
        (0.37, Fraction(1, 20), Fraction(35, 100)),
        (0.35, Fraction(1, 20), Fraction(35, 100)),
        (0.1 * 3 * 10, 1, 3),
        (0.7 * 100 / 10 - 4, 1, 3),
    ],
)
def test_targets_are_rounded_down_to_the_rule(draw, rounding, expected):
    target = target_at([draw], 0.5, rounding=rounding)
    assert target == expected
    assert type(target) is type(rounding)
    assert probability_met([draw], target) == 1


@pytest.mark.parametrize("probability", [0, 1, 1.2, -0.1, float("nan"), "much", None])
def test_a_probability_outside_0_and_1_is_refused(probability):
    with pytest.raises(InputError, match="probability"):
        target_at(TEN, probability)


@pytest.mark.parametrize("draws", [[], [1.0, np.nan], [np.inf], [[1, 2]], ["a"], [None], [True]])
def test_unusable_draws_are_refused(draws):
    with pytest.raises(InputError, match="draws"):
        target_at(draws, 0.5)
    with pytest.raises(InputError, match="draws"):
        probability_met(draws, 1)


@pytest.mark.parametrize("rounding", [0, -1, 0.5, None])
def test_an_unusable_rounding_is_refused(rounding):
    with pytest.raises(InputError, match="rounding"):
        target_at(TEN, 0.5, rounding=rounding)


def test_the_probability_that_a_value_is_met():
    assert [probability_met(TEN, value) for value in (0, 1, 3, 10, 10.5)] == [1, 1, 0.8, 0.1, 0]
    assert probability_met([0.1 * 3 * 10, 2.9999], Fraction(3)) == 0.5
    with pytest.raises(InputError, match="value"):
        probability_met(TEN, float("nan"))


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (5040, [4800, 90, 150], [4800, 90, 150]),
        (0, [1, 2], [0, 0]),
        (1, [0, 1, 1], [0, 1, 0]),
        (3, [0.1, 0.2], [1, 2]),
        (5, [Fraction(1, 3), Decimal("0.5")], [2, 3]),
        (10**30 + 1, [1, 1], [5 * 10**29 + 1, 5 * 10**29]),
    ],
)
def test_totals_are_split_by_largest_remainder(total, weights, expected):
    assert allocate(total, weights) == expected


@pytest.mark.parametrize(
    ("total", "weights"),
    [(10, []), (10, [0, 0]), (10, [1, -1]), (10, [float("nan")]), (-1, [1]), (1.5, [1])],
)
def test_an_impossible_split_is_refused(total, weights):
    with pytest.raises(InputError):
        allocate(total, weights)


def test_persons_in_two_groups_count_once():
    assert unique_persons([400, 300], overlap=0.25) == 625
    assert unique_bounds([400, 300]) == (400, 700)
    assert unique_persons([300, 400], overlap="1/3") == 600


def test_the_bounds_are_reached_without_and_with_full_overlap():
    assert unique_persons([400, 300, 50], overlap=0) == 750
    assert unique_persons([400, 300, 50], overlap=1) == 400


@pytest.mark.parametrize("counts", [[], [-1, 2], [1.5], [float("nan")], ["many"]])
def test_unusable_counts_of_persons_are_refused(counts):
    with pytest.raises(InputError):
        unique_bounds(counts)


@pytest.mark.parametrize("overlap", [-0.1, 1.1, float("nan")])
def test_an_unusable_overlap_is_refused(overlap):
    with pytest.raises(InputError, match="overlap"):
        unique_persons([1, 2], overlap=overlap)


def cumulative(counts, start="2024-11"):
    counts = np.asarray(counts)
    periods = pd.period_range(start, periods=counts.shape[1], freq="M")
    return xr.DataArray(counts, dims=("path", "period"), coords={"period": periods})


def month(text):
    return pd.Period(text, freq="M")


def test_when_a_value_is_passed():
    steps = np.arange(1, 11)[:, None] * np.arange(1, 5)  # path k grows by k a month
    passed = passing_period(cumulative(steps), 9)
    assert passed == PassingPeriod(month("2024-12"), (month("2024-11"), None), pytest.approx(0.8))


def test_the_quantiles_of_passing_are_order_statistics():
    counts = np.triu(np.ones((10, 10)))  # path k passes in month k
    passed = passing_period(cumulative(counts, "2024-01"), 1)
    assert passed.median == month("2024-05")
    assert passed.interval == (month("2024-01"), month("2024-09"))
    assert passed.share_reached == 1


def test_a_value_that_is_there_from_the_start_or_never():
    flat = cumulative([[5.0, 5.0], [6.0, 7.0]])
    assert passing_period(flat, 5).interval == (month("2024-11"), month("2024-11"))
    assert passing_period(flat, 8) == PassingPeriod(None, (None, None), 0)


def test_the_order_of_the_dims_does_not_matter():
    paths = cumulative([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])
    assert passing_period(paths.transpose("period", "path"), 3) == passing_period(paths, 3)


def test_unusable_cumulative_counts_are_refused():
    good = cumulative([[1.0, 2.0]])
    with pytest.raises(InputError, match="not finite"):
        passing_period(cumulative([[1.0, np.nan]]), 1)
    with pytest.raises(InputError, match="fall on a path"):
        passing_period(cumulative([[2.0, 1.0]]), 1)
    with pytest.raises(InputError, match="dims"):
        passing_period(good.rename(path="draw"), 1)
    with pytest.raises(InputError, match="PeriodIndex"):
        passing_period(good.assign_coords(period=[1, 2]), 1)
    with pytest.raises(InputError, match="follow each other"):
        passing_period(good.isel(period=[1, 0]), 1)
    with pytest.raises(InputError, match="at least one"):
        passing_period(good.isel(path=[]), 1)
    with pytest.raises(InputError, match="value"):
        passing_period(good, float("inf"))
