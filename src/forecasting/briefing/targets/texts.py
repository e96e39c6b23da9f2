"""The paragraphs of the report on targets, written from its numbers."""

from __future__ import annotations

from forecasting.briefing.blocks import Text, Tile, Tiles, rich
from forecasting.briefing.targets.material import TargetsMaterial
from forecasting.briefing.targets.words import TargetWords
from forecasting.programmes.proposal import Proposal
from forecasting.programmes.reliability import read_attainment, tested_for
from forecasting.scenarios import Scenario


def title_text(material: TargetsMaterial, words: TargetWords) -> str:
    """Say how many published targets are likely to be met."""
    language = words.language
    if not material.judged:
        return language.gettext("The document gives no target that a probability could be given to")
    if material.scenario is not None and material.is_projection:
        return language.gettext(
            "“{scenario}”: targets reached on {share} of the paths or more: {n} of {all}"
        ).format(
            scenario=words.counts.text(material.scenario.title),
            share=language.percent(material.probability),
            n=language.number(len(material.likely)),
            all=language.number(len(material.judged)),
        )
    return language.gettext(
        "Targets that will be reached with a probability of {share} or more: {n} of {all}"
    ).format(
        share=language.percent(material.probability),
        n=language.number(len(material.likely)),
        all=language.number(len(material.judged)),
    )


def kind_text(material: TargetsMaterial, words: TargetWords) -> str:
    """Name the sort of document, and say where it is a projection."""
    kind = words.language.gettext("Proposed targets")
    return f"{kind} · {words.language.gettext('projection')}" if material.is_projection else kind


def tiles(material: TargetsMaterial, words: TargetWords) -> Tiles:
    """Count the indicators, the proposals and the likely targets."""
    language = words.language
    all_codes = {each.indicator.code for each in material.proposals}
    proposed = {each.indicator.code for each in material.proposed}
    share = language.percent(material.probability)
    return Tiles(
        [
            Tile(language.gettext("indicators"), language.number(len(all_codes))),
            Tile(language.gettext("with a proposal"), language.number(len(proposed))),
            Tile(
                language.gettext("published targets with a probability"),
                language.number(len(material.judged)),
            ),
            Tile(
                language.gettext("of these {share} or more").format(share=share),
                language.number(len(material.likely)),
            ),
        ]
    )


def answer_texts(material: TargetsMaterial, words: TargetWords) -> list[Text]:
    """Say what holds, what would be proposed for the headline, and what that rests on."""
    texts: list[Text] = []
    if material.scenario is not None:
        texts.append(_scenario_text(material, material.scenario, words))
    head = _headline(material)
    if head is not None:
        texts.append(_headline_text(head, material, words))
    if material.judged:
        texts.append(_ends_text(material, words))
    texts.append(_basis_text(material, words))
    return texts


def _scenario_text(material: TargetsMaterial, scenario: Scenario, words: TargetWords) -> Text:
    language = words.language
    title = words.counts.text(scenario.title)
    if not material.is_projection:
        return rich(
            language.gettext(
                "**The scenario “{scenario}” changes nothing here.** It moves nothing that these "
                "indicators follow from; the values are those of the reference."
            ),
            scenario=title,
        )
    return rich(
        language.gettext(
            "**A projection, no forecast.** All values that follow from applications hold under "
            "the assumptions of the scenario “{scenario}”; how probable these are, is not said. A "
            "probability is here the share of the paths on which a value is reached under them."
        ),
        scenario=title,
    )


def _headline(material: TargetsMaterial) -> Proposal | None:
    code = material.programme.headline
    return next((each for each in material.judged if each.indicator.code == code), None)


def _headline_text(head: Proposal, material: TargetsMaterial, words: TargetWords) -> Text:
    language, p = words.language, material.probability
    template = language.gettext(
        "**{code}, {name}: {published} published, {proposed} would be proposed** for a probability "
        "of {share}. The published value: {chance}."
    )
    return rich(
        template,
        code=head.indicator.code,
        name=words.counts.text(head.indicator.label),
        published=words.published(head),
        proposed=words.value(head.proposals[p], head.indicator.unit),
        share=language.percent(p),
        chance=words.chance(head),
    )


def _ends_text(material: TargetsMaterial, words: TargetWords) -> Text:
    language = words.language
    ordered = sorted(material.judged, key=lambda each: each.probability or 0.0)
    least, most = ordered[0], ordered[-1]
    return rich(
        language.gettext(
            "**Least likely: {low} ({low_chance}); most likely: {high} ({high_chance}).** Where "
            "the plan is all that is known, the published value is that plan, and its probability "
            "is the chance that all of it is delivered."
        ),
        low=least.indicator.code,
        low_chance=words.chance(least),
        high=most.indicator.code,
        high_chance=words.chance(most),
    )


def _basis_text(material: TargetsMaterial, words: TargetWords) -> Text:
    language = words.language
    if not material.proposed:
        return rich(
            language.gettext(
                "**Nothing can be proposed.** A proposal needs a number in the document or a "
                "forecast that drives the indicator; this programme has neither."
            )
        )
    return rich(
        language.gettext(
            "**What this rests on.** {n} joint sample paths, the same for all indicators: what "
            "goes wrong on a path strikes all operations more or less. {forecast}"
        ),
        n=language.number(len(material.proposed[0].draws)),  # type: ignore[arg-type]
        forecast=_forecast_sentence(material, words),
    )


def _forecast_sentence(material: TargetsMaterial, words: TargetWords) -> str:
    language, result = words.language, material.result
    if result is None or not any(each.driver == "forecast" for each in material.proposed):
        return language.gettext("No indicator follows from a forecast.")
    if material.is_projection:
        return language.gettext(
            "Applications are observed until {month}; from then on they are projected under the "
            "scenario."
        ).format(month=language.month(result.origin))
    return language.gettext(
        "Applications are observed until {month} and forecast from then on."
    ).format(month=language.month(result.origin))


def reliability_text(material: TargetsMaterial, words: TargetWords) -> Text | None:
    """Say how often forecast targets of that probability were met in the past."""
    result = material.result
    if result is None or not any(each.driver == "forecast" for each in material.proposed):
        return None
    if material.is_projection:
        return words.language.gettext(
            "**Not tested on the past.** How often targets were met is known of forecasts; "
            "projections under a scenario have no such record."
        )
    record = read_attainment()
    if material.probability not in {entry.probability for entry in record}:
        return None
    tested = tested_for(record, material.probability, result.paths.sizes["period"])
    language = words.language
    return rich(
        language.gettext(
            "**Tested on the past.** Of {cases} targets set for {asked} over {n} months from "
            "forecasts, {met} were met. The probabilities of plans, rates and paces have not been "
            "tested: no record of realised plans is held."
        ),
        cases=language.number(tested.cases),
        asked=language.percent(material.probability),
        n=language.number(tested.window_months),
        met=language.percent(tested.met),
    )
