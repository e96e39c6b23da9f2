"""Every command of the documents: understood, and carried out here or known from elsewhere.

Shell lines are carried out page by page, in order, in a folder with the files that the page speaks
of, and what a page shows as their output is compared. What takes a network, a browser, a cluster or
long stands in `ELSEWHERE`, with its reason.
"""

from __future__ import annotations

import inspect
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from documented import ROOT, Line, diffs, excerpts, lines, pages, same, without_progress

from forecasting.cli import main

PAGES = {page.relative_to(ROOT).as_posix(): list(lines(page)) for page in pages()}
LINES = [line for found in PAGES.values() for line in found]
CALLS = [line for line in LINES if line.words is not None]

ELSEWHERE = {
    r"forecasting brief\b(?!.*--help)": "ten seconds each; tests/test_main_job.py, tests/runs",
    r"forecasting run\b(?!.*--show)": "half a minute each; tests/notebooks, tests/runs",
    r"forecasting explore\b": "needs a browser; tests/browser",
    r"forecasting night\b": "a minute and more; tests/runs/test_night.py",
    r"forecasting data refresh(?!.*--offline)": "asks publishers; tests/sources has a server",
    r"forecasting scenario (compare|attribute) .*(contingency|surge-and|my\.yaml|halve .*xlsx)":
        "ten seconds each; README.md and docs/tutorial.md show others with their output",
    r"forecasting history .*--by": "needs an archive of runs; tests/unit/test_history_command.py",
    r"forecasting programme progress .*achieved\.xlsx":
        "the spreadsheet has to be filled in; tests/unit/test_progress.py",
    r"forecasting check dsp\.xlsx": "has to be filled in; tests/bad_input/test_recipients_table.py",
    r"forecasting .*--engine dask": "needs a cluster; tests/cluster",
    r"dask (scheduler|worker)\b": "tests/cluster starts them",
    r"README\.md: forecasting data diff": "docs/vintages.md has the same",
    r"docs/how-to/methodologist\.md: forecasting (programme (tables|note|comp)|targets)":
        "README.md and docs/mid-term-review.md have the same",
    r"docs/mid-term-review\.md: ": "tests/unit/test_mid_term_review.py",
    r"make \w+": "tests/unit/test_documentation.py looks for the target",
    r"(\S+[/\\])?(python3?|py) -m (venv|pip|pytest)\b": ".ci/run installs and tests",
    r"pip install": ".ci/run installs",
    r"git clone|cd |source ": "goes to another folder",
    r"\S+pre-commit install": "a hook for contributors",
}  # fmt: skip
"""What is not carried out here, as ``page: command`` reads, and why."""

SHELL = ("cp", "sed", "grep")
"""Other programs that are carried out."""


def told(line: Line) -> str:
    """Write a line with its page, and ``forecasting`` without its folder."""
    text = line.text if line.words is None else shlex.join(["forecasting", *line.words])
    return f"{line.page}: {text}"


def reason(line: Line) -> str | None:
    """Say why a line is not carried out here."""
    places = (rf"(^|: ){pattern}" for pattern in ELSEWHERE)
    found = (
        why
        for place, why in zip(places, ELSEWHERE.values(), strict=True)
        if re.search(place, told(line))
    )
    return next(found, None)


def resolve(words: list[str]) -> tuple[list[str], click.Command, list[str]]:
    """Split words into the names of the verb, its command, and the arguments."""
    names, command, rest = [], main, list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        names.append(rest.pop(0))
        assert names[-1] in command.commands, f"no command {' '.join(names)}"
        command = command.commands[names[-1]]
    return names, command, rest


def understand(words: list[str], program: click.Context, *, named: bool = False) -> None:
    """Hold a command against the options and arguments that there are."""
    names, command, rest = resolve(words)
    if {"--help", "--version"} & set(rest) or (named and not rest):
        return
    try:
        command.make_context(names[-1], rest, parent=program)
    except click.MissingParameter:
        assert named, words  # in a sentence, without what it takes


def verb(line: Line) -> str:
    return " ".join(resolve(line.words)[0])


@pytest.mark.parametrize("line", CALLS, ids=lambda line: f"{line.page}: {line.text}")
def test_a_documented_command_is_understood(line: Line, program: click.Context):
    understand(line.words, program, named=line.named)


def examples(command: click.Command) -> Iterator[str]:
    whole = inspect.cleandoc(command.epilog or "").replace("\\\n", " ")
    yield from whole.splitlines()
    for part in getattr(command, "commands", {}).values():
        yield from examples(part)


@pytest.mark.parametrize("example", list(examples(main)))
def test_an_example_of_the_help_is_understood(example: str, program: click.Context):
    name, *words = shlex.split(example.partition(" > ")[0])
    assert name == "forecasting"
    understand(words, program)


def test_the_readme_names_every_command():
    named = {verb(line).split()[0] for line in PAGES["README.md"] if line.words}
    assert named == set(main.commands)


def test_no_command_is_unchecked():
    in_blocks = {verb(line) for line in CALLS if not line.named}  # carried out, or with a reason
    unchecked = [
        f"{line.page}: {line.text}"
        for line in LINES
        if reason(line) is None
        and (
            line.text.split()[0] not in SHELL
            if line.words is None
            else line.named and verb(line) not in in_blocks
        )
    ]
    assert unchecked == []


def test_every_reason_is_needed():
    found = [told(line) for line in LINES]
    unused = [each for each in ELSEWHERE if not any(re.search(f"(^|: ){each}", t) for t in found)]
    assert unused == []


def carry_out(line: Line) -> list[str]:
    assert not re.search(r"(^|[\s=])[/~]", line.text), f"outside the folder: {line.text}"
    if line.words is None:
        subprocess.run(["sh", "-c", line.text], check=True, timeout=60)
        return []
    result = CliRunner().invoke(main, line.words, prog_name="forecasting")
    failed = "error: " in result.output and bool(line.output)  # shown as an error
    assert result.exit_code == (2 if failed else 0), f"{line.text}\n{result.output}"
    return without_progress(result.output)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="the lines are those of a shell")
@pytest.mark.parametrize(
    "page",
    [
        name
        for name, found in PAGES.items()
        if any(not line.named and reason(line) is None for line in found)
    ],
)
def test_the_commands_of_a_page_do_what_it_shows(page: str, desk):
    folder = desk(page)
    changes = diffs(ROOT / page)
    tables = set(excerpts(ROOT / page))
    for line in PAGES[page]:
        if line.named or reason(line):
            continue
        found = carry_out(line)
        if line.output is not None:
            assert same(line.output, found), "\n".join([f"$ {line.text}", *found])
        changes = [change for change in changes if not applied(change, folder)]
        written = [path.read_text(encoding="utf-8") for path in folder.glob("*.csv")]
        tables = {table for table in tables if not any(t.startswith(table) for t in written)}
    assert (changes, tables) == ([], set())


def applied(change: tuple[str, str], folder: Path) -> bool:
    """Make a change that the page asks for in the file that it fits, if that is there."""
    before, after = change
    for path in folder.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if text.count(before) == 1:
            path.write_text(text.replace(before, after), encoding="utf-8")
            return True
    return False
