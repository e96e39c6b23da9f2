r"""What persons leaving assistance save, month by month, for all draws of the assumptions at once.

.. math::

    G_m = d \left(\frac{1 + i}{1 + \rho}\right)^{m/12}
          \sum_j a_j \sum_x n_j(x)\, w(m - x)\, S(m - x)

with :math:`n_j(x)` persons of cohort j who leave in month x, :math:`w` the share of a month that
counts (one half in the month of the exit where exits are spread evenly), :math:`S` the share still
off assistance, :math:`a_j` EUR a month, :math:`i` indexation, :math:`\rho` discount and :math:`d`
delivery. The net saving has :math:`L(m - x)`, the share of the effect that has appeared, beside
:math:`S`, and the factor (1 - deadweight)(1 - substitution)(1 - displacement).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic

import numpy as np

from forecasting.errors import InputError
from forecasting.savings.cohorts import Cohort, Convention, check_cohorts, exposure
from forecasting.savings.relapse import (
    EffectLag,
    Relapse,
    Value,
    appeared,
    check_share,
    off_assistance,
    powers,
)

SHARES = ("delivery", "deadweight", "substitution", "displacement")
RATES = ("indexation", "discount")


@dataclass(frozen=True)
class Assumptions(Generic[Value]):
    """What is assumed about those who leave; index k of every array belongs to draw k.

    Attributes
    ----------
    delivery : numpy.ndarray of shape (n_draws,) or (1,), or fractions.Fraction
        Share of the persons counted who really leave.
    deadweight : the same
        Share of them who would have left anyway.
    substitution : the same
        Share of the rest whose job another applicant would have got.
    displacement : the same
        Share of the rest whose job another firm loses.
    indexation, discount : the same
        Per year, above -1, both from the start of the programme.
    relapse : Relapse
    effect_lag : EffectLag or None
        None: the effect is there at once.

    Raises
    ------
    InputError
        If a share is outside [0, 1] or a rate not above -1.
    """

    delivery: Value
    deadweight: Value
    substitution: Value
    displacement: Value
    indexation: Value
    discount: Value
    relapse: Relapse[Value]
    effect_lag: EffectLag[Value] | None = None

    def __post_init__(self) -> None:
        for name in SHARES:
            check_share(name, getattr(self, name))
        for name in RATES:
            value = getattr(self, name)
            if not np.all(value > -1):
                raise InputError(f"{name} {float(np.min(value)):g}", expected="above -1")

    @property
    def net_factor(self) -> Value:
        """Share of the gross saving that is due to the programme, the lag of its effect apart."""
        factor: Value = (1 - self.deadweight) * (1 - self.substitution) * (1 - self.displacement)
        return factor

    @property
    def annual_growth(self) -> Value:
        """Growth of a discounted amount in a year."""
        growth: Value = (1 + self.indexation) / (1 + self.discount)
        return growth


@dataclass(frozen=True)
class Savings:
    """Savings of all draws.

    Attributes
    ----------
    labels : tuple of str
        Of the cohorts.
    gross, net : numpy.ndarray of shape (n_draws, horizon_months)
        EUR saved in each month.
    gross_by_cohort, net_by_cohort : numpy.ndarray of shape (n_draws, n_cohorts)
        EUR saved by each cohort in all months.
    """

    labels: tuple[str, ...]
    gross: np.ndarray
    net: np.ndarray
    gross_by_cohort: np.ndarray
    net_by_cohort: np.ndarray


@dataclass(frozen=True)
class Totals:
    """EUR saved in all months, gross and net, each of shape (n_draws,)."""

    gross: np.ndarray
    net: np.ndarray


def project_savings(
    cohorts: Sequence[Cohort],
    convention: Convention,
    assumptions: Assumptions[np.ndarray],
    horizon_months: int,
) -> Savings:
    """Project what cohorts save, by month and by cohort.

    Parameters
    ----------
    cohorts : sequence of Cohort
    convention : Convention
    assumptions : Assumptions
        Arrays of one draw, or of as many as the others.
    horizon_months : int
        Months of the programme that are counted.

    Returns
    -------
    Savings

    Raises
    ------
    InputError
        If a cohort ends after the horizon, or two have one label.
    """
    check_cohorts(cohorts, horizon_months)
    kernel = _Kernel.of(assumptions, horizon_months)
    months = np.zeros((2, kernel.n_draws, horizon_months))
    totals = np.zeros((2, kernel.n_draws, len(cohorts)))
    for place, cohort in enumerate(cohorts):
        euros = exposure(cohort, convention, horizon_months)
        for kind, own in enumerate(kernel.monthly(euros)):
            months[kind] += own
            totals[kind, :, place] = own.sum(axis=1)
    return Savings(tuple(cohort.label for cohort in cohorts), *months, *totals)


def total_savings(
    cohorts: Sequence[Cohort],
    convention: Convention,
    assumptions: Assumptions[np.ndarray],
    horizon_months: int,
) -> Totals:
    """Sum of `project_savings` over cohorts and months, in less time; for sensitivity indices."""
    check_cohorts(cohorts, horizon_months)
    kernel = _Kernel.of(assumptions, horizon_months)
    euros = sum(exposure(cohort, convention, horizon_months) for cohort in cohorts)
    sums = (own.sum(axis=1) for own in kernel.monthly(np.asarray(euros)))
    return Totals(*(np.array(np.broadcast_to(own, kernel.n_draws)) for own in sums))


@dataclass(frozen=True)
class _Kernel:
    """The assumptions as factors by month since the exit, by month, and by draw."""

    off: np.ndarray
    effective: np.ndarray | None
    growth: np.ndarray
    net_factor: np.ndarray
    n_draws: int

    @classmethod
    def of(cls, assumptions: Assumptions[np.ndarray], n_months: int) -> _Kernel:
        off = off_assistance(assumptions.relapse, n_months)
        lag = assumptions.effect_lag
        effective = None if lag is None else off * appeared(lag, n_months)
        growth = powers(assumptions.annual_growth ** (1 / 12), np.arange(1, n_months + 1))
        growth = growth * assumptions.delivery[:, None]
        factor = assumptions.net_factor[:, None]
        arrays = [array for array in (off, effective, growth, factor) if array is not None]
        return cls(off, effective, growth, factor, max(len(array) for array in arrays))

    def monthly(self, euros: np.ndarray) -> Iterator[np.ndarray]:
        """Gross, then net saving by draw and month; one row where the draws do not differ."""
        gross = (self.off @ euros) * self.growth
        yield gross
        if self.effective is None:
            yield gross * self.net_factor
        else:
            yield (self.effective @ euros) * self.growth * self.net_factor


def fixed(value: float | Fraction) -> np.ndarray:
    """Return a value that all draws share, as an array of shape (1,)."""
    return np.array([float(value)])


def break_even_month(monthly: np.ndarray, cost: float) -> int | None:
    """Return the median of the first month in which the cumulated saving reaches the cost.

    Parameters
    ----------
    monthly : numpy.ndarray of shape (n_draws, horizon_months)
        EUR, as in `Savings`.
    cost : float
        EUR.

    Returns
    -------
    int or None
        None if it is not reached within the horizon in at least half of the draws.
    """
    share = (np.cumsum(monthly, axis=1) >= cost).mean(axis=0)
    reached = np.flatnonzero(share >= 0.5)
    return int(reached[0]) + 1 if reached.size else None


def p_covers_cost(totals: np.ndarray, cost: float) -> float:
    """Share of the draws in which the total saving reaches the cost."""
    return float(np.mean(totals >= cost))
