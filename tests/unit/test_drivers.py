"""Drivers and interventions: what of them is known, and what a path takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.models.drivers import Drivers
from forecasting.models.interventions import Intervention
from forecasting.models.regressors import Regressors
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.series import make_series


def months(start, n):
    return pd.period_range(start, periods=n, freq="M")


def month(text):
    return pd.Period(text, freq="M")


def observed(start="2020-01", n=24, **columns):
    """Drivers whose value is the ordinal of their month, unless other values are given."""
    index = months(start, n)
    return pd.DataFrame(columns or {"x": index.asi8.astype(float)}, index=index)


def paths(values, start):
    array = np.asarray(values, dtype=float)
    return make_paths(array, months(start, array.shape[1]), unit="percent", kind="stock")


def monthly(start="2020-01", n=24):
    return make_series(
        [format_period(p) for p in months(start, n)], np.arange(n) + 10.0, series_id="a"
    )


def ahead(drivers, horizon, n_paths, origin="2021-12", seed=1):
    return drivers.after(month(origin), horizon, n_paths, np.random.default_rng(seed))


# what belongs to the observations


def test_the_values_of_the_periods_of_the_series_are_taken():
    values = Drivers(observed("2019-01", 36)).during(monthly())
    assert values["x"].tolist() == list(months("2020-01", 24).asi8)


def test_a_lag_takes_the_value_of_so_many_periods_before():
    values = Drivers(observed("2019-07", 30), lags={"x": 6}).during(monthly())
    assert values["x"].tolist() == list(months("2019-07", 24).asi8)


def test_the_inputs_stay_as_they_are():
    frame = observed()
    before = frame.copy()
    drivers = Drivers(frame, {"x": paths([[1, 2]], "2022-01")})
    drivers.during(monthly())
    ahead(drivers, 2, 5)
    drivers.until(month("2020-12"))
    pd.testing.assert_frame_equal(frame, before)
    assert drivers.future["x"].to_numpy().tolist() == [[1, 2]]


# what belongs to the periods ahead


def test_a_scenario_is_the_same_on_every_path():
    values = ahead(Drivers(observed(), {"x": paths([[5, 6, 7]], "2022-01")}), 3, 4)
    assert values.shape == (4, 3, 1)
    assert (values[:, :, 0] == [5, 6, 7]).all()


def test_path_i_takes_path_i():
    future = paths(np.arange(12).reshape(4, 3), "2022-01")
    values = ahead(Drivers(observed(), {"x": future}), 2, 4)
    np.testing.assert_array_equal(values[:, :, 0], future.to_numpy()[:, :2])


@pytest.mark.parametrize("n_paths", [3, 25])
def test_paths_drawn_anew_stay_together_over_drivers_and_months(n_paths):
    base = np.arange(10)[:, None]
    later = np.array([0, 100])
    drivers = Drivers(
        observed(x=np.arange(24.0), y=np.arange(24.0) ** 2, z=np.arange(24.0) ** 3),
        {
            "x": paths(base + later, "2022-01"),
            "y": paths(base + later + 500, "2022-01"),
            "z": paths([[-1, -2]], "2022-01"),
        },
    )
    values = ahead(drivers, 2, n_paths)
    drawn = values[:, 0, 0]
    np.testing.assert_array_equal(values[:, 1, 0], drawn + 100)
    np.testing.assert_array_equal(values[:, 0, 1], drawn + 500)
    assert (values[:, :, 2] == [-1, -2]).all()
    counts = pd.Series(drawn).value_counts()
    assert counts.max() - counts.reindex(range(10), fill_value=0).min() <= 1
    np.testing.assert_array_equal(values, ahead(drivers, 2, n_paths))


def test_what_a_lag_makes_known_is_used_as_known():
    drivers = Drivers(observed("2019-07", 30), {"x": paths([[1, 2], [3, 4]], "2022-01")}, {"x": 3})
    values = ahead(drivers, 5, 2)[:, :, 0]
    known = list(months("2021-10", 3).asi8)
    assert values.tolist() == [[*known, 1, 2], [*known, 3, 4]]


def test_a_lag_as_long_as_the_horizon_needs_no_future():
    values = ahead(Drivers(observed("2019-01", 36), lags={"x": 6}), 6, 2)
    assert values[1, :, 0].tolist() == list(months("2021-07", 6).asi8)


def test_a_driver_published_late_joins_its_own_future():
    """Observed up to two months before the origin, usable with a lag of two."""
    drivers = Drivers(observed("2019-01", 34), {"x": paths([[1, 2, 3]], "2021-11")}, {"x": 2})
    assert drivers.during(monthly())["x"].iloc[-1] == month("2021-10").ordinal
    assert ahead(drivers, 3, 1)[0, :, 0].tolist() == [1, 2, 3]


def test_values_observed_after_the_origin_are_not_used_beside_a_future():
    drivers = Drivers(observed(n=30), {"x": paths([[1, 2]], "2022-01")})
    drivers.during(monthly())
    assert ahead(drivers, 2, 1)[0, :, 0].tolist() == [1, 2]


# at an earlier origin


def test_until_leaves_what_was_known():
    whole = Drivers(observed(), {"x": paths([[1]], "2022-01")}, {"x": 2})
    known = whole.until(month("2020-06"))
    assert list(known.observed.index) == list(months("2020-01", 6))
    assert known.future == {}
    assert known.lags == {"x": 2}


def test_what_happened_afterwards_does_not_move_the_forecast_of_a_driver():
    first, second = observed(), observed()
    second.iloc[12:] *= 100
    one, two = (
        Drivers(frame)
        .until(month("2020-12"))
        .forecast_future(3, 20, np.random.default_rng(3), model="random_walk")
        .future["x"]
        for frame in (first, second)
    )
    np.testing.assert_array_equal(one, two)
    assert list(one.indexes["period"]) == list(following(month("2020-12"), 3))


def known_at(drivers, origin, *, horizon, seed=3):
    return drivers.known_at(
        month(origin), horizon=horizon, n_paths=20, rng=np.random.default_rng(seed)
    )


def test_only_what_a_lag_does_not_make_known_is_forecast():
    frame = observed(x=np.arange(24.0), y=np.arange(24.0) ** 2, z=-np.arange(24.0))
    drivers = Drivers(frame, {"x": paths([[7] * 9], "2022-01")}, {"y": 2, "z": 4})
    known = known_at(drivers, "2021-06", horizon=4)
    assert list(known.observed.index) == list(months("2020-01", 18))
    assert {name: future.shape for name, future in known.future.items()} == {
        "x": (20, 4), "y": (20, 2),
    }  # fmt: skip
    values = ahead(known, 4, 20, origin="2021-06")
    assert (values[:, :2, 1] == [16**2, 17**2]).all()
    assert (values[:, :, 2] == [-14, -15, -16, -17]).all()


def test_a_driver_that_ended_before_the_origin_is_forecast_from_its_end():
    known = known_at(Drivers(observed(n=16), lags={"x": 2}), "2021-06", horizon=3)
    assert list(known.future["x"].indexes["period"]) == list(months("2021-05", 3))
    assert ahead(known, 3, 20, origin="2021-06").shape == (20, 3, 1)


# interventions


@pytest.mark.parametrize(
    ("shape", "end", "expected"),
    [
        ("step", None, [0, 0, 1, 1, 1, 1]),
        ("step", "2020-04", [0, 0, 1, 1, 0, 0]),
        ("pulse", None, [0, 0, 1, 0, 0, 0]),
        ("ramp", None, [0, 0, 1, 2, 3, 4]),
        ("ramp", "2020-04", [0, 0, 1, 2, 2, 2]),
    ],
)
def test_the_shape_of_an_intervention(shape, end, expected):
    change = Intervention("law", month("2020-03"), shape, month(end) if end else None)
    assert change.values(months("2020-01", 6)).tolist() == expected


def test_an_intervention_is_known_from_its_start_and_its_end_when_it_is_over():
    law = Intervention("law", month("2020-03"), end=month("2020-05"))
    assert law.known_at(month("2020-02")) is None
    assert law.known_at(month("2020-04")) == Intervention("law", month("2020-03"))
    assert law.known_at(month("2020-05")) == law


# together


def test_drivers_and_interventions_are_scaled_alike_now_and_ahead():
    changes = (
        Intervention("law", month("2021-01")),
        Intervention("surge", month("2020-05"), "pulse"),
    )
    drivers = Drivers(observed(x=np.arange(24.0) ** 2), {"x": paths([[2, 4]], "2022-01")})
    regressors = Regressors.of(monthly(), drivers, changes)
    assert regressors.names == ["x", "law", "surge"]
    now = regressors.observed()
    np.testing.assert_allclose(now.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(now.std(axis=0), 1)
    later = regressors.ahead(2, 3, np.random.default_rng(1))
    assert later.shape == (3, 2, 3)
    raw = later[2] * regressors.spread + regressors.values.mean().to_numpy()
    np.testing.assert_allclose(raw, [[2, 1, 0], [4, 1, 0]], atol=1e-12)


def test_without_drivers_and_interventions_there_is_nothing():
    regressors = Regressors.of(monthly(), None, ())
    assert regressors.observed().shape == (24, 0)
    assert regressors.ahead(4, 3, np.random.default_rng(1)).shape == (3, 4, 0)
