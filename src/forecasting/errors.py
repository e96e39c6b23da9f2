"""Exceptions that a user of the suite may meet, and the exit code each one stands for."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NOT_A_DIRECTORY = {errno.ENOTDIR, errno.EEXIST}


_introduce: Callable[[str], str] = "expected: {}".format


def introduce_expectations_with(write: Callable[[str], str]) -> None:
    """Have `InputError` introduce what was expected in the language of messages.

    Parameters
    ----------
    write : callable
        Makes ``"expected: a number"`` of ``"a number"``.
    """
    global _introduce  # noqa: PLW0603 - the language of the process, which this layer cannot know
    _introduce = write


class ForecastingError(Exception):
    """Base of every error the suite raises on purpose."""

    exit_code = 1


class InputError(ForecastingError):
    """Something handed in by the user cannot be used.

    Parameters
    ----------
    found : str
        What was found, in words: ``"value 'okoli 30' is not a number"``.
    where : str, optional
        File, row, key or option in which it was found.
    expected : str, optional
        What would have been accepted.
    action : str, optional
        What the user can do next.
    """

    exit_code = 2

    def __init__(
        self,
        found: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        action: str | None = None,
    ) -> None:
        self.found, self.where, self.expected, self.action = found, where, expected, action
        parts = [f"{where}: {found}" if where else found]
        if expected:
            parts.append(_introduce(expected))
        if action:
            parts.append(action)
        super().__init__("; ".join(parts))


class ModelError(ForecastingError):
    """A model cannot be fitted to a series, or its result cannot be used."""

    exit_code = 2


class NotebookError(ForecastingError):
    """A notebook stopped before its end."""

    exit_code = 3


class OutputError(ForecastingError):
    """The output directory cannot be written: no permission, or no space left."""

    exit_code = 2


class LockedError(ForecastingError):
    """Another run holds the lock of the output directory."""

    exit_code = 4


class ClusterError(ForecastingError):
    """The machines that were to do the work are gone, or the work ends them."""

    exit_code = 2


def describe_os_error(error: OSError, place: Path) -> OutputError:
    """Say in words why a file or directory could not be written.

    Parameters
    ----------
    error : OSError
        What the operating system said.
    place : pathlib.Path
        Where the user wanted the output.

    Returns
    -------
    OutputError
        The error to raise.
    """
    advice = "choose another output directory"
    if error.errno in DISK_FULL:
        where = error.filename or place
        return OutputError(f"{where}: no space left; free some space, then run again")
    if error.errno in DENIED:
        return OutputError(f"{place} cannot be written: {error.strerror}; {advice}")
    if error.errno in _NOT_A_DIRECTORY:
        return OutputError(f"{place} is not a directory; {advice}")
    return OutputError(f"{place} cannot be written: {error}")
