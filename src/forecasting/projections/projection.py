"""What the chain comes to under one scenario, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.programmes.catalogue import Indicator, Point
from forecasting.programmes.targets import target_at
from forecasting.scenarios import Scenario
from forecasting.stocks.backlog import BacklogResult
from forecasting.stocks.config_file import Localised

PARTS = ("arrivals", "targets", "centres", "backlog", "caseload", "savings")
"""The parts of a chain, in the order in which they are projected."""


@dataclass(frozen=True, eq=False)
class TargetProjection:
    """A milestone or target of an indicator that the flow drives.

    Attributes
    ----------
    indicator : Indicator
    point : {"milestone", "target"}
    date : pandas.Period
        Month by whose end it is due.
    draws : numpy.ndarray
        Value at `date`, shape ``(n_paths,)``.
    published : int, float or None
        None where the document gives no value.
    probability : float or None
        Share of the paths on which the published value is met.
    proposals : mapping of float to int
        Proposed value by attainment probability, under the assumptions of the scenario.
    """

    indicator: Indicator
    point: Point
    date: pd.Period
    draws: np.ndarray
    published: int | float | None
    probability: float | None
    proposals: Mapping[float, int]

    def at(self, probability: float) -> int:
        """Proposal for a probability: of a part its share of its total, where that is known."""
        if probability in self.proposals:
            return self.proposals[probability]
        return int(target_at(self.draws, probability, rounding=self.indicator.rounding))


@dataclass(frozen=True, eq=False)
class CentreProjection:
    """Persons in a centre if everybody stays who comes, against its places.

    Attributes
    ----------
    name : str
        Of the configuration.
    title : dict of str to str
        By language.
    present : xarray.DataArray
        Persons at the end of each month, a stock, dims ``(path, period)``.
    capacity : numpy.ndarray or None
        Places of each month, shape ``(n_periods,)``.
    over : xarray.DataArray or None
        Persons over capacity, a stock, same dims.
    nights_over : xarray.DataArray or None
        Person-nights of those over capacity in each month, a flow, same dims.
    cost_eur : xarray.DataArray or None
        EUR a month for these nights; where the configuration has the cost of one.
    """

    name: str
    title: Localised
    present: xr.DataArray
    capacity: np.ndarray | None = None
    over: xr.DataArray | None = None
    nights_over: xr.DataArray | None = None
    cost_eur: xr.DataArray | None = None


@dataclass(frozen=True, eq=False)
class SavingsTotals:
    """Savings of a programme over its horizon.

    Attributes
    ----------
    gross_eur, net_eur : numpy.ndarray
        Shape ``(n_draws,)``; one draw where nothing is uncertain.
    cost_eur : float
        What the programme costs.
    leaving : numpy.ndarray
        Persons who leave assistance, shape ``(n_draws,)``.
    """

    gross_eur: np.ndarray
    net_eur: np.ndarray
    cost_eur: float
    leaving: np.ndarray


@dataclass(frozen=True, eq=False)
class Projection:
    """The chain under a scenario; a part that was not asked for or is not in the chain is None.

    A projection is conditional on its scenario and carries no probability of its own: a share of
    its paths is a chance only under the assumptions of the scenario.

    Attributes
    ----------
    scenario : Scenario
    arrivals : xarray.DataArray or None
        Persons a month, dims ``(path, period)``, from the first projected month on.
    targets : tuple of TargetProjection
        In the order of the catalogue, milestone before target.
    centres : tuple of CentreProjection
        In the order of the chain.
    backlog : BacklogResult or None
    recipients : xarray.DataArray or None
        Families at the end of each month.
    expenditure : xarray.DataArray or None
        EUR a month.
    savings : SavingsTotals or None
    """

    scenario: Scenario
    arrivals: xr.DataArray | None = None
    targets: tuple[TargetProjection, ...] = ()
    centres: tuple[CentreProjection, ...] = ()
    backlog: BacklogResult | None = None
    recipients: xr.DataArray | None = None
    expenditure: xr.DataArray | None = None
    savings: SavingsTotals | None = None
