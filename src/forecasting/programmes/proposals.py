"""Published milestones and targets beside what the forecast would promise instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.forecasts import Forecast, experience_of, forecast
from forecasting.forecasts.summary import persons_by_month
from forecasting.periods import months_between, parse_month
from forecasting.programmes.catalogue import (
    POINTS,
    Difference,
    Indicator,
    Point,
    Programme,
    Version,
)
from forecasting.programmes.derivation import count_persons, indicator_paths, rederive
from forecasting.programmes.targets import (
    PassingPeriod,
    allocate,
    passing_period,
    probability_met,
    target_at,
    unique_bounds,
    unique_persons,
)
from forecasting.series import read_series

PROPOSAL_PROBABILITIES = (0.5, 0.8, 0.9)
"""Attainment probabilities at which targets are always proposed."""


@dataclass(frozen=True)
class Proposal:
    """One milestone or target: published, re-derived, and proposed from the forecast.

    Attributes
    ----------
    indicator : Indicator
    point : {"milestone", "target"}
    date : pandas.Period
        Month by whose end it is due.
    version : Version
        Version of the programme that the published value comes from.
    published : int or None
        None where the document gives no value.
    rederived : Fraction or None
        Value that the inputs give, exact; None where the document gives no calculation.
    explained : Difference or None
        The recorded difference between the two, if there is one.
    draws : numpy.ndarray or None
        Value at `date` on each sample path, shape ``(n_paths,)``; None for an indicator that is
        not driven by the forecast.
    persons : numpy.ndarray or None
        Persons counted by `date` on each path, from which the value follows.
    observed : float
        What the facts alone amount to.
    proposals : mapping of float to int
        Target by attainment probability. Sub-indicators share out the total of their parent.
    joint : mapping of float to float
        For a total: share of paths on which all its parts attain their proposals.
    unique : mapping of float to tuple
        For a total: persons counted once (lower bound, with the declared overlap, upper bound).
    probability : float or None
        Share of paths on which the published value is met.
    passing : PassingPeriod or None
        When the published value was or will be passed.
    """

    indicator: Indicator
    point: Point
    date: pd.Period
    version: Version
    published: int | None
    rederived: Fraction | None
    explained: Difference | None
    draws: np.ndarray | None = None
    persons: np.ndarray | None = None
    observed: float = 0.0
    proposals: Mapping[float, int] = field(default_factory=dict)
    joint: Mapping[float, float] = field(default_factory=dict)
    unique: Mapping[float, tuple[int, Fraction, int]] = field(default_factory=dict)
    probability: float | None = None
    passing: PassingPeriod | None = None

    @property
    def difference(self) -> Fraction | None:
        """Re-derived minus published value; None if there is not both."""
        if self.published is None or self.rederived is None:
            return None
        return self.rederived - self.published

    @property
    def attained(self) -> dict[float, float]:
        """Share of paths that attain each proposal.

        For a part of a total it is near the probability asked for, not equal to it: the part has
        its share of the total's target.
        """
        if self.draws is None:
            return {}
        return {p: probability_met(self.draws, value) for p, value in self.proposals.items()}

    def sampling_error(self, probability: float) -> float:
        """Standard error of a proposal from the number of paths, by the spacing of the draws.

        Half the distance between the draws that lie one standard deviation of a binomial count
        above and below the target's place (Serfling 1980, section 2.6).
        """
        if self.draws is None:
            return 0.0
        ordered, n = np.sort(self.draws), len(self.draws)
        place, spread = (1 - probability) * n, (n * probability * (1 - probability)) ** 0.5
        above, below = min(n - 1, int(place + spread)), max(0, int(place - spread))
        return float(ordered[above] - ordered[below]) / 2

    @property
    def is_fact(self) -> bool:
        """Whether the observed months alone meet the published value."""
        if not self.published or self.draws is None:
            return False
        return self.observed >= self.published

    @property
    def reached(self) -> pd.Period | None:
        """Month in which the observed counts reached the published value."""
        return self.passing.median if self.is_fact and self.passing else None


def propose_targets(
    programme: Programme,
    persons: xr.DataArray | None,
    *,
    origin: pd.Period | None = None,
    probabilities: Sequence[float] = PROPOSAL_PROBABILITIES,
    as_of: str = "",
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

    Returns
    -------
    list of Proposal
        In the order of the catalogue, milestone before target.
    """
    version = programme.published_version(parse_month(as_of, where="as-of") if as_of else None)
    proposals = [
        _published(programme, indicator, point, version)
        for indicator in programme.indicators
        for point in POINTS
        if not (indicator.kind == "result" and point == "milestone")
    ]
    if persons is None or origin is None:
        return proposals
    paths = {
        indicator.code: indicator_paths(programme, indicator, persons)
        for indicator in programme.indicators
    }
    filled = [
        _from_paths(
            programme, proposal, paths[proposal.indicator.code], persons, origin, probabilities
        )
        for proposal in proposals
    ]
    return _share_out_totals(filled, probabilities)


def _published(
    programme: Programme, indicator: Indicator, point: Point, version: Version
) -> Proposal:
    found = rederive(programme, indicator, point)
    explained = [
        difference
        for difference in programme.differences
        if (difference.indicator, difference.point) == (indicator.code, point)
    ]
    return Proposal(
        indicator=indicator,
        point=point,
        date=programme.date_of(point),
        version=version,
        published=programme.published_value(indicator.code, point, version.version),
        rederived=None if found is None else Fraction(found.value),  # type: ignore[arg-type]
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
        passing=passing_period(paths, promised) if promised else None,
    )


def _share_out_totals(proposals: list[Proposal], probabilities: Sequence[float]) -> list[Proposal]:
    """Set each total, allocate it to its parts, and report how often all parts are attained."""
    done = list(proposals)
    place = {(p.indicator.code, p.point): i for i, p in enumerate(proposals)}
    for total in proposals:
        parts = [place[code, total.point] for code in total.indicator.parts]
        if total.draws is None or not parts:
            continue
        shared = {p: _allocate(total, [proposals[i] for i in parts], p) for p in probabilities}
        for rank, i in enumerate(parts):
            done[i] = replace(proposals[i], proposals={p: shared[p][rank] for p in probabilities})
        rule = total.indicator.from_forecast
        overlap = Fraction(str(rule.overlap_of_parts)) / 100 if rule else Fraction(0)
        done[place[total.indicator.code, total.point]] = replace(
            total,
            joint={p: _joint([done[i] for i in parts], p) for p in probabilities},
            unique={p: _unique(shared[p], overlap) for p in probabilities},
        )
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


@dataclass(frozen=True)
class TargetRequest:
    """How to forecast the figures that drive a programme.

    Attributes
    ----------
    probability : float
        Attainment probability beside those always proposed.
    as_of : str
        Month ``YYYY-MM``; empty for everything held.
    n_paths, seed : int
        See `forecasting.forecast`.
    """

    probability: float = 0.8
    as_of: str = ""
    n_paths: int = 5000
    seed: int = 1


def propose_from_reference(
    programme: Programme, request: TargetRequest
) -> tuple[list[Proposal], Forecast]:
    """Forecast the driver of a programme from the reference figures and propose targets.

    Returns
    -------
    list of Proposal, Forecast
        The proposals, and the forecast they were made from.

    Raises
    ------
    InputError
        If there are no figures for the programme's country, or the request cannot be used.
    """
    if not 0 < request.probability < 1:
        raise InputError(f"probability {request.probability}", expected="between 0 and 1")
    series = read_series(f"{programme.driver}/{programme.geo}", as_of=request.as_of or None)
    result = forecast(
        series,
        horizon=months_between(series.origin + 1, programme.target_date),
        experience=experience_of(programme.driver),
        n_paths=request.n_paths,
        seed=request.seed,
    )
    probabilities = sorted({*PROPOSAL_PROBABILITIES, request.probability})
    proposals = propose_targets(
        programme,
        persons_by_month(result),
        origin=result.origin,
        probabilities=probabilities,
        as_of=request.as_of,
    )
    return proposals, result
