"""The caseload forecast: which pool, which drivers, what was known, and the paths that come out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import ModelError
from forecasting.evaluation.caseload_backtest import (
    CaseloadBacktestOptions,
    caseload_backtest,
)
from forecasting.evaluation.scores import crps_samples
from forecasting.evaluation.skill import SCORE_COLUMNS
from forecasting.models import Drivers, Intervention, get_model
from forecasting.models.autoregression import AutoregressionModel
from forecasting.models.level import LevelModel
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.series import make_series
from forecasting.stocks import caseload_past
from forecasting.stocks.caseload import forecast_caseload, forecast_inputs
from forecasting.stocks.caseload_choice import FORECAST, SCENARIO, choose_pool, offer_drivers
from forecasting.stocks.caseload_inputs import CaseloadInputs, bridge_gaps, estimate_effects
from forecasting.stocks.caseload_models import (
    ENTRIES,
    FLOW,
    FLOW_MODELS,
    LEVEL,
    SMOOTH,
    TREND_MODELS,
)
from forecasting.stocks.caseload_past import PastForecasts, crps_sorted, mean_scores

START, MONTHS = "2014-01", 100


@pytest.fixture(scope="module", autouse=True)
def fewer_past_origins():
    """Every nine months, to save time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caseload_past, "STEP_MONTHS", 9)
        patch.setattr(caseload_past, "FEWEST_CASES", 5)
        yield


def own_series(values, name="a", kind="stock", missing="keep"):
    periods = [format_period(p) for p in pd.period_range(START, periods=len(values), freq="M")]
    return make_series(periods, list(values), series_id=name, kind=kind, missing=missing)


def pushed_changes(n=MONTHS, seed=1):
    """Changes of a driver that keep their direction for a while."""
    rng = np.random.default_rng(seed)
    changes = np.zeros(n)
    for step in range(1, n):
        changes[step] = 0.85 * changes[step - 1] + 0.01 * rng.standard_normal()
    return changes


def smooth_stock(lead=6, strength=0.5, n=MONTHS, seed=1):
    """A stock that a driver moves so many months later, and the driver."""
    changes = pushed_changes(n + lead, seed)
    smooth = pd.Series(changes).rolling(3, min_periods=1).mean().to_numpy()
    noise = 0.001 * np.random.default_rng(seed + 50).standard_normal(n)
    values = 50_000 * np.exp(np.cumsum(strength * smooth[:n] + noise))
    driver = 80_000 * np.exp(np.cumsum(changes[lead:]))
    observed = pd.DataFrame({"u": driver}, index=pd.period_range(START, periods=n, freq="M"))
    return own_series(values), Drivers(observed)


def drawn(result):
    return result.paths.to_numpy()


@pytest.fixture(scope="module")
def driven():
    series, drivers = smooth_stock()
    return series, drivers, forecast_caseload(series, horizon=12, drivers=drivers, n_paths=200)


# what comes out


def test_paths_are_a_stock_of_the_periods_that_follow(driven):
    series, _, result = driven
    assert result.paths.sizes == {"path": 200, "period": 12}
    assert result.paths.attrs == {"unit": "persons", "kind": "stock"}
    assert result.paths.indexes["period"][0] == series.origin + 1
    assert (drawn(result) >= 0).all()
    assert series.values.equals(own_series(series.values).values)


def test_the_seed_decides(driven):
    series, drivers, result = driven
    again, other = (
        forecast_caseload(series, horizon=12, drivers=drivers, n_paths=200, seed=seed)
        for seed in (1, 2)
    )
    np.testing.assert_array_equal(drawn(again), drawn(result))
    assert (drawn(other) != drawn(result)).any()


def test_quarters_and_horizons_beyond_a_year():
    changes = pushed_changes(80)
    periods = [format_period(p) for p in pd.period_range("2004Q1", periods=80, freq="Q")]
    series = make_series(periods, list(900 * np.exp(np.cumsum(changes))), series_id="q")
    result = forecast_caseload(series, horizon=10, n_paths=60)
    assert result.paths.sizes["period"] == 10
    assert np.isfinite(drawn(result)).all()


# the choice


def test_a_driver_that_leads_earns_its_place(driven):
    _, _, result = driven
    (report,) = result.drivers
    assert report.used
    assert report.lead == 6
    assert report.ratio < 0.9
    assert report.future == FORECAST
    assert result.forecast.model == f"{SMOOTH} with u"
    assert [member.name for member in result.forecast.members] == [
        "ets_damped_additive-log", "autoregression-log", "autoregression-log with u",
    ]  # fmt: skip
    assert any("leads by 6 periods" in line for line in result.lines())


def test_a_driver_that_moves_nothing_is_worth_nothing():
    """Noise may pass for a relation by chance, on half of the series and hardly."""
    ratios = []
    for seed in range(3, 7):
        series, _ = smooth_stock(seed=seed)
        index = series.periods
        noise = np.exp(5 + 0.1 * np.random.default_rng(seed).standard_normal(len(index)))
        drivers = Drivers(pd.DataFrame({"noise": noise}, index=index))
        (report,) = forecast_caseload(series, horizon=6, drivers=drivers, n_paths=30).drivers
        assert report.used is (report.ratio < 1)
        ratios.append(report.ratio)
    assert max(ratios) >= 1
    assert min(ratios) > 0.95


@pytest.mark.parametrize("misled", [True, False])
def test_a_driver_that_misled_in_the_past_loses_its_place(driven, misled):
    """Past forecasts are put in place: those with the driver miss, or those without it."""
    series, drivers, _ = driven
    inputs = CaseloadInputs(series, drivers)
    past = PastForecasts(inputs, 1)
    offered = offer_drivers(drivers, series, horizon=6, n_paths=20, seed=1)
    plain = [*TREND_MODELS, *(get_model(name) for name in FLOW_MODELS), LevelModel()]
    for origin in past.origins(series.origin):
        past.made.add(origin)
        outcome = series.values.reindex(following(origin, 12)).to_numpy()
        near = outcome * np.linspace(0.99, 1.01, 21)[:, np.newaxis]
        for model in (*plain, offered[0].model):
            driver = model.name.endswith("with u")
            past.draws[origin, model.name] = near * (1.2 if driver is misled else 1.0)
    choice = choose_pool(inputs, past, offered)
    (report,) = choice.drivers
    assert report.used is not misled
    assert (report.ratio > 1) is misled
    assert choice.name == (SMOOTH if misled else f"{SMOOTH} with u")


def test_a_driver_is_not_used_where_another_pool_is_chosen(driven):
    """Past forecasts are put in place: with the driver they miss less, the jumpy flow hits."""
    series, drivers, _ = driven
    inputs = CaseloadInputs(series, drivers)
    past = PastForecasts(inputs, 1)
    offered = offer_drivers(drivers, series, horizon=6, n_paths=20, seed=1)
    missed = {model.name: 1.3 for model in (*TREND_MODELS, LevelModel())}
    missed |= {offered[0].model.name: 1.2} | {get_model(n).name: 1.0 for n in FLOW_MODELS}
    for origin in past.origins(series.origin):
        past.made.add(origin)
        outcome = series.values.reindex(following(origin, 12)).to_numpy()
        near = outcome * np.linspace(0.99, 1.01, 21)[:, np.newaxis]
        past.draws |= {(origin, name): near * factor for name, factor in missed.items()}
    choice = choose_pool(inputs, past, offered)
    (report,) = choice.drivers
    assert choice.name == FLOW
    assert report.ratio < 1
    assert not report.used
    assert "but the jumpy flow, which has no driver, was chosen" in report.reason


def test_a_jumpy_flow_is_not_forecast_as_a_smooth_stock():
    rng = np.random.default_rng(1)
    season = np.tile([1, 1, 1.2, 1.3, 1.5, 2, 2.5, 2.2, 1.6, 1.2, 1, 0.8], 10)[:MONTHS]
    series = own_series(rng.poisson(60 * season * np.exp(rng.normal(0, 0.3, MONTHS))))
    scores = forecast_caseload(series, horizon=12, n_paths=40).scores.set_index("candidate")
    assert scores["crps"].idxmin() == FLOW
    smooth, _ = smooth_stock(strength=0.5)
    result = forecast_caseload(smooth, horizon=12, n_paths=40)
    assert result.forecast.model == SMOOTH
    assert set(result.scores["candidate"]) == {SMOOTH, FLOW, LEVEL}


def test_a_short_past_gives_a_default_and_says_so():
    values = smooth_stock()[0].values
    result = forecast_caseload(own_series(values[:40]), horizon=6, n_paths=40)
    assert result.forecast.model == SMOOTH
    assert "the past is too short to choose by" in result.reason
    assert result.scores.empty
    result = forecast_caseload(own_series(values[:36]), horizon=6, n_paths=40)
    assert result.forecast.model == "level"
    assert result.reason == "36 observations are too few to tell a trend by; expected: 37"
    with pytest.raises(ModelError, match="needs 14 observations, there are 13"):
        forecast_caseload(own_series(values[:13]), horizon=6, n_paths=40)


def test_a_level_is_carried_forward_where_every_trend_explodes():
    """Growth that accelerates through the whole of a short series, as of no stock for long."""
    series = own_series(10 * np.exp(0.0022 * np.arange(60) ** 2))
    result = forecast_caseload(series, horizon=6, n_paths=40)
    assert result.forecast.model == "level"
    assert "cannot be used" in result.reason
    assert np.median(drawn(result)[:, 0]) < 2 * series.values.iloc[-1]


# shocks and interventions


def shocked(months_ago=8, size=0.3):
    series, drivers = smooth_stock()
    values = series.values.to_numpy().copy()
    values[-months_ago:] *= np.exp(size)
    return own_series(values), drivers


def test_after_a_shock_no_trend_and_no_driver_is_trusted():
    series, drivers = shocked()
    result = forecast_caseload(series, horizon=12, drivers=drivers, n_paths=400)
    assert result.forecast.model == LEVEL
    assert list(result.shocks) == [series.origin - 7]
    assert "a shock of +3" in result.reason
    assert not result.drivers[0].used
    last = series.values.iloc[-1]
    assert np.median(drawn(result)[:, -1]) == pytest.approx(last * np.exp(-0.15), rel=0.05)


def test_a_named_intervention_takes_the_place_of_a_shock():
    series, drivers = shocked()
    named = [Intervention("epidemic", series.origin - 7)]
    result = forecast_caseload(
        series, horizon=12, drivers=drivers, interventions=named, n_paths=100
    )
    assert not result.shocks
    assert result.forecast.model.startswith(SMOOTH)
    calm, _ = smooth_stock()
    plain = forecast_caseload(calm, horizon=12, drivers=drivers, n_paths=100)
    np.testing.assert_allclose(
        np.median(drawn(result), axis=0), np.median(drawn(plain), axis=0) * np.exp(0.3), rtol=0.03
    )


def test_the_effect_of_an_intervention_ends_when_it_does():
    series, _ = shocked(months_ago=8, size=0.3)
    ends = Intervention("epidemic", series.origin - 7, "step", series.origin + 3)
    lasts = Intervention("epidemic", series.origin - 7)
    first, second = (
        np.median(drawn(forecast_caseload(series, horizon=6, interventions=[i], n_paths=50)), 0)
        for i in (ends, lasts)
    )
    np.testing.assert_allclose(first[:3], second[:3])
    np.testing.assert_allclose(np.log(first[3:] / second[3:]), -0.3, atol=0.01)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-0.5, 0.5), st.sampled_from(["step", "pulse", "ramp"]), st.integers(20, 70),
    st.integers(1, 20),
)  # fmt: skip
def test_taking_an_effect_out_and_putting_it_back_changes_nothing(size, shape, start, horizon):
    series, _ = smooth_stock()
    given = Intervention("law", series.periods[start], shape)
    size /= 80 if shape == "ramp" else 1  # it grows for so many months at most
    moved = replace(series, values=series.values * np.exp(size * given.values(series.periods)))
    effects = estimate_effects(moved, (given,))
    clean = effects.taken_out(moved)
    origin = series.periods[60]
    back = np.log1p(clean.values) + effects.between(moved.periods, moved.origin)
    np.testing.assert_allclose(np.expm1(back), moved.values)
    ahead = following(origin, horizon)
    put = effects.put_back(np.full((2, horizon), 500.0), origin)
    np.testing.assert_allclose(
        np.log1p(put[0]) - np.log1p(500), effects.between(ahead, origin), atol=1e-9
    )


def test_the_size_of_a_step_is_found():
    series, _ = smooth_stock(strength=0.05)
    given = Intervention("law", series.periods[50])
    moved = replace(series, values=series.values * np.exp(0.2 * given.values(series.periods)))
    assert estimate_effects(moved, (given,)).sizes[0] == pytest.approx(0.2, abs=0.01)


# masked months


def test_a_masked_month_is_bridged_and_said():
    series, _ = smooth_stock()
    values = series.values.to_numpy().copy()
    values[70] = np.nan
    masked = own_series(values)
    bridged = bridge_gaps(masked)
    expected = np.sqrt((1 + values[69]) * (1 + values[71])) - 1
    assert bridged.values.iloc[70] == pytest.approx(expected)
    result = forecast_caseload(masked, horizon=6, n_paths=40)
    month = format_period(masked.periods[70])
    assert f"bridged, without a value: {month}" in result.forecast.flag
    whole = forecast_caseload(series, horizon=6, n_paths=40)
    np.testing.assert_allclose(np.median(drawn(result), 0), np.median(drawn(whole), 0), rtol=0.02)


# the future of drivers


def test_a_scenario_moves_the_paths():
    series, drivers = smooth_stock(lead=2)
    medians = []
    for growth in (-0.01, 0.01):
        steps = np.exp(growth * np.arange(1, 13))[np.newaxis]
        future = make_paths(
            drivers.observed["u"].iloc[-1] * steps, following(series.origin, 12), unit="1"
        )
        given = Drivers(drivers.observed, {"u": future})
        result = forecast_caseload(series, horizon=12, drivers=given, n_paths=90)
        assert result.drivers[0].future == SCENARIO
        assert result.drivers[0].used
        medians.append(np.median(drawn(result)[:, -1]))
    assert medians[1] > medians[0] * 1.005


# entries and exits


def test_a_stock_follows_its_entries_where_the_past_bears_it_out():
    rng = np.random.default_rng(2)
    entries = 1000 * np.exp(np.cumsum(rng.normal(0, 0.01, MONTHS)))
    stock = [20_000.0]
    for came in entries[1:]:
        stock.append(stock[-1] * np.exp(-0.05) + came * (1 - np.exp(-0.05)) / 0.05)
    series, inflow = own_series(stock), own_series(entries, kind="flow")
    result = forecast_caseload(series, horizon=6, entries=inflow, n_paths=60)
    assert ENTRIES in set(result.scores["candidate"])
    assert result.paths.attrs["kind"] == "stock"
    past = PastForecasts(CaseloadInputs(series, entries=inflow), 1)
    known = past.inputs.known_at(series.periods[50])
    assert known.entries is not None
    assert known.entries.origin == known.series.origin == series.periods[50]


# nothing after the origin


@pytest.fixture(scope="module")
def at_origin():
    series, drivers = smooth_stock()
    origin = series.periods[79]
    return origin, outcome_free(CaseloadInputs(series, drivers), origin)


def outcome_free(inputs, origin):
    past = PastForecasts(inputs, 1)
    return forecast_inputs(inputs.known_at(origin), past, horizon=6, n_paths=60, seed=1)


@pytest.mark.parametrize("changed", ["series", "driver", "both"])
def test_what_came_after_the_origin_changes_nothing(at_origin, changed):
    origin, expected = at_origin
    series, drivers = smooth_stock()
    values, driver = series.values.copy(), drivers.observed.copy()
    if changed in ("series", "both"):
        values[origin + 1 :] = 7.0
    if changed in ("driver", "both"):
        driver.loc[origin + 1 :] = 3.0
    inputs = CaseloadInputs(replace(series, values=values), Drivers(driver))
    found = outcome_free(inputs, origin)
    np.testing.assert_array_equal(drawn(found), drawn(expected))
    pd.testing.assert_frame_equal(found.scores, expected.scores)
    assert found.drivers == expected.drivers


def test_what_came_before_the_origin_does(at_origin):
    origin, expected = at_origin
    series, drivers = smooth_stock()
    values = series.values.copy()
    values[origin - 30] *= 1.05
    found = outcome_free(CaseloadInputs(replace(series, values=values), drivers), origin)
    assert (drawn(found) != drawn(expected)).any()


def test_past_forecasts_that_were_kept_are_those_made_anew():
    """A backtest shares them between origins: later ones must not colour earlier ones."""
    series, drivers = smooth_stock()
    inputs = CaseloadInputs(series, drivers)
    past = PastForecasts(inputs, 1)
    late, early = series.periods[90], series.periods[78]
    for origin in (late, early):
        shared = forecast_inputs(inputs.known_at(origin), past, horizon=6, n_paths=60, seed=1)
    alone = outcome_free(inputs, early)
    np.testing.assert_array_equal(drawn(shared), drawn(alone))


def test_an_intervention_is_not_known_before_it_began():
    series, _ = shocked(months_ago=8)
    given = CaseloadInputs(series, None, (Intervention("law", series.origin - 7),))
    assert given.known_at(series.origin - 8).interventions == ()
    assert len(given.known_at(series.origin - 7).interventions) == 1


# scores of the past


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(1, 8), st.integers(0, 1000))
def test_the_score_is_that_of_the_evaluation(n_paths, n, seed):
    rng = np.random.default_rng(seed)
    draws, outcome = rng.normal(size=(n_paths, n)), rng.normal(size=n)
    np.testing.assert_allclose(
        crps_sorted(np.sort(draws, axis=0), outcome), crps_samples(draws.T, outcome)
    )


def test_candidates_are_compared_on_the_same_past_origins():
    series, drivers = smooth_stock()
    late = Drivers(drivers.observed.iloc[30:])
    past = PastForecasts(CaseloadInputs(series, late), 1)
    name = AutoregressionModel(late).name
    pools = {"a": ["autoregression-log"], "b": ["autoregression-log", name]}
    scores = mean_scores(past, pools, series.origin, complete=True)
    assert len(set(scores["origins"])) == 1
    assert (
        caseload_past.FEWEST_CASES <= scores["origins"].iloc[0] < len(past.origins(series.origin))
    )


# the backtest


def test_the_backtest_scores_every_model_on_the_same_cases():
    series, drivers = smooth_stock()
    values = series.values.to_numpy().copy()
    values[85] = np.nan
    masked = CaseloadInputs(own_series(values), drivers)
    done = []
    result = caseload_backtest(
        masked,
        origins=[masked.series.periods[80], masked.series.periods[97]],
        horizon=6,
        benchmarks={"last value": get_model("random_walk")},
        options=CaseloadBacktestOptions(n_paths=50, on_done=lambda *args: done.append(args)),
    )
    assert tuple(result.scores.columns) == SCORE_COLUMNS
    assert done == [(1, 2), (2, 2)]
    cases = result.scores[result.scores["metric"] == "crps"].groupby("model")[["origin", "horizon"]]
    ours, theirs = (set(map(tuple, own.to_numpy())) for _, own in cases)
    assert ours == theirs
    first = format_period(masked.series.periods[80])
    assert {at for origin, at in ours if origin == first} == {1, 2, 3, 4, 6}
    assert {at for origin, at in ours if origin != first} == {1, 2}
    assert list(result.choices["origin"]) == [first, format_period(masked.series.periods[97])]
