"""Coverage and ranks beside what chance does to dependent cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from forecasting.errors import InputError
from forecasting.evaluation.diagnostics import chance_ranks, coverage, rank_histogram


def scores_of(values, *, metric="coverage_80", model="pool", step=1, series_id="a"):
    """One row per origin and horizon; `values` of shape (origins, horizons)."""
    origins = pd.period_range("2015-01", periods=step * len(values), freq="M")[::step]
    return pd.DataFrame(
        [
            (series_id, model, str(origin), horizon, metric, float(value))
            for origin, row in zip(origins, values, strict=True)
            for horizon, value in enumerate(row, start=1)
        ],
        columns=["series_id", "model", "origin", "horizon", "metric", "value"],
    )


def correlation(origins, horizons, **options):
    ranks = chance_ranks(np.array(origins), np.array(horizons), n_draws=40_000, **options)
    return np.corrcoef(norm.ppf(ranks), rowvar=False)[0, 1]


@pytest.mark.parametrize(
    ("origins", "horizons", "expected"),
    [
        ([5, 5], [1, 4], np.sqrt(1 / 4)),  # one path at two horizons
        ([0, 3], [6, 6], 3 / 6),  # three of six months shared
        ([0, 2], [3, 9], 1 / np.sqrt(3 * 9)),
        ([0, 6], [6, 6], 0.0),  # windows that follow each other
    ],
)
def test_cases_depend_on_each_other_by_the_months_they_share(origins, horizons, expected):
    assert correlation(origins, horizons) == pytest.approx(expected, abs=0.02)


def test_totals_depend_on_each_other_by_the_shocks_they_share():
    """Shock i of n enters a total n - i + 1 times: here 3, 2, 1 against 0, 3, 2 and 1 of later."""
    weights = np.array([[3, 2, 1, 0], [0, 3, 2, 1]])
    expected = weights[0] @ weights[1] / np.prod(np.sqrt((weights**2).sum(axis=1)))
    assert correlation([0, 1], [3, 3], totals=True) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("totals", [False, True])
def test_each_rank_by_itself_is_uniform(totals):
    ranks = chance_ranks(np.array([0, 7]), np.array([3, 12]), totals=totals, n_draws=40_000)
    assert np.quantile(ranks, [0.1, 0.5, 0.9], axis=0) == pytest.approx(
        np.array([[0.1] * 2, [0.5] * 2, [0.9] * 2]), abs=0.01
    )


def test_of_independent_cases_the_range_of_chance_is_that_of_the_binomial_distribution():
    held = np.ones((40, 1))
    held[:4] = 0
    found = coverage(scores_of(held), "pool", level=80, horizons=[1])
    assert found.share == pytest.approx(0.9)
    expected = binom.ppf([0.05, 0.95], 40, 0.8) / 40
    assert [found.lower, found.upper] == pytest.approx(expected, abs=0.026)
    assert (found.n_cases, found.n_origins, found.is_chance) == (40, 40, True)


def test_overlap_widens_the_range_of_chance():
    held = np.ones((20, 12))
    near, apart = (
        coverage(scores_of(held, step=step), "pool", level=80, horizons=range(1, 13))
        for step in (1, 12)
    )
    assert near.n_cases == apart.n_cases
    assert near.upper - near.lower > 1.5 * (apart.upper - apart.lower)


def test_a_share_beyond_the_range_of_chance_is_told():
    found = coverage(scores_of(np.zeros((30, 1))), "pool", level=80, horizons=[1])
    assert (found.share, found.is_chance) == (0.0, False)


def test_ranks_are_sorted_into_bins_and_their_upper_half_counted():
    ranks = np.array([[0.0], [0.05], [0.55], [0.95], [1.0]])
    found = rank_histogram(scores_of(ranks, metric="pit"), "pool", horizons=[1])
    assert found.shares == pytest.approx([0.4, 0, 0, 0, 0, 0.2, 0, 0, 0, 0.4])
    assert found.above == pytest.approx(0.6)
    assert (found.lower <= 0.1).all()
    assert (found.upper >= 0.1).all()
    assert found.above_range[0] < 0.5 < found.above_range[1]


def test_the_same_cases_have_the_same_range_whatever_their_order():
    scores = scores_of(np.ones((6, 3)))
    mixed = scores.sample(frac=1, random_state=1)
    first, second = (coverage(s, "pool", level=80, horizons=[1, 2, 3]) for s in (scores, mixed))
    assert first == second


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        (scores_of([[1]]), {"model": "theta"}, "'theta' has no scores.*expected: one of pool"),
        (scores_of([[1]]), {"level": 50}, "metric coverage_50 not among"),
        (scores_of([[1]]), {"horizons": [1, 2]}, "horizon 2 not among"),
        (
            pd.concat([scores_of([[1]]), scores_of([[1]], series_id="b")]),
            {},
            "scores of 2 series",
        ),
    ],
)
def test_what_cannot_be_counted_is_refused(scores, options, message):
    options = {"model": "pool", "level": 80, "horizons": [1]} | options
    with pytest.raises(InputError, match=message):
        coverage(scores, **options)
