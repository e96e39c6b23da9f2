"""The monitor of breaks and what is done about them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.series import RegularSeries, read_series
from forecasting.series.breaks import ADVICE, Break, find_breaks
from forecasting.series.shifts import scale_counts
from forecasting.series.treatment import TREATMENTS, treat_breaks, widening

SHARED = Path(__file__).parents[3] / "shared" / "data"
COUNTRIES = {
    "pending": SHARED / "eurostat_asylum_pending_monthly_2008_2024.csv",
    "applicants": SHARED / "eurostat_asylum_applicants_monthly_2008_2024.csv",
}


def series_of(values, *, start="2008-01", freq="M", **more):
    index = pd.period_range(start, periods=len(values), freq=freq, name="period")
    return RegularSeries("x", pd.Series(np.asarray(values, float), index=index), "persons", **more)


def quiet_series(seed, n=200, *, level=800.0):
    """Counts of a random walk with a season."""
    rng = np.random.default_rng(seed)
    season = 0.25 * np.sin(2 * np.pi * np.arange(n) / 12)
    walk = np.cumsum(rng.normal(0, 0.05, n))
    return rng.poisson(level * np.exp(walk - walk.mean() + season)).astype(float)


def month(text):
    return pd.Period(text, "M")


def places(found):
    return [(str(each.period), each.kind) for each in found]


def changed(values, at, factor, *, stays):
    values = values.copy()
    place = slice(at, None) if stays else slice(at, at + 1)
    values[place] = np.round(values[place] * factor)
    return values


def test_the_change_in_counting_of_finlands_pending_stock_is_found():
    found = {each.period: each for each in find_breaks(read_series("pending-applications/FI"))}
    jump = found[month("2018-01")]
    assert jump.kind == "level_shift"
    assert jump.shape == "step"
    assert jump.size == pytest.approx(13215 / 9375, rel=0.06)  # the stock fell by 5 % a month
    assert jump.advice == ADVICE["level_shift"]
    assert len(found) <= 6


def test_the_surge_of_2015_took_months_and_is_no_break():
    for name in ("asylum-applicants/FI", "pending-applications/FI"):
        assert not [each for each in find_breaks(read_series(name)) if each.period.year == 2015]


def test_slovenias_2016_and_the_month_without_offices_are_found():
    found = places(find_breaks(read_series("asylum-applicants/SI")))
    assert ("2016-02", "level_shift") in found
    assert ("2020-04", "outlier") in found
    assert len(found) <= 6


@pytest.mark.parametrize("known_after", [1, 3, 12])
def test_a_break_is_found_soon(known_after):
    series = read_series("pending-applications/FI").until(month("2018-01") + known_after)
    assert ("2018-01", "level_shift") in places(find_breaks(series))


def test_the_newest_month_may_still_be_an_outlier():
    series = read_series("pending-applications/FI").until(month("2018-01"))
    newest = find_breaks(series)[-1]
    assert newest.period == month("2018-01")
    assert newest.advice == ADVICE["newest"]


@pytest.mark.parametrize("factor", [0.4, 2.5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_shift_is_told_from_an_outlier(seed, factor):
    values = quiet_series(seed)
    (shift,) = find_breaks(series_of(changed(values, 120, factor, stays=True)))
    assert places([shift]) == [("2018-01", "level_shift")]
    assert shift.size == pytest.approx(factor, rel=0.2)
    (outlier,) = find_breaks(series_of(changed(values, 120, factor, stays=False)))
    assert places([outlier]) == [("2018-01", "outlier")]
    assert outlier.size == pytest.approx(factor, rel=0.2)
    assert outlier.shape == "pulse"
    assert np.sign(outlier.strength) == np.sign(factor - 1)


def test_the_same_change_over_six_months_is_a_surge():
    slower = quiet_series(1)
    slower[120:] *= np.exp(np.log(2.5) * np.clip(np.arange(80) / 5, 0, 1))
    assert find_breaks(series_of(np.round(slower))) == ()


@pytest.mark.parametrize("kind", ["walk", "autoregression", "small", "rounded"])
def test_false_alarms_are_rare(kind):
    """At most 5 % of series of 200 months; 5 of 60 allows for chance (probability 0.03)."""
    alarms = sum(bool(find_breaks(series_of(draw(kind, seed)))) for seed in range(60))
    assert alarms <= 5


def draw(kind, seed, n=200):
    rng = np.random.default_rng(100 + seed)
    season = 0.25 * np.sin(2 * np.pi * np.arange(n) / 12)
    if kind == "walk":
        return rng.poisson(800 * np.exp(np.cumsum(rng.normal(0, 0.1, n)) + season)).astype(float)
    if kind == "autoregression":
        state = np.zeros(n)
        for i in range(1, n):
            state[i] = 0.8 * state[i - 1] + rng.normal(0, 0.2)
        return rng.poisson(200 * np.exp(state + season)).astype(float)
    if kind == "small":
        return rng.poisson(8 * np.exp(season)).astype(float)
    return np.round(rng.poisson(np.full(n, 3.0)) / 5) * 5


def test_a_standardised_change_does_not_grow_as_counts_get_small():
    """Poisson counts of any size have changes about as large as the scale expects."""
    rng = np.random.default_rng(1)
    for mean in (2, 20, 2000):
        scaled = scale_counts(series_of(rng.poisson(mean, 2000)))
        expected = 2 * scaled.noise.mean()
        assert np.var(scaled.changes) == pytest.approx(expected, rel=0.25)


def test_the_t_value_is_that_of_generalised_least_squares():
    """Held against statsmodels' GLS with the same covariance and a step among the regressors."""
    import statsmodels.api as sm

    from forecasting.series import shifts

    values = changed(quiet_series(4, 60), 40, 3, stays=True)
    scaled = scale_counts(series_of(values))
    covariance = shifts._covariance(scaled)
    pulse = (np.arange(59) == 39).astype(float)
    design = np.column_stack([shifts._regressors(scaled), pulse])
    fit = sm.GLS(np.diff(scaled.levels), design, sigma=covariance).fit()
    search = shifts._Search.of(scaled)
    strongest = next(iter(search.run(1.0)))
    assert strongest.at == 40
    assert strongest.effect == pytest.approx(fit.params[-1], rel=1e-6)
    expected = fit.params[-1] / np.sqrt(fit.normalized_cov_params[-1, -1])
    assert strongest.strength * search.ordinary[39] == pytest.approx(expected, rel=1e-6)


def test_a_missing_value_is_no_break():
    values = changed(quiet_series(2), 120, 2.5, stays=True)
    values[[50, 51, 121]] = np.nan
    assert places(find_breaks(series_of(values))) == [("2018-01", "level_shift")]


@pytest.mark.parametrize("values", [np.zeros(40), np.full(40, 7.0), np.arange(40.0)])
def test_nothing_is_found_where_nothing_happens(values):
    assert find_breaks(series_of(values)) == ()


def test_quarters_and_years_can_be_monitored():
    quarters = changed(quiet_series(3, 60), 40, 4, stays=True)
    assert places(find_breaks(series_of(quarters, freq="Q"))) == [("2018Q1", "level_shift")]
    years = np.round(1000 * 1.02 ** np.arange(30))
    years[20:] *= 3
    found = find_breaks(series_of(years, start="1990", freq="Y"))
    assert places(found) == [("2010", "level_shift")]


def test_a_short_series_is_refused():
    with pytest.raises(InputError, match="x: 23 observations; expected: 24 or more"):
        find_breaks(series_of(np.arange(23)))


def test_a_higher_threshold_finds_a_part():
    series = read_series("pending-applications/FI")
    strict = find_breaks(series, threshold=9)
    assert 0 < len(strict) < len(find_breaks(series))
    assert all(abs(each.strength) >= 9 for each in strict)


@pytest.mark.parametrize("name", COUNTRIES)
def test_a_handful_of_breaks_in_ten_countries(name):
    path = COUNTRIES[name]
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the checkout")
    rows = pd.read_csv(path).query("citizen == 'TOTAL'").sort_values("date")
    for geo, own in rows.groupby("geo"):
        observed = pd.Series(own["value"].to_numpy(float), pd.PeriodIndex(own["date"], freq="M"))
        complete = pd.period_range(observed.index[0], observed.index[-1], freq="M")
        series = RegularSeries(str(geo), observed.reindex(complete), "persons")
        assert len(find_breaks(series)) <= 8, geo


def shifted():
    """A series with an outlier, a level shift and a later outlier."""
    values = changed(quiet_series(1), 60, 4, stays=False)
    values = changed(values, 120, 2.5, stays=True)
    series = replace(series_of(changed(values, 170, 4, stays=False)), notes=("as it came",))
    return series, find_breaks(series)


def test_a_cut_keeps_what_follows_the_last_level_shift():
    series, found = shifted()
    assert [each.kind for each in found] == ["outlier", "level_shift", "outlier"]
    treated = treat_breaks(series, found, treatment="cut")
    assert treated.series.periods[0] == month("2018-01")
    assert treated.series.values.equals(series.values["2018-01":])
    first, cut, later = treated.series.notes
    assert first == "as it came"
    assert cut.startswith("cut before 2018-01: level shift ×2.")
    assert cut.endswith("(counting may have changed)")
    assert later == f"2022-03: single period out of line ×{found[2].size:.2g}, left in"
    assert treated.interventions == ()
    assert treated.widening == 1


def test_a_cut_without_a_level_shift_says_that_nothing_was_cut():
    series = series_of(changed(quiet_series(1), 60, 4, stays=False))
    treated = treat_breaks(series, find_breaks(series), treatment="cut")
    assert treated.series.values.equals(series.values)
    assert "left in: a cut is made at a level shift only" in treated.series.notes[0]


def test_a_cut_that_leaves_too_little_is_refused():
    series = series_of(changed(quiet_series(1), 190, 4, stays=True))
    with pytest.raises(InputError, match=r"leaves 10 observations.*24 or more.*dummy or widen"):
        treat_breaks(series, find_breaks(series), treatment="cut")


@pytest.mark.parametrize("treatment", ["dummy", "widen"])
def test_nothing_is_removed_and_every_break_is_noted(treatment):
    series, found = shifted()
    treated = treat_breaks(series, found, treatment=treatment)
    assert treated.series.values.equals(series.values)
    assert treated.interventions == found
    assert len(treated.series.notes) == 1 + len(found)
    assert all("modelled as an intervention" in note for note in treated.series.notes[1:])
    assert series.notes == ("as it came",)


def test_interventions_have_the_shapes_of_the_models():
    from forecasting.models.interventions import Intervention

    series, found = shifted()
    for each in treat_breaks(series, found, treatment="dummy").interventions:
        Intervention(f"break {each.period}", each.period, each.shape).check(series)


def test_widening_is_the_spread_with_the_breaks_over_that_without():
    """By hand: changes of +1 and -1 in turn on the log scale, and one of +3."""
    levels = np.cumsum(np.resize([0.1, -0.1], 59))
    levels[30:] += 1.0
    series = series_of(np.round(1e9 * np.exp(np.concatenate([[0], levels]))), freq="Y")
    shift = Break(series.periods[31], "level_shift", 2.7, 9.0, ADVICE["level_shift"])
    changes = np.diff(np.concatenate([[0], levels]))
    expected = changes.std() / np.delete(changes, 30).std()
    assert widening(series, [shift]) == pytest.approx(expected, rel=1e-3)
    assert treat_breaks(series, [shift], treatment="widen").widening == widening(series, [shift])
    assert widening(series, []) == 1


def test_what_cannot_be_treated_is_refused():
    series, found = shifted()
    with pytest.raises(InputError, match="treatment 'drop' of breaks; expected: cut, dummy, widen"):
        treat_breaks(series, found, treatment="drop")
    for treatment in TREATMENTS:
        with pytest.raises(InputError, match="a break in 2022-03; expected: 2008-01 to 2020-01"):
            treat_breaks(series.until(month("2020-01")), found, treatment=treatment)
    constant = series_of([100.0] * 30 + [200.0] * 30, freq="Y", start="1900")
    step = replace(found[1], period=constant.periods[30])
    with pytest.raises(InputError, match="no changes but the breaks"):
        widening(constant, [step])


def test_the_monitor_needs_no_heavy_library():
    source = Path(sys.modules["forecasting.series.shifts"].__file__).read_text(encoding="utf-8")
    assert "statsmodels" not in source
    assert "scipy" not in source
