"""What an answer must stand: codes, values, what is missing, its level against the cells held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.sources.answers import check_answer
from forecasting.sources.definitions import Limits
from forecasting.sources.fetching import Fetched
from forecasting.sources.staging import stage_cells

BEGIN = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture
def cells(table):
    """The cells of the sample table, as a client stages them."""
    return pd.DataFrame(
        [
            (cell.codes["geo"], cell.codes["citizen"], cell.period, cell.value, cell.flag)
            for cell in table.cells
        ],
        columns=["geo", "citizen", "period", "value", "flag"],
    )


@pytest.fixture
def check(source, store, tmp_path):
    """Return a function that checks cells against those remembered before."""

    def checked(cells, *, definition=None):
        staged = stage_cells(cells, source.key, tmp_path)
        held = store.vintages(source.id)
        check_answer(staged, definition or source, held, tmp_path)

    return checked


@pytest.fixture
def remember(source, store, tmp_path):
    """Return a function that remembers cells as the next vintage, a day later each time."""
    days = iter(range(100))

    def remembered(cells):
        staged = stage_cells(cells, source.key, tmp_path)
        when = BEGIN + timedelta(days=next(days))
        store.append(source, Fetched(staged, source.address, when, "0" * 64))

    return remembered


def test_an_answer_like_the_one_held_is_taken(check, remember, cells):
    check(cells)
    remember(cells)
    check(cells)
    check(cells.assign(value=cells["value"] * 1.5))


def test_an_answer_without_figures_is_refused(check, cells):
    with pytest.raises(InputError, match="an answer without figures"):
        check(cells.iloc[:0])
    with pytest.raises(InputError, match="an answer without figures"):
        check(cells.assign(value=float("nan")))


def test_more_cells_than_a_source_may_have_are_refused(check, cells, source):
    small = source.model_copy(update={"limits": Limits(rows=239)})
    with pytest.raises(InputError, match="240 cells; expected: at most 239"):
        check(cells, definition=small)


@pytest.mark.parametrize("period", ["2023-13", "2023-Q1", "2023", "2023-1", "202301", "2023-01-01"])
def test_a_period_of_another_form_is_refused(check, cells, period):
    cells.loc[3, "period"] = period
    with pytest.raises(InputError, match=f"period '{period}'; expected: YYYY-MM"):
        check(cells)


def test_a_code_that_is_not_known_is_refused_with_what_to_do(check, cells):
    cells["geo"] = cells["geo"].replace("SI", "SVN")
    with pytest.raises(InputError, match=r"code 'SVN' in the column 'geo'.*add it to the def"):
        check(cells)


def test_a_code_that_was_not_selected_is_refused(check, cells, source):
    free = source.model_copy(update={"codes": {}})
    cells["citizen"] = cells["citizen"].replace("UA", "SY")
    with pytest.raises(InputError, match=r"code 'SY' in the column 'citizen'.*TOTAL, UA"):
        check(cells, definition=free)


@pytest.mark.parametrize("value", [-5.0, float("inf")])
def test_a_value_that_cannot_be_is_refused_with_its_cell(check, cells, value):
    cells.loc[0, "value"] = value
    with pytest.raises(InputError, match=r"eurostat-applicants, FI TOTAL 2023-01: value (-5|inf)"):
        check(cells)


def test_a_country_that_has_vanished_is_refused(check, remember, cells, source):
    remember(cells)
    without = cells[cells["geo"] != "SI"]
    with pytest.raises(InputError, match=r"no figures any more for geo SI.*'dropped'"):
        check(without)
    empty = cells.assign(value=cells["value"].where(cells["geo"] != "SI"))
    with pytest.raises(InputError, match="no figures any more for geo SI"):
        check(empty)
    known = source.model_copy(
        update={"dropped": {"geo": ("SI",)}, "limits": Limits(least_share=0.5)}
    )
    check(without, definition=known)


def test_a_code_that_was_renamed_is_refused(check, remember, cells, source):
    remember(cells)
    free = source.model_copy(update={"codes": {}, "select": {}})
    with pytest.raises(InputError, match="no figures any more for citizen TOTAL"):
        check(cells.assign(citizen=cells["citizen"].replace("TOTAL", "ALL")), definition=free)


def test_a_table_that_has_lost_its_last_year_is_refused(check, remember, cells):
    remember(cells)
    with pytest.raises(InputError, match="120 cells; expected: about as many as held, 240"):
        check(cells[cells["period"] < "2024"])


@pytest.mark.parametrize("factor", [0.001, 1000])
def test_figures_of_another_size_are_refused(check, remember, cells, factor):
    remember(cells)
    with pytest.raises(InputError, match=r"figures of another size: EU27_2020, .*persons, not"):
        check(cells.assign(value=cells["value"] * factor))


def test_one_country_in_thousands_is_enough_to_refuse(check, remember, cells):
    remember(cells)
    cells.loc[cells["geo"] == "SE", "value"] /= 1000
    with pytest.raises(InputError, match=r"figures of another size: SE, 2023-01: 1200 -> 1.2"):
        check(cells)


@pytest.mark.parametrize("factor", [0.01, 0.1, 10, 100])
def test_a_collapse_or_a_surge_is_no_other_size(check, remember, cells, factor):
    remember(cells)
    check(cells.assign(value=cells["value"] * factor))


def test_the_level_is_that_of_the_newest_vintage(check, remember, cells):
    remember(cells)
    revised = cells.copy()
    revised.loc[revised["geo"] == "SI", "value"] *= 1000
    remember(revised)  # past the check, as if it had been meant
    check(revised)
    with pytest.raises(InputError, match="figures of another size: SI"):
        check(cells)


def test_the_first_answer_is_compared_with_the_figures_that_ship(eurostat, tmp_path, store):
    from forecasting.sources.definitions import load_source
    from forecasting.sources.reference import read_observations

    fed = load_source(eurostat.definition("eurostat-applicants", tmp_path / "fed"))
    parts = []
    for geo in ("FI", "SI"):
        shipped = read_observations("asylum-applicants", geo)
        part = pd.DataFrame({"period": shipped.periods, "value": shipped.values})
        parts.append(part.assign(geo=geo, citizen="TOTAL", flag=""))
    cells = pd.concat(parts)
    check_answer(stage_cells(cells, fed.key, tmp_path), fed, [], tmp_path)
    thousands = cells.assign(value=cells["value"] / 1000)
    with pytest.raises(InputError, match="figures of another size"):
        check_answer(stage_cells(thousands, fed.key, tmp_path), fed, [], tmp_path)
    only = cells[cells["geo"] == "FI"]
    with pytest.raises(InputError, match="no figures any more for geo SI"):
        check_answer(stage_cells(only, fed.key, tmp_path), fed, [], tmp_path)


def test_of_a_source_that_counts_no_persons_a_value_may_be_negative(check, cells, source):
    change = source.model_copy(update={"unit": "percent"})
    cells.loc[0, "value"] = -1.5
    check(cells, definition=change)
