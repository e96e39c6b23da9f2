"""Persons present at the start: how many, how long they have been there, how long they remain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.periods import format_period
from forecasting.stocks.length_of_stay import LengthOfStay, check_ages, presence_weights

AGES = ("equilibrium", "fresh", "known", "back_calculated")


@dataclass(frozen=True)
class InitialStock:
    """Persons present at the start, and what is assumed of the time they have been there.

    Attributes
    ----------
    count : int or None
        Persons present at the start. None, only with ages ``back_calculated``: as many as are left
        of the observed arrivals, which is a random number.
    ages : {"equilibrium", "fresh", "known", "back_calculated"} or None
        ``equilibrium``: as if arrivals had been the same for ever. ``fresh``: everybody entered at
        the start. ``known``: in `known_ages`. ``back_calculated``: those left of the arrivals
        observed before the start (`Arrivals.observed`). None only if nobody is present.
    known_ages : numpy.ndarray or None
        Periods each person has been present, shape ``(count,)``.

    Raises
    ------
    InputError
        If the count is not a whole number, the assumption is missing or unknown, or the known ages
        do not fit it.
    """

    count: int | None
    ages: str | None = None
    known_ages: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.count is None and self.ages != "back_calculated":
            raise InputError(
                "an initial stock without a count",
                expected="a count, or ages 'back_calculated' from observed arrivals",
            )
        if self.count is not None and not (0 <= self.count < np.inf and self.count % 1 == 0):
            raise InputError(
                f"initial stock of {self.count:g}", expected="a whole number of persons, 0 or more"
            )
        if (self.ages is None and self.count) or self.ages not in (None, *AGES):
            found = f"ages '{self.ages}'" if self.ages else "no ages"
            raise InputError(
                f"{found} of an initial stock of {self.count}",
                expected=", ".join(AGES),
                action="say how long those present have been there",
            )
        self._check_known()

    def _check_known(self) -> None:
        if (self.ages == "known") != (self.known_ages is not None):
            raise InputError(
                f"ages '{self.ages}' {'without' if self.known_ages is None else 'with'} known ages",
                expected="known ages exactly where ages is 'known'",
            )
        if self.known_ages is None:
            return
        ages = np.asarray(self.known_ages, dtype=float)
        if ages.shape != (self.count,):
            raise InputError(
                f"known ages of shape {ages.shape} for {self.count} persons",
                expected="one age per person",
            )
        if not (np.isfinite(ages) & (ages >= 0)).all():
            raise InputError(
                f"known ages as low as {ages.min():g}", expected="finite, 0 periods or more"
            )


def stock_from_entries(entries: Iterable[object], start: pd.Period) -> InitialStock:
    """Turn the entry dates of those present into an initial stock with known ages.

    Ages are counted in periods by the calendar, from the middle of the day of entry: with months,
    an entry on 15 of 30 days is 14.5/30 into its month.

    Parameters
    ----------
    entries : iterable of date
        Entry dates of everybody present at the start (dates, timestamps or ISO text).
    start : pandas.Period
        First projected period; the stock is counted right before it.

    Returns
    -------
    InitialStock

    Raises
    ------
    InputError
        If an entry is no date, or lies in the first projected period or later: such persons are
        among the arrivals.
    """
    listed = pd.Series(list(entries), dtype=object)
    dates = pd.to_datetime(listed, errors="coerce", format="ISO8601")
    if dates.isna().any():
        row = int(dates.isna().to_numpy().argmax())
        raise InputError(
            f"entry date '{listed[row]}'", where=f"entry {row + 1}", expected="a date, YYYY-MM-DD"
        )
    late = (dates >= start.start_time).to_numpy()
    if late.any():
        row = int(late.argmax())
        raise InputError(
            f"entry date {dates[row]:%Y-%m-%d} is not before the start {format_period(start)}",
            where=f"entry {row + 1}",
            expected=f"entries up to {(start - 1).end_time:%Y-%m-%d}",
            action="leave later entries to the arrivals, or move the start",
        )
    periods = pd.PeriodIndex(dates.dt.to_period(start.freqstr))
    first_days = periods.to_timestamp()
    days = ((periods + 1).to_timestamp() - first_days).days.to_numpy()
    passed = ((pd.DatetimeIndex(dates).normalize() - first_days).days.to_numpy() + 0.5) / days
    ages = start.ordinal - (periods.astype("int64").to_numpy() + passed)
    return InitialStock(len(ages), "known" if len(ages) else None, ages if len(ages) else None)


def initial_numbers(initial: InitialStock, observed: pd.Series | None) -> np.ndarray:
    """Return the persons of each cohort of the initial stock, shape ``(n_cohorts,)``.

    A cohort is alike in age: everybody, or one known age, or one observed period of arrivals.
    """
    if initial.count is None:
        return _counts(observed).astype(np.int64)
    if not initial.count:
        return np.zeros(0, dtype=np.int64)
    if initial.known_ages is not None:
        return np.unique(initial.known_ages, return_counts=True)[1]
    return np.array([initial.count], dtype=np.int64)


def initial_presence(
    initial: InitialStock, stay: LengthOfStay, horizon: int, observed: pd.Series | None
) -> np.ndarray:
    r"""Chance that a person of each cohort of the initial stock is present.

    At the start and after :math:`t = 1, \dots, h` periods: :math:`1 - I(t)/m` in equilibrium,
    :math:`S(t)` if fresh, :math:`S(a + t) / S(a)` at a known age a. Back-calculated from
    observed arrivals :math:`a_j`, j periods before the first projected one, a person of them is
    present with chance :math:`w_{j-1+t}`; with the count given, a person who is present at the
    start still is with chance :math:`\sum_j a_j w_{j-1+t} / \sum_j a_j w_{j-1}`.

    Parameters
    ----------
    initial : InitialStock
    stay : LengthOfStay
    horizon : int
        Number h of periods.
    observed : pandas.Series or None
        `Arrivals.observed`.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_cohorts, horizon + 1)``, rows as in `initial_numbers`, never rising.

    Raises
    ------
    InputError
        If a known age is beyond the longest stay, or a count stands against observed arrivals of
        whom nobody can be left.
    """
    after = np.arange(horizon + 1.0)
    if initial.count == 0:
        return np.zeros((0, horizon + 1))
    if initial.ages == "equilibrium":
        return (1 - stay.integrated_survival(after) / stay.mean)[None, :].clip(0, 1)
    if initial.ages == "fresh":
        return stay.survival(after)[None, :]
    if initial.known_ages is not None:
        ages = np.unique(initial.known_ages)
        present = stay.survival(ages)
        check_ages(ages, present)
        return np.asarray(stay.survival(ages[:, None] + after) / present[:, None])
    counts = _counts(observed)
    weights = presence_weights(stay, len(counts) + horizon)
    presence = np.array([weights[ago : ago + horizon + 1] for ago in range(len(counts))])[::-1]
    if initial.count is None:
        return presence
    return _share_left(counts @ presence, initial.count)[None, :]


def draw_remaining(
    initial: InitialStock,
    stay: LengthOfStay,
    rng: np.random.Generator,
    *,
    observed: pd.Series | None = None,
) -> np.ndarray:
    """Draw the remaining stays of everybody present at the start, one path.

    Parameters
    ----------
    initial : InitialStock
    stay : LengthOfStay
    rng : numpy.random.Generator
    observed : pandas.Series, optional
        `Arrivals.observed`, where the initial stock is back-calculated.

    Returns
    -------
    numpy.ndarray
        Remaining stays in periods, shape ``(n_present,)``.

    Raises
    ------
    InputError
        As `initial_presence`.
    """
    if initial.count == 0:
        return np.zeros(0)
    if initial.known_ages is not None:
        return stay.draw_residual(np.asarray(initial.known_ages, dtype=float), rng)
    if initial.count is not None and initial.ages == "equilibrium":
        return stay.draw_equilibrium(int(initial.count), rng)
    if initial.count is not None and initial.ages == "fresh":
        return stay.draw(int(initial.count), rng)
    counts = _counts(observed)[::-1]
    weights = presence_weights(stay, len(counts))
    if initial.count is None:
        left = rng.binomial(counts.astype(np.int64), weights)
    else:
        expected = counts * weights
        _share_left(expected.sum(keepdims=True), initial.count)
        left = rng.multinomial(int(initial.count), expected / expected.sum())
    return stay.draw_residual(_draw_ages(np.repeat(np.arange(len(left)), left), stay, rng), rng)


def unseen_share(stay: LengthOfStay, observed: pd.Series | None) -> float:
    """Share of a stock in equilibrium that entered before the first observed arrivals."""
    reach = np.array([float(len(_counts(observed)))])
    return float(1 - stay.integrated_survival(reach)[0] / stay.mean)


def _draw_ages(since: np.ndarray, stay: LengthOfStay, rng: np.random.Generator) -> np.ndarray:
    """Draw the age of each person present, `since` to `since` + 1 periods, denser where S is."""
    ages = np.empty(len(since))
    open_ = np.arange(len(since))
    while len(open_):
        tried = since[open_] + rng.random(len(open_))
        kept = rng.random(len(open_)) * stay.survival(since[open_]) < stay.survival(tried)
        ages[open_[kept]] = tried[kept]
        open_ = open_[~kept]
    return ages


def _counts(observed: pd.Series | None) -> np.ndarray:
    if observed is None:
        raise InputError(
            "a back-calculated initial stock without arrivals before the start",
            expected="observed arrivals up to the start",
        )
    return observed.to_numpy(dtype=float)


def _share_left(expected: np.ndarray, count: int) -> np.ndarray:
    if not expected[0] > 0:
        raise InputError(
            f"{count:g} persons present at the start, of observed arrivals nobody of whom is left",
            expected="arrivals and a length of stay that reach to the start",
        )
    return np.asarray(expected / expected[0])
