"""Words of the report on a caseload: pools, drivers, amounts, and where an assumption is from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from forecasting.briefing.stocks.words import StockWords
from forecasting.briefing.words import DASH
from forecasting.distributions import Distribution, Uncertain
from forecasting.sources.parameters import Entry
from forecasting.stocks.caseload_family import FamilyAssumption
from forecasting.stocks.caseload_models import ENTRIES, FLOW, LEVEL, SMOOTH
from forecasting.stocks.caseload_plan import AMOUNT, UNEMPLOYMENT

MILLION = 1e6
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class CaseloadWords(StockWords):
    """Writes for one language; every number of the report passes through here."""

    def million(self, euros: float) -> str:
        """Write an amount in millions, without its unit: "24.9"."""
        return self.language.number(euros / MILLION, 1)

    def euros_million(self, euros: float) -> str:
        """Write an amount in millions with its unit: "EUR 24.9 million"."""
        written = self.language.gettext("EUR {n} million").format(n=self.million(euros))
        return written.replace(" ", NO_BREAK)

    def amount(self, euros: float) -> str:
        """Write a monthly amount with its cents, without its unit."""
        return self.language.number(euros, 2)

    def span(self, first: pd.Period, last: pd.Period) -> str:
        """Name a calendar year, or the months of it: "Jan 2025 to Jun 2025"."""
        if (first.month, last.month, first.year) == (1, 12, last.year):
            return str(first.year)
        return self.language.gettext("{lower} to {upper}").format(
            lower=self.language.short_month(first), upper=self.language.short_month(last)
        )

    def signed_percent(self, share: float) -> str:
        """Write a change in percent with its sign and a decimal: "+3.0%"."""
        return ("+" if share >= 0.0005 else "") + self.language.percent(share, 1)

    def pool(self, name: str) -> str:
        """Name a pool: "smooth stock with registered unemployment"."""
        base, _, drivers = name.partition(" with ")
        names = {
            SMOOTH: self.language.gettext("smooth stock"),
            FLOW: self.language.gettext("jumpy flow"),
            LEVEL: self.language.gettext("after a shock"),
            ENTRIES: self.language.gettext("entries and exits"),
        }
        if not drivers:
            return names[base]
        return self.language.gettext("{pool} with {drivers}").format(
            pool=names[base], drivers=self._drivers(drivers)
        )

    def pool_meaning(self, name: str) -> str:
        """Say in a few words what a pool does."""
        base, _, drivers = name.partition(" with ")
        meanings = {
            SMOOTH: self.language.gettext("a trend that fades, and the momentum of late"),
            FLOW: self.language.gettext("the models for arrivals: ETS, CES and Theta"),
            LEVEL: self.language.gettext("the last value carried on, without a trend"),
            ENTRIES: self.language.gettext("who begins, and which share ends in a month"),
        }
        return self.language.gettext("the same, moved by a driver") if drivers else meanings[base]

    def driver(self, name: str) -> str:
        """Name a driver; a name of the user's own stays as it is."""
        names = {
            UNEMPLOYMENT: self.language.gettext("registered unemployed"),
            AMOUNT: self.language.gettext("basic amount"),
        }
        return names.get(name, name)

    def _drivers(self, names: str) -> str:
        return self.language.join([self.driver(name) for name in names.split(", ")])

    def count(self, quantity: str) -> str:
        """Name what was counted."""
        names = {
            "recipients": self.language.gettext("recipients"),
            "persons_entitled": self.language.gettext("persons entitled"),
        }
        return names.get(quantity) or self.driver(quantity)

    def point_note(self, note: str) -> str:
        """Translate what was said beside a published count."""
        notes = {
            "rounded": self.language.gettext("rounded"),
            "more than": self.language.gettext("more than"),
            "record": self.language.gettext("record"),
            "one per family": self.language.gettext("one per family"),
        }
        return notes.get(note, note) or DASH

    def spread(self, value: Uncertain) -> str:
        """Write what is known of an assumption: "uniform: 1.5 to 2", or that it is fixed."""
        if not isinstance(value, Distribution):
            return self.language.gettext("fixed")
        if value.beta:
            a, b = (self.plain(number) for number in value.beta)
            return self.language.gettext("beta: {a} and {b}").format(a=a, b=b)
        ends = [self.plain(number) for number in value.triangular or value.uniform or ()]
        if len(ends) == 2:
            return self.language.gettext("uniform: {low} to {high}").format(
                low=ends[0], high=ends[1]
            )
        return self.language.gettext("triangular: {low}; {mode}; {high}").format(
            low=ends[0], mode=ends[1], high=ends[2]
        )

    def quality(self, quality: str) -> str:
        """Say how well a value is known."""
        names = {
            "given": self.language.gettext("printed"),
            "assumed": self.language.gettext("assumed"),
            "unknown": self.language.gettext("unknown"),
        }
        return names[quality]

    def family_source(self, assumption: FamilyAssumption) -> str:
        """Say where an assumption on families comes from."""
        sources = {
            "given": self.language.gettext("own value"),
            "figures": self.language.gettext("the figures, last three years"),
            "prior": self.source(assumption.prior),
        }
        return sources[assumption.basis]

    def family_quality(self, assumption: FamilyAssumption, *, synthetic: bool) -> str:
        """Say how well an assumption on families is known."""
        if assumption.basis == "prior":
            return self.quality(assumption.prior.quality)
        if assumption.basis == "figures":
            counted = self.language.gettext("counted")
            return self.language.gettext("synthetic") if synthetic else counted
        return self.language.gettext("own value")

    def source(self, entry: Entry) -> str:
        """Say where an entry comes from."""
        return self.counts.text(entry.source)
