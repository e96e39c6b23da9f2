"""One wrong capacity, rule, load or number of paths per message."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.paths import make_paths
from forecasting.stocks.arrivals import Arrivals, constant_arrivals
from forecasting.stocks.erlang import erlang_b, erlang_c
from forecasting.stocks.finite_capacity import simulate_queue
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Exponential
from forecasting.stocks.occupancy import Group

PERIODS = pd.period_range("2025-01", periods=3, freq="M")
ALL = Group(
    "all", constant_arrivals(5, PERIODS, kind="rate"), Exponential(2), InitialStock(0)
)  # fmt: skip


def raises(message):
    return pytest.raises(InputError, match=re.escape(message))


@pytest.mark.parametrize(
    ("capacity", "message"),
    [
        (0, "capacity 0; expected: a whole number of places, 1 or more"),
        (-5, "capacity -5; expected: a whole number"),
        (2.5, "capacity 2.5; expected: a whole number"),
        (float("nan"), "capacity nan; expected: a whole number"),
        (float("inf"), "capacity inf; expected: a whole number"),
        ([60, 0, 60], "capacity 0 in period 2; expected: a whole number of places, 1 or more"),
        ([], "capacity of shape (0,); expected: one number, or one for each period"),
        (np.ones((2, 3)), "capacity of shape (2, 3); expected: one number, or one for each period"),
        ([60] * 4, "group 'all': arrivals end in 2025-03, after 3 periods"),
    ],
)
def test_a_capacity_that_cannot_be_used(capacity, message):
    with raises(message):
        simulate_queue([ALL], capacity, "wait", n_paths=1, seed=1)


def test_an_unknown_rule():
    with raises("rule 'ignore' at capacity; expected: overflow_return, overflow_stay, wait, loss"):
        simulate_queue([ALL], 5, "ignore", n_paths=1, seed=1)


def test_no_groups():
    with raises("groups []; expected: at least one"):
        simulate_queue([], 5, "wait", n_paths=1, seed=1)


def test_numbers_of_paths_that_do_not_fit():
    with raises("0 paths to simulate from arrivals with 1; expected: at least 1"):
        simulate_queue([ALL], 5, "wait", n_paths=0, seed=1)
    two = Arrivals(make_paths(np.ones((2, 3)), PERIODS, unit="persons"), "rate")
    with raises("3 paths to simulate from arrivals with 2; expected: 2, as the arrivals have"):
        simulate_queue(
            [Group("all", two, Exponential(2), InitialStock(0))], 5, "wait", n_paths=3, seed=1
        )


@pytest.mark.parametrize("form", [erlang_b, erlang_c])
def test_loads_and_places_outside_the_closed_forms(form):
    with raises("a load of -1; expected: a finite number, 0 or more"):
        form(-1, 10)
    with raises("a load of inf; expected: a finite number, 0 or more"):
        form(float("inf"), 10)
    with raises("0 places; expected: at least 1"):
        form(0, 0)


def test_a_queue_that_would_grow_without_end():
    with raises("a load of 10 on 10 places; expected: a load below the number of places"):
        erlang_c(10, 10)
