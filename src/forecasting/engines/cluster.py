"""Work on a Dask cluster: who may take part, what goes there, and what comes back in order.

Dask sends functions and values between the suite's own processes by pickle; addresses ``tls://``
and the certificates in Dask's own configuration (``distributed.comm.tls``) decide who may connect.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, TypeVar

from forecasting.engines import Engine
from forecasting.engines.versions import suite_versions
from forecasting.errors import ClusterError, InputError
from forecasting.languages.messages import message_language, message_words, say, say_n

ANSWER_SECONDS = 10.0
"""How long a scheduler may take to answer."""

WORKERS_SECONDS = 60.0
"""How long a cluster may be without any worker before its work is given up."""

WINDOW = 4
"""Calls for each worker that are under way at once: the next are sent as results are taken."""

_LOOK_SECONDS = 2.0
_START_WORKERS = "dask worker {address} --nworkers 4 --nthreads 1"

Key = TypeVar("Key")


@contextmanager
def connect(engine: Engine) -> Iterator[Cluster]:
    """Connect to a cluster whose workers run the same suite; its calls end with the block.

    Raises
    ------
    InputError
        If the package ``distributed`` is missing, no scheduler answers or it has no workers, or a
        worker has another version of the suite or more than one thread.
    """
    client = _client(engine.scheduler)
    try:
        cluster = Cluster(client, engine.scheduler)
        cluster.check_workers()
        yield cluster
    finally:
        client.close(timeout=ANSWER_SECONDS)


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as problem:
        raise InputError(
            say("the package {name} is missing", name="distributed"),
            where="--engine dask",
            action=say("install it: {command}", command='pip install "forecasting[cluster]"'),
        ) from problem
    try:
        return Client(address, timeout=ANSWER_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, RuntimeError, TypeError, ValueError) as problem:  # the last three: no TLS
        raise InputError(
            say("no scheduler answers: {reason}", reason=_line(problem)),
            where=address,
            action=say("start one with 'dask scheduler', or look at the address and certificates"),
        ) from problem


class Cluster:
    """The workers of a scheduler, as one caller sees them.

    Parameters
    ----------
    client : distributed.Client
    address : str
        Of the scheduler, for messages.

    Attributes
    ----------
    size : int
        How many workers there were when last looked.
    """

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        self._language = message_words().code
        self.size = 0
        self._alone_since: float | None = None

    def check_workers(self) -> None:
        """Wait for the first worker, and refuse the cluster if one of them cannot take part.

        Raises
        ------
        InputError
            See `connect`.
        """
        try:
            self.client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError as problem:
            command = _START_WORKERS.format(address=self.address)
            raise InputError(
                say("the scheduler has no workers"),
                where=self.address,
                action=say("start some: {command}", command=command),
            ) from problem
        try:  # it reads what is to be called, so it needs the suite as well
            scheduler = self.client.run_on_scheduler(suite_versions), 1
        except ImportError as problem:
            raise _cannot_load(self.address, problem) from problem
        _refuse_other(self.address, *scheduler, expected=suite_versions())
        for address, found in self.ask(_describe).items():
            if isinstance(found, Exception):
                raise _cannot_load(address, found) from found
            _refuse_other(address, *found, expected=suite_versions())
        self._look()

    def ask(self, function: Callable[..., Any], *arguments: object) -> dict[str, Any]:
        """Call a function in every worker at once, beside what it works on.

        Returns
        -------
        dict of str to object
            What each worker returned or raised, by its address, in order.
        """
        answers = self.client.run(function, *arguments, on_error="return")
        return dict(sorted(answers.items()))

    def submit(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call a function on one of the workers; a call whose worker dies is made again elsewhere.

        Returns
        -------
        distributed.Future
            Dropped, it takes the call back. As an argument of another call it stands for its
            value, which every worker process that needs it fetches once.
        """
        import dask

        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
            return self.client.submit(
                _call, suite_versions(), self._language, function, *arguments, pure=False
            )

    def results(
        self, function: Callable[..., Any], calls: Iterable[tuple[object, ...]]
    ) -> Iterator[Any]:
        """Call a function with one tuple of arguments after the other; yield in their order.

        So many calls as `WINDOW` allows are under way at once, so that neither the caller nor the
        scheduler holds more than that.

        Raises
        ------
        ClusterError
            See `result`.
        """
        waiting: deque[Any] = deque()
        for arguments in calls:
            waiting.append(self.submit(function, *arguments))
            while len(waiting) >= WINDOW * max(1, self.size):
                yield self.result(waiting.popleft())
        while waiting:
            yield self.result(waiting.popleft())

    def as_they_end(self, calls: Mapping[Key, Any]) -> Iterator[Key]:
        """Yield the keys of the futures as they end.

        Raises
        ------
        ClusterError
            If there are no workers for a minute, or the scheduler is gone.
        """
        waiting = dict(calls)
        while waiting:
            self._wait(list(waiting.values()))
            for key in [key for key, future in waiting.items() if future.done()]:
                del waiting[key]
                yield key

    def result(self, future: Any) -> Any:
        """Wait for a call and return its value, or raise what it raised.

        Raises
        ------
        ClusterError
            If there are no workers for a minute, the scheduler is gone, or several workers died of
            the call.
        """
        from distributed import KilledWorker

        try:
            return self._fetched(future)
        except KilledWorker as problem:
            raise ClusterError(
                say(
                    "{address}: several workers died of the same task, the last was {worker}; "
                    "look at its log, give each worker more memory",
                    address=self.address,
                    worker=problem.last_worker.address,
                )
            ) from problem
        except CancelledError as problem:
            raise self._gone() from problem

    def _fetched(self, future: Any) -> Any:
        """Fetch the value of a call; one that is lost with its worker is made anew meanwhile."""
        seconds = _LOOK_SECONDS
        while True:
            self._wait([future])
            try:
                return future.result(timeout=seconds)
            except TimeoutError:
                if future.status == "error":  # raised by the call itself
                    raise
                self._look()
                seconds *= 2

    def _wait(self, futures: list[Any]) -> None:
        """Wait until one of the calls has ended, as long as there are workers."""
        from distributed import wait

        while not any(future.done() for future in futures):
            try:
                wait(  # type: ignore[no-untyped-call]
                    futures, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED"
                )
            except TimeoutError:
                self._look()
            except CancelledError as problem:
                raise self._gone() from problem

    def _look(self) -> None:
        """Count the workers; without any for a minute the work is given up."""
        try:
            self.size = len(self.client.scheduler_info(n_workers=-1)["workers"])
        except OSError:
            self.size = 0
        if self.size:
            self._alone_since = None
            return
        self._alone_since = self._alone_since or time.monotonic()
        if time.monotonic() - self._alone_since > WORKERS_SECONDS:
            seconds = round(WORKERS_SECONDS)
            raise ClusterError(
                say_n(
                    "{address}: no worker left for {n} second; start workers, then run again",
                    "{address}: no worker left for {n} seconds; start workers, then run again",
                    seconds,
                    address=self.address,
                )
            )

    def _gone(self) -> ClusterError:
        return ClusterError(
            say(
                "{address}: the scheduler is gone; start it and its workers, then run again",
                address=self.address,
            )
        )


def _describe(dask_worker: Any) -> tuple[dict[str, str], int]:
    return suite_versions(), dask_worker.state.nthreads


def _call(
    expected: Mapping[str, str], language: str, function: Callable[..., Any], *arguments: object
) -> Any:
    """Call a function in a worker process, which may have come after the others were checked."""
    from distributed import get_worker

    worker = get_worker()
    with message_language(language):
        _refuse_other(worker.address, *_describe(worker), expected=expected)
        return function(*arguments)


def _refuse_other(
    address: str, found: Mapping[str, str], threads: int, *, expected: Mapping[str, str]
) -> None:
    """Refuse a process that has another suite than the caller, or does several tasks at once."""
    differing = [name for name in expected if found.get(name) != expected[name]]
    if differing:
        raise InputError(
            say("another version of the suite: {versions}", versions=_listed(found, differing)),
            where=_process(address),
            expected=_listed(expected, differing),
            action=_same_everywhere(),
        )
    if threads != 1:
        raise InputError(
            say_n("{n} thread", "{n} threads", threads),
            where=_process(address),
            expected="--nthreads 1",
            action=say("start one process for each core instead: {option}", option="--nworkers"),
        )


def _cannot_load(address: str, problem: Exception) -> InputError:
    return InputError(
        say("the suite cannot be loaded: {reason}", reason=_line(problem)),
        where=_process(address),
        action=_same_everywhere(),
    )


def _process(address: str) -> str:
    return say("scheduler or worker {address}", address=address)


def _same_everywhere() -> str:
    return say("install the same version of the suite on the scheduler and on every worker")


def _listed(versions: Mapping[str, str], names: list[str]) -> str:
    return ", ".join(f"{name} {versions.get(name) or '–'}" for name in names)


def _line(problem: BaseException) -> str:
    """Return what an exception says, in one line."""
    return " ".join(str(problem).split()) or type(problem).__name__
