"""Scenarios held against the reference, path by path, and targets held against the scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecasting.errors import InputError
from forecasting.programmes.targets import probability_met
from forecasting.projections.key_figures import BETTER_IF, KeyFigure, Measure, measures
from forecasting.projections.project import project

if TYPE_CHECKING:
    from forecasting.projections.projection import Projection, TargetProjection
    from forecasting.projections.reference import Reference
    from forecasting.scenarios import Scenario

TAILS = (0.1, 0.9)
"""Quantile levels of a difference: four of five paths differ by something between."""

Kind = Literal["published", "proposed", "robust"]


@dataclass(frozen=True)
class Difference:
    """A key figure under a scenario beside the one of the reference.

    Attributes
    ----------
    code, entity, unit : str
        See `KeyFigure`.
    reference, value : float
        The two key figures.
    lower, upper : float or None
        Ends of the middle 80 % of the differences on the same path; None for a share of paths.
    """

    code: str
    entity: str
    unit: str
    reference: float
    value: float
    lower: float | None
    upper: float | None

    @property
    def key(self) -> tuple[str, str]:
        """Code and entity."""
        return self.code, self.entity

    @property
    def change(self) -> float:
        """Key figure under the scenario less that of the reference."""
        return self.value - self.reference

    @property
    def is_moved(self) -> bool:
        """Whether any path differs."""
        return self.change != 0 or bool(self.lower) or bool(self.upper)

    @property
    def judgement(self) -> Literal["better", "worse", ""]:
        """Whether the change is for the better; empty where it is neither."""
        signed = self.change * BETTER_IF.get(self.code, 0)
        if signed == 0:
            return ""
        return "better" if signed > 0 else "worse"


@dataclass(frozen=True)
class HeldTarget:
    """A value of an indicator held against every scenario.

    Attributes
    ----------
    indicator : str
        Code.
    kind : {"published", "proposed", "robust"}
        Proposed: from the reference.
    value : float
    met : mapping of str to float
        Share of the paths that attain it, by scenario.
    regret : mapping of str to float
        By scenario, in units of the indicator; see `regret_of`.
    """

    indicator: str
    kind: Kind
    value: float
    met: Mapping[str, float]
    regret: Mapping[str, float]

    @property
    def least_met(self) -> tuple[str, float]:
        """Scenario under which it is met on the fewest paths, and their share."""
        return min(self.met.items(), key=lambda item: item[1])

    @property
    def most_regret(self) -> tuple[str, float]:
        """Scenario under which it is regretted most, and by how much."""
        return max(self.regret.items(), key=lambda item: item[1])


@dataclass(frozen=True)
class RobustTarget:
    """The largest value that every scenario attains with a probability, and its price.

    Attributes
    ----------
    indicator, unit : str
        Code and unit of the indicator.
    published : int, float or None
        None where the document gives no value.
    proposed : int
        Proposal of the reference.
    robust : int
        Least proposal of all scenarios for the same probability; see `TargetProjection.at`.
    binding : str
        Scenario whose target that is.
    held : tuple of HeldTarget
        Published (where there is one), proposed and robust value.
    """

    indicator: str
    unit: str
    published: int | float | None
    proposed: int
    robust: int
    binding: str
    held: tuple[HeldTarget, ...]

    @property
    def price(self) -> int:
        """What is promised less, so that the promise stands under every scenario."""
        return self.proposed - self.robust

    def survives(self, probability: float) -> bool | None:
        """Whether the published value is met with this probability under every scenario."""
        published = [each for each in self.held if each.kind == "published"]
        return published[0].least_met[1] >= probability if published else None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Projections of one chain under several scenarios.

    Attributes
    ----------
    reference : Reference
        What they share: forecasts, draws, random numbers.
    projections : tuple of Projection
        That of the reference first.
    probability : float
        Of the robust targets.
    robust : tuple of RobustTarget
        By indicator; empty where the chain has no programme.
    """

    reference: Reference
    projections: tuple[Projection, ...]
    probability: float
    robust: tuple[RobustTarget, ...]

    @property
    def base(self) -> Projection:
        """The reference, projected."""
        return self.projections[0]

    @property
    def others(self) -> tuple[Projection, ...]:
        """All but the reference."""
        return self.projections[1:]

    @property
    def n_paths(self) -> int:
        """Number of joint sample paths."""
        return self.reference.n_paths

    def projection(self, scenario: str) -> Projection:
        """Return the projection under a scenario, by its id."""
        return next(each for each in self.projections if each.scenario.id == scenario)

    @cached_property
    def figures(self) -> dict[str, tuple[KeyFigure, ...]]:
        """Key figures, by scenario."""
        return {
            name: tuple(each.figure for each in found) for name, found in self._measures.items()
        }

    @cached_property
    def differences(self) -> dict[str, tuple[Difference, ...]]:
        """Differences to the reference, by scenario, as the key figures; without the reference."""
        base = self._measures[self.base.scenario.id]
        return {
            each.scenario.id: tuple(
                _difference(before, after)
                for before, after in zip(base, self._measures[each.scenario.id], strict=True)
            )
            for each in self.others
        }

    @cached_property
    def _measures(self) -> dict[str, tuple[Measure, ...]]:
        return {each.scenario.id: measures(each) for each in self.projections}


def compare_scenarios(
    reference: Reference,
    scenarios: Sequence[Scenario],
    *,
    probability: float = 0.8,
    on_done: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Project a chain under several scenarios and hold them against the reference.

    Parameters
    ----------
    reference : Reference
        See `forecasting.prepare_reference`.
    scenarios : sequence of Scenario
        Of the same chain; the reference itself is left out.
    probability : float
        Of the robust targets, between 0 and 1.
    on_done : callable, optional
        Called with the number of projections done and their total.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If two scenarios have one name, one is of another chain, or the probability is outside
        (0, 1).
    """
    if not 0 < probability < 1:
        raise InputError(f"probability {probability}", expected="between 0 and 1")
    root = reference.scenario
    chosen = [root, *[each for each in scenarios if each.id != root.id]]
    _check(chosen)
    projections = []
    for done, scenario in enumerate(chosen, start=1):
        projections.append(project(reference, scenario))
        if on_done:
            on_done(done, len(chosen))
    return held_together(reference, projections, probability=probability)


def held_together(
    reference: Reference, projections: Sequence[Projection], *, probability: float = 0.8
) -> Comparison:
    """Compare projections that are there already, that of the reference first."""
    targets = [
        [target for target in each.targets if target.point == "target"] for each in projections
    ]
    names = [each.scenario.id for each in projections]
    robust = tuple(
        _robust(dict(zip(names, same, strict=True)), probability)
        for same in zip(*targets, strict=True)
    )
    return Comparison(reference, tuple(projections), probability, robust)


def regret_of(value: float, draws: np.ndarray, probability: float) -> float:
    r"""Return what a target costs more than the best one for the same draws.

    .. math::

        R(T) = L(T) - \min_{T'} L(T'), \qquad
        L(T) = E\left[p\,(T - X)_+ + (1 - p)\,(X - T)_+\right]

    with X the outcome and p the probability with which a target is to be met: a missing unit
    weighs p, a unit that could have been promised 1 - p. L is the pinball loss at the level 1 - p
    (Gneiting 2011, doi:10.1016/j.ijforecast.2009.12.015), least at that quantile.

    Parameters
    ----------
    value : float
        The target T.
    draws : numpy.ndarray
        Outcomes, shape ``(n_draws,)``.
    probability : float
        p.

    Returns
    -------
    float
        0 or more, in units of the draws.
    """
    best = float(np.quantile(draws, 1 - probability, method="inverted_cdf"))
    return max(0.0, _loss(value, draws, probability) - _loss(best, draws, probability))


def _loss(value: float, draws: np.ndarray, probability: float) -> float:
    missing, spare = np.maximum(value - draws, 0), np.maximum(draws - value, 0)
    return float(np.mean(probability * missing + (1 - probability) * spare))


def _check(scenarios: Sequence[Scenario]) -> None:
    names = [each.id for each in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"scenario '{twice[0]}' twice",
            expected="scenarios of different names",
            action="name each one once, or rename its file",
        )
    root = scenarios[0]
    for each in scenarios[1:]:
        if each.chain != root.chain:
            raise InputError(
                f"scenario '{each.id}' of another chain ({each.chain.geo})",
                expected=f"one that extends '{root.id}', directly or through others",
            )


def _difference(before: Measure, after: Measure) -> Difference:
    lower = upper = None
    if not before.is_share:
        apart = after.draws - before.draws
        lower, upper = (float(v) for v in np.quantile(apart, TAILS, method="inverted_cdf"))
    return Difference(
        code=before.code,
        entity=before.entity,
        unit=before.unit,
        reference=before.figure.value,
        value=after.figure.value,
        lower=lower,
        upper=upper,
    )


def _robust(targets: Mapping[str, TargetProjection], probability: float) -> RobustTarget:
    first = next(iter(targets.values()))
    indicator = first.indicator
    least = {name: each.at(probability) for name, each in targets.items()}
    binding = min(least, key=lambda name: least[name])
    proposed = first.at(probability)
    values: dict[Kind, float] = {"proposed": proposed, "robust": least[binding]}
    if first.published:
        values = {"published": first.published, **values}
    held = tuple(
        HeldTarget(
            indicator.code,
            kind,
            value,
            {name: probability_met(each.draws, value) for name, each in targets.items()},
            {name: regret_of(value, each.draws, probability) for name, each in targets.items()},
        )
        for kind, value in values.items()
    )
    return RobustTarget(
        indicator=indicator.code,
        unit=indicator.unit,
        published=first.published,
        proposed=proposed,
        robust=least[binding],
        binding=binding,
        held=held,
    )
