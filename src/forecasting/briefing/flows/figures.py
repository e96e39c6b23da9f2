"""The charts of the report on a flow with caption, note and alternative text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecasting.briefing.blocks import Figure
from forecasting.briefing.charts import Band, BreakMark, FanChart, fan_chart
from forecasting.briefing.drawing import BANDS, BLUE, NAVY, ORANGE
from forecasting.briefing.figures import RECENT_MONTHS, SHOWN_SINCE, band_labels, band_top
from forecasting.briefing.flows.record import COVERED, POOL, Covered, Record, Standing
from forecasting.briefing.flows.time_charts import (
    HistoryChart,
    TargetsChart,
    history_chart,
    targets_chart,
)
from forecasting.briefing.flows.words import FlowWords
from forecasting.briefing.score_charts import (
    CHANCE,
    Dot,
    DotChart,
    DotPanel,
    RankChart,
    RankPanel,
    dot_chart,
    rank_chart,
)
from forecasting.briefing.sheet import Key
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.evaluation.diagnostics import CHANCE_LEVEL
from forecasting.evaluation.significance import LEVEL
from forecasting.forecasts import Forecast
from forecasting.forecasts.summary import BAND_LEVELS
from forecasting.paths import interval, quantile
from forecasting.series import RegularSeries
from forecasting.series.breaks import Break

_RATIO_TICKS = ((0.5, 0.7, 1.0, 1.4, 2.0), (0.3, 0.5, 1.0, 2.0, 3.0), (0.2, 0.5, 1.0, 2.0, 5.0))
"""Ticks of ratios; the axis reaches 1.3 times as far, and what lies beyond the last is cut."""


def history_figure(
    series: RegularSeries, found: Sequence[Break], geo: str, words: FlowWords
) -> Figure:
    """Draw all observations with the breaks in them."""
    language = words.language
    marks = [
        BreakMark(
            each.period,
            f"{language.short_month(each.period)} {words.counts.factor(each.size)}",
            each.kind == "level_shift",
        )
        for each in found
    ]
    span = {"start": language.month(series.periods[0]), "end": language.month(series.origin)}
    caption = language.ngettext(
        "Asylum applicants per month, {start} to {end}: {n} abrupt change",
        "Asylum applicants per month, {start} to {end}: {n} abrupt changes",
        len(found),
    )
    alt = language.gettext(
        "Line chart of asylum applicants per month, {geo}, {start} to {end}, highest value {top}, "
        "last {last}. Marked: {marks}."
    )
    unit = language.gettext("persons per month")
    return Figure(
        id="history",
        caption=caption.format(n=len(found), **span),
        alt=alt.format(
            geo=language.territory(geo),
            top=words.counts.count(series.values.max()),
            last=words.counts.count(series.values.iloc[-1]),
            marks=language.join([mark.label for mark in marks]) or language.gettext("nothing"),
            **span,
        ),
        svg=history_chart(HistoryChart(series.values, marks, unit), language),
        note=language.gettext(
            "Full line: level shift; dashed line: single month out of line; × the factor of the "
            "counts. Source: {source}."
        ).format(source=series.source),
    )


def members_figure(record: Record, words: FlowWords) -> Figure:
    """Draw every model's ratio to the first benchmark, block by block."""
    language, (benchmark, *others) = words.language, BENCHMARKS
    models = [POOL, *record.members, *others]
    standings = {
        model: [record.standing(model, benchmark, months) for months in record.years]
        for model in models
    }
    caption = language.gettext("CRPS relative to the {benchmark}: left of the line is better")
    alt = language.gettext("Dot chart of the CRPS relative to the {benchmark}. {ratios}.")
    pool = [
        f"{words.model(POOL)}, {words.months(s.months)}: {words.ratio(s.ratio)}"
        for s in standings[POOL]
    ]
    return Figure(
        id="members",
        caption=caption.format(benchmark=words.benchmark(benchmark)),
        alt=alt.format(benchmark=words.benchmark(benchmark), ratios="; ".join(pool)),
        svg=dot_chart(_ratio_chart(standings, record.years, words), language),
        note=language.gettext(
            "Lines: interval of {level} from resampling origins, cut at the ends of the axis; none "
            "where the origins are too few. The last two rows are benchmarks too."
        ).format(level=language.percent(LEVEL / 100)),
    )


def _ratio_chart(
    standings: dict[str, list[Standing]], years: Sequence[tuple[int, int]], words: FlowWords
) -> DotChart:
    reached = [v for own in standings.values() for each in own for v in _ratio_range(each)]
    fitting = [
        ticks
        for ticks in _RATIO_TICKS
        if min(reached) >= ticks[0] / 1.3 and max(reached) <= ticks[-1] * 1.3
    ]
    ticks = (fitting or _RATIO_TICKS[-1:])[0]
    panels = [
        DotPanel(
            words.months(months),
            1.0,
            [_ratio_dot(own[i], ticks, words) for own in standings.values()],
        )
        for i, months in enumerate(years)
    ]
    rows = [words.model(model) for model in standings]
    return DotChart(rows, panels, ticks, lambda v: words.language.number(v, 1), log=True)


def _ratio_range(standing: Standing) -> tuple[float, float]:
    found = standing.comparison
    return (found.lower, found.upper) if found else (standing.ratio, standing.ratio)


def _ratio_dot(standing: Standing, ticks: Sequence[float], words: FlowWords) -> Dot:
    """Write the ratio, and draw it and its interval as far as the axis reaches."""
    lower, upper = _ratio_range(standing)
    drawn = np.clip([lower, standing.ratio, upper], ticks[0] / 1.3, ticks[-1] * 1.3)
    known = standing.comparison is not None
    return Dot(
        float(drawn[1]),
        float(drawn[0]) if known else None,
        float(drawn[2]) if known else None,
        text=words.ratio(standing.ratio),
        strong=standing.model == POOL,
    )


def coverage_figure(record: Record, words: FlowWords) -> Figure:
    """Draw how many outcomes the intervals held, calibrated beside uncalibrated."""
    language = words.language
    found = {level: record.coverages(POOL, level) for level in COVERED}
    plain = {
        level: record.coverages(record.uncalibrated, level) if record.uncalibrated else []
        for level in COVERED
    }
    panels = [
        DotPanel(
            language.gettext("interval of {level}").format(level=language.percent(level / 100)),
            level / 100,
            [_coverage_dot(i, found[level], plain[level], words) for i in range(len(found[level]))],
        )
        for level in COVERED
    ]
    rows = [row_name(each, words) for each in found[COVERED[0]]]
    low = min(min(e.found.share, e.found.lower) for own in found.values() for e in own)
    chart = DotChart(
        rows,
        panels,
        [t for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0) if t >= np.floor(low * 5) / 5],
        language.percent,
        _coverage_keys(record, words),
        chance=True,
    )
    note = language.gettext(
        "Grey: what {level} of right forecasts would show for these origins, their shocks adding "
        "up from month to month. In brackets: uncalibrated."
    )
    return Figure(
        id="coverage",
        caption=language.gettext("Share of the outcomes that the pool's intervals held"),
        alt=_coverage_alt(found, words),
        svg=dot_chart(chart, language),
        note=note.format(level=language.percent(CHANCE_LEVEL / 100)),
    )


def row_name(each: Covered, words: FlowWords) -> str:
    """Name a block of months or a total."""
    return words.total(each.months[1]) if each.is_total else words.months(each.months)


def _coverage_dot(
    row: int, found: Sequence[Covered], plain: Sequence[Covered], words: FlowWords
) -> Dot:
    own = found[row].found
    beside = plain[row].found.share if plain else None
    text = words.language.percent(own.share)
    if beside is not None:
        text = f"{text} ({words.language.percent(beside)})"
    return Dot(own.share, own.lower, own.upper, beside, text)


def _coverage_keys(record: Record, words: FlowWords) -> list[Key]:
    language = words.language
    keys = [Key(language.gettext("calibrated"), "dot", BLUE)]
    if record.uncalibrated:
        keys.append(Key(language.gettext("uncalibrated"), "ring", BLUE))
    return [
        *keys,
        Key(language.gettext("promised"), "line", ORANGE),
        Key(language.gettext("range of chance"), "fill", CHANCE),
    ]


def _coverage_alt(found: dict[int, list[Covered]], words: FlowWords) -> str:
    language = words.language
    parts = [
        language.gettext("interval of {level}").format(level=language.percent(level / 100))
        + ": "
        + ", ".join(f"{row_name(e, words)} {language.percent(e.found.share)}" for e in own)
        for level, own in found.items()
    ]
    template = language.gettext("Dot chart of the shares held, {parts}.")
    return template.format(parts="; ".join(parts))


def ranks_figure(record: Record, words: FlowWords) -> Figure:
    """Draw the histogram of the ranks of the outcomes (PIT)."""
    language = words.language
    found = record.ranks(POOL)
    plain = record.ranks(record.uncalibrated) if record.uncalibrated else found
    panels = [
        RankPanel(words.months(months), own.shares, own.lower, own.upper, other.shares)
        for (months, own), (_, other) in zip(found, plain, strict=True)
    ]
    keys = [Key(language.gettext("calibrated"), "fill", BANDS[0])]
    if record.uncalibrated:
        keys.append(Key(language.gettext("uncalibrated"), "steps", NAVY))
    keys += [
        Key(language.gettext("spread evenly"), "line", ORANGE),
        Key(language.gettext("range of chance"), "fill", CHANCE),
    ]
    ends = (language.gettext("below the paths"), language.gettext("above the paths"))
    parts = [
        f"{words.months(months)}: {', '.join(language.percent(share) for share in own.shares)}"
        for months, own in found
    ]
    return Figure(
        id="ranks",
        caption=language.gettext("Where the outcome fell among the pool's paths (PIT)"),
        alt=language.gettext(
            "Histograms of the ranks in ten bins from lowest to highest; {parts}."
        ).format(parts="; ".join(parts)),
        svg=rank_chart(RankChart(panels, ends, keys), language),
        note=language.gettext(
            "Share of the outcomes in each tenth of the paths. Right forecasts spread evenly, "
            "within the grey range for these few origins."
        ),
    )


def fan_figure(result: Forecast, words: FlowWords) -> Figure:
    """Draw the last observations and the bands of the paths."""
    language, counts = words.language, words.counts
    observed = result.series.values[min(SHOWN_SINCE, result.origin - RECENT_MONTHS) :]
    bands = [Band(level, *interval(result.paths, level).to_numpy()) for level in BAND_LEVELS]
    median = quantile(result.paths, [0.5]).to_numpy()[0]
    recent = observed.iloc[-RECENT_MONTHS:]
    top = band_top(bands, max(1.05 * float(observed.max()), 3 * float(recent.max())))
    periods = pd.PeriodIndex(result.paths.indexes["period"])
    data = FanChart(
        pd.PeriodIndex(observed.index), observed.to_numpy(), periods, median, bands, top
    )
    labels = band_labels(counts, bands, median, top, language.gettext("persons per month"))
    caption = language.gettext(
        "Asylum applicants per month: half of the paths for {month} lie between {lower} and {upper}"
    )
    note = language.gettext("Bands hold {levels} of {n} joint sample paths, calibrated.")
    if result.calibration is None:
        note = language.gettext("Bands hold {levels} of {n} joint sample paths, not calibrated.")
    return Figure(
        id="fan",
        caption=caption.format(
            month=language.month(periods[-1]),
            lower=counts.about(bands[0].lower[-1]),
            upper=counts.about(bands[0].upper[-1]),
        ),
        alt=_fan_alt(result, data, words),
        svg=fan_chart(data, labels),
        note=note.format(
            levels=language.join([language.percent(level / 100) for level in BAND_LEVELS]),
            n=counts.count(result.paths.sizes["path"]),
        ),
    )


def _fan_alt(result: Forecast, data: FanChart, words: FlowWords) -> str:
    language, counts = words.language, words.counts
    template = language.gettext(
        "Line chart of asylum applicants per month, last value {last} in {origin}. Forecast to "
        "{end}: median {median}; intervals {bands}."
    )
    shown = [counts.level_range(b.level, b.lower[-1], b.upper[-1]) for b in data.bands]
    return template.format(
        last=counts.count(data.observed[-1]),
        origin=language.month(result.origin),
        end=language.month(data.periods[-1]),
        median=counts.about(data.median[-1]),
        bands=language.join(shown),
    )


def targets_figure(cases: pd.DataFrame, words: FlowWords) -> Figure:
    """Draw the targets of past origins against what was counted."""
    language, counts = words.language, words.counts
    window, probability = int(cases["window_months"].iloc[0]), float(cases["probability"].iloc[0])
    last = cases.iloc[-1]
    data = TargetsChart(
        pd.PeriodIndex(cases["origin"], freq="M"),
        cases["outcome"].to_numpy(dtype=float),
        cases["target"].to_numpy(dtype=float),
        cases["practice_target"].to_numpy(dtype=float),
        language.gettext("persons in the {n} months after the origin").format(n=window),
        (
            language.gettext("counted {value}").format(value=counts.count(last["outcome"])),
            f"P{round(100 * probability)}: {counts.count(last['target'])}",
            language.gettext("last year × {n}: {value}").format(
                n=words.years(cases), value=counts.count(last["practice_target"])
            ),
        ),
        (language.gettext("target met"), language.gettext("target missed")),
    )
    return Figure(
        id="past-targets",
        caption=language.gettext("Targets as they would have been set: {met} of {n} met").format(
            met=int(cases["met"].sum()), n=len(cases)
        ),
        alt=language.gettext(
            "Line chart over the origins: targets with attainment probability {probability}, the "
            "practice of multiplying the last year, and the totals counted. Met: {met} of {n}; by "
            "the practice {practice}."
        ).format(
            probability=language.percent(probability),
            met=int(cases["met"].sum()),
            n=len(cases),
            practice=int(cases["practice_met"].sum()),
        ),
        svg=targets_chart(data, language),
        note=language.gettext(
            "Horizontal axis: the origin, from which nothing later was known. Windows overlap."
        ),
    )
