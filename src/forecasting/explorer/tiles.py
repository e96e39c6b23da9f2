"""Key figures as the page shows them: reference against scenario, with the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.programmes.catalogue import Programme
from forecasting.projections import Projection, TargetProjection
from forecasting.projections.key_figures import KeyFigure, key_figures

Key = tuple[str, str]

PLACES = ("over_capacity", "peak_present", "nights_without_place", "nights_cost")
PROCESSING = ("wait_months", "waiting")
ASSISTANCE = ("recipients", "expenditure", "gross_saving", "net_saving")
_CASELOAD = ("recipients", "expenditure")


@dataclass(frozen=True)
class Tile:
    """One key figure of the page.

    Attributes
    ----------
    key : tuple of str
        Code and entity of the key figure.
    label : str
    short : str
        For the strip of a narrow page; empty where it is not on it.
    note : str
    """

    key: Key
    label: str
    short: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """Name of the tile on the page."""
        return "/".join(part for part in self.key if part)


class Tiles:
    """The tiles of a chain.

    Parameters
    ----------
    words : ScenarioWords
        Names the centres.
    programme : Programme or None
    root : Projection
        Of the reference: what it has, gets a tile.
    """

    def __init__(self, words: ScenarioWords, programme: Programme | None, root: Projection) -> None:
        self._words = words
        self._headline = programme.headline if programme else None
        self._synthetic = root.scenario.chain.is_synthetic
        self._reference = {each.key: each for each in key_figures(root)}
        self._known: dict[str, tuple[object, tuple[KeyFigure, ...]]] = {}
        self._groups = {
            title: own
            for title, tiles in self._all(root)
            if (own := [tile for tile in tiles if tile.key in self._reference])
        }

    def setup(self) -> list[dict[str, Any]]:
        """Write the tiles without their values."""
        return [
            {
                "title": title,
                "tiles": [{"id": t.id, "label": t.label, "note": t.note} for t in tiles],
            }
            for title, tiles in self._groups.items()
        ]

    def show(self, projection: Projection) -> dict[str, Any]:
        """Write the values of a projection beside those of the reference, and their summary."""
        figures = self._figures(projection)
        shown: dict[str, Any] = {}
        changed, strip = [], []
        for tile in (tile for tiles in self._groups.values() for tile in tiles):
            figure, before = figures[tile.key], self._reference[tile.key]
            shown[tile.id] = self._value(figure, before)
            written = shown[tile.id]["value"]
            if shown[tile.id]["changed"]:
                changed.append(f"{self._spoken(tile)}: {written}")
            if tile.short:
                strip.append(f"{tile.short} {written}")
        return {"tiles": shown, "summary": self._summary(changed), "strip": " · ".join(strip)}

    def _figures(self, projection: Projection) -> dict[Key, KeyFigure]:
        """Return the key figures, computed anew only for parts that are others than before."""
        figures: dict[Key, KeyFigure] = {}
        for name, part in _parts(projection):
            known = self._known.get(name)
            if known is None or known[0] is not part:
                field = name.partition("/")[0]
                held: Any = (part,) if field == "centres" else part
                alone = replace(Projection(projection.scenario), **{field: held})
                known = self._known[name] = part, key_figures(alone)
            figures |= {each.key: each for each in known[1]}
        return figures

    def _value(self, figure: KeyFigure, before: KeyFigure) -> dict[str, Any]:
        words, change = self._words, figure.value - before.value
        known = words.figure(before)
        if not words.is_visible(figure.code, figure.unit, change):
            beside = self._words.language.gettext("as in the reference")
            return {"value": words.figure(figure), "beside": beside, "changed": False}
        beside = self._words.language.gettext("reference {value}, difference {difference}").format(
            value=known, difference=words.change(figure.code, figure.unit, change)
        )
        return {"value": words.figure(figure), "beside": beside, "changed": True}

    def _summary(self, changed: Sequence[str]) -> str:
        if not changed:
            return self._words.language.gettext("All key figures are those of the reference.")
        return "; ".join(changed) + "."

    def _spoken(self, tile: Tile) -> str:
        """Name a tile so that it is understood without its group."""
        return self._words.measure(*tile.key) if tile.key[0] in PLACES else tile.label

    def _all(self, root: Projection) -> Iterator[tuple[str, list[Tile]]]:
        words, gettext = self._words, self._words.language.gettext
        targets = [self._target(each) for each in root.targets if each.point == "target"]
        yield gettext("Share of the paths that meet the published target"), targets
        waits = {"wait_months": gettext("wait in months")}
        yield (
            gettext("Processing"),
            [Tile((code, ""), words.head(code), waits.get(code, "")) for code in PROCESSING],
        )
        heads = {code: words.head(code) for code in PLACES}
        heads["over_capacity"] = gettext("Paths with more persons than places")
        for place, centre in enumerate(root.centres):
            shorts = (
                {}
                if place
                else {
                    "over_capacity": gettext("over capacity"),
                    "peak_present": heads["peak_present"],
                }
            )
            yield (
                words.things[centre.name],
                [Tile((code, centre.name), heads[code], shorts.get(code, "")) for code in PLACES],
            )
        note = gettext("synthetic, not counted") if self._synthetic else ""
        yield (
            gettext("Social assistance"),
            [
                Tile((code, ""), words.head(code), note=note if code in _CASELOAD else "")
                for code in ASSISTANCE
            ],
        )

    def _target(self, target: TargetProjection) -> Tile:
        indicator, code = target.indicator, target.indicator.code
        label = self._words.language.gettext("{code} {name}: {value} by {year}").format(
            code=code,
            name=self._words.counts.text(indicator.short_name or indicator.name),
            value=self._words.language.number(target.published or 0),
            year=target.date.year,
        )
        return Tile(("target_probability", code), label, code if code == self._headline else "")


def _parts(projection: Projection) -> Iterator[tuple[str, object]]:
    """Yield the parts of a projection by their names, each centre by itself."""
    for name in ("arrivals", "targets", "backlog", "recipients", "expenditure", "savings"):
        part = getattr(projection, name)
        if part is not None:
            yield name, part
    for centre in projection.centres:
        yield f"centres/{centre.name}", centre
