"""Who is still off assistance, and how much of the effect has appeared, by months since the exit.

Values are one fraction each, in exact arithmetic, or one per draw, as an array.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

import numpy as np

from forecasting.errors import InputError

Value = TypeVar("Value", np.ndarray, Fraction)


@dataclass(frozen=True)
class Relapse(Generic[Value]):
    r"""Share still off assistance after t months.

    .. math:: S(t) = p + (1 - p)\, r^{t / M}

    Attributes
    ----------
    permanent_share : numpy.ndarray of shape (n_draws,) or fractions.Fraction
        p, those who never come back.
    ratio : the same
        r, share of the others who are still off after `months`.
    months : the same
        M.

    See Also
    --------
    relapse_monthly, relapse_within : From what is usually known.
    """

    permanent_share: Value
    ratio: Value
    months: Value


def relapse_monthly(rate: Value) -> Relapse[Value]:
    """Return a relapse of a share `rate` of those off assistance every month; 0 for none.

    Raises
    ------
    InputError
        If the rate is outside [0, 1].
    """
    check_share("monthly_rate", rate)
    return Relapse(rate * 0, 1 - rate, rate * 0 + 1)


def relapse_within(share: Value, months: Value, permanent_share: Value) -> Relapse[Value]:
    """Return the relapse in which a share has come back within some months.

    Parameters
    ----------
    share : numpy.ndarray of shape (n_draws,) or fractions.Fraction
        Of all who left.
    months : the same
        Months after which so many have come back.
    permanent_share : the same
        Who never come back.

    Raises
    ------
    InputError
        If a share is outside [0, 1], `months` is not above 0, or more have come back than ever do.
    """
    check_share("share_within", share)
    check_share("permanent_share", permanent_share)
    if not np.all(months > 0):
        raise InputError(f"months {_worst(months, months > 0)}", expected="more than 0")
    possible = share < 1 - permanent_share
    if not np.all(possible):
        raise InputError(
            f"share_within {_worst(share, possible)} with permanent_share "
            f"{_worst(permanent_share, possible)}{_in_draws(possible)}",
            expected="share_within below 1 - permanent_share: only those can come back who do not "
            "stay away for good",
        )
    return Relapse(permanent_share, (1 - share - permanent_share) / (1 - permanent_share), months)


@dataclass(frozen=True)
class EffectLag(Generic[Value]):
    """Share of the net effect that has appeared t months after the exit.

    None up to `zero_months`, all of it from `full_months` on, a straight line between.

    Attributes
    ----------
    zero_months, full_months : numpy.ndarray of shape (n_draws,) or fractions.Fraction

    Raises
    ------
    InputError
        If the effect is full before it has begun, or a number is negative.

    References
    ----------
    Card, D., Kluve, J. and Weber, A. (2018), "What works? A meta analysis of recent active labor
    market program evaluations", Journal of the European Economic Association 16(3),
    doi:10.1093/jeea/jvx028: effects near zero in the first year, positive after two to three.
    """

    zero_months: Value
    full_months: Value

    def __post_init__(self) -> None:
        in_order = (self.zero_months >= 0) & (self.zero_months < self.full_months)
        if not np.all(in_order):
            raise InputError(
                f"zero_months {_worst(self.zero_months, in_order)} with full_months "
                f"{_worst(self.full_months, in_order)}{_in_draws(in_order)}",
                expected="zero_months of 0 or more, and full_months after them",
            )


def off_assistance(relapse: Relapse[np.ndarray], n_months: int) -> np.ndarray:
    """Share still off assistance 0, 1, ... months after the exit; shape (n_draws, n_months)."""
    permanent = relapse.permanent_share[:, None]
    kept = powers(relapse.ratio ** (1 / relapse.months), np.arange(n_months))
    return np.asarray(permanent + (1 - permanent) * kept)


def appeared(lag: EffectLag[np.ndarray], n_months: int) -> np.ndarray:
    """Share of the effect that has appeared after 0, 1, ... months; shape (n_draws, n_months)."""
    zero, full = lag.zero_months[:, None], lag.full_months[:, None]
    return np.asarray(np.clip((np.arange(n_months) - zero) / (full - zero), 0, 1))


def powers(base: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Each base to each exponent, shape (len(base), len(exponents))."""
    return np.asarray(base[:, None] ** exponents)


def check_share(name: str, value: np.ndarray | Fraction) -> None:
    """Refuse a share outside [0, 1].

    Raises
    ------
    InputError
        Naming the share and the value.
    """
    inside = (value >= 0) & (value <= 1)
    if not np.all(inside):
        raise InputError(
            f"{name} {_worst(value, inside)}{_in_draws(inside)}", expected="a share from 0 to 1"
        )


def _worst(value: np.ndarray | Fraction, right: np.ndarray | bool) -> str:
    """First of the values that are not right."""
    both = np.broadcast_arrays(np.asarray(value, dtype=float), right)
    return f"{both[0][~both[1]].flat[0]:g}"


def _in_draws(right: np.ndarray | bool) -> str:
    wrong, n_draws = np.size(right) - np.count_nonzero(right), np.size(right)
    return f" (and so in {wrong} of {n_draws} draws)" if n_draws > 1 else ""
