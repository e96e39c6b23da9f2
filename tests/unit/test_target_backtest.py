"""Past targets: set by the rule, held against what was counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.evaluation.backtest import BacktestOptions
from forecasting.evaluation.target_backtest import (
    TARGET_COLUMNS,
    attainment,
    target_backtest,
)
from forecasting.forecasts import forecast
from forecasting.programmes.targets import target_at
from forecasting.series import RegularSeries

QUICK = BacktestOptions(n_paths=50, jobs=1)


def flow(name: str = "a", *, n: int = 110, freq: str = "M", kind: str = "flow") -> RegularSeries:
    rng = np.random.default_rng(4)
    values = np.round(np.exp(5 + np.cumsum(rng.normal(0, 0.1, n))))
    index = pd.period_range("2010-01", periods=n, freq=freq, name="period")
    return RegularSeries(name, pd.Series(values, index=index), "persons", kind=kind)


def test_a_target_is_that_of_the_rule_and_met_if_the_outcome_reaches_it():
    series = flow()
    found = target_backtest([series], probability=0.8, window_months=12, origins=3, options=QUICK)
    assert tuple(found.cases.columns[: len(TARGET_COLUMNS)]) == TARGET_COLUMNS
    for case in found.cases.itertuples():
        origin = pd.Period(case.origin, "M")
        paths = forecast(series.until(origin), horizon=12, n_paths=50).paths
        assert case.target == target_at(paths.sum("period"), 0.8)
        assert case.outcome == series.values[origin + 1 : origin + 12].sum()
        assert case.met == (case.outcome >= case.target)
        assert case.practice_target == series.values[origin - 11 : origin].sum()
    assert list(found.cases["origin"]) == ["2016-10", "2017-06", "2018-02"]


def test_quarters_count_as_three_months():
    series = flow(n=60, freq="Q")
    found = target_backtest([series], probability=0.5, window_months=24, origins=1, options=QUICK)
    assert found.cases["outcome"].item() == series.values.iloc[-8:].sum()
    with pytest.raises(InputError, match="multiple of 3 months"):
        target_backtest([series], probability=0.5, window_months=8, origins=1, options=QUICK)


@pytest.mark.parametrize(
    ("series", "options", "message"),
    [
        (flow(kind="stock"), {}, "a is a stock; expected: a flow"),
        (flow(n=40), {}, "2 origins every 8 periods with a horizon of 24"),
        (flow(), {"probability": 1.0}, "probability"),
        (flow(), {"window_months": 0}, "a window of 0 months"),
    ],
)
def test_what_cannot_be_tested_is_refused(series, options, message):
    asked = {"probability": 0.8, "window_months": 24, "origins": 2} | options
    with pytest.raises(InputError, match=message):
        target_backtest([series], **asked, options=QUICK)


def cases(met: list[list[bool]], window: int = 12) -> pd.DataFrame:
    """One row of shares per origin, a year apart."""
    rows = [
        {"series_id": f"s{n}", "origin": f"{2000 + year}-01", "window_months": window, "met": value}
        for year, values in enumerate(met)
        for n, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_an_attainment_share_counts_cases_and_its_interval_whole_origins():
    found = attainment(cases([[True] * 4, [False] * 4] * 6))
    assert (found.share, found.cases, found.origins, found.series) == (0.5, 48, 12, 4)
    # a binomial share of 12 independent origins, not of 48 cases
    assert found.upper - found.lower == pytest.approx(2 * 1.645 * np.sqrt(0.25 / 12), abs=0.09)


def test_overlapping_windows_widen_the_interval():
    pattern = [[True] * 2] * 6 + [[False] * 2] * 6
    apart = attainment(cases(pattern, window=12))
    overlapping = attainment(cases(pattern, window=36))
    assert overlapping.upper - overlapping.lower > apart.upper - apart.lower


def test_an_attainment_share_of_several_windows_or_of_too_few_origins_is_refused():
    two = pd.concat([cases([[True]] * 3), cases([[True]] * 3, window=24)])
    with pytest.raises(InputError, match="several windows"):
        attainment(two)
    with pytest.raises(InputError, match="at least 6"):
        attainment(cases([[True]] * 3, window=36))
