"""Cells that are few enough for memory, staged as the Parquet file that the store takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.sources.sql import columns, quoted, text
from forecasting.sources.vintage_queries import connect

if TYPE_CHECKING:
    import pandas as pd


def stage_cells(cells: pd.DataFrame, key: Sequence[str], folder: Path) -> Path:
    """Write cells as `forecasting.sources.fetching.Fetched` describes them.

    Parameters
    ----------
    cells : pandas.DataFrame
        The key columns, ``period``, ``value`` (NaN: none) and ``flag``.
    key : sequence of str
    folder : pathlib.Path
        Holds the file afterwards.

    Returns
    -------
    pathlib.Path
    """
    staged = folder / "staged.parquet"
    words = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in key)
    with connect(folder / "spill") as connection:
        connection.register("cells", cells.assign(value=cells["value"].astype(float)))
        connection.execute(
            f"""
            COPY (
                SELECT {words}, CAST(period AS VARCHAR) AS period,
                    CASE WHEN isnan(value) THEN NULL ELSE value END AS value,
                    CAST(flag AS VARCHAR) AS flag
                FROM cells ORDER BY {columns([*key, "period"])}
            ) TO {text(staged)} (FORMAT parquet, COMPRESSION zstd)"""  # noqa: S608
        )
    return staged
