"""Flushing to disk, so that what was written survives a loss of power."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Flush the content of a file."""
    _sync(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Flush the entries of a folder, so that a name just given survives."""
    if os.name == "nt":  # Windows cannot open a folder, and journals its renames
        return
    try:
        _sync(folder, os.O_RDONLY)
    except OSError as problem:
        if problem.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network file systems
            raise


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
