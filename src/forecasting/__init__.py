"""Forecasting and target-setting suite for public administrations.

Observations become joint sample paths; every later number is a function of those same paths. The
names below are the public ones; each is imported when it is first used, so that
``import forecasting`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecasting.archive.former import former_runs
    from forecasting.briefing.caseload.report import CaseloadReport
    from forecasting.briefing.content import compose_briefing, save_results
    from forecasting.briefing.flows.report import FlowReport
    from forecasting.briefing.material import BriefingOptions
    from forecasting.briefing.pages.scenario_material import ScenarioRequest, project_scenarios
    from forecasting.briefing.savings.report import SavingsReport
    from forecasting.briefing.scenarios.report import ScenariosReport
    from forecasting.briefing.stocks.backlog_report import BacklogReport
    from forecasting.briefing.stocks.occupancy_report import OccupancyReport
    from forecasting.briefing.targets.report import TargetsReport
    from forecasting.checks import check_files
    from forecasting.errors import ForecastingError, InputError
    from forecasting.evaluation.backtest import BacktestOptions, backtest
    from forecasting.evaluation.skill import skill
    from forecasting.evaluation.target_backtest import target_backtest
    from forecasting.explorer.widget import Explorer
    from forecasting.forecasts import Experience, Forecast, experience_of, forecast, forecast_table
    from forecasting.forecasts.summary import persons_by_month, summarise
    from forecasting.languages import Language
    from forecasting.paths import (
        annual,
        cumulative,
        interval,
        mean,
        probability_at_least,
        quantile,
        with_observed,
    )
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.formulas import parse_formula
    from forecasting.programmes.proposals import propose_targets
    from forecasting.programmes.table import targets_table
    from forecasting.programmes.target_request import TargetRequest, forecast_driver, propose_all
    from forecasting.programmes.targets import target_at
    from forecasting.projections.attribution import attribute
    from forecasting.projections.comparison import compare_scenarios
    from forecasting.projections.project import project
    from forecasting.projections.reference import prepare_reference
    from forecasting.projections.selection import select_scenarios
    from forecasting.savings.config import load_savings, run_savings
    from forecasting.scenarios import load_scenario, scenario_forecast, scenario_names
    from forecasting.series import RegularSeries, make_series, read_series
    from forecasting.series.breaks import find_breaks
    from forecasting.stocks.backlog_config import load_backlog, run_backlog
    from forecasting.stocks.caseload import forecast_caseload
    from forecasting.stocks.caseload_plan import CaseloadOptions, run_caseload
    from forecasting.stocks.occupancy_config import load_occupancy, run_occupancy
    from forecasting.stocks.occupancy_variants import vary_occupancy
    from forecasting.tables import write_table

_HOMES = {
    "BacklogReport": "briefing.stocks.backlog_report",
    "BacktestOptions": "evaluation.backtest",
    "BriefingOptions": "briefing.material",
    "CaseloadOptions": "stocks.caseload_plan",
    "CaseloadReport": "briefing.caseload.report",
    "Experience": "forecasts",
    "Explorer": "explorer.widget",
    "FlowReport": "briefing.flows.report",
    "Forecast": "forecasts",
    "ForecastingError": "errors",
    "InputError": "errors",
    "Language": "languages",
    "OccupancyReport": "briefing.stocks.occupancy_report",
    "RegularSeries": "series",
    "SavingsReport": "briefing.savings.report",
    "ScenarioRequest": "briefing.pages.scenario_material",
    "ScenariosReport": "briefing.scenarios.report",
    "TargetRequest": "programmes.target_request",
    "TargetsReport": "briefing.targets.report",
    "annual": "paths",
    "attribute": "projections.attribution",
    "backtest": "evaluation.backtest",
    "check_files": "checks",
    "compare_scenarios": "projections.comparison",
    "compose_briefing": "briefing.content",
    "cumulative": "paths",
    "experience_of": "forecasts",
    "find_breaks": "series.breaks",
    "forecast": "forecasts",
    "forecast_caseload": "stocks.caseload",
    "forecast_driver": "programmes.target_request",
    "forecast_table": "forecasts",
    "former_runs": "archive.former",
    "interval": "paths",
    "load_backlog": "stocks.backlog_config",
    "load_occupancy": "stocks.occupancy_config",
    "load_programme": "programmes.catalogue",
    "load_savings": "savings.config",
    "load_scenario": "scenarios",
    "make_series": "series",
    "mean": "paths",
    "parse_formula": "programmes.formulas",
    "persons_by_month": "forecasts.summary",
    "prepare_reference": "projections.reference",
    "probability_at_least": "paths",
    "project": "projections.project",
    "project_scenarios": "briefing.pages.scenario_material",
    "propose_all": "programmes.target_request",
    "propose_targets": "programmes.proposals",
    "quantile": "paths",
    "read_series": "series",
    "run_backlog": "stocks.backlog_config",
    "run_caseload": "stocks.caseload_plan",
    "run_occupancy": "stocks.occupancy_config",
    "run_savings": "savings.config",
    "save_results": "briefing.content",
    "scenario_forecast": "scenarios",
    "scenario_names": "scenarios",
    "select_scenarios": "projections.selection",
    "skill": "evaluation.skill",
    "summarise": "forecasts.summary",
    "target_at": "programmes.targets",
    "target_backtest": "evaluation.target_backtest",
    "targets_table": "programmes.table",
    "vary_occupancy": "stocks.occupancy_variants",
    "with_observed": "paths",
    "write_table": "tables",
}

__all__ = [
    "BacklogReport",
    "BacktestOptions",
    "BriefingOptions",
    "CaseloadOptions",
    "CaseloadReport",
    "Experience",
    "Explorer",
    "FlowReport",
    "Forecast",
    "ForecastingError",
    "InputError",
    "Language",
    "OccupancyReport",
    "RegularSeries",
    "SavingsReport",
    "ScenarioRequest",
    "ScenariosReport",
    "TargetRequest",
    "TargetsReport",
    "annual",
    "attribute",
    "backtest",
    "check_files",
    "compare_scenarios",
    "compose_briefing",
    "cumulative",
    "experience_of",
    "find_breaks",
    "forecast",
    "forecast_caseload",
    "forecast_driver",
    "forecast_table",
    "former_runs",
    "interval",
    "load_backlog",
    "load_occupancy",
    "load_programme",
    "load_savings",
    "load_scenario",
    "make_series",
    "mean",
    "parse_formula",
    "persons_by_month",
    "prepare_reference",
    "probability_at_least",
    "project",
    "project_scenarios",
    "propose_all",
    "propose_targets",
    "quantile",
    "read_series",
    "run_backlog",
    "run_caseload",
    "run_occupancy",
    "run_savings",
    "save_results",
    "scenario_forecast",
    "scenario_names",
    "select_scenarios",
    "skill",
    "summarise",
    "target_at",
    "target_backtest",
    "targets_table",
    "vary_occupancy",
    "with_observed",
    "write_table",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"forecasting.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'forecasting' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
