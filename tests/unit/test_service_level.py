"""Stock against capacity, by hand: overflow, nights, cost, and three meanings of a service."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Lognormal
from forecasting.stocks.occupancy import Group, simulate_occupancy
from forecasting.stocks.service_level import (
    MEANINGS,
    capacity_for,
    nights_cost,
    occupancy_rate,
    over_capacity_in_year,
    overflow,
    person_nights,
)


def stock(values, start="2024-01", freq="M"):
    array = np.atleast_2d(np.asarray(values, dtype=float))
    periods = pd.period_range(start, periods=array.shape[1], freq=freq)
    return make_paths(array, periods, unit="persons", kind="stock")


@pytest.fixture(scope="module")
def poisson_years():
    """Independent months of mean 240, and 100 in the second year."""
    means = np.repeat([240.0, 100.0], 12)
    return stock(np.random.default_rng(1).poisson(means, (5_000, 24)))


def test_overflow_is_what_is_above_the_places():
    found = overflow(stock([[9, 10, 12], [15, 3, 11]]), 10)
    assert found.to_numpy().tolist() == [[0, 0, 2], [5, 0, 1]]
    assert found.attrs == {"unit": "persons", "kind": "stock"}
    assert found.mean("path").to_numpy().tolist() == [2.5, 0, 1.5]


def test_the_occupancy_rate_follows_the_places():
    found = occupancy_rate(stock([[30, 30, 90]]), [60, 120, 60])
    assert found.to_numpy().tolist() == [[0.5, 0.25, 1.5]]
    assert found.attrs == {"unit": "1", "kind": "stock"}


def test_nights_are_the_mean_of_begin_and_end_times_the_days():
    found = person_nights(stock([[12, 20, 20]]), initial=10)
    assert found.to_numpy().tolist() == [[11 * 31, 16 * 29, 20 * 31]]
    assert found.attrs == {"unit": "person-nights", "kind": "flow"}
    by_path = person_nights(stock([[12], [20]]), initial=np.array([10, 30]))
    assert by_path.to_numpy().tolist() == [[11 * 31], [25 * 31]]


@pytest.mark.parametrize(("freq", "days"), [("M", [31, 28]), ("Q", [90, 91]), ("Y", [365, 365])])
def test_a_steady_stock_spends_its_nights_every_day(freq, days):
    found = person_nights(stock([[7, 7]], start="2025", freq=freq), initial=7)
    assert found.to_numpy().tolist() == [[7 * number for number in days]]


def test_nights_cost_by_the_night():
    cost = nights_cost(person_nights(stock([[12, 20]]), initial=10), 25.5)
    assert cost.to_numpy().tolist() == [[11 * 31 * 25.5, 16 * 29 * 25.5]]
    assert cost.attrs == {"unit": "EUR", "kind": "flow"}


def test_over_capacity_in_any_month_of_a_year():
    values = np.full((4, 24), 10)
    values[0, 3] = values[1, 3] = values[1, 9] = values[2, 23] = 11
    found = over_capacity_in_year(stock(values), 10)
    assert found.to_numpy().tolist() == [0.5, 0.25]
    assert [str(year) for year in found.indexes["period"]] == ["2024", "2025"]
    assert over_capacity_in_year(stock(values), np.repeat([10, 11], 12)).to_numpy().tolist() == [
        0.5,
        0,
    ]


@pytest.mark.parametrize(
    ("meaning", "places"), [("pointwise", 3), ("simultaneous", 5), ("share_of_nights", 2)]
)
def test_places_by_hand(meaning, places):
    """Five years on five paths; 80 % of five is four.

    January runs from 1 to 5 in fifths, so does December on other paths; all else is 0.
    """
    values = np.zeros((5, 12))
    values[:, 0] = [1, 2, 3, 3, 5]
    values[:, 11] = [5, 3, 2, 1, 1]
    # pointwise: fourth smallest of either month; simultaneous: of the maxima 5, 3, 3, 3, 5;
    # nights: of 60 values 50 are 0, three 1, two 2, and 48 of 60 are wanted
    if meaning == "share_of_nights":
        values[:, 1:6] = 2
    assert capacity_for(stock(values), 0.8, meaning=meaning).to_numpy().tolist() == [places]


@pytest.mark.parametrize("probability", [0.5, 0.8, 0.95])
def test_the_places_are_the_fewest_that_give_the_service(poisson_years, probability):
    first, paths = poisson_years[:, :12], poisson_years.to_numpy()[:, :12]
    within = {
        "pointwise": lambda places: (paths <= places).mean(axis=0).min(),
        "simultaneous": lambda places: (paths <= places).all(axis=1).mean(),
        "share_of_nights": lambda places: (paths <= places).mean(),
    }
    for meaning in MEANINGS:
        places = capacity_for(first, probability, meaning=meaning).item()
        assert within[meaning](places) >= probability > within[meaning](places - 1)


def test_every_year_has_places_of_its_own(poisson_years):
    found = capacity_for(poisson_years, 0.95, meaning="share_of_nights")
    assert found.dims == ("period",)
    assert found.attrs == {"unit": "places"}
    assert found.to_numpy() == pytest.approx([266, 117], abs=1)


def test_expected_stocks_need_whole_places():
    found = capacity_for(stock(np.full((3, 12), 41.2)), 0.9, meaning="pointwise")
    assert found.to_numpy().tolist() == [42]


def test_no_shortage_in_a_whole_year_takes_about_fifty_places_more():
    """Log rate an AR(1), sigma 0.3 and rho 0.9, mean stock 240."""
    rng = np.random.default_rng(5)
    log = rng.normal(0, 0.3, (8_000, 48))
    for month in range(1, 48):
        log[:, month] = 0.9 * log[:, month - 1] + np.sqrt(0.19) * log[:, month]
    periods = pd.period_range("2025-01", periods=48, freq="M")
    arrivals = Arrivals(make_paths(60 * np.exp(log - 0.045), periods, unit="persons"), "rate")
    group = Group("all", arrivals, Lognormal(4, 1.2), InitialStock(240, "equilibrium"))
    paths = simulate_occupancy([group], 48, n_paths=8_000, seed=1)
    places = {name: capacity_for(paths, 0.95, meaning=name)[-1].item() for name in MEANINGS}
    assert 40 <= places["simultaneous"] - places["pointwise"] <= 55
    assert places["share_of_nights"] <= places["pointwise"]
