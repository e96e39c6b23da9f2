"""Time a night of many countries: per briefing, memory over the night, and an unchanged one after.

    python benchmarks/speed/night.py [--countries 31] [--languages 4] [--jobs 2] [--alone 3]

The figures of all countries are put into a store of its own as a vintage: those of Slovenia and
Finland as they ship, the others scaled from them. Nothing is asked over a network. Prints seconds
per briefing, the ratio to `forecasting brief` one after another (measured on so many of the plan's
own briefings), the largest memory of the night's own process and of all its processes together in
each quarter of the night, and the seconds of the unchanged night.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import yaml

from forecasting.locations import data_dir
from forecasting.sources.definitions import load_source
from forecasting.sources.fetching import Fetched
from forecasting.sources.store import Store

SOURCE = "eurostat-applicants"
EVERY_SECONDS = 1.0


def fill_store(folder: Path, countries: list[str]) -> None:
    """Put a vintage with figures of every country into a store."""
    shipped = pd.read_csv(data_dir() / "reference" / "eurostat_asylum_applicants_monthly.csv")
    parts = []
    for number, geo in enumerate(countries):
        like = geo if geo in ("SI", "FI") else ("SI", "FI")[number % 2]
        scale = 1 if like == geo else 1 + number / 3
        own = shipped[shipped["geo"] == like]
        values = (own["value"] * scale / 5).round() * 5
        parts.append(own.assign(geo=geo, value=values))
    cells = pd.concat(parts).assign(citizen="TOTAL", flag="")
    staged = folder / "staged.parquet"
    columns = ["geo", "citizen", "period", "value", "flag"]
    write_parquet(cells[columns].astype({"value": float}), staged)
    digest = hashlib.sha256(staged.read_bytes()).hexdigest()
    when = datetime.now(UTC).replace(microsecond=0)
    Store(folder / "store").append(load_source(SOURCE), Fetched(staged, "file", when, digest))


def write_parquet(cells: pd.DataFrame, path: Path) -> None:
    import duckdb

    engine = duckdb.connect()
    engine.register("cells", cells)
    engine.execute(f"COPY cells TO '{path}' (FORMAT parquet)")


def write_plan(folder: Path, countries: int, languages: int) -> dict:
    """Cut the plan of Europe down to so many countries and languages."""
    plan = yaml.safe_load((data_dir() / "plans" / "europe.yaml").read_text(encoding="utf-8"))
    left, kept = countries, []
    for entry in plan["briefings"]:
        geo = entry["geo"][:left]
        left -= len(geo)
        kept += [entry | {"geo": geo, "language": entry["language"][:languages]}] if geo else []
    plan |= {"briefings": kept, "refresh": []}
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    return plan


def run_night(folder: Path, jobs: int) -> tuple[float, list[tuple[float, float, float]]]:
    """Run the plan; return seconds, and MB of the night and of all its processes over time."""
    command = [sys.executable, "-m", "forecasting", "night", "plan.yaml", "--jobs", str(jobs)]
    environment = os.environ | {"FORECASTING_STORE": str(folder / "store")}
    begun, samples = time.perf_counter(), []
    child = subprocess.Popen(command, cwd=folder, env=environment, stdout=sys.stderr)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY_SECONDS):
            sizes = tree_megabytes(child.pid)
            samples.append(
                (time.perf_counter() - begun, sizes.get(child.pid, 0.0), sum(sizes.values()))
            )

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = child.wait()
    ended.set()
    watcher.join()
    if code:
        raise SystemExit(f"the night ended with exit code {code}")
    return time.perf_counter() - begun, samples


def tree_megabytes(root: int) -> dict[int, float]:
    """Resident MB of a process and all below it, by process id (Linux)."""
    parents, sizes = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(
                line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
            )
        except OSError:
            continue
        pid = int(status.parent.name)
        parents[pid] = int(fields["PPid"])
        sizes[pid] = int(fields.get("VmRSS", "0 kB").split()[0]) / 1024

    def is_below(pid: int) -> bool:
        return pid == root or (pid in parents and pid > 1 and is_below(parents[pid]))

    return {pid: size for pid, size in sizes.items() if is_below(pid)}


def seconds_alone(folder: Path, plan: dict, count: int) -> float:
    """Mean seconds of `forecasting brief` for the first briefings of each entry of the plan."""
    chosen = [
        (entry["programme"], entry["geo"][0], entry["language"][0]) for entry in plan["briefings"]
    ][:count]
    environment = os.environ | {"FORECASTING_STORE": str(folder / "store")}
    begun = time.perf_counter()
    for programme, geo, language in chosen:
        options = ["--programme", programme, "--geo", geo, "--language", language]
        subprocess.run(
            [sys.executable, "-m", "forecasting", "brief", *options, "--output-dir", "alone"],
            cwd=folder, env=environment, check=True, capture_output=True,
        )  # fmt: skip
    return (time.perf_counter() - begun) / len(chosen)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("countries", 31), ("languages", 4), ("jobs", 2), ("alone", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = write_plan(folder, given.countries, given.languages)
        fill_store(folder, [geo for entry in plan["briefings"] for geo in entry["geo"]])
        whole, samples = run_night(folder, given.jobs)
        status = json.loads((folder / "outputs" / "status.json").read_text(encoding="utf-8"))
        unchanged, _ = run_night(folder, given.jobs)
        again = json.loads((folder / "outputs" / "status.json").read_text(encoding="utf-8"))
        alone = seconds_alone(folder, plan, given.alone) if given.alone else float("nan")
    made = status["counts"]["done"]
    print(f"{made} briefings in {whole:.0f} s: {whole / made:.1f} s each, {given.jobs} at once")
    print(
        f"forecasting brief, one after another {alone:.1f} s each: ratio {alone * made / whole:.2f}"
    )
    for quarter in range(4):
        own = [s for s in samples if quarter <= 4 * s[0] / whole < quarter + 1]
        night, everything = max(s[1] for s in own), max(s[2] for s in own)
        print(f"quarter {quarter + 1}: night {night:.0f} MB, all processes {everything:.0f} MB")
    print(f"unchanged night {unchanged:.1f} s, {again['counts']['skipped']} of {made} skipped")


if __name__ == "__main__":
    main()
