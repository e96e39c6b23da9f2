"""``forecasting history``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecasting.cli.common import Command, fail, main
from forecasting.cli.programme import language_option
from forecasting.errors import InputError
from forecasting.languages.messages import say

if TYPE_CHECKING:
    from forecasting.archive.history import By
    from forecasting.languages import Language


@main.command(
    cls=Command,
    epilog="""
    forecasting history
    forecasting history asylum-applicants/SI --by horizon --output scores.csv
    forecasting history asylum-applicants/SI --chart history.svg
    forecasting history --targets si-amif-2021-2027 --output targets.xlsx""",
)
@click.argument("series", required=False, default="", metavar="[SERIES]")
@click.option(
    "--by", type=click.Choice(["model", "horizon", "origin"]), default="model", show_default=True,
    help="What the coverage and the skill are told by.",
)  # fmt: skip
@click.option("--benchmark", default="random_walk", show_default=True, help="For the skill.")
@click.option(
    "--replays", is_flag=True, help="Runs made with --as-of, in place of the real forecasts."
)
@click.option("--targets", metavar="ID|FILE.yaml", help="The targets of a programme instead.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path),
    help="Every case scored, or every value of the programme, as CSV, XLSX or JSON.",
)  # fmt: skip
@click.option("--chart", type=click.Path(path_type=Path), help="Of SERIES, as SVG.")
@language_option
def history(  # noqa: PLR0913 - one parameter per option
    *,
    series: str,
    by: By,
    benchmark: str,
    replays: bool,
    targets: str | None,
    output: Path | None,
    chart: Path | None,
    language: str,
) -> None:
    """Hold the forecasts of the archive against what was counted since.

    SERIES is a name such as asylum-applicants/SI; without it all are scored together. With
    --targets: who proposed which value of the programme, when, and from which data.
    """
    from forecasting.languages import Language
    from forecasting.tables import check_table_path

    _check_options(series, targets, chart)
    if output is not None:
        check_table_path(output)
    if chart is not None:
        check_table_path(chart, endings=[".svg"])
    words = Language(language)
    if targets:
        problems = _tell_targets(targets, output, words)
    else:
        problems = _tell_history(series, by, benchmark, replays, output, words)
    if chart is not None:
        _draw(series, chart, words)
    if problems:  # named, left out, and told by the exit code
        fail("\n".join(problems), 2)


def _check_options(series: str, targets: str | None, chart: Path | None) -> None:
    if targets and (series or chart):
        raise InputError(
            say("--targets with a series or a chart"), expected=say("one of them at a time")
        )
    if chart is not None and not series:
        raise InputError(say("--chart without a series"), expected="asylum-applicants/SI")


def _tell_targets(programme: str, output: Path | None, words: Language) -> tuple[str, ...]:
    from forecasting.archive.targets import target_history
    from forecasting.briefing.history_lines import target_lines
    from forecasting.programmes.catalogue import load_programme
    from forecasting.tables import write_table

    found = target_history(load_programme(programme), words)
    for line in target_lines(found, words):
        click.echo(line)
    if output is not None:
        click.echo(str(write_table(found.table, output)))
    return found.problems


def _tell_history(
    series: str, by: By, benchmark: str, replays: bool, output: Path | None, words: Language
) -> tuple[str, ...]:
    from forecasting.archive.history import read_history
    from forecasting.briefing.history_lines import history_lines
    from forecasting.tables import write_table

    found = read_history(series, replays=replays)
    for line in history_lines(found, words, by=by, benchmark=benchmark):
        click.echo(line)
    if output is not None:
        click.echo(str(write_table(found.scores, output)))
    return found.problems


def _draw(series: str, chart: Path, words: Language) -> None:
    from forecasting.briefing.history_chart import draw_history
    from forecasting.tables import write_bytes

    drawn = draw_history(series, words)
    if drawn is None:
        raise InputError(say("no forecast can be compared yet"), where=series)
    write_bytes(drawn.svg.encode(), chart)
    click.echo(str(chart))
