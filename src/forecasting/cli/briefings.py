"""``forecasting brief``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forecasting.cli.common import Command, main
from forecasting.languages import language_codes


@main.command(
    cls=Command,
    epilog="""
    forecasting brief
    forecasting brief --language sl --as-of 2021-12
    forecasting brief --scenario stay-doubles --scenario mine.yaml
    forecasting brief --geo FI --output-dir /srv/briefings""",
)
@click.option("--programme", default="si-amif-2021-2027", show_default=True, metavar="ID|FILE.yaml")
@click.option("--geo", default="SI", show_default=True, help="Country, by Eurostat's code.")
@click.option("--as-of", default="", metavar="YYYY-MM", help="Only what was known by then.")
@click.option(
    "--scenario",
    multiple=True,
    metavar="NAME|FILE.yaml",
    help="Beside the reference; may be repeated. Default: those that ship for the country.",
)
@click.option(
    "--probability", type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Attainment probability of the proposed targets; default: that of the notebook.",
)  # fmt: skip
@click.option("--language", type=click.Choice(language_codes()), default="en", show_default=True)
@click.option("--paths", default=5000, show_default=True, help="Joint sample paths.")
@click.option("--seed", default=1, show_default=True)
@click.option("--output-dir", default="outputs", show_default=True, type=click.Path(path_type=Path))
def brief(**options: Any) -> None:
    """Make a briefing: outputs/<run_id>/briefing.pdf with its tables and manifest."""
    from forecasting.runs.brief import BriefRequest, run_brief

    click.echo(str(run_brief(BriefRequest(**options))))
