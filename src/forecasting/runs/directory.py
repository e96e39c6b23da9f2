"""The output directory: locked, written whole or not at all.

A run is built in ``outputs/.partial-<run_id>-<random>``, flushed to disk and renamed into place. A
killed run leaves at most such a directory, which the next run removes; its lock is freed by the
operating system.
"""

from __future__ import annotations

import filecmp
import logging
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from forecasting.errors import (
    DENIED,
    DISK_FULL,
    InputError,
    LockedError,
    OutputError,
    describe_os_error,
)
from forecasting.names import is_plain_name
from forecasting.runs.manifest import MANIFEST_NAME, read_results
from forecasting.syncing import sync_file, sync_folder

FAILED_NAME = "failed"
_LOCK_NAME = ".lock"
_PARTIAL = ".partial-"
_LEFTOVERS = (f"{_PARTIAL}*", ".status.json-*", ".index*.html-*")
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

logger = logging.getLogger(__name__)


@contextmanager
def lock_outputs(output_dir: Path) -> Iterator[None]:
    """Hold the lock of an output directory, and remove what killed runs left in it.

    The directory is made if need be. A process that starts several runs at once holds the lock
    for all of them; what one of them leaves behind is removed at the end too.

    Parameters
    ----------
    output_dir : Path
        The output directory.

    Raises
    ------
    LockedError
        If another process holds the lock.
    OutputError
        If the directory cannot be made or written.
    """
    from filelock import FileLock, Timeout

    # A lock that is only a file would outlive a killed run: rather refuse a file system without.
    lock = FileLock(output_dir / _LOCK_NAME, fallback_to_soft=False)
    try:
        with output_errors(output_dir):
            output_dir.mkdir(parents=True, exist_ok=True)
            lock.acquire(blocking=False)
    except Timeout as error:
        raise LockedError(
            f"{output_dir} is locked: another run is writing to it; "
            "wait for it to end, or choose another output directory"
        ) from error
    try:
        _remove_leftovers(output_dir)
        yield
    finally:
        _remove_leftovers(output_dir)
        lock.release()


@dataclass(frozen=True)
class RunDirectory:
    """The directory of a run while it is being built.

    Attributes
    ----------
    output_dir : Path
        The output directory.
    run_id : str
        Identifier of the run.
    path : Path
        Where the run writes until it ends.
    """

    output_dir: Path
    run_id: str
    path: Path

    def publish(self) -> Path:
        """Move the directory into its final place, ``outputs/<run_id>``.

        If that exists and its result files are the same byte by byte, it stays and this one is
        dropped. If they differ, it moves to ``outputs/failed/<run_id>-replaced`` and a warning
        names the files.

        Returns
        -------
        Path
            The final directory.

        Raises
        ------
        OutputError
            If the directory cannot be flushed or moved.
        """
        final = self.output_dir / self.run_id
        with output_errors(self.output_dir):
            if not os.path.lexists(final):
                _sync_tree(self.path)
                _rename(self.path, final)
            elif differing := find_differences(final, self.path):
                self._replace(final, differing)
            else:
                logger.info("%s: the same results are there already, nothing replaced", final)
        return final

    def keep_failed(self) -> Path | None:
        """Move the directory to ``outputs/failed/<run_id>``, for somebody to look into.

        Returns
        -------
        Path or None
            Where it went; None if it could not be kept, which is logged: the reason the run
            failed matters more.
        """
        try:
            _sync_tree(self.path)
            kept = _free_failed_path(self.output_dir, self.run_id)
            _rename(self.path, kept)
        except OSError as error:
            logger.warning("%s: failed run not kept: %s", self.output_dir, error)
            return None
        return kept

    def _replace(self, final: Path, differing: list[str]) -> None:
        _sync_tree(self.path)
        aside = _free_failed_path(self.output_dir, f"{self.run_id}-replaced")
        _rename(final, aside)
        try:
            _rename(self.path, final)
        except OSError:
            with suppress(OSError):
                aside.rename(final)
            raise
        logger.warning(
            "%s: a run of the same inputs gave other results in %s; the former run is now %s",
            final,
            ", ".join(differing),
            aside,
        )


@contextmanager
def open_run_directory(output_dir: Path, run_id: str) -> Iterator[RunDirectory]:
    """Make the directory of a run; whatever is neither published nor kept is removed at the end.

    Parameters
    ----------
    output_dir : Path
        The output directory, whose lock the caller holds.
    run_id : str
        Identifier of the run; letters, digits, ``.``, ``_`` and ``-``.

    Raises
    ------
    InputError
        If the identifier is no plain name.
    OutputError
        If the directory cannot be made.
    """
    is_name = is_plain_name(run_id) and _RUN_ID.fullmatch(run_id)
    if not is_name or run_id == FAILED_NAME:
        expected = "letters, digits, '.', '_' and '-'"
        raise InputError(f"run id {run_id!r} is not a plain name", expected=expected)
    # The absolute path stays right when somebody changes the working directory.
    output_dir = output_dir.absolute()
    partial = output_dir / f"{_PARTIAL}{run_id}-{uuid.uuid4().hex[:8]}"
    try:
        with output_errors(output_dir):
            partial.mkdir()
        yield RunDirectory(output_dir, run_id, partial)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def output_errors(output_dir: Path) -> Iterator[None]:
    """Turn every `OSError` of a block into an `OutputError` about the output directory."""
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        raise describe_os_error(error, output_dir) from error


def find_output_error(error: BaseException, output_dir: Path) -> OutputError | None:
    """Find out whether an exception comes from a disk that is full or cannot be written.

    Parameters
    ----------
    error : BaseException
        What stopped the run; the exceptions that led to it are looked at too.
    output_dir : Path
        The output directory.

    Returns
    -------
    OutputError or None
        The error to raise instead; None if the reason is another one.
    """
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, OSError):
            inside = str(cause.filename).startswith(str(output_dir))
            if cause.errno in DISK_FULL or (cause.errno in DENIED and inside):
                return describe_os_error(cause, output_dir)
        cause = cause.__cause__ or cause.__context__
    return None


def find_differences(old: Path, new: Path) -> list[str]:
    """Compare the result files of two runs byte by byte.

    Parameters
    ----------
    old, new : Path
        Directories of the runs; their manifests list the result files.

    Returns
    -------
    list of str
        Names of the files that differ or that only one of them has, sorted; the manifest itself
        if it is missing or damaged.
    """
    old_names, new_names = read_results(old), read_results(new)
    if old_names is None or new_names is None:
        return [MANIFEST_NAME]
    return sorted(name for name in old_names | new_names if not _same(old / name, new / name))


def _same(old: Path, new: Path) -> bool:
    try:
        return filecmp.cmp(old, new, shallow=False)
    except OSError:
        return False


def _free_failed_path(output_dir: Path, name: str) -> Path:
    failed = output_dir / FAILED_NAME
    failed.mkdir(exist_ok=True)
    path, number = failed / name, 1
    while os.path.lexists(path):
        number += 1
        path = failed / f"{name}-{number}"
    return path


def set_aside(output_dir: Path, run_id: str) -> Path:
    """Move a directory that is no whole run to ``outputs/failed/<run_id>-damaged``.

    Raises
    ------
    OutputError
        If it cannot be moved.
    """
    with output_errors(output_dir):
        kept = _free_failed_path(output_dir, f"{run_id}-damaged")
        _rename(output_dir / run_id, kept)
    logger.warning("%s is no whole run; it is now %s", output_dir / run_id, kept)
    return kept


def _remove_leftovers(output_dir: Path) -> None:
    for leftover in [path for names in _LEFTOVERS for path in output_dir.glob(names)]:
        try:
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()
        except OSError as error:
            logger.warning("%s: left by a killed run, cannot be removed: %s", leftover, error)


def _rename(path: Path, target: Path) -> None:
    path.rename(target)
    sync_folder(target.parent)
    sync_folder(path.parent)


def _sync_tree(root: Path) -> None:
    """Flush every file and directory below `root`, and `root` itself, to disk."""
    for directory, _, names in os.walk(root, topdown=False):
        for path in (Path(directory, name) for name in names):
            if path.is_file():
                sync_file(path)
        sync_folder(Path(directory))
