"""What the documents say, held against the project: links, targets of make, numbers, version."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")]
    if "_build" not in path.parts
)
ATTAINMENT = ROOT / "data" / "reference" / "target_attainment.csv"
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
FENCED = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path):
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    for link in ("".join(found) for found in LINK.findall(text)):
        if link.startswith("https://"):
            continue
        name, _, fragment = link.partition("#")
        target = document.parent / name if name else document
        assert target.exists(), f"{link} in {document.name}"
        if fragment:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in map(anchor, headings), f"{link} in {document.name}"


def test_every_decision_is_in_the_index():
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    decisions = [path.name for path in (ROOT / "docs" / "adr").glob("0*.md")]

    assert decisions
    assert [name for name in decisions if f"({name})" not in index] == []


def percent(share: str) -> int:
    return round(float(share) * 100)


@pytest.mark.parametrize("document", ["README.md", "benchmarks/RESULTS.md"])
def test_the_tested_reliability_is_that_of_the_data(document: str):
    text = (ROOT / document).read_text(encoding="utf-8")
    rows = list(csv.DictReader(ATTAINMENT.open(encoding="utf-8")))
    for window in sorted({row["window_months"] for row in rows}):
        own = {row["probability"]: row for row in rows if row["window_months"] == window}
        cells = [
            f"{percent(row['met'])}% ({percent(row['lower'])}–{percent(row['upper'])})"
            for row in (own["0.5"], own["0.8"], own["0.9"])
        ]
        practice = f"{percent(own['0.8']['practice_met'])}%"
        line = [f"{window} months", own["0.8"]["cases"], *cells, practice]
        assert f"| {' | '.join(line)} |" in text


def test_the_changelog_knows_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)

    assert newest
    assert newest[1] == version("forecasting")
    assert "### Numbers changed" in changelog


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_makefile_has_every_target_that_is_named():
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(
            r"(?:^|`)make ([a-z]+)", document.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert {"brief", "test"} <= named
    for target in sorted(named):
        command = ["make", "--dry-run", "--silent", target]
        process = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert process.returncode == 0, process.stderr


PROBABILITY_PAGES = sorted((ROOT / "docs" / "probability").glob("*.md"))


@pytest.mark.parametrize("page", PROBABILITY_PAGES, ids=lambda path: path.stem)
def test_the_page_on_probability_quotes_the_tested_reliability(page: Path):
    numbers = [int(n) for n in re.findall(r"\d+", page.read_text(encoding="utf-8"))]
    rows = list(csv.DictReader(ATTAINMENT.open(encoding="utf-8")))
    own = [row for row in rows if row["probability"] == "0.8"]
    assert [row["window_months"] for row in own] == ["12", "36", "60"]
    said = [
        *(percent(row["met"]) for row in own),
        *(percent(row["practice_met"]) for row in own),
        percent(own[1]["lower"]),
        percent(own[1]["upper"]),
    ]
    places = [i for i in range(len(numbers)) if numbers[i : i + len(said)] == said]
    assert len(places) == 1, said
