"""Project P 6.1 as printed, and every way in which a project does not fit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
import yaml

from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.savings.project import differences, load_project, relations
from forecasting.savings.project_schema import NOT_GIVEN
from forecasting.sources.parameters import load_parameters

FILE = data_dir() / "projects" / "si-p61.yaml"


@pytest.fixture(scope="module")
def project():
    return load_project("si-p61")


@pytest.fixture
def changed(tmp_path):
    """Return the path of a copy of the file with one change."""

    def write(old, new):
        text = FILE.read_text(encoding="utf-8")
        assert text.count(old) >= 1
        path = tmp_path / "own.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_costs_add_up_to_the_cent(project):
    costs = project.costs
    assert costs.planned == Decimal("378580.00") == costs.planned_total
    assert costs.realised == Decimal("246740.43") == costs.realised_total
    assert costs.share_realised == Fraction(24674043, 37858000)
    assert round(100 * costs.share_realised, 2) == Fraction("65.18")


def test_an_empty_cell_is_not_given_and_a_zero_is_a_zero(project):
    realised = [line.realised for line in project.costs.lines]
    assert len(realised) == 11
    assert realised.count(NOT_GIVEN) == 3
    assert realised.count(Decimal("0.00")) == 2
    assert project.costs.planned_without_realised == 49_000


def test_lines_further_from_the_plan_than_the_tolerance(project):
    found = {line.task["en"]: line.realised for line in project.costs.beyond_tolerance()}
    assert found["Training of 120 social workers"] == Decimal("26663.15")
    assert found["15 cars"] == Decimal("137520.45")
    assert len(found) == 8  # every line with a realised cost


def test_funds_outside_the_plan(project):
    assert [fund.eur for fund in project.funds] == [30_500_000, 11_000_000]
    assert project.funds_total == 41_500_000
    assert {fund.until for fund in project.funds} == {dt.date(2022, 9, 30)}


def test_inclusion_as_printed(project):
    assert [call.persons for call in project.calls] == [304, 130, 163, NOT_GIVEN]
    inclusion = project.inclusion
    assert inclusion.included_persons == 304 + 130 + 163
    assert [(str(point.month), point.persons) for point in inclusion.planned] == [
        ("2018-03", 800),
        ("2019-06", 1600),
        ("2022-09", 12000),
    ]
    assert inclusion.leaving_persons == 3000


def test_every_relation_comes_out_or_is_recorded(project):
    held = relations(project)
    assert len(held) == 26
    assert {relation.name: relation.amount for relation in differences(project)} == {
        "phases.5.days": 3,
        "phases.6.days": 91,
        "phases.8.days": -114,
        "products.0.stated": Decimal("0.64"),
        "stated_twice.0.values": 10,
        "stated_twice.1.values": 1,
        "stated_twice.2.values": 1,
        "stated_twice.3.values": 1,
        "stated_twice.4.values": 12,
        "stated_twice.5.values": Decimal("61.49"),
    }
    assert all(relation.recorded.reason for relation in differences(project))


def test_the_days_of_the_promotion_are_those_of_the_date_in_the_text(project):
    promotion = project.phases[6]
    assert (dt.date(2017, 7, 24) - promotion.start).days == promotion.days


def test_the_amount_of_2019_is_that_of_the_parameters(project):
    law = load_parameters("minimum_income").value("minimum_income", on=pd.Period("2019-01", "M"))
    printed, applied = (statement.value for statement in project.stated_twice[5].values)
    assert float(applied) == law
    assert printed == Decimal("331.26")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'realised: "29541.81"',
            'realised: "29541.82"',
            "key 'costs.realised_total': 246740.43 against 246740.44; expected: the two equal, or "
            "a difference recorded with the amount -0.01 and a reason, not 0",
        ),
        (
            "days: 472",
            "days: 473",
            "key 'phases.0.days': 473 against 472; expected: the two equal, or a difference "
            "recorded with the amount 1 and a reason, not 0",
        ),
        (
            "{amount: 3, reason",
            "{amount: 2, reason",
            "key 'phases.5.days': 474 against 471; expected: the two equal, or a difference "
            "recorded with the amount 3 and a reason, not 2",
        ),
        (
            'realised: "240.00"',
            "realised: 240.0",
            "key 'costs.lines.0.realised': found 240.0; expected: an amount with cents in quotes, "
            'such as "1234.50", or not given for an empty cell',
        ),
        (
            'realised: "240.00"',
            "realised:",
            "key 'costs.lines.0.realised': found nothing; expected: an amount with cents in "
            'quotes, such as "1234.50", or not given for an empty cell',
        ),
        (
            'planned: "580.00"',
            'planned: "580,00"',
            "key 'costs.lines.0.planned': found '580,00'; expected: an amount with cents in "
            'quotes, such as "1234.50"',
        ),
        (
            'share_leaving: "0.25"',
            "share_leaving: 0.25",
            "key 'inclusion.share_leaving': found 0.25; expected: a whole number, or a decimal in "
            'quotes such as "0.25"',
        ),
        (
            "persons: 1600",
            "persons: 700",
            "key 'inclusion.planned.1': 700 persons by 2019-06; expected: a month after 2018-03 "
            "and 800 persons or more",
        ),
        ("funds:", "means:", "key 'means': is not a key of a project"),
    ],
)
def test_a_project_that_does_not_fit_is_refused(changed, old, new, message):
    path = changed(old, new)
    with pytest.raises(InputError) as caught:
        load_project(path)
    assert f"{path}, {message}" in str(caught.value).split("\n")


def test_a_phase_that_ends_before_it_starts_is_refused(changed):
    path = changed("days: 23, start: 2016-10-28", "days: 23, start: 2017-10-28")
    with pytest.raises(InputError, match=r"key 'phases.1.end': 2016-11-20 before the start"):
        load_project(path)


def test_a_project_that_is_not_there():
    with pytest.raises(InputError, match="project 'p99'; expected: si-p61, or a file that ends"):
        load_project("p99")


def test_the_file_is_plain_yaml_in_four_languages():
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    texts = [content["title"], content["source"], content["notes"]]
    texts += [line["task"] for line in content["costs"]["lines"]]
    texts += [phase["name"] for phase in content["phases"]]
    assert all(set(text) == {"en", "fi", "sl", "sv"} for text in texts)
