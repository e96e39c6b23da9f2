"""The paragraphs on data and method: sources, vintage, breaks, how the paths were made."""

from __future__ import annotations

import pandas as pd

from forecasting.briefing.blocks import Paragraph, Run, rich
from forecasting.briefing.figures import named_breaks
from forecasting.briefing.material import OUTTURN_DATASETS, Material
from forecasting.briefing.words import Words
from forecasting.forecasts import Forecast
from forecasting.forecasts.calibration import SURGE_MONTHS
from forecasting.languages import Language
from forecasting.programmes.reliability import ATTAINMENT
from forecasting.series.breaks import ADVICE, SHORTEST, Break
from forecasting.sources.reference import find_dataset
from forecasting.sources.status import failing_since


def vintage(material: Material) -> Paragraph:
    """Say which figures were used, how far they may still be revised, and if newer ones failed."""
    if material.as_of is not None:
        return Paragraph(_known_then(material, material.as_of), small=True)
    language, dataset = material.language, material.dataset
    templates = [
        language.gettext(
            "**Vintage.** Persons with a first or repeat application; newest figures held, rounded "
            "to {step} by their publisher. {revised}"
        )
    ]
    since = failing_since(dataset.name)
    if since is not None:
        template = language.gettext(
            "**No newer figures could be had from {publisher} since {since}: those of {day} are "
            "used.**"
        )
        templates.append(template)
    revised = _revised(material) or language.gettext("The last months may still be revised.")
    text = rich(
        " ".join(templates),
        step=str(dataset.rounded_to),
        revised=" ".join(filter(None, (_retrieved(material), revised))),
        publisher=dataset.publisher,
        since=language.date(since) if since else "",
        day=language.date(dataset.as_of),
    )
    return Paragraph(text, small=True)


def _known_then(material: Material, as_of: pd.Period) -> tuple[Run, ...]:
    language = material.language
    template = language.gettext(
        "**Vintage.** State of knowledge: {month}. The last month published by then is {origin}. "
        "One vintage is held: revisions made between then and {date} are not undone. {later}"
    )
    if material.is_vintage_then:
        template = language.gettext(
            "**Vintage.** State of knowledge: {month}, the figures as they were retrieved by then. "
            "The last month is {origin}. {later}"
        )
    later = (
        _retrieved(material),
        _known_later(material, as_of),
        _left_out(material),
        _revised(material),
    )
    return rich(
        template,
        month=language.month(as_of),
        origin=language.month(material.summary.origin),
        date=language.date(material.dataset.as_of),
        later=" ".join(filter(None, later)),
    )


def _retrieved(material: Material) -> str:
    """Name the vintage of the store; nothing where the figures that ship are used."""
    language, dataset = material.language, material.dataset
    if not dataset.held:
        return ""
    template = language.gettext("Vintage {number}, retrieved on {date}.")
    return template.format(number=int(dataset.held[:6]), date=language.date(dataset.as_of))


def _revised(material: Material) -> str:
    """Say how figures as young as the last one were revised; nothing where it is too old."""
    language, past = material.language, material.revisions
    if past is None:
        return ""
    template = language.gettext(
        "Of {cases} figures as young as the last one ({age}; tables of {years}), {share} were "
        "later revised, {direction}; the paths carry this on."
    )
    upwards = language.gettext("all upwards")
    if past.upwards < 1:
        upwards = language.gettext("{share} of these upwards").format(
            share=language.percent(past.upwards)
        )
    return template.format(
        cases=past.cases,
        age=language.ngettext("{n} month", "{n} months", past.age_months).format(n=past.age_months),
        years=past.years,
        share=language.percent(past.revised),
        direction=upwards,
    )


def _left_out(material: Material) -> str:
    """Say that centres and backlog are left out where their figures were not known by then."""
    if material.scenarios is None or not material.scenarios.is_before_stocks:
        return ""
    return material.language.gettext(
        "Centres and backlog are left out: their configurations begin with later figures."
    )


def _known_later(material: Material, as_of: pd.Period) -> str:
    """Name what a page as of a past month quotes although it came later."""
    language = material.language
    later = [
        language.gettext("the record of past targets"),
        language.gettext("the past windows"),
    ]
    if material.result.calibration is not None:
        later.insert(0, language.gettext("the width of the intervals"))
    if material.outturns:
        later.append(language.gettext("the ministry's counts"))
    if material.scenarios is not None:
        later.append(language.gettext("the scenarios"))
    sentence = language.gettext("Known only later: {things}.").format(things=language.join(later))
    version = material.targets.headline.version if material.targets else None
    if version is None or version.date <= as_of.end_time.date():
        return sentence
    template = language.gettext("The published values are those of version {version}, {date}.")
    published = template.format(version=version.version, date=language.date(version.date))
    return f"{published} {sentence}"


def breaks(material: Material) -> Paragraph:
    """Say which breaks were found, how large they are, what was done and what to check."""
    sentences = " ".join(_break_sentences(material))
    return Paragraph(
        rich(material.language.gettext("**Breaks.** {sentences}"), sentences=sentences),
        small=True,
    )


def _break_sentences(material: Material) -> list[str]:
    language, named = material.language, named_breaks(material)
    if material.breaks is None:
        template = language.gettext("Not looked for: the series has fewer than {n} months.")
        return [template.format(n=SHORTEST)]
    if not material.breaks:
        return [
            language.gettext(
                "None was found: no change stands out from the ordinary ones of the series."
            )
        ]
    found = "; ".join([*_listed(material, named), *_unnamed(material, named)])
    return [
        language.gettext("Abrupt changes: {breaks}.").format(breaks=found),
        language.gettext(
            "Nothing was cut or removed: the pool expects that such changes come again."
        ),
        *_checks(material, named),
    ]


def _listed(material: Material, named: tuple[Break, ...]) -> list[str]:
    language, words = material.language, Words(material.language)
    return [
        f"({number})\N{NO-BREAK SPACE}{language.month(each.period)}, "
        f"{words.break_kind(each.kind)}, {words.factor(each.size)}"
        for number, each in enumerate(named, start=1)
    ]


def _unnamed(material: Material, named: tuple[Break, ...]) -> list[str]:
    """Count the breaks that are weaker, or before the chart begins."""
    count = len(material.breaks or ()) - len(named)
    template = material.language.ngettext(
        "{n} weaker or before the chart begins", "{n} weaker or before the chart begins", count
    )
    return [template.format(n=count)] if count else []


def _checks(material: Material, named: tuple[Break, ...]) -> list[str]:
    """Write each advice once, behind the numbers of the breaks that it is for."""
    language, words = material.language, Words(material.language)
    checks = []
    for advice in ADVICE.values():
        own = [f"({n})" for n, each in enumerate(named, start=1) if each.advice == advice]
        if own:
            checks.append(f"{language.join(own)}: {words.break_check(advice)}")
    return checks


def method(material: Material) -> Paragraph:
    """Say what the paths are, from which models, and how wide they were made."""
    language, words = material.language, Words(material.language)
    template = language.gettext(
        "**Method.** {n} joint sample paths from a linear pool of models ({models}); observed "
        "months are facts. Every number is computed on the same paths, so that the dependence "
        "between months is kept. {intervals}"
    )
    used = dict.fromkeys(
        words.model_kind(each.name) for each in material.result.members if each.n_paths
    )
    said = [_width(material.result, language), *_unused(material)]
    return Paragraph(
        rich(
            template,
            n=words.count(material.n_paths),
            models="; ".join(used),
            intervals=" ".join(said),
        ),
        small=True,
    )


def _unused(material: Material) -> list[str]:
    """Name the members of the pool that gave no paths, and why."""
    language, words = material.language, Words(material.language)
    unused = [
        f"{words.model(member.name)} ({words.member_status(member.status, 0)})"
        for member in material.result.members
        if not member.n_paths
    ]
    template = language.gettext("Without paths: {named}.")
    return [template.format(named=language.join(unused))] if unused else []


def _width(result: Forecast, language: Language) -> str:
    if result.calibration is None:
        return language.gettext("The intervals are not calibrated.")
    calibrated = language.gettext(
        "The intervals are calibrated: as wide as past forecasts for ten countries needed."
    )
    if result.upward is None:
        return calibrated
    surges = language.gettext(
        "More than {n} months ahead their upper half makes room for surges like those that "
        "followed past situations in these countries."
    )
    return f"{calibrated} {surges.format(n=SURGE_MONTHS[0])}"


def sources(material: Material) -> Paragraph:
    """Name the figures used, with the day as of which they stand here."""
    language, dataset = material.language, material.dataset
    named = [
        (
            language.gettext("{source}, {start} to {end}").format(
                source=dataset.source,
                start=language.short_month(material.result.series.periods[0]),
                end=language.short_month(material.summary.origin),
            ),
            dataset.as_of,
        )
    ]
    if material.outturns:
        counted = find_dataset(OUTTURN_DATASETS[material.geo])
        named.append((language.gettext("Ministry, totals"), counted.as_of))
    if material.targets:
        version = material.targets.headline.version
        name = language.gettext("Programme, version {version}").format(version=version.version)
        named.append((name, version.date))
    record = find_dataset(ATTAINMENT)
    named.append((language.gettext("Record of past targets"), record.as_of))
    listed = [f"{name} ({language.short_date(day)})" for name, day in named]
    template = language.gettext("**Data** (as of). {sources}.")
    return Paragraph(rich(template, sources="; ".join(listed)), small=True)


def reproducibility(material: Material) -> Paragraph:
    """Name what it takes to make the page again."""
    language, words = material.language, Words(material.language)
    template = language.gettext(
        "**Reproducibility.** {run}, notebook {notebook}, seed {seed}, {n} paths; parameters, "
        "versions and checksums in {manifest}."
    )
    run = language.gettext("Not archived")
    if material.run_id:
        run = language.gettext("Run {run_id}").format(run_id=material.run_id)
    return Paragraph(
        rich(
            template,
            run=run,
            notebook="90_briefing.ipynb",
            seed=str(material.seed),
            n=words.count(material.n_paths),
            manifest="manifest.json",
        ),
        small=True,
    )
