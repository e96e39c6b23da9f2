r"""Print how the caseload forecast did on real caseloads and other stocks, twelve months ahead.

    python benchmarks/accuracy/caseload.py ../shared/data [--output SCORES.csv] [--seed 1]

Origins every three months. Error: absolute error of the median in percent of the outcome. The pool,
the leads of drivers, their future and the calibration are found anew at every origin from what was
known by then. CRPS relative to the last value and to AutoETS, in brackets intervals of 90 %.
Hawaii: February 2019 is masked, it was paid in January. Pending applications and beneficiaries of
temporary protection are no caseloads; they show whether the rules hold elsewhere.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.evaluation.caseload_backtest import (
    LAST,
    OURS,
    CaseloadBacktest,
    CaseloadBacktestOptions,
    caseload_backtest,
)
from forecasting.evaluation.significance import Pairing, compare
from forecasting.models import Drivers
from forecasting.series import RegularSeries, make_series
from forecasting.stocks.caseload_inputs import CaseloadInputs

HORIZON, STEP = 12, 3
FIRST_PENDING, FEWEST_PENDING = "2012-03", 48
BEFORE, SINCE = ("1999-12", "2018-12"), ("2019-12", "2024-05")
NL = ("2005-12", "2017-10")
MODELS = (LAST, "damped ETS", "AutoETS", "Theta", OURS)


@dataclass(frozen=True)
class Job:
    """One series, and the spans of origins that are reported."""

    name: str
    caseload: CaseloadInputs
    spans: tuple[tuple[str, str], ...]

    @property
    def origins(self) -> list[pd.Period]:
        """Origins of all spans that have an outcome."""
        series = self.caseload.series
        known = set(series.values.dropna().index)
        found = [
            origin
            for first, last in self.spans
            for origin in pd.period_range(first, last, freq="M")[::STEP]
            if origin + HORIZON <= series.origin and origin in known
        ]
        return list(dict.fromkeys(found))


def stock(rows: pd.DataFrame, column: str, name: str) -> RegularSeries:
    return make_series(
        rows["date"].tolist(), rows[column].tolist(), series_id=name, kind="stock", missing="keep"
    )


def driver(rows: pd.DataFrame, column: str, name: str) -> Drivers:
    index = pd.PeriodIndex(rows["date"], freq="M")
    return Drivers(pd.DataFrame({name: rows[column].to_numpy(dtype=float)}, index=index))


def caseloads(folder: Path) -> Iterator[Job]:
    benefits = pd.read_csv(folder / "nl_social_benefits_monthly.csv")
    assistance, unemployed = (
        benefits[benefits["series"] == name]
        for name in ("social_assistance_total", "unemployment_benefit_WW_nsa")
    )
    series = stock(assistance, "thousands", "NL social assistance")
    moved = driver(unemployed, "thousands", "unemployment benefit")
    yield Job("Netherlands", CaseloadInputs(series, moved), (NL,))
    alone = CaseloadInputs(series)
    yield Job("Netherlands, without its driver", alone, (NL,))
    series = stock(unemployed, "thousands", "NL unemployment benefit")
    yield Job("Netherlands, unemployment benefit", CaseloadInputs(series), (NL,))
    rate = pd.read_csv(folder / "us_hawaii_unemployment_rate_monthly.csv")
    moved = driver(rate, "unemployment_rate_sa", "unemployment rate")
    rows = pd.read_csv(folder / "us_hawaii_snap_monthly.csv")
    for column, drivers in (("persons", moved), ("households", moved), ("persons", None)):
        masked = rows.assign(**{column: rows[column].where(rows["date"] != "2019-02")})
        series = stock(masked, column, f"Hawaii {column}")
        name = f"Hawaii, {column}{'' if drivers else ', without its driver'}"
        yield Job(name, CaseloadInputs(series, drivers), (BEFORE, SINCE))


def other_stocks(folder: Path) -> Iterator[Job]:
    """Pending applications of ten countries; Sweden's begin after the month that is missing."""
    rows = pd.read_csv(folder / "eurostat_asylum_pending_monthly_2008_2024.csv")
    for geo, own in rows[rows["citizen"] == "TOTAL"].sort_values("date").groupby("geo"):
        series = make_series(
            own["date"].tolist(), own["value"].tolist(),
            series_id=f"pending {geo}", kind="stock", missing="cut",
        )  # fmt: skip
        earliest = max(pd.Period(FIRST_PENDING, "M"), series.periods[0] + (FEWEST_PENDING - 1))
        yield Job("pending applications", CaseloadInputs(series), ((str(earliest), "2024-12"),))
    rows = pd.read_csv(folder / "eurostat_temporary_protection_beneficiaries_monthly.csv")
    for geo, own in rows[rows["citizen"] == "TOTAL"].sort_values("date").groupby("geo"):
        if len(own) < 2 * HORIZON:
            continue
        series = make_series(
            own["date"].tolist(), own["value"].tolist(),
            series_id=f"protected {geo}", kind="stock", missing="cut",
        )  # fmt: skip
        if len(series.values) >= 2 * HORIZON + 2:
            first = str(series.periods[HORIZON + 1])
            yield Job("temporary protection", CaseloadInputs(series), ((first, "2024-12"),))


def run(job: Job, paths: int, seed: int) -> CaseloadBacktest:
    options = CaseloadBacktestOptions(n_paths=paths, seed=seed)
    return caseload_backtest(job.caseload, origins=job.origins, horizon=HORIZON, options=options)


def print_row(name: str, scores: pd.DataFrame) -> None:
    """Print error, coverage and CRPS of one span of origins."""
    means = scores.groupby(["metric", "model"])["value"].mean()
    errors = " ".join(f"{means['mape', model]:10.2f}" for model in MODELS)
    cover = " / ".join(f"{means['coverage_80', model]:.0%}" for model in (OURS, "AutoETS"))
    ratios = []
    for benchmark in (LAST, "AutoETS"):
        try:
            found = compare(scores, Pairing(OURS, benchmark, "crps", [HORIZON]))
        except InputError:  # too few origins for an interval
            ratio = means["crps", OURS] / means["crps", benchmark]
            ratios.append(f"{ratio:.2f}")
        else:
            ratios.append(f"{found.ratio:.2f} ({found.lower:.2f}-{found.upper:.2f})")
    n = len(scores.drop_duplicates(["series_id", "origin"]))
    print(f"{name:52} {n:5} {errors} {cover:>12}   {'   '.join(ratios)}")


def print_choices(choices: pd.DataFrame) -> None:
    """Print how often each pool was chosen."""
    print("\nPools chosen, in origins")
    counts = choices.groupby(["job", "pool"], sort=False).size()
    print(counts.to_string())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, help="scores of every case")
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    jobs = [job for job in (*caseloads(chosen.data), *other_stocks(chosen.data)) if job.origins]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(run, job, chosen.paths, chosen.seed) for job in jobs]
        results = [each.result() for each in waiting]
    header = " ".join(f"{model:>10}" for model in MODELS)
    print(f"Error in percent, {HORIZON} months ahead; seed {chosen.seed}")
    print(f"{'':52} cases {header}  cover 80: ours / AutoETS   CRPS / last value, / AutoETS")
    at_horizon = [
        each.scores[each.scores["horizon"] == HORIZON].assign(job=job.name)
        for job, each in zip(jobs, results, strict=True)
    ]
    scores = pd.concat(at_horizon, ignore_index=True)
    for name, own in scores.groupby("job", sort=False):
        spans = next(job.spans for job in jobs if job.name == name)
        for first, last in spans if len(spans) > 1 else [("0000", "9999")]:
            shown = own[(own["origin"] >= first) & (own["origin"] <= last)]
            print_row(f"{name} {first} to {last}" if len(spans) > 1 else str(name), shown)
    labelled = [each.choices.assign(job=job.name) for job, each in zip(jobs, results, strict=True)]
    print_choices(pd.concat(labelled, ignore_index=True))
    if chosen.output:
        scores.to_csv(chosen.output, index=False)


if __name__ == "__main__":
    main()
