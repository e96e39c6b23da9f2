"""Forecast against outturn: the same method a year ago, and what has been counted since."""

from __future__ import annotations

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.material import Material
from forecasting.briefing.words import Words
from forecasting.forecasts.outturn import Outturn
from forecasting.forecasts.summary import Estimate
from forecasting.paths import periods_of


def record_table(material: Material) -> Table:
    """Hold forecasts against what was counted by the series itself and by the ministry."""
    language, words = material.language, Words(material.language)
    columns = [
        Column(language.gettext("Forecast"), width=1.6),
        Column(language.gettext("Months"), width=1.0),
        Column(language.gettext("Median ({level})").format(level=language.percent(0.8)), "right"),
        Column(language.gettext("Counted"), "right"),
        Column(language.gettext("Within"), "right"),
    ]
    ahead = [each for each in material.outturns if each.forecast_months]
    rows = [_past_row(material, words), *[_outturn_row(each, words) for each in ahead]]
    return Table("", columns, rows, (), _note(material, words))


def _past_row(material: Material, words: Words) -> list[Text]:
    language, past = words.language, material.past
    periods = periods_of(past.result.paths)
    counted = float(past.counted.sum())
    return [
        language.gettext("same method, a year ago"),
        _months(periods[0], periods[-1], words),
        _estimate(past.total, words),
        words.count(counted),
        _within(counted, past.total, words),
    ]


def _outturn_row(outturn: Outturn, words: Words) -> list[Text]:
    return [
        words.language.gettext("this one; counted by the ministry"),
        _months(outturn.start, outturn.end, words),
        _estimate(outturn.own, words),
        words.count(outturn.counted),
        _within(outturn.counted, outturn.own, words),
    ]


def _months(start: object, end: object, words: Words) -> str:
    return words.language.gettext("{lower} to {upper}").format(
        lower=words.language.short_month(start),  # type: ignore[arg-type]
        upper=words.language.short_month(end),  # type: ignore[arg-type]
    )


def _estimate(found: Estimate, words: Words) -> str:
    return words.language.gettext("{median} ({lower} to {upper})").format(
        median=words.about(found.median),
        lower=words.about(found.lower),
        upper=words.about(found.upper),
    )


def _within(counted: float, found: Estimate, words: Words) -> str:
    if found.lower <= counted <= found.upper:
        return words.language.gettext("yes")
    return words.language.gettext("no")


def _note(material: Material, words: Words) -> str:
    language, past = words.language, material.past
    said = [
        language.gettext(
            "First row: no earlier run, but the same pool on what was known by then; {inside} of "
            "{n} months within its {level}."
        ).format(inside=past.inside, n=len(past.counted), level=language.percent(0.8))
    ]
    observed = [each for each in material.outturns if not each.forecast_months]
    if observed:
        apart = max(abs(each.counted - each.own.median) / each.counted for each in observed)
        said.append(
            language.gettext(
                "The ministry’s own counts differ by at most {share} over the {n} periods observed."
            ).format(n=len(observed), share=language.percent(apart, 1))
        )
    return " ".join(said)
