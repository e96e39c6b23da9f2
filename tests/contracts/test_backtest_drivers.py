"""A model with drivers and interventions is backtested with what was known at each origin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.evaluation.backtest import Backtest, BacktestOptions, backtest
from forecasting.forecasts import forecast
from forecasting.models import Drivers, Intervention, SarimaxModel, StructuralModel, get_model
from forecasting.paths import make_paths
from forecasting.series import RegularSeries

FIRST, SECOND = pd.Period("2013-12", "M"), pd.Period("2015-06", "M")
LEAD, HORIZON = 6, 6
OPTIONS = BacktestOptions(n_paths=50, jobs=1)
LAW = Intervention("law", pd.Period("2012-01", "M"))


def months(start: str, n: int) -> pd.PeriodIndex:
    return pd.period_range(start, periods=n, freq="M", name="period")


def permits() -> pd.DataFrame:
    """A driver from 2009-07 to 2016-12: a random walk, never negative."""
    index = months("2009-07", 90)
    walk = np.cumsum(np.random.default_rng(21).normal(0, 1, len(index)))
    return pd.DataFrame({"permits": walk - walk.min()}, index=index)


@pytest.fixture(scope="module")
def series() -> RegularSeries:
    """Applications from 2010-01 to 2016-06 that follow the permits half a year later."""
    index = months("2010-01", 78)
    driven = permits()["permits"].reindex(index - LEAD).to_numpy()
    noise = np.random.default_rng(22).normal(0, 0.05, len(index))
    values = np.round(np.exp(5 + 0.2 * driven - 0.4 * LAW.values(index) + noise))
    return RegularSeries("si", pd.Series(values, index=index), "persons")


def driven_by(frame: pd.DataFrame, *interventions, lag: int = LEAD, model=StructuralModel):
    return model("log", Drivers(frame, lags={"permits": lag}), interventions)


def run(series: RegularSeries, recipe, **options) -> Backtest:
    result = backtest(
        [series],
        (recipe,),
        origins=[FIRST, SECOND],
        horizon=HORIZON,
        options=replace(OPTIONS, **options),
    )
    assert not result.problems
    return result


def at(result: Backtest, origin: pd.Period) -> pd.DataFrame:
    table = result.forecasts
    return table[table["origin"] == str(origin)].reset_index(drop=True)


def differs_only_from_the_second_origin_on(one: Backtest, two: Backtest) -> bool:
    pd.testing.assert_frame_equal(at(one, FIRST), at(two, FIRST))
    return not at(one, SECOND).equals(at(two, SECOND))


@pytest.mark.parametrize(
    ("model", "lag"),
    [(StructuralModel, 0), (StructuralModel, 2), (StructuralModel, LEAD), (SarimaxModel, 2)],
)
def test_values_of_a_driver_after_the_origin_are_not_looked_at(series, model, lag):
    changed = permits()
    changed.loc[FIRST + 1 :] = changed.loc[FIRST + 1 :].to_numpy()[::-1] * 3 + 1
    one, two = (
        run(series, driven_by(frame, lag=lag, model=model)) for frame in (permits(), changed)
    )
    assert differs_only_from_the_second_origin_on(one, two)


def test_values_of_a_leading_driver_up_to_the_origin_are_used(series):
    changed = permits()
    changed.loc[FIRST - 2 : FIRST] += 5  # they move 2014-04 to 2014-06, after the origin
    one, two = (at(run(series, driven_by(frame)), FIRST) for frame in (permits(), changed))
    moved = one["value"] != two["value"]
    assert set(one.loc[moved, "period"]) == {"2014-04", "2014-05", "2014-06"}


def test_a_future_given_with_a_driver_was_not_known(series):
    recipe = driven_by(permits(), lag=0)
    scenario = make_paths(np.full((1, 40), 99.0), months("2014-01", 40), unit="1", kind="stock")
    given = replace(recipe, drivers=replace(recipe.drivers, future={"permits": scenario}))
    one, two = run(series, recipe), run(series, given)
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts)


@pytest.mark.parametrize(
    "later",
    [
        Intervention("centre", FIRST + 1),
        Intervention("surge", FIRST + 6, "pulse"),
        Intervention("centre", FIRST + 2, "ramp", FIRST + 9),
    ],
)
def test_an_intervention_after_the_origin_is_not_looked_at(series, later):
    one, two = run(series, driven_by(permits(), LAW)), run(series, driven_by(permits(), LAW, later))
    assert differs_only_from_the_second_origin_on(one, two)


def test_an_end_after_the_origin_is_not_looked_at(series):
    ended = replace(LAW, end=FIRST + 2)
    one, two = run(series, driven_by(permits(), LAW)), run(series, driven_by(permits(), ended))
    assert differs_only_from_the_second_origin_on(one, two)


def test_what_is_forecast_is_what_would_have_been_forecast(series):
    """By hand: everything cut at the origin, a driver that leads by the horizon."""
    known = driven_by(permits().loc[:FIRST], LAW)
    paths = forecast(series.until(FIRST), horizon=HORIZON, model=known, n_paths=50).paths
    mine = at(run(series, driven_by(permits(), LAW)), FIRST)
    medians = mine[mine["quantile_level"] == 0.5]["value"].to_numpy()
    assert medians == pytest.approx(np.quantile(paths, 0.5, axis=0, method="inverted_cdf"))


def test_a_leading_driver_that_moves_the_series_is_worth_it(series):
    asked = {"origins": 6, "horizon": HORIZON, "step": 4, "options": OPTIONS}
    crps = {}
    for name, recipe in {
        "with": driven_by(permits(), LAW),
        "without": StructuralModel("log", interventions=(LAW,)),
    }.items():
        scores = backtest([series], (recipe,), **asked).scores
        assert set(scores["model"]) == {"structural-log"}
        crps[name] = scores[scores["metric"] == "crps"]["value"].mean()
    assert crps["with"] < 0.5 * crps["without"]


def test_one_process_or_two_give_the_same_with_drivers(series):
    recipe = driven_by(permits(), LAW, lag=2)
    one, two = run(series, recipe), run(series, recipe, jobs=2)
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts)
    pd.testing.assert_frame_equal(one.scores, two.scores)


def test_a_forecast_with_drivers_does_not_depend_on_the_other_series(series):
    recipe = driven_by(permits(), lag=2)
    other = replace(series, series_id="hr")
    asked = {"origins": [FIRST], "horizon": HORIZON, "options": OPTIONS}
    alone = backtest([series], (recipe,), **asked).forecasts
    both = backtest([other, series], (recipe,), **asked).forecasts
    mine = both[both["series_id"] == "si"].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, alone)


def test_a_recipe_without_drivers_is_the_model_of_its_name(series):
    one, two = run(series, get_model("random_walk")), run(series, "random_walk")
    pd.testing.assert_frame_equal(one.forecasts, two.forecasts)
    pd.testing.assert_frame_equal(one.scores, two.scores)
