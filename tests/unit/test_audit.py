"""What an auditor would ask: each kind of finding on a small programme, and on the shipped ones."""

from __future__ import annotations

import copy
import datetime as dt
import re
from fractions import Fraction
from pathlib import Path

import pytest

from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.programmes.audit import audit
from forecasting.programmes.catalogue import Programme, list_programmes, load_programme
from forecasting.programmes.findings import KINDS, SEVERITIES
from forecasting.programmes.stress_test import stress_test


def both(text):
    return dict.fromkeys(language_codes(), text)


def persons(value):
    return {"value": value, "unit": "persons"}


def months(value):
    return {"value": value, "unit": "months"}


def indicator(code="O.1", **keys):
    """A sound output indicator of persons: 30 by the milestone, 80 by the target."""
    sound = {
        "code": code,
        "kind": "output",
        "name": both("n"),
        "unit": "persons",
        "measures": ["m"],
        "baseline": "not applicable",
        "published": {"2": {"milestone": 30, "target": 80}},
        "breakdown": {"gender": ["male", "female"], "age": ["<18", "18-60", ">60"]},
        "data_source": both("records"),
        "as_published": {"milestone": "thirty", "target": "eighty"},
    }
    return sound | keys


def result(code="R.1", **keys):
    keys = {"baseline": 0, "baseline_year": 2021, "published": {"2": {"target": 80}}} | keys
    return indicator(code, kind="result", **keys)


def programme(indicators, **keys):
    """Three years to the milestone, five from there; versions 1 and 2."""
    content = {
        "id": "p",
        "name": both("p"),
        "short_name": both("p"),
        "geo": "SI",
        "source": both("s"),
        "counting_starts": "2022-01",
        "milestone_date": "2024-12",
        "target_date": "2029-12",
        "framework": "cpr",
        "versions": [
            {"version": "1", "date": dt.date(2022, 1, 1), "reason": both("r")},
            {"version": "2", "date": dt.date(2024, 1, 1), "reason": both("r")},
        ],
        "objectives": [{"code": "SO1", "name": both("o")}],
        "measures": [{"code": "m", "objective": "SO1", "name": both("m")}],
        "inputs": {
            "thirty": given(30),
            "eighty": given(80),
        },
        "indicators": indicators,
    }
    return Programme.model_validate(content | keys)


def given(value, quality="given"):
    return {
        "value": value,
        "unit": "persons",
        "label": both("l"),
        "source": both("s"),
        "quality": quality,
    }


def values(milestone, target):
    return {"published": {"2": {"milestone": milestone, "target": target}}}


def versions(first, second):
    return {"published": {"1": {"milestone": 30, "target": first}}
            | {"2": {"milestone": 30, "target": second}}}  # fmt: skip


def method_changed():
    new = {"version": "2", "date": dt.date(2024, 1, 1), "reason": both("r")}
    return [
        {"version": "1", "date": dt.date(2022, 1, 1), "reason": both("r")},
        new | {"method_changed": ["O.1"]},
    ]


def money(code, eur, **keys):
    funding = [{"source": both("s"), "eur": eur}]
    return {"code": code, "objective": "SO1", "name": both("m"), "funding": funding} | keys


def due(code, day, **keys):
    return {"code": code, "objective": "SO1", "name": both("m"), "deadline": day} | keys


def operation(**keys):
    return {"operations": {"op": {"name": both("op")} | keys}}


CAPACITY = {"capacity": {"value": 60, "unit": "places"}, "duration": months(36)}
COSTS = [("a", 8000), ("b", 8000), ("c", 4000), ("d", 80000)]  # for 80 persons each

CASES = {
    "part-above-total": (
        programme([indicator(), indicator("O.1.1", parent="O.1", **values(30, 81))]),
        [("O.1.1", 1)],
    ),
    "parts-do-not-add": (
        programme([
            indicator(parts=["O.1.1"], as_published={}), indicator("O.1.1", **values(30, 70)),
        ]),
        [("O.1", 10)],
    ),
    "remainder-without-part": (
        programme([
            indicator(),
            indicator("O.1.1", parent="O.1", **values(20, 40)),
            indicator("O.1.2", parent="O.1", **values(10, 25)),
        ]),
        [("O.1", 15)],
    ),
    "result-above-output": (
        programme(
            [indicator(operations=["op"]),
             result(operations=["op"], published={"2": {"target": 90}})],
            **operation(),
        ),
        [("R.1", 10)],
    ),
    "measure-of-another-objective": (
        programme([indicator("O.2.1")], objectives=[
            {"code": "SO1", "name": both("o")}, {"code": "SO2", "name": both("o")},
        ]),
        [("O.2.1", None)],
    ),
    "milestone-above-target": (programme([indicator(**values(90, 80))]), [("O.1", 10)]),
    "reached-by-milestone": (programme([indicator(**values(80, 80))]), [("O.1", None)]),
    "slow-after-milestone": (  # 20 a year, then 4
        programme([indicator(**values(60, 80))]), [("O.1", None)],
    ),
    "target-not-above-baseline": (programme([result(baseline=85)]), [("R.1", 5)]),
    "milestone-for-result": (
        programme([result(**values(30, 80))]), [("R.1", None)],
    ),
    "no-breakdown": (programme([indicator(breakdown="not given")]), [("O.1", None)]),
    "incomplete-breakdown": (
        programme([indicator(breakdown={"gender": ["male"], "age": ["<18", "18-60"]})]),
        [("O.1", None)],
    ),
    "no-data-source": (programme([indicator(data_source="not given")]), [("O.1", None)]),
    "no-baseline-year": (programme([result(baseline_year="not given")]), [("R.1", None)]),
    "no-calculation": (
        programme([indicator(as_published={"milestone": "thirty"})]), [("O.1", None)],
    ),
    "implied-input": (
        programme([indicator()], inputs={"thirty": given(30), "eighty": given(80, "implied")}),
        [("O.1", 80)],
    ),
    "target-not-monitored": (
        programme([indicator(monitored=False, not_monitored_because=both("r"))]), [("O.1", None)],
    ),
    "no-target": (
        programme([indicator(**values("not given", "not given"))]), [("O.1", None)],
    ),
    "unchanged-after-method": (
        programme([indicator(**versions(80, 80))], versions=method_changed()), [("O.1", None)],
    ),
    "never-revised": (programme([indicator(**versions(80, 80))]), [("O.1", None)]),
    "large-revision": (programme([indicator(**versions(161, 80))]), [("O.1", -81)]),
    "history-not-given": (
        programme([indicator(
            published={"1": "not given", "2": {"milestone": 30, "target": 80}},
        )]),
        [("O.1", None)],
    ),
    "capacity-exceeded": (
        programme([indicator()], **operation(**CAPACITY, stay=months(18), persons=persons(150))),
        [("op", 30)],
    ),
    "cost-mismatch": (  # 100 persons x 4 months x 600 EUR = 240,000 EUR
        programme([indicator()], **operation(
            persons=persons(100), stay=months(4),
            unit_cost={"value": 600, "unit": "EUR/(person*month)"},
            funding=[{"source": both("s"), "eur": 250000}],
        )),
        [("op", 10000)],
    ),
    "cost-outlier": (  # 100, 100, 50 and 1,000 EUR a person
        programme(
            [indicator(f"O.{code}", measures=[code]) for code, _ in COSTS],
            measures=[money(code, eur) for code, eur in COSTS],
        ),
        [("d", 1000)],
    ),
    "double-counting-bounds": (
        programme([
            indicator(parts=["O.1.1", "O.1.2"], as_published={}),
            indicator("O.1.1", **values(20, 50)),
            indicator("O.1.2", **values(10, 30)),
        ]),
        [("O.1", 10), ("O.1", 30)],
    ),
    "double-counting": (
        programme([indicator(operations=["op", "of"])], operations={
            "op": {"name": both("op"), "persons": persons(50)}, "of": both("of"),
        }),
        [("O.1", None)],
    ),
    "due-after-what-it-prepares": (
        programme([indicator()], measures=[
            due("m", dt.date(2026, 3, 31), prepares=["k"]), due("k", dt.date(2025, 12, 31)),
        ]),
        [("m", 90)],
    ),
    "due-after-measure": (
        programme([indicator(target_date="2026-01")], measures=[due("m", dt.date(2025, 12, 31))]),
        [("O.1", None)],
    ),
    "due-after-programme": (
        programme([indicator()], measures=[due("m", dt.date(2030, 1, 1))]), [("m", None)],
    ),
    "money-without-indicator": (
        programme([indicator()], intervention_shares=[
            {"objective": "SO1", "code": "001", "name": both("n"), "percent": 6.65},
            {"objective": "SO1", "code": "002", "name": both("n"), "percent": 93.35,
             "indicators": ["O.1"]},
        ]),
        [("SO1/001", Fraction("6.65"))],
    ),
    "recorded-difference": (
        programme([indicator()], differences=[
            {"indicator": "O.1", "point": "target", "amount": 5, "reason": both("rounded")},
        ]),
        [("O.1", -5)],
    ),
    "unexplained-difference": (
        programme([indicator()], relations=[{
            "name": "r", "text": both("t"), "formula": "thirty + thirty", "stated": 65,
            "unit": "persons", "place": "p",
            "difference": {"amount": 5, "reason": both("Not explained")},
        }]),
        [("r", 5)],
    ),
}  # fmt: skip


def findings(programme, code):
    return [(f.about, f.amount) for f in audit(programme) if f.code == code]


def test_every_kind_of_finding_has_its_case():
    assert CASES.keys() == KINDS.keys()


def test_the_page_lists_every_kind_with_its_severity():
    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (high|medium|low) \| ", page, re.MULTILINE)
    assert len(rows) == len(KINDS)
    assert dict(rows) == {code: kind.severity for code, kind in KINDS.items()}


def test_a_sound_programme_gives_no_finding():
    sound = programme(
        [indicator(operations=["op"]), result(operations=["op"])],
        **operation(**CAPACITY, stay=months(18), persons=persons(120)),
        measures=[due("m", dt.date(2029, 12, 31))],
    )
    assert audit(sound) == []


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_finding_is_made_with_its_amount(code):
    case, expected = CASES[code]
    assert findings(case, code) == expected


@pytest.mark.parametrize("language", language_codes())
@pytest.mark.parametrize("code", sorted(CASES))
def test_a_finding_is_written_in_every_language(code, language):
    for finding in audit(CASES[code][0]):
        text = finding.text(Language(language))
        assert text
        assert "{" not in text
        assert "None" not in text


def test_the_catalogue_is_not_changed_and_the_gravest_come_first():
    loaded = load_programme("si-amif-2021-2027")
    before = copy.deepcopy(loaded)
    places = [SEVERITIES.index(finding.severity) for finding in audit(loaded)]
    assert places == sorted(places)
    assert loaded == before


def test_what_two_findings_say():
    case, _ = CASES["capacity-exceeded"]
    (finding,) = [f for f in audit(case) if f.code == "capacity-exceeded"]
    assert finding.text(Language("en")) == (
        "150 persons planned; 60 places for 36 months at 18 months each take 120"
    )
    code = "double-counting-bounds"
    bounds = next(f for f in audit(CASES[code][0]) if f.code == code)
    assert bounds.text(Language("en")) == (
        "milestone: between 20 and 30 different persons, 30 published"
    )


def test_persons_by_operation_give_bounds():
    operations = {name: {"name": both("n"), "persons": persons(n)} for name, n in
                  (("a", 50), ("b", 30), ("c", 20))}  # fmt: skip
    several = programme([indicator(operations=["a", "b", "c"])], operations=operations)
    (finding,) = audit(several)
    assert (finding.code, finding.about, finding.amount) == ("double-counting-bounds", "O.1", 50)
    assert finding.text(Language("en")) == (
        "target: between 50 and 100 different persons, 80 published"
    )


def test_costs_near_the_median_or_of_few_measures_do_not_stand_out():
    three = programme(
        [indicator(f"O.{code}", measures=[code]) for code, _ in COSTS[1:]],
        measures=[money(code, eur) for code, eur in COSTS[1:]],
    )
    assert findings(three, "cost-outlier") == []
    near = [(code, min(eur, 32000)) for code, eur in COSTS]  # 400 EUR a person, four times 100
    close = programme(
        [indicator(f"O.{code}", measures=[code]) for code, _ in near],
        measures=[money(code, eur) for code, eur in near],
    )
    assert findings(close, "cost-outlier") == []


def test_a_part_in_another_unit_is_not_compared():
    families = indicator("O.1.1", parent="O.1", unit="families", **values(30, 90))
    assert findings(programme([indicator(), families]), "part-above-total") == []


def test_a_total_of_which_a_part_has_no_number_is_not_added_up():
    total = indicator(parts=["O.1.1", "O.1.2"])
    parts = [indicator("O.1.1", **values(20, 50))]
    parts.append(indicator("O.1.2", **values("not given", "not given")))
    codes = {finding.code for finding in audit(programme([total, *parts]))}
    assert codes == {"no-target"}


# the shipped catalogues


@pytest.mark.parametrize("name", list_programmes())
def test_every_recorded_difference_of_a_catalogue_is_told(name):
    loaded = load_programme(name)
    recorded = {relation.name for relation in loaded.relations if relation.difference}
    told = {f.about for f in audit(loaded) if f.code.endswith("-difference")}
    assert recorded <= told


@pytest.mark.parametrize(
    ("code", "about", "amount"),
    [
        ("double-counting-bounds", "O.1.1", 17740),
        ("double-counting-bounds", "O.1.1.2", 5110),
        ("implied-input", "O.1.1.2", 92640),
        ("large-revision", "R.3.7", -9664),
        ("remainder-without-part", "O.2.3", 10415),
        ("reached-by-milestone", "O.4.2", None),
        ("measure-of-another-objective", "O.2.1", None),
        ("capacity-exceeded", "extra_integration_capacity", 30),
        ("unexplained-difference", "r_2_8_target", -200),
        ("unexplained-difference", "detention_2023", -3),
    ],
)
def test_findings_of_the_slovenian_fund(code, about, amount):
    assert (about, amount) in findings(load_programme("si-amif-2021-2027"), code)


def test_the_analysis_of_social_care_is_due_90_days_after_what_it_prepares():
    loaded = load_programme("si-social-care-2025-2026")
    assert findings(loaded, "due-after-what-it-prepares") == [("3.7", 90)]
    assert findings(loaded, "cost-outlier") == [("2.19", 184)]  # 11,520 persons


# the stress test


def three(*reached):
    codes = [f"O.{n}" for n in range(1, len(reached) + 1)]
    plan = programme([indicator(code, **values(30, 100)) for code in codes])
    (found,) = stress_test(plan, dict(zip(codes, reached, strict=True)))
    return found.achieved, found.failed


@pytest.mark.parametrize(
    ("reached", "achieved", "failed"),
    [
        ([85], 1, 0),
        ([84.9], 0, 0),
        ([65], 0, 0),
        ([64.9], 0, 1),
        ([100, 64.9], 0, 1),
        ([100, 75], 0, 0),
        ([85, 85, 75], 1, 0),
        ([85, 85, 74.9], 0, 0),
        ([85, 75, 75], 0, 0),
        ([100, 100, 60], 0, 0),
        ([100, 60, 60], 0, 1),
    ],
)
def test_the_rule_of_85_and_65(reached, achieved, failed):
    assert three(*reached) == (achieved, failed)


def test_the_rule_on_paths_gives_probabilities():
    assert three([100, 100, 80, 60], 90) == (0.5, 0.25)


def test_results_and_values_of_zero_are_left_out():
    plan = programme([indicator(**values(0, 0)), result(), indicator("O.2")])
    (found,) = stress_test(plan, {"O.1": 5, "R.1": 0, "O.2": 80})
    assert found.indicators == ("O.2",)
    (milestone,) = stress_test(plan, {"O.2": 30}, point="milestone")
    assert (milestone.achieved, milestone.failed) == (1, 0)


def test_paths_of_different_number_and_unknown_codes_are_refused():
    plan = programme([indicator(), indicator("O.2")])
    with pytest.raises(InputError, match=r"numbers of paths: O\.1 2, O\.2 3"):
        stress_test(plan, {"O.1": [1, 2], "O.2": [1, 2, 3]})
    with pytest.raises(InputError, match=r"indicator 'O\.9'"):
        stress_test(plan, {"O.9": 1})
