"""Everything the report on savings quotes, computed once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np
import xarray as xr

from forecasting.briefing.charts import Band
from forecasting.forecasts.summary import BAND_LEVELS, Estimate
from forecasting.paths import interval, quantile
from forecasting.savings.bridge import Bridge, build_bridge
from forecasting.savings.config import SavingsProjection, run_savings
from forecasting.savings.outcomes import Outcome, outcomes
from forecasting.savings.pace import Inclusion, project_inclusion
from forecasting.savings.project_schema import Project
from forecasting.savings.schema import Amount
from forecasting.savings.sensitivity import SobolIndex, Tornado, savings_sobol, tornado
from forecasting.sources.parameters import load_parameters

GROSS_STEPS = ("exit_timing", "carry_over", "relapse", "delivery", "indexation", "discount")
"""Steps of the bridge that lead to the gross savings."""


@dataclass(frozen=True)
class SavingsMaterial:
    """The numbers of a report on savings.

    Attributes
    ----------
    run : SavingsProjection
        With every assumption open.
    published : SavingsProjection
        Under the convention of the published sum.
    project : Project or None
        What was planned and realised; None: nothing is held.
    """

    run: SavingsProjection
    published: SavingsProjection
    project: Project | None = None

    @property
    def horizon(self) -> int:
        """Months that are counted."""
        return self.run.plan.config.horizon_months

    @property
    def is_uncertain(self) -> bool:
        """Whether some assumption is a distribution."""
        return bool(self.run.plan.uncertain)

    @property
    def net_varies(self) -> bool:
        """Whether the uncertainty moves the net saving; not with a deadweight of 1."""
        return self.is_uncertain and bool(np.ptp(self.run.savings.net.sum(axis=1)) > 0)

    @property
    def n_draws(self) -> int:
        """Draws of the assumptions."""
        return self.run.plan.config.paths

    @property
    def cost(self) -> float:
        """Cost of the programme, EUR."""
        return float(self.run.plan.cost_eur)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """Totals, gross and net."""
        return outcomes(self.run)

    @property
    def gross(self) -> Outcome:
        """What the persons counted save."""
        return self.outcomes["gross"]

    @property
    def net(self) -> Outcome:
        """What they save because of the programme."""
        return self.outcomes["net"]

    @cached_property
    def published_eur(self) -> Decimal:
        """The published sum, EUR."""
        return outcomes(self.published)["gross"].mean

    @cached_property
    def most_generous(self) -> float:
        """The published sum if its savings ran on to the horizon, EUR."""
        plan = self.published.plan
        convention = replace(plan.convention, exit_timing="period_start", carry_over=True)
        config = plan.config.model_copy(update={"horizon_months": self.horizon})
        longer = replace(plan, convention=convention, config=config)
        return float(outcomes(run_savings(longer))["gross"].mean)

    @cached_property
    def bridge(self) -> Bridge:
        """From the published sum to the net savings, step by step."""
        return build_bridge(self.run.plan)

    @property
    def gross_after(self) -> int | None:
        """Place of the step after which the bridge stands at the gross savings; None: nowhere."""
        names = [step.name for step in self.bridge.steps]
        place = len(GROSS_STEPS) - 1
        return place if set(names[: place + 1]) == set(GROSS_STEPS) else None

    @cached_property
    def tornado(self) -> Tornado:
        """One assumption at a time."""
        return tornado(self.run.plan)

    @cached_property
    def sobol(self) -> tuple[SobolIndex, ...]:
        """All assumptions at once."""
        return savings_sobol(self.run.plan, seed=self.run.plan.config.seed)

    @property
    def months(self) -> np.ndarray:
        """Months of the programme from 0, at whose ends the cumulated savings stand."""
        return np.arange(self.horizon + 1, dtype=float)

    def cumulated(self, monthly: np.ndarray) -> np.ndarray:
        """Cumulate savings by month, EUR; the first column is 0."""
        sums = np.cumsum(monthly, axis=1)
        return np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)

    def bands(self, cumulated: np.ndarray) -> list[Band]:
        """Intervals of cumulated savings, the narrowest first; none where nothing is uncertain."""
        if not self.is_uncertain:
            return []
        tails = [(1 - level / 100) / 2 for level in BAND_LEVELS]
        ordered = np.sort(cumulated, axis=0)  # numpy selects far more slowly than it sorts
        low, high = (
            np.quantile(ordered, levels, axis=0) for levels in (tails, [1 - tail for tail in tails])
        )
        return [Band(level, low[i], high[i]) for i, level in enumerate(BAND_LEVELS)]

    @property
    def data_date(self) -> str:
        """Last day of the month of the project's report, else of the newest prior or amount."""
        if self.project is not None:
            return str(self.project.reported.end_time.date())
        amounts = [cohort.monthly_amount_eur for cohort in self.run.plan.config.cohorts]
        months = [amount.valid_from for amount in amounts if isinstance(amount, Amount)]
        months += [entry.valid_from for entry in load_parameters("activation").entries]
        return str(max(month for month in months if month is not None).end_time.date())

    @cached_property
    def inclusion(self) -> Inclusion | None:
        """Paths of the persons included; None without a project."""
        if self.project is None:
            return None
        return project_inclusion(self.project, seed=self.run.plan.config.seed)


def bands_of(paths: xr.DataArray) -> list[Band]:
    """Return the intervals of paths, the narrowest first."""
    return [Band(level, *interval(paths, level).to_numpy()) for level in BAND_LEVELS]


def last_estimate(paths: xr.DataArray) -> Estimate:
    """Return median and 80 % interval of paths in their last month."""
    low, middle, high = quantile(paths[:, -1:], [0.1, 0.5, 0.9]).to_numpy()[:, 0]
    return Estimate(float(middle), float(low), float(high))
