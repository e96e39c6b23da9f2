"""Regular series: observations without gaps, as they were known at a date."""

from __future__ import annotations

from forecasting.series.read import read_series, series_from_rows
from forecasting.series.regular import RegularSeries, make_series

__all__ = ["RegularSeries", "make_series", "read_series", "series_from_rows"]
