"""``forecasting night``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecasting.cli.common import Command, chosen_engine, engine_options, main, print_error

if TYPE_CHECKING:
    from forecasting.runs.night_status import Night


@main.command(
    "night",
    cls=Command,
    epilog="""
    forecasting night nightly
    forecasting night nightly --offline
    forecasting night europe --output-dir /srv/briefings --jobs 4
    forecasting night own.yaml --engine dask --scheduler tls://scheduler:8786""",
)
@click.argument("plan", metavar="PLAN|FILE.yaml")
@click.option("--output-dir", default="outputs", show_default=True, type=click.Path(path_type=Path))
@click.option(
    "--jobs", type=click.IntRange(1), help="Briefings made at once; default: one per core."
)
@click.option("--offline", is_flag=True, help="Ask no source; use the figures held.")
@engine_options
def night(jobs: int | None, engine: str, scheduler: str, **options: Any) -> None:
    """Make every briefing of a plan, unattended: new figures first, then what is not there yet.

    PLAN is a name, such as nightly, or a YAML file. What is there already, of the same inputs,
    code and parameters, is left alone; a source or a briefing that fails does not stop the others.
    Beside the briefings appear index.html, for readers, and status.json, for programs.

    Exit codes: 0 all is well; 11 to 100: ten more than how many briefings and sources failed (90
    and more count as 90), all else is done; 2 the plan cannot be used or the disk not written; 4
    another run or refresh is at work; 130 interrupted. After 4, 11 to 100 and 130 the same call
    does the rest.
    """
    from forecasting.runs.night import NightRequest, run_night

    chosen = chosen_engine(engine, scheduler, jobs=jobs)
    ended = run_night(NightRequest(processes=jobs or os.cpu_count() or 1, engine=chosen, **options))
    for line in _failures(ended):
        print_error(line)
    counts = ended.counts
    click.echo(
        f"{counts['done']} made, {counts['skipped']} unchanged, {counts['failed']} failed; "
        f"{counts['sources_failed']} of {len(ended.sources)} sources failed"
    )
    click.echo(str(options["output_dir"] / "index.html"))
    sys.exit(ended.exit_code)


def _failures(ended: Night) -> list[str]:
    """Write one line for each failure: what, why, what to do."""
    sources = [f"{each.source}: {each.reason}" for each in ended.sources if each.status == "failed"]
    briefings = [
        f"{each.geo} {each.language} {each.programme}: {each.reason}; {each.action}"
        for each in ended.briefings
        if each.status == "failed"
    ]
    return [" ".join(line.split()) for line in [*sources, *briefings]]
