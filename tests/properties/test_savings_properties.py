"""Identities of the savings, for any cohorts, conventions and assumptions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecasting.savings.activation import Assumptions, fixed, project_savings, total_savings
from forecasting.savings.cohorts import Cohort, Convention
from forecasting.savings.exact import exact_savings
from forecasting.savings.relapse import EffectLag, relapse_monthly, relapse_within

ONE = Fraction(1)
HORIZON = 24
NOTHING = Assumptions(ONE, *[Fraction(0)] * 5, relapse_monthly(Fraction(0)))


def percents(low, high):
    return st.integers(low, high).map(lambda number: Fraction(number, 100))


@st.composite
def cohort_lists(draw):
    cohorts = []
    for place in range(draw(st.integers(1, 3))):
        start = draw(st.integers(1, HORIZON))
        end = draw(st.integers(start, HORIZON))
        cents = draw(st.integers(0, 100_000))
        cohorts.append(
            Cohort(
                str(place),
                start,
                end,
                draw(st.integers(0, 1000)),
                draw(st.integers(1, end - start + 1)),
                Decimal(cents).scaleb(-2),
            )
        )
    return tuple(cohorts)


CONVENTIONS = st.builds(Convention, st.sampled_from(["period_start", "uniform"]), st.booleans())
RELAPSES = st.one_of(
    percents(0, 100).map(relapse_monthly),
    st.builds(relapse_within, percents(0, 49), st.integers(1, 24).map(Fraction), percents(0, 50)),
)
LAGS = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 12), st.integers(1, 24)).map(
        lambda months: EffectLag(Fraction(months[0]), Fraction(sum(months)))
    ),
)


@st.composite
def assumed(draw):
    shares = [draw(percents(0, 100)) for _ in range(4)]
    rates = [draw(percents(-20, 30)) for _ in range(2)]
    return Assumptions(*shares, *rates, draw(RELAPSES), draw(LAGS))


def as_arrays(value):
    """Turn the fractions of assumptions into arrays of one draw."""
    if isinstance(value, Fraction):
        return fixed(value)
    if value is None:
        return None
    return type(value)(*(as_arrays(each) for each in vars(value).values()))


def exact(cohorts, convention, assumptions):
    return exact_savings(cohorts, convention, assumptions, HORIZON)


@given(cohort_lists())
def test_the_published_form_is_persons_times_months_times_amount(cohorts):
    found = exact(cohorts, Convention(), NOTHING)
    assert found.gross_by_cohort == tuple(
        each.persons * each.months_counted * Fraction(each.monthly_amount_eur) for each in cohorts
    )
    assert found.net == found.gross


@given(cohort_lists(), CONVENTIONS, assumed())
def test_floats_agree_with_fractions(cohorts, convention, assumptions):
    exactly = exact(cohorts, convention, assumptions)
    floats = project_savings(cohorts, convention, as_arrays(assumptions), HORIZON)
    totals = total_savings(cohorts, convention, as_arrays(assumptions), HORIZON)
    for name in ("gross", "net", "gross_by_cohort", "net_by_cohort"):
        expected = [float(euros) for euros in getattr(exactly, name)]
        np.testing.assert_allclose(getattr(floats, name)[0], expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(totals.net, float(sum(exactly.net)), rtol=1e-9, atol=1e-9)


@given(cohort_lists(), CONVENTIONS, assumed())
def test_cohorts_and_months_add_up_and_net_is_at_most_gross(cohorts, convention, assumptions):
    found = exact(cohorts, convention, assumptions)
    assert sum(found.gross_by_cohort) == sum(found.gross)
    assert sum(found.net_by_cohort) == sum(found.net)
    assert all(0 <= net <= gross for net, gross in zip(found.net, found.gross, strict=True))


@given(cohort_lists(), CONVENTIONS, assumed(), st.data())
def test_more_of_what_lessens_the_saving_never_adds_to_it(cohorts, convention, assumptions, data):
    less = exact(cohorts, convention, assumptions)
    for name in ("deadweight", "substitution", "displacement", "discount"):
        before = getattr(assumptions, name)
        higher = data.draw(percents(int(before * 100), 100), label=name)
        more = exact(cohorts, convention, replace(assumptions, **{name: higher}))
        assert sum(more.net) <= sum(less.net)
        assert sum(more.gross) <= sum(less.gross)


@given(cohort_lists(), CONVENTIONS, assumed(), percents(0, 100), percents(0, 100))
def test_a_higher_relapse_saves_no_more(cohorts, convention, assumptions, one, other):
    low, high = (
        exact(cohorts, convention, replace(assumptions, relapse=relapse_monthly(rate)))
        for rate in sorted((one, other))
    )
    assert sum(high.gross) <= sum(low.gross)
    assert sum(high.net) <= sum(low.net)


@given(cohort_lists(), CONVENTIONS, percents(0, 29), percents(1, 20), percents(0, 50))
def test_more_back_within_a_year_save_no_more(cohorts, convention, share, step, permanent):
    low, high = (
        replace(NOTHING, relapse=relapse_within(back, Fraction(12), permanent))
        for back in (share, share + step)
    )
    assert sum(exact(cohorts, convention, high).gross) <= sum(exact(cohorts, convention, low).gross)


@given(cohort_lists(), CONVENTIONS, assumed(), st.integers(2, 5))
def test_savings_are_linear_in_persons_and_in_amounts(cohorts, convention, assumptions, factor):
    once = exact(cohorts, convention, assumptions)
    persons = [replace(each, persons=factor * each.persons) for each in cohorts]
    amounts = [
        replace(each, monthly_amount_eur=factor * each.monthly_amount_eur) for each in cohorts
    ]
    for changed in (persons, amounts):
        found = exact(changed, convention, assumptions)
        assert found.net == tuple(factor * euros for euros in once.net)
        assert found.gross == tuple(factor * euros for euros in once.gross)


@given(cohort_lists(), CONVENTIONS, assumed())
def test_savings_carried_over_are_no_less(cohorts, convention, assumptions):
    ending, carried = (
        exact(cohorts, replace(convention, carry_over=carry_over), assumptions)
        for carry_over in (False, True)
    )
    assert all(a <= b for a, b in zip(ending.gross, carried.gross, strict=True))
    assert all(a <= b for a, b in zip(ending.net, carried.net, strict=True))


@given(cohort_lists(), st.booleans(), assumed())
def test_exits_at_the_start_save_no_less_than_evenly_spread_ones(cohorts, carry_over, assumptions):
    """If nobody comes back: of those who leave later more are still off at the end."""
    stay = replace(assumptions, relapse=NOTHING.relapse)
    within, start = (
        exact(cohorts, Convention(timing, carry_over), stay)
        for timing in ("uniform", "period_start")
    )
    assert all(a <= b for a, b in zip(within.gross, start.gross, strict=True))
