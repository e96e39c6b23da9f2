"""The notebooks as pages: as they were executed, with their pages as a PDF beside."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click
import nbformat

from forecasting.briefing.blocks import MIME_TYPE
from forecasting.locations import notebooks_dir

if TYPE_CHECKING:
    from forecasting.runs.processes import Outcome

EXPLORER = "41_explorer"
INJECTED = "injected-parameters"
"""Tag of the cell that papermill adds: of a run with its defaults, the cell above once more."""
PICTURE = (
    "![The explorer: sliders on the left, key figures against the reference and fan charts with "
    "target and capacity lines on the right](../images/explorer.png)\n\n"
    "The sliders need a running Python: start `forecasting explore`, or open this notebook in "
    "JupyterLab."
)


def run_notebooks(runs: Path) -> None:
    """Run every notebook that has not been run with the same inputs, code and parameters.

    Parameters
    ----------
    runs : pathlib.Path
        Where each leaves its directory.

    Raises
    ------
    NotebookError
        Naming the notebooks that failed, and why.
    """
    from forecasting.errors import NotebookError
    from forecasting.runs.kept import is_whole
    from forecasting.runs.processes import run_all
    from forecasting.runs.suite import plan_jobs

    notebooks = [path for path in sorted(notebooks_dir().glob("*.ipynb")) if path.stem != EXPLORER]
    planned = plan_jobs(notebooks, (), runs)
    jobs = [job for job in planned if not is_whole(runs / job.run_id)]
    for earlier in runs.glob("*/"):
        if earlier.name not in {job.run_id for job in planned}:
            shutil.rmtree(earlier)
    if not jobs:
        return
    outcomes = run_all(jobs, processes=os.cpu_count() or 1, on_end=_report)
    if failed := [f"{each.job.notebook.stem}: {each.reason}" for each in outcomes if each.reason]:
        raise NotebookError("\n".join(failed))


def _report(outcome: Outcome) -> None:
    click.echo(f"{outcome.job.notebook.stem}: {outcome.seconds:.0f} s", err=True)


def write_notebooks(folder: Path, runs: Path) -> None:
    """Write a page for every notebook of the suite.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.
    runs : pathlib.Path
        Run directories, as ``forecasting run`` leaves them; of several the newest counts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(notebooks_dir().glob("*.ipynb")):
        executed = _executed(source.name, runs)
        notebook = nbformat.read(executed or source, as_version=4)
        notebook.metadata.pop("widgets", None)
        notebook.cells = [cell for cell in notebook.cells if INJECTED not in _tags(cell)]
        for output in (each for cell in notebook.cells for each in cell.get("outputs", [])):
            output.get("data", {}).pop(MIME_TYPE, None)  # for the PDF; a page takes the HTML
        if source.stem == EXPLORER:
            notebook.cells[-1].outputs = []
            words = PICTURE
        elif executed:
            words = _about(executed, folder)
        else:
            words = "*Shown without its output: this notebook has not been run for the site.*"
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(words))
        nbformat.write(notebook, folder / source.name)


def _tags(cell: nbformat.NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags


def _executed(name: str, runs: Path) -> Path | None:
    found = [path for path in runs.glob(f"*/{name}") if (path.parent / "manifest.json").is_file()]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _about(executed: Path, folder: Path) -> str:
    """Say where the output comes from, and lead to the same pages as a PDF."""
    words = f"*As `forecasting run {executed.stem}` leaves it*"
    pages = next(executed.parent.glob("*.pdf"), None)
    if pages is None:
        return f"{words}."
    shutil.copy2(pages, folder / pages.name)
    return f"{words}; the same pages as a file: [{pages.name}]({pages.name})."
