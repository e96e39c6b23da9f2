"""The models of a smooth stock: changes, autoregression with drivers, and a level after a shock."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import InputError, ModelError
from forecasting.models import Drivers, FittedModel, Model
from forecasting.models.autoregression import AutoregressionModel
from forecasting.models.changes import changes_of, measure_changes
from forecasting.models.level import LevelModel
from forecasting.models.statsforecast_adapter import StatsforecastModel
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.series import make_series

RECIPES = [AutoregressionModel(), LevelModel(), StatsforecastModel("ets_damped_additive", "log")]


def own_series(z, start="2008-01", freq="M"):
    """A series from its values on the log(1 + y) scale."""
    periods = pd.period_range(start, periods=len(z), freq=freq)
    texts = [format_period(period) for period in periods]
    return make_series(texts, np.expm1(np.asarray(z)), series_id="a", kind="stock", missing="keep")


def driver_of(values, start="2008-01", name="u"):
    index = pd.period_range(start, periods=len(values), freq="M")
    return Drivers(pd.DataFrame({name: np.asarray(values, dtype=float)}, index=index))


def momentum(n=150, phi=0.8, seed=1, spread=0.004):
    """Changes that follow an autoregression of the first order."""
    rng = np.random.default_rng(seed)
    changes = np.zeros(n)
    for step in range(1, n):
        changes[step] = phi * changes[step - 1] + spread * rng.standard_normal()
    return 9 + np.cumsum(changes)


# the protocol of models


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
@pytest.mark.parametrize(
    "series",
    [
        own_series(momentum()),
        own_series(momentum(80), "2000Q1", "Q"),
        own_series(momentum(40), "1980", "Y"),
        own_series(np.full(60, np.log1p(7.0))),
        own_series(np.zeros(60)),
    ],
    ids=["months", "quarters", "years", "constant", "zero"],
)
def test_the_contract_of_models(recipe, series):
    before = series.values.copy()
    fitted = recipe.fit(series)
    assert isinstance(recipe, Model)
    assert isinstance(fitted, FittedModel)
    assert fitted.series is series
    paths, again, other = (
        fitted.simulate(20, 40, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert paths.shape == (40, 20)
    assert np.isfinite(paths).all()
    assert (paths >= 0).all()
    np.testing.assert_array_equal(paths, again)
    assert len(set(series.values)) == 1 or (paths != other).any()
    pd.testing.assert_series_equal(series.values, before)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_gaps_and_short_series_are_refused(recipe):
    z = momentum(60)
    z[30] = np.nan
    with pytest.raises(ModelError, match="without gaps"):
        recipe.fit(own_series(z))
    needed = recipe.minimum_length(12)
    with pytest.raises(ModelError, match=f"needs {needed} observations"):
        recipe.fit(own_series(momentum(needed - 1)))
    recipe.fit(own_series(momentum(needed)))


# changes


@settings(max_examples=30, deadline=None)
@given(st.integers(13, 90), st.integers(0, 1000))
def test_season_and_changes_add_up_to_the_series(n, seed):
    z = np.random.default_rng(seed).normal(5, 1, n)
    periods = pd.period_range("2010-03", periods=n, freq="M")
    changes = measure_changes(z, periods)
    rebuilt = z[0] + np.cumsum(changes.values + changes.season_at(periods[1:]))
    np.testing.assert_allclose(rebuilt, z[1:])
    assert abs(changes.season.sum()) < 1e-9


def test_the_season_is_found_and_goes_on():
    pattern = np.array([0.1, 0, -0.05, 0, 0, 0, 0, 0, 0, 0, 0, -0.05])
    z = 6 + np.cumsum(np.tile(pattern, 6))
    changes = changes_of(own_series(z))
    np.testing.assert_allclose(changes.season, pattern, atol=1e-9)
    np.testing.assert_allclose(changes.season_ahead(14), [*pattern, *pattern[:2]], atol=1e-9)


def test_a_shock_is_one_of_the_last_three_years_beyond_eight_deviations():
    z = momentum()
    spread = changes_of(own_series(z)).spread
    for months_ago, size, found in ((10, 12.0, True), (10, 4.0, False), (50, 20.0, False)):
        shocked = z.copy()
        shocked[-months_ago:] += size * spread
        shocks = changes_of(own_series(shocked)).shocks
        assert bool(shocks) is found
        if found:
            assert list(shocks) == [own_series(z).periods[-months_ago]]


def test_a_series_that_seldom_changes_has_no_shock():
    z = np.full(60, 5.0)
    z[-5:] += 1
    assert changes_of(own_series(z)).shocks == {}


def test_what_is_usual_is_not_known_in_a_young_series():
    z = momentum(70)
    z[-5:] += 1
    assert changes_of(own_series(z)).shocks == {}


# autoregression


def test_the_coefficients_are_those_of_an_independent_library():
    from statsmodels.tsa.ar_model import AutoReg

    series = own_series(momentum(200))
    fitted = AutoregressionModel().fit(series)
    changes = fitted.changes_
    usual = np.clip(changes.values, -4 * changes.spread, 4 * changes.spread)
    expected = AutoReg(usual, lags=13, trend="n").fit().params
    np.testing.assert_allclose(fitted.coefficients_, expected, rtol=1e-6)


def test_momentum_goes_on_and_fades_and_there_is_no_drift():
    z = momentum(240, phi=0.7)
    z[-6:] += np.linspace(0.01, 0.06, 6)
    paths = AutoregressionModel().fit(own_series(z)).simulate(60, 400, np.random.default_rng(1))
    median = np.median(np.log1p(paths), axis=0)
    assert median[2] > z[-1] + 0.003
    assert abs(median[-1] - median[-13]) < 0.02


def test_a_jump_moves_the_level_and_gives_no_momentum():
    z = momentum(200)
    jumped = z.copy()
    jumped[-1] += 0.5
    calm, after = (
        np.median(
            AutoregressionModel().fit(own_series(v)).simulate(6, 400, np.random.default_rng(1)), 0
        )
        for v in (z, jumped)
    )
    moved = np.log1p(after) - np.log1p(calm)
    assert np.all(np.abs(moved - 0.5) < 0.05)


@pytest.mark.parametrize("lead", [0, 5, 12])
def test_the_lead_of_a_driver_is_found(lead):
    rng = np.random.default_rng(3)
    pushed = np.repeat(rng.normal(0, 0.02, 60), 3) + rng.normal(0, 0.002, 180)
    driver = np.exp(2 + np.cumsum(pushed))
    smooth = pd.Series(pushed).rolling(3).mean().fillna(0).to_numpy()
    changes = np.concatenate([np.zeros(lead), smooth[: 180 - lead]]) * 0.3
    series = own_series(8 + np.cumsum(changes + rng.normal(0, 0.0005, 180)))
    fitted = AutoregressionModel(driver_of(driver)).fit(series)
    assert fitted.leads_ == {"u": lead}
    assert abs(fitted.coefficients_[-1] - 0.3) < 0.03


def scenario(driver, end, value, periods):
    paths = make_paths(np.full((1, periods), float(value)), following(end, periods), unit="1")
    return Drivers(driver.observed, {"u": paths}, {"u": 0})


def test_the_future_of_a_driver_reaches_the_paths():
    pushed = np.diff(momentum(151, seed=2))
    driver = driver_of(np.exp(np.cumsum(pushed)))
    smooth = pd.Series(pushed).rolling(3).mean().fillna(0).to_numpy()
    series = own_series(momentum(150, spread=0.0005) + np.cumsum(0.5 * smooth))
    last = driver.observed["u"].iloc[-1]
    medians = [
        np.median(
            AutoregressionModel(scenario(driver, series.origin, last * factor, 12))
            .fit(series)
            .simulate(12, 300, np.random.default_rng(1)),
            axis=0,
        )
        for factor in (0.99, 1.0, 1.01)
    ]
    assert (medians[0][3:] < medians[1][3:]).all()
    assert (medians[1][3:] < medians[2][3:]).all()


def test_a_driver_with_negative_values_is_taken_as_it_is():
    rng = np.random.default_rng(1)
    growth = rng.normal(0, 1, 150)
    series = own_series(momentum(150))
    given = scenario(driver_of(growth), series.origin, -2, 6)
    paths = AutoregressionModel(given).fit(series).simulate(6, 20, rng)
    assert np.isfinite(paths).all()


def test_a_driver_that_ends_early_is_carried_by_its_future():
    """Its future begins before the origin of the series, and is used from there on."""
    series = own_series(momentum(150))
    early = driver_of(np.exp(momentum(146, seed=2) / 9))
    values = np.full((1, 10), 3.0)
    future = make_paths(values, following(series.origin - 4, 10), unit="1")
    driven = AutoregressionModel(Drivers(early.observed, {"u": future}, {"u": 0}))
    assert driven.fit(series).simulate(6, 20, np.random.default_rng(1)).shape == (20, 6)
    with pytest.raises(InputError, match="driver u"):
        driven.fit(series).simulate(7, 20, np.random.default_rng(1))


def test_a_driver_observed_after_the_origin_is_refused():
    series = own_series(momentum(150))
    with pytest.raises(InputError, match="look-ahead"):
        AutoregressionModel(driver_of(np.exp(momentum(151) / 9))).fit(series)


def test_futures_that_were_drawn_together_stay_together():
    """Path 7 of one driver belongs to path 7 of the other, also where paths are drawn anew."""
    series = own_series(momentum(150))
    index = series.periods
    rng = np.random.default_rng(1)
    first = np.exp(momentum(150, seed=2) / 9)
    second = np.exp(momentum(150, seed=3) / 9)
    observed = pd.DataFrame({"a": first, "b": second}, index=index)
    moves = np.exp(rng.normal(0, 0.05, (7, 12)))

    def future(last):
        return make_paths(last * moves, following(series.origin, 12), unit="1")

    futures: dict[str, xr.DataArray] = {"a": future(first[-1]), "b": future(second[-1])}
    fitted = AutoregressionModel(Drivers(observed, futures, {"a": 0, "b": 0})).fit(series)
    ahead = [
        driver.ahead(series.origin, 12, 50, np.random.default_rng(5))[:, 5:] / driver.changes.spread
        for driver in fitted.drivers_
    ]
    assert len({tuple(row) for row in np.round(ahead[0], 9)}) == 7
    groups = [np.unique(np.round(values, 9), axis=0, return_inverse=True)[1] for values in ahead]
    assert len({(int(a), int(b)) for a, b in zip(*groups, strict=True)}) == 7


# level after a shock


def test_a_level_has_no_direction_without_a_shock():
    z = momentum(150) + np.linspace(0, 1, 150)
    paths = LevelModel().fit(own_series(z)).simulate(24, 4000, np.random.default_rng(1))
    median = np.median(np.log1p(paths), axis=0)
    assert np.abs(median - z[-1]).max() < 0.02


def test_a_shock_passes_to_an_unknown_share_within_a_year():
    z = momentum(150, spread=0.001)
    z[-3:] += 0.4
    fitted = LevelModel().fit(own_series(z))
    assert fitted.passing_ == pytest.approx(0.4, abs=0.01)
    paths = np.log1p(fitted.simulate(24, 4000, np.random.default_rng(1)))
    median = np.median(paths, axis=0)
    assert median[5] == pytest.approx(z[-1] - 0.1, abs=0.03)
    assert median[11] == pytest.approx(z[-1] - 0.2, abs=0.03)
    assert median[23] == pytest.approx(z[-1] - 0.2, abs=0.06)


def test_stretches_of_a_year_hang_together():
    """A random walk of independent months would be narrower where changes last."""
    z = momentum(150, phi=0.95)
    changes = np.diff(z)[-36:]
    paths = np.log1p(LevelModel().fit(own_series(z)).simulate(12, 4000, np.random.default_rng(1)))
    independent = np.sqrt(12 * np.mean(changes**2))
    assert paths[:, -1].std() > 1.3 * independent
