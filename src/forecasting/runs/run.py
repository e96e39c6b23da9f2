"""One run of a notebook, from checked parameters to a published directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from forecasting.runs.directory import (
    RunDirectory,
    find_output_error,
    lock_outputs,
    open_run_directory,
    output_errors,
)
from forecasting.runs.execute import CellError, ExecutionOptions, execute_notebook
from forecasting.runs.interrupts import terminate_as_interrupt
from forecasting.runs.manifest import DataFile, RunRecord, write_manifest
from forecasting.runs.parameters import check_parameters, read_parameters


def _no_results(executed: Path, workdir: Path) -> list[Path]:
    return []


@dataclass(frozen=True)
class NotebookJob:
    """A notebook to run, and where its results go.

    Attributes
    ----------
    notebook : Path
        The notebook.
    parameters : mapping of str to object
        Values for its declared parameters; any may be left out.
    run_id : str
        Name of the directory to publish; deterministic, so that the same inputs, code and
        parameters give the same name (see `forecasting.runs.manifest.run_key`).
    output_dir : Path
        The output directory, in which ``<run_id>`` will appear.
    verb : str
        The command on whose behalf this runs, for the manifest.
    data_files : sequence of DataFile
        Every file the run reads, for the manifest.
    finish : callable
        Called with the executed notebook and the directory being built, after all cells ran;
        writes the results there and returns the files that count as results.
    options : ExecutionOptions
        Time limits and progress.
    """

    notebook: Path
    parameters: Mapping[str, object]
    run_id: str
    output_dir: Path
    verb: str
    data_files: Sequence[DataFile] = ()
    finish: Callable[[Path, Path], list[Path]] = _no_results
    options: ExecutionOptions = field(default_factory=ExecutionOptions)


def run_notebook(job: NotebookJob) -> Path:
    """Run a notebook and publish its directory, holding the lock of the output directory.

    Parameters
    ----------
    job : NotebookJob
        What to run.

    Returns
    -------
    Path
        The published directory, ``<output_dir>/<run_id>``.

    Raises
    ------
    InputError
        If a parameter is not accepted; nothing has run then.
    LockedError
        If another run holds the lock.
    NotebookError
        If the notebook stops before its end; it is under ``failed/`` then, with its manifest.
    OutputError
        If the output directory cannot be written, or no space is left.
    """
    check_parameters(read_parameters(job.notebook), job.parameters)
    with lock_outputs(job.output_dir):
        return run_locked(job)


def run_locked(job: NotebookJob) -> Path:
    """Do the same as `run_notebook` for a caller that holds the lock already.

    For a process that starts several runs at once: it holds `lock_outputs`, and each of its
    workers calls this.

    Parameters
    ----------
    job : NotebookJob
        What to run.

    Returns
    -------
    Path
        The published directory.

    Raises
    ------
    InputError, NotebookError, OutputError
        As `run_notebook`.
    """
    parameters = check_parameters(read_parameters(job.notebook), job.parameters)
    started = datetime.now(UTC)
    record = RunRecord(job.run_id, job.verb, parameters, job.data_files, job.notebook, started)
    with terminate_as_interrupt(), open_run_directory(job.output_dir, job.run_id) as run:
        try:
            results = _execute(job, parameters, run.path)
            with output_errors(run.output_dir):
                write_manifest(run.path, record, results=results)
        except Exception as error:
            reason = find_output_error(error, run.output_dir) or error
            _keep_failed(run, record, reason)
            if reason is error:
                raise
            raise reason from error
        return run.publish()


def _execute(job: NotebookJob, parameters: Mapping[str, object], workdir: Path) -> list[Path]:
    executed = workdir / job.notebook.name
    execute_notebook(job.notebook, executed, parameters, workdir=workdir, options=job.options)
    return job.finish(executed, workdir)


def _keep_failed(run: RunDirectory, record: RunRecord, reason: Exception) -> None:
    """Keep a failed run with its manifest; if the disk is full, it is dropped instead."""
    cell = reason.cell if isinstance(reason, CellError) else None
    error = {"type": type(reason).__name__, "message": str(reason), "cell": cell}
    with suppress(OSError):
        write_manifest(run.path, record, error=error)
        run.keep_failed()
