"""Progress of a programme as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forecasting.briefing.words import DASH, Words
from forecasting.languages import Language
from forecasting.programmes.achieved import is_deliverable
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.progress import LIGHTS, Progress
from forecasting.programmes.progress_table import light_word, round_final, rule_text
from forecasting.programmes.quantities import quantity
from forecasting.programmes.small_counts import mark_text, withhold_small_counts
from forecasting.programmes.units import parse_unit


def progress_lines(
    programme: Programme,
    results: Sequence[Progress],
    language: Language,
    *,
    exact: bool = False,
) -> Iterator[str]:
    """Write progress for a terminal: the lights, a few lines an indicator, the rules used.

    Small counts are withheld.

    Parameters
    ----------
    programme : Programme
    results : sequence of Progress
        What `progress` returned; indicators without a value are only counted.
    language : Language
        Of the reader.
    exact : bool
        Keep small counts, marked as internal; see `small_counts.withhold_small_counts`.
    """
    words = Words(language)
    shown = withhold_small_counts(programme, results, exact=exact)
    known = [found for found in shown if found.achieved is not None or found.mark]
    yield from _summary(programme, shown, words)
    for found in known:
        yield f"{found.indicator.code}  {words.text(found.indicator.name)}"
        yield from (f"    {line}" for line in _of_indicator(found, words))
    yield from dict.fromkeys(rule_text(found, language) for found in known)


def _summary(programme: Programme, results: Sequence[Progress], words: Words) -> Iterator[str]:
    language = words.language
    known = [found for found in results if found.achieved is not None or found.mark]
    template = language.gettext(
        "{programme}, up to {date}: {n} of {all} monitored indicators have a value"
    )
    yield template.format(
        programme=words.text(programme.short_name),
        date=language.short_date(results[0].cut_off),
        n=words.count(len(known)),
        all=words.count(len(results)),
    )
    lights = [found.light for found in known]
    counted = [f"{light_word(light, language)} {lights.count(light)}" for light in LIGHTS]
    without = language.gettext("no light {n}").format(n=lights.count(None))
    yield ", ".join([*counted, without])


def _of_indicator(found: Progress, words: Words) -> Iterator[str]:
    language, value = words.language, found.achieved
    if value is None:
        yield mark_text(found, language)
        return
    template = language.gettext(
        "achieved by {date}: {value}; target by the end of {month}: {target}"
    )
    yield template.format(
        date=language.short_date(value.cut_off),
        value=amount(found, value.value, words),
        month=language.short_month(found.target_date),
        target=language.gettext("not given")
        if found.target is None
        else amount(found, found.target, words),
    )
    template = language.gettext(
        "share of the way to the target: {share}; expected: {expected}; probability: {probability}"
    )
    yield template.format(
        share=DASH if found.share is None else language.percent(found.share),
        expected=_expected(found, words),
        probability=DASH if found.probability is None else words.share(found.probability),
    )
    light = DASH if found.light is None else light_word(found.light, language)
    yield language.gettext("light: {light}").format(light=light)


def _expected(found: Progress, words: Words) -> str:
    if found.expected is None:
        return DASH
    decimals = 1 if parse_unit(found.indicator.unit).is_percent else 0
    lower, upper = (
        words.language.number(round_final(found, value) or 0.0, decimals)
        for value in (found.lower, found.upper)
    )
    return words.language.gettext("{median} ({lower} to {upper})").format(
        median=amount(found, round_final(found, found.expected) or 0.0, words),
        lower=lower,
        upper=upper,
    )


def amount(found: Progress, value: float, words: Words) -> str:
    """Write a value with its unit; of a deliverable whether it is done."""
    if is_deliverable(found.indicator):
        done, open_ = words.language.gettext("done"), words.language.gettext("not done")
        return done if value else open_
    return words.quantity(quantity(value, found.indicator.unit))
