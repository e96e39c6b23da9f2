"""The savings of a chain under a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.projections.projection import SavingsTotals
from forecasting.savings.activation import fixed, total_savings
from forecasting.savings.config import SavingsProjection, load_savings, run_savings
from forecasting.scenarios import Lever, drawn


@dataclass(frozen=True, eq=False)
class SavingsMaterial:
    """Savings as configured.

    Attributes
    ----------
    projection : SavingsProjection
    seed : int
        Of levers that are drawn.
    """

    projection: SavingsProjection
    seed: int

    @cached_property
    def totals(self) -> SavingsTotals:
        """Those of the configuration."""
        plan, savings = self.projection.plan, self.projection.savings
        gross, net = savings.gross.sum(axis=1), savings.net.sum(axis=1)
        leaving = np.broadcast_to(plan.persons * self.projection.assumptions.delivery, len(gross))
        return SavingsTotals(gross, net, float(plan.cost_eur), np.array(leaving))

    @cached_property
    def net_without_deadweight(self) -> np.ndarray:
        """Net saving if nobody would have left anyway, EUR, shape ``(n_draws,)``."""
        plan = self.projection.plan
        assumptions = replace(self.projection.assumptions, deadweight=fixed(0))
        horizon = plan.config.horizon_months
        return total_savings(plan.cohorts, plan.convention, assumptions, horizon).net


def prepare_savings(config: str | None, seed: int) -> SavingsMaterial | None:
    """Read the savings of a programme and project them as configured; None without them.

    Raises
    ------
    InputError
        If the configuration cannot be used.
    """
    return None if config is None else SavingsMaterial(run_savings(load_savings(config)), seed)


def project_totals(material: SavingsMaterial, levers: Sequence[Lever]) -> SavingsTotals:
    r"""Project what a programme saves in all.

    Savings are proportional to the persons who leave, and the net saving to 1 - deadweight. With
    :math:`\alpha` of :math:`N` persons included leaving, everything is multiplied by
    :math:`\alpha N / (\alpha_0 N_0)`; the cost stays as it is.

    Parameters
    ----------
    material : SavingsMaterial
    levers : sequence of Lever
        On the savings; of two of one name the later one holds.

    Raises
    ------
    InputError
        If persons included are asked for and the configuration does not have them.
    """
    totals = material.totals
    if not levers:
        return totals
    values = {
        lever.lever: drawn(lever, n_paths=len(totals.gross_eur), seed=material.seed)
        for lever in levers
    }
    net = totals.net_eur
    if "savings.deadweight" in values:
        net = material.net_without_deadweight * (1 - values.pop("savings.deadweight"))
    if not values:
        return replace(totals, net_eur=net)
    plan = material.projection.plan
    included = plan.config.included_persons
    if not included or not plan.persons:
        raise InputError(
            say("lever '{name}' on savings without persons included", name=levers[0].label),
            where=plan.name,
            expected=say("included_persons and the persons of the cohorts in the configuration"),
        )
    share = values.get("savings.activation_share", plan.persons / included)
    more = share * values.get("savings.included_persons", included) / plan.persons
    return SavingsTotals(
        totals.gross_eur * more, net * more, totals.cost_eur, totals.leaving * more
    )
