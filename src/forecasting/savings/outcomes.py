"""What a projection of savings comes to: totals with their uncertainty, held against the cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import numpy as np

from forecasting.savings.activation import break_even_month, p_covers_cost
from forecasting.savings.config import SavingsProjection
from forecasting.savings.exact import break_even, to_cents
from forecasting.tables import QUANTILE_LEVELS


@dataclass(frozen=True)
class CohortSaving:
    """What one cohort saves; the mean of the draws if something is uncertain.

    Attributes
    ----------
    label : str
        Of the cohort, or ``total``.
    period_saving, cumulative_saving, net_saving : decimal.Decimal
        EUR to the cent: gross, gross of this and the cohorts before it, and net.
    """

    label: str
    period_saving: Decimal
    cumulative_saving: Decimal
    net_saving: Decimal


@dataclass(frozen=True)
class Outcome:
    """The saving of all cohorts, gross or net.

    Attributes
    ----------
    mean : decimal.Decimal
        EUR to the cent.
    quantiles : tuple of decimal.Decimal
        At `forecasting.tables.QUANTILE_LEVELS`.
    p_covers_cost : float
        Probability that the saving reaches the cost.
    break_even_month : int or None
        Median of the first month by whose end it does; None if not by the horizon in half of the
        draws.
    cost_per_exit : decimal.Decimal or None
        Cost over the expected number of persons who leave, for net of those who leave because of
        the programme; None where nobody does.
    """

    mean: Decimal
    quantiles: tuple[Decimal, ...]
    p_covers_cost: float
    break_even_month: int | None
    cost_per_exit: Decimal | None


def cohort_savings(projection: SavingsProjection) -> list[CohortSaving]:
    """Savings by cohort, and of all of them in a last row ``total``."""
    exact, savings = projection.exact, projection.savings
    gross: Sequence[Fraction | float]
    net: Sequence[Fraction | float]
    if exact is not None:
        gross, net = exact.gross_by_cohort, exact.net_by_cohort
    else:
        gross = savings.gross_by_cohort.mean(axis=0).tolist()
        net = savings.net_by_cohort.mean(axis=0).tolist()
    rows = zip(savings.labels, gross, accumulate(gross), net, strict=True)
    return [
        *(CohortSaving(label, *map(to_cents, euros)) for label, *euros in rows),
        CohortSaving("total", to_cents(sum(gross)), to_cents(sum(gross)), to_cents(sum(net))),
    ]


def outcomes(projection: SavingsProjection) -> dict[str, Outcome]:
    """Return the outcome ``gross`` and the outcome ``net``."""
    exact, savings, assumptions = projection.exact, projection.savings, projection.assumptions
    exits = projection.plan.persons * float(np.mean(assumptions.delivery))
    net_exits = projection.plan.persons * float(
        np.mean(assumptions.delivery * assumptions.net_factor)
    )
    cost = projection.plan.cost_eur
    if exact is not None:
        return {
            "gross": _certain(exact.gross, cost, exits),
            "net": _certain(exact.net, cost, net_exits),
        }
    return {
        "gross": _uncertain(savings.gross, cost, exits),
        "net": _uncertain(savings.net, cost, net_exits),
    }


def _certain(monthly: Sequence[Fraction], cost: Fraction, exits: float) -> Outcome:
    total = sum(monthly, Fraction(0))
    euros, month = to_cents(total), break_even(monthly, cost)
    same = (euros,) * len(QUANTILE_LEVELS)
    return Outcome(euros, same, float(total >= cost), month, _per_exit(cost, exits))


def _uncertain(monthly: np.ndarray, cost: Fraction, exits: float) -> Outcome:
    totals = monthly.sum(axis=1)
    return Outcome(
        to_cents(float(totals.mean())),
        tuple(map(to_cents, np.quantile(totals, QUANTILE_LEVELS).tolist())),
        p_covers_cost(totals, float(cost)),
        break_even_month(monthly, float(cost)),
        _per_exit(cost, exits),
    )


def _per_exit(cost: Fraction, exits: float) -> Decimal | None:
    return to_cents(cost / Fraction(exits)) if exits else None
