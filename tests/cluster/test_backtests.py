"""Backtests on a cluster give what local processes give, whatever happens to its workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecasting.engines import Engine, cluster
from forecasting.errors import ClusterError
from forecasting.evaluation.backtest import Backtest, BacktestOptions, backtest
from forecasting.evaluation.target_backtest import target_backtest
from forecasting.forecasts.batch import Case, Crew, Settings
from forecasting.forecasts.table import _as_table

MODELS = ("fast", "random_walk")
OPTIONS = BacktestOptions(n_paths=60, seed=7, jobs=1)


def same(one: pd.DataFrame, two: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, two, rtol=1e-9, atol=1e-9)


def run(batch: Any, options: BacktestOptions) -> Backtest:
    return backtest(batch, MODELS, origins=4, horizon=6, step=3, options=options)


@pytest.fixture(scope="module")
def local(batch: Any) -> Backtest:
    return run(batch, OPTIONS)


def test_a_backtest_is_the_same_and_reports_every_forecast(
    machines: Any, batch: Any, local: Backtest
) -> None:
    seen: list[tuple[int, int]] = []
    options = replace(OPTIONS, engine=machines.engine, on_done=lambda *step: seen.append(step))
    found = run(batch, options)
    same(found.forecasts, local.forecasts)
    same(found.scores, local.scores)
    assert found.problems == local.problems
    assert seen == [(done, 64) for done in range(1, 65)]


def test_a_target_backtest_is_the_same(machines: Any, batch: Any) -> None:
    one, two = (
        target_backtest(
            batch[:5], probability=0.8, window_months=12, origins=2, step=8,
            options=replace(OPTIONS, engine=engine),
        )
        for engine in (machines.engine, Engine())
    )  # fmt: skip
    same(one.cases, two.cases)
    assert one.problems == two.problems


def test_an_error_stands_in_the_place_of_its_case(machines: Any, batch: Any) -> None:
    short = batch[1].until(batch[1].periods[1])
    cases = [Case(index, own.origin) for index, own in enumerate([batch[0], short, batch[2]])]
    with Crew(
        [batch[0], short, batch[2]], Settings(3, "ets", n_paths=5), cases=3, engine=machines.engine
    ) as crew:
        first, second, third = crew.run(_as_table, cases)
    assert "no model can be used (ets: needs 10 observations, there are 2)" in str(second)
    assert {first["series_id"][0], third["series_id"][0]} == {"s000", "s002"}


def test_a_worker_killed_in_the_middle_changes_nothing(
    machines: Any, batch: Any, local: Backtest
) -> None:
    killed: list[tuple[str, int]] = []

    def kill(done: int, _: int) -> None:
        for name in ("a", "b"):
            if not killed and machines.busy(name):
                machines.kill(name)
                killed.append((name, done))

    found = run(batch, replace(OPTIONS, engine=machines.engine, on_done=kill))
    ((name, done),) = killed
    assert done < 64
    assert name not in machines.names()
    same(found.forecasts, local.forecasts)
    same(found.scores, local.scores)
    machines.start_workers(name)


def test_without_workers_the_work_ends_with_an_error_and_does_not_hang(
    in_process: Callable[..., Any], batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WORKERS_SECONDS", 1.0)
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.2)
    with in_process() as own:
        options = replace(
            OPTIONS,
            engine=Engine("dask", own.scheduler_address),
            on_done=lambda done, _: own.scale(0) if done == 1 else None,
        )
        with pytest.raises(ClusterError, match="no worker left for 1 second; start workers"):
            run(batch, options)


def test_a_value_lost_with_the_last_worker_is_not_waited_for(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WORKERS_SECONDS", 1.0)
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.2)
    with in_process() as own, cluster.connect(Engine("dask", own.scheduler_address)) as found:
        future = found.submit(len, (1, 2, 3))
        assert list(found.as_they_end({"one": future})) == ["one"]
        own.scale(0)
        own.sync(own._correct_state)
        with pytest.raises(ClusterError, match="no worker left"):
            found.result(future)


def test_the_command_takes_a_cluster(machines: Any, batch: Any, run: Any, tmp_path: Path) -> None:
    rows = [f"{own.series_id},{period},{value}" for own in batch[:2]
            for period, value in own.values.items()]  # fmt: skip
    text = "\n".join(["series_id,period,value", *rows])
    (tmp_path / "in.csv").write_text(text + "\n", encoding="utf-8")
    common = ("in.csv", "--horizon", 3, "--model", "fast", "--paths", 20)
    one = run("forecast", *common, "-o", "one.csv", "--engine", "dask",
              "--scheduler", machines.address)  # fmt: skip
    two = run("forecast", *common, "-o", "two.csv", "--jobs", 1)
    assert (one.exit_code, two.exit_code) == (0, 0), one.output + two.output
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    refused = run("forecast", *common, "-o", "f.csv", "--engine", "dask",
                  "--scheduler", machines.address, "--jobs", 2)  # fmt: skip
    assert refused.exit_code == 2
    assert "--jobs: a number of processes with the engine dask; expected: none" in refused.output
