"""docs/checks.md: every value of the page against its catalogue and the line of its document."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest

from forecasting.programmes.audit_indicators import newest
from forecasting.programmes.catalogue import list_programmes, load_programme
from forecasting.programmes.relations import check_relation

ROOT = Path(__file__).parents[2]
SOURCES = ROOT.parent / "shared" / "sources"
PAGE = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
SECTION = re.compile(
    r"^`(?P<id>[\w-]+)`, source document (?P<source>\d{3})\n(?P<table>.*?)(?=^## |\Z)",
    re.MULTILINE | re.DOTALL,
)
ROW = re.compile(
    r"^\| `(?P<key>[^`]+)` \| (?P<value>[^|]+) \| (?P<printed>[^|]+) \| [^|]+ "
    r"\| [^|]+; line (?P<line>\d+) \|$",
    re.MULTILINE,
)
CASES = [
    (section["id"], section["source"], *row.group("key", "value", "printed", "line"))
    for section in SECTION.finditer(PAGE)
    for row in ROW.finditer(section["table"])
]
KINDS = {"input", "rule", "relation", "difference", "share", "funding", "deadline", "allocation"}


def only(found):
    """Return the one entry there is."""
    (one,) = found
    return one


def measure_of(programme, code):
    return only(measure for measure in programme.measures if measure.code == code)


def indicator_value(programme, code, point, version=None):
    """Value of a version; without one the newest, a baseline, or the word in its place."""
    indicator = programme.indicator(code)
    if point == "baseline":
        return indicator.baseline
    if version is None:
        value = newest(programme, indicator, point)
        return getattr(only(indicator.published.values()), point) if value is None else value
    return programme.published_value(code, point, version)


def call_budget(programme, objective, call_round, measure=None):
    return only(
        call.budget_eur
        for call in programme.calls
        if (call.objective, call.round, call.measure) == (objective, call_round, measure)
    )


def catalogue_value(programme, key):
    """Value of the catalogue under a key of the page."""
    kind, *names = key.split()
    relations = {relation.name: relation for relation in programme.relations}
    if kind == "call":
        return call_budget(programme, *names)
    if kind not in KINDS:
        return indicator_value(programme, kind, *names)
    read = {
        "input": lambda: programme.inputs[names[0]].value,
        "rule": lambda: only(r.threshold.value for r in programme.rules if r.code == names[0]),
        "relation": lambda: relations[names[0]].stated,
        "difference": lambda: float(check_relation(relations[names[0]], programme).amount),
        "share": lambda: only(
            share.percent
            for share in programme.intervention_shares
            if f"{share.objective}/{share.code}" == names[0]
        ),
        "funding": lambda: only(
            each.eur
            for each in measure_of(programme, names[0]).funding
            if each.year == int(names[1])
        ),
        "deadline": lambda: measure_of(programme, names[0]).deadline,
        "allocation": lambda: only(
            each.eur for each in programme.allocations if [each.objective, each.kind] == names
        ),
    }
    return read[kind]()


def as_on_the_page(text):
    """Read a value of the page: a number in English writing, a date, or words."""
    if re.fullmatch(r"-?\d[\d,]*(\.\d+)?", text):
        return float(text.replace(",", ""))
    return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


@pytest.fixture(scope="module")
def catalogues():
    return {name: load_programme(name) for name in list_programmes()}


def test_the_page_has_at_least_forty_values_over_all_catalogues():
    counts = Counter(case[0] for case in CASES)
    assert sorted(counts) == list_programmes()
    assert min(counts.values()) >= 10
    assert len(CASES) == int(re.search(r"^# Spot checks: (\d+) values", PAGE)[1]) >= 40
    assert len({case[:3] for case in CASES}) == len(CASES)
    rows = re.findall(r"^\| `[^`]+` \|(?: [^|]+ \|){4}$", PAGE, re.MULTILINE)
    assert len(rows) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}: {case[2]}")
def test_a_value_of_the_page_is_that_of_the_catalogue(catalogues, case):
    name, _, key, value, _, _ = case
    found = catalogue_value(catalogues[name], key)
    expected = as_on_the_page(value)
    assert (float(found) if isinstance(expected, float) else found) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}: {case[2]}")
def test_a_value_of_the_page_stands_in_the_line_of_its_document(case):
    _, source, _, _, printed, line = case
    files = list(SOURCES.glob(f"{source}_*.txt"))
    if not files:
        pytest.skip("no shared/sources beside the checkout")
    text = files[0].read_text(encoding="utf-8").split("\n")[int(line) - 1]
    assert printed in " ".join(text.split())
