"""A notebook from its parameters to a published directory, and every way this can end."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

import forecasting
from forecasting.errors import InputError, LockedError, NotebookError, OutputError
from forecasting.runs.directory import lock_outputs
from forecasting.runs.execute import CellError, ExecutionOptions
from forecasting.runs.manifest import DataFile
from forecasting.runs.run import NotebookJob, run_locked, run_notebook

MakeJob = Callable[..., NotebookJob]

SHOW = 'print(language, seed, draft, end="")'


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()} - {".lock"}


def read_manifest(path: Path) -> dict[str, Any]:
    return json.loads((path / "manifest.json").read_text(encoding="utf-8"))


def expect_failure(job: NotebookJob, error: type[Exception], message: str) -> dict[str, Any]:
    """Run a job that fails in its notebook; return the manifest left under ``failed``."""
    with pytest.raises(error, match=message) as caught:
        run_notebook(job)
    assert names(job.output_dir) == {"failed"}
    failed = job.output_dir / "failed" / job.run_id
    assert names(failed) == {job.notebook.name, "manifest.json"}
    manifest = read_manifest(failed)
    assert manifest["status"] == "failed"
    assert manifest["error"]["message"] == str(caught.value)
    assert "\n" not in str(caught.value)
    executed = nbformat.read(failed / job.notebook.name, as_version=4)
    assert executed.metadata.papermill.exception is True
    assert str(job.output_dir) not in json.dumps(executed.metadata)
    return manifest


def test_a_run_publishes_notebook_results_and_manifest(
    make_job: MakeJob, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    job = make_job(
        "# see where this runs\nimport os, sys; where = os.getcwd(), sys.executable",
        "",
        "import IPython; ip = IPython.get_ipython(); history = ip.history_manager.enabled",
        "print(language, seed, draft, *where, history, os.environ['IPYTHONDIR'], sep='|', end='')",
        parameters={"language": "sl", "seed": 7},
        data_files=[DataFile("data/a.csv", "aa", "2024-09")],
        options=ExecutionOptions(),
    )
    final = run_notebook(job)
    assert final == job.output_dir / "SI-1"
    assert names(job.output_dir) == {"SI-1"}
    assert names(final) == {"90_page.ipynb", "manifest.json", "result.txt"}
    *values, history, home = (final / "result.txt").read_text(encoding="utf-8").split("|")
    partial = values[3]
    assert values == ["sl", "7", "False", partial, sys.executable]
    assert partial.startswith(f"{job.output_dir}{os.sep}.partial-SI-1-")
    assert history == "False"
    assert not Path(home).exists(), "the kernel's directory ends with the run"

    manifest = read_manifest(final)
    assert manifest["status"] == "done"
    assert manifest["parameters"] == {"language": "sl", "seed": 7, "draft": False}
    assert [result["path"] for result in manifest["results"]] == ["result.txt"]
    assert manifest["data_files"][0]["vintage"] == "2024-09"

    metadata = json.dumps(nbformat.read(final / "90_page.ipynb", as_version=4).metadata)
    assert str(job.output_dir) not in metadata
    output, log = capfd.readouterr()
    assert output == ""
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 90_page: cell "
    lines = ["1/4", "2/4 see where this runs", "3/4", "4/4"]
    assert re.fullmatch("".join(f"{stamp}{re.escape(line)}\n" for line in lines), log)
    assert not [record for record in caplog.records if record.name == "papermill"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"langauge": "sl"}, "did you mean 'language'"),
        ({"draft": "true"}, "'true' is text; expected: True or False"),
        ({"seed": 11}, "11 is out of range"),
    ],
)
def test_wrong_parameters_stop_before_anything_is_made(
    make_job: MakeJob, parameters: dict[str, object], message: str
) -> None:
    job = make_job(SHOW, parameters=parameters)
    with pytest.raises(InputError, match=message):
        run_notebook(job)
    assert not job.output_dir.exists()


def test_a_cell_that_raises(make_job: MakeJob) -> None:
    cells = ("# divide\nprint('before'); 1 / 0", "raise RuntimeError('never reached')")
    message = r"90_page: cell 2/3 \(divide\): ZeroDivisionError: division by zero$"
    manifest = expect_failure(make_job(*cells), NotebookError, message)
    assert manifest["error"]["cell"] == 2
    assert manifest["error"]["type"] == "CellError"


def test_a_long_message_is_cut(make_job: MakeJob) -> None:
    job = make_job("raise ValueError('many\\nlines ' * 100)")
    expect_failure(job, NotebookError, r"ValueError: many lines many .{250,300} \.\.\.$")


def test_a_tag_that_allows_errors_is_not_obeyed(make_job: MakeJob) -> None:
    job = make_job("1 / 0", SHOW)
    notebook = nbformat.read(job.notebook, as_version=4)
    notebook.cells[2].metadata.tags = ["raises-exception", "skip-execution"]
    nbformat.write(notebook, job.notebook)
    expect_failure(job, NotebookError, "cell 2/3: ZeroDivisionError")


def test_a_notebook_that_ends_itself_has_failed(make_job: MakeJob) -> None:
    job = make_job("# leave\nimport sys; sys.exit()", SHOW)
    expect_failure(job, NotebookError, r"cell 2/3 \(leave\): SystemExit$")


def test_a_killed_kernel(make_job: MakeJob) -> None:
    job = make_job("x = 1", "import os; os.kill(os.getpid(), 9)", SHOW)
    manifest = expect_failure(job, CellError, "cell 3/4: the kernel died")
    assert manifest["error"]["cell"] == 3
    executed = nbformat.read(job.output_dir / "failed" / "SI-1" / "90_page.ipynb", as_version=4)
    states = [cell.metadata.papermill.status for cell in executed.cells]
    assert states == ["completed"] * 4 + ["failed", "pending"]
    assert "the kernel died" in executed.cells[4].outputs[0].evalue


def test_a_kernel_that_crashes_says_why(make_job: MakeJob) -> None:
    job = make_job("import ctypes; ctypes.string_at(0)")
    expect_failure(job, CellError, r"the kernel died.*\(Fatal Python error: Segmentation fault\)$")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ExecutionOptions(cell_seconds=0.5, progress=False), "limit of 0.5 s for one cell"),
        (ExecutionOptions(total_seconds=1.5, progress=False), "limit of 1.5 s for all cells"),
    ],
)
def test_a_cell_that_takes_too_long(
    make_job: MakeJob, options: ExecutionOptions, message: str
) -> None:
    job = make_job("x = 1", "import time; time.sleep(60)", options=options)
    expect_failure(job, CellError, f"cell 3/3: stopped at the {message}")


def test_a_kernel_that_does_not_start(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named ipykernel_launcher' >&2; exit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(NotebookError, match=r"did not start: .*No module named ipykernel_launcher"):
        run_notebook(make_job(SHOW))
    assert names(tmp_path / "outputs" / "failed" / "SI-1") == {"90_page.ipynb", "manifest.json"}


def test_kernels_startup_files_and_relative_search_paths_of_the_user(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specification = tmp_path / "share" / "kernels" / "python3"
    specification.mkdir(parents=True)
    wrong = {"argv": ["/no/such/python"], "display_name": "wrong", "language": "python"}
    (specification / "kernel.json").write_text(json.dumps(wrong), encoding="utf-8")
    (tmp_path / "startup.py").write_text("seed = 9", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own_module.py").write_text("name = 'found'", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "startup.py"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["mine", os.environ.get("PYTHONPATH", "")]))
    final = run_notebook(make_job("import own_module; print(own_module.name, seed, end='')"))
    assert (final / "result.txt").read_text(encoding="utf-8") == "found 1"


def test_a_temporary_directory_whose_path_is_too_long_for_sockets(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / ("x" * 100)
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert run_notebook(make_job(SHOW)).is_dir()
    assert names(temporary) == set()


def test_no_temporary_directory(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    job = make_job(SHOW)
    with pytest.raises(OutputError, match=r"no temporary directory can be made.*set TMPDIR"):
        run_notebook(job)


def test_braces_in_paths_are_only_letters(make_job: MakeJob, tmp_path: Path) -> None:
    final = run_notebook(make_job(SHOW, output_dir=tmp_path / "{seed} {x}" / "o"))
    assert final == tmp_path / "{seed} {x}" / "o" / "SI-1"
    assert final.is_dir()


def test_the_same_run_again_keeps_the_first_directory(make_job: MakeJob) -> None:
    job = make_job(SHOW)
    first = run_notebook(job).stat().st_ino
    assert run_notebook(job).stat().st_ino == first
    assert names(job.output_dir) == {"SI-1"}


def test_a_run_that_gives_other_results_replaces_the_first(
    make_job: MakeJob, caplog: pytest.LogCaptureFixture
) -> None:
    run_notebook(make_job("print('a', end='')"))
    final = run_notebook(make_job("print('b', end='')"))
    assert (final / "result.txt").read_text(encoding="utf-8") == "b"
    assert "other results in result.txt" in caplog.text
    assert names(final.parent / "failed") == {"SI-1-replaced"}


def test_a_failure_while_finishing_keeps_the_executed_notebook(make_job: MakeJob) -> None:
    def fail(executed: Path, workdir: Path) -> list[Path]:
        raise ValueError("no such font")

    job = make_job(SHOW, finish=fail)
    with pytest.raises(ValueError, match="no such font"):
        run_notebook(job)
    manifest = read_manifest(job.output_dir / "failed" / "SI-1")
    assert manifest["error"] == {"cell": None, "message": "no such font", "type": "ValueError"}


def test_two_runs_at_once(make_job: MakeJob) -> None:
    job = make_job(SHOW)
    with lock_outputs(job.output_dir):
        with pytest.raises(LockedError):
            run_notebook(job)
        assert run_locked(job).is_dir(), "the holder of the lock may run"


def test_a_file_in_place_of_the_output_directory(make_job: MakeJob, tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="is not a directory"):
        run_notebook(make_job(SHOW))


def test_a_full_disk_inside_the_kernel(make_job: MakeJob) -> None:
    job = make_job("raise OSError(28, 'No space left on device')")
    expect_failure(job, NotebookError, "cell 2/2: no space left: OSError")


def test_a_full_disk_while_finishing(make_job: MakeJob) -> None:
    def fail(executed: Path, workdir: Path) -> list[Path]:
        raise RuntimeError("rendering failed") from OSError(errno.ENOSPC, "No space left")

    job = make_job(SHOW, finish=fail)
    with pytest.raises(OutputError, match="no space left; free some space, then run again"):
        run_notebook(job)
    assert names(job.output_dir) == {"failed"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 256 kB, where this is possible."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no right to mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("size", [300_000, 190_000])
def test_a_disk_that_is_really_full(make_job: MakeJob, small_disk: Path, size: int) -> None:
    job = make_job(f"print('x' * {size})", output_dir=small_disk / "outputs")
    with pytest.raises(OutputError, match="no space left"):
        run_notebook(job)
    assert names(job.output_dir) <= {"failed"}
    run_notebook(make_job(SHOW, output_dir=job.output_dir))
    assert (job.output_dir / "SI-1" / "result.txt").read_bytes() == b"en 1 False"


def test_importing_the_runner_loads_no_notebook_library() -> None:
    code = (
        "import sys, forecasting.runs.run\n"
        "heavy = {'papermill', 'nbclient', 'nbformat', 'jupyter_client', 'zmq', 'tqdm'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(forecasting.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
