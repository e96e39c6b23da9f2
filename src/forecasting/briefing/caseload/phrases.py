"""What charts, tables and texts of the report on a caseload say alike."""

from __future__ import annotations

from forecasting.briefing.caseload.material import CaseloadMaterial
from forecasting.briefing.caseload.words import CaseloadWords
from forecasting.forecasts.summary import Estimate
from forecasting.stocks.caseload_choice import SCENARIO, DriverReport
from forecasting.stocks.caseload_plan import AMOUNT


def rests_on(material: CaseloadMaterial, words: CaseloadWords) -> str:
    """Say what the figures are and what is assumed, for every chart: synthetic, a scenario."""
    language = words.language
    synthetic = language.gettext("Synthetic demonstration series, not observed.")
    scenario = language.gettext(
        "Scenario: {scenario}; a projection, no forecast."
    ).format(scenario=scenario_name(words))  # fmt: skip
    return words.noted(
        synthetic if material.is_synthetic else "",
        scenario if material.projection.is_scenario else "",
    )


def scenario_name(words: CaseloadWords) -> str:
    """Name the scenario."""
    return words.language.gettext("macroeconomic outlook of the national plan")


def ahead(material: CaseloadMaterial, words: CaseloadWords) -> str:
    """Name what follows the figures: a forecast, or a projection where a scenario moves it."""
    if material.projection.is_scenario:
        return words.language.gettext("projection")
    return words.language.gettext("forecast")


def mark(material: CaseloadMaterial, words: CaseloadWords) -> str:
    """Write what stands at the top of every chart of figures that were not observed."""
    return words.language.gettext("SYNTHETIC FIGURES") if material.is_synthetic else ""


def range_text(estimate: Estimate, words: CaseloadWords) -> str:
    """Write an 80 % interval of counts with its level."""
    return words.level_range(80, estimate.lower, estimate.upper)


def million_range(estimate: Estimate, words: CaseloadWords) -> str:
    """Write an 80 % interval of expenditure in millions with its level."""
    return words.language.gettext("{level}: {lower} to {upper}").format(
        level=words.language.percent(0.8),
        lower=words.million(estimate.lower),
        upper=words.million(estimate.upper),
    )


def future_name(driver: DriverReport, words: CaseloadWords) -> str:
    """Name where the future of a driver comes from."""
    if driver.name == AMOUNT:
        return words.language.gettext("as decided")
    if driver.future == SCENARIO:
        return words.language.gettext("scenario")
    return words.language.gettext("forecast")
