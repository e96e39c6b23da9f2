"""Projections: the chain from flow to savings under a scenario, on shared random numbers."""

from __future__ import annotations

from forecasting.projections.project import project
from forecasting.projections.projection import (
    PARTS,
    CentreProjection,
    Projection,
    SavingsTotals,
    TargetProjection,
)
from forecasting.projections.reference import Reference, prepare_reference

__all__ = [
    "PARTS",
    "CentreProjection",
    "Projection",
    "Reference",
    "SavingsTotals",
    "TargetProjection",
    "prepare_reference",
    "project",
]
