"""Calibration: factors found again from simulated outcomes, and applied at the right horizons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.forecasts import Experience, experience_of, forecast
from forecasting.forecasts.calibration import (
    BLOCKS,
    Calibration,
    PastCase,
    fit_calibration,
    past_case,
    shipped_calibration,
)
from forecasting.models.panel import Panel
from forecasting.paths import make_paths
from forecasting.series import read_series
from forecasting.sources.reference import SHAPES, find_dataset
from forecasting.tables import read_rows

ONES = Calibration((1.0,) * 6, (1.0,) * 6)
PRIOR = Calibration((0.9, 1.0, 1.1, 1.2, 1.6, 2.0), (1.1, 1.2, 1.3, 1.2, 1.1, 1.0))


def paths_of(z, start="2021-01", freq="M"):
    """Draws on the log(1 + y) scale, shape ``(path, period)``, as sample paths."""
    z = np.asarray(z, dtype=float)
    periods = pd.period_range(start, periods=z.shape[1], freq=freq)
    return make_paths(np.expm1(z), periods, unit="persons")


def case(distance, name="a", origin=600, season_length=12, outer=1.5):
    distance = np.atleast_1d(np.asarray(distance, dtype=float))
    return PastCase(name, origin, season_length, distance, np.full(len(distance), outer))


def shrunk(found, prior, n_series):
    weight = n_series / (n_series + 300)
    return found**weight * prior ** (1 - weight)


# a case


def test_a_case_is_measured_in_half_widths_of_the_80_percent_interval():
    """101 draws from 4 to 6: the interval reaches 0.8 down and up from 5."""
    z = np.tile(np.linspace(4, 6, 101)[:, None], (1, 5))
    outcome = np.expm1([5.0, 5.8, 4.2, 6.2])
    found = past_case("a", paths_of(z), outcome)
    np.testing.assert_allclose(found.distance, [0, 1, -1, 1.5, np.nan], atol=1e-9)
    np.testing.assert_allclose(found.outer, 0.96 / 0.8, rtol=1e-9)  # 97 of the draws
    assert (found.series_id, found.season_length) == ("a", 12)
    assert found.origin == pd.Period("2020-12", "M").ordinal


def test_the_two_sides_have_half_widths_of_their_own():
    z = 5 + np.where(np.linspace(-1, 1, 101) > 0, 2, 1) * np.linspace(-1, 1, 101)
    found = past_case("a", paths_of(np.tile(z[:, None], (1, 2))), np.expm1([5 + 1.6, 5 - 0.8]))
    np.testing.assert_allclose(found.distance, [1, -1], atol=1e-9)


def test_draws_without_spread_are_no_case():
    """Nothing can be scaled there, and a distance in half-widths of nothing would be any number."""
    z = np.array([[5, 5, 5.0], [5, 5, 5.1], [5, 5, 5.2]])
    z[:, 1] = [4, 5, 5]  # spread to one side only
    found = past_case("a", paths_of(z), np.expm1([6.0, 6.0, 5.1]))
    np.testing.assert_allclose(found.distance, [np.nan, np.nan, 0], atol=1e-9)


# the factors


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.8])
def test_a_known_factor_is_found_again(factor):
    """Normal draws, and outcomes that spread `factor` times as far: the tail stays as it is."""
    rng = np.random.default_rng(7)
    paths = paths_of(5 + 0.2 * rng.normal(size=(4000, 3)))
    cases = [
        past_case(str(index), paths, np.expm1(5 + 0.2 * factor * rng.normal(size=3)))
        for index in range(1500)
    ]
    found = fit_calibration(cases, ONES)
    assert found.inner[0] == pytest.approx(shrunk(factor, 1, 1500), rel=0.04)
    assert found.tail[0] == pytest.approx(1, abs=0.12)


def test_heavy_tails_stretch_what_lies_beyond_the_interval():
    """Nine in ten outcomes at the bound of the interval, one in ten at twice its distance."""
    distance = np.where(np.arange(1000) % 10, 1.0, 2.0)
    cases = [case(d, str(index), outer=1.5) for index, d in enumerate(distance)]
    found = fit_calibration(cases, ONES)
    assert found.inner[0] == pytest.approx(1)
    assert found.tail[0] == pytest.approx(shrunk((2 / 1 - 1) / (1.5 - 1), 1, 1000))


@pytest.mark.parametrize("n", [1, 100, 300])
def test_the_weight_grows_with_the_number_of_series(n):
    cases = [case(2, str(index)) for index in range(n)]
    found = fit_calibration(cases, PRIOR)
    assert found.inner[0] == pytest.approx(shrunk(2, 0.9, n))
    assert found.tail[0] == pytest.approx(shrunk(0.3, 1.1, n))  # no outcome lies farther out


def test_more_origins_of_the_same_series_weigh_no_more():
    cases = [case(2, "a", origin=600 + step) for step in range(200)]
    assert fit_calibration(cases, PRIOR) == fit_calibration(cases[:1], PRIOR)


def test_the_side_of_an_outcome_does_not_matter():
    up, down = ([case(side * 1.4, str(index)) for index in range(50)] for side in (1, -1))
    assert fit_calibration(up, PRIOR) == fit_calibration(down, PRIOR)


def test_where_there_is_no_case_the_prior_stands():
    assert fit_calibration([], PRIOR) == PRIOR
    found = fit_calibration([case([np.nan] * 3 + [2, 2, 2])], PRIOR)
    for before, after in ((PRIOR.inner, found.inner), (PRIOR.tail, found.tail)):
        assert [a == b for a, b in zip(after, before, strict=True)] == [True, False] + [True] * 4


def test_outcomes_after_the_period_known_are_not_looked_at():
    distance = np.array([1.0, 1, 1, 1, 2.9, 2.9])
    changed = distance.copy()
    changed[4:] = 0.4
    one, two = ([case(values, origin=600)] for values in (distance, changed))
    assert fit_calibration(one, PRIOR, known_at=604) == fit_calibration(two, PRIOR, known_at=604)
    assert fit_calibration(one, PRIOR, known_at=605) != fit_calibration(two, PRIOR, known_at=605)
    assert fit_calibration(one, PRIOR, known_at=600) == PRIOR


def test_quarters_and_years_belong_to_the_block_of_their_months():
    quarters = fit_calibration([case([2, 2, 2, 2], season_length=4)], PRIOR)
    years = fit_calibration([case([2, 2], season_length=1)], PRIOR)
    moved = [
        [a != b for a, b in zip(found.inner, PRIOR.inner, strict=True)]
        for found in (quarters, years)
    ]
    assert moved == [
        [True, True, True, False, False, False],
        [False, False, True, True, False, False],
    ]


@pytest.mark.parametrize(("distance", "held"), [(1000.0, 3.0), (0.001, 0.3), (0.0, 0.3)])
def test_a_factor_out_of_all_proportion_is_held(distance, held):
    """Constant series have no spread: their outcomes are no distance away, or any."""
    found = fit_calibration([case(distance, str(index)) for index in range(300)], ONES)
    assert found.inner[0] == pytest.approx(shrunk(held, 1, 300))
    assert 0.3 <= found.tail[0] <= 3


# applied


def test_a_factor_holds_at_the_end_of_its_block_and_between_two_ends_lies_between():
    z = np.tile(np.linspace(4, 6, 101)[:, None], (1, 80))
    found = np.log1p(PRIOR.apply(paths_of(z)).to_numpy())
    reach = (np.quantile(found, 0.9, axis=0) - 5) / 0.8
    np.testing.assert_allclose((5 - np.quantile(found, 0.1, axis=0)) / 0.8, reach)
    for (_, last), factor in zip(BLOCKS, PRIOR.inner, strict=True):
        assert reach[last - 1] == pytest.approx(factor)
    assert reach[0] == pytest.approx(0.9)
    assert reach[17] == pytest.approx((1.1 + 1.2) / 2)
    assert reach[79] == pytest.approx(2.0)


def test_the_tail_stretches_beyond_the_interval_alone():
    z = np.tile(np.linspace(4, 6, 101)[:, None], (1, 3))
    stretched = Calibration((1.0,) * 6, (3.0,) * 6)
    found = np.log1p(stretched.apply(paths_of(z)).to_numpy())[:, 0]
    inside = np.abs(z[:, 0] - 5) <= 0.8 + 1e-9
    np.testing.assert_allclose(found[inside], z[inside, 0], rtol=1e-9)
    np.testing.assert_allclose(found[-1], 5 + 0.8 + 3 * 0.2, rtol=1e-9)
    np.testing.assert_allclose(found[0], 5 - 0.8 - 3 * 0.2, rtol=1e-9)


def test_the_fourth_quarter_is_the_twelfth_month():
    z = np.tile(np.linspace(4, 6, 101)[:, None], (1, 12))
    months = np.log1p(PRIOR.apply(paths_of(z)).to_numpy())[:, 11]
    quarters = np.log1p(PRIOR.apply(paths_of(z[:, :4], "2021Q1", "Q")).to_numpy())[:, 3]
    years = np.log1p(PRIOR.apply(paths_of(z[:, :1], "2021", "Y")).to_numpy())[:, 0]
    np.testing.assert_allclose(quarters, months)
    np.testing.assert_allclose(years, months)


# room for a surge


def upper_reach(upward, factors=ONES):
    """How far the upper half of the 80 % interval reaches, where the draws reach 0.8.

    The lower half has no room for a surge: it is as wide as its factor, the same in all blocks.
    """
    z = np.tile(np.linspace(4, 6, 101)[:, None], (1, 60))
    found = np.log1p(factors.apply(paths_of(z), upward=np.full(60, upward)).to_numpy())
    depth = 5 - np.quantile(found, 0.1, axis=0)
    np.testing.assert_allclose(depth, factors.inner[0] * 0.8, rtol=1e-9)
    return np.quantile(found, 0.9, axis=0) - 5


def test_from_18_to_30_months_the_reference_class_comes_in_where_it_reaches_farther():
    reach = upper_reach(2.0)
    np.testing.assert_allclose(reach[:22], 0.8)  # 22 months ahead a third of 2 is not farther yet
    assert reach[23] == pytest.approx(1.0)
    np.testing.assert_allclose(reach[29:], 2.0)


def test_a_reference_class_that_reaches_less_far_changes_nothing():
    np.testing.assert_allclose(upper_reach(0.7), 0.8)
    np.testing.assert_allclose(upper_reach(0.0), 0.8)


def test_the_upper_half_is_widened_threefold_at_most():
    assert upper_reach(9.0)[59] == pytest.approx(3 * 0.8)
    wide = Calibration((1.5,) * 6, (1.0,) * 6)
    assert upper_reach(9.0, wide)[59] == pytest.approx(3 * 1.5 * 0.8)
    assert upper_reach(2.0, wide)[59] == pytest.approx(2.0)
    assert upper_reach(1.1, wide)[59] == pytest.approx(1.5 * 0.8)


def test_unit_kind_and_periods_stay():
    stock = make_paths(
        np.arange(20.0).reshape(10, 2), pd.period_range("2021-01", periods=2, freq="M"),
        unit="EUR", kind="stock",
    )  # fmt: skip
    found = PRIOR.apply(stock)
    assert found.attrs == stock.attrs
    assert found.indexes["period"].equals(stock.indexes["period"])


# in a forecast


@pytest.fixture(scope="module")
def series():
    return read_series("asylum-applicants/SI")


def test_a_forecast_is_calibrated_by_what_ships_for_its_model(series):
    for model in ("pool", "fast"):
        found = forecast(series, horizon=2, n_paths=20, model=model).calibration
        assert found == shipped_calibration(model)
        assert found is not None
    assert forecast(series, horizon=2, n_paths=20, model="ets").calibration is None


def test_own_factors_or_none_may_be_asked_for(series):
    bare, own = (
        forecast(series, horizon=8, n_paths=60, experience=Experience(calibration=factors))
        for factors in (None, PRIOR)
    )
    assert (bare.calibration, own.calibration) == (None, PRIOR)
    np.testing.assert_array_equal(PRIOR.apply(bare.paths), own.paths)
    np.testing.assert_array_equal(bare.calibrated(PRIOR).paths, own.paths)


def test_the_pools_carry_the_reference_class_of_their_panel(series):
    learned = experience_of("asylum-applicants")
    assert learned.panel
    found = forecast(series, horizon=40, n_paths=60, model="fast", experience=learned)
    np.testing.assert_array_equal(found.upward, learned.panel.upward(series.origin, 40))
    assert found.upward is not None
    assert found.upward.max() > 0.5
    alone = forecast(series, horizon=40, n_paths=60, model="ets", experience=learned)
    assert alone.upward is None
    assert forecast(series, horizon=40, n_paths=60, model="fast").upward is None


def test_a_panel_of_another_frequency_has_no_reference_class_for_a_series(series):
    """Ordinals of quarters are smaller than those of months, and say nothing about them."""
    quarters = Panel("Q", np.full(80, 100), np.zeros((80, 4)), np.ones((80, 12)))
    found = forecast(series, horizon=3, n_paths=60, experience=Experience(quarters))
    assert found.upward is None
    assert (
        "analogue failed: analogue: asylum-applicants/SI has frequency M, the panel Q" in found.flag
    )


# what ships


@pytest.mark.parametrize("model", ["pool", "fast", "prophet"])
def test_the_shipped_factors_are_those_of_the_blocks(model):
    dataset = find_dataset("calibration-factors")
    rows = read_rows(dataset.path, SHAPES["calibration"])
    own = rows[rows["model"] == model]
    blocks = list(zip(own["first_month"].astype(int), own["last_month"].astype(int), strict=True))
    assert tuple(blocks) == BLOCKS
    assert (own["cases"].astype(int) >= 50).all()
    found = shipped_calibration(model)
    assert found is not None
    assert found.inner == tuple(own["inner"].astype(float))
    assert found.tail == tuple(own["tail"].astype(float))
    assert min(found.inner + found.tail) > 0
