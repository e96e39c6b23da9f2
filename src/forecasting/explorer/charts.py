"""The charts of the page: what stays, and what a setting changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecasting.explorer.fans import Panel, Shown, Source, crossing, fan, rounded, sources
from forecasting.explorer.sentences import Sentences, fan_at_end
from forecasting.projections import Projection

_MIDDLE = {"flow": 0.5, "stock": 1.0}


@dataclass(frozen=True, eq=False)
class _Drawn:
    parts: tuple[object, ...]
    data: dict[str, Any]


class Charts:
    """Draws projections of one chain for the page, a chart anew only where its paths are others.

    Parameters
    ----------
    root : Projection
        Of the reference.
    shown : Shown
    sentences : Sentences
    """

    def __init__(self, root: Projection, shown: Shown, sentences: Sentences) -> None:
        self._shown, self._sentences = shown, sentences
        self._versions = 0
        self._drawn: dict[str, _Drawn] = {}
        own = [source.make() for source in sources(root, shown)]
        self._fans = {panel.id: fan(panel) for panel in own}
        self._levels = {panel.id: panel.level for panel in own}
        self.first = min(_first(panel) for panel in own)
        self.last = max(panel.months[-1] for panel in own)
        self.setup = [self._fixed(panel) for panel in own]

    def months(self) -> list[str]:
        """Names of all months from the first to the last of any chart."""
        months = pd.period_range(self.first, self.last, freq="M")
        return [self._sentences.language.month(month) for month in months]

    def draw(self, projection: Projection, have: Mapping[str, int]) -> dict[str, Any]:
        """Return the charts of a projection whose version the page does not have."""
        drawn = {source.id: self._data(source) for source in sources(projection, self._shown)}
        return {name: data for name, data in drawn.items() if have.get(name) != data["version"]}

    def _fixed(self, panel: Panel) -> dict[str, Any]:
        """Return what no setting changes: words, first months, and the reference."""
        drawn = self._fans[panel.id]
        has_facts = panel.facts is not None and len(panel.facts) > 0
        return {
            "id": panel.id,
            "title": self._sentences.title(panel),
            "unit": self._sentences.unit(panel),
            "decimals": panel.decimals,
            "offset": _MIDDLE[panel.kind],
            "first": self._place(panel.months[0]),
            "observed": self._place(_first(panel)) if has_facts else None,
            "reference": {
                "median": drawn["median"],
                "lower": drawn["bands"][1][0],
                "upper": drawn["bands"][1][1],
            },
        }

    def _place(self, month: pd.Period) -> int:
        return int(month.ordinal - self.first.ordinal)

    def _data(self, source: Source) -> dict[str, Any]:
        known = self._drawn.get(source.id)
        if known is None or not _same(known.parts, source.parts):
            self._versions += 1
            data = self._made(source.make()) | {"version": self._versions}
            known = _Drawn(source.parts, data)
            self._drawn[source.id] = known
        return known.data

    def _made(self, panel: Panel) -> dict[str, Any]:
        drawn, before, sentences = fan(panel), self._fans[panel.id], self._sentences
        over = crossing(panel, drawn["median"])
        note = sentences.note(panel, over)
        now, then = (fan_at_end(each["median"], each["bands"][1]) for each in (drawn, before))
        is_same = drawn == before and _equal(panel.level, self._levels[panel.id])
        facts = [] if panel.facts is None else rounded(panel.facts.to_numpy(), panel.decimals)
        return {
            **drawn,
            "same": is_same,
            "observed": facts,
            "lines": self._lines(panel),
            "crossing": self._crossing(panel, over),
            "note": note,
            "alt": sentences.alternative(panel, now, then, note),
        }

    def _lines(self, panel: Panel) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        if panel.level is not None:
            words = self._sentences.level(panel, panel.level[-1])
            lines.append({"label": words, "values": panel.level.tolist()})
        for mark in panel.marks:
            place = {"month": self._place(mark.month), "value": mark.value}
            lines.append({"label": self._sentences.mark(mark), "values": [], "mark": place})
        return lines

    def _crossing(self, panel: Panel, over: int | None) -> dict[str, Any] | None:
        if over is None or panel.level is None:
            return None
        label = self._sentences.crossing(panel.months[over])
        return {"step": over, "value": float(panel.level[over]), "label": label}


def _first(panel: Panel) -> pd.Period:
    """First month drawn."""
    known = panel.facts
    return panel.months[0] if known is None or known.empty else known.index[0]


def _same(first: tuple[object, ...], second: tuple[object, ...]) -> bool:
    """Whether charts are made of the very same parts; the first ones are kept alive."""
    return all(one is other for one, other in zip(first, second, strict=True))


def _equal(first: np.ndarray | None, second: np.ndarray | None) -> bool:
    if first is None or second is None:
        return first is second
    return np.array_equal(first, second)
