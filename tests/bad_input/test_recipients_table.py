"""Monthly tables of social assistance that are refused: one file a message."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from forecasting.errors import InputError
from forecasting.periods import parse_period
from forecasting.sources.centre_records import read_stays
from forecasting.sources.recipients_table import read_recipients

HEADER = ["mesec", "prejemniki", "upravičenci"]
FINE = [f"2019-{month:02d}" for month in range(1, 13)]
UNTIL = parse_period("2024-12")
SHEET = "dsp.xlsx, sheet 'DSP'"
COUNT = "expected: a whole number of persons, 0 or more"
ONE_COUNT = (
    "expected: one count throughout, 0.75 to 1.35 times the month before; put recipients and "
    "persons entitled into two columns; if the way of counting changed, import the months before "
    "and after as two files"
)


@pytest.fixture
def refused(tmp_path, monkeypatch, in_every_language):
    """Return a function that writes rows to a workbook and gives the faults found in it."""
    monkeypatch.chdir(tmp_path)

    def faults(*rows, name="dsp.xlsx"):
        path = (tmp_path / name).relative_to(tmp_path)
        workbook = Workbook()
        workbook.active.title = "DSP"
        for row in rows:
            workbook.active.append(row)
        workbook.save(path)
        return in_every_language(lambda: read_recipients(path, until=UNTIL))

    return faults


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["2019-02", "okoli 30", 91909], f"cell B3: 'okoli 30' is no number; {COUNT}"),
        (["2019-02", None, 91909], f"cell B3: is empty; {COUNT}"),
        (["2019-02", 54234.5, 91909], f"cell B3: '54234.5' is not whole; {COUNT}"),
        (["2019-02", 54234, -91909], f"cell C3: '-91909' is negative; {COUNT}"),
        (["2019-02", 54234, "91.909"],
         "cell C3: '91.909' may have a thousands sign; expected: digits only, such as 1200"),
        (["februar", 54234, 91909],
         "cell A3: 'februar' is no month; expected: a date cell, or text such as 3. 2024 or "
         "2024-03"),
        (["2019-01", 54234, 91909],
         "cell A3: 2019-01 stands twice; expected: each month once"),
        (["2025-01", 54234, 91909],
         "cell A3: 2025-01 has not come yet; expected: months up to 2024-12: what was counted, "
         "not a forecast"),
        (["2019-02", 54234, 54233],
         "cell C3: 54233 persons entitled, but 54234 recipients; expected: at least as many "
         "persons entitled as recipients, who are one per family"),
        (["primer: 2019-02", 54234, 91909],
         "row 3: an example of the template; delete the row"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named(refused, row, message):
    found = refused(HEADER, ["2019-01", 54201, 91925], row)
    assert f"{SHEET}, {message}" in found


def test_a_month_left_out_is_named(refused):
    found = refused(HEADER, ["2019-01", 54201, 91925], ["2019-05", 54201, 91925])
    assert found == ["dsp.xlsx: no row for 2019-02 to 2019-04; expected: every month once"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("okoli 20 mio", "'okoli 20 mio' is no amount; expected: an amount in EUR, 0 or more, "
         "such as 1200 or 1200,50"),
        ("20.123", "'20.123' may have a thousands sign; expected: digits only, such as 1200 or "
         "1200,50"),
        (-5, "'-5' is negative or not finite; expected: an amount in EUR, 0 or more, such as 1200 "
         "or 1200,50"),
        (True, "'True' is no amount; expected: an amount in EUR, 0 or more, such as 1200 or "
         "1200,50"),
    ],
)  # fmt: skip
def test_a_wrong_amount_is_named(refused, text, message):
    found = refused([*HEADER, "izdatki (EUR)"], ["2019-01", 54201, 91925, text])
    assert found == [f"{SHEET}, cell D2: {message}"]


@pytest.mark.parametrize(
    "header",
    ["prejemniki/upravičenci", "Upravičenci in prejemniki DSP", "recipients, persons entitled"],
)
def test_two_counts_in_one_header_are_refused(refused, header):
    assert refused(["mesec", header], ["2019-01", 54201]) == [
        f"{SHEET}, cell B1: column '{header}' holds two counts; expected: a column 'prejemniki' "
        "and a column 'upravičenci'; one per family and every person entitled are "
        "different counts: split them"
    ]


@pytest.mark.parametrize("column", ["prejemniki", "upravičenci"])
def test_a_column_that_changes_to_the_other_count_and_back_is_refused(refused, column):
    counts = [54201, 54234, 91681, 92307, 92605, 54853, 54922]
    rows = zip(FINE, counts, strict=False)
    assert refused(["mesec", column], *rows) == [
        f"{SHEET}, cell B4: 91681 after 54234, 1.69 times as many, and back in 2019-06; {ONE_COUNT}"
    ]


def test_a_column_that_changes_to_the_other_count_for_good_is_refused(refused):
    rows = zip(FINE, [91681, 92307, 54853, 54922], strict=False)
    assert refused(["mesec", "upravičenci"], *rows) == [
        f"{SHEET}, cell B4: 54853 after 92307, 0.59 times as many; {ONE_COUNT}"
    ]


def test_a_column_of_both_counts_by_turns_is_refused_with_each_row(refused):
    rows = zip(FINE, [54201, 91909, 54142, 92307, 54774, 92665], strict=False)
    found = refused(["mesec", "prejemniki"], *rows)
    assert [line.split(":")[0].split()[-1] for line in found] == ["B3", "B5", "B7"]
    assert "and back in 2019-03" in found[0]


def test_interchanged_columns_are_one_fault(refused):
    rows = zip(FINE, [91681] * 9, [54201] * 9, strict=False)
    assert refused(HEADER, *rows) == [
        f"{SHEET}, cell C2: 54201 persons entitled, but 91681 recipients, and likewise in every "
        "month; expected: at least as many persons entitled as recipients, who are one per family; "
        "interchange the columns"
    ]


def test_a_table_without_either_count_is_refused(refused):
    assert refused(["mesec", "vstopi"], ["2019-01", 5]) == [
        "dsp.xlsx: neither recipients nor persons entitled; expected: a count"
    ]
    (unknown, _) = refused(["mesec", "število"], ["2019-01", 5])
    assert unknown.startswith(f"{SHEET}, cell B1: column 'število' does not belong here; expected:")


def test_all_faults_are_listed_at_once_and_at_most_twenty(refused):
    found = refused(HEADER, *([month, "?", "?"] for month in FINE))
    assert len(found) == 21
    assert found[-1] == "and 4 more"


def test_a_table_in_the_place_of_stays_is_recognised(refused, tmp_path):
    refused(HEADER, ["2019-01", "?", 1])
    with pytest.raises(InputError, match="the headers of the template 'recipients'"):
        read_stays(tmp_path / "dsp.xlsx", until=UNTIL)
