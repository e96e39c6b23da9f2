"""Structural and seasonal ARIMA models: statsmodels' own answers, and effects that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.forecasts import forecast
from forecasting.models import FittedModel, Model, estimation
from forecasting.models.drivers import Drivers
from forecasting.models.estimation import aicc, choose, state_space_of
from forecasting.models.interventions import Intervention
from forecasting.models.structural import SarimaxModel, StructuralModel
from forecasting.paths import make_paths
from forecasting.periods import format_period
from forecasting.series import make_series, read_series

MODELS = [StructuralModel, SarimaxModel]
SPECIFICATIONS = [
    (model, name) for model in MODELS for name in model().specifications(season_length=12)
]
HORIZON = 30


def months(n, start="2012-01"):
    return pd.period_range(start, periods=n, freq="M")


def walk(seed=1, n=96):
    """Standardised random walk with a season, noise and three missing values."""
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(0, 1, n)) + 2 * np.sin(np.arange(n) * np.pi / 6)
    values = values + rng.normal(0, 1, n)
    values[[5, 40, 41]] = np.nan
    return (values - np.nanmean(values)) / np.nanstd(values)


def regressors(n, seed=2):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(0, 1, n), (np.arange(n) > 50) - 0.5])


def estimated(model, name, exog=None):
    builder = model().specifications(season_length=12)[name]
    matrix = np.empty((96, 0)) if exog is None else exog
    return choose({name: builder}, walk(), matrix)[1]


def counts(log_values, *, start="2012-01", series_id="a"):
    periods = [format_period(p) for p in months(len(log_values), start)]
    values = np.round(np.expm1(log_values))
    return make_series(periods, values, series_id=series_id, missing="keep")


# statsmodels' own forecast


@pytest.mark.parametrize(("model", "name"), SPECIFICATIONS)
def test_without_noise_the_path_is_the_forecast_of_the_library(model, name):
    result = estimated(model, name)
    found = state_space_of(result, 0)
    still = replace(found, noise=0 * found.noise, observation_variance=0.0)
    path = still.run(found.mean[None, :], HORIZON, np.random.default_rng(1))[0]
    np.testing.assert_allclose(path, result.get_forecast(HORIZON).predicted_mean, atol=1e-9)


@pytest.mark.parametrize(("model", "name"), SPECIFICATIONS)
def test_the_spread_of_the_paths_is_the_standard_error_of_the_library(model, name):
    result, rng = estimated(model, name), np.random.default_rng(2)
    found = state_space_of(result, 0)
    paths = found.run(found.draw_states(20_000, rng), HORIZON, rng)
    np.testing.assert_allclose(paths.std(axis=0), result.get_forecast(HORIZON).se_mean, rtol=0.03)


@pytest.mark.parametrize(
    ("model", "name"), [(StructuralModel, "level"), (SarimaxModel, "(0,1,1)(0,0,0)")]
)
def test_with_regressors_too(model, name):
    known, ahead, rng = regressors(96), regressors(HORIZON, seed=3), np.random.default_rng(4)
    result = estimated(model, name, known)
    found = state_space_of(result, 2)
    states = found.draw_states(20_000, rng)
    paths = found.run(states, HORIZON, rng) + states[:, -2:] @ ahead.T
    expected = result.get_forecast(HORIZON, exog=ahead)
    np.testing.assert_allclose(paths.std(axis=0), expected.se_mean, rtol=0.03)
    assert (abs(paths.mean(axis=0) - expected.predicted_mean) < 0.03 * expected.se_mean).all()


def test_the_path_of_a_level_is_its_last_estimate_and_spreads_by_the_two_variances():
    result = estimated(StructuralModel, "level")
    noise, drift = result.params
    found, steps = state_space_of(result, 0), np.arange(HORIZON)
    last, doubt = found.mean[0], found.covariance[0, 0]
    forecast = result.get_forecast(HORIZON)
    np.testing.assert_allclose(forecast.predicted_mean, last)
    np.testing.assert_allclose(forecast.se_mean**2, noise + doubt + drift * steps)


def test_coefficients_are_those_of_the_library_where_they_are_parameters():
    """Generalised least squares against maximum likelihood; same model, other estimator."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    known = regressors(96)
    found = state_space_of(estimated(StructuralModel, "level", known), 2)
    reference = UnobservedComponents(walk(), "local level", exog=known).fit(
        disp=False, cov_type="approx"
    )
    np.testing.assert_allclose(found.mean[-2:], reference.params[-2:], atol=0.02)
    errors = np.sqrt(np.diag(found.covariance)[-2:])
    np.testing.assert_allclose(errors, reference.bse[-2:], rtol=0.05)


# the choice


def test_the_criterion_is_that_of_the_library_where_nothing_is_differenced():
    """Where nothing is missing either: the library counts missing values as observations."""
    builder = SarimaxModel().specifications(season_length=12)["(1,0,1)(0,0,0)"]
    values = np.nan_to_num(walk())
    result = choose({"one": builder}, values, np.empty((96, 0)))[1]
    assert aicc(result, np.full(96, True)) == pytest.approx(result.aicc)
    fewer = np.arange(96) > 9
    expected = -2 * result.llf_obs[10:].sum() + 2 * 4 * 86 / (86 - 4 - 1)
    assert aicc(result, fewer) == pytest.approx(expected)
    assert aicc(result, np.arange(96) < 5) == np.inf


def test_a_strong_season_is_found_and_none_is_made_up():
    rng, t = np.random.default_rng(5), np.arange(96)
    seasonal = 5 + 0.5 * np.sin(t * np.pi / 6) + rng.normal(0, 0.05, 96)
    flat = 5 + np.cumsum(rng.normal(0, 0.1, 96)) + rng.normal(0, 0.2, 96)
    with_season = StructuralModel("log").fit(counts(seasonal))
    assert with_season.specification_.endswith("season")
    best = np.median(with_season.simulate(12, 400, np.random.default_rng(1)), axis=0)
    truth = np.expm1(5 + 0.5 * np.sin(np.arange(96, 108) * np.pi / 6))
    np.testing.assert_allclose(best, truth, rtol=0.1)
    assert "(0,0,0)" not in SarimaxModel("log").fit(counts(seasonal)).specification_
    assert StructuralModel("log").fit(counts(flat)).specification_ == "level"
    assert not SarimaxModel("log").fit(counts(flat)).specification_.endswith("(0,1,1)")


def test_a_season_needs_three_years():
    rng, t = np.random.default_rng(6), np.arange(36)
    seasonal = counts(5 + np.sin(t * np.pi / 6) + rng.normal(0, 0.02, 36))
    later = replace(seasonal, values=seasonal.values.iloc[1:])
    assert StructuralModel("log").fit(seasonal).specification_ == "level, season"
    assert StructuralModel("log").fit(later).specification_ == "level"
    assert "(0,0,0)" not in SarimaxModel("log").fit(seasonal).specification_
    assert "(0,0,0)" in SarimaxModel("log").fit(later).specification_


@pytest.mark.parametrize("model", MODELS)
def test_no_convergence_is_an_error_with_its_reason(model, monkeypatch):
    monkeypatch.setattr(estimation, "MAX_ITERATIONS", 0)
    with pytest.raises(
        ModelError, match=r"on a: no specification .*no convergence in 0 iterations"
    ):
        model("log").fit(counts(5 + walk(seed=7) / 5))


# known effects

EFFECT, STEP = 0.3, -0.5


@pytest.fixture(scope="module")
def driven():
    """Log counts: a slow walk, a driver that leads by two months, and a law from 2015-01 on."""
    rng, n = np.random.default_rng(11), 120
    jobs = np.cumsum(rng.normal(0, 0.5, n + 2)) + rng.normal(0, 1, n + 2)
    law = Intervention("law", pd.Period("2015-01", "M"))
    level = 6 + np.cumsum(rng.normal(0, 0.03, n))
    values = level + EFFECT * jobs[:-2] + STEP * law.values(months(n)) + rng.normal(0, 0.05, n)
    values[[20, 21, 70]] = np.nan
    observed = pd.DataFrame({"jobs": jobs}, index=months(n + 2, "2011-11"))
    return counts(values), Drivers(observed, lags={"jobs": 2}), law


@pytest.mark.parametrize("model", MODELS)
def test_a_known_effect_is_found_with_its_standard_error(model, driven):
    series, drivers, law = driven
    fitted = model("log", drivers, (law,)).fit(series)
    assert isinstance(fitted, FittedModel)
    assert isinstance(fitted.recipe, Model)
    found = fitted.coefficients_
    assert list(found.columns) == ["name", "estimate", "std_error"]
    assert found["name"].tolist() == ["jobs", "law"]
    distance = (found["estimate"] - [EFFECT, STEP]).abs()
    assert (distance < 3 * found["std_error"]).all()
    assert found["std_error"].between(0.001, 0.12).all()


@pytest.mark.parametrize("model", MODELS)
def test_a_driver_that_does_nothing_does_not_earn_its_place(model, driven):
    series, _, law = driven
    noise = np.random.default_rng(12).normal(0, 1, 120)
    useless = Drivers(pd.DataFrame({"moon": noise}, index=months(120)))
    found = model("log", useless, (law,)).fit(series).coefficients_.iloc[0]
    assert abs(found["estimate"]) < 2.5 * found["std_error"]


@pytest.mark.parametrize("model", MODELS)
def test_a_unit_more_of_a_driver_is_a_coefficient_more_on_every_path(model, driven):
    """The paths differ by draws of the coefficient: its estimate and its standard error."""
    series, drivers, _ = driven
    values = {}
    for shift in (0, 1):
        future = np.full((1, 10), 2.0 + shift)
        ahead = make_paths(future, months(10, "2022-01"), unit="1", kind="stock")
        fitted = model("log", replace(drivers, future={"jobs": ahead})).fit(series)
        values[shift] = fitted._simulate(12, 8000, np.random.default_rng(13))
    difference = values[1] - values[0]
    np.testing.assert_allclose(difference[:, :2], 0, atol=1e-12)  # known by the lag of two
    np.testing.assert_allclose(difference[:, 2:], difference[:, [2]] + np.zeros(10), atol=1e-9)
    found = fitted.coefficients_.iloc[0]
    assert difference[:, 2].mean() == pytest.approx(found["estimate"], rel=0.01)
    assert difference[:, 2].std() == pytest.approx(found["std_error"], rel=0.05)


def test_path_i_goes_with_path_i_of_the_driver(driven):
    series, drivers, _ = driven
    rng = np.random.default_rng(14)
    future = make_paths(rng.normal(0, 5, (300, 4)), months(4, "2022-01"), unit="1", kind="stock")
    fitted = StructuralModel("log", replace(drivers, future={"jobs": future})).fit(series)
    paths = np.log1p(fitted.simulate(6, 300, rng))
    for step in range(4):
        together = np.corrcoef(future[:, step], paths[:, step + 2])[0, 1]
        assert together > 0.95
    assert abs(np.corrcoef(future[:, 0], paths[:, 0])[0, 1]) < 0.2


def test_a_backtest_does_not_see_what_the_driver_did_afterwards(driven):
    series, drivers, _ = driven
    origin = pd.Period("2018-12", "M")
    disturbed = drivers.observed.copy()
    disturbed.loc[origin + 1 :] = 1e6
    results = []
    for each in (drivers, replace(drivers, observed=disturbed)):
        shifted = replace(each, observed=each.observed + 20)  # no longer negative
        known = shifted.until(origin).forecast_future(
            12, 50, np.random.default_rng(1), model="random_walk"
        )
        fitted = SarimaxModel("log", known).fit(series.until(origin))
        results.append(fitted.simulate(12, 50, np.random.default_rng(2)))
    np.testing.assert_array_equal(*results)


def test_what_is_missing_is_not_taken_for_a_number(driven):
    """Leaving out a tenth of the values moves the level little; a 0 in their place would not."""
    series, _, law = driven
    fewer = series.values.copy()
    fewer.iloc[3:118:11] = np.nan
    one, two = (
        np.median(
            StructuralModel("log", interventions=(law,))
            .fit(replace(series, values=values))
            .simulate(3, 2000, np.random.default_rng(3))
        )
        for values in (series.values, fewer)
    )
    assert float(two) == pytest.approx(float(one), rel=0.15)


def test_without_regressors_there_are_no_coefficients(driven):
    found = StructuralModel("log").fit(driven[0]).coefficients_
    assert found.empty
    assert list(found.columns) == ["name", "estimate", "std_error"]


def test_each_regressor_needs_one_observation_more():
    index = months(40)
    drivers = Drivers(pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0) ** 2}, index=index))
    law = Intervention("law", pd.Period("2012-04", "M"))
    model = StructuralModel("raw", drivers, (law,))
    assert model.minimum_length(12) == 13
    with pytest.raises(ModelError, match="structural needs 13 observations, a has 12"):
        model.fit(counts(np.linspace(3, 4, 12)))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("lag", [2, 12])
def test_a_driver_needs_no_future_beyond_the_horizon(model, lag, driven):
    series, drivers, _ = driven
    series = replace(series, values=series.values["2013-01":])
    ahead = make_paths(np.zeros((1, 12)), months(12, "2022-01"), unit="1", kind="stock")
    future = {"jobs": ahead[:, : 12 - lag]} if lag < 12 else {}
    recipe = model("log", Drivers(drivers.observed, future, {"jobs": lag}))
    assert forecast(series, horizon=12, model=recipe, n_paths=30).paths.shape == (30, 12)
    with pytest.raises(InputError, match=r"driver jobs: values up to .* for 13 periods after"):
        forecast(series, horizon=13, model=recipe, n_paths=30)


def test_a_recipe_of_ones_own_can_be_forecast():
    recipe = StructuralModel("log")
    result = forecast(read_series("asylum-applicants/SI"), horizon=6, model=recipe, n_paths=50)
    assert result.model == recipe.name == "structural-log"
    assert result.paths.shape == (50, 6)
