"""A linear pool of models: every member contributes an equal share of the joint sample paths."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError, ModelError
from forecasting.forecasts.calibration import Calibration
from forecasting.forecasts.experience import DEFAULT_EXPERIENCE, Experience
from forecasting.models import FittedModel, Model, available_models, get_model
from forecasting.models.analogue import NAME as ANALOGUE
from forecasting.models.analogue import AnalogueModel, FittedAnalogue
from forecasting.models.autoregression import FittedAutoregression
from forecasting.models.panel import MIN_SERIES, Panel
from forecasting.models.structural import FittedStateSpace
from forecasting.paths import make_paths
from forecasting.periods import following, format_period
from forecasting.series import RegularSeries
from forecasting.series.revisions import Revisions, correct_recent

DEFAULT_POOL = ("analogue", "ces", "ces-log", "ets", "seasonal_naive-log", "theta-log")
"""Members of the default pool; the measurement is in docs/adr/0015-pool-and-panel.md."""

FAST_POOL = ("analogue", "seasonal_naive-log")
"""Members without a search for parameters, for large panels."""

POOLS = {"pool": DEFAULT_POOL, "fast": FAST_POOL}
"""The pools by name; without a panel they go without the analogue member."""

MAX_HORIZON = 360
"""Longest horizon in periods; thirty years of months."""

MAX_PATHS = 100_000

YEARS_IN_PROPORTION = 5
"""Members are simulated at least so far and judged by it, whatever the horizon asked for: a model
that leaves all proportion later is not trusted with the next months either, and a short forecast is
the beginning of a long one."""

CEILING = 20
"""No path passes this multiple of the highest observation. In September 2015 Finland counted 18
times the highest month before."""

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
        Name of the pool, of the single member, or the members joined by ``+``.
    calibration : Calibration or None
        What the draws were mapped by; None if they are the members' own.
    upward : numpy.ndarray or None
        How far up the reference class of the panel reached by the origin, shape ``(horizon,)``.
    """

    series: RegularSeries
    paths: xr.DataArray
    members: tuple[MemberReport, ...]
    model: str
    calibration: Calibration | None = None
    upward: np.ndarray | None = None

    def calibrated(self, calibration: Calibration) -> Forecast:
        """Return it with its draws mapped to calibrated ones, month by month in the same order."""
        mapped = calibration.apply(self.paths, upward=self.upward)
        held = np.minimum(mapped.to_numpy(), ceiling_of(self.series))
        return replace(self, paths=mapped.copy(data=held), calibration=calibration)

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
    model: str | Model = "pool",
    experience: Experience = DEFAULT_EXPERIENCE,
    n_paths: int = 5000,
    seed: int = 1,
) -> Forecast:
    """Forecast one series by a calibrated linear pool of models.

    Each member is fitted to the series and simulates its share of the paths; the shares are put
    together and shuffled (a linear opinion pool: Stone 1961, doi:10.1214/aoms/1177704873), then
    mapped to calibrated ones month by month, in the same order
    (`forecasting.forecasts.calibration`).

    Parameters
    ----------
    series : RegularSeries
        Observations; not modified.
    horizon : int
        Periods after the origin, 1 to 360.
    model : str or Model
        ``pool``, ``fast``, a model of `forecasting.models.available_models`, or several of them
        joined by ``+``; or a recipe of one's own, for example a `StructuralModel` with drivers.
    experience : Experience
        What other series have taught; see `forecasting.experience_of`.
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
    name = model if isinstance(model, str) else model.name
    check_request(horizon=horizon, model=name, n_paths=n_paths, seed=seed)
    panel = experience.panel
    members = members_of(model, panel) if isinstance(model, str) else (model,)
    values, reports = draw_members(members, series, horizon, n_paths, seed)
    periods = following(series.origin, horizon)
    held = np.minimum(values, ceiling_of(series))
    result = Forecast(
        series,
        make_paths(held, periods, unit=series.unit, kind=series.kind),
        reports,
        name,
        upward=_upward(panel, series, horizon) if name in POOLS else None,
    )
    calibration = experience.calibration_for(name)
    if calibration:
        result = result.calibrated(calibration)
    if experience.revisions and series.vintage:
        return _revised(result, experience.revisions, _rng(seed, series, "revisions"))
    return result


def _upward(panel: Panel | None, series: RegularSeries, horizon: int) -> np.ndarray | None:
    """Reference class of a panel of the same frequency; the ordinals of others do not compare."""
    if panel is None or panel.frequency != series.frequency:
        return None
    return panel.upward(series.origin, horizon)


def _revised(result: Forecast, revisions: Revisions, rng: np.random.Generator) -> Forecast:
    """Carry on every path what the last figure may still be revised by."""
    n_paths = result.paths.sizes["path"]
    settled = correct_recent(result.series, revisions, n_paths=n_paths, rng=rng).to_numpy()[:, -1]
    published = float(result.series.values.iloc[-1])
    if not published:
        return result
    paths = result.paths * (settled / published)[:, np.newaxis]
    return replace(result, paths=paths.assign_attrs(result.paths.attrs))


def ceiling_of(series: RegularSeries) -> float:
    """Return what no path passes; see `CEILING`."""
    return CEILING * max(float(series.values.max()), 1.0)


def members_of(model: str, panel: Panel | None) -> tuple[Model, ...]:
    """Return the members that a name stands for.

    Raises
    ------
    InputError
        If a model is not known, or needs a panel and there is none.
    """
    names = POOLS.get(model, tuple(model.split("+")))
    if panel is None and model in POOLS:
        names = tuple(name for name in names if name != ANALOGUE)
    return tuple(_member(name, panel) for name in names)


def _member(name: str, panel: Panel | None) -> Model:
    if name != ANALOGUE:
        return get_model(name)
    if panel is None:
        raise InputError(
            f"model '{ANALOGUE}' without a panel",
            expected=f"at least {MIN_SERIES} series to learn from",
        )
    return AnalogueModel(panel)


def draw_members(
    members: Sequence[Model], series: RegularSeries, horizon: int, n_paths: int, seed: int
) -> tuple[np.ndarray, tuple[MemberReport, ...]]:
    """Draw the paths of a linear pool: every member that can be used gives an equal share.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_paths, horizon)``, the members' paths shuffled.
    tuple of MemberReport
        One a member, in their order.

    Raises
    ------
    ModelError
        If no member can be used.
    """
    fitted, unusable = _fit_members(members, series)
    drawn: dict[str, np.ndarray] = {}
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
    stacked = np.vstack(list(drawn.values()))
    used = {name: MemberReport(name, USED, len(values)) for name, values in drawn.items()}
    reports = tuple((used | unusable)[member.name] for member in members)
    return _rng(seed, series).permutation(stacked, axis=0), reports


def check_request(*, horizon: int, model: str, n_paths: int, seed: int) -> None:
    """Refuse what no series can be forecast with, before the work begins.

    Raises
    ------
    InputError
        If the horizon, a model, the number of paths or the seed cannot be used.
    """
    if not 1 <= horizon <= MAX_HORIZON:
        raise InputError(f"horizon {horizon}", expected=f"1 to {MAX_HORIZON} periods")
    names = POOLS.get(model, tuple(model.split("+")))
    for name in names:
        if name != ANALOGUE and name not in available_models():
            raise InputError(
                f"model '{name}'", expected=", ".join([*POOLS, ANALOGUE, *available_models()])
            )
    if len(set(names)) != len(names):
        raise InputError(f"model '{model}'", expected="each model once")
    if not len(names) <= n_paths <= MAX_PATHS:
        raise InputError(f"{n_paths} paths", expected=f"{len(names)} to {MAX_PATHS:,}")
    if seed < 0:
        raise InputError(f"seed {seed}", expected="0 or more")


def _fit_members(
    models: Sequence[Model], series: RegularSeries
) -> tuple[dict[str, FittedModel], dict[str, MemberReport]]:
    fitted: dict[str, FittedModel] = {}
    unusable: dict[str, MemberReport] = {}
    for model in models:
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
) -> tuple[dict[str, np.ndarray], dict[str, MemberReport]]:
    drawn: dict[str, np.ndarray] = {}
    problems: dict[str, MemberReport] = {}
    for name, model in fitted.items():
        series = model.series
        try:
            paths = model.simulate(_reach(model, horizon), shares[name], _rng(seed, series, name))
        except ModelError as error:
            problems[name] = MemberReport(name, FAILED, reason=str(error))
            continue
        drawn[name] = paths[:, :horizon]
        problem = out_of_proportion(name, paths, series)
        if problem and len(fitted) > 1:  # alone it is what was asked for
            problems[name] = problem
    return drawn, problems


def _reach(model: FittedModel, horizon: int) -> int:
    """How far a member is simulated.

    What an analogue draws has happened and keeps proportion; drivers have a future of their own,
    which need not go on beyond the horizon.
    """
    driven = (isinstance(model, FittedStateSpace) and model.regressors.drivers is not None) or (
        isinstance(model, FittedAutoregression) and model.drivers_
    )
    if driven or isinstance(model, FittedAnalogue):
        return horizon
    return max(horizon, YEARS_IN_PROPORTION * model.series.season_length)


def out_of_proportion(name: str, paths: np.ndarray, series: RegularSeries) -> MemberReport | None:
    """Report a member whose median leaves all proportion to what was observed; None if it does not.

    Log-scale members may explode over long horizons; ETS with multiplicative errors converges to
    zero on almost every path (Akram, Hyndman and Ord 2009, doi:10.1111/j.1467-842X.2009.00555.x).
    """
    median = np.quantile(np.sort(paths, axis=0), 0.5, axis=0)
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
