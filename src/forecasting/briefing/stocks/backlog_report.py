"""The report on a backlog, section by section: what each step of the notebook shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from forecasting.briefing.blocks import Block, Document, Heading, Messages, Paragraph
from forecasting.briefing.stocks import backlog_figures as figures
from forecasting.briefing.stocks import backlog_tables as tables
from forecasting.briefing.stocks import backlog_texts as texts
from forecasting.briefing.stocks.backlog_material import BacklogMaterial
from forecasting.briefing.stocks.words import StockWords
from forecasting.disclosure import refuse_small_counts
from forecasting.languages import Language
from forecasting.stocks.backlog_config import BacklogProjection


@dataclass(frozen=True)
class BacklogReport:
    """The report on a processing backlog.

    Each method returns the blocks of one section, finished words and drawings in one language.

    Parameters
    ----------
    projection : BacklogProjection
        With staff; see `forecasting.run_backlog`.
    language : str
        Language code.

    Raises
    ------
    InputError
        If the capacity is a constant, a text is missing in the language, there is no such
        language, or a month counts too few persons to be published.
    """

    projection: BacklogProjection
    language: str = "en"

    def __post_init__(self) -> None:
        self._words.note(self.projection.plan.config.note)
        _ = self._material.staff
        refuse_small_counts(self._material.observed, where=self.projection.plan.name)

    @cached_property
    def _words(self) -> StockWords:
        return StockWords(Language(self.language))

    @cached_property
    def _material(self) -> BacklogMaterial:
        return BacklogMaterial(self.projection)

    def head(self) -> Document:
        """Return title, date and foot of the report."""
        words, material, needed = self._words, self._material, self.projection.needed
        language, plan = words.language, self.projection.plan
        date = language.gettext("Projection {start} to {end}").format(
            start=language.short_month(material.periods[0]),
            end=language.short_month(material.periods[-1]),
        )
        name = words.name(plan.config.title, plan.name)
        title = language.gettext("{name}: {needed} staff needed, {now} now")
        assumed = language.gettext("A projection under stated assumptions, no forecast.")
        subtitle = language.gettext(
            "For a wait within {limit} with probability {share}, in every month from "
            "{month} on. {assumed}"
        )
        return Document(
            language=self.language,
            title=title.format(
                name=name,
                needed=words.staff(needed.persons),
                now=words.plain(material.staff_now),
            ),
            subtitle=subtitle.format(
                limit=words.limit(material.limit),
                share=language.percent(needed.probability),
                month=language.month(needed.from_period),
                assumed=assumed if plan.config.note else "",
            ).strip(),
            kind=language.gettext("Processing backlog"),
            date=date,
            footer=f"{date} · forecasting {version('forecasting')}",
            data_date=material.data_date,
            author="forecasting",
            keywords=(name,),
        )

    def answer(self) -> tuple[Block, ...]:
        """Answer in words and one chart how much staff it takes."""
        words, material = self._words, self._material
        blocks: list[Block] = [
            Messages(
                words.language.gettext("Is the staff enough?"), texts.answer_texts(material, words)
            ),
            texts.tiles(material, words),
            figures.backlog_figure(material, words),
        ]
        if material.jumps:
            blocks.append(Paragraph(texts.jumps_text(material, words)))
        return tuple(blocks)

    def waits(self) -> tuple[Block, ...]:
        """Show how long people wait with the staff of now."""
        words, material = self._words, self._material
        return (
            Heading(words.language.gettext("How long people wait")),
            figures.waits_figure(material, words),
            Paragraph(texts.waits_text(material, words)),
            tables.waits_table(material, words),
        )

    def staff(self) -> tuple[Block, ...]:
        """Show the staff needed by month and probability, and under other assumptions."""
        words, material = self._words, self._material
        return (
            Heading(words.language.gettext("The staff needed")),
            figures.staff_figure(material, words),
            Paragraph(texts.staff_text(material, words)),
            figures.assumptions_figure(material, words),
            Paragraph(texts.assumptions_text(material, words)),
        )

    def work(self) -> tuple[Block, ...]:
        """Show the work a process takes, and how well that is known."""
        words, material = self._words, self._material
        return (
            Heading(words.language.gettext("The work a process takes")),
            tables.stages_table(material, words),
            tables.person_table(material, words),
            Paragraph(texts.work_text(material, words)),
        )

    def places(self) -> tuple[Block, ...]:
        """Show the reception places implied; nothing where no private share is given."""
        words, material = self._words, self._material
        if self.projection.places is None:
            return ()
        return (
            Heading(words.language.gettext("Reception places")),
            tables.places_table(material, words),
            Paragraph(texts.places_text(material, words)),
        )
