"""Trees of series, counts by category, reconciled paths and paths split by shares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.forecasts import shares
from forecasting.forecasts.categories import category_counts
from forecasting.forecasts.hierarchy import Hierarchy, check_sums, read_hierarchy
from forecasting.forecasts.reconciliation import min_trace, reconcile, reorder, shrunk_correlation
from forecasting.forecasts.shares import split_by_shares
from forecasting.paths import annual, make_paths

ANNUAL = Path(__file__).parents[3] / "shared/data"
ANNUAL /= "eurostat_asylum_annual_SI_FI_citizen_sex_age_2008_2022.csv.gz"
TREE = Hierarchy({"t": "", "a": "t", "b": "t", "a1": "a", "a2": "a", "b1": "b", "b2": "b"})
PAIR = Hierarchy({"t": "", "a": "t", "b": "t"})
MONTHS = pd.period_range("2023-01", periods=24, freq="M", name="period")
YEARS = pd.period_range("2013", "2022", freq="Y", name="period")


def rng():
    return np.random.default_rng(7)


def constant_paths(value, n_paths=200, periods=MONTHS):
    return make_paths(np.full((n_paths, len(periods)), float(value)), periods, unit="persons")


# trees


def test_nodes_come_before_their_parts_whatever_the_order_of_the_rows():
    tree = Hierarchy({"a1": "a", "b": "t", "a": "t", "t": "", "a2": "a"})
    assert tree.total == "t"
    assert tree.nodes == ("t", "b", "a", "a1", "a2")
    assert tree.leaves == ("b", "a1", "a2")
    assert tree.parts("a") == ("a1", "a2")
    assert tree.parts("b") == ()


def test_the_summing_matrix_adds_leaves_up_to_every_tier():
    leaves = dict(zip(TREE.leaves, (1, 2, 4, 8), strict=True))
    sums = dict(zip(TREE.nodes, TREE.summing_matrix() @ list(leaves.values()), strict=True))
    assert sums == {"t": 15, "a": 3, "b": 12, **leaves}


def test_a_tree_of_one_series_is_its_own_leaf():
    tree = Hierarchy({"t": ""})
    assert tree.leaves == tree.nodes == ("t",)
    assert tree.summing_matrix().tolist() == [[1.0]]


def test_a_hierarchy_is_read_from_a_file(tmp_path):
    path = tmp_path / "tiers.csv"
    path.write_text("series_id,parent\nSY,SI\nSI,\nAF,SI\n", encoding="utf-8")
    assert dict(read_hierarchy(path).parents) == {"SY": "SI", "SI": "", "AF": "SI"}


def test_parts_may_differ_from_their_parent_by_rounding_and_no_more():
    values = pd.DataFrame({"t": [100.0], "a": [50.0], "b": [57.5]}, index=YEARS[:1])
    check_sums(PAIR, values)  # 7.5 is 2.5 for each of three cells
    with pytest.raises(Exception, match=r"the parts of 't' add up to 107\.6 in 2013, 7\.6 more"):
        check_sums(PAIR, values.assign(b=57.6))
    with pytest.raises(Exception, match=r"7\.5 more than its 100; expected: .* at most 0"):
        check_sums(PAIR, values, tolerance=0)


# counts by category


def rows(*cells, period="2020"):
    """Rows of a table of citizenship, sex and value."""
    frame = pd.DataFrame(cells, columns=["citizenship", "sex", "value"])
    return frame.assign(period=period)


def test_counts_become_one_column_per_cell_and_a_cell_left_out_is_0():
    table = pd.concat(
        [
            rows(("SY", "F", 10), ("SY", "M", 20), ("AF", "M", 5), ("TOTAL", "T", 35)),
            rows(("SY", "F", 15), ("SY", "T", 15), period="2022"),
        ]
    )
    counts = category_counts(table, ["citizenship", "sex"])
    assert counts.index.astype(str).tolist() == ["2020", "2022"]
    assert counts.columns.names == ["citizenship", "sex"]
    assert counts["SY", "F"].tolist() == [10, 15]
    assert counts["AF", "M"].tolist() == [5, 0]
    assert counts.shape == (2, 3)


def test_published_sums_are_checked_at_every_tier():
    women, men, both = ("SY", "F", 10), ("SY", "M", 20), ("SY", "T", 30)
    columns = ["citizenship", "sex"]
    category_counts(rows(women, men, both, ("TOTAL", "T", 30)), columns, tolerance=0)
    with pytest.raises(Exception, match="the parts of 'SY' add up to 30 in 2020, 40 less than"):
        category_counts(rows(women, men, ("SY", "T", 70)), columns)
    with pytest.raises(Exception, match="the parts of 'TOTAL' add up to 30 in 2020, 40 less"):
        category_counts(rows(women, men, both, ("TOTAL", "T", 70)), columns)


def test_a_sum_across_the_order_of_the_columns_is_not_used():
    table = rows(("SY", "F", 10), ("AF", "F", 20), ("TOTAL", "F", 999))
    assert category_counts(table, ["citizenship", "sex"]).to_numpy().sum() == 30


def test_a_cell_rounded_to_0_and_left_out_counts_as_a_part():
    """All of 10 persons may vanish where each of three codes is rounded to 0, none of 15."""
    cells = [("SY", "F", 100), ("SY", "M", 100), ("SY", "UNK", 100)]
    assert category_counts(rows(*cells, ("AF", "T", 10)), ["citizenship", "sex"]).shape == (1, 3)
    with pytest.raises(Exception, match="the parts of 'AF' add up to 0 in 2020, 15 less"):
        category_counts(rows(*cells, ("AF", "T", 15)), ["citizenship", "sex"])


@pytest.mark.skipif(not ANNUAL.is_file(), reason=f"no {ANNUAL.name} beside the checkout")
def test_eurostat_figures_add_up_but_for_two_known_years():
    table = pd.read_csv(ANNUAL).rename(columns={"date": "period"})
    table = table[(table["applicant"] == "ASY_APP") & (table["age"] != "Y_LT18")]
    table = table[~table["citizen"].isin(["EU27_2020", "EXT_EU27_2020"])]
    columns = ["citizen", "sex", "age"]
    slovenia = category_counts(table[table["geo"] == "SI"], columns)
    assert slovenia.sum(axis=1).loc["2020"] == pytest.approx(3550, rel=0.03)
    finland = table[table["geo"] == "FI"]
    for year, message in ((2008, "'IQ/UNK' add up to 0"), (2013, "'AF' add up to 145")):
        with pytest.raises(Exception, match=message):
            category_counts(finland[finland["period"] == year], columns)
    assert len(category_counts(finland[~finland["period"].isin([2008, 2013])], columns)) == 13


# reconciliation


# fmt: off
ERRORS = np.array([
    [-0.7, -0.4, -1.8, -3.4, -3.7, -2.2, -0.2], [3.2, -0.4, 0.3, 2.6, -0.8, -1.0, 1.7],
    [-4.3, -4.8, -3.0, -4.5, -1.7, -4.1, -0.5], [-3.7, -0.7, -4.3, -4.4, -2.5, -6.7, -4.9],
    [2.6, 4.1, 7.1, 8.3, 6.9, 5.8, 7.6], [3.3, 2.0, 0.8, -0.2, -1.1, -1.9, -2.5],
    [7.9, 9.4, 10.0, 9.7, 9.1, 9.0, 9.7], [-2.3, -5.8, -7.9, -5.9, -6.4, -10.3, -10.8],
    [7.5, 6.1, 10.5, 7.5, 12.2, 10.3, 12.7], [3.3, 5.2, 0.4, 2.9, -0.1, -1.2, -0.0],
    [-6.2, -3.2, -0.2, -1.2, -2.2, 0.7, 3.8], [3.2, 1.5, 0.3, -0.2, -0.3, -0.1, -0.2],
])
# fmt: on


def test_minimum_trace_agrees_with_hierarchicalforecast():
    """MinTrace(method="mint_shrink", mint_shr_ridge=0) of hierarchicalforecast 1.5.3.

    It centres the errors and divides by n - 1.
    """
    centred = ERRORS - ERRORS.mean(axis=0)
    widths = np.sqrt((centred**2).sum(axis=0) / (len(centred) - 1))
    covariance = shrunk_correlation(centred) * np.outer(widths, widths)
    assert covariance[0, :3] == pytest.approx([20.74636364, 15.59514851, 16.98917626], abs=1e-8)
    leaves = min_trace(TREE, covariance)
    assert leaves[0] == pytest.approx(
        [0.25639055, 0.20216368, -0.22974584, 0.54144577, -0.45855423, -0.02664471, -0.02664471],
        abs=1e-8,
    )
    base = np.array([105, 48, 60, 20, 25, 33, 24])
    expected = [20.68642515791, 25.93303781695, 33.92995127956, 25.22592991933]
    assert leaves @ base == pytest.approx(expected, abs=1e-9)


def test_minimum_trace_is_generalised_least_squares():
    weights = np.cov(ERRORS.T) + np.eye(7)
    summing, inverse = TREE.summing_matrix(), np.linalg.inv(weights)
    expected = np.linalg.solve(summing.T @ inverse @ summing, summing.T @ inverse)
    assert min_trace(TREE, weights) == pytest.approx(expected, abs=1e-10)
    assert min_trace(TREE, weights) @ summing == pytest.approx(np.eye(4), abs=1e-10)


def test_a_series_known_for_certain_is_not_moved():
    weights = np.diag([1.0, 0.0, 1.0])
    moved = min_trace(PAIR, weights) @ [10, 3, 3]
    assert moved == pytest.approx([3, 5])


def test_past_errors_that_add_up_exactly_leave_the_parts_alone():
    leaves = np.array([[2.0, 0.6], [0.6, 1.0]]) / 3
    summing = PAIR.summing_matrix()
    assert min_trace(PAIR, summing @ leaves @ summing.T) == pytest.approx(np.eye(3)[1:], abs=1e-3)


def test_few_errors_without_a_pattern_shrink_to_independence():
    noise = rng().normal(size=(5, 6))
    assert shrunk_correlation(noise) == pytest.approx(np.eye(6), abs=0.35)
    assert shrunk_correlation(np.zeros((5, 3))).tolist() == np.eye(3).tolist()


def test_many_errors_keep_their_correlation():
    common = rng().normal(size=(4000, 1))
    errors = common + rng().normal(size=(4000, 3))[:, ::-1]
    raw = np.corrcoef(errors.T)
    assert shrunk_correlation(errors) == pytest.approx(raw, abs=0.02)


def independent_base(tree, n_paths=2000, correlation=0.0):
    """Draw paths of each series on its own; widths of sums suit leaves so correlated."""
    draw, paths = rng(), {}
    for node, n in zip(tree.nodes, tree.summing_matrix().sum(axis=1), strict=True):
        width = 100 * np.sqrt(n + n * (n - 1) * correlation)
        values = 1000 * n + draw.normal(0, width, (n_paths, 1)) + np.zeros(24)
        paths[node] = make_paths(values, MONTHS, unit="persons")
    return paths


def errors_with(correlation, tree=PAIR, cases=4000):
    leaves = len(tree.leaves)
    covariance = np.full((leaves, leaves), correlation) + (1 - correlation) * np.eye(leaves)
    drawn = rng().multivariate_normal(np.zeros(leaves), covariance, size=cases)
    return pd.DataFrame(drawn @ tree.summing_matrix().T, columns=tree.nodes)


@pytest.mark.parametrize("correlation", [0.0, 0.6, -0.6])
def test_reconciled_parts_have_the_correlation_of_the_past_errors(correlation):
    base = independent_base(PAIR, correlation=correlation)
    found = reconcile(base, PAIR, errors_with(correlation), rng=rng())
    a, b = (found[name].to_numpy()[:, 0] for name in "ab")
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(correlation, abs=0.1)


def test_re_ordering_keeps_the_paths_of_every_series():
    base = independent_base(TREE, n_paths=50)
    drawn = np.stack([base[node].to_numpy() for node in TREE.nodes], axis=2)
    drawn += np.arange(24)[:, None]
    joint = reorder(drawn, shrunk_correlation(ERRORS), TREE, rng())
    for node in range(7):
        before, after = (sorted(map(tuple, paths[:, :, node])) for paths in (drawn, joint))
        assert before == after


def test_coherent_base_paths_stay_as_they_are():
    """Paths that rise together and add up already are only rounded."""
    steps = np.arange(1.0, 101.0)[:, None] + np.zeros(24)
    base = {name: make_paths(steps, MONTHS, unit="persons") for name in "ab"}
    base["t"] = base["a"] * 2
    found = reconcile(base, PAIR, errors_with(0.999), rng=rng())
    assert sorted(found["t"].to_numpy()[:, 0]) == pytest.approx(2 * steps[:, 0], abs=6)
    assert list(found) == ["t", "a", "b"]


def test_unit_kind_and_periods_are_kept():
    base = independent_base(PAIR, n_paths=10)
    for paths in reconcile(base, PAIR, errors_with(0.5), rng=rng()).values():
        assert paths.attrs == {"unit": "persons", "kind": "flow"}
        assert paths.indexes["period"].equals(MONTHS)


# shares


def counts_of(*columns, names=("SY", "AF")):
    return pd.DataFrame(dict(zip(names, columns, strict=True)), index=YEARS[-len(columns[0]) :])


def test_the_shares_of_the_paths_are_those_of_the_past():
    counts = counts_of([300.0] * 5, [100.0] * 5)
    split = split_by_shares(constant_paths(200), counts, rng=rng())
    assert split.sel(category="SY").mean() == pytest.approx(150, rel=0.03)
    assert split.dims == ("path", "period", "category")
    assert split.attrs == {"unit": "persons", "kind": "flow"}


def test_recent_counts_weigh_more_the_shorter_the_half_life():
    counts = counts_of([900.0, 900, 900, 100], [100.0, 100, 100, 900])
    means = [
        float(
            split_by_shares(constant_paths(100), counts, half_life=half_life, rng=rng())
            .sel(category="SY")
            .mean()
        )
        for half_life in (0.25, 1, np.inf)
    ]
    weighted = (900 * (0.5 + 0.25 + 0.125) + 100) / (1000 * 1.875)
    assert means[0] < means[1] < means[2]
    assert means[1] == pytest.approx(100 * weighted, abs=4)
    assert means[2] == pytest.approx(70, abs=4)


def test_moments_are_those_of_a_dirichlet_multinomial(monkeypatch):
    """Variance N m (1 - m) (N + k) / (1 + k) with k = concentration / sqrt(years ahead)."""
    monkeypatch.setattr(shares, "_concentration", lambda tier, half_life: 20.0)
    counts = counts_of([30_000.0] * 3, [70_000.0] * 3)
    split = split_by_shares(constant_paths(50, n_paths=40_000), counts, rng=rng())
    for month, years in ((0, 1), (23, 2)):
        persons = split.sel(category="SY").to_numpy()[:, month]
        k = 20 / np.sqrt(years)
        assert persons.mean() == pytest.approx(15, rel=0.01)
        assert persons.var() == pytest.approx(50 * 0.3 * 0.7 * (50 + k) / (1 + k), rel=0.03)


def test_the_fit_of_the_concentration_is_that_of_scipy():
    from scipy.stats import dirichlet_multinomial, multinomial

    mean, cases = np.array([0.5, 0.3, 0.2]), [(1, [50, 30, 9]), (2, [10, 60, 5]), (3, [0, 80, 2])]
    totals = np.array([(lead, sum(case)) for lead, case in cases])
    flat = np.array(
        [(lead, n, m) for lead, case in cases for n, m in zip(case, mean, strict=True) if n]
    )
    for k in (2.0, 20.0, 300.0):
        expected = sum(
            dirichlet_multinomial.logpmf(case, k / np.sqrt(lead) * mean, sum(case))
            - multinomial.logpmf(case, sum(case), [1 / 3] * 3)
            - sum(case) * np.log(3)
            for lead, case in cases
        )
        prior = 0.5 * (np.log(k) - np.log(20)) ** 2
        assert shares._loss(np.log(k), totals=totals, counts=flat) == pytest.approx(
            prior - expected
        )


def test_shares_that_moved_more_in_the_past_are_less_certain():
    steady = counts_of([500.0, 510, 490, 505, 495, 500], [500.0, 490, 510, 495, 505, 500])
    moving = counts_of([500.0, 800, 200, 700, 250, 500], [500.0, 200, 800, 300, 750, 500])
    spread = [
        float(split_by_shares(constant_paths(1000), counts, rng=rng()).isel(category=0).std())
        for counts in (steady, moving)
    ]
    assert spread[1] > 3 * spread[0]


def test_a_category_that_is_large_on_a_path_stays_large():
    counts = counts_of([500.0, 800, 200, 700, 250, 500], [500.0, 200, 800, 300, 750, 500])
    split = split_by_shares(constant_paths(1000), counts, rng=rng()).sel(category="SY").to_numpy()
    assert np.corrcoef(split[:, 0], split[:, 23])[0, 1] > 0.95


def test_years_further_ahead_are_less_certain():
    counts = counts_of([500.0, 600, 400, 550, 450, 500], [500.0, 400, 600, 450, 550, 500])
    split = split_by_shares(constant_paths(5000, 2000), counts, rng=rng()).sel(category="SY")
    first, second = split.std("path").to_numpy()[[0, 23]]
    assert second / first == pytest.approx(2**0.25, rel=0.05)


def test_each_tier_is_split_within_the_one_before():
    cells = pd.MultiIndex.from_tuples(
        [("SY", "F"), ("SY", "M"), ("AF", "M"), ("AF", "F")], names=["citizenship", "sex"]
    )
    values = np.array([[300.0, 300, 380, 20], [310, 290, 385, 15], [290, 310, 375, 25]])
    counts = pd.DataFrame(values, index=YEARS[-3:], columns=cells)
    split = split_by_shares(constant_paths(1000), counts, rng=rng())
    by_citizenship = split.groupby("citizenship").sum()
    means = by_citizenship.mean(("path", "period")).to_series()
    assert means.to_dict() == pytest.approx({"AF": 400, "SY": 600}, rel=0.05)
    women = split.sel(citizenship="AF", sex="F").mean() / means["AF"]
    assert float(women) == pytest.approx(0.05, abs=0.02)
    np.testing.assert_array_equal(by_citizenship.sum("citizenship"), np.full((200, 24), 1000.0))


def test_a_part_never_seen_in_one_branch_borrows_from_the_others():
    cells = pd.MultiIndex.from_tuples(
        [("SY", "F"), ("SY", "M"), ("AF", "F"), ("AF", "M")], names=["citizenship", "sex"]
    )
    values = np.array([[100.0, 900, 0, 0]] * 4)
    counts = pd.DataFrame(values, index=YEARS[-4:], columns=cells)
    tier = shares._tier(shares._by_year(counts), cells, 1)
    assert shares._mean_shares(tier, 1.0)[1] == pytest.approx([0.1, 0.9], abs=0.001)


def test_counts_by_one_column_are_split_like_any_other():
    table = pd.concat(rows(("SY", "F", 30), ("AF", "F", 10), period=f"{y}") for y in (2020, 2021))
    counts = category_counts(table, ["citizenship"])
    split = split_by_shares(constant_paths(100), counts, rng=rng())
    assert split.sel(citizenship="SY").mean() == pytest.approx(75, abs=3)


def test_months_and_years_of_counts_say_the_same():
    yearly = counts_of([240.0, 360, 120], [120.0, 240, 360])
    months = pd.period_range("2020-01", "2022-12", freq="M")
    monthly = pd.DataFrame(np.repeat(yearly.to_numpy() / 12, 12, axis=0), months, yearly.columns)
    one, other = (
        split_by_shares(constant_paths(100), counts, rng=rng()) for counts in (yearly, monthly)
    )
    np.testing.assert_array_equal(one, other)


def test_a_year_that_is_absent_says_nothing():
    counts = counts_of([300.0, 1, 300, 300], [100.0, 9, 100, 100]).drop(YEARS[-3])
    split = split_by_shares(constant_paths(400), counts, rng=rng())
    assert float(split.sel(category="SY").mean()) == pytest.approx(300, rel=0.02)


def test_a_category_of_split_paths_is_a_set_of_paths():
    counts = counts_of([300.0] * 5, [100.0] * 5)
    split = split_by_shares(constant_paths(20), counts, rng=rng())
    years = annual(split.sel(category="SY")) + annual(split.sel(category="AF"))
    np.testing.assert_array_equal(years, np.full((200, 2), 240.0))


def test_the_same_seed_gives_the_same_people_and_changes_no_input():
    counts, paths = counts_of([300.0, 200, 100], [100.0, 200, 50]), constant_paths(20)
    before = counts.copy(), paths.copy()
    one, other = (split_by_shares(paths, counts, rng=rng()) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    pd.testing.assert_frame_equal(counts, before[0])
    assert paths.identical(before[1])
