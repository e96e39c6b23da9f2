"""Several runs at once, each in a process of its own; what ends one of them leaves the others."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Thread

from forecasting.errors import ForecastingError
from forecasting.languages.messages import message_language, message_words, say
from forecasting.runs.directory import lock_outputs
from forecasting.runs.interrupts import terminate_as_interrupt, uninterrupted
from forecasting.runs.run import NotebookJob, run_locked

UNWIND_SECONDS = 20.0
"""How long an interrupted run may take to clean up."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes
    ----------
    job : NotebookJob
    seconds : float
        From the start of its process to the end.
    published : Path or None
        Its directory; None if it failed.
    reason : str
        Why it failed, in one line; empty if it did not.
    """

    job: NotebookJob
    seconds: float
    published: Path | None
    reason: str = ""


@dataclass(frozen=True)
class _Running:
    job: NotebookJob
    process: SpawnProcess
    results: Connection
    begun: float

    def outcome(self) -> Outcome:
        """Take the result of a process that has sent one, or has ended without."""
        seconds = time.monotonic() - self.begun
        try:
            published, reason = self.results.recv()
        except EOFError:
            published, reason = None, ""
        self.results.close()
        self.process.join()
        if published is None and not reason:
            reason = ended_without_result(self.process.exitcode)
        return Outcome(self.job, seconds, published, reason)


def ended_without_result(exit_code: int | None) -> str:
    """Say that the process of a run sent nothing, as when the system has killed it."""
    return say("the process ended without a result (exit code {code})", code=exit_code)


def run_all(
    jobs: Sequence[NotebookJob], *, processes: int, on_end: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run jobs of one output directory, so many at a time, while its lock is held.

    Parameters
    ----------
    jobs : sequence of NotebookJob
    processes : int
        How many run at once.
    on_end : callable
        Called with the outcome of each job as it ends.

    Returns
    -------
    list of Outcome
        In the order of the jobs. A job that fails does not stop the others.

    Raises
    ------
    LockedError
        If another run holds the lock.
    KeyboardInterrupt
        Interrupted or terminated; every process has ended by then, and nothing half-written is
        left.
    """
    with lock_outputs(jobs[0].output_dir):
        return run_all_locked(jobs, processes=processes, on_end=on_end)


def run_all_locked(
    jobs: Sequence[NotebookJob], *, processes: int, on_end: Callable[[Outcome], None]
) -> list[Outcome]:
    """Do the same as `run_all` for a caller that holds the lock already.

    Raises
    ------
    KeyboardInterrupt
        As `run_all`.
    """
    waiting, running = list(jobs), list[_Running]()
    ended: dict[str, Outcome] = {}
    with terminate_as_interrupt():
        try:
            while waiting or running:
                while waiting and len(running) < processes:
                    running.append(_start(waiting.pop(0)))
                ready = wait([each.results for each in running])
                for each in [each for each in running if each.results in ready]:
                    running.remove(each)
                    ended[each.job.run_id] = outcome = each.outcome()
                    on_end(outcome)
        finally:
            with uninterrupted():
                _stop([each.process for each in running])
    return [ended[job.run_id] for job in jobs]


def _start(job: NotebookJob) -> _Running:
    context = get_context("spawn")
    results, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(job, sender, message_words().code), daemon=True)
    with uninterrupted():  # the new process inherits that: only this one answers Ctrl-C
        process.start()
    sender.close()
    return _Running(job, process, results, time.monotonic())


def _work(job: NotebookJob, sender: Connection, language: str) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt):
        sender.send(attempt(job, language))


def _end_with_parent() -> None:
    """Interrupt this process when the one that holds the lock for it is gone, killed perhaps."""
    parent = parent_process()
    assert parent is not None  # noqa: S101 - started by `_start`
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def attempt(job: NotebookJob, language: str) -> tuple[Path | None, str]:
    """Run a job of a caller that holds the lock, in a process of its own.

    Parameters
    ----------
    job : NotebookJob
    language : str
        Of messages.

    Returns
    -------
    published : Path or None
    reason : str
        As of `Outcome`.

    Raises
    ------
    KeyboardInterrupt
        Interrupted or terminated; nothing half-written is left.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)  # tells of a stopped kernel again
    try:
        with message_language(language):
            return run_locked(job), ""
    except ForecastingError as problem:
        return None, str(problem).removeprefix(f"{job.notebook.stem}: ")
    except Exception as problem:  # the reason of this notebook; the others go on
        return None, f"{type(problem).__name__}: {problem}"


def _stop(processes: Sequence[SpawnProcess]) -> None:
    """Let processes unwind; end those that take too long."""
    for process in processes:
        process.terminate()
    end = time.monotonic() + UNWIND_SECONDS
    for process in processes:
        process.join(max(0.0, end - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
