"""Batches: series that learn from one another, and from nothing that was not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.forecasts import Experience, forecast, forecast_table
from forecasting.forecasts.batch import Case, Crew, Settings, hold_against_outcome
from forecasting.forecasts.calibration import PastCase, fit_calibration, shipped_calibration
from forecasting.forecasts.experience import shipped_panel
from forecasting.forecasts.pool import Forecast
from forecasting.forecasts.table import BatchOptions, forecast_file
from forecasting.models.panel import make_panel
from forecasting.periods import format_period
from forecasting.series import RegularSeries, make_series

HORIZON = 6
FAST = BatchOptions(horizon=HORIZON, model="fast", n_paths=40)


def own_series(values, name, start="2015-01", freq="M"):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    return make_series([format_period(p) for p in periods], values, series_id=name)


def counts(seed, n=60):
    rng = np.random.default_rng(seed)
    return np.round(np.expm1(5 + np.cumsum(rng.normal(0, 0.15, n))))


def simulated(n, length=60):
    return [own_series(counts(seed, length), f"s{seed:03d}") for seed in range(n)]


def write(path, batch):
    rows = [
        f"{series.series_id},{format_period(period)},{value}"
        for series in batch
        for period, value in series.values.items()
    ]
    path.write_text("\n".join(["series_id,period,value", *rows]) + "\n", encoding="utf-8")
    return path


def paths_and_members(result: Forecast, _: RegularSeries):
    return result.paths.to_numpy(), [m.name for m in result.members if m.status == "used"]


def run(batch, settings, cases=None, *, jobs=1):
    cases = cases or [Case(index, series.origin) for index, series in enumerate(batch)]
    with Crew(batch, settings, cases=len(cases), jobs=jobs) as crew:
        return list(crew.run(paths_and_members, cases))


# learning from one another


def test_five_series_learn_from_one_another_and_four_do_not():
    batch = simulated(5)
    settings = Settings(HORIZON, "fast", n_paths=20)
    for _, members in run(batch, settings):
        assert members == ["analogue", "seasonal_naive-log"]
    for _, members in run(batch[:4], settings):
        assert members == ["seasonal_naive-log"]


def test_the_panel_is_that_of_the_batch_until_the_origin():
    batch = simulated(6, 80)
    origin = batch[0].origin - 9
    ((found, _),) = run(batch, Settings(HORIZON, "fast", n_paths=30), [Case(2, origin)])
    learned = Experience(make_panel(batch, until=origin))
    expected = forecast(
        batch[2].until(origin), horizon=HORIZON, model="fast", n_paths=30, experience=learned
    )
    np.testing.assert_array_equal(found, expected.paths)


def test_values_after_the_origin_change_nothing():
    batch = simulated(6, 80)
    origin = batch[0].origin - 9
    other = []
    for series in batch:
        values = series.values.copy()
        values[origin + 1 :] *= 50
        other.append(own_series(values.to_numpy(), series.series_id))
    settings, cases = Settings(HORIZON, "fast", n_paths=30), [Case(i, origin) for i in range(6)]
    one, two = (run(own, settings, cases) for own in (batch, other))
    for (left, _), (right, _) in zip(one, two, strict=True):
        np.testing.assert_array_equal(left, right)


def test_a_series_alone_may_learn_from_the_situations_that_ship():
    batch = simulated(1)
    ((found, members),) = run(batch, Settings(HORIZON, "fast", n_paths=20, panel="asylum"))
    assert members == ["analogue", "seasonal_naive-log"]
    learned = Experience(shipped_panel())
    expected = forecast(batch[0], horizon=HORIZON, model="fast", n_paths=20, experience=learned)
    np.testing.assert_array_equal(found, expected.paths)


def test_an_unknown_panel_is_refused():
    with pytest.raises(InputError, match="panel 'world'; expected: batch or asylum"):
        Settings(HORIZON, panel="world")


def test_years_are_forecast_without_a_panel():
    batch = [own_series(counts(seed, 30), str(seed), "1990", "Y") for seed in range(6)]
    for _, members in run(batch, Settings(2, "fast", n_paths=20)):
        assert members == ["seasonal_naive-log"]


def test_a_case_may_have_a_model_of_its_own():
    batch = simulated(2)
    cases = [Case(0, batch[0].origin), Case(1, batch[1].origin, model="random_walk")]
    one, two = run(batch, Settings(HORIZON, "ets", n_paths=20), cases)
    assert (one[1], two[1]) == (["ets"], ["random_walk"])


# processes, seeds, faults


def test_one_process_and_two_give_the_same(tmp_path):
    """Six series that learn from one another, one that is broken and one that is too short."""
    batch = [*simulated(6), own_series([3.0, 4.0], "short")]
    path = write(tmp_path / "in.csv", batch)
    with path.open("a", encoding="utf-8") as file:
        file.write("broken,2020-01,-5\n")
    seen: list[tuple[int, int]] = []
    one, problems = forecast_file(path, FAST, jobs=1, on_done=lambda *step: seen.append(step))
    two, again = forecast_file(path, FAST, jobs=2)
    pd.testing.assert_frame_equal(one, two)
    assert problems == again
    assert seen == [(done, 7) for done in range(1, 8)]
    assert len(problems) == 2
    assert "series broken: value -5" in problems[0]
    assert problems[1].startswith("short: no model can be used (analogue: needs 27 observations")
    flags = one.groupby("series_id")["flag"].agg(set)
    assert flags["broken"] == {f"error: {problems[0]}"}
    assert flags["short"] == {f"error: {problems[1]}"}
    assert all(flags[f"s{index:03d}"] == {""} for index in range(6))
    assert (one["series_id"] == "s003").sum() == HORIZON * 24


def test_an_error_stands_in_the_place_of_its_case():
    batch = [*simulated(1), own_series([3.0, 4.0], "short"), *simulated(1)]
    first, second, third = run(batch, Settings(HORIZON, "ets", n_paths=20))
    assert isinstance(second, ModelError)
    np.testing.assert_array_equal(first[0], third[0])


def test_an_error_of_the_task_is_no_end_either():
    def refuse(result: Forecast, _: RegularSeries):
        raise InputError(f"no outcome of {result.series.series_id}")

    batch = simulated(2)
    with Crew(batch, Settings(1, "random_walk", n_paths=5), cases=2, jobs=1) as crew:
        found = list(crew.run(refuse, [Case(i, own.origin) for i, own in enumerate(batch)]))
    assert [str(problem) for problem in found] == ["no outcome of s000", "no outcome of s001"]


def test_the_same_seed_gives_the_same_paths_and_another_others():
    batch = simulated(6)
    one, two, other = (
        run(batch, Settings(HORIZON, "fast", n_paths=30, seed=seed)) for seed in (1, 1, 2)
    )
    for (left, _), (right, _), (third, _) in zip(one, two, other, strict=True):
        np.testing.assert_array_equal(left, right)
        assert (left != third).any()


def test_an_outcome_is_held_against_the_periods_it_covers():
    series = own_series(range(1, 61), "a")
    with Crew([series], Settings(HORIZON, "random_walk-log", n_paths=99), cases=1) as crew:
        case = Case(0, series.origin - 4, calibration=None)
        (found,) = crew.run(hold_against_outcome, [case])
    assert isinstance(found, PastCase)
    assert np.isfinite(found.distance).tolist() == [True] * 4 + [False] * 2
    assert found.origin == (series.origin - 4).ordinal


# calibrated on its own past


@pytest.fixture(scope="module")
def hundred():
    return simulated(100)


def test_cases_of_a_horizon_ago_are_those_with_three_years_before_them():
    batch = [own_series(counts(n, n), str(n)) for n in (60, 42, 41)]
    with Crew(batch, Settings(HORIZON), cases=3) as crew:
        cases = crew.a_horizon_before(Case(i, own.origin) for i, own in enumerate(batch))
    assert [(case.index, case.origin) for case in cases] == [
        (1, batch[1].origin - HORIZON), (0, batch[0].origin - HORIZON),
    ]  # fmt: skip
    assert all(case.calibration is None for case in cases)


@pytest.mark.parametrize(("n", "calibrates"), [(100, True), (99, False)])
def test_a_hundred_series_are_calibrated_on_their_own_past(hundred, n, calibrates):
    with Crew(hundred[:n], FAST.settings, cases=n, jobs=1) as crew:
        assert crew.calibrates is calibrates


def test_a_model_without_shipped_factors_is_not_calibrated(hundred):
    with Crew(hundred, Settings(HORIZON, "theta-log"), cases=100, jobs=1) as crew:
        assert not crew.calibrates


def test_the_factors_of_a_large_batch_come_from_its_past(hundred, tmp_path):
    seen: list[tuple[int, int]] = []
    path = write(tmp_path / "in.csv", hundred)
    table, problems = forecast_file(path, FAST, jobs=1, on_done=lambda *step: seen.append(step))
    assert problems == []
    assert seen == [(done, 200) for done in range(1, 201)]
    with Crew(hundred, FAST.settings, cases=100, jobs=1) as crew:
        earlier = crew.a_horizon_before(Case(i, own.origin) for i, own in enumerate(hundred))
        past = list(crew.run(hold_against_outcome, earlier))
    prior = shipped_calibration("fast")
    assert prior is not None
    fitted = fit_calibration(past, prior)
    assert fitted != prior
    learned = make_panel(hundred, until=hundred[0].origin)
    for series in hundred[:2]:
        own = table[table["series_id"] == series.series_id].reset_index(drop=True)
        expected, shipped = (
            forecast_table(
                forecast(
                    series, horizon=HORIZON, model="fast", n_paths=40,
                    experience=Experience(learned, factors),
                )
            )
            for factors in (fitted, prior)
        )  # fmt: skip
        pd.testing.assert_frame_equal(own, expected)
        assert (own["value"] != shipped["value"]).any()


def test_a_smaller_batch_is_calibrated_by_what_ships(tmp_path):
    batch = simulated(6)
    table, _ = forecast_file(write(tmp_path / "in.csv", batch), FAST, jobs=1)
    learned = Experience(make_panel(batch, until=batch[0].origin))
    result = forecast(batch[0], horizon=HORIZON, model="fast", n_paths=40, experience=learned)
    assert result.calibration == shipped_calibration("fast")
    own = table[table["series_id"] == "s000"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, forecast_table(result))


def test_outcomes_after_an_origin_do_not_calibrate_its_forecast(hundred, tmp_path):
    """A series that ended a year earlier is forecast from what was known a year earlier."""
    early = hundred[0].until(hundred[0].origin - 12)
    batch = [early, *hundred[1:]]
    other = []
    for series in batch:
        values = series.values.copy()
        values[early.origin + 1 :] *= np.linspace(1, 30, len(values[early.origin + 1 :]))
        other.append(own_series(values.to_numpy(), series.series_id))
    one, two = (
        forecast_file(write(tmp_path / f"{name}.csv", own), FAST, jobs=1)[0]
        for name, own in (("one", batch), ("two", other))
    )
    own, same = (table[table["series_id"] == "s000"] for table in (one, two))
    pd.testing.assert_frame_equal(own, same)
    late, moved = (table[table["series_id"] == "s001"] for table in (one, two))
    assert (late["value"] != moved["value"]).all()


def test_quarters_are_not_calibrated_by_months():
    """Their ordinals are smaller, so all outcomes of quarters would pass for known."""
    batch = [*simulated(1), own_series(counts(1, 60), "quarters", "2005Q1", "Q")]
    with Crew(batch, Settings(HORIZON, "fast", n_paths=40), cases=2, jobs=1) as crew:
        cases = crew.a_horizon_before(Case(i, own.origin) for i, own in enumerate(batch))
        past = list(crew.run(hold_against_outcome, cases))
        months, quarters = (
            [case for case in past if case.season_length == season] for season in (12, 4)
        )
        origin = batch[0].origin
        assert crew.calibration_at(past, origin) == crew.calibration_at(months, origin)
        assert crew.calibration_at(quarters, origin) == shipped_calibration("fast")
