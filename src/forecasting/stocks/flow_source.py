"""Where a configuration takes a flow from: a constant, a file, or a forecast of observations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import Field, StrictStr

from forecasting.errors import InputError, ModelError
from forecasting.forecasts import Experience, experience_of, forecast
from forecasting.forecasts.experience import DEFAULT_EXPERIENCE
from forecasting.forecasts.pool import check_request
from forecasting.languages.messages import all_of, say
from forecasting.paths import make_paths
from forecasting.periods import format_period, frequency_of
from forecasting.schemas import Number, Strict, key_place
from forecasting.series import RegularSeries, read_series
from forecasting.sources.reference import find_dataset

Count = Annotated[Number, Field(ge=0, le=10**12)]


class ObservedSource(Strict):
    """Observations: of a CSV file (series_id,period,value), or a reference series by its name."""

    file: StrictStr | None = None
    series_id: StrictStr | None = None
    series: StrictStr | None = None


class ForecastSource(ObservedSource):
    """Observations that are forecast, and by which model."""

    model: StrictStr = "pool"


class FlowSource(Strict):
    """One of: the same number in every period, a file, or a forecast."""

    constant: Count | None = None
    file: StrictStr | None = None
    series_id: StrictStr | None = None
    forecast: ForecastSource | None = None


@dataclass(frozen=True)
class Frame:
    """What all flows of a configuration have in common.

    Attributes
    ----------
    periods : pandas.PeriodIndex
        The projected periods.
    n_paths, seed : int
        Of a forecast; a constant or a file is one path that stands for all.
    path : pathlib.Path
        The configuration: files are looked for beside it, and messages name it.
    check_only : bool
        Whether the last observation is to stand for a forecast, so that a configuration is checked
        at once.
    """

    periods: pd.PeriodIndex
    n_paths: int
    seed: int
    path: Path
    check_only: bool = False

    @property
    def frequency(self) -> str:
        """Length of a period: ``M``, ``Q`` or ``Y``."""
        return frequency_of(self.periods)

    def place(self, key: str) -> str:
        """Name a key in a message."""
        return key_place(self.path, key)

    @contextmanager
    def at(self, key: str) -> Iterator[None]:
        """Name the file and the key of what is refused in this block."""
        before_key = self.place("{key}").partition("{key}")[0]
        try:
            yield
        except InputError as problem:
            if str(problem).startswith(before_key):
                raise
            raise InputError(str(problem), where=self.place(key)) from None
        except ModelError as problem:
            raise ModelError(f"{self.place(key)}: {problem}") from None


@dataclass(frozen=True)
class Flow:
    """A flow over the projected periods.

    Attributes
    ----------
    paths : xarray.DataArray
        Dims ``(path, period)``.
    observed : RegularSeries or None
        What was observed up to the period before the first projected one, or before that.
    """

    paths: xr.DataArray
    observed: RegularSeries | None = None


def resolve_flow(source: FlowSource, frame: Frame, *, key: str) -> Flow:
    """Read or forecast a flow.

    Parameters
    ----------
    source : FlowSource
    frame : Frame
    key : str
        Of the source in the configuration, for messages.

    Raises
    ------
    InputError
        If there is not exactly one source, a file cannot be used, has another frequency or ends
        before the horizon.
    """
    with frame.at(key):
        _check_single(source)
        if source.constant is not None:
            return Flow(_same(np.full(len(frame.periods), float(source.constant)), frame))
        if source.forecast is not None:
            return _forecast(source.forecast, frame)
        return _from_file(ObservedSource(file=source.file, series_id=source.series_id), frame)


def _check_single(source: FlowSource) -> None:
    given = [n for n in ("constant", "file", "forecast") if getattr(source, n) is not None]
    if len(given) != 1:
        raise InputError(
            all_of(given) if given else say("no source"),
            expected=say(
                "one of {names}", names="constant: 60, file: f.csv, forecast: {file: f.csv}"
            ),
        )
    if source.series_id is not None and source.file is None:
        raise InputError(
            say("series_id beside {key}", key=given[0]), expected=say("series_id beside its file")
        )


def _from_file(source: ObservedSource, frame: Frame) -> Flow:
    known = read_observed(source, frame)
    start, end = frame.periods[0], frame.periods[-1]
    if not known.periods[0] <= start <= end <= known.origin:
        raise InputError(
            say(
                "{file} has values from {first} to {last}",
                file=source.file,
                first=format_period(known.periods[0]),
                last=format_period(known.origin),
            ),
            expected=say(
                "values from {first} to {last}, the whole horizon",
                first=format_period(start),
                last=format_period(end),
            ),
            action=say(
                "give the missing values, move start or horizon, or take {source}",
                source="forecast: {file: ...}",
            ),
        )
    before = known.until(start - 1) if known.periods[0] < start else None
    return Flow(_same(known.values[frame.periods].to_numpy(dtype=float), frame), before)


def read_observed(source: ObservedSource, frame: Frame, *, kind: str = "flow") -> RegularSeries:
    """Read observations of the frequency of the configuration.

    Raises
    ------
    InputError
        If there is not exactly one source, or it cannot be used.
    """
    if (source.file is None) == (source.series is None):
        raise InputError(
            say("no observations") if source.file is None else all_of(["file", "series"]),
            expected=say(
                "{one}, or {other}", one="file: f.csv", other="series: asylum-applicants/FI"
            ),
        )
    if source.series is not None:
        known = _read_reference(source, kind)
    else:
        path = frame.path.parent / str(source.file)
        known = read_series(path, series_id=source.series_id, kind=kind)
    if known.frequency != frame.frequency:
        name = source.file or source.series
        raise InputError(
            {
                "M": say("{name} is monthly", name=name),
                "Q": say("{name} is quarterly", name=name),
                "Y": say("{name} is annual", name=name),
            }[known.frequency],
            expected={
                "M": say("monthly figures, as the configuration is"),
                "Q": say("quarterly figures, as the configuration is"),
                "Y": say("annual figures, as the configuration is"),
            }[frame.frequency],
        )
    return known


def _read_reference(source: ObservedSource, kind: str) -> RegularSeries:
    name = str(source.series)
    if source.series_id is not None:
        raise InputError(
            say("series_id beside {key}", key=f"series: {name}"),
            expected=say("series_id beside a file"),
        )
    find_dataset(name.partition("/")[0])
    known = read_series(name)
    if known.kind != kind:
        found = {
            "flow": say("{name} is a flow", name=name),
            "stock": say("{name} is a stock", name=name),
        }
        wanted = {"flow": say("a flow"), "stock": say("a stock")}
        raise InputError(found[known.kind], expected=wanted[kind])
    return known


def _forecast(source: ForecastSource, frame: Frame) -> Flow:
    known = read_observed(source, frame)
    start = frame.periods[0]
    if known.periods[0] >= start:
        raise InputError(
            say("observations from {period} on", period=format_period(known.periods[0])),
            expected=say("some before the start {period}", period=format_period(start)),
        )
    known = known.until(min(start - 1, known.origin))
    learned = experience_of(source.series.partition("/")[0]) if source.series else Experience()
    return forecast_flow(known, frame, model=source.model, experience=learned)


def forecast_flow(
    known: RegularSeries,
    frame: Frame,
    *,
    model: str = "pool",
    experience: Experience = DEFAULT_EXPERIENCE,
) -> Flow:
    """Forecast observations that end before the first projected period, up to the last one."""
    horizon = frame.periods[-1].ordinal - known.origin.ordinal
    if frame.check_only:
        check_request(horizon=horizon, model=model, n_paths=frame.n_paths, seed=frame.seed)
        return Flow(_same(np.full(len(frame.periods), known.values.iloc[-1]), frame), known)
    result = forecast(
        known,
        horizon=horizon,
        model=model,
        experience=experience,
        n_paths=frame.n_paths,
        seed=frame.seed,
    )
    return Flow(result.paths[:, -len(frame.periods) :], known)


def _same(values: np.ndarray, frame: Frame) -> xr.DataArray:
    return make_paths(values[np.newaxis], frame.periods, unit="persons")
