"""Scenarios in a briefing: what is assumed, what follows, and how wide the paths are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.briefing.blocks import Block, Column, Figure, Heading, Paragraph, Table, Text, rich
from forecasting.briefing.pages.scenario_chart import QuantityPanel, Spread, scenario_chart
from forecasting.briefing.pages.scenario_material import ScenarioMaterial, at_end, estimate
from forecasting.briefing.scenarios.words import MILLION, ScenarioWords
from forecasting.briefing.words import DASH
from forecasting.paths import periods_of
from forecasting.projections.projection import CentreProjection, Projection, TargetProjection
from forecasting.scenarios import Scenario

MOST_PANELS = 4


def scenario_blocks(material: ScenarioMaterial, words: ScenarioWords) -> tuple[Block, ...]:
    """Show the scenarios that change something; nothing where there is none."""
    if not material.moving:
        return ()
    return (
        Heading(words.language.gettext("Scenarios")),
        Paragraph(_meaning(material, words), sticky=True),
        scenario_table(material, words),
        scenario_figure(material, words),
    )


def scenario_table(material: ScenarioMaterial, words: ScenarioWords) -> Table:
    """Every scenario with its assumptions and what follows from them."""
    language, kept = words.language, _columns(material, words)
    rows: list[list[Text]] = [
        [_assumed(each, words), *[column.write(each) for column in kept]] for each in material.shown
    ]
    columns = [
        Column(language.gettext("Scenario and what it assumes"), width=4.4),
        *[Column(column.label, "right", width=column.width) for column in kept],
    ]
    return Table("", columns, rows, (0,), _note(material, words))


@dataclass(frozen=True)
class _Quantity:
    """A column of the table."""

    label: str
    write: Callable[[Projection], str]
    width: float = 1.0


def _columns(material: ScenarioMaterial, words: ScenarioWords) -> list[_Quantity]:
    language = words.language
    found = [
        _Quantity(
            language.gettext("Applications a year"),
            lambda each: words.about(estimate(material.applications(each)).median),
        ),
        *[_chance(code, words) for code in _targets(material)],
        *[_centre(centre, words) for centre in material.base.centres],
    ]
    if material.base.backlog is not None:
        found.append(_Quantity(language.gettext("Wait, months"), lambda each: _wait(each, words)))
    if _savings_move(material):
        found.append(
            _Quantity(
                language.gettext("Net savings, EUR million"),
                lambda each: language.number((material.net_eur(each) or 0.0) / MILLION, 1),
            )
        )
    return found


def _targets(material: ScenarioMaterial) -> list[str]:
    """Codes of the headline and of the total it is part of, without what is met on all paths."""
    if not material.headline:
        return []
    total = next(
        (t.indicator.code for t in material.base.targets if material.headline in t.indicator.parts),
        None,
    )
    codes = [material.headline, *([total] if total else [])]
    return [code for code in codes if not _is_certain(code, material)]


def _is_certain(code: str, material: ScenarioMaterial) -> bool:
    """Whether the published target is met on all paths of every scenario."""
    targets = [_target(each, code) for each in material.shown]
    return all(t.published and float(t.draws.min()) >= t.published for t in targets)


def _chance(code: str, words: ScenarioWords) -> _Quantity:
    label = words.language.gettext("{code} met").format(code=code)
    return _Quantity(label, lambda each: chance_text(_target(each, code), words), 0.9)


def _target(projection: Projection, code: str) -> TargetProjection:
    return next(
        each
        for each in projection.targets
        if each.indicator.code == code and each.point == "target"
    )


def chance_text(target: TargetProjection, words: ScenarioWords) -> str:
    """Write the share of the paths that meet the published value."""
    if target.probability is None:
        return DASH
    return words.counts.share(target.probability)


def _centre(centre: CentreProjection, words: ScenarioWords) -> _Quantity:
    name = words.things[centre.name]

    def write(projection: Projection) -> str:
        own = next(each for each in projection.centres if each.name == centre.name)
        present = words.about(estimate(at_end(own.present)).median)
        if own.capacity is None:
            return present
        return (
            f"{present}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{words.counts.count(own.capacity[-1])}"
        )

    return _Quantity(name, write, 1.2)


def _wait(projection: Projection, words: ScenarioWords) -> str:
    if projection.backlog is None:
        return DASH
    return words.months(estimate(at_end(projection.backlog.wait_of_last_arrival)).median)


def _savings_move(material: ScenarioMaterial) -> bool:
    return len({material.net_eur(each) for each in material.shown}) > 1


def _assumed(projection: Projection, words: ScenarioWords) -> Text:
    scenario = projection.scenario
    return rich("**{title}.** {text}", title=words.title(scenario), text=said(scenario, words))


def said(scenario: Scenario, words: ScenarioWords) -> str:
    """Return the assumptions in words: as they were written, or lever by lever."""
    text = words.counts.text(scenario.text)
    if text or not scenario.levers:
        return text
    levers = [f"{words.lever(each)}, {words.months_of(each)}" for each in scenario.levers]
    return "; ".join(levers)


def _meaning(material: ScenarioMaterial, words: ScenarioWords) -> Text:
    template = words.language.gettext(
        "**Projections under assumptions, no forecasts:** what follows if a scenario comes true. A "
        "scenario has no probability of its own; a share is that of the {n} paths under its "
        "assumptions."
    )
    return rich(template, n=words.counts.count(material.comparison.n_paths))


def _note(material: ScenarioMaterial, words: ScenarioWords) -> str:
    language, years = words.language, material.years
    told = [
        language.gettext("Medians. Applications: mean of {first} to {last}.").format(
            first=years[0], last=years[-1]
        )
    ]
    if material.base.centres:
        told.append(
            language.gettext("Centres: present at the end of {month} / places.").format(
                month=language.month(material.periods[-1])
            )
        )
    if _targets(material):
        told.append(language.gettext("Met: share of the paths that meet the published target."))
    if material.headline and _is_certain(material.headline, material):
        told.append(
            language.gettext("{code}: met on all paths under every one of them.").format(
                code=material.headline
            )
        )
    if material.base.backlog is not None:
        told.append(language.gettext("Wait: until the last to come is decided."))
    if material.base.savings is not None and not _savings_move(material):
        told.append(
            language.gettext("Net savings: EUR {n} million under every one of them.").format(
                n=language.number((material.net_eur(material.base) or 0.0) / MILLION, 1)
            )
        )
    if material.still:
        names = language.join([words.title(each) for each in material.still])
        template = language.gettext("Left out, as nothing shown here changes: {names}.")
        told.append(template.format(names=names))
    return " ".join(told)


def scenario_figure(material: ScenarioMaterial, words: ScenarioWords) -> Figure:
    """Draw the main quantities under every scenario side by side."""
    language, panels = words.language, _panels(material, words)
    rows = [words.title(each.scenario) for each in material.shown]
    keys = (
        language.gettext("median"),
        language.gettext("{level} of the paths").format(level=language.percent(0.8)),
        language.gettext("published target, places"),
    )
    return Figure(
        id="scenarios",
        caption=language.gettext("What each scenario moves; an arrow: the range goes on"),
        alt=_alt(rows, panels, words),
        svg=scenario_chart(rows, panels, keys, language),
    )


def _panels(material: ScenarioMaterial, words: ScenarioWords) -> list[QuantityPanel]:
    language, shown = words.language, material.shown
    month = language.short_month(material.periods[-1])
    panels = [
        QuantityPanel(
            language.gettext("Applications"),
            language.gettext("persons a year"),
            [_spread(material.applications(each)) for each in shown],
        )
    ]
    head = material.target(material.base)
    if head is not None:
        targets = [_target(each, material.headline) for each in shown]
        panels.append(
            QuantityPanel(
                material.headline,
                language.gettext("{unit}, {month}").format(
                    unit=language.gettext("persons"), month=language.short_month(head.date)
                ),
                [_spread(t.draws, float(t.published) if t.published else None) for t in targets],
            )
        )
    for centre in material.base.centres:
        own = [material.centre(each, centre.name) for each in shown]
        panels.append(
            QuantityPanel(
                words.things[centre.name],
                language.gettext("{unit}, {month}").format(
                    unit=language.gettext("persons"), month=month
                ),
                [
                    _spread(at_end(c.present), None if c.capacity is None else c.capacity[-1])
                    for c in own
                ],
            )
        )
    backlogs = [each.backlog for each in shown if each.backlog is not None]
    if backlogs:
        last = language.short_month(periods_of(backlogs[0].backlog)[-1])
        panel = QuantityPanel(
            language.gettext("Wait"),
            language.gettext("{unit}, {month}").format(unit=language.gettext("months"), month=last),
            [_spread(at_end(each.wait_of_last_arrival)) for each in backlogs],
        )
        panels = [*panels[: MOST_PANELS - 1], panel]
    return panels[:MOST_PANELS]


def _spread(draws: np.ndarray, line: float | None = None) -> Spread:
    found = estimate(draws)
    return Spread(found.median, found.lower, found.upper, line)


def _alt(rows: list[str], panels: list[QuantityPanel], words: ScenarioWords) -> str:
    language = words.language
    parts = []
    for panel in panels:
        write = words.months if panel is panels[-1] and len(panels) > 1 else words.about
        values = [
            language.gettext("{name} {median} ({lower} to {upper})").format(
                name=row, median=write(s.median), lower=write(s.lower), upper=write(s.upper)
            )
            for row, s in zip(rows, panel.spreads, strict=True)
        ]
        parts.append(f"{panel.title}, {panel.unit}: {', '.join(values)}")
    return language.gettext("Ranges by scenario, median and middle {level}. {parts}.").format(
        level=language.percent(0.8), parts="; ".join(parts)
    )
