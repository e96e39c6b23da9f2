"""Clusters to test on: a scheduler and workers in processes of their own, or in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecasting
from forecasting.engines import Engine
from forecasting.periods import format_period
from forecasting.runs.allowed import NOTEBOOKS_VARIABLE
from forecasting.series import RegularSeries, make_series

SCHEDULER = "from distributed.cli.dask_scheduler import main; main()"
WORKER = "from distributed.cli.dask_worker import main; main()"


@dataclass
class Machines:
    """A scheduler and its workers, each a process that can be killed.

    Attributes
    ----------
    client : distributed.Client
        To look at the cluster with; the suite connects by itself.
    """

    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    client: Any = None

    @property
    def address(self) -> str:
        return str(self.client.scheduler.address)

    @property
    def engine(self) -> Engine:
        return Engine("dask", self.address)

    def start(self, name: str, program: str, *options: str) -> None:
        environment = os.environ | {
            "PYTHONPATH": str(Path(forecasting.__file__).parents[1]),
            "FORECASTING_LANGUAGE": "en",
            NOTEBOOKS_VARIABLE: str(self.folder),
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-c", program, *options],
                env=environment, stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip

    def start_workers(self, *names: str, before: str = "") -> None:
        """Start workers without a nanny, so that one that is killed stays dead."""
        file = str(self.folder / "scheduler.json")
        for name in names:
            options = [
                *("--scheduler-file", file, "--name", name, "--no-nanny", "--nthreads", "1"),
                *("--no-dashboard", "--host", "127.0.0.1"),
            ]
            self.start(name, f"{before}\n{WORKER}", *options)
        self.client.wait_for_workers(len(self.names()) + len(names), timeout=60)

    def names(self) -> dict[str, str]:
        """Return the addresses of the workers by name."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        return {worker["name"]: address for address, worker in workers.items()}

    def busy(self, name: str) -> bool:
        """Whether the worker has tasks to do."""
        address = self.names().get(name)
        return bool(self.client.processing([address])[address]) if address else False

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Return a scheduler with the workers a and b."""
    distributed = pytest.importorskip("distributed")
    found = Machines(tmp_path_factory.mktemp("cluster"))
    file = str(found.folder / "scheduler.json")
    found.start("scheduler", SCHEDULER, "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                "--dashboard-address", "127.0.0.1:0", "--scheduler-file", file)  # fmt: skip
    try:
        found.client = distributed.Client(scheduler_file=file, timeout=60, set_as_default=False)
        found.start_workers("a", "b")
        yield found
    finally:
        if found.client:
            found.client.close()
        for process in found.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
def in_process() -> Callable[..., Any]:
    """Return a context manager: a cluster in this process, without its start-up."""
    distributed = pytest.importorskip("distributed")

    @contextmanager
    def start(**options: Any) -> Iterator[Any]:
        anywhere = "127.0.0.1:0"
        usual = {"n_workers": 1, "threads_per_worker": 1, "protocol": "tcp", "processes": False,
                 "dashboard_address": anywhere, "worker_dashboard_address": anywhere,
                 "host": "127.0.0.1"}  # fmt: skip
        with distributed.LocalCluster(**(usual | options)) as cluster:
            yield cluster

    return start


@pytest.fixture(scope="session")
def batch() -> list[RegularSeries]:
    """Eight monthly series of six years."""
    return [own_series(seed) for seed in range(8)]


def own_series(seed: int, length: int = 72) -> RegularSeries:
    rng = np.random.default_rng(seed)
    values = np.round(np.expm1(5 + np.cumsum(rng.normal(0, 0.15, length))))
    periods = pd.period_range("2015-01", periods=length, freq="M")
    return make_series([format_period(p) for p in periods], values, series_id=f"s{seed:03d}")
