"""What many series have taught, beyond the one that is forecast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.forecasts.calibration import Calibration, shipped_calibration
from forecasting.models.panel import FEATURES, Panel
from forecasting.series.revisions import Revisions, known_revisions
from forecasting.sources.reference import SHAPES, check_hash, find_dataset
from forecasting.tables import read_rows

ASYLUM = "growth-situations"


@dataclass(frozen=True)
class Experience:
    """Past situations to draw from, and how wide intervals have needed to be.

    Attributes
    ----------
    panel : Panel or None
        Past situations for the analogue member; None leaves it out of the pools.
    calibration : Calibration, "shipped" or None
        Shipped: the factors measured for this pool or model, if there are any. None: the members'
        own intervals.
    revisions : Revisions or None
        How the newest figures were revised later: carried into the paths of a series whose
        `vintage` is known. None: the figures are taken as final.
    """

    panel: Panel | None = None
    calibration: Calibration | Literal["shipped"] | None = "shipped"
    revisions: Revisions | None = None

    def calibration_for(self, model: str) -> Calibration | None:
        """Return the factors to use for a pool or a model."""
        if self.calibration == "shipped":
            return shipped_calibration(model)
        return self.calibration


DEFAULT_EXPERIENCE = Experience()
"""Calibrated by what ships, without a panel."""


def experience_of(dataset: str) -> Experience:
    """Experience for forecasts of a reference data set, from what ships and what is remembered.

    Parameters
    ----------
    dataset : str
        Name in ``data/reference/manifest.yaml``, for example ``asylum-applicants``.

    Raises
    ------
    InputError
        If there is no such data set.
    """
    known = find_dataset(dataset)
    return Experience(
        panel=shipped_panel(known.panel) if known.panel else None,
        revisions=known_revisions(dataset) if known.revisions else None,
    )


@cache
def shipped_panel(name: str = ASYLUM) -> Panel:
    """Read past situations that ship with the suite.

    Those of asylum applicants come from ten countries since 2010, without naming them; a forecast
    uses those only that had run their course by its origin.
    """
    dataset = find_dataset(name)
    check_hash(dataset)
    rows = read_rows(dataset.path, SHAPES[dataset.shape])
    changes = rows[[name for name in rows.columns if name.startswith("change_")]]
    return Panel(
        frequency=dataset.frequency,
        origins=np.array([pd.Period(text, "M").ordinal for text in rows["origin"]]),
        features=rows[list(FEATURES)].to_numpy(dtype=float),
        changes=changes.replace("", "nan").to_numpy(dtype=float),
    )
