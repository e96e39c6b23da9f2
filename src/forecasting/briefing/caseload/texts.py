"""The paragraphs of the report on a caseload, written from its numbers."""

from __future__ import annotations

import numpy as np

from forecasting.briefing.blocks import Text, Tile, Tiles, rich
from forecasting.briefing.caseload.material import CaseloadMaterial, YearEstimate
from forecasting.briefing.caseload.phrases import million_range, outlook_name, range_text
from forecasting.briefing.caseload.words import CaseloadWords
from forecasting.distributions import Distribution, central
from forecasting.stocks.caseload_models import LEVEL, SMOOTH
from forecasting.stocks.caseload_plan import OUTLOOK


def tiles(material: CaseloadMaterial, words: CaseloadWords) -> Tiles:
    """Set recipients now and later, expenditure, and persons entitled side by side."""
    language, found, year = words.language, material.projection, material.headline_year
    end = language.short_month(material.periods[-1])
    recipients, persons = material.at_end(found.recipients), material.at_end(found.persons)
    return Tiles(
        [
            Tile(
                language.gettext("recipients, {month}").format(
                    month=language.short_month(material.origin)
                ),
                words.counts.count(material.last_count),
                language.gettext("synthetic, not counted")
                if material.is_synthetic
                else language.gettext("counted"),
            ),
            Tile(
                language.gettext("recipients, {month}").format(month=end),
                words.about(recipients.median),
                range_text(recipients, words),
            ),
            Tile(
                language.gettext("expenditure {year}, EUR million").format(
                    year=words.span(year.first, year.last)
                ),
                words.million(year.spent.median),
                million_range(year.spent, words),
            ),
            Tile(
                language.gettext("persons entitled, {month}").format(month=end),
                words.about(persons.median),
                range_text(persons, words),
            ),
        ]
    )


def answer_texts(material: CaseloadMaterial, words: CaseloadWords) -> list[Text]:
    """Say how many recipients there will be, what that costs, and what it rests on."""
    items: list[Text] = []
    if material.is_synthetic:
        items.append(
            rich(
                words.language.gettext(
                    "**The figures are synthetic.** No monthly series is public; this one was "
                    "generated to agree with the isolated counts that were published. The page "
                    "shows what the suite does, and says nothing of Slovenia. The ministry's own "
                    "table takes its place."
                )
            )
        )
    items.append(_recipients_text(material, words))
    items.append(_expenditure_answer(material.headline_year, material, words))
    if material.outlook_without_effect:
        items.append(_no_effect_text(words))
    elif material.projection.follows_outlook:
        items.append(
            rich(
                words.language.gettext(
                    "**A projection, no forecast.** Registered unemployment follows the "
                    "{outlook}; how probable that is, is not said."
                ),
                outlook=outlook_name(words),
            )
        )
    return items


def _no_effect_text(words: CaseloadWords) -> Text:
    return rich(
        words.language.gettext(
            "**The outlook changes nothing.** It moves registered unemployment ({outlook}), "
            "which moves nothing in the pool that was chosen; see below."
        ),
        outlook=outlook_name(words),
    )


def _recipients_text(material: CaseloadMaterial, words: CaseloadWords) -> Text:
    language, estimate = words.language, material.at_end(material.projection.recipients)
    return rich(
        language.gettext(
            "**{median} recipients at the end of {month}** in the median, after {now} in {origin}; "
            "four of five paths lie between {lower} and {upper}. A recipient stands for a family."
        ),
        median=words.about(estimate.median),
        month=language.month(material.periods[-1]),
        now=words.counts.count(material.last_count),
        origin=language.month(material.origin),
        lower=words.about(estimate.lower),
        upper=words.about(estimate.upper),
    )


def _expenditure_answer(
    year: YearEstimate, material: CaseloadMaterial, words: CaseloadWords
) -> Text:
    language, factor = words.language, material.projection.family["household_factor"]
    sentence = language.gettext(
        "**{median} are paid in {year}** in the median, {lower} to {upper} on four of five paths."
    )
    if not isinstance(factor.value, Distribution):
        known = language.gettext("What is paid per family is taken as known.")
    elif factor.basis == "prior":
        known = language.gettext(
            "How much is paid per family is hardly known: with that settled, it would be {low} to "
            "{high}."
        )
    else:
        known = language.gettext(
            "What is paid per family varies as in the last three years; if it stayed at its mean, "
            "it would be {low} to {high}."
        )
    low, high = words.million(year.at_mean.lower), words.million(year.at_mean.upper)
    return rich(
        sentence + " {known}",
        median=words.euros_million(year.spent.median),
        year=words.span(year.first, year.last),
        lower=words.million(year.spent.lower),
        upper=words.million(year.spent.upper),
        known=known.format(low=low, high=high),
    )


def choice_text(material: CaseloadMaterial, words: CaseloadWords) -> Text:
    """Say which pool was chosen and why."""
    language, name = words.language, words.pool(material.chosen)
    shocks = material.projection.caseload.shocks
    if material.chosen == LEVEL and shocks:
        largest = max(shocks, key=lambda month: abs(shocks[month]))
        return rich(
            language.gettext(
                "**After a shock no trend is trusted.** In {month} recipients changed by {change} "
                "beyond the season, more than ever before. For three years the last value is "
                "carried on, and the shock passes to an unknown share."
            ),
            month=language.month(largest),
            change=words.signed_percent(float(np.expm1(shocks[largest]))),
        )
    chosen = next((score for score in material.scores if score.name == material.chosen), None)
    if chosen is None:
        return rich(
            language.gettext(
                "**{pool}.** The past is too short to choose by; this is the default of stocks."
            ),
            pool=_capital(name),
        )
    if material.chosen.startswith(SMOOTH):
        template = language.gettext(
            "**{pool}** was chosen by a backtest on the series' own past, at {n} origins. Another "
            "pool takes its place if its CRPS is at least a tenth lower; none is."
        )
    else:
        template = language.gettext(
            "**{pool}** was chosen by a backtest on the series' own past, at {n} origins: its CRPS "
            "is {ratio} of that of the smooth stock. A pool takes the place of the smooth stock if "
            "its CRPS is at least a tenth lower."
        )
    return rich(
        template,
        pool=_capital(name),
        n=str(material.n_origins),
        ratio=language.number(chosen.ratio, 2),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def drivers_text(material: CaseloadMaterial, words: CaseloadWords) -> Text:
    """Say what became of the drivers, and why unemployment is no matter of course."""
    language = words.language
    used = [
        each.name for each in material.projection.caseload.drivers if material.drives(each.name)
    ]
    if used:
        first = language.gettext("**Used: {drivers}.**").format(
            drivers=language.join([words.driver(name) for name in used])
        )
    else:
        first = language.gettext("**No driver moves the result.**")
    rest = language.gettext(
        "A driver has to earn its place: it is used if the past forecasts were better with it, its "
        "own future being forecast from what was known then. In 2020 and 2021 unemployment and "
        "social assistance moved for other reasons than usual, so a relation of before can mislead."
    )
    return rich(first.replace("{", "{{").replace("}", "}}") + " " + rest)


def expenditure_text(material: CaseloadMaterial, words: CaseloadWords) -> Text:
    """Explain expenditure, and what the basic amount does after the last one known."""
    language, found = words.language, material.projection
    factor = found.family["household_factor"]
    known = language.month(found.amounts.known_until)
    if not material.is_amount_assumed:
        later = language.gettext("The amount is known for every month shown.")
    elif found.options.indexation == OUTLOOK:
        later = language.gettext(
            "After {month} it follows the inflation of the {outlook}, each March."
        ).format(month=known, outlook=outlook_name(words))
    elif found.options.indexation:
        later = language.gettext(
            "After {month} it is assumed to rise by {rate} each March."
        ).format(month=known, rate=words.language.percent(float(found.options.indexation), 1))
    else:
        later = language.gettext("After {month} it is assumed to stay.").format(month=known)
    return rich(
        language.gettext(
            "**Recipients × basic amount × household factor**, path by path. The factor, {factor} "
            "in the mean, says how many basic amounts a family is paid: own income lowers it, "
            "further members raise it. {later}"
        ),
        factor=language.number(central(factor.value), 2),
        later=later,
    )


def entitled_text(material: CaseloadMaterial, words: CaseloadWords) -> Text:
    """Keep the two counts apart."""
    language, found = words.language, material.projection
    size = found.family["persons_per_recipient"]
    return rich(
        language.gettext(
            "**Two counts of the same families, never added and never in one line.** A family has "
            "one recipient, and every member is a person entitled: {ratio} persons per recipient "
            "in the mean ({source}). Who quotes {persons} and who quotes {recipients} for "
            "{month} may both be right."
        ),
        ratio=language.number(central(size.value), 2),
        source=words.family_source(size),
        persons=words.about(material.at_end(found.persons).median),
        recipients=words.about(material.at_end(found.recipients).median),
        month=language.month(material.periods[-1]),
    )


def points_text(material: CaseloadMaterial, words: CaseloadWords) -> Text:
    """Say how the figures agree with what was published."""
    language, points = words.language, material.projection.points
    apart = sum(not point.agrees for point in points)
    if not points:
        return language.gettext("No published count falls into the months of these figures.")
    if material.is_synthetic:
        return language.gettext(
            "The demonstration series was generated to meet these counts, so their agreement "
            "proves nothing. Held against the ministry's own table, they show whether the right "
            "count is in the right column."
        )
    if apart:
        return language.gettext(
            "{n} of {all} published counts differ from the figures by more than 1%: look whether "
            "the right count is in the right column."
        ).format(n=apart, all=len(points))
    return language.gettext("The figures agree with all {n} published counts.").format(
        n=len(points)
    )
