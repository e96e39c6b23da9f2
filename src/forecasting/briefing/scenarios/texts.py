"""The paragraphs of the report on scenarios, written from its numbers."""

from __future__ import annotations

from forecasting.briefing.blocks import Text, rich
from forecasting.briefing.scenarios.material import TELLING, ScenariosMaterial
from forecasting.briefing.scenarios.words import ScenarioWords
from forecasting.projections.comparison import RobustTarget


def title_text(material: ScenariosMaterial, words: ScenarioWords) -> str:
    """Say how many targets stand under every scenario, and what moves most."""
    language = words.language
    if material.published:
        return language.gettext("Targets that stand in every scenario: {n} of {all}").format(
            n=language.number(len(material.surviving)), all=language.number(len(material.published))
        )
    return language.gettext("Scenarios beside the reference: {n}").format(
        n=language.number(len(material.scenarios) - 1)
    )


def answer_texts(material: ScenariosMaterial, words: ScenarioWords) -> list[Text]:
    """Say what the reference says, what moves it most, which targets stand, and at what price."""
    found = [
        _reference_text(material, words),
        _movers_text(material, words),
        _survival_text(material, words),
        _robust_text(material, words),
    ]
    return [text for text in found if text is not None]


def _reference_text(material: ScenariosMaterial, words: ScenarioWords) -> Text:
    language, months = words.language, material.months
    told = [
        language.gettext("{measure}: {value}").format(
            measure=words.measure(*key), value=words.figure(figure)
        )
        for key in material.keys(("applications_total", "over_capacity", "wait_months"))
        if (figure := material.figure(material.reference.id, *key)) is not None
    ]
    return rich(
        language.gettext("**Reference, {start} to {end}.** {told}."),
        start=language.short_month(months[0]),
        end=language.short_month(months[-1]),
        told="; ".join(told),
    )


def _movers_text(material: ScenariosMaterial, words: ScenarioWords) -> Text | None:
    """Name the scenario that moves each key figure most."""
    language, told = words.language, []
    for key in material.keys(TELLING):
        mover = material.mover(key)
        found = None if mover is None else material.difference(mover, *key)
        if mover is None or found is None or key[0] == "over_capacity":
            continue
        told.append(
            language.gettext("{measure}: “{scenario}” ({change})").format(
                measure=words.measure(*key),
                scenario=words.title(material.scenarios[mover]),
                change=words.judged(found),
            )
        )
    if not told:
        return None
    return rich(language.gettext("**What moves most.** {told}."), told="; ".join(told))


def _survival_text(material: ScenariosMaterial, words: ScenarioWords) -> Text | None:
    language = words.language
    if not material.published:
        return None
    share = language.percent(material.probability)
    stands = [target.indicator for target in material.surviving]
    fails = [
        language.gettext("{code}: {share} under “{scenario}”").format(
            code=target.indicator,
            share=words.share(target.held[0].least_met[1]),
            scenario=words.title(material.scenarios[target.held[0].least_met[0]]),
        )
        for target in material.published
        if target not in material.surviving
    ]
    if not stands:
        start = language.gettext("**No published target is met on {share} of the paths or more "
                                 "under every scenario.** {fails}")  # fmt: skip
    elif not fails:
        start = language.gettext("**Every published target is met on {share} of the paths or more "
                                 "under every scenario:** {codes}.")  # fmt: skip
    else:
        start = language.gettext("**Met on {share} of the paths or more under every scenario: "
                                 "{codes}.** The others at worst: {fails}")  # fmt: skip
    return rich(
        start,
        share=share,
        codes=language.join(stands) if stands else "",
        fails="; ".join(fails) + "." if fails else "",
    )


def _robust_text(material: ScenariosMaterial, words: ScenarioWords) -> Text | None:
    language, robust = words.language, material.comparison.robust
    if not robust:
        return None
    told = [_price_text(target, words) for target in robust]
    binding = dict.fromkeys(words.title(material.scenarios[t.binding]) for t in robust)
    return rich(
        language.gettext(
            "**Targets that survive all, and their price.** Met on {share} of the paths under "
            "every scenario: {told}. What binds: {binding}."
        ),
        share=language.percent(material.probability),
        told="; ".join(told),
        binding=language.join(list(binding)),
    )


def _price_text(target: RobustTarget, words: ScenarioWords) -> str:
    return words.language.gettext("{code} {robust} ({price} less than proposed)").format(
        code=target.indicator,
        robust=words.plain(target.robust),
        price=words.plain(target.price),
    )


def spread_text(material: ScenariosMaterial, words: ScenarioWords) -> Text | None:
    """Say how far the differences of the nights and of the applications are apart on the paths."""
    language, told = words.language, []
    for key in material.keys(("nights_without_place", "applications_total")):
        mover = material.mover(key)
        found = None if mover is None else material.difference(mover, *key)
        if mover is not None and found is not None:
            told.append(
                language.gettext("{measure} under “{scenario}”: {spread}").format(
                    measure=words.measure(*key),
                    scenario=words.title(material.scenarios[mover]),
                    spread=words.spread_of(found),
                )
            )
    if not told:
        return None
    return rich(
        language.gettext(
            "**Differences on the same path.** Scenario and reference share their random numbers. "
            "On four of five paths they differ by: {told}."
        ),
        told="; ".join(told),
    )


def brackets_text(material: ScenariosMaterial, words: ScenarioWords) -> Text:
    """Say how the tables of key figures are to be read, and which scenarios are in none."""
    language = words.language
    text = language.gettext(
        "In brackets the change from the reference, and whether it is for the better. Nights and "
        "amounts in EUR are means over the paths, shares are shares of the paths, all else are "
        "medians."
    )
    if not material.unmoved:
        return text
    names = [words.title(material.scenarios[name]) for name in material.unmoved]
    return words.noted(
        text,
        language.gettext("No figure differs from the reference under: {names}.").format(
            names=language.join(names)
        ),
    )


def hardest_text(material: ScenariosMaterial, words: ScenarioWords) -> Text:
    """Name the scenarios that are hardest on the targets."""
    least: dict[str, list[str]] = {}
    most: dict[str, list[str]] = {}
    for target in material.comparison.robust:
        held = {each.kind: each for each in target.held}
        least.setdefault(held["proposed"].least_met[0], []).append(target.indicator)
        most.setdefault(held["robust"].most_regret[0], []).append(target.indicator)
    return rich(
        words.language.gettext(
            "**What is hardest on them.** The proposed value is met least under {least}; the "
            "robust one is regretted most under {most}."
        ),
        least=_with_codes(least, material, words),
        most=_with_codes(most, material, words),
    )


def _with_codes(
    found: dict[str, list[str]], material: ScenariosMaterial, words: ScenarioWords
) -> str:
    """Write scenarios, each with the codes of the indicators it stands for unless it is alone."""
    written = []
    for name, codes in found.items():
        title = words.title(material.scenarios[name])
        template = words.language.gettext("“{scenario}” ({codes})")
        if len(found) == 1:
            template = words.language.gettext("“{scenario}”")
        written.append(template.format(scenario=title, codes=", ".join(codes)))
    return words.language.join(written)


def wording_texts(material: ScenariosMaterial, words: ScenarioWords) -> list[Text]:
    """Say what a projection is, what its shares mean, and what the figures rest on."""
    language = words.language
    texts: list[Text] = [
        rich(
            language.gettext(
                "**Projections, not forecasts.** A scenario says what would follow if its "
                "assumptions came true. It has no probability of its own, and nothing here says "
                "which scenario is the likely one. “Met on {share} of the paths” means: on so many "
                "of the {n} joint sample paths, under the assumptions of the scenario."
            ),
            share=language.percent(material.probability),
            n=language.number(material.comparison.n_paths),
        ),
        rich(
            language.gettext(
                "**Better and worse.** Fewer persons without a place, shorter waiting, fewer "
                "recipients, less expenditure, larger savings and targets met count as better. "
                "Applications and persons present are neither."
            )
        ),
    ]
    ends = _ends_text(material, words)
    if ends is not None:
        texts.append(ends)
    if material.is_synthetic:
        texts.append(
            rich(
                language.gettext(
                    "**Synthetic figures.** Recipients and expenditure rest on a synthetic "
                    "demonstration series, not on observed figures; the path of the differences "
                    "is an illustration."
                )
            )
        )
    return texts


def _ends_text(material: ScenariosMaterial, words: ScenarioWords) -> Text | None:
    """Say what "at the end" means."""
    language = words.language
    ends = [
        (language.gettext("waiting"), material.end_of_waiting),
        (language.gettext("recipients"), material.end_of_caseload),
    ]
    told = [f"{name}: {language.month(month)}" for name, month in ends if month is not None]
    if not told:
        return None
    return rich(
        language.gettext("**At the end** means the last month projected: {told}."),
        told="; ".join(told),
    )
