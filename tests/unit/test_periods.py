"""Periods as text: three forms, read and written the same way, everything else refused."""

from __future__ import annotations

import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.periods import (
    following,
    format_period,
    frequency_of,
    months_between,
    parse_month,
    parse_period,
)


@pytest.mark.parametrize(
    ("text", "frequency", "last_month"),
    [
        ("2024-09", "M", "2024-09"),
        ("2024-Q3", "Q", "2024-09"),
        ("2024", "Y", "2024-12"),
        ("0099-01", "M", "0099-01"),
    ],
)
def test_the_three_forms_are_read_and_written_the_same(text, frequency, last_month):
    period = parse_period(text)
    assert frequency_of(period) == frequency
    assert format_period(period.asfreq("M", how="end")) == last_month
    assert format_period(period) == text


def test_blanks_around_a_period_do_not_matter():
    assert parse_period(" 2024-09 ") == pd.Period("2024-09", "M")


@pytest.mark.parametrize(
    "text",
    ["", "2024-13", "2024-00", "2024-9", "2024-Q5", "2024-Q0", "2024M09", "24", "2024-09-01", "Q3"],
)
def test_another_form_is_refused_with_place_and_the_forms_accepted(text):
    with pytest.raises(InputError) as caught:
        parse_period(text, where="a.csv, row 3")
    assert str(caught.value) == (
        f"a.csv, row 3: '{text}' is not a period; expected: YYYY-MM, YYYY-Qn or YYYY"
    )


@pytest.mark.parametrize("text", ["2024", "2024-Q3", "2024-13", "September 2024"])
def test_a_month_is_nothing_but_a_month(text):
    with pytest.raises(InputError, match=f"as-of: '{text}' is not a month; expected: YYYY-MM"):
        parse_month(text, where="as-of")


def test_the_periods_after_an_origin_begin_right_after_it():
    assert list(following(pd.Period("2024-11", "M"), 3).astype(str)) == [
        "2024-12",
        "2025-01",
        "2025-02",
    ]
    quarters = following(parse_period("2024-Q4"), 2)
    assert [format_period(period) for period in quarters] == ["2025-Q1", "2025-Q2"]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [("2022-01", "2022-01", 1), ("2022-01", "2024-12", 36), ("2022-02", "2022-01", 0)],
)
def test_months_are_counted_with_both_ends(start, end, count):
    assert months_between(parse_month(start), parse_month(end)) == count
    assert months_between(parse_month("2022-05"), parse_month("2021-01")) == 0
