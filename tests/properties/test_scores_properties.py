"""Identities of scores that hold for any numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting.evaluation.interval_scores import (
    interval_coverage,
    interval_score,
    interval_width,
)
from forecasting.evaluation.point_scores import bias, mae, mase, seasonal_scale, smape
from forecasting.evaluation.scores import crps_quantiles, crps_samples, pinball_loss, pit

VALUES = st.floats(-1e6, 1e6, allow_subnormal=False)
FACTORS = st.floats(0.001, 1000)
CLOSE = {"rtol": 1e-9, "atol": 1e-6}


def vectors(**sizes):
    return arrays.arrays(float, st.integers(**sizes), elements=VALUES)


@st.composite
def cases(draw):
    """Samples of several cases and the outcomes that go with them, ties included."""
    shape = draw(arrays.array_shapes(max_dims=2, max_side=4))
    elements = st.one_of(VALUES, st.integers(-3, 3).map(float))
    n_paths = draw(st.integers(1, 12))
    samples = draw(arrays.arrays(float, (*shape, n_paths), elements=elements))
    return samples, draw(arrays.arrays(float, shape, elements=elements))


@st.composite
def intervals(draw):
    one, other, outcome = (draw(arrays.arrays(float, 5, elements=VALUES)) for _ in range(3))
    return np.minimum(one, other), np.maximum(one, other), outcome


LEVELS = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=9, unique=True).map(sorted)


@given(cases())
def test_crps_is_its_definition(case):
    samples, outcome = case
    distance = np.abs(samples - outcome[..., None]).mean(axis=-1)
    pairs = np.abs(samples[..., :, None] - samples[..., None, :]).mean(axis=(-2, -1))
    np.testing.assert_allclose(crps_samples(samples, outcome), distance - pairs / 2, **CLOSE)


@given(cases())
def test_crps_is_never_negative_nor_above_the_mean_absolute_error_of_the_samples(case):
    samples, outcome = case
    found = crps_samples(samples, outcome)
    assert (found >= 0).all()
    distance = np.abs(samples - outcome[..., None]).mean(axis=-1)
    assert (found <= distance * (1 + 1e-9) + 1e-9).all()


@given(vectors(min_value=1, max_value=20), VALUES)
def test_crps_of_one_sample_is_the_absolute_error(forecast, outcome):
    outcomes = np.full_like(forecast, outcome)
    one = crps_samples(forecast[:, np.newaxis], outcomes)
    np.testing.assert_allclose(one, mae(forecast, outcomes), rtol=1e-12)
    one = crps_quantiles(forecast[:, np.newaxis], [0.5], outcomes)
    np.testing.assert_allclose(one, mae(forecast, outcomes), rtol=1e-12)


@given(cases(), VALUES, FACTORS)
def test_crps_moves_with_the_origin_and_grows_with_the_unit(case, shift, factor):
    samples, outcome = case
    found = crps_samples(samples * factor + shift, outcome * factor + shift)
    np.testing.assert_allclose(found, crps_samples(samples, outcome) * factor, **CLOSE)
    np.testing.assert_allclose(
        crps_samples(-samples, -outcome), crps_samples(samples, outcome), **CLOSE
    )


@given(cases(), st.integers(2, 4))
def test_crps_does_not_change_when_every_path_is_repeated(case, times):
    samples, outcome = case
    repeated = np.repeat(samples, times, axis=-1)
    np.testing.assert_allclose(
        crps_samples(repeated, outcome), crps_samples(samples, outcome), **CLOSE
    )


@given(cases())
def test_crps_of_the_sorted_samples_as_quantiles_is_that_of_the_samples(case):
    samples, outcome = case
    n_paths = samples.shape[-1]
    levels = (np.arange(n_paths) + 0.5) / n_paths
    ordered = np.sort(samples, axis=-1)
    found = crps_quantiles(ordered, levels, outcome)
    np.testing.assert_allclose(found, crps_samples(samples, outcome), **CLOSE)
    twice_the_mean = 2 * pinball_loss(ordered, levels, outcome).mean(axis=-1)
    np.testing.assert_allclose(found, twice_the_mean, **CLOSE)


@given(LEVELS, VALUES, VALUES)
def test_quantiles_on_one_point_cost_the_absolute_error_where_levels_are_symmetric(
    levels, point, outcome
):
    error = abs(point - outcome)
    mirrored = sorted({*levels, *(1 - level for level in levels)})
    one_point = np.full(len(mirrored), point)
    np.testing.assert_allclose(crps_quantiles(one_point, mirrored, outcome), error, rtol=1e-9)
    assert crps_quantiles(np.full(len(levels), point), levels, outcome) <= 2 * error


@given(vectors(min_value=1, max_value=20), VALUES)
def test_pinball_loss_at_the_median_is_half_the_absolute_error(forecast, outcome):
    outcomes = np.full_like(forecast, outcome)
    found = pinball_loss(forecast[:, np.newaxis], [0.5], outcomes)[:, 0]
    np.testing.assert_allclose(found, mae(forecast, outcomes) / 2, rtol=1e-12)


@given(LEVELS, VALUES, VALUES)
def test_pinball_losses_of_a_level_and_its_mirror_add_up(levels, forecast, outcome):
    above = pinball_loss(np.full(len(levels), forecast), levels, outcome)
    mirrored = sorted(1 - level for level in levels)
    assume(len(set(mirrored)) == len(mirrored))
    below = pinball_loss(np.full(len(levels), forecast), mirrored, outcome)[::-1]
    assert (above >= 0).all()
    np.testing.assert_allclose(above + below, abs(forecast - outcome), rtol=1e-9)


@given(intervals(), st.floats(1, 99))
def test_the_interval_score_is_the_width_where_covered_and_more_elsewhere(interval, level):
    lower, upper, outcome = interval
    score, width = interval_score(*interval, level=level), interval_width(lower, upper)
    covered = interval_coverage(*interval) == 1
    assert (score[covered] == width[covered]).all()
    outside = np.maximum(lower - outcome, outcome - upper)[~covered]
    assert (score[~covered] >= width[~covered] + 2 * outside * (1 - 1e-9)).all()


@given(intervals(), st.floats(1, 98), st.floats(0.1, 1))
def test_a_miss_costs_more_the_more_was_promised(interval, level, more):
    low, high = (interval_score(*interval, level=promised) for promised in (level, level + more))
    assert (high >= low).all()


@given(cases())
def test_pit_is_a_share_that_a_rising_transformation_leaves_and_a_change_of_sign_mirrors(case):
    samples, outcome = (np.round(values, 3) for values in case)
    found = pit(samples, outcome)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(pit(-samples, -outcome), 1 - found, atol=1e-12)
    np.testing.assert_allclose(pit(samples**3, outcome**3), found, atol=1e-12)


@given(vectors(min_value=1, max_value=20), st.data())
def test_smape_is_symmetric_bounded_and_free_of_the_unit(forecast, data):
    outcome = data.draw(arrays.arrays(float, len(forecast), elements=VALUES))
    found = smape(forecast, outcome)
    assert ((found >= 0) & (found <= 200 * (1 + 1e-12))).all()
    np.testing.assert_allclose(smape(outcome, forecast), found, rtol=1e-12)
    np.testing.assert_allclose(smape(forecast * 4, outcome * 4), found, rtol=1e-12)


@given(vectors(min_value=3, max_value=30), vectors(min_value=1, max_value=10), FACTORS)
def test_scaled_errors_are_free_of_the_unit(history, forecast, factor):
    assume(np.abs(np.diff(history)).max() > 1e-3)
    scale = seasonal_scale(history, 1)
    assert 0 < scale <= np.ptp(history) * (1 + 1e-9)
    zeros = np.zeros_like(forecast)
    found = mase(forecast * factor, zeros, scale=seasonal_scale(history * factor, 1))
    np.testing.assert_allclose(found, mase(forecast, zeros, scale=scale), rtol=1e-9)


@given(vectors(min_value=1, max_value=20), VALUES)
def test_bias_changes_its_sign_with_the_roles(forecast, outcome):
    outcomes = np.full_like(forecast, outcome)
    np.testing.assert_array_equal(bias(forecast, outcomes), -bias(outcomes, forecast))
    np.testing.assert_array_equal(np.abs(bias(forecast, outcomes)), mae(forecast, outcomes))
