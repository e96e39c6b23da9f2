"""Runs on a cluster: published whole or not at all, one failure leaves the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import pytest

from forecasting.engines import cluster
from forecasting.errors import InputError
from forecasting.runs import cluster as cluster_runs
from forecasting.runs.cluster import run_on_cluster
from forecasting.runs.directory import lock_outputs
from forecasting.runs.execute import ExecutionOptions
from forecasting.runs.processes import Outcome
from forecasting.runs.run import NotebookJob
from forecasting.runs.suite import keep_results

TABLE = """\
from pathlib import Path
Path("table.csv").write_text("a\\n1\\n")
"""
WAIT = """\
import os, time
from pathlib import Path
if Path({flag!r}).exists():
    Path({begun!r}).write_text(f"{{os.getppid()}} {{os.getpid()}}.")
    time.sleep(60)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="POSIX signals"),
]


@pytest.fixture
def make_job(machines: Any, tmp_path: Path) -> Callable[..., NotebookJob]:
    """Return a function that makes a job from the sources of its cells."""

    def make(run_id: str, *cells: str) -> NotebookJob:
        folder = machines.folder / tmp_path.name
        folder.mkdir(exist_ok=True)
        new_cell = nbformat.v4.new_code_cell
        notebook = nbformat.v4.new_notebook(
            cells=[
                new_cell('language = "en"  # language', metadata={"tags": ["parameters"]}),
                *map(new_cell, cells),
            ]
        )
        path = folder / f"{run_id}.ipynb"
        nbformat.write(notebook, path)
        return NotebookJob(
            path, {}, run_id, folder / "outputs", "night",
            finish=keep_results, options=ExecutionOptions(progress=False),
        )  # fmt: skip

    return make


def run(jobs: list[NotebookJob], machines: Any, on_end: Any = lambda _: None) -> list[Outcome]:
    with lock_outputs(jobs[0].output_dir):
        return run_on_cluster(jobs, scheduler=machines.address, on_end=on_end)


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()} - {".lock"}


def test_runs_are_published_and_a_failure_leaves_the_others(
    machines: Any, make_job: Callable[..., NotebookJob]
) -> None:
    jobs = [make_job("bad", "1 / 0"), make_job("good", TABLE)]
    seen: list[str] = []
    bad, good = run(jobs, machines, on_end=lambda outcome: seen.append(outcome.job.run_id))
    assert sorted(seen) == ["bad", "good"]
    assert bad.published is None
    assert "ZeroDivisionError" in bad.reason
    output_dir = jobs[0].output_dir
    assert good.published == output_dir / "good"
    assert good.seconds > 0
    assert (output_dir / "good" / "table.csv").read_text(encoding="utf-8") == "a\n1\n"
    assert names(output_dir) == {"good", "failed"}


@pytest.fixture
def wait_cell(machines: Any, tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """Return a cell that sleeps while a flag is there, the flag, and the file it writes before."""
    flag, begun = (machines.folder / f"{tmp_path.name}-{name}" for name in ("flag", "begun"))
    flag.touch()
    yield WAIT.format(flag=str(flag), begun=str(begun)), flag, begun
    flag.unlink(missing_ok=True)


def processes_in(begun: Path) -> list[int]:
    """Wait for the cell to begin; return its processes: that of the run, and the kernel."""
    wait_until(lambda: begun.exists() and begun.read_text(encoding="utf-8").endswith("."), 90)
    return [int(word) for word in begun.read_text(encoding="utf-8")[:-1].split()]


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.1)
    return condition()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and ") Z " in state.read_text(encoding="utf-8"))


def test_a_run_whose_worker_is_killed_is_made_on_another(
    machines: Any, make_job: Callable[..., NotebookJob], wait_cell: tuple[str, Path, Path]
) -> None:
    cell, flag, begun = wait_cell
    found: list[int] = []
    killed: list[str] = []

    def kill() -> None:
        found.extend(processes_in(begun))
        flag.unlink()
        killed.extend(name for name in machines.names() if machines.busy(name))
        machines.kill(*killed)

    killer = Thread(target=kill)
    killer.start()
    (outcome,) = run([make_job("one", cell, TABLE)], machines)
    killer.join()
    assert outcome.reason == ""
    assert outcome.published is not None
    assert len(found) == 2
    assert wait_until(lambda: not any(map(is_alive, found)), 30), "the orphaned run goes on"
    assert names(outcome.job.output_dir) == {"one"}
    machines.start_workers(*killed)


def test_an_interrupted_night_ends_its_runs_and_leaves_nothing_half_written(
    machines: Any, make_job: Callable[..., NotebookJob], wait_cell: tuple[str, Path, Path]
) -> None:
    cell, _, begun = wait_cell
    found: list[int] = []

    def interrupt(_: Outcome) -> None:
        found.extend(processes_in(begun))
        raise KeyboardInterrupt

    refused = replace(make_job("refused", TABLE), parameters={"paths": 20})
    jobs = [refused, make_job("long", cell), make_job("late", cell)]
    with pytest.raises(KeyboardInterrupt):
        run(jobs, machines, on_end=interrupt)
    assert len(found) == 2
    assert not any(map(is_alive, found))
    assert names(jobs[0].output_dir) == set()


def test_a_folder_that_a_worker_does_not_see_is_named(
    machines: Any, make_job: Callable[..., NotebookJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = cluster_runs._probes

    @contextmanager
    def elsewhere(folders: Any) -> Iterator[dict[Path, str]]:
        with real(folders) as probes:
            yield dict.fromkeys(probes, "what another machine has there")

    monkeypatch.setattr(cluster_runs, "_probes", elsewhere)
    job = make_job("one", TABLE)
    with pytest.raises(InputError) as found:
        run([job], machines)
    assert f"folder {job.output_dir} is not the same as here" in str(found.value)
    assert "worker tcp://127.0.0.1:" in str(found.value)
    assert names(job.output_dir) == set()


def test_without_workers_the_runs_that_have_not_ended_fail(
    in_process: Callable[..., Any],
    machines: Any,
    make_job: Callable[..., NotebookJob],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "WORKERS_SECONDS", 1.0)
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.2)
    real = cluster_runs._refuse_unseen
    with in_process() as own:

        def lose(*found: Any) -> None:
            real(*found)
            own.scale(0)

        monkeypatch.setattr(cluster_runs, "_refuse_unseen", lose)
        jobs = [make_job("one", TABLE), make_job("two", TABLE)]
        with lock_outputs(jobs[0].output_dir):
            outcomes = run_on_cluster(jobs, scheduler=own.scheduler_address, on_end=lambda _: None)
    assert [outcome.published for outcome in outcomes] == [None, None]
    assert all("no worker left for 1 second" in outcome.reason for outcome in outcomes)
