"""What is done to a night, a refresh or a folder; each kind returns what happened, in words."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from place import Place, descendants, finish, kill_all
from server import NO_FAULT, Fault

FAKETIME = shutil.which("faketime")


@dataclass
class Injected:
    """What a fault did.

    Attributes
    ----------
    what : str
        The fault in words, with the number that was drawn.
    code : int or None
        Exit code of the command that met it; None where it was killed or none ran.
    printed : str
        What that command printed.
    damaged : list of Path
        Files that were damaged on purpose: they need not be as they were.
    codes : tuple of int
        Exit codes that are an honest answer to this fault.
    """

    what: str
    code: int | None = None
    printed: str = ""
    damaged: list[Path] = field(default_factory=list)
    codes: tuple[int, ...] = ()
    late: bool = False
    """Whether all was over before the fault came, or it had no effect: nothing was tested."""


Kind = Callable[[Place, random.Random], Injected]


def network_cut(place: Place, rng: random.Random) -> Injected:
    """The connection breaks after so many bytes, however often it is tried."""
    cut = rng.randrange(place.publisher.size)
    place.publisher.server.always = Fault(cut=cut)
    try:
        code, printed = place.refresh()
    finally:
        place.publisher.server.always = NO_FAULT
    return Injected(f"cut at byte {cut}", code, printed, codes=(2,))


def refresh_killed(place: Place, rng: random.Random) -> Injected:
    """The power goes while figures are fetched."""
    seconds = rng.uniform(0, place.usual.refresh)
    process = place.start("data", "refresh", "eurostat-applicants.yaml")
    late = _kill_after(process, seconds)
    return Injected(f"killed after {seconds:.2f} s", late=late)


def night_killed(place: Place, rng: random.Random) -> Injected:
    """The power goes during the night."""
    seconds = rng.uniform(0, place.usual.night)
    process = place.start("night", "plan.yaml")
    late = _kill_after(process, seconds)
    return Injected(f"everything killed after {seconds:.2f} s", late=late)


def night_alone_killed(place: Place, rng: random.Random) -> Injected:
    """Only the first process is killed; what it started is left to itself."""
    seconds = rng.uniform(0, place.usual.night)
    process = place.start("night", "plan.yaml")
    late = _ends_within(process, seconds)
    process.kill()
    process.communicate()  # until the last of its children has gone
    return Injected(f"first process killed after {seconds:.2f} s", late=late)


def night_interrupted(place: Place, rng: random.Random) -> Injected:
    """Ctrl-C, or the request of the system to end; before a second, Python itself is starting."""
    seconds = rng.uniform(1, place.usual.night)
    number = rng.choice([signal.SIGINT, signal.SIGTERM])
    process = place.start("night", "plan.yaml")
    late = _ends_within(process, seconds)
    process.send_signal(number)
    code, printed = finish(process)
    what = f"{number.name} after {seconds:.2f} s"
    return Injected(what, code, printed, codes=(0, 130, -int(number)), late=late)


def vintage_corrupted(place: Place, rng: random.Random) -> Injected:
    """A byte of a vintage turns, or its end, or all of it goes."""
    path = rng.choice(sorted(place.vintages.glob("*.parquet")))
    what = _damage(path, rng)
    code, printed = place.run("brief", "--paths", "100")
    return Injected(f"{what} of vintage {path.name[:6]}", code, printed, [path], codes=(2,))


def manifest_corrupted(place: Place, rng: random.Random) -> Injected:
    """A byte of the manifest of a run turns, or its end, or all of it goes."""
    place.publisher.version -= 1  # nothing new: the run that is there would do
    path = rng.choice(sorted(place.outputs.glob("[!.]*/manifest.json")))
    return Injected(f"{_damage(path, rng)} of the manifest", damaged=[path.parent])


def result_corrupted(place: Place, rng: random.Random) -> Injected:
    """A result of a run is damaged."""
    place.publisher.version -= 1
    path = rng.choice(sorted(place.outputs.glob("[!.]*/*.[pc]*")))
    return Injected(f"{_damage(path, rng)} of {path.name}", damaged=[path.parent])


def page_corrupted(place: Place, rng: random.Random) -> Injected:
    """The index page, the status or the note of the last check is damaged."""
    pages = [place.outputs / "index.html", place.outputs / "status.json"]
    path = rng.choice([*pages, place.vintages / "checked.json"])
    return Injected(f"{_damage(path, rng)} of {path.name}", damaged=[path])


def archive_corrupted(place: Place, rng: random.Random) -> Injected:
    """A file of the archive is damaged."""
    path = rng.choice(sorted((place.store / "archive").rglob("*.parquet")))
    what = _damage(path, rng, deleting=False)  # of one that is gone nothing can tell
    of_targets = ["--targets", "si-amif-2021-2027"] if "targets" in path.parts else []
    code, printed = place.run("history", *of_targets)
    return Injected(f"{what} of {path.parent.name}", code, printed, [path], codes=(2,))


def disk_full_store(place: Place, rng: random.Random) -> Injected:
    """No space is left for a vintage."""
    with _disk(place.store, rng.choice([0, 4, 16, 64])) as left:
        code, printed = place.refresh()
    return Injected(f"store: {left} KiB left", code, printed, codes=(0, 2), late=code == 0)


def disk_full_outputs(place: Place, rng: random.Random) -> Injected:
    """No space is left for a briefing."""
    with _disk(place.outputs, rng.choice([0, 16, 64, 256, 512])) as left:
        code, printed = place.night()
    return Injected(f"outputs: {left} KiB left", code, printed, codes=(0, 2, 11), late=code == 0)


def read_only_store(place: Place, rng: random.Random) -> Injected:
    """Nothing can be written to the store."""
    with _disk(place.store, 4096, read_only=True):
        code, printed = rng.choice([place.refresh, place.night])()
    return Injected("store read-only", code, printed, codes=(2, 11, 12))


def read_only_outputs(place: Place, rng: random.Random) -> Injected:
    """Nothing can be written to the outputs."""
    with _disk(place.outputs, 4096, read_only=True):
        code, printed = place.night()
    return Injected("outputs read-only", code, printed, codes=(2, 11))


def clock_back(place: Place, rng: random.Random) -> Injected:
    """The clock stands before the last vintage."""
    days = rng.randrange(1, 4000)
    code, printed = place.run(
        "data", "refresh", "eurostat-applicants.yaml", prefix=("faketime", "-m", f"-{days} days")
    )
    return Injected(f"clock {days} days back", code, printed, codes=(0,))


def two_refreshes(place: Place, rng: random.Random) -> Injected:
    """The same figures are fetched twice at once."""
    return _two(
        place, rng, ("data", "refresh", "eurostat-applicants.yaml"), place.usual.refresh, (0, 2, 4)
    )


def two_nights(place: Place, rng: random.Random) -> Injected:
    """Two nights begin in one folder."""
    return _two(place, rng, ("night", "plan.yaml"), place.usual.night, (0, 4))


def out_of_memory(place: Place, rng: random.Random) -> Injected:
    """The memory of a kernel is limited in the middle of its work."""

    def limit(kernel: psutil.Process) -> str:
        most = kernel.memory_info().vms + rng.randrange(1, 1 << 22)
        kernel.rlimit(psutil.RLIMIT_AS, (most, most))
        return f"kernel limited to {most >> 20} MiB"

    return _to_a_kernel(place, rng.uniform(0, 3), limit)


def kernel_killed(place: Place, rng: random.Random) -> Injected:
    """The system kills a kernel, as it does when memory runs out."""
    return _to_a_kernel(place, rng.uniform(0, 3), _sending(signal.SIGKILL))


def kernel_hangs(place: Place, rng: random.Random) -> Injected:
    """A kernel stops answering, and the night waits for as long as the plan says: a minute."""
    return _to_a_kernel(place, rng.uniform(0, 3), _sending(signal.SIGSTOP))


KINDS: dict[str, tuple[Kind, int]] = {
    "network cut at byte N": (network_cut, 40),
    "killed while fetching": (refresh_killed, 25),
    "killed during the night": (night_killed, 25),
    "first process killed": (night_alone_killed, 10),
    "interrupted": (night_interrupted, 8),
    "corrupted vintage": (vintage_corrupted, 20),
    "corrupted manifest": (manifest_corrupted, 12),
    "corrupted result": (result_corrupted, 8),
    "corrupted page or status": (page_corrupted, 8),
    "corrupted archive": (archive_corrupted, 8),
    "full disk, store": (disk_full_store, 8),
    "full disk, outputs": (disk_full_outputs, 8),
    "read-only store": (read_only_store, 6),
    "read-only outputs": (read_only_outputs, 4),
    "clock set back": (clock_back, 10),
    "two fetches at once": (two_refreshes, 8),
    "two nights at once": (two_nights, 6),
    "out of memory in a kernel": (out_of_memory, 8),
    "kernel killed": (kernel_killed, 8),
    "kernel hangs": (kernel_hangs, 4),
}
"""Each kind with how often it is injected."""


def reason_to_skip(kind: str) -> str:
    """Why a kind cannot be injected here; empty if it can."""
    if kind == "clock set back" and FAKETIME is None:
        return "faketime is not installed"
    if ("disk" in kind or "read-only" in kind) and os.geteuid() != 0:
        return "only the administrator may mount a small disk"
    return ""


def _ends_within(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a process and all that it has started; return whether it had ended before."""
    ended = _ends_within(process, seconds)
    kill_all(process)
    process.communicate()
    return ended


def _damage(path: Path, rng: random.Random, *, deleting: bool = True) -> str:
    content = bytearray(path.read_bytes())
    how = rng.choice(["bit", "truncated", "emptied", "deleted"][: 3 + deleting])
    place = rng.randrange(len(content))
    if how == "deleted":
        path.unlink()
        return "deletion"
    if how == "bit":
        content[place] ^= 1 << rng.randrange(8)
    else:
        del content[0 if how == "emptied" else place :]
    path.write_bytes(content)
    return {"bit": f"a bit of byte {place}", "emptied": "emptying"}.get(how, f"cut at byte {place}")


@contextmanager
def _disk(folder: Path, kib: int, *, read_only: bool = False) -> Iterator[int]:
    """Put a folder on a disk of its own with so much space left, and take it back afterwards."""
    aside = folder.with_name(f"{folder.name}-aside")
    folder.rename(aside)
    folder.mkdir()
    used = sum(-(-path.stat().st_size // 4096) * 4 + 4 for path in aside.rglob("*"))
    _sudo("mount", "-t", "tmpfs", "-o", f"size={used + 64 + kib}k", "tmpfs", str(folder))
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True, symlinks=True)
        filler = folder / ".filler"
        free = shutil.disk_usage(folder).free
        filler.write_bytes(b"\0" * max(0, free - 1024 * kib))
        if read_only:
            _sudo("mount", "-o", "remount,ro", str(folder))
        yield kib
    finally:
        if read_only:
            _sudo("mount", "-o", "remount,rw", str(folder))
        (folder / ".filler").unlink(missing_ok=True)
        shutil.rmtree(aside)
        shutil.copytree(folder, aside, symlinks=True)
        _sudo("umount", str(folder))
        folder.rmdir()
        aside.rename(folder)


def _sudo(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def _to_a_kernel(place: Place, seconds: float, do: Callable[[psutil.Process], str]) -> Injected:
    """Do something to the first kernel of a night, so long after its start."""
    process = place.start("night", "plan.yaml")
    kernel = _kernel_of(process)
    time.sleep(seconds)
    what, late = "the kernel had ended", True
    with suppress(psutil.NoSuchProcess):
        if kernel is not None and kernel.status() != psutil.STATUS_ZOMBIE:
            what, late = f"{do(kernel)} after {seconds:.2f} s", False
    code, printed = finish(process)
    return Injected(what, code, printed, codes=(0, 11), late=late)


def _sending(number: signal.Signals) -> Callable[[psutil.Process], str]:
    def send(kernel: psutil.Process) -> str:
        kernel.send_signal(number)
        return f"{number.name} to the kernel"

    return send


def _two(
    place: Place, rng: random.Random, words: tuple[str, ...], most: float, codes: tuple[int, ...]
) -> Injected:
    seconds = rng.uniform(0, most)
    first = place.start(*words)
    late = _ends_within(first, seconds)
    second = place.start(*words)
    ends = [finish(process) for process in (first, second)]
    worst = next((end for end in ends if end[0] not in codes), ends[1])
    what = f"{seconds:.2f} s apart, exit codes {ends[0][0]} and {ends[1][0]}"
    return Injected(what, worst[0], worst[1], codes=codes, late=late)


def _kernel_of(process: subprocess.Popen[str]) -> psutil.Process | None:
    """The first kernel of a night, once it runs; None if none does."""
    while process.poll() is None:
        for each in descendants(process):
            with suppress(psutil.NoSuchProcess):
                if "ipykernel_launcher" in each.cmdline():
                    return each
        time.sleep(0.05)
    return None
