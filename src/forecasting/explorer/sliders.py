"""The sliders of the explorer: which a chain has, the steps of each, and the lever it moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.scenarios import LEVERS, Scenario, config_of

START = ".start"
"""Ending of the id of a slider that moves the first month of a lever."""

SURGE_MONTHS = 3
"""Months over which a surge comes, evenly."""

_HALF_TO_FIVE = (
    *(round(0.05 * step, 2) for step in range(41)),
    *(2 + 0.25 * i for i in range(1, 13)),
)
_RATES = tuple(value for value in _HALF_TO_FIVE if value <= 3)
_STAYS = tuple(value for value in _HALF_TO_FIVE if 0.25 <= value <= 4)
_UNEMPLOYMENT = tuple(round(0.5 + 0.05 * step, 2) for step in range(31))
_SURGES = tuple(float(100 * step) for step in range(61))
_DELAYS = tuple(float(step) for step in range(61))
_SHARES = tuple(round(0.01 * step, 2) for step in range(101))
_PLACES_STEP = 10

Group = Literal["arrivals", "centre", "backlog", "programme", "caseload", "savings"]


@dataclass(frozen=True)
class Slider:
    """A slider over a list of values.

    Attributes
    ----------
    id : str
        Of the address and the messages: ``stay.multiply/si-reception-centres``; that of the first
        month of a lever ends in ``.start``.
    lever, on : str
        Of the scenario file; `on` is empty where there is one thing to act on.
    group : str
        Part of the chain that it belongs to.
    values : tuple of float
        Steps, rising; a month is year x 100 + month.
    neutral : float
        The step at which it moves nothing.
    configured : bool
        Whether the neutral step stands for what the configuration says.
    """

    id: str
    lever: str
    on: str
    group: Group
    values: tuple[float, ...]
    neutral: float
    configured: bool = False

    @property
    def is_month(self) -> bool:
        """Whether it moves the first month of a lever."""
        return self.id.endswith(START)

    def is_step(self, value: float) -> bool:
        """Whether a value is one of its steps."""
        return any(abs(value - step) < 1e-9 for step in self.values)


def sliders_of(reference: Scenario) -> tuple[Slider, ...]:
    """Return the sliders for what the chain of a reference has, in the order of the page."""
    chain = reference.chain
    months = _months(reference)
    found: list[Slider] = []
    if chain.flow:
        found += [
            _slider("arrivals.multiply", "arrivals", _HALF_TO_FIVE, 1),
            *_with_month("arrivals.surge", "", "arrivals", _SURGES, months[:-SURGE_MONTHS]),
        ]
    for centre in chain.centres:
        found += _of_centre(centre.id, config_of(centre.config, "stocks"), months)
    if chain.backlog:
        found += [
            _slider("staff.multiply", "backlog", _HALF_TO_FIVE, 1),
            _slider("exit_rate.multiply", "backlog", _RATES, 1),
        ]
    if chain.programme:
        found += _of_programme(chain.programme)
    if chain.caseload:
        found.append(_slider("unemployment.multiply", "caseload", _UNEMPLOYMENT, 1))
    if chain.savings:
        found += _of_savings(chain.savings)
    return tuple(found)


def from_start(sliders: tuple[Slider, ...], start: Scenario) -> tuple[Slider, ...]:
    """Return the sliders as they rest on a starting scenario.

    A lever that replaces a value, such as a share, rests at the one the scenario gives it.
    """
    given = {
        lever.lever: float(lever.value)
        for lever in start.levers
        if lever.kind.replaces and isinstance(lever.value, int | float)
    }
    return tuple(
        _resting(slider, given[slider.lever]) if slider.lever in given else slider
        for slider in sliders
    )


def _resting(slider: Slider, value: float) -> Slider:
    values = slider.values if slider.is_step(value) else tuple(sorted({*slider.values, value}))
    return replace(slider, values=values, neutral=value, configured=False)


def lever_contents(
    sliders: tuple[Slider, ...], values: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return the levers that the sliders stand for, as in a scenario file.

    Parameters
    ----------
    sliders : tuple of Slider
    values : mapping of str to float
        Of the sliders that were moved, by id.
    """
    rest = {slider.id: slider.neutral for slider in sliders if slider.is_month}
    months = {**rest, **values}
    return [
        _content(slider, values[slider.id], months.get(slider.id + START))
        for slider in sliders
        if slider.id in values and not slider.is_month and values[slider.id] != slider.neutral
    ]


def _content(slider: Slider, value: float, month: float | None) -> dict[str, Any]:
    kind = LEVERS[slider.lever]
    content: dict[str, Any] = {"lever": slider.lever}
    if slider.on:
        content["on"] = slider.on
    content |= {"value": int(value) if kind.whole else value, "unit": kind.unit}
    if month is not None:
        start = to_month(month)
        content["start"] = str(start)
        if kind.timing == "surge":
            content["end"] = str(start + (SURGE_MONTHS - 1))
    return content | {"source": "assumption", "quality": "assumed"}


def slider_values(
    sliders: tuple[Slider, ...], content: Mapping[str, Any]
) -> dict[str, float] | None:
    """Return where the sliders stand for a lever of a scenario file; None where no slider can."""
    for slider in sliders:
        if (
            slider.is_month
            or slider.lever != content.get("lever")
            or slider.on != content.get("on", "")
        ):
            continue
        value, months = content.get("value"), [s for s in sliders if s.id == slider.id + START]
        if not isinstance(value, int | float) or not slider.is_step(value):
            return None
        found = {slider.id: float(value)}
        for month in months:
            found[month.id] = to_number(pd.Period(str(content.get("start")), "M"))
            if not month.is_step(found[month.id]):
                return None
        same = _content(slider, value, found[months[0].id] if months else None)
        kept = {
            key: text for key, text in content.items() if key not in ("source", "quality", "label")
        }
        return found if kept == {key: same[key] for key in same if key in kept} else None
    return None


def to_month(number: float) -> pd.Period:
    """Return the month of a number: 202703 is March 2027."""
    return pd.Period(year=int(number) // 100, month=int(number) % 100, freq="M")


def to_number(month: pd.Period) -> float:
    """Return the number of a month."""
    return float(month.year * 100 + month.month)


def check_values(sliders: tuple[Slider, ...], values: Mapping[str, Any]) -> dict[str, float]:
    """Return the values of sliders that are not at rest.

    Raises
    ------
    InputError
        If there is no such slider, or a value is none of its steps.
    """
    known = {slider.id: slider for slider in sliders}
    for name, value in values.items():
        if name not in known:
            raise InputError(say("slider '{name}'", name=name), expected=", ".join(known))
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not known[name].is_step(value):
            raise InputError(
                f"{value}",
                where=say("slider '{name}'", name=name),
                expected=say(
                    "a step from {low} to {high}",
                    low=f"{known[name].values[0]:g}",
                    high=f"{known[name].values[-1]:g}",
                ),
            )
    return {
        name: float(value)
        for name, value in values.items()
        if abs(value - known[name].neutral) > 1e-9
    }


def _months(reference: Scenario) -> tuple[pd.Period, ...]:
    first = reference.first_month
    if first is None:
        raise InputError(
            say("a chain without flow and stocks"),
            where=str(reference.path),
            expected=say("something to project"),
        )
    return tuple(pd.period_range(first, reference.chain.until, freq="M"))


def _slider(
    lever: str, group: Group, values: tuple[float, ...], neutral: float, on: str = ""
) -> Slider:
    return Slider(f"{lever}/{on}" if on else lever, lever, on, group, values, neutral)


def _with_month(
    lever: str, on: str, group: Group, values: tuple[float, ...], months: tuple[pd.Period, ...]
) -> Iterator[Slider]:
    """Yield the slider of an amount, and that of its first month, January after two years."""
    amount = _slider(lever, group, values, 0, on)
    yield amount
    steps = tuple(to_number(month) for month in months)
    later = [step for step in steps if step >= (months[0].year + 3) * 100 + 1]
    yield replace(amount, id=amount.id + START, values=steps, neutral=(later or [steps[-1]])[0])


def _of_centre(
    name: str, config: Mapping[str, Any], months: tuple[pd.Period, ...]
) -> Iterator[Slider]:
    yield _slider("stay.multiply", "centre", _STAYS, 1, name)
    capacity = config.get("capacity")
    if capacity is None:
        return
    if isinstance(capacity, list) and len(capacity) > 1:
        yield _slider("capacity.delay", "centre", _DELAYS, 0, name)
    held = max(step["places"] for step in capacity) if isinstance(capacity, list) else capacity
    most = max(2 * int(held) // _PLACES_STEP, 10)
    steps = tuple(float(_PLACES_STEP * step) for step in range(most + 1))
    yield from _with_month("capacity.add", name, "centre", steps, months)


def _of_programme(programme: str) -> Iterator[Slider]:
    """Yield a slider for each coverage that a forecast of the programme is multiplied by."""
    from forecasting.programmes.catalogue import load_programme
    from forecasting.programmes.derivation import forecast_inputs

    loaded = load_programme(programme)
    driven = [each for each in loaded.indicators if each.from_forecast is not None]
    used = {id(each) for indicator in driven for each in forecast_inputs(loaded, indicator)}
    for name, given in loaded.inputs.items():
        if id(given) in used and given.unit == "%" and float(given.value) > 0:
            most = 100 / float(given.value)
            values = tuple(value for value in _HALF_TO_FIVE if value <= max(most, 1))
            yield _slider("coverage.multiply", "programme", values, 1, name)


def _of_savings(config: str) -> Iterator[Slider]:
    from forecasting.distributions import central
    from forecasting.savings.config import load_savings

    plan = load_savings(config)
    included = plan.config.included_persons
    rests = {"savings.deadweight": float(central(plan.assumed["deadweight"].value))}
    if included:
        rests = {"savings.activation_share": plan.persons / included, **rests}
    for lever, rest in rests.items():
        slider = _resting(_slider(lever, "savings", _SHARES, 0), round(rest, 4))
        yield replace(slider, configured=True)
