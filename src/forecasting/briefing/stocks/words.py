"""Words of the reports on stocks: names, shares, places, and the rules at capacity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from forecasting.briefing.blocks import Figure, plain
from forecasting.briefing.words import Words
from forecasting.languages import Language
from forecasting.stocks.duration_units import periods_per
from forecasting.stocks.occupancy_config import OccupancyPlan

_SURE = 0.001


def stated(figure: Figure, assumptions: str) -> Figure:
    """Put the assumptions that a chart rests on under it and into its alternative text."""
    return replace(
        figure,
        alt=f"{figure.alt} {assumptions}".strip(),
        note=f"{assumptions} {plain(figure.note)}".strip(),
    )


@dataclass(frozen=True)
class StockWords:
    """Writes for one language."""

    language: Language

    @property
    def counts(self) -> Words:
        """Counts, intervals and texts of the data files, as the briefing writes them."""
        return Words(self.language)

    def name(self, title: dict[str, str] | None, name: str) -> str:
        """Return the title of a configuration in this language, or its name."""
        return self.counts.text(title) if title else name

    def note(self, note: dict[str, str] | None) -> str:
        """Return the stated assumptions of a configuration; nothing where it states none."""
        return self.counts.text(note) if note else ""

    def assumptions(self, plan: OccupancyPlan) -> str:
        """Return the stated assumptions of a plan, and by what it was varied."""
        if plan.stay_factor == plan.arrivals_factor == 1:
            return self.note(plan.config.note)
        template = self.language.gettext(
            "Variant: length of stay × {stay}, arrivals × {arrivals}, with regard to this: {note}"
        )
        return template.format(
            stay=self.plain(plan.stay_factor),
            arrivals=self.plain(plan.arrivals_factor),
            note=self.note(plan.config.note),
        )

    def noted(self, *sentences: str) -> str:
        """Join sentences, leaving out the empty ones."""
        return " ".join(filter(None, sentences))

    def share(self, share: float) -> str:
        """Write a probability, with a decimal near 0 and 1; never 0 or 100 %."""
        if share < _SURE:
            template, share = self.language.gettext("below {share}"), _SURE
        elif share > 1 - _SURE:
            template, share = self.language.gettext("above {share}"), 1 - _SURE
        else:
            template = "{share}"
        near = min(share, 1 - share) < 0.0995
        return template.format(share=self.language.percent(share, 1 if near else 0))

    def cell(self, share: float) -> str:
        """Write a probability in percent without the sign, for a narrow cell."""
        if share < 0.005:
            return "<1"
        return ">99" if share > 0.995 else self.language.number(100 * share)

    def about(self, value: float) -> str:
        """Write a projected count: in full below a hundred, then to the nearest ten."""
        return self.language.number(value) if value < 100 else self.counts.about(value)

    def level_range(self, level: int, lower: float, upper: float) -> str:
        """Write an interval of projected counts with its level."""
        return self.language.gettext("{level}: {lower} to {upper}").format(
            level=self.language.percent(level / 100),
            lower=self.about(lower),
            upper=self.about(upper),
        )

    def persons(self, persons: float, *, exact: bool = False) -> str:
        """Write a number of persons, a projected one as `about`: "13 persons"."""
        shown = round(persons) if exact or persons < 100 else 10 * round(persons / 10)
        template = self.language.ngettext("{number} person", "{number} persons", shown)
        return template.format(number=self.language.number(shown))

    def places(self, places: float, *, exact: bool = True) -> str:
        """Write a number of places, a needed one as `about`: "60 places"."""
        shown = round(places) if exact or places < 100 else 10 * round(places / 10)
        template = self.language.ngettext("{number} place", "{number} places", shown)
        return template.format(number=self.language.number(shown))

    def plain(self, value: float) -> str:
        """Write a number with the decimals it has, at most two."""
        decimals = next(d for d in range(3) if d == 2 or abs(value * 10**d % 1) < 1e-9)
        return self.language.number(value, decimals)

    def ratio(self, value: float) -> str:
        """Write a ratio: one decimal, none from ten on."""
        return self.language.number(value, 1 if value < 10 else 0)

    def days(self, months: float) -> str:
        """Write a duration of months in days."""
        days = months * periods_per("months", "M") / periods_per("days", "M")
        template = self.language.ngettext("{number} day", "{number} days", round(days))
        if 0.05 < days < 9.95:
            template = self.language.gettext("{fraction} days")
            return template.format(fraction=self.language.number(days, 1))
        return template.format(number=self.language.number(days))

    def months(self, months: float) -> str:
        """Write a duration of months with one decimal."""
        return self.language.number(months, 1)

    def limit(self, months: float) -> str:
        """Write the time within which a case is to be decided: "6 months"."""
        if months % 1:
            return self.language.gettext("{fraction} months").format(fraction=self.plain(months))
        template = self.language.ngettext("{n} month", "{n} months", int(months))
        return template.format(n=self.plain(months))

    def staff(self, persons: float) -> str:
        """Write staff that is needed, in whole persons that are enough."""
        return self.language.number(math.ceil(persons - 1e-9))

    def capacity(self, steps: Sequence[tuple[pd.Period, float]]) -> str:
        """Write the places, and from when on each number of them holds."""
        if len(steps) == 1:
            return self.counts.count(steps[0][1])
        template = self.language.gettext("{places} from {month} on")
        return self.language.join(
            [
                template.format(places=self.counts.count(places), month=self.language.month(start))
                for start, places in steps
            ]
        )

    def rule(self, rule: str) -> str:
        """Name a rule at capacity in a few words."""
        names = {
            "overflow_return": self.language.gettext("elsewhere, then back"),
            "overflow_stay": self.language.gettext("elsewhere throughout"),
            "wait": self.language.gettext("waiting outside"),
            "loss": self.language.gettext("turned away"),
        }
        return names[rule]

    def rule_meaning(self, rule: str) -> str:
        """Say what a rule does with those who find no place."""
        meanings = {
            "overflow_return": self.language.gettext(
                "Stays elsewhere until a place is free; the stay runs on meanwhile."
            ),
            "overflow_stay": self.language.gettext("Spends the whole stay elsewhere."),
            "wait": self.language.gettext(
                "Waits without a place; the stay begins when a place is free."
            ),
            "loss": self.language.gettext("Is not taken in, and is not counted any further."),
        }
        return meanings[rule]

    def meaning(self, meaning: str) -> str:
        """Name what a probability of service holds for."""
        names = {
            "pointwise": self.language.gettext("at the end of any one month"),
            "simultaneous": self.language.gettext("in every month of the year"),
            "share_of_nights": self.language.gettext("on this share of nights"),
        }
        return names[meaning]

    def stage(self, name: str) -> str:
        """Name a stage of the procedure; a name of the user's own stays as it is."""
        names = {
            "registration": self.language.gettext("registration"),
            "interview": self.language.gettext("interview"),
            "decision": self.language.gettext("decision"),
            "appeal": self.language.gettext("appeal"),
        }
        return names.get(name, name)
