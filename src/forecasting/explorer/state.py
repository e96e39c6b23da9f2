"""What the page is set to, and the scenario file that it means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from forecasting.errors import InputError
from forecasting.explorer.sliders import (
    Slider,
    check_values,
    from_start,
    lever_contents,
    slider_values,
    sliders_of,
)
from forecasting.languages.messages import say
from forecasting.locations import data_dir
from forecasting.names import is_plain_name
from forecasting.scenarios import Lever, Scenario, load_scenario, scenario_names
from forecasting.scenarios.load import build_scenario

UNNAMED = "explorer"
"""Name of the scenario of a page that was not saved."""


@dataclass(frozen=True)
class State:
    """What the page is set to.

    Attributes
    ----------
    start : str
        Name of the scenario it starts from.
    values : mapping of str to float
        Of the sliders that were moved, by id.
    extra : tuple of dict
        Levers of a file that no slider stands for, as in a scenario file, labels included.
    """

    start: str
    values: Mapping[str, float] = field(default_factory=dict)
    extra: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as the page has it."""
        return {"start": self.start, "values": dict(self.values), "extra": list(self.extra)}


class Settings:
    """The starting scenarios and sliders of a reference, and what a state of them means.

    Parameters
    ----------
    reference : str or pathlib.Path
        A root scenario.
    folder : pathlib.Path
        Where scenarios are saved; a file that is opened may extend one there.

    Raises
    ------
    InputError
        If the reference cannot be used, or extends another scenario.
    """

    def __init__(self, reference: str | Path, folder: Path) -> None:
        root = load_scenario(reference)
        if root.parents or root.levers:
            raise InputError(
                say("scenario '{name}' extends another one or has levers", name=root.id),
                where=str(root.path),
                expected=say("a reference: a scenario with a chain and without levers"),
            )
        self.folder = folder
        self.starts = {root.id: root} | _beside(root)
        self.root = root
        self._sliders = sliders_of(root)

    def sliders(self, start: str) -> tuple[Slider, ...]:
        """Return the sliders as they rest on a starting scenario."""
        return from_start(self._sliders, self.starts[start])

    def check(self, given: Mapping[str, Any]) -> State:
        """Return the state that a page or a link gives.

        Raises
        ------
        InputError
            If the starting scenario, a slider or a value is not known.
        """
        start, values, extra = (given.get(key) for key in ("start", "values", "extra"))
        if start not in self.starts:
            raise InputError(
                say("starting scenario '{name}'", name=start), expected=", ".join(self.starts)
            )
        if (
            not isinstance(values, Mapping)
            or not isinstance(extra, list)
            or not all(isinstance(each, Mapping) and "label" in each for each in extra)
        ):
            raise InputError(
                say("the setting of the page cannot be read"),
                expected=say("a link as the explorer copies it"),
            )
        return State(start, check_values(self.sliders(start), values), tuple(extra))

    def content(
        self, state: State, *, name: str = UNNAMED, title: str = "", reason: str = ""
    ) -> dict[str, Any]:
        """Return the scenario file that a state means.

        Parameters
        ----------
        state : State
        name : str
            Of the file, without its ending.
        title, reason : str
            In the language of the author.
        """
        own = lever_contents(self.sliders(state.start), state.values)
        before = self._labels(state)
        labels = [
            f"{name}/{each['lever']}{' ' * ('on' in each)}{each.get('on', '')}" for each in own
        ]
        for place, label in enumerate(labels):
            if label in before:  # of a file saved under the same name before
                labels[place] = own[place]["label"] = f"{label} (2)"
        content: dict[str, Any] = {"title": title or name}
        if reason:
            content["reason"] = reason
        content |= {"extends": [self._named(state.start)], "levers": [*state.extra, *own]}
        if len(before) + len(labels) > 1:
            content["order"] = [*before, *labels]
        return content

    def given(self, state: State) -> int:
        """Number of levers that are not those of the sliders; they come first."""
        return len(self._labels(state))

    def _labels(self, state: State) -> list[str]:
        return [*self.starts[state.start].labels, *(str(each["label"]) for each in state.extra)]

    def scenario(self, state: State) -> Scenario:
        """Return the scenario of a state, held against the rules like one read from its file."""
        known = {self._named(name): start for name, start in self.starts.items()}
        path = self.folder / f"{UNNAMED}.yaml"
        return build_scenario(self.content(state), path, known=known)

    def open(self, content: Any, path: Path) -> tuple[State, Scenario]:
        """Set the page to a scenario file: sliders where one can stand for a lever.

        Parameters
        ----------
        content : object
            As read from YAML.
        path : pathlib.Path
            The file; what it extends is looked for beside it.

        Raises
        ------
        InputError
            If it cannot be used, or is of another chain.
        """
        found = build_scenario(content, path)
        if found.chain != self.root.chain:
            raise InputError(
                say("a scenario of another chain"),
                where=path.name,
                expected=say("one that leads to {name}", name=self.root.id),
                action=say("start the explorer with its reference"),
            )
        start = found.parents[0] if len(found.parents) == 1 else self.root.id
        if start not in self.starts:
            start = self.root.id
        known = self.starts[start].labels
        own = [lever for lever in found.levers if lever.label not in known]
        if found.labels[: len(known)] != known:  # in another order than the sliders come in
            start, own = self.root.id, list(found.levers)
        return _as_state(start, self.sliders(start), own), found

    def _named(self, start: str) -> str:
        """Name a starting scenario as a file names what it extends."""
        path = self.starts[start].path
        return start if path.parent == data_dir() / "scenarios" else str(path.resolve())


def _as_state(start: str, sliders: tuple[Slider, ...], levers: Sequence[Lever]) -> State:
    """Turn levers into sliders where all after them are sliders too, so that the order holds."""
    contents = [_content_of(lever) for lever in levers]
    values: dict[str, float] = {}
    extra = list(contents)
    order = [slider.id for slider in sliders]
    last = len(order)
    while extra:
        found = slider_values(sliders, extra[-1])
        if found is None or values.keys() & found.keys():
            break
        place = order.index(next(iter(found)))
        if place > last:
            break
        last = place
        values |= found
        extra.pop()
    return State(start, values, tuple(extra))


def _content_of(lever: Lever) -> dict[str, Any]:
    """Write a lever as in a scenario file, with its label."""
    written = lever.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    del written["scenario"]
    texts = {key: _short(written[key]) for key in ("source", "note") if key in written}
    kept: dict[str, Any] = _plain(written | texts)
    return kept


def _plain(content: Any) -> Any:
    """Write months as text and tuples as lists, which JSON knows."""
    if isinstance(content, pd.Period):
        return str(content)
    if isinstance(content, Mapping):
        return {key: _plain(value) for key, value in content.items()}
    return [_plain(each) for each in content] if isinstance(content, list | tuple) else content


def _short(text: Mapping[str, str]) -> Any:
    """Write a text once where it is the same in every language."""
    return next(iter(text.values())) if len(set(text.values())) == 1 else dict(text)


def _beside(root: Scenario) -> dict[str, Scenario]:
    """Return the shipped scenarios of the same chain."""
    found = [load_scenario(name) for name in scenario_names() if name != root.id]
    return {each.id: each for each in found if each.chain == root.chain and each.parents}


def file_name(title: str) -> str:
    """Return the name of the file of a scenario from its title: "Višji prihodi" is visji-prihodi.

    Raises
    ------
    InputError
        If no letter or digit is left, or a scenario of this name ships with the suite.
    """
    plain = (
        unicodedata.normalize("NFKD", title.translate(_LETTERS)).encode("ascii", "ignore").decode()
    )
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")
    if not name:
        raise InputError(
            say("name '{name}'", name=title), expected=say("a name with letters or digits")
        )
    if name in scenario_names() or name == UNNAMED or not is_plain_name(name):
        raise InputError(
            say("name '{name}'", name=title),
            expected=say("another one: '{name}' is taken by the suite", name=name),
        )
    return name


_LETTERS = str.maketrans({"đ": "d", "Đ": "D", "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "ł": "l"})
