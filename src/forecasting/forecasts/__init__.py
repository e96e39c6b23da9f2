"""The one `forecast()`: a linear pool of the members' simulated paths."""

from __future__ import annotations

from forecasting.forecasts.experience import Experience, experience_of
from forecasting.forecasts.pool import (
    DEFAULT_POOL,
    MAX_HORIZON,
    Forecast,
    MemberReport,
    forecast,
)
from forecasting.forecasts.table import forecast_table

__all__ = [
    "DEFAULT_POOL",
    "MAX_HORIZON",
    "Experience",
    "Forecast",
    "MemberReport",
    "experience_of",
    "forecast",
    "forecast_table",
]
