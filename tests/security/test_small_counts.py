"""Counts of fewer than five persons leave the house neither by themselves nor by subtraction."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from forecasting.briefing.caseload.report import CaseloadReport
from forecasting.briefing.progress_lines import progress_lines
from forecasting.briefing.stocks.backlog_report import BacklogReport
from forecasting.briefing.targets.progress_table import achieved_table
from forecasting.briefing.targets.words import TargetWords
from forecasting.disclosure import DEFAULT_THRESHOLD, refuse_small_counts, withhold_small_cells
from forecasting.errors import InputError
from forecasting.languages import Language, language_codes
from forecasting.periods import format_period
from forecasting.programmes.achieved import Achieved, AchievedValue, write_achieved_template
from forecasting.programmes.catalogue import load_programme
from forecasting.programmes.progress import progress
from forecasting.programmes.progress_table import progress_table
from forecasting.programmes.small_counts import withhold_small_counts
from forecasting.sources.definitions import load_source, source_names
from forecasting.stocks.occupancy_config import load_occupancy, occupancy_table, run_occupancy

AMIF = load_programme("si-amif-2021-2027")
CARE = load_programme("si-social-care-2025-2026")
DAY = dt.date(2024, 12, 31)
TOTALS = {"sex": "T", "age": "TOTAL"}
COUNTS = st.one_of(st.integers(0, 8), st.integers(0, 200))


def judged(**values: float):
    """Progress of AMIF from achieved values by code, its points written ``_``."""
    given = [AchievedValue(code.replace("_", "."), value, DAY, "s", f"{value:g} persons")
             for code, value in values.items()]  # fmt: skip
    order = [indicator.code for indicator in AMIF.indicators]
    given.sort(key=lambda value: order.index(value.code))
    return progress(AMIF, Achieved(AMIF.id, tuple(given), "a.xlsx"))


def table_of(**values: float) -> pd.DataFrame:
    return progress_table(AMIF, judged(**values), Language("en")).set_index("indicator")


def withheld(**values: float) -> set[str]:
    table = table_of(**values)
    return set(table.index[table["withheld"] == "c"])


# tables with totals


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(COUNTS, min_size=3, max_size=3), min_size=2, max_size=4),
       st.integers(2, 8))  # fmt: skip
def test_published_cells_leave_a_withheld_one_as_much_room_as_the_mark_does(values, threshold):
    """The mark alone says 1 to the threshold less 1; all published cells together say no more."""
    table = square(values)
    found = withhold_small_cells(table, totals=TOTALS, threshold=threshold)
    for cell in np.flatnonzero(found["withheld"] == "c"):
        low, high = room(table, found, cell)
        assert high - low >= threshold - 2 - 1e-6
        assert low - 1e-6 <= table["value"].iloc[cell] <= high + 1e-6


def square(values) -> pd.DataFrame:
    """A table of sex by age with all its totals."""
    inner = np.array(values, dtype=float)
    whole = np.vstack([inner, inner.sum(axis=0)])
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
    sexes = [*(f"s{i}" for i in range(len(inner))), "T"]
    ages = [*(f"a{i}" for i in range(inner.shape[1])), "TOTAL"]
    frame = pd.DataFrame(whole, sexes, ages).rename_axis("sex").reset_index()
    return frame.melt("sex", var_name="age")


def room(table: pd.DataFrame, found: pd.DataFrame, cell: int) -> tuple[float, float]:
    """Least and greatest value of a cell in all tables with the same published cells."""
    rows, right = [], []
    for name, total in TOTALS.items():
        other = "age" if name == "sex" else "sex"
        for code in table[other].unique():
            line = table[other] == code
            rows.append(np.where(line, np.where(table[name] == total, -1.0, 1.0), 0.0))
            right.append(0.0)
    for place in np.flatnonzero(found["withheld"] == ""):
        rows.append(np.eye(len(table))[place])
        right.append(table["value"].iloc[place])
    least = [(1.0 if value > 0 else 0.0, None) for value in table["value"]]
    ends = []
    for sign in (1.0, -1.0):
        best = linprog(
            sign * np.eye(len(table))[cell], A_eq=np.array(rows), b_eq=right, bounds=least
        )
        assert best.status in (0, 3)
        ends.append(sign * best.fun if best.status == 0 else sign * -np.inf)
    return ends[0], ends[1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([1, 2, 60, 90], [0, 1, 2], id="three persons between two cells"),
        pytest.param([1, 3, 60, 90], [0, 1, 2], id="four between two"),
        pytest.param([2, 3, 60, 90], [0, 1], id="five leave 1 to 4 open"),
    ],
)
def test_two_small_counts_alone_do_not_always_protect_one_another(values, expected):
    frame = pd.DataFrame({"age": [*"abcd", "TOTAL"], "value": [*values, sum(values)]})
    found = withhold_small_cells(frame, totals={"age": "TOTAL"})
    assert list(np.flatnonzero(found["withheld"])) == expected


# achieved values


def test_a_small_achieved_value_is_withheld_with_all_that_follows_from_it():
    table = table_of(O_1_1_3=3, O_1_2=100)
    row = table.loc["O.1.1.3"]
    derived = ["achieved", "due", "share", "expected", "lower", "upper", "probability", "light",
               "source", "remark", "value_date"]  # fmt: skip
    assert row[derived].isna().all()
    assert row["withheld"] == "c"
    assert row["rule"].startswith("c: withheld, since it counts fewer than 5")
    assert table.loc["O.1.2", "achieved"] == 100
    assert "3 persons" not in table.to_csv()


def test_a_total_does_not_give_its_part_away():
    """O.1.1 is stated as the sum of O.1.1.1 and O.1.1.2: with one of them the other goes."""
    assert withheld(O_1_1=63, O_1_1_1=3, O_1_1_2=60) >= {"O.1.1.1", "O.1.1.2"}
    assert withheld(O_1_1=63, O_1_1_1=30, O_1_1_2=33, O_1_1_3=2) == {"O.1.1.3"}


def test_what_is_large_enough_or_no_count_of_persons_stays():
    assert not withheld(O_1_1=0, O_1_1_1=0, O_1_2=5)
    few_items = [
        i.code for i in AMIF.indicators if i.monitored and i.unit in ("items", "%", "places")
    ]
    assert few_items
    assert not withheld(**{code.replace(".", "_"): 2 for code in few_items})


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 5000))
def test_no_small_achieved_value_follows_from_those_that_are_shown(one, other, third):
    values = {"O.1.1": one + other, "O.1.1.1": one, "O.1.1.2": other, "O.1.1.3": third}
    found = withhold_small_counts(
        AMIF, judged(**{c.replace(".", "_"): v for c, v in values.items()})
    )
    shown = {each.indicator.code: each.achieved.value for each in found if each.achieved}
    assert not [value for value in shown.values() if 0 < value < DEFAULT_THRESHOLD]
    hidden = {"O.1.1", "O.1.1.1", "O.1.1.2"} - shown.keys()
    assert len(hidden) != 1


@pytest.mark.parametrize("code", language_codes())
def test_page_terminal_and_file_say_the_same_in_every_language(code):
    """The mark, its legend, and no small number anywhere."""
    language, found = Language(code), judged(O_1_1_3=3, O_1_2=100)
    legend = progress_table(AMIF, found, language).set_index("indicator").loc["O.1.1.3", "rule"]
    assert legend.startswith("c: ")
    lines = list(progress_lines(AMIF, found, language))
    assert any(legend in line for line in lines)
    page = achieved_table(withhold_small_counts(AMIF, found), TargetWords(language))
    (row,) = [row for row in page.rows if row[0] == "O.1.1.3"]
    assert row[2] == "c"
    assert set(row[4:]) == {"–"}
    assert legend in page.note
    assert "3 persons" not in "".join(lines) + json.dumps(page.to_json())


def test_the_legend_is_a_sentence_of_each_language():
    found = judged(O_1_1_3=3)
    tables = [progress_table(AMIF, found, Language(code)) for code in language_codes()]
    legends = {table.set_index("indicator").loc["O.1.1.3", "rule"] for table in tables}
    assert len(legends) == len(language_codes())


def test_exact_values_are_for_inside_and_say_so(run, tmp_path):
    path = write_filled(tmp_path / "a.csv", {"1.3.2-1": "3", "1.3.3-1": "100"})
    options = ("programme", "progress", CARE.id, path, "--output")
    public = run(*options, "public.json")
    internal = run(*options, "internal.json", "--exact")
    assert public.exit_code == internal.exit_code == 0, public.output + internal.output
    rows = {name: {row["indicator"]: row for row in json.loads((tmp_path / name).read_text())}
            for name in ("public.json", "internal.json")}  # fmt: skip
    assert rows["public.json"]["1.3.2-1"]["achieved"] is None
    kept = rows["internal.json"]["1.3.2-1"]
    assert (kept["achieved"], kept["withheld"]) == (3, "internal")
    assert "Internal, not for publication" in kept["rule"]
    assert "Internal, not for publication" in internal.output
    assert rows["internal.json"]["1.3.3-1"]["withheld"] == ""


def write_filled(path, values):
    """Fill in a template."""
    write_achieved_template(CARE, path, words=Language("en"))
    frame = pd.read_csv(path, dtype=str)
    for code, value in values.items():
        row = frame["code"] == code
        frame.loc[row, "achieved value"], frame.loc[row, "cut-off date"] = value, "2025-12-31"
    frame.to_csv(path, index=False)
    return path


# series of one's own


def test_a_series_with_small_counts_is_not_published():
    counts = pd.Series([0.0, 7.0, 3.0, np.nan, 4.0])
    with pytest.raises(InputError, match=r"mine: counts of fewer than 5 in 2 periods; expected: "):
        refuse_small_counts(counts, where="mine")
    refuse_small_counts(counts[[0, 1, 3]], where="mine")


@pytest.mark.parametrize("report", [CaseloadReport, BacklogReport])
def test_pages_with_figures_of_ones_own_ask_first(report, monkeypatch):
    """Both refuse before anything is drawn, whatever the projection holds besides."""
    asked = []

    def refuse(counts, *, where):
        asked.append(list(counts))
        raise InputError("too few", where=where)

    module = report.__module__
    monkeypatch.setattr(f"{module}.refuse_small_counts", refuse)
    series = SimpleNamespace(values=pd.Series([3.0]), source="own.csv")
    material = SimpleNamespace(staff=1, observed=series.values)
    monkeypatch.setattr(report, "_material", material)
    plan = SimpleNamespace(name="own", config=SimpleNamespace(note=None))
    with pytest.raises(InputError, match="own"):
        report(SimpleNamespace(observed={"recipients": series}, plan=plan))
    assert asked == [[3.0]]


# projections


def test_an_occupancy_is_written_without_a_single_count():
    """Rows begin with the first projected period, and no row is told by a group of persons."""
    plan = load_occupancy("si-centre-for-foreigners", paths=100)
    table = occupancy_table(run_occupancy(plan))
    assert list(table) == ["period", "output_type", "quantile_level", "value"]
    assert table["period"].min() == format_period(plan.periods[0])
    assert not {"observed", "counted"} & set(table["output_type"])


def test_no_figures_of_ones_own_come_onto_a_page_through_a_source():
    """What continues the figures of the pages is asked of a publisher, none is a file of a user."""
    sources = [load_source(name) for name in source_names()]
    feeding = [source for source in sources if source.feeds]
    assert feeding
    assert all(source.client != "file" and source.address for source in feeding)
