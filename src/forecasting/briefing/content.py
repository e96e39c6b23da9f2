"""The one content object of a briefing: every number and every sentence, in reading order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from forecasting.briefing import figures, headline, tables
from forecasting.briefing.blocks import (
    Block,
    Columns,
    Document,
    Figure,
    Heading,
    Paragraph,
    Table,
    plain,
    rich,
)
from forecasting.briefing.material import BriefingOptions, Material, TargetMaterial, gather
from forecasting.briefing.words import Words
from forecasting.forecasts import Forecast, forecast_table
from forecasting.languages import Language
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.table import targets_table
from forecasting.tables import write_bytes, write_table


@dataclass(frozen=True)
class Briefing:
    """A briefing, ready to be set.

    Attributes
    ----------
    document : Document
        Head and properties.
    summary, targets, sources : tuple of Block
        The parts, in reading order: findings, values and their derivation, data and method.
    material : Material
        The numbers they were written from.
    """

    document: Document
    summary: tuple[Block, ...]
    targets: tuple[Block, ...]
    sources: tuple[Block, ...]
    material: Material

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in reading order."""
        return (*self.summary, *self.targets, *self.sources)

    def to_json(self) -> dict[str, Any]:
        """Return head and blocks as JSON data, without the drawings."""
        blocks = [block.to_json() for block in self.blocks]
        for block in blocks:
            block.pop("svg", None)
        return {"document": self.document.to_json(), "blocks": blocks}


def compose_briefing(
    result: Forecast,
    past: Forecast,
    options: BriefingOptions,
    *,
    programme: Programme | None = None,
    proposals: Sequence[Proposal] = (),
) -> Briefing:
    """Write a briefing from a forecast and, where there is a programme, its proposals.

    Parameters
    ----------
    result : Forecast
        Monthly forecast to the programme's target date.
    past : Forecast
        Forecast of the same series from an origin a year before, over that year.
    options : BriefingOptions
        Country, language, as-of month, seed and run id.
    programme : Programme, optional
        Left out where none is held for the country; its part of the pages is left out with it.
    proposals : sequence of Proposal, optional
        What `propose_targets` returned.

    Returns
    -------
    Briefing
    """
    targets = TargetMaterial(programme, tuple(proposals)) if programme else None
    material = gather(result, past, options, targets=targets)
    numbers: Counter[type[Block]] = Counter()
    parts = [
        tuple(_numbered(block, numbers, material.language) for block in write(material))
        for write in (_summary, _targets, _sources)
    ]
    return Briefing(
        document=headline.document(material, version("forecasting")),
        summary=parts[0],
        targets=parts[1],
        sources=parts[2],
        material=material,
    )


def save_results(briefing: Briefing, folder: str | Path) -> list[Path]:
    """Write the result tables and the content of a briefing into a folder.

    Returns
    -------
    list of pathlib.Path
        ``forecast.csv``, ``content.json`` and, with a programme, ``targets.csv``.
    """
    folder = Path(folder)
    content = json.dumps(briefing.to_json(), ensure_ascii=False, indent=1).encode()
    write_bytes(content, folder / "content.json")
    forecasts = write_table(forecast_table(briefing.material.result), folder / "forecast.csv")
    written = [folder / "content.json", forecasts]
    targets = briefing.material.targets
    if targets is not None:
        material = briefing.material
        table = targets_table(
            targets.programme, targets.proposals, material.language, material.result
        )
        written.append(write_table(table, folder / "targets.csv"))
    return written


def _numbered(block: Block, numbers: Counter[type[Block]], language: Language) -> Block:
    """Put "Figure 1." or "Table 1." in front of a caption."""
    if isinstance(block, Columns):
        left, right = (
            tuple(_numbered(inner, numbers, language) for inner in half)
            for half in (block.left, block.right)
        )
        return Columns(left, right)
    if not isinstance(block, Figure | Table):
        return block
    numbers[type(block)] += 1
    if isinstance(block, Figure):
        template = language.gettext("**Figure {number}.** {caption}")
    else:
        template = language.gettext("**Table {number}.** {caption}")
    caption = rich(template, number=str(numbers[type(block)]), caption=plain(block.caption))
    return replace(block, caption=caption)


def _summary(material: Material) -> tuple[Block, ...]:
    return (
        headline.messages(material),
        headline.tiles(material),
        figures.fan_figure(material),
        Heading(material.language.gettext("Outlook")),
        headline.outlook(material),
        tables.years_table(material),
    )


def _targets(material: Material) -> tuple[Block, ...]:
    language, targets = material.language, material.targets
    if targets is None:
        return (figures.past_figure(material), tables.reliability_table(material))
    words = Words(language)
    return (
        Heading(language.gettext("Published against proposed")),
        tables.proposals_table(targets, words),
        figures.cumulative_figure(material, targets),
        tables.reliability_table(material),
        Heading(language.gettext("Where the values come from")),
        tables.derivations_table(targets, words),
    )


def _sources(material: Material) -> tuple[Block, ...]:
    language, targets = material.language, material.targets
    blocks: list[Block] = []
    if material.outturns:
        blocks.append(tables.outturns_table(material))
    if targets is not None:
        blocks.append(Heading(language.gettext("Assumptions")))
        blocks.append(tables.assumptions_table(targets, Words(language)))
    return (
        *blocks,
        Heading(language.gettext("Data and method")),
        Columns([tables.models_table(material)], [tables.vintages_table(material)]),
        Columns(
            [_vintage(material), _year_ago(material)],
            [_method(material), _reproducibility(material)],
        ),
    )


def _vintage(material: Material) -> Paragraph:
    language = material.language
    if material.as_of is None:
        template = language.gettext(
            "**Vintage.** Persons with a first or a repeat application; the newest figures held, "
            "rounded to {step} by their publisher. The last months may still be revised."
        )
        return Paragraph(rich(template, step=str(material.dataset.rounded_to)))
    template = language.gettext(
        "**Vintage.** State of knowledge: {month}. The last month published by then is {origin}. "
        "One vintage is held: revisions made between then and {date} are not undone. {later}"
    )
    return Paragraph(
        rich(
            template,
            month=language.month(material.as_of),
            origin=language.month(material.summary.origin),
            date=language.date(material.dataset.as_of),
            later=_known_later(material, material.as_of),
        )
    )


def _known_later(material: Material, as_of: pd.Period) -> str:
    """Name what a page as of a past month quotes although it came later."""
    language = material.language
    if material.outturns:
        sentence = language.gettext(
            "The record of past targets, the past windows and the ministry's counts were taken "
            "later."
        )
    else:
        sentence = language.gettext(
            "The record of past targets and the past windows were taken later."
        )
    version = material.targets.headline.version if material.targets else None
    if version is None or version.date <= as_of.end_time.date():
        return sentence
    template = language.gettext("The published values are those of version {version}, {date}.")
    published = template.format(version=version.version, date=language.date(version.date))
    return f"{published} {sentence}"


def _year_ago(material: Material) -> Paragraph:
    language, words, past = material.language, Words(material.language), material.past
    template = language.gettext(
        "**A year ago.** The same pool forecast {median} ({range}) for the twelve months after "
        "{origin}; {counted} were counted, {inside} of {n} months within the interval of {level}."
    )
    return Paragraph(
        rich(
            template,
            median=words.about(past.total.median),
            range=words.range(past.total),
            origin=language.month(past.result.origin),
            counted=words.count(past.counted.sum()),
            inside=str(past.inside),
            n=str(len(past.counted)),
            level=language.percent(0.8),
        )
    )


def _method(material: Material) -> Paragraph:
    language, words = material.language, Words(material.language)
    template = language.gettext(
        "**Method.** {n} joint sample paths from a linear pool of models; observed months are "
        "facts. Every number is computed on the same paths, so that the dependence between months "
        "is kept. The intervals are not calibrated: the tested reliability is given above."
    )
    return Paragraph(rich(template, n=words.count(material.n_paths)))


def _reproducibility(material: Material) -> Paragraph:
    language = material.language
    template = language.gettext(
        "**Reproducibility.** Notebook {notebook}, seed {seed}; parameters, versions and checksums "
        "stand in {manifest}."
    )
    return Paragraph(
        rich(
            template,
            notebook="90_briefing.ipynb",
            seed=str(material.seed),
            manifest="manifest.json",
        )
    )
