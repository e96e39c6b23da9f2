"""Vintages that are damaged, missing, foreign or too new, and answers that cannot be appended."""

from __future__ import annotations

import datetime as dt
import shutil
from functools import partial
from hashlib import sha256

import duckdb
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.sources.definitions import Source
from forecasting.sources.fetching import Fetched
from forecasting.sources.staging import stage_cells
from forecasting.sources.store import Store

ID = "demo"
COLUMNS = ["geo", "period", "value", "flag"]
WAYS_OUT = r"put it back from your backup, or run forecasting data refresh demo"


def source(key=("geo",)):
    return Source(
        id=ID,
        title={"en": "t"},
        publisher="p",
        dataset="d",
        client="eurostat",
        licence="l",
        key=key,
        frequency="M",
        unit="persons",
        kind="flow",
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def append(store, folder, *rows, day=1, key=("geo",)):
    cells = pd.DataFrame(rows, columns=[*key, *COLUMNS[-3:]])
    staged = stage_cells(cells, key, folder)
    retrieved = dt.datetime(2026, 11, day, tzinfo=dt.UTC)
    return store.append(source(key), Fetched(staged, "https://x", retrieved, "h"))


@pytest.fixture
def put(store, tmp_path):
    return partial(append, store, tmp_path)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Return a store with three vintages, in which January counts 1, 2 and 3."""
    folder = tmp_path_factory.mktemp("three")
    for day in (1, 2, 3):
        rows = (("SI", "2024-01", day, ""), ("SI", "2024-02", 9, ""))
        append(Store(folder / "store"), folder, *rows, day=day)
    return folder / "store"


@pytest.fixture
def held(store, three):
    """Copy the three vintages into the store of the test."""
    shutil.copytree(three, store.folder)
    return store.vintages(ID)


def january(store, day):
    cells = store.cells(ID, known_by=dt.datetime(2026, 11, day, tzinfo=dt.UTC))
    return cells["value"].iloc[0]


def rewritten(vintage, content):
    """Write other content under the name that its hash asks for."""
    start = vintage.path.name[:24]
    vintage.path.unlink()
    path = vintage.path.with_name(f"{start}{sha256(content).hexdigest()[:16]}.parquet")
    path.write_bytes(content)
    return path


def changed_content(vintage, tmp_path, **metadata):
    """Content of a vintage that says other things of itself."""
    said = {"schema": "1", "source": ID, "number": str(vintage.number), "previous": ""}
    said |= {"whole": "true", "cells": "2", "key": "geo", "publisher": "p", "dataset": "d"}
    said |= {"address": "a", "answer_sha256": "h", "etag": "", "last_modified": ""} | metadata
    pairs = ", ".join(f"{key}: '{value}'" for key, value in said.items())
    target = tmp_path / "changed.parquet"
    duckdb.execute(
        f"COPY (SELECT * FROM '{vintage.path}') TO '{target}' "
        f"(FORMAT parquet, KV_METADATA {{{pairs}}})"
    )
    return target.read_bytes()


def refused(store, pattern, path):
    """Everything that needs the vintage is refused, and the message names the file."""
    messages = []
    for read in (store.latest, store.vintages, store.cells):
        with pytest.raises(InputError, match=pattern) as caught:
            read(ID)
        messages.append(str(caught.value))
    assert all(message.startswith(f"{path}: ") for message in messages)


@pytest.mark.parametrize("kept", [0, 1, -1])
def test_a_vintage_that_was_cut_off(store, held, kept):
    content = held[1].path.read_bytes()
    held[1].path.write_bytes(content[:kept])
    refused(store, rf"the file is damaged: its sha256 begins with .*{WAYS_OUT}", held[1].path)
    assert january(store, 1) == 1


def test_a_vintage_that_is_not_there(store, held):
    held[1].path.unlink()
    refused(
        store, rf"the vintage that it builds on, number 2, is not there.*{WAYS_OUT}", held[2].path
    )
    assert january(store, 1) == 1


def test_the_first_vintage_is_not_there(store, held):
    held[0].path.unlink()
    refused(store, "the vintage that it builds on, number 1, is not there", held[1].path)


def test_a_vintage_that_is_no_parquet(store, held, put):
    path = rewritten(held[2], b"not Parquet at all")
    refused(store, rf"cannot be read as Parquet.*{WAYS_OUT}", path)
    assert january(store, 2) == 2
    assert put(("SI", "2024-01", 3, ""), day=4).whole


def test_a_vintage_under_another_number(store, held):
    path = held[2].path.rename(held[2].path.with_name(f"000007{held[2].path.name[6:]}"))
    refused(store, "number '3', not '7'", path)


def test_a_vintage_of_another_source(store, held):
    other = store.source_folder("other")
    shutil.copytree(store.source_folder(ID), other)
    with pytest.raises(InputError, match="source 'demo', not 'other'"):
        store.latest("other")


def test_a_vintage_that_was_exchanged_is_found_by_its_successor(store, held, tmp_path):
    rewritten(held[1], changed_content(held[1], tmp_path))
    refused(store, "the vintage that it builds on, number 2, is not there", held[2].path)


def test_a_vintage_of_a_newer_version_is_neither_read_nor_touched(store, held, put, tmp_path):
    path = rewritten(held[2], changed_content(held[2], tmp_path, schema="2"))
    pattern = "newer version of the suite: layout 2; expected: layout 1 or older; install"
    refused(store, pattern, path)
    with pytest.raises(InputError, match=pattern):
        put(("SI", "2024-01", 5, ""), day=5)
    assert path.is_file()


@pytest.mark.parametrize("name", ["notes.txt", "000002 copy.parquet", "000009-x.parquet"])
def test_a_foreign_file(store, held, put, name):
    path = store.source_folder(ID) / name
    path.write_bytes(b"?")
    refused(store, "no vintage, or one of two of the same number.*move it out", path)
    assert not put(("SI", "2024-01", 4, ""), ("SI", "2024-02", 9, ""), day=4).whole
    assert (path.parent / "damaged" / name).read_bytes() == b"?"
    assert store.latest(ID).number == 4


def test_two_vintages_of_the_same_number(store, held, put, tmp_path):
    content = changed_content(held[2], tmp_path)
    name = f"{held[2].path.name[:24]}{sha256(content).hexdigest()[:16]}.parquet"
    (held[2].path.parent / name).write_bytes(content)
    first = min(name, held[2].path.name)
    refused(store, "one of two of the same number", held[2].path.parent / first)
    assert put(("SI", "2024-01", 4, ""), day=4).number == 4
    assert january(store, 2) == 2


def test_hidden_files_of_the_system_do_no_harm(store, held):
    (store.source_folder(ID) / ".DS_Store").write_bytes(b"?")
    assert len(store.vintages(ID)) == 3


def test_a_source_that_leads_out_of_the_store(store):
    with pytest.raises(InputError, match="cannot be the name of a file"):
        store.vintages("../archive")


# answers


def test_an_answer_with_a_cell_that_stands_twice(store, put, held):
    with pytest.raises(InputError, match="the figure of SI, 2024-01 stands twice"):
        put(("SI", "2024-01", 1, ""), ("SI", "2024-01", 3, ""), day=4)
    assert len(store.vintages(ID)) == 3


def test_an_answer_with_a_cell_without_a_name(put):
    with pytest.raises(InputError, match="a figure without geo, period"):
        put((None, "2024-01", 1, ""))


def test_an_empty_answer(store, tmp_path):
    staged = tmp_path / "empty.parquet"
    duckdb.execute(
        "COPY (SELECT 'SI' AS geo, '2024-01' AS period, 1.0 AS value, '' AS flag WHERE false) "
        f"TO '{staged}' (FORMAT parquet)"
    )
    retrieved = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    with pytest.raises(InputError, match="an answer without figures"):
        store.append(source(), Fetched(staged, "https://x", retrieved, "h"))
    assert store.vintages(ID) == []


def test_an_answer_with_other_key_columns(put, held):
    with pytest.raises(InputError, match="key columns geo, sex; expected: geo, as held; give"):
        put(("SI", "T", "2024-01", 1, ""), day=4, key=("geo", "sex"))


def test_a_choice_by_a_column_that_is_no_key(store, held):
    with pytest.raises(InputError, match="column 'sex'; expected: geo"):
        store.cells(ID, where={"sex": "T"})
