"""The manifest and the key of a run."""

from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecasting.engines import versions
from forecasting.engines.versions import hash_file, hash_source, read_versions
from forecasting.runs.manifest import (
    DataFile,
    RunRecord,
    read_commit,
    read_results,
    run_key,
    write_manifest,
)

FILES = (DataFile("data/a.csv", "aa", "2024-09"), DataFile("data/b.csv", "bb"))


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "n.ipynb"
    path.write_text("{}", encoding="utf-8")
    return path


def record(notebook: Path) -> RunRecord:
    started = datetime(2026, 11, 22, 2, 0, 1, 999, tzinfo=UTC)
    return RunRecord("SI-x", "brief", {"seed": 4, "geo": "SI"}, FILES, notebook, started)


def test_the_key_is_the_same_for_the_same_inputs_in_any_order(notebook: Path) -> None:
    versions = {"numpy": "2", "pandas": "3"}
    key = run_key({"a": 1, "b": 2}, FILES, notebook, versions=versions, source_hash="s")
    turned = dict(reversed(versions.items()))
    elsewhere = [DataFile(f"/elsewhere/{file.path}", file.sha256) for file in reversed(FILES)]
    assert key == run_key({"b": 2, "a": 1}, elsewhere, notebook, versions=turned, source_hash="s")
    assert len(key) == 8
    assert int(key, 16) >= 0


def test_the_key_changes_with_every_input(notebook: Path) -> None:
    versions: dict[str, str | None] = {"numpy": "2"}
    keys = [
        run_key({"a": 1}, FILES, notebook, versions=versions, source_hash="s"),
        run_key({"a": 2}, FILES, notebook, versions=versions, source_hash="s"),
        run_key({"a": "1"}, FILES, notebook, versions=versions, source_hash="s"),
        run_key({"a": 1}, FILES[:1], notebook, versions=versions, source_hash="s"),
        run_key({"a": 1}, FILES, notebook, versions={"numpy": "3"}, source_hash="s"),
        run_key({"a": 1}, FILES, notebook, versions=versions, source_hash="t"),
    ]
    notebook.write_text("{} ", encoding="utf-8")
    keys.append(run_key({"a": 1}, FILES, notebook, versions=versions, source_hash="s"))
    assert len(set(keys)) == len(keys)


def test_the_key_of_the_running_suite_is_stable(notebook: Path) -> None:
    assert run_key({}, (), notebook) == run_key({}, (), notebook)


def test_the_source_hash_sees_contents_and_names_of_source_files_only(tmp_path: Path) -> None:
    root = tmp_path / "package"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.po").write_text("x", encoding="utf-8")
    first = hash_source(root)
    for ignored in ("sub/__pycache__/a.cpython-311.pyc", "_suite/data/a.csv", "sub/.a.po.swp"):
        (root / ignored).parent.mkdir(parents=True, exist_ok=True)
        (root / ignored).write_text("x", encoding="utf-8")
    assert hash_source(root) == first
    (root / "sub" / "a.po").write_text("y", encoding="utf-8")
    second = hash_source(root)
    (root / "sub" / "a.po").rename(root / "sub" / "b.po")
    assert len({first, second, hash_source(root)}) == 3


def test_the_manifest_of_a_finished_run(tmp_path: Path, notebook: Path) -> None:
    (tmp_path / "tables").mkdir()
    results = [tmp_path / "tables" / "t.csv", tmp_path / "b.pdf"]
    for path in results:
        path.write_bytes(path.name.encode())
    path = write_manifest(tmp_path, record(notebook), results=results)
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    assert content["results"] == [
        {"path": "b.pdf", "sha256": hashlib.sha256(b"b.pdf").hexdigest(), "size": 5},
        {"path": "tables/t.csv", "sha256": hashlib.sha256(b"t.csv").hexdigest(), "size": 5},
    ]
    assert (content["status"], content["error"], content["seed"]) == ("done", None, 4)
    assert content["data_files"][0] == {
        "path": "data/a.csv",
        "sha256": "aa",
        "vintage": "2024-09",
        "synthetic": False,
    }
    assert content["notebook"] == {"name": "n.ipynb", "sha256": hash_file(notebook)}
    assert content["started"] == "2026-11-22T02:00:01+00:00"
    assert list(content) == sorted(content)
    assert str(tmp_path) not in text
    assert read_results(tmp_path) == {"b.pdf", "tables/t.csv"}


def test_the_manifest_of_a_failed_run(tmp_path: Path, notebook: Path) -> None:
    error = {"message": "no", "cell": 3}
    content = json.loads(write_manifest(tmp_path, record(notebook), error=error).read_bytes())
    assert (content["status"], content["error"], content["results"]) == ("failed", error, [])


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"results": [1]}'])
def test_a_damaged_manifest_has_no_results(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    assert read_results(tmp_path) is None


def test_versions_name_python_and_the_packages_even_if_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(versions, "PACKAGES", ("numpy", "no-such-package"))
    found = read_versions()
    assert set(found) == {"python", "numpy", "no-such-package"}
    assert found["no-such-package"] is None
    assert found["numpy"]


def run_git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    command = ["git", *identity, *arguments]
    done = subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "repository" / "forecasting"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    module = package / "runs" / "manifest.py"
    monkeypatch.setattr("forecasting.runs.manifest.__file__", str(module))
    return package


def test_the_commit_is_that_of_the_suites_own_checkout(package: Path) -> None:
    assert read_commit() is None
    run_git(package.parent, "init")
    assert read_commit() is None, "an installed package inside another repository"
    run_git(package.parent, "add", ".")
    run_git(package.parent, "commit", "-m", "first")
    commit = run_git(package.parent, "rev-parse", "HEAD")
    assert read_commit() == {"id": commit, "dirty": False}
    (package / "__init__.py").write_text("# changed\n", encoding="utf-8")
    assert read_commit() == {"id": commit, "dirty": True}


def test_without_git_there_is_no_commit(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(package))
    assert read_commit() is None
