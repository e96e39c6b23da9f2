"""Targets as lines for a terminal: what is published, how it arises, what would be proposed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from forecasting.briefing.targets.words import TargetWords
from forecasting.briefing.words import DASH, Words
from forecasting.forecasts import Forecast
from forecasting.languages import Language
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.derivation import forecast_trace, published_trace
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.quantity_text import format_exact
from forecasting.programmes.reliability import tested_probabilities
from forecasting.programmes.units import parse_unit


def target_lines(
    programme: Programme, proposals: Sequence[Proposal], language: Language, result: Forecast | None
) -> Iterator[str]:
    """Write proposals for a terminal: what they rest on, then a few lines each.

    `result` is the forecast they were made from; None where no indicator follows from one.
    """
    words = Words(language)
    yield from _basis(proposals, words, result)
    for proposal in proposals:
        indicator = proposal.indicator
        name = words.text(indicator.name)
        yield f"{indicator.code} {words.point(proposal.point)} {proposal.date.year}  {name}"
        yield from (f"    {line}" for line in _published(programme, proposal, words))
        yield from (f"    {line}" for line in _forecast(programme, proposal, words))
    yield _agreement(proposals, words)


def _basis(proposals: Sequence[Proposal], words: Words, result: Forecast | None) -> Iterator[str]:
    language, version = words.language, proposals[0].version
    if result is None:
        template = language.gettext(
            "programme version {version} of {date}; no indicator follows from a forecast"
        )
        yield template.format(version=version.version, date=language.date(version.date))
        return
    template = language.gettext(
        "programme version {version} of {date}; {source}, last month {origin}; {n} paths"
    )
    yield template.format(
        version=version.version,
        date=language.date(version.date),
        source=result.series.source,
        origin=language.month(result.origin),
        n=words.count(result.paths.sizes["path"]),
    )
    tested = tested_probabilities(result.paths.sizes["period"])
    template = language.gettext("tested on the past over {months} months: {shares}")
    yield template.format(
        months=tested[0].window_months,
        shares=", ".join(f"P{100 * e.probability:g} {language.percent(e.met)}" for e in tested),
    )


def _agreement(proposals: Sequence[Proposal], words: Words) -> str:
    """Say which published values their inputs give, and which not."""
    language = words.language
    derived = [proposal for proposal in proposals if proposal.difference is not None]
    moved = [
        f"{p.indicator.code} {words.point(p.point)} {words.count(p.difference)}"
        for p in derived
        if p.difference
    ]
    template = language.gettext(
        "{agree} of {n} published values with a calculation come out exactly; different: {moved}"
    )
    return template.format(
        agree=len(derived) - len(moved), n=len(derived), moved=", ".join(moved) or DASH
    )


def _published(programme: Programme, proposal: Proposal, words: Words) -> Iterator[str]:
    language = words.language
    value = language.gettext("not given")
    if proposal.published is not None:
        exact = format_exact(Fraction(str(proposal.published)), language)
        is_percent = parse_unit(proposal.indicator.unit).is_percent
        value = exact + language.percent_sign if is_percent else exact
    trace = published_trace(programme, proposal.indicator, proposal.point, language)
    yield language.gettext("published: {value}").format(value=value)
    yield language.gettext("calculation: {trace}").format(
        trace=trace or language.gettext("not given in the document")
    )
    if proposal.difference:
        yield language.gettext("the inputs give {value}: a difference of {difference}").format(
            value=words.count(proposal.rederived or 0),
            difference=words.count(proposal.difference),
        )


def _forecast(programme: Programme, proposal: Proposal, words: Words) -> Iterator[str]:
    language = words.language
    if proposal.draws is None or proposal.persons is None:
        yield from _plan(proposal, TargetWords(language))
        return
    trace = forecast_trace(programme, proposal.indicator, proposal.persons, language)
    if trace:
        yield language.gettext("from the forecast: {trace}").format(trace=trace)
    if proposal.probability is not None:
        met = language.gettext("has been reached")
        if not proposal.is_fact:
            met = words.share(proposal.probability)
        template = language.gettext("probability of the published value: {share}; passed: {when}")
        yield template.format(share=met, when=words.passing(proposal))
    yield _proposals(proposal, words)


def _plan(proposal: Proposal, words: TargetWords) -> Iterator[str]:
    """Write what an indicator rests on that no forecast drives, or why nothing is proposed."""
    language = words.language
    if proposal.unproposed:
        reason = words.unproposed(proposal.unproposed)
        yield language.gettext("no proposal: {reason}").format(reason=reason)
    elif proposal.draws is None:
        yield language.gettext("does not follow from this forecast")
    else:
        driver = words.driver(proposal.indicator)
        yield language.gettext("driven by: {driver}").format(driver=driver)
        if proposal.probability is not None:
            template = language.gettext("probability of the published value: {share}")
            yield template.format(share=words.chance(proposal))
        yield _proposals(proposal, words.counts)


def _proposals(proposal: Proposal, words: Words) -> str:
    proposed = [
        f"P{100 * p:g} {words.count(value)} ({words.share(proposal.attained[p])})"
        for p, value in proposal.proposals.items()
    ]
    template = words.language.gettext("proposals and the probability of each: {proposals}")
    return template.format(proposals=", ".join(proposed) or DASH)
