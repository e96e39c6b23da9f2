r"""How well the monitor of breaks works, beside itself without one of its parts and other methods.

Prints what is found in the countries' series, how soon known breaks are found, what each method
makes of the countries' series, and for each the false alarms in simulated series without a break
and the detections in series with one.

    python benchmarks/accuracy/breaks.py PENDING.csv APPLICANTS.csv [--reps 400]

Both files have the columns date,geo,citizen,value (Eurostat migr_asypenctzm and migr_asyappctzm).
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

from forecasting.series import RegularSeries, breaks, shifts
from forecasting.series.breaks import find_breaks

LENGTH = 200
Spotted = list[tuple[int, str]]
"""Position and kind of each break found."""


def as_series(values: np.ndarray) -> RegularSeries:
    index = pd.period_range("2008-01", periods=len(values), freq="M", name="period")
    return RegularSeries("x", pd.Series(values, index=index), "persons")


def read_countries(path: Path) -> dict[str, RegularSeries]:
    """Read monthly totals, missing months kept as missing."""
    rows = pd.read_csv(path)
    rows = rows[rows["citizen"] == "TOTAL"]
    found = {}
    for geo, own in rows.groupby("geo"):
        index = pd.PeriodIndex(own["date"], freq="M", name="period")
        values = pd.Series(own["value"].to_numpy(float), index=index).sort_index()
        complete = pd.period_range(values.index[0], values.index[-1], freq="M", name="period")
        found[str(geo)] = RegularSeries(str(geo), values.reindex(complete), "persons")
    return found


# --- other methods ---------------------------------------------------------------------------


def auxiliary_residuals(values: np.ndarray) -> Spotted:
    """Auxiliary residuals of statsmodels' local level model with a fixed season, on log(1 + y)."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(np.log1p(values), "llevel", seasonal=12, stochastic_seasonal=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        smoothed = model.fit(disp=0, maxiter=60).smoother_results
    first = 13  # diffuse before
    level = smoothed.smoothed_state_disturbance[0, first:]
    level_sd = model.ssm["state_cov"][0, 0] - smoothed.smoothed_state_disturbance_cov[0, 0, first:]
    noise = smoothed.smoothed_measurement_disturbance[0, first:]
    noise_sd = model.ssm["obs_cov"][0, 0] - smoothed.smoothed_measurement_disturbance_cov[0, 0]
    steps = level / np.sqrt(np.maximum(level_sd, 1e-12))
    pulses = noise / np.sqrt(np.maximum(noise_sd[first:], 1e-12))
    found = [(first + 1 + i, "level_shift") for i in np.flatnonzero(abs(steps) > 4)]
    return found + [(first + int(i), "outlier") for i in np.flatnonzero(abs(pulses) > 4)]


def robust_differences(values: np.ndarray) -> Spotted:
    """Differences of log(1 + y) beyond five robust standard deviations."""
    changes = np.diff(np.log1p(values))
    place = np.arange(len(changes)) % 12
    changes = changes - np.array([np.median(changes[place == part]) for part in range(12)])[place]
    spread = 1.4826 * np.median(abs(changes - np.median(changes)))
    large = list(np.flatnonzero(abs(changes) > 5 * max(spread, 1e-6)))
    found = []
    for i in large:
        back = i + 1 in large and changes[i] * changes[i + 1] < 0
        if not (i - 1 in large and changes[i] * changes[i - 1] < 0):
            found.append((int(i) + 1, "outlier" if back else "level_shift"))
    return found


def binary_segmentation(values: np.ndarray) -> Spotted:
    """CUSUM of log(1 + y), cut in two again and again where it passes five."""
    levels = np.log1p(values)
    changes = np.diff(levels)
    spread = 1.4826 * np.median(abs(changes - np.median(changes))) / np.sqrt(2) + 1e-3
    found: Spotted = []

    def split(first: int, last: int) -> None:
        n, least = last - first, 6
        if n < 2 * least:
            return
        k = np.arange(least, n - least + 1)
        sums = np.cumsum(levels[first:last])
        gap = (sums[-1] - sums[k - 1]) / (n - k) - sums[k - 1] / k
        scores = abs(gap) * np.sqrt(k * (n - k) / n) / spread
        best = int(np.argmax(scores))
        if scores[best] > 5:
            at = first + int(k[best])
            found.append((at, "level_shift"))
            split(first, at)
            split(at, last)

    split(0, len(values))
    return found


def by_monitor(values: np.ndarray) -> Spotted:
    series = as_series(values)
    return [(int(series.periods.get_loc(b.period)), b.kind) for b in find_breaks(series)]


def scale_by_log(series: RegularSeries) -> shifts.ScaledCounts:
    """Scale of the monitor replaced by log(1 + y) with the variance of a Poisson count."""
    scaled = shifts.scale_counts(series)
    counts = series.values.to_numpy()
    around = pd.Series(counts).rolling(7, center=True, min_periods=1).median().to_numpy()
    levels = np.log1p(counts)
    changes = np.diff(levels) - np.median(np.diff(levels))
    place = np.arange(len(changes)) % 12
    medians = np.array([np.median(changes[place == part]) for part in range(12)])
    changes = changes - (medians - medians.mean())[place]
    noise = np.maximum(around, 1) / (1 + around) ** 2
    return replace(scaled, levels=levels, noise=noise, changes=changes)


@dataclass(frozen=True)
class Method:
    """A way to find breaks, and which part of the monitor to replace meanwhile."""

    name: str
    find: Callable[[np.ndarray], Spotted]
    module: object = None
    part: str = ""
    instead: object = None

    def patched(self) -> AbstractContextManager[object]:
        """Replace the part while the method is at work."""
        return patch.object(self.module, self.part, self.instead) if self.part else nullcontext()


METHODS = (
    Method("monitor", by_monitor),
    Method("- on log(1 + y)", by_monitor, breaks, "scale_counts", scale_by_log),
    Method("- ramps reported", by_monitor, breaks, "_SHARPNESS", 0.0),
    Method("- normal t-values", by_monitor, shifts, "_ordinary_size", lambda z: np.ones(len(z))),
    Method("- changes of all periods alike", by_monitor, shifts, "_LOCAL", LENGTH),
    Method("- changes not clipped", by_monitor, shifts, "_CLIP", 1e9),
    Method("auxiliary residuals, statsmodels", auxiliary_residuals),
    Method("robust differences", robust_differences),
    Method("binary segmentation", binary_segmentation),
)


# --- simulated series ------------------------------------------------------------------------


def simulate(kind: str, rng: np.random.Generator, n: int = LENGTH) -> np.ndarray:
    """Draw counts without a break."""
    t = np.arange(n)
    season = 0.25 * np.sin(2 * np.pi * t / 12 + rng.uniform(0, 6)) + 0.1 * np.sin(np.pi * t / 3)
    normal = rng.standard_normal(n)
    if kind == "random walk":
        log_mean = np.log(800) + np.cumsum(0.1 * normal) + season + rng.normal(0, 0.05, n)
    elif kind == "AR(1)":
        log_mean = np.log(200) + season + autoregression(0.2 * normal, 0.8)
    elif kind == "stock":
        log_mean = np.log(5000) + np.cumsum(autoregression(0.02 * normal, 0.8))
    elif kind in {"8 a month", "20 a month, to 5", "3 a month, to 5"}:
        level = float(kind.split(maxsplit=1)[0])
        log_mean = np.log(level) + (season if level > 3 else np.zeros(n))
    elif kind == "surge":
        middle, width = rng.integers(30, n - 40), rng.integers(3, 7)
        bump = rng.uniform(1, 2.5) * np.exp(-(((t - middle) / width) ** 2) / 2)
        log_mean = np.log(500) + np.cumsum(0.06 * normal) + season + bump
    elif kind == "t4 walk":
        log_mean = np.log(800) + np.cumsum(rng.standard_t(4, n) * 0.1 / np.sqrt(2)) + season
    else:  # volatility comes and goes
        volatility = 0.1 * np.exp(autoregression(rng.normal(0, 0.2, n), 0.95))
        log_mean = np.log(800) + np.cumsum(volatility * normal) + season
    counts = rng.poisson(np.exp(np.minimum(log_mean, 18))).astype(float)
    return np.round(counts / 5) * 5 if kind.endswith("to 5") else counts


def autoregression(shocks: np.ndarray, coefficient: float) -> np.ndarray:
    values = np.zeros(len(shocks))
    for i in range(1, len(shocks)):
        values[i] = coefficient * values[i - 1] + shocks[i]
    return values


QUIET = (
    "random walk",
    "AR(1)",
    "stock",
    "8 a month",
    "20 a month, to 5",
    "3 a month, to 5",
    "surge",
)
WILD = ("t4 walk", "changing volatility")
CHANGES = (
    ("random walk", 2.0, "level_shift"), ("random walk", 0.5, "level_shift"),
    ("stock", 1.4, "level_shift"), ("AR(1)", 2.5, "level_shift"),
    ("20 a month, to 5", 3.0, "level_shift"), ("random walk", 3.0, "outlier"),
    ("random walk", 0.3, "outlier"), ("AR(1)", 4.0, "outlier"),
)  # fmt: skip


def false_alarms(method: Method, kind: str, reps: int) -> float:
    """Share of series in which anything is found."""
    draws = (simulate(kind, np.random.default_rng(1000 + i)) for i in range(reps))
    return float(np.mean([bool(method.find(values)) for values in draws]))


def detections(method: Method, kind: str, size: float, what: str, reps: int) -> float:
    """Share of series in which the change is found at its period and as its kind."""
    hits = 0
    for i in range(reps):
        rng = np.random.default_rng(5000 + i)
        values = simulate(kind, rng)
        at = int(rng.integers(24, LENGTH - 12))
        place = slice(at, None) if what == "level_shift" else slice(at, at + 1)
        values[place] = np.round(values[place] * size)
        if kind.endswith("to 5"):
            values = np.round(values / 5) * 5
        hits += (at, what) in method.find(values)
    return hits / reps


def compare_methods(reps: int) -> pd.DataFrame:
    rows = []
    for method in METHODS:
        own = reps if method.name == "monitor" else reps // 4
        with method.patched():
            row: dict[str, object] = {"method": method.name}
            row |= {kind: false_alarms(method, kind, own) for kind in (*QUIET, *WILD)}
            row |= {
                f"{kind} x{size} {what}": detections(method, kind, size, what, own)
                for kind, size, what in CHANGES
            }
        rows.append(row)
    return pd.DataFrame(rows).set_index("method").T


# --- real series -----------------------------------------------------------------------------


def list_found(name: str, countries: dict[str, RegularSeries]) -> None:
    print(f"\nFound in {name}")
    for geo, series in countries.items():
        begin = time.perf_counter()
        found = find_breaks(series)
        seconds = time.perf_counter() - begin
        words = [f"{b.period} {b.shape} x{b.size:.2g} ({b.strength:+.1f})" for b in found]
        print(f"{geo} {seconds:.2f} s  {', '.join(words) or 'nothing'}")


def list_delays(cases: list[tuple[str, RegularSeries, str]]) -> None:
    print("\nNumber of later months known with which a break is found as a level shift")
    for name, series, month in cases:
        at = pd.Period(month, freq="M")
        known = [
            later
            for later in range(13)
            if at + later <= series.origin
            for b in find_breaks(series.until(at + later))
            if b.period == at and b.kind == "level_shift"
        ]
        print(f"{name} {month}: {known}")


def compare_on_countries(
    pending: dict[str, RegularSeries], applicants: dict[str, RegularSeries]
) -> pd.DataFrame:
    """Whether each method finds the two known breaks, and how much it finds in all."""
    rows = []
    for method in METHODS:
        with method.patched():
            found = {
                (name, geo): spot(method, series)
                for name, countries in (("pending", pending), ("applicants", applicants))
                for geo, series in countries.items()
            }
        rows.append({
            "method": method.name,
            "FI pending 2018-01": "2018-01" in found["pending", "FI"],
            "SI applicants 2016-02": "2016-02" in found["applicants", "SI"],
            "FI pending in 2015": sum(each[:4] == "2015" for each in found["pending", "FI"]),
            "in all": sum(map(len, found.values())),
            "most in a series": max(map(len, found.values())),
        })  # fmt: skip
    return pd.DataFrame(rows)


def spot(method: Method, series: RegularSeries) -> list[str]:
    values = series.values.interpolate().to_numpy()
    return [str(series.periods[at]) for at, _ in method.find(values)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pending", type=Path)
    parser.add_argument("applicants", type=Path)
    parser.add_argument("--reps", type=int, default=400)
    options = parser.parse_args()
    pending, applicants = read_countries(options.pending), read_countries(options.applicants)
    list_found("pending applications", pending)
    list_found("applications", applicants)
    list_delays([
        ("FI pending", pending["FI"], "2018-01"), ("SI applications", applicants["SI"], "2016-02"),
        ("NL pending", pending["NL"], "2012-01"), ("AT applications", applicants["AT"], "2023-11"),
    ])  # fmt: skip
    print("\nBy method, over the countries' series")
    print(compare_on_countries(pending, applicants).to_string(index=False))
    print("\nShare of series with a false alarm, then share of changes found as what they are")
    print(compare_methods(options.reps).round(3).to_string())


if __name__ == "__main__":
    main()
