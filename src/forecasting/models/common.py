"""What the models share: what they refuse, the two scales, and how libraries are kept in check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from forecasting.errors import ModelError
from forecasting.series import RegularSeries

SCALES = ("raw", "log")


def scaled_name(kind: str, scale: str) -> str:
    """Name of a model in tables and messages: ``ets`` on the raw scale, else ``ets-log``."""
    return kind if scale == "raw" else f"{kind}-{scale}"


def require_observations(name: str, series: RegularSeries, needed: int) -> None:
    """Refuse a series with fewer observations than a model needs; a missing value is none.

    Raises
    ------
    ModelError
        If there are fewer.
    """
    observed = int(series.values.count())
    if observed < needed:
        raise ModelError(f"{name} needs {needed} observations, {series.series_id} has {observed}")


def require_complete(name: str, series: RegularSeries) -> None:
    """Refuse a series with gaps for a model that cannot estimate with them.

    Raises
    ------
    ModelError
        If a value is missing.
    """
    missing = int(series.values.isna().sum())
    if missing:
        raise ModelError(
            f"{name} needs a series without gaps, in {series.series_id} {missing} of "
            f"{len(series.values)} values are missing; use structural, sarimax or prophet, "
            "or read the series with missing='interpolate'"
        )


def to_scale(series: RegularSeries, scale: str) -> np.ndarray:
    """Values of a series as they are, or as log(1 + y); always a copy."""
    values = series.values.to_numpy(dtype=float, copy=True)
    return np.log1p(values) if scale == "log" else values


def paths_from_scale(
    values: np.ndarray, series: RegularSeries, *, scale: str, name: str
) -> np.ndarray:
    """Turn draws on the scale of a model into sample paths of the series, the same shape.

    Counts are never negative: what falls below zero becomes zero.

    Parameters
    ----------
    values : numpy.ndarray
        Shape ``(n_paths, horizon)``, on the scale of the model.
    series : RegularSeries
        What the model was fitted to.
    scale : {"raw", "log"}
        See `to_scale`.
    name : str
        The model, for the message.

    Raises
    ------
    ModelError
        If a path runs to infinity.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        raw = np.expm1(values) if scale == "log" else values
    if not np.isfinite(raw).all():
        raise ModelError(f"{name} on {series.series_id}: paths run to infinity")
    return np.asarray(np.maximum(raw, 0))


def responses(errors: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Add up what every error of a linear model does to the periods from its own on.

    Parameters
    ----------
    errors : numpy.ndarray
        Shape ``(n_paths, horizon)``.
    response : numpy.ndarray
        What a single error of 1 adds in its own period and in those after it, shape ``(horizon,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_paths, horizon)``.
    """
    horizon = len(response)
    shifted = np.concatenate([np.zeros(horizon - 1), response])
    rows = np.lib.stride_tricks.sliding_window_view(shifted, horizon)[::-1]
    return np.asarray(errors @ np.ascontiguousarray(rows))


@contextmanager
def global_seed_kept(seed: int | None = None) -> Iterator[None]:
    """Put NumPy's global random state back afterwards, whatever a library does to it.

    Parameters
    ----------
    seed : int, optional
        Where a library draws from the global state: what it starts from inside the block.
    """
    state = np.random.get_state()  # noqa: NPY002 - put back what the library sets
    try:
        if seed is not None:
            np.random.seed(seed)  # noqa: NPY002
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


def one_thread() -> AbstractContextManager[object]:
    """Let linear algebra use one thread.

    For matrices as small as those of a model several threads take ten times as long as one, the
    more so while another process uses the cores.
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits
