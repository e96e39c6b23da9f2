"""Ten countries of Eurostat at once, from a file of its own form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"
SOURCE = SHARED / "eurostat_asylum_applicants_monthly_2008_2024.csv"


@pytest.mark.skipif(not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout")
def test_all_ten_countries_are_forecast(run):
    """Croatia begins in 2013, the others in 2008: each series has its own first month."""
    found = pd.read_csv(SOURCE)
    found = found[found["citizen"] == "TOTAL"].sort_values(["geo", "date"])
    found = found.rename(columns={"geo": "series_id", "date": "period"})
    starts = found.groupby("series_id")["period"].min()
    assert len(starts) == 10
    assert starts["HR"] > starts.drop("HR").max()
    found[["series_id", "period", "value"]].to_csv("in.csv", index=False)
    result = run("forecast", "in.csv", "--horizon", 12, "--paths", 100, "--output", "out.csv")
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv("out.csv")
    assert set(table["series_id"]) == set(starts.index)
    assert table.groupby("series_id").size().unique().tolist() == [12 * 24]
    assert np.isfinite(table["value"]).all()
    assert (table["value"] >= 0).all()
    last = found.groupby("series_id")["period"].max()
    assert table.groupby("series_id")["origin"].first().equals(last.rename("origin"))
    medians = table[(table["quantile_level"] == 0.5) & (table["horizon"] == 1)]
    known = found.groupby("series_id")["value"].apply(lambda own: own.tail(12).mean())
    ratio = medians.set_index("series_id")["value"] / known
    assert ratio.between(0.2, 5).all()
