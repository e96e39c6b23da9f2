"""Everything the report on targets quotes, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forecasting.forecasts import Forecast
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.driven_by import SHARED_RISK, driver_parameters, load_delivery
from forecasting.programmes.proposal import Proposal
from forecasting.scenarios import Scenario, levers_on
from forecasting.sources.parameters import Entry


@dataclass(frozen=True)
class TargetsMaterial:
    """The numbers of a report on targets.

    Attributes
    ----------
    programme : Programme
    proposals : tuple of Proposal
        What `propose_all` returned.
    probability : float
        Attainment probability that the report speaks of.
    result : Forecast or None
        What the driven ones rest on; None where the programme has none.
    scenario : Scenario or None
        Under which `result` was projected; None: it is a forecast.
    """

    programme: Programme
    proposals: tuple[Proposal, ...]
    probability: float
    result: Forecast | None = None
    scenario: Scenario | None = None

    @cached_property
    def is_projection(self) -> bool:
        """Whether a scenario moves what drives indicators."""
        return self.scenario is not None and bool(
            levers_on(self.scenario, "arrivals", self.scenario.chain.flow or "")
        )

    @cached_property
    def proposed(self) -> tuple[Proposal, ...]:
        """Those with a proposal."""
        return tuple(each for each in self.proposals if each.draws is not None)

    @cached_property
    def shown(self) -> tuple[Proposal, ...]:
        """Those whose published value is above 0, targets only: what the chart shows."""
        return tuple(
            each
            for each in self.proposed
            if each.point == "target" and each.published and each.published > 0
        )

    @cached_property
    def judged(self) -> tuple[Proposal, ...]:
        """Of `shown` those that are no commitment: with a probability."""
        return tuple(each for each in self.shown if each.driver != "commitment")

    @cached_property
    def likely(self) -> tuple[Proposal, ...]:
        """Those whose published value has at least the probability asked for."""
        return tuple(e for e in self.judged if (e.probability or 0.0) >= self.probability)

    @cached_property
    def totals(self) -> tuple[Proposal, ...]:
        """Totals with joint attainment of what is below them."""
        return tuple(each for each in self.proposed if each.joint)

    def left_out(self) -> dict[str, list[str]]:
        """Codes of the indicators without any proposal, by reason."""
        proposed = {each.indicator.code for each in self.proposed}
        found: dict[str, list[str]] = {}
        for each in self.proposals:
            code = each.indicator.code
            if code in proposed or not each.unproposed or each.point != "target":
                continue
            found.setdefault(each.unproposed, []).append(code)
        return found

    @cached_property
    def parameters(self) -> tuple[Entry, ...]:
        """Parameters that some proposal rests on, with the correlation where there are any."""
        used = {n for each in self.proposed for n in driver_parameters(each.indicator)}
        known, on = load_delivery(), self.programme.target_date
        names = dict.fromkeys(e.id for e in known.entries)
        wanted = used | ({SHARED_RISK} if used else set())
        return tuple(known.entry(name, on=on) for name in names if name in wanted)

    def interval(self, proposal: Proposal, level: int) -> tuple[float, float]:
        """Ends of the central interval of a value."""
        tail = (1 - level / 100) / 2
        draws = np.zeros(1) if proposal.draws is None else proposal.draws
        low, high = np.quantile(draws, [tail, 1 - tail], method="inverted_cdf")
        return float(low), float(high)


def levels(proposals: Sequence[Proposal]) -> list[float]:
    """Attainment probabilities that were asked for, rising."""
    return sorted({p for each in proposals for p in each.proposals})
