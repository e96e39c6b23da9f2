"""Joint sample paths, the currency of the suite, and the views taken of them.

A set of paths is an `xarray.DataArray` with dims ``(path, period)``, a `pandas.PeriodIndex` along
``period``, and the attributes ``unit`` (for example ``persons``) and ``kind``: a *flow* is counted
over a period and may be added up over periods, a *stock* is counted at its end and may not.

Every number that is published is a view of such paths. A view never mixes the months of one path
with those of another, so the dependence between months survives in sums and in stocks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.periods import SEASON_LENGTH, format_period, frequency_of

KINDS = ("flow", "stock")


def make_paths(
    values: np.ndarray, periods: pd.PeriodIndex, *, unit: str, kind: str = "flow"
) -> xr.DataArray:
    """Wrap an array of shape ``(n_paths, n_periods)`` as sample paths.

    Parameters
    ----------
    values : numpy.ndarray
        Shape ``(n_paths, n_periods)``, finite.
    periods : pandas.PeriodIndex
        Consecutive periods, one per column.
    unit : str
        Unit of the values.
    kind : {"flow", "stock"}
        Whether the values may be added up over periods.

    Raises
    ------
    InputError
        If the shape does not fit the periods, a value is not finite, or `kind` is unknown.
    """
    if kind not in KINDS:
        raise InputError(f"kind '{kind}' of paths", expected=" or ".join(KINDS))
    if values.ndim != 2 or values.shape[1] != len(periods) or not values.shape[0]:
        raise InputError(
            f"an array of shape {values.shape} as paths", expected=f"(n_paths, {len(periods)})"
        )
    if not np.isfinite(values).all():
        raise InputError("sample paths hold values that are not finite numbers")
    return xr.DataArray(
        np.asarray(values, dtype=float),
        dims=("path", "period"),
        coords={"period": periods.rename("period")},
        attrs={"unit": unit, "kind": kind},
    )


def paths_like(
    paths: xr.DataArray, values: np.ndarray, *, unit: str = "", kind: str = ""
) -> xr.DataArray:
    """Wrap values over the periods of other paths: `make_paths` in a quarter of its time.

    Parameters
    ----------
    paths : xarray.DataArray
        Dims ``(path, period)``.
    values : numpy.ndarray
        Shape ``(n_paths, n_periods)``, finite.
    unit, kind : str
        Default: those of `paths`.

    Raises
    ------
    InputError
        As `make_paths`.
    """
    attributes = _attributes(paths)
    attributes |= {key: own for key, own in (("unit", unit), ("kind", kind)) if own}
    if values.shape != paths.shape or not np.isfinite(values).all():
        return make_paths(values, periods_of(paths), **attributes)
    wrapped = paths.copy(deep=False, data=np.asarray(values, dtype=float))
    wrapped.attrs = attributes
    return wrapped


def periods_of(paths: xr.DataArray) -> pd.PeriodIndex:
    """Return the periods of paths as a `pandas.PeriodIndex`."""
    index = paths.indexes["period"]
    if not isinstance(index, pd.PeriodIndex):
        raise InputError(f"paths indexed by {type(index).__name__}", expected="a PeriodIndex")
    return index


def with_observed(paths: xr.DataArray, observed: pd.Series) -> xr.DataArray:
    """Put observed values in front of paths: facts, the same on every path.

    Parameters
    ----------
    paths : xarray.DataArray
        Dims ``(path, period)``.
    observed : pandas.Series
        Indexed by period; only the values before the first period of `paths` are used, and they
        must reach up to it.

    Raises
    ------
    InputError
        If observations and paths do not join.
    """
    future = periods_of(paths)
    known = observed[observed.index < future[0]]
    if known.empty or known.index[-1] + 1 != future[0]:
        raise InputError(
            f"observations end {_last(known)} and the paths begin {format_period(future[0])}",
            expected="paths that begin right after the last observation",
        )
    facts = np.broadcast_to(known.to_numpy(dtype=float), (paths.sizes["path"], len(known)))
    periods = pd.PeriodIndex(known.index.append(future))
    return make_paths(np.hstack([facts, paths.to_numpy()]), periods, **_attributes(paths))


def quantile(paths: xr.DataArray, quantile_levels: Sequence[float]) -> xr.DataArray:
    """Quantiles over paths, period by period; dims ``(quantile_level, period)``.

    Inverted empirical distribution (Hyndman and Fan 1996, definition 1,
    doi:10.2307/2684934): each result is a value that a path took.
    """
    levels = np.asarray(quantile_levels, dtype=float)
    if ((levels <= 0) | (levels >= 1)).any():
        raise InputError(f"quantile levels {list(quantile_levels)}", expected="between 0 and 1")
    # sorted first, which numpy does far faster than it selects
    ordered = np.sort(paths.to_numpy(), axis=0)
    values = np.quantile(ordered, levels, axis=0, method="inverted_cdf")
    coords = {"quantile_level": levels, "period": paths.coords["period"]}
    return xr.DataArray(values, dims=("quantile_level", "period"), coords=coords, attrs=paths.attrs)


def interval(paths: xr.DataArray, level: float) -> xr.DataArray:
    """Central interval that holds `level` percent of the paths; dims ``(bound, period)``."""
    if not 0 < level < 100:
        raise InputError(f"interval level {level}", expected="percent between 0 and 100")
    tail = (1 - level / 100) / 2
    bounds = quantile(paths, [tail, 1 - tail])
    return bounds.rename(quantile_level="bound").assign_coords(bound=["lower", "upper"])


def mean(paths: xr.DataArray) -> xr.DataArray:
    """Mean over paths; dims ``(period,)``."""
    return paths.mean("path", keep_attrs=True)


def cumulative(paths: xr.DataArray) -> xr.DataArray:
    """Running total of a flow along each path; same dims."""
    _require_flow(paths, "a running total")
    return paths.cumsum("period", keep_attrs=True).assign_coords(paths.coords)


def annual(paths: xr.DataArray) -> xr.DataArray:
    """Calendar-year totals of a flow along each path; dims ``(path, period)`` with years.

    Raises
    ------
    InputError
        If the paths are a stock, or hold a part of a year only: a partial sum is not a year.
    """
    _require_flow(paths, "a sum over the year")
    periods = periods_of(paths)
    per_year = SEASON_LENGTH[frequency_of(periods)]
    years, counts = np.unique(periods.year, return_counts=True)
    partial = [str(year) for year, count in zip(years, counts, strict=True) if count != per_year]
    if partial:
        raise InputError(
            f"the periods cover only a part of {', '.join(partial)}",
            expected="whole calendar years",
            action="put the observed values in front, or cut the paths at a year's end",
        )
    totals = paths.to_numpy().reshape(paths.sizes["path"], len(years), per_year).sum(axis=2)
    index = pd.PeriodIndex([pd.Period(year=int(year), freq="Y-DEC") for year in years])
    return make_paths(totals, index, **_attributes(paths))


def probability_at_least(paths: xr.DataArray, value: float) -> xr.DataArray:
    """Share of paths that are at or above `value`, period by period; dims ``(period,)``."""
    share = (paths >= value).mean("path")
    share.attrs = {"unit": "1"}
    return share


def _require_flow(paths: xr.DataArray, what: str) -> None:
    if paths.attrs["kind"] != "flow":
        raise InputError(
            f"{what} of a stock ({paths.attrs['unit']} at the end of a period)",
            expected="a flow: the same persons would be counted in every period",
        )


def _attributes(paths: xr.DataArray) -> dict[str, str]:
    return {"unit": str(paths.attrs["unit"]), "kind": str(paths.attrs["kind"])}


def _last(observed: pd.Series) -> str:
    return "before that" if observed.empty else f"with {format_period(observed.index[-1])}"
