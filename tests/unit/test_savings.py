"""Savings of activation against the oracles, to the cent, and against values worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from forecasting.savings.activation import (
    Assumptions,
    break_even_month,
    fixed,
    p_covers_cost,
    project_savings,
    total_savings,
)
from forecasting.savings.cohorts import Cohort, Convention, exposure, overlaps
from forecasting.savings.exact import break_even, exact_savings, power, to_cents
from forecasting.savings.relapse import (
    EffectLag,
    appeared,
    off_assistance,
    relapse_monthly,
    relapse_within,
)

ROWS = (
    ("7-12", 7, 12, 200, 6, 250),
    ("13-17", 13, 17, 250, 5, 250),
    ("18-24", 18, 24, 250, 7, 375),
    ("25-36", 25, 36, 800, 12, 325),
    ("37-48", 37, 48, 750, 12, 325),
    ("49-60", 49, 60, 750, 12, 325),
)
COHORTS = tuple(Cohort(*row[:5], Decimal(row[5])) for row in ROWS)
PUBLISHED = Convention()
ZERO, ONE = Fraction(0), Fraction(1)
NOTHING = Assumptions(ONE, ZERO, ZERO, ZERO, ZERO, ZERO, relapse_monthly(ZERO))


def exact(convention=PUBLISHED, horizon=60, **changes):
    return exact_savings(COHORTS, convention, replace(NOTHING, **changes), horizon)


def arrays(**changes):
    """Make assumptions of one draw, or of as many as those that change."""
    none = Assumptions(
        fixed(1), fixed(0), fixed(0), fixed(0), fixed(0), fixed(0), relapse_monthly(fixed(0))
    )
    return replace(none, **changes)


# the oracles


def test_the_published_table_comes_out_to_the_cent():
    found = exact()
    assert found.gross_by_cohort == (300_000, 312_500, 656_250, 3_120_000, 2_925_000, 2_925_000)
    assert found.net_by_cohort == found.gross_by_cohort
    assert sum(found.gross) == 10_238_750
    assert to_cents(sum(found.gross)) == Decimal("10238750.00")
    assert sum(cohort.persons for cohort in COHORTS) == 3_000 == 12_000 // 4


@pytest.mark.parametrize(
    ("exit_timing", "carry_over", "euros"),
    [
        ("period_start", False, 10_238_750),
        ("period_start", True, 27_866_250),
        ("uniform", False, 5_119_375),
        ("uniform", True, 22_746_875),
    ],
)
def test_conventions(exit_timing, carry_over, euros):
    convention = Convention(exit_timing, carry_over)
    assert sum(exact(convention).gross) == euros
    assert project_savings(COHORTS, convention, arrays(), 60).gross.sum() == pytest.approx(euros)


@pytest.mark.parametrize(("deadweight", "euros"), [("0.3", 7_167_125), ("1", 0)])
def test_deadweight_lessens_the_net_saving_alone(deadweight, euros):
    found = exact(deadweight=Fraction(deadweight))
    assert sum(found.net) == euros
    assert sum(found.gross) == 10_238_750


def test_the_documented_middle_case():
    """Near 11.4 million; the cents from a formula written out by hand, in floats."""
    middle = {
        "deadweight": Fraction("0.3"),
        "indexation": Fraction("0.025"),
        "discount": Fraction("0.03"),
        "relapse": relapse_within(Fraction("0.25"), Fraction(12), Fraction("0.4")),
    }
    found = float(sum(exact(Convention("uniform", True), **middle).net))
    by_hand = 0.0
    hazard = -math.log(0.35 / 0.6) / 12
    for _, _, end, persons, months, amount in ROWS:
        for left in range(end - months + 1, end + 1):
            for month in range(left, 61):
                saved = amount * (0.5 if month == left else 1) * (1.025 / 1.03) ** (month / 12)
                off = 0.4 + 0.6 * math.exp(-hazard * (month - left))
                by_hand += 0.7 * persons / months * saved * off
    assert found == pytest.approx(by_hand, rel=1e-12)
    assert found == pytest.approx(11_386_256, abs=1)
    assert found == pytest.approx(11.4e6, rel=0.005)


def test_arrays_agree_with_fractions_in_the_middle_case():
    exactly = exact(
        Convention("uniform", True),
        substitution=Fraction("0.15"),
        displacement=Fraction("0.2"),
        delivery=Fraction("0.6"),
        indexation=Fraction("0.025"),
        discount=Fraction("0.03"),
        relapse=relapse_monthly(Fraction("0.02")),
        effect_lag=EffectLag(Fraction(9), Fraction(30)),
    )
    found = project_savings(
        COHORTS,
        Convention("uniform", True),
        arrays(
            substitution=fixed(0.15),
            displacement=fixed(0.2),
            delivery=fixed(0.6),
            indexation=fixed(0.025),
            discount=fixed(0.03),
            relapse=relapse_monthly(fixed(0.02)),
            effect_lag=EffectLag(fixed(9), fixed(30)),
        ),
        60,
    )
    for name in ("gross", "net", "gross_by_cohort", "net_by_cohort"):
        expected = [float(euros) for euros in getattr(exactly, name)]
        np.testing.assert_allclose(getattr(found, name)[0], expected, rtol=1e-12)


# what the parts mean


def test_one_person_by_hand():
    """Leaves in month 2 of 4, saves 100 a month: whole from the start, or half in that month."""
    person = Cohort("a", 1, 2, 1, 1, Decimal(100))
    start, within = (
        exact_savings([person], Convention(timing, True), NOTHING, 4)
        for timing in ("period_start", "uniform")
    )
    assert start.gross == (0, 100, 100, 100)
    assert within.gross == (0, 50, 100, 100)


def test_months_counted_are_the_last_of_the_period():
    assert Cohort("a", 13, 24, 1, 7, Decimal(1)).first_exit == 18


def test_relapse_monthly_and_within():
    left = off_assistance(relapse_monthly(fixed(0.02)), 13)[0]
    assert left[[0, 1, 12]] == pytest.approx([1, 0.98, 0.98**12])
    left = off_assistance(relapse_within(fixed(0.25), fixed(12), fixed(0.4)), 601)[0]
    assert left[[0, 12, 600]] == pytest.approx([1, 0.75, 0.4])


def test_all_come_back_after_a_month_at_a_rate_of_one():
    assert off_assistance(relapse_monthly(fixed(1)), 3).tolist() == [[1, 0, 0]]
    found = exact(Convention("period_start", True), relapse=relapse_monthly(ONE))
    assert sum(found.gross) == sum(persons * amount for _, _, _, persons, _, amount in ROWS)


def test_the_effect_appears_along_a_straight_line():
    shares = appeared(EffectLag(fixed(12), fixed(24)), 37)[0]
    assert shares[[0, 12, 18, 24, 36]].tolist() == [0, 0, 0.5, 1, 1]


def test_an_amount_of_month_12_has_grown_one_year():
    found = exact(Convention("period_start", True), indexation=Fraction("0.025"))
    assert found.gross[11] == 200 * 250 * Fraction("1.025")


def test_a_power_that_is_no_fraction_has_fifty_digits():
    twelfth = power(Fraction("1.025"), Fraction(1, 12))
    assert abs(twelfth**12 - Fraction("1.025")) < Fraction(1, 10**48)
    assert power(Fraction("1.025"), Fraction(2)) == Fraction("1.050625")


def test_exposure_puts_exits_on_diagonals():
    cohort = Cohort("a", 1, 2, 6, 2, Decimal(10))
    euros = exposure(cohort, Convention("uniform", True), 3)
    assert euros.tolist() == [[15, 15, 0], [0, 30, 30], [0, 0, 30]]


def test_cohorts_that_share_a_month_overlap():
    later = replace(COHORTS[1], start_month=12, months_counted=5)
    assert overlaps(COHORTS) == []
    assert overlaps([COHORTS[0], later]) == [("7-12", "13-17")]


# held against the cost


def test_break_even_is_the_first_month_that_reaches_the_cost():
    assert break_even([Fraction(10)] * 5, Fraction(30)) == 3
    assert break_even([Fraction(10)] * 5, Fraction(51)) is None


def test_break_even_of_draws_is_that_of_half_of_them():
    monthly = np.array([[10.0] * 4, [5.0] * 4, [20.0] * 4, [1.0] * 4])
    assert break_even_month(monthly, 20) == 2
    assert break_even_month(monthly, 40) == 4
    assert break_even_month(monthly, 41) is None
    assert p_covers_cost(monthly.sum(axis=1), 20) == 0.75


def test_cents_round_half_upwards():
    assert to_cents(Fraction("0.005")) == Decimal("0.01")
    assert to_cents(Fraction(1, 3)) == Decimal("0.33")


# draws


def test_each_draw_is_the_projection_of_its_own_values():
    rng = np.random.default_rng(1)
    columns = {name: rng.uniform(0.1, 0.4, 4) for name in ("deadweight", "substitution")}
    rates = {name: rng.uniform(0, 0.05, 4) for name in ("indexation", "discount")}
    relapse = relapse_within(rng.uniform(0.1, 0.3, 4), fixed(12), rng.uniform(0.2, 0.5, 4))
    lag = EffectLag(rng.uniform(0, 12, 4), fixed(24))
    both = arrays(**columns, **rates, relapse=relapse, effect_lag=lag)
    whole = project_savings(COHORTS, Convention("uniform", True), both, 60)
    for draw in range(4):
        own = arrays(
            **{name: values[[draw]] for name, values in (columns | rates).items()},
            relapse=replace(
                relapse,
                permanent_share=relapse.permanent_share[[draw]],
                ratio=relapse.ratio[[draw]],
            ),
            effect_lag=EffectLag(lag.zero_months[[draw]], fixed(24)),
        )
        alone = project_savings(COHORTS, Convention("uniform", True), own, 60)
        np.testing.assert_allclose(alone.net[0], whole.net[draw], rtol=1e-12)
        np.testing.assert_allclose(alone.gross[0], whole.gross[draw], rtol=1e-12)


def test_totals_are_sums_of_the_projection():
    lag = EffectLag(fixed(6), np.array([24.0, 36.0]))
    both = arrays(deadweight=np.array([0.1, 0.4]), effect_lag=lag)
    whole = project_savings(COHORTS, Convention("uniform", True), both, 60)
    totals = total_savings(COHORTS, Convention("uniform", True), both, 60)
    np.testing.assert_allclose(totals.gross, whole.gross.sum(axis=1))
    np.testing.assert_allclose(totals.net, whole.net.sum(axis=1))
    np.testing.assert_allclose(whole.net_by_cohort.sum(axis=1), whole.net.sum(axis=1))
    assert totals.gross.shape == totals.net.shape == (2,)
