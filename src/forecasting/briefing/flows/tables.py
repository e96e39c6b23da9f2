"""The tables of the report on a flow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecasting.briefing.blocks import Column, Table, Text
from forecasting.briefing.flows.record import POOL, Record, Standing, TargetRecord
from forecasting.briefing.flows.words import FlowWords
from forecasting.errors import InputError
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.evaluation.significance import LEVEL
from forecasting.forecasts import Forecast
from forecasting.forecasts.summary import BAND_LEVELS, persons_by_month
from forecasting.paths import annual
from forecasting.series import RegularSeries
from forecasting.series.breaks import THRESHOLD, Break
from forecasting.series.treatment import treat_breaks

DASH = "–"


def breaks_table(found: Sequence[Break], words: FlowWords) -> Table:
    """Every break with its size, and what to check."""
    language = words.language
    rows = [
        [
            language.month(each.period),
            words.counts.break_kind(each.kind),
            words.counts.factor(each.size),
            language.number(each.strength, 1),
            words.counts.break_check(each.advice),
        ]
        for each in found
    ]
    columns = [
        Column(language.gettext("Month")),
        Column(language.gettext("Kind")),
        Column(language.gettext("Factor"), "right"),
        Column(language.gettext("Strength"), "right"),
        Column(language.gettext("What to check"), width=1.0),
    ]
    note = language.gettext(
        "Strength: t-value in units of the series' ordinary changes, reported from {threshold}; "
        "negative for a fall. A rise or fall over several months is no break."
    )
    threshold = language.number(THRESHOLD, 1)
    return Table(
        language.gettext("Abrupt changes"), columns, rows, (), note.format(threshold=threshold)
    )


def treatments_table(series: RegularSeries, found: Sequence[Break], words: FlowWords) -> Table:
    """The three ways to deal with the breaks, and what each would do here."""
    language = words.language
    rows: list[list[Text]] = [
        [
            language.gettext("cut"),
            language.gettext("Forecast from the last level shift on."),
            _cut_effect(series, found, words),
        ],
        [
            language.gettext("dummy"),
            language.gettext("A model estimates the breaks as interventions."),
            language.gettext("The forecast is made as if none were to come again."),
        ],
        [
            language.gettext("widen"),
            language.gettext("As before, and the spread is multiplied."),
            language.gettext(
                "Factor {factor}: breaks may come again as often as they have."
            ).format(factor=words.ratio(treat_breaks(series, found, treatment="widen").widening)),
        ],
    ]
    columns = [
        Column(language.gettext("Treatment")),
        Column(language.gettext("What it does"), width=1.0),
        Column(language.gettext("Here"), width=1.2),
    ]
    caption = language.gettext("What can be done about the breaks")
    note = language.gettext(
        "This report does none of it: the pool is fitted to the figures as published, and the "
        "breaks are among the changes that it expects to come again."
    )
    return Table(caption, columns, rows, (), note)


def _cut_effect(series: RegularSeries, found: Sequence[Break], words: FlowWords) -> str:
    language = words.language
    if not any(each.kind == "level_shift" for each in found):
        return language.gettext("Nothing: there is no level shift to cut at.")
    try:
        kept = treat_breaks(series, found, treatment="cut").series
    except InputError:
        return language.gettext("Not possible: too few months would be left.")
    template = language.gettext("Leaves {n} of {all} months, from {month} on.")
    return template.format(
        n=len(kept.values), all=len(series.values), month=language.month(kept.periods[0])
    )


def members_table(record: Record, months: tuple[int, int], words: FlowWords) -> Table:
    """The pool and its members against every benchmark over one block of months."""
    language = words.language
    rows = [
        [
            words.model(model),
            *[words.short(record.standing(model, name, months)) for name in BENCHMARKS],
        ]
        for model in (POOL, *record.members)
    ]
    columns = [Column(language.gettext("Model"))]
    columns += [Column(words.benchmark(name), "right", width=1.0) for name in BENCHMARKS]
    caption = language.gettext("CRPS relative to three benchmarks, {months}")
    note = language.gettext(
        "Below 1: better than the benchmark. In brackets an interval of {level} from resampling "
        "origins; the word better or worse stands where that is more than chance."
    )
    return Table(
        caption.format(months=words.months(months)),
        columns,
        rows,
        (0,),
        note.format(level=language.percent(LEVEL / 100)),
    )


def skill_table(standings: Sequence[Standing], words: FlowWords) -> Table:
    """The pool against every benchmark, with what the verdict rests on."""
    language = words.language
    rows = [
        [
            words.benchmark(each.benchmark),
            f"{each.months[0]}–{each.months[1]}",
            words.ratio(each.ratio),
            words.ratio_interval(each),
            language.number(each.comparison.p_value, 2) if each.comparison else DASH,
            str(each.n_origins),
            str(each.comparison.block_length) if each.comparison else DASH,
            words.verdict(each),
        ]
        for each in standings
    ]
    columns = [
        Column(language.gettext("Benchmark")),
        Column(language.gettext("Months"), "right"),
        Column(language.gettext("Ratio"), "right"),
        Column(language.gettext("Interval"), "right"),
        Column("p", "right"),
        Column(language.gettext("Origins"), "right"),
        Column(language.gettext("Overlap"), "right"),
        Column(language.gettext("Verdict"), width=1.0),
    ]
    caption = language.gettext("The pool against the benchmarks")
    note = language.gettext(
        "CRPS: mean distance of the forecast distribution from the outcome, in persons. Interval "
        "of {level} for the ratio; p: of the hypothesis that both are equally good. Overlap: "
        "origins in a row whose months overlap, resampled together. A p near 0.1 is close to "
        "undecided."
    )
    decided = [i for i, each in enumerate(standings) if each.verdict in ("better", "worse")]
    level = language.percent(LEVEL / 100)
    return Table(caption, columns, rows, decided, note.format(level=level))


def totals_table(result: Forecast, words: FlowWords) -> Table:
    """Totals of calendar years, of the next twelve months and of the whole horizon."""
    language, joined = words.language, persons_by_month(result)
    months = pd.PeriodIndex(joined.indexes["period"])
    last = months[-1].year - (months[-1].month < 12)
    years = annual(
        joined.sel(period=(months.year >= result.origin.year - 1) & (months.year <= last))
    )
    rows = [
        [str(year.year), *_total_cells(years.sel(period=year).to_numpy(), words)]
        for year in years.indexes["period"]
    ]
    horizon = result.paths.sizes["period"]
    for n in sorted({12, horizon}):
        draws = result.paths.to_numpy()[:, :n].sum(axis=1)
        rows.append([words.total(n), *_total_cells(draws, words)])
    columns = [Column(language.gettext("Period"), width=1.0)]
    columns += [Column(language.gettext("median"), "right")]
    columns += [Column(language.percent(level / 100), "right") for level in BAND_LEVELS]
    partial = result.origin.month
    note = language.gettext(
        "Intervals over the paths; the months of a path hang together. Totals of months count from "
        "the origin on."
    )
    if partial < 12:
        joins = language.gettext("{year} joins {n} observed months with the paths.")
        note = f"{joins.format(year=result.origin.year, n=partial)} {note}"
    extra = range(len(rows) - len({12, horizon}), len(rows))
    return Table(language.gettext("Applicants in total"), columns, rows, tuple(extra), note)


def _total_cells(draws: np.ndarray, words: FlowWords) -> list[str]:
    """Median and intervals; a fact stands alone."""
    if np.ptp(draws) == 0:
        return [words.counts.count(draws[0]), *[DASH] * len(BAND_LEVELS)]
    cells = [words.counts.about(float(np.median(draws)))]
    for level in BAND_LEVELS:
        tail = (1 - level / 100) / 2
        lower, upper = np.quantile(draws, [tail, 1 - tail], method="inverted_cdf")
        cells.append(f"{words.counts.about(lower)}–{words.counts.about(upper)}")
    return cells


def targets_table(
    cases: pd.DataFrame, rule: TargetRecord, practice: TargetRecord, words: FlowWords
) -> Table:
    """How the targets of the rule fared, and those of the practice."""
    language = words.language
    names = {
        language.gettext("attainment probability {share}").format(
            share=language.percent(cases["probability"].iloc[0])
        ): rule,
        language.gettext("last year × {n}").format(n=words.years(cases)): practice,
    }
    rows = []
    for name, record in names.items():
        share = language.percent(record.share)
        if record.interval:
            bounds = (record.interval.lower, record.interval.upper)
            lower, upper = (language.number(100 * bound) for bound in bounds)
            share = f"{share} ({lower}–{upper})"
        rows.append([name, str(len(cases)), share, language.percent(record.of_outcome)])
    columns = [
        Column(language.gettext("Rule"), width=1.0),
        Column(language.gettext("Cases"), "right"),
        Column(language.gettext("Met"), "right"),
        Column(language.gettext("Target / outcome"), "right"),
    ]
    caption = language.gettext("How often past targets were met, and how high they were")
    note = language.gettext(
        "In brackets an interval of {level} from resampling origins; without one the origins are "
        "too few. Last column: median over the cases."
    ).format(level=language.percent(LEVEL / 100))
    return Table(caption, columns, rows, (0,), note)
