"""Length of stay: how long a person remains, as a distribution with closed forms.

All durations are in periods (months unless said otherwise). With the survival S(u) = P(stay > u),
arrivals spread evenly within a period and the stock counted at its end, everything the occupancy
needs follows from the integrated survival I(u) = integral of S from 0 to u: the mean stay is
I(infinity), and the share of the arrivals of k periods ago that is still present is I(k+1) - I(k).
"""

# The methods of a distribution are documented once, by the protocol.
# ruff: noqa: D102

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from forecasting.errors import InputError
from forecasting.stocks.stay_checks import check_mean, check_positive


@runtime_checkable
class LengthOfStay(Protocol):
    """Distribution of the length of stay, with a finite mean.

    Times are arrays of any shape with values >= 0, in periods; results have their shape.
    """

    @property
    def mean(self) -> float:
        """Mean stay m in periods."""
        ...

    def survival(self, u: np.ndarray) -> np.ndarray:
        """Return S(u), the share of stays longer than `u`."""
        ...

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        """Return I(u), the mean of min(stay, u)."""
        ...

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw `n` stays from entry to exit, shape ``(n,)``."""
        ...

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw the remaining stay of each person present for `ages`, survival S(a+u)/S(a).

        Raises
        ------
        InputError
            If nobody stays as long as one of the ages.
        """
        ...

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw the remaining stay of `n` persons found in equilibrium, survival 1 - I(u)/m."""
        ...


@dataclass(frozen=True)
class Exponential:
    """Exponential stay: S(u) = exp(-u/m), the same exit rate 1/m at every age.

    Attributes
    ----------
    mean : float
        Mean stay m in periods.

    Raises
    ------
    InputError
        If the mean is not positive and finite.
    """

    mean: float

    def __post_init__(self) -> None:
        check_positive("mean", self.mean)

    def survival(self, u: np.ndarray) -> np.ndarray:
        return np.exp(-np.asarray(u) / self.mean)

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        return -self.mean * np.expm1(-np.asarray(u) / self.mean)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.exponential(self.mean, n)

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return rng.exponential(self.mean, np.shape(ages))

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.exponential(self.mean, n)


@dataclass(frozen=True)
class Weibull:
    """Weibull stay: S(u) = exp(-(u/b)^k), exits ever rarer with age where k < 1.

    I(u) = b Gamma(1 + 1/k) P(1/k, (u/b)^k), with P the regularised lower incomplete gamma function.

    Attributes
    ----------
    shape, scale : float
        k, and b in periods.

    Raises
    ------
    InputError
        If a parameter is not positive and finite, or the mean overflows.
    """

    shape: float
    scale: float

    def __post_init__(self) -> None:
        check_positive("shape", self.shape)
        check_positive("scale", self.scale)
        check_mean(self.mean)

    @property
    def mean(self) -> float:
        """Mean stay b Gamma(1 + 1/k) in periods."""
        from scipy import special

        return float(self.scale * special.gamma(1 + 1 / self.shape))

    def survival(self, u: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(-self._cumulative_hazard(u)))

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        from scipy import special

        ended = special.gammainc(1 / self.shape, self._cumulative_hazard(u))
        return np.asarray(self.mean * ended)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return self.scale * rng.weibull(self.shape, n)

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        reached = self._cumulative_hazard(ages) + rng.exponential(size=np.shape(ages))
        return np.asarray(np.maximum(self.scale * reached ** (1 / self.shape) - ages, 0.0))

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        from scipy import special

        reached = special.gammaincinv(1 / self.shape, rng.random(n))
        return np.asarray(self.scale * reached ** (1 / self.shape))

    def _cumulative_hazard(self, u: np.ndarray) -> np.ndarray:
        return np.asarray((np.asarray(u, dtype=float) / self.scale) ** self.shape)


@dataclass(frozen=True)
class Lognormal:
    """Lognormal stay, stated by its mean m and coefficient of variation.

    With s^2 = ln(1 + cv^2) and mu = ln m - s^2/2, S(u) = Phi((mu - ln u)/s) and
    I(u) = m Phi((ln u - mu - s^2)/s) + u S(u).

    Attributes
    ----------
    mean, cv : float
        Mean stay in periods; standard deviation over mean.

    Raises
    ------
    InputError
        If a parameter is not positive and finite.
    """

    mean: float
    cv: float

    def __post_init__(self) -> None:
        check_positive("mean", self.mean)
        check_positive("cv", self.cv)

    @property
    def sigma(self) -> float:
        """Standard deviation s of the log stay."""
        return math.sqrt(math.log1p(self.cv**2))

    @property
    def mu(self) -> float:
        """Mean of the log stay."""
        return math.log(self.mean) - self.sigma**2 / 2

    def survival(self, u: np.ndarray) -> np.ndarray:
        from scipy import special

        return np.asarray(special.ndtr(-self._score(u)))

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        from scipy import special

        u = np.asarray(u, dtype=float)
        score = self._score(u)
        return np.asarray(self.mean * special.ndtr(score - self.sigma) + u * special.ndtr(-score))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.lognormal(self.mu, self.sigma, n)

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        from scipy import special

        # In logs, so that a very old age does not run out of digits.
        log_share = special.log_ndtr(-self._score(ages)) - rng.exponential(size=np.shape(ages))
        stays = np.exp(self.mu - self.sigma * special.ndtri_exp(log_share))
        return np.asarray(np.maximum(stays - ages, 0.0))

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        # A person found present has a stay drawn with weight proportional to its length, and is
        # found at a uniform point of it.
        return rng.lognormal(self.mu + self.sigma**2, self.sigma, n) * rng.random(n)

    def _score(self, u: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(np.asarray(u, dtype=float)) - self.mu) / self.sigma)


@dataclass(frozen=True)
class Gamma:
    """Gamma stay: S(u) = Q(k, u/b), with Q the regularised upper incomplete gamma function.

    I(u) = k b P(k+1, u/b) + u Q(k, u/b), P = 1 - Q.

    Attributes
    ----------
    shape, scale : float
        k, and b in periods.

    Raises
    ------
    InputError
        If a parameter is not positive and finite.
    """

    shape: float
    scale: float

    def __post_init__(self) -> None:
        check_positive("shape", self.shape)
        check_positive("scale", self.scale)
        check_mean(self.mean)

    @property
    def mean(self) -> float:
        """Mean stay k b in periods."""
        return self.shape * self.scale

    def survival(self, u: np.ndarray) -> np.ndarray:
        from scipy import special

        return np.asarray(special.gammaincc(self.shape, np.asarray(u) / self.scale))

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        from scipy import special

        scaled = np.asarray(u) / self.scale
        ended = self.mean * special.gammainc(self.shape + 1, scaled)
        return np.asarray(ended + u * special.gammaincc(self.shape, scaled))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.gamma(self.shape, self.scale, n)

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        from scipy import special

        present = self.survival(ages)
        check_ages(ages, present)
        share = present * (1 - rng.random(np.shape(ages)))
        stays = self.scale * special.gammainccinv(self.shape, share)
        return np.asarray(np.maximum(stays - ages, 0.0))

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.gamma(self.shape + 1, self.scale, n) * rng.random(n)


@dataclass(frozen=True)
class Fixed:
    """The same stay for everybody: S(u) = 1 before `value`, 0 from then on.

    Attributes
    ----------
    value : float
        The stay in periods.

    Raises
    ------
    InputError
        If the value is not positive and finite.
    """

    value: float

    def __post_init__(self) -> None:
        check_positive("value", self.value)

    @property
    def mean(self) -> float:
        """The stay itself, in periods."""
        return self.value

    def survival(self, u: np.ndarray) -> np.ndarray:
        return np.where(np.asarray(u) < self.value, 1.0, 0.0)

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        return np.asarray(np.minimum(u, self.value))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return np.full(n, self.value)

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        check_ages(ages, self.survival(ages))
        return self.value - np.asarray(ages, dtype=float)

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.uniform(0.0, self.value, n)


@dataclass(frozen=True)
class Mixture:
    """Groups with a stay of their own that cannot be told apart on entry.

    S and I are the weighted sums of those of the parts. Those present are weighted by survival:
    part i with weight w_i S_i(a) at age a, and w_i m_i in equilibrium.

    Attributes
    ----------
    parts : tuple of (float, LengthOfStay)
        Share of the arrivals and their stay.

    Raises
    ------
    InputError
        If there is no part, or the weights are not positive or do not add up to 1.
    """

    parts: tuple[tuple[float, LengthOfStay], ...]

    def __post_init__(self) -> None:
        for weight, _ in self.parts:
            check_positive("weight", weight)
        total = math.fsum(weight for weight, _ in self.parts)
        if abs(total - 1) > 1e-6:
            raise InputError(f"weights that add up to {total:g}", expected="1")

    @property
    def mean(self) -> float:
        """Weighted mean of the parts' means, in periods."""
        return math.fsum(weight * stay.mean for weight, stay in self.parts)

    def survival(self, u: np.ndarray) -> np.ndarray:
        return np.asarray(sum(weight * stay.survival(u) for weight, stay in self.parts))

    def integrated_survival(self, u: np.ndarray) -> np.ndarray:
        return np.asarray(sum(weight * stay.integrated_survival(u) for weight, stay in self.parts))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        return self._fill(
            self._choose(np.ones((len(self.parts), n)), rng),
            lambda stay, mine: stay.draw(int(mine.sum()), rng),
        )

    def draw_residual(self, ages: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        ages = np.asarray(ages, dtype=float)
        check_ages(ages, self.survival(ages))
        return self._fill(
            self._choose(np.array([stay.survival(ages) for _, stay in self.parts]), rng),
            lambda stay, mine: stay.draw_residual(ages[mine], rng),
        )

    def draw_equilibrium(self, n: int, rng: np.random.Generator) -> np.ndarray:
        means = np.array([stay.mean for _, stay in self.parts])
        return self._fill(
            self._choose(np.tile(means[:, np.newaxis], n), rng),
            lambda stay, mine: stay.draw_equilibrium(int(mine.sum()), rng),
        )

    def _choose(self, factors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the part of each person, drawn by weight times `factors`, shape (part, ...)."""
        shares = np.array([weight for weight, _ in self.parts])
        bounds = np.cumsum(np.moveaxis(factors, 0, -1) * shares, axis=-1)
        drawn = rng.random(bounds.shape[:-1]) * bounds[..., -1]
        return np.asarray((drawn[..., np.newaxis] >= bounds[..., :-1]).sum(axis=-1))

    def _fill(
        self, chosen: np.ndarray, draw: Callable[[LengthOfStay, np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Return the draws of the persons of each part, in the place of each person."""
        stays = np.empty(chosen.shape)
        for number, (_, stay) in enumerate(self.parts):
            mine = chosen == number
            stays[mine] = draw(stay, mine)
        return stays


def presence_weights(stay: LengthOfStay, n: int) -> np.ndarray:
    """Return the expected presence of one arrival a period, by periods since the arrival.

    Of the arrivals of a period, spread evenly within it, the share w_k = I(k+1) - I(k) is present
    at the end of the k-th period after it. The weights of all k add up to the mean stay.

    Parameters
    ----------
    stay : LengthOfStay
        Length of stay in periods.
    n : int
        Number of weights.

    Returns
    -------
    numpy.ndarray
        w_0 to w_{n-1}, shape ``(n,)``, within [0, 1] and not rising.

    References
    ----------
    J. D. C. Little (1961), A proof for the queuing formula L = lambda W, Operations Research 9(3),
    383-387, doi:10.1287/opre.9.3.383. S. G. Eick, W. A. Massey and W. Whitt (1993), The physics of
    the Mt/G/infinity queue, Operations Research 41(4), 731-742, doi:10.1287/opre.41.4.731.
    """
    # Differences of two nearly equal numbers can come out below zero by a rounding error.
    return np.clip(np.diff(stay.integrated_survival(np.arange(n + 1.0))), 0.0, 1.0)


def check_ages(ages: np.ndarray, present: np.ndarray) -> None:
    """Refuse persons who are present at an age nobody stays to.

    Parameters
    ----------
    ages : numpy.ndarray
        Periods each person has been present.
    present : numpy.ndarray
        Survival at these ages.
    """
    if np.any(present <= 0):
        oldest = float(np.max(np.asarray(ages)[np.asarray(present) <= 0]))
        raise InputError(
            f"a person present for {oldest:g} periods, longer than anybody stays",
            expected="ages within the length of stay",
            action="check the entry dates, or choose a longer stay",
        )
