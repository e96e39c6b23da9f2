"""The store: every figure as it was known at each retrieval; nothing is overwritten or deleted.

``store/vintages/<source>/`` holds one Parquet file per vintage, with the cells that were new or had
changed, or all of them. Each file names its predecessor by hash, so that the last one stands for
the whole state. See docs/vintages.md.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.locations import store_dir
from forecasting.names import is_plain_name, plain_name
from forecasting.sources import vintage_queries as queries
from forecasting.sources.appending import append_answer
from forecasting.sources.status import Check, read_check, sources_status, write_check
from forecasting.sources.vintage_chain import Vintage, choose_vintage, open_all, open_state
from forecasting.sources.vintage_files import VintageFile, list_files, refuse_foreign

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

    from forecasting.sources.definitions import Source
    from forecasting.sources.fetching import Fetched

__all__ = ["Check", "Store", "Vintage", "choose_vintage", "sources_status"]


class Store:
    """Vintages of figures in a folder.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Default: `forecasting.locations.store_dir`. It need not exist.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or store_dir()).absolute()

    def source_ids(self) -> list[str]:
        """Sources of which something is held or that have been asked, sorted."""
        root = self.folder / "vintages"
        folders = root.iterdir() if root.is_dir() else ()
        return sorted(each.name for each in folders if each.is_dir() and is_plain_name(each.name))

    def source_folder(self, source_id: str) -> Path:
        """Folder with the vintages of a source; it need not exist."""
        return self.folder / "vintages" / plain_name(source_id)

    def vintages(self, source_id: str) -> list[Vintage]:
        """Return the vintages of a source in their order; none if nothing is held.

        Raises
        ------
        InputError
            If one is damaged or missing, or a file is foreign; the message names it.
        """
        with _reading() as connection:
            return self._all(connection, source_id)

    def latest(self, source_id: str) -> Vintage | None:
        """Return the newest vintage; None if nothing is held.

        Raises
        ------
        InputError
            If it, or one that it builds on, is damaged or missing, or a file is foreign. `append`
            heals that; ask the publisher unconditionally then.
        """
        return self._newest(source_id, self._files(source_id))

    def known_by(self, source_id: str, when: dt.datetime) -> Vintage | None:
        """Return the newest vintage retrieved by a time, in UTC; None if there was none.

        Raises
        ------
        InputError
            If it, or one that it builds on, is damaged or missing, or a file is foreign.
        """
        return self._newest(source_id, self._files(source_id, when))

    def cells(
        self,
        source_id: str,
        *,
        known_by: dt.datetime | None = None,
        where: Mapping[str, str] | None = None,
    ) -> pd.DataFrame:
        """Return the cells as they were known.

        Parameters
        ----------
        source_id : str
        known_by : datetime.datetime, optional
            In UTC. Default: the newest vintage.
        where : mapping of str to str, optional
            Codes of key columns to choose by.

        Returns
        -------
        pandas.DataFrame
            The key columns, ``period``, ``value`` (NaN: published as missing) and ``flag``, sorted
            by key and period. A cell that the publisher has taken away is not among them.

        Raises
        ------
        InputError
            If nothing was known by then, a column of `where` is no key column, or what was known
            cannot be read.
        """
        files = self._files(source_id, known_by)
        if not files:
            raise InputError(
                say("no vintage of {source} is held", source=source_id)
                if known_by is None
                else say("no vintage of {source} held by {time}", source=source_id, time=known_by),
                where=str(self.source_folder(source_id)),
                action=say("run {command}", command=f"forecasting data refresh {source_id}"),
            )
        with _reading() as connection:
            state = open_state(connection, source_id, files)
            return queries.cells_frame(connection, _paths(state), state[-1].key, where or {})

    def revisions(self, source_id: str, old: Vintage, new: Vintage) -> pd.DataFrame:
        """Compare the values of two vintages.

        Returns
        -------
        pandas.DataFrame
            The key columns, ``period``, ``old`` and ``new`` of each cell whose value differs,
            sorted; NaN where a vintage lacks the cell or has no value for it. A change of the flag
            alone does not count.

        Raises
        ------
        InputError
            If either cannot be read, or they have other key columns.
        """
        if set(old.key) != set(new.key):
            raise InputError(
                say("key columns {names}", names=", ".join(new.key)),
                where=str(new.path),
                expected=", ".join(old.key),
            )
        files = self._files(source_id)
        with _reading() as connection:
            states = [
                _paths(open_state(connection, source_id, [f for f in files if f.number <= n]))
                for n in (old.number, new.number)
            ]
            return queries.revisions_frame(connection, states[0], states[1], new.key)

    def history(
        self, source_id: str, where: Mapping[str, str], *, series: str = "geo"
    ) -> pd.DataFrame:
        """Return the values of a monthly source as each was first seen.

        Parameters
        ----------
        source_id : str
        where : mapping of str to str
            Codes of the other key columns.
        series : str
            Key column that becomes ``geo``.

        Returns
        -------
        pandas.DataFrame
            As `forecasting.sources.vintages.read_vintages`: ``vintage`` (the day), ``geo``,
            ``period`` (monthly) and ``value``, a row for each new or changed value, by series,
            period and day. Of several vintages of a day the last counts; a cell that was taken
            away keeps its last value.

        Raises
        ------
        InputError
            If a vintage cannot be read.
        """
        import pandas as pd

        with _reading() as connection:
            vintages = self._all(connection, source_id)
            if not vintages:
                return pd.DataFrame(columns=["vintage", "geo", "period", "value"])
            rows = queries.history_frame(connection, _paths(vintages), vintages[-1].key, where)
        days = {str(vintage.path): vintage.day for vintage in vintages}
        rows = rows.assign(vintage=rows["filename"].map(days), geo=rows[series])
        rows = rows.drop_duplicates(["geo", "period", "vintage"], keep="last")
        rows = rows[rows["value"] != rows.groupby(["geo", "period"])["value"].shift()]
        rows = rows.assign(period=pd.PeriodIndex(rows["period"], freq="M"))
        return rows[["vintage", "geo", "period", "value"]].reset_index(drop=True)

    def append(self, source: Source, fetched: Fetched) -> Vintage | None:
        """Remember an answer: the cells that are new, have changed or have gone.

        A cell has changed if its value or its flag has. One that the answer lacks has gone if its
        period lies between the answer's first and last one; of a file that was handed in, only if
        the file has figures of its series at all. What is damaged is moved to ``damaged/``, and
        everything is written once more.

        Parameters
        ----------
        source : Source
        fetched : Fetched
            Its `staged` file is read, not moved.

        Returns
        -------
        Vintage or None
            None if nothing has changed.

        Raises
        ------
        InputError
            If the answer is empty, has a cell twice or one without a name, its key columns are
            others than those held, or the vintages held were written by a newer version.
        LockedError
            If another process appends to the same source.
        OutputError
            If the store cannot be written.
        """
        return append_answer(source, fetched, self.source_folder(source.id))

    def note_check(
        self, source_id: str, *, when: dt.datetime, status: str, reason: str = ""
    ) -> None:
        """Note that a source was asked: ``new``, ``unchanged`` or ``failed``, and why.

        Raises
        ------
        OutputError
            If the note cannot be written.
        """
        write_check(self.source_folder(source_id), when=when, status=status, reason=reason)

    def last_check(self, source_id: str) -> Check | None:
        """Return when a source was last asked; None if that is not known."""
        return read_check(self.source_folder(source_id))

    def _files(self, source_id: str, known_by: dt.datetime | None = None) -> list[VintageFile]:
        folder = self.source_folder(source_id)
        refuse_foreign(folder)
        files = list_files(folder)
        return [file for file in files if known_by is None or file.known <= known_by]

    def _all(self, connection: DuckDBPyConnection, source_id: str) -> list[Vintage]:
        files = self._files(source_id)
        if files and files[-1].lost:
            open_state(connection, source_id, files)  # says that it was set aside
        return open_all(connection, source_id, [file for file in files if not file.lost])

    def _newest(self, source_id: str, files: Sequence[VintageFile]) -> Vintage | None:
        if not files:
            return None
        with _reading() as connection:
            return open_state(connection, source_id, files)[-1]


@contextmanager
def _reading() -> Iterator[DuckDBPyConnection]:
    """DuckDB for reading: what does not fit into memory goes to the system's temporary folder."""
    spill = Path(tempfile.gettempdir()) / f"forecasting-{uuid.uuid4().hex}"
    with queries.connect(spill) as connection:
        yield connection


def _paths(vintages: Sequence[Vintage]) -> list[Path]:
    return [vintage.path for vintage in vintages]
