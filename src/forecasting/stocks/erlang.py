"""Closed forms for a centre with a fixed number of places and Poisson arrivals."""

from __future__ import annotations

import math

from forecasting.errors import InputError


def erlang_b(load: float, places: int) -> float:
    """Return the share of arrivals turned away where those who find no place are lost.

    B = (a^c / c!) / sum over k = 0..c of a^k / k!, computed by the recursion
    B(k) = a B(k-1) / (k + a B(k-1)), B(0) = 1, which neither over- nor underflows. It holds for any
    distribution of the length of stay with the given mean.

    Parameters
    ----------
    load : float
        a, arrivals per period times the mean stay: the mean number present if places were without
        limit.
    places : int
        c, number of places.

    Raises
    ------
    InputError
        If the load is negative or not finite, or there is no place.

    References
    ----------
    A. K. Erlang (1917), Solution of some problems in the theory of probabilities of significance in
    automatic telephone exchanges, Elektroteknikeren 13, 5-13. B. A. Sevastyanov (1957), An ergodic
    theorem for Markov processes and its application to telephone systems with refusals, Theory of
    Probability and Its Applications 2(1), 104-112, doi:10.1137/1102005.
    """
    _check(load, places)
    share = 1.0
    for place in range(1, places + 1):
        share = load * share / (place + load * share)
    return share


def erlang_c(load: float, places: int) -> float:
    """Return the share of arrivals that wait where those who find no place queue for one.

    C = B / (1 - (a/c) (1 - B)) with B of `erlang_b`. It holds for exponential stays.

    Parameters
    ----------
    load : float
        a, arrivals per period times the mean stay.
    places : int
        c, number of places, more than `load`.

    Raises
    ------
    InputError
        If the load is negative or not finite, there is no place, or the load is not below the
        places: the queue would grow without end.

    References
    ----------
    L. Kleinrock (1975), Queueing Systems, volume 1: Theory, Wiley, section 3.5.
    """
    _check(load, places)
    if load >= places:
        raise InputError(
            f"a load of {load:g} on {places} places",
            expected="a load below the number of places: the queue would grow without end",
        )
    blocked = erlang_b(load, places)
    return blocked / (1 - load / places * (1 - blocked))


def _check(load: float, places: int) -> None:
    if not (math.isfinite(load) and load >= 0):
        raise InputError(f"a load of {load:g}", expected="a finite number, 0 or more")
    if places < 1:
        raise InputError(f"{places} places", expected="at least 1")
