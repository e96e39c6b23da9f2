"""A caseload with what it costs: recipients, expenditure and persons entitled on the same paths.

The figures are the ministry's own monthly table, or, where none is given, the synthetic
demonstration series. Registered unemployment and the basic amount are offered as drivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.distributions import central
from forecasting.errors import InputError
from forecasting.models import Drivers, Intervention
from forecasting.paths import make_paths, periods_of
from forecasting.periods import following, parse_month
from forecasting.series import RegularSeries, read_series
from forecasting.series.recipients import recipients_series
from forecasting.sources.parameters import load_parameters
from forecasting.sources.recipients_points import PointComparison, check_against_points
from forecasting.sources.recipients_table import read_recipients
from forecasting.stocks.caseload import CaseloadForecast, forecast_caseload
from forecasting.stocks.caseload_amounts import expenditure_paths, persons_entitled_paths
from forecasting.stocks.caseload_family import FamilyAssumption, family_assumptions, read_value
from forecasting.stocks.caseload_inputs import bridge_gaps, estimate_effects
from forecasting.stocks.macro_outlook import INFLATION, annual_outlook, outlook_drivers
from forecasting.stocks.minimum_income import PARAMETERS, BasicAmounts, basic_amounts

DEMONSTRATION = "si-recipients-synthetic"
OUTLOOK = "macro-outlook"
"""The macroeconomic outlook of the national plan, for unemployment and as an indexation."""

UNEMPLOYMENT, AMOUNT = "registered_unemployed", "minimum_income"
"""Names of the drivers."""

_DEMONSTRATED = ("recipients", "persons_entitled", "entries", UNEMPLOYMENT)
_COLUMNS = ("recipients", "persons_entitled", "entries", "expenditure_eur")
_POINTS = ("recipients", "persons_entitled", UNEMPLOYMENT)


@dataclass(frozen=True)
class CaseloadOptions:
    """What is projected, and what is assumed.

    Attributes
    ----------
    recipients : str
        The ministry's monthly table, XLSX or CSV; empty: the synthetic demonstration series.
    unemployment : str
        Registered unemployed of each month, a CSV file with ``series_id,period,value``; empty: none
        beside a table, the synthetic ones beside the demonstration series.
    outlook : {"", "macro-outlook"}
        Future of registered unemployment: forecast from its own past, or that of the plan.
    horizon : int
        Months after the last one counted.
    epidemic : str
        First and last month, ``2020-03 to 2021-06``, of an intervention; empty, or outside the
        figures: none.
    household_factor, persons_per_recipient : str
        A number; empty: what the table shows, else the distribution of ``data/parameters``.
    indexation : str
        Of the basic amount after the last one known: empty: it stays; ``macro-outlook``: the
        plan's inflation, each March; or a rate a year, ``0.025``.
    paths, seed : int
        Number of joint sample paths; the same seed gives the same paths.
    """

    recipients: str = ""
    unemployment: str = ""
    outlook: str = ""
    horizon: int = 24
    epidemic: str = "2020-03 to 2021-06"
    household_factor: str = ""
    persons_per_recipient: str = ""
    indexation: str = ""
    paths: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.outlook not in ("", OUTLOOK):
            raise InputError(f"outlook '{self.outlook}'", expected=f"'{OUTLOOK}', or empty")


@dataclass(frozen=True, eq=False)
class CaseloadProjection:
    """Recipients, expenditure and persons entitled; path i of each belongs to path i of the others.

    Attributes
    ----------
    options : CaseloadOptions
    observed : dict of str to RegularSeries
        By column of the table, with ``recipients``; and ``registered_unemployed`` where held.
    caseload : CaseloadForecast
    effects : dict of Intervention to float
        Log change while it lasts.
    amounts : BasicAmounts
        From the first month counted that has one to the horizon.
    family : dict of str to FamilyAssumption
        By name.
    spent, spent_at_mean : xarray.DataArray
        EUR a month; the second one as if the household factor were its mean.
    persons : xarray.DataArray
        Persons entitled.
    points : tuple of PointComparison
        The figures against the published counts.
    """

    options: CaseloadOptions
    observed: dict[str, RegularSeries]
    caseload: CaseloadForecast
    effects: dict[Intervention, float]
    amounts: BasicAmounts
    family: dict[str, FamilyAssumption]
    spent: xr.DataArray
    spent_at_mean: xr.DataArray
    persons: xr.DataArray
    points: tuple[PointComparison, ...]

    @property
    def series(self) -> RegularSeries:
        """Recipients at the end of each month."""
        return self.observed["recipients"]

    @property
    def recipients(self) -> xr.DataArray:
        """Recipients after the last month counted."""
        return self.caseload.paths

    @property
    def follows_outlook(self) -> bool:
        """Whether the result depends on an outlook: one was asked for, and its driver is used."""
        return self.options.outlook != "" and UNEMPLOYMENT in self.caseload.forecast.model


@dataclass(frozen=True)
class YearSum:
    """What is paid in a calendar year, or in the part of it that is projected.

    Attributes
    ----------
    first, last : pandas.Period
    values : numpy.ndarray
        EUR, shape ``(n_paths,)``.
    """

    first: pd.Period
    last: pd.Period
    values: np.ndarray


def run_caseload(options: CaseloadOptions | None = None) -> CaseloadProjection:
    """Project the recipients of social assistance, what they cost, and the persons entitled.

    Parameters
    ----------
    options : CaseloadOptions, optional
        Default: the demonstration series, two years ahead.

    Returns
    -------
    CaseloadProjection

    Raises
    ------
    InputError
        If a file, a month, a number or an outlook cannot be used, naming it.
    ModelError
        If no model can be fitted.
    """
    options = options or CaseloadOptions()
    observed = _read_figures(options)
    series = observed["recipients"]
    amounts = _amounts(series, options)
    interventions = _interventions(series, options)
    caseload = forecast_caseload(
        series,
        horizon=options.horizon,
        drivers=_drivers(observed, amounts, options),
        interventions=interventions,
        entries=observed.get("entries"),
        n_paths=options.paths,
        seed=options.seed,
    )
    given = {
        "household_factor": options.household_factor,
        "persons_per_recipient": options.persons_per_recipient,
    }
    family = family_assumptions(observed, amounts, given)
    factor, size = family["household_factor"].value, family["persons_per_recipient"].value
    rngs = [np.random.default_rng([options.seed, place]) for place in (1, 1, 2)]
    paths = caseload.paths
    return CaseloadProjection(
        options,
        observed,
        caseload,
        dict(zip(interventions, estimate_effects(bridge_gaps(series), interventions).sizes,
                 strict=True)),
        amounts,
        family,
        expenditure_paths(paths, amounts, household_factor=factor, rng=rngs[0]),
        expenditure_paths(paths, amounts, household_factor=central(factor), rng=rngs[1]),
        persons_entitled_paths(paths, persons_per_recipient=size, rng=rngs[2]),
        _points(observed),
    )  # fmt: skip


def sum_years(spent: xr.DataArray) -> list[YearSum]:
    """Add up expenditure by calendar year; a year may be there in part, and says so."""
    months = periods_of(spent)
    return [
        YearSum(own[0], own[-1], spent.sel(period=own).sum("period").to_numpy())
        for own in (months[months.year == year] for year in months.year.unique())
    ]


def _read_figures(options: CaseloadOptions) -> dict[str, RegularSeries]:
    if options.recipients:
        table = read_recipients(Path(options.recipients))
        found = {"recipients": recipients_series(table)}
        others = [key for key in _COLUMNS[1:] if key in table.table]
        found |= {key: recipients_series(table, key) for key in others}
    else:
        found = {key: read_series(f"{DEMONSTRATION}/{key}") for key in _DEMONSTRATED}
    if options.unemployment:
        found[UNEMPLOYMENT] = read_series(options.unemployment, kind="stock")
    return found


def _amounts(series: RegularSeries, options: CaseloadOptions) -> BasicAmounts:
    """Amounts of the months counted and of those to come."""
    begin = min(e.valid_from for e in load_parameters(PARAMETERS).entries if e.id == PARAMETERS)
    first, end = max(series.periods[0], begin), series.origin + options.horizon
    months = pd.period_range(first, end, freq="M")
    if options.indexation in ("", OUTLOOK):
        inflation = annual_outlook(INFLATION) if options.indexation else None
    else:
        rate = read_value(options.indexation, "indexation")
        inflation = {int(year): rate for year in range(first.year - 1, end.year + 1)}
    return basic_amounts(months, inflation=inflation)


def _drivers(
    figures: dict[str, RegularSeries], amounts: BasicAmounts, options: CaseloadOptions
) -> Drivers:
    """The basic amount, as it was decided, and registered unemployment where it is held."""
    origin, unemployed = figures["recipients"].origin, figures.get(UNEMPLOYMENT)
    known, ahead = amounts.values[:origin], amounts.values[origin + 1 :].to_numpy()
    months = following(origin, options.horizon)
    observed = {AMOUNT: known}
    future = {AMOUNT: make_paths(ahead[np.newaxis], months, unit="EUR/month")}
    if unemployed is not None:
        observed[UNEMPLOYMENT] = unemployed.values[:origin]
    if options.outlook and unemployed is None:
        raise InputError(
            f"outlook '{options.outlook}' without registered unemployment",
            expected="a file of the registered unemployed of each month",
            action="give it as unemployment, or leave the outlook empty",
        )
    if options.outlook:
        table = pd.DataFrame({UNEMPLOYMENT: observed[UNEMPLOYMENT]})
        lacking = (origin - table.index[-1]).n + options.horizon
        future |= outlook_drivers(table, horizon=lacking).future
    return Drivers(pd.DataFrame(observed), future)


def _interventions(series: RegularSeries, options: CaseloadOptions) -> tuple[Intervention, ...]:
    """The epidemic, where it began within the months counted."""
    if not options.epidemic:
        return ()
    start, _, end = options.epidemic.partition(" to ")
    where = f"epidemic '{options.epidemic}', as 2020-03 to 2021-06"
    begin, last = parse_month(start, where=where), parse_month(end, where=where)
    if not series.periods[0] < begin <= series.origin:
        return ()
    return (Intervention("epidemic", begin, "step", last),)


def _points(observed: dict[str, RegularSeries]) -> tuple[PointComparison, ...]:
    return tuple(
        comparison
        for key in _POINTS
        if key in observed
        for comparison in check_against_points(observed[key].values, key)
    )
