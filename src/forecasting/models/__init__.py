"""Models: `fit(series)` gives a fitted model, `simulate` draws joint sample paths from it.

Every model follows one protocol (`Model`, `FittedModel`), and every adapter hides one library.
Nothing here knows a path or a file name.
"""

from __future__ import annotations

from forecasting.models.base import FittedModel, Model
from forecasting.models.registry import available_models, get_model

__all__ = ["FittedModel", "Model", "available_models", "get_model"]
