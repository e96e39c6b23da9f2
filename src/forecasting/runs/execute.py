"""Strict execution of a notebook: whatever goes wrong in it is raised, in one line.

papermill alone is not trusted: after a killed kernel, a time-out or ``sys.exit()`` its output looks
like a success. Here only the raised exception counts, and every cell is looked at afterwards.
"""

from __future__ import annotations

import errno
import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from forecasting.errors import NotebookError
from forecasting.runs.allowed import allowed_notebook
from forecasting.runs.kernel import kernel_directory, kernel_manager_class, read_log
from forecasting.runs.private import without_home
from forecasting.runs.progress import Progress

Node: TypeAlias = Any  # nbformat's NotebookNode, which has no types

_INJECTED = "injected-parameters"
_LONGEST_MESSAGE = 300
_NO_SPACE = re.compile(rf"\[(Errno ({errno.ENOSPC}|{errno.EDQUOT})|WinError 112)\]")
_OUTPUT_SECONDS = 60
_START_SECONDS = 120


class CellError(NotebookError):
    """A notebook stopped in one of its cells.

    Parameters
    ----------
    message : str
        What happened, in one line.
    cell : int
        Number of the code cell in the notebook as it was written, counted from 1.
    """

    def __init__(self, message: str, cell: int) -> None:
        super().__init__(message)
        self.cell = cell


@dataclass(frozen=True)
class ExecutionOptions:
    """How a notebook is run.

    Attributes
    ----------
    cell_seconds, total_seconds : float
        Longest time for one cell and for all cells together.
    progress : bool
        Whether to report the current cell on standard error.
    """

    cell_seconds: float = 600.0
    total_seconds: float = 600.0
    progress: bool = True


def execute_notebook(
    source: Path,
    target: Path,
    parameters: Mapping[str, object],
    *,
    workdir: Path,
    options: ExecutionOptions | None = None,
) -> None:
    """Run every cell of a notebook in a kernel of the running interpreter.

    Parameters
    ----------
    source : Path
        The notebook; it is not changed.
    target : Path
        Where to write the executed notebook. After an error it holds what ran until then, with
        the failing cell marked.
    parameters : mapping of str to object
        Checked parameters, see `forecasting.runs.parameters.check_parameters`.
    workdir : Path
        Working directory of the kernel.
    options : ExecutionOptions, optional
        Time limits and progress; the defaults if not given.

    Raises
    ------
    InputError
        If the notebook lies in no folder from which notebooks run; see `forecasting.runs.allowed`.
    NotebookError
        If the kernel does not start; as `CellError` if a cell raises, takes too long, ends the
        kernel or does not run at all.
    OSError
        If `target` cannot be written.
    """
    allowed_notebook(source)
    watch = _Watch(source.stem, _read_notebook(source), options or ExecutionOptions())
    with kernel_directory() as directory, _quiet_loggers():
        try:
            with watch.progress or nullcontext():
                manager = kernel_manager_class(directory, workdir)
                executed = _run_papermill(source, target, parameters, watch, manager)
            _check_cells(executed, watch)
        except Exception as error:
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise
            log = read_log(directory)
            failure = _describe_failure(error, watch, log)
            with suppress(OSError, ValueError):  # the failure matters more than its mark
                _write_notebook(_mark_failed(_read_notebook(target), failure, watch, log), target)
            raise failure from (None if failure is error else error)
    _write_notebook(executed, target)


class _Watch:
    """Follow which cell runs, report it, and say how long it may."""

    def __init__(self, name: str, notebook: Node, options: ExecutionOptions) -> None:
        self.name, self.options = name, options
        self.total = sum(_is_run(cell) for cell in notebook.cells)
        self.progress = Progress(self.total, name, unit="cell") if options.progress else None
        self.number = 0  # of the cell among the code cells of the notebook as written
        self.index = 0  # of the cell among all cells of the executed notebook
        self.description = ""
        self.limit = ""
        self._deadline: float | None = None

    def begin(self, cell: Node, cell_index: int) -> None:
        """Note that a cell begins; called for cells of every type."""
        if self._deadline is None:
            self._deadline = time.monotonic() + self.options.total_seconds
        if _is_run(cell):
            self.note(cell, cell_index)
            if self.progress is not None:
                self.progress.begin(self.description)

    def note(self, cell: Node, cell_index: int) -> None:
        """Remember a cell as the one an error is about."""
        self.number, self.index = self.number + 1, cell_index
        self.description = _describe_cell(cell)

    def seconds(self, cell: Node) -> float:
        """Return how long the cell that begins may take."""
        assert self._deadline is not None  # noqa: S101 - begin() comes first
        left = self._deadline - time.monotonic()
        if left < self.options.cell_seconds:
            self.limit = f"{self.options.total_seconds:g} s for all cells"
            return max(left, 0.001)  # nbclient takes 0 for no limit
        self.limit = f"{self.options.cell_seconds:g} s for one cell"
        return self.options.cell_seconds

    def error(self, found: str) -> CellError:
        """Make the error for the cell that ran last."""
        place = f"{self.name}: cell {self.number}/{self.total}"
        place += f" ({self.description})" if self.description else ""
        return CellError(f"{place}: {found}", self.number)


def _run_papermill(
    source: Path,
    target: Path,
    parameters: Mapping[str, object],
    watch: _Watch,
    manager: type[object],
) -> Node:
    from papermill import execute_notebook as papermill_execute

    return papermill_execute(
        _escape(source),
        _escape(target),
        dict(parameters),
        kernel_name="python3",
        language="python",
        progress_bar=False,
        autosave_cell_every=0,
        start_timeout=_START_SECONDS,
        # The rest goes through papermill to nbclient.
        force_raise_errors=True,
        iopub_timeout=_OUTPUT_SECONDS,
        kernel_manager_class=manager,
        on_cell_start=watch.begin,
        skip_cells_with_tag="",
        timeout_func=watch.seconds,
    )


def _escape(path: Path) -> str:
    """Protect braces in a path, which papermill would fill in."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Keep papermill and its libraries from logging what is raised anyway."""
    loggers = [logging.getLogger(name) for name in ("asyncio", "papermill", "traitlets")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _is_run(cell: Node) -> bool:
    """Whether a cell is code that was written into the notebook, and not empty."""
    injected = _INJECTED in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and bool(cell.source.strip()) and not injected


def _describe_cell(cell: Node) -> str:
    first = cell.source.strip().splitlines()[0]
    comment = first.lstrip("#").strip() if first.startswith("#") else ""
    return str(cell.metadata.get("description", comment))


def _check_cells(executed: Node, watch: _Watch) -> None:
    """Check that every code cell ran and none holds an error, whatever papermill says."""
    watch.number = 0
    for index, cell in enumerate(executed.cells):
        if not _is_run(cell):
            continue
        watch.note(cell, index)
        for output in cell.outputs:
            if output.output_type == "error":
                raise watch.error(_describe_exception(output.ename, output.evalue))
        if cell.execution_count is None:
            raise watch.error("the cell was not run")


def _describe_failure(error: Exception, watch: _Watch, log: list[str]) -> NotebookError:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    fatal = [line for line in log if line.startswith("Fatal Python error")]
    last_words = "".join(f" ({line.strip()})" for line in (fatal or log)[-1:])
    if isinstance(error, NotebookError):
        return error
    if isinstance(error, PapermillExecutionError):
        return watch.error(_describe_exception(error.ename, error.evalue))
    if isinstance(error, CellTimeoutError):
        return watch.error(f"stopped at the limit of {watch.limit}")
    if isinstance(error, DeadKernelError):
        return watch.error(f"the kernel died, killed or out of memory{last_words}")
    if watch.number == 0:
        return NotebookError(f"{watch.name}: the kernel did not start: {error}{last_words}")
    return watch.error(_describe_exception(type(error).__name__, str(error)))


def _describe_exception(name: str, value: str) -> str:
    message = " ".join(value.split())
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE] + " ..."
    prefix = "no space left: " if _NO_SPACE.search(message) else ""
    return f"{prefix}{name}: {message}".removesuffix(": ")


def _mark_failed(executed: Node, failure: NotebookError, watch: _Watch, log: list[str]) -> Node:
    """Mark the failing cell, which papermill does only when the cell itself raised."""
    if executed.metadata.papermill.exception or not isinstance(failure, CellError):
        return executed
    executed.metadata.papermill.exception = True
    cell = executed.cells[watch.index]
    cell.metadata.papermill.update(exception=True, status="failed")
    mark = {"output_type": "error", "ename": type(failure).__name__, "evalue": str(failure)}
    cell.outputs.append(type(cell)(mark, traceback=log))
    for later in executed.cells[watch.index + 1 :]:
        later.metadata.papermill.status = "pending"
    return executed


def _read_notebook(path: Path) -> Node:
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def _write_notebook(executed: Node, path: Path) -> None:
    """Write an executed notebook without the paths of this machine's user."""
    import nbformat

    executed.metadata.papermill.update(input_path=path.name, output_path=path.name)
    text = nbformat.writes(executed)  # type: ignore[no-untyped-call]
    path.write_text(f"{without_home(text)}\n", encoding="utf-8", newline="\n")
