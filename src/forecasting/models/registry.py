"""The models by name."""

from __future__ import annotations

from forecasting.errors import InputError
from forecasting.models.base import Model
from forecasting.models.benchmarks import LastOfficial
from forecasting.models.common import SCALES
from forecasting.models.prophet_adapter import ProphetModel
from forecasting.models.statsforecast_adapter import StatsforecastModel
from forecasting.models.structural import SarimaxModel, StructuralModel

_STATSFORECAST_KINDS = ("arima", "ces", "ets", "random_walk", "seasonal_naive", "theta")


def available_models() -> list[str]:
    """Names that `get_model` knows, sorted."""
    return sorted(_models())


def get_model(name: str) -> Model:
    """Return the model of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    models = _models()
    if name not in models:
        raise InputError(f"model '{name}'", expected=", ".join(sorted(models)))
    return models[name]


def _models() -> dict[str, Model]:
    models: list[Model] = [LastOfficial()]
    for scale in SCALES:
        models += [StatsforecastModel(kind, scale) for kind in _STATSFORECAST_KINDS]
        models += [StructuralModel(scale), SarimaxModel(scale), ProphetModel(scale)]
    return {model.name: model for model in models}
