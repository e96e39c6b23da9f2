"""Which series is a part of which, and whether the parts add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.errors import InputError
from forecasting.periods import format_period
from forecasting.tables import read_rows

HIERARCHY_COLUMNS = ("series_id", "parent")
"""Columns of a file that describes a hierarchy; the parent of the total is empty."""

ROUNDING_TOLERANCE = 2.5
"""Largest error of a cell rounded to 5, as Eurostat publishes asylum figures."""


@dataclass(frozen=True)
class Hierarchy:
    """A tree of series: every series but the total is a part of exactly one other.

    Parameters
    ----------
    parents : mapping of str to str
        The parent of every series; empty for the total.

    Raises
    ------
    InputError
        If there is no total or more than one, a parent has no entry of its own, or series are
        parts of one another in a circle.
    """

    parents: Mapping[str, str]

    def __post_init__(self) -> None:
        roots = [node for node, parent in self.parents.items() if not parent]
        if len(roots) != 1:
            raise InputError(
                f"{len(roots)} series without a parent{_listed(roots)}",
                where="hierarchy",
                expected="exactly one, the total, with an empty parent",
            )
        for node, parent in self.parents.items():
            if parent and parent not in self.parents:
                raise InputError(
                    f"parent '{parent}' of '{node}' is not a series of the hierarchy",
                    where="hierarchy",
                    expected=f"a row of its own for '{parent}'",
                )
        reached = set(self.nodes)
        lost = [node for node in self.parents if node not in reached]
        if lost:
            raise InputError(
                f"series that are parts of one another in a circle{_listed(lost)}",
                where="hierarchy",
                expected="parents that lead up to the total",
            )

    @property
    def total(self) -> str:
        """The series that all others are parts of."""
        return next(node for node, parent in self.parents.items() if not parent)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """All series, parents before their parts, the total first."""
        found = [self.total]
        for node in found:  # grows while it is walked
            found += self.parts(node)
        return tuple(found)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The series without parts, in the order of `nodes`."""
        return tuple(node for node in self.nodes if node not in self._parts)

    def parts(self, node: str) -> tuple[str, ...]:
        """Series that add up to `node`; none for a leaf."""
        return tuple(self._parts.get(node, ()))

    @cached_property
    def _parts(self) -> dict[str, list[str]]:
        parts: dict[str, list[str]] = {}
        for node, parent in self.parents.items():
            if parent:
                parts.setdefault(parent, []).append(node)
        return parts

    def summing_matrix(self) -> np.ndarray:
        """Matrix S of 0 and 1, shape ``(n_nodes, n_leaves)``: all series = S times the leaves."""
        places = {node: place for place, node in enumerate(self.nodes)}
        matrix = np.zeros((len(self.nodes), len(self.leaves)))
        for column, leaf in enumerate(self.leaves):
            node = leaf
            while node:
                matrix[places[node], column] = 1
                node = self.parents[node]
        return matrix


def read_hierarchy(path: Path) -> Hierarchy:
    """Read a hierarchy from a CSV file with the columns ``series_id,parent``.

    Raises
    ------
    InputError
        If the file cannot be read, a series stands twice, or see `Hierarchy`.
    """
    rows = read_rows(path, HIERARCHY_COLUMNS)
    parents: dict[str, str] = {}
    for row, series_id, parent in zip(rows.index, rows["series_id"], rows["parent"], strict=True):
        if not series_id or series_id in parents:
            raise InputError(
                f"series '{series_id}' stands twice" if series_id else "no series_id",
                where=f"{path}, row {row}",
                expected="each series once, with its one parent",
            )
        parents[series_id] = parent
    try:
        return Hierarchy(parents)
    except InputError as problem:
        raise InputError(
            problem.found, where=str(path), expected=problem.expected, action=problem.action
        ) from None


def check_sums(
    hierarchy: Hierarchy, values: pd.DataFrame, *, tolerance: float = ROUNDING_TOLERANCE
) -> None:
    """Refuse observations whose parts do not add up to their parent.

    Parameters
    ----------
    hierarchy : Hierarchy
        Which series is a part of which.
    values : pandas.DataFrame
        Index of periods, one column per series of the hierarchy.
    tolerance : float
        Rounding error of one cell. A parent with n parts may differ from their sum by
        n + 1 times as much.

    Raises
    ------
    InputError
        If a series or a value is missing, or with the period, the parent and the difference of
        the worst case.
    """
    _require_periods(values)
    missing = [node for node in hierarchy.nodes if node not in values]
    if missing:
        raise InputError(
            f"no values for {len(missing)} series{_listed(missing)}",
            where="hierarchy",
            expected="a column for every series of the hierarchy",
        )
    if values[list(hierarchy.nodes)].isna().any(axis=None):
        raise InputError("missing values", where="hierarchy", expected="0 where nobody was counted")
    for parent in hierarchy.nodes:
        parts = list(hierarchy.parts(parent))
        if parts:
            _check_parent(parent, values[parent], values[parts], tolerance)


def _check_parent(parent: str, total: pd.Series, parts: pd.DataFrame, tolerance: float) -> None:
    sums, published = parts.sum(axis=1).to_numpy(dtype=float), total.to_numpy(dtype=float)
    worst = int(np.abs(sums - published).argmax())
    difference, n_cells = sums[worst] - published[worst], parts.shape[1] + 1
    allowed = tolerance * n_cells
    if abs(difference) <= allowed + 1e-9 * published[worst]:
        return
    period = format_period(pd.PeriodIndex(total.index)[worst])
    raise InputError(
        f"the parts of '{parent}' add up to {sums[worst]:,.10g} in {period}, "
        f"{abs(difference):,.10g} {'more' if difference > 0 else 'less'} than its "
        f"{published[worst]:,.10g}",
        where="hierarchy",
        expected=f"a difference of at most {allowed:,g}: {tolerance:g} for each of "
        f"{n_cells} cells, because cells are rounded",
        action="is one of the parts a sum of others?" if difference > 0 else "is a part missing?",
    )


def _require_periods(values: pd.DataFrame) -> None:
    if not isinstance(values.index, pd.PeriodIndex) or not values.index.is_unique:
        raise InputError(
            f"an index of type {type(values.index).__name__}",
            where="hierarchy",
            expected="a PeriodIndex, each period once",
        )


def _listed(names: Sequence[str], most: int = 5) -> str:
    """Write names behind what was said of them, the first few."""
    if not names:
        return ""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f": {', '.join(names[:most])}{more}"
