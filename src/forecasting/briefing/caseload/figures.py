"""The charts of the report on a caseload with caption, note and alternative text."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from forecasting.briefing.blocks import Figure
from forecasting.briefing.caseload import phrases
from forecasting.briefing.caseload.caseload_chart import (
    Amounts,
    CaseloadChart,
    Fan,
    Span,
    caseload_chart,
)
from forecasting.briefing.caseload.count_chart import CountPanel, count_chart
from forecasting.briefing.caseload.material import CaseloadMaterial
from forecasting.briefing.caseload.words import MILLION, CaseloadWords
from forecasting.briefing.charts import Band
from forecasting.briefing.drawing import BANDS, NAVY, ORANGE
from forecasting.briefing.sheet import Key
from forecasting.briefing.stocks.words import stated
from forecasting.forecasts.summary import BAND_LEVELS

TALL_MM = 60.0


def recipients_figure(material: CaseloadMaterial, words: CaseloadWords) -> Figure:
    """Draw recipients, the bands, the basic amount and the epidemic."""
    language, paths = words.language, material.projection.recipients
    fan = _fan(material.shown("recipients"), paths, material)
    end = material.at_end(paths)
    data = CaseloadChart(
        fan,
        _amounts(material.amounts_shown, material, words),
        language.gettext("recipients, one per family, end of the month"),
        phrases.ahead(material, words),
        language.gettext("median {value}").format(value=words.about(end.median)),
        _levels(words),
        phrases.mark(material, words),
        _epidemic(material, words),
    )
    caption = language.gettext("Recipients of cash social assistance, and the basic amount")
    figure = Figure(
        id="recipients",
        caption=caption,
        alt=_recipients_alt(fan.observed, material, words),
        svg=caseload_chart(data, language, panel_mm=TALL_MM),
        note=words.noted(_bands_note(material, words), _amount_note(material, words)),
    )
    return stated(figure, phrases.rests_on(material, words))


def expenditure_figure(material: CaseloadMaterial, words: CaseloadWords) -> Figure:
    """Draw what is paid a month, and the basic amount."""
    language, paths = words.language, material.projection.spent
    observed = material.shown("expenditure_eur") / MILLION
    fan = _fan(observed, paths, material, scale=MILLION)
    first = observed.index[0] if len(observed) else material.periods[0]
    data = CaseloadChart(
        fan,
        _amounts(material.projection.amounts.values[first:], material, words),
        language.gettext("paid in the month, EUR million"),
        language.gettext("projection"),
        language.gettext("median {value}").format(value=words.million(fan.median[-1] * MILLION)),
        _levels(words),
        phrases.mark(material, words),
    )
    caption = language.gettext("Expenditure on cash social assistance by month")
    figure = Figure(
        id="expenditure",
        caption=caption,
        alt=_expenditure_alt(fan.bands, material, words),
        svg=caseload_chart(data, language),
        note=words.noted(_bands_note(material, words), _amount_note(material, words)),
    )
    return stated(figure, phrases.rests_on(material, words))


def counts_figure(material: CaseloadMaterial, words: CaseloadWords) -> Figure:
    """Draw recipients and persons entitled side by side, with what was published of each."""
    language, found = words.language, material.projection
    titles = {
        "recipients": (language.gettext("recipients: families"), found.recipients),
        "persons_entitled": (language.gettext("persons entitled: every member"), found.persons),
    }
    panels = [
        _count_panel(key, title, paths, material, words) for key, (title, paths) in titles.items()
    ]
    keys = [
        Key(language.gettext("figures, then median"), "line", NAVY),
        *[Key(text, "fill", fill) for text, fill in zip(_levels(words), BANDS, strict=True)],
        Key(language.gettext("published count"), "dot", ORANGE),
    ]
    caption = language.gettext("Recipients and persons entitled: two different counts")
    alt = language.gettext("Two small charts to {end}: {panels}.").format(
        end=language.month(material.periods[-1]),
        panels="; ".join(f"{panel.title}: {panel.detail}" for panel in panels),
    )
    published = language.gettext("Published counts: {counts}.").format(
        counts="; ".join(_published(key, title, material, words) for key, (title, _) in
                         titles.items())
    )  # fmt: skip
    figure = Figure(
        id="counts",
        caption=caption,
        alt=f"{alt} {published}",
        svg=count_chart(panels, keys, language, mark=phrases.mark(material, words)),
        note=words.noted(_bands_note(material, words), _source_note(words)),
    )
    return stated(figure, phrases.rests_on(material, words))


def _fan(
    observed: pd.Series, paths: xr.DataArray, material: CaseloadMaterial, scale: float = 1.0
) -> Fan:
    median, bands = material.median(paths) / scale, material.bands(paths, scale)
    return Fan(observed, material.periods, median, bands)


def _amounts(values: pd.Series, material: CaseloadMaterial, words: CaseloadWords) -> Amounts:
    title = words.language.gettext("basic amount of the minimum income, EUR a month")
    return Amounts(values, material.projection.amounts.known_until, title)


def _levels(words: CaseloadWords) -> list[str]:
    return [words.language.percent(level / 100) for level in BAND_LEVELS]


def _epidemic(material: CaseloadMaterial, words: CaseloadWords) -> Span | None:
    for each in material.projection.effects:
        if each.end is not None:
            return Span(each.start, each.end, words.language.gettext("epidemic"))
    return None


def _bands_note(material: CaseloadMaterial, words: CaseloadWords) -> str:
    return words.language.gettext("Bands hold {levels} of {n} paths.").format(
        levels=words.language.join(_levels(words)), n=words.counts.count(material.n_paths)
    )


def _amount_note(material: CaseloadMaterial, words: CaseloadWords) -> str:
    if not material.is_amount_assumed:
        return words.language.gettext("The scale of the basic amount begins at 0.")
    return words.language.gettext(
        "The scale of the basic amount begins at 0; dashed after {month}: assumed."
    ).format(month=words.language.month(material.projection.amounts.known_until))


def _source_note(words: CaseloadWords) -> str:
    return words.language.gettext(
        "Published counts are isolated figures of the ministry, quoted by the press."
    )


def _recipients_alt(observed: pd.Series, material: CaseloadMaterial, words: CaseloadWords) -> str:
    language, paths = words.language, material.projection.recipients
    known = observed.dropna()
    text = language.gettext(
        "Line chart of the recipients from {start} to {end}: highest {top} ({when}), last {last} "
        "({origin}), then the median {median}; intervals {bands}. Below it the basic amount: "
        "{steps}."
    ).format(
        start=language.month(observed.index[0]),
        end=language.month(material.periods[-1]),
        top=words.counts.count(known.max()),
        when=language.month(pd.PeriodIndex(known.index)[int(known.argmax())]),
        last=words.counts.count(material.last_count),
        origin=language.month(material.origin),
        median=words.about(material.at_end(paths).median),
        bands=_bands_text(material.bands(paths), words),
        steps=_steps_text(material, words),
    )
    epidemic = _epidemic(material, words)
    if epidemic is None:
        return text
    marked = language.gettext("Marked: the epidemic, {first} to {last}.").format(
        first=language.month(epidemic.first), last=language.month(epidemic.last)
    )
    return f"{text} {marked}"


def _bands_text(bands: Sequence[Band], words: CaseloadWords) -> str:
    return "; ".join(words.level_range(b.level, b.lower[-1], b.upper[-1]) for b in bands)


def _steps_text(material: CaseloadMaterial, words: CaseloadWords) -> str:
    values = material.amounts_shown
    new = values[values.diff() != 0]
    return "; ".join(
        f"{words.language.short_month(month)}: {words.amount(float(value))}"
        for month, value in zip(pd.PeriodIndex(new.index), new, strict=True)
    )


def _expenditure_alt(
    bands: Sequence[Band], material: CaseloadMaterial, words: CaseloadWords
) -> str:
    language = words.language
    median = material.median(material.projection.spent)
    return language.gettext(
        "Line chart of what is paid a month: EUR {first} million in the median in {start}, {last} "
        "in {end}; four of five paths then lie between {lower} and {upper}."
    ).format(
        first=words.million(median[0]),
        start=language.month(material.periods[0]),
        last=words.million(median[-1]),
        end=language.month(material.periods[-1]),
        lower=language.number(bands[1].lower[-1], 1),
        upper=language.number(bands[1].upper[-1], 1),
    )


def _count_panel(
    key: str,
    title: str,
    paths: xr.DataArray,
    material: CaseloadMaterial,
    words: CaseloadWords,
) -> CountPanel:
    end = material.at_end(paths)
    detail = words.language.gettext("{month}: {median} ({range})").format(
        month=words.language.short_month(material.periods[-1]),
        median=words.about(end.median),
        range=phrases.range_text(end, words),
    )
    fan = _fan(material.shown(key), paths, material)
    if not len(fan.observed):  # nothing counted: the axis shows the same years as the other count
        nothing = material.shown("recipients").astype(float) * float("nan")
        fan = Fan(nothing, fan.periods, fan.median, fan.bands)
    return CountPanel(title, detail, fan, material.published(key))


def _published(key: str, title: str, material: CaseloadMaterial, words: CaseloadWords) -> str:
    published = material.published(key)
    counts = "; ".join(
        f"{words.language.month(month)} {words.counts.count(value)}"
        for month, value in zip(pd.PeriodIndex(published.index), published, strict=True)
    )
    return f"{title}: {counts}"
