"""What the documents say, held against the project: links, commands, output, numbers, version."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from forecasting.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")]
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMME = ROOT / "data" / "programmes" / "si-amif-2021-2027.yaml"
APPLICANTS = ROOT / "data" / "reference" / "eurostat_asylum_applicants_monthly.csv"
RECIPIENTS = ROOT / "data" / "reference" / "si_recipients_synthetic.csv"
ATTAINMENT = ROOT / "data" / "reference" / "target_attainment.csv"
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
FENCED = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```(?:sh|bat|console|cron|ini)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"(?:^|[\s/\\`])forecasting "
    r"((?:brief|forecast|backtest|target-backtest|targets|occupancy|backlog|savings|caseload"
    r"|template|check|programme|run|scenario|explore)"
    r"\b[^#`\n>|]*)"
)


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


def commands(text: str) -> list[list[str]]:
    inline = re.findall(r"`(forecasting [^`\n]+)`", text)
    return [
        shlex.split(found)
        for part in [*CODE.findall(text), *inline]
        for found in COMMAND.findall(part)
    ]


@pytest.mark.parametrize("words", commands(README), ids=" ".join)
def test_commands_of_the_readme_are_understood(words: list[str]):
    verb, *arguments = words
    command = main.commands[verb]
    if isinstance(command, click.Group) and arguments:
        verb, *arguments = arguments
        command = command.commands[verb]
    if "--help" in arguments:
        return
    try:
        command.make_context(verb, arguments)
    except click.MissingParameter:
        assert arguments == []  # named in a sentence, without its options


def test_commands_are_found_at_all():
    assert {words[0] for words in commands(README)} == set(main.commands)


def prepare(folder: Path) -> None:
    """Bring about what the README asks the reader to do by hand."""
    text = PROGRAMME.read_text(encoding="utf-8")
    change = re.search(r"```diff\n(.*?)```", README, re.DOTALL)
    assert change
    lines = change[1].splitlines()
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    assert text.count(before) == 1
    (folder / "my.yaml").write_text(text.replace(before, after), encoding="utf-8")
    header, rows = APPLICANTS.read_text(encoding="utf-8").split("\n", 1)
    header = header.replace("geo", "series_id")
    (folder / "applications.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    for name, copy in re.findall(r"^cp data/stocks/(\S+) (\S+)$", README, re.MULTILINE):
        shutil.copy(ROOT / "data" / "stocks" / name, folder / copy)
    cut_out = r"^grep -E '\^\(series_id\|(\w+)\),' \S+ > (\S+)$"
    for series, copy in re.findall(cut_out, README, re.MULTILINE):
        rows = RECIPIENTS.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [row for row in rows if row.split(",")[0] in {"series_id", series}]
        (folder / copy).write_text("".join(kept), encoding="utf-8")
    bad = "series_id,period,value\nlegal-aid,2024-01,12\nlegal-aid,2024-02,about 30\n"
    (folder / "bad.csv").write_text(bad, encoding="utf-8")


def shown(line: str, folder: Path) -> list[str]:
    """Run a command in a folder; its output without the lines that report progress."""
    process = subprocess.run(
        [sys.executable, "-m", *shlex.split(line)],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    lines = (process.stdout + process.stderr).splitlines()
    return [text for text in lines if not re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", text)]


def same(expected: list[str], found: list[str]) -> bool:
    """Compare line by line; ``...`` stands for any number of lines."""
    if not expected:
        return not found
    if expected[0] == "...":
        return any(same(expected[1:], found[start:]) for start in range(len(found) + 1))
    return bool(found) and expected[0] == found[0] and same(expected[1:], found[1:])


@pytest.mark.slow
def test_the_page_on_savings_shows_real_output(tmp_path: Path):
    page = (ROOT / "docs" / "methods" / "savings.md").read_text(encoding="utf-8")
    (block,) = CONSOLE.findall(page)
    line, *expected = block.removeprefix("$ ").splitlines()
    assert same(expected, shown(line, tmp_path))


@pytest.mark.slow
def test_the_tutorial_shows_real_output(tmp_path: Path):
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    written = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(written) == 1
    (tmp_path / "spring.yaml").write_text(written[0], encoding="utf-8")
    runs = [part for block in CONSOLE.findall(page) for part in block.split("$ ")[1:]]
    assert runs
    for part in runs:
        line, *expected = part.splitlines()
        found = shown(line, tmp_path)
        assert same(expected, found), "\n".join([f"$ {line}", *found])


@pytest.mark.slow
def test_the_readme_shows_real_output(tmp_path: Path):
    prepare(tmp_path)
    runs = 0
    for block in CONSOLE.findall(README):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *expected = part.splitlines()
            found = shown(line, tmp_path)
            assert same(expected, found), "\n".join([f"$ {line}", *found])
            runs += 1
            if "forecast applications.csv --horizon" in line:
                start = README.index("```csv\n") + len("```csv\n")
                excerpt = README[start : README.index("```", start)]
                written = (tmp_path / "forecast.csv").read_text(encoding="utf-8")
                assert written.startswith(excerpt)
    assert runs == README.count("\n$ forecasting ")


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
