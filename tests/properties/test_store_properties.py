"""What holds for any sequence of tables: every vintage says what its table said."""

from __future__ import annotations

import datetime as dt
import math
import tempfile
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.sources.definitions import Source
from forecasting.sources.fetching import Fetched
from forecasting.sources.staging import stage_cells
from forecasting.sources.store import Store

SOURCE = Source(
    id="demo",
    title={"en": "t"},
    publisher="p",
    dataset="d",
    client="eurostat",
    licence="l",
    key=("geo", "sex"),
    frequency="M",
    unit="persons",
    kind="flow",
)
EDGES = {("SI", "T", "2024-01"): (1.0, ""), ("SI", "T", "2024-09"): (2.0, "")}
"""Cells of every table, so that each covers all months."""

cells = st.dictionaries(
    st.tuples(
        st.sampled_from(["FI", "O'x", "ŠI"]),
        st.sampled_from(["F", "M"]),
        st.sampled_from([f"2024-0{month}" for month in range(1, 10)]),
    ),
    st.tuples(
        st.none() | st.floats(allow_nan=False) | st.integers(0, 3).map(float),
        st.sampled_from(["", "p", "e"]),
    ),
    max_size=8,
)
quick = settings(max_examples=6, deadline=None)


def moment(day: int) -> dt.datetime:
    return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)


def remember(store: Store, tables: list[dict], folder: Path) -> None:
    for day, table in enumerate(tables):
        rows = [(*cell, *content) for cell, content in table.items()]
        frame = pd.DataFrame(rows, columns=["geo", "sex", "period", "value", "flag"])
        staged = stage_cells(frame, ("geo", "sex"), folder)
        store.append(SOURCE, Fetched(staged, "https://x", moment(day), "h"))


def content(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def as_known(store: Store, day: int) -> dict:
    frame = store.cells("demo", known_by=moment(day))
    return {
        (row.geo, row.sex, row.period): (content(row.value), row.flag) for row in frame.itertuples()
    }


@quick
@given(st.lists(cells, min_size=1, max_size=3))
def test_cells_as_known_at_each_vintage_are_its_table(tables: list[dict]) -> None:
    tables = [EDGES | table for table in tables]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        remember(store, tables, Path(folder))
        for day, table in enumerate(tables):
            assert as_known(store, day) == table
        assert len(store.vintages("demo")) == 1 + sum(
            before != after for before, after in pairwise(tables)
        )


@quick
@given(st.lists(cells, min_size=2, max_size=3))
def test_revisions_applied_to_the_old_table_give_the_new_one(tables: list[dict]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        remember(store, [EDGES | table for table in tables], Path(folder))
        vintages = store.vintages("demo")
        known = [as_known(store, (each.known - moment(0)).days) for each in vintages]
        values = [{cell: v for cell, (v, _) in table.items() if v is not None} for table in known]
        for old, new in ((0, -1), (-1, 0)):
            applied = dict(values[old])
            for row in store.revisions("demo", vintages[old], vintages[new]).itertuples():
                cell = (row.geo, row.sex, row.period)
                assert content(row.old) == applied.pop(cell, None)
                if content(row.new) is not None:
                    applied[cell] = row.new
            assert applied == values[new]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("held")
    store = Store(folder / "store")
    remember(store, [EDGES, EDGES | {("FI", "F", "2024-03"): (5.0, "p")}, EDGES], folder)
    assert len(store.vintages("demo")) == 3
    return store


@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(0, 2), position=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255)
)
def test_damage_of_any_byte_of_any_vintage_is_found(
    held: Store, number: int, position: float, flip: int
) -> None:
    path = sorted(held.source_folder("demo").glob("*.parquet"))[number]
    kept = path.read_bytes()
    damaged = bytearray(kept)
    damaged[int(position * len(kept))] ^= flip
    try:
        path.write_bytes(bytes(damaged))
        with pytest.raises(InputError, match="damaged") as caught:
            held.cells("demo")
        assert str(caught.value).startswith(str(path))
    finally:
        path.write_bytes(kept)
    assert len(held.cells("demo")) == 2
