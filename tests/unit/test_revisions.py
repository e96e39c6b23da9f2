"""Vintages of a table, what they show of revisions, and paths of the newest months."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.series import RegularSeries, read_series
from forecasting.series.revisions import (
    Revisions,
    correct_recent,
    default_revisions,
    estimate_revisions,
    summarise_revisions,
)
from forecasting.sources.vintages import as_published, read_vintages

SHARED = Path(__file__).parents[3] / "shared" / "data"
SOURCE = SHARED / "eurostat_asylum_applicants_vintages_2024.csv"

ROWS = (
    "2024-02-05,2023-12,SI,100",
    "2024-02-05,2023-12,FI,40",
    "2024-03-04,2024-01,SI,110",
    "2024-04-03,2023-12,SI,125",
    "2024-04-03,2024-01,SI,132",
    "2024-04-03,2024-02,SI,90",
    "2024-04-03,2024-01,FI,50",
    "2024-10-02,2024-08,FI,30",
)
"""Slovenia restates two months by 25 and 20 % in April; Finland publishes late, never revises."""


def vintage_file(folder, *rows):
    path = folder / "vintages.csv"
    path.write_text("\n".join(["vintage,date,geo,value", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def vintages(tmp_path):
    return read_vintages(vintage_file(tmp_path, *ROWS))


def series_to(origin, values=(80.0, 90.0, 100.0, 110.0), **more):
    index = pd.period_range(end=origin, periods=len(values), freq="M", name="period")
    return RegularSeries("x", pd.Series(values, index=index), "persons", **more)


def draw(series, revisions, n_paths=500, **more):
    return correct_recent(series, revisions, n_paths=n_paths, rng=np.random.default_rng(1), **more)


def test_the_table_as_it_stood_on_a_day(vintages):
    then = as_published(vintages, dt.date(2024, 3, 31))
    assert then[["geo", "value"]].to_numpy().tolist() == [["FI", 40], ["SI", 100], ["SI", 110]]
    later = as_published(vintages, dt.date(2024, 4, 3)).set_index(["geo", "period"])
    restated = later.loc[("SI", pd.Period("2023-12", "M"))]
    assert restated["value"] == 125
    assert restated["vintage"] == dt.date(2024, 4, 3)
    with pytest.raises(InputError, match="nothing known on 2024-02-04; expected: 2024-02-05 or"):
        as_published(vintages, dt.date(2024, 2, 4))


def test_the_order_of_the_rows_between_cells_does_not_matter(tmp_path, vintages):
    by_cell = sorted(ROWS, key=lambda row: row.split(",")[2::-1])
    again = read_vintages(vintage_file(tmp_path, *by_cell))
    for day in (dt.date(2024, 3, 5), dt.date(2024, 12, 1)):
        assert as_published(again, day).equals(as_published(vintages, day))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["2024-02-05,2024-01,SI,-5"], "row 2: value '-5'; expected: a count, 0 or more"),
        (["2024-02-05,2024-01,SI,"], "row 2: value ''; expected: a count"),
        (["2024-02-05,2024-01,SI,inf"], "row 2: value 'inf'; expected: a count"),
        (["2024-02-05,2024-01,SI,twelve"], "row 2: value 'twelve' is not a number"),
        (["5.2.2024,2024-01,SI,5"], "row 2: '5.2.2024' is not a day; expected: YYYY-MM-DD"),
        (["2024-02-05,2024-13,SI,5"], "row 2: '2024-13' is not a month; expected: YYYY-MM"),
        (["2024-01-31,2024-01,SI,5"], "row 2: vintage 2024-01-31 of 2024-01; expected: a day af"),
        (["2023-05-01,2024-01,SI,5"], "row 2: vintage 2023-05-01 of 2024-01; expected: a day af"),
        (["2024-02-05,2024-01,SI,5", "2024-02-05,2024-01,SI,6"], "row 3, SI 2024-01: .*stands twi"),
        (["2024-03-05,2024-01,SI,5", "2024-02-05,2024-01,SI,6"], "row 3, SI 2024-01: .*after 2024"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_row(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        read_vintages(vintage_file(tmp_path, *rows))


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / "vintages.csv"
    path.write_text("vintage,date,geo,citizen,value\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'citizen' not known"):
        read_vintages(path)


def test_revisions_by_hand(vintages):
    """Tables of February to April, settled six months later; a late month has no case, not a 0."""
    revisions = estimate_revisions(vintages)
    table = revisions.log_ratios
    assert list(table.columns) == [1, 2, 3, 4, 5, 6]
    assert set(revisions.geos) == {"SI", "FI"}
    up = np.log([1.25, 1.2])
    assert table.loc[("SI", "2024-02"), 2] == pytest.approx(up[0])
    assert table.loc[("SI", "2024-03"), [2, 3]].to_list() == pytest.approx(up[::-1])
    assert table.loc[("SI", "2024-04"), [2, 3, 4]].to_list() == [0, 0, 0]
    assert table.loc[("SI", "2024-04"), [1, 5, 6]].isna().all()
    assert table.loc[("FI", "2024-03"), 3] == 0
    assert table.loc[("FI", "2024-03"), [1, 2]].isna().all()
    assert ("FI", "2024-08") not in table.index


def test_the_summary_counts_and_names_the_revised(vintages):
    summary = summarise_revisions(estimate_revisions(vintages)).set_index(["geo", "age_months"])
    assert summary.loc[("all", 2), "cases"] == 4
    assert summary.loc[("SI", 2), "revised"] == pytest.approx(2 / 3)
    assert summary.loc[("SI", 2), "median"] == pytest.approx(np.log(1.2))
    assert summary.loc[("FI", 3), "spread"] == 0
    assert ("FI", 1) not in summary.index


def test_small_counts_are_no_cases(tmp_path):
    rows = ("2024-02-05,2023-12,HU,20", "2024-03-05,2023-12,HU,15", "2024-12-05,2024-10,HU,30")
    with pytest.raises(InputError, match="counts of 25 or more; use default_revisions"):
        estimate_revisions(read_vintages(vintage_file(tmp_path, *rows)))


def test_vintages_that_end_too_soon_are_refused(vintages):
    early = vintages[vintages["vintage"] < dt.date(2024, 7, 1)]
    with pytest.raises(InputError, match="vintages from 2024-02 to 2024-04; expected: more than 6"):
        estimate_revisions(early)
    assert len(estimate_revisions(early, settled_months=2).log_ratios) == 2


def test_the_months_of_a_path_are_those_of_one_case(vintages):
    revisions = estimate_revisions(vintages)
    series = series_to("2024-02", vintage=dt.date(2024, 4, 30))
    paths = draw(series, revisions)
    assert paths.dims == ("path", "period")
    assert [str(period) for period in paths.indexes["period"]] == ["2023-12", "2024-01", "2024-02"]
    assert paths.attrs == {"unit": "persons", "kind": "flow"}
    ratios = np.unique((paths.to_numpy() / [90, 100, 110]).round(6), axis=0)
    # ages 4, 3, 2; a month not yet published goes with the next older one
    cases = {(1.0, 1.0, 1.0), (1.0, 1.0, 1.25), (1.0, 1.25, 1.2)}
    assert {tuple(row) for row in ratios.tolist()} == cases


@given(seed=st.integers(0, 2**32 - 1), last=st.floats(0, 1e6))
def test_draws_are_published_values_times_a_ratio_that_occurred(seed, last):
    revisions = default_revisions()
    series = series_to("2024-10", (30.0, 20.0, last))
    rng = np.random.default_rng(seed)
    paths = correct_recent(series, revisions, n_paths=50, rng=rng).to_numpy()
    assert (paths >= 0).all()
    allowed = np.exp(revisions.log_ratios.bfill(axis=1)[1].unique())
    assert np.isin((paths[:, 2]).round(6), (last * allowed).round(6)).all()


def test_without_a_vintage_the_last_month_is_new_and_an_old_one_is_settled():
    revisions = default_revisions()
    new = draw(series_to("2024-10"), revisions)
    same = draw(series_to("2024-10", vintage=dt.date(2024, 11, 3)), revisions)
    assert new.equals(same)
    old = draw(series_to("2024-02", vintage=dt.date(2024, 11, 3)), revisions)
    assert (old == [90.0, 100.0, 110.0]).all()
    part = draw(series_to("2024-06", vintage=dt.date(2024, 11, 3)), revisions)  # ages 7, 6, 5
    assert (part[:, 0] == 90).all()
    assert (part[:, 1] != 100).any()


def test_a_forecast_from_an_earlier_origin_has_settled_figures():
    series = read_series("asylum-applicants/SI").until(pd.Period("2023-12", "M"))
    assert (draw(series, default_revisions()) == series.values.iloc[-3:].to_numpy()).all()


def test_the_median_stays_and_the_upper_tail_grows():
    paths = draw(series_to("2024-10"), default_revisions(), n_paths=4000).to_numpy() / [
        90,
        100,
        110,
    ]
    assert (np.median(paths, axis=0) == 1).all()
    assert (np.quantile(paths, 0.95, axis=0) > 1.01).all()
    assert paths.min() == 1


def test_a_country_with_few_cases_falls_to_the_pool():
    table = pd.DataFrame(
        np.zeros((90, 6)),
        columns=range(1, 7),
        index=pd.MultiIndex.from_tuples(
            [("SE", str(i)) for i in range(60)] + [("SI", str(i)) for i in range(30)],
            names=["geo", "vintage"],
        ),
    )
    revisions = Revisions(table)
    assert revisions.weights().tolist() == revisions.weights("AT").tolist()
    assert revisions.weights()[0] == pytest.approx(1 / 90)
    weights = revisions.weights("SE")
    assert weights.sum() == pytest.approx(1)
    assert weights[:60].sum() == pytest.approx(0.5 + 0.5 * 60 / 90)


def test_paths_are_reproducible_and_the_series_is_not_changed():
    series = series_to("2024-10")
    before = series.values.copy()
    first, second = (draw(series, default_revisions(), geo="SI") for _ in range(2))
    assert first.equals(second)
    assert series.values.equals(before)


def test_what_cannot_be_corrected_is_refused():
    revisions = default_revisions()
    with pytest.raises(InputError, match="vintage 2024-10-31 of figures up to 2024-10"):
        draw(series_to("2024-10", vintage=dt.date(2024, 10, 31)), revisions)
    with pytest.raises(InputError, match="2 periods of frequency M; expected: 3 months or more"):
        draw(series_to("2024-10", (1.0, 2.0)), revisions)
    quarters = series_to("2024-10")
    quarters = replace(
        quarters, values=quarters.values.set_axis(pd.period_range("2024Q1", periods=4, freq="Q"))
    )
    with pytest.raises(InputError, match="frequency Q; expected: 3 months or more"):
        draw(quarters, revisions)


@pytest.mark.skipif(not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout")
def test_what_ships_is_what_the_vintages_show():
    revisions = estimate_revisions(read_vintages(SOURCE))
    shipped = default_revisions()
    assert len(set(shipped.geos)) == 9
    own = revisions.log_ratios.sort_index()
    assert own.index.equals(shipped.log_ratios.sort_index().index)
    difference = own.to_numpy() - shipped.log_ratios.sort_index().to_numpy()
    assert np.nanmax(np.abs(difference)) < 1e-4
    assert shipped.log_ratios.loc[("SE", "2024-01"), 1] == pytest.approx(
        np.log(1135 / 920), abs=1e-4
    )
