"""The tables of the report on targets."""

from __future__ import annotations

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.targets.material import TargetsMaterial, levels
from forecasting.briefing.targets.words import TargetWords
from forecasting.briefing.words import DASH
from forecasting.programmes.proposal import Proposal


def proposals_table(material: TargetsMaterial, words: TargetWords) -> Table:
    """Published and proposed milestones and targets."""
    language, shown = words.language, levels(material.proposed)
    named: set[str] = set()
    rows: list[list[Text]] = []
    for each in material.proposed:
        code = each.indicator.code
        name = "" if code in named else words.counts.text(each.indicator.label)
        named.add(code)
        cells: list[Text] = [
            code,
            name,
            language.short_month(each.date),
            words.published(each),
            words.chance(each),
            *(words.value(each.proposals[p], each.indicator.unit) for p in shown),
        ]
        rows.append(cells)
    columns = [
        Column(language.gettext("Code")),
        Column(language.gettext("Indicator"), width=1.0),
        Column(language.gettext("Due")),
        Column(language.gettext("Published"), "right"),
        Column(language.gettext("Probability"), "right"),
        *(Column(f"P{100 * p:g}", "right") for p in shown),
    ]
    emphasis = [
        n
        for n, each in enumerate(material.proposed)
        if each.indicator.code == material.programme.headline
    ]
    note = language.gettext(
        "Probability: that the published value is reached. P80: the largest value that is reached "
        "with a probability of 80%; P50 and P90 likewise. Parts of a total share out its proposal."
    )
    caption = language.gettext("Proposed milestones and targets")
    return Table(caption, columns, rows, emphasis, words.noted(note, words.under(material)))


def drivers_table(material: TargetsMaterial, words: TargetWords) -> Table:
    """What drives each target, why it changes, and which assumption moves it most."""
    language = words.language
    targets = [each for each in material.proposed if each.point == "target"]
    rows: list[list[Text]] = [_driver_row(each, material, words) for each in targets]
    columns = [
        Column(language.gettext("Code")),
        Column(language.gettext("Driven by"), width=0.8),
        Column(
            language.gettext("Change to P{n}").format(n=f"{100 * material.probability:g}"), "right"
        ),
        Column(language.gettext("Main reason")),
        Column(language.gettext("Assumption that matters most, and the value at its ends"),
               width=1.2),
    ]  # fmt: skip
    note = language.gettext(
        "Main reason: the largest of four steps from the published value to the proposal. "
        "Correction: what the document's own inputs give. Assumption: another way of counting, or "
        "a plan delivered in part. New data: the months counted since, and the pace of the last "
        "twelve. Model: the forecast and the probability asked for. Ends: one assumption at a "
        "time from its lower to its upper tenth; an input without a distribution, a tenth less "
        "and more. Values in the units of the published ones; pp: percentage points."
    )
    if material.is_projection:
        note = words.noted(
            note,
            language.gettext("Under a scenario, model: the projection in place of a forecast."),
        )
    caption = language.gettext("What drives each target, and why it changes")
    return Table(caption, columns, rows, (), note)


def _driver_row(proposal: Proposal, material: TargetsMaterial, words: TargetWords) -> list[Text]:
    unit, swings = proposal.indicator.unit, proposal.swings
    change = proposal.changes.get(material.probability)
    moved = DASH
    if change is not None and proposal.published is not None:
        difference = proposal.proposals[material.probability] - proposal.published
        sign = "+" if difference > 0 else ""
        moved = sign + words.difference(difference, unit)
    return [
        proposal.indicator.code,
        words.driver(proposal.indicator, projected=material.is_projection),
        moved,
        DASH if change is None else words.reason(change.main),
        words.swing(swings[0], material.programme, unit) if swings else DASH,
    ]


def totals_table(material: TargetsMaterial, words: TargetWords) -> Table:
    """Joint attainment of what is below a total, and bounds of those counted twice."""
    language, p = words.language, material.probability
    rows: list[list[Text]] = [
        [
            each.indicator.code,
            words.due(each),
            words.with_unit(each.proposals[p], each.indicator.unit),
            words.share(each.joint[p]),
            words.range_of(*each.bounds[p], each.indicator.unit) if each.bounds else DASH,
        ]
        for each in material.totals
    ]
    columns = [
        Column(language.gettext("Total indicator")),
        Column(language.gettext("Due"), width=1.0),
        Column(language.gettext("Proposal"), "right"),
        Column(language.gettext("All sub-indicators reach theirs"), "right"),
        Column(language.gettext("Different persons below it"), "right"),
    ]
    note = language.gettext(
        "Different persons: at least as many as in the largest sub-indicator, at most the sum; "
        "who takes part in two operations counts in both."
    )
    if not any(each.bounds for each in material.totals):
        note = ""
    return Table(language.gettext("Totals and their parts"), columns, rows, (), note)


def left_out_table(material: TargetsMaterial, words: TargetWords) -> Table:
    """Indicators without a proposal, and why."""
    language = words.language
    rows: list[list[Text]] = [
        [words.unproposed(reason), str(len(codes)), ", ".join(codes)]
        for reason, codes in material.left_out().items()
    ]
    columns = [
        Column(language.gettext("Reason")),
        Column(language.gettext("Number"), "right"),
        Column(language.gettext("Indicators"), width=1.0),
    ]
    return Table(language.gettext("Indicators without a proposal"), columns, rows)


def parameters_table(material: TargetsMaterial, words: TargetWords) -> Table:
    """Parameters that the proposals rest on, with what is known of them."""
    language = words.language
    rows: list[list[Text]] = [
        [
            words.assumption(entry.id, material.programme),
            words.parameter(float(entry.value), entry.unit),
            words.spread(entry),
            words.quality(entry.quality),
        ]
        for entry in material.parameters
    ]
    columns = [
        Column(language.gettext("Assumption"), width=1.0),
        Column(language.gettext("Value"), "right"),
        Column(language.gettext("Distribution")),
        Column(language.gettext("Quality")),
    ]
    note = language.gettext(
        "Share of the plan delivered: 65.18% of the cost of project P 6.1, 90% of its planned "
        "programmes, 51 of its 52 staff, 70 of 70 places for minors are all that is held. Sources "
        "and their words stand in data/parameters/plan_delivery.yaml."
    )
    return Table(language.gettext("What is assumed of plans and rates"), columns, rows, (), note)
