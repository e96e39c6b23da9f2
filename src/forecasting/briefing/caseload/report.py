"""The report on a caseload, section by section: what each step of the notebook shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

from forecasting.briefing.blocks import Block, Document, Heading, Messages, Paragraph
from forecasting.briefing.caseload import figures, phrases, tables, texts
from forecasting.briefing.caseload.material import CaseloadMaterial
from forecasting.briefing.caseload.words import CaseloadWords
from forecasting.disclosure import refuse_small_counts
from forecasting.languages import Language
from forecasting.stocks.caseload_plan import CaseloadProjection

PERSON_COUNTS = ("recipients", "persons_entitled")
"""Observed figures that count persons or families, and no money."""


@dataclass(frozen=True)
class CaseloadReport:
    """The report on the recipients of social assistance, and what they cost.

    Each method returns the blocks of one section, finished words and drawings in one language.

    Parameters
    ----------
    projection : CaseloadProjection
        See `forecasting.run_caseload`.
    language : str
        Language code.

    Raises
    ------
    InputError
        If there is no such language, or a month counts too few persons to be published.
    """

    projection: CaseloadProjection
    language: str = "en"

    def __post_init__(self) -> None:
        _ = self._words
        for key, series in self.projection.observed.items():
            if key in PERSON_COUNTS:
                refuse_small_counts(series.values, where=f"{series.source}: {key}")

    @cached_property
    def _words(self) -> CaseloadWords:
        return CaseloadWords(Language(self.language))

    @cached_property
    def _material(self) -> CaseloadMaterial:
        return CaseloadMaterial(self.projection)

    def head(self) -> Document:
        """Return title, date and foot of the report."""
        words, material, language = self._words, self._material, self._words.language
        year, end = material.headline_year, material.at_end(self.projection.recipients)
        if material.is_synthetic:
            title = language.gettext(
                "Synthetic demonstration series: {recipients} recipients in {month}, {spent} in "
                "{year}"
            )
        else:
            title = language.gettext("{recipients} recipients in {month}, {spent} in {year}")
        if self.projection.follows_outlook:
            subtitle = language.gettext(
                "Medians. A projection under an outlook and stated assumptions, no forecast."
            )
        else:
            subtitle = language.gettext(
                "Medians. Recipients are a forecast, expenditure and persons entitled a projection "
                "under stated assumptions."
            )
        date = language.gettext("Counted up to {month}").format(
            month=language.month(material.origin)
        )
        return Document(
            language=self.language,
            title=title.format(
                recipients=words.about(end.median),
                month=language.month(material.periods[-1]),
                spent=words.euros_million(year.spent.median),
                year=words.span(year.first, year.last),
            ),
            subtitle=subtitle,
            kind=language.gettext("Cash social assistance"),
            date=date,
            footer=f"{date} · forecasting {version('forecasting')}",
            data_date=material.data_date,
            author="forecasting",
            description=phrases.rests_on(material, words),
            keywords=(self.projection.series.series_id,),
        )

    def answer(self) -> tuple[Block, ...]:
        """Answer in words and one chart how many recipients there will be, and what they cost."""
        words, material = self._words, self._material
        return (
            Messages(
                words.language.gettext("How many recipients, and what do they cost?"),
                texts.answer_texts(material, words),
            ),
            texts.tiles(material, words),
            figures.recipients_figure(material, words),
        )

    def choice(self) -> tuple[Block, ...]:
        """Show which pool was chosen by its record, and whether a driver earned its place."""
        words, material = self._words, self._material
        blocks: list[Block] = [
            Heading(words.language.gettext("The pool and its record")),
            Paragraph(texts.choice_text(material, words)),
        ]
        if material.scores:
            blocks.append(tables.scores_table(material, words))
        return (
            *blocks,
            Paragraph(texts.drivers_text(material, words)),
            tables.drivers_table(material, words),
        )

    def expenditure(self) -> tuple[Block, ...]:
        """Show what is paid by month and year, and the amounts it rests on."""
        words, material = self._words, self._material
        return (
            Heading(words.language.gettext("Expenditure")),
            Paragraph(texts.expenditure_text(material, words)),
            figures.expenditure_figure(material, words),
            tables.years_table(material, words),
            tables.amounts_table(material, words),
        )

    def entitled(self) -> tuple[Block, ...]:
        """Show recipients and persons entitled apart, and hold both against published counts."""
        words, material = self._words, self._material
        blocks: list[Block] = [
            Heading(words.language.gettext("Recipients and persons entitled")),
            Paragraph(texts.entitled_text(material, words)),
            figures.counts_figure(material, words),
            Paragraph(texts.points_text(material, words)),
        ]
        if material.projection.points:
            blocks.append(tables.points_table(material, words))
        return tuple(blocks)

    def assumptions(self) -> tuple[Block, ...]:
        """List every assumption with its value, distribution, source and quality."""
        words, material = self._words, self._material
        return (
            Heading(words.language.gettext("Assumptions")),
            tables.assumptions_table(material, words),
        )
