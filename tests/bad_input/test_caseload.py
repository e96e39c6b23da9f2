"""Caseloads, drivers, interventions and options that are refused, with what is expected instead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forecasting.cli.caseload  # noqa: F401 - adds its verb
from forecasting.errors import InputError
from forecasting.models import Drivers, Intervention
from forecasting.periods import format_period
from forecasting.series import make_series
from forecasting.stocks import caseload_past
from forecasting.stocks.caseload import forecast_caseload
from forecasting.stocks.caseload_file import parse_intervention, read_drivers, split_drivers
from forecasting.tables import FORECAST_COLUMNS

MONTHS = 48


@pytest.fixture(scope="module", autouse=True)
def one_past_origin_a_year():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caseload_past, "STEP_MONTHS", 12)
        yield


def values(seed=1, n=MONTHS):
    rng = np.random.default_rng(seed)
    return 5000 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))


def own_series(own=None, start="2020-01", name="a", kind="stock"):
    own = values() if own is None else own
    periods = [format_period(p) for p in pd.period_range(start, periods=len(own), freq="M")]
    return make_series(periods, list(own), series_id=name, kind=kind, missing="keep")


def rows(own, name="recipients", start="2020-01"):
    periods = pd.period_range(start, periods=len(own), freq="M")
    return "".join(f"{name},{p},{v:.3f}0\n" for p, v in zip(periods, own, strict=True))


def file(tmp_path, text, name="in.csv"):
    path = tmp_path / name
    path.write_text("series_id,period,value\n" + text)
    return path


def refused(message, action, *arguments, **options):
    with pytest.raises(InputError) as caught:
        action(*arguments, **options)
    assert str(caught.value) == message


# arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "horizon 0; expected: 1 to 360 periods"),
        ({"horizon": 6, "n_paths": 9}, "9 paths; expected: 10 to 100,000"),
        ({"horizon": 6, "seed": -1}, "seed -1; expected: 0 or more"),
        (
            {"horizon": 6, "entries": own_series(values(2, 40), name="new", kind="flow")},
            "new: entries up to 2023-04; expected: 2023-12, the last period of a",
        ),
        (
            {"horizon": 6, "interventions": [Intervention("law", pd.Period("2024-03", "M"))]},
            "intervention law: start 2024-03, after the last observation of a; expected: 2020-01 "
            "to 2023-12; an effect that was not observed cannot be estimated; leave it out",
        ),
        (
            {
                "horizon": 6,
                "interventions": [
                    Intervention("law", pd.Period("2022-03", "M")),
                    Intervention("order", pd.Period("2022-03", "M")),
                ],
            },
            "a: law, order cannot be told apart; expected: interventions that begin after the "
            "first period, each at another time; leave one out",
        ),
    ],
)
def test_options_that_cannot_be_used(options, message):
    refused(message, forecast_caseload, own_series(), **options)


def test_a_last_value_is_needed():
    own = values()
    own[-1] = np.nan
    series = own_series()
    masked = type(series)("a", pd.Series(own, series.periods), "persons", "stock")
    refused(
        "a: no value for 2023-12, the last period; expected: a last value to forecast from",
        forecast_caseload,
        masked,
        horizon=6,
    )


def test_a_driver_observed_after_the_origin():
    index = pd.period_range("2020-01", periods=MONTHS + 1, freq="M")
    drivers = Drivers(pd.DataFrame({"u": np.ones(MONTHS + 1)}, index=index))
    with pytest.raises(InputError, match="driver u: observed up to 2024-01, after the origin"):
        forecast_caseload(own_series(), horizon=6, drivers=drivers)


def test_drivers_of_another_frequency():
    index = pd.period_range("2015Q1", periods=20, freq="Q")
    drivers = Drivers(pd.DataFrame({"gdp": np.ones(20)}, index=index))
    with pytest.raises(InputError, match="driver gdp: periods of frequency Q-DEC; expected: M"):
        forecast_caseload(own_series(), horizon=6, drivers=drivers)


# interventions as options


@pytest.mark.parametrize("text", ["epidemic", "epidemic:", "a:2020-03:step:2021-01:x", ":2020-03"])
def test_an_intervention_that_is_not_one(text):
    refused(
        f"intervention '{text}'; expected: NAME:PERIOD[:step|pulse|ramp][:END], for example "
        "epidemic:2020-03:step",
        parse_intervention,
        text,
    )


def test_interventions_are_read():
    march = pd.Period("2020-03", "M")
    assert parse_intervention("a:2020-03") == Intervention("a", march)
    assert parse_intervention("a: 2020-03 :pulse") == Intervention("a", march, "pulse")
    assert parse_intervention("a:2020-03:ramp:2020-09") == Intervention(
        "a", march, "ramp", march + 6
    )
    refused(
        "intervention a: shape 'slope'; expected: step, pulse, ramp",
        parse_intervention,
        "a:2020-03:slope",
    )


# files of drivers


def test_a_month_of_a_driver_that_stands_twice(tmp_path):
    path = file(tmp_path, "u,2020-01,3\nu,2020-01,4\n")
    refused(
        f"{path}, row 3, driver u: period 2020-01 stands twice; expected: each period once; remove "
        "one of the two rows",
        read_drivers,
        path,
    )


def test_drivers_of_several_frequencies(tmp_path):
    path = file(tmp_path, "u,2020-01,3\nv,2020-Q1,4\n")
    refused(
        f"{path}: periods of 2 frequencies; expected: months, quarters or years throughout",
        read_drivers,
        path,
    )


def test_values_of_a_driver_may_be_negative_and_begin_later(tmp_path):
    path = file(tmp_path, "gdp,2020-01,-2.5\ngdp,2020-02,1.5\nu,2020-02,7\n")
    found = read_drivers(path)
    assert found["gdp"].to_list() == [-2.5, 1.5]
    assert np.isnan(found["u"].iloc[0])


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (
            [np.nan, np.nan, 3, 4],
            "driver u: no value up to 2020-02, the origin; expected: observed values, and after "
            "the origin a scenario or none",
        ),
        (
            [1, np.nan, 3, 4],
            "driver u: a scenario with a gap; expected: a value for every period from 2020-03 on, "
            "and observed values up to 2020-02; fill the gap, or leave the values after the origin "
            "out",
        ),
    ],
)
def test_a_scenario_that_does_not_follow_what_was_observed(own, message):
    frame = pd.DataFrame({"u": own}, index=pd.period_range("2020-01", periods=4, freq="M"))
    refused(message, split_drivers, frame, pd.Period("2020-02", "M"))


def test_values_after_the_origin_are_a_scenario_of_one_path():
    frame = pd.DataFrame(
        {"u": [1.0, 2, 3, 4], "v": [5.0, 6, np.nan, np.nan]},
        index=pd.period_range("2020-01", periods=4, freq="M"),
    )
    drivers = split_drivers(frame, pd.Period("2020-02", "M"))
    assert list(drivers.future) == ["u"]
    assert drivers.future["u"].to_numpy().tolist() == [[3, 4]]
    assert drivers.observed.index[-1] == pd.Period("2020-02", "M")


# the command


def test_the_command_writes_the_format_of_forecast(run, tmp_path):
    file(tmp_path, rows(values()) + rows(values(2), "persons_entitled"))
    file(tmp_path, rows(values(3, MONTHS + 6), "u") + rows(values(4, MONTHS - 2), "v"), "d.csv")
    done = run(
        "caseload", "in.csv", "--drivers", "d.csv", "--horizon", 6, "--paths", 40, "-o", "out.csv",
        "--intervention", "law:2022-05",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "out.csv")
    assert tuple(table.columns) == FORECAST_COLUMNS
    assert set(table["series_id"]) == {"recipients", "persons_entitled"}
    assert len(table) == 2 * 6 * 24
    assert "driver u (scenario): left out" in done.output
    assert "driver v (forecast): left out" in done.output
    assert "recipients: median of " in done.output
    assert "pool smooth stock: " in done.output
    assert "2 caseloads forecast: out.csv" in done.output


def test_a_masked_month_is_bridged_by_default(run, tmp_path):
    own = rows(values()).splitlines()
    own[20] = "recipients,2021-09,"
    file(tmp_path, "\n".join(own) + "\n")
    done = run("caseload", "in.csv", "--horizon", 3, "--paths", 20, "-o", "out.csv")
    assert done.exit_code == 0, done.output
    assert "bridged, without a value: 2021-09" in done.output
    refused_one = run("caseload", "in.csv", "--horizon", 3, "--missing", "error", "-o", "out.csv")
    assert refused_one.exit_code == 2


def test_a_scenario_that_ends_before_the_horizon(run, tmp_path):
    file(tmp_path, rows(values()))
    file(tmp_path, rows(values(3, MONTHS + 4), "u"), "d.csv")
    done = run("caseload", "in.csv", "--drivers", "d.csv", "--horizon", 6, "-o", "out.csv")
    assert done.exit_code == 2
    assert "past forecasts" not in done.output  # said before the work begins
    assert (
        "error: driver u: values up to 2024-04; expected: values up to 2024-06, for 6 periods "
        "after 2023-12, or none after 2023-12; complete the scenario, or leave it out: the driver "
        "is then forecast" in done.output
    )


def test_a_horizon_that_no_caseload_can_have(run, tmp_path):
    file(tmp_path, rows(values()))
    done = run("caseload", "in.csv", "--horizon", 0, "-o", "out.csv")
    assert done.exit_code == 2
    assert done.output.strip().endswith("error: horizon 0; expected: 1 to 360 periods")
    assert not (tmp_path / "out.csv").exists()


def test_a_caseload_of_zeros_has_nothing_to_compare(run, tmp_path):
    file(tmp_path, rows(np.zeros(MONTHS)))
    done = run("caseload", "in.csv", "--horizon", 3, "--paths", 20, "-o", "out.csv")
    assert done.exit_code == 0, done.output
    assert "pool smooth stock: " in done.output
    assert "nan" not in done.output
    assert (pd.read_csv(tmp_path / "out.csv")["value"] == 0).all()


def test_a_driver_that_has_to_be_forecast_and_is_negative(run, tmp_path):
    file(tmp_path, rows(values()))
    file(tmp_path, rows(values(3) - 5100, "gdp"), "d.csv")
    done = run("caseload", "in.csv", "--drivers", "d.csv", "--horizon", 6, "-o", "out.csv")
    assert done.exit_code == 2
    assert "expected: no negative value in a driver that has to be forecast" in done.output


def test_recipients_and_persons_entitled_in_one_series(run, tmp_path):
    path = file(tmp_path, "dsp,2020-01,60000\ndsp,2020-01,90000\ndsp,2020-02,60100\n")
    done = run("caseload", path, "--horizon", 6, "-o", "out.csv")
    assert done.exit_code == 2
    assert done.output.strip().endswith(
        f"error: {path}, rows 2, 3, series dsp: 60000 and 90000 for 2020-01; expected: one value a "
        "month: recipients and persons entitled are two counts; give each count a series_id of its "
        "own"
    )
    assert not (tmp_path / "out.csv").exists()


def test_entries_of_another_caseload(run, tmp_path):
    file(tmp_path, rows(values()))
    file(tmp_path, rows(values(2), "new"), "e.csv")
    done = run("caseload", "in.csv", "--entries", "e.csv", "--horizon", 6, "-o", "out.csv")
    assert done.exit_code == 2
    assert (
        "--entries: no entries of 'recipients'; expected: a series_id for every caseload; found: "
        "new" in done.output
    )


def test_one_series_that_cannot_be_used_does_not_stop_the_other(run, tmp_path):
    file(tmp_path, rows(values()) + "b,2020-01,5\nb,2020-02,-1\n")
    done = run("caseload", "in.csv", "--horizon", 3, "--paths", 20, "-o", "out.csv")
    assert done.exit_code == 2
    table = pd.read_csv(tmp_path / "out.csv")
    assert table["flag"].str.startswith("error: ", na=False).sum() == 1
    assert len(table) == 3 * 24 + 1


def test_the_help_shows_examples(run):
    done = run("caseload", "--help")
    assert done.exit_code == 0
    assert "Examples:" in done.output
    assert "--intervention epidemic:2020-04:step" in done.output
