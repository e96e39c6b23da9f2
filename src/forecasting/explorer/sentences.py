"""Titles, labels and sentences of the charts, from the numbers that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.explorer.fans import Mark, Panel, Shown
from forecasting.languages import Language


@dataclass(frozen=True)
class Fan:
    """Median and 80 % of the paths in the last month shown."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Sentences:
    """Writes about charts in one language.

    Parameters
    ----------
    words : ScenarioWords
        Names the centres.
    shown : Shown
    synthetic : bool
        Whether the recipients are.
    """

    words: ScenarioWords
    shown: Shown
    synthetic: bool

    @property
    def language(self) -> Language:
        """Language of the page."""
        return self.words.language

    def title(self, panel: Panel) -> str:
        """Head of a chart."""
        gettext = self.language.gettext
        kind, _, name = panel.id.partition("/")
        if kind == "centre":
            return self.words.things[name]
        if kind == "cumulative" and self.shown.first is not None:
            return gettext("Persons counted since {month}, indicator {code}").format(
                month=self.language.month(self.shown.first), code=self.shown.code
            )
        titles = {
            "arrivals": gettext("Arrivals per month"),
            "wait": gettext("Wait until the decision, of who comes last"),
            "recipients": gettext("Recipients of social assistance, synthetic figures")
            if self.synthetic
            else gettext("Recipients of social assistance"),
        }
        return titles[kind]

    def unit(self, panel: Panel) -> str:
        """Unit at the axis."""
        gettext = self.language.gettext
        units = {
            "arrivals": gettext("persons per month"),
            "cumulative": gettext("persons, running total"),
            "centre": gettext("persons present"),
            "wait": gettext("months"),
            "recipients": gettext("families"),
        }
        return units[panel.id.partition("/")[0]]

    def level(self, panel: Panel, value: float) -> str:
        """Words at the end of the line of places, or of the limit."""
        gettext = self.language.gettext
        words = gettext("limit {value}") if panel.id == "wait" else gettext("places {value}")
        return words.format(value=self.language.number(value))

    def mark(self, mark: Mark) -> str:
        """Words beside a published value."""
        words = self.words.counts
        return f"{words.point(mark.kind)} {mark.month.year}: {self.language.number(mark.value)}"

    def crossing(self, month: pd.Period) -> str:
        """Words beside the month from which the median is over the line."""
        over = self.language.gettext("over it: {month}")
        return over.format(month=self.language.short_month(month))

    def note(self, panel: Panel, over: int | None) -> str:
        """Write below a chart what its line says."""
        gettext = self.language.gettext
        if panel.level is None:
            return ""
        share = self.words.share(float((panel.values > panel.level).any(axis=1).mean()))
        if over is None:
            words = gettext(
                "The median stays within the line. Paths over it at some month's end: {share}."
            )
            return words.format(share=share)
        words = gettext(
            "First month in which the median is over the line: {month}. Paths over it at some "
            "month's end: {share}."
        )
        return words.format(month=self.language.month(panel.months[over]), share=share)

    def alternative(self, panel: Panel, scenario: Fan, reference: Fan, note: str) -> str:
        """Write a chart as a sentence with its numbers."""
        month, write = panel.months[-1], self._write(panel)
        template = self.language.gettext(
            "{title}, {unit}. {month}: median {median} under the scenario, 80% of the paths from "
            "{lower} to {upper}; median {reference} under the reference."
        )
        said = template.format(
            title=self.title(panel),
            unit=self.unit(panel),
            month=self.language.month(month),
            median=write(scenario.median),
            lower=write(scenario.lower),
            upper=write(scenario.upper),
            reference=write(reference.median),
        )
        lines = [*self._levels(panel), *(self.mark(mark) for mark in panel.marks)]
        line = f"{'; '.join(lines)}." if lines else ""
        return " ".join(part for part in (said, line, note) if part)

    def status(self, moved: int) -> str:
        """Say above the key figures what they are of."""
        if not moved:
            return self.language.gettext(
                "Nothing is moved: these are the figures of the reference."
            )
        return self.language.gettext("Figures of the scenario that is set, beside the reference.")

    def _levels(self, panel: Panel) -> list[str]:
        if panel.level is None:
            return []
        changes = [0, *(np.flatnonzero(np.diff(panel.level)) + 1)]
        if len(changes) == 1:
            return [self.level(panel, panel.level[0])]
        template = self.language.gettext("{level} from {month}")
        return [
            template.format(
                level=self.level(panel, panel.level[step]),
                month=self.language.month(panel.months[step]),
            )
            for step in changes
        ]

    def _write(self, panel: Panel) -> Writer:
        return Writer(self.language, panel.decimals)


@dataclass(frozen=True)
class Writer:
    """Writes numbers to the decimals of a chart."""

    language: Language
    decimals: int

    def __call__(self, value: float) -> str:
        """Write a number."""
        return self.language.number(value, self.decimals)


def fan_at_end(median: Sequence[float], band: Sequence[Sequence[float]]) -> Fan:
    """Return the last month of a fan."""
    return Fan(median[-1], band[0][-1], band[1][-1])
