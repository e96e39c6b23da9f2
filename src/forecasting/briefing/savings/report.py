"""The report on savings, section by section: what each step of the notebook shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from forecasting.briefing.blocks import (
    Block,
    Document,
    Figure,
    Heading,
    Messages,
    Paragraph,
    Text,
)
from forecasting.briefing.savings import (
    bridge_figures,
    bridge_texts,
    figures,
    project_figures,
    project_texts,
    tables,
    texts,
)
from forecasting.briefing.savings.material import SavingsMaterial
from forecasting.briefing.savings.words import SavingsWords
from forecasting.distributions import Distribution, central
from forecasting.languages import Language
from forecasting.savings.config import SavingsProjection
from forecasting.savings.project import load_project


@dataclass(frozen=True)
class SavingsReport:
    """The report on what an activation programme saves.

    Each method returns the blocks of one section, finished words and drawings in one language.

    Parameters
    ----------
    run : SavingsProjection
        With every assumption open; see `forecasting.run_savings`.
    published : SavingsProjection
        The same cohorts under the convention of the published sum.
    project : str
        What was planned and realised: a name in ``data/projects``, or a YAML file; empty: nothing.
    language : str
        Language code.

    Raises
    ------
    InputError
        If there is no such project or language, or a text is missing in the language.
    """

    run: SavingsProjection
    published: SavingsProjection
    project: str = ""
    language: str = "en"

    def __post_init__(self) -> None:
        for projection in (self.run, self.published):
            self._words.note(projection.plan.config.note)
        _ = self._material

    @cached_property
    def _words(self) -> SavingsWords:
        return SavingsWords(Language(self.language))

    @cached_property
    def _material(self) -> SavingsMaterial:
        project = load_project(self.project) if self.project else None
        return SavingsMaterial(self.run, self.published, project)

    def head(self) -> Document:
        """Return title, date and foot of the report."""
        words, material, language = self._words, self._material, self._words.language
        name = words.name(self.run.plan.config.title, self.run.plan.name)
        date = language.gettext("Months 1 to {n} of the programme").format(n=material.horizon)
        title = language.gettext("{published} published, {net} net can be defended")
        subtitle = language.gettext(
            "Net {net}, gross {gross}. Cost: {cost}; {covered}. A projection under stated "
            "assumptions, no forecast."
        )
        return Document(
            language=self.language,
            title=title.format(
                published=words.euros_million(material.published_eur),
                net=words.euros_million(material.net.mean),
            ),
            subtitle=subtitle.format(
                net=texts.estimate_text(material.net, material, words),
                gross=texts.estimate_text(material.gross, material, words),
                cost=words.euros_million(material.cost),
                covered=texts.covered_text(material, words),
            ),
            kind=language.gettext("Savings of activation"),
            date=date,
            footer=f"{name} · forecasting {version('forecasting')}",
            data_date=material.data_date,
            author="forecasting",
            keywords=(name,),
        )

    def short_figure(self, *, height_mm: float) -> Figure:
        """Return the chart of a briefing: published, gross and net against the cost."""
        return figures.sums_figure(self._material, self._words, height_mm=height_mm)

    def short_text(self) -> Text:
        """Return what a briefing says of the savings in words."""
        return texts.short_text(self._material, self._words)

    def widest_swing(self) -> tuple[str, float, float] | None:
        """Name the assumption that moves the net savings most, with its two ends and both EUR.

        None where no assumption moves them.
        """
        words, material = self._words, self._material
        if not material.net_varies:
            return None
        swing, assumed = material.tornado.swings[0], material.run.plan.assumed
        name = words.language.gettext("“{name}”: {low} to {high}").format(
            name=words.assumption(swing.name, assumed),
            low=words.value(swing.name, swing.low),
            high=words.value(swing.name, swing.high),
        )
        return name, swing.net_at_low, swing.net_at_high

    def rated(self) -> list[tuple[str, str]]:
        """Every assumption with its mean, and how well it is known."""
        words, assumed = self._words, self._material.run.plan.assumed
        return [
            (
                words.language.gettext("{name} {value}").format(
                    name=words.assumption(name, assumed),
                    value=words.value(name, central(each.value)),
                ),
                each.quality,
            )
            for name, each in assumed.items()
            if name != "relapse_months" or isinstance(each.value, Distribution)
        ]

    def answer(self) -> tuple[Block, ...]:
        """Answer in words and one chart what is saved, and whether it covers the cost."""
        words, material = self._words, self._material
        return (
            Messages(
                words.language.gettext("What does the programme save?"),
                texts.answer_texts(material, words),
            ),
            texts.tiles(material, words),
            figures.cumulated_figure(material, words),
            tables.outcomes_table(material, words),
        )

    def bridge(self) -> tuple[Block, ...]:
        """Show each step from the published sum to the net savings."""
        words, material = self._words, self._material
        return (
            Heading(words.language.gettext("From published to net")),
            bridge_figures.bridge_figure(material, words),
            Paragraph(bridge_texts.bridge_text(material, words)),
        )

    def uncertainty(self) -> tuple[Block, ...]:
        """Show which assumption matters most, and what would settle it."""
        words, material = self._words, self._material
        if not material.net_varies:
            return ()
        return (
            Heading(words.language.gettext("Which assumption matters")),
            bridge_figures.tornado_figure(material, words),
            Paragraph(bridge_texts.matters_text(material, words)),
            bridge_figures.sobol_figure(material, words),
            Heading(words.language.gettext("What would settle it"), 3),
            *(Paragraph(text) for text in bridge_texts.evidence_texts(material, words)),
        )

    def assumptions(self) -> tuple[Block, ...]:
        """List every assumption with its distribution, source and quality, and who leaves when."""
        words, material = self._words, self._material
        return (
            Heading(words.language.gettext("Assumptions")),
            tables.assumptions_table(material, words),
            tables.cohorts_table(material, words),
        )

    def realised(self) -> tuple[Block, ...]:
        """Set planned against realised, and the persons included against the promise."""
        words, material, project = self._words, self._material, self._material.project
        if project is None or material.inclusion is None:
            return ()
        seed = self.run.plan.config.seed
        return (
            Heading(words.language.gettext("Planned against realised")),
            project_figures.costs_figure(project, words),
            Paragraph(project_texts.costs_text(project, words)),
            tables.phases_table(project, words),
            Paragraph(project_texts.phases_text(project, words)),
            project_figures.inclusion_figure(project, material.inclusion, words),
            Paragraph(project_texts.inclusion_text(project, material.inclusion, words)),
            tables.paces_table(project, words, seed=seed),
        )
