"""Reference figures continued by the store: which vintage stands for a data set, and its cells.

Nothing is opened, and no database imported, where nothing is held.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say
from forecasting.locations import store_dir
from forecasting.sources.vintage_files import VintageFile, list_files, readable_sha256

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.sources.definitions import Feed, Source
    from forecasting.sources.reference import Dataset


def newest_held(shipped: Dataset) -> Dataset:
    """Return a data set as its newest vintage has it, if that is newer than what ships."""
    files = _files(shipped.name)
    if not files or files[-1].known.date() <= shipped.as_of:
        return shipped
    return _as_held(shipped, files[-1])


def held_by(shipped: Dataset, known_by: dt.datetime) -> Dataset:
    """Return a data set as it was known at a time.

    Parameters
    ----------
    shipped : Dataset
    known_by : datetime.datetime
        In UTC.

    Returns
    -------
    Dataset
        The newest vintage retrieved by then. Where none was: the first figures after that time,
        those that ship or a vintage, of which later months have to be cut off.
    """
    files = _files(shipped.name)
    if earlier := [file for file in files if file.known <= known_by]:
        return _as_held(shipped, earlier[-1])
    if not files or shipped.as_of >= known_by.date():
        return shipped
    first = [file for file in files if file.known == files[0].known]
    return _as_held(shipped, first[-1])


def held_cells(dataset: Dataset, geo: str) -> pd.DataFrame:
    """Return the cells of one series of a data set that is held: ``period``, ``value``; sorted.

    Values that are missing before the first or after the last one have not been published.

    Raises
    ------
    InputError
        If the vintage cannot be read, or has no figures for the series.
    """
    from forecasting.sources.store import Store

    source, feed = _feed(dataset.name)
    known = next(file.known for file in _files(dataset.name) if file.id == dataset.held)
    store = Store()
    cells = store.cells(source.id, known_by=known, where={**feed.where, feed.series: geo})
    values = cells.set_index("period")["value"]
    published = values.dropna().index
    if published.empty:
        every = store.cells(source.id, known_by=known, where=feed.where).dropna(subset="value")
        raise no_figures(dataset, geo, sorted(set(every[feed.series])))
    return values.loc[published[0] : published[-1]].reset_index()


def no_figures(dataset: Dataset, geo: str, known: Sequence[str]) -> InputError:
    """Error for a series that a data set does not have."""
    return InputError(
        say("no figures for '{geo}' in {name}", geo=geo, name=dataset.name),
        where=str(dataset.path),
        expected=one_of(known) if known else None,
        action=say("for a series of your own: {command}", command="forecasting forecast INPUT.csv"),
    )


def held_history(name: str) -> pd.DataFrame | None:
    """Return the vintages of a data set; see `forecasting.sources.store.Store.history`.

    Returns
    -------
    pandas.DataFrame or None
        None where nothing is held.

    Raises
    ------
    InputError
        If a vintage cannot be read.
    """
    if not _files(name):
        return None
    from forecasting.sources.store import Store

    source, feed = _feed(name)
    return Store().history(source.id, feed.where, series=feed.series)


def _files(name: str) -> Sequence[VintageFile]:
    root = store_dir() / "vintages"
    if not root.is_dir():
        return ()
    found = _feeding(name)
    return list_files(root / found[0].id) if found else ()


def _feeding(name: str) -> tuple[Source, Feed] | None:
    from forecasting.sources.definitions import source_feeding

    return source_feeding(name)


def _feed(name: str) -> tuple[Source, Feed]:
    """Source of a data set that is held."""
    found = _feeding(name)
    if found is None:
        raise LookupError(name)
    return found


def _as_held(shipped: Dataset, file: VintageFile) -> Dataset:
    """Put a vintage in the place of what ships; a damaged one is refused when it is read."""
    return replace(
        shipped,
        path=file.path,
        sha256=readable_sha256(file.path),
        as_of=file.known.date(),
        held=file.id,
    )
