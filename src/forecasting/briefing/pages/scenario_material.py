"""The scenarios of a briefing, projected from its own forecast, and what its pages quote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.forecasts.summary import Estimate
from forecasting.paths import periods_of
from forecasting.programmes.proposals import HEADLINE_PROBABILITY, probabilities_with
from forecasting.projections.comparison import Comparison, RobustTarget, compare_scenarios
from forecasting.projections.projection import CentreProjection, Projection, TargetProjection
from forecasting.projections.reference import prepare_reference
from forecasting.scenarios import Scenario, config_of, load_scenario

MOST_SCENARIOS = 4
"""Beside the reference; more do not fit on four pages."""

STOCKS = ("centres", "backlog")
"""Parts of a chain that begin with figures of now."""


@dataclass(frozen=True)
class ScenarioRequest:
    """Which scenarios a briefing shows.

    Attributes
    ----------
    reference : str
        Name in ``data/scenarios``, or a YAML file.
    scenarios : str
        Names or files, joined by commas; empty: the reference alone.
    programme, savings : str
        Of the briefing, in place of those of the reference; empty: none.
    seed : int
        That of the forecast.
    probability : float
        With which the proposed and the robust targets are to be met.
    """

    reference: str
    scenarios: str = ""
    programme: str = ""
    savings: str = ""
    seed: int = 1
    probability: float = HEADLINE_PROBABILITY

    @property
    def names(self) -> tuple[str, ...]:
        """Names or files of the scenarios."""
        return tuple(name.strip() for name in self.scenarios.split(",") if name.strip())


def project_scenarios(result: Forecast, request: ScenarioRequest) -> Comparison:
    """Project the scenarios of a briefing from its own forecast.

    The recipients of social assistance are left out: without a ministry's table only isolated
    figures of them are published.

    Parameters
    ----------
    result : Forecast
        Of the flow of the chain. A forecast from before the newest figure has no centres and no
        backlog: their configurations begin with figures that were not known by then.
    request : ScenarioRequest

    Raises
    ------
    InputError
        If a scenario cannot be used or goes back to another reference, the flow is another one, or
        there are more than `MOST_SCENARIOS`.
    """
    root, *others = read_scenarios(request)
    if root.chain.flow != result.series.series_id:
        raise InputError(
            f"scenario '{root.id}' with the flow {root.chain.flow}",
            expected=f"{result.series.series_id}, the series of the briefing",
        )
    changes: dict[str, Any] = {
        "programme": request.programme or None,
        "savings": request.savings or None,
        "caseload": None,
        "until": periods_of(result.paths)[-1],
    }
    if root.first_month is not None and result.origin + 1 < root.first_month:
        changes |= {"centres": (), "backlog": None}
    chain = root.chain.model_copy(update=changes)
    own, *chosen = (replace(each, chain=chain) for each in (root, *others))
    reference = prepare_reference(own, flow=result, seed=request.seed)
    if reference.targets is not None:
        wanted = replace(reference.targets, probabilities=probabilities_with(request.probability))
        reference = replace(reference, targets=wanted)
    return compare_scenarios(reference, chosen, probability=request.probability)


def read_scenarios(request: ScenarioRequest) -> tuple[Scenario, ...]:
    """Read the reference and the scenarios that are shown beside it.

    Raises
    ------
    InputError
        If one cannot be used, goes back to another reference, or there are too many.
    """
    root = load_scenario(request.reference)
    others = [load_scenario(name) for name in request.names]
    if len(others) > MOST_SCENARIOS:
        raise InputError(
            f"{len(others)} scenarios",
            expected=f"at most {MOST_SCENARIOS}: more do not fit on four pages",
            action="for all of them: forecasting scenario compare",
        )
    for each in others:
        if each.chain != root.chain:
            raise InputError(
                f"scenario '{each.id}' of another chain ({each.chain.geo})",
                expected=f"one that extends '{root.id}', directly or through others",
            )
    return (root, *others)


@dataclass(frozen=True, eq=False)
class ScenarioMaterial:
    """The numbers of the pages on stocks, scenarios and risks.

    Attributes
    ----------
    comparison : Comparison
    headline : str
        Code of the indicator of the first page; empty: no programme.
    """

    comparison: Comparison
    headline: str = ""

    @property
    def base(self) -> Projection:
        """The reference, projected."""
        return self.comparison.base

    @cached_property
    def moving(self) -> tuple[Projection, ...]:
        """Scenarios that change something that the briefing shows."""
        return tuple(
            each
            for each in self.comparison.others
            if any(found.is_moved for found in self.comparison.differences[each.scenario.id])
            or _places_differ(each, self.base)
        )

    @property
    def shown(self) -> tuple[Projection, ...]:
        """The reference and the scenarios that change something."""
        return (self.base, *self.moving)

    @property
    def still(self) -> tuple[Scenario, ...]:
        """Scenarios that change nothing that the briefing shows."""
        moving = {each.scenario.id for each in self.moving}
        return tuple(
            each.scenario for each in self.comparison.others if each.scenario.id not in moving
        )

    @property
    def centre_titles(self) -> dict[str, dict[str, str]]:
        """Short titles of the centres by name, by language; of one without, its title."""
        configs = {each.id: each.config for each in self.base.scenario.chain.centres}
        return {
            each.name: config_of(configs[each.name], "stocks").get("short_title") or each.title
            for each in self.base.centres
        }

    @property
    def has_stocks(self) -> bool:
        """Whether a centre or a backlog is projected."""
        return bool(self.base.centres) or self.base.backlog is not None

    @property
    def is_before_stocks(self) -> bool:
        """Whether the forecast is from before the newest figure, so that there are no stocks."""
        newest = self.base.scenario.first_month
        return newest is not None and self.periods[0] < newest

    @property
    def periods(self) -> pd.PeriodIndex:
        """Projected months of the flow."""
        return periods_of(_arrivals(self.base))

    @property
    def years(self) -> list[int]:
        """Calendar years that are projected as a whole."""
        counts = pd.Series(self.periods.year).value_counts()
        return sorted(int(str(year)) for year, months in counts.items() if months == 12)

    def applications(self, projection: Projection) -> np.ndarray:
        """Applications a year on each path: the mean of the years projected as a whole."""
        inside = np.isin(self.periods.year, self.years)
        return np.asarray(_arrivals(projection).to_numpy()[:, inside].sum(axis=1) / len(self.years))

    def target(self, projection: Projection) -> TargetProjection | None:
        """Return the target of the headline's indicator."""
        return next(
            (
                each
                for each in projection.targets
                if each.indicator.code == self.headline and each.point == "target"
            ),
            None,
        )

    def centre(self, projection: Projection, name: str) -> CentreProjection:
        """Return a centre of a projection by its name."""
        return next(each for each in projection.centres if each.name == name)

    def robust(self, code: str) -> RobustTarget | None:
        """Return the robust target of an indicator; None without scenarios to be robust over."""
        if not self.moving:
            return None
        return next((each for each in self.comparison.robust if each.indicator == code), None)

    def net_eur(self, projection: Projection) -> float | None:
        """Mean net savings, EUR."""
        return None if projection.savings is None else float(projection.savings.net_eur.mean())


def estimate(draws: np.ndarray) -> Estimate:
    """Median and 80 % interval of draws, each a value that was drawn."""
    low, middle, high = np.quantile(np.sort(draws), [0.1, 0.5, 0.9], method="inverted_cdf")
    return Estimate(float(middle), float(low), float(high))


def at_end(paths: xr.DataArray) -> np.ndarray:
    """Values of the last month, shape ``(n_paths,)``."""
    return np.asarray(paths.to_numpy()[:, -1])


def _arrivals(projection: Projection) -> xr.DataArray:
    if projection.arrivals is None:
        raise InputError("a projection without arrivals", expected="a chain with a flow")
    return projection.arrivals


def _places_differ(one: Projection, other: Projection) -> bool:
    return any(
        not np.array_equal(mine.capacity, own.capacity)
        for mine, own in zip(one.centres, other.centres, strict=True)
        if mine.capacity is not None and own.capacity is not None
    )
