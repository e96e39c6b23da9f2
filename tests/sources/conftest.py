"""Fixtures for sources: a small table, a server that serves it, and little patience."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `import server`

from server import Server, Table, make_table, sample_rows, serve

from forecasting.sources.definitions import Source, load_source
from forecasting.sources.http import Patience
from forecasting.sources.store import Store


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local server is never behind a proxy."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def table() -> Table:
    return make_table("migr_asyappctzm", sample_rows())


@pytest.fixture
def eurostat(table: Table):
    with serve([table]) as server:
        yield server


@pytest.fixture
def source(eurostat: Server, tmp_path: Path) -> Source:
    """The applicants, without the shipped figures to compare with."""
    return load_source(eurostat.definition("eurostat-applicants", tmp_path / "own", feeds=[]))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def quick() -> Patience:
    return Patience(attempts=3, backoff=0.02, longest_pause=0.1, connect=2.0, read=0.5)
