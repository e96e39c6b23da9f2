"""A local server that answers as Eurostat's dissemination API does, and fails as networks do.

In tests::

    with serve([table]) as server:
        server.faults.append(Fault(status=503))   # the next request
        definition = server.definition("eurostat-applicants", folder)

By hand, with the files of a folder in the shape ``date,geo,citizen,value``::

    python tests/sources/server.py --port 8765 --data ../shared/data --definitions outputs/local
    forecasting data refresh outputs/local/eurostat-applicants.yaml

The files are read again for every request: change a figure, and the next refresh finds a revision.
The shape is the recorded one: SDMX-CSV with DATAFLOW, LAST UPDATE, the dimensions, TIME_PERIOD,
OBS_VALUE, OBS_FLAG, CONF_STATUS; gzip where ``compressed=true``; faults as XML envelopes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

BASE = "/eurostat/api/dissemination"
DATA = f"{BASE}/sdmx/2.1/data"
QUEUE = f"{BASE}/1.0/async"
LAST_UPDATE = "17/09/26 23:00:00"
LAST_MODIFIED = "Thu, 17 Sep 2026 21:00:00 GMT"
CSV = "application/vnd.sdmx.data+csv;version=1.0.0"
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "sources"

DIMENSIONS = {
    "migr_asyappctzm": ("freq", "unit", "citizen", "sex", "applicant", "age", "geo"),
    "migr_asypenctzm": ("freq", "unit", "citizen", "sex", "age", "geo"),
    "migr_asydcfstq": ("freq", "unit", "citizen", "sex", "age", "decision", "geo"),
    "migr_asywithm": ("freq", "unit", "citizen", "sex", "age", "geo"),
    "migr_asytpfm": ("freq", "unit", "citizen", "sex", "age", "geo"),
    "migr_asytpsm": ("freq", "unit", "citizen", "sex", "age", "geo"),
}
FILES = {
    "eurostat_asylum_applicants_monthly_2008_2024.csv": "migr_asyappctzm",
    "eurostat_asylum_pending_monthly_2008_2024.csv": "migr_asypenctzm",
    "eurostat_first_instance_decisions_quarterly.csv": "migr_asydcfstq",
    "eurostat_temporary_protection_granted_monthly.csv": "migr_asytpfm",
    "eurostat_temporary_protection_beneficiaries_monthly.csv": "migr_asytpsm",
}
TOTALS = {"unit": "PER", "sex": "T", "applicant": "TOTAL", "age": "TOTAL", "citizen": "TOTAL"}


@dataclass(frozen=True)
class Cell:
    """A figure: codes by dimension, period, value (None: published as missing) and flag."""

    codes: Mapping[str, str]
    period: str
    value: float | None
    flag: str = ""
    confidential: str = ""


@dataclass
class Table:
    """A table of the publisher; its cells can be changed while it is served."""

    dataset: str
    dimensions: tuple[str, ...]
    cells: list[Cell]

    def body(self, key: str = "", *, columns: Mapping[str, str] | None = None) -> bytes:
        """Write the cells of a key, such as ``M.PER.TOTAL+UA.T.TOTAL.TOTAL.``, as SDMX-CSV."""
        chosen = [set(part.split("+")) - {""} for part in key.split(".")] if key else []
        names = [*self.dimensions, "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG", "CONF_STATUS"]
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        header = ["DATAFLOW", "LAST UPDATE", *names]
        writer.writerow([(columns or {}).get(name, name) for name in header])
        for cell in self.cells:
            codes = [cell.codes[name] for name in self.dimensions]
            if all(
                not wanted or code in wanted for wanted, code in zip(chosen, codes, strict=False)
            ):
                value = "" if cell.value is None else f"{cell.value:.15g}"
                marks = [cell.flag, cell.confidential]
                dataflow = f"ESTAT:{self.dataset.upper()}(1.0)"
                writer.writerow([dataflow, LAST_UPDATE, *codes, cell.period, value, *marks])
        return buffer.getvalue().encode()


def make_table(dataset: str, rows: Iterable[Mapping[str, str]]) -> Table:
    """Make a table of rows with ``date`` (or ``period``), ``value`` and codes; totals elsewhere."""
    dimensions = DIMENSIONS[dataset]
    quarterly = dataset.endswith("q")
    fixed = {**TOTALS, "freq": "Q" if quarterly else "M"}
    cells = []
    for row in rows:
        period = row.get("period") or row["date"]
        if quarterly and "Q" not in period:  # 2008-04 begins the second quarter
            period = f"{period[:4]}-Q{(int(period[5:7]) + 2) // 3}"
        codes = {name: row.get(name) or fixed[name] for name in dimensions}
        value = float(row["value"]) if row["value"] else None
        cells.append(Cell(codes, period, value, row.get("flag", "")))
    return Table(dataset, dimensions, cells)


def sample_rows(levels: Mapping[str, int] | None = None, months: int = 24) -> list[dict[str, str]]:
    """Write applicants of a few countries from January 2023 on, all and from Ukraine."""
    levels = levels or {"FI": 300, "NO": 450, "SE": 1200, "SI": 400, "EU27_2020": 60000}
    return [
        {
            "geo": geo,
            "citizen": citizen,
            "period": f"{2023 + month // 12}-{month % 12 + 1:02d}",
            "value": str((level if citizen == "TOTAL" else 0) + 5 * month),
        }
        for geo, level in levels.items()
        for citizen in ("TOTAL", "UA")
        for month in range(months)
    ]


def read_tables(folder: Path) -> list[Table]:
    """Read the files of a folder that are named as in ``../shared/data``."""
    tables = []
    for name, dataset in FILES.items():
        if (folder / name).is_file():
            with (folder / name).open(encoding="utf-8", newline="") as file:
                tables.append(make_table(dataset, csv.DictReader(file)))
    return tables


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request; what is not set goes right.

    Attributes
    ----------
    status : int
        Answered with a fault of the publisher.
    headers : mapping of str to str
        In place of, or beside, those of the answer.
    wait : float
        Seconds until anything is answered.
    drip : float
        Seconds between pieces of a hundredth of the answer.
    cut : int
        Bytes after which the connection ends.
    chunked : bool
        Whether the answer is sent without its length.
    body : bytes
        Another answer, such as a page.
    columns : mapping of str to str
        Other names of columns.
    change : callable
        Other cells, such as another code list, thousands, a country less.
    location : str
        Where the request is led instead.
    queue : sequence of str
        Statuses of an answer that is being prepared: ``PROCESSING``, ``AVAILABLE``.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0
    cut: int = -1
    chunked: bool = False
    body: bytes | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[Sequence[Cell]], list[Cell]] | None = None
    location: str = ""
    queue: Sequence[str] = ()


NO_FAULT = Fault()
PAGE = b"<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Sorry</body></html>\n"


class Server:
    """What a test talks to: faults of the next requests, what was asked, where it is."""

    def __init__(self, tables: Callable[[], list[Table]], address: str, ca_file: str = "") -> None:
        self._tables, self.address, self.ca_file = tables, address, ca_file
        self.faults: deque[Fault] = deque()
        self.always: Fault = NO_FAULT
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.queued: deque[str] = deque()
        self.queued_body = b""

    def next_fault(self) -> Fault:
        """Return the fault of this request."""
        return self.faults.popleft() if self.faults else self.always

    def table(self, dataset: str) -> Table | None:
        """Return a table by its code."""
        return next((each for each in self._tables() if each.dataset == dataset), None)

    def definition(self, name: str, folder: Path, **changes: object) -> Path:
        """Write the definition of a shipped source with the address of this server."""
        return write_definition(name, folder, self.address, **changes)


def write_definition(name: str, folder: Path, address: str, **changes: object) -> Path:
    """Write the definition of a shipped source with another address, and other changes."""
    content = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    text = yaml.safe_dump({**content, "address": address, **changes}, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    return path


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _HttpServer

    def do_GET(self) -> None:
        state = self.server.state
        parts = urlsplit(self.path)
        state.requests.append((self.path, dict(self.headers.items())))
        if parts.path.startswith(QUEUE):
            self._queue(parts.path)
            return
        fault = state.next_fault()
        time.sleep(fault.wait)
        if fault.location:
            self._send(302, b"", {"Location": fault.location})
        elif fault.status != 200:
            self._send(fault.status, _fault_envelope(fault), fault.headers)
        else:
            self._data(parts.path, parse_qs(parts.query), fault)

    def _data(self, path: str, asked: Mapping[str, Sequence[str]], fault: Fault) -> None:
        dataset, _, key = path.removeprefix(f"{DATA}/").partition("/")
        table = self.server.state.table(dataset)
        if table is None:
            self._send(404, _envelope("404", f"ERR_NOT_FOUND_4: {dataset} is not available"))
            return
        if key and len(key.split(".")) != len(table.dimensions):
            self._send(400, _envelope("150", "INVALID_QUERY_DIMENSION: wrong number of dimensions"))
            return
        if fault.change:
            table = Table(table.dataset, table.dimensions, fault.change(table.cells))
        body = fault.body if fault.body is not None else table.body(key, columns=fault.columns)
        if asked.get("compressed") == ["true"] and fault.body is None:
            body = gzip.compress(body, mtime=0)
        if fault.queue:
            self.server.state.queued, self.server.state.queued_body = deque(fault.queue), body
            self._send(200, _queued("SUBMITTED"), {"Content-Type": "application/xml"})
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag and fault.cut < 0:
            self._send(304, b"", {"ETag": etag})
            return
        headers = {"Content-Type": CSV, "ETag": etag, "Last-Modified": LAST_MODIFIED}
        self._send(200, body, {**headers, **fault.headers}, fault)

    def _queue(self, path: str) -> None:
        state = self.server.state
        if path.startswith(f"{QUEUE}/data/"):
            self._send(200, state.queued_body, {"Content-Type": CSV})
        else:
            status = state.queued.popleft() if state.queued else "EXPIRED"
            self._send(200, _queued(status), {"Content-Type": "application/xml"})

    def _send(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        fault: Fault = NO_FAULT,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if fault.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = body if fault.cut < 0 else body[: fault.cut]
        size = max(1, len(body) // 100) if fault.drip else max(1, len(sent))
        with suppress(OSError):  # the client may have gone
            for start in range(0, len(sent), size):
                piece = sent[start : start + size]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if fault.chunked else piece)
                self.wfile.flush()
                time.sleep(fault.drip)
            if fault.chunked and fault.cut < 0:
                self.wfile.write(b"0\r\n\r\n")
        if fault.cut >= 0:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        if self.server.verbose:
            super().log_message(format, *args)


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    state: Server
    verbose = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that has gone, which is what a fault is for."""
        if self.verbose:
            super().handle_error(request, client_address)


def _envelope(code: str, words: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">\n'
        f"    <faultcode>{code}</faultcode>\n    <faultstring>{words}</faultstring>\n</S:Fault>\n"
    ).encode()


def _fault_envelope(fault: Fault) -> bytes:
    if fault.body is not None:
        return fault.body
    words = {
        413: "EXTRACTION_TOO_BIG: The requested extraction is too big, estimated 420709314 rows, "
        "max authorised is 5000000, please change your filters to reduce the extraction size"
    }
    return _envelope(str(fault.status), words.get(fault.status, "SERVICE_UNAVAILABLE"))


def _queued(status: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
        '<ns0:syncResponse xmlns:ns0="http://estat.ec.europa.eu/disschain/soap/extraction">'
        "<queued><id>98de05ea-540a-43d3-903b-7c9e14faf808</id>"
        f"<status>{status}</status></queued></ns0:syncResponse></env:Body></env:Envelope>\n"
    ).encode()


@contextmanager
def serve(
    tables: Sequence[Table] | Callable[[], list[Table]],
    *,
    port: int = 0,
    tls_folder: Path | None = None,
    verbose: bool = False,
) -> Iterator[Server]:
    """Serve tables on 127.0.0.1; with a folder for the certificates over TLS."""
    http = _HttpServer(("127.0.0.1", port), _Handler)
    http.verbose = verbose
    scheme, ca_file = "http", ""
    if tls_folder is not None:
        scheme, ca_file = "https", _secure(http, tls_folder)
    address = f"{scheme}://127.0.0.1:{http.server_address[1]}{DATA}"
    given = tables if callable(tables) else lambda: list(tables)
    http.state = Server(given, address, ca_file)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield http.state
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def _secure(http: _HttpServer, folder: Path) -> str:
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def main() -> None:
    """Serve a folder until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--data", type=Path, required=True, help="folder with CSV files")
    parser.add_argument(
        "--definitions", type=Path, help="folder for definitions of sources with this address"
    )
    options = parser.parse_args()
    with serve(lambda: read_tables(options.data), port=options.port, verbose=True) as server:
        print(server.address, flush=True)  # noqa: T201
        served = {table.dataset for table in read_tables(options.data)}
        for path in sorted(SHIPPED.glob("eurostat-*.yaml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            if options.definitions and content["dataset"] in served:
                print(server.definition(path.stem, options.definitions), flush=True)  # noqa: T201
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
