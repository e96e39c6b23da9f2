"""The recipients of a chain and what is paid to them, under a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.paths import make_paths, periods_of
from forecasting.periods import format_period, months_between
from forecasting.projections.draws import Drawing
from forecasting.projections.elasticity import Elasticity, estimate_elasticity
from forecasting.scenarios import Lever, lever_values
from forecasting.scenarios.schema import DEMONSTRATION as DEMONSTRATED
from forecasting.series import read_series
from forecasting.series.recipients import recipients_series
from forecasting.sources.recipients_table import read_recipients
from forecasting.stocks.caseload_inputs import bridge_gaps
from forecasting.stocks.caseload_plan import (
    DEMONSTRATION,
    UNEMPLOYMENT,
    CaseloadOptions,
    CaseloadProjection,
    run_caseload,
)

LONGEST = 60
"""Months a caseload is projected at the most: its model knows nothing of the years after."""


@dataclass(frozen=True, eq=False)
class CaseloadMaterial:
    """A caseload as it is projected without levers.

    Attributes
    ----------
    projection : CaseloadProjection
    elasticity : Elasticity or None
        To registered unemployment; None where no figures of it are held.
    elasticities : numpy.ndarray
        Draws of it, shape ``(n_paths,)``.
    seed : int
        Of levers that are drawn.
    """

    projection: CaseloadProjection
    elasticity: Elasticity | None
    elasticities: np.ndarray
    seed: int


@dataclass(frozen=True, eq=False)
class Caseload:
    """Families that receive assistance, and EUR a month; dims ``(path, period)``."""

    recipients: xr.DataArray
    expenditure: xr.DataArray


def prepare_caseload(
    table: str | None, until: pd.Period, drawing: Drawing
) -> CaseloadMaterial | None:
    """Project the caseload of a chain and estimate what moves it; None without one.

    It ends with the chain, or `LONGEST` months after its last figure.

    Parameters
    ----------
    table : str or None
        ``demonstration``, or the ministry's monthly table.
    until : pandas.Period
        Last month of the chain.
    drawing : Drawing

    Raises
    ------
    InputError
        If the table cannot be used or reaches the last month already.
    ModelError
        If no model can be fitted.
    """
    if table is None:
        return None
    path = "" if table == DEMONSTRATED else table
    origin = _origin(path)
    horizon = min(months_between(origin + 1, until), LONGEST)
    if not horizon:
        raise InputError(
            say("recipients counted up to {month}", month=format_period(origin)),
            where=table,
            expected=say("figures that end before {month}", month=format_period(until)),
        )
    projection = run_caseload(
        CaseloadOptions(recipients=path, horizon=horizon, paths=drawing.n_paths, seed=drawing.seed)
    )
    elasticity, draws = None, np.zeros(drawing.n_paths)
    if UNEMPLOYMENT in projection.observed:
        unemployed = bridge_gaps(projection.observed[UNEMPLOYMENT])
        elasticity = estimate_elasticity(bridge_gaps(projection.series), unemployed)
        normals = np.random.default_rng([drawing.seed, 3]).standard_normal(drawing.n_paths)
        draws = elasticity.value + elasticity.standard_error * normals
    return CaseloadMaterial(projection, elasticity, draws, drawing.seed)


def _origin(table: str) -> pd.Period:
    if table:
        return recipients_series(read_recipients(Path(table))).origin
    return read_series(f"{DEMONSTRATION}/recipients").origin


def project_caseload(material: CaseloadMaterial, levers: Mapping[str, Sequence[Lever]]) -> Caseload:
    r"""Project recipients and what is paid to them.

    Recipients of path i are multiplied by :math:`f(t - l)^{\varepsilon_i}`, f the factor on
    registered unemployment and 1 up to the last figure counted, l its lead; expenditure by the same
    and by the factor on the basic amount, which is not taken to change who is entitled.

    Parameters
    ----------
    material : CaseloadMaterial
    levers : mapping of str to sequence of Lever
        On ``unemployment`` and ``minimum_income``.

    Raises
    ------
    InputError
        If unemployment is moved and no figures of it are held.
    """
    recipients, spent = material.projection.recipients, material.projection.spent
    if levers["unemployment"]:
        moved = _moved(material, levers["unemployment"])
        recipients, spent = _times(recipients, moved), _times(spent, moved)
    if levers["minimum_income"]:
        spent = _times(spent, _factors(material, levers["minimum_income"]))
    return Caseload(recipients, spent)


def _moved(material: CaseloadMaterial, levers: Sequence[Lever]) -> np.ndarray:
    """By what recipients are multiplied, shape ``(n_paths, horizon)``."""
    if material.elasticity is None:
        raise InputError(
            say("lever '{name}' without registered unemployment", name=levers[0].label),
            where=material.projection.series.series_id,
            expected=say("figures of the registered unemployed beside those of the recipients"),
        )
    logs = np.atleast_2d(np.log(_factors(material, levers)))
    lead = min(material.elasticity.lead, logs.shape[1])
    led = np.hstack([np.zeros((len(logs), lead)), logs[:, : logs.shape[1] - lead]])
    return np.asarray(np.exp(material.elasticities[:, np.newaxis] * led))


def _factors(material: CaseloadMaterial, levers: Sequence[Lever]) -> np.ndarray:
    periods, n_paths = periods_of(material.projection.recipients), len(material.elasticities)
    factors: np.ndarray = np.ones(len(periods))
    for lever in levers:
        factors = factors * lever_values(lever, periods, n_paths=n_paths, seed=material.seed)
    return factors


def _times(paths: xr.DataArray, factors: np.ndarray) -> xr.DataArray:
    values = paths.to_numpy() * factors
    unit, kind = str(paths.attrs["unit"]), str(paths.attrs["kind"])
    return make_paths(values, periods_of(paths), unit=unit, kind=kind)
