"""Everything the report on a caseload quotes, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.briefing.charts import Band
from forecasting.forecasts.summary import BAND_LEVELS, Estimate
from forecasting.paths import interval, periods_of, quantile
from forecasting.sources.parameters import Entry, load_parameters
from forecasting.sources.points import read_month_counts
from forecasting.sources.recipients_points import POINTS
from forecasting.stocks.caseload_models import SMOOTH
from forecasting.stocks.caseload_plan import UNEMPLOYMENT, CaseloadProjection, sum_years
from forecasting.stocks.minimum_income import PARAMETERS

SHOWN_MONTHS = 144
"""Months before the first projected one that charts show."""


@dataclass(frozen=True)
class YearEstimate:
    """What is paid in a year, or in the part of it that is projected.

    Attributes
    ----------
    first, last : pandas.Period
    spent, at_mean : Estimate
        EUR; the second one as if the household factor were its mean.
    amounts : tuple of float
        Basic amounts in it, EUR a month, in order of time.
    """

    first: pd.Period
    last: pd.Period
    spent: Estimate
    at_mean: Estimate
    amounts: tuple[float, ...]


@dataclass(frozen=True)
class PoolScore:
    """How a pool did in the past.

    Attributes
    ----------
    name : str
    ratio : float
        CRPS over that of the smooth stock.
    mape : float
        Absolute error of the median, percent.
    coverage : float
        Share of the outcomes within the interval of 80 %.
    """

    name: str
    ratio: float
    mape: float
    coverage: float


@dataclass(frozen=True)
class CaseloadMaterial:
    """The numbers of a report on a caseload.

    Attributes
    ----------
    projection : CaseloadProjection
    """

    projection: CaseloadProjection

    @property
    def origin(self) -> pd.Period:
        """Last month counted."""
        return self.projection.series.origin

    @property
    def periods(self) -> pd.PeriodIndex:
        """The projected months."""
        return periods_of(self.projection.recipients)

    @property
    def n_paths(self) -> int:
        """Number of joint sample paths."""
        return int(self.projection.recipients.sizes["path"])

    @property
    def is_synthetic(self) -> bool:
        """Whether the figures are invented."""
        return any(series.synthetic for series in self.projection.observed.values())

    @property
    def last_count(self) -> float:
        """Recipients in the last month counted."""
        return float(self.projection.series.values.iloc[-1])

    def shown(self, key: str) -> pd.Series:
        """Figures of a column that charts show; empty where it is not held."""
        series = self.projection.observed.get(key)
        if series is None:
            return pd.Series(dtype=float, index=pd.PeriodIndex([], freq="M"))
        return series.values[-SHOWN_MONTHS:]

    def bands(self, paths: xr.DataArray, scale: float = 1.0) -> list[Band]:
        """Intervals of paths, the narrowest first, in units of `scale`."""
        return [Band(level, *interval(paths, level).to_numpy() / scale) for level in BAND_LEVELS]

    def median(self, paths: xr.DataArray) -> np.ndarray:
        """Median of paths."""
        return np.asarray(quantile(paths, [0.5]).to_numpy()[0])

    def at_end(self, paths: xr.DataArray) -> Estimate:
        """Median and 80 % interval of paths in the last month."""
        return _estimate(paths[:, -1].to_numpy())

    @cached_property
    def years(self) -> tuple[YearEstimate, ...]:
        """Expenditure by year; the last one may be a part of a year."""
        found = self.projection
        return tuple(
            YearEstimate(
                own.first,
                own.last,
                _estimate(own.values),
                _estimate(mean.values),
                tuple(dict.fromkeys(found.amounts.values[own.first : own.last])),
            )
            for own, mean in zip(
                sum_years(found.spent), sum_years(found.spent_at_mean), strict=True
            )
        )

    @property
    def headline_year(self) -> YearEstimate:
        """The first whole calendar year, else the first part of one."""
        whole = [y for y in self.years if (y.last - y.first).n == 11]
        return (whole or list(self.years))[0]

    @property
    def n_origins(self) -> int:
        """Past origins of the scores."""
        scores = self.projection.caseload.scores
        return int(scores["origins"].iloc[0]) if len(scores) else 0

    @cached_property
    def scores(self) -> tuple[PoolScore, ...]:
        """Pools against the smooth stock; empty if the past is too short."""
        scores = self.projection.caseload.scores
        if scores.empty:
            return ()
        names = scores["candidate"].tolist()
        base = names.index(SMOOTH) if SMOOTH in names else 0
        columns = [scores[name].tolist() for name in ("crps", "mape", "coverage_80")]
        return tuple(
            PoolScore(name, crps / columns[0][base], mape, coverage)
            for name, crps, mape, coverage in zip(names, *columns, strict=True)
        )

    @property
    def chosen(self) -> str:
        """Name of the pool."""
        return str(self.projection.caseload.forecast.model)

    def drives(self, name: str) -> bool:
        """Whether a driver moves the pool that was chosen."""
        return name in self.chosen.partition(" with ")[2].split(", ")

    @property
    def outlook_without_effect(self) -> bool:
        """Whether an outlook was asked for that nothing depends on."""
        return self.projection.options.outlook != "" and not self.drives(UNEMPLOYMENT)

    @property
    def steps(self) -> tuple[Entry, ...]:
        """Entries of the basic amount that are in force in the months shown, in order of time."""
        months = pd.PeriodIndex(self.amounts_shown.index)
        entries = [e for e in load_parameters(PARAMETERS).entries if e.id == PARAMETERS]
        later = [*[e.valid_from for e in entries][1:], months[-1] + 1]
        return tuple(
            entry
            for entry, until in zip(entries, later, strict=True)
            if entry.valid_from <= months[-1] and until > months[0]
        )

    @property
    def amounts_shown(self) -> pd.Series:
        """Basic amount from the first month shown to the last one projected."""
        return self.projection.amounts.values[self.shown("recipients").index[0] :]

    @property
    def is_amount_assumed(self) -> bool:
        """Whether the horizon lies beyond the last amount known."""
        return bool(self.periods[-1] > self.projection.amounts.known_until)

    def published(self, quantity: str) -> pd.Series:
        """Published counts of a quantity, by month."""
        counts = read_month_counts(POINTS, quantity)
        index = pd.PeriodIndex([count.month for count in counts])
        return pd.Series([float(count.value) for count in counts], index=index)

    @property
    def data_date(self) -> str:
        """Last day counted."""
        return str(self.origin.end_time.date())


def _estimate(values: np.ndarray) -> Estimate:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9], method="inverted_cdf")
    return Estimate(float(middle), float(low), float(high))
