"""Which suite a process runs: versions of packages, hashes over its code, data and notebooks."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

from forecasting.locations import data_dir, notebooks_dir

_SHIPPED = "_suite"  # see forecasting.locations
PACKAGES = (
    "forecasting",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "statsforecast",
    "typst",
    "xarray",
)
"""Packages that decide the numbers and the page."""

CLUSTER_PACKAGES = ("coreforecast", "distributed", "scipy")
"""Packages that have to be the same on a cluster beside these."""


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_source(root: Path | None = None) -> str:
    """Return one hash over every file of the suite, catalogues and templates included.

    Parameters
    ----------
    root : Path, optional
        Directory to hash; the installed package if not given.

    Returns
    -------
    str
        SHA-256 over the sorted relative paths and the contents. Compiled and hidden files are left
        out, and so are the data and notebooks inside an installed package: a run names those it
        uses.
    """
    root = Path(__file__).parents[1] if root is None else root
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for name in filter(_is_source, names):
        digest.update(f"{name}\0{hash_file(root / name)}\n".encode())
    return digest.hexdigest()


def read_versions() -> dict[str, str | None]:
    """Return the versions of Python and the packages that decide the numbers and the page."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


@cache
def suite_versions() -> dict[str, str]:
    """Return what has to be the same in every process of a cluster, as it was at the first call.

    Returns
    -------
    dict of str to str
        `read_versions` and `CLUSTER_PACKAGES`, empty for a package that is not installed; ``code``,
        ``data`` and ``notebooks`` with the first 12 digits of their hashes.
    """
    folders = {"code": None, "data": data_dir(), "notebooks": notebooks_dir()}
    hashes = {name: hash_source(folder)[:12] for name, folder in folders.items()}
    versions = read_versions() | {name: _version(name) for name in CLUSTER_PACKAGES}
    return {name: version or "" for name, version in versions.items()} | hashes


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _is_source(name: str) -> bool:
    *folders, file = name.split("/")
    hidden = any(part.startswith(".") for part in (*folders, file))
    return not hidden and "__pycache__" not in folders and folders[:1] != [_SHIPPED]
