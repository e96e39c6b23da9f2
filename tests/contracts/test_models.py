"""What every model must keep, on every kind of series; and the library's own answers beside it."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import ModelError
from forecasting.models import FittedModel, Model, available_models, get_model
from forecasting.models.ces import CesState, simulate_ces
from forecasting.models.statsforecast_adapter import StatsforecastModel
from forecasting.periods import format_period
from forecasting.series import make_series, read_series

HORIZON, N_PATHS = 14, 60


def own_series(start, freq, values):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    return make_series([format_period(p) for p in periods], values, series_id=f"own-{freq}")


def counts(seed, n):
    return np.random.default_rng(seed).poisson(80, n)


SERIES = {
    "SI": lambda: read_series("asylum-applicants/SI"),
    "FI": lambda: read_series("asylum-applicants/FI"),
    "thirteen months": lambda: own_series("2023-01", "M", counts(1, 13)),
    "all zero": lambda: own_series("2019-01", "M", [0] * 48),
    "constant": lambda: own_series("2019-01", "M", [7] * 48),
    "quarterly": lambda: own_series("2012Q1", "Q", counts(2, 40)),
    "annual": lambda: own_series("1990", "Y", counts(3, 30)),
}


STATSFORECAST = [
    name for name in available_models() if isinstance(get_model(name), StatsforecastModel)
]
TAKES_GAPS = ("prophet", "sarimax", "structural")

# every model on every series, but for the pairs that `test_a_short_series_is_refused` is about
PAIRS = [
    (name, kind)
    for kind in SERIES
    for name in available_models()
    if not (kind == "thirteen months" and name.startswith(("seasonal_naive", "last_official")))
]


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def pair(request):
    name, kind = request.param
    model, series = get_model(name), SERIES[kind]()
    return model, series, model.fit(series)


@pytest.fixture
def model(pair):
    return pair[0]


@pytest.fixture
def series(pair):
    return pair[1]


@pytest.fixture
def fitted(pair):
    return pair[2]


def simulate(fitted, seed=5):
    return fitted.simulate(HORIZON, N_PATHS, np.random.default_rng(seed))


def test_it_keeps_the_protocol(model, fitted, series):
    assert isinstance(model, Model)
    assert isinstance(fitted, FittedModel)
    assert fitted.series is series


def test_paths_are_whole_finite_and_never_negative(fitted):
    paths = simulate(fitted)
    assert isinstance(paths, np.ndarray)
    assert paths.shape == (N_PATHS, HORIZON)
    assert np.isfinite(paths).all()
    assert (paths >= 0).all()


def test_the_generator_is_the_only_source_of_randomness(model, fitted, series):
    np.random.seed(99)  # noqa: NPY002 - the library uses NumPy's global state
    before = np.random.get_state()  # noqa: NPY002
    values = series.values.copy()
    first = simulate(fitted)
    again = simulate(model.fit(series))
    after = np.random.get_state()  # noqa: NPY002
    assert before[0] == after[0]
    assert (before[1] == after[1]).all()
    assert before[2:] == after[2:]
    np.testing.assert_array_equal(first, again)
    pd.testing.assert_series_equal(series.values, values)
    if values.std() > 0 and model.name != "last_official":  # which states a number, no distribution
        assert (simulate(fitted, seed=6) != first).any()


@pytest.mark.parametrize("name", available_models())
def test_data_after_the_origin_change_nothing(name):
    whole = SERIES["SI"]()
    origin = whole.origin - 30
    disturbed = whole.values.copy()
    disturbed[origin + 1 :] *= 1000
    other = make_series(
        [format_period(p) for p in disturbed.index], disturbed, series_id=whole.series_id
    )
    one, two = (simulate(get_model(name).fit(s.until(origin))) for s in (whole, other))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("geo", ["SI", "FI"])
@pytest.mark.parametrize("name", STATSFORECAST)
def test_the_first_median_is_the_point_forecast_of_the_library(name, geo):
    """Within 5 % of one standard deviation: errors are symmetric one step ahead."""
    fitted = get_model(name).fit(SERIES[geo]())
    draws = fitted._simulate(1, 20_000, np.random.default_rng(1))[:, 0]
    point = fitted.model_.predict(1)["mean"][0]
    assert abs(np.median(draws) - point) < 0.05 * draws.std()


def one_step_sigma(model_):
    """Standard deviation one step ahead, from what the library estimated (ARIMA: see below)."""
    if "sigma" in model_:
        return float(model_["sigma"])
    if model_.get("modeltype") == "DOTM":
        return float(np.std(model_["residuals"][3:], ddof=1))
    return float(np.sqrt(model_["sigma2"]))


@pytest.mark.parametrize("geo", ["SI", "FI"])
@pytest.mark.parametrize("name", [n for n in STATSFORECAST if "arima" not in n])
def test_the_spread_one_step_ahead_is_the_sigma_of_the_model(name, geo):
    fitted = get_model(name).fit(SERIES[geo]())
    draws = fitted._simulate(1, 40_000, np.random.default_rng(2))[:, 0]
    expected = one_step_sigma(fitted.model_.model_)
    if str(fitted.model_.model_.get("components", "")).startswith("M"):
        expected *= fitted.model_.predict(1)["mean"][0]
    assert draws.std() == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("name", ["random_walk", "random_walk-log"])
def test_a_random_walk_spreads_with_the_root_of_the_horizon(name):
    fitted = get_model(name).fit(SERIES["SI"]())
    spread = fitted._simulate(16, 40_000, np.random.default_rng(3)).std(axis=0)
    assert spread[15] / spread[0] == pytest.approx(4, rel=0.03)


@pytest.mark.parametrize("name", available_models())
@pytest.mark.parametrize("season_length", [1, 4, 12])
def test_a_short_series_is_refused(name, season_length):
    model = get_model(name)
    needed = model.minimum_length(season_length)
    freq = {1: "Y", 4: "Q", 12: "M"}[season_length]
    model.fit(own_series("1990", freq, counts(4, needed)))
    if needed == 1:
        return  # there is no shorter series
    with pytest.raises(ModelError, match=f"{name} needs {needed} observations, own-{freq} has"):
        model.fit(own_series("1990", freq, counts(4, needed - 1)))


@pytest.mark.parametrize("name", available_models())
def test_gaps_are_carried_over_or_refused_but_never_taken_for_numbers(name):
    values = 1000.0 + counts(5, 60)
    values[[3, 20, 21, 57]] = np.nan
    periods = [format_period(p) for p in pd.period_range("2015-01", periods=60, freq="M")]
    series = make_series(periods, values, series_id="gaps", missing="keep")
    model = get_model(name)
    if not name.startswith(TAKES_GAPS):
        message = f"{name} needs a series without gaps, in gaps 4 of 60 values are missing; use"
        with pytest.raises(ModelError, match=message):
            model.fit(series)
        return
    paths = simulate(model.fit(series))
    assert 1000 < np.median(paths) < 1200


# ARIMA, whose paths we simulate ourselves


@pytest.mark.parametrize("name", ["arima", "arima-log"])
@pytest.mark.parametrize("geo", ["SI", "FI"])
def test_the_spread_of_arima_is_the_standard_error_of_the_library(name, geo):
    fitted = get_model(name).fit(SERIES[geo]())
    expected = fitted.model_.predict(60, level=[50])
    # half the interval over the 75 % point of the normal distribution
    error = (expected["hi-50"] - expected["mean"]) / 0.6744898
    paths = fitted._simulate(60, 20_000, np.random.default_rng(6))
    np.testing.assert_allclose(paths.std(axis=0), error, rtol=0.03)
    assert (abs(paths.mean(axis=0) - expected["mean"]) < 0.04 * error).all()


# complex exponential smoothing, whose paths we simulate ourselves


@pytest.fixture(params="NSPF")
def ces(request):
    from statsforecast.models import AutoCES

    values = np.log1p(SERIES["SI"]().values.to_numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = AutoCES(season_length=12, model=request.param).fit(values)
    assert model.model_["seasontype"] == request.param
    return model


def test_ces_without_errors_is_the_point_forecast_of_the_library(ces):
    state = CesState.from_statsforecast(ces.model_)
    paths = simulate_ces(state, np.zeros((3, 40)))
    expected = np.broadcast_to(ces.predict(40)["mean"], (3, 40))
    np.testing.assert_allclose(paths, expected, rtol=0, atol=1e-9)


def test_ces_with_the_residuals_of_the_library_gives_back_the_observations(ces):
    """From the first states on, every observation is the forecast before it plus its error."""
    fitted = ces.model_
    first = replace(
        CesState.from_statsforecast(fitted), states=np.array(fitted["states"][: fitted["m"]])
    )
    paths = simulate_ces(first, np.asarray(fitted["residuals"], dtype=float)[None, :])
    expected = np.log1p(SERIES["SI"]().values.to_numpy())
    np.testing.assert_allclose(paths[0], expected, rtol=0, atol=1e-6)


def test_the_spread_of_ces_grows_where_that_of_the_library_does_not(ces):
    """Documents the fault of statsforecast 2.1.1; if this fails, its own paths may be used."""
    state = CesState.from_statsforecast(ces.model_)
    errors = np.random.default_rng(4).normal(0, state.sigma, (4000, 37))
    own = simulate_ces(state, errors).std(axis=0)
    assert own[0] == pytest.approx(state.sigma, rel=0.05)
    assert own[36] > 1.25 * own[0]
    library = np.asarray(ces.simulate(37, 4000, seed=1)).std(axis=0)
    assert library[36] < 1.1 * library[0]
