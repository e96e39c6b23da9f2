"""What each lever of a scenario contributes to its difference from the reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecasting.errors import InputError
from forecasting.projections.key_figures import KeyFigure, key_figures
from forecasting.projections.project import project

if TYPE_CHECKING:
    from forecasting.projections.reference import Reference
    from forecasting.scenarios import Scenario

MOST_PLAYERS = 6
"""Up to so many, all their combinations are projected: 64."""

Players = Literal["levers", "scenarios"]


@dataclass(frozen=True)
class AttributedFigure:
    """The difference of a key figure, shared out.

    Attributes
    ----------
    code, entity, unit : str
        See `KeyFigure`.
    reference, value : float
        The key figure of the reference and under the scenario.
    contributions : tuple of float
        One per player; they add up to `value` less `reference`.
    """

    code: str
    entity: str
    unit: str
    reference: float
    value: float
    contributions: tuple[float, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Code and entity."""
        return self.code, self.entity

    @property
    def change(self) -> float:
        """What is shared out."""
        return self.value - self.reference


@dataclass(frozen=True)
class Attribution:
    """The differences between a scenario and the reference, shared out among its parts.

    Attributes
    ----------
    scenario : Scenario
    kind : {"levers", "scenarios"}
        What the players are.
    players : tuple of str
        Labels of levers, or ids of the scenarios that hold them, in order of application.
    method : {"shapley", "order"}
        Shapley value: the mean over every order in which the players may be applied. Order: each
        player after those before it, in the order of application.
    figures : tuple of AttributedFigure
        As `key_figures`.
    """

    scenario: Scenario
    kind: Players
    players: tuple[str, ...]
    method: Literal["shapley", "order"]
    figures: tuple[AttributedFigure, ...]


def attribute(
    reference: Reference, scenario: Scenario, *, players: Players = "levers"
) -> Attribution:
    """Share out the difference between a scenario and the reference.

    Parameters
    ----------
    reference : Reference
        See `forecasting.prepare_reference`.
    scenario : Scenario
        Of the same chain.
    players : {"levers", "scenarios"}
        Share it among the single levers, or among the scenarios that the levers come from.

    Returns
    -------
    Attribution
        Shapley values (Shapley 1953, doi:10.1515/9781400881970-018) where there are at most six
        players; with more, what each one adds in the order of application.

    Raises
    ------
    InputError
        If the scenario has no levers, or the players are none of the two.
    """
    if not scenario.levers:
        raise InputError(
            f"scenario '{scenario.id}' has no levers",
            expected="a scenario that differs from the reference",
        )
    groups = _groups(scenario, players)
    names = tuple(groups)

    def values(chosen: Collection[str]) -> tuple[KeyFigure, ...]:
        labels = [label for name in names if name in chosen for label in groups[name]]
        return key_figures(project(reference, scenario.only(labels)))

    is_exact = len(names) <= MOST_PLAYERS
    share_out = shapley_values if is_exact else marginal_values
    shares = share_out(names, lambda chosen: np.array([each.value for each in values(chosen)]))
    before, after = values(()), values(names)
    figures = tuple(
        AttributedFigure(old.code, old.entity, old.unit, old.value, new.value, tuple(own.tolist()))
        for old, new, own in zip(before, after, shares.T, strict=True)
    )
    return Attribution(scenario, players, names, "shapley" if is_exact else "order", figures)


def shapley_values(
    players: Sequence[str], worth: Callable[[Collection[str]], np.ndarray]
) -> np.ndarray:
    r"""Return what each player contributes, as the mean over every order of the players.

    .. math::

        \phi_i = \sum_{S \subseteq N \setminus \{i\}}
                 \frac{|S|!\,(n - |S| - 1)!}{n!} \left(v(S \cup \{i\}) - v(S)\right)

    Parameters
    ----------
    players : sequence of str
    worth : callable
        v: values of a set of players, shape ``(n_values,)``; called once for each of the 2^n sets.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_players, n_values)``; adds up to v(N) - v(empty) over the players.
    """
    n = len(players)
    sets = [frozenset(own) for size in range(n + 1) for own in combinations(players, size)]
    v = {own: worth(own) for own in sets}
    weights = [math.factorial(s) * math.factorial(n - s - 1) / math.factorial(n) for s in range(n)]
    return np.array(
        [
            sum(
                weights[len(own)] * (v[own | {player}] - v[own])
                for own in sets
                if player not in own
            )
            for player in players
        ]
    )


def marginal_values(
    players: Sequence[str], worth: Callable[[Collection[str]], np.ndarray]
) -> np.ndarray:
    """Return what each player adds to those before it; parameters and shape as `shapley_values`."""
    worths = [worth(frozenset(players[:count])) for count in range(len(players) + 1)]
    return np.diff(np.array(worths), axis=0)


def _groups(scenario: Scenario, players: Players) -> dict[str, list[str]]:
    """Labels of the levers of each player, in order of application."""
    if players not in ("levers", "scenarios"):
        raise InputError(f"players '{players}'", expected="levers or scenarios")
    groups: dict[str, list[str]] = {}
    for lever in scenario.levers:
        name = lever.label if players == "levers" else lever.scenario
        groups.setdefault(name, []).append(lever.label)
    return groups
