"""The demonstration series: reproduced by its script, consistent with what was published."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from forecasting.checks import check_files
from forecasting.errors import InputError
from forecasting.series import read_series
from forecasting.sources.points import read_month_counts
from forecasting.sources.reference import find_dataset, is_synthetic, load_manifest
from forecasting.sources.synthetic_recipients import (
    TOLERANCE,
    synthetic_csv,
    synthetic_recipients,
)

NAME = "si-recipients-synthetic"
POINTS = "social-assistance-points"


@pytest.fixture(scope="module")
def shipped():
    return {name: read_series(f"{NAME}/{name}").values for name in find_dataset(NAME).series}


def test_the_shipped_file_is_what_the_command_writes(tmp_path):
    path = tmp_path / "again.csv"
    command = [sys.executable, "-m", "forecasting.sources.synthetic_recipients", "--output", path]
    subprocess.run(command, check=True)
    assert path.read_bytes() == find_dataset(NAME).path.read_bytes()
    assert synthetic_csv(seed=2) != synthetic_csv()


def test_it_is_the_only_synthetic_file_and_says_so_everywhere():
    assert [name for name, dataset in load_manifest().items() if dataset.synthetic] == [NAME]
    path = find_dataset(NAME).path
    by_name = read_series(f"{NAME}/recipients")
    by_path = read_series(path, series_id="recipients", unit="families", kind="stock")
    for series in (by_name, by_path, by_name.until(by_name.origin - 12)):
        assert series.synthetic
        assert series.notes == ("synthetic figures, generated and not observed",)
    assert by_name.source.startswith("Synthetic")
    assert not read_series("asylum-applicants/SI").synthetic
    assert [report.summary for report in check_files([path])] == ["5 series, 660 values, synthetic"]
    assert not is_synthetic(path.parent / "eurostat_asylum_applicants_monthly.csv")


def test_a_manifest_of_something_else_beside_a_file_does_not_matter(tmp_path):
    (tmp_path / "manifest.yaml").write_text("- of something else\n", encoding="utf-8")
    path = tmp_path / "own.csv"
    path.write_text("series_id,period,value\na,2020,1\n", encoding="utf-8")
    assert not read_series(path).synthetic


def test_each_series_has_its_own_unit_and_kind():
    found = {name: read_series(f"{NAME}/{name}") for name in find_dataset(NAME).series}
    assert {name: (each.unit, each.kind) for name, each in found.items()} == {
        "recipients": ("families", "stock"),
        "persons_entitled": ("persons", "stock"),
        "entries": ("families", "flow"),
        "exits": ("families", "flow"),
        "registered_unemployed": ("persons", "stock"),
    }
    with pytest.raises(InputError, match=r"no figures for 'SI' in .*; expected: entries or exits"):
        read_series(f"{NAME}/SI")


@pytest.mark.parametrize("quantity", ["recipients", "persons_entitled", "registered_unemployed"])
def test_it_meets_the_published_points(shipped, quantity):
    for count in read_month_counts(POINTS, quantity):
        value = shipped[quantity][count.month]
        assert abs(value / count.value - 1) <= TOLERANCE
        if count.note == "more than":
            assert value > count.value
        if count.note == "record":
            assert value == shipped[quantity].max()


def test_it_covers_2014_to_2024_and_its_stock_follows_from_its_flows(shipped):
    for values in shipped.values():
        assert (str(values.index[0]), str(values.index[-1])) == ("2014-01", "2024-12")
        assert (values > 0).all()
    change = shipped["recipients"].diff().dropna()
    net = shipped["entries"] - shipped["exits"]
    pd.testing.assert_series_equal(change, net[1:], check_names=False)
    ratio = shipped["persons_entitled"] / shipped["recipients"]
    assert ratio.between(1.5, 2).all()


def test_it_shows_the_step_of_the_amount_and_the_hump_of_the_epidemic(shipped):
    entitled, entries = shipped["persons_entitled"], shipped["entries"]
    assert entitled["2018-09"] / entitled["2018-05"] > 1.06
    assert entries["2018-06":"2018-09"].min() > 1.4 * entries["2018-01":"2018-05"].max()
    assert entitled["2020-03":"2021-12"].mean() > 1.08 * entitled["2019"].mean()
    assert shipped["exits"]["2020-03":"2020-05"].max() < 0.6 * shipped["exits"]["2019"].min()


def test_any_seed_keeps_the_identities():
    for seed in range(20):
        series = synthetic_recipients(seed)
        recipients, entries, exits = (series[key] for key in ("recipients", "entries", "exits"))
        assert min(entries) > 0
        assert all(
            now == before + came - left
            for before, now, came, left in zip(
                recipients, recipients[1:], entries[1:], exits[1:], strict=False
            )
        )
