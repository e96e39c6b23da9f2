"""A notebook is a program: only those of the suite, and of folders that somebody listed, run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from forecasting.errors import InputError
from forecasting.locations import notebooks_dir
from forecasting.runs.allowed import NOTEBOOKS_VARIABLE
from forecasting.runs.execute import execute_notebook
from forecasting.runs.suite import find_notebooks

SHIPPED = "10_asylum_flows"


@pytest.fixture(autouse=True)
def nothing_listed(monkeypatch):
    monkeypatch.delenv(NOTEBOOKS_VARIABLE, raising=False)


@pytest.fixture
def stray(tmp_path) -> Path:
    """A notebook in a folder that nobody listed."""
    path = tmp_path / "elsewhere" / "stray.ipynb"
    path.parent.mkdir()
    shutil.copy(notebooks_dir() / f"{SHIPPED}.ipynb", path)
    return path


def test_a_notebook_from_elsewhere_is_refused_with_what_to_do(run, stray):
    result = run("run", stray, "--show")
    assert result.exit_code == 2
    assert f"{stray}: a notebook outside the listed folders" in result.output
    assert str(notebooks_dir()) in result.output
    assert f"{NOTEBOOKS_VARIABLE}={stray.parent}" in result.output


def test_notebooks_of_the_suite_need_no_list():
    (shipped,) = find_notebooks(SHIPPED)
    assert find_notebooks(str(shipped)) == [shipped.resolve()]


def test_a_listed_folder_and_those_below_it_are_enough(stray, monkeypatch, tmp_path):
    other = tmp_path / "other"
    for listed in (stray.parent, tmp_path):
        monkeypatch.setenv(NOTEBOOKS_VARIABLE, os.pathsep.join(["", str(other), str(listed)]))
        assert find_notebooks(str(stray)) == [stray.resolve()]


def test_a_folder_of_a_similar_name_is_another_one(stray, monkeypatch):
    monkeypatch.setenv(NOTEBOOKS_VARIABLE, str(stray.parent)[:-1])
    with pytest.raises(InputError, match="outside the listed folders"):
        find_notebooks(str(stray))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_leads_neither_out_of_a_listed_folder_nor_into_it(stray, monkeypatch, tmp_path):
    listed = tmp_path / "listed"
    listed.mkdir()
    (listed / "link.ipynb").symlink_to(stray)
    (listed / "folder").symlink_to(stray.parent)
    monkeypatch.setenv(NOTEBOOKS_VARIABLE, str(listed))
    for path in (listed / "link.ipynb", listed / "folder" / "stray.ipynb",
                 listed / ".." / "elsewhere" / "stray.ipynb"):  # fmt: skip
        with pytest.raises(InputError, match="outside the listed folders"):
            find_notebooks(str(path))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_among_the_notebooks_of_the_suite_is_refused_too(stray, monkeypatch, tmp_path):
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "10_link.ipynb").symlink_to(stray)
    for module in ("suite", "allowed"):
        monkeypatch.setattr(f"forecasting.runs.{module}.notebooks_dir", lambda: folder)
    with pytest.raises(InputError, match="outside the listed folders"):
        find_notebooks("10")


def test_a_relative_folder_cannot_be_listed(stray, monkeypatch):
    monkeypatch.setenv(NOTEBOOKS_VARIABLE, "notebooks")
    with pytest.raises(InputError, match=r"'notebooks'; expected: absolute paths of folders"):
        find_notebooks(str(stray))


def test_no_kernel_is_started_for_a_notebook_from_elsewhere(stray, tmp_path, monkeypatch):
    started = "forecasting.runs.execute._run_papermill"
    monkeypatch.setattr(started, lambda *given: pytest.fail("a kernel was started"))
    with pytest.raises(InputError, match="outside the listed folders"):
        execute_notebook(stray, tmp_path / "out.ipynb", {}, workdir=tmp_path)
    assert not (tmp_path / "out.ipynb").exists()
