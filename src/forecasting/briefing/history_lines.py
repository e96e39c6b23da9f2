"""The archive in lines of text: what can be scored, coverage and skill, targets over time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from forecasting.archive.history import By, History, Waiting, summarise_history
from forecasting.archive.targets import PUBLISHED, TargetHistory
from forecasting.briefing.words import DASH, Words
from forecasting.evaluation.backtest import BENCHMARKS
from forecasting.languages import Language
from forecasting.periods import format_period

LATEST = 12
"""Periods that are listed one by one, the newest last."""


def history_lines(
    history: History, language: Language, *, by: By = "model", benchmark: str = "random_walk"
) -> Iterator[str]:
    """Write what the forecasts of the archive were worth.

    Parameters
    ----------
    history : History
    language : Language
    by : {"model", "horizon", "origin"}
    benchmark : str
        What the skill is relative to.

    Yields
    ------
    str
        Lines; where nothing can be scored, when the first outturn will be known.
    """
    yield language.gettext("Runs in the archive: {n}").format(n=language.number(history.runs))
    if not history.runs:
        yield language.gettext("Every run of forecasting brief is kept from now on.")
    for each in history.waiting:
        yield _waiting(each, language)
    if not len(history.scores):
        return
    yield language.gettext(
        "Cases scored: {n}. Share within the intervals of {inner} and {outer}; CRPS relative to "
        "{benchmark}, below 1 is better."
    ).format(
        n=language.number(len(history.scores)),
        inner=language.percent(0.8),
        outer=language.percent(0.95),
        benchmark=benchmark,
    )
    yield from _aligned(_summary(history, language, by, benchmark))
    series = history.scores["series_id"].unique()
    if len(series) == 1:
        yield language.gettext("{name}: newest forecasts and outturn").format(name=series[0])
        yield from _aligned(_latest(history.scores, language))


def target_lines(history: TargetHistory, language: Language) -> Iterator[str]:
    """Write who proposed which value of a programme, when and from which data."""
    words = Words(language)
    rows = [
        [
            language.gettext("Indicator"), language.gettext("Due"), language.gettext("Value"),
            language.gettext("Probability"), language.gettext("Day"), language.gettext("Data"),
            language.gettext("Proposed by"),
        ]
    ]  # fmt: skip
    for row in history.table.to_dict("records"):
        by_document = row["proposed_by"] == PUBLISHED
        who = row["document"] if by_document else f"{row['proposed_by']}, {row['document']}"
        rows.append(
            [
                row["indicator"],
                row["due"],
                words.count(row["value"]),
                DASH if by_document else language.percent(row["attained"]),
                row["proposed_on"],
                DASH if by_document else row["data_vintage"],
                who,
            ]
        )
    yield from _aligned(rows)


def _waiting(each: Waiting, language: Language) -> str:
    template = language.gettext(
        "{name}: nothing can be scored yet; {period} is the first period after its last figure, "
        "to be published about {month}."
    )
    return template.format(
        name=each.series_id, period=format_period(each.period), month=format_period(each.known)
    )


def _summary(history: History, language: Language, by: By, benchmark: str) -> list[list[str]]:
    heads = {
        "model": [],
        "horizon": [language.gettext("Periods ahead")],
        "origin": [language.gettext("Figures to")],
    }
    rows = [
        [
            *heads[by], language.gettext("Model"), language.gettext("Series"),
            language.gettext("Cases"), language.percent(0.8), language.percent(0.95),
            "CRPS",
        ]
    ]  # fmt: skip
    summary = summarise_history(history.scores, by=by, benchmark=benchmark)
    rows += [
        [
            *([row["group"]] if heads[by] else []),
            row["model"],
            str(row["n_series"]),
            language.number(row["n_cases"]),
            language.percent(row["coverage_80"]),
            language.percent(row["coverage_95"]),
            language.number(row["skill"], 2) if np.isfinite(row["skill"]) else DASH,
        ]
        for row in summary.to_dict("records")
    ]
    return rows


def _latest(scores: pd.DataFrame, language: Language) -> list[list[str]]:
    words = Words(language)
    own = scores[~scores["model"].isin(BENCHMARKS)].sort_values(["period", "vintage"])
    rows = [
        [
            language.gettext("Period"), language.gettext("Counted"),
            language.gettext("Median ({level})").format(level=language.percent(0.8)),
            language.gettext("Within"), language.gettext("Figures to"),
        ]
    ]  # fmt: skip
    newest = own.drop_duplicates("period", keep="last").tail(LATEST)
    rows += [
        [
            row["period"],
            words.count(row["outturn"]),
            language.gettext("{median} ({lower} to {upper})").format(
                median=words.about(row["median"]),
                lower=words.about(row["lower_80"]),
                upper=words.about(row["upper_80"]),
            ),
            language.gettext("yes") if row["inside_80"] else language.gettext("no"),
            row["origin"],
        ]
        for row in newest.to_dict("records")
    ]
    return rows


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    """Set rows in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield ("  " + "  ".join(cells)).rstrip()
