"""The command `forecasting savings`: its table, what it prints, the shipped configurations."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from forecasting.distributions import Distribution
from forecasting.languages import language_codes
from forecasting.locations import data_dir
from forecasting.savings.config import load_savings, run_savings
from forecasting.savings.outcomes import cohort_savings, outcomes
from forecasting.savings.table import savings_table
from forecasting.sources.parameters import load_parameters
from forecasting.sources.yaml_files import read_yaml
from forecasting.tables import QUANTILE_LEVELS

PUBLISHED, FULL = "si-p61", "si-p61-full"
REPORT = Path(__file__).parents[3] / "shared" / "sources" / "004_94ea32a125b63699.txt"

EXAMPLE = """
name: p61
horizon_months: 60
cohorts:
  - {label: "7-12", start_month: 7, end_month: 12, persons: 200, months_counted: 6, monthly_amount_eur: 250}
  - {label: "13-17", start_month: 13, end_month: 17, persons: 250, months_counted: 5, monthly_amount_eur: 250}
  - {label: "18-24", start_month: 18, end_month: 24, persons: 250, months_counted: 7, monthly_amount_eur: 375}
  - {label: "25-36", start_month: 25, end_month: 36, persons: 800, months_counted: 12, monthly_amount_eur: 325}
  - {label: "37-48", start_month: 37, end_month: 48, persons: 750, months_counted: 12, monthly_amount_eur: 325}
  - {label: "49-60", start_month: 49, end_month: 60, persons: 750, months_counted: 12, monthly_amount_eur: 325}
convention: {exit_timing: period_start, carry_over: false}   # exit_timing: period_start | uniform
deadweight: 0          # or a distribution {triangular: [0.1, 0.3, 0.5]}
relapse: none          # or {monthly_rate: 0.02} or {share_within: 0.25, months: 12, permanent_share: 0.40}
indexation: 0          # per year
discount: 0            # per year
programme_cost_eur: 41500000
paths: 20000
seed: 1
"""  # noqa: E501
PRINTED = """\
p61
period  persons  months  EUR a month   gross EUR  cumulative EUR     net EUR
7-12        200       6          250     300,000         300,000     300,000
13-17       250       5          250     312,500         612,500     312,500
18-24       250       7          375     656,250       1,268,750     656,250
25-36       800      12          325   3,120,000       4,388,750   3,120,000
37-48       750      12          325   2,925,000       7,313,750   2,925,000
49-60       750      12          325   2,925,000      10,238,750   2,925,000
total     3,000                       10,238,750                  10,238,750
gross: 10,238,750 EUR
net: 10,238,750 EUR
cost: 41,500,000 EUR
  gross: P(covers cost) 0.0%, break-even not within 60 months, cost per exit 13,833 EUR
  net: P(covers cost) 0.0%, break-even not within 60 months, cost per exit 13,833 EUR
"""


@pytest.fixture
def savings(run):
    """Return a function that runs the example with changed keys: what is printed, and the table."""

    def invoke(**changes):
        content = {**yaml.safe_load(EXAMPLE), **changes}
        Path("c.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        result = run("savings", "c.yaml", "--output", "out.csv")
        assert result.exit_code == 0, result.output
        return result.stdout, pd.read_csv("out.csv", dtype={"value": str})

    return invoke


def value(table, label, output_type):
    (found,) = table[(table["label"] == label) & (table["output_type"] == output_type)]["value"]
    return found


# the example of the contract


def test_the_example_prints_the_published_table(run):
    Path("c.yaml").write_text(EXAMPLE, encoding="utf-8")
    result = run("savings", "c.yaml", "--output", "out.csv")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(PRINTED)
    note, file = result.stdout.removeprefix(PRINTED).splitlines()
    assert note.startswith("note: monthly_amount_eur of 7-12, 13-17, 18-24, 25-36, 37-48, 49-60")
    assert file == "out.csv"


def test_what_is_assumed_beyond_the_published_table_is_printed_step_by_step(savings):
    printed, _ = savings(deadweight=0.3, convention={"exit_timing": "uniform", "carry_over": False})
    first = printed.index("published ")
    steps = [line.split() for line in printed[first:].splitlines()[:3]]
    assert steps == [
        ["published", "10,238,750"],
        ["exit_timing", "-5,119,375", "5,119,375"],
        ["deadweight", "-1,535,812", "3,583,562"],
    ]


def test_the_table_has_every_value_to_the_cent(savings):
    _, table = savings()
    assert list(table.columns) == ["label", "output_type", "quantile_level", "value"]
    own = table[table["output_type"].isin(["period_saving", "cumulative_saving", "net_saving"])]
    assert set(own["label"]) == {
        *(row["label"] for row in yaml.safe_load(EXAMPLE)["cohorts"]),
        "total",
    }
    assert [value(table, "49-60", name) for name in own["output_type"].unique()] == [
        "2925000.00",
        "10238750.00",
        "2925000.00",
    ]
    for label in ("gross", "net"):
        rows = table[table["label"] == label].set_index("output_type")
        assert rows.loc["mean", "value"] == "10238750.00"
        assert tuple(rows.loc["quantile", "quantile_level"]) == QUANTILE_LEVELS
        assert set(rows.loc["quantile", "value"]) == {"10238750.00"}
        assert float(rows.loc["p_covers_cost", "value"]) == 0
        assert pd.isna(rows.loc["break_even_month", "value"])


def test_money_is_never_a_float():
    projection = run_savings(load_savings(PUBLISHED))
    assert all(isinstance(each.period_saving, Decimal) for each in cohort_savings(projection))
    assert sum(projection.exact.gross) == 10_238_750


def test_cents_are_printed_where_there_are_any(savings):
    content = yaml.safe_load(EXAMPLE)["cohorts"]
    content[0]["monthly_amount_eur"] = 250.01
    printed, table = savings(cohorts=content)
    assert value(table, "7-12", "period_saving") == "300012.00"
    printed, table = savings(cohorts=content, deadweight=0.001)
    assert value(table, "7-12", "net_saving") == "299711.99"
    assert "net: 10,228,523.24 EUR" in printed  # 10,238,762 x 0.999 = 10,228,523.238


def test_a_cost_that_the_saving_reaches(savings):
    printed, table = savings(programme_cost_eur=10_238_750)
    assert value(table, "gross", "break_even_month") == "60"
    assert float(value(table, "gross", "p_covers_cost")) == 1
    assert "gross: P(covers cost) 100.0%, break-even in month 60" in printed
    _, table = savings(programme_cost_eur=612_500)
    assert value(table, "gross", "break_even_month") == "17"
    _, table = savings(programme_cost_eur=10_238_750.01)
    assert float(value(table, "gross", "p_covers_cost")) == 0


def test_cost_per_exit_counts_those_who_leave_because_of_the_programme():
    found = outcomes(run_savings(load_savings(PUBLISHED, deadweight=0.25, delivery=0.5)))
    assert found["gross"].cost_per_exit == Decimal("27666.67")  # 41.5 million / 1,500
    assert found["net"].cost_per_exit == Decimal("36888.89")  # 41.5 million / 1,125
    found = outcomes(run_savings(load_savings(PUBLISHED, deadweight=1)))
    assert found["net"].cost_per_exit is None


# distributions


def test_a_distribution_gives_means_and_quantiles(savings):
    printed, table = savings(deadweight={"triangular": [0.1, 0.3, 0.5]})
    net = table[table["label"] == "net"].set_index("output_type")
    assert float(net.loc["mean", "value"]) == pytest.approx(7_167_125, rel=2e-3)
    quantiles = net.loc["quantile", "value"].astype(float).to_numpy()
    assert (np.diff(quantiles) > 0).all()
    assert (quantiles >= 0.5 * 10_238_750).all()
    assert (quantiles <= 0.9 * 10_238_750).all()
    at_median = quantiles[QUANTILE_LEVELS.index(0.5)]
    assert at_median == pytest.approx(7_167_125, rel=5e-3)
    assert float(value(table, "total", "period_saving")) == 10_238_750
    assert "means of 20,000 draws of deadweight" in printed
    assert "net: 7,1" in printed
    assert "80 % interval" in printed


def test_uniform_draws_have_the_quantiles_of_their_distribution():
    plan = load_savings(PUBLISHED, deadweight={"uniform": [0, 1]}, programme_cost_eur=2_559_687.5)
    net = outcomes(run_savings(plan))["net"]
    assert net.p_covers_cost == pytest.approx(0.75, abs=0.01)
    expected = np.array(QUANTILE_LEVELS) * 10_238_750
    np.testing.assert_allclose(np.array(net.quantiles, dtype=float), expected, atol=1.5e5)


def test_one_index_runs_through_all_draws():
    projection = run_savings(load_savings(FULL, paths=50))
    values = {name: draws[[7]] for name, draws in projection.values.items()}
    alone = projection.plan.assumptions(values)
    assert alone.net_factor[0] == projection.assumptions.net_factor[7]
    assert alone.relapse.ratio[0] == projection.assumptions.relapse.ratio[7]


def test_the_same_seed_gives_the_same_table_and_another_seed_another():
    first, again, other = (
        savings_table(run_savings(load_savings(FULL, paths=50, seed=seed))) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_a_change_of_one_assumption_leaves_the_draws_of_the_others():
    reference = load_savings(FULL, paths=50).draw()
    changed = load_savings(FULL, paths=50, delivery=1, indexation={"uniform": [0, 0.1]}).draw()
    assert set(reference) - set(changed) == {"delivery"}
    for name in set(changed) - {"indexation"}:
        np.testing.assert_array_equal(changed[name], reference[name])


def test_a_scenario_without_changes_is_the_reference():
    reference = run_savings(load_savings(FULL, paths=50))
    content = read_yaml(data_dir() / "savings" / f"{FULL}.yaml")
    scenario = run_savings(load_savings(FULL, **{**content, "paths": 50}))
    np.testing.assert_array_equal(scenario.savings.net, reference.savings.net)


def test_changes_replace_a_relapse_as_a_whole_and_of_the_convention_a_part():
    within = {"share_within": 0.25, "months": 12, "permanent_share": 0.4}
    plan = load_savings(FULL, relapse=within, convention={"carry_over": False})
    assert "relapse_monthly_rate" not in plan.assumed
    assert plan.convention.exit_timing == "uniform"
    assert plan.convention.carry_over is False
    plan = load_savings(FULL, relapse={"monthly_rate": 0.02}, deadweight={"uniform": [0, 0.1]})
    assert plan.assumed["relapse_monthly_rate"].value == 0.02
    assert "relapse_months" not in plan.assumed


# priors and the shipped configurations


def test_a_prior_comes_with_its_source_and_quality():
    known = {entry.id: entry for entry in load_parameters("activation").entries}
    plan = load_savings(PUBLISHED, deadweight="prior", relapse="prior", effect_lag="prior")
    for name in ("deadweight", "relapse_permanent_share", "effect_lag_full_months"):
        found = plan.assumed[name]
        assert isinstance(found.value, Distribution)
        assert (found.value, found.source) == (known[name].distribution, known[name].source)
        assert found.quality == known[name].quality
    assert plan.assumed["relapse_months"].value == 12
    assert plan.assumed["discount"].source is None


def test_all_shipped_configurations_are_tested_here():
    found = {path.stem for path in (data_dir() / "savings").glob("*.yaml")}
    assert found == {PUBLISHED, FULL}


@pytest.mark.parametrize("name", [PUBLISHED, FULL])
def test_shipped_configurations_say_on_what_they_rest(name):
    plan = load_savings(name)
    assert plan.remarks == ()
    for text in (plan.config.title, plan.config.note, plan.config.source):
        assert text.keys() == set(language_codes())
    for cohort in plan.config.cohorts:
        assert "source document 004" in cohort.monthly_amount_eur.source
    assert plan.persons == 3_000 == plan.config.included_persons // 4


def test_the_full_configuration_has_the_same_exits_and_open_assumptions(run):
    published, full = load_savings(PUBLISHED), load_savings(FULL)
    assert full.cohorts == published.cohorts
    assert full.cost_eur == published.cost_eur
    assert {"deadweight", "substitution", "displacement", "indexation"} <= set(full.uncertain)
    result = run("savings", FULL, "--output", "out.xlsx")
    assert result.exit_code == 0, result.output
    found = outcomes(run_savings(full))
    assert 0 < found["net"].mean < found["gross"].mean
    assert f"net: {found['net'].mean:,.0f} EUR" in result.stdout
    assert pd.read_excel("out.xlsx")["value"].iloc[0] > 0


@pytest.mark.skipif(not REPORT.is_file(), reason="needs ../shared/sources")
def test_the_shipped_figures_stand_in_the_report():
    text = REPORT.read_text(encoding="utf-8")
    for each in cohort_savings(run_savings(load_savings(PUBLISHED)))[:-1]:
        saving = f"{each.period_saving:,.0f}".replace(",", ".")
        cumulative = f"{each.cumulative_saving:,.0f}".replace(",", ".")
        assert f"{saving} €" in text
        assert f"{cumulative} €" in text
    for words in ("30,5 mio EUR", "11 mio EUR", "250 EUR na mesec", "375 EUR na mesec"):
        assert words in text


# what is said though nothing is wrong


def test_plain_amounts_under_a_source_for_the_file_are_not_remarked(savings):
    printed, _ = savings(source="final report")
    assert "note:" not in printed


def test_cohorts_that_overlap_are_counted_and_remarked(savings):
    content = yaml.safe_load(EXAMPLE)["cohorts"]
    content[1] |= {"start_month": 12}
    printed, table = savings(cohorts=content, source="x")
    assert "note: cohorts 7-12, 13-17 overlap in time" in printed
    assert value(table, "total", "period_saving") == "10238750.00"
