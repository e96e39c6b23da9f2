"""Joint sample paths of ARIMA models.

statsforecast 2.1.1 simulates ARIMA one path and one period at a time, 5000 paths of 72 months in
several seconds, and takes the last state for certain. Here its state equations are run forward for
all paths at once, around its own point forecast, which knows drift and mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecasting.models.state_space import StateSpace


def simulate_arima(fitted: Any, horizon: int, n_paths: int, rng: np.random.Generator) -> np.ndarray:
    """Draw paths of a fitted statsforecast ``AutoARIMA``, shape ``(n_paths, horizon)``."""
    point = np.asarray(fitted.predict(horizon)["mean"], dtype=float)
    if fitted.model_.get("constant"):
        return np.tile(point, (n_paths, 1))
    errors = error_model(fitted.model_)
    paths: np.ndarray = point + errors.run(errors.draw_states(n_paths, rng), horizon, rng)
    return paths


def error_model(model: Mapping[str, Any]) -> StateSpace:
    """Read the state-space model of the forecast errors from ``AutoARIMA().model_``: mean zero."""
    matrices, variance = model["model"], float(model["sigma2"])
    transition = np.asarray(matrices["T"], dtype=float)
    noise = np.asarray(matrices["V"], dtype=float) * variance
    last = np.asarray(matrices["P"], dtype=float) * variance
    zero = np.zeros(len(transition))
    return StateSpace(
        design=np.asarray(matrices["Z"], dtype=float),
        transition=transition,
        intercept=zero,
        noise=noise,
        observation_variance=float(matrices["h"]) * variance,
        mean=zero,
        covariance=transition @ last @ transition.T + noise,
    )
