"""Command line: ``forecasting <verb>``. Every verb checks its options and calls the library."""

from __future__ import annotations

from forecasting.cli import (
    briefings,
    caseload,
    flows,
    programme,
    programmes,
    progress,
    savings,
    stocks,
)
from forecasting.cli.common import main

__all__ = [
    "briefings",
    "caseload",
    "flows",
    "main",
    "programme",
    "programmes",
    "progress",
    "savings",
    "stocks",
]
