"""Chapters of a methodology note that concern all indicators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from forecasting.briefing.blocks import Block, Column, Heading, Paragraph, Table
from forecasting.briefing.note.material import NoteMaterial
from forecasting.briefing.words import DASH, Words
from forecasting.programmes.comparison import (
    ComparedValue,
    VersionComparison,
    compare_versions,
    given_text,
)
from forecasting.programmes.parts import Factor, InterventionShare, Objective
from forecasting.programmes.quantities import quantity
from forecasting.programmes.quantity_text import format_exact, format_unit
from forecasting.programmes.reliability import tested_probabilities


def summary(material: NoteMaterial, words: Words) -> list[str]:
    """Say in a few lines how many indicators there are and what comes out."""
    language, indicators = words.language, material.programme.indicators
    kinds = Counter(indicator.kind for indicator in indicators)
    monitored = sum(indicator.monitored for indicator in indicators)
    lines = [
        language.gettext(
            "{n} indicators: {outputs} of output, {results} of result; {monitored} are monitored."
        ).format(
            n=len(indicators),
            outputs=kinds["output"],
            results=kinds["result"],
            monitored=monitored,
        )
    ]
    lines.append(_agreement(material, words))
    if material.relations:
        recorded = [each for each in material.relations if each.amount]
        template = language.gettext(
            "{n} relations between printed numbers were calculated again: {agree} come out, "
            "{differ} differ and are listed at the end with amount and reason."
        )
        lines.append(
            template.format(
                n=len(material.relations),
                agree=len(material.relations) - len(recorded),
                differ=len(recorded),
            )
        )
    return lines


def _agreement(material: NoteMaterial, words: Words) -> str:
    language, differences = words.language, material.differences
    if not differences:
        return language.gettext("The document gives no calculation of a published value.")
    template = language.gettext(
        "{agree} of {n} published values with a calculation come out exactly; different: {moved}."
    )
    moved = [
        f"{code} {words.point(point)}" for (code, point), amount in differences.items() if amount
    ]
    return template.format(
        agree=len(differences) - len(moved), n=len(differences), moved=", ".join(moved) or DASH
    )


def basis(material: NoteMaterial, words: Words) -> list[Block]:
    """Say by which rules the note is written, and which versions there are."""
    language, programme = words.language, material.programme
    text = language.gettext(
        "The catalogue is no performance framework under Articles 16 and 17 of Regulation (EU) "
        "2021/1060. The note follows their order: selection, data and calculation, factors."
    )
    if material.is_cpr:
        template = language.gettext(
            "Article 17 of Regulation (EU) 2021/1060 asks for the criteria for selecting "
            "indicators, the data or evidence used, their quality assurance and the method of "
            "calculation, and the factors that may influence achievement with the way they were "
            "taken into account. Milestones of output indicators are due by the end of "
            "{milestone}, targets of output and result indicators by the end of {target} "
            "(Article 16)."
        )
        text = template.format(
            milestone=programme.milestone_date.year, target=programme.target_date.year
        )
    columns = [
        Column(language.gettext("Version"), width=1.0),
        Column(language.gettext("Date"), width=1.6),
        Column(language.gettext("Reason"), width=6.0),
    ]
    rows = [
        [version.version, language.date(version.date), words.text(version.reason)]
        for version in programme.versions
    ]
    blocks: list[Block] = [
        Heading(language.gettext("Basis and versions")),
        Paragraph(text),
        Table("", columns, rows),
    ]
    return [*blocks, Paragraph(words.text(programme.note))] if programme.note else blocks


def selection(material: NoteMaterial, words: Words) -> list[Block]:
    """Say by which criteria indicators were selected, with the money behind them."""
    language, shares = words.language, material.programme.intervention_shares
    text = language.gettext(
        "The document states no criteria for the selection of indicators. With each indicator "
        "stand the measures and operations that it belongs to."
    )
    if material.is_cpr:
        text = language.gettext(
            "The indicators are the common ones of Annex VIII to Regulation (EU) 2021/1147. One is "
            "monitored where operations are planned that count into it; where none is, it stands "
            "with the value 0 and the reason. The types of intervention below show how much of the "
            "money of an objective each indicator covers."
        )
    blocks: list[Block] = [
        Heading(language.gettext("Criteria for selecting the indicators")),
        Paragraph(text),
    ]
    if not shares:
        return blocks
    return [
        *blocks,
        *(_shares_table(each, shares, words) for each in _objectives(shares, material)),
    ]


def _objectives(shares: Sequence[InterventionShare], material: NoteMaterial) -> list[Objective]:
    held = {share.objective for share in shares}
    return [each for each in material.programme.objectives if each.code in held]


def _shares_table(objective: Objective, shares: Sequence[InterventionShare], words: Words) -> Table:
    language = words.language
    columns = [
        Column(language.gettext("Code"), width=0.7),
        Column(language.gettext("Type of intervention"), width=3.6),
        Column(language.gettext("Share"), "right", width=1.1),
        Column(language.gettext("Indicators"), width=3.6),
    ]
    rows = [
        [
            share.code,
            words.text(share.name),
            words.quantity(quantity(share.percent, "%")),
            ", ".join(share.indicators) or DASH,
        ]
        for share in shares
        if share.objective == objective.code
    ]
    return Table(f"{objective.code} {words.text(objective.name)}", columns, rows)


def data_quality(material: NoteMaterial, words: Words) -> list[Block]:
    """Say how well the inputs are known and which printed numbers do not agree."""
    language = words.language
    heading = Heading(language.gettext("Data and quality assurance"))
    if not material.programme.inputs:
        text = language.gettext(
            "The document gives values without inputs; none of them can be calculated again."
        )
        return [heading, Paragraph(text)]
    qualities = Counter(given.quality for given in material.programme.inputs.values())
    counted = ", ".join(f"{words.quality(name)} {n}" for name, n in qualities.most_common())
    template = language.gettext(
        "Every calculation rests on named inputs with unit, source and quality: {counted}. "
        "Printed: stands in the document. Our reading: of a sentence, or of how a printed value "
        "arises. Implied: the remainder that makes a printed value come out, without evidence. "
        "Assumed: a value of one's own. "
        "Each calculation is carried out exactly, with its units, and set against the published "
        "value; what does not come out is stated and not smoothed over."
    )
    return [heading, Paragraph(template.format(counted=counted))]


def relations(material: NoteMaterial, words: Words) -> list[Block]:
    """List the relations between printed numbers that do not come out, with their reasons."""
    language = words.language
    rows = [
        [
            words.text(each.relation.text),
            words.quantity(quantity(each.relation.stated, each.relation.unit)),
            format_exact(each.calculated, language),
            format_exact(each.amount, language),
            words.text(each.relation.difference.reason) if each.relation.difference else DASH,
        ]
        for each in material.relations
        if each.amount
    ]
    if not rows:
        return []
    columns = [
        Column(language.gettext("Printed relation"), width=2.5),
        Column(language.gettext("Stated"), "right", width=2.0),
        Column(language.gettext("Calculated"), "right", width=1.5),
        Column(language.gettext("Difference"), "right", width=1.4),
        Column(language.gettext("Reason"), width=2.8),
    ]
    heading = Heading(language.gettext("Relations that do not come out"))
    return [heading, Table("", columns, rows)]


def reliability(material: NoteMaterial, words: Words) -> list[Block]:
    """Say what the proposals rest on, and how often such targets were met in the past."""
    language = words.language
    if not material.driven:
        return []
    heading = Heading(language.gettext("Forecast and its tested reliability"))
    blocks: list[Block] = [heading]
    others = len(material.driven) - len(material.forecast)
    if others:
        template = language.gettext(
            "{n} values follow from plans, rates, yearly numbers or commitments. Their probability "
            "rests on how much of such plans is delivered, which is assumed and not tested here."
        )
        blocks.append(Paragraph(template.format(n=others)))
    return [*blocks, *_tested(material, words)] if material.forecast else blocks


def _tested(material: NoteMaterial, words: Words) -> list[Block]:
    """Tell how often targets that follow from the forecast would have been met."""
    language, draws = words.language, material.forecast[0].draws
    tested = tested_probabilities(material.window_months)
    template = language.gettext(
        "{n} values follow from a forecast of monthly counts by {paths} sample paths. The table "
        "tells how often targets set in this way would have been met in {countries} countries from "
        "{first} on, over {months} months."
    )
    text = template.format(
        n=len(material.forecast),
        paths=words.count(0 if draws is None else len(draws)),
        countries=tested[0].countries,
        first=language.month(tested[0].first_origin),
        months=tested[0].window_months,
    )
    columns = [
        Column(language.gettext("Attainment probability"), width=2.0),
        Column(language.gettext("Met in the past"), "right", width=1.5),
        Column(language.gettext("90% interval of that share"), "right", width=2.0),
        Column(language.gettext("Past cases"), "right", width=1.2),
    ]
    rows = [
        [
            f"P{round(100 * entry.probability)}",
            language.percent(entry.met),
            language.gettext("{lower} to {upper}").format(
                lower=language.percent(entry.lower), upper=language.percent(entry.upper)
            ),
            words.count(entry.cases),
        ]
        for entry in tested
    ]
    if material.origin is not None:
        template = language.gettext("Last month of the figures: {month}.")
        text = f"{text} {template.format(month=language.month(material.origin))}"
    return [Paragraph(text), Table("", columns, rows)]


def common_factors(material: NoteMaterial, words: Words) -> list[Block]:
    """List the factors that concern all objectives."""
    language, factors = words.language, material.programme.factors
    blocks: list[Block] = [Heading(language.gettext("Factors that concern all objectives"))]
    if not factors:
        return [*blocks, Paragraph(language.gettext("The document gives none."))]
    return [*blocks, factors_table(factors, words)]


def objective_factors(objective: Objective, words: Words) -> list[Block]:
    """List the factors of an objective and how each is taken into account."""
    if objective.factors:
        return [factors_table(objective.factors, words)]
    text = words.language.gettext("The document gives no factors of this objective.")
    return [Paragraph(text)]


def factors_table(factors: Iterable[Factor], words: Words) -> Table:
    """Set each factor beside its handling."""
    language = words.language
    columns = [
        Column(language.gettext("Influencing factor"), width=1.0),
        Column(language.gettext("How it is taken into account"), width=1.0),
    ]
    rows = [
        [
            words.text(each.factor),
            language.gettext(each.handling)
            if isinstance(each.handling, str)
            else words.text(each.handling),
        ]
        for each in factors
    ]
    return Table("", columns, rows)


def history(material: NoteMaterial, words: Words) -> list[Block]:
    """Explain what changed between the versions, and what the proposals would change."""
    language, programme = words.language, material.programme
    proposals = material.driven
    if len(programme.versions) + bool(proposals) < 2:
        return []
    names = [version.version for version in programme.versions]
    comparison = compare_versions(programme, names, proposals)
    shown = [
        each
        for each in comparison.values
        if each.is_changed or each.is_moved or (each.reason and each.point == "target")
    ]
    heading = Heading(language.gettext("Changes between the versions"))
    template = language.gettext(
        "{n} values have no number in an earlier version held here; whether they changed is not "
        "known. Where the document says something of their history, it stands below."
    )
    blocks: list[Block] = [heading]
    if comparison.unknown:
        blocks.append(Paragraph(template.format(n=len(comparison.unknown))))
    if not shown:
        return blocks if comparison.unknown else []
    columns = [
        Column(language.gettext("Value"), width=1.9),
        Column(language.gettext("By version"), width=2.4),
        Column(language.gettext("Reason"), width=4.2),
    ]
    rows = [_history_row(each, comparison, words) for each in shown]
    return [*blocks, Table("", columns, rows)]


def _history_row(value: ComparedValue, comparison: VersionComparison, words: Words) -> list[str]:
    reasons = [words.text(value.reason)] if value.reason else []
    if why := value.why_proposed(words.language):
        reasons.append(words.language.gettext("proposal: {reason}").format(reason=why))
    unit = format_unit(quantity(0, value.indicator.unit).unit, words.language)
    return [
        f"{value.indicator.code} {words.point(value.point)} ({unit})",
        given_text(comparison, value, words.language) or words.language.gettext("not given"),
        "; ".join(reasons) or DASH,
    ]
