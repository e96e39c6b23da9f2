r"""A backtest at the scale of the EU: measured on parts, extrapolated to the whole.

    python benchmarks/speed/eu_scale.py ../shared/data

The whole is 31 countries x 150 citizenships x 24 origins = 111,600 forecasts of one model, 12
months each. The series are synthetic and say so: each is a real monthly total of asylum applicants
(one of ten countries, 2008-2024) split by shares that fall with the rank of the citizenship (Zipf)
and drift (a random walk), drawn as Poisson counts. A part is so many series at so many origins,
spread over the same years as the 24. Each part runs in a process of its own, by local processes and
by as many workers of a Dask cluster on the same machine; the ratio of the two is what Dask costs.

With S series, O origins, N = S O forecasts and W processes

    seconds = a + N (c / W + p) + q S O (O + 1) / 2

c is what one forecast takes, p what a series adds to the panel of an origin, which every process
makes for itself, q what a past case adds to the calibration of an origin, which the caller fits.
p and q are measured alone, a and c by least squares over the parts. The band is the 90 % prediction
interval of that line: noise between runs, not whether the line goes on. Cores are paid for from
start to end, so core-hours = W seconds / 3600.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecasting.engines import Engine
from forecasting.evaluation.backtest import BacktestOptions, backtest
from forecasting.forecasts.batch import Case, Crew, Settings, hold_against_outcome
from forecasting.models.panel import make_panel
from forecasting.series import RegularSeries

COUNTRIES, CITIZENSHIPS, ORIGINS = 31, 150, 24
HORIZON = 12
SPAN = 92  # months from the first origin to the last
APPLICANTS = "eurostat_asylum_applicants_monthly_2008_2024.csv"


@dataclass(frozen=True)
class Part:
    """One run, and what it took."""

    model: str
    engine: str
    series: int
    origins: int
    seconds: float = 0.0
    caller_mb: float = 0.0
    worker_mb: float = 0.0

    @property
    def forecasts(self) -> int:
        """N of the formula."""
        return self.series * self.origins


@dataclass(frozen=True)
class Line:
    """`value` of N forecasts, by least squares over the parts."""

    sizes: np.ndarray
    values: np.ndarray

    def at(self, size: float) -> tuple[float, float]:
        """Value, and half the width of its 90 % prediction interval."""
        from scipy.stats import t

        slope, begin = np.polyfit(self.sizes, self.values, 1)
        free = len(self.sizes) - 2
        rest = self.values - (begin + slope * self.sizes)
        away = self.sizes - self.sizes.mean()
        lever = 1 + 1 / len(away) + (size - self.sizes.mean()) ** 2 / (away @ away)
        half = float(t.ppf(0.95, free) * np.sqrt(rest @ rest / free * lever)) if free else np.nan
        return float(begin + slope * size), half


def synthetic_series(data: Path, count: int) -> list[RegularSeries]:
    """Series of synthetic citizenships in ten real countries; the same for the same count."""
    rows = pd.read_csv(data / APPLICANTS)
    rows = rows[rows["citizen"] == "TOTAL"]
    rng = np.random.default_rng(2026)
    batch: list[RegularSeries] = []
    for geo, own in rows.groupby("geo"):
        total = own.sort_values("date")["value"].to_numpy(float)
        index = pd.PeriodIndex(own.sort_values("date")["date"], freq="M", name="period")
        share = 1 / np.arange(1, CITIZENSHIPS + 1)[:, None]
        share = share * np.exp(np.cumsum(rng.normal(0, 0.08, (CITIZENSHIPS, len(total))), axis=1))
        counts = rng.poisson(share / share.sum(axis=0) * total)
        for rank in range(CITIZENSHIPS):
            values = pd.Series(counts[rank].astype(float), index=index)
            name = f"synthetic/{geo}/{rank + 1:03d}"
            batch.append(RegularSeries(name, values, "persons", synthetic=True))
    chosen = np.linspace(0, len(batch) - 1, count).round().astype(int)
    return [batch[place] for place in chosen]


def measure(part: Part, data: Path, processes: int) -> Part:
    """Run one part in this process."""
    batch = synthetic_series(data, part.series)
    step = SPAN // max(1, part.origins - 1)
    with _cluster(part.engine, processes) as cluster:
        engine = Engine("dask", cluster.scheduler_address) if cluster else Engine()
        jobs = None if cluster else processes
        options = BacktestOptions(jobs=jobs, engine=engine)
        begin = time.perf_counter()
        backtest(
            batch, (part.model,), origins=part.origins, horizon=HORIZON, step=step, options=options
        )
        seconds = time.perf_counter() - begin
    peaks = [resource.getrusage(who).ru_maxrss / 1024
             for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]  # fmt: skip
    return Part(part.model, part.engine, part.series, part.origins, seconds, *peaks)


def _cluster(engine: str, processes: int) -> AbstractContextManager[Any]:
    if engine == "local":
        return nullcontext()
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=processes, threads_per_worker=1, host="127.0.0.1", protocol="tcp",
        dashboard_address="127.0.0.1:0",
    )  # fmt: skip


def in_own_process(part: Part, chosen: argparse.Namespace) -> Part:
    options = [str(chosen.data), "--processes", str(chosen.processes), "--one",
               part.model, part.engine, str(part.series), str(part.origins)]  # fmt: skip
    done = subprocess.run(
        [sys.executable, __file__, *options], check=True, stdout=subprocess.PIPE, text=True
    )
    return Part(**json.loads(done.stdout.splitlines()[-1]))


def panel_seconds(batch: list[RegularSeries]) -> float:
    """p: what a series adds to the panel of an origin."""
    begin = time.perf_counter()
    make_panel(batch, until=batch[0].origin - HORIZON)
    return (time.perf_counter() - begin) / len(batch)


def calibration_seconds(batch: list[RegularSeries]) -> float:
    """q: what a past case adds to the calibration of an origin."""
    cases = [Case(n, own.origin - HORIZON, calibration=None) for n, own in enumerate(batch[:100])]
    settings = Settings(HORIZON, "fast", n_paths=100)
    with Crew(batch[:100], settings, cases=len(cases), jobs=1) as crew:
        past = list(crew.run(hold_against_outcome, cases)) * 20
        begin = time.perf_counter()
        crew.calibration_at(past, batch[0].origin)
        return (time.perf_counter() - begin) / len(past)


def extrapolate(parts: list[Part], p: float, q: float, chosen: argparse.Namespace) -> None:
    """Print what the whole would take, by the formula at the head of this file."""
    series, whole = COUNTRIES * CITIZENSHIPS, COUNTRIES * CITIZENSHIPS * ORIGINS
    sizes = np.array([part.forecasts for part in parts], float)
    fitted = [part.seconds - q * part.forecasts * (part.origins + 1) / 2 for part in parts]
    seconds, band = Line(sizes, np.array(fitted)).at(whole)
    a = Line(sizes, np.array(fitted)).at(0)[0]
    c = ((seconds - a) / whole - p) * chosen.processes
    memory, memory_band = Line(sizes, np.array([part.caller_mb for part in parts])).at(whole)
    serial = q * series * ORIGINS * (ORIGINS + 1) / 2
    if c < 0:
        print("\nthe parts took no longer for more forecasts: too small, or the machine is busy")
        return
    print(f"\n{parts[0].model}, {parts[0].engine}: a {a:.1f} s, c {1000 * c:.1f} ms a forecast; "
          f"{whole:,} forecasts, calibration {serial / 60:.1f} min of it:")  # fmt: skip
    for workers in (chosen.processes, 16, 64):
        wall = a + whole * (c / workers + p) + serial
        half = band * chosen.processes / workers
        hours = wall * workers / 3600
        price = f"{hours * chosen.price:.2f} at {chosen.price:g} each"
        print(f"  {workers:3} processes: {wall / 60:7.1f} min ± {half / 60:.1f}; "
              f"{hours:.2f} core-hours, {price}")  # fmt: skip
    print(f"  memory of the caller: {memory / 1024:.1f} GB ± {memory_band / 1024:.1f}; "
          f"largest worker so far {max(part.worker_mb for part in parts):.0f} MB")  # fmt: skip


def show_ratios(parts: list[Part]) -> None:
    """Print Dask over local processes, part by part."""
    found = {(part.model, part.series, part.origins, part.engine): part for part in parts}
    for part in parts:
        local = found.get((part.model, part.series, part.origins, "local"))
        if part.engine == "dask" and local:
            print(f"dask / local, {part.model}, {part.series} x {part.origins}: "
                  f"{part.seconds / local.seconds:.2f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--parts", default="125x2,125x4,250x4,250x8", help="series x origins")
    parser.add_argument("--models", default="fast,pool")
    parser.add_argument("--engines", default="local,dask")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--price", type=float, default=0.05, help="of a core-hour, an assumption")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        model, engine, series, origins = chosen.one
        part = Part(model, engine, int(series), int(origins))
        print(json.dumps(asdict(measure(part, chosen.data, chosen.processes))))
        return
    shapes = [tuple(map(int, part.split("x"))) for part in chosen.parts.split(",")]
    if len(shapes) < 3:
        parser.error("a line with a band needs three parts or more")
    batch = synthetic_series(chosen.data, 200)
    p, q = panel_seconds(batch), calibration_seconds(batch)
    print(f"p {1000 * p:.2f} ms, q {1000 * q:.3f} ms")
    parts: list[Part] = []
    for model in chosen.models.split(","):
        for shape in shapes:
            for engine in chosen.engines.split(","):
                parts.append(in_own_process(Part(model, engine, *shape), chosen))
                done = parts[-1]
                print(f"{model}, {engine}: {done.series} x {done.origins} = {done.forecasts}: "
                      f"{done.seconds:.1f} s, caller {done.caller_mb:.0f} MB, largest worker "
                      f"{done.worker_mb:.0f} MB", flush=True)  # fmt: skip
    show_ratios(parts)
    for model in chosen.models.split(","):
        for engine in chosen.engines.split(","):
            own = [part for part in parts if (part.model, part.engine) == (model, engine)]
            extrapolate(own, p, q, chosen)


if __name__ == "__main__":
    main()
