"""The plan of Ranilug as printed, and what the scan has lost of it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest

from forecasting.programmes.catalogue import load_programme

SOURCE = Path(__file__).parents[3] / "shared" / "sources" / "002_4c11406ddacf763c.txt"
needs_source = pytest.mark.skipif(
    not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout"
)
LOST = "not legible in the scan"
VERSION = "2023-04"


@pytest.fixture(scope="module")
def programme():
    return load_programme("xk-ranilug-2023-2025")


def measure(programme, code):
    return next(each for each in programme.measures if each.code == code)


def values(programme, code):
    indicator = programme.indicator(code)
    published = indicator.published[VERSION]
    return indicator.baseline, published.milestone, published.target


def goals(programme):
    """Indicators of the ten objectives; the others are those of measures."""
    return [each for each in programme.indicators if each.code.startswith("C")]


def test_what_the_plan_has(programme):
    assert [each.code for each in programme.objectives] == [str(n) for n in range(1, 11)]
    by_objective = Counter(each.objective for each in programme.measures)
    assert list(by_objective.values()) == [5, 7, 8, 6, 7, 3, 3, 5, 3, 3]
    assert len(goals(programme)) == 38
    assert len(programme.indicators) == 38 + 109
    assert {each.measures[0] for each in programme.indicators} == {
        each.code for each in programme.measures
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("C1.1", (40, 60, 80)),
        ("C1.2", (50, 70, 80)),
        ("C1.3", (30, 50, 70)),
        ("C2.2", (40, 75, 90)),
        ("C3.1", (60, 70, 90)),
        ("C4.1", (40, 75, 90)),
        ("C4.3", (LOST, 30, 50)),
        ("C4.4", (10, 30, 60)),
        ("C5.1", (90, 100, 100)),
        ("C5.6", (80, 85, 97)),
        ("C6.1", (5, 30, 60)),
        ("C6.2", (LOST, LOST, 70)),
        ("C7.1", (LOST, LOST, LOST)),
        ("C8.2", (LOST, 30, 50)),
        ("C9.1", (20, 50, 70)),
        ("C10.1", (LOST, 30, 60)),
    ],
)
def test_percentages_as_printed(programme, code, expected):
    assert values(programme, code) == expected
    assert programme.indicator(code).unit == "%"


def test_baseline_2023_and_2025_are_lost_or_numbers_never_empty(programme):
    lost = Counter()
    for indicator in goals(programme):
        found = values(programme, indicator.code)
        assert all(value == LOST or 0 < value <= 100 for value in found)
        lost += Counter(n for n, value in enumerate(found) if value == LOST)
    assert lost == {0: 16, 1: 13, 2: 12}
    dates = (programme.milestone_date, programme.target_date)
    assert tuple(map(str, dates)) == ("2023-12", "2025-12")


def test_indicators_of_measures_have_no_number(programme):
    own = [each for each in programme.indicators if each.code.startswith("M")]
    targets = {each.code: each.published[VERSION].target for each in own}
    done = {code for code, target in targets.items() if target == "done"}
    assert done == {"M4.2.1", "M7.1.1", "M7.1.2", "M8.3.1", "M10.3.1"}
    lost = {code for code, target in targets.items() if target == LOST}
    assert lost == {"M4.3.1", "M5.2.1"}
    assert {targets[code] for code in targets.keys() - done - lost} == {"not given"}
    assert {each.baseline for each in own} == {"not given"}


def test_cells_that_the_scan_has_lost(programme):
    lost = {
        key: {each.code for each in programme.measures if getattr(each, key) == LOST}
        for key in ("actions", "partners", "funding", "deadline", "holders")
    }
    assert lost == {
        "actions": {"2.6", "4.3", "5.2"},
        "partners": {"3.6"},
        "funding": {"2.6", "7.3", "10.3"},
        "deadline": {"7.3"},
        "holders": set(),
    }
    without = {each.code for each in programme.indicators if each.data_source == LOST}
    assert without == {"M7.3.1", "M7.3.2"}


def test_measures_as_printed(programme):
    assert measure(programme, "1.1").holders == ("OKZP", "ORRLIS/MUP")
    assert measure(programme, "3.8").holders == (
        "Direkcija za poljoprivredu i ruralni razvoj/opština",
    )
    assert measure(programme, "4.2").partners[-1] == "Agencija za besplatnu pravnu pomoć"
    assert measure(programme, "7.1").deadline == "continuous"
    assert measure(programme, "7.1").funding == "not given"
    assert programme.indicator("M5.2.1").data_source["sr"].startswith("Testovi za ocenjivanje")
    assert programme.versions[0].date == dt.date(2023, 4, 26)
    amounts = [
        (each.code, fund.source["sr"], fund.eur)
        for each in programme.measures
        if not isinstance(each.funding, str)
        for fund in each.funding
    ]
    assert amounts == [
        *((code, "POSTOJE", "not given") for code in ("1.1", "1.2")),
        ("1.3", "BRK - Novi budžet za reintegracije i integracije", "not given"),
        *((code, "POSTOJE", "not given") for code in ("1.4", "1.5", "2.1", "2.2", "2.3", "2.4")),
        ("10.1", "MUP", "not given"),
        ("10.2", "KŽ", "not given"),
    ]
    thresholds = {rule.code: rule.threshold for rule in programme.rules}
    assert (thresholds["visit"].value, thresholds["visit"].unit) == (72, "hours")
    assert (thresholds["closing"].value, thresholds["closing"].unit) == (18, "months")


@needs_source
def test_every_row_of_percentages_is_in_the_catalogue_in_its_order(programme):
    """A number, or a percent sign whose number is lost."""
    printed = []
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        cells = [re.fullmatch(r"(\d*) ?%", cell.strip()) for cell in line.split("\t")]
        row = tuple(int(cell[1]) if cell[1] else LOST for cell in cells if cell)
        if row:
            printed.append(row if len(row) == 3 else (LOST, LOST, *row))
    own = [values(programme, each.code) for each in goals(programme)]
    assert len(printed) == 26
    assert [row for row in own if row != (LOST, LOST, LOST)] == printed


@needs_source
def test_serbian_names_are_made_of_the_words_of_the_document(programme):
    """Beside letters of the other script, which the scan has put into Latin words."""
    latin = str.maketrans("аеијлнорстхцу", "aeijlnorsthcu")
    known = set(re.findall(r"\w+", SOURCE.read_text(encoding="utf-8").lower().translate(latin)))
    named = [*programme.objectives, *programme.measures, *programme.indicators]
    names = [each.name["sr"] for each in named if "sr" in each.name]
    assert len(names) == 10 + 50 + 38 + 109 - 4  # names that the scan has lost
    unknown = set(re.findall(r"\w+", " ".join(names).lower())) - known
    assert unknown == set()


@needs_source
def test_measures_stand_in_the_document_in_this_order(programme):
    text = SOURCE.read_text(encoding="utf-8").replace("I.1\t", "1.1\t")
    printed = re.findall(r"^(\d+\.\d+)\t", text, flags=re.MULTILINE)
    assert [each.code for each in programme.measures] == printed
