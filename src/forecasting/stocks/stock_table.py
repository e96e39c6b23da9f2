"""The long tables of `forecasting occupancy` and `forecasting backlog`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.paths import quantile
from forecasting.periods import format_period
from forecasting.tables import QUANTILE_LEVELS

STOCK_COLUMNS = ("period", "output_type", "quantile_level", "value")
"""Columns of the tables; the quantile level is empty where the value is no quantile."""


@dataclass(frozen=True)
class Output:
    """One output over all periods.

    Attributes
    ----------
    output_type : str
    values : numpy.ndarray
        One per period; NaN where the output has none.
    quantile_level : float or None
    """

    output_type: str
    values: np.ndarray
    quantile_level: float | None = None


def quantile_outputs(output_type: str, paths: xr.DataArray) -> list[Output]:
    """Twenty-three quantiles of paths."""
    values = quantile(paths, QUANTILE_LEVELS).to_numpy()
    return [
        Output(output_type, own, level) for own, level in zip(values, QUANTILE_LEVELS, strict=True)
    ]


def path_outputs(output_type: str, paths: xr.DataArray) -> list[Output]:
    """Mean and quantiles of paths, the mean without a quantile level."""
    mean = Output(output_type, paths.to_numpy().mean(axis=0))
    return [mean, *quantile_outputs(output_type, paths)]


def stock_table(periods: pd.PeriodIndex, outputs: Sequence[Output]) -> pd.DataFrame:
    """Write outputs as a long table, period by period; columns `STOCK_COLUMNS`."""
    levels = [np.nan if out.quantile_level is None else out.quantile_level for out in outputs]
    table = pd.DataFrame(
        {
            "period": np.repeat([format_period(period) for period in periods], len(outputs)),
            "output_type": [out.output_type for out in outputs] * len(periods),
            "quantile_level": levels * len(periods),
            "value": np.column_stack([out.values for out in outputs]).ravel(),
        },
        columns=list(STOCK_COLUMNS),
    )
    return table.dropna(subset="value", ignore_index=True)
