"""An attribution as a long table, one contribution per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from forecasting.projections.comparison_table import entity_of

if TYPE_CHECKING:
    from forecasting.projections.attribution import Attribution

COLUMNS = ("scenario", "method", "measure", "entity", "unit", "part", "value")
"""Columns of the table."""

REFERENCE, TOGETHER = "reference", "scenario"
"""Parts beside the players: the key figure without any of them, and with all."""


def attribution_table(attribution: Attribution) -> pd.DataFrame:
    """Write an attribution as a long table.

    Parameters
    ----------
    attribution : Attribution

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. For each key figure (``measure``, ``entity``, see `key_figures`) a row
        with the ``part`` ``reference``, one per lever or scenario, and ``scenario``: the value of
        the first and what the others add make the last. The ``entity`` of a caseload that was
        generated, not observed, is ``synthetic``.
    """
    rows = []
    for each in attribution.figures:
        entity = entity_of(each.code, each.entity, attribution.scenario)
        head = (attribution.scenario.id, attribution.method, each.code, entity, each.unit)
        parts = [
            (REFERENCE, each.reference),
            *zip(attribution.players, each.contributions, strict=True),
            (TOGETHER, each.value),
        ]
        rows += [(*head, part, value) for part, value in parts]
    return pd.DataFrame(rows, columns=list(COLUMNS))
