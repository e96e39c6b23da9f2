"""What a catalogue publishes of an indicator: its objective, its points in time, its values."""

from __future__ import annotations

import re

from forecasting.programmes.catalogue import (
    POINTS,
    Indicator,
    Point,
    Programme,
    PublishedValues,
)
from forecasting.programmes.parts import Objective

Value = int | float | str
"""A number, or a text that says why there is none, such as ``not given``."""


def objective_of(programme: Programme, indicator: Indicator) -> Objective | None:
    """Objective that an indicator belongs to; None where nothing says so.

    The code tells it in a fund of the Union (``O.2.1`` belongs to SO2); elsewhere the measures do,
    or those of the parent.
    """
    known = {objective.code: objective for objective in programme.objectives}
    numbered = re.match(r"[OR]\.([0-9]+)\.", indicator.code)
    if numbered and f"SO{numbered[1]}" in known:
        return known[f"SO{numbered[1]}"]
    for measure in programme.measures:
        if measure.code in indicator.measures:
            return known.get(measure.objective)
    if indicator.parent is not None:
        return objective_of(programme, programme.indicator(indicator.parent))
    return None


def points_of(indicator: Indicator) -> tuple[Point, ...]:
    """Milestone and target; of a result indicator the milestone only where a version gives one."""
    given = any(
        isinstance(values, PublishedValues) and values.milestone is not None
        for values in indicator.published.values()
    )
    return POINTS if indicator.kind == "output" or given else ("target",)


def published_or_mark(programme: Programme, code: str, point: Point) -> int | float | str:
    """Newest published value of an indicator, or the mark that says why there is none."""
    version = programme.published_version(None, code).version
    values = programme.indicator(code).published.get(version, "not given")
    if not isinstance(values, PublishedValues):
        return values
    value = getattr(values, point)
    return "not given" if value is None else value
