"""``forecasting programme progress``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecasting.cli.common import Command
from forecasting.cli.programme import language_option, output_option, programme_group

if TYPE_CHECKING:
    from forecasting.programmes.catalogue import Programme


@programme_group.command(
    "progress",
    cls=Command,
    epilog="""
    forecasting template achieved --programme si-amif-2021-2027 --output achieved.xlsx
    forecasting programme progress si-amif-2021-2027 achieved.xlsx --output progress.xlsx
    forecasting programme progress si-amif-2021-2027 achieved.xlsx --cut-off 2024-12-31 \\
        --output progress.csv --language sl""",
)
@click.argument("programme", metavar="ID")
@click.argument(
    "achieved", metavar="ACHIEVED.xlsx", type=click.Path(path_type=Path, dir_okay=False)
)
@output_option("FILE")
@click.option(
    "--cut-off",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Leave out later values; default: the last date in the file.",
)
@click.option("--paths", default=5000, show_default=True, help="Joint sample paths.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--exact", is_flag=True,
    help="Keep counts of fewer than 5 persons, for use inside the authority: rows are marked "
    "internal.",
)  # fmt: skip
@language_option
def progress_command(
    programme: str, achieved: Path, output: Path, cut_off: dt.datetime | None, **options: Any
) -> None:
    """Judge how far a programme has come from its achieved values.

    ACHIEVED.xlsx is a filled-in `forecasting template achieved`, XLSX or CSV. FILE gets one row per
    monitored indicator: share of the target, expected final value with its range, the probability
    of the target where there are sample paths, a light, and the rule behind them in words. Counts
    of fewer than 5 persons, and those from which one could be worked out, are withheld: mark c.
    """
    from forecasting.briefing.progress_lines import progress_lines
    from forecasting.languages import Language
    from forecasting.programmes.achieved import read_achieved
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.progress import progress
    from forecasting.programmes.progress_table import progress_table
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    loaded, words = load_programme(programme), Language(options["language"])
    values = read_achieved(achieved, loaded)
    results = progress(
        loaded,
        values,
        cut_off=cut_off.date() if cut_off else None,
        **_from_forecast(loaded, options["paths"], options["seed"]),
    )
    exact = options["exact"]
    write_table(progress_table(loaded, results, words, exact=exact), output)
    for line in progress_lines(loaded, results, words, exact=exact):
        click.echo(line)
    click.echo(str(output))


def _from_forecast(programme: Programme, n_paths: int, seed: int) -> dict[str, Any]:
    """Proposals and paths of what follows from the forecast; nothing where nothing does."""
    from forecasting.forecasts.summary import persons_by_month
    from forecasting.programmes.progress import forecast_paths
    from forecasting.programmes.target_request import TargetRequest, forecast_driver, propose_all

    request = TargetRequest(n_paths=n_paths, seed=seed)
    result = forecast_driver(programme, request)
    if result is None:
        return {}
    return {
        "proposals": propose_all(programme, request, result=result),
        "paths": forecast_paths(programme, persons_by_month(result)),
    }
