"""The commands that the documents name, as they stand there, and what they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHELLS = ("sh", "bash", "bat", "powershell", "console", "cron", "ini")
BEGINS = {"console": "$ ", "ini": "ExecStart="}
"""How a line with a command begins, where not every line has one."""

_BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:forecasting|make) [^`]+)`")
_CALL = re.compile(r"^(?:\S*[/\\])?forecasting ")
_REST = re.compile(r"\s(?:\||>|>>|2>).*")
_PROGRESS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")


def pages() -> list[Path]:
    """Return the README, the notes for contributors, and every page of the documentation."""
    docs = [
        path
        for path in sorted((ROOT / "docs").rglob("*.md"))
        if not path.relative_to(ROOT / "docs").parts[0].startswith("_")
    ]
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *docs]


@dataclass(frozen=True)
class Line:
    """A line of a shell, or a command in a sentence.

    Attributes
    ----------
    page : str
        Where it stands, from the root of the project.
    text : str
        Without a comment.
    output : tuple of str or None
        What the page shows as its output; ``...`` stands for any number of lines.
    named : bool
        Whether it stands in a sentence.
    """

    page: str
    text: str
    output: tuple[str, ...] | None = None
    named: bool = False

    @property
    def words(self) -> list[str] | None:
        """Arguments of ``forecasting``; None for other commands."""
        found = _CALL.match(self.text)
        return shlex.split(_REST.sub("", self.text[found.end() :])) if found else None


def lines(page: Path) -> Iterator[Line]:
    """Return the commands of a page: those of the blocks in their order, then the named ones."""
    text = page.read_text(encoding="utf-8")
    name = page.relative_to(ROOT).as_posix()
    for language, block in _BLOCK.findall(text):
        if language == "console":
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, *output = part.splitlines()
                yield Line(name, command, tuple(output))
        elif language in SHELLS:
            yield from (Line(name, command) for command in _commands(block, language))
    for command in _INLINE.findall(_BLOCK.sub("", text)):
        yield Line(name, " ".join(command.split()), named=True)


def _commands(block: str, language: str) -> Iterator[str]:
    begin = BEGINS.get(language, "")
    for line in block.replace("\\\n", " ").splitlines():
        command = re.sub(r"(^|\s)#.*", "", line.removeprefix(begin)).strip()
        if command and line.startswith(begin):
            yield from (part.strip() for part in command.split(" && "))


def without_progress(output: str) -> list[str]:
    """Return the lines of an output but for those that report progress."""
    return [line for line in output.splitlines() if not _PROGRESS.match(line)]


def same(expected: tuple[str, ...], found: list[str]) -> bool:
    """Compare line by line; ``...`` stands for any number of lines."""
    if not expected:
        return not found
    if expected[0].strip() == "...":
        return any(same(expected[1:], found[start:]) for start in range(len(found) + 1))
    return bool(found) and expected[0] == found[0] and same(expected[1:], found[1:])


def excerpts(page: Path) -> list[str]:
    """Return what a page shows of the tables that its commands write."""
    text = page.read_text(encoding="utf-8")
    return [block for language, block in _BLOCK.findall(text) if language == "csv"]


def diffs(page: Path) -> list[tuple[str, str]]:
    """Return the changes that a page asks for: the lines before and after."""
    text = page.read_text(encoding="utf-8")
    changes = [block.splitlines() for language, block in _BLOCK.findall(text) if language == "diff"]
    return [
        (
            "\n".join(line[1:] for line in change if not line.startswith("+")),
            "\n".join(line[1:] for line in change if not line.startswith("-")),
        )
        for change in changes
    ]
