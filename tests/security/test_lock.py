"""What is installed is what was looked at: every dependency has a version and a hash."""

from __future__ import annotations

import re
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"


def entries() -> list[str]:
    """One text for each package of the lock, continued lines joined."""
    text = re.sub(r"\\\n", " ", LOCK.read_text(encoding="utf-8"))
    return [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]


def test_every_package_has_one_version_and_a_hash():
    assert len(entries()) > 100
    for entry in entries():
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z,-]+\])?==[0-9]\S* ", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


def test_the_lock_names_no_host_and_no_other_way_in():
    text = LOCK.read_text(encoding="utf-8")
    assert not re.search(
        r"://|--(?:extra-)?index-url|--find-links|--trusted-host|-e |\bgit\+", text
    )
    assert not re.search(r" @ ", re.sub(r"#.*", "", text))


def test_the_makefile_installs_by_hash_only():
    text = (LOCK.parent / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs), installs
