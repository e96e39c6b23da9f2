r"""How much the newest figures are revised, and whether correcting them helps.

Prints the restatements in a file of vintages, the revisions by country and age, and the error of
the last month taken as published, corrected and drawn: for each country with the cases of the
others, and for June to August with the cases known by the end of May. Writes the table that ships
as data/reference/reporting_revisions.csv.

    python benchmarks/accuracy/revisions.py VINTAGES.csv --output reporting_revisions.csv

VINTAGES.csv has the columns vintage,date,geo,value (Eurostat migr_asyappctzm, all applicants).
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.series.revisions import Revisions, estimate_revisions, summarise_revisions
from forecasting.sources.vintages import read_vintages

HALF = dt.date(2024, 5, 31)
DRAWS = 4000

Correction = Callable[[Revisions, str], np.ndarray]
"""Draws of the log ratio of the newest month of a country."""


def newest(cases: pd.DataFrame) -> pd.Series:
    """Log ratio of the newest month published, by case."""
    return cases.bfill(axis=1).iloc[:, 0]


def drawn(revisions: Revisions, weights: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.choice(newest(revisions.log_ratios).to_numpy(), size=DRAWS, p=weights)


def own_only(revisions: Revisions, geo: str) -> np.ndarray:
    own = np.asarray(revisions.geos == geo, dtype=float)
    return own / own.sum() if own.any() else revisions.weights()


CORRECTIONS: dict[str, Correction] = {
    "as published": lambda revisions, geo: np.zeros(1),
    "times the pool's mean": lambda r, geo: np.full(1, newest(r.log_ratios).mean()),
    "times the country's mean": lambda r, geo: np.full(1, drawn(r, own_only(r, geo)).mean()),
    "drawn from the pool": lambda r, geo: drawn(r, r.weights()),
    "drawn, country weighs more": lambda r, geo: drawn(r, r.weights(geo)),
    "drawn, mean moved to zero": lambda r, geo: (d := drawn(r, r.weights())) - d.mean(),
    "drawn from the country": lambda r, geo: drawn(r, own_only(r, geo)),
}


def restatements(vintages: pd.DataFrame) -> Iterator[str]:
    """Describe each day on which a country changed cells that had been published before."""
    cells = vintages.sort_values("vintage", kind="stable")
    cells["before"] = cells.groupby(["geo", "period"])["value"].shift()
    changed = cells.dropna(subset="before")
    for (day, geo), own in changed.groupby(["vintage", "geo"]):
        ratios = own["value"] / own["before"]
        span = f"{own['period'].min()} to {own['period'].max()}"
        yield (
            f"{day} {geo}: {len(own)} months, {span}, ratio {ratios.min():.3f} to "
            f"{ratios.max():.3f}, median {ratios.median():.3f}"
        )


def crps(draws: np.ndarray, outcome: float) -> float:
    pairs = np.abs(draws[:, None] - draws[None, : min(500, len(draws))]).mean()
    return float(np.abs(draws - outcome).mean() - pairs / 2)


def score(revisions: Revisions, geo: str, outcomes: pd.Series, name: str) -> dict[str, object]:
    draws = CORRECTIONS[name](revisions, geo)
    lower, upper = np.quantile(draws, [0.025, 0.975])
    return {
        "correction": name,
        "geo": geo,
        "error of the median": float(np.abs(outcomes - np.median(draws)).mean()),
        "CRPS": float(np.mean([crps(draws, outcome) for outcome in outcomes])),
        "in the 95 % interval": float(outcomes.between(lower - 1e-9, upper + 1e-9).mean()),
    }


def other_countries(revisions: Revisions) -> pd.DataFrame:
    """Score each country with the cases of the others."""
    rows = [
        score(Revisions(revisions.log_ratios[revisions.geos != geo]), geo, newest(own), name)
        for geo, own in revisions.log_ratios.groupby(level="geo")
        for name in CORRECTIONS
        if "country" not in name
    ]
    return pd.DataFrame(rows)


def second_half(vintages: pd.DataFrame) -> pd.DataFrame:
    """Score the tables of June to August with what was known at the end of May."""
    early = estimate_revisions(vintages[vintages["vintage"] <= HALF], settled_months=3)
    late = estimate_revisions(hide_revisions_until(vintages, HALF), settled_months=3)
    rows = [
        score(early, geo, newest(own), name)
        for geo, own in late.log_ratios.groupby(level="geo")
        for name in CORRECTIONS
    ]
    return pd.DataFrame(rows)


def hide_revisions_until(vintages: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Let the vintages begin with the table as it stood the day after `day`."""
    first = day + dt.timedelta(days=1)
    known = vintages[vintages["vintage"] <= day].drop_duplicates(["geo", "period"], keep="last")
    return pd.concat([known.assign(vintage=first), vintages[vintages["vintage"] > first]])


def shipped_table(revisions: Revisions) -> pd.DataFrame:
    """List settled over published values by case and age."""
    cases = revisions.log_ratios.reset_index()
    table = cases.melt(["geo", "vintage"], value_name="ratio").dropna()
    table["ratio"] = np.exp(table["ratio"]).round(4)
    return table.sort_values(["geo", "vintage", "age_months"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vintages", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    vintages = read_vintages(options.vintages)
    revisions = estimate_revisions(vintages)
    print("Restatements", *restatements(vintages), sep="\n")
    print("\nRevisions", summarise_revisions(revisions).round(3).to_string(index=False), sep="\n")
    together = revisions.log_ratios.corr(method="spearman").round(2)
    print("\nRank correlation between ages", together.to_string(), sep="\n")
    for title, scores in (
        ("Each country with the cases of the others", other_countries(revisions)),
        ("June to August with the cases known at the end of May", second_half(vintages)),
    ):
        means = scores.drop(columns="geo").groupby("correction", sort=False).mean()
        print(f"\n{title}", means.round(4).to_string(), sep="\n")
    shipped_table(revisions).to_csv(options.output, index=False)


if __name__ == "__main__":
    main()
