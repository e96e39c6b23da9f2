"""Estimation of state-space models by statsmodels, and the choice among specifications.

The coefficients of regressors are states: estimated by generalised least squares, with their
standard errors, for given variances. The other parameters are estimated by maximum likelihood.

The choice is by AICc (Hurvich and Tsai 1989, doi:10.1093/biomet/76.2.297) on the observations that
every specification can predict, those after its initial states are known. So models of different
orders of differencing compare.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from forecasting.errors import ModelError
from forecasting.models.common import one_thread
from forecasting.models.state_space import StateSpace

MAX_ITERATIONS = 100

INITIAL_VARIANCE = 1e4
"""Variance of states of which nothing is known before the first observation, in units of the
variance of the series. With the 1e6 of the library the likelihood loses the digits that its
maximisation needs once there are regressors."""

UNKNOWN = 100
"""Variance one step ahead from which on the states of a model count as not yet known."""

Builder = Callable[[np.ndarray, np.ndarray | None], Any]
"""Makes a statsmodels model of observations and regressors."""


def choose(
    builders: Mapping[str, Builder], values: np.ndarray, regressors: np.ndarray
) -> tuple[str, Any]:
    """Estimate every specification and return the best one.

    Parameters
    ----------
    builders : mapping of str to callable
        Specifications by name.
    values : numpy.ndarray
        Observations with mean 0 and variance 1, NaN where one is missing, shape ``(n_periods,)``.
    regressors : numpy.ndarray
        Shape ``(n_periods, n_regressors)``; there may be none.

    Returns
    -------
    str, statsmodels results
        Name of the specification with the smallest AICc, and its estimates.

    Raises
    ------
    ModelError
        If none can be estimated.
    """
    exog = regressors if regressors.shape[1] else None
    results: dict[str, Any] = {}
    problems: list[str] = []
    with one_thread():
        for name, build in builders.items():
            try:
                results[name] = _estimate(build(values, exog))
            except Exception as problem:  # the library raises bare exceptions of many kinds
                problems.append(f"{name}: {problem}")
    if not results:
        raise ModelError(f"no specification can be estimated ({'; '.join(problems)})")
    usable = np.all([_predicted(result) for result in results.values()], axis=0)
    best = min(results, key=lambda name: aicc(results[name], usable))
    return best, results[best]


def aicc(result: Any, usable: np.ndarray) -> float:
    """Corrected Akaike criterion of a fitted model on the usable observations.

    AICc = -2 log L + 2 k n / (n - k - 1), with k estimated parameters and n usable observations;
    infinite if there are too few.
    """
    n, k = int(usable.sum()), len(result.params) + int(result.filter_results.filter_concentrated)
    if n <= k + 1:
        return np.inf
    log_likelihood = float(result.filter_results.llf_obs[usable].sum())
    return -2 * log_likelihood + 2 * k * n / (n - k - 1)


def state_space_of(result: Any, n_regressors: int) -> StateSpace:
    """Read the model and its state after the last observation from statsmodels results.

    The coefficients of the regressors are the last `n_regressors` states; they are left out of the
    design, since each path may have regressors of its own.
    """
    found = result.filter_results
    selection = found.selection[..., -1]
    design = np.array(found.design[0, :, -1])
    design[len(design) - n_regressors :] = 0
    return StateSpace(
        design=design,
        transition=found.transition[..., -1],
        intercept=found.state_intercept[..., -1],
        noise=selection @ found.state_cov[..., -1] @ selection.T,
        observation_variance=float(found.obs_cov[0, 0, -1]),
        mean=found.predicted_state[:, -1],
        covariance=found.predicted_state_cov[..., -1],
    )


def _estimate(model: Any) -> Any:
    options = {"disp": False, "maxiter": MAX_ITERATIONS, "cov_type": "none"}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # starting values put to zero, no convergence: seen below
        result = model.fit(**options)
        if not result.mle_retvals["converged"]:  # once more with exact instead of fast gradients
            result = model.fit(result.params, optim_score="approx", **options)
    if not result.mle_retvals["converged"]:
        raise ModelError(f"no convergence in {MAX_ITERATIONS} iterations")
    if not np.isfinite(result.filter_results.predicted_state_cov[..., -1]).all():
        raise ModelError("estimates that are not finite numbers")
    return result


def _predicted(result: Any) -> np.ndarray:
    """Which observations are there and were predicted from states that were known."""
    found = result.filter_results
    variance = found.forecasts_error_cov[0, 0] / found.scale
    usable: np.ndarray = (found.nmissing == 0) & (variance < UNKNOWN)
    return usable
