"""The backtest looks at nothing after an origin, scores what it says, and loses no series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scoringrules

from forecasting.errors import InputError
from forecasting.evaluation.backtest import BacktestOptions, backtest, past_origins
from forecasting.evaluation.skill import SCORE_COLUMNS
from forecasting.forecasts import forecast
from forecasting.forecasts.batch import SERIES_TO_CALIBRATE
from forecasting.series import RegularSeries
from forecasting.tables import FORECAST_COLUMNS, QUANTILE_LEVELS

QUICK = BacktestOptions(n_paths=60, jobs=1)


def flow(name: str, *, seed: int, n: int = 80, kind: str = "flow") -> RegularSeries:
    rng = np.random.default_rng(seed)
    season = 0.3 * np.sin(np.arange(n) * np.pi / 6)
    values = np.round(np.exp(5 + season + np.cumsum(rng.normal(0, 0.12, n))))
    index = pd.period_range("2010-01", periods=n, freq="M", name="period")
    return RegularSeries(name, pd.Series(values, index=index), "persons", kind=kind)


def flows(count: int, **options) -> list[RegularSeries]:
    return [flow(f"s{number}", seed=number, **options) for number in range(count)]


def changed_after(series: RegularSeries, origin: pd.Period) -> RegularSeries:
    values = series.values.copy()
    values[origin + 1 :] = values[origin + 1 :].to_numpy()[::-1] * 7 + 1000
    return replace(series, values=values)


def at(table: pd.DataFrame, origin: str) -> pd.DataFrame:
    return table[table["origin"] == origin].reset_index(drop=True)


@pytest.mark.parametrize("model", ["pool", "fast"])
def test_nothing_after_the_origin_is_looked_at(model):
    batch, origin = flows(6), pd.Period("2014-08", "M")
    asked = {"origins": [origin, origin + 12], "horizon": 6, "options": QUICK}
    before = backtest(batch, (model,), **asked).forecasts
    after = backtest([changed_after(own, origin) for own in batch], (model,), **asked).forecasts
    pd.testing.assert_frame_equal(at(before, "2014-08"), at(after, "2014-08"))
    assert not at(before, "2015-08").equals(at(after, "2015-08"))


def test_a_batch_that_calibrates_itself_looks_at_nothing_after_the_origin():
    batch, origin = flows(SERIES_TO_CALIBRATE), pd.Period("2014-08", "M")
    options = BacktestOptions(n_paths=20, jobs=1)
    asked = {"origins": [origin, origin + 12], "horizon": 3, "options": options}
    before = backtest(batch, ("fast",), **asked).forecasts
    after = backtest([changed_after(own, origin) for own in batch], ("fast",), **asked).forecasts
    pd.testing.assert_frame_equal(at(before, "2014-08"), at(after, "2014-08"))


def test_a_round_calibrates_on_the_rounds_before_it():
    batch = flows(SERIES_TO_CALIBRATE)
    options = BacktestOptions(n_paths=20, jobs=1)
    second = pd.Period("2015-08", "M")
    alone = backtest(batch, ("fast",), origins=[second], horizon=3, options=options)
    rolled = backtest(batch, ("fast",), origins=[second - 6, second], horizon=3, options=options)
    uncalibrated = backtest(batch[:50], ("fast",), origins=[second], horizon=3, options=options)
    assert not at(alone.forecasts, "2015-08").equals(at(rolled.forecasts, "2015-08"))
    assert len(uncalibrated.forecasts) * 2 == len(alone.forecasts)


def test_a_forecast_of_the_backtest_is_what_would_have_been_forecast():
    series = flow("a", seed=3)
    result = backtest([series], ("ets-log",), origins=2, horizon=4, step=5, options=QUICK)
    origin = series.origin - 4
    paths = forecast(series.until(origin), horizon=4, model="ets-log", n_paths=60).paths
    mine = at(result.forecasts, str(origin))
    medians = mine[mine["quantile_level"] == 0.5]["value"].to_numpy()
    assert medians == pytest.approx(np.quantile(paths, 0.5, axis=0, method="inverted_cdf"))
    outcome = series.values[origin + 1 :].to_numpy()
    expected = scoringrules.crps_ensemble(outcome, paths.to_numpy().T, estimator="nrg")
    scores = at(result.scores, str(origin))
    assert scores[scores["metric"] == "crps"]["value"].to_numpy() == pytest.approx(expected)


def test_tables_have_the_agreed_columns_and_every_case_once():
    result = backtest(
        flows(2), ("ets", "random_walk"), origins=3, horizon=13, step=2, options=QUICK
    )
    assert tuple(result.forecasts.columns) == FORECAST_COLUMNS
    assert tuple(result.scores.columns) == SCORE_COLUMNS
    assert len(result.forecasts) == 2 * 2 * 3 * 13 * (1 + len(QUANTILE_LEVELS))
    keys = ["series_id", "model", "origin", "horizon", "metric"]
    assert not result.scores.duplicated(keys).any()
    crps = result.scores[result.scores["metric"] == "crps"]
    assert len(crps) == 2 * 2 * 3 * 13
    assert not result.problems


def test_totals_of_a_flow_are_scored_and_those_of_a_stock_are_not():
    def total_metrics(kind: str) -> set[str]:
        found = backtest(flows(1, kind=kind), ("ets",), origins=1, horizon=13, options=QUICK).scores
        return {name for name in found["metric"] if name.startswith("total_")}

    assert total_metrics("flow") == {
        "total_crps", "total_pit", "total_coverage_80", "total_coverage_95",
    }  # fmt: skip
    assert total_metrics("stock") == set()


def test_one_process_or_two_give_the_same():
    asked = {"origins": 4, "horizon": 3, "step": 6}
    one = backtest(flows(6), ("fast",), **asked, options=QUICK)
    two = backtest(flows(6), ("fast",), **asked, options=BacktestOptions(n_paths=60, jobs=2))
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts)
    pd.testing.assert_frame_equal(one.scores, two.scores)


def test_the_last_origin_is_a_horizon_before_the_end():
    series = flow("a", seed=1)
    found = past_origins(series, count=3, horizon=12, step=8)
    assert [str(origin) for origin in found] == ["2014-04", "2014-12", "2015-08"]
    assert found[-1] + 12 == series.origin


def test_more_origins_than_the_data_allow_are_refused_with_what_would_do():
    with pytest.raises(
        InputError, match="200 origins every 1 periods with a horizon of 12"
    ) as told:
        backtest(flows(1), ("ets",), origins=200, horizon=12, options=QUICK)
    assert "at most 45: 80 observations up to 2016-08" in str(told.value)
    backtest(flows(1), ("random_walk",), origins=45, horizon=12, options=QUICK)


def test_a_series_too_short_is_named_and_the_others_go_on():
    batch = [*flows(2), flow("short", seed=9, n=30)]
    result = backtest(batch, ("ets",), origins=2, horizon=12, options=QUICK)
    assert set(result.scores["series_id"]) == {"s0", "s1"}
    assert len(result.problems) == 1
    assert "short" in result.problems[0]


def test_a_metric_that_cannot_be_computed_is_reported_and_the_others_are_kept():
    index = pd.period_range("2010-01", periods=60, freq="M", name="period")
    constant = RegularSeries("flat", pd.Series(40.0, index=index), "persons")
    result = backtest([constant], ("random_walk",), origins=1, horizon=3, options=QUICK)
    assert "mase and msis_95 cannot be computed" in result.problems[0]
    assert "crps" in set(result.scores["metric"])
    assert "mase" not in set(result.scores["metric"])


def test_as_of_leaves_later_observations_out():
    series = flow("a", seed=2)
    options = replace(QUICK, as_of="2014-12")
    result = backtest([series], ("ets",), origins=1, horizon=6, options=options)
    cut = backtest([series.until(pd.Period("2014-12", "M"))], ("ets",), origins=1, horizon=6,
                   options=QUICK)  # fmt: skip
    pd.testing.assert_frame_equal(result.scores, cut.scores)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": ("ets", "ets")}, "models ets, ets; expected: each model once"),
        ({"models": ("profet",)}, "model 'profet'"),
        ({"horizon": 0}, "horizon 0"),
        ({"origins": 0}, "0 origins every 1 periods"),
        ({"step": 0}, "2 origins every 0 periods"),
    ],
)
def test_a_request_that_cannot_be_used_is_refused(options, message):
    asked = {"models": ("ets",), "origins": 2, "horizon": 3, "step": 1} | options
    with pytest.raises(InputError, match=message):
        backtest(flows(1), **asked, options=QUICK)


def test_the_order_of_the_models_changes_nothing():
    batch, options = flows(SERIES_TO_CALIBRATE), BacktestOptions(n_paths=20, jobs=1)
    asked = {"origins": [pd.Period("2015-08", "M")], "horizon": 3, "options": options}
    first = backtest(batch, ("fast", "random_walk"), **asked).scores
    last = backtest(batch, ("random_walk", "fast"), **asked).scores
    keys = ["series_id", "model", "horizon", "metric"]
    first, last = (found.sort_values(keys, ignore_index=True) for found in (first, last))
    pd.testing.assert_frame_equal(first, last)
