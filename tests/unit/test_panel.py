"""The panel: situations and what followed, by hand; nothing known from after the origin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.forecasts import experience_of
from forecasting.forecasts.experience import shipped_panel
from forecasting.models import panel as module
from forecasting.models.panel import (
    FEATURES,
    Panel,
    features_of,
    level_of,
    make_panel,
    shortest_history,
    without_season,
)
from forecasting.periods import format_period
from forecasting.series import make_series
from forecasting.sources.reference import find_dataset

ROOT = Path(__file__).parents[2]
SOURCE = (
    ROOT.parent / "shared" / "data" / "eurostat_asylum_applicants_monthly_2008_2024.csv"
)  # ten countries


def own_series(values, name="a", start="2015-01", freq="M"):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    return make_series([format_period(p) for p in periods], values, series_id=name, missing="keep")


def month(text):
    return pd.Period(text, "M")


def growing(n, rate=0.05, name="a"):
    """Counts whose log(1 + y) rises by the same amount every month."""
    return own_series(np.expm1(3 + rate * np.arange(n)), name)


def noisy(seed, n=70, name="a", start="2015-01"):
    rng = np.random.default_rng(seed)
    return own_series(np.round(np.expm1(5 + np.cumsum(rng.normal(0, 0.2, n)))), name, start)


def same(one: Panel, two: Panel):
    assert one.frequency == two.frequency
    for name in ("origins", "features", "changes"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


# features


@pytest.mark.parametrize(("season", "quarter"), [(12, 3), (4, 1)])
def test_the_momentum_of_steady_growth_is_its_rate_times_the_periods(season, quarter):
    z = 0.1 * np.arange(3 * season, dtype=float)[None, :]
    expected = [0.1 * quarter, 0.1 * season, 0.2 * season, np.log(0.1 + 0.02)]
    np.testing.assert_allclose(features_of(z, season), [expected], rtol=1e-12)
    np.testing.assert_allclose(level_of(z, season), z[:, -quarter:].mean(axis=1))
    assert shortest_history(season) == 2 * season + quarter


def test_volatility_is_the_median_change_not_the_largest():
    z = np.zeros((1, 40))
    z[0, 30:] = 5.0  # one shift among months that do not move
    assert features_of(z, 12)[0, FEATURES.index("volatility")] == pytest.approx(np.log(0.02))


# season


def test_a_season_without_noise_is_taken_out_whole():
    pattern = np.array([0.5, 0.2, 0, -0.1, -0.3, 0, 0.1, 0.4, 0, -0.4, -0.2, -0.2])
    z = 4 + np.tile(pattern, 6) + 0.01 * np.arange(72)
    found, effect = without_season(z, 12)
    np.testing.assert_allclose(effect, pattern - pattern.mean(), atol=1e-9)
    np.testing.assert_allclose(found, 4 + pattern.mean() + 0.01 * np.arange(72), atol=1e-9)


def test_the_first_entry_of_the_season_belongs_to_the_first_observation():
    z = np.tile([1.0, 0, 0, 0], 6)
    _, effect = without_season(z, 4)
    np.testing.assert_allclose(effect, [0.75, -0.25, -0.25, -0.25], atol=1e-9)


def test_a_season_that_is_only_noise_is_shrunk():
    z = np.random.default_rng(3).normal(0, 1, 240)
    _, effect = without_season(z, 12)
    mean_by_month = z.reshape(20, 12).mean(axis=0)
    assert effect.std() < 0.5 * mean_by_month.std()


def test_a_short_series_keeps_its_season():
    z = np.tile([1.0, 0, 0, 0], 2)
    found, effect = without_season(z, 4)
    np.testing.assert_array_equal(found, z)
    np.testing.assert_array_equal(effect, np.zeros(4))


# situations


def test_what_follows_steady_growth_is_the_same_growth():
    """The level is the mean of the last three months, so the next month is two steps above it."""
    panel = make_panel([growing(50)], until=month("2019-02"))
    assert panel.frequency == "M"
    assert panel.origins.tolist() == list(range(month("2017-03").ordinal, month("2019-02").ordinal))
    assert panel.features.shape == (23, 4)
    np.testing.assert_allclose(panel.features[:, :3], [[0.15, 0.6, 1.2]] * 23, atol=1e-9)
    known = np.isfinite(panel.changes)
    assert known.sum(axis=1).tolist() == list(range(23, 0, -1))
    steps = 0.05 * (2 + np.arange(36))
    np.testing.assert_allclose(panel.changes[0, :23], steps[:23], atol=1e-9)


def test_quarters_have_situations_of_their_own():
    quarters = own_series(np.expm1(3 + 0.1 * np.arange(20)), start="2015Q1", freq="Q")
    panel = make_panel([quarters, growing(60)], until=quarters.origin)
    assert panel.frequency == "Q"
    assert panel.changes.shape == (11, 12)
    assert panel.origins[0] == pd.Period("2017Q1", "Q").ordinal
    np.testing.assert_allclose(panel.changes[0, :11], 0.1 * np.arange(1, 12), atol=1e-9)


def test_series_that_cannot_be_used_are_left_out():
    whole, gap = noisy(1, name="whole"), noisy(2, name="gap")
    values = gap.values.copy()
    values.iloc[40] = np.nan
    gappy = own_series(values.to_numpy(), "gappy")
    annual = own_series(range(50), "annual", "1970", "Y")
    short = noisy(3, 20, "short")
    until = whole.origin
    same(make_panel([whole, gappy, annual, short], until=until), make_panel([whole], until=until))


def test_a_panel_of_nothing_is_empty():
    panel = make_panel([noisy(1, 20)], until=month("2018-01"))
    features, changes = panel.ended_by(month("2030-01"), 12)
    assert (features.shape, changes.shape) == ((0, 4), (0, 12))


def test_years_are_no_panel():
    with pytest.raises(InputError, match="frequency 'Y'; expected: months or quarters"):
        make_panel([], until=pd.Period("2020", "Y"))


def test_too_many_situations_are_thinned_out_evenly(monkeypatch):
    series = [noisy(seed, name=str(seed)) for seed in range(3)]
    whole = make_panel(series, until=series[0].origin)
    assert len(whole.origins) == 3 * 43
    monkeypatch.setattr(module, "MAX_SITUATIONS", 50)
    thin = make_panel(series, until=series[0].origin)
    np.testing.assert_array_equal(thin.origins, whole.origins[::3])
    np.testing.assert_array_equal(thin.changes, whole.changes[::3])


# no look-ahead


@pytest.mark.parametrize("later", [1e6, 0, np.nan])
def test_values_after_the_origin_change_nothing(later):
    origin = month("2018-06")
    batch = [noisy(seed, name=str(seed)) for seed in range(4)]
    other = []
    for series in batch:
        values = series.values.copy()
        values[origin + 1 :] = later
        values.iloc[-1] = 1.0
        other.append(own_series(values.to_numpy(), series.series_id))
    one, two = (make_panel(own, until=origin) for own in (batch, other))
    assert len(one.origins) > 50
    same(one, two)
    same(one, make_panel([series.until(origin) for series in batch], until=origin))


def test_only_what_had_ended_by_an_origin_is_given_out():
    origins = np.array([month("2020-01").ordinal + step for step in range(6)])
    changes = np.arange(24, dtype=float).reshape(6, 4)
    changes[1, 2] = np.nan
    panel = Panel("M", origins, np.arange(24.0).reshape(6, 4), changes)
    features, found = panel.ended_by(month("2020-06"), 3)
    np.testing.assert_array_equal(found, changes[[0, 2], :3])
    np.testing.assert_array_equal(features, panel.features[[0, 2]])


def test_of_a_later_panel_only_what_was_known_is_given_out():
    """Of series so short that no season is taken out of them."""
    origin = month("2017-08")
    batch = [noisy(seed, 35, str(seed)) for seed in range(4)]
    other = []
    for series in batch:
        values = series.values.copy()
        values[origin + 1 :] *= 100
        other.append(own_series(values.to_numpy(), series.series_id))
    one, two = (
        make_panel(own, until=batch[0].origin).ended_by(origin, 3) for own in (batch, other)
    )
    assert len(one[0]) == 4 * 3
    for left, right in zip(one, two, strict=True):
        np.testing.assert_array_equal(left, right)


# the reference class


def test_the_reference_class_reaches_from_the_median_to_the_95_percent_quantile():
    changes = np.arange(101.0)[:, None] * [0.01, 0.02, 0.03]
    panel = Panel("M", np.full(101, month("2020-01").ordinal), np.zeros((101, 4)), changes)
    found = panel.upward(month("2021-01"), 5)
    np.testing.assert_allclose(found, [0.45, 0.9, 1.35, 1.35, 1.35])  # as at the end of the windows


def test_fewer_than_sixty_situations_are_no_reference_class():
    changes = np.arange(70.0)[:, None] * [0.01, 0.02, 0.03]
    changes[59:, 1:] = np.nan
    origins = np.full(70, month("2020-01").ordinal)
    panel = Panel("M", origins, np.zeros((70, 4)), changes)
    one = np.quantile(changes[:, 0], 0.95) - np.median(changes[:, 0])
    np.testing.assert_allclose(panel.upward(month("2021-01"), 3), one)  # of one month: the others
    late = Panel("M", origins[:59], np.zeros((59, 4)), changes[:59])  # are too few
    np.testing.assert_array_equal(late.upward(month("2021-01"), 3), 0)


def test_the_reference_class_knows_no_window_that_had_not_ended():
    changes = np.tile(np.arange(200.0)[:, None], (1, 3))
    origins = np.where(np.arange(200) < 100, month("2020-01").ordinal, month("2020-10").ordinal)
    one = Panel("M", origins, np.zeros((200, 4)), changes)
    disturbed = changes.copy()
    disturbed[100:] *= 50
    two = Panel("M", origins, np.zeros((200, 4)), disturbed)
    at = month("2020-10")
    np.testing.assert_array_equal(one.upward(at, 3), two.upward(at, 3))
    assert (one.upward(at + 3, 3) != two.upward(at + 3, 3)).all()


# what ships


def test_the_shipped_situations_are_many_and_without_names():
    panel = shipped_panel()
    learned = experience_of("asylum-applicants").panel
    assert learned
    same(learned, panel)
    assert panel.frequency == "M"
    assert panel.changes.shape[1] == 36
    assert len(panel.ended_by(month("2015-01"), 36)[0]) >= 60
    assert np.isfinite(panel.features).all()
    assert np.isfinite(panel.changes[:, 0]).all()
    assert (np.diff(panel.origins) >= 0).all()  # by origin, not by country


def test_a_data_set_without_a_panel_has_the_default_experience():
    assert experience_of("pending-applications").panel is None
    with pytest.raises(InputError, match="reference data 'none'"):
        experience_of("none")


@pytest.mark.skipif(not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout")
def test_the_shipped_situations_are_those_the_script_makes(tmp_path):
    script = ROOT / "benchmarks" / "accuracy" / "growth_situations.py"
    made = tmp_path / "made.csv"
    subprocess.run([sys.executable, script, SOURCE, "--output", made], check=True)
    assert made.read_bytes() == find_dataset("growth-situations").path.read_bytes()
