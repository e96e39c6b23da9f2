"""Rows of the archive from the table of targets of a run."""

from __future__ import annotations

import re

import pandas as pd

_PROPOSAL = re.compile(r"proposal_p(\d+(?:\.\d+)?)")

TARGET_COLUMNS = (
    "programme",
    "indicator",
    "point",
    "due",
    "unit",
    "version",
    "published",
    "published_probability",
    "probability",
    "value",
    "attained",
)
"""Columns of the targets of a run: a published value beside what was proposed instead, one row for
each attainment probability."""


def target_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the wide table of `forecasting.targets_table` into one row per proposed value.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``proposal_pNN`` and ``attained_pNN`` for each attainment probability.

    Returns
    -------
    pandas.DataFrame
        Columns `TARGET_COLUMNS`; what nothing was proposed for is left out.
    """
    parts = []
    for column in table.columns:
        match = _PROPOSAL.fullmatch(str(column))
        if match is None:
            continue
        parts.append(
            pd.DataFrame(
                {
                    "programme": table["programme"],
                    "indicator": table["indicator"],
                    "point": table["point"],
                    "due": table["date"],
                    "unit": table["unit"],
                    "version": table["version"],
                    "published": table["published"],
                    "published_probability": table["probability_of_published"],
                    "probability": float(match[1]) / 100,
                    "value": table[column],
                    "attained": table[f"attained_p{match[1]}"],
                }
            )
        )
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=list(TARGET_COLUMNS))
    rows = rows[rows["value"].notna()].sort_index(kind="stable")
    return rows.reset_index(drop=True)
