"""Models: `fit(series)` gives a fitted model, `simulate` draws joint sample paths from it.

Every model follows one protocol (`Model`, `FittedModel`), and every adapter hides one library.
Nothing here knows a path or a file name. Models with drivers and interventions are made, not looked
up by name: ``StructuralModel("log", drivers=..., interventions=(...,))``.
"""

from __future__ import annotations

from forecasting.models.base import FittedModel, Model
from forecasting.models.drivers import Drivers
from forecasting.models.interventions import Intervention
from forecasting.models.registry import available_models, get_model
from forecasting.models.structural import SarimaxModel, StructuralModel

__all__ = [
    "Drivers",
    "FittedModel",
    "Intervention",
    "Model",
    "SarimaxModel",
    "StructuralModel",
    "available_models",
    "get_model",
]
