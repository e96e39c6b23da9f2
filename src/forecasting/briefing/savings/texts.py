"""The paragraphs of the report on savings, written from its numbers."""

from __future__ import annotations

from forecasting.briefing.blocks import Text, Tile, Tiles, rich
from forecasting.briefing.savings.material import SavingsMaterial
from forecasting.briefing.savings.words import HIGH, LOW, SavingsWords
from forecasting.savings.cohorts import overlaps
from forecasting.savings.outcomes import Outcome


def estimate_text(outcome: Outcome, material: SavingsMaterial, words: SavingsWords) -> str:
    """Write mean and 80 % interval with their unit: "EUR 1.0 million (80%: 0.4 to 1.6)"."""
    if not material.is_uncertain:
        return words.euros_million(outcome.mean)
    return f"{words.euros_million(outcome.mean)} ({interval_text(outcome, words)})"


def interval_text(outcome: Outcome, words: SavingsWords) -> str:
    """Write the 80 % interval in millions with its level: "80%: 0.4 to 1.6"."""
    low, high = outcome.quantiles[LOW], outcome.quantiles[HIGH]
    return words.language.gettext("{level}: {lower} to {upper}").format(
        level=words.language.percent(0.8), lower=words.million(low), upper=words.million(high)
    )


def detail_title(material: SavingsMaterial, words: SavingsWords) -> str:
    """Name what an interval holds: "80% of the draws"; nothing where nothing is uncertain."""
    if not material.is_uncertain:
        return ""
    return words.language.gettext("{level} of the draws").format(level=words.language.percent(0.8))


def chance_text(outcome: Outcome, words: SavingsWords, *, is_open: bool) -> str:
    """Write the probability that a saving covers the cost; yes or no where nothing is uncertain."""
    if is_open:
        return words.share(outcome.p_covers_cost)
    return words.language.gettext("yes") if outcome.p_covers_cost else words.language.gettext("no")


def covered_text(material: SavingsMaterial, words: SavingsWords) -> str:
    """Say in a few words whether the cost is covered: "probability of covering it: ..."."""
    template = words.language.gettext("covered: gross {gross}, net {net}")
    if material.is_uncertain:
        template = words.language.gettext("probability of covering it: gross {gross}, net {net}")
    gross, net = (
        chance_text(outcome, words, is_open=material.is_uncertain)
        for outcome in (material.gross, material.net)
    )
    return template.format(gross=gross, net=net)


def tiles(material: SavingsMaterial, words: SavingsWords) -> Tiles:
    """Set the published sum beside gross, net and the cost."""
    language, million = words.language, words.language.gettext("EUR million")
    gross, net = material.gross, material.net
    items = [
        Tile(
            language.gettext("published, {unit}").format(unit=million),
            words.million(material.published_eur),
            language.gettext("months counted: {n}").format(n=material.horizon),
        ),
        Tile(
            language.gettext("gross, {unit}").format(unit=million),
            words.million(gross.mean),
            interval_text(gross, words) if material.is_uncertain else "",
        ),
        Tile(
            language.gettext("net, {unit}").format(unit=million),
            words.million(net.mean),
            interval_text(net, words) if material.is_uncertain else "",
        ),
        Tile(
            language.gettext("cost, {unit}").format(unit=million),
            words.million(material.cost),
            covered_text(material, words),
        ),
    ]
    return Tiles(items)


def answer_texts(material: SavingsMaterial, words: SavingsWords) -> list[Text]:
    """Say what is saved, gross and net, whether that covers the cost, and what it rests on."""
    return [*verdict_texts(material, words), *_basis(material, words)]


def _basis(material: SavingsMaterial, words: SavingsWords) -> list[Text]:
    """Say which assumptions matter most, and the note of the configuration."""
    note = words.note(material.run.plan.config.note)
    if material.net_varies:
        return [most_text(material, note, words)]
    template = words.language.gettext("**What this rests on.** {note}")
    return [rich(template, note=note)] if note else []


def most_text(material: SavingsMaterial, note: str, words: SavingsWords) -> Text:
    """Name the two assumptions that swing the net savings most, and say something of them."""
    language, widest = words.language, material.tornado.swings[:2]
    names = [words.assumption(swing.name, material.run.plan.assumed) for swing in widest]
    quoted = language.join([language.gettext("“{name}”").format(name=name) for name in names])
    template = language.gettext("**Most depends on {names}.** {note}")
    return rich(template, names=quoted, note=note)


def verdict_texts(material: SavingsMaterial, words: SavingsWords) -> list[Text]:
    """Say what is published, what is left of it, and whether that covers the cost."""
    language = words.language
    return [
        rich(
            language.gettext("**Published: {euros}** in {n} months. {note}"),
            euros=words.euros(material.published_eur),
            n=str(material.published.plan.config.horizon_months),
            note=words.note(material.published.plan.config.note),
        ),
        rich(
            language.gettext(
                "**With all assumptions: gross {gross}, net {net}.** Gross is what all who "
                "leave save, net what they save because of the programme. {how}"
            ),
            gross=estimate_text(material.gross, material, words),
            net=estimate_text(material.net, material, words),
            how=_how(material, words),
        ),
        _cost_text(material, words),
    ]


def short_text(material: SavingsMaterial, words: SavingsWords) -> Text:
    """Say in a few sentences what is published, gross and net, and whether it covers the cost."""
    language = words.language
    template = language.gettext(
        "**{name}.** Published {published}; with all assumptions gross {gross}, net {net}. Gross "
        "is what all who leave save, net what they save because of the programme. The cost is "
        "{cost} ({covered}). {how}"
    )
    return rich(
        template,
        name=words.name(material.run.plan.config.title, material.run.plan.name),
        published=words.euros(material.published_eur),
        gross=estimate_text(material.gross, material, words),
        net=estimate_text(material.net, material, words),
        cost=words.euros_million(material.cost),
        covered=covered_text(material, words),
        how=_how(material, words),
    )


def _how(material: SavingsMaterial, words: SavingsWords) -> str:
    language = words.language
    if not material.is_uncertain:
        return language.gettext("A projection under stated assumptions, no forecast.")
    return language.gettext(
        "Means of {n} draws of the assumptions: a projection, no forecast."
    ).format(n=words.counts.count(material.n_draws))


def _cost_text(material: SavingsMaterial, words: SavingsWords) -> Text:
    language = words.language
    generous = ""
    if material.most_generous < material.cost:
        generous = language.gettext(
            "Even if all counted left as their period begins, nobody came back and nobody would "
            "have left anyway, {most} would be saved by month {n}."
        ).format(most=words.euros_million(material.most_generous), n=material.horizon)
    template = language.gettext(
        "**The cost of {cost} is covered with probability {gross} gross and {net} net** within "
        "{n} months. {generous}"
    )
    if not material.is_uncertain:
        template = language.gettext(
            "**The cost of {cost} is covered within {n} months: gross {gross}, net {net}.** "
            "{generous}"
        )
    return rich(
        template,
        cost=words.euros_million(material.cost),
        gross=chance_text(material.gross, words, is_open=material.is_uncertain),
        net=chance_text(material.net, words, is_open=material.is_uncertain),
        n=str(material.horizon),
        generous=generous,
    )


def overlap_text(material: SavingsMaterial, words: SavingsWords) -> str:
    """Say which cohorts overlap in time; nothing where none do."""
    pairs = overlaps(material.run.plan.cohorts)
    if not pairs:
        return ""
    labels = dict.fromkeys(label for pair in pairs for label in pair)
    return words.language.gettext(
        "The periods {labels} overlap; each is counted whole, so nobody may stand in two of them."
    ).format(labels=words.language.join(list(labels)))
