"""Milestones and targets that the flow drives: what they come to at the months they are due.

The same numbers as `forecasting.programmes.proposals.propose_targets` on the same paths, computed
at the months that are asked for only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts import Forecast
from forecasting.languages.messages import say
from forecasting.paths import periods_of
from forecasting.periods import format_period
from forecasting.programmes.catalogue import (
    SUM_OF_PARTS,
    Indicator,
    Programme,
    load_programme,
)
from forecasting.programmes.formulas import Formula, parse_formula
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.proposals import (
    PROPOSAL_PROBABILITIES,
    propose_targets,
    share_out_totals,
)
from forecasting.programmes.quantities import Quantity, multiply, quantity
from forecasting.programmes.rules import APPLICANTS
from forecasting.programmes.targets import probability_met, target_at
from forecasting.projections.draws import number
from forecasting.projections.projection import TargetProjection
from forecasting.scenarios import Lever, Scenario, levers_on


@dataclass(frozen=True, eq=False)
class TargetMaterial:
    """A programme, with what of it does not depend on the paths.

    Attributes
    ----------
    programme : Programme
    proposals : tuple of Proposal
        Published values, without draws, of the indicators that the flow drives.
    formulas : mapping of str to Formula
        Of the indicators that are no sum of parts, by code.
    facts : pandas.Series
        Persons observed, by month, from the start of counting on.
    probabilities : tuple of float
        Attainment probabilities at which a value is proposed.
    """

    programme: Programme
    proposals: tuple[Proposal, ...]
    formulas: Mapping[str, Formula]
    facts: pd.Series
    probabilities: tuple[float, ...] = PROPOSAL_PROBABILITIES

    @property
    def last(self) -> pd.Period:
        """Month by whose end the last value is due."""
        return max(each.date for each in self.proposals)


def prepare_targets(name: str | None, flow: Forecast | None) -> TargetMaterial | None:
    """Read a programme; None without one, or where the flow drives none of its indicators.

    Raises
    ------
    InputError
        If the programme is driven by other figures, or a value is due after the last month of the
        flow.
    """
    if name is None or flow is None:
        return None
    programme = load_programme(name)
    found = tuple(each for each in propose_targets(programme, None) if each.indicator.from_forecast)
    if not found:
        return None
    driver = f"{programme.driver}/{programme.geo}"
    if driver != flow.series.series_id:
        raise InputError(
            flow.series.series_id,
            where=programme.id,
            expected=say("{name}, which drives its indicators", name=driver),
        )
    due, last = max(each.date for each in found), periods_of(flow.paths)[-1]
    if due > last:
        raise InputError(
            say("a chain until {month}", month=format_period(last)),
            where=programme.id,
            expected=say("{month} or later, when its last value is due", month=format_period(due)),
        )
    formulas = {
        each.code: parse_formula(each.from_forecast.formula, indicator=each.code)
        for each in programme.indicators
        if each.from_forecast and each.from_forecast.formula != SUM_OF_PARTS
    }
    facts = flow.series.values[programme.counting_starts :]
    return TargetMaterial(programme, found, formulas, facts)


def coverage_levers(scenario: Scenario, material: TargetMaterial) -> dict[str, tuple[Lever, ...]]:
    """Levers of a scenario on inputs of the programme, by the name of the input."""
    if not levers_on(scenario, "coverage"):
        return {}
    found = {name: levers_on(scenario, "coverage", name) for name in material.programme.inputs}
    return {name: levers for name, levers in found.items() if levers}


def project_targets(
    material: TargetMaterial, paths: xr.DataArray, levers: Mapping[str, Sequence[Lever]]
) -> tuple[TargetProjection, ...]:
    """Evaluate the driven indicators at the months they are due.

    Parameters
    ----------
    material : TargetMaterial
    paths : xarray.DataArray
        Persons a month after the last one observed, dims ``(path, period)``.
    levers : mapping of str to sequence of Lever
        From `coverage_levers`.
    """
    values = _Values(material, paths, _inputs(material.programme, levers))
    drawn = [
        _drawn(each, values.at(each.indicator, each.date), material.probabilities)
        for each in material.proposals
    ]
    return tuple(map(_target, share_out_totals(drawn, material.probabilities)))


def _inputs(programme: Programme, levers: Mapping[str, Sequence[Lever]]) -> dict[str, Quantity]:
    inputs = {name: given.quantity for name, given in programme.inputs.items()}
    for name, own in levers.items():
        for lever in own:
            known = inputs[name]
            inputs[name] = multiply(known, quantity(number(lever), "1"))
    return inputs


def _drawn(proposal: Proposal, draws: np.ndarray, probabilities: Sequence[float]) -> Proposal:
    promised, step = proposal.published, proposal.indicator.rounding
    return replace(
        proposal,
        draws=draws,
        proposals={p: int(target_at(draws, p, rounding=step)) for p in probabilities},
        probability=probability_met(draws, promised) if promised else None,
    )


def _target(proposal: Proposal) -> TargetProjection:
    return TargetProjection(
        indicator=proposal.indicator,
        point=proposal.point,
        date=proposal.date,
        draws=np.asarray(proposal.draws),
        published=proposal.published,
        probability=proposal.probability,
        proposals=proposal.proposals,
    )


class _Values:
    """Values of indicators at the end of a month, each running total made once."""

    def __init__(
        self, material: TargetMaterial, paths: xr.DataArray, inputs: Mapping[str, Quantity]
    ) -> None:
        self._material, self._inputs, self._n_paths = material, inputs, len(paths)
        months = periods_of(paths)[: material.last.ordinal - periods_of(paths)[0].ordinal + 1]
        self._first, self._paths = months[0], paths.to_numpy()[:, : len(months)]
        self._totals: dict[pd.Period, np.ndarray] = {}

    def at(self, indicator: Indicator, date: pd.Period) -> np.ndarray:
        """Return the value on every path, shape ``(n_paths,)``."""
        programme, rule = self._material.programme, indicator.from_forecast
        if rule is None:
            raise InputError(
                f"a part {indicator.code} that the forecast does not drive", where=programme.id
            )
        if rule.formula == SUM_OF_PARTS:
            parts = [self.at(programme.indicator(code), date) for code in indicator.parts]
            return np.asarray(sum(parts[1:], parts[0]))
        persons = self._persons(rule.starts or programme.counting_starts, date)
        inputs = {**self._inputs, APPLICANTS: quantity(persons, "persons")}
        value = np.asarray(self._material.formulas[indicator.code].evaluate(inputs).value, float)
        return np.array(np.broadcast_to(value, self._n_paths))

    def _persons(self, starts: pd.Period, date: pd.Period) -> np.ndarray:
        """Persons counted from a month to another, facts first."""
        facts = self._material.facts
        if date < self._first:
            return np.full(self._n_paths, _sum_from(facts[:date], starts))
        if starts not in self._totals:
            # facts first, then month by month: the very sums of a running total
            before = np.full((self._n_paths, 1), _sum_from(facts, starts))
            counted = self._paths
            if starts > self._first:
                late = starts.ordinal - self._first.ordinal
                counted = np.where(np.arange(counted.shape[1]) >= late, counted, 0.0)
            self._totals[starts] = np.cumsum(np.hstack([before, counted]), axis=1)
        return self._totals[starts][:, date.ordinal - self._first.ordinal + 1]


def _sum_from(facts: pd.Series, starts: pd.Period) -> float:
    counted = facts[starts:].to_numpy(dtype=float)
    return float(np.cumsum(counted)[-1]) if len(counted) else 0.0
