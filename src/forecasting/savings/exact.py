"""The same savings in exact arithmetic where all assumptions are numbers: no money is a float."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from forecasting.savings.activation import Assumptions
from forecasting.savings.cohorts import Cohort, Convention, check_cohorts

_ROOTS = Context(prec=50)
"""Digits of a power that is no fraction, such as 1.025 to the 1/12."""


@dataclass(frozen=True)
class ExactSavings:
    """Savings as fractions, in EUR.

    Attributes
    ----------
    gross, net : tuple of fractions.Fraction
        Saved in each month.
    gross_by_cohort, net_by_cohort : tuple of fractions.Fraction
        Saved by each cohort in all months.
    """

    gross: tuple[Fraction, ...]
    net: tuple[Fraction, ...]
    gross_by_cohort: tuple[Fraction, ...]
    net_by_cohort: tuple[Fraction, ...]


def exact_savings(
    cohorts: Sequence[Cohort],
    convention: Convention,
    assumptions: Assumptions[Fraction],
    horizon_months: int,
) -> ExactSavings:
    """Calculate what cohorts save; the formula of `forecasting.savings.activation`.

    Exact, but for powers that are no fractions (part of a year of indexation or discount, part of
    the months of a relapse), which have 50 digits.

    Raises
    ------
    InputError
        If a cohort ends after the horizon, or two have one label.
    """
    check_cohorts(cohorts, horizon_months)
    months = range(horizon_months + 1)
    growth = [
        assumptions.delivery * power(assumptions.annual_growth, Fraction(m, 12)) for m in months
    ]
    off = [_off_assistance(assumptions, t) for t in months]
    effect = [off[t] * _appeared(assumptions, t) * assumptions.net_factor for t in months]
    gross, net = (
        [_monthly(cohort, convention, kernel, growth) for cohort in cohorts]
        for kernel in (off, effect)
    )
    return ExactSavings(
        gross=_sums(zip(*gross, strict=True)),
        net=_sums(zip(*net, strict=True)),
        gross_by_cohort=_sums(gross),
        net_by_cohort=_sums(net),
    )


def _sums(rows: Iterable[Iterable[Fraction]]) -> tuple[Fraction, ...]:
    return tuple(sum(row, Fraction(0)) for row in rows)


def _monthly(
    cohort: Cohort,
    convention: Convention,
    kernel: Sequence[Fraction],
    growth: Sequence[Fraction],
) -> list[Fraction]:
    """EUR that a cohort saves in months 1, 2, ...; kernel by months since the exit, from 0."""
    saved, last = [Fraction(0)] * len(growth), convention.last_month(cohort, len(growth) - 1)
    for exit_month, persons in convention.exits(cohort).items():
        amount = persons * Fraction(cohort.monthly_amount_eur)
        saved[exit_month] += amount * convention.first_month_share * kernel[0]
        for month in range(exit_month + 1, last + 1):
            saved[month] += amount * kernel[month - exit_month]
    return [euros * factor for euros, factor in zip(saved, growth, strict=True)][1:]


def _off_assistance(assumptions: Assumptions[Fraction], elapsed: int) -> Fraction:
    relapse = assumptions.relapse
    kept = power(relapse.ratio, elapsed / relapse.months)
    return relapse.permanent_share + (1 - relapse.permanent_share) * kept


def _appeared(assumptions: Assumptions[Fraction], elapsed: int) -> Fraction:
    lag = assumptions.effect_lag
    if lag is None:
        return Fraction(1)
    share = (elapsed - lag.zero_months) / (lag.full_months - lag.zero_months)
    return min(max(share, Fraction(0)), Fraction(1))


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """Raise a fraction of 0 or more to a power of 0 or more, exactly where the result is one."""
    if exponent.denominator == 1:
        return base ** int(exponent)
    if base in (0, 1):
        return base
    root = _ROOTS.power(_decimal(base), _decimal(exponent))
    return Fraction(root)


def _decimal(value: Fraction) -> Decimal:
    return _ROOTS.divide(Decimal(value.numerator), Decimal(value.denominator))


def to_cents(euros: Fraction | float) -> Decimal:
    """Round EUR to the cent, half a cent upwards."""
    return Decimal(math.floor(Fraction(euros) * 100 + Fraction(1, 2))).scaleb(-2)


def break_even(monthly: Sequence[Fraction], cost: Fraction) -> int | None:
    """First month in which the cumulated saving reaches the cost; None if not by the horizon."""
    saved = Fraction(0)
    for month, euros in enumerate(monthly, start=1):
        saved += euros
        if saved >= cost:
            return month
    return None
