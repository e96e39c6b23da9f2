"""What a lever of a file has to be: known, in range, in its unit, at a time, on something."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from forecasting.distributions import Distribution, check_range
from forecasting.errors import InputError
from forecasting.forecasts.pool import check_request
from forecasting.languages.messages import one_of, say
from forecasting.periods import format_period
from forecasting.scenarios.chain import candidates, config_of, things_of
from forecasting.scenarios.levers import LEVERS, LeverKind, Target
from forecasting.scenarios.replay import replay_factors
from forecasting.scenarios.schema import Chain, LeverSource, Replay, did_you_mean
from forecasting.schemas import key_place

_LACKING: dict[Target, tuple[str, ...]] = {
    "arrivals": ("flow", "centres"),
    "stay": ("centres",),
    "capacity": ("centres",),
    "staff": ("backlog",),
    "exit_rate": ("backlog",),
    "coverage": ("programme",),
    "unemployment": ("caseload",),
    "minimum_income": ("caseload",),
    "savings": ("savings",),
    "model": ("flow",),
}
"""Keys of the chain that a lever's target needs."""

_CASELOAD: tuple[Target, ...] = ("unemployment", "minimum_income")


@dataclass(frozen=True)
class Setting:
    """Where a lever stands: its file and place in it, its chain, the first projected month."""

    path: Path
    place: str
    chain: Chain
    first_month: pd.Period | None

    def at(self, key: str) -> str:
        """Name a key of the lever in a message."""
        return key_place(self.path, f"levers.{self.place}.{key}")


def check_lever(lever: LeverSource, setting: Setting) -> None:
    """Refuse a lever that cannot be used.

    Raises
    ------
    InputError
        Naming file, lever, key, what was found and what was expected.
    """
    if lever.lever not in LEVERS:
        raise _unknown(lever.lever, setting)
    kind = LEVERS[lever.lever]
    _check_value(lever, kind, setting)
    if lever.unit != kind.unit:
        raise InputError(
            say("unit {value} of {code}", value=f"'{lever.unit}'", code=lever.lever),
            where=setting.at("unit"),
            expected=kind.unit,
        )
    _check_timing(lever, kind, setting)
    _check_target(lever, kind, setting)
    _check_months(lever, kind, setting)


def _unknown(name: str, setting: Setting) -> InputError:
    near = get_close_matches(name, LEVERS, n=1, cutoff=0.3)
    return InputError(
        say("lever '{name}'", name=name),
        where=setting.at("lever"),
        expected=say("one of {names}", names=", ".join(LEVERS)),
        action=did_you_mean(near),
    )


def _check_value(lever: LeverSource, kind: LeverKind, setting: Setting) -> None:
    value, where = lever.value, setting.at("value")
    if kind.takes == "replay":
        if not isinstance(value, Replay):
            raise InputError(
                f"{value}",
                where=where,
                expected="{series: asylum-applicants/FI, from: 2015-01, to: 2016-12}",
            )
        try:
            replay_factors(value)
        except InputError as problem:
            raise InputError(problem.found, where=where, expected=problem.expected) from None
        return
    if kind.takes == "model":
        _check_model(value, where)
        return
    if isinstance(value, str | Replay) or (isinstance(value, Distribution) and not kind.uncertain):
        number = say("a number, for {lever}", lever=lever.lever)
        forms = say("a number or a distribution, for {lever}", lever=lever.lever)
        raise InputError(f"{value}", where=where, expected=forms if kind.uncertain else number)
    check_range(value, kind.low, kind.high, where=where)
    if kind.whole and not isinstance(value, Distribution) and value != int(value):
        raise InputError(
            f"{value:g}",
            where=where,
            expected=say("a whole number"),
            action=say("write {number}, not {value}", number="1000", value="1.000"),
        )


def _check_model(value: object, where: str) -> None:
    if not isinstance(value, str):
        raise InputError(f"{value}", where=where, expected=say("a name of a model, such as ets"))
    try:
        check_request(horizon=1, model=value, n_paths=1000, seed=1)
    except InputError as problem:
        raise InputError(problem.found, where=where, expected=problem.expected) from None


_ALLOWED: dict[str, tuple[str, ...]] = {
    "none": (),
    "start": ("start",),
    "step": ("start", "end"),
    "surge": ("start", "end", "shape", "half_life_months"),
    "any": ("start", "end", "shape", "half_life_months"),
}
_TIME_KEYS = _ALLOWED["any"]


def _check_timing(lever: LeverSource, kind: LeverKind, setting: Setting) -> None:
    given = [key for key in _TIME_KEYS if key in lever.model_fields_set]
    allowed = _ALLOWED[kind.timing]
    if kind.timing == "step" and lever.shape == "step":
        allowed = (*allowed, "shape")
    for key in given:
        if key not in allowed:
            known = ", ".join(_ALLOWED[kind.timing])
            raise InputError(
                say("{key} of {lever}", key=key, lever=lever.lever),
                where=setting.at(key),
                expected=say("no key of time but {names}", names=known)
                if known
                else say("no key of time: it holds for the whole horizon"),
            )
    if kind.timing == "step" and lever.start is None:
        expected = say("the month in which the places open, such as 2027-01")
        raise _missing("start", setting, expected)
    if lever.end is None and (kind.timing == "surge" or lever.shape in ("ramp", "pulse")):
        raise _missing("end", setting, say("its last month"))
    if lever.start is not None and lever.end is not None and lever.end < lever.start:
        raise InputError(
            say(
                "the end {end} is before the start {start}",
                end=format_period(lever.end),
                start=format_period(lever.start),
            ),
            where=setting.at("end"),
            expected=say("{month} or later", month=format_period(lever.start)),
        )
    _check_half_life(lever, setting)


def _missing(key: str, setting: Setting, expected: str) -> InputError:
    return InputError(say("no {key}", key=key), where=setting.at(key), expected=expected)


def _check_half_life(lever: LeverSource, setting: Setting) -> None:
    half_life = lever.half_life_months
    if lever.shape != "decay":
        if half_life is not None:
            raise InputError(
                say("{key} of {lever}", key="half_life_months", lever=f"shape: {lever.shape}"),
                where=setting.at("half_life_months"),
                expected=say("{key} beside it", key="shape: decay"),
            )
        return
    if half_life is None:
        expected = say("months until half of it is left, such as 6")
        raise _missing("half_life_months", setting, expected)
    check_range(half_life, 0.1, 1200, where=setting.at("half_life_months"))


def _check_target(lever: LeverSource, kind: LeverKind, setting: Setting) -> None:
    known = candidates(kind.target, setting.chain)
    if not known:
        raise InputError(
            say(
                "{lever}, and the chain lacks the key {key}",
                lever=lever.lever,
                key=one_of(_LACKING[kind.target]),
            ),
            where=setting.at("lever"),
            expected=say("a lever on something that the chain has"),
        )
    things = things_of(lever, setting.chain)
    if lever.on and lever.on not in known:
        near = get_close_matches(lever.on, known, n=1)
        raise InputError(
            f"'{lever.on}'",
            where=setting.at("on"),
            expected=", ".join(known),
            action=did_you_mean(near),
        )
    if kind.single and len(things) > 1:
        raise _missing("on", setting, say("one of {names}", names=", ".join(things)))
    if kind.target == "capacity":
        _check_capacity(lever, things, setting)


def _check_capacity(lever: LeverSource, things: tuple[str, ...], setting: Setting) -> None:
    """Refuse places where no capacity is given, and a delay where nothing opens later."""
    delayed = lever.lever == "capacity.delay"
    for name in things:
        capacity = config_of(setting.chain.centre(name).config, "stocks").get("capacity")
        if (isinstance(capacity, list) and len(capacity) > 1) if delayed else capacity is not None:
            return
    raise InputError(
        f"{lever.lever}: {', '.join(things)}",
        where=setting.at("on" if lever.on else "lever"),
        expected=say("a centre whose configuration has a capacity with steps that open later")
        if delayed
        else say("a centre whose configuration has a capacity"),
    )


def _check_months(lever: LeverSource, kind: LeverKind, setting: Setting) -> None:
    """Refuse a lever that begins too early for what it does, or is never in force."""
    first, until = setting.first_month, setting.chain.until
    start = lever.start
    if start is not None and start > until:
        raise InputError(
            f"{format_period(start)}",
            where=setting.at("start"),
            expected=say(
                "{month} or earlier, the last month projected", month=format_period(until)
            ),
        )
    if first is None or kind.target in _CASELOAD:
        return
    if kind.timing == "step" and start is not None and start < first:
        raise InputError(
            say(
                "places that open before the projection begins: {month}",
                month=format_period(start),
            ),
            where=setting.at("start"),
            expected=say("{month} or later", month=format_period(first)),
            action=say("places that are open already belong into the configuration of the centre"),
        )
    if lever.end is not None and lever.end < first:
        raise InputError(
            f"{format_period(lever.end)}",
            where=setting.at("end"),
            expected=say("{month} or later, the first month projected", month=format_period(first)),
        )
    if kind.timing == "surge":
        _check_surge(lever, first, until, setting)


def _check_surge(lever: LeverSource, first: pd.Period, until: pd.Period, setting: Setting) -> None:
    start, end = lever.start or first, lever.end or until
    if start < first or end > until:
        key, found = ("start", start) if start < first else ("end", end)
        raise InputError(
            say(
                "{month}, so that a part of the surge lies outside the projection",
                month=format_period(found),
            ),
            where=setting.at(key),
            expected=say("{low} to {high}", low=format_period(first), high=format_period(until)),
        )
