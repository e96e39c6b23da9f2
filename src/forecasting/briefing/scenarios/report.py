"""The report on scenarios, section by section: what each step of the notebook shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from forecasting.briefing.blocks import Block, Document, Heading, Messages, Paragraph
from forecasting.briefing.scenarios import figures, tables, texts
from forecasting.briefing.scenarios.lines import scenario_words
from forecasting.briefing.scenarios.material import ScenariosMaterial
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.projections.attribution import Attribution
from forecasting.projections.comparison import Comparison


@dataclass(frozen=True, eq=False)
class ScenariosReport:
    """The report on what follows under several scenarios.

    Each method returns the blocks of one section, finished words and drawings in one language.

    Parameters
    ----------
    comparison : Comparison
        What `forecasting.compare_scenarios` returned.
    attribution : Attribution or None
        A difference that is shared out, see `forecasting.attribute`; None: none.
    language : str
        Language code.

    Raises
    ------
    InputError
        If no scenario is compared, or there is no such language.
    """

    comparison: Comparison
    attribution: Attribution | None = None
    language: str = "en"

    def __post_init__(self) -> None:
        if not self.comparison.others:
            raise InputError("a comparison without scenarios", expected="one beside the reference")
        _ = self._words

    @cached_property
    def _material(self) -> ScenariosMaterial:
        return ScenariosMaterial(self.comparison, self.attribution)

    @cached_property
    def _words(self) -> ScenarioWords:
        return scenario_words(self.comparison.base.scenario, Language(self.language))

    def head(self) -> Document:
        """Return title, date and foot of the report."""
        words, material, language = self._words, self._material, self._words.language
        months = material.months
        date = language.gettext("Projection {start} to {end}").format(
            start=language.short_month(months[0]), end=language.short_month(months[-1])
        )
        place = language.territory(material.reference.chain.geo)
        subtitle = language.gettext(
            "{place}, scenarios beside the reference: {n}. Projections, no forecasts."
        )
        return Document(
            language=self.language,
            title=texts.title_text(material, words),
            subtitle=subtitle.format(place=place, n=language.number(len(material.scenarios) - 1)),
            kind=language.gettext("Scenarios"),
            date=date,
            footer=f"{date} · forecasting {version('forecasting')}",
            data_date=material.data_date,
            author="forecasting",
            keywords=(place,),
        )

    def answer(self) -> tuple[Block, ...]:
        """Say what the reference says, what moves most, and which targets stand."""
        title = self._words.language.gettext("What would change, and what would stand?")
        return (Messages(title, texts.answer_texts(self._material, self._words)),)

    def assumed(self) -> tuple[Block, ...]:
        """List what each scenario assumes."""
        return (
            Heading(self._words.language.gettext("What the scenarios assume")),
            *tables.assumptions_tables(self._material, self._words),
        )

    def multiples(self) -> tuple[Block, ...]:
        """Draw every quantity under the scenarios that move it."""
        words, material = self._words, self._material
        if not material.moved:
            return ()
        return (
            Heading(words.language.gettext("Scenario beside reference")),
            *[figures.multiples_figure(moved, material, words) for moved in material.moved],
        )

    def figures(self) -> tuple[Block, ...]:
        """List key figures with their differences to the reference."""
        words, material = self._words, self._material
        found = tables.figures_tables(material, words)
        if not found:
            return ()
        spread = texts.spread_text(material, words)
        return (
            Heading(words.language.gettext("Key figures")),
            Paragraph(texts.brackets_text(material, words)),
            *found,
            *(() if spread is None else (Paragraph(spread),)),
        )

    def targets(self) -> tuple[Block, ...]:
        """Hold published, proposed and robust targets against every scenario."""
        words, material = self._words, self._material
        if not self.comparison.robust:
            return ()
        published = (tables.probabilities_table(material, words),) if material.published else ()
        return (
            Heading(words.language.gettext("Targets under the scenarios")),
            *published,
            tables.regret_table(material, words),
            Paragraph(texts.hardest_text(material, words)),
        )

    def attributed(self) -> tuple[Block, ...]:
        """Share a difference out; nothing where none was asked for or there is none."""
        words, material, found = self._words, self._material, self.attribution
        shown = material.attributed
        if found is None or shown is None:
            return ()
        return (
            Heading(words.language.gettext("What the difference comes from")),
            figures.attribution_figure(shown, found, material, words),
            tables.attribution_table(found, material, words),
        )

    def wording(self) -> tuple[Block, ...]:
        """Say how all of this is to be read."""
        return (
            Heading(self._words.language.gettext("How to read a projection")),
            *[Paragraph(text) for text in texts.wording_texts(self._material, self._words)],
        )
