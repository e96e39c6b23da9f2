"""Scenario files that are refused: one bad file a message."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
import yaml

from forecasting.errors import InputError
from forecasting.languages.messages import message_language
from forecasting.scenarios import LEVERS, load_scenario, write_scenario

CENTRE = "si-centre-for-foreigners"
RECEPTION = "si-reception-centres"
TWICE = {"lever": "arrivals.multiply", "value": 2, "unit": "1"}
CHAIN = {"geo": "SI", "flow": "asylum-applicants/SI", "until": "2031-12"}


def lever(name, value, **keys):
    return {"lever": name, "value": value, "unit": LEVERS[name].unit, **keys}


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """Return a function that writes a scenario ``bad.yaml`` and gives the message."""
    monkeypatch.chdir(tmp_path)

    def message(content, name="bad", **others):
        for other, keys in ({name: content} | others).items():
            text = keys if isinstance(keys, str) else yaml.safe_dump(keys)
            (tmp_path / f"{other}.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            load_scenario(f"{name}.yaml")
        return str(caught.value)

    return message


def with_levers(*levers, **keys):
    return {"title": "Bad", "extends": ["reference"], "levers": list(levers), **keys}


WRONG_LEVERS = [
    (TWICE | {"lever": "arivals.multiply"},
     "key 'levers.0.lever': lever 'arivals.multiply'; expected: one of arrivals.multiply, "),
    (lever("arrivals.multiply", 25), "key 'levers.0.value': 25; expected: 0 to 20"),
    (lever("arrivals.closure", 30),
     "key 'levers.0.value': 30; expected: 0 to 1; write 30 percent as 0.3"),
    (lever("arrivals.multiply", {"uniform": [1, 30]}),
     "key 'levers.0.value': {uniform: [1, 30]}; expected: 0 to 20 for the whole distribution"),
    (lever("arrivals.multiply", {"triangular": [3, 2, 1]}),
     "key 'levers.0.value': found {triangular: [3, 2, 1]}; expected: low <= mode <= high"),
    (lever("arrivals.multiply", {"normal": [3, 2]}),
     "key 'levers.0.value': found normal; expected: one of {triangular: [low, mode, high]}"),
    (lever("arrivals.multiply", "2"),
     "key 'levers.0.value': 2; expected: a number or a distribution, for "
     "arrivals.multiply"),
    (lever("stay.multiply", {"uniform": [1, 2]}),
     "key 'levers.0.value': {uniform: [1, 2]}; expected: a number, for stay.multiply"),
    (lever("arrivals.level", 2.539),
     "key 'levers.0.value': 2.539; expected: a whole number; write 1000, not 1.000"),
    (lever("arrivals.level", 2539) | {"unit": "persons/month"},
     "key 'levers.0.unit': unit 'persons/month' of arrivals.level; expected: persons/year"),
    (TWICE | {"unit": "%"},
     "key 'levers.0.unit': unit '%' of arrivals.multiply; expected: 1"),
    ({"lever": "arrivals.multiply", "value": 2}, "key 'levers.0.unit': is missing"),
    (TWICE | {"strength": 2}, "key 'levers.0.strength': is not a key of a scenario"),
    (TWICE | {"shape": "bump"},
     "key 'levers.0.shape': found 'bump'; expected: 'step', "),
    (TWICE | {"start": "2027"},
     "key 'levers.0.start': found '2027'; expected: a month written YYYY-MM"),
    (TWICE | {"start": "2027-05", "end": "2027-03"},
     "key 'levers.0.end': the end 2027-03 is before the start 2027-05; expected: 2027-05 or "
     "later"),
    (TWICE | {"label": "mine", "start": "2032-01"},
     "key 'levers.mine.start': 2032-01; expected: 2031-12 or earlier, the last month "
     "projected"),
    (TWICE | {"end": "2024-06"},
     "key 'levers.0.end': 2024-06; expected: 2024-10 or later, the first month projected"),
    (TWICE | {"shape": "ramp", "start": "2027-01"},
     "key 'levers.0.end': no end; expected: its last month"),
    (TWICE | {"shape": "pulse"},
     "key 'levers.0.end': no end; expected: its last month"),
    (lever("arrivals.surge", 2100),
     "key 'levers.0.end': no end; expected: its last month"),
    (lever("arrivals.surge", 2100, start="2024-08", end="2024-12"),
     "key 'levers.0.start': 2024-08, so that a part of the surge lies outside the projection; "
     "expected: 2024-10 to 2031-12"),
    (TWICE | {"shape": "decay"},
     "key 'levers.0.half_life_months': no half_life_months; expected: months until half of it "
     "is left, such as 6"),
    (TWICE | {"half_life_months": 6},
     "key 'levers.0.half_life_months': half_life_months of shape: step; expected: shape: decay "
     "beside it"),
    (lever("exit_rate.multiply", 2, start="2027-01"),
     "key 'levers.0.start': start of exit_rate.multiply; expected: no key of time: "
     "it holds for the whole horizon"),
    (lever("capacity.add", 60, on=CENTRE),
     "key 'levers.0.start': no start; expected: the month in which the places open, such as "
     "2027-01"),
    (lever("capacity.add", 60, on=CENTRE, start="2024-01"),
     "key 'levers.0.start': places that open before the projection begins: 2024-01; "
     "expected: 2024-10 or later; places that are open already belong into the configuration "
     "of the centre"),
    (lever("capacity.add", 60, start="2027-01"),
     f"key 'levers.0.on': no on; expected: one of {RECEPTION}, {CENTRE}"),
    (lever("capacity.delay", 24, on=RECEPTION),
     f"key 'levers.0.on': capacity.delay: {RECEPTION}; expected: a centre whose "
     "configuration has a capacity with steps that open later"),
    (lever("stay.multiply", 2, on="si-centre-for-foreigner"),
     f"key 'levers.0.on': 'si-centre-for-foreigner'; expected: {RECEPTION}, {CENTRE}; did you "
     f"mean {CENTRE}?"),
    (lever("arrivals.replay", 2),
     "key 'levers.0.value': 2; expected: {series: asylum-applicants/FI, from: 2015-01, to: "
     "2016-12}"),
    (lever("arrivals.replay", {"series": "asylum-applicants/FI", "from": "2024-01",
                               "to": "2024-12"}),
     "key 'levers.0.value': asylum-applicants/FI, 2024-01 to 2024-12; expected: months from "
     "2009-01 to 2024-09, which are held with the twelve before them"),
    (lever("arrivals.replay", {"series": "asylum-applicants/FI", "from": "2016-12",
                               "to": "2015-01"}),
     "key 'levers.0.value': the end 2015-01 is before the start 2016-12; expected: "
     "2016-12 or later"),
    (lever("arrivals.replay", {"series": "asylum-applicants/XX", "from": "2015-01",
                               "to": "2016-12"}),
     "key 'levers.0.value': no figures for 'XX' in asylum-applicants; expected: "),
    (lever("arrivals.replay", {"series": "asylum-applicants/FI", "from": "2015-01"}),
     "key 'levers.0.value.to': is missing"),
    (lever("model.flow", "etss"), "key 'levers.0.value': model 'etss'; expected: pool, "),
    (TWICE | {"source": {"de": "Annahme"}},
     "key 'levers.0.source': language 'de'; expected: en, sl, sv, fi"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), WRONG_LEVERS)
def test_a_wrong_lever_is_named(refused, given, message):
    assert message in refused(with_levers(given))


def test_a_misspelt_lever_is_met_with_the_nearest_name(refused):
    assert refused(with_levers(TWICE | {"lever": "arrivals.multipy"})).endswith(
        "did you mean arrivals.multiply?"
    )


WRONG_FILES = [
    ("[1, 2]", "bad.yaml: not a mapping; expected: the keys of a scenario"),
    ("", "bad.yaml: not a mapping; expected: the keys of a scenario"),
    ({"extends": ["reference"]}, "key 'title': is missing"),
    ({"title": "", "extends": ["reference"]}, "key 'title': is empty; expected: a title"),
    ({"title": {}, "extends": ["reference"]}, "key 'title': no text; expected: en, sl, sv, fi"),
    ({"title": "x"},
     "bad.yaml: neither extends nor chain; expected: extends: [reference]"),
    ({"title": "x", "extends": []},
     "key 'extends': found a list; expected: at least one entry"),
    ({"title": "x", "extends": ["reference"], "chain": CHAIN},
     "key 'chain': chain beside extends; expected: one of the two"),
    ({"title": "x", "extends": ["contingency"]},
     "key 'extends': scenario 'contingency'; expected: activation-15, "),
    ({"title": "x", "extends": ["contingency"]}, "; did you mean contingency-plan?"),
    ({"title": "x", "extends": ["gone.yaml"]},
     "key 'extends': no such file: gone.yaml; expected: a scenario"),
    ({"title": "x", "extends": ["reference", "reference-fi"]},
     "key 'extends': different chains: reference, reference-fi; expected: scenarios of "
     "one chain"),
    ({"title": "x", "extends": ["bad"]},
     "key 'extends': the scenarios extend each other in a ring: bad -> bad"),
    ({"title": "x", "chain": CHAIN | {"until": "2024-06"}},
     "key 'chain.until': 2024-06; expected: 2024-10 or later, the first month projected"),
    ({"title": "x", "chain": CHAIN | {"flow": "asylum-applicants/XX"}},
     "key 'chain.flow': no figures for 'XX' in asylum-applicants; expected: "),
    ({"title": "x", "chain": CHAIN | {"backlog": "si-backlog"}},
     "key 'chain.backlog': 'si-backlog'; expected: fi-asylum-backlog, si-asylum-backlog, "),
    ({"title": "x", "chain": CHAIN | {"centres": [{"config": "gone.yaml"}]}},
     "key 'chain.centres.config': no such file: gone.yaml; expected: a path from this file"),
    ({"title": "x", "chain": CHAIN | {"centres": [{"config": CENTRE}] * 2}},
     f"key 'chain.centres': {CENTRE}, {CENTRE}; expected: each centre once"),
    ({"title": "x", "chain": CHAIN | {"caseload": "demo"}},
     "key 'chain.caseload': 'demo'; expected: demonstration, or an XLSX or CSV file"),
    ({"title": "x", "chain": CHAIN, "levers": [lever("stay.multiply", 2)]},
     "key 'levers.0.lever': stay.multiply, and the chain lacks the key centres; expected: a "
     "lever on something that the chain has"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), WRONG_FILES)
def test_a_wrong_file_is_refused(refused, content, message):
    assert message in refused(content)


def test_a_ring_is_named_in_the_order_in_which_it_was_met(refused):
    def extends(name):
        return {"title": "x", "extends": [name]}

    assert (
        "c.yaml, key 'extends': the scenarios extend each other in a ring: a -> b -> c -> a; "
        "expected: scenarios that lead to one with a chain"
    ) in refused(extends("b"), "a", b=extends("c"), c=extends("a"))


TWO = (TWICE | {"label": "twice"}, lever("arrivals.add", 100, label="more"))


WITHOUT_ORDER = [
    (with_levers(*TWO),
     "bad.yaml, key 'order': 'twice' and 'more' act on one thing in the same months, and the "
     "result depends on which comes first; expected: order: [twice, more], or the other way "
     "round"),
    (with_levers(*TWO, order=["twice"]), "'twice' and 'more' act on one thing"),
    (with_levers(*TWO, order=["twice", "less"]),
     "key 'order': 'less'; expected: labels of levers: twice, more"),
    (with_levers(*TWO, order=["twice", "more", "twice"]),
     "key 'order': twice, more, twice; expected: each label once"),
    (with_levers(TWICE, lever("arrivals.dispersion", 2)),
     "act on one thing in the same months"),
    (with_levers(lever("savings.deadweight", 0.1, label="a"),
                 lever("savings.deadweight", 0.2, label="b")),
     "'a' and 'b' act on one thing in the same months"),
    (with_levers(lever("arrivals.level", 2000, label="a"),
                 lever("arrivals.level", 3000, label="b"), order=["a", "b"]),
     "key 'levers': two levels of the same arrivals in the same months: 'a' and 'b'; "
     "expected: one of them"),
    (with_levers(TWICE, TWICE),
     "key 'levers': label 'bad/arrivals.multiply' stands twice; expected: a label of its own "
     "for each lever; write label: beside one of them"),
    (with_levers(TWICE | {"label": "arrivals-halve/arrivals.multiply"},
                 extends=["arrivals-halve"]),
     "key 'levers': label 'arrivals-halve/arrivals.multiply' stands twice"),
    (with_levers(extends=["activation-15", "activation-25"]),
     "'activation-15/savings.activation_share' and 'activation-25/savings.activation_share' "
     "act on one thing"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), WITHOUT_ORDER)
def test_two_levers_on_one_thing_need_an_order(refused, content, message):
    assert message in refused(content)


def test_an_unknown_name_is_met_with_the_names_known():
    with pytest.raises(InputError, match=r"scenario 'stay-double'; expected: activation-15, .*mean "
                       "stay-doubles"):  # fmt: skip
        load_scenario("stay-double")
    with pytest.raises(InputError, match=r"no such file: own.yaml; expected: a scenario"):
        load_scenario("own.yaml")


@pytest.mark.parametrize("name", ["own.txt", "gone/own.yaml"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"expected: a name that ends in .yaml, in a folder that"):
        write_scenario({"title": "x", "extends": ["reference"]}, tmp_path / name)


def test_of_two_who_save_under_one_name_at_a_time_one_is_refused(tmp_path):
    path, outcomes = tmp_path / "own.yaml", []
    barrier = threading.Barrier(4)

    def save(number):
        barrier.wait()
        try:
            write_scenario({"title": f"Of {number}", "extends": ["reference"]}, path)
            outcomes.append(number)
        except InputError as problem:
            outcomes.append(problem.found)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (saved,) = (each for each in outcomes if isinstance(each, int))
    assert outcomes.count("the file exists") == 3
    assert load_scenario(path).title["en"] == f"Of {saved}"


def test_forecasting_check_says_what_is_wrong_with_a_scenario(run, tmp_path):
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(with_levers(*TWO)))
    result = run("check", "bad.yaml")

    assert result.exit_code == 2
    assert "'twice' and 'more' act on one thing" in result.output
    assert "Traceback" not in result.output


def test_the_messages_that_the_page_explains_are_met(refused):
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    table = page.split("## What the messages mean")[1].split("## ")[0]
    explained = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    a, b, c = ({"title": "x", "extends": [name]} for name in "bca")
    met = [
        *(refused(with_levers(given)) for given, _ in WRONG_LEVERS),
        *(refused(content) for content, _ in [*WRONG_FILES, *WITHOUT_ORDER]),
        refused(a, "a", b=b, c=c),
        "the file exists",
    ]
    assert len(explained) > 15
    for message in explained:
        parts = message.replace("my/", "bad/").split("…")
        pattern = re.compile(".*".join(map(re.escape, parts)))
        assert any(pattern.search(found) for found in met), message


@pytest.mark.parametrize("language", ["sl", "sv", "fi"])
def test_every_message_is_written_in_every_language(refused, language):
    with message_language(language):
        for content, message in [*WRONG_FILES, *WITHOUT_ORDER]:
            assert message not in refused(content)
        for given, message in WRONG_LEVERS:
            assert message not in refused(with_levers(given))
