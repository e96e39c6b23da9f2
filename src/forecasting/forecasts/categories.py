"""Counts by category: a published long table turned into one column per cell, and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import product
from typing import cast

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.forecasts.hierarchy import ROUNDING_TOLERANCE, Hierarchy, check_sums
from forecasting.periods import frequency_of, parse_period

TOTAL_CODES = ("TOTAL", "T")
"""Eurostat's codes for the sum over a column of categories."""

_AGES = re.compile(r"Y(?:_LT(?P<below>\d+)|_GE(?P<least>\d+)|(?P<first>\d+)(?:-(?P<last>\d+))?)")


def category_counts(
    table: pd.DataFrame, columns: Sequence[str], *, tolerance: float = ROUNDING_TOLERANCE
) -> pd.DataFrame:
    """Turn a long table of counts by categories into one column per finest cell.

    ``TOTAL`` and ``T`` are the sum over a column: such rows are not cells, but what the cells are
    checked against, tier by tier in the order of `columns` (all citizenships; one citizenship;
    one citizenship and sex). A sum across that order, such as both sexes of one age, is not used.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``period`` (text or year), those of `columns`, and ``value``. A cell that a period
        leaves out is 0, as in Eurostat's files; a period without any row is left out, too.
    columns : sequence of str
        Category columns, the upper tier first, for example ``["citizenship", "sex", "age"]``.
    tolerance : float
        See `check_sums`.

    Returns
    -------
    pandas.DataFrame
        Index of periods, columns a `pandas.MultiIndex` with one level per category column.

    Raises
    ------
    InputError
        For a column or value missing, mixed frequencies, a cell twice, age codes that overlap
        (``Y_LT18`` beside ``Y14-17``), and parts that do not add up to their published sum.
    """
    _check_rows(table, columns)
    counts = _wide(table, columns)
    cells = counts[[cell for cell in _cells(counts) if not _totals(cell)]].fillna(0.0)
    if cells.empty:
        raise InputError(
            "sums only", where="table", expected=f"counts by {', '.join(columns)} themselves"
        )
    for column in columns:
        _refuse_overlap(column, list(cells.columns.unique(column)))
    _check_tiers(counts, tolerance)
    return cells


def _check_rows(table: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in ("period", *columns, "value") if name not in table]
    if missing or not columns or table.empty:
        raise InputError(
            f"{len(table)} rows of the columns {', '.join(map(str, table.columns))}",
            where="table",
            expected=f"rows of period, {', '.join(columns) or 'a category'} and value",
        )
    values = pd.to_numeric(table["value"], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(
            "a value that is missing, no number or below 0", where="table", expected="counts"
        )
    if table[list(columns)].isna().any(axis=None):
        raise InputError("an empty category", where="table", expected="a code in every row")
    twice = table.duplicated(["period", *columns])
    if twice.any():
        period, *cell = table.loc[twice, ["period", *columns]].iloc[0]
        raise InputError(
            f"{'/'.join(map(str, cell))} of {period} stands twice",
            where="table",
            expected="each cell of a period once",
        )


def _wide(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Periods by cells, the sums among them, missing where a period leaves a cell out."""
    codes = table[list(columns)].astype(str)
    wide = pd.DataFrame(
        {
            cell: pd.Series(rows["value"].to_numpy(dtype=float), index=rows["period"].astype(str))
            for cell, rows in table.groupby([codes[name] for name in columns])
        }
    )
    parsed = [parse_period(str(text), where="table") for text in wide.index]
    if len({frequency_of(period) for period in parsed}) > 1:
        raise InputError(
            "periods of different length", where="table", expected="months, quarters or years only"
        )
    wide.index = pd.PeriodIndex(parsed, name="period")
    wide.columns = pd.MultiIndex.from_tuples(_cells(wide), names=list(columns))
    return wide.sort_index()


def _cells(counts: pd.DataFrame) -> list[tuple[str, ...]]:
    return cast("list[tuple[str, ...]]", list(counts.columns))


def _totals(cell: tuple[str, ...]) -> int:
    return sum(code in TOTAL_CODES for code in cell)


def _check_tiers(counts: pd.DataFrame, tolerance: float) -> None:
    """Check every published sum over the last columns against all cells that the tier may have.

    A cell left out was rounded to 0 as others were rounded to 5: it counts among the parts. A sum
    left out is not known.
    """
    depth, nothing = counts.columns.nlevels, np.zeros(len(counts))
    published = {
        cell[: depth - _totals(cell)]: counts[cell].to_numpy()
        for cell in _cells(counts)
        if not _totals(cell[: depth - _totals(cell)])  # no sum across the order of the columns
    }
    codes = [
        [code for code in counts.columns.unique(level) if code not in TOTAL_CODES]
        for level in range(depth)
    ]
    tier = {cell: np.nan_to_num(published.get(cell, nothing)) for cell in product(*codes)}
    values, parents = {_name(cell): column for cell, column in tier.items()}, {_name(()): ""}
    for _ in range(depth):
        sums: dict[tuple[str, ...], np.ndarray] = {}
        for node, column in tier.items():
            sums[node[:-1]] = sums.get(node[:-1], nothing) + column
            parents[_name(node)] = _name(node[:-1])
        for node, own in sums.items():
            given = published.get(node, own)
            sums[node] = np.where(np.isnan(given), own, given)
        tier = sums
        values |= {_name(node): column for node, column in tier.items()}
    check_sums(Hierarchy(parents), pd.DataFrame(values, index=counts.index), tolerance=tolerance)


def _name(node: tuple[str, ...]) -> str:
    return "/".join(node) or TOTAL_CODES[0]


def _refuse_overlap(column: str, codes: Sequence[str]) -> None:
    """Refuse age codes that count somebody twice, naming the widest and what it overlaps."""
    ages = {code: found for code in codes if (found := _age_range(code)) is not None}
    for widest in sorted(ages, key=lambda code: ages[code][0] - ages[code][1]):
        first, last = ages[widest]
        others = sorted(
            code
            for code, (start, end) in ages.items()
            if code != widest and start <= last and first <= end
        )
        if others:
            raise InputError(
                f"age code {widest} overlaps {', '.join(others)}",
                where=f"column '{column}'",
                expected="age codes that count nobody twice",
                action=f"leave out the rows of {widest}, or those of its parts",
            )


def _age_range(code: str) -> tuple[float, float] | None:
    """First and last year of age of a Eurostat code such as ``Y_LT14``; None for others."""
    match = _AGES.fullmatch(code)
    if match is None:
        return None
    if match["below"]:
        return 0, int(match["below"]) - 1
    if match["least"]:
        return int(match["least"]), math.inf
    return int(match["first"]), int(match["last"] or match["first"])
