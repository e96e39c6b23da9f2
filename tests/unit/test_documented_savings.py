"""Numbers that docs/methods/savings.md states in words and tables, computed again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forecasting.savings.config import load_savings, run_savings
from forecasting.savings.outcomes import outcomes
from forecasting.savings.pace import chances_by_pace, leaving_on_plan, pace
from forecasting.savings.project import differences, load_project, relations
from forecasting.savings.sensitivity import savings_sobol

PAGE = " ".join(
    (Path(__file__).parents[2] / "docs/methods/savings.md").read_text(encoding="utf-8").split()
)
SPREAD = {"exit_timing": "uniform", "carry_over": False}
ON = {"exit_timing": "period_start", "carry_over": True}
RELAPSE = {"share_within": 0.25, "months": 12, "permanent_share": 0.4}


@pytest.mark.parametrize(
    ("words", "kind", "changes"),
    [
        ("published: all leave as their period begins, nothing is counted after it", "gross", {}),
        ("exits spread evenly inside the period", "gross", {"convention": SPREAD}),
        ("all leave as the period begins, savings run on to month 60", "gross", {"convention": ON}),
        ("spread evenly, run on", "gross", {"convention": {**SPREAD, "carry_over": True}}),
        ("published, 30 % would have left anyway", "net", {"deadweight": 0.3}),
        (
            "spread evenly and run on, a quarter back within a year, 40 % gone for good, 30 % "
            "deadweight, 2.5 % indexation, 3 % discount",
            "net",
            {
                "convention": {**SPREAD, "carry_over": True},
                "relapse": RELAPSE,
                "deadweight": 0.3,
                "indexation": 0.025,
                "discount": 0.03,
            },
        ),
    ],
)
def test_the_table_of_conventions(words, kind, changes):
    found = outcomes(run_savings(load_savings("si-p61", **changes)))[kind]
    assert f"| {words} | {float(found.mean):,.0f} |" in PAGE


def test_the_shares_of_variance():
    first, second, *rest = savings_sobol(load_savings("si-p61-full"))
    said = [
        f"{each.name} {each.first_order:.2f} and {each.total_order:.2f}" for each in (first, second)
    ]
    assert f"{', '.join(said)}, all others below 0.08" in PAGE
    assert max(each.total_order for each in rest) < 0.08


def test_the_table_of_paces():
    project = load_project("si-p61")
    assert f"{pace(project).planned:.0f} a month" in PAGE
    assert f"takes {pace(project).required:.0f} a month" in PAGE
    rows = re.findall(r"\| (\d+)(?: \([^)]*\))? \| ([\d.]+) % \| ([\d.]+) % \|", PAGE)
    found = chances_by_pace(project, [float(row[0]) for row in rows])
    assert len(rows) == 5
    for row, chances in zip(rows, found.itertuples(), strict=True):
        for said, chance in zip(row[1:], (chances.p_included, chances.p_leaving), strict=True):
            decimals = len(said.partition(".")[2])
            assert said == f"{100 * chance:.{decimals}f}", row


def test_what_is_said_of_the_project():
    project = load_project("si-p61")
    assert f"checks {len(relations(project))} relations" in PAGE
    assert len(differences(project)) == 10
    assert "ten do not come out" in PAGE
    assert f"has only {leaving_on_plan(project, 9):,.0f} persons leave" in PAGE
