"""PxWeb: queries in parts, json-stat2 with marks, and tables that are no longer the same."""

from __future__ import annotations

import json
import math
from itertools import product

import pytest
from recorded import serve_recorded
from recorded_pxweb import PxTable
from server import PAGE, Fault, write_definition

from forecasting.errors import InputError
from forecasting.sources.clients import pxweb
from forecasting.sources.definitions import load_source
from forecasting.sources.http import Transport
from forecasting.sources.refresh import refresh

MONTHS = [f"{2023 + at // 12}M{at % 12 + 1:02d}" for at in range(24)]
RATE, ADJUSTED = "tyti-Tyottomyysaste", "Tyottaste_kausi"
NAME = "statfin-unemployment-rate"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(pxweb, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def px():
    """Return the Finnish rate of unemployment, which has more measures than are asked for."""
    measures = [RATE, ADJUSTED, "tyti-Tyolliset"]
    figures = {
        (measure, month): 7.0 + at / 10 + step
        for step, measure in enumerate(measures)
        for at, month in enumerate(MONTHS)
    }
    return PxTable("Key indicators", {"contentscode": measures, "timeperiod_m": MONTHS}, figures)


@pytest.fixture
def served(px):
    with serve_recorded(px.answer) as server:
        yield server


@pytest.fixture
def refreshed(served, store, tmp_path, quick):
    """Return a function that refreshes a source from the server."""

    def run(name=NAME, **changes):
        definition = write_definition(name, tmp_path / "own", served.address, **changes)
        (result,) = refresh([str(definition)], store, patience=quick)
        return result

    return run


@pytest.fixture
def refusal(served, tmp_path, quick):
    """Return a function that asks the server as a refresh does, and gives why it is refused."""

    def run(**changes):
        definition = write_definition(NAME, tmp_path / "own", served.address, **changes)
        with pytest.raises(InputError) as caught:
            pxweb.fetch(load_source(definition), Transport(patience=quick), tmp_path, None)
        return str(caught.value)

    return run


def cells(store, name=NAME):
    rows = store.cells(name).to_dict("records")
    return {(row["measure"], row["period"]): (row["value"], row["flag"]) for row in rows}


def test_every_cell_asked_for_is_there_by_code_and_month(refreshed, store):
    assert refreshed().status == "new"
    found = cells(store)
    assert len(found) == 48
    assert found[RATE, "2023-01"] == (7.0, "")
    assert found[ADJUSTED, "2024-12"] == (10.3, "")


def test_the_query_names_every_variable_and_asks_for_json_stat2(refreshed, served):
    refreshed()
    described, asked = served.requests
    assert described.body is None
    assert described.path == asked.path == "/tyti/135z.px"
    assert asked.body["response"] == {"format": "json-stat2"}
    assert [each["code"] for each in asked.body["query"]] == ["contentscode", "timeperiod_m"]
    assert asked.body["query"][0]["selection"] == {"filter": "item", "values": [RATE, ADJUSTED]}


@pytest.mark.parametrize("sparse", [False, True])
def test_marks_and_missing_figures_are_kept(refreshed, store, px, sparse):
    px.sparse = sparse
    px.figures = {**px.figures, (RATE, "2024M12"): None}
    px.marks = {(RATE, "2024M12"): ".."}
    refreshed()
    value, flag = cells(store)[RATE, "2024-12"]
    assert math.isnan(value)
    assert flag == ".."


@pytest.mark.parametrize("most", [7, 24])
def test_a_query_in_parts_gives_the_same_cells(refreshed, served, store, monkeypatch, most):
    refreshed()
    before = cells(store)
    monkeypatch.setattr(pxweb, "MOST_CELLS", most)
    assert refreshed().status == "unchanged"
    parts = [asked.body for asked in served.requests[2:] if asked.body]
    sizes = [math.prod(len(q["selection"]["values"]) for q in body["query"]) for body in parts]
    assert sum(sizes) == len(before)
    assert max(sizes) <= most


def test_parts_are_asked_with_pauses(refreshed, monkeypatch):
    pauses = []
    monkeypatch.setattr(pxweb.time, "sleep", pauses.append)
    monkeypatch.setattr(pxweb, "PAUSE_SECONDS", 1.1)
    monkeypatch.setattr(pxweb, "MOST_CELLS", 12)
    refreshed()
    assert pauses.count(1.1) == 4


@pytest.mark.parametrize(
    "fault", [Fault(status=429, headers={"Retry-After": "0"}), Fault(status=503), Fault(cut=50)]
)
def test_a_passing_fault_is_asked_again(refreshed, served, fault):
    served.faults.extend([Fault(), fault])
    assert refreshed().status == "new"
    assert len(served.requests) == 3


@pytest.mark.parametrize("status", [403, 413])
def test_a_query_that_is_too_large_for_the_office_says_what_to_do(refusal, served, status):
    served.faults.extend([Fault(), Fault(status=status)])
    assert f"status {status}" in refusal()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (PAGE, "a page for a browser (HTML); expected: figures as JSON"),
        (b"", "an empty answer"),
        (b'{"id": ["contentscode"', "broken off, or not JSON"),
        (b'{"id": ["contentscode"]}', "JSON of another form; expected: json-stat2"),
    ],
)
def test_another_answer_is_refused(refusal, served, body, reason):
    served.faults.extend([Fault(), Fault(body=body)])
    assert reason in refusal()


def test_after_a_refusal_what_is_held_stays(refreshed, served, store):
    refreshed()
    served.faults.extend([Fault(), Fault(body=PAGE)])
    assert refreshed().status == "failed"
    assert len(store.vintages(NAME)) == 1


def test_fewer_figures_than_cells_are_refused(refusal, served, px):
    content = px.dataset({"contentscode": [RATE, ADJUSTED], "timeperiod_m": MONTHS})
    short = json.dumps({**content, "value": content["value"][:-1]}).encode()
    served.faults.extend([Fault(), Fault(body=short)])
    assert "fewer figures than cells" in refusal()


def test_other_codes_than_asked_for_are_refused(refusal, served, px):
    other = px.dataset({"contentscode": [RATE, "tyti-Tyolliset"], "timeperiod_m": MONTHS})
    served.faults.extend([Fault(), Fault(body=json.dumps(other).encode())])
    assert "other codes than asked for" in refusal()


def test_a_changed_variable_is_named_with_those_of_the_definition(refusal, px):
    px.variables = {"Tiedot": px.variables["contentscode"], "timeperiod_m": MONTHS}
    reason = refusal()
    assert "variables Tiedot, timeperiod_m; expected: contentscode, timeperiod_m" in reason
    assert "adapt the definition" in reason


def test_a_code_that_has_vanished_is_named_with_those_that_are_left(refusal, px):
    px.variables = {"contentscode": [RATE, "new"], "timeperiod_m": MONTHS}
    assert f"no code {ADJUSTED} in 'contentscode'; expected: {RATE}, new" in refusal()


def test_a_period_of_another_form_is_refused(refusal, px):
    px.variables = {**px.variables, "timeperiod_m": ["2023W01"]}
    assert "2023W01: None; expected: a period and a number" in refusal()


def test_a_variable_outside_the_key_must_have_one_code(refusal):
    columns = {"series": "timeperiod_m", "period": "timeperiod_m", "measure": "contentscode"}
    reason = refusal(key=["series"], columns=columns)
    assert "2 codes of 'measure'; expected: one code, or 'measure' among the columns" in reason


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("sistat-unemployment-rate",
         {"MESEC": MONTHS, "MERITVE": ["1", "2"], "VRSTA PODATKA": ["1", "2"],
          "STAROSTNA SKUPINA": ["0", "1"], "SPOL": ["0", "1", "2"]}),
        ("sistat-consumer-prices",
         {"ŽIVLJENJSKA POTREBŠČINA": ["TOT", "01"], "MESEC": MONTHS, "MERITVE": ["1", "33"]}),
        ("statfin-consumer-prices",
         {"timeperiod_m": MONTHS, "coicop_46_20231201": ["SSS", "01"],
          "contentscode": ["ip_khi", "vm_khi"]}),
    ],
)  # fmt: skip
def test_the_definitions_fit_tables_of_their_shape(refreshed, store, px, name, variables):
    px.variables = variables
    px.figures = dict.fromkeys(product(*variables.values()), 101.5)
    assert refreshed(name).status == "new"
    assert list(store.cells(name)["value"]) == [101.5] * 24
