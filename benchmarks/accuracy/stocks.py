r"""Print how models of a stock did: pending applications of ten countries, and UK detention.

    python benchmarks/accuracy/stocks.py ../shared/data [--output SCORES.csv]

Every model is fitted anew at every origin, and given the inflow that came (`known`) or the suite's
own forecast of it (`forecast`). Pending applications: 3 and 12 months ahead, origins every five
months from January 2011, the panel of asylum applicants. UK detention: one and four quarters ahead
from every quarter from 2019-Q4. Last comes the monitor of the stay. In brackets intervals of 90 %.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from forecasting import experience_of, forecast
from forecasting.evaluation.significance import Pairing, compare
from forecasting.evaluation.stock_backtest import StockBacktestOptions, stock_backtest
from forecasting.models.common import one_thread
from forecasting.series import RegularSeries, make_series
from forecasting.stocks.exit_rate import fit_exit_rate, fit_last_value
from forecasting.stocks.fitted_stock import StockModel
from forecasting.stocks.stay_monitor import (
    find_stay_changes,
    stays_from_bands,
    stays_from_exit_rates,
)
from forecasting.stocks.stock_pool import StockPool
from forecasting.stocks.survival_stock import SurvivalModel

ORIGINS = pd.period_range("2011-01", "2024-05", freq="M")[::5]
UK_ORIGINS = pd.period_range("2019Q4", "2023Q3", freq="Q")
FEWEST = 26  # months with a stock up to an origin
BAND_STARTS = (0, 4, 8, 15, 29, 61, 91, 122, 183, 365, 548, 730, 1096, 1461)  # days
HORIZONS = {"pending": (3, 12), "UK": (1, 4)}
LAST = "last value"


@dataclass(frozen=True)
class OwnForecast:
    """The stock forecast from its own past alone, by the default pool."""

    stock: RegularSeries

    def project(  # noqa: D102 - as every model of a stock
        self, inflow_paths: xr.DataArray, *, n_paths: int, rng: np.random.Generator
    ) -> xr.DataArray:
        seed = int(rng.integers(2**31))
        return forecast(
            self.stock, horizon=inflow_paths.sizes["period"], n_paths=n_paths, seed=seed
        ).paths


def own_forecast(stock: RegularSeries, _inflow: RegularSeries) -> OwnForecast:
    return OwnForecast(stock)


def plain_models(half: int) -> dict[str, StockModel]:
    """Models that need the stock and its inflow only; half a year in periods."""
    shorter = partial(fit_exit_rate, window=half)
    return {
        LAST: fit_last_value,
        "exit rate": fit_exit_rate,
        "exit rate, half a year": shorter,
        "exit rates of both windows": StockPool((fit_exit_rate, shorter)),
        "exit rate + last value": StockPool((fit_exit_rate, fit_last_value)),
        "both exit rates + last value": StockPool((fit_exit_rate, shorter, fit_last_value)),
        "own forecast of the stock": own_forecast,
        "exit rate + own forecast": StockPool((fit_exit_rate, own_forecast)),
    }


def uk_survival(leavers: pd.DataFrame) -> partial[SurvivalModel]:
    return partial(SurvivalModel, leavers, BAND_STARTS[: leavers.shape[1]], "days")


def survival_models(leavers: pd.DataFrame) -> dict[str, StockModel]:
    survival = uk_survival(leavers)
    return {
        "survival": survival(window=4),
        "survival, stay constant": survival(window=4, n_earlier=0),
        "survival, half a year": survival(window=2),
        "survival, two years": survival(window=8),
        "survival, two years, constant": survival(window=8, n_earlier=0),
        "survival + last value": StockPool((survival(window=4), fit_last_value)),
        "survival + exit rate": StockPool((survival(window=4), fit_exit_rate)),
        "survival + exit rate + last": StockPool(
            (survival(window=4), fit_exit_rate, fit_last_value)
        ),
    }


def read_countries(path: Path, kind: str) -> dict[str, RegularSeries]:
    """Read monthly totals by country; Sweden's stock begins after the month that is missing."""
    rows = pd.read_csv(path)
    return {
        str(geo): make_series(
            own["date"].tolist(), own["value"].tolist(), series_id=geo, kind=kind, missing="cut"
        )
        for geo, own in rows[rows["citizen"] == "TOTAL"].sort_values("date").groupby("geo")
    }


def read_uk(folder: Path) -> tuple[RegularSeries, RegularSeries, pd.DataFrame]:
    """Read persons in detention and entering it by quarter, and leavers by length band."""
    rows = pd.read_csv(folder / "uk_detention_quarterly.csv")
    quarters = [f"{text[:4]}-{text[4:]}" for text in rows["quarter"]]
    stock = make_series(quarters, rows["in_detention"].tolist(), series_id="UK", kind="stock")
    entering = make_series(quarters, rows["entering"].tolist(), series_id="UK")
    leavers = pd.read_csv(folder / "uk_detention_leaving_by_length.csv").pivot_table(
        index="quarter", columns="length_band", values="leaving", fill_value=0
    )
    leavers.index = pd.PeriodIndex(leavers.index, freq="Q")
    return stock, entering, leavers


def score(folder: Path, geo: str, known: bool, paths: int) -> pd.DataFrame:
    """Scores of one series, with the inflow known or forecast."""
    with one_thread():
        if geo == "UK":
            stock, entering, leavers = read_uk(folder)
            options = StockBacktestOptions(inflow_known=known, n_paths=paths)
            models = plain_models(half=2) | survival_models(leavers)
            origins = list(UK_ORIGINS)
        else:
            stock, entering = (series[geo] for series in read_pending(folder))
            panel = experience_of("asylum-applicants")
            options = StockBacktestOptions(inflow_known=known, experience=panel, n_paths=paths)
            first = stock.periods[0] + (FEWEST - 1)
            models = plain_models(half=6)
            origins = [each for each in ORIGINS if each >= first]
        horizons = HORIZONS["UK" if geo == "UK" else "pending"]
        scores = stock_backtest(
            stock, entering, models, origins=origins, horizon=max(horizons), options=options
        )
    scores = scores[scores["horizon"].isin(horizons)]
    return scores.assign(inflow="known" if known else "forecast")


def read_pending(folder: Path) -> tuple[dict[str, RegularSeries], dict[str, RegularSeries]]:
    """Read pending applications and applicants of ten countries."""
    return (
        read_countries(folder / "eurostat_asylum_pending_monthly_2008_2024.csv", "stock"),
        read_countries(folder / "eurostat_asylum_applicants_monthly_2008_2024.csv", "flow"),
    )


def print_models(scores: pd.DataFrame, what: str) -> None:
    """Print all models of one kind of stock."""
    for (inflow, horizon), own in scores.groupby(["inflow", "horizon"], sort=False):
        cases = own.drop_duplicates(["series_id", "origin"])
        print(f"\n{what}, {horizon} periods ahead, inflow {inflow}: {len(cases)} cases")
        print(f"{'':32} error %: median  mean | CRPS / last value | cover 80   95")
        for model, each in own.groupby("model", sort=False):
            mean = each.groupby("metric")["value"].mean()
            median = each.loc[each["metric"] == "mape", "value"].median()
            ratio = "1"
            if model != LAST:
                found = compare(own, Pairing(str(model), LAST, "crps", [int(horizon)]))
                ratio = f"{found.ratio:.3f} ({found.lower:.2f}-{found.upper:.2f})"
            print(
                f"{model:32} {median:14.1f} {mean['mape']:6.1f} | {ratio:17} | "
                f"{mean['coverage_80']:7.0%} {mean['coverage_95']:5.0%}"
            )


def print_countries(scores: pd.DataFrame) -> None:
    """Print error and coverage of the last value, the exit rate and their pool by series."""
    shown = scores[scores["model"].isin([LAST, "exit rate", "exit rate + last value"])]
    for metric, how in (("mape", "median"), ("mape", "mean"), ("coverage_80", "mean")):
        own = shown[shown["metric"] == metric]
        for horizons in HORIZONS.values():
            table = own[own["horizon"].isin(horizons)].pivot_table(
                index=["horizon", "inflow", "model"],
                columns="series_id",
                values="value",
                aggfunc=how,
                sort=False,
            )
            print(f"\n{how} of {metric} over origins\n{table.round(2).to_string()}")


def print_choice(scores: pd.DataFrame) -> None:
    """Print the rule: CRPS over the last value, geometric mean of series, horizons and inflow."""
    means = scores[scores["metric"] == "crps"].pivot_table(
        index=["series_id", "horizon", "inflow"], columns="model", values="value"
    )
    common = means.dropna(axis=1)
    ratios = np.exp(np.log(common.div(common[LAST], axis=0)).mean()).sort_values()
    print(f"\nThe rule, over {scores['series_id'].nunique()} series\n{ratios.round(3).to_string()}")


def print_monitor(folder: Path) -> None:
    """Print where the mean stay is found to have changed."""
    stock, entering, leavers = read_uk(folder)
    model = uk_survival(leavers)(window=4)
    cases = [("UK, length bands", stays_from_bands(model, stock, entering), 4)]
    cases.append(("UK, exit rate", stays_from_exit_rates(stock, entering), 4))
    pending, applicants = read_pending(folder)
    cases += [
        (f"{geo}, exit rate", stays_from_exit_rates(stock, applicants[geo]), 12)
        for geo, stock in pending.items()
    ]
    print("\nChanges of the mean stay found")
    for name, stays, window in cases:
        found = find_stay_changes(stays, window=window)
        told = [f"{each.period} x {each.factor:.2f} (z {each.strength:.1f})" for each in found]
        print(f"{name:20} {', '.join(told) or 'none'}")


def simulated_alarms(months: bool, noise: float, lasting: float, factor: float) -> str:
    """Shares of 200 simulated series with a false alarm, and with the change in the middle found.

    Errors of the stock follow an autoregression of first order with coefficient `lasting`.
    """
    n, window, theta = (200, 12, 0.2) if months else (40, 4, 2.0)
    alarms, hits = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        inflow = rng.poisson(500 * np.exp(0.2 * np.sin(np.arange(n) * 2 * np.pi * 4 / n)))
        rates = np.where(np.arange(n) < n // 2, theta, theta * factor)
        stock, error = [round(500 / theta)], 0.0
        for came, rate in zip(inflow[1:], rates[1:], strict=True):
            left = stock[-1] * np.exp(-rate) - came * np.expm1(-rate) / rate
            error = lasting * error + noise * rng.standard_normal()
            stock.append(round(left * np.exp(error)))
        index = pd.period_range("2008-01", periods=n, freq="M" if months else "Q", name="period")
        series = [
            RegularSeries("simulated", pd.Series(values, index, float), "persons", kind)
            for values, kind in ((stock, "stock"), (inflow, "flow"))
        ]
        found = find_stay_changes(stays_from_exit_rates(*series), window=window)
        after = [(each.period - index[n // 2]).n for each in found]
        alarms.append(any(place < 0 for place in after) if factor != 1 else bool(after))
        hits.append(any(0 <= place <= 2 * window for place in after))
    share = f"{np.mean(hits):8.1%}" if factor != 1 else ""
    name = "months" if months else "quarters"
    return f"{name:9} {noise:6.0%} {lasting:8.1f} {factor:7.2f} | {np.mean(alarms):7.1%} {share}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, help="scores of every case")
    parser.add_argument("--paths", type=int, default=500)
    chosen = parser.parse_args()
    names = ["UK", *read_pending(chosen.data)[0]]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(score, chosen.data, geo, known, chosen.paths)
            for known in (False, True)
            for geo in names
        ]
        simulations = [
            pool.submit(simulated_alarms, months, noise, lasting, factor)
            for months in (True, False)
            for noise in (0.03, 0.1)
            for lasting, factor in ((0.0, 1.0), (0.3, 1.0), (0.0, 1.5), (0.0, 0.5))
        ]
        scores = pd.concat([job.result() for job in jobs], ignore_index=True)
        alarms = [job.result() for job in simulations]
    uk = scores["series_id"] == "UK"
    print_models(scores[~uk], "Pending applications")
    print_models(scores[uk], "UK detention")
    print_countries(scores)
    print_choice(scores)
    print_monitor(chosen.data)
    print("\nMonitor on 200 simulated series: noise, how it lasts, factor of the exit rate halfway")
    print(f"{'':33} | false alarms, found within two windows", *alarms, sep="\n")
    if chosen.output:
        scores.to_csv(chosen.output, index=False)


if __name__ == "__main__":
    main()
