"""Identities of hierarchies that hold for any numbers: everything adds up, nobody is halved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting.forecasts.hierarchy import Hierarchy, check_sums
from forecasting.forecasts.reconciliation import reconcile, shrunk_correlation
from forecasting.forecasts.shares import split_by_shares
from forecasting.paths import make_paths

MONTHS = pd.period_range("2023-01", periods=14, freq="M", name="period")
YEARS = pd.period_range("2019", periods=4, freq="Y", name="period")
SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def trees(draw):
    n_nodes = draw(st.integers(1, 9))
    parents = {"n0": ""}
    for place in range(1, n_nodes):
        parents[f"n{place}"] = f"n{draw(st.integers(0, place - 1))}"
    return Hierarchy(parents)


@st.composite
def whole_paths(draw, most=5000):
    values = draw(
        arrays.arrays(np.int64, (draw(st.integers(1, 6)), 14), elements=st.integers(0, most))
    )
    return make_paths(values, MONTHS, unit="persons")


@st.composite
def past_counts(draw):
    """Counts of one to five categories, or of one to three tiers of them."""
    n_tiers = draw(st.integers(1, 3))
    labels = st.tuples(*[st.sampled_from("abc")] * n_tiers)
    cells = draw(st.lists(labels, min_size=1, max_size=5, unique=True))
    counts = st.floats(0, 1e5, allow_subnormal=False)
    values = draw(arrays.arrays(float, (4, len(cells)), elements=counts))
    values[[0, -1], 0] += 1  # two years with anybody
    names = [f"tier {place}" for place in range(n_tiers)]
    columns = pd.MultiIndex.from_tuples(cells, names=names)
    return pd.DataFrame(
        values, index=YEARS, columns=columns if n_tiers > 1 else [c[0] for c in cells]
    )


@settings(deadline=None)
@given(tree=trees(), data=st.data())
def test_reconciled_paths_add_up_and_are_whole(tree, data):
    shape = (data.draw(st.integers(1, 6)), 14, len(tree.nodes))
    drawn = data.draw(arrays.arrays(float, shape, elements=st.floats(0, 1e6)))
    errors = data.draw(arrays.arrays(float, (5, shape[2]), elements=st.floats(-1e4, 1e4)))
    base = {
        node: make_paths(drawn[..., place], MONTHS, unit="persons")
        for place, node in enumerate(tree.nodes)
    }
    rng = np.random.default_rng(data.draw(SEEDS))
    found = reconcile(base, tree, pd.DataFrame(errors, columns=tree.nodes), rng=rng)
    assert list(found) == list(tree.nodes)
    for node, paths in found.items():
        values = paths.to_numpy()
        assert (values >= 0).all()
        np.testing.assert_array_equal(values, np.rint(values))
        parts = [found[part].to_numpy() for part in tree.parts(node)]
        if parts:
            np.testing.assert_array_equal(values, sum(parts))


@settings(deadline=None)
@given(paths=whole_paths(), counts=past_counts(), half_life=st.floats(0.05, 50), seed=SEEDS)
def test_split_paths_add_up_and_are_whole(paths, counts, half_life, seed):
    rng = np.random.default_rng(seed)
    split = split_by_shares(paths, counts, half_life=half_life, rng=rng)
    values = split.to_numpy()
    assert values.shape == (*paths.shape, counts.shape[1])
    assert (values >= 0).all()
    np.testing.assert_array_equal(values, np.rint(values))
    np.testing.assert_array_equal(values.sum(axis=-1), paths.to_numpy())
    assert (values[paths.to_numpy() == 0] == 0).all()


@given(
    paths=whole_paths(), values=arrays.arrays(float, (4, 1), elements=st.floats(1, 1e5)), seed=SEEDS
)
def test_one_category_gets_everybody(paths, values, seed):
    counts = pd.DataFrame(values, index=YEARS, columns=["all"])
    split = split_by_shares(paths, counts, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(split.sel(category="all"), paths)


@given(tree=trees(), data=st.data())
def test_sums_of_leaves_always_pass_the_check(tree, data):
    shape = (3, len(tree.leaves))
    leaves = data.draw(arrays.arrays(float, shape, elements=st.floats(0, 1e9)))
    values = pd.DataFrame(leaves @ tree.summing_matrix().T, index=YEARS[:3], columns=tree.nodes)
    check_sums(tree, values, tolerance=0)


@given(
    arrays.arrays(
        float, st.tuples(st.integers(4, 12), st.integers(1, 6)), elements=st.floats(-1e3, 1e3)
    )
)
def test_a_shrunk_correlation_is_a_correlation(errors):
    found = shrunk_correlation(errors)
    np.testing.assert_allclose(np.diag(found), 1)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    assert np.linalg.eigvalsh(found).min() > -1e-9
    assert (np.abs(found) <= 1 + 1e-9).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-161, 1e3])
def test_the_scale_of_past_errors_is_no_matter(scale):
    tree = Hierarchy(parents={"all": "", "one": "all", "other": "all"})
    rng = np.random.default_rng(3)
    base = {
        node: make_paths(rng.integers(0, 50, (4, 14)), MONTHS, unit="persons")
        for node in tree.nodes
    }
    errors = pd.DataFrame(rng.normal(size=(8, 3)), columns=tree.nodes)
    one, other = (
        reconcile(base, tree, known, rng=np.random.default_rng(1))
        for known in (errors, errors * scale)
    )
    for node in tree.nodes:
        np.testing.assert_array_equal(one[node], other[node])
