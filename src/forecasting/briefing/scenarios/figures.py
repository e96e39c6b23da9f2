"""The charts of the report on scenarios with caption, note and alternative text."""

from __future__ import annotations

from forecasting.briefing.blocks import Figure
from forecasting.briefing.savings.bridge_chart import BridgeBar, BridgeChart, bridge_chart
from forecasting.briefing.scenarios.material import ScenariosMaterial
from forecasting.briefing.scenarios.moved import LEVEL, Moved, Quantity
from forecasting.briefing.scenarios.multiples_chart import (
    Multiple,
    MultiplesChart,
    multiples_chart,
)
from forecasting.briefing.scenarios.words import IN_MILLIONS, MILLION, ScenarioWords
from forecasting.projections.attribution import AttributedFigure, Attribution
from forecasting.projections.selection import lineage


def multiples_figure(moved: Moved, material: ScenariosMaterial, words: ScenarioWords) -> Figure:
    """Draw a quantity under every scenario that moves it, before that of the reference."""
    language = words.language
    panels = [
        Multiple(
            words.title(material.scenarios[name]),
            _finding(name, moved, material, words),
            fan,
            language.gettext("to {value}").format(value=words.about(fan.peak)),
        )
        for name, fan in moved.fans.items()
    ]
    places = language.gettext("places") if moved.base.places is not None else ""
    chart = MultiplesChart(
        base=moved.base,
        panels=panels,
        keys=(language.gettext("reference"), language.gettext("scenario"), places),
        unit=_unit(moved.quantity, words),
        top=moved.top,
        mark=_mark(moved, material, words),
    )
    return Figure(
        id=f"scenarios-{moved.quantity}{f'-{moved.entity}' if moved.entity else ''}",
        caption=_caption(moved, material, words),
        alt=_alt(panels, moved, material, words),
        svg=multiples_chart(chart, language),
        note=_note(moved, material, words),
    )


def attribution_figure(
    shown: AttributedFigure, found: Attribution, material: ScenariosMaterial, words: ScenarioWords
) -> Figure:
    """Draw from the reference to the scenario, one step for each part of it."""
    language = words.language
    names = player_names(found, words)
    start = words.amount(shown.code, shown.unit, shown.reference)
    end = words.amount(shown.code, shown.unit, shown.value)
    scale, unit = _scale(shown, words)
    steps = [
        BridgeBar(name, scale * own, words.change(shown.code, shown.unit, own))
        for name, own in zip(names, shown.contributions, strict=True)
    ]
    bars = [
        BridgeBar(words.title(material.reference), scale * shown.reference, start, kind="sum"),
        *steps,
        BridgeBar(words.title(found.scenario), scale * shown.value, end, kind="sum"),
    ]
    measure = words.measure(shown.code, shown.entity)
    return Figure(
        id="scenarios-attribution",
        caption=language.gettext("What each part adds: {measure}").format(measure=measure),
        alt=language.gettext(
            "Bar chart: from the reference with {start} to the scenario with {end}; {steps}."
        ).format(
            start=start,
            end=end,
            steps=language.join([f"{bar.name} {bar.text}" for bar in steps]),
        ),
        svg=bridge_chart(BridgeChart(bars, unit), language),
        note=method_text(found, words),
    )


def _scale(shown: AttributedFigure, words: ScenarioWords) -> tuple[float, str]:
    """By what the axis is multiplied, and its unit: percent, millions or the figure's own."""
    language, head = words.language, words.head(shown.code)
    if shown.unit == "1":
        return 100.0, language.gettext("{measure}, percent").format(measure=head)
    if shown.code in IN_MILLIONS:
        return 1 / MILLION, head
    if max(abs(shown.reference), abs(shown.value)) >= MILLION:
        return 1 / MILLION, language.gettext("{measure}, millions").format(measure=head)
    return 1.0, head


def _finding(name: str, moved: Moved, material: ScenariosMaterial, words: ScenarioWords) -> str:
    """Write what a panel shows and its change; the caption says what it is."""
    language = words.language
    if moved.quantity == "waiting":
        month, change = moved.largest_change(name)
        return language.gettext("{change} ({month})").format(
            change=words.change("wait_months", "months", change), month=language.short_month(month)
        )
    found = material.difference(name, _code(moved, material), moved.entity)
    if found is None:
        return ""
    return language.gettext("{value} ({change})").format(
        value=words.amount(found.code, found.unit, found.value), change=words.judged(found)
    )


def _code(moved: Moved, material: ScenariosMaterial) -> str:
    """The key figure that is written into the panels of a quantity."""
    codes: dict[Quantity, str] = {
        "applications": "applications_total",
        "waiting": "wait_months",
        "recipients": "recipients",
        "present": "peak_present",
    }
    if moved.quantity == "present" and material.mover(("over_capacity", moved.entity)):
        return "over_capacity"
    return codes[moved.quantity]


def _caption(moved: Moved, material: ScenariosMaterial, words: ScenarioWords) -> str:
    """Say which scenario moves a quantity most."""
    if moved.quantity == "waiting":
        mover = max(moved.fans, key=lambda name: abs(moved.largest_change(name)[1]))
    else:
        key = _code(moved, material), moved.entity
        mover = material.mover(key) or next(iter(moved.fans))
    return words.language.gettext(
        "{quantity}: moved most by “{scenario}”. Above the panels: {measure}"
    ).format(
        quantity=_quantity(moved, words),
        scenario=words.title(material.scenarios[mover]),
        measure=_measure(moved, material, words),
    )


def _measure(moved: Moved, material: ScenariosMaterial, words: ScenarioWords) -> str:
    """Name what is written above the panels."""
    if moved.quantity == "waiting":
        return words.language.gettext("largest change of the median")
    name = words.head(_code(moved, material))
    return name[0].lower() + name[1:]


def _quantity(moved: Moved, words: ScenarioWords) -> str:
    language = words.language
    names: dict[Quantity, str] = {
        "applications": language.gettext("Applications a year"),
        "present": words.things.get(moved.entity, moved.entity),
        "waiting": language.gettext("Time until a decision"),
        "recipients": language.gettext("Recipients of social assistance"),
    }
    return names[moved.quantity]


def _unit(quantity: Quantity, words: ScenarioWords) -> str:
    language = words.language
    names: dict[Quantity, str] = {
        "applications": language.gettext("persons a year"),
        "present": language.gettext("persons at the end of the month"),
        "waiting": language.gettext("months for the case that comes last"),
        "recipients": language.gettext("families at the end of the month"),
    }
    return names[quantity]


def _mark(moved: Moved, material: ScenariosMaterial, words: ScenarioWords) -> str:
    if moved.quantity == "recipients" and material.is_synthetic:
        return words.language.gettext("SYNTHETIC FIGURES")
    return ""


def _note(moved: Moved, material: ScenariosMaterial, words: ScenarioWords) -> str:
    language = words.language
    synthetic = language.gettext("Synthetic demonstration series, not observed.")
    reading = language.gettext(
        "One panel for each scenario that moves what is drawn, all on one scale; the others are as "
        "the reference. Lines are medians, bands hold {level} of the paths."
    ).format(level=language.percent(LEVEL / 100))
    reach = float(moved.base.upper.max())
    cut = language.gettext(
        "What reaches further is cut; the band of the reference reaches {value}."
    ).format(value=words.about(reach))
    alike = [
        language.gettext("“{one}”: as “{other}”.").format(
            one=words.title(material.scenarios[one]), other=words.title(material.scenarios[other])
        )
        for one, other in moved.alike.items()
    ]
    return words.noted(
        synthetic if _mark(moved, material, words) else "",
        reading if moved is material.moved[0] else "",
        cut if reach > moved.top else "",
        *alike,
        _assumptions(moved, material, words),
    )


def _assumptions(moved: Moved, material: ScenariosMaterial, words: ScenarioWords) -> str:
    """Stated assumptions of what is drawn."""
    if moved.quantity not in ("present", "waiting"):
        return ""
    return words.note(material.notes(moved.entity))


def _alt(
    panels: list[Multiple], moved: Moved, material: ScenariosMaterial, words: ScenarioWords
) -> str:
    language = words.language
    written = "; ".join(f"{panel.title}: {panel.finding}" for panel in panels)
    return words.noted(
        _mark(moved, material, words) and f"{_mark(moved, material, words)}.",
        language.gettext(
            "Small line charts, one for each scenario, before the reference in grey. {quantity}, "
            "{unit}. {measure}: {panels}."
        ).format(
            quantity=_quantity(moved, words),
            unit=_unit(moved.quantity, words),
            measure=_measure(moved, material, words),
            panels=written,
        ),
        words.note(material.notes(moved.entity))
        if moved.quantity in ("present", "waiting")
        else "",
    )


def player_names(found: Attribution, words: ScenarioWords) -> list[str]:
    """Name what a difference is shared among: scenarios by their titles, levers by their effect."""
    if found.kind == "scenarios":
        own = lineage(found.scenario)
        return [words.title(own[name]) for name in found.players]
    levers = {lever.label: lever for lever in found.scenario.levers}
    return [words.lever(levers[label]) for label in found.players]


def method_text(found: Attribution, words: ScenarioWords) -> str:
    """Say how a difference was shared out."""
    language = words.language
    if found.method == "order":
        return language.gettext(
            "Each part is what it adds to those before it, in the order of application: with more "
            "than six parts not every order is tried. The parts add up to the difference."
        )
    return language.gettext(
        "Each part is the mean of what it adds over every order in which the parts may be applied "
        "(Shapley value), on the same paths. The parts add up to the difference."
    )
