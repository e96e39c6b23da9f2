"""Charts of the briefing, drawn by matplotlib, returned as SVG text.

Nothing is computed here but places on the paper: every number and every word comes with the data.
Sizes are those of the printed page, so 9 pt here is 9 pt in print. Text is drawn as paths of the
bundled typeface; what a chart says in words is the caller's alternative text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecasting.briefing.drawing import (
    Paper,
    chart_style,
    period_middles,
)
from forecasting.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from forecasting.languages import Language


@dataclass(frozen=True)
class Band:
    """An interval of given level at each forecast period.

    Parameters
    ----------
    level : int
        Percent, the key of the band's label.
    lower, upper : array of shape (n_periods,)
    """

    level: int
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True)
class BreakMark:
    """A break in the observations, as the chart shows it.

    Parameters
    ----------
    period : pandas.Period
        One of the observed periods.
    label : str
        A sign or two above the end of its line; empty for a line without one.
    stays : bool
        A level shift stands at the beginning of its period, a single period out of line in its
        middle.
    """

    period: pd.Period
    label: str
    stays: bool


@dataclass(frozen=True)
class FanChart:
    """Observations and what may follow.

    Parameters
    ----------
    observed_periods : pandas.PeriodIndex
        From the first period to be shown up to the origin.
    observed : array of shape (n_observed,)
    periods : pandas.PeriodIndex
        Forecast periods.
    median : array of shape (n_periods,)
    bands : sequence of Band
    y_max : float, optional
        Top of the value axis; bands that reach further are cut there.
    outturn : array of shape (n_periods,), optional
        What was counted in the forecast periods since.
    breaks : sequence of BreakMark
        In order of time.
    """

    observed_periods: pd.PeriodIndex
    observed: NDArray[np.float64]
    periods: pd.PeriodIndex
    median: NDArray[np.float64]
    bands: Sequence[Band]
    y_max: float | None = None
    outturn: NDArray[np.float64] | None = None
    breaks: Sequence[BreakMark] = ()


@dataclass(frozen=True)
class ChartLabels:
    """The words of a chart, in one language.

    Parameters
    ----------
    language : Language
        Writes the numbers at the axis.
    unit : str
        Title of the value axis, written above it.
    forecast : str
        Word beside the line at the origin; an arrow follows it.
    median : str
        Words at the end of the median.
    bands : mapping of int to str
        Words at the end of each band's upper edge, by level.
    clipped : mapping of int to str
        Words for a band that is cut at `y_max`, by level, for example ``"95 %: to 9,800"``.
    outturn : str
        Words at the end of the line of what was counted since.
    """

    language: Language
    unit: str
    forecast: str
    median: str
    bands: Mapping[int, str]
    clipped: Mapping[int, str] = field(default_factory=dict)
    outturn: str = ""


@dataclass(frozen=True)
class Size:
    """Size on paper in millimetres. A drawing keeps its scale only in a place of its width."""

    width_mm: float = 170.0
    height_mm: float = 72.0


FULL_WIDTH = Size()
"""As wide as the text of an A4 page."""
HALF_WIDTH = Size(81.0, 60.0)
"""As wide as one of two columns."""


def fan_chart(data: FanChart, labels: ChartLabels, *, size: Size = FULL_WIDTH) -> str:
    """Draw observations, median and bands over time.

    Parameters
    ----------
    data : FanChart
    labels : ChartLabels
    size : Size

    Returns
    -------
    str
        An ``<svg>`` element, the same text for the same input.

    Raises
    ------
    InputError
        Arrays and periods differ in length, a value is not finite, a band has no label, or a break
        is in no observed period.
    """
    _check(data, labels)
    _check_breaks(data)
    observed_x, future_x = period_middles(data.observed_periods), period_middles(data.periods)
    start = (observed_x[-1:], data.observed[-1:])
    with chart_style():
        paper = Paper(data, labels, size)
        paper.draw(observed_x, data.observed, future_x, start)
        if data.outturn is not None:
            paper.draw_outturn(future_x, data.outturn, start)
        paper.draw_breaks(data.breaks)
        return paper.finish()


def _check(data: FanChart, labels: ChartLabels) -> None:
    arrays = {"median": (data.median, data.periods)}
    arrays["observed"] = (data.observed, data.observed_periods)
    for band in data.bands:
        arrays[f"lower edge of the {band.level} % band"] = (band.lower, data.periods)
        arrays[f"upper edge of the {band.level} % band"] = (band.upper, data.periods)
        if band.level not in labels.bands:
            raise InputError(f"no label for the {band.level} % band", where="chart labels")
    if data.outturn is not None:
        arrays["outturn"] = (data.outturn, data.periods)
    for name, (values, periods) in arrays.items():
        if len(values) != len(periods):
            raise InputError(
                f"{name} has {len(values)} values", where="chart", expected=f"{len(periods)}"
            )
        if not np.isfinite(values).all():
            raise InputError(f"{name} has values that are not finite", where="chart")
    if not len(data.periods):
        raise InputError("no forecast periods", where="chart", expected="at least one")


def _check_breaks(data: FanChart) -> None:
    for mark in data.breaks:
        if mark.period not in data.observed_periods:
            raise InputError(
                f"break {mark.label!r} in {mark.period}",
                where="chart",
                expected=f"a period from {data.observed_periods[0]} to {data.observed_periods[-1]}",
            )
