"""Reference figures where the store holds vintages of them: as of now, and as of a month."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from forecasting import experience_of, forecast
from forecasting.briefing import notes
from forecasting.briefing.blocks import plain
from forecasting.briefing.flows.report import FlowReport
from forecasting.briefing.material import BriefingOptions, gather
from forecasting.cli import main
from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.runs.brief import BriefRequest, plan_brief
from forecasting.runs.brief_inputs import BriefInputs
from forecasting.runs.suite import held_files
from forecasting.series import read_series, revisions
from forecasting.series.revisions import default_revisions, known_revisions
from forecasting.sources.definitions import load_source
from forecasting.sources.fetching import Fetched
from forecasting.sources.importing import import_file
from forecasting.sources.reference import check_hash, find_dataset, load_manifest, read_observations
from forecasting.sources.staging import stage_cells
from forecasting.sources.store import Store

NAME = "asylum-applicants"
SHIPPED = "2024-11"
"""Month of the figures that ship."""


def noon(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")


@pytest.fixture
def put(tmp_path):
    """Return a function that remembers monthly counts of Slovenia and Finland up to a month."""
    source = load_source("eurostat-applicants")

    def remember(day, last, *, base=100.0, changed=(), without=()):
        months = pd.period_range("2020-01", last, freq="M").strftime("%Y-%m")
        rows = [("SI", month, base + n, "") for n, month in enumerate(months)]
        rows += [("FI", month, 500.0 + n, "") for n, month in enumerate(months)]
        rows = [(geo, month, dict(changed).get(month, v), f) for geo, month, v, f in rows]
        rows = [row for row in rows if row[1] not in without]
        cells = pd.DataFrame(rows, columns=["geo", "period", "value", "flag"])
        fixed = dict(source.feeds[0].where)
        staged = stage_cells(cells.assign(**fixed), source.key, tmp_path)
        return Store().append(source, Fetched(staged, "https://x", noon(day), "h"))

    return remember


def dataset():
    return load_manifest()[NAME]


def test_the_newest_vintage_stands_in_the_place_of_what_ships(put):
    shipped = dataset()
    made = put("2026-03-05", "2026-01")
    found = dataset()
    assert (found.held, found.path, found.sha256) == (made.id, made.path, made.sha256)
    assert found.as_of == dt.date(2026, 3, 5)
    assert replace(
        found, held="", path=shipped.path, sha256=shipped.sha256, as_of=shipped.as_of
    ) == (shipped)
    check_hash(found)
    series = read_series(f"{NAME}/SI")
    assert (str(series.periods[0]), str(series.origin)) == ("2020-01", "2026-01")
    assert (series.values.iloc[0], series.vintage) == (100, found.as_of)
    assert series.source == "Eurostat migr_asyappctzm"
    assert load_manifest()["pending-applications"].held == ""


def test_a_folder_of_ones_own_is_never_continued(put):
    put("2026-03-05", "2026-01")
    assert load_manifest(data_dir() / "reference")[NAME].held == ""


def test_a_vintage_that_is_older_than_what_ships_is_not_used(put):
    put("2024-11-27", "2024-01")
    assert dataset().held == ""
    assert str(read_series(f"{NAME}/SI").origin) == "2024-09"


def test_values_not_yet_published_are_cut_off_and_a_gap_is_named(put):
    put("2026-03-05", "2026-01", changed=[("2026-01", np.nan), ("2020-01", np.nan)])
    series = read_series(f"{NAME}/SI")
    assert (str(series.periods[0]), str(series.origin)) == ("2020-02", "2025-12")
    put("2026-04-05", "2026-02", without=("2022-05",))
    with pytest.raises(InputError, match="2022-0"):
        read_series(f"{NAME}/SI")


def test_a_country_that_the_vintage_does_not_have_is_refused(put):
    put("2026-03-05", "2026-01")
    with pytest.raises(InputError, match=r"no figures for 'HR' in asylum-applicants.*FI or SI"):
        read_series(f"{NAME}/HR")


# as of


def test_the_vintage_known_at_the_end_of_the_month_is_used_uncut(put):
    put("2026-01-20", "2025-12")
    put("2026-03-05", "2026-01", base=200.0)
    old = read_series(f"{NAME}/SI", as_of="2026-02")
    assert (old.values.iloc[0], str(old.origin), old.notes) == (100, "2025-12", ())
    assert old.vintage == dt.date(2026, 1, 20)
    assert read_series(f"{NAME}/SI", as_of="2026-03").values.iloc[0] == 200
    assert (
        find_dataset(NAME, noon("2026-02-28")).held == Store().vintages("eurostat-applicants")[0].id
    )
    assert read_observations(NAME, "SI", noon("2026-03-31")).values[0] == 200


def test_the_last_second_of_the_month_counts(put):
    put("2026-01-20", "2025-12")
    made = put("2026-02-28", "2026-01")
    assert read_series(f"{NAME}/SI", as_of="2026-02").vintage == made.day


def test_before_the_first_vintage_the_figures_that_ship_are_cut(put):
    before = read_series(f"{NAME}/SI", as_of="2023-05")
    put("2026-03-05", "2026-01")
    after = read_series(f"{NAME}/SI", as_of="2023-05")
    pd.testing.assert_series_equal(after.values, before.values)
    assert after.notes == before.notes
    assert "revisions made between as-of and that date are not undone" in after.notes[0]


def test_between_what_ships_and_the_first_vintage_that_vintage_is_cut(put):
    put("2026-03-05", "2026-01")
    put("2026-04-05", "2026-02", base=300.0)
    found = read_series(f"{NAME}/SI", as_of="2025-06")
    assert (found.values.iloc[0], str(found.origin)) == (100, "2025-04")
    assert "vintage of 2026-03-05" in found.notes[0]


def test_a_month_after_the_newest_vintage_is_refused(put):
    put("2026-03-05", "2026-01")
    with pytest.raises(InputError, match=r"after the newest figures held, of 2026-03-05.*2026-03"):
        read_series(f"{NAME}/SI", as_of="2026-04")


# damage and keys


def test_a_damaged_vintage_is_refused_and_what_was_known_before_is_read(put):
    put("2026-01-20", "2025-12")
    path = put("2026-03-05", "2026-01").path
    path.write_bytes(path.read_bytes()[:-1])
    for read in (lambda: read_series(f"{NAME}/SI"), lambda: check_hash(dataset())):
        with pytest.raises(InputError, match=r"damaged.*data refresh eurostat") as caught:
            read()
        assert str(path) in str(caught.value)
    assert read_series(f"{NAME}/SI", as_of="2026-02").vintage == dt.date(2026, 1, 20)
    assert str(read_series("pending-applications/SI").origin) == "2024-08"


def test_a_held_vintage_is_in_the_key_of_every_run(put):
    before = BriefInputs().reference_files
    made = put("2026-03-05", "2026-01")
    for files in (BriefInputs().reference_files, held_files()):
        assert made.sha256 in [file.sha256 for file in files]
    assert len(before) == len(BriefInputs().reference_files)


# revisions


def test_figures_that_change_during_a_run_stop_it_before_it_is_published(put, tmp_path):
    put("2025-02-10", "2024-12")
    request = BriefRequest(
        "si-amif-2021-2027", "SI", "", "en", paths=100, seed=1, output_dir=tmp_path
    )
    finish = plan_brief(request).finish
    put("2025-03-10", "2025-01")
    executed = tmp_path / "executed.ipynb"
    with pytest.raises(InputError, match=r"figures that changed .*000001-.*, 000002-.*; run it ag"):
        finish(executed, tmp_path)


@pytest.fixture
def few(monkeypatch):
    """So few months of cases are enough: twelve would only take longer."""
    monkeypatch.setattr(revisions, "OWN_MONTHS", 3)
    return 3


def monthly(put, months):
    """A vintage each month; the newest month is first counted too low by a tenth."""
    for month in pd.period_range("2025-01", periods=months, freq="M"):
        newest = str(month - 2)
        place = (month - 2).ordinal - pd.Period("2020-01", "M").ordinal
        put(f"{month}-20", newest, changed=[(newest, (100.0 + place) * 0.9)])


def test_own_revisions_replace_the_shipped_once_they_go_on_long_enough(put, few):
    monthly(put, few + 5)
    pd.testing.assert_frame_equal(known_revisions(NAME).log_ratios, default_revisions().log_ratios)
    put("2025-09-20", "2025-07")
    own = known_revisions(NAME)
    assert own.source == "vintages 2025-01 to 2025-09"
    si = own.log_ratios.loc["SI"]
    assert len(si) == few
    assert si[2].to_numpy() == pytest.approx(-np.log(0.9))
    assert si[3].to_numpy() == pytest.approx(0)
    assert experience_of(NAME).revisions is own


def test_a_month_without_a_vintage_gives_no_case(put, few):
    for month in ("2025-01", "2025-03", "2025-04", "2025-10"):
        put(f"{month}-20", str(pd.Period(month, "M") - 2), base=float(month[-2:]) * 100)
    own = known_revisions(NAME).log_ratios.loc["SI"]
    assert list(own.index) == ["2025-01", "2025-03", "2025-04"]


# pages


def page(as_of="", geo="SI"):
    series = read_series(f"{NAME}/{geo}", as_of=as_of or None)
    made = [
        forecast(known, horizon=horizon, model="random_walk", n_paths=50)
        for known, horizon in ((series, 30), (series.until(series.origin - 12), 12))
    ]
    material = gather(*made, BriefingOptions(geo, "en", as_of))
    return plain(notes.vintage(material).text), plain(notes.sources(material).text)


def test_a_page_names_its_vintage_and_marks_a_source_that_fails_by_its_first_day(put):
    put("2026-03-05", "2026-01")
    vintage, sources = page()
    assert "Vintage 1, retrieved on 5 March 2026." in vintage
    assert "to Jan 2026 (5 Mar 2026)" in sources
    assert "No newer figures" not in vintage
    for day in ("2026-03-07", "2026-03-08"):
        Store().note_check("eurostat-applicants", when=noon(day), status="failed", reason="r")
    assert page()[0] == (
        f"{vintage} No newer figures could be had from Eurostat since 7 March 2026: those of "
        "5 March 2026 are used."
    )


def test_a_page_as_of_a_past_month_says_whether_later_revisions_are_undone(put):
    put("2026-01-20", "2025-12")
    put("2026-03-05", "2026-01")
    vintage, sources = page("2026-02")
    assert "February 2026, the figures as they were retrieved by then" in vintage
    assert "Vintage 1, retrieved on 20 January 2026." in vintage
    assert "not undone" not in vintage
    assert "(20 Jan 2026)" in sources
    cut, _ = page("2025-06")
    assert "revisions made between then and 20 January 2026 are not undone" in cut


def test_the_report_on_a_flow_says_which_vintage_was_known(put):
    put("2026-01-20", "2025-12")
    put("2026-03-05", "2026-01")
    series = read_series(f"{NAME}/SI", as_of="2026-02")
    text = plain(FlowReport(series, "SI", as_of="2026-02").data(())[1].text)
    assert "the vintage retrieved on 20 January 2026" in text
    assert "as of 20 January 2026" in text


def test_an_import_that_feeds_a_data_set_takes_its_place(tmp_path):
    shipped = find_dataset(NAME)
    text = shipped.path.read_text(encoding="utf-8")
    (tmp_path / "own.csv").write_text(f"{text}SI,2024-10,435\n", encoding="utf-8")
    mapping = tmp_path / "own.yaml"
    mapping.write_text(
        "source: si-own-counts\ntitle: Own counts\npublisher: The ministry\ndataset: monthly\n"
        "licence: internal\nfrequency: M\nunit: persons\nkind: flow\nheader: 1\n"
        "period: {columns: [period]}\nvalues: [{column: value}]\nkeys: {geo: {column: geo}}\n"
        f"feeds: [{{dataset: {NAME}}}]\n",
        encoding="utf-8",
    )
    assert read_series(f"{NAME}/SI").origin == pd.Period("2024-09", "M")
    import_file(tmp_path / "own.csv", mapping, Store())
    series = read_series(f"{NAME}/SI")
    assert series.origin == pd.Period("2024-10", "M")
    assert series.values.iloc[-1] == 435
    assert find_dataset(NAME).held.startswith("000001")
    listed = CliRunner().invoke(main, ["data", "list", "si-own-counts"]).stdout
    assert listed.startswith("si-own-counts  Own counts (The ministry, monthly)\n")
    assert f"feeds {NAME}" in listed
