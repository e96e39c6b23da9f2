"""Targets in a briefing: published, the probability that they are met, proposed, and robust."""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.material import TargetMaterial
from forecasting.briefing.pages.scenario_material import ScenarioMaterial
from forecasting.briefing.words import DASH, Words
from forecasting.programmes.proposals import Proposal, probabilities_with


def targets_table(
    targets: TargetMaterial, scenarios: ScenarioMaterial | None, words: Words
) -> Table:
    """Published values beside what would be proposed, for indicators driven by the forecast."""
    language = words.language
    driven = [
        proposal
        for proposal in targets.proposals
        if proposal.draws is not None and (proposal.point == "target" or _is_open(proposal))
    ]
    is_robust = scenarios is not None and bool(scenarios.moving)
    probabilities = probabilities_with(targets.probability)
    rows = [_row(each, probabilities, scenarios if is_robust else None, words) for each in driven]
    columns = [
        Column(language.gettext("Indicator"), width=1.0),
        Column(language.gettext("Published"), "right"),
        Column(language.gettext("Probability"), "right"),
        *[Column(_name(p), "right") for p in probabilities],
        Column(language.gettext("Robust"), "right"),
        Column(language.gettext("Price"), "right"),
    ]
    if not is_robust:
        rows, columns = [row[:-2] for row in rows], columns[:-2]
    caption = language.gettext(
        "Targets of {year} in persons: published, probability, and proposals by probability"
    ).format(year=targets.headline.date.year)
    emphasis = [i for i, p in enumerate(driven) if p is targets.headline]
    note = _note(targets, scenarios if is_robust else None, words)
    return Table(caption, columns, rows, emphasis, note)


def _is_open(proposal: Proposal) -> bool:
    """Whether a value is published that the observed months alone do not meet."""
    return bool(proposal.published) and not proposal.is_fact


def _name(probability: float) -> str:
    return f"P{round(100 * probability)}"


def _row(
    proposal: Proposal,
    probabilities: Sequence[float],
    scenarios: ScenarioMaterial | None,
    words: Words,
) -> list[Text]:
    indicator, language = proposal.indicator, words.language
    label = f"{indicator.code} {words.text(indicator.label)}"
    if proposal.point == "milestone":
        label = f"{indicator.code} {words.point(proposal.point)} {proposal.date.year}"
    published = (
        language.gettext("not given")
        if proposal.published is None
        else words.count(proposal.published)
    )
    if proposal.probability is None:
        probability = DASH
    elif proposal.is_fact:
        probability = language.gettext("reached")
    else:
        probability = words.share(proposal.probability)
    proposed = [words.count(proposal.proposals[p]) for p in probabilities]
    return [
        label, published, probability, *proposed,
        *_robust(proposal, scenarios, words),
    ]  # fmt: skip


def _robust(proposal: Proposal, scenarios: ScenarioMaterial | None, words: Words) -> list[Text]:
    if scenarios is None or proposal.point != "target":
        return [DASH, DASH]
    found = scenarios.robust(proposal.indicator.code)
    if found is None:
        return [DASH, DASH]
    return [words.count(found.robust), words.count(found.price)]


def _note(targets: TargetMaterial, scenarios: ScenarioMaterial | None, words: Words) -> Text:
    headline = targets.headline
    driven = [proposal for proposal in targets.proposals if proposal.draws is not None]
    language = words.language
    n_paths = max(len(proposal.draws) for proposal in driven if proposal.draws is not None)
    sentences = [
        language.gettext(
            "{name}: attained on {share} of {n} paths; whoever applies again counts again. Other "
            "random numbers would move the {name} of {code} by about {error}."
        ).format(
            name=_name(targets.probability),
            n=words.count(n_paths),
            share=language.percent(targets.probability),
            code=headline.indicator.code,
            error=words.about(headline.sampling_error(targets.probability)),
        )
    ]
    if scenarios is not None:
        sentences.append(
            language.gettext(
                "Robust: the least {name} of the reference and of every scenario; price: how much "
                "less than the {name} that promises."
            ).format(name=_name(targets.probability))
        )
    reached = [p for p in driven if p.point == "milestone" and p.is_fact]
    if reached:
        template = language.gettext("Milestones reached: {values}.")
        values = [f"{p.indicator.code} {words.count(p.published or 0)}" for p in reached]
        sentences.append(template.format(values=language.join(values)))
    due = [proposal for proposal in driven if proposal.point == "target"]
    sentences += [_unique(total, targets.probability, words) for total in due if total.joint]
    sentences += _rule_notes(driven, words)
    return " ".join(sentences)


def _unique(total: Proposal, probability: float, words: Words) -> str:
    """Say what a total comes to with persons in both of its parts counted once."""
    lower, unique, upper = total.unique[probability]
    return words.language.gettext(
        "{code}: with persons in both parts counted once {unique} (bounds {lower} to {upper})."
    ).format(
        code=total.indicator.code,
        unique=words.count(unique),
        lower=words.count(lower),
        upper=words.count(upper),
    )


def _rule_notes(driven: list[Proposal], words: Words) -> list[str]:
    """How counting differs from the document, by indicator; a total differs as its parts do."""
    indicators = {p.indicator.code: p.indicator for p in driven if p.indicator.from_forecast}
    return [
        f"{code}: {words.text(indicator.from_forecast.note)}."
        for code, indicator in indicators.items()
        if indicator.from_forecast is not None
        and indicator.from_forecast.note is not None
        and not indicator.parts
    ]
