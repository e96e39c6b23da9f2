"""Versions side by side: what changed, why, and what cannot be known."""

from __future__ import annotations

import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.programmes.catalogue import PublishedValues, load_programme
from forecasting.programmes.comparison import compare_versions
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.reasons import Change


@pytest.fixture(scope="module")
def amif():
    return load_programme("si-amif-2021-2027")


def proposal(programme, code, value):
    return Proposal(
        indicator=programme.indicator(code),
        point="target",
        date=pd.Period("2029-12", freq="M"),
        version=programme.versions[-1],
        published=programme.published_value(code, "target", "4.0"),
        rederived=None,
        explained=None,
        proposals={0.8: value},
        changes={0.8: Change(assumption=-157000, model=-50)},
    )


def test_a_changed_number_has_the_history_of_its_indicator(amif):
    comparison = compare_versions(amif, ("1.0", "3.0", "4.0"))
    (removed,) = comparison.changes
    assert removed.indicator.code == "R.3.7"
    assert removed.values == (10000, "not given", 336)
    assert "counted several times" in removed.reason["en"]
    lines = list(comparison.lines(Language("en")))
    assert "R.3.7 target: 1.0: 10,000 → 3.0: not given → 4.0: 336" in lines
    slovenian = list(comparison.lines(Language("sl")))
    assert "R.3.7 cilj: 1.0: 10.000 → 3.0: ni podano → 4.0: 336" in slovenian


def test_a_number_without_an_earlier_one_is_not_called_changed(amif):
    comparison = compare_versions(amif, ("3.0", "4.0"))
    assert comparison.changes == ()
    assert len(comparison.unknown) == 26 * 2 + 15
    assert any("not known" in line for line in comparison.lines(Language("en")))


def test_without_a_note_the_reason_is_that_of_the_version(amif):
    changed = amif.indicator("O.1.2").model_copy(
        update={
            "note": None,
            "published": {
                "3.0": PublishedValues(milestone=75, target=80),
                "4.0": PublishedValues(milestone=75, target=170),
            },
        }
    )
    programme = amif.model_copy(update={"indicators": (changed,)})
    milestone, target = compare_versions(programme, ("3.0", "4.0")).values
    assert (milestone.is_changed, milestone.reason) == (False, None)
    assert target.reason == amif.versions[-1].reason


def test_the_proposal_stands_beside_the_versions(amif):
    comparison = compare_versions(amif, ("4.0",), [proposal(amif, "O.1.1.2", 10700)])
    (moved,) = comparison.changes
    assert (moved.values, moved.proposed) == ((167750,), 10700)
    assert moved.why_proposed(Language("en")).startswith("assumption; the published value counts")
    same = compare_versions(amif, ("4.0",), [proposal(amif, "O.1.1.2", 167750)])
    assert same.changes == ()
    lines = list(comparison.lines(Language("sl")))
    assert "O.1.1.2 cilj: 4.0: 167.750 → predlog (P80): 10.700" in lines


def test_the_table_has_one_row_per_value(amif):
    table = compare_versions(amif, ("1.0", "4.0")).table("sl")
    assert len(table) == 26 * 2 + 15
    row = table.set_index(["indicator", "point"]).loc[("R.3.7", "target")]
    assert (row["version_1.0"], row["version_4.0"], row["change"]) == (10000, 336, "changed")
    assert row["reason"].startswith("prvotno načrtovanih 10.000")


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        (("3.0", "5.0"), r"versions '3\.0, 5\.0'; expected: .*1\.0, 2\.0, 3\.0, 4\.0"),
        (("4.0", "4.0"), "at most once"),
        (("4.0", "3.0"), "in this order"),
        (("4.0",), "1 versions and no proposals; expected: two versions or more"),
        ((), "0 versions"),
    ],
)
def test_versions_that_cannot_be_compared(amif, versions, message):
    with pytest.raises(InputError, match=message):
        compare_versions(amif, versions)
