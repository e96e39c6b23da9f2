r"""Compare ways to make a hierarchy add up, and ways to split a total into categories.

    python benchmarks/accuracy/hierarchy.py APPLICANTS.csv ANNUAL.csv.gz --output FOLDER

*Tiers.* The countries whose monthly figures reach back to 2008, and their sum; origins every four
months, twelve months ahead. The correlation is that of the errors of origins whose twelve months
had passed. CRPS of the months and of their sum relative to the base forecasts, geometric mean over
countries; coverage of the 80% interval.

*Shares.* Applicants in Slovenia and Finland by citizenship, sex, age; origins 2012 to 2019: given
a country's total, how well are the parts of each tier forecast one, two and three years ahead, and
summed over the three years? Coverage of the 80% interval over parts of which five persons
were expected; CRPS summed over the parts, per person.

APPLICANTS.csv has the columns date,geo,citizen,value (Eurostat migr_asyappctzm), ANNUAL.csv.gz
date,geo,applicant,citizen,sex,age,value (Eurostat migr_asyappctza).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from hierarchy_shares import compare_shares
from target_attainment import read_panel

from forecasting.evaluation.scores import crps_samples
from forecasting.forecasts import forecast
from forecasting.forecasts.hierarchy import Hierarchy
from forecasting.forecasts.reconciliation import (
    min_trace,
    reconcile,
    reorder,
    shrunk_correlation,
)
from forecasting.series import RegularSeries

TOTAL, HORIZON, STEP = "total", 12, 4
FIRST_ORIGIN, FIRST_SCORED = pd.Period("2010-12", "M"), pd.Period("2012-12", "M")
Base = dict[pd.Period, dict[str, xr.DataArray]]


def read_tier(path: Path) -> dict[str, RegularSeries]:
    """Read the countries that begin together, up to the last month of all, and their sum first."""
    panel = read_panel(path)
    first = min(series.periods[0] for series in panel.values())
    last = min(series.origin for series in panel.values())
    tier = {geo: one.until(last) for geo, one in panel.items() if one.periods[0] == first}
    total = pd.concat([series.values for series in tier.values()], axis=1).sum(axis=1)
    return {TOTAL: RegularSeries(TOTAL, total, "persons"), **tier}


def draw_base(tier: dict[str, RegularSeries], n_paths: int) -> Base:
    """Forecast every series on its own at every origin."""
    last = tier[TOTAL].origin - HORIZON
    return {
        origin: {
            name: forecast(series.until(origin), horizon=HORIZON, n_paths=n_paths).paths
            for name, series in tier.items()
        }
        for origin in pd.period_range(FIRST_ORIGIN, last, freq="M")[::STEP]
    }


def outcomes(tier: dict[str, RegularSeries], origin: pd.Period) -> np.ndarray:
    """What was counted after an origin, shape (horizon, series)."""
    return np.stack([s.values[origin + 1 : origin + HORIZON] for s in tier.values()], axis=1)


def past_errors(tier: dict[str, RegularSeries], base: Base, origin: pd.Period) -> pd.DataFrame:
    """Errors of the medians' sums over the horizon known at an origin, divided by the level."""
    rows = []
    for past in [period for period in base if period + HORIZON <= origin]:
        medians = [float(paths.median("path").sum()) for paths in base[past].values()]
        rows.append((outcomes(tier, past).sum(axis=0) - medians) / levels(tier, past))
    return pd.DataFrame(rows, columns=list(tier))


def levels(tier: dict[str, RegularSeries], origin: pd.Period) -> np.ndarray:
    """Sum of the last year before an origin, of every series."""
    return np.array([series.values[:origin].iloc[-12:].sum() for series in tier.values()])


def coherent(
    tier: dict[str, RegularSeries], base: Base, origin: pd.Period
) -> dict[str, np.ndarray]:
    """Paths of every way that is compared, shape (path, period, series), the total first."""
    tree = Hierarchy({name: "" if name == TOTAL else TOTAL for name in tier})
    scaled = past_errors(tier, base, origin)
    errors = scaled * levels(tier, origin)
    known = [past for past in base if past + HORIZON <= origin]
    raw = scaled * np.stack([levels(tier, past) for past in known])
    drawn = _stack(base[origin])
    correlation = shrunk_correlation(errors.to_numpy())
    joint = reorder(drawn, correlation, tree, np.random.default_rng(1))

    def run(errors: pd.DataFrame) -> np.ndarray:
        return _stack(reconcile(base[origin], tree, errors, rng=np.random.default_rng(1)))

    def project(paths: np.ndarray, leaves: np.ndarray) -> np.ndarray:
        return np.maximum(paths @ leaves.T, 0) @ tree.summing_matrix().T

    widths = (np.quantile(drawn, 0.9, axis=0) - np.quantile(drawn, 0.1, axis=0)).mean(axis=0)
    by_width = correlation * np.outer(widths, widths)
    parts, bottom = joint[..., 1:], np.eye(len(tier))[1:]
    down = parts * joint[..., :1] / np.maximum(parts.sum(axis=2, keepdims=True), 1e-9)
    return {
        "base forecasts, not coherent": drawn,
        "as drawn, MinT": project(drawn, min_trace(tree, _covariance(errors))),
        "re-ordered, MinT": run(errors),
        "re-ordered, MinT, errors not scaled to today's level": run(raw),
        "re-ordered, MinT, errors centred": run(errors - errors.mean()),
        "re-ordered, MinT, widths of the base forecasts": project(joint, min_trace(tree, by_width)),
        "re-ordered, these widths only": project(joint, min_trace(tree, np.diag(widths**2))),
        "re-ordered, OLS": project(joint, min_trace(tree, np.eye(len(tier)))),
        "as drawn, bottom-up": project(drawn, bottom),
        "re-ordered, bottom-up": project(joint, bottom),
        "re-ordered, top-down": np.concatenate([joint[..., :1], down], axis=2),
    }


def _covariance(errors: pd.DataFrame) -> np.ndarray:
    widths = np.sqrt((errors.to_numpy() ** 2).mean(axis=0))
    return shrunk_correlation(errors.to_numpy()) * np.outer(widths, widths)


def _stack(paths: dict[str, xr.DataArray]) -> np.ndarray:
    return np.stack([one.to_numpy() for one in paths.values()], axis=2)


def compare_tiers(path: Path, n_paths: int) -> pd.DataFrame:
    """One row for every way to make countries and their sum add up."""
    tier = read_tier(path)
    base = draw_base(tier, n_paths)
    rows = []
    for origin in [period for period in base if period >= FIRST_SCORED]:
        counted = outcomes(tier, origin)
        for way, paths in coherent(tier, base, origin).items():
            sums = np.concatenate([paths, paths.sum(axis=1, keepdims=True)], axis=1)
            truth = np.concatenate([counted, counted.sum(axis=0, keepdims=True)])
            scores = crps_samples(np.moveaxis(sums, 0, -1), truth)
            low, high = np.quantile(sums, [0.1, 0.9], axis=0, method="inverted_cdf")
            inside = (truth >= low) & (truth <= high)
            for place, name in enumerate(tier):
                for what, rule in (("month", slice(0, -1)), ("year", slice(-1, None))):
                    score, share = scores[rule, place].mean(), inside[rule, place].mean()
                    rows.append((way, name == TOTAL, name, what, score, share))
    frame = pd.DataFrame(rows, columns=["way", "is_total", "series", "span", "crps", "coverage"])
    means = frame.groupby(["way", "is_total", "series", "span"], sort=False).mean()
    means["crps"] = np.log(means["crps"] / means["crps"].xs(frame["way"].iloc[0]))
    table = means.groupby(["way", "is_total", "span"], sort=False).mean()
    table["crps"] = np.exp(table["crps"])
    table = table.reset_index().pivot_table(
        index="way", columns=["is_total", "span"], values=["crps", "coverage"], sort=False
    )
    return table.rename(columns={True: "total", False: "countries"}).round(3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("applicants", type=Path)
    parser.add_argument("annual", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="folder of both tables")
    parser.add_argument("--paths", type=int, default=400, help="paths of each series")
    options = parser.parse_args()
    tables = {
        "tiers": compare_tiers(options.applicants, options.paths),
        "shares": compare_shares(options.annual, options.paths),
    }
    for name, table in tables.items():
        table.columns = [" ".join(map(str, labels)) for labels in table.columns]
        table.to_csv(options.output / f"{name}.csv")
        print(table.to_string(), end="\n\n")


if __name__ == "__main__":
    main()
