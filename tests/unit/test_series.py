"""Regular series: read from the reference figures and from files, as known at a date."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.periods import format_period, parse_period
from forecasting.series import make_series, read_series

SI = "asylum-applicants/SI"


def months(start, count):
    return [format_period(period) for period in pd.period_range(start, periods=count, freq="M")]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes rows of a series file and returns its path."""

    def write_rows(*rows, name="a.csv"):
        path = tmp_path / name
        path.write_text("\n".join(["series_id,period,value", *rows]) + "\n", encoding="utf-8")
        return path

    return write_rows


# reference figures


def test_a_reference_series_has_unit_kind_source_and_vintage():
    series = read_series(SI)
    assert (series.series_id, series.unit, series.kind) == (SI, "persons", "flow")
    assert series.source == "Eurostat migr_asyappctzm"
    assert str(series.vintage) == "2024-11-27"
    assert (series.frequency, series.season_length) == ("M", 12)
    assert format_period(series.periods[0]) == "2008-01"
    assert format_period(series.origin) == "2024-09"
    assert series.values.iloc[-1] == 490
    assert series.notes == ()


def test_a_stock_of_the_reference_figures_is_a_stock():
    assert read_series("pending-applications/FI").kind == "stock"


def test_as_of_leaves_out_what_was_not_published_yet():
    """Two months of publication lag: in December 2021 the last month known is October."""
    whole, known = read_series(SI), read_series(SI, as_of="2021-12")
    assert format_period(known.origin) == "2021-10"
    pd.testing.assert_series_equal(known.values, whole.values[: known.origin])
    assert known.notes == (
        "figures up to 2021-10 as they stand in the vintage of 2024-11-27; "
        "revisions made between as-of and that date are not undone",
    )


def test_as_of_the_month_of_the_vintage_changes_nothing():
    whole, known = read_series(SI), read_series(SI, as_of="2024-11")
    assert known.origin == whole.origin
    assert known.notes == ()
    assert format_period(read_series(SI, as_of="2024-10").origin) == "2024-08"


@pytest.mark.parametrize("as_of", ["2024-12", "2026-01", "9999-12"])
def test_as_of_after_the_vintage_is_refused(as_of):
    """What was published after the newest figures held cannot be known."""
    with pytest.raises(InputError, match=f"as-of {as_of} lies after the newest figures") as caught:
        read_series(SI, as_of=as_of)
    assert "expected: 2024-11 or earlier; leave as-of out" in str(caught.value)


def test_as_of_the_first_month_published_gives_one_month():
    assert len(read_series(SI, as_of="2008-03").values) == 1
    with pytest.raises(InputError, match="as-of 2008-02 lies before the data start") as caught:
        read_series(SI, as_of="2008-02")
    assert "expected: 2008-03 or later" in str(caught.value)


@pytest.mark.parametrize("as_of", ["2021", "2021-Q4", "2021-13", "December 2021", "2021-12-01"])
def test_as_of_is_a_month(as_of):
    with pytest.raises(InputError, match=f"as-of: '{as_of}' is not a month; expected: YYYY-MM"):
        read_series(SI, as_of=as_of)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("asylum-applicants/XX", "no figures for 'XX' in asylum-applicants; expected: FI or SI"),
        ("asylum-applicants", "names no country; expected: for example asylum-applicants/SI"),
        ("detention-counts/SI", "'detention-counts' is not a series"),
        (
            "si-recipients-synthetic",
            "names no series; expected: si-recipients-synthetic/recipients or ",
        ),
        ("asylum-applicant/SI", "no such file"),
    ],
)
def test_an_unknown_reference_is_refused(name, message):
    with pytest.raises(InputError, match=message):
        read_series(name)


# files


def test_a_file_with_one_series_needs_no_name(write):
    path = write("a,2020-01,1", "a,2020-02,2.5")
    series = read_series(path, unit="beds", kind="stock")
    assert (series.series_id, series.unit, series.kind) == ("a", "beds", "stock")
    assert series.source == "a.csv"
    assert series.vintage is None
    assert series.values.tolist() == [1, 2.5]


def test_a_file_with_several_series_needs_a_name(write):
    path = write("a,2020-01,1", "b,2020-Q1,2", "b,2020-Q2,3", "a,2020-02,4")
    assert read_series(path, series_id="a").values.tolist() == [1, 4]
    assert read_series(str(path), series_id="b").frequency == "Q"
    with pytest.raises(InputError, match="2 series; expected: series_id= one of a, b"):
        read_series(path)
    with pytest.raises(InputError, match="no series 'c'; expected: a, b"):
        read_series(path, series_id="c")


@pytest.mark.parametrize(
    ("rows", "as_of", "origin"),
    [
        (["2023-01", "2023-02", "2023-03"], "2023-02", "2023-02"),
        (["2023-Q1", "2023-Q2", "2023-Q3"], "2023-08", "2023-Q2"),
        (["2023-Q1", "2023-Q2", "2023-Q3"], "2023-06", "2023-Q2"),
        (["2023-Q1", "2023-Q2", "2023-Q3"], "2023-05", "2023-Q1"),
        (["2022", "2023", "2024"], "2024-11", "2023"),
        (["2022", "2023", "2024"], "2024-12", "2024"),
    ],
)
def test_as_of_keeps_the_periods_of_a_file_that_were_over(write, rows, as_of, origin):
    path = write(*(f"a,{period},5" for period in rows))
    known = read_series(path, as_of=as_of)
    assert format_period(known.origin) == origin
    assert known.notes == ()


@pytest.mark.parametrize(
    ("period", "as_of", "first"),
    [("2023-Q1", "2023-02", "2023-03"), ("2023", "2023-11", "2023-12")],
)
def test_as_of_before_the_first_period_is_over(write, period, as_of, first):
    with pytest.raises(InputError, match=f"as-of {as_of} lies before.*expected: {first} or later"):
        read_series(write(f"a,{period},5"), as_of=as_of)


@pytest.mark.parametrize(
    ("rows", "row", "message"),
    [
        (["2020-01,1", "2020-01,1"], 3, "period 2020-01 stands twice; expected: each period once"),
        (["2020-02,1", "2020-01,1"], 3, "period 2020-01 follows 2020-02; expected: increasing"),
        (["2020-01,1", "2020-02,-5"], 3, "value -5; expected: a count from 0 to 1e+12"),
        (["2020-01,1", "2020-02,inf"], 3, "value inf; expected: a count from 0 to 1e+12"),
        (["2020-01,1", "2020-Q2,1"], 3, "period 2020-Q2 after 2020-01; expected: monthly periods"),
        (["2020,1", "2021-01,1"], 3, "period 2021-01 after 2020; expected: annual periods"),
        (["2020-01,1", "2020-04,1"], 2, "no value for 2020-02, 2020-03; expected: a value for"),
        (["2020-01,1", "2020-02,", "2020-03,1"], 2, "no value for 2020-02"),
        (["2020-01,1", "2020-02,NaN", "2020-03,1"], 2, "no value for 2020-02"),
        (["2020-01,1", "2020-02,okoli 30"], 3, "value 'okoli 30' is not a number"),
        (["2020-01,1", "2020-02-01,3"], 3, "'2020-02-01' is not a period"),
    ],
)
def test_a_fault_is_named_with_file_row_and_series(write, rows, row, message):
    path = write(*(f"a,{text}" for text in rows))
    with pytest.raises(InputError) as caught:
        read_series(path)
    assert str(caught.value).startswith(f"{path}, row {row}, series a: {message}")


def test_the_way_out_of_a_gap_is_named(write):
    with pytest.raises(InputError, match="missing='interpolate' or missing='cut'"):
        read_series(write("a,2020-01,1", "a,2020-03,1"))


def test_a_long_gap_is_shortened_in_the_message(write):
    with pytest.raises(InputError, match=r"2020-02, .*, 2020-07 and 5 more; expected"):
        read_series(write("a,2020-01,1", "a,2021-01,1"))


# a thousands point


@pytest.mark.parametrize(
    ("values", "row", "value", "whole"),
    [
        (["850", "1.234", "990"], 3, "1.234", "1234"),
        (["1.234", "17.740"], 2, "1.234", "1234"),
        (["850", "", "123.456"], 4, "123.456", "123456"),
    ],
)
def test_a_thousands_point_among_whole_numbers_is_refused(write, values, row, value, whole):
    periods = months("2020-01", len(values))
    path = write(*(f"a,{month},{text}" for month, text in zip(periods, values, strict=True)))
    with pytest.raises(InputError) as caught:
        read_series(path, missing="interpolate")
    assert str(caught.value) == (
        f"{path}, row {row}, series a: value '{value}' may be a thousands point; "
        f"expected: {whole}; if a fraction is meant write {value}0"
    )


@pytest.mark.parametrize(
    "values",
    [["850", "1.2340"], ["850.5", "1.234"], ["850.0", "1.234"], ["0", "0.512"], ["5", "1234.125"]],
)
def test_values_that_are_fractions_are_read_as_fractions(write, values):
    path = write(f"a,2020-01,{values[0]}", f"a,2020-02,{values[1]}")
    assert read_series(path).values.tolist() == [float(text) for text in values]


def test_another_series_of_the_file_does_not_make_a_fraction_of_a_thousands_point(write):
    path = write("a,2020-01,850", "a,2020-02,1.234", "b,2020-01,0.5")
    with pytest.raises(InputError, match=r"row 3, series a: value '1\.234' may be a thousands"):
        read_series(path, series_id="a")


# gaps that the caller treats


@pytest.mark.parametrize("hole", [[], ["a,2020-02,"], ["a,2020-02,:"]])
def test_a_gap_may_be_interpolated_and_is_noted(write, hole):
    path = write("a,2020-01,10", *hole, "a,2020-03,20", "a,2020-04,5")
    series = read_series(path, missing="interpolate")
    assert series.values.tolist() == [10, 15, 20, 5]
    assert series.notes == ("filled linearly: 2020-02",)


def test_the_series_may_be_cut_after_its_last_gap(write):
    path = write("a,2020-01,1", "a,2020-03,3", "a,2020-05,5", "a,2020-06,6")
    series = read_series(path, missing="cut")
    assert format_period(series.periods[0]) == "2020-05"
    assert series.values.tolist() == [5, 6]
    assert series.notes == ("cut before 2020-05: no value for 2020-02, 2020-04",)


@pytest.mark.parametrize("hole", [[], ["a,2020-02,"], ["a,2020-02,:"]])
def test_a_gap_may_be_kept_and_is_noted(write, hole):
    path = write("a,2020-01,10", *hole, "a,2020-03,20", "a,2020-04,5")
    series = read_series(path, missing="keep")
    np.testing.assert_array_equal(series.values, [10, np.nan, 20, 5])
    assert series.notes == ("left without a value: 2020-02",)


def test_a_series_with_kept_gaps_is_cut_where_there_is_a_value(write):
    path = write("a,2020-01,10", "a,2020-03,20", "a,2020-04,5")
    series = read_series(path, missing="keep")
    np.testing.assert_array_equal(series.until(parse_period("2020-03")).values, [10, np.nan, 20])
    with pytest.raises(InputError) as caught:
        series.until(parse_period("2020-02"))
    assert str(caught.value) == (
        "a: origin 2020-02 is a period without a value; "
        "expected: 2020-01 or another period observed"
    )
    known = read_series(path, missing="keep", as_of="2020-02")
    assert known.values.tolist() == [10]
    assert format_period(known.origin) == "2020-01"


@pytest.mark.parametrize(
    ("values", "missing", "expected"),
    [
        ([np.nan, 1, 2], "keep", "a first and a last value"),
        ([1, 2, np.nan], "keep", "a first and a last value"),
        ([np.nan, 1, 2], "interpolate", "a first and a last value"),
        ([1, 2, np.nan], "interpolate", "a first and a last value"),
        ([1, 2, np.nan], "cut", "a last value"),
    ],
)
def test_an_end_that_is_missing_cannot_be_treated(values, missing, expected):
    with pytest.raises(InputError, match=f"expected: {expected}"):
        make_series(months("2020-01", 3), values, series_id="a", missing=missing)


def test_a_series_without_gap_has_no_notes():
    for missing in ("error", "interpolate", "cut", "keep"):
        assert make_series(["2020", "2021"], [1, 2], series_id="a", missing=missing).notes == ()


def test_an_unknown_treatment_is_refused():
    with pytest.raises(InputError, match="missing 'zero'; expected: error, interpolate, cut, keep"):
        make_series(["2020"], [1], series_id="a", missing="zero")


def test_no_observations_are_refused():
    with pytest.raises(InputError, match="no observations; expected: at least one"):
        make_series([], [], series_id="a")


# cutting


def test_until_keeps_the_origin_and_leaves_the_series_alone():
    series = make_series(months("2020-01", 12), range(12), series_id="a")
    cut = series.until(parse_period("2020-06"))
    assert (format_period(cut.origin), len(cut.values)) == ("2020-06", 6)
    assert len(series.values) == 12


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("2019-12", "2020-01 to 2020-12, the periods observed"),
        ("2021-01", "2020-01 to 2020-12, the periods observed"),
        ("2020-Q2", "a period of the monthly series"),
        ("2020", "a period of the monthly series"),
    ],
)
def test_an_origin_outside_the_observations_is_refused(origin, expected):
    series = make_series(months("2020-01", 12), range(12), series_id="a")
    with pytest.raises(InputError, match=f"a: origin {origin}; expected: {expected}"):
        series.until(parse_period(origin))
