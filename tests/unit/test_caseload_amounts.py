"""Amounts by month, expenditure, the two counts of a caseload, and the outlook as drivers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.distributions import Distribution
from forecasting.errors import InputError
from forecasting.models.drivers import Drivers
from forecasting.paths import annual, make_paths
from forecasting.periods import parse_period
from forecasting.series import make_series, read_series
from forecasting.sources.parameters import load_parameters
from forecasting.stocks.caseload_amounts import (
    PERSONS_ENTITLED,
    RECIPIENTS,
    check_persons_entitled,
    check_same_count,
    expenditure_paths,
    household_assumption,
    persons_entitled_paths,
)
from forecasting.stocks.macro_outlook import annual_outlook, outlook_drivers
from forecasting.stocks.minimum_income import basic_amounts

MONTHS = pd.period_range("2018-05", "2018-08", freq="M")
WIDE = Distribution(triangular=(0.8, 1.1, 1.6))


def recipients(n_paths=3, months=MONTHS, unit=RECIPIENTS, kind="stock"):
    values = np.random.default_rng(5).integers(40_000, 60_000, (n_paths, len(months)))
    return make_paths(values, months, unit=unit, kind=kind)


def rng():
    return np.random.default_rng(1)


# the basic amount


def test_the_amounts_are_the_published_steps():
    found = basic_amounts(pd.period_range("2014-08", "2026-04", freq="M"))
    steps = found.values[found.values.diff() != 0]
    assert {str(month): value for month, value in steps.items()} == {
        "2014-08": 269.20, "2017-08": 297.53, "2018-06": 385.05, "2018-08": 392.75,
        "2022-02": 402.18, "2022-04": 421.89, "2023-03": 465.34, "2024-03": 484.88,
        "2025-04": 494.09, "2026-03": 507.43,
    }  # fmt: skip
    assert found.known_until == parse_period("2026-03")


def test_what_is_not_verified_and_what_was_not_applied_is_said():
    entries = load_parameters("minimum_income")
    for month in ("2022-02", "2024-03"):
        note = entries.entry("minimum_income", on=parse_period(month)).note["en"]
        assert "not verified" in note.lower()
    law = entries.entry("minimum_income_as_of_2018_law", on=parse_period("2019-01"))
    assert (law.value, "not applied" in law.note["en"]) == (331.26, True)
    assert entries.value("minimum_income", on=parse_period("2019-01")) == 392.75


def test_the_indexation_gives_the_amounts_that_followed_from_inflation():
    months = pd.period_range("2022-04", "2024-12", freq="M")
    found = basic_amounts(
        months, known_until=parse_period("2022-12"), inflation=annual_outlook("inflation")
    )
    assert found.values[parse_period("2023-02")] == 421.89
    assert found.values[parse_period("2023-03")] == 465.34
    assert found.values[parse_period("2024-12")] == 484.88


def test_an_amount_that_was_not_known_yet_stays_without_an_assumption():
    months = pd.period_range("2024-01", "2026-06", freq="M")
    found = basic_amounts(months, known_until=parse_period("2024-11"))
    assert found.values.unique().tolist() == [465.34, 484.88]
    later = basic_amounts(months[-3:], known_until=parse_period("2024-11"))
    pd.testing.assert_series_equal(later.values, found.values[-3:], check_freq=False)


@pytest.mark.parametrize(
    ("periods", "options", "message"),
    [
        (("2014-01", "2014-12", "M"), {}, "no value for 2014-01; expected: a month from 2014-08"),
        (("2020", "2021", "Y"), {}, "periods of frequency Y-DEC; expected: months"),
        (("2026-01", "2028-12", "M"), {"inflation": {2026: 0.02}},
         "no inflation of 2027 for the basic amount from 2028-03; expected: 2026; add the year"),
    ],
)  # fmt: skip
def test_a_month_without_an_amount_is_refused(periods, options, message):
    start, end, freq = periods
    with pytest.raises(InputError, match=message):
        basic_amounts(pd.period_range(start, end, freq=freq), **options)


# expenditure


def test_expenditure_is_recipients_times_amount_times_factor():
    caseload = recipients()
    spent = expenditure_paths(caseload, basic_amounts(MONTHS), household_factor=1.25, rng=rng())
    amounts = np.array([297.53, 385.05, 385.05, 392.75])
    np.testing.assert_allclose(spent.to_numpy(), caseload.to_numpy() * amounts * 1.25, rtol=1e-12)
    assert spent.attrs == {"unit": "EUR", "kind": "flow"}


def test_an_uncertain_factor_is_drawn_once_per_path():
    caseload = recipients(n_paths=4000)
    amounts = basic_amounts(MONTHS)
    spent = expenditure_paths(caseload, amounts, household_factor=WIDE, rng=rng())
    factors = spent.to_numpy() / (caseload.to_numpy() * amounts.values.to_numpy())
    assert np.ptp(factors, axis=1).max() < 1e-12
    assert abs(factors[:, 0].mean() - WIDE.mean) < 0.01
    assert (factors.min() > 0.8, factors.max() < 1.6) == (True, True)


@given(scale=st.floats(0.1, 10), seed=st.integers(0, 99))
def test_expenditure_scales_with_the_caseload_and_adds_up_over_a_year(scale, seed):
    months = pd.period_range("2023-01", "2023-12", freq="M")
    caseload = recipients(months=months)
    scaled = make_paths(caseload.to_numpy() * scale, months, unit=RECIPIENTS, kind="stock")
    one, other = (
        expenditure_paths(
            paths, basic_amounts(months), household_factor=WIDE, rng=np.random.default_rng(seed)
        )
        for paths in (caseload, scaled)
    )
    np.testing.assert_allclose(other.to_numpy(), one.to_numpy() * scale)
    np.testing.assert_allclose(annual(one).to_numpy()[:, 0], one.to_numpy().sum(axis=1))


def test_the_assumptions_on_families_are_wide_and_rated_unknown():
    month = parse_period("2024-12")
    factor = household_assumption("household_factor", on=month)
    persons = household_assumption("persons_per_recipient", on=month)
    assert (factor.low, factor.high) == (0.8, 1.6)
    assert (persons.low, persons.high) == (1.5, 2)
    for name in ("household_factor", "persons_per_recipient"):
        assert load_parameters("minimum_income").entry(name, on=month).quality == "unknown"


@pytest.mark.parametrize(
    ("caseload", "factor", "message"),
    [
        (recipients(unit=PERSONS_ENTITLED), 1.1,
         r"paths of persons \(persons entitled\), a stock; expected: families \(recipients, one"),
        (recipients(kind="flow"), 1.1, "a flow; expected: families .*, a stock; if that is what"),
        (recipients(months=MONTHS + 6), 1.1, "no basic amount for 2018-11; expected: 2018-11 to"),
        (recipients(), -0.1, "household factor: -0.1; expected: 0 or more"),
    ],
)  # fmt: skip
def test_expenditure_of_something_else_is_refused(caseload, factor, message):
    amounts = basic_amounts(pd.period_range("2018-01", "2018-10", freq="M"))
    with pytest.raises(InputError, match=message):
        expenditure_paths(caseload, amounts, household_factor=factor, rng=rng())


# the two counts


def test_persons_entitled_are_another_count_of_the_same_paths():
    caseload = recipients(n_paths=2000)
    sizes = Distribution(uniform=(1.5, 2))
    entitled = persons_entitled_paths(caseload, persons_per_recipient=sizes, rng=rng())
    assert (entitled.attrs["unit"], entitled.attrs["kind"]) == ("persons", "stock")
    ratio = entitled.to_numpy() / caseload.to_numpy()
    assert np.ptp(ratio, axis=1).max() < 1e-12
    assert (ratio.min() >= 1.5, ratio.max() <= 2, abs(ratio.mean() - 1.75) < 0.01) == (True,) * 3
    check_persons_entitled(entitled, caseload)


def test_the_two_counts_are_not_added_or_compared():
    caseload = recipients()
    entitled = persons_entitled_paths(caseload, persons_per_recipient=1.7, rng=rng())
    check_same_count(caseload, caseload)
    with pytest.raises(
        InputError, match=r"families \(recipients.* and persons \(persons entitled\) together; exp"
    ):
        check_same_count(caseload, entitled)
    with pytest.raises(InputError, match=r"paths of persons .*; expected: families"):
        persons_entitled_paths(entitled, persons_per_recipient=1.7, rng=rng())


def test_counts_that_cannot_belong_together_are_refused():
    caseload = recipients()
    fewer = caseload.to_numpy() * 1.7
    fewer[1, 2] = caseload.to_numpy()[1, 2] - 1
    entitled = make_paths(fewer, MONTHS, unit=PERSONS_ENTITLED, kind="stock")
    with pytest.raises(InputError, match="fewer persons entitled than recipients in 2018-07; exp"):
        check_persons_entitled(entitled, caseload)
    late = make_paths(fewer, MONTHS + 1, unit=PERSONS_ENTITLED, kind="stock")
    with pytest.raises(InputError, match="persons entitled of 2018-06 to 2018-09; expected: 2018-"):
        check_persons_entitled(late, caseload)
    with pytest.raises(InputError, match=r"paths of families .*; expected: persons"):
        check_persons_entitled(caseload, caseload)
    with pytest.raises(InputError, match=r"persons per recipient: 0.9; expected: 1 or more"):
        persons_entitled_paths(caseload, persons_per_recipient=0.9, rng=rng())


# the outlook


def test_the_outlook_holds_what_the_plan_prints():
    assert annual_outlook("gdp_growth") == {
        2022: 0.025, 2023: 0.021, 2024: 0.015, 2025: 0.024, 2026: 0.025,
    }  # fmt: skip
    assert annual_outlook("inflation") == {
        2021: 0.049, 2022: 0.103, 2023: 0.042, 2024: 0.023, 2025: 0.033, 2026: 0.02,
    }  # fmt: skip
    assert annual_outlook("survey_unemployment_rate") == {2024: 0.037, 2025: 0.037, 2026: 0.036}
    with pytest.raises(InputError, match="'wages' in the outlook 'macro_outlook'; expected: aver"):
        annual_outlook("wages")


def observed(end="2024-12", months=24):
    index = pd.period_range(end=parse_period(end), periods=months, freq="M")
    season = 1 + 0.1 * np.cos(2 * np.pi * np.arange(months) / 12)
    return pd.DataFrame({"registered_unemployed": 48_000 * season}, index=index)


def test_a_scenario_keeps_the_season_and_moves_the_annual_mean_as_the_rate():
    drivers = outlook_drivers(observed(), horizon=24, lags={"registered_unemployed": 3})
    path = drivers.future["registered_unemployed"]
    assert (path.sizes["path"], str(path.indexes["period"][-1])) == (1, "2026-12")
    values, last = path.to_numpy()[0], observed().to_numpy()[-12:, 0]
    np.testing.assert_allclose(values[:12], last)
    np.testing.assert_allclose(values[12:], last * 36 / 37)
    assert drivers.lags == {"registered_unemployed": 3}


def test_a_scenario_is_taken_by_a_model_with_drivers():
    drivers = outlook_drivers(observed(), horizon=12)
    assert isinstance(drivers, Drivers)
    table = observed()
    series = make_series([str(month) for month in table.index], [50.0] * 24, series_id="a")
    assert drivers.during(series).shape == (24, 1)
    ahead = drivers.after(series.origin, 12, 5, rng())
    np.testing.assert_allclose(ahead[:, :, 0], np.tile(table.to_numpy()[-12:, 0], (5, 1)))


@pytest.mark.parametrize(
    ("table", "horizon", "message"),
    [
        (observed(), 25, "no rate of 2027 for 2027-01; expected: months of 2025 to 2026: the outl"),
        (observed("2023-12"), 6, "no rate of 2023 for 2024-01; expected: months of 2025 to 2026"),
        (observed(months=11), 6, "11 values of frequency M; expected: twelve months or more"),
    ],
)
def test_a_scenario_beyond_the_outlook_is_refused(table, horizon, message):
    with pytest.raises(InputError, match=f"driver registered_unemployed: {message}"):
        outlook_drivers(table, horizon=horizon)


def test_the_demonstration_series_goes_through_the_outlook_and_the_amounts():
    series = read_series("si-recipients-synthetic/recipients")
    last = pd.period_range("2024-01", "2024-12", freq="M")
    paths = make_paths(series.values[last].to_numpy()[None], last, unit=series.unit, kind="stock")
    spent = expenditure_paths(paths, basic_amounts(last), household_factor=1.1, rng=rng())
    assert 2.4e8 < annual(spent).item() < 3.0e8
    unemployed = read_series("si-recipients-synthetic/registered_unemployed").values
    drivers = outlook_drivers(pd.DataFrame({"unemployed": unemployed}), horizon=24)
    assert drivers.future["unemployed"].to_numpy().max() < 52_000
