"""Backlogs, staff, parameters and stocks that are refused, with what is expected instead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.locations import data_dir
from forecasting.paths import make_paths
from forecasting.periods import format_period
from forecasting.series import make_series
from forecasting.sources.parameters import load_parameters
from forecasting.stocks.backlog import BacklogInputs, project_backlog, reception_places
from forecasting.stocks.exit_rate import fit_exit_rate, fit_last_value
from forecasting.stocks.staffing import (
    StaffPlan,
    Stage,
    needed_capacity,
    needed_staff,
    plan_from_parameters,
)


def flow(values=(500,) * 6, *, start="2024-01", freq="M", kind="flow"):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    return make_paths(np.array([values], dtype=float), periods, unit="persons", kind=kind)


def refused(message, action, *arguments, error=InputError, **options):
    with pytest.raises(error) as caught:
        action(*arguments, **options)
    assert str(caught.value) == message


# the backlog


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"initial_backlog": -1},
            "initial backlog -1; expected: a whole number of cases, 0 or more",
        ),
        (
            {"initial_backlog": 30.5},
            "initial backlog 30.5; expected: a whole number of cases, 0 or more",
        ),
        (
            {"initial_backlog": float("nan")},
            "initial backlog nan; expected: a whole number of cases, 0 or more",
        ),
        (
            {"exit_rate": 1.0},
            "exit rate 1; expected: a hazard per month from 0 to below 1, such as 0.05",
        ),
        (
            {"exit_rate": -0.1},
            "exit rate -0.1; expected: a hazard per month from 0 to below 1, such as 0.05",
        ),
        (
            {"exit_rate": float("nan")},
            "exit rate nan; expected: a hazard per month from 0 to below 1, such as 0.05",
        ),
        ({"limit_months": 0}, "limit of 0 months; expected: above 0, such as 6"),
        ({"priority_share": 1.2}, "priority share 1.2; expected: 0 to 1"),
        ({"discipline": "lifo"}, "discipline 'lifo'; expected: fifo"),
        (
            {"capacity": np.full(7, 450)},
            "capacity for 7 months and inflow for 6; expected: an inflow at least as long as the "
            "horizon",
        ),
        (
            {"capacity": np.array([450, -1, 450])},
            "capacity -1 in 2024-02; expected: 0 or more decisions",
        ),
        (
            {"capacity": np.array([450, np.nan])},
            "capacity nan in 2024-02; expected: 0 or more decisions",
        ),
        (
            {"capacity": np.array([450, 0])},
            "capacity 0 in 2024-02, the last month, which is held beyond the horizon; expected: a "
            "last capacity above 0: without it the last to come would wait for ever",
        ),
        (
            {"capacity": np.full((2, 6), 450)},
            "capacity of shape (2, 6); expected: one number per month, shape (horizon,)",
        ),
        (
            {"inflow": flow([500, -3, 500])},
            "inflow -3 in 2024-02; expected: 0 or more",
        ),
        (
            {"inflow": flow(start="2024-01", freq="Q-DEC")},
            "inflow by quarter; expected: monthly paths: capacity and limit are in months",
        ),
        ({"inflow": flow(kind="stock")}, "an inflow of kind 'stock'; expected: a flow"),
        (
            {"initial_ages": np.array([0.5, 0.4])},
            "initial ages that add up to 0.9; expected: 1",
        ),
        (
            {"initial_ages": np.array([1.5, -0.5])},
            "initial ages [1.5, -0.5]; expected: shares from 0 to 1, one per month of age",
        ),
        (
            {"inflow": flow([0, 500, 500]), "initial_backlog": 30},
            "30 cases wait at the start and nobody comes in the first month, so their ages cannot "
            "be taken from the inflow; expected: initial_ages",
        ),
    ],
)
def test_inputs_of_a_backlog(change, message):
    inputs = {"inflow": flow(), "capacity": np.full(3, 450.0)} | change
    refused(message, BacklogInputs, **inputs)


def test_an_exit_rate_over_more_months_than_numbers_reach():
    refused(
        "exit rate 0.99 over 706 months; expected: a product of at most 600; shorten the horizon",
        BacklogInputs, flow([500] * 700), np.full(700, 450), exit_rate=0.99,
    )  # fmt: skip


def test_priority_that_leaves_no_capacity_for_the_queue():
    inputs = BacklogInputs(flow(), np.full(6, 100.0), priority_share=0.5)
    refused(
        "cases with priority take up all of the last capacity (100 a month) on 1 of 1 paths, so "
        "the queue would never be served; expected: a last capacity above the priority share of "
        "the inflow",
        project_backlog, inputs,
    )  # fmt: skip


def test_reception_places():
    stock = flow(kind="stock")
    refused(
        "share in private accommodation 33; expected: 0 to 1",
        reception_places, stock, private_share=33,
    )  # fmt: skip
    refused(
        "persons per case 0; expected: above 0",
        reception_places, stock, private_share=0.3, persons_per_case=0,
    )  # fmt: skip
    refused(
        "reception places of a flow; expected: paths of a backlog, a stock",
        reception_places, flow(), private_share=0.3,
    )  # fmt: skip


# staff


STAGES = (Stage("decision", 10),)
PLAN = StaffPlan(10, hours_per_month=160, availability=0.75, share=0.5, stages=STAGES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"persons": -2}, "-2.0 persons; expected: 0 or more"),
        ({"hours_per_month": 0}, "0 paid hours per month; expected: above 0, at most 744"),
        ({"hours_per_month": 1900}, "1900 paid hours per month; expected: above 0, at most 744"),
        ({"availability": 75}, "availability 75; expected: above 0, at most 1"),
        ({"share": 0}, "share 0; expected: above 0, at most 1"),
        ({"stages": STAGES * 2}, "stages decision, decision; expected: each name once"),
        ({"stages": ()}, "no stage that any case reaches; expected: at least one"),
        (
            {"stages": (Stage("appeal", 8, 0),)},
            "no stage that any case reaches; expected: at least one",
        ),
    ],
)
def test_a_staff_plan(change, message):
    plan = {
        "persons": 10, "hours_per_month": 160, "availability": 0.75, "share": 0.5, "stages": STAGES,
    }  # fmt: skip
    refused(message, StaffPlan, **plan | change)


def test_a_stage():
    refused("stage interview: 0 hours per case; expected: above 0", Stage, "interview", 0)
    refused("stage appeal: share of cases 30; expected: 0 to 1", Stage, "appeal", 8, 30)


def test_persons_for_another_number_of_months():
    plan = StaffPlan(np.array([1.0, 2.0]), 160, 0.75, 0.5, STAGES)
    refused("persons of shape (2,); expected: one number, or 3 of them", plan.capacity, 3)


def test_needed_staff_and_capacity():
    needed = needed_capacity(flow())
    for probability in (0, 1, 90):
        refused(
            f"probability {probability}; expected: between 0 and 1, such as 0.9",
            needed_staff, needed, PLAN,
            probability=probability, from_period=pd.Period("2024-02", "M"),
        )  # fmt: skip
    for text in ("2023-12", "2024-07"):
        refused(
            f"staff from {text} on; expected: a month from 2024-01 to 2024-06",
            needed_staff, needed, PLAN, probability=0.9, from_period=pd.Period(text, "M"),
        )  # fmt: skip
    refused(
        "limit of -1 months; expected: above 0, such as 6", needed_capacity, flow(), limit_months=-1
    )


# parameters


@pytest.fixture
def own(tmp_path):
    def write(*rows):
        path = tmp_path / "own.yaml"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return write


ENTRY = "- {id: a, value: 0.5, unit: '1', valid_from: 2020-01, source: s, quality: given}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.5", "-1", "key 'value': found -1; expected: 0 or more"),
        ("0.5", "'0,5'", "key 'value': found '0,5'; expected: a number such as 6 or 0.75"),
        ("0.5", ".inf", "key 'value': found inf; expected: a finite number"),
        ("0.5", "75", ": value 75 in the unit 1; expected: a share from 0 to 1"),
        ("2020-01", "2020-13", "key 'valid_from': '2020-13' is not a month; expected: YYYY-MM"),
        ("given", "sure", "key 'quality': found 'sure'; expected: given, assumed or unknown"),
        (", source: s", "", "key 'source': is missing"),
        ("source: s", "source: ''", "key 'source': found ''; expected: text"),
        (
            "source",
            "sources",
            "key 'sources': is not known; expected: id, value, unit, valid_from, source, quality, "
            "distribution, note",
        ),
    ],
)
def test_a_parameter(own, old, new, message):
    path = own(ENTRY.replace("id: a", "id: b"), ENTRY.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_parameters(str(path))
    separator = "" if message.startswith(":") else ", "
    assert f"{path}, entry 2 (a){separator}{message}" in str(caught.value).split("\n")


def test_a_parameter_that_stands_twice_and_others_that_are_none(own):
    refused_file = own(ENTRY, ENTRY)
    refused(
        f"{refused_file}, key 'a': valid_from 2020-01 stands twice",
        load_parameters, str(refused_file),
    )  # fmt: skip
    refused_file = own("a: 1")
    refused(
        f"{refused_file}: not a list; expected: one entry per value",
        load_parameters, str(refused_file),
    )  # fmt: skip
    refused_file = own("- text")
    refused(
        f"{refused_file}, entry 1: found 'text'; expected: keys with values",
        load_parameters, str(refused_file),
    )  # fmt: skip


def test_a_file_or_a_value_that_is_not_there(own):
    shipped = sorted(file.stem for file in (data_dir() / "parameters").glob("*.yaml"))
    refused(
        "parameters 'asylum'; expected: " + ", ".join(shipped) + ", or a file that ends in .yaml",
        load_parameters, "asylum",
    )  # fmt: skip
    path = own(ENTRY)
    parameters = load_parameters(str(path))
    refused(
        f"{path}, key 'b': no such parameter; expected: a",
        parameters.value, "b", on=pd.Period("2020-01", "M"),
    )  # fmt: skip
    refused(
        f"{path}, key 'a': no value for 2019-12; expected: a month from 2020-01 on; add an entry "
        "with an earlier valid_from and its source",
        parameters.value, "a", on=pd.Period("2019-12", "M"),
    )  # fmt: skip
    refused(
        f"{path}, key 'a': period 2024; expected: a month",
        parameters.value, "a", on=pd.Period("2024", "Y-DEC"),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"no value for 2007-12; expected: a month from 2008-01"):
        plan_from_parameters(10, on=pd.Period("2007-12", "M"))


# the exit rate


def series(values, *, name="si", start="2020-01", freq="M", kind="flow"):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    return make_series(
        [format_period(period) for period in periods], values, series_id=name, kind=kind
    )


STOCK = series(np.linspace(900, 1100, 30), name="pending", kind="stock")
INFLOW = series(np.linspace(90, 110, 30), name="came")


@pytest.mark.parametrize("fit", [fit_exit_rate, fit_last_value])
def test_stock_and_inflow_that_do_not_fit(fit):
    refused("window of 1 periods; expected: 2 or more", fit, STOCK, INFLOW, window=1)
    refused("came: series of kind 'flow'; expected: a stock", fit, INFLOW, STOCK, window=3)
    quarters = series(np.full(30, 9.0), name="came", freq="Q-DEC")
    refused(
        "came: a quarterly inflow; expected: monthly as the stock pending",
        fit, STOCK, quarters, window=3,
    )  # fmt: skip
    refused(
        "came: inflow ends with 2022-05; expected: 2022-06 or later, the last stock",
        fit, STOCK, INFLOW.until(pd.Period("2022-05", "M")), window=3,
    )  # fmt: skip
    refused(
        "pending: 29 periods with stock and inflow; expected: 31 or more for a window of 15",
        fit, STOCK, INFLOW, window=15, error=ModelError,
    )  # fmt: skip
    gap = make_series(
        ["2022-04", "2022-05", "2022-06"], [9, np.nan, 9], series_id="came", missing="keep"
    )
    refused(
        "came: no value for 2022-05; expected: series without gaps",
        fit, STOCK, gap, window=2,
    )  # fmt: skip


@pytest.mark.parametrize("fit", [fit_exit_rate, fit_last_value])
def test_inflow_paths_that_do_not_follow(fit):
    fitted = fit(STOCK, INFLOW, window=6)

    def project(paths, n_paths=5):
        fitted.project(paths, n_paths=n_paths, rng=np.random.default_rng(1))

    refused(
        "inflow paths from 2022-08; expected: from 2022-07, after the last stock",
        project, flow(start="2022-08"),
    )  # fmt: skip
    refused("inflow -1 on a path; expected: 0 or more", project, flow([9, -1], start="2022-07"))
    three = flow(start="2022-07").isel(path=[0, 0, 0])
    refused("3 inflow paths; expected: 5, or 1", project, three)
