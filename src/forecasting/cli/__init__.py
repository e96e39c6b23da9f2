"""Command line: ``forecasting <verb>``. Every verb checks its options and calls the library."""

from __future__ import annotations

from forecasting.cli import (
    briefings,
    caseload,
    data,
    data_import,
    data_store,
    explore,
    flows,
    history,
    night,
    programme,
    programmes,
    progress,
    savings,
    scenarios,
    stocks,
    suite,
)
from forecasting.cli.common import main

__all__ = [
    "briefings",
    "caseload",
    "data",
    "data_import",
    "data_store",
    "explore",
    "flows",
    "history",
    "main",
    "night",
    "programme",
    "programmes",
    "progress",
    "savings",
    "scenarios",
    "stocks",
    "suite",
]
