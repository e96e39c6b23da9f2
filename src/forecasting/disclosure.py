"""Statistical disclosure control: small counts are withheld from what is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.languages.messages import say, say_n

DEFAULT_THRESHOLD = 5
"""Counts of 1 to 4 persons are withheld."""

WITHHELD_COLUMN = "withheld"
WITHHELD_MARK = "c"
"""Mark of every withheld cell, Eurostat's flag for *confidential*."""

_ROUNDING = 2.5  # persons; largest error of a cell rounded to 5
_EXACT = 1e-6
_OPEN = (2, 3)  # of linprog: the published cells contradict each other, or leave a cell unbounded


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
    - all that the line withholds adds up to no more than its number of cells (each is then 1);
    - all lines together leave it less room than the mark alone does, 1 to the threshold less 1; the
      room of a cell is its least and its greatest value in all tables with the same published
      cells, by linear programming (Fischetti and Salazar-Gonzalez 2001,
      doi:10.1287/mnsc.47.7.1008.9805).

    Zeros are published: they describe no person, and tables without them would say nothing. A zero
    is withheld only where a line offers no other count. All withheld cells carry the same mark: if
    small counts were told apart from those that protect them, "4 and 4 of 8" could be read off.

    The rule is for counts of persons that were observed. A forecast describes nobody, so its
    quantiles may be published; what is passed to this function is treated as counts. It does not
    compare tables published at other times.

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
    lines = _lines(table, totals, groups)
    for line in lines:
        _check_sum(values, line, table[[*totals, *groups]])
    withheld = withheld_cells(values, lines, threshold=threshold)
    published = table.copy()
    published[value_column] = np.where(withheld, np.nan, values)
    published[WITHHELD_COLUMN] = np.where(withheld, WITHHELD_MARK, "")
    return published


def refuse_small_counts(counts: pd.Series, *, where: str) -> None:
    """Refuse to publish a series of one's own that counts too few persons in a period.

    A gap in a line would be filled in by the eye, and one month out of a year by subtraction; the
    counts are to be joined before.

    Parameters
    ----------
    counts : pandas.Series
        Counts by period, with gaps or without.
    where : str
        Name of the series, for the message.

    Raises
    ------
    InputError
        If a count is above 0 and below the threshold.
    """
    small = counts[(counts > 0) & (counts < DEFAULT_THRESHOLD)]
    if len(small):
        raise InputError(
            say_n(
                "counts of fewer than {least} in {n} period",
                "counts of fewer than {least} in {n} periods",
                len(small),
                least=DEFAULT_THRESHOLD,
            ),
            where=where,
            expected=say("counts that may be published: 0, or {n} or more", n=DEFAULT_THRESHOLD),
            action=say("join areas or groups until every count is large enough"),
        )


def withheld_cells(
    values: np.ndarray, lines: Sequence[np.ndarray], *, threshold: float = DEFAULT_THRESHOLD
) -> np.ndarray:
    """Say which of some counts are withheld: the rule of `withhold_small_cells`, for any sums.

    Parameters
    ----------
    values : numpy.ndarray
        Counts from 0, shape ``(n_cells,)``; NaN where one is withheld already.
    lines : sequence of numpy.ndarray
        Places of the cells of each sum, that of the total first.
    threshold : float

    Returns
    -------
    numpy.ndarray
        Boolean, shape ``(n_cells,)``.
    """
    withheld = np.isnan(values) | ((values > 0) & (values < threshold))
    more = True
    while more:  # what protects one line may stand alone in another
        more = False
        for line in lines:
            more |= _protect(values, withheld, line)
    wide: set[int] = set()
    while (narrow := _narrow_cell(values, withheld, lines, threshold, wide)) is not None:
        joined = [line for line in lines if narrow in line and not withheld[line].all()]
        joined = joined or [ln for ln in lines if withheld[ln].any() and not withheld[ln].all()]
        if not joined:
            break
        _withhold_smallest(values, withheld, np.unique(np.concatenate(joined)))
    return np.asarray(withheld)


def _narrow_cell(
    values: np.ndarray,
    withheld: np.ndarray,
    lines: Sequence[np.ndarray],
    threshold: float,
    wide: set[int],
) -> int | None:
    """Return a withheld cell that the published ones leave too little room; None if there is none.

    `wide` holds those that are known to have enough: withholding more never takes room away.
    """
    sums = [line for line in lines if withheld[line].any()]
    hidden = np.unique([cell for line in sums for cell in line if withheld[cell]])
    tables = _Tables(values, hidden, sums) if sums else None
    for place, cell in enumerate(hidden):
        if tables is not None and cell not in wide:
            tables.stretch(place)
            wide.update(hidden[tables.upper - tables.lower >= threshold - 2 - _EXACT])
            if cell not in wide:
                return int(cell)
    return None


class _Tables:
    """All tables with the same published cells: how far each withheld cell is known to reach."""

    def __init__(self, values: np.ndarray, hidden: np.ndarray, lines: Sequence[np.ndarray]) -> None:
        place = {cell: number for number, cell in enumerate(hidden)}
        self._sums = np.zeros((len(lines), len(hidden)))
        right = np.zeros(len(lines))
        for row, line in enumerate(lines):
            for cell, sign in zip(line, [1.0, *[-1.0] * (len(line) - 1)], strict=True):
                if cell in place:
                    self._sums[row, place[cell]] = sign
                else:
                    right[row] -= sign * values[cell]
        true = values[hidden]
        slack = np.abs(self._sums @ np.nan_to_num(true) - right)  # cells may be rounded
        slack[(self._sums[:, np.isnan(true)] != 0).any(axis=1)] = 0.0
        self._right = np.concatenate([right + slack, slack - right])
        least = np.where(true > 0, 1.0, 0.0)  # who sees a mark knows that somebody is counted
        self._bounds = [(low, None) for low in least]
        self.lower = np.full(len(hidden), np.inf)
        self.upper = np.full(len(hidden), -np.inf)

    def stretch(self, place: int) -> None:
        """Find the least and the greatest value of a cell; what they show of others is kept."""
        from scipy.optimize import linprog

        for sign in (1.0, -1.0):
            aim = np.zeros(len(self.lower))
            aim[place] = sign
            both = np.vstack([self._sums, -self._sums])
            found = linprog(aim, A_ub=both, b_ub=self._right, bounds=self._bounds)
            if found.status in _OPEN:
                self.lower[place], self.upper[place] = -np.inf, np.inf
                return
            self.lower = np.minimum(self.lower, found.x)
            self.upper = np.maximum(self.upper, found.x)


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
    _withhold_smallest(values, withheld, line)
    return True


def _withhold_smallest(values: np.ndarray, withheld: np.ndarray, cells: np.ndarray) -> None:
    """Withhold the smallest published count of some cells; a zero only where there is no other."""
    candidates = cells[~withheld[cells]]
    sizes = np.where(values[candidates] > 0, values[candidates], np.inf)
    withheld[candidates[sizes.argmin()]] = True


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
