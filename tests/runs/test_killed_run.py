"""A run that is killed, terminated or interrupted leaves nothing that stops the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import forecasting
from forecasting.runs.run import NotebookJob, run_notebook

MakeJob = Callable[..., NotebookJob]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

RUN = """\
import sys
from pathlib import Path
from forecasting.runs.run import NotebookJob, run_notebook
notebook, output_dir = map(Path, sys.argv[1:])
run_notebook(NotebookJob(notebook, {}, "SI-1", output_dir, "brief"))
"""
WAIT = """\
import os, time
from pathlib import Path
if Path("../../wait").exists():
    Path("../../pid").write_text(f"{os.getpid()}.")
    time.sleep(60)
print("done", end="")
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and ") Z " in state.read_text(encoding="utf-8"))


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def stop_in_the_middle(job: NotebookJob, number: int) -> tuple[subprocess.Popen[str], int]:
    """Run the job in a process, send it a signal while a cell sleeps; return it and its kernel."""
    root = job.output_dir.parent
    (root / "wait").touch()
    pid_file = root / "pid"
    environment = os.environ | {"PYTHONPATH": str(Path(forecasting.__file__).parents[1])}
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, str(job.notebook), str(job.output_dir)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    begun = wait_until(
        lambda: pid_file.exists() and pid_file.read_text(encoding="utf-8").endswith("."), 30
    )
    assert begun, child.communicate(timeout=10)
    child.send_signal(number)
    (root / "wait").unlink()
    return child, int(pid_file.read_text(encoding="utf-8")[:-1])


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()} - {".lock"}


def test_a_killed_run_leaves_no_lock_no_kernel_and_no_half_run(make_job: MakeJob) -> None:
    job = make_job(WAIT)
    child, kernel = stop_in_the_middle(job, signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    child.communicate()
    assert not (job.output_dir / job.run_id).exists()
    final = run_notebook(job)
    assert (final / "result.txt").read_text(encoding="utf-8") == "done"
    assert names(job.output_dir) == {"SI-1"}
    assert wait_until(lambda: not is_alive(kernel), 10), "the orphaned kernel goes on"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_terminated_or_interrupted_run_cleans_up(make_job: MakeJob, number: int) -> None:
    job = make_job(WAIT)
    child, kernel = stop_in_the_middle(job, number)
    begun = time.monotonic()
    _, log = child.communicate(timeout=10)
    assert time.monotonic() - begun < 8
    assert child.returncode != 0
    assert log.rstrip().endswith("KeyboardInterrupt"), log
    assert names(job.output_dir) == set()
    assert not is_alive(kernel)
