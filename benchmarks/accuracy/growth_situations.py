r"""Past situations of ten countries and the log changes that followed, for the analogue model.

Of every country each third month is kept in which the features of a situation were known, with what
followed it as far as it is known today. The season is taken out with each whole series. Countries
are not named; situations are sorted by origin. The table is shipped as
data/reference/growth_situations.csv and read by `forecasting.forecasts.experience_of`.

    python benchmarks/accuracy/growth_situations.py APPLICANTS.csv --output growth_situations.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from target_attainment import read_panel

from forecasting.models.panel import FEATURES, make_panel
from forecasting.series import RegularSeries
from forecasting.sources.reference import SHAPES

STEP = 3
"""Neighbouring months say almost the same."""


def situations(series: RegularSeries) -> pd.DataFrame:
    """One row per situation of one country."""
    panel = make_panel([series], until=series.origin)
    changes = pd.DataFrame(panel.changes).rename(columns=lambda month: f"change_{month + 1}")
    table = pd.DataFrame(panel.features, columns=list(FEATURES)).round(3)
    table.insert(0, "origin", [pd.Period(ordinal=month, freq="M") for month in panel.origins])
    return table.join(changes.round(2)).iloc[::STEP]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("applicants", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    panel = read_panel(options.applicants)
    table = pd.concat([situations(series) for series in panel.values()])
    table = table.sort_values("origin", kind="stable")
    table.insert(0, "situation", range(1, len(table) + 1))
    table = table.replace(-0.0, 0.0)
    table[list(SHAPES["situations"])].to_csv(options.output, index=False)
    print(
        f"{len(table)} situations of {len(panel)} countries, "
        f"{table['origin'].min()} to {table['origin'].max()}"
    )


if __name__ == "__main__":
    main()
