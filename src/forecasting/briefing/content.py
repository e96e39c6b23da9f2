"""The one content object of a briefing: every number and every sentence, in reading order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from forecasting.archive.benchmarks import benchmark_table
from forecasting.archive.former import NO_FORMER_RUNS, FormerRuns
from forecasting.archive.record import BENCHMARKS, FORECASTS, TARGETS
from forecasting.briefing import figures, headline, notes, since_last, tables
from forecasting.briefing.blocks import (
    Block,
    Columns,
    Document,
    Figure,
    Heading,
    PageBreak,
    Table,
    plain,
    rich,
)
from forecasting.briefing.material import BriefingOptions, Material, TargetMaterial, gather
from forecasting.briefing.pages import assumptions, money, record, risks, scenarios, stocks, targets
from forecasting.briefing.pages.scenario_material import ScenarioMaterial
from forecasting.briefing.savings.report import SavingsReport
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.briefing.words import Words
from forecasting.forecasts import Forecast, forecast_table
from forecasting.languages import Language
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.table import targets_table
from forecasting.projections.comparison import Comparison
from forecasting.projections.comparison_table import comparison_table
from forecasting.savings.table import savings_table
from forecasting.tables import write_bytes, write_table


@dataclass(frozen=True)
class Briefing:
    """A briefing, ready to be set.

    Attributes
    ----------
    document : Document
        Head and properties.
    summary, stocks, scenarios, closing : tuple of Block
        The parts, in reading order, a page each where all of them are held: findings and flows;
        occupancy, backlog, recipients and savings; scenarios and targets; risks, record,
        assumptions, data and method.
    material : Material
        The numbers they were written from.
    savings : SavingsReport or None
    comparison : Comparison or None
        Behind the tables beside it.
    """

    document: Document
    summary: tuple[Block, ...]
    stocks: tuple[Block, ...]
    scenarios: tuple[Block, ...]
    closing: tuple[Block, ...]
    material: Material
    savings: SavingsReport | None = None
    comparison: Comparison | None = None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in reading order."""
        return (*self.summary, *self.stocks, *self.scenarios, *self.closing)

    def to_json(self) -> dict[str, Any]:
        """Return head and blocks as JSON data, without the drawings."""
        blocks = [block.to_json() for block in self.blocks]
        for block in blocks:
            _without_drawings(block)
        return {"document": self.document.to_json(), "blocks": blocks}


def _without_drawings(block: dict[str, Any]) -> None:
    block.pop("svg", None)
    for inner in (*block.get("left", ()), *block.get("right", ())):
        _without_drawings(inner)


def compose_briefing(  # noqa: PLR0913 - every source of the pages, all of them named
    result: Forecast,
    past: Forecast,
    options: BriefingOptions,
    *,
    programme: Programme | None = None,
    proposals: Sequence[Proposal] = (),
    savings: SavingsReport | None = None,
    scenarios: Comparison | None = None,
    former: FormerRuns = NO_FORMER_RUNS,
) -> Briefing:
    """Write a briefing from a forecast and, where there is a programme, its proposals.

    Parameters
    ----------
    result : Forecast
        Monthly forecast to the programme's target date.
    past : Forecast
        Forecast of the same series from an origin a year before, over that year.
    options : BriefingOptions
        Country, language, as-of month, seed, run id and probability.
    programme : Programme, optional
        Left out where none is held for the country; its part of the pages is left out with it.
    proposals : sequence of Proposal, optional
        What `propose_targets` returned.
    savings : SavingsReport, optional
        In the language of the options; its part is left out where no activation programme is held.
    scenarios : Comparison, optional
        From `project_scenarios`, of the same forecast; stocks, scenarios and risks are left out
        where no reference is held for the country.
    former : FormerRuns, optional
        From `former_runs`; without it the page says that no former forecast is held.

    Returns
    -------
    Briefing
    """
    held = TargetMaterial(programme, tuple(proposals), options.probability) if programme else None
    projected = None
    if scenarios is not None:
        code = held.headline.indicator.code if held else ""
        projected = ScenarioMaterial(scenarios, code)
    material = gather(result, past, options, targets=held, scenarios=projected, former=former)
    numbers: Counter[type[Block]] = Counter()
    shown = _Shown(material, savings)
    parts = [
        tuple(_numbered(block, numbers, material.language) for block in part)
        for part in (shown.summary(), shown.stocks(), shown.scenarios(), shown.closing())
    ]
    return Briefing(
        headline.document(material, version("forecasting")),
        summary=parts[0],
        stocks=parts[1],
        scenarios=parts[2],
        closing=parts[3],
        material=material,
        savings=savings,
        comparison=scenarios,
    )


def save_results(briefing: Briefing, folder: str | Path) -> list[Path]:
    """Write the result tables and the content of a briefing into a folder.

    Returns
    -------
    list of pathlib.Path
        ``forecast.csv``, ``benchmarks.csv`` (simple models at the same origin, to be compared with
        later), ``content.json``, with a programme ``targets.csv``, with savings ``savings.csv``,
        with scenarios ``scenarios.csv``.
    """
    folder = Path(folder)
    content = json.dumps(briefing.to_json(), ensure_ascii=False, indent=1).encode()
    write_bytes(content, folder / "content.json")
    material, targets = briefing.material, briefing.material.targets
    written = [
        folder / "content.json",
        write_table(forecast_table(material.result), folder / FORECASTS),
        write_table(benchmark_table(material.result, seed=material.seed), folder / BENCHMARKS),
    ]
    if targets is not None:
        table = targets_table(
            targets.programme, targets.proposals, material.language, material.result
        )
        written.append(write_table(table, folder / TARGETS))
    if briefing.savings is not None:
        written.append(write_table(savings_table(briefing.savings.run), folder / "savings.csv"))
    if briefing.comparison is not None:
        table = comparison_table(briefing.comparison)
        written.append(write_table(table, folder / "scenarios.csv"))
    return written


def _numbered(block: Block, numbers: Counter[type[Block]], language: Language) -> Block:
    """Put "Figure 1." or "Table 1." in front of a caption, where there is one."""
    if isinstance(block, Columns):
        left, right = (
            tuple(_numbered(inner, numbers, language) for inner in half)
            for half in (block.left, block.right)
        )
        return Columns(left, right)
    if not isinstance(block, Figure | Table) or not block.caption:
        return block
    numbers[type(block)] += 1
    if isinstance(block, Figure):
        template = language.gettext("**Figure {number}.** {caption}")
    else:
        template = language.gettext("**Table {number}.** {caption}")
    caption = rich(template, number=str(numbers[type(block)]), caption=plain(block.caption))
    return replace(block, caption=caption)


class _Shown:
    """The parts of one briefing."""

    def __init__(self, material: Material, savings: SavingsReport | None) -> None:
        self.material, self.savings, self.projected = material, savings, material.scenarios
        names = self.projected.centre_titles if self.projected else {}
        text = Words(material.language).text
        things = {name: text(title) for name, title in names.items()}
        self.words = ScenarioWords(material.language, things)

    def summary(self) -> tuple[Block, ...]:
        material = self.material
        return (
            since_last.since_last(material),
            headline.messages(material),
            headline.tiles(material),
            figures.fan_figure(material),
            Heading(material.language.gettext("Outlook")),
            headline.outlook(material),
            tables.years_table(material),
        )

    def stocks(self) -> tuple[Block, ...]:
        money_part = money.money_blocks(self.material, self.savings)
        if self.projected is None:
            return money_part
        return (*stocks.stocks_blocks(self.projected, self.words), *money_part)

    def scenarios(self) -> tuple[Block, ...]:
        language, held = self.material.language, self.material.targets
        blocks: list[Block] = []
        if self.projected is not None:
            blocks += scenarios.scenario_blocks(self.projected, self.words)
            if blocks and self.projected.has_stocks:  # which fill the page before
                blocks.insert(0, PageBreak())
        if held is not None:
            blocks.append(Heading(language.gettext("Targets")))
            blocks.append(targets.targets_table(held, self.projected, Words(language)))
        return tuple(blocks)

    def closing(self) -> tuple[Block, ...]:
        material, language = self.material, self.material.language
        found = risks.risks_table(self.projected, material.targets, self.savings, self.words)
        blocks: list[Block] = [Heading(language.gettext("Risks")), found] if found else []
        blocks.append(Heading(language.gettext("Forecast against outturn")))
        if self.projected is None or not self.projected.has_stocks:  # else there is no room
            blocks += [figures.past_figure(material), tables.reliability_table(material)]
        blocks.append(record.record_table(material))
        rated = assumptions.assumptions_table(
            material.targets, self.projected, self.savings, self.words
        )
        if rated is not None:
            blocks += [Heading(language.gettext("Assumptions")), rated]
        return (
            *blocks,
            Heading(language.gettext("Data and method")),
            notes.sources(material),
            Columns(
                [notes.vintage(material), notes.breaks(material)],
                [notes.method(material), notes.reproducibility(material)],
            ),
        )
