"""Statistical disclosure control: small counts are withheld from what is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecasting.errors import InputError

DEFAULT_THRESHOLD = 5
"""Counts of 1 to 4 persons are withheld."""

WITHHELD_COLUMN = "withheld"
WITHHELD_MARK = "c"
"""Mark of every withheld cell, Eurostat's flag for *confidential*."""

_ROUNDING = 2.5  # persons; largest error of a cell rounded to 5


def withhold_small_cells(
    table: pd.DataFrame,
    *,
    threshold: float = DEFAULT_THRESHOLD,
    value_column: str = "value",
    totals: Mapping[str, str] | None = None,
    groups: Sequence[str] = (),
) -> pd.DataFrame:
    """Withhold small counts of a long table, and those from which they could be recomputed.

    A count above 0 and below the threshold is withheld. So is, in every line whose total stands in
    the table, the next smallest count, until neither rule gives a withheld count away:

    - it is the only one withheld in its line (total minus the others);
    - all that the line withholds adds up to no more than its number of cells (each is then 1).

    Zeros are published: they describe no person, and tables without them would say nothing. A zero
    is withheld only where a line offers no other count. All withheld cells carry the same mark: if
    small counts were told apart from those that protect them, "4 and 4 of 8" could be read off.

    The rule is for counts of persons that were observed. A forecast describes nobody, so its
    quantiles may be published; what is passed to this function is treated as counts. It does not
    solve several lines at once, nor compare tables published at other times.

    Parameters
    ----------
    table : pandas.DataFrame
        One count per row; not modified. A value that is missing counts as withheld already.
    threshold : float
        Smallest count that is published, apart from 0.
    value_column : str
        Column of the counts.
    totals : mapping of str to str, optional
        Category columns of the table and the code of their total, for example
        ``{"sex": "T", "age": "TOTAL"}``: along each, every total is the sum of the other rows that
        agree in all other columns of `totals` and `groups`. Without it each row stands alone.
    groups : sequence of str
        Columns that tell several tables apart, for example ``["period", "geo"]``.

    Returns
    -------
    pandas.DataFrame
        The table with withheld values missing, and a column ``withheld`` that holds ``c`` for
        these and is empty elsewhere.

    Raises
    ------
    InputError
        If a column is missing, a count is negative or no number, the threshold is below 1, a cell
        stands twice, or parts add up to more than their total, as with a subtotal among them.
    """
    totals = dict(totals or {})
    _check(table, threshold, [value_column, *totals, *groups])
    values = _counts(table[value_column])
    withheld = np.isnan(values) | ((values > 0) & (values < threshold))
    lines = _lines(table, totals, groups)
    for line in lines:
        _check_sum(values, line, table[[*totals, *groups]])
    more = True
    while more:  # what protects one line may stand alone in another
        more = False
        for line in lines:
            more |= _protect(values, withheld, line)
    published = table.copy()
    published[value_column] = np.where(withheld, np.nan, values)
    published[WITHHELD_COLUMN] = np.where(withheld, WITHHELD_MARK, "")
    return published


def _lines(
    table: pd.DataFrame, totals: Mapping[str, str], groups: Sequence[str]
) -> list[np.ndarray]:
    """Rows of each sum, that of the total first; a line whose total is absent is none."""
    keys = [*totals, *groups]
    codes = {name: table[name].astype(str).to_numpy() for name in keys}
    lines = []
    for name, total in totals.items():
        others = [codes[key] for key in keys if key != name]
        labels = pd.MultiIndex.from_arrays(others) if others else pd.Index([0] * len(table))
        places = pd.Series(np.arange(len(table)))
        for _, rows in places.groupby(pd.factorize(labels)[0]):
            line = rows.to_numpy()
            is_total = codes[name][line] == total
            if is_total.any() and len(line) > 1:
                lines.append(np.concatenate([line[is_total], line[~is_total]]))
    return lines


def _protect(values: np.ndarray, withheld: np.ndarray, line: np.ndarray) -> bool:
    """Withhold the next smallest count of a line that gives a withheld one away."""
    hidden = withheld[line]
    if not hidden.any() or hidden.all():
        return False
    alone = hidden.sum() == 1
    left = values[line[0]] - values[line[1:]][~hidden[1:]].sum()
    if not alone and (hidden[0] or left > hidden.sum()):
        return False
    candidates = line[~hidden]
    sizes = np.where(values[candidates] > 0, values[candidates], np.inf)
    withheld[candidates[sizes.argmin()]] = True
    return True


def _check(table: pd.DataFrame, threshold: float, columns: Sequence[str]) -> None:
    if not threshold >= 1:
        raise InputError(f"threshold {threshold}", expected="1 or more persons")
    missing = [name for name in columns if name not in table]
    if missing:
        raise InputError(
            f"no column {', '.join(missing)}",
            where="table",
            expected=f"the columns {', '.join(columns)}",
        )
    if len(columns) > 1 and table.duplicated(list(columns[1:])).any():
        cell = table.loc[table.duplicated(list(columns[1:])), list(columns[1:])].iloc[0]
        raise InputError(
            f"cell {', '.join(map(str, cell))} stands twice",
            where="table",
            expected="each cell once",
            action="name the columns that tell several tables apart in groups=",
        )


def _counts(column: pd.Series) -> np.ndarray:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    wrong = (np.isnan(values) & column.notna().to_numpy()) | (values < 0) | np.isinf(values)
    if wrong.any():
        raise InputError(
            f"value '{column.to_numpy()[wrong][0]}'",
            where=f"column '{column.name}'",
            expected="counts from 0; missing where one is withheld already",
        )
    return values


def _check_sum(values: np.ndarray, line: np.ndarray, cells: pd.DataFrame) -> None:
    parts, total = np.nansum(values[line[1:]]), values[line[0]]
    if parts - total > _ROUNDING * len(line):
        raise InputError(
            f"parts add up to {parts:,.10g}, their total is {total:,.10g}",
            where=f"total {', '.join(map(str, cells.iloc[line[0]]))}",
            expected=f"at most {_ROUNDING:g} more for each cell, as cells are rounded",
            action="is one of the parts a sum of others? publish without it",
        )
