"""``forecasting data refresh`` as a scheduler sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from server import Fault


@pytest.fixture
def definition(eurostat, tmp_path):
    return str(eurostat.definition("eurostat-applicants", tmp_path / "own", feeds=[]))


@pytest.fixture(autouse=True)
def impatient(monkeypatch, quick):
    monkeypatch.setattr("forecasting.sources.http.Patience", lambda: quick)


def test_a_line_for_each_source_says_how_it_went(run, definition):
    first = run("data", "refresh", definition)
    assert first.exit_code == 0
    assert first.stdout.startswith("eurostat-applicants  new vintage 000001-")
    assert first.stdout.endswith("Z, 240 cells new or changed\n")
    again = run("data", "refresh", definition)
    assert again.stdout.startswith("eurostat-applicants  unchanged, newest vintage 000001-")


def test_a_handful_of_revisions_is_shown_newest_first(run, definition, table):
    run("data", "refresh", definition)
    at = [number for number, cell in enumerate(table.cells) if cell.codes["geo"] == "SI"][:7]
    for number in at:
        table.cells[number] = replace(table.cells[number], value=table.cells[number].value + 10)
    lines = run("data", "refresh", definition).stdout.splitlines()
    assert lines[0].endswith("Z, 7 cells new or changed")
    assert lines[1] == "    SI TOTAL 2023-07: 430 -> 440"
    assert lines[5] == "    SI TOTAL 2023-03: 410 -> 420"
    assert lines[6] == "    and 2 more: forecasting data diff eurostat-applicants 1 2"
    assert len(lines) == 7


def test_a_new_month_is_no_revision(run, definition, table):
    table.cells, later = table.cells[:-1], table.cells[-1]
    run("data", "refresh", definition)
    table.cells.append(later)
    result = run("data", "refresh", definition)
    assert result.stdout.splitlines()[0].endswith("1 cell new or changed")
    assert len(result.stdout.splitlines()) == 1


def test_a_figure_that_is_taken_away_is_shown(run, definition, table):
    run("data", "refresh", definition)
    table.cells[5] = replace(table.cells[5], value=None, flag="c")
    assert "    FI TOTAL 2023-06: 325 -> none\n" in run("data", "refresh", definition).stdout


def test_a_failure_is_said_and_ends_with_code_2(run, definition, eurostat):
    run("data", "refresh", definition)
    eurostat.always = Fault(columns={"geo": "country"})
    result = run("data", "refresh", definition)
    assert result.exit_code == 2
    assert result.stdout.startswith("eurostat-applicants  failed, newest vintage 000001-")
    assert "error: " in result.stderr
    assert "no column geo, unknown column country" in result.stderr
    assert result.stderr.splitlines()[-1] == "error: 1 of 1 sources failed"


def test_offline_says_what_is_held(run, definition):
    result = run("data", "refresh", "--offline", definition)
    assert result.exit_code == 0
    assert result.stdout == "eurostat-applicants  unchanged, newest vintage none (not asked)\n"


def test_without_names_the_sources_of_the_suite_are_meant(run):
    lines = run("data", "refresh", "--offline").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["eurostat-applicants", "eurostat-pending"]


def test_a_wrong_name_is_a_bad_input(run):
    result = run("data", "refresh", "eurostat-rain")
    assert result.exit_code == 2
    assert "expected: eurostat-applicants, " in result.stderr


def test_the_log_says_which_source_is_under_way(run, definition):
    assert (
        "data refresh: source 1/1 eurostat-applicants" in run("data", "refresh", definition).stderr
    )
