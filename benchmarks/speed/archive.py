"""Time the questions that are asked of an archive of 1,000 runs, and reading it with pandas.

    python benchmarks/speed/archive.py [RUNS]

The runs are synthetic: 125 monthly vintages of two series in four languages, 60 months ahead, by
four models; most of what was forecast has been counted since.
Each time is that of the first call in a process of its own, imports included and apart. Prints
seconds; the peer reads all files with pandas and concatenates them, and answers nothing yet.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GEOS = ("SI", "FI")
LANGUAGES = ("en", "sl", "sv", "fi")
HORIZON = 60

TIMED = """
import json, sys, time
start = time.perf_counter()
import duckdb, numpy, pandas
{imports}
loaded, used = time.perf_counter(), time.process_time()
found = {call}
spent = time.process_time() - used
print(json.dumps([loaded - start, time.perf_counter() - loaded, spent, {size}]))
"""

QUESTIONS = {
    "history of all series": (
        "from forecasting.archive.history import read_history, summarise_history",
        "read_history()",
        "len(found.scores)",
    ),
    "history of all series, skill by horizon": (
        "from forecasting.archive.history import read_history, summarise_history",
        "summarise_history(read_history().scores, by='horizon')",
        "len(found)",
    ),
    "history of one series": (
        "from forecasting.archive.history import read_history",
        "read_history('asylum-applicants/SI')",
        "len(found.scores)",
    ),
    "former runs of a briefing": (
        "from forecasting.archive.former import former_runs\\n"
        "from forecasting.series import read_series\\n"
        "series = read_series('asylum-applicants/SI')",
        "former_runs(series)",
        "len(found.scored)",
    ),
    "pandas reads all files": (
        "from pathlib import Path\\nimport os, pyarrow.parquet",
        "pandas.concat(map(pandas.read_parquet, "
        "Path(os.environ['FORECASTING_STORE']).rglob('*.parquet')))",
        "len(found)",
    ),
}


def fill(runs: int) -> int:
    """Write so many runs through `record_run`; return the size in bytes."""
    import numpy as np
    import pandas as pd

    from forecasting.archive.files import archive_dir
    from forecasting.archive.record import RunFacts, record_run
    from forecasting.periods import format_period
    from forecasting.series import read_series
    from forecasting.tables import FORECAST_COLUMNS, QUANTILE_LEVELS

    rng = np.random.default_rng(1)
    vintages = -(-runs // (len(GEOS) * len(LANGUAGES)))
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        for geo in GEOS:
            series = read_series(f"asylum-applicants/{geo}")
            for age in range(1, vintages + 1):
                origin = series.origin - age
                vintage = (origin + 2).start_time.date()
                tables = {"forecast.csv": ["pool"], "benchmarks.csv": list(BENCHMARKS)}
                level = float(series.values[origin])
                for name, models in tables.items():
                    rows = []
                    for model in models:
                        for ahead in range(1, HORIZON + 1):
                            draws = level * np.exp(rng.normal(0, 0.1 * ahead**0.5, 200))
                            values = np.quantile(draws, QUANTILE_LEVELS)
                            key = (series.series_id, format_period(origin))
                            key += (format_period(origin + ahead), ahead, model)
                            rows.append((*key, "mean", np.nan, draws.mean(), ""))
                            rows += [
                                (*key, "quantile", q, v, "")
                                for q, v in zip(QUANTILE_LEVELS, values, strict=True)
                            ]
                    table = pd.DataFrame(rows, columns=list(FORECAST_COLUMNS))
                    table.round(6).to_csv(Path(folder) / name, index=False)
                for minute, language in enumerate(LANGUAGES):
                    if done == runs:
                        break
                    made = dt.datetime.combine(vintage, dt.time(2, minute), dt.UTC)
                    facts = RunFacts(
                        run_id=f"{geo}-{vintage:%Y-%m}-{language}-{done:08x}",
                        made=made, vintage=vintage, geo=geo, programme="", as_of="",
                        paths=5000, seed=1,
                    )  # fmt: skip
                    record_run(Path(folder), facts)
                    done += 1
    return sum(path.stat().st_size for path in archive_dir().rglob("*.parquet"))


def timed(imports: str, call: str, size: str) -> tuple[float, float, float, int]:
    """Seconds of imports and of a call, its processor time, and the size of what it returns."""
    code = TIMED.format(imports=imports.replace("\\n", "\n"), call=call, size=size)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True
    )
    loaded, seconds, spent, length = json.loads(done.stdout)
    return loaded, seconds, spent, length


def main() -> None:
    """Fill an archive, ask it, and print the times."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as store:
        os.environ["FORECASTING_STORE"] = store
        start = time.perf_counter()
        size = fill(runs)
        filled = time.perf_counter() - start
        print(f"{runs} runs, {size / 1e6:.1f} MB, written in {filled:.1f} s")
        measured = {name: timed(*question) for name, question in QUESTIONS.items()}
    peer = measured["pandas reads all files"][1]
    for name, (loaded, seconds, spent, length) in measured.items():
        print(
            f"  {name:<42} {seconds:6.3f} s, {spent:.2f} s of processor time "
            f"({peer / seconds:5.1f} times faster than pandas), "
            f"imports {loaded:.2f} s, {length:,} rows"
        )


if __name__ == "__main__":
    from forecasting.evaluation.backtest import BENCHMARKS

    main()
