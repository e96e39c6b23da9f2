"""Frontex: the newest workbook behind a page, a file of one's own, and other layouts refused."""

from __future__ import annotations

import csv
import io
from calendar import month_abbr
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook
from recorded import serve_recorded
from server import Fault, write_definition

from forecasting.errors import InputError
from forecasting.sources.clients import frontex
from forecasting.sources.definitions import load_source
from forecasting.sources.http import Transport
from forecasting.sources.refresh import refresh

NAME = "frontex-detections"
SHARED = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "frontex_ibc_monthly_by_route.csv"
)
HEADER = ["Route", "Border type or inland", "Nationality", "NOV2023", "DEC2023", "JAN2024"]
ROWS = [
    ["Western Balkan Route", "Land", "Syria", 100, 90, 80],
    ["Western Balkan Route", "Land", "Türkiye", 10, None, 7],
    ["Central Mediterranean Route", "Sea", "Tunisia", 300, 200, 0],
]
OLD, NEW = "Monthly_detections_of_IBC_2023_12_05.xlsx", "Monthly_detections_of_IBC_2024_02_07.xlsx"


def workbook(header=HEADER, rows=ROWS, *, sheet="Detections_of_IBC", above=1):
    book = Workbook()
    book.active.title = sheet
    for _ in range(above):
        book.active.append(["Detections of illegal border-crossing"])
    for row in [header, *rows]:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def files():
    return {OLD: workbook(HEADER[:4], [row[:4] for row in ROWS]), NEW: workbook()}


@pytest.fixture
def served(files):
    def answer(asked):
        name = asked.path.rpartition("/")[2]
        if name in files:
            return 200, files[name]
        links = "".join(f'<a href="/assets/Migratory_routes/x/{n}">file</a>' for n in files)
        return 200, f"<html><a href='/other.xlsx'>other</a>{links}</html>".encode()

    with serve_recorded(answer) as server:
        yield server


@pytest.fixture
def refreshed(served, store, tmp_path, quick):
    """Return a function that refreshes the detections from the server or another address."""

    def run(address=None, **changes):
        address = address or f"{served.address}/migratory-map/"
        definition = write_definition(NAME, tmp_path / "own", address, **changes)
        (result,) = refresh([str(definition)], store, patience=quick)
        return result

    return run


@pytest.fixture
def refusal(served, tmp_path, quick):
    """Return a function that asks the server as a refresh does, and gives why it is refused."""

    def run(**changes):
        definition = write_definition(
            NAME, tmp_path / "own", f"{served.address}/migratory-map/", **changes
        )
        with pytest.raises(InputError) as caught:
            frontex.fetch(load_source(definition), Transport(patience=quick), tmp_path, None)
        return str(caught.value)

    return run


def cells(store):
    rows = store.cells(NAME).to_dict("records")
    return {(row["route"], row["border_type"], row["period"]): row["value"] for row in rows}


def test_the_newest_file_of_the_page_is_taken_and_added_up_over_nationalities(
    refreshed, served, store
):
    result = refreshed()
    assert result.status == "new", result.reason
    assert result.vintage.address.endswith(NEW)
    assert cells(store) == {
        ("Western Balkan Route", "Land", "2023-11"): 110,
        ("Western Balkan Route", "Land", "2023-12"): 90,
        ("Western Balkan Route", "Land", "2024-01"): 87,
        ("Central Mediterranean Route", "Sea", "2023-11"): 300,
        ("Central Mediterranean Route", "Sea", "2023-12"): 200,
        ("Central Mediterranean Route", "Sea", "2024-01"): 0,
    }


def test_nationalities_may_be_kept_apart(refreshed, store):
    assert refreshed(key=["route", "border_type", "nationality"]).status == "new"
    assert len(store.cells(NAME)) == 8


def test_the_address_of_a_file_is_asked_directly(refreshed, served):
    result = refreshed(f"{served.address}/{NEW}")
    assert result.status == "new", result.reason
    assert len(served.requests) == 1


def test_a_file_of_ones_own_continues_the_same_source(refreshed, store, tmp_path, files):
    refreshed()
    own = tmp_path / NEW
    rows = [[*ROWS[0][:5], 81], *ROWS[1:]]
    own.write_bytes(workbook(rows=rows))
    result = refreshed(query={"file": str(own)})
    assert (result.status, result.cells) == ("new", 1)
    assert result.vintage.address == NEW


def test_a_site_that_lets_no_program_in_says_how_to_go_on(refusal, served):
    served.faults.append(Fault(status=403))
    reason = refusal()
    assert "status 403" in reason
    assert "download the workbook in a browser" in reason


def test_a_page_without_the_link_is_refused(refusal, files):
    files.clear()
    assert "no link to a file Monthly_detections_of_IBC_*.xlsx" in refusal()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>Sorry</html>", "cannot be read as XLSX"),
        (workbook()[:3000], "cannot be read as XLSX"),
        (workbook(sheet="Data"), "sheets Data; expected: sheet 'Detections_of_IBC'"),
        (workbook(["Path", *HEADER[1:]]), "no row with the headers"),
        (workbook([*HEADER[:5], "FEB2024"]), "column 'FEB2024'"),
        (workbook([*HEADER[:5], "Total"]), "column 'Total'"),
        (workbook(HEADER[:3], [row[:3] for row in ROWS]), "no month among the headers"),
        (workbook(rows=[[*ROWS[0][:5], "about 30"]]), "'about 30' is no number"),
        (workbook(rows=[[*ROWS[0][:5], -1]]), "-1 is no number"),
        (workbook(rows=[[None, *ROWS[0][1:]]]), "row 1 below the headers"),
    ],
)
def test_another_layout_is_refused(refusal, files, content, reason):
    files[NEW] = content
    assert reason in refusal()


def test_after_a_refusal_what_is_held_stays(refreshed, store, files):
    refreshed()
    files[NEW] = workbook(rows=[])
    failed = refreshed()
    assert failed.status == "failed"
    assert "an answer without figures" in failed.reason
    assert len(store.vintages(NAME)) == 1


def test_a_route_that_vanishes_is_refused(refreshed, files):
    refreshed()
    files[NEW] = workbook(rows=ROWS[:2])
    assert "no figures any more for route Central Mediterranean Route" in refreshed().reason


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared data are not here")
def test_the_published_figures_are_read_back_from_a_workbook_of_their_size(
    refreshed, store, tmp_path
):
    with SHARED.open(encoding="utf-8", newline="") as file:
        published = {
            (row["route"], row["border_type"], row["date"]): int(row["value"])
            for row in csv.DictReader(file)
        }
    months = sorted({month for *_, month in published})
    header = [*HEADER[:3], *(f"{month_abbr[int(m[5:])].upper()}{m[:4]}" for m in months)]
    rows = [
        [*pair, nationality, *(_share(published.get((*pair, m)), nationality) for m in months)]
        for pair in sorted({(route, border) for route, border, _ in published})
        for nationality in ("one", "other")
    ]
    own = tmp_path / NEW
    own.write_bytes(workbook(header, rows))
    result = refreshed(query={"file": str(own)})
    assert result.status == "new", result.reason
    assert Counter(cells(store)) == Counter(published)


def _share(value, nationality):
    """Split a figure over two rows."""
    if value is None:
        return None
    return value // 3 if nationality == "one" else value - value // 3
