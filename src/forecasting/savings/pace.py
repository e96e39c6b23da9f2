"""The path of persons included in a project, and of those who leave assistance after it.

Up to the last but one planned point the pace is the planned one times a share delivered, after it a
pace of its own. A month's inclusion is a Poisson count whose mean varies from month to month
(gamma). Each person leaves with one probability, a number of months after the inclusion. The
assumptions are entries of ``data/parameters/activation.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.distributions import Uncertain, check_range, draw
from forecasting.errors import InputError
from forecasting.paths import make_paths
from forecasting.savings.project_schema import Project
from forecasting.sources.parameters import load_parameters

ASSUMPTIONS = {
    "inclusion_delivered": 1000.0,
    "inclusion_pace_later": float("inf"),
    "inclusion_variation": 1000.0,
    "share_leaving": 1.0,
    "months_to_exit": 120.0,
}
"""Entries the path rests on, and the most each may be; percent, persons a month, months."""


@dataclass(frozen=True)
class Inclusion:
    """Joint sample paths of a project, and the numbers it promised.

    Attributes
    ----------
    included, leaving : xarray.DataArray
        Persons since the start, dims ``(path, period)``, months after the last count to the end.
    planned : pandas.Series
        Persons to be included by the end of each month, straight lines between the printed points.
    included_target, leaving_target : int
    """

    included: xr.DataArray
    leaving: xr.DataArray
    planned: pd.Series
    included_target: int
    leaving_target: int

    @property
    def p_included(self) -> float:
        """Share of the paths that reach the persons to be included in the last month."""
        return _reached(self.included, self.included_target)

    @property
    def p_leaving(self) -> float:
        """Share of the paths in which as many as promised have left by the last month."""
        return _reached(self.leaving, self.leaving_target)


@dataclass(frozen=True)
class Pace:
    """Persons to be included a month.

    Attributes
    ----------
    planned : float
        Between the first planned point and the last but one.
    required : float
        From then to the last, if the plan holds until then.
    """

    planned: float
    required: float

    @property
    def ratio(self) -> float:
        """Required over planned pace."""
        return self.required / self.planned


def pace(project: Project) -> Pace:
    """Return the pace planned at first, and the one required afterwards.

    Raises
    ------
    InputError
        If fewer than three points are planned.
    """
    points = project.inclusion.planned
    if len(points) < 3:
        raise InputError(f"{len(points)} planned points", expected="three or more")
    first, middle, last = points[0], points[-2], points[-1]
    return Pace(
        (middle.persons - first.persons) / (middle.month - first.month).n,
        (last.persons - middle.persons) / (last.month - middle.month).n,
    )


def leaving_on_plan(project: Project, months_to_exit: int) -> float:
    """Persons who have left by the last month if everybody planned is included in time.

    Those included in the last `months_to_exit` months cannot have left.
    """
    plan = _planned(project)
    end = plan.index[-1] - months_to_exit
    included = plan[end] if end in plan.index else 0.0
    return float(project.inclusion.share_leaving) * float(included)


def project_inclusion(
    project: Project,
    *,
    paths: int = 5000,
    seed: int = 1,
    changes: Mapping[str, Uncertain] | None = None,
) -> Inclusion:
    """Draw the paths of persons included and leaving, from the last count to the last plan.

    Parameters
    ----------
    project : Project
    paths : int
        Number of sample paths.
    seed : int
    changes : mapping, optional
        Assumptions of `ASSUMPTIONS` and the value or distribution each has instead of its prior.

    Raises
    ------
    InputError
        If an assumption is unknown or outside its range, or `paths` is not above 0.
    """
    if paths < 1:
        raise InputError(f"{paths} paths", expected="1 or more")
    plan = _planned(project)
    values = _draw(paths, seed, changes or {})
    rng = np.random.default_rng([seed, len(ASSUMPTIONS)])
    added = _added(plan, _steady_until(project), values, rng)
    leavers = rng.binomial(added, values["share_leaving"][:, None])
    left = _delayed(np.cumsum(leavers, axis=1), np.rint(values["months_to_exit"]).astype(int))
    months = pd.PeriodIndex(plan.index)[1:]
    included, leaving = (
        make_paths(stock[:, 1:], months, unit="persons", kind="stock")
        for stock in (np.cumsum(added, axis=1), left)
    )
    targets = project.inclusion.planned[-1].persons, project.inclusion.leaving_persons
    return Inclusion(included, leaving, plan[1:], *targets)


def chances_by_pace(
    project: Project, paces: Sequence[float], *, paths: int = 5000, seed: int = 1
) -> pd.DataFrame:
    """Chances of the persons promised, if the later pace were known.

    Returns
    -------
    pandas.DataFrame
        Columns `pace` (persons a month), `p_included` and `p_leaving`; a row each of `paces`.
    """
    rows = []
    for each in paces:
        changes = {"inclusion_pace_later": each}
        found = project_inclusion(project, paths=paths, seed=seed, changes=changes)
        rows.append((each, found.p_included, found.p_leaving))
    return pd.DataFrame(rows, columns=["pace", "p_included", "p_leaving"])


def _planned(project: Project) -> pd.Series:
    """Persons by month from the last count on, straight lines between the printed points."""
    inclusion = project.inclusion
    points = {inclusion.included_month: inclusion.included_persons}
    points |= {point.month: point.persons for point in inclusion.planned}
    months = pd.period_range(min(points), max(points), freq="M")
    return pd.Series(points, dtype=float).reindex(months).interpolate()


def _steady_until(project: Project) -> pd.Period:
    """Last month of the pace planned at first."""
    return project.inclusion.planned[-2].month


def _draw(paths: int, seed: int, changes: Mapping[str, Uncertain]) -> dict[str, np.ndarray]:
    """Draw the assumptions, percents as shares."""
    if unknown := set(changes) - set(ASSUMPTIONS):
        raise InputError(", ".join(sorted(unknown)), expected=f"{', '.join(ASSUMPTIONS)}")
    known = {entry.id: entry for entry in load_parameters("activation").entries}
    values = {}
    for place, (name, most) in enumerate(ASSUMPTIONS.items()):
        value = changes.get(name, known[name].uncertain)
        check_range(value, 0, most, where=f"assumption '{name}'")
        uniforms = np.random.default_rng([seed, place]).random(paths)
        values[name] = draw(value, uniforms) / (100 if known[name].unit == "%" else 1)
    return values


def _added(
    plan: pd.Series,
    steady_until: pd.Period,
    values: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    """Persons included in each month, those counted so far in the first column."""
    at_first = np.asarray(plan.index[1:] <= steady_until)
    delivered = np.outer(values["inclusion_delivered"], np.diff(plan))
    means = np.where(at_first, delivered, values["inclusion_pace_later"][:, None])
    variance = np.broadcast_to(values["inclusion_variation"][:, None] ** 2, means.shape)
    varied = np.where(variance > 0, variance, 1.0)
    factor = np.where(variance > 0, rng.gamma(1 / varied) * varied, 1.0)
    added = rng.poisson(means * factor)
    return np.column_stack([np.full(len(added), int(plan.iloc[0])), added])


def _delayed(cumulated: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Shift each path by its own number of months; nobody before."""
    places = np.arange(cumulated.shape[1]) - months[:, None]
    shifted = np.take_along_axis(cumulated, np.maximum(places, 0), axis=1)
    return np.where(places >= 0, shifted, 0)


def _reached(paths: xr.DataArray, target: int) -> float:
    return float(np.mean(paths.to_numpy()[:, -1] >= target))
