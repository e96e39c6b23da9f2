"""Drivers: other series that move the one that is forecast, with their own futures.

A driver is worth having only if its future is known better than that of the series itself: because
it leads (a lag), because it is planned (a scenario), or because somebody forecasts it (sample
paths). Its observed values after the origin are not known at the origin; they are never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import make_paths, periods_of
from forecasting.periods import following, format_period
from forecasting.series import RegularSeries, make_series

FREQUENCIES = ("M", "Q-DEC", "Y-DEC")
"""Frequencies of a `pandas.PeriodIndex`, those of `forecasting.periods.parse_period`."""

DEFAULT_MODEL = "ets"
"""What a driver is forecast by."""


@dataclass(frozen=True)
class Drivers:
    """Observed values of drivers, and what is assumed or forecast about their future.

    Attributes
    ----------
    observed : pandas.DataFrame
        One column a driver, indexed by a gap-free `pandas.PeriodIndex`. A driver may begin later or
        end earlier than another (missing values there), but has no gap in between.
    future : mapping of str to xarray.DataArray
        Values of a driver from the period after its last observed one, dims ``(path, period)``: a
        scenario is a single path. Drivers whose futures have the same number of paths are taken as
        drawn together: path 7 of one belongs to path 7 of the other.
    lags : mapping of str to int
        Periods by which a driver leads: with 6, the value of January moves the series in July.
        Default 0.

    Raises
    ------
    InputError
        If a name stands twice or is not known, values are missing or not finite, a future does not
        follow the observed values, or a lag is negative.
    """

    observed: pd.DataFrame
    future: Mapping[str, xr.DataArray] = field(default_factory=dict)
    lags: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_index()
        for name in self.names:
            _check_observed(name, self.observed[name])
        for name in [*self.future, *self.lags]:
            if name not in self.names:
                raise InputError(f"no driver '{name}'", expected=", ".join(self.names))
        for name, lag in self.lags.items():
            if lag < 0:
                raise InputError(
                    f"lag {lag}",
                    where=f"driver {name}",
                    expected="0 or more periods: a later value is not known in time",
                )
        for name, paths in self.future.items():
            self._check_future(name, paths)
        if len({paths.sizes["path"] for paths in self.future.values()} - {1}) > 1:
            counts = [f"{name} {paths.sizes['path']}" for name, paths in self.future.items()]
            raise InputError(
                f"futures of different numbers of paths: {', '.join(counts)}",
                expected="the same number for every driver, drawn together, or 1 for a scenario",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the drivers."""
        return tuple(str(name) for name in self.observed.columns)

    def only(self, name: str) -> Drivers:
        """Return one driver alone, with its lag and its future."""
        future = {name: self.future[name]} if name in self.future else {}
        lags = {name: self.lags[name]} if name in self.lags else {}
        return Drivers(self.observed[[name]], future, lags)

    def until(self, origin: pd.Period) -> Drivers:
        """Return the drivers as they were known at `origin`: cut there, without their future.

        Values of the future have to be given anew, by `forecast_future` or as a scenario; that
        the driver took other values afterwards was not known.

        Raises
        ------
        InputError
            If nothing of a driver was observed by then, or `origin` has another frequency.
        """
        self.check_frequency(origin.freqstr, f"origin {format_period(origin)}")
        for name in self.names:
            first = pd.PeriodIndex(self.observed[name].dropna().index)[0]
            if first > origin:
                raise InputError(
                    f"origin {format_period(origin)}",
                    where=f"driver {name}",
                    expected=f"{format_period(first)} or later, where it begins",
                )
        return replace(self, observed=self.observed.loc[:origin], future={})

    def known_at(
        self, origin: pd.Period, *, horizon: int, n_paths: int, rng: np.random.Generator
    ) -> Drivers:
        """Return the drivers for an honest forecast at a past `origin`.

        They are cut there (`until`), and what is lacking for `horizon` periods is forecast from
        the values left (`forecast_future`); a driver that leads by the horizon lacks nothing. A
        value counts as known in its own period: a driver that is published two months late is
        shifted by two months, its lag shorter by as much.

        Raises
        ------
        InputError
            See `until` and `forecast_future`.
        ModelError
            See `forecast_future`.
        """
        known = self.until(origin)
        end = origin.ordinal + horizon
        lacking = {
            name: end - self.lags.get(name, 0) - known._last(name).ordinal for name in self.names
        }
        return replace(
            known,
            future={
                name: known._forecast(name, periods, n_paths, rng)
                for name, periods in lacking.items()
                if periods > 0
            },
        )

    def forecast_future(
        self, horizon: int, n_paths: int, rng: np.random.Generator, *, model: str = DEFAULT_MODEL
    ) -> Drivers:
        """Return the drivers with a future forecast from their observed values alone.

        Parameters
        ----------
        horizon : int
            Periods after the last observed value of each driver.
        n_paths : int
            Number of sample paths; each driver is forecast by itself, so the paths of two drivers
            are independent of each other.
        rng : numpy.random.Generator
            The only source of randomness.
        model : str
            Name of a model; it takes counts, so a driver must not be negative.

        Raises
        ------
        InputError
            If there is no such model, or a driver has negative values.
        ModelError
            If the model cannot be fitted.
        """
        future = {
            name: self._forecast(name, horizon, n_paths, rng, model=model) for name in self.names
        }
        return replace(self, future=future)

    def _forecast(
        self,
        name: str,
        horizon: int,
        n_paths: int,
        rng: np.random.Generator,
        *,
        model: str = DEFAULT_MODEL,
    ) -> xr.DataArray:
        from forecasting.models.registry import get_model  # which knows the models with drivers

        known = self.observed[name].dropna()
        periods = [format_period(period) for period in known.index]
        series = make_series(periods, known.to_list(), series_id=f"driver {name}", unit="1")
        values = get_model(model).fit(series).simulate(horizon, n_paths, rng)
        return make_paths(values, following(series.origin, horizon), unit=series.unit)

    def during(self, series: RegularSeries) -> pd.DataFrame:
        """Values that belong to the periods of a series, lags applied; one column a driver.

        Raises
        ------
        InputError
            If a driver has another frequency, does not cover the series, or reaches past its
            origin without a future of its own.
        """
        self.check_frequency(series.periods.freqstr, series.series_id)
        for name in self.names:
            self.refuse_look_ahead(name, series.origin)
        return pd.DataFrame({name: self._lagged(name, series) for name in self.names})

    def after(
        self, origin: pd.Period, horizon: int, n_paths: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Values that belong to the periods after `origin`, lags applied.

        Path i of the result takes path i of each future; if their numbers differ, paths are drawn
        anew, the same ones for all drivers. What a lag makes known by `origin` is the same on every
        path.

        Returns
        -------
        numpy.ndarray
            Shape ``(n_paths, horizon, n_drivers)``.

        Raises
        ------
        InputError
            If a future ends before it is needed.
        """
        available = max((paths.sizes["path"] for paths in self.future.values()), default=1)
        chosen = np.arange(n_paths)
        if available not in (1, n_paths):
            chosen = np.resize(rng.permutation(available), n_paths)
        return np.stack([self._ahead(name, origin, horizon, chosen) for name in self.names], axis=2)

    def _ahead(self, name: str, origin: pd.Period, horizon: int, chosen: np.ndarray) -> np.ndarray:
        first = origin + 1 - self.lags.get(name, 0)
        known = self.observed[name].dropna()[first:origin].to_numpy(dtype=float)[:horizon]
        values = np.tile(known, (len(chosen), 1))
        lacking = horizon - len(known)
        if not lacking:
            return values
        future = self.future.get(name)
        length = 0 if future is None else future.sizes["period"]
        if future is None or length < lacking:
            raise InputError(
                f"values up to {format_period(first + len(known) + length - 1)}",
                where=f"driver {name}",
                expected=f"up to {format_period(first + horizon - 1)} for {horizon} periods "
                f"after {format_period(origin)}",
                action="give its future as sample paths or as a scenario of one path",
            )
        drawn = future.transpose("path", "period").to_numpy()[:, :lacking]
        return np.hstack([values, drawn[chosen % len(drawn)]])

    @property
    def _periods(self) -> pd.PeriodIndex:
        return pd.PeriodIndex(self.observed.index)

    def _last(self, name: str) -> pd.Period:
        return pd.PeriodIndex(self.observed[name].dropna().index)[-1]

    def _lagged(self, name: str, series: RegularSeries) -> np.ndarray:
        needed = series.periods - self.lags.get(name, 0)
        values = self.observed[name].reindex(needed)
        if values.isna().any():
            raise InputError(
                f"no value for {format_period(values.index[values.isna()][0])}",
                where=f"driver {name}",
                expected=f"{format_period(needed[0])} to {format_period(needed[-1])}, for the "
                f"observations of {series.series_id}",
                action="cut the series, or give the driver a longer lag",
            )
        return values.to_numpy(dtype=float)

    def refuse_look_ahead(self, name: str, origin: pd.Period) -> None:
        """Refuse a driver observed after the origin of a series, or a future with a gap before it.

        Raises
        ------
        InputError
            See above.
        """
        last, future = self._last(name), self.future.get(name)
        known_until = min(last, origin)
        begins = None if future is None else periods_of(future)[0]
        if last > origin and begins != origin + 1:
            raise InputError(
                f"observed up to {format_period(last)}, after the origin {format_period(origin)} "
                "of the series: look-ahead",
                where=f"driver {name}",
                expected=f"nothing observed after {format_period(origin)}",
                action="cut the drivers with until(origin), then give their future as sample paths "
                "or as a scenario of one path",
            )
        if begins is not None and begins != known_until + 1:
            raise InputError(
                f"a future from {format_period(begins)}",
                where=f"driver {name}",
                expected=f"from {format_period(known_until + 1)}, after the last observed value",
            )

    def _check_index(self) -> None:
        index = self.observed.index
        kind = index.freqstr if isinstance(index, pd.PeriodIndex) else type(index).__name__
        if kind not in FREQUENCIES:
            raise InputError(
                f"an index of {kind}",
                where="drivers",
                expected=f"a PeriodIndex of frequency {', '.join(FREQUENCIES)}",
            )
        if not self.names or not len(index):
            raise InputError("no values", where="drivers", expected="at least one driver")
        for name in self.names:
            if self.names.count(name) > 1:
                raise InputError(
                    f"driver {name} stands twice", where="drivers", expected="each name once"
                )
        if not index.equals(pd.period_range(index[0], periods=len(index))):
            raise InputError(
                "periods that are not consecutive",
                where="drivers",
                expected="every period from the first to the last, once, in order",
            )

    def check_frequency(self, frequency: str, what: str) -> None:
        """Refuse drivers of another frequency than that of a series.

        Raises
        ------
        InputError
            If the frequencies differ.
        """
        if self._periods.freqstr != frequency:
            raise InputError(
                f"periods of frequency {self._periods.freqstr}",
                where=f"driver {', '.join(self.names)}",
                expected=f"{frequency}, that of {what}",
            )

    def _check_future(self, name: str, paths: xr.DataArray) -> None:
        where = f"future of driver {name}"
        if set(paths.dims) != {"path", "period"}:
            raise InputError(f"dims {paths.dims}", where=where, expected="(path, period)")
        frequency = periods_of(paths).freqstr
        if frequency != self._periods.freqstr:
            raise InputError(
                f"periods of frequency {frequency}", where=where, expected=self._periods.freqstr
            )
        if not np.isfinite(paths.to_numpy()).all():
            raise InputError("values that are not finite numbers", where=where)


def _check_observed(name: str, values: pd.Series) -> None:
    first, last = values.first_valid_index(), values.last_valid_index()
    if first is None:
        raise InputError("no values", where=f"driver {name}", expected="at least one")
    span = values[first:last]
    faulty = span.index[~np.isfinite(span.to_numpy(dtype=float))]
    if len(faulty):
        raise InputError(
            f"no value for {format_period(faulty[0])}",
            where=f"driver {name}",
            expected="a number for every period from its first to its last",
        )
