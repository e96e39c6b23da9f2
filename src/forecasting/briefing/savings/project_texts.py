"""The paragraphs on a project as planned and realised."""

from __future__ import annotations

from forecasting.briefing.blocks import Text, rich
from forecasting.briefing.savings.material import last_estimate
from forecasting.briefing.savings.words import SavingsWords
from forecasting.paths import periods_of
from forecasting.savings.pace import Inclusion, leaving_on_plan, pace
from forecasting.savings.project_schema import Project
from forecasting.sources.parameters import load_parameters


def costs_text(project: Project, words: SavingsWords) -> Text:
    """Say which share of the planned costs was realised, and what the plan leaves out."""
    language, costs = words.language, project.costs
    return rich(
        language.gettext(
            "**Realised: {share} of the planned costs**, {realised} of {planned}. For tasks "
            "planned at {empty} no realised cost is given. Tasks further from their plan than the "
            "stated tolerance of {tolerance}: {beyond} of {n}. The plan holds {part} of "
            "all the money: {funds} for programmes and staff stand outside it. That is the cost "
            "the savings are held against."
        ),
        share=language.percent(costs.share_realised, 2),
        realised=words.euros(costs.realised),
        planned=words.euros(costs.planned),
        empty=words.euros(costs.planned_without_realised),
        tolerance=language.percent(costs.tolerance_percent / 100),
        beyond=str(len(costs.beyond_tolerance())),
        n=str(len(costs.lines)),
        part=language.percent(costs.planned / (costs.planned + project.funds_total), 1),
        funds=words.euros_million(project.funds_total),
    )


def phases_text(project: Project, words: SavingsWords) -> Text:
    """Say how many phases have other dates than days."""
    differing = [phase for phase in project.phases if phase.difference]
    return words.language.gettext(
        "Phases whose printed days are not those between their dates: {n} of {all}. What the "
        "document says twice and differently stands in the project file."
    ).format(n=len(differing), all=len(project.phases))


def inclusion_text(project: Project, inclusion: Inclusion, words: SavingsWords) -> Text:
    """Say how likely the promised persons are, and what pace they would take."""
    language, need, last = words.language, pace(project), last_estimate(inclusion.leaving)
    end = periods_of(inclusion.included)[-1]
    months = _months_to_exit()
    return rich(
        language.gettext(
            "**{target} leave by {month} with probability {p_leaving}**; {all} are included by "
            "then with probability {p_included}. In the median {median} leave ({range}). From "
            "{start} on {required} persons a month would have to be included, {ratio} times the "
            "planned pace until then. Even exactly on plan only {on_plan} would have left by "
            "{month}: who is included in the last {lag} months has not left yet."
        ),
        target=words.counts.count(inclusion.leaving_target),
        all=words.counts.count(inclusion.included_target),
        month=language.month(end),
        p_leaving=words.share(inclusion.p_leaving),
        p_included=words.share(inclusion.p_included),
        median=words.about(last.median),
        range=words.level_range(80, last.lower, last.upper),
        start=language.month(project.inclusion.planned[-2].month + 1),
        required=words.counts.count(need.required),
        ratio=words.plain(round(need.ratio, 1)),
        on_plan=words.counts.count(round(leaving_on_plan(project, months))),
        lag=str(months),
    )


def _months_to_exit() -> int:
    """Months from inclusion to leaving, as assumed at the centre."""
    known = [e for e in load_parameters("activation").entries if e.id == "months_to_exit"]
    return round(known[-1].value)
