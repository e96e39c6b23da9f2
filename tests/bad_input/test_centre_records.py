"""Spreadsheets of a centre that are refused, with the cell, and what is expected instead."""

from __future__ import annotations

import datetime as dt
import zipfile

import pytest
from openpyxl import Workbook

from forecasting.errors import ModelError
from forecasting.languages import Language
from forecasting.periods import parse_period
from forecasting.sources.centre_records import read_monthly, read_stays
from forecasting.sources.layouts import write_template
from forecasting.stocks.occupancy_config import load_occupancy

MAY = parse_period("2024-05")
HEADER = ["datum vstopa", "datum izstopa"]
FINE = [dt.date(2024, 3, 5), dt.date(2024, 4, 9)]
MONTHS = ["mesec", "vstopi", "izstopi", "prisotni"]
DATE = "expected: a date cell, or text such as 5. 3. 2024 or 2024-03-05"
MONTH = "expected: a date cell, or text such as 3. 2024 or 2024-03"
COUNT = "expected: a whole number of persons, 0 or more"
ONLY_STAYS = "expected: only 'datum vstopa', 'datum izstopa', 'skupina'"


@pytest.fixture
def save(tmp_path, monkeypatch):
    """Return a function that writes rows to a workbook in the working directory."""
    monkeypatch.chdir(tmp_path)

    def write(*rows, change=None):
        workbook = Workbook()
        workbook.active.title = "bivanja"
        for row in rows:
            workbook.active.append(row)
        if change:
            change(workbook)
        workbook.save("centre.xlsx")
        return (tmp_path / "centre.xlsx").relative_to(tmp_path)

    return write


@pytest.fixture
def refusal(in_every_language):
    """Return a function that gives the faults found by a call, in English, and checks the rest."""

    def faults(read, *arguments, **options):
        return in_every_language(lambda: read(*arguments, **options))

    return faults


@pytest.fixture
def stays_refused(refusal):
    """Return a function that gives the faults found in the stays of a file."""

    def faults(path, **options):
        return refusal(read_stays, path, until=MAY, **options)

    return faults


# cells of stays


@pytest.mark.parametrize(
    ("entry", "leave", "message"),
    [
        ("okoli 30", None, f"A3: 'okoli 30' is no date; {DATE}"),
        (45356, None, f"A3: '45356' is no date; {DATE}"),
        (None, FINE[1], f"A3: is empty; {DATE}"),
        ("03/05/2024", None, f"A3: '03/05/2024' is no date; {DATE}"),
        ("5. 3. 24", None, f"A3: '5. 3. 24' is no date; {DATE}"),
        (dt.time(14, 30), None, f"A3: '14:30:00' is no date; {DATE}"),
        (
            "31. 2. 2024",
            None,
            "A3: '31. 2. 2024' is no day of the calendar; expected: a day that exists",
        ),
        (FINE[0], "?", f"B3: '?' is no date; {DATE}"),
        (
            FINE[0],
            "4. 3. 2024",
            "B3: exit 2024-03-04 before the entry 2024-03-05; expected: an exit on the day of "
            "entry or later",
        ),
        (
            "2024-06-01",
            None,
            "A3: entry 2024-06-01 after the cut-off 2024-05-31; expected: only those who had "
            "entered by then",
        ),
        (
            FINE[0],
            "2042-04-09",
            "B3: exit 2042-04-09, more than a year after the cut-off 2024-05-31; expected: the day "
            "of exit, empty for those still present",
        ),
        (
            "1974-03-05",
            None,
            "A3: a stay of 50 years, since 1974-03-05; expected: the day of entry, at most 20 "
            "years ago",
        ),
        ("primer: 2024-03-05", None, "EXAMPLE"),
        (FINE[0], "example: 2024-03-05", "EXAMPLE"),
    ],
)
def test_a_wrong_cell_of_a_stay_is_named(save, entry, leave, message, stays_refused):
    found = stays_refused(save(HEADER, FINE, [entry, leave]))
    if message == "EXAMPLE":
        row = "centre.xlsx, sheet 'bivanja', row 3"
        assert found == [f"{row}: an example of the template; delete the row"]
    else:
        assert found == [f"centre.xlsx, sheet 'bivanja', cell {message}"]


def test_all_faults_are_listed_at_once_and_at_most_twenty(save, stays_refused):
    two = stays_refused(save(HEADER, FINE, ["x", "y"], FINE, ["z", None]))
    assert [line.split(":")[0].split(", ")[-1] for line in two] == ["cell A3", "cell B3", "cell A5"]
    many = stays_refused(save(HEADER, *([f"x{n}", None] for n in range(45))))
    assert len(many) == 21
    assert many[-1] == "and 25 more"


def test_the_template_is_refused_as_long_as_its_examples_are_left_in(
    tmp_path, stays_refused, refusal
):
    for kind, read in (("stays", stays_refused), ("monthly", lambda p: refusal(read_monthly, p))):
        path = tmp_path / f"{kind}.xlsx"
        found = read(write_template(kind, path, words=Language("sl")))
        assert len(found) == 2
        assert all("an example of the template; delete the row" in line for line in found)


# columns


def test_another_column_is_refused_by_name_and_its_content_is_not_repeated(save, stays_refused):
    path = save([*HEADER, "ime"], [*FINE, "Janez"], ["x", None, "Ana"])
    found = stays_refused(path)
    assert found[0] == (
        f"centre.xlsx, sheet 'bivanja', cell C1: column 'ime' does not belong here; {ONLY_STAYS}; "
        "delete the column: no names, numbers or other properties of persons"
    )
    assert "cell A3" in found[1]
    assert "Janez" not in "\n".join(found)
    unnamed = stays_refused(save(HEADER, FINE, [*FINE, "Ana"]))
    assert unnamed[0].startswith(
        "centre.xlsx, sheet 'bivanja', cell C3: a value in a column without a header; expected"
    )
    assert "Ana" not in unnamed[0]


def test_a_renamed_missing_or_repeated_header_is_named(save, stays_refused):
    renamed = stays_refused(save(["datum prihoda", "datum izstopa"], FINE))
    assert renamed[0].startswith(
        "centre.xlsx, sheet 'bivanja', cell A1: column 'datum prihoda' does not belong here"
    )
    assert renamed[1] == ("centre.xlsx, sheet 'bivanja', cell A1: no column 'datum vstopa'")
    twice = stays_refused(save([*HEADER, "exit date"], [*FINE, None]))
    assert twice == ["centre.xlsx, sheet 'bivanja', cell C1: column 'exit date' stands twice"]


def test_the_other_template_is_recognised(save, stays_refused, refusal):
    monthly = save(MONTHS, ["2024-01", 1, 1, 1])
    assert stays_refused(monthly) == [
        "centre.xlsx, sheet 'bivanja': the headers of the template 'monthly'; expected: those of "
        "the template 'stays'; read it as kind: monthly"
    ]
    found = refusal(read_monthly, save(HEADER, FINE))
    assert found[0].endswith("read it as kind: stays")


def test_groups_that_may_be_persons_are_refused(save, stays_refused):
    path = save([*HEADER, "skupina"], *([*FINE, f"A-{n}"] for n in range(21)))
    assert stays_refused(path) == [
        "centre.xlsx: 21 different groups; expected: at most 20, such as returns or families; no "
        "names or numbers of persons may be in the file"
    ]


# sheets and files


def test_merged_cells_are_refused(save, stays_refused):
    path = save(HEADER, FINE, FINE, change=lambda book: book.active.merge_cells("A2:A3"))
    assert stays_refused(path) == [
        "centre.xlsx, sheet 'bivanja': merged cells A2:A3; split them, a value in each"
    ]


def test_hidden_and_several_sheets_are_refused(save, stays_refused):
    def hide(book):
        book.create_sheet("old").sheet_state = "hidden"

    assert stays_refused(save(HEADER, FINE, change=hide)) == [
        "centre.xlsx: hidden sheet 'old'; expected: no hidden sheets; delete it, or show it"
    ]
    two = save(HEADER, FINE, change=lambda book: book.create_sheet("2023").append(HEADER))
    assert stays_refused(two) == [
        "centre.xlsx: sheets 'bivanja' and '2023' with values; expected: all rows in one sheet"
    ]
    assert stays_refused(save()) == [
        "centre.xlsx: no sheet with values; expected: all rows in one sheet"
    ]
    far = save(HEADER, FINE, change=lambda book: book.active.cell(300_000, 1, "x"))
    assert "300000 rows; expected: at most 200000" in stays_refused(far)[0]


def test_a_formula_without_a_saved_value_is_no_empty_cell(save, stays_refused):
    path = save(HEADER, [FINE[0], "=A2+30"])
    assert stays_refused(path) == [
        "centre.xlsx, sheet 'bivanja', cell B2: a formula without a value; write its value"
    ]


def test_a_header_alone_is_refused(save, stays_refused):
    assert stays_refused(save(HEADER, [None, " "])) == [
        "centre.xlsx, sheet 'bivanja': a header and no rows; expected: one row or more"
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.xls", b"x", "c.xls: a file '.xls'; expected: an XLSX or CSV file; save the sheet in"),
        ("c.xlsx", b"PK no workbook", "c.xlsx: cannot be read as XLSX; expected: a workbook with"),
        ("c.xlsx", b"", "c.xlsx: the file is empty"),
        ("c.csv", b"", "c.csv: the file is empty"),
        ("c.csv", b",,\n;\n", "c.csv, row 2: column ';' does not belong here"),
        ("c.csv", b",,\n", "c.csv: no header; expected: a header and rows"),
        ("c.csv", "datum vstopa;datum izstopa;č\n".encode("cp1250"), "c.csv, row 1: byte 0xe8 is"),
        (
            "c.csv",
            b"datum vstopa;datum izstopa\n5. 3. 2024\n",
            "c.csv, row 2: 1 values; expected: 2, as above",
        ),
        (
            "c.csv",
            b"entry date,exit date\n\n2024-03-05,soon\n",
            f"c.csv, row 3, column 'exit date': 'soon' is no date; {DATE}",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path, monkeypatch, name, content, message, stays_refused
):
    monkeypatch.chdir(tmp_path)
    path = (tmp_path / name).relative_to(tmp_path)
    path.write_bytes(content)
    assert stays_refused(path)[0].startswith(message)


def test_a_workbook_without_its_parts_and_a_missing_file_are_refused(tmp_path, stays_refused):
    path = tmp_path / "c.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "no workbook")
    assert "cannot be read as XLSX" in stays_refused(path)[0]
    assert stays_refused(tmp_path / "none.xlsx")[0].endswith(
        "none.xlsx: no such file; expected: an XLSX or CSV file"
    )


# records that are not those they should be


def days(first, last, step=1):
    day = dt.date.fromisoformat(first)
    while day <= dt.date.fromisoformat(last):
        yield day
        day += dt.timedelta(days=step)


def test_records_that_end_or_begin_elsewhere_are_refused(save, stays_refused, refusal):
    path = save(
        HEADER, *([day, day + dt.timedelta(days=2)] for day in days("2024-01-01", "2024-03-31"))
    )
    assert stays_refused(path) == [
        "centre.xlsx: no entry or exit after 2024-04-02; expected: records up to the cut-off "
        "2024-05-31; add the later ones, or choose an earlier cut-off"
    ]
    march = parse_period("2024-03")
    assert len(read_stays(path, until=march).table) == 91
    assert refusal(read_stays, path, until=march, since=parse_period("2023-10")) == [
        "centre.xlsx: no entry or exit before 2024-01-01; expected: records from 2023-10-01 on; "
        "add the earlier ones, or choose a later since"
    ]
    assert (
        "records from 2024-04-01 on; expected: some before"
        in (refusal(read_stays, path, until=march, since=parse_period("2024-04"))[0])
    )
    assert (
        "no entry or exit; expected: some from 2023-12-01"
        in (
            refusal(
                read_stays,
                save(HEADER, ["2023-11-30", ""]),
                until=march,
                since=dt.date(2023, 12, 1),
            )[0]
        )
    )


def test_records_of_those_present_from_some_day_on_need_to_say_since_when(save, stays_refused):
    rows = [
        [day, leave]
        for day in days("2023-06-01", "2024-05-31")
        for leave in [day + dt.timedelta(days=20 + day.day * 4)]
        if leave >= dt.date(2024, 1, 1)
    ]
    path = save(HEADER, *rows)
    found = stays_refused(path)[0]
    assert "84 persons entered before 2024-01-02, when the first one left; usually 21" in found
    assert found.endswith("if it holds only those present from some month on, say since which one")
    assert len(read_stays(path, until=MAY, since=parse_period("2024-01")).table) == len(rows)


# monthly totals


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["2024-02", "okoli 30", 9, 11], f"B3: 'okoli 30' is no number; {COUNT}"),
        (["2024-02", -1, 9, 0], f"B3: '-1' is negative; {COUNT}"),
        (["2024-02", 10.5, 9, 11], f"B3: '10.5' is not whole; {COUNT}"),
        (["2024-02", "10,5", 9, 11], f"B3: '10,5' is not whole; {COUNT}"),
        (["2024-02", None, 9, 11], f"B3: is empty; {COUNT}"),
        (["2024-02", True, 9, 11], f"B3: 'True' is no number; {COUNT}"),
        (
            ["2024-02", 10, 9, "1.011"],
            "D3: '1.011' may have a thousands sign; expected: digits only, such as 1200",
        ),
        (["skupaj", 10, 9, 11], f"A3: 'skupaj' is no month; {MONTH}"),
        (["13. 2024", 10, 9, 11], f"A3: '13. 2024' is no month; {MONTH}"),
        ([202402, 10, 9, 11], f"A3: '202402' is no month; {MONTH}"),
        (["1. 2024", 10, 9, 11], "A3: 2024-01 stands twice; expected: each month once"),
        (
            ["2024-02", 10, 9, 14],
            "D3: 14 present, but 10 + 10 - 9 = 11: a difference of +3; expected: those present the "
            "month before plus entries minus exits",
        ),
        (
            [dt.date(2024, 2, 29), 10, 9, 10],
            "D3: 10 present, but 10 + 10 - 9 = 11: a difference of -1; expected: those present the "
            "month before plus entries minus exits",
        ),
    ],
)
def test_a_wrong_cell_of_a_month_is_named(save, row, message, refusal):
    found = refusal(read_monthly, save(MONTHS, ["2024-01", 10, 9, 10], row))
    assert found == [f"centre.xlsx, sheet 'bivanja', cell {message}"]


def test_missing_months_are_named(save, refusal):
    path = save(MONTHS, ["2024-06", 1, 1, 5], ["2024-01", 1, 1, 5], ["2024-02", 1, 1, 5])
    assert refusal(read_monthly, path) == [
        "centre.xlsx: no row for 2024-03 to 2024-05; expected: every month once"
    ]


# in a configuration


@pytest.fixture
def configure(tmp_path, save):
    def write(text):
        path = tmp_path / "c.yaml"
        path.write_text(f"name: c\nstart: 2024-06\nhorizon: 3\n{text}", encoding="utf-8")
        return path.relative_to(tmp_path)

    return write


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "records: {file: centre.xlsx}\ninitial_stock: {count: 3, ages: fresh}",
            "c.yaml, key 'initial_stock': initial_stock beside records; expected: one of them: the "
            "records hold those present",
        ),
        (
            "records: {file: centre.xlsx, kind: weekly}",
            "c.yaml, key 'records.kind': found 'weekly'; expected: 'stays' or 'monthly'",
        ),
        (
            "records: {file: centre.xlsx, kind: monthly, group: x}",
            "c.yaml, key 'records': group beside kind: monthly; expected: kind: stays",
        ),
        (
            "records: {file: centre.xlsx, since: 2024}",
            "c.yaml, key 'records.since': found 2024; expected: a month written YYYY-MM",
        ),
        (
            "groups: [{name: a, records: {file: centre.xlsx, group: asylum}}]",
            "centre.xlsx: group 'asylum'; expected: no group",
        ),
        ("records: {file: none.xlsx}", "none.xlsx: no such file; expected: an XLSX or CSV file"),
        (
            "groups: [{name: a, arrivals: {constant: 3}}]",
            "c.yaml, key 'groups.a.length_of_stay': is missing; expected: arrivals and "
            "length_of_stay",
        ),
    ],
)
def test_a_configuration_that_cannot_use_the_records_is_refused(
    save, configure, text, message, refusal
):
    save(HEADER, FINE)
    assert refusal(load_occupancy, configure(text)) == [message]


def test_monthly_totals_have_to_reach_to_the_start_of_monthly_periods(save, configure, refusal):
    save(MONTHS, ["2024-04", 1, 1, 5])
    path = configure("records: {file: centre.xlsx, kind: monthly}")
    assert refusal(load_occupancy, path) == [
        "c.yaml, key 'records': totals of centre.xlsx up to 2024-04; expected: up to 2024-05, the "
        "month before the start"
    ]
    path.write_text(
        "{name: c, start: 2024-Q3, frequency: Q, horizon: 3, "
        "records: {file: centre.xlsx, kind: monthly}}",
        encoding="utf-8",
    )
    assert refusal(load_occupancy, path) == [
        "c.yaml, key 'records': monthly totals and frequency Q; expected: frequency M"
    ]


def test_too_few_stays_for_an_estimate_are_said_with_the_key(save, configure):
    save(HEADER, FINE)
    with pytest.raises(ModelError) as caught:
        load_occupancy(configure("records: {file: centre.xlsx}"))
    assert str(caught.value).startswith("c.yaml, key 'records': 1 completed stays, 10 or more are")
