"""Scenarios as lines for a terminal: the list, one scenario, a comparison, an attribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forecasting.briefing.scenarios.figures import method_text, player_names
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.briefing.words import DASH
from forecasting.languages import Language
from forecasting.paths import periods_of
from forecasting.periods import format_period
from forecasting.programmes.catalogue import load_programme
from forecasting.projections.attribution import Attribution
from forecasting.projections.comparison import Comparison, Difference, RobustTarget
from forecasting.scenarios import Lever, Scenario, config_of, things_of


def scenario_words(scenario: Scenario, language: Language) -> ScenarioWords:
    """Return the words for a chain: its centres and the inputs of its programme have names."""
    chain, things = scenario.chain, {}
    if chain.programme is not None:
        inputs = load_programme(chain.programme).inputs
        things = {name: given.label[language.code] for name, given in inputs.items()}
    for centre in chain.centres:
        title = config_of(centre.config, "stocks").get("title")
        if isinstance(title, dict) and language.code in title:
            things[centre.id] = str(title[language.code])
    return ScenarioWords(language, things, synthetic=chain.is_synthetic)


def list_lines(scenarios: Sequence[Scenario], language: Language) -> Iterator[str]:
    """Write one line per scenario: id, title, and what it extends."""
    say = language.gettext
    rows = [(say("Scenario"), say("Name"), say("Extends"))]
    rows += [
        (each.id, each.title[language.code], ", ".join(each.parents) or DASH) for each in scenarios
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, title, extends in rows:
        yield f"{name:{widths[0]}}  {title:{widths[1]}}  {extends}"


def scenario_lines(scenario: Scenario, language: Language) -> Iterator[str]:
    """Write a scenario: what it assumes and why, and its levers in their order."""
    say, code = language.gettext, language.code
    yield f"{scenario.id}  {scenario.title[code]}"
    if scenario.text[code]:
        yield scenario.text[code]
    if scenario.reason[code]:
        yield say("Reason: {reason}").format(reason=scenario.reason[code])
    if scenario.author:
        yield say("Author: {name}").format(name=scenario.author)
    if scenario.parents:
        yield say("Extends: {names}").format(names=", ".join(scenario.parents))
    else:
        yield from _chain_lines(scenario, language)
    yield from lever_lines(scenario, language)


def _chain_lines(scenario: Scenario, language: Language) -> Iterator[str]:
    chain = scenario.chain
    held = {
        "programme": chain.programme,
        "flow": chain.flow,
        "centres": ", ".join(centre.id for centre in chain.centres),
        "backlog": chain.backlog,
        "caseload": chain.caseload,
        "savings": chain.savings,
    }
    yield language.gettext("What it runs through, until {month}:").format(
        month=format_period(chain.until)
    )
    for key, name in held.items():
        if name:
            yield f"  {key}: {name}"


def lever_lines(scenario: Scenario, language: Language) -> Iterator[str]:
    """Write the levers of a scenario in the order in which they are applied."""
    if not scenario.levers:
        yield language.gettext("No lever is moved: it is the reference.")
        return
    words = scenario_words(scenario, language)
    yield language.gettext("Levers, in the order in which they are applied:")
    for number, lever in enumerate(scenario.levers, start=1):
        yield f"  {number}. {words.lever(lever)}; {words.months_of(lever)}"
        yield f"     {_given(lever, scenario)}"
        yield "     " + language.gettext("source: {source}; quality: {quality}").format(
            source=words.counts.text(lever.source), quality=words.counts.quality(lever.quality)
        )


def _given(lever: Lever, scenario: Scenario) -> str:
    """Write a lever by its label, with a single value, its unit and what it acts on."""
    name = lever.label if lever.lever in lever.label else f"{lever.label}, {lever.lever}"
    single = isinstance(lever.value, int | float | str)
    value = f": {lever.value}" if single else ""
    unit = f" {lever.unit}" if single and lever.unit != "1" else ""
    things = ", ".join(t for t in things_of(lever, scenario.chain) if t not in lever.label)
    return f"{name}{value}{unit}" + (f" ({things})" if things else "")


def comparison_lines(comparison: Comparison, language: Language) -> Iterator[str]:
    """Write what each scenario changes, and the targets that survive all of them."""
    words = scenario_words(comparison.base.scenario, language)
    yield _held_text(comparison, language)
    for each in comparison.others:
        yield f"{each.scenario.id}  {words.title(each.scenario)}"
        moved = [d for d in comparison.differences[each.scenario.id] if d.is_moved]
        for difference in moved:
            yield f"  {_difference_text(difference, words)}"
        if not moved:
            yield "  " + language.gettext("the same as the reference")
    if comparison.robust:
        share = language.percent(comparison.probability)
        yield language.gettext(
            "Targets met on {share} of the paths under every scenario, and their price:"
        ).format(share=share)
    for target in comparison.robust:
        yield f"  {_robust_text(target, comparison, words)}"


def _held_text(comparison: Comparison, language: Language) -> str:
    text = language.gettext(
        "Projections under the assumptions of each scenario, no forecasts; joint sample paths: {n}"
    ).format(n=language.number(comparison.n_paths))
    arrivals = comparison.base.arrivals
    if arrivals is None:
        return text
    months = periods_of(arrivals)
    return f"{text}; {format_period(months[0])} {DASH} {format_period(months[-1])}"


def _difference_text(difference: Difference, words: ScenarioWords) -> str:
    code, unit = difference.code, difference.unit
    return words.language.gettext("{measure}: {value} (reference: {before}; {change})").format(
        measure=words.measure(code, difference.entity),
        value=words.amount(code, unit, difference.value),
        before=words.amount(code, unit, difference.reference),
        change=words.judged(difference),
    )


def _robust_text(target: RobustTarget, comparison: Comparison, words: ScenarioWords) -> str:
    language = words.language
    text = language.gettext(
        "{code}: {robust}; proposed under the reference: {proposed}; price: {price}; what binds: "
        "{binding}"
    ).format(
        code=target.indicator,
        robust=words.plain(target.robust),
        proposed=words.plain(target.proposed),
        price=words.plain(target.price),
        binding=target.binding,
    )
    published = next((each for each in target.held if each.kind == "published"), None)
    if published is None:
        return text
    name, least = published.least_met
    return (
        text
        + "; "
        + language.gettext(
            "published: {value}; share of the paths that meet it, at worst: {share} ({scenario})"
        ).format(value=words.plain(published.value), share=words.share(least), scenario=name)
    )


def attribution_lines(found: Attribution, language: Language) -> Iterator[str]:
    """Write what each part of a scenario contributes to its difference from the reference.

    A part that contributes nothing that can be written is left out.
    """
    words = scenario_words(found.scenario, language)
    names = player_names(found, words)
    yield language.gettext("“{scenario}”, part by part").format(
        scenario=words.title(found.scenario)
    )
    for each in found.figures:
        nothing = words.change(each.code, each.unit, 0.0)
        parts = [words.change(each.code, each.unit, own) for own in each.contributions]
        told = [(part, name) for part, name in zip(parts, names, strict=True) if part != nothing]
        if not told:
            continue
        yield "  " + language.gettext("{measure}: {value} (reference: {before}; {change})").format(
            measure=words.measure(each.code, each.entity),
            value=words.amount(each.code, each.unit, each.value),
            before=words.amount(each.code, each.unit, each.reference),
            change=words.change(each.code, each.unit, each.change),
        )
        for part, name in told:
            yield f"    {part}  {name}"
    yield method_text(found, words)
