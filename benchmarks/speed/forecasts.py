r"""Time and memory of forecasts and backtests, as ratios to the same fits in the same run.

    python benchmarks/speed/forecasts.py ../shared/data [--quick]

The peer is statsforecast called directly: the fits of the default members that come from it, spread
over the same number of processes, without simulation, panel, calibration, scores or tables.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.evaluation.backtest import BacktestOptions, backtest, past_origins
from forecasting.forecasts import experience_of, forecast
from forecasting.forecasts.batch import SHORTEST_PAST
from forecasting.series import RegularSeries, read_series

PROCESSES = 2


def direct_fit(work: np.ndarray) -> int:
    """Fit the statsforecast members of the default pool to one series."""
    from statsforecast import models as library

    y, z = work, np.log1p(work)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library.AutoCES(season_length=12).fit(y.copy())
        library.AutoCES(season_length=12).fit(z.copy())
        library.AutoETS(season_length=12).fit(y.copy())
        library.SeasonalNaive(season_length=12).fit(z.copy())
        library.DynamicOptimizedTheta(season_length=12).fit(z.copy())
    return len(y)


def direct(histories: list[np.ndarray]) -> float:
    """Seconds of the fits in worker processes, their start included."""
    begin = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as executor:
        list(executor.map(direct_fit, histories, chunksize=8))
    return time.perf_counter() - begin


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def read_m1(path: Path) -> list[RegularSeries]:
    rows = pd.read_csv(path)
    batch = []
    for name, own in rows[rows["part"] == "train"].groupby("series", sort=False):
        index = pd.period_range(end="2000-12", periods=len(own), freq="M", name="period")
        values = pd.Series(own.sort_values("t")["value"].to_numpy(float), index=index)
        batch.append(RegularSeries(str(name), values, "units"))
    return batch


def backtest_ratio(batch: list[RegularSeries], n_series: int, origins: int) -> None:
    """`backtest` against the same fits."""
    longest = sorted(batch, key=lambda own: -len(own.values))[:n_series]
    histories = [
        own.values[:origin].to_numpy()
        for own in longest
        for origin in past_origins(own, count=origins, horizon=18, step=1)
    ]
    peer = direct(histories)
    own = timed(
        lambda: backtest(
            longest, ("pool",), origins=origins, horizon=18,
            options=BacktestOptions(jobs=PROCESSES),
        )
    )  # fmt: skip
    print(f"backtest {n_series} series x {origins} origins x 18: {own:.1f} s, "
          f"direct fits {peer:.1f} s, ratio {own / peer:.2f}", flush=True)  # fmt: skip


def as_csv(batch: list[RegularSeries], path: Path) -> None:
    rows = [
        pd.DataFrame({
            "series_id": own.series_id, "period": own.values.index.astype(str),
            "value": own.values.to_numpy(),
        })
        for own in batch
    ]  # fmt: skip
    pd.concat(rows).to_csv(path, index=False)


def command(path: Path, *options: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of one process of `forecasting forecast`."""
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "forecasting", "forecast", str(path), "--output",
         str(path.with_suffix(".out.csv")), *options],
        check=True, capture_output=True,
    )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return time.perf_counter() - begin, peak


def m1_ratio(batch: list[RegularSeries], folder: Path) -> None:
    """`forecasting forecast` with calibration against the same fits, those of the past included."""
    path = folder / "m1.csv"
    as_csv(batch, path)
    histories = [own.values.to_numpy() for own in batch]
    histories += [h[:-18] for h in histories if len(h) - 18 >= SHORTEST_PAST]
    peer = direct(histories)
    own, _ = command(path, "--horizon", "18")
    print(f"forecast M1 {len(batch)} series x 18, calibrated: {own:.1f} s, "
          f"{len(histories)} direct {peer:.1f} s, ratio {own / peer:.2f}", flush=True)  # fmt: skip


def large_panel(folder: Path, n_series: int) -> None:
    """Time and memory of the fast tier."""
    rng = np.random.default_rng(1)
    index = pd.period_range("2015-01", periods=60, freq="M")
    batch = [
        RegularSeries(f"s{n}", pd.Series(np.round(np.exp(rng.normal(5, 1) + np.cumsum(
            rng.normal(0, 0.1, 60)))), index=index), "units")
        for n in range(n_series)
    ]  # fmt: skip
    path = folder / "large.csv"
    as_csv(batch, path)
    seconds, peak = command(path, "--horizon", "12", "--model", "fast")
    print(f"forecast --model fast {n_series} series x 60 months: {seconds:.1f} s, "
          f"{1000 * seconds / n_series:.1f} ms a series and process, largest process {peak:.0f} MB",
          flush=True)  # fmt: skip


def one_series() -> None:
    """5,000 calibrated paths over 72 months, after imports."""
    series, learned = read_series("asylum-applicants/SI"), experience_of("asylum-applicants")
    forecast(series, horizon=12, experience=learned, n_paths=100)
    seconds = timed(lambda: forecast(series, horizon=72, experience=learned, n_paths=5000))
    print(f"forecast 5,000 paths x 72 months, calibrated: {seconds:.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    chosen = parser.parse_args()
    part = 10 if chosen.quick else 1
    batch = read_m1(chosen.data / "m1_monthly.csv.gz")
    one_series()
    with tempfile.TemporaryDirectory() as folder:
        large_panel(Path(folder), 5000 // part)
        backtest_ratio(batch, 30, max(2, 24 // part))
        m1_ratio(batch[: max(100, len(batch) // part)], Path(folder))


if __name__ == "__main__":
    main()
