"""The tables of the report on scenarios."""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.briefing.blocks import Column, Table, Text, rich
from forecasting.briefing.scenarios.figures import player_names
from forecasting.briefing.scenarios.material import TELLING, ScenariosMaterial
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.briefing.words import DASH
from forecasting.projections.attribution import Attribution
from forecasting.projections.comparison import HeldTarget, RobustTarget
from forecasting.projections.selection import lineage
from forecasting.scenarios import Lever, Scenario

FLOW = ("applications_total", "waiting", "wait_months")
CENTRE = ("peak_present", "over_capacity", "nights_without_place", "nights_cost")
SOCIAL = ("recipients", "expenditure", "net_saving")
"""Key figures of one table each."""

_WIDTHS = {"peak_present": 0.8, "over_capacity": 1.35, "nights_without_place": 1.25}
"""Of columns whose cells are shorter or longer than others."""


def assumptions_tables(material: ScenariosMaterial, words: ScenarioWords) -> list[Table]:
    """What each scenario assumes: first those that move arrivals alone, then the others."""
    language = words.language
    scenarios = list(material.scenarios.values())[1:]
    arrivals = [s for s in scenarios if {each.kind.target for each in s.levers} == {"arrivals"}]
    groups = (
        (language.gettext("What scenarios of the arrivals change"), arrivals),
        (language.gettext("What the other scenarios change"),
         [each for each in scenarios if each not in arrivals]),
    )  # fmt: skip
    return [_assumptions_table(name, own, material, words) for name, own in groups if own]


def _assumptions_table(
    name: str, scenarios: Sequence[Scenario], material: ScenariosMaterial, words: ScenarioWords
) -> Table:
    language = words.language
    rows = [row for scenario in scenarios for row in _scenario_rows(scenario, material, words)]
    columns = [
        Column(language.gettext("Scenario"), width=1.5),
        Column(language.gettext("Assumption"), width=2.0),
        Column(language.gettext("Source"), width=1.9),
        Column(language.gettext("Quality")),
    ]
    return Table(name, columns, rows)


def _scenario_rows(
    scenario: Scenario, material: ScenariosMaterial, words: ScenarioWords
) -> list[list[Text]]:
    """One row per lever of its own; a combination says what it joins."""
    language = words.language
    own = [lever for lever in scenario.levers if lever.scenario == scenario.id]
    rows: list[list[Text]] = [
        [
            _when(lever, words),
            _source(lever, words),
            words.counts.quality(lever.quality),
        ]
        for lever in own
    ]
    joined = [lever.scenario for lever in scenario.levers if lever.scenario != scenario.id]
    if joined:
        family = {**lineage(scenario), **material.scenarios}
        names = [words.title(family[name]) for name in dict.fromkeys(joined)]
        told = language.gettext("all of: {names}").format(names="; ".join(names))
        rows.insert(0, [told, DASH, DASH])
    return [[words.title(scenario) if not n else "", *row] for n, row in enumerate(rows)]


def _when(lever: Lever, words: ScenarioWords) -> str:
    """Write a lever with its months, where it depends on them."""
    if not lever.kind.timed:
        return words.lever(lever)
    return f"{words.lever(lever)}, {words.months_of(lever)}"


def _source(lever: Lever, words: ScenarioWords) -> str:
    """Write a source; one that is no more than an assumption has none."""
    return DASH if lever.source["en"] == "assumption" else words.counts.text(lever.source)


def figures_tables(material: ScenariosMaterial, words: ScenarioWords) -> list[Table]:
    """Key figures of the scenarios that move them, with the differences to the reference."""
    language, base = words.language, material.comparison.base
    groups = [(language.gettext("Applications and waiting"), material.keys(FLOW))]
    for centre in base.centres:
        keys = [key for key in material.keys(CENTRE) if key[1] == centre.name]
        if not material.mover(("over_capacity", centre.name)):
            keys = keys[1:]  # the persons present stand above the panels
        groups.append((words.things.get(centre.name, centre.name), keys))
    groups.append((_social_name(material, words), material.keys(SOCIAL)))
    return [
        _figures_table(name, keys, material, words)
        for name, keys in groups
        if material.moving(keys)
    ]


def _social_name(material: ScenariosMaterial, words: ScenarioWords) -> str:
    language = words.language
    if not material.is_synthetic:
        return language.gettext("Social assistance and savings")
    return language.gettext("Social assistance (synthetic figures) and savings")


def _figures_table(
    name: str, keys: Sequence[tuple[str, str]], material: ScenariosMaterial, words: ScenarioWords
) -> Table:
    language = words.language
    shown = [key for key in keys if material.moving([key])]
    rows: list[list[Text]] = [
        [
            words.title(material.reference),
            *[_reference_cell(key, material, words) for key in shown],
        ]
    ]
    for scenario in material.moving(shown):
        cells = [_difference_cell(scenario, key, material, words) for key in shown]
        rows.append([words.title(material.scenarios[scenario]), *cells])
    columns = [Column(language.gettext("Scenario"), width=1.5)]
    columns += [Column(words.head(code), "right", _WIDTHS.get(code, 1.0)) for code, _ in shown]
    return Table(name, columns, rows, (0,))


def _reference_cell(key: tuple[str, str], material: ScenariosMaterial, words: ScenarioWords) -> str:
    found = material.figure(material.reference.id, *key)
    return DASH if found is None else words.figure(found)


def _difference_cell(
    scenario: str, key: tuple[str, str], material: ScenariosMaterial, words: ScenarioWords
) -> Text:
    found = material.difference(scenario, *key)
    if found is None or not found.is_moved:
        return words.language.gettext("the same")
    value = words.amount(found.code, found.unit, found.value)
    return rich("{value} ({change})", value=value, change=words.judged(found))


def probabilities_table(material: ScenariosMaterial, words: ScenarioWords) -> Table:
    """On how many paths each published target is met under each scenario."""
    language, published = words.language, material.published
    held = {target.indicator: _of_kind(target, "published") for target in published}
    moving = material.moving(material.keys(("target_probability",)))
    rows: list[list[Text]] = [
        [
            language.gettext("Published target"),
            *[words.plain(float(target.published or 0)) for target in published],
        ]
    ]
    for name in (material.reference.id, *moving):
        shares = [held[target.indicator].met[name] for target in published]
        rows.append(
            [
                words.title(material.scenarios[name]),
                *[_share_cell(share, material.probability, words) for share in shares],
            ]
        )
    columns = [Column(language.gettext("Scenario"), width=2.6)]
    columns += [Column(target.indicator, "right", width=1.0) for target in published]
    caption = language.gettext("Share of the paths that meet the published target")
    note = language.gettext(
        "Met on so many of the paths under the assumptions of the scenario. In bold: {share} or "
        "more. Scenarios that move no target are left out."
    ).format(share=language.percent(material.probability))
    return Table(caption, columns, rows, (1,), note)


def _share_cell(share: float, probability: float, words: ScenarioWords) -> Text:
    written = words.share(share)
    return rich("**{share}**", share=written) if share >= probability else written


def _of_kind(target: RobustTarget, kind: str) -> HeldTarget:
    return next(each for each in target.held if each.kind == kind)


def regret_table(material: ScenariosMaterial, words: ScenarioWords) -> Table:
    """Proposed and robust target held against every scenario, with the regret of all three."""
    language = words.language
    rows: list[list[Text]] = []
    for target in material.comparison.robust:
        held = {each.kind: each for each in target.held}
        published = held.get("published")
        regrets = [
            DASH if each is None else words.about(each.most_regret[1])
            for each in (published, held["proposed"], held["robust"])
        ]
        rows.append(
            [
                target.indicator,
                words.plain(target.proposed),
                words.share(held["proposed"].least_met[1]),
                words.plain(target.robust),
                words.share(held["robust"].least_met[1]),
                words.plain(target.price),
                *regrets,
            ]
        )
    columns = [
        Column(language.gettext("Code")),
        Column(language.gettext("Proposed, reference"), "right", width=1.0),
        Column(language.gettext("met at least"), "right", width=0.8),
        Column(language.gettext("Robust"), "right", width=0.8),
        Column(language.gettext("met at least"), "right", width=0.8),
        Column(language.gettext("Price"), "right", width=0.8),
        Column(language.gettext("Regret: published"), "right", width=1.0),
        Column(language.gettext("proposed"), "right", width=1.0),
        Column(language.gettext("robust"), "right", width=0.8),
    ]
    caption = language.gettext("Each target under the scenario that is hardest on it")
    note = language.gettext(
        "Robust: the largest value that is met on {share} of the paths under every scenario. "
        "Price: what it promises less than the proposal of the reference. Regret: what a value "
        "loses at most against the best one for the same scenario, in units of the indicator; a "
        "unit missed weighs {p}, a unit that could have been promised {rest}."
    ).format(
        share=language.percent(material.probability),
        p=language.number(material.probability, 2),
        rest=language.number(1 - material.probability, 2),
    )
    return Table(caption, columns, rows, (), note)


def attribution_table(
    found: Attribution, material: ScenariosMaterial, words: ScenarioWords
) -> Table:
    """What each part adds to every key figure that the scenario moves."""
    language, names = words.language, player_names(found, words)
    moved = [
        each
        for each in found.figures
        if each.code in TELLING and words.is_visible(each.code, each.unit, each.change)
    ]
    rows: list[list[Text]] = [
        [
            words.measure(each.code, each.entity),
            words.amount(each.code, each.unit, each.reference),
            *[words.change(each.code, each.unit, own) for own in each.contributions],
            words.amount(each.code, each.unit, each.value),
        ]
        for each in moved
    ]
    columns = [
        Column(language.gettext("Key figure"), width=2.3),
        Column(words.title(material.reference), "right"),
        *[Column(name, "right", width=1.0) for name in names],
        Column(language.gettext("together"), "right"),
    ]
    caption = language.gettext("“{scenario}”, part by part").format(
        scenario=words.title(found.scenario)
    )
    return Table(caption, columns, rows)
