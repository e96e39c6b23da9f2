"""The levers: what each acts on, in which unit, between which values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Target = Literal[
    "arrivals",
    "stay",
    "capacity",
    "staff",
    "exit_rate",
    "coverage",
    "unemployment",
    "minimum_income",
    "savings",
    "model",
]
"""What a lever acts on."""

Takes = Literal["number", "replay", "model"]
"""What a lever's value is: a number, a window of observed months, or the name of a model."""

Timing = Literal["none", "start", "surge", "step", "any"]
"""Which of the keys of time a lever takes: none, `start` alone, all of them with `end` required, a
step with `start` required, or all."""


@dataclass(frozen=True)
class LeverKind:
    """One kind of lever.

    Attributes
    ----------
    unit : str
        The unit its value has to be given in.
    low, high : float
        The range of its value, both ends allowed.
    neutral : float or None
        The value that changes nothing; None where that is what is configured.
    target : str
        What it acts on.
    family : str
        Levers of one family that act on one thing may be applied in any order; a family that ends
        in ``!`` is of levers of which the later one wins.
    timing : {"none", "start", "surge", "step", "any"}
        Which keys of time it takes.
    takes : {"number", "replay", "model"}
        What its value is.
    uncertain : bool
        Whether the number may be a distribution.
    whole : bool
        Whether the number has to be whole.
    single : bool
        Whether it acts on one thing only, so that `on` is required where there are several.
    """

    unit: str
    low: float
    high: float
    neutral: float | None
    target: Target
    family: str = "factor"
    timing: Timing = "any"
    takes: Takes = "number"
    uncertain: bool = False
    whole: bool = False
    single: bool = False

    @property
    def timed(self) -> bool:
        """Whether its value depends on the month."""
        return self.timing != "none"

    @property
    def replaces(self) -> bool:
        """Whether of two on one thing the later one wins."""
        return self.family.endswith("!")


_PERSONS_A_MONTH = "persons/month"

LEVERS: dict[str, LeverKind] = {
    "arrivals.multiply": LeverKind("1", 0, 20, 1, "arrivals", uncertain=True),
    "arrivals.add": LeverKind(
        _PERSONS_A_MONTH, -100_000, 100_000, 0, "arrivals", "sum", uncertain=True, single=True
    ),
    "arrivals.surge": LeverKind(
        "persons",
        0,
        1_000_000,
        0,
        "arrivals",
        "sum",
        "surge",
        uncertain=True,
        whole=True,
        single=True,
    ),
    "arrivals.level": LeverKind(
        "persons/year",
        0,
        1_000_000,
        None,
        "arrivals",
        uncertain=True,
        whole=True,
        single=True,
    ),
    "arrivals.closure": LeverKind("1", 0, 1, 0, "arrivals", uncertain=True),
    "arrivals.replay": LeverKind("1", 0, math.inf, 1, "arrivals", timing="start", takes="replay"),
    "arrivals.dispersion": LeverKind("1", 0, 5, 1, "arrivals", "spread", "none"),
    "stay.multiply": LeverKind("1", 0.1, 20, 1, "stay"),
    "capacity.add": LeverKind(
        "places", -100_000, 100_000, 0, "capacity", "sum", "step", whole=True, single=True
    ),
    "capacity.delay": LeverKind("months", 0, 120, 0, "capacity", "sum", "none", whole=True),
    "staff.multiply": LeverKind("1", 0, 20, 1, "staff"),
    "exit_rate.multiply": LeverKind("1", 0, 20, 1, "exit_rate", timing="none"),
    "coverage.multiply": LeverKind("1", 0, 5, 1, "coverage", timing="none", single=True),
    "unemployment.multiply": LeverKind("1", 0.2, 5, 1, "unemployment", uncertain=True),
    "minimum_income.multiply": LeverKind("1", 0.2, 5, 1, "minimum_income", uncertain=True),
    "savings.activation_share": LeverKind(
        "1", 0, 1, None, "savings", "activation_share!", "none", uncertain=True
    ),
    "savings.included_persons": LeverKind(
        "persons",
        0,
        1_000_000,
        None,
        "savings",
        "included_persons!",
        "none",
        uncertain=True,
        whole=True,
    ),
    "savings.deadweight": LeverKind(
        "1", -1, 1, None, "savings", "deadweight!", "none", uncertain=True
    ),
    "model.flow": LeverKind("1", 0, 0, None, "model", "model!", "none", takes="model"),
}
"""Every lever by its name."""
