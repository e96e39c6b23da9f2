"""Joint sample paths of complex exponential smoothing (CES).

statsforecast 2.1.1 simulates CES by adding noise once to the stored states and then running the
recursion without further errors: its "paths" are smooth curves whose spread does not grow with the
horizon. Here the state equations are run forward with a fresh error in every period.

Source: Svetunkov, Kourentzes and Ord (2022), doi:10.1002/nav.22074, equations 9-13. With all errors
at zero the recursion equals statsforecast's own point forecast, which a test holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.models.common import responses

SEASONAL = 2
"""Row of the seasonal state, where there is one; the row after it is its potential."""


@dataclass(frozen=True)
class CesState:
    """Estimated parameters and last states of a CES model.

    Attributes
    ----------
    season_type : {"N", "S", "P", "F"}
        No season, simple, partial or full.
    lag : int
        Season length.
    states : numpy.ndarray
        The last `lag` states, shape ``(lag, n_states)``.
    alpha, beta : tuple of float
        Real and imaginary part of the two complex smoothing parameters.
    sigma : float
        Standard deviation of the one-step errors.
    """

    season_type: str
    lag: int
    states: np.ndarray
    alpha: tuple[float, float]
    beta: tuple[float, float]
    sigma: float

    @classmethod
    def from_statsforecast(cls, model: Mapping[str, Any]) -> CesState:
        """Read the state from a fitted statsforecast ``AutoCES().model_``."""
        lag, n = int(model["m"]), int(model["n"])
        parameters = model["par"]
        return cls(
            season_type=str(model["seasontype"]),
            lag=lag,
            states=np.array(model["states"][n : n + lag], dtype=float),
            alpha=(float(parameters["alpha_0"]), float(parameters["alpha_1"])),
            beta=(float(parameters["beta_0"]), float(parameters["beta_1"])),
            sigma=float(np.sqrt(model["sigma2"])),
        )


def simulate_ces(state: CesState, errors: np.ndarray) -> np.ndarray:
    """Run the state equations forward.

    Parameters
    ----------
    state : CesState
        Where the observations end.
    errors : numpy.ndarray
        One-step errors, shape ``(n_paths, horizon)``.

    Returns
    -------
    numpy.ndarray
        Paths of the same shape.
    """
    # linear in the errors: one run without any, and one that begins at zero with a single error
    history = [np.column_stack([row, np.zeros_like(row)]) for row in state.states]
    horizon = errors.shape[1]
    single = np.zeros((horizon, 2))
    single[0, 1] = 1
    runs = np.empty_like(single)
    for step in range(horizon):
        runs[step], new = _advance(state, history, single[step])
        history.append(new)
    expected, response = runs.T
    return np.asarray(expected + responses(errors, response))


def _advance(
    state: CesState, history: list[np.ndarray], error: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Value and states of shape ``(n_states, 2)`` of the next period, for the two runs."""
    season_ago = history[-state.lag]
    base = season_ago if state.season_type == "S" else history[-1]
    value = base[0] + error
    new = np.empty_like(base)
    new[:SEASONAL] = _rotate(base[:SEASONAL], error, state.alpha)
    if state.season_type == "P":
        value = value + season_ago[SEASONAL]
        new[SEASONAL] = season_ago[SEASONAL] + state.beta[0] * error
    elif state.season_type == "F":
        value = value + season_ago[SEASONAL]
        new[SEASONAL:] = _rotate(season_ago[SEASONAL:], error, state.beta)
    return value, new


def _rotate(states: np.ndarray, error: np.ndarray, parameter: tuple[float, float]) -> np.ndarray:
    """Carry a level and its information potential forward, shape ``(2, 2)``: states x runs."""
    real, imaginary = parameter
    turn = np.array([[1.0, imaginary - 1], [1.0, 1 - real]])
    gain = np.array([[real - imaginary], [real + imaginary]])
    return np.asarray(turn @ states + gain * error)
