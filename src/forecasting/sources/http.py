"""Transport: one request over TLS, repeated with patience, its answer whole in a file.

The only module that opens a connection. Proxies (``HTTPS_PROXY``, ``NO_PROXY``) and certificates
(``REQUESTS_CA_BUNDLE``) come from the environment, as `requests` reads them. Neither log nor
message holds what stands behind the ``?`` of an address, or the name and password of a proxy.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlencode, urljoin

from forecasting.errors import InputError, describe_os_error
from forecasting.languages.messages import say, say_n
from forecasting.sources.addresses import check_address, place
from forecasting.sources.refusals import certificate_refused, refusal, status_words

if TYPE_CHECKING:
    from requests import Response, Session
    from urllib3.util import Retry

    from forecasting.sources.definitions import Limits
    from forecasting.sources.store import Vintage

__all__ = ["Answer", "Patience", "Query", "Transport", "place"]

REPEATED = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed."""

MOST_REDIRECTS = 5
MEGABYTE = 1_000_000
_CHUNK = 1 << 18
_REPORT_SECONDS = 10.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Query:
    """What to ask.

    Attributes
    ----------
    address : str
        Without parameters.
    parameters : mapping of str to str
        Of the request.
    body : optional
        Sent as JSON with POST; without it the request is GET.
    """

    address: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def full(self) -> str:
        """Address with its parameters."""
        if not self.parameters:
            return self.address
        return f"{self.address}?{urlencode(self.parameters, safe='+:,')}"


@dataclass(frozen=True)
class Answer:
    """A whole answer in a file.

    Attributes
    ----------
    path : pathlib.Path
        As it was sent, not decompressed.
    address : str
        What was asked, with parameters.
    retrieved : datetime.datetime
        When, in UTC.
    sha256 : str
        Of the file.
    etag, last_modified, content_type : str
        As the publisher says.
    """

    path: Path
    address: str
    retrieved: datetime
    sha256: str
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""


@dataclass(frozen=True)
class Patience:
    """How long to wait for a publisher, in seconds, and how often to ask.

    Attributes
    ----------
    attempts : int
    backoff : float
        Pause before the second repetition; it doubles from one to the next.
    longest_pause : float
        Of a pause, also where the publisher asks for more (``Retry-After``).
    connect, read : float
        For a connection; between two pieces of an answer.
    """

    attempts: int = 5
    backoff: float = 2.0
    longest_pause: float = 120.0
    connect: float = 20.0
    read: float = 120.0


class _PassingError(Exception):
    """Something that may be over at the next attempt."""

    def __init__(self, found: str, response: Response | None = None) -> None:
        super().__init__(found)
        self.response = response


class Transport:
    """Asks publishers, one request after the other.

    Parameters
    ----------
    patience : Patience, optional
    report : callable of str, optional
        Told how far a long answer is, every ten seconds or so.
    """

    def __init__(
        self, *, patience: Patience | None = None, report: Callable[[str], None] | None = None
    ) -> None:
        self.patience, self._report = patience or Patience(), report

    def fetch(
        self, query: Query, target: Path, *, limits: Limits, newest: Vintage | None = None
    ) -> Answer | None:
        """Ask, and write the answer to a file: whole or not at all.

        Parameters
        ----------
        query : Query
        target : pathlib.Path
            File to write.
        limits : Limits
            Largest answer and longest time.
        newest : Vintage, optional
            The newest one held; the publisher is asked for what is newer, if it was taken from the
            same address.

        Returns
        -------
        Answer or None
            None if the publisher says that nothing has changed.

        Raises
        ------
        InputError
            If there is no usable answer within the time; says what was found and what to do.
        OutputError
            If the file cannot be written.
        """
        from urllib3.exceptions import MaxRetryError
        from urllib3.util import Retry

        conditions = _conditions(query, newest)
        deadline = time.monotonic() + limits.minutes * 60
        retry = Retry(
            total=self.patience.attempts - 1,
            backoff_factor=self.patience.backoff / 2,
            backoff_max=self.patience.longest_pause,
        )
        while True:
            try:
                return self._attempt(query, target, conditions, _Bounds(limits, deadline))
            except _PassingError as problem:
                raw = problem.response.raw if problem.response is not None else None
                try:
                    retry = retry.increment("GET", query.address, response=raw)
                except MaxRetryError:
                    raise self._gave_up(query, str(problem), len(retry.history) + 1) from None
                self._wait(retry, problem, query, deadline)

    def _attempt(
        self, query: Query, target: Path, conditions: Mapping[str, str], bounds: _Bounds
    ) -> Answer | None:
        where = place(query.address)
        logger.info("asking %s", where)
        with self._open(query, conditions) as response:
            if response.status_code == 304 and conditions:
                return None
            if response.status_code in REPEATED:
                raise _PassingError(status_words(response), response)
            if response.status_code != 200:
                raise refusal(response, where)
            retrieved = datetime.now(UTC).replace(microsecond=0)
            sha256 = self._write(response, target, bounds, where)
            headers = response.headers
        return Answer(
            target,
            query.full,
            retrieved,
            sha256,
            headers.get("ETag", ""),
            headers.get("Last-Modified", ""),
            headers.get("Content-Type", ""),
        )

    def _open(self, query: Query, conditions: Mapping[str, str]) -> Response:
        """Send the request, and follow where it is led, over TLS only."""
        import requests

        address = query.full
        check_address(address)
        for _ in range(MOST_REDIRECTS + 1):
            try:
                response = self._session.request(
                    "GET" if query.body is None else "POST",
                    address,
                    json=query.body,
                    headers=dict(conditions),
                    stream=True,
                    allow_redirects=False,
                    timeout=(self.patience.connect, self.patience.read),
                )
            except requests.exceptions.SSLError as problem:
                if "CERTIFICATE_VERIFY_FAILED" in str(problem):
                    raise certificate_refused(address) from None
                raise _PassingError(say("no secured connection comes about")) from None
            except requests.exceptions.RequestException as problem:
                raise _PassingError(self._failure_words(problem)) from None
            if not response.is_redirect:
                return response
            onward = urljoin(address, response.headers["Location"])
            response.close()
            check_address(onward, led_from=address)
            address = onward
        raise InputError(say("led on and on to other addresses"), where=place(query.address))

    def _write(self, response: Response, target: Path, bounds: _Bounds, where: str) -> str:
        """Write the body as it is sent; return its SHA-256."""
        length = response.headers.get("Content-Length", "")
        size = int(length) if length.isdecimal() else None
        bounds.check_size(size or 0, where)
        digest, done, reported = hashlib.sha256(), 0, time.monotonic()
        with _new_file(target) as file:
            while chunk := self._read(response, done):
                done += len(chunk)
                bounds.check_size(done, where)
                bounds.check_time(where)
                digest.update(chunk)
                file.write(chunk)
                if self._report and time.monotonic() - reported > _REPORT_SECONDS:
                    reported = time.monotonic()
                    self._report(_progress_words(done, size))
            if size is not None and done != size:
                raise _PassingError(
                    say("cut off after {done} of {size} bytes", done=done, size=size)
                )
        return digest.hexdigest()

    def _read(self, response: Response, done: int) -> bytes:
        import urllib3

        try:
            return bytes(response.raw.read1(_CHUNK, decode_content=False))
        except urllib3.exceptions.ReadTimeoutError:
            raise _PassingError(self._silence_words(self.patience.read)) from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise _PassingError(say("cut off after {done} bytes", done=done)) from None

    def _wait(self, retry: Retry, problem: _PassingError, query: Query, deadline: float) -> None:
        asked = None
        if problem.response is not None:
            asked = _retry_after(retry, problem.response)
        pause = min(asked or retry.get_backoff_time(), self.patience.longest_pause)
        if time.monotonic() + pause > deadline:
            raise self._gave_up(query, str(problem), len(retry.history))
        logger.info("%s: %s; again in %.0f s", place(query.address), problem, pause)
        time.sleep(pause)

    def _gave_up(self, query: Query, found: str, attempts: int) -> InputError:
        tried = say_n("asked {n} time", "asked {n} times", attempts)
        return InputError(
            f"{found} ({tried})",
            where=place(query.address),
            action=say("try again later; until then the newest vintage held is used"),
        )

    def _failure_words(self, problem: Exception) -> str:
        import requests

        if isinstance(problem, requests.exceptions.ProxyError):
            return say("the proxy named in the environment (HTTPS_PROXY) does not answer")
        if isinstance(problem, requests.exceptions.ConnectTimeout):
            return self._silence_words(self.patience.connect)
        if isinstance(problem, requests.exceptions.Timeout):
            return self._silence_words(self.patience.read)
        return say("cannot be reached")

    @staticmethod
    def _silence_words(seconds: float) -> str:
        return say("no answer within {seconds} seconds", seconds=f"{seconds:g}")

    @cached_property
    def _session(self) -> Session:
        import requests

        session = requests.Session()
        session.headers.update(
            {
                "User-Agent": f"forecasting/{version('forecasting')}",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            }
        )
        return session


@dataclass(frozen=True)
class _Bounds:
    """How much of an answer is taken, and until when."""

    limits: Limits
    deadline: float

    def check_size(self, size: int, where: str) -> None:
        if size > self.limits.megabytes * MEGABYTE:
            raise InputError(
                say("an answer of more than {size} MB", size=self.limits.megabytes),
                where=where,
                expected=say("at most {size} MB", size=self.limits.megabytes),
                action=say("ask for less under 'select', or raise 'limits' in the definition"),
            )

    def check_time(self, where: str) -> None:
        if time.monotonic() > self.deadline:
            raise InputError(
                say_n(
                    "the answer is not there after {n} minute",
                    "the answer is not there after {n} minutes",
                    self.limits.minutes,
                ),
                where=where,
                action=say("try again later, or raise 'limits' in the definition"),
            )


@contextmanager
def _new_file(target: Path) -> Iterator[BinaryIO]:
    """Open a file that is there afterwards only if nothing went wrong."""
    try:
        with target.open("wb") as file:
            yield file
    except OSError as problem:
        target.unlink(missing_ok=True)
        raise describe_os_error(problem, target.parent) from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _conditions(query: Query, newest: Vintage | None) -> dict[str, str]:
    if newest is None or newest.address != query.full or query.body is not None:
        return {}
    held = {"If-None-Match": newest.etag, "If-Modified-Since": newest.last_modified}
    return {name: value for name, value in held.items() if value}


def _retry_after(retry: Retry, response: Response) -> float | None:
    from urllib3.exceptions import InvalidHeader

    try:
        return retry.get_retry_after(response.raw)
    except InvalidHeader:
        return None


def _progress_words(done: int, size: int | None) -> str:
    if size is None:
        return say("{done} MB", done=done // MEGABYTE)
    return say("{done} of {size} MB", done=done // MEGABYTE, size=size // MEGABYTE)
