"""Where the data and notebooks that ship with the suite lie, and what it remembers."""

from __future__ import annotations

import os
from pathlib import Path

STORE_VARIABLE = "FORECASTING_STORE"

_PACKAGE = Path(__file__).resolve().parent


def suite_root() -> Path:
    """Folder that holds ``data/`` and ``notebooks/``: the checkout, or the installed wheel."""
    checkout = _PACKAGE.parents[1]
    if (checkout / "pyproject.toml").is_file() and (checkout / "data").is_dir():
        return checkout
    return _PACKAGE / "_suite"


def data_dir() -> Path:
    """Folder with one folder for each kind: reference data, parameters, programmes, scenarios."""
    return suite_root() / "data"


def notebooks_dir() -> Path:
    """Folder with the notebooks."""
    return suite_root() / "notebooks"


def store_dir() -> Path:
    """Folder of what is remembered: vintages of figures, and the archive of forecasts and targets.

    The environment variable ``FORECASTING_STORE`` names it; default: ``store`` in the current
    directory. It need not exist.
    """
    return Path(os.environ.get(STORE_VARIABLE) or "store").absolute()
