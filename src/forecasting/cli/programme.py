"""``forecasting programme list``, ``show``, ``check``, ``note``, ``tables`` and ``compare``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from forecasting.cli.common import Command, CommandGroup, main, print_error
from forecasting.errors import InputError
from forecasting.languages import language_codes

NOTE_ENDINGS = (".pdf", ".docx")


def language_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option for the language of what is written."""
    codes = click.Choice(language_codes())
    return click.option("--language", type=codes, default="en", show_default=True)(command)


def output_option(metavar: str, *, required: bool = True) -> Callable[..., Any]:
    """Add the option for the file to write."""
    kind = click.Path(path_type=Path, dir_okay=False)
    return click.option("--output", "-o", required=required, type=kind, metavar=metavar)


@main.group(
    "programme",
    cls=CommandGroup,
    epilog="""
    forecasting programme list
    forecasting programme show si-amif-2021-2027
    forecasting programme check""",
)
def programme_group() -> None:
    """Catalogues of programmes: read, check, and write what a ministry hands in.

    ID is one of `forecasting programme list`, or a YAML file of one's own.
    """


@programme_group.command("list", cls=Command, epilog="forecasting programme list --language sl")
@language_option
def list_command(language: str) -> None:
    """List the programmes that ship with the suite.

    Id, name, period, and how many indicators, relations between printed numbers and recorded
    differences each has.
    """
    from forecasting.briefing.programme_lines import list_lines
    from forecasting.languages import Language
    from forecasting.programmes.catalogue import list_programmes, load_programme

    loaded = [load_programme(name) for name in list_programmes()]
    for line in list_lines(loaded, Language(language)):
        click.echo(line)


@programme_group.command(
    "show",
    cls=Command,
    epilog="""
    forecasting programme show si-social-care-2025-2026
    forecasting programme show si-amif-2021-2027 --indicator O.1.1.2 --language sl""",
)
@click.argument("programme", metavar="ID")
@click.option("--indicator", metavar="CODE", help="Only this one, with inputs and findings.")
@language_option
def show_command(programme: str, indicator: str | None, language: str) -> None:
    """Show the catalogue of a programme, each value with its calculation."""
    from forecasting.briefing.programme_lines import indicator_lines, programme_lines
    from forecasting.languages import Language
    from forecasting.programmes.catalogue import load_programme

    loaded, words = load_programme(programme), Language(language)
    lines = programme_lines(loaded, words)
    if indicator is not None:
        lines = indicator_lines(loaded, indicator, words)
    for line in lines:
        click.echo(line)


@programme_group.command(
    "check",
    cls=Command,
    epilog="""
    forecasting programme check
    forecasting programme check si-amif-2021-2027 my-programme.yaml --language sl
    forecasting programme check si-amif-2021-2027 --stress-test achieved.xlsx""",
)
@click.argument("programmes", nargs=-1, metavar="[ID ...]")
@click.option(
    "--stress-test", "achieved", metavar="ACHIEVED", type=click.Path(path_type=Path),
    help="Achieved values of one programme: what the 85/65 rule of 2014-2020 would say. It is not "
    "in force for AMIF.",
)  # fmt: skip
@language_option
def check_command(programmes: tuple[str, ...], achieved: Path | None, language: str) -> None:
    """Check catalogues: rules, relations between printed numbers, and an auditor's questions.

    Default: all that ship with the suite. Differences that a catalogue records are printed, with
    their reasons. Findings are what an auditor would ask about the document; they are no faults.
    The exit code is 2 only where a catalogue breaks a rule or a relation does not come out.
    """
    from forecasting.briefing.programme_lines import check_lines, stress_lines
    from forecasting.languages import Language
    from forecasting.programmes.catalogue import list_programmes, load_programme

    words, is_broken = Language(language), False
    if achieved is not None and len(programmes) != 1:
        raise InputError(f"{len(programmes)} programmes", expected="one with --stress-test")
    for name in programmes or list_programmes():
        try:
            loaded = load_programme(name)
        except InputError as problem:
            is_broken = True
            print_error(str(problem))
            continue
        for line in check_lines(loaded, words):
            click.echo(line)
        if achieved is not None:
            for line in stress_lines(loaded, achieved, words):
                click.echo(line)
    if is_broken:
        sys.exit(2)


@programme_group.command(
    "note",
    cls=Command,
    epilog="""
    forecasting programme note si-amif-2021-2027 --output note.docx --language sl
    forecasting programme note si-amif-2021-2027 --output note.pdf""",
)
@click.argument("programme", metavar="ID")
@output_option("FILE.pdf|docx")
@language_option
def note_command(programme: str, output: Path, language: str) -> None:
    """Write the methodology note of Article 17: per indicator, how its values arise.

    With what the data and the forecast would propose, and how often such targets were met.
    """
    from forecasting.briefing.note import compose_note, write_note
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.target_request import TargetRequest, forecast_driver, propose_all
    from forecasting.tables import check_table_path

    check_table_path(output, endings=NOTE_ENDINGS)
    loaded, request = load_programme(programme), TargetRequest()
    result = forecast_driver(loaded, request)
    note = compose_note(
        loaded,
        language=language,
        proposals=propose_all(loaded, request, result=result),
        origin=result.origin if result else None,
    )
    click.echo(str(write_note(note, output)))


@programme_group.command(
    "tables",
    cls=Command,
    epilog="forecasting programme tables si-amif-2021-2027 --output tables.xlsx --language sl",
)
@click.argument("programme", metavar="ID")
@output_option("FILE.xlsx")
@language_option
def tables_command(programme: str, output: Path, language: str) -> None:
    """Write tables 1 to 3 of the fund: outputs, results, types of intervention.

    Prints what the form of the regulation will not take as it is.
    """
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.fund_tables import write_fund_tables
    from forecasting.tables import check_table_path

    check_table_path(output, endings=(".xlsx",))
    for warning in write_fund_tables(load_programme(programme), output, language=language):
        click.echo(f"note   {warning}")
    click.echo(str(output))


@programme_group.command(
    "compare",
    cls=Command,
    epilog="""
    forecasting programme compare si-amif-2021-2027 --versions 3.0,4.0
    forecasting programme compare si-amif-2021-2027 --versions 1.0,4.0 --output changes.xlsx""",
)
@click.argument("programme", metavar="ID")
@click.option("--versions", required=True, metavar="V,V", help="Versions, oldest first.")
@output_option("FILE", required=False)
@language_option
def compare_command(programme: str, versions: str, output: Path | None, language: str) -> None:
    """Compare versions of a programme, and what would be proposed, and explain each change.

    FILE gets one row per value; CSV, XLSX or JSON by its ending.
    """
    from forecasting.languages import Language
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.comparison import compare_versions
    from forecasting.programmes.target_request import propose_all
    from forecasting.tables import check_table_path, write_table

    if output is not None:
        check_table_path(output)
    names = tuple(name.strip() for name in versions.split(","))
    loaded = load_programme(programme)
    comparison = compare_versions(loaded, names, propose_all(loaded))
    for line in comparison.lines(Language(language)):
        click.echo(line)
    if output is not None:
        click.echo(str(write_table(comparison.table(language), output)))
