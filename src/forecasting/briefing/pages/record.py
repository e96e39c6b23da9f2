"""Forecast against outturn: former runs, the same method a year ago, and what was counted since."""

from __future__ import annotations

from forecasting.archive.former import FormerRun
from forecasting.briefing.blocks import Column, Table, Text, rich
from forecasting.briefing.material import Material
from forecasting.briefing.words import DASH, Words
from forecasting.forecasts.outturn import Outturn
from forecasting.forecasts.summary import Estimate
from forecasting.paths import periods_of


def record_table(material: Material) -> Table:
    """Hold forecasts against what was counted by the series itself and by the ministry.

    The same method a year ago has a row until a year of a former run has been counted.
    """
    language, words = material.language, Words(material.language)
    columns = [
        Column(language.gettext("Forecast"), width=1.1),
        Column(language.gettext("Months"), width=1.0),
        Column(language.gettext("Median ({level})").format(level=language.percent(0.8)), "right"),
        Column(language.gettext("Counted"), "right"),
        Column(language.gettext("Within"), "right"),
        Column("CRPS", "right"),
    ]
    ahead = [each for each in material.outturns if each.forecast_months]
    rows = [_former_row(each, words) for each in _shown(material)]
    if _shows_past(material):
        rows.append(_past_row(material, words))
    rows += [_outturn_row(each, words) for each in ahead]
    return Table("", columns, rows, (), _note(material, words))


def _shown(material: Material) -> tuple[FormerRun, ...]:
    """Former runs that have a row; beside stocks there is room for two rows, the past included."""
    scored = material.former.scored
    crowded = material.scenarios is not None and material.scenarios.has_stocks
    if not crowded:
        return scored
    return scored[:1] if _shows_past(material) or len(scored) < 2 else (scored[0], scored[-1])


def _shows_past(material: Material) -> bool:
    """Whether the same method a year ago is shown: no former run has been counted as long."""
    longest = max((len(run.months) for run in material.former.scored), default=0)
    return longest < len(material.past.counted)


def _former_row(run: FormerRun, words: Words) -> list[Text]:
    language, newest = words.language, run.months.iloc[-1]
    median, lower, upper = (float(newest[name]) for name in ("median", "lower_80", "upper_80"))
    return [
        language.gettext("run of {date}").format(date=language.short_date(run.made.date())),
        _months(run.origin + 1, run.months.index[-1], words),
        _estimate(Estimate(median, lower, upper), words),
        words.count(float(newest["outturn"])),
        f"{run.inside}/{len(run.months)}",
        _share(run.ratio, words),
    ]


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
        _share(material.past_ratio, words),
    ]


def _outturn_row(outturn: Outturn, words: Words) -> list[Text]:
    return [
        words.language.gettext("this; ministry’s count"),
        _months(outturn.start, outturn.end, words),
        _estimate(outturn.own, words),
        words.count(outturn.counted),
        _within(outturn.counted, outturn.own, words),
        DASH,
    ]


def _months(start: object, end: object, words: Words) -> str:
    if start == end:
        return words.language.short_month(end)  # type: ignore[arg-type]
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


def _share(ratio: float | None, words: Words) -> Text:
    """Write a ratio to the random walk; above 1, where it was better, in bold."""
    if ratio is None:
        return DASH
    share = words.language.percent(ratio)
    return rich("**{share}**", share=share) if ratio > 1 else share


def _note(material: Material, words: Words) -> str:
    language, past, former = words.language, material.past, material.former
    said = []
    if former.scored:
        said.append(
            language.gettext("Runs: the last month counted; within: of all months counted.")
        )
    if _shows_past(material):
        said.append(
            language.gettext(
                "Same method: no run, on what was known then; {share} months within."
            ).format(share=f"{past.inside}/{len(past.counted)}")
        )
    said += [_against_the_walk(material, words), *_unreadable(former.unreadable, words)]
    observed = [each for each in material.outturns if not each.forecast_months]
    if observed:
        apart = max(abs(each.counted - each.own.median) / each.counted for each in observed)
        said.append(
            language.gettext(
                "The ministry’s own counts differ by at most {share} over the {n} periods observed."
            ).format(n=len(observed), share=language.percent(apart, 1))
        )
    return " ".join(said)


def _against_the_walk(material: Material, words: Words) -> str:
    """Say what the last column is, and plainly which forecasts were worse than the random walk."""
    language = words.language
    compared = [(language.short_date(run.made.date()), run.ratio) for run in _shown(material)]
    if _shows_past(material):
        compared.append((language.gettext("same method, a year ago"), material.past_ratio))
    worse = [name for name, ratio in compared if ratio is not None and ratio > 1]
    if not worse:
        return language.gettext("CRPS: relative to the random walk.")
    template = language.gettext("CRPS: relative to the random walk. Worse than it: {names}.")
    return template.format(names=language.join(worse))


def _unreadable(run_ids: tuple[str, ...], words: Words) -> list[str]:
    if not run_ids:
        return []
    template = words.language.gettext("Damaged in the archive and left out: {names}.")
    return [template.format(names=words.language.join(list(run_ids)))]
