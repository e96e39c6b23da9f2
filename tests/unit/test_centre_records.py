"""A centre's own spreadsheet: template, what is read from it, and a projection made of it.

Every centre here is synthetic: persons drawn at random with a known length of stay.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.periods import parse_period
from forecasting.sources.centre_records import CentreStays, read_monthly, read_stays
from forecasting.sources.layouts import LAYOUTS, write_template
from forecasting.stocks.initial_stock import stock_from_entries
from forecasting.stocks.occupancy import expected_occupancy
from forecasting.stocks.occupancy_config import load_occupancy
from forecasting.stocks.stay_spells import make_spells

MAY = parse_period("2024-05")
DAYS = 365.25 / 12
MEAN, CV, PER_MONTH = 4.0, 1.2, 30


def save(path, rows, *, title="stays"):
    """Write rows into a sheet beside an explanation."""
    workbook = Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    workbook.create_sheet("explanation").append(["How to fill it in"])
    workbook.save(path)
    return path


def save_csv(path, rows, *, delimiter=",", encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


STAYS = [
    ["entry date", "exit date", "group"],
    [dt.datetime(2024, 3, 5, 14, 30), dt.date(2024, 4, 9), "returns"],
    ["12. 3. 2024", None, "families"],
    ["2024-04-01", "1. 4. 2024", "returns"],
    [dt.date(2024, 5, 31), None, None],
]


@pytest.fixture
def stays(tmp_path):
    return read_stays(save(tmp_path / "centre.xlsx", STAYS), until=MAY)


# the template


@pytest.mark.parametrize("code", language_codes())
@pytest.mark.parametrize("kind", ["stays", "monthly"])
def test_a_template_can_be_filled_in_and_read_in_every_language(tmp_path, kind, code):
    path = write_template(kind, tmp_path / "centre.xlsx", words=Language(code))
    workbook = load_workbook(path)
    sheet, explanation = workbook.worksheets
    assert [cell.value for cell in sheet[1]] == list(LAYOUTS[kind].headers(Language(code)).values())
    assert explanation.max_row >= 6
    sheet.delete_rows(2, sheet.max_row)
    if kind == "stays":
        sheet.append([dt.date(2024, 3, 5), dt.date(2024, 4, 9)])
        workbook.save(path)
        assert len(read_stays(path, until=parse_period("2024-04")).table) == 1
    else:
        sheet.append([dt.date(2024, 3, 1), 20, 10, 25])
        workbook.save(path)
        assert read_monthly(path).stock.to_dict() == {parse_period("2024-03"): 25.0}


def test_the_slovenian_headers_are_those_that_centres_use():
    stays, monthly = (LAYOUTS[kind].headers(Language("sl")) for kind in ("stays", "monthly"))
    assert list(stays.values()) == ["datum vstopa", "datum izstopa", "skupina"]
    assert list(monthly.values()) == ["mesec", "vstopi", "izstopi", "prisotni"]


def test_the_command_writes_the_same_template_each_time_but_never_over_a_file(run):
    for name in ("a.xlsx", "b.xlsx"):
        result = run("template", "stays", "--output", name, "--language", "sl")
        assert (result.exit_code, result.output) == (0, f"{name}\n")
    assert Path("a.xlsx").read_bytes() == Path("b.xlsx").read_bytes()
    again = run("template", "stays", "--output", "a.xlsx")
    assert again.exit_code == 2
    assert again.stderr == (
        "error: a.xlsx: the file exists; it may hold records: choose another name\n"
    )


# what is read


def test_days_are_read_from_cells_and_from_text(stays):
    assert stays.table["entry"].dt.strftime("%m-%d").tolist() == [
        "03-05",
        "03-12",
        "04-01",
        "05-31",
    ]
    assert stays.table["exit"].dt.strftime("%m-%d").tolist()[0::2] == ["04-09", "04-01"]
    assert stays.table["group"].tolist() == ["returns", "families", "returns", ""]
    assert stays.table.index.tolist() == [2, 3, 4, 5]
    assert stays.source == "centre.xlsx"


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv_file_gives_the_same_as_the_workbook(tmp_path, stays, delimiter, encoding):
    rows = [
        ["Datum  vstopa", "DATUM IZSTOPA", "skupina", ""],
        ["2024-03-05 14:30:00", "09.04.2024", "returns", ""],
        ["12. 03. 2024", " ", "families", ""],
        ["", "", "", ""],
        ["2024-04-01", "2024-04-01", "returns", ""],
        ["31. 5. 2024", "", "", ""],
        ["", "", " ", ""],
    ]
    path = save_csv(tmp_path / "centre.csv", rows, delimiter=delimiter, encoding=encoding)
    table = read_stays(path, until=MAY).table
    pd.testing.assert_frame_equal(
        table.reset_index(drop=True), stays.table.reset_index(drop=True), check_dtype=False
    )
    assert table.index.tolist() == [2, 3, 5, 6]


def test_empty_rows_and_sheets_are_passed_over_and_a_saved_value_stands_for_its_formula(tmp_path):
    path = save(tmp_path / "centre.xlsx", [*STAYS, [None, " "], []])
    workbook = load_workbook(path)
    workbook.create_sheet("Sheet2")
    workbook["stays"].row_dimensions[3].hidden = True  # by a filter
    workbook.save(path)
    assert len(read_stays(path, until=MAY).table) == 4


def test_arrivals_are_counted_in_whole_periods(stays):
    months = stays.arrivals()
    assert months.index.equals(pd.period_range("2024-03", "2024-05", freq="M"))
    assert months.tolist() == [2.0, 1.0, 1.0]
    assert months.index.name == "period"
    with pytest.raises(
        InputError, match="records from 2024-03-01 to 2024-05-31; expected: a whole"
    ):
        stays.arrivals("Q")


def test_who_leaves_on_the_last_day_is_gone_and_who_leaves_later_is_present(tmp_path):
    rows = [STAYS[0][:2], ["2024-05-01", "2024-05-31"], ["2024-05-02", "2024-06-01"]]
    found = read_stays(save_csv(tmp_path / "c.csv", rows), until=MAY)
    assert found.present().tolist() == [pd.Timestamp("2024-05-02")]
    stock = stock_from_entries(found.present(), MAY + 1)
    assert stock.known_ages == pytest.approx([29.5 / 31])
    spells = make_spells(found.spells(), cut_off=found.until)
    assert spells.ended.tolist() == [True, False]
    assert spells.last_age == pytest.approx([30 / DAYS, 29.5 / DAYS])


def test_who_entered_before_the_records_begin_was_seen_late_and_is_no_arrival(tmp_path):
    rows = [
        STAYS[0][:2],
        ["2023-10-01", "2024-02-10"],
        ["2023-11-01", "2023-12-31"],
        ["2024-01-05", ""],
        ["2024-05-05", ""],
    ]
    path = save_csv(tmp_path / "c.csv", rows)
    found = read_stays(path, until=MAY, since=parse_period("2024-01"))
    assert found.table.index.tolist() == [2, 4, 5]
    assert found.arrivals().tolist() == [1, 0, 0, 0, 1]
    spells = make_spells(found.spells(), cut_off=found.until)
    assert spells.first_age == pytest.approx([91.5 / DAYS, 0, 0])
    assert spells.last_age == pytest.approx([132 / DAYS, 147.5 / DAYS, 26.5 / DAYS])
    middle = read_stays(path, until=dt.date(2024, 5, 30), since=dt.date(2024, 1, 2))
    assert middle.arrivals().index.equals(pd.period_range("2024-02", "2024-04", freq="M"))


def test_a_first_month_that_begins_late_is_left_out_of_the_arrivals(tmp_path):
    days = pd.date_range("2024-01-20", "2024-05-31", freq="D")
    rows = [STAYS[0][:2], *([f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}"] for day in days)]
    found = read_stays(save_csv(tmp_path / "c.csv", rows), until=MAY)
    assert found.arrivals().tolist() == [29, 31, 30, 31]
    assert found.since == pd.Timestamp("2024-02-01")


def test_a_group_has_arrivals_over_all_periods(stays):
    returns = stays.of_group("returns")
    assert returns.arrivals().tolist() == [1, 1, 0]
    assert len(returns.present()) == 0
    with pytest.raises(InputError, match="group 'asylum'; expected: families, returns"):
        stays.of_group("asylum")


DAY = st.integers(0, 150)


@given(st.lists(st.tuples(DAY, st.none() | DAY), min_size=1, max_size=40), st.integers(0, 150))
def test_those_present_are_those_who_entered_less_those_who_left(persons, last):
    first = pd.Timestamp("2024-01-01")
    kept = [(came, stay) for came, stay in persons if came <= last]
    table = pd.DataFrame(
        {
            "entry": pd.to_datetime([first + pd.Timedelta(days=came) for came, _ in kept]),
            "exit": pd.to_datetime(
                [
                    None if stay is None else first + pd.Timedelta(days=came + stay)
                    for came, stay in kept
                ]
            ),
            "group": "",
        }
    )
    until = first + pd.Timedelta(days=last)
    stays = CentreStays(table, first, until, "synthetic")
    left = sum(stay is not None and came + stay <= last for came, stay in kept)
    assert len(stays.present()) == len(kept) - left
    if until >= pd.Timestamp("2024-01-31"):
        end = stays.arrivals().index[-1].end_time
        assert stays.arrivals().sum() == (table["entry"] <= end).sum()
        assert until < (stays.arrivals().index[-1] + 1).end_time.normalize()


def test_monthly_totals_are_read_in_any_order_and_form(tmp_path):
    rows = [
        ["mesec", "vstopi", "izstopi", "prisotni"],
        [dt.datetime(2024, 3, 31), "20,0", 25.0, "1 045"],
        ["2024-01", 0, "0", 1040],
        ["2. 2024", "30", 20, 1050],
    ]
    totals = read_monthly(save(tmp_path / "centre.xlsx", rows, title="2024"))
    assert totals.stock.index.equals(pd.period_range("2024-01", "2024-03", freq="M"))
    assert totals.arrivals.tolist() == [0, 30, 20]
    assert totals.exits.tolist() == [0, 20, 25]
    assert totals.stock.tolist() == [1040, 1050, 1045]
    text = [[str(cell) for cell in row] for row in rows]
    text[1][0] = "03/2024"
    again = read_monthly(save_csv(tmp_path / "centre.csv", text, delimiter=";"))
    pd.testing.assert_series_equal(again.stock, totals.stock)


# a projection from the records of a synthetic centre


def synthetic(seed=1, months=60):
    """Stays of a synthetic centre: everybody present on or after the first day of 2020."""
    rng = np.random.default_rng(seed)
    first, before = pd.Timestamp("2020-01-01"), 60
    n = rng.poisson(PER_MONTH * (before + months))
    came = np.sort(rng.uniform(-before, months, n)) * DAYS
    sigma = np.sqrt(np.log1p(CV**2))
    stay = rng.lognormal(np.log(MEAN) - sigma**2 / 2, sigma, n) * DAYS
    entry = first + pd.to_timedelta(np.floor(came), unit="D")
    leave = first + pd.to_timedelta(np.floor(came + stay), unit="D")
    last = parse_period("2020-01") + (months - 1)
    table = pd.DataFrame({"entry": entry, "exit": leave})[leave >= first]
    table = table[table["entry"] <= last.end_time]
    return table.assign(exit=table["exit"].where(table["exit"] <= last.end_time))


def save_stays(path, table, groups=None):
    rows = [["datum vstopa", "datum izstopa", "skupina"]]
    for place, (entry, leave) in enumerate(zip(table["entry"], table["exit"], strict=True)):
        group = groups[place % len(groups)] if groups else None
        rows.append([entry.date(), None if pd.isna(leave) else leave.date(), group])
    return save(path, rows, title="bivanja")


def configure(folder, text):
    path = folder / "centre.yaml"
    path.write_text(
        f"name: synthetic centre\nstart: 2025-01\nhorizon: 12\npaths: 400\n{text}", encoding="utf-8"
    )
    return path


def test_the_occupancy_of_a_synthetic_centre_is_projected_from_its_spreadsheet(run, tmp_path):
    table = synthetic()
    save_stays(tmp_path / "centre.xlsx", table)
    configure(tmp_path, "records: {file: centre.xlsx, since: 2020-01}\ncapacity: 150\n")
    result = run("occupancy", "centre.yaml", "--output", "out.csv")
    assert result.exit_code == 0, result.output
    found = re.search(
        r"^mean stay of synthetic centre, estimated: ([\d.]+) months, "
        r"80 % interval ([\d.]+) to ([\d.]+)$",
        result.output,
        re.MULTILINE,
    )
    middle, low, high = map(float, found.groups())
    assert low < MEAN < high
    assert 0.05 < (high - low) / middle < 0.2
    out = pd.read_csv("out.csv").pivot_table("value", "period", "output_type")
    assert out["mean"].iloc[0] == pytest.approx(table["exit"].isna().sum(), rel=0.1)
    assert out["mean"].iloc[-1] == pytest.approx(PER_MONTH * MEAN, rel=0.1)
    assert out["variance"].iloc[-1] > PER_MONTH * MEAN


def test_the_draws_of_the_stay_widen_the_projection_and_a_stay_of_ones_own_stands(tmp_path):
    table = synthetic()
    save_stays(tmp_path / "centre.xlsx", table)
    text = "records: {file: centre.xlsx, since: 2020-01}\narrivals: {constant: 30}\n"
    (estimated,) = load_occupancy(configure(tmp_path, text)).groups
    means = np.array([stay.mean for stay in estimated.stays])
    assert len(means) == 200
    assert means.mean() == pytest.approx(MEAN, rel=0.1)
    assert estimated.initial.count == table["exit"].isna().sum()
    assert estimated.initial.known_ages.max() > 12

    own = "length_of_stay: {distribution: lognormal, mean: 4, cv: 1.2}\n"
    (stated,) = load_occupancy(configure(tmp_path, text + own)).groups
    assert stated.stay.mean == 4
    assert stated.initial.known_ages == pytest.approx(estimated.initial.known_ages)
    last = [
        expected_occupancy([group], 12).variance.to_numpy()[-1] for group in (estimated, stated)
    ]
    spread = (PER_MONTH * means).std()
    assert last[0] - last[1] == pytest.approx(spread**2, rel=0.5)


def test_groups_of_one_file_have_their_own_arrivals_and_draws(tmp_path):
    table = synthetic()
    save_stays(tmp_path / "centre.xlsx", table, groups=("vračanje", "družine"))
    text = "groups:\n" + "".join(
        f"  - {{name: {name}, records: {{file: centre.xlsx, since: 2020-01, group: {name}}}}}\n"
        for name in ("vračanje", "družine")
    )
    groups = load_occupancy(configure(tmp_path, text), check_only=True).groups
    assert sum(group.initial.count for group in groups) == table["exit"].isna().sum()
    draws = [[stay.mean for stay in group.stays] for group in groups]
    assert abs(np.corrcoef(draws)[0, 1]) < 0.3
    assert all(group.arrivals.kind == "count" for group in groups)


def monthly_totals(table):
    months = pd.period_range("2020-01", "2024-12", freq="M")
    came = table["entry"].dt.to_period("M").value_counts().reindex(months, fill_value=0)
    left = table["exit"].dt.to_period("M").value_counts().reindex(months, fill_value=0)
    present = (table["entry"] < "2020-01-01").sum() + (came - left).cumsum()
    counts = [came.tolist(), left.tolist(), present.tolist()]
    return [
        [*LAYOUTS["monthly"].headers(Language("en")).values()],
        *zip(map(str, months), *counts, strict=True),
    ]


def test_monthly_totals_give_an_exit_rate_and_the_last_count(tmp_path):
    table = synthetic()
    save(tmp_path / "centre.xlsx", monthly_totals(table), title="2020-2024")
    text = "records: {file: centre.xlsx, kind: monthly}\narrivals: {constant: 30}\n"
    (group,) = load_occupancy(configure(tmp_path, text)).groups
    assert (group.initial.count, group.initial.ages) == (table["exit"].isna().sum(), "equilibrium")
    means = [stay.mean for stay in group.stays]
    assert np.quantile(means, 0.01) < MEAN < np.quantile(means, 0.99)

    own = "length_of_stay: {distribution: gamma, shape: 1.5, scale: 2}\n"
    (stated,) = load_occupancy(configure(tmp_path, text + own)).groups
    assert stated.initial.ages == "back_calculated"
    assert stated.arrivals.observed.sum() == (table["entry"] >= "2020-01-01").sum()
