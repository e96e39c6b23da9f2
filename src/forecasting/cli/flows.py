"""``forecasting forecast``, ``backtest`` and ``target-backtest``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forecasting.cli.common import Command, batch_options, chosen_engine, fail, main, reporter
from forecasting.errors import InputError


@main.command(
    "forecast",
    cls=Command,
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
@batch_options
def forecast_command(
    input_csv: Path,
    output: Path,
    jobs: int | None,
    engine: str,
    scheduler: str,
    **options: Any,
) -> None:
    """Forecast every series of INPUT.csv (series_id,period,value) into a long table.

    Periods are YYYY-MM, YYYY-Qn or YYYY. A series that cannot be forecast gets one row with the
    reason in the column flag; the others are written, and the exit code is 2.
    """
    from forecasting.forecasts.table import BatchOptions, forecast_file
    from forecasting.runs.progress import Progress
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    chosen = chosen_engine(engine, scheduler, jobs=jobs)
    with Progress(0, "forecast", unit="series", every_seconds=5) as progress:
        table, problems = forecast_file(
            input_csv,
            BatchOptions(**options),
            jobs=jobs,
            on_done=reporter(progress),
            engine=chosen,
        )
    write_table(table, output)
    click.echo(f"{table['series_id'].nunique() - len(problems)} series forecast: {output}")
    if problems:
        fail("\n".join(problems), 2)


@main.command(
    "backtest",
    cls=Command,
    epilog="""
    forecasting backtest applications.csv --horizon 12 --origins 14 --step 8 \\
        --output forecasts.csv --scores scores.csv
    forecasting backtest applications.csv --horizon 24 --origins 6 --step 12 \\
        --models pool,prophet,seasonal_naive --output f.csv --scores s.csv
    forecasting backtest applications.csv --horizon 12 --origins 24 --output f.csv \\
        --scores s.csv --engine dask --scheduler tcp://192.0.2.10:8786""",
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
@batch_options
def backtest_command(engine: str, scheduler: str, **options: Any) -> None:
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
    chosen = chosen_engine(engine, scheduler, jobs=options["jobs"])
    with Progress(0, "backtest", unit="forecasts", every_seconds=5) as progress:
        result = backtest_file(models=models, on_done=reporter(progress), engine=chosen, **options)
    write_table(result.forecasts, output)
    write_table(result.scores, scores_path)
    for line in skill_lines(result.scores, benchmark=benchmark):
        click.echo(line)
    click.echo(f"{len(result.forecasts):,} rows: {output}; {len(result.scores):,}: {scores_path}")
    if result.problems:
        fail("\n".join(result.problems), 2)


@main.command(
    "target-backtest",
    cls=Command,
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
@batch_options
def target_backtest_command(output: Path, engine: str, scheduler: str, **options: Any) -> None:
    """Set targets at past origins of INPUT.csv and see how often they were met.

    One row a case: series_id,origin,window_months,probability,target,outcome,met. Printed is the
    share that was met with its interval, beside the practice of n times the last year.
    """
    from forecasting.evaluation.files import attainment_lines, target_backtest_file
    from forecasting.evaluation.target_backtest import TARGET_COLUMNS
    from forecasting.runs.progress import Progress
    from forecasting.tables import check_table_path, write_table

    check_table_path(output)
    chosen = chosen_engine(engine, scheduler, jobs=options["jobs"])
    with Progress(0, "target-backtest", unit="cases", every_seconds=5) as progress:
        result = target_backtest_file(on_done=reporter(progress), engine=chosen, **options)
    write_table(result.cases[list(TARGET_COLUMNS)], output)
    for line in attainment_lines(result.cases):
        click.echo(line)
    click.echo(str(output))
    if result.problems:
        fail("\n".join(result.problems), 2)
