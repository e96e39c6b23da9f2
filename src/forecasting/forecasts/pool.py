"""A linear pool of models: every member contributes an equal share of the joint sample paths."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError, ModelError
from forecasting.models import FittedModel, get_model
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.series import RegularSeries

DEFAULT_POOL = ("theta-log", "ets-log", "ets", "seasonal_naive-log")
"""Members of the default pool; the measurement is in docs/adr/0003-default-pool.md."""

MAX_HORIZON = 360
"""Longest horizon in periods; thirty years of months."""

MAX_PATHS = 100_000

PROPORTION = 10
"""A member is left out whose median passes this multiple of the highest observation, or falls below
this fraction of the lowest one."""

USED, TOO_SHORT, FAILED = "used", "too short", "failed"
EXPLODED, COLLAPSED = "exploded", "collapsed"


@dataclass(frozen=True)
class MemberReport:
    """What became of one member of the pool.

    Attributes
    ----------
    name : str
        Name of the model.
    status : {"used", "too short", "exploded", "collapsed", "failed"}
        Too short: the series is, for this model. Exploded, collapsed: its median left all
        proportion to the highest or the lowest observation.
        Failed: the estimation or the simulation raised.
    n_paths : int
        Paths it contributed.
    reason : str
        Why it was not used; empty if it was.
    """

    name: str
    status: str
    n_paths: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Forecast:
    """Joint sample paths of one series after its origin.

    Attributes
    ----------
    series : RegularSeries
        The observations it was made from.
    paths : xarray.DataArray
        Dims ``(path, period)``, never negative, unit and kind of the series.
    members : tuple of MemberReport
        Every member that was asked for, also those that gave nothing.
    model : str
        ``pool``, or the name of the single member.
    """

    series: RegularSeries
    paths: xr.DataArray
    members: tuple[MemberReport, ...]
    model: str

    @property
    def origin(self) -> pd.Period:
        """The last period known."""
        return self.series.origin

    @property
    def flag(self) -> str:
        """What a reader must know about how the paths came about; empty if nothing."""
        unused = [f"{m.name} {m.status}: {m.reason}" for m in self.members if m.status != USED]
        flags = [f"fewer members: {'; '.join(unused)}"] if unused else []
        if not self.series.values.any():
            flags.append("all observations are 0")
        return "; ".join([*flags, *self.series.notes])


def forecast(
    series: RegularSeries,
    *,
    horizon: int,
    models: Sequence[str] = DEFAULT_POOL,
    n_paths: int = 5000,
    seed: int = 1,
) -> Forecast:
    """Forecast one series by a linear pool of models.

    Each member is fitted to the series and simulates its share of the paths; the shares are put
    together and shuffled (a linear opinion pool: Stone 1961, doi:10.1214/aoms/1177704873).

    Parameters
    ----------
    series : RegularSeries
        Observations; not modified.
    horizon : int
        Periods after the origin, 1 to 360.
    models : sequence of str
        Members by name; see `forecasting.models.available_models`.
    n_paths : int
        Number of joint sample paths; at least one per member.
    seed : int
        The same seed gives the same paths, whatever other series are forecast beside this one.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        If the horizon, the number of paths or a model's name cannot be used, or `series` is a
        forecast already.
    ModelError
        If no member can be fitted.
    """
    if isinstance(series, Forecast):
        raise InputError(
            "a forecast was given",
            expected="a series of observations",
            action="its paths already reach "
            f"{format_period(series.paths.indexes['period'][-1])}; ask for a longer horizon",
        )
    check_request(horizon=horizon, models=models, n_paths=n_paths, seed=seed)
    fitted, unusable = _fit_members(models, series)
    drawn: dict[str, xr.DataArray] = {}
    while fitted:
        shares = dict(zip(fitted, _split(n_paths, len(fitted)), strict=True))
        drawn, problems = _simulate_members(fitted, shares, horizon, seed)
        if not problems:
            break
        unusable |= problems
        fitted = {name: model for name, model in fitted.items() if name not in problems}
    if not fitted:
        reasons = "; ".join(f"{report.name}: {report.reason}" for report in unusable.values())
        raise ModelError(f"{series.series_id}: no model can be used ({reasons})")
    stacked = np.vstack([paths.to_numpy() for paths in drawn.values()])
    shuffled = _rng(seed, series).permutation(stacked, axis=0)
    periods = following(series.origin, horizon)
    paths = make_paths(shuffled, periods, unit=series.unit, kind=series.kind)
    used = {name: MemberReport(name, USED, member.sizes["path"]) for name, member in drawn.items()}
    reports = tuple((used | unusable)[name] for name in models)
    return Forecast(series, paths, reports, "pool" if len(models) > 1 else models[0])


def check_request(*, horizon: int, models: Sequence[str], n_paths: int, seed: int) -> None:
    """Refuse what no series can be forecast with, before the work begins.

    Raises
    ------
    InputError
        If the horizon, a model, the number of paths or the seed cannot be used.
    """
    if not 1 <= horizon <= MAX_HORIZON:
        raise InputError(f"horizon {horizon}", expected=f"1 to {MAX_HORIZON} periods")
    if not models or len(set(models)) != len(models):
        raise InputError(f"models {', '.join(models) or 'none'}", expected="each model once")
    for name in models:
        get_model(name)
    if not len(models) <= n_paths <= MAX_PATHS:
        raise InputError(f"{n_paths} paths", expected=f"{len(models)} to {MAX_PATHS:,}")
    if seed < 0:
        raise InputError(f"seed {seed}", expected="0 or more")


def _fit_members(
    models: Sequence[str], series: RegularSeries
) -> tuple[dict[str, FittedModel], dict[str, MemberReport]]:
    fitted: dict[str, FittedModel] = {}
    unusable: dict[str, MemberReport] = {}
    for model in map(get_model, models):
        needed = model.minimum_length(series.season_length)
        if len(series.values) < needed:
            reason = f"needs {needed} observations, there are {len(series.values)}"
            unusable[model.name] = MemberReport(model.name, TOO_SHORT, reason=reason)
            continue
        try:
            fitted[model.name] = model.fit(series)
        except ModelError as problem:
            unusable[model.name] = MemberReport(model.name, FAILED, reason=str(problem))
    return fitted, unusable


def _simulate_members(
    fitted: dict[str, FittedModel], shares: dict[str, int], horizon: int, seed: int
) -> tuple[dict[str, xr.DataArray], dict[str, MemberReport]]:
    drawn: dict[str, xr.DataArray] = {}
    problems: dict[str, MemberReport] = {}
    for name, model in fitted.items():
        series = model.series
        try:
            drawn[name] = model.simulate(horizon, shares[name], _rng(seed, series, name))
        except ModelError as error:
            problems[name] = MemberReport(name, FAILED, reason=str(error))
            continue
        problem = out_of_proportion(name, drawn[name], series)
        if problem:
            problems[name] = problem
    return drawn, problems


def out_of_proportion(name: str, paths: xr.DataArray, series: RegularSeries) -> MemberReport | None:
    """Report a member whose median leaves all proportion to what was observed; None if it does not.

    Log-scale members may explode over long horizons; ETS with multiplicative errors converges to
    zero on almost every path (Akram, Hyndman and Ord 2009, doi:10.1111/j.1467-842X.2009.00555.x).
    """
    median = paths.median("path")
    top, bottom = float(median.max()), float(median.min())
    highest, lowest = float(series.values.max()), float(series.values.min())
    if top > PROPORTION * highest:
        reason = f"its median reaches {top:,.0f}, the highest observation is {highest:,.0f}"
        return MemberReport(name, EXPLODED, reason=reason)
    if bottom < lowest / PROPORTION:
        reason = f"its median falls to {bottom:,.1f}, the lowest observation is {lowest:,.0f}"
        return MemberReport(name, COLLAPSED, reason=reason)
    return None


def _split(total: int, parts: int) -> list[int]:
    return [total // parts + (index < total % parts) for index in range(parts)]


def _rng(seed: int, series: RegularSeries, *names: str) -> np.random.Generator:
    """Random numbers of one member for one series at one origin, the same whatever else is run."""
    keys = (series.series_id, format_period(series.origin), *names)
    return np.random.default_rng([seed, *(zlib.crc32(key.encode()) for key in keys)])
