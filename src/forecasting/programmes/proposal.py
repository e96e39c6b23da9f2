"""One proposed milestone or target, beside the published value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from forecasting.programmes.catalogue import Difference, Indicator, Point, Version
from forecasting.programmes.driven_by import NoProposal
from forecasting.programmes.drivers import DriverKind
from forecasting.programmes.reasons import Change, Swing
from forecasting.programmes.targets import PassingPeriod, probability_met


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
    published : int, float or None
        None where the document gives no value.
    rederived : Fraction or None
        Value that the inputs give, exact; None where the document gives no calculation.
    explained : Difference or None
        The recorded difference between the two, if there is one.
    draws : numpy.ndarray or None
        Value at `date` on each sample path, shape ``(n_paths,)``; None where nothing is proposed.
    persons : numpy.ndarray or None
        Persons counted by `date` on each path, from which the value follows; None for an indicator
        that is not driven by the forecast.
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
        When the published value was or will be passed; of an indicator the forecast drives.
    driver : {"forecast", "plan", "rate", "pace", "commitment"} or None
        What `draws` rest on.
    unproposed : str
        Why nothing is proposed; empty where something is, or where only the forecast was asked.
    bounds : mapping of float to tuple
        For a total of persons: least and greatest number of different persons in its parts or
        sub-indicators.
    changes : mapping of float to Change
        From the published value to each proposal, step by step.
    swings : tuple of Swing
        The assumptions that move the value, the widest first.
    """

    indicator: Indicator
    point: Point
    date: pd.Period
    version: Version
    published: int | float | None
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
    driver: DriverKind | None = None
    unproposed: NoProposal = ""
    bounds: Mapping[float, tuple[int, int]] = field(default_factory=dict)
    changes: Mapping[float, Change] = field(default_factory=dict)
    swings: tuple[Swing, ...] = ()

    @property
    def difference(self) -> Fraction | None:
        """Re-derived minus published value; None if there is not both."""
        if self.published is None or self.rederived is None:
            return None
        return self.rederived - Fraction(str(self.published))

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
