"""Words of the report on scenarios: names of key figures, their values, and what a change means."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.briefing.scenarios.lever_words import LeverWords
from forecasting.projections.comparison import Difference
from forecasting.projections.key_figures import OF_CASELOAD, KeyFigure
from forecasting.scenarios import Scenario

MILLION = 1e6
IN_MILLIONS = ("nights_cost", "expenditure", "gross_saving", "net_saving")
"""Key figures in EUR."""


@dataclass(frozen=True)
class ScenarioWords(LeverWords):
    """Writes for one language; every number of the report passes through here.

    Attributes
    ----------
    synthetic : bool
        Whether the series of recipients was generated, not observed; then `measure` says so.
    """

    synthetic: bool = False

    def title(self, scenario: Scenario) -> str:
        """Name a scenario."""
        return self.counts.text(scenario.title)

    def measure(self, code: str, entity: str = "") -> str:
        """Name a key figure, with the centre or indicator that it belongs to."""
        name = self.head(code)
        if self.synthetic and code in OF_CASELOAD:
            return self.language.gettext("{measure} (synthetic figures)").format(measure=name)
        if not entity:
            return name
        return self.language.gettext("{measure}: {entity}").format(
            measure=name, entity=self.things.get(entity, entity)
        )

    def head(self, code: str) -> str:
        """Name a key figure in a few words."""
        say = self.language.gettext
        names = {
            "applications_total": say("Applications in all"),
            "target_probability": say("Published target met"),
            "proposal": say("Proposed target"),
            "peak_present": say("Most persons present"),
            "over_capacity": say("More persons than places"),
            "nights_without_place": say("Nights without a place"),
            "nights_cost": say("Cost of these nights, EUR million"),
            "waiting": say("Cases waiting at the end"),
            "wait_months": say("Months of waiting at the end"),
            "recipients": say("Recipients at the end"),
            "expenditure": say("Expenditure, EUR million"),
            "gross_saving": say("Gross saving, EUR million"),
            "net_saving": say("Net saving, EUR million"),
        }
        return names[code]

    def amount(self, code: str, unit: str, value: float) -> str:
        """Write the value of a key figure, without its unit."""
        return self.share(value) if unit == "1" else self._size(code, value)

    def figure(self, figure: KeyFigure) -> str:
        """Write a key figure."""
        return self.amount(figure.code, figure.unit, figure.value)

    def change(self, code: str, unit: str, change: float) -> str:
        """Write a change with its sign; of a share in percentage points; without one if it is 0."""
        if unit == "1":
            decimals = 0 if abs(change) >= 0.0095 else 1
            points = self.language.gettext("{n} pp")
            size, nothing = (
                points.format(n=self.language.number(100 * value, decimals))
                for value in (abs(change), 0.0)
            )
        else:
            size, nothing = (self._size(code, value) for value in (abs(change), 0.0))
        if size == nothing:
            return nothing
        return ("+" if change > 0 else "\N{MINUS SIGN}") + size

    def _size(self, code: str, value: float) -> str:
        """Write a number in the unit of its name; counts of a million and more in millions."""
        if code in IN_MILLIONS:
            return self.language.number(value / MILLION, 1)
        if code == "wait_months":
            return self.months(value)
        if value >= MILLION:
            written = self.language.gettext("{n} million").format(
                n=self.language.number(value / MILLION, 1)
            )
            return written.replace(" ", "\N{NO-BREAK SPACE}")
        return self.about(value)

    def is_visible(self, code: str, unit: str, change: float) -> bool:
        """Whether a change can be seen in the figures as they are written."""
        return any(c in "123456789" for c in self.change(code, unit, change))

    def judgement(self, difference: Difference) -> str:
        """Say whether a change is for the better; nothing where it is neither."""
        names = {
            "better": self.language.gettext("better"),
            "worse": self.language.gettext("worse"),
            "": "",
        }
        return names[difference.judgement]

    def judged(self, difference: Difference) -> str:
        """Write a change and what it means: "+22 pp, worse"; or that there is hardly any."""
        change = self.change(difference.code, difference.unit, difference.change)
        if not self.is_visible(difference.code, difference.unit, difference.change):
            return self.language.gettext("hardly any change")
        return ", ".join(filter(None, (change, self.judgement(difference))))

    def spread_of(self, difference: Difference) -> str:
        """Write between what the middle 80 % of the paths differ; a share has none."""
        if difference.lower is None or difference.upper is None:
            return ""
        low, high = (
            self.change(difference.code, difference.unit, end)
            for end in (difference.lower, difference.upper)
        )
        return self.language.gettext("{lower} to {upper}").format(lower=low, upper=high)
