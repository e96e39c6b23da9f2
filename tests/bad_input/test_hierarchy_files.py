"""One wrong hierarchy, table or set of paths per message."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.forecasts.categories import category_counts
from forecasting.forecasts.hierarchy import Hierarchy, check_sums, read_hierarchy
from forecasting.forecasts.reconciliation import reconcile
from forecasting.forecasts.shares import split_by_shares
from forecasting.paths import make_paths

PAIR = Hierarchy({"t": "", "a": "t", "b": "t"})
MONTHS = pd.period_range("2023-01", periods=3, freq="M")
YEARS = pd.period_range("2020", periods=3, freq="Y")


def raises(message):
    return pytest.raises(InputError, match=re.escape(message))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("t,\na,t\na,t", "row 4: series 'a' stands twice; expected: each series once"),
        ("t,\n,t", "row 3: no series_id"),
        (
            "t,\na,x",
            "parent 'x' of 'a' is not a series of the hierarchy; expected: a row of its own",
        ),
        ("a,b\nb,a", "0 series without a parent; expected: exactly one, the total"),
        ("t,\ns,\na,t", "2 series without a parent: t, s"),
        ("t,\na,b\nb,a", "series that are parts of one another in a circle: a, b"),
    ],
)
def test_a_file_that_is_no_tree_is_refused(tmp_path, rows, message):
    path = tmp_path / "tiers.csv"
    path.write_text(f"series_id,parent\n{rows}\n", encoding="utf-8")
    with raises(message) as caught:
        read_hierarchy(path)
    assert str(caught.value).startswith(str(path))


def test_parts_that_do_not_add_up_are_named_with_period_and_difference():
    values = pd.DataFrame(
        {"t": [10.0, 90, 30], "a": [5.0, 50, 10], "b": [5.0, 60, 20]}, index=YEARS
    )
    with raises(
        "the parts of 't' add up to 110 in 2021, 20 more than its 90; expected: a difference of at "
        "most 7.5: 2.5 for each of 3 cells, because cells are rounded; is one of the parts a sum "
        "of others?"
    ):
        check_sums(PAIR, values)
    with raises("no values for 1 series: b"):
        check_sums(PAIR, values[["t", "a"]])
    with raises("an index of type RangeIndex; expected: a PeriodIndex"):
        check_sums(PAIR, values.reset_index(drop=True))
    with raises("missing values; expected: 0 where nobody was counted"):
        check_sums(PAIR, values.where(values != 20))


TABLE = pd.DataFrame(
    {
        "period": [2020, 2020, 2021],
        "age": ["Y_LT14", "Y14-17", "Y_LT14"],
        "value": [10, 20, 30],
    }
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age": ["Y_LT14", "Y14-17", "Y_LT18"]}, "age code Y_LT18 overlaps Y14-17, Y_LT14"),
        ({"age": ["Y_GE65", "Y65-79", "Y35-64"]}, "age code Y_GE65 overlaps Y65-79"),
        ({"age": ["Y17", "Y14-17", "UNK"]}, "age code Y14-17 overlaps Y17"),
        ({"period": 2020, "age": "UNK"}, "UNK of 2020 stands twice"),
        ({"period": [2020, 2020, "2021-01"]}, "periods of different length"),
        ({"period": [2020, 2020, "last year"]}, "'last year' is not a period"),
        ({"age": ["Y_LT14", None, "Y_LT14"]}, "an empty category"),
        ({"value": [10, -1, 30]}, "a value that is missing, no number or below 0"),
        ({"value": [10, ":", 30]}, "a value that is missing, no number or below 0"),
        ({"age": "TOTAL", "period": [2020, 2021, 2022]}, "sums only; expected: counts by age"),
    ],
)
def test_a_table_of_categories_that_cannot_be_used_is_refused(change, message):
    with raises(message):
        category_counts(TABLE.assign(**change), ["age"])


def test_columns_and_rows_of_a_table_must_be_there():
    with raises(
        "3 rows of the columns period, age, value; expected: rows of period, sex and value"
    ):
        category_counts(TABLE, ["sex"])
    with raises("0 rows of the columns"):
        category_counts(TABLE.iloc[:0], ["age"])


def paths(value=3.0, n_paths=5, periods=MONTHS, unit="persons"):
    return make_paths(np.full((n_paths, len(periods)), value), periods, unit=unit)


ERRORS = pd.DataFrame(np.arange(15.0).reshape(5, 3), columns=["t", "a", "b"])


@pytest.mark.parametrize(
    ("change", "errors", "message"),
    [
        ({"b": None}, ERRORS, "no base paths of b"),
        (
            {"b": paths(n_paths=4)},
            ERRORS,
            "'b' has 4 paths of flows in persons, 2023-01 to 2023-03",
        ),
        ({"b": paths(unit="euros")}, ERRORS, "'b' has 5 paths of flows in euros"),
        ({"b": paths(periods=MONTHS + 1)}, ERRORS, "2023-02 to 2023-04; expected: 5 paths"),
        ({}, ERRORS[["t", "a"]], "no past errors of b"),
        ({}, ERRORS[:3], "3 cases, 0 of their values missing; expected: at least 4 cases"),
        ({}, ERRORS.where(ERRORS != 4), "5 cases, 1 of their values missing"),
    ],
)
def test_paths_that_do_not_fit_together_are_refused(change, errors, message):
    base = {name: paths() for name in "tab"} | change
    base = {name: one for name, one in base.items() if one is not None}
    with raises(message):
        reconcile(base, PAIR, errors, rng=np.random.default_rng(1))


COUNTS = pd.DataFrame({"SY": [5.0, 6, 7], "AF": [1.0, 2, 3]}, index=YEARS)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (COUNTS.set_axis(YEARS + 1), "counts up to 2023 and paths from 2023-01"),
        (COUNTS[:1], "counts of 2020 to 2020; expected: persons counted in at least two years"),
        (COUNTS.mul([1, 0, 0], axis=0), "expected: persons counted in at least two years"),
        (COUNTS - 2, "a count that is missing or below 0"),
        (COUNTS.where(COUNTS > 2), "a count that is missing or below 0"),
        (COUNTS.set_axis(["SY", "SY"], axis=1), "category SY stands twice"),
        (COUNTS.set_axis(YEARS[[0, 1, 1]]), "period 2021 stands twice"),
        (COUNTS.reset_index(drop=True), "index of type RangeIndex; expected: one row per period"),
        (COUNTS[[]], "3 rows with an index of type PeriodIndex; expected: one row per period"),
    ],
)
def test_counts_that_say_nothing_about_shares_are_refused(counts, message):
    with raises(message):
        split_by_shares(paths(), counts, rng=np.random.default_rng(1))


@pytest.mark.parametrize("value", [2.5, -1.0, 1e16])
def test_paths_that_are_no_persons_are_refused(value):
    with raises("expected: dims path, period and whole numbers from 0; round the paths first"):
        split_by_shares(paths(value), COUNTS, rng=np.random.default_rng(1))


@pytest.mark.parametrize("half_life", [0.0, -1.0, float("nan")])
def test_a_half_life_must_be_above_0(half_life):
    with raises(f"half-life of {half_life} years; expected: above 0"):
        split_by_shares(paths(), COUNTS, half_life=half_life, rng=np.random.default_rng(1))
