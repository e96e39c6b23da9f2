"""A name that somebody wrote leads to no file outside the folder it belongs into."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.explorer.state import file_name
from forecasting.locations import data_dir
from forecasting.names import is_plain_name, plain_name
from forecasting.programmes.catalogue import load_programme
from forecasting.runs.directory import open_run_directory
from forecasting.runs.plans import load_plan
from forecasting.runs.suite import find_notebooks
from forecasting.scenarios import load_scenario
from forecasting.series import read_series
from forecasting.sources.definitions import load_source
from forecasting.sources.parameters import load_parameters
from forecasting.sources.store import Store
from forecasting.stocks.config_file import find_config

HOSTILE = {
    "up": "../secret",
    "up and down": "a/../../secret",
    "absolute": "/etc/hostname",
    "windows path": "..\\secret",
    "drive": "C:secret",
    "nul": "a\0b",
    "dots": "..",
    "device": "con",
    "device with ending": "NUL.txt",
    "long": "a" * 300,
    "hidden": ".ssh",
    "line": "a\nb",
    "dot at the end": "a.",
    "option": "-rf",
    "empty": "",
}
names = pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)


@names
def test_no_hostile_name_is_plain(name):
    with pytest.raises(InputError, match=r"cannot be the name of a file; expected: letters"):
        plain_name(name)


@pytest.mark.parametrize("name", ["SI-2024-12-sl-1a2b3c4d", "višji prihodi", "v1.0", "x"])
def test_an_ordinary_name_is_plain(name):
    assert plain_name(name) == name


@given(st.text())
def test_a_plain_name_stays_in_its_folder(tmp_path_factory, name):
    if is_plain_name(name):
        folder = tmp_path_factory.getbasetemp()
        assert (folder / f"{name}.yaml").resolve().parent == folder.resolve()
        assert len(f"{name}.yaml".encode()) < 255


READERS = {
    "programme": load_programme,
    "scenario": load_scenario,
    "parameters": load_parameters,
    "stocks": find_config,
    "savings": lambda name: find_config(name, folder="savings"),
    "projects": lambda name: find_config(name, folder="projects"),
    "source": load_source,
    "plan": lambda name: load_plan(name, output_dir=data_dir()),
    "notebook": find_notebooks,
    "country": lambda name: read_series(f"asylum-applicants/{name}"),
    "store": lambda name: Store().vintages(name),
}


@names
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_hostile_name_is_refused_before_a_file_is_looked_for(read, name, tmp_path, monkeypatch):
    (tmp_path / "secret.yaml").write_text("title: secret\nlevers: []\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as problem:
        read(name)
    assert "secret.yaml" not in str(problem.value)


@names
def test_a_run_id_is_refused_before_a_directory_is_made(name, tmp_path):
    with (
        pytest.raises(InputError, match="is not a plain name"),
        open_run_directory(tmp_path / "outputs", name),
    ):
        pytest.fail("a directory was made")
    assert not list(tmp_path.iterdir())


@names
def test_a_scenario_file_extends_no_file_by_a_hostile_name(name, tmp_path):
    (tmp_path / "secret.yaml").write_text("title: secret\nextends: [reference]\nlevers: []\n")
    path = tmp_path / "sub" / "own.yaml"
    path.parent.mkdir()
    written = name.replace("\\", "\\\\").replace("\0", "\\0").replace("\n", "\\n")
    path.write_text(f'title: own\nextends: ["{written}"]\nlevers: []\n')
    with pytest.raises(InputError):
        load_scenario(path)


@pytest.mark.parametrize("key", ["backlog", "savings", "programme"])
@pytest.mark.parametrize("name", ["../parameters/progress", "/etc/hostname", "a\\0b"])
def test_a_chain_names_nothing_outside_its_folder(key, name, tmp_path):
    path = tmp_path / "own.yaml"
    chain = f'geo: SI\n  flow: asylum-applicants/SI\n  until: 2026-12\n  {key}: "{name}"'
    path.write_text(f"title: own\nchain:\n  {chain}\nlevers: []\n")
    with pytest.raises(InputError, match=re.escape(f"chain.{key}")):
        load_scenario(path)


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b", "C:\\x", "x" * 500, "..\0.."])
def test_the_title_of_a_scenario_becomes_a_plain_file_name(title):
    try:
        name = file_name(title)
    except InputError:
        return
    assert is_plain_name(name)
    assert re.fullmatch("[a-z0-9-]+", name)


@pytest.mark.parametrize("title", ["con", "AUX", "Lpt1", "...", "\0"])
def test_a_title_that_is_a_device_or_nothing_is_refused(title):
    with pytest.raises(InputError, match="name '"):
        file_name(title)
