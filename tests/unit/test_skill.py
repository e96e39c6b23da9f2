"""Skill against named benchmarks, and whether it is more than chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from forecasting.errors import InputError
from forecasting.evaluation.diebold_mariano import diebold_mariano
from forecasting.evaluation.significance import (
    Comparison,
    Pairing,
    block_length_for,
    compare,
    resample_origins,
)
from forecasting.evaluation.skill import SCORE_COLUMNS, skill

TWO_ORIGINS = ("2023-01", "2023-02")


def table(model, values, *, series_id="a", origins=TWO_ORIGINS, horizon=1, metric="crps"):
    """Scores of one model for one series, one value per origin."""
    columns = (series_id, model, list(origins), horizon, metric, list(map(float, values)))
    return pd.DataFrame(dict(zip(SCORE_COLUMNS, columns, strict=True)))


def months(count, step=1):
    return pd.period_range("2015-01", periods=count * step, freq="M").strftime("%Y-%m")[::step]


def backtest(seed=1, *, n_series=8, n_origins=24, better=0.7, step=1, horizon=1):
    """Scores whose shocks are shared by the series; `m` has `better` times those of `b`."""
    rng = np.random.default_rng(seed)
    shocks, parts = rng.normal(size=n_origins), []
    for place in range(n_series):
        for model, factor in (("b", 1.0), ("m", better)):
            noise = rng.normal(size=n_origins) / 2
            values = 10**place * factor * np.exp((shocks + noise) / 2)
            own = {"series_id": f"s{place}", "origins": months(n_origins, step)}
            parts.append(table(model, values, horizon=horizon, **own))
    return pd.concat(parts, ignore_index=True)


SMALL = pd.concat(
    [
        table("naive", [2, 4], series_id="a"),
        table("naive", [100, 300], series_id="b"),
        table("pool", [1, 2], series_id="a"),
        table("pool", [100, 800], series_id="b"),
        table("pool", [9, 9], metric="mae"),
    ],
    ignore_index=True,
)


def test_skill_by_hand():
    # a: 1.5 / 3 = 0.5; b: 450 / 200 = 2.25; sqrt(0.5 * 2.25)
    found = skill(SMALL, metric="crps", benchmark="naive")
    expected = pd.DataFrame(
        {"model": ["naive", "pool"], "value": [1, 1.125**0.5], "n_series": 2, "n_cases": 4}
    )
    pd.testing.assert_frame_equal(found, expected)
    turned = skill(SMALL, metric="crps", benchmark="pool").set_index("model")["value"]
    assert turned["naive"] == pytest.approx(1.125**-0.5)


def test_the_best_comes_first():
    scores = pd.concat([SMALL, SMALL.assign(model=SMALL["model"] + "-half", value=0.5)])
    found = skill(scores, metric="crps", benchmark="naive")
    assert list(found["value"]) == sorted(found["value"])
    assert list(found["model"]) == ["naive-half", "pool-half", "naive", "pool"]


def test_the_size_of_a_series_has_no_weight():
    scores = SMALL.copy()
    scores.loc[scores["series_id"] == "b", "value"] *= 1000
    pd.testing.assert_frame_equal(
        skill(scores, metric="crps", benchmark="naive"),
        skill(SMALL, metric="crps", benchmark="naive"),
    )


def test_only_common_cases_count():
    lone = [
        table("pool", [1e6], origins=["2023-03"]),
        table("naive", [1e6], origins=["2023-04"], series_id="b"),
        table("pool", [1e6], origins=["2023-01"], series_id="c"),
    ]
    found = skill(pd.concat([SMALL, *lone]), metric="crps", benchmark="naive")
    by_model = found.set_index("model")
    assert by_model.loc["pool"].tolist() == pytest.approx([1.125**0.5, 2, 4])
    assert by_model.loc["naive"].tolist() == [1, 2, 5]


def test_horizons_are_chosen():
    later = SMALL.assign(horizon=2, value=SMALL["value"] ** 2)
    scores = pd.concat([SMALL, later])
    assert skill(scores, metric="crps", benchmark="naive", horizons=[1]).equals(
        skill(SMALL, metric="crps", benchmark="naive")
    )
    both = skill(scores, metric="crps", benchmark="naive", horizons=range(1, 3))
    assert both.equals(skill(scores, metric="crps", benchmark="naive"))
    assert both["n_cases"].tolist() == [8, 8]


def test_the_table_is_not_changed():
    before = SMALL.copy()
    skill(SMALL, metric="crps", benchmark="naive", horizons=[1])
    pd.testing.assert_frame_equal(SMALL, before)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"benchmark": "last"}, r"benchmark 'last' has no scores.*one of naive, pool"),
        ({}, {"metric": "msis"}, r"metric msis not among the scores.*some of crps, mae"),
        ({}, {"horizons": [1, 6, 7]}, r"horizon 6, 7 not among the scores.*some of 1"),
        ({}, {"horizons": []}, r"horizon none not among the scores"),
        ({"value": np.nan}, {}, r"nan for series_id 'a', origin '2023-01'.*finite"),
        ({"value": np.inf}, {}, r"inf for series_id 'a'"),
        ({"value": -1.0}, {}, r"-1 for series_id 'a'.*0 or more"),
        ({"value": "1"}, {}, r"'value' does not hold numbers"),
        ({"horizon": "1"}, {}, r"'horizon' does not hold numbers"),
        ({"origin": None}, {}, r"a score of no case: .*origin 'None'"),
        ({"origin": "2023-01"}, {}, r"two scores for .*model 'naive'"),
    ],
)
def test_unusable_tables_are_refused(change, options, message):
    options = {"metric": "crps", "benchmark": "naive"} | options
    with pytest.raises(InputError, match=message):
        skill(SMALL.assign(**change), **options)


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="column 'origin', 'value' missing"):
        skill(SMALL.drop(columns=["origin", "value"]), metric="crps", benchmark="naive")


def test_a_fault_in_another_metric_does_no_harm():
    scores = pd.concat([SMALL, table("pool", [-1, np.nan], metric="bias")])
    assert len(skill(scores, metric="crps", benchmark="naive")) == 2


def test_a_model_without_common_cases_is_refused():
    scores = pd.concat([SMALL, table("late", [1, 1], origins=["2024-01", "2024-02"])])
    with pytest.raises(InputError, match="'late' and benchmark 'naive' have no case in common"):
        skill(scores, metric="crps", benchmark="naive")


@pytest.mark.parametrize("zero", ["naive", "pool"])
def test_a_mean_score_of_zero_is_refused_by_name(zero):
    scores = SMALL.copy()
    scores.loc[(scores["series_id"] == "b") & (scores["model"] == zero), "value"] = 0
    role = {"naive": "benchmark", "pool": "model"}[zero]
    with pytest.raises(InputError, match=f"score of the {role} is 0 for series 'b'"):
        skill(scores, metric="crps", benchmark="naive")


CRPS = Pairing("m", "b", "crps")


def test_the_ratio_of_a_comparison_is_the_skill():
    scores = backtest()
    found = compare(scores, CRPS)
    by_model = skill(scores, metric="crps", benchmark="b").set_index("model")
    assert found.ratio == pytest.approx(by_model.loc["m", "value"], rel=1e-12)
    assert (found.n_origins, found.n_series, found.n_cases) == (24, 8, 192)
    assert found.lower < found.ratio < found.upper


@pytest.mark.parametrize(
    ("better", "verdict"), [(0.7, "better"), (1 / 0.7, "worse"), (1, "undecided")]
)
def test_a_verdict_follows_the_interval(better, verdict):
    found = compare(backtest(better=better), CRPS)
    assert found.verdict == verdict
    assert (found.p_value < 0.1) == (verdict != "undecided")
    assert (found.lower <= 1 <= found.upper) == (verdict == "undecided")


def test_the_interval_is_that_of_the_mean_of_independent_origins():
    values = np.random.default_rng(4).normal(5, 0.1, 12)
    scores = pd.concat([
        table("b", [5.0] * 12, origins=months(12)), table("m", values, origins=months(12))
    ])  # fmt: skip
    found = compare(scores, CRPS, n_draws=50_000)
    error = stats.sem(values)
    lower, upper = stats.t.interval(0.9, 11, loc=values.mean(), scale=error)
    assert [found.lower, found.upper] == pytest.approx([lower / 5, upper / 5], abs=2e-4)
    expected = stats.ttest_1samp(values, 5).pvalue
    assert found.p_value == pytest.approx(expected, abs=0.02)
    assert found.block_length == 1


def test_the_spread_over_circular_blocks_is_that_of_all_of_them():
    """Three blocks of four origins: all 12**3 draws, instead of some at random."""
    rng = np.random.default_rng(8)
    values = np.repeat(np.exp(rng.normal(size=3)), 4) * rng.uniform(0.9, 1.1, 12)
    origins = months(12)
    scores = pd.concat([
        table("b", [1.0] * 12, origins=origins, horizon=4),
        table("m", values, origins=origins, horizon=4),
    ])  # fmt: skip
    found = compare(scores, CRPS, n_draws=100_000)
    windows = np.array([np.roll(values, -start)[:4].sum() for start in range(12)])
    draws = windows[:, None, None] + windows[:, None] + windows
    error = np.log(draws).std() * np.sqrt(3 / 2)
    margin = stats.t.ppf(0.95, 2) * error
    assert np.log(found.upper / found.ratio) == pytest.approx(margin, rel=0.02)
    expected = 2 * stats.t.sf(abs(np.log(found.ratio)) / error, 2)
    assert found.p_value == pytest.approx(expected, rel=0.02)
    assert found.block_length == 4


def test_series_that_share_their_shocks_count_for_little_more_than_one():
    one = compare(backtest(n_series=1), CRPS)
    scores = backtest(n_series=1)
    copies = pd.concat([scores.assign(series_id=f"copy {place}") for place in range(50)])
    many = compare(copies, CRPS)
    assert many.n_series == 50
    assert [many.ratio, many.lower, many.upper] == pytest.approx([one.ratio, one.lower, one.upper])


def test_the_roles_can_be_exchanged():
    scores = backtest(better=0.9)
    there, back = compare(scores, CRPS), compare(scores, Pairing("b", "m", "crps"))
    assert back.ratio == pytest.approx(1 / there.ratio)
    assert back.lower == pytest.approx(1 / there.upper)
    assert back.p_value == pytest.approx(there.p_value)


def test_the_same_seed_gives_the_same_interval_in_whatever_order_the_rows_are():
    scores = backtest()
    found = compare(scores, CRPS, seed=3)
    assert compare(scores.sample(frac=1, random_state=1), CRPS, seed=3) == found
    assert compare(scores, CRPS, seed=4).lower != found.lower


def test_overlapping_horizons_are_resampled_in_blocks():
    scores = backtest(n_origins=24, step=8, horizon=24)
    found = compare(scores, CRPS)
    assert found.block_length == 3
    longer = pd.concat([scores, scores.assign(horizon=25, value=scores["value"] * 2)])
    assert compare(longer, CRPS).block_length == 4
    short = Pairing("m", "b", "crps", horizons=(24,))
    assert compare(longer, short) == found


def test_a_series_that_begins_later_counts_in_the_draws_that_hold_it():
    """Each draw put together row by row, and scored as a table of its own."""
    scores = backtest(n_series=3)
    scores = scores[(scores["series_id"] != "s1") | (scores["origin"] > "2016-09")]
    found = compare(scores, CRPS, n_draws=60, seed=5)
    assert (found.n_series, found.n_cases) == (3, 24 + 3 + 24)
    by_origin = dict(list(scores.groupby("origin")))
    origins, drawn, series_held = sorted(by_origin), [], set()
    for counts in resample_origins(24, block_length=1, n_draws=60, seed=5):
        chosen = [by_origin[origins[place]] for place in np.repeat(np.arange(24), counts)]
        sums = pd.concat(chosen).pivot_table("value", "series_id", "model", aggfunc="sum")
        drawn.append(np.log(sums["m"] / sums["b"]).mean())
        series_held.add(len(sums))
    assert series_held == {2, 3}
    margin = stats.t.ppf(0.95, 23) * np.std(drawn) * np.sqrt(24 / 23)
    assert np.log(found.upper / found.ratio) == pytest.approx(margin, rel=1e-9)


@pytest.mark.parametrize(
    ("origins", "horizon", "expected"),
    [
        (["2023-01", "2023-02"], 1, 1),
        (["2023-02", "2023-01"], 18, 18),
        (["2014-12", "2015-08", "2016-04"], 8, 1),
        (["2014-12", "2015-08", "2016-04"], 9, 2),
        (["2014-12", "2015-08", "2016-04"], 24, 3),
        (["2014-12", "2015-08", "2015-10"], 24, 5),
        (["2023-Q1", "2023-Q3"], 4, 2),
        (["2019", "2020"], 3, 3),
    ],
)
def test_blocks_are_as_long_as_horizons_overlap(origins, horizon, expected):
    assert block_length_for(origins, horizon) == expected


@pytest.mark.parametrize(
    ("origins", "message"),
    [
        (["2023-01"], "1 origin"),
        (["2023-01", "2023-Q2"], "more than one frequency"),
        (["2023-01", "spring"], "'spring' is not a period"),
    ],
)
def test_origins_without_a_step_are_refused(origins, message):
    with pytest.raises(InputError, match=message):
        block_length_for(origins, 1)


def test_draws_are_blocks_of_consecutive_origins_each_as_often():
    counts = resample_origins(7, block_length=3, n_draws=30_000, seed=1)
    assert (counts.sum(axis=1) == 7).all()
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.02)
    window = np.array([1, 1, 1, 0, 0, 0, 0])
    possible = {
        tuple(np.roll(window, i) + np.roll(window, j) + np.roll([1, 0, 0, 0, 0, 0, 0], k))
        for i in range(7) for j in range(7) for k in range(7)
    }  # fmt: skip
    assert {tuple(row) for row in counts.tolist()} == possible


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"block_length": 5}, r"9 origins, of which 5 in a row overlap.*at least 10"),
        ({"block_length": 0}, "blocks of 0"),
        ({"block_length": 1, "n_draws": 1}, "1 draws"),
        ({"block_length": 1, "seed": -1}, "seed -1"),
    ],
)
def test_unusable_resampling_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        resample_origins(9, **options)


@pytest.mark.parametrize(
    ("pairing", "message"),
    [
        (Pairing("m", "m", "crps"), "compared with itself"),
        (Pairing("ets", "b", "crps"), r"model 'ets' has no scores.*one of b, m"),
        (Pairing("m", "last", "crps"), r"benchmark 'last' has no scores.*one of b, m"),
        (Pairing("m", "b", "mae"), "metric mae"),
        (Pairing("m", "b", "crps", horizons=[2]), "horizon 2"),
    ],
)
def test_unusable_pairings_are_refused(pairing, message):
    with pytest.raises(InputError, match=message):
        compare(backtest(), pairing)


def test_too_few_origins_for_their_overlap_are_refused():
    with pytest.raises(InputError, match="5 origins, of which 3 in a row overlap"):
        compare(backtest(n_origins=5, horizon=3), CRPS)


def test_a_ratio_that_never_changes_is_refused():
    scores = backtest()
    copied = scores[scores["model"] == "b"].assign(model="m", value=lambda own: own["value"] * 3)
    with pytest.raises(InputError, match="the ratio is 3 in every resample"):
        compare(pd.concat([scores[scores["model"] == "b"], copied]), CRPS)


def test_a_series_with_hardly_any_score_above_zero_is_refused_by_name():
    scores = backtest()
    mostly = (scores["series_id"] == "s3") & (scores["origin"] > "2015-01")
    scores.loc[mostly, "value"] = 0
    assert len(skill(scores, metric="crps", benchmark="b")) == 2
    with pytest.raises(InputError, match="a few origins only for series 's3'"):
        compare(scores, CRPS)


def test_a_comparison_that_touches_one_is_undecided():
    case = {"n_origins": 9, "n_series": 1, "n_cases": 9, "block_length": 1}
    assert Comparison(0.9, 0.8, 1.0, 0.1, **case).verdict == "undecided"
    assert Comparison(1.1, 1.0, 1.2, 0.1, **case).verdict == "undecided"


def losses(count, seed=2):
    return np.random.default_rng(seed).gamma(2, 10, (2, count))


@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
def test_diebold_mariano_agrees_with_the_hac_variance_of_statsmodels(horizon):
    first, second = losses(60)
    fit = sm.OLS(first - second, np.ones(60)).fit(
        cov_type="HAC",
        cov_kwds={"maxlags": horizon - 1, "kernel": "uniform", "use_correction": False},
    )
    correction = (60 + 1 - 2 * horizon + horizon * (horizon - 1) / 60) / 60
    found = diebold_mariano(first, second, horizon=horizon)
    assert found.statistic == pytest.approx(float(fit.tvalues[0]) * correction**0.5, rel=1e-10)
    assert found.p_value == pytest.approx(2 * stats.t.cdf(-abs(found.statistic), 59), rel=1e-10)
    assert found.n_cases == 60


def test_diebold_mariano_at_horizon_one_is_students_test():
    first, second = losses(30)
    expected = stats.ttest_rel(first, second)
    found = diebold_mariano(first, second, horizon=1)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)


def test_diebold_mariano_by_hand():
    # d = 1, 2, 4, 5, mean 3; gamma 0 = 10 / 4, gamma 1 = (2 - 1 + 2) / 4; variance (10 + 6) / 16
    found = diebold_mariano([2.0, 4.0, 5.0, 9.0], [1.0, 2.0, 1.0, 4.0], horizon=2)
    assert found.statistic == pytest.approx(3 * ((5 - 4 + 0.5) / 4) ** 0.5)


def test_diebold_mariano_changes_its_sign_with_the_roles():
    first, second = losses(40)
    there = diebold_mariano(first, second, horizon=2)
    back = diebold_mariano(second, first, horizon=2)
    assert back.statistic == -there.statistic
    assert back.p_value == there.p_value
    assert diebold_mariano(first, first + second, horizon=1).statistic < 0


@pytest.mark.parametrize(
    ("first", "second", "horizon", "message"),
    [
        ([0.1, 0.2, 0.7], [0.2, 0.3, 0.8], 1, r"by the same amount, -0\.1, at every origin"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 1, "by the same amount, 0,"),
        ([1.0, 2.0] * 6, [2.0, 1.0] * 6, 2, "variance of the mean difference"),
        ([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], 3, "horizon 3.*more origins than the horizon"),
        ([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], 0, "horizon 0"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], 1, "shapes that differ"),
        ([[1.0, 2.0]], [[2.0, 2.0]], 1, "one loss per origin"),
        ([1.0, np.nan, 2.0], [1.0, 2.0, 3.0], 1, "loss_a: .*not finite"),
        ([1.0, 2.0, 2.0], [1.0, np.inf, 3.0], 1, "loss_b: .*not finite"),
    ],
)
def test_diebold_mariano_refuses_what_has_no_answer(first, second, horizon, message):
    with pytest.raises(InputError, match=message):
        diebold_mariano(first, second, horizon=horizon)
