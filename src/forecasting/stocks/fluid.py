"""What comes in, or is dealt with, at a rate that is constant within each month, under exits.

Whoever waits leaves at the hazard theta. Numbers of different dates are made comparable by the
factor e^(theta s): of the cases that came in at the rate r(s), those still there at t are
e^(-theta t) times the integral of r(s) e^(theta s) over s, as long as none has been decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forecasting.errors import InputError

LARGEST_EXPONENT = 600.0
"""Exit rate times months up to which e^(theta s) is a finite number with room to spare."""


def decayed(exit_rate: float, span: np.ndarray | float) -> np.ndarray:
    """Integral of e^(-theta v) from 0 to `span`: (1 - e^(-theta span)) / theta, or `span`."""
    length = np.asarray(span, dtype=float)
    return np.asarray(-np.expm1(-exit_rate * length) / exit_rate if exit_rate else length)


def grown(exit_rate: float, span: np.ndarray | float) -> np.ndarray:
    """Integral of e^(theta v) from 0 to `span`: (e^(theta span) - 1) / theta, or `span`."""
    length = np.asarray(span, dtype=float)
    return np.asarray(np.expm1(exit_rate * length) / exit_rate if exit_rate else length)


def require_finite_growth(exit_rate: float, months: float) -> None:
    """Refuse a time so long that e^(theta months) would not be a finite number.

    Raises
    ------
    InputError
        If it is.
    """
    if exit_rate * months > LARGEST_EXPONENT:
        raise InputError(
            f"exit rate {exit_rate:g} over {months:g} months",
            expected=f"a product of at most {LARGEST_EXPONENT:g}",
            action="shorten the horizon",
        )


@dataclass(frozen=True)
class Accumulated:
    """The integral of r(v) e^(theta v) up to s, r constant between `starts`, theta 0 before 0.

    Attributes
    ----------
    starts : numpy.ndarray
        Increasing times at which a rate begins, shape ``(n,)``; the last rate goes on for ever.
    rates : numpy.ndarray
        Not negative, shape ``(1 or n_paths, n)``.
    exit_rate : float
        The hazard theta after time 0.
    """

    starts: np.ndarray
    rates: np.ndarray
    exit_rate: float

    @cached_property
    def _growth(self) -> np.ndarray:
        return np.where(self.starts < 0, 0.0, self.exit_rate)

    @cached_property
    def _weighted(self) -> np.ndarray:
        return np.asarray(self.rates * np.exp(self._growth * self.starts))

    @cached_property
    def _totals(self) -> np.ndarray:
        pieces = self._weighted[:, :-1] * _piece(self._growth[:-1], np.diff(self.starts))
        return _running(pieces)

    @cached_property
    def _moments(self) -> np.ndarray:
        growth, spans = self._growth[:-1], np.diff(self.starts)
        inner = self.starts[:-1] * _piece(growth, spans) + _first_moment(growth, spans)
        return _running(self._weighted[:, :-1] * inner)

    def at(self, times: np.ndarray) -> np.ndarray:
        """Return the integral up to `times`; shape ``(m,)`` to ``(1 or n_paths, m)``."""
        place = np.searchsorted(self.starts, times, side="right") - 1
        found = np.maximum(place, 0)
        span = np.where(place < 0, 0.0, times - self.starts[found])
        return np.asarray(
            self._totals[:, found] + self._weighted[:, found] * _piece(self._growth[found], span)
        )

    def reached(self, values: np.ndarray) -> np.ndarray:
        """Return the first time at which the integral is `values`, shape ``(n_paths, m)``."""
        place = self._places(values)
        weighted, growth = self._of(self._weighted, place), self._growth[place]
        ahead = np.maximum(values - self._of(self._totals, place), 0)
        length = np.divide(ahead, weighted, out=np.zeros_like(ahead), where=weighted > 0)
        grows = growth > 0
        curved = np.log1p(growth * length) / np.where(grows, growth, 1.0)
        return np.asarray(self.starts[place] + np.where(grows, curved, length))

    def first_moment(self, times: np.ndarray) -> np.ndarray:
        """Integral of v r(v) e^(theta v) up to `times`, shape ``(n_paths, m)`` each."""
        place = np.maximum(np.searchsorted(self.starts, times, side="right") - 1, 0)
        growth, start = self._growth[place], self.starts[place]
        span = np.maximum(times - start, 0)
        inner = start * _piece(growth, span) + _first_moment(growth, span)
        return np.asarray(self._of(self._moments, place) + self._of(self._weighted, place) * inner)

    def _places(self, values: np.ndarray) -> np.ndarray:
        rows = np.broadcast_to(self._totals, (len(values), self._totals.shape[1]))
        if len(self._totals) == 1:
            found = np.searchsorted(self._totals[0], values)
        else:
            pairs = zip(rows, values, strict=True)
            found = np.stack([np.searchsorted(row, own) for row, own in pairs])
        return np.maximum(found - 1, 0)

    @staticmethod
    def _of(table: np.ndarray, place: np.ndarray) -> np.ndarray:
        rows = np.broadcast_to(table, (len(place), table.shape[1]))
        return np.take_along_axis(rows, place, axis=1)


def _running(pieces: np.ndarray) -> np.ndarray:
    return np.hstack([np.zeros((len(pieces), 1)), np.cumsum(pieces, axis=1)])


def _piece(growth: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Integral of e^(g v) from 0 to the span, g perhaps 0."""
    grows = growth > 0
    return np.asarray(np.where(grows, np.expm1(growth * span) / np.where(grows, growth, 1.0), span))


def _first_moment(growth: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Integral of v e^(g v) from 0 to the span; by its series where g v is small."""
    x = growth * span
    small = x < 0.01
    near = span**2 * (1 / 2 + x * (1 / 3 + x * (1 / 8 + x * (1 / 30 + x / 144))))
    safe = np.where(small, 1.0, growth)
    far = (span * np.exp(x) - np.expm1(x) / safe) / safe
    return np.asarray(np.where(small, near, far))
