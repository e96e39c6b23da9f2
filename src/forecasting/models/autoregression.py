"""Autoregression of the changes of a smooth stock, without a drift, with drivers that lead.

    r[t] = phi_1 r[t-1] + ... + phi_p r[t-p] + sum_j beta_j d_j[t-l_j] + e[t]

r is the change of log(1 + y) from one period to the next, less its season, and p is a year and one
period. There is no constant: a stock of persons keeps no trend of its own for ever, it has momentum
that fades. d_j is the mean change of driver j over three periods, l_j the periods by which it
leads. In the regressors a change counts up to four robust standard deviations, the rest of it moves
the level and no more (`forecasting.models.changes`). Coefficients are least squares. Their
uncertainty is left out of the paths, the errors are drawn from the residuals.

Source: Box, Jenkins, Reinsel and Ljung (2015), Time Series Analysis, chapters 7 and 12; robust
filtering of the regressors after Maronna, Martin, Yohai and Salibian-Barrera (2019), Robust
Statistics, doi:10.1002/9781119214656, chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from forecasting.errors import ModelError
from forecasting.models.changes import Changes, changes_of, measure_changes
from forecasting.models.common import paths_from_scale, require_complete, require_observations
from forecasting.models.drivers import Drivers
from forecasting.series import RegularSeries

SMOOTHED = 3
"""Periods over which the change of a driver is averaged."""

SPARE = 10
"""Changes to be explained beyond the number of coefficients."""


@dataclass(frozen=True)
class AutoregressionModel:
    """Recipe for the autoregression of changes; see the module.

    Attributes
    ----------
    drivers : Drivers or None
        Other series that move this one. A lead that does not stand in ``drivers.lags`` is found:
        the one from 0 to a year with the smallest sum of squares, each driver alone.
    """

    drivers: Drivers | None = None

    @property
    def name(self) -> str:
        """Name in tables and messages."""
        names = self.drivers.names if self.drivers else ()
        return f"autoregression-log{''.join(f' with {name}' for name in names)}"

    def minimum_length(self, season_length: int) -> int:
        """Fewest observations needed: ten changes more than there are coefficients."""
        n_drivers = len(self.drivers.names) if self.drivers else 0
        return 2 * (season_length + 1) + n_drivers + SPARE + 1

    def fit(self, series: RegularSeries) -> FittedAutoregression:
        """Estimate the coefficients; see `forecasting.models.Model`.

        Raises
        ------
        InputError
            If a driver has another frequency or is observed after the origin.
        ModelError
            If the series is too short or has gaps, or a driver covers too little of it.
        """
        require_complete(self.name, series)
        require_observations(self.name, series, self.minimum_length(series.season_length))
        changes = changes_of(series)
        driven = self._driver_changes(series)
        target = pd.Series(changes.clipped(changes.values), index=series.periods[1:])
        own = {-lag: target.shift(lag) for lag in range(1, series.season_length + 2)}
        regressors = pd.DataFrame(own)
        found: list[DriverChanges] = []
        for driver in driven:
            lead = driver.lead if driver.lead is not None else _find_lead(target, own, driver)
            found.append(replace(driver, lead=lead))
            regressors[driver.name] = driver.led(series.periods[1:], lead)
        known = regressors.notna().all(axis=1).to_numpy()
        _require_rows(self, series, int(known.sum()), regressors.shape[1])
        matrix = regressors.to_numpy()[known]
        coefficients = np.linalg.lstsq(matrix, target.to_numpy()[known], rcond=None)[0]
        errors = changes.values[known] - matrix @ coefficients
        spread = np.sqrt(len(errors) / (len(errors) - len(coefficients)))
        residuals = (errors - errors.mean()) * spread
        return FittedAutoregression(self, series, changes, tuple(found), coefficients, residuals)

    def _driver_changes(self, series: RegularSeries) -> list[DriverChanges]:
        if self.drivers is None:
            return []
        self.drivers.check_frequency(series.periods.freqstr, series.series_id)
        return [DriverChanges.of(self.drivers, name, series) for name in self.drivers.names]


@dataclass(frozen=True)
class DriverChanges:
    """Changes of one driver, as it was known at the origin.

    Attributes
    ----------
    name : str
    drivers : Drivers
        This driver alone, without a lag, and its future.
    in_logs : bool
        Whether changes are those of the logarithm: if it is above zero, observed and ahead.
    values : numpy.ndarray
        Observed values on that scale.
    changes : Changes
        Of the values.
    lead : int or None
        Periods by which it leads; None until it is found.
    """

    name: str
    drivers: Drivers
    in_logs: bool
    values: np.ndarray
    changes: Changes
    lead: int | None

    @classmethod
    def of(cls, drivers: Drivers, name: str, series: RegularSeries) -> Self:
        """Measure one of several drivers."""
        drivers.refuse_look_ahead(name, series.origin)
        known = drivers.observed[name].dropna()[: series.origin]
        future = drivers.future.get(name)
        if len(known) <= SMOOTHED:
            raise ModelError(
                f"driver {name} has {len(known)} values up to the origin of {series.series_id}; "
                f"expected: more than {SMOOTHED}"
            )
        in_logs = known.min() > 0 and (future is None or float(future.min()) > 0)
        values = known.to_numpy(dtype=float)
        values = np.log(values) if in_logs else values
        ahead = {} if future is None else {name: future}
        alone = Drivers(known.to_frame(name), ahead)
        changes = measure_changes(values, pd.PeriodIndex(known.index))
        return cls(name, alone, in_logs, values, changes, drivers.lags.get(name))

    def led(self, periods: pd.PeriodIndex, lead: int) -> np.ndarray:
        """Mean change over three periods, so many periods before; NaN where not known."""
        last = self.changes.origin
        usual = self.changes.clipped(self.changes.values)
        index = pd.period_range(end=last, periods=len(usual), freq=last.freq)
        smooth = pd.Series(usual, index=index).rolling(SMOOTHED).mean()
        return smooth.reindex(periods - lead).to_numpy()

    def ahead(
        self, origin: pd.Period, horizon: int, n_paths: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Mean changes that belong to the periods after `origin`, shape ``(n_paths, horizon)``."""
        last, lead = self.changes.origin, self.lead or 0
        lacking = max((origin - last).n + horizon - lead, 0)
        values = np.tile(self.values, (n_paths, 1))
        if lacking:
            drawn = self.drivers.after(last, lacking, n_paths, rng)[:, :, 0]
            values = np.hstack([values, np.log(drawn) if self.in_logs else drawn])
        end = last + lacking
        steps = np.diff(values, axis=1)
        periods = pd.period_range(end=end, periods=steps.shape[1], freq=end.freq)
        usual = self.changes.clipped(steps - self.changes.season_at(periods))
        smooth = np.lib.stride_tricks.sliding_window_view(usual, SMOOTHED, axis=1).mean(axis=2)
        stop = smooth.shape[1] - (end - (origin + horizon - lead)).n
        return np.asarray(smooth[:, stop - horizon : stop])


@dataclass(frozen=True)
class FittedAutoregression:
    """A fitted autoregression of changes; see `forecasting.models.FittedModel`.

    Attributes
    ----------
    recipe : AutoregressionModel
    series : RegularSeries
    changes_ : Changes
        What was regressed.
    drivers_ : tuple of DriverChanges
        With the leads that were found.
    coefficients_ : numpy.ndarray
        phi, then one beta a driver.
    residuals_ : numpy.ndarray
        What the errors are drawn from; their mean is 0.
    """

    recipe: AutoregressionModel
    series: RegularSeries
    changes_: Changes
    drivers_: tuple[DriverChanges, ...]
    coefficients_: np.ndarray
    residuals_: np.ndarray

    @property
    def leads_(self) -> dict[str, int]:
        """Periods by which each driver leads."""
        return {driver.name: driver.lead or 0 for driver in self.drivers_}

    def simulate(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Draw joint sample paths, shape ``(n_paths, horizon)``, never negative.

        Raises
        ------
        InputError
            If a driver's future is shorter than the horizon.
        ModelError
            If a path runs to infinity.
        """
        changes = self.changes_
        order = changes.season_length + 1
        phi = self.coefficients_[:order]
        moved = rng.choice(self.residuals_, size=(n_paths, horizon))
        moved += self._driven(horizon, n_paths, rng)
        history = np.tile(changes.clipped(changes.values[: -order - 1 : -1]), (n_paths, 1))
        for step in range(horizon):
            moved[:, step] += history @ phi
            history = np.roll(history, 1, axis=1)
            history[:, 0] = changes.clipped(moved[:, step])
        values = changes.level + np.cumsum(moved + changes.season_ahead(horizon), axis=1)
        return paths_from_scale(values, self.series, scale="log", name=self.recipe.name)

    def _driven(self, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        total = np.zeros((n_paths, horizon))
        seed = int(rng.integers(2**32))  # the same paths of all drivers belong together
        betas = self.coefficients_[len(self.coefficients_) - len(self.drivers_) :]
        for driver, beta in zip(self.drivers_, betas, strict=True):
            own = np.random.default_rng(seed)
            total += beta * driver.ahead(self.series.origin, horizon, n_paths, own)
        return total


def _find_lead(target: pd.Series, own: dict[int, pd.Series], driver: DriverChanges) -> int:
    """Lead with the smallest sum of squares, all leads compared on the same periods."""
    periods = pd.PeriodIndex(target.index)
    leads = range(driver.changes.season_length + 1)
    columns = pd.DataFrame(
        {**own, **{lead: driver.led(periods, lead) for lead in leads}}, index=periods
    )
    known = columns.notna().all(axis=1)
    lags, values = columns.loc[known, list(own)].to_numpy(), target[known].to_numpy()
    if len(values) <= len(own) + 1:
        raise ModelError(
            f"driver {driver.name} and the series have {len(values)} periods in common; expected: "
            f"more than {len(own) + 1}"
        )
    return min(leads, key=lambda lead: _squares(lags, columns.loc[known, lead].to_numpy(), values))


def _squares(lags: np.ndarray, driver: np.ndarray, values: np.ndarray) -> float:
    matrix = np.column_stack([lags, driver])
    errors = values - matrix @ np.linalg.lstsq(matrix, values, rcond=None)[0]
    return float(errors @ errors)


def _require_rows(
    model: AutoregressionModel, series: RegularSeries, rows: int, coefficients: int
) -> None:
    if rows < coefficients + SPARE:
        raise ModelError(
            f"{model.name} on {series.series_id}: {rows} periods to estimate {coefficients} "
            f"coefficients from; expected: {coefficients + SPARE} or more"
        )
