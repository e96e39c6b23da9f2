"""A linear pool of models of a stock: every member contributes an equal share of the paths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from forecasting.paths import make_paths, periods_of
from forecasting.series import RegularSeries
from forecasting.stocks.fitted_stock import FittedStock, StockModel, inflow_of


@dataclass(frozen=True)
class PooledStock:
    """Members fitted to a stock and its inflow; see `StockPool`."""

    stock: RegularSeries
    members: tuple[FittedStock, ...]

    def project(
        self, inflow_paths: xr.DataArray, *, n_paths: int, rng: np.random.Generator
    ) -> xr.DataArray:
        """Draw joint paths of the stock, by the members in turn; see `FittedStock`.

        Path i follows inflow path i, whoever draws it.
        """
        values = np.empty(inflow_of(inflow_paths, self.stock, n_paths).shape)
        turns = len(self.members)
        for turn, member in enumerate(self.members):
            drawn = member.project(inflow_paths, n_paths=n_paths, rng=rng)
            values[turn::turns] = drawn.to_numpy()[turn::turns]
        return make_paths(values, periods_of(inflow_paths), unit=self.stock.unit, kind="stock")


@dataclass(frozen=True)
class StockPool:
    """A model of a stock: ``fit(stock, inflow)`` fits all members.

    Attributes
    ----------
    members : tuple of callable
        Models of a stock.
    """

    members: tuple[StockModel, ...]

    def __call__(self, stock: RegularSeries, inflow: RegularSeries) -> PooledStock:
        """Fit every member; errors are those of the members."""
        return PooledStock(stock, tuple(fit(stock, inflow) for fit in self.members))
