"""The catalogue of a programme: each broken rule is refused by key, with its own message."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.programmes.catalogue import find_programme, list_programmes, load_programme

NAME = "si-amif-2021-2027"
SHIPPED = data_dir() / "programmes" / f"{NAME}.yaml"


@pytest.fixture
def edited(tmp_path):
    """Return a function that writes an edited copy of the shipped programme."""

    def write(change=lambda content: None):
        content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
        change(content)
        path = tmp_path / "own.yaml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return path

    return write


def refusal(path):
    with pytest.raises(InputError) as caught:
        load_programme(str(path))
    return str(caught.value)


def indicator(content, code):
    return next(entry for entry in content["indicators"] if entry["code"] == code)


def put(*steps, value):
    """Return a change that sets one place of the catalogue; an indicator is named by its code."""

    def change(content):
        place = content
        for step in steps[:-1]:
            place = indicator(content, step) if step in codes(content) else place[step]
        place[steps[-1]] = value

    return change


def drop(*steps):
    def change(content):
        place = content
        for step in steps[:-1]:
            place = indicator(content, step) if step in codes(content) else place[step]
        del place[steps[-1]]

    return change


def codes(content):
    return [entry["code"] for entry in content["indicators"]]


def repeat_an_indicator(content):
    content["indicators"].append(dict(indicator(content, "O.1.2")))


def swap_versions(content):
    content["versions"][:2] = content["versions"][1::-1]


def repeat_a_version(content):
    content["versions"][1]["version"] = "1.0"


TARGET = ("O.1.1.1", "as_published", "target")


def test_the_shipped_programme_loads_and_the_copy_too(edited):
    assert list_programmes() == [NAME]
    programme = load_programme(NAME)
    assert [entry.code for entry in programme.indicators] == [
        "O.1.1", "O.1.1.1", "O.1.1.2", "O.1.1.3", "O.1.2", "R.1.5", "R.1.6",
    ]  # fmt: skip
    assert load_programme(str(edited())) == programme


def test_an_unknown_programme_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=f"programme 'nope'; expected: {NAME}, or a file"):
        find_programme("nope")
    with pytest.raises(InputError, match="programme 'nope'"):
        load_programme("nope")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("colour", value="red"), "key 'colour': is not a key of the catalogue"),
        (put("O.1.2", "colour", value=1), "key 'indicators.O.1.2.colour': is not a key"),
        (drop("geo"), "key 'geo': is missing"),
        (drop("O.1.2", "unit"), "key 'indicators.O.1.2.unit': is missing"),
        (drop("inputs", "target_years", "source"), "key 'inputs.target_years.source': is missing"),
        (
            put("inputs", "target_years", "value", value="five"),
            "key 'inputs.target_years.value': found 'five'; expected: ",
        ),
        (
            put("inputs", "target_years", "value", value=True),
            "key 'inputs.target_years.value': found True; expected: ",
        ),
        (
            put("inputs", "target_years", "quality", value="sure"),
            "key 'inputs.target_years.quality': found 'sure'; expected: ",
        ),
        (put("O.1.2", "kind", value="wish"), "key 'indicators.O.1.2.kind': found 'wish'"),
        (put("O.1.2", "rounding", value=0), "key 'indicators.O.1.2.rounding': found 0"),
        (
            put("O.1.2", "published", "4.0", "target", value="many"),
            "key 'indicators.O.1.2.published.4.0.target': found 'many'",
        ),
        (put("counting_starts", value=2022), "key 'counting_starts': found 2022; expected: "),
        (
            put("O.1.1", "from_forecast", "overlap_of_parts", value=101),
            "key 'indicators.O.1.1.from_forecast.overlap_of_parts': found 101; expected: ",
        ),
        (
            put("inputs", "reception_budget", "unit", value="camels"),
            "inputs.reception_budget: unit 'camels' is not known; expected: one of EUR, persons",
        ),
        (put("inputs", "applicants", value={}), "key 'inputs.applicants.value': is missing"),
        (
            put(*TARGET, value="target_years * nobody"),
            "O.1.1.1.as_published.target: indicator O.1.1.1, formula column 16: input 'nobody' is "
            "not known; expected: one of applications_per_year, ",
        ),
        (
            put(*TARGET, value="__import__('os').system('true')"),
            "O.1.1.1.as_published.target: indicator O.1.1.1, formula column 17: attribute access",
        ),
        (put(*TARGET, value="__import__('os')"), "O.1.1.1, formula column 1: "),
        (put(*TARGET, value="target_years ** 2"), "O.1.1.1, formula column 14: a power"),
        (put(*TARGET, value="target_years + applications_per_year"), "joins years and "),
        (
            put(*TARGET, value="target_years"),
            "O.1.1.1.as_published.target: gives years; expected: applications",
        ),
        (
            put("O.1.1.1", "from_forecast", "formula", value="applicants * cost"),
            "O.1.1.1.from_forecast.formula: indicator O.1.1.1, formula column 14: input 'cost' is",
        ),
        (
            put("O.1.1.1", "from_forecast", "formula", value="applicants * pact_years"),
            "O.1.1.1.from_forecast.formula: gives persons*years; expected: persons",
        ),
        (
            put(*TARGET, value="applicants * 1"),
            "O.1.1.1.as_published.target: indicator O.1.1.1, formula column 1: input 'applicants'",
        ),
        (
            put("O.1.2", "as_published", "target", value="sum of parts"),
            "O.1.2.as_published.target: 'sum of parts' of an indicator without parts",
        ),
        (
            drop("O.1.1", "from_forecast", "overlap_of_parts"),
            "O.1.1.from_forecast.overlap_of_parts: percent of the smaller part",
        ),
        (
            put("O.1.1.1", "from_forecast", "overlap_of_parts", value=10),
            "O.1.1.1.from_forecast.overlap_of_parts: percent of the smaller part",
        ),
        (
            put("O.1.1.1", "published", "4.0", "milestone", value=17741),
            "O.1.1.1.published.4.0: milestone 17741 above target 17740",
        ),
        (
            put("R.1.5", "published", "4.0", "milestone", value=10),
            "R.1.5.published.4.0: a milestone for a result indicator (CPR, Article 16",
        ),
        (
            drop("O.1.2", "published", "4.0", "milestone"),
            "O.1.2.published.4.0: an output indicator needs a milestone, or 'not given'",
        ),
        (
            put("O.1.1.2", "published", "4.0", "target", value=-1),
            "O.1.1.2.published.4.0: -1 is negative",
        ),
        (put("R.1.5", "baseline", value="not given"), "R.1.5.baseline: a result indicator needs"),
        (repeat_an_indicator, "indicators: code 'O.1.2' stands 2 times"),
        (swap_versions, "versions: 1.0 is not later than 2.0"),
        (repeat_a_version, "versions: '1.0' stands 2 times"),
        (put("headline", value="O.9"), "headline: 'O.9' is not an indicator of the catalogue"),
        (put("milestone_date", value="2029-12"), "milestone_date: not before target_date"),
        (put("O.1.1", "parts", value=["O.9"]), "O.1.1.parts: 'O.9' is not in the catalogue"),
        (put("O.1.1.1", "parent", value="O.9"), "O.1.1.1.parent: 'O.9' is not in the catalogue"),
        (put("O.1.2", "operations", value=["x"]), "O.1.2.operations: 'x' is not in the catalogue"),
        (
            put("O.1.2", "published", "9.0", value="not given"),
            "O.1.2.published: '9.0' is not in the catalogue",
        ),
        (drop("O.1.2", "name", "sl"), "O.1.2.name: no text in 'sl'"),
        (put("O.1.2", "data_source", "sl", value=" "), "O.1.2.data_source: no text in 'sl'"),
        (drop("inputs", "target_years", "label", "sl"), "inputs.target_years.label: no text in"),
        (drop("inputs", "target_years", "note", "en"), "inputs.target_years.note: no text in 'en'"),
        (drop("operations", "escorts", "sl"), "operations.escorts: no text in 'sl'"),
    ],
)
def test_each_broken_rule_is_named_by_file_and_key(edited, change, message):
    path = edited(change)
    found = refusal(path)
    assert message in found
    assert found.startswith(f"{path}")


def test_an_input_may_not_take_the_name_of_the_forecast(edited):
    def change(content):
        content["inputs"]["applicants"] = dict(content["inputs"]["other_support"])

    assert "inputs.applicants: this name is kept for the forecast" in refusal(edited(change))


def test_all_faults_are_listed_at_once(edited):
    def change(content):
        content["headline"] = "O.9"
        content["milestone_date"] = "2030-01"
        del content["short_name"]["sl"]

    assert len(refusal(edited(change)).split("\n")) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "not a mapping; expected: the keys of a programme"),
        ("", "not a mapping"),
        ("id: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("id: a\nid: b\n", "row 2, column 1: key 'id' stands twice"),
    ],
)
def test_a_file_that_is_no_catalogue(tmp_path, text, message):
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    assert message in refusal(path)


def test_a_missing_file_is_named(tmp_path):
    assert refusal(tmp_path / "none.yaml").endswith("none.yaml: no such file")


@pytest.mark.parametrize(
    ("as_of", "version"), [(None, "4.0"), ("2025-10", "4.0"), ("2024-05", "4.0")]
)
def test_the_version_is_the_last_one_that_gives_values(as_of, version):
    """Only version 4.0 gives values here; before it, it is quoted as what came later."""
    month = None if as_of is None else pd.Period(as_of, "M")
    assert load_programme(NAME).published_version(month).version == version


def test_an_earlier_version_counts_until_the_next_is_adopted(edited):
    def change(content):
        indicator(content, "O.1.2")["published"]["3.0"] = {"milestone": 50, "target": 60}

    programme = load_programme(str(edited(change)))
    versions = [
        programme.published_version(pd.Period(month, "M")).version
        for month in ("2021-12", "2024-02", "2025-09", "2025-10")
    ]
    assert versions == ["3.0", "3.0", "3.0", "4.0"]
    assert programme.published_value("O.1.2", "target", "3.0") == 60
    assert programme.published_value("O.1.2", "target", "1.0") is None


def test_an_unknown_indicator_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"indicator 'O.9'; expected: O.1.1, O.1.1.1"):
        load_programme(NAME).indicator("O.9")


def part_of_itself(content):
    indicator(content, "O.1.1")["parts"] = ["O.1.1"]


def cycle(content):
    indicator(content, "O.1.1.1")["parts"] = ["O.1.1"]


def part_twice(content):
    indicator(content, "O.1.1")["parts"] = ["O.1.1.1", "O.1.1.1"]


def undriven_part(content):
    indicator(content, "O.1.1")["parts"] = ["O.1.1.1", "O.1.2"]


def unknown_difference(content):
    reason = {"en": "x", "sl": "x"}
    content["differences"] = [
        {"indicator": "O.9", "point": "target", "amount": 1, "reason": reason}
    ]


def reason_without_slovenian(content):
    del content["versions"][0]["reason"]["sl"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (part_of_itself, "O.1.1.parts: the indicator is a part of itself"),
        (cycle, "O.1.1.1.parts: the indicator is a part of itself"),
        (part_twice, "O.1.1.parts: 'O.1.1.1' stands 2 times"),
        (undriven_part, "O.1.1.from_forecast.formula: part 'O.1.2' has no from_forecast"),
        (unknown_difference, "differences: 'O.9' is not an indicator of the catalogue"),
        (reason_without_slovenian, "versions.1.0.reason: no text in 'sl'"),
    ],
)
def test_parts_differences_and_texts_are_held_against_the_catalogue(edited, change, message):
    assert message in refusal(edited(change))


def test_a_month_that_is_none_is_named_by_file_and_key(edited):
    path = edited(lambda content: content.update(counting_starts="January 2022"))
    message = refusal(path)
    assert f"{path}, key 'counting_starts'" in message
    assert "YYYY-MM" in message
