"""A projection of the occupancy from its configuration file, and the table of its results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import Field, StrictInt, StrictStr

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.periods import format_period, frequency_of, parse_period
from forecasting.schemas import Number, Strict, key_place
from forecasting.stocks.config_file import Indicator, Localised, find_config, read_config
from forecasting.stocks.exceedance import Exceedance, exceedance
from forecasting.stocks.finite_capacity import QueueResult, simulate_queue
from forecasting.stocks.flow_source import Count, FlowSource, Frame
from forecasting.stocks.group_source import (
    Dispersion,
    GroupSource,
    InitialSource,
    Kind,
    NamedGroup,
    make_group,
)
from forecasting.stocks.occupancy import (
    ExpectedOccupancy,
    Group,
    expected_occupancy,
    simulate_occupancy,
)
from forecasting.stocks.records_source import RecordsSource
from forecasting.stocks.stock_table import Output, quantile_outputs, stock_table

AtCapacity = Literal["ignore", "overflow_return", "overflow_stay", "wait", "loss"]
Meaning = Literal["pointwise", "simultaneous", "share_of_nights"]


class CapacityStep(Strict):
    """Places from a period on."""

    start: StrictStr | StrictInt = Field(alias="from")
    places: Number


class ServiceLevel(Strict):
    """The service wanted of a centre, and what it means."""

    probability: Number
    meaning: Meaning


class OccupancyConfig(Strict):
    """The keys of a configuration for `forecasting occupancy`."""

    name: StrictStr
    start: StrictStr | StrictInt
    horizon: StrictInt = Field(ge=1, le=1200)
    frequency: Literal["M", "Q", "Y"] = "M"
    arrivals: FlowSource | None = None
    arrivals_kind: Kind | None = None
    dispersion: Dispersion = 1
    length_of_stay: dict[StrictStr, Any] | None = None
    initial_stock: InitialSource | None = None
    records: RecordsSource | None = None
    groups: tuple[NamedGroup, ...] = ()
    capacity: Number | tuple[CapacityStep, ...] | None = None
    at_capacity: AtCapacity = "ignore"
    service_level: ServiceLevel | None = None
    cost_eur_per_night: Count | None = None
    paths: StrictInt = Field(default=10_000, ge=1, le=100_000)
    seed: StrictInt = Field(default=1, ge=0)
    title: Localised | None = None
    short_title: Localised | None = None
    indicator: Indicator | None = None
    note: Localised | None = None


@dataclass(frozen=True)
class OccupancyPlan:
    """A configuration with its flows read or forecast.

    Attributes
    ----------
    config : OccupancyConfig
    periods : pandas.PeriodIndex
        The projected periods.
    groups : tuple of Group
    capacity : numpy.ndarray or None
        Places of each period.
    stay_factor, arrivals_factor : float
        By which the stay and the arrivals of the configuration were multiplied.
    """

    config: OccupancyConfig
    periods: pd.PeriodIndex
    groups: tuple[Group, ...]
    capacity: np.ndarray | None
    stay_factor: float = 1.0
    arrivals_factor: float = 1.0


@dataclass(frozen=True)
class OccupancyProjection:
    """What a configuration comes to.

    Attributes
    ----------
    plan : OccupancyPlan
    demand : xarray.DataArray
        Joint paths of the persons who would be present without a limit to the places, whole
        numbers.
    expected : ExpectedOccupancy
        Mean and variance without limit to the places, by convolution.
    over : Exceedance or None
        Chance of more persons than places and the persons expected over them, without limit.
    queue : QueueResult or None
        What happened under a rule at capacity.
    """

    plan: OccupancyPlan
    demand: xr.DataArray
    expected: ExpectedOccupancy
    over: Exceedance | None
    queue: QueueResult | None

    @property
    def paths(self) -> xr.DataArray:
        """Persons in the centre: under a rule at capacity those in its places."""
        return self.demand if self.queue is None else self.queue.inside


def load_occupancy(
    config: str | Path, *, check_only: bool = False, **changes: Any
) -> OccupancyPlan:
    """Read a configuration for the occupancy and everything it names.

    Parameters
    ----------
    config : str or pathlib.Path
        Name in ``data/stocks``, or a YAML file.
    check_only : bool
        Whether the last observation is to stand for a forecast, so that the configuration is
        checked at once.
    **changes
        Keys of the configuration and the values they have instead, such as ``capacity=80``.

    Raises
    ------
    InputError
        Naming file, key, what was found and what was expected.
    """
    path = find_config(config)
    read = read_config(OccupancyConfig, path, changes, of=say("an occupancy configuration"))
    return _plan(read, path, check_only)


def _plan(config: OccupancyConfig, path: Path, check_only: bool) -> OccupancyPlan:
    start = _period(config.start, config.frequency, key_place(path, "start"))
    periods = pd.period_range(start, periods=config.horizon, freq=start.freqstr)
    frame = Frame(periods, config.paths, config.seed, path, check_only)
    capacity = _capacity(config, frame)
    if capacity is None and config.at_capacity != "ignore":
        raise InputError(
            say("{setting} without a capacity", setting=f"at_capacity '{config.at_capacity}'"),
            where=frame.place("capacity"),
            expected=say("a number of places"),
        )
    wanted = config.service_level
    if wanted is not None and not 0 < wanted.probability < 1:
        raise InputError(
            say("probability {value}", value=f"{wanted.probability:g}"),
            where=frame.place("service_level.probability"),
            expected=say("between 0 and 1, such as {example}", example=0.95),
        )
    sources = _sources(config, frame)
    groups = tuple(
        make_group(name, source, frame, prefix=prefix) for name, source, prefix in sources
    )
    return OccupancyPlan(config, periods, groups, capacity)


_EXAMPLES = {"M": "a month such as 2025-01", "Q": "a quarter such as 2025-Q1", "Y": "a year: 2025"}


def _period(text: object, frequency: str, where: str) -> pd.Period:
    """Read a period of the frequency of the configuration."""
    period = parse_period(str(text), where=where)
    if frequency_of(period) != frequency:
        raise InputError(
            f"'{text}'",
            where=where,
            expected=say(
                "{example}, as frequency is {frequency}",
                example=_EXAMPLES[frequency],
                frequency=frequency,
            ),
        )
    return period


def _sources(config: OccupancyConfig, frame: Frame) -> list[tuple[str, GroupSource, str]]:
    """Name, source and key of each group; the keys of a single one stand at the top."""
    if config.groups:
        beside = [key for key in GroupSource.model_fields if key in config.model_fields_set]
        names = [own.name for own in config.groups]
        if beside or len(set(names)) < len(names):
            raise InputError(
                say("{key} beside {other}", key="groups", other=", ".join(beside))
                if beside
                else f"groups {', '.join(names)}",
                where=frame.place("groups"),
                expected=say("each group with a name and keys of its own, none of them at the top"),
            )
        return [(own.name, own, f"groups.{own.name}.") for own in config.groups]
    own = GroupSource(
        arrivals=config.arrivals,
        arrivals_kind=config.arrivals_kind,
        dispersion=config.dispersion,
        length_of_stay=config.length_of_stay,
        initial_stock=config.initial_stock,
        records=config.records,
    )
    return [(config.name, own, "")]


def _capacity(config: OccupancyConfig, frame: Frame) -> np.ndarray | None:
    where = frame.place("capacity")
    if config.capacity is None:
        return None
    if isinstance(config.capacity, tuple):
        places = _stepwise(config.capacity, frame, where)
    else:
        places = np.full(config.horizon, float(config.capacity))
    bad = ~np.isfinite(places) | (places <= 0) | (np.floor(places) != places)
    if bad.any():
        raise InputError(
            say("capacity of {value}", value=f"{places[bad][0]:g}"),
            where=where,
            expected=say("whole numbers of places above 0; leave capacity out for no limit"),
        )
    return places


def _stepwise(steps: tuple[CapacityStep, ...], frame: Frame, where: str) -> np.ndarray:
    """Return the places of each period, from steps in order of time."""
    starts = [_period(step.start, frame.frequency, where) for step in steps]
    if starts != sorted(set(starts)) or not starts or starts[0] > frame.periods[0]:
        raise InputError(
            say("steps from {months}", months=", ".join(format_period(each) for each in starts))
            if starts
            else say("steps from nowhere"),
            where=where,
            expected=say(
                "steps in order, the first from {month}", month=format_period(frame.periods[0])
            ),
        )
    places = np.zeros(len(frame.periods))
    for begin, step in zip(starts, steps, strict=True):
        places[frame.periods >= begin] = float(step.places)
    return places


def run_occupancy(
    plan: OccupancyPlan, *, on_done: Callable[[int, int], None] | None = None
) -> OccupancyProjection:
    """Project the occupancy.

    Parameters
    ----------
    plan : OccupancyPlan
    on_done : callable, optional
        Called with the paths done and their total while persons are followed through the places.

    Raises
    ------
    InputError
        If the groups cannot be projected together.
    """
    config, horizon = plan.config, len(plan.periods)
    expected = expected_occupancy(plan.groups, horizon)
    capacity = plan.capacity
    over = None if capacity is None else exceedance(plan.groups, horizon, capacity=capacity)
    demand = simulate_occupancy(plan.groups, horizon, n_paths=config.paths, seed=config.seed)
    if capacity is None or config.at_capacity == "ignore":
        return OccupancyProjection(plan, demand, expected, over, None)
    queue = simulate_queue(
        plan.groups,
        capacity.astype(int),
        config.at_capacity,
        n_paths=config.paths,
        seed=config.seed,
        on_done=on_done,
    )
    return OccupancyProjection(plan, demand, expected, over, queue)


def occupancy_table(projection: OccupancyProjection) -> pd.DataFrame:
    """Write a projection as a long table.

    Without a rule at capacity, mean, variance, ``p_over_capacity`` and ``overflow_mean`` are exact
    given the paths of the arrivals; under a rule everything is counted on the simulated paths, and
    persons over capacity are those who wait or are elsewhere.

    Returns
    -------
    pandas.DataFrame
        Columns ``period, output_type, quantile_level, value``; for every period ``mean``,
        ``variance``, 23 times ``quantile``, with a capacity ``p_over_capacity`` and
        ``overflow_mean``, under a rule ``blocked_share`` and ``waiting_mean``.
    """
    plan, queue, over = projection.plan, projection.queue, projection.over
    quantiles = quantile_outputs("quantile", projection.paths)
    if queue is None:
        outputs = [
            Output("mean", projection.expected.mean.to_numpy()),
            Output("variance", projection.expected.variance.to_numpy()),
            *quantiles,
        ]
        if over is not None:
            outputs += [
                Output("p_over_capacity", over.probability.to_numpy()),
                Output("overflow_mean", over.overflow_mean.to_numpy()),
            ]
        return stock_table(plan.periods, outputs)
    inside, outside = projection.paths.to_numpy(), queue.outside.to_numpy()
    outputs = [
        Output("mean", inside.mean(axis=0)),
        Output("variance", inside.var(axis=0)),
        *quantiles,
        Output("p_over_capacity", (outside > 0).mean(axis=0)),
        Output("overflow_mean", outside.mean(axis=0)),
        Output("blocked_share", _by_period(queue.blocked_share(), plan.periods)),
        Output("waiting_mean", _by_period(queue.waiting_mean(), plan.periods)),
    ]
    return stock_table(plan.periods, outputs)


def _by_period(view: xr.DataArray, periods: pd.PeriodIndex) -> np.ndarray:
    """Values of a view that may leave periods out; NaN there."""
    return view.to_series().reindex(periods).to_numpy()
