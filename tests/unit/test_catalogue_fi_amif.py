"""The catalogue of Finland's fund programme: its numbers are those of source document 003."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from forecasting.programmes.catalogue import PublishedValues, load_programme
from forecasting.programmes.relations import check_relation

SOURCE = Path(__file__).parents[3] / "shared" / "sources" / "003_d642e2e31919e0c1.txt"
needs_source = pytest.mark.skipif(
    not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout"
)
ROUNDS = ["2023-1", "2023-2", "2024-1", "2024-2"]
SHEET = re.compile(
    r"^(?:<p>)?(?:<i>)?(?:Åtgärd (\d[A-D]\d) |Operativt stöd(?:</i>)?[ \t]*$)", re.MULTILINE
)


@pytest.fixture(scope="module")
def programme():
    return load_programme("fi-amif-2021-2027")


@pytest.fixture(scope="module")
def relations(programme):
    return {each.name: check_relation(each, programme) for each in programme.relations}


def calls_of(programme, measure, objective="SO2"):
    return {
        call.round: call
        for call in programme.calls
        if (call.objective, call.measure) == (objective, measure) and call.round in ROUNDS
    }


def test_the_objectives_add_to_the_programme(relations):
    found = relations["allocation_total"]
    assert found.calculated == found.stated == Fraction("62408077.27")
    parts = ["24339120.81", "29948081.87", "7820874.59", "300000"]
    assert sum(map(Fraction, parts)) == found.calculated


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("allocation_so1", "0.31"),
        ("allocation_so2", "0.73"),
        ("allocation_so3", "0.71"),
        ("allocation_so4", "0"),
        ("allocation_kinds", "1.75"),
    ],
)
def test_the_cut_cents_of_operating_support_are_recorded(relations, name, amount):
    assert relations[name].amount == relations[name].recorded == Fraction(amount)


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("call_so2_2023_1", 5_300_000),
        ("call_so2_2023_2", 6_800_000),
        ("call_so2_2024_1", 4_008_614),
        ("call_so2_2024_2", 3_000_000),
        ("call_so1_2023_1", 2_500_000),
        ("call_so1_2023_2", 2_000_000),
        ("call_so1_2024_1", 2_000_000),
    ],
)
def test_the_calls_add_to_their_totals_exactly(relations, name, stated):
    assert relations[name].calculated == relations[name].stated == stated


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("programme_total_in_text", "-8077.27"),
        ("committed_total", "-200000"),
        ("open_total", "-600000"),
        ("committed_and_open_so1", "39120.81"),
        ("committed_and_open_so2", "348081.87"),
        ("committed_and_open_so3", "-79125.41"),
        ("committed_and_open_total", "1408077.27"),
        ("calls_and_open_so3", "41004"),
        ("calls_and_committed_so3", "38121.41"),
    ],
)
def test_amounts_in_round_millions_differ_by_what_is_recorded(relations, name, amount):
    assert relations[name].amount == relations[name].recorded == Fraction(amount)
    assert relations[name].relation.difference.reason["en"]


def test_nothing_else_is_related(relations):
    assert len(relations) == 22


def test_numbers_read_in_the_document(programme):
    values = {name: given.value for name, given in programme.inputs.items()}
    assert values["so1_project"] == 19_115_864.50
    assert values["so1_operating"] == 5_223_256
    assert values["so2_project"] == 27_064_429.14
    assert values["so3_operating"] == 1_505_266
    assert values["fund_total"] == 9_900_000_000
    assert values["so1_committed"] == 8_000_000
    assert values["so2_committed"] == 6_600_000
    assert values["so2_open"] == 23_000_000
    assert values["so3_open"] == 6_300_000
    assert values["call_2b_2024_1"] == 1_008_614
    assert values["call_so3_2024_2"] == 1_871_346
    assert values["call_3os_2024_2"] == 537_650
    assert values["midterm_use_share"] == 10
    assert values["municipalities_quota_refugees"] == 47


def test_allocations_and_calls_repeat_the_inputs(programme):
    values = {name: given.value for name, given in programme.inputs.items()}
    for each in programme.allocations:
        if each.objective == "TA":
            assert (each.kind, each.eur) == ("technical assistance", "not given")
        else:
            assert each.eur == values[f"{each.objective.lower()}_{each.kind}"]
    budgets = 0
    for call in programme.calls:
        if call.round == "2022":
            name = call.objective.lower()
            found = (call.committed_eur, call.open_eur)
            assert found == (values[f"{name}_committed"], values[f"{name}_open"])
        elif not isinstance(call.budget_eur, str):
            name = (call.measure or call.objective).lower()
            assert call.budget_eur == values[f"call_{name}_{call.round.replace('-', '_')}"]
            budgets += 1
    assert budgets == sum(name.startswith("call_") for name in values) == 30


def test_what_the_document_does_not_say_is_said_so(programme):
    lost = calls_of(programme, None, "SO1")["2024-2"]
    assert lost.budget_eur == "not legible in the scan"
    assert calls_of(programme, "2A")["2023-2"].budget_eur == "not given"
    assert calls_of(programme, "1A", "SO1")["2023-2"].budget_eur == 0
    for indicator in programme.indicators:
        values = indicator.published["2023-2024"]
        assert isinstance(values, PublishedValues)
        assert values.target == "not given"
        assert values.milestone == ("not given" if indicator.kind == "output" else None)
        assert isinstance(indicator.baseline, str)


def test_counts(programme):
    codes = [measure.code for measure in programme.measures]
    actions = [code for code in codes if re.fullmatch(r"\d[A-D]\d", code)]
    assert len(actions) == 29
    assert [sum(code[0] == n for code in actions) for n in "123"] == [12, 12, 5]
    assert sum(code.endswith("OS") for code in codes) == 3
    assert len(codes) == 29 + 3 + 11
    assert len(programme.indicators) == 35
    assert sum(indicator.kind == "output" for indicator in programme.indicators) == 23
    assert len(programme.operations) == 23


def test_measures_named_anywhere_are_in_the_catalogue(programme):
    known = {measure.code for measure in programme.measures}
    named = {measure.parent for measure in programme.measures if measure.parent}
    named |= {code for call in programme.calls for code in call.open_to}
    named |= {call.measure for call in programme.calls if call.measure}
    named |= {code for rate in programme.support_rates for code in rate.measures}
    named |= {code for each in programme.operations.values() for code in each.measures}
    assert named <= known


def test_the_total_of_a_round_is_open_to_what_its_measures_are_open_to(programme):
    for objective in ("SO1", "SO2"):
        for number, total in calls_of(programme, None, objective).items():
            own = [
                code
                for call in programme.calls
                if (call.objective, call.round) == (objective, number) and call.measure
                for code in call.open_to
            ]
            assert list(total.open_to) == own


def test_support_rates_and_when_they_rise(programme):
    by_percent: dict[int, set[str]] = {}
    for rate in programme.support_rates:
        by_percent.setdefault(rate.percent, set()).update(rate.measures)
    assert len(by_percent[75]) == 29
    assert by_percent[100] == {"1OS", "2OS", "3OS"}
    raised = "1A1 1B2 1B3 1B4 1B6 1B7 2D2 2D3 2D4 2D5 2D6 2D7 2D8 2D9 3A2 3C1"
    assert by_percent[90] == set(raised.split())
    for measure in programme.measures:
        if measure.support_rate is not None:
            assert measure.code in by_percent[measure.support_rate]


def test_the_rule_of_the_mid_term_review_and_the_need_of_1b5(programme):
    rules = {rule.code: rule for rule in programme.rules}
    threshold = rules["mid-term-use"].threshold
    assert (threshold.value, threshold.unit) == (10, "%")
    assert "working time" in rules["forecast-of-migration"].text["en"]
    need = next(measure for measure in programme.measures if measure.code == "1B5")
    assert sum(each.eur for each in need.funding) == 1_000_000


def sheets():
    """Text of each sheet of an action, and of operating support, by the code of the catalogue."""
    text = SOURCE.read_text(encoding="utf-8")
    text = text[text.index("3. Specifika mål, genomförande och åtgärder\n\nSpecifikt") :]
    heads = list(SHEET.finditer(text))
    found, objective = {}, 1
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        code = head[1] or f"{objective}OS"
        found[code] = text[head.start() : following.start() if following else len(text)]
        objective = int(code[0]) + (head[1] is None)
    return found


@needs_source
def test_indicators_apply_to_the_actions_that_the_sheets_name(programme):
    misprints = {"1A1": ("O.1.5", "O.1.4.1"), "2D2": ("antal deltagare i kurser i", "O.2.3.2")}
    texts = sheets()
    assert len(texts) == 32
    for code, text in texts.items():
        printed = text.replace(*misprints[code]) if code in misprints else text
        named = set(re.findall(r"\b[OR]\.\d\.\d+(?:\.\d)?\b", printed))
        applied = {each.code for each in programme.indicators if code in each.measures}
        assert applied == named, code


@needs_source
def test_actions_are_open_in_the_rounds_of_their_sheets(programme):
    words = dict(
        zip(["våren 2023", "hösten 2023", "våren 2024", "hösten 2024"], ROUNDS, strict=True)
    )
    for code, text in sheets().items():
        when = re.search(r"^\W*Ansökningstid(.*)$", text, re.M)[1].lower()
        printed = {number for word, number in words.items() if word in when}
        opened = {c.round for c in programme.calls if code in c.open_to and c.round in ROUNDS}
        # Table 4 has operating support in the spring of 2024, the sheet only in the autumn
        assert opened - ({"2024-1"} if code == "3OS" else set()) == printed, code


@needs_source
def test_every_input_is_printed_in_the_document(programme):
    text = SOURCE.read_text(encoding="utf-8")
    scale = {"miljoner": 10**6, "miljarder": 10**9}
    number = r"(?<![\d,.])(\d{1,3}(?:[ \xa0]\d{3})+(?:,\d+)?|\d+(?:,\d+)?)"
    printed = {
        Fraction(re.sub(r"\s", "", digits).replace(",", ".")) * scale.get(word, 1)
        for digits, word in re.findall(rf"{number}(?:\s(miljoner|miljarder))?", text)
    }
    in_words = {"processing_limit": "sex månader", "permit_processing": "en månad"}
    for name, given in programme.inputs.items():
        if name in in_words:
            assert in_words[name] in text
        elif given.quality not in {"implied", "assumed"}:
            assert Fraction(str(given.value)) in printed, name
