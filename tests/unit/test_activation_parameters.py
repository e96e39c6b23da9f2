"""Parameters that are not known exactly, and the priors of the savings of activation."""

from __future__ import annotations

import pytest

from forecasting.distributions import Distribution
from forecasting.errors import InputError
from forecasting.programmes.units import parse_unit
from forecasting.sources.parameters import load_parameters

SHARES = ("delivery", "deadweight", "substitution", "displacement")
USED = {
    *SHARES,
    "relapse_share_within",
    "relapse_months",
    "relapse_permanent_share",
    "effect_lag_zero_months",
    "effect_lag_full_months",
    "indexation",
    "discount",
    "inclusion_delivered",
    "inclusion_pace_later",
    "inclusion_variation",
    "share_leaving",
    "months_to_exit",
}
ENTRY = (
    "- {id: a, value: 0.5, unit: '1', valid_from: 2020-01, source: s, quality: assumed, "
    "distribution: {uniform: [0.2, 0.8]}}"
)


@pytest.fixture
def own(tmp_path):
    def write(row):
        path = tmp_path / "own.yaml"
        path.write_text(row + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def priors():
    return {entry.id: entry for entry in load_parameters("activation").entries}


def test_every_assumption_has_a_prior_once(priors):
    assert set(priors) == USED
    assert len(load_parameters("activation").entries) == len(USED)


def test_the_value_is_the_centre_of_its_prior(priors):
    for entry in priors.values():
        if entry.distribution is not None:
            assert entry.distribution.mean == pytest.approx(entry.value, rel=1e-9), entry.id


def test_units_are_known_and_quality_unknown_is_said(priors):
    for entry in priors.values():
        parse_unit(entry.unit)
        assert (entry.quality != "unknown") or len(entry.note["en"]) > 20, entry.id
    assert {entry.id for entry in priors.values() if entry.quality == "unknown"} >= set(SHARES)


def test_all_draws_of_relapse_and_lag_hold_together(priors):
    returned = priors["relapse_share_within"].distribution.high
    assert returned + priors["relapse_permanent_share"].distribution.high < 1
    zero, full = (priors[f"effect_lag_{name}_months"].distribution for name in ("zero", "full"))
    assert zero.high < full.low


def test_an_entry_hands_out_its_distribution_or_its_value(priors, own):
    assert priors["relapse_months"].uncertain == 12
    assert priors["deadweight"].uncertain == Distribution(triangular=(0.1, 0.5, 0.9))
    (entry,) = load_parameters(str(own(ENTRY))).entries
    assert entry.uncertain == Distribution(uniform=(0.2, 0.8))


def test_a_bare_text_is_shown_as_it_is_in_every_language(own):
    (entry,) = load_parameters(str(own(ENTRY))).entries
    assert entry.source == {"en": "s", "sl": "s", "sv": "s", "fi": "s"}
    assert entry.note is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[0.2, 0.8]",
            "[0.8, 0.2]",
            ", key 'distribution': found {uniform: [0.8, 0.2]}; expected: low < high",
        ),
        (
            "value: 0.5",
            "value: 0.9",
            ": value 0.9 outside its distribution {uniform: [0.2, 0.8]}; expected: 0.2 to 0.8",
        ),
        (
            "[0.2, 0.8]",
            "[0.2, 1.8]",
            ": distribution {uniform: [0.2, 1.8]} in the unit 1; expected: 0 to 1",
        ),
        (
            "'1', valid_from: 2020-01, source: s, quality: assumed, distribution: {uniform: [0.2",
            "months, valid_from: 2020-01, source: s, quality: assumed, distribution: "
            "{uniform: [-0.2",
            ": distribution {uniform: [-0.2, 0.8]} in the unit months; expected: 0 or more",
        ),
        (
            "uniform",
            "normal",
            ", key 'distribution': found normal; expected: one of {triangular: [low, mode, high]}, "
            "{uniform: [low, high]}, {beta: [a, b]}",
        ),
        (
            "[0.2, 0.8]",
            "[0.2, wide]",
            ", key 'distribution.uniform': found 'wide'; expected: a number such as 6 or 0.75",
        ),
        (
            "source: s",
            "source: {en: s, sl: s}",
            ", key 'source': no text in sv, fi",
        ),
        (
            "source: s",
            "source: 5",
            ", key 'source': found 5; expected: text",
        ),
        (
            "assumed, distribution: {uniform: [0.2, 0.8]}",
            "unknown",
            ": quality unknown without a distribution; expected: a wide one",
        ),
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(own, old, new, message):
    path = own(ENTRY.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_parameters(str(path))
    assert str(caught.value).split("\n") == [f"{path}, entry 1 (a){message}"]
