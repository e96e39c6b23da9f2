"""The figures by which projections are compared, each one value of its sample paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from forecasting.programmes.quantities import TOLERANCE

if TYPE_CHECKING:
    from forecasting.projections.projection import (
        CentreProjection,
        Projection,
        TargetProjection,
    )

PROPOSED = 0.8
"""Attainment probability of the key figure ``proposal``."""

BETTER_IF = {
    "target_probability": 1,
    "over_capacity": -1,
    "nights_without_place": -1,
    "nights_cost": -1,
    "waiting": -1,
    "wait_months": -1,
    "recipients": -1,
    "expenditure": -1,
    "gross_saving": 1,
    "net_saving": 1,
}
"""1: more is better, -1: less is better; a code that is not here is neither."""

OF_CASELOAD = ("recipients", "expenditure")
"""Key figures that rest on the series of recipients."""

Statistic = Literal["mean", "median", "proposal"]


@dataclass(frozen=True)
class KeyFigure:
    """One number of a projection.

    Attributes
    ----------
    code : str
        What it is; see `key_figures`.
    entity : str
        Code of the indicator or name of the centre; empty where there is one only.
    unit : str
        ``1`` for a share.
    value : float
    """

    code: str
    entity: str
    unit: str
    value: float

    @property
    def key(self) -> tuple[str, str]:
        """Code and entity."""
        return self.code, self.entity


@dataclass(frozen=True, eq=False)
class Measure:
    """A key figure with what it is on each path.

    Attributes
    ----------
    code, entity, unit : str
        Of the key figure.
    statistic : {"mean", "median", "proposal"}
        How the key figure follows from the paths; a share of paths is the mean of 0 and 1. A
        proposal is that of the target rule for 80 % of the paths.
    draws : numpy.ndarray
        Shape ``(n_paths,)``.
    proposed : int
        The proposal; 0 where the key figure is none.
    """

    code: str
    entity: str
    unit: str
    statistic: Statistic
    draws: np.ndarray
    proposed: int = 0

    @property
    def figure(self) -> KeyFigure:
        """The key figure."""
        return KeyFigure(self.code, self.entity, self.unit, self._value())

    @property
    def is_share(self) -> bool:
        """Whether it is a share of the paths."""
        return self.draws.dtype == bool

    def _value(self) -> float:
        if self.statistic == "mean":
            return float(np.mean(self.draws))
        if self.statistic == "median":
            return float(np.quantile(self.draws, 0.5, method="inverted_cdf"))
        return float(self.proposed)


def key_figures(projection: Projection) -> tuple[KeyFigure, ...]:
    """Return the key figures of a projection.

    Parameters
    ----------
    projection : Projection

    Returns
    -------
    tuple of KeyFigure
        ``applications_total``: persons over all projected months, median. ``target_probability``:
        share of the paths that meet the published target, by indicator. ``proposal``: what the
        target rule proposes for 80 % of the paths. ``peak_present``: most persons present at a
        month's end, median; ``over_capacity``: share of the paths with more persons than places at
        any month's end; ``nights_without_place`` and ``nights_cost``: person-nights and EUR over
        all months, means; by centre. ``waiting`` and ``wait_months``: cases that wait and months
        until the case that comes last is decided, at the end, medians. ``recipients``: families at
        the end, median; ``expenditure``: EUR over all months, mean. ``gross_saving`` and
        ``net_saving``: EUR, means. What a projection has not is left out.
    """
    return tuple(each.figure for each in measures(projection))


def measures(projection: Projection) -> tuple[Measure, ...]:
    """Return the key figures of a projection with what they are on each path."""
    return (
        *_of_arrivals(projection),
        *[each for target in projection.targets for each in _of_target(target)],
        *[each for centre in projection.centres for each in _of_centre(centre)],
        *_of_backlog(projection),
        *_of_caseload(projection),
        *_of_savings(projection),
    )


def _of_arrivals(projection: Projection) -> Iterator[Measure]:
    if projection.arrivals is not None:
        total = projection.arrivals.to_numpy().sum(axis=1)
        yield Measure("applications_total", "", "persons", "median", total)


def _of_target(target: TargetProjection) -> Iterator[Measure]:
    if target.point != "target":
        return
    indicator = target.indicator
    if target.published:
        least = target.published - TOLERANCE * max(1.0, abs(target.published))
        met = np.greater_equal(target.draws, least)
        yield Measure("target_probability", indicator.code, "1", "mean", met)
    yield Measure(
        "proposal", indicator.code, indicator.unit, "proposal", target.draws, target.at(PROPOSED)
    )


def _of_centre(centre: CentreProjection) -> Iterator[Measure]:
    most = centre.present.to_numpy().max(axis=1)
    yield Measure("peak_present", centre.name, "persons", "median", most)
    if centre.over is not None:
        ever = np.asarray((centre.over.to_numpy() > 0).any(axis=1))
        yield Measure("over_capacity", centre.name, "1", "mean", ever)
    sums = (
        ("nights_without_place", "person-nights", centre.nights_over),
        ("nights_cost", "EUR", centre.cost_eur),
    )
    for code, unit, paths in sums:
        if paths is not None:
            yield Measure(code, centre.name, unit, "mean", paths.to_numpy().sum(axis=1))


def _of_backlog(projection: Projection) -> Iterator[Measure]:
    if projection.backlog is not None:
        cases, wait = projection.backlog.backlog, projection.backlog.wait_of_last_arrival
        yield Measure("waiting", "", "cases", "median", cases.to_numpy()[:, -1])
        yield Measure("wait_months", "", "months", "median", wait.to_numpy()[:, -1])


def _of_caseload(projection: Projection) -> Iterator[Measure]:
    if projection.recipients is not None:
        last = projection.recipients.to_numpy()[:, -1]
        yield Measure("recipients", "", "families", "median", last)
    if projection.expenditure is not None:
        total = projection.expenditure.to_numpy().sum(axis=1)
        yield Measure("expenditure", "", "EUR", "mean", total)


def _of_savings(projection: Projection) -> Iterator[Measure]:
    if projection.savings is not None:
        yield Measure("gross_saving", "", "EUR", "mean", projection.savings.gross_eur)
        yield Measure("net_saving", "", "EUR", "mean", projection.savings.net_eur)
