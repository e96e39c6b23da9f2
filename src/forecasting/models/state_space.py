"""Joint sample paths of a linear Gaussian state-space model, all paths at once.

    y[t] = Z a[t] + e[t],          e[t] ~ N(0, H)
    a[t+1] = T a[t] + c + n[t],    n[t] ~ N(0, Q)

A library estimates the parameters; the state after the last observation is drawn from its filtered
distribution here, and the two equations are run forward. The uncertainty of the estimated
parameters is left out.

Source: Durbin and Koopman (2012), Time Series Analysis by State Space Methods,
doi:10.1093/acprof:oso/9780199641178.001.0001, chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.models.common import one_thread


@dataclass(frozen=True)
class StateSpace:
    """A state-space model at the end of the observations; `k` is the number of states.

    Attributes
    ----------
    design : numpy.ndarray
        Z, shape ``(k,)``.
    transition : numpy.ndarray
        T, shape ``(k, k)``.
    intercept : numpy.ndarray
        c, shape ``(k,)``.
    noise : numpy.ndarray
        Covariance Q of the state noise, shape ``(k, k)``.
    observation_variance : float
        H.
    mean, covariance : numpy.ndarray
        Distribution of the state in the first period ahead, shapes ``(k,)`` and ``(k, k)``.
    """

    design: np.ndarray
    transition: np.ndarray
    intercept: np.ndarray
    noise: np.ndarray
    observation_variance: float
    mean: np.ndarray
    covariance: np.ndarray

    def draw_states(self, n_paths: int, rng: np.random.Generator) -> np.ndarray:
        """Draw states of the first period ahead, shape ``(n_paths, k)``."""
        states: np.ndarray = self.mean + _draw(_root(self.covariance), n_paths, rng)
        return states

    def run(self, states: np.ndarray, horizon: int, rng: np.random.Generator) -> np.ndarray:
        """Run the equations forward from `states`; paths of shape ``(n_paths, horizon)``."""
        n_paths = len(states)
        root = _root(self.noise)
        paths = rng.normal(0, np.sqrt(self.observation_variance), (n_paths, horizon))
        with one_thread():
            for step in range(horizon):
                paths[:, step] += states @ self.design
                moved = states @ self.transition.T + self.intercept
                states = moved + _draw(root, n_paths, rng)
        return paths


def _draw(root: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    draws: np.ndarray = rng.normal(size=(n, root.shape[1])) @ root.T
    return draws


def _root(covariance: np.ndarray) -> np.ndarray:
    """Matrix whose product with its transpose is the covariance; only directions that vary."""
    variances, directions = np.linalg.eigh((covariance + covariance.T) / 2)
    varying = variances > variances.max() * 1e-12
    root: np.ndarray = directions[:, varying] * np.sqrt(variances[varying])
    return root
