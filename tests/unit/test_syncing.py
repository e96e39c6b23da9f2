"""Flushing to disk: what a file system cannot do is no failure, what fails is one."""

from __future__ import annotations

import errno
import os

import pytest

from forecasting.syncing import sync_file, sync_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot open a folder")


def fail_with(monkeypatch, number):
    def fsync(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_flush_a_folder_is_no_failure(tmp_path, monkeypatch, number):
    fail_with(monkeypatch, number)
    sync_folder(tmp_path)


def test_a_disk_that_fails_is_one(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"a")
    fail_with(monkeypatch, errno.EIO)
    for sync, place in ((sync_folder, tmp_path), (sync_file, path)):
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            sync(place)


def test_every_flush_is_closed_again(tmp_path, monkeypatch):
    flushed = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    sync_folder(tmp_path)
    (descriptor,) = flushed
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(descriptor)
