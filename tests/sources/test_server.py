"""The local server by hand: files of a folder, read again for every request."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import server as local
from server import read_tables, serve

from forecasting.sources.definitions import load_source
from forecasting.sources.refresh import refresh

NAME = "eurostat_first_instance_decisions_quarterly.csv"


def written(folder: Path, value: int) -> None:
    folder.mkdir(exist_ok=True)
    rows = [f"2024-{month:02d},SI,TOTAL,TOTAL,{value}" for month in (1, 4, 7, 10)]
    (folder / NAME).write_text("\n".join(["date,geo,citizen,decision,value", *rows]) + "\n")


def test_a_folder_is_served_as_it_is_now(tmp_path, store, quick):
    written(tmp_path / "data", 100)
    with serve(lambda: read_tables(tmp_path / "data")) as server:
        definition = str(server.definition("eurostat-decisions", tmp_path / "own"))
        (first,) = refresh([definition], store, patience=quick)
        written(tmp_path / "data", 105)
        (second,) = refresh([definition], store, patience=quick)
    assert (first.status, second.status, second.cells) == ("new", "new", 4)
    cells = store.cells("eurostat-decisions")
    assert list(cells["period"]) == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]


def test_the_program_says_where_it_is_and_writes_definitions(tmp_path):
    written(tmp_path / "data", 100)
    command = [sys.executable, local.__file__, "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(
        [*command, "--definitions", str(tmp_path / "own")], stdout=subprocess.PIPE, text=True
    ) as process:
        address, definition = (process.stdout.readline().strip() for _ in range(2))
        process.terminate()
    assert address.startswith("http://127.0.0.1:")
    assert load_source(definition).address == address
    assert load_source(definition).id == "eurostat-decisions"
