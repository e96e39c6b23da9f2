r"""What leaving, cutting, modelling and widening do to intervals where level shifts recur.

Simulated monthly series whose level shifts once in five years on average, so also within the
months forecast. A local level model with a fixed season (statsmodels, log scale) forecasts 12
months after each treatment of the breaks found; only series with a level shift that a cut can be
made at are counted, the same for all treatments.

    python benchmarks/accuracy/break_treatments.py [--reps 400]
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
import pandas as pd
from breaks import as_series

from forecasting.series.breaks import find_breaks
from forecasting.series.treatment import widening


def simulate_shifting(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw a random walk with a season whose level shifts once in five years on average."""
    shifts = (rng.random(n) < 1 / 60) & (np.arange(n) >= 12)
    sizes = rng.choice([-1, 1], n) * rng.uniform(np.log(1.6), np.log(3), n)
    walk = np.cumsum(rng.normal(0, 0.08, n) + shifts * sizes) + rng.normal(0, 0.05, n)
    season = 0.2 * np.sin(2 * np.pi * np.arange(n) / 12)
    return rng.poisson(np.exp(np.minimum(np.log(800) + walk + season, 18))).astype(float)


def forecast_log(values: np.ndarray, dummies: np.ndarray | None, ahead: int) -> list[np.ndarray]:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(
        np.log1p(values), "llevel", seasonal=12, stochastic_seasonal=False, exog=dummies
    )
    future = None if dummies is None else np.repeat(dummies[-1:], ahead, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = model.fit(disp=0, maxiter=60).get_forecast(ahead, exog=future)
    return [result.predicted_mean, result.se_mean]


def score(forecast: list[np.ndarray], outcome: np.ndarray) -> list[float]:
    """Coverage of the 80 and 95 % interval and CRPS of normal forecasts of the log."""
    from scipy.stats import norm

    mean, spread = forecast
    z = (outcome - mean) / spread
    crps = spread * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    return [float((abs(z) < 1.2816).mean()), float((abs(z) < 1.96).mean()), float(crps.mean())]


def compare_treatments(reps: int, n: int = 144, ahead: int = 12) -> pd.DataFrame:
    rows: dict[str, list[list[float]]] = {}
    for i in range(reps):
        values = simulate_shifting(np.random.default_rng(9000 + i), n + ahead)
        known, outcome = values[:n], np.log1p(values[n:])
        series = as_series(known)
        found = find_breaks(series)
        shifts = [series.periods.get_loc(b.period) for b in found if b.kind == "level_shift"]
        if not shifts or max(shifts) > n - 36:
            continue  # the same cases for all treatments; a cut needs three years
        dummies = np.column_stack([
            (series.periods >= b.period) if b.shape == "step" else (series.periods == b.period)
            for b in found
        ]).astype(float)  # fmt: skip
        factor = widening(series, found)
        left = forecast_log(known, None, ahead)
        modelled = forecast_log(known, dummies, ahead)
        ways = {
            "left in": left,
            "left in, widened": [left[0], left[1] * factor],
            "cut": forecast_log(known[max(shifts) :], None, ahead),
            "dummy": modelled,
            "widen (dummy, widened)": [modelled[0], modelled[1] * factor],
        }
        for name, forecast in ways.items():
            rows.setdefault(name, []).append(score(forecast, outcome))
    table = pd.DataFrame({name: np.mean(own, axis=0) for name, own in rows.items()}).T
    table.columns = pd.Index(["80 %", "95 %", "CRPS"])
    print(f"\n{len(rows['cut'])} cases with a level shift, 12 months ahead")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--reps", type=int, default=400)
    print(compare_treatments(parser.parse_args().reps).round(3).to_string())


if __name__ == "__main__":
    main()
