"""The paragraphs of the report on a backlog, written from its numbers."""

from __future__ import annotations

from forecasting.briefing.blocks import Text, Tile, Tiles, rich
from forecasting.briefing.stocks.backlog_material import BacklogMaterial, Jump
from forecasting.briefing.stocks.words import StockWords


def tiles(material: BacklogMaterial, words: StockWords) -> Tiles:
    """Set the staff of now beside the staff needed, and where the staff of now leads."""
    language, needed = words.language, material.projection.needed
    result, end = material.projection.result, material.periods[-1]
    waiting, wait = material.at(result.backlog, end), material.at(result.wait_of_last_arrival, end)
    month = language.short_month(end)
    items = [
        Tile(
            language.gettext("staff now"),
            words.plain(material.staff_now),
            language.gettext("decisions a month: {n}").format(
                n=words.counts.count(material.projection.plan.inputs.capacity[0])
            ),
        ),
        Tile(
            language.gettext("staff needed, {share}").format(
                share=language.percent(needed.probability)
            ),
            words.staff(needed.persons),
            language.gettext("decisions a month: {n}").format(
                n=words.counts.count(needed.capacity)
            ),
        ),
        Tile(
            language.gettext("waiting, {month}").format(month=month),
            words.about(waiting.median),
            words.level_range(80, waiting.lower, waiting.upper),
        ),
        Tile(
            language.gettext("the last waits, months"),
            words.months(wait.median),
            language.gettext("{level}: {lower} to {upper}").format(
                level=language.percent(0.8),
                lower=words.months(wait.lower),
                upper=words.months(wait.upper),
            ),
        ),
    ]
    return Tiles(items)


def answer_texts(material: BacklogMaterial, words: StockWords) -> list[Text]:
    """Say how much staff it takes, what becomes of the backlog, and what that rests on."""
    language, needed = words.language, material.projection.needed
    items: list[Text] = [
        rich(
            language.gettext(
                "**Staff needed: {needed}**, so that whoever applies is decided within {limit}, "
                "in every month from {month} on, with probability {share}. Staff now: {now}. The "
                "staff needed is {ratio} times that, and would have to be there from {start} on."
            ),
            needed=words.staff(needed.persons),
            limit=words.limit(material.limit),
            month=language.month(needed.from_period),
            share=language.percent(needed.probability),
            now=words.plain(material.staff_now),
            ratio=words.ratio(material.ratio),
            start=language.month(material.periods[0]),
        ),
        rich(
            language.gettext(
                "**The factor {ratio} compares decisions a month**, {needed} with {now}. Where the "
                "staff of now is derived from decisions made, other hours per case change both "
                "staffs alike, and not the factor."
            ),
            ratio=words.ratio(material.ratio),
            needed=words.counts.count(needed.capacity),
            now=words.counts.count(material.projection.plan.inputs.capacity[0]),
        ),
        _unchanged(material, words),
    ]
    note = words.note(material.projection.plan.config.note)
    if note:
        items.append(rich(language.gettext("**What this rests on.** {note}"), note=note))
    return items


def _unchanged(material: BacklogMaterial, words: StockWords) -> Text:
    language, result = words.language, material.projection.result
    end = material.periods[-1]
    waiting, wait = material.at(result.backlog, end), material.at(result.wait_of_last_arrival, end)
    return rich(
        language.gettext(
            "**With the staff of now** {median} wait at the end of {month} in the median; four of "
            "five paths lie between {lower} and {upper}. The last to come then waits {wait} months "
            "in the median."
        ),
        median=words.about(waiting.median),
        month=language.month(end),
        lower=words.about(waiting.lower),
        upper=words.about(waiting.upper),
        wait=words.months(wait.median),
    )


def jumps_text(material: BacklogMaterial, words: StockWords) -> Text:
    """Say of each abrupt change whether the applications of its month explain it."""
    language = words.language
    sentences = [_jump(number, jump, words) for number, jump in enumerate(material.jumps, start=1)]
    sentences.append(
        language.gettext(
            "The projection starts from the last figure only, so none of them moves it."
        )
    )
    return " ".join(sentences)


def _jump(number: int, jump: Jump, words: StockWords) -> str:
    language = words.language
    if jump.is_counting:
        template = language.gettext(
            "({number}) {month}: {change} more waited than the month before and only {applied} "
            "applied: the counting must have changed, or cases were added late."
        )
    elif jump.applied is not None:
        template = language.gettext(
            "({number}) {month}: {change} against the month before, with {applied} applications."
        )
    else:
        template = language.gettext("({number}) {month}: {change} against the month before.")
    sign = "" if jump.is_counting or jump.change < 0 else "+"
    return template.format(
        number=number,
        month=language.month(jump.found.period),
        change=sign + words.counts.count(jump.change),
        applied=words.counts.count(jump.applied or 0),
    )


def waits_text(material: BacklogMaterial, words: StockWords) -> Text:
    """Explain the two waits."""
    return words.language.gettext(
        "Two waits: the one ahead of whoever applies last, and the one behind those who wait. The "
        "first reacts to applications at once, the second only later."
    )


def staff_text(material: BacklogMaterial, words: StockWords) -> Text:
    """Say how strongly the staff depends on the probability asked for."""
    language, variants = words.language, material.variants
    last = material.at(variants.by_period, material.periods[-1])
    return rich(
        language.gettext(
            "**A staff of {low} is enough with probability {p_low}, one of {high} with {p_high}.** "
            "The higher probabilities cover surges that some paths hold: for {month} by itself a "
            "staff of {few} is enough on half of the paths."
        ),
        low=words.staff(variants.persons[0]),
        p_low=language.percent(variants.probabilities[0]),
        high=words.staff(variants.persons[-1]),
        p_high=language.percent(variants.probabilities[-1]),
        month=language.month(material.periods[-1]),
        few=words.staff(last.median),
    )


def assumptions_text(material: BacklogMaterial, words: StockWords) -> Text:
    """Say what hours and exit rate do to the staff needed."""
    language, persons = words.language, material.variants.persons_by_assumption
    rates = material.variants.exit_rates
    base = material.variants.hours_factors.index(1.0)
    return words.noted(
        language.gettext("Twice the hours per case, twice the staff."),
        language.gettext(
            "With the hours as assumed, an exit rate of {low} a month takes a staff of {many}, one "
            "of {high} a staff of {few}."
        ).format(
            low=language.percent(rates[0]),
            many=words.staff(persons[0, base]),
            high=language.percent(rates[-1]),
            few=words.staff(persons[-1, base]),
        ),
    )


def work_text(material: BacklogMaterial, words: StockWords) -> Text:
    """Say what a case takes altogether, and where the numbers come from."""
    language = words.language
    source = ""
    if "assumed" in {stage.quality for stage in material.stages}:
        source = language.gettext(
            "No document held states the assumed hours: they are to be replaced by the office's "
            "own time recording."
        )
    return rich(
        language.gettext(
            "A case takes **{hours} working hours** on average, so a person decides {cases} cases "
            "a month. {source}"
        ),
        hours=words.months(material.staff.hours_per_case),
        cases=words.months(material.staff.cases_per_person),
        source=source,
    )


def places_text(material: BacklogMaterial, words: StockWords) -> Text:
    """Say how places follow from those who wait."""
    language = words.language
    share = float(material.projection.plan.config.private_share or 0)
    return language.gettext(
        "{share} of those who wait are taken to live in private accommodation; each of the others "
        "needs a place."
    ).format(share=language.percent(share))
