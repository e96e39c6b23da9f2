r"""Print the accuracy table: asylum applicants, totals and targets, M1 and tourism competitions.

    python benchmarks/accuracy/forecasts.py ../shared/data [--output TABLE.csv]

The folder holds Eurostat's monthly applicants of ten countries and the competitions. What is
forecast is what `forecasting backtest` and `forecasting forecast` write: the default pool,
calibrated, with the panel of the same file. The factors that ship were measured on the same ten
countries: six factors for all of them, but not on data of their own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.evaluation.backtest import BacktestOptions, backtest
from forecasting.evaluation.significance import Pairing, compare
from forecasting.evaluation.skill import skill
from forecasting.evaluation.target_backtest import attainment, target_backtest
from forecasting.series import RegularSeries

ORIGINS = pd.period_range("2014-12", "2023-08", freq="M")[::8]
TARGET_ORIGINS = 14
BLOCKS = ((1, 3), (4, 6), (7, 12), (13, 24))
MODELS = ("pool", "random_walk", "seasonal_naive", "last_official")


def read_countries(path: Path) -> list[RegularSeries]:
    """Read monthly totals by country."""
    rows = pd.read_csv(path)
    rows = rows[rows["citizen"] == "TOTAL"]
    batch = []
    for geo, own in rows.groupby("geo"):
        index = pd.PeriodIndex(own["date"], freq="M", name="period")
        values = pd.Series(own["value"].to_numpy(float), index=index).sort_index()
        batch.append(RegularSeries(str(geo), values, "persons"))
    return batch


def read_competition(path: Path) -> tuple[list[RegularSeries], dict[str, np.ndarray]]:
    """Read a competition: the training parts as series, the test parts as arrays.

    The files hold no common calendar; every series is given one that ends in the same month, as it
    would in a file of today's figures.
    """
    rows = pd.read_csv(path)
    batch, tests = [], {}
    for name, own in rows.groupby("series", sort=False):
        order = "t" if "t" in own else "t_in_part"
        train = own[own["part"] == "train"].sort_values(order)["value"].to_numpy(float)
        tests[str(name)] = own[own["part"] == "test"].sort_values(order)["value"].to_numpy(float)
        index = pd.period_range(end="2000-12", periods=len(train), freq="M", name="period")
        batch.append(RegularSeries(str(name), pd.Series(train, index=index), "persons"))
    return batch, tests


def country_rows(batch: list[RegularSeries], options: BacktestOptions) -> list[dict[str, object]]:
    """CRPS and coverage of the ten countries."""
    scores = backtest(batch, MODELS, origins=list(ORIGINS), horizon=24, options=options).scores
    rows: list[dict[str, object]] = []
    for first, last in ((1, 12), (13, 24)):
        months = range(first, last + 1)
        table = skill(scores, metric="crps", benchmark="random_walk", horizons=months)
        value = table.set_index("model").loc["pool", "value"]
        found = compare(scores, Pairing("pool", "random_walk", "crps", months))
        interval = f"{found.lower:.3f}-{found.upper:.3f} {found.verdict}"
        measure = f"CRPS relative to random walk, months {first}-{last}, geometric mean"
        rows.append(_row(measure, value, interval))
        rows.append(_row(f"the same, mean of scaled CRPS, months {first}-{last}",
                         _scaled_ratio(batch, scores, months)))  # fmt: skip
    own = scores[scores["model"] == "pool"]
    for level in (80, 95):
        held = own[own["metric"] == f"coverage_{level}"]
        for first, last in BLOCKS:
            value = held.loc[held["horizon"].between(first, last), "value"].mean()
            rows.append(_row(f"coverage of the {level} % interval, months {first}-{last}", value))
    for level in (80, 95):
        held = own[(own["metric"] == f"total_coverage_{level}") & (own["horizon"] == 12)]
        rows.append(_row(f"coverage of the {level} % interval, 12-month totals",
                         held["value"].mean()))  # fmt: skip
    return rows


def _scaled_ratio(batch: list[RegularSeries], scores: pd.DataFrame, months: range) -> float:
    """Mean over cases of CRPS / seasonal naive error up to the origin, pool over random walk."""
    known = {own.series_id: own.values for own in batch}
    used = scores[(scores["metric"] == "crps") & scores["horizon"].isin(months)]
    used = used[used["model"].isin(("pool", "random_walk"))]
    scale = {
        (name, origin): known[name][: pd.Period(origin, "M")].diff(12).abs().mean()
        for name, origin in set(zip(used["series_id"], used["origin"], strict=True))
    }
    keys = zip(used["series_id"], used["origin"], strict=True)
    scaled = used.assign(value=used["value"] / [scale[key] for key in keys])
    means = scaled.groupby("model")["value"].mean()
    return float(means["pool"] / means["random_walk"])


def target_rows(batch: list[RegularSeries], options: BacktestOptions) -> list[dict[str, object]]:
    """P80 targets and the top tenth of 12- and 36-month totals."""
    rows = []
    for window in (12, 36):
        usable = [own for own in batch if len(own.values) - window >= 36 + 8 * TARGET_ORIGINS - 8]
        result = target_backtest(
            usable, probability=0.8, window_months=window, origins=TARGET_ORIGINS, options=options
        )
        for name, column in (
            ("P80 targets met", "met"),
            ("n x last year met", "practice_met"),
            ("outcome in the top tenth", "top_tenth"),
        ):
            found = attainment(result.cases, column=column)
            interval = f"{found.lower:.2f}-{found.upper:.2f}, {found.cases} cases"
            rows.append(_row(f"{window}-month totals: {name}", found.share, interval))
        median = (result.cases["target"] / result.cases["outcome"]).median()
        rows.append(_row(f"{window}-month totals: median of target / outcome", median))
    return rows


def competition_rows(
    name: str, path: Path, horizon: int, options: BacktestOptions
) -> list[dict[str, object]]:
    """Point and interval accuracy on a competition's hold-out."""
    batch, tests = read_competition(path)
    whole = []
    for own in batch:
        index = pd.period_range(own.origin + 1, periods=horizon, freq="M")
        outcome = pd.Series(tests[own.series_id][:horizon], index=index)
        whole.append(RegularSeries(own.series_id, pd.concat([own.values, outcome]), "persons"))
    scores = backtest(
        whole, ("pool",), origins=[batch[0].origin], horizon=horizon, options=options
    ).scores
    medians = scores.pivot_table(index="series_id", columns="metric", values="value")
    rows = [_row(f"{name}: series", len(medians))]
    rows += [
        _row(f"{name}: {metric}", medians[metric].mean())
        for metric in ("smape", "mase", "coverage_80", "coverage_95")
    ]
    errors = scores[scores["metric"] == "mae"].sort_values(["series_id", "horizon"])
    actual = np.concatenate([tests[key][:horizon] for key in errors["series_id"].unique()])
    rows.append(_row(f"{name}: mape", float((errors["value"].to_numpy() / actual).mean() * 100)))
    return rows


def _row(measure: str, value: float, note: str = "") -> dict[str, object]:
    row = {"measure": measure, "value": round(float(value), 4), "note": note}
    print(f"{measure:<72} {row['value']:>9}  {note}", flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--paths", type=int, default=1000)
    parser.add_argument("--only", choices=("countries", "targets", "m1", "tourism"))
    chosen = parser.parse_args()
    options = BacktestOptions(n_paths=chosen.paths)
    batch = read_countries(chosen.data / "eurostat_asylum_applicants_monthly_2008_2024.csv")
    parts = {
        "countries": lambda: country_rows(batch, options),
        "targets": lambda: target_rows(batch, options),
        "m1": lambda: competition_rows("M1", chosen.data / "m1_monthly.csv.gz", 18, options),
        "tourism": lambda: competition_rows(
            "tourism", chosen.data / "tourism_monthly.csv.gz", 24, options
        ),
    }
    rows = [row for name, part in parts.items() if chosen.only in (None, name) for row in part()]
    if chosen.output:
        pd.DataFrame(rows).to_csv(chosen.output, index=False)


if __name__ == "__main__":
    main()
