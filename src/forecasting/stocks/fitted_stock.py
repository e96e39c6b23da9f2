"""What every model of a stock keeps to, and what it may be given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import xarray as xr

from forecasting.errors import InputError, ModelError
from forecasting.paths import periods_of
from forecasting.periods import FREQUENCY_NAMES, following, format_period
from forecasting.series import RegularSeries


class FittedStock(Protocol):
    """A model fitted to a stock and its inflow."""

    def project(
        self, inflow_paths: xr.DataArray, *, n_paths: int, rng: np.random.Generator
    ) -> xr.DataArray:
        """Draw joint paths of the stock.

        Parameters
        ----------
        inflow_paths : xarray.DataArray
            Inflow of the periods that follow the last stock, dims ``(path, period)``; `n_paths` of
            them, or a single one for all.
        n_paths : int
        rng : numpy.random.Generator

        Returns
        -------
        xarray.DataArray
            Shape ``(n_paths, horizon)``, a stock, never negative.
        """
        ...


StockModel = Callable[[RegularSeries, RegularSeries], FittedStock]
"""Fits a stock and its inflow, both known up to the same period."""


def aligned(
    stock: RegularSeries, inflow: RegularSeries, window: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stock before, inflow and stock after of every period in which all three are known."""
    if window < 2:
        raise InputError(f"window of {window} periods", expected="2 or more")
    for series, kind in ((stock, "stock"), (inflow, "flow")):
        if series.kind != kind:
            raise InputError(
                f"series of kind '{series.kind}'", where=series.series_id, expected=f"a {kind}"
            )
    if stock.frequency != inflow.frequency:
        raise InputError(
            f"a {FREQUENCY_NAMES[inflow.frequency]} inflow",
            where=inflow.series_id,
            expected=f"{FREQUENCY_NAMES[stock.frequency]} as the stock {stock.series_id}",
        )
    if inflow.origin < stock.origin:
        raise InputError(
            f"inflow ends with {format_period(inflow.origin)}",
            where=inflow.series_id,
            expected=f"{format_period(stock.origin)} or later, the last stock",
        )
    pairs = stock.values.to_frame("after").assign(
        before=stock.values.shift(), came=inflow.values.reindex(stock.values.index)
    )
    known = pairs[max(stock.periods[0] + 1, inflow.periods[0]) :]
    for series, column in ((stock, "after"), (stock, "before"), (inflow, "came")):
        gaps = known.index[known[column].isna()]
        if len(gaps):
            raise InputError(
                f"no value for {format_period(gaps[0])}",
                where=series.series_id,
                expected="series without gaps",
            )
    if len(known) < 2 * window + 1:
        raise ModelError(
            f"{stock.series_id}: {len(known)} periods with stock and inflow; "
            f"expected: {2 * window + 1} or more for a window of {window}"
        )
    before, came, after = (known[name].to_numpy() for name in ("before", "came", "after"))
    return before, came, after


def inflow_of(paths: xr.DataArray, stock: RegularSeries, n_paths: int) -> np.ndarray:
    """Inflow of each path, shape ``(n_paths, horizon)``."""
    periods = periods_of(paths)
    if not periods.equals(following(stock.origin, len(periods))):
        raise InputError(
            f"inflow paths from {format_period(periods[0])}",
            expected=f"from {format_period(stock.origin + 1)}, after the last stock",
        )
    values = paths.to_numpy()
    if (values < 0).any():
        raise InputError(f"inflow {values.min():g} on a path", expected="0 or more")
    if len(values) not in {1, n_paths}:
        raise InputError(f"{len(values)} inflow paths", expected=f"{n_paths}, or 1")
    return np.broadcast_to(values, (n_paths, values.shape[1]))
