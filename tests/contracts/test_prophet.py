"""Prophet: its samples belong together, and nothing of it leaks."""

from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from forecasting.models.prophet_adapter import ProphetModel
from forecasting.periods import format_period
from forecasting.series import make_series


def counts(values, *, start="2012-01", freq="M"):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    return make_series([format_period(p) for p in periods], values, series_id="a", missing="keep")


def bent(season=0.0):
    """Level for four years, then rising: the slope has changed, so it may change again."""
    rng, t = np.random.default_rng(3), np.arange(84)
    values = 500 + 20.0 * np.maximum(0, t - 48) + season * np.sin(t * np.pi / 6)
    return counts(values + rng.normal(0, 5, 84))


@pytest.fixture(scope="module")
def fitted():
    return ProphetModel().fit(bent())


def test_the_months_of_a_path_belong_together(fitted):
    """A slope that has changed stays changed; with the months of other paths, sums vary less."""
    paths = fitted.simulate(36, 4000, np.random.default_rng(1))
    assert np.corrcoef(paths[:, 17], paths[:, 35])[0, 1] > 0.8
    shuffled = np.random.default_rng(2).permuted(paths, axis=0)
    assert paths.sum(axis=1).std() > 3 * shuffled.sum(axis=1).std()


def test_the_paths_are_spread_around_the_forecast_of_the_library(fitted):
    future = pd.DataFrame({"ds": pd.date_range("2019-01-01", periods=24, freq="MS")})
    expected = fitted.model_.predict(future)["yhat"].to_numpy()
    paths = fitted._simulate(24, 8000, np.random.default_rng(4))
    error = paths.std(axis=0) / np.sqrt(8000)
    assert (abs(paths.mean(axis=0) - expected) < 4 * error).all()


def test_the_noise_one_month_ahead_is_that_of_the_model(fitted):
    draws = fitted._simulate(1, 40_000, np.random.default_rng(5))[:, 0]
    sigma = float(fitted.model_.params["sigma_obs"][0, 0] * fitted.model_.y_scale)
    assert draws.std() == pytest.approx(sigma, rel=0.1)
    assert draws.std() >= sigma * 0.98


def test_the_season_is_that_of_the_series():
    fitted = ProphetModel().fit(bent(season=100.0))
    year = np.median(fitted.simulate(12, 2000, np.random.default_rng(6)), axis=0)
    line = np.linspace(year[0], year[-1], 12)
    expected = 100 * np.sin(np.arange(84, 96) * np.pi / 6)
    assert np.corrcoef(year - line, expected)[0, 1] > 0.9


@pytest.mark.parametrize(
    ("freq", "n", "harmonics"), [("M", 23, 0), ("M", 24, 6), ("Q", 10, 2), ("Y", 30, 0)]
)
def test_a_season_needs_two_years_and_has_no_more_harmonics_than_values(freq, n, harmonics):
    values = np.random.default_rng(7).poisson(80, n)
    fitted = ProphetModel().fit(counts(values, freq=freq))
    found = fitted.model_.seasonalities.get("yearly", {"fourier_order": 0})["fourier_order"]
    assert found == harmonics


def test_fitting_says_nothing_and_leaves_the_loggers_alone(capfd):
    before = {name: logging.getLogger(name).disabled for name in ("prophet", "cmdstanpy")}
    ProphetModel("log").fit(bent())
    assert capfd.readouterr() == ("", "")
    after = {name: logging.getLogger(name).disabled for name in ("prophet", "cmdstanpy")}
    assert after == before


def test_simulating_leaves_the_fitted_model_alone(fitted):
    before = fitted.model_.uncertainty_samples
    fitted.simulate(3, 17, np.random.default_rng(8))
    assert fitted.model_.uncertainty_samples == before


def test_the_libraries_are_imported_when_a_model_is_fitted_not_before():
    statement = (
        "import sys; from forecasting.models import available_models, get_model; "
        "[get_model(name) for name in available_models()]; "
        "print(sorted({'prophet', 'statsmodels', 'statsforecast', 'threadpoolctl'} "
        "& set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
