"""A projection of the backlog from its configuration file, and the table of its results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import Field, StrictInt, StrictStr

from forecasting.errors import InputError
from forecasting.languages.messages import all_of, say, say_n
from forecasting.paths import periods_of
from forecasting.periods import format_period
from forecasting.schemas import Month, Number, Strict, key_place
from forecasting.series import RegularSeries
from forecasting.stocks.backlog import BacklogResult, project_backlog, reception_places
from forecasting.stocks.backlog_inputs import BacklogInputs, check_inflow, check_queue
from forecasting.stocks.config_file import Localised, find_config, read_config
from forecasting.stocks.flow_source import (
    FlowSource,
    Frame,
    ObservedSource,
    read_observed,
    resolve_flow,
)
from forecasting.stocks.staffing import (
    NeededStaff,
    StaffPlan,
    Stage,
    needed_capacity,
    needed_staff,
    plan_from_parameters,
)
from forecasting.stocks.stock_table import Output, path_outputs, stock_table

OUTPUTS = (
    "backlog",
    "decisions",
    "exits",
    "wait_of_last_arrival",
    "wait_of_those_waiting",
    "share_over_limit",
)


class StaffSource(Strict):
    """Staff; what is not given is taken from ``data/parameters/asylum_processing.yaml``."""

    persons: Number
    hours_per_month: Number | None = None
    availability: Number | None = None
    share: Number | None = None
    hours_per_case: dict[StrictStr, Number] = Field(default_factory=dict)
    share_of_cases: dict[StrictStr, Number] = Field(default_factory=dict)


class CapacitySource(Strict):
    """Decisions a month: a constant, or what the staff gets done."""

    constant: Number | None = None
    staff: StaffSource | None = None


class StaffTarget(Strict):
    """How surely the wait is to be within the limit, and from which month on."""

    probability: Number = 0.8
    start: Month | None = Field(default=None, alias="from")


class BacklogConfig(Strict):
    """The keys of a configuration for `forecasting backlog`."""

    name: StrictStr = ""
    start: Month
    horizon: StrictInt = Field(ge=1, le=360)
    inflow: FlowSource
    capacity: CapacitySource
    exit_rate: Number = 0
    initial_backlog: StrictInt | ObservedSource = 0
    discipline: Literal["fifo"] = "fifo"
    limit_months: Number = 6
    priority_share: Number = 0
    private_share: Number | None = Field(default=None, ge=0, le=1)
    staff_target: StaffTarget = StaffTarget()
    paths: StrictInt = Field(default=10_000, ge=1, le=100_000)
    seed: StrictInt = Field(default=1, ge=0)
    title: Localised | None = None
    note: Localised | None = None


@dataclass(frozen=True)
class BacklogPlan:
    """A configuration with its flows read or forecast.

    Attributes
    ----------
    path : pathlib.Path
        Of the configuration.
    config : BacklogConfig
    inputs : BacklogInputs
    staff : StaffPlan or None
        Behind the capacity; None where that is a constant.
    waiting, applied : RegularSeries or None
        The backlog and the inflow observed before the start; None where only a number is given.
    """

    path: Path
    config: BacklogConfig
    inputs: BacklogInputs
    staff: StaffPlan | None
    waiting: RegularSeries | None = None
    applied: RegularSeries | None = None

    @property
    def name(self) -> str:
        """Name in the configuration, or that of its file."""
        return self.config.name or self.path.stem


@dataclass(frozen=True)
class BacklogProjection:
    """What a configuration comes to.

    Attributes
    ----------
    plan : BacklogPlan
    result : BacklogResult
    needed : NeededStaff
        What keeps the wait within the limit; in decisions a month where no staff is given.
    places : xarray.DataArray or None
        Reception places that the backlog implies, where the share in private accommodation is
        given.
    """

    plan: BacklogPlan
    result: BacklogResult
    needed: NeededStaff
    places: xr.DataArray | None

    @property
    def staff_unit(self) -> Literal["persons", "decisions a month"]:
        """Unit of the staff needed."""
        return "persons" if self.plan.staff else "decisions a month"


def load_backlog(config: str | Path, *, check_only: bool = False, **changes: Any) -> BacklogPlan:
    """Read a configuration for the backlog and everything it names.

    Parameters
    ----------
    config : str or pathlib.Path
        Name in ``data/stocks``, or a YAML file.
    check_only : bool
        Whether the last observation is to stand for a forecast, so that the configuration is
        checked at once.
    **changes
        Keys of the configuration and the values they have instead, such as ``exit_rate=0.02``.

    Raises
    ------
    InputError
        Naming file, key, what was found and what was expected.
    """
    path = find_config(config)
    read = read_config(BacklogConfig, path, changes, of=say("a backlog configuration"))
    return _plan(read, path, check_only)


def _plan(config: BacklogConfig, path: Path, check_only: bool) -> BacklogPlan:
    periods = pd.period_range(config.start, periods=config.horizon, freq="M")
    frame = Frame(periods, config.paths, config.seed, path, check_only)
    _check_numbers(config, frame)
    staff = _staff(config, frame)
    capacity = _capacity(config, staff, frame)
    with frame.at("initial_backlog"):
        initial, waiting = _initial(config.initial_backlog, frame)
    flow = resolve_flow(config.inflow, frame, key="inflow")
    with frame.at("inflow"):
        check_inflow(flow.paths)
        if initial and not flow.paths.to_numpy()[:, 0].any():
            raise InputError(
                say_n(
                    "nobody comes in {month} and {n} cases wait",
                    "nobody comes in {month} and {n} cases wait",
                    initial,
                    month=format_period(config.start),
                ),
                expected=say(
                    "an inflow above 0 in the first month, which says how long they have waited"
                ),
            )
    with frame.at("capacity"):
        inputs = BacklogInputs(
            inflow=flow.paths,
            capacity=capacity,
            exit_rate=float(config.exit_rate),
            initial_backlog=initial,
            priority_share=float(config.priority_share),
            limit_months=float(config.limit_months),
            discipline=config.discipline,
        )
    return BacklogPlan(path, config, inputs, staff, waiting, flow.observed)


_VALID = {"exit_rate": 0.0, "limit_months": 6.0, "priority_share": 0.0}


def _check_numbers(config: BacklogConfig, frame: Frame) -> None:
    for key in _VALID:
        with frame.at(key):
            check_queue(0, **{**_VALID, key: float(getattr(config, key))})
    target = config.staff_target
    if not 0 < target.probability < 1:
        raise InputError(
            say("probability {value}", value=f"{target.probability:g}"),
            where=frame.place("staff_target.probability"),
            expected=say("between 0 and 1, such as {example}", example=0.8),
        )
    if target.start is not None and target.start not in frame.periods:
        first, last = format_period(frame.periods[0]), format_period(frame.periods[-1])
        raise InputError(
            format_period(target.start),
            where=frame.place("staff_target.from"),
            expected=say("a month of the horizon, {first} to {last}", first=first, last=last),
        )


def _capacity(config: BacklogConfig, staff: StaffPlan | None, frame: Frame) -> np.ndarray:
    constant = config.capacity.constant
    if staff is not None and constant is None:
        return staff.capacity(config.horizon)
    if constant is not None and staff is None:
        return np.full(config.horizon, float(constant))
    raise InputError(
        all_of(["constant", "staff"]) if staff else say("no capacity"),
        where=frame.place("capacity"),
        expected=say("{one}, or {other}", one="constant: 450", other="staff: {persons: 40}"),
    )


def _staff(config: BacklogConfig, frame: Frame) -> StaffPlan | None:
    given = config.capacity.staff
    if given is None:
        return None
    with frame.at("capacity.staff"):
        plan = plan_from_parameters(float(given.persons), on=config.start)
        own: dict[str, Any] = {
            name: float(value)
            for name in ("hours_per_month", "availability", "share")
            if (value := getattr(given, name)) is not None
        }
        return replace(plan, **own, stages=_stages(given, plan.stages))


def _stages(given: StaffSource, known: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Return the stages of the parameters, what is given in place of theirs or beside it."""
    hours = {each.name: each.hours_per_case for each in known} | given.hours_per_case
    shares = {each.name: each.share_of_cases for each in known} | given.share_of_cases
    unknown = [name for name in shares if name not in hours]
    if unknown:
        raise InputError(
            say("share_of_cases of a stage '{name}'", name=unknown[0]),
            expected=", ".join(hours),
            action=say("or give its hours under hours_per_case"),
        )
    return tuple(
        Stage(name, float(value), float(shares.get(name, 1))) for name, value in hours.items()
    )


def _initial(source: int | ObservedSource, frame: Frame) -> tuple[int, RegularSeries | None]:
    """Return the cases waiting at the start, and what was observed of them up to then."""
    if isinstance(source, int):
        check_queue(source, **_VALID)
        return source, None
    known = read_observed(source, frame, kind="stock")
    before = frame.periods[0] - 1
    if not known.periods[0] <= before <= known.origin:
        raise InputError(
            say(
                "{file} has values from {first} to {last}",
                file=known.series_id,
                first=format_period(known.periods[0]),
                last=format_period(known.origin),
            ),
            expected=say(
                "the backlog at the end of {month}, before the start", month=format_period(before)
            ),
        )
    known = known.until(before)
    value = float(known.values.iloc[-1])
    if value % 1:
        raise InputError(
            say(
                "{name} of {value} in {month}",
                name=known.series_id,
                value=f"{value:g}",
                month=format_period(before),
            ),
            expected=say("a whole number of cases"),
        )
    return int(value), known


def run_backlog(plan: BacklogPlan) -> BacklogProjection:
    """Project the backlog, and what would keep the wait within the limit.

    Raises
    ------
    InputError
        If cases with priority take up all of the capacity.
    """
    config, inputs = plan.config, plan.inputs
    try:
        result = project_backlog(inputs)
    except InputError as problem:
        raise InputError(str(problem), where=key_place(plan.path, "priority_share")) from None
    needed = needed_capacity(
        inputs.inflow,
        initial_backlog=inputs.initial_backlog,
        exit_rate=inputs.exit_rate,
        limit_months=inputs.limit_months,
        priority_share=inputs.priority_share,
    )
    from_period = config.staff_target.start or _after_limit(config)
    places = None
    if config.private_share is not None:
        places = reception_places(result.backlog, private_share=float(config.private_share))
    return BacklogProjection(
        plan,
        result,
        needed_staff(
            needed,
            plan.staff or _ONE_DECISION,
            probability=float(config.staff_target.probability),
            from_period=from_period,
        ),
        places,
    )


_ONE_DECISION = StaffPlan(1, 1, 1, 1, (Stage("decision", 1),))
"""Staff counted in decisions a month."""


def _after_limit(config: BacklogConfig) -> pd.Period:
    """Return the month by which those waiting at the start have passed the limit, if not later."""
    return config.start + min(round(float(config.limit_months)), config.horizon - 1)


def backlog_table(projection: BacklogProjection) -> pd.DataFrame:
    """Write a projection as a long table.

    Returns
    -------
    pandas.DataFrame
        Columns ``period, output_type, quantile_level, value``: for every period the mean (without a
        quantile level) and 23 quantiles of each output, and the staff needed at the probability of
        the target as its quantile level.
    """
    result, needed = projection.result, projection.needed
    outputs = [each for name in OUTPUTS for each in path_outputs(name, getattr(result, name))]
    if projection.places is not None:
        outputs += path_outputs("reception_places", projection.places)
    periods = periods_of(result.backlog)
    staff = needed.persons_by_period.to_series().reindex(periods).to_numpy()
    return stock_table(periods, [*outputs, Output("staff_needed", staff, needed.probability)])
