"""The fund's programme of Slovenia, version 4.0: complete, and every relation comes out."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest

from forecasting.programmes.catalogue import load_programme
from forecasting.programmes.derivation import rederive
from forecasting.programmes.relations import check_relation

SHARED = Path(__file__).parents[3] / "shared"
SOURCE = SHARED / "sources" / "000_aa317e3b624a2056.txt"
FUND = SHARED / "regulation" / "amif_indicators.csv"
FIELDS = SHARED / "regulation" / "amif_intervention_fields.csv"


@pytest.fixture(scope="module")
def programme():
    return load_programme("si-amif-2021-2027")


@pytest.fixture(scope="module")
def checked(programme):
    return {entry.name: check_relation(entry, programme) for entry in programme.relations}


def test_it_has_all_that_the_document_has(programme):
    kinds = [indicator.kind for indicator in programme.indicators]
    assert (kinds.count("output"), kinds.count("result")) == (26, 15)
    assert [len(programme.versions), len(programme.objectives), len(programme.measures)] == [
        4, 4, 14,
    ]  # fmt: skip
    assert [len(objective.factors) for objective in programme.objectives] == [5, 2, 4, 1]
    assert len(programme.factors) == 4
    assert len(programme.operations) == 39
    assert len(programme.intervention_shares) == 22


def test_what_is_not_monitored_has_its_reason(programme):
    assert [entry.code for entry in programme.indicators if not entry.monitored] == [
        "O.1.4", "O.1.4.1", "O.2.1", "O.2.4", "O.2.6", "O.3.3", "O.3.4", "O.4.1", "R.4.5",
    ]  # fmt: skip
    later = {entry.code for entry in programme.indicators if entry.monitored_from}
    assert later == {"R.1.7", "R.1.7.1", "R.1.7.2"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("o_1_1_1_milestone", 10_644),
        ("o_1_1_1_target", 17_740),
        ("o_1_1_target", 185_490),
        ("o_1_1_2_quick_inclusion", 70_000),
        ("o_1_1_2_accommodation", 2_800),
        ("o_1_3_target", 420),
        ("o_2_3_milestone", 5_040),
        ("o_3_1_target", 80),
        ("o_3_2_target", 451),
        ("r_1_5_target", 141),
        ("r_1_6_target", 141),
        ("o_1_2_target", 170),
        ("detention_2024", 216),
        ("so1_covered", Fraction("93.35")),
        ("so1_all", 100),
        ("so2_covered", Fraction("96.02")),
        ("so2_all", 100),
        ("so4_all", 100),
        ("removed_2024", 106),
        ("removed_2023", 140),
    ],
)
def test_a_relation_comes_out(checked, name, value):
    assert checked[name].calculated == checked[name].stated == value
    assert checked[name].relation.difference is None


@pytest.mark.parametrize(
    ("name", "calculated", "stated"),
    [
        ("r_2_8_target", 10_200, 10_000),
        ("o_2_3_extra_capacity", 120, 150),
        ("detention_2023", 294, 291),
        ("so3_all", Fraction("100.01"), 100),
        ("o_1_1_1_target_as_in_text", 28_384, 17_740),
        ("o_1_1_2_pact_operations", 75_110, 167_750),
        ("o_2_3_target_parts", 18_150, 28_565),
        ("o_2_3_1_planned_learners", 17_350, 17_000),
    ],
)
def test_a_relation_that_does_not_come_out_is_recorded(checked, name, calculated, stated):
    found = checked[name]
    assert (found.calculated, found.stated) == (calculated, stated)
    assert found.recorded == stated - calculated
    assert found.relation.difference.reason["sl"]


def test_the_funds_for_accommodation_fill_266_and_two_thirds_places_on_average(programme):
    given = {name: Fraction(str(entry.value)) for name, entry in programme.inputs.items()}
    monthly = given["cost_per_person_and_month"]
    assert given["reception_budget"] / monthly / given["pact_months"] == Fraction(800, 3)
    persons = given["reception_budget"] / (monthly * given["stay_in_reception"])
    assert (given["reception_budget"], persons) == (6_720_000, 2_800)


def test_both_trainings_together_are_those_trained(programme):
    useful = rederive(programme, programme.indicator("R.1.5"), "target")
    assert useful.value == Fraction(80 * 75 + 90 * 90, 100) == 141


@pytest.mark.parametrize(
    ("code", "milestone", "target"),
    [
        ("O.1.1.3", 2_000, 30_290),
        ("O.1.3.1", 45, 70),
        ("O.2.2", 3, 12),
        ("O.2.3", 5_040, 28_565),
        ("O.2.3.1", 4_800, 17_350),
        ("O.2.5", 10, 200),
        ("O.2.7", 2, 10),
        ("O.3.2", 40, 451),
        ("O.3.5", 60, 120),
        ("O.4.2", 25, 25),
        ("R.1.7", None, 100),
        ("R.2.9", None, 15_340),
        ("R.2.10", None, 50),
        ("R.3.6", None, 80),
        ("R.3.7", None, 336),
        ("R.3.8", None, 20),
        ("R.4.3", None, 5),
        ("R.4.4", None, 25),
    ],
)
def test_published_values_are_those_of_version_4(programme, code, milestone, target):
    found = [programme.published_value(code, point, "4.0") for point in ("milestone", "target")]
    assert found == [milestone, target]


def test_the_removed_were_first_counted_several_times(programme):
    assert programme.published_value("R.3.7", "target", "1.0") == 10_000
    assert programme.indicator("R.3.7").published["3.0"] == "not given"


def test_operations_know_their_capacity_and_cost(programme):
    accommodation = programme.operations["accommodation"]
    assert (accommodation.capacity.value, accommodation.unit_cost.value) == (300, 600)
    assert accommodation.since == "4.0"
    assert programme.operations["extra_integration_capacity"].capacity.value == 60


@pytest.mark.skipif(not FUND.is_file(), reason=f"no {FUND.name} beside the checkout")
def test_codes_units_and_names_are_those_of_the_fund(programme):
    with FUND.open(encoding="utf-8") as stream:
        fund = {row["code"]: row for row in csv.DictReader(stream)}
    assert {entry.code for entry in programme.indicators} == fund.keys()
    for entry in programme.indicators:
        row = fund[entry.code]
        assert (entry.kind, entry.parent or "") == (row["kind"], row["parent_code"])
        assert entry.unit == row["unit"].split(" and ")[0]
        name = row["name_en"].removeprefix("of which: ")
        assert entry.name["en"] == name[0].upper() + name[1:]
        if row["person_indicator_disaggregation"]:
            assert isinstance(entry.breakdown, dict) or not entry.monitored
        else:
            assert entry.breakdown == "not applicable"


@pytest.mark.skipif(not FIELDS.is_file(), reason=f"no {FIELDS.name} beside the checkout")
def test_intervention_codes_are_those_of_the_fund(programme):
    with FIELDS.open(encoding="utf-8") as stream:
        fund = {(f"SO{r['specific_objective']}", r["code"]): r for r in csv.DictReader(stream)}
    for share in programme.intervention_shares:
        assert share.name["en"] == fund[share.objective, share.code]["name_en"]


IN_WORDS = {
    "milestone_years": "po treh letih izvajanja",
    "target_years_in_text": "po osmih letih izvajanja",
    "pact_years": "3 leta in pol",
    "pact_months": "3 leta in 6 mesecev",
    "informed_per_year_low": "od tri do pet oseb",
    "informed_per_year_high": "od tri do pet oseb",
    "resettlement_first_stage": "le polovica zaveze",
    "coverage_legal_assistance": "namenjena vsem prosilcem",
    "coverage_other_support": "isti prosilci prejmejo tudi podporo, ki ni pravna",
}
NOT_PRINTED = {
    "applications_per_year": "a third of the milestone; the ministry's statistics of 2020",
    "target_years": "our reading: a fifth of the target is a year",
}


@pytest.mark.skipif(not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout")
def test_every_number_stands_in_the_document(programme):
    text = SOURCE.read_text(encoding="utf-8")
    found = re.findall(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?", text)
    numbers = {Fraction(number.replace(".", "").replace(",", ".")) for number in found}
    assert {
        name: entry.value
        for name, entry in programme.inputs.items()
        if entry.quality in {"given", "reading"}
        and name not in IN_WORDS | NOT_PRINTED
        and Fraction(str(entry.value)) not in numbers
    } == {}
    assert all(words in text for words in IN_WORDS.values())
    values = [
        value
        for entry in programme.indicators
        for version in entry.published
        for point in ("milestone", "target")
        if (value := programme.published_value(entry.code, point, version)) is not None
    ]
    values += [share.percent for share in programme.intervention_shares]
    values += [relation.stated for relation in programme.relations]
    assert [value for value in values if Fraction(str(value)) not in numbers] == []
