"""What a run writes down names neither its user nor the machine."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import logging
import platform
from contextlib import nullcontext
from pathlib import Path

import nbformat
import pytest

from forecasting.errors import NotebookError
from forecasting.runs.allowed import NOTEBOOKS_VARIABLE
from forecasting.runs.directory import RunDirectory, open_run_directory
from forecasting.runs.execute import ExecutionOptions
from forecasting.runs.index_page import write_index
from forecasting.runs.manifest import DataFile
from forecasting.runs.night_status import BriefingNight, Night, write_status
from forecasting.runs.private import without_home
from forecasting.runs.run import NotebookJob, run_notebook

PARAMETERS = 'config = ""  # path of a YAML file; empty: none\n'


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home folder with the name of somebody."""
    folder = tmp_path / "home" / "jana.novak"
    folder.mkdir(parents=True)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setenv(NOTEBOOKS_VARIABLE, str(folder))
    return folder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{home}/a.yaml: no such file", "~/a.yaml: no such file"),
        ('{{"config": "{home}/a.yaml"}}', '{{"config": "~/a.yaml"}}'),
        ("{home}", "~"),
        ("{home}ova/a.yaml", "{home}ova/a.yaml"),
        ("{home}-2/a.yaml", "{home}-2/a.yaml"),
        ("/srv/reports", "/srv/reports"),
    ],
)
def test_the_home_folder_is_a_tilde(home, text, expected):
    assert without_home(text.format(home=home)) == expected.format(home=home)


@pytest.mark.parametrize("name", ["/", ""])
def test_a_user_without_a_home_folder_has_nothing_to_hide(name, monkeypatch):
    monkeypatch.setenv("HOME", name)
    monkeypatch.setenv("USERPROFILE", name)
    assert without_home("/srv/a/b") == "/srv/a/b"


def job_of(home: Path, *cells: str) -> NotebookJob:
    new_cell = nbformat.v4.new_code_cell
    notebook = nbformat.v4.new_notebook(
        cells=[new_cell(PARAMETERS, metadata={"tags": ["parameters"]}), *map(new_cell, cells)]
    )
    path = home / "90_page.ipynb"
    nbformat.write(notebook, path)
    return NotebookJob(
        notebook=path,
        parameters={"config": str(home / "centre.yaml")},
        run_id="SI-1",
        output_dir=home / "outputs",
        verb="run",
        data_files=[DataFile("centre.yaml", "0" * 64)],
        options=ExecutionOptions(progress=False),
    )


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_a_run_leaves_no_name_behind(home, ends):
    """In the manifest, in the executed notebook and its outputs, also after an error."""
    cells = ["print(config)"] if ends == "well" else ["open(config)"]
    folder = home / "outputs" / ("SI-1" if ends == "well" else "failed/SI-1")
    with nullcontext() if ends == "well" else pytest.raises(NotebookError):
        run_notebook(job_of(home, *cells))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"90_page.ipynb", "manifest.json"}
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "jana.novak" not in text
        assert "~/centre.yaml" in text
        assert platform.node() not in text
        assert f'"{getpass.getuser()}"' not in text
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert not manifest.keys() & {"host", "hostname", "user", "cwd", "machine"}


def test_the_status_of_a_night_and_its_index_page_leave_no_name_behind(home):
    now = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
    reason = f"{home}/centre.yaml: no such file"
    failed = BriefingNight(
        programme="own.yaml", geo="SI", language="en", series="asylum-applicants/SI", run_id="",
        status="failed", reason=reason, action=f"see {home}",
    )  # fmt: skip
    night = Night("own", {"en": "Own"}, "", now, now, (), [failed])
    for path in [write_status(night, home), *write_index(night, ("en",), home)]:
        text = path.read_text(encoding="utf-8")
        assert "jana.novak" not in text
        assert "~/centre.yaml" in text


def test_the_log_names_runs_and_no_value_of_a_cell(tmp_path, caplog):
    """A run of other results is logged with the names of its files, not with what they hold."""
    caplog.set_level(logging.DEBUG)
    for text in ("Jana Novak,1990-01-01", "Jana Novak,1990-01-02"):
        with open_run_directory(tmp_path, "SI-1") as made:
            write_run(made, text)
            made.publish()
    assert "table.csv" in caplog.text
    assert "Novak" not in caplog.text


def write_run(made: RunDirectory, text: str) -> None:
    (made.path / "table.csv").write_text(text)
    results = [{"path": "table.csv"}]
    (made.path / "manifest.json").write_text(json.dumps({"results": results}))
