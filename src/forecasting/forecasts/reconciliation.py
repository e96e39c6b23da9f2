"""Base forecasts of a hierarchy made coherent: parts add up to their parent on every path."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts.hierarchy import Hierarchy
from forecasting.paths import make_paths, periods_of
from forecasting.periods import format_period

FEWEST_ERRORS = 4
"""Past errors of each series without which no correlation is estimated."""


def reconcile(
    base: Mapping[str, xr.DataArray],
    hierarchy: Hierarchy,
    errors: pd.DataFrame,
    *,
    rng: np.random.Generator,
) -> dict[str, xr.DataArray]:
    r"""Make sample paths that were drawn series by series add up, as whole persons, on every path.

    1. *Dependence.* Whole paths of each series are re-ordered by their sum over the horizon: those
       of the leaves get the ranks of a Gaussian copula with the correlation of the past errors
       (see `shrunk_correlation`; Schefzik, Thorarinsdottir and Gneiting 2013,
       doi:10.1214/13-STS443), those of any other series the ranks of the sum of its leaves. No
       path is changed, so each series keeps its distribution and its dependence over months.
       The sum of independent paths would be too certain.
    2. *Minimum trace.* Every path :math:`\hat y` of a period is projected,
       :math:`\tilde y = S (S' W^{-1} S)^{-1} S' W^{-1} \hat y` with the shrunk covariance W of the
       past errors (Wickramasuriya, Athanasopoulos and Hyndman 2019,
       doi:10.1080/01621459.2018.1448825; for samples Panagiotelis et al. 2023,
       doi:10.1016/j.ejor.2022.07.040).
    3. *Counts.* Leaves below 0 are set to 0, leaves are rounded to whole numbers by largest
       remainder, so that they add up to the rounded total, and all other series are their sums.

    Parameters
    ----------
    base : mapping of str to xarray.DataArray
        Paths of every series of the hierarchy, dims ``(path, period)``, with the same number of
        paths, periods, unit and kind.
    hierarchy : Hierarchy
        Which series is a part of which.
    errors : pandas.DataFrame
        Past forecast errors, outcome minus forecast, in the unit of the paths: a row per case, a
        column per series. Best are errors of the sum over the horizon, each divided by its series'
        level at the origin and multiplied by today's.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    dict of str to xarray.DataArray
        Paths of every series, parents first: whole numbers from 0; parts add up to their parent.

    Raises
    ------
    InputError
        If a series has no paths or errors, the paths do not fit together, or there are too few
        errors.
    """
    drawn, known = _stack(base, hierarchy), _error_matrix(errors, hierarchy)
    correlation, widths = shrunk_correlation(known), np.sqrt((known**2).mean(axis=0))
    joint = reorder(drawn, correlation, hierarchy, rng)
    leaves = joint @ min_trace(hierarchy, correlation * np.outer(widths, widths)).T
    summed = _whole(np.maximum(leaves, 0)) @ hierarchy.summing_matrix().T
    like = base[hierarchy.total]
    return {
        node: make_paths(summed[..., place], periods_of(like), **_attributes(like))
        for place, node in enumerate(hierarchy.nodes)
    }


def shrunk_correlation(errors: np.ndarray) -> np.ndarray:
    r"""Correlation of forecast errors, shrunk towards independence.

    :math:`(1-\lambda) r_{ij}` off the diagonal, with
    :math:`\lambda = \sum \widehat{\mathrm{Var}}(r_{ij}) / \sum r_{ij}^2` in [0, 1] (Schäfer and
    Strimmer 2005, doi:10.2202/1544-6115.1175); errors are not centred, as in MinT: their mean is 0
    unless the forecasts are biased.

    Parameters
    ----------
    errors : numpy.ndarray
        Shape ``(n_cases, n_series)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_series, n_series)``, ones on the diagonal; a series without errors is
        uncorrelated.
    """
    n_cases = len(errors)
    scale = np.sqrt((errors**2).mean(axis=0))
    scaled = errors / np.where(scale > 0, scale, 1)
    raw = scaled.T @ scaled / n_cases
    variance = ((scaled**2).T @ scaled**2 / n_cases - raw**2) / (n_cases - 1)
    np.fill_diagonal(raw, 0)
    np.fill_diagonal(variance, 0)
    squares = (raw**2).sum()
    shrinkage = min(1.0, variance.sum() / squares) if squares > 0 else 1.0
    return np.asarray((1 - shrinkage) * raw + np.eye(len(raw)))


def min_trace(hierarchy: Hierarchy, covariance: np.ndarray) -> np.ndarray:
    r"""Matrix that maps base forecasts of all series to reconciled leaves.

    :math:`(S' W^{-1} S)^{-1} S' W^{-1}`, computed as the rows of the leaves in
    :math:`I - W C' (C W C')^{-1} C`, where C y = 0 says that parts add up: the same matrix, also
    where W has no inverse. Where past errors add up exactly, they do not say which series to move,
    and the leaves stay as they are.

    Parameters
    ----------
    hierarchy : Hierarchy
        Which series is a part of which.
    covariance : numpy.ndarray
        W, shape ``(n_nodes, n_nodes)``, in the order of ``hierarchy.nodes``.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_leaves, n_nodes)``.
    """
    is_leaf, identity = _is_leaf(hierarchy), np.eye(len(hierarchy.nodes))
    constraints = identity[~is_leaf] - hierarchy.summing_matrix()[~is_leaf] @ identity[is_leaf]
    across = covariance @ constraints.T
    rounding = 1e-12 * np.diag(np.abs(constraints) @ np.diag(covariance))
    gain = across @ np.linalg.pinv(constraints @ across + rounding, hermitian=True)
    return np.asarray((identity - gain @ constraints)[is_leaf])


def reorder(
    drawn: np.ndarray, correlation: np.ndarray, hierarchy: Hierarchy, rng: np.random.Generator
) -> np.ndarray:
    """Make independent base paths dependent; step 1 of `reconcile`.

    Parameters
    ----------
    drawn : numpy.ndarray
        Shape ``(n_paths, n_periods, n_nodes)``, series in the order of ``hierarchy.nodes``.
    correlation : numpy.ndarray
        Shape ``(n_nodes, n_nodes)``.
    hierarchy : Hierarchy
        Which series is a part of which.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    numpy.ndarray
        The same paths of every series in another order.
    """
    is_leaf = _is_leaf(hierarchy)
    among_leaves = correlation[np.ix_(is_leaf, is_leaf)]
    normal = rng.multivariate_normal(np.zeros(is_leaf.sum()), among_leaves, size=len(drawn))
    leaves = np.sort(drawn[..., is_leaf].sum(axis=1), axis=0)
    joint = np.take_along_axis(leaves, normal.argsort(axis=0).argsort(axis=0), axis=0)
    return _put_at_ranks(drawn, joint @ hierarchy.summing_matrix().T)


def _put_at_ranks(drawn: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Order whole paths of each series as the `template`, shape (n_paths, n_series), is ordered."""
    ranks = template.argsort(axis=0, kind="stable").argsort(axis=0)
    by_size = drawn.sum(axis=1).argsort(axis=0, kind="stable")
    places = np.take_along_axis(by_size, ranks, axis=0)
    return np.take_along_axis(drawn, places[:, None, :], axis=0)


def _is_leaf(hierarchy: Hierarchy) -> np.ndarray:
    return np.array([not hierarchy.parts(node) for node in hierarchy.nodes])


def _whole(leaves: np.ndarray) -> np.ndarray:
    """Round the last axis by largest remainder, so that it adds up to its rounded sum."""
    parts = np.floor(leaves)
    left = np.rint(leaves.sum(axis=-1)) - parts.sum(axis=-1)
    by_remainder = (parts - leaves).argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable")
    return np.asarray(parts + (by_remainder < left[..., None]))


def _stack(base: Mapping[str, xr.DataArray], hierarchy: Hierarchy) -> np.ndarray:
    """Base paths of all nodes, shape ``(n_paths, n_periods, n_nodes)``."""
    missing = [node for node in hierarchy.nodes if node not in base]
    if missing:
        raise InputError(
            f"no base paths of {', '.join(missing[:5])}",
            where="hierarchy",
            expected="paths of every series of the hierarchy",
        )
    total = base[hierarchy.total]
    for node in hierarchy.nodes:
        if _describe(base[node]) != _describe(total):
            raise InputError(
                f"'{node}' has {_describe(base[node])}",
                where="base paths",
                expected=f"{_describe(total)}, as those of '{hierarchy.total}'",
            )
    return np.stack([base[node].to_numpy() for node in hierarchy.nodes], axis=-1)


def _describe(paths: xr.DataArray) -> str:
    periods = periods_of(paths)
    return (
        f"{paths.sizes['path']} paths of {paths.attrs['kind']}s in {paths.attrs['unit']}, "
        f"{format_period(periods[0])} to {format_period(periods[-1])}"
    )


def _error_matrix(errors: pd.DataFrame, hierarchy: Hierarchy) -> np.ndarray:
    """Past errors relative to the largest: only their proportions matter."""
    missing = [node for node in hierarchy.nodes if node not in errors]
    if missing:
        raise InputError(
            f"no past errors of {', '.join(missing[:5])}",
            where="errors",
            expected="a column for every series of the hierarchy",
        )
    values = errors[list(hierarchy.nodes)].to_numpy(dtype=float)
    if len(values) < FEWEST_ERRORS or not np.isfinite(values).all():
        raise InputError(
            f"{len(values)} cases, {int((~np.isfinite(values)).sum())} of their values missing",
            where="errors",
            expected=f"at least {FEWEST_ERRORS} cases and an error of every series in each",
        )
    largest = np.abs(values).max()
    return values / largest if largest > 0 else values  # squares of tiny errors would be lost


def _attributes(paths: xr.DataArray) -> dict[str, str]:
    return {"unit": str(paths.attrs["unit"]), "kind": str(paths.attrs["kind"])}
