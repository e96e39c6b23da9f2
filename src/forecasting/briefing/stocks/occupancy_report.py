"""The report on an occupancy, section by section: what each step of the notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from forecasting.briefing.blocks import Block, Document, Heading, Messages, Paragraph
from forecasting.briefing.stocks import occupancy_figures as figures
from forecasting.briefing.stocks import occupancy_tables as tables
from forecasting.briefing.stocks import occupancy_texts as texts
from forecasting.briefing.stocks import variant_figures
from forecasting.briefing.stocks.occupancy_material import OccupancyMaterial
from forecasting.briefing.stocks.words import StockWords
from forecasting.languages import Language
from forecasting.stocks.occupancy_config import OccupancyProjection
from forecasting.stocks.occupancy_variants import occupancy_sensitivity
from forecasting.stocks.rule_comparison import compare_rules

STAYS = (0.5, 1.0, 2.0, 3.0, 4.0)
ARRIVALS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Factors of the stay and of the arrivals that are tried."""


@dataclass(frozen=True)
class OccupancyReport:
    """The report on the occupancy of a centre.

    Each method returns the blocks of one section, finished words and drawings in one language.

    Parameters
    ----------
    projection : OccupancyProjection
        Monthly, with places and at least one whole calendar year; see `forecasting.run_occupancy`.
    language : str
        Language code.
    counted : str
        Reference data with persons present on single days; empty: none.

    Raises
    ------
    InputError
        If the projection has no places, no whole calendar year or no months, a text is missing in
        the language, or there is no such data set.
    """

    projection: OccupancyProjection
    language: str = "en"
    counted: str = ""

    def __post_init__(self) -> None:
        self._words.assumptions(self.projection.plan)
        _ = self._material.days

    @cached_property
    def _words(self) -> StockWords:
        return StockWords(Language(self.language))

    @cached_property
    def _material(self) -> OccupancyMaterial:
        return OccupancyMaterial(self.projection, self.counted)

    def head(self) -> Document:
        """Return title, date and foot of the report."""
        language, words, material = self._words.language, self._words, self._material
        config, last = self.projection.plan.config, material.last
        start, end = material.periods[0], material.periods[-1]
        date = language.gettext("Projection {start} to {end}").format(
            start=language.short_month(start), end=language.short_month(end)
        )
        name = words.name(config.title, config.name)
        subtitle = language.gettext("Places: {places}. Median: {median}. {assumed}")
        assumed = language.gettext("A projection under stated assumptions, no forecast.")
        return Document(
            language=self.language,
            title=texts.title(material, words),
            subtitle=subtitle.format(
                places=words.capacity(material.steps),
                median=words.persons(last.median),
                assumed=assumed if config.note else "",
            ).strip(),
            kind=language.gettext("Occupancy"),
            date=date,
            footer=f"{date} · forecasting {version('forecasting')}",
            data_date=material.data_date,
            author="forecasting",
            keywords=(name,),
        )

    def answer(self, probability: float = 0.95) -> tuple[Block, ...]:
        """Answer in words and one chart whether the places are enough.

        Parameters
        ----------
        probability : float
            Service for which places are sought.
        """
        return (
            Messages(
                self._words.language.gettext("Are the places enough?"),
                texts.answer_texts(self._material, probability, self._words),
            ),
            figures.occupancy_figure(self._material, self._words),
        )

    def chances(self) -> tuple[Block, ...]:
        """Show how often there are more persons than places."""
        words = self._words
        return (
            Heading(words.language.gettext("How often the places are too few")),
            tables.years_table(self._material, words),
            Paragraph(texts.chances_text(words)),
        )

    def service(self, probability: float = 0.95) -> tuple[Block, ...]:
        """Show the places for a stated service, under its three meanings.

        Parameters
        ----------
        probability : float
        """
        words, material = self._words, self._material
        title = words.language.gettext("Places for a service of {share}: three meanings")
        return (
            Heading(title.format(share=words.language.percent(probability))),
            *[Paragraph(text) for text in texts.meaning_texts(material, probability, words)],
            figures.service_figure(material, probability, words),
            tables.service_table(material, probability, words),
        )

    def sensitivity(
        self, *, stays: Sequence[float] = STAYS, arrivals: Sequence[float] = ARRIVALS
    ) -> tuple[Block, ...]:
        """Show what other stays and arrivals would come to.

        Parameters
        ----------
        stays, arrivals : sequence of float
            Factors that are tried.
        """
        words, plan = self._words, self.projection.plan
        grid = occupancy_sensitivity(plan, stay_factors=stays, arrivals_factors=arrivals)
        return (
            Heading(words.language.gettext("Longer stays and more arrivals")),
            variant_figures.sensitivity_figure(self._material, grid, words),
            Paragraph(texts.sensitivity_text(self._material, grid, words)),
        )

    def rules(self, places: int = 0) -> tuple[Block, ...]:
        """Show what happens under each rule once the places are full.

        Parameters
        ----------
        places : int
            0: those of the projection, or so few that they bind.
        """
        words, material = self._words, self._material
        comparison = compare_rules(self.projection.plan, places or material.binding)
        return (
            Heading(words.language.gettext("What happens when the places are full")),
            variant_figures.rules_figure(material, comparison, words),
            Paragraph(texts.rules_text(material, comparison, words)),
            tables.rules_table(comparison, words),
        )

    def indicators(
        self, others: Sequence[OccupancyProjection] = (), *, probability: float = 0.95
    ) -> tuple[Block, ...]:
        """Hold the places that indicators promise against the projections.

        Parameters
        ----------
        others : sequence of OccupancyProjection
            Beside the one of the report; those without an indicator are left out.
        probability : float
            With which places are to be enough in every month of a year.
        """
        words = self._words
        blocks: list[Block] = [
            Heading(words.language.gettext("Indicators: would the capacity have been enough?"))
        ]
        for projection in (self.projection, *others):
            if projection.plan.config.indicator is not None:
                blocks += self._indicator(OccupancyMaterial(projection), probability)
        return tuple(blocks) if len(blocks) > 1 else ()

    def _indicator(self, material: OccupancyMaterial, probability: float) -> list[Block]:
        words, config = self._words, material.projection.plan.config
        name = words.name(config.title, config.name)
        return [
            Heading(f"{tables.indicator_of(material).code}: {name}", 3),
            tables.indicator_table(material, probability, words),
            Paragraph(texts.promise_text(material, words)),
            Paragraph(texts.missing_text(material, words)),
        ]
