"""The store: every figure as it was known at each retrieval."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from forecasting.errors import InputError, LockedError
from forecasting.sources import appending, vintage_queries
from forecasting.sources.definitions import Source
from forecasting.sources.fetching import Fetched
from forecasting.sources.staging import stage_cells
from forecasting.sources.status import failing_since, sources_status
from forecasting.sources.store import Store, choose_vintage

ID = "demo"
ROWS = (("SI", "2024-01", 100), ("SI", "2024-02", 110), ("FI", "2024-01", 50, "p"))


def source(**changes):
    texts = {
        "title": {"en": "t"},
        "publisher": "O'Hara",
        "dataset": "d",
        "licence": "l",
        "unit": "persons",
    }
    fixed = {"id": ID, "client": "eurostat", "key": ("geo",), "frequency": "M", "kind": "flow"}
    return Source(**(texts | fixed | changes))


def moment(day=1, second=0, month=11):
    return dt.datetime(2026, month, day, 2, 0, second, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "a folder [x] with=signs" / "store")


@pytest.fixture
def put(store, tmp_path):
    """Return a function that appends a table of ``(geo, period, value[, flag])``."""

    def append(rows, when=None, **changes):
        columns = ["geo", "period", "value", "flag"]
        cells = pd.DataFrame([(*row, "")[:4] for row in rows], columns=columns)
        staged = stage_cells(cells, ("geo",), tmp_path)
        answer = Fetched(staged, "https://x", when or moment(), "h", etag='"e"')
        return store.append(source(**changes), answer)

    return append


def table(store, known_by=None, **where):
    cells = store.cells(ID, known_by=known_by, where=where)
    return {(row.geo, row.period): row.value for row in cells.itertuples()}


def without(*gone):
    return [row for row in ROWS if row[:2] not in gone]


def folder_of(store):
    return store.source_folder(ID)


def names(store):
    return sorted(path.name[:6] for path in folder_of(store).glob("*.parquet"))


# what is remembered


def test_the_first_vintage_holds_everything_and_says_where_it_came_from(store, put):
    made = put(ROWS)
    assert (made.number, made.whole, made.cells, made.publisher) == (1, True, 3, "O'Hara")
    assert (made.id, made.etag, made.previous) == ("000001-20261101T020000Z", '"e"', "")
    assert store.vintages(ID) == [made]
    assert table(store) == {("FI", "2024-01"): 50, ("SI", "2024-01"): 100, ("SI", "2024-02"): 110}


def test_the_same_table_once_more_is_no_vintage(store, put):
    put(ROWS)
    assert put(reversed(ROWS), moment(2)) is None
    assert names(store) == ["000001"]


def test_a_vintage_holds_only_what_is_new_or_has_changed(store, put):
    first = put(ROWS)
    second = put([("SI", "2024-01", 105), *ROWS[1:], ("SI", "2024-03", 7)], moment(2))
    assert (second.whole, second.cells, second.previous) == (False, 2, first.sha256)
    assert table(store)["SI", "2024-01"] == 105
    assert table(store, moment(1))["SI", "2024-01"] == 100
    assert table(store, geo="SI").keys() == {("SI", f"2024-0{month}") for month in (1, 2, 3)}


def test_a_flag_is_remembered_and_its_change_is_no_revision(store, put):
    first = put(ROWS)
    second = put([*ROWS[:2], ("FI", "2024-01", 50, "")], moment(2))
    assert second.cells == 1
    assert list(store.cells(ID, where={"geo": "FI"})["flag"]) == [""]
    assert list(store.cells(ID, known_by=moment(1), where={"geo": "FI"})["flag"]) == ["p"]
    assert store.revisions(ID, first, second).empty


def test_a_value_that_is_published_as_missing_stays_a_cell(store, put):
    put(ROWS)
    assert put([("SI", "2024-01", math.nan, ":"), *ROWS[1:]], moment(2)).cells == 1
    assert math.isnan(table(store)["SI", "2024-01"])
    assert put([("SI", "2024-01", math.nan, ":"), *ROWS[1:]], moment(3)) is None


def test_a_cell_that_has_gone_comes_back_as_a_new_one(store, put):
    put(ROWS)
    assert put(without(("SI", "2024-01")), moment(2)).cells == 1
    assert ("SI", "2024-01") not in table(store)
    assert put(ROWS, moment(3)).cells == 1
    assert table(store)["SI", "2024-01"] == 100


def test_an_answer_takes_nothing_away_outside_its_own_months(store, put):
    put(ROWS)
    put([("SI", "2024-02", 111)], moment(2))
    assert table(store) == {("FI", "2024-01"): 50, ("SI", "2024-01"): 100, ("SI", "2024-02"): 111}


def test_a_file_takes_nothing_away_from_a_series_that_it_does_not_name(store, put):
    put(ROWS)
    put([("SI", "2024-01", 100)], moment(2), client="file")
    assert ("FI", "2024-01") in table(store)
    put([("SI", "2024-01", 100)], moment(3))
    assert ("FI", "2024-01") not in table(store)


# time


def test_two_vintages_of_one_second_both_stand(store, put):
    first, second = put(ROWS, moment(1)), put([("SI", "2024-01", 1), *ROWS[1:]], moment(1))
    assert first.retrieved == second.retrieved
    assert [each.number for each in store.vintages(ID)] == [1, 2]
    assert table(store, moment(1))["SI", "2024-01"] == 1
    assert list(store.revisions(ID, first, second)["old"]) == [100]


def test_a_clock_set_back_breaks_nothing(store, put):
    put(ROWS, moment(20))
    late = put([("SI", "2024-01", 1), *ROWS[1:]], moment(5))
    assert (late.number, late.retrieved, late.known) == (2, moment(5), moment(20))
    assert store.latest(ID) == late
    assert store.known_by(ID, moment(6)) is None
    assert store.known_by(ID, moment(20)) == late


def test_nothing_was_known_before_the_first_vintage(store, put):
    assert store.latest(ID) is None
    assert store.vintages(ID) == []
    with pytest.raises(InputError, match=r"no vintage of demo is held.*data refresh demo"):
        store.cells(ID)
    put(ROWS, moment(5))
    with pytest.raises(InputError, match="no vintage of demo held by 2026-11-04"):
        store.cells(ID, known_by=moment(4))


def test_vintages_are_chosen_by_number_id_or_day(store, put):
    made = [put([("SI", "2024-01", day)], moment(day)) for day in (3, 10)]
    for text, expected in {
        "1": 0, "000002": 1, made[0].id: 0, "2026-11-03": 0, "2026-11-09": 0, "2026-11-30": 1,
    }.items():  # fmt: skip
        assert choose_vintage(made, text, source_id=ID) == made[expected]
    for text in ("0", "3", "2026-11-02", "2026-13-01", "last"):
        with pytest.raises(InputError, match=r"no vintage '.*' of demo.*such as 2026-11-10"):
            choose_vintage(made, text, source_id=ID)
    with pytest.raises(InputError, match="vintages are held"):
        choose_vintage([], "1", source_id=ID)


# comparisons and history


def test_revisions_name_what_changed_what_is_new_and_what_has_gone(store, put):
    first = put(ROWS)
    second = put([("SI", "2024-01", 105), ("SI", "2024-02", 110), ("SI", "2024-03", 7)], moment(2))
    found = store.revisions(ID, first, second)
    assert list(found.columns) == ["geo", "period", "old", "new"]
    cells = [tuple(row) for row in found.fillna(-1).itertuples(index=False)]
    assert cells == [
        ("FI", "2024-01", 50, -1),
        ("SI", "2024-01", 100, 105),
        ("SI", "2024-03", -1, 7),
    ]
    assert store.revisions(ID, second, second).empty
    back = store.revisions(ID, second, first)
    assert list(back["new"].fillna(-1)) == [50, 100, -1]


def test_history_is_what_a_file_of_vintages_would_say(store, put):
    put(ROWS, moment(1))
    put([("SI", "2024-01", 104), *ROWS[1:]], moment(2))
    put([("SI", "2024-01", 105), *ROWS[1:]], moment(2, second=9))
    put([*ROWS[1:], ("SI", "2024-03", 7)], moment(3))
    found = store.history(ID, {})
    assert list(found.columns) == ["vintage", "geo", "period", "value"]
    assert str(found["period"].dtype) == "period[M]"
    rows = [(row.vintage.day, row.geo, str(row.period), row.value) for row in found.itertuples()]
    assert rows == [
        (1, "FI", "2024-01", 50),
        (1, "SI", "2024-01", 100),
        (2, "SI", "2024-01", 105),
        (1, "SI", "2024-02", 110),
        (3, "SI", "2024-03", 7),
    ]


def test_after_many_changes_everything_is_written_once_more(store, put, monkeypatch):
    monkeypatch.setattr(appending, "MOST_CHANGES", 2)
    made = [put([("SI", "2024-01", value), *ROWS[1:]], moment(value)) for value in range(1, 6)]
    assert [each.whole for each in made] == [True, False, False, True, False]
    assert [each.cells for each in made] == [3, 1, 1, 1, 1]
    assert [table(store, moment(n))["SI", "2024-01"] for n in range(1, 6)] == [1, 2, 3, 4, 5]
    assert len(store.history(ID, {"geo": "SI"})) == 6
    assert list(store.revisions(ID, made[1], made[4])["new"]) == [5]


def test_batches_give_what_one_go_gives(store, put, monkeypatch):
    before = [(f"G{n}", "2024-01", n) for n in range(9)] + [
        (f"G{n}", "2024-02", n) for n in range(9)
    ]
    after = [(geo, period, value * 2) for geo, period, value in before if (geo, value) != ("G3", 3)]
    monkeypatch.setattr(vintage_queries, "BATCH_ROWS", 5)
    put(before)
    made = put(after, moment(2))
    assert made.cells == 16 + 2 - 2  # 0 doubled is still 0
    assert table(store) == {(geo, period): value for geo, period, value in after}
    assert table(store, moment(1)) == {(geo, period): value for geo, period, value in before}


# processes


def test_a_second_writer_is_refused(store, put):
    from filelock import FileLock

    put(ROWS)
    with (
        FileLock(folder_of(store) / ".lock"),
        pytest.raises(LockedError, match="another process is writing a vintage"),
    ):
        put([("SI", "2024-01", 1)], moment(2))


def test_what_a_killed_process_left_is_removed(store, put, monkeypatch):
    put(ROWS)
    leftover = folder_of(store) / ".partial-of-a-killed-one"
    leftover.mkdir()
    (leftover / "vintage.parquet").write_bytes(b"half")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(appending, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        put([("SI", "2024-01", 1)], moment(2))
    monkeypatch.undo()
    assert table(store)["SI", "2024-01"] == 100
    assert put([("SI", "2024-01", 1)], moment(3)).number == 2
    assert [path.name for path in folder_of(store).glob(".partial*")] == []


def test_figures_are_read_without_the_database_where_nothing_is_held(tmp_path):
    code = (
        "import sys; from forecasting.series import read_series; "
        "read_series('asylum-applicants/SI', as_of='2023-05'); "
        "sys.exit(any(name in sys.modules for name in ('duckdb', 'requests')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path).returncode == 0


# checks


def test_failures_in_a_row_are_dated_by_the_first(store):
    assert store.last_check(ID) is None
    for day, status in ((1, "new"), (2, "failed"), (3, "failed")):
        store.note_check(ID, when=moment(day), status=status, reason="no route")
    found = store.last_check(ID)
    assert (found.when, found.since, found.reason) == (moment(3), moment(2), "no route")
    store.note_check(ID, when=moment(4), status="unchanged")
    assert store.last_check(ID).since == moment(4)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"when": "now"}', "\udcff"])
def test_a_damaged_note_is_none_and_is_written_anew(store, put, content):
    put(ROWS)
    note = folder_of(store) / "checked.json"
    note.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert store.last_check(ID) is None
    store.note_check(ID, when=moment(9), status="failed", reason="r")
    assert store.last_check(ID).since == moment(9)
    assert len(store.vintages(ID)) == 1


def test_the_status_of_a_source_stays_the_same_night_after_night():
    store = Store()
    assert sources_status("asylum-applicants") == ""
    for day in (3, 4):
        store.note_check("eurostat-applicants", when=moment(day), status="failed", reason="r")
        assert sources_status("asylum-applicants") == "failed since 2026-11-03"
    assert failing_since("asylum-applicants") == dt.date(2026, 11, 3)
    assert sources_status("detention-counts") == ""
    store.note_check("eurostat-applicants", when=moment(5), status="unchanged")
    assert sources_status("asylum-applicants") == ""


# healing


def flip(path: Path, position: int = 100) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(bytes(content))


def three(put):
    return [put([("SI", "2024-01", day), *ROWS[1:]], moment(day)) for day in (1, 2, 3)]


def test_the_next_answer_heals_a_damaged_vintage_and_nothing_is_deleted(store, put):
    made = three(put)
    flip(made[1].path)
    healed = put([("SI", "2024-01", 3), *ROWS[1:]], moment(4))
    assert (healed.number, healed.whole, healed.previous) == (4, True, made[0].sha256)
    assert names(store) == ["000001", "000004"]
    aside = sorted(path.name for path in (folder_of(store) / "damaged").iterdir())
    assert aside == [made[1].path.name, made[2].path.name]
    assert [each.number for each in store.vintages(ID)] == [1, 4]
    assert table(store)["SI", "2024-01"] == 3
    assert table(store, moment(1))["SI", "2024-01"] == 1


def test_what_was_known_at_the_time_of_a_vintage_set_aside_is_not_guessed(store, put):
    made = three(put)
    flip(made[2].path)
    put(ROWS, moment(4))
    assert table(store, moment(2))["SI", "2024-01"] == 2
    with pytest.raises(InputError, match=r"000003-.*damaged and set aside"):
        table(store, moment(3))


def test_a_vintage_put_back_from_a_backup_is_read_again(store, put):
    made = three(put)
    kept = made[1].path.read_bytes()
    made[1].path.unlink()
    healed = put(ROWS, moment(4))
    assert healed.whole
    aside = folder_of(store) / "damaged" / made[2].path.name
    aside.rename(made[2].path)
    made[1].path.write_bytes(kept)
    assert [each.number for each in store.vintages(ID)] == [1, 2, 3, 4]
    assert table(store, moment(3))["SI", "2024-01"] == 3


def test_an_old_damage_is_set_aside_without_writing_everything(store, put, monkeypatch):
    monkeypatch.setattr(appending, "MOST_CHANGES", 1)
    made = [put([("SI", "2024-01", day), *ROWS[1:]], moment(day)) for day in (1, 2, 3, 4)]
    assert [each.whole for each in made] == [True, False, True, False]
    monkeypatch.setattr(appending, "MOST_CHANGES", 100)
    flip(made[0].path)
    assert not put([("SI", "2024-01", 5), *ROWS[1:]], moment(5)).whole
    assert names(store) == ["000003", "000004", "000005"]


def test_the_newest_set_aside_by_hand_is_no_silent_step_back(store, put):
    made = three(put)
    (folder_of(store) / "damaged").mkdir()
    made[2].path.rename(folder_of(store) / "damaged" / made[2].path.name)
    for read in (store.latest, store.vintages, store.cells):
        with pytest.raises(InputError, match="damaged and set aside"):
            read(ID)
    assert put([("SI", "2024-01", 2), *ROWS[1:]], moment(4)).whole
    assert table(store)["SI", "2024-01"] == 2


# the command line


@pytest.fixture
def refreshed(tmp_path):
    """Two vintages of the source of applicants in the store of the command line."""
    store = Store()
    made = []
    for day, value in ((1, 455), (2, 465)):
        rows = [("SI", "TOTAL", "2024-07", value, ""), ("SI", "TOTAL", "2024-06", 400, "")]
        rows += [("FI", "TOTAL", "2024-06", 9, "")] if day == 1 else []
        rows += [("SI", "TOTAL", f"2024-{month}", 1, "") for month in range(10, 10 + day)]
        columns = ["geo", "citizen", "period", "value", "flag"]
        staged = stage_cells(pd.DataFrame(rows, columns=columns), columns[:2], tmp_path)
        applicants = source(id="eurostat-applicants", key=("geo", "citizen"))
        made.append(store.append(applicants, Fetched(staged, "https://x", moment(day), "h")))
    return made


def test_diff_prints_revisions_first(refreshed, run):
    result = run("data", "diff", "eurostat-applicants", "1", "2026-11-02", "-o", "found.csv")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"eurostat-applicants  {refreshed[0].id} -> {refreshed[1].id}",
        "revised 1, gone 1, new 1",
        "SI TOTAL 2024-07: 455 -> 465",
        "FI TOTAL 2024-06: 9 -> none",
        "SI TOTAL 2024-11: none -> 1",
        "found.csv",
    ]
    assert Path("found.csv").read_text().splitlines() == [
        "geo,citizen,period,old,new,change",
        "SI,TOTAL,2024-07,455.0,465.0,revised",
        "FI,TOTAL,2024-06,9.0,,gone",
        "SI,TOTAL,2024-11,,1.0,new",
    ]


def test_a_long_diff_says_how_many_more(refreshed, run, monkeypatch):
    monkeypatch.setattr("forecasting.cli.data_store.MOST_SHOWN", 2)
    lines = run("data", "diff", "eurostat-applicants", "1", "2").output.splitlines()
    assert lines[2:] == [
        "SI TOTAL 2024-07: 455 -> 465",
        "FI TOTAL 2024-06: 9 -> none",
        "and 1 more",
    ]


def test_list_shows_what_is_held_and_how_the_last_check_went(refreshed, run):
    store = Store()
    store.note_check("eurostat-applicants", when=moment(3), status="failed", reason="no route")
    output = run("data", "list", "eurostat-applicants").output
    assert "feeds asylum-applicants" in output
    assert "asked 2026-11-03 02:00 UTC, failed since 2026-11-03: no route" in output
    for each, words in zip(
        refreshed, ("4 cells new or changed, whole table", "3 cells"), strict=True
    ):
        assert f"{each.id}  {words}" in output
    every = run("data", "list")
    assert every.exit_code == 0
    assert "2 vintages, the newest:" in every.output
    assert refreshed[0].id not in every.output
    assert "eurostat-pending" in every.output


def test_list_names_a_damaged_vintage_and_goes_on(refreshed, run):
    flip(refreshed[0].path)
    result = run("data", "list")
    assert result.exit_code == 2
    assert f"error: {refreshed[0].path}: the file is damaged" in result.output
    assert "unhcr" in result.output


@pytest.mark.parametrize("arguments", [("list", "none"), ("diff", "none", "1", "2")])
def test_an_unknown_source_is_refused(run, arguments):
    assert run("data", *arguments).exit_code == 2
