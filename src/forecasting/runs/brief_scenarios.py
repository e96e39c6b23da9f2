"""Which scenarios a briefing shows, and every file that they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from forecasting.errors import InputError
from forecasting.locations import data_dir
from forecasting.projections.selection import lineage, root_of
from forecasting.scenarios import Scenario, load_scenario
from forecasting.stocks.config_file import find_config

_PARAMETERS = ("activation", "asylum_processing")
"""Parameter files that stocks and savings take values from."""


def choose_scenarios(
    asked: Sequence[str], flow: str, *, reference: str, shipped: str
) -> dict[str, object]:
    """Return the parameters ``reference`` and ``scenarios`` of a briefing, checked.

    Parameters
    ----------
    asked : sequence of str
        Names or YAML files; empty: those of `shipped` that go back to `reference`.
    flow : str
        Series of the briefing, ``asylum-applicants/SI``.
    reference : str
        The shipped reference that runs on the flow; empty: there is none.
    shipped : str
        Names that the notebook shows where none is asked for, joined by commas.

    Raises
    ------
    InputError
        If a scenario cannot be used, goes back to the reference of another country, or there are
        too many.
    """
    from forecasting.briefing.pages.scenario_material import ScenarioRequest, read_scenarios

    names = [_named(name) for name in asked]
    if asked:
        reference = str(root_of(load_scenario(names[0])).path)
    elif reference:
        names = _shipped(shipped, reference)
    if not reference:
        return {"reference": "", "scenarios": ""}
    root, *_ = read_scenarios(ScenarioRequest(reference, ", ".join(names)))
    if root.chain.flow != flow:
        raise InputError(
            f"scenarios of {root.chain.flow}",
            where=asked[0] if asked else reference,
            expected=f"scenarios of {flow}, the series of the briefing",
        )
    return {"reference": _short(root), "scenarios": ", ".join(names)}


def _named(name: str) -> str:
    """Return the name of a shipped scenario, and of a file its absolute path."""
    if "," in name:
        raise InputError(f"scenario '{name}'", expected="one name or file, without a comma")
    return str(Path(name).resolve()) if name.endswith((".yaml", ".yml")) else name


def _shipped(names: str, reference: str) -> list[str]:
    """Of names joined by commas, those that go back to a reference."""
    chosen = [name.strip() for name in names.split(",")]
    return [name for name in chosen if root_of(load_scenario(name)).id == reference]


def _short(scenario: Scenario) -> str:
    """Name a shipped scenario, and a file by its path."""
    is_shipped = scenario.path.parent == data_dir() / "scenarios"
    return scenario.id if is_shipped else str(scenario.path)


def scenario_paths(parameters: Mapping[str, object]) -> list[Path]:
    """Every file that the scenarios of a briefing rest on; none without a reference."""
    reference = str(parameters["reference"])
    if not reference:
        return []
    root = load_scenario(reference)
    names = [name.strip() for name in str(parameters["scenarios"]).split(",") if name.strip()]
    found = [root.path]
    for name in names:
        found += [each.path for each in lineage(load_scenario(name)).values()]
    configs = [centre.config for centre in root.chain.centres]
    configs += [root.chain.backlog] if root.chain.backlog else []
    found += [find_config(config) for config in configs]
    found += [data_dir() / "parameters" / f"{name}.yaml" for name in _PARAMETERS]
    return list(dict.fromkeys(found))
