"""Files of vintages: names that hold number, time and hash; found damaged by their name."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from forecasting.errors import InputError, LockedError, describe_os_error
from forecasting.languages.messages import say
from forecasting.syncing import sync_file, sync_folder

CHECKED = "checked.json"
DAMAGED = "damaged"
_LOCK = ".lock"
_PARTIAL = ".partial-"
_NAME = re.compile(r"(\d{6})-(\d{8}T\d{6}Z)-([0-9a-f]{16})\.parquet")
TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_SETTLED_SECONDS = 2.0  # a file younger than that may change again without another time of change


@dataclass(frozen=True)
class VintageFile:
    """What the name of a file of a vintage says.

    Attributes
    ----------
    path : pathlib.Path
    number : int
        Order of the vintages, never the clock.
    retrieved, known : datetime.datetime
        When it was retrieved, and the latest of that up to this number, in UTC.
    lost : bool
        Whether it was moved to ``damaged/``.
    """

    path: Path
    number: int
    retrieved: dt.datetime
    known: dt.datetime
    lost: bool = False

    @property
    def id(self) -> str:
        """Number and time of retrieval."""
        return vintage_id(self.number, self.retrieved)


def vintage_id(number: int, retrieved: dt.datetime) -> str:
    """Write the id of a vintage: ``000012-20261123T010203Z``."""
    return f"{number:06d}-{retrieved:{TIME_FORMAT}}"


def vintage_name(number: int, retrieved: dt.datetime, sha256: str) -> str:
    """Write the name of the file of a vintage."""
    return f"{vintage_id(number, retrieved)}-{sha256[:16]}.parquet"


def number_of(path: Path) -> int:
    """Return the number in the name of a vintage; 0 of anything else."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def list_files(folder: Path) -> list[VintageFile]:
    """Return the vintages of a source by number, those in ``damaged/`` too; nothing is opened."""
    strangers = set(foreign_files(folder))
    found = [(path, False) for path in _plain_files(folder) if path not in strangers]
    found += [(path, True) for path in _plain_files(folder / DAMAGED)]
    files: list[VintageFile] = []
    for path, lost in sorted(found, key=lambda each: (each[0].name, each[1])):
        match = _NAME.match(path.name)
        if match is None:  # something foreign that was set aside
            continue
        retrieved = _time(match[2])
        known = max(retrieved, files[-1].known) if files else retrieved
        files.append(VintageFile(path, int(match[1]), retrieved, known, lost))
    return files


def foreign_files(folder: Path) -> list[Path]:
    """Return what lies in the folder of a source and is no vintage; hidden files do not count.

    Of two vintages of the same number both are foreign: nobody can tell which one counts.
    """
    paths = _plain_files(folder)
    numbers = Counter(path.name[:6] for path in paths if _NAME.fullmatch(path.name))
    return [
        path
        for path in paths
        if not _NAME.fullmatch(path.name) or numbers[path.name[:6]] > 1 or not path.is_file()
    ]


def refuse_foreign(folder: Path) -> None:
    """Raise an `InputError` if something in the folder of a source is no vintage."""
    for path in foreign_files(folder):
        raise InputError(
            say("this file is no vintage, or one of two of the same number"),
            where=str(path),
            expected=say("files as the suite has written them"),
            action=say(
                "move it out of the folder, or run {command}: it sets the file aside",
                command=f"forecasting data refresh {folder.name}",
            ),
        )


def _plain_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    ours = {CHECKED, DAMAGED}
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in ours)


def _time(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, TIME_FORMAT).replace(tzinfo=dt.UTC)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; read once as long as the file stays the same."""
    facts = path.stat()
    if time.time() - facts.st_mtime < _SETTLED_SECONDS:
        return _digest(path)
    return _known_digest(path, facts.st_size, facts.st_mtime_ns, facts.st_ino)


@lru_cache(maxsize=4096)
def _known_digest(path: Path, size: int, changed: int, inode: int) -> str:
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def readable_sha256(path: Path) -> str:
    """SHA-256 of a file; empty where it cannot be read."""
    try:
        return file_sha256(path)
    except OSError:
        return ""


def check_name(path: Path) -> str:
    """Return the SHA-256 of the file of a vintage.

    Raises
    ------
    InputError
        If it does not begin as the name says, or the file cannot be read: it is damaged.
    """
    found, match = readable_sha256(path), _NAME.match(path.name)
    if not found or match is None:
        raise damaged(path, say("cannot be read"))
    if found[:16] != match[3]:
        words = say("the file is damaged: its sha256 begins with {hash}", hash=found[:16])
        raise damaged(path, words)
    return found


def damaged(path: Path, found: str) -> InputError:
    """Error for a vintage that cannot be used, with both ways out."""
    return InputError(
        found,
        where=str(path),
        expected=say("a vintage as it was written"),
        action=say(
            "put it back from your backup, or run {command}: it sets the file aside and asks again",
            command=f"forecasting data refresh {path.parent.name}",
        ),
    )


def set_aside(path: Path) -> Path:
    """Move a file into ``damaged/`` beside it; nothing is deleted."""
    folder = path.parent / DAMAGED
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while os.path.lexists(target):
        number += 1
        target = folder / f"{path.name}.{number}"
    path.rename(target)
    sync_folder(folder)
    sync_folder(path.parent)
    return target


@contextmanager
def locked_folder(folder: Path) -> Iterator[Path]:
    """Hold the lock of a source's folder, made if need be; yields a folder for temporary files.

    What a killed process left behind is removed first.

    Raises
    ------
    LockedError
        If another process appends to the same source.
    OutputError
        If the folder cannot be made or written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK, fallback_to_soft=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout as problem:
        raise LockedError(
            say("{folder} is locked: another process is writing a vintage", folder=folder)
        ) from problem
    except OSError as problem:
        raise describe_os_error(problem, folder) from problem
    temporary = folder / f"{_PARTIAL}{uuid.uuid4().hex}"
    try:
        for leftover in folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        temporary.mkdir()
        yield temporary
    except OSError as problem:
        raise describe_os_error(problem, folder) from problem
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        lock.release()


def publish(written: Path, folder: Path, number: int, retrieved: dt.datetime) -> Path:
    """Flush a finished file to disk and move it to its name; nothing is ever overwritten."""
    sync_file(written)
    target = folder / vintage_name(number, retrieved, _digest(written))
    written.rename(target)
    sync_folder(folder)
    return target
