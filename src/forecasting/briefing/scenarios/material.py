"""Everything the report on scenarios quotes, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from forecasting.briefing.scenarios.moved import Moved, moved_quantities
from forecasting.paths import periods_of
from forecasting.projections.attribution import AttributedFigure, Attribution
from forecasting.projections.comparison import Comparison, Difference, RobustTarget
from forecasting.projections.key_figures import KeyFigure
from forecasting.scenarios import Scenario, config_of

TELLING = ("nights_without_place", "over_capacity", "applications_total", "wait_months",
           "recipients", "net_saving")  # fmt: skip
"""Key figures by which scenarios are ranked and differences shown, the most telling first."""


@dataclass(frozen=True, eq=False)
class ScenariosMaterial:
    """The numbers of a report on scenarios.

    Attributes
    ----------
    comparison : Comparison
    attribution : Attribution or None
    """

    comparison: Comparison
    attribution: Attribution | None = None

    @property
    def probability(self) -> float:
        """Of the targets."""
        return self.comparison.probability

    @property
    def reference(self) -> Scenario:
        """The scenario that the others are compared with."""
        return self.comparison.base.scenario

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Every scenario compared, by its id, the reference first."""
        return {each.scenario.id: each.scenario for each in self.comparison.projections}

    @property
    def months(self) -> pd.PeriodIndex:
        """The months projected: of the arrivals, else of the first stock."""
        base = self.comparison.base
        held = [base.arrivals, *[each.present for each in base.centres], base.recipients]
        if base.backlog is not None:
            held.append(base.backlog.backlog)
        return periods_of(next(each for each in held if each is not None))

    @property
    def end_of_waiting(self) -> pd.Period | None:
        """Last month of the backlog."""
        backlog = self.comparison.base.backlog
        return None if backlog is None else periods_of(backlog.backlog)[-1]

    @property
    def end_of_caseload(self) -> pd.Period | None:
        """Last month of the recipients."""
        recipients = self.comparison.base.recipients
        return None if recipients is None else periods_of(recipients)[-1]

    @property
    def is_synthetic(self) -> bool:
        """Whether the recipients are invented figures."""
        return self.reference.chain.is_synthetic

    @property
    def data_date(self) -> str:
        """Last day before the projection begins."""
        return (self.months[0] - 1).end_time.date().isoformat()

    def notes(self, entity: str) -> dict[str, str]:
        """Return the stated assumptions of a centre or of the backlog, by language."""
        chain = self.reference.chain
        names = {centre.id: centre.config for centre in chain.centres}
        name = names.get(entity) or chain.backlog
        note = config_of(name, "stocks").get("note") if name else None
        return dict(note) if isinstance(note, dict) else {}

    def figure(self, scenario: str, code: str, entity: str = "") -> KeyFigure | None:
        """Return a key figure, if the chain has it."""
        found = self.comparison.figures[scenario]
        return next((each for each in found if each.key == (code, entity)), None)

    def difference(self, scenario: str, code: str, entity: str = "") -> Difference | None:
        """Return a difference to the reference, if the chain has the key figure."""
        found = self.comparison.differences.get(scenario, ())
        return next((each for each in found if each.key == (code, entity)), None)

    def keys(self, codes: Sequence[str]) -> list[tuple[str, str]]:
        """Code and entity of the key figures with these codes, in the order of the codes."""
        held = [each.key for each in self.comparison.figures[self.reference.id]]
        return [key for code in codes for key in held if key[0] == code]

    def moving(self, keys: Sequence[tuple[str, str]]) -> list[str]:
        """Scenarios that move one of these key figures, in the order compared."""
        return [
            name
            for name, found in self.comparison.differences.items()
            if any(each.key in keys and each.is_moved for each in found)
        ]

    def mover(self, key: tuple[str, str]) -> str | None:
        """Name the scenario that changes a key figure most."""
        sizes = {
            name: abs(each.change)
            for name, found in self.comparison.differences.items()
            for each in found
            if each.key == key and each.change
        }
        return max(sizes, key=lambda name: sizes[name]) if sizes else None

    @property
    def unmoved(self) -> list[str]:
        """Scenarios under which no key figure differs from the reference."""
        return [
            name
            for name, found in self.comparison.differences.items()
            if not any(each.is_moved for each in found)
        ]

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """Every quantity that some scenario moves, as it is drawn."""
        return moved_quantities(self.comparison)

    @property
    def surviving(self) -> list[RobustTarget]:
        """Indicators whose published target stands under every scenario."""
        return [each for each in self.published if each.survives(self.probability)]

    @property
    def published(self) -> list[RobustTarget]:
        """Indicators with a published target."""
        return [each for each in self.comparison.robust if each.published]

    @property
    def attributed(self) -> AttributedFigure | None:
        """The difference that is shown as bars: the most telling one that there is."""
        if self.attribution is None:
            return None
        moved = [each for each in self.attribution.figures if each.change]
        ranked = sorted(
            (each for each in moved if each.code in TELLING),
            key=lambda each: (TELLING.index(each.code), -abs(each.change)),
        )
        return next(iter([*ranked, *moved]), None)
