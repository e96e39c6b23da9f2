"""Charts as numbers: months, quantiles of the paths, and the lines they are held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.forecasts import Forecast
from forecasting.forecasts.summary import BAND_LEVELS
from forecasting.paths import periods_of
from forecasting.programmes.catalogue import SUM_OF_PARTS, Programme
from forecasting.projections import CentreProjection, Projection, TargetProjection
from forecasting.stocks.backlog import BacklogResult

HISTORY_FROM = pd.Period("2015-01", "M")

_TAILS = tuple((1 - level / 100) / 2 for level in sorted(BAND_LEVELS, reverse=True))
QUANTILE_LEVELS = (*_TAILS, 0.5, *(1 - tail for tail in reversed(_TAILS)))


@dataclass(frozen=True)
class Mark:
    """A published value at the month it is due."""

    kind: str
    month: pd.Period
    value: float


@dataclass(frozen=True, eq=False)
class Panel:
    """What one chart shows of a projection.

    Attributes
    ----------
    id : str
        ``arrivals``, ``cumulative``, ``centre/<name>``, ``wait`` or ``recipients``.
    values : numpy.ndarray
        Shape ``(n_paths, n_periods)``.
    months : pandas.PeriodIndex
    decimals : int
        To which numbers are written and sent.
    kind : {"flow", "stock"}
        A flow is drawn in the middle of its month, a stock at the end.
    facts : pandas.Series or None
        Observed, up to the month before the first one.
    level : numpy.ndarray or None
        Places or limit of each month, shape ``(n_periods,)``.
    marks : tuple of Mark
    """

    id: str
    values: np.ndarray
    months: pd.PeriodIndex
    decimals: int = 0
    kind: str = "stock"
    facts: pd.Series | None = None
    level: np.ndarray | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, eq=False)
class Shown:
    """What the charts take from elsewhere than a projection.

    Attributes
    ----------
    observed : pandas.Series or None
        Persons a month.
    code : str
        Indicator that is drawn month by month; empty: none.
    first : pandas.Period or None
        First month it counts.
    limit : float or None
        Months within which a case is to be decided.
    """

    observed: pd.Series | None = None
    code: str = ""
    first: pd.Period | None = None
    limit: float | None = None


def choose_shown(
    root: Projection, flow: Forecast | None, programme: Programme | None, limit: float | None
) -> Shown:
    """Choose the indicator that is drawn month by month: the headline, if the flow drives it."""
    if flow is None or programme is None:
        return Shown(None if flow is None else flow.series.values, limit=limit)
    driven = [
        target.indicator
        for target in root.targets
        if target.published
        and target.indicator.from_forecast
        and target.indicator.from_forecast.formula != SUM_OF_PARTS
    ]
    driven.sort(key=lambda indicator: (indicator.code != programme.headline, indicator.code))
    if not driven:
        return Shown(flow.series.values, limit=limit)
    rule = driven[0].from_forecast
    first = (rule.starts if rule else None) or programme.counting_starts
    return Shown(flow.series.values, driven[0].code, first, limit)


@dataclass(frozen=True, eq=False)
class Source:
    """What a chart is made of.

    Attributes
    ----------
    id : str
        Of the chart.
    parts : tuple of object
        Parts of the projection; the same ones give the same chart.
    make : callable
        Makes the chart of them.
    """

    id: str
    parts: tuple[object, ...]
    make: Callable[[], Panel]


def sources(projection: Projection, shown: Shown) -> Iterator[Source]:
    """Yield what the charts of a projection are made of, in the order of the page."""
    arrivals, backlog, recipients = projection.arrivals, projection.backlog, projection.recipients
    if arrivals is not None:
        yield Source("arrivals", (arrivals,), partial(_arrivals, arrivals, shown))
        if shown.code:
            own = tuple(each for each in projection.targets if each.indicator.code == shown.code)
            yield Source("cumulative", (arrivals, *own), partial(_cumulative, arrivals, own, shown))
    for centre in projection.centres:
        yield Source(f"centre/{centre.name}", (centre,), partial(_centre, centre))
    if backlog is not None:
        yield Source("wait", (backlog,), partial(_wait, backlog, shown))
    if recipients is not None:
        yield Source("recipients", (recipients,), partial(_recipients, recipients))


def _arrivals(paths: xr.DataArray, shown: Shown) -> Panel:
    months, facts = periods_of(paths), None
    if shown.observed is not None:
        facts = shown.observed[HISTORY_FROM : months[0] - 1]
    return Panel("arrivals", paths.to_numpy(), months, kind="flow", facts=facts)


def _cumulative(paths: xr.DataArray, own: Sequence[TargetProjection], shown: Shown) -> Panel:
    """Running total of the persons, times what the indicator counts of a person."""
    due, months = max(own, key=lambda each: each.date), periods_of(paths)
    months = months[months <= due.date]
    coming = paths.to_numpy()[:, : len(months)]
    observed = pd.Series(dtype=float) if shown.observed is None else shown.observed
    facts = observed[shown.first : months[0] - 1].astype(float).cumsum()
    before = float(facts.iloc[-1]) if len(facts) else 0.0
    counts_from = shown.first or months[0]
    total = before + np.cumsum(np.where(months >= counts_from, coming, 0.0), axis=1)
    counts = float(due.draws.sum() / max(total[:, -1].sum(), 1e-9))
    marks = [Mark(each.point, each.date, float(each.published)) for each in own if each.published]
    return Panel("cumulative", total * counts, months, facts=facts * counts, marks=tuple(marks))


def _centre(centre: CentreProjection) -> Panel:
    present = centre.present
    return Panel(
        f"centre/{centre.name}", present.to_numpy(), periods_of(present), level=centre.capacity
    )


def _wait(backlog: BacklogResult, shown: Shown) -> Panel:
    paths = backlog.wait_of_last_arrival
    level = None if shown.limit is None else np.full(paths.sizes["period"], shown.limit)
    return Panel("wait", paths.to_numpy(), periods_of(paths), decimals=1, level=level)


def _recipients(paths: xr.DataArray) -> Panel:
    return Panel("recipients", paths.to_numpy(), periods_of(paths))


def fan(panel: Panel) -> dict[str, Any]:
    """Return median and bands as the page gets them, widest band first.

    Quantiles are values that a path took, as `forecasting.paths.quantile` gives them.
    """
    ordered = np.sort(panel.values, axis=0)
    ranks = np.ceil(len(ordered) * np.asarray(QUANTILE_LEVELS) - 1e-9).astype(int) - 1
    rows = rounded(ordered[np.maximum(ranks, 0)], panel.decimals)
    middle = len(rows) // 2
    bands = [[rows[place], rows[-1 - place]] for place in range(middle)]
    return {"median": rows[middle], "bands": bands}


def rounded(values: np.ndarray, decimals: int) -> list[Any]:
    """Return numbers as short as the page needs them."""
    kept = np.round(values, decimals)
    return list(kept.tolist() if decimals else kept.astype(int).tolist())


def crossing(panel: Panel, median: list[float]) -> int | None:
    """Return the step at which the median is first over the line; None where it never is."""
    if panel.level is None:
        return None
    over = np.asarray(median) > panel.level
    return int(np.argmax(over)) if over.any() else None
