"""Import of a spreadsheet: read by its mapping, checked, and remembered as a vintage."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from forecasting.errors import describe_os_error
from forecasting.sources.answers import check_answer
from forecasting.sources.definitions import FOLDER
from forecasting.sources.fetching import Fetched
from forecasting.sources.mapped_table import read_mapped
from forecasting.sources.mapping import definition_of, load_mapping, source_of
from forecasting.sources.staging import stage_cells
from forecasting.sources.store import Store, Vintage
from forecasting.sources.vintage_files import file_sha256
from forecasting.tables import write_bytes

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.sources.definitions import Source


@dataclass(frozen=True, eq=False)
class Imported:
    """What a file has brought, or would bring.

    Attributes
    ----------
    source : Source
    cells : pandas.DataFrame
        Every figure of the file; see `forecasting.sources.mapped_table.read_mapped`.
    vintage : Vintage or None
        None if nothing has changed.
    revisions : pandas.DataFrame
        Figures held before that are others now: key columns, ``period``, ``old``, ``new``.
    """

    source: Source
    cells: pd.DataFrame
    vintage: Vintage | None
    revisions: pd.DataFrame


def import_file(path: Path, mapping: Path, store: Store, *, dry_run: bool = False) -> Imported:
    """Take the figures of a spreadsheet into the store, all or none.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, or CSV in UTF-8.
    mapping : pathlib.Path
        YAML; see `forecasting.sources.mapping`.
    store : Store
    dry_run : bool
        Take in nothing, only say what it would be.

    Returns
    -------
    Imported

    Raises
    ------
    InputError
        With every fault of the file or the mapping, up to a limit.
    LockedError
        If another process appends to the same source.
    OutputError
        If the store cannot be written.
    """
    read = load_mapping(mapping)
    source = source_of(read, mapping)
    cells = read_mapped(path, read)
    with tempfile.TemporaryDirectory() as folder:
        staged = stage_cells(cells, source.key, Path(folder))
        held = store.vintages(source.id)
        check_answer(staged, _part_of(source, store, held), held, Path(folder))
        now = datetime.now(UTC).replace(microsecond=0)
        fetched = Fetched(staged, path.name, now, file_sha256(path))
        with _copied(store, source.id) if dry_run else _itself(store) as target:
            vintage = target.append(source, fetched)
            revisions = _revisions(target, source, held, vintage)
    if not dry_run:
        status = "new" if vintage else "unchanged"
        store.note_check(source.id, when=now, status=status)
        _write_definition(definition_of(read), store.folder / FOLDER / f"{source.id}.yaml")
    return Imported(source, cells, vintage, revisions)


def _part_of(source: Source, store: Store, held: list[Vintage]) -> Source:
    """Let a file lack figures that are held: it may be that of one year or one place."""
    if not held:
        return source
    known = store.cells(source.id)
    return source.model_copy(
        update={
            "dropped": {name: tuple(known[name].unique()) for name in source.key},
            "limits": source.limits.model_copy(update={"least_share": 0.0}),
        }
    )


def _revisions(
    store: Store, source: Source, held: list[Vintage], new: Vintage | None
) -> pd.DataFrame:
    import pandas as pd

    if not held or new is None:
        return pd.DataFrame(columns=[*source.key, "period", "old", "new"])
    return store.revisions(source.id, held[-1], new).dropna(subset=["old"])


@contextmanager
def _itself(store: Store) -> Iterator[Store]:
    yield store


@contextmanager
def _copied(store: Store, source_id: str) -> Iterator[Store]:
    """Lend a store that holds only a copy of a source."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Store(Path(folder))
        if store.source_folder(source_id).is_dir():
            shutil.copytree(store.source_folder(source_id), copy.source_folder(source_id))
        yield copy


def _write_definition(content: dict[str, object], path: Path) -> None:
    """Keep the definition beside the vintages, so that they can be read without the mapping."""
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise describe_os_error(problem, path.parent) from None
    write_bytes(text.encode(), path)
