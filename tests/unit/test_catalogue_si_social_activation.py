"""Project P 6.1 as a programme: what its report promises, every relation between its numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from forecasting.checks import check_files
from forecasting.locations import data_dir
from forecasting.programmes.catalogue import load_programme
from forecasting.programmes.derivation import rederive
from forecasting.programmes.relations import check_relation
from forecasting.savings.config import load_savings
from forecasting.savings.project import load_project

SOURCE = Path(__file__).parents[3] / "shared" / "sources" / "004_94ea32a125b63699.txt"
needs_source = pytest.mark.skipif(
    not SOURCE.is_file(), reason=f"no {SOURCE.name} beside the checkout"
)
NAME, VERSION = "si-social-activation", "2018-01"
PERIODS = ("7_12", "13_17", "18_24", "25_36", "37_48", "49_60")


@pytest.fixture(scope="module")
def programme():
    return load_programme(NAME)


@pytest.fixture(scope="module")
def relations(programme):
    return {each.name: check_relation(each, programme) for each in programme.relations}


def value(programme, name):
    return Decimal(str(programme.inputs[name].value))


def test_what_the_report_has(programme):
    assert [each.code for each in programme.objectives] == [f"C{n}" for n in range(1, 7)]
    assert [each.code for each in programme.measures] == [f"F{n}" for n in range(1, 10)]
    assert len(programme.indicators) == 15
    assert len(programme.relations) == 29
    assert (programme.project, programme.savings) == ("si-p61", "si-p61")


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("saved_7_12", 200 * 6 * 250),
        ("saved_13_17", 250 * 5 * 250),
        ("saved_18_24", 250 * 7 * 375),
        ("saved_25_36", 800 * 12 * 325),
        ("saved_37_48", 750 * 12 * 325),
        ("saved_49_60", 750 * 12 * 325),
        ("saved_to_12", 300_000),
        ("saved_to_17", 612_500),
        ("saved_to_24", 1_268_750),
        ("saved_to_36", 4_388_750),
        ("saved_to_48", 7_313_750),
        ("saved_to_60", 10_238_750),
        ("leaving_persons", 3_000),
        ("leaving_by_period", 3_000),
        ("realised_share", Fraction("65.18")),
        ("income_7_months_2018", Fraction("2695.35")),
        ("income_a_year_from_2019", Fraction("3975.12")),
        ("counted_a_year_to_2018_05", 3_000),
        ("counted_7_months_2018", 2_625),
        ("counted_a_year_from_2019", 3_900),
        ("staff_planned", 52),
        ("staff_employed", 51),
        ("posts_published_again", 6),
        ("calls_published", 4),
        ("units_of_centres", 63),
    ],
)
def test_a_relation_comes_out(relations, name, stated):
    found = relations[name]
    assert found.calculated == found.stated == stated
    assert found.relation.difference is None


def test_the_savings_of_the_periods_are_those_printed(relations):
    printed = [300_000, 312_500, 656_250, 3_120_000, 2_925_000, 2_925_000]
    assert [relations[f"saved_{period}"].stated for period in PERIODS] == printed


def test_what_does_not_come_out_is_recorded_with_its_amount(relations):
    apart = {name: each.amount for name, each in relations.items() if each.amount}
    assert apart == {
        "income_a_year_to_2018_05": Fraction("0.64"),  # 12 x 297.53 = 3,570.36 against 3,571
        "staff_by_publication": -1,  # 46 + 4 + 2 against 51
        "training_rounds": 40,  # 160 + 300 against 500
        "training_groups": 20,  # 308 + 48 + 4 + 120 against 500
    }
    assert all(relations[name].relation.difference.reason["sl"] for name in apart)


@pytest.mark.parametrize(
    ("code", "milestone", "target"),
    [
        ("K1", 1_600, 12_000),
        ("K2", None, 3_000),
        ("K3", None, 10_238_750),
        ("K4", None, 52),
        ("K4.1", None, 48),
        ("K4.2", None, 4),
        ("K7", None, 500),
        ("K8", None, 16),
        ("K9", None, 15),
        ("K10", None, 2),
        ("K11", None, 90),
        ("K12", None, "done"),
    ],
)
def test_what_the_report_promises(programme, code, milestone, target):
    published = programme.indicator(code).published[VERSION]
    assert (published.milestone, published.target) == (milestone, target)


@pytest.mark.parametrize(
    ("code", "target"), [("K2", 3_000), ("K3", 10_238_750), ("K4", 52), ("K10", 2)]
)
def test_a_target_follows_from_the_inputs(programme, code, target):
    assert rederive(programme, programme.indicator(code), "target").value == target


def test_it_says_the_same_as_the_project_record(programme):
    project = load_project(programme.project)
    assert value(programme, "planned_cost") == project.costs.planned == Decimal("378580.00")
    assert value(programme, "realised_cost") == project.costs.realised == Decimal("246740.43")
    assert value(programme, "included_target") == project.inclusion.planned[-1].persons
    assert value(programme, "share_leaving") == 100 * project.inclusion.share_leaving
    planned = {str(point.month): point.persons for point in project.inclusion.planned}
    included = programme.indicator("K1")
    assert planned[str(included.milestone_date)] == included.published[VERSION].milestone
    assert [each.deadline for each in programme.measures] == [each.end for each in project.phases]


def test_money_of_the_phases_is_the_cost_lines_and_the_funds_of_the_project_record(programme):
    project = load_project(programme.project)
    amounts = [
        Decimal(str(fund.eur))
        for each in programme.measures
        if each.funding and not isinstance(each.funding, str)
        for fund in each.funding
    ]
    expected = [line.planned for line in project.costs.lines]
    assert sorted(amounts) == sorted([*expected, *(fund.eur for fund in project.funds)])
    assert sum(amounts) == Decimal("378580.00") + 30_500_000 + 11_000_000
    without = [each.code for each in programme.measures if each.funding is None]
    assert without == ["F2", "F8", "F9"]


def test_it_says_the_same_as_the_savings_configuration(programme):
    cohorts = load_savings(programme.savings).cohorts
    assert [each.label.replace("-", "_") for each in cohorts] == list(PERIODS)
    for cohort, period in zip(cohorts, PERIODS, strict=True):
        assert value(programme, f"leaving_{period}") == cohort.persons
        saved = cohort.persons * cohort.months_counted * cohort.monthly_amount_eur
        assert value(programme, f"saved_{period}") == saved


@pytest.mark.parametrize("key", ["project", "savings"])
def test_a_file_that_is_not_there_is_a_problem_of_the_catalogue(tmp_path, key):
    source = data_dir() / "programmes" / f"{NAME}.yaml"
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    content[key] = "si-p62"
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (report,) = check_files([path])
    (problem,) = report.problems
    assert problem.startswith(f"{path}, key '{key}': ")
    assert "'si-p62'; expected: " in problem
    assert "si-p61" in problem


@needs_source
def test_every_input_is_printed_in_the_report(programme):
    text = SOURCE.read_text(encoding="utf-8")
    numbers = re.findall(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?", text)
    printed = {Decimal(number.replace(".", "").replace(",", ".")) for number in numbers}
    for name, given in programme.inputs.items():
        assert given.quality in {"given", "reading"}
        assert value(programme, name) in printed, name
