"""Sample paths of a total split into categories by shares learnt from past counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from forecasting.errors import InputError
from forecasting.paths import periods_of
from forecasting.periods import SEASON_LENGTH, format_period, frequency_of

HALF_LIFE_YEARS = 2.0
"""Default half-life of past counts; the measurement is in docs/adr/0014-hierarchy.md."""

_MOST_PERSONS = 1e15
_CELL = 5.0  # persons; a cell as Eurostat rounds it weighs as much as the prior
_SMALLEST_CASE = 50.0  # persons; below, shares of figures rounded to 5 are mostly rounding
_LONGEST_LEAD = 3  # years ahead from which the concentration is estimated
_CONCENTRATION = 20.0  # centre of its weak prior, which is one unit of its logarithm wide


def split_by_shares(
    paths: xr.DataArray,
    counts: pd.DataFrame,
    *,
    rng: np.random.Generator,
    half_life: float = HALF_LIFE_YEARS,
) -> xr.DataArray:
    r"""Split joint sample paths of a total into categories that add up to it on every path.

    With :math:`m_k` the share of category k in the past counts, weighted by
    :math:`2^{-\text{age}/\text{half-life}}`, the persons of a month t that lies h years ahead are

    .. math:: \theta_h \sim \text{Dirichlet}(\kappa h^{-1/2} m), \qquad
              n_t \sim \text{Multinomial}(N_t, \theta_h),

    a Dirichlet-multinomial (Mosimann 1962, doi:10.1093/biomet/49.1-2.65). The concentration
    :math:`\kappa` is not the number of persons counted, which would make the shares far too
    certain: it maximises the likelihood of the shares that past years had one to three years
    ahead, under a weak log-normal prior. Each path keeps its ranks within the Dirichlet's gamma
    variates for all years, so that a category that is large in one month of a path is large in
    the others too.

    Parameters
    ----------
    paths : xarray.DataArray
        Dims ``(path, period)``, whole numbers from 0.
    counts : pandas.DataFrame
        Past counts in the unit of the paths: index of periods (months, quarters or years; a
        period that is absent says nothing), one column per category. With a `pandas.MultiIndex`
        as columns (see `category_counts`) each tier is split within the one before it.
    rng : numpy.random.Generator
        The only source of randomness.
    half_life : float
        Years after which a past count weighs half as much; inf weighs all alike.

    Returns
    -------
    xarray.DataArray
        Dims ``(path, period, category)``, whole numbers from 0 that add up over the categories to
        `paths`; unit and kind of `paths`.

    Raises
    ------
    InputError
        If a path is not a whole number of persons, the counts cannot be used or reach into the
        periods of the paths, there are fewer than two years of them, or the half-life is not
        above 0.
    """
    if not half_life > 0:
        raise InputError(f"half-life of {half_life} years", expected="above 0")
    totals = _whole_numbers(paths)
    _check_counts(counts)
    ahead = _years_ahead(periods_of(paths), pd.PeriodIndex(counts.index))
    cells = pd.MultiIndex.from_frame(counts.columns.to_frame(index=False))
    history = _by_year(counts)
    split: dict[_Node, np.ndarray] = {(): totals}
    for depth in range(cells.nlevels):
        tier = _tier(history, cells, depth)
        concentration = _concentration(tier, half_life)
        for branch, mean in zip(tier, _mean_shares(tier, half_life), strict=True):
            shares = _draw_shares(concentration * mean, ahead, len(totals), rng)
            drawn = rng.multinomial(split.pop(branch.parent), shares)
            split |= {node: drawn[..., place] for place, node in enumerate(branch.parts)}
    values = np.empty((*totals.shape, len(cells)))
    for place, cell in enumerate(cells):
        values[..., place] = split.pop(cell)
    return _wrap(values, paths, counts.columns)


_Node = tuple[object, ...]


@dataclass(frozen=True)
class _Branch:
    """One node of a tier and the counts of its parts, shape ``(n_years, n_parts)``."""

    parent: _Node
    parts: list[_Node]
    history: np.ndarray

    @property
    def labels(self) -> list[object]:
        return [part[-1] for part in self.parts]


def _tier(history: np.ndarray, cells: pd.MultiIndex, depth: int) -> list[_Branch]:
    """Sum the cells to the parts at one depth and group these by their parent."""
    sums: dict[_Node, dict[_Node, np.ndarray]] = {}
    for cell, column in zip(cells, history.T, strict=True):
        parts = sums.setdefault(cell[:depth], {})
        parts[cell[: depth + 1]] = parts.get(cell[: depth + 1], 0) + column
    return [
        _Branch(parent, list(parts), np.stack(list(parts.values()), axis=1))
        for parent, parts in sums.items()
    ]


def _mean_shares(
    tier: list[_Branch], half_life: float, n_years: int | None = None
) -> list[np.ndarray]:
    """Expected shares in every branch, from the first `n_years` of counts.

    The prior of a branch weighs as much as one rounded cell and has the shares of all branches.
    """
    weighted = [_decayed(branch.history[:n_years], half_life) for branch in tier]
    pooled: dict[object, float] = {}
    for branch, sums in zip(tier, weighted, strict=True):
        for label, persons in zip(branch.labels, sums, strict=True):
            pooled[label] = pooled.get(label, 0.0) + float(persons)
    means = []
    for branch, sums in zip(tier, weighted, strict=True):
        alike = np.array([pooled[label] + 1 / len(pooled) for label in branch.labels])
        persons = sums + _CELL * alike / alike.sum()
        means.append(persons / persons.sum())
    return means


def _decayed(history: np.ndarray, half_life: float) -> np.ndarray:
    weights = 0.5 ** (np.arange(len(history))[::-1] / half_life)
    return np.asarray(weights @ history)


def _concentration(tier: list[_Branch], half_life: float) -> float:
    """Estimate the concentration one year ahead, the same for all branches of a tier."""
    from scipy.optimize import minimize_scalar

    n_years = len(tier[0].history)
    totals, counts = [], []
    for known in range(1, n_years):
        means = _mean_shares(tier, half_life, known)
        for lead in range(1, min(_LONGEST_LEAD, n_years - known) + 1):
            for branch, mean in zip(tier, means, strict=True):
                outcome = branch.history[known + lead - 1]
                if outcome.sum() >= _SMALLEST_CASE:
                    totals.append((lead, outcome.sum()))
                    counts += [(lead, *pair) for pair in zip(outcome, mean, strict=True) if pair[0]]
    if not totals:
        return _CONCENTRATION
    loss = partial(_loss, totals=np.array(totals), counts=np.array(counts))
    bounds = (np.log(_CONCENTRATION) - 5, np.log(_CONCENTRATION) + 10)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def _loss(log_concentration: float, *, totals: np.ndarray, counts: np.ndarray) -> float:
    """Negative log-posterior; `totals` has rows (lead, N), `counts` rows (lead, n > 0, mean)."""
    from scipy.special import gammaln

    of_totals = np.exp(log_concentration) / np.sqrt(totals[:, 0])
    of_counts = np.exp(log_concentration) / np.sqrt(counts[:, 0]) * counts[:, 2]
    fit = (gammaln(of_totals) - gammaln(of_totals + totals[:, 1])).sum()
    fit += (gammaln(of_counts + counts[:, 1]) - gammaln(of_counts)).sum()
    return float(0.5 * (log_concentration - np.log(_CONCENTRATION)) ** 2 - fit)


def _draw_shares(
    alpha: np.ndarray, ahead: np.ndarray, n_paths: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw shares, shape ``(n_paths, n_periods, n_parts)``, with one rank per path and part."""
    from scipy.special import gammaincinv

    years, place = np.unique(ahead, return_inverse=True)
    ranks = rng.random((n_paths, 1, len(alpha)))
    gammas = gammaincinv(alpha / np.sqrt(years)[:, None], ranks)
    gammas += 1e-290 * alpha  # where every variate underflows, the expected shares
    return np.asarray((gammas / gammas.sum(axis=2, keepdims=True))[:, place])


def _by_year(counts: pd.DataFrame) -> np.ndarray:
    """Sum counts to years that end with the last period; a year without any is 0."""
    periods = pd.PeriodIndex(counts.index)
    ordinals = periods.asi8
    per_year = SEASON_LENGTH[frequency_of(periods)]
    years_back = (ordinals.max() - ordinals) // per_year
    history = np.zeros((years_back.max() + 1, counts.shape[1]))
    np.add.at(history, years_back.max() - years_back, counts.to_numpy(dtype=float))
    if (history.sum(axis=1) > 0).sum() < 2:
        raise InputError(
            f"counts of {format_period(periods.min())} to {format_period(periods.max())}",
            where="counts",
            expected="persons counted in at least two years, to learn how shares change",
        )
    return history


def _years_ahead(future: pd.PeriodIndex, past: pd.PeriodIndex) -> np.ndarray:
    """Year after the last count in which each period ends, the first being 1."""
    last = past.max().asfreq("M", how="E")
    months = future.asfreq("M", how="E").asi8 - last.ordinal
    if future[0].asfreq("M", how="S").ordinal <= last.ordinal:
        raise InputError(
            f"counts up to {format_period(past.max())} and paths from {format_period(future[0])}",
            where="counts",
            expected="counts of periods before the paths: later ones are not known yet",
        )
    return np.asarray(-(-months // 12))


def _whole_numbers(paths: xr.DataArray) -> np.ndarray:
    values = paths.to_numpy()
    if (
        paths.dims != ("path", "period")
        or not ((values >= 0) & (values <= _MOST_PERSONS) & (values == np.rint(values))).all()
    ):
        raise InputError(
            f"paths with the dims {', '.join(map(str, paths.dims))} and values from "
            f"{values.min():,.10g} to {values.max():,.10g}",
            where="paths",
            expected="dims path, period and whole numbers from 0",
            action="round the paths first: paths.round()",
        )
    return values.astype(np.int64)


def _check_counts(counts: pd.DataFrame) -> None:
    if not isinstance(counts.index, pd.PeriodIndex) or counts.empty:
        raise InputError(
            f"{len(counts)} rows with an index of type {type(counts.index).__name__}",
            where="counts",
            expected="one row per period, with a PeriodIndex",
        )
    for index, what in ((counts.index, "period"), (counts.columns, "category")):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise InputError(
                f"{what} {twice} stands twice", where="counts", expected=f"each {what} once"
            )
    values = counts.to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(
            "a count that is missing or below 0", where="counts", expected="numbers from 0"
        )


def _wrap(values: np.ndarray, paths: xr.DataArray, categories: pd.Index) -> xr.DataArray:
    split = xr.DataArray(
        values, dims=("path", "period", "category"), coords=paths.coords, attrs=paths.attrs
    )
    if isinstance(categories, pd.MultiIndex):
        return split.assign_coords(xr.Coordinates.from_pandas_multiindex(categories, "category"))
    return split.assign_coords(category=categories.to_numpy())
