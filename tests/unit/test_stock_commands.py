"""The commands `forecasting occupancy` and `forecasting backlog`: tables, sources, oracles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from forecasting.sources.parameters import load_parameters
from forecasting.tables import QUANTILE_LEVELS

OCCUPANCY = """
name: example
start: 2025-01            # first projected period
horizon: 84
frequency: M
arrivals: {constant: 60}
arrivals_kind: rate       # rate | count
dispersion: 1             # variance / mean of arrivals per period
length_of_stay: {distribution: lognormal, mean: 4, cv: 1.2}
initial_stock: {count: 0}
capacity: 266             # optional
at_capacity: ignore       # ignore | overflow_return | overflow_stay | wait | loss
paths: 10000
seed: 1
"""
BACKLOG = """
start: 2025-01
horizon: 12
inflow: {constant: 500}
capacity: {constant: 450}
exit_rate: 0
initial_backlog: 3000
discipline: fifo
limit_months: 6
paths: 50
seed: 1
"""
COLUMNS = "period,output_type,quantile_level,value"
RULES = ("overflow_return", "overflow_stay", "wait", "loss")
BACKLOG_OUTPUTS = (
    *("backlog", "decisions", "exits", "wait_of_last_arrival", "wait_of_those_waiting"),
    *("share_over_limit", "staff_needed"),
)


def write_config(text, **changes):
    """Write c.yaml with some keys replaced, or left out where they are None."""
    content = {**yaml.safe_load(text), **changes}
    kept = {key: value for key, value in content.items() if value is not None}
    Path("c.yaml").write_text(yaml.safe_dump(kept), encoding="utf-8")


def write_series(values, start="2025-01", path="f.csv", series_id="x", freq="M"):
    periods = pd.period_range(start, periods=len(values), freq=freq)
    texts = periods.strftime("%Y-Q%q" if freq == "Q" else "%Y-%m")
    rows = [f"{series_id},{text},{value}\n" for text, value in zip(texts, values, strict=True)]
    head = "" if Path(path).exists() else "series_id,period,value\n"
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(head + "".join(rows))


@pytest.fixture
def occupancy(run):
    """Return a function that projects the configuration with some keys replaced."""

    def invoke(**changes):
        write_config(OCCUPANCY, **{"paths": 60, **changes})
        result = run("occupancy", "c.yaml", "--output", "out.csv")
        assert result.exit_code == 0, result.output
        return pd.read_csv("out.csv")

    return invoke


@pytest.fixture
def backlog(run):
    def invoke(**changes):
        write_config(BACKLOG, **changes)
        result = run("backlog", "c.yaml", "--output", "out.csv")
        assert result.exit_code == 0, result.output
        return pd.read_csv("out.csv")

    return invoke


def series(table, output_type, level=None):
    """Values of one output by period; of a backlog its mean or a quantile."""
    own = table[table["output_type"] == output_type]
    levels = own["quantile_level"]
    return own[levels.isna() if level is None else levels == level].set_index("period")["value"]


def last(table, output_type, level=None):
    return series(table, output_type, level).iloc[-1]


@pytest.mark.parametrize("verb", ["occupancy", "backlog"])
def test_the_help_names_the_columns_and_shows_examples(run, verb):
    text = run(verb, "--help").output
    assert COLUMNS in text
    assert "docs/methods/stocks.md" in text
    examples = text.split("Examples:\n")[1].splitlines()
    assert all(line.startswith(f"  forecasting {verb} ") for line in examples)


# occupancy: the table


def test_the_configuration_of_the_issue_as_it_stands(run):
    Path("c.yaml").write_text(OCCUPANCY, encoding="utf-8")
    result = run("occupancy", "c.yaml", "--output", "out.csv")
    assert result.exit_code == 0, result.output
    assert Path("out.csv").read_text(encoding="utf-8").splitlines()[0] == COLUMNS
    table = pd.read_csv("out.csv")
    assert table["period"].unique().tolist() == [
        str(period) for period in pd.period_range("2025-01", periods=84, freq="M")
    ]
    kinds = ["mean", "variance", *["quantile"] * 23, "p_over_capacity", "overflow_mean"]
    for _, own in table.groupby("period"):
        assert own["output_type"].tolist() == kinds
        levels = own["quantile_level"].to_numpy()
        assert levels[2:25].tolist() == list(QUANTILE_LEVELS)
        assert np.isnan(np.delete(levels, range(2, 25))).all()
        assert (np.diff(own["value"].to_numpy()[2:25]) >= 0).all()
    assert last(table, "mean") == pytest.approx(239.840156, abs=1e-6)
    assert last(table, "quantile", 0.5) == pytest.approx(240, abs=1)


@pytest.mark.parametrize("rule", RULES)
def test_under_a_rule_at_capacity_two_outputs_are_added(occupancy, rule):
    table = occupancy(horizon=36, capacity=250, at_capacity=rule, paths=100)
    by_period = table[table["period"] == "2027-12"]["output_type"].tolist()
    assert by_period[-4:] == ["p_over_capacity", "overflow_mean", "blocked_share", "waiting_mean"]
    assert series(table, "quantile", 0.99).max() <= 250
    assert 0 < last(table, "blocked_share") < 0.5
    assert (last(table, "waiting_mean") > 0) == (rule in ("overflow_return", "wait"))
    assert (last(table, "overflow_mean") > 0) == (rule != "loss")
    assert (last(table, "p_over_capacity") > 0) == (rule != "loss")


def test_in_the_places_and_elsewhere_are_together_as_many_as_without_a_limit(occupancy):
    stay = {"distribution": "exponential", "mean": 4}
    for rule in ("overflow_return", "overflow_stay"):
        table = occupancy(
            horizon=60, capacity=220, at_capacity=rule, paths=400, length_of_stay=stay
        )
        both = series(table, "mean") + series(table, "overflow_mean")
        assert both.tail(36).mean() == pytest.approx(240, rel=0.01)


def test_without_a_capacity_nothing_is_said_of_it(occupancy):
    table = occupancy(capacity=None)
    assert table["output_type"].unique().tolist() == ["mean", "variance", "quantile"]


@pytest.mark.parametrize("rule", ["ignore", "overflow_return"])
def test_the_same_seed_writes_the_same_bytes(occupancy, rule):
    choices = {"horizon": 12, "at_capacity": rule, "capacity": 150}
    occupancy(**choices)
    first = Path("out.csv").read_bytes()
    occupancy(**choices)
    assert Path("out.csv").read_bytes() == first
    occupancy(**choices, seed=2)
    assert Path("out.csv").read_bytes() != first


@pytest.mark.parametrize(
    ("verb", "text"), [("occupancy", OCCUPANCY.replace("10000", "50")), ("backlog", BACKLOG)]
)
def test_a_sheet_holds_what_the_text_file_holds(run, verb, text):
    Path("c.yaml").write_text(text, encoding="utf-8")
    for name in ("out.csv", "out.xlsx"):
        result = run(verb, "c.yaml", "-o", name)
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[-1] == name
    pd.testing.assert_frame_equal(
        pd.read_excel("out.xlsx"), pd.read_csv("out.csv"), check_dtype=False
    )


def test_what_is_printed_of_an_occupancy(run):
    write_config(
        OCCUPANCY,
        horizon=30,
        paths=400,
        service_level={"probability": 0.95, "meaning": "simultaneous"},
        cost_eur_per_night=40,
        at_capacity="wait",
    )
    result = run("occupancy", "c.yaml", "-o", "out.csv")
    assert result.exit_code == 0, result.output
    patterns = [
        r"example: median of \d+ persons at the end of 2027-06, 80 % interval \d+ to \d+$",
        r"chance of more persons than places: highest [\d.]+%, at the end of 2027-\d\d$",
        r"  at the end of any period of 2025: [\d.]+%$",
        r"  at the end of any period of 2026: [\d.]+%$",
        r"wait: \d+ person-nights without a place up to 2027-06, on one path in ten more than",
        r"places for 95% at the end of every period of 2025: \d+$",
        r"places for 95% at the end of every period of 2026: \d+$",
        r"[\d,]+ person-nights, [\d,]+ EUR, 80 % interval [\d,]+ to [\d,]+ EUR$",
        r"out.csv$",
    ]
    lines = result.stdout.splitlines()
    assert len(lines) == len(patterns)
    for line, pattern in zip(lines, patterns, strict=True):
        assert pd.Series([line]).str.match(pattern).all(), (line, pattern)


# occupancy: Little's law and the other oracles


STAYS = {
    "lognormal": ({"distribution": "lognormal", "mean": 4, "cv": 1.2}, 4),
    "gamma": ({"distribution": "gamma", "shape": 2, "scale": 2}, 4),
    "exponential": ({"distribution": "exponential", "mean": 4}, 4),
    "weibull": ({"distribution": "weibull", "shape": 0.8, "scale": 3.5}, 3.965511),
    "fixed": ({"distribution": "fixed", "value": 4}, 4),
    "in days": ({"distribution": "exponential", "mean": 121.75, "unit": "days"}, 4),
    "curve": ({"distribution": "curve", "file": "curve.csv", "tail": {"maximum": 8}}, 3.4),
    "mixture": (
        {
            "distribution": "mixture",
            "parts": [
                {"weight": 0.25, "distribution": "fixed", "value": 10},
                {"weight": 0.75, "distribution": "gamma", "shape": 2, "scale": 1},
            ],
        },
        4,
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_littles_law_for_every_length_of_stay(occupancy, name):
    stay, mean_stay = STAYS[name]
    Path("curve.csv").write_text("month,survival\n0,1\n2,0.6\n6,0.2\n", encoding="utf-8")
    table = occupancy(horizon=200, length_of_stay=stay)
    assert last(table, "mean") == pytest.approx(60 * mean_stay, rel=2e-4)
    assert last(table, "variance") == pytest.approx(60 * mean_stay, rel=2e-4)


def test_the_chance_to_be_over_capacity_is_that_of_a_poisson_stock(occupancy):
    stay = {"distribution": "exponential", "mean": 4}
    table = occupancy(horizon=100, capacity=265, length_of_stay=stay)
    assert last(table, "p_over_capacity") == pytest.approx(0.0516915, abs=1e-6)
    assert last(table, "overflow_mean") == pytest.approx(0.3770592, abs=1e-6)


def test_more_dispersed_arrivals_make_a_more_dispersed_stock(occupancy):
    table = occupancy(horizon=200, dispersion=8, paths=4000)
    assert last(table, "variance") == pytest.approx(1082, rel=0.001)
    assert last(table, "p_over_capacity") == pytest.approx(0.2, abs=0.015)
    high, low = last(table, "quantile", 0.9), last(table, "quantile", 0.1)
    assert ((high - low) / 2.563) ** 2 == pytest.approx(1082, rel=0.1)


def test_erlangs_formula_for_arrivals_that_are_lost(occupancy):
    table = occupancy(
        horizon=60,
        arrivals={"constant": 40},
        length_of_stay={"distribution": "gamma", "shape": 2, "scale": 0.125},
        capacity=12,
        at_capacity="loss",
        paths=400,
    )
    blocked = series(table, "blocked_share").iloc[12:].mean()
    assert blocked == pytest.approx(0.1197392, abs=0.006)


# occupancy: sources and other keys


@pytest.mark.parametrize(
    ("initial", "expected"),
    [
        ({"count": 200, "ages": "equilibrium"}, 24.8935),
        ({"count": 200, "ages": "fresh"}, 39.8296),
        ({"count": 0}, 0),
    ],
)
def test_who_is_present_at_the_start(occupancy, initial, expected):
    table = occupancy(
        horizon=6,
        arrivals={"constant": 0},
        length_of_stay={"distribution": "gamma", "shape": 2, "scale": 2},
        initial_stock=initial,
    )
    assert last(table, "mean") == pytest.approx(expected, abs=1e-4)


def test_a_stock_in_equilibrium_stays_what_it_is(occupancy):
    table = occupancy(initial_stock={"count": 240, "ages": "equilibrium"})
    assert series(table, "mean").to_numpy() == pytest.approx(240)


def test_entry_dates_say_who_leaves_when(occupancy):
    Path("in.csv").write_text("entry\n2024-12-15\n2024-10-20\n2024-11-30\n", encoding="utf-8")
    table = occupancy(
        horizon=3,
        arrivals={"constant": 0},
        length_of_stay={"distribution": "fixed", "value": 3},
        initial_stock={"entry_dates": "in.csv"},
    )
    assert series(table, "mean").tolist() == [2, 1, 0]
    assert series(table, "quantile", 0.5).tolist() == [2, 1, 0]


def test_a_file_of_arrivals_to_come(occupancy):
    constant = series(occupancy(horizon=24), "mean")
    write_series([60] * 30)
    assert series(occupancy(horizon=24, arrivals={"file": "f.csv"}), "mean").equals(constant)
    write_series([5] * 30, series_id="y")
    own = occupancy(horizon=24, arrivals={"file": "f.csv", "series_id": "x"})
    assert series(own, "mean").equals(constant)


@pytest.mark.parametrize("initial", [None, {"ages": "back_calculated"}])
def test_a_file_of_observed_and_future_arrivals(occupancy, initial):
    """Those left of the observed arrivals are there at the start."""
    write_series([60] * 180, start="2015-01")
    table = occupancy(horizon=60, arrivals={"file": "f.csv"}, initial_stock=initial)
    assert series(table, "mean").to_numpy() == pytest.approx(240, rel=3e-4)


def test_observed_arrivals_share_out_a_given_stock(occupancy):
    """All 90 came in the last month, as the file says; a fixed stay lets them go together."""
    write_series([0] * 23 + [30] + [0] * 12, start="2023-01")
    table = occupancy(
        horizon=12,
        arrivals={"file": "f.csv"},
        length_of_stay={"distribution": "fixed", "value": 3},
        initial_stock={"count": 90, "ages": "back_calculated"},
    )
    assert series(table, "mean").iloc[:4].tolist() == pytest.approx([90, 90, 0, 0])


def test_arrivals_that_are_forecast_from_a_file(occupancy):
    """A constant series is forecast as itself, and its paths hold counts."""
    write_series([60] * 120, start="2015-01")
    table = occupancy(
        horizon=24,
        arrivals={"forecast": {"file": "f.csv", "series_id": "x", "model": "seasonal_naive"}},
        arrivals_kind=None,
        initial_stock=None,
    )
    assert series(table, "mean").to_numpy() == pytest.approx(240, rel=3e-4)
    by_count = last(table, "variance")
    assert by_count < 0.9 * 240
    write_series([60] * 24)
    counted = occupancy(horizon=24, arrivals={"file": "f.csv"}, arrivals_kind="count")
    assert last(counted, "variance") < 0.9 * last(counted, "mean")


def test_a_forecast_is_wider_than_a_constant(occupancy):
    rng = np.random.default_rng(1)
    level = 60 * np.exp(np.cumsum(0.15 * rng.standard_normal(120)))
    write_series(level.round().astype(int), start="2015-01")
    source = {"file": "f.csv", "model": "random_walk-log"}
    table = occupancy(
        horizon=12, arrivals={"forecast": source}, arrivals_kind=None, initial_stock=None, paths=300
    )
    assert last(table, "variance") > 3 * last(table, "mean")


def test_groups_add_up(occupancy):
    single = ("arrivals", "arrivals_kind", "dispersion", "length_of_stay", "initial_stock")
    returns = {
        "name": "returns",
        "arrivals": {"constant": 40},
        "length_of_stay": {"distribution": "exponential", "mean": 3},
        "initial_stock": {"count": 120, "ages": "equilibrium"},
    }
    families = {
        "name": "families",
        "arrivals": {"constant": 20},
        "dispersion": 4,
        "length_of_stay": {"distribution": "fixed", "value": 6},
        "initial_stock": {"count": 120, "ages": "equilibrium"},
    }
    groups = [returns, families]
    table = occupancy(horizon=60, groups=groups, **dict.fromkeys(single))
    assert series(table, "mean").to_numpy() == pytest.approx(240)
    assert last(table, "variance") == pytest.approx(120 + 120 + 3 * 20 * 6)


def test_places_may_change_over_time(occupancy):
    steps = [{"from": "2025-01", "places": 100}, {"from": "2026-07", "places": 400}]
    table = occupancy(
        horizon=24, capacity=steps, initial_stock={"count": 240, "ages": "equilibrium"}
    )
    chance = series(table, "p_over_capacity")
    assert chance[:"2026-06"].min() > 0.999
    assert chance["2026-07":].max() < 1e-6


@pytest.mark.parametrize(
    ("frequency", "start", "arrivals", "months"), [("Q", "2025-Q1", 180, 3), ("Y", 2025, 720, 12)]
)
def test_longer_periods(occupancy, frequency, start, arrivals, months):
    stay = {"distribution": "gamma", "shape": 2, "scale": 2, "unit": "months"}
    table = occupancy(
        frequency=frequency,
        start=start,
        horizon=24,
        arrivals={"constant": arrivals},
        length_of_stay=stay,
    )
    assert str(table["period"].iloc[0]) == str(start)
    assert last(table, "mean") == pytest.approx(240, rel=2e-4)
    assert table["period"].nunique() == 24


def test_a_quarterly_file(occupancy):
    write_series([180] * 90, start="2015-Q1", freq="Q")
    stay = {"distribution": "exponential", "mean": 4, "unit": "months"}
    table = occupancy(
        frequency="Q", start="2025-Q1", horizon=20, arrivals={"file": "f.csv"}, length_of_stay=stay,
        initial_stock=None,
    )  # fmt: skip
    assert series(table, "mean").to_numpy() == pytest.approx(240, rel=2e-4)


# backlog


def test_the_columns_and_outputs_of_a_backlog(backlog):
    table = backlog()
    assert ",".join(table.columns) == COLUMNS
    assert table["output_type"].unique().tolist() == list(BACKLOG_OUTPUTS)
    own = table[(table["period"] == "2025-12") & (table["output_type"] == "backlog")]
    assert own["quantile_level"].isna().tolist() == [True] + [False] * 23
    assert own["quantile_level"].tolist()[1:] == list(QUANTILE_LEVELS)
    staff = table[table["output_type"] == "staff_needed"]
    assert staff["quantile_level"].unique().tolist() == [0.8]
    assert staff["period"].tolist() == [f"2025-{month:02d}" for month in range(7, 13)]


def test_a_backlog_that_grows(backlog):
    table = backlog()
    assert last(table, "backlog") == pytest.approx(3600)
    assert last(table, "wait_of_last_arrival") == pytest.approx(8)


def test_a_backlog_that_runs_empty(backlog):
    table = backlog(horizon=24, inflow={"constant": 400}, capacity={"constant": 600})
    assert series(table, "backlog")["2026-02"] == pytest.approx(200)
    assert series(table, "backlog")["2026-03":].to_numpy() == pytest.approx(0, abs=1e-9)
    decided = series(table, "decisions")
    assert decided[:"2026-03"].to_numpy() == pytest.approx(600)
    assert decided["2026-04":].to_numpy() == pytest.approx(400)
    assert last(table, "wait_of_last_arrival") == 0


def test_littles_law_for_a_backlog(backlog):
    """Cases waiting = inflow x wait, where as many are decided as come."""
    table = backlog(inflow={"constant": 400}, capacity={"constant": 400}, initial_backlog=2400)
    assert series(table, "backlog").to_numpy() == pytest.approx(2400)
    assert series(table, "wait_of_last_arrival").to_numpy() == pytest.approx(6)


def test_arrivals_are_decisions_exits_and_change(backlog):
    table = backlog(exit_rate=0.05, priority_share=0.2)
    waiting = series(table, "backlog").to_numpy()
    change = np.diff(waiting, prepend=3000)
    gone = series(table, "decisions").to_numpy() + series(table, "exits").to_numpy()
    assert gone + change == pytest.approx(500)
    assert series(table, "exits").min() > 100


def test_exits_alone_bring_a_backlog_to_its_level(backlog):
    """It settles where those who come beyond the capacity are those who leave: 100 / 0.1."""
    table = backlog(horizon=120, exit_rate=0.1, capacity={"constant": 400})
    assert last(table, "backlog") == pytest.approx(1000, rel=1e-4)


def test_the_staff_of_the_parameters(backlog):
    parameters = load_parameters("asylum_processing")
    month = pd.Period("2025-01", "M")
    names = ("registration", "interview", "decision", "appeal")
    hours = sum(
        parameters.value(f"hours_per_case_{name}", on=month)
        * parameters.value(f"share_of_cases_{name}", on=month)
        for name in names
    )
    available = (
        parameters.value("paid_hours_per_month", on=month)
        * parameters.value("availability", on=month)
        * parameters.value("share_of_time", on=month)
    )
    table = backlog(capacity={"staff": {"persons": 60}})
    assert series(table, "decisions").to_numpy() == pytest.approx(60 * available / hours)


@pytest.mark.parametrize(
    ("changes", "hours", "factor"),
    [
        ({}, 18.5, 1),
        ({"availability": 0.6, "share": 1.0, "hours_per_month": 150}, 18.5, 90 / 103.98),
        ({"hours_per_case": {"interview": 8}}, 18.5 + 2 * 0.85, 1),
        ({"share_of_cases": {"appeal": 0}}, 18.5 - 8 * 0.3, 1),
        ({"hours_per_case": {"hearing": 3}}, 18.5 + 3, 1),
        ({"hours_per_case": {"hearing": 3}, "share_of_cases": {"hearing": 0.5}}, 20, 1),
    ],
)
def test_assumptions_about_the_staff_may_be_replaced(backlog, changes, hours, factor):
    """What is not given stays as it is in the parameters: 18.5 hours a case, 103.98 a month."""
    table = backlog(capacity={"staff": {"persons": 60, **changes}})
    assert last(table, "decisions") == pytest.approx(60 * 103.98 * factor / hours)


def test_the_staff_needed_keeps_the_wait_within_the_limit(backlog):
    parts = {"horizon": 36, "staff_target": {"probability": 0.9, "from": "2025-09"}}
    table = backlog(**parts, capacity={"staff": {"persons": 60}})
    staff = series(table, "staff_needed", 0.9)
    assert staff.index[0] == "2025-09"
    enough = backlog(**parts, capacity={"staff": {"persons": float(staff.max())}})
    assert series(enough, "wait_of_last_arrival")["2025-09":].max() == pytest.approx(6)
    fewer = backlog(**parts, capacity={"staff": {"persons": float(staff.max()) - 1}})
    assert series(fewer, "wait_of_last_arrival")["2025-09":].max() > 6.05


@pytest.mark.parametrize(
    "source",
    [
        {"file": "b.csv"},
        {"file": "b.csv", "series_id": "x"},
    ],
)
def test_an_initial_backlog_from_a_file(backlog, source):
    write_series([2800, 2900, 3000, 9999], start="2024-10", path="b.csv")
    table = backlog(initial_backlog=source)
    assert last(table, "backlog") == pytest.approx(3600)


def test_an_initial_backlog_and_an_inflow_of_the_reference_figures(backlog):
    table = backlog(
        start="2024-10",
        initial_backlog={"series": "pending-applications/FI"},
        inflow={"forecast": {"series": "asylum-applicants/FI", "model": "fast"}},
        capacity={"constant": 350},
    )
    first = table[table["period"] == "2024-10"]
    assert last(first, "backlog") == pytest.approx(6205, abs=400)
    assert last(table, "backlog", 0.9) > last(table, "backlog", 0.1) + 1000


def test_an_inflow_from_a_file(backlog):
    write_series([500] * 6 + [450] * 6)
    table = backlog(inflow={"file": "f.csv"})
    assert last(table, "backlog") == pytest.approx(3300)


def test_reception_places_without_those_in_private_accommodation(backlog):
    table = backlog(private_share=0.25)
    assert last(table, "reception_places") == pytest.approx(2700)


def test_the_same_seed_writes_the_same_backlog(backlog):
    write_series([500 + 10 * (month % 7) for month in range(60)], start="2020-01")
    inflow = {"forecast": {"file": "f.csv", "model": "seasonal_naive"}}
    backlog(inflow=inflow)
    first = Path("out.csv").read_bytes()
    backlog(inflow=inflow)
    assert Path("out.csv").read_bytes() == first
    backlog(inflow=inflow, seed=2)
    assert Path("out.csv").read_bytes() != first


def test_what_is_printed_of_a_backlog(run):
    write_config(BACKLOG, name="office", private_share=0.25)
    result = run("backlog", "c.yaml", "-o", "out.csv")
    assert result.stdout.splitlines() == [
        "office: 3,600 cases wait at the end of 2025-12 in the median, "
        "80 % interval 3,600 to 3,600",
        "the last to come waits 8.0 months; 17% of those waiting are over 6 months",
        "within 6 months from 2025-07 on with 80%: 500.0 decisions a month (now 450)",
        "2,700 reception places at the end of 2025-12",
        "out.csv",
    ]


@pytest.mark.parametrize(
    ("verb", "name"),
    [("occupancy", "si-centre-for-foreigners"), ("backlog", "fi-asylum-backlog")],
)
def test_a_shipped_configuration_is_found_by_its_name(run, verb, name):
    result = run(verb, name, "--output", "out.csv")
    assert result.exit_code == 0, result.output
    assert Path("out.csv").read_text(encoding="utf-8").startswith(COLUMNS)


def test_a_name_that_does_not_ship_is_refused_with_those_that_do(run):
    result = run("backlog", "no-such-office", "--output", "out.csv")
    assert result.exit_code == 2
    assert "configuration 'no-such-office'; expected: fi-asylum-backlog, " in result.output
    assert not Path("out.csv").exists()
