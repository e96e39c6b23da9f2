"""Command line: ``forecasting <verb>``. Every verb checks its options and calls the library."""

from __future__ import annotations

from forecasting.cli import (
    briefings,
    caseload,
    explore,
    flows,
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
    "explore",
    "flows",
    "main",
    "programme",
    "programmes",
    "progress",
    "savings",
    "scenarios",
    "stocks",
    "suite",
]
