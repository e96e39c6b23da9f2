"""Everything the report on a backlog quotes, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.briefing.charts import Band
from forecasting.forecasts.summary import BAND_LEVELS, Estimate
from forecasting.paths import interval, periods_of, quantile
from forecasting.series.breaks import SHORTEST, Break, find_breaks
from forecasting.sources.parameters import load_parameters
from forecasting.stocks.backlog_config import BacklogProjection
from forecasting.stocks.backlog_variants import StaffSensitivity, staff_of, staff_sensitivity
from forecasting.stocks.staffing import STAGES, StaffPlan, Stage

SHOWN_SINCE = pd.Period("2015-01", "M")
"""First month of the chart of the backlog."""

OWN = "configuration"
"""Quality of a value that a configuration gives in place of the parameter's."""

PROBABILITIES = (0.5, 0.6, 0.7, 0.8, 0.9)
HOURS = (0.5, 0.75, 1.0, 1.5, 2.0)
EXIT_RATES = (0.0, 0.01, 0.03, 0.05, 0.1)
"""What the staff needed is asked for again with."""


@dataclass(frozen=True)
class Jump:
    """An abrupt change of the observed backlog.

    Attributes
    ----------
    found : Break
    change : float
        Cases more than in the month before.
    applied : float or None
        Who came in that month; None where that is not known.
    """

    found: Break
    change: float
    applied: float | None

    @property
    def is_counting(self) -> bool:
        """Whether more were added than came, which only another way of counting can do."""
        return self.applied is not None and self.change > self.applied


@dataclass(frozen=True)
class WorkStage:
    """What a stage of the procedure takes.

    Attributes
    ----------
    name : str
    hours, share : float
        Hours of a case at this stage; share of the cases that reach it.
    quality : str
        Of the hours and of the share, of the weaker of the two: ``given``, ``assumed`` or `OWN`.
    """

    name: str
    hours: float
    share: float
    quality: str


@dataclass(frozen=True)
class BacklogMaterial:
    """The numbers of a report on a backlog.

    Attributes
    ----------
    projection : BacklogProjection
        With staff.
    """

    projection: BacklogProjection

    def __post_init__(self) -> None:
        staff_of(self.projection.plan)

    @property
    def staff(self) -> StaffPlan:
        """The staff of now, and what a case takes."""
        return staff_of(self.projection.plan)

    @property
    def staff_now(self) -> float:
        """Persons at the start."""
        return float(np.asarray(self.staff.persons).flat[0])

    @property
    def ratio(self) -> float:
        """Decisions needed over decisions possible; the hours of a case do not matter to it."""
        return self.projection.needed.capacity / float(self.projection.plan.inputs.capacity[0])

    @property
    def periods(self) -> pd.PeriodIndex:
        """The projected months."""
        return periods_of(self.projection.result.backlog)

    @property
    def n_paths(self) -> int:
        """Number of joint sample paths."""
        return int(self.projection.result.backlog.sizes["path"])

    @property
    def limit(self) -> float:
        """Months within which a case is to be decided."""
        return float(self.projection.plan.inputs.limit_months)

    def bands(self, paths: xr.DataArray) -> list[Band]:
        """Intervals of paths, the narrowest first."""
        return [Band(level, *interval(paths, level).to_numpy()) for level in BAND_LEVELS]

    def median(self, paths: xr.DataArray) -> np.ndarray:
        """Median of paths."""
        return np.asarray(quantile(paths, [0.5]).to_numpy()[0])

    def at(self, paths: xr.DataArray, month: pd.Period) -> Estimate:
        """Median and 80 % interval of paths in a month."""
        values = paths[:, list(self.periods).index(month)].to_numpy()
        low, middle, high = np.quantile(values, [0.1, 0.5, 0.9], method="inverted_cdf")
        return Estimate(float(middle), float(low), float(high))

    @property
    def year_ends(self) -> list[pd.Period]:
        """Last months of the years, and the last month projected."""
        ends = [month for month in self.periods if month.month == 12]
        return ends if ends and ends[-1] == self.periods[-1] else [*ends, self.periods[-1]]

    @cached_property
    def observed(self) -> pd.Series:
        """The observed backlog that is shown."""
        waiting = self.projection.plan.waiting
        if waiting is None:
            return pd.Series(dtype=float, index=pd.PeriodIndex([], freq="M"))
        return waiting.values[max(SHOWN_SINCE, waiting.periods[0]) :]

    @cached_property
    def jumps(self) -> list[Jump]:
        """Abrupt changes in the observed backlog that is shown."""
        waiting, applied = self.projection.plan.waiting, self.projection.plan.applied
        if waiting is None or len(waiting.values) < SHORTEST:
            return []
        changes = waiting.values.diff().to_dict()
        came = applied.values if applied is not None else pd.Series(dtype=float)
        return [
            Jump(each, changes[each.period], came.get(each.period))
            for each in find_breaks(waiting)
            if each.period in self.observed.index and each.kind == "level_shift"
        ]

    @cached_property
    def variants(self) -> StaffSensitivity:
        """The staff needed under other probabilities, hours and exit rates."""
        own_rate, own = self.projection.plan.inputs.exit_rate, self.projection.needed.probability
        return staff_sensitivity(
            self.projection,
            probabilities=sorted({*PROBABILITIES, own}),
            hours_factors=HOURS,
            exit_rates=sorted({*EXIT_RATES, own_rate}),
        )

    @property
    def stages(self) -> list[WorkStage]:
        """What each stage takes, and how well that is known."""
        return [
            WorkStage(s.name, s.hours_per_case, s.share_of_cases, self._stage_quality(s))
            for s in self.staff.stages
        ]

    def _stage_quality(self, stage: Stage) -> str:
        if stage.name not in STAGES:
            return OWN
        found = {
            self.quality(f"hours_per_case_{stage.name}", stage.hours_per_case),
            self.quality(f"share_of_cases_{stage.name}", stage.share_of_cases),
        }
        return next(quality for quality in (OWN, "assumed", "given") if quality in found)

    def quality(self, name: str, value: float) -> str:
        """Return the quality of a parameter, `OWN` where its value is another one."""
        entry = load_parameters("asylum_processing").entry(name, on=self.periods[0])
        return str(entry.quality) if float(entry.value) == value else OWN

    @property
    def data_date(self) -> str:
        """Last day before the projection begins."""
        return (self.periods[0] - 1).end_time.date().isoformat()
