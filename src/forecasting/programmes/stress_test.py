"""The 85/65 rule of the structural funds of 2014-2020 as a stress test; no rule of AMIF.

Implementing Regulation (EU) No 215/2014, Article 6: the targets of a priority are achieved if every
indicator reaches 85 % of its value; of three or more, one may stay at 75 %. Under 65 % a priority
has seriously failed: with any of up to two indicators, or with two of three or more. For AMIF
2021-2027 no such rule is in force; the test shows what it would say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecasting.errors import InputError
from forecasting.programmes.audit_indicators import newest
from forecasting.programmes.catalogue import Point, Programme
from forecasting.programmes.published import objective_of

ACHIEVED, ACHIEVED_BY_ONE, FAILED = 0.85, 0.75, 0.65
MANY = 3
"""Indicators from which on one may lag behind."""


@dataclass(frozen=True)
class StressTest:
    """What the rule would say of one objective.

    Attributes
    ----------
    objective : str
    indicators : tuple of str
        Output indicators that have both a published and a reached value.
    achieved, failed : float
        Share of the paths on which the objective is achieved, or has seriously failed; 0 or 1 where
        the values are single numbers.
    """

    objective: str
    indicators: tuple[str, ...]
    achieved: float
    failed: float


def stress_test(
    programme: Programme, reached: Mapping[str, ArrayLike], *, point: Point = "target"
) -> list[StressTest]:
    """Apply the 85/65 rule to each objective.

    Parameters
    ----------
    programme : Programme
    reached : mapping of str to array_like
        By code of an indicator the value reached, or sample paths of it, shape ``(n_paths,)``.
        Results and indicators without a published value are left out: the rule is for outputs.
    point : {"target", "milestone"}
        Against which published value.

    Returns
    -------
    list of StressTest
        Objectives with at least one such indicator, in the order of the catalogue.

    Raises
    ------
    InputError
        If the paths of an objective's indicators differ in number, or a code is not known.
    """
    for code in reached:
        programme.indicator(code)
    tests = []
    for objective in programme.objectives:
        own = {
            indicator.code: np.asarray(reached[indicator.code], float) / float(value)
            for indicator in programme.indicators
            if indicator.kind == "output" and indicator.code in reached
            if objective_of(programme, indicator) == objective
            if (value := newest(programme, indicator, point))
        }
        if own:
            shares = _table(own, programme)
            met, failed = _achieved(shares), _failed(shares)
            tests.append(
                StressTest(objective.code, tuple(own), float(met.mean()), float(failed.mean()))
            )
    return tests


def _table(own: Mapping[str, NDArray[np.float64]], programme: Programme) -> NDArray[np.float64]:
    """Shares of the published values, shape ``(n_indicators, n_paths)``."""
    try:
        return np.atleast_2d(np.stack(np.broadcast_arrays(*map(np.atleast_1d, own.values()))))
    except ValueError:
        sizes = ", ".join(f"{code} {values.size}" for code, values in own.items())
        raise InputError(
            f"numbers of paths: {sizes}", where=programme.id, expected="the same, or one value"
        ) from None


def _achieved(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    low = (shares < ACHIEVED).sum(axis=0)
    very_low = (shares < ACHIEVED_BY_ONE).sum(axis=0)
    spared = 1 if len(shares) >= MANY else 0
    return np.asarray((low <= spared) & (very_low == 0))


def _failed(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    needed = 2 if len(shares) >= MANY else 1
    return np.asarray((shares < FAILED).sum(axis=0) >= needed)
