"""What calibration keeps, whatever the draws and the factors."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting.forecasts.calibration import BLOCKS, Calibration, PastCase, fit_calibration
from forecasting.paths import make_paths

FACTORS = st.lists(st.floats(0.1, 5), min_size=len(BLOCKS), max_size=len(BLOCKS)).map(tuple)
CALIBRATIONS = st.builds(Calibration, FACTORS, FACTORS)
ONES = (1.0,) * len(BLOCKS)
UPWARD = st.none() | st.floats(0, 5)


def applied(calibration, paths, upward):
    """Calibrated draws; `upward` is the reach of a reference class, the same in all periods."""
    reach = None if upward is None else np.full(paths.sizes["period"], upward)
    return calibration.apply(paths, upward=reach).to_numpy()


@st.composite
def sample_paths(draw):
    """Sets of an odd number of paths, so that their median is one of the draws."""
    shape = (2 * draw(st.integers(1, 20)) + 1, draw(st.integers(1, 30)))
    values = draw(arrays.arrays(float, shape, elements=st.floats(0, 1e7)))
    freq = draw(st.sampled_from(["M", "Q", "Y"]))
    return make_paths(values, pd.period_range("2021", periods=shape[1], freq=freq), unit="persons")


@given(sample_paths(), CALIBRATIONS, UPWARD)
@settings(deadline=None)
def test_the_order_of_the_paths_is_kept_in_every_period(paths, calibration, upward):
    before, after = paths.to_numpy(), np.log1p(applied(calibration, paths, upward))
    order = np.argsort(before, axis=0)
    steps = np.diff(np.take_along_axis(after, order, axis=0), axis=0)
    assert (steps >= -1e-9).all()


@given(sample_paths())
@settings(deadline=None)
def test_factors_of_one_change_nothing(paths):
    found = Calibration(ONES, ONES).apply(paths)
    np.testing.assert_allclose(1 + found.to_numpy(), 1 + paths.to_numpy(), rtol=1e-9)


@given(sample_paths(), CALIBRATIONS, UPWARD)
@settings(deadline=None)
def test_the_median_is_kept(paths, calibration, upward):
    before = 1 + np.median(paths.to_numpy(), axis=0)
    after = 1 + np.median(applied(calibration, paths, upward), axis=0)
    np.testing.assert_allclose(after, before, rtol=1e-9)


@given(sample_paths(), CALIBRATIONS, UPWARD)
@settings(deadline=None)
def test_no_draw_falls_below_zero_or_runs_to_infinity(paths, calibration, upward):
    found = applied(calibration, paths, upward)
    assert (found >= 0).all()
    assert np.isfinite(found).all()


@given(sample_paths())
@settings(deadline=None)
def test_half_the_factor_halves_the_half_widths_on_the_log_scale(paths):
    halves = (0.5,) * len(BLOCKS)
    before, after = (
        np.quantile(np.log1p(own.to_numpy()), [0.1, 0.5, 0.9], axis=0)
        for own in (paths, Calibration(halves, ONES).apply(paths))
    )
    np.testing.assert_allclose(np.diff(after, axis=0), 0.5 * np.diff(before, axis=0), atol=1e-9)


@given(sample_paths(), CALIBRATIONS, UPWARD)
@settings(deadline=None)
def test_room_for_a_surge_lowers_no_draw(paths, calibration, upward):
    plain, roomy = applied(calibration, paths, None), applied(calibration, paths, upward)
    assert (roomy >= plain * (1 - 1e-9)).all()


@given(sample_paths(), CALIBRATIONS)
@settings(deadline=None)
def test_a_path_that_is_lowest_throughout_stays_lowest_in_its_sum(paths, calibration):
    """Ranks are kept month by month, so a path below another in all months has the lower total."""
    joined = paths.to_numpy().copy()
    joined[0] = joined.min(axis=0)
    moved = calibration.apply(paths.copy(data=joined)).to_numpy()
    assert moved[0].sum() <= moved.sum(axis=1).min() * (1 + 1e-9)


@given(
    st.lists(arrays.arrays(float, 40, elements=st.floats(-50, 50)), min_size=1, max_size=6),
    st.floats(1, 10),
    CALIBRATIONS,
)
@settings(deadline=None)
def test_fitted_factors_lie_between_the_prior_and_the_range(distances, outer, prior):
    cases = [
        PastCase(str(index), 600, 12, distance, np.full(40, outer))
        for index, distance in enumerate(distances)
    ]
    found = fit_calibration(cases, prior)
    for name in ("inner", "tail"):
        for before, after in zip(getattr(prior, name), getattr(found, name), strict=True):
            assert min(before, 0.3) * (1 - 1e-9) <= after <= max(before, 3) * (1 + 1e-9)
