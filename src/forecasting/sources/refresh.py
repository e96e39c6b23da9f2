"""Refresh: every source asked, its answer checked, and what is new remembered as a vintage."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from forecasting.errors import (
    ForecastingError,
    InputError,
    LockedError,
    OutputError,
    describe_os_error,
)
from forecasting.languages.messages import say
from forecasting.sources.answers import check_answer
from forecasting.sources.definitions import Source, load_askable, load_source, source_names
from forecasting.sources.http import Patience, Transport

if TYPE_CHECKING:
    from forecasting.sources.fetching import Fetched
    from forecasting.sources.store import Store, Vintage

_LOCK = ".refresh.lock"
_FETCHING = ".fetching-"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refreshed:
    """How asking one source went.

    Attributes
    ----------
    source_id : str
    status : {"new", "unchanged", "failed"}
    vintage : Vintage or None
        The newest one held after it; None if there is none.
    cells : int
        New or changed cells.
    reason : str
        Why it failed, or was not asked.
    previous : Vintage or None
        The newest one held before.
    """

    source_id: str
    status: Literal["new", "unchanged", "failed"]
    vintage: Vintage | None
    cells: int = 0
    reason: str = ""
    previous: Vintage | None = None


@dataclass(frozen=True)
class Watch:
    """Who is told how far the refreshing is.

    Attributes
    ----------
    on_start : callable of str, optional
        Told the id of a source before it is asked.
    on_part : callable of (str, str), optional
        Told how far a long answer is, with the id of its source.
    """

    on_start: Callable[[str], None] | None = None
    on_part: Callable[[str, str], None] | None = None


def default_names(store: Store) -> list[str]:
    """Return the sources asked if none is named.

    Those that continue the figures of the suite, and every other of which a vintage is held.
    """
    held = set(store.source_ids())
    sources = (load_source(name) for name in source_names())
    return [
        each.id for each in sources if each.client != "file" and (each.feeds or each.id in held)
    ]


def refresh(
    names: Sequence[str],
    store: Store,
    *,
    offline: bool = False,
    on_done: Callable[[Refreshed], None] | None = None,
    watch: Watch | None = None,
    patience: Patience | None = None,
) -> list[Refreshed]:
    """Ask sources for what is new, one after the other; one that fails does not stop the others.

    Parameters
    ----------
    names : sequence of str
        Names in ``data/sources``, or YAML files of one's own.
    store : Store
    offline : bool
        Ask nobody; report what is held.
    on_done : callable of Refreshed, optional
        Told how each source went.
    watch : Watch, optional
        Told what is under way.
    patience : Patience, optional
        With publishers that do not answer.

    Returns
    -------
    list of Refreshed
        In the order of the names.

    Raises
    ------
    InputError
        If a name is no source, or one that is handed in as a file; nobody has been asked then.
    LockedError
        If another process is refreshing the same store.
    OutputError
        If the store cannot be written.
    """
    sources = [load_askable(name) for name in dict.fromkeys(names)]
    watch = watch or Watch()
    done = []
    with _locked(store.folder, offline=offline):
        for source in sources:
            if watch.on_start:
                watch.on_start(source.id)
            result = _held(source, store) if offline else _asked(source, store, watch, patience)
            done.append(result)
            if on_done:
                on_done(result)
    return done


def _held(source: Source, store: Store) -> Refreshed:
    try:
        newest = store.latest(source.id)
    except InputError as problem:  # damaged: without the network nothing heals it
        return Refreshed(source.id, "failed", None, reason=str(problem))
    return Refreshed(source.id, "unchanged", newest, reason=say("not asked"), previous=newest)


def _asked(source: Source, store: Store, watch: Watch, patience: Patience | None) -> Refreshed:
    """Ask one source, and note how it went."""
    import duckdb

    before = _readable(store, source.id)
    try:
        result = _fetched_and_kept(source, store, before, _transport(source, watch, patience))
    except OutputError:
        raise
    except (ForecastingError, duckdb.Error) as problem:
        logger.info("%s failed: %s", source.id, problem)
        newest = before[-1] if before else None
        result = Refreshed(source.id, "failed", newest, reason=str(problem), previous=newest)
    store.note_check(
        source.id,
        when=datetime.now(UTC).replace(microsecond=0),
        status=result.status,
        reason=result.reason,
    )
    return result


def _transport(source: Source, watch: Watch, patience: Patience | None) -> Transport:
    told = watch.on_part
    report = None if told is None else lambda words: told(source.id, words)
    return Transport(patience=patience, report=report)


def _fetched_and_kept(
    source: Source, store: Store, before: Sequence[Vintage], transport: Transport
) -> Refreshed:
    newest = before[-1] if before else None
    with _temporary(store.folder) as folder:
        fetched = _fetch(source, transport, folder, newest)
        if fetched is None:
            return Refreshed(source.id, "unchanged", newest, previous=newest)
        check_answer(fetched.staged, source, before, folder)
        written = store.append(source, fetched)
    if written is None:
        return Refreshed(source.id, "unchanged", newest, previous=newest)
    return Refreshed(source.id, "new", written, written.cells, previous=newest)


def _fetch(
    source: Source, transport: Transport, folder: Path, newest: Vintage | None
) -> Fetched | None:
    client = import_module(f"forecasting.sources.clients.{source.client}")
    fetched: Fetched | None = client.fetch(source, transport, folder, newest)
    return fetched


def _readable(store: Store, source_id: str) -> list[Vintage]:
    """Return the vintages held; none if one is damaged, so that everything is asked for again."""
    try:
        return store.vintages(source_id)
    except InputError as problem:
        logger.warning("%s", problem)
        return []


@contextmanager
def _locked(folder: Path, *, offline: bool) -> Iterator[None]:
    """Hold the lock of all refreshing of a store, and remove what a killed one left behind."""
    from filelock import FileLock, Timeout

    if offline:
        yield
        return
    lock = FileLock(folder / _LOCK, fallback_to_soft=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise LockedError(
            say("{folder} is locked: another process is refreshing the sources", folder=folder)
        ) from None
    except OSError as problem:
        raise describe_os_error(problem, folder) from None
    try:
        for leftover in folder.glob(f"{_FETCHING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield
    finally:
        lock.release()


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """Make a folder for an answer beside the vintages: a system's own may be in memory."""
    try:
        temporary = Path(tempfile.mkdtemp(prefix=_FETCHING, dir=folder))
    except OSError as problem:
        raise describe_os_error(problem, folder) from None
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
