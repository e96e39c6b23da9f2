"""Dated interventions: a change of law, the opening of a centre, a month that was unlike any other.

An intervention is a regressor that is known for every period, also for those to come. Its effect is
estimated with the model, so it must have begun within the observations.

Source: Box and Tiao (1975), doi:10.1080/01621459.1975.10480264.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.periods import FREQUENCY_NAMES, format_period, frequency_of
from forecasting.series import RegularSeries

SHAPES = ("step", "pulse", "ramp")


@dataclass(frozen=True)
class Intervention:
    """Something that happened at a known period and changed the series.

    Attributes
    ----------
    name : str
        Name of its coefficient.
    start : pandas.Period
        First period of the effect.
    shape : {"step", "pulse", "ramp"}
        1 from `start` on; 1 in `start` only; 1, 2, 3 ... from `start` on.
    end : pandas.Period or None
        Last period of a step (0 after it) or of the growth of a ramp (constant after it); None if
        it lasts. A pulse has none.

    Raises
    ------
    InputError
        If the shape is unknown, or `end` does not fit the shape, lies before `start` or has
        another frequency.
    """

    name: str
    start: pd.Period
    shape: str = "step"
    end: pd.Period | None = None

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise InputError(
                f"shape '{self.shape}'", where=self._where(), expected=", ".join(SHAPES)
            )
        if self.end is None:
            return
        if self.shape == "pulse":
            raise InputError(
                "a pulse with an end",
                where=self._where(),
                expected="a pulse of one period",
                action="a longer one is a step with an end",
            )
        if frequency_of(self.end) != frequency_of(self.start) or self.end < self.start:
            raise InputError(
                f"end {format_period(self.end)}",
                where=self._where(),
                expected=f"{format_period(self.start)}, the start, or a later one like it",
            )

    def known_at(self, origin: pd.Period) -> Intervention | None:
        """Return it as it was known at `origin`: None before it began; an end to come was not."""
        if frequency_of(self.start) != frequency_of(origin):
            return self  # refused by `check`, which names the series
        if self.start > origin:
            return None
        return replace(self, end=None) if self.end and self.end > origin else self

    def values(self, periods: pd.PeriodIndex) -> np.ndarray:
        """Values of the regressor, shape ``(n_periods,)``."""
        since_start: np.ndarray = periods.asi8 - self.start.ordinal + 1  # 1 in the first period
        if self.shape == "pulse":
            return np.asarray(since_start == 1, dtype=float)
        length = np.inf if self.end is None else self.end.ordinal - self.start.ordinal + 1
        if self.shape == "step":
            return np.asarray((since_start >= 1) & (since_start <= length), dtype=float)
        return np.asarray(np.clip(since_start, 0, length), dtype=float)

    def check(self, series: RegularSeries) -> None:
        """Refuse an intervention whose effect the series cannot show.

        Raises
        ------
        InputError
            If it has another frequency than the series, or starts outside the observations.
        """
        if frequency_of(self.start) != series.frequency:
            raise InputError(
                f"start {format_period(self.start)}",
                where=self._where(),
                expected=f"a period of the {FREQUENCY_NAMES[series.frequency]} series "
                f"{series.series_id}",
            )
        if not series.periods[0] <= self.start <= series.origin:
            when = "after the last" if self.start > series.origin else "before the first"
            raise InputError(
                f"start {format_period(self.start)}, {when} observation of {series.series_id}",
                where=self._where(),
                expected=f"{format_period(series.periods[0])} to {format_period(series.origin)}",
                action="an effect that was not observed cannot be estimated; leave it out",
            )

    def _where(self) -> str:
        return f"intervention {self.name}"
