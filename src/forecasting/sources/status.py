"""When each source was last asked, and how it went: ``checked.json``, which may be lost."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from forecasting.locations import store_dir
from forecasting.sources.vintage_files import CHECKED
from forecasting.tables import write_bytes

FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """The last time that a source was asked.

    Attributes
    ----------
    when : datetime.datetime
        In UTC.
    status : {"new", "unchanged", "failed"}
        How it went.
    reason : str
        Why it failed, in words.
    since : datetime.datetime
        The first of the failures that have followed one another; `when` if it did not fail.
    """

    when: dt.datetime
    status: str
    reason: str
    since: dt.datetime


def write_check(folder: Path, *, when: dt.datetime, status: str, reason: str = "") -> None:
    """Note in the folder of a source that it was asked, in the place of the note before."""
    before = read_check(folder)
    goes_on = status == FAILED and before is not None and before.status == FAILED
    check = Check(when, status, reason, before.since if goes_on and before else when)
    content = json.dumps(asdict(check), default=dt.datetime.isoformat, indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(content.encode(), folder / CHECKED)


def read_check(folder: Path) -> Check | None:
    """Return the last note; None if there is none that can be read: it may be lost at any time."""
    try:
        content = json.loads((folder / CHECKED).read_text(encoding="utf-8"))
        times = {key: dt.datetime.fromisoformat(content[key]) for key in ("when", "since")}
        return Check(**times, status=str(content["status"]), reason=str(content["reason"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def sources_status(dataset: str) -> str:
    """Return what a page says of the state of the source of a data set, for the key of a run.

    Parameters
    ----------
    dataset : str
        Name in ``data/reference/manifest.yaml``.

    Returns
    -------
    str
        ``failed since 2026-12-03`` while the source cannot be reached, day of the first failure in
        a row; otherwise empty. The same night after night as long as nothing changes.
    """
    since = failing_since(dataset)
    return f"{FAILED} since {since}" if since else ""


def failing_since(dataset: str) -> dt.date | None:
    """Return the day since when the source of a data set has failed; None if it has not."""
    if not store_dir().is_dir():
        return None
    from forecasting.sources.definitions import source_feeding

    found = source_feeding(dataset)
    if found is None:
        return None
    check = read_check(store_dir() / "vintages" / found[0].id)
    return check.since.date() if check is not None and check.status == FAILED else None
