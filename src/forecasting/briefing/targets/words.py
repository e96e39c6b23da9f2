"""Words of the report on targets: what drives an indicator, why a value changes, assumptions."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.briefing.stocks.words import StockWords
from forecasting.briefing.targets.material import TargetsMaterial
from forecasting.briefing.words import DASH
from forecasting.distributions import Distribution
from forecasting.programmes.catalogue import Indicator, Programme
from forecasting.programmes.driven_by import RANGE, driver_of
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.quantities import quantity
from forecasting.programmes.reasons import Swing
from forecasting.programmes.rules import APPLICANTS
from forecasting.sources.parameters import Entry


@dataclass(frozen=True)
class TargetWords(StockWords):
    """Writes for one language; every value of the report passes through here."""

    def value(self, value: float, unit: str) -> str:
        """Write a value without its unit; percent has a sign."""
        if unit == "%":
            return self.language.percent(value / 100, 0 if value == round(value) else 1)
        return self.plain(value)

    def difference(self, value: float, unit: str) -> str:
        """Write a difference without its unit; of percentages in percentage points."""
        if unit == "%":
            return self.language.gettext("{n} pp").format(n=self.plain(value))
        return self.plain(value)

    def published(self, proposal: Proposal) -> str:
        """Write the published value with its unit."""
        if proposal.published is None:
            return DASH
        return self.with_unit(proposal.published, proposal.indicator.unit)

    def with_unit(self, value: float, unit: str) -> str:
        """Write a value with its unit: "170 persons"."""
        return self.counts.quantity(quantity(value, unit))

    def range_of(self, low: float, high: float, unit: str) -> str:
        """Write two ends: "110 to 166", with a decimal where both are small."""
        decimals = 1 if max(abs(low), abs(high)) < 10 else 0
        return self.language.gettext("{lower} to {upper}").format(
            lower=self.value(round(low, decimals), unit),
            upper=self.value(round(high, decimals), unit),
        )

    def due(self, proposal: Proposal) -> str:
        """Write milestone or target with its month: "target, Dec 2029"."""
        return self.language.gettext("{point}, {month}").format(
            point=self.counts.point(proposal.point),
            month=self.language.short_month(proposal.date),
        )

    def chance(self, proposal: Proposal) -> str:
        """Write the probability of the published value; of a commitment that it is one."""
        if proposal.probability is None:
            return DASH
        if proposal.driver == "commitment":
            return self.language.gettext("if kept")
        if proposal.is_fact or _stands_already(proposal):
            return self.language.gettext("reached")
        return self.share(proposal.probability)

    def under(self, material: TargetsMaterial) -> str:
        """Name the scenario that the values are projected under; empty where they are forecast."""
        if material.scenario is None or not material.is_projection:
            return ""
        return self.language.gettext(
            "Projection under the scenario “{scenario}”, no forecast."
        ).format(scenario=self.counts.text(material.scenario.title))

    def driver(self, indicator: Indicator, *, projected: bool = False) -> str:
        """Say in a few words what drives an indicator."""
        driver = driver_of(indicator)
        if driver is None and projected:
            return self.language.gettext("projection of applications")
        if driver is None:
            return self.language.gettext("forecast of applications")
        if driver.rate and driver.rate.of:
            return self.language.gettext("rate applied to {code}").format(code=driver.rate.of)
        names = {
            "plan": self.language.gettext("plan, delivered in part"),
            "rate": self.language.gettext("rate as stated"),
            "pace": self.language.gettext("yearly number that goes on"),
            "commitment": self.language.gettext("fixed commitment"),
        }
        return names[driver.kind]

    def reason(self, name: str | None) -> str:
        """Name the main reason for a change."""
        names = {
            None: self.language.gettext("no change"),
            "correction": self.language.gettext("correction"),
            "assumption": self.language.gettext("assumption"),
            "new data": self.language.gettext("new data"),
            "model": self.language.gettext("model"),
        }
        return names[name]

    def unproposed(self, name: str) -> str:
        """Say why nothing is proposed."""
        names = {
            "not monitored": self.language.gettext("not monitored"),
            "no number": self.language.gettext("the document gives no number"),
            "zero": self.language.gettext("0 is planned"),
            "no baseline": self.language.gettext("percent without a known baseline"),
            "no base": self.language.gettext("the indicator it is applied to has no value"),
        }
        return names[name]

    def assumption(self, name: str, programme: Programme) -> str:
        """Name an assumption: an input by its label, a parameter in a few words."""
        if name in programme.inputs:
            return self.counts.text(programme.inputs[name].label)
        names = {
            APPLICANTS: self.language.gettext("applications"),
            "share_delivered": self.language.gettext("share of the plan delivered"),
            "rate_held": self.language.gettext("rate held"),
            "pace_held": self.language.gettext("pace held"),
            RANGE: self.language.gettext("place in the stated range"),
            "shared_risk": self.language.gettext("correlation of the operations"),
        }
        return names.get(name, name)

    def swing(self, swing: Swing, programme: Programme, unit: str) -> str:
        """Write an assumption and what becomes of the value: "applications: 31,000 to 197,300"."""
        return self.language.gettext("{name}: {range}").format(
            name=self.assumption(swing.name, programme),
            range=self.range_of(swing.low, swing.high, unit),
        )

    def spread(self, entry: Entry) -> str:
        """Write what is known around a parameter."""
        known = entry.distribution
        if not isinstance(known, Distribution) or not known.triangular:
            return self.language.gettext("fixed")
        low, mode, high = (self.parameter(v, entry.unit) for v in known.triangular)
        return self.language.gettext("triangular: {low}, {mode}, {high}").format(
            low=low, mode=mode, high=high
        )

    def parameter(self, value: float, unit: str) -> str:
        """Write the value of a parameter in its unit."""
        return self.value(value, unit)

    def quality(self, quality: str) -> str:
        """Say how well a parameter is known."""
        names = {
            "given": self.language.gettext("printed"),
            "assumed": self.language.gettext("assumed"),
            "unknown": self.language.gettext("unknown"),
        }
        return names[quality]


def _stands_already(proposal: Proposal) -> bool:
    """Whether what a plan has reached by now is all of it."""
    driver = driver_of(proposal.indicator)
    has_begun = driver is not None and driver.plan is not None and driver.plan.reached is not None
    return has_begun and proposal.probability == 1
