"""The charts of the report on savings with caption, note and alternative text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecasting.briefing.blocks import Figure
from forecasting.briefing.charts import Band
from forecasting.briefing.drawing import ORANGE
from forecasting.briefing.half_charts import Sum, sums_chart
from forecasting.briefing.savings.material import SavingsMaterial
from forecasting.briefing.savings.texts import estimate_text
from forecasting.briefing.savings.track_chart import Track, TrackChart, track_chart
from forecasting.briefing.savings.words import HIGH, LOW, MILLION, SavingsWords
from forecasting.briefing.stocks.words import stated
from forecasting.forecasts.summary import BAND_LEVELS
from forecasting.savings.outcomes import Outcome


def stated_figure(figure: Figure, material: SavingsMaterial, words: SavingsWords) -> Figure:
    """Put the assumptions of the configuration under a chart."""
    return stated(figure, words.note(material.run.plan.config.note))


def cumulated_figure(material: SavingsMaterial, words: SavingsWords) -> Figure:
    """Draw the savings up to each month against the cost, gross and net side by side."""
    language = words.language
    figure = Figure(
        id="cumulated",
        caption=language.gettext("Saved up to each month, gross and net, against the cost"),
        alt=_cumulated_alt(material, words),
        svg=track_chart([_gross_panel(material, words), _net_panel(material, words)], language),
        note=words.noted(
            draws_note(material, words),
            language.gettext("The net savings on the right are drawn on a larger scale."),
        ),
    )
    return stated_figure(figure, material, words)


def _gross_panel(material: SavingsMaterial, words: SavingsWords) -> TrackChart:
    """Gross against the cost, with net and published for comparison."""
    language, months = words.language, material.months
    net, published = (
        material.cumulated(savings).mean(axis=0) / MILLION
        for savings in (material.run.savings.net, material.published.savings.gross)
    )
    cost = material.cost / MILLION
    before = language.gettext("published {value}").format(
        value=words.million(material.published_eur)
    )
    panel = _panel(
        language.gettext("gross, EUR million"), material.run.savings.gross, material, words
    )
    return replace(
        panel,
        middle_text=language.gettext("gross {value}").format(
            value=words.million(material.gross.mean)
        ),
        top=1.05 * max(panel.top, cost),
        tracks=[
            Track(months, net, _net_text(material, words)),
            Track(np.arange(float(len(published))), published, before, ORANGE, dashed=True),
        ],
        level=cost,
        level_text=language.gettext("cost {value}").format(value=words.million(material.cost)),
    )


def _net_panel(material: SavingsMaterial, words: SavingsWords) -> TrackChart:
    title = words.language.gettext("net, EUR million")
    panel = _panel(title, material.run.savings.net, material, words)
    return replace(panel, middle_text=_net_text(material, words))


def _net_text(material: SavingsMaterial, words: SavingsWords) -> str:
    return words.language.gettext("net {value}").format(value=words.million(material.net.mean))


def _panel(
    title: str, monthly: np.ndarray, material: SavingsMaterial, words: SavingsWords
) -> TrackChart:
    """Mean and bands of the savings up to each month, without words for the mean."""
    cumulated = material.cumulated(monthly)
    middle = cumulated.mean(axis=0) / MILLION
    bands = [_in_millions(band) for band in material.bands(cumulated)]
    edges = [float(band.upper[-1]) for band in bands]
    return TrackChart(
        material.months, middle, bands, "", _levels(bands, words), title,
        1.05 * max([float(middle[-1]), *edges]) or 1.0,
        words.language.gettext("month of the programme"), is_titled=True,
    )  # fmt: skip


def _in_millions(band: Band) -> Band:
    return Band(band.level, band.lower / MILLION, band.upper / MILLION)


def _levels(bands: Sequence[Band], words: SavingsWords) -> list[str]:
    return [words.language.percent(band.level / 100) for band in bands]


def sums_figure(material: SavingsMaterial, words: SavingsWords, *, height_mm: float) -> Figure:
    """Draw published, gross and net savings and the cost as bars."""
    language, unit = words.language, words.language.gettext("EUR million")
    sums = [
        Sum(
            language.gettext("published"),
            float(material.published_eur) / MILLION,
            words.million(material.published_eur),
        ),
        _sum(language.gettext("gross"), material.gross, material, words),
        _sum(language.gettext("net"), material.net, material, words),
        Sum(
            language.gettext("cost"),
            material.cost / MILLION,
            words.million(material.cost),
            is_cost=True,
        ),
    ]
    caption = language.gettext("Savings in {n} months against the cost")
    listed = "; ".join(f"{each.name} {each.text}" for each in sums)
    return Figure(
        id="sums",
        caption=caption.format(n=material.horizon),
        alt=language.gettext("Bar chart, EUR million: {sums}.").format(sums=listed),
        svg=sums_chart(sums, unit, language, height_mm=height_mm),
        note=words.note(material.run.plan.config.note),
    )


def _sum(name: str, outcome: Outcome, material: SavingsMaterial, words: SavingsWords) -> Sum:
    if not material.is_uncertain:
        return Sum(name, float(outcome.mean) / MILLION, words.million(outcome.mean))
    low, high = (float(outcome.quantiles[place]) / MILLION for place in (LOW, HIGH))
    text = _ranged(words, outcome)
    return Sum(name, float(outcome.mean) / MILLION, text, (low, high))


def _ranged(words: SavingsWords, outcome: Outcome) -> str:
    return words.language.gettext("{median} ({lower} to {upper})").format(
        median=words.million(outcome.mean),
        lower=words.million(outcome.quantiles[LOW]),
        upper=words.million(outcome.quantiles[HIGH]),
    )


def draws_note(material: SavingsMaterial, words: SavingsWords) -> str:
    """Say what bands hold; nothing where nothing is uncertain."""
    if not material.is_uncertain:
        return ""
    return words.language.gettext("Lines are means; bands hold {levels} of {n} draws.").format(
        levels=words.language.join([words.language.percent(v / 100) for v in BAND_LEVELS]),
        n=words.counts.count(material.n_draws),
    )


def _cumulated_alt(material: SavingsMaterial, words: SavingsWords) -> str:
    language = words.language
    return language.gettext(
        "Line chart of the savings up to each of {n} months. At the end gross {gross}, net {net}, "
        "published {published}; cost {cost}. Cost reached: gross {gross_when}, net {net_when}."
    ).format(
        n=material.horizon,
        gross=estimate_text(material.gross, material, words),
        net=estimate_text(material.net, material, words),
        published=words.euros_million(material.published_eur),
        cost=words.euros_million(material.cost),
        gross_when=words.month_number(material.gross.break_even_month, material.horizon),
        net_when=words.month_number(material.net.break_even_month, material.horizon),
    )
