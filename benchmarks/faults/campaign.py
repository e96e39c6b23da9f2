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
from place import VERSIONS, Place, Publisher, Usual

DRAWS = 4
"""Times that a fault is drawn if all was over before it came."""

ONLY_REFRESH = ("network", "fetch", "store", "vintage", "clock")
"""Kinds, by a word of their name, after which figures are fetched again; else a night is run."""


@dataclass
class Outcome:
    """One fault and what came of it."""

    kind: str
    what: str
    code: int | None
    faults: list[str]
    late: bool
    seconds: float = 0.0


def main() -> int:
    """Inject every fault; exit code 1 if one of them was not survived."""
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    template = _prepare(folder / "template")
    template.usual = _time(template, folder / "timed", arguments.jobs)
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


def _time(template: Place, root: Path, jobs: int) -> Usual:
    """Time a refresh and a night without a fault, as many at once as there will be faults."""

    def seconds(name: str, number: int) -> float:
        place = template.copy_to(root / f"{name}-{number}")
        began = time.monotonic()
        code, printed = getattr(place, name)()
        place.publisher.close()
        if code:
            raise SystemExit(f"a {name} without a fault ended with {code}:\n{printed}")
        return time.monotonic() - began

    with ThreadPoolExecutor(jobs) as pool:
        taken = {
            name: max(pool.map(seconds, [name] * jobs, range(jobs)))
            for name in ("refresh", "night")
        }
    print(", ".join(f"a {name} takes {each:.1f} s" for name, each in taken.items()), flush=True)
    return Usual(**taken)


def _one(template: Place, folder: Path, seed: int, kind: str, number: int) -> Outcome:
    """Inject one fault into a copy; one that came too late is drawn again."""
    rng = random.Random(f"{seed} {kind} {number}")  # noqa: S311 - nothing is kept secret by it
    name = f"{kind.replace(' ', '-').replace(',', '')}-{number}"
    for _ in range(DRAWS):
        outcome = _draw(template, folder / name, kind, rng)
        word = "FAILED" if outcome.faults else "late" if outcome.late else "ok"
        lines = [
            f"{word:6}  {name}: {outcome.what}",
            *(f"        {each}" for each in outcome.faults),
        ]
        sys.stdout.write("".join(f"{line}\n" for line in lines))  # at once: others write too
        sys.stdout.flush()
        if outcome.faults or not outcome.late:
            break
    return outcome


def _draw(template: Place, root: Path, kind: str, rng: random.Random) -> Outcome:
    """Inject a fault, and look at what is left and at the next run."""
    began = time.monotonic()
    place = template.copy_to(root)
    before = Before.of(place)
    outcome = Outcome(kind, "the campaign failed", None, [], late=False)
    try:
        injected = KINDS[kind][0](place, rng)
        outcome.what, outcome.code, outcome.late = injected.what, injected.code, injected.late
        outcome.faults += check_after_fault(place, before, injected)
        nightly = not any(word in kind for word in ONLY_REFRESH)
        outcome.faults += check_recovered(place, before, injected, nightly=nightly)
    except Exception:  # a fault of the campaign itself counts as one that was not survived
        outcome.faults.append(traceback.format_exc())
    place.publisher.close()
    if not outcome.faults:
        shutil.rmtree(place.root)
    outcome.seconds = time.monotonic() - began
    return outcome


def _print_table(outcomes: list[Outcome]) -> None:
    met = [each for each in outcomes if each.faults or not each.late]
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for each in met:
        groups[each.kind].append(each)
    print("\n| fault | injected | survived | exit codes of what met it | seconds each |")
    print("|---|---|---|---|---|")
    for kind, own in groups.items():
        none = "killed" if "killed" in kind else "none ran"
        codes = sorted({none if e.code is None else str(e.code) for e in own})
        survived = sum(not e.faults for e in own)
        seconds = sum(e.seconds for e in own) / len(own)
        print(f"| {kind} | {len(own)} | {survived} | {', '.join(codes)} | {seconds:.0f} |")
    survived = sum(not each.faults for each in met)
    print(f"| all | {len(met)} | {survived} | | |")
    if late := len(outcomes) - len(met):
        print(f"\n{late} came too late {DRAWS} times and are not counted.")


if __name__ == "__main__":
    sys.exit(main())
