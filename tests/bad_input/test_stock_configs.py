"""One bad file per message of `forecasting occupancy` and `forecasting backlog`.

Each is refused with file, key, what was found and what was expected: exit code 2, no traceback, no
table left behind.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from forecasting.periods import format_period

OCCUPANCY = {
    "name": "example",
    "start": "2025-01",
    "horizon": 24,
    "arrivals": {"constant": 60},
    "length_of_stay": {"distribution": "lognormal", "mean": 4, "cv": 1.2},
    "capacity": 266,
    "paths": 20,
}
BACKLOG = {
    "start": "2025-01",
    "horizon": 12,
    "inflow": {"constant": 500},
    "capacity": {"constant": 450},
    "initial_backlog": 3000,
    "paths": 10,
}
EXPONENTIAL = {"distribution": "exponential", "mean": 4}
GROUP = {"name": "families", "arrivals": {"constant": 5}, "length_of_stay": EXPONENTIAL}
FILES = {
    "rising.csv": "month,survival\n0,1\n1,0.5\n2,0.6\n",
    "above.csv": "month,survival\n0,1\n1,1.2\n2,0\n",
    "below.csv": "month,survival\n0,1\n1,-0.2\n2,-0.3\n",
    "tailless.csv": "month,survival\n0,1\n1,0.5\n2,0.2\n",
    "flat.csv": "month,survival\n0,1\n1,0.5\n2,0.5\n",
    "quarters.csv": "quarter,survival\n0,1\n1,0\n",
    "late-entries.csv": "entry\n2024-12-01\n2025-02-01\n",
    "no-date.csv": "entry\n2024-12-01\n31.12.2024\n",
    "other-columns.csv": "date\n2024-12-01\n",
    "long-ago.csv": "entry\n2023-12-01\n",
}


def series(start, n, value=30, freq="M", name="x"):
    periods = pd.period_range(start, periods=n, freq=freq)
    return "".join(f"{name},{format_period(period)},{value}\n" for period in periods)


SERIES = {
    "year.csv": series("2025-01", 12),
    "past.csv": series("2015-01", 120),
    "later.csv": series("2025-06", 40),
    "gap.csv": series("2024-01", 12) + series("2025-02", 30),
    "quarters-ahead.csv": series("2025-Q1", 24, freq="Q"),
    "both.csv": series("2015-01", 180),
    "two.csv": series("2025-01", 24) + series("2025-01", 24, name="y"),
    "negative.csv": series("2025-01", 24, value=-3),
    "halves.csv": series("2015-01", 180, value=30.5),
    "few.csv": series("2024-10", 30),
    "five.csv": series("2024-08", 5),
    "ended.csv": series("2015-01", 110),
}


@pytest.fixture
def refusal(run, tmp_path):
    """Return a function that runs a configuration which must be refused, and its message."""
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")
    for name, rows in SERIES.items():
        Path(name).write_text(f"series_id,period,value\n{rows}", encoding="utf-8")

    def invoke(verb, content):
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        Path("c.yaml").write_text(text, encoding="utf-8")
        before = sorted(path.name for path in tmp_path.iterdir())
        result = run(verb, "c.yaml", "--output", "out.csv")
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        assert sorted(path.name for path in tmp_path.iterdir()) == before, "something was written"
        (line,) = result.stderr.splitlines()
        return line

    return invoke


def changed(base, changes):
    content = {**base, **changes}
    return {key: value for key, value in content.items() if value is not None}


def cases(*rows):
    """Give each case its message as a name, without what differs between machines."""
    return [pytest.param(changes, message, id=message[:60]) for changes, message in rows]


def curve(name, **more):
    return {"length_of_stay": {"distribution": "curve", "file": name, **more}}


WHOLE = "expected: a whole number of persons, 0 or more"
GROUPS = dict.fromkeys(("arrivals", "length_of_stay"))


@pytest.mark.parametrize(
    ("changes", "message"),
    cases(
        # counts
        ({"arrivals": {"constant": -5}}, "key 'arrivals.constant': found -5; expected: 0 or more"),
        (
            {"arrivals": {"constant": float("nan")}},
            "key 'arrivals.constant': found nan; expected: 0 or more",
        ),
        (
            {"arrivals": {"constant": float("inf")}},
            "key 'arrivals.constant': found inf; expected: at most 1000000000000",
        ),
        (
            {"arrivals": {"constant": 60.5}, "arrivals_kind": "count"},
            "key 'arrivals': arrivals 60.5 with arrivals_kind: count; expected: whole numbers, or "
            "arrivals_kind: rate",
        ),
        (
            {"arrivals": {"file": "halves.csv"}, "initial_stock": {"ages": "back_calculated"}},
            "key 'arrivals': observed arrivals 30.5 in 2015-01; " + WHOLE,
        ),
        (
            {"arrivals": {"file": "negative.csv"}},
            "key 'arrivals': negative.csv, row 2, series x: value -3; expected: a count from 0 to "
            "1e+12",
        ),
        (
            {"initial_stock": {"count": 2.5, "ages": "fresh"}},
            "key 'initial_stock': count 2.5; " + WHOLE,
        ),
        (
            {"initial_stock": {"count": -2, "ages": "fresh"}},
            "key 'initial_stock': initial stock of -2; " + WHOLE,
        ),
        # length of stay
        (
            {"length_of_stay": {"distribution": "exponential", "mean": float("inf")}},
            "key 'length_of_stay': mean inf; expected: a number above 0, finite",
        ),
        (
            {"length_of_stay": {"distribution": "weibull", "shape": 0.001, "scale": 1}},
            "key 'length_of_stay': a mean stay of inf; expected: a finite mean stay; correct its "
            "parameters",
        ),
        (
            {"length_of_stay": {"distribution": "pareto", "shape": 1, "scale": 1}},
            "key 'length_of_stay': distribution 'pareto'; expected: exponential | weibull | "
            "lognormal | gamma | fixed | curve | mixture",
        ),
        (
            {"length_of_stay": {"distribution": "lognormal", "mean": 4}},
            "key 'length_of_stay': key cv missing; expected: distribution, mean, cv, unit",
        ),
        (
            {"length_of_stay": {"distribution": "exponential", "mean": 120}},
            "key 'length_of_stay': a mean stay of 120 months: are these days?; expected: unit: "
            "days or unit: months beside a stay over 36 months",
        ),
        (
            {"length_of_stay": {"distribution": "exponential", "mean": "120 days"}},
            "key 'length_of_stay': mean '120 days' is not a number; expected: a number such as 4 "
            "or 2.5; the unit goes into a key of its own, unit: days",
        ),
        (
            {"length_of_stay": {**EXPONENTIAL, "unit": "weeks"}},
            "key 'length_of_stay': unit 'weeks'; expected: days | months | quarters | years",
        ),
        (
            {"length_of_stay": EXPONENTIAL, "start": "2025-Q1", "frequency": "Q"},
            "key 'length_of_stay': no unit of the stay, with periods that are quarters; expected: "
            "unit: days | months | quarters | years",
        ),
        (
            curve("rising.csv"),
            "key 'length_of_stay': rising.csv, row 4: survival rises from 0.5 to 0.6; expected: "
            "survival that does not rise",
        ),
        (
            curve("above.csv"),
            "key 'length_of_stay': above.csv, row 3: survival 1.2; expected: a share from 0 to 1",
        ),
        (
            curve("below.csv"),
            "key 'length_of_stay': below.csv, row 3: survival -0.2; expected: a share from 0 to 1",
        ),
        (
            curve("tailless.csv"),
            "key 'length_of_stay': tailless.csv: the curve ends at 0.2 and has no tail; expected: "
            "a declared tail: 'exponential', or a maximum stay beyond the last point",
        ),
        (
            curve("tailless.csv", tail="power"),
            "key 'length_of_stay': tailless.csv: tail 'power'; expected: 'exponential', or a "
            "maximum stay beyond the last point; another tail, such as a power of the age, can "
            "have an infinite mean stay",
        ),
        (
            curve("flat.csv", tail="exponential"),
            "key 'length_of_stay': flat.csv: an exponential tail of a curve that does not fall "
            "from 1 to 2: its mean stay would be infinite; expected: a last step that falls, or a "
            "maximum stay",
        ),
        (
            curve("quarters.csv"),
            "key 'length_of_stay': quarters.csv, row 1: column 'month' missing; column 'quarter' "
            "not known; expected: the columns month,survival",
        ),
        (
            curve("none.csv"),
            "key 'length_of_stay': none.csv: no such file; expected: a CSV file",
        ),
        # initial stock
        (
            {"initial_stock": {"entry_dates": "late-entries.csv"}},
            "key 'initial_stock': late-entries.csv: entry 2: entry date 2025-02-01 is not before "
            "the start 2025-01; expected: entries up to 2024-12-31; leave later entries to the "
            "arrivals, or move the start",
        ),
        (
            {"initial_stock": {"entry_dates": "no-date.csv"}},
            "key 'initial_stock': no-date.csv: entry 2: entry date '31.12.2024'; expected: a date, "
            "YYYY-MM-DD",
        ),
        (
            {"initial_stock": {"entry_dates": "other-columns.csv"}},
            "key 'initial_stock': other-columns.csv, row 1: column 'entry' missing; column 'date' "
            "not known; expected: the columns entry",
        ),
        (
            {"initial_stock": {"entry_dates": "late-entries.csv", "count": 2}},
            "key 'initial_stock': entry_dates beside a count or ages; expected: one of them",
        ),
        (
            {"initial_stock": {"count": 240}},
            "key 'initial_stock': no ages of an initial stock of 240; expected: equilibrium, "
            "fresh, known, back_calculated; say how long those present have been there",
        ),
        (
            {"initial_stock": {"count": 240, "ages": "known"}},
            "key 'initial_stock.ages': found 'known'; expected: 'equilibrium', 'fresh' or "
            "'back_calculated'",
        ),
        (
            {"initial_stock": {"ages": "back_calculated"}},
            "key 'initial_stock': a stock to be back-calculated, and observed arrivals: none; "
            "expected: a file or a forecast of observations up to 2024-12; or give initial_stock: "
            "{count: 240, ages: equilibrium}",
        ),
        (
            {"arrivals": {"forecast": {"file": "ended.csv", "model": "random_walk"}}},
            "key 'initial_stock': a stock to be back-calculated, and observed arrivals: up to "
            "2024-02; expected: a file or a forecast of observations up to 2024-12; or give "
            "initial_stock: {count: 240, ages: equilibrium}",
        ),
        (
            {"arrivals": {"file": "few.csv"}},
            "key 'initial_stock': group 'example': 46% of a steady stock would have entered before "
            "the observed arrivals; expected: arrivals that reach back to all but 5%; give earlier "
            "arrivals, 0 where there were none",
        ),
        # capacity
        (
            {"capacity": 0},
            "key 'capacity': capacity of 0; expected: whole numbers of places above 0; leave "
            "capacity out for no limit",
        ),
        (
            {"capacity": 20.5},
            "key 'capacity': capacity of 20.5; expected: whole numbers of places above 0; leave "
            "capacity out for no limit",
        ),
        (
            {"capacity": [{"from": "2025-01", "places": 60}, {"from": "2026-01", "places": 0}]},
            "key 'capacity': capacity of 0; expected: whole numbers of places above 0; leave "
            "capacity out for no limit",
        ),
        (
            {"capacity": [{"from": "2025-03", "places": 60}]},
            "key 'capacity': steps from 2025-03; expected: steps in order, the first from 2025-01",
        ),
        (
            {"capacity": [{"from": "2025-Q1", "places": 60}]},
            "key 'capacity': '2025-Q1'; expected: a month such as 2025-01, as frequency is M",
        ),
        (
            {"at_capacity": "queue"},
            "key 'at_capacity': found 'queue'; expected: 'ignore', 'overflow_return', "
            "'overflow_stay', 'wait' or 'loss'",
        ),
        (
            {"at_capacity": "loss", "capacity": None},
            "key 'capacity': at_capacity 'loss' without a capacity; expected: a number of places",
        ),
        # arrivals
        (
            {"arrivals": {"file": "year.csv"}},
            "key 'arrivals': year.csv has values from 2025-01 to 2025-12; expected: values from "
            "2025-01 to 2026-12, the whole horizon; give the missing values, move start or "
            "horizon, or take forecast: {file: ...}",
        ),
        (
            {"arrivals": {"file": "later.csv"}},
            "key 'arrivals': later.csv has values from 2025-06 to 2028-09; expected: values from "
            "2025-01 to 2026-12, the whole horizon; give the missing values, move start or "
            "horizon, or take forecast: {file: ...}",
        ),
        (
            {"arrivals": {"file": "gap.csv"}},
            "key 'arrivals': gap.csv, row 2, series x: no value for 2025-01; expected: a value for "
            "every period; fill the gap at its source, or say how to treat it: "
            "missing='interpolate' or missing='cut'",
        ),
        (
            {"arrivals": {"file": "quarters-ahead.csv"}},
            "key 'arrivals': quarters-ahead.csv is quarterly; expected: monthly figures, as the "
            "configuration is",
        ),
        (
            {"arrivals": {"file": "both.csv"}, "start": "2025-Q1", "frequency": "Q"},
            "key 'arrivals': both.csv is monthly; expected: quarterly figures, as the "
            "configuration is",
        ),
        (
            {"arrivals": {"constant": 60, "file": "both.csv"}},
            "key 'arrivals': constant and file; expected: one of constant: 60, file: f.csv, "
            "forecast: {file: f.csv}",
        ),
        (
            {"arrivals": {}},
            "key 'arrivals': no source; expected: one of constant: 60, file: f.csv, forecast: "
            "{file: f.csv}",
        ),
        (
            {"arrivals": {"constant": 60, "series_id": "x"}},
            "key 'arrivals': series_id beside constant; expected: series_id beside its file",
        ),
        (
            {"arrivals": {"file": "two.csv"}},
            "key 'arrivals': two.csv: 2 series; expected: series_id= one of x, y",
        ),
        (
            {"arrivals": {"forecast": {"file": "past.csv", "series": "asylum-applicants/SI"}}},
            "key 'arrivals': file and series; expected: file: f.csv, or series: "
            "asylum-applicants/FI",
        ),
        (
            {"arrivals": {"forecast": {"file": "year.csv"}}},
            "key 'arrivals': observations from 2025-01 on; expected: some before the start 2025-01",
        ),
        (
            {"arrivals": {"forecast": {"series": "pending-applications/SI"}}},
            "key 'arrivals': pending-applications/SI is a stock; expected: a flow",
        ),
        (
            {"arrivals_kind": "counts"},
            "key 'arrivals_kind': found 'counts'; expected: 'rate' or 'count'",
        ),
        ({"dispersion": 0.5}, "key 'dispersion': found 0.5; expected: 1 or more"),
        (
            {"dispersion": 2, "arrivals_kind": "count"},
            "key 'arrivals': dispersion 2 of arrivals that are counts; expected: 1: the dispersion "
            "of counts is in their paths already; leave it out, or give rates",
        ),
        # groups
        (
            {"groups": [GROUP]},
            "key 'groups': groups beside arrivals, length_of_stay; expected: each group with a "
            "name and keys of its own, none of them at the top",
        ),
        (
            {**GROUPS, "groups": [GROUP], "dispersion": 8},
            "key 'groups': groups beside dispersion; expected: each group with a name and keys of "
            "its own, none of them at the top",
        ),
        (
            {**GROUPS, "groups": [GROUP, GROUP]},
            "key 'groups': groups families, families; expected: each group with a name and keys of "
            "its own, none of them at the top",
        ),
        (
            {**GROUPS, "groups": [{**GROUP, "length_of_stay": {"distribution": "fixed"}}]},
            "key 'groups.families.length_of_stay': key value missing; expected: distribution, "
            "value, unit",
        ),
        # the rest
        (
            {"start": 2025},
            "key 'start': '2025'; expected: a month such as 2025-01, as frequency is M",
        ),
        (
            {"frequency": "Q"},
            "key 'start': '2025-01'; expected: a quarter such as 2025-Q1, as frequency is Q",
        ),
        ({"stay": 3}, "key 'stay': is not a key of an occupancy configuration"),
        (
            {"arrivals": {"constant": 3, "per": "day"}},
            "key 'arrivals.per': is not a key of an occupancy configuration",
        ),
        ({"horizon": None}, "key 'horizon': is missing"),
        (
            {"horizon": "24"},
            "key 'horizon': found '24'; expected: a whole number; write 24 without quotes",
        ),
        (
            {"length_of_stay": None},
            "key 'length_of_stay': is missing; expected: arrivals and length_of_stay",
        ),
        (
            {"service_level": {"probability": 1, "meaning": "pointwise"}},
            "key 'service_level.probability': probability 1; expected: between 0 and 1, such as "
            "0.95",
        ),
        ({"service_level": {"probability": 0.9}}, "key 'service_level.meaning': is missing"),
        ({"cost_eur_per_night": -3}, "key 'cost_eur_per_night': found -3; expected: 0 or more"),
        ({"paths": 0}, "key 'paths': found 0; expected: 1 or more"),
        ({"seed": -1}, "key 'seed': found -1; expected: 0 or more"),
    ),
)
def test_occupancy(refusal, changes, message):
    assert refusal("occupancy", changed(OCCUPANCY, changes)) == f"error: c.yaml, {message}"


def test_an_entry_older_than_the_longest_stay(refusal):
    stay = {"distribution": "fixed", "value": 6}
    changes = {"length_of_stay": stay, "initial_stock": {"entry_dates": "long-ago.csv"}}
    line = refusal("occupancy", changed(OCCUPANCY, changes))
    assert line == (
        "error: c.yaml, key 'initial_stock': a person present for 12.9839 periods, longer than "
        "anybody stays; expected: ages within the length of stay; check the entry dates, or choose "
        "a longer stay"
    )


def test_an_unknown_model_of_a_forecast(refusal):
    source = {"forecast": {"file": "past.csv", "model": "lstm"}}
    line = refusal("occupancy", changed(OCCUPANCY, {"arrivals": source}))
    assert line.startswith("error: c.yaml, key 'arrivals': model 'lstm'; expected: pool, fast, ")


def test_too_few_observations_for_a_forecast(refusal):
    source = {"forecast": {"file": "five.csv", "model": "ets"}}
    line = refusal("backlog", changed(BACKLOG, {"inflow": source}))
    assert line.startswith("error: c.yaml, key 'inflow': x: no model can be used (ets: needs ")


@pytest.mark.parametrize("name", ["asylum/SI", "past.csv"])
def test_an_unknown_reference_series(refusal, name):
    source = {"forecast": {"series": name}}
    line = refusal("occupancy", changed(OCCUPANCY, {"arrivals": source}))
    found = name.split("/", maxsplit=1)[0]
    assert line.startswith(f"error: c.yaml, key 'arrivals': reference data '{found}'; expected: ")
    assert "asylum-applicants" in line


def staff(**changes):
    return {"capacity": {"staff": {"persons": 20, **changes}}}


MONTH = "expected: a month written YYYY-MM"
HORIZON = "expected: a month of the horizon, 2025-01 to 2025-12"


@pytest.mark.parametrize(
    ("changes", "message"),
    cases(
        ({"inflow": {"constant": -5}}, "key 'inflow.constant': found -5; expected: 0 or more"),
        (
            {"inflow": {"constant": 0}},
            "key 'inflow': nobody comes in 2025-01 and 3000 cases wait; expected: an inflow above "
            "0 in the first month, which says how long they have waited",
        ),
        (
            {"inflow": {"file": "year.csv"}, "horizon": 24},
            "key 'inflow': year.csv has values from 2025-01 to 2025-12; expected: values from "
            "2025-01 to 2026-12, the whole horizon; give the missing values, move start or "
            "horizon, or take forecast: {file: ...}",
        ),
        (
            {"inflow": {"file": "quarters-ahead.csv"}},
            "key 'inflow': quarters-ahead.csv is quarterly; expected: monthly figures, as the "
            "configuration is",
        ),
        (
            {"inflow": {"constant": 3, "forecast": {"file": "past.csv"}}},
            "key 'inflow': constant and forecast; expected: one of constant: 60, file: f.csv, "
            "forecast: {file: f.csv}",
        ),
        (
            {"initial_backlog": -3},
            "key 'initial_backlog': initial backlog -3; expected: a whole number of cases, 0 or "
            "more",
        ),
        (
            {"initial_backlog": 30.5},
            "key 'initial_backlog': found 30.5; expected: a whole number, or keys with values; "
            "write 1000, not 1.000",
        ),
        (
            {"initial_backlog": {"file": "halves.csv"}},
            "key 'initial_backlog': x of 30.5 in 2024-12; expected: a whole number of cases",
        ),
        (
            {"initial_backlog": {"file": "later.csv"}},
            "key 'initial_backlog': x has values from 2025-06 to 2028-09; expected: the backlog at "
            "the end of 2024-12, before the start",
        ),
        (
            {"initial_backlog": {"file": "none.csv"}},
            "key 'initial_backlog': none.csv: no such file; expected: a CSV file",
        ),
        (
            {"initial_backlog": {"file": "past.csv", "series_id": "y"}},
            "key 'initial_backlog': past.csv: no series 'y'; expected: x",
        ),
        (
            {"initial_backlog": {"series": "asylum-applicants/SI"}},
            "key 'initial_backlog': asylum-applicants/SI is a flow; expected: a stock",
        ),
        ({"discipline": "lifo"}, "key 'discipline': found 'lifo'; expected: 'fifo'"),
        (
            {"exit_rate": 1.2},
            "key 'exit_rate': exit rate 1.2; expected: a hazard per month from 0 to below 1, such "
            "as 0.05",
        ),
        (
            {"limit_months": 0},
            "key 'limit_months': limit of 0 months; expected: above 0, such as 6",
        ),
        ({"priority_share": 1.2}, "key 'priority_share': priority share 1.2; expected: 0 to 1"),
        (
            {"priority_share": 1},
            "key 'priority_share': cases with priority take up all of the last capacity (450 a "
            "month) on 1 of 1 paths, so the queue would never be served; expected: a last capacity "
            "above the priority share of the inflow",
        ),
        ({"private_share": 1.2}, "key 'private_share': found 1.2; expected: at most 1"),
        (
            {"capacity": {"constant": 0}},
            "key 'capacity': capacity 0 in 2025-12, the last month, which is held beyond the "
            "horizon; expected: a last capacity above 0: without it the last to come would wait "
            "for ever",
        ),
        (
            {"capacity": {"constant": 450, "staff": {"persons": 20}}},
            "key 'capacity': constant and staff; expected: constant: 450, or staff: {persons: 40}",
        ),
        (
            {"capacity": {}},
            "key 'capacity': no capacity; expected: constant: 450, or staff: {persons: 40}",
        ),
        ({"capacity": 450}, "key 'capacity': found 450; expected: keys with values"),
        (staff(persons=-2), "key 'capacity.staff': -2.0 persons; expected: 0 or more"),
        (
            staff(share_of_cases={"hearing": 0.5}),
            "key 'capacity.staff': share_of_cases of a stage 'hearing'; expected: registration, "
            "interview, decision, appeal; or give its hours under hours_per_case",
        ),
        (
            staff(share_of_cases={"interview": 1.5}),
            "key 'capacity.staff': stage interview: share of cases 1.5; expected: 0 to 1",
        ),
        (
            staff(hours_per_case={"interview": 0}),
            "key 'capacity.staff': stage interview: 0 hours per case; expected: above 0",
        ),
        (
            staff(availability=1.2),
            "key 'capacity.staff': availability 1.2; expected: above 0, at most 1",
        ),
        (
            {"staff_target": {"probability": 1}},
            "key 'staff_target.probability': probability 1; expected: between 0 and 1, such as 0.8",
        ),
        (
            {"staff_target": {"from": "2030-01"}},
            f"key 'staff_target.from': 2030-01; {HORIZON}",
        ),
        (
            {"staff_target": {"from": "2024-12"}},
            f"key 'staff_target.from': 2024-12; {HORIZON}",
        ),
        ({"start": "2025"}, f"key 'start': found '2025'; {MONTH}"),
        ({"start": "2025-Q1"}, f"key 'start': found '2025-Q1'; {MONTH}"),
        ({"frequency": "Q"}, "key 'frequency': is not a key of a backlog configuration"),
        ({"inflow": None}, "key 'inflow': is missing"),
    ),
)
def test_backlog(refusal, changes, message):
    assert refusal("backlog", changed(BACKLOG, changes)) == f"error: c.yaml, {message}"


def test_parameters_that_do_not_reach_back(refusal):
    line = refusal("backlog", changed(BACKLOG, {"start": "1990-01", **staff()}))
    assert line.startswith("error: c.yaml, key 'capacity.staff': ")
    assert "no value for 1990-01; expected: a month from 2008-01 on" in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name: [\nstart: 3",
            "error: c.yaml, row 2, column 9: expected ',' or ']', but got '<stream end>'; "
            "expected: plain YAML without tags",
        ),
        (
            "name: a\nname: b\n",
            "error: c.yaml, row 2, column 1: key 'name' stands twice; expected: plain YAML without "
            "tags",
        ),
        ("- a\n", "error: c.yaml: not a mapping; expected: the keys of {}"),
        ("", "error: c.yaml: not a mapping; expected: the keys of {}"),
    ],
)
@pytest.mark.parametrize(
    ("verb", "of"),
    [("occupancy", "an occupancy configuration"), ("backlog", "a backlog configuration")],
)
def test_yaml_that_cannot_be_read(refusal, verb, of, text, message):
    assert refusal(verb, text) == message.format(of)


@pytest.mark.parametrize("verb", ["occupancy", "backlog"])
def test_a_configuration_that_is_not_there(run, verb):
    result = run(verb, "none.yaml", "-o", "out.csv")
    assert (result.exit_code, result.stderr) == (2, "error: none.yaml: no such file\n")
    Path("folder").mkdir()
    result = run(verb, "folder", "-o", "out.csv")
    assert result.exit_code == 2
    assert "'folder' is a directory" in result.stderr


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            "out.txt",
            "error: output file 'out.txt'; expected: a name that ends in .csv, .xlsx or .json\n",
        ),
        ("none/out.csv", "error: none/out.csv: folder 'none' does not exist; make it first\n"),
    ],
)
@pytest.mark.parametrize("verb", ["occupancy", "backlog"])
def test_an_output_that_cannot_be_written(run, verb, output, message):
    result = run(verb, "none.yaml", "--output", output)
    assert (result.exit_code, result.stderr) == (2, message)
