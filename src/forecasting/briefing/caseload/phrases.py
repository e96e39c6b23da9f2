"""What charts, tables and texts of the report on a caseload say alike."""

from __future__ import annotations

from forecasting.briefing.caseload.material import CaseloadMaterial
from forecasting.briefing.caseload.words import CaseloadWords
from forecasting.forecasts.summary import Estimate
from forecasting.stocks.caseload_choice import SCENARIO, DriverReport
from forecasting.stocks.caseload_plan import AMOUNT


def rests_on(material: CaseloadMaterial, words: CaseloadWords) -> str:
    """Say what the figures are and what is assumed, for every chart: synthetic, an outlook."""
    language = words.language
    synthetic = language.gettext("Synthetic demonstration series, not observed.")
    outlook = language.gettext(
        "Outlook: {outlook}; a projection, no forecast."
    ).format(outlook=outlook_name(words))  # fmt: skip
    return words.noted(
        synthetic if material.is_synthetic else "",
        outlook if material.projection.follows_outlook else "",
    )


def outlook_name(words: CaseloadWords) -> str:
    """Name the outlook."""
    return words.language.gettext("macroeconomic outlook of the national plan")


def ahead(material: CaseloadMaterial, words: CaseloadWords) -> str:
    """Name what follows the figures: a forecast, or a projection where an outlook moves it."""
    if material.projection.follows_outlook:
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
        return words.language.gettext("outlook")
    return words.language.gettext("forecast")
