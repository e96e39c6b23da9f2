"""The words of the page: everything the reader sees, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.explorer.sliders import Slider, to_month
from forecasting.languages import Language
from forecasting.scenarios import Chain, Lever, Scenario


@dataclass(frozen=True)
class Page:
    """Writes the page of one chain.

    Parameters
    ----------
    names : ScenarioWords
        Names centres and inputs of the programme.
    chain : Chain
    """

    names: ScenarioWords
    chain: Chain

    @property
    def language(self) -> Language:
        """Language of the page."""
        return self.names.language

    def head(self, paths: int, seed: int, origin: pd.Period | None) -> dict[str, str]:
        """Write what stands above and below everything."""
        gettext = self.language.gettext
        place = self.language.territory(self.chain.geo)
        foot = gettext(
            "A projection holds under the assumptions of its scenario and says nothing about how "
            "probable they are. {paths} sample paths, seed {seed}."
        ).format(paths=self.language.number(paths), seed=seed)
        if origin is not None:
            month = self.language.month(origin)
            foot += " " + gettext("Figures observed up to {month}.").format(month=month)
        return {
            "kicker": gettext("Explorer: projections, no forecasts"),
            "title": gettext("What if? {place} until {year}").format(
                place=place, year=self.chain.until.year
            ),
            "subtitle": gettext(
                "Move a slider and everything is computed again, on the same random numbers: each "
                "difference to the reference comes from the setting alone."
            ),
            "foot": foot,
        }

    def words(self) -> dict[str, str]:
        """Write the words that the page itself puts together."""
        gettext = self.language.gettext
        return {
            "controls": gettext("Assumptions"),
            "start": gettext("Starting scenario"),
            "key_figures": gettext("Key figures"),
            "charts": gettext("Charts"),
            "key": gettext(
                "Blue: median (broken line) and 50, 80 and 95% of the paths under the scenario. "
                "Grey: median and 80% of the reference. Orange: places, limits, published values."
            ),
            "projection": gettext("projection"),
            "end_scenario": gettext("scenario {value}"),
            "end_reference": gettext("reference {value}"),
            "band_80": self.language.percent(0.8),
            "band_80_cut": gettext("{level}: to {upper}").replace(
                "{level}", self.language.percent(0.8)
            ),
            "table": gettext("Show as a table"),
            "month": gettext("Month"),
            "scenario_median": gettext("Scenario, median"),
            "interval_80": gettext("80% of the paths"),
            "reference_median": gettext("Reference, median"),
            "to": gettext("{lower} to {upper}"),
            "readout": gettext("{month}: {median} (80%: {interval}); reference {reference}"),
            "computing": gettext("Computing … The figures below are those of the setting before."),
            "no_answer": gettext(
                "No answer: these figures are not those of the sliders. Copy the link and load the "
                "page again."
            ),
            "reset": gettext("Reset everything"),
            **self._keeping(),
        }

    def _keeping(self) -> dict[str, str]:
        gettext = self.language.gettext
        return {
            "keep": gettext("Keep and share"),
            "name": gettext("Name of the scenario"),
            "reason": gettext("Reason"),
            "save": gettext("Save as scenario file"),
            "replace": gettext("Replace the file"),
            "download": gettext("Download"),
            "open": gettext("Open a file …"),
            "copy_link": gettext("Copy link"),
            "link": gettext("Link to this setting"),
            "link_copied": gettext("Link copied: it opens the explorer with this setting."),
            "link_below": gettext("Copy the link in the field above."),
        }

    def starts(self, scenarios: Sequence[Scenario]) -> list[dict[str, str]]:
        """Write the scenarios to start from."""
        code = self.language.code
        return [
            {"id": each.id, "title": each.title[code], "text": each.text[code]}
            for each in scenarios
        ]

    def levers(self, levers: Sequence[Lever]) -> list[str]:
        """Write levers, each with its months."""
        return [f"{self.names.lever(each)}; {self.names.months_of(each)}" for each in levers]

    def groups(self, sliders: Sequence[Slider]) -> list[dict[str, Any]]:
        """Write the sliders in their groups, one for each part of the chain."""
        titles: dict[str, list[Slider]] = {}
        for slider in sliders:
            titles.setdefault(self._group(slider), []).append(slider)
        return [
            {"title": title, "sliders": [self.slider(each) for each in own]}
            for title, own in titles.items()
        ]

    def slider(self, slider: Slider) -> dict[str, Any]:
        """Write a slider with the words of each step."""
        label = self._label(slider)
        texts = [self._step(slider, value) for value in slider.values]
        place = slider.values.index(slider.neutral)
        if slider.configured:
            texts[place] = self.language.gettext("{value}, as configured").format(
                value=texts[place]
            )
        values = list(slider.values)
        return {"id": slider.id, "label": label, "values": values, "texts": texts, "neutral": place}

    def _group(self, slider: Slider) -> str:
        gettext = self.language.gettext
        titles = {
            "arrivals": gettext("Arrivals"),
            "centre": self.names.things.get(slider.on, slider.on),
            "backlog": gettext("Processing"),
            "programme": gettext("Programme"),
            "caseload": gettext("Social assistance"),
            "savings": gettext("Social assistance"),
        }
        return titles[slider.group]

    def _label(self, slider: Slider) -> str:
        gettext = self.language.gettext
        labels = {
            "arrivals.multiply": gettext("Arrivals"),
            "arrivals.surge": gettext("Surge over three months"),
            "arrivals.surge.start": gettext("First month of the surge"),
            "stay.multiply": gettext("Length of stay"),
            "capacity.delay": gettext("Delay of the new places"),
            "capacity.add": gettext("More places"),
            "capacity.add.start": gettext("More places from"),
            "staff.multiply": gettext("Staff"),
            "exit_rate.multiply": gettext("Exit rate"),
            "unemployment.multiply": gettext("Registered unemployed"),
            "savings.activation_share": gettext("Share of those included who leave assistance"),
            "savings.deadweight": gettext("Share who would have left anyway"),
        }
        if slider.lever == "coverage.multiply":
            return self.names.things.get(slider.on, slider.on)
        return labels[slider.lever + (".start" if slider.is_month else "")]

    def _step(self, slider: Slider, value: float) -> str:
        words = self.language
        if slider.is_month:
            return words.month(to_month(value))
        if slider.lever == "arrivals.surge":
            singular, plural = "{number} person", "{number} persons"
        elif slider.lever == "capacity.add":
            singular, plural = "{number} place", "{number} places"
        elif slider.lever == "capacity.delay":
            singular, plural = "{number} month", "{number} months"
        elif slider.group == "savings":
            exact = abs(value * 100 - round(value * 100)) < 1e-9
            return words.percent(value, 0 if exact else 1)
        else:
            return f"×\N{NO-BREAK SPACE}{words.number(value, 2)}"
        form = words.ngettext(singular, plural, int(value))
        return form.format(number=words.number(int(value)))
