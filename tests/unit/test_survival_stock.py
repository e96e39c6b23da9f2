"""The survival model of a stock and the monitor of the stay, on populations that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.paths import make_paths
from forecasting.periods import following
from forecasting.series import RegularSeries
from forecasting.stocks.stay_monitor import (
    STAY_COLUMNS,
    find_stay_changes,
    stays_from_bands,
    stays_from_exit_rates,
)
from forecasting.stocks.survival_stock import SurvivalModel

SHARED = Path(__file__).parents[3] / "shared" / "data"
UK = SHARED / "uk_detention_quarterly.csv"
DAYS = (0, 8, 29, 91, 183)


def series(values, kind, first, freq):
    index = pd.period_range(first, periods=len(values), freq=freq, name="period")
    return RegularSeries(kind, pd.Series(np.asarray(values, float), index), "persons", kind)


def population(*, means, n=24, seed=3, rate=800):
    """Stock, entries and leavers by band, by quarter; the mean stay depends on the entry."""
    rng = np.random.default_rng(seed)
    entered = rng.uniform(-8, n, rng.poisson(rate * (n + 8)))
    left = entered + rng.exponential(np.where(entered < n / 2, means[0], means[1]))
    ends = np.arange(n + 1)
    stock = [np.sum((entered < end) & (left >= end)) for end in ends[1:]]
    bands = np.array([*DAYS, np.inf]) / 91.3125
    leavers = np.histogram2d(left, left - entered, [ends, bands])[0]
    index = pd.period_range("2014Q1", periods=n, freq="Q", name="period")
    counts = pd.DataFrame(leavers, index, [f"from {day} days" for day in DAYS])
    inflow = np.histogram(entered, ends)[0]
    return series(stock, "stock", "2014Q1", "Q"), series(inflow, "flow", "2014Q1", "Q"), counts


def ahead_of(stock, values):
    rows = np.atleast_2d(np.asarray(values, dtype=float))
    return make_paths(rows, following(stock.origin, rows.shape[1]), unit="persons")


# the survival model


def test_a_stay_that_does_not_change_is_found_and_carried_on():
    stock, inflow, leavers = population(means=(0.5, 0.5))
    model = SurvivalModel(leavers, DAYS, "days", window=4)
    fitted = model(stock.until(stock.origin - 4), inflow.until(stock.origin - 4))
    assert fitted.estimate_.stay.mean == pytest.approx(0.5, rel=0.1)
    assert len(fitted.errors_) == 8
    assert np.abs(fitted.errors_).max() < 0.25
    came, became = inflow.values[-4:].to_numpy(), stock.values[-4:].to_numpy()
    paths = fitted.project(ahead_of(fitted.stock, came), n_paths=2000, rng=np.random.default_rng(1))
    assert paths.attrs == {"unit": "persons", "kind": "stock"}
    np.testing.assert_allclose(np.median(paths, axis=0), became, rtol=0.15)
    low, high = np.quantile(paths, [0.025, 0.975], axis=0)
    assert ((low <= became) & (became <= high)).all()


def test_a_stay_taken_as_constant_draws_persons_and_narrower():
    stock, inflow, leavers = population(means=(0.5, 0.5))
    constant = SurvivalModel(leavers, DAYS, "days", window=4, n_earlier=0)(stock, inflow)
    assert not len(constant.errors_)
    shifting = SurvivalModel(leavers, DAYS, "days", window=4, n_earlier=3)(stock, inflow)
    drawn = [
        each.project(ahead_of(stock, [800] * 4), n_paths=1000, rng=np.random.default_rng(1))
        for each in (constant, shifting)
    ]
    assert (drawn[0] % 1 == 0).all()
    spreads = [np.log(each).std(axis=0).to_numpy() for each in drawn]
    added = spreads[1] ** 2 - spreads[0] ** 2
    expected = np.mean(shifting.errors_**2) * np.arange(1, 5)
    np.testing.assert_allclose(added, expected, rtol=0.2)


def test_an_error_is_that_of_an_earlier_window_one_period_ahead():
    """After the stay has doubled the stock is larger than expected."""
    stock, inflow, leavers = population(means=(0.5, 1.0))
    model = SurvivalModel(leavers, DAYS, "days", window=4, n_earlier=4)
    origin = stock.periods[14]  # the stay changed with the entries of the 13th quarter
    errors = model(stock.until(origin), inflow.until(origin)).errors_
    assert errors[-3] > 0.25  # the window ended right before the change
    assert np.abs(errors[0]) < 0.2


def test_what_a_survival_model_cannot_use_is_refused():
    stock, inflow, leavers = population(means=(0.5, 0.5))
    with pytest.raises(InputError, match="leavers by length band end with 2019-Q3"):
        SurvivalModel(leavers.iloc[:-1], DAYS, "days", window=4)(stock, inflow)
    early = stock.periods[2]
    with pytest.raises(ModelError, match="expected: 4 periods or more"):
        SurvivalModel(leavers, DAYS, "days", window=4)(stock.until(early), inflow.until(early))


# the monitor


def monthly(rng, *, factor=1.0, lasting=0.0, n=160):
    inflow = rng.poisson(500 + 100 * np.sin(np.arange(n) / 9))
    stock, error = [2000], 0.0
    for month in range(1, n):
        theta = 0.25 * (factor if month >= n // 2 else 1)
        left = stock[-1] * np.exp(-theta) - inflow[month] * np.expm1(-theta) / theta
        error = lasting * error + 0.03 * rng.standard_normal()
        stock.append(round(left * np.exp(error)))
    return series(stock, "stock", "2010-01", "M"), series(inflow, "flow", "2010-01", "M")


@pytest.mark.parametrize("lasting", [0.0, 0.4])
def test_a_stay_that_stays_raises_few_alarms(lasting):
    alarms = [
        bool(
            find_stay_changes(
                stays_from_exit_rates(*monthly(np.random.default_rng(seed), lasting=lasting)),
                window=12,
            )
        )
        for seed in range(60)
    ]
    assert np.mean(alarms) <= 0.1


@pytest.mark.parametrize("factor", [0.5, 1.6])
def test_a_change_of_the_exit_rate_is_found_within_a_year_and_its_size(factor):
    for seed in range(10):
        stock, inflow = monthly(np.random.default_rng(seed), factor=factor)
        changes = find_stay_changes(stays_from_exit_rates(stock, inflow), window=12)
        after = [(change.period - stock.periods[80]).n for change in changes]
        assert 0 < after[0] <= 12
        assert (changes[0].factor < 1) == (factor > 1) == (changes[0].strength < 0)
        whole = np.prod([change.factor for change in changes])
        assert whole == pytest.approx(1 / factor, rel=0.35)


def test_the_stays_of_windows_are_those_of_the_population():
    stock, inflow, leavers = population(means=(0.4, 0.8), n=20)
    model = SurvivalModel(leavers, DAYS, "days", window=4)
    by_bands = stays_from_bands(model, stock, inflow)
    by_rates = stays_from_exit_rates(stock, inflow)
    for stays in (by_bands, by_rates):
        assert tuple(stays.columns) == STAY_COLUMNS
        assert stays["mean_stay"].loc["2016Q2"] == pytest.approx(0.4, rel=0.15)
        assert stays["mean_stay"].loc["2018Q4"] == pytest.approx(0.8, rel=0.15)
        assert stays.index[-1] == stock.origin
    changes = find_stay_changes(by_bands, window=4)
    assert changes[0].period >= pd.Period("2016Q3", "Q")
    assert changes[0].factor > 1


def test_strength_is_the_z_value_against_windows_that_do_not_overlap():
    index = pd.period_range("2015Q1", periods=7, freq="Q")
    means = [1.0, 9.0, 2.0, 9.0, 4.0, 9.0, 8.0]
    stays = pd.DataFrame(
        {"mean_stay": means, "standard_error": [0.1, 5, 0.2, 5, 0.3, 5, 0.4]}, index
    )
    (change,) = find_stay_changes(stays, window=2)
    assert find_stay_changes(stays, window=2, threshold=4.5) == ()
    assert change.period == index[6]
    moved = np.log(8) - np.log([4, 2, 1]).mean()
    assert change.factor == pytest.approx(np.exp(moved))
    variance = np.mean([0.01, 0.04, 0.09, 0.16]) * (1 + 1 / 3)
    assert change.strength == pytest.approx(moved / np.sqrt(variance))


def test_after_a_change_only_what_follows_is_compared():
    index = pd.period_range("2015Q1", periods=8, freq="Q")
    stays = pd.DataFrame(
        {"mean_stay": [1.0, 1, 1, 3, 3, 3, 3, 3], "standard_error": [0.1] * 8}, index
    )
    changes = find_stay_changes(stays, window=1)
    assert [change.period for change in changes] == [index[3]]


def test_a_window_that_says_nothing_is_left_out():
    index = pd.period_range("2015Q1", periods=6, freq="Q")
    stays = pd.DataFrame(
        {"mean_stay": [1.0, 1, 1e4, 1, 1, 1], "standard_error": [0.1, 0.1, 1, 0.1, 0.1, 0.1]}, index
    )
    assert find_stay_changes(stays, window=1) == ()


def test_windows_that_all_overlap_are_refused():
    stays = pd.DataFrame({"mean_stay": [1.0] * 4, "standard_error": [0.1] * 4})
    with pytest.raises(InputError, match="4 rolling windows of 4 periods"):
        find_stay_changes(stays, window=4)


@pytest.mark.skipif(not UK.is_file(), reason=f"no {UK.name} beside the checkout")
def test_the_stay_in_uk_detention_is_found_to_fall_and_to_rise():
    rows = pd.read_csv(UK)
    stock = series(rows["in_detention"], "stock", "2017Q3", "Q")
    entering = series(rows["entering"], "flow", "2017Q3", "Q")
    leavers = pd.read_csv(SHARED / "uk_detention_leaving_by_length.csv").pivot_table(
        index="quarter", columns="length_band", values="leaving", fill_value=0
    )
    leavers.index = pd.PeriodIndex(leavers.index, freq="Q")
    starts = (0, 4, 8, 15, 29, 61, 91, 122, 183, 365, 548, 730, 1096, 1461)
    model = SurvivalModel(leavers, starts, "days", window=4)
    changes = find_stay_changes(stays_from_bands(model, stock, entering), window=4)
    assert [str(change.period) for change in changes] == ["2019Q3", "2023Q4"]
    assert changes[0].factor < 1 < changes[1].factor
    by_rates = find_stay_changes(stays_from_exit_rates(stock, entering), window=4)
    assert [str(change.period) for change in by_rates] == ["2019Q3"]
