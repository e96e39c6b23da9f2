"""Rules of indicators that are parts of other indicators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from forecasting.programmes.catalogue import Programme


def part_faults(programme: Programme) -> Iterator[str]:
    """Check that each part stands once, in unit and steps of its total, and none is in itself."""
    by_code = {indicator.code: indicator for indicator in programme.indicators}
    parts = {code: indicator.parts for code, indicator in by_code.items()}
    parents = {code: (each.parent,) if each.parent else () for code, each in by_code.items()}
    for code, total in by_code.items():
        for name, n in Counter(total.parts).items():
            if n > 1:
                yield f"{code}.parts: '{name}' stands {n} times"
            part = by_code.get(name, total)
            if part.unit != total.unit:
                yield f"{name}.unit: {part.unit}; expected: {total.unit}, as its total {code}"
            if part.rounding != total.rounding:
                yield (
                    f"{name}.rounding: {part.rounding}; expected: {total.rounding}, "
                    f"as its total {code}"
                )
        if _leads_to_itself(code, parts):
            yield f"{code}.parts: the indicator is a part of itself"
        if _leads_to_itself(code, parents):
            yield f"{code}.parent: the indicator is above itself"


def _leads_to_itself(code: str, following: Mapping[str, Sequence[str]]) -> bool:
    reached: set[str] = set()
    waiting = list(following[code])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following.get(name, ())
    return code in reached
