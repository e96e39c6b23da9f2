"""The command line inside this process, for tests of what it prints and returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from forecasting.cli import main

if TYPE_CHECKING:
    from click.testing import Result


@pytest.fixture
def run(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs ``forecasting`` with arguments in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, words, prog_name="forecasting")

    return invoke
