"""Everything the report on an occupancy quotes, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.briefing.charts import Band
from forecasting.errors import InputError
from forecasting.forecasts.summary import BAND_LEVELS
from forecasting.paths import interval, quantile
from forecasting.sources.points import DayCount, read_day_counts
from forecasting.stocks.occupancy_config import OccupancyProjection
from forecasting.stocks.occupancy_years import (
    YearService,
    last_year,
    plan_places,
    require_years,
    service_by_year,
)
from forecasting.stocks.service_level import MEANINGS, capacity_for

PRESENT = "present"
"""Quantity of a reference data set that counts the persons present on a day."""


@dataclass(frozen=True)
class OccupancyMaterial:
    """The numbers of a report on an occupancy.

    Attributes
    ----------
    projection : OccupancyProjection
        Monthly, with places and at least one whole calendar year.
    dataset : str
        Reference data with persons present on single days; empty: none.
    """

    projection: OccupancyProjection
    dataset: str = ""

    def __post_init__(self) -> None:
        plan = self.projection.plan
        plan_places(plan)
        require_years(self.projection.demand)
        if plan.config.frequency != "M":
            raise InputError(
                f"an occupancy of frequency {plan.config.frequency}", expected="months"
            )

    @property
    def periods(self) -> pd.PeriodIndex:
        """The projected months."""
        return self.projection.plan.periods

    @property
    def n_paths(self) -> int:
        """Number of joint sample paths."""
        return int(self.projection.demand.sizes["path"])

    @cached_property
    def median(self) -> np.ndarray:
        """Median of the persons present without a limit to the places."""
        return np.asarray(quantile(self.projection.demand, [0.5]).to_numpy()[0])

    @cached_property
    def bands(self) -> list[Band]:
        """Intervals of the persons present, the narrowest first."""
        demand = self.projection.demand
        return [Band(level, *interval(demand, level).to_numpy()) for level in BAND_LEVELS]

    @cached_property
    def days(self) -> list[DayCount]:
        """Persons counted on single days; none where no data set is named."""
        return read_day_counts(self.dataset, PRESENT) if self.dataset else []

    @property
    def busiest(self) -> DayCount | None:
        """The day on which most persons were counted."""
        return max(self.days, key=lambda count: count.value, default=None)

    @cached_property
    def steps(self) -> list[tuple[pd.Period, float]]:
        """Places and the first month in which there are so many."""
        places = plan_places(self.projection.plan)
        changed = np.flatnonzero(np.diff(places, prepend=np.nan) != 0)
        return [(self.periods[int(i)], float(places[i])) for i in changed]

    @cached_property
    def years(self) -> list[YearService]:
        """Every whole calendar year against its places."""
        return service_by_year(self.projection)

    @property
    def last(self) -> YearService:
        """The last whole calendar year."""
        return self.years[-1]

    @cached_property
    def last_range(self) -> tuple[float, float]:
        """Four of five month ends of the last year, over all paths, lie between."""
        values = last_year(self.projection.demand).to_numpy()
        low, high = np.quantile(values, [0.1, 0.9], method="inverted_cdf")
        return float(low), float(high)

    def places_for(self, probability: float) -> dict[str, np.ndarray]:
        """Places needed in each whole calendar year, by the meaning of the probability."""
        whole = require_years(self.projection.demand)
        return {
            meaning: capacity_for(whole, probability, meaning=meaning).to_numpy()
            for meaning in MEANINGS
        }

    @cached_property
    def binding(self) -> int:
        """Places for the comparison of rules: those of the plan, or so few that they bind.

        They are enough at four of five month ends of the last year.
        """
        values = last_year(self.projection.demand).to_numpy()
        few = float(np.quantile(values, 0.8, method="inverted_cdf"))
        return max(1, int(min(few, plan_places(self.projection.plan).min())))

    @property
    def data_date(self) -> str:
        """Last day before the projection begins."""
        return (self.periods[0] - 1).end_time.date().isoformat()
