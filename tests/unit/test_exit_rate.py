"""The exit rate of a stock and its benchmark: known rates found again, paths that keep faith."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from forecasting.paths import make_paths, periods_of
from forecasting.periods import following, format_period
from forecasting.series import make_series, read_series
from forecasting.stocks.exit_rate import STOCK_MODELS, fit_exit_rate, fit_last_value

MODELS = sorted(STOCK_MODELS)


def series(values, kind):
    periods = pd.period_range("2010-01", periods=len(values), freq="M")
    return make_series([format_period(p) for p in periods], values, series_id=kind, kind=kind)


def stock_of(inflow, thetas, errors, start):
    """Follow a stock: each period's survivors and newcomers, times e to the error."""
    stock = [start]
    for came, theta, error in zip(inflow[1:], thetas[1:], errors[1:], strict=True):
        left = stock[-1] * math.exp(-theta) + came * (1 - math.exp(-theta)) / theta
        stock.append(left * math.exp(error))
    return np.array(stock)


def simulated(*, n=240, theta=0.1, noise=0.0, drift=0.0, seed=1):
    """Series of a stock and its inflow that follow the model."""
    rng = np.random.default_rng(seed)
    inflow = rng.uniform(300, 700, n)
    thetas = theta * np.exp(np.cumsum(drift * rng.standard_normal(n)))
    return inflow, stock_of(inflow, thetas, noise * rng.standard_normal(n), 4000.0)


def future(values, stock):
    rows = np.atleast_2d(np.asarray(values, dtype=float))
    return make_paths(rows, following(stock.origin, rows.shape[1]), unit="persons")


def project(fitted, inflow, *, n_paths=500, seed=1):
    paths = fitted.project(inflow, n_paths=n_paths, rng=np.random.default_rng(seed))
    return paths.to_numpy()


# estimation


@pytest.mark.parametrize("theta", [0.003, 0.1, 0.9, 2.5])
def test_a_known_rate_is_found_and_carried_on_exactly(theta):
    inflow, values = simulated(theta=theta, n=60)
    stock, came = series(values[:48], "stock"), series(inflow[:48], "flow")
    fitted = fit_exit_rate(stock, came, window=12)
    assert fitted.theta_ == pytest.approx(theta, rel=1e-6)
    assert fitted.standard_error_ < 1e-6
    assert fitted.drift_ < 1e-6
    paths = project(fitted, future(inflow[48:], stock), n_paths=3)
    np.testing.assert_allclose(paths, np.broadcast_to(values[48:], (3, 12)), rtol=1e-5)


def test_the_estimate_is_hubers():
    """That of an independent minimiser, with the spread of the errors as it is at the estimate."""
    from scipy.optimize import minimize_scalar
    from scipy.special import huber

    inflow, values = simulated(noise=0.05, n=60)

    def errors_at(log_theta):
        theta = math.exp(log_theta)
        left = values[-13:-1] * math.exp(-theta)
        return np.log(values[-12:] / (left + inflow[-12:] * (1 - math.exp(-theta)) / theta))

    fitted = fit_exit_rate(series(values, "stock"), series(inflow, "flow"), window=12)
    errors = errors_at(math.log(fitted.theta_))
    largest = 1.5 * 1.4826 * np.median(np.abs(errors))
    assert (np.abs(errors) > largest).any()
    best = minimize_scalar(
        lambda log_theta: huber(largest, errors_at(log_theta)).sum(),
        bounds=(-5, 1),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert fitted.theta_ == pytest.approx(math.exp(best.x), rel=1e-4)


def test_a_stock_counted_anew_does_not_pass_for_exits():
    """One month adds half of the stock: the rate stays, the error is among the residuals."""
    inflow, values = simulated(noise=0.02, n=60)
    errors = np.zeros(60)
    errors[54] = 0.5
    rng = np.random.default_rng(1)
    counted = stock_of(inflow, np.full(60, 0.1), errors + 0.02 * rng.standard_normal(60), 4000.0)
    plain, anew = (
        fit_exit_rate(series(each, "stock"), series(inflow, "flow"), window=12)
        for each in (values, counted)
    )
    assert plain.theta_ == pytest.approx(0.1, rel=0.15)
    assert anew.theta_ == pytest.approx(0.1, rel=0.15)
    assert anew.residuals_.max() > 0.4
    assert anew.drift_ < 0.05


def test_the_standard_error_is_the_spread_of_the_estimates():
    fits = []
    for seed in range(60):
        inflow, values = simulated(noise=0.02, n=60, seed=seed)
        fits.append(fit_exit_rate(series(values, "stock"), series(inflow, "flow"), window=24))
    spread = np.std([math.log(fit.theta_) for fit in fits])
    stated = np.sqrt(np.mean([fit.standard_error_**2 for fit in fits]))
    assert stated == pytest.approx(spread, rel=0.25)


def test_the_drift_of_the_rate_is_found():
    found = []
    for seed in range(12):
        inflow, values = simulated(noise=0.01, drift=0.1, seed=seed)
        fitted = fit_exit_rate(series(values, "stock"), series(inflow, "flow"), window=6)
        found.append(fitted.drift_)
    assert np.mean(found) == pytest.approx(0.1, rel=0.2)
    inflow, values = simulated(noise=0.01, drift=0.0)
    fitted = fit_exit_rate(series(values, "stock"), series(inflow, "flow"), window=6)
    assert fitted.drift_ < 0.025


def test_the_autocorrelation_of_the_errors_is_found():
    rng = np.random.default_rng(4)
    errors = np.zeros(400)
    for step in range(1, 400):
        errors[step] = 0.6 * errors[step - 1] + 0.01 * rng.standard_normal()
    inflow = rng.uniform(300, 700, 400)
    values = stock_of(inflow, np.full(400, 0.1), errors, 4000.0)
    fitted = fit_exit_rate(series(values, "stock"), series(inflow, "flow"), window=60)
    assert fitted.autocorrelation_ == pytest.approx(0.6, abs=0.1)


def test_only_periods_with_stock_and_inflow_count():
    """Inflow that begins later and goes on for longer changes nothing."""
    inflow, values = simulated(noise=0.02, n=60)
    periods = [format_period(p) for p in pd.period_range("2010-01", periods=60, freq="M")]
    stock = make_series(periods[:50], values[:50], series_id="s", kind="stock")
    later = make_series(periods[20:], inflow[20:], series_id="i")
    same = make_series(periods[20:50], inflow[20:50], series_id="i")
    assert fit_exit_rate(stock, later, window=6).theta_ == pytest.approx(
        fit_exit_rate(stock, same, window=6).theta_
    )


# paths


@pytest.mark.parametrize("window", [6, 12])
def test_intervals_of_the_model_cover_what_follows_its_own_law(window):
    inside = []
    for seed in range(80):
        inflow, values = simulated(noise=0.03, drift=0.03, n=132, seed=seed)
        stock, came = series(values[:120], "stock"), series(inflow[:120], "flow")
        fitted = fit_exit_rate(stock, came, window=window)
        paths = project(fitted, future(inflow[120:], stock))
        low, high = np.quantile(paths, [0.1, 0.9], axis=0)
        inside.append((values[120:] >= low) & (values[120:] <= high))
    assert 0.72 < np.mean(inside) < 0.92


@pytest.mark.parametrize("name", MODELS)
def test_what_every_model_of_a_stock_keeps_to(name):
    inflow, values = simulated(noise=0.05, drift=0.05, n=60)
    stock, came = series(values, "stock"), series(inflow, "flow")
    before = stock.values.copy(), came.values.copy()
    fitted = STOCK_MODELS[name](stock, came, window=6)
    ahead = future(np.random.default_rng(2).uniform(0, 900, (40, 18)), stock)
    paths = fitted.project(ahead, n_paths=40, rng=np.random.default_rng(1))
    assert paths.attrs == {"unit": "persons", "kind": "stock"}
    assert paths.shape == (40, 18)
    assert periods_of(paths).equals(following(stock.origin, 18))
    assert (paths >= 0).all()
    assert len(np.unique(paths.to_numpy()[:, 0])) > 20
    np.testing.assert_array_equal(project(fitted, ahead, n_paths=40), paths)
    assert (project(fitted, ahead, n_paths=40, seed=2) != paths.to_numpy()).any()
    pd.testing.assert_series_equal(stock.values, before[0])
    pd.testing.assert_series_equal(came.values, before[1])


@pytest.mark.parametrize("name", MODELS)
def test_one_inflow_serves_for_all_paths(name):
    inflow, values = simulated(noise=0.05, n=60)
    stock = series(values, "stock")
    fitted = STOCK_MODELS[name](stock, series(inflow, "flow"), window=6)
    single = np.full((1, 5), 500.0)
    once = project(fitted, future(single, stock), n_paths=30)
    repeated = project(fitted, future(np.repeat(single, 30, axis=0), stock), n_paths=30)
    np.testing.assert_array_equal(once, repeated)


@pytest.mark.parametrize("name", MODELS)
def test_a_small_stock_with_zeros_stays_a_count(name):
    rng = np.random.default_rng(3)
    stock, came = series(rng.poisson(1.5, 48), "stock"), series(rng.poisson(1, 48), "flow")
    assert (stock.values == 0).any()
    fitted = STOCK_MODELS[name](stock, came, window=12)
    paths = project(fitted, future(rng.poisson(1, (500, 24)), stock))
    assert (paths >= 0).all()
    assert np.quantile(paths, 0.9) < 100


def test_more_inflow_on_a_path_means_more_stock_on_it():
    inflow, values = simulated(noise=0.05, drift=0.02, n=60)
    stock = series(values, "stock")
    fitted = fit_exit_rate(stock, series(inflow, "flow"), window=12)
    ahead = np.random.default_rng(2).uniform(300, 700, (50, 12))
    little = project(fitted, future(ahead, stock), n_paths=50)
    much = project(fitted, future(ahead + 100, stock), n_paths=50)
    assert (much > little).all()
    # the same draws: 100 more a month add what 100 a month alone would come to
    alone = project(fitted, future(ahead + 200, stock), n_paths=50) - much
    np.testing.assert_allclose(much - little, alone, rtol=1e-9)


# the last value


def test_the_last_value_draws_past_changes_around_it():
    inflow, values = simulated(noise=0.05, n=60)
    stock = series(values, "stock")
    fitted = fit_last_value(stock, series(inflow, "flow"), window=6)
    paths = project(fitted, future(np.full(12, 500.0), stock), n_paths=4000)
    np.testing.assert_allclose(np.median(paths, axis=0), values[-1], rtol=0.02)
    steps = np.diff(np.log1p(np.hstack([np.full((4000, 1), values[-1]), paths])), axis=1)
    changes = np.diff(np.log1p(values[1:]))
    known = np.sort(np.concatenate([changes, -changes]))
    nearest = known[np.searchsorted(known, steps.ravel() - 1e-9).clip(max=len(known) - 1)]
    np.testing.assert_allclose(steps.ravel(), nearest, atol=1e-8)


def test_the_last_value_draws_changes_in_their_order():
    """A stock that goes up and down in turns does so within a block of drawn changes."""
    values = np.where(np.arange(41) % 2, 1099.0, 999.0)
    stock = series(values, "stock")
    fitted = fit_last_value(stock, series(np.full(41, 100.0), "flow"), window=4)
    steps = np.diff(project(fitted, future(np.full(4, 100.0), stock), n_paths=50), axis=1)
    assert (np.sign(steps[:, 1:]) == -np.sign(steps[:, :-1])).all()


def test_finland_is_foretold_better_with_its_inflow_than_without():
    """Known inflow, six months ahead, every half year from 2013: the reason for the model."""
    stock = read_series("pending-applications/FI", as_of="2024-11")
    came = read_series("asylum-applicants/FI", as_of="2024-11")
    errors = {name: [] for name in MODELS}
    for origin in pd.period_range("2013-01", "2024-01", freq="M")[::6]:
        ahead = following(origin, 6)
        known = future(came.values[ahead].to_numpy(), stock.until(origin))
        for name, fit in STOCK_MODELS.items():
            fitted = fit(stock.until(origin), came.until(origin), window=12)
            median = np.median(project(fitted, known)[:, -1])
            errors[name].append(abs(median - stock.values[ahead[-1]]))
    assert np.mean(errors["exit_rate"]) < 0.7 * np.mean(errors["last_value"])
