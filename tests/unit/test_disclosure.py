"""Small counts do not leave the house, neither by themselves nor by subtraction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting.disclosure import withhold_small_cells
from forecasting.errors import InputError

TOTALS = {"sex": "T", "age": "TOTAL"}


def column(*values, total=True):
    """One line of counts by age, with its total."""
    ages = [f"a{place}" for place in range(len(values))]
    frame = pd.DataFrame({"age": ages, "value": [float(value) for value in values]})
    return (
        pd.concat([frame, pd.DataFrame({"age": ["TOTAL"], "value": [sum(values)]})])
        if total
        else frame
    )


def published(*values):
    found = withhold_small_cells(column(*values), totals={"age": "TOTAL"})
    return [None if np.isnan(value) else value for value in found["value"]]


def square(values):
    """A table of sex by age with all its totals."""
    cells = {
        (f"s{i}", f"a{j}"): value
        for (i, j), value in np.ndenumerate(np.asarray(values, dtype=float))
    }
    for (sex, age), value in list(cells.items()):
        for margin in ((sex, "TOTAL"), ("T", age), ("T", "TOTAL")):
            cells[margin] = cells.get(margin, 0.0) + value
    frame = pd.DataFrame([(*cell, value) for cell, value in cells.items()])
    return frame.set_axis(["sex", "age", "value"], axis=1)


def test_counts_below_the_threshold_are_withheld_and_marked():
    table = column(0, 1, 4, 5, 60, total=False)
    found = withhold_small_cells(table)
    assert found["value"].isna().tolist() == [False, True, True, False, False]
    assert found["withheld"].tolist() == ["", "c", "c", "", ""]
    assert found["value"].dropna().tolist() == [0, 5, 60]
    assert "withheld" not in table
    assert table["value"].tolist() == [0, 1, 4, 5, 60]


def test_another_threshold_and_another_column():
    table = column(9, 10, total=False).rename(columns={"value": "persons"})
    found = withhold_small_cells(table, threshold=10, value_column="persons")
    assert found["persons"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((3, 20, 40), [None, None, 40, 63], id="the next smallest protects"),
        pytest.param((3, 0, 40), [None, 0, None, 43], id="not a zero, if there is another"),
        pytest.param((3, 0, 0), [None, 0, 0, None], id="the total is as small"),
        pytest.param((2, 3, 40), [None, None, 40, 45], id="two protect one another"),
        pytest.param((1, 1, 30, 40), [None, None, None, 40, 72], id="two ones do not"),
        pytest.param((0, 7, 40), [0, 7, 40, 47], id="nothing small"),
    ],
)
def test_one_line_with_its_total(values, expected):
    assert published(*values) == expected


def test_without_a_total_nothing_can_be_recomputed():
    found = withhold_small_cells(column(3, 20, 40, total=False), totals={"age": "TOTAL"})
    assert found["value"].isna().tolist() == [True, False, False]


def test_a_square_is_protected_in_both_directions():
    """One small cell takes its row, its column and the fourth corner with it."""
    found = withhold_small_cells(square([[3, 20, 30], [25, 40, 60], [50, 70, 80]]), totals=TOTALS)
    withheld = found[found["withheld"] == "c"]
    assert set(zip(withheld["sex"], withheld["age"], strict=True)) == {
        ("s0", "a0"), ("s0", "a1"), ("s1", "a0"), ("s1", "a1"),
    }  # fmt: skip


def test_tables_of_several_years_are_apart():
    one, other = column(3, 20, 40).assign(period="2020"), column(6, 20, 40).assign(period="2021")
    found = withhold_small_cells(
        pd.concat([one, other]), totals={"age": "TOTAL"}, groups=["period"]
    )
    assert found.groupby("period")["value"].count().to_dict() == {"2020": 2, "2021": 4}


def test_a_value_withheld_before_is_protected_as_well():
    table = column(8, 20, 40)
    table.iloc[0, 1] = np.nan
    found = withhold_small_cells(table, totals={"age": "TOTAL"})
    assert found["value"].isna().tolist() == [True, True, False, False]


COUNTS = st.one_of(st.integers(0, 8), st.integers(0, 200))
SQUARES = arrays.arrays(int, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=COUNTS)


def lines(table):
    """Every sum of a published table: the total first, then its parts."""
    cells = table.set_index(["sex", "age"])["value"]
    sexes, ages = (list(dict.fromkeys(table[name])) for name in ("sex", "age"))
    yield from (
        [cells[sex, "TOTAL"], *(cells[sex, age] for age in ages if age != "TOTAL")] for sex in sexes
    )
    yield from (
        [cells["T", age], *(cells[sex, age] for sex in sexes if sex != "T")] for age in ages
    )


@settings(deadline=None)
@given(SQUARES)
def test_no_withheld_count_can_be_recomputed_in_a_line(values):
    table = square(values)
    found = withhold_small_cells(table, totals=TOTALS)
    for total, *parts in lines(found):
        known = [value for value in parts if not np.isnan(value)]
        hidden = len(parts) - len(known)
        if np.isnan(total):
            assert hidden >= 1
        elif hidden:
            left = total - sum(known)  # what the withheld parts add up to, as anyone can see
            assert hidden >= 2
            assert left > hidden  # not all of them 1


@settings(deadline=None)
@given(SQUARES, st.integers(1, 12))
def test_what_is_published_is_true_and_what_is_small_is_not_published(values, threshold):
    table = square(values)
    found = withhold_small_cells(table, threshold=threshold, totals=TOTALS)
    kept = found["withheld"] == ""
    assert (found["value"].notna() == kept).all()
    pd.testing.assert_series_equal(found.loc[kept, "value"], table.loc[kept, "value"])
    assert not ((found["value"] > 0) & (found["value"] < threshold)).any()
    if not ((table["value"] > 0) & (table["value"] < threshold)).any():
        assert kept.all()


@settings(deadline=None)
@given(SQUARES)
def test_withholding_twice_changes_nothing(values):
    once = withhold_small_cells(square(values), totals=TOTALS)
    pd.testing.assert_frame_equal(withhold_small_cells(once, totals=TOTALS), once)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"value": [1, -2, 3, 2]}, {}, "column 'value': value '-2'; expected: counts from 0"),
        ({"value": ["1", "<5", "3", "9"]}, {}, "column 'value': value '<5'"),
        ({}, {"threshold": 0}, "threshold 0; expected: 1 or more persons"),
        ({}, {"totals": {"sex": "T"}}, "no column sex"),
        ({"age": ["a", "a", "b", "TOTAL"]}, {"totals": {"age": "TOTAL"}}, "cell a stands twice"),
        (
            {"value": [30, 40, 70, 70]},
            {"totals": {"age": "TOTAL"}},
            "total TOTAL: parts add up to 140, their total is 70",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(change, options, message):
    table = column(10, 20, 30).reset_index(drop=True).assign(**change)
    with pytest.raises(InputError, match=message):
        withhold_small_cells(table, **options)
