"""What must hold after a fault, and after the run that follows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from kinds import Injected
from place import SOURCE, Place, contents, published, sha256, table

MISLEADING = ("Traceback (most recent call last)",)
"""What a user must not be shown."""


@dataclass(frozen=True)
class Before:
    """What was there before a fault: the hash of every file that may not be lost."""

    files: dict[Path, str]

    @classmethod
    def of(cls, place: Place) -> Before:
        """Take it down."""
        folders = [place.vintages, place.store / "archive"]
        folders += [place.outputs / run for run in published(place.outputs)]
        return cls(
            {
                folder / name: digest
                for folder in folders
                for name, digest in contents(folder).items()
                if name != "checked.json"
            }
        )


def check_after_fault(place: Place, before: Before, injected: Injected) -> list[str]:
    """Hold what is left against what was there; return what is wrong."""
    faults = []
    if injected.code is not None and injected.code not in injected.codes:
        faults.append(f"exit code {injected.code}, not {injected.codes}: {injected.printed}")
    faults += [f"shown: {injected.printed}" for words in MISLEADING if words in injected.printed]
    faults += _lost(before, injected)
    faults += _half_written(place, injected)
    return faults


def check_recovered(
    place: Place, before: Before, injected: Injected, *, nightly: bool
) -> list[str]:
    """Run once more without a fault; return what is wrong then."""
    code, printed = place.night() if nightly else place.refresh()
    faults = [] if code == 0 else [f"the next run ended with {code}: {printed}"]
    faults += _lost(before, injected)
    faults += _half_written(place, Injected("", damaged=_not_asked_for(place, injected)))
    faults += _not_current(place, place.publisher.version)
    if nightly:
        faults += _not_briefed(place)
    hidden = [".partial-*", ".*.parquet*", ".*.tmp"]
    left = [path for pattern in hidden for path in place.root.rglob(pattern)]
    faults += [f"left behind: {path.relative_to(place.root)}" for path in left]
    return faults


def _not_asked_for(place: Place, injected: Injected) -> list[Path]:
    """What was damaged and belongs to a former night: the next one has no need of it."""
    status = json.loads((place.outputs / "status.json").read_text("utf-8"))
    current = {each["run_id"] for each in status["briefings"]}
    runs = set(published(place.outputs))
    return [path for path in injected.damaged if path.name in runs - current]


def _lost(before: Before, injected: Injected) -> list[str]:
    """Files that were there, are nowhere now or others, and were not damaged on purpose.

    A vintage that builds on a damaged one is set aside with it.
    """
    hurt = injected.damaged
    return [
        f"lost: {path.name}"
        for path, digest in before.files.items()
        if not any(path == each or each in path.parents for each in hurt)
        and digest not in {sha256(each) for each in _places(path) if each.is_file()}
    ]


def _places(path: Path) -> list[Path]:
    return [path, *path.parent.glob(f"damaged/*{path.stem}*")]


def _half_written(place: Place, injected: Injected) -> list[str]:
    """Runs, vintages and pages that are there and not whole."""
    faults = []
    for run, manifest in published(place.outputs).items():
        folder = place.outputs / run
        if folder in injected.damaged:
            continue
        whole = manifest.get("status") == "done" and all(
            (folder / result["path"]).is_file()
            and sha256(folder / result["path"]) == result["sha256"]
            for result in manifest["results"]
        )
        faults += [] if whole else [f"half-written: {run}"]
    for path in place.vintages.glob("*.parquet"):
        if path not in injected.damaged and path.stem.rsplit("-", 1)[1] != sha256(path)[:16]:
            faults.append(f"half-written: {path.name}")
    index, status = place.outputs / "index.html", place.outputs / "status.json"
    if index not in injected.damaged and not index.read_text("utf-8").rstrip().endswith("</html>"):
        faults.append("half-written: index.html")
    if status not in injected.damaged:
        json.loads(status.read_text("utf-8"))
    return faults


def _not_current(place: Place, version: int) -> list[str]:
    """Whether the store holds another table than the publisher's last."""
    from forecasting.sources.store import Store

    cells = Store(place.store).cells(SOURCE)
    held = {(row.geo, row.period): row.value for row in cells.itertuples()}
    asked = {(cell.codes["geo"], cell.period): cell.value for cell in table(version).cells}
    return [] if held == asked else [f"{len(asked)} cells published, {len(held)} other ones held"]


def _not_briefed(place: Place) -> list[str]:
    """Whether the status of the last night says anything but that all is well."""
    status = json.loads((place.outputs / "status.json").read_text("utf-8"))
    wrong = [each for each in status["briefings"] if each["status"] not in ("done", "skipped")]
    return [f"not briefed: {each}" for each in wrong]
