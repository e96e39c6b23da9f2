"""Which scenarios are compared, and with which reference."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.errors import InputError
from forecasting.scenarios import LEVERS, Scenario, load_scenario, scenario_names

ALL = "all"
REFERENCE = "reference"
"""What the scenarios that ship with the suite are compared with."""


@dataclass(frozen=True)
class Selection:
    """Scenarios of one chain.

    Attributes
    ----------
    reference : Scenario
        Extends nothing.
    scenarios : tuple of Scenario
        In the order asked for, without the reference.
    """

    reference: Scenario
    scenarios: tuple[Scenario, ...]


def select_scenarios(names: str = ALL) -> Selection:
    """Load scenarios and the reference they go back to.

    Parameters
    ----------
    names : str
        Names in ``data/scenarios`` or YAML files, joined by commas; ``all``: every one that ships
        with the suite and extends ``reference``, by what they move, combinations last.

    Raises
    ------
    InputError
        If there is no such scenario, none is named, or they go back to several references.
    """
    if names.strip() == ALL:
        reference = load_scenario(REFERENCE)
        shipped = [load_scenario(name) for name in scenario_names() if name != REFERENCE]
        own = [each for each in shipped if root_of(each).path == reference.path]
        return Selection(reference, tuple(sorted(own, key=_place)))
    chosen = [load_scenario(name.strip()) for name in names.split(",") if name.strip()]
    if not chosen:
        raise InputError(f"scenarios '{names}'", expected=f"names joined by commas, or {ALL}")
    roots = {root.path: root for root in map(root_of, chosen)}
    if len(roots) > 1:
        raise InputError(
            f"scenarios of {len(roots)} references: {', '.join(r.id for r in roots.values())}",
            expected="scenarios that extend the same one",
        )
    (reference,) = roots.values()
    return Selection(reference, tuple(each for each in chosen if each.parents))


def _place(scenario: Scenario) -> tuple[int, int, str]:
    kinds = list(LEVERS)
    first = min((kinds.index(lever.lever) for lever in scenario.levers), default=len(kinds))
    return len(scenario.parents), first, scenario.id


def root_of(scenario: Scenario) -> Scenario:
    """Return the reference that a scenario goes back to."""
    return next(each for each in lineage(scenario).values() if not each.parents)


def lineage(scenario: Scenario) -> dict[str, Scenario]:
    """Return a scenario and everything it extends, directly or through others, by id."""
    found = {scenario.id: scenario}
    for base in scenario.bases:
        found |= lineage(base)
    return found
