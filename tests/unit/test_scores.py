"""Scores against independent implementations, hand-computed values, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scoringrules
import utilsforecast.losses as reference
import xarray as xr
from scipy.stats import norm

from forecasting.errors import InputError
from forecasting.evaluation.interval_scores import (
    interval_coverage,
    interval_score,
    interval_width,
    msis,
)
from forecasting.evaluation.point_scores import bias, mae, mape, mase, seasonal_scale, smape
from forecasting.evaluation.scores import crps_quantiles, crps_samples, pinball_loss, pit
from forecasting.tables import QUANTILE_LEVELS

SHAPE = (3, 4, 6)
"""Series, origins, horizons."""
NAN, INF = float("nan"), float("inf")


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.fixture
def outcome(rng):
    return rng.gamma(3, 40, SHAPE).round()


@pytest.fixture
def samples(rng):
    return rng.gamma(3, 40, (*SHAPE, 51)).round()


@pytest.mark.parametrize("estimator", ["nrg", "qd", "int"])
def test_crps_of_samples_is_that_of_scoringrules(samples, outcome, estimator):
    expected = scoringrules.crps_ensemble(outcome, samples, estimator=estimator, backend="numpy")
    np.testing.assert_allclose(crps_samples(samples, outcome), expected, rtol=1e-10)


def test_crps_is_the_plain_form_not_the_fair_one(samples, outcome):
    fair = scoringrules.crps_ensemble(outcome, samples, estimator="fair", backend="numpy")
    assert (crps_samples(samples, outcome) > fair + 1e-6).all()


def test_crps_of_three_samples_by_hand():
    # mean |x - y| = (1 + 1 + 5) / 3; half the mean distance of pairs = (2 + 4 + 6) / 9
    assert crps_samples([8.0, 2.0, 4.0], 3.0) == pytest.approx(7 / 3 - 12 / 9)


def test_crps_of_many_normal_samples_is_the_closed_form():
    drawn = norm(50, 8).ppf((np.arange(20_000) + 0.5) / 20_000)
    expected = scoringrules.crps_normal([20.0, 50.0, 61.0], 50.0, 8.0, backend="numpy")
    found = crps_samples(np.broadcast_to(drawn, (3, 20_000)), [20.0, 50.0, 61.0])
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_crps_keeps_its_precision_far_from_zero(samples, outcome):
    moved = crps_samples(samples + 2**40, outcome + 2**40)
    np.testing.assert_allclose(moved, crps_samples(samples, outcome), rtol=1e-12)


def test_each_case_is_scored_by_itself(samples, outcome):
    together = crps_samples(samples, outcome)
    assert together.shape == SHAPE
    for place in np.ndindex(SHAPE):
        assert together[place] == crps_samples(samples[place], outcome[place])


def test_paths_with_another_layout_in_memory_score_the_same(samples, outcome):
    turned = np.asfortranarray(samples)
    assert np.array_equal(crps_samples(turned, outcome), crps_samples(samples, outcome))
    wrapped = xr.DataArray(samples, dims=("series", "origin", "period", "path"))
    assert np.array_equal(crps_samples(wrapped, outcome), crps_samples(samples, outcome))


def test_nothing_handed_in_is_changed(samples, outcome):
    ordered = np.sort(samples, axis=-1)[..., :23]
    before = samples.copy(), outcome.copy(), ordered.copy()
    crps_samples(samples, outcome)
    crps_quantiles(ordered, QUANTILE_LEVELS, outcome)
    pit(samples, outcome)
    for array, copy in zip((samples, outcome, ordered), before, strict=True):
        assert np.array_equal(array, copy)


def test_crps_of_quantiles_by_hand():
    # edges 0, 0.3, 0.7, 1, so weights 0.3, 0.4, 0.3; losses 0.1 * 5, 0.5 * 2 and 0.1 * 4
    found = crps_quantiles([10.0, 13.0, 19.0], [0.1, 0.5, 0.9], 15.0)
    assert found == pytest.approx(2 * (0.3 * 0.5 + 0.4 * 1.0 + 0.3 * 0.4))


def test_the_weights_of_the_23_levels_are_those_documented():
    # one quantile above the outcome by 1 and the others at it: the score is 2 w (1 - level)
    for place, weight in enumerate([0.0175, 0.02, 0.0375, *[0.05] * 17, 0.0375, 0.02, 0.0175]):
        quantiles = np.where(np.arange(23) < place, 0.0, 1.0)
        above = np.where(np.arange(23) <= place, 0.0, 1.0)
        step = crps_quantiles(quantiles, QUANTILE_LEVELS, 0.0) - crps_quantiles(
            above, QUANTILE_LEVELS, 0.0
        )
        assert step == pytest.approx(2 * weight * (1 - QUANTILE_LEVELS[place]))


def test_crps_of_evenly_spread_quantiles_is_that_of_scoringrules(samples, outcome):
    levels = (np.arange(51) + 0.5) / 51
    ordered = np.sort(samples, axis=-1)
    expected = scoringrules.crps_quantile(outcome, ordered, levels, backend="numpy")
    np.testing.assert_allclose(crps_quantiles(ordered, levels, outcome), expected, rtol=1e-10)
    np.testing.assert_allclose(crps_samples(samples, outcome), expected, rtol=1e-10)


@pytest.mark.parametrize(("levels", "off"), [(QUANTILE_LEVELS, 0.005), (None, 0.0005)])
def test_crps_of_quantiles_is_close_to_that_of_all_samples(rng, levels, off):
    drawn = rng.lognormal(5, 0.7, 4000)
    outcome = rng.lognormal(5, 0.7, 3000)
    levels = levels or tuple(np.linspace(0.005, 0.995, 199))
    quantiles = np.broadcast_to(np.quantile(drawn, levels), (3000, len(levels)))
    exact = crps_samples(np.broadcast_to(drawn, (3000, 4000)), outcome).mean()
    assert crps_quantiles(quantiles, levels, outcome).mean() == pytest.approx(exact, rel=off)


def test_pinball_loss_is_that_of_scoringrules_and_utilsforecast(samples, outcome):
    levels = [0.05, 0.5, 0.9]
    quantiles = np.quantile(samples, levels, axis=-1).transpose(1, 2, 3, 0)
    found = pinball_loss(quantiles, levels, outcome)
    assert found.shape == (*SHAPE, 3)
    for place, level in enumerate(levels):
        own = quantiles[..., place]
        by_rules = scoringrules.quantile_score(outcome, own, level, backend="numpy")
        np.testing.assert_allclose(found[..., place], by_rules, rtol=1e-10)
        frame = long_frame(outcome, m=own)
        by_utils = reference.quantile_loss(frame, {"m": "m"}, q=level)["m"]
        np.testing.assert_allclose(found[..., place].ravel(), by_utils, rtol=1e-10)


def long_frame(outcome, **columns):
    """One series per case, so that the averages of utilsforecast are over one case each."""
    named = {name: np.ravel(values) for name, values in columns.items()}
    return pd.DataFrame({"unique_id": np.arange(outcome.size), "y": outcome.ravel(), **named})


def limits(samples, level):
    lower, upper = np.quantile(samples, [0.5 - level / 200, 0.5 + level / 200], axis=-1)
    return lower, upper


@pytest.mark.parametrize("level", [50, 80, 95])
def test_interval_scores_are_those_of_scoringrules_and_utilsforecast(samples, outcome, level):
    lower, upper = limits(samples, level)
    found = interval_score(lower, upper, outcome, level=level)
    by_rules = scoringrules.interval_score(outcome, lower, upper, 1 - level / 100, backend="numpy")
    np.testing.assert_allclose(found, by_rules, rtol=1e-10)
    frame = long_frame(outcome, **{f"m-lo-{level}": lower, f"m-hi-{level}": upper})
    by_utils = reference.winkler_score(frame, ["m"], level=level)["m"]
    np.testing.assert_allclose(found.ravel(), by_utils, rtol=1e-10)
    covered = reference.coverage(frame, ["m"], level=level)["m"]
    assert np.array_equal(interval_coverage(lower, upper, outcome).ravel(), covered)


def test_the_interval_score_adds_up_pinball_losses(samples, outcome):
    lower, upper = limits(samples, 80)
    losses = pinball_loss(np.stack([lower, upper], axis=-1), [0.1, 0.9], outcome)
    found = interval_score(lower, upper, outcome, level=80)
    np.testing.assert_allclose(found, losses.sum(axis=-1) * 2 / 0.2, rtol=1e-10)


def test_interval_scores_by_hand():
    lower, upper, outcome = [10, 10, 10, 10], [30, 30, 30, 30], [10, 30, 8, 33]
    assert interval_score(lower, upper, outcome, level=80) == pytest.approx([20, 20, 40, 50])
    assert msis(lower, upper, outcome, level=80, scale=5) == pytest.approx([4, 4, 8, 10])
    assert interval_coverage(lower, upper, outcome).tolist() == [1, 1, 0, 0]
    assert interval_width(lower, upper).tolist() == [20, 20, 20, 20]


def test_point_scores_are_those_of_utilsforecast(samples, outcome):
    point = np.median(samples, axis=-1)
    point[0, 0, 0] = outcome[0, 0, 0] = 0
    frame = long_frame(outcome, m=point)
    for found, expected in [
        (bias(point, outcome), reference.bias(frame, ["m"])),
        (mae(point, outcome), reference.mae(frame, ["m"])),
        (smape(point, outcome) / 200, reference.smape(frame, ["m"])),
        (mape(point[1:], outcome[1:]) / 100, reference.mape(frame[24:], ["m"])),
    ]:
        np.testing.assert_allclose(found.ravel(), expected["m"], rtol=1e-10)


@pytest.mark.parametrize("season_length", [1, 4, 12])
def test_scaled_errors_are_those_of_utilsforecast(rng, season_length):
    history, outcome, point = rng.gamma(3, 40, 60), rng.gamma(3, 40, 18), rng.gamma(3, 40, 18)
    scale = seasonal_scale(history, season_length)
    known = pd.DataFrame({"unique_id": "a", "ds": np.arange(60), "y": history})
    later = pd.DataFrame({"unique_id": "a", "ds": np.arange(60, 78), "y": outcome, "m": point})
    expected = reference.mase(later, ["m"], seasonality=season_length, train_df=known)["m"][0]
    assert mase(point, outcome, scale=scale).mean() == pytest.approx(expected, rel=1e-10)


def test_point_scores_by_hand():
    forecast, outcome = [0.0, 12.0, 0.0, 5.0], [0.0, 8.0, 4.0, 5.0]
    assert bias(forecast, outcome).tolist() == [0, 4, -4, 0]
    assert mae(forecast, outcome).tolist() == [0, 4, 4, 0]
    assert smape(forecast, outcome).tolist() == [0, 40, 200, 0]
    assert mape(forecast[1:], outcome[1:]).tolist() == [50, 100, 0]
    assert mase(forecast, outcome, scale=8).tolist() == [0, 0.5, 0.5, 0]


def test_scales_by_hand():
    assert seasonal_scale([1, 4, 2, 8], 1) == pytest.approx((3 + 2 + 6) / 3)
    assert seasonal_scale([1, 4, 2, 8], 2) == pytest.approx((1 + 4) / 2)


def test_each_series_has_its_own_scale(outcome):
    scale = np.array([1.0, 10.0, 100.0])[:, np.newaxis, np.newaxis]
    found = mase(np.zeros(SHAPE), outcome, scale=scale)
    np.testing.assert_allclose(found * scale, outcome)
    found = msis(np.zeros(SHAPE), outcome, outcome, level=80, scale=scale)
    np.testing.assert_allclose(found * scale, outcome)


def test_pit_by_hand():
    assert pit([1.0, 2.0, 2.0, 5.0], 2.0) == 0.5
    assert pit([[1.0, 2.0, 3.0, 4.0]] * 3, [0.5, 3.5, 9.0]).tolist() == [0, 0.75, 1]
    assert pit([7.0, 7.0], 7.0) == 0.5


def test_pit_of_right_forecasts_is_even_and_of_narrow_ones_is_not(rng):
    drawn, outcome = rng.normal(size=(20_000, 99)), rng.normal(size=20_000)
    shares = np.histogram(pit(drawn, outcome), bins=10, range=(0, 1))[0] / 20_000
    np.testing.assert_allclose(shares, 0.1, atol=0.01)
    narrow = np.histogram(pit(drawn / 2, outcome), bins=10, range=(0, 1))[0] / 20_000
    assert min(narrow[0], narrow[-1]) > 0.2


DRAWS = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
TWO = [2.0, 5.0]


def every_score(draws=DRAWS, outcome=TWO, forecast=TWO):
    levels = [0.1, 0.5, 0.9]
    return {
        "crps_samples": lambda: crps_samples(draws, outcome),
        "crps_quantiles": lambda: crps_quantiles(draws, levels, outcome),
        "pinball_loss": lambda: pinball_loss(draws, levels, outcome),
        "pit": lambda: pit(draws, outcome),
        "interval_score": lambda: interval_score(forecast, forecast, outcome, level=80),
        "msis": lambda: msis(forecast, forecast, outcome, level=80, scale=1),
        "interval_coverage": lambda: interval_coverage(forecast, forecast, outcome),
        "bias": lambda: bias(forecast, outcome),
        "mae": lambda: mae(forecast, outcome),
        "mase": lambda: mase(forecast, outcome, scale=1),
        "smape": lambda: smape(forecast, outcome),
        "mape": lambda: mape(forecast, outcome),
    }


NAMES = sorted(every_score())


@pytest.mark.parametrize("name", NAMES)
def test_good_input_is_scored(name):
    assert np.isfinite(every_score()[name]()).all()


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("name", NAMES)
def test_an_outcome_that_is_not_finite_is_refused(name, bad):
    with pytest.raises(InputError, match=r"outcome: 1 of 2 values are not finite.* \(1,\)"):
        every_score(outcome=[2.0, bad])[name]()


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("name", NAMES)
def test_a_forecast_that_is_not_finite_is_refused(name, bad):
    draws = [[1.0, 2.0, 3.0], [4.0, bad, 6.0]]
    with pytest.raises(InputError, match="not finite"):
        every_score(draws=draws, forecast=[2.0, bad])[name]()


@pytest.mark.parametrize("outcome", [2.0, [2.0], [2.0, 5.0, 1.0], [[2.0, 5.0]]])
@pytest.mark.parametrize("name", NAMES)
def test_shapes_that_do_not_fit_are_refused(name, outcome):
    with pytest.raises(InputError, match="shape"):
        every_score(outcome=outcome)[name]()


@pytest.mark.parametrize("name", NAMES)
def test_no_cases_and_no_numbers_are_refused(name):
    with pytest.raises(InputError, match="no values"):
        every_score(np.empty((0, 3)), [], [])[name]()
    with pytest.raises(InputError, match="not numbers"):
        every_score([["a", "b", "c"]], ["a"], ["b"])[name]()


def test_samples_without_paths_are_refused():
    for score in (crps_samples, pit):
        with pytest.raises(InputError, match="no values"):
            score(np.empty((2, 0)), TWO)
        with pytest.raises(InputError, match="samples of shape"):
            score(2.0, 2.0)


@pytest.mark.parametrize(
    "levels", [[0.5], [0.1, 0.5, 0.5], [0.5, 0.1, 0.9], [0, 0.5, 0.9], [0.1, 0.5, 1], [[0.1]]]
)
def test_unusable_quantile_levels_are_refused(levels):
    for score in (crps_quantiles, pinball_loss):
        with pytest.raises(InputError, match="quantile levels"):
            score(DRAWS, levels, TWO)


def test_crossing_quantiles_are_refused():
    with pytest.raises(InputError, match="cross in 1 of 2 cases"):
        crps_quantiles([[1, 2, 3], [4, 6, 5]], [0.1, 0.5, 0.9], TWO)


@pytest.mark.parametrize("level", [0, 100, -5, 160, NAN])
def test_an_unusable_level_is_refused(level):
    with pytest.raises(InputError, match="level"):
        interval_score(TWO, TWO, TWO, level=level)


def test_limits_the_wrong_way_round_are_refused():
    for score in (interval_coverage, lambda *limits: interval_score(*limits, level=80)):
        with pytest.raises(InputError, match="lower limit above the upper one in 1 of 2"):
            score([1, 3], [2, 2], TWO)
    with pytest.raises(InputError, match="lower limit above"):
        interval_width([1, 3], [2, 2])


@pytest.mark.parametrize("scale", [0, -1, [1, 0], NAN, [1, 2, 3]])
def test_an_unusable_scale_is_refused(scale):
    with pytest.raises(InputError, match="scale"):
        mase(TWO, TWO, scale=scale)
    with pytest.raises(InputError, match="scale"):
        msis(TWO, TWO, TWO, level=80, scale=scale)


def test_no_percentage_error_of_zero():
    with pytest.raises(InputError, match="1 of 2 outcomes are 0"):
        mape(TWO, [0, 5])


@pytest.mark.parametrize(
    ("history", "season_length", "message"),
    [
        ([1, 2, 3], 3, "no scale"),
        ([], 1, "no values"),
        ([5.0] * 30, 12, "the scale is 0"),
        ([1, 2, 3, 1, 2, 3], 3, "the scale is 0"),
        ([1, NAN, 3, 4], 1, "not finite"),
        ([[1, 2], [3, 4]], 1, "no scale"),
        ([1, 2, 3], 0, "season of 0"),
    ],
)
def test_a_history_without_a_scale_is_refused_by_name(history, season_length, message):
    with pytest.raises(InputError, match=f"series 'SI': .*{message}"):
        seasonal_scale(history, season_length, series_id="SI")
