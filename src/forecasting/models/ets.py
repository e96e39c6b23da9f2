"""Joint sample paths of exponential smoothing (ETS).

statsforecast 2.1.1 simulates a model with an undamped trend as if it had none (it takes the missing
damping parameter for 0 instead of 1). Here the state equations are run forward for all paths at
once. With all errors at zero the recursion equals statsforecast's own point forecast, which a test
holds for every kind of model.

Source: Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing,
doi:10.1007/978-3-540-71918-2, tables 2.2 and 2.3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.models.common import responses

ADDITIVE, MULTIPLICATIVE, NONE = "A", "M", "N"


@dataclass(frozen=True)
class EtsState:
    """Estimated parameters and last state of an ETS model.

    Attributes
    ----------
    error, trend, season : {"A", "M", "N"}
        Additive, multiplicative or none.
    alpha, beta, gamma, phi : float
        Smoothing parameters and damping; `phi` is 1 where the trend is not damped.
    level, slope : float
        Last level and slope.
    seasonal : numpy.ndarray
        The last seasonal states, the newest first, shape ``(season_length,)``; empty without one.
    sigma : float
        Standard deviation of the one-step errors, relative ones for multiplicative errors.
    """

    error: str
    trend: str
    season: str
    alpha: float
    beta: float
    gamma: float
    phi: float
    level: float
    slope: float
    seasonal: np.ndarray
    sigma: float

    @classmethod
    def from_statsforecast(cls, model: Mapping[str, Any]) -> EtsState:
        """Read the state from a fitted statsforecast ``AutoETS().model_``."""
        error, trend, season, _ = model["components"]
        alpha, beta, gamma, phi = (float(value) for value in model["par"][:4])
        state = np.asarray(model["states"][-1], dtype=float)
        after_level = 1 if trend == NONE else 2
        seasonal = state[after_level : after_level + int(model["m"])]
        return cls(
            error=error,
            trend=trend,
            season=season,
            alpha=alpha,
            beta=0.0 if math.isnan(beta) else beta,
            gamma=0.0 if math.isnan(gamma) else gamma,
            phi=1.0 if math.isnan(phi) else phi,
            level=float(state[0]),
            slope=0.0 if trend == NONE else float(state[1]),
            seasonal=seasonal if season != NONE else np.empty(0),
            sigma=float(np.sqrt(model["sigma2"])),
        )


def simulate_ets(state: EtsState, errors: np.ndarray) -> np.ndarray:
    """Run the state equations forward.

    Parameters
    ----------
    state : EtsState
        Where the observations end.
    errors : numpy.ndarray
        One-step errors, shape ``(n_paths, horizon)``.

    Returns
    -------
    numpy.ndarray
        Paths of the same shape.
    """
    if MULTIPLICATIVE in (state.error, state.trend, state.season):
        return _run(state, errors)
    horizon = errors.shape[1]
    # linear in the errors: one run without any, and what a single error adds to it
    single = np.zeros((2, horizon))
    single[1, 0] = 1
    expected, with_error = _run(state, single)
    return np.asarray(expected + responses(errors, with_error - expected))


def _run(state: EtsState, errors: np.ndarray) -> np.ndarray:
    n_paths, horizon = errors.shape
    level, slope = np.full(n_paths, state.level), np.full(n_paths, state.slope)
    # one column per future period; the season of a period is known a season length before it
    seasons = [np.full(n_paths, value) for value in state.seasonal[::-1]]
    paths = np.empty_like(errors)
    for step in range(horizon):
        drift = _drift(state, slope)
        base = _join(state.trend, level, drift)
        season = seasons[step] if seasons else None
        expected = base if season is None else _join(state.season, base, season)
        value = _with_error(state.error, expected, errors[:, step])
        paths[:, step] = value
        new_level = base + state.alpha * (_part(state.season, value, season) - base)
        if state.trend != NONE:
            change = _part(state.trend, new_level, level)
            slope = drift + state.beta / state.alpha * (change - drift)
        if season is not None:
            seasons.append(season + state.gamma * (_part(state.season, value, base) - season))
        level = new_level
    return paths


def _drift(state: EtsState, slope: np.ndarray) -> np.ndarray:
    damped: np.ndarray = slope**state.phi if state.trend == MULTIPLICATIVE else slope * state.phi
    return damped


def _join(kind: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    if kind == NONE:
        return left
    joined: np.ndarray = left * right if kind == MULTIPLICATIVE else left + right
    return joined


def _part(kind: str, whole: np.ndarray, other: np.ndarray | None) -> np.ndarray:
    """Take one component out of a value: the opposite of `_join`."""
    if other is None or kind == NONE:
        return whole
    part: np.ndarray = whole / other if kind == MULTIPLICATIVE else whole - other
    return part


def _with_error(kind: str, expected: np.ndarray, error: np.ndarray) -> np.ndarray:
    value: np.ndarray = expected + (expected * error if kind == MULTIPLICATIVE else error)
    return value
