"""The one content object of a briefing: every number and every sentence, in reading order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from forecasting.briefing import figures, headline, notes, tables
from forecasting.briefing.blocks import (
    Block,
    Columns,
    Document,
    Figure,
    Heading,
    Table,
    plain,
    rich,
)
from forecasting.briefing.material import BriefingOptions, Material, TargetMaterial, gather
from forecasting.briefing.savings.report import SavingsReport
from forecasting.briefing.words import Words
from forecasting.forecasts import Forecast, forecast_table
from forecasting.languages import Language
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.table import targets_table
from forecasting.savings.table import savings_table
from forecasting.tables import write_bytes, write_table


@dataclass(frozen=True)
class Briefing:
    """A briefing, ready to be set.

    Attributes
    ----------
    document : Document
        Head and properties.
    summary, targets, sources, savings : tuple of Block
        The parts, in reading order: findings, values and their derivation, data and method, and
        the page on what an activation programme saves (empty without one).
    material : Material
        The numbers they were written from.
    activation : SavingsReport or None
        Where the part on savings comes from.
    """

    document: Document
    summary: tuple[Block, ...]
    targets: tuple[Block, ...]
    sources: tuple[Block, ...]
    savings: tuple[Block, ...]
    material: Material
    activation: SavingsReport | None = None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in reading order."""
        return (*self.summary, *self.targets, *self.sources, *self.savings)

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
    savings: SavingsReport | None = None,
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
    savings : SavingsReport, optional
        In the language of the options; its page is left out where no activation programme is held.

    Returns
    -------
    Briefing
    """
    targets = TargetMaterial(programme, tuple(proposals)) if programme else None
    material = gather(result, past, options, targets=targets)
    numbers: Counter[type[Block]] = Counter()
    page = savings.page() if savings else ()
    parts = [
        tuple(_numbered(block, numbers, material.language) for block in part)
        for part in (_summary(material), _targets(material), _sources(material), page)
    ]
    return Briefing(
        document=headline.document(material, version("forecasting")),
        summary=parts[0],
        targets=parts[1],
        sources=parts[2],
        savings=parts[3],
        material=material,
        activation=savings,
    )


def save_results(briefing: Briefing, folder: str | Path) -> list[Path]:
    """Write the result tables and the content of a briefing into a folder.

    Returns
    -------
    list of pathlib.Path
        ``forecast.csv``, ``content.json``, with a programme ``targets.csv``, with savings
        ``savings.csv``.
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
    if briefing.activation is not None:
        written.append(write_table(savings_table(briefing.activation.run), folder / "savings.csv"))
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
        return (
            figures.past_figure(material),
            notes.year_ago(material),
            tables.reliability_table(material),
        )
    words = Words(language)
    return (
        Heading(language.gettext("Published against proposed")),
        tables.proposals_table(targets, words),
        figures.cumulative_figure(material, targets),
        tables.reliability_table(material),
        notes.year_ago(material),
        Heading(language.gettext("Where the values come from")),
        tables.derivations_table(targets, words),
    )


def _sources(material: Material) -> tuple[Block, ...]:
    language, targets = material.language, material.targets
    blocks: list[Block] = []
    if material.outturns:
        blocks.append(tables.outturns_table(material))
    blocks += [notes.vintage(material), notes.breaks(material)]
    if targets is not None:
        blocks.append(Heading(language.gettext("Assumptions")))
        blocks.append(tables.assumptions_table(targets, Words(language)))
    return (
        *blocks,
        Heading(language.gettext("Data and method")),
        Columns(
            [tables.models_table(material), notes.reproducibility(material)],
            [tables.vintages_table(material), notes.method(material)],
        ),
    )
