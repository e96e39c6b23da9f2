"""``forecasting explore``."""

from __future__ import annotations

from pathlib import Path

import click

from forecasting.cli.common import Command, main
from forecasting.cli.programme import language_option


@main.command(
    "explore",
    cls=Command,
    epilog="""
    forecasting explore
    forecasting explore --language sl --scenario stay-doubles
    forecasting explore --scenario scenarios/my-scenario.yaml --port 9000 --no-browser""",
)
@language_option
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Default: the first one free from 8866."
)
@click.option(
    "--scenario", default="", metavar="FILE|NAME",
    help="What the page opens with: one of `forecasting scenario list`, or a YAML file.",
)  # fmt: skip
@click.option(
    "--reference", default="reference", show_default=True, metavar="FILE|NAME",
    help="Scenario with the chain that everything is held against.",
)  # fmt: skip
@click.option(
    "--paths", default=1000, show_default=True, type=click.IntRange(100, 100_000),
    help="Joint sample paths.",
)  # fmt: skip
@click.option(
    "--folder", default="scenarios", show_default=True, type=click.Path(path_type=Path),
    help="Where scenarios are saved.",
)  # fmt: skip
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the page.")
def explore_command(
    *, language: str, port: int | None, browser: bool, folder: Path, paths: int, **files: str
) -> None:
    """Open the explorer: move assumptions with sliders, see what follows, save the scenario.

    The page is served to this machine alone, at the address that is printed, until Ctrl-C.
    """
    from forecasting.explorer.server import Served, serve
    from forecasting.languages import Language
    from forecasting.scenarios import load_scenario

    # refused here, not on the page; a file is found from wherever the kernel runs
    files = {
        name: _named(load_scenario(given).path, given) for name, given in files.items() if given
    }
    gettext = Language(language).gettext
    served = Served(
        parameters={
            **files,
            "language": language,
            "paths": paths,
            "folder": str(folder.resolve()),
        },
        waiting=gettext("The forecasts are being made; the page opens in a few seconds."),
        title=gettext("Explorer"),
        port=port,
    )
    serve(served, on_ready=_say_where, browser=browser)


def _named(path: Path, given: str) -> str:
    """Return a name as it is, and a file by its absolute path."""
    return str(path.resolve()) if given.endswith((".yaml", ".yml")) else given


def _say_where(address: str) -> None:
    click.echo(f"{address}  (Ctrl-C ends it)")
