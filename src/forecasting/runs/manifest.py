"""The manifest of a run: what went in, what ran, what came out."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forecasting.engines.versions import hash_file, hash_source, read_versions
from forecasting.runs.private import without_home

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True)
class DataFile:
    """One file of figures or assumptions that a run reads.

    Attributes
    ----------
    path : str
        The file's path as the reader should see it: relative, with forward slashes.
    sha256 : str
        Hash of its content, hexadecimal.
    vintage : str
        Date on which its publisher's figures were taken, or empty if it has none.
    synthetic : bool
        Whether its figures were generated, not observed.
    """

    path: str
    sha256: str
    vintage: str = ""
    synthetic: bool = False


@dataclass(frozen=True)
class RunRecord:
    """What is known about a run when it starts.

    Attributes
    ----------
    run_id, verb : str
        Identifier of the run and the command that started it.
    parameters : mapping of str to object
        Full set of parameters, defaults included.
    data_files : sequence of DataFile
        Every file the run reads.
    notebook : Path
        The notebook that is run.
    started : datetime
        Start, in UTC.
    """

    run_id: str
    verb: str
    parameters: Mapping[str, object]
    data_files: Sequence[DataFile]
    notebook: Path
    started: datetime


def run_key(
    parameters: Mapping[str, object],
    data_files: Iterable[DataFile],
    notebook: Path,
    *,
    versions: Mapping[str, str | None] | None = None,
    source_hash: str | None = None,
) -> str:
    """Return the key of a run: the same for the same inputs, code and parameters.

    Parameters
    ----------
    parameters : mapping of str to object
        Full set of parameters, defaults included.
    data_files : iterable of DataFile
        Every file the run reads; name and hash count, the directory does not.
    notebook : Path
        The notebook to run; its content counts.
    versions : mapping of str to str, optional
        Package versions; those installed if not given.
    source_hash : str, optional
        Hash of the suite; that of the running package if not given.

    Returns
    -------
    str
        The first 8 hexadecimal digits of the SHA-256 over canonical JSON.
    """
    content = {
        "parameters": dict(parameters),
        "data": sorted((Path(file.path).name, file.sha256) for file in data_files),
        "notebook": hash_file(notebook),
        "versions": dict(read_versions() if versions is None else versions),
        "source": hash_source() if source_hash is None else source_hash,
    }
    canonical = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


def write_manifest(
    directory: Path,
    record: RunRecord,
    *,
    results: Iterable[Path] = (),
    error: Mapping[str, object] | None = None,
) -> Path:
    """Write ``manifest.json`` into the directory of a run that ended; the user is not named.

    Parameters
    ----------
    directory : Path
        Directory of the run.
    record : RunRecord
        What was known at its start.
    results : iterable of Path
        The result files inside `directory`.
    error : mapping, optional
        Why the run failed: ``message``, and ``cell`` with the number of the failing cell. The
        status is ``failed`` if given, otherwise ``done``.

    Returns
    -------
    Path
        The manifest.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    content = {
        "run_id": record.run_id,
        "status": "done" if error is None else "failed",
        "verb": record.verb,
        "parameters": dict(record.parameters),
        "seed": record.parameters.get("seed"),
        "data_files": [asdict(file) for file in record.data_files],
        "notebook": {"name": record.notebook.name, "sha256": hash_file(record.notebook)},
        "source_sha256": hash_source(),
        "commit": read_commit(),
        "versions": read_versions(),
        "started": record.started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "results": [_describe_result(path, directory) for path in sorted(results)],
        "error": None if error is None else dict(error),
    }
    path = directory / MANIFEST_NAME
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(without_home(text) + "\n", encoding="utf-8", newline="\n")
    return path


def read_results(directory: Path) -> set[str] | None:
    """Return the names of the result files that a run's manifest lists.

    Parameters
    ----------
    directory : Path
        Directory of the run.

    Returns
    -------
    set of str or None
        Paths relative to `directory`, with forward slashes; None if there is no whole manifest.
    """
    try:
        content = json.loads((directory / MANIFEST_NAME).read_text(encoding="utf-8"))
        return {str(result["path"]) for result in content["results"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_commit() -> dict[str, Any] | None:
    """Return the git commit of the suite and whether its files were changed since.

    Returns
    -------
    dict or None
        ``{"id": str, "dirty": bool}``; None if the suite does not run from a checkout of its own
        (an installed package inside somebody else's repository does not count).
    """
    package = Path(__file__).parents[1]
    if _run_git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    commit = _run_git(package, "rev-parse", "HEAD")
    changes = _run_git(package, "status", "--porcelain", "--untracked-files=no")
    return None if commit is None else {"id": commit, "dirty": bool(changes)}


def _run_git(directory: Path, *arguments: str) -> str | None:
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    try:
        done = subprocess.run(  # noqa: S603 - constant arguments
            ["git", *arguments],  # noqa: S607 - git has no fixed place
            cwd=directory,
            env=environment | {"GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            encoding="utf-8",
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _describe_result(path: Path, directory: Path) -> dict[str, object]:
    return {
        "path": path.relative_to(directory).as_posix(),
        "sha256": hash_file(path),
        "size": path.stat().st_size,
    }
