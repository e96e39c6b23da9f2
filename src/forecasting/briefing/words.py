"""Numbers, months and settled terms of a briefing in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from forecasting.errors import InputError
from forecasting.forecasts.summary import Estimate
from forecasting.languages import Language
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.quantities import Quantity
from forecasting.programmes.quantity_text import format_quantity
from forecasting.series.breaks import ADVICE

DASH = "–"

FORECAST_STEP = 10
"""Forecast counts are written to the nearest ten: the observations are rounded themselves."""


@dataclass(frozen=True)
class Words:
    """Writes for one language; every number of a page passes through here once per spelling."""

    language: Language

    def text(self, localised: Mapping[str, str]) -> str:
        """Return a text of the catalogue.

        Raises
        ------
        InputError
            If the catalogue has none in this language.
        """
        code = self.language.code
        if code not in localised:
            raise InputError(
                f"no text in '{code}' beside {localised.get('en', '')!r}",
                expected="a text in every language of the suite",
            )
        return localised[code]

    def count(self, value: float | Fraction) -> str:
        """Write an observed or published count in full."""
        return self.language.number(value)

    def about(self, value: float) -> str:
        """Write a forecast count to the nearest ten."""
        return self.language.number(round(value / FORECAST_STEP) * FORECAST_STEP)

    def range(self, estimate: Estimate) -> str:
        """Write the 80 % interval of an estimate: "80%: 3,290 to 13,670"."""
        return self.level_range(80, estimate.lower, estimate.upper)

    def level_range(self, level: int, lower: float, upper: float) -> str:
        """Write an interval of forecast counts with its level."""
        template = self.language.gettext("{level}: {lower} to {upper}")
        return template.format(
            level=self.language.percent(Fraction(level, 100)),
            lower=self.about(lower),
            upper=self.about(upper),
        )

    def share(self, share: float) -> str:
        """Write a probability in whole percent; never 0 or 100 for what is not certain."""
        if share > 0.99:
            return self.language.gettext("above {share}").format(share=self.language.percent(0.99))
        if share < 0.01:
            return self.language.gettext("below {share}").format(share=self.language.percent(0.01))
        return self.language.percent(share)

    def change(self, value: float, before: float) -> str:
        """Write a relative change with its sign: "+12%"."""
        if not before:
            return self.language.gettext("not defined")
        relative = value / before - 1
        sign = "+" if relative > 0 else ""
        return sign + self.language.percent(relative)

    def quantity(self, given: Quantity) -> str:
        """Write a quantity with its unit: "3,548 applications per year"."""
        return format_quantity(given, self.language)

    def passing(self, proposal: Proposal) -> str:
        """Write when a published value is passed: median and 80 % interval over the paths."""
        passing, last = proposal.passing, proposal.date
        if passing is None:
            return DASH
        low, high = passing.interval
        if low == high:
            return self._month_or_later(low, last)
        return self.language.gettext("{median} ({lower} to {upper})").format(
            median=self._month_or_later(passing.median, last),
            lower=self._month_or_later(low, last),
            upper=self._month_or_later(high, last),
        )

    def _month_or_later(self, month: pd.Period | None, last: pd.Period) -> str:
        if month is not None:
            return self.language.short_month(month)
        return self.language.gettext("after {year}").format(year=last.year)

    def quality(self, quality: str) -> str:
        """Translate the quality of an input."""
        terms = {
            "given": self.language.gettext("printed"),
            "reading": self.language.gettext("our reading"),
            "implied": self.language.gettext("implied"),
            "assumed": self.language.gettext("assumed"),
        }
        return terms[quality]

    def model(self, name: str) -> str:
        """Translate the name of a model, with the scale that it works on where it has several."""
        if name in ("analogue", "last_official"):
            return self.model_kind(name)
        suffix = self.language.gettext("raw scale")
        if name.endswith("-log"):
            suffix = self.language.gettext("log scale")
        return f"{self.model_kind(name)}, {suffix}"

    def model_kind(self, name: str) -> str:
        """Translate the name of a model without its scale."""
        kind = name.partition("-")[0]
        alone = {
            "analogue": self.language.gettext("similar past situations in ten countries"),
            "last_official": self.language.gettext("last official figure"),
        }
        kinds = {
            "theta": self.language.gettext("dynamic optimised Theta"),
            "ets": self.language.gettext("exponential smoothing (ETS)"),
            "ces": self.language.gettext("complex exponential smoothing (CES)"),
            "seasonal_naive": self.language.gettext("seasonal naive"),
            "random_walk": self.language.gettext("random walk"),
            "arima": self.language.gettext("seasonal ARIMA"),
            "sarimax": self.language.gettext("seasonal ARIMA with drivers"),
            "structural": self.language.gettext("structural time series model"),
            "prophet": "Prophet",
        }
        return alone.get(name) or kinds[kind]

    def member_status(self, status: str, n_paths: int) -> str:
        """Write the paths that a member of the pool gave, or why it gave none."""
        terms = {
            "used": self.count(n_paths),
            "too short": self.language.gettext("left out: series too short"),
            "exploded": self.language.gettext("left out: paths exploded"),
            "collapsed": self.language.gettext("left out: paths collapsed"),
            "failed": self.language.gettext("failed"),
        }
        return terms[status]

    def factor(self, value: float) -> str:
        """Write a factor: "×8.4", "×0.16"."""
        return f"×{self.language.number(value, 1 if value >= 1 else 2)}"

    def break_kind(self, kind: str) -> str:
        """Translate the kind of a break."""
        terms = {
            "level_shift": self.language.gettext("level shift"),
            "outlier": self.language.gettext("single month out of line"),
        }
        return terms[kind]

    def break_check(self, advice: str) -> str:
        """Translate the advice that comes with a break: what to check."""
        terms = {
            ADVICE["level_shift"]: self.language.gettext(
                "Did the counting change? The figures alone do not tell that from a sudden real "
                "change."
            ),
            ADVICE["outlier"]: self.language.gettext("Check the figure."),
            ADVICE["newest"]: self.language.gettext(
                "Later figures will show whether it stays or was a single month."
            ),
        }
        return terms[advice]

    def point(self, point: str) -> str:
        """Translate milestone and target."""
        if point == "milestone":
            return self.language.gettext("milestone")
        return self.language.gettext("target")
