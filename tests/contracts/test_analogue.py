"""The analogue model: every path is a window that really happened, moved to the present level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import ModelError
from forecasting.forecasts import Experience, experience_of, forecast
from forecasting.models import FittedModel, Model
from forecasting.models.analogue import AnalogueModel
from forecasting.models.panel import Panel, features_of, make_panel
from forecasting.periods import format_period
from forecasting.series import make_series, read_series


def month(text):
    return pd.Period(text, "M")


def own_series(values, start="2018-01", name="a", freq="M"):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    return make_series([format_period(p) for p in periods], values, series_id=name, missing="keep")


def walk(seed, n=30, name="a", start="2018-01"):
    """Counts of fewer than three years: no season is taken out of them."""
    rng = np.random.default_rng(seed)
    return own_series(np.expm1(5 + np.cumsum(rng.normal(0, 0.1, n))), start, name)


def level(series):
    """Mean of the last three months on the scale of the model."""
    return np.log1p(series.values.to_numpy())[-3:].mean()


def panel_of(changes, features=None, frequency="M", ended="2010-01"):
    """Situations that had run their course long ago."""
    changes = np.asarray(changes, dtype=float)
    n = len(changes)
    features = np.zeros((n, 4)) if features is None else features
    return Panel(frequency, np.full(n, pd.Period(ended, frequency).ordinal), features, changes)


def random_panel(n=200, seed=1):
    rng = np.random.default_rng(seed)
    changes = np.cumsum(rng.normal(0, 0.2, (n, 36)), axis=1)
    return panel_of(changes, rng.normal(0, 0.3, (n, 4)))


def moves(panel, series, horizon, n_paths=50, seed=5):
    """Changes of the paths from the present level, on the scale of the model."""
    fitted = AnalogueModel(panel).fit(series)
    paths = fitted.simulate(horizon, n_paths, np.random.default_rng(seed))
    return np.log1p(paths) - level(series)


def row_of(windows, change):
    """Which window a path is; fails if it is none."""
    found = np.flatnonzero(np.isclose(windows, change, atol=1e-9).all(axis=1))
    assert len(found) == 1
    return found[0]


# the protocol of models


@pytest.mark.parametrize("geo", ["SI", "FI"])
def test_it_keeps_the_contract_of_the_models(geo):
    model = AnalogueModel(experience_of("asylum-applicants").panel)
    series = read_series(f"asylum-applicants/{geo}")
    before = series.values.copy()
    fitted = model.fit(series)
    assert isinstance(model, Model)
    assert isinstance(fitted, FittedModel)
    assert fitted.series is series
    paths, again, other = (
        fitted.simulate(70, 40, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert paths.shape == (40, 70)
    assert np.isfinite(paths).all()
    assert (paths >= 0).all()
    np.testing.assert_array_equal(paths, again)
    assert (paths != other).any()
    pd.testing.assert_series_equal(series.values, before)


def test_it_has_situations_of_quarters_too():
    rng = np.random.default_rng(1)
    batch = [own_series(rng.poisson(80, 40), "2010Q1", str(index), "Q") for index in range(5)]
    fitted = AnalogueModel(make_panel(batch, until=batch[0].origin)).fit(batch[0])
    paths = fitted.simulate(20, 30, np.random.default_rng(1))
    assert paths.shape == (30, 20)
    assert 40 < np.median(paths) < 160


# paths are windows


@pytest.mark.parametrize("horizon", [1, 7, 36])
def test_each_path_is_one_window_started_at_the_present_level(horizon):
    panel, series = random_panel(), walk(1)
    drawn = {row_of(panel.changes[:, :horizon], change) for change in moves(panel, series, horizon)}
    assert len(drawn) > 10


def test_the_nearest_situations_are_drawn():
    """Half of them, when there are fewer than a thousand; the others go another way."""
    series = walk(1)
    z = np.log1p(series.values.to_numpy())[None, :]
    away = np.where(np.arange(200)[:, None] % 2, 0.0, 3.0)
    panel = panel_of(np.where(away, -1.0, 1.0) * np.ones((200, 36)), features_of(z, 12) + away)
    np.testing.assert_allclose(moves(panel, series, 12), 1.0)


def test_no_more_than_five_hundred_are_drawn():
    series = walk(1)
    z = np.log1p(series.values.to_numpy())[None, :]
    rank = np.arange(2000.0)
    features = features_of(z, 12) + rank[:, None] * 0.01
    panel = panel_of(np.tile(rank[:, None] / 1000, (1, 36)), features)
    drawn = moves(panel, series, 1, n_paths=4000) * 1000
    assert 495 < drawn.max() < 499.5
    assert drawn.min() > -0.5


def test_features_are_compared_by_their_spread():
    """A feature in large units does not decide alone."""
    series = walk(1)
    now = features_of(np.log1p(series.values.to_numpy())[None, :], 12)
    half = np.arange(400) < 200
    large = 1000 * np.random.default_rng(2).normal(size=400)
    features = np.tile(now, (400, 1))
    features[:, 0] += np.where(half, 0.0, 0.01)  # two standard deviations
    features[:, 3] += np.where(half, 0.5, 0.4) * large  # about half of one
    panel = panel_of(np.where(half, 1.0, -1.0)[:, None] * np.ones((400, 36)), features)
    assert (moves(panel, series, 3, n_paths=400) > 0).mean() > 0.7


def test_beyond_three_years_the_search_goes_on_from_where_a_path_has_arrived():
    panel, series = random_panel(), walk(1)
    for change in moves(panel, series, 50, n_paths=20):
        row_of(panel.changes, change[:36])
        arrived = change[33:36].mean()
        row_of(panel.changes[:, :14], change[36:] - arrived)


def test_the_season_is_taken_out_and_put_back():
    pattern = np.array([0.5, 0.2, 0, -0.1, -0.3, 0, 0.1, 0.4, 0, -0.4, -0.2, -0.2])
    series = own_series(np.expm1(5 + np.tile(pattern, 7)[:77]))  # 2018-01 to 2024-05
    fitted = AnalogueModel(panel_of(np.zeros((100, 36)))).fit(series)
    paths = fitted.simulate(40, 3, np.random.default_rng(1))
    expected = np.expm1(5 + np.tile(pattern, 10)[77 : 77 + 40])
    np.testing.assert_allclose(paths, np.tile(expected, (3, 1)), rtol=1e-6)


def test_paths_never_fall_below_zero():
    series = own_series([1] * 30)
    fitted = AnalogueModel(panel_of(np.full((100, 36), -3.0))).fit(series)
    assert (fitted.simulate(5, 4, np.random.default_rng(1)) == 0).all()


# what had run its course


def test_situations_whose_outcome_was_not_known_are_not_drawn():
    panel, series = random_panel(200), walk(1)
    late = panel.origins.copy()
    late[::2] = series.origin.ordinal - 11  # one month too late for a year
    later = Panel("M", late, panel.features, panel.changes)
    drawn = {row_of(panel.changes[:, :12], change) for change in moves(later, series, 12)}
    assert all(row % 2 for row in drawn)
    disturbed = panel.changes.copy()
    disturbed[::2] += 7
    other = Panel("M", late, panel.features, disturbed)
    np.testing.assert_array_equal(moves(later, series, 12), moves(other, series, 12))


def test_shorter_windows_serve_where_too_few_longer_ones_had_ended():
    panel, series = random_panel(200), walk(1)
    only_a_year = panel.changes.copy()
    only_a_year[:, 12:] = np.nan
    only_a_year[:59] = panel.changes[:59]  # one too few
    early = Panel("M", panel.origins, panel.features, only_a_year)
    for change in moves(early, series, 20):
        row_of(panel.changes[:, :12], change[:12])
        row_of(panel.changes[:, :8], change[12:] - change[9:12].mean())


def test_too_few_situations_are_refused_with_their_number():
    with pytest.raises(ModelError, match=r"needs 60 past situations .* by 2020-06, there are 59"):
        moves(random_panel(59), walk(1), 12)


def test_values_after_the_origin_change_nothing():
    origin = month("2023-12")
    batch = [walk(seed, 100, str(seed)) for seed in range(6)]
    other = []
    for series in batch:
        values = series.values.copy()
        values[origin + 1 :] *= 1000
        other.append(own_series(values.to_numpy(), name=series.series_id))
    one, two = (
        forecast(
            own[0].until(origin), horizon=18, model="analogue", n_paths=60,
            experience=Experience(make_panel(own, until=origin)),
        )
        for own in (batch, other)
    )  # fmt: skip
    np.testing.assert_array_equal(one.paths, two.paths)
    assert [m.status for m in one.members] == ["used"]


# refusals


def test_another_frequency_is_refused():
    quarters = own_series(range(40), "2010Q1", freq="Q")
    with pytest.raises(ModelError, match="analogue: a has frequency Q, the panel M"):
        AnalogueModel(random_panel()).fit(quarters)


def test_a_short_series_is_refused():
    model = AnalogueModel(random_panel())
    model.fit(walk(1, model.minimum_length(12)))
    with pytest.raises(ModelError, match="analogue needs 27 observations, a has 26"):
        model.fit(walk(1, 26))


def test_a_series_with_gaps_is_refused():
    values = walk(1, 40).values.to_numpy(copy=True)
    values[20] = np.nan
    with pytest.raises(ModelError, match="analogue needs a series without gaps, in a 1 of 40"):
        AnalogueModel(random_panel()).fit(own_series(values))
