"""A local server for answers that a function makes of each request, with the faults of networks."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from server import NO_FAULT, Fault


@dataclass(frozen=True)
class Asked:
    """A request: path, parameters, and what was posted as JSON."""

    path: str
    parameters: dict[str, str]
    body: Any = None


Answered = tuple[int, bytes]


@dataclass
class Recorded:
    """The server: where it is, what was asked, and the faults of the next requests.

    Of a `Fault` count the status, the headers, the body and where it is cut off.
    """

    answer: Callable[[Asked], Answered]
    address: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[Asked] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        state = self.server.state
        parts = urlsplit(self.path)
        asked = Asked(parts.path, dict(parse_qsl(parts.query)), body)
        state.requests.append(asked)
        fault = state.faults.popleft() if state.faults else NO_FAULT
        status, content = state.answer(asked)
        if fault.status != 200:
            status, content = fault.status, b""
        content = content if fault.body is None else fault.body
        self.send_response(status)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(content if fault.cut < 0 else content[: fault.cut])
        self.close_connection = fault.cut >= 0

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: Recorded


@contextmanager
def serve_recorded(answer: Callable[[Asked], Answered]) -> Iterator[Recorded]:
    """Serve on 127.0.0.1 until the end of the block."""
    http = _Server(("127.0.0.1", 0), _Handler)
    http.state = Recorded(answer, f"http://127.0.0.1:{http.server_address[1]}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield http.state
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def as_json(content: object, *, status: int = 200) -> Answered:
    """Write an answer as JSON."""
    return status, json.dumps(content, ensure_ascii=False).encode()
