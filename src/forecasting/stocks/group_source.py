"""A group of persons from its keys in a configuration: arrivals, stay, initial stock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, StrictFloat, StrictInt, StrictStr

from forecasting.errors import InputError
from forecasting.languages.messages import all_of, say
from forecasting.periods import format_period
from forecasting.schemas import Number, Strict
from forecasting.stocks.arrivals import Arrivals
from forecasting.stocks.flow_source import Flow, FlowSource, Frame, forecast_flow, resolve_flow
from forecasting.stocks.initial_stock import InitialStock, initial_presence, stock_from_entries
from forecasting.stocks.length_of_stay import LengthOfStay
from forecasting.stocks.occupancy import Group
from forecasting.stocks.records_source import Records, RecordsSource, resolve_records
from forecasting.stocks.stay_config import make_length_of_stay
from forecasting.tables import read_rows

Kind = Literal["rate", "count"]
Dispersion = Annotated[Number, Field(ge=1, le=10**6)]


class InitialSource(Strict):
    """Who is present at the start: how many and since when, or a file of entry dates."""

    count: StrictInt | StrictFloat | None = None
    ages: Literal["equilibrium", "fresh", "back_calculated"] | None = None
    entry_dates: StrictStr | None = None


class GroupSource(Strict):
    """Persons with the same arrivals, length of stay and initial stock.

    Records of the centre give the initial stock, and what is not given of the others.
    """

    arrivals: FlowSource | None = None
    arrivals_kind: Kind | None = None
    dispersion: Dispersion = 1
    length_of_stay: dict[StrictStr, Any] | None = None
    initial_stock: InitialSource | None = None
    records: RecordsSource | None = None


class NamedGroup(GroupSource):
    """One of several groups that share the places."""

    name: StrictStr


def make_group(name: str, source: GroupSource, frame: Frame, *, prefix: str = "") -> Group:
    """Read or forecast what a group consists of.

    Parameters
    ----------
    name : str
    source : GroupSource
    frame : Frame
    prefix : str
        Of the keys of the group in the configuration, for messages.

    Raises
    ------
    InputError
        Naming file and key of what cannot be used.
    """
    records = _records(name, source, frame, prefix)
    flow = _flow(source, frame, prefix, records)
    stay = _stay(source, frame, prefix, records)
    with frame.at(f"{prefix}initial_stock"):
        initial = records.initial if records else _initial(source.initial_stock, frame, flow)
    known = records.arrivals if records else flow.observed
    observed = known if initial.ages == "back_calculated" else None
    with frame.at(f"{prefix}arrivals"):
        kind = _kind(source, flow)
        values = None if observed is None else observed.values
        arrivals = Arrivals(flow.paths, kind, float(source.dispersion), values)
    with frame.at(f"{prefix}initial_stock"):
        one = stay[0] if isinstance(stay, Sequence) else stay
        initial_presence(initial, one, 1, values)
        return Group(name, arrivals, stay, initial)


def _records(name: str, source: GroupSource, frame: Frame, prefix: str) -> Records | None:
    if source.records is None:
        return None
    if source.initial_stock is not None:
        raise InputError(
            say("{key} beside {other}", key="initial_stock", other="records"),
            where=frame.place(f"{prefix}initial_stock"),
            expected=say("one of them: the records hold those present"),
        )
    key, estimate = f"{prefix}records", source.length_of_stay is None
    return resolve_records(source.records, frame, key=key, name=name, estimate=estimate)


def _flow(source: GroupSource, frame: Frame, prefix: str, records: Records | None) -> Flow:
    if source.arrivals is not None:
        return resolve_flow(source.arrivals, frame, key=f"{prefix}arrivals")
    if records is not None:
        return forecast_flow(records.arrivals, frame)
    raise _missing(frame, f"{prefix}arrivals")


def _stay(
    source: GroupSource, frame: Frame, prefix: str, records: Records | None
) -> LengthOfStay | Sequence[LengthOfStay]:
    key = f"{prefix}length_of_stay"
    if source.length_of_stay is not None:
        with frame.at(key):
            return make_length_of_stay(
                source.length_of_stay,
                where=frame.place(key),
                folder=frame.path.parent,
                frequency=frame.frequency,
            )
    if records is not None:
        return records.stays
    raise _missing(frame, key)


def _missing(frame: Frame, key: str) -> InputError:
    wanted = all_of(["arrivals", "length_of_stay"])
    return InputError(say("is missing"), where=frame.place(key), expected=wanted)


def _kind(source: GroupSource, flow: Flow) -> str:
    """Return what the paths hold: by default counts of a forecast, otherwise rates."""
    if source.arrivals is None or source.arrivals.forecast is not None:
        return source.arrivals_kind or "count"
    values = flow.paths.to_numpy()
    if source.arrivals_kind == "count" and (values % 1).any():
        raise InputError(
            say(
                "arrivals {value} with {setting}",
                value=f"{values[values % 1 > 0][0]:g}",
                setting="arrivals_kind: count",
            ),
            expected=say("whole numbers, or {setting}", setting="arrivals_kind: rate"),
        )
    return source.arrivals_kind or "rate"


def _initial(source: InitialSource | None, frame: Frame, flow: Flow) -> InitialStock:
    """Return who is present: by default those left of what was observed, or nobody."""
    if source is None and flow.observed is None:
        return InitialStock(0)
    source = source or InitialSource(ages="back_calculated")
    if source.entry_dates is not None:
        if source.count is not None or source.ages is not None:
            raise InputError(
                say("entry_dates beside a count or ages"),
                expected=say("one of them"),
            )
        return _entered(frame.path.parent / source.entry_dates, frame.periods[0])
    if source.ages == "back_calculated":
        _check_reach(flow, frame)
    if source.count is not None and source.count % 1:
        raise InputError(
            f"count {source.count:g}", expected=say("a whole number of persons, 0 or more")
        )
    return InitialStock(None if source.count is None else int(source.count), source.ages)


def _entered(path: Path, start: pd.Period) -> InitialStock:
    entries = read_rows(path, ("entry",))["entry"]
    try:
        return stock_from_entries(list(entries), start)
    except InputError as problem:
        raise InputError(str(problem), where=str(path)) from None


def _check_reach(flow: Flow, frame: Frame) -> None:
    """Refuse to back-calculate from observations that do not reach the start."""
    before = frame.periods[0] - 1
    if flow.observed is None or flow.observed.origin != before:
        raise InputError(
            say("a stock to be back-calculated, and observed arrivals: none")
            if flow.observed is None
            else say(
                "a stock to be back-calculated, and observed arrivals: up to {period}",
                period=format_period(flow.observed.origin),
            ),
            expected=say(
                "a file or a forecast of observations up to {period}", period=format_period(before)
            ),
            action=say(
                "or give {setting}", setting="initial_stock: {count: 240, ages: equilibrium}"
            ),
        )
