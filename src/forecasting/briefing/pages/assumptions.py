"""Every assumption of a briefing with how well it is known: in the words of the file it is from."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.material import TargetMaterial
from forecasting.briefing.pages.scenario_material import ScenarioMaterial
from forecasting.briefing.savings.report import SavingsReport
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.programmes.catalogue import SUM_OF_PARTS
from forecasting.programmes.derivation import forecast_inputs
from forecasting.programmes.formulas import parse_formula
from forecasting.scenarios import Lever, Scenario, config_of, things_of
from forecasting.scenarios.chain import candidates

QUALITIES = ("given", "reading", "implied", "assumed", "unknown")
"""From what stands in a document to what nobody knows."""

Rated = tuple[str, str]
"""An assumption with its value, and its quality."""


def assumptions_table(
    targets: TargetMaterial | None,
    scenarios: ScenarioMaterial | None,
    savings: SavingsReport | None,
    words: ScenarioWords,
) -> Table | None:
    """List the assumptions by quality, the firmest first; None where there is none."""
    rated = [*_of_programme(targets, words), *_of_scenarios(scenarios, words)]
    rated += _of_stocks(scenarios, words)
    if savings is not None:
        rated += [(said, quality or "assumed") for said, quality in savings.rated()]
    rows: list[list[Text]] = []
    for quality in QUALITIES:
        own = [said for said, rating in dict.fromkeys(rated) if rating == quality]
        if own:
            rows.append([_name(quality, words), "; ".join(own)])
    if not rows:
        return None
    language = words.language
    columns = [
        Column(language.gettext("Quality")),
        Column(language.gettext("Assumptions"), width=1),
    ]
    note = ""
    if targets is not None:
        note = language.gettext(
            "Printed: stands in a document. Unknown: no figure is held. All inputs, sources and "
            "the calculation of every value: {command}, notebook {notebook}."
        ).format(command="forecasting programme note", notebook="50_targets.ipynb")
    return Table("", columns, rows, (), note)


def _name(quality: str, words: ScenarioWords) -> str:
    if quality == "unknown":
        return words.language.gettext("unknown")
    return words.counts.quality(quality)


def _of_programme(targets: TargetMaterial | None, words: ScenarioWords) -> Iterator[Rated]:
    """Inputs of the headline, as published and from the forecast, and of the other forecasts."""
    if targets is None:
        return
    programme, headline = targets.programme, targets.headline
    formula = headline.indicator.formula_of(headline.point)
    names: Collection[str] = ()
    if formula and formula != SUM_OF_PARTS:
        names = parse_formula(formula, indicator=headline.indicator.code).names
    used = [programme.inputs[name] for name in names]
    for proposal in targets.proposals:
        used += forecast_inputs(programme, proposal.indicator)
    template = words.language.gettext("{name} {value}")
    for given in {each.label["en"]: each for each in used}.values():
        value = words.counts.quantity(given.quantity)
        yield template.format(name=words.counts.text(given.label), value=value), given.quality


def _of_scenarios(material: ScenarioMaterial | None, words: ScenarioWords) -> Iterator[Rated]:
    """Levers of the scenarios shown."""
    if material is None:
        return
    for each in material.moving:
        for lever in _acting(each.scenario):
            said = f"{words.title(each.scenario)}: {words.lever(lever)}"
            yield said, lever.quality


def _acting(scenario: Scenario) -> list[Lever]:
    """Levers on what the chain has."""
    return [
        each
        for each in scenario.levers
        if set(things_of(each, scenario.chain)) & set(candidates(each.kind.target, scenario.chain))
    ]


def _of_stocks(material: ScenarioMaterial | None, words: ScenarioWords) -> Iterator[Rated]:
    """Length of stay of each centre, exit rate and staff of the backlog: none of them published."""
    if material is None:
        return
    language, chain = words.language, material.base.scenario.chain
    for centre in material.base.centres:
        config = config_of(chain.centre(centre.name).config, "stocks")
        stay = config.get("length_of_stay")
        if isinstance(stay, dict) and "mean" in stay:
            template = language.gettext("{name}: mean stay {duration}")
            yield (
                template.format(
                    name=words.things[centre.name],
                    duration=words.limit(float(stay["mean"])),
                ),
                "assumed",
            )
    if material.base.backlog is not None and chain.backlog is not None:
        config = config_of(chain.backlog, "stocks")
        template = language.gettext("Applications pending: {rate} a month leave without a decision")
        rate = float(config.get("exit_rate", 0))
        yield template.format(rate=language.percent(rate, 1)), "assumed"
