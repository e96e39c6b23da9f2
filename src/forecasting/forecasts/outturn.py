"""Counts of another source for the same persons, beside our figures and forecast."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from forecasting.forecasts.pool import Forecast
from forecasting.forecasts.summary import Estimate, span_estimate
from forecasting.periods import months_between
from forecasting.sources import read_spans


@dataclass(frozen=True)
class Outturn:
    """What another source counted over a span of months.

    Attributes
    ----------
    start, end : pandas.Period
        First and last month.
    counted : int
        Count of the other source.
    own : Estimate
        Total of our figures over the same months: observed ones are facts, later ones paths.
    forecast_months : int
        How many of the months were forecast.
    """

    start: pd.Period
    end: pd.Period
    counted: int
    own: Estimate
    forecast_months: int


def compare_outturns(
    result: Forecast, dataset: str, geo: str, *, as_of: pd.Period | None = None
) -> list[Outturn]:
    """Hold a forecast beside the counts of another source.

    Parameters
    ----------
    result : Forecast
        Monthly forecast of a flow.
    dataset : str
        Reference data of the shape *spans*.
    geo : str
        Country.
    as_of : pandas.Period, optional
        Spans that end later were not known then and are left out.

    Returns
    -------
    list of Outturn
        Spans that the observations and paths cover, in the order of the file.
    """
    first, last = result.series.periods[0], result.paths.indexes["period"][-1]
    return [
        Outturn(
            span.start,
            span.end,
            span.value,
            span_estimate(result, span.start, span.end),
            months_between(max(span.start, result.origin + 1), span.end),
        )
        for span in read_spans(dataset, geo)
        if first <= span.start and span.end <= last and (as_of is None or span.end <= as_of)
    ]
