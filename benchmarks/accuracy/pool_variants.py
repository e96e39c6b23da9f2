r"""Compare members, pools, calibrations and mechanisms for surges on ten countries.

    python benchmarks/accuracy/pool_variants.py APPLICANTS.csv --output VARIANTS.csv

Every member is simulated once for each country and origin, by the suite's own models, from the
figures up to the origin; every variant is then scored on the same draws and the same cases. Origins
every eight months; those before December 2012 only teach calibrations.

The table, one row a variant:

- crps_1_12: CRPS of months 1 to 12 relative to the random walk, geometric mean over countries;
  lower, upper: interval of 90 % of the ratio to the pool that ships;
- scaled_13_24: mean of CRPS / seasonal naive error, months 13 to 24, relative to the random walk;
- coverage of 80 and 95 % intervals by months ahead; all these from origins since December 2014;
- totals of 36 months, origins since December 2012: CRPS of log(1 + total), P80 targets met, median
  of target / outcome, share of outcomes in the top tenth with an interval of 90 %, and cases.

Countries share their shocks: intervals come from resampling blocks of whole origins. What was
chosen, and why, is in docs/adr/0015-pool-and-panel.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pool_mechanisms as ways
from pool_cases import BENCHMARK, MEMBERS, REFERENCE, SHIPPED, Case, Variant, simulate
from target_attainment import read_panel

from forecasting.evaluation.interval_scores import interval_coverage
from forecasting.evaluation.point_scores import seasonal_scale
from forecasting.evaluation.scores import crps_samples
from forecasting.evaluation.significance import Pairing, compare
from forecasting.evaluation.skill import SCORE_COLUMNS, scores_by_model, skill
from forecasting.evaluation.target_backtest import attainment
from forecasting.forecasts.calibration import Calibration, PastCase
from forecasting.forecasts.pool import DEFAULT_POOL
from forecasting.models.common import one_thread
from forecasting.models.panel import Panel
from forecasting.programmes.targets import target_at

ORIGINS = pd.period_range("2010-12", "2023-08", freq="M")[::8]
FIRST_TOTALS, FIRST_MONTHS = pd.Period("2012-12", "M"), pd.Period("2014-12", "M")
MONTHS, WINDOW = 24, 36
BLOCKS = ((1, 3), (4, 6), (7, 12), (13, 24))
DEFAULT = "default pool, as shipped"
FORMER = ("theta-log", "ets-log", "ets", "seasonal_naive-log")


def _without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in DEFAULT_POOL if name not in names)


POOLS = {
    "default pool": Variant(),
    "former pool": Variant(FORMER),
    "former pool + analogue": Variant((*FORMER, "analogue")),
    "former pool + ces-log": Variant((*FORMER, "ces-log")),
    **{f"without {name}": Variant(_without(name)) for name in DEFAULT_POOL},
    "+ ets-log": Variant((*DEFAULT_POOL, "ets-log")),
    "+ theta": Variant((*DEFAULT_POOL, "theta")),
    "theta for theta-log": Variant((*_without("theta-log"), "theta")),
    "raw seasonal naive": Variant((*_without("seasonal_naive-log"), "seasonal_naive")),
    "analogue twice": Variant((*DEFAULT_POOL, "analogue")),
    SHIPPED: Variant((*_without("analogue"), SHIPPED)),
    "reference class for analogue": Variant((*_without("analogue"), REFERENCE)),
    "+ reference class": Variant((*DEFAULT_POOL, REFERENCE)),
    "quantile averaging": Variant(combine=ways.quantile_average),
    "quantile averaging, comonotone": Variant(combine=ways.comonotone_average),
    "members judged by 24 months": Variant(judged=24),
    "members out of proportion kept": Variant(judged=0),
    "ceiling 10": Variant(ceiling=10),
    "no ceiling": Variant(ceiling=np.inf),
}
PLAIN = Variant(calibrate=ways.shipped)
VARIANTS = {
    **{f"{name} alone": Variant((name,), judged=0) for name in MEMBERS if name != BENCHMARK},
    BENCHMARK: Variant((BENCHMARK,), judged=0),
    "former pool, no ceiling": Variant(FORMER, ceiling=np.inf),
    **POOLS,
    **{
        f"{name}, calibrated": replace(own, calibrate=ways.own, upward=Panel.upward)
        for name, own in POOLS.items()
    },
    DEFAULT: replace(PLAIN, upward=Panel.upward),
    "no mechanism for surges": PLAIN,
    "factors that ship, shrunk by the past": Variant(calibrate=ways.shrunk),
    "factors by origin, sides alike": Variant(calibrate=ways.Measured(apart=False)),
    "factors by origin, sides apart": Variant(calibrate=ways.Measured(apart=True)),
    "factors in hindsight, sides apart": Variant(
        calibrate=ways.Measured(apart=True, hindsight=True)
    ),
    **{
        f"upper stretch {least:g} beyond 24 months": Variant(calibrate=ways.Stretched(least))
        for least in (1.5, 2, 2.5)
    },
    **{
        f"reference class, {100 * level:g} % x {times:g}": replace(
            PLAIN, upward=ways.Reach(level, times)
        )
        for level, times in ((0.9, 1), (0.9, 1.5), (0.95, 1.25), (0.95, 1.5), (0.98, 1))
    },
    "symmetric jumps N(0, 0.5), 1/60": replace(PLAIN, surge=ways.Jumps(1 / 60, 0.5, upward=False)),
    "upward jumps, 1/100": replace(PLAIN, surge=ways.Jumps(1 / 100, 1, upward=True)),
    "upward jumps, 1/200": replace(PLAIN, surge=ways.Jumps(1 / 200, 1, upward=True)),
    "upward jumps after month 12, 1/100": replace(
        PLAIN, surge=ways.Jumps(1 / 100, 1, upward=True, after=12)
    ),
    "upward jumps before calibration, 1/100": Variant(
        combine=ways.PoolThatJumps(ways.Jumps(1 / 100, 1, upward=True)),
        calibrate=ways.own,
    ),
    **{
        f"level shift t4 x {spread}": replace(PLAIN, surge=ways.LevelShift(spread))
        for spread in (0.3, 0.5)
    },
    **{
        f"dependence over months {share:g}": replace(PLAIN, surge=ways.Dependence(share))
        for share in (0.3, 0.6, 1)
    },
}


def past_cases(cases: list[Case], names: Sequence[str]) -> dict[str, list[PastCase]]:
    """What calibrations learn from one origin, by variant."""
    return {name: [case.past(VARIANTS[name]) for case in cases] for name in names}


Scored = tuple[list[pd.DataFrame], list[dict[str, object]]]


def score(cases: list[Case], calibrations: dict[str, Calibration], seed: int) -> Scored:
    """Score every variant at one origin: by month, and by total."""
    months, totals = [], []
    for case in cases:
        for name, variant in VARIANTS.items():
            if not any(member in case.draws for member in variant.members):
                continue
            draws = case.final(variant, calibrations.get(name), seed)
            about = {
                "series_id": case.known.series_id,
                "model": name,
                "origin": str(case.known.origin),
            }
            if case.known.origin >= FIRST_MONTHS:
                months.append(_by_month(case, draws).assign(**about))
            if case.known.origin >= FIRST_TOTALS and len(case.outcome) >= WINDOW:
                totals.append(about | _of_total(case, draws))
    return months, totals


def _by_month(case: Case, draws: np.ndarray) -> pd.DataFrame:
    outcome = case.outcome[:MONTHS]
    drawn = draws[:, : len(outcome)].T
    scale = seasonal_scale(case.known.values, case.known.season_length)
    crps = crps_samples(drawn, outcome)
    metrics = {"crps": crps, "scaled_crps": crps / scale}
    for level in (80, 95):
        lower, upper = np.quantile(drawn, [0.5 - level / 200, 0.5 + level / 200], axis=1)
        metrics[f"coverage_{level}"] = interval_coverage(lower, upper, outcome)
    table = pd.DataFrame(metrics, index=pd.RangeIndex(1, len(outcome) + 1, name="horizon"))
    return table.reset_index().melt("horizon", var_name="metric")


def _of_total(case: Case, draws: np.ndarray) -> dict[str, object]:
    sums, outcome = draws[:, :WINDOW].sum(axis=1), case.outcome[:WINDOW].sum()
    target = target_at(sums, 0.8)
    return {
        "window_months": WINDOW,
        "met": outcome >= target,
        "top_tenth": outcome > np.quantile(sums, 0.9),
        "target_to_outcome": float(target) / outcome,
        "log_crps": float(crps_samples(np.log1p(sums), np.log1p(outcome))),
    }


def summarise(months: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """One row for each variant."""
    first_year = range(1, 13)
    relative = skill(months, metric="crps", benchmark=BENCHMARK, horizons=first_year)
    table = relative.set_index("model")[["value"]].rename(columns={"value": "crps_1_12"})
    table = table.loc[list(VARIANTS)]
    table[["lower", "upper"]] = [_against_shipped(months, name, first_year) for name in table.index]
    scaled = _block_means(months, "scaled_crps", (13, 24))
    table["scaled_13_24"] = scaled / scaled[BENCHMARK]
    for metric in ("coverage_80", "coverage_95"):
        for first, last in BLOCKS:
            table[f"{metric}_{first}_{last}"] = _block_means(months, metric, (first, last))
    by_model = totals.groupby("model")
    table["total_log_crps"] = by_model["log_crps"].mean()
    table["p80_met"] = by_model["met"].mean()
    table["target_to_outcome"] = by_model["target_to_outcome"].median()
    tops = {name: attainment(own, column="top_tenth") for name, own in by_model}
    for column in ("share", "lower", "upper", "cases"):
        table[f"top_tenth_{column}"] = [getattr(tops[name], column) for name in table.index]
    return table.round(4)


def _block_means(months: pd.DataFrame, metric: str, block: tuple[int, int]) -> pd.Series:
    own = months[(months["metric"] == metric) & months["horizon"].between(*block)]
    return own.groupby("model")["value"].mean()


def _against_shipped(
    months: pd.DataFrame, name: str, horizons: Sequence[int]
) -> tuple[float, float]:
    """Interval of the ratio; exactly 1 for a variant that differs after these months only."""
    own = months[months["model"].isin((name, DEFAULT))]
    pair = scores_by_model(own, metric="crps", horizons=horizons)
    if np.allclose(pair[name], pair[DEFAULT]):
        return 1.0, 1.0
    found = compare(own, Pairing(name, DEFAULT, "crps", horizons))
    return found.lower, found.upper


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("applicants", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--paths", type=int, default=300, help="paths of each member")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    batch = list(read_panel(options.applicants).values())
    learn = {name: own.calibrate for name, own in VARIANTS.items() if own.calibrate}
    with ProcessPoolExecutor(options.jobs, initializer=one_thread) as executor:
        run = partial(simulate, batch=batch, n_paths=options.paths, seed=options.seed)
        by_origin = list(executor.map(run, ORIGINS))
        past = list(executor.map(partial(past_cases, names=list(learn)), by_origin))
        known = {name: [case for own in past for case in own[name]] for name in learn}
        calibrations = [
            {name: calibrate(known[name], origin) for name, calibrate in learn.items()}
            for origin in ORIGINS
        ]
        scored = list(executor.map(partial(score, seed=options.seed), by_origin, calibrations))
    months = pd.concat([table for own, _ in scored for table in own], ignore_index=True)
    totals = pd.DataFrame([row for _, own in scored for row in own])
    table = summarise(months[list(SCORE_COLUMNS)], totals)
    table.to_csv(options.output, index_label="variant")
    print(table.to_string())
    missed = totals[totals["top_tenth"] & (totals["model"] == DEFAULT)]
    print("in the top tenth of the pool that ships:", *missed["series_id"] + " " + missed["origin"])


if __name__ == "__main__":
    main()
