r"""How far the next months have been from the last year, over ten countries.

For every country and origin (every four months from December 2009) the total of the next 12, 24, 36
or 60 months is divided by the total of the last twelve months times the years of the window. The
quantiles of these ratios are shipped as data/reference/growth_reference_class.csv and shown beside
the forecast, so that a reader can judge its width against what has happened.

    python benchmarks/accuracy/growth_reference_class.py APPLICANTS.csv \
        --output growth_reference_class.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from target_attainment import read_panel

WINDOWS = (12, 24, 36, 60)
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
FIRST_ORIGIN, STEP, SHORTEST = "2009-12", 4, 24


def ratios(values: pd.Series, window: int) -> list[float]:
    """Ratios of one country."""
    found = []
    for origin in pd.period_range(FIRST_ORIGIN, values.index[-1] - window, freq="M")[::STEP]:
        known = values[:origin]
        if len(known) >= SHORTEST and known.iloc[-12:].sum() > 0:
            pace = known.iloc[-12:].sum() * window / 12
            found.append(float(values[origin + 1 : origin + window].sum() / pace))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("applicants", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    panel = read_panel(options.applicants)
    rows = []
    for window in WINDOWS:
        found = [ratio for series in panel.values() for ratio in ratios(series.values, window)]
        quantiles = np.quantile(found, LEVELS, method="inverted_cdf")
        rows += [
            {"window_months": window, "quantile_level": level, "ratio": round(q, 3),
             "cases": len(found), "countries": len(panel)}
            for level, q in zip(LEVELS, quantiles, strict=True)
        ]  # fmt: skip
    table = pd.DataFrame(rows)
    table.to_csv(options.output, index=False)
    print(
        table.pivot_table(
            index="window_months", columns="quantile_level", values="ratio"
        ).to_string()
    )


if __name__ == "__main__":
    main()
