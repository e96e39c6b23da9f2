"""The numbers of a methodology note: what is published, what comes out, what is checked."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import pandas as pd

from forecasting.periods import months_between
from forecasting.programmes.catalogue import Indicator, Point, Programme
from forecasting.programmes.derivation import rederive
from forecasting.programmes.parts import LocalisedText
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.published import points_of, published_or_mark
from forecasting.programmes.quantities import quantity
from forecasting.programmes.relations import CheckedRelation, check_relation


@dataclass(frozen=True)
class NoteMaterial:
    """A programme with its published, calculated and proposed values.

    Attributes
    ----------
    programme : Programme
    proposals : tuple of Proposal
        One per milestone and target, with or without a forecast.
    origin : pandas.Period or None
        Last month of the figures behind the forecast.
    """

    programme: Programme
    proposals: tuple[Proposal, ...]
    origin: pd.Period | None = None

    @property
    def is_cpr(self) -> bool:
        """Whether Regulation (EU) 2021/1060 sets the rules."""
        return self.programme.framework == "cpr"

    @property
    def forecast(self) -> tuple[Proposal, ...]:
        """Values that follow from the forecast of monthly counts."""
        return tuple(each for each in self.driven if each.indicator.from_forecast)

    @property
    def driven(self) -> tuple[Proposal, ...]:
        """Values with sample paths."""
        return tuple(each for each in self.proposals if each.draws is not None)

    @cached_property
    def differences(self) -> dict[tuple[str, Point], Fraction]:
        """Calculated less published value, by indicator and point, where the document gives both.

        As written: in percentage points where the unit is %.
        """
        found = {}
        for indicator in self.programme.indicators:
            for point in points_of(indicator):
                difference = self._difference(indicator, point)
                if difference is not None:
                    found[indicator.code, point] = difference
        return found

    def difference(self, indicator: Indicator, point: Point) -> Fraction | None:
        """Calculated less published value; None where the document does not give both."""
        return self.differences.get((indicator.code, point))

    def reason(self, indicator: Indicator, point: Point) -> LocalisedText | None:
        """Why a value differs from its calculation, as the catalogue records it."""
        for known in self.programme.differences:
            if (known.indicator, known.point) == (indicator.code, point):
                return known.reason
        return None

    def _difference(self, indicator: Indicator, point: Point) -> Fraction | None:
        published = published_or_mark(self.programme, indicator.code, point)
        found = rederive(self.programme, indicator, point)
        if found is None or isinstance(published, str):
            return None
        stated = quantity(published, indicator.unit)
        exact = Fraction(found.value) - Fraction(stated.value)  # type: ignore[arg-type]
        return 100 * exact if stated.unit.is_percent else exact

    @cached_property
    def relations(self) -> tuple[CheckedRelation, ...]:
        """Relations between printed numbers, each calculated."""
        return tuple(check_relation(each, self.programme) for each in self.programme.relations)

    @property
    def window_months(self) -> int:
        """Months over which persons are counted."""
        return months_between(self.programme.counting_starts, self.programme.target_date)

    def of(self, indicator: Indicator) -> list[Proposal]:
        """Milestone and target of an indicator."""
        return [each for each in self.proposals if each.indicator.code == indicator.code]


def sentence(text: str) -> str:
    """Take off the full stop of a text that a sentence ends with."""
    return text.rstrip(".")


def capital(text: str) -> str:
    """Begin a sentence with a capital letter."""
    return text[:1].upper() + text[1:]
