"""Command line: ``forecasting <verb>``. Every verb checks its options and calls the library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from forecasting.errors import ForecastingError, InputError
from forecasting.languages import language_codes

if TYPE_CHECKING:
    from forecasting.runs.progress import Progress

PROGRAMME = "si-amif-2021-2027"


class _Group(click.Group):
    """Turns errors of the suite into one message and an exit code, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ForecastingError as problem:
            _fail(str(problem), problem.exit_code)
        except KeyboardInterrupt:
            _fail("interrupted; nothing half-written remains", 130)


def _fail(message: str, code: int) -> NoReturn:
    for line in message.split("\n"):
        click.echo(f"error: {line}", err=True)
    sys.exit(code)


class _Command(click.Command):
    """Keeps the line breaks of the examples in the help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog:
            formatter.write("\nExamples:\n")
            for line in self.epilog.strip().splitlines():
                formatter.write(f"  {line.strip()}\n")


def _batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command on a file of series has."""
    options = [
        click.option(
            "--paths", "n_paths", default=1000, show_default=True,
            help="Joint sample paths per series.",
        ),
        click.option("--seed", default=1, show_default=True),
        click.option("--jobs", type=click.IntRange(1), help="Processes; default: one per core."),
        click.option(
            "--missing", type=click.Choice(["error", "interpolate", "cut", "keep"]),
            default="error", show_default=True,
            help="How to treat a gap or an empty value; keep: only for models that can.",
        ),
        click.option(
            "--panel", type=click.Choice(["batch", "asylum"]), default="batch", show_default=True,
            help="Past situations to learn from: the file's own, if it has five series, or those "
            "of asylum applicants in ten countries.",
        ),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _reporter(progress: Progress, *, per_step: int = 1) -> Callable[[int, int], None]:
    """Make a step of so many that are done."""

    def report(done: int, total: int) -> None:
        progress.total = -(-total // per_step)
        progress.begin("")

    return report


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="forecasting", message="%(prog)s %(version)s")
def main() -> None:
    """Forecasts, targets with probabilities, and briefings from published figures.

    Exit codes: 0 done, 2 bad input, 3 a notebook failed, 4 another run holds the output directory.
    """


@main.command(
    cls=_Command,
    epilog="""
    forecasting brief
    forecasting brief --language sl --as-of 2021-12
    forecasting brief --geo FI --output-dir /srv/briefings""",
)
@click.option("--programme", default=PROGRAMME, show_default=True, metavar="ID|FILE.yaml")
@click.option("--geo", default="SI", show_default=True, help="Country, by Eurostat's code.")
@click.option("--as-of", default="", metavar="YYYY-MM", help="Only what was known by then.")
@click.option("--language", type=click.Choice(language_codes()), default="en", show_default=True)
@click.option("--paths", default=5000, show_default=True, help="Joint sample paths.")
@click.option("--seed", default=1, show_default=True)
@click.option("--output-dir", default="outputs", show_default=True, type=click.Path(path_type=Path))
def brief(**options: Any) -> None:
    """Make a briefing: outputs/<run_id>/briefing.pdf with its tables and manifest."""
    from forecasting.runs.brief import BriefRequest, run_brief

    click.echo(str(run_brief(BriefRequest(**options))))


@main.command(
    "forecast",
    cls=_Command,
    epilog="""
    forecasting forecast applications.csv --horizon 24 --output forecast.csv
    forecasting forecast applications.csv --horizon 12 --origin 2023-12 --model ets-log -o f.csv
    forecasting forecast slovenia.csv --horizon 60 --panel asylum --output forecast.csv""",
)
@click.argument("input_csv", metavar="INPUT.csv", type=click.Path(path_type=Path))
@click.option("--horizon", required=True, type=int, help="Periods after the origin.")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
@click.option("--origin", metavar="PERIOD", help="Last period known; default: the last of each.")
@click.option(
    "--model", default="pool", show_default=True,
    help="pool, fast (for thousands of series), or models by name, joined by +.",
)  # fmt: skip
@_batch_options
def forecast_command(input_csv: Path, output: Path, jobs: int | None, **options: Any) -> None:
    """Forecast every series of INPUT.csv (series_id,period,value) into a long table.

    Periods are YYYY-MM, YYYY-Qn or YYYY. A series that cannot be forecast gets one row with the
    reason in the column flag; the others are written, and the exit code is 2.
    """
    from forecasting.forecasts.table import BatchOptions, forecast_file
    from forecasting.runs.progress import Progress
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    with Progress(0, "forecast", unit="series", every_seconds=5) as progress:
        table, problems = forecast_file(
            input_csv, BatchOptions(**options), jobs=jobs, on_done=_reporter(progress)
        )
    write_table(table, output)
    click.echo(f"{table['series_id'].nunique() - len(problems)} series forecast: {output}")
    if problems:
        _fail("\n".join(problems), 2)


@main.command(
    "backtest",
    cls=_Command,
    epilog="""
    forecasting backtest applications.csv --horizon 12 --origins 14 --step 8 \\
        --output forecasts.csv --scores scores.csv
    forecasting backtest applications.csv --horizon 24 --origins 6 --step 12 \\
        --models pool,prophet,seasonal_naive --output f.csv --scores s.csv""",
)
@click.argument("input_csv", metavar="INPUT.csv", type=click.Path(path_type=Path))
@click.option("--horizon", required=True, type=int, help="Periods after each origin.")
@click.option("--origins", required=True, type=int, help="How many, the last a horizon ago.")
@click.option("--step", default=1, show_default=True, help="Periods between origins.")
@click.option(
    "--models", default="pool,random_walk,seasonal_naive,last_official", show_default=True,
    metavar="A,B", help="pool, fast, or models by name.",
)  # fmt: skip
@click.option("--benchmark", default="random_walk", show_default=True, help="For the skill shown.")
@click.option("--as-of", default="", metavar="PERIOD", help="Use no observation after it.")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path), help="Forecasts.")
@click.option("--scores", required=True, type=click.Path(path_type=Path), help="Scores.")
@_batch_options
def backtest_command(**options: Any) -> None:
    """Forecast INPUT.csv at past origins and score the forecasts against what followed.

    The forecasts have the format of `forecasting forecast`, the scores the columns
    series_id,model,origin,horizon,metric,value. Printed is the skill against a benchmark.
    """
    from forecasting.evaluation.files import backtest_file, skill_lines
    from forecasting.runs.progress import Progress
    from forecasting.tables import check_table_path, write_table

    output, scores_path, benchmark = (
        options.pop(name) for name in ("output", "scores", "benchmark")
    )
    check_table_path(output)
    check_table_path(scores_path)
    models = tuple(name.strip() for name in options.pop("models").split(","))
    if benchmark not in models:
        raise InputError(f"benchmark '{benchmark}'", expected=f"one of {', '.join(models)}")
    with Progress(0, "backtest", unit="forecasts", every_seconds=5) as progress:
        result = backtest_file(models=models, on_done=_reporter(progress), **options)
    write_table(result.forecasts, output)
    write_table(result.scores, scores_path)
    for line in skill_lines(result.scores, benchmark=benchmark):
        click.echo(line)
    click.echo(f"{len(result.forecasts):,} rows: {output}; {len(result.scores):,}: {scores_path}")
    if result.problems:
        _fail("\n".join(result.problems), 2)


@main.command(
    "target-backtest",
    cls=_Command,
    epilog="""
    forecasting target-backtest applications.csv --probability 0.8 --window 36 --origins 14 \\
        --output cases.csv""",
)
@click.argument("input_csv", metavar="INPUT.csv", type=click.Path(path_type=Path))
@click.option("--probability", default=0.8, show_default=True, help="Attainment probability.")
@click.option("--window", required=True, type=int, help="Months that are counted.")
@click.option("--origins", required=True, type=int, help="How many, the last a window ago.")
@click.option("--step", default=8, show_default=True, help="Periods between origins.")
@click.option("--as-of", default="", metavar="PERIOD", help="Use no observation after it.")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
@_batch_options
def target_backtest_command(output: Path, **options: Any) -> None:
    """Set targets at past origins of INPUT.csv and see how often they were met.

    One row a case: series_id,origin,window_months,probability,target,outcome,met. Printed is the
    share that was met with its interval, beside the practice of n times the last year.
    """
    from forecasting.evaluation.files import attainment_lines, target_backtest_file
    from forecasting.evaluation.target_backtest import TARGET_COLUMNS
    from forecasting.runs.progress import Progress
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    with Progress(0, "target-backtest", unit="cases", every_seconds=5) as progress:
        result = target_backtest_file(on_done=_reporter(progress), **options)
    write_table(result.cases[list(TARGET_COLUMNS)], output)
    for line in attainment_lines(result.cases):
        click.echo(line)
    click.echo(str(output))
    if result.problems:
        _fail("\n".join(result.problems), 2)


@main.command(
    cls=_Command,
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
    """Re-derive the published values of PROGRAMME and propose targets from the forecast.

    Prints the calculation of each value; FILE.csv or FILE.xlsx gets one row per value.
    """
    from forecasting.briefing.listing import target_lines
    from forecasting.languages import Language
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.proposals import TargetRequest, propose_from_reference
    from forecasting.programmes.table import targets_table
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    words, loaded = Language(language), load_programme(programme)
    options["n_paths"] = options.pop("paths")
    proposals, result = propose_from_reference(loaded, TargetRequest(**options))
    write_table(targets_table(loaded, proposals, words, result), output)
    for line in target_lines(loaded, proposals, words, result):
        click.echo(line)
    click.echo(str(output))


@main.command(
    "occupancy",
    cls=_Command,
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
        report = _reporter(progress, per_step=PATHS_PER_REPORT)
        projection = run_occupancy(load_occupancy(config), on_done=report)
    lines = occupancy_lines(projection)
    write_table(occupancy_table(projection), output)
    for line in lines:
        click.echo(line)
    click.echo(str(output))


@main.command(
    "template",
    cls=_Command,
    epilog="""
    forecasting template stays --output centre.xlsx
    forecasting template monthly --language sl --output center.xlsx""",
)
@click.argument("kind", type=click.Choice(["stays", "monthly"]))
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(language_codes()), default="en", show_default=True)
def template_command(kind: str, output: Path, language: str) -> None:
    """Write an empty spreadsheet for a centre's own records.

    stays: one row a stay, with the days of entry and exit; monthly: one row a month, with entries,
    exits and persons present. Filled in, a configuration of `forecasting occupancy` names it:
    records: {file: centre.xlsx, kind: stays}.
    """
    from forecasting.languages import Language
    from forecasting.sources.centre_template import write_centre_template

    click.echo(str(write_centre_template(kind, output, words=Language(language))))


@main.command(
    "backlog",
    cls=_Command,
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
    cls=_Command,
    epilog="""
    forecasting check
    forecasting check data/programmes/si-amif-2021-2027.yaml my-series.csv""",
)
@click.argument("paths", nargs=-1, metavar="[PATH ...]", type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check data files: schema, checksums, units, dates, duplicates, gaps, formulas.

    PATH is a file or a folder; default: all data of the suite.
    """
    from forecasting.checks import check_files

    reports = check_files(list(paths) or None)
    for report in reports:
        for problem in report.problems:
            click.echo(f"error: {problem}", err=True)
        if not report.problems:
            click.echo(f"ok     {report.path}: {report.summary}")
        for remark in report.remarks:
            click.echo(f"note   {report.path}: {remark}")
    wrong = sum(len(report.problems) for report in reports)
    click.echo(f"{len(reports)} files checked, {wrong} problems")
    if wrong:
        sys.exit(2)
