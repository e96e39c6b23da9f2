"""Values of indicators that hang on plans, rates, a yearly pace or a commitment, path by path.

All indicators share one draw index: path 17 of a rate uses path 17 of the indicator it is applied
to, and what goes wrong on it goes more or less wrong with every operation of the programme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal, Protocol
from zlib import crc32

import numpy as np
import pandas as pd

from forecasting.distributions import draw
from forecasting.periods import months_between
from forecasting.programmes.catalogue import Indicator, Point, Programme
from forecasting.programmes.drivers import BY_PLAN, DrivenBy, PaceDriver, PlanDriver, RateDriver
from forecasting.programmes.formulas import parse_formula
from forecasting.programmes.quantities import Quantity, quantity
from forecasting.sources.parameters import Entry, ParameterFile, load_parameters

PARAMETERS = "plan_delivery"
SHARED_RISK = "shared_risk"
RANGE = "range"
"""Name under which the place of a value between its two stated ends is drawn."""

MONTHS_A_YEAR = 12

Key = tuple[str, Point]
NoProposal = Literal["not monitored", "no number", "zero", "no baseline", "no base", ""]
"""Why nothing is proposed: the document says it is not monitored; gives no number; gives 0; the
baseline of a percent indicator is not known; the indicator a rate is applied to has no value."""


class Uniforms(Protocol):
    """Where on its distribution a thing lies, per path, from 0 to 1."""

    def levels(self, name: str, key: str) -> np.ndarray:
        """Return the levels of parameter `name` for what `key` stands for."""

    def delivered(self, plan: float, share: np.ndarray, key: str) -> np.ndarray:
        """Return how many of `plan` things are there, each with probability `share`."""


@dataclass(frozen=True)
class JointUniforms:
    """Uniforms joined by a Gaussian copula: things of one name correlate by `shared`.

    u = Phi(sqrt(shared) z + sqrt(1 - shared) e), z of the name, e of name and key, both standard
    normal. Each depends on nothing but the seed and its own names: another indicator changes none.

    Parameters
    ----------
    n_paths, seed : int
    shared : float
        Correlation of the normal scores, 0 to 1.
    """

    n_paths: int
    seed: int
    shared: float

    def levels(self, name: str, key: str) -> np.ndarray:
        """Return levels in (0, 1), shape ``(n_paths,)``."""
        from scipy.special import ndtr

        common, own = self._normals(name), self._normals(f"{name}/{key}")
        score = self.shared**0.5 * common + (1 - self.shared) ** 0.5 * own
        return np.asarray(ndtr(score))

    def delivered(self, plan: float, share: np.ndarray, key: str) -> np.ndarray:
        """Draw whole things: binomial, and above a share of 1 the whole part of what is more.

        A plan of one thing comes true with the mean of the share; of many, nearly share x plan.
        """
        kept = self._generator(f"delivered/{key}").binomial(int(plan), np.minimum(share, 1.0))
        return np.asarray(kept + np.floor(np.maximum(share - 1.0, 0.0) * plan))

    def _normals(self, label: str) -> np.ndarray:
        return self._generator(label).standard_normal(self.n_paths)

    def _generator(self, label: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(label.encode())])


@dataclass(frozen=True)
class DesignUniforms:
    """One parameter at a time: all at 0.5, then each in turn at 0.1 and at 0.9.

    Parameters
    ----------
    names : tuple of str
        Parameter i moves on the paths 2 i + 1 and 2 i + 2.
    """

    names: tuple[str, ...]

    def levels(self, name: str, key: str) -> np.ndarray:
        """Return levels, shape ``(1 + 2 n_names,)``; the same for every key."""
        levels = np.full(1 + 2 * len(self.names), 0.5)
        if name in self.names:
            place = 2 * self.names.index(name) + 1
            levels[place : place + 2] = 0.1, 0.9
        return levels

    def delivered(self, plan: float, share: np.ndarray, key: str) -> np.ndarray:
        """Return the expected number, share x plan."""
        return share * plan


def load_delivery() -> ParameterFile:
    """Load what is known of how much of a plan is carried out."""
    return load_parameters(PARAMETERS)


def driver_of(indicator: Indicator) -> DrivenBy | None:
    """Return what drives an indicator; None where the forecast does."""
    return None if indicator.from_forecast else indicator.driven_by or BY_PLAN


def due_date(programme: Programme, indicator: Indicator, point: Point) -> pd.Period:
    """Return the month by whose end a value is due: the indicator's own, else the programme's."""
    own = indicator.milestone_date if point == "milestone" else indicator.target_date
    return own or programme.date_of(point)


def driver_parameters(indicator: Indicator) -> tuple[str, ...]:
    """Return the names of the parameters that an indicator's own driver uses."""
    driver = driver_of(indicator)
    if driver is None or driver.commitment:
        return ()
    if driver.plan:
        return (driver.plan.delivery,)
    stated = driver.rate.share if driver.rate else driver.pace.per_year if driver.pace else ()
    held = driver.rate.held if driver.rate else driver.pace.held if driver.pace else ""
    return (held, RANGE) if len(stated) == 2 else (held,)


@dataclass(frozen=True)
class DrivenValues:
    """Works out the value of each indicator at a milestone or target on every path.

    Parameters
    ----------
    programme : Programme
    planned : mapping of (code, point) to Fraction
        What the plan says: re-derived from the inputs, else published; no entry: no number.
    forecast : mapping of (code, point) to numpy.ndarray
        Values of the indicators that the forecast drives, shape ``(n_paths,)``.
    uniforms : Uniforms
        As many paths as `forecast`.
    delivery : ParameterFile
        See `load_delivery`.
    """

    programme: Programme
    planned: Mapping[Key, Fraction]
    forecast: Mapping[Key, np.ndarray]
    uniforms: Uniforms
    delivery: ParameterFile

    @cached_property
    def _inputs(self) -> dict[str, Quantity]:
        return {name: given.quantity for name, given in self.programme.inputs.items()}

    @cached_property
    def _known(self) -> dict[Key, np.ndarray | None]:
        return dict(self.forecast)

    def why_not(self, indicator: Indicator, point: Point) -> NoProposal:
        """Say why no value can be worked out; empty if one can."""
        key, driver = (indicator.code, point), driver_of(indicator)
        if not indicator.monitored:
            return "not monitored"
        if key in self.forecast:
            return ""
        if driver is None or key not in self.planned:
            return "no number"
        if self.planned[key] == 0:
            return "zero"
        return self._missing(driver, indicator, point)

    def _missing(self, driver: DrivenBy, indicator: Indicator, point: Point) -> NoProposal:
        """Say what a driver with a number lacks."""
        if driver.plan and self._start(indicator) is None:
            return "no baseline"
        if driver.rate and driver.rate.of and self._base(driver.rate, point) is None:
            return "no base"
        return ""

    def values(self, indicator: Indicator, point: Point) -> np.ndarray | None:
        """Return the value on each path, shape ``(n_paths,)``; None where there is none."""
        key = (indicator.code, point)
        if key not in self._known:
            possible = not self.why_not(indicator, point)
            self._known[key] = self._value(indicator, point) if possible else None
        return self._known[key]

    def entry(self, name: str) -> Entry:
        """Return a parameter as it holds at the target date."""
        return self.delivery.entry(name, on=self.programme.target_date)

    def _value(self, indicator: Indicator, point: Point) -> np.ndarray:
        driver = driver_of(indicator) or BY_PLAN
        if driver.plan:
            plan = float(self.planned[indicator.code, point])
            return self._plan(driver.plan, indicator, plan)
        if driver.rate:
            return self._rate(driver.rate, indicator, point)
        if driver.pace:
            return self._pace(driver.pace, indicator, point)
        levels = self.uniforms.levels(RANGE, indicator.code)
        return np.full(levels.shape, self._exact(str(driver.commitment), indicator.unit))

    def _plan(self, driver: PlanDriver, indicator: Indicator, plan: float) -> np.ndarray:
        """Start + reached + share x (plan - start - reached), whole where things are counted."""
        start = self._start(indicator) or 0.0
        if driver.reached:
            start += min(self._exact(driver.reached, indicator.unit), plan)
        open_, share = plan - start, self._share(driver.delivery, indicator)
        if quantity(0, indicator.unit).unit.is_counted and open_ == int(open_):
            return start + self.uniforms.delivered(open_, share, indicator.code)
        value = start + share * open_
        is_share = indicator.unit == "%" and not indicator.is_change
        return np.minimum(value, 100.0) if is_share else value

    def _rate(self, driver: RateDriver, indicator: Indicator, point: Point) -> np.ndarray:
        """Base x rate x held; a share of persons at most the base."""
        held, base = self._share(driver.held, indicator), self._base(driver, point)
        rate = held * (
            self._stated(driver.share, indicator)
            if driver.share
            else float(self.planned[indicator.code, point]) / 100
        )
        if base is None:
            return np.asarray(100 * np.minimum(rate, 1.0))
        of = self.programme.indicator(str(driver.of))
        return np.asarray(base * (np.minimum(rate, 1.0) if of.unit == indicator.unit else rate))

    def _pace(self, driver: PaceDriver, indicator: Indicator, point: Point) -> np.ndarray:
        """Years x number a year x held."""
        due = due_date(self.programme, indicator, point)
        years = months_between(self.programme.counting_starts, due) / MONTHS_A_YEAR
        held = self._share(driver.held, indicator)
        return np.asarray(years * self._stated(driver.per_year, indicator) * held)

    def _start(self, indicator: Indicator) -> float | None:
        """Where a plan begins: the baseline of a percent indicator, 0 of a count or a change."""
        if indicator.unit != "%" or indicator.is_change:
            return 0.0
        return float(indicator.baseline) if isinstance(indicator.baseline, int | float) else None

    def _base(self, driver: RateDriver, point: Point) -> np.ndarray | None:
        return (
            None if driver.of is None else self.values(self.programme.indicator(driver.of), point)
        )

    def _share(self, name: str, indicator: Indicator) -> np.ndarray:
        """Draw a parameter in percent as a share; operations in common, drawn once."""
        key = "+".join(sorted(indicator.operations)) or indicator.code
        return draw(self.entry(name).uncertain, self.uniforms.levels(name, key)) / 100

    def _stated(self, formulas: tuple[str, ...], indicator: Indicator) -> np.ndarray:
        """The stated number, or an even draw between its two ends."""
        low, high = (float(self._formula(text, indicator)) for text in (formulas[0], formulas[-1]))
        return low + (high - low) * self.uniforms.levels(RANGE, indicator.code)

    def _formula(self, text: str, indicator: Indicator) -> Fraction:
        value = parse_formula(text, indicator=indicator.code).evaluate(self._inputs).value
        return value if isinstance(value, Fraction) else Fraction(0)

    def _exact(self, text: str, unit: str) -> float:
        percent = quantity(0, unit).unit.is_percent
        value = parse_formula(text, indicator=text).evaluate(self._inputs).value
        return float(value) * (100 if percent else 1)
