"""What is known about a caseload at an origin: the series, its drivers, interventions, entries."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.models import Drivers, Intervention
from forecasting.models.changes import measure_changes
from forecasting.periods import following, format_period
from forecasting.series import RegularSeries


@dataclass(frozen=True)
class CaseloadInputs:
    """A caseload and what may move it.

    Attributes
    ----------
    series : RegularSeries
        Recipients at the end of each period; single values may be missing.
    drivers : Drivers or None
        With a future (a scenario or sample paths) or without.
    interventions : tuple of Intervention
        What happened at known periods.
    entries : RegularSeries or None
        New recipients of each period.
    """

    series: RegularSeries
    drivers: Drivers | None = None
    interventions: tuple[Intervention, ...] = ()
    entries: RegularSeries | None = None

    def known_at(self, origin: pd.Period) -> CaseloadInputs:
        """Return what was known at `origin`; nothing that followed is left.

        A driver that had not begun by then is left out.
        """
        begun = (each.known_at(origin) for each in self.interventions)
        entries = self.entries
        return CaseloadInputs(
            series=self.series.until(origin),
            drivers=_drivers_at(self.drivers, origin),
            interventions=tuple(filter(None, begun)),
            entries=None if entries is None else _entries_at(entries, origin),
        )


def _drivers_at(drivers: Drivers | None, origin: pd.Period) -> Drivers | None:
    if drivers is None:
        return None
    drivers.check_frequency(origin.freqstr, f"origin {format_period(origin)}")
    cut = drivers.observed[:origin]
    begun = [name for name in drivers.names if cut[name].notna().any()]
    lags = {name: lag for name, lag in drivers.lags.items() if name in begun}
    return Drivers(cut[begun], lags=lags) if begun else None


def _entries_at(entries: RegularSeries, origin: pd.Period) -> RegularSeries | None:
    return entries.until(origin) if entries.periods[0] < origin <= entries.origin else None


def bridge_gaps(series: RegularSeries) -> RegularSeries:
    """Fill missing values along a straight line on the log(1 + y) scale, and say so."""
    missing = pd.PeriodIndex(series.values.index[series.values.isna()])
    if missing.empty:
        return series
    filled = np.expm1(np.log1p(series.values).interpolate())
    named = ", ".join(format_period(period) for period in missing[:6])
    named += f" and {len(missing) - 6} more" if len(missing) > 6 else ""
    notes = tuple(note for note in series.notes if not note.startswith("left without a value"))
    return replace(series, values=filled, notes=(*notes, f"bridged, without a value: {named}"))


@dataclass(frozen=True)
class Effects:
    """Interventions with their effects, as changes of log(1 + y).

    Attributes
    ----------
    interventions : tuple of Intervention
    sizes : numpy.ndarray
        One an intervention.
    """

    interventions: tuple[Intervention, ...]
    sizes: np.ndarray

    def between(self, periods: pd.PeriodIndex, origin: pd.Period) -> np.ndarray:
        """Effect in each period less that at `origin`, shape ``(n_periods,)``."""
        total = np.zeros(len(periods))
        now = pd.period_range(origin, periods=1)
        for each, size in zip(self.interventions, self.sizes, strict=True):
            total += size * (each.values(periods) - each.values(now))
        return total

    def taken_out(self, series: RegularSeries) -> RegularSeries:
        """Observations as if what holds at the origin had always held."""
        if not self.interventions:
            return series
        moved = np.log1p(series.values) - self.between(series.periods, series.origin)
        return replace(series, values=np.expm1(moved).clip(lower=0))

    def put_back(self, paths: np.ndarray, origin: pd.Period) -> np.ndarray:
        """Paths after `origin` with what is known to begin or end then, the same shape."""
        if not self.interventions:
            return paths
        ahead = self.between(following(origin, paths.shape[1]), origin)
        return np.asarray(np.maximum(np.expm1(np.log1p(paths) + ahead), 0))


def estimate_effects(series: RegularSeries, interventions: tuple[Intervention, ...]) -> Effects:
    """Regress the changes of a series without gaps on those of the interventions.

    A step is the change in its first period beyond what is usual for the time of year; with several
    periods (a ramp, a step that ended) their least-squares mean. The uncertainty of an effect is
    left out: it matters only where one is to end.

    Raises
    ------
    InputError
        If an intervention does not fit the series, or its effect cannot be told from the others.
    """
    for each in interventions:
        each.check(series)
    if not interventions:
        return Effects((), np.empty(0))
    changes = measure_changes(np.log1p(series.values.to_numpy(dtype=float)), series.periods)
    matrix = np.column_stack([np.diff(each.values(series.periods)) for each in interventions])
    if np.linalg.matrix_rank(matrix) < len(interventions):
        raise InputError(
            f"{', '.join(each.name for each in interventions)} cannot be told apart",
            where=series.series_id,
            expected="interventions that begin after the first period, each at another time",
            action="leave one out",
        )
    return Effects(interventions, np.linalg.lstsq(matrix, changes.values, rcond=None)[0])
