"""Files of the archive: where they lie, what their names say, and whether they are whole.

``archive/forecasts/<series>/`` and ``archive/targets/<programme>/`` hold one file per run. A name
tells vintage, origin, time and run, so that the forecast before this one is found without opening
any, and the hash of the content, so that a damaged file is found before it is read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.locations import store_dir
from forecasting.names import plain_name

if TYPE_CHECKING:
    import duckdb

SCHEMA = 1
"""Version of the columns of both kinds of file; stands in their metadata."""

SCHEMA_KEY = "forecasting_archive_schema"

Kind = Literal["forecasts", "targets"]

_HASH_DIGITS = 16
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(
    r"(?P<replay>replay_)?(?P<vintage>\d{4}-\d\d-\d\d)_(?P<origin>\d{4}(?:-\d\d|-Q\d)?)_"
    r"h(?P<horizon>\d{1,4})_(?P<model>[a-z0-9+_-]+?)_(?P<made>\d{8}T\d{6}Z)_"
    r"(?P<run_id>.+)_(?P<sha256>[0-9a-f]{16})\.parquet"
)


@dataclass(frozen=True)
class NameParts:
    """What the name of a file tells of the run that left it.

    Attributes
    ----------
    vintage : datetime.date
        Date of the figures that the run was made from.
    origin : str
        Last period known to it.
    horizon : int
        Periods that it reaches ahead.
    model : str
        What it was made by.
    made : datetime.datetime
        When the run began, in UTC.
    run_id : str
    replay : bool
        Whether it was made as of an earlier month, from figures that were known longer.
    """

    vintage: dt.date
    origin: str
    horizon: int
    model: str
    made: dt.datetime
    run_id: str
    replay: bool

    def name(self, content: bytes) -> str:
        """Write the name of a file with this content."""
        digits = hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
        made = self.made.astimezone(dt.UTC).strftime(_TIME)
        parts = (
            self.vintage.isoformat(), self.origin, f"h{self.horizon}", self.model, made,
            self.run_id, digits,
        )  # fmt: skip
        return f"{'replay_' if self.replay else ''}{'_'.join(parts)}.parquet"


@dataclass(frozen=True)
class ArchiveFile(NameParts):
    """A file that is there.

    Attributes
    ----------
    path : pathlib.Path
    sha256 : str
        First hexadecimal digits of the hash of its content, as its name has them.
    """

    path: Path
    sha256: str

    @property
    def is_whole(self) -> bool:
        """Whether the content can be read and is the one that was written."""
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest().startswith(self.sha256)
        except OSError:
            return False


def archive_dir() -> Path:
    """Folder of the archive; it need not exist."""
    return store_dir() / "archive"


def folder_of(kind: Kind, name: str) -> Path:
    """Folder of the files of a series (``asylum-applicants/SI``) or of a programme.

    Raises
    ------
    InputError
        If the name cannot be that of a folder.
    """
    parts = [plain_name(part, where=name) for part in name.split("/")]
    return archive_dir().joinpath(kind, *parts)


def list_files(folder: Path) -> list[ArchiveFile]:
    """List the files in a folder and those below it, the oldest vintage first, then the first made.

    Files of other names, temporary ones among them, are no files of the archive.
    """
    found = [
        parsed for path in folder.rglob("*.parquet") if (parsed := parse_name(path)) is not None
    ]
    return sorted(found, key=lambda each: (each.vintage, each.made, each.path.name))


def parse_name(path: Path) -> ArchiveFile | None:
    """Read the name of a file; None if it is none of the archive."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    try:
        vintage = dt.date.fromisoformat(match["vintage"])
        made = dt.datetime.strptime(match["made"], _TIME).replace(tzinfo=dt.UTC)
    except ValueError:  # digits that are no date
        return None
    return ArchiveFile(
        vintage, match["origin"], int(match["horizon"]), match["model"], made, match["run_id"],
        match["replay"] is not None, path, match["sha256"],
    )  # fmt: skip


def split_damaged(files: Sequence[ArchiveFile]) -> tuple[list[ArchiveFile], list[str]]:
    """Tell files that can be read from the others.

    Returns
    -------
    files : list of ArchiveFile
        Whole, and of the schema of this version.
    problems : list of str
        One message for each of the others: damaged, or of another schema.
    """
    whole, problems = [], []
    for each in files:
        if each.is_whole:
            whole.append(each)
        else:
            problems.append(str(damaged(each.path)))
    schemas = _schemas(whole)
    usable = []
    for each in whole:
        schema = schemas.get(str(each.path))
        if schema == SCHEMA:
            usable.append(each)
        else:
            problems.append(str(_other_schema(each.path, schema)))
    return usable, problems


def damaged(path: Path) -> InputError:
    """Error for a file whose content is not the one that was written."""
    return InputError(
        say("damaged: its content is not what was written"),
        where=str(path),
        action=say("put it back from a copy of the store, or move it away"),
    )


def _other_schema(path: Path, schema: int | None) -> InputError:
    if schema is not None and schema > SCHEMA:
        return InputError(
            say("written by a newer version of the suite (schema {n})", n=schema),
            where=str(path),
            expected=say("schema {n}", n=SCHEMA),
            action=say("read it with that version"),
        )
    return InputError(
        say("written by an older version of the suite, of which nothing is known here"),
        where=str(path),
        expected=say("schema {n}", n=SCHEMA),
        action=say("move it away: what it lacks cannot be filled in"),
    )


def _schemas(files: Sequence[ArchiveFile]) -> dict[str, int]:
    """Versions of the schema by path; a file without one is left out."""
    if not files:
        return {}
    rows = (
        connect()
        .execute(
            "SELECT file_name, decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = ?",
            [[str(each.path) for each in files], SCHEMA_KEY],
        )
        .fetchall()
    )
    return {name: int(value) for name, value in rows if value.isdigit()}


def connect() -> duckdb.DuckDBPyConnection:
    """Open an engine of its own in memory, which asks no network for anything."""
    import duckdb

    engine = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    engine.execute("SET enable_progress_bar = false")  # which it would print where results go
    return engine
