"""The paragraphs of the report on a flow, written from its numbers."""

from __future__ import annotations

import pandas as pd

from forecasting.briefing.blocks import Paragraph, Text, rich
from forecasting.briefing.flows.figures import row_name
from forecasting.briefing.flows.record import COVERED, POOL, Record, TargetRecord
from forecasting.briefing.flows.words import FlowWords
from forecasting.evaluation.diagnostics import CHANCE_LEVEL
from forecasting.forecasts import Forecast
from forecasting.forecasts.pool import USED
from forecasting.forecasts.summary import span_estimate
from forecasting.periods import months_between, parse_month
from forecasting.programmes.reliability import read_attainment
from forecasting.series import RegularSeries
from forecasting.series.revisions import known_revisions, summarise_revisions
from forecasting.sources.reference import Dataset


def data_text(series: RegularSeries, dataset: Dataset, as_of: str, words: FlowWords) -> Text:
    """Say what the observations are, how they are rounded, and how far they may be revised."""
    language = words.language
    template = language.gettext(
        "**{n} months, {start} to {end}**: persons with a first or a repeat application, {source}, "
        "as of {date}, rounded to {step} by the publisher. {later}"
    )
    return rich(
        template,
        n=str(len(series.values)),
        start=language.month(series.periods[0]),
        end=language.month(series.origin),
        source=dataset.source,
        date=language.date(dataset.as_of),
        step=str(dataset.rounded_to),
        later=_revisions(series, dataset, as_of, words),
    )


def _revisions(series: RegularSeries, dataset: Dataset, as_of: str, words: FlowWords) -> str:
    language = words.language
    if as_of:
        template = language.gettext(
            "State of knowledge: {month}; revisions made between then and {date} are not undone, "
            "and what ten countries have taught was learned up to {date}."
        )
        month = parse_month(as_of, where="as-of")
        if dataset.held and dataset.as_of <= month.end_time.date():
            template = language.gettext(
                "State of knowledge: {month}, the vintage retrieved on {date}; what ten countries "
                "have taught may have been learned later."
            )
        return template.format(month=language.month(month), date=language.date(dataset.as_of))
    age = months_between(series.origin, pd.Period(dataset.as_of, "M")) - 1
    found = summarise_revisions(known_revisions(dataset.name))
    found = found[(found["geo"] == "all") & (found["age_months"] == age)]
    if found.empty:
        return language.gettext("The last months may still be revised.")
    past = found.iloc[0]
    template = language.gettext(
        "Of {cases} earlier figures of several countries that were as young as the newest one "
        "({age}), {share} were revised later; the standard deviation of all their revisions is "
        "{spread}."
    )
    return template.format(
        cases=int(past["cases"]),
        age=language.ngettext("{n} month", "{n} months", age).format(n=age),
        share=language.percent(past["revised"]),
        spread=language.percent(past["spread"]),
    )


def members_text(record: Record, words: FlowWords) -> Text:
    """Say what was tested, and how."""
    language = words.language
    template = language.gettext(
        "The pool joins an equal share of paths from each of its {n} members: {members}. At "
        "{origins} past origins, from {first} to {last}, every model was estimated anew on the "
        "observations up to the origin and held against what followed. {problems}"
    )
    problems = ""
    if record.problems:
        problems = language.ngettext(
            "{n} forecast could not be made or scored in full.",
            "{n} forecasts could not be made or scored in full.",
            len(record.problems),
        ).format(n=len(record.problems))
    origins = [parse_month(text) for text in record.origins]
    return rich(
        template,
        n=str(len(record.members)),
        members="; ".join(words.counts.model(name) for name in record.members),
        origins=str(len(origins)),
        first=language.month(origins[0]),
        last=language.month(origins[-1]),
        problems=problems,
    )


def calibration_text(record: Record, words: FlowWords) -> Text:
    """Say how the intervals were calibrated, and how independent this test of them is."""
    language = words.language
    template = language.gettext(
        "An interval of {level} ought to hold {level} of the outcomes. The factors that stretch or "
        "narrow the pool's paths ship with the suite. **They were measured on ten countries, this "
        "one included**, so the test below is not independent of them. Outcomes of neighbouring "
        "origins share their months: {n} origins are fewer independent cases, and chance moves the "
        "shares far."
    )
    return rich(template, level=language.percent(COVERED[0] / 100), n=str(len(record.origins)))


def coverage_text(record: Record, words: FlowWords) -> Text:
    """Say which shares lie outside the range of chance."""
    language = words.language
    found = [(level, each) for level in COVERED for each in record.coverages(POOL, level)]
    outside = [(level, each) for level, each in found if not each.found.is_chance]
    if not outside:
        template = language.gettext(
            "**All {n} shares lie within the range of chance**: on these cases alone nothing "
            "speaks against the intervals, and little could."
        )
        return rich(template, n=str(len(found)))
    template = language.gettext(
        "**{inside} of {n} shares lie within the range of chance** ({level}); outside: {named}."
    )
    named = [
        f"{row_name(each, words)} ({language.percent(level / 100)}: "
        f"{language.percent(each.found.share)})"
        for level, each in outside
    ]
    return rich(
        template,
        inside=str(len(found) - len(outside)),
        n=str(len(found)),
        level=language.percent(CHANCE_LEVEL / 100),
        named=language.join(named),
    )


def ranks_text(record: Record, words: FlowWords) -> Text:
    """Say how often the outcome lay above the median, beside what chance would do."""
    language = words.language
    template = language.gettext("{months}: {share} (range of chance {lower} to {upper})")
    parts = [
        template.format(
            months=words.months(months),
            share=language.percent(found.above),
            lower=language.percent(found.above_range[0]),
            upper=language.percent(found.above_range[1]),
        )
        for months, found in record.ranks(POOL)
    ]
    named = "; ".join(parts)
    return language.gettext("Outcomes above the median of the paths – {named}.").format(named=named)


def forecast_text(result: Forecast, words: FlowWords) -> Text:
    """Say what the next twelve months bring, beside the last."""
    language, counts = words.language, words.counts
    observed = result.series.values
    recent, before = float(observed.iloc[-12:].sum()), float(observed.iloc[-24:-12].sum())
    year = span_estimate(result, result.origin + 1, result.origin + 12)
    template = language.gettext(
        "In the twelve months to {month} there were **{recent}** applicants, {change} against the "
        "twelve months before. For the next twelve the median is **{median}**; four of five paths "
        "lie between {lower} and {upper}."
    )
    return rich(
        template,
        month=language.month(result.origin),
        recent=counts.count(recent),
        change=counts.change(recent, before),
        median=counts.about(year.median),
        lower=counts.about(year.lower),
        upper=counts.about(year.upper),
    )


def paths_text(result: Forecast, words: FlowWords) -> Text:
    """Say which members gave paths, and which did not."""
    language, counts = words.language, words.counts
    used = [member for member in result.members if member.status == USED]
    template = language.gettext("{n} of {all} members gave paths: {used}. {left_out}")
    left = [
        f"{words.model(member.name)}: {counts.member_status(member.status, 0)}"
        for member in result.members
        if member.status != USED
    ]
    left_out = language.gettext("Without paths: {named}.").format(named="; ".join(left))
    return rich(
        template,
        n=str(len(used)),
        all=str(len(result.members)),
        used=", ".join(f"{words.model(m.name)}: {counts.count(m.n_paths)}" for m in used),
        left_out=left_out if left else "",
    )


def targets_text(
    cases: pd.DataFrame, rule: TargetRecord, practice: TargetRecord, words: FlowWords
) -> Text:
    """Say how often targets were met, beside the practice, and on how little that rests."""
    language, window = words.language, int(cases["window_months"].iloc[0])
    template = language.gettext(
        "Had a target for the total of {months} months been set at {n} past origins, to be met "
        "with probability {p}, **{met}** would have been met; the last year times {years} in "
        "{practice}. A good rule meets its targets as often as it says: more often means that they "
        "were set low. Windows that do not overlap: at most {independent}."
    )
    origins = [parse_month(text) for text in sorted(cases["origin"])]
    span = months_between(origins[0] + 1, origins[-1] + window)
    return rich(
        template,
        months=str(window),
        n=str(len(cases)),
        p=language.percent(cases["probability"].iloc[0]),
        met=language.percent(rule.share),
        years=words.years(cases),
        practice=language.percent(practice.share),
        independent=str(span // window),
    )


def ten_countries(cases: pd.DataFrame, words: FlowWords) -> list[Paragraph]:
    """Set the record of ten countries beside; nothing where none of this window is held."""
    language = words.language
    probability, window = cases["probability"].iloc[0], int(cases["window_months"].iloc[0])
    record = [
        entry
        for entry in read_attainment()
        if (entry.probability, entry.window_months) == (probability, window)
    ]
    template = language.gettext(
        "**Over {countries} countries together**, of {cases} such targets {met} were met (between "
        "{lower} and {upper}), by the practice {practice}."
    )
    return [
        Paragraph(
            rich(
                template,
                countries=str(entry.countries),
                cases=words.counts.count(entry.cases),
                met=language.percent(entry.met),
                lower=language.percent(entry.lower),
                upper=language.percent(entry.upper),
                practice=language.percent(entry.practice_met),
            )
        )
        for entry in record
    ]
