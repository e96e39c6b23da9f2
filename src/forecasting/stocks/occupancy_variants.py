"""An occupancy under other stays and arrivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.errors import InputError
from forecasting.paths import make_paths, periods_of
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.length_of_stay import LengthOfStay
from forecasting.stocks.occupancy import simulate_occupancy
from forecasting.stocks.occupancy_config import OccupancyPlan
from forecasting.stocks.occupancy_years import last_year, plan_places
from forecasting.stocks.service_level import over_capacity_in_year


@dataclass(frozen=True)
class ScaledStay:
    """A length of stay, every one of them times a factor f: S(u/f), and f I(u/f).

    Attributes
    ----------
    stay : LengthOfStay
    factor : float
        Above 0.
    """

    stay: LengthOfStay
    factor: float

    @property
    def mean(self) -> float:
        """Mean stay in periods."""
        return self.factor * self.stay.mean

    def survival(self, u: np.ndarray) -> np.ndarray:
        """Return S(u)."""
        return self.stay.survival(np.asarray(u) / self.factor)

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        """Return I(u)."""
        return self.factor * self.stay.integrated_survival(np.asarray(u) / self.factor)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw `n` stays."""
        return self.factor * self.stay.draw(n, rng)

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw remaining stays at ages."""
        return self.factor * self.stay.draw_residual(np.asarray(ages) / self.factor, rng)

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw remaining stays in equilibrium."""
        return self.factor * self.stay.draw_equilibrium(n, rng)


def vary_occupancy(
    plan: OccupancyPlan, *, stay_factor: float = 1.0, arrivals_factor: float = 1.0
) -> OccupancyPlan:
    """Return a plan with other stays and arrivals; who is present at the start stays the same.

    Parameters
    ----------
    plan : OccupancyPlan
        From `load_occupancy`; it is not changed.
    stay_factor : float
        Every length of stay is multiplied by it.
    arrivals_factor : float
        The arrivals of every projected period are multiplied by it; their dispersion, variance over
        mean, is kept.

    Raises
    ------
    InputError
        If a factor is not above 0.
    """
    for name, factor in (("stay", stay_factor), ("arrivals", arrivals_factor)):
        if not 0 < factor < np.inf:
            raise InputError(f"{name} times {factor:g}", expected="a factor above 0")
    groups = tuple(
        replace(
            group,
            arrivals=_scaled(group.arrivals, arrivals_factor),
            stay=tuple(ScaledStay(stay, stay_factor) for stay in group.stays),
        )
        for group in plan.groups
    )
    return replace(
        plan,
        groups=groups,
        stay_factor=plan.stay_factor * stay_factor,
        arrivals_factor=plan.arrivals_factor * arrivals_factor,
    )


def _scaled(arrivals: Arrivals, factor: float) -> Arrivals:
    paths = arrivals.paths
    values = make_paths(paths.to_numpy() * factor, periods_of(paths), unit=str(paths.attrs["unit"]))
    return replace(arrivals, paths=values)


@dataclass(frozen=True)
class OccupancySensitivity:
    """The last whole year under other stays and arrivals; shape ``(n_arrivals, n_stays)`` each.

    Attributes
    ----------
    year : int
    stay_factors, arrivals_factors : tuple of float
    median : numpy.ndarray
        Persons present at the end of a month, over the paths and the months of the year.
    over : dict of int to numpy.ndarray
        By places: chance of more persons at the end of any month of the year.
    """

    year: int
    stay_factors: tuple[float, ...]
    arrivals_factors: tuple[float, ...]
    median: np.ndarray
    over: dict[int, np.ndarray]


def occupancy_sensitivity(
    plan: OccupancyPlan, *, stay_factors: Sequence[float], arrivals_factors: Sequence[float]
) -> OccupancySensitivity:
    """Project the last whole year under every pair of factors, on the same random numbers.

    The places are the fewest and the most of the plan, each held all year.

    Parameters
    ----------
    plan : OccupancyPlan
        With a capacity and at least one whole calendar year.
    stay_factors, arrivals_factors : sequence of float

    Raises
    ------
    InputError
        If the plan has no capacity or no whole year, or a factor cannot be used.
    """
    places = sorted({int(plan_places(plan).min()), int(plan_places(plan).max())})
    shape = (len(arrivals_factors), len(stay_factors))
    median, over = np.empty(shape), {each: np.empty(shape) for each in places}
    year = 0
    for row, arrivals in enumerate(arrivals_factors):
        for column, stay in enumerate(stay_factors):
            varied = vary_occupancy(plan, stay_factor=stay, arrivals_factor=arrivals)
            demand = simulate_occupancy(
                varied.groups, len(plan.periods), n_paths=plan.config.paths, seed=plan.config.seed
            )
            last = last_year(demand)
            median[row, column] = np.quantile(last, 0.5, method="inverted_cdf")
            for each in places:
                over[each][row, column] = float(over_capacity_in_year(last, each)[0])
            year = int(periods_of(last)[0].year)
    return OccupancySensitivity(year, tuple(stay_factors), tuple(arrivals_factors), median, over)
