"""``forecasting scenario list``, ``show``, ``check``, ``compare`` and ``attribute``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecasting.cli.common import Command, CommandGroup, main, print_error
from forecasting.cli.programme import language_option, output_option
from forecasting.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecasting.projections.attribution import Players
    from forecasting.projections.reference import Reference
    from forecasting.runs.progress import Progress
    from forecasting.scenarios import Scenario


def paths_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for the number of paths and the seed."""
    paths = click.option("--paths", default=2000, show_default=True, help="Joint sample paths.")
    seed = click.option("--seed", default=1, show_default=True)
    return paths(seed(command))


@main.group(
    "scenario",
    cls=CommandGroup,
    epilog="""
    forecasting scenario list
    forecasting scenario show surge-and-delay
    forecasting scenario check my.yaml""",
)
def scenario_group() -> None:
    """What if: scenarios that move levers, compared with the reference.

    NAME is one of `forecasting scenario list`, or a YAML file of one's own. What follows under a
    scenario is a projection; how probable the scenario is, is not said.
    """


@scenario_group.command("list", cls=Command, epilog="forecasting scenario list --language sl")
@language_option
def list_command(language: str) -> None:
    """List the scenarios that ship with the suite: id, title, what each extends."""
    from forecasting.briefing.scenarios.lines import list_lines
    from forecasting.languages import Language
    from forecasting.scenarios import load_scenario, scenario_names

    loaded = [load_scenario(name) for name in scenario_names()]
    for line in list_lines(loaded, Language(language)):
        click.echo(line)


@scenario_group.command(
    "show",
    cls=Command,
    epilog="""
    forecasting scenario show pact-works
    forecasting scenario show my.yaml --language sl""",
)
@click.argument("name", metavar="NAME")
@language_option
def show_command(name: str, language: str) -> None:
    """Show what a scenario assumes: its levers in words, in the order of application."""
    from forecasting.briefing.scenarios.lines import scenario_lines
    from forecasting.languages import Language
    from forecasting.scenarios import load_scenario

    for line in scenario_lines(load_scenario(name), Language(language)):
        click.echo(line)


@scenario_group.command("check", cls=Command, epilog="forecasting scenario check my.yaml")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE ...", type=click.Path(path_type=Path)
)
@language_option
def check_command(files: tuple[Path, ...], language: str) -> None:
    """Check scenario files, and say what each of them does.

    The exit code is 2 where one cannot be used.
    """
    from forecasting.briefing.scenarios.lines import lever_lines
    from forecasting.checks import check_files
    from forecasting.languages import Language
    from forecasting.scenarios import load_scenario

    wrong = 0
    for file in files:
        try:
            scenario = load_scenario(file)
            (report,) = check_files([file])
        except InputError as problem:
            print_error(str(problem))
            wrong += 1
            continue
        for found in report.problems:
            print_error(found)
        wrong += bool(report.problems)
        if not report.problems:
            click.echo(f"ok     {file}: {report.summary}")
        for line in lever_lines(scenario, Language(language)):
            click.echo(f"       {line}")
    if wrong:
        sys.exit(2)


@scenario_group.command(
    "compare",
    cls=Command,
    epilog="""
    forecasting scenario compare stay-doubles my.yaml --output comparison.csv
    forecasting scenario compare --all --probability 0.9 --output comparison.xlsx""",
)
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--all", "every", is_flag=True, help="And all that ship with the suite.")
@click.option(
    "--reference", default="reference", show_default=True, metavar="NAME",
    help="What they are compared with: the scenario without levers that they extend.",
)  # fmt: skip
@click.option(
    "--probability", default=0.8, show_default=True,
    help="Share of the paths on which a robust target is met under every scenario.",
)  # fmt: skip
@output_option("FILE")
@paths_options
@language_option
def compare_command(
    names: tuple[str, ...],
    every: bool,
    reference: str,
    probability: float,
    output: Path,
    **options: Any,
) -> None:
    """Project what follows under each scenario, and hold it against the reference.

    Printed are the key figures that a scenario moves, path by path on the same random numbers, and
    the targets that survive all scenarios with their price. FILE, CSV or XLSX, gets one row a
    value: scenario,measure,entity,period,output_type,quantile_level,value.
    """
    from forecasting.briefing.scenarios.lines import comparison_lines
    from forecasting.languages import Language
    from forecasting.projections.comparison import compare_scenarios
    from forecasting.projections.comparison_table import comparison_table
    from forecasting.runs.progress import Progress
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    if not 0 < probability < 1:
        raise InputError(f"probability {probability}", expected="between 0 and 1")
    root = _root(reference)
    chosen = _chosen(names, root, every=every)
    with Progress(0, "scenario", unit="step") as progress:
        base = _prepared(root, progress, further=1 + len(chosen), **options)
        titles = iter([root.id, *[each.id for each in chosen], "written"])
        progress.begin(next(titles))
        comparison = compare_scenarios(
            base,
            chosen,
            probability=probability,
            on_done=lambda done, total: progress.begin(next(titles)) if done < total else None,
        )
    write_table(comparison_table(comparison), output)
    for line in comparison_lines(comparison, Language(options["language"])):
        click.echo(line)
    click.echo(str(output))


@scenario_group.command(
    "attribute",
    cls=Command,
    epilog="""
    forecasting scenario attribute surge-and-delay --output attribution.csv
    forecasting scenario attribute surge-and-delay --players scenarios --output attribution.xlsx""",
)
@click.argument("name", metavar="NAME")
@click.option(
    "--players", type=click.Choice(["levers", "scenarios"]), default="levers", show_default=True,
    help="Share it among single levers, or among the scenarios it extends.",
)  # fmt: skip
@output_option("FILE")
@paths_options
@language_option
def attribute_command(name: str, players: Players, output: Path, **options: Any) -> None:
    """Share the difference between a scenario and its reference out among its parts.

    The contributions add up to the difference, and do not depend on an order where there are at
    most six parts. FILE, CSV or XLSX, gets one row a contribution:
    scenario,method,measure,entity,unit,part,value.
    """
    from forecasting.briefing.scenarios.lines import attribution_lines
    from forecasting.languages import Language
    from forecasting.projections.attribution import attribute
    from forecasting.projections.attribution_table import attribution_table
    from forecasting.projections.selection import root_of
    from forecasting.runs.progress import Progress
    from forecasting.scenarios import load_scenario
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    scenario = load_scenario(name)
    if not scenario.levers:
        raise InputError(
            f"scenario '{scenario.id}' has no levers", expected="one that differs from a reference"
        )
    with Progress(0, "scenario", unit="step") as progress:
        base = _prepared(root_of(scenario), progress, further=1, **options)
        progress.begin(scenario.id)
        found = attribute(base, scenario, players=players)
    write_table(attribution_table(found), output)
    for line in attribution_lines(found, Language(options["language"])):
        click.echo(line)
    click.echo(str(output))


def _root(name: str) -> Scenario:
    from forecasting.scenarios import load_scenario

    root = load_scenario(name)
    if root.parents:
        raise InputError(
            f"scenario '{root.id}' as the reference",
            where="option --reference",
            expected=f"one that extends nothing, here the one of {', '.join(root.parents)}",
        )
    return root


def _chosen(names: tuple[str, ...], root: Scenario, *, every: bool) -> list[Scenario]:
    """Load the scenarios named, and after them those that ship and go back to the same root."""
    from forecasting.projections.selection import root_of, select_scenarios
    from forecasting.scenarios import load_scenario

    chosen = [load_scenario(name) for name in names]
    for each in chosen:
        if each.chain != root.chain:
            raise InputError(
                f"scenario '{each.id}' of another chain ({each.chain.geo})",
                expected=f"one that extends '{root.id}', directly or through others",
                action=f"for its own reference: --reference {root_of(each).id}",
            )
    if every:
        held = [each for each in select_scenarios().scenarios if each.chain == root.chain]
        chosen += [each for each in held if each.path not in {own.path for own in chosen}]
    if not chosen:
        raise InputError(
            "no scenario", expected="names of `forecasting scenario list`, files, or --all"
        )
    return chosen


def _prepared(root: Scenario, progress: Progress, *, further: int, **options: Any) -> Reference:
    """Prepare what all scenarios share, telling each part as it begins."""
    from forecasting.projections.projection import PARTS
    from forecasting.projections.reference import prepare_reference

    progress.total = len(PARTS) + further
    return prepare_reference(
        root, n_paths=options["paths"], seed=options["seed"], on_step=progress.begin
    )
