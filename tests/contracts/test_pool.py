"""The pool: reproducible, every member accounted for, one series independent of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.forecasts import (
    DEFAULT_POOL,
    Experience,
    experience_of,
    forecast,
    forecast_table,
    pool,
)
from forecasting.forecasts.calibration import Calibration
from forecasting.forecasts.table import BatchOptions, forecast_file
from forecasting.models import get_model
from forecasting.models.statsforecast_adapter import FittedStatsforecast, StatsforecastModel
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.series import make_series, read_series
from forecasting.tables import FORECAST_COLUMNS, QUANTILE_LEVELS

WITHOUT_PANEL = tuple(name for name in DEFAULT_POOL if name != "analogue")
UNCALIBRATED = Experience(calibration=None)


@pytest.fixture(scope="module")
def series():
    return read_series("asylum-applicants/SI")


def months(n, start="2015-01"):
    return [format_period(p) for p in pd.period_range(start, periods=n, freq="M")]


def own_series(values, name="a"):
    return make_series(months(len(values)), values, series_id=name)


def test_an_error_of_the_library_while_simulating_is_reported_by_name(series, monkeypatch):
    def fail(self, horizon, n_paths, rng):
        if self.recipe.name == "ets":
            raise ValueError("scale < 0")
        return original(self, horizon, n_paths, rng)

    original = FittedStatsforecast._simulate
    monkeypatch.setattr(FittedStatsforecast, "_simulate", fail)
    result = forecast(series, horizon=3, n_paths=30)
    assert "ets failed: ets on asylum-applicants/SI: scale < 0" in result.flag
    assert result.paths.sizes == {"path": 30, "period": 3}


def counts(seed, n=60):
    return np.random.default_rng(seed).poisson(80, n)


def simulate_as(monkeypatch, name, change):
    """Let one member's simulation be changed, the others stay."""
    original = FittedStatsforecast.simulate

    def simulate(self, horizon, n_paths, rng):
        paths = original(self, horizon, n_paths, rng)
        return change(self, paths) if self.recipe.name == name else paths

    monkeypatch.setattr(FittedStatsforecast, "simulate", simulate)


def test_the_same_seed_gives_the_same_paths(series):
    one, two, other = (forecast(series, horizon=6, n_paths=80, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.paths, two.paths)
    assert (one.paths.to_numpy() != other.paths.to_numpy()).mean() > 0.9
    pd.testing.assert_frame_equal(forecast_table(one), forecast_table(two))


def test_a_negative_seed_is_refused(series):
    with pytest.raises(InputError, match="seed -1; expected: 0 or more"):
        forecast(series, horizon=1, seed=-1)


def test_each_member_gives_an_equal_share(series):
    result = forecast(series, horizon=3, n_paths=103)
    assert [(m.name, m.status) for m in result.members] == [(n, "used") for n in WITHOUT_PANEL]
    assert [m.n_paths for m in result.members] == [21, 21, 21, 20, 20]
    assert result.paths.sizes == {"path": 103, "period": 3}
    assert (result.model, result.flag) == ("pool", "")


def test_with_a_panel_the_analogue_is_a_member(series):
    learned = experience_of("asylum-applicants")
    result = forecast(series, horizon=3, n_paths=103, experience=learned)
    assert [(m.name, m.status) for m in result.members] == [(n, "used") for n in DEFAULT_POOL]
    assert [m.n_paths for m in result.members] == [18, 17, 17, 17, 17, 17]


def test_the_fast_pool_goes_without_the_analogue_where_there_is_no_panel(series):
    result = forecast(series, horizon=3, n_paths=20, model="fast")
    assert [(m.name, m.n_paths) for m in result.members] == [("seasonal_naive-log", 20)]
    learned = experience_of("asylum-applicants")
    result = forecast(series, horizon=3, n_paths=20, model="fast", experience=learned)
    assert [(m.name, m.n_paths) for m in result.members] == [
        ("analogue", 10), ("seasonal_naive-log", 10),
    ]  # fmt: skip


def test_the_paths_are_those_of_the_members_shuffled(series):
    result = forecast(series, horizon=4, n_paths=80, experience=UNCALIBRATED)
    members = [
        get_model(name).fit(series).simulate(60, 16, pool._rng(1, series, name))[:, :4]
        for name in WITHOUT_PANEL
    ]
    stacked = np.vstack(members)
    assert sorted(map(tuple, result.paths.to_numpy())) == sorted(map(tuple, stacked))
    assert (result.paths.to_numpy() != stacked).any()


def test_a_short_forecast_is_the_beginning_of_a_long_one(series):
    short, long = (forecast(series, horizon=h, n_paths=80).paths for h in (5, 40))
    np.testing.assert_array_equal(short, long[:, :5])


def test_one_member_keeps_its_name(series):
    result = forecast(series, horizon=3, n_paths=20, model="ets-log")
    assert result.model == "ets-log"
    assert [m.n_paths for m in result.members] == [20]


def test_members_joined_by_a_plus_are_a_pool_of_their_own(series):
    result = forecast(series, horizon=3, n_paths=21, model="theta-log+random_walk")
    assert result.model == "theta-log+random_walk"
    assert [(m.name, m.n_paths) for m in result.members] == [
        ("theta-log", 11), ("random_walk", 10),
    ]  # fmt: skip
    assert result.calibration is None


def test_a_series_too_short_for_a_member_uses_fewer_and_says_so():
    result = forecast(own_series(counts(1, 13)), horizon=3, n_paths=90)
    assert [m.status for m in result.members] == ["used", "used", "used", "too short", "used"]
    assert [m.n_paths for m in result.members] == [23, 23, 22, 0, 22]
    assert result.flag == (
        "fewer members: seasonal_naive-log too short: needs 14 observations, there are 13"
    )


def test_a_series_too_short_for_all_is_refused_with_every_reason():
    learned = experience_of("asylum-applicants")
    with pytest.raises(ModelError, match="a: no model can be used") as caught:
        forecast(own_series([1, 2]), horizon=3, experience=learned)
    for name in DEFAULT_POOL:
        assert f"{name}: needs " in str(caught.value)


def test_an_all_zero_series_is_flagged():
    result = forecast(own_series([0] * 48), horizon=3, n_paths=40)
    assert "all observations are 0" in result.flag
    assert (result.paths == 0).all()


def test_an_exploded_member_is_left_out_and_named(series, monkeypatch):
    simulate_as(monkeypatch, "ets", lambda _, paths: paths * 1e6)
    result = forecast(series, horizon=3, n_paths=90)
    assert [m.status for m in result.members] == ["used", "used", "exploded", "used", "used"]
    assert [m.n_paths for m in result.members] == [23, 23, 0, 22, 22]
    assert result.flag.startswith("fewer members: ets exploded: its median reaches ")
    assert "the highest observation is " in result.flag
    assert float(result.paths.median()) < 1e5


@pytest.mark.parametrize("method", ["fit", "simulate"])
def test_a_failing_member_is_left_out_and_named(series, monkeypatch, method):
    if method == "fit":
        original = StatsforecastModel.fit

        def fit(self, given):
            if self.name == "theta-log":
                raise ModelError("no minimum was found")
            return original(self, given)

        monkeypatch.setattr(StatsforecastModel, "fit", fit)
    else:

        def fail(*_):
            raise ModelError("no minimum was found")

        simulate_as(monkeypatch, "theta-log", fail)
    result = forecast(series, horizon=3, n_paths=90)
    assert [m.n_paths for m in result.members] == [23, 23, 22, 22, 0]
    assert result.flag == "fewer members: theta-log failed: no minimum was found"


def test_an_error_of_the_library_while_fitting_is_one_of_the_model(series, monkeypatch):
    class Broken:
        def fit(self, _):
            raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(
        "forecasting.models.statsforecast_adapter._builders", lambda: {"ets": lambda _: Broken()}
    )
    with pytest.raises(ModelError, match="ets on asylum-applicants/SI: division by zero"):
        get_model("ets").fit(series)


def test_paths_that_run_to_infinity_are_an_error_of_the_model(series, monkeypatch):
    fitted = get_model("ets-log").fit(series)
    monkeypatch.setattr(
        FittedStatsforecast, "_simulate", lambda *_: np.full((2, 3), 1000.0)
    )  # exp(1000)
    with pytest.raises(ModelError, match="ets-log on asylum-applicants/SI: paths run to infinity"):
        fitted.simulate(3, 2, np.random.default_rng(1))


@pytest.mark.parametrize("name", ["ets", "ets-log"])
def test_draws_are_turned_back_to_the_scale_of_the_counts(series, monkeypatch, name):
    fitted, drawn = get_model(name).fit(series), np.array([[0.0, 7.0, 490.0]])
    scaled = np.log1p(drawn) if name.endswith("-log") else drawn
    monkeypatch.setattr(FittedStatsforecast, "_simulate", lambda *_: scaled)
    found = fitted.simulate(3, 1, np.random.default_rng(1))
    np.testing.assert_allclose(found, drawn, rtol=1e-12)


def test_negative_draws_are_clipped(series, monkeypatch):
    fitted = get_model("ets").fit(series)
    monkeypatch.setattr(FittedStatsforecast, "_simulate", lambda *_: np.array([[-3.0, 4.0]]))
    assert fitted.simulate(2, 1, np.random.default_rng(1)).tolist() == [[0, 4]]


def test_forecasting_a_forecast_stops_with_the_reason(series):
    result = forecast(series, horizon=3, n_paths=20)
    with pytest.raises(InputError, match="a forecast was given; expected: a series of observ"):
        forecast(result, horizon=3)


@pytest.mark.parametrize("horizon", [0, -1, 361, 10_000])
def test_a_horizon_out_of_range_is_refused(series, horizon):
    with pytest.raises(InputError, match=f"horizon {horizon}; expected: 1 to 360 periods"):
        forecast(series, horizon=horizon)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_paths": 5}, "5 paths; expected: 6 to 100,000"),
        ({"n_paths": 1, "model": "ets+ces"}, "1 paths; expected: 2 to 100,000"),
        ({"n_paths": 0}, "0 paths"),
        ({"model": ""}, "model ''; expected: pool, fast, analogue, arima, "),
        ({"model": "lstm"}, "model 'lstm'; expected: pool, fast, analogue, arima, "),
        ({"model": "ets+lstm"}, "model 'lstm'; expected: pool, fast, analogue, arima, "),
        ({"model": "ets+pool"}, "model 'pool'; expected: "),
        ({"model": "ets+ces+ets"}, r"model 'ets\+ces\+ets'; expected: each model once"),
        ({"model": "analogue"}, "model 'analogue' without a panel; expected: at least 5 series"),
        ({"model": "ets+analogue"}, "model 'analogue' without a panel"),
    ],
)
def test_a_request_that_cannot_be_used_is_refused(series, options, message):
    with pytest.raises(InputError, match=message):
        forecast(series, horizon=3, **options)


def test_the_series_is_not_modified(series):
    before = series.values.copy()
    forecast(series, horizon=3, n_paths=20)
    pd.testing.assert_series_equal(series.values, before)


def test_data_after_the_origin_change_nothing(series):
    origin = series.origin - 12
    cut = forecast(series.until(origin), horizon=3, n_paths=40)
    assert cut.origin == origin
    known = make_series(
        [format_period(p) for p in series.values[:origin].index],
        series.values[:origin],
        series_id=series.series_id,
    )
    np.testing.assert_array_equal(cut.paths, forecast(known, horizon=3, n_paths=40).paths)


# tables


def test_the_table_holds_the_mean_and_23_quantiles_of_each_period():
    series = own_series([1, 2, 3])
    values = np.arange(200, dtype=float).reshape(100, 2)
    paths = make_paths(values, following(series.origin, 2), unit="persons")
    frame = forecast_table(pool.Forecast(series, paths, (), "pool"))
    assert tuple(frame.columns) == FORECAST_COLUMNS
    assert len(frame) == 2 * 24
    first = frame[frame["horizon"] == 1]
    assert first["period"].unique().tolist() == ["2015-04"]
    assert first["origin"].unique().tolist() == ["2015-03"]
    assert first.loc[first["output_type"] == "mean", "value"].tolist() == [99]
    quantiles = first[first["output_type"] == "quantile"].set_index("quantile_level")["value"]
    assert tuple(quantiles.index) == QUANTILE_LEVELS
    assert (quantiles[0.01], quantiles[0.5], quantiles[0.99]) == (0, 98, 196)
    assert frame.loc[frame["output_type"] == "mean", "quantile_level"].isna().all()


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    path = tmp_path_factory.mktemp("batch") / "in.csv"
    rows = [
        f"{name},{month},{value}"
        for seed, name in enumerate(["b", "a", "c"])
        for month, value in zip(months(40), counts(seed, 40), strict=True)
    ]
    path.write_text("\n".join(["series_id,period,value", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_series_of_a_small_batch_does_not_depend_on_those_beside_it(batch, tmp_path):
    options = BatchOptions(horizon=3, n_paths=40)
    whole, problems = forecast_file(batch, options, jobs=1)
    assert problems == []
    assert whole["series_id"].drop_duplicates().tolist() == ["b", "a", "c"]
    lines = batch.read_text(encoding="utf-8").splitlines()
    alone = tmp_path / "alone.csv"
    alone.write_text(
        "\n".join([lines[0], *(line for line in lines if line.startswith("a,"))]) + "\n",
        encoding="utf-8",
    )
    single, _ = forecast_file(alone, options)
    own = whole[whole["series_id"] == "a"].reset_index(drop=True)
    pd.testing.assert_frame_equal(single, own)


def test_series_of_the_same_values_get_their_own_paths():
    one, two = (forecast(own_series(counts(1), n), horizon=3, n_paths=40) for n in "ab")
    assert (one.paths.to_numpy() != two.paths.to_numpy()).any()


def test_the_number_of_processes_changes_nothing(batch):
    options = BatchOptions(horizon=2, n_paths=40)
    one, _ = forecast_file(batch, options, jobs=1)
    seen = []
    two, _ = forecast_file(
        batch, options, jobs=2, on_done=lambda done, total: seen.append((done, total))
    )
    pd.testing.assert_frame_equal(one, two)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_member_that_collapses_is_left_out_by_name():
    result = forecast(read_series("asylum-applicants/FI"), horizon=63, n_paths=400)
    status = {member.name: member.status for member in result.members}
    assert status == {
        "ces": "collapsed", "ces-log": "used", "ets": "collapsed",
        "seasonal_naive-log": "used", "theta-log": "used",
    }  # fmt: skip
    assert "ets collapsed: its median falls to 0.0, the lowest observation is 100" in result.flag


def test_a_member_that_collapses_later_is_not_trusted_with_the_next_months():
    series = read_series("asylum-applicants/FI")
    short, long = (forecast(series, horizon=h, n_paths=400) for h in (1, 63))
    assert short.members == long.members


def test_a_model_asked_for_alone_is_used_whatever_its_proportion():
    result = forecast(read_series("asylum-applicants/FI"), horizon=63, n_paths=50, model="ets")
    assert [(m.status, m.n_paths) for m in result.members] == [("used", 50)]
    assert result.paths.median("path").min() < 10


def test_no_path_passes_twenty_times_the_highest_observation(series, monkeypatch):
    simulate_as(monkeypatch, "ets", lambda _, paths: paths * 1e6)
    result = forecast(series, horizon=3, n_paths=20, model="ets")
    np.testing.assert_array_equal(result.paths, 20 * series.values.max())


def test_calibrated_paths_do_not_pass_the_ceiling_either(series):
    wide = Calibration((300.0,) * 6, (1.0,) * 6)
    result = forecast(series, horizon=12, n_paths=500, experience=Experience(None, wide))
    assert result.calibration is wide
    assert (result.paths.max("path") == 20 * series.values.max()).all()


def test_another_origin_draws_other_random_numbers(series):
    earlier = series.until(series.origin - 12)
    first, second = (pool._rng(1, own, "ets").random(3) for own in (series, earlier))
    assert (first != second).all()


def test_a_mean_beyond_every_quantile_is_flagged():
    series = own_series([1, 2, 3])
    values = np.full((1000, 2), 10.0)
    values[:5, 1] = 1e6  # a mean of 5,010 beside a 0.99 quantile of 10
    paths = make_paths(values, following(series.origin, 2), unit="persons")
    frame = forecast_table(pool.Forecast(series, paths, (), "pool"))
    assert set(frame.loc[frame["horizon"] == 1, "flag"]) == {""}
    assert set(frame.loc[frame["horizon"] == 2, "flag"]) == {
        "mean above the 0.99 quantile: read the median"
    }
