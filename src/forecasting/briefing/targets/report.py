"""The report on targets, section by section: what each step of the notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from forecasting.briefing.blocks import Block, Document, Heading, Messages, Paragraph
from forecasting.briefing.targets import figures, tables, texts
from forecasting.briefing.targets.material import TargetsMaterial
from forecasting.briefing.targets.progress_table import achieved_table
from forecasting.briefing.targets.words import TargetWords
from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.forecasts.summary import persons_by_month
from forecasting.languages import Language
from forecasting.programmes.achieved import read_achieved
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.progress import Progress, forecast_paths, progress
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.small_counts import withhold_small_counts
from forecasting.scenarios import Scenario, levers_on
from forecasting.scenarios.levers import Target


@dataclass(frozen=True)
class TargetsReport:
    """The report on the proposed milestones and targets of a programme.

    Each method returns the blocks of one section, finished words and drawings in one language.

    Parameters
    ----------
    programme : Programme
    proposals : sequence of Proposal
        What `forecasting.propose_all` returned.
    result : Forecast or None
        The forecast they rest on; None where no indicator follows from one.
    probability : float
        Attainment probability that the report speaks of; one of those proposed for.
    language : str
        Language code.
    achieved : str
        Spreadsheet of achieved values, see ``forecasting template achieved``; empty: none.
    scenario : Scenario, optional
        Under which `result` was projected, see `forecasting.scenario_forecast`: every page says so,
        and what was forecast is then called a projection.

    Raises
    ------
    InputError
        If nothing was proposed for that probability, there is no such language, the spreadsheet
        cannot be used, or the scenario moves what the proposals do not follow.
    """

    programme: Programme
    proposals: Sequence[Proposal]
    result: Forecast | None = None
    probability: float = 0.8
    language: str = "en"
    achieved: str = ""
    scenario: Scenario | None = None

    def __post_init__(self) -> None:
        known = {p for each in self.proposals for p in each.proposals}
        if known and self.probability not in known:
            raise InputError(
                f"probability {self.probability}",
                where=self.programme.id,
                expected=", ".join(f"{p:g}" for p in sorted(known)),
            )
        _check_scenario(self.scenario, self.programme, self.result)
        _ = self._words, self._progress

    @cached_property
    def _words(self) -> TargetWords:
        return TargetWords(Language(self.language))

    @cached_property
    def _material(self) -> TargetsMaterial:
        return TargetsMaterial(
            self.programme, tuple(self.proposals), self.probability, self.result, self.scenario
        )

    @cached_property
    def _progress(self) -> tuple[Progress, ...]:
        if not self.achieved:
            return ()
        values = read_achieved(Path(self.achieved), self.programme)
        paths = {}
        if self.result is not None:
            paths = forecast_paths(self.programme, persons_by_month(self.result))
        found = progress(self.programme, values, proposals=self.proposals, paths=paths)
        return tuple(withhold_small_counts(self.programme, found))

    def head(self) -> Document:
        """Return title, date and foot of the report."""
        words, material, language = self._words, self._material, self._words.language
        name = words.counts.text(self.programme.short_name)
        adopted = self.programme.versions[-1]
        date = language.gettext("Version {version} of {date}").format(
            version=adopted.version, date=language.date(adopted.date)
        )
        data_date = adopted.date if self.result is None else self.result.origin.end_time.date()
        return Document(
            language=self.language,
            title=texts.title_text(material, words),
            subtitle=words.counts.text(self.programme.name),
            kind=texts.kind_text(material, words),
            date=date,
            footer=f"{name} · forecasting {version('forecasting')}",
            data_date=str(data_date),
            author="forecasting",
            description=words.under(material),
            keywords=(name,),
        )

    def answer(self) -> tuple[Block, ...]:
        """Answer which published targets hold, and what would be proposed."""
        words, material = self._words, self._material
        title = words.language.gettext("Which targets hold?")
        return (
            Messages(title, texts.answer_texts(material, words)),
            texts.tiles(material, words),
        )

    def proposed(self) -> tuple[Block, ...]:
        """List published and proposed values."""
        words, material = self._words, self._material
        if not material.proposed:
            return ()
        return (
            Heading(words.language.gettext("Proposals")),
            tables.proposals_table(material, words),
        )

    def chances(self) -> tuple[Block, ...]:
        """Show every published target on the distribution of what will be reached."""
        words, material = self._words, self._material
        if not material.shown:
            return ()
        reliability = texts.reliability_text(material, words)
        return (
            Heading(words.language.gettext("Probabilities")),
            *figures.chances_figures(material, words),
            *(() if reliability is None else (Paragraph(reliability),)),
        )

    def drivers(self) -> tuple[Block, ...]:
        """Show what drives each target, why it changes, and what matters most."""
        words, material = self._words, self._material
        if not material.proposed:
            return ()
        totals = (tables.totals_table(material, words),) if material.totals else ()
        return (
            Heading(words.language.gettext("What drives the targets")),
            tables.drivers_table(material, words),
            *totals,
        )

    def progress(self) -> tuple[Block, ...]:
        """Show how far the targets have come; nothing without achieved values."""
        if not any(found.achieved or found.mark for found in self._progress):
            return ()
        return (
            Heading(self._words.language.gettext("Progress")),
            achieved_table(self._progress, self._words),
        )

    def assumptions(self) -> tuple[Block, ...]:
        """List the parameters, and the indicators without a proposal."""
        words, material = self._words, self._material
        blocks: list[Block] = [Heading(words.language.gettext("Assumptions and gaps"))]
        if material.parameters:
            blocks.append(tables.parameters_table(material, words))
        if material.left_out():
            blocks.append(tables.left_out_table(material, words))
        return tuple(blocks)


UNHEARD: tuple[Target, ...] = ("coverage", "model")
"""What levers may act on that a forecast put under a scenario does not show."""


def _check_scenario(
    scenario: Scenario | None, programme: Programme, result: Forecast | None
) -> None:
    if scenario is None:
        return
    if result is None:
        raise InputError(
            f"scenario '{scenario.id}'",
            where=programme.id,
            expected="none: no indicator of this programme follows from a forecast",
        )
    for target in UNHEARD:
        levers = levers_on(scenario, target)
        if levers:
            raise InputError(
                f"lever '{levers[0].label}'",
                where=f"scenario {scenario.id}",
                expected="levers on arrivals here",
                action=f"forecasting scenario compare {scenario.id} shows what it does",
            )
