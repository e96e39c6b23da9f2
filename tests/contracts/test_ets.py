"""ETS paths: the recursion against the library's point forecast, and the library's fault."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from forecasting.models.ets import EtsState, simulate_ets

MONTHS = np.arange(120)
VALUES = (
    200 + 2 * MONTHS + 20 * np.sin(2 * np.pi * MONTHS / 12)
    + np.random.default_rng(0).normal(0, 6, 120)
)  # fmt: skip
UNDAMPED = ["ANN", "AAN", "ANA", "AAA", "MNN", "MAN", "MNA", "MAA", "MNM", "MAM", "MMN", "MMM"]


def fitted(model, *, damped=False):
    from statsforecast.models import AutoETS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return AutoETS(season_length=12, model=model, damped=damped).fit(VALUES)


@pytest.mark.parametrize("model", UNDAMPED)
def test_without_errors_the_path_is_the_point_forecast(model):
    found = fitted(model)
    path = simulate_ets(EtsState.from_statsforecast(found.model_), np.zeros((1, 36)))[0]
    np.testing.assert_allclose(path, found.predict(36)["mean"], rtol=1e-9)


def test_a_damped_trend_adds_the_powers_of_the_damping():
    state = EtsState.from_statsforecast(fitted("AAN", damped=True).model_)
    assert 0 < state.phi < 1
    path = simulate_ets(state, np.zeros((1, 24)))[0]
    damping = np.cumsum(state.phi ** np.arange(1, 25))
    np.testing.assert_allclose(path, state.level + state.slope * damping)


@pytest.mark.parametrize("model", ["ANN", "ANA", "MNN", "MNM"])
def test_the_spread_is_that_of_the_library_where_it_has_no_trend(model):
    found = fitted(model)
    state = EtsState.from_statsforecast(found.model_)
    errors = np.random.default_rng(1).normal(0, state.sigma, (4000, 24))
    own, library = simulate_ets(state, errors), found.simulate(24, 4000, seed=2)
    for month in (0, 11, 23):
        assert own[:, month].std() == pytest.approx(library[:, month].std(), rel=0.06)


def test_the_library_still_loses_an_undamped_trend():
    """When this fails, the library is mended and models/ets.py may go (ADR 0002)."""
    found = fitted("AAN")
    simulated = found.simulate(24, 2000, seed=1).mean(axis=0)
    assert found.predict(24)["mean"][23] - simulated[23] > 30
