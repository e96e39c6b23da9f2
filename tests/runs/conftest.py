"""Small notebooks to run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from forecasting.runs.allowed import NOTEBOOKS_VARIABLE
from forecasting.runs.execute import ExecutionOptions
from forecasting.runs.run import NotebookJob

MakeJob = Callable[..., NotebookJob]

PARAMETERS = """\
language = "en"  # {en, sl} language of every word a reader sees
seed = 1         # [0..10] seed of the random numbers
draft = False    # whether the page is a draft
"""


def write_result(executed: Path, workdir: Path) -> list[Path]:
    """Write a result that depends on what the last cell printed."""
    notebook = nbformat.read(executed, as_version=4)
    result = workdir / "result.txt"
    result.write_text(notebook.cells[-1].outputs[0].text, encoding="utf-8")
    return [result]


@pytest.fixture(autouse=True)
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebooks of a test lie in a listed folder."""
    monkeypatch.setenv(NOTEBOOKS_VARIABLE, str(tmp_path))


@pytest.fixture
def make_job(tmp_path: Path) -> MakeJob:
    """Return a function that makes a job from the sources of the cells after the parameters."""

    def make(*cells: str, **changes: object) -> NotebookJob:
        new_cell = nbformat.v4.new_code_cell
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_markdown_cell("# A page"),
                new_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
                *map(new_cell, cells),
            ]
        )
        path = tmp_path / "90_page.ipynb"
        nbformat.write(notebook, path)
        defaults: dict[str, object] = {
            "notebook": path,
            "parameters": {},
            "run_id": "SI-1",
            "output_dir": tmp_path / "outputs",
            "verb": "brief",
            "finish": write_result,
            "options": ExecutionOptions(progress=False),
        }
        return NotebookJob(**(defaults | changes))  # type: ignore[arg-type]

    return make
