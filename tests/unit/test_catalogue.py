"""The catalogue of a programme: each broken rule is refused by key, with its own message."""

from __future__ import annotations

import time

import pandas as pd
import pytest
import yaml

from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.programmes.catalogue import find_programme, list_programmes, load_programme
from forecasting.programmes.derivation import rederive
from forecasting.programmes.relations import check_relation
from forecasting.programmes.target_request import TargetRequest, forecast_driver

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
    assert NAME in list_programmes()
    programme = load_programme(NAME)
    assert load_programme(str(edited())) == programme


def test_an_unknown_programme_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=f"programme 'nope'; expected: .*{NAME}.*, or a file"):
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
            "not known; expected: one of applicants_2023, ",
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
        (swap_versions, "versions: 1.0 is not later than 2.0: 2022-10-04 and "),
        (repeat_a_version, "versions: '1.0' stands 2 times"),
        (put("headline", value="O.9"), "headline: 'O.9' is not an indicator of the catalogue"),
        (
            put("milestone_date", value="2029-12"),
            "milestone_date: 2029-12; expected: before target_date, 2029-12",
        ),
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
        (drop("operations", "escorts", "sl"), "operations.escorts.name: no text in 'sl'"),
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
        ("- a\n", "not a mapping; expected: the keys of the catalogue"),
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
    """Only version 4.0 gives a value of O.1.2; before it, it is quoted as what came later."""
    month = None if as_of is None else pd.Period(as_of, "M")
    assert load_programme(NAME).published_version(month, "O.1.2").version == version


def test_each_indicator_has_its_own_last_version():
    """Of R.3.7 the document also tells what version 1.0 planned."""
    programme, month = load_programme(NAME), pd.Period("2024-05", "M")
    assert programme.published_version(month, "R.3.7").version == "1.0"
    assert programme.published_value("R.3.7", "target", "1.0") == 10_000
    assert programme.published_version(None, "R.3.7").version == "4.0"


def test_without_any_value_the_last_version_counts(edited):
    def change(content):
        indicator(content, "O.1.2")["published"] = {"4.0": "not given"}

    assert load_programme(str(edited(change))).published_version(None, "O.1.2").version == "4.0"


def test_an_earlier_version_counts_until_the_next_is_adopted(edited):
    def change(content):
        indicator(content, "O.1.2")["published"]["3.0"] = {"milestone": 50, "target": 60}

    programme = load_programme(str(edited(change)))
    versions = [
        programme.published_version(pd.Period(month, "M"), "O.1.2").version
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


def above_itself(content):
    indicator(content, "O.1.1")["parent"] = "O.1.1.1"


def part_of_another_unit(content):
    indicator(content, "O.1.1.2")["unit"] = "places"


def part_twice(content):
    indicator(content, "O.1.1")["parts"] = ["O.1.1.1", "O.1.1.1"]


def undriven_part(content):
    indicator(content, "O.1.1")["parts"] = ["O.1.1.1", "O.1.2"]
    indicator(content, "O.1.2")["rounding"] = 10


def unknown_difference(content):
    reason = dict.fromkeys(("en", "sl", "sv", "fi"), "x")
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
        (above_itself, "O.1.1.parent: the indicator is above itself"),
        (part_of_another_unit, "O.1.1.2.unit: places; expected: persons, as its total O.1.1"),
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


# what loads can run

WORDS = "'not given', 'not legible in the scan', 'not applicable'"
WHOLE = f"a whole number, or {WORDS}, 'done'"


def headline_without_target(content):
    content["headline"] = "O.1.1.1"
    for values in indicator(content, "O.1.1.1")["published"].values():
        if isinstance(values, dict):
            values["target"] = "not given"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            put("O.1.1.2", "rounding", value=1000),
            "O.1.1.2.rounding: 1000; expected: 10, as its total O.1.1",
        ),
        (
            put("headline", value="O.1.2"),
            "headline: 'O.1.2' has no from_forecast; expected: an indicator that has it",
        ),
        (
            headline_without_target,
            "headline: 'O.1.1.1' has no published target; expected: one above 0 in some version",
        ),
        (
            put("driver", value="applicants"),
            "driver: 'applicants'; expected: reference data that are a series, flow, M: "
            "asylum-applicants",
        ),
        (
            put("driver", value="pending-applications"),
            "driver: 'pending-applications' (series, stock, M); expected: reference data",
        ),
        (
            put("driver", value="ministry-applications"),
            "driver: 'ministry-applications' (spans); expected: reference data",
        ),
        (
            put("geo", value="XX"),
            "geo: no figures for 'XX' in asylum-applicants; expected: FI or SI",
        ),
        (
            put("counting_starts", value="2007-12"),
            "counting_starts: 2007-12; expected: 2008-01 or later, where asylum-applicants begins",
        ),
        (
            put("counting_starts", value="2025-01"),
            "counting_starts: 2025-01; expected: not after milestone_date, 2024-12",
        ),
        (
            put("target_date", value="2052-02"),
            "target_date: 2052-02; expected: by 2052-01, 30 years after counting_starts",
        ),
        (
            put("O.1.1.1", "from_forecast", "starts", value="2021-12"),
            "O.1.1.1.from_forecast.starts: 2021-12; expected: from counting_starts, 2022-01, to "
            "target_date, 2029-12",
        ),
        (
            put("O.1.1.1", "from_forecast", "starts", value="2030-01"),
            "O.1.1.1.from_forecast.starts: 2030-01; expected: from counting_starts, 2022-01, to ",
        ),
        (
            put("inputs", "contingency_persons", "value", value=-1),
            "inputs.contingency_persons.value: -1; expected: 0 or more",
        ),
        (
            put("inputs", "share_useful_pact", "value", value=100.5),
            "inputs.share_useful_pact.value: 100.5 %; expected: at most 100 %",
        ),
        (
            put("inputs", "applications_per_year", "value", value=3.548),
            "inputs.applications_per_year.value: value '3.548' may be a thousands point; "
            "expected: 3548; if a fraction is meant write 3.5480",
        ),
    ],
)
def test_a_catalogue_that_could_not_run_is_refused_by_key(edited, change, message):
    path = edited(change)
    assert refusal(path).startswith(f"{path}: {message}")
    assert "\n" not in refusal(path)


@pytest.mark.parametrize("target_date", ["2024-09", "2023-12", "2054-10"])
def test_the_target_date_lies_in_the_thirty_years_after_the_last_observation(edited, target_date):
    def change(content):
        content |= {"counting_starts": "2022-01", "milestone_date": "2023-06"}
        content["target_date"] = target_date
        indicator(content, "O.1.1.2")["from_forecast"].pop("starts", None)

    assert (
        f"target_date: {target_date}; expected: 2024-10 to 2054-09, the 30 years after the last "
        "month observed"
    ) in refusal(edited(change))


@pytest.mark.parametrize(
    ("change", "place", "value"),
    [
        (put("counting_starts", value="2024-12"), "counting_starts", "2024-12"),
        (put("target_date", value="2052-01"), "target_date", "2052-01"),
    ],
)
def test_the_ends_of_the_dates_are_accepted(edited, change, place, value):
    def both(content):
        change(content)
        indicator(content, "O.1.1.2")["from_forecast"].pop("starts", None)

    assert str(getattr(load_programme(str(edited(both))), place)) == value


@pytest.mark.parametrize(
    ("name", "written", "refused"),
    [
        ("applications_per_year", "3.500", True),
        ("contingency_persons", "2.100", True),
        ("applications_per_year", "3.5480", False),
        ("applications_per_year", "0.548", False),
        ("applications_per_year", "3548.125", False),
        ("stay_in_reception", "4.125", False),
        ("cost_per_person_and_month", "600.125", False),
    ],
)
def test_a_thousands_point_is_looked_for_in_counts_as_the_file_writes_them(
    edited, name, written, refused
):
    def change(content):
        content["inputs"][name] |= {"value": "HERE", "quality": "assumed"}

    path = edited(change)
    text = path.read_text(encoding="utf-8").replace("HERE", written)
    path.write_text(text, encoding="utf-8")
    if refused:
        assert f"inputs.{name}.value: value '{written}' may be a thousands" in refusal(path)
    else:
        assert float(load_programme(str(path)).inputs[name].value) == float(written)


NUMBER = "a number such as 1234 or 3.5"
INPUT = ("inputs", "pact_years", "value")
PUBLISHED = ("O.1.2", "published", "4.0")
TARGET_KEY = "indicators.O.1.2.published.4.0.target"


@pytest.mark.parametrize(
    ("steps", "value", "key", "words"),
    [
        (INPUT, "3,5", "inputs.pact_years.value", f"{NUMBER}; write 3.5, not 3,5"),
        (INPUT, "1.234,5", "inputs.pact_years.value", f"{NUMBER}; write 1234.5, not 1.234,5"),
        (INPUT, "3,548", "inputs.pact_years.value", f"{NUMBER}; write 3548 or 3.5480, not 3,548"),
        (INPUT, "17.740", "inputs.pact_years.value", f"{NUMBER}; write 17740, not 17.740"),
        (INPUT, "3.5", "inputs.pact_years.value", f"{NUMBER}; write 3.5 without quotes"),
        (INPUT, "five", "inputs.pact_years.value", NUMBER),
        (INPUT, None, "inputs.pact_years.value", NUMBER),
        ((*PUBLISHED, "target"), "17.740", TARGET_KEY, f"{WHOLE}; write 17740, not 17.740"),
        ((*PUBLISHED, "target"), "1 740", TARGET_KEY, f"{WHOLE}; write 1740 without quotes"),
        ((*PUBLISHED, "target"), "3,5", TARGET_KEY, WHOLE),
        ((*PUBLISHED, "target"), 17.74, TARGET_KEY, f"{WHOLE}; write 1000, not 1.000"),
        (
            PUBLISHED, 170, "indicators.O.1.2.published.4.0",
            f"keys with values, or {WORDS}",
        ),
        (("O.1.2", "baseline"), None, "indicators.O.1.2.baseline", f"a whole number, or {WORDS}"),
        (
            ("O.1.2", "baseline"), 0.5, "indicators.O.1.2.baseline",
            f"a whole number, or {WORDS}; write 1000, not 1.000",
        ),
        (
            ("O.1.2", "rounding"), "1.000", "indicators.O.1.2.rounding",
            "a whole number; write 1000, not 1.000",
        ),
        (("O.1.2", "rounding"), 0, "indicators.O.1.2.rounding", "1 or more"),
        (("O.1.2", "kind"), "wish", "indicators.O.1.2.kind", "'output' or 'result'"),
        (("O.1.2", "measures"), "1b", "indicators.O.1.2.measures", "a list"),
        (("O.1.2", "from_forecast"), [], "indicators.O.1.2.from_forecast", "keys with values"),
        (("name",), "AMIF", "name", "keys with values"),
        (("name", "sl"), 5, "name.sl", "text"),
        (("counting_starts",), 2022, "counting_starts", "a month written YYYY-MM"),
        (("counting_starts",), "May", "counting_starts", "a month written YYYY-MM"),
        (("versions",), [], "versions", "at least one entry"),
        (("indicators",), ["x"], "indicators.0", "keys with values"),
        (("operations", 7), {"en": "x", "sl": "x"}, "operations.7", "a key in quotes"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_gives_one_line_in_plain_words(edited, steps, value, key, words):
    path = edited(put(*steps, value=value))
    message = refusal(path)
    assert message.startswith(f"{path}, key '{key}': found ")
    assert message.endswith(f"; expected: {words}")
    assert "\n" not in message


def test_every_key_at_fault_has_its_line(edited):
    def change(content):
        put(*INPUT, value="3,5")(content)
        put(*PUBLISHED, value={"milestone": "75", "colour": "red"})(content)

    lines = refusal(edited(change)).split("\n")
    assert [line.split("key ")[1].split(":")[0] for line in lines] == [
        "'inputs.pact_years.value'",
        "'indicators.O.1.2.published.4.0.milestone'",
        f"'{TARGET_KEY}'",
        "'indicators.O.1.2.published.4.0.colour'",
    ]


# relations between printed numbers


def relation(content, name):
    return next(entry for entry in content["relations"] if entry["name"] == name)


def change_relation(name, key, value):
    def change(content):
        relation(content, name)[key] = value

    return change


def no_difference(content):
    del relation(content, "detention_2023")["difference"]


def twice(content):
    content["relations"].append(dict(relation(content, "o_1_3_target")))


OWN = "; an input with a value of your own has the quality 'assumed'"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            change_relation("o_1_3_target", "stated", 421),
            "relations.o_1_3_target: 420 calculated, 421 stated; expected: a recorded difference "
            f"of 1 with its reason{OWN}",
        ),
        (
            no_difference,
            "relations.detention_2023: 294 calculated, 291 stated; expected: a recorded difference "
            f"of -3 with its reason{OWN}",
        ),
        (
            change_relation(
                "so3_all",
                "difference",
                {"amount": 0.01, "reason": dict.fromkeys(("en", "sl", "sv", "fi"), "x")},
            ),
            "relations.so3_all: 100.01 calculated, 100 stated; expected: a recorded difference of "
            f"-0.01 with its reason{OWN}",
        ),
        (
            put("O.1.1.2", "published", "4.0", "target", value=167751),
            "relations.o_1_1_target: 185491 calculated, 185490 stated; expected: ",
        ),
        (
            change_relation("o_1_3_target", "unit", "persons"),
            "relations.o_1_3_target: gives places; expected: persons",
        ),
        (
            change_relation("o_1_3_target", "formula", "places_minors + nothing"),
            "relations.o_1_3_target: indicator o_1_3_target, formula column 17: input 'nothing' "
            "is not known",
        ),
        (
            change_relation("o_1_3_target", "formula", "O_1_3_1_target + O_1_3_1_baseline"),
            "input 'O_1_3_1_baseline' is not known",
        ),
        (twice, "relations: code 'o_1_3_target' stands 2 times"),
        (
            change_relation("o_1_3_target", "place", ""),
            ".place': found ''; expected: ",
        ),
    ],
)
def test_a_relation_comes_out_or_its_difference_is_recorded(edited, change, message):
    found = refusal(edited(change))
    assert message in found


def test_a_checked_relation_tells_what_it_gives():
    programme = load_programme(NAME)
    named = {entry.name: entry for entry in programme.relations}
    checked = check_relation(named["detention_2023"], programme)
    assert (checked.calculated, checked.stated) == (294, 291)
    assert checked.amount == checked.recorded == -3
    assert checked.names == {"foreigners_2023", "applicants_2023"}
    exact = check_relation(named["o_1_3_target"], programme)
    assert (exact.amount, exact.recorded) == (0, 0)


def test_a_value_of_ones_own_is_free_of_the_relations_once_it_is_called_assumed(edited):
    def change(content):
        content["inputs"]["places_special"] |= {"value": 60, "quality": "assumed"}

    programme = load_programme(str(edited(change)))
    assert rederive(programme, programme.indicator("O.1.3"), "target").value == 430


# what may be left out, and what refers to what


def undriven(content):
    del content["driver"]
    del content["headline"]
    for entry in content["indicators"]:
        entry.pop("from_forecast", None)


def test_a_programme_without_driver_loads_but_has_no_forecast(edited):
    programme = load_programme(str(edited(undriven)))
    assert (programme.driver, programme.headline) == (None, None)
    assert forecast_driver(programme, TargetRequest(n_paths=10)) is None


def test_only_the_regulation_asks_for_baselines_and_milestones(edited):
    def change(content):
        del content["framework"]
        indicator(content, "R.1.5")["baseline"] = "not given"
        indicator(content, "R.1.5")["published"]["4.0"]["milestone"] = 10
        del indicator(content, "O.1.2")["published"]["4.0"]["milestone"]

    assert load_programme(str(edited(change))).framework is None


def unit_of_a_deliverable(content):
    indicator(content, "O.2.4")["published"]["4.0"] = {"milestone": "not given", "target": "done"}


def test_a_deliverable_is_done(edited):
    programme = load_programme(str(edited(unit_of_a_deliverable)))
    assert programme.indicator("O.2.4").published["4.0"].target == "done"
    assert programme.published_value("O.2.4", "target", "4.0") is None


def test_a_percentage_need_not_be_whole(edited):
    def change(content):
        place = indicator(content, "O.2.4")
        place |= {"unit": "%", "published": {"4.0": {"milestone": 0.5, "target": 12.5}}}
        place["baseline"] = 0.25

    assert load_programme(str(edited(change))).published_value("O.2.4", "target", "4.0") == 12.5


def drop_reason(content):
    del content["differences"][0]["reason"]["sl"]


def first(key, *steps, value):
    def change(content):
        place = content[key][0]
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]] = value

    return change


ENGLISH = {"en": "x"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("driver"), "driver: none; expected: the reference data that from_forecast and "),
        (put("O.1.2", "measures", value=["9z"]), "O.1.2.measures: '9z' is not in the catalogue"),
        (
            first("measures", "objective", value="SO9"),
            "measures.1a.objective: 'SO9' is not in the catalogue",
        ),
        (first("measures", "code", value="1b"), "measures: code '1b' stands 2 times"),
        (first("objectives", "code", value="SO2"), "objectives: code 'SO2' stands 2 times"),
        (
            first("intervention_shares", "objective", value="SO9"),
            "intervention_shares.SO9: 'SO9' is not in the catalogue",
        ),
        (
            first("intervention_shares", "indicators", value=["O.9"]),
            "intervention_shares.001.indicators: 'O.9' is not in the catalogue",
        ),
        (put("in_briefing", value=["O.9"]), "in_briefing: 'O.9' is not in the catalogue"),
        (
            put("operations", "accommodation", "since", value="9.0"),
            "operations.accommodation.since: '9.0' is not in the catalogue",
        ),
        (put("O.1.2", "unit", value="camels"), "O.1.2.unit: unit 'camels' is not known"),
        (
            drop("O.1.4", "not_monitored_because"),
            "O.1.4.not_monitored_because: missing; expected: the reason that the document gives",
        ),
        (
            drop("R.1.7", "not_monitored_because"),
            "R.1.7.not_monitored_because: missing; expected: the reason that the document gives",
        ),
        (
            drop("O.1.4", "monitored"),
            "O.1.4.not_monitored_because: but monitored is true; expected: no reason, or ",
        ),
        (drop_reason, "differences.R.2.8.reason: no text in 'sl'"),
        (first("factors", "factor", value=ENGLISH), "factors.0.factor: no text in 'sl'"),
        (
            first("objectives", "factors", 0, "handling", value=ENGLISH),
            "objectives.SO1.factors.0.handling: no text in 'sl'",
        ),
        (first("measures", "name", value=ENGLISH), "measures.1a.name: no text in 'sl'"),
        (
            put("operations", "accommodation", "note", value={"sl": "x"}),
            "operations.accommodation.note: no text in 'en'",
        ),
        (
            first("intervention_shares", "name", value=ENGLISH),
            "intervention_shares.001.name: no text in 'sl'",
        ),
        (first("relations", "text", value=ENGLISH), "relations.o_1_1_milestone.text: no text in"),
        (
            put("O.1.4", "not_monitored_because", value=ENGLISH),
            "O.1.4.not_monitored_because: no text in 'sl'",
        ),
        (put("O.1.2", "note", value=ENGLISH), "O.1.2.note: no text in 'sl'"),
        (
            put("O.1.1", "from_forecast", "note", value=ENGLISH),
            "O.1.1.from_forecast.note: no text in 'sl'",
        ),
        (put("note", value=ENGLISH), "note: no text in 'sl'"),
    ],
)
def test_what_is_named_stands_in_the_catalogue_in_both_languages(edited, change, message):
    path = edited(change)
    assert refusal(path).startswith(f"{path}: {message}")


def test_all_catalogues_load_within_a_second():
    started = time.process_time()
    for name in list_programmes():
        load_programme(name)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("depth", [5_000, 100_000])
def test_lists_in_lists_without_end_are_refused(tmp_path, depth):
    path = tmp_path / "own.yaml"
    path.write_text("id: " + "[" * depth + "]" * depth, encoding="utf-8")
    assert refusal(path).endswith("expected: plain YAML")
