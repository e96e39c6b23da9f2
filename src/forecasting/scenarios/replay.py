"""Growth that was observed in a window of months, taken over."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.periods import format_period
from forecasting.scenarios.schema import Replay
from forecasting.series import read_series

YEAR = 12


@lru_cache(maxsize=32)
def replay_factors(replay: Replay) -> np.ndarray:
    """Return what was observed in each month of a window over the mean of the twelve before it.

    Parameters
    ----------
    replay : Replay

    Returns
    -------
    numpy.ndarray
        Shape ``(n_months,)``, not to be written to.

    Raises
    ------
    InputError
        If the window ends before it starts, or its months or the twelve before it are not held.
    """
    if replay.end < replay.start:
        raise InputError(
            say(
                "the end {end} is before the start {start}",
                end=format_period(replay.end),
                start=format_period(replay.start),
            ),
            expected=say("{month} or later", month=format_period(replay.start)),
        )
    series = read_series(replay.series)
    first, last = series.periods[0] + YEAR, series.origin
    if series.frequency != "M" or replay.start < first or replay.end > last:
        raise InputError(
            say(
                "{name}, {low} to {high}",
                name=replay.series,
                low=format_period(replay.start),
                high=format_period(replay.end),
            ),
            expected=say(
                "months from {low} to {high}, which are held with the twelve before them",
                low=format_period(first),
                high=format_period(last),
            ),
        )
    before = series.values[replay.start - YEAR : replay.start - 1].to_numpy(dtype=float)
    if not before.any():
        raise InputError(
            say(
                "nobody came in the twelve months before the window begins ({month})",
                month=format_period(replay.start),
            ),
            expected=say("a window with arrivals before it"),
        )
    observed = series.values[replay.start : replay.end].to_numpy(dtype=float) / before.mean()
    observed.flags.writeable = False
    return np.asarray(observed)
