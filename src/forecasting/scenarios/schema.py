"""The keys of a scenario file, and the scenario that comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Discriminator, Field, StrictStr, Tag

from forecasting.distributions import Distribution, Uncertain
from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.scenarios.levers import LEVERS, LeverKind
from forecasting.schemas import Month, Number, Strict
from forecasting.sources.reference import is_synthetic

Text = dict[StrictStr, StrictStr] | StrictStr
"""A text by language code, or in one language for all."""

Shape = Literal["step", "ramp", "pulse", "decay"]
Quality = Literal["given", "reading", "implied", "assumed"]


class Replay(Strict):
    """A window of observed months whose growth is taken over.

    Attributes
    ----------
    series : str
        Name of reference figures, such as ``asylum-applicants/FI``.
    start, end : pandas.Period
        First and last month of the window, in the file ``from`` and ``to``.
    """

    series: StrictStr
    start: Month = Field(alias="from")
    end: Month = Field(alias="to")


def _kind_of_value(value: Any) -> str:
    if isinstance(value, Distribution | Replay):
        return "replay" if isinstance(value, Replay) else "distribution"
    if isinstance(value, Mapping):
        return "replay" if value.keys() & {"series", "from", "to"} else "distribution"
    return "model" if isinstance(value, str) else "number"


Value = Annotated[
    Annotated[Number, Tag("number")]
    | Annotated[Distribution, Tag("distribution")]
    | Annotated[Replay, Tag("replay")]
    | Annotated[StrictStr, Tag("model")],
    Discriminator(_kind_of_value),
]
"""A number, a distribution, a window of observed months, or the name of a model."""


class LeverSource(Strict):
    """A lever as it stands in a file."""

    lever: StrictStr
    on: StrictStr = ""
    value: Value
    unit: StrictStr
    start: Month | None = None
    end: Month | None = None
    shape: Shape = "step"
    half_life_months: Number | None = None
    label: StrictStr = ""
    source: Text = "assumption"
    quality: Quality = "assumed"
    note: Text | None = None


class Lever(LeverSource):
    """A lever of a scenario, with its label, and its texts in every language.

    Attributes
    ----------
    scenario : str
        The scenario whose file it stands in.
    """

    source: dict[StrictStr, StrictStr]
    note: dict[StrictStr, StrictStr] | None = None
    scenario: StrictStr

    @property
    def kind(self) -> LeverKind:
        """What kind of lever it is."""
        return LEVERS[self.lever]

    @property
    def amount(self) -> Uncertain:
        """Its value, of a lever that takes a number or a distribution.

        Raises
        ------
        InputError
            If it takes something else.
        """
        if isinstance(self.value, Replay | str):
            raise InputError(say("{lever} takes no number", lever=self.lever), where=self.label)
        return self.value


class CentreSource(Strict):
    """A centre of the chain.

    Attributes
    ----------
    config : str
        Name in ``data/stocks``, or a YAML file.
    follows_flow : int, float or None
        Its own arrivals are multiplied by the change of the flow's median to this power; None: they
        do not follow the flow.
    """

    config: StrictStr
    follows_flow: Number | None = Field(default=None, ge=0, le=5)

    @property
    def id(self) -> str:
        """Name of the centre: that of its file."""
        return Path(self.config).stem


DEMONSTRATION = "demonstration"
"""A caseload of the synthetic figures that ship with the suite."""


class Chain(Strict):
    """What a scenario runs through; a file is its path, all else a name in ``data``."""

    geo: StrictStr
    programme: StrictStr | None = None
    flow: StrictStr | None = None
    until: Month
    centres: tuple[CentreSource, ...] = ()
    backlog: StrictStr | None = None
    caseload: StrictStr | None = None
    savings: StrictStr | None = None

    @property
    def is_synthetic(self) -> bool:
        """Whether the caseload was generated, not observed."""
        if self.caseload is None:
            return False
        return self.caseload == DEMONSTRATION or is_synthetic(Path(self.caseload))

    def centre(self, name: str) -> CentreSource:
        """Return a centre by its name."""
        for centre in self.centres:
            if centre.id == name:
                return centre
        known = ", ".join(centre.id for centre in self.centres)
        expected = known or say("none: the chain has no centre")
        raise InputError(say("centre '{name}'", name=name), expected=expected)


class ScenarioFile(Strict):
    """The keys of a scenario file."""

    title: Text
    text: Text = ""
    reason: Text = ""
    author: StrictStr = ""
    chain: Chain | None = None
    extends: tuple[StrictStr, ...] | None = Field(default=None, min_length=1)
    levers: tuple[LeverSource, ...] = ()
    order: tuple[StrictStr, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A scenario with everything it extends.

    Attributes
    ----------
    id : str
        Name of its file.
    path : pathlib.Path
        Its file.
    title, text, reason : dict of str to str
        By language code, every one of the suite; a text that was not written is
        empty, and one that lacks a language stands there as it was written.
    author : str
    parents : tuple of str
        The scenarios it extends; empty for a reference.
    chain : Chain
        That of its reference, paths of files absolute.
    levers : tuple of Lever
        In the order in which they are applied.
    first_month : pandas.Period or None
        First projected month of the flow, or of the stocks where there is no flow.
    bases : tuple of Scenario
        The scenarios it extends, as they were read.
    """

    id: str
    path: Path
    title: dict[str, str]
    text: dict[str, str]
    reason: dict[str, str]
    author: str
    parents: tuple[str, ...]
    chain: Chain
    levers: tuple[Lever, ...]
    first_month: pd.Period | None = None
    bases: tuple[Scenario, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the levers, in the order in which they are applied."""
        return tuple(lever.label for lever in self.levers)

    def only(self, labels: Collection[str]) -> Scenario:
        """Return the scenario with these of its levers, in the same order.

        Raises
        ------
        InputError
            If it has no lever of such a label.
        """
        unknown = [label for label in labels if label not in self.labels]
        if unknown:
            raise InputError(
                say("lever '{name}'", name=unknown[0]),
                where=scenario_place(self.id),
                expected=", ".join(self.labels) or say("none: it has no lever"),
            )
        return replace(self, levers=tuple(each for each in self.levers if each.label in labels))


def without(scenario: Scenario, labels: Collection[str]) -> Scenario:
    """Return a scenario without these of its levers.

    Raises
    ------
    InputError
        If it has no lever of such a label.
    """
    scenario.only(labels)
    return scenario.only([label for label in scenario.labels if label not in labels])


def scenario_place(name: str) -> str:
    """Name a scenario in a message."""
    return say("scenario {name}", name=name)


def did_you_mean(near: Sequence[str]) -> str | None:
    """Offer the nearest of the names known, if there is one."""
    return say("did you mean {name}?", name=near[0]) if near else None
