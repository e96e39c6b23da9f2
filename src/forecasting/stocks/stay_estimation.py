"""Estimates of the length of stay: which distribution, its parameters, and how uncertain they are.

The data decide the likelihood (`stay_spells`, `stay_bands`); what is common to them stands here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.errors import InputError, ModelError
from forecasting.stocks.length_of_stay import Exponential, Gamma, LengthOfStay, Lognormal, Weibull

MIN_EXITS = 10
"""Fewest completed stays an estimate is made from."""

MAX_STANDARD_ERROR = 0.5
"""Largest standard error of a log-parameter; beyond it the normal approximation says nothing."""

_STEP = 1e-3  # of the numerical Hessian, on the log scale


@dataclass(frozen=True)
class Family:
    """A distribution whose parameters are estimated on the log scale.

    Attributes
    ----------
    stay : callable
        Log-parameters, shape ``(p,)`` -> the length of stay.
    start : callable
        Rough mean stay -> log-parameters to start from.
    """

    stay: Callable[[np.ndarray], LengthOfStay]
    start: Callable[[float], np.ndarray]


def _lognormal(theta: np.ndarray) -> Lognormal:
    """Return the lognormal with log-median theta_0 and log-sigma theta_1."""
    variance = math.exp(2 * theta[1])
    return Lognormal(math.exp(theta[0] + variance / 2), math.sqrt(math.expm1(variance)))


FAMILIES: Mapping[str, Family] = {
    "exponential": Family(
        lambda theta: Exponential(math.exp(theta[0])),
        lambda mean: np.array([math.log(mean)]),
    ),
    "weibull": Family(
        lambda theta: Weibull(math.exp(theta[0]), math.exp(theta[1])),
        lambda mean: np.array([0.0, math.log(mean)]),
    ),
    "lognormal": Family(
        _lognormal,
        lambda mean: np.array([math.log(mean) - 0.5, 0.0]),
    ),
    "gamma": Family(
        lambda theta: Gamma(math.exp(theta[0]), math.exp(theta[1])),
        lambda mean: np.array([0.0, math.log(mean)]),
    ),
}
"""Distributions that can be estimated; log-parameters: mean; shape and scale; median and sigma."""


Objective = Callable[[np.ndarray], float]
"""Minus the log-likelihood of log-parameters."""


@dataclass(frozen=True, eq=False)
class StayEstimate:
    """A length of stay estimated from data, with its uncertainty.

    Attributes
    ----------
    stay : LengthOfStay
        At the estimated parameters, in periods.
    distribution : str
        A key of `FAMILIES`.
    log_parameters : numpy.ndarray
        Shape ``(p,)``.
    covariance : numpy.ndarray
        Asymptotic covariance of the log-parameters, shape ``(p, p)``: the inverse of the observed
        information, times the dispersion.
    n_exits : int
        Completed stays it was estimated from.
    criteria : mapping of str to float
        Akaike's criterion of every distribution tried; the smallest was chosen.
    dispersion : float
        Variance of the counts over that of Poisson counts; 1 for spells.
    """

    stay: LengthOfStay
    distribution: str
    log_parameters: np.ndarray
    covariance: np.ndarray
    n_exits: int
    criteria: Mapping[str, float]
    dispersion: float = 1.0

    def draws(self, n: int, rng: np.random.Generator) -> tuple[LengthOfStay, ...]:
        """Draw `n` lengths of stay from the asymptotic normal of the log-parameters.

        Raises
        ------
        ModelError
            If a draw has no finite mean.
        """
        drawn = rng.multivariate_normal(self.log_parameters, self.covariance, n, method="cholesky")
        try:
            return tuple(FAMILIES[self.distribution].stay(theta) for theta in drawn)
        except (InputError, OverflowError):
            raise ModelError(
                f"the {self.distribution} stay is too uncertain: a draw of its parameters has no "
                "finite mean; name another distribution, or give more completed stays"
            ) from None

    def mean_interval(self, level: int = 80) -> tuple[float, float]:
        """Return the interval of the mean stay, by the delta method on its logarithm.

        Parameters
        ----------
        level : int
            Percent that the interval covers.
        """
        from scipy import special

        family = FAMILIES[self.distribution]
        steps = _STEP * np.eye(len(self.log_parameters))
        slope = np.array(
            [
                math.log(family.stay(self.log_parameters + step).mean)
                - math.log(family.stay(self.log_parameters - step).mean)
                for step in steps
            ]
        ) / (2 * _STEP)
        reach = special.ndtri(0.5 + level / 200) * math.sqrt(slope @ self.covariance @ slope)
        return self.stay.mean * math.exp(-reach), self.stay.mean * math.exp(reach)


def families_to_try(distribution: str | None) -> tuple[str, ...]:
    """Return the distributions to choose from: all, or the one that is named.

    Raises
    ------
    InputError
        If the distribution cannot be estimated.
    """
    if distribution is None:
        return tuple(FAMILIES)
    if distribution not in FAMILIES:
        raise InputError(f"distribution '{distribution}'", expected=" | ".join(FAMILIES))
    return (distribution,)


def best_estimate(
    objectives: Mapping[str, Objective],
    *,
    n_exits: int,
    rough_mean: float,
    dispersion_of: Callable[[LengthOfStay, int], float] = lambda _stay, _n_parameters: 1.0,
) -> StayEstimate:
    """Return the estimate of the distribution with the smallest criterion.

    Parameters
    ----------
    objectives : mapping of str to callable
        For each distribution to try, minus the log-likelihood of its log-parameters.
    n_exits : int
        Completed stays in the data.
    rough_mean : float
        Mean stay in periods to start from.
    dispersion_of : callable, optional
        Dispersion, from the stay that fits best and its number of parameters. Default: 1.

    Raises
    ------
    ModelError
        If there are too few completed stays, or they do not determine the parameters.
    """
    check_exits(n_exits)
    found = {name: _minimise(f, FAMILIES[name].start(rough_mean)) for name, f in objectives.items()}
    values = {name: objectives[name](theta) for name, theta in found.items()}
    closest = min(values, key=lambda name: values[name])
    dispersion = dispersion_of(FAMILIES[closest].stay(found[closest]), len(found[closest]))
    criteria = {name: 2 * len(found[name]) + 2 * values[name] / dispersion for name in values}
    best = min(criteria, key=lambda name: criteria[name])
    covariance = dispersion * _inverse_information(objectives[best], found[best])
    _check_precision(covariance, best)
    return StayEstimate(
        stay=FAMILIES[best].stay(found[best]),
        distribution=best,
        log_parameters=found[best],
        covariance=covariance,
        n_exits=n_exits,
        criteria=criteria,
        dispersion=dispersion,
    )


def check_exits(n_exits: int) -> None:
    """Refuse to estimate from fewer than `MIN_EXITS` completed stays.

    Raises
    ------
    ModelError
        If there are fewer.
    """
    if n_exits < MIN_EXITS:
        raise ModelError(
            f"{n_exits} completed stays, {MIN_EXITS} or more are needed for an estimate; observe "
            "longer, or state a length of stay"
        )


def _minimise(objective: Objective, start: np.ndarray) -> np.ndarray:
    from scipy import optimize

    def safe(theta: np.ndarray) -> float:
        try:
            value = objective(theta)
        except (InputError, OverflowError):  # no finite mean
            return math.inf
        return value if math.isfinite(value) else math.inf

    options = {"xatol": 1e-7, "fatol": 1e-8, "maxiter": 4000, "maxfev": 4000}
    with np.errstate(all="ignore"):
        found = optimize.minimize(safe, start, method="Nelder-Mead", options=options)
    if not (found.success and math.isfinite(found.fun)):
        raise ModelError(
            "no most likely length of stay was found; name another distribution, or check the data"
        )
    return np.asarray(found.x)


def _inverse_information(objective: Objective, theta: np.ndarray) -> np.ndarray:
    """Return the inverse of the observed information, by central differences."""
    steps = _STEP * np.eye(len(theta))
    second = np.array(
        [
            [
                objective(theta + a + b)
                - objective(theta + a - b)
                - objective(theta - a + b)
                + objective(theta - a - b)
                for b in steps
            ]
            for a in steps
        ]
    ) / (4 * _STEP**2)
    if not (np.isfinite(second).all() and np.linalg.eigvalsh(second)[0] > 0):
        raise ModelError(
            "the data do not determine the length of stay: the likelihood is flat in a parameter; "
            "name a distribution with fewer parameters, or give more completed stays"
        )
    return np.asarray(np.linalg.inv(second))


def _check_precision(covariance: np.ndarray, distribution: str) -> None:
    largest = float(np.sqrt(np.diag(covariance)).max())
    if largest > MAX_STANDARD_ERROR:
        raise ModelError(
            f"the {distribution} stay is too uncertain: a log-parameter has a standard error of "
            f"{largest:.2g}, at most {MAX_STANDARD_ERROR} is of use; name a distribution with "
            "fewer parameters, or give more completed stays"
        )
