"""Why a proposal differs from the published value, and which assumption moves it most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.paths import make_paths
from forecasting.periods import months_between
from forecasting.programmes.catalogue import (
    POINTS,
    SUM_OF_PARTS,
    Indicator,
    Point,
    Programme,
)
from forecasting.programmes.derivation import indicator_paths
from forecasting.programmes.driven_by import (
    MONTHS_A_YEAR,
    DesignUniforms,
    DrivenValues,
    Key,
    driver_of,
    driver_parameters,
)
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.quantities import quantity
from forecasting.programmes.rules import APPLICANTS

Reason = Literal["correction", "assumption", "new data", "model"]
REASONS: tuple[Reason, ...] = ("correction", "assumption", "new data", "model")
INPUT_STEP = Fraction(1, 10)
"""By how much of its value an input without a distribution is moved, either way."""

LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Change:
    """From the published value to the proposal, step by step; the steps add up to the whole.

    Attributes
    ----------
    correction : float
        What the document's own inputs give, less what it prints.
    assumption : float
        Another way of counting, or a plan of which a share is delivered.
    new_data : float
        The months counted since, and the pace of the last twelve, in place of the published pace.
    model : float
        The forecast and the attainment probability, in place of that pace.
    """

    correction: float = 0.0
    assumption: float = 0.0
    new_data: float = 0.0
    model: float = 0.0

    @property
    def steps(self) -> dict[Reason, float]:
        """The steps by name, in their order."""
        values = (self.correction, self.assumption, self.new_data, self.model)
        return dict(zip(REASONS, values, strict=True))

    @property
    def main(self) -> Reason | None:
        """The largest step; None where nothing changes."""
        name = max(self.steps, key=lambda step: abs(self.steps[step]))
        return name if self.steps[name] else None


@dataclass(frozen=True)
class Swing:
    """What becomes of a value when one assumption moves and the others stay.

    Attributes
    ----------
    name : str
        An input of the catalogue, a parameter of the delivery, or ``applicants``.
    low, high : float
        Value at the low and at the high end of the assumption: its quantiles 0.1 and 0.9, or a
        tenth less and more of an input that has no distribution.
    """

    name: str
    low: float
    high: float

    @property
    def width(self) -> float:
        """Distance between the two ends."""
        return abs(self.high - self.low)


def widest(swings: Sequence[Swing]) -> tuple[Swing, ...]:
    """Order swings, the widest first, leaving out those that move nothing."""
    moving = [swing for swing in swings if swing.width > 0]
    return tuple(sorted(moving, key=lambda swing: -swing.width))


def plan_swings(values: DrivenValues, indicator: Indicator, point: Point) -> tuple[Swing, ...]:
    """Move each parameter of the delivery by itself, with the base of a rate carried along."""
    names = _parameters(values.programme, indicator)
    medians = {key: np.full(1 + 2 * len(names), np.median(v)) for key, v in values.forecast.items()}
    design = replace(values, uniforms=DesignUniforms(names), forecast=medians)
    found = design.values(indicator, point)
    if found is None:
        return ()
    ends = zip(names, found[1::2], found[2::2], strict=True)
    return widest([Swing(name, float(low), float(high)) for name, low, high in ends])


def _parameters(programme: Programme, indicator: Indicator) -> tuple[str, ...]:
    """Names of the parameters of an indicator and of those below it."""
    names, current = [*driver_parameters(indicator)], driver_of(indicator)
    while current and current.rate and current.rate.of:
        base = programme.indicator(current.rate.of)
        names += driver_parameters(base)
        current = driver_of(base)
    return tuple(dict.fromkeys(names))


def forecast_swings(
    programme: Programme, indicator: Indicator, persons: Mapping[str, np.ndarray]
) -> tuple[Swing, ...]:
    """Move the applicants from quantile 0.1 to 0.9, then each input of the formula by a tenth.

    Parameters
    ----------
    programme : Programme
    indicator : Indicator
        One that the forecast drives.
    persons : mapping of str to numpy.ndarray
        Persons counted by the date on each path, by code of the indicator.
    """
    counts = {
        code: np.quantile(drawn, [0.5, LOW, HIGH], method="inverted_cdf")
        for code, drawn in persons.items()
    }
    inputs = {name: given.quantity for name, given in programme.inputs.items()}

    def value(at: int, changed: Mapping[str, Fraction]) -> float:
        known = inputs | {
            name: replace(inputs[name], value=inputs[name].value * factor)  # type: ignore[operator]
            for name, factor in changed.items()
        }
        total = 0.0
        for part in _leaves(programme, indicator):
            rule = part.from_forecast
            formula = parse_formula(rule.formula if rule else "", indicator=part.code)
            reached = quantity(float(counts[part.code][at]), "persons")
            total += float(formula.evaluate(known | {APPLICANTS: reached}).value)
        return total

    swings = [Swing(APPLICANTS, value(1, {}), value(2, {}))]
    for name in _input_names(programme, indicator):
        most = 1 + INPUT_STEP
        if inputs[name].unit.is_percent:
            most = min(most, 1 / inputs[name].value)  # type: ignore[assignment]
        swings.append(Swing(name, value(0, {name: 1 - INPUT_STEP}), value(0, {name: most})))
    return widest(swings)


def _leaves(programme: Programme, indicator: Indicator) -> list[Indicator]:
    rule = indicator.from_forecast
    if rule is None or rule.formula != SUM_OF_PARTS:
        return [indicator]
    return [
        leaf for code in indicator.parts for leaf in _leaves(programme, programme.indicator(code))
    ]


def _input_names(programme: Programme, indicator: Indicator) -> list[str]:
    names = [
        name
        for leaf in _leaves(programme, indicator)
        if leaf.from_forecast
        for name in parse_formula(leaf.from_forecast.formula, indicator=leaf.code).names
    ]
    return [name for name in dict.fromkeys(names) if name != APPLICANTS]


def flat_values(
    programme: Programme, persons: xr.DataArray, origin: pd.Period
) -> dict[Key, tuple[float, float]]:
    """What each indicator would come to at an even pace.

    Returns
    -------
    dict of (code, point) to two floats
        At the published pace of the headline indicator, and with the months observed by `origin`
        followed by the pace of the last twelve of them (the published one where none is).
        Only indicators that the forecast drives.
    """
    code = programme.headline
    if code is None:
        return {}
    paces = _flat_paths(programme, persons, origin)
    found: dict[Key, tuple[float, float]] = {}
    for indicator in programme.indicators:
        paths = indicator_paths(programme, indicator, paces)
        if paths is None:
            continue
        at_milestone, at_target = (
            paths.sel(period=programme.date_of(point)).to_numpy() for point in POINTS
        )
        found[indicator.code, "milestone"] = float(at_milestone[0]), float(at_milestone[2])
        found[indicator.code, "target"] = float(at_target[1]), float(at_target[2])
    return found


def _flat_paths(programme: Programme, persons: xr.DataArray, origin: pd.Period) -> xr.DataArray:
    """Three paths: the published pace to the milestone, to the target, and the recent pace."""
    periods = persons.indexes["period"]
    counted = (periods >= programme.counting_starts) & (periods <= programme.target_date)
    observed, known = persons.to_numpy()[0], periods <= origin
    paces = [_published_pace(programme, point) for point in POINTS]
    recent = observed[known][-MONTHS_A_YEAR:].mean() if known.any() else paces[-1]
    rows = [*(np.full(len(periods), pace) for pace in paces), np.where(known, observed, recent)]
    values = np.vstack(rows)[:, counted]
    return make_paths(values, pd.PeriodIndex(periods[counted]), unit="persons")


def _published_pace(programme: Programme, point: Point) -> float:
    code = str(programme.headline)
    version = programme.published_version(None, code).version
    value = programme.published_value(code, point, version) or 0
    return float(value) / months_between(programme.counting_starts, programme.date_of(point))


def explain_change(
    proposed: float,
    published: float,
    rederived: float | None,
    flat: tuple[float, float] | None,
) -> Change:
    """Split a change into its steps.

    Parameters
    ----------
    proposed, published : float
    rederived : float or None
        What the document's inputs give.
    flat : two floats or None
        See `flat_values`; None for an indicator that the forecast does not drive.
    """
    start = published if rederived is None else rederived
    if flat is None:
        return Change(correction=start - published, assumption=proposed - start)
    places = [published, start, *flat, proposed]
    return Change(*(after - before for before, after in pairwise(places)))
