"""In which order levers are applied, and where it has to be said."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import combinations
from pathlib import Path

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.scenarios.chain import things_of
from forecasting.scenarios.schema import Chain, Lever, Replay
from forecasting.schemas import key_place

LEVEL = "arrivals.level"


def in_order(levers: Sequence[Lever], order: Sequence[str], path: Path) -> tuple[Lever, ...]:
    """Return levers with those that an order names in that order, in the places they have.

    Raises
    ------
    InputError
        If the order names one that is not there, or one twice.
    """
    by_label = {lever.label: lever for lever in levers}
    where = key_place(path, "order")
    for label in order:
        if label not in by_label:
            raise InputError(
                f"'{label}'",
                where=where,
                expected=say("labels of levers: {names}", names=", ".join(by_label)),
            )
    if len(set(order)) < len(order):
        raise InputError(", ".join(order), where=where, expected=say("each label once"))
    named = iter(order)
    return tuple(by_label[next(named)] if lever.label in order else lever for lever in levers)


def check_order(
    levers: Sequence[Lever],
    chain: Chain,
    path: Path,
    *,
    order: Collection[str],
    settled: Collection[frozenset[str]],
) -> None:
    """Refuse two levers on one thing in the same months whose order matters and is not said.

    Parameters
    ----------
    levers : sequence of Lever
    chain : Chain
    path : pathlib.Path
        For messages.
    order : collection of str
        Labels that the file puts in order.
    settled : collection of frozenset of str
        Pairs of labels whose order a scenario that it extends has settled.

    Raises
    ------
    InputError
        Naming the two.
    """
    for first, second in combinations(levers, 2):
        if not _meet(first, second, chain):
            continue
        pair = {first.label, second.label}
        if first.lever == second.lever == LEVEL:
            raise InputError(
                say(
                    "two levels of the same arrivals in the same months: '{one}' and '{other}'",
                    one=first.label,
                    other=second.label,
                ),
                where=key_place(path, "levers"),
                expected=say("one of them"),
            )
        if _commute(first, second) or pair <= set(order) or frozenset(pair) in settled:
            continue
        raise InputError(
            say(
                "'{one}' and '{other}' act on one thing in the same months, and the result depends "
                "on which comes first",
                one=first.label,
                other=second.label,
            ),
            where=key_place(path, "order"),
            expected=say(
                "{key}, or the other way round", key=f"order: [{first.label}, {second.label}]"
            ),
        )


def _commute(first: Lever, second: Lever) -> bool:
    return first.kind.family == second.kind.family and not first.kind.replaces


def _meet(first: Lever, second: Lever, chain: Chain) -> bool:
    """Whether two levers act on one thing in the same months."""
    if first.kind.target != second.kind.target:
        return False
    if first.kind.family != second.kind.family and (first.kind.replaces or second.kind.replaces):
        return False
    if not set(things_of(first, chain)) & set(things_of(second, chain)):
        return False
    (start, end), (begin, stop) = _months(first), _months(second)
    return start <= stop and begin <= end


def _months(lever: Lever) -> tuple[float, float]:
    """First and last month in which a lever is in force, by ordinal."""
    start = -math.inf if lever.start is None else float(lever.start.ordinal)
    if isinstance(lever.value, Replay) and lever.start is not None:
        return start, start + lever.value.end.ordinal - lever.value.start.ordinal
    if lever.end is None or (lever.shape == "ramp" and lever.kind.timing != "surge"):
        return start, math.inf
    return start, float(lever.end.ordinal)
