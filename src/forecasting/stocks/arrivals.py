"""Arrivals of a group: rate paths or count paths, and what was observed before the start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths, periods_of
from forecasting.periods import format_period

ARRIVAL_KINDS = ("rate", "count")


@dataclass(frozen=True)
class Arrivals:
    r"""Arrivals per period, spread evenly within it.

    On a path that holds rates :math:`\lambda_t` the persons who arrive are still to be drawn:
    Poisson with variance :math:`\lambda_t`, or negative binomial with variance
    :math:`D \lambda_t`, a Poisson number whose rate is gamma distributed, independently over
    periods. On a path that holds counts they are known, as in the paths of a forecast. Taking
    counts for rates adds their chance twice.

    Attributes
    ----------
    paths : xarray.DataArray
        Flow, dims ``(path, period)``, 0 or more; one path stands for all. A count that is not
        whole, such as the draw of a forecast, is rounded at random: up with a chance equal to its
        fraction.
    kind : {"rate", "count"}
        What the paths hold.
    dispersion : float
        D, variance over mean of the arrivals of a period given its rate; 1 or more, and 1 for
        counts, whose dispersion is in the paths.
    observed : pandas.Series or None
        Whole numbers by period, without gaps, up to the period before the first of `paths`.
        Wanted by an `InitialStock` that is back-calculated.

    Raises
    ------
    InputError
        Naming what cannot be used, and the period of a bad value.
    """

    paths: xr.DataArray
    kind: str
    dispersion: float = 1.0
    observed: pd.Series | None = None

    def __post_init__(self) -> None:
        if self.kind not in ARRIVAL_KINDS:
            raise InputError(f"arrivals of kind '{self.kind}'", expected=" or ".join(ARRIVAL_KINDS))
        if self.paths.attrs["kind"] != "flow":
            raise InputError(f"arrivals that are a {self.paths.attrs['kind']}", expected="a flow")
        lowest = self.paths.to_numpy().min(axis=0)
        _refuse(lowest < 0, lowest, self.periods, "arrivals", "0 or more")
        if not 1 <= self.dispersion < np.inf:
            raise InputError(
                f"dispersion {self.dispersion:g}",
                expected="variance over mean of the arrivals of a period, 1 (Poisson) or more",
            )
        if self.kind == "count" and self.dispersion != 1:
            raise InputError(
                f"dispersion {self.dispersion:g} of arrivals that are counts",
                expected="1: the dispersion of counts is in their paths already",
                action="leave it out, or give rates",
            )
        if self.observed is not None:
            _check_observed(self.observed, self.periods[0])

    @property
    def periods(self) -> pd.PeriodIndex:
        """Periods of the paths."""
        return periods_of(self.paths)

    def draw(
        self, values: np.ndarray, *, mixing: np.random.Generator, entering: np.random.Generator
    ) -> np.ndarray:
        """Draw how many persons arrive, given rows of the paths.

        Parameters
        ----------
        values : numpy.ndarray
            Rates or counts, shape ``(n, n_periods)``.
        mixing, entering : numpy.random.Generator
            Two independent streams: for the gamma rates or the rounding, and for the Poisson
            numbers. Rows drawn in several calls are those drawn in one.

        Returns
        -------
        numpy.ndarray
            Whole numbers, shape of `values`.
        """
        if self.kind == "count":
            below = np.floor(values)
            up = mixing.random(values.shape) < values - below
            return np.asarray(below + up, dtype=np.int64)
        if self.dispersion > 1:
            values = mixing.gamma(values / (self.dispersion - 1), self.dispersion - 1)
        return np.asarray(entering.poisson(values))


def constant_arrivals(
    value: float,
    periods: pd.PeriodIndex,
    *,
    kind: str,
    dispersion: float = 1.0,
    observed: pd.Series | None = None,
) -> Arrivals:
    """Return the same arrivals in every period, on one path that stands for all.

    Parameters
    ----------
    value : float
        Persons per period.
    periods : pandas.PeriodIndex
        The projected periods.
    kind : {"rate", "count"}
        Whether persons arrive at that rate, or exactly that many.
    dispersion, observed
        See `Arrivals`.

    Returns
    -------
    Arrivals

    Raises
    ------
    InputError
        As `Arrivals`.
    """
    paths = make_paths(np.full((1, len(periods)), float(value)), periods, unit="persons")
    return Arrivals(paths, kind, dispersion, observed)


def _check_observed(observed: pd.Series, start: pd.Period) -> None:
    index = observed.index
    if not isinstance(index, pd.PeriodIndex) or index.freqstr != start.freqstr:
        raise InputError(
            "observed arrivals not indexed by the periods of the paths",
            expected=f"a PeriodIndex of frequency {start.freqstr}",
        )
    if not len(index) or not index.equals(pd.period_range(end=start - 1, periods=len(index))):
        span = f"{format_period(index[0])} to {format_period(index[-1])}" if len(index) else "none"
        raise InputError(
            f"observed arrivals ({span}, {len(index)} values)",
            expected=f"every period up to {format_period(start - 1)}, in order, without a gap",
        )
    counts = observed.to_numpy(dtype=float)
    whole = np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))
    _refuse(~whole, counts, index, "observed arrivals", "a whole number of persons, 0 or more")


def _refuse(
    bad: np.ndarray, values: np.ndarray, periods: pd.PeriodIndex, what: str, expected: str
) -> None:
    if bad.any():
        first = int(bad.argmax())
        raise InputError(
            f"{what} {values[first]:g} in {format_period(periods[first])}", expected=expected
        )
