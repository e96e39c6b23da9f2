"""Faults in nights, refreshes, folders: nothing is lost or half-written, the next run succeeds.

    python benchmarks/faults/campaign.py [--seed 1] [--share 1.0] [--only WORDS] [--jobs 2] [--keep]

Prints a table for benchmarks/RESULTS.md, and each fault that was not survived with its folder.
Synthetic revisions of shipped figures, served by a publisher on this machine.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from checks import Before, check_after_fault, check_recovered
from kinds import KINDS, reason_to_skip
from place import Place, Publisher

VERSIONS = 3
"""Of the publisher's table: two are held before a fault, the third comes with it."""

ONLY_REFRESH = ("network", "fetch", "store", "vintage", "clock")
"""Kinds, by a word of their name, after which figures are fetched again; else a night is run."""


@dataclass
class Outcome:
    """One fault and what came of it."""

    kind: str
    what: str
    code: int | None
    faults: list[str]
    seconds: float


def main() -> int:
    """Inject every fault; exit code 1 if one of them was not survived."""
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    template = _prepare(folder / "template")
    drawn = [
        (kind, number)
        for kind, (_, count) in KINDS.items()
        for number in range(max(1, round(count * arguments.share)))
        if arguments.only in kind and not reason_to_skip(kind)
    ]
    for kind in KINDS:
        if reason := reason_to_skip(kind):
            print(f"skipped: {kind}: {reason}", flush=True)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(lambda each: _one(template, folder, arguments.seed, *each), drawn))
    template.publisher.close()
    _print_table(outcomes)
    if not arguments.keep and not any(each.faults for each in outcomes):
        shutil.rmtree(folder)
    return int(any(each.faults for each in outcomes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the faults of each kind")
    parser.add_argument("--only", default="", help="kinds whose name has these words")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the folders")
    return parser.parse_args()


def _prepare(root: Path) -> Place:
    """Make a folder with two vintages, and a whole night on each."""
    root.mkdir()
    place = Place(root, Publisher())
    place.write_files()
    for version in range(1, VERSIONS):
        place.publisher.version = version
        code, printed = place.night()
        if code:
            raise SystemExit(f"a night without a fault ended with {code}:\n{printed}")
    return place


def _one(template: Place, folder: Path, seed: int, kind: str, number: int) -> Outcome:
    """Inject one fault into a copy, and look at what is left and at the next run."""
    began = time.monotonic()
    rng = random.Random(f"{seed} {kind} {number}")  # noqa: S311 - nothing is kept secret by it
    name = f"{kind.replace(' ', '-').replace(',', '')}-{number}"
    place = template.copy_to(folder / name)
    place.publisher = Publisher()
    place.publisher.version = VERSIONS
    place.write_files()
    before = Before.of(place)
    faults: list[str] = []
    try:
        injected = KINDS[kind][0](place, rng)
        what, code = injected.what, injected.code
        faults += check_after_fault(place, before, injected)
        nightly = not any(word in kind for word in ONLY_REFRESH)
        faults += check_recovered(place, before, injected, nightly=nightly)
    except Exception:  # a fault of the campaign itself counts as one that was not survived
        what, code = "the campaign failed", None
        faults.append(traceback.format_exc())
    place.publisher.close()
    if not faults:
        shutil.rmtree(place.root)
    print(f"{'FAILED' if faults else 'ok':6}  {name}: {what}", flush=True)
    for fault in faults:
        print(f"        {fault}", flush=True)
    return Outcome(kind, what, code, faults, time.monotonic() - began)


def _print_table(outcomes: list[Outcome]) -> None:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        groups[each.kind].append(each)
    print("\n| fault | injected | survived | exit codes of what met it | seconds each |")
    print("|---|---|---|---|---|")
    for kind, own in groups.items():
        codes = sorted({"killed" if e.code is None else str(e.code) for e in own})
        survived = sum(not e.faults for e in own)
        seconds = sum(e.seconds for e in own) / len(own)
        print(f"| {kind} | {len(own)} | {survived} | {', '.join(codes)} | {seconds:.0f} |")
    survived = sum(not e.faults for e in outcomes)
    print(f"| all | {len(outcomes)} | {survived} | | |")


if __name__ == "__main__":
    sys.exit(main())
