"""Length of stay from published counts: leavers by length band, with entries and stock.

No person is followed. For a survival S and arrivals spread evenly within each period, of the
entries of period j those that leave k periods later with a length in band b are expected to be

    q(k, b) = integral over b of f(u) max(0, 1 - |u - k|) du,

and those present at the end of the last period the integral of S over the age they have then. The
counts of leavers by period and band, and the last stock, are compared with these expectations. The
stays are not selected by length this way: long ones that have not ended are in the stock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.periods import FREQUENCY_NAMES, SEASON_LENGTH, format_period, frequency_of
from forecasting.stocks.duration_units import periods_per
from forecasting.stocks.length_of_stay import LengthOfStay
from forecasting.stocks.stay_estimation import (
    FAMILIES,
    Objective,
    StayEstimate,
    best_estimate,
    families_to_try,
)

_SMALLEST = 1e-12  # expected count of a cell that a distribution rules out


@dataclass(frozen=True, eq=False)
class BandedCounts:
    """Entries, leavers by length band and stock of one population, in the same periods.

    Attributes
    ----------
    entries : pandas.Series
        Persons entering per period; may begin before the leavers do.
    leavers : pandas.DataFrame
        Persons leaving, one row a period, one column a length band, from the shortest.
    stock : pandas.Series or pandas.DataFrame
        Persons present at the end of a period, or the same by length band (the columns of
        `leavers`): of the last period of the leavers, and of that before the first one if known.
        Those in between follow from entries and leavers, and are not used.
    band_starts : tuple of float
        Shortest stay of each band: 0 for the first one, the end of a band is the start of the next
        and not part of it; the last one has no end.
    unit : {"days", "months", "quarters", "years"}
        Unit of `band_starts`. The periods of the tables may be longer or shorter.

    Raises
    ------
    InputError
        If the tables differ in frequency, have gaps, miss a period they need, hold counts that are
        negative, fractional or missing, or the bands do not rise from 0.
    """

    entries: pd.Series
    leavers: pd.DataFrame
    stock: pd.Series | pd.DataFrame
    band_starts: tuple[float, ...]
    unit: str

    def __post_init__(self) -> None:
        for name, table in (
            ("leavers", self.leavers),
            ("entries", self.entries),
            ("stock", self.stock),
        ):
            _check_counts(name, table)
            _check_frequency(name, table, self.leavers)
            if name != "stock":
                _check_gaps(name, table)
        self._check_periods()
        self._check_bands()

    @property
    def frequency(self) -> str:
        """Length of a period: ``M``, ``Q`` or ``Y``."""
        return frequency_of(_periods(self.leavers))

    def _check_periods(self) -> None:
        first, last = (self.leavers.index[place] for place in (0, -1))
        for name, table in (("entries", self.entries), ("stock", self.stock)):
            if last not in table.index or (name == "entries" and first not in table.index):
                raise InputError(
                    f"{name} from {_span(table)}",
                    expected=f"the periods of the leavers, {_span(self.leavers)}",
                )

    def _check_bands(self) -> None:
        periods_per(self.unit, self.frequency, where="band_starts")
        starts = np.array(self.band_starts)
        if len(starts) != self.leavers.shape[1]:
            raise InputError(
                f"{len(starts)} band starts",
                expected=f"{self.leavers.shape[1]}, one a column of the leavers",
            )
        if starts[0] != 0 or not np.isfinite(starts).all() or (np.diff(starts) <= 0).any():
            raise InputError(f"band starts {self.band_starts}", expected="rising from 0")
        columns = list(self.leavers.columns)
        if isinstance(self.stock, pd.DataFrame) and list(self.stock.columns) != columns:
            raise InputError(
                f"stock by the bands {', '.join(map(str, self.stock.columns))}",
                expected=f"those of the leavers: {', '.join(map(str, columns))}",
            )


def estimate_from_bands(counts: BandedCounts, *, distribution: str | None = None) -> StayEstimate:
    """Estimate a length of stay from leavers by length band, entries and stock.

    The counts y have expectations mu and variance phi mu: quasi-likelihood, with

        log Q = (sum of y log mu - mu) / phi

    and the dispersion phi after Fletcher (2012), at least 1. Entries before the first known period
    are taken as constant: such that the stock before the first period is the one given, or, where
    it is not, the mean of the first year. The stay is taken as the same for all.

    Parameters
    ----------
    counts : BandedCounts
        Entries, leavers and stock.
    distribution : {"exponential", "weibull", "lognormal", "gamma"}, optional
        Default: the one with the smallest criterion 2 p - 2 log Q, phi that of the best fit.

    Returns
    -------
    StayEstimate

    Raises
    ------
    InputError
        If the distribution cannot be estimated.
    ModelError
        If there are too few leavers, or they do not determine the parameters.

    References
    ----------
    R. W. M. Wedderburn (1974), Quasi-likelihood functions, generalized linear models, and the
    Gauss-Newton method, Biometrika 61(3), 439-447, doi:10.1093/biomet/61.3.439. D. J. Fletcher
    (2012), Estimating overdispersion when fitting a generalized linear model to sparse data,
    Biometrika 99(1), 230-237, doi:10.1093/biomet/asr083.
    """
    design = _design(counts)
    return best_estimate(
        {name: _minus_log_quasi_likelihood(design, name) for name in families_to_try(distribution)},
        n_exits=int(design.observed_leavers.sum()),
        rough_mean=max(float(design.observed_stock.sum() / max(design.arrived[-1].mean(), 1)), 0.1),
        dispersion_of=lambda stay, n_parameters: _dispersion(design, stay, n_parameters),
    )


@dataclass(frozen=True, eq=False)
class _Design:
    """What the expectations are computed from; T periods of entries, n of leavers, B bands."""

    arrived: np.ndarray  # entries k periods before the end of each period, shape (T, T)
    n_leavers: int
    entries_before: float | None  # per period; None: they give `stock_before`
    stock_before: float
    starts: np.ndarray  # of the bands in periods, shape (B,)
    observed_leavers: np.ndarray  # (n, B)
    observed_stock: np.ndarray  # (B,), or (1,) for the total

    @property
    def observed(self) -> np.ndarray:
        return np.concatenate([self.observed_leavers.ravel(), self.observed_stock])

    def expected(self, stay: LengthOfStay) -> np.ndarray:
        """Return the expectation of `observed`."""
        before = self.entries_before
        steady = self.stock_before / stay.mean if before is None else before
        ends = np.append(self.starts[1:], np.inf)
        ramps = _ramps(stay, np.arange(-1, len(self.arrived) + 1), self.starts, ends)
        leaving = self.arrived @ np.diff(ramps, 2, axis=0) - steady * np.diff(ramps[1:], axis=0)
        whole = len(self.observed_stock) == 1
        bounds = (np.zeros(1), np.array([np.inf])) if whole else (self.starts, ends)
        areas = _areas(stay, np.arange(len(self.arrived) + 1), *bounds)
        present = self.arrived[-1] @ -np.diff(areas, axis=0) + steady * areas[-1]
        mu = np.concatenate([leaving[-self.n_leavers :].ravel(), present])
        return np.asarray(np.maximum(mu, _SMALLEST))


def _ramps(
    stay: LengthOfStay, ages: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """Return the integral of f(u) max(0, u - age) over each band, shape (age, band).

    By parts it is (c - age) S(c) - (end - age) S(end) + I(end) - I(c), c = max(start, age).
    """
    age = ages[:, np.newaxis]
    begun = np.maximum(starts, age)
    last = np.where(np.isfinite(ends), ends, 0.0)  # S(u) (u - age) vanishes without an end
    still = np.where(np.isfinite(ends), (last - age) * stay.survival(last), 0.0)
    left = (begun - age) * stay.survival(begun) - still
    return np.where(begun < ends, left + _areas(stay, ages, starts, ends), 0.0)


def _areas(
    stay: LengthOfStay, ages: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """Return the integral of S over the part of each band from an age on, shape (age, band)."""
    begun = np.maximum(starts, ages[:, np.newaxis])
    last = np.where(np.isfinite(ends), ends, 0.0)
    area = np.where(np.isfinite(ends), stay.integrated_survival(last), stay.mean)
    return np.where(begun < ends, area - stay.integrated_survival(begun), 0.0)


def _design(counts: BandedCounts) -> _Design:
    last = counts.leavers.index[-1]
    entries = counts.entries.loc[:last].to_numpy(dtype=float)
    lags = np.subtract.outer(np.arange(len(entries)), np.arange(len(entries)))
    stock = counts.stock
    total = stock.sum(axis=1) if isinstance(stock, pd.DataFrame) else stock
    before = counts.leavers.index[0] - 1
    known = len(entries) == len(counts.leavers) and before in total.index
    year = SEASON_LENGTH[counts.frequency]
    return _Design(
        arrived=np.where(lags >= 0, entries[lags], 0.0),
        n_leavers=len(counts.leavers),
        entries_before=None if known else float(entries[:year].mean()),
        stock_before=float(total.loc[before]) if known else 0.0,
        starts=np.array(counts.band_starts) * periods_per(counts.unit, counts.frequency),
        observed_leavers=counts.leavers.to_numpy(dtype=float),
        observed_stock=np.atleast_1d(np.asarray(stock.loc[last], dtype=float)),
    )


def _minus_log_quasi_likelihood(design: _Design, name: str) -> Objective:
    """Return it for a dispersion of 1."""
    observed = design.observed

    def minus_log_quasi_likelihood(theta: np.ndarray) -> float:
        expected = design.expected(FAMILIES[name].stay(theta))
        return float(np.sum(expected - observed * np.log(expected)))

    return minus_log_quasi_likelihood


def _dispersion(design: _Design, stay: LengthOfStay, n_parameters: int) -> float:
    expected = design.expected(stay)
    excess = design.observed - expected
    pearson = np.sum(excess**2 / expected) / (len(expected) - n_parameters)
    return max(1.0, float(pearson / (1 + np.mean(excess / expected))))


def _periods(table: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    return pd.PeriodIndex(table.index)


def _span(table: pd.Series | pd.DataFrame) -> str:
    return f"{format_period(table.index[0])} to {format_period(table.index[-1])}"


def _check_counts(name: str, table: pd.Series | pd.DataFrame) -> None:
    if not isinstance(table.index, pd.PeriodIndex) or table.size == 0:
        raise InputError(f"{name} without periods", expected="an index of pandas periods")
    if table.index.has_duplicates:
        raise InputError(f"{name} with a period twice", expected="each period once")
    values = np.atleast_2d(np.asarray(table, dtype=float).T).T
    wrong = ~((values >= 0) & (values == np.round(values)))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"{name} {values[row, column]:g} in {format_period(table.index[row])}",
            expected="whole counts of persons, 0 or more",
        )


def _check_frequency(name: str, table: pd.Series | pd.DataFrame, leavers: pd.DataFrame) -> None:
    found, wanted = (FREQUENCY_NAMES[frequency_of(_periods(t))] for t in (table, leavers))
    if found != wanted:
        raise InputError(
            f"{found} {name} with {wanted} leavers by length band",
            expected="tables of one frequency",
            action="sum flows to the longer period and take the stock at its end",
        )


def _check_gaps(name: str, table: pd.Series | pd.DataFrame) -> None:
    index = _periods(table)
    if list(index) != list(pd.period_range(index[0], index[-1])):
        raise InputError(
            f"{name} with a gap or out of order, {_span(table)}",
            expected="each period in order",
        )
