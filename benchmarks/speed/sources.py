"""Time and peak memory of `forecasting data refresh` on a table of the size of Eurostat's full one.

    python benchmarks/speed/sources.py [--rows MILLIONS] [--folder FOLDER]

Eurostat's catalogue counts 103,640,312 figures in migr_asyappctzm (17 September 2026, January 2008
to August 2026). The synthetic answer has as many: 206 citizenships x 4 sexes x 3 types of applicant
x 8 age classes x 34 reporting countries x 224 months, repeated applicants from 2021 on, every tenth
series not reported; in Eurostat's order, as compressed SDMX-CSV, from a local server. The second
answer has a month more and fifty thousand revised figures. Each refresh is a process of its own.

Peers, on the same file: `zcat | wc -l`, which only decompresses, DuckDB's plain copy of the CSV
into Parquet, without checks and without a limit; `pandas.read_csv` on the first five million rows.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import duckdb
import yaml

ROWS = 103_640_312
SLICE = 5_000_000
MEGABYTE = 1_000_000
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "sources"

SEXES = ["F", "M", "T", "UNK"]
APPLICANTS = ["FRST", "SSEQ", "TOTAL"]
AGES = ["TOTAL", "UNK", "Y14-17", "Y18-34", "Y35-64", "Y_GE65", "Y_LT14", "Y_LT18"]
MONTHS = [f"{2008 + m // 12}-{m % 12 + 1:02d}" for m in range(225)]

ANSWER = """
COPY (
    SELECT 'ESTAT:MIGR_ASYAPPCTZM(1.0)' AS "DATAFLOW", '17/09/26 23:00:00' AS "LAST UPDATE",
        'M' AS freq, 'PER' AS unit, citizen, sex, applicant, age, geo,
        month AS "TIME_PERIOD",
        (h % 20 = 0)::INT * (h // 20 % 200) * 5
            + ({revised} AND h % 2000 = 1)::INT * 5 AS "OBS_VALUE",
        CASE WHEN month >= '2026' AND h % 3 = 0 THEN 'p' END AS "OBS_FLAG", NULL AS "CONF_STATUS"
    FROM (
        SELECT *, hash(citizen, sex, applicant, age, geo, month) AS h
        FROM (SELECT unnest({citizens}) AS citizen), (SELECT unnest({sexes}) AS sex),
            (SELECT unnest({applicants}) AS applicant), (SELECT unnest({ages}) AS age),
            (SELECT unnest({geos}) AS geo), (SELECT unnest({months}) AS month)
        WHERE (applicant <> 'SSEQ' OR month >= '2021')
            AND hash(citizen, sex, applicant, age, geo) % 1000 >= {lacking}
    )
    ORDER BY citizen, sex, applicant, age, geo, month
) TO '{path}' (FORMAT csv, HEADER, COMPRESSION gzip)
"""


def write_answer(path: Path, *, citizens: int, months: int, revised: bool) -> None:
    """Write an answer, one citizenship after the other, so that the sorting fits into memory."""
    parts = []
    for number in range(citizens):
        part = path.with_suffix(f".{number}")
        statement = ANSWER.format(
            citizens=[f"C{number:03d}"], sexes=SEXES, applicants=APPLICANTS, ages=AGES,
            geos=[f"G{n:02d}" for n in range(34)], months=MONTHS[:months],
            revised="true" if revised else "false", lacking=96, path=part,
        )  # fmt: skip
        duckdb.execute(statement if number == 0 else statement.replace("HEADER", "HEADER false"))
        parts.append(part)
    with path.open("wb") as whole:  # members of gzip may follow one another
        for part in parts:
            whole.write(part.read_bytes())
            part.unlink()


class _Handler(BaseHTTPRequestHandler):
    answer: Path

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(self.answer.stat().st_size))
        self.end_headers()
        with self.answer.open("rb") as file:
            shutil.copyfileobj(file, self.wfile, 1 << 20)

    def log_message(self, *args: object) -> None:
        pass


class Measured(NamedTuple):
    """Wall and processor seconds, megabytes at the peak of a process, and what it printed."""

    seconds: float
    processor: float
    peak: float
    printed: str


def measured(*command: str, env: dict[str, str] | None = None) -> Measured:
    """Run a command and measure it with the processes that it starts."""
    watched = (
        "import json,resource,subprocess,sys,time\n"
        "start=time.perf_counter()\n"
        "done=subprocess.run(sys.argv[1:],capture_output=True,text=True)\n"
        "seconds=time.perf_counter()-start\n"
        "used=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([seconds,used.ru_utime+used.ru_stime,used.ru_maxrss*1024/1e6,"
        "done.stdout,done.stderr,done.returncode]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched, *command],
        check=True, capture_output=True, text=True, env=env,
    )  # fmt: skip
    *figures, printed, errors, code = json.loads(done.stdout)
    if code:
        sys.exit(f"{command}: {printed}{errors}")
    return Measured(*figures, printed)


def report(name: str, found: Measured) -> float:
    """Print a line, and return the processor seconds, which other work disturbs less."""
    print(
        f"{name:31} {found.seconds:7.1f} s, {found.processor:7.1f} s of processor time, "
        f"peak {found.peak:5.0f} MB   {found.printed.strip().split(chr(10))[0][:80]}",
        flush=True,
    )
    return found.processor


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=float, default=ROWS / 1e6, help="millions of figures")
    parser.add_argument("--folder", type=Path, help="for answers; kept, and used again")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="sources-"))
    folder.mkdir(parents=True, exist_ok=True)
    citizens = max(1, round(206 * options.rows * 1e6 / ROWS))
    answers = [folder / f"first-{citizens}.csv.gz", folder / f"second-{citizens}.csv.gz"]
    for number, path in enumerate(answers):
        if not path.is_file():
            write_answer(path, citizens=citizens, months=224 + number, revised=bool(number))

    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    definition = yaml.safe_load((SHIPPED / "eurostat-applicants-full.yaml").read_text())
    definition["address"] = f"http://127.0.0.1:{http.server_address[1]}"
    own = folder / "eurostat-applicants-full.yaml"
    own.write_text(yaml.safe_dump(definition, sort_keys=False))
    shutil.rmtree(folder / "store", ignore_errors=True)
    env = {**os.environ, "FORECASTING_STORE": str(folder / "store"), "NO_PROXY": "127.0.0.1"}

    print(f"answer: {answers[0].stat().st_size / MEGABYTE:.0f} MB compressed", flush=True)
    lines = report("zcat | wc -l", measured("sh", "-c", f"zcat {answers[0]} | wc -l"))
    table = f"read_csv('{answers[0]}', all_varchar=true)"
    target = f"'{folder}/plain.parquet' (COMPRESSION zstd)"
    statements = f"SET enable_progress_bar=false; COPY (FROM {table}) TO {target}"
    copy = f'import duckdb; duckdb.execute("{statements}")'
    plain = report("duckdb, plain copy to Parquet", measured(sys.executable, "-c", copy))
    slice_ = f"import pandas; print(len(pandas.read_csv('{answers[0]}', nrows={SLICE})))"
    report("pandas.read_csv, 5 million rows", measured(sys.executable, "-c", slice_))
    refresh = (sys.executable, "-m", "forecasting", "data", "refresh", str(own))
    for name, answer in zip(("first", "second"), answers, strict=True):
        _Handler.answer = answer
        used = report(f"data refresh, {name} answer", measured(*refresh, env=env))
        print(f"{'':31} {used / plain:.1f} x the plain copy, {used / lines:.1f} x zcat")
    report("data refresh, nothing new", measured(*refresh, env=env))
    size = sum(path.stat().st_size for path in (folder / "store").rglob("*.parquet"))
    print(f"store: {size / MEGABYTE:.0f} MB")
    if options.folder is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
