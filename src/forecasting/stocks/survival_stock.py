"""A stock that follows from its inflow by the length of stay, estimated anew over a window.

The stay is estimated from leavers by length band (`stay_bands`), those present are placed in time
by the observed entries (before them: as many as in the first year), and every person is followed to
the exit (`occupancy`). The estimate says how uncertain a stay is that does not change; how far it
goes on changing, only the errors after earlier windows can say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError, ModelError
from forecasting.paths import make_paths, periods_of
from forecasting.periods import following, format_period
from forecasting.series import RegularSeries
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.fitted_stock import inflow_of
from forecasting.stocks.initial_stock import InitialStock
from forecasting.stocks.length_of_stay import LengthOfStay
from forecasting.stocks.occupancy import Group, expected_occupancy, simulate_occupancy
from forecasting.stocks.stay_bands import BandedCounts, estimate_from_bands
from forecasting.stocks.stay_estimation import StayEstimate

_DRAWS = 100  # of the parameters of the stay
_YEARS_BEFORE = 10  # in which as many entered as in the first year known


@dataclass(frozen=True)
class SurvivalStock:
    """The survival model of a stock, fitted; see `SurvivalModel`.

    Attributes
    ----------
    stock, inflow : RegularSeries
        What it was fitted to.
    estimate_ : StayEstimate
        The stay over the last window, in periods.
    errors_ : numpy.ndarray
        Log ratio of the stock to what was expected of it one period ahead, after each earlier
        window; none if the stay is taken as constant.
    """

    stock: RegularSeries
    inflow: RegularSeries
    estimate_: StayEstimate
    errors_: np.ndarray

    def project(
        self, inflow_paths: xr.DataArray, *, n_paths: int, rng: np.random.Generator
    ) -> xr.DataArray:
        """Draw joint paths of the stock; see `FittedStock`.

        Each draw of the stay holds on as many paths. The logarithm of the stock goes astray as a
        random walk with the mean square of the earlier errors.
        """
        horizon = inflow_of(inflow_paths, self.stock, n_paths).shape[1]
        stays = self.estimate_.draws(min(_DRAWS, n_paths), rng)
        group = _group(self.stock, self.inflow, inflow_paths, stays)
        seed = int(rng.integers(2**31))
        paths = simulate_occupancy([group], horizon, n_paths=n_paths, seed=seed)
        if not len(self.errors_):
            return paths
        step = np.sqrt(np.mean(self.errors_**2))
        astray = np.cumsum(step * rng.standard_normal((n_paths, horizon)), axis=1)
        values = paths.to_numpy() * np.exp(astray)
        return make_paths(values, periods_of(inflow_paths), unit=self.stock.unit, kind="stock")


@dataclass(frozen=True, eq=False)
class SurvivalModel:
    """A model of a stock: ``fit(stock, inflow)`` estimates the stay over the last periods.

    Attributes
    ----------
    leavers : pandas.DataFrame
        By period and length band, see `BandedCounts`; what lies after the last stock is not looked
        at.
    band_starts : tuple of float
    unit : str
        See `BandedCounts`.
    window : int
        Periods of leavers the stay is estimated over.
    n_earlier : int
        Earlier windows, as far as there are, of which each gives an error; 0: the stay is taken as
        constant.
    """

    leavers: pd.DataFrame
    band_starts: tuple[float, ...]
    unit: str
    window: int
    n_earlier: int = 8

    def __call__(self, stock: RegularSeries, inflow: RegularSeries) -> SurvivalStock:
        """Estimate the stay; see the class.

        Raises
        ------
        InputError
            As `BandedCounts`, or if the leavers end before the stock.
        ModelError
            As `estimate_from_bands`, or if there are fewer periods than a window.
        """
        *earlier, last = self.window_ends(stock, inflow)[-1 - self.n_earlier :]
        errors = np.array([self._error(stock, inflow, end) for end in earlier])
        return SurvivalStock(stock, inflow, self.estimate(stock, inflow, last), errors)

    def window_ends(self, stock: RegularSeries, inflow: RegularSeries) -> list[pd.Period]:
        """Return the last period of every window, up to the last stock; errors as the call."""
        if self.leavers.index[-1] < stock.origin:
            raise InputError(
                f"leavers by length band end with {format_period(self.leavers.index[-1])}",
                where=stock.series_id,
                expected=f"{format_period(stock.origin)} or later, the last stock",
            )
        first = max(self.leavers.index[0], stock.periods[0] + 1, inflow.periods[0])
        ends = list(pd.period_range(first + self.window - 1, stock.origin))
        if not ends:
            raise ModelError(
                f"{stock.series_id}: stock, inflow and leavers from {format_period(first)} to "
                f"{format_period(stock.origin)}; expected: {self.window} periods or more"
            )
        return ends

    def estimate(self, stock: RegularSeries, inflow: RegularSeries, end: pd.Period) -> StayEstimate:
        """Estimate the stay over the window that ends with a period."""
        counts = BandedCounts(
            inflow.values[:end],
            self.leavers.loc[end - self.window + 1 : end],
            stock.values[:end],
            self.band_starts,
            self.unit,
        )
        return estimate_from_bands(counts)

    def _error(self, stock: RegularSeries, inflow: RegularSeries, end: pd.Period) -> float:
        """Log ratio of the stock after a window to its expectation."""
        stay = self.estimate(stock, inflow, end).stay
        next_period = following(end, 1)
        came = inflow.values[next_period].to_numpy(dtype=float)[np.newaxis]
        ahead = make_paths(came, next_period, unit=inflow.unit)
        group = _group(stock.until(end), inflow.until(end), ahead, (stay,))
        expected = expected_occupancy([group], 1).mean.item()
        became = float(stock.values[next_period].iloc[0])
        return float(np.log(max(became, 1) / max(expected, 1)))


def _group(
    stock: RegularSeries,
    inflow: RegularSeries,
    inflow_paths: xr.DataArray,
    stays: tuple[LengthOfStay, ...],
) -> Group:
    came = inflow.values[: stock.origin]
    year = inflow.season_length
    before = pd.period_range(end=came.index[0] - 1, periods=_YEARS_BEFORE * year)
    earlier = pd.Series(float(round(came.iloc[:year].mean())), index=before)
    return Group(
        stock.series_id,
        Arrivals(inflow_paths, "count", observed=pd.concat([earlier, came])),
        stays,
        InitialStock(int(stock.values.iloc[-1]), "back_calculated"),
    )
