"""Risks in a briefing: direction, what it is, and its effect, every number computed."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.material import TargetMaterial
from forecasting.briefing.pages.scenario_material import ScenarioMaterial
from forecasting.briefing.savings.report import SavingsReport
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.programmes.reasons import INPUT_STEP, Swing
from forecasting.programmes.rules import APPLICANTS
from forecasting.projections.comparison import Difference

UP, DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"

EFFECTS = ("applications_total", "proposal", "peak_present", "wait_months", "net_saving")
"""Key figures whose changes are told, in this order."""

MOST_EFFECTS, MOST_INPUTS = 2, 1


@dataclass(frozen=True)
class Risk:
    """One row of the table.

    Attributes
    ----------
    sign : float
        Of the first effect.
    name, effect : str
    """

    sign: float
    name: str
    effect: str


def risks_table(
    scenarios: ScenarioMaterial | None,
    targets: TargetMaterial | None,
    savings: SavingsReport | None,
    words: ScenarioWords,
) -> Table | None:
    """Every scenario as a risk, then the factors of the programme and of the savings."""
    risks = [*_of_scenarios(scenarios, words), *_of_inputs(targets, words)]
    risks += _of_savings(savings, words)
    if not risks:
        return None
    language = words.language
    rows: list[list[Text]] = [[_direction(each, words), each.name, each.effect] for each in risks]
    effect = language.gettext("Effect to the end of {year}")
    columns = [
        Column(language.gettext("Direction")),
        Column(language.gettext("Risk"), width=1.2),
        Column(effect.format(year=_end(scenarios, targets)), width=2.6),
    ]
    note = ""
    if scenarios is not None and scenarios.moving:
        note = language.gettext(
            "Scenarios against the reference; in brackets the middle {level} of the changes path "
            "by path. Direction: of the first effect."
        ).format(level=language.percent(0.8))
    return Table("", columns, rows, (), note)


def _end(scenarios: ScenarioMaterial | None, targets: TargetMaterial | None) -> int:
    """Year in which the projection or the programme ends."""
    if scenarios is not None:
        return int(scenarios.periods[-1].year)
    return targets.headline.date.year if targets else 0


def _direction(risk: Risk, words: ScenarioWords) -> str:
    if risk.sign > 0:
        sign, word = UP, words.language.gettext("higher")
    else:
        sign, word = DOWN, words.language.gettext("lower")
    return f"{sign} {word}"


def _of_scenarios(material: ScenarioMaterial | None, words: ScenarioWords) -> list[Risk]:
    if material is None:
        return []
    found = []
    for each in material.moving:
        differences = material.comparison.differences[each.scenario.id]
        told = _told(differences, material.headline)
        if told:
            effects = "; ".join(_effect(difference, words) for difference in told)
            found.append(Risk(told[0].change, words.title(each.scenario), effects))
    return found


def _told(differences: tuple[Difference, ...], headline: str) -> list[Difference]:
    """The changes that say most: of the targets the headline's alone."""
    moved = [
        each
        for each in differences
        if each.code in EFFECTS
        and each.change
        and (each.code != "proposal" or each.entity == headline)
    ]
    return sorted(moved, key=lambda each: EFFECTS.index(each.code))[:MOST_EFFECTS]


def _effect(difference: Difference, words: ScenarioWords) -> str:
    change = words.change(difference.code, difference.unit, difference.change)
    spread = words.spread_of(difference)
    return words.language.gettext("{name} {change}").format(
        name=_name(difference, words),
        change=f"{change} ({spread})" if spread and difference.code != "proposal" else change,
    )


def _name(difference: Difference, words: ScenarioWords) -> str:
    language = words.language
    thing = words.things.get(difference.entity, difference.entity)
    names = {
        "applications_total": language.gettext("applications"),
        "proposal": language.gettext("P80 of {thing}"),
        "peak_present": language.gettext("{thing}: most present"),
        "wait_months": language.gettext("wait, months"),
        "net_saving": language.gettext("net savings, EUR million"),
    }
    return names[difference.code].format(thing=thing)


def _of_inputs(targets: TargetMaterial | None, words: ScenarioWords) -> list[Risk]:
    """The inputs of the programme that move the headline: a tenth less of each."""
    if targets is None:
        return []
    moving = [each for each in targets.headline.swings if each.name != APPLICANTS]
    return [_input(each, targets, words) for each in moving[:MOST_INPUTS]]


def _input(swing: Swing, targets: TargetMaterial, words: ScenarioWords) -> Risk:
    language, headline = words.language, targets.headline
    given = targets.programme.inputs[swing.name]
    name = language.gettext("{name}: {value} ± {share}").format(
        name=words.counts.text(given.label),
        value=words.counts.quantity(given.quantity),
        share=language.percent(float(INPUT_STEP)),
    )
    effect = language.gettext("Median of {code}: {low} to {high}").format(
        code=headline.indicator.code,
        low=words.counts.about(swing.low),
        high=words.counts.about(swing.high),
    )
    return Risk(swing.low - swing.high, name, effect)


def _of_savings(savings: SavingsReport | None, words: ScenarioWords) -> list[Risk]:
    """The assumption that swings the net savings most."""
    swing = savings.widest_swing() if savings else None
    if swing is None:
        return []
    name, at_low, at_high = swing
    effect = words.language.gettext("Net savings, EUR million: {low} to {high}").format(
        low=words.language.number(min(at_low, at_high) / 1e6, 1),
        high=words.language.number(max(at_low, at_high) / 1e6, 1),
    )
    return [Risk(at_high - at_low, name, effect)]
