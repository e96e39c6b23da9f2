"""Refresh: what is new is remembered, what fails leaves everything as it was and is noted."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from filelock import FileLock
from server import PAGE, Fault, make_table, sample_rows, serve

from forecasting.errors import InputError, LockedError, OutputError
from forecasting.sources.definitions import load_source
from forecasting.sources.refresh import Watch, default_names, refresh


@pytest.fixture
def own(eurostat, tmp_path):
    """The definition of the applicants at the local server."""
    return str(eurostat.definition("eurostat-applicants", tmp_path / "own", feeds=[]))


@pytest.fixture
def ask(own, store, quick):
    """Return a function that refreshes, by default the applicants."""

    def asked(*names, **options):
        return refresh(names or [own], store, patience=quick, **options)

    return asked


def content(folder):
    """Every vintage under a folder with its hash, and no trace of anything temporary."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    kept = [path for path in files if path.name not in {".lock", ".refresh.lock", "checked.json"}]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


def test_a_first_answer_is_a_vintage_and_the_next_holds_what_changed(ask, store, table):
    (first,) = ask()
    assert (first.status, first.cells, first.previous) == ("new", 240, None)
    table.cells[0] = replace(table.cells[0], value=465.0)
    (second,) = ask()
    assert (second.status, second.cells) == ("new", 1)
    assert second.previous == first.vintage
    assert [each.number for each in store.vintages("eurostat-applicants")] == [1, 2]
    changes = store.revisions("eurostat-applicants", first.vintage, second.vintage)
    assert changes[["geo", "period", "old", "new"]].to_numpy().tolist() == [
        ["FI", "2023-01", 300.0, 465.0]
    ]


def test_the_publisher_is_asked_only_for_what_is_newer(ask, eurostat, store):
    ask()
    (again,) = ask()
    assert again.status == "unchanged"
    assert again.vintage.number == 1
    assert eurostat.requests[1][1]["If-None-Match"].startswith('"')
    assert eurostat.requests[1][1]["If-Modified-Since"].startswith("Thu, 17 Sep 2026")
    assert store.last_check("eurostat-applicants").status == "unchanged"


def test_the_same_figures_under_another_version_are_no_vintage(ask, eurostat, store):
    ask()
    eurostat.always = Fault(
        headers={"ETag": '"other"'}, body=eurostat.table("migr_asyappctzm").body()
    )
    (again,) = ask()
    assert again.status == "unchanged"
    assert len(store.vintages("eurostat-applicants")) == 1


def test_another_selection_is_not_asked_for_conditionally(ask, eurostat, own, tmp_path):
    ask()
    eurostat.definition("eurostat-applicants", tmp_path / "own", feeds=[], select={
        **{name: list(codes) for name, codes in load_source(own).select.items()},
        "geo": ["FI", "NO", "SE", "SI", "EU27_2020"],
    })  # fmt: skip
    ask()
    assert "If-None-Match" not in eurostat.requests[1][1]


FAULTS = {
    "status 503": Fault(status=503),
    "status 404": Fault(status=404),
    "too much": Fault(status=413),
    "cut off": Fault(cut=500),
    "silent": Fault(wait=1.0),
    "page": Fault(body=PAGE),
    "empty": Fault(body=b""),
    "columns": Fault(columns={"geo": "country"}),
    "codes": Fault(
        change=lambda cells: [
            replace(cell, codes={**cell.codes, "geo": f"{cell.codes['geo']}R"}) for cell in cells
        ]
    ),
    "thousands": Fault(
        change=lambda cells: [replace(cell, value=cell.value / 1000) for cell in cells]
    ),
    "a country less": Fault(
        change=lambda cells: [cell for cell in cells if cell.codes["geo"] != "SI"]
    ),
    "a cell twice": Fault(change=lambda cells: [*cells, cells[0]]),
    "led away": Fault(location="http://example.org/"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_fails_leaves_the_store_as_it_was_and_says_so(ask, eurostat, store, fault):
    ask()
    before = content(store.folder)
    eurostat.always = fault
    (failed,) = ask()
    assert failed.status == "failed"
    assert failed.reason
    assert failed.vintage.number == 1
    assert content(store.folder) == before
    check = store.last_check("eurostat-applicants")
    assert (check.status, check.reason) == ("failed", failed.reason)
    eurostat.always = Fault()
    assert ask()[0].status == "unchanged"


def test_what_fails_at_first_leaves_nothing(ask, eurostat, store):
    eurostat.always = Fault(columns={"geo": "country"})
    (failed,) = ask()
    assert (failed.status, failed.vintage) == ("failed", None)
    assert content(store.folder) == {}


def test_one_that_fails_does_not_stop_the_others(ask, own, table, tmp_path, store):
    rows = [row for row in sample_rows() if row["citizen"] == "TOTAL"]
    told = []
    with serve([make_table("migr_asypenctzm", rows)]) as other:
        pending = str(other.definition("eurostat-pending", tmp_path / "other", feeds=[]))
        broken = str(other.definition("eurostat-decisions", tmp_path / "other"))
        done = ask(broken, pending, own, on_done=told.append)
    assert [(each.source_id, each.status) for each in done] == [
        ("eurostat-decisions", "failed"),
        ("eurostat-pending", "new"),
        ("eurostat-applicants", "new"),
    ]
    assert told == done
    assert "ERR_NOT_FOUND_4" in done[0].reason


def test_a_damaged_vintage_is_asked_for_again_whatever_the_publisher_remembers(
    ask, store, eurostat
):
    (first,) = ask()
    first.vintage.path.write_bytes(b"PAR1 damaged PAR1")
    (again,) = ask()
    assert again.status == "new"
    assert "If-None-Match" not in eurostat.requests[-1][1]
    assert len(store.cells("eurostat-applicants")) == 240
    assert (store.source_folder("eurostat-applicants") / "damaged").is_dir()


def test_offline_nobody_is_asked_and_nothing_is_noted(ask, eurostat, store):
    assert ask(offline=True)[0].vintage is None
    assert not store.folder.exists()
    ask()
    asked = len(eurostat.requests)
    (held,) = ask(offline=True)
    assert (held.status, held.vintage.number, held.reason) == ("unchanged", 1, "not asked")
    assert len(eurostat.requests) == asked
    assert store.last_check("eurostat-applicants").status == "new"
    held.vintage.path.write_bytes(b"damaged")
    assert ask(offline=True)[0].status == "failed"


def test_a_wrong_name_is_said_before_anybody_is_asked(ask, own, eurostat):
    with pytest.raises(InputError, match="source 'eurostat-rain'"):
        ask(own, "eurostat-rain")
    assert eurostat.requests == []


def test_the_same_source_twice_is_asked_once(ask, own):
    assert len(ask(own, own)) == 1


def test_two_refreshings_at_once_are_one_too_many(ask, store):
    store.folder.mkdir()
    with FileLock(store.folder / ".refresh.lock"), pytest.raises(LockedError, match="refreshing"):
        ask()


def test_what_a_killed_refreshing_left_is_removed(ask, store):
    left = store.folder / ".fetching-abc"
    left.mkdir(parents=True)
    (left / "answer").write_bytes(b"half")
    ask()
    assert not left.exists()


def test_a_store_that_cannot_be_written_stops_everything(ask, store):
    store.folder.write_text("a file")
    with pytest.raises(OutputError):
        ask()


def test_who_watches_is_told_when_a_source_begins_and_ends(ask):
    told = []
    ask(watch=Watch(on_start=told.append), on_done=lambda each: told.append(each.status))
    assert told == ["eurostat-applicants", "new"]


def test_by_default_those_are_asked_that_continue_the_figures_or_are_held(store):
    assert default_names(store) == ["eurostat-applicants", "eurostat-pending"]
    store.note_check("eurostat-decisions", when=datetime.now(UTC), status="new")
    assert "eurostat-decisions" in default_names(store)
