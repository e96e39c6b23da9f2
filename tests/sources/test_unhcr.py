"""UNHCR's population API: pages, faults of the network, and answers that are no longer the same."""

from __future__ import annotations

import json

import pytest
from recorded import serve_recorded
from recorded_unhcr import applications, pages_of, population
from server import PAGE, Fault, write_definition

from forecasting.errors import InputError
from forecasting.sources.clients import unhcr
from forecasting.sources.definitions import load_source
from forecasting.sources.http import Transport
from forecasting.sources.refresh import refresh


@pytest.fixture
def items():
    return applications()


@pytest.fixture
def served(items):
    with serve_recorded(pages_of(lambda: items)) as server:
        yield server


@pytest.fixture
def refreshed(served, store, tmp_path, quick):
    """Return a function that refreshes the applications, or another source, from the server."""

    def run(name="unhcr-asylum-applications"):
        definition = write_definition(name, tmp_path / "own", served.address)
        (result,) = refresh([str(definition)], store, patience=quick)
        return result

    return run


@pytest.fixture
def refusal(served, tmp_path, quick):
    """Return a function that asks the server as a refresh does, and gives why it is refused."""

    def run(**changes):
        definition = write_definition(
            "unhcr-asylum-applications", tmp_path / "own", served.address, **changes
        )
        with pytest.raises(InputError) as caught:
            unhcr.fetch(load_source(definition), Transport(patience=quick), tmp_path, None)
        return str(caught.value)

    return run


def cells(store, name="unhcr-asylum-applications"):
    source = load_source(name)
    rows = store.cells(name).to_dict("records")
    return {tuple(row[key] for key in (*source.key, "period")): row["value"] for row in rows}


def test_every_item_becomes_a_cell_by_its_codes_and_year(refreshed, store, items):
    assert refreshed().status == "new"
    found = cells(store)
    assert len(found) == len(items)
    assert found["SVN", "G", "N", "NA", "P", "2015"] == 1000
    assert found["FIN", "G", "R", "RA", "P", "2024"] == 190


def test_the_selection_and_the_years_are_asked_for(refreshed, served):
    refreshed()
    (asked,) = served.requests
    assert asked.path == "/asylum-applications/"
    assert asked.parameters["coa"] == "SVN,FIN"
    assert asked.parameters["cf_type"] == "ISO"
    assert asked.parameters["yearFrom"] == "2000"
    assert int(asked.parameters["yearTo"]) >= 2024


def test_all_pages_are_taken(refreshed, served, store, items, monkeypatch):
    monkeypatch.setattr(unhcr, "PAGE_ITEMS", 7)
    assert refreshed().status == "new"
    assert [asked.parameters["page"] for asked in served.requests] == list("123456")
    assert len(cells(store)) == len(items)


def test_figures_as_text_and_dashes_are_read(refreshed, store, items):
    items[:] = population()
    assert refreshed("unhcr-asylum-seekers").status == "new"
    found = cells(store, "unhcr-asylum-seekers")
    assert found["SVN", "2016"] == 301
    assert found["SVN", "2015"] != found["SVN", "2015"]  # published as missing


def test_what_has_not_changed_makes_no_vintage_and_a_revision_does(refreshed, store, items):
    refreshed()
    assert refreshed().status == "unchanged"
    items[0]["applied"] = 1005
    again = refreshed()
    assert (again.status, again.cells) == ("new", 1)
    assert len(store.vintages("unhcr-asylum-applications")) == 2


@pytest.mark.parametrize(
    "fault", [Fault(status=429, headers={"Retry-After": "0"}), Fault(status=503), Fault(cut=100)]
)
def test_a_passing_fault_is_asked_again(refreshed, served, fault):
    served.faults.append(fault)
    assert refreshed().status == "new"
    assert len(served.requests) == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(body=PAGE), "a page for a browser (HTML); expected: figures as JSON"),
        (Fault(body=b""), "an empty answer; expected: figures as JSON"),
        (Fault(body=b'{"items": [{"year"'), "broken off, or not JSON"),
        (Fault(body=b"[]"), "JSON of another form"),
        (Fault(body=b'{"error": "x"}'), "keys error; expected: items, maxPages"),
        (Fault(body=b'{"items": [], "maxPages": 3}'), "page 1 of 3 does not fit the others"),
        (Fault(status=404), "status 404"),
    ],
)
def test_another_answer_is_refused(refusal, served, fault, reason):
    served.faults.append(fault)
    assert reason in refusal()


def test_after_a_refusal_what_is_held_stays(refreshed, served, store):
    refreshed()
    served.faults.append(Fault(body=b'{"items": [], "maxPages": 0}'))
    failed = refreshed()
    assert failed.status == "failed"
    assert "an answer without figures" in failed.reason
    assert len(store.vintages("unhcr-asylum-applications")) == 1


def test_the_number_of_pages_may_not_change_on_the_way(refusal, served, items, monkeypatch):
    monkeypatch.setattr(unhcr, "PAGE_ITEMS", 20)
    second = json.dumps({"items": items[20:], "maxPages": 3}).encode()
    served.faults.extend([Fault(), Fault(body=second)])
    assert "page 2 of 3 does not fit the others" in refusal()


def test_a_changed_column_is_named(refusal, items):
    for item in items:
        item["applications"] = item.pop("applied")
    reason = refusal()
    assert "no column applied; expected: coa_iso, procedure_type" in reason
    assert "adapt the definition" in reason


@pytest.mark.parametrize("value", ["about 30", True, {}])
def test_a_figure_that_is_none_is_refused(refusal, items, value):
    items[3]["applied"] = value
    assert f"2016: {value!r}; expected: a year and a number" in refusal()


def test_a_country_that_vanishes_is_refused(refreshed, items):
    refreshed()
    items[:] = [item for item in items if item["coa_iso"] != "FIN"]
    assert "no figures any more for coa FIN" in refreshed().reason
