"""Drivers and interventions that cannot be used: one error each, with what would be accepted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.evaluation.backtest import BacktestOptions, backtest
from forecasting.models.drivers import Drivers
from forecasting.models.interventions import Intervention
from forecasting.models.structural import StructuralModel
from forecasting.paths import make_paths
from forecasting.periods import format_period
from forecasting.series import make_series

RNG = np.random.default_rng(8)
NOISE = RNG.normal(50, 9, 60)


def index(start="2018-01", n=48, freq="M"):
    return pd.period_range(start, periods=n, freq=freq)


def frame(start="2018-01", n=48, freq="M", **columns):
    return pd.DataFrame(columns or {"jobs": NOISE[:n]}, index=index(start, n, freq))


def future(n=12, *, start="2022-01", n_paths=1, freq="M"):
    return make_paths(np.ones((n_paths, n)), index(start, n, freq), unit="percent", kind="stock")


@pytest.fixture
def series():
    """Four years of months, 2018-01 to 2021-12."""
    values = np.random.default_rng(9).poisson(60, 48)
    return make_series([format_period(p) for p in index()], values, series_id="si")


def refused(message, action, *arguments, **options):
    with pytest.raises(InputError) as caught:
        action(*arguments, **options)
    assert str(caught.value) == message


def fit(series, *, drivers=None, interventions=()):
    return StructuralModel("log", drivers, interventions).fit(series)


# what the drivers are


def test_a_driver_twice():
    twice = pd.concat([frame(), frame()], axis=1)
    refused("drivers: driver jobs stands twice; expected: each name once", Drivers, twice)


def test_dates_or_weeks_instead_of_periods():
    dated = frame().set_index(frame().index.to_timestamp())
    expected = "expected: a PeriodIndex of frequency M, Q-DEC, Y-DEC"
    refused(f"drivers: an index of DatetimeIndex; {expected}", Drivers, dated)
    refused(f"drivers: an index of W-SUN; {expected}", Drivers, frame(freq="W"))


def test_no_driver_at_all():
    refused("drivers: no values; expected: at least one driver", Drivers, frame()[[]])
    refused("drivers: no values; expected: at least one driver", Drivers, frame(n=0))


@pytest.mark.parametrize("change", [lambda f: f.drop(f.index[3]), lambda f: f[::-1]])
def test_periods_that_are_not_consecutive(change):
    refused(
        "drivers: periods that are not consecutive; expected: every period from the first to the "
        "last, once, in order",
        Drivers,
        change(frame()),
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_hole_in_a_driver(value):
    holed = frame()
    holed.iloc[7] = value
    refused(
        "driver jobs: no value for 2018-08; expected: a number for every period from its first to "
        "its last",
        Drivers,
        holed,
    )


def test_a_driver_without_values():
    empty = frame(jobs=np.full(48, np.nan))
    refused("driver jobs: no values; expected: at least one", Drivers, empty)


def test_a_future_or_lag_of_a_driver_that_is_not_there():
    refused("no driver 'job'; expected: jobs", Drivers, frame(), {"job": future()})
    refused("no driver 'job'; expected: jobs", Drivers, frame(), {}, {"job": 1})


def test_a_negative_lag():
    refused(
        "driver jobs: lag -1; expected: 0 or more periods: a later value is not known in time",
        Drivers,
        frame(),
        lags={"jobs": -1},
    )


def test_futures_of_different_numbers_of_paths():
    two = frame(jobs=NOISE[:48], rents=NOISE[12:])
    refused(
        "futures of different numbers of paths: jobs 20, rents 30; expected: the same number for "
        "every driver, drawn together, or 1 for a scenario",
        Drivers,
        two,
        {"jobs": future(n_paths=20), "rents": future(n_paths=30)},
    )


def test_a_future_of_another_frequency():
    refused(
        "future of driver jobs: periods of frequency Q-DEC; expected: M",
        Drivers,
        frame(),
        {"jobs": future(start="2022Q1", freq="Q")},
    )


def test_a_future_with_holes():
    holed = future()
    holed[0, 3] = np.nan
    refused(
        "future of driver jobs: values that are not finite numbers",
        Drivers,
        frame(),
        {"jobs": holed},
    )


def test_a_future_of_another_shape():
    refused(
        "future of driver jobs: dims ('period',); expected: (path, period)",
        Drivers,
        frame(),
        {"jobs": future()[0]},
    )


# drivers beside a series


def test_a_driver_of_another_frequency(series):
    quarters = frame("2018Q1", 16, "Q", jobs=NOISE[:16])
    refused(
        "driver jobs: periods of frequency Q-DEC; expected: M, that of si",
        fit,
        series,
        drivers=Drivers(quarters),
    )


def test_a_driver_known_only_after_the_origin_is_look_ahead(series):
    refused(
        "driver jobs: observed up to 2022-06, after the origin 2021-12 of the series: look-ahead; "
        "expected: nothing observed after 2021-12; cut the drivers with until(origin), then give "
        "their future as sample paths or as a scenario of one path",
        fit,
        series,
        drivers=Drivers(frame(n=54)),
    )


def test_a_future_that_leaves_observed_values_before_it_is_look_ahead_too(series):
    drivers = Drivers(frame(n=54), {"jobs": future(start="2022-07")})
    with pytest.raises(InputError, match=r"jobs: observed up to 2022-06, .* look-ahead"):
        fit(series, drivers=drivers)


def test_a_future_that_does_not_follow(series):
    refused(
        "driver jobs: a future from 2022-03; expected: from 2022-01, after the last observed value",
        fit,
        series,
        drivers=Drivers(frame(), {"jobs": future(start="2022-03")}),
    )


@pytest.mark.parametrize(
    ("start", "n", "lag", "missing", "needed"),
    [
        ("2018-03", 46, 0, "2018-01", "2018-01 to 2021-12"),
        ("2018-01", 46, 0, "2021-11", "2018-01 to 2021-12"),
        ("2018-01", 48, 6, "2017-07", "2017-07 to 2021-06"),
    ],
)
def test_a_driver_that_does_not_cover_the_series(series, start, n, lag, missing, needed):
    refused(
        f"driver jobs: no value for {missing}; expected: {needed}, for the observations of si; "
        "cut the series, or give the driver a longer lag",
        fit,
        series,
        drivers=Drivers(frame(start, n), lags={"jobs": lag}),
    )


def test_a_constant_driver(series):
    refused(
        "jobs is 5 at every observation of si; expected: a regressor that changes: the effect of "
        "one that does not cannot be told from the level",
        fit,
        series,
        drivers=Drivers(frame(jobs=np.full(48, 5.0))),
    )


def test_drivers_that_say_the_same(series):
    refused(
        "jobs, gaps explain each other on si; expected: regressors none of which follows from the "
        "others; leave one out",
        fit,
        series,
        drivers=Drivers(frame(jobs=NOISE[:48], gaps=100 - 2 * NOISE[:48])),
    )


def test_a_driver_with_the_name_of_an_intervention(series):
    refused(
        "'jobs' stands twice; expected: each driver and each intervention once",
        fit,
        series,
        drivers=Drivers(frame()),
        interventions=(Intervention("jobs", pd.Period("2020-01", "M")),),
    )


@pytest.mark.parametrize(
    ("drivers", "reached"),
    [
        (Drivers(frame()), "2021-12"),
        (Drivers(frame(), {"jobs": future(5)}), "2022-05"),
        (Drivers(frame("2017-10", 51), {"jobs": future(2)}, {"jobs": 3}), "2022-02"),
    ],
)
def test_a_driver_shorter_than_the_horizon(series, drivers, reached):
    needed = "2022-03" if drivers.lags else "2022-06"
    refused(
        f"driver jobs: values up to {reached}; expected: up to {needed} for 6 periods after "
        "2021-12; give its future as sample paths or as a scenario of one path",
        fit(series, drivers=drivers).simulate,
        6,
        10,
        np.random.default_rng(1),
    )


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        (
            pd.Period("2017-06", "M"),
            "driver jobs: origin 2017-06; expected: 2018-01 or later, where it begins",
        ),
        (
            pd.Period("2020Q1", "Q"),
            "driver jobs: periods of frequency M; expected: Q-DEC, that of origin 2020-Q1",
        ),
    ],
)
def test_an_origin_outside_the_drivers(origin, message):
    refused(message, Drivers(frame()).until, origin)


def test_a_driver_whose_future_no_model_of_counts_can_forecast():
    rates = Drivers(frame(jobs=NOISE[:48] - 60))
    with pytest.raises(InputError, match=r"driver jobs: value -\d+.*expected: a count from 0"):
        rates.forecast_future(3, 10, np.random.default_rng(1))
    with pytest.raises(InputError, match="model 'oracle'; expected: arima, "):
        Drivers(frame()).forecast_future(3, 10, np.random.default_rng(1), model="oracle")


# through a backtest

ORIGIN = pd.Period("2020-12", "M")


def backtested(series, *, drivers=None, interventions=(), models=()):
    recipe = StructuralModel("log", drivers, interventions)
    options = BacktestOptions(n_paths=20, jobs=1)
    return backtest([series], (*models, recipe), origins=[ORIGIN], horizon=6, options=options)


@pytest.mark.parametrize(
    ("drivers", "message"),
    [
        (
            Drivers(frame("2018-03", 46)),
            "driver jobs: no value for 2018-01; expected: 2018-01 to 2020-12, for the observations "
            "of si; cut the series, or give the driver a longer lag",
        ),
        (
            Drivers(frame("2018-01", 30), {"jobs": future(40, start="2020-07")}),
            "driver jobs: no value for 2020-07; expected: 2018-01 to 2020-12, for the observations "
            "of si; cut the series, or give the driver a longer lag",
        ),
        (
            Drivers(frame(jobs=NOISE[:48], rents=np.r_[np.full(40, np.nan), NOISE[:8]])),
            "driver rents: origin 2020-12; expected: 2021-05 or later, where it begins",
        ),
        (
            Drivers(frame("2018Q1", 16, "Q", jobs=NOISE[:16])),
            "driver jobs: periods of frequency Q-DEC; expected: M, that of origin 2020-12",
        ),
        (
            Drivers(frame(jobs=np.r_[np.full(36, 5.0), NOISE[:12]])),
            "jobs is 5 at every observation of si; expected: a regressor that changes: the effect "
            "of one that does not cannot be told from the level",
        ),
        (
            Drivers(frame(jobs=NOISE[:48] - 60)),
            f"driver jobs: value {NOISE[0] - 60:g}; expected: a count from 0 to 1e+12",
        ),
    ],
)
def test_a_driver_that_a_past_origin_cannot_use(series, drivers, message):
    """Alone it is refused; beside another model it is named, and the other one goes on."""
    with pytest.raises(InputError) as caught:
        backtested(series, drivers=drivers)
    problem = f"si, origin 2020-12: {message}"
    assert str(caught.value) == f"no forecast of the backtest succeeded: {problem}"
    beside = backtested(series, drivers=drivers, models=("random_walk",))
    assert beside.problems == [problem]
    assert set(beside.scores["model"]) == {"random_walk"}


def test_an_intervention_of_another_frequency_in_a_backtest(series):
    with pytest.raises(InputError, match="law: start 2020-Q1; expected: a period of the monthly"):
        backtested(series, interventions=(Intervention("law", pd.Period("2020Q1", "Q")),))


def test_a_recipe_beside_a_model_of_its_name(series):
    with pytest.raises(
        InputError, match=r"^models structural-log, structural-log; expected: each model once$"
    ):
        backtested(series, drivers=Drivers(frame()), models=("structural-log",))


# interventions


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": "jump"}, "intervention law: shape 'jump'; expected: step, pulse, ramp"),
        (
            {"end": "2019-12"},
            "intervention law: end 2019-12; expected: 2020-01, the start, or a later one like it",
        ),
        (
            {"shape": "pulse", "end": "2020-03"},
            "intervention law: a pulse with an end; expected: a pulse of one period; a longer one "
            "is a step with an end",
        ),
    ],
)
def test_an_intervention_that_makes_no_sense(options, message):
    end = pd.Period(options["end"], "M") if "end" in options else None
    shape = options.get("shape", "step")
    refused(message, Intervention, "law", pd.Period("2020-01", "M"), shape, end)


@pytest.mark.parametrize(
    ("start", "when"), [("2022-01", "after the last"), ("2017-12", "before the first")]
)
def test_an_intervention_outside_the_observations(series, start, when):
    refused(
        f"intervention law: start {start}, {when} observation of si; expected: 2018-01 to 2021-12; "
        "an effect that was not observed cannot be estimated; leave it out",
        fit,
        series,
        interventions=(Intervention("law", pd.Period(start, "M")),),
    )


def test_an_intervention_of_another_frequency(series):
    refused(
        "intervention law: start 2020-Q1; expected: a period of the monthly series si",
        fit,
        series,
        interventions=(Intervention("law", pd.Period("2020Q1", "Q")),),
    )


def test_a_step_from_the_first_observation_on(series):
    with pytest.raises(InputError, match="law is 1 at every observation of si"):
        fit(series, interventions=(Intervention("law", pd.Period("2018-01", "M")),))


def test_a_pulse_where_the_observation_is_missing(series):
    values = series.values.to_numpy(copy=True)
    values[10] = np.nan
    gap = make_series(
        [format_period(p) for p in series.periods], values, series_id="si", missing="keep"
    )
    pulse = Intervention("surge", series.periods[10], "pulse")
    with pytest.raises(InputError, match="surge is 0 at every observation of si"):
        fit(gap, interventions=(pulse,))


def test_no_effect_on_a_series_that_does_not_move(series):
    still = make_series([format_period(p) for p in series.periods], [7] * 48, series_id="si")
    with pytest.raises(ModelError, match="structural-log on si: all observations are equal"):
        fit(still, drivers=Drivers(frame()))
