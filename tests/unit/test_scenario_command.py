"""`forecasting scenario`: what it lists, shows, checks, compares and shares out."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from forecasting.briefing.scenarios.lines import list_lines, scenario_lines
from forecasting.cli import main
from forecasting.languages import Language, language_codes
from forecasting.projections.attribution_table import COLUMNS
from forecasting.scenarios import load_scenario, scenario_names

FILES = {
    "own": """\
title: {en: Own reference}
chain:
  geo: SI
  programme: si-amif-2021-2027
  flow: asylum-applicants/SI
  until: 2030-12
  centres: [{config: si-centre-for-foreigners, follows_flow: 1}]
""",
    "long": """\
title: {en: Longer stays}
extends: [own]
levers:
  - {lever: stay.multiply, value: 2, unit: "1", source: our own guess, quality: assumed}
""",
    "more": """\
title: {en: Twice as many}
extends: [own]
levers:
  - {lever: arrivals.multiply, value: 2, unit: "1", start: 2026-01, label: twice}
""",
    "both": "title: {en: Both at once}\nextends: [long, more]\n",
}
OPTIONS = ("--reference", "own.yaml", "--paths", "60", "--output")


def write_files(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def invoke(*words):
    result = CliRunner().invoke(main, [*map(str, words)], prog_name="forecasting")
    assert result.exit_code == 0, result.output
    return result


# list and show


def test_the_list_has_every_shipped_scenario(run):
    lines = run("scenario", "list").stdout.splitlines()
    assert lines[0].split() == ["Scenario", "Name", "Extends"]
    assert tuple(line.split()[0] for line in lines[1:]) == scenario_names()
    (row,) = [line for line in lines if line.startswith("surge-and-delay")]
    assert row.endswith("contingency-plan, stay-doubles, places-delayed")


def test_a_scenario_is_shown_with_its_levers_in_their_order(run):
    lines = run("scenario", "show", "surge-and-delay").stdout.splitlines()
    assert "Extends: contingency-plan, stay-doubles, places-delayed" in lines
    start = lines.index("Levers, in the order in which they are applied:")
    assert lines[start + 1].startswith("  1. arrivals: +2,100 ")
    assert lines[start + 1].endswith("; Mar 2027 to May 2027, rising, then falling")
    named = [line.split(":")[0].strip() for line in lines[start + 2 :: 3]]
    assert named == list(load_scenario("surge-and-delay").labels)
    assert lines[start + 2].endswith(": 2100 persons (asylum-applicants/SI)")
    assert lines[start + 3].startswith("     source: Source document 000")
    assert lines[start + 3].endswith("; quality: printed")


def test_a_reference_is_shown_with_what_it_runs_through(run):
    text = run("scenario", "show", "reference").stdout
    assert "  flow: asylum-applicants/SI\n" in text
    assert text.endswith("No lever is moved: it is the reference.\n")


@pytest.mark.parametrize("code", [code for code in language_codes() if code != "en"])
def test_every_shipped_scenario_is_shown_in_every_language(code):
    language = Language(code)
    loaded = [load_scenario(name) for name in scenario_names()]
    assert len(list(list_lines(loaded, language))) == len(loaded) + 1
    for scenario in loaded:
        lines = list(scenario_lines(scenario, language))
        assert lines[0] == f"{scenario.id}  {scenario.title[code]}"
        english = set(scenario_lines(scenario, Language("en")))
        own = [line for line in lines if not re.match(r"  +[a-z]", line) or "; " in line]
        assert not set(own) & english


# check


def test_a_file_in_order_is_said_to_be_and_what_it_does(run, tmp_path):
    write_files(tmp_path)
    result = run("scenario", "check", "long.yaml", "both.yaml")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "ok     long.yaml: a scenario, 1 lever, extends own"
    assert lines[2] == "         1. length of stay × 2; throughout"
    assert lines[3].strip() == "long/stay.multiply: 2 (si-centre-for-foreigners)"
    assert lines[4].strip() == "source: our own guess; quality: assumed"
    assert "         2. arrivals × 2; from Jan 2026" in lines
    assert "            twice, arrivals.multiply: 2 (asylum-applicants/SI)" in lines


def test_a_file_that_cannot_be_used_does_not_hide_the_others(run, tmp_path):
    write_files(tmp_path)
    Path("bad.yaml").write_text(FILES["long"].replace("value: 2", "value: 240"), encoding="utf-8")
    result = run("scenario", "check", "bad.yaml", "none.yaml", "long.yaml")
    assert result.exit_code == 2
    assert "ok     long.yaml: " in result.stdout
    first, second = result.stderr.splitlines()
    assert first.startswith("error: bad.yaml, key 'levers.0.value': 240")
    assert second.startswith("error: no such file: none.yaml")


# compare


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Folder with files of one's own, in which the slow commands ran once."""
    folder = tmp_path_factory.mktemp("scenarios")
    write_files(folder)
    return folder


@pytest.fixture(scope="module")
def compared(folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        return invoke("scenario", "compare", "long.yaml", "more.yaml", *OPTIONS, "c.csv")
    finally:
        os.chdir(before)


def test_the_comparison_is_a_long_table(compared, folder):
    table = pd.read_csv(folder / "c.csv", keep_default_na=False, na_values=[""])
    assert list(table.columns) == [
        "scenario", "measure", "entity", "period", "output_type", "quantile_level", "value"
    ]  # fmt: skip
    assert set(table["scenario"].dropna()) == {"own", "long", "more"}
    totals = table[(table["measure"] == "applications_total") & table["period"].isna()]
    value = totals.set_index("scenario")["value"]
    assert value["long"] == value["own"] < value["more"]


def test_the_key_figures_that_move_are_printed(compared):
    lines = compared.stdout.splitlines()
    assert lines[0].startswith("Projections under the assumptions of each scenario, no forecasts; ")
    assert lines[0].endswith("joint sample paths: 60; 2024-10 – 2030-12")
    long, more = lines.index("long  Longer stays"), lines.index("more  Twice as many")
    said = " ".join(lines[long:more])
    assert "Most persons present: Centre for Foreigners" in said
    assert "Applications in all" not in said
    assert lines[more + 1].startswith("  Applications in all: ")
    assert "(reference: " in lines[more + 1]
    assert compared.stdout.endswith("\nc.csv\n")


def test_the_robust_targets_and_their_price_are_printed(compared):
    lines = compared.stdout.splitlines()
    start = lines.index("Targets met on 80% of the paths under every scenario, and their price:")
    (told,) = [line for line in lines[start:] if line.startswith("  O.1.1.2: ")]
    # more arrivals lower no target, and stays move none: the reference binds
    assert told.endswith("% (own)")
    assert (
        "; what binds: own; published: 167,750; share of the paths that meet it, at worst: " in told
    )


def test_the_steps_are_told_as_they_begin(compared):
    steps = [line.split(" ", 2)[2] for line in compared.stderr.splitlines()]
    assert steps[0].startswith("scenario: step 1/")
    assert [step.split()[-1] for step in steps[-3:]] == ["own", "long", "more"]


# attribute


@pytest.fixture(scope="module")
def attributed(folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        return invoke("scenario", "attribute", "both.yaml", "--paths", 60, "--output", "a.csv")
    finally:
        os.chdir(before)


def test_the_contributions_in_the_file_add_up(attributed, folder):
    table = pd.read_csv(folder / "a.csv", keep_default_na=False)
    assert tuple(table.columns) == COLUMNS
    assert set(table["method"]) == {"shapley"}
    for _, own in table.groupby(["measure", "entity"]):
        assert own["part"].tolist() == ["reference", "long/stay.multiply", "twice", "scenario"]
        *parts, together = own["value"]
        assert np.sum(parts) == pytest.approx(together, rel=1e-9)


def test_the_contributions_are_printed(attributed):
    lines = attributed.stdout.splitlines()
    assert lines[0] == "“Both at once”, part by part"
    place = next(n for n, line in enumerate(lines) if "Most persons present" in line)
    assert lines[place + 1].endswith("length of stay × 2")
    assert lines[place + 2].endswith("arrivals × 2")
    assert "The parts add up to the difference." in lines[-2]
    assert lines[-1] == "a.csv"
