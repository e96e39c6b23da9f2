r"""Count how often a target set by the default pool would have been met.

For each of ten countries and for origins every eight months from December 2012, the pool forecasts
the total of the next 12, 36 and 60 months from the figures up to the origin; the target for an
attainment probability is set by the target rule and held against what was counted. Countries share
their shocks, so the interval of the attainment share comes from resampling blocks of origins whose
windows overlap, or single origins where there are fewer than two such blocks.

    python benchmarks/accuracy/target_attainment.py APPLICANTS.csv \\
        --output CASES.csv --summary target_attainment.csv

APPLICANTS.csv has the columns date,geo,citizen,value (Eurostat migr_asyappctzm, citizen TOTAL). The
summary is shipped as data/reference/target_attainment.csv and quoted in every briefing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.evaluation.significance import block_length_for, resample_origins
from forecasting.forecasts.batch import Case, Crew, Settings
from forecasting.forecasts.pool import Forecast
from forecasting.programmes.targets import target_at
from forecasting.series import RegularSeries

PROBABILITIES = (0.5, 0.8, 0.9)
WINDOWS = (12, 36, 60)
FIRST_ORIGIN, STEP = "2012-12", 8
SHORTEST = 48
"""Observations an origin needs to count as a case."""


def read_panel(path: Path) -> dict[str, RegularSeries]:
    """Read the countries' monthly totals, gaps at the start left out."""
    rows = pd.read_csv(path)
    rows = rows[rows["citizen"] == "TOTAL"]
    panel = {}
    for geo, own in rows.groupby("geo"):
        index = pd.PeriodIndex(own["date"], freq="M", name="period")
        values = pd.Series(own["value"].to_numpy(float), index=index).sort_index()
        panel[str(geo)] = RegularSeries(str(geo), values, "persons", source="Eurostat")
    return panel


def targets_of(result: Forecast, series: RegularSeries) -> list[dict[str, object]]:
    """Set targets at one origin of one country and hold them against the outcome."""
    cases = []
    for window in WINDOWS:
        if result.origin + window > series.origin:
            continue
        outcome = float(series.values[result.origin + 1 : result.origin + window].sum())
        totals = result.paths.to_numpy()[:, :window].sum(axis=1)
        last_year = float(result.series.values.iloc[-12:].sum()) * window / 12
        for probability in PROBABILITIES:
            target = float(target_at(totals, probability))
            cases.append({
                "series_id": series.series_id, "origin": str(result.origin),
                "window_months": window, "probability": probability, "target": target,
                "outcome": outcome, "met": outcome >= target,
                "last_year_met": outcome >= last_year,
                "top_tenth": outcome > float(np.quantile(totals, 0.9)),
            })  # fmt: skip
    return cases


def summarise(cases: pd.DataFrame) -> pd.DataFrame:
    """Attainment share with a 90 % interval from resampling origins."""
    rows = []
    for (probability, window), own in cases.groupby(["probability", "window_months"]):
        by_origin = own.groupby("origin")["met"].agg(["sum", "count"]).to_numpy()
        drawn = resampled(sorted(own["origin"].unique()), window)
        shares = (drawn @ by_origin[:, 0]) / (drawn @ by_origin[:, 1])
        lower, upper = np.quantile(shares, [0.05, 0.95])
        rows.append({
            "probability": probability, "window_months": window, "cases": len(own),
            "met": round(own["met"].mean(), 3), "lower": round(lower, 3), "upper": round(upper, 3),
            "practice_met": round(own["last_year_met"].mean(), 3),
            "countries": own["series_id"].nunique(), "first_origin": own["origin"].min(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def resampled(origins: list[str], window: int) -> np.ndarray:
    """Counts of each origin in the draws."""
    try:
        return resample_origins(
            len(origins), block_length=block_length_for(origins, window), n_draws=4000
        )
    except InputError:
        return resample_origins(len(origins), block_length=1, n_draws=4000)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("applicants", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--summary", type=Path, required=True)
    parser.add_argument("--paths", type=int, default=1000)
    options = parser.parse_args()
    batch = list(read_panel(options.applicants).values())
    last = max(series.origin for series in batch)
    places = [
        Case(index, origin)
        for origin in pd.period_range(FIRST_ORIGIN, last - min(WINDOWS), freq="M")[::STEP]
        for index, series in enumerate(batch)
        if len(series.values[:origin]) >= SHORTEST
    ]
    settings = Settings(max(WINDOWS), n_paths=options.paths)
    with Crew(batch, settings, cases=len(places)) as crew:
        cases = pd.DataFrame([case for own in crew.run(targets_of, places) for case in own])
    cases = cases.sort_values(["series_id", "origin", "window_months", "probability"])
    cases.to_csv(options.output, index=False)
    summary = summarise(cases)
    summary.to_csv(options.summary, index=False)
    top_tenth = cases[cases["probability"] == 0.8].groupby("window_months")["top_tenth"].mean()
    print(summary.to_string(index=False), top_tenth.round(3).to_string(), sep="\n\n")


if __name__ == "__main__":
    main()
