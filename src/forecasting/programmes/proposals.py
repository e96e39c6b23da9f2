"""Published milestones and targets beside what the forecast would promise instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.periods import parse_month
from forecasting.programmes.catalogue import (
    POINTS,
    Indicator,
    Point,
    Programme,
    PublishedValues,
    Version,
)
from forecasting.programmes.derivation import count_persons, indicator_paths, rederive
from forecasting.programmes.driven_by import (
    SHARED_RISK,
    DrivenValues,
    JointUniforms,
    Key,
    driver_of,
    due_date,
    load_delivery,
)
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.reasons import (
    Swing,
    explain_change,
    flat_values,
    forecast_swings,
    plan_swings,
)
from forecasting.programmes.targets import (
    allocate,
    passing_period,
    probability_met,
    target_at,
    unique_bounds,
    unique_persons,
)

__all__ = [
    "HEADLINE_PROBABILITY",
    "PROPOSAL_PROBABILITIES",
    "PlanDraws",
    "Proposal",
    "probabilities_with",
    "propose_targets",
    "share_out_totals",
]

PROPOSAL_PROBABILITIES = (0.5, 0.8, 0.9)
"""Attainment probabilities at which targets are always proposed."""

HEADLINE_PROBABILITY = 0.8
"""The one of the first page, if no other is asked for."""


def probabilities_with(probability: float) -> tuple[float, ...]:
    """Return the probabilities at which targets are proposed where one is asked for."""
    return tuple(sorted({*PROPOSAL_PROBABILITIES, probability}))


@dataclass(frozen=True)
class PlanDraws:
    """How to draw what may go otherwise than planned, for indicators that no forecast drives.

    Attributes
    ----------
    n_paths, seed : int
        As of the forecast: path 17 of a plan goes with path 17 of the forecast.
    """

    n_paths: int = 5000
    seed: int = 1


def propose_targets(  # noqa: PLR0913 - the options of the target rule, all of them named
    programme: Programme,
    persons: xr.DataArray | None,
    *,
    origin: pd.Period | None = None,
    probabilities: Sequence[float] = PROPOSAL_PROBABILITIES,
    as_of: str = "",
    plans: PlanDraws | None = None,
    rounding: int = 0,
) -> list[Proposal]:
    """Re-derive every published value and propose its successor from the forecast.

    Parameters
    ----------
    programme : Programme
        The catalogue.
    persons : xarray.DataArray or None
        Persons per month, dims ``(path, period)``: facts up to `origin`, sample paths after it,
        from the start of counting to the target date. None: re-derive only.
    origin : pandas.Period, optional
        Last observed month; needed with `persons`.
    probabilities : sequence of float
        Attainment probabilities, each in (0, 1).
    as_of : str
        Month ``YYYY-MM`` as of which a version of the programme is chosen; empty: the last one.
    plans : PlanDraws, optional
        Propose also for the indicators that no forecast drives, on the same draw index. None:
        those stay without a proposal.
    rounding : int
        Every proposal is a multiple of it; 0: of the rounding of its indicator.

    Returns
    -------
    list of Proposal
        In the order of the catalogue, milestone before target.

    Raises
    ------
    InputError
        If the paths do not cover the months, or are not as many as `plans` asks for, or the
        rounding is below 0.
    """
    if rounding:
        programme = _with_rounding(programme, rounding)
    month = parse_month(as_of, where="as-of") if as_of else None
    proposals = [
        _published(programme, indicator, point, programme.published_version(month, indicator.code))
        for indicator in programme.indicators
        for point in POINTS
        if point == "target" or _has_milestone(indicator)
    ]
    flat: dict[Key, tuple[float, float]] = {}
    if persons is not None and origin is not None:
        paths = {
            indicator.code: indicator_paths(programme, indicator, persons)
            for indicator in programme.indicators
        }
        proposals = [
            _from_paths(
                programme, proposal, paths[proposal.indicator.code], persons, origin, probabilities
            )
            for proposal in proposals
        ]
        flat = flat_values(programme, persons, origin)
    values = None
    if plans is not None:
        values = _plan_values(programme, proposals, plans)
        proposals = [_from_plan(values, proposal, probabilities) for proposal in proposals]
    proposals = _with_children(share_out_totals(proposals, probabilities), probabilities)
    return [_explained(programme, proposal, proposals, flat, values) for proposal in proposals]


def _with_rounding(programme: Programme, rounding: int) -> Programme:
    """Return a programme whose proposals are all multiples of `rounding`."""
    if rounding < 0:
        raise InputError(f"rounding {rounding}", expected="a whole number from 0")
    indicators = tuple(i.model_copy(update={"rounding": rounding}) for i in programme.indicators)
    return programme.model_copy(update={"indicators": indicators})


def _has_milestone(indicator: Indicator) -> bool:
    """Whether it can have one: an output; a result only where the document gives one."""
    given = indicator.published.values()
    return indicator.kind == "output" or any(
        isinstance(values, PublishedValues) and values.milestone is not None for values in given
    )


def _published(
    programme: Programme, indicator: Indicator, point: Point, version: Version
) -> Proposal:
    found = rederive(programme, indicator, point)
    written = 100 if found is not None and found.unit.is_percent else 1
    explained = [
        difference
        for difference in programme.differences
        if (difference.indicator, difference.point) == (indicator.code, point)
    ]
    return Proposal(
        indicator=indicator,
        point=point,
        date=due_date(programme, indicator, point),
        version=version,
        published=programme.published_value(indicator.code, point, version.version),
        rederived=None if found is None else written * Fraction(found.value),  # type: ignore[arg-type]
        explained=explained[0] if explained else None,
    )


def _from_paths(
    programme: Programme,
    proposal: Proposal,
    paths: xr.DataArray | None,
    persons: xr.DataArray,
    origin: pd.Period,
    probabilities: Sequence[float],
) -> Proposal:
    if paths is None:
        return proposal
    indicator = proposal.indicator
    draws = paths.sel(period=proposal.date).to_numpy()
    starts = indicator.from_forecast.starts if indicator.from_forecast else None
    counted = count_persons(persons, starts or programme.counting_starts, programme)
    known = paths.indexes["period"] <= min(origin, proposal.date)
    promised = proposal.published
    return replace(
        proposal,
        draws=draws,
        persons=counted.sel(period=proposal.date).to_numpy(),
        observed=float(paths.sel(period=known).to_numpy()[0, -1]) if known.any() else 0.0,
        proposals={p: int(target_at(draws, p, rounding=indicator.rounding)) for p in probabilities},
        probability=probability_met(draws, promised) if promised else None,
        driver="forecast",
        passing=passing_period(paths, promised) if promised else None,
    )


def _plan_values(
    programme: Programme, proposals: Sequence[Proposal], plans: PlanDraws
) -> DrivenValues:
    """Prepare the values of the indicators that no forecast drives.

    Raises
    ------
    InputError
        If the forecast has another number of paths.
    """
    planned, forecast = {}, {}
    for proposal in proposals:
        key: Key = (proposal.indicator.code, proposal.point)
        if proposal.rederived is not None:
            planned[key] = proposal.rederived
        elif proposal.published is not None:
            planned[key] = Fraction(str(proposal.published))
        if proposal.draws is not None:
            forecast[key] = proposal.draws
    sizes = {len(drawn) for drawn in forecast.values()} - {plans.n_paths}
    if sizes:
        raise InputError(
            f"{plans.n_paths} paths of plans",
            where=programme.id,
            expected=f"{sizes.pop()}, as the forecast",
        )
    delivery = load_delivery()
    shared = delivery.value(SHARED_RISK, on=programme.target_date)
    uniforms = JointUniforms(plans.n_paths, plans.seed, shared)
    return DrivenValues(programme, planned, forecast, uniforms, delivery)


def _from_plan(
    values: DrivenValues, proposal: Proposal, probabilities: Sequence[float]
) -> Proposal:
    if proposal.draws is not None:
        return proposal
    indicator, promised = proposal.indicator, proposal.published
    draws, driver = values.values(indicator, proposal.point), driver_of(indicator)
    if draws is None or driver is None:
        return replace(proposal, unproposed=values.why_not(indicator, proposal.point))
    return replace(
        proposal,
        draws=draws,
        proposals={p: int(target_at(draws, p, rounding=indicator.rounding)) for p in probabilities},
        probability=probability_met(draws, promised) if promised else None,
        driver=driver.kind,
    )


def _with_children(proposals: list[Proposal], probabilities: Sequence[float]) -> list[Proposal]:
    """Report joint attainment and bounds of those counted twice for all that has parts below it."""
    done = list(proposals)
    for i, total in enumerate(proposals):
        code, own = total.indicator.code, total.indicator.parts
        below = [
            each
            for each in proposals
            if (each.indicator.code in own if own else each.indicator.parent == code)
            and each.point == total.point
            and each.draws is not None
            and each.indicator.unit == total.indicator.unit
        ]
        if total.draws is None or len(below) < 2:
            continue
        bounds = {}
        if total.indicator.unit == "persons":
            bounds = {
                p: unique_bounds([each.proposals[p] for each in below]) for p in probabilities
            }
        done[i] = replace(total, joint={p: _joint(below, p) for p in probabilities}, bounds=bounds)
    return done


def _explained(
    programme: Programme,
    proposal: Proposal,
    proposals: Sequence[Proposal],
    flat: Mapping[Key, tuple[float, float]],
    values: DrivenValues | None,
) -> Proposal:
    """Add why a proposal differs from the published value, and what moves it most."""
    indicator, point, published = proposal.indicator, proposal.point, proposal.published
    if proposal.draws is None:
        return proposal
    swings: tuple[Swing, ...] = ()
    if proposal.driver == "forecast":
        counted = {
            each.indicator.code: each.persons
            for each in proposals
            if each.point == point and each.persons is not None
        }
        swings = forecast_swings(programme, indicator, counted)
    elif values is not None:
        swings = plan_swings(values, indicator, point)
    if published is None:
        return replace(proposal, swings=swings)
    rederived = None if proposal.rederived is None else float(proposal.rederived)
    even = flat.get((indicator.code, point))
    changes = {
        p: explain_change(value, published, rederived, even)
        for p, value in proposal.proposals.items()
    }
    return replace(proposal, changes=changes, swings=swings)


def share_out_totals(proposals: list[Proposal], probabilities: Sequence[float]) -> list[Proposal]:
    """Allocate the proposed value of each total to its parts, and count persons once.

    Parameters
    ----------
    proposals : list of Proposal
        Of a whole programme; those without draws are left alone.
    probabilities : sequence of float
        Attainment probabilities for which there are proposals.

    Returns
    -------
    list of Proposal
        In the same order.
    """
    done = list(proposals)
    place = {(p.indicator.code, p.point): i for i, p in enumerate(proposals)}
    for total in proposals:
        parts = [place[code, total.point] for code in total.indicator.parts]
        if total.draws is None or not parts or any(proposals[i].draws is None for i in parts):
            continue
        shared = {p: _allocate(total, [proposals[i] for i in parts], p) for p in probabilities}
        for rank, i in enumerate(parts):
            done[i] = replace(proposals[i], proposals={p: shared[p][rank] for p in probabilities})
        rule = total.indicator.from_forecast
        if rule is not None:
            overlap = Fraction(str(rule.overlap_of_parts)) / 100
            unique = {p: _unique(shared[p], overlap) for p in probabilities}
            done[place[total.indicator.code, total.point]] = replace(total, unique=unique)
    return done


def _allocate(total: Proposal, parts: list[Proposal], probability: float) -> list[int]:
    step = total.indicator.rounding
    weights = [part.proposals[probability] for part in parts]
    if not any(weights):
        return [0] * len(parts)
    return [step * n for n in allocate(total.proposals[probability] // step, weights)]


def _joint(parts: list[Proposal], probability: float) -> float:
    met = [part.draws >= part.proposals[probability] for part in parts if part.draws is not None]
    return float(np.mean(np.logical_and.reduce(met)))


def _unique(parts: list[int], overlap: Fraction) -> tuple[int, Fraction, int]:
    lower, upper = unique_bounds(parts)
    return lower, unique_persons(parts, overlap=overlap), upper
