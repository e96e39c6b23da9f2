"""Scenarios: files of levers, and what they do to the arrivals."""

from __future__ import annotations

from forecasting.scenarios.arrivals import apply_arrivals, apply_to_flow, scenario_forecast
from forecasting.scenarios.chain import config_of, levers_on, things_of
from forecasting.scenarios.levers import LEVERS, LeverKind
from forecasting.scenarios.load import load_scenario, scenario_names
from forecasting.scenarios.profile import drawn, lever_values
from forecasting.scenarios.schema import Chain, Lever, Replay, Scenario, without
from forecasting.scenarios.write import write_scenario

__all__ = [
    "LEVERS",
    "Chain",
    "Lever",
    "LeverKind",
    "Replay",
    "Scenario",
    "apply_arrivals",
    "apply_to_flow",
    "config_of",
    "drawn",
    "lever_values",
    "levers_on",
    "load_scenario",
    "scenario_forecast",
    "scenario_names",
    "things_of",
    "without",
    "write_scenario",
]
