"""Which pool forecasts a caseload, and whether a driver has a place in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.errors import ModelError
from forecasting.models import Drivers, Model
from forecasting.models.autoregression import AutoregressionModel
from forecasting.models.level import LevelModel
from forecasting.periods import format_period
from forecasting.series import RegularSeries
from forecasting.stocks.caseload_inputs import CaseloadInputs
from forecasting.stocks.caseload_models import LEVEL, SMOOTH, plain_models, with_future
from forecasting.stocks.caseload_past import FEWEST_CASES, PastForecasts, mean_scores

MARGIN = 0.9
"""CRPS of another pool, relative to that of the smooth stock, below which it replaces it."""

LEVEL_ALONE = "level"
"""Name of the pool where no other can be used, or none can be told to be right."""

SCENARIO, FORECAST = "scenario", "forecast"


@dataclass(frozen=True)
class DriverReport:
    """Whether a driver earned its place.

    Attributes
    ----------
    name : str
    used : bool
    reason : str
        In words, with the numbers.
    lead : int or None
        Periods by which it leads, as found on the whole series; None where it cannot be fitted.
    ratio : float or None
        CRPS of the pool with it over that of the pool with an autoregression without it in its
        place; None without enough past.
    future : {"scenario", "forecast"}
        Where its values after the origin come from.
    """

    name: str
    used: bool
    reason: str
    lead: int | None
    ratio: float | None
    future: str


@dataclass(frozen=True)
class Choice:
    """A pool and why it was chosen.

    Attributes
    ----------
    name : str
        Of the pool.
    models : tuple of Model
        Its members.
    reason : str
    scores : pandas.DataFrame
        See `forecasting.stocks.caseload_past.mean_scores`.
    drivers : tuple of DriverReport
    """

    name: str
    models: tuple[Model, ...]
    reason: str
    scores: pd.DataFrame
    drivers: tuple[DriverReport, ...]


@dataclass(frozen=True)
class Offered:
    """A driver as a member of the pool.

    Attributes
    ----------
    name : str
    future : {"scenario", "forecast"}
    model : AutoregressionModel or None
        None if it cannot be used.
    lead : int or None
    problem : str
        Why it cannot be used.
    """

    name: str
    future: str
    model: AutoregressionModel | None = None
    lead: int | None = None
    problem: str = ""


def offer_drivers(
    drivers: Drivers | None, series: RegularSeries, *, horizon: int, n_paths: int, seed: int
) -> list[Offered]:
    """Give every driver its future and find its lead on the series.

    Raises
    ------
    InputError
        If a driver is observed after the origin, or a scenario ends before the horizon.
    """
    if drivers is None:
        return []
    found = []
    for number, name in enumerate(drivers.names):
        alone = drivers.only(name)
        future = SCENARIO if name in alone.future else FORECAST
        alone.refuse_look_ahead(name, series.origin)
        rng = np.random.default_rng([seed, number])
        try:
            ahead = with_future(alone, series.origin, horizon=horizon, n_paths=n_paths, rng=rng)
            model = AutoregressionModel(ahead)
            lead = model.fit(series).leads_[name]
        except ModelError as problem:
            found.append(Offered(name, future, problem=str(problem)))
        else:
            found.append(Offered(name, future, model, lead))
    return found


def choose_pool(inputs: CaseloadInputs, past: PastForecasts, offered: list[Offered]) -> Choice:
    """Choose by the backtest: the smooth stock, unless another pool scored a tenth better.

    Too short a series is carried forward without a trend. A driver is used if the smooth stock
    scored better with its autoregression than with the one without a driver counted twice: one
    member more alone makes a pool wider, and often better.
    """
    origin = inputs.series.origin
    pools = plain_models(inputs)
    reports = tuple(_judge(each, pools[SMOOTH], past, origin) for each in offered)
    earned = [
        (each.name, each.model)
        for each, report in zip(offered, reports, strict=True)
        if report.used and each.model
    ]
    smooth = SMOOTH + (f" with {', '.join(name for name, _ in earned)}" if earned else "")
    candidates = {smooth: (*pools[SMOOTH], *(model for _, model in earned))} | pools
    scores = mean_scores(past, _names(candidates), origin)
    known, needed = len(inputs.series.values), _fewest_for_a_trend(inputs)
    if scores.empty and known < needed:
        reason = f"{known} observations are too few to tell a trend by; expected: {needed}"
        return Choice(LEVEL_ALONE, (LevelModel(),), reason, scores, reports)
    name, reason = _best(scores, smooth)
    if name != smooth:
        reports = tuple(_unused(report, name) for report in reports)
    return Choice(name, candidates[name], reason, scores, reports)


def choose_level(
    inputs: CaseloadInputs,
    past: PastForecasts,
    offered: list[Offered],
    shocks: Mapping[pd.Period, float],
) -> Choice:
    """Choose the level, since a shock took place, whatever the past says."""
    pools = plain_models(inputs)
    largest = max(shocks, key=lambda period: abs(shocks[period]))
    change = 100 * np.expm1(shocks[largest])
    reason = (
        f"a shock of {change:+.1f} % in {format_period(largest)}, beyond 8 standard deviations: "
        "no trend is trusted for three years, and the shock passes to an unknown share"
    )
    why = "after a shock no relation of before is trusted; say what happened as an intervention"
    reports = tuple(
        DriverReport(each.name, False, why, each.lead, None, each.future) for each in offered
    )
    scores = mean_scores(past, _names(pools), inputs.series.origin)
    return Choice(LEVEL, pools[LEVEL], reason, scores, reports)


def fall_back(choice: Choice, problem: ModelError) -> Choice:
    """Return the level instead of a pool of which no member can be used, and say why."""
    unused = tuple(replace(report, used=False, reason=str(problem)) for report in choice.drivers)
    return replace(
        choice,
        name=LEVEL_ALONE,
        models=(LevelModel(),),
        reason=f"the {choice.name} cannot be used: {problem}",
        drivers=unused,
    )


def _judge(
    driver: Offered, smooth: tuple[Model, ...], past: PastForecasts, origin: pd.Period
) -> DriverReport:
    if driver.model is None:
        return DriverReport(driver.name, False, driver.problem, None, None, driver.future)
    # the same number of members, and as many autoregressions: what differs is the driver
    pools = {"without": (*smooth, AutoregressionModel()), "with": (*smooth, driver.model)}
    scores = mean_scores(past, _names(pools), origin, complete=True).set_index("candidate")
    if scores.empty:
        reason = f"fewer than {FEWEST_CASES} past origins to show what it is worth"
        return DriverReport(driver.name, False, reason, driver.lead, None, driver.future)
    crps, mape = scores["crps"], scores["mape"]
    ratio = float(crps["with"] / crps["without"])
    reason = (
        f"leads by {driver.lead} periods; with it the CRPS was {ratio:.3f} of that without it, the "
        f"error {mape['with']:.1f} % instead of {mape['without']:.1f} %, over "
        f"{scores['origins'].iloc[0]} past origins"
    )
    return DriverReport(driver.name, ratio < 1, reason, driver.lead, ratio, driver.future)


def _unused(report: DriverReport, pool: str) -> DriverReport:
    """Say of a driver that earned its place that another pool was chosen."""
    if not report.used:
        return report
    reason = f"{report.reason}; but the {pool}, which has no driver, was chosen"
    return replace(report, used=False, reason=reason)


def _fewest_for_a_trend(inputs: CaseloadInputs) -> int:
    return AutoregressionModel().minimum_length(inputs.series.season_length)


def _best(scores: pd.DataFrame, smooth: str) -> tuple[str, str]:
    if scores.empty or smooth not in set(scores["candidate"]):
        return SMOOTH, "the past is too short to choose by: the default of stocks"
    crps = scores.set_index("candidate")["crps"]
    if crps[smooth] == 0:
        return smooth, "its past forecasts were exact"
    n = int(scores["origins"].iloc[0])
    others = crps.drop(smooth)
    best = str(others.idxmin()) if len(others) else smooth
    if best != smooth and crps[best] < MARGIN * crps[smooth]:
        ratio = crps[best] / crps[smooth]
        return best, f"CRPS {ratio:.2f} of that of the {smooth}, over {n} past origins"
    ratios = ", ".join(f"{name} {value / crps[smooth]:.2f}" for name, value in others.items())
    return smooth, (
        f"no other pool scored a tenth better over {n} past origins (CRPS relative to it: {ratios})"
    )


def _names(candidates: Mapping[str, tuple[Model, ...]]) -> dict[str, list[str]]:
    return {name: [model.name for model in models] for name, models in candidates.items()}
