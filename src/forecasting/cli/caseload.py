"""``forecasting caseload``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forecasting.cli.common import Command, fail, main, reporter


@main.command(
    "caseload",
    cls=Command,
    epilog="""
    forecasting caseload recipients.csv --horizon 24 --output forecast.csv
    forecasting caseload recipients.csv --drivers unemployment.csv --horizon 12 -o forecast.csv
    forecasting caseload recipients.csv --drivers outlook.csv --horizon 24 --origin 2024-12 \\
        --intervention epidemic:2020-04:step --intervention law:2024-01:pulse -o forecast.csv""",
)
@click.argument("input_csv", metavar="INPUT.csv", type=click.Path(path_type=Path))
@click.option(
    "--drivers", metavar="D.csv", type=click.Path(path_type=Path),
    help="One series_id a driver. Values after the origin are a scenario and have to reach the "
    "horizon; a driver without any is forecast.",
)  # fmt: skip
@click.option("--horizon", required=True, type=int, help="Periods after the origin.")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
@click.option("--origin", metavar="PERIOD", help="Last period known; default: the last of each.")
@click.option("--paths", "n_paths", default=1000, show_default=True, help="Joint sample paths.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--missing", type=click.Choice(["keep", "error", "interpolate", "cut"]), default="keep",
    show_default=True, help="How to treat a masked month; keep: it is bridged, and it is said.",
)  # fmt: skip
@click.option(
    "--intervention", "interventions", multiple=True, metavar="NAME:PERIOD[:SHAPE][:END]",
    help="What happened when: a step (default), a pulse or a ramp. Repeatable.",
)  # fmt: skip
@click.option(
    "--entries", metavar="FILE", type=click.Path(path_type=Path),
    help="New recipients of each period, under the series_id of their caseload.",
)  # fmt: skip
def caseload_command(input_csv: Path, output: Path, **options: Any) -> None:
    """Forecast how many persons receive a benefit: INPUT.csv (series_id,period,value).

    OUT has the format of `forecasting forecast`. The pool is chosen by a backtest on the series'
    own past, and a driver has to earn its place in it; both are printed with their numbers. A
    series that cannot be forecast gets one row with the reason in the column flag; the others are
    written, and the exit code is 2.
    """
    from forecasting.runs.progress import Progress
    from forecasting.stocks.caseload_file import CaseloadOptions, forecast_caseload_file
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    with Progress(0, "caseload", unit="past forecasts", every_seconds=5) as progress:
        table, lines, problems = forecast_caseload_file(
            input_csv, CaseloadOptions(**options), on_done=reporter(progress)
        )
    write_table(table, output)
    for line in lines:
        click.echo(line)
    click.echo(f"{table['series_id'].nunique() - len(problems)} caseloads forecast: {output}")
    if problems:
        fail("\n".join(problems), 2)
