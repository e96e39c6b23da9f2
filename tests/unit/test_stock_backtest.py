"""Backtest of models of a stock: nothing from the future, scores by hand, and reality."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting import forecast
from forecasting.errors import InputError, ModelError
from forecasting.evaluation.scores import crps_samples
from forecasting.evaluation.significance import Pairing, compare
from forecasting.evaluation.skill import SCORE_COLUMNS, skill
from forecasting.evaluation.stock_backtest import StockBacktestOptions, stock_backtest
from forecasting.paths import make_paths, periods_of
from forecasting.periods import following
from forecasting.series import RegularSeries, make_series
from forecasting.stocks.exit_rate import STOCK_MODELS, fit_exit_rate, fit_last_value
from forecasting.stocks.stock_pool import StockPool
from forecasting.stocks.survival_stock import SurvivalModel

SHARED = Path(__file__).parents[3] / "shared" / "data"
PENDING = SHARED / "eurostat_asylum_pending_monthly_2008_2024.csv"
KNOWN = StockBacktestOptions(inflow_known=True, n_paths=200)
FORECAST = StockBacktestOptions(inflow_model="random_walk", n_paths=200)
DAYS = (0, 8, 29, 91)


def series(values, kind, first="2014-01", freq="M"):
    index = pd.period_range(first, periods=len(values), freq=freq, name="period")
    return RegularSeries(kind, pd.Series(np.asarray(values, float), index), "persons", kind)


def followed(n=72, *, theta=0.3, noise=0.05, seed=1):
    """A stock that follows the exit-rate model, and its inflow."""
    rng = np.random.default_rng(seed)
    inflow = rng.uniform(300, 700, n)
    stock = [500 / theta]
    for came in inflow[1:]:
        left = stock[-1] * np.exp(-theta) - came * np.expm1(-theta) / theta
        stock.append(left * np.exp(noise * rng.standard_normal()))
    return series(stock, "stock"), series(inflow, "flow")


def with_other_future(known, origin, factor):
    values = known.values.copy()
    values[origin + 1 :] = np.round(values[origin + 1 :] * factor)
    return RegularSeries(known.series_id, values, known.unit, known.kind)


class Watched:
    """A model that remembers what it was given and what it drew."""

    def __init__(self, fit):
        self.fit, self.origins, self.inflows, self.paths = fit, [], [], []

    def __call__(self, stock, inflow):
        self.origins.append((stock.origin, inflow.origin))
        self.fitted = self.fit(stock, inflow)
        return self

    def project(self, inflow_paths, *, n_paths, rng):
        self.inflows.append(inflow_paths)
        self.paths.append(self.fitted.project(inflow_paths, n_paths=n_paths, rng=rng))
        return self.paths[-1]


class Fixed:
    """A model that draws the same values whatever it is given."""

    def __init__(self, *draws):
        self.draws = np.array(draws, dtype=float)

    def __call__(self, stock, inflow):
        return self

    def project(self, inflow_paths, *, n_paths, rng):
        periods = periods_of(inflow_paths)
        values = np.repeat(self.draws[:, None], len(periods), axis=1)
        return make_paths(values, periods, unit="persons", kind="stock")


def detention(n=26):
    """Quarterly stock, entries and leavers by length band of exponential stays."""
    rng = np.random.default_rng(3)
    entered = np.sort(rng.uniform(-8, n, 300 * (n + 8)))
    left = entered + rng.exponential(0.5, len(entered))
    ends = np.arange(n + 1)
    stock = [np.sum((entered < end) & (left >= end)) for end in ends[1:]]
    inflow = np.histogram(entered, ends)[0]
    bands = np.array([*DAYS, np.inf]) / 91.3125
    leavers = np.histogram2d(left, left - entered, [ends, bands])[0]
    index = pd.period_range("2014Q1", periods=n, freq="Q", name="period")
    counts = pd.DataFrame(leavers, index, [f"from {day} days" for day in DAYS])
    return series(stock, "stock", "2014Q1", "Q"), series(inflow, "flow", "2014Q1", "Q"), counts


# nothing from the future


@pytest.mark.parametrize("name", [*STOCK_MODELS, "pool"])
def test_no_model_sees_what_lies_after_the_origin(name):
    stock, inflow = followed()
    fit = {**STOCK_MODELS, "pool": StockPool((fit_exit_rate, fit_last_value))}[name]
    origin = pd.Period("2018-06", "M")
    seen, other = Watched(fit), Watched(fit)
    stock_backtest(stock, inflow, {"m": seen}, origins=[origin], horizon=6, options=FORECAST)
    changed = (with_other_future(each, origin, 3) for each in (stock, inflow))
    stock_backtest(*changed, {"m": other}, origins=[origin], horizon=6, options=FORECAST)
    assert seen.origins == [(origin, origin)]
    np.testing.assert_array_equal(seen.paths[0], other.paths[0])


def test_the_survival_model_sees_no_leavers_after_the_origin():
    stock, inflow, leavers = detention()
    origin = pd.Period("2018Q4", "Q")
    later = leavers.copy()
    later.loc[origin + 1 :] *= 3
    drawn = []
    for counts in (leavers, later):
        seen = Watched(SurvivalModel(counts, DAYS, "days", window=4, n_earlier=2))
        changed = with_other_future(stock, origin, len(drawn) + 1)
        stock_backtest(changed, inflow, {"m": seen}, origins=[origin], horizon=4, options=KNOWN)
        drawn.append(seen.paths[0])
    np.testing.assert_array_equal(*drawn)


def test_of_a_known_inflow_a_model_is_given_the_horizon_only():
    stock, inflow = followed()
    origin = pd.Period("2018-06", "M")
    seen = Watched(fit_exit_rate)
    stock_backtest(stock, inflow, {"m": seen}, origins=[origin], horizon=6, options=KNOWN)
    (given,) = seen.inflows
    assert periods_of(given).equals(following(origin, 6))
    np.testing.assert_array_equal(given.to_numpy(), [inflow.values[following(origin, 6)]])


def test_a_forecast_inflow_is_the_forecast_of_the_origin_and_the_same_for_all_models():
    stock, inflow = followed()
    origin = pd.Period("2018-06", "M")
    models = {"a": Watched(fit_exit_rate), "b": Watched(fit_last_value)}
    stock_backtest(stock, inflow, models, origins=[origin], horizon=6, options=FORECAST)
    expected = forecast(inflow.until(origin), horizon=6, model="random_walk", n_paths=200)
    for model in models.values():
        np.testing.assert_array_equal(model.inflows[0], expected.paths)


# scores


def test_scores_are_those_of_the_paths_by_hand():
    stock = series([*[80.0] * 30, 100.0, 50.0, 0.0], "stock")
    inflow = series([10.0] * 33, "flow")
    draws = np.arange(70, 121)  # median 95, middle 80 % 75 to 115, middle 95 % 71.25 to 118.75
    table = stock_backtest(
        stock,
        inflow,
        {"fixed": Fixed(*draws)},
        origins=[stock.periods[29]],
        horizon=3,
        options=KNOWN,
    )
    assert tuple(table.columns) == SCORE_COLUMNS
    assert set(table["origin"]) == {"2016-06"}
    found = table.pivot_table(index="metric", columns="horizon", values="value")
    assert found.loc["mape"].tolist() == pytest.approx([5, 90, 9500])
    assert found.loc["coverage_80"].tolist() == [1, 0, 0]
    assert found.loc["pit", 1] == pytest.approx(30.5 / 51)
    pairs = np.abs(draws[:, None] - draws).mean() / 2
    crps = [np.abs(draws - outcome).mean() - pairs for outcome in (100, 50, 0)]
    assert found.loc["crps"].tolist() == pytest.approx(crps)
    assert crps[0] == pytest.approx(float(crps_samples(draws, 100.0)))


def test_the_right_model_beats_the_last_value_and_covers():
    options = StockBacktestOptions(inflow_known=True, step=7, n_paths=200)
    tables = []
    for seed in range(12):
        stock, inflow = followed(seed=seed)
        own = stock_backtest(stock, inflow, STOCK_MODELS, origins=6, horizon=3, options=options)
        tables.append(own.assign(series_id=str(seed)))
    table = pd.concat(tables)
    ratios = skill(table, metric="crps", benchmark="last_value").set_index("model")["value"]
    assert ratios["exit_rate"] < 0.8
    assert compare(table, Pairing("exit_rate", "last_value", "crps")).verdict == "better"
    own = table[table["model"] == "exit_rate"].groupby("metric")["value"].mean()
    assert 0.65 < own["coverage_80"] < 0.95
    assert own["coverage_80"] < own["coverage_95"]


# origins


def test_a_number_of_origins_are_the_last_ones_with_all_outcomes():
    stock, inflow = followed()
    options = StockBacktestOptions(inflow_known=True, step=5, n_paths=50)
    table = stock_backtest(
        stock, inflow, {"fixed": Fixed(1)}, origins=3, horizon=4, options=options
    )
    last = stock.origin - 4
    assert table["origin"].unique().tolist() == [str(last - 10), str(last - 5), str(last)]
    assert table.groupby("origin")["horizon"].max().tolist() == [4, 4, 4]


def test_of_late_origins_the_outcomes_known_are_scored():
    """The stock or the inflow, whichever ends first."""
    stock, inflow = followed()
    shorter = inflow.until(inflow.origin - 2)
    for known in (stock, stock.until(stock.origin - 1)):
        table = stock_backtest(
            known,
            shorter,
            {"fixed": Fixed(1)},
            origins=[shorter.origin - 3],
            horizon=12,
            options=KNOWN,
        )
        assert table["horizon"].max() == 3


def test_what_cannot_be_backtested_is_refused():
    stock, inflow = followed()
    with pytest.raises(InputError, match="no models"):
        stock_backtest(stock, inflow, {}, origins=3, horizon=3)
    with pytest.raises(InputError, match="stock after 2019-12: an outcome is missing"):
        stock_backtest(
            stock, inflow, STOCK_MODELS, origins=[stock.origin], horizon=3, options=KNOWN
        )
    with pytest.raises(InputError, match="origin 2030-01"):
        stock_backtest(stock, inflow, STOCK_MODELS, origins=[pd.Period("2030-01", "M")], horizon=3)
    with pytest.raises(ModelError, match="25 or more for a window of 12"):
        stock_backtest(
            stock, inflow, STOCK_MODELS, origins=[stock.periods[15]], horizon=3, options=KNOWN
        )


# the pool of models


def test_the_members_of_a_pool_draw_in_turn_along_the_same_inflow():
    stock, inflow = followed()
    ahead = np.random.default_rng(2).uniform(300, 700, (30, 5))
    ahead = make_paths(ahead, following(stock.origin, 5), unit="persons")
    members = (Watched(fit_exit_rate), Watched(fit_last_value), Watched(fit_exit_rate))
    pooled = StockPool(members)(stock, inflow)
    paths = pooled.project(ahead, n_paths=30, rng=np.random.default_rng(1))
    assert paths.attrs == {"unit": "persons", "kind": "stock"}
    for turn, member in enumerate(members):
        np.testing.assert_array_equal(paths[turn::3], member.paths[0][turn::3])
        np.testing.assert_array_equal(member.inflows[0], ahead)


# reality


@pytest.mark.skipif(not PENDING.is_file(), reason=f"no {PENDING.name} beside the checkout")
def test_pending_applications_of_ten_countries_follow_from_applications():
    """The reason for the default: docs/adr/0016-stock-models.md."""
    tables = []
    for name, kind in (
        (PENDING, "stock"),
        (SHARED / PENDING.name.replace("pending", "applicants"), "flow"),
    ):
        rows = pd.read_csv(name)
        rows = rows[rows["citizen"] == "TOTAL"].sort_values("date")
        tables.append(
            {
                geo: make_series(
                    own["date"].tolist(),
                    own["value"].tolist(),
                    series_id=geo,
                    kind=kind,
                    missing="cut",
                )
                for geo, own in rows.groupby("geo")
            }
        )
    stocks, inflows = tables
    assert len(stocks) == 10
    options = StockBacktestOptions(inflow_known=True, step=11, n_paths=200)
    scores = pd.concat(
        stock_backtest(stock, inflows[geo], STOCK_MODELS, origins=9, horizon=12, options=options)
        for geo, stock in stocks.items()
    )
    for horizon in (3, 12):
        found = compare(scores, Pairing("exit_rate", "last_value", "crps", [horizon]))
        assert found.upper < 0.8
    own = scores[scores["model"] == "exit_rate"]
    shares = own[own["horizon"].isin([3, 12])].groupby("metric")["value"].mean()
    assert 0.72 < shares["coverage_80"] < 0.92
    assert 0.88 < shares["coverage_95"] < 0.99
