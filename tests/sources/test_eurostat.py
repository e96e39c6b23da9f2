"""Eurostat's client: what is asked, and which answers are tables."""

from __future__ import annotations

import duckdb
import pytest
from server import PAGE, QUEUE, Cell, Fault, make_table, sample_rows, serve

from forecasting.errors import InputError
from forecasting.sources.clients import eurostat as client
from forecasting.sources.definitions import load_source, source_names
from forecasting.sources.http import Transport


@pytest.fixture
def fetch(source, quick, tmp_path):
    """Return a function that asks the server for the applicants."""
    folder = tmp_path / "fetching"
    folder.mkdir()

    def fetched(newest=None, definition=None):
        transport = Transport(patience=quick)
        return client.fetch(definition or source, transport, folder, newest)

    return fetched


def cells(fetched):
    return duckdb.execute(f"SELECT * FROM read_parquet('{fetched.staged}') ORDER BY ALL").fetchall()


def test_a_selection_is_asked_for_by_its_key(fetch, eurostat):
    fetch()
    path = "/migr_asyappctzm/M.PER.TOTAL+UA.T.TOTAL.TOTAL.?format=SDMX-CSV&compressed=true"
    assert eurostat.requests[0][0].endswith(path)


def test_a_whole_table_is_asked_for_as_the_file_that_is_prepared(eurostat, fetch, tmp_path):
    full = load_source(eurostat.definition("eurostat-applicants-full", tmp_path / "own"))
    fetched = fetch(definition=full)
    path = "/migr_asyappctzm?format=SDMX-CSV&compressed=true"
    assert eurostat.requests[0][0].endswith(path)
    assert cells(fetched)[0] == (
        "EU27_2020",
        "TOTAL",
        "T",
        "TOTAL",
        "TOTAL",
        "2023-01",
        60000.0,
        "",
    )


def test_the_cells_are_staged_as_they_were_published(fetch, table):
    found = cells(fetch())
    assert found == sorted(
        (cell.codes["geo"], cell.codes["citizen"], cell.period, cell.value, "")
        for cell in table.cells
    )


def test_flags_are_kept_and_nothing_is_no_zero(fetch, table):
    codes = table.cells[0].codes
    table.cells[:3] = [
        Cell(codes, "2023-01", None, "c", "C"),
        Cell(codes, "2023-02", 0, "p"),
        Cell(codes, "2023-03", 12.5, "", "C"),
    ]
    assert cells(fetch())[48:51] == [
        ("FI", "TOTAL", "2023-01", None, "c C"),
        ("FI", "TOTAL", "2023-02", 0.0, "p"),
        ("FI", "TOTAL", "2023-03", 12.5, "C"),
    ]


def test_an_answer_that_is_not_compressed_is_read_too(fetch, eurostat, table):
    eurostat.always = Fault(body=table.body())
    assert len(cells(fetch())) == len(table.cells)


def test_what_is_being_prepared_is_waited_for(fetch, eurostat, table, monkeypatch):
    monkeypatch.setattr(client, "_QUEUE_SECONDS", 0.01)
    eurostat.faults.append(Fault(queue=["SUBMITTED", "PROCESSING", "AVAILABLE"]))
    fetched = fetch()
    assert len(cells(fetched)) == len(table.cells)
    assert fetched.address.endswith("compressed=true")
    asked = [path for path, _ in eurostat.requests[1:]]
    assert [path.split("/")[-2] for path in asked] == ["status", "status", "status", "data"]
    assert asked[0].startswith(f"{QUEUE}/status/98de05ea")


def test_what_is_never_prepared_is_given_up(fetch, eurostat, monkeypatch):
    monkeypatch.setattr(client, "_QUEUE_SECONDS", 0.01)
    eurostat.faults.append(Fault(queue=["PROCESSING", "EXPIRED"]))
    with pytest.raises(InputError, match="gave up preparing the answer: EXPIRED"):
        fetch()
    monkeypatch.setattr(client, "_QUEUE_SECONDS", 3600.0)
    eurostat.faults.append(Fault(queue=["PROCESSING"]))
    with pytest.raises(InputError, match="still preparing"):
        fetch()


def test_a_queue_number_that_leads_elsewhere_is_refused(fetch, eurostat):
    body = b"<x><queued><id>../../secret</id><status>SUBMITTED</status></queued></x>"
    eurostat.always = Fault(body=body)
    with pytest.raises(InputError, match="a queue number of another form"):
        fetch()
    assert len(eurostat.requests) == 1


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "an empty answer"),
        (b"\n", "an empty answer"),
        (PAGE, r"a page for a browser \(HTML\)"),
        (b"<a><faultstring>NO_RESULTS</faultstring></a>", "a fault: NO_RESULTS"),
        (b'{"error": []}', "XML or JSON"),
        (b"\x1f\x8bnot compressed at all", "an empty answer"),
    ],
)
def test_what_is_no_table_is_refused(fetch, eurostat, body, found):
    eurostat.always = Fault(body=body)
    with pytest.raises(InputError, match=f"{found}; expected: a table as SDMX-CSV"):
        fetch()


def test_a_changed_column_is_named(fetch, eurostat):
    eurostat.always = Fault(columns={"applicant": "asyl_app"})
    with pytest.raises(InputError, match=r"no column applicant, unknown column asyl_app.*adapt"):
        fetch()


def test_a_column_more_is_named(fetch, eurostat, table):
    eurostat.always = Fault(body=table.body().replace(b"OBS_FLAG", b"OBS_FLAG,wdrl", 1))
    with pytest.raises(InputError, match="unknown column wdrl"):
        fetch()


def test_columns_in_another_order_are_the_same(fetch, eurostat, table):
    lines = [line.split(",") for line in table.body().decode().splitlines()]
    body = "\n".join(",".join([*line[:2], *reversed(line[2:])]) for line in lines) + "\n"
    eurostat.always = Fault(body=body.encode())
    assert len(cells(fetch())) == len(table.cells)


def test_another_table_under_this_name_is_refused(fetch, eurostat, table):
    eurostat.always = Fault(body=table.body().replace(b"MIGR_ASYAPPCTZM", b"MIGR_RESFIRST"))
    with pytest.raises(InputError, match=r"a row of something else: ESTAT:MIGR_RESFIRST"):
        fetch()


def test_a_code_that_was_not_asked_for_is_refused(fetch, eurostat, table):
    eurostat.always = Fault(body=table.body().replace(b",PER,", b",THS_PER,", 1))
    with pytest.raises(InputError, match=r"a row of something else: .*THS_PER.*PER"):
        fetch()


def test_a_value_that_is_no_number_is_refused_with_its_row(fetch, eurostat, table):
    eurostat.always = Fault(body=table.body().replace(b",305,", b",3o5,", 1))
    with pytest.raises(InputError, match=r"2023-02,3o5.*and a number as value"):
        fetch()


@pytest.mark.parametrize(
    "mend",
    [
        lambda body: body.replace(b",305,", b",305,1,2,3,", 1),
        lambda body: body.replace(b"FI,2023-02", b'FI,"2023-02', 1),
        lambda body: body.replace(b"FI,2023-02", b"FI,2023-02" + b"x" * 5000, 1),
        lambda body: body.replace(b"FI,2023-02", b"FI,\xff\xfe2023-02", 1),
        lambda body: body[: body.index(b"FI,2023-03")],
    ],
)
def test_a_row_of_another_form_is_refused(fetch, eurostat, table, mend):
    eurostat.always = Fault(body=mend(table.body()))
    with pytest.raises(InputError, match=r"expected: a table as SDMX-CSV|something else"):
        fetch()


def test_a_compressed_answer_that_ends_early_is_refused(fetch, eurostat, table):
    import gzip

    eurostat.always = Fault(body=gzip.compress(table.body())[:-20])
    with pytest.raises(InputError, match="expected: a table as SDMX-CSV"):
        fetch()


def test_a_part_of_the_table_must_be_single_or_in_the_key(eurostat, fetch, tmp_path):
    path = eurostat.definition(
        "eurostat-applicants", tmp_path / "own", key=["geo"], codes={}, feeds=[]
    )
    with pytest.raises(InputError, match=r"2 codes of 'citizen'.*one code, or 'citizen' among"):
        fetch(definition=load_source(path))
    assert eurostat.requests == []


@pytest.mark.parametrize("name", [n for n in source_names() if n.startswith("eurostat-")])
def test_every_shipped_definition_fits_the_tables_of_the_server(name, quick, tmp_path):
    dataset = load_source(name).dataset
    decided = {"decision": "TOTAL"}
    rows = [{**row, **decided} for row in sample_rows() if row["citizen"] == "TOTAL"]
    for row in rows:
        if dataset.endswith("q"):
            row["period"] = f"{row['period'][:4]}-Q{(int(row['period'][5:]) + 2) // 3}"
    with serve([make_table(dataset, rows)]) as server:
        source = load_source(server.definition(name, tmp_path / "own"))
        fetched = client.fetch(source, Transport(patience=quick), tmp_path, None)
    assert len(cells(fetched)) == len(rows)
