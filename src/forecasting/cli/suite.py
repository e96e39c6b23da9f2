"""``forecasting run``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecasting.cli.common import Command, fail, main
from forecasting.languages import language_codes
from forecasting.languages.messages import message_language

if TYPE_CHECKING:
    from forecasting.runs.processes import Outcome
    from forecasting.runs.run import NotebookJob


@main.command(
    "run",
    cls=Command,
    epilog="""
    forecasting run 20_detention_occupancy -p stay_factor 2 -p language sl
    forecasting run 50 -p scenario arrivals-halve
    forecasting run 30 --show
    forecasting run all -p language fi --output-dir /srv/reports --jobs 2""",
)
@click.argument("notebook", metavar="NOTEBOOK")
@click.option(
    "-p", "--parameter", "given", nargs=2, multiple=True, metavar="NAME VALUE",
    help="A value for a parameter that the notebook declares. Repeatable.",
)  # fmt: skip
@click.option("--output-dir", default="outputs", show_default=True, type=click.Path(path_type=Path))
@click.option(
    "--jobs", type=click.IntRange(1),
    help="With all: how many notebooks at once; default: one per core.",
)  # fmt: skip
@click.option("--show", is_flag=True, help="Print the parameters that can be given; run nothing.")
def run_command(
    notebook: str,
    given: tuple[tuple[str, str], ...],
    output_dir: Path,
    jobs: int | None,
    show: bool,
) -> None:
    """Run a notebook of the suite, or all of them, each into a directory of its own.

    NOTEBOOK is a name, 20_detention_occupancy, its number, 20, a file that ends in .ipynb, or all.
    A notebook is a program: a file of your own runs from a folder that the environment variable
    FORECASTING_NOTEBOOKS lists, and from no other.
    The directory outputs/NAME-LANGUAGE-KEY holds the executed notebook, its pages as a PDF, its
    tables and a manifest, and is there whole or not at all; KEY is the same for the same inputs,
    code and parameters. The last line printed is the path of the PDF.

    With all, each parameter goes to the notebooks that declare it, and one that fails does not stop
    the others; the exit code is then 3.
    """
    from forecasting.runs.suite import find_notebooks, parameter_lines, plan_jobs

    _speak(dict(given).get("language", ""))
    notebooks = find_notebooks(notebook)
    if show:
        for path in notebooks:
            for line in parameter_lines(path):
                click.echo(line)
        return
    planned = plan_jobs(notebooks, given, output_dir)
    if len(planned) == 1:
        _run_one(planned[0])
    else:
        _run_all(planned, jobs or os.cpu_count() or 1)


def _speak(language: str) -> None:
    """Have messages follow the language of the pages."""
    if language in language_codes():
        click.get_current_context().find_root().with_resource(message_language(language))


def _run_one(job: NotebookJob) -> None:
    from forecasting.runs.brief import import_exporter_meanwhile
    from forecasting.runs.run import run_notebook
    from forecasting.runs.suite import result_of

    import_exporter_meanwhile()
    click.echo(str(result_of(run_notebook(job), job.notebook)))


def _run_all(jobs: list[NotebookJob], processes: int) -> None:
    from forecasting.runs.processes import run_all
    from forecasting.runs.progress import Progress

    with Progress(len(jobs), "run all", unit="notebook") as progress:

        def report(outcome: Outcome) -> None:
            progress.end(_line(outcome, width=0))

        outcomes = run_all(jobs, processes=processes, on_end=report)
    width = max(len(job.notebook.stem) for job in jobs)
    for outcome in outcomes:
        click.echo(_line(outcome, width=width))
    failed = [each for each in outcomes if each.published is None]
    if failed:
        fail("\n".join(f"{each.job.notebook.stem}: {each.reason}" for each in failed), 3)


def _line(outcome: Outcome, *, width: int) -> str:
    from forecasting.runs.suite import result_of

    stem = outcome.job.notebook.stem
    found = f"failed: {outcome.reason}"
    if outcome.published is not None:
        found = str(result_of(outcome.published, outcome.job.notebook))
    return f"{stem:{width}}  {outcome.seconds:4.0f} s  {found}"
