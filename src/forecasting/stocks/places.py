"""Who gets a place, and when: the persons of one path in a centre with limited places.

Time is continuous and measured in periods from the start of the projection. For each place the
moment is kept from which it is free, given everybody who came before; the next person in order of
arrival takes the place that is free first. That is exact for every rule here, because nobody who
comes later changes when somebody enters (J. Kiefer and J. Wolfowitz, 1955, On the theory of queues
with many servers, Transactions of the American Mathematical Society 78, 1-18).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heapreplace

import numpy as np

Queue = Callable[[list[float], float, float, float], float]


@dataclass(frozen=True)
class Admission:
    """When the persons of one path came, got a place and left; arrays of shape ``(n,)``.

    Attributes
    ----------
    arrived : numpy.ndarray
        Arrival in periods from the start, not falling.
    entered : numpy.ndarray
        Entry into a place, infinite where a person never got one.
    left : numpy.ndarray
        Departure, from the place or from outside; the arrival where a person was turned away.
    """

    arrived: np.ndarray
    entered: np.ndarray
    left: np.ndarray


@dataclass(frozen=True)
class Places:
    """Places that open and close at the beginning of periods.

    Attributes
    ----------
    open_from : tuple of float
        When each place opens, not falling.
    close_at : tuple of float
        When a place closes, one entry for each, not rising. A place that is taken then closes when
        the person leaves: nobody is put out.
    """

    open_from: tuple[float, ...]
    close_at: tuple[float, ...]


def make_places(capacity: np.ndarray, *, present: int = 0) -> Places:
    """Return the places behind a capacity per period.

    Parameters
    ----------
    capacity : numpy.ndarray
        Places in each period, shape ``(n_periods,)``, whole numbers above 0.
    present : int, default 0
        Persons who are in a place at the start, even where they are more than the capacity: the
        surplus places close at once.
    """
    first = int(capacity[0])
    surplus = max(present - first, 0)
    steps = np.diff(capacity).astype(int)
    # A change belongs to the period it begins, and the stock at the boundary to the one before.
    changes = np.nextafter(np.arange(1.0, len(capacity)), math.inf)
    opened = np.repeat(changes, np.maximum(steps, 0))
    closed = np.repeat(changes, np.maximum(-steps, 0))
    at_once = math.nextafter(0.0, math.inf)
    return Places(
        (*[0.0] * (first + surplus), *opened.tolist()),
        (*closed[::-1].tolist(), *[at_once] * surplus),
    )


def admit(arrived: np.ndarray, stays: np.ndarray, places: Places, rule: str) -> Admission:
    """Give the places to the persons of one path.

    Parameters
    ----------
    arrived : numpy.ndarray
        Arrivals in periods from the start, not falling, shape ``(n,)``.
    stays : numpy.ndarray
        Length of stay of each, shape ``(n,)``.
    places : Places
        When places open and close.
    rule : str
        A key of `RULES`: what happens to a person who finds no place.
    """
    queue = RULES[rule]
    left = arrived + stays
    free_from, closings = list(places.open_from), list(places.close_at)
    closing = _close(free_from, closings, -1.0)
    late, entries = [], []
    for number, (time, leave) in enumerate(zip(arrived.tolist(), left.tolist(), strict=True)):
        free = free_from[0]
        if time >= closing or free >= closing:
            closing = _close(free_from, closings, time)
            free = free_from[0]
        if free <= time:
            heapreplace(free_from, leave)
        else:
            late.append(number)
            entries.append(queue(free_from, free, time, leave))
    return _admission(arrived, left, (np.array(late, dtype=np.intp), np.array(entries)), rule)


def _close(free_from: list[float], closings: list[float], time: float) -> float:
    """Take away the places that close before the next entry; return the closing after that."""
    while closings and max(time, free_from[0]) >= closings[-1]:
        closings.pop()
        heappop(free_from)
    return closings[-1] if closings else math.inf


def _turn_away(free_from: list[float], free: float, time: float, leave: float) -> float:
    """Leave the places as they are."""
    return math.inf


def _wait(free_from: list[float], free: float, time: float, leave: float) -> float:
    """Enter when a place is free, and stay the whole stay from then on."""
    heapreplace(free_from, leave + (free - time))
    return free


def _return(free_from: list[float], free: float, time: float, leave: float) -> float:
    """Enter when a place is free, if the stay, running on outside, has not ended by then."""
    if leave <= free:
        return math.inf
    heapreplace(free_from, leave)
    return free


RULES: dict[str, Queue] = {
    "overflow_return": _return,
    "overflow_stay": _turn_away,
    "wait": _wait,
    "loss": _turn_away,
}
"""What a person does who finds no place, by rule: the entry, infinite where there is none."""

OVERFLOW_RULES = ("overflow_return", "overflow_stay")
"""Rules under which persons stay elsewhere, so that somebody present need not be in a place."""


def _admission(
    arrived: np.ndarray, left: np.ndarray, late: tuple[np.ndarray, np.ndarray], rule: str
) -> Admission:
    """Put the persons who found no place (numbers and entries) among the others."""
    numbers, entries = late
    entered = arrived.copy()
    entered[numbers] = entries
    if rule == "wait":
        left[numbers] += entries - arrived[numbers]
    elif rule == "loss":
        left[numbers] = arrived[numbers]
    return Admission(arrived, entered, left)
