"""`forecasting run`: notebooks by name, checked parameters, one or all, every way it may end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

import forecasting
from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.runs.directory import lock_outputs
from forecasting.runs.suite import find_notebooks, held_files, parameter_lines, plan_jobs

PARAMETERS = """\
language = "en"  # language of every word a reader sees
paths = 100  # [10..1000] number of joint sample paths
stay = 1.5  # [0.5..4.0] every length of stay times this
draft = False  # whether the page is a draft
config = ""  # path of a YAML file; empty: none
run_id = ""  # set by the run
results = ""  # folder for the result tables; empty: none are written
"""
HEAD = """\
from IPython.display import display
from forecasting.briefing.blocks import Document, Paragraph
display(
    Document(language, "A finding", "", "Report", "today", "foot", "2024-09-30", "forecasting"),
    Paragraph(f"{paths} paths, stay {stay}"),
)
"""
TABLE = """\
from pathlib import Path
assert run_id and results == "."
Path(results, "table.csv").write_text(f"paths\\n{paths}\\n")
"""
MAIN = """\
import sys
from pathlib import Path
from forecasting.runs import suite
suite.notebooks_dir = lambda: Path(sys.argv[1])
from forecasting.cli import main
if __name__ == "__main__":
    main(["run", "all", "--jobs", "2", "--output-dir", sys.argv[2]], prog_name="forecasting")
"""
WAIT = """\
import os, time
from pathlib import Path
Path({begun!r}).write_text(str(os.getpid()))
time.sleep(60)
"""

AddNotebook = Callable[..., Path]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddNotebook:
    """Return a function that adds a notebook to a suite of its own."""
    folder = tmp_path / "suite"
    folder.mkdir()
    monkeypatch.setattr("forecasting.runs.suite.notebooks_dir", lambda: folder)

    def write(stem: str, *cells: str, parameters: str = PARAMETERS) -> Path:
        new_cell = nbformat.v4.new_code_cell
        notebook = nbformat.v4.new_notebook(
            cells=[
                new_cell(parameters, metadata={"tags": ["parameters"]}),
                *map(new_cell, cells),
            ]
        )
        path = folder / f"{stem}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()} - {".lock"}


def read_manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


# which notebooks


def test_a_notebook_has_a_name_a_number_and_a_path(add: AddNotebook, tmp_path: Path) -> None:
    first, second = add("10_flows"), add("20_centre")
    assert find_notebooks("10_flows") == find_notebooks("10") == [first]
    assert find_notebooks("all") == [first, second]
    own = tmp_path / "own.ipynb"
    own.write_bytes(first.read_bytes())
    assert find_notebooks(str(own)) == [own]


def test_a_notebook_that_is_not_there_is_named_with_the_nearest(add: AddNotebook) -> None:
    add("10_flows")
    with pytest.raises(InputError, match=r"notebook '10_flow'; expected: 10_flows, .*10_flows\?"):
        find_notebooks("10_flow")
    with pytest.raises(InputError, match=r"none\.ipynb: no such file; expected: a notebook"):
        find_notebooks("none.ipynb")


# parameters


def plan(path: Path, *given: tuple[str, str]) -> Any:
    (job,) = plan_jobs([path], given, Path("outputs"))
    return job


def test_values_are_read_by_the_type_of_the_parameter(add: AddNotebook) -> None:
    job = plan(add("10_flows"), ("paths", "20"), ("stay", "2"), ("draft", "true"))
    assert job.parameters["paths"] == 20
    assert isinstance(job.parameters["stay"], float)
    assert job.parameters["draft"] is True
    assert (job.parameters["run_id"], job.parameters["results"]) == (job.run_id, ".")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("path", "20", "unknown parameter 'path'; expected: .*did you mean 'paths'"),
        ("paths", "20.5", "parameter paths: '20.5'; expected: a whole number from 10 to 1000"),
        ("paths", "1_0", "parameter paths: '1_0'; expected: a whole number from 10 to 1000"),
        ("paths", "5", "parameter paths: 5 is out of range; expected: a whole number from 10"),
        ("stay", "1,5", "parameter stay: '1,5'; expected: a number from 0.5 to 4.0"),
        ("stay", "nan", "parameter stay: 'nan'; expected: a number from 0.5 to 4.0"),
        ("stay", "1e999", "parameter stay: inf is not a finite number"),
        ("draft", "yes", "parameter draft: 'yes'; expected: true or false"),
        ("config", "none.yaml", "parameter config: no such file: none.yaml; expected: a file"),
        ("language", "de", "language 'de' is not known; expected: "),
        ("run_id", "x", "parameter 'run_id'; expected: no value: the run sets it itself"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_before_a_kernel_starts(
    add: AddNotebook, name: str, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        plan(add("10_flows"), (name, text))


def test_a_parameter_is_given_once(add: AddNotebook) -> None:
    with pytest.raises(InputError, match="'paths' is given twice"):
        plan(add("10_flows"), ("paths", "20"), ("paths", "30"))


def test_with_all_each_parameter_goes_to_those_that_declare_it(add: AddNotebook) -> None:
    paths = [add("10_flows"), add("20_centre", parameters='language = "en"\nplaces = 3  # [1..9]')]
    jobs = plan_jobs(paths, [("places", "7"), ("language", "sl")], Path("outputs"))
    assert "places" not in jobs[0].parameters
    assert jobs[1].parameters == {"language": "sl", "places": 7}
    assert [job.parameters["language"] for job in jobs] == ["sl", "sl"]
    with pytest.raises(InputError, match="unknown parameter 'place'"):
        plan_jobs(paths, [("place", "7")], Path("outputs"))
    with pytest.raises(InputError, match="parameter places: 70 is out of range"):
        plan_jobs(paths, [("places", "70")], Path("outputs"))


def test_the_parameters_are_shown_with_default_range_and_meaning(add: AddNotebook) -> None:
    lines = list(parameter_lines(add("10_flows")))
    assert lines[0] == "10_flows"
    assert lines[1].split("  ", 1)[1].startswith("language  en     text ")
    assert " ".join(lines[2].split()) == "paths 100 10 to 1000 number of joint sample paths"
    assert lines[4].split()[:5] == ["draft", "false", "true", "or", "false"]
    assert not [line for line in lines if "run_id" in line]


# the run id


def test_the_same_request_has_the_same_run_id(add: AddNotebook) -> None:
    path = add("10_flows")
    first = plan(path)
    assert first.run_id.startswith("10_flows-en-")
    assert plan(path, ("paths", "100")).run_id == first.run_id
    assert plan(path, ("paths", "101")).run_id != first.run_id
    assert plan(path, ("language", "sl")).run_id.startswith("10_flows-sl-")


def test_a_file_of_ones_own_counts_by_its_content_and_what_it_names(
    add: AddNotebook, tmp_path: Path
) -> None:
    path, ids = add("10_flows"), []
    for folder, places in (("a", 3), ("b", 3), ("c", 4)):
        (tmp_path / folder).mkdir()
        own = tmp_path / folder / "own.yaml"
        own.write_text("extends: [base]\nrecords: {file: stays.csv}\n", encoding="utf-8")
        (tmp_path / folder / "base.yaml").write_text(f"places: {places}\n", encoding="utf-8")
        (tmp_path / folder / "stays.csv").write_text("day\n", encoding="utf-8")
        job = plan(path, ("config", str(own)))
        assert job.parameters["config"] == str(own)
        assert [f.path for f in job.data_files[-3:]] == ["own.yaml", "base.yaml", "stays.csv"]
        ids.append(job.run_id)
    assert ids[0] == ids[1] != ids[2]


def test_a_value_may_list_names_and_files(
    add: AddNotebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = add("40_scenarios")
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "ba.yaml"):
        Path(name).write_text("places: 3\n", encoding="utf-8")
    job = plan(path, ("config", "reference, ./a.yaml,ba.yaml"))
    assert job.parameters["config"] == f"reference,{tmp_path / 'a.yaml'},{tmp_path / 'ba.yaml'}"
    assert [file.path for file in job.data_files[-2:]] == ["a.yaml", "ba.yaml"]
    assert plan(path, ("config", "one, two")).parameters["config"] == "one, two"
    many = ",".join(["surge-and-delay"] * 30)
    assert plan(path, ("config", many)).parameters["config"] == many
    Path("stays, 2024.yaml").write_text(f"title: {'š' * 300}\n", encoding="utf-8")
    job = plan(path, ("config", "stays, 2024.yaml"))
    assert job.parameters["config"] == str(tmp_path / "stays, 2024.yaml")


def test_every_file_under_data_counts() -> None:
    files = {file.path: file for file in held_files()}
    assert len(files) == len([path for path in data_dir().rglob("*") if path.is_file()])
    applicants = files["data/reference/eurostat_asylum_applicants_monthly.csv"]
    assert applicants.vintage == "2024-11-27"
    assert files["data/reference/si_recipients_synthetic.csv"].synthetic


# one notebook


def test_one_run_prints_the_pdf_last(add: AddNotebook, run: Any, tmp_path: Path) -> None:
    add("10_flows", HEAD, TABLE)
    result = run("run", "10", "-p", "paths", 20)
    assert result.exit_code == 0, result.output
    pdf = tmp_path / result.stdout.splitlines()[-1]
    assert pdf.name == "10_flows.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert names(pdf.parent) == {"10_flows.ipynb", "10_flows.pdf", "manifest.json", "table.csv"}
    manifest = read_manifest(pdf.parent)
    assert (manifest["verb"], manifest["parameters"]["paths"]) == ("run", 20)
    assert [found["path"] for found in manifest["results"]] == ["10_flows.pdf", "table.csv"]
    assert len(manifest["data_files"]) == len(held_files())


def test_a_notebook_without_a_document_has_no_pdf(add: AddNotebook, run: Any) -> None:
    add("41_tool", "print('a tool')", parameters="seed = 1  # seed")
    result = run("run", "41_tool")
    assert result.exit_code == 0, result.output
    folder = Path(result.stdout.splitlines()[-1])
    assert folder.name.startswith("41_tool-")
    assert names(folder) == {"41_tool.ipynb", "manifest.json"}


def test_a_failing_notebook_ends_with_code_3(add: AddNotebook, run: Any) -> None:
    add("10_flows", "# places\n1 / 0")
    result = run("run", "10")
    assert result.exit_code == 3
    assert "error: 10_flows: cell 2/2 (places): ZeroDivisionError" in result.stderr
    assert names(Path("outputs")) == {"failed"}


# all of them


def test_one_that_fails_does_not_stop_the_others(add: AddNotebook, run: Any) -> None:
    kill = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(60)"
    add("10_flows", HEAD)
    add("20_centre", "# places\n1 / 0")
    add("30_killed", kill if os.name == "posix" else "1 / 0")
    result = run("run", "all", "--jobs", 2)
    assert result.exit_code == 3, result.output
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [row[0] for row in rows] == ["10_flows", "20_centre", "30_killed"]
    assert [row[2] for row in rows] == ["s", "s", "s"]
    assert rows[0][3].endswith("10_flows.pdf")
    assert rows[1][3] == rows[2][3] == "failed:"
    assert "error: 20_centre: cell 2/2 (places): ZeroDivisionError" in result.stderr
    if os.name == "posix":
        reason = "the process ended without a result (exit code -9)"
        assert f"error: 30_killed: {reason}" in result.stderr
    assert sum(" run all: notebook " in line for line in result.stderr.splitlines()) == 3
    made = names(Path("outputs"))
    assert {name.split("-")[0] for name in made} == {"10_flows", "failed"}


def test_another_run_holds_the_directory(add: AddNotebook, run: Any, tmp_path: Path) -> None:
    add("10_flows", HEAD)
    add("20_centre", HEAD)
    with lock_outputs(tmp_path / "outputs"):
        result = run("run", "all")
    assert result.exit_code == 4
    assert "is locked: another run is writing to it" in result.stderr


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and ") Z " in state.read_text(encoding="utf-8"))


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_interrupted_it_leaves_nothing_half_written(
    add: AddNotebook, tmp_path: Path, number: int
) -> None:
    begun = [tmp_path / name for name in ("one", "two")]
    for stem, file in zip(("10_flows", "20_centre"), begun, strict=True):
        path = add(stem, WAIT.format(begun=str(file)))
    outputs, script = tmp_path / "outputs", tmp_path / "main.py"
    script.write_text(MAIN, encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, str(script), str(path.parent), str(outputs)],
        env=os.environ | {"PYTHONPATH": str(Path(forecasting.__file__).parents[1])},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not all(file.exists() and file.read_text() for file in begun):
        assert time.monotonic() < end, child.communicate(timeout=10)
        time.sleep(0.1)
    if number == signal.SIGINT:  # a terminal sends it to every process of the group
        os.killpg(child.pid, number)
    else:
        child.send_signal(number)
    _, log = child.communicate(timeout=30)
    assert child.returncode == 130, log
    assert "interrupted; nothing half-written remains" in log
    assert "Traceback" not in log
    assert names(outputs) == set()
    assert not any(is_alive(int(file.read_text())) for file in begun)
