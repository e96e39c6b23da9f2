"""Plans that cannot be used: refused by file and key before anything runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from forecasting.programmes.catalogue import load_programme

ENTRY = "{programme: si-amif-2021-2027, geo: [SI], language: [sl]}"
GOOD = f"title: Mine\nbriefings:\n  - {ENTRY}\n"


def plan_of(entry: str, head: str = "") -> str:
    return f"title: Mine\n{head}briefings:\n  - {entry}\n"


def entry_with(**changes: str) -> str:
    keys = {"programme": "si-amif-2021-2027", "geo": "[SI]", "language": "[sl]"} | changes
    return f"{{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}"


FAULTS = {
    "no briefings": ("title: Mine\n", "key 'briefings': is missing"),
    "an empty list": ("title: Mine\nbriefings: []\n", "expected: at least one entry"),
    "not a mapping": ("- 1\n", "not a mapping; expected: the keys of a plan"),
    "an unknown key": (f"{GOOD}retry: 3\n", "key 'retry': is not a key of a plan"),
    "an unknown key of a briefing": (
        plan_of(entry_with(country="SI")),
        "key 'briefings.0.country': is not a key of a plan",
    ),
    "an unknown programme": (
        plan_of(entry_with(programme="si-amif")),
        "key 'briefings.0': programme 'si-amif'; expected: fi-amif-2021-2027, ",
    ),
    "a programme file that is not there": (
        plan_of(entry_with(programme="mine.yaml")),
        "mine.yaml: no such file",
    ),
    "a programme without a forecast": (
        plan_of(entry_with(programme="si-social-activation")),
        "key 'briefings.0': programme 'si-social-activation' without a driver",
    ),
    "a code of no country": (
        plan_of(entry_with(geo="[SI, SL]")),
        "key 'briefings.0': country 'SL', without figures; expected: one of ",
    ),
    "a language that is not there": (
        plan_of(entry_with(language="[de]")),
        "key 'briefings.0.language': language 'de'; expected: en, fi, sl, sv",
    ),
    "a language of the index page": (
        f"{GOOD}index_languages: [sl, de]\n",
        "key 'index_languages': language 'de'",
    ),
    "a language of the title": ("title: {de: X}\n" + GOOD.partition("\n")[2], "language 'de'"),
    "no language": (plan_of(entry_with(language="[]")), "expected: at least one entry"),
    "a probability in percent": (
        plan_of(entry_with(probability="80")),
        "key 'briefings.0': parameter probability: 80.0 is out of range; expected: a number from",
    ),
    "a probability that the notebook does not take": (
        plan_of(entry_with(probability="0.3")),
        "key 'briefings.0': parameter probability: 0.3 is out of range",
    ),
    "a month that is none": (
        plan_of(entry_with(as_of="2024-13")),
        "key 'briefings.0.as_of': found '2024-13'; expected: a month written YYYY-MM",
    ),
    "too few paths": (f"{GOOD}paths: 5\n", "parameter paths: 5 is out of range"),
    "no time for a briefing": (f"{GOOD}minutes: 0\n", "expected: 1 or more"),
    "a number of failed runs below zero": (f"{GOOD}keep_failed: -1\n", "expected: 0 or more"),
    "an unknown source": (
        plan_of(ENTRY, "refresh: [eurostat-applicant]\n"),
        "key 'refresh': source 'eurostat-applicant'; expected: ",
    ),
    "a source twice": (
        plan_of(ENTRY, "refresh: [eurostat-applicants, eurostat-applicants]\n"),
        "key 'refresh': 'eurostat-applicants' stands twice",
    ),
    "a scenario that is not there": (
        plan_of(entry_with(scenarios="[none]")),
        "key 'briefings.0': scenario 'none'; expected: ",
    ),
    "a scenario of another country": (
        plan_of(entry_with(geo="[FI]", scenarios="[stay-doubles]")),
        "scenarios of asylum-applicants/SI",
    ),
    "the same briefing in two entries": (
        f"{GOOD}  - {ENTRY}\n",
        "key 'briefings.1': the briefing for SI in 'sl' stands there already; expected: each "
        "briefing once",
    ),
    "the same language twice": (
        plan_of(entry_with(language="[sl, en, sl]")),
        "key 'briefings.0': the briefing for SI in 'sl' stands there already",
    ),
    "two programmes with the same pages": (
        plan_of(entry_with(geo="[DE]"))
        + f"  - {entry_with(geo='[DE]', programme='fi-amif-2021-2027')}\n",
        "key 'briefings.1': the briefing for DE in 'sl' stands there already",
    ),
}


read_once = cache(load_programme)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Read each programme once for all tests."""
    monkeypatch.setattr("forecasting.runs.brief_inputs.load_programme", read_once)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_by_file_and_key_and_nothing_runs(run, name):
    content, message = FAULTS[name]
    Path("own.yaml").write_text(content, encoding="utf-8")
    result = run("night", "own.yaml", "--offline")
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert "own.yaml" in result.stderr or "mine.yaml" in result.stderr
    assert not Path("outputs").exists()


def test_every_fault_is_told_at_once(run):
    entries = [entry_with(programme="none"), entry_with(geo="[XX]")]
    text = plan_of(entries[0], "refresh: [nothing]\n") + f"  - {entries[1]}\n"
    Path("own.yaml").write_text(text, encoding="utf-8")
    lines = run("night", "own.yaml").stderr.splitlines()
    assert len(lines) == 3
    assert ["refresh" in lines[0], "'none'" in lines[1], "'XX'" in lines[2]] == [True] * 3


def test_a_plan_of_no_name_is_told_with_the_nearest(run):
    result = run("night", "nightlly")
    assert result.exit_code == 2
    assert "plan 'nightlly'; expected: europe, nightly, or a file" in result.stderr
    assert "did you mean 'nightly'?" in result.stderr


def test_a_scheduler_and_the_cluster_go_together(run):
    for options, words in (
        (("--engine", "dask"), "that of a Dask scheduler"),
        (("--scheduler", "tls://there:8786"), "expected: --engine dask"),
    ):
        result = run("night", "nightly", *options)
        assert result.exit_code == 2
        assert words in result.stderr
