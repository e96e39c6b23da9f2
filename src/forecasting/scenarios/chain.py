"""What the chain of a scenario has, and which of it a lever acts on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.locations import data_dir
from forecasting.names import is_plain_name
from forecasting.periods import parse_month
from forecasting.scenarios.levers import LEVERS, Target
from forecasting.scenarios.schema import DEMONSTRATION, Chain, Lever, LeverSource, Scenario
from forecasting.schemas import key_place
from forecasting.series import read_series
from forecasting.sources.yaml_files import read_yaml

CASELOAD = "caseload"
_FOLDERS = {
    "programme": "programmes",
    "config": "stocks",
    "backlog": "stocks",
    "savings": "savings",
}


def resolve_chain(chain: Chain, path: Path) -> Chain:
    """Return a chain whose files are found from anywhere, each held against what is there.

    Parameters
    ----------
    chain : Chain
        As in a scenario file.
    path : pathlib.Path
        The scenario file: files are looked for beside it.

    Raises
    ------
    InputError
        Naming the key, if something named is not there.
    """
    names = [centre.id for centre in chain.centres]
    if len(set(names)) < len(names):
        raise InputError(
            ", ".join(names),
            where=key_place(path, "chain.centres"),
            expected=say("each centre once"),
        )
    found = {
        key: _found(name, path, key)
        for key in ("programme", "backlog", "savings")
        if (name := getattr(chain, key)) is not None
    }
    centres = tuple(
        centre.model_copy(update={"config": _found(centre.config, path, "config")})
        for centre in chain.centres
    )
    if chain.caseload not in (None, DEMONSTRATION):
        found["caseload"] = _table(str(chain.caseload), path)
    return chain.model_copy(update={**found, "centres": centres})


def _found(name: str, path: Path, key: str) -> str:
    """Return a name in ``data`` as it is, and a file by its absolute path."""
    where = key_place(path, f"chain.{'centres.config' if key == 'config' else key}")
    if not name.endswith((".yaml", ".yml")):
        folder = data_dir() / _FOLDERS[key]
        if not (is_plain_name(name) and (folder / f"{name}.yaml").is_file()):
            known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
            expected = say("{names}, or a file that ends in .yaml", names=known)
            raise InputError(f"'{name}'", where=where, expected=expected)
        return name
    return _beside(name, path, where)


def _table(name: str, path: Path) -> str:
    where = key_place(path, "chain.caseload")
    if not name.endswith((".xlsx", ".csv")):
        raise InputError(
            f"'{name}'",
            where=where,
            expected=say("{one}, or {other}", one=DEMONSTRATION, other=say("an XLSX or CSV file")),
        )
    return _beside(name, path, where)


def _beside(name: str, path: Path, where: str) -> str:
    if not os.path.isfile(path.parent / name):  # noqa: PTH113 - pathlib raises for what is no name
        found = say("no such file: {name}", name=name)
        raise InputError(found, where=where, expected=say("a path from this file"))
    return str((path.parent / name).resolve())


def config_of(name: str, folder: str) -> dict[str, Any]:
    """Read what a chain names: a name in a folder of ``data``, or the path of a file."""
    is_file = name.endswith((".yaml", ".yml"))
    content = read_yaml(Path(name) if is_file else data_dir() / folder / f"{name}.yaml")
    return content if isinstance(content, dict) else {}


def first_month_of(chain: Chain) -> pd.Period | None:
    """First projected month: of the flow, or else of the backlog and the centres.

    Raises
    ------
    InputError
        If there are no figures of the flow.
    """
    if chain.flow is not None:
        return read_series(chain.flow).origin + 1
    configs = [config_of(centre.config, "stocks") for centre in chain.centres]
    if chain.backlog is not None:
        configs.append(config_of(chain.backlog, "stocks"))
    return min((parse_month(str(config.get("start"))) for config in configs), default=None)


def candidates(target: Target, chain: Chain) -> tuple[str, ...]:
    """Everything of a chain that levers of a target may act on, by name."""
    centres = tuple(centre.id for centre in chain.centres)
    if target == "arrivals":
        return (*([chain.flow] if chain.flow else []), *centres)
    if target in ("stay", "capacity"):
        return centres
    if target in ("staff", "exit_rate"):
        return _one(chain.backlog)
    if target == "coverage":
        return _inputs(chain)
    if target in ("unemployment", "minimum_income"):
        return _one(CASELOAD if chain.caseload else None)
    return _one(chain.savings if target == "savings" else chain.flow)


def things_of(lever: LeverSource, chain: Chain) -> tuple[str, ...]:
    """Name what a lever acts on: what it says, or all that levers of its kind act on by default.

    Without `on` a lever on arrivals acts on the flow, and where there is none on all centres.
    """
    target = LEVERS[lever.lever].target
    if lever.on:
        return (lever.on,)
    if target == "arrivals" and chain.flow:
        return (chain.flow,)
    return candidates(target, chain)


def levers_on(scenario: Scenario, target: Target, name: str = "") -> tuple[Lever, ...]:
    """Return the levers that act on one thing, in the order in which they are applied.

    Parameters
    ----------
    scenario : Scenario
    target : str
        ``arrivals``, ``stay``, ``capacity``, ``staff``, ``exit_rate``, ``coverage``,
        ``unemployment``, ``minimum_income``, ``savings`` or ``model``.
    name : str
        Which of them: the flow, a centre, an input of the programme; empty: whichever.
    """
    return tuple(
        lever
        for lever in scenario.levers
        if lever.kind.target == target and (not name or name in things_of(lever, scenario.chain))
    )


def _one(name: str | None) -> tuple[str, ...]:
    return () if name is None else (Path(name).stem if name.endswith((".yaml", ".yml")) else name,)


def _inputs(chain: Chain) -> tuple[str, ...]:
    if chain.programme is None:
        return ()
    inputs = config_of(chain.programme, "programmes").get("inputs")
    return tuple(inputs) if isinstance(inputs, dict) else ()
