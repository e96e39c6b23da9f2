"""Sample paths and their views: each number comes from whole paths, never from mixed months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import (
    annual,
    cumulative,
    interval,
    make_paths,
    mean,
    periods_of,
    probability_at_least,
    quantile,
    with_observed,
)


def paths_from(values, start="2024-01", freq="M", kind="flow"):
    array = np.asarray(values, dtype=float)
    periods = pd.period_range(start, periods=array.shape[1], freq=freq)
    return make_paths(array, periods, unit="persons", kind=kind)


@pytest.fixture
def random_paths():
    return paths_from(np.random.default_rng(3).gamma(2, 50, (101, 24)))


def test_paths_carry_dims_periods_unit_and_kind(random_paths):
    assert random_paths.dims == ("path", "period")
    assert random_paths.attrs == {"unit": "persons", "kind": "flow"}
    assert isinstance(random_paths.indexes["period"], pd.PeriodIndex)


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (np.ones((2, 3)), "level", "kind 'level' of paths; expected: flow or stock"),
        (np.ones((2, 4)), "flow", r"shape \(2, 4\) as paths; expected: \(n_paths, 3\)"),
        (np.ones(3), "flow", r"shape \(3,\) as paths"),
        (np.ones((0, 3)), "flow", r"shape \(0, 3\) as paths"),
        (np.array([[1.0, np.nan, 2.0]]), "flow", "not finite"),
        (np.array([[1.0, np.inf, 2.0]]), "stock", "not finite"),
    ],
)
def test_arrays_that_are_no_paths_are_refused(values, kind, message):
    periods = pd.period_range("2024-01", periods=3, freq="M")
    with pytest.raises(InputError, match=message):
        make_paths(values, periods, unit="persons", kind=kind)


def test_paths_without_periods_are_refused():
    plain = xr.DataArray(np.ones((2, 3)), dims=("path", "period"), coords={"period": [1, 2, 3]})
    with pytest.raises(InputError, match="expected: a PeriodIndex"):
        periods_of(plain)


def test_every_quantile_is_a_value_that_a_path_took(random_paths):
    levels = [0.01, 0.1, 1 / 3, 0.5, 0.77, 0.99]
    found = quantile(random_paths, levels)
    assert found.dims == ("quantile_level", "period")
    for column in range(24):
        taken = set(random_paths.to_numpy()[:, column])
        assert set(found.to_numpy()[:, column]) <= taken


def test_a_quantile_is_the_inverted_distribution():
    paths = paths_from(np.arange(1, 11)[:, None])
    found = quantile(paths, [0.1, 0.11, 0.5, 0.51, 0.9]).to_numpy()[:, 0]
    assert found.tolist() == [1, 2, 5, 6, 9]


@pytest.mark.parametrize("level", [0, 1, -0.1, 1.5])
def test_a_quantile_level_outside_0_and_1_is_refused(random_paths, level):
    with pytest.raises(InputError, match="expected: between 0 and 1"):
        quantile(random_paths, [0.5, level])


def test_an_interval_holds_its_share_of_the_paths(random_paths):
    for level in (50, 80, 95):
        bounds = interval(random_paths, level)
        assert bounds.dims == ("bound", "period")
        assert list(bounds.coords["bound"].to_numpy()) == ["lower", "upper"]
        inside = (random_paths >= bounds.sel(bound="lower")) & (
            random_paths <= bounds.sel(bound="upper")
        )
        assert (abs(inside.mean("path") - level / 100) < 0.021).all()


@pytest.mark.parametrize("level", [0, 100, -5, 101])
def test_an_interval_is_given_in_percent(random_paths, level):
    with pytest.raises(InputError, match=f"interval level {level}; expected: percent"):
        interval(random_paths, level)


def test_the_mean_is_taken_over_paths():
    result = mean(paths_from([[1, 10], [3, 30]]))
    assert result.dims == ("period",)
    assert result.to_numpy().tolist() == [2, 20]
    assert result.attrs["unit"] == "persons"


def test_a_running_total_follows_each_path():
    paths = paths_from([[1, 2, 3], [10, 0, 5]])
    total = cumulative(paths)
    assert total.to_numpy().tolist() == [[1, 3, 6], [10, 10, 15]]
    assert isinstance(total.indexes["period"], pd.PeriodIndex)
    assert paths.to_numpy().tolist() == [[1, 2, 3], [10, 0, 5]]


@pytest.mark.parametrize(("freq", "per_year"), [("M", 12), ("Q", 4), ("Y", 1)])
def test_annual_totals_follow_each_path(freq, per_year):
    values = np.arange(2 * 2 * per_year, dtype=float).reshape(2, -1)
    totals = annual(paths_from(values, start="2023", freq=freq))
    assert [str(period) for period in totals.indexes["period"]] == ["2023", "2024"]
    assert totals.to_numpy().tolist() == values.reshape(2, 2, per_year).sum(axis=2).tolist()


def test_a_year_keeps_the_dependence_between_its_months():
    """Two opposite paths: every month differs, no year does; summed quantiles would differ."""
    up, down = np.arange(12.0), np.arange(12.0)[::-1]
    totals = annual(paths_from([up, down]))
    assert interval(totals, 80).to_numpy().ravel().tolist() == [66, 66]
    assert quantile(paths_from([up, down]), [0.9]).sum() > 66


@pytest.mark.parametrize(("start", "named"), [("2024-02", "2024, 2025"), ("2023-10", "2023, 2024")])
def test_a_part_of_a_year_is_not_a_year(start, named):
    with pytest.raises(InputError, match=f"only a part of {named}; expected: whole calendar years"):
        annual(paths_from(np.ones((2, 12)), start=start))


@pytest.mark.parametrize("view", [annual, cumulative])
def test_a_stock_is_never_added_up_over_periods(view):
    with pytest.raises(InputError, match=r"of a stock .* expected: a flow"):
        view(paths_from(np.ones((2, 12)), kind="stock"))


def test_the_probability_counts_paths_at_or_above_a_value():
    paths = paths_from([[1, 5], [2, 5], [3, 5], [4, 5]])
    assert probability_at_least(paths, 3).to_numpy().tolist() == [0.5, 1]
    assert probability_at_least(paths, 5.01).to_numpy().tolist() == [0, 0]
    assert probability_at_least(paths, 3).attrs == {"unit": "1"}


def test_observations_stand_in_front_the_same_on_every_path():
    paths = paths_from([[7, 8], [9, 10]], start="2024-03")
    months = pd.period_range("2023-12", periods=5, freq="M")  # reaches into the paths
    observed = pd.Series([1.0, 2.0, 3.0, 99.0, 99.0], index=months)
    joined = with_observed(paths, observed)
    assert joined.to_numpy().tolist() == [[1, 2, 3, 7, 8], [1, 2, 3, 9, 10]]
    assert str(joined.indexes["period"][0]) == "2023-12"
    assert joined.attrs == paths.attrs


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (["2023-12", "2024-01"], "with 2024-01"),
        ([], "before that"),
    ],
)
def test_observations_that_do_not_reach_the_paths_are_refused(months, words):
    observed = pd.Series(1.0, index=pd.PeriodIndex(months, freq="M"))
    with pytest.raises(InputError, match=f"observations end {words} and the paths begin 2024-03"):
        with_observed(paths_from(np.ones((2, 2)), start="2024-03"), observed)


def test_no_view_changes_the_paths(random_paths):
    before = random_paths.copy(deep=True)
    for view in (mean, cumulative, annual):
        view(random_paths)
    quantile(random_paths, [0.5])
    probability_at_least(random_paths, 100)
    xr.testing.assert_identical(random_paths, before)
