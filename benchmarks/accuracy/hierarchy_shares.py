"""The second half of `hierarchy.py`: totals split into citizenships, sexes and ages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

from forecasting.evaluation.scores import crps_samples
from forecasting.forecasts import shares
from forecasting.forecasts.categories import category_counts
from forecasting.paths import make_paths

TIERS = ("citizenship", "sex", "age")
HALF_LIVES = (0.5, 1.0, 2.0, 4.0, np.inf)
ORIGINS = range(2012, 2020)
YEARS = 3
LARGEST = 10
"""Citizenships kept apart, by the persons of the last five years; the others are one category."""

DEFECTIVE = {"FI": {2008, 2013}}
"""Years refused by `category_counts`: sex and age do not add up to the published totals."""

SUBTOTALS = ("EU27_2020", "EXT_EU27_2020")


def read_counts(path: Path) -> dict[str, pd.DataFrame]:
    """Read persons by year and cell for each country, checked against the published sums."""
    rows = pd.read_csv(path).rename(columns={"date": "period", "citizen": "citizenship"})
    rows = rows[(rows["applicant"] == "ASY_APP") & (rows["age"] != "Y_LT18")]
    rows = rows[~rows["citizenship"].isin(SUBTOTALS)]
    return {
        str(geo): category_counts(own[~own["period"].isin(DEFECTIVE.get(str(geo), ()))], TIERS)
        for geo, own in rows.groupby("geo")
    }


def lump(counts: pd.DataFrame, origin: int) -> pd.DataFrame:
    """Put all but the largest citizenships, as known at the origin, into one."""
    recent = counts.loc[: str(origin)].tail(5).T.groupby("citizenship").sum().sum(axis=1)
    largest = set(recent.nlargest(LARGEST).index)
    cells = counts.columns.to_frame(index=False)
    cells.loc[~cells["citizenship"].isin(largest), "citizenship"] = "other"
    return counts.T.groupby([cells[name].to_numpy() for name in TIERS]).sum().T


KEPT = shares._draw_shares


def ways() -> Iterator[tuple[str, float, AbstractContextManager[object]]]:
    """Name, half-life and what is replaced in the suite, for each way that is compared."""
    for half_life in HALF_LIVES:
        yield f"half-life {half_life:g} years", half_life, nullcontext()
    yield (
        "one share for all years",
        shares.HALF_LIFE_YEARS,
        patch.object(shares, "_draw_shares", _one_share),
    )
    yield (
        "a new share each year",
        shares.HALF_LIFE_YEARS,
        patch.object(shares, "_draw_shares", _new_shares),
    )
    yield (
        "as sure as persons counted",
        shares.HALF_LIFE_YEARS,
        patch.object(shares, "_concentration", _all_counts),
    )


def _one_share(alpha: np.ndarray, ahead: np.ndarray, *rest: object) -> np.ndarray:
    return KEPT(alpha, np.ones_like(ahead), *rest)


def _new_shares(alpha: np.ndarray, ahead: np.ndarray, *rest: object) -> np.ndarray:
    return np.concatenate([KEPT(alpha, ahead[[at]], *rest) for at in range(len(ahead))], axis=1)


def _all_counts(tier: list[shares._Branch], half_life: float) -> float:
    weights = 0.5 ** (np.arange(len(tier[0].history))[::-1] / half_life)
    return float(sum((weights @ branch.history).sum() for branch in tier) / len(tier))


def compare_shares(path: Path, n_paths: int) -> pd.DataFrame:
    """One row for every way and tier."""
    rows = []
    for geo, counts in read_counts(path).items():
        years = {period.year for period in counts.index}
        for origin in ORIGINS:
            future = [origin + lead for lead in range(1, YEARS + 1)]
            if origin in years and years.issuperset(future):
                rows += score_origin(lump(counts, origin), origin, geo, n_paths)
    frame = pd.DataFrame(rows, columns=["way", "tier", "span", "geo", "coverage", "crps"])
    table = frame.pivot_table(
        index=["tier", "way"], columns="span", values=["coverage", "crps"], sort=False
    )
    return table.round(3)


def score_origin(
    counts: pd.DataFrame, origin: int, geo: str, n_paths: int
) -> list[tuple[str, str, str, str, float, float]]:
    """Score every way at one origin of one country."""
    future = counts.loc[str(origin + 1) : str(origin + YEARS)]
    totals = np.broadcast_to(future.sum(axis=1).to_numpy(), (n_paths, YEARS))
    known = make_paths(totals, pd.PeriodIndex(future.index), unit="persons")
    rows = []
    for way, half_life, change in ways():
        with change:
            split = shares.split_by_shares(
                known,
                counts.loc[: str(origin)],
                half_life=half_life,
                rng=np.random.default_rng(1),
            )
        cells = split.to_numpy()
        for depth, tier in enumerate(TIERS):
            groups = counts.columns.droplevel(list(range(depth + 1, len(TIERS))))
            places, labels = pd.factorize(groups)
            member = np.eye(len(labels))[places]
            drawn, truth = cells @ member, future.to_numpy() @ member
            sums = np.concatenate([drawn, drawn.sum(axis=1, keepdims=True)], axis=1)
            counted = np.concatenate([truth, truth.sum(axis=0, keepdims=True)])
            for place, span in enumerate([*(f"year {n + 1}" for n in range(YEARS)), "3 years"]):
                rows.append((way, tier, span, geo, *_score(sums[:, place], counted[place])))
    return rows


def _score(drawn: np.ndarray, counted: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.1, 0.9], axis=0, method="inverted_cdf")
    low, high = (5 * np.floor(bound / 5 + 0.5) for bound in (low, high))  # as published
    matters = drawn.mean(axis=0) >= 5  # chosen by the forecast: by the outcome would be unfair
    inside = (counted >= low) & (counted <= high)
    return float(inside[matters].mean()), float(
        crps_samples(drawn.T, counted).sum() / counted.sum()
    )
