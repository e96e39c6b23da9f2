"""The output directory: locked, written whole or not at all, and clear when it cannot be."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import forecasting
from forecasting.errors import InputError, LockedError, OutputError
from forecasting.runs import directory
from forecasting.runs.directory import (
    find_differences,
    find_output_error,
    lock_outputs,
    open_run_directory,
)


def write_run(path: Path, **files: str) -> None:
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    results = [{"path": name} for name in files]
    (path / "manifest.json").write_text(json.dumps({"results": results}), encoding="utf-8")


def publish(output_dir: Path, **files: str) -> Path:
    with lock_outputs(output_dir), open_run_directory(output_dir, "SI-1") as run:
        write_run(run.path, **files)
        return run.publish()


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()} - {".lock"}


def test_a_run_appears_whole(tmp_path: Path) -> None:
    outputs = tmp_path / "a" / "outputs"
    with lock_outputs(outputs), open_run_directory(outputs, "SI-1") as run:
        write_run(run.path, briefing="x")
        assert not (outputs / "SI-1").exists()
        final = run.publish()
    assert final == outputs / "SI-1"
    assert names(final) == {"briefing", "manifest.json"}
    assert names(outputs) == {"SI-1"}


def test_every_file_and_directory_is_flushed_before_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append(os.fstat(file).st_ino))
    rename, inodes = Path.rename, {}

    def check_then_rename(path: Path, target: Path) -> Path:
        inodes["due"] = {entry.stat().st_ino for entry in [path, *path.rglob("*")]}
        inodes["done"] = set(flushed)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", check_then_rename)
    with lock_outputs(tmp_path), open_run_directory(tmp_path, "SI-1") as run:
        (run.path / "tables").mkdir()
        (run.path / "tables" / "t.csv").write_text("1", encoding="utf-8")
        run.publish()
    assert inodes["due"] <= inodes["done"]
    assert tmp_path.stat().st_ino in flushed


def test_nothing_stays_of_a_run_that_is_neither_published_nor_kept(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), lock_outputs(tmp_path):  # noqa: SIM117, PT012
        with open_run_directory(tmp_path, "SI-1") as run:
            write_run(run.path, briefing="x")
            raise KeyboardInterrupt
    assert names(tmp_path) == set()


def test_the_same_results_again_leave_the_first_run_in_place(tmp_path: Path) -> None:
    first = publish(tmp_path, briefing="x").stat().st_ino
    assert publish(tmp_path, briefing="x").stat().st_ino == first
    assert names(tmp_path) == {"SI-1"}


def test_other_results_replace_the_first_run_which_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path, briefing="x", same="s")
    publish(tmp_path, briefing="y", same="s", new="n")
    assert "other results in briefing, new;" in caplog.text
    assert (tmp_path / "SI-1" / "briefing").read_text(encoding="utf-8") == "y"
    former = tmp_path / "failed" / "SI-1-replaced"
    assert (former / "briefing").read_text(encoding="utf-8") == "x"
    publish(tmp_path, briefing="z")
    assert names(tmp_path / "failed") == {"SI-1-replaced", "SI-1-replaced-2"}


def test_a_damaged_run_is_replaced(tmp_path: Path) -> None:
    publish(tmp_path, briefing="x")
    (tmp_path / "SI-1" / "manifest.json").write_text("{", encoding="utf-8")
    publish(tmp_path, briefing="x")
    assert names(tmp_path / "failed") == {"SI-1-replaced"}
    (tmp_path / "SI-1" / "briefing").unlink()
    publish(tmp_path, briefing="x")
    assert names(tmp_path / "SI-1") == {"briefing", "manifest.json"}


def test_if_the_new_run_cannot_move_in_the_old_one_moves_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, briefing="x")
    rename = Path.rename

    def fail(path: Path, target: Path) -> Path:
        if path.name.startswith(".partial-"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OutputError, match="Input/output error"):
        publish(tmp_path, briefing="y")
    assert (tmp_path / "SI-1" / "briefing").read_text(encoding="utf-8") == "x"


def test_differences_are_found_byte_by_byte(tmp_path: Path) -> None:
    for name, text in (("a", "xy"), ("b", "xz")):
        (tmp_path / name).mkdir()
        write_run(tmp_path / name, briefing=text)
    stamp = (tmp_path / "a" / "briefing").stat()
    os.utime(tmp_path / "b" / "briefing", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert find_differences(tmp_path / "a", tmp_path / "b") == ["briefing"]
    assert find_differences(tmp_path / "a", tmp_path / "a") == []


def test_failed_runs_are_kept_with_numbers(tmp_path: Path) -> None:
    for number in range(3):
        with lock_outputs(tmp_path), open_run_directory(tmp_path, "SI-1") as run:
            write_run(run.path, briefing=str(number))
            run.keep_failed()
    assert names(tmp_path) == {"failed"}
    assert names(tmp_path / "failed") == {"SI-1", "SI-1-2", "SI-1-3"}


def test_a_failed_run_that_cannot_be_kept_is_dropped_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "failed").write_text("in the way", encoding="utf-8")
    with lock_outputs(tmp_path), open_run_directory(tmp_path, "SI-1") as run:
        assert run.keep_failed() is None
    assert "failed run not kept" in caplog.text
    assert names(tmp_path) == {"failed"}


def test_leftovers_of_killed_runs_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".partial-SI-0-1234" / "tables").mkdir(parents=True)
    (tmp_path / "SI-0").mkdir()
    with lock_outputs(tmp_path):
        assert names(tmp_path) == {"SI-0"}


def test_a_leftover_that_cannot_be_removed_does_not_stop_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".partial-SI-1-1234").mkdir()

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(errno.EACCES, "in use", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(directory.shutil, "rmtree", refuse)
        with lock_outputs(tmp_path):
            pass
    assert ".partial-SI-1-1234: left by a killed run, cannot be removed" in caplog.text


def test_a_second_run_gets_a_locked_error_and_touches_nothing(tmp_path: Path) -> None:
    with lock_outputs(tmp_path), open_run_directory(tmp_path, "SI-1") as run:
        with pytest.raises(LockedError, match=r"is locked: another run.*wait for it"):  # noqa: SIM117
            with lock_outputs(tmp_path):
                pass
        assert run.path.exists()
    with lock_outputs(tmp_path):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from forecasting.runs.directory import lock_outputs\n"
        "with lock_outputs(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    source = Path(forecasting.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(source)}
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"held"
        with pytest.raises(LockedError), lock_outputs(tmp_path):
            pass
        child.kill()
    with lock_outputs(tmp_path):
        pass


@pytest.mark.parametrize("run_id", ["", "..", "../x", "a/b", "a\\b", ".hidden", "failed", "a b"])
def test_a_run_id_is_a_plain_name(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(InputError, match="is not a plain name"):  # noqa: SIM117
        with open_run_directory(tmp_path, run_id):
            pass
    assert names(tmp_path) == set()


def test_a_file_in_place_of_the_output_directory(tmp_path: Path) -> None:
    file = tmp_path / "outputs"
    file.write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="outputs is not a directory; choose another"):  # noqa: SIM117
        with lock_outputs(file):
            pass
    with pytest.raises(OutputError, match="is not a directory"), lock_outputs(file / "deeper"):
        pass


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_an_output_directory_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written: Permission denied"):  # noqa: SIM117
        with lock_outputs(tmp_path):
            pass
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_an_output_directory_that_refuses_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(OutputError) as error, lock_outputs(tmp_path):
        pass
    assert str(error.value) == (
        f"{tmp_path} cannot be written: {os.strerror(number)}; choose another output directory"
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_while_flushing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(file: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="no space left; free some space, then run again"):
        publish(tmp_path, briefing="x")
    assert names(tmp_path) == set()


def test_a_file_system_that_cannot_flush_a_directory_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fail_for_directories(file: int) -> None:
        if os.stat(file).st_mode & 0o040000:
            raise OSError(errno.EINVAL, "Invalid argument")
        real(file)

    monkeypatch.setattr(os, "fsync", fail_for_directories)
    assert publish(tmp_path, briefing="x").is_dir()


def test_the_disk_is_named_as_the_reason_behind_another_error(tmp_path: Path) -> None:
    def chain(reason: Exception) -> Exception:
        error = RuntimeError("rendering failed")
        error.__cause__ = reason
        return error

    full = OSError(errno.ENOSPC, "No space left on device")
    inside = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "b.pdf"))
    outside = PermissionError(errno.EACCES, "Permission denied", "/elsewhere/font.ttf")
    assert "no space left" in str(find_output_error(chain(full), tmp_path))
    assert "cannot be written" in str(find_output_error(chain(inside), tmp_path))
    assert find_output_error(chain(outside), tmp_path) is None
    circle = chain(ValueError("x"))
    assert find_output_error(circle, tmp_path) is None
    circle.__cause__.__cause__ = circle  # type: ignore[union-attr]
    assert find_output_error(circle, tmp_path) is None
