"""The Slovenian plan for social care 2025-2026, held against the document it was read from."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from forecasting.programmes.catalogue import load_programme
from forecasting.programmes.derivation import rederive
from forecasting.programmes.relations import check_relation
from forecasting.sources.parameters import load_parameters

SOURCE = Path(__file__).parents[3] / "shared" / "sources" / "001_4885cc89d776f11e.txt"
VERSION = "2025"
HEADING = re.compile(r"Ukrep:? (\d\.\d+(?:\.\d)?)\.?:")
NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?")
IN_WORDS = {"eno": 1, "dveh": 2, "treh": 3}

needs_source = pytest.mark.skipif(
    not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout"
)


@pytest.fixture(scope="module")
def programme():
    return load_programme("si-social-care-2025-2026")


@pytest.fixture(scope="module")
def text():
    return SOURCE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sections(text):
    """Text of each measure by its number."""
    _, *found = HEADING.split(text)
    return dict(zip(found[::2], found[1::2], strict=True))


def numbers(text):
    """Every number of a Slovenian text: 1.234,5; 5 mio; dveh."""
    plain = [Decimal(n.replace(".", "").replace(",", ".")) for n in NUMBER.findall(text)]
    millions = [
        Decimal(n.replace(",", ".")) * 1_000_000 for n in re.findall(r"(\d+(?:,\d)?) mio", text)
    ]
    words = [Decimal(n) for word, n in IN_WORDS.items() if re.search(rf"\b{word}\b", text)]
    return {*plain, *millions, *words}


def test_it_has_every_measure_and_indicator_of_the_document(programme):
    measures = Counter(measure.objective for measure in programme.measures)
    assert measures == {"1": 8, "2": 20, "3": 10}
    indicators = Counter(indicator.measures[0][0] for indicator in programme.indicators)
    assert indicators == {"1": 16, "2": 49, "3": 13}
    assert {i.measures[0] for i in programme.indicators} == {m.code for m in programme.measures}
    targets = [indicator.published[VERSION].target for indicator in programme.indicators]
    assert Counter(t if isinstance(t, str) else "number" for t in targets) == {
        "number": 30, "done": 30, "not given": 18,
    }  # fmt: skip


def test_indicators_are_named_by_their_measure_and_place(programme):
    seen = Counter()
    for indicator in programme.indicators:
        (measure,) = indicator.measures
        seen[measure] += 1
        assert indicator.code == f"{measure}-{seen[measure]}"


@pytest.mark.parametrize(
    ("name", "stated", "amount"),
    [
        ("positive-exits", 1080, 0),
        ("improved-inclusion", 720, 0),
        ("flats-2026", 1_668_000, 0),
        ("dementia-centres-2026", 1_097_700, 0),
        ("priority-areas", 4, 1),
    ],
)
def test_relations_come_out_or_are_recorded(programme, name, stated, amount):
    assert len(programme.relations) == 5
    (relation,) = (each for each in programme.relations if each.name == name)
    checked = check_relation(relation, programme)
    assert (checked.stated, checked.amount, checked.recorded) == (stated, amount, amount)


@pytest.mark.parametrize(("code", "value"), [("1.3.2-2", 1080), ("2.18-2", 720)])
def test_a_quarter_of_the_persons_is_the_published_target(programme, code, value):
    indicator = programme.indicator(code)
    assert rederive(programme, indicator, "target").value == value
    assert programme.published_value(code, "target", VERSION) == value


@pytest.mark.parametrize(
    ("code", "value", "unit", "due"),
    [
        ("1.1.1-2", 30, "%", None),
        ("1.3.1-2", 2, "items", "2027-12"),
        ("1.3.2-1", 4320, "persons", None),
        ("1.3.3-1", 990, "persons", None),
        ("1.3.3-2", 810, "persons", None),
        ("1.3.3-3", 11, "%", None),
        ("1.3.3-4", 6, "%", None),
        ("1.3.3-5", 10, "%", None),
        ("1.3.3-6", 13, "%", None),
        ("2.5-1", 100, "persons", None),
        ("2.5-2", 20, "items", None),
        ("2.5-3", 1, "items", None),
        ("2.8-1", 2, "items", None),
        ("2.11-2", 100, "places/year", None),
        ("2.14-1", 1, "items", "2025-06"),
        ("2.16-3", 2, "items", "2025-12"),
        ("2.16-4", 18, "persons", "2025-12"),
        ("2.18-1", 2880, "persons", "2027-12"),
        ("2.19-1", 19, "items", "2027-12"),
        ("2.19-2", 11520, "persons", "2027-12"),
        ("2.20-1", 24, "items", "2027-12"),
        ("2.20-2", 168, "persons/year", "2027-12"),
        ("3.5-2", "done", "items", "2028-12"),
        ("2.1-1", "not given", "items", None),
    ],
)
def test_targets_as_printed(programme, code, value, unit, due):
    indicator = programme.indicator(code)
    assert (indicator.published[VERSION].target, indicator.unit) == (value, unit)
    assert (str(indicator.target_date) if indicator.target_date else None) == due


def test_growth_of_programmes_is_a_change_against_2022(programme):
    changes = [indicator for indicator in programme.indicators if indicator.is_change]
    assert [i.published[VERSION].target for i in changes] == ["not given", 12, 15, 5, 10, 10]
    assert {(i.measures, i.unit, i.baseline, i.baseline_year) for i in changes} == {
        (("2.12",), "%", "not given", 2022)
    }


@pytest.mark.parametrize(
    ("code", "amounts", "deadline"),
    [
        ("1.1.1", {None: 900_000}, dt.date(2026, 12, 31)),
        ("1.1.2", {2025: 20_000}, dt.date(2025, 12, 31)),
        ("1.1.3", {None: "not applicable"}, dt.date(2025, 12, 31)),
        ("1.2.2", {2025: 6_783_000, 2026: 9_283_000}, dt.date(2030, 3, 15)),
        ("1.3.1", {2025: 234_850, 2026: 234_850}, dt.date(2027, 12, 31)),
        ("1.3.2", {2025: 5_000_000, 2026: 5_000_000}, dt.date(2026, 12, 31)),
        ("2.1", {2025: 39_994_058, 2026: 45_000_000}, dt.date(2026, 12, 31)),
        ("2.4", {2025: 500_000, 2026: 500_000}, dt.date(2026, 8, 31)),
        ("2.12", {2025: 26_250_000, 2026: 27_026_800}, dt.date(2026, 12, 31)),
        ("2.14", {None: "not applicable"}, dt.date(2026, 12, 30)),
        ("2.19", {2025: 846_155, 2026: 1_269_230}, "not given"),
        ("2.20", {2025: 905_420, 2026: 4_688_529}, "not given"),
        ("3.2", {2025: 13_778_000, 2026: 2_538_000}, dt.date(2026, 12, 31)),
        ("3.7", {None: 4_000}, dt.date(2026, 3, 31)),
        ("3.8", {None: 200_000}, dt.date(2025, 12, 31)),
    ],
)
def test_amounts_and_deadlines_as_printed(programme, code, amounts, deadline):
    (measure,) = (each for each in programme.measures if each.code == code)
    assert {part.year: part.eur for part in measure.funding} == amounts
    assert measure.deadline == deadline


@needs_source
def test_every_input_stands_in_the_document(programme, text, sections):
    for name, given in programme.inputs.items():
        if given.quality in {"given", "reading"}:
            code = given.source["en"].removeprefix("measure ")
            assert Decimal(str(given.value)) in numbers(sections.get(code, text)), name


@needs_source
def test_every_amount_deadline_and_holder_stands_with_its_measure(programme, sections):
    assert list(sections) == [measure.code for measure in programme.measures]
    for measure in programme.measures:
        own = sections[measure.code]
        eur = [part.eur for part in measure.funding if part.eur != "not applicable"]
        assert {Decimal(amount) for amount in eur} <= numbers(own), measure.code
        assert bool(eur) != ("Dodatna sredstva niso predvidena" in own), measure.code
        assert [holder for holder in measure.holders if holder not in own] == [], measure.code
        if isinstance(measure.deadline, dt.date):
            due = measure.deadline
            day = re.escape(f"{due.day}. {due.month}. ")
            assert re.search(rf"{day}(\d+/)*{due.year}", own), measure.code


@needs_source
def test_every_numeric_target_stands_with_its_measure(programme, sections):
    for indicator in programme.indicators:
        target = indicator.published[VERSION].target
        if not isinstance(target, str):
            assert Decimal(target) in numbers(sections[indicator.measures[0]]), indicator.code


def test_the_outlook_is_the_one_of_the_document(programme):
    percent = {}
    for entry in load_parameters(programme.outlook).entries:
        percent.setdefault(entry.id, {})[entry.valid_from.year] = round(entry.value * 100, 9)
    assert percent == {
        "gdp_growth": {2022: 2.5, 2023: 2.1, 2024: 1.5, 2025: 2.4, 2026: 2.5},
        "inflation": {2021: 4.9, 2022: 10.3, 2023: 4.2, 2024: 2.3, 2025: 3.3, 2026: 2},
        "average_inflation": {2023: 7.4, 2024: 2.1},
        "survey_unemployment_rate": {2024: 3.7, 2025: 3.7, 2026: 3.6},
        "registered_unemployment_rate": {2023: 5},
    }
