"""How far a programme has come: share of the target, expected final value, probability, light.

From what has been achieved by a cut-off date the rest follows by one of these rules, each named in
the result:

- ``paths``: the achieved value, and what the sample paths of the indicator add after its date.
- ``draws``: the achieved value, and of each drawn final value the share that the plan leaves for
  the time after its date; for what is a rate of an indicator that follows from the forecast, or
  follows from it and has no paths. What is only planned goes by its own pace: how much of a plan
  is delivered is an assumption, and the achieved value tells more.
- ``pace``: the plan runs in straight lines from the baseline through the milestone to the target
  (without a milestone, or with one that is the target already, straight; without a target, straight
  in time). With the share f of the way that the plan asks for by the date of the value A and the
  baseline b, the final value is ``A + k (1 - f) (A - b) / f``, where k is the later pace over the
  pace so far: 1, and a range for it.
- ``nothing due``: by the date the plan asks for nothing, so that there is no pace.
- ``met``: a deliverable, a number a year, or a percentage without a baseline: met or not.
- ``no value``: nothing was handed in by the cut-off date.

Only sample paths and draws give a probability.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import periods_of
from forecasting.periods import format_period
from forecasting.programmes.achieved import Achieved, AchievedValue
from forecasting.programmes.catalogue import Indicator, Programme, PublishedValues, Version
from forecasting.programmes.derivation import indicator_paths
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.quantities import TOLERANCE
from forecasting.programmes.targets import probability_met
from forecasting.programmes.units import parse_unit
from forecasting.sources.parameters import load_parameters

Rule = Literal["paths", "draws", "pace", "nothing due", "met", "no value"]
Light = Literal["green", "amber", "red"]
LIGHTS: tuple[Light, ...] = ("green", "amber", "red")
RANGE_LEVEL = 80
"""Percent of the paths or draws that the range around an expected final value holds."""

INTERNAL = "internal"
"""Mark of a value that counts too few persons to be published."""


@dataclass(frozen=True)
class ProgressRules:
    """The assumptions of the judgement, ``data/parameters/progress.yaml``.

    Attributes
    ----------
    slower, faster : float
        Range of the later pace over the pace so far.
    green, amber : float
        Probability from which on the light is green, or amber.
    """

    slower: float
    faster: float
    green: float
    amber: float


@dataclass(frozen=True)
class Progress:
    """Progress of one indicator at a cut-off date.

    Attributes
    ----------
    indicator : Indicator
    version : Version
        Of the programme, from which the published values come.
    cut_off : datetime.date
    start : datetime.date
        From when on the indicator counts.
    baseline : float or None
        Value at the start; None where it is not given and not 0 by what is counted.
    milestone, target : float or None
        None where the document gives no number; of a deliverable 1.
    milestone_date, target_date : pandas.Period
    achieved : AchievedValue or None
        The last value up to the cut-off date.
    rules : ProgressRules
    rule : str
        How the expected final value arises.
    due : float or None
        What the plan asks for by the date of the value.
    expected, lower, upper : float or None
        Final value at the target date and its range: from paths or draws the median and the 80 %
        interval, from the pace so far the values for the slower and the faster later pace.
    probability : float or None
        That the target is met; None without paths or draws.
    mark : str
        ``c`` of a value that is withheld, so that `achieved` is None; `INTERNAL` of one that is not
        for publication; see `forecasting.programmes.small_counts`.
    """

    indicator: Indicator
    version: Version
    cut_off: dt.date
    start: dt.date
    baseline: float | None
    milestone: float | None
    target: float | None
    milestone_date: pd.Period
    target_date: pd.Period
    achieved: AchievedValue | None
    rules: ProgressRules
    rule: Rule = "no value"
    due: float | None = None
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    probability: float | None = None
    mark: str = ""

    @property
    def share(self) -> float | None:
        """Share of the way from the baseline (0 if not given) to the target; None if there is none.

        For an indicator that starts at 0 the share of the target.
        """
        start = self.baseline or 0.0
        if self.achieved is None or self.target is None or self.target == start:
            return None
        return (self.achieved.value - start) / (self.target - start)

    @property
    def is_met(self) -> bool:
        """Whether the achieved value meets the target."""
        return self.achieved is not None and self.meets(self.achieved.value)

    def meets(self, value: float | None) -> bool:
        """Whether a value meets the target; below a target that lies under the baseline."""
        if value is None or self.target is None:
            return False
        falls = self.baseline is not None and self.target < self.baseline
        above = self.target - value if falls else value - self.target
        return above >= -TOLERANCE * max(1.0, abs(self.target))

    @property
    def light(self) -> Light | None:
        """Whether the indicator is on track; None without a value or without a target.

        With a probability: green from `ProgressRules.green` on, amber from `ProgressRules.amber`
        on, red below. By pace: green if the expected final value meets the target, amber if the
        end of the range does, red if not even that. With nothing due yet: green. By ``met``: green
        if met, amber before its date, red after it.
        """
        if self.achieved is None or self.target is None:
            return None
        if self.probability is not None:
            green, amber = self.rules.green, self.rules.amber
            return LIGHTS[(self.probability < green) + (self.probability < amber)]
        if self.rule == "met":
            late = self.cut_off > _end(self.target_date)
            return "green" if self.is_met else "red" if late else "amber"
        if self.rule == "nothing due" or self.meets(self.expected):
            return "green"
        return "amber" if self.meets(self.upper) or self.meets(self.lower) else "red"


def progress_rules() -> ProgressRules:
    """Return the assumptions that hold now."""
    known = {entry.id: entry for entry in load_parameters("progress").entries}
    pace = known["later_pace"].distribution
    if pace is None:
        raise InputError("no distribution", where="data/parameters/progress.yaml, key 'later_pace'")
    green, amber = (float(known[f"{name}_probability"].value) / 100 for name in ("green", "amber"))
    return ProgressRules(pace.low / 100, pace.high / 100, green, amber)


def progress(
    programme: Programme,
    achieved: Achieved,
    *,
    cut_off: dt.date | None = None,
    proposals: Sequence[Proposal] = (),
    paths: Mapping[str, xr.DataArray] = MappingProxyType({}),
) -> list[Progress]:
    """Judge how far each monitored indicator has come.

    Parameters
    ----------
    programme : Programme
    achieved : Achieved
        What `read_achieved` returned.
    cut_off : datetime.date, optional
        Later values are left out. Default: the last date of all values.
    proposals : sequence of Proposal
        Of `propose_all`: draws of targets that hang on the forecast, where there are no paths.
    paths : mapping of str to xarray.DataArray, optional
        Sample paths of indicators by code, dims ``(path, period)``, months, running totals, that
        reach from the value's month to the target date; `forecast_paths` for those that follow
        from the forecast. They come before draws.

    Returns
    -------
    list of Progress
        In the order of the catalogue.

    Raises
    ------
    InputError
        If the values are those of another programme, or paths begin after a value.
    """
    if achieved.programme != programme.id:
        raise InputError(
            f"achieved values of {achieved.programme}",
            where=achieved.source,
            expected=f"those of {programme.id}",
        )
    day = cut_off or achieved.cut_off
    rules = progress_rules()
    draws = {
        p.indicator.code: p.draws
        for p in proposals
        if p.point == "target" and _follows_from_forecast(programme, p.indicator)
    }
    results = []
    for indicator in programme.indicators:
        if not indicator.monitored:
            continue
        found = _begin(programme, indicator, achieved.last(indicator.code, day), day, rules)
        results.append(_judge(found, paths.get(indicator.code), draws.get(indicator.code)))
    return results


def forecast_paths(programme: Programme, persons: xr.DataArray) -> dict[str, xr.DataArray]:
    """Return the sample paths of the indicators that follow from the forecast, by code.

    Parameters
    ----------
    programme : Programme
    persons : xarray.DataArray
        Persons per month as for `propose_targets`.
    """
    paths = {i.code: indicator_paths(programme, i, persons) for i in programme.indicators}
    return {code: found for code, found in paths.items() if found is not None}


def _follows_from_forecast(programme: Programme, indicator: Indicator) -> bool:
    """Whether an indicator follows from the forecast, or is a rate of one that does."""
    if indicator.from_forecast is not None:
        return True
    rate = indicator.driven_by and indicator.driven_by.rate
    return bool(
        rate and rate.of and _follows_from_forecast(programme, programme.indicator(rate.of))
    )


def _begin(
    programme: Programme,
    indicator: Indicator,
    value: AchievedValue | None,
    cut_off: dt.date,
    rules: ProgressRules,
) -> Progress:
    version = programme.published_version(pd.Period(cut_off, freq="M"), indicator.code)
    published = indicator.published.get(version.version)
    numbers = {point: _number(getattr(published, point, None)) for point in ("milestone", "target")}
    return Progress(
        indicator=indicator,
        version=version,
        cut_off=cut_off,
        start=_start(programme, indicator),
        baseline=_baseline(indicator, published),
        milestone=numbers["milestone"],
        target=numbers["target"],
        milestone_date=indicator.milestone_date or programme.milestone_date,
        target_date=indicator.target_date or programme.target_date,
        achieved=value,
        rules=rules,
    )


def _number(published: object) -> float | None:
    if published == "done":
        return 1.0
    return float(published) if isinstance(published, int | float) else None


def _start(programme: Programme, indicator: Indicator) -> dt.date:
    """First day that counts; a percentage starts from the end of its baseline year."""
    if isinstance(indicator.baseline_year, int):
        return dt.date(indicator.baseline_year, 12, 31)
    forecast = indicator.from_forecast
    first = (forecast and forecast.starts) or indicator.monitored_from
    return (first or programme.counting_starts).start_time.date()


def _baseline(indicator: Indicator, published: object) -> float | None:
    """Value at the start; what is counted, and a change, begins at 0 where none is given."""
    if isinstance(indicator.baseline, int | float):
        return float(indicator.baseline)
    is_done = isinstance(published, PublishedValues) and published.target == "done"
    unit = parse_unit(indicator.unit)
    is_share = unit.is_percent and not indicator.is_change
    is_rate = any(power < 0 for _, power in unit.powers)
    return None if is_share or is_rate or is_done else 0.0


def _judge(found: Progress, paths: xr.DataArray | None, draws: np.ndarray | None) -> Progress:
    if found.achieved is None:
        return found
    value, baseline = found.achieved, found.baseline
    if baseline is None:
        return replace(found, rule="met")
    plan = _plan(found, baseline)
    if found.target is not None:
        due = baseline + _share_at(plan, value.cut_off) * (found.target - baseline)
        found = replace(found, due=due)
    last = _end(found.target_date)
    way = {day: share for day, share in plan.items() if 0 <= share < 1 or day == last}
    share = _share_at(way, value.cut_off)
    if paths is not None:
        added = _path_at(paths, max(last, value.cut_off)) - _path_at(paths, value.cut_off)
        return replace(found, rule="paths", **_from_draws(found, value.value + added))
    if draws is not None:
        final = value.value + (1 - share) * (np.asarray(draws, dtype=float) - baseline)
        return replace(found, rule="draws", **_from_draws(found, final))
    if share == 0:
        return replace(found, rule="nothing due")
    return replace(found, rule="pace", **_from_pace(found, value.value, baseline, share))


def _from_draws(found: Progress, final: np.ndarray) -> dict[str, Any]:
    """Median, interval and probability of the target, over draws of the final value."""
    tail = (1 - RANGE_LEVEL / 100) / 2
    levels = [tail, 0.5, 1 - tail]
    lower, median, upper = np.quantile(final, levels, method="inverted_cdf").tolist()
    probability = None if found.target is None else probability_met(final, found.target)
    return {"expected": median, "lower": lower, "upper": upper, "probability": probability}


def _from_pace(found: Progress, value: float, baseline: float, share: float) -> dict[str, Any]:
    """Final values if the rest of the plan comes at the pace so far, slower or faster.

    A percentage that is no change stays between 0 and 100.
    """
    rest = (1 - share) * (value - baseline) / share
    finals = np.array([value + k * rest for k in (found.rules.slower, 1.0, found.rules.faster)])
    is_share = parse_unit(found.indicator.unit).is_percent and not found.indicator.is_change
    if is_share:
        finals = np.clip(finals, 0.0, max(100.0, value))
    return {
        "expected": float(finals[1]),
        "lower": float(finals.min()),
        "upper": float(finals.max()),
    }


def _plan(found: Progress, baseline: float) -> dict[dt.date, float]:
    """Share of the way to the target that the plan asks for, by the days for which it says so."""
    first, middle, last = found.start, *map(_end, (found.milestone_date, found.target_date))
    milestone, target = found.milestone, found.target
    between = {}
    if milestone is not None and target not in {None, baseline} and first < middle < last:
        between[middle] = (milestone - baseline) / ((target or 0.0) - baseline)
    return {first: 0.0, **between, last: 1.0}


def _share_at(points: Mapping[dt.date, float], day: dt.date) -> float:
    """Share of the way by a day, straight between the points."""
    days = [each.toordinal() for each in points]
    return float(np.interp(day.toordinal(), days, list(points.values())))


def _end(month: pd.Period) -> dt.date:
    last: dt.date = month.end_time.date()
    return last


def _path_at(paths: xr.DataArray, day: dt.date) -> np.ndarray:
    """Cumulative value on each path by a day, straight within its month."""
    months = periods_of(paths)
    values: np.ndarray = paths.transpose("path", "period").to_numpy()
    place = (pd.Period(day, freq="M") - months[0]).n
    if place < 0:
        raise InputError(
            f"sample paths from {format_period(months[0])} on",
            where=f"value of {day}",
            expected="paths that begin in that month or before",
        )
    if place >= len(months):
        return values[:, -1]
    before = values[:, place - 1] if place else np.zeros(len(values))
    share = day.day / months[place].days_in_month
    return np.asarray(before + share * (values[:, place] - before))
