"""The paragraphs of the report on an occupancy, written from its numbers."""

from __future__ import annotations

import numpy as np

from forecasting.briefing.blocks import Text, rich
from forecasting.briefing.stocks.occupancy_material import OccupancyMaterial
from forecasting.briefing.stocks.occupancy_tables import indicator_of
from forecasting.briefing.stocks.variant_figures import is_stressed
from forecasting.briefing.stocks.words import StockWords
from forecasting.stocks.occupancy_variants import OccupancySensitivity
from forecasting.stocks.rule_comparison import RuleComparison

NOTABLE = 0.05
"""Chance of being over the places from which a variant is named."""


def title(material: OccupancyMaterial, words: StockWords) -> str:
    """Say of the last year what is more probable: that the places are enough, or too few."""
    config, last = material.projection.plan.config, material.last
    share = 1 - last.over_in_year
    template = words.language.gettext(
        "{name}: enough places throughout {year} with probability {share}"
    )
    if share < 0.5:
        share = last.over_in_year
        template = words.language.gettext(
            "{name}: too few places at times in {year} with probability {share}"
        )
    name = words.name(config.title, config.name)
    return template.format(name=name, year=last.year, share=words.share(share))


def answer_texts(material: OccupancyMaterial, probability: float, words: StockWords) -> list[Text]:
    """Say whether the places are enough, and what that rests on."""
    language, last = words.language, material.last
    low, high = material.last_range
    needed = {m: v[-1] for m, v in material.places_for(probability).items()}
    items: list[Text] = [
        rich(
            language.gettext(
                "**Median: {persons}** present at the end of a month of {year}; four of five month "
                "ends on the paths lie between {lower} and {upper}."
            ),
            persons=words.persons(last.median),
            year=str(last.year),
            lower=words.about(low),
            upper=words.about(high),
        ),
        rich(
            language.gettext(
                "**More persons than places** ({places}): at the end of some month of {year} with "
                "a probability of **{any}**; for the most crowded single month end {one}."
            ),
            places=words.capacity(material.steps),
            year=str(last.year),
            any=words.share(last.over_in_year),
            one=words.share(last.over_in_period),
        ),
        rich(
            language.gettext(
                "**For a service of {share}**: {pointwise} if it is to hold at the end of a given "
                "month, {simultaneous} if in every month of {year}, {nights} if on that share of "
                "the nights."
            ),
            share=language.percent(probability),
            year=str(last.year),
            pointwise=words.places(needed["pointwise"], exact=False),
            simultaneous=words.about(needed["simultaneous"]),
            nights=words.about(needed["share_of_nights"]),
        ),
    ]
    return [*items, *_surge(material, words), *_assumptions(material, words)]


def _surge(material: OccupancyMaterial, words: StockWords) -> list[Text]:
    busiest, language = material.busiest, words.language
    if busiest is None or busiest.value <= material.last_range[1]:
        return []
    template = language.gettext(
        "**On {date}: {persons} present**, {ratio} times the median. "
        "The projection holds no such surge; see the section on stays and arrivals."
    )
    return [
        rich(
            template,
            date=language.date(busiest.day),
            persons=words.persons(busiest.value, exact=True),
            ratio=words.ratio(busiest.value / max(material.last.median, 1.0)),
        )
    ]


def _assumptions(material: OccupancyMaterial, words: StockWords) -> list[Text]:
    note = words.assumptions(material.projection.plan)
    return (
        [rich(words.language.gettext("**What this rests on.** {note}"), note=note)] if note else []
    )


def chances_text(words: StockWords) -> Text:
    """Say why two chances stand beside each other."""
    return words.language.gettext(
        "A centre that is within its places at most month ends may still be over them once in a "
        "year. Both chances stand side by side."
    )


def meaning_texts(material: OccupancyMaterial, probability: float, words: StockWords) -> list[Text]:
    """Explain the three meanings of a service in plain words."""
    language = words.language
    needed = {
        m: words.places(v[-1], exact=False) for m, v in material.places_for(probability).items()
    }
    share = language.percent(probability)
    return [
        rich(
            language.gettext(
                "**{meaning}: {places} in {year}.** Name a month: with "
                "probability {share} everybody has a place at its end."
            ),
            meaning=_first_upper(words.meaning("pointwise")),
            places=needed["pointwise"],
            year=str(material.last.year),
            share=share,
        ),
        rich(
            language.gettext(
                "**{meaning}: {places}.** With probability {share} nobody is without one at any "
                "month end: the strictest."
            ),
            meaning=_first_upper(words.meaning("simultaneous")),
            places=needed["simultaneous"],
            share=share,
        ),
        rich(
            language.gettext(
                "**{meaning}: {places}.** Over many years {share} of the month ends are within "
                "them; the rest may be one bad winter."
            ),
            meaning=_first_upper(words.meaning("share_of_nights")),
            places=needed["share_of_nights"],
            share=share,
        ),
    ]


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def sensitivity_text(
    material: OccupancyMaterial, grid: OccupancySensitivity, words: StockWords
) -> Text:
    """Say from which factors on the places are too few."""
    language = words.language
    places = min(grid.over)
    chances = grid.over[places]
    sentences = [
        language.gettext(
            "Stay and arrivals are assumptions, so both are multiplied here, on the same random "
            "numbers."
        )
    ]
    if 1.0 in grid.stay_factors:
        own = chances[:, grid.stay_factors.index(1.0)]
        sentences.append(_first_over(grid, own, places, words))
    sentences.append(_as_counted(material, grid, words))
    return words.noted(*sentences)


def _first_over(
    grid: OccupancySensitivity, chances: np.ndarray, places: int, words: StockWords
) -> str:
    """Name the first factor of the arrivals at which the places are notably often too few."""
    language = words.language
    over = [i for i in np.argsort(grid.arrivals_factors) if chances[i] >= NOTABLE]
    if not over:
        return language.gettext(
            "With the stay as assumed, a capacity of {places} is exceeded with a probability below "
            "{share} under all arrivals shown."
        ).format(places=words.counts.count(places), share=language.percent(NOTABLE))
    first = over[0]
    return language.gettext(
        "With the stay as assumed, a capacity of {places} is exceeded in some month of {year} with "
        "a probability of {share} where arrivals are {factor} times as many."
    ).format(
        places=words.counts.count(places),
        year=grid.year,
        share=words.share(chances[first]),
        factor=words.plain(grid.arrivals_factors[first]),
    )


def _as_counted(material: OccupancyMaterial, grid: OccupancySensitivity, words: StockWords) -> str:
    """Name the mildest variant in which as many are expected as were once counted."""
    language, busiest = words.language, material.busiest
    if busiest is None:
        return ""
    product = np.outer(grid.arrivals_factors, grid.stay_factors)
    product = product + 1e-6 * np.array(grid.stay_factors)  # of equal ones that of the arrivals
    enough = np.where(grid.median >= busiest.value, product, np.inf)
    row, column = np.unravel_index(int(enough.argmin()), enough.shape)
    if not np.isfinite(enough[row, column]):
        return language.gettext(
            "No variant shown has a median as high as the count of {date} ({n})."
        ).format(n=words.counts.count(busiest.value), date=language.date(busiest.day))
    return language.gettext(
        "The count of {date} ({n}) would be reached by the median with arrivals × {arrivals} and a "
        "stay × {stay} together."
    ).format(
        n=words.counts.count(busiest.value),
        date=language.date(busiest.day),
        arrivals=words.plain(grid.arrivals_factors[row]),
        stay=words.plain(grid.stay_factors[column]),
    )


def rules_text(material: OccupancyMaterial, comparison: RuleComparison, words: StockWords) -> Text:
    """Say what is compared, and that the rule has to be chosen."""
    language = words.language
    which = language.gettext("The places are those of the configuration.")
    if is_stressed(material, comparison):
        which = language.gettext(
            "**Stressed variant, not the places there are**: so few that they bind."
        )
    nights = [o.nights_mean for o in comparison.outcomes if o.nights_mean]
    spread = ""
    if len(nights) > 1:
        spread = language.gettext(
            "The rule moves the nights without a place by a factor of {factor}: it has to be "
            "chosen, not assumed."
        ).format(factor=words.ratio(max(nights) / min(nights)))
    same = language.gettext("The same persons come to {places} under each rule.")
    return rich(
        words.noted(which, same, "{spread}"),
        places=words.places(comparison.places),
        spread=spread,
    )


def promise_text(material: OccupancyMaterial, words: StockWords) -> Text:
    """Say what an indicator promises."""
    indicator = indicator_of(material)
    return rich(
        words.language.gettext(
            "Promised: **{milestone} by the end of {first}** (milestone) and **{target} by the end "
            "of {second}** (target)."
        ),
        milestone=words.places(float(indicator.milestone)),
        first=str(indicator.milestone_year),
        target=words.places(float(indicator.target)),
        second=str(indicator.target_year),
    )


def missing_text(material: OccupancyMaterial, words: StockWords) -> Text:
    """Say what the document of an indicator leaves open."""
    indicator = indicator_of(material)
    return rich(
        words.language.gettext("**Not in the document:** {missing}. Source: {source}."),
        missing=words.counts.text(indicator.not_stated),
        source=words.counts.text(indicator.source),
    )
