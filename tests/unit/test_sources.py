"""The manifest of the reference figures: strict keys, plain YAML, unchanged files."""

from __future__ import annotations

import datetime as dt

import pytest

from forecasting.errors import InputError
from forecasting.sources import load_manifest, read_observations, read_spans
from forecasting.sources import reference as module
from forecasting.sources.reference import SHAPE_KEYS, SHAPES, check_hash, find_dataset
from forecasting.sources.vintage_files import file_sha256
from forecasting.sources.yaml_files import read_yaml

CSV = "geo,period,value\nSI,2024-01,10\nSI,2024-02,20\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder of reference data with one series, used instead of the shipped one."""
    reference = tmp_path / "reference"
    reference.mkdir()
    (reference / "counts.csv").write_text(CSV, encoding="utf-8")
    write_manifest(reference)
    monkeypatch.setattr(module, "data_dir", lambda: tmp_path)
    return reference


def entry_lines(folder, **changes):
    entry = {
        "file": "counts.csv",
        "title": "Counts",
        "publisher": "Office",
        "dataset": "counts",
        "shape": "series",
        "unit": "persons",
        "licence": "free",
        "as_of": "2024-03-01",
        "sha256": file_sha256(folder / "counts.csv"),
    }
    return {key: value for key, value in (entry | changes).items() if value is not None}


def write_manifest(folder, *more, **changes):
    lines = ["counts:", *(f"  {k}: {v}" for k, v in entry_lines(folder, **changes).items()), *more]
    (folder / "manifest.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def refusal(folder):
    with pytest.raises(InputError) as caught:
        load_manifest(folder)
    return str(caught.value)


def test_an_entry_is_read_with_its_defaults(folder):
    dataset = load_manifest()["counts"]
    assert dataset.path == folder / "counts.csv"
    assert dataset.as_of == dt.date(2024, 3, 1)
    assert (dataset.kind, dataset.frequency, dataset.publication_lag_months) == ("flow", "M", 0)
    assert dataset.source == "Office counts"


def test_observations_are_read_as_text_and_numbers(folder):
    found = read_observations("counts", "SI")
    assert found.periods == ("2024-01", "2024-02")
    assert found.values == (10, 20)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "key 'counts': key 'colour' is not known; expected: file, title"),
        ({"licence": None}, "key 'counts': key 'licence' is missing"),
        ({"as_of": "yesterday"}, "'as_of' is 'yesterday'; expected: a date"),
        ({"rounded_to": "five"}, "'rounded_to' is 'five'; expected: a int"),
        ({"shape": "cube"}, "shape 'cube'; expected: series, spans, points"),
        ({"synthetic": "yes please"}, "'synthetic' is 'yes please'; expected: a bool"),
        ({"series": "{a: {unit: persons, kind: stock}}"}, "a key 'series'; expected: unit and"),
        ({"shape": "named_series"}, "no key 'series'; expected: unit and kind of each series"),
        (
            {"shape": "named_series", "series": "{a: {unit: persons}}"},
            "series 'a'; expected: the keys unit, kind",
        ),
        ({"file": "none.csv"}, "file 'none.csv' is not there"),
        ({"file": "../reference/counts.csv"}, "file '../reference/counts.csv' is not there"),
    ],
)
def test_each_fault_of_an_entry_has_its_message(folder, changes, message):
    write_manifest(folder, **changes)
    assert message in refusal(folder)


def test_a_changed_file_is_refused_with_its_new_hash(folder):
    path = folder / "counts.csv"
    path.write_text(CSV.replace("20", "25"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_observations("counts", "SI")
    message = str(caught.value)
    assert f"{path}: the file has changed: sha256 {file_sha256(path)}" in message
    assert "key 'sha256' of 'counts' in manifest.yaml" in message


def test_a_key_that_stands_twice_is_refused_with_row_and_column(folder):
    write_manifest(folder, "  unit: EUR")
    assert f"{folder / 'manifest.yaml'}, row 11, column 3: key 'unit' stands twice" in refusal(
        folder
    )


def test_a_data_set_that_stands_twice_is_refused(folder):
    write_manifest(folder, "counts: {}")
    assert "key 'counts' stands twice" in refusal(folder)


@pytest.mark.parametrize(
    "tag", ["!!python/object:os.system", "!!python/object/apply:os.system [true]", "!own"]
)
def test_a_tag_builds_no_object(folder, tag):
    write_manifest(folder, f"  note: {tag}")
    message = refusal(folder)
    assert "row 11, column 9: could not determine a constructor for the tag" in message
    assert "expected: plain YAML without tags" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- a\n- b\n", "not a mapping; expected: one entry per data set"),
        (b"counts: 3\n", "key 'counts': not a mapping"),
        (b"counts: [1\n", "expected: plain YAML"),
        (b"counts: \xe8\n", "byte 0xe8 is not UTF-8; expected: text in UTF-8"),
        (b"? {a: 1}\n: 2\n", "unhashable type: 'dict'; expected: plain YAML"),
        (b"counts: 2024-02-30\n", "day is out of range for month; expected: plain YAML"),
        (b"counts: " + b"[" * 5000, "recursion depth exceeded"),
    ],
)
def test_another_content_is_refused(folder, content, message):
    (folder / "manifest.yaml").write_bytes(content)
    assert message in refusal(folder)


def test_a_missing_manifest_is_named(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path / 'manifest.yaml'}: no such file"


def test_yaml_is_read_as_data(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\nb: {c: [x, 2.5]}\nd: 2024-01-02\n", encoding="utf-8")
    assert read_yaml(path) == {"a": 1, "b": {"c": ["x", 2.5]}, "d": dt.date(2024, 1, 2)}


def test_an_unknown_data_set_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="reference data 'none'; expected: asylum-applicants, "):
        find_dataset("none")


# what ships


def test_every_shipped_file_is_the_one_the_manifest_describes():
    datasets = load_manifest()
    assert len(datasets) >= 8
    for dataset in datasets.values():
        check_hash(dataset)
        assert dataset.licence
        assert dataset.publisher


def test_a_panel_named_in_the_manifest_holds_situations_of_the_same_frequency():
    datasets = load_manifest()
    learning = [dataset for dataset in datasets.values() if dataset.panel]
    assert learning
    for dataset in learning:
        panel = datasets[dataset.panel]
        assert (panel.shape, panel.frequency) == ("situations", dataset.frequency)


def test_every_shape_has_keys_among_its_columns():
    assert SHAPES.keys() == SHAPE_KEYS.keys()
    for shape, keys in SHAPE_KEYS.items():
        assert set(keys) <= set(SHAPES[shape])


def test_spans_of_the_ministry():
    spans = read_spans("ministry-applications", "SI")
    assert (str(spans[0].start), str(spans[0].end), spans[0].value) == ("2017-01", "2017-12", 1476)
    assert read_spans("ministry-applications", "FI") == []
    with pytest.raises(InputError, match="'asylum-applicants' holds no spans"):
        read_spans("asylum-applicants", "SI")
