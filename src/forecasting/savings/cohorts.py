"""Persons who leave assistance together, and the months in which that saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Literal

import numpy as np

from forecasting.errors import InputError
from forecasting.languages.messages import say, say_n

ExitTiming = Literal["period_start", "uniform"]


@dataclass(frozen=True)
class Cohort:
    """Persons who leave assistance in one period of the programme.

    Attributes
    ----------
    label : str
        Name of the period, such as ``7-12``.
    start_month, end_month : int
        Months of the programme, both counted, from 1.
    persons : int
        Who leave in the period.
    months_counted : int
        Months of saving that the period counts, up to its end: they leave in these last months.
    monthly_amount_eur : decimal.Decimal
        EUR a month that a person does not receive any more.

    Raises
    ------
    InputError
        If the months run backwards, more are counted than the period has, or a number is negative.
    """

    label: str
    start_month: int
    end_month: int
    persons: int
    months_counted: int
    monthly_amount_eur: Decimal

    def __post_init__(self) -> None:
        length = self.end_month - self.start_month + 1
        if self.start_month < 1 or length < 1:
            raise InputError(
                say("months {first} to {last}", first=self.start_month, last=self.end_month),
                where=say("cohort '{label}'", label=self.label),
                expected=say("a start_month from 1 on and an end_month not before it"),
            )
        if not 1 <= self.months_counted <= length:
            raise InputError(
                say_n(
                    "months_counted {counted} of a period of {n} months ({first} to {last})",
                    "months_counted {counted} of a period of {n} months ({first} to {last})",
                    length,
                    counted=self.months_counted,
                    first=self.start_month,
                    last=self.end_month,
                ),
                where=say("cohort '{label}'", label=self.label),
                expected=say("{low} to {high}", low=1, high=length),
                action=say(
                    "what is saved after the period is counted with {setting}",
                    setting="carry_over: true",
                ),
            )
        if self.persons < 0:
            raise InputError(
                f"persons {self.persons}",
                where=say("cohort '{label}'", label=self.label),
                expected=say("0 or more"),
            )
        if not (self.monthly_amount_eur.is_finite() and self.monthly_amount_eur >= 0):
            raise InputError(
                f"monthly_amount_eur {self.monthly_amount_eur}",
                where=say("cohort '{label}'", label=self.label),
                expected=say("0 or more"),
            )

    @property
    def first_exit(self) -> int:
        """First month in which somebody leaves."""
        return self.end_month - self.months_counted + 1


@dataclass(frozen=True)
class Convention:
    """How exits and their savings are counted.

    Attributes
    ----------
    exit_timing : {"period_start", "uniform"}
        All leave at the start of the months counted, which counts whole; or evenly over them and
        inside each, so that the month of the exit counts one half.
    carry_over : bool
        Whether savings go on to the horizon, or end with the cohort's own period.
    """

    exit_timing: ExitTiming = "period_start"
    carry_over: bool = False

    @property
    def first_month_share(self) -> Fraction:
        """Share of the month of the exit that is saved."""
        return Fraction(1, 2) if self.exit_timing == "uniform" else Fraction(1)

    def exits(self, cohort: Cohort) -> dict[int, Fraction]:
        """Persons leaving by month of the programme."""
        if self.exit_timing == "period_start":
            return {cohort.first_exit: Fraction(cohort.persons)}
        a_month = Fraction(cohort.persons, cohort.months_counted)
        return dict.fromkeys(range(cohort.first_exit, cohort.end_month + 1), a_month)

    def last_month(self, cohort: Cohort, horizon_months: int) -> int:
        """Last month whose savings of a cohort are counted."""
        return horizon_months if self.carry_over else cohort.end_month


def check_cohorts(cohorts: Sequence[Cohort], horizon_months: int) -> None:
    """Refuse cohorts that cannot be told apart or end after the horizon.

    Raises
    ------
    InputError
        Naming the cohort.
    """
    if not cohorts:
        raise InputError(say("no cohorts"), expected=say("at least one"))
    seen = set()
    for cohort in cohorts:
        if cohort.label in seen:
            raise InputError(
                say("stands twice"),
                where=say("cohort '{label}'", label=cohort.label),
                expected=say("a label of its own"),
            )
        seen.add(cohort.label)
        if cohort.end_month > horizon_months:
            raise InputError(
                say(
                    "ends in month {last}, the horizon in month {horizon}",
                    last=cohort.end_month,
                    horizon=horizon_months,
                ),
                where=say("cohort '{label}'", label=cohort.label),
                expected=say("horizon_months of {low} or more", low=cohort.end_month),
            )


def overlaps(cohorts: Sequence[Cohort]) -> list[tuple[str, str]]:
    """Labels of cohorts whose periods share a month."""
    return [
        (one.label, other.label)
        for one, other in combinations(cohorts, 2)
        if one.start_month <= other.end_month and other.start_month <= one.end_month
    ]


def exposure(cohort: Cohort, convention: Convention, horizon_months: int) -> np.ndarray:
    """EUR that a cohort saves, by whole months since the exit and by month, if nobody returns.

    Returns
    -------
    numpy.ndarray
        Shape (horizon_months, horizon_months), EUR: row t, column m - 1 for those who left in
        month m - t. With the share S(t) still off assistance, `S @ exposure` is what they save in
        each month.
    """
    euros = np.zeros((horizon_months, horizon_months))
    last = convention.last_month(cohort, horizon_months)
    for exit_month, persons in convention.exits(cohort).items():
        amount = persons * Fraction(cohort.monthly_amount_eur)
        elapsed = np.arange(last - exit_month + 1)
        euros[elapsed, exit_month - 1 + elapsed] = float(amount)
        euros[0, exit_month - 1] = float(amount * convention.first_month_share)
    return euros
