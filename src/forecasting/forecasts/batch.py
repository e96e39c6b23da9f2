"""Many forecasts at once: worker processes, here or on a cluster, that learn from a whole batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import lru_cache, partial
from multiprocessing import get_context
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from forecasting.engines import LOCAL, Engine
from forecasting.engines.cluster import Cluster, connect
from forecasting.errors import ForecastingError, InputError
from forecasting.forecasts.calibration import (
    Calibration,
    PastCase,
    fit_calibration,
    past_case,
    shipped_calibration,
)
from forecasting.forecasts.experience import Experience, shipped_panel
from forecasting.forecasts.pool import POOLS, Forecast, forecast
from forecasting.languages.messages import message_words, one_of, say, set_message_language
from forecasting.models import Model
from forecasting.models.analogue import NAME as ANALOGUE
from forecasting.models.common import one_thread
from forecasting.models.panel import MIN_SERIES, Panel, make_panel
from forecasting.models.structural import StateSpaceModel
from forecasting.periods import SEASON_LENGTH, frequency_of
from forecasting.series import RegularSeries

CASES_PER_JOB = 8
"""Fewer cases than this are not worth a process of their own."""

CASES_PER_CALL = 32
"""Cases that are sent to a worker of a cluster in one call, at most."""

CALLS_PER_WORKER = 8
"""Calls for each worker, if there are cases enough, so that all end at about the same time."""

SERIES_TO_CALIBRATE = 100
"""A batch of so many series is calibrated on its own past too, a smaller one by what ships."""

SHORTEST_PAST = 36
"""Observations before an origin whose forecast is held against its outcome."""


PANELS = ("batch", "asylum")


@dataclass(frozen=True)
class Settings:
    """What all forecasts of a batch have in common.

    Attributes
    ----------
    horizon : int
        Periods after the origin.
    model : str
        See `forecasting.forecast`.
    n_paths, seed : int
        See `forecasting.forecast`.
    panel : {"batch", "asylum"}
        Where the analogue member learns from: the batch itself if it has five series or more, or
        the situations of asylum applicants that ship.
    recipes : mapping of str to Model
        Models that are not looked up by name, under theirs. At each origin drivers and
        interventions are used as they were known then.
    """

    horizon: int
    model: str = "pool"
    n_paths: int = 1000
    seed: int = 1
    panel: str = "batch"
    recipes: Mapping[str, Model] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.panel not in PANELS:
            raise InputError(say("panel '{panel}'", panel=self.panel), expected=one_of(PANELS))


@dataclass(frozen=True)
class Case:
    """One forecast to be made.

    Attributes
    ----------
    index : int
        Which series of the batch.
    origin : pandas.Period
        The last period known.
    calibration : Calibration, "shipped" or None
        See `forecasting.forecasts.experience.Experience`.
    model : str or None
        Instead of that of the settings.
    """

    index: int
    origin: pd.Period
    calibration: Calibration | Literal["shipped"] | None = "shipped"
    model: str | None = None


Task = Callable[[Forecast, RegularSeries], Any]
"""Takes a forecast and the whole series, outcomes included; what it returns is what comes back."""


class Worker:
    """Makes the forecasts of one process; the panel of an origin is made once."""

    def __init__(self, batch: Sequence[RegularSeries], settings: Settings) -> None:
        self.batch, self.settings = batch, settings
        self.panel_at = lru_cache(maxsize=4)(self._panel_at)

    def __reduce__(self) -> tuple[object, ...]:
        return Worker, (self.batch, self.settings)  # panels are made anew, not sent

    def _panel_at(self, origin: pd.Period) -> Panel | None:
        if self.settings.panel == "asylum":
            return shipped_panel()
        if len(self.batch) < MIN_SERIES or origin.freqstr[0] not in ("M", "Q"):
            return None
        return make_panel(self.batch, until=origin)

    def _model_at(self, name: str, origin: pd.Period) -> str | Model:
        """Return what `forecast` takes; the future of drivers is the same for all series."""
        settings = self.settings
        recipe = settings.recipes.get(name, name)
        if not isinstance(recipe, StateSpaceModel):
            return recipe
        rng = np.random.default_rng([settings.seed, origin.year, origin.month])
        return recipe.known_at(origin, horizon=settings.horizon, n_paths=settings.n_paths, rng=rng)

    def run(self, task: Task, case: Case) -> Any:
        """Forecast one case; an error of the suite is returned, so that it stops no other case."""
        series, settings = self.batch[case.index], self.settings
        name = case.model or settings.model
        try:
            learns = name in POOLS or ANALOGUE in name.split("+")
            panel = self.panel_at(case.origin) if learns else None
            result = forecast(
                series.until(case.origin),
                horizon=settings.horizon,
                model=self._model_at(name, case.origin),
                experience=Experience(panel, case.calibration),
                n_paths=settings.n_paths,
                seed=settings.seed,
            )
            return task(result, series)
        except ForecastingError as problem:
            return problem

    def run_all(self, task: Task, cases: Iterable[Case]) -> Iterator[Any]:
        """Forecast cases one after the other; linear algebra uses one thread meanwhile."""
        with one_thread():
            yield from map(partial(self.run, task), cases)


class Crew(AbstractContextManager["Crew"]):
    """Worker processes for one batch, kept over all its stages.

    Parameters
    ----------
    batch : sequence of RegularSeries
    settings : Settings
    jobs : int, optional
        Processes; default: as many as there are cores, if there is work for them. Without meaning
        on a cluster.
    cases : int
        How many forecasts are to be expected.
    engine : Engine
        Processes of this machine, or the workers of a cluster; the results are the same.
    """

    def __init__(
        self,
        batch: Sequence[RegularSeries],
        settings: Settings,
        *,
        cases: int,
        jobs: int | None = None,
        engine: Engine = LOCAL,
    ) -> None:
        self.batch, self.settings, self.engine = tuple(batch), settings, engine
        self._workers = jobs or max(1, min(os.cpu_count() or 1, cases // CASES_PER_JOB))
        self._executor: ProcessPoolExecutor | None = None
        self._cluster: Cluster | None = None
        self._local = Worker(self.batch, settings)
        self._remote: Any = None
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        if self.engine.name == "dask":
            self._cluster = self._exits.enter_context(connect(self.engine))
            self._remote = self._cluster.submit(Worker, self.batch, self.settings)
        elif self._workers > 1:
            self._executor = ProcessPoolExecutor(
                self._workers,
                mp_context=get_context("spawn"),
                initializer=_start,
                initargs=(self.batch, self.settings, message_words().code),
            )
            self._exits.callback(self._executor.shutdown, cancel_futures=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._remote = None
        self._exits.close()

    def run(self, task: Task, cases: Iterable[Case]) -> Iterator[Any]:
        """Forecast the cases and hand on what the task makes of each, in their order."""
        if self._cluster:
            yield from self._run_on(self._cluster, task, list(cases))
        elif self._executor:
            yield from self._executor.map(partial(_run, task), cases, chunksize=CASES_PER_JOB)
        else:
            yield from self._local.run_all(task, cases)

    def _run_on(self, cluster: Cluster, task: Task, cases: Sequence[Case]) -> Iterator[Any]:
        share = len(cases) // (cluster.size * CALLS_PER_WORKER)
        size = max(1, min(CASES_PER_CALL, share))
        chunks = (cases[begin : begin + size] for begin in range(0, len(cases), size))
        calls = ((self._remote, task, chunk) for chunk in chunks)
        for found in cluster.results(_run_chunk, calls):
            yield from found

    @property
    def calibrates(self) -> bool:
        """Whether the batch is large enough to be calibrated on its own past."""
        enough = len(self.batch) >= SERIES_TO_CALIBRATE
        return enough and shipped_calibration(self.settings.model) is not None

    def a_horizon_before(self, cases: Iterable[Case]) -> list[Case]:
        """Return uncalibrated cases whose outcomes are known at the origins of the given ones.

        Series with fewer than 36 observations by then are left out; by origin, as panels are.
        """
        horizon = self.settings.horizon
        earlier = [
            Case(case.index, case.origin - horizon, calibration=None)
            for case in cases
            if case.origin - horizon >= self.batch[case.index].periods[0] + (SHORTEST_PAST - 1)
        ]
        return sorted(earlier, key=lambda case: case.origin.ordinal)

    def calibration_at(self, past: Sequence[PastCase], origin: pd.Period) -> Calibration:
        """Return the factors from the outcomes known at an origin, shrunk towards those shipped.

        Only cases of the frequency of `origin` count: the ordinals of others are not comparable.
        """
        prior = shipped_calibration(self.settings.model)
        if prior is None:
            raise ValueError(f"no factors ship for {self.settings.model}")
        season = SEASON_LENGTH[frequency_of(origin)]
        same = [case for case in past if case.season_length == season]
        return fit_calibration(same, prior, known_at=origin.ordinal)


def hold_against_outcome(result: Forecast, series: RegularSeries) -> PastCase:
    """Measure an uncalibrated forecast against what followed; a task for `Crew.run`."""
    outcome = series.values[result.origin + 1 :].to_numpy(dtype=float)
    return past_case(series.series_id, result.paths, outcome[: result.paths.sizes["period"]])


_worker: Worker | None = None


def _start(batch: Sequence[RegularSeries], settings: Settings, language: str) -> None:
    global _worker  # noqa: PLW0603 - one per process
    set_message_language(language)
    one_thread()
    _worker = Worker(batch, settings)


def _run(task: Task, case: Case) -> Any:
    if _worker is None:
        raise RuntimeError("the process was not started by a crew")
    return _worker.run(task, case)


def _run_chunk(worker: Worker, task: Task, cases: Sequence[Case]) -> list[Any]:
    return list(worker.run_all(task, cases))
