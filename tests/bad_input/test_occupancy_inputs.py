"""Every input of an occupancy projection that cannot be used, with the message it gets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals, constant_arrivals
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.initial_stock import InitialStock, stock_from_entries
from forecasting.stocks.length_of_stay import Exponential, Fixed
from forecasting.stocks.occupancy import Group, expected_occupancy, simulate_occupancy
from forecasting.stocks.service_level import (
    capacity_for,
    nights_cost,
    occupancy_rate,
    over_capacity_in_year,
    overflow,
    person_nights,
)

EMPTY = InitialStock(0)


def refuses(message):
    return pytest.raises(InputError, match=f"^{message}")


def flow(values, start="2025-01", freq="M", kind="flow"):
    array = np.atleast_2d(np.asarray(values, dtype=float))
    periods = pd.period_range(start, periods=array.shape[1], freq=freq)
    return make_paths(array, periods, unit="persons", kind=kind)


def past(values, end="2024-12", freq="M"):
    return pd.Series(values, pd.period_range(end=end, periods=len(values), freq=freq), dtype=float)


def group(name="men", n_paths=1, *, n=12, start="2025-01", freq="M", initial=EMPTY, stay=None):
    arrivals = Arrivals(flow(np.full((n_paths, n), 60), start, freq), "rate")
    return Group(name, arrivals, stay or Exponential(4), initial)


# Arrivals


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([5, -1, 3], "arrivals -1 in 2025-02; expected: 0 or more"),
        ([[5, 6, 3], [5, 6, -0.5]], "arrivals -0.5 in 2025-03; expected: 0 or more"),
    ],
)
@pytest.mark.parametrize("kind", ["rate", "count"])
def test_negative_arrivals(values, message, kind):
    with refuses(message):
        Arrivals(flow(values), kind)


def test_arrivals_that_are_neither_rates_nor_counts():
    with refuses("arrivals of kind 'poisson'; expected: rate or count"):
        Arrivals(flow([1, 2]), "poisson")


def test_arrivals_that_are_a_stock():
    with refuses("arrivals that are a stock; expected: a flow"):
        Arrivals(flow([1, 2], kind="stock"), "rate")


@pytest.mark.parametrize("dispersion", [0.9, 0, -3, np.inf, np.nan])
def test_dispersion_below_that_of_poisson_arrivals(dispersion):
    with refuses(f"dispersion {dispersion:g}; expected: variance over mean .* 1 .Poisson. or more"):
        Arrivals(flow([1, 2]), "rate", dispersion)


def test_dispersion_of_counts():
    with refuses("dispersion 8 of arrivals that are counts; expected: 1"):
        constant_arrivals(
            60, pd.period_range("2025-01", periods=3, freq="M"), kind="count", dispersion=8
        )


@pytest.mark.parametrize("value", [2.5, -1, np.nan, np.inf])
def test_observed_arrivals_that_are_no_counts(value):
    with refuses(f"observed arrivals {value:g} in 2024-11; expected: a whole number of persons"):
        Arrivals(flow([1, 2]), "rate", observed=past([3, value, 4]))


@pytest.mark.parametrize(
    ("observed", "message"),
    [
        (past([3, 4], end="2024-11"), "observed arrivals .2024-10 to 2024-11, 2 values."),
        (past([3, 4], end="2025-01"), "observed arrivals .2024-12 to 2025-01, 2 values."),
        (past([3, 4, 5]).iloc[[0, 2]], "observed arrivals .2024-10 to 2024-12, 2 values."),
        (past([3, 4, 5]).iloc[::-1], "observed arrivals .2024-12 to 2024-10, 3 values."),
        (past([]), "observed arrivals .none, 0 values."),
        (past([3, 4], end="2024Q4", freq="Q"), "observed arrivals not indexed by the periods"),
        (pd.Series([3.0, 4.0]), "observed arrivals not indexed by the periods of the paths"),
    ],
    ids=["early", "late", "gap", "order", "none", "quarters", "no periods"],
)
def test_observed_arrivals_that_do_not_lead_up_to_the_paths(observed, message):
    with refuses(message):
        Arrivals(flow([1, 2]), "rate", observed=observed)


# Initial stock


@pytest.mark.parametrize("count", [-1, 2.5, np.nan, np.inf])
def test_a_count_that_is_no_count(count):
    with refuses(f"initial stock of {count:g}; expected: a whole number of persons, 0 or more"):
        InitialStock(count, "equilibrium")


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        (None, "no ages of an initial stock of 240; expected: equilibrium, fresh, known"),
        ("old", "ages 'old' of an initial stock of 240; expected: equilibrium, fresh, known"),
    ],
)
def test_a_bare_count(ages, message):
    with refuses(message):
        InitialStock(240, ages)


@pytest.mark.parametrize("ages", [None, "equilibrium", "fresh", "known"])
def test_no_count(ages):
    with refuses("an initial stock without a count; expected: a count, or ages 'back_calculated'"):
        InitialStock(None, ages)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ([1.0, -0.5], "known ages as low as -0.5; expected: finite, 0 periods or more"),
        ([1.0, np.nan], "known ages as low as nan; expected: finite, 0 periods or more"),
        ([1.0], r"known ages of shape \(1,\) for 2 persons; expected: one age per person"),
        (None, "ages 'known' without known ages; expected: known ages exactly where"),
    ],
)
def test_known_ages_that_cannot_be_used(known, message):
    with refuses(message):
        InitialStock(2, "known", None if known is None else np.array(known))


def test_known_ages_beside_another_assumption():
    with refuses(
        "ages 'fresh' with known ages; expected: known ages exactly where ages is 'known'"
    ):
        InitialStock(1, "fresh", np.array([2.0]))


def test_an_age_beyond_the_longest_stay():
    present = group(stay=Fixed(4), initial=InitialStock(2, "known", np.array([1.0, 5.0])))
    with refuses("a person present for 5 periods, longer than anybody stays"):
        expected_occupancy([present], 12)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            ["2024-12-31", "2025-01-01"],
            "entry 2: entry date 2025-01-01 is not before the start 2025-01",
        ),
        (["2025-03-07"], "entry 1: entry date 2025-03-07 .* expected: entries up to 2024-12-31"),
        (["2024-05-01", "last May"], "entry 2: entry date 'last May'; expected: a date"),
        ([None], "entry 1: entry date 'None'; expected: a date, YYYY-MM-DD"),
    ],
)
def test_entry_dates_that_cannot_be_used(entries, message):
    with refuses(message):
        stock_from_entries(entries, pd.Period("2025-01", "M"))


# Groups


@pytest.mark.parametrize("stay", [4, [Exponential(4), 4], []])
def test_a_stay_that_is_none(stay):
    arrivals = Arrivals(flow([1, 2]), "rate")
    with refuses("group 'men': stay .* expected: one LengthOfStay or several"):
        Group("men", arrivals, stay, EMPTY)


@pytest.mark.parametrize("initial", [EMPTY, InitialStock(240, "equilibrium")])
def test_persons_counted_in_the_stock_and_among_observed_arrivals(initial):
    arrivals = Arrivals(flow([1, 2]), "rate", observed=past([60] * 50))
    with refuses("group 'men': observed arrivals beside an initial stock with ages"):
        Group("men", arrivals, Exponential(4), initial)


def test_a_back_calculated_stock_without_observed_arrivals():
    arrivals = Arrivals(flow([1, 2]), "rate")
    with refuses("a back-calculated initial stock without arrivals before the start"):
        Group("men", arrivals, Exponential(4), InitialStock(240, "back_calculated"))


def test_a_back_calculated_stock_from_too_few_observed_arrivals():
    arrivals = Arrivals(flow([1, 2]), "rate", observed=past([60] * 8))
    with refuses("group 'men': 14% of a steady stock would have entered before the observed"):
        Group("men", arrivals, Exponential(4), InitialStock(None, "back_calculated"))


def test_persons_present_of_observed_arrivals_nobody_of_whom_is_left():
    arrivals = Arrivals(flow([1, 2]), "rate", observed=past([60] * 20 + [0] * 4))
    men = Group("men", arrivals, Fixed(2), InitialStock(9, "back_calculated"))
    with refuses("9 persons present at the start, of observed arrivals nobody of whom is left"):
        expected_occupancy([men], 2)


PROJECTIONS = {
    "expected": expected_occupancy,
    "exceedance": lambda groups, horizon: exceedance(groups, horizon, capacity=10),
    "simulated": lambda groups, horizon: simulate_occupancy(groups, horizon, n_paths=3, seed=1),
}


@pytest.mark.parametrize(
    ("groups", "horizon", "message"),
    [
        (
            [group(), group("women", n=9)],
            12,
            "group 'women': arrivals end in 2025-09, after 9 periods; "
            "expected: arrivals for all 12 periods of the horizon",
        ),
        ([group()], 13, "group 'men': arrivals end in 2025-12, after 12 periods"),
        ([group()], 0, "horizon 0; expected: 1 period or more"),
        (
            [group(), group("women", start="2025-02")],
            12,
            "group 'women': arrivals begin in 2025-02; expected: 2025-01, as those of group 'men'",
        ),
        (
            [group(), group("women", start="2025Q1", freq="Q")],
            12,
            "group 'women': arrivals begin in 2025-Q1; expected: 2025-01, as those of group 'men'",
        ),
        (
            [group(n_paths=3), group("women", n_paths=2), group("children")],
            12,
            "arrivals with 2 and 3 paths; expected: the same number in every group, or one path",
        ),
        ([group(), group()], 12, r"groups \['men', 'men'\]; expected: at least one, each with a"),
        ([], 12, r"groups \[\]; expected: at least one"),
    ],
    ids=["short", "horizon", "zero", "start", "frequency", "paths", "names", "none"],
)
@pytest.mark.parametrize("project", PROJECTIONS.values(), ids=PROJECTIONS)
def test_groups_that_cannot_be_projected_together(project, groups, horizon, message):
    with refuses(message):
        project(groups, horizon)


@pytest.mark.parametrize(
    ("n_paths", "message"),
    [
        (4, "4 paths to simulate from arrivals with 3; expected: 3, as the arrivals have"),
        (1, "1 paths to simulate from arrivals with 3; expected: 3, as the arrivals have"),
        (0, "0 paths to simulate from arrivals with 3; expected: at least 1"),
    ],
)
def test_another_number_of_paths_than_the_arrivals_have(n_paths, message):
    with refuses(message):
        simulate_occupancy([group(n_paths=3)], 12, n_paths=n_paths, seed=1)


# Capacity and service


@pytest.mark.parametrize(
    ("capacity", "message"),
    [
        (0, "capacity 0; expected: places, above 0"),
        (-5, "capacity -5; expected: places, above 0"),
        (np.nan, "capacity nan; expected: places, above 0"),
        ([60] * 11 + [0], "capacity 0; expected: places, above 0"),
        ([60, 120], r"capacity of shape \(2,\); expected: one number, or one for each of 12"),
    ],
)
def test_capacity_that_cannot_be_used(capacity, message):
    stock = flow(np.ones(12), kind="stock")
    for view in (overflow, occupancy_rate, over_capacity_in_year):
        with refuses(message):
            view(stock, capacity)
    with refuses(message):
        exceedance([group()], 12, capacity=capacity)


def test_a_service_that_does_not_say_what_it_means():
    stock = flow(np.ones(12), kind="stock")
    with refuses("meaning 'average' of a service of 95%; expected: pointwise, simultaneous, share"):
        capacity_for(stock, 0.95, meaning="average")
    with pytest.raises(TypeError, match="meaning"):
        capacity_for(stock, 0.95)


@pytest.mark.parametrize("probability", [0, 1, 95, -0.1, np.nan])
def test_a_service_that_is_no_probability(probability):
    with refuses(f"probability {probability:g}; expected: between 0 and 1"):
        capacity_for(flow(np.ones(12), kind="stock"), probability, meaning="pointwise")


def test_a_part_of_a_year():
    stock = flow(np.ones(14), kind="stock")
    message = "stock from 2025-01 to 2026-02; expected: whole calendar years"
    with refuses(message):
        capacity_for(stock, 0.95, meaning="simultaneous")
    with refuses(message):
        over_capacity_in_year(stock, 10)


@pytest.mark.parametrize(
    "view",
    [
        lambda paths: overflow(paths, 10),
        lambda paths: occupancy_rate(paths, 10),
        lambda paths: over_capacity_in_year(paths, 10),
        lambda paths: capacity_for(paths, 0.95, meaning="pointwise"),
        lambda paths: person_nights(paths, initial=0),
    ],
)
def test_a_flow_held_against_places(view):
    with refuses(r".* of a flow \(persons\); expected: a stock"):
        view(flow(np.ones(12)))


@pytest.mark.parametrize("initial", [-1, np.nan, np.ones(3), np.array([1, -1])])
def test_a_stock_at_the_start_that_cannot_be_used(initial):
    with refuses("stock at the start of shape .* expected: one number, or one per path, 0 or more"):
        person_nights(flow(np.ones((2, 12)), kind="stock"), initial=initial)


def test_a_cost_of_something_else_than_nights():
    stock = flow(np.ones(12), kind="stock")
    with refuses("cost of nights in persons; expected: person-nights"):
        nights_cost(stock, 20)
    with refuses("-1 EUR per night; expected: 0 or more"):
        nights_cost(person_nights(stock, initial=1), -1)
