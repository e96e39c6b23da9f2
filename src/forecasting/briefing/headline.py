"""Head of the first page: title that states the finding, key messages, four tiles."""

from __future__ import annotations

import math

from forecasting.briefing.blocks import Document, Messages, Paragraph, Text, Tile, Tiles, rich
from forecasting.briefing.material import ATTAINMENT_LEVEL, Material, TargetMaterial
from forecasting.briefing.words import Words
from forecasting.programmes.derivation import forecast_inputs, published_trace
from forecasting.programmes.proposals import Proposal
from forecasting.programmes.reasons import Change


def document(material: Material, version: str) -> Document:
    """Return the head of the document."""
    language, words = material.language, Words(material.language)
    return Document(
        language=language.code,
        title=_title(material, words),
        subtitle=_subtitle(material, words),
        kind=language.gettext("Forecast and targets")
        if material.targets
        else language.gettext("Forecast"),
        date=language.gettext("Data as of {date}").format(date=language.date(material.data_date)),
        footer=_footer(material, version),
        data_date=material.data_date.isoformat(),
        author="forecasting",
        description=_subtitle(material, words),
        keywords=(material.geo, material.dataset.dataset),
    )


def messages(material: Material) -> Messages:
    """Return the box with the key messages."""
    words = Words(material.language)
    if material.targets is None:
        items = _forecast_messages(material, words)
    else:
        items = [
            _published_message(material, material.targets.headline, words),
            _proposal_message(material.targets, words),
            _why_message(material.targets, words),
            *_robust_message(material),
            _reliability_message(material, words),
        ]
    return Messages(material.language.gettext("Key messages"), items)


def tiles(material: Material) -> Tiles:
    """Return the four figures a reader looks for first."""
    language, words, summary = material.language, Words(material.language), material.summary
    year = material.next_year
    items = [
        Tile(
            language.gettext("last figure, {month}").format(
                month=language.short_month(summary.origin)
            ),
            words.count(summary.last),
            language.gettext("{change} on the year").format(
                change=words.change(summary.last, summary.year_before)
            ),
        ),
        Tile(
            language.gettext("forecast for {year}").format(year=year.year),
            words.about(year.total.median),
            words.range(year.total),
        ),
    ]
    if material.targets:
        return Tiles([*items, *_target_tiles(material.targets.headline, words)])
    return Tiles([*items, *_recent_tiles(material, words)])


def outlook(material: Material) -> Paragraph:
    """Return the short text below the fan chart."""
    language, words, summary = material.language, Words(material.language), material.summary
    first, last = material.next_year, summary.years[-1]
    growth, ahead = material.growth, material.growth_ahead
    template = language.gettext(
        "In the twelve months to {month} there were **{recent}** applicants, {change} against the "
        "twelve months before. The median of the forecast for {first} is **{median}**; four of "
        "five paths lie between {lower} and {upper}, for {last} between {last_lower} and "
        "{last_upper}. Over {months} months four of five paths bring between {low} and {high} "
        "times the pace of the last year; in {cases} past windows of {window} months in "
        "{countries} countries it was {past_low} to {past_high} times. Medians do not add up: that "
        "of a year is not the sum of its months'."
    )
    return Paragraph(
        rich(
            template,
            month=language.month(summary.origin),
            recent=words.count(summary.last_year),
            change=words.change(summary.last_year, summary.year_before_last),
            first=str(first.year),
            median=words.about(first.total.median),
            lower=words.about(first.total.lower),
            upper=words.about(first.total.upper),
            last=str(last.year),
            last_lower=words.about(last.total.lower),
            last_upper=words.about(last.total.upper),
            months=str(ahead.months),
            low=language.number(ahead.lower, 1),
            high=language.number(ahead.upper, 1),
            cases=words.count(growth.cases),
            window=str(growth.window_months),
            countries=str(growth.countries),
            past_low=language.number(growth.lower, 1),
            past_high=language.number(growth.upper, 1),
        )
    )


def _title(material: Material, words: Words) -> str:
    language = material.language
    if material.targets is None:
        year = material.next_year
        return language.gettext("{geo}: {median} asylum applicants forecast for {year}").format(
            geo=language.territory(material.geo),
            median=words.about(year.total.median),
            year=year.year,
        )
    headline = material.targets.headline
    if headline.reached is not None:
        return language.gettext("The {year} target was already reached {in_month}").format(
            year=headline.date.year, in_month=language.in_month(headline.reached)
        )
    return language.gettext("The {year} target is met with probability {share}").format(
        year=headline.date.year, share=words.share(headline.probability or 0.0)
    )


def _subtitle(material: Material, words: Words) -> str:
    if material.targets is None:
        return material.language.gettext(
            "Asylum applicants per month, forecast to the end of {year}"
        ).format(year=material.end.year)
    indicator = material.targets.headline.indicator
    geo = material.language.territory(material.geo)
    programme = words.text(material.targets.programme.short_name)
    return f"{geo} · {programme} · {indicator.code} {words.text(indicator.label)}"


def _footer(material: Material, version: str) -> str:
    language = material.language
    parts = [
        language.gettext("Data as of {date}").format(date=language.date(material.data_date)),
        f"forecasting {version}",
        language.gettext("run {run_id}").format(run_id=material.run_id)
        if material.run_id
        else language.gettext("not archived"),
    ]
    return " · ".join(parts)


def _published_message(material: Material, headline: Proposal, words: Words) -> Text:
    language = material.language
    target, code = words.count(headline.published or 0), headline.indicator.code
    if headline.reached is not None:
        template = language.gettext(
            "**The published target of {target} persons ({code}) was reached {in_month}.** By the "
            "end of {month} the count was {observed}; whoever applies again counts again."
        )
        return rich(
            template,
            target=target,
            code=code,
            in_month=language.in_month(headline.reached),
            month=language.month(material.summary.origin),
            observed=words.count(headline.observed),
        )
    template = language.gettext(
        "**The published target of {target} persons ({code}) is met with probability {share}**; "
        "whoever applies again counts again. It is passed: {when}."
    )
    share, when = words.share(headline.probability or 0.0), words.passing(headline)
    return rich(template, target=target, code=code, share=share, when=when)


def _proposal_message(targets: TargetMaterial, words: Words) -> Text:
    headline, chosen = targets.headline, targets.probability
    others = [p for p in (0.9, 0.5, 0.8) if p != chosen][:2]
    template = words.language.gettext(
        "The proposal for the end of {year} is **{v80}**, met with probability {p80}; {v90} would "
        "be met with probability {p90}, {v50} with {p50}."
    )
    fields = dict(zip(("80", "90", "50"), (chosen, *others), strict=True))
    values = {f"v{name}": words.count(headline.proposals[p]) for name, p in fields.items()}
    shares = {f"p{name}": words.share(headline.attained[p]) for name, p in fields.items()}
    return rich(template, year=str(headline.date.year), **values, **shares)


def _reliability_message(material: Material, words: Words) -> Text:
    language, tested = material.language, material.tested
    template = language.gettext(
        "Tested on the past: of {cases} targets set by such forecasts ({months} months, "
        "probability {p}), **{met}** would have been met (interval of {level}: {lower} to "
        "{upper}); last year × {years}: {practice}. This forecast reaches {ahead} months ahead."
    )
    return rich(
        template,
        cases=words.count(tested.cases),
        months=str(tested.window_months),
        years=language.number(tested.window_months / 12),
        level=language.percent(ATTAINMENT_LEVEL),
        p=language.percent(tested.probability),
        met=language.percent(tested.met),
        lower=language.percent(tested.lower),
        upper=language.percent(tested.upper),
        practice=language.percent(tested.practice_met),
        ahead=str(material.n_months),
    )


def _why_message(targets: TargetMaterial, words: Words) -> Text:
    """Say how the published value came about, and what lies between it and the proposal."""
    language, headline = words.language, targets.headline
    trace = published_trace(targets.programme, headline.indicator, headline.point, language)
    named = [
        f"{words.text(given.label)}: {words.quantity(given.quantity)}"
        for given in forecast_inputs(targets.programme, headline.indicator)
    ]
    change = headline.changes.get(targets.probability)
    said = [
        language.gettext("As published: {trace}.").format(trace=trace)
        if trace
        else language.gettext("The document gives no calculation."),
    ]
    if change is not None:
        said.append(_steps(change, words))
    if named:
        template = language.gettext("The proposal rests on the assumption: {assumptions}.")
        said.append(template.format(assumptions=language.join(named)))
    return rich(language.gettext("**Why.** {sentences}"), sentences=" ".join(said))


def _steps(change: Change, words: Words) -> str:
    language = words.language
    names = {
        "correction": language.gettext("correction"),
        "assumption": language.gettext("assumption"),
        "new data": language.gettext("new data"),
        "model": language.gettext("model"),
    }
    steps = [
        f"{names[name]} {'+' if value > 0 else ''}{words.about(value)}"
        for name, value in change.steps.items()
        if words.about(value) != words.about(0)
    ]
    template = language.gettext("From it to the proposal: {steps}.")
    return template.format(steps=language.join(steps)) if steps else ""


def _robust_message(material: Material) -> list[Text]:
    """Say which target stands under every scenario, and what it costs; nothing without any."""
    language, words, scenarios = material.language, Words(material.language), material.scenarios
    found = scenarios.robust(scenarios.headline) if scenarios else None
    if scenarios is None or found is None:
        return []
    least = next(each for each in found.held if each.kind == "robust").least_met[1]
    binding = scenarios.comparison.projection(found.binding).scenario
    template = language.gettext(
        "**{robust}** is met with at least {share} under the reference and each of the scenarios "
        "shown ({number}): {price} less than the proposal. The binding one: {title}."
    )
    return [
        rich(
            template,
            robust=words.count(found.robust),
            share=language.percent(math.floor(100 * least) / 100),
            number=str(len(scenarios.moving)),
            price=words.count(found.price),
            title=words.text(binding.title),
        )
    ]


def _forecast_messages(material: Material, words: Words) -> list[Text]:
    language, summary, year = material.language, material.summary, material.next_year
    forecast_text = language.gettext("**{median} applicants are forecast for {year}** ({range}).")
    recent = language.gettext(
        "In the twelve months to {month} there were {recent} applicants, {change} against the "
        "twelve months before."
    )
    left_out = language.gettext(
        "No programme with indicator values is held for this country ({geo}): targets are left out."
    )
    return [
        rich(
            forecast_text,
            median=words.about(year.total.median),
            year=str(year.year),
            range=words.range(year.total),
        ),
        rich(
            recent,
            month=language.month(summary.origin),
            recent=words.count(summary.last_year),
            change=words.change(summary.last_year, summary.year_before_last),
        ),
        _reliability_message(material, words),
        rich(left_out, geo=language.territory(material.geo)),
    ]


def _target_tiles(headline: Proposal, words: Words) -> list[Tile]:
    language = words.language
    if headline.reached is not None:
        met, note = language.gettext("reached"), language.in_month(headline.reached)
    else:
        met = words.share(headline.probability or 0.0)
        note = language.gettext("of {n} paths").format(
            n=words.count(0 if headline.draws is None else len(headline.draws))
        )
    return [
        Tile(
            language.gettext("published target {year}").format(year=headline.date.year),
            words.count(headline.published or 0),
            language.gettext("{code}, version {version}").format(
                code=headline.indicator.code, version=headline.version.version
            ),
        ),
        Tile(language.gettext("probability of the target"), met, note),
    ]


def _recent_tiles(material: Material, words: Words) -> list[Tile]:
    language, summary, last = material.language, material.summary, material.summary.years[-1]
    change = words.change(summary.last_year, summary.year_before_last)
    return [
        Tile(
            language.gettext("last 12 months"),
            words.count(summary.last_year),
            language.gettext("{change} on the year").format(change=change),
        ),
        Tile(
            language.gettext("forecast for {year}").format(year=last.year),
            words.about(last.total.median),
            words.range(last.total),
        ),
    ]
