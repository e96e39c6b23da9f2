"""Skill of models against a named benchmark, from the long table of scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from forecasting.errors import InputError

SCORE_COLUMNS = ("series_id", "model", "origin", "horizon", "metric", "value")
"""Columns of a table of scores: one row per case and metric, and nothing averaged."""

CASE = ("series_id", "origin", "horizon")
"""What makes a case; a model has one score of a metric for each."""


def skill(
    scores: pd.DataFrame,
    *,
    metric: str,
    benchmark: str,
    horizons: Sequence[int] | None = None,
) -> pd.DataFrame:
    r"""Hold every model against a benchmark: below 1 is better than the benchmark.

    .. math::

        \text{value} = \Big(\prod_{s=1}^{S} \frac{\bar L_s}{\bar B_s} \Big)^{1/S}

    :math:`\bar L_s` and :math:`\bar B_s` are the mean scores of the model and of the benchmark for
    series :math:`s` over their common cases (the same series, origin and horizon). The geometric
    mean gives each series the same weight, whatever its size, and does not depend on which of the
    two is the denominator (Fleming and Wallace 1986, doi:10.1145/5666.5673).

    Parameters
    ----------
    scores : pandas.DataFrame
        Columns `SCORE_COLUMNS`; other metrics than `metric` are left aside.
    metric : str
        A metric of which lower is better and no value is negative, for example ``crps``.
    benchmark : str
        A model of the table.
    horizons : sequence of int, optional
        Horizons that count; default: all.

    Returns
    -------
    pandas.DataFrame
        Columns ``model, value, n_series, n_cases``, the best first, one row per model; the
        benchmark has the value 1. Where `n_cases` differs between rows, the models were not
        compared on the same cases.

    Raises
    ------
    InputError
        If the table lacks the metric, the benchmark or a horizon, holds a score twice, without its
        case, negative or not finite, if a model has no case in common with the benchmark, or if
        the mean score of one of them is 0 for a series.
    """
    table = scores_by_model(scores, metric=metric, horizons=horizons)
    check_model(table, benchmark, role="benchmark")
    rows = []
    for model in table.columns:
        pair = pair_of(table, model, benchmark)
        ratios = series_ratios(pair)
        rows.append((model, float(np.exp(np.log(ratios).mean())), len(ratios), len(pair)))
    found = pd.DataFrame(rows, columns=["model", "value", "n_series", "n_cases"])
    return found.sort_values(["value", "model"], ignore_index=True)


def scores_by_model(
    scores: pd.DataFrame, *, metric: str, horizons: Sequence[int] | None = None
) -> pd.DataFrame:
    """Put the scores of one metric side by side.

    Returns
    -------
    pandas.DataFrame
        One row per case, indexed by `CASE`; one column per model, NaN where it has no score.

    Raises
    ------
    InputError
        If the table cannot be used; see `skill`.
    """
    missing = [name for name in SCORE_COLUMNS if name not in scores.columns]
    if missing:
        raise InputError(
            f"column {', '.join(map(repr, missing))} missing",
            where="table of scores",
            expected=f"the columns {','.join(SCORE_COLUMNS)}",
        )
    own = _select(scores, "metric", [metric])
    if horizons is not None:
        own = _select(own, "horizon", list(horizons))
    _check_values(own, metric)
    return own.pivot_table(values="value", index=list(CASE), columns="model", observed=True)


def _select(scores: pd.DataFrame, column: str, wanted: list[object]) -> pd.DataFrame:
    present = scores[column].unique()
    absent = [name for name in wanted if name not in present]
    if absent or not wanted:
        raise InputError(
            f"{column} {', '.join(map(str, absent)) or 'none'} not among the scores",
            where="table of scores",
            expected=f"some of {', '.join(map(str, sorted(present)))}",
        )
    return scores[scores[column].isin(wanted)]


def _check_values(scores: pd.DataFrame, metric: str) -> None:
    where = f"table of scores, metric '{metric}'"
    for column in ("value", "horizon"):
        if not is_numeric_dtype(scores[column]):
            raise InputError(f"column '{column}' does not hold numbers", where=where)
    unnamed = scores[[*CASE, "model"]].isna().any(axis=1)
    if unnamed.any():
        raise InputError(f"a score of no case: {_name(scores[unnamed])}", where=where)
    twice = scores.duplicated([*CASE, "model"])
    if twice.any():
        raise InputError(
            f"two scores for {_name(scores[twice])}", where=where, expected="one per case"
        )
    unusable = ~np.isfinite(scores["value"]) | (scores["value"] < 0)
    if unusable.any():
        first = scores[unusable]
        raise InputError(
            f"{first['value'].iloc[0]:g} for {_name(first)}",
            where=where,
            expected="finite scores of 0 or more, of which ratios can be taken",
        )


def _name(rows: pd.DataFrame) -> str:
    return ", ".join(f"{column} '{rows[column].iloc[0]}'" for column in (*CASE, "model"))


def check_model(table: pd.DataFrame, model: str, *, role: str) -> None:
    """Refuse the name of a model or benchmark that has no scores.

    Raises
    ------
    InputError
        If `model` is not a column of `table`.
    """
    if model not in table.columns:
        raise InputError(
            f"{role} '{model}' has no scores",
            where="table of scores",
            expected=f"one of {', '.join(map(str, table.columns))}",
        )


def pair_of(table: pd.DataFrame, model: str, benchmark: str) -> pd.DataFrame:
    """Return the cases that both have, in the columns ``model`` and ``benchmark``.

    Raises
    ------
    InputError
        If they have no case in common.
    """
    columns = {"model": table[model], "benchmark": table[benchmark]}
    pair = pd.DataFrame(columns).dropna()
    if pair.empty:
        raise InputError(
            f"model '{model}' and benchmark '{benchmark}' have no case in common",
            where="table of scores",
            expected="scores for the same series, origins and horizons",
        )
    return pair


def series_ratios(pair: pd.DataFrame) -> pd.Series:
    """Return the mean score of the model over that of the benchmark, per series.

    Raises
    ------
    InputError
        If one of the two is 0 for a series: there is no ratio, or none that can be averaged.
    """
    means = pair.groupby(level="series_id", observed=True).mean()
    for column in ("benchmark", "model"):
        zero = means.index[means[column] == 0]
        if len(zero):
            raise InputError(
                f"the mean score of the {column} is 0 for series '{zero[0]}'",
                where="table of scores",
                action="leave this series out of the comparison",
            )
    return means["model"] / means["benchmark"]
