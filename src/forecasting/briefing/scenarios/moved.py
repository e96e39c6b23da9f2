"""What scenarios move, as it is drawn: medians and bands beside those of the reference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.paths import annual, interval, periods_of, quantile
from forecasting.projections.comparison import Comparison
from forecasting.projections.projection import Projection

LEVEL = 80
"""Percent of the paths that a band holds."""

Quantity = Literal["applications", "present", "waiting", "recipients"]

_OUTLYING = 2.5
"""A median that passes so many times the next lower one is cut in a chart."""


@dataclass(frozen=True, eq=False)
class Fan:
    """Median and band of a quantity over periods.

    Attributes
    ----------
    periods : pandas.PeriodIndex
    median, lower, upper : numpy.ndarray
        Shape ``(n_periods,)``.
    inner : float
        Highest upper end of the band of half the paths.
    places : numpy.ndarray or None
        Places to hold it against.
    """

    periods: pd.PeriodIndex
    median: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    inner: float
    places: np.ndarray | None = None

    @property
    def peak(self) -> float:
        """Highest median."""
        return float(self.median.max())

    def differs(self, other: Fan) -> bool:
        """Whether anything drawn is not as in another one."""
        pairs = [(self.median, other.median), (self.lower, other.lower), (self.upper, other.upper)]
        if self.places is not None and other.places is not None:
            pairs.append((self.places, other.places))
        return not all(np.array_equal(one, two) for one, two in pairs)


@dataclass(frozen=True, eq=False)
class Moved:
    """A quantity of the reference and under the scenarios that move it.

    Attributes
    ----------
    quantity : {"applications", "present", "waiting", "recipients"}
    entity : str
        Name of the centre, or empty.
    base : Fan
        Of the reference.
    fans : dict of str to Fan
        By scenario.
    alike : dict of str to str
        Scenarios that move it exactly as one of `fans` does, and that one.
    """

    quantity: Quantity
    entity: str
    base: Fan
    fans: dict[str, Fan]
    alike: dict[str, str]

    @property
    def top(self) -> float:
        """Where the value axis ends: everything is seen but what would flatten the rest.

        Seen in full are the places, the reference's band of half the paths, and every median that
        does not pass 2.5 times the next lower one above the reference's.
        """
        fans = [self.base, *self.fans.values()]
        kept = self.base.peak
        for lower, peak in pairwise(sorted(max(fan.peak, kept) for fan in fans)):
            if peak > _OUTLYING * lower:
                break
            kept = peak
        places = [float(fan.places.max()) for fan in fans if fan.places is not None]
        reach = max(float(fan.upper.max()) for fan in fans)
        wanted = max(1.15 * max([kept, *places]), 1.1 * self.base.inner)
        return min(1.04 * max([reach, *places]), wanted) or 1.0

    def largest_change(self, scenario: str) -> tuple[pd.Period, float]:
        """When the median is furthest from that of the reference, and how far."""
        apart = self.fans[scenario].median - self.base.median
        place = int(np.abs(apart).argmax())
        return self.base.periods[place], float(apart[place])


def moved_quantities(comparison: Comparison) -> tuple[Moved, ...]:
    """Return every quantity that some scenario moves."""
    centres = [centre.name for centre in comparison.base.centres]
    wanted: list[tuple[Quantity, str]] = [("applications", ""), ("waiting", "")]
    wanted += [("present", name) for name in centres]
    wanted += [("recipients", "")]
    found = [_moved(comparison, quantity, entity) for quantity, entity in wanted]
    return tuple(each for each in found if each is not None)


def _moved(comparison: Comparison, quantity: Quantity, entity: str) -> Moved | None:
    base = _fan(comparison.base, quantity, entity)
    if base is None:
        return None
    fans: dict[str, Fan] = {}
    alike: dict[str, str] = {}
    for each in comparison.others:
        fan, name = _fan(each, quantity, entity), each.scenario.id
        if fan is None or not fan.differs(base):
            continue
        twin = next((known for known, other in fans.items() if not fan.differs(other)), None)
        if twin is None:
            fans[name] = fan
        else:
            alike[name] = twin
    return Moved(quantity, entity, base, fans, alike) if fans else None


def _fan(projection: Projection, quantity: Quantity, entity: str) -> Fan | None:
    paths, places = _paths(projection, quantity, entity)
    if paths is None or not paths.sizes["period"]:
        return None
    low, high = interval(paths, LEVEL).to_numpy()
    middle, inner = quantile(paths, [0.5, 0.75]).to_numpy()
    return Fan(periods_of(paths), middle, low, high, float(inner.max()), places)


def _paths(
    projection: Projection, quantity: Quantity, entity: str
) -> tuple[xr.DataArray | None, np.ndarray | None]:
    """Paths of a quantity, and the places that go with them."""
    if quantity == "present":
        centre = next(each for each in projection.centres if each.name == entity)
        return centre.present, centre.capacity
    if quantity == "waiting":
        backlog = projection.backlog
        return (None if backlog is None else backlog.wait_of_last_arrival), None
    if quantity == "recipients":
        return projection.recipients, None
    return (None if projection.arrivals is None else _whole_years(projection.arrivals)), None


def _whole_years(arrivals: xr.DataArray) -> xr.DataArray:
    """Totals of the calendar years that are projected from January to December."""
    months = periods_of(arrivals)
    whole = [y for y in months.year.unique() if (months.year == y).sum() == 12]
    kept = arrivals.sel(period=months[months.year.isin(whole)])
    return annual(kept) if whole else kept
