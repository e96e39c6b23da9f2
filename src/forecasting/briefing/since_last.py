"""The first line: what changed since the last briefing, and whether its forecast was right."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from forecasting.archive.former import FormerRun
from forecasting.briefing.blocks import Paragraph, Run, Text, rich
from forecasting.briefing.material import Material
from forecasting.briefing.words import Words
from forecasting.programmes.proposals import Proposal


def since_last(material: Material) -> Paragraph:
    """Say what changed since the last briefing of the archive, and whether its forecast was right.

    Where none is held, the same method a year ago stands in for it.
    """
    words, last = Words(material.language), material.former.last
    if last is None:
        return _paragraph([_first(material, words), verdict(material.past_ratio, words)])
    said = [
        _news(material, last, words),
        _revised(material.former.revised, words),
        *_moved(material, last, words),
    ]
    if material.former.scored:
        scored = material.former.scored[0]
        said += [_hit(scored, words), verdict(scored.ratio, words)]
    return _paragraph(said)


def verdict(ratio: float | None, words: Words) -> Text:
    """Say whether a forecast was better than the random walk from the same origin."""
    language = words.language
    if ratio is None:
        return rich(language.gettext("The random walk was exact, so that there is no comparison."))
    share = language.percent(ratio)
    if ratio > 1:
        template = language.gettext("**Worse than the random walk** ({share} of its error).")
        return rich(template, share=share)
    return rich(
        language.gettext("Better than the random walk ({share} of its error)."),
        share=share,
    )


def _paragraph(sentences: list[Text]) -> Paragraph:
    runs: list[Run] = []
    for sentence in sentences:
        own = rich("{text}", text=sentence) if isinstance(sentence, str) else sentence
        runs += [*([Run(" ")] if runs else []), *own]
    return Paragraph(tuple(runs))


def _first(material: Material, words: Words) -> Text:
    language, past = words.language, material.past
    template = language.gettext(
        "**No former briefing is in the archive.** The same method a year ago forecast {median} "
        "for the {n} months since ({range}); {counted} were counted."
    )
    return rich(
        template,
        n=str(len(past.counted)),
        median=words.about(past.total.median),
        range=words.range(past.total),
        counted=words.count(float(past.counted.sum())),
    )


def _news(material: Material, last: FormerRun, words: Words) -> Text:
    language, n = words.language, len(last.months)
    made = language.date(last.made.date())
    if not n:
        template = language.gettext("**Since the last briefing** ({made}) no month was added.")
        return rich(template, made=made)
    template = language.ngettext(
        "**Since the last briefing** ({made}) {n} month was added, to {month}.",
        "**Since the last briefing** ({made}) {n} months were added, to {month}.",
        n,
    )
    return rich(template, made=made, n=str(n), month=language.month(material.summary.origin))


def _revised(revised: pd.DataFrame | None, words: Words) -> Text:
    """Say which earlier figures are others now than in the last briefing."""
    language = words.language
    if revised is None:
        return language.gettext("Earlier months may have been revised.")
    if revised.empty:
        return language.gettext("No earlier month was revised.")
    most = int(np.argmax(np.abs(revised["now"] - revised["then"])))
    return language.ngettext(
        "{n} earlier month was revised: {month}, {then} to {now}.",
        "{n} earlier months were revised, {month} the most: {then} to {now}.",
        len(revised),
    ).format(
        n=len(revised),
        month=language.month(revised.index[most]),
        then=words.count(float(revised["then"].iloc[most])),
        now=words.count(float(revised["now"].iloc[most])),
    )


def _moved(material: Material, last: FormerRun, words: Words) -> Iterator[Text]:
    """What the new figures did to the target, or where there is none to the forecast."""
    if material.targets is not None:
        yield from _moved_target(material, material.targets.headline, words)
        return
    month = material.result.origin + 12
    then = last.ahead[last.ahead.index == month]
    if len(then):
        yield words.language.gettext("The median for {month} went from {then} to {now}.").format(
            month=words.language.month(month),
            then=words.about(float(then.iloc[0])),
            now=words.about(float(material.summary.median[11])),
        )


def _moved_target(material: Material, headline: Proposal, words: Words) -> Iterator[Text]:
    language, held = words.language, material.former.targets
    own = held[(held["indicator"] == headline.indicator.code) & (held["point"] == headline.point)]
    same = own[own["published"] == headline.published]
    if len(same) and headline.reached is None and headline.probability is not None:
        yield language.gettext(
            "The probability of the published target went from {then} to {now}."
        ).format(
            then=words.share(float(same["published_probability"].iloc[0])),
            now=words.share(headline.probability),
        )
    proposed = own[(own["probability"] - material.probability).abs() < 1e-9]
    if len(proposed):
        yield language.gettext("The proposal (P{p}) went from {then} to {now}.").format(
            p=round(100 * material.probability),
            then=words.count(float(proposed["value"].iloc[0])),
            now=words.count(headline.proposals[material.probability]),
        )


def _hit(run: FormerRun, words: Words) -> Text:
    """Say how the newest forecast that can be judged did: its months, and the last of them."""
    language, newest = words.language, run.months.iloc[-1]
    template = language.gettext(
        "**The last forecast:** {share} months within its {level}; {month}: {median} forecast, "
        "{counted} counted."
    )
    return rich(
        template,
        share=f"{run.inside}/{len(run.months)}",
        level=language.percent(0.8),
        month=language.short_month(run.months.index[-1]),
        median=words.about(float(newest["median"])),
        counted=words.count(float(newest["outturn"])),
    )
