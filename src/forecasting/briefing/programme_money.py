"""A programme's measures and money as lines for a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from forecasting.briefing.words import Words
from forecasting.programmes.catalogue import Programme
from forecasting.programmes.parts import Call, Funding, Measure
from forecasting.programmes.quantities import quantity
from forecasting.programmes.quantity_text import format_quantity


def measure_lines(measure: Measure, words: Words) -> Iterator[str]:
    """Who carries a measure out, with whom, with what money, until when, as far as it is held."""
    gettext = words.language.gettext
    for label, names in (
        (gettext("holder: {text}"), measure.holders),
        (gettext("partners: {text}"), measure.partners),
    ):
        if names is not None:
            yield label.format(text=mark_text(names, words) or ", ".join(names))
    if measure.funding is not None:
        amounts = measure.funding
        if isinstance(amounts, str):
            texts = [mark_text(amounts, words)]
        else:
            texts = [_money(each, words) for each in amounts]
        yield from (gettext("money: {text}").format(text=text) for text in texts)
    if measure.deadline is not None:
        if isinstance(measure.deadline, dt.date):
            text = words.language.date(measure.deadline)
        else:
            text = mark_text(measure.deadline, words) or gettext("continuous")
        yield gettext("deadline: {text}").format(text=text)


def _money(funding: Funding, words: Words) -> str:
    year = f" {funding.year}" if funding.year else ""
    return f"{words.text(funding.source)}{year}: {_euros(funding.eur, words)}"


def money_lines(programme: Programme, words: Words) -> Iterator[str]:
    """Allocations, calls, support rates and rules of a programme; nothing where it has none."""
    language = words.language
    gettext = language.gettext
    kinds = {
        "project": gettext("project support"),
        "operating": gettext("operating support"),
        "technical assistance": gettext("technical assistance"),
        "total": gettext("total"),
    }
    if programme.allocations:
        yield ""
        yield gettext("Allocations")
    for share in programme.allocations:
        yield f"    {share.objective}  {kinds[share.kind]}: {_euros(share.eur, words)}"
    if programme.calls:
        yield ""
        yield gettext("Calls")
    yield from (f"    {_call(call, words)}" for call in programme.calls)
    if programme.support_rates:
        yield ""
        yield gettext("Support rates and rules")
    for rate in programme.support_rates:
        yield f"    {language.number(rate.percent)}{language.percent_sign}  {words.text(rate.when)}"
    yield from (f"    {rule.code}  {words.text(rule.text)}" for rule in programme.rules)


def _call(call: Call, words: Words) -> str:
    gettext = words.language.gettext
    place = " ".join(part for part in (call.objective, call.measure or "", call.round) if part)
    amounts = (
        (gettext("budget: {value}"), call.budget_eur),
        (gettext("committed: {value}"), call.committed_eur),
        (gettext("open: {value}"), call.open_eur),
    )
    given = [
        label.format(value=_euros(eur, words))
        for label, eur in amounts
        if eur != "not given" or label == amounts[0][0]
    ]
    name = f"  {words.text(call.name)}" if call.name else ""
    return f"{place}{name}: {', '.join(given)}"


def _euros(value: float | str, words: Words) -> str:
    if isinstance(value, str):
        return mark_text(value, words)
    return format_quantity(quantity(value, "EUR"), words.language)


def mark_text(value: object, words: Words) -> str:
    """Word for what a document does not give; empty for everything else."""
    gettext = words.language.gettext
    marks = {
        "not given": gettext("not given"),
        "not legible in the scan": gettext("not legible in the scan"),
        "not applicable": gettext("not applicable"),
    }
    return marks.get(value, "") if isinstance(value, str) else ""
