"""The tables of the report on savings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.savings.material import SavingsMaterial
from forecasting.briefing.savings.texts import chance_text, detail_title, overlap_text
from forecasting.briefing.savings.words import HIGH, LOW, SavingsWords
from forecasting.briefing.words import DASH
from forecasting.distributions import Distribution, central
from forecasting.savings.outcomes import CohortSaving, Outcome, cohort_savings, outcomes
from forecasting.savings.pace import chances_by_pace, pace
from forecasting.savings.project_schema import Project


def outcomes_table(material: SavingsMaterial, words: SavingsWords) -> Table:
    """Published, gross and net side by side, against the cost."""
    language = words.language
    published = outcomes(material.published)["gross"]
    named = {
        language.gettext("published"): published,
        language.gettext("gross: all who leave"): material.gross,
        language.gettext("net: because of the programme"): material.net,
    }
    rows = [
        _outcome_row(name, outcome, outcome is not published, material, words)
        for name, outcome in named.items()
    ]
    columns = [
        Column(language.gettext("Savings, EUR million"), width=1.0),
        Column(language.gettext("Mean"), "right"),
        Column(detail_title(material, words) or language.gettext("Range"), "right"),
        Column(language.gettext("Cost covered"), "right"),
        Column(language.gettext("Break-even"), "right"),
        Column(language.gettext("Cost per exit, EUR"), "right"),
    ]
    caption = language.gettext("Gross and net in {n} months, against a cost of {cost}").format(
        n=material.horizon, cost=words.euros_million(material.cost)
    )
    note = language.gettext(
        "Cost covered: probability that the savings reach the cost. Cost per exit: over all who "
        "leave; net over those who leave because of the programme."
    )
    return Table(caption, columns, rows, (2,), note)


def _outcome_row(
    name: str, outcome: Outcome, own: bool, material: SavingsMaterial, words: SavingsWords
) -> list[Text]:
    """Write a row; of a published sum (not `own`) nothing is uncertain."""
    low, high = outcome.quantiles[LOW], outcome.quantiles[HIGH]
    is_open = own and material.is_uncertain
    per_exit = outcome.cost_per_exit
    return [
        name,
        words.million(outcome.mean),
        words.range_million(low, high) if is_open else DASH,
        chance_text(outcome, words, is_open=is_open),
        words.month_number(outcome.break_even_month, material.horizon),
        DASH if per_exit is None else words.language.number(per_exit),
    ]


def assumptions_table(material: SavingsMaterial, words: SavingsWords) -> Table:
    """Every assumption with its value, its distribution, how well it is known, and from where."""
    language, assumed = words.language, material.run.plan.assumed
    rows: list[list[Text]] = [
        [
            words.assumption(name, assumed),
            words.value(name, central(each.value)),
            words.spread(name, each.value),
            words.quality(each),
            words.source(each),
        ]
        for name, each in assumed.items()
        if name != "relapse_months" or isinstance(each.value, Distribution)
    ]
    columns = [
        Column(language.gettext("Assumption"), width=1.1),
        Column(language.gettext("Mean"), "right"),
        Column(language.gettext("Distribution"), width=1.0),
        Column(language.gettext("Quality")),
        Column(language.gettext("Source"), width=2.3),
    ]
    caption = language.gettext("What is assumed, and how well it is known")
    note = language.gettext(
        "Unknown: no figure of this or a like programme is held, so the distribution is wide. "
        "Assumed: near what the study says. What each stands for and how it was set: "
        "data/parameters/activation.yaml."
    )
    return Table(caption, columns, rows, (), note)


def cohorts_table(material: SavingsMaterial, words: SavingsWords) -> Table:
    """Who leaves when, and what that saves as published, gross and net."""
    language = words.language
    published = {each.label: each.period_saving for each in cohort_savings(material.published)}
    *savings, total = cohort_savings(material.run)
    rows: list[list[Text]] = [
        [
            cohort.label,
            words.counts.count(cohort.persons),
            str(cohort.months_counted),
            words.amount(cohort.monthly_amount_eur),
            *_savings_cells(each, published, words),
        ]
        for cohort, each in zip(material.run.plan.cohorts, savings, strict=True)
    ]
    persons = words.counts.count(material.run.plan.persons)
    cells = _savings_cells(total, published, words)
    rows.append([language.gettext("all"), persons, DASH, DASH, *cells])
    columns = [
        Column(language.gettext("Months"), width=1.0),
        Column(language.gettext("Leaving"), "right"),
        Column(language.gettext("Months counted"), "right"),
        Column(language.gettext("EUR a month"), "right"),
        Column(language.gettext("Published, EUR"), "right"),
        Column(language.gettext("Gross, EUR million"), "right"),
        Column(language.gettext("Net, EUR million"), "right"),
    ]
    caption = language.gettext("Who leaves when, and what that saves")
    return Table(caption, columns, rows, (len(rows) - 1,), overlap_text(material, words))


def _savings_cells(
    saving: CohortSaving, published: Mapping[str, Decimal], words: SavingsWords
) -> list[str]:
    before = published.get(saving.label)
    return [
        DASH if before is None else words.amount(before),
        words.fine(saving.period_saving),
        words.fine(saving.net_saving),
    ]


def phases_table(project: Project, words: SavingsWords) -> Table:
    """Phases with their dates, and the days printed beside those between the dates."""
    language = words.language
    rows: list[list[Text]] = [
        [
            words.counts.text(phase.name),
            language.short_date(phase.start),
            language.short_date(phase.end),
            words.counts.count(phase.days),
            words.counts.count((phase.end - phase.start).days),
        ]
        for phase in project.phases
    ]
    columns = [
        Column(language.gettext("Phase"), width=1.0),
        Column(language.gettext("From"), "right"),
        Column(language.gettext("To"), "right"),
        Column(language.gettext("Days printed"), "right"),
        Column(language.gettext("Days by the dates"), "right"),
    ]
    emphasis = [place for place, phase in enumerate(project.phases) if phase.difference]
    return Table(language.gettext("Phases of the project"), columns, rows, emphasis)


def paces_table(project: Project, words: SavingsWords, *, seed: int) -> Table:
    """Chances of the promised persons if the later pace were known."""
    language, need = words.language, pace(project)
    paces = [need.planned, 2 * need.planned, 3 * need.planned, need.required, 1.2 * need.required]
    rows: list[list[Text]] = [
        [words.counts.count(each), words.share(included), words.share(leaving)]
        for each, included, leaving in chances_by_pace(project, paces, seed=seed).itertuples(
            index=False
        )
    ]
    inclusion = project.inclusion
    columns = [
        Column(language.gettext("Persons included a month"), width=1.0),
        Column(
            language.gettext("{n} included").format(
                n=words.counts.count(inclusion.planned[-1].persons)
            ),
            "right",
        ),
        Column(
            language.gettext("{n} left").format(n=words.counts.count(inclusion.leaving_persons)),
            "right",
        ),
    ]
    caption = language.gettext("Probabilities by the pace from {month} on").format(
        month=language.month(inclusion.planned[-2].month + 1)
    )
    return Table(caption, columns, rows, (3,))
