"""The command line inside this process, for tests of what it prints and returns."""

from __future__ import annotations

import math
import os
import shutil
import signal
import statistics
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click
import pytest
from click.testing import CliRunner

from forecasting.cli import main

if TYPE_CHECKING:
    from click.testing import Result


# A script's background job ignores Ctrl-C, and so would the processes that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are English, whatever the language of the machine that tests."""
    for name in ("FORECASTING_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test remembers for itself, and none what somebody refreshed in this checkout."""
    monkeypatch.setenv("FORECASTING_STORE", str(tmp_path_factory.getbasetemp() / uuid4().hex))


@pytest.fixture
def run(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs ``forecasting`` with arguments in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, words, prog_name="forecasting")

    return invoke


@pytest.fixture(scope="session")
def program() -> click.Context:
    """Return the parent to parse a command under: click keeps the first help option it makes.

    Without a parent that would be one without ``-h``, for the rest of the process.
    """
    return click.Context(main, info_name="forecasting", **main.context_settings)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return a real browser, one for all tests of a process; without one the reason to skip."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    binary = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if binary is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = driver.chromium.launch(executable_path=binary, args=options)
        yield started
        started.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what a browser measured from an input to painted figures; nothing is asserted."""
    for report in terminalreporter.getreports("passed"):
        found = sorted(dict(report.user_properties).get("milliseconds", ()))
        if not found:
            continue
        terminalreporter.write_sep("=", "explorer: from a slider's input to painted figures")
        p95 = found[min(len(found) - 1, math.ceil(0.95 * len(found)) - 1)]
        terminalreporter.write_line(
            f"{len(found)} moves: median {statistics.median(found):.0f} ms, "
            f"95th percentile {p95:.0f} ms, longest {found[-1]:.0f} ms"
        )
