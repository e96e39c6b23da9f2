"""Which assumption moves the net saving most: one at a time, and all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.distributions import Distribution, central
from forecasting.errors import InputError
from forecasting.savings.activation import total_savings
from forecasting.savings.config import SavingsPlan

TAILS = (0.1, 0.9)
"""Quantile levels of an assumption between which the tornado swings."""


@dataclass(frozen=True)
class Swing:
    """Net saving if one assumption is low or high and the others are at their mean.

    Attributes
    ----------
    name : str
    low, high : float
        The assumption at its 10 % and 90 % quantile.
    net_at_low, net_at_high : float
        EUR.
    """

    name: str
    low: float
    high: float
    net_at_low: float
    net_at_high: float

    @property
    def width(self) -> float:
        """Distance between the two savings, EUR."""
        return abs(self.net_at_high - self.net_at_low)


@dataclass(frozen=True)
class Tornado:
    """Swings, the widest first.

    Attributes
    ----------
    net_at_centre : float
        EUR, every assumption at its mean; not the mean of the net saving.
    swings : tuple of Swing
    """

    net_at_centre: float
    swings: tuple[Swing, ...]


@dataclass(frozen=True)
class SobolIndex:
    """Share of the variance that an input explains.

    Attributes
    ----------
    name : str
    first_order : float
        By itself: V(E(Y | X_i)) / V(Y).
    total_order : float
        With all its interactions: 1 - V(E(Y | all but X_i)) / V(Y).
    """

    name: str
    first_order: float
    total_order: float


def tornado(plan: SavingsPlan) -> Tornado:
    """Swing every uncertain assumption from its 10 % to its 90 % quantile, one at a time.

    Raises
    ------
    InputError
        If no assumption is a distribution.
    """
    spreads = _spreads(plan)
    n_cases = 2 * len(spreads) + 1
    ends = {name: each.ppf(np.array(TAILS)) for name, each in spreads.items()}
    values = {name: np.full(n_cases, central(each)) for name, each in spreads.items()}
    for place, name in enumerate(spreads):
        values[name][1 + 2 * place : 3 + 2 * place] = ends[name]
    centre, *nets = (float(net) for net in _net(plan, values))
    swings = [
        Swing(name, float(low), float(high), nets[2 * place], nets[2 * place + 1])
        for place, (name, (low, high)) in enumerate(ends.items())
    ]
    return Tornado(centre, tuple(sorted(swings, key=lambda swing: -swing.width)))


def savings_sobol(plan: SavingsPlan, *, n: int = 2**12, seed: int = 1) -> tuple[SobolIndex, ...]:
    """Sobol indices of the net saving with respect to the uncertain assumptions.

    Raises
    ------
    InputError
        If no assumption is a distribution, or the saving is the same in every draw.

    See Also
    --------
    sobol
    """
    return sobol(lambda values: _net(plan, values), _spreads(plan), n=n, seed=seed)


def sobol(
    function: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    inputs: Mapping[str, Distribution],
    *,
    n: int = 2**12,
    seed: int = 1,
) -> tuple[SobolIndex, ...]:
    """Sobol indices of a function of independent inputs, the largest total order first.

    Parameters
    ----------
    function : callable
        Takes an array of shape (n_draws,) by name of the input, returns one of that shape.
    inputs : mapping of str to Distribution
    n : int
        Base points of the Sobol sequence, a power of 2; the function is evaluated at
        ``n (d + 2)`` points for d inputs.
    seed : int
        Of the scrambling.

    Raises
    ------
    InputError
        If `n` is no power of 2, or the function does not vary.

    References
    ----------
    Saltelli, A. et al. (2010), "Variance based sensitivity analysis of model output", Computer
    Physics Communications 181(2), doi:10.1016/j.cpc.2009.09.018.
    """
    from scipy.stats import sobol_indices

    if n < 2 or n & (n - 1):
        raise InputError(f"{n} base points", expected="a power of 2, such as 4096")

    def evaluate(points: np.ndarray) -> np.ndarray:
        result = np.array(function(dict(zip(inputs, points, strict=True))))  # scipy writes into it
        if np.ptp(result) == 0:
            raise InputError("the result is the same in every draw", expected="one that varies")
        return result

    found = sobol_indices(
        func=evaluate, n=n, dists=list(inputs.values()), rng=np.random.default_rng(seed)
    )
    indices = zip(inputs, found.first_order.tolist(), found.total_order.tolist(), strict=True)
    return tuple(sorted((SobolIndex(*each) for each in indices), key=lambda i: -i.total_order))


def _net(plan: SavingsPlan, values: Mapping[str, np.ndarray]) -> np.ndarray:
    assumptions = plan.assumptions(values)
    return total_savings(plan.cohorts, plan.convention, assumptions, plan.config.horizon_months).net


def _spreads(plan: SavingsPlan) -> dict[str, Distribution]:
    spreads = {
        name: each.value
        for name, each in plan.assumed.items()
        if isinstance(each.value, Distribution)
    }
    if not spreads:
        raise InputError(
            "every assumption is a number",
            where=str(plan.path),
            expected="at least one distribution, or prior",
            action="write for example deadweight: {triangular: [0.1, 0.3, 0.5]}",
        )
    return spreads
