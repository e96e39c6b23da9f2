"""The flow of a chain: its forecast, and its paths under a scenario."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts import Forecast, experience_of, forecast
from forecasting.languages.messages import say
from forecasting.paths import periods_of
from forecasting.periods import format_period, months_between
from forecasting.projections.draws import Drawing
from forecasting.series import read_series


def forecast_flow(
    name: str, until: pd.Period, drawing: Drawing, *, model: str = "pool"
) -> Forecast:
    """Forecast a flow, such as ``asylum-applicants/SI``, up to a month.

    Raises
    ------
    InputError
        If there are no figures of it, they reach the month already, or the number of paths or the
        model cannot be used.
    ModelError
        If no model can be fitted.
    """
    series = read_series(name)
    horizon = months_between(series.origin + 1, until)
    if not horizon:
        raise InputError(
            say("a chain until {month}", month=format_period(until)),
            where=name,
            expected=say(
                "a month after {month}, the last one counted", month=format_period(series.origin)
            ),
        )
    return forecast(
        series,
        horizon=horizon,
        model=model,
        experience=experience_of(name.partition("/")[0]),
        n_paths=drawing.n_paths,
        seed=drawing.seed,
    )


def over_months(flow: Forecast, paths: xr.DataArray, wanted: pd.PeriodIndex) -> np.ndarray:
    """Return paths of the flow over other months, what was observed in front.

    Parameters
    ----------
    flow : Forecast
        With the observations.
    paths : xarray.DataArray
        Its paths, or those of a scenario.
    wanted : pandas.PeriodIndex
        Consecutive months, none after the last of `paths`.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_paths, n_wanted)``.
    """
    values, first = paths.to_numpy(), wanted[0].ordinal - periods_of(paths)[0].ordinal
    if first < 0:  # facts, the same on every path
        facts = flow.series.values[wanted[0] :].to_numpy(dtype=float)
        values = np.hstack([np.broadcast_to(facts, (len(values), len(facts))), values])
    first = max(first, 0)
    return np.ascontiguousarray(values[:, first : first + len(wanted)])
