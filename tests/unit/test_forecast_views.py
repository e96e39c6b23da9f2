"""What a page says of one forecast: recent figures, years, spans, and the outturn beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.forecasts import forecast
from forecasting.forecasts.outturn import compare_outturns, score_past
from forecasting.forecasts.pool import Forecast
from forecasting.forecasts.summary import (
    pace_ahead,
    persons_by_month,
    span_estimate,
    summarise,
)
from forecasting.paths import make_paths
from forecasting.programmes import reliability
from forecasting.series import RegularSeries, make_series, read_series


@pytest.fixture(scope="module")
def result():
    """Observations to September 2024; ten paths of 10, 20 ... 100 persons a month after it."""
    series = read_series("asylum-applicants/SI")
    rates = np.repeat(np.arange(10.0, 101, 10)[:, None], 27, axis=1)
    periods = pd.period_range("2024-10", periods=27, freq="M")
    return Forecast(series, make_paths(rates, periods, unit="persons"), (), "pool")


def month(text):
    return pd.Period(text, "M")


def past(paths, counted):
    """Return a forecast of two months from December 2023 and what was counted since."""
    periods = pd.period_range("2024-01", periods=2, freq="M")
    observed = pd.Series([5.0], index=pd.period_range("2023-12", periods=1, freq="M"))
    made = make_paths(np.asarray(paths, dtype=float), periods, unit="persons")
    return (
        Forecast(RegularSeries("a", observed, "persons"), made, (), "pool"),
        pd.Series(counted, index=periods[: len(counted)], dtype=float),
    )


def test_recent_figures_are_those_of_the_series(result):
    summary, values = summarise(result), result.series.values
    assert (str(summary.origin), summary.last) == ("2024-09", 490)
    assert summary.year_before == values["2023-09"]
    assert summary.last_year == values["2023-10":"2024-09"].sum()
    assert summary.year_before_last == values["2022-10":"2023-09"].sum()


def test_bands_and_median_are_values_that_a_path_took(result):
    summary = summarise(result)
    assert (summary.median == 50).all()
    assert (summary.bands[80] == [[10], [90]]).all()
    for level in (50, 95):
        assert np.isin(summary.bands[level], result.paths).all()
    assert (summary.bands[50][0] >= summary.bands[80][0]).all()
    assert (summary.bands[50][1] <= summary.bands[80][1]).all()


def test_years_are_facts_joined_or_forecast(result):
    years = {year.year: year for year in summarise(result).years}
    assert list(years) == [2023, 2024, 2025, 2026]
    values = result.series.values
    assert years[2023].is_fact
    assert years[2023].total.lower == years[2023].total.upper == values["2023"].sum()
    assert years[2024].observed_months == 9
    assert not years[2024].is_fact
    assert years[2024].total.median == values["2024"].sum() + 3 * 50
    assert years[2025].observed_months == 0
    assert (years[2025].total.lower, years[2025].total.upper) == (120, 1080)


def test_a_year_that_the_paths_do_not_end_is_left_out(result):
    short = Forecast(result.series, result.paths.isel(period=slice(26)), (), "pool")
    assert [year.year for year in summarise(short).years] == [2023, 2024, 2025]


def test_persons_by_month_joins_facts_and_paths(result):
    joined = persons_by_month(result)
    assert joined.sizes == {"path": 10, "period": len(result.series.values) + 27}
    assert (joined.sel(period="2024-09") == 490).all()
    assert (joined.sel(period="2024-10") == np.arange(10, 101, 10)).all()


def test_a_span_joins_facts_and_paths(result):
    estimate = span_estimate(result, month("2024-08"), month("2024-11"))
    known = result.series.values["2024-08":"2024-09"].sum()
    assert estimate.median == known + 2 * 50
    assert (estimate.lower, estimate.upper) == (known + 2 * 10, known + 2 * 90)


def test_outturns_of_the_ministry_say_how_many_months_were_forecast(result):
    found = compare_outturns(result, "ministry-applications", "SI")
    spans = {(str(entry.start), str(entry.end)): entry for entry in found}
    known = spans["2017-01", "2017-12"]
    assert (known.counted, known.forecast_months) == (1476, 0)
    assert known.own.median == result.series.values["2017"].sum()
    assert all(entry.end <= month("2026-12") for entry in found)
    later = [entry for entry in found if entry.end > result.origin]
    assert later
    for entry in later:
        first = max(entry.start, result.origin + 1)
        assert entry.forecast_months == (entry.end - first).n + 1


def test_outturns_that_came_later_are_left_out(result):
    found = compare_outturns(result, "ministry-applications", "SI", as_of=month("2020-11"))
    assert max(entry.end for entry in found) == month("2019-12")
    assert compare_outturns(result, "ministry-applications", "FI") == []


def test_a_past_forecast_is_held_against_the_counts():
    made, counted = past(np.repeat(np.arange(1, 11)[:, None], 2, axis=1), [1, 11])
    scored = score_past(made, counted)
    assert scored.inside == 1
    assert scored.counted.tolist() == [1, 11]
    assert (scored.total.median, scored.total.lower, scored.total.upper) == (10, 2, 18)


def test_a_past_forecast_needs_all_its_counts():
    with pytest.raises(InputError, match="a: a forecast that reaches beyond the observations"):
        score_past(*past(np.ones((10, 2)), [1]))


def test_the_record_of_past_targets():
    record = reliability.read_attainment()
    assert {entry.probability for entry in record} == {0.5, 0.8, 0.9}
    for entry in record:
        assert 0 < entry.lower <= entry.met <= entry.upper <= 1
        assert entry.cases > entry.countries > 1
    by_window = [entry.window_months for entry in record if entry.probability == 0.8]
    assert by_window == sorted(set(by_window))


@pytest.mark.parametrize(("months", "window"), [(1, 12), (12, 12), (35, 36), (63, 60), (500, 60)])
def test_the_record_nearest_to_the_window_is_quoted(months, window):
    record = reliability.read_attainment()
    found = reliability.tested_for(record, 0.8, months)
    assert (found.probability, found.window_months) == (0.8, window)
    assert reliability.read_growth(months).window_months == window


def test_the_growth_of_past_windows_widens_with_their_length():
    short, long = reliability.read_growth(12), reliability.read_growth(60)
    for found in (short, long):
        assert found.lower < found.median < found.upper
    assert long.upper / long.lower > short.upper / short.lower


def test_the_ministrys_count_is_known_only_after_its_publication():
    result = forecast(read_series("asylum-applicants/SI"), horizon=12, n_paths=40)
    for as_of, last in (("2022-12", "2020-12"), ("2023-01", "2022-12")):
        known = compare_outturns(result, "ministry-applications", "SI", as_of=pd.Period(as_of, "M"))
        assert str(known[-1].end) == last


def test_there_is_no_pace_to_compare_with_after_a_year_of_nothing():
    months = [f"{2020 + i // 12}-{i % 12 + 1:02d}" for i in range(36)]
    series = make_series(months, [5.0] * 24 + [0.0] * 12, series_id="a")
    with pytest.raises(InputError, match="nothing was counted in the last twelve months"):
        pace_ahead(forecast(series, horizon=3, n_paths=40), 3)
