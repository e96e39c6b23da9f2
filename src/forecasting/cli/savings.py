"""``forecasting savings``."""

from __future__ import annotations

from pathlib import Path

import click

from forecasting.cli.common import Command, main


@main.command(
    "savings",
    cls=Command,
    epilog="""
    forecasting savings si-p61 --output savings.csv
    forecasting savings programme.yaml --output savings.xlsx""",
)
@click.argument(
    "config", metavar="CONFIG.yaml|NAME", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
def savings_command(config: Path, output: Path) -> None:
    """Calculate what persons leaving assistance save, gross and net, against what it costs.

    Where more is assumed than that all leave as their months begin and nothing is counted after the
    period, the steps from there to the net saving are printed too.

    CONFIG.yaml, or the name of one in data/savings, says who leaves when and what is assumed; its
    keys are described in docs/methods/savings.md. One row a value:
    label,output_type,quantile_level,value.
    """
    from forecasting.savings.bridge import bridge_lines, build_bridge
    from forecasting.savings.config import load_savings, run_savings
    from forecasting.savings.table import savings_lines, savings_table
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    projection = run_savings(load_savings(config))
    lines = [*savings_lines(projection), *bridge_lines(build_bridge(projection.plan))]
    write_table(savings_table(projection), output)
    for line in lines:
        click.echo(line)
    click.echo(str(output))
