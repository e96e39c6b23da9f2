"""The report on a flow: what it says follows from the numbers, in either language."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting import FlowReport, backtest, find_breaks, forecast, read_series, target_backtest
from forecasting.briefing.blocks import Figure, Messages, Paragraph, Table, plain
from forecasting.briefing.exporter import render_pdf
from forecasting.briefing.flows import texts
from forecasting.briefing.flows.record import Record, Standing, target_record
from forecasting.briefing.flows.words import FlowWords
from forecasting.errors import InputError
from forecasting.evaluation.backtest import BENCHMARKS, Backtest, BacktestOptions
from forecasting.evaluation.significance import Comparison
from forecasting.languages import Language

ENGLISH = FlowWords(Language("en"))
MEMBERS = ("seasonal_naive-log", "theta-log")


@pytest.fixture(scope="module")
def series():
    return read_series("asylum-applicants/SI")


@pytest.fixture(scope="module")
def result(series):
    return forecast(series, horizon=24, model="+".join(MEMBERS), n_paths=100)


@pytest.fixture(scope="module")
def past(series):
    """Two members stand in for the pool, which takes longer."""
    options = BacktestOptions(n_paths=100, jobs=1)
    found = backtest(
        [series], [*MEMBERS, "+".join(MEMBERS), *BENCHMARKS], origins=5, horizon=24, step=8,
        options=options,
    )  # fmt: skip
    pool = found.scores[found.scores["model"] == "theta-log"].assign(model="pool")
    return Backtest(found.forecasts, pd.concat([pool, found.scores]))


@pytest.fixture(scope="module")
def targets(series):
    options = BacktestOptions(n_paths=100, jobs=1)
    return target_backtest(
        [series], probability=0.8, window_months=12, origins=4, step=8, options=options
    )


def scores_of(ratio, *, n_origins=12, horizon=12, spread=0.1):
    """Scores of a pool that are `ratio` times those of every benchmark, give or take."""
    rng = np.random.default_rng(1)
    origins = [str(m) for m in pd.period_range("2012-01", periods=n_origins, freq="M")]
    rows = []
    for origin in origins:
        factor = ratio * np.exp(rng.normal(0, spread))
        for h in range(1, horizon + 1):
            rows += [("a", name, origin, h, "crps", 10.0) for name in BENCHMARKS]
            rows.append(("a", "pool", origin, h, "crps", 10.0 * factor))
    columns = ["series_id", "model", "origin", "horizon", "metric", "value"]
    return Backtest(pd.DataFrame(), pd.DataFrame(rows, columns=columns))


def standing(ratio, comparison=None):
    return Standing("pool", "random_walk", (1, 12), ratio, 16, comparison)


def comparison(ratio, lower, upper):
    return Comparison(ratio, lower, upper, 0.5, 16, 1, 100, 2)


def sections(report, result, past, targets):
    return [
        *report.data(find_breaks(report.series)),
        *report.members(past),
        *report.calibration(past),
        *report.forecast(result),
        *report.skill(past),
        *report.targets(targets),
    ]


def all_words(blocks):
    found = []
    for block in blocks:
        for value in block.to_json().values():
            found += re.findall(r"[^\W\d_]{3,}", str(value)) if "<svg" not in str(value) else []
    return " ".join(found)


@pytest.mark.parametrize("language", ["en", "sl"])
def test_the_whole_report_is_written_in_one_language_and_can_be_printed(
    language, series, result, past, targets
):
    report = FlowReport(series, "SI", language)
    blocks = sections(report, result, past, targets)
    assert sum(isinstance(block, Figure) for block in blocks) == 6
    assert all(block.caption for block in blocks if isinstance(block, Figure | Table))
    spoken = all_words(blocks)
    foreign = {"en": r"napoved|meseci|mediana", "sl": r"\b(the|and|of|months|median|origins)\b"}
    assert not re.findall(foreign[language], spoken)
    assert render_pdf(report.head(result), blocks).startswith(b"%PDF")


def test_the_head_states_the_forecast_and_the_day_of_the_data(series, result):
    head = FlowReport(series, "SI").head(result)
    year = result.paths.to_numpy()[:, :12].sum(axis=1)
    median = f"{round(np.quantile(year, 0.5, method='inverted_cdf') / 10) * 10:,}"
    assert head.title == f"Slovenia: {median} asylum applicants forecast for the next twelve months"
    assert head.data_date == "2024-11-27"
    assert FlowReport(series, "SI", as_of="2020-06").head(result).data_date == "2020-06-30"


def test_every_break_is_named_and_what_each_treatment_would_do(series):
    found = find_breaks(series)
    blocks = FlowReport(series, "SI").data(found)
    breaks, treatments = (block for block in blocks if isinstance(block, Table))
    assert [row[0] for row in breaks.rows] == ["February 2016", "April 2016", "April 2020"]
    assert [row[0] for row in treatments.rows] == ["cut", "dummy", "widen"]
    assert "Leaves 102 of 201 months, from April 2016 on." in treatments.rows[0][2]


def test_without_breaks_there_is_nothing_to_treat(series):
    blocks = FlowReport(series, "SI").data(())
    assert not [block for block in blocks if isinstance(block, Table)]
    assert "No abrupt change" in plain(blocks[-1].text)


def test_a_cut_that_cannot_be_made_says_so(series):
    (shift, *_) = find_breaks(series)
    late = replace(shift, period=series.origin - 3)
    outlier = replace(shift, kind="outlier")
    for found, expected in ((late, "Not possible"), (outlier, "no level shift to cut at")):
        table = FlowReport(series, "SI").data((found,))[-1]
        assert expected in table.rows[0][2]


def test_what_ten_countries_taught_is_said_to_include_this_one(series, past):
    text = " ".join(
        plain(b.text)
        for b in FlowReport(series, "SI").calibration(past)
        if isinstance(b, Paragraph)
    )
    assert "measured on ten countries, this one included" in text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            standing(1.12, comparison(1.12, 0.87, 1.43)),
            "The pool does not beat the random walk over months 1–12: its CRPS is 12% higher. That "
            "may be chance: the interval of 90% for the ratio is 0.87–1.43, from 16 origins of "
            "which 2 in a row overlap.",
        ),
        (
            standing(1.4, comparison(1.4, 1.1, 1.8)),
            "The pool does not beat the random walk over months 1–12: its CRPS is 40% higher. That "
            "is more than chance: the interval of 90% for the ratio is 1.10–1.80.",
        ),
        (
            standing(1.2),
            "The pool does not beat the random walk over months 1–12: its CRPS is 20% higher. 16 "
            "origins are too few to tell whether that is chance.",
        ),
    ],
)
def test_a_benchmark_that_is_not_beaten_is_named_with_what_chance_may_do(given, expected):
    assert plain(ENGLISH.unbeaten(given)) == expected


def test_what_is_beaten_is_listed_and_what_of_it_is_more_than_chance():
    ahead = standing(0.8, comparison(0.8, 0.7, 0.9))
    perhaps = replace(ahead, months=(13, 24), ratio=0.9, comparison=comparison(0.9, 0.7, 1.2))
    behind = standing(1.2)
    assert plain(ENGLISH.beaten([ahead, perhaps, behind])) == (
        "In 2 of 3 comparisons the pool is ahead: random walk (months 1–12: −20%) and random walk "
        "(months 13–24: −10%). More than chance: random walk (months 1–12: −20%)."
    )
    assert plain(ENGLISH.beaten([behind])).startswith("The pool is ahead of no benchmark")
    assert plain(ENGLISH.beaten([perhaps])).endswith("More than chance: none.")


@pytest.mark.parametrize(
    ("ratio", "unbeaten", "verdict"),
    [(0.5, 0, "better"), (1.0, 3, "may be chance"), (2.0, 3, "worse")],
)
def test_the_skill_section_says_what_the_scores_say(series, ratio, unbeaten, verdict):
    tested = scores_of(ratio, n_origins=24, spread=0.05 if ratio != 1 else 0.5)
    if ratio == 1:  # exactly as good on the whole
        pool = tested.scores["model"] == "pool"
        tested.scores.loc[pool, "value"] *= 10.0 / tested.scores.loc[pool, "value"].mean()
    blocks = FlowReport(series, "SI").skill(tested)
    (table,) = (block for block in blocks if isinstance(block, Table))
    (said,) = (block for block in blocks if isinstance(block, Messages))
    assert {row[-1] for row in table.rows} == {verdict}
    assert len(table.rows) == len(BENCHMARKS)
    assert sum("does not beat" in plain(item) for item in said.items) == unbeaten


def test_too_few_origins_are_said_to_be_too_few(series):
    blocks = FlowReport(series, "SI").skill(scores_of(0.5, n_origins=20))
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert {tuple(row[3:]) for row in table.rows} == {
        ("–", "–", "20", "–", "too few origins to tell")
    }


def test_targets_stand_beside_the_practice(series, targets):
    blocks = FlowReport(series, "SI").targets(targets)
    (table,) = (block for block in blocks if isinstance(block, Table))
    cases = targets.cases
    assert [row[0] for row in table.rows] == ["attainment probability 80%", "last year × 1"]
    for row, column in zip(table.rows, ("met", "practice_met"), strict=True):
        assert row[2].startswith(ENGLISH.language.percent(cases[column].mean()))
    assert "Over 10 countries together" in plain(blocks[-1].text)


def test_a_target_record_has_no_interval_where_windows_overlap_too_much(targets):
    crowded = targets.cases.assign(origin=["2020-01", "2020-02", "2020-03", "2020-04"])
    assert target_record(crowded, column="met", target="target").interval is None
    apart = targets.cases.assign(origin=["2012-01", "2014-01", "2016-01", "2018-01"])
    assert target_record(apart, column="met", target="target").interval is not None


def test_shares_outside_the_range_of_chance_are_named(past):
    scores = past.scores.copy()
    scores.loc[(scores["model"] == "pool") & (scores["metric"] == "coverage_80"), "value"] = 0.0
    text = plain(texts.coverage_text(Record(scores), ENGLISH))
    assert "outside: months 1–3 (80%: 0%)" in text


def test_only_a_monthly_flow_of_the_reference_data_is_reported(series, tmp_path):
    with pytest.raises(InputError, match=r"a stock of frequency M.*expected: a monthly flow"):
        FlowReport(read_series("pending-applications/SI"), "SI")
    with pytest.raises(InputError, match="reference data 'mine'"):
        FlowReport(replace(series, series_id="mine"), "SI")
    with pytest.raises(InputError, match="language 'xx'"):
        FlowReport(series, "SI", "xx")


def test_a_backtest_without_a_benchmark_is_refused(past):
    lacking = Backtest(past.forecasts, past.scores[past.scores["model"] != "random_walk"])
    with pytest.raises(InputError, match=r"models pool.*expected: one series.*random_walk"):
        Record.of(lacking)
