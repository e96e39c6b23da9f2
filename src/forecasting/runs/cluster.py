"""Several runs on a Dask cluster; what ends one of them leaves the others.

Every worker has to see the output directory and the store under the same path, for a run is built
and published where it is made.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast
from uuid import uuid4

from forecasting.engines import Engine
from forecasting.engines.cluster import Cluster, connect
from forecasting.errors import ForecastingError, InputError
from forecasting.languages.messages import message_words, say
from forecasting.locations import store_dir, suite_root
from forecasting.runs.directory import output_errors
from forecasting.runs.interrupts import terminate_as_interrupt, uninterrupted
from forecasting.runs.processes import UNWIND_SECONDS, Outcome, ended_without_result
from forecasting.runs.run import NotebookJob

_LOOK_SECONDS = 0.5

_running: set[str] = set()  # run ids under way in this worker process


@dataclass(frozen=True)
class _Place:
    """What the runs of a night have in common.

    Attributes
    ----------
    probes : mapping of Path to str
        Files that every worker has to see, and what is in them.
    store, suite : Path
        The store, and the root of the suite of the caller: workers may have theirs elsewhere.
    """

    probes: Mapping[Path, str]
    store: Path
    suite: Path

    def here(self, job: NotebookJob) -> NotebookJob:
        """Return the job with a notebook of the suite taken from that of this machine."""
        if not job.notebook.is_relative_to(self.suite):
            return job
        return replace(job, notebook=suite_root() / job.notebook.relative_to(self.suite))


def run_on_cluster(
    jobs: Sequence[NotebookJob], *, scheduler: str, on_end: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run jobs of one output directory on a cluster, for a caller that holds its lock.

    Each job runs in a process of its own on a worker; if its worker dies, it is run on another.

    Parameters
    ----------
    jobs : sequence of NotebookJob
    scheduler : str
        Address, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.
    on_end : callable
        Called with the outcome of each job as it ends.

    Returns
    -------
    list of Outcome
        In the order of the jobs. A job that fails does not stop the others; if all workers are
        gone, the jobs that have not ended fail.

    Raises
    ------
    InputError
        If the cluster cannot be used (see `forecasting.engines.cluster.connect`), or a worker does
        not see the output directory or the store; nothing has run then.
    KeyboardInterrupt
        Interrupted or terminated; the runs have ended by then, and nothing half-written is left.
    """
    output_dir = jobs[0].output_dir.absolute()
    with (
        terminate_as_interrupt(),
        connect(Engine("dask", scheduler)) as cluster,
        _probes((output_dir, store_dir())) as probes,
    ):
        place = _Place(probes, store_dir(), suite_root())
        for worker, found in cluster.ask(_unseen, probes).items():
            _refuse_unseen(worker, found)
        ended: dict[str, Outcome] = {}
        try:
            with closing(_outcomes(cluster, jobs, place)) as outcomes:
                for outcome in outcomes:
                    ended[outcome.job.run_id] = outcome
                    on_end(outcome)
        finally:
            if len(ended) < len(jobs):
                with uninterrupted():
                    _wait_until_unwound(cluster)
    return [ended[job.run_id] for job in jobs]


def _outcomes(
    cluster: Cluster, jobs: Sequence[NotebookJob], place: _Place
) -> Generator[Outcome, None, None]:
    waiting = {job.run_id: job for job in jobs}
    futures = {
        job.run_id: cluster.submit(_run, replace(job, output_dir=job.output_dir.absolute()), place)
        for job in jobs
    }
    try:
        for run_id in cluster.as_they_end(futures):
            yield _outcome(cluster, waiting.pop(run_id), futures[run_id])
    except ForecastingError as problem:  # the cluster is gone
        for job in waiting.values():
            yield Outcome(job, 0.0, None, str(problem))
    finally:
        cluster.client.cancel(list(futures.values()))


def _outcome(cluster: Cluster, job: NotebookJob, future: Any) -> Outcome:
    try:
        published, reason, seconds = cluster.result(future)
    except Exception as problem:  # the reason of this job; the others go on
        return Outcome(job, 0.0, None, str(problem) or type(problem).__name__)
    return Outcome(job, seconds, published, reason)


@contextmanager
def _probes(folders: Sequence[Path]) -> Iterator[dict[Path, str]]:
    """Write a file into each folder for the workers to look for; remove them at the end."""
    probes = {folder / f".probe-{uuid4().hex}": uuid4().hex for folder in folders}
    try:
        for path, text in probes.items():
            with output_errors(path.parent):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        yield probes
    finally:
        for path in probes:
            path.unlink(missing_ok=True)


def _unseen(probes: Mapping[Path, str]) -> Path | None:
    """Return the folder of the first probe that is not seen from here, or not written beside."""
    for path, text in probes.items():
        own = path.with_name(f".probe-{uuid4().hex}")
        try:
            own.write_text(text, encoding="utf-8")
            own.unlink()
            if path.read_text(encoding="utf-8") != text:
                return path.parent
        except OSError:
            return path.parent
    return None


def _refuse_unseen(worker: str, found: object) -> None:
    if isinstance(found, Exception):
        raise found
    if found is not None:
        raise InputError(
            say("folder {folder} is not the same as here, or cannot be written", folder=found),
            where=say("worker {address}", address=worker),
            expected=say("a shared folder under the same path on all machines"),
        )


def _run(job: NotebookJob, place: _Place) -> tuple[Path | None, str, float]:
    """Run a job on a worker, as long as somebody wants it."""
    from distributed import get_worker

    worker = get_worker()
    _refuse_unseen(worker.address, _unseen(place.probes))
    begun = time.monotonic()
    _running.add(job.run_id)
    try:
        published, reason = _in_process(place, job, wanted=_wanted(worker))
    finally:
        _running.discard(job.run_id)
    return published, reason, time.monotonic() - begun


def _wanted(worker: Any) -> Callable[[], bool]:
    """Return a function that says whether the task of this thread is still asked for."""
    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        executing = task is not None and task.state == "executing"
        return executing and worker.status.name not in ("closing", "closed", "failed")

    return wanted


def _in_process(
    place: _Place, job: NotebookJob, *, wanted: Callable[[], bool]
) -> tuple[Path | None, str]:
    content = (place.here(job), message_words().code, str(place.store))
    process = subprocess.Popen(
        [sys.executable, "-m", "forecasting.runs.cluster_job"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    jobs, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    with process:
        with suppress(BrokenPipeError):  # what ended it at once is in the log of the worker
            jobs.write(pickle.dumps(content))
            jobs.flush()
        while process.poll() is None and wanted():
            time.sleep(_LOOK_SECONDS)
        with suppress(BrokenPipeError):
            jobs.close()  # a run that is not wanted any more unwinds
        answer = answers.read()
    if not answer:
        return None, ended_without_result(process.returncode)
    found = json.loads(answer)
    return found["published"] and Path(found["published"]), found["reason"]


def _wait_until_unwound(cluster: Cluster) -> None:
    """Wait until no worker runs a job any more, as long as that may take."""
    end = time.monotonic() + UNWIND_SECONDS
    while time.monotonic() < end:
        try:
            if not any(cluster.ask(_count_running).values()):
                return
        except OSError:  # no scheduler: its workers end their runs themselves
            return
        time.sleep(_LOOK_SECONDS)


def _count_running() -> int:
    return len(_running)
