"""Identities of levers and shapes, for any values and months."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.paths import make_paths
from forecasting.scenarios import LEVERS, apply_to_flow, lever_values
from forecasting.scenarios.load import build_scenario
from forecasting.scenarios.profile import weights

MONTHS = pd.period_range("2024-10", "2031-12", freq="M")
PLACES = st.integers(0, len(MONTHS) - 1)
FACTORS = ("arrivals.multiply", "arrivals.closure", "staff.multiply", "unemployment.multiply")


def scenario(*levers):
    content = {"title": "x", "extends": ["reference"], "levers": list(levers)}
    return build_scenario(content, Path("own.yaml"))


@st.composite
def times(draw):
    first, last = sorted((draw(PLACES), draw(PLACES)))
    shape = draw(st.sampled_from(["step", "ramp", "pulse", "decay"]))
    keys = {"start": str(MONTHS[first]), "end": str(MONTHS[last]), "shape": shape}
    return keys | ({"half_life_months": draw(st.integers(1, 36))} if shape == "decay" else {})


def values_of(name):
    return st.floats(max(LEVERS[name].low, 0.2), min(LEVERS[name].high, 5))


@given(times(), st.sampled_from(FACTORS), st.data())
@settings(max_examples=60, deadline=None)
def test_a_value_lies_between_the_neutral_one_and_the_one_given(keys, name, data):
    value = data.draw(values_of(name))
    (lever,) = scenario({"lever": name, "value": value, "unit": "1"} | keys).levers
    in_force, values = weights(lever, MONTHS), lever_values(lever, MONTHS)
    low, high = sorted((lever.kind.neutral, value))

    assert in_force.min() >= 0
    assert in_force.max() <= 1
    assert (values >= low - 1e-12).all()
    assert (values <= high + 1e-12).all()
    assert (values[lever.start > MONTHS] == lever.kind.neutral).all()
    if lever.shape != "ramp":
        assert (values[lever.end < MONTHS] == lever.kind.neutral).all()


@given(times(), st.integers(0, 1_000_000))
@settings(max_examples=60, deadline=None)
def test_the_persons_of_a_surge_add_up_whatever_its_shape(keys, persons):
    surge = {"lever": "arrivals.surge", "value": persons, "unit": "persons"} | keys
    values = lever_values(scenario(surge).levers[0], MONTHS)

    assert np.isclose(values.sum(), persons, rtol=1e-12)
    assert (values >= 0).all()
    inside = (pd.Period(keys["start"], "M") <= MONTHS) & (pd.Period(keys["end"], "M") >= MONTHS)
    assert (values[~inside] == 0).all()


@given(times(), times(), st.floats(0.2, 5), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_factors_may_be_applied_in_any_order(first, second, factor, closed):
    one = {"lever": "arrivals.multiply", "value": factor, "unit": "1"} | first
    other = {"lever": "arrivals.closure", "value": closed, "unit": "1"} | second
    given_paths = make_paths(
        np.random.default_rng(1).gamma(2, 250, (5, len(MONTHS))), MONTHS, unit="persons"
    )
    np.testing.assert_allclose(
        apply_to_flow(given_paths, scenario(one, other)),
        apply_to_flow(given_paths, scenario(other, one)),
        rtol=1e-12,
    )


@given(
    st.sampled_from([name for name, kind in LEVERS.items() if kind.neutral is not None]), times()
)
@settings(max_examples=60, deadline=None)
def test_a_neutral_value_changes_nothing(name, keys):
    kind = LEVERS[name]
    if kind.takes != "number" or kind.target != "arrivals":
        return
    own = {"lever": name, "value": kind.neutral, "unit": kind.unit}
    paths = make_paths(
        np.random.default_rng(2).gamma(2, 250, (5, len(MONTHS))), MONTHS, unit="persons"
    )
    changed = apply_to_flow(paths, scenario(own | (keys if kind.timed else {})))
    np.testing.assert_array_equal(changed, paths)
