"""Estimates of the stay: the truth is found where plain averages miss it, and lifelines agrees."""

from __future__ import annotations

import lifelines
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from forecasting.errors import InputError
from forecasting.stocks.length_of_stay import Exponential, Gamma, Lognormal, Weibull
from forecasting.stocks.stay_bands import BandedCounts, estimate_from_bands
from forecasting.stocks.stay_spells import (
    Spells,
    estimate_from_spells,
    make_spells,
    product_limit,
)

TRUTH = Lognormal(4, 1.2)
HISTORY = 300  # months before the window, so that the population is in equilibrium
STARTS = (0, 0.25, 0.5, 1, 2, 3, 6, 12)


def persons(stay, rng, *, rate, window):
    """Return the entry times, relative to the window, and stays of a stationary population."""
    n = rng.poisson(rate * (HISTORY + window))
    return rng.uniform(-HISTORY, window, n), stay.draw(n, rng)


def seen_in_window(entry, stays, window):
    """Return the spells of all who were present at some time of the window."""
    seen = entry + stays > 0
    entry, stays = entry[seen], stays[seen]
    ended = entry + stays < window
    return Spells(
        first_age=np.maximum(-entry, 0),
        last_age=np.where(ended, stays, window - entry),
        ended=ended,
    )


WINDOW = 24
ENTRY, STAYS = persons(TRUTH, np.random.default_rng(11), rate=150, window=WINDOW)
SPELLS = seen_in_window(ENTRY, STAYS, WINDOW)
BLIND = Spells(np.zeros(len(SPELLS.ended)), SPELLS.last_age, SPELLS.ended)  # no late entry


def test_late_entry_and_censoring_find_the_true_mean_where_averages_miss_it():
    estimate = estimate_from_spells(SPELLS)
    assert estimate.distribution == "lognormal"
    assert estimate.stay.mean == pytest.approx(4, rel=0.04)
    assert estimate.stay.cv == pytest.approx(1.2, rel=0.06)
    low, high = estimate.mean_interval(95)
    assert low < 4 < high < 1.1 * low

    within = (ENTRY > 0) & (ENTRY + STAYS < WINDOW)
    assert STAYS[within].mean() < 3.5  # long stays do not end within the window
    assert STAYS[(ENTRY < 0) & (ENTRY + STAYS > 0)].mean() > 8  # found present by their length
    assert estimate_from_spells(BLIND, distribution="lognormal").stay.mean > 4.4


def test_the_product_limit_needs_late_entry_too():
    assert product_limit(SPELLS, tail="exponential").mean == pytest.approx(4, rel=0.04)
    assert product_limit(BLIND, tail="exponential").mean > 4.6


@pytest.mark.parametrize(
    ("name", "fitter", "parameters"),
    [
        ("lognormal", lifelines.LogNormalFitter, lambda f: (f.mu_, np.log(f.sigma_))),
        ("weibull", lifelines.WeibullFitter, lambda f: (np.log(f.rho_), np.log(f.lambda_))),
    ],
)
def test_parameters_agree_with_lifelines(name, fitter, parameters):
    reference = fitter().fit(SPELLS.last_age, SPELLS.ended, entry=SPELLS.first_age)
    estimate = estimate_from_spells(SPELLS, distribution=name)
    assert estimate.log_parameters == pytest.approx(parameters(reference), abs=1e-4)
    assert -estimate.criteria[name] / 2 + 2 == pytest.approx(reference.log_likelihood_)


def test_standard_errors_agree_with_lifelines():
    reference = lifelines.LogNormalFitter().fit(
        SPELLS.last_age, SPELLS.ended, entry=SPELLS.first_age
    )
    estimate = estimate_from_spells(SPELLS, distribution="lognormal")
    scale = np.diag([1, 1 / reference.sigma_])  # of log sigma, not of sigma
    expected = scale @ reference.variance_matrix_.to_numpy() @ scale
    assert np.diag(estimate.covariance) == pytest.approx(np.diag(expected), rel=0.02)


def test_the_product_limit_agrees_with_lifelines():
    reference = lifelines.KaplanMeierFitter().fit(
        SPELLS.last_age, SPELLS.ended, entry=SPELLS.first_age
    )
    ages = np.array([0.1, 0.5, 1, 2, 4, 8, 16, 24])
    curve = product_limit(SPELLS, tail="exponential")
    expected = reference.survival_function_at_times(ages).to_numpy()
    assert curve.survival(ages) == pytest.approx(expected, abs=1e-12)


def test_an_exponential_stay_is_time_present_over_exits():
    estimate = estimate_from_spells(SPELLS, distribution="exponential")
    exits = SPELLS.ended.sum()
    expected = (SPELLS.last_age - SPELLS.first_age).sum() / exits
    assert estimate.stay.mean == pytest.approx(expected, rel=1e-6)
    assert estimate.covariance[0, 0] == pytest.approx(1 / exits, rel=1e-3)


def test_gamma_parameters_agree_with_scipy():
    stays = Gamma(2, 2).draw(2000, np.random.default_rng(2))
    whole = Spells(np.zeros(2000), stays, np.ones(2000, dtype=bool))
    estimate = estimate_from_spells(whole)
    shape, _, scale = stats.gamma.fit(stays, floc=0)
    assert estimate.distribution == "gamma"
    assert (estimate.stay.shape, estimate.stay.scale) == pytest.approx((shape, scale), rel=1e-4)


def test_intervals_of_the_mean_cover_it_as_often_as_they_say():
    rng = np.random.default_rng(21)
    covered = 0
    for _ in range(60):
        spells = seen_in_window(*persons(TRUTH, rng, rate=12, window=12), 12)
        low, high = estimate_from_spells(spells, distribution="lognormal").mean_interval(80)
        covered += low < 4 < high
    assert 39 <= covered <= 57  # three standard errors of 48


def test_draws_are_as_uncertain_as_the_interval_says():
    estimate = estimate_from_spells(SPELLS)
    means = [stay.mean for stay in estimate.draws(2000, np.random.default_rng(4))]
    assert np.quantile(means, [0.1, 0.9]) == pytest.approx(estimate.mean_interval(80), rel=0.01)
    again = [stay.mean for stay in estimate.draws(2000, np.random.default_rng(4))]
    assert again == means


def test_dates_become_ages_in_months():
    dates = pd.DataFrame(
        {
            "entry": ["2024-01-01", "2024-01-01", "2024-03-01", "2024-04-30", "2024-02-01"],
            "exit": ["2024-01-31", "", "2024-03-01", "2024-05-10", None],
            "observed_from": ["", "2024-01-11", None, "", "2024-01-01"],
        }
    )
    spells = make_spells(dates, cut_off="2024-04-30")
    day = 12 / 365.25
    assert spells.last_age == pytest.approx(np.array([30, 120.5, 0.5, 0.5, 89.5]) * day)
    assert spells.first_age == pytest.approx(np.array([0, 9.5, 0, 0, 0]) * day)
    assert spells.ended.tolist() == [True, False, True, False, False]
    as_dates = dates.assign(entry=pd.to_datetime(dates["entry"]))
    quarters = make_spells(as_dates, cut_off=pd.Timestamp("2024-04-30"), frequency="Q")
    assert quarters.last_age == pytest.approx(spells.last_age / 3)


def test_spells_of_days_give_the_stay_they_were_made_from():
    window = pd.Timestamp("2022-01-01"), pd.Timestamp("2023-12-31")
    month = 365.25 / 12
    entry = window[0] + pd.to_timedelta(np.floor(ENTRY * month), unit="D")
    leave = window[0] + pd.to_timedelta(np.floor((ENTRY + STAYS) * month), unit="D")
    dates = pd.DataFrame({"entry": entry, "exit": leave, "observed_from": window[0]})
    seen = dates[(dates["exit"] >= window[0]) & (dates["entry"] <= window[1])]
    estimate = estimate_from_spells(make_spells(seen, cut_off=window[1]))
    assert estimate.stay.mean == pytest.approx(4, rel=0.04)


def test_a_product_limit_that_ends_above_zero_needs_a_tail():
    ages = np.append(np.arange(1.0, 11), np.full(10, 12.0))
    spells = Spells(np.zeros(20), ages, ages < 12)
    with pytest.raises(InputError, match=r"ends at 0\.5 and has no tail"):
        product_limit(spells)
    curve = product_limit(spells, tail=20)
    assert curve.mean == pytest.approx((np.arange(1, 11).sum() + 10 * 16) / 20)
    rate = np.log(2) / 12  # half left only at the last exit: the mean rate since the entry
    assert product_limit(spells, tail="exponential").tail_mean == pytest.approx(1 / rate)
    some = Spells(np.zeros(20), ages, ages < 14)
    assert product_limit(some).mean == pytest.approx(ages.mean())


def quarterly_counts(stay, *, rate=1e7, starts=(0, 7, 28, 91, 365), quarters=6):
    """Return the counts of a stationary population, in days by quarter, without noise."""
    quarter = 365.25 / 4
    index = pd.period_range("2022Q1", periods=quarters, freq="Q")
    ages = np.array(starts) / quarter
    leaving = rate * -np.diff(np.append(stay.survival(ages), 0))
    areas = np.append(stay.integrated_survival(ages), stay.mean)
    names = [f"from {start} days" for start in starts]
    flows = pd.DataFrame(np.tile(leaving, (quarters, 1)), index=index, columns=names).round()
    by_band = pd.DataFrame([rate * np.diff(areas)] * quarters, index=index, columns=names).round()
    entries = pd.Series(rate, index=index)
    return BandedCounts(entries, flows, by_band, starts, "days")


@pytest.mark.parametrize(
    ("name", "stay"),
    [
        ("exponential", Exponential(0.6)),
        ("weibull", Weibull(0.7, 0.4)),
        ("lognormal", Lognormal(0.5, 1.5)),
        ("gamma", Gamma(2, 0.4)),
    ],
)
def test_bands_without_noise_give_the_stay_itself(name, stay):
    estimate = estimate_from_bands(quarterly_counts(stay))
    ages = np.linspace(0, 6, 30)
    assert estimate.stay.survival(ages) == pytest.approx(stay.survival(ages), abs=1e-4)
    named = estimate_from_bands(quarterly_counts(stay), distribution=name)
    assert named.stay.mean == pytest.approx(stay.mean, rel=1e-4)
    assert named.dispersion == 1


def monthly_counts(stay, rng, *, rate=300, window=12, warm_up=0, stock="before"):
    """Return the counts of a simulated population; `warm_up` months have entries only."""
    entry, stays = persons(stay, rng, rate=rate, window=window)
    index = pd.period_range("2022-01", periods=window, freq="M")
    names = [f"from {start} months" for start in STARTS]
    leave = entry + stays
    month, band = np.floor(leave).astype(int), np.digitize(stays, STARTS) - 1
    flows = np.zeros((window, len(STARTS)))
    within = (month >= warm_up) & (month < window)
    np.add.at(flows, (month[within], band[within]), 1)
    leavers = pd.DataFrame(flows, index=index, columns=names).iloc[warm_up:]
    entries = pd.Series(np.bincount(entry[entry > 0].astype(int)), index=index)
    if stock == "bands":
        ages = (window - entry)[leave > window]
        counts = np.bincount(np.digitize(ages, STARTS) - 1, minlength=len(STARTS))
        present = pd.DataFrame([counts], index=index[-1:], columns=names)
    else:
        ends = [window] if stock == "last" else [0, window]
        counts = [((entry < end) & (leave > end)).sum() for end in ends]
        present = pd.Series(counts, index=pd.PeriodIndex([index[0] + end - 1 for end in ends]))
    return BandedCounts(entries, leavers, present, STARTS, "months")


@pytest.mark.parametrize("options", [{}, {"stock": "last", "warm_up": 4}, {"stock": "bands"}])
def test_bands_find_the_true_mean_and_say_how_uncertain_it_is(options):
    rng = np.random.default_rng(31)
    covered, means = 0, []
    for _ in range(40):
        counts = monthly_counts(TRUTH, rng, **options)
        estimate = estimate_from_bands(counts, distribution="lognormal")
        low, high = estimate.mean_interval(80)
        covered += low < 4 < high
        means.append(estimate.stay.mean)
    assert np.mean(means) == pytest.approx(4, rel=0.01)
    assert 24 <= covered <= 39  # three standard errors of 32


def test_bands_choose_the_distribution_and_widen_for_overdispersion():
    counts = monthly_counts(TRUTH, np.random.default_rng(5))
    estimate = estimate_from_bands(counts)
    assert estimate.distribution == "lognormal"
    assert estimate.dispersion < 1.5
    rng = np.random.default_rng(6)
    shaken = counts.leavers * rng.gamma(4, 1 / 4, size=(len(counts.leavers), 1))
    uneven = BandedCounts(counts.entries, shaken.round(), counts.stock, STARTS, "months")
    wider = estimate_from_bands(uneven, distribution="lognormal")
    assert wider.dispersion > 4
    low, high = wider.mean_interval(80)
    narrow = estimate.mean_interval(80)
    assert high / low > narrow[1] / narrow[0]
