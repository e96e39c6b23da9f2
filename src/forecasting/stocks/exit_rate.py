"""A stock that follows from its inflow by one number, the exit rate; and its benchmark.

Where no length of stay and no capacity is known, the stock at the end of a period is what is left
of the one before and of the inflow, if everybody leaves at the same hazard theta::

    stock_t = stock_(t-1) e^(-theta) + inflow_t (1 - e^(-theta)) / theta

Both models have the same form: ``fit(stock, inflow, window=...)`` returns something with
``project(inflow_paths, n_paths=..., rng=...)``. How well they did stands in
docs/adr/0016-stock-models.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view

from forecasting.paths import make_paths, periods_of
from forecasting.series import RegularSeries
from forecasting.stocks.fitted_stock import FittedStock, aligned, inflow_of

_LOWEST, _HIGHEST = 1e-4, 20.0  # exit rates looked at, per period
_LEAST = 0.5  # of a person: what a stock of 0 counts as under a logarithm
_ROUNDS = 12
_MAD = 1.4826  # median absolute error -> standard deviation of a normal distribution
_ORDINARY = 1.5  # largest error, in robust standard deviations, that counts in full


@dataclass(frozen=True)
class ExitRate:
    """The exit-rate model, fitted; see `fit_exit_rate`.

    Attributes
    ----------
    stock : RegularSeries
        What it was fitted to.
    theta_ : float
        Exit rate per period over the last window.
    standard_error_ : float
        Of log theta.
    drift_ : float
        Standard deviation of the change of log theta from one period to the next.
    window_ : int
        Periods of a window.
    residuals_ : numpy.ndarray
        Log ratio of the stock to what the model gave for it one period ahead, with the theta of
        the window that ended before.
    autocorrelation_ : float
        Of the residuals, from one to the next.
    """

    stock: RegularSeries
    theta_: float
    standard_error_: float
    drift_: float
    window_: int
    residuals_: np.ndarray
    autocorrelation_: float

    def project(
        self, inflow_paths: xr.DataArray, *, n_paths: int, rng: np.random.Generator
    ) -> xr.DataArray:
        """Draw joint paths of the stock; see `FittedStock`.

        On each path log theta starts at a draw around its estimate and goes on as a random walk;
        the residuals follow a first-order autoregression with resampled innovations.
        """
        inflow = inflow_of(inflow_paths, self.stock, n_paths)
        horizon = inflow.shape[1]
        log_theta = self._log_thetas(n_paths, horizon, rng)
        errors = self._errors(n_paths, horizon, rng)
        paths = np.empty((n_paths, horizon))
        now = np.full(n_paths, float(self.stock.values.iloc[-1]))
        for step in range(horizon):
            theta = np.exp(log_theta[:, step])
            now = _expected(now, inflow[:, step], theta) * np.exp(errors[:, step])
            paths[:, step] = now
        return make_paths(paths, periods_of(inflow_paths), unit=self.stock.unit, kind="stock")

    def _log_thetas(self, n_paths: int, horizon: int, rng: np.random.Generator) -> np.ndarray:
        # a window's theta is that of its middle: a third of its periods' drift lies in between
        start = np.hypot(self.standard_error_, self.drift_ * np.sqrt(self.window_ / 3))
        first = np.log(self.theta_) + start * rng.standard_normal((n_paths, 1))
        steps = self.drift_ * rng.standard_normal((n_paths, horizon))
        walk = first + np.cumsum(steps, axis=1)
        return np.asarray(np.clip(walk, np.log(_LOWEST), np.log(_HIGHEST)))

    def _errors(self, n_paths: int, horizon: int, rng: np.random.Generator) -> np.ndarray:
        kept, residuals = self.autocorrelation_, self.residuals_
        innovations = residuals[1:] - kept * residuals[:-1]
        drawn = rng.choice(innovations - innovations.mean(), size=(n_paths, horizon))
        now = np.full(n_paths, residuals[-1])
        for step in range(horizon):
            now = kept * now + drawn[:, step]
            drawn[:, step] = now
        return np.asarray(drawn)


@dataclass(frozen=True)
class LastValue:
    """The last stock carried forward, the benchmark; see `fit_last_value`.

    Attributes
    ----------
    stock : RegularSeries
        What it was fitted to.
    changes_ : numpy.ndarray
        Changes of log(1 + stock) from one period to the next.
    window_ : int
        Consecutive changes that are drawn together.
    """

    stock: RegularSeries
    changes_: np.ndarray
    window_: int

    def project(
        self, inflow_paths: xr.DataArray, *, n_paths: int, rng: np.random.Generator
    ) -> xr.DataArray:
        """Draw joint paths of the stock; see `FittedStock`. The inflow plays no part.

        Blocks of past changes are drawn, each forwards or with the opposite sign, so that the
        median stays at the last value.
        """
        horizon = inflow_of(inflow_paths, self.stock, n_paths).shape[1]
        length = min(self.window_, len(self.changes_))
        n_blocks = -(-horizon // length)
        starts = rng.integers(0, len(self.changes_) - length + 1, size=(n_paths, n_blocks))
        signs = rng.choice([-1.0, 1.0], size=(n_paths, n_blocks, 1))
        blocks = self.changes_[starts[..., None] + np.arange(length)] * signs
        drawn = blocks.reshape(n_paths, -1)[:, :horizon]
        last = np.log1p(float(self.stock.values.iloc[-1]))
        paths = np.maximum(np.expm1(last + np.cumsum(drawn, axis=1)), 0)
        return make_paths(paths, periods_of(inflow_paths), unit=self.stock.unit, kind="stock")


def fit_exit_rate(
    stock: RegularSeries, inflow: RegularSeries, *, window: int | None = None
) -> ExitRate:
    """Estimate the exit rate over the last periods, and how it has shifted before.

    Theta is Huber's estimate on the relative errors log(stock_t / expected_t) of the last `window`
    periods: beyond 1.5 robust standard deviations errors count linearly, so that a stock counted
    anew in one month does not pass for exits. The same is done in every earlier window. With q the
    variance of the change of log theta per period, two windows that touch differ by a variance of
    2/3 window q and twice the squared standard error; the drift is what that leaves.

    Parameters
    ----------
    stock : RegularSeries
        At the end of each period.
    inflow : RegularSeries
        Of each period, of the same frequency; observed for every period of the stock but perhaps
        the earliest, which are left out.
    window : int, optional
        Periods to estimate over, 2 or more. Default: a year's.

    Returns
    -------
    ExitRate

    Raises
    ------
    InputError
        If the two series do not fit each other or the window is below 2.
    ModelError
        If there are fewer than two windows and one period.

    References
    ----------
    P. J. Huber (1964), Robust estimation of a location parameter, Annals of Mathematical Statistics
    35(1), 73-101, doi:10.1214/aoms/1177703732.
    """
    window = _a_year(stock) if window is None else window
    before, came, after = aligned(stock, inflow, window)
    log_thetas, standard_errors = _rolling(before, came, after, window)
    ahead = (known[window:] for known in (before, came, after))
    errors = _log_ratio(*ahead, theta=np.exp(log_thetas[:-1]))
    apart = log_thetas[window:] - log_thetas[:-window]
    noise = standard_errors[window:] ** 2 + standard_errors[:-window] ** 2
    shifted = max(float(np.mean(apart**2 - noise)), 0.0)
    return ExitRate(
        stock,
        theta_=float(np.exp(log_thetas[-1])),
        standard_error_=float(standard_errors[-1]),
        drift_=float(np.sqrt(shifted * 1.5 / window)),
        window_=window,
        residuals_=errors,
        autocorrelation_=_autocorrelation(errors),
    )


def rolling_exit_rates(
    stock: RegularSeries, inflow: RegularSeries, *, window: int | None = None
) -> pd.DataFrame:
    """Estimate the exit rate over every window; arguments and errors as `fit_exit_rate`.

    Returns
    -------
    pandas.DataFrame
        Indexed by the last period of each window; columns ``log_theta`` and ``standard_error``,
        its standard error, at most 1.
    """
    window = _a_year(stock) if window is None else window
    log_thetas, standard_errors = _rolling(*aligned(stock, inflow, window), window)
    ends = pd.period_range(end=stock.origin, periods=len(log_thetas), name="period")
    return pd.DataFrame({"log_theta": log_thetas, "standard_error": standard_errors}, index=ends)


def fit_last_value(
    stock: RegularSeries, inflow: RegularSeries, *, window: int | None = None
) -> LastValue:
    """Collect the past changes of a stock; arguments and errors as `fit_exit_rate`."""
    window = _a_year(stock) if window is None else window
    _, _, after = aligned(stock, inflow, window)
    return LastValue(stock, np.diff(np.log1p(after)), window)


STOCK_MODELS: dict[str, Callable[..., FittedStock]] = {
    "exit_rate": fit_exit_rate,
    "last_value": fit_last_value,
}
"""Models of a stock by name, the default one first; called as ``fit(stock, inflow)``."""


def _a_year(stock: RegularSeries) -> int:
    return max(2, stock.season_length)


def _expected(before: np.ndarray, inflow: np.ndarray, theta: np.ndarray) -> np.ndarray:
    return np.asarray(before * np.exp(-theta) - inflow * np.expm1(-theta) / theta)


def _log_ratio(
    before: np.ndarray, came: np.ndarray, after: np.ndarray, *, theta: np.ndarray
) -> np.ndarray:
    expected = _expected(before, came, theta)
    return np.asarray(np.log(np.maximum(after, _LEAST) / np.maximum(expected, _LEAST)))


def _slope(before: np.ndarray, came: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Derivative of the log ratio by log theta."""
    stays = np.exp(-theta)
    change = -before * stays + came * (stays * theta + np.expm1(-theta)) / theta**2
    expected = _expected(before, came, theta)
    return np.where(expected > _LEAST, -theta * change / np.maximum(expected, _LEAST), 0.0)


def _rolling(
    before: np.ndarray, came: np.ndarray, after: np.ndarray, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log theta of every window and its standard error."""
    grid = np.geomspace(_LOWEST, _HIGHEST, 200)
    sizes = np.abs(_log_ratio(before[:, None], came[:, None], after[:, None], theta=grid))
    log_thetas = np.log(grid)[sliding_window_view(sizes, window, axis=0).sum(axis=2).argmin(axis=1)]
    was, entered, became = (sliding_window_view(v, window) for v in (before, came, after))
    for _ in range(_ROUNDS):  # reweighted Gauss-Newton from the best point of the grid
        theta = np.exp(log_thetas)[:, None]
        errors, slopes = _log_ratio(was, entered, became, theta=theta), _slope(was, entered, theta)
        weights = _weights(errors, became)
        pull = (weights * errors * slopes).sum(axis=1)
        steps = pull / np.maximum((weights * slopes**2).sum(axis=1), 1e-12)
        log_thetas = np.clip(
            log_thetas - np.clip(steps, -0.1, 0.1), np.log(_LOWEST), np.log(_HIGHEST)
        )
    variance = ((weights * errors) ** 2).sum(axis=1) / (window - 1)
    ordinary = (weights == 1).mean(axis=1)
    information = np.maximum((slopes**2).sum(axis=1), 1e-12)
    return log_thetas, np.minimum(np.sqrt(variance / information) / ordinary, 1.0)


def _weights(errors: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Huber's weight of every error of a window: 1 for an ordinary one."""
    counting = 1 / np.sqrt(np.maximum(after.mean(axis=1, keepdims=True), _LEAST))
    spread = np.maximum(_MAD * np.median(np.abs(errors), axis=1, keepdims=True), counting)
    largest = _ORDINARY * spread
    return np.asarray(largest / np.maximum(np.abs(errors), largest))


def _autocorrelation(errors: np.ndarray) -> float:
    earlier, later = errors[:-1], errors[1:]
    total = float((errors**2).sum())
    return float(np.clip((earlier * later).sum() / total, -0.95, 0.95)) if total else 0.0
