"""One wrong length of stay, spell or table of leavers per message."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError, ModelError
from forecasting.stocks.length_of_stay import (
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Mixture,
    Weibull,
)
from forecasting.stocks.stay_bands import BandedCounts, estimate_from_bands
from forecasting.stocks.stay_config import make_length_of_stay
from forecasting.stocks.stay_curve import Curve, make_curve, read_stay_curve
from forecasting.stocks.stay_spells import (
    Spells,
    estimate_from_spells,
    make_spells,
    product_limit,
)

QUARTERS = pd.period_range("2023Q1", periods=4, freq="Q")
BANDS = ["up to a month", "longer"]
RNG = np.random.default_rng(1)


def raises(message, kind=InputError):
    return pytest.raises(kind, match=re.escape(message))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exponential(0), "mean 0; expected: a number above 0, finite"),
        (lambda: Exponential(np.inf), "mean inf; expected: a number above 0"),
        (lambda: Lognormal(4, -1), "cv -1; expected: a number above 0"),
        (lambda: Gamma(np.nan, 2), "shape nan; expected: a number above 0"),
        (lambda: Gamma(1e200, 1e200), "a mean stay of inf; expected: a finite mean stay"),
        (lambda: Weibull(0.001, 1), "a mean stay of inf; expected: a finite mean stay"),
        (lambda: Fixed(-4), "value -4; expected: a number above 0"),
        (lambda: Mixture(()), "weights that add up to 0; expected: 1"),
        (lambda: Mixture(((0.5, Fixed(1)),)), "weights that add up to 0.5; expected: 1"),
        (lambda: Mixture(((1.5, Fixed(1)), (-0.5, Fixed(2)))), "weight -0.5"),
        (lambda: Curve((0, 1), (1, 0.5)), "ends at 0.5 with a tail of mean 0 periods"),
        (lambda: Curve((0, 1), (1, 0.0), 2), "ends at 0 with a tail of mean 2 periods"),
        (lambda: Curve((0, 1), (1, 0.5), np.inf), "a tail of mean inf"),
        (lambda: Curve((0,), (1,)), "point 1: a curve of 1 points; expected: 2 or more"),
    ],
)
def test_a_stay_without_a_finite_mean_is_refused(make, message):
    with raises(message):
        make()


@pytest.mark.parametrize(
    "stay", [Fixed(4), Curve((0, 4), (1, 0.0)), Mixture(((1, Fixed(4)),)), Gamma(2, 0.01)]
)
def test_nobody_is_present_for_longer_than_anybody_stays(stay):
    with raises("a person present for 24 periods, longer than anybody stays"):
        stay.draw_residual(np.array([1, 24.0]), RNG)


@pytest.mark.parametrize(
    ("rows", "tail", "message"),
    [
        ("0,1\n1,0.5\n2,0.6", None, ", row 4: survival rises from 0.5 to 0.6; expected: survival"),
        ("0,1\n1,1.2", None, ", row 3: survival 1.2; expected: a share from 0 to 1"),
        ("0,1\n1,-0.1", None, ", row 3: survival -0.1; expected: a share from 0 to 1"),
        ("0,1\n1,", None, ", row 3: survival nan; expected: a share from 0 to 1"),
        ("0,1\n2,0.5\n1,0", None, ", row 4: age 1; expected: 2 or more"),
        ("0,0.9\n1,0", None, ", row 2: a curve that begins with 0.9 at 0; expected: survival 1"),
        ("1,1\n2,0", None, ", row 2: a curve that begins with 1 at 1; expected: survival 1 at"),
        ("0,1\n1,half", None, ", row 3: value 'half' is not a number"),
        ("0,1\n1,0.5", None, ": the curve ends at 0.5 and has no tail; expected: a declared tail"),
        ("0,1\n1,0.5", "power", ": tail 'power'; expected: 'exponential', or a maximum stay"),
        ("0,1\n1,0.5", 1, ": a maximum stay of 1; expected: above 1, finite"),
        ("0,1\n1,0.5", np.inf, ": a maximum stay of inf; expected: above 1, finite"),
        ("0,1\n1,0.5\n2,0.5", "exponential", "does not fall from 1 to 2: its mean stay would be"),
        ("0,1\n1,0.5\n1,0.4", "exponential", "does not fall from 1 to 1: its mean stay would be"),
        ("0,1\n1,0", "exponential", ": tail 'exponential' of a curve that reaches 0; expected: no"),
    ],
)
def test_a_file_that_is_no_curve_is_refused(tmp_path, rows, tail, message):
    path = tmp_path / "stay.csv"
    path.write_text(f"month,survival\n{rows}\n", encoding="utf-8")
    with raises(message) as caught:
        read_stay_curve(path, tail=tail)
    assert str(caught.value).startswith(str(path))


def test_a_curve_made_of_points_names_them():
    with raises("point 3: survival rises from 0.5 to 0.7"):
        make_curve(np.array([0, 1, 2.0]), np.array([1, 0.5, 0.7]), tail=9)


HALF = {"weight": 0.5, "distribution": "fixed", "value": 4}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("lognormal", "c.yaml: 'lognormal'; expected: a mapping with a distribution"),
        ({"mean": 4}, "c.yaml: no distribution; expected: exponential | weibull | lognormal"),
        (
            {"distribution": "fixed", "value": 4, "cv": 1},
            "c.yaml: key cv not known; expected: distribution, value, unit",
        ),
        ({"distribution": "fixed", "value": True}, "c.yaml: value True is not a number"),
        ({"distribution": "fixed", "value": -1}, "c.yaml: value -1; expected: a number above 0"),
        ({"distribution": "mixture", "parts": []}, "c.yaml: parts []; expected: a list of"),
        ({"distribution": "mixture", "parts": [HALF]}, "c.yaml: weights that add up to 0.5"),
        (
            {"distribution": "mixture", "parts": [HALF, {"distribution": "fixed", "value": 1}]},
            "c.yaml, part 2: no weight; expected: weight: a share of the arrivals",
        ),
        (
            {"distribution": "mixture", "parts": [HALF, {**HALF, "value": 0}]},
            "c.yaml, part 2: value 0; expected: a number above 0",
        ),
        (
            {"distribution": "curve", "file": "f.csv", "tail": {"max": 12}},
            "c.yaml, tail: key max not known; key maximum missing; expected: maximum",
        ),
        (
            {"distribution": "curve", "file": "f.csv", "tail": 12},
            "c.yaml: tail 12; expected: tail: exponential, or tail: {maximum: months}",
        ),
    ],
)
def test_a_configuration_that_is_no_stay_is_refused(spec, message):
    with raises(message):
        make_length_of_stay(spec, where="c.yaml")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("", "2024-02-01", ""), "f.csv, row 7: no entry date; expected: YYYY-MM-DD"),
        (("1.2.2024", "", ""), "f.csv, row 7: entry '1.2.2024' is no date; expected: YYYY-MM-DD"),
        (("2024-02-01", "2024-02", ""), "f.csv, row 7: exit '2024-02' is no date"),
        (("2024-02-01", "2024-01-31", ""), "f.csv, row 7: exit before the entry"),
        (("2025-02-01", "", ""), "f.csv, row 7: entry after the cut-off 2024-12-31"),
        (("2024-02-01", "2024-03-01", "2024-04-01"), "row 7: exit before the observation began"),
        (("2024-02-01", "", "2025-04-01"), "f.csv, row 7: observed only after the cut-off"),
    ],
)
def test_dates_that_are_no_spell_name_their_row(row, message):
    columns = ["entry", "exit", "observed_from"]
    dates = pd.DataFrame([("2024-01-01", "2024-01-05", ""), row], columns=columns, index=[6, 7])
    with raises(message):
        make_spells(dates, cut_off="2024-12-31", where="f.csv")


def test_spells_need_their_columns_and_a_cut_off():
    dates = pd.DataFrame({"entry": ["2024-01-01"], "left": ["2024-01-05"]})
    with raises("f.csv: column 'exit' missing; expected: entry, exit"):
        make_spells(dates, cut_off="2024-12-31", where="f.csv")
    with raises("cut_off: '2024' is no date; expected: YYYY-MM-DD"):
        make_spells(dates.rename(columns={"left": "exit"}), cut_off="2024")


def spells(*, exits, others=0, first_age=0.0):
    ages = np.linspace(1, 3, exits + others)
    return Spells(np.full(len(ages), first_age), ages, np.arange(len(ages)) < exits)


def test_ages_that_are_no_spell_are_refused():
    with raises("spell 1: seen from age 2 to 1; expected: ages of 0 or more, the last above"):
        spells(exits=12, first_age=2.0)
    with raises("spell 1: seen from age -1 to 1"):
        spells(exits=12, first_age=-1.0)
    with raises("spells: 2, 1 and 1 values; expected: one a person of each"):
        Spells(np.zeros(2), np.ones(1), np.ones(1, dtype=bool))


def test_too_few_exits_or_too_little_information_is_no_estimate():
    with raises("9 completed stays, 10 or more are needed", ModelError):
        estimate_from_spells(spells(exits=9, others=30))
    with raises("9 completed stays, 10 or more are needed", ModelError):
        product_limit(spells(exits=9, others=30))
    with raises("distribution 'pareto'; expected: exponential | weibull | lognormal | gamma"):
        estimate_from_spells(spells(exits=20), distribution="pareto")
    late = Spells(np.full(12, 5.0), np.linspace(5.2, 8, 12), np.ones(12, dtype=bool))
    with raises(
        "the gamma stay is too uncertain: a log-parameter has a standard error", ModelError
    ):
        estimate_from_spells(late, distribution="gamma")


def test_a_survival_that_breaks_off_early_is_no_product_limit():
    first = np.append(np.zeros(12), np.full(12, 5.0))
    last = np.append(np.linspace(1, 2, 12), np.linspace(6, 9, 12))
    broken = Spells(first, last, np.ones(24, dtype=bool))
    with raises("all 1 persons seen at age 2 left then, 8% of all who entered", ModelError):
        product_limit(broken)


def counts(**changes):
    tables = {
        "entries": pd.Series(100, index=QUARTERS),
        "leavers": pd.DataFrame([[60, 40]] * 4, index=QUARTERS, columns=BANDS),
        "stock": pd.Series(60, index=QUARTERS),
        "band_starts": (0, 1),
        "unit": "months",
    }
    return BandedCounts(**(tables | changes))


MONTHS = pd.period_range("2023-01", periods=12, freq="M")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"entries": pd.Series(33, index=MONTHS)},
            "monthly entries with quarterly leavers by length band; expected: tables of one "
            "frequency; sum flows to the longer period and take the stock at its end",
        ),
        (
            {"stock": pd.Series(60, index=MONTHS)},
            "monthly stock with quarterly leavers by length band",
        ),
        ({"unit": ""}, "band_starts: unit ''; expected: days | months | quarters | years"),
        ({"band_starts": (0, 1, 2)}, "3 band starts; expected: 2, one a column of the leavers"),
        ({"band_starts": (1, 2)}, "band starts (1, 2); expected: rising from 0"),
        ({"band_starts": (0, 0)}, "band starts (0, 0); expected: rising from 0"),
        (
            {"entries": pd.Series([100, -1, 3, 4], index=QUARTERS)},
            "entries -1 in 2023-Q2; expected: whole counts of persons, 0 or more",
        ),
        ({"stock": pd.Series(60.5, index=QUARTERS)}, "stock 60.5 in 2023-Q1; expected: whole"),
        ({"entries": pd.Series(np.nan, index=QUARTERS)}, "entries nan in 2023-Q1"),
        (
            {"entries": pd.Series(100, index=QUARTERS[[0, 1, 3]])},
            "entries with a gap or out of order, 2023-Q1 to 2023-Q4",
        ),
        (
            {"entries": pd.Series(100, index=QUARTERS[:3])},
            "entries from 2023-Q1 to 2023-Q3; expected: the periods of the leavers, 2023-Q1 to",
        ),
        ({"stock": pd.Series(60, index=QUARTERS[:3])}, "stock from 2023-Q1 to 2023-Q3"),
        ({"stock": pd.Series(60, index=QUARTERS[[3, 3]])}, "stock with a period twice"),
        ({"stock": pd.Series([60])}, "stock without periods; expected: an index of pandas"),
        (
            {"stock": pd.DataFrame(30, index=QUARTERS, columns=["a", "b"])},
            "stock by the bands a, b; expected: those of the leavers: up to a month, longer",
        ),
    ],
)
def test_tables_that_do_not_belong_together_are_refused(changes, message):
    with raises(message):
        counts(**changes)


def test_too_few_leavers_are_no_estimate():
    few = pd.DataFrame([[1, 1]] * 4, index=QUARTERS, columns=BANDS)
    with raises("8 completed stays, 10 or more are needed", ModelError):
        estimate_from_bands(counts(leavers=few))


def test_leavers_nobody_entered_before_are_no_estimate():
    with raises("the length of stay", ModelError):
        estimate_from_bands(counts(entries=pd.Series(0, index=QUARTERS)))
