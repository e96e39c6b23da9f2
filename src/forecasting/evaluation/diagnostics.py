r"""Whether past intervals held what they promise, beside what chance does to few dependent cases.

Forecasts from neighbouring origins, and the periods of one forecast, see the same shocks: hundreds
of cases of one series are a few independent ones. The range of chance is therefore simulated. Let
the shocks of the periods be independent standard normal numbers that add up,
:math:`W_t = \sum_{s \le t} \varepsilon_s`, and let every forecast be right. Then the outcome at
horizon h after origin t has the rank (PIT)

.. math:: u_{t,h} = \Phi\big((W_{t+h} - W_t) / \sqrt{h}\big),

and the total of n periods that of the sum of their deviations, divided by its standard deviation
:math:`\sqrt{n (n+1) (2n+1) / 6}`. Where a part of the deviation is noise that does not add up, the
cases depend less on each other, and the range shown is too wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.evaluation.skill import scores_by_model
from forecasting.periods import parse_period

CHANCE_LEVEL = 90
"""Percent of the draws that a range of chance holds."""

N_BINS = 10
"""Bins of a histogram of ranks."""

N_DRAWS = 2000


@dataclass(frozen=True)
class Coverage:
    """How many outcomes an interval has held.

    Attributes
    ----------
    level : int
        Percent that it promises.
    share : float
        Of the outcomes, 0 to 1.
    lower, upper : float
        Range of chance: 90 % of what right forecasts would show for the same cases.
    n_cases, n_origins : int
    """

    level: int
    share: float
    lower: float
    upper: float
    n_cases: int
    n_origins: int

    @property
    def is_chance(self) -> bool:
        """Whether the share lies in the range of chance."""
        return self.lower <= self.share <= self.upper


@dataclass(frozen=True)
class Ranks:
    """Histogram of the ranks of the outcomes (PIT).

    Attributes
    ----------
    shares : numpy.ndarray
        Of the cases in each of the equal bins from 0 to 1, shape ``(N_BINS,)``.
    lower, upper : numpy.ndarray
        Range of chance of each, same shape.
    above : float
        Share of the outcomes above the median.
    above_range : tuple of float
        Its range of chance.
    n_cases, n_origins : int
    """

    shares: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    above: float
    above_range: tuple[float, float]
    n_cases: int
    n_origins: int


def coverage(
    scores: pd.DataFrame,
    model: str,
    *,
    level: int,
    horizons: Sequence[int],
    totals: bool = False,
) -> Coverage:
    """Count the outcomes of one series that an interval of a model has held.

    Parameters
    ----------
    scores : pandas.DataFrame
        Of a backtest of one series.
    model : str
    level : int
        80 or 95.
    horizons : sequence of int
        Which count.
    totals : bool
        Count totals from the origin on instead of single periods.

    Raises
    ------
    InputError
        If the table holds several series, or lacks the model, the metric or a horizon.
    """
    held = _cases(scores, model, f"{'total_' if totals else ''}coverage_{level}", horizons)
    ranks = chance_ranks(*_places(held), totals=totals)
    inside = (np.abs(ranks - 0.5) <= level / 200).mean(axis=1)
    lower, upper = _range_of(inside)
    origins = held.index.unique("origin")
    return Coverage(level, float(held.mean()), float(lower), float(upper), len(held), len(origins))


def rank_histogram(scores: pd.DataFrame, model: str, *, horizons: Sequence[int]) -> Ranks:
    """Sort the ranks of the outcomes of one series into equal bins.

    Parameters
    ----------
    scores : pandas.DataFrame
        Of a backtest of one series.
    model : str
    horizons : sequence of int
        Which count.

    Raises
    ------
    InputError
        If the table holds several series, or lacks the model, the metric or a horizon.
    """
    found = _cases(scores, model, "pit", horizons)
    ranks = found.to_numpy()
    drawn = chance_ranks(*_places(found))
    lower, upper = _range_of(_shares(drawn))
    low, high = _range_of((drawn > 0.5).mean(axis=1))
    return Ranks(
        _shares(ranks[np.newaxis])[0],
        lower,
        upper,
        float((ranks > 0.5).mean()),
        (float(low), float(high)),
        len(found),
        len(found.index.unique("origin")),
    )


def chance_ranks(
    origins: np.ndarray,
    horizons: np.ndarray,
    *,
    totals: bool = False,
    n_draws: int = N_DRAWS,
    seed: int = 1,
) -> np.ndarray:
    """Draw the ranks that the outcomes of right forecasts would have; see the module.

    Parameters
    ----------
    origins, horizons : numpy.ndarray of int, shape (n_cases,)
        Ordinal of each case's origin, and periods ahead.
    totals : bool
        Whether the cases are totals of the periods up to the horizon.
    n_draws, seed : int

    Returns
    -------
    numpy.ndarray
        Shape ``(n_draws, n_cases)``, between 0 and 1; dependent across the cases of a draw.
    """
    from scipy.special import ndtr

    start = origins - origins.min()
    shocks = np.random.default_rng(seed).standard_normal((n_draws, int((start + horizons).max())))
    level = np.concatenate([np.zeros((n_draws, 1)), np.cumsum(shocks, axis=1)], axis=1)
    if totals:
        area = np.cumsum(level, axis=1)
        away = area[:, start + horizons] - area[:, start] - horizons * level[:, start]
        variance = horizons * (horizons + 1) * (2 * horizons + 1) / 6
    else:
        away, variance = level[:, start + horizons] - level[:, start], horizons
    return np.asarray(ndtr(away / np.sqrt(variance)))


def _cases(scores: pd.DataFrame, model: str, metric: str, horizons: Sequence[int]) -> pd.Series:
    """Values of one model and metric, indexed by series, origin and horizon."""
    own = scores[scores["model"] == model]
    if own.empty:
        raise InputError(
            f"model '{model}' has no scores",
            where="table of scores",
            expected=f"one of {', '.join(map(str, scores['model'].unique()))}",
        )
    count = len(own["series_id"].unique())
    if count > 1:
        raise InputError(
            f"scores of {count} series",
            where="table of scores",
            expected="one series: how much chance does is drawn for its origins alone",
        )
    return scores_by_model(own, metric=metric, horizons=horizons)[model]


def _places(cases: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    ordinals = {
        text: parse_period(str(text), where="origin").ordinal
        for text in cases.index.unique("origin")
    }
    origins = cases.index.get_level_values("origin").map(ordinals)
    return np.asarray(origins), np.asarray(cases.index.get_level_values("horizon"))


def _shares(ranks: np.ndarray) -> np.ndarray:
    """Share of each row's ranks in each bin; shape ``(n_rows, N_BINS)``."""
    place = np.minimum((ranks * N_BINS).astype(int), N_BINS - 1)
    return np.stack([(place == number).mean(axis=1) for number in range(N_BINS)], axis=1)


def _range_of(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - CHANCE_LEVEL / 100) / 2
    lower, upper = np.quantile(draws, [tail, 1 - tail], axis=0)
    return lower, upper
