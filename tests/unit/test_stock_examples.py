"""The shipped examples and the document on stocks: they run, and their numbers come out again."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.languages import language_codes
from forecasting.locations import data_dir
from forecasting.paths import make_paths
from forecasting.series import read_series
from forecasting.sources.parameters import load_parameters
from forecasting.sources.reference import find_dataset
from forecasting.sources.yaml_files import read_yaml
from forecasting.stocks.arrivals import Arrivals, constant_arrivals
from forecasting.stocks.backlog_config import backlog_table, load_backlog, run_backlog
from forecasting.stocks.exceedance import exceedance
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import Lognormal
from forecasting.stocks.occupancy import Group, expected_occupancy, simulate_occupancy
from forecasting.stocks.occupancy_config import load_occupancy, occupancy_table, run_occupancy
from forecasting.stocks.service_level import (
    MEANINGS,
    capacity_for,
    over_capacity_in_year,
    whole_years,
)
from forecasting.stocks.stay_spells import Spells, product_limit
from forecasting.stocks.summary import backlog_lines, occupancy_lines

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT.parent / "shared" / "data" / "eurostat_first_instance_decisions_quarterly.csv"
FOLDER = data_dir() / "stocks"
CENTRE, RECEPTION = "si-centre-for-foreigners", "si-reception-centres"
FINLAND = "fi-asylum-backlog"
SLOVENIA = "si-asylum-backlog"


@pytest.fixture(scope="module")
def detention():
    rows = pd.read_csv(find_dataset("detention-counts").path, dtype={"date": str})
    return rows.set_index(["quantity", "date"])["value"]


@pytest.fixture(scope="module")
def finland():
    return run_backlog(load_backlog(FINLAND, paths=200))


def comments(name):
    """Comments of an example on one line, so that a phrase may run over several."""
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))


def test_all_examples_are_tested_here():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {CENTRE, RECEPTION, FINLAND, SLOVENIA}


def test_the_wheel_carries_all_data():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["data"] == "forecasting/_suite/data"
    for folder in ("stocks", "parameters"):
        assert list((ROOT / "data" / folder).glob("*.yaml"))


@pytest.mark.parametrize("name", [CENTRE, RECEPTION, FINLAND, SLOVENIA])
def test_every_example_says_on_what_it_rests_in_every_language(name):
    content = read_yaml(FOLDER / f"{name}.yaml")
    for key in ("note", "title"):
        assert content[key].keys() == set(language_codes())
    assert all(content["note"].values())


@pytest.mark.parametrize("name", [CENTRE, RECEPTION])
def test_the_occupancy_examples_run(name):
    projection = run_occupancy(load_occupancy(name, paths=100))
    table = occupancy_table(projection)
    assert table["period"].iloc[-1] == "2029-12"
    assert np.isfinite(table["value"]).all()
    assert (table["value"] >= 0).all()
    assert occupancy_lines(projection)


def test_the_backlog_example_runs(finland):
    table = backlog_table(finland)
    assert table["period"].iloc[-1] == "2027-09"
    assert np.isfinite(table["value"]).all()
    assert "reception_places" in set(table["output_type"])
    lines = backlog_lines(finland)
    assert "(now 53.9)" in lines[2]


# Slovenia, Centre for Foreigners


def test_entries_of_the_centre_are_those_of_two_years(detention):
    years = detention["accommodated"][["2023", "2024"]]
    assert years.sum() == 507
    config = load_occupancy(CENTRE, paths=1).config
    assert config.arrivals.constant == years.sum() / 24 == 21.125
    assert years.var() == 2812.5
    assert years.mean() == 253.5
    assert config.dispersion == round(years.var() / years.mean(), 1) == 11.1


def test_the_stay_in_the_centre_lies_between_two_stocks_over_their_flows(detention):
    """Little's law: persons present over persons entering in a month."""
    in_2008 = detention["present"]["2008-04-22"] / (detention["accommodated"]["2007"] / 12)
    in_2022 = detention["present"]["2022-12-31"] / (detention["accommodated"]["2023"] / 12)
    assert (round(in_2008, 2), round(in_2022, 2)) == (0.72, 0.45)
    assert "0.72 months" in comments(CENTRE)
    assert "make 0.45" in comments(CENTRE)
    plan = load_occupancy(CENTRE, paths=1)
    assert in_2022 < plan.groups[0].stay.mean < in_2008
    assert plan.groups[0].initial.count == round(21.125 * plan.groups[0].stay.mean) == 13


def test_the_places_are_those_of_the_indicators():
    """Of O.3.5 the milestone holds until the target's month; of O.1.3 the target alone."""
    centre, reception = (load_occupancy(name, check_only=True) for name in (CENTRE, RECEPTION))
    promised = centre.config.indicator
    assert (promised.code, promised.milestone, promised.target) == ("O.3.5", 60, 120)
    assert centre.capacity.tolist() == [60] * 59 + [120]
    promised = reception.config.indicator
    assert (promised.code, promised.target) == ("O.1.3", 420)
    assert set(reception.capacity) == {420}


def test_the_centre_has_room_under_its_assumptions():
    projection = run_occupancy(load_occupancy(CENTRE, paths=4000))
    assert projection.expected.mean.to_numpy() == pytest.approx(21.125 * 0.6, rel=0.03)
    years = whole_years(projection.demand)
    assert over_capacity_in_year(years, 60).to_numpy().max() < 0.01


# Slovenia, reception


def test_the_reception_example_counts_those_left_of_all_applicants():
    plan = load_occupancy(RECEPTION, check_only=True)
    (group,) = plan.groups
    applicants = read_series("asylum-applicants/SI").until(plan.periods[0] - 1)
    assert group.arrivals.observed.equals(applicants.values)
    assert group.initial.count is None
    assert group.arrivals.kind == "count"
    assert group.stay.mean == 4


def test_the_stay_in_reception_is_that_of_the_programme():
    programme = read_yaml(data_dir() / "programmes" / "si-amif-2021-2027.yaml")
    stay = programme["inputs"]["stay_in_reception"]
    assert (stay["value"], stay["unit"]) == (4, "months")


def test_a_night_in_reception_costs_what_the_programme_plans_a_month():
    programme = read_yaml(data_dir() / "programmes" / "si-amif-2021-2027.yaml")
    monthly = programme["inputs"]["cost_per_person_and_month"]["value"]
    config = load_occupancy(RECEPTION, check_only=True).config
    assert config.cost_eur_per_night == round(monthly * 12 / 365, 2)


# Finland


def test_what_left_the_finnish_stock_in_twelve_months():
    applied = read_series("asylum-applicants/FI").values["2023-10":"2024-09"]
    pending = read_series("pending-applications/FI").values["2023-09":"2024-09"]
    change = pending.iloc[-1] - pending.iloc[0]
    assert (applied.sum(), change) == (4405, -60)
    left = (applied.sum() - change) / 12
    assert round(left) == 372
    by_exit = (1 - np.exp(-0.01)) * (pending.iloc[1:] + pending.iloc[:-1].to_numpy()).mean() / 2
    assert by_exit == pytest.approx(69, abs=1)
    text = comments(FINLAND)
    assert re.search(r"4,405 persons applied and the pending fell by 60: 372 left", text)
    assert round(left) - 69 == 303
    assert "the other 303" in text


def test_what_left_the_slovenian_stock_in_twelve_months():
    applied = read_series("asylum-applicants/SI").values["2023-09":"2024-08"].sum()
    pending = read_series("pending-applications/SI").values["2023-08":"2024-08"]
    change, waiting = pending.iloc[-1] - pending.iloc[0], pending.iloc[1:].mean()
    assert (applied, change, round(waiting)) == (6240, -1175, 2187)
    left = (applied - change) / 12
    plan = load_backlog(SLOVENIA, paths=200, check_only=True)
    decided = round(plan.inputs.capacity[0])
    assert (round(left), decided) == (618, 33)
    assert plan.config.exit_rate == round((round(left) - decided) / waiting, 3)
    text = comments(SLOVENIA)
    assert "6,240 persons applied and the pending fell by 1,175: 618 left" in text
    assert "The other 585 are a hazard of 0.267 a month for the 2,187" in text


@pytest.mark.skipif(not DECISIONS.is_file(), reason="needs ../shared/data")
def test_so_many_were_decided_in_slovenia():
    rows = pd.read_csv(DECISIONS).query(
        "geo == 'SI' and citizen == 'TOTAL' and decision == 'TOTAL'"
    )
    year = rows[rows["date"].between("2023-10", "2024-07")]["value"]
    assert (len(year), year.sum(), math.ceil(year.sum() / 12)) == (4, 390, 33)


def test_the_slovenian_stock_follows_from_its_exit_rate():
    projection = run_backlog(load_backlog(SLOVENIA, paths=200))
    out = projection.result.exits.sum() + projection.result.decisions.sum()
    assert 0.9 < float(projection.result.exits.sum() / out) < 0.97


def test_the_finnish_staff_decides_what_is_left(finland):
    plan = finland.plan
    assert plan.staff.persons == 53.9
    assert plan.inputs.capacity == pytest.approx(303, abs=1)
    assert plan.inputs.initial_backlog == 6180


def test_the_finnish_example_takes_limit_and_private_share_from_the_parameters(finland):
    parameters = load_parameters("asylum_processing")
    config = finland.plan.config
    month = config.start
    assert config.limit_months == parameters.value("decision_limit", on=month)
    assert config.private_share == parameters.value("private_accommodation_share_fi", on=month)


# the numbers of docs/methods/stocks.md


def row_of(label):
    """Numbers in the row of the document that begins so, without percent signs and commas."""
    text = (ROOT / "docs" / "methods" / "stocks.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {label} |")]
    cells = [cell.strip().rstrip(" %").replace(",", "") for cell in line.split("|")[2:-1]]
    return [float(cell) for cell in cells]


def autoregressive(n_paths, periods):
    rng = np.random.default_rng(5)
    log = rng.normal(0, 0.3, (n_paths, len(periods)))
    for month in range(1, len(periods)):
        log[:, month] = 0.9 * log[:, month - 1] + np.sqrt(0.19) * log[:, month]
    return Arrivals(make_paths(60 * np.exp(log - 0.045), periods, unit="persons"), "rate")


@pytest.mark.parametrize(
    ("label", "tolerance"),
    [
        ("Poisson", 1),
        ("variance 8 times the mean", 3),
        ("log rate an AR(1), $\\sigma = 0.3$, $\\rho = 0.9$", 8),
    ],
)
def test_three_meanings_of_95_percent(label, tolerance):
    """On fewer paths than the document; the tolerance is in places."""
    periods, n_paths = pd.period_range("2020-01", periods=60, freq="M"), 4000
    arrivals = {
        "P": constant_arrivals(60, periods, kind="rate"),
        "v": constant_arrivals(60, periods, kind="rate", dispersion=8),
        "l": autoregressive(n_paths, periods),
    }[label[0]]
    group = Group("all", arrivals, Lognormal(4, 1.2), InitialStock(240, "equilibrium"))
    variance, over, *places = row_of(label)
    found = expected_occupancy([group], 60).variance.to_numpy()[-1]
    assert found == pytest.approx(variance, rel=0.001 * tolerance**2)
    chance = exceedance([group], 60, capacity=266).probability.to_numpy()[-1]
    assert 100 * chance == pytest.approx(over, abs=0.5 + tolerance / 8)
    last = simulate_occupancy([group], 60, n_paths=n_paths, seed=1)[:, -12:]
    needed = [capacity_for(last, 0.95, meaning=meaning).item() for meaning in MEANINGS]
    assert needed == pytest.approx(places, abs=tolerance)


def test_biases_of_a_stay_from_records():
    """The same simulation as in the document."""
    window, rng = 24, np.random.default_rng(7)
    n = rng.poisson(400 * (300 + window))
    entry = rng.uniform(-300, window, n)
    stays = Lognormal(4, 1.2).draw(n, rng)
    seen = entry + stays > 0
    came, stayed = entry[seen], stays[seen]
    ended = came + stayed < window
    last_age = np.where(ended, stayed, window - came)
    spells = Spells(np.maximum(-came, 0), last_age, ended)
    blind = Spells(np.zeros(len(came)), last_age, ended)
    rows = {
        "mean of those who came and left in the window": stayed[(came > 0) & ended].mean(),
        "mean stay of those present on a day": stayed[came < 0].mean(),
        "Kaplan-Meier as if everybody had been seen from the entry": product_limit(
            blind, tail="exponential"
        ).mean,
        "Kaplan-Meier with the time of entry": product_limit(spells, tail="exponential").mean,
    }
    for label, value in rows.items():
        assert row_of(label)[1] == round(value, 2)
