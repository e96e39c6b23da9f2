"""What an output directory holds: whole runs, the briefings among them, failed runs in a limit."""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecasting.engines.versions import hash_file
from forecasting.runs.directory import FAILED_NAME
from forecasting.runs.manifest import MANIFEST_NAME

BRIEFING_PDF = "briefing.pdf"
_CONTENT = "content.json"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Briefing:
    """A published briefing.

    Attributes
    ----------
    run_id : str
    title : str
        Its finding.
    data_date : datetime.date
        Day as of which its figures were taken.
    made : datetime.datetime
        When its run ended.
    """

    run_id: str
    title: str
    data_date: dt.date
    made: dt.datetime


def is_whole(directory: Path) -> bool:
    """Whether a run ended well and every one of its result files is the one that was written.

    Its manifest says so; the name of the directory does not count.
    """
    try:
        manifest = _read(directory / MANIFEST_NAME)
        results = {str(each["path"]): str(each["sha256"]) for each in manifest["results"]}
        return manifest["status"] == "done" and all(
            _is_whole_file(directory, *each) for each in results.items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_whole_file(directory: Path, name: str, sha256: str) -> bool:
    path = directory / name
    return path.resolve().is_relative_to(directory.resolve()) and hash_file(path) == sha256


def read_briefing(directory: Path) -> Briefing | None:
    """Read what a page says of a published briefing; None if the directory holds none."""
    try:
        manifest, content = _read(directory / MANIFEST_NAME), _read(directory / _CONTENT)
        return Briefing(
            run_id=directory.name,
            title=str(content["document"]["title"]),
            data_date=dt.date.fromisoformat(content["document"]["data_date"]),
            made=dt.datetime.fromisoformat(manifest["finished"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_last_good(output_dir: Path, identity: Mapping[str, object]) -> Briefing | None:
    """Return the newest whole briefing of a country in a language; None if there is none.

    Parameters
    ----------
    output_dir : pathlib.Path
    identity : mapping of str to object
        Parameters that it must have been made with, ``geo`` and ``language`` among them.
    """
    pattern = f"{identity['geo']}-*-{identity['language']}-*"
    found = [
        (str(manifest.get("finished")), directory)
        for directory, manifest in _manifests(output_dir, pattern)
        if all(manifest["parameters"].get(key) == value for key, value in identity.items())
    ]
    for _, directory in sorted(found, reverse=True):
        if is_whole(directory) and (directory / BRIEFING_PDF).is_file():
            return read_briefing(directory)
    return None


def _manifests(output_dir: Path, pattern: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for directory in output_dir.glob(pattern):
        try:
            manifest = _read(directory / MANIFEST_NAME)
        except (OSError, ValueError):
            continue
        if isinstance(manifest.get("parameters"), dict):
            yield directory, manifest


def find_failed(output_dir: Path, run_id: str) -> Path | None:
    """Return the newest directory that a failed run left; None if it left none."""
    found = [*(output_dir / FAILED_NAME).glob(f"{run_id}*")]
    return max(found, key=_age, default=None)


def limit_failed(output_dir: Path, keep: int) -> list[Path]:
    """Delete the oldest failed runs beyond a limit; a whole run among them is left alone.

    Parameters
    ----------
    output_dir : pathlib.Path
        Whose lock the caller holds.
    keep : int
        How many failed runs stay.

    Returns
    -------
    list of pathlib.Path
        What was deleted.
    """
    held = sorted((output_dir / FAILED_NAME).glob("*"), key=_age, reverse=True)
    deleted = []
    for path in [each for each in held if not is_whole(each)][keep:]:
        try:
            shutil.rmtree(path)
        except OSError as problem:
            logger.warning("%s: old failed run, cannot be deleted: %s", path, problem)
        else:
            deleted.append(path)
    return deleted


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _read(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise TypeError(f"{path} is not a mapping")
    return content
