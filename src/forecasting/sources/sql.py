"""Names and texts in statements for DuckDB, which takes no parameters for tables and columns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def quoted(name: str) -> str:
    """Write the name of a column."""
    return '"' + name.replace('"', '""') + '"'


def columns(names: Iterable[str]) -> str:
    """Write a list of columns."""
    return ", ".join(quoted(name) for name in names)


def text(value: str | Path) -> str:
    """Write a text."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Write a list of texts."""
    return ", ".join(text(value) for value in values)
