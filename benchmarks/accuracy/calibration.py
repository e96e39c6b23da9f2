r"""How wide the intervals of the pools have needed to be on ten countries' asylum applicants.

Every model forecasts every country uncalibrated from origins since December 2010, up to 60 months.
The distance of each outcome from the median, in half-widths of the 80 % interval on the log scale,
is pooled over countries and origins by block of horizons:

- inner, on both sides: the smallest multiple of 0.05 with which 80 % intervals would have held at
  least 78 % of the outcomes, the sharpest that is not clearly too narrow (Gneiting, Balabdaoui and
  Raftery 2007, doi:10.1111/j.1467-9868.2007.00587.x);
- tail: half way on the log scale from 1, the draws as they are, to the stretch that would have put
  the 95 % bound where 95 % of the outcomes were, (k95 / k80 - 1) / (outer - 1), where k95 and k80
  are quantiles of the distances and outer is the distance that 95 % of the draws stay within.

The table is shipped as data/reference/calibration_factors.csv and read by
`forecasting.forecasts.calibration.shipped_calibration`.

    python benchmarks/accuracy/calibration.py APPLICANTS.csv --output calibration_factors.csv
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from target_attainment import read_panel

from forecasting.forecasts.batch import SHORTEST_PAST, Case, Crew, Settings, hold_against_outcome
from forecasting.forecasts.calibration import BLOCKS, PastCase
from forecasting.forecasts.pool import Forecast, out_of_proportion
from forecasting.series import RegularSeries
from forecasting.sources.reference import SHAPES

FIRST_ORIGIN, LAST_ORIGIN = "2010-12", "2023-08"
HORIZON, N_PATHS, SEED = 60, 600, 1
STEPS = {"pool": 4, "fast": 4, "prophet": 12}
"""Months between the origins of each model; Prophet is slow."""

HELD = 0.78
"""Share of the outcomes that 80 % intervals must have held."""

UNIT = 0.05
"""Factors are multiples of this; more decimals the few independent cases do not carry."""


def hold_in_proportion(result: Forecast, series: RegularSeries) -> PastCase | None:
    """Hold a forecast against its outcome; None where a pool would have left the model out."""
    if out_of_proportion(result.model, result.paths.to_numpy(), result.series):
        return None
    return hold_against_outcome(result, series)


def past_cases(batch: Sequence[RegularSeries], model: str, jobs: int) -> list[PastCase]:
    """Forecast every country at every origin and hold it against what followed."""
    origins = pd.period_range(FIRST_ORIGIN, LAST_ORIGIN, freq="M")[:: STEPS[model]]
    cases = [
        Case(index, origin, calibration=None)
        for origin in origins
        for index, series in enumerate(batch)
        if len(series.values[:origin]) >= SHORTEST_PAST
    ]
    settings = Settings(HORIZON, model, N_PATHS, SEED)
    with Crew(batch, settings, cases=len(cases), jobs=jobs) as crew:
        found = [case for case in crew.run(hold_in_proportion, cases) if case]
    print(f"{model}: {len(found)} of {len(cases)} forecasts in proportion")
    return found


def factors(model: str, cases: Sequence[PastCase]) -> pd.DataFrame:
    """One row per block."""
    rows = []
    for first, last in BLOCKS:
        months = slice(first - 1, last)
        known = np.array([np.isfinite(case.distance[months]) for case in cases])
        distance = np.abs(np.array([case.distance[months] for case in cases])[known])
        outer = float(np.array([case.outer[months] for case in cases])[known].mean())
        rows.append({
            "model": model, "first_month": first, "last_month": last,
            "inner": _inner(distance), "tail": _tail(distance, outer),
            "cases": known.any(axis=1).sum(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _inner(distance: np.ndarray) -> float:
    needed = float(np.quantile(distance, HELD, method="inverted_cdf"))
    return math.ceil(needed / UNIT - 1e-9) * UNIT


def _tail(distance: np.ndarray, outer: float) -> float:
    k80, k95 = np.quantile(distance, [0.80, 0.95])
    stretch = (k95 / k80 - 1) / (outer - 1)
    return round(math.sqrt(stretch) / UNIT) * UNIT


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("applicants", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    batch = list(read_panel(options.applicants).values())
    tables = [factors(model, past_cases(batch, model, options.jobs)) for model in STEPS]
    table = pd.concat(tables)[list(SHAPES["calibration"])]
    table.to_csv(options.output, index=False, float_format="%.2f")
    print(table.to_string(index=False, float_format="%.2f"))


if __name__ == "__main__":
    main()
