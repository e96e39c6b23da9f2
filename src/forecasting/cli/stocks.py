"""``forecasting occupancy``, ``backlog`` and ``template``."""

from __future__ import annotations

from pathlib import Path

import click

from forecasting.cli.common import Command, main, reporter
from forecasting.languages import language_codes


@main.command(
    "occupancy",
    cls=Command,
    epilog="""
    forecasting occupancy centre.yaml --output occupancy.csv
    forecasting occupancy si-centre-for-foreigners --output occupancy.xlsx""",
)
@click.argument(
    "config", metavar="CONFIG.yaml|NAME", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
def occupancy_command(config: Path, output: Path) -> None:
    """Project how many persons are present, and how often there are more than places.

    CONFIG.yaml, or the name of one in data/stocks, says who comes, how long they stay, who is there
    at the start, and the places; its keys are described in docs/methods/stocks.md. One row a value:
    period,output_type,quantile_level,value.
    """
    from forecasting.runs.progress import Progress
    from forecasting.stocks.finite_capacity import PATHS_PER_REPORT
    from forecasting.stocks.occupancy_config import (
        load_occupancy,
        occupancy_table,
        run_occupancy,
    )
    from forecasting.stocks.summary import occupancy_lines
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    with Progress(0, "occupancy", unit="hundred paths", every_seconds=5) as progress:
        report = reporter(progress, per_step=PATHS_PER_REPORT)
        projection = run_occupancy(load_occupancy(config), on_done=report)
    lines = occupancy_lines(projection)
    write_table(occupancy_table(projection), output)
    for line in lines:
        click.echo(line)
    click.echo(str(output))


@main.command(
    "backlog",
    cls=Command,
    epilog="""
    forecasting backlog office.yaml --output backlog.csv
    forecasting backlog fi-asylum-backlog --output backlog.csv""",
)
@click.argument(
    "config", metavar="CONFIG.yaml|NAME", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
def backlog_command(config: Path, output: Path) -> None:
    """Project how many cases wait, how long, and the staff that keeps them within a limit.

    CONFIG.yaml, or the name of one in data/stocks, says what comes in, how much is decided, who
    leaves without a decision, and who waits at the start; its keys are described in
    docs/methods/stocks.md. One row a value: period,output_type,quantile_level,value.
    """
    from forecasting.stocks.backlog_config import backlog_table, load_backlog, run_backlog
    from forecasting.stocks.summary import backlog_lines
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    projection = run_backlog(load_backlog(config))
    lines = backlog_lines(projection)
    write_table(backlog_table(projection), output)
    for line in lines:
        click.echo(line)
    click.echo(str(output))


@main.command(
    "template",
    cls=Command,
    epilog="""
    forecasting template stays --output centre.xlsx
    forecasting template monthly --language sl --output center.xlsx
    forecasting template recipients --language sl --output prejemniki.csv
    forecasting template achieved --programme si-amif-2021-2027 --output achieved.xlsx""",
)
@click.argument("kind", type=click.Choice(["stays", "monthly", "recipients", "achieved"]))
@click.option("--programme", metavar="ID", help="Whose indicators; with the kind achieved only.")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(language_codes()), default="en", show_default=True)
def template_command(kind: str, programme: str | None, output: Path, language: str) -> None:
    """Write an empty spreadsheet, XLSX or CSV, for records of one's own.

    stays: one row a stay at a centre, with the days of entry and exit; monthly: one row a month,
    with entries, exits and persons present. Filled in, a configuration of `forecasting occupancy`
    names it: records: {file: centre.xlsx, kind: stays}. recipients: one row a month of social
    assistance, recipients and persons entitled in two columns; `forecasting check` holds it against
    the published figures. achieved: one row a monitored indicator of a programme, for `forecasting
    programme progress`.
    """
    from forecasting.errors import InputError
    from forecasting.languages import Language
    from forecasting.programmes.achieved import write_achieved_template
    from forecasting.programmes.catalogue import load_programme
    from forecasting.sources.layouts import write_template

    words = Language(language)
    if (kind == "achieved") != (programme is not None):
        given = "no option --programme" if programme is None else "the option --programme"
        raise InputError(
            f"{given} with the template '{kind}'",
            expected="--programme ID with the template 'achieved', and with no other",
        )
    if programme is not None:
        click.echo(str(write_achieved_template(load_programme(programme), output, words=words)))
    else:
        click.echo(str(write_template(kind, output, words=words)))
