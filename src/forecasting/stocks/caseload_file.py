"""Caseloads, drivers and interventions from files and options, and many caseloads at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.errors import ForecastingError, InputError
from forecasting.forecasts.table import forecast_table, read_batch
from forecasting.languages.messages import all_of, say, say_n
from forecasting.models import Drivers, Intervention
from forecasting.paths import make_paths
from forecasting.periods import following, format_period, parse_period
from forecasting.series import RegularSeries
from forecasting.stocks.caseload import (
    CaseloadForecast,
    check_inputs,
    check_request,
    forecast_inputs,
)
from forecasting.stocks.caseload_inputs import CaseloadInputs
from forecasting.stocks.caseload_past import PastForecasts
from forecasting.tables import FORECAST_COLUMNS, SERIES_COLUMNS, parse_number, read_rows


@dataclass(frozen=True)
class CaseloadOptions:
    """How to forecast the caseloads of a file.

    Attributes
    ----------
    horizon : int
        Periods after the origin.
    origin : str or None
        The last period known; default: the last of each.
    drivers, entries : pathlib.Path or None
        Files with the columns of the caseloads.
    interventions : tuple of str
        See `parse_intervention`.
    missing : {"keep", "error", "interpolate", "cut"}
        See `forecasting.make_series`; kept gaps are bridged, and it is said.
    n_paths, seed : int
        See `forecasting.stocks.caseload.forecast_caseload`.
    """

    horizon: int
    origin: str | None = None
    drivers: Path | None = None
    entries: Path | None = None
    interventions: tuple[str, ...] = ()
    missing: str = "keep"
    n_paths: int = 1000
    seed: int = 1


def forecast_caseload_file(
    path: Path,
    options: CaseloadOptions,
    *,
    on_done: Callable[[int, int], None] | None = None,
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Forecast every caseload of a CSV file.

    Returns
    -------
    table : pandas.DataFrame
        Columns `forecasting.tables.FORECAST_COLUMNS`; a caseload that cannot be forecast has one
        row, whose ``flag`` begins with ``error:``.
    lines : list of str
        What was chosen, and which driver earned its place.
    problems : list of str
        One message per caseload that cannot be forecast.

    Raises
    ------
    InputError
        If a file as a whole or an option cannot be used.
    """
    check_request(horizon=options.horizon, n_paths=options.n_paths, seed=options.seed)
    _refuse_two_counts(path)
    origin = None if options.origin is None else parse_period(options.origin, where="--origin")
    batch, unread = read_batch(path, missing=options.missing, origin=origin)
    observed = None if options.drivers is None else read_drivers(options.drivers)
    entries = {} if options.entries is None else _read_entries(options.entries, origin)
    interventions = tuple(parse_intervention(text) for text in options.interventions)
    failed: dict[str, ForecastingError] = dict(unread)
    tables, lines = [], []
    for series in batch:
        try:
            drivers = None if observed is None else split_drivers(observed, series.origin)
            inflow = _entries_of(series, entries)
            inputs = CaseloadInputs(series, drivers, interventions, inflow)
            found = _forecast(inputs, options, on_done)
        except ForecastingError as problem:
            failed[series.series_id] = problem
        else:
            tables.append(forecast_table(found.forecast))
            lines += found.lines()
    tables += [_error_row(name, problem) for name, problem in failed.items()]
    table = pd.concat(tables, ignore_index=True)
    return table, lines, [str(problem) for problem in failed.values()]


def _forecast(
    inputs: CaseloadInputs,
    options: CaseloadOptions,
    on_done: Callable[[int, int], None] | None,
) -> CaseloadForecast:
    check_inputs(inputs, options.horizon)
    past = PastForecasts(inputs, options.seed)
    if on_done:
        past.prepare(inputs.series.origin, on_done)
    return forecast_inputs(
        inputs, past, horizon=options.horizon, n_paths=options.n_paths, seed=options.seed
    )


def read_drivers(path: Path) -> pd.DataFrame:
    """Read drivers from a CSV file ``series_id,period,value``; one column a driver.

    Values may be negative. A driver may begin later or end earlier than another.

    Raises
    ------
    InputError
        If the file cannot be used, a value is no number, a month stands twice, or the periods are
        of several frequencies.
    """
    rows = read_rows(path, SERIES_COLUMNS)
    columns: dict[str, pd.Series] = {}
    for name, own in rows.groupby("series_id", sort=False):
        places = [
            say("{path}, row {row}, driver {name}", path=path, row=row, name=name)
            for row in own.index
        ]
        periods = [
            parse_period(text, where=place)
            for text, place in zip(own["period"], places, strict=True)
        ]
        values = [
            parse_number(text, where=place)
            for text, place in zip(own["value"], places, strict=True)
        ]
        _refuse_repeats(periods, places)
        columns[str(name)] = pd.Series(values, index=pd.Index(periods)).sort_index()
    frequencies = {period.freqstr for column in columns.values() for period in column.index}
    if len(frequencies) > 1:
        raise InputError(
            say_n("periods of {n} frequencies", "periods of {n} frequencies", len(frequencies)),
            where=str(path),
            expected=say("months, quarters or years throughout"),
        )
    known = pd.PeriodIndex(sorted({period for own in columns.values() for period in own.index}))
    whole = pd.period_range(known[0], known[-1])
    return pd.DataFrame({name: own.reindex(whole) for name, own in columns.items()}, index=whole)


def split_drivers(observed: pd.DataFrame, origin: pd.Period) -> Drivers:
    """Split the values of drivers at an origin: those after it are a scenario of one path.

    Raises
    ------
    InputError
        If a driver has no value up to the origin, or its scenario has a gap.
    """
    known, ahead = observed[:origin], observed[origin + 1 :]
    future = {}
    for name in map(str, observed.columns):
        if not known[name].notna().any():
            raise InputError(
                say("no value up to {period}, the origin", period=format_period(origin)),
                where=say("driver {name}", name=name),
                expected=say("observed values, and after the origin a scenario or none"),
            )
        values = ahead[name][: ahead[name].last_valid_index()]
        if ahead[name].notna().any():
            _refuse_gaps(name, origin, known[name].iloc[-1:], values)
            path = values.to_numpy(dtype=float)[np.newaxis]
            future[name] = make_paths(path, following(origin, len(values)), unit="1")
    return Drivers(known, future)


def _refuse_gaps(name: str, origin: pd.Period, last: pd.Series, scenario: pd.Series) -> None:
    if scenario.isna().any() or last.isna().any() or last.index[0] != origin:
        raise InputError(
            say("a scenario with a gap"),
            where=say("driver {name}", name=name),
            expected=say(
                "a value for every period from {first} on, and observed values up to {origin}",
                first=format_period(origin + 1),
                origin=format_period(origin),
            ),
            action=say("fill the gap, or leave the values after the origin out"),
        )


def parse_intervention(text: str) -> Intervention:
    """Read ``NAME:PERIOD[:step|pulse|ramp][:END]``, for example ``epidemic:2020-03:step:2022-05``.

    Raises
    ------
    InputError
        If it is written differently, or shape and end do not fit (see `Intervention`).
    """
    parts = [part.strip() for part in text.split(":")]
    if not 2 <= len(parts) <= 4 or not all(parts):
        raise InputError(
            say("intervention '{text}'", text=text),
            expected=say(
                "{form}, for example {example}",
                form="NAME:PERIOD[:step|pulse|ramp][:END]",
                example="epidemic:2020-03:step",
            ),
        )
    name, start, shape, *end = [*parts, "step"] if len(parts) == 2 else parts
    where = say("intervention {name}", name=name)
    return Intervention(
        name,
        parse_period(start, where=where),
        shape,
        parse_period(end[0], where=where) if end else None,
    )


def _refuse_two_counts(path: Path) -> None:
    rows = read_rows(path, SERIES_COLUMNS)
    twice = rows[rows.duplicated(["series_id", "period"], keep=False)]
    if twice.empty:
        return
    first = twice.iloc[0]
    same = twice[(twice["series_id"] == first["series_id"]) & (twice["period"] == first["period"])]
    raise InputError(
        say("{values} for {period}", values=all_of(list(same["value"])), period=first["period"]),
        where=say(
            "{path}, rows {rows}, series {name}",
            path=path,
            rows=", ".join(map(str, same.index)),
            name=first["series_id"],
        ),
        expected=say("one value a month: recipients and persons entitled are two counts"),
        action=say("give each count a series_id of its own"),
    )


def _refuse_repeats(periods: list[pd.Period], places: list[str]) -> None:
    seen: set[pd.Period] = set()
    for period, place in zip(periods, places, strict=True):
        if period in seen:
            raise InputError(
                say("period {period} stands twice", period=format_period(period)),
                where=place,
                expected=say("each period once"),
                action=say("remove one of the two rows"),
            )
        seen.add(period)


def _read_entries(path: Path, origin: pd.Period | None) -> dict[str, RegularSeries]:
    batch, problems = read_batch(path, missing="error", origin=origin)
    for problem in problems.values():
        raise problem
    return {series.series_id: series for series in batch}


def _entries_of(series: RegularSeries, entries: dict[str, RegularSeries]) -> RegularSeries | None:
    if not entries:
        return None
    if series.series_id not in entries:
        raise InputError(
            say("no entries of '{name}'", name=series.series_id),
            where="--entries",
            expected=say(
                "a series_id for every caseload; found: {names}", names=", ".join(entries)
            ),
        )
    found = entries[series.series_id]
    return found.until(series.origin) if found.origin > series.origin else found


def _error_row(series_id: str, problem: Exception) -> pd.DataFrame:
    row: dict[str, object] = dict.fromkeys(FORECAST_COLUMNS, np.nan)
    row |= {"series_id": series_id, "model": "caseload", "flag": f"error: {problem}"}
    return pd.DataFrame([row], columns=list(FORECAST_COLUMNS)).astype(
        {"horizon": "Int64", "origin": object, "period": object, "output_type": object}
    )
