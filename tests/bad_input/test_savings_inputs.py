"""One bad configuration per message of `forecasting savings`.

Each is refused with file, key, what was found and what was expected: exit code 2, no traceback, no
table left behind.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import yaml

from forecasting.errors import InputError
from forecasting.savings.cohorts import Cohort
from forecasting.savings.config import load_savings

COHORT = {
    "label": "7-12",
    "start_month": 7,
    "end_month": 12,
    "persons": 200,
    "months_counted": 6,
    "monthly_amount_eur": 250,
}
CONFIG = {"horizon_months": 60, "cohorts": [COHORT], "programme_cost_eur": 41_500_000}
WITHIN = {"share_within": 0.25, "months": 12, "permanent_share": 0.4}


@pytest.fixture
def refusal(run, tmp_path):
    """Return a function that runs a configuration which must be refused, and its message."""

    def invoke(content, output="out.csv"):
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        Path("c.yaml").write_text(text, encoding="utf-8")
        result = run("savings", "c.yaml", "--output", output)
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"], "something was written"
        (line,) = result.stderr.splitlines()
        return line

    return invoke


def changed(changes):
    content = {**CONFIG, **changes}
    return {key: value for key, value in content.items() if value is not None}


def cohort(**changes):
    content = {**COHORT, **changes}
    return {"cohorts": [{key: value for key, value in content.items() if value is not None}]}


def cases(*rows):
    """Give each case its message as a name."""
    return [pytest.param(changes, message, id=message[:60]) for changes, message in rows]


SHARE = "expected: 0 to 1; write 30 percent as 0.3"
FORMS = (
    "expected: none, {monthly_rate: 0.02}, or all of {share_within: 0.25, months: 12, "
    "permanent_share: 0.40}"
)
AMOUNT = "expected: {value: 250, valid_from: 2017-08, source: document and page}; say from which"


@pytest.mark.parametrize(
    ("changes", "message"),
    cases(
        # persons
        (cohort(persons=-5), "persons': found -5; expected: 0 or more"),
        (
            cohort(persons="200"),
            "persons': found '200'; expected: a whole number; write 200 without",
        ),
        (
            {"included_persons": 150},
            "key 'included_persons': 200 persons leave in all cohorts and 150 were included; "
            "expected: no more leaving than were included; correct the persons",
        ),
        # months
        (
            cohort(months_counted=7),
            "key 'cohorts', cohort '7-12': months_counted 7 of a period of 6 months (7 to 12); "
            "expected: 1 to 6; what is saved after the period is counted with carry_over: true",
        ),
        (
            cohort(months_counted=0),
            "months_counted': found 0; expected: 1 or more",
        ),
        (
            cohort(start_month=13),
            "key 'cohorts', cohort '7-12': months 13 to 12; expected: a start_month from 1 on and "
            "an end_month not before it",
        ),
        (
            cohort(start_month=0),
            "start_month': found 0; expected: 1 or more",
        ),
        (
            {"horizon_months": 11},
            "key 'cohorts', cohort '7-12': ends in month 12, the horizon in month 11; expected: "
            "horizon_months of 12 or more",
        ),
        ({"horizon_months": 0}, "key 'horizon_months': found 0; expected: 1 or more"),
        # cohorts
        ({"cohorts": []}, "key 'cohorts': found a list; expected: at least one entry"),
        (
            {"cohorts": [COHORT, COHORT]},
            "key 'cohorts', cohort '7-12': stands twice; expected: a label of its own",
        ),
        (
            cohort(label="total"),
            "key 'cohorts': label 'total'; expected: another one: total, gross, net are labels",
        ),
        (cohort(label=None), "key 'cohorts.0.label': is missing"),
        (cohort(wage=1), "wage': is not a key of a savings configuration"),
        # amounts
        (
            cohort(monthly_amount_eur={"value": 250, "valid_from": "2017-08"}),
            "key 'cohorts', cohort '7-12': monthly_amount_eur without source; " + AMOUNT,
        ),
        (
            cohort(monthly_amount_eur={"value": 250, "source": "report"}),
            "cohort '7-12': monthly_amount_eur without valid_from; " + AMOUNT,
        ),
        (
            cohort(monthly_amount_eur={"value": 250}),
            "cohort '7-12': monthly_amount_eur without valid_from and source; " + AMOUNT,
        ),
        (
            cohort(monthly_amount_eur={"value": 250, "valid_from": "2017", "source": "report"}),
            "monthly_amount_eur.valid_from': found '2017'; expected: a month",
        ),
        (
            cohort(monthly_amount_eur={"valid_from": "2017-08", "source": "report"}),
            "monthly_amount_eur.value': is missing",
        ),
        (
            cohort(monthly_amount_eur=-250),
            "monthly_amount_eur': found -250; expected: keys with values, or 0 or more",
        ),
        (
            cohort(monthly_amount_eur="297,53"),
            "monthly_amount_eur': found '297,53'; expected: keys with values, or "
            "a number such as 1234 or 3.5; write 297.53, not 297,53",
        ),
        (
            {"programme_cost_eur": -1},
            "key 'programme_cost_eur': found -1; expected: 0 or more",
        ),
        (
            {"programme_cost_eur": float("inf")},
            "key 'programme_cost_eur': found inf; expected: ",
        ),
        ({"programme_cost_eur": None}, "key 'programme_cost_eur': is missing"),
        # shares and rates
        ({"deadweight": 1.2}, f"key 'deadweight': 1.2; {SHARE}"),
        ({"deadweight": -0.1}, f"key 'deadweight': -0.1; {SHARE}"),
        ({"deadweight": float("nan")}, f"key 'deadweight': nan; {SHARE}"),
        ({"delivery": 90}, f"key 'delivery': 90; {SHARE}"),
        ({"substitution": 2}, f"key 'substitution': 2; {SHARE}"),
        ({"displacement": 2}, f"key 'displacement': 2; {SHARE}"),
        (
            {"deadweight": {"uniform": [0.5, 1.5]}},
            "key 'deadweight': {uniform: [0.5, 1.5]}; expected: 0 to 1 for the whole distribution",
        ),
        (
            {"discount": -1},
            "key 'discount': -1; expected: a rate a year above -1 and at most 1; write 2.5 percent",
        ),
        ({"indexation": 2.5}, "key 'indexation': 2.5; expected: a rate a year above -1"),
        # distributions
        (
            {"deadweight": {"triangular": [0.5, 0.3, 0.1]}},
            "key 'deadweight': found {triangular: [0.5, 0.3, 0.1]}; expected: low <= mode <= high",
        ),
        (
            {"deadweight": {"uniform": [0.5, 0.1]}},
            "key 'deadweight': found {uniform: [0.5, 0.1]}; expected: low < high",
        ),
        (
            {"deadweight": {"beta": [0, 1]}},
            "key 'deadweight': found {beta: [0, 1]}; expected: a and b above 0",
        ),
        (
            {"deadweight": {"normal": [0, 1]}},
            "key 'deadweight': found normal; expected: one of {triangular: ",
        ),
        (
            {"deadweight": "about a third"},
            "key 'deadweight': found 'about a third'; expected:",
        ),
        # relapse
        (
            {"relapse": {**WITHIN, "share_within": 0.6}},
            "key 'relapse.share_within': 0.6 with permanent_share 0.4; expected: less than 1 - "
            "permanent_share in every draw: who stays away for good cannot come back; lower one",
        ),
        (
            {"relapse": {**WITHIN, "share_within": {"uniform": [0.1, 0.7]}}},
            "key 'relapse.share_within': {uniform: [0.1, 0.7]} with permanent_share 0.4; expected:",
        ),
        ({"relapse": {**WITHIN, "months": 0}}, "key 'relapse.months': 0; expected: above 0"),
        ({"relapse": {"monthly_rate": 2}}, f"key 'relapse.monthly_rate': 2; {SHARE}"),
        (
            {"relapse": {"share_within": 0.25}},
            f"key 'relapse': share_within given; {FORMS}",
        ),
        (
            {"relapse": {"monthly_rate": 0.02, "months": 12}},
            f"key 'relapse': monthly_rate and months given; {FORMS}",
        ),
        ({"relapse": {}}, f"key 'relapse': no value given; {FORMS}"),
        (
            {"relapse": {"monthly_rate": "prior"}},
            "key 'relapse.monthly_rate': no prior 'relapse_monthly_rate' in activation.yaml; "
            "expected: a number or a distribution such as {triangular: [0.1, 0.3, 0.5]}",
        ),
        (
            {"relapse": {"weekly_rate": 0.02}},
            "key 'relapse.weekly_rate': is not a key of a savings configuration",
        ),
        (
            {"relapse": "some"},
            "key 'relapse': found 'some'; expected: 'none', 'prior', or keys with values",
        ),
        # effect lag
        (
            {"effect_lag": {"zero_months": 24, "full_months": 12}},
            "key 'effect_lag.zero_months': 24 with full_months 12; expected: less than full_months "
            "in every draw; for an effect that is there at once: effect_lag: none",
        ),
        (
            {"effect_lag": {"zero_months": -1, "full_months": 12}},
            "key 'effect_lag.zero_months': -1; expected: 0 or more",
        ),
        ({"effect_lag": {"zero_months": 3}}, "key 'effect_lag.full_months': is missing"),
        # convention, draws, keys
        (
            {"convention": {"exit_timing": "end"}},
            "key 'convention.exit_timing': found 'end'; expected: 'period_start' or 'uniform'",
        ),
        (
            {"convention": {"carry_over": "ja"}},
            "key 'convention.carry_over': found 'ja'; expected: ",
        ),
        ({"paths": 0}, "key 'paths': found 0; expected: 1 or more"),
        ({"seed": -1}, "key 'seed': found -1; expected: 0 or more"),
        ({"dead_weight": 0.3}, "key 'dead_weight': is not a key of a savings configuration"),
    ),
)
def test_bad_configurations(refusal, changes, message):
    line = refusal(changed(changes))
    assert line.startswith("error: c.yaml, key '")
    assert message in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cohorts: [", "error: c.yaml, row"),
        ("- a list", "error: c.yaml: not a mapping; expected: the keys of a savings configuration"),
        ("", "error: c.yaml: not a mapping"),
        ("name: a\nname: b\n", "error: c.yaml, row 2, column 1: key 'name' stands twice"),
        ("name: !!python/name:os.system\n", "error: c.yaml, row 1"),
    ],
    ids=["open bracket", "list", "empty", "key twice", "tag"],
)
def test_what_is_no_configuration(refusal, text, message):
    assert message in refusal(text)


def test_a_name_that_is_not_shipped(run):
    result = run("savings", "si-p62", "--output", "out.csv")
    assert result.exit_code == 2
    assert "configuration 'si-p62'; expected: si-p61, si-p61-full, or a file that" in result.stderr


def test_a_file_that_is_not_there(run):
    result = run("savings", "none.yaml", "--output", "out.csv")
    assert result.exit_code == 2
    assert "none.yaml: no such file" in result.stderr


def test_a_table_of_another_kind(refusal):
    assert "output file 'out.txt'; expected: a name that ends in" in refusal(CONFIG, "out.txt")


def test_a_change_that_is_no_key():
    with pytest.raises(InputError, match="key 'dead_weight': is not a key"):
        load_savings("si-p61", dead_weight=0.3)


def test_values_put_in_place_outside_their_range():
    plan = load_savings("si-p61")
    with pytest.raises(InputError, match=r"deadweight 1.5 \(and so in 1 of 2 draws\)"):
        plan.assumptions({"deadweight": np.array([0.5, 1.5])})
    with pytest.raises(InputError, match="discount -1; expected: above -1"):
        plan.assumptions({"discount": np.array([-1.0])})


def test_an_amount_that_is_no_number():
    with pytest.raises(InputError, match="cohort 'a': monthly_amount_eur NaN; expected: 0 or more"):
        Cohort("a", 1, 1, 1, 1, Decimal("NaN"))
