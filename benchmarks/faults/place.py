"""A folder in which faults are injected: store, outputs, plan, and a publisher on this machine."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from forecasting.locations import data_dir

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "sources"))
from server import Table, make_table, serve

SOURCE = "eurostat-applicants"
RUN_SECONDS = 300
PATHS = 100
VERSIONS = 3
"""Of the publisher's table: two are held before a fault, the third comes with it."""

SERVED = "migr_asyappctzm"


def table(version: int) -> Table:
    """Applicants of the two countries that ship, the last three months revised by version."""
    path = data_dir() / "reference" / "eurostat_asylum_applicants_monthly.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    newest = sorted({row["period"] for row in rows})[-3:]
    return make_table(
        SERVED,
        [
            row | {"value": str(float(row["value"]) + 5 * version * (row["period"] in newest))}
            for row in rows
        ],
    )


class Publisher:
    """Serves one version of the table, on this machine."""

    def __init__(self) -> None:
        self.version = 1
        self._stack = ExitStack()
        self.server = self._stack.enter_context(serve(lambda: [table(self.version)]))

    @property
    def size(self) -> int:
        """Bytes of an answer."""
        return len(gzip.compress(table(self.version).body(), mtime=0))

    def close(self) -> None:
        """Serve no more."""
        self._stack.close()


@dataclass(frozen=True)
class Usual:
    """Seconds that each takes here without a fault; the moment of a kill is drawn from them."""

    refresh: float = 0.0
    night: float = 0.0


@dataclass
class Place:
    """One folder with everything that a night needs."""

    root: Path
    publisher: Publisher
    usual: Usual = Usual()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        """What is remembered."""
        return self.root / "store"

    @property
    def outputs(self) -> Path:
        """What is published."""
        return self.root / "outputs"

    @property
    def vintages(self) -> Path:
        """Vintages of the one source."""
        return self.store / "vintages" / SOURCE

    def write_files(self) -> None:
        """Write the definition of the source and the plan."""
        self.publisher.server.definition(SOURCE, self.root)
        plan = {
            "title": {"en": "Faults"},
            "refresh": [f"{SOURCE}.yaml"],
            "briefings": [
                {"programme": "si-amif-2021-2027", "geo": ["SI"], "language": ["en"]},
            ],
            "paths": PATHS,
            "minutes": 1,
        }
        (self.root / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")

    def copy_to(self, root: Path) -> Place:
        """Copy the folder; the publisher of the copy has the version that is not held yet."""
        shutil.copytree(self.root, root)
        copy = Place(root, Publisher(), self.usual)
        copy.publisher.version = VERSIONS
        copy.write_files()
        return copy

    def start(self, *words: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """Start ``forecasting`` in a session of its own."""
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "forecasting", *words],
            cwd=self.root,
            env={**os.environ, "FORECASTING_STORE": str(self.store), **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, prefix: tuple[str, ...] = ()) -> tuple[int, str]:
        """Run ``forecasting`` to its end; its exit code and what it printed."""
        process = self.start(*words, prefix=prefix)
        return finish(process)

    def refresh(self) -> tuple[int, str]:
        """Fetch the publisher's table."""
        return self.run("data", "refresh", f"{SOURCE}.yaml")

    def night(self) -> tuple[int, str]:
        """Run the plan."""
        return self.run("night", "plan.yaml")


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process; one that does not end is killed with its children, which is a fault."""
    try:
        printed, _ = process.communicate(timeout=RUN_SECONDS)
    except subprocess.TimeoutExpired:
        kill_all(process)
        printed, _ = process.communicate()
        return -1, f"did not end in {RUN_SECONDS} s\n{printed}"
    return process.returncode, printed


def kill_all(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that it has started; kernels are in sessions of their own."""
    started = descendants(process)
    process.kill()
    for each in started:
        with suppress(psutil.NoSuchProcess):
            each.kill()


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Processes that a process has started, and those that they have."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def sha256(path: Path) -> str:
    """Hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def contents(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder that counts, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def published(outputs: Path) -> dict[str, dict[str, Any]]:
    """Manifest of every run directory; an unreadable one is empty."""
    found = {}
    for folder in sorted(outputs.iterdir()) if outputs.is_dir() else []:
        if not folder.is_dir() or folder.name.startswith(".") or folder.name == "failed":
            continue
        try:
            found[folder.name] = json.loads((folder / "manifest.json").read_text("utf-8"))
        except (OSError, ValueError):
            found[folder.name] = {}
    return found
