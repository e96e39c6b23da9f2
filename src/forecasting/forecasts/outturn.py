"""Forecasts held against what was counted: by another source, and by the series itself."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from forecasting.errors import InputError
from forecasting.forecasts.pool import Forecast
from forecasting.forecasts.summary import Estimate, span_estimate
from forecasting.paths import interval, periods_of
from forecasting.periods import months_between
from forecasting.sources import read_spans
from forecasting.sources.reference import find_dataset


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


@dataclass(frozen=True)
class PastForecast:
    """An earlier forecast and what was counted since.

    Attributes
    ----------
    result : Forecast
        Made at an earlier origin.
    counted : pandas.Series
        Observations over its horizon.
    total : Estimate
        Total over the horizon, as forecast.
    inside : int
        Periods whose count lies within the 80 % interval.
    """

    result: Forecast
    counted: pd.Series
    total: Estimate
    inside: int


def score_past(result: Forecast, observed: pd.Series) -> PastForecast:
    """Hold an earlier forecast against the observations made since.

    Raises
    ------
    InputError
        If a period of the forecast has not been observed.
    """
    periods = periods_of(result.paths)
    counted = observed.reindex(periods)
    if counted.isna().any():
        raise InputError(
            "a forecast that reaches beyond the observations",
            where=result.series.series_id,
            expected="an origin so early that all of its periods have been observed",
        )
    lower, upper = interval(result.paths, 80).to_numpy()
    inside = int(((counted >= lower) & (counted <= upper)).sum())
    return PastForecast(result, counted, span_estimate(result, periods[0], periods[-1]), inside)


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
        Spans that had not been published by then, by the publication lag of the data set, are
        left out.

    Returns
    -------
    list of Outturn
        Spans that the observations and paths cover, in the order of the file.
    """
    lag = find_dataset(dataset).publication_lag_months
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
        if first <= span.start and span.end <= last and (as_of is None or span.end <= as_of - lag)
    ]
