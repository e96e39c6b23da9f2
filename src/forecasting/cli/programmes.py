"""``forecasting targets`` and ``check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from forecasting.cli.common import Command, main, print_error
from forecasting.languages import language_codes


@main.command(
    cls=Command,
    epilog="""
    forecasting targets si-amif-2021-2027 --output targets.xlsx
    forecasting targets si-amif-2021-2027 --probability 0.9 --as-of 2021-12 --output targets.csv
    forecasting targets my-programme.yaml --output targets.csv""",
)
@click.argument("programme", metavar="PROGRAMME")
@click.option("--probability", default=0.8, show_default=True, help="Attainment probability.")
@click.option("--as-of", default="", metavar="YYYY-MM", help="Only what was known by then.")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(language_codes()), default="en", show_default=True)
@click.option("--paths", default=5000, show_default=True, help="Joint sample paths.")
@click.option("--seed", default=1, show_default=True)
def targets(programme: str, output: Path, language: str, **options: Any) -> None:
    """Re-derive the published values of PROGRAMME and propose targets with their probability.

    Prints the calculation of each value; the file gets one row per value and is CSV, XLSX or JSON
    by its ending.
    """
    from forecasting.briefing.listing import target_lines
    from forecasting.languages import Language
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.table import targets_table
    from forecasting.programmes.target_request import TargetRequest, forecast_driver, propose_all
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    words, loaded = Language(language), load_programme(programme)
    options["n_paths"] = options.pop("paths")
    request = TargetRequest(**options)
    result = forecast_driver(loaded, request)
    proposals = propose_all(loaded, request, result=result)
    write_table(targets_table(loaded, proposals, words, result), output)
    for line in target_lines(loaded, proposals, words, result):
        click.echo(line)
    click.echo(str(output))


@main.command(
    cls=Command,
    epilog="""
    forecasting check
    forecasting check data/programmes/si-amif-2021-2027.yaml my-series.csv""",
)
@click.argument("paths", nargs=-1, metavar="[PATH ...]", type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check data files: schema, checksums, units, dates, duplicates, gaps, formulas.

    PATH is a file or a folder; default: all data of the suite. A monthly table of recipients of
    social assistance (see forecasting template recipients) is held against the published counts.
    """
    from forecasting.checks import check_files

    reports = check_files(list(paths) or None)
    for report in reports:
        for problem in report.problems:
            print_error(problem)
        if not report.problems:
            click.echo(f"ok     {report.path}: {report.summary}")
        for remark in report.remarks:
            click.echo(f"note   {report.path}: {remark}")
    wrong = sum(len(report.problems) for report in reports)
    click.echo(f"{len(reports)} files checked, {wrong} problems")
    if wrong:
        sys.exit(2)
