"""The check of data files: every fault with file and row, everything shipped in order."""

from __future__ import annotations

import hashlib

import pytest
import yaml

from forecasting.checks import check_files
from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.stocks.occupancy_config import load_occupancy

POINTS = "quantity,period,value,note"
PROGRAMME = data_dir() / "programmes" / "si-amif-2021-2027.yaml"


def series_file(folder, *rows, name="a.csv"):
    path = folder / name
    path.write_text("\n".join(["series_id,period,value", *rows]) + "\n", encoding="utf-8")
    return path


def reference_file(folder, shape, *rows, **changes):
    """Write one reference file with its manifest and return its path."""
    path = folder / "counts.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    entry = {
        "file": "counts.csv", "title": "t", "publisher": "p", "dataset": "d", "shape": shape,
        "unit": "persons", "licence": "l", "as_of": "2024-03-01",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    } | changes  # fmt: skip
    lines = ["counts:", *(f"  {key}: {value}" for key, value in entry.items())]
    (folder / "manifest.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems(path):
    return [problem for report in check_files([path]) for problem in report.problems]


def test_everything_that_ships_is_in_order():
    reports = check_files()
    assert {report.path.suffix for report in reports} == {".csv", ".yaml"}
    assert [report.problems for report in reports] == [()] * len(reports)
    remarks = [remark for report in reports for remark in report.remarks]
    assert "R.2.8 target: the inputs give 10,200, published are 10,000" in remarks
    assert not [remark for remark in remarks if "not recorded" in remark]
    checked = {report.path for report in reports}
    assert checked == {path for path in data_dir().rglob("*") if path.is_file()}


def test_a_file_of_series_is_checked_series_by_series(tmp_path):
    path = series_file(
        tmp_path,
        "good,2020-01,1", "good,2020-02,2",
        "gap,2020-01,1", "gap,2020-03,2",
        "twice,2020-01,1", "twice,2020-01,2",
        "below,2020-01,-1",
    )  # fmt: skip
    found = problems(path)
    assert len(found) == 3
    assert found[0].startswith(f"{path}, row 4, series gap: no value for 2020-02")
    assert found[1].startswith(f"{path}, row 7, series twice: period 2020-01 stands twice")
    assert found[2].startswith(f"{path}, row 8, series below: value -1")


def test_a_good_file_says_what_was_checked(tmp_path):
    path = series_file(tmp_path, "a,2020,1", "a,2021,1", "b,2020-Q1,1")
    (report,) = check_files([path])
    assert (report.summary, report.problems) == ("2 series, 3 values", ())


def test_a_wrong_header_is_a_problem_not_an_end(tmp_path):
    bad = series_file(tmp_path, "a,2020", name="a.csv")
    bad.write_text("id,period,value\n", encoding="utf-8")
    good = series_file(tmp_path, "a,2020,1", name="b.csv")
    first, second = check_files([bad, good])
    assert "column 'series_id' missing" in first.problems[0]
    assert second.problems == ()


@pytest.mark.parametrize(
    ("rows", "changes", "message"),
    [
        (["geo,period,value", "SI,2020-01,12"], {"rounded_to": 5},
         "row 2: value 12; expected: a multiple of 5, as the manifest says"),
        (["geo,period,value", "SI,2020,12"], {}, "frequency Y; expected: M"),
        (["geo,period,value", "SI,2020-01,1", "SI,2020-01,1"], {}, "stands twice"),
        (["geo,value", "SI,1"], {}, "column 'period' missing"),
        (["geo,period,value", "SI,2020-01,1"], {"sha256": "f" * 64}, "the file has changed"),
    ],
)  # fmt: skip
def test_a_reference_series_is_held_against_its_manifest(tmp_path, rows, changes, message):
    found = problems(reference_file(tmp_path, "series", *rows, **changes))
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("shape", "rows", "message"),
    [
        ("spans", ["geo,start,end,value", "SI,2020-01,2020,5"], "row 2, column end: '2020' is not"),
        ("spans", ["geo,start,end,value", "SI,2020-01,2020-02,-5"], "column value: value '-5'"),
        ("spans", ["geo,start,end,value", "SI,2020-01,2020-02,"], "column value: value ''"),
        ("points", ["quantity,period,value,note", "a,2020-01,1,", "a,2020-01,2,"],
         "row 3: the same quantity and period stands above; expected: once"),
        ("dated_points", ["quantity,date,value,note", "a,2020-02-30,1,"], "column date: '2020-02"),
        ("points", ["quantity,period,value,note", "a,2020-01,about 3,"], "is not a number"),
    ],
)  # fmt: skip
def test_rows_of_other_shapes_are_checked_cell_by_cell(tmp_path, shape, rows, message):
    path = reference_file(tmp_path, shape, *rows)
    found = problems(path)
    assert len(found) == 1
    assert found[0].startswith(f"{path}, row ")
    assert message in found[0]


def test_every_fault_of_a_file_is_listed(tmp_path):
    rows = ["geo,start,end,value", "SI,x,2020-02,1", "SI,2020-01,y,z"]
    assert len(problems(reference_file(tmp_path, "spans", *rows))) == 3


def test_an_unknown_unit_in_the_manifest(tmp_path):
    path = reference_file(tmp_path, "points", POINTS, "a,2020-01,1,", unit="camels")
    found = problems(path.parent / "manifest.yaml")
    assert len(found) == 1
    assert "key 'counts'" in found[0]
    assert "camels" in found[0]


def test_named_series_are_those_of_the_manifest(tmp_path):
    rows = ("series_id,period,value", "a,2020-01,1", "b,2020-01,1")
    options = {"series": "{a: {unit: persons, kind: stock}, c: {unit: camels, kind: flow}}"}
    path = reference_file(tmp_path, "named_series", *rows, **options)
    assert problems(path) == [f"{path}: series a, b; expected: a, c, as the manifest says"]
    (found,) = problems(path.parent / "manifest.yaml")
    assert "camels" in found


def test_a_file_beside_a_manifest_without_an_entry(tmp_path):
    reference_file(tmp_path, "points", POINTS, "a,2020-01,1,")
    stray = tmp_path / "stray.csv"
    stray.write_text(f"{POINTS}\na,2020-01,1,\n", encoding="utf-8")
    assert problems(stray) == [f"{stray}: the file has no entry in manifest.yaml"]


def test_a_difference_that_is_not_recorded_is_remarked(tmp_path):
    text = PROGRAMME.read_text(encoding="utf-8")
    copy = tmp_path / "own.yaml"
    begins = text.index("applications_per_year:")
    own = text[begins:].replace("value: 3548", "value: 3549", 1)
    text = text[:begins] + own.replace("quality: given", "quality: assumed", 1)
    copy.write_text(text, encoding="utf-8")
    (report,) = check_files([copy])
    assert report.problems == ()
    assert (
        "O.1.1.1 target: the inputs give 17,745, published are 17,740 "
        "(not recorded under 'differences')"
    ) in report.remarks


def test_a_broken_programme_lists_its_faults(tmp_path):
    text = PROGRAMME.read_text(encoding="utf-8")
    copy = tmp_path / "own.yaml"
    copy.write_text(
        text.replace("headline: O.1.1.1", "headline: O.9").replace("unit: EUR\n", "unit: camels\n"),
        encoding="utf-8",
    )
    found = problems(copy)
    assert len(found) == 2
    assert any("inputs.reception_budget" in problem for problem in found)
    assert any("headline: 'O.9' is not an indicator" in problem for problem in found)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("name: a\nstart: 2025-01\nhorizon: 12\narrivals: {constant: 6}\n"
         "length_of_stay: {distribution: fixed, value: 4}\n",
         "an occupancy, 2025-01 to 2025-12"),
        ("start: 2025-01\nhorizon: 12\ninflow: {constant: 6}\ncapacity: {constant: 6}\n",
         "a backlog, 2025-01 to 2025-12"),
        ("- {id: hours, value: 2, unit: hours/case, valid_from: 2020-01, source: own, "
         "quality: assumed}\n", "1 parameters"),
    ],
)  # fmt: skip
def test_yaml_is_checked_as_what_it_holds(tmp_path, text, summary):
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    (report,) = check_files([path])
    assert (report.summary, report.problems) == (summary, ())


OCCUPANCY = """name: a
start: 2024-10
horizon: 12
arrivals: {forecast: {series: asylum-applicants/SI}}
length_of_stay: {distribution: fixed, value: 4}
"""
BACKLOG = """start: 2024-10
horizon: 12
inflow: {forecast: {series: asylum-applicants/FI}}
initial_backlog: {series: pending-applications/FI}
capacity: {staff: {persons: 54}}
"""


def test_a_configuration_is_checked_without_a_forecast(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a forecast was made")

    monkeypatch.setattr("forecasting.stocks.flow_source.forecast", refuse)
    for name, text in (("a.yaml", OCCUPANCY), ("b.yaml", BACKLOG)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    reports = check_files([tmp_path])
    assert [report.problems for report in reports] == [(), ()]
    with pytest.raises(AssertionError, match="a forecast was made"):
        load_occupancy(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("text", "was", "became", "message"),
    [
        (OCCUPANCY, "value: 4", "valu: 4", "key 'length_of_stay': key valu not known; key value"),
        (OCCUPANCY, "applicants/SI", "applicants/XX", "key 'arrivals': "),
        (OCCUPANCY, "SI}", "SI, model: lstm}", "key 'arrivals': model 'lstm'"),
        (OCCUPANCY, "series: asylum-applicants/SI", "file: f.csv", "f.csv: no such file"),
        (OCCUPANCY, "arrivals:", "arivals:", "key 'arivals': is not a key of an occupancy"),
        (BACKLOG, "inflow:", "inflov:", "key 'inflov': is not a key of a backlog"),
        (BACKLOG, "staff: {persons: 54}", "constant: 0", "key 'capacity': capacity 0 in 2025-09"),
        (BACKLOG, "horizon: 12", "horizon: 12\nexit_rate: 1.2", "key 'exit_rate': exit rate 1.2"),
        (BACKLOG, "pending-applications/FI", "pending-applications/XX", "key 'initial_backlog': "),
    ],
)
def test_a_fault_of_a_configuration_is_a_problem(tmp_path, text, was, became, message):
    assert text.count(was) == 1
    path = tmp_path / "my.yaml"
    path.write_text(text.replace(was, became), encoding="utf-8")
    found = problems(path)
    assert len(found) == 1 + ("inflov" in became)
    assert any(line.startswith(str(path)) and message in line for line in found)


@pytest.mark.parametrize(("text", "key"), [(OCCUPANCY, "title"), (BACKLOG, "note")])
def test_a_text_that_lacks_a_language_is_a_problem(tmp_path, text, key):
    path = tmp_path / "my.yaml"
    path.write_text(f"{text}{key}: {{en: a, sl: a}}\n", encoding="utf-8")
    assert problems(path) == [f"{path}, key '{key}': no text in sv, fi"]


def test_faults_of_parameters_are_problems(tmp_path):
    good = {
        "id": "a", "value": 1, "unit": "hours", "valid_from": "2020-01", "source": "own",
        "quality": "given",
    }  # fmt: skip
    path = tmp_path / "my.yaml"

    def check(*changes):
        entries = [{**good, **change} for change in changes]
        path.write_text(yaml.safe_dump(entries), encoding="utf-8")
        return problems(path)

    assert check({}) == []
    (found,) = check({"unit": "camels"})
    assert found.startswith(f"{path}, key 'a'")
    assert "camels" in found
    assert check({}, {}) == [f"{path}, key 'a': valid_from 2020-01 stands twice"]
    (found,) = check({"note": {"en": "a", "sl": "a", "sv": "a"}})
    assert found == f"{path}, entry 1 (a), key 'note': no text in fi"
    (found,) = check({"value": -1})
    assert found == f"{path}, entry 1 (a), key 'value': found -1; expected: 0 or more"


def test_a_folder_is_searched_for_files(tmp_path):
    (tmp_path / "deep").mkdir()
    series_file(tmp_path / "deep", "a,2020,1")
    (tmp_path / "notes.txt").write_text("not checked", encoding="utf-8")
    assert [report.path.name for report in check_files([tmp_path])] == ["a.csv"]


def test_nothing_to_check_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no CSV or YAML file"):
        check_files([tmp_path])
    with pytest.raises(InputError, match="no such file or folder"):
        check_files([tmp_path / "none"])
