r"""Compare pools of members on ten countries: by month, and by totals over 12, 36 and 60 months.

    python benchmarks/accuracy/pool_variants.py APPLICANTS.csv --output VARIANTS.csv

Origins every eight months from December 2012. By month: CRPS relative to the random walk, mean over
the months of the block, geometric mean over countries, origins from December 2014 with at least
twelve months of outcome. Totals: CRPS of log(1 + total), and the shares of P80 targets met and of
outcomes in the top tenth. Each member gives the same number of paths; one whose median leaves all
proportion is left out as in the suite, but for the pool that keeps it.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from target_attainment import read_panel

from forecasting.errors import ModelError
from forecasting.forecasts.pool import out_of_proportion
from forecasting.models import get_model
from forecasting.models.statsforecast_adapter import FittedStatsforecast, StatsforecastModel
from forecasting.series import RegularSeries

HORIZON, STEP, SHORTEST = 60, 8, 36
FIRST_ORIGIN, FIRST_BY_MONTH = "2012-12", pd.Period("2014-12", "M")
BLOCKS = {"months 1-12": (0, 12), "months 13-24": (12, 24)}
TOTALS = (12, 36, 60)
KEPT = "out of proportion kept"
POOLS = {
    "default pool": ("theta-log", "ets-log", "ets", "seasonal_naive-log"),
    KEPT: ("theta-log", "ets-log", "ets", "seasonal_naive-log"),
    "raw ETS with additive errors": ("theta-log", "ets-log", "ets-additive", "seasonal_naive-log"),
    "without raw ETS": ("theta-log", "ets-log", "seasonal_naive-log"),
    "raw Theta for raw ETS": ("theta-log", "ets-log", "theta", "seasonal_naive-log"),
    "raw seasonal naive": ("theta-log", "ets-log", "ets", "seasonal_naive"),
    "without seasonal naive": ("theta-log", "ets-log", "ets"),
    "with CES, log scale": ("theta-log", "ets-log", "ets", "seasonal_naive-log", "ces-log"),
    "last 60 months only": tuple(
        f"{name}/60" for name in ("theta-log", "ets-log", "ets", "seasonal_naive-log")
    ),
    "last 96 months only": tuple(
        f"{name}/96" for name in ("theta-log", "ets-log", "ets", "seasonal_naive-log")
    ),
}
BENCHMARK = "random_walk"
Draws = dict[tuple[str, str, str], np.ndarray]


class AdditiveEts(StatsforecastModel):
    """ETS whose errors are additive; not offered by the suite."""

    def fit(self, series: RegularSeries) -> FittedStatsforecast:
        """Estimate the model; see `forecasting.models.Model`."""
        from statsforecast.models import AutoETS

        fitted = AutoETS(season_length=series.season_length, model="AZZ").fit(
            series.values.to_numpy(float)
        )
        return FittedStatsforecast(self, series, fitted)


def draw(series: RegularSeries, n_paths: int) -> Draws:
    """Simulate every member at every origin of one country."""
    names = sorted({BENCHMARK, *(name for pool in POOLS.values() for name in pool)})
    found: Draws = {}
    for origin in pd.period_range(FIRST_ORIGIN, series.origin - 12, freq="M")[::STEP]:
        if origin - SHORTEST < series.periods[0]:
            continue
        known = series.until(origin)
        for name in names:
            kind, _, window = name.partition("/")
            model = AdditiveEts("ets", "raw") if kind == "ets-additive" else get_model(kind)
            used = replace(known, values=known.values.iloc[-int(window) :]) if window else known
            rng = np.random.default_rng([origin.ordinal, *map(ord, series.series_id + name)])
            try:
                paths = model.fit(used).simulate(HORIZON, n_paths, rng)
            except ModelError:
                continue
            proportion = out_of_proportion(name, paths, used)
            key = name if proportion is None else f"{name}!"
            found[series.series_id, str(origin), key] = paths.to_numpy().astype(np.float32)
    return found


def crps(draws: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """CRPS of samples of shape (n, ...), the estimator of Zamo and Naveau (2018), eq. NRG."""
    ordered = np.sort(draws.astype(float), axis=0)
    n = len(ordered)
    weights = (2 * np.arange(1, n + 1) - n - 1).reshape(-1, *([1] * (ordered.ndim - 1)))
    spread = (weights * ordered).sum(axis=0) / n**2
    return np.abs(ordered - outcome).mean(axis=0) - spread


def score(
    pool: tuple[str, ...], draws: Draws, panel: dict[str, RegularSeries], *, keep: bool = False
) -> pd.DataFrame:
    """Score one pool case by case, every pool on the same cases."""
    rows = []
    for geo, origin in sorted({(geo, origin) for geo, origin, _ in draws}):
        keys = [*pool, *(f"{name}!" for name in pool if keep or name == BENCHMARK)]
        usable = [draws[geo, origin, key] for key in keys if (geo, origin, key) in draws]
        paths = np.vstack(usable)
        outcome = panel[geo].values[pd.Period(origin, "M") + 1 :].to_numpy()[:HORIZON]
        for block, (first, last) in BLOCKS.items():
            if len(outcome) >= last and pd.Period(origin, "M") >= FIRST_BY_MONTH:
                value = crps(paths[:, first:last], outcome[first:last]).mean()
                rows.append((geo, block, value))
        for months in TOTALS:
            if len(outcome) >= months:
                rows += [(geo, key, value) for key, value in _total(paths, outcome, months)]
    return pd.DataFrame(rows, columns=["geo", "measure", "value"])


def _total(paths: np.ndarray, outcome: np.ndarray, months: int) -> list[tuple[str, float]]:
    totals, counted = paths[:, :months].sum(axis=1), outcome[:months].sum()
    low, high = np.quantile(totals, [0.2, 0.9], method="inverted_cdf")
    return [
        (f"total {months}", float(crps(np.log1p(totals), np.log1p(counted)))),
        (f"P80 met {months}", float(counted >= low)),
        (f"top tenth {months}", float(counted > high)),
    ]


def summarise(scores: pd.DataFrame, benchmark: pd.DataFrame) -> pd.Series:
    """One row of the table: relative CRPS by month, means otherwise."""
    result = {}
    for block in BLOCKS:
        own, base = (
            table[table["measure"] == block].groupby("geo")["value"].mean()
            for table in (scores, benchmark)
        )
        result[block] = float(np.exp(np.log(own / base).mean()))
    others = scores[~scores["measure"].isin(BLOCKS)]
    means = others.groupby("measure", sort=False)["value"].mean()
    return pd.concat([pd.Series(result), means])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("applicants", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--paths", type=int, default=1600, help="paths of each member")
    options = parser.parse_args()
    panel = read_panel(options.applicants)
    with ProcessPoolExecutor(2) as executor:
        parts = executor.map(draw, panel.values(), [options.paths] * len(panel))
    draws = {key: paths for part in parts for key, paths in part.items()}
    benchmark = score((BENCHMARK,), draws, panel)
    table = pd.DataFrame(
        {
            name: summarise(score(pool, draws, panel, keep=name == KEPT), benchmark)
            for name, pool in POOLS.items()
        }
    ).T.round(3)
    table.to_csv(options.output, index_label="pool")
    print(table.to_string())


if __name__ == "__main__":
    main()
