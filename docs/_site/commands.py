"""The reference of the command line, written from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from forecasting.cli import main


def write_commands(folder: Path) -> None:
    """Write one page for every verb of ``forecasting``.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = click.Context(main, info_name="forecasting")
    for name, command in sorted(main.commands.items()):
        page = "\n".join(_lines(command, click.Context(command, root, info_name=name)))
        (folder / f"{name}.md").write_text(page, encoding="utf-8")


def _lines(command: click.Command, context: click.Context, level: int = 1) -> Iterator[str]:
    yield f"{'#' * level} {context.command_path}\n"
    yield from (f"{_escape(part)}\n" for part in _paragraphs(command.help))
    usage = [context.command_path, *command.collect_usage_pieces(context)]
    yield f"```text\n{' '.join(usage)}\n```\n"
    records = [each.get_help_record(context) for each in command.params]
    if shown := [record for record in records if record and record[1]]:
        yield "| option | meaning |\n|---|---|"
        yield from (f"| {_code(option)} | {_cell(meaning)} |" for option, meaning in shown)
        yield ""
    if command.epilog:
        yield f"```sh\n{inspect.cleandoc(command.epilog)}\n```\n"
    if isinstance(command, click.Group):
        for name, part in sorted(command.commands.items()):
            yield from _lines(part, click.Context(part, context, info_name=name), level + 1)


def _paragraphs(text: str | None) -> list[str]:
    whole = inspect.cleandoc(text or "").replace("\b\n", "")
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", whole)]


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", text)


def _code(option: str) -> str:
    return "`" + option.replace("|", r"\|") + "`"


def _cell(meaning: str) -> str:
    return _escape(" ".join(meaning.split()))
