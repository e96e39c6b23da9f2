"""Every line of the threat model names a test, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security.md"
NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def lines() -> list[list[str]]:
    """Cells of every line of the tables, without heads."""
    text = PAGE.read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return [row for row in rows if row[-1] != "test" and set(row[0]) != {"-"}]


@cache
def functions(file: str) -> frozenset[str]:
    """Tests of a file."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_the_page_has_lines():
    assert len(lines()) > 20
    assert all(len(row) == 3 and all(row) for row in lines())


@pytest.mark.parametrize("row", lines(), ids=lambda row: row[0][:50])
def test_a_line_names_tests_that_are_there(row):
    named = NAMED.findall(row[-1])
    assert named
    for file, function in named:
        assert function.startswith("test_"), f"{file}: name one of its tests"
        assert (TESTS / file).is_file(), file
        assert function in functions(file), f"{file}::{function}"


def test_every_file_of_these_tests_has_its_line():
    named = {file for row in lines() for file, _ in NAMED.findall(row[-1])}
    own = {f"security/{path.name}" for path in Path(__file__).parent.glob("test_*.py")}
    assert own - named == {f"security/{Path(__file__).name}"}
