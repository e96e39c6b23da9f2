"""What happens in a centre whose places are few, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from forecasting.paths import periods_of
from forecasting.stocks.finite_capacity import QueueResult, simulate_queue
from forecasting.stocks.occupancy import Group
from forecasting.stocks.occupancy_config import OccupancyPlan
from forecasting.stocks.occupancy_years import require_years
from forecasting.stocks.places import RULES

MOST_PATHS, MOST_PERSONS = 1000, 2_000_000
"""Paths on which rules are compared, and persons on all of them together: each is followed."""

_FEWEST_PATHS = 50


@dataclass(frozen=True)
class RuleOutcome:
    """What a rule at capacity comes to over the whole calendar years.

    Attributes
    ----------
    rule : {"overflow_return", "overflow_stay", "wait", "loss"}
    nights_mean : float or None
        Person-nights without a place in a year, on average; None where nobody stays without one.
    nights_high : float or None
        Exceeded in one year in ten.
    blocked_share : float
        Share of the arrivals who find no place.
    waiting_mean : float or None
        Mean wait of all admitted, in periods; None where nobody comes in later.
    """

    rule: str
    nights_mean: float | None
    nights_high: float | None
    blocked_share: float
    waiting_mean: float | None


@dataclass(frozen=True)
class RuleComparison:
    """The four rules on the same persons.

    Attributes
    ----------
    places : int
    first, last : int
        Whole calendar years that are counted.
    n_paths : int
    outcomes : tuple of RuleOutcome
    """

    places: int
    first: int
    last: int
    n_paths: int
    outcomes: tuple[RuleOutcome, ...]


def compare_rules(plan: OccupancyPlan, places: int) -> RuleComparison:
    """Follow the same persons through a number of places under each rule at capacity.

    Parameters
    ----------
    plan : OccupancyPlan
        Its own places and rule are not used.
    places : int
        The same in all periods.

    Raises
    ------
    InputError
        If the places are not above 0, or there is no whole calendar year.
    """
    n_paths = _n_paths(plan)
    groups = tuple(_with_paths(group, n_paths) for group in plan.groups)
    queues = {
        rule: simulate_queue(groups, places, rule, n_paths=n_paths, seed=plan.config.seed)
        for rule in RULES
    }
    years = periods_of(require_years(next(iter(queues.values())).inside)).year.unique()
    outcomes = tuple(_outcome(rule, queue, len(years)) for rule, queue in queues.items())
    return RuleComparison(places, int(years[0]), int(years[-1]), n_paths, outcomes)


def _n_paths(plan: OccupancyPlan) -> int:
    """As many paths as the plan has, or as can be followed in some seconds."""
    coming = sum(float(group.arrivals.paths.mean("path").sum()) for group in plan.groups)
    able = max(_FEWEST_PATHS, int(MOST_PERSONS / max(coming, 1.0)))
    return min(plan.config.paths, MOST_PATHS, able)


def _outcome(rule: str, queue: QueueResult, n_years: int) -> RuleOutcome:
    nights = require_years(queue.nights_outside).to_numpy()
    by_year = nights.reshape(len(nights), n_years, -1).sum(axis=2)
    stays_out, enters_later = rule != "loss", rule in ("overflow_return", "wait")
    return RuleOutcome(
        rule,
        float(by_year.mean()) if stays_out else None,
        float(np.quantile(by_year, 0.9, method="inverted_cdf")) if stays_out else None,
        _ratio(queue.blocked, queue.arrivals),
        _ratio(queue.waiting_total, queue.admitted) if enters_later else None,
    )


def _with_paths(group: Group, n_paths: int) -> Group:
    paths = group.arrivals.paths[:n_paths]
    return replace(group, arrivals=replace(group.arrivals, paths=paths))


def _ratio(parts: xr.DataArray, wholes: xr.DataArray) -> float:
    """Return the ratio of sums over all paths and whole years."""
    whole = float(require_years(wholes).to_numpy().sum())
    return float(require_years(parts).to_numpy().sum()) / whole if whole else 0.0
