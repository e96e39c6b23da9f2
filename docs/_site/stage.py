"""Gather the pages of the site in one folder, their links led to where they are there."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "README.md": "project/overview.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "benchmarks/RESULTS.md": "project/accuracy.md",
}
"""Pages that do not stand in ``docs/``, by their place on the site."""

TITLES = {
    "README.md": "The suite on one page",
    "benchmarks/RESULTS.md": "Accuracy and speed: the record",
    "docs/adr/README.md": "Decisions and the measurements behind them",
}
"""Titles of pages whose own says too little without their folder."""

DECISIONS = "\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n"
"""Added to the list of decisions, so that they stand under it in the navigation."""

_NAMED = re.compile(r"\[([^\[\]]+)\]\(([^)\s]+)\)")
_LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))|(?<=<img src=\")([^\"]+)(?=\")")


def stage_pages(folder: Path) -> None:
    """Copy every page and picture of the documentation into an empty folder.

    A link to a page leads to that page on the site, a link to any other file of the project to a
    copy under ``files/``; a link to a folder is left out.

    Parameters
    ----------
    folder : pathlib.Path
        Where Sphinx will read them.
    """
    for source in _documents():
        page = folder / _place(source)
        page.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".md":
            page.write_text(_with_links(source, folder), encoding="utf-8")
        else:
            shutil.copy2(source, page)


def _documents() -> list[Path]:
    docs = [
        path
        for path in sorted((ROOT / "docs").rglob("*"))
        if path.is_file() and not path.relative_to(ROOT / "docs").parts[0].startswith("_")
    ]
    return [*docs, *(ROOT / name for name in ELSEWHERE)]


def _place(source: Path) -> Path:
    name = source.relative_to(ROOT).as_posix()
    if name in ELSEWHERE:
        return Path(ELSEWHERE[name])
    return Path(name).relative_to("docs") if name.startswith("docs/") else Path("files") / name


def _with_links(source: Path, folder: Path) -> str:
    """Return the text of a page with its links led to their places on the site."""

    def lead(found: re.Match[str]) -> str:
        name, _, fragment = found[0].partition("#")
        target = Path(os.path.normpath(source.parent / name))
        if not name or ":" in name or not target.is_file():
            return found[0]
        place = _place(target)
        if place.parts[0] == "files":
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(target, folder / place)
        shown = Path(os.path.relpath(place, _place(source).parent)).as_posix()
        return f"{shown}#{fragment}" if fragment else shown

    def name_folder(found: re.Match[str]) -> str:
        return found[1] if (source.parent / found[2]).is_dir() else found[0]

    text = _LINK.sub(lead, _NAMED.sub(name_folder, source.read_text(encoding="utf-8")))
    name = source.relative_to(ROOT).as_posix()
    if name in TITLES:
        text = re.sub(r"\A# .*", f"# {TITLES[name]}", text)
    return text + DECISIONS if name == "docs/adr/README.md" else text
