"""The paragraphs on the way from published to net, and on what would settle it."""

from __future__ import annotations

from decimal import Decimal

from forecasting.briefing.blocks import Text, rich
from forecasting.briefing.savings.material import SavingsMaterial
from forecasting.briefing.savings.words import SavingsWords

SIMILAR = Decimal("0.25")
"""Difference from the published sum, over it, within which another one is called near it."""


def bridge_text(material: SavingsMaterial, words: SavingsWords) -> Text:
    """Say which errors of the published sum cancel, and why agreement proves nothing."""
    language, bridge = words.language, material.bridge
    up = [step.name for step in bridge.steps if step.change > 0]
    down = [step.name for step in bridge.steps if step.change < 0]
    if not up or not down:
        return language.gettext("All steps go in one direction; none cancels another.")
    return rich(
        language.gettext(
            "**Errors that cancel.** Upwards: {up}, together {raised}. Downwards: {down}, together "
            "{lowered}. Of all that moves, {share} cancels. {agreement}"
        ),
        up=language.join([words.step(name, material.horizon) for name in up]),
        raised=words.signed(bridge.raised),
        down=language.join([words.step(name, material.horizon) for name in down]),
        lowered=words.signed(bridge.lowered),
        share=language.percent(bridge.cancelled_share),
        agreement=_agreement(material, words),
    )


def _agreement(material: SavingsMaterial, words: SavingsWords) -> str:
    """Say that a similar sum is no evidence, and which one is similar if one is."""
    language, published = words.language, material.published_eur
    sums = {
        language.gettext("gross"): material.gross.mean,
        language.gettext("net"): material.net.mean,
    }
    name, nearest = min(sums.items(), key=lambda item: abs(item[1] - published))
    if abs(nearest - published) > SIMILAR * published:
        return language.gettext(
            "A sum near the published one would be no evidence for it: one other assumption moves "
            "it away."
        )
    return language.gettext(
        "That {name} ({nearest}) comes near the published sum ({published}) is therefore by chance "
        "and no evidence for either: one other assumption ends it."
    ).format(name=name, nearest=words.million(nearest), published=words.million(published))


def matters_text(material: SavingsMaterial, words: SavingsWords) -> Text:
    """Say which assumptions matter most."""
    language = words.language
    first, *others = material.sobol
    swing = next(s for s in material.tornado.swings if s.name == first.name)
    second = ""
    if others:
        second = language.gettext("Next comes “{name}” with {share}.").format(
            name=words.assumption(others[0].name, material.run.plan.assumed),
            share=language.percent(others[0].total_order),
        )
    return rich(
        language.gettext(
            "**Most depends on “{name}”**: with its interactions it explains {share} of the "
            "variance of the net savings. At {low} they are EUR {at_low} million, at {high} EUR "
            "{at_high} million. {second}"
        ),
        name=words.assumption(first.name, material.run.plan.assumed),
        share=language.percent(first.total_order),
        low=words.value(swing.name, swing.low),
        at_low=words.fine(swing.net_at_low),
        high=words.value(swing.name, swing.high),
        at_high=words.fine(swing.net_at_high),
        second=second,
    )


def evidence_texts(material: SavingsMaterial, words: SavingsWords) -> list[Text]:
    """Say what evidence would tell the assumptions that matter, the most important first."""
    by_evidence: dict[str, list[str]] = {}
    for index in material.sobol:
        evidence = words.evidence(index.name)
        if evidence:
            by_evidence.setdefault(evidence, []).append(
                words.assumption(index.name, material.run.plan.assumed)
            )
    template = words.language.gettext("**{names}.** {evidence}")
    return [
        rich(template, names=_capital(words.language.join(names)), evidence=evidence)
        for evidence, names in by_evidence.items()
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
