"""From the published saving to the one that can be defended, one assumption after another.

Every step is the difference of two projections on the same draws, the second with one assumption
more; so the steps depend on their order, but always add up to the whole way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from forecasting.savings.activation import Assumptions, fixed, total_savings
from forecasting.savings.assumed import build_assumptions, exact_values
from forecasting.savings.cohorts import Convention
from forecasting.savings.config import SavingsPlan
from forecasting.savings.exact import exact_savings, to_cents
from forecasting.savings.relapse import Value, relapse_monthly

PUBLISHED = Convention("period_start", carry_over=False)
"""All leave as their months begin, nothing is counted after their period."""

CONVENTION_STEPS = ("exit_timing", "carry_over")
ASSUMPTION_STEPS = (
    "relapse",
    "delivery",
    "indexation",
    "discount",
    "deadweight",
    "substitution",
    "displacement",
    "effect_lag",
)
STEPS = (*CONVENTION_STEPS, *ASSUMPTION_STEPS)
"""Keys of the configuration in the order in which they are brought in."""

_TAILS = (0.1, 0.9)


@dataclass(frozen=True)
class BridgeStep:
    """What one key of the configuration changes, the keys before it being in place.

    Attributes
    ----------
    name : str
        One of `STEPS`.
    change : decimal.Decimal
        EUR to the cent; the mean of the draws if something is uncertain.
    low, high : decimal.Decimal
        10 % and 90 % quantile of the change over the draws.
    total : decimal.Decimal
        EUR after the step.
    """

    name: str
    change: Decimal
    low: Decimal
    high: Decimal
    total: Decimal


@dataclass(frozen=True)
class Bridge:
    """Ordered steps from the published saving to the net saving.

    Attributes
    ----------
    published, net : decimal.Decimal
        EUR to the cent; ``published + sum of the changes == net``, exactly.
    steps : tuple of BridgeStep
        One each of `STEPS`; a key that changes nothing has the change 0.
    """

    published: Decimal
    net: Decimal
    steps: tuple[BridgeStep, ...]

    @property
    def raised(self) -> Decimal:
        """Sum of the changes upwards, EUR."""
        return sum((step.change for step in self.steps if step.change > 0), Decimal())

    @property
    def lowered(self) -> Decimal:
        """Sum of the changes downwards, EUR, not above 0."""
        return sum((step.change for step in self.steps if step.change < 0), Decimal())

    @property
    def cancelled(self) -> Decimal:
        """EUR by which the changes upwards and downwards cancel each other."""
        return min(self.raised, -self.lowered)

    @property
    def cancelled_share(self) -> float:
        """Share of all changes that cancels, 0 to 1; 0 without a change."""
        moved = self.raised - self.lowered
        return float(2 * self.cancelled / moved) if moved else 0.0


def build_bridge(plan: SavingsPlan) -> Bridge:
    """Lead from the published convention to the net saving of a configuration.

    Parameters
    ----------
    plan : SavingsPlan
        With all its assumptions. Those that are numbers are calculated as fractions if none is
        uncertain; otherwise every stage is projected on the same draws.

    Returns
    -------
    Bridge
    """
    stages = _drawn_stages(plan) if plan.uncertain else _exact_stages(plan)
    means = [to_cents(float(each.mean()) if plan.uncertain else each[0]) for each in stages]
    steps = tuple(
        _step(name, stages[place], stages[place + 1], means[place], means[place + 1])
        for place, name in enumerate(STEPS)
    )
    return Bridge(means[0], means[-1], steps)


def bridge_lines(bridge: Bridge) -> list[str]:
    """Print the steps, and say how much of them cancels; nothing where no step changes anything."""
    moved = [step for step in bridge.steps if step.change or step.low != step.high]
    if not moved:
        return []
    width = max(map(len, STEPS))
    lines = [f"{'published':<{width}}  {'':>13}  {bridge.published:>15,.0f}"]
    lines += [
        f"{step.name:<{width}}  {step.change:>+13,.0f}  {step.total:>15,.0f}"
        f"{f'  80 % {step.low:+,.0f} to {step.high:+,.0f}' if step.low != step.high else ''}"
        for step in moved
    ]
    return [*lines, _verdict(bridge)]


def _verdict(bridge: Bridge) -> str:
    up = [step.name for step in bridge.steps if step.change > 0]
    down = [step.name for step in bridge.steps if step.change < 0]
    if not up or not down:
        return "no step cancels another"
    chance = ""
    if bridge.cancelled_share > 0.9:
        chance = " Where the two figures are close, they are so by chance."
    return (
        f"{', '.join(up)} add {bridge.raised:,.0f} EUR; {', '.join(down)} take away "
        f"{-bridge.lowered:,.0f} EUR: {bridge.cancelled_share:.0%} of the changes cancel, "
        f"{bridge.net - bridge.published:+,.0f} EUR remain.{chance}"
    )


def _step(
    name: str, before: np.ndarray, after: np.ndarray, mean_before: Decimal, mean_after: Decimal
) -> BridgeStep:
    """Take the difference of two stages; an exact one has one value."""
    change, draws = mean_after - mean_before, after - before
    if len(draws) == 1:
        return BridgeStep(name, change, change, change, mean_after)
    low, high = (to_cents(float(each)) for each in np.quantile(draws, _TAILS))
    return BridgeStep(name, change, low, high, mean_after)


def _drawn_stages(plan: SavingsPlan) -> list[np.ndarray]:
    """Net saving after every step, EUR, by draw."""
    full = plan.assumptions(plan.draw())
    neutral = replace(_neutral(full, fixed(0)), delivery=fixed(1))
    return [
        total_savings(plan.cohorts, convention, assumptions, plan.config.horizon_months).net
        for convention, assumptions in _settings(plan, full, neutral)
    ]


def _exact_stages(plan: SavingsPlan) -> list[np.ndarray]:
    """Net saving after every step as one fraction each."""
    full = build_assumptions(exact_values(plan.assumed))
    neutral = replace(_neutral(full, Fraction(0)), delivery=Fraction(1))
    horizon = plan.config.horizon_months
    return [
        np.array([sum(exact_savings(plan.cohorts, convention, assumptions, horizon).net)])
        for convention, assumptions in _settings(plan, full, neutral)
    ]


def _settings(
    plan: SavingsPlan, full: Assumptions[Value], neutral: Assumptions[Value]
) -> Iterator[tuple[Convention, Assumptions[Value]]]:
    """Convention and assumptions of every stage."""
    convention, assumptions = PUBLISHED, neutral
    yield convention, assumptions
    for name in CONVENTION_STEPS:
        convention = replace(convention, **{name: getattr(plan.convention, name)})
        yield convention, assumptions
    for name in ASSUMPTION_STEPS:
        assumptions = replace(assumptions, **{name: getattr(full, name)})
        yield convention, assumptions


def _neutral(full: Assumptions[Value], zero: Value) -> Assumptions[Value]:
    """Set every assumption but delivery to what changes nothing."""
    shares = dict.fromkeys(("deadweight", "substitution", "displacement"), zero)
    rates = dict.fromkeys(("indexation", "discount"), zero)
    return replace(full, **shares, **rates, relapse=relapse_monthly(zero), effect_lag=None)
