"""Archived quantiles by case, and their scores once the outcome is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecasting.archive.files import ArchiveFile, connect
from forecasting.errors import InputError
from forecasting.evaluation.interval_scores import interval_coverage
from forecasting.evaluation.scores import crps_quantiles
from forecasting.languages.messages import say
from forecasting.periods import format_period
from forecasting.tables import QUANTILE_LEVELS

KEYS = (
    "series_id", "geo", "vintage", "origin", "made", "run_id", "model", "period", "horizon",
)  # fmt: skip
"""Columns that say what a case is: one model, origin and vintage, and one period ahead."""

SCORED = (
    "outturn", "median", "lower_80", "upper_80", "lower_95", "upper_95", "inside_80", "inside_95",
    "crps",
)  # fmt: skip
"""What is known of a case once its period has been counted."""

_INTERVALS = {80: (0.1, 0.9), 95: (0.025, 0.975)}

_KEYS_QUERY = """
SELECT series_id, geo, CAST(vintage AS VARCHAR) AS vintage, origin, made, run_id, model, period,
    horizon
FROM read_parquet($files) WHERE output_type = 'mean' AND {wanted}
"""

_QUANTILES_QUERY = """
SELECT quantile_level, value FROM read_parquet($files) WHERE output_type = 'quantile' AND {wanted}
"""


@dataclass(frozen=True)
class QuantileCases:
    """Forecasts of the archive, one case per row.

    Attributes
    ----------
    keys : pandas.DataFrame
        Columns `KEYS`.
    quantiles : numpy.ndarray
        At `forecasting.tables.QUANTILE_LEVELS`, shape ``(n_cases, 23)``.
    """

    keys: pd.DataFrame
    quantiles: np.ndarray

    def at(self, level: float) -> np.ndarray:
        """Quantile of every case at one of the levels."""
        return np.asarray(self.quantiles[:, QUANTILE_LEVELS.index(level)])


def read_cases(files: Sequence[ArchiveFile], *, until: str = "") -> QuantileCases:
    """Read the forecasts of files that have been found whole.

    Parameters
    ----------
    files : sequence of ArchiveFile
        Of forecasts, each whole and of this schema.
    until : str
        Period; later ones are left out. Empty: all are read.

    Returns
    -------
    QuantileCases
        Each series, vintage, origin, model and period once, of the run made first: the same
        forecast in another language is not a second one.

    Raises
    ------
    InputError
        If a case has not the levels of a forecast table.
    """
    chosen = _first_made(files)
    if not chosen:
        return QuantileCases(pd.DataFrame(columns=list(KEYS)), np.empty((0, len(QUANTILE_LEVELS))))
    given: dict[str, object] = {"files": [str(each.path) for each in chosen]}
    if until:
        given["until"] = until
    wanted = "period <= $until" if until else "true"
    engine = connect()  # which keeps the order of files and rows: a mean, then its quantiles
    keys = engine.execute(_KEYS_QUERY.format(wanted=wanted), given).df()
    found = engine.execute(_QUANTILES_QUERY.format(wanted=wanted), given).fetchnumpy()
    quantiles = _by_case(found, len(keys), chosen)
    first = ~keys.duplicated(["series_id", "vintage", "origin", "model", "period"])
    order = keys[first].sort_values(["series_id", "vintage", "origin", "model", "horizon"]).index
    return QuantileCases(keys.loc[order].reset_index(drop=True), quantiles[order])


def _first_made(files: Sequence[ArchiveFile]) -> list[ArchiveFile]:
    """Of the runs of one series, origin, vintage and model, the first, and those that reach on."""
    reached: dict[tuple[object, ...], int] = {}
    chosen = []
    for each in sorted(files, key=lambda each: (each.made, each.path.name)):
        key = (each.path.parent, each.vintage, each.origin, each.model, each.replay)
        if each.horizon > reached.get(key, 0):
            reached[key] = each.horizon
            chosen.append(each)
    return chosen


def _by_case(
    found: Mapping[str, ArrayLike], n_cases: int, files: Sequence[ArchiveFile]
) -> np.ndarray:
    """Put the quantiles of each case in a row."""
    levels = np.asarray(found["quantile_level"], dtype=float)
    expected = np.tile(QUANTILE_LEVELS, n_cases)
    if len(levels) != len(expected) or not np.allclose(levels, expected):
        raise InputError(
            say("quantiles of other levels"),
            where=", ".join(str(each.path) for each in files[:3]),
            expected=say("the {n} levels of a forecast table", n=len(QUANTILE_LEVELS)),
        )
    return np.asarray(found["value"], dtype=float).reshape(n_cases, len(QUANTILE_LEVELS))


def score_cases(cases: QuantileCases, outturn: pd.Series) -> pd.DataFrame:
    """Hold forecasts against what was counted.

    Parameters
    ----------
    cases : QuantileCases
    outturn : pandas.Series
        Counts indexed by ``(series_id, period)``, periods as text.

    Returns
    -------
    pandas.DataFrame
        Columns `KEYS` and `SCORED`; cases without a count are left out. The CRPS is that of the
        quantiles, see `forecasting.evaluation.scores.crps_quantiles`.
    """
    keys = pd.MultiIndex.from_frame(cases.keys[["series_id", "period"]])
    counted = outturn.reindex(keys).to_numpy(dtype=float)
    known = np.isfinite(counted)
    if not known.any():
        return pd.DataFrame(columns=[*KEYS, *SCORED])
    own = QuantileCases(cases.keys[known].reset_index(drop=True), cases.quantiles[known])
    scored: dict[str, np.ndarray] = {"outturn": counted[known], "median": own.at(0.5)}
    bounds = {level: (own.at(low), own.at(high)) for level, (low, high) in _INTERVALS.items()}
    for level, (lower, upper) in bounds.items():
        scored |= {f"lower_{level}": lower, f"upper_{level}": upper}
    for level, (lower, upper) in bounds.items():
        scored[f"inside_{level}"] = interval_coverage(lower, upper, counted[known])
    scored["crps"] = crps_quantiles(own.quantiles, QUANTILE_LEVELS, counted[known])
    return own.keys.assign(**scored)


def outturn_of(series_id: str, values: pd.Series) -> pd.Series:
    """Index the observations of a series as `score_cases` wants them."""
    periods = [format_period(period) for period in values.index]
    index = pd.MultiIndex.from_product([[series_id], periods], names=["series_id", "period"])
    return pd.Series(values.to_numpy(dtype=float), index=index)
