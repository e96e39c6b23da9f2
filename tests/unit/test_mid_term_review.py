"""The worked example of the mid-term review: its commands, its numbers and the counts it uses."""

from __future__ import annotations

import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from forecasting.languages import Language

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mid-term-review.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n\$ ([^\n]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ENGLISH = Language("en")


def counts():
    path = ROOT / "data" / "reference" / "si_ministry_applications.csv"
    with path.open(encoding="utf-8") as file:
        return {row["end"]: int(row["value"]) for row in csv.DictReader(file)}


def proposals():
    """P50, P80 and P90 of milestone and target, as the two blocks print them."""
    for _, output in BLOCKS:
        for point in ("milestone 2024", "target 2029"):
            part = output.split(f"O.1.1.1 {point}")[1]
            found = re.findall(r"P\d\d ([\d,]+) \(", part)[:3]
            yield point.split()[0], [int(text.replace(",", "")) for text in found]


@pytest.mark.parametrize(("command", "output"), BLOCKS, ids=["2021", "2024"])
def test_the_commands_print_what_the_page_shows(command, output, tmp_path):
    process = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=True,
    )  # fmt: skip
    printed = process.stdout
    for part in output.split("...\n"):
        assert part in printed


def test_the_outcome_is_that_of_the_ministry():
    counted = counts()
    years = [counted[f"{year}-12"] for year in (2022, 2023, 2024)]
    assert years == [6787, 7261, 5634]
    for number in (*years, sum(years), sum(years) + counted["2025-07"]):
        assert ENGLISH.number(number) in PAGE


def test_the_tables_follow_from_proposals_and_counts():
    counted = counts()
    reached = sum(counted[f"{year}-12"] for year in (2022, 2023, 2024))
    by_july = reached + counted["2025-07"]
    cells = [re.split(r"\s*\|\s*", line)[2:-1] for line in PAGE.splitlines() if line[:3] == "| a"]
    verdicts = [re.split(r"\s*\|\s*", line)[2:-1] for line in PAGE.splitlines()
                if line[:5] in ("| met", "| nee")]  # fmt: skip
    found = sorted(proposals(), key=lambda each: each[0])
    for (point, values), shown, verdict in zip(found, cells, verdicts, strict=True):
        assert shown[1:] == [ENGLISH.number(value) for value in values]
        for value, text in zip(values, verdict[1:], strict=True):
            if point == "milestone":
                met = "yes" if reached >= value else "no"
                assert text == f"{met}, at {round(100 * reached / value)} %"
            else:
                assert text == ENGLISH.number((value - by_july) / 53)
