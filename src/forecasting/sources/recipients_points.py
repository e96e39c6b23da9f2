"""How a monthly table of social assistance agrees with the counts that were published."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from forecasting.periods import format_period
from forecasting.sources.points import MonthCount, read_month_counts

POINTS = "social-assistance-points"
"""Reference data set: isolated counts quoted by the press, never joined into a line."""

AGREEMENT = 0.01
"""Relative difference up to which a value is said to agree."""

_ROUNDED_TO = 100  # what "rounded" is taken to mean


@dataclass(frozen=True)
class PointComparison:
    """A value beside the count that was published for its month.

    Attributes
    ----------
    quantity : str
        ``recipients``, ``persons_entitled`` or ``registered_unemployed``.
    value : float
        Of the table.
    published : MonthCount
        With its month and note.
    """

    quantity: str
    value: float
    published: MonthCount

    @property
    def difference_percent(self) -> float:
        """100 (value / published - 1)."""
        return 100 * (self.value / self.published.value - 1)

    @property
    def agrees(self) -> bool:
        """Whether the difference is within `AGREEMENT`, or what the note of the count allows.

        "rounded": within half of the rounding at least; "more than": above the count.
        """
        gap, near = self.value - self.published.value, AGREEMENT * self.published.value
        if self.published.note == "more than":
            return gap > 0
        if self.published.note == "rounded":
            near = max(near, _ROUNDED_TO / 2)
        return abs(gap) <= near

    def __str__(self) -> str:
        note = f" ({self.published.note})" if self.published.note else ""
        verdict = "agrees" if self.agrees else "does not agree"
        return (
            f"{self.quantity} {format_period(self.published.month)}: {self.value:,.0f}, published "
            f"{self.published.value:,}{note}, {self.difference_percent:+.1f} %: {verdict}"
        )


def check_against_points(values: pd.Series, quantity: str) -> list[PointComparison]:
    """Hold a monthly series against the published counts of the same quantity.

    Parameters
    ----------
    values : pandas.Series
        By `pandas.PeriodIndex` of months.
    quantity : {"recipients", "persons_entitled", "registered_unemployed"}
        Which count it is: a count is never held against the other one.

    Returns
    -------
    list of PointComparison
        In order of time; empty if no count falls into the months.

    Raises
    ------
    InputError
        If nothing is published of this quantity.
    """
    known = values.dropna().to_dict()
    return [
        PointComparison(quantity, float(known[count.month]), count)
        for count in read_month_counts(POINTS, quantity)
        if count.month in known
    ]
