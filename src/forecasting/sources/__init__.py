"""Sources: a published file -> observations with unit and vintage."""

from __future__ import annotations

from forecasting.sources.reference import (
    Dataset,
    Observations,
    Span,
    load_manifest,
    read_observations,
    read_spans,
)

__all__ = ["Dataset", "Observations", "Span", "load_manifest", "read_observations", "read_spans"]
