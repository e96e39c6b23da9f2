"""The methodology note of Article 17 as one content object: head and blocks, in reading order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from forecasting.briefing.blocks import Block, Document, Heading, Messages
from forecasting.briefing.note import chapters, indicators
from forecasting.briefing.note.material import NoteMaterial
from forecasting.briefing.words import Words
from forecasting.languages import Language
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.proposals import Proposal, propose_targets
from forecasting.programmes.published import objective_of


@dataclass(frozen=True)
class Note:
    """A methodology note, ready to be written.

    Attributes
    ----------
    document : Document
        Head and properties.
    blocks : tuple of Block
        Headings, paragraphs, tables and one box of messages, in reading order.
    """

    document: Document
    blocks: tuple[Block, ...]


def compose_note(
    programme: Programme,
    *,
    language: str,
    proposals: Sequence[Proposal] = (),
    origin: pd.Period | None = None,
) -> Note:
    """Write the methodology note that Article 17 of Regulation (EU) 2021/1060 asks for.

    Per indicator: why it was chosen, its data and their quality, the calculation with its numbers
    put in, the factors and how they are handled, the forecast and its tested reliability.

    Parameters
    ----------
    programme : Programme
        Of another framework too; the note then says so.
    language : str
        Language code.
    proposals : sequence of Proposal, optional
        What `propose_targets` returned; without them the note has no forecast.
    origin : pandas.Period, optional
        Last month of the figures behind the proposals.

    Returns
    -------
    Note

    Raises
    ------
    InputError
        If a text is missing in the language.
    """
    words = Words(Language(language))
    values = tuple(proposals or propose_targets(programme, None))
    material = NoteMaterial(programme, values, origin)
    blocks = (
        _summary(material, words),
        *chapters.basis(material, words),
        *chapters.selection(material, words),
        *chapters.data_quality(material, words),
        *chapters.reliability(material, words),
        *chapters.common_factors(material, words),
        *_by_objective(material, words),
        *chapters.history(material, words),
        *chapters.relations(material, words),
    )
    return Note(_document(material, words), blocks)


def _document(material: NoteMaterial, words: Words) -> Document:
    programme, language = material.programme, words.language
    newest = programme.versions[-1]
    digest = hashlib.sha256(programme.model_dump_json(fallback=str).encode()).hexdigest()[:8]
    kind = language.gettext("Methodology note")
    if material.is_cpr:
        kind = language.gettext("Methodology of the performance framework")
    foot = language.gettext("{programme} · version {version} · catalogue {digest} · {suite}")
    subtitle = language.gettext("Version {version} of the programme ({date}). {source}.")
    return Document(
        language=language.code,
        title=words.text(programme.name),
        subtitle=subtitle.format(
            version=newest.version,
            date=language.date(newest.date),
            source=words.text(programme.source),
        ),
        kind=kind,
        date=language.date(newest.date),
        footer=foot.format(
            programme=programme.id,
            version=newest.version,
            digest=digest,
            suite=f"forecasting {version('forecasting')}",
        ),
        data_date=newest.date.isoformat(),
        author="forecasting",
        description=kind,
        keywords=(words.text(programme.short_name), programme.id),
    )


def _summary(material: NoteMaterial, words: Words) -> Messages:
    return Messages(words.language.gettext("At a glance"), chapters.summary(material, words))


def _by_objective(material: NoteMaterial, words: Words) -> list[Block]:
    """Write the chapters of the objectives, each with its factors and its indicators."""
    programme, language = material.programme, words.language
    blocks: list[Block] = []
    groups = {objective.code: objective for objective in programme.objectives}
    for code, objective in groups.items():
        own = [entry for entry in programme.indicators if _code(programme, entry.code) == code]
        if not own:
            continue
        blocks.append(Heading(f"{code} {words.text(objective.name)}"))
        blocks += chapters.objective_factors(objective, words)
        for entry in own:
            blocks += indicators.section(entry, objective, material, words)
    others = [entry for entry in programme.indicators if _code(programme, entry.code) is None]
    if others:
        blocks.append(Heading(language.gettext("Indicators without an objective")))
    for entry in others:
        blocks += indicators.section(entry, None, material, words)
    return blocks


def _code(programme: Programme, indicator: str) -> str | None:
    objective = objective_of(programme, programme.indicator(indicator))
    return objective.code if objective else None
