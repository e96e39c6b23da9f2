"""Identities of paths, tables and series that hold for any numbers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting.forecasts import forecast_table
from forecasting.forecasts.pool import Forecast
from forecasting.paths import (
    annual,
    cumulative,
    interval,
    make_paths,
    mean,
    probability_at_least,
    quantile,
    with_observed,
)
from forecasting.periods import FREQUENCY_NAMES, format_period, parse_period
from forecasting.series import make_series, read_series
from forecasting.tables import read_rows, write_table

COUNTS = st.floats(0, 1e9, allow_subnormal=False)
PER_YEAR = {"M": 12, "Q": 4, "Y": 1}
LEVELS = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=8).map(sorted)


@st.composite
def sample_paths(draw, *, whole_years=False):
    freq = draw(st.sampled_from(sorted(FREQUENCY_NAMES)))
    n_periods = draw(st.integers(1, 3)) * PER_YEAR[freq] if whole_years else draw(st.integers(1, 9))
    shape = (draw(st.integers(1, 12)), n_periods)
    values = draw(arrays.arrays(float, shape, elements=COUNTS))
    start = draw(st.integers(1900, 2100))
    periods = pd.period_range(str(start), periods=n_periods, freq=freq)
    return make_paths(values, periods, unit="persons")


@st.composite
def texts_of_periods(draw):
    freq = draw(st.sampled_from(sorted(FREQUENCY_NAMES)))
    start = pd.Period(year=draw(st.integers(1, 9000)), freq=freq)
    return [format_period(start + step) for step in range(draw(st.integers(1, 30)))]


@given(sample_paths(), LEVELS)
def test_quantiles_never_cross_and_lie_on_paths(paths, levels):
    found = quantile(paths, levels).to_numpy()
    assert (np.diff(found, axis=0) >= 0).all()
    for column, values in enumerate(paths.to_numpy().T):
        assert np.isin(found[:, column], values).all()


@given(sample_paths(), st.floats(0.01, 99.9))
def test_an_interval_holds_at_least_its_share(paths, level):
    lower, upper = interval(paths, level).to_numpy()
    inside = ((paths >= lower) & (paths <= upper)).mean("path").to_numpy()
    assert (inside >= level / 100 - 1e-9 - 1 / paths.sizes["path"]).all()
    assert (lower <= upper).all()


@given(sample_paths(), LEVELS)
def test_a_quantile_is_attained_by_its_share(paths, levels):
    for level, row in zip(levels, quantile(paths, levels), strict=True):
        below = (paths <= row.drop_vars("quantile_level")).mean("path")
        assert (below >= level - 1e-9).all()


@given(sample_paths(whole_years=True))
def test_years_and_running_totals_are_the_same_sums(paths):
    totals, running = annual(paths), cumulative(paths)
    per_year = paths.sizes["period"] // totals.sizes["period"]
    ends = running.to_numpy()[:, per_year - 1 :: per_year]
    np.testing.assert_allclose(totals.to_numpy().cumsum(axis=1), ends, rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(mean(totals).sum(), mean(paths).sum(), rtol=1e-9, atol=1e-3)


@given(sample_paths())
def test_a_running_total_never_falls_and_its_steps_are_the_paths(paths):
    running = cumulative(paths).to_numpy()
    assert (np.diff(running, axis=1) >= 0).all()
    np.testing.assert_array_equal(running[:, 0], paths.to_numpy()[:, 0])
    np.testing.assert_allclose(np.diff(running, axis=1), paths.to_numpy()[:, 1:], atol=1e-3)


@given(sample_paths(), COUNTS, COUNTS)
def test_a_larger_value_is_never_more_probable(paths, one, other):
    low, high = sorted((one, other))
    assert (probability_at_least(paths, high) <= probability_at_least(paths, low)).all()
    assert (probability_at_least(paths, 0) == 1).all()


@given(sample_paths(), st.lists(COUNTS, min_size=1, max_size=6))
def test_facts_and_paths_come_apart_again(paths, facts):
    start = paths.indexes["period"][0]
    months = pd.period_range(end=start - 1, periods=len(facts))
    joined = with_observed(paths, pd.Series(facts, index=months)).to_numpy()
    assert (joined[:, : len(facts)] == facts).all()
    np.testing.assert_array_equal(joined[:, len(facts) :], paths.to_numpy())


@given(sample_paths())
def test_the_quantiles_of_a_table_do_not_cross(paths):
    start = paths.indexes["period"][0]
    series = make_series([format_period(start - 1)], [1], series_id="a")
    frame = forecast_table(Forecast(series, paths, (), "pool"))
    quantiles = frame[frame["output_type"] == "quantile"]
    values = quantiles.pivot_table(index="horizon", columns="quantile_level", values="value")
    assert (np.diff(values.to_numpy(), axis=1) >= 0).all()
    assert len(frame) == 24 * paths.sizes["period"]


@given(texts_of_periods())
def test_a_period_survives_writing_and_reading(texts):
    assert [format_period(parse_period(text)) for text in texts] == texts


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12
).map(str.strip)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS.filter(bool), CELLS), min_size=1, max_size=6))
def test_a_table_survives_writing_and_reading(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    columns = ("series_id", "period", "value")
    frame = pd.DataFrame(rows, columns=list(columns))
    again = read_rows(write_table(frame, path), columns)
    assert list(again.itertuples(index=False, name=None)) == rows
    assert list(again.index) == list(range(2, len(rows) + 2))


@settings(deadline=None)
@given(texts=texts_of_periods(), data=st.data())
def test_a_series_survives_writing_and_reading(tmp_path_factory, texts, data):
    values = data.draw(st.lists(COUNTS, min_size=len(texts), max_size=len(texts)))
    made = make_series(texts, values, series_id="č, d")
    frame = pd.DataFrame({"series_id": "č, d", "period": texts, "value": values})
    path = write_table(frame, tmp_path_factory.mktemp("series") / "a.csv")
    read = read_series(path)
    assert read.series_id == "č, d"
    pd.testing.assert_series_equal(read.values, made.values, check_exact=True)


@given(texts=texts_of_periods(), data=st.data())
def test_a_treated_gap_leaves_the_other_values_alone(texts, data):
    values = data.draw(st.lists(COUNTS, min_size=len(texts), max_size=len(texts)))
    holes = data.draw(st.sets(st.integers(1, max(1, len(texts) - 2))))
    inner = {place for place in holes if 0 < place < len(texts) - 1}
    known = [math.nan if place in inner else value for place, value in enumerate(values)]
    filled = make_series(texts, known, series_id="a", missing="interpolate")
    cut = make_series(texts, known, series_id="a", missing="cut")
    for place, value in enumerate(values):
        if place not in inner:
            assert filled.values.iloc[place] == value
    assert (filled.values >= 0).all()
    assert cut.values.tolist() == values[max(inner, default=-1) + 1 :]
    assert bool(filled.notes) == bool(inner) == bool(cut.notes)
