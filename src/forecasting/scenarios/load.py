"""Scenario files: found, read with everything they extend, and held against the rules."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.languages.texts import in_every_language
from forecasting.locations import data_dir
from forecasting.names import is_plain_name
from forecasting.periods import format_period
from forecasting.scenarios.chain import first_month_of, resolve_chain
from forecasting.scenarios.levers import LEVERS
from forecasting.scenarios.order import check_order, in_order
from forecasting.scenarios.rules import Setting, check_lever
from forecasting.scenarios.schema import (
    Chain,
    Lever,
    LeverSource,
    Scenario,
    ScenarioFile,
    did_you_mean,
)
from forecasting.schemas import key_place, validate
from forecasting.sources.yaml_files import read_yaml

FOLDER = "scenarios"
ENDINGS = (".yaml", ".yml")
ASSUMPTION = {"en": "assumption", "sl": "predpostavka", "sv": "antagande", "fi": "oletus"}
"""The source of what has none, in every language."""


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that ship with the suite."""
    return tuple(sorted(file.stem for file in (data_dir() / FOLDER).glob("*.yaml")))


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario and everything it extends.

    Parameters
    ----------
    name : str or pathlib.Path
        Name in ``data/scenarios``, or a YAML file; what it extends is looked for beside the file,
        then in ``data/scenarios``.

    Raises
    ------
    InputError
        Naming file, key, what was found and what was expected.
    """
    path = _find(str(name))
    return build_scenario(read_yaml(path), path)


def build_scenario(
    content: object,
    path: Path,
    *,
    known: Mapping[str, Scenario] | None = None,
    _below: Sequence[Path] = (),
) -> Scenario:
    """Make a scenario of the content of a file.

    Parameters
    ----------
    content : object
        As read from YAML.
    path : pathlib.Path
        The file it has, or is to have.
    known : mapping of str to Scenario, optional
        Scenarios it may extend that were read before, by the names it gives them.

    Raises
    ------
    InputError
        As `load_scenario`.
    """
    file = validate(ScenarioFile, _with_on(content), path, of=say("a scenario"))
    if file.chain is None and file.extends is None:
        raise InputError(
            say("neither extends nor chain"),
            where=str(path),
            expected=say("{key}, or a chain of its own in a reference", key="extends: [reference]"),
        )
    if file.chain is not None:
        return _root(file, file.chain, path)
    below = (*_below, path.resolve())
    read = known or {}
    parents = tuple(read.get(name) or _parent(name, path, below) for name in file.extends or ())
    return _child(file, parents, path)


def _with_on(content: object) -> object:
    """Undo what YAML 1.1 makes of the key ``on``, which is its word for true."""
    if isinstance(content, Mapping):
        return {"on" if key is True else key: _with_on(value) for key, value in content.items()}
    return [_with_on(each) for each in content] if isinstance(content, list) else content


def _find(name: str, *, beside: Path | None = None) -> Path:
    """Return the file of a scenario by its name or path."""
    where = None if beside is None else key_place(beside, "extends")
    if name.endswith(ENDINGS):
        path = Path(name) if beside is None else beside.parent / name
        if not os.path.isfile(path):  # noqa: PTH113 - pathlib raises for what can be no name
            found = say("no such file: {name}", name=name)
            raise InputError(found, where=where, expected=say("a scenario"))
        return path
    folders = ([] if beside is None else [beside.parent]) + [data_dir() / FOLDER]
    for folder in folders:
        if is_plain_name(name) and (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    known = scenario_names()
    near = get_close_matches(name, known, n=1)
    raise InputError(
        say("scenario '{name}'", name=name),
        where=where,
        expected=say("{names}, or a file that ends in .yaml", names=", ".join(known)),
        action=did_you_mean(near),
    )


def _parent(name: str, path: Path, below: Sequence[Path]) -> Scenario:
    found = _find(name, beside=path)
    if found.resolve() in below:
        ring = [*below[below.index(found.resolve()) :], found]
        raise InputError(
            say(
                "the scenarios extend each other in a ring: {names}",
                names=" -> ".join(each.stem for each in ring),
            ),
            where=key_place(path, "extends"),
            expected=say("scenarios that lead to one with a chain"),
        )
    return build_scenario(read_yaml(found), found, _below=below)


def _root(file: ScenarioFile, chain: Chain, path: Path) -> Scenario:
    if file.extends is not None:
        raise InputError(
            say("chain beside extends"),
            where=key_place(path, "chain"),
            expected=say("one of the two"),
        )
    where = key_place(path, "chain.flow")
    resolved = resolve_chain(chain, path)
    try:
        first = first_month_of(resolved)
    except InputError as problem:
        raise InputError(problem.found, where=where, expected=problem.expected) from None
    if first is not None and chain.until < first:
        raise InputError(
            format_period(chain.until),
            where=key_place(path, "chain.until"),
            expected=say("{month} or later, the first month projected", month=format_period(first)),
        )
    return _scenario(file, path, resolved, first, ())


def _child(file: ScenarioFile, parents: Sequence[Scenario], path: Path) -> Scenario:
    chains = parents[0].chain, parents[0].first_month
    for parent in parents[1:]:
        if parent.chain != chains[0]:
            raise InputError(
                say("different chains: {names}", names=f"{parents[0].id}, {parent.id}"),
                where=key_place(path, "extends"),
                expected=say("scenarios of one chain"),
            )
    return _scenario(file, path, *chains, parents)


def _scenario(
    file: ScenarioFile,
    path: Path,
    chain: Chain,
    first: pd.Period | None,
    parents: Sequence[Scenario],
) -> Scenario:
    own = tuple(
        _lever(source, Setting(path, source.label or str(number), chain, first))
        for number, source in enumerate(file.levers)
    )
    levers = in_order(_joined(parents, own, path), file.order, path)
    settled = {frozenset(pair) for parent in parents for pair in combinations(parent.labels, 2)}
    check_order(levers, chain, path, order=file.order, settled=settled)
    title = in_every_language(file.title, key_place(path, "title"))
    if not all(title.values()):
        raise InputError(say("is empty"), where=key_place(path, "title"), expected=say("a title"))
    return Scenario(
        path.stem,
        path,
        title,
        in_every_language(file.text, key_place(path, "text")),
        in_every_language(file.reason, key_place(path, "reason")),
        file.author,
        tuple(parent.id for parent in parents),
        chain,
        levers,
        first,
        tuple(parents),
    )


def _lever(source: LeverSource, setting: Setting) -> Lever:
    check_lever(source, setting)
    name = setting.path.stem
    given = source.model_dump(exclude_unset=True, by_alias=True)
    given["value"] = source.value
    given["label"] = source.label or f"{name}/{source.lever}{f' {source.on}' * bool(source.on)}"
    assumed = source.source == ASSUMPTION["en"]
    given["source"] = (
        ASSUMPTION
        if assumed
        else in_every_language(
            source.source, key_place(setting.path, f"levers.{setting.place}.source")
        )
    )
    if source.note is not None:
        given["note"] = in_every_language(
            source.note, key_place(setting.path, f"levers.{setting.place}.note")
        )
    if source.start is None and _begins(source):
        if setting.first_month is None:
            raise InputError(
                say("no {key}", key="start"),
                where=setting.at("start"),
                expected=say("a month written YYYY-MM"),
            )
        given["start"] = setting.first_month
    return Lever(**given, scenario=name)


def _begins(source: LeverSource) -> bool:
    """Whether what a lever does depends on its first month, so that it has to have one."""
    return source.shape != "step" or LEVERS[source.lever].timing in ("start", "surge")


def _joined(parents: Sequence[Scenario], own: Sequence[Lever], path: Path) -> tuple[Lever, ...]:
    """Put levers together; one that comes along two ways is one, two of one label are refused."""
    joined: dict[str, Lever] = {}
    for lever in [*(lever for parent in parents for lever in parent.levers), *own]:
        known = joined.setdefault(lever.label, lever)
        if known is not lever and (known != lever or lever.scenario == path.stem):
            raise InputError(
                say("label '{name}' stands twice", name=lever.label),
                where=key_place(path, "levers"),
                expected=say("a label of its own for each lever"),
                action=say("write {key} beside one of them", key="label:"),
            )
    return tuple(joined.values())
