"""What the verbs of the command line share: the group, errors, options of a file of series."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from forecasting.errors import ForecastingError, InputError
from forecasting.languages.messages import environment_language, message_language, say
from forecasting.locations import STORE_VARIABLE, store_dir

if TYPE_CHECKING:
    from forecasting.engines import Engine
    from forecasting.runs.progress import Progress


class _Group(click.Group):
    """Turns errors of the suite into one message and an exit code, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            ctx.with_resource(message_language(environment_language(os.environ)))
            os.environ[STORE_VARIABLE] = str(store_dir())  # the same for kernels and workers
            return super().invoke(ctx)
        except ForecastingError as problem:
            fail(str(problem), problem.exit_code)
        except KeyboardInterrupt:
            fail(say("interrupted; nothing half-written remains"), 130)


def print_error(message: str) -> None:
    """Print an error line by line, each with the word for it."""
    for line in message.split("\n"):
        click.echo(say("error: {line}", line=line), err=True)


def fail(message: str, code: int) -> NoReturn:
    """Print an error and end the process with a code."""
    print_error(message)
    sys.exit(code)


class _WithExamples(click.Command):
    """Keeps the line breaks of the examples in the help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples line by line."""
        if self.epilog:
            formatter.write("\nExamples:\n")
            for line in self.epilog.strip().splitlines():
                formatter.write(f"  {line.strip()}\n")


class Command(_WithExamples):
    """A command with examples in its help; messages follow its ``--language``, if it is given."""

    def invoke(self, ctx: click.Context) -> Any:
        """Choose the language, then do as any command."""
        if ctx.get_parameter_source("language") is ParameterSource.COMMANDLINE:
            # until the end of the process, so that the error is printed in it too
            ctx.find_root().with_resource(message_language(ctx.params["language"]))
        return super().invoke(ctx)


class CommandGroup(_WithExamples, click.Group):
    """A command of commands, with examples in its help."""


def batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command on a file of series has."""
    options: list[Callable[[Any], Any]] = [
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
        engine_options,
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the work is done; see `chosen_engine`."""
    command = click.option(
        "--scheduler", default="", metavar="ADDRESS",
        help="With --engine dask: tcp://HOST:PORT or tls://HOST:PORT.",
    )(command)  # fmt: skip
    return click.option(
        "--engine", default="local", show_default=True, metavar="local|dask",
        help="Processes of this machine, or the workers of a Dask cluster.",
    )(command)  # fmt: skip


def chosen_engine(engine: str, scheduler: str, *, jobs: int | None) -> Engine:
    """Return the engine that the options ask for.

    Raises
    ------
    InputError
        If the options do not go together.
    """
    from forecasting.engines import Engine

    chosen = Engine(engine, scheduler)
    if chosen.name == "dask" and jobs is not None:
        raise InputError(
            say("a number of processes with the engine dask"),
            where="--jobs",
            expected=say("none: a cluster has as many as it has workers"),
        )
    return chosen


def reporter(progress: Progress, *, per_step: int = 1) -> Callable[[int, int], None]:
    """Make a step of so many that are done."""

    def report(done: int, total: int) -> None:
        progress.total = -(-total // per_step)
        progress.begin("")

    return report


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="forecasting", message="%(prog)s %(version)s")
def main() -> None:
    """Forecasts, targets with probabilities, and briefings from published figures.

    Exit codes: 0 done, 2 bad input, 3 a notebook failed, 4 another run holds the output directory;
    of a night 11 to 100: ten more than how many of its briefings and sources failed.
    """
